"""What LUTs share: a domain, a read-only table, equality, how they are applied and compared.

::

    Table ── Lut3D
      └─── Curve ── Lut1D       even entries over a domain
                ├── HalfLut1D   an entry for each half float
                └── KnotLut1D   lines through uneven knots
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import checks

if TYPE_CHECKING:
    from vfx.image import Image
    from vfx.lut.compare import LutComparison

__all__ = ["Curve", "Domain", "Picture", "Table", "Triple3", "domain_bounds", "float_table"]

Triple3 = tuple[float, float, float]
#: Lowest and highest input: a number for all channels, or three.
Domain = tuple[Any, Any]

_LARGEST = float(np.finfo(np.float32).max)

Picture = TypeVar("Picture", "Image", NDArray[Any])


def domain_bounds(domain: object) -> tuple[Triple3, Triple3]:
    """The lowest and the highest input of red, green and blue.

    Raises
    ------
    TypeError, ValueError
        If ``domain`` is not a low and a high value (or triple), low below high.
    """
    ends = list(domain) if isinstance(domain, Iterable) and not isinstance(domain, (str, bytes)) else []
    if len(ends) != 2:
        raise ValueError(f"domain must be (low, high), each a number or three numbers, got {domain!r}")
    lows, highs = checks.triple("domain[0]", ends[0]), checks.triple("domain[1]", ends[1])
    for a, b in zip(lows, highs, strict=True):
        if max(abs(a), abs(b), b - a) > _LARGEST or not np.float32(a) < np.float32(b):
            raise ValueError(f"domain must run from low to high, got {a:g} to {b:g}")
    return lows, highs


def float_table(table: ArrayLike) -> NDArray[np.float32]:
    """The table as float32, checked to be finite.

    Raises
    ------
    ValueError
        If a value is NaN, infinite, or beyond the range of float32.
    """
    given = np.asarray(table)
    if given.dtype.kind not in "fiu":
        raise TypeError(f"table must hold real numbers, got dtype {given.dtype}")
    with np.errstate(over="ignore"):
        values = given.astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise ValueError("table must hold finite float32 numbers only, got NaN, infinity or a larger number")
    return values


class Table:
    """Base of all LUTs but the chain: an immutable table over a domain."""

    __slots__ = ("_hash", "_high", "_low", "_table", "_title")
    #: The names that ``interpolation`` may have; the first is the default.
    interpolations: ClassVar[tuple[str, ...]] = ()

    _table: NDArray[np.float32]

    def _set(self, table: NDArray[np.float32], domain: object, title: str) -> None:
        """Fill the common attributes."""
        if not isinstance(title, str):
            raise TypeError(f"title must be str, got {title!r}")
        self._low, self._high = domain_bounds(domain)
        self._table = table
        self._title = title
        self._hash: int | None = None

    @property
    def table(self) -> NDArray[np.float32]:
        """The values, float32, read-only."""
        return self._table

    @property
    def size(self) -> int:
        """The number of entries along each axis."""
        return int(self._table.shape[0])

    @property
    def title(self) -> str:
        """The title that its file gave, or an empty string; it does not count for equality."""
        return self._title

    @property
    def domain(self) -> Domain:
        """The lowest and the highest input: two numbers, or two triples when channels differ."""
        if len(set(self._low)) == len(set(self._high)) == 1:
            return self._low[0], self._high[0]
        return self._low, self._high

    @property
    def domain_min(self) -> Triple3:
        """The lowest input of red, green and blue; below it the first entry holds."""
        return self._low

    @property
    def domain_max(self) -> Triple3:
        """The highest input of red, green and blue; above it the last entry holds."""
        return self._high

    def _rgb(self) -> NDArray[np.float32]:
        """The table with its three channels last."""
        return self._table

    def _values(self) -> tuple[NDArray[np.float32], ...]:
        """The arrays that equality and hash go by."""
        return (self._rgb(),)

    def _same_values(self, other: Table) -> bool:
        """Whether both hold equal arrays."""
        return all(map(np.array_equal, self._values(), other._values()))

    def _nodes(self) -> NDArray[np.float64]:
        """The input values of the entries, (size, 3), float64."""
        low, high = np.array(self._low), np.array(self._high)
        steps = np.linspace(0.0, 1.0, self.size)[:, None]
        return low * (1.0 - steps) + high * steps

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Table) or type(self) is not type(other):
            return NotImplemented
        same_domain = (self._low, self._high) == (other._low, other._high)
        return same_domain and self._same_values(other)

    def __hash__(self) -> int:
        if self._hash is None:
            # + 0.0 turns -0 into 0: equal tables hash alike.
            values = [(array + np.float32(0)).tobytes() for array in self._values()]
            self._hash = hash((type(self), self._low, self._high, *values))
        return self._hash

    def __repr__(self) -> str:
        low, high = self.domain
        parts = [f"size={self.size}"]
        if (low, high) != (0.0, 1.0):
            parts.append(f"domain=({low}, {high})")
        if self._title:
            parts.append(f"title={self._title!r}")
        return f"<{type(self).__name__} {' '.join(parts)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor, which makes the table read-only again."""
        return _rebuild, (type(self), np.array(self._table), (self._low, self._high), self._title)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def apply(self, picture: Picture, interpolation: str | None = None) -> Picture:
        """A new image (or array) with every pixel looked up; the input is left alone.

        Parameters
        ----------
        picture : Image, or array_like
            An image of any format: the result has the same. An array: (..., 3) or (..., 4) are colours
            (a fourth value, alpha, is copied); a 1D LUT with one column takes any other shape value by
            value. Arrays keep their dtype; float64 is looked up in float32.
        interpolation : str, optional
            1D: linear (default), nearest, cubic. 3D: tetrahedral (default), trilinear, nearest.

        Raises
        ------
        ChannelError
            If an image lacks the channels that the LUT needs.
        ValueError
            If the array is no array of colours, or the interpolation is unknown.

        Examples
        --------
        >>> import numpy as np
        >>> from vfx.lut import Lut1D
        >>> Lut1D([0.0, 0.5, 4.0]).apply(np.array([0.25, 0.75, 2.0])).tolist()
        [0.25, 2.25, 4.0]
        """
        from vfx.lut.pixelops import apply

        return apply(self, picture, interpolation)

    def compare(self, other: Any) -> LutComparison:
        """How far this LUT and another one, of any kind, are apart.

        Both are looked up, by default interpolation, at their entries, half-way between them, and beyond the
        ends of their domains.

        Parameters
        ----------
        other : Lut1D, HalfLut1D, KnotLut1D, Lut3D or LutChain
            What to compare with.

        Examples
        --------
        >>> from vfx.lut import Lut1D
        >>> Lut1D([0.0, 0.5, 1.0]).compare(Lut1D([0.0, 0.25, 1.0])).max_error
        0.25
        """
        from vfx.lut.compare import compare

        return compare(self, other)


