"""The filters of resampling: their shapes, by the names that Nuke, OpenImageIO and the literature use.

A filter is an even function of the distance in pixels; ``radius`` is where it ends. All pictures are resampled by
weights that are divided by their sum, so only a filter's shape matters::

    from vfx.ops import filters

    filters.find("mitchell")(0.5)       # 0.5347...
    filters.find("tent").name           # "triangle"

The cubics are one family (Mitchell and Netravali, "Reconstruction Filters in Computer Graphics", 1988, eq. 8), with
parameters (B, C); Keys' cubics ("Cubic Convolution Interpolation", 1981) have B = 0 and C = -a. All are evaluated in
float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import checks

__all__ = ["ALIASES", "FILTERS", "Filter", "find"]

Floats = NDArray[np.float64]


def _box(x: Floats) -> Floats:
    """1 everywhere inside, both ends included: a pixel between two samples takes half of each."""
    return np.ones_like(x)


def _triangle(x: Floats) -> Floats:
    """1 - x."""
    return 1.0 - x


def _cubic(x: Floats, b: float, c: float) -> Floats:
    """The cubic of Mitchell and Netravali, eq. 8."""
    near = ((12 - 9 * b - 6 * c) * x + (-18 + 12 * b + 6 * c)) * x * x + (6 - 2 * b)
    far = (((-b - 6 * c) * x + (6 * b + 30 * c)) * x + (-12 * b - 48 * c)) * x + (8 * b + 24 * c)
    return np.where(x < 1.0, near, far) / 6.0


def _gaussian(x: Floats, radius: float, sharpness: float) -> Floats:
    """exp(-sharpness (x / radius)²): of 2 as the RenderMan specification's, of 4 as OpenImageIO's sharp one."""
    return np.where(x < radius, np.exp(-sharpness * np.square(x / radius)), 0.0)  # the ends excluded, as there


def _blackman_harris(x: Floats, radius: float) -> Floats:
    """The four-term window of Harris, "On the Use of Windows for Harmonic Analysis", 1978, over the whole width."""
    angle = np.pi * (1.0 + x / radius)
    return 0.35875 - 0.48829 * np.cos(angle) + 0.14128 * np.cos(2 * angle) - 0.01168 * np.cos(3 * angle)


def _sinc(x: Floats) -> Floats:
    """sin(πx) / (πx), cut off."""
    return np.sinc(x)


def _lanczos(x: Floats, radius: float) -> Floats:
    """sinc(x) sinc(x / radius): Duchon, "Lanczos Filtering in One and Two Dimensions", 1979."""
    return np.sinc(x) * np.sinc(x / radius)


@dataclass(frozen=True)
class Filter:
    """The shape of a resampling filter.

    Parameters
    ----------
    name : str
        Its first name.
    radius : float
        Pixels from its middle to its end; 0 takes the nearest sample and is never widened.
    shape : callable
        Its values at distances between 0 and ``radius``, float64 to float64.

    Examples
    --------
    >>> find("lanczos3").radius
    3.0
    >>> find("keys")([0.0, 0.5, 1.0, -1.5]).tolist()
    [1.0, 0.5625, 0.0, -0.0625]
    """

    name: str
    radius: float
    shape: Callable[[Floats], Floats]

    @property
    def nearest(self) -> bool:
        """Whether this takes the nearest sample instead of weighing several."""
        return self.radius == 0.0

    def __call__(self, x: ArrayLike) -> Floats:
        """The filter's values at signed distances ``x`` in pixels, as float64; 0 beyond ``radius``."""
        away = np.abs(np.asarray(x, np.float64))
        inside = away <= max(self.radius, 0.5)
        return np.where(inside, self.shape(np.where(inside, away, 0.0)), 0.0)


def _table() -> dict[str, Filter]:
    """Every filter by its first name, narrow ones first."""

    def cubic(name: str, b: float, c: float) -> Filter:
        return Filter(name, 1.0 if (b, c) == (0.0, 0.0) else 2.0, partial(_cubic, b=b, c=c))

    def lanczos(radius: int) -> Filter:
        return Filter(f"lanczos{radius}", float(radius), partial(_lanczos, radius=float(radius)))

    filters = [
        Filter("nearest", 0.0, _box),
        Filter("box", 0.5, _box),
        Filter("triangle", 1.0, _triangle),
        cubic("cubic", 0.0, 0.0),
        cubic("catmull-rom", 0.0, 0.5),
        cubic("simon", 0.0, 0.75),
        cubic("rifman", 0.0, 1.0),
        cubic("mitchell", 1 / 3, 1 / 3),
        cubic("bspline", 1.0, 0.0),
        cubic("notch", 1.5, -0.25),
        Filter("gaussian", 1.5, partial(_gaussian, radius=1.5, sharpness=2.0)),
        Filter("sharp-gaussian", 1.0, partial(_gaussian, radius=1.0, sharpness=4.0)),
        Filter("blackman-harris", 1.5, partial(_blackman_harris, radius=1.5)),
        Filter("sinc", 2.0, _sinc),
        *(lanczos(radius) for radius in (2, 3, 4, 5)),
    ]
    return {each.name: each for each in filters}


#: First name → filter.
FILTERS: dict[str, Filter] = _table()

#: Other name → first name. Nuke's numbers count pixels of width, the others pixels of radius.
ALIASES: dict[str, str] = {
    "impulse": "nearest",
    "point": "nearest",
    "bilinear": "triangle",
    "linear": "triangle",
    "tent": "triangle",
    "hermite": "cubic",
    "bicubic": "catmull-rom",
    "catrom": "catmull-rom",
    "keys": "catmull-rom",
    "b-spline": "bspline",
    "parzen": "bspline",
    "gauss": "gaussian",
    "lanczos": "lanczos3",
    "nuke-lanczos4": "lanczos2",
    "nuke-lanczos6": "lanczos3",
    "nuke-sinc4": "sinc",
    "sinc4": "sinc",
}


def find(filter: Any) -> Filter:
    """The filter of a name; capitals, and ``_`` for ``-``, make no difference.

    Parameters
    ----------
    filter : str or Filter
        A key of ``FILTERS`` or ``ALIASES``, or a shape of one's own.

    Raises
    ------
    ValueError
        If there is no such filter.

    Examples
    --------
    >>> find("Catmull_Rom").name
    'catmull-rom'
    """
    if isinstance(filter, Filter):
        return filter
    name = filter.lower().replace("_", "-") if isinstance(filter, str) else filter
    name = ALIASES.get(name, name) if isinstance(name, str) else name
    if name not in FILTERS:
        checks.one_of("filter", filter, [*FILTERS, *ALIASES])
    return FILTERS[name]
