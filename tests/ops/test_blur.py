"""Gaussian and box against float64, SciPy and OpenCV, at every edge, format and layout."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture
from scipy import ndimage

import vfx
from vfx import Image
from vfx.ops import blur, box_blur

EDGES = list(filters.PAD_MODES)
SCIPY_MODES = {"clamp": "nearest", "black": "constant", "mirror": "reflect", "wrap": "wrap"}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("fmt", FORMATS)
def test_gaussian_is_the_reference_in_every_format(fmt: str, edge: str) -> None:
    for size in SIZES:
        pixels = as_format(picture(*size), fmt)
        expected = filters.gaussian(meaning(pixels), (1.3, 1.3), edge)
        assert_close(blur(pixels, sigma=1.3, edge=edge).numpy(), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    for fmt in FORMATS:
        pixels = as_format(picture(13, 37), fmt)
        found = blur(laid_out(pixels, layout), sigma=2.0).numpy()
        assert np.array_equal(found, blur(pixels, sigma=2.0).numpy())


@pytest.mark.parametrize("channels", range(1, 9))
def test_every_count_of_channels(channels: int) -> None:
    pixels = picture(9, 21, channels)
    assert_close(blur(pixels, sigma=1.7).numpy(), filters.gaussian(pixels, (1.7, 1.7), "clamp"))


@pytest.mark.parametrize("sigma", [0.0, 0.05, 0.2, 0.5, 1.0, 2.5, 4.9, 5.0, 7.3, 12.0, 33.0])
def test_gaussian_is_that_of_scipy_for_any_sigma(sigma: float) -> None:
    pixels = picture(70, 90, 3)
    for edge, mode in SCIPY_MODES.items():
        expected = pixels.astype(np.float64)
        for axis in (0, 1):
            expected = ndimage.gaussian_filter1d(expected, max(sigma, 1e-9), axis, truncate=8.0, mode=mode)
        assert_close(blur(pixels, sigma=sigma, edge=edge).numpy(), expected)


@pytest.mark.parametrize("edge", EDGES)
def test_a_sigma_much_larger_than_the_picture(edge: str) -> None:
    pixels = picture(3, 17, 1)
    for sigma in (40.0, 300.0):
        assert_close(blur(pixels, sigma=sigma, edge=edge).numpy(), filters.gaussian(pixels, (sigma, sigma), edge))


def test_each_axis_has_its_own_sigma() -> None:
    pixels = picture(40, 50)
    for sigma in ((0.0, 3.0), (6.0, 0.0), (1.0, 20.0), (20.0, 1.5)):
        assert_close(blur(pixels, sigma=sigma).numpy(), filters.gaussian(pixels, sigma, "clamp"))


def test_size_is_four_sigma() -> None:
    pixels = picture(20, 20)
    assert np.array_equal(blur(pixels, 8.0).numpy(), blur(pixels, sigma=2.0).numpy())
    assert np.array_equal(blur(pixels, (8.0, 4.0)).numpy(), blur(pixels, sigma=(2.0, 1.0)).numpy())
    assert np.array_equal(blur(pixels).numpy(), blur(pixels, sigma=2.5).numpy())


@pytest.mark.parametrize("sigma", [1.5, 5.0, 14.0])
def test_gaussian_agrees_with_opencv(sigma: float) -> None:
    pixels = picture(150, 160)
    # OpenCV cuts its weights off at four deviations, where 6e-5 of the tails remain.
    found = cv2.GaussianBlur(pixels, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    assert np.abs(found - blur(pixels, sigma=sigma, edge="mirror").numpy()).max() < 3e-4


def test_a_grey_picture_stays_grey() -> None:
    grey = np.full((90, 110, 3), 0.18, np.float32)
    for sigma in (0.7, 3.0, 9.0, 60.0):
        for edge in ("clamp", "mirror", "wrap"):
            assert np.abs(blur(grey, sigma=sigma, edge=edge).numpy() - np.float32(0.18)).max() < 1e-7


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("sigma", "reach"), [(1.0, 6), (8.0, 8 * 8), (20.0, 8 * 20)])
def test_what_is_not_finite_reaches_no_further_than_the_support(sigma: float, reach: int, value: float) -> None:
    pixels = np.ones((9, 500, 2), np.float32)
    pixels[4, 250, 0] = value
    found = blur(pixels, sigma=(sigma, 0.5)).numpy()
    assert np.isfinite(found[..., 1]).all()
    assert not np.isfinite(found[4, 250, 0])
    assert np.isfinite(found[:, : 250 - reach, 0]).all()
    assert np.isfinite(found[:, 250 + reach + 1 :, 0]).all()


@pytest.mark.parametrize("sigma", [2.0, 5.0, 16.0])
def test_threads_change_no_byte(sigma: float) -> None:
    pixels = picture(301, 419)
    results = []
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        try:
            results.append(blur(pixels, sigma=sigma, edge="wrap").numpy().tobytes())
        finally:
            vfx.set_threads(None)
    assert len(set(results)) == 1


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("edge", EDGES)
def test_box_is_the_mean_of_what_it_covers(fmt: str, edge: str) -> None:
    pixels = as_format(picture(13, 37), fmt)
    for size, weights in {3: [1, 1, 1], 4: [0.5, 1, 1, 1, 0.5], 5.5: [0.25, 1, 1, 1, 1, 1, 0.25], 1: [1]}.items():
        kernel = np.outer(weights, weights) / np.sum(weights) ** 2
        assert_close(box_blur(pixels, size, edge=edge).numpy(), filters.correlate(meaning(pixels), kernel, edge))


@pytest.mark.parametrize("size", [31, 101, 300.5])
def test_wide_boxes(size: float) -> None:
    pixels = picture(60, 140, 3)
    inner = int(2 * ((size - 1) // 2) + 1)
    weights = np.array([(size - inner) / 2, *np.ones(inner), (size - inner) / 2]) / size
    expected = filters.correlate(filters.correlate(pixels, weights[None], "mirror"), weights[:, None], "mirror")
    assert_close(box_blur(pixels, size, edge="mirror").numpy(), expected)


@pytest.mark.parametrize("channels", [1, 3, 4, 5])
@pytest.mark.parametrize("size", [2, 3, 5, 7, 9, 15, 17.5, 23, 29, 31, 33])
def test_boxes_of_every_size_and_count_of_channels(size: float, channels: int) -> None:
    pixels = picture(41, 53, channels)
    inner = int(2 * ((size - 1) // 2) + 1)
    weights = np.array([(size - inner) / 2, *np.ones(inner), (size - inner) / 2]) / size
    for edge in EDGES:
        expected = filters.correlate(filters.correlate(pixels, weights[None], edge), weights[:, None], edge)
        assert_close(box_blur(pixels, size, edge=edge).numpy(), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
@pytest.mark.parametrize("size", [3, 4, 15, 45])
def test_what_a_box_does_not_see_leaves_no_trace(size: int, value: float) -> None:
    pixels = np.full((120, 120, 4), 0.25, np.float32)
    pixels[60, 60, 1] = value
    found = box_blur(pixels, size).numpy()
    seen = np.zeros(pixels.shape, bool)
    seen[60 - size // 2 : 61 + size // 2, 60 - size // 2 : 61 + size // 2, 1] = True
    assert np.abs(found[~seen] - 0.25).max() < 1e-7
    assert (found[seen] > 1e30).all() if value == value else np.isnan(found[seen]).all()


def test_the_mean_of_the_largest_numbers_is_finite() -> None:
    pixels = np.full((20, 20, 4), 3e38, np.float32)
    for size in (3, 15, 33):
        assert_close(box_blur(pixels, size).numpy(), np.full(pixels.shape, 3e38))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(3, 3), (15, 15), (1, 33), (101, 5), (257, 255)])
def test_boxes_of_codes_are_rounded_once(size: tuple[int, int], dtype: type) -> None:
    top = np.iinfo(dtype).max
    for channels in (1, 3, 4):
        codes = np.random.default_rng(1).choice([0, 1, top // 2, top - 1, top], (30, 45, channels)).astype(dtype)
        around = ((size[1] // 2,) * 2, (size[0] // 2,) * 2, (0, 0))
        for edge, mode in filters.PAD_MODES.items():
            wide = np.pad(codes.astype(np.int64), around, mode)  # type: ignore[call-overload]
            sums = np.pad(wide.cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
            x, y = size
            total = sums[y:, x:] - sums[:-y, x:] - sums[y:, :-x] + sums[:-y, :-x]
            assert np.array_equal(box_blur(codes, size, edge=edge).numpy(), (2 * total + x * y) // (2 * x * y))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter_to_a_box(layout: str) -> None:
    for fmt in FORMATS:
        pixels = as_format(picture(13, 37), fmt)
        for size in (3, 4.5, 15):
            found = box_blur(laid_out(pixels, layout), size).numpy()
            assert np.array_equal(found, box_blur(pixels, size).numpy())


@pytest.mark.parametrize("fmt", ["f32", "u8"])
def test_threads_change_no_byte_of_a_box(fmt: str) -> None:
    pixels = as_format(picture(301, 419), fmt)
    results = []
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        try:
            results.append(b"".join(box_blur(pixels, size).numpy().tobytes() for size in (7, 12, 40)))
        finally:
            vfx.set_threads(None)
    assert len(set(results)) == 1


def test_box_agrees_with_opencv() -> None:
    pixels = picture(50, 60)
    found = cv2.blur(pixels, (7, 5), borderType=cv2.BORDER_REPLICATE)
    assert np.abs(found - box_blur(pixels, (7, 5)).numpy()).max() < 2e-6


def test_windows_and_names_are_kept_and_nothing_is_shared() -> None:
    img = Image(picture(9, 9, 3), channels=("B", "Z", "a.R"), data_window=(4, 5, 12, 13), display_window=(0, 0, 99, 99))
    for result in (blur(img, sigma=0), box_blur(img, 1)):
        assert (result.channel_names, result.data_window) == (img.channel_names, img.data_window)
        assert result.display_window == img.display_window
        assert np.array_equal(result.numpy(), img.numpy())
        assert not np.shares_memory(result.numpy(), img.numpy())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sigma": -1.0}, "sigma must be between 0 and 10000, got -1"),
        ({"sigma": float("nan")}, "sigma must be a finite number"),
        ({"sigma": 1e6}, "between 0 and 10000"),
        ({"size": 3, "sigma": 1}, "size or sigma, not both"),
        ({"sigma": (1, 2, 3)}, r"sigma must be a number or a pair \(x, y\)"),
        ({"edge": "mirrored"}, "did you mean 'mirror'"),
    ],
)
def test_refused_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        blur(picture(3, 3), **options)  # type: ignore[arg-type]
