"""The operations of process lists that no other room has: Range, Log, Exponent, ExposureContrast.

Names, styles and parameters are those of the Common LUT Format v3 (Academy S-2014-006, 5) and of
Autodesk's CTF; numbers are normalised, so 1.0 is white at any bit depth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from vfx import checks
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = ["EXPONENT_STYLES", "EXPOSURE_STYLES", "LOG_STYLES", "Exponent", "ExposureContrast", "Log", "Range", "shown"]

Triple = tuple[float, float, float]
Numbers = float | Sequence[float]

_ONES: Triple = (1.0, 1.0, 1.0)
_ZEROS: Triple = (0.0, 0.0, 0.0)
_INFINITY = float("inf")


def shown(op: Any, **defaults: Any) -> str:
    """The op as its constructor is written, without what has its default."""
    parts = []
    for name, default in defaults.items():
        value = getattr(op, name)
        if value != default:
            alike = isinstance(value, tuple) and len(value) == 3 and len(set(value)) == 1
            parts.append(f"{name}={value[0] if alike else value!r}")
    return f"{type(op).__name__}({', '.join(parts)})"


def _map(function: Any, *triples: Triple) -> Triple:
    """``function`` of the reds, of the greens and of the blues."""
    red, green, blue = (float(function(*values)) for values in zip(*triples, strict=True))
    return red, green, blue


@dataclass(frozen=True, repr=False)
class Range(PixelOp):
    """Input from ``min_in`` to ``max_in`` mapped to ``min_out`` … ``max_out``, and clamped to it.

    Parameters
    ----------
    min_in, max_in, min_out, max_out : float, optional
        Either end may be missing, its in and out value together; the other end must then be the same in and out.
    clamp : bool
        Whether values beyond the ends are clamped; False needs both ends.

    Raises
    ------
    ValueError
        If the ends contradict each other.

    Examples
    --------
    >>> Range(0.0, 1.0, 0.0625, 0.918).inverse()
    Range(min_in=0.0625, max_in=0.918, min_out=0.0, max_out=1.0)
    """

    min_in: float | None = None
    max_in: float | None = None
    min_out: float | None = None
    max_out: float | None = None
    clamp: bool = True
    name: ClassVar[str] = "range"

    def __post_init__(self) -> None:
        """Check the ends (S-2014-006, 5.5)."""
        for field in ("min_in", "max_in", "min_out", "max_out"):
            if getattr(self, field) is not None:
                object.__setattr__(self, field, checks.number(field, getattr(self, field)))
        for end in ("min", "max"):
            if (getattr(self, f"{end}_in") is None) != (getattr(self, f"{end}_out") is None):
                raise ValueError(f"{end}_in and {end}_out must be both given or both missing, got {self!r}")
        if self.min_in is None and self.max_in is None:
            raise ValueError("a range needs a minimum or a maximum, got neither")
        if self.min_in is None or self.max_in is None or self.min_out is None or self.max_out is None:
            self._check_single_end()
            return
        if not self.min_in < self.max_in:
            raise ValueError(f"min_in must be below max_in, got {self.min_in:g} and {self.max_in:g}")
        if self.min_out > self.max_out:
            raise ValueError(f"min_out must not be above max_out, got {self.min_out:g} and {self.max_out:g}")

    def _check_single_end(self) -> None:
        """A range of one end is a clamp at the same value in and out."""
        given, wanted = (self.max_in, self.max_out) if self.min_in is None else (self.min_in, self.min_out)
        assert given is not None
        assert wanted is not None
        if not self.clamp:
            raise ValueError("a range that does not clamp needs both a minimum and a maximum")
        if abs(given - wanted) > 1e-6 * max(abs(given), abs(wanted)):
            raise ValueError(f"a range of one end must have the same value in and out, got {given:g} and {wanted:g}")

    def __repr__(self) -> str:
        """The call that makes it."""
        return shown(self, min_in=None, max_in=None, min_out=None, max_out=None, clamp=True)

    def affine(self) -> tuple[float, float]:
        """The factor and the constant that come before the clamp."""
        if self.min_in is None or self.max_in is None or self.min_out is None or self.max_out is None:
            return 1.0, 0.0
        factor = (self.max_out - self.min_out) / (self.max_in - self.min_in)
        return factor, self.min_out - factor * self.min_in

    def steps(self) -> tuple[Step, ...]:
        """An ``affine`` step where something is scaled, and a ``clamp`` step."""
        factor, constant = self.affine()
        found: list[Step] = []
        if (factor, constant) != (1.0, 0.0):
            found.append(Step("affine", (factor,) * 3 + (constant,) * 3))
        if self.clamp:
            low = -_INFINITY if self.min_out is None else self.min_out
            high = _INFINITY if self.max_out is None else self.max_out
            found.append(Step("clamp", (low,) * 3 + (high,) * 3))
        return tuple(found)

    @property
    def is_identity(self) -> bool:
        """Whether nothing is scaled or clamped."""
        return not self.clamp and self.affine() == (1.0, 0.0)

    def inverse(self) -> Range:
        """In and out exchanged.

        Raises
        ------
        NotInvertibleError
            If everything becomes one value.
        """
        if self.min_out is not None and self.min_out == self.max_out:
            raise NotInvertibleError(f"{self!r} has no inverse: everything becomes {self.min_out:g}")
        return Range(self.min_out, self.max_out, self.min_in, self.max_in, self.clamp)


#: Style of a Log -> (its opposite, the base that it fixes or None).
LOG_STYLES: dict[str, tuple[str, float | None]] = {
    "antiLog10": ("log10", 10.0),
    "antiLog2": ("log2", 2.0),
    "cameraLinToLog": ("cameraLogToLin", None),
    "cameraLogToLin": ("cameraLinToLog", None),
    "linToLog": ("logToLin", None),
    "log10": ("antiLog10", 10.0),
    "log2": ("antiLog2", 2.0),
    "logToLin": ("linToLog", None),
}
_TO_LOG = ("log10", "log2", "linToLog", "cameraLinToLog")


@dataclass(frozen=True, repr=False)
class Log(PixelOp):
    """A logarithm or its opposite, plain, affine, or with a linear part near black.

    ::

        linToLog   y = log_side_slope log(lin_side_slope x + lin_side_offset) + log_side_offset
        camera…    the same above lin_side_break, a line of linear_slope below it

    What a logarithm is taken of is limited to the smallest normal float32.

    Parameters
    ----------
    style : str
        ``log2 log10 antiLog2 antiLog10 linToLog logToLin cameraLinToLog cameraLogToLin``.
    base : float, optional
        2 unless the style fixes it; above 0, not 1.
    log_side_slope, log_side_offset, lin_side_slope, lin_side_offset : float or three floats
        The affine parts; slopes are not 0. Not for ``log2`` and its like.
    lin_side_break : float or three floats, optional
        Where the camera styles' linear part ends; without it they have none.
    linear_slope : float or three floats, optional
        The slope of the linear part; by default that of the curve at the break.

    Examples
    --------
    >>> Log("linToLog", base=10, log_side_slope=0.3).inverse()
    Log(style='logToLin', base=10.0, log_side_slope=0.3)
    """

    style: str
    base: float = 0.0
    log_side_slope: Triple = _ONES
    log_side_offset: Triple = _ZEROS
    lin_side_slope: Triple = _ONES
    lin_side_offset: Triple = _ZEROS
    lin_side_break: Triple | None = None
    linear_slope: Triple | None = None
    name: ClassVar[str] = "log"

    def __post_init__(self) -> None:
        """Check the parameters (S-2014-006, 5.6)."""
        fixed = LOG_STYLES[checks.one_of("style", self.style, LOG_STYLES)][1]
        base = checks.number("base", self.base or fixed or 2.0, low=1e-30)
        if base == 1.0 or (fixed is not None and base != fixed):
            raise ValueError(
                f"base of {self.style} must {'not be 1' if base == 1.0 else f'be {fixed:g}'}, got {base:g}"
            )
        object.__setattr__(self, "base", base)
        for field in ("log_side_slope", "log_side_offset", "lin_side_slope", "lin_side_offset"):
            object.__setattr__(self, field, checks.triple(field, getattr(self, field)))
        for field in ("lin_side_break", "linear_slope"):
            if getattr(self, field) is not None:
                if not self.style.startswith("camera"):
                    raise ValueError(f"{field} belongs to cameraLinToLog and cameraLogToLin only, not to {self.style}")
                object.__setattr__(self, field, checks.triple(field, getattr(self, field)))
        affine = (self.log_side_slope, self.log_side_offset, self.lin_side_slope, self.lin_side_offset)
        if fixed is not None and affine != (_ONES, _ZEROS, _ONES, _ZEROS):
            raise ValueError(f"{self.style} takes no slopes or offsets; linToLog and logToLin do")
        for field in ("log_side_slope", "lin_side_slope", "linear_slope"):
            if 0.0 in (getattr(self, field) or ()):
                raise ValueError(f"{field} must not be 0, got {getattr(self, field)}")
        if self.linear_slope is not None and self.lin_side_break is None:
            raise ValueError("linear_slope needs a lin_side_break")
        if self.style.startswith("camera") and self.lin_side_break is None and affine != (_ONES, _ZEROS, _ONES, _ZEROS):
            raise ValueError(f"{self.style} needs a lin_side_break")
        self._lines()

    def __repr__(self) -> str:
        """The call that makes it."""
        base = LOG_STYLES[self.style][1] or 2.0
        return shown(self, style=None, base=base, log_side_slope=_ONES, log_side_offset=_ZEROS, lin_side_slope=_ONES,
                     lin_side_offset=_ZEROS, lin_side_break=None, linear_slope=None)  # fmt: skip

    def _lines(self) -> list[tuple[float, float, float, float]]:
        """Break, slope, constant and the logarithmic break of each channel; -inf breaks where there is no line."""
        if self.lin_side_break is None:
            return [(-_INFINITY, 0.0, 0.0, -_INFINITY)] * 3
        found = []
        for c, brk in enumerate(self.lin_side_break):
            inner = self.lin_side_slope[c] * brk + self.lin_side_offset[c]
            if inner <= 0.0:
                raise ValueError(f"lin_side_break {brk:g} lies where the logarithm has no value")
            natural = self.log_side_slope[c] / math.log(self.base)
            slope = natural * self.lin_side_slope[c] / inner if self.linear_slope is None else self.linear_slope[c]
            at_break = natural * math.log(inner) + self.log_side_offset[c]
            found.append((brk, slope, at_break - slope * brk, at_break))
        return found

    def steps(self) -> tuple[Step, ...]:
        """One ``log_encode`` or ``log_decode`` step, or the per-channel variant of it."""
        bits = math.log2(self.base)
        columns = []
        for c, (brk, slope, constant, at_break) in enumerate(self._lines()):
            k, o, a, b = (
                self.log_side_slope[c] / bits, self.log_side_offset[c], self.lin_side_slope[c], self.lin_side_offset[c]
            )  # fmt: skip
            if self.style in _TO_LOG:
                columns.append((k, o, a, b, brk, slope, constant))
            else:
                line = (1.0 / slope, -constant / slope) if slope else (0.0, 0.0)
                columns.append((1.0 / k, -o / k, 1.0 / a, -b / a, at_break, *line))
        kernel = "log_encode" if self.style in _TO_LOG else "log_decode"
        if len(set(columns)) == 1:
            return (Step(kernel, columns[0]),)
        return (Step(f"{kernel}_rgb", tuple(value for row in zip(*columns, strict=True) for value in row)),)

    def inverse(self) -> Log:
        """The opposite style with the same parameters."""
        return replace(self, style=LOG_STYLES[self.style][0])


_EXPONENT_KINDS = ("basic", "basicMirror", "basicPassThru", "monCurve", "monCurveMirror")
#: The styles of an Exponent.
EXPONENT_STYLES = tuple(f"{kind}{direction}" for kind in _EXPONENT_KINDS for direction in ("Fwd", "Rev"))


@dataclass(frozen=True, repr=False)
class Exponent(PixelOp):
    """A power, or a power with a linear part near black ("moncurve").

    Parameters
    ----------
    style : str
        ``basic`` (negatives become 0), ``basicMirror``, ``basicPassThru``, ``monCurve`` or ``monCurveMirror``,
        with ``Fwd`` or ``Rev`` behind it.
    exponent : float or three floats
        0.01 to 100; moncurve 1 to 10.
    offset : float or three floats, optional
        Of moncurve alone, 0 to 0.9 (sRGB: 0.055).

    Examples
    --------
    >>> Exponent("monCurveFwd", 2.4, 0.055).inverse()
    Exponent(style='monCurveRev', exponent=2.4, offset=0.055)
    """

    style: str
    exponent: Triple = _ONES
    offset: Triple = _ZEROS
    name: ClassVar[str] = "exponent"

    def __post_init__(self) -> None:
        """Check the parameters; the limits are those of OpenColorIO and CTF."""
        checks.one_of("style", self.style, EXPONENT_STYLES)
        least, most = (1.0, 10.0) if self.has_offset else (0.01, 100.0)
        for field, low, high in (("exponent", least, most), ("offset", 0.0, 0.9)):
            values = checks.triple(field, getattr(self, field))
            for value in values:
                checks.number(f"{field} of {self.style}", value, low=low, high=high)
            object.__setattr__(self, field, values)
        if not self.has_offset and self.offset != _ZEROS:
            raise ValueError(f"{self.style} takes no offset; the styles of monCurve do")

    def __repr__(self) -> str:
        """The call that makes it."""
        return shown(self, style=None, exponent=None, offset=_ZEROS)

    @property
    def has_offset(self) -> bool:
        """Whether the style is one of monCurve's."""
        return self.style.startswith("monCurve")

    def _moncurve(self, g: float, o: float) -> tuple[float, float, float, float, float]:
        """Exponent, factor, constant, break and slope of one channel (S-2014-006, 5.7)."""
        # OpenColorIO's limits keep the pure power and the identity computable.
        g, o = max(g, 1.000001), max(o, 1e-6)
        brk = o / (g - 1.0)
        slope = (g - 1.0) / o * ((o * g) / ((g - 1.0) * (1.0 + o))) ** g
        if self.style.endswith("Fwd"):
            return g, 1.0 / (1.0 + o), o / (1.0 + o), brk, slope
        return 1.0 / g, 1.0 + o, o, brk * slope, 1.0 / slope

    def steps(self) -> tuple[Step, ...]:
        """One ``power`` step, or one step of a curve with a line."""
        forward = self.style.endswith("Fwd")
        if not self.has_offset:
            exponent = self.exponent if forward else _map(lambda g: 1.0 / g, self.exponent)
            mode = 2.0 if "PassThru" in self.style else 1.0 if "Mirror" in self.style else 0.0
            return (Step("power", (*exponent, mode)),)
        mode = 1.0 if "Mirror" in self.style else 0.0
        kernel = "curve_decode" if forward else "curve_encode"
        columns = [self._moncurve(g, o) for g, o in zip(self.exponent, self.offset, strict=True)]
        if len(set(columns)) == 1:
            return (Step(kernel, (*columns[0], mode)),)
        flat = (value for row in zip(*columns, strict=True) for value in row)
        return (Step(f"{kernel}_rgb", (*flat, mode)),)

    @property
    def is_identity(self) -> bool:
        """Whether no channel changes; ``basic`` styles change negative values."""
        clamps = self.style in ("basicFwd", "basicRev")
        return not clamps and (self.exponent, self.offset) == (_ONES, _ZEROS)

    def inverse(self) -> Exponent:
        """The opposite direction."""
        return replace(self, style=self.style[:-3] + ("Rev" if self.style.endswith("Fwd") else "Fwd"))


