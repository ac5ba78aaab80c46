"""The engine's 1D table steps beyond even entries, in plain float64 NumPy; see ``engine_steps``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

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


def _tetrahedra(table: Table) -> tuple[Values, Values, Values, Values]:
    """Of all tetrahedra of the table and the layer around it: first corner, edges' inverse, its steps, its cell."""
    inner = np.clip(np.arange(-1, len(table) + 1), 0, len(table) - 1)
    nodes = table[np.ix_(inner, inner, inner)][..., :3].astype(np.float64)
    outside = np.ones(nodes.shape[:3], bool)
    outside[1:-1, 1:-1, 1:-1] = False
    nodes[outside] = 0.5 + 4.0 * (nodes[outside] - 0.5)
    cells = np.indices((len(inner) - 1,) * 3).reshape(3, -1).T
    found: list[tuple[Values, ...]] = []
    for order in permutations(range(3)):
        steps = np.eye(3, dtype=int)[list(order)].cumsum(axis=0)
        first = nodes[tuple(cells.T)]
        edges = np.stack([nodes[tuple((cells + step).T)] - first for step in steps], axis=-1)
        solid = np.abs(np.linalg.det(edges)) > 1e-12
        count = int(solid.sum())
        found.append((first[solid], np.linalg.inv(edges[solid]), np.repeat(steps[None], count, 0), cells[solid] - 1.0))
    corners, inverses, steps_of, places = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return corners, inverses, steps_of, places


def lut3d_inverse(x: Values, p: Sequence[float], table: Table) -> Values:
    """Where in the table each colour stands: the tetrahedron, of all, that holds it best."""
    corners, inverses, steps, places = _tetrahedra(table)
    colours = np.where(np.isnan(x[:, :3]), 0.0, np.clip(x[:, :3], 0, 1))
    at = np.empty_like(colours)
    fixed = np.einsum("tij,tj->ti", inverses, corners)
    for part in np.array_split(np.arange(len(colours)), 1 + len(colours) // 512):
        weights = np.einsum("tij,nj->nti", inverses, colours[part], optimize=True) - fixed
        best = np.argmax(np.minimum(weights.min(axis=2), 1 - weights.sum(axis=2)), axis=1)
        chosen = np.take_along_axis(weights, best[:, None, None], axis=1)[:, 0]
        at[part] = places[best] + np.einsum("ni,nij->nj", chosen, steps[best])
    low, high = np.asarray(p[:3]), np.asarray(p[3:6])
    rgb = low + np.clip(at, 0, len(table) - 1) / (len(table) - 1) * (high - low)
    return np.concatenate([rgb, x[:, 3:]], axis=1)
