"""Sharpening against its formula in float64, and unsharp masks against OpenImageIO."""

from __future__ import annotations

from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from numpy.typing import NDArray
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture

from vfx.ops import sharpen, unsharp_mask


def openimageio(pixels: NDArray[Any], kernel: str, width: float, contrast: float, threshold: float) -> NDArray[Any]:
    """OpenImageIO's own unsharp mask."""
    source = oiio.ImageBuf(np.ascontiguousarray(pixels))
    found = oiio.ImageBufAlgo.unsharp_mask(source, kernel, width, contrast, threshold)
    return np.asarray(found.get_pixels(oiio.FLOAT))


@pytest.mark.parametrize("kernel", ["gaussian", "box", "triangle"])
@pytest.mark.parametrize("width", [1.0, 3.0, 4.0, 4.5, 5.0, 9.0, 15.7])
def test_unsharp_mask_agrees_with_openimageio(width: float, kernel: str) -> None:
    pixels = picture(40, 50)
    for contrast, threshold in ((1.0, 0.0), (0.4, 0.25), (-0.5, 0.1)):
        found = unsharp_mask(pixels, width, contrast=contrast, threshold=threshold, kernel=kernel).numpy()
        theirs = openimageio(pixels, kernel, width, contrast, threshold)
        # Its exponential is a quick one, and a difference that is the threshold to the last bit may go either way.
        assert (np.abs(found - theirs) > 2e-5).mean() < 1e-4


def test_its_gaussian_is_the_one_that_openimageio_makes() -> None:
    dot = np.zeros((9, 9), np.float32)
    dot[4, 4] = 1.0
    soft = unsharp_mask(dot, 5.0, contrast=-1.0).numpy()  # p - (p - soft)
    # make_kernel("gaussian", 5, 5) of OpenImageIO 3.2.2, measured: centre, middle of an edge, corner
    assert soft[[4, 2, 2], [4, 4, 2]] == pytest.approx([0.110494, 0.030722, 0.008542], abs=1.1e-6)
    assert not soft[[1, 4], [4, 7]].any()


@pytest.mark.parametrize("fmt", FORMATS)
def test_sharpen_is_its_formula(fmt: str) -> None:
    for size in SIZES:
        pixels = as_format(picture(*size), fmt)
        values = meaning(pixels)
        expected = values + 0.7 * (values - filters.gaussian(values, (1.5, 1.0), "mirror"))
        assert_close(sharpen(pixels, 0.7, sigma=(1.5, 1.0), edge="mirror").numpy(), expected)


@pytest.mark.parametrize("fmt", FORMATS)
def test_unsharp_mask_is_its_formula(fmt: str) -> None:
    pixels = as_format(picture(13, 37), fmt)
    values = meaning(pixels)
    weights = np.exp(-2.0 * (np.arange(-2, 3) / 2.5) ** 2)
    soft = filters.correlate(values, np.outer(weights, weights) / weights.sum() ** 2, "black")
    difference = np.where(np.abs(values - soft) < 0.1234567, 0.0, values - soft)
    assert_close(unsharp_mask(pixels, 5.0, threshold=0.1234567, edge="black").numpy(), values + difference)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    for fmt in FORMATS:
        pixels = as_format(picture(13, 37), fmt)
        assert np.array_equal(sharpen(laid_out(pixels, layout)).numpy(), sharpen(pixels).numpy())


def test_a_difference_of_just_the_threshold_is_left_alone() -> None:
    step = np.repeat(np.float32([[0, 0, 0, 9, 9, 9]]), 4, axis=0)[..., np.newaxis]  # the mean of three is 3 or 6
    for threshold, expected in ((3.0, [0, 0, 0, 9, 9, 9]), (2.9999, [0, 0, -3, 12, 9, 9])):
        found = unsharp_mask(step, 3.0, threshold=threshold, kernel="box").numpy()
        assert found[1, :, 0].tolist() == expected
        assert np.array_equal(found, openimageio(step, "box", 3.0, 1.0, threshold))


def test_nothing_is_added_for_an_amount_of_zero() -> None:
    pixels = picture(9, 12)
    for result in (sharpen(pixels, 0.0), unsharp_mask(pixels, contrast=0.0), unsharp_mask(pixels, threshold=1e9)):
        assert np.array_equal(result.numpy(), pixels)
        assert not np.shares_memory(result.numpy(), pixels)


def test_nan_stays_where_the_kernel_sees_it() -> None:
    pixels = picture(20, 20, 1)
    pixels[10, 10] = np.nan
    found = np.isnan(unsharp_mask(pixels, 3.0, threshold=0.1).numpy()[..., 0])
    assert found[9:12, 9:12].all()
    assert found.sum() == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0.5}, "size must be between 1 and 4095"),
        ({"kernel": "gausian"}, "did you mean 'gaussian'"),
        ({"threshold": -1}, "threshold must be at least 0"),
        ({"contrast": float("inf")}, "contrast must be a finite number"),
    ],
)
def test_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unsharp_mask(picture(3, 3), **options)
