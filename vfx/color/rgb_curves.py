"""Curves through control points, one for each of red, green and blue and one for all.

A curve runs through its points as a monotone piecewise cubic (see :mod:`vfx.color._spline` for the slopes and their
sources): between two points it never leaves the range of their values, so it has no overshoot. Before the first
and after the last point it goes on as a straight line with the slope it has there, so highlights and negative
values survive. The engine evaluates the cubics themselves, not a table of samples.

The master curve comes first, then the channel's own. NaN stays NaN; infinities follow the straight lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import ClassVar

import numpy as np

from vfx import checks
from vfx.color import _spline
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = ["Curves", "curves"]

Points = tuple[tuple[float, float], ...]
# What a curve is given as: two pairs (x, y) or more, x rising; None changes nothing.
ControlPoints = Sequence[Sequence[float]] | None

_MOST_POINTS = 1024


def _checked(name: str, given: object) -> Points:
    """The points of one curve."""
    if given is None:
        return ()
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be points [(x, y), …], got {given!r}")
    points = []
    for index, pair in enumerate(given):
        numbers = list(pair) if isinstance(pair, Iterable) and not isinstance(pair, (str, bytes)) else []
        if len(numbers) != 2:
            raise ValueError(f"{name}[{index}] must be a point (x, y), got {pair!r}")
        x, y = (checks.number(f"{name}[{index}]", number, low=-1e30, high=1e30) for number in numbers)
        points.append((x, y))
    if not 2 <= len(points) <= _MOST_POINTS:
        raise ValueError(f"{name} must have 2 to {_MOST_POINTS} points, got {len(points)}")
    for (before, _), (after, _) in pairwise(points):
        if not np.float32(before) < np.float32(after):
            raise ValueError(f"{name}: x must rise from point to point (in float32), got {before!r} and then {after!r}")
    return tuple(points)


def _arrays(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """The points as arrays, x rounded as the engine has it."""
    x, y = np.array(points).T
    return x.astype(np.float32).astype(np.float64), y


def _is_line(points: Points) -> bool:
    """Whether a curve changes nothing."""
    return all(x == y for x, y in points)


def _direction(points: Points) -> int:
    """1 when the values rise from point to point in float32, -1 when they fall, else 0."""
    steps = np.sign(np.diff(np.array(points)[:, 1].astype(np.float32)))
    return int(steps[0]) if (steps == steps[0]).all() else 0


def _step(kernel: str, parts: Sequence[_spline.Pieces | None]) -> Step:
    """One step for the three channels' curves; equal ones share their place in the table."""
    some: list[_spline.Pieces] = []
    index: list[float] = []
    for part in parts:
        if part is not None and not any(part is each for each in some):
            some.append(part)
        index.append(next((float(i) for i, each in enumerate(some) if each is part), -1.0))
    numbers, axes, entries, refine = _spline.table(some)
    rows = [(*axes[int(i)], *some[int(i)].ends) if i >= 0 else (0.0, 1.0, 0.0, 0.0) for i in index]
    low, scale, bottom, top = (tuple(column) for column in zip(*rows, strict=True))
    return Step(kernel, (*index, *low, *scale, *bottom, *top, float(entries), float(refine)), numbers)


def _forward(channels: tuple[Points, Points, Points]) -> tuple[Step, ...]:
    """The step of three curves; none where all of them change nothing."""
    made = {points: _spline.forward(*_arrays(points)) for points in set(channels) if not _is_line(points)}
    return (_step("cubic_curves", [made.get(points) for points in channels]),) if made else ()


def _reverse(channels: tuple[Points, Points, Points]) -> tuple[Step, ...]:
    """The way back: falling curves are mirrored, inverted as rising ones, and the results mirrored."""
    made = {}
    for points in set(channels):
        if not _is_line(points):
            x, y = _arrays(points)
            order = slice(None, None, _direction(points))
            made[points] = _spline.reverse(
                x[order] * _direction(points), y[order].astype(np.float32).astype(np.float64)
            )
    if not made:
        return ()
    mirrored = tuple(-1.0 if points in made and _direction(points) < 0 else 1.0 for points in channels)
    step = _step("cubic_curves_reverse", [made.get(points) for points in channels])
    return (step, Step("gain", mirrored)) if -1.0 in mirrored else (step,)


@dataclass(frozen=True, repr=False)
class Curves(PixelOp):
    """Curves through control points, or their way back.

    Parameters
    ----------
    r, g, b : points, optional
        The curve of each channel, pairs (x, y) with rising x; none changes nothing.
    master : points, optional
        A curve for all three, before theirs.
    reverse : bool
        Undo them instead; every curve must then rise, or fall, all the way.
    """

    r: Points = ()
    g: Points = ()
    b: Points = ()
    master: Points = ()
    reverse: bool = False
    name: ClassVar[str] = "curves"

    def __post_init__(self) -> None:
        """Check every point."""
        for each in ("r", "g", "b", "master"):
            object.__setattr__(self, each, _checked(each, getattr(self, each) or None))
            points = getattr(self, each)
            if self.reverse and points and _direction(points) == 0:
                raise NotInvertibleError(f"the curve {each} neither rises nor falls all the way: {list(points)}")

    def __repr__(self) -> str:
        """As the fluent method is written; a reverse op says so."""
        parts = [(each.name, getattr(self, each.name)) for each in fields(self)]
        shown = [f"{name}={list(value) if name != 'reverse' else value!r}" for name, value in parts if value]
        return f"curves({', '.join(shown)})"

    def steps(self) -> tuple[Step, ...]:
        """A step for the master curve and one for the channels, in the order of the direction."""
        master, channels = (self.master,) * 3, (self.r, self.g, self.b)
        if self.reverse:
            return _reverse(channels) + _reverse(master)
        return _forward(master) + _forward(channels)

    @property
    def is_identity(self) -> bool:
        """Whether every point of every curve lies on y = x."""
        return all(_is_line(points) for points in (self.r, self.g, self.b, self.master))

    def inverse(self) -> Curves:
        """The opposite direction.

        Raises
        ------
        NotInvertibleError
            If a curve neither rises nor falls all the way.
        """
        return Curves(self.r, self.g, self.b, self.master, not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing, except that curves and their own way back cancel."""
        if not isinstance(after, Curves) or after.reverse == self.reverse:
            return None
        return Curves() if after == Curves(self.r, self.g, self.b, self.master, not self.reverse) else None


def curves(
    *, r: ControlPoints = None, g: ControlPoints = None, b: ControlPoints = None, master: ControlPoints = None
) -> Curves:
    """The op of monotone cubic curves through control points.

    Parameters
    ----------
    r, g, b : sequence of (x, y), optional
        Two points or more, x rising.
    master : sequence of (x, y), optional
        A curve for all channels, applied before theirs.

    Returns
    -------
    Curves
        Frozen.

    Raises
    ------
    ValueError
        If a curve has fewer than two points, or x does not rise.

    Examples
    --------
    >>> curves(master=[(0, 0), (0.18, 0.2), (1, 1)]).inverse()
    curves(master=[(0.0, 0.0), (0.18, 0.2), (1.0, 1.0)], reverse=True)
    """
    return Curves(_checked("r", r), _checked("g", g), _checked("b", b), _checked("master", master))
