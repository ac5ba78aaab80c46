"""Pasting, mosaics and tiles: which pixel shows where, and what shows where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, as_format, meaning, picture

from vfx import Image, ops


def flat(value: float, width: int, height: int) -> Image:
    """A grey picture without alpha."""
    return Image(np.full((height, width, 3), value, np.float32))


def test_a_picture_is_pasted_where_its_window_says_and_cut_off_at_the_edges() -> None:
    img = Image(np.zeros((3, 4), np.float32), data_window=(10, 10, 13, 12))
    other = Image(np.array([[1, 2], [3, 4]], np.float32), data_window=(13, 9, 14, 10))
    result = ops.paste(img, other)
    assert result.numpy().tolist() == [[0, 0, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert (result.data_window, img.numpy().any()) == ((10, 10, 13, 12), False)


def test_a_paste_beside_the_picture_changes_nothing() -> None:
    img = picture(4, 5)
    result = ops.paste(img, img, (5, 0)).numpy()
    assert np.array_equal(result, img) and not np.shares_memory(result, img)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("other", FORMATS)
def test_a_paste_keeps_the_format_of_the_picture_pasted_into(fmt: str, other: str) -> None:
    src, small = as_format(picture(5, 6), fmt), as_format(picture(2, 3, 4, low=0, high=1), other)
    result = ops.paste(src, small, (2, 1))
    assert result.format == fmt
    step = 1 / 255 if fmt == "u8" else 1e-3
    assert np.abs(meaning(result.numpy()[1:3, 2:5]) - meaning(small)).max() <= 0.51 * step
    assert np.array_equal(result.numpy()[0], src[0])


def test_a_paste_goes_by_channel_name() -> None:
    img, alpha = picture(2, 2), Image(np.full((2, 2, 2), 9, np.float32), channels=("A", "G"))
    result = ops.paste(img, alpha).numpy()
    assert np.array_equal(result[..., [0, 2]], img[..., [0, 2]]) and (result[..., [1, 3]] == 9).all()
    with pytest.raises(ValueError, match="other has Z, which the image has not; it has R, G, B, A"):
        ops.paste(img, Image(np.zeros((1, 1)), copy=True, channels=("Z",)))


def test_a_mosaic_fills_rows_and_leaves_small_pictures_top_left() -> None:
    pictures = [flat(1, 2, 2), flat(2, 3, 1), flat(3, 1, 1)]
    result = ops.mosaic(pictures, 2, gap=1, value=0.5)
    h = 0.5
    assert result.numpy()[..., 0].tolist() == [
        [1, 1, h, h, 2, 2, 2],
        [1, 1, h, h, h, h, h],
        [h, h, h, h, h, h, h],
        [3, h, h, h, h, h, h],
        [h, h, h, h, h, h, h],
    ]
    assert (result.data_window, result.display_window) == ((0, 0, 6, 4), (0, 0, 6, 4))


@pytest.mark.parametrize(("count", "size"), [(1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (5, (2, 3)), (9, (3, 3))])
def test_a_mosaic_is_about_square_by_default(count: int, size: tuple[int, int]) -> None:
    assert ops.mosaic([np.zeros((1, 1), np.uint8)] * count).shape == size


def test_a_mosaic_shows_display_windows() -> None:
    values = np.array([[1, 2], [3, 4]], np.float32)
    moved = Image(values, data_window=(1, 1, 2, 2), display_window=(0, 0, 1, 2))
    assert ops.mosaic([moved, Image(np.full((1, 1), 9, np.float32))]).numpy().tolist() == [
        [0, 0, 9, 0],
        [0, 1, 0, 0],
        [0, 3, 0, 0],
    ]


def test_a_mosaic_of_unlike_pictures_is_like_the_first() -> None:
    first = picture(2, 2)
    matte = Image(np.full((2, 2), 128, np.uint8))
    result = ops.mosaic([first, matte, np.zeros((2, 2, 3), np.float16)], 3)
    assert (result.format, result.channel_names) == ("f32", ("R", "G", "B", "A"))
    grey = np.float32(128) / np.float32(255)
    assert np.array_equal(result.numpy()[0, 2], np.array([grey, grey, grey, 1], np.float32))
    assert result.numpy()[0, 4].tolist() == [0, 0, 0, 1]


def test_a_tile_repeats_the_picture() -> None:
    src = picture(3, 2)
    assert np.array_equal(ops.tile(src, 3, 2).numpy(), np.tile(src, (2, 3, 1)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda i: ops.mosaic([]), "at least one picture"),
        (ops.mosaic, "several pictures"),
        (lambda i: ops.mosaic([i, "plate.exr"]), "a picture must be an Image"),
        (lambda i: ops.mosaic([i], 0), "columns must be at least 1, got 0"),
        (lambda i: ops.mosaic([i], gap=-1), "gap must be .* got -1"),
        (lambda i: ops.tile(i, 0), "nx must be .* got 0"),
        (lambda i: ops.tile(i, 1, 1.5), "ny must be a whole number"),
        (lambda i: ops.paste(i, None), "other must be an Image"),
        (lambda i: ops.paste(i, i, 3), r"at must be two whole numbers \(x, y\), got 3"),
        (lambda i: ops.paste(i, i, (1, 2.5)), "at must be a whole number"),
    ],
)
def test_a_wrong_argument_is_named(call: Callable[[object], Image], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(np.zeros((2, 2), np.float32))
