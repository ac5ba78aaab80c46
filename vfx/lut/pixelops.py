"""LUTs as pixel ops, and the builder behind ``Look.lut``, ``Image.lut`` and ``Processor.lut``.

A LUT always clamps its input to its domain, so even a table that maps each colour to itself is no
identity for pixels outside; an op is therefore never skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vfx import checks
from vfx.image import Image
from vfx.lut._base import Picture
from vfx.lut.chain import LutChain
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.pixelop import PixelOp, Step, run

__all__ = ["ApplyLut1D", "ApplyLut3D", "ApplyLutChain", "apply", "lut"]

# The engine's codes for its interpolations.
_CODES_1D = {"nearest": 0.0, "linear": 1.0}
_CODES_3D = {"nearest": 0.0, "trilinear": 1.0, "tetrahedral": 2.0}


@dataclass(frozen=True)
class ApplyLut1D(PixelOp):
    """Each channel looked up in its curve.

    Parameters
    ----------
    lut : Lut1D
        The curves.
    interpolation : str
        ``linear`` or ``nearest``.
    """

    lut: Lut1D
    interpolation: str = "linear"
    name: ClassVar[str] = "lut"

    def __post_init__(self) -> None:
        checks.one_of("interpolation of a 1D LUT", self.interpolation, Lut1D.interpolations)

    def steps(self) -> tuple[Step, ...]:
        """One ``lut1d`` step."""
        table = np.ascontiguousarray(self.lut._rgb())
        params = (*self.lut.domain_min, *self.lut.domain_max, _CODES_1D[self.interpolation])
        return (Step("lut1d", params, table),)

    def inverse(self) -> ApplyLut1D:
        """The inverse curves.

        Raises
        ------
        NotInvertibleError
            If a curve rises and falls, or is constant.
        """
        return ApplyLut1D(self.lut.inverse(), self.interpolation)


@dataclass(frozen=True)
class ApplyLut3D(PixelOp):
    """Each colour looked up in a cube.

    Parameters
    ----------
    lut : Lut3D
        The cube.
    interpolation : str
        ``tetrahedral``, ``trilinear`` or ``nearest``.
    """

    lut: Lut3D
    interpolation: str = "tetrahedral"
    name: ClassVar[str] = "lut"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.one_of("interpolation of a 3D LUT", self.interpolation, Lut3D.interpolations)

    def steps(self) -> tuple[Step, ...]:
        """One ``lut3d`` step."""
        params = (*self.lut.domain_min, *self.lut.domain_max, _CODES_3D[self.interpolation])
        return (Step("lut3d", params, self.lut.padded),)

    def inverse(self) -> ApplyLut3D:
        """The inverse cube.

        Raises
        ------
        NotInvertibleError
            If there is none.
        """
        return ApplyLut3D(self.lut.inverse(), self.interpolation)


@dataclass(frozen=True)
class ApplyLutChain(PixelOp):
    """Each channel looked up in the shaper (linear), then each colour in the cube.

    Parameters
    ----------
    lut : LutChain
        Shaper and cube.
    interpolation : str
        Of the cube: ``tetrahedral``, ``trilinear`` or ``nearest``.
    """

    lut: LutChain
    interpolation: str = "tetrahedral"
    name: ClassVar[str] = "lut"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.one_of("interpolation of a 3D LUT", self.interpolation, Lut3D.interpolations)

    def steps(self) -> tuple[Step, ...]:
        """A ``lut1d`` step and a ``lut3d`` step."""
        return ApplyLut1D(self.lut.shaper).steps() + ApplyLut3D(self.lut.cube, self.interpolation).steps()

    def inverse(self) -> PixelOp:
        """There is none.

        Raises
        ------
        NotInvertibleError
            Always.
        """
        return ApplyLutChain(self.lut.inverse(), self.interpolation)


def lut(lut: Lut1D | Lut3D | LutChain, interpolation: str | None = None) -> PixelOp:
    """The pixel op that looks pixels up in ``lut``.

    Parameters
    ----------
    lut : Lut1D, Lut3D or LutChain
        The LUT.
    interpolation : str, optional
        1D: linear (default), nearest. 3D and chain: tetrahedral (default), trilinear, nearest.

    Raises
    ------
    TypeError
        If it is no LUT.
    ValueError
        If this kind of LUT has no such interpolation.

    Examples
    --------
    >>> lut(Lut3D.identity(33))
    ApplyLut3D(lut=<Lut3D size=33>, interpolation='tetrahedral')
    """
    if isinstance(lut, Lut1D):
        return ApplyLut1D(lut, "linear" if interpolation is None else interpolation)
    if isinstance(lut, Lut3D):
        return ApplyLut3D(lut, "tetrahedral" if interpolation is None else interpolation)
    if isinstance(lut, LutChain):
        return ApplyLutChain(lut, "tetrahedral" if interpolation is None else interpolation)
    raise TypeError(f"lut must be a Lut1D, Lut3D or LutChain, got {type(lut).__name__}; vfx.lut.read(path) reads files")


def apply(table: Lut1D | Lut3D | LutChain | Any, picture: Picture, interpolation: str | None = None) -> Picture:
    """A new image or array: ``picture`` looked up in ``table``. See :meth:`Lut3D.apply`."""
    op = lut(table, interpolation)
    if isinstance(picture, Image):
        result = picture.like(np.empty_like(picture.numpy(), subok=False))
        run((op,), picture, result)
        return result
    array = np.asarray(picture)
    single = isinstance(table, Lut1D) and table.channels == 1 and not isinstance(table.domain[0], tuple)
    colours = array.ndim >= (2 if single else 1) and array.shape[-1] in (3, 4)
    if not (single or colours):
        raise ValueError(f"the array must hold colours, shape (..., 3) or (..., 4), got shape {array.shape}")
    if not array.size:
        return array.copy()
    working = array.astype(np.float32) if array.dtype == np.float64 else array
    source = Image(working.reshape(1, -1, array.shape[-1] if colours else 1))
    target = source.like(np.empty_like(source.numpy(), order="C"))
    run((op,), source, target)
    return target.numpy().reshape(array.shape).astype(array.dtype, copy=False)
