"""Lens models: their published formulas, both directions, and OpenCV's."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.reference import awkward_pictures as pictures
from tests.reference import warps
from vfx import Image
from vfx.ops import lens_distort

BROWN = {"k1": -0.12, "k2": 0.03, "k3": -0.01, "p1": 0.004, "p2": -0.006}
CLASSIC = {"distortion": 0.08, "squeeze": 1.3, "curvature_x": 0.03, "curvature_y": -0.02, "quartic": 0.015}
COEFFICIENTS = {"brown_conrady": BROWN, "3de4_classic": CLASSIC}


def brown(x: Any, y: Any) -> tuple[Any, Any]:
    """Undistorted to distorted, as published by Brown."""
    k1, k2, k3, p1, p2 = BROWN.values()
    r2 = x * x + y * y
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    return x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)


def classic(x: Any, y: Any) -> tuple[Any, Any]:
    """Distorted to undistorted, as published by Science-D-Visions."""
    d, s, cx, cy, q = CLASSIC.values()
    r4 = (x * x + y * y) ** 2
    return (
        x * (1 + d / s * x * x + (d + cx) / s * y * y + q / s * r4),
        y * (1 + (d + cy) * x * x + d * y * y + q * r4),
    )


def solved(function: Any, x: float, y: float) -> tuple[float, float]:
    """The point that a model leads to (x, y), by fixed-point iteration."""
    u, v = x, y
    for _ in range(60):
        fu, fv = function(u, v)
        u, v = u + 0.7 * (x - fu), v + 0.7 * (y - fv)
    return u, v


@pytest.mark.parametrize("direction", ["distort", "undistort"])
@pytest.mark.parametrize("model", COEFFICIENTS)
def test_models_are_their_formulas(model: str, direction: str) -> None:
    source = pictures.picture(13, 17, 4)
    function = brown if model == "brown_conrady" else classic
    forward = (direction == "undistort") == (model == "brown_conrady")
    half = 0.5 * np.hypot(17, 13)

    def at(x: float, y: float) -> tuple[float, float]:
        u, v = (x - 8.5) / half, (y - 6.5) / half
        u, v = function(u, v) if forward else solved(function, u, v)
        return u * half + 8.5, v * half + 6.5

    expected = warps.warped(pictures.meaning(source), at, (17, 13), filter="catmull-rom", edge="clamp", one_sided=True)
    result = lens_distort(source, model, direction=direction, edge="clamp", **COEFFICIENTS[model])
    pictures.assert_close(result.numpy(), expected)


@pytest.mark.parametrize("model", COEFFICIENTS)
def test_what_is_put_on_comes_off(model: str) -> None:
    y, x = np.mgrid[0:120, 0:180].astype(np.float64)
    source = (0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 8)).astype(np.float32)[..., np.newaxis]
    there = lens_distort(
        source, model, direction="undistort", edge="clamp", window=(-30, -30, 209, 149), **COEFFICIENTS[model]
    )
    back = lens_distort(
        there, model, window=(0, 0, 179, 119), center=(90, 60), focal=0.5 * np.hypot(180, 120), **COEFFICIENTS[model]
    )
    assert np.abs(back.numpy() - source)[4:-4, 4:-4].max() < 2e-3


def test_undistort_is_opencvs() -> None:
    y, x = np.mgrid[0:90, 0:160].astype(np.float64)
    source = (0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 8)).astype(np.float32)
    camera = np.array([[130.0, 0, 81.3], [0, 128.0, 43.2], [0, 0, 1]])
    coefficients = np.array([BROWN[name] for name in ("k1", "k2", "p1", "p2", "k3")])
    u, v = cv2.initUndistortRectifyMap(camera, coefficients, None, camera, (160, 90), cv2.CV_32FC1)  # type: ignore[call-overload]
    theirs = cv2.remap(source, u, v, cv2.INTER_CUBIC)
    ours = lens_distort(source, direction="undistort", center=(81.8, 43.7), focal=(130, 128), **BROWN).numpy()
    assert np.abs(ours - theirs)[10:-10, 10:-10].max() < 2e-2
    truth = 0.5 + 0.4 * np.sin(u.astype(np.float64) / 9) * np.cos(v.astype(np.float64) / 8)
    assert np.abs(ours - truth)[10:-10, 10:-10].max() < 2e-3


def test_no_coefficients_change_nothing() -> None:
    source = pictures.picture(40, 70, 4)
    for model in COEFFICIENTS:
        for direction in ("distort", "undistort"):
            assert np.abs(lens_distort(source, model, direction=direction).numpy() - source).max() < 1e-5


def test_a_negative_k1_is_barrel_distortion() -> None:
    corner = np.zeros((90, 160, 1), np.float32)
    corner[8, 12] = 1.0
    y, x = np.unravel_index(lens_distort(corner, k1=-0.2).numpy().argmax(), (90, 160))
    assert y > 8
    assert x > 12


def test_anamorphic_pixels_count_by_their_width() -> None:
    wide = Image(pictures.picture(60, 80, 3), pixel_aspect=2.0)
    unit = 0.5 * np.hypot(160, 60)
    by_hand = lens_distort(wide.numpy(), k1=0.1, focal=(unit / 2, unit))
    assert np.array_equal(lens_distort(wide, k1=0.1).numpy(), by_hand.numpy())


def test_coordinates_are_those_of_the_windows() -> None:
    pixels = pictures.picture(60, 80, 3)
    moved = Image(pixels, data_window=(500, -20, 579, 39))
    assert np.abs(lens_distort(moved, **BROWN).numpy() - lens_distort(pixels, **BROWN).numpy()).max() < 1e-5
    larger = lens_distort(pixels, window=(-9, -7, 90, 70), **BROWN)
    assert larger.data_window == (-9, -7, 90, 70)
    assert larger.display_window == (0, 0, 79, 59)
    assert np.abs(larger.numpy()[7:67, 9:89] - lens_distort(pixels, **BROWN).numpy()).max() < 1e-5


def test_beyond_the_fold_is_black() -> None:
    # x (1 - r² / 2) turns back at r = √(2/3), where it is 0.544.
    flat: NDArray[np.float32] = np.ones((101, 101, 1), np.float32)
    result = lens_distort(flat, k1=-0.5, focal=50, edge="clamp").numpy()[..., 0]
    y, x = np.mgrid[0:101, 0:101] - 50
    radius = np.hypot(x, y) / 50
    assert (result[radius > 0.56] == 0.0).all()
    assert np.abs(result[radius < 0.53] - 1.0).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "brown-conrady"}, "did you mean 'brown_conrady'"),
        ({"k9": 1.0}, "no option 'k9'"),
        ({"model": "3de4_classic", "squeeze": 0.0}, "squeeze must not be 0"),
        ({"direction": "back"}, "direction must be one of distort, undistort"),
        ({"k1": float("nan")}, "k1 must be a finite number"),
        ({"focal": 0.0}, "focal must be at least"),
        ({"focal": "long"}, "focal must be a number or two"),
        ({"center": 3}, "center must be two numbers"),
        ({"window": (0, 0, 1 << 20, 1 << 20)}, "pixels"),
        ({"window": []}, "window must be four integers"),
        ({"window": 7}, "window must be four integers"),
    ],
)
def test_arguments_are_named_in_errors(options: dict[str, Any], error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        lens_distort(np.zeros((4, 4, 3), np.float32), **options)
