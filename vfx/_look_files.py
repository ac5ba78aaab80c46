"""Looks in files: reading them and writing them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vfx import checks
from vfx._look_bake import bake
from vfx.color import CDL, read_cdl, write_cdl
from vfx.color.cdl import CdlOp
from vfx.color.grade import Gamma
from vfx.color.linear import PerChannel, Saturation
from vfx.lut import Lut1D, Lut3D, LutChain
from vfx.lut import read as read_lut
from vfx.lut import write as write_lut
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, ApplyLutChain, lut
from vfx.pixelop import PixelOp

if TYPE_CHECKING:
    from vfx.look import Look

__all__ = ["read", "write"]

_CDL_FILES = (".cc", ".ccc", ".cdl")
_LUT_FILES = (".cube", ".spi1d", ".spi3d")


# Which LUTs each LUT file holds as they are.
_HELD_BY: dict[str, tuple[type[ApplyLut1D] | type[ApplyLut3D] | type[ApplyLutChain], ...]] = {
    ".cube": (ApplyLut1D, ApplyLut3D, ApplyLutChain),
    ".spi1d": (ApplyLut1D,),
    ".spi3d": (ApplyLut3D,),
}


def _kind(path: str | os.PathLike[str]) -> str:
    """The file's extension, when looks can live in such files."""
    target = checks.path(path)
    kind = target.suffix.lower()
    if kind not in _CDL_FILES + _LUT_FILES:
        raise ValueError(f"{target}: a look file ends in {', '.join(_CDL_FILES + _LUT_FILES)}, got {kind!r}")
    return kind


def read(path: str | os.PathLike[str], wanted: str | int | None) -> tuple[PixelOp, ...]:
    """The operations that a file holds."""
    if _kind(path) in _CDL_FILES:
        cdl = read_cdl(path, wanted)
        return (CdlOp(cdl.slope, cdl.offset, cdl.power, cdl.saturation),)
    if wanted is not None:
        raise ValueError(f"{os.fspath(path)}: id picks a correction from {', '.join(_CDL_FILES)}; a LUT file holds one")
    return (lut(read_lut(path)),)


def write(look: Look, path: str | os.PathLike[str], size: int, name: str) -> None:
    """Nothing; the file then holds the look."""
    kind = _kind(path)
    if kind in _CDL_FILES:
        write_cdl(path, _as_cdl(look, path, name))
        return
    if name:
        raise ValueError(f"{os.fspath(path)}: a LUT file has no place for an id")
    single = look.ops[0] if len(look) == 1 else None
    if isinstance(single, _HELD_BY[kind]) and isinstance(single.lut, (Lut1D, Lut3D, LutChain)):
        write_lut(path, single.lut)
    elif kind == ".spi1d":
        raise ValueError(f"{os.fspath(path)}: .spi1d holds a look of one 1D LUT, got {look!r}; .cube holds any look")
    else:
        write_lut(path, bake(look, size, None))


def _as_cdl(look: Look, path: str | os.PathLike[str], name: str) -> CDL:
    """The colour correction that equals the look.

    A CDL without clamps is a gain and offset, a power that passes negatives, and a saturation, so each of these
    alone and any chain of them in this order is one.
    """
    ops = list(look.optimized().ops)
    slope = power = (1.0, 1.0, 1.0)
    offset = (0.0, 0.0, 0.0)
    saturation = 1.0
    if ops and isinstance(ops[0], CdlOp) and not ops[0].reverse:
        first = ops.pop(0)
        assert isinstance(first, CdlOp)
        slope, offset, power, saturation = first.slope, first.offset, first.power, first.saturation
    else:
        if ops and isinstance(ops[0], PerChannel):
            slope, offset = ops.pop(0).affine()  # type: ignore[attr-defined]
        if ops and isinstance(ops[0], Gamma):
            red, green, blue = ops.pop(0).gamma  # type: ignore[attr-defined]
            power = (1.0 / red, 1.0 / green, 1.0 / blue)
        if ops and isinstance(ops[0], Saturation):
            saturation = ops.pop(0).saturation  # type: ignore[attr-defined]
    if ops:
        raise ValueError(f"{os.fspath(path)}: this look is more than one CDL can hold: {look!r}; write a .cube")
    try:
        return CDL(slope, offset, power, saturation, id=name)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: no CDL equals {look!r}: {error}") from None
