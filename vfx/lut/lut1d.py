"""The 1D LUT: one curve for all channels, or one for each of red, green and blue."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import _late, checks
from vfx.lut._base import Curve, Domain, float_table
from vfx.lut.cubic import chord_slopes, limited_slopes, segments
from vfx.lut.knots import check_monotone, knot_lists, undoing

__all__ = ["Lut1D"]

#: The most entries of a 1D LUT.
MAX_SIZE = 1 << 20
#: Points are tabulated in this many entries, as OpenColorIO does with the preluts of ``.csp`` files.
POINTS_SIZE = 65536
#: An inverse has at least this many entries: a curve's flat foot is steep when turned round. The inverse of
#: x**2.2 is then off by 3e-4 at 0.01; 4096 entries would be off by 6e-3 there.
INVERSE_SIZE = 65536


class Lut1D(Curve):
    """An immutable 1D LUT: evenly spaced entries over a domain.

    Parameters
    ----------
    table : array_like, (N,) or (N, 3)
        At least 2 and at most 1048576 entries: one curve for all channels, or red, green and blue. Copied
        to read-only float32; NaN and infinity are refused, since they would spread to whole segments.
    domain : (low, high)
        The inputs of the first and the last entry: numbers, or triples for red, green and blue. Inputs
        outside take the nearest end; NaN takes the first entry.
    title : str
        A name, kept in files that can hold one.

    Examples
    --------
    >>> Lut1D([0.0, 0.2, 1.0], domain=(0, 2))
    <Lut1D size=3 domain=(0.0, 2.0)>
    """

    __slots__ = ()
    interpolations: ClassVar[tuple[str, ...]] = ("linear", "nearest", "cubic")

    def __init__(self, table: ArrayLike, domain: Domain = (0.0, 1.0), *, title: str = "") -> None:
        values = float_table(table)
        if values.ndim not in (1, 2) or (values.ndim == 2 and values.shape[1] != 3):
            raise ValueError(f"table of a 1D LUT must have shape (N,) or (N, 3), got {values.shape}")
        if not 2 <= len(values) <= MAX_SIZE:
            raise ValueError(f"a 1D LUT must have between 2 and {MAX_SIZE} entries, got {len(values)}")
        own = np.array(values, np.float32, order="C")
        own.setflags(write=False)
        self._set(own, domain, title)

    @classmethod
    def identity(cls, n: int, domain: Domain = (0.0, 1.0)) -> Self:
        """A LUT of ``n`` entries that changes nothing within its domain.

        Examples
        --------
        >>> Lut1D.identity(3).table.tolist()
        [0.0, 0.5, 1.0]
        """
        return cls._sampled(n, domain, lambda x: x)

    @classmethod
    def gamma(cls, n: int, g: float) -> Self:
        """A LUT of ``n`` entries with x**g over [0, 1].

        Parameters
        ----------
        n : int
            Entries.
        g : float
            Exponent, above 0: 2.2 darkens (decodes a gamma 2.2 display), 1/2.2 brightens.

        Examples
        --------
        >>> Lut1D.gamma(3, 2).table.tolist()
        [0.0, 0.25, 1.0]
        """
        exponent = checks.number("g", g, low=float(np.finfo(np.float32).tiny))
        return cls._sampled(n, (0.0, 1.0), lambda x: x**exponent)

    @classmethod
    def from_curve(
        cls, n: int, curve: str, *, direction: str = "encode", domain: Domain = (0.0, 1.0), **parameters: float
    ) -> Self:
        """A LUT of ``n`` entries that tabulates a transfer function.

        Parameters
        ----------
        n : int
            Entries.
        curve : str
            One of ``vfx.transfer.curves()``.
        direction : str
            ``"encode"``: linear light to code values. ``"decode"``: code values to linear light.
        domain : (low, high)
            The inputs that are tabulated; widen it when encoding scene-linear values above 1.
        **parameters : float
            What the curve takes, e.g. ``ei=800``.

        Examples
        --------
        >>> Lut1D.from_curve(1024, "srgb").size
        1024
        """
        checks.one_of("direction", direction, ("encode", "decode"))
        function = _late.function(f"curve_{direction}")
        return cls._sampled(n, domain, lambda x: function(x, curve, **parameters), title=f"{curve} {direction}")

    @classmethod
    def _sampled(cls, n: int, domain: Domain, function: Any, title: str = "") -> Self:
        """A LUT with ``function`` (float64 array to array) at its entries."""
        frame = cls(np.zeros(checks.integer("n", n, low=2, high=MAX_SIZE)), domain)
        nodes = frame._nodes()
        same = len(set(frame._low)) == len(set(frame._high)) == 1
        return cls(function(nodes[:, 0] if same else nodes), domain, title=title)

    @classmethod
    def from_points(
        cls,
        x: Any,
        y: Any,
        n: int = POINTS_SIZE,
        *,
        interpolation: str = "linear",
        domain: Domain | None = None,
        title: str = "",
    ) -> Self:
        """A LUT of ``n`` even entries on the curve through unevenly spaced points.

        It is exact at its entries; where a point lies between two of them the corner is cut, by at most the
        change of slope there times a quarter of their distance. :class:`vfx.lut.KnotLut1D` has no such error.

        Parameters
        ----------
        x : array_like, (K,), or a sequence of three
            Inputs of the points, rising; red, green and blue may have lists of their own, of any lengths.
        y : array_like, (K,), or a sequence of three
            Outputs of the points.
        n : int
            Entries.
        interpolation : str
            Between the points: ``linear``; ``cubic``, as :meth:`apply` has it; ``catmull_rom``, which may
            overshoot, as ``.csp`` files mean their preluts.
        domain : (low, high), optional
            The inputs that are tabulated, by default from the first to the last point.
        title : str
            A name.

        Examples
        --------
        >>> Lut1D.from_points([0.0, 0.25, 1.0], [0.0, 0.5, 1.0], 4).table.tolist()
        [0.0, 0.5555555820465088, 0.7777777910232544, 1.0]
        """
        checks.one_of("interpolation", interpolation, ("linear", "cubic", "catmull_rom"))
        xs, ys = knot_lists(x, y)
        three = [(one.astype(np.float64), two.astype(np.float64)) for one, two in zip(xs, ys, strict=True)]
        three *= 3 // len(three)
        if domain is None:
            domain = (tuple(one[0] for one, _ in three), tuple(one[-1] for one, _ in three))
        frame = cls(np.zeros(checks.integer("n", n, low=2, high=MAX_SIZE)), domain)
        values = np.empty((n, 3))
        for c, (knots, heights) in enumerate(three):
            at = frame._nodes()[:, c]
            if interpolation == "linear":
                values[:, c] = np.interp(at, knots, heights)
            else:
                slopes = (limited_slopes if interpolation == "cubic" else chord_slopes)(knots, heights)
                values[:, c] = segments(at, knots, heights, slope=slopes)
        single = len(xs) == 1 and not isinstance(frame.domain[0], tuple)
        return cls(values[:, 0] if single else values, domain, title=title)

    def _points(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inputs and values of a channel's entries, float64."""
        return self._nodes()[:, channel], self._rgb()[:, channel].astype(np.float64)

    def _coefficients(self) -> NDArray[np.float32]:
        """What a ``lut1d_cubic`` step reads: for each channel and entry c0, c1, c2, c3 of the segment behind it."""
        table = self._rgb().astype(np.float64)
        rows = np.zeros((3, self.size, 4), np.float32)
        for c in range(3):
            y = table[:, c]
            slope, rise = limited_slopes(np.arange(self.size, dtype=np.float64), y), np.diff(y)
            rows[c, :, 0] = y
            rows[c, :-1, 1] = slope[:-1]
            rows[c, :-1, 2] = 3 * rise - 2 * slope[:-1] - slope[1:]
            rows[c, :-1, 3] = slope[:-1] + slope[1:] - 2 * rise
        return rows.reshape(3, -1)

    def _like(self, values: NDArray[np.float64], domain: Domain, *others: Lut1D) -> Lut1D:
        """A LUT of (N, 3) values, with one column when this and the others have one."""
        single = all(lut._single for lut in (self, *others))
        return Lut1D(values[:, 0] if single else values, domain, title=self.title)

    def inverse(self, n: int | None = None) -> Lut1D:
        """The LUT that undoes this one: the exact inverse of its line segments, tabulated.

        Each channel must rise, or fall, all the way. Level stretches at an end map back to their inner end,
        those inside to their first input. Between the entries of the result the inverse is a line: use a
        larger ``n`` where that is too coarse, or the op ``Look().lut(lut).inverse()``, which searches this
        table for each pixel and is exact.

        Parameters
        ----------
        n : int, optional
            Entries of the result; by default four times as many as this has, at least 65536.

        Raises
        ------
        NotInvertibleError
            If a channel rises and falls, or is constant.

        Examples
        --------
        >>> Lut1D([0.0, 1.0, 4.0]).inverse(5).table.tolist()
        [0.0, 0.5, 0.6666666865348816, 0.8333333134651184, 1.0]
        """
        size = min(max(4 * self.size, INVERSE_SIZE), MAX_SIZE) if n is None else n
        checks.integer("n", size, low=2, high=MAX_SIZE)
        check_monotone(self)
        channels = [undoing(self, c) for c in range(3)]
        ends = [sorted((float(k.outputs[0] * k.sign), float(k.outputs[-1] * k.sign))) for k in channels]
        domain = (tuple(low for low, _ in ends), tuple(high for _, high in ends))
        wanted = Lut1D.identity(size, domain)._nodes()
        columns = [_first(wanted[:, c] * k.sign, k.outputs, k.inputs) for c, k in enumerate(channels)]
        return self._like(np.stack(columns, axis=1), domain, Lut1D([0, 1], domain))

    def resize(self, n: int) -> Lut1D:
        """A LUT of ``n`` entries over the same domain, sampled from the lines of this one.

        Examples
        --------
        >>> Lut1D([0.0, 1.0]).resize(3).table.tolist()
        [0.0, 0.5, 1.0]
        """
        frame = Lut1D.identity(n, (self._low, self._high))
        return self._like(self._at(frame._nodes()), (self._low, self._high))

    def mix(self, strength: float) -> Lut1D:
        """A LUT between the identity (0) and this one (1); values are still clamped to the domain.

        Examples
        --------
        >>> Lut1D([0.0, 2.0]).mix(0.5).table.tolist()
        [0.0, 1.5]
        """
        share = checks.number("strength", strength, low=0.0, high=1.0)
        values = (1.0 - share) * self._nodes() + share * self._rgb().astype(np.float64)
        return self._like(values, (self._low, self._high))


def _first(wanted: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each wanted value the first input of the lines through (x, y); y never falls."""
    right = np.clip(np.searchsorted(y, wanted, side="left"), 1, len(y) - 1)
    left = right - 1
    rise = y[right] - y[left]
    share = np.divide(wanted - y[left], rise, out=np.zeros_like(wanted), where=rise > 0)
    found: NDArray[np.float64] = x[left] + np.clip(share, 0.0, 1.0) * (x[right] - x[left])
    return found
