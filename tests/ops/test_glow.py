"""Glow against its formula in float64."""

from __future__ import annotations

import numpy as np
import pytest
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture

from vfx import Image
from vfx.ops import glow


@pytest.mark.parametrize("fmt", FORMATS)
def test_glow_is_its_formula_and_leaves_alpha_alone(fmt: str) -> None:
    for size in SIZES:
        pixels = as_format(picture(*size), fmt)
        values = meaning(pixels)
        expected = values.copy()
        bright = np.maximum(values[..., :3] - 0.75, 0.0)
        expected[..., :3] += 0.5 * filters.gaussian(bright, (3.0, 3.0), "wrap")
        found = glow(pixels, sigma=3.0, threshold=0.75, intensity=0.5, edge="wrap").numpy()
        assert_close(found, expected)
        assert np.array_equal(found[..., 3], pixels[..., 3])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    pixels = as_format(picture(13, 37), "u16")
    assert np.array_equal(glow(laid_out(pixels, layout)).numpy(), glow(pixels).numpy())


def test_light_falls_on_pixels_of_no_alpha() -> None:
    pixels = np.zeros((9, 30, 4), np.float32)
    pixels[4, 5] = (9.0, 9.0, 9.0, 1.0)
    found = glow(pixels, sigma=3.0).numpy()
    assert (found[4, 6:10, :3] > 0.0).all()
    assert (found[4, 6:10, 3] == 0.0).all()


def test_colour_is_found_by_name() -> None:
    img = Image(picture(9, 9, 5) + 2, channels=("Z", "A", "B", "R", "G"))
    found = glow(img, sigma=2.0).numpy()
    assert np.array_equal(found[..., :2], img.numpy()[..., :2])
    assert (found[..., 2:] > img.numpy()[..., 2:]).all()


def test_nan_gives_no_light_and_stays_itself() -> None:
    pixels = np.full((9, 30, 1), 2.0, np.float32)
    pixels[4, 5] = np.nan
    found = glow(pixels, sigma=2.0).numpy()
    assert np.isnan(found).sum() == 1
    assert np.isnan(found[4, 5])


def test_a_bad_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold must be a finite number"):
        glow(picture(3, 3), threshold=float("nan"))
