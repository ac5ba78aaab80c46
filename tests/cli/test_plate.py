"""The procedural plate is a usable HDR picture."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.cli._plate import render


@pytest.mark.parametrize("size", [(16, 16), (33, 17), (96, 54)])
def test_any_size_gives_finite_light(size: tuple[int, int]) -> None:
    plate = render(0.3, *size, seed=3)
    assert plate.picture.shape == (size[1], size[0], 3) and plate.picture.dtype == np.float32
    assert np.isfinite(plate.picture).all() and plate.picture.min() >= 0 and plate.picture.max() < 65504


def test_highlights_are_far_above_white_and_the_middle_is_near_grey() -> None:
    picture = render(0.2, 192, 108).picture
    assert picture.max() > 50 and 0.08 < np.median(picture) < 0.6


def test_the_picture_moves_and_the_grain_too() -> None:
    first, later, other = render(0.0, 64, 36, seed=1), render(0.5, 64, 36, seed=1), render(0.0, 64, 36, seed=2)
    assert np.abs(first.picture - later.picture).mean() > 0.01
    assert 0 < np.abs(first.picture - other.picture).mean() < 0.02
    assert np.array_equal(first.picture, render(0.0, 64, 36, seed=1).picture)


def test_the_foreground_is_premultiplied_green_with_a_soft_edge() -> None:
    ball = render(0.5, 192, 108).foreground
    alpha = ball[..., 3]
    assert alpha.min() == 0 and alpha.max() == 1 and ((alpha > 0.05) & (alpha < 0.95)).sum() > 20
    assert (ball[alpha == 0] == 0).all()
    inside = ball[alpha == 1].mean(axis=0)
    assert inside[1] > 2 * inside[0] and inside[1] > 2 * inside[2]
