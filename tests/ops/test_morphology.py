"""Morphology against float64 and integer references, OpenCV, SciPy and OpenImageIO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vfx
from tests.reference.awkward_pictures import (
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
from vfx import Image, ops

Array = NDArray[Any]

#: Our edges → NumPy's padding.
PADDING: dict[str, dict[str, Any]] = {
    "clamp": {"mode": "edge"},
    "black": {"mode": "constant"},
    "mirror": {"mode": "symmetric"},
    "wrap": {"mode": "wrap"},
}
BOXES = [(1, 1), (3, 3), (15, 15), (7, 1), (1, 9), (5, 31)]


def boxes(values: Array, size: tuple[int, int], edge: str) -> Array:
    """Every box around every pixel, (H, W, C, height, width)."""
    width, height = size
    across, down = width // 2, height // 2
    padded = np.pad(values, ((down, down), (across, across), (0, 0)), **PADDING[edge])
    return np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(0, 1))


def least(values: Array, size: tuple[int, int], edge: str = "clamp") -> Array:
    return np.fmin.reduce(boxes(values, size, edge), axis=(-2, -1))


def most(values: Array, size: tuple[int, int], edge: str = "clamp") -> Array:
    return np.fmax.reduce(boxes(values, size, edge), axis=(-2, -1))


@pytest.mark.parametrize("edge", PADDING)
@pytest.mark.parametrize("size", BOXES, ids=str)
def test_the_extremum_over_a_box_is_exact_at_every_edge(size: tuple[int, int], edge: str) -> None:
    for shape in SIZES:
        source = picture(*shape, 3)
        assert np.array_equal(ops.erode(source, size, edge=edge).numpy(), least(source, size, edge)), shape
        assert np.array_equal(ops.dilate(source, size, edge=edge).numpy(), most(source, size, edge)), shape


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_and_layout_gives_the_same(name: str, layout: str) -> None:
    for channels in (1, 2, 3, 4, 5, 8):
        source = as_format(picture(13, 37, channels), name)
        found = ops.erode(laid_out(source, layout), (5, 3))
        assert (found.dtype, found.numpy().flags.c_contiguous) == (source.dtype, True)
        assert np.array_equal(found.numpy(), least(source, (5, 3)))
        assert np.array_equal(ops.dilate(laid_out(source, layout), 7).numpy(), most(source, (7, 7)))


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_made_of_the_two_follows_its_formula(name: str) -> None:
    source = as_format(picture(29, 41, 4), name)
    opened, closed = most(least(source, (5, 5)), (5, 5)), least(most(source, (5, 5)), (5, 5))
    assert np.array_equal(ops.open(source, 5).numpy(), opened)
    assert np.array_equal(ops.close(source, 5).numpy(), closed)
    exact = meaning(source)
    assert_close(ops.gradient(source, 5).numpy(), meaning(most(source, (5, 5))) - meaning(least(source, (5, 5))))
    assert_close(ops.tophat(source, 5).numpy(), exact - meaning(opened))
    assert_close(ops.blackhat(source, 5).numpy(), meaning(closed) - exact)


@pytest.mark.parametrize("edge", PADDING)
def test_a_box_far_larger_than_the_picture_takes_all_of_it(edge: str) -> None:
    source = picture(5, 9, 3)
    size = (65535, 65535)
    low, high = source.min(axis=(0, 1)), source.max(axis=(0, 1))
    if edge == "black":
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    assert np.array_equal(ops.erode(source, size, edge=edge).numpy(), np.broadcast_to(low, source.shape))
    assert np.array_equal(ops.dilate(source, size, edge=edge).numpy(), np.broadcast_to(high, source.shape))


@pytest.mark.parametrize("name", ["f16", "f32"])
def test_nan_is_left_out_and_infinities_count(name: str) -> None:
    source = as_format(strange(13, 37, 4), name)
    negative_nan = np.array([0xFFC00000], np.uint32).view(np.float32)[0]
    source[3, 4] = negative_nan
    source[:, 30:] = np.nan
    for op, expected in ((ops.erode, least), (ops.dilate, most)):
        assert np.array_equal(op(source, 3).numpy(), expected(source, (3, 3)), equal_nan=True)
    assert np.isnan(ops.dilate(source, 3).numpy()[:, 31:]).all()
    spread = np.isnan(ops.tophat(source, 3).numpy()) & np.isfinite(source.astype(np.float64))
    assert not spread[:, :30].any()


def test_minus_zero_is_below_zero() -> None:
    row = np.float32([[0.0, -0.0, 0.0]])
    assert np.signbit(ops.erode(row, 3).numpy()).all()
    assert not np.signbit(ops.dilate(row, 3).numpy()).any()


@pytest.mark.parametrize("first", [0, 1, 6, 7, 20, 21, 40])
@pytest.mark.parametrize("strange", [-0.0, np.nan], ids=str)
def test_the_first_row_with_nan_or_zeros_below_zero_changes_no_bit(strange: float, first: int) -> None:
    for channels, size in ((4, (15, 7)), (1, (3, 3)), (3, (5, 1))):
        source = np.round(picture(41, 157, channels) * 4) / 4
        source[first:, 3::20] = strange
        bits = source.view(np.int32)
        keys = bits ^ ((bits >> 31) & 0x7FFFFFFF)
        for op, expected, nan in ((ops.erode, least, 0x7FFFFFFF), (ops.dilate, most, -0x80000000)):
            found = op(source, size).numpy().view(np.int32)
            wanted = expected(np.where(np.isnan(source), np.int32(nan), keys), size)
            assert np.array_equal(found ^ ((found >> 31) & 0x7FFFFFFF), wanted), (channels, size)


@pytest.mark.parametrize("name", FORMATS)
def test_threads_and_strips_change_no_byte(name: str) -> None:
    source = as_format(picture(1200, 700, 4), name)
    results = []
    try:
        for count in (1, 2, 5):
            vfx.set_threads(count)
            results.append(ops.erode(source, (9, 21)).numpy())
    finally:
        vfx.set_threads(None)
    from scipy import ndimage

    assert all(np.array_equal(results[0], other) for other in results[1:])
    exact = source.astype(np.float32) if name == "f16" else source
    assert np.array_equal(results[0], ndimage.minimum_filter(exact, (21, 9, 1), mode="nearest").astype(source.dtype))


@pytest.mark.parametrize(
    ("op", "operation"),
    [(ops.open, "MORPH_OPEN"), (ops.close, "MORPH_CLOSE"), (ops.gradient, "MORPH_GRADIENT"),
     (ops.tophat, "MORPH_TOPHAT"), (ops.blackhat, "MORPH_BLACKHAT")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["u8", "u16", "f32"])
def test_opencv_agrees(op: Callable[..., Image], operation: str, name: str) -> None:
    import cv2

    source = as_format(picture(40, 61, 4), name)
    expected = cv2.morphologyEx(source, getattr(cv2, operation), np.ones((5, 7), np.uint8))
    assert np.array_equal(op(source, (7, 5)).numpy(), expected)


def test_openimageio_agrees() -> None:
    import OpenImageIO as oiio  # noqa: N813

    source = picture(23, 31, 4)
    buffer = oiio.ImageBuf(source)
    assert np.array_equal(ops.dilate(source, (5, 3)).numpy(), oiio.ImageBufAlgo.dilate(buffer, 5, 3).get_pixels())
    assert np.array_equal(ops.erode(source, 7).numpy(), oiio.ImageBufAlgo.erode(buffer, 7, 7).get_pixels())


def test_the_picture_keeps_what_it_knows_and_is_left_alone() -> None:
    source = picture(6, 8, 4)
    before = source.copy()
    img = Image(source, data_window=(3, 4, 10, 9), display_window=(0, 0, 20, 20), metadata={"a": 1})
    for op in (ops.dilate, ops.erode, ops.open, ops.close, ops.gradient, ops.tophat, ops.blackhat):
        found = op(img, 1)
        assert (found.data_window, found.display_window, found.metadata) == ((3, 4, 10, 9), (0, 0, 20, 20), {"a": 1})
        assert not np.shares_memory(found.numpy(), source)
    assert np.array_equal(source, before)
    assert ops.erode(source[..., 0], 3).shape == (6, 8)


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [(4, ValueError, "must be odd"), ((3, 2), ValueError, "must be odd"), (0, ValueError, "between 1 and 65535"),
     (65537, ValueError, "between 1 and 65535"), (3.0, TypeError, "whole number"), ((3, 3, 3), ValueError, "or"),
     ("3", TypeError, "whole number")],
)  # fmt: skip
def test_a_size_that_is_none_is_refused(size: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ops.dilate(picture(3, 3), size)  # type: ignore[arg-type]
