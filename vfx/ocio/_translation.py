"""A transform of OpenColorIO, operation by operation, as our pixel ops.

The library reduces every transform to a list of basic ones. Each of them is written in the Color Transform Format,
which our reader turns into pixel ops; what the reader refuses has no counterpart. One kind takes another way: the
B-splines of ``GradingRGBCurve`` (the tone curves of ACES 1) are tabulated, finely enough to be exact in float32.
A translation is only given out after it has been compared with the library on :func:`probe`.
"""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError, VfxError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D
from vfx.lut.pixelops import lut
from vfx.ocio._library import load, reported
from vfx.pixelop import PixelOp

if TYPE_CHECKING:
    from vfx.ocio.processor import Processor

__all__ = ["TOLERANCE", "InexactError", "probe", "translated"]

#: The most by which a translation may differ from the library: absolute below 1, relative above. It is a fifth of
#: a code of 10 bits; what comes near it is PQ, whose slope at black is infinite.
TOLERANCE = 2e-4
#: The same where the library's own way back leads from both colours to the same codes: where a tone curve is level,
#: codes that differ in float32's last digit stand for scenes that differ by half a percent.
_LOOSE = 1e-2

#: Entries of a tabulated spline. Its second derivative is below 2, so between entries that are 41 / 65535 apart
#: a line is off by 1e-7.
_SPLINE_ENTRIES = 65536
#: The decimal logarithms of all positive float32 lie between -45.2 and 38.6.
_LOGARITHMS = (-45.2, 38.6)
#: Nothing is compared beyond this.
_SENSIBLE = 1e6
_LARGEST = float(np.finfo(np.float32).max)


class InexactError(VfxError, ValueError):
    """A transform that our operations cannot express."""


def translated(processor: Processor) -> Look:
    """The look that does what the processor does.

    Raises
    ------
    InexactError
        If an operation has no counterpart, or the result differs from the library's.
    """
    library = load()
    with reported(processor.config.source):
        group = processor.ocio.getOptimizedProcessor(library.OPTIMIZATION_LOSSLESS).createGroupTransform()
    ops: list[PixelOp] = []
    logarithms = False
    for transform in group:
        if isinstance(transform, library.GradingRGBCurveTransform):
            ops.append(_spline(processor, transform, logarithms))
        else:
            ops += _by_file(processor, transform)
            logarithms = isinstance(transform, library.LogTransform)
    look = Look(ops)
    _compare(processor, look)
    return look


def _by_file(processor: Processor, transform: Any) -> tuple[PixelOp, ...]:
    """The ops of one transform, by way of its CTF text."""
    from vfx.lut import read_ctf

    library = load()
    if isinstance(transform, library.Lut1DTransform):
        transform = _finite(transform)
    group = library.GroupTransform([transform])
    with reported(processor.config.source):
        text: str = group.write("Color Transform Format", processor.config.ocio)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "transform.ctf"
            path.write_text(text, encoding="utf-8")
            found: tuple[PixelOp, ...] = read_ctf(path).ops
    except (FormatError, ValueError) as error:
        reason = error.reason if isinstance(error, FormatError) else str(error)
        fixed = isinstance(transform, library.FixedFunctionTransform)
        why = "" if fixed else f": {reason}"
        raise InexactError(f"{_name(transform)} has no counterpart here{why}") from None
    return found


def _finite(transform: Any) -> Any:
    """A 1D LUT without infinities, which the library tabulates for inputs whose output float32 does not have."""
    table = np.array(transform.getData(), np.float32).reshape(-1, 3)
    if np.isfinite(table).all():
        return transform
    made = copy.deepcopy(transform)
    made.setData(np.nan_to_num(table, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST))
    return made


def _name(transform: Any) -> str:
    """What the library calls a transform, with its style where it has one."""
    kind = type(transform).__name__.removesuffix("Transform")
    if kind != "FixedFunction":
        return kind
    return f"{kind} {load().FixedFunctionStyleToString(transform.getStyle())}"


