"""The block of memory with which the engine's ``lut1d_knots`` step finds the knot below a value.

A search by halving takes as many steps as the knots have binary digits. Here the range of a channel's knots is cut
into as many buckets as there are knots, of equal width or of equal width on the scale of the float's own bits,
whichever leaves fewer knots in the fullest bucket; the search starts at the bucket's first knot. The bucket of a knot
is computed as the step computes that of a value, in float32, so rounding moves both alike.

::

    16 floats   kind (0 even, 1 by bits), steps, width W, buckets B, low ends or first keys, scales or shifts
    9 rows of W floats: red's, green's and blue's knots, their values, the knot before each bucket
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["knot_block"]

HEADER = 16
Rows = NDArray[np.float32]
_FEWEST_BITS = 8  # keys then fit into a float


def knot_block(rows: Rows) -> Rows:
    """The block for rows of knots and values, (1, M) float32.

    Parameters
    ----------
    rows : numpy.ndarray, (6, K), float32
        Three rows of knots that do not fall, then the values at them.
    """
    count = rows.shape[1]
    kinds = [[_even(row, count) for row in rows[:3]], [_by_bits(row, count) for row in rows[:3]]]
    spans = [max(_span(buckets, count) for _, _, buckets in kind) for kind in kinds]
    kind = int(spans[1] < spans[0])
    steps = int(spans[kind]).bit_length()
    width = count + (1 << steps)
    block = np.zeros(HEADER + 9 * width, np.float32)
    block[:4] = kind, steps, width, count
    table = block[HEADER:].reshape(9, width)
    table[:6, :count], table[:6, count:] = rows, rows[:, -1:]
    for c, (low, scale, buckets) in enumerate(kinds[kind]):
        block[4 + c], block[7 + c] = low, scale
        table[6 + c, :count] = _before(buckets, count)
    return block[np.newaxis]


def _even(knots: Rows, count: int) -> tuple[float, float, NDArray[np.int64]]:
    """The low end, the buckets per unit, and the bucket of each knot."""
    with np.errstate(over="ignore", invalid="ignore"):
        scale = np.float32(count - 1) / (knots[-1] - knots[0]) if knots[-1] > knots[0] else np.float32(0)
        scale = scale if np.isfinite(scale) else np.float32(0)
        places = np.nan_to_num((knots - knots[0]) * scale)
    return float(knots[0]), float(scale), np.clip(places, 0, count - 1).astype(np.int64)


def _by_bits(knots: Rows, count: int) -> tuple[float, float, NDArray[np.int64]]:
    """The first key, how far keys are shifted, and the bucket of each knot. Keys are in the order of the numbers."""
    bits = (knots + np.float32(0)).view(np.int32)
    keys = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64)
    shift = _FEWEST_BITS
    while (keys[-1] >> shift) - (keys[0] >> shift) >= count:
        shift += 1
    first = keys[0] >> shift
    return float(first), float(shift), np.clip((keys >> shift) - first, 0, count - 1)


def _before(buckets: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The last knot before each bucket, the first knot where there is none."""
    return np.maximum(np.searchsorted(buckets, np.arange(count)) - 1, 0)


def _span(buckets: NDArray[np.int64], count: int) -> int:
    """How far the search may have to go from the knot before a bucket."""
    last = np.searchsorted(buckets, np.arange(count), side="right") - 1
    return int(np.max(last - _before(buckets, count)))
