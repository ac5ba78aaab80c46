"""Fractional erosion in float64, straight from its definition: every point within reach is looked at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["shrunk"]

Array = NDArray[np.float64]
_MODES: dict[str, Any] = {"clamp": "edge", "black": "constant", "mirror": "symmetric", "wrap": "wrap"}


def _between(row_of: Any, at: float) -> Array:
    """The straight line between two whole positions."""
    whole = math.floor(at)
    part = at - whole
    return np.asarray(row_of(whole) if part == 0 else (1 - part) * row_of(whole) + part * row_of(whole + 1))


def _least(row_of: Any, half: float) -> Array:
    """The least within ``half`` on either side."""
    whole = math.floor(half)
    found = [row_of(k) for k in range(-whole, whole + 1)]
    if half > whole:
        found += [_between(row_of, half), _between(row_of, -half)]
    return np.asarray(np.minimum.reduce(found))


def shrunk(matte: Array, size: float, shape: str, edge: str) -> Array:
    """``matte_erode`` of an (H, W) matte; a negative size is ``matte_dilate``."""
    if size < 0:
        return -shrunk(-matte, -size, shape, edge)
    reach = math.ceil(size)
    height, width = matte.shape
    wide = np.pad(matte, reach, mode=_MODES[edge])

    def moved(source: Array, dy: int, dx: int) -> Array:
        rows = source.shape[0] - 2 * reach if source.shape[0] > height else height
        return source[reach + dy : reach + dy + rows, reach + dx : reach + dx + width]

    if shape == "square":
        across = _least(lambda dx: wide[:, reach + dx : reach + dx + width], size)
        return _least(lambda dy: across[reach + dy : reach + dy + height], size)
    found = [
        _least(lambda dx, dy=dy: moved(wide, dy, dx), math.sqrt(max(size * size - dy * dy, 0.0)))
        for dy in range(-math.floor(size), math.floor(size) + 1)
    ]
    for dx in range(-math.floor(size), math.floor(size) + 1):
        half = math.sqrt(max(size * size - dx * dx, 0.0))
        found += [_between(lambda dy, dx=dx: moved(wide, dy, dx), end) for end in (half, -half)]
    return np.asarray(np.minimum.reduce(found))
