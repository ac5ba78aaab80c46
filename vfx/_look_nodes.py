"""A look's operations as the nodes of a process list, exactly where CLF and CTF have them.

=============================================  ===================================================
op                                             nodes
=============================================  ===================================================
exposure, gain, offset, contrast, saturation,  Matrix
hue, white balance, matrix, invert
cdl                                            ASC_CDL
gamma, curves that are powers                  Exponent
contrast_log                                   Matrix, Exponent, Matrix
curves that are logarithms                     Log
clamp                                          Range
LUTs, process lists                            as they are; a domain other than [0, 1] is a Matrix before
to_hsv, from_hsv, gamut_compress               FixedFunction, which only CTF has
other ops that leave channels apart            LUT1D with a half domain: exact at every half float
=============================================  ===================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from vfx._ext.kernels import KERNELS
from vfx.color.gamut import GamutCompress
from vfx.color.grade import Clamp, ContrastLog
from vfx.color.hsv import FromHsv, ToHsv
from vfx.color.linear import Affine, Gain
from vfx.image import Image
from vfx.lut import Exponent, FixedFunction, HalfLut1D, KnotLut1D, Log, Lut1D, Lut3D, ProcessNode, Range
from vfx.lut.clf.processlist import ApplyProcessList, element_name
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, ApplyLutChain, InvertLut1D, InvertLut3D, InvertLutChain
from vfx.pixelop import PixelOp, Step, run

__all__ = ["nodes_from_ops"]

# Constants of a curve that differ by less stand for the same curve: half a unit of float32's last place at 1.
_SAME = 1e-6


def nodes_from_ops(ops: Iterable[PixelOp]) -> list[ProcessNode]:
    """The process nodes that do what the operations do, in order.

    Parameters
    ----------
    ops : iterable of PixelOp
        A look's operations; merge them first with ``Look.optimized()`` for fewer nodes.

    Returns
    -------
    list of ProcessNode
        Those that CLF has, and FixedFunction for HSV and gamut compression. Ops that leave channels apart and that
        CLF has no node for become half-domain LUTs, so values beyond ±65504 are clamped by them.

    Raises
    ------
    ValueError
        If an op mixes channels or reads alpha in a way that no node has.

    Examples
    --------
    >>> from vfx import Look
    >>> [node.element for node in nodes_from_ops(Look().exposure(1).gamma(2.2).clamp().ops)]
    ['Matrix', 'Exponent', 'Range']
    """
    nodes: list[ProcessNode] = []
    for op in ops:
        if isinstance(op, ApplyProcessList):
            nodes += [replace(node, in_depth="32f", out_depth="32f") for node in op.process_list]
        elif not op.is_identity:
            nodes += [ProcessNode(part) for part in _parts(op)]
    return nodes


def _parts(op: PixelOp) -> list[PixelOp]:
    """The ops that process lists know which together do what ``op`` does."""
    if isinstance(op, (ApplyLut1D, ApplyLut3D, InvertLut1D, InvertLut3D)):
        return _table(op)
    if element_name(op):
        return [op]
    if isinstance(op, ApplyLutChain):
        return [part for each in op.ops for part in _parts(each)]
    if isinstance(op, InvertLutChain):
        return [part for each in reversed(ApplyLutChain(op.lut).ops) for part in _parts(each.inverse())]
    known = _known(op)
    if known is not None:
        return known
    inner = getattr(op, "parts", None)  # a conversion: decoding, a matrix, encoding
    if inner is not None:
        return [part for each in inner() for part in _parts(each)]
    found = [_from_step(step) for step in op.steps()]
    if found and all(part is not None for part in found):
        return [part for part in found if part is not None]
    return [_half_table(op)]


def _table(op: ApplyLut1D | ApplyLut3D | InvertLut1D | InvertLut3D) -> list[PixelOp]:
    """A table over [0, 1] or the half floats as it is; of another domain, behind the matrix that maps it to [0, 1]."""
    lut = op.lut
    if isinstance(lut, KnotLut1D):
        return [_half_table(op)]
    if not isinstance(lut, (Lut1D, Lut3D)) or lut.domain == (0.0, 1.0):
        return [op]
    factors = [1.0 / (high - low) for low, high in zip(lut.domain_min, lut.domain_max, strict=True)]
    constants = [-low * k for low, k in zip(lut.domain_min, factors, strict=True)]
    before = Affine(tuple(factors), tuple(constants))  # type: ignore[arg-type]
    change: Any = replace  # the two kinds of op take one kind of LUT each
    table: PixelOp = change(op, lut=type(lut)(lut.table, title=lut.title))
    return [before, table] if isinstance(op, (ApplyLut1D, ApplyLut3D)) else [table, before.inverse()]


def _known(op: PixelOp) -> list[PixelOp] | None:
    """The nodes of ops whose type says it all, or None."""
    if isinstance(op, ToHsv):
        return [FixedFunction("RGB_TO_HSV")]
    if isinstance(op, FromHsv):
        return [FixedFunction("HSV_TO_RGB")]
    if isinstance(op, GamutCompress) and op.space.name.lower() == "acescg":
        style = "GamutComp13Rev" if op.reverse else "GamutComp13Fwd"
        return [FixedFunction(style, (*op.limit, *op.threshold, op.power))]
    if isinstance(op, ContrastLog) and all(0.01 <= c <= 100.0 for c in op.contrast):
        before, after = (op.pivot,) * 3, (1.0 / op.pivot,) * 3
        return [Gain(after), Exponent("basicPassThruFwd", op.contrast), Gain(before)]
    return _range(op) if isinstance(op, Clamp) else None


def _range(op: Clamp) -> list[PixelOp] | None:
    """The Range of a clamp that is the same for all channels; nothing for one without limits."""
    if len(set(op.low)) > 1 or len(set(op.high)) > 1:
        return None
    low = None if math.isinf(op.low[0]) else op.low[0]
    high = None if math.isinf(op.high[0]) else op.high[0]
    if low is None and high is None:
        return []
    return [Range(low, high, low, high)] if low != high else None


def _from_step(step: Step) -> PixelOp | None:
    """The node of one step of a curve, or None."""
    try:
        if step.kernel == "power":
            kind = ("basic", "basicMirror", "basicPassThru")[int(step.params[3])]
            return _power(kind, step.params[:3])
        if step.kernel == "log_encode":
            return _log(step.params)
        if step.kernel == "log_decode":
            a, b, c, d, brk, e, f = step.params
            linear = -math.inf if brk == -math.inf else e * brk + f
            forward = (1.0 / a, -b / a, 1.0 / c, -d / c, linear, 1.0 / (e or 1.0), -f / (e or 1.0))
            found = _log(forward)
            return None if found is None else found.inverse()
        if step.kernel in ("curve_encode", "curve_decode"):
            return _moncurve(step)
    except (ValueError, ZeroDivisionError):  # beyond what the node can have
        pass
    return None


def _power(kind: str, exponents: tuple[float, ...]) -> Exponent:
    """A power; small exponents are written as the reverse of large ones, as curves are printed."""
    if all(e < 1.0 for e in exponents):
        red, green, blue = (1.0 / e for e in exponents)
        return Exponent(f"{kind}Rev", (red, green, blue))
    red, green, blue = exponents
    return Exponent(f"{kind}Fwd", (red, green, blue))


def _log(params: tuple[float, ...]) -> Log | None:
    """The logarithm of a ``log_encode`` step, when its line meets it."""
    a, b, c, d, brk, e, f = params
    affine: dict[str, Any] = {
        "log_side_slope": (a,) * 3, "log_side_offset": (b,) * 3, "lin_side_slope": (c,) * 3,
        "lin_side_offset": (d,) * 3,
    }  # fmt: skip
    if brk == -math.inf:
        return Log("linToLog", 2.0, **affine)
    if abs(a * math.log2(c * brk + d) + b - (e * brk + f)) > _SAME:
        return None
    return Log("cameraLinToLog", 2.0, **affine, lin_side_break=(brk,) * 3, linear_slope=(e,) * 3)


def _moncurve(step: Step) -> Exponent | None:
    """The monCurve whose step has the same constants."""
    e, scale, offset, _, _, mirror = step.params
    kind = "monCurveMirror" if mirror else "monCurve"
    if step.kernel == "curve_decode":
        found = Exponent(f"{kind}Fwd", (e,) * 3, (offset / scale,) * 3)
    else:
        found = Exponent(f"{kind}Rev", (1.0 / e,) * 3, (offset,) * 3)
    same = np.allclose(found.steps()[0].params, step.params, rtol=_SAME, atol=_SAME)
    return found if same else None


def _half_table(op: PixelOp) -> ApplyLut1D:
    """The op at every half float, when it leaves channels and alpha apart."""
    for step in op.steps():
        kernel = KERNELS[step.kernel]
        if kernel.mixes_channels(step.params) or kernel.alpha:
            raise ValueError(
                f"no node of a process list does what {op!r} does, and it "
                f"{'needs alpha' if kernel.alpha else 'mixes channels'}, so no 1D LUT holds it: bake the look instead"
            )
    halfs = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    finite = np.where(np.isfinite(halfs), halfs, np.float32(0.0))
    source = Image(np.repeat(finite[None, :, None], 3, axis=2))
    target = source.like(np.empty_like(source.numpy()))
    run((op,), source, target)
    largest = float(np.finfo(np.float32).max)
    table = np.nan_to_num(target.numpy()[0], nan=0.0, posinf=largest, neginf=-largest)
    alike = bool((table == table[:, :1]).all())
    return ApplyLut1D(HalfLut1D(table[:, 0] if alike else table))
