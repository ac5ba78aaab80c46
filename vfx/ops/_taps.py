"""Kernels as lists of taps: how far down and to the right each pixel lies, and what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vfx._ext import convolve as _kernels
from vfx.ops._pictures import new_image, thread_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["NO_TAPS", "Taps", "correlated", "taps_of"]


class Taps(NamedTuple):
    """A kernel without its zeros.

    Parameters
    ----------
    places : numpy.ndarray of int32, (N, 2)
        Rows down and columns to the right.
    weights : numpy.ndarray of float32, (N,)
        Their weights.
    """

    places: NDArray[np.int32]
    weights: NDArray[np.float32]


NO_TAPS = Taps(np.empty((0, 2), np.int32), np.empty(0, np.float32))


def taps_of(kernel: NDArray[Any]) -> Taps:
    """The taps of a (height, width) array whose middle, ``(height // 2, width // 2)``, stands on the result's pixel.

    A kernel of zeros alone keeps one tap, of weight 0.
    """
    weights = np.ascontiguousarray(kernel, dtype=np.float32)
    rows, columns = np.nonzero(weights)
    if not len(rows):
        return Taps(np.zeros((1, 2), np.int32), np.zeros(1, np.float32))
    middle = weights.shape[0] // 2, weights.shape[1] // 2
    places = np.stack([rows - middle[0], columns - middle[1]], axis=1).astype(np.int32)
    return Taps(np.ascontiguousarray(places), np.ascontiguousarray(weights[rows, columns]))


def correlated(img: Image, taps: Taps, more: Taps = NO_TAPS, *, edge: int) -> Image:
    """A new image: the taps' weighted sums of ``img``; with ``more`` the length of the two sums."""
    result = new_image(img)
    _kernels.correlate(img.pixels, result.pixels, *taps, *more, edge, thread_count(img))
    return result
