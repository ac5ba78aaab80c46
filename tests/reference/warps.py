"""Warps in float64, pixel by pixel, from the definitions in the guide: slow, and nothing in common with the kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vfx.ops import filters

__all__ = ["footprint", "inverse_of", "sample", "source_index", "warped"]

Floats = NDArray[np.float64]
#: Pixel coordinates of the result → of the source; NaN is nowhere.
Positions = Callable[[float, float], tuple[float, float]]

#: Distances and fractions this near to a filter's end, or a width this near to 1, are taken to be it.
TIE = 1e-7


def source_index(i: int, n: int, edge: str) -> int:
    """The sample that stands for sample ``i`` of ``n``; -1 is black."""
    if 0 <= i < n:
        return i
    if edge == "black":
        return -1
    if edge == "clamp":
        return min(max(i, 0), n - 1)
    if edge == "wrap":
        return i % n
    return min(i % (2 * n), 2 * n - 1 - i % (2 * n))


def footprint(jacobian: Floats) -> Floats:
    """(J Jᵀ)^½ with eigenvalues of at least 1."""
    values, vectors = np.linalg.eigh(jacobian @ jacobian.T)
    widths = np.sqrt(np.maximum(values, 0.0))
    widths = np.where(widths <= 1.0 + TIE, 1.0, widths)
    return (vectors * widths) @ vectors.T


def sample(source: Floats, u: float, v: float, *, shape: filters.Filter, reach: Floats, edge: str) -> Floats:
    """The weighted mean around (u, v), where sample i lies at i + ½."""
    height, width, count = source.shape
    if not np.isfinite([u, v]).all():
        return np.zeros(count)
    u, v = u - 0.5, v - 0.5
    if shape.nearest:
        xs, ys = np.array([int(np.floor(u + 0.5 + TIE))]), np.array([int(np.floor(v + 0.5 + TIE))])
        weights = np.ones((1, 1))
    else:
        half_x, half_y = shape.radius * np.abs(reach).sum(axis=1) + TIE
        xs = np.arange(int(np.ceil(u - half_x)), int(np.floor(u + half_x)) + 1)
        ys = np.arange(int(np.ceil(v - half_y)), int(np.floor(v + half_y)) + 1)
        inverse = np.linalg.inv(reach)
        dx, dy = np.meshgrid(xs - u, ys - v)
        weights = _value(shape, inverse[0, 0] * dx + inverse[0, 1] * dy) * _value(
            shape, inverse[1, 0] * dx + inverse[1, 1] * dy
        )
        weights = weights / weights.sum()
    total = np.zeros(count)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            sy, sx = source_index(int(y), height, edge), source_index(int(x), width, edge)
            if weights[j, i] != 0.0 and sy >= 0 and sx >= 0:
                total += weights[j, i] * source[sy, sx]
    return total


def _value(shape: filters.Filter, x: Floats) -> Floats:
    """The filter; what is as far as its end, but for a tie, is at its end."""
    away = np.abs(x)
    return shape(np.where(np.abs(away - shape.radius) <= TIE, shape.radius, away))


def inverse_of(matrix: Floats) -> Positions:
    """Where a matrix takes the result's points from."""
    inverse = np.linalg.inv(matrix)

    def at(x: float, y: float) -> tuple[float, float]:
        u, v, w = inverse @ (x, y, 1.0)
        return (u / w, v / w) if w > 0.0 else (np.nan, np.nan)

    return at


def warped(
    source: Floats, positions: Positions, size: tuple[int, int], *, filter: str, edge: str, one_sided: bool = False
) -> Floats:
    """The result, (height, width, C); slopes are exact by central differences, or the smaller of one-sided ones."""
    shape = filters.find(filter)
    width, height = size
    out = np.zeros((height, width, source.shape[2]))
    step = 1.0 if one_sided else 1e-4
    for y in range(height):
        for x in range(width):
            here = np.array(positions(x + 0.5, y + 0.5))
            slopes = []
            for dx, dy in ((step, 0.0), (0.0, step)):
                after = np.array(positions(x + 0.5 + dx, y + 0.5 + dy))
                before = np.array(positions(x + 0.5 - dx, y + 0.5 - dy))
                slopes.append(_smaller(here - before, after - here) if one_sided else (after - before) / (2 * step))
            jacobian = np.array(slopes).T
            reach = np.eye(2) if not np.isfinite(jacobian).all() else footprint(jacobian)
            out[y, x] = sample(source, here[0], here[1], shape=shape, reach=reach, edge=edge)
    return out


def _smaller(back: Floats, forth: Floats) -> Floats:
    """By coordinate the difference that is nearer to 0; 0 where there is none."""
    back = np.where(np.isfinite(back), back, np.inf)
    forth = np.where(np.isfinite(forth), forth, np.inf)
    found = np.where(np.abs(back) < np.abs(forth), back, forth)
    return np.where(np.isfinite(found), found, 0.0)
