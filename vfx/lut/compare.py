"""How far two LUTs are apart, of whatever kinds they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.lut._base import Curve, Table, Triple3
from vfx.lut.chain import LutChain
from vfx.lut.half import HalfLut1D
from vfx.lut.knots import undoing
from vfx.lut.lut3d import Lut3D

__all__ = ["LutComparison", "compare", "measure"]

#: The most points along an axis of a comparison in three dimensions: 2.1 million colours, 50 MB.
_MOST_ALONG = 129
#: Curves with more entries than this are compared at their entries only.
_MOST_BETWEEN = 1 << 19


@dataclass(frozen=True)
class LutComparison:
    """The differences between two LUTs, over the colours that both were asked for.

    Attributes
    ----------
    max_error : float
        The largest absolute difference of a channel.
    mean_error : float
        The mean absolute difference of the channels.
    rms_error : float
        The root of the mean squared difference.
    at : (float, float, float)
        The input colour with the largest difference.
    first, second : (float, float, float)
        What either LUT makes of that colour.
    points : int
        How many colours were compared.
    """

    max_error: float
    mean_error: float
    rms_error: float
    at: Triple3
    first: Triple3
    second: Triple3
    points: int

    def __str__(self) -> str:
        """One line for people."""
        at = ", ".join(f"{value:.6g}" for value in self.at)
        return f"max {self.max_error:.3g} at ({at}), mean {self.mean_error:.3g}, rms {self.rms_error:.3g}"


def compare(first: Any, second: Any) -> LutComparison:
    """How far two LUTs are apart.

    Raises
    ------
    TypeError
        If one of them is no LUT.
    """
    for one in (first, second):
        if not isinstance(one, (Table, LutChain)):
            raise TypeError(f"compare takes 1D LUTs, cubes and chains, got {type(one).__name__}")
    parts = [part for one in (first, second) for part in (one.luts if isinstance(one, LutChain) else (one,))]
    starts = [one.luts[0] if isinstance(one, LutChain) else one for one in (first, second)]
    if any(isinstance(part, Lut3D) for part in parts):
        colours = _lattice(starts, parts)
    else:
        colours = np.stack([_along(starts, c) for c in range(3)], axis=1)
    return measure(colours, first.apply(colours), second.apply(colours))


def measure(colours: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> LutComparison:
    """The differences between two lookups, (M, 3), of the same colours."""
    errors = np.abs(first.astype(np.float64) - second.astype(np.float64))
    worst = int(np.argmax(errors.max(axis=1)))
    at, one, two = (_triple(values[worst]) for values in (colours, first, second))
    rms = float(np.sqrt((errors**2).mean()))
    return LutComparison(float(errors.max()), float(errors.mean()), rms, at, one, two, len(colours))


def _triple(values: NDArray[Any]) -> Triple3:
    """Three numbers of an array."""
    return float(values[0]), float(values[1]), float(values[2])


def _beyond(nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nodes with a point beyond either end."""
    reach = 0.25 * (nodes[-1] - nodes[0])
    return np.concatenate([[nodes[0] - reach], nodes, [nodes[-1] + reach]])


def _along(starts: list[Any], channel: int) -> NDArray[np.float64]:
    """The entries of all curves, and what lies half-way between them; as many for each channel."""
    columns = []
    for c in range(3):
        nodes = np.unique(np.concatenate([one._points(c)[0] for one in starts if isinstance(one, Curve)]))
        nodes = nodes.astype(np.float32).astype(np.float64)
        if len(nodes) < _MOST_BETWEEN:
            nodes = np.unique(np.concatenate([nodes, 0.5 * (nodes[1:] + nodes[:-1])]))
        columns.append(_beyond(nodes))
    longest = max(map(len, columns))
    return np.resize(columns[channel], longest)


def _spread(start: Any, channel: int, count: int) -> NDArray[np.float64]:
    """Inputs over the range of a LUT: at even steps of what a curve makes of them, else even themselves."""
    low, high = start.domain_min[channel], start.domain_max[channel]
    if isinstance(start, HalfLut1D):
        return np.linspace(-1.0, 64.0, count)
    if not isinstance(start, Curve):
        return np.linspace(low, high, count)
    made = undoing(start, channel)
    codes = np.linspace(made.outputs[0], made.outputs[-1], count)
    return np.concatenate([[low], np.interp(codes, made.outputs, made.inputs), [high]])


def _lattice(starts: list[Any], parts: list[Any]) -> NDArray[np.float64]:
    """Colours at the entries of the finest cube and half-way between them, through the curves before it."""
    size = max(part.size for part in parts if isinstance(part, Lut3D))
    count = min(2 * size - 1, _MOST_ALONG)
    axes = []
    for c in range(3):
        nodes = np.unique(np.concatenate([_spread(one, c, count) for one in starts]))
        if len(nodes) > _MOST_ALONG:
            nodes = nodes[np.linspace(0, len(nodes) - 1, _MOST_ALONG).round().astype(int)]
        axes.append(_beyond(nodes))
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
