"""Laplacian and Sobel against float64 and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture

from vfx.ops import laplacian, sobel

X = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
CROSS = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


@pytest.mark.parametrize("edge", list(filters.PAD_MODES))
@pytest.mark.parametrize("fmt", FORMATS)
def test_both_are_the_reference(fmt: str, edge: str) -> None:
    for size in SIZES:
        pixels = as_format(picture(*size) / 16, fmt)
        values = meaning(pixels)
        x, y = filters.correlate(values, X, edge), filters.correlate(values, X.T, edge)
        assert_close(laplacian(pixels, edge=edge).numpy(), filters.correlate(values, CROSS, edge))
        assert_close(sobel(pixels, "x", edge=edge).numpy(), x)
        assert_close(sobel(pixels, "y", edge=edge).numpy(), y)
        assert_close(sobel(pixels, edge=edge).numpy(), np.hypot(x, y))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    for fmt in FORMATS:
        pixels = as_format(picture(13, 37), fmt)
        assert np.array_equal(sobel(laid_out(pixels, layout)).numpy(), sobel(pixels).numpy())


def test_both_agree_with_opencv() -> None:
    pixels = picture(50, 60)
    border = cv2.BORDER_REPLICATE
    assert np.abs(laplacian(pixels).numpy() - cv2.Laplacian(pixels, -1, ksize=1, borderType=border)).max() < 5e-6
    for direction, order in (("x", (1, 0)), ("y", (0, 1))):
        theirs = cv2.Sobel(pixels, -1, *order, ksize=3, borderType=border)
        assert np.abs(sobel(pixels, direction).numpy() - theirs).max() < 5e-6


def test_a_ramp_has_the_slope_of_the_kernel() -> None:
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32), (5, 8))
    assert (sobel(ramp).numpy()[:, 1:-1] == 8.0).all()
    assert (laplacian(ramp).numpy()[:, 1:-1] == 0.0).all()


def test_what_is_not_finite_reaches_its_neighbours_only() -> None:
    pixels = picture(9, 9, 1)
    pixels[4, 4] = np.nan
    assert np.isnan(laplacian(pixels).numpy()).sum() == 5
    assert np.isnan(sobel(pixels).numpy()).sum() == 8  # neither kernel weighs its middle


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="direction must be one of magnitude, x, y, got 'z'"):
        sobel(picture(3, 3), "z")
