"""The 3D LUT: a cube of colours, indexed by red, green and blue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import checks
from vfx.errors import NotInvertibleError
from vfx.image import Image
from vfx.lut._base import Domain, Table, float_table

if TYPE_CHECKING:
    from vfx.lut.compare import LutComparison

__all__ = ["Lut3D"]

#: The most entries along each axis: 256 is 200 MB of floats.
MAX_SIZE = 256


class Lut3D(Table):
    """An immutable 3D LUT: a cube of evenly spaced colours over a domain.

    Parameters
    ----------
    table : array_like, (N, N, N, 3)
        Indexed ``[red, green, blue]``, N from 2 to 256. Copied to read-only float32; NaN and infinity are
        refused, since they would spread to whole cells.
    domain : (low, high)
        The inputs of the first and the last entry of each axis: numbers, or triples for red, green and
        blue. Inputs outside take the nearest face; NaN takes the first entry.
    title : str
        A name, kept in files that can hold one.

    Examples
    --------
    >>> Lut3D.identity(33)
    <Lut3D size=33>
    """

    __slots__ = ("_padded",)
    interpolations: ClassVar[tuple[str, ...]] = ("tetrahedral", "trilinear", "nearest")

    def __init__(self, table: ArrayLike, domain: Domain = (0.0, 1.0), *, title: str = "") -> None:
        values = float_table(table)
        n = values.shape[0] if values.ndim == 4 else 0
        if values.shape != (n, n, n, 3):
            raise ValueError(f"table of a 3D LUT must have shape (N, N, N, 3), got {values.shape}")
        if not 2 <= n <= MAX_SIZE:
            raise ValueError(f"a 3D LUT must have between 2 and {MAX_SIZE} entries along each axis, got {n}")
        # Nodes of four floats load in one instruction; the engine takes this table without a copy.
        padded = np.zeros((n, n, n, 4), np.float32)
        padded[..., :3] = values
        padded.setflags(write=False)
        self._padded = padded
        self._set(padded[..., :3], domain, title)

    @classmethod
    def identity(cls, n: int, domain: Domain = (0.0, 1.0)) -> Self:
        """A cube of ``n`` entries along each axis that changes nothing within its domain.

        Examples
        --------
        >>> Lut3D.identity(2).table[1, 0, 1].tolist()
        [1.0, 0.0, 1.0]
        """
        frame = cls(np.zeros((checks.integer("n", n, low=2, high=MAX_SIZE),) * 3 + (3,)), domain)
        return cls(frame._lattice(), domain)

    @classmethod
    def from_look(cls, look: Any, n: int = 33, *, domain: Domain = (0.0, 1.0)) -> Self:
        """A cube of ``n`` entries along each axis that holds what a look does to its colours.

        Parameters
        ----------
        look : Look
            Anything whose ``apply(image)`` changes an image in place.
        n : int
            Entries along each axis.
        domain : (low, high)
            The inputs that are tabulated; a look for log or display values fits [0, 1].

        Raises
        ------
        TypeError
            If it is no look.
        ValueError
            If the look gives NaN or infinity for one of the colours.
        """
        if not callable(getattr(look, "apply", None)):
            raise TypeError(f"look must be a Look, or have an apply(image), got {look!r}")
        frame = cls.identity(n, domain)
        lattice = Image(np.array(frame.table).reshape(frame.size, -1, 3))
        look.apply(lattice)
        return cls(lattice.numpy().reshape(frame.table.shape), domain)

    @property
    def padded(self) -> NDArray[np.float32]:
        """The table as (N, N, N, 4), contiguous, a zero behind each colour; read-only."""
        return self._padded

    def _lattice(self) -> NDArray[np.float32]:
        """The input colour of each entry, (N, N, N, 3)."""
        nodes = self._nodes().astype(np.float32)
        grid = np.empty(self._table.shape, np.float32)
        for axis in range(3):
            shape = [1, 1, 1]
            shape[axis] = self.size
            grid[..., axis] = nodes[:, axis].reshape(shape)
        return grid

    @property
    def is_identity(self) -> bool:
        """Whether each colour of the domain maps to itself; colours outside are still clamped to it."""
        return np.array_equal(self._table, self._lattice())

    def inverse(self, n: int | None = None) -> Lut3D:
        """The cube that undoes this one as far as a cube can: exact at its entries, tetrahedra between them.

        The op ``Look().lut(lut).inverse()`` searches this table for each pixel and is exact. The result's domain
        is the range of this cube's colours; :meth:`inverse_error` measures what is lost between its entries.
        Colours that this cube never makes go to a colour on its faces; where it makes one colour from several,
        to the first in the order of the table.

        Parameters
        ----------
        n : int, optional
            Entries along each axis, by default twice as many as this has, 33 at least and 129 at most.

        Raises
        ------
        NotInvertibleError
            If a channel of this cube is constant.

        Examples
        --------
        >>> half = Lut3D(Lut3D.identity(9).table / 2)
        >>> half.inverse(9).domain, half.inverse(9).is_identity, half.inverse(9).apply([0.25, 0.0, 0.5]).tolist()
        ((0.0, 0.5), False, [0.5, 0.0, 1.0])
        """
        from vfx.lut.pixelops import InvertLut3D, apply_op

        size = min(max(2 * self.size - 1, 33), 129) if n is None else n
        low, high = (extreme(self._table, axis=(0, 1, 2)) for extreme in (np.min, np.max))
        if not (low < high).all():
            raise NotInvertibleError("a channel of this 3D LUT is constant, so it has no inverse")
        frame = Lut3D.identity(size, (tuple(low.tolist()), tuple(high.tolist())))
        return Lut3D(apply_op(InvertLut3D(self), np.array(frame.table)), frame.domain, title=self.title)

    def inverse_error(self, inverse: Table, n: int | None = None) -> LutComparison:
        """How far colours of this cube's domain come back from where they were, through this and ``inverse``.

        Parameters
        ----------
        inverse : Lut3D or another LUT
            What :meth:`inverse` gave.
        n : int, optional
            Colours along each axis, by default this cube's entries and half-way between them, 129 at most.

        Returns
        -------
        LutComparison
            ``first`` is the colour that came back, ``second`` the colour that went in.

        Examples
        --------
        >>> half = Lut3D(Lut3D.identity(9).table / 2)
        >>> half.inverse_error(half.inverse(9)).max_error
        0.0
        """
        from vfx.lut.compare import measure

        count = min(2 * self.size - 1, 129) if n is None else n
        given = np.array(Lut3D.identity(count, (self._low, self._high)).table).reshape(-1, 3)
        return measure(given, inverse.apply(self.apply(given)), given)

    def resize(self, n: int) -> Lut3D:
        """A cube of ``n`` entries along each axis, sampled from this one by tetrahedra.

        Examples
        --------
        >>> Lut3D.identity(17).resize(33).size
        33
        """
        frame = Lut3D.identity(n, (self._low, self._high))
        return Lut3D(self.apply(frame._lattice()), (self._low, self._high), title=self.title)

    def compose(self, other: Any, n: int | None = None) -> Lut3D:
        """What this LUT followed by ``other`` is, as one cube over this one's domain, exact at its entries.

        ``LutChain(a, b).compare(a.compose(b))`` says how large the error is between the entries.

        Parameters
        ----------
        other : Lut1D, HalfLut1D, KnotLut1D, Lut3D or LutChain
            What comes after.
        n : int, optional
            Entries along each axis, by default the largest number of the cubes.

        Examples
        --------
        >>> Lut3D.identity(3).compose(Lut3D.identity(5)) == Lut3D.identity(5)
        True
        """
        from vfx.lut.compose import compose

        joined: Lut3D = compose(self, other, n)
        return joined

    def mix(self, strength: float) -> Lut3D:
        """A cube between the identity (0) and this one (1); colours are still clamped to the domain.

        Examples
        --------
        >>> Lut3D.identity(2).mix(0.3).is_identity
        True
        """
        share = checks.number("strength", strength, low=0.0, high=1.0)
        lattice = self._lattice().astype(np.float64)
        return Lut3D(lattice + share * (self._table - lattice), (self._low, self._high), title=self.title)
