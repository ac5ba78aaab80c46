"""LUTs as pixel ops, and the builder behind ``Look.lut``, ``Image.lut`` and ``Processor.lut``.

=================  ==============================  ==================================
op                 takes                           its inverse
=================  ==============================  ==================================
ApplyLut1D         Lut1D, HalfLut1D, KnotLut1D     InvertLut1D, exact
ApplyLut3D         Lut3D                           InvertLut3D, exact
ApplyLutChain      LutChain                        InvertLutChain, exact
=================  ==============================  ==================================

A LUT always clamps its input to its domain, so even a table that maps each colour to itself is no
identity for pixels outside; an op is therefore never skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vfx import checks
from vfx.image import Image
from vfx.lut._base import Curve, Picture
from vfx.lut.chain import LutChain
from vfx.lut.half import HalfLut1D
from vfx.lut.knots import KnotLut1D, check_monotone, knot_rows, undoing
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.pixelop import PixelOp, Step, run

if TYPE_CHECKING:
    from vfx.lut.clf.processlist import ProcessList

__all__ = [
    "ApplyLut1D",
    "ApplyLut3D",
    "ApplyLutChain",
    "InvertLut1D",
    "InvertLut3D",
    "InvertLutChain",
    "apply",
    "apply_op",
    "lut",
]

# The engine's codes for its interpolations.
_CODES_1D = {"nearest": 0.0, "linear": 1.0}
_CODES_3D = {"nearest": 0.0, "trilinear": 1.0, "tetrahedral": 2.0}
_ONES = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class ApplyLut1D(PixelOp):
    """Each channel looked up in its curve.

    Parameters
    ----------
    lut : Lut1D, HalfLut1D or KnotLut1D
        The curves.
    interpolation : str
        ``linear``; of a Lut1D also ``nearest``, and ``cubic``, which passes through the entries without
        overshooting: Catmull-Rom slopes, limited after Fritsch and Carlson.
    hue_adjust : bool
        Whether the middle channel is then set so that the hue stays, ``"dw3"`` of the Common LUT Format
        (v3, ``hueAdjust``): its place between the smallest and the largest is the same before and after.
    """

    lut: Curve
    interpolation: str = "linear"
    hue_adjust: bool = False
    name: ClassVar[str] = "lut"

    def __post_init__(self) -> None:
        if not isinstance(self.lut, Curve):
            raise TypeError(f"lut must be a Lut1D, HalfLut1D or KnotLut1D, got {type(self.lut).__name__}")
        checks.one_of("interpolation of a 1D LUT", self.interpolation, type(self.lut).interpolations)

    def steps(self) -> tuple[Step, ...]:
        """One step: ``lut1d``, ``lut1d_cubic``, ``lut1d_half`` or ``lut1d_knots``, with ``_dw3`` to keep the hue."""
        curve, ends = self.lut, (*self.lut.domain_min, *self.lut.domain_max)
        tail = "_dw3" if self.hue_adjust else ""
        if isinstance(curve, HalfLut1D):
            return (Step(f"lut1d_half{tail}", ends, curve._engine_table()),)
        if isinstance(curve, KnotLut1D):
            return (Step(f"lut1d_knots{tail}", _ONES, knot_rows(*_columns(curve))),)
        if self.interpolation == "cubic" and isinstance(curve, Lut1D):
            steps = [(curve.size - 1) / (b - a) for a, b in zip(curve.domain_min, curve.domain_max, strict=True)]
            return (Step(f"lut1d_cubic{tail}", (*curve.domain_min, *steps), curve._coefficients()),)
        return (Step(f"lut1d{tail}", (*ends, _CODES_1D[self.interpolation]), np.ascontiguousarray(curve._rgb())),)

    def inverse(self) -> InvertLut1D:
        """The exact inverse of the lines between the entries, whatever the interpolation.

        Raises
        ------
        NotInvertibleError
            If a curve rises and falls, or is constant.
        """
        check_monotone(self.lut)
        return InvertLut1D(self.lut, self.hue_adjust)


def _columns(curve: KnotLut1D) -> tuple[list[Any], list[Any]]:
    """Knots and values of three channels."""
    pairs = [curve._points(c) for c in range(3)]
    return [x for x, _ in pairs], [y for _, y in pairs]


@dataclass(frozen=True)
class InvertLut1D(PixelOp):
    """For each value the input that a curve makes it from: its lines are searched, nothing is tabulated.

    Values beyond the curve's ends take the input of that end; level stretches at an end go to their inner end,
    those inside to their first input. A curve that rises and falls is taken to be level where it goes back, as
    OpenColorIO takes it; :meth:`ApplyLut1D.inverse` refuses such curves. NaN goes to the first entry's input.

    Parameters
    ----------
    lut : Lut1D, HalfLut1D or KnotLut1D
        The curves to undo.
    hue_adjust : bool
        Whether the middle channel is then set so that the hue stays; see :class:`ApplyLut1D`.

    Examples
    --------
    >>> import vfx
    >>> op = InvertLut1D(Lut1D([0.0, 0.25, 1.0]))
    >>> vfx.Look([op])(np.full((1, 1, 3), 0.5, np.float32)).round(6).tolist()
    [[[0.6666669845581055, 0.6666669845581055, 0.6666669845581055]]]
    """

    lut: Curve
    hue_adjust: bool = False
    name: ClassVar[str] = "lut"

    def __post_init__(self) -> None:
        if not isinstance(self.lut, Curve):
            raise TypeError(f"lut must be a Lut1D, HalfLut1D or KnotLut1D, got {type(self.lut).__name__}")

    def steps(self) -> tuple[Step, ...]:
        """One ``lut1d_knots`` or ``lut1d_knots_dw3`` step."""
        channels = [undoing(self.lut, c) for c in range(3)]
        rows = knot_rows([k.outputs for k in channels], [k.inputs for k in channels])
        return (Step(f"lut1d_knots{'_dw3' if self.hue_adjust else ''}", tuple(k.sign for k in channels), rows),)

    def inverse(self) -> ApplyLut1D:
        """The lookup."""
        return ApplyLut1D(self.lut, hue_adjust=self.hue_adjust)


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

    def inverse(self) -> InvertLut3D:
        """The exact inverse of the tetrahedra, whatever the interpolation; see :class:`InvertLut3D`."""
        return InvertLut3D(self.lut)


@dataclass(frozen=True)
class InvertLut3D(PixelOp):
    """For each colour the input that a cube, interpolated by tetrahedra, makes it from: a search, exact to 1e-6.

    Colours beyond [0, 1] and the cube's own range are clamped to those. Colours that the cube never makes go to
    its faces: the cube is continued outwards by one layer, whose nodes lie four times as far from middle grey
    (0.5) as the faces, and the input found there is clamped. OpenColorIO 2 (lossless) does the same; colours
    beyond that layer take the nearest node of the faces. Where the cube makes a colour from several inputs, the
    first cell in the order of the table is taken. NaN is taken as the low end.

    The first use makes an index of the cube: 0.1 s for 33 entries along each axis, 0.3 s for 65.

    Parameters
    ----------
    lut : Lut3D
        The cube to undo.
    """

    lut: Lut3D
    name: ClassVar[str] = "lut"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.lut, Lut3D):
            raise TypeError(f"lut must be a Lut3D, got {type(self.lut).__name__}")

    def steps(self) -> tuple[Step, ...]:
        """One ``lut3d_inverse`` step."""
        return (Step("lut3d_inverse", (*self.lut.domain_min, *self.lut.domain_max), self.lut.padded),)

    def inverse(self) -> ApplyLut3D:
        """The lookup by tetrahedra."""
        return ApplyLut3D(self.lut)


@dataclass(frozen=True)
class ApplyLutChain(PixelOp):
    """The LUTs of a chain one after the other, the 1D LUTs with linear interpolation.

    Parameters
    ----------
    lut : LutChain
        The LUTs.
    interpolation : str
        Of cubes: ``tetrahedral``, ``trilinear`` or ``nearest``.
    """

    lut: LutChain
    interpolation: str = "tetrahedral"
    name: ClassVar[str] = "lut"

    def __post_init__(self) -> None:
        checks.one_of("interpolation of a 3D LUT", self.interpolation, Lut3D.interpolations)

    @property
    def ops(self) -> tuple[ApplyLut1D | ApplyLut3D, ...]:
        """One op for each LUT."""
        return tuple(
            ApplyLut3D(one, self.interpolation) if isinstance(one, Lut3D) else ApplyLut1D(one) for one in self.lut.luts
        )

    def steps(self) -> tuple[Step, ...]:
        """The steps of the LUTs in order."""
        return tuple(step for op in self.ops for step in op.steps())

    def inverse(self) -> InvertLutChain:
        """The exact inverses in reverse order.

        Raises
        ------
        NotInvertibleError
            If a curve among them rises and falls, or is constant.
        """
        for op in self.ops:
            op.inverse()
        return InvertLutChain(self.lut)


@dataclass(frozen=True)
class InvertLutChain(PixelOp):
    """The LUTs of a chain undone, last one first, each exactly.

    Parameters
    ----------
    lut : LutChain
        The LUTs to undo.
    """

    lut: LutChain
    name: ClassVar[str] = "lut"

    def steps(self) -> tuple[Step, ...]:
        """The steps of the inverses in reverse order."""
        ops = (op.inverse() for op in reversed(ApplyLutChain(self.lut).ops))
        return tuple(step for op in ops for step in op.steps())

    def inverse(self) -> ApplyLutChain:
        """The chain, cubes by tetrahedra."""
        return ApplyLutChain(self.lut)


def lut(lut: Curve | Lut3D | LutChain | ProcessList, interpolation: str | None = None) -> PixelOp:
    """The pixel op that looks pixels up in ``lut``.

    Parameters
    ----------
    lut : Lut1D, HalfLut1D, KnotLut1D, Lut3D, LutChain or ProcessList
        The LUT, or the process list: whatever :func:`vfx.lut.read` gives.
    interpolation : str, optional
        Lut1D: linear (default), nearest, cubic. Other 1D LUTs: linear. 3D and chain: tetrahedral (default),
        trilinear, nearest. None for a process list, whose LUTs have their own.

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
    from vfx.lut.clf.processlist import ProcessList, clf  # which is made of these ops

    if isinstance(lut, Curve):
        return ApplyLut1D(lut, "linear" if interpolation is None else interpolation)
    if isinstance(lut, Lut3D):
        return ApplyLut3D(lut, "tetrahedral" if interpolation is None else interpolation)
    if isinstance(lut, LutChain):
        return ApplyLutChain(lut, "tetrahedral" if interpolation is None else interpolation)
    if isinstance(lut, ProcessList):
        if interpolation is not None:
            raise ValueError(f"the LUTs of a process list have an interpolation of their own, got {interpolation!r}")
        return clf(lut)
    kinds = "Lut1D, HalfLut1D, KnotLut1D, Lut3D, LutChain or ProcessList"
    raise TypeError(f"lut must be a {kinds}, got {type(lut).__name__}; vfx.lut.read(path) reads files")


