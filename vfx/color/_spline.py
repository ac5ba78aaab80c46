"""Piecewise cubic curves through points: the slopes, the pieces, and the engine's tables of them.

Between two points a curve is the cubic with given slopes at both ends (Hermite). The slopes inside are the weighted
harmonic means of F. N. Fritsch and J. Butland, "A Method for Constructing Local Monotone Piecewise Cubic
Interpolants" (SIAM J. Sci. Stat. Comput. 5, 1984), as in PCHIP: 0 at a local extreme, and within the bounds that F. N.
Fritsch and R. E. Carlson, "Monotone Piecewise Cubic Interpolation" (SIAM J. Numer. Anal. 17, 1980) prove to keep a
piece monotone. The slopes at the two ends are those without curvature there, ``(3 secant - neighbour) / 2``: PCHIP's
own may be 0, and the straight lines beyond the ends would then lose every highlight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Pieces", "forward", "reverse", "slopes", "table"]

Array = npt.NDArray[np.float64]

# Entries of the engine's tables: the first that holds the curve in registers, or has one knot a bucket, or the last.
_IN_REGISTERS = (16, 32, 64)
_IN_MEMORY = (128, 256, 512, 1024, 2048, 4096)
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Pieces:
    """The pieces of one curve, in the columns that the engine reads.

    Parameters
    ----------
    columns : numpy.ndarray, (5 or 8, pieces)
        FROM, BASE, SLOPE, SQUARE, CUBE; for an inverse also START, LEAST and MOST.
    knots : numpy.ndarray, (pieces - 1,)
        Where one piece ends and the next begins; float32 numbers, rising.
    ends : (float, float)
        What minus infinity and infinity become.
    """

    columns: Array
    knots: Array
    ends: tuple[float, float]


def slopes(x: Array, y: Array) -> Array:
    """The slope of the curve at each point.

    Parameters
    ----------
    x, y : numpy.ndarray, (N,)
        Two points or more, x rising.

    Returns
    -------
    numpy.ndarray, (N,)
        dy/dx.

    Examples
    --------
    >>> slopes(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])).tolist()
    [1.0, 1.0, 1.0]
    """
    width = np.diff(x)
    secant = np.diff(y) / width
    if len(x) == 2:
        return np.repeat(secant, 2)
    before, after = secant[:-1], secant[1:]
    w_before, w_after = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    turns = before * after <= 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(turns, 0.0, (w_before + w_after) / (w_before / before + w_after / after))
    first, last = 1.5 * secant[0] - 0.5 * inside[0], 1.5 * secant[-1] - 0.5 * inside[-1]
    return np.concatenate([[first], inside, [last]])


def _cubics(x: Array, y: Array) -> Array:
    """FROM, BASE, SLOPE, SQUARE, CUBE of the line before, the pieces, and the line after; (5, N + 1)."""
    slope, width = slopes(x, y), np.diff(x)
    secant = np.diff(y) / width
    square = (3 * secant - 2 * slope[:-1] - slope[1:]) / width
    cube = (slope[:-1] + slope[1:] - 2 * secant) / width**2
    none = [0.0]
    return np.stack(
        [
            np.concatenate([x[:1], x]),
            np.concatenate([y[:1], y]),
            np.concatenate([slope[:1], slope]),
            np.concatenate([none, square, none]),
            np.concatenate([none, cube, none]),
        ]
    )


def _at_infinity(slope: float, value: float, sign: float) -> float:
    """Where a line ends."""
    return float(np.copysign(np.inf, sign * slope)) if slope else value


def forward(x: Array, y: Array) -> Pieces:
    """The curve through points.

    Parameters
    ----------
    x, y : numpy.ndarray, (N,)
        Two points or more; x float32 numbers, rising.
    """
    columns = _cubics(x, y)
    slope = columns[2]
    return Pieces(columns, x, (_at_infinity(slope[0], y[0], -1.0), _at_infinity(slope[-1], y[-1], 1.0)))


def reverse(x: Array, y: Array) -> Pieces:
    """The inverse of the curve through points.

    Parameters
    ----------
    x, y : numpy.ndarray, (N,)
        Two points or more; both rise, y in float32 too.
    """
    start, base, slope, square, cube = _cubics(x, y)
    width = np.diff(x)
    # Newton's method cannot miss from the point of inflection, or from the steeper end where a piece has none.
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = np.where(cube[1:-1] == 0.0, -1.0, -square[1:-1] / (3.0 * cube[1:-1]))
    steeper = np.where(slope[1:-1] >= slope[2:], 0.0, width)
    begin = np.where((bend > 0.0) & (bend < width), bend, steeper)
    columns = np.stack(
        [
            base,
            start,
            slope,
            square,
            cube,
            np.concatenate([[0.0], begin, [0.0]]),
            np.concatenate([[-_LARGEST], np.zeros(len(width) + 1)]),
            np.concatenate([[0.0], width, [_LARGEST]]),
        ]
    )
    return Pieces(columns, y, (-np.inf, np.inf))


def _buckets(knots: Array, entries: int) -> tuple[Array, float, float, int]:
    """FIRST, low end and scale of so many buckets, and how many knots share the fullest one.

    The arithmetic is the engine's float32. Rounding keeps order: a value in a later bucket than a knot's is beyond it.
    """
    low, high = np.float32(knots[0]), np.float32(knots[-1])
    with np.errstate(over="ignore"):
        scale = np.float32(min(entries / (float(high) - float(low)), _LARGEST))
        place = np.clip((np.float32(knots) - low) * scale, 0, np.float32(entries - 1)).astype(np.int64)
    counts = np.bincount(place, minlength=entries)
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.float64), float(low), float(scale), int(counts.max())


def table(curves: list[Pieces]) -> tuple[npt.NDArray[np.float32], list[tuple[float, float]], int, int]:
    """The engine's table of some curves of one kind, their low ends and scales, its entries, and how many comparisons.

    Parameters
    ----------
    curves : list of Pieces
        One to three.
    """
    most = max(curve.columns.shape[1] for curve in curves) + 1
    for entries in _IN_REGISTERS + _IN_MEMORY:
        found = [_buckets(curve.knots, entries) for curve in curves]
        refine = max(each[3] for each in found)
        if most <= entries and (entries in _IN_REGISTERS or refine == 1):
            break
    blocks = []
    for curve, (first, *_) in zip(curves, found, strict=True):
        block = np.zeros((len(curve.columns) + 1, entries))
        block[0] = np.inf
        kept = np.insert(curve.columns, 5, 0.0, axis=0)
        block[:, : kept.shape[1]] = kept
        block[5] = first
        blocks.append(block)
    numbers = np.concatenate([block.ravel() for block in blocks]).astype(np.float32)
    return numbers[:, None], [(low, scale) for _, low, scale, _ in found], entries, refine
