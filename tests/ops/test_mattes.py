"""Mattes shrunk and grown: exact between pixels, round or square, in every format and at every edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import (
    FORMATS,
    LAYOUTS,
    SIZES,
    as_format,
    assert_close,
    laid_out,
    meaning,
    picture,
    strange,
)
from reference.reach import shrunk

import vfx
from vfx import Image, ops
from vfx.errors import ChannelError

EDGES = ["clamp", "black", "mirror", "wrap"]


@pytest.mark.parametrize("shape", ["round", "square"])
@pytest.mark.parametrize("size", [0.0, 0.25, 0.5, 1.0, 1.4, 2.5, 3.0, 5.0, 7.3, -0.5, -1.0, -2.7, -5.0])
def test_a_matte_shrinks_and_grows_by_its_definition(shape: str, size: float) -> None:
    for edge in EDGES:
        for height, width in [(1, 1), (1, 7), (7, 1), (13, 37), (3, 300)]:
            src = picture(height, width, 1)[..., 0]
            result = ops.matte_erode(src, size, shape=shape, edge=edge).numpy()
            assert_close(result, shrunk(meaning(src), size, shape, edge))


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("shape", ["round", "square"])
def test_every_format_and_layout_is_shrunk(fmt: str, shape: str) -> None:
    for size in SIZES:
        for layout in LAYOUTS:
            src = laid_out(as_format(picture(*size), fmt), layout)
            before = src.copy()
            result = ops.matte_erode(src, 1.75, shape=shape).numpy()
            assert_close(result[..., 3], shrunk(meaning(src)[..., 3], 1.75, shape, "clamp"))
            assert result[..., :3].tobytes() == np.ascontiguousarray(src[..., :3]).tobytes()
            assert np.array_equal(src, before) and not np.shares_memory(result, src)


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 8])
def test_alpha_is_shrunk_or_else_every_channel(channels: int) -> None:
    src = picture(5, 9, channels)
    result = ops.matte_erode(src, 1.5).numpy()
    for channel in range(channels):
        same = channels == 2 and channel == 0
        expected = meaning(src)[..., channel]
        assert_close(result[..., channel], expected if same else shrunk(expected, 1.5, "round", "clamp"))


def test_channels_may_be_named() -> None:
    src = picture(5, 9)
    result = ops.matte_erode(src, 1.0, channels=["G", "A"]).numpy()
    assert np.array_equal(result[..., [0, 2]], src[..., [0, 2]])
    assert np.array_equal(result[..., 1], ops.matte_erode(src[..., 1], 1.0).numpy())
    with pytest.raises(ChannelError, match="no channel Z; the image has R, G, B, A"):
        ops.matte_erode(src, channels="Z")


@pytest.mark.parametrize("shape", ["round", "square"])
@pytest.mark.parametrize("size", [0.1, 0.5, 0.9, 1.3, 4.75])
def test_an_edge_moves_by_the_size_exactly(shape: str, size: float) -> None:
    ramp = np.clip((np.arange(64, dtype=np.float32) - 24) / 16, 0, 1)
    src = np.repeat(ramp[np.newaxis], 9, axis=0)
    for moved, by in (
        (ops.matte_erode(src, size, shape=shape), size),
        (ops.matte_dilate(src, size, shape=shape), -size),
    ):
        inside = slice(30, 35)
        assert_close(moved.numpy()[4, inside], (np.arange(64)[inside] - by - 24) / 16)


def test_a_disc_shrinks_slanted_edges_as_far_as_straight_ones() -> None:
    y, x = np.mgrid[0:96, 0:96].astype(np.float64)
    for angle in np.radians([0, 20, 45, 70]):
        distance = (x - 48) * np.cos(angle) + (y - 48) * np.sin(angle)
        src = np.clip(distance / 24 + 0.5, 0, 1).astype(np.float32)
        moved = ops.matte_erode(src, 6.0).numpy()[48, 48]
        assert 0.5 - moved == pytest.approx(6.0 / 24, rel=0.005)


def test_a_disc_does_not_know_rows_from_columns() -> None:
    src = picture(40, 50, 1)[..., 0]
    for size in (0.6, 2.5, 6.0):
        assert_close(ops.matte_erode(src.T, size).numpy(), ops.matte_erode(src, size).numpy().T.astype(np.float64))


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_square_of_whole_pixels_is_the_plain_erosion(size: int) -> None:
    cv2 = pytest.importorskip("cv2")
    src = picture(40, 50, 1)[..., 0]
    kernel = np.ones((2 * size + 1, 2 * size + 1), np.uint8)
    for ours, theirs in ((ops.matte_erode, cv2.erode), (ops.matte_dilate, cv2.dilate)):
        expected = theirs(src, kernel, borderType=cv2.BORDER_REPLICATE)
        assert np.array_equal(ours(src, size, shape="square").numpy(), expected)


@pytest.mark.parametrize("shape", ["round", "square"])
@pytest.mark.parametrize("edge", EDGES)
def test_a_reach_beyond_the_picture_is_right(shape: str, edge: str) -> None:
    src = picture(3, 5, 1)[..., 0]
    assert_close(ops.matte_erode(src, 17.5, shape=shape, edge=edge).numpy(), shrunk(meaning(src), 17.5, shape, edge))
    assert np.isfinite(ops.matte_erode(src, 300, shape=shape, edge=edge).numpy()).all()


@pytest.mark.parametrize("shape", ["round", "square"])
def test_nan_counts_as_0_and_nothing_reaches_farther_than_the_size(shape: str) -> None:
    src = strange(23, 37, 1)[..., 0]
    zero = np.where(np.isnan(src), 0, src).astype(np.float32)
    for size in (2.0, -2.0):
        result = ops.matte_erode(src, size, shape=shape).numpy()
        assert not np.isnan(result).any()
        assert np.array_equal(result, ops.matte_erode(zero, size, shape=shape).numpy())
    odd = ~np.isfinite(src) | (np.abs(src) > 1e30)
    near = ops.matte_dilate(odd.astype(np.float32), 3, shape="square").numpy() > 0
    calm = np.where(odd, 0, src).astype(np.float32)
    for size in (2.5, -2.5):
        found = ops.matte_erode(src, size, shape=shape).numpy()
        assert np.array_equal(found[~near], ops.matte_erode(calm, size, shape=shape).numpy()[~near])


@pytest.mark.parametrize("shape", ["round", "square"])
@pytest.mark.parametrize("size", [(60, 700), (400, 70), (1, 20000), (300, 1100)])
def test_a_shrunk_matte_is_the_same_for_any_number_of_threads(shape: str, size: tuple[int, int]) -> None:
    src = picture(*size, 1)[..., 0]
    found = []
    try:
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            found.append(ops.matte_erode(src, 3.3, shape=shape).numpy())
    finally:
        vfx.set_threads(None)
    assert found[0].tobytes() == found[1].tobytes() == found[2].tobytes()
    assert_close(found[0], shrunk(meaning(src), 3.3, shape, "clamp"))


@pytest.mark.parametrize("size", [3, 40])
def test_a_disc_of_whole_pixels_is_at_least_the_pixels_within_it(size: int) -> None:
    cv2 = pytest.importorskip("cv2")
    src = picture(150, 700, 1)[..., 0]
    y, x = np.mgrid[-size : size + 1, -size : size + 1]
    within = (x * x + y * y <= size * size).astype(np.uint8)
    expected = cv2.erode(src, within, borderType=cv2.BORDER_REPLICATE)
    result = ops.matte_erode(src, size).numpy()
    assert (result <= expected).all() and np.mean(result == expected) > 0.5


def test_windows_and_metadata_stay() -> None:
    src = Image(picture(5, 9), data_window=(2, 3, 10, 7), display_window=(0, 0, 19, 9), metadata={"shot": "a"})
    result = ops.matte_dilate(src, 2.0)
    assert (result.data_window, result.display_window) == (src.data_window, src.display_window)
    assert result.metadata == {"shot": "a"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": float("nan")}, "size must be a finite number"),
        ({"size": 1001}, "size must be between -1000 and 1000, got .?1001"),
        ({"size": "1"}, "size must be a number"),
        ({"shape": "rund"}, "shape must be one of round, square.*did you mean 'round'"),
        ({"edge": "clmp"}, "edge must be one of .*did you mean 'clamp'"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    for op in (ops.matte_erode, ops.matte_dilate):
        with pytest.raises((TypeError, ValueError), match=message):
            op(np.zeros((2, 2), np.float32), **arguments)
