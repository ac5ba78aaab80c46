"""What every warp does: a filter as tables for the kernel, the result's place, the call.

The kernel evaluates filters by polynomials: the weights of one pixel's taps by cubics, 64 in a pixel, and the shape of
wider footprints by four curves of degree 6 in a pixel. Both are within 2e-7 of the shape for all filters of
``vfx.ops.filters``, and exact for the cubics but for float32's rounding.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops import filters
from vfx.ops._pictures import edge_code, new_image, thread_count
from vfx.pixelformat import Box, box

__all__ = ["DEFAULT_FILTER", "MOST_PIXELS", "filter_tables", "run_warp", "window_around", "window_corners"]

Floats = NDArray[np.float64]
Tables = tuple[float, float, int, int, NDArray[np.float32], NDArray[np.float32]]

#: The filter of all warps unless another is asked for: Keys' cubic, which keeps a picture that moves by whole pixels.
DEFAULT_FILTER = "catmull-rom"
#: Pixels that a result may have; more is taken for a mistake (a corner near the horizon, a scale of a million).
MOST_PIXELS = 1 << 30

_PIECES = 64
_LARGEST_RADIUS = 7.0
_CURVES, _DEGREE, _MOST_CURVES = 4, 6, 32
_NODES = np.array([0.0, 1 / 3, 2 / 3, 1.0])


def _cubics(values: Floats) -> NDArray[np.float32]:
    """Coefficients 1, t, t², t³ along the second axis, through values at ``_NODES`` along that axis."""
    solved = np.linalg.inv(np.vander(_NODES, increasing=True))
    return np.ascontiguousarray(np.einsum("cn,kn...->kc...", solved, values), np.float32)


def filter_tables(filter: Any) -> Tables:
    """The kernel's tables of a filter: radius, where it ends in curves, taps, first tap, phases, curves.

    Parameters
    ----------
    filter : str or Filter
        See :func:`vfx.ops.filters.find`.

    Raises
    ------
    ValueError
        If there is no such filter, or its radius is above 7 pixels.
    """
    return _tables(filters.find(filter))


@functools.lru_cache(maxsize=64)
def _tables(shape: filters.Filter) -> Tables:
    """``filter_tables`` of a filter found."""
    if shape.nearest:
        ones = np.zeros((2 * _PIECES, 4, 4), np.float32)
        ones[:, 0, 0] = 1.0
        return 0.0, 0.0, 1, 0, ones, np.zeros((_DEGREE + 1, _MOST_CURVES), np.float32)
    radius = float(shape.radius)
    if not 0.5 <= radius <= _LARGEST_RADIUS:
        raise ValueError(f"a warp's filter must have a radius between 0.5 and {_LARGEST_RADIUS:g}, got {radius:g}")
    # A filter that does not run out to 0 may have a tap at each end of its reach.
    jumps = abs(float(shape(radius * (1.0 - 1e-9)))) > 1e-7
    half = int(np.floor(radius)) + 1 if jumps else int(np.ceil(radius))
    taps = np.arange(2 * half) - (half - 1)
    inside = np.clip(_NODES, 1e-9, 1 - 1e-9) if jumps else _NODES
    fractions = (np.arange(_PIECES)[:, np.newaxis] + inside) / _PIECES
    phases = np.zeros((_PIECES, 2, 4, half * 2 + half % 2 * 2), np.float32)
    phases[:, 0, :, : 2 * half] = _cubics(_shares(shape(taps - fractions[..., np.newaxis])))
    phases[:, 1] = phases[:, 0]
    if jumps:
        phases[:, 1] = 0.0
        phases[:, 1, 0, : 2 * half] = _shares(shape(taps - np.arange(_PIECES)[:, np.newaxis] / _PIECES))
    # What lies as far as the end, but for rounding, is at the end: outside where the filter is 0 there.
    end = radius * _CURVES * (1.0 + (5e-7 if float(shape(radius)) else -5e-7))
    return radius, end, 2 * half, 1 - half, phases.reshape(2 * _PIECES, 4, -1), _curves(shape)


def _curves(shape: filters.Filter) -> NDArray[np.float32]:
    """The kernel's polynomials of the shape by distance, (7, 32): coefficient, curve."""
    nodes = 0.5 - 0.5 * np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
    out = np.zeros((_DEGREE + 1, _MOST_CURVES))
    for index in range(_MOST_CURVES):
        width = min(shape.radius * _CURVES - index, 1.0)
        if width > 0.05:
            places = width * nodes
            out[:, index] = np.linalg.solve(np.vander(places, increasing=True), shape((index + places) / _CURVES))
        elif width >= 0.0:
            out[0, index] = shape(shape.radius)
    return out.astype(np.float32)


def _shares(weights: Floats) -> Floats:
    """Weights along the last axis, divided by their sum, 0 where that is 0; sin(π) is 0."""
    weights = np.where(np.abs(weights) < 1e-15, 0.0, weights)
    whole = weights.sum(axis=-1, keepdims=True)
    shares: Floats = weights / np.where(whole == 0.0, 1.0, whole)
    return shares


def window_corners(window: Box) -> Floats:
    """The corners of an inclusive window in pixel coordinates, (4, 2): top left and on clockwise."""
    x0, y0, x1, y1 = window
    return np.array([(x0, y0), (x1 + 1, y0), (x1 + 1, y1 + 1), (x0, y1 + 1)], np.float64)


def window_around(points: Floats, what: str) -> Box:
    """The smallest inclusive window that holds points, but for a ten thousandth of a pixel.

    Raises
    ------
    ValueError
        If it is beyond what a picture may have.
    """
    low = np.floor(points.min(axis=0) + 1e-4)
    high = np.ceil(points.max(axis=0) - 1e-4)
    high = np.maximum(high, low + 1)
    if not np.isfinite([low, high]).all() or np.abs([low, high]).max() >= 1 << 30 or np.prod(high - low) > MOST_PIXELS:
        raise ValueError(f"{what} makes a picture too large: {low.tolist()} to {high.tolist()}")
    return int(low[0]), int(low[1]), int(high[0]) - 1, int(high[1]) - 1


def run_warp(
    img: Image,
    kind: str,
    numbers: Floats,
    *,
    window: Sequence[int],
    filter: Any,
    edge: str,
    uv: Image | None = None,
    **changes: Any,
) -> Image:
    """A new image over ``window``, every pixel of it sampled where the kernel's positions say.

    Parameters
    ----------
    img : Image
        The source.
    kind, numbers : str, numpy.ndarray
        See :func:`vfx._ext.warp.warp`.
    window : (x0, y0, x1, y1)
        The result's data window.
    filter, edge : str
        How to sample, and what stands outside the data window of ``img``.
    uv : Image, optional
        The map of kind ``"map"``.
    changes : optional
        Other properties of the result, arguments of :class:`vfx.Image`.

    Raises
    ------
    ValueError
        If there is no such filter or edge, or the window is too large.
    """
    from vfx._ext.warp import warp

    x0, y0, x1, y1 = box("window", window)
    size = (x1 - x0 + 1, y1 - y0 + 1)
    if size[0] * size[1] > MOST_PIXELS:
        raise ValueError(f"a picture may have {MOST_PIXELS} pixels, the window {(x0, y0, x1, y1)} has more")
    code, tables = edge_code(edge), filter_tables(filter)
    kept = {"data_window": (x0, y0, x1, y1), "display_window": img.display_window}
    out = new_image(img, size=size, **(kept | changes))
    count = max(thread_count(img), thread_count(out))
    warp(img.pixels, out.pixels, kind, numbers, None if uv is None else uv.pixels, tables, code, count)
    return out