def apply(table: Curve | Lut3D | LutChain | Any, picture: Picture, interpolation: str | None = None) -> Picture:
    """A new image or array: ``picture`` looked up in ``table``. See :meth:`Lut3D.apply`."""
    op = lut(table, interpolation)
    if isinstance(table, LutChain):
        single = all(isinstance(one, Curve) and one._single for one in table.luts)
    else:
        single = isinstance(table, Curve) and table._single
    return apply_op(op, picture, single=single)


def apply_op(op: PixelOp, picture: Picture, *, single: bool = False) -> Picture:
    """A new image or array: ``picture`` after ``op``.

    Parameters
    ----------
    op : PixelOp
        What to do.
    picture : Image, or array_like
        An image of any format, or an array (..., 3) or (..., 4) of colours.
    single : bool
        Whether arrays of any other shape are taken value by value, since ``op`` does the same to all channels.

    Raises
    ------
    ValueError
        If the array is no array of colours.
    """
    if isinstance(picture, Image):
        result = picture.like(np.empty_like(picture.numpy(), subok=False))
        run((op,), picture, result)
        return result
    array = np.asarray(picture)
    colours = array.ndim >= (2 if single else 1) and array.shape[-1] in (3, 4)
    if not (single or colours):
        raise ValueError(f"the array must hold colours, shape (..., 3) or (..., 4), got shape {array.shape}")
    if not array.size:
        return array.copy()
    if not isinstance(picture, (np.ndarray, np.generic)) and array.dtype.kind in "iu":
        array = array.astype(np.float64)  # [1, 0, 0] in Python is a colour, not codes
    working = array.astype(np.float32) if array.dtype == np.float64 else array
    source = Image(working.reshape(1, -1, array.shape[-1] if colours else 1))
    target = source.like(np.empty_like(source.numpy(), order="C"))
    run((op,), source, target)
    return target.numpy().reshape(array.shape).astype(array.dtype, copy=False)
