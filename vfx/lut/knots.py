"""The 1D curve through unevenly spaced knots, and the knots that undo a curve.

A search per value costs more than an index into an even table, but holds what its source said exactly:
a prelut of a few points, or the inverse of a curve, whose knots are the curve's with in and out exchanged.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.errors import NotInvertibleError
from vfx.lut._base import Curve, float_table

__all__ = ["KnotLut1D", "Undoing", "check_monotone", "knot_lists", "knot_rows", "undoing"]

#: The most knots of a curve.
MAX_KNOTS = 1 << 20
_CHANNELS = ("red", "green", "blue")
_INFINITY = np.float32(np.inf)

Lists = tuple[NDArray[np.float32], ...]


def knot_lists(x: Any, y: Any) -> tuple[Lists, Lists]:
    """Knots and values as one read-only array each, or three of each.

    Raises
    ------
    TypeError, ValueError
        If they are not lists of equal lengths, with knots that rise.
    """
    xs, ys = _lists("x", x), _lists("y", y)
    if len(xs) != len(ys):
        raise ValueError(f"x and y must both be one list or both be three, got {len(xs)} and {len(ys)}")
    for knots, values in zip(xs, ys, strict=True):
        if len(knots) != len(values):
            raise ValueError(f"each knot needs one value, got {len(knots)} knots and {len(values)} values")
        if not 2 <= len(knots) <= MAX_KNOTS:
            raise ValueError(f"a curve must have between 2 and {MAX_KNOTS} knots, got {len(knots)}")
        rises = knots[1:] > knots[:-1]
        if not rises.all():
            at = int(np.argmin(rises))
            raise ValueError(f"knots must rise, got {knots[at + 1]:g} behind {knots[at]:g}")
    return xs, ys


def _lists(name: str, given: Any) -> Lists:
    """One or three lists of numbers, float32, read-only copies."""
    several = not isinstance(given, np.ndarray) and len(given) == 3 and all(np.ndim(one) == 1 for one in given)
    own = []
    for one in given if several else (given,):
        values = float_table(one)
        if values.ndim != 1:
            raise ValueError(f"{name} must be one list of numbers, or three lists, got shape {values.shape}")
        own.append(np.array(values, np.float32))
        own[-1].setflags(write=False)
    return tuple(own)


class KnotLut1D(Curve):
    """An immutable 1D LUT of lines through unevenly spaced knots.

    Parameters
    ----------
    x : array_like, (K,), or a sequence of three
        The inputs of the knots, rising: one list for all channels, or one each for red, green and blue,
        which may differ in length. At least 2 and at most 1048576.
    y : array_like, (K,), or a sequence of three
        The output at each knot. Inputs outside the knots take the nearest end; NaN takes the first.
    title : str
        A name, kept in files that can hold one.

    Examples
    --------
    >>> curve = KnotLut1D([0.0, 0.125, 1.0], [0.0, 0.5, 1.0])
    >>> curve
    <KnotLut1D size=3>
    >>> curve.apply([0.0625, 0.5625]).tolist()
    [0.25, 0.75]
    """

    __slots__ = ("_x", "_y")
    interpolations: ClassVar[tuple[str, ...]] = ("linear",)

    _x: Lists
    _y: Lists

    def __init__(self, x: Any, y: Any, *, title: str = "") -> None:
        self._x, self._y = knot_lists(x, y)
        ends = [tuple(float(knots[end]) for knots in self._three(self._x)) for end in (0, -1)]
        self._set(self._y[0], ends, title)

    @staticmethod
    def _three(lists: Lists) -> Lists:
        """Red's, green's and blue's list."""
        return lists if len(lists) == 3 else lists * 3

    @property
    def x(self) -> Lists:
        """The knots, read-only: one array in a tuple, or three."""
        return self._x

    @property
    def y(self) -> Lists:
        """The values at the knots, read-only: one array in a tuple, or three."""
        return self._y

    @property
    def table(self) -> NDArray[np.float32]:
        """The values at red's knots, (K,); :attr:`y` has all channels."""
        return self._y[0]

    @property
    def size(self) -> int:
        """The number of knots, of the channel that has most."""
        return max(map(len, self._x))

    @property
    def channels(self) -> int:
        """1 when one curve serves all channels, else 3."""
        return len(self._x)

    def _points(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Knots and values of a channel, float64."""
        return self._three(self._x)[channel].astype(np.float64), self._three(self._y)[channel].astype(np.float64)

    def _values(self) -> tuple[NDArray[np.float32], ...]:
        """Knots and values of three channels."""
        return self._three(self._x) + self._three(self._y)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor, which makes the arrays read-only again."""
        return _rebuild, (tuple(map(np.array, self._x)), tuple(map(np.array, self._y)), self._title)

    def inverse(self) -> KnotLut1D:
        """The curve that undoes this one exactly: knots and values exchanged.

        Raises
        ------
        NotInvertibleError
            If a channel rises and falls, is constant, or is level over some stretch: knots cannot jump.
            The op ``Look().lut(curve).inverse()`` takes level stretches.

        Examples
        --------
        >>> KnotLut1D([0.0, 0.125, 1.0], [0.0, 0.5, 1.0]).inverse().apply([0.5]).tolist()
        [0.125]
        """
        check_monotone(self)
        for name, values in zip(_CHANNELS, self._y, strict=False):
            if (np.diff(values) == 0).any():
                raise NotInvertibleError(f"the {name} curve of this 1D LUT is level over some stretch")
        pairs = [(y, x) if y[0] < y[-1] else (y[::-1], x[::-1]) for x, y in zip(self._x, self._y, strict=True)]
        return _of([pair[0] for pair in pairs], [pair[1] for pair in pairs], self._title)

    def mix(self, strength: float) -> KnotLut1D:
        """A curve between the identity (0) and this one (1); values are still clamped to the ends.

        Examples
        --------
        >>> KnotLut1D([0, 1], [0, 2]).mix(0.5).y[0].tolist()
        [0.0, 1.5]
        """
        share = checks.number("strength", strength, low=0.0, high=1.0)
        mixed = [(1.0 - share) * x + share * y for x, y in zip(self._x, self._y, strict=True)]
        return _of(list(self._x), mixed, self._title)


def _of(x: list[Any], y: list[Any], title: str) -> KnotLut1D:
    """A curve of one or three lists."""
    return KnotLut1D(x if len(x) == 3 else x[0], y if len(y) == 3 else y[0], title=title)


def _rebuild(x: Lists, y: Lists, title: str) -> KnotLut1D:
    """Unpickle."""
    return _of(list(x), list(y), title)


def check_monotone(curve: Curve) -> None:
    """Nothing, when each channel rises, or falls, all the way.

    Raises
    ------
    NotInvertibleError
        If a channel rises and falls, or is constant.
    """
    for c, channel in enumerate(_CHANNELS):
        y = curve._points(c)[1]
        steps = np.diff(y)
        if (steps < 0).any() and (steps > 0).any():
            raise NotInvertibleError(f"the {channel} curve of this 1D LUT rises and falls, so it has no inverse")
        if y[0] == y[-1]:
            raise NotInvertibleError(f"the {channel} curve of this 1D LUT is constant, so it has no inverse")


class Undoing(NamedTuple):
    """The knots of a channel's inverse: outputs times ``sign``, which then rise, and the inputs that gave them."""

    outputs: NDArray[np.float64]
    inputs: NDArray[np.float64]
    sign: float


def undoing(curve: Curve, channel: int) -> Undoing:
    """The knots of the exact inverse of a curve's lines.

    Outputs beyond the curve's ends come from its ends. Level stretches at an end come from their inner end,
    so that the inverse is continuous there; level stretches inside come from their first input. Where a curve
    that rises falls back, it is taken to be level. A half-domain curve is treated so on both sides of zero,
    outwards from there. OpenColorIO 2 (lossless) does the same.
    """
    x, y = curve._points(channel)
    sign = -1.0 if y[-1] < y[0] else 1.0
    v, seam = y * sign, curve._seam
    above = np.maximum.accumulate(v[seam:])
    rest = np.flatnonzero(above > above[0])
    if len(rest):
        chosen = slice(rest[0] - 1, int(np.argmax(above == above[-1])) + 1)
        outputs, inputs = above[chosen], x[seam:][chosen]
    else:
        outputs, inputs = above[:1], x[seam : seam + 1]
    if seam:
        # Just below zero's own output the negative side begins, wherever that is.
        edge = np.nextafter(np.float32(outputs[0]), -_INFINITY)
        low, back = _below_zero(v[:seam], x[:seam], float(edge))
        outputs, inputs = np.concatenate([low, outputs]), np.concatenate([back, inputs])
    return Undoing(outputs, inputs, sign)


def _below_zero(
    v: NDArray[np.float64], x: NDArray[np.float64], edge: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The knots of the negative half of a half-domain curve, up to ``edge``."""
    v = np.minimum(np.minimum.accumulate(v[::-1])[::-1], edge)
    inner = int(np.argmax(v == v[-1]))
    if inner == 0:
        return np.array([edge]), np.array([-0.0])
    outer = int(np.flatnonzero(v == v[0])[-1])
    outputs, inputs = v[outer : inner + 1].copy(), x[outer : inner + 1]
    # A value takes the first of its knots, and of a level stretch that is to be the one nearest to zero.
    level = np.flatnonzero(outputs[:-1] == outputs[1:])
    outputs[level] = np.nextafter(outputs[level].astype(np.float32), -_INFINITY)
    if outputs[-1] < edge:
        outputs, inputs = np.append(outputs, edge), np.append(inputs, inputs[-1])
    return outputs, inputs


def knot_rows(knots: list[NDArray[Any]], values: list[NDArray[Any]]) -> NDArray[np.float32]:
    """The table of a ``lut1d_knots`` step, (6, K): three rows of knots, three of values, the last repeated."""
    width = max(2, *map(len, knots))
    rows = np.empty((6, width), np.float32)
    for row, numbers in zip(rows, [*knots, *values], strict=True):
        row[: len(numbers)] = numbers
        row[len(numbers) :] = numbers[-1]
    return rows
