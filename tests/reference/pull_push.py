"""Edge extension in float64: a pyramid of weighted means down to one pixel, and back up where weight is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["extended"]

Array = NDArray[np.float64]


def _halved(values: Array, axis: int) -> Array:
    """Every second sample of the (1, 3, 3, 1)/8 mean, edges repeated."""
    values = np.moveaxis(values, axis, 0)
    count = (len(values) + 1) // 2
    at = np.clip(2 * np.arange(count)[:, None] + [-1, 0, 1, 2], 0, len(values) - 1)
    return np.moveaxis(np.einsum("nk...,k->n...", values[at], np.array([1, 3, 3, 1]) / 8), 0, axis)


def _doubled(values: Array, count: int, axis: int) -> Array:
    """Straight lines between samples whose cells are twice as large."""
    values = np.moveaxis(values, axis, 0)
    place = np.arange(count)
    near = place // 2
    far = np.clip(near + np.where(place % 2, 1, -1), 0, len(values) - 1)
    return np.moveaxis(0.75 * values[near] + 0.25 * values[far], 0, axis)


def _filled(weight: Array, colour: Array, boost: float) -> Array:
    """The colour (already times weight) with what is missing from coarser levels."""
    if weight.size == 1:
        return np.where(weight > 0, colour / np.where(weight > 0, weight, 1), 0)
    less, small = _halved(_halved(weight, 0), 1), _halved(_halved(colour, 0), 1)
    more = np.minimum(1, boost * less)
    small = small * np.where(less > 0, more / np.where(less > 0, less, 1), 0)
    coarse = _filled(more, small, boost)
    up = _doubled(_doubled(coarse, weight.shape[0], 0), weight.shape[1], 1)
    return np.asarray(colour + (1 - weight) * up)


def extended(colour: Array, alpha: Array, threshold: float, *, divide: bool = True, boost: float = 4.0) -> Array:
    """One (H, W) channel of ``edge_extend``."""
    trusted = alpha >= threshold
    with np.errstate(all="ignore"):
        plain: Any = colour / alpha if divide else colour
    kept = trusted & (np.abs(plain) < 1e37)
    filled = _filled(kept.astype(np.float64), np.where(kept, plain, 0.0), boost)
    return np.where(trusted, plain, filled)
