"""Kernels of any shape by every method, against float64, SciPy and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture
from scipy import ndimage

import vfx
from vfx.ops import convolve

EDGES = list(filters.PAD_MODES)


def kernel(height: int, width: int) -> NDArray[np.float64]:
    """Random weights of sizes that sum to 1, a third of them zero."""
    rng = np.random.default_rng([height, width])
    found = rng.uniform(-1.0, 1.0, (height, width)) * (rng.uniform(size=(height, width)) > 0.3)
    found[0, 0] = 0.5
    return np.asarray(found / np.abs(found).sum())


@pytest.mark.parametrize("method", ["direct", "fft"])
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("fmt", FORMATS)
def test_kernels_are_the_reference(fmt: str, edge: str, method: str) -> None:
    for size in SIZES:
        pixels = as_format(picture(*size), fmt)
        for shape in ((1, 1), (3, 3), (2, 5), (7, 4)):
            weights = kernel(*shape)
            found = convolve(pixels, weights, edge=edge, method=method).numpy()
            assert_close(found, filters.correlate(meaning(pixels), weights, edge))


@pytest.mark.parametrize("method", ["direct", "fft", "separable"])
def test_a_kernel_larger_than_the_picture(method: str) -> None:
    pixels = picture(5, 9, 2)
    weights = np.outer(np.hanning(43)[1:-1], np.hanning(60)[1:-1]) + 0.0
    weights /= weights.sum()
    for edge in EDGES:
        found = convolve(pixels, weights, edge=edge, method=method).numpy()
        assert_close(found, filters.correlate(pixels, weights, edge))


def test_large_kernels_on_several_tiles() -> None:
    pixels = picture(300, 900, 1)
    weights = np.zeros((41, 301))
    weights[::5, ::10] = kernel(9, 31)
    expected = filters.correlate(pixels, weights, "mirror")
    for method in ("auto", "direct", "fft"):
        assert_close(convolve(pixels, weights, method=method, edge="mirror").numpy(), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    for fmt in FORMATS:
        pixels = as_format(picture(13, 37), fmt)
        found = convolve(laid_out(pixels, layout), kernel(3, 5)).numpy()
        assert np.array_equal(found, convolve(pixels, kernel(3, 5)).numpy())


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 8])
def test_every_count_of_channels(channels: int) -> None:
    pixels = picture(9, 21, channels)
    assert_close(convolve(pixels, kernel(3, 3)).numpy(), filters.correlate(pixels, kernel(3, 3), "clamp"))


def test_a_product_is_found_and_gives_the_same() -> None:
    pixels = picture(30, 40)
    weights = np.outer([0.1, 0.5, -0.2, 0.6], [0.0, 0.3, 0.4, 0.2, 0.1])
    expected = filters.correlate(pixels, weights, "wrap")
    for method in ("auto", "separable", "direct"):
        assert_close(convolve(pixels, weights, method=method, edge="wrap").numpy(), expected)
    with pytest.raises(ValueError, match="not the product of a column and a row"):
        convolve(pixels, np.eye(3), method="separable")


def test_a_kernel_off_its_middle() -> None:
    pixels = picture(6, 8)
    for weights in (np.outer([0, 0, 0, 0, 1.0], [1.0, 0, 0, 0, 0]), np.outer([1.0, 0, 0, 0], [0, 0, 0, 2.0])):
        for method in ("direct", "separable", "fft"):
            found = convolve(pixels, weights, method=method).numpy()
            assert_close(found, filters.correlate(pixels, weights, "clamp"))


def test_it_is_opencvs_filter2d_and_scipys_correlate() -> None:
    pixels, weights = picture(40, 50), kernel(5, 7)
    found = convolve(pixels, weights, edge="mirror").numpy()
    assert np.abs(found - cv2.filter2D(pixels, -1, weights, borderType=cv2.BORDER_REFLECT)).max() < 2e-6
    other = ndimage.correlate(pixels.astype(np.float64), weights[:, :, None], mode="reflect")
    assert_close(found, other)
    turned = ndimage.convolve(pixels.astype(np.float64), weights[::-1, ::-1, None], mode="reflect")
    assert_close(found, turned)


@pytest.mark.parametrize("method", ["direct", "fft"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_reaches_no_further_than_the_kernel(value: float, method: str) -> None:
    pixels = picture(60, 700, 1)
    pixels[30, 300] = value
    weights = kernel(5, 9)
    assert_close(convolve(pixels, weights, method=method).numpy(), filters.correlate(pixels, weights, "clamp"))


def test_one_bright_pixel_does_not_drown_its_neighbours() -> None:
    pixels = picture(60, 700, 1)
    pixels[30, 300] = 3e37
    weights = kernel(5, 9)
    assert_close(convolve(pixels, weights, method="fft").numpy(), filters.correlate(pixels, weights, "clamp"))


def test_weights_are_normalised_on_request() -> None:
    pixels = picture(9, 9)
    assert_close(
        convolve(pixels, np.ones((3, 3)), normalize=True).numpy(),
        filters.correlate(pixels, np.full((3, 3), 1 / 9), "clamp"),
    )
    with pytest.raises(ValueError, match="sums to 0"):
        convolve(pixels, [[-1.0, 0.0, 1.0]], normalize=True)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("fmt", FORMATS)
def test_runs_of_equal_weights_are_the_same_as_their_pixels(fmt: str, edge: str) -> None:
    weights = np.zeros((6, 47))
    weights[1, 3:40] = 1.0
    weights[2, :5] = -0.5  # too short to be gathered
    weights[4, 10:26] = 2.0
    weights[4, 26:33] = -1.0
    weights /= 100.0
    pixels = as_format(picture(13, 37), fmt)
    found = convolve(pixels, weights, method="direct", edge=edge).numpy()
    assert_close(found, filters.correlate(meaning(pixels), weights, edge))


def test_a_run_reaches_no_further_than_its_pixels_and_does_not_overflow() -> None:
    weights = np.zeros((3, 29))
    weights[0, 3:26] = 1.0 / 32.0
    pixels = picture(9, 90, 1)
    pixels[4, 40] = np.nan
    pixels[7] = np.finfo(np.float32).max
    assert_close(convolve(pixels, weights, method="direct").numpy(), filters.correlate(pixels, weights, "clamp"))


def test_zeros_alone_give_zeros() -> None:
    assert not convolve(picture(4, 5), np.zeros((3, 3))).numpy().any()


def test_threads_change_no_byte() -> None:
    pixels = picture(301, 419)
    for method in ("direct", "fft"):
        results = []
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            try:
                results.append(convolve(pixels, kernel(5, 5), method=method).numpy().tobytes())
            finally:
                vfx.set_threads(None)
        assert len(set(results)) == 1


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1.0, 2.0], ValueError, r"kernel must be \(height, width\)"),
        (np.ones((0, 3)), ValueError, "got shape"),
        ([[np.nan]], ValueError, "finite float32"),
        ([[1e39]], ValueError, "finite float32"),
        ("box", TypeError, "kernel must be a two-dimensional array of numbers, got str"),
        (np.ones((1, 9000)), ValueError, "8191"),
    ],
)
def test_bad_kernels_are_refused(weights: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        convolve(picture(3, 3), weights)  # type: ignore[arg-type]
