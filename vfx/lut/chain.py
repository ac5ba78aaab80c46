"""Several LUTs as one, such as a shaper that spreads the values which a cube then maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from vfx import checks
from vfx.lut._base import Curve, Table
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

if TYPE_CHECKING:
    from vfx.lut._base import Picture
    from vfx.lut.compare import LutComparison

__all__ = ["LutChain"]


class LutChain:
    """An immutable series of LUTs, applied one after the other.

    Resolve's ``.cube`` files hold a shaper and a cube, ``.csp`` files an uneven prelut and a cube, and other
    formats a curve behind the cube as well.

    Parameters
    ----------
    *luts : Lut1D, HalfLut1D, KnotLut1D or Lut3D
        One or more, the first to be applied first. 1D LUTs are applied with linear interpolation.
    title : str
        A name, kept in files that can hold one; it does not count for equality.

    Examples
    --------
    >>> LutChain(Lut1D.gamma(1024, 1 / 2.2), Lut3D.identity(33))
    <LutChain shaper=1024 cube=33>
    >>> LutChain(Lut3D.identity(33), Lut1D.gamma(1024, 2.2))
    <LutChain Lut3D=33 Lut1D=1024>
    """

    __slots__ = ("__weakref__", "_luts", "_title")
    interpolations: ClassVar[tuple[str, ...]] = Lut3D.interpolations

    _luts: tuple[Curve | Lut3D, ...]
    _title: str

    def __init__(self, *luts: Curve | Lut3D, title: str = "") -> None:
        if not luts:
            raise ValueError("a LutChain holds one LUT or more, got none")
        for one in luts:
            if not isinstance(one, (Curve, Lut3D)):
                raise TypeError(f"a LutChain holds 1D and 3D LUTs, got {type(one).__name__}")
        if not isinstance(title, str):
            raise TypeError(f"title must be str, got {title!r}")
        object.__setattr__(self, "_luts", luts)
        object.__setattr__(self, "_title", title)

    def __setattr__(self, name: str, value: object) -> None:
        """Refused: a chain never changes."""
        raise AttributeError(f"a LutChain cannot be changed (tried to set {name!r})")

    @property
    def luts(self) -> tuple[Curve | Lut3D, ...]:
        """The LUTs, first one first."""
        return self._luts

    @property
    def title(self) -> str:
        """The title that its file gave, or an empty string."""
        return self._title

    def _is_shaper_and_cube(self) -> bool:
        """Whether this is an even 1D LUT and then a cube."""
        return len(self._luts) == 2 and isinstance(self._luts[0], Lut1D) and isinstance(self._luts[1], Lut3D)

    def _part(self, index: int) -> Any:
        """The shaper or the cube."""
        if not self._is_shaper_and_cube():
            kinds = ", ".join(type(one).__name__ for one in self._luts)
            raise ValueError(f"this chain is not a shaper and a cube (Lut1D, Lut3D); it holds {kinds}")
        return self._luts[index]

    @property
    def shaper(self) -> Lut1D:
        """The curve of a chain that is a shaper and a cube.

        Raises
        ------
        ValueError
            If it holds anything else; the message lists what.
        """
        part: Lut1D = self._part(0)
        return part

    @property
    def cube(self) -> Lut3D:
        """The cube of a chain that is a shaper and a cube.

        Raises
        ------
        ValueError
            If it holds anything else; the message lists what.
        """
        part: Lut3D = self._part(1)
        return part

    def __eq__(self, other: object) -> bool:
        """Whether both hold equal LUTs in the same order."""
        return self._luts == other._luts if isinstance(other, LutChain) else NotImplemented

    def __hash__(self) -> int:
        """Equal chains have equal hashes."""
        return hash((LutChain, self._luts))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the LUTs."""
        return _rebuild, (self._luts, self._title)

    def __repr__(self) -> str:
        """What it holds."""
        names = ["shaper", "cube"] if self._is_shaper_and_cube() else [type(one).__name__ for one in self._luts]
        parts = [f"{name}={one.size}" for name, one in zip(names, self._luts, strict=True)]
        if self._title:
            parts.append(f"title={self._title!r}")
        return f"<LutChain {' '.join(parts)}>"

    def apply(self, picture: Picture, interpolation: str | None = None) -> Picture:
        """A new image (or array) with every pixel looked up; the input is left alone.

        Parameters
        ----------
        picture : Image, or array_like
            As for :meth:`Lut3D.apply`.
        interpolation : str, optional
            Of cubes: tetrahedral (default), trilinear, nearest.
        """
        from vfx.lut.pixelops import apply

        return apply(self, picture, interpolation)

    def inverse(self) -> LutChain:
        """The inverses of the LUTs in reverse order, tabulated; the op's inverse is exact.

        Raises
        ------
        NotInvertibleError
            If one of them has no inverse.

        Examples
        --------
        >>> LutChain(Lut1D([0, 2]), Lut1D([0, 1], domain=(0, 2))).inverse().apply([0.25]).tolist()
        [0.25]
        """
        return LutChain(*(one.inverse() for one in reversed(self._luts)), title=self._title)

    def compose(self, other: Table | LutChain) -> LutChain:
        """What this followed by ``other`` is.

        A cube at the end takes in a LUT that follows, and is then exact at its entries; everything else is
        appended, which is exact everywhere.

        Examples
        --------
        >>> chain = LutChain(Lut1D.identity(9), Lut3D.identity(5))
        >>> chain.compose(Lut3D.identity(5)) == chain
        True
        """
        from vfx.lut.compose import compose

        joined: LutChain = compose(self, other, None)
        return joined

    def resize(self, n: int) -> LutChain:
        """The same chain with ``n`` entries along each axis of its cubes.

        Examples
        --------
        >>> LutChain(Lut1D.identity(9), Lut3D.identity(5)).resize(17)
        <LutChain shaper=9 cube=17>
        """
        checks.integer("n", n, low=2, high=256)
        resized = (one.resize(n) if isinstance(one, Lut3D) else one for one in self._luts)
        return LutChain(*resized, title=self._title)

    def mix(self, strength: float) -> LutChain:
        """A chain between the identity (0) and this one (1); colours are still clamped to the domains.

        A chain of 1D LUTs and one cube keeps its curves; what follows the shaper is mixed with the shaper's own
        inverse, so only a shaper that has one can be mixed.

        Raises
        ------
        NotInvertibleError
            If the shaper has no inverse.

        Examples
        --------
        >>> LutChain(Lut1D([0, 2]), Lut3D.identity(2, (0, 2))).mix(0.5).apply([0.5, 0.25, 0.0]).tolist()
        [0.75, 0.375, 0.0]
        """
        from vfx.lut.compose import mix_chain

        return mix_chain(self, strength)

    def compare(self, other: Table | LutChain) -> LutComparison:
        """How far this and another LUT, of any kind, are apart; see :meth:`Lut3D.compare`."""
        from vfx.lut.compare import compare

        return compare(self, other)


def _rebuild(luts: tuple[Curve | Lut3D, ...], title: str) -> LutChain:
    """Unpickle."""
    return LutChain(*luts, title=title)
