"""Which samples a resampled pixel takes, and how much of each: one table for the columns, one for the rows.

A pixel's centre lies at .5. Pixel ``i`` of the result stands over ``(i + 0.5 - offset) / scale`` of the source; the
filter is as wide as its radius in pixels of the source, or of the result where that is coarser (``scale`` < 1), so that
what cannot be shown is taken out. Weights are worked out in float64 and divided by
their sum; where that is 0 the pixel is 0, as OpenImageIO's.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfx.ops.filters import Filter

__all__ = ["MOST_WEIGHTS", "Axis", "Table", "table"]

#: First sample and number of samples of each pixel (int32), and their weights (float32), a row for each pixel.
Table = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]

#: Weights of one axis that are still worked out: enough for four million samples.
MOST_WEIGHTS = 1 << 25

# Tables are kept up to this many weights: those of pictures 40 000 pixels wide.
_KEPT_WEIGHTS = 1 << 18

# What a filter has left of its exact zeros after float64 arithmetic, of a sum of 1.
_NOTHING = 1e-9

# Distances are rounded to this many decimals: a sample at a filter's very end is there on both sides, or on none.
_DECIMALS = 9


class Axis(NamedTuple):
    """Where the pixels of one axis come from.

    Attributes
    ----------
    size : int
        Samples of the source.
    pixels : int
        Pixels of the result.
    scale : float
        Pixels of the result for each sample.
    offset : float
        Where the source's outer edge lies in the result, in pixels of the result.
    """

    size: int
    pixels: int
    scale: float
    offset: float = 0.0


def table(axis: Axis, filter: Filter, edge: str) -> Table:
    """The samples and weights of every pixel of an axis; arrays that must not be written to.

    Raises
    ------
    ValueError
        If there would be more than ``MOST_WEIGHTS``.
    """
    weights = axis.pixels * _taps(axis, filter)
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"{axis.size} samples to {axis.pixels} pixels would take {weights} filter weights, at most {MOST_WEIGHTS}"
        )
    return _kept(axis, filter, edge) if weights <= _KEPT_WEIGHTS else _worked_out(axis, filter, edge)


def _widened(axis: Axis) -> float:
    """How much wider than its own radius a filter is, in samples."""
    return max(1.0, 1.0 / axis.scale)


def _taps(axis: Axis, filter: Filter) -> int:
    """How many samples a pixel takes at most."""
    return 1 if filter.nearest else math.floor(2.0 * filter.radius * _widened(axis)) + 2


def _worked_out(axis: Axis, filter: Filter, edge: str) -> Table:
    """The table of an axis."""
    at = (np.arange(axis.pixels) + 0.5 - axis.offset) / axis.scale
    if filter.nearest:
        first = np.floor(at).astype(np.int64)
        weights = np.ones((axis.pixels, 1))
    else:
        widened = _widened(axis)
        reach = filter.radius * widened
        first = np.floor(at - reach).astype(np.int64)
        distances = (first[:, np.newaxis] + np.arange(_taps(axis, filter)) + 0.5 - at[:, np.newaxis]) / widened
        weights = filter(np.round(distances, _DECIMALS))
        whole = weights.sum(axis=1, keepdims=True)
        weights /= np.where(whole == 0.0, 1.0, whole)  # a shape of one's own may see nothing: 0
        weights[np.abs(weights) < _NOTHING] = 0.0
    if edge != "wrap":
        first, weights = _folded(first, weights, axis.size, edge)
    return _packed(*_trimmed(first, weights))


_kept = lru_cache(maxsize=32)(_worked_out)


def _source(index: NDArray[np.int64], size: int, edge: str) -> NDArray[np.int64]:
    """The samples that stand for samples ``index``; those outside are -1 where the edge is black."""
    if edge == "clamp":
        return np.clip(index, 0, size - 1)
    if edge == "mirror":
        index = index % (2 * size)
        return np.minimum(index, 2 * size - 1 - index)
    return np.where((index >= 0) & (index < size), index, -1)


def _folded(
    first: NDArray[np.int64], weights: NDArray[np.float64], size: int, edge: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The weights of samples outside the source given to those that stand for them."""
    taps = weights.shape[1]
    outside = (first < 0) | (first + taps > size)
    if not outside.any():
        return first, weights
    index = _source(first[outside, np.newaxis] + np.arange(taps), size, edge)
    lost = index < 0
    low = np.where(lost, size, index).min(axis=1)
    low = np.where(low == size, 0, low)
    wide = max(1, int((index.max(axis=1) - low).max()) + 1)
    folded = np.zeros((len(index), max(wide, taps)))
    lines = np.broadcast_to(np.arange(len(index))[:, np.newaxis], index.shape)
    np.add.at(folded, (lines[~lost], (index - low[:, np.newaxis])[~lost]), weights[outside][~lost])
    result = np.zeros((len(weights), folded.shape[1]))
    result[:, :taps] = weights
    result[outside] = folded
    first = first.copy()
    first[outside] = low
    return first, result


def _trimmed(
    first: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """First, count and weights without the zeros at both ends: what a pixel does not take cannot spoil it."""
    taken = weights != 0.0
    lead = taken.argmax(axis=1)
    count = np.where(taken.any(axis=1), weights.shape[1] - taken[:, ::-1].argmax(axis=1) - lead, 0)
    places = np.minimum(lead[:, np.newaxis] + np.arange(max(1, int(count.max()))), weights.shape[1] - 1)
    return np.where(count > 0, first + lead, 0), count, np.take_along_axis(weights, places, axis=1)


def _packed(first: NDArray[Any], count: NDArray[Any], weights: NDArray[np.float64]) -> Table:
    """The table as kernels take it; the rounding of the weights to float32 is made good on the largest."""
    weights = np.where(np.arange(weights.shape[1]) < count[:, np.newaxis], weights, 0.0)
    rounded = weights.astype(np.float32)
    lost = weights.sum(axis=1) - rounded.sum(axis=1, dtype=np.float64)
    largest = (np.arange(len(weights)), np.abs(weights).argmax(axis=1))
    rounded[largest] = (rounded[largest] + lost).astype(np.float32)
    found = first.astype(np.int32), count.astype(np.int32), np.ascontiguousarray(rounded)
    for array in found:
        array.flags.writeable = False
    return found
