"""Looks in files: reading them and writing them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vfx import checks
from vfx._ext.kernels import KERNELS
from vfx._look_bake import bake
from vfx._look_nodes import nodes_from_ops
from vfx.color import CDL, read_cdl, write_cdl
from vfx.color.cdl import CdlOp
from vfx.color.grade import Gamma
from vfx.color.linear import Matrix, PerChannel, Saturation
from vfx.lut import WRITTEN_EXTENSIONS, Lut1D, ProcessList
from vfx.lut import read as read_lut
from vfx.lut import write as write_lut
from vfx.lut.pixelops import lut
from vfx.pixelop import PixelOp

if TYPE_CHECKING:
    from vfx.look import Look

__all__ = ["read", "write"]

_CDL_FILES = (".cc", ".ccc", ".cdl")
_CDL_SOURCES = (*_CDL_FILES, ".ale", ".edl")
_LISTS = (".clf", ".ctf")
_MATRICES = (".spimtx", ".mtx")
# Files that hold curves only, and how many entries a tabulated look gets in them.
_CURVES = (".spi1d", ".1dl")
_CURVE_SIZE = 4096
# What stands for a look that changes nothing, where a file must hold something.
_NOTHING: tuple[PixelOp, ...] = (Matrix(np.eye(3)),)


def read(path: str | os.PathLike[str], wanted: str | int | None) -> tuple[PixelOp, ...]:
    """The operations that a file holds."""
    source = checks.path(path)
    if source.suffix.lower() in _CDL_SOURCES:
        cdl = read_cdl(source, wanted)
        return (CdlOp(cdl.slope, cdl.offset, cdl.power, cdl.saturation),)
    if wanted is not None:
        raise ValueError(f"{source}: id picks a correction from {', '.join(_CDL_SOURCES)}; other files hold one look")
    found = read_lut(source)
    return found.ops if isinstance(found, ProcessList) else (lut(found),)


def write(look: Look, path: str | os.PathLike[str], size: int, name: str) -> None:
    """Nothing; the file then holds the look."""
    target = checks.path(path)
    kind = target.suffix.lower()
    if kind not in _CDL_FILES + WRITTEN_EXTENSIONS:
        raise ValueError(
            f"{target}: a look is written with the extension {', '.join(_CDL_FILES + WRITTEN_EXTENSIONS)}, got {kind!r}"
        )
    if kind in _CDL_FILES:
        write_cdl(target, _as_cdl(look, target, name))
        return
    if name and kind not in _LISTS:
        raise ValueError(f"{target}: a LUT file has no place for an id")
    if kind in _LISTS:
        write_lut(target, ProcessList(nodes_from_ops(look.optimized().ops) or _NOTHING, id=name))
    elif kind in _MATRICES:
        write_lut(target, ProcessList([_linear(look, target)]))
    elif not _written_as_it_is(look, target):
        write_lut(target, _curves(look, target) if kind in _CURVES else bake(look, size, None))


def _written_as_it_is(look: Look, target: Path) -> bool:
    """Whether the look is one LUT that this kind of file holds; it is then written."""
    held = getattr(look.ops[0], "lut", None) if len(look) == 1 else None
    if held is None or look.ops != (lut(held),):
        return False
    try:
        write_lut(target, held)
    except (TypeError, ValueError):  # the format holds other kinds of LUT only
        return False
    return True


def _linear(look: Look, target: Path) -> PixelOp:
    """The one linear operation that equals the look."""
    ops = look.optimized().ops or _NOTHING
    if len(ops) != 1 or not hasattr(ops[0], "as_matrix"):
        raise ValueError(f"{target}: {target.suffix} holds a look that is one matrix, got {look!r}; .clf holds any")
    return ops[0]


def _curves(look: Look, target: Path) -> Lut1D:
    """The look over [0, 1] as curves, when it leaves channels apart."""
    for op in look:
        for step in op.steps():
            kernel = KERNELS[step.kernel]
            if kernel.mixes_channels(step.params) or kernel.alpha:
                raise ValueError(
                    f"{target}: {target.suffix} holds curves only, and {op!r} mixes channels; .cube holds any look"
                )
    return Lut1D(look(np.array(Lut1D.identity(_CURVE_SIZE)._rgb()[None]))[0])


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
