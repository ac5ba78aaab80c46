"""Kernels as lists of taps: how far down and to the right each pixel lies, and what it weighs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vfx._ext import convolve as _kernels
from vfx.ops._pictures import new_image, thread_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["NO_TAPS", "Taps", "correlated", "taps_of"]


#: From so many equal weights in a row on, means are quicker than the pixels.
LONG_RUN = 6
#: The largest level that the kernel knows.
MOST_LEVEL = 12


class Taps(NamedTuple):
    """A kernel without its zeros, its runs of equal weights gathered.

    Parameters
    ----------
    places : numpy.ndarray of int32, (N, 3)
        Rows down, columns to the right, and level: a tap is the mean of ``2**level`` pixels from there to the right.
    weights : numpy.ndarray of float32, (N,)
        Their weights.
    """

    places: NDArray[np.int32]
    weights: NDArray[np.float32]


NO_TAPS = Taps(np.empty((0, 3), np.int32), np.empty(0, np.float32))


def taps_of(kernel: NDArray[Any]) -> Taps:
    """The taps of a (height, width) array whose middle, ``(height // 2, width // 2)``, stands on the result's pixel.

    A kernel of zeros alone keeps one tap, of weight 0.
    """
    weights = np.ascontiguousarray(kernel, dtype=np.float32)
    if not weights.any():
        return Taps(np.zeros((1, 3), np.int32), np.zeros(1, np.float32))
    middle = weights.shape[0] // 2, weights.shape[1] // 2
    rows, columns = np.nonzero(weights)
    if 2 * (np.count_nonzero(np.diff(weights)) + len(weights)) > len(rows):  # hardly any runs
        plain = np.stack([rows - middle[0], columns - middle[1], np.zeros_like(rows)], axis=1)
        return Taps(np.ascontiguousarray(plain, np.int32), np.ascontiguousarray(weights[rows, columns]))
    places: list[tuple[int, int, int]] = []
    found: list[float] = []
    for y, row in enumerate(weights):
        ends = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        for first, end in itertools.pairwise(ends):
            if row[first] != 0.0:
                for x, level in _powers(first, end - first):
                    places.append((y - middle[0], x - middle[1], level))
                    found.append(float(row[first]) * 2.0**level)
    return Taps(np.array(places, np.int32), np.array(found, np.float32))


def _powers(first: int, length: int) -> Iterator[tuple[int, int]]:
    """A run cut into places and levels whose pixels number powers of two; short runs into pixels."""
    short = length < LONG_RUN
    while length:
        level = 0 if short else min(length.bit_length() - 1, MOST_LEVEL)
        yield first, level
        first += 1 << level
        length -= 1 << level


def correlated(img: Image, taps: Taps, more: Taps = NO_TAPS, *, edge: int) -> Image:
    """A new image: the taps' weighted sums of ``img``; with ``more`` the length of the two sums."""
    result = new_image(img)
    _kernels.correlate(img.pixels, result.pixels, *taps, *more, edge, thread_count(img))
    return result
