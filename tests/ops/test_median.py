"""The median against sorting, OpenCV, SciPy and OpenImageIO."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vfx
from tests.reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, picture, strange
from vfx import Image, ops

Array = NDArray[Any]

#: Our edges → NumPy's padding.
PADDING: dict[str, dict[str, Any]] = {
    "clamp": {"mode": "edge"},
    "black": {"mode": "constant"},
    "mirror": {"mode": "symmetric"},
    "wrap": {"mode": "wrap"},
}


def padded(values: Array, size: tuple[int, int], edge: str) -> Array:
    across, down = size[0] // 2, size[1] // 2
    return np.pad(values, ((down, down), (across, across), (0, 0)), **PADDING[edge])


def middle(values: Array, size: tuple[int, int], edge: str = "clamp") -> Array:
    """The median of every box by sorting it."""
    width, height = size
    boxes = np.lib.stride_tricks.sliding_window_view(padded(values, size, edge), (height, width), axis=(0, 1))
    return np.sort(boxes.reshape(*values.shape, -1), axis=-1)[..., width * height // 2]


def check_some(found: Array, values: Array, size: tuple[int, int], edge: str = "clamp") -> None:
    """Compare the corners and a few other pixels, where sorting every box would take too long."""
    width, height = size
    outside = padded(values, size, edge)
    rng = np.random.default_rng(3)
    last = np.array(values.shape) - 1
    places = [np.zeros(3, int), last, *(rng.integers(0, last + 1) for _ in range(12))]
    for y, x, c in places:
        box = outside[y : y + height, x : x + width, c].ravel()
        assert found[y, x, c] == np.sort(box)[box.size // 2], (values.dtype, size, edge, y, x, c)


@pytest.mark.parametrize("edge", PADDING)
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 5), (7, 7), (5, 1), (1, 9), (11, 3)], ids=str)
@pytest.mark.parametrize("name", FORMATS)
def test_the_median_is_the_middle_of_the_sorted_box(name: str, size: tuple[int, int], edge: str) -> None:
    for height, width in [*SIZES[:4], (5, 300)]:
        source = as_format(picture(height, width, 3), name)
        assert np.array_equal(ops.median(source, size, edge=edge).numpy(), middle(source, size, edge))


@pytest.mark.parametrize("edge", PADDING)
@pytest.mark.parametrize("size", [(31, 31), (129, 5), (5, 257), (301, 301), (1023, 1023)], ids=str)
@pytest.mark.parametrize("name", FORMATS)
def test_large_boxes_are_exact_too(name: str, size: tuple[int, int], edge: str) -> None:
    source = as_format(picture(37, 53, 1), name)
    check_some(ops.median(source, size, edge=edge).numpy(), source, size, edge)


@pytest.mark.parametrize("size", [(31, 31), (201, 3), (3, 301)], ids=str)
@pytest.mark.parametrize("name", FORMATS)
def test_tiles_meet_without_a_seam(name: str, size: tuple[int, int]) -> None:
    source = as_format(picture(531, 547, 1), name)
    found = ops.median(source, size).numpy()
    check_some(found, source, size)
    for part in (np.s_[200:330, 200:330], np.s_[0:150, 400:547]):
        across, down = size[0] // 2, size[1] // 2
        top, left = max(part[0].start - down, 0), max(part[1].start - across, 0)
        around = source[top : part[0].stop + down, left : part[1].stop + across]
        alone = ops.median(around, size).numpy()
        inner = alone[part[0].start - top :, part[1].start - left :][:130, :130]
        assert np.array_equal(found[part][: inner.shape[0], : inner.shape[1]], inner)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_layout_gives_the_same(name: str, layout: str) -> None:
    for channels in (1, 2, 4, 5, 8):
        source = as_format(picture(13, 37, channels), name)
        for size in ((3, 3), (5, 5), (7, 5)):
            found = ops.median(laid_out(source, layout), size)
            assert (found.dtype, found.numpy().flags.c_contiguous) == (source.dtype, True)
            assert np.array_equal(found.numpy(), middle(source, size))


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 7)], ids=str)
@pytest.mark.parametrize("name", ["f16", "f32"])
def test_nan_sorts_last_and_infinities_are_values(name: str, size: tuple[int, int]) -> None:
    source = as_format(strange(13, 37, 4), name)
    source[3, 4] = np.array([0xFFC00000], np.uint32).view(np.float32)[0]  # a NaN with its sign set
    source[:, 28:] = np.nan
    found = ops.median(source, size).numpy()
    assert np.array_equal(found, middle(source, size), equal_nan=True)
    assert np.isnan(found[:, 32:]).all()
    assert not np.isnan(found[:, :20]).any()


@pytest.mark.parametrize("edge", PADDING)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("size", [3, 5])
def test_a_few_nan_and_zeros_below_zero_change_no_bit(size: int, channels: int, edge: str) -> None:
    source = np.round(picture(23, 157, channels) * 4) / 4
    for y, x, value in ((4, 60, -0.0), (5, 61, -0.0), (9, 0, np.nan), (17, 156, -np.nan), (22, 80, -0.0)):
        source[y, x : x + 3] = value
    source[15:18, 100:104] = -0.0
    bits = np.where(np.isnan(source), np.float32(np.nan), source).view(np.int32)
    keys = bits ^ ((bits >> 31) & 0x7FFFFFFF)
    expected = middle(keys, (size, size), edge)
    expected ^= (expected >> 31) & 0x7FFFFFFF
    found = ops.median(source, size, edge=edge).numpy()
    assert np.array_equal(np.where(np.isnan(found), 0x7FC00000, found.view(np.int32)),
                          np.where(np.isnan(expected.view(np.float32)), 0x7FC00000, expected))  # fmt: skip
    assert np.array_equal(found, ops.median(laid_out(source, "flipped"), size, edge=edge).numpy(), equal_nan=True)


@pytest.mark.parametrize("size", [3, 5, 9])
def test_equal_values_and_few_values_are_no_exception(size: int) -> None:
    flat = np.full((40, 50, 3), 0.25, np.float32)
    assert np.array_equal(ops.median(flat, size).numpy(), flat)
    rng = np.random.default_rng(5)
    for dtype in (np.uint8, np.uint16):
        two = rng.choice(np.array([3, 200], dtype), (20, 30, 1))
        assert np.array_equal(ops.median(two, size).numpy(), middle(two, (size, size)))


@pytest.mark.parametrize("size", [(31, 31), (5, 127), (5, 129), (7, 7), (515, 127)], ids=str)
@pytest.mark.parametrize("most", [1, 63, 64, 127, 130, 191, 200, 255])
def test_bytes_of_any_range_are_exact(most: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(most)
    source = (rng.integers(0, most + 1, (140, 1100, 1)) + (255 - most) // 2).astype(np.uint8)
    source[60:80, 300:900] = source.min() + np.uint8(most)
    found = ops.median(source, size).numpy()
    check_some(found, source, size)
    part = source[40:80, 1000:]
    assert np.array_equal(ops.median(part, (7, 7)).numpy(), middle(part, (7, 7)))


@pytest.mark.parametrize("size", [3, 5, 15])
@pytest.mark.parametrize("name", FORMATS)
def test_threads_change_no_byte(name: str, size: int) -> None:
    source = as_format(picture(330, 300, 2), name)
    results = []
    try:
        for count in (1, 2, 5):
            vfx.set_threads(count)
            results.append(ops.median(source, size).numpy())
    finally:
        vfx.set_threads(None)
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_opencv_agrees() -> None:
    import cv2

    for name, sizes in (("u8", (3, 5, 9, 31)), ("u16", (3, 5)), ("f32", (3, 5))):
        source = as_format(picture(60, 83, 4), name)
        for size in sizes:
            assert np.array_equal(ops.median(source, size).numpy(), cv2.medianBlur(source, size)), (name, size)


@pytest.mark.parametrize(("edge", "mode"), [("clamp", "nearest"), ("black", "constant"), ("mirror", "reflect"),
                                            ("wrap", "wrap")])  # fmt: skip
def test_scipy_agrees(edge: str, mode: str) -> None:
    from scipy import ndimage

    source = picture(30, 41, 2)
    expected = ndimage.median_filter(source, (5, 9, 1), mode=mode)
    assert np.array_equal(ops.median(source, (9, 5), edge=edge).numpy(), expected)


def test_openimageio_agrees_inside() -> None:
    import OpenImageIO as oiio  # noqa: N813

    source = picture(23, 31, 4)
    expected = oiio.ImageBufAlgo.median_filter(oiio.ImageBuf(source), 5, 3).get_pixels()
    # At the edge OpenImageIO takes the median of what is there of the box.
    assert np.array_equal(ops.median(source, (5, 3)).numpy()[1:-1, 2:-2], expected[1:-1, 2:-2])


def test_the_picture_keeps_what_it_knows_and_is_left_alone() -> None:
    source = picture(6, 8, 4)
    before = source.copy()
    img = Image(source, data_window=(3, 4, 10, 9), display_window=(0, 0, 20, 20), metadata={"a": 1})
    found = ops.median(img, 1)
    assert (found.data_window, found.display_window, found.metadata) == ((3, 4, 10, 9), (0, 0, 20, 20), {"a": 1})
    assert np.array_equal(found.numpy(), source)
    assert not np.shares_memory(found.numpy(), source)
    assert np.array_equal(source, before)
    assert ops.median(source[..., 0]).shape == (6, 8)


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [(4, ValueError, "must be odd"), (0, ValueError, "between 1 and 1023"), (1025, ValueError, "between 1 and 1023"),
     (2.5, TypeError, "whole number"), ((3,), ValueError, "or")],
)  # fmt: skip
def test_a_size_that_is_none_is_refused(size: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ops.median(picture(3, 3), size)  # type: ignore[arg-type]
