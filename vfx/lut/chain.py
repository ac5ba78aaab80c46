"""A 1D LUT and a 3D LUT as one: the shaper spreads the values that the cube then maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vfx.errors import NotInvertibleError
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

if TYPE_CHECKING:
    from vfx.lut._base import Picture

__all__ = ["LutChain"]


@dataclass(frozen=True)
class LutChain:
    """An immutable shaper followed by a cube, as Resolve's ``.cube`` files hold them.

    Parameters
    ----------
    shaper : Lut1D
        Applied first, always with linear interpolation.
    cube : Lut3D
        Applied to the shaper's output.
    title : str
        A name, kept in files that can hold one; it does not count for equality.

    Examples
    --------
    >>> LutChain(Lut1D.gamma(1024, 1 / 2.2), Lut3D.identity(33))
    <LutChain shaper=1024 cube=33>
    """

    shaper: Lut1D
    cube: Lut3D
    title: str = ""
    interpolations: ClassVar[tuple[str, ...]] = Lut3D.interpolations

    def __post_init__(self) -> None:
        if not isinstance(self.shaper, Lut1D) or not isinstance(self.cube, Lut3D):
            given = f"{type(self.shaper).__name__} and {type(self.cube).__name__}"
            raise TypeError(f"a LutChain is a Lut1D and a Lut3D, got {given}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LutChain):
            return NotImplemented
        return self.shaper == other.shaper and self.cube == other.cube

    def __hash__(self) -> int:
        return hash((LutChain, self.shaper, self.cube))

    def __repr__(self) -> str:
        title = f" title={self.title!r}" if self.title else ""
        return f"<LutChain shaper={self.shaper.size} cube={self.cube.size}{title}>"

    def apply(self, picture: Picture, interpolation: str | None = None) -> Picture:
        """A new image (or array) with every pixel looked up; the input is left alone.

        Parameters
        ----------
        picture : Image, or array_like
            As for :meth:`Lut3D.apply`.
        interpolation : str, optional
            Of the cube: tetrahedral (default), trilinear, nearest.
        """
        from vfx.lut.pixelops import apply

        return apply(self, picture, interpolation)

    def inverse(self) -> LutChain:
        """There is none: the inverse would be a cube and then a curve, which a LutChain does not hold.

        Raises
        ------
        NotInvertibleError
            Always.
        """
        raise NotInvertibleError("a shaper with a 3D LUT cannot be inverted by this version; invert its parts")

    def compose(self, other: Lut1D | Lut3D) -> LutChain:
        """What this followed by ``other`` is; the cube takes it in and is exact at its entries.

        Examples
        --------
        >>> chain = LutChain(Lut1D.identity(9), Lut3D.identity(5))
        >>> chain.compose(Lut3D.identity(5)) == chain
        True
        """
        return LutChain(self.shaper, self.cube.compose(other), self.title)