#: The styles of an ExposureContrast.
EXPOSURE_STYLES = ("linear", "video", "log")
# Limits and the exponent of a video encoding, as CTF's reader in OpenColorIO has them.
_LEAST = 0.001
_VIDEO_POWER = 1.0 / 1.83


@dataclass(frozen=True, repr=False)
class ExposureContrast(PixelOp):
    """Exposure in stops and contrast about a pivot, for linear, video or logarithmic pictures (CTF).

    Parameters
    ----------
    style : str
        ``linear``, ``video`` or ``log``.
    exposure : float
        Stops.
    contrast, gamma : float
        Both multiply to the contrast; 1 changes nothing.
    pivot : float
        The linear value that contrast keeps.
    log_exposure_step, log_mid_gray : float
        Of ``log``: the code values of one stop and of 18 % grey.
    reverse : bool
        Undo it instead.
    dynamic : tuple of str, optional
        Which of ``exposure``, ``contrast``, ``gamma`` the file calls adjustable; kept, without effect.

    Examples
    --------
    >>> ExposureContrast("linear", exposure=1.0, contrast=1.2)
    ExposureContrast(style='linear', exposure=1.0, contrast=1.2)
    """

    style: str
    exposure: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0
    pivot: float = 0.18
    log_exposure_step: float = 0.088
    log_mid_gray: float = 0.435
    reverse: bool = False
    dynamic: tuple[str, ...] = ()
    name: ClassVar[str] = "exposure_contrast"

    def __post_init__(self) -> None:
        """Check the parameters."""
        checks.one_of("style", self.style, EXPOSURE_STYLES)
        for field in ("contrast", "gamma", "pivot", "log_mid_gray"):
            object.__setattr__(self, field, checks.number(field, getattr(self, field)))
        object.__setattr__(self, "exposure", checks.number("exposure", self.exposure, low=-100.0, high=100.0))
        step = checks.number("log_exposure_step", self.log_exposure_step)
        object.__setattr__(self, "log_exposure_step", step)
        for each in self.dynamic:
            checks.one_of("dynamic", each, ("exposure", "contrast", "gamma"))
        object.__setattr__(self, "dynamic", tuple(self.dynamic))

    def __repr__(self) -> str:
        """The call that makes it."""
        return shown(self, style=None, exposure=0.0, contrast=1.0, gamma=1.0, pivot=0.18, log_exposure_step=0.088,
                     log_mid_gray=0.435, reverse=False, dynamic=())  # fmt: skip

    def steps(self) -> tuple[Step, ...]:
        """A multiply-add for ``log``; a gain, or gains around a ``power`` step, for the others."""
        contrast = max(_LEAST, self.contrast * self.gamma)
        if self.style == "log":
            pivot = math.log2(max(_LEAST, self.pivot) / 0.18) * self.log_exposure_step + self.log_mid_gray
            pivot = max(0.0, pivot)
            shift = (self.exposure * self.log_exposure_step - pivot) * contrast + pivot
            k, o = (1.0 / contrast, -shift / contrast) if self.reverse else (contrast, shift)
            return (Step("affine", (k,) * 3 + (o,) * 3),)
        power = _VIDEO_POWER if self.style == "video" else 1.0
        exposure, pivot = 2.0 ** (self.exposure * power), max(_LEAST, self.pivot) ** power
        if contrast == 1.0:
            return (Step("gain", (1.0 / exposure if self.reverse else exposure,) * 3),)
        before, after = (1.0 / pivot, pivot / exposure) if self.reverse else (exposure / pivot, pivot)
        exponent = 1.0 / contrast if self.reverse else contrast
        return (
            Step("gain", (before,) * 3),
            Step("power", (exponent, exponent, exponent, 0.0)),
            Step("gain", (after,) * 3),
        )

    @property
    def is_identity(self) -> bool:
        """Whether exposure and contrast are neutral."""
        return self.exposure == 0.0 and self.contrast * self.gamma == 1.0

    def inverse(self) -> ExposureContrast:
        """The opposite direction."""
        return replace(self, reverse=not self.reverse)
