"""The half-domain 1D LUT: an entry for each of the 65536 half floats, in the order of their bits.

::

    entry   0x0000 … 0x7bff   +0 … +65504        0x8000 … 0xfbff   -0 … -65504
            0x7c00            +infinity          0xfc00            -infinity
            0x7c01 … 0x7fff   NaN                0xfc01 … 0xffff   NaN

The spacing follows the float's own, so one table holds a curve over the whole scene-linear range
(IEEE 754-2008, binary16; Common LUT Format, SMPTE ST 2136-1, ``halfDomain``).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import _late, checks
from vfx.lut._base import Curve
from vfx.lut.knots import check_monotone, undoing

__all__ = ["HalfLut1D"]

_SIZE = 65536
_TOP = 65504.0
_LARGEST = float(np.finfo(np.float32).max)
#: The halves in the order of their bits, infinities and NaN among them.
_BY_BITS = np.arange(_SIZE, dtype=np.uint16).view(np.float16).astype(np.float64)
#: The bits of the finite halves from -65504 to -0 and from +0 to +65504.
_ORDER = np.concatenate([np.arange(0xFBFF, 0x7FFF, -1), np.arange(0x7C00)])
_BELOW_ZERO = 0x7C00


class HalfLut1D(Curve):
    """An immutable 1D LUT with one entry for each half float.

    Inputs between two halves lie on a line between their entries; inputs beyond ±65504 take the last half's
    entry; NaN takes the entry of the quiet NaN of its sign, 0x7e00 or 0xfe00.

    Parameters
    ----------
    table : array_like, (65536,) or (65536, 3)
        The outputs, as numbers (halves stored as their bits must be decoded first), by the bits of the input.
        NaN becomes 0 and an infinity the largest float32, as OpenColorIO has it.
    title : str
        A name, kept in files that can hold one.

    Examples
    --------
    >>> HalfLut1D.identity().apply([-2.0, 0.125, 1000.25]).tolist()
    [-2.0, 0.125, 1000.25]
    """

    __slots__ = ()
    interpolations: ClassVar[tuple[str, ...]] = ("linear",)

    def __init__(self, table: ArrayLike, *, title: str = "") -> None:
        given = np.asarray(table)
        if given.dtype.kind not in "fiu":
            raise TypeError(f"table must hold real numbers, got dtype {given.dtype}")
        if given.shape not in ((_SIZE,), (_SIZE, 3)):
            raise ValueError(f"table of a half-domain LUT must have shape (65536,) or (65536, 3), got {given.shape}")
        own = np.nan_to_num(given.astype(np.float64), nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
        values = np.clip(own, -_LARGEST, _LARGEST).astype(np.float32)
        values.setflags(write=False)
        self._set(values, (-_TOP, _TOP), title)

    @classmethod
    def identity(cls) -> Self:
        """A LUT that changes nothing between -65504 and 65504.

        Examples
        --------
        >>> HalfLut1D.identity().is_identity
        True
        """
        return cls(_BY_BITS)

    @classmethod
    def from_curve(cls, curve: str, *, direction: str = "encode", **parameters: float) -> Self:
        """A LUT that tabulates a transfer function over all halves.

        Parameters
        ----------
        curve : str
            One of ``vfx.transfer.curves()``.
        direction : str
            ``"encode"``: linear light to code values. ``"decode"``: code values to linear light.
        **parameters : float
            What the curve takes, e.g. ``ei=800``.

        Examples
        --------
        >>> float(HalfLut1D.from_curve("acescct").apply(0.18).round(5))
        0.41359
        """
        checks.one_of("direction", direction, ("encode", "decode"))
        function = _late.function(f"curve_{direction}")
        finite = np.isfinite(_BY_BITS)
        with np.errstate(over="ignore", invalid="ignore"):
            values = function(np.where(finite, _BY_BITS, 0.0), curve, **parameters)
        return cls(np.where(finite, values, _BY_BITS), title=f"{curve} {direction}")

    def _points(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The finite halves in order, -0 before +0, and their entries."""
        return _BY_BITS[_ORDER], self._rgb()[_ORDER, channel].astype(np.float64)

    @property
    def _seam(self) -> int:
        """The negative halves come first."""
        return _BELOW_ZERO

    def _engine_table(self) -> NDArray[np.float32]:
        """The table with finite neighbours behind the last halves and the quiet NaNs."""
        table = np.array(self._rgb())
        for end in (0x7C00, 0xFC00):
            table[end] = table[end - 1]
        for nan in (0x7E01, 0xFE01):
            table[nan] = table[nan - 1]
        return table

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor."""
        return _rebuild, (np.array(self._table), self._title)

    def _like(self, values: NDArray[np.float64], single: bool) -> HalfLut1D:
        """A LUT of values by bits, (65536, 3)."""
        return HalfLut1D(values[:, 0] if single else values, title=self._title)

    def _sampled(self, function: Any, single: bool) -> HalfLut1D:
        """A LUT of what ``function`` does to (M, 3) values; infinities go as the last halves, NaN to 0."""
        x = np.nan_to_num(_BY_BITS, nan=0.0, posinf=_TOP, neginf=-_TOP)
        return self._like(function(np.repeat(x[:, None], 3, axis=1)), single)

    def inverse(self) -> HalfLut1D:
        """The half-domain LUT that undoes this one, exact at its entries; see :meth:`vfx.lut.Lut1D.inverse`.

        The op ``Look().lut(lut).inverse()`` is exact everywhere.

        Raises
        ------
        NotInvertibleError
            If a channel rises and falls, or is constant.

        Examples
        --------
        >>> HalfLut1D.identity().inverse().is_identity
        True
        """
        check_monotone(self)

        def undone(x: NDArray[np.float64]) -> NDArray[np.float64]:
            channels = [undoing(self, c) for c in range(3)]
            return np.stack([np.interp(x[:, c] * k.sign, k.outputs, k.inputs) for c, k in enumerate(channels)], axis=1)

        return self._sampled(undone, self.channels == 1)

    def mix(self, strength: float) -> HalfLut1D:
        """A LUT between the identity (0) and this one (1).

        Examples
        --------
        >>> HalfLut1D.identity().mix(0.5).is_identity
        True
        """
        share = checks.number("strength", strength, low=0.0, high=1.0)
        x = np.nan_to_num(_BY_BITS, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
        return self._like((1.0 - share) * x[:, None] + share * self._rgb().astype(np.float64), self.channels == 1)


def _rebuild(table: NDArray[Any], title: str) -> HalfLut1D:
    """Unpickle."""
    return HalfLut1D(table, title=title)
