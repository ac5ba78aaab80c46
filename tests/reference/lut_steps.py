"""The engine's 1D table steps beyond even entries, in plain float64 NumPy; see ``engine_steps``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Table = NDArray[np.float32]

HALVES = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)


def _each(x: Values, function: Callable[[Values, int], Values]) -> Values:
    return np.concatenate([np.stack([function(x[:, c], c) for c in range(3)], axis=1), x[:, 3:]], axis=1)


def lut1d_half(x: Values, p: Sequence[float], table: Table) -> Values:
    """Between the half towards zero and the next one away from it; the entry of a NaN for NaN."""

    def look_up(v: Values, c: int) -> Values:
        side = np.where(np.signbit(v), 0x8000, 0)
        size = np.clip(np.nan_to_num(np.abs(v), nan=0.0, posinf=65504.0), 0, 65504)
        low = np.searchsorted(HALVES[:0x7C00], size, side="right") - 1
        high = np.minimum(low + 1, 0x7BFF)
        width = HALVES[high] - HALVES[low]
        share = np.divide(size - HALVES[low], width, out=np.zeros_like(size), where=width > 0)
        values = table[:, c].astype(np.float64)
        between = (1 - share) * values[low | side] + share * values[high | side]
        return np.where(np.isnan(v), values[0x7E00 | side], between)

    return _each(x, look_up)


def lut1d_knots(x: Values, p: Sequence[float], table: Table) -> Values:
    """Lines through knots, from the first of equal knots."""

    def look_up(v: Values, c: int) -> Values:
        knots, values = table[c].astype(np.float64), table[3 + c].astype(np.float64)
        v = np.clip(np.where(np.isnan(v), knots[0], v * p[c]), knots[0], knots[-1])
        right = np.clip(np.searchsorted(knots, v, side="left"), 1, len(knots) - 1)
        rise = knots[right] - knots[right - 1]
        share = np.divide(v - knots[right - 1], rise, out=np.zeros_like(v), where=rise > 0)
        return (1 - share) * values[right - 1] + share * values[right]

    return _each(x, look_up)


def lut1d_cubic(x: Values, p: Sequence[float], table: Table) -> Values:
    """The polynomial of each segment; the last entry is a constant."""

    def look_up(v: Values, c: int) -> Values:
        rows = table[c].astype(np.float64).reshape(-1, 4)
        at = (np.nan_to_num(v, nan=p[c], posinf=1e30, neginf=-1e30) - p[c]) * p[3 + c]
        at = np.clip(at, 0, len(rows) - 1)
        k = at.astype(int)
        t = at - k
        return rows[k, 0] + t * (rows[k, 1] + t * (rows[k, 2] + t * rows[k, 3]))

    return _each(x, look_up)


def kept_hue(before: Values, after: Values) -> Values:
    """``after`` with its middle channel as far between the outer two as it was in ``before``."""
    out = after.copy()
    for n in range(len(before)):
        # Of equal channels the later one is the larger.
        low, mid, high = np.argsort(before[n, :3], kind="stable")
        chroma = before[n, high] - before[n, low]
        share = (before[n, mid] - before[n, low]) / chroma if chroma > 0 and np.isfinite(chroma) else 0.0
        out[n, mid] = after[n, low] + share * (after[n, high] - after[n, low])
    return out
