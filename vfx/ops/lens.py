"""Lens distortion, put on and taken off.

Both models are polynomials of the odd kind, x' = x (1 + Σ c x²ⁱ y²ʲ) and so for y. Brown and Conrady's leads from the
undistorted point to the distorted one, 3DEqualizer's from the distorted to the undistorted. Each is used in both
directions: the other one solves the polynomial, by Newton's iteration to 1e-13 of the unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._pictures import as_image
from vfx.ops._warp import DEFAULT_FILTER, run_warp, window_corners
from vfx.pixelformat import box

__all__ = ["LENS_MODELS", "LensModel", "lens_distort"]

Numbers = Mapping[str, float]
#: For x² y² x⁴ x²y² y⁴ x⁶ x⁴y² x²y⁴ y⁶.
Coefficients = tuple[float, ...]


@dataclass(frozen=True)
class LensModel:
    """A polynomial model of a lens.

    Parameters
    ----------
    name : str
        Its name.
    defaults : mapping
        Its coefficients' names and the values that change nothing.
    forward : bool
        Whether the polynomial leads from the undistorted point to the distorted one.
    polynomial : callable
        Coefficients by name → those of x, of y, each for x² y² x⁴ x²y² y⁴ x⁶ x⁴y² x²y⁴ y⁶, and the two
        tangential ones.
    """

    name: str
    defaults: Numbers
    forward: bool
    polynomial: Callable[[Numbers], tuple[Coefficients, Coefficients, tuple[float, float]]]


def _brown_conrady(c: Numbers) -> tuple[Coefficients, Coefficients, tuple[float, float]]:
    """X (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 x y + p2 (r² + 2 x²), y with p1 and p2 exchanged.

    Brown, "Decentering Distortion of Lenses", 1966; with the coefficients in OpenCV's order.
    """
    k1, k2, k3 = c["k1"], c["k2"], c["k3"]
    radial = (k1, k1, k2, 2 * k2, k2, k3, 3 * k3, 3 * k3, k3)
    return radial, radial, (c["p1"], c["p2"])


def _classic(c: Numbers) -> tuple[Coefficients, Coefficients, tuple[float, float]]:
    """The "3DE Classic LD Model" of Science-D-Visions' Lens Distortion Plugin Kit.

    x (1 + (d x² + (d + cx) y² + q r⁴) / s), y (1 + (d + cy) x² + d y² + q r⁴).
    """
    d, s, q = c["distortion"], c["squeeze"], c["quartic"]
    if s == 0.0:
        raise ValueError("squeeze must not be 0")
    x = (d / s, (d + c["curvature_x"]) / s, q / s, 2 * q / s, q / s, 0.0, 0.0, 0.0, 0.0)
    return x, (d + c["curvature_y"], d, q, 2 * q, q, 0.0, 0.0, 0.0, 0.0), (0.0, 0.0)


#: Name → model.
LENS_MODELS: dict[str, LensModel] = {
    model.name: model
    for model in (
        LensModel("brown_conrady", dict.fromkeys(("k1", "k2", "k3", "p1", "p2"), 0.0), True, _brown_conrady),
        LensModel(
            "3de4_classic",
            {"distortion": 0.0, "squeeze": 1.0, "curvature_x": 0.0, "curvature_y": 0.0, "quartic": 0.0},
            False,
            _classic,
        ),
    )
}


def lens_distort(
    img: Image | NDArray[Any],
    model: str = "brown_conrady",
    *,
    direction: str = "distort",
    center: Sequence[float] | None = None,
    focal: float | Sequence[float] | None = None,
    filter: str = DEFAULT_FILTER,
    edge: str = "black",
    window: Sequence[int] | None = None,
    **coefficients: float,
) -> Image:
    """A new image with a lens's distortion put on, or taken off.

    Parameters
    ----------
    img : Image or array
        Any format.
    model : {"brown_conrady", "3de4_classic"}, optional
        See Notes.
    direction : {"distort", "undistort"}, optional
        To what the lens would have seen, or away from it.
    center : (x, y), optional
        Where the lens points, in pixel coordinates; the display window's middle by default.
    focal : float or (x, y), optional
        Pixels in one unit of the model's coordinates. By default half the diagonal of the display window, seen with
        square pixels, so that its corners are at distance 1: 3DEqualizer's "diagonally normalized" coordinates. For
        coefficients of OpenCV, give the camera matrix's (fx, fy), and for ``center`` its (cx + ½, cy + ½).
    filter : str, optional
        See :mod:`vfx.ops.filters`.
    edge : {"black", "clamp", "mirror", "wrap"}, optional
        What stands outside the data window.
    window : (x0, y0, x1, y1), optional
        The result's data window; that of ``img`` by default. A larger one keeps what leaves the picture.
    coefficients : float, optional
        The model's own; those that are not given change nothing.

    Raises
    ------
    TypeError, ValueError
        If the model has no such coefficient, or an argument is not allowed.

    Notes
    -----
    ``brown_conrady``, with k1 k2 k3 p1 p2, from the undistorted point (x, y) to the distorted, r² = x² + y²::

        x' = x (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 x y + p2 (r² + 2 x²)
        y' = y (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p2 x y + p1 (r² + 2 y²)

    ``3de4_classic``, with distortion d, squeeze s, curvature_x cx, curvature_y cy, quartic q, from the distorted
    point to the undistorted::

        x' = x (1 + (d x² + (d + cx) y² + q r⁴) / s)
        y' = y (1 + (d + cy) x² + d y² + q r⁴)

    Where a polynomial has no inverse, beyond the fold of a strong lens, the result is black.

    Examples
    --------
    >>> import numpy as np
    >>> plate = np.ones((90, 160, 3), np.float32)
    >>> barrel = lens_distort(plate, k1=-0.2)
    >>> barrel.numpy()[0, 0].tolist(), barrel.numpy()[45, 80].round(6).tolist()
    ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    """
    img = as_image(img)
    found = LENS_MODELS[checks.one_of("model", model, LENS_MODELS)]
    undistort = checks.one_of("direction", direction, ("distort", "undistort")) == "undistort"
    x, y, tangent = found.polynomial(_coefficients(found, coefficients))
    middle = _middle(img, center)
    unit = _unit(img, focal)
    into = img.data_window if window is None else box("window", window)
    numbers = [
        *(middle[axis] - into[axis] for axis in (0, 1)),
        *(middle[axis] - img.data_window[axis] for axis in (0, 1)),
        *unit,
        *x,
        *y,
        *tangent,
        float(undistort != found.forward),
    ]
    return run_warp(img, "lens", np.array(numbers, np.float64), window=into, filter=filter, edge=edge)


def _coefficients(model: LensModel, given: Mapping[str, float]) -> dict[str, float]:
    """The model's coefficients, those given among them."""
    checks.unknown_options(f"lens model {model.name}", given, model.defaults)
    return {**model.defaults, **{name: checks.number(name, value) for name, value in given.items()}}


def _middle(img: Image, center: Sequence[float] | None) -> tuple[float, float]:
    """Where the lens points."""
    if center is None:
        x, y = window_corners(img.display_window).mean(axis=0).tolist()
        return x, y
    if isinstance(center, str) or np.shape(center) != (2,):
        raise TypeError(f"center must be two numbers (x, y), got {center!r}")
    return checks.number("center[0]", center[0]), checks.number("center[1]", center[1])


def _unit(img: Image, focal: float | Sequence[float] | None) -> tuple[float, float]:
    """Pixels in a unit, across and down."""
    aspect = img.pixel_aspect or 1.0
    if focal is None:
        x0, y0, x1, y1 = img.display_window
        half = 0.5 * math.hypot((x1 - x0 + 1) * aspect, y1 - y0 + 1)
        return half / aspect, half
    if isinstance(focal, str) or np.shape(focal) not in ((), (2,)):
        raise TypeError(f"focal must be a number or two (x, y), got {focal!r}")
    one, two = (focal, focal) if np.ndim(focal) == 0 else focal  # type: ignore[misc]  # a pair, by its shape
    return checks.number("focal", one, low=1e-6), checks.number("focal", two, low=1e-6)