class Curve(Table):
    """Base of the 1D LUTs: a curve for all channels, or one for each."""

    __slots__ = ()

    @property
    def channels(self) -> int:
        """1 when one curve serves all channels, else 3."""
        return 1 if self._table.ndim == 1 else 3

    def _rgb(self) -> NDArray[np.float32]:
        """The table as (N, 3)."""
        if self._table.ndim == 2:
            return self._table
        return np.repeat(self._table[:, None], 3, axis=1)

    def _points(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inputs, in order, and outputs of a channel's entries, float64."""
        raise NotImplementedError

    def inverse(self) -> Curve:
        """The curve that undoes this one."""
        raise NotImplementedError

    @property
    def _seam(self) -> int:
        """How many of the inputs in order are negative halves, -0 among them."""
        return 0

    @property
    def _single(self) -> bool:
        """Whether one curve over one domain serves all channels."""
        return self.channels == 1 and not isinstance(self.domain[0], tuple)

    def _at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Linear lookup of (M, 3) values in float64."""
        return np.stack([np.interp(x[:, c], *self._points(c)) for c in range(3)], axis=1)

    def compose(self, other: Any, n: int | None = None) -> Any:
        """What this LUT followed by ``other`` is, as one object.

        ============  ===================================================================================
        this          followed by a 1D LUT
        ============  ===================================================================================
        Lut1D         a :class:`Lut1D` over this one's domain, exact at its ``n`` entries
        HalfLut1D     a :class:`HalfLut1D`, exact at each half
        KnotLut1D     a :class:`Lut1D` over this one's domain, exact at its ``n`` entries
        ============  ===================================================================================

        Followed by a cube or a chain: a :class:`LutChain`, exact everywhere.
        ``LutChain(a, b).compare(a.compose(b))`` says how large the error is between the entries.

        Parameters
        ----------
        other : Lut1D, HalfLut1D, KnotLut1D, Lut3D or LutChain
            What comes after.
        n : int, optional
            Entries of a Lut1D; by default the larger number of the two, 65536 where either has uneven knots.

        Examples
        --------
        >>> from vfx.lut import Lut1D
        >>> Lut1D([0.0, 2.0]).compose(Lut1D([1.0, 0.0], domain=(0, 2))).table.tolist()
        [1.0, 0.0]
        """
        from vfx.lut.compose import compose

        return compose(self, other, n)

    @property
    def is_identity(self) -> bool:
        """Whether each value of the domain maps to itself; values outside are still clamped to it."""
        return all(np.array_equal(x.astype(np.float32), y.astype(np.float32)) for x, y in map(self._points, range(3)))


def _rebuild(kind: type[Any], table: NDArray[Any], domain: Domain, title: str) -> Any:
    """Unpickle a LUT."""
    return kind(table, domain, title=title)
