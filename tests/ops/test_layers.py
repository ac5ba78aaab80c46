"""Pictures that differ: windows, channels, pixel formats, metadata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.awkward_pictures import assert_close, picture

from vfx import Image, ops


def placed(x: int, y: int, width: int, height: int, *, channels: int = 4, **about: Any) -> Image:
    """A picture at some place."""
    return Image(picture(height, width, channels), data_window=(x, y, x + width - 1, y + height - 1), **about)


def on_canvas(image: Image, window: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """The picture's pixels on a larger canvas, 0 around them."""
    x0, y0, x1, y1 = window
    found = np.zeros((y1 - y0 + 1, x1 - x0 + 1, image.channels))
    left, top = image.data_window[0] - x0, image.data_window[1] - y0
    found[top : top + image.height, left : left + image.width] = image.pixels
    return found


@pytest.mark.parametrize("place", [(0, 0), (-3, -2), (5, 4), (30, 0), (-20, -20), (3, 700)])
def test_pictures_meet_over_the_union_of_their_data_windows(place: tuple[int, int]) -> None:
    a, b = placed(*place, 9, 7), placed(1, 2, 11, 5)
    result = ops.over(a, b)
    x0, y0 = min(place[0], 1), min(place[1], 2)
    union = (x0, y0, max(place[0] + 8, 11), max(place[1] + 6, 6))
    assert result.data_window == union
    A, B = on_canvas(a, union), on_canvas(b, union)
    assert_close(result.numpy(), A + B * (1 - A[..., 3:]))


def test_windows_wider_than_a_tile_meet_as_well() -> None:
    a, b = placed(700, 1, 900, 3), placed(0, 0, 1400, 3)
    union = (0, 0, 1599, 3)
    result = ops.merge(a, b, "max")
    assert result.data_window == union
    assert_close(result.numpy(), np.maximum(on_canvas(a, union), on_canvas(b, union)))


def test_what_is_said_of_b_is_said_of_the_result() -> None:
    a = placed(0, 0, 4, 4, display_window=(0, 0, 99, 99), metadata={"shot": "a"}, pixel_aspect=2.0, colorspace="x")
    b = placed(2, 2, 4, 4, display_window=(-5, -5, 9, 9), metadata={"shot": "b"}, colorspace="ACEScg")
    result = ops.merge(a, b)
    assert (result.display_window, result.metadata["shot"]) == ((-5, -5, 9, 9), "b")
    assert (result.pixel_aspect, result.colorspace) == (1.0, "ACEScg")


def test_windows_too_far_apart_are_an_error_and_no_crash() -> None:
    with pytest.raises(ValueError, match="lie too far apart: 2000000002x102 pixels"):
        ops.over(placed(-1_000_000_000, 0, 2, 2), placed(1_000_000_000, 100, 2, 2))


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [("u8", "u8", "u8"), ("u8", "u16", "u16"), ("u8", "f16", "f16"), ("u16", "f16", "f32"), ("f16", "f32", "f32"),
     ("u16", "f32", "f32"), ("u16", "u16", "u16"), ("f16", "f16", "f16")],
)  # fmt: skip
def test_the_result_is_the_format_that_holds_both(one: str, other: str, result: str) -> None:
    a, b = placed(0, 0, 4, 3).astype(one), placed(0, 0, 4, 3).astype(other)
    assert ops.plus(a, b).format == ops.plus(b, a).format == result
    expected = a.astype("f32").pixels + b.astype("f32").pixels
    assert_close(ops.plus(a, b).pixels, expected.astype(np.float64))


# -- channels that differ ----------------------------------------------------------------------------


def test_a_picture_without_alpha_is_opaque_inside_its_window() -> None:
    a = Image(np.full((1, 1, 3), 0.5, np.float32), data_window=(1, 0, 1, 0))
    b = Image(np.full((1, 2, 4), 0.25, np.float32))
    found = ops.over(a, b)
    assert found.channel_names == ("R", "G", "B", "A")
    assert found.numpy().tolist() == [[[0.25] * 4, [0.5, 0.5, 0.5, 1.0]]]


def test_a_picture_with_alpha_on_one_without_has_an_alpha_of_1() -> None:
    a, b = np.full((1, 1, 4), 0.5, np.float32), np.ones((1, 1, 3), np.float32)
    found = ops.over(a, b)
    assert found.channel_names == ("R", "G", "B", "A") and found.numpy().tolist() == [[[1.0, 1.0, 1.0, 1.0]]]


def test_two_pictures_without_alpha_stay_without() -> None:
    a, b = placed(1, 0, 2, 1, channels=3), placed(0, 0, 2, 1, channels=3)
    found = ops.over(a, b)
    assert found.channel_names == ("R", "G", "B")
    assert np.array_equal(found.pixels[0, 1:], a.pixels[0]) and np.array_equal(found.pixels[0, 0], b.pixels[0, 0])


def test_a_channel_that_one_picture_lacks_is_0_there() -> None:
    a = Image(np.full((1, 1, 2), 0.5, np.float32), channels=("A", "Z"))
    b = Image(np.full((1, 1, 2), 0.25, np.float32), channels=("A", "X"))
    found = ops.plus(a, b)
    assert found.channel_names == ("A", "X", "Z") and found.numpy().tolist() == [[[0.75, 0.25, 0.5]]]


def test_channels_are_matched_by_name_not_by_place() -> None:
    a = Image(np.float32([[[0.1, 0.2, 0.3, 0.5]]]), channels=("A", "B", "G", "R"))
    b = Image(np.float32([[[1.0, 1.0, 1.0, 1.0]]]))
    found = ops.over(a, b).numpy()[0, 0]
    assert found.tolist() == pytest.approx([1.4, 1.2, 1.1, 1.0])


def test_a_grey_picture_speaks_for_red_green_and_blue() -> None:
    grey, colour = Image(np.float32([[[0.5, 0.5]]])), np.float32([[[0.25, 0.5, 1.0, 1.0]]])
    found = ops.over(grey, colour)
    assert found.channel_names == ("R", "G", "B", "A")
    assert found.numpy()[0, 0].tolist() == [0.625, 0.75, 1.0, 1.0]
    assert ops.over(colour, grey).channel_names == ("R", "G", "B", "A")


def test_a_limited_merge_adds_no_other_channel() -> None:
    a = Image(np.ones((1, 1, 5), np.float32), channels=("R", "G", "B", "A", "Z"))
    b = Image(np.zeros((1, 1, 3), np.float32))
    found = ops.merge(a, b, "over", channels="RG")
    assert found.channel_names == ("R", "G", "B") and found.numpy().tolist() == [[[1.0, 1.0, 0.0]]]


def test_a_flat_array_stays_flat() -> None:
    assert ops.plus(np.ones((2, 3), np.uint8), np.ones((2, 3), np.uint8)).numpy().shape == (2, 3)
