"""Reformatting: which part of a picture comes to lie where in a format."""

from __future__ import annotations

import numpy as np
import pytest

from vfx import Image
from vfx.ops import reformat


def ones(width: int, height: int, aspect: float = 1.0) -> Image:
    return Image(np.ones((height, width), np.float32), pixel_aspect=aspect)


def lit(img: Image) -> tuple[int, int]:
    """Columns and rows that are not black."""
    return int((img.numpy() > 0).any(axis=0).sum()), int((img.numpy() > 0).any(axis=1).sum())


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("width", (80, 40)), ("height", (80, 60)), ("fit", (80, 40)), ("fill", (80, 60)), ("distort", (80, 60)),
     ("none", (20, 10))],
)  # fmt: skip
def test_each_mode_covers_its_part_of_the_format(mode: str, expected: tuple[int, int]) -> None:
    found = reformat(ones(20, 10), 80, 60, mode=mode)
    assert (found.data_window, found.display_window) == ((0, 0, 79, 59), (0, 0, 79, 59))
    assert lit(found) == expected


def test_an_anamorphic_plate_is_unsqueezed() -> None:
    assert lit(reformat(ones(100, 100, 2.0), 200, 120, mode="width")) == (200, 100)
    squeezed = reformat(ones(200, 100), 100, 100, pixel_aspect=2.0, mode="width")
    assert (lit(squeezed), squeezed.pixel_aspect) == ((100, 100), 2.0)


def test_corners_meet_below_on_the_left_where_middles_need_not() -> None:
    found = reformat(ones(4, 2), 10, 8, mode="none", center=False)
    assert (found.numpy()[6:, :4].min(), found.numpy().sum()) == (1.0, 8.0)


def test_none_moves_by_whole_pixels() -> None:
    src = np.arange(1.0, 7.0, dtype=np.float32).reshape(2, 3)
    found = reformat(src, 6, 5, mode="none").numpy()
    assert np.array_equal(found[1:3, 1:4], src)
    assert found.sum() == src.sum()
    assert reformat(src, 2, 1, mode="none").numpy().tolist() == [[5.0, 6.0]]


def test_bounds_are_kept_on_demand() -> None:
    found = reformat(ones(20, 10), 80, 20, mode="width", preserve_bounds=True)
    assert (found.data_window, found.display_window) == ((0, -10, 79, 29), (0, 0, 79, 19))


@pytest.mark.parametrize("layout", [(2, 3), (2, 3, 4)])
def test_turning_flipping_and_flopping_move_pixels_and_windows(layout: tuple[int, ...]) -> None:
    src = np.arange(np.prod(layout), dtype=np.float32).reshape(layout)
    img = Image(src, data_window=(1, 1, 3, 2), display_window=(0, 0, 5, 3), pixel_aspect=2.0)
    for options, turned, window in [
        ({"flop": True}, src[:, ::-1], (2, 1, 4, 2)),
        ({"flip": True}, src[::-1], (1, 1, 3, 2)),
    ]:
        found = reformat(img, 6, 4, mode="none", preserve_bounds=True, **options)  # type: ignore[arg-type]
        assert np.array_equal(found.numpy(), turned)
        assert found.data_window == window
    left = reformat(img, 4, 6, mode="none", turn=True, preserve_bounds=True)
    assert np.array_equal(left.numpy(), np.rot90(src))
    assert (left.data_window, left.display_window) == ((1, 2, 2, 4), (0, 0, 3, 5))


def test_a_turned_anamorphic_plate_is_tall() -> None:
    assert lit(reformat(ones(100, 100, 2.0), 200, 200, mode="fit", turn=True)) == (100, 200)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="mode must be one of none, width, height, fit, fill, distort, got 'widht'"):
        reformat(ones(2, 2), 4, 4, mode="widht")