def _spline(processor: Processor, transform: Any, logarithms: bool) -> PixelOp:
    """One curve for all channels, tabulated from its first to its last control point.

    Beyond these the library goes on with a straight line; the table goes as far as logarithms can.
    """
    library = load()
    curves = transform.getValue()
    for single in (curves.red, curves.green, curves.blue):
        if [(point.x, point.y) for point in single.getControlPoints()] != [(0.0, 0.0), (1.0, 1.0)]:
            raise InexactError("GradingRGBCurve: its curves differ between red, green and blue")
    if transform.getStyle() == library.GRADING_LIN and not transform.getBypassLinToLog():
        raise InexactError("GradingRGBCurve: its style is linear")
    points, slopes = list(curves.master.getControlPoints()), list(curves.master.getSlopes())
    level = not curves.master.slopesAreDefault()
    low = points[0].x if level and slopes[0] == 0.0 else _LOGARITHMS[0]
    high = points[-1].x if level and slopes[-1] == 0.0 else _LOGARITHMS[1]
    if not logarithms and (low, high) != (points[0].x, points[-1].x):
        raise InexactError("GradingRGBCurve: it goes on beyond its control points, and no logarithm comes before it")
    entries = np.linspace(low, high, _SPLINE_ENTRIES).astype(np.float32)
    forward = library.GroupTransform([transform])
    backwards = transform.getDirection() == library.TRANSFORM_DIR_INVERSE
    if backwards:
        forward.setDirection(library.TRANSFORM_DIR_INVERSE)
    table = _by_library(processor.config.ocio.getProcessor(forward), np.repeat(entries[:, None], 3, axis=1))
    curve = table[:, 0]
    if backwards and curve[-1] > curve[0]:
        # What lies on the level end of a curve comes from its very end, not from where float32 became level.
        curve[:-1] = np.minimum(curve[:-1], np.nextafter(curve[-1], curve[0]))
    op = lut(Lut1D(curve, (float(low), float(high))))
    return op.inverse() if backwards else op


def _by_library(inner: Any, colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The library's exact result for colours (N, 3)."""
    result = np.array(colours, np.float32, order="C")
    inner.getOptimizedCPUProcessor(load().OPTIMIZATION_LOSSLESS).applyRGB(result)
    return result


def probe() -> NDArray[np.float32]:
    """The colours (N, 3) on which a translation is compared: a grey ramp, and colours from −0.5 to 1.5 and to 256.

    The channels of the bright ones are at most 6 stops apart: where a matrix takes one large number from another,
    float32 leaves nothing to compare.
    """
    random = np.random.default_rng(20)
    ramp = np.concatenate([np.linspace(-0.5, 1.5, 1001), np.exp2(np.linspace(-14, 8, 500))])
    bright = np.exp2(random.uniform(-12, 5, (3000, 1)) + random.uniform(-3, 3, (3000, 3)))
    flat = random.uniform(-0.5, 1.5, (3000, 3))
    return np.concatenate([np.repeat(ramp[:, None], 3, axis=1), bright, flat]).astype(np.float32)


def _compare(processor: Processor, look: Look) -> None:
    """Nothing, when the look gives the library's colours.

    Colours that the library makes infinite, or too large for the next matrix, are left out: codes of 10 and more
    to a logarithmic curve.
    """
    colours = probe()
    wanted = _by_library(processor.ocio, colours).astype(np.float64)
    found = Image(colours[np.newaxis].copy())
    look.apply(found)
    error = _difference(found.numpy()[0], wanted)
    unsure = error > TOLERANCE
    if unsure.any() and error.max() <= _LOOSE:
        back = processor.inverse().ocio
        codes = [_by_library(back, result[unsure].astype(np.float32)) for result in (found.numpy()[0], wanted)]
        error[unsure] = np.where(_difference(*codes) <= TOLERANCE, 0.0, error[unsure])
    worst = int(np.argmax(error))
    if error[worst] > TOLERANCE:
        colour = ", ".join(f"{value:g}" for value in colours[worst])
        raise InexactError(f"our operations are off by {error[worst]:.2g} for the colour ({colour})")


def _difference(found: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.float64]:
    """How far each colour is off, by its largest channel; 0 where ``wanted`` is beyond what is compared."""
    largest = np.abs(wanted).max(axis=1)
    with np.errstate(invalid="ignore"):
        error = np.abs(found - wanted).max(axis=1) / np.maximum(1.0, largest)
    error = np.where(np.isnan(error), np.inf, error)
    return np.where(largest < _SENSIBLE, error, 0.0)
