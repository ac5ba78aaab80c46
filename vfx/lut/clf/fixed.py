"""FixedFunction of CTF: the named formulas of ACES, CIE and television that process lists refer to.

==========================  ============================================================  ==========
styles                      what they are                                                 numbers
==========================  ============================================================  ==========
``RedMod03 RedMod10``       red modifier of ACES 0.3 and 1.0 (CTL: ACESlib.RRT_Common)    none
``Glow03 Glow10``           glow module of the same                                       none
``DarkToDim10``             ACES 1.0 surround compensation (CTL: ACESlib.ODT_Common)      none
``GamutComp13``             ACES 1.3 reference gamut compression (S-2020-001)             7
``Rec2100Surround``         luminance to a power (ITU-R BT.2100-2, HLG OOTF)              gamma
``RGB_TO_HSV``              hue, saturation, value                                        none
``XYZ_TO_xyY …uvY …LUV``    chromaticities and CIE 1976 L*u*v* (CIE 15:2018)              none
``Lin_TO_PQ``               SMPTE ST 2084, 1.0 = 100 cd/m2                                none
``Lin_TO_GammaLog``         a power below a break, a logarithm above it                   10
``Lin_TO_DoubleLog``        two logarithms with a line between them                       13
==========================  ============================================================  ==========

Each has its opposite. Those of ACES 2.0 and HSY are known by name and refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from vfx import _late, checks
from vfx.lut.clf.ops import shown
from vfx.pixelop import PixelOp, Step

__all__ = ["FIXED_STYLES", "FixedFunction", "style_named"]

Numbers = tuple[float, ...]
_LARGEST = 3.4e38


class _Style(NamedTuple):
    """What a style does: its opposite, how many numbers it takes, its steps from them."""

    opposite: str
    numbers: int
    steps: Callable[[Numbers], tuple[Step, ...]]


def _fixed(kernel: str, *params: float) -> Callable[[Numbers], tuple[Step, ...]]:
    """A step without free numbers."""
    return lambda _: (Step(kernel, params),)


def _surround(reverse: bool) -> Callable[[Numbers], tuple[Step, ...]]:
    """BT.2100's luminance weights; the floor keeps the gain of near-black below 10.

    The way back has its floor where the way there puts 1e-4, so that it undoes colours below the floor too.
    """

    def steps(numbers: Numbers) -> tuple[Step, ...]:
        gamma = checks.number("gamma of Rec2100Surround", numbers[0], low=0.01, high=100.0)
        # The way back begins where the floor of the way there lands.
        power, floor = (1.0 / gamma - 1.0, 1e-4**gamma) if reverse else (gamma - 1.0, 1e-4)
        return (Step("surround", (power, floor, 0.2627, 0.6780, 0.0593, 1.0)),)

    return steps


def _gamut(reverse: bool) -> Callable[[Numbers], tuple[Step, ...]]:
    """The colour room's gamut compression with this list's numbers."""

    def steps(numbers: Numbers) -> tuple[Step, ...]:
        build = _late.builder("gamut_compress")
        op: PixelOp = build(limit=numbers[:3], threshold=numbers[3:6], power=numbers[6])
        return (op.inverse() if reverse else op).steps()

    return steps


def _log_segment(name: str, numbers: Numbers, base: float, reverse: bool) -> Numbers:
    """Slope and offset on both sides of a logarithm as the engine's a, b, c, d."""
    slope, offset, lin_slope, lin_offset = numbers
    if 0.0 in (slope, lin_slope):
        raise ValueError(f"a slope of the {name} logarithm is 0")
    bits = math.log2(base)
    if reverse:
        return bits / slope, -offset * bits / slope, 1.0 / lin_slope, -lin_offset / lin_slope
    return slope / bits, offset, lin_slope, lin_offset


def _logged(numbers: Numbers, base: float, x: float) -> float:
    """The value of a logarithm."""
    slope, offset, lin_slope, lin_offset = numbers
    inner = max(lin_slope * x + lin_offset, 2.0**-126)
    logged: float = slope * math.log(inner) / math.log(base) + offset
    return logged


def _base(value: float) -> float:
    """A base that a logarithm can have."""
    base = checks.number("base", value, low=1e-30)
    if base == 1.0:
        raise ValueError("base must not be 1")
    return base


def _gamma_log(reverse: bool) -> Callable[[Numbers], tuple[Step, ...]]:
    """Mirror point, break, power, slope and offset of the power, base and affine parts of the logarithm."""

    def steps(numbers: Numbers) -> tuple[Step, ...]:
        mirror, brk, power, slope, offset, base = numbers[:6]
        if power == 0.0 or slope == 0.0:
            raise ValueError("power and slope of the gamma segment must not be 0")
        log = _log_segment("upper", numbers[6:10], _base(base), reverse)
        if not reverse:
            return (Step("gamma_log", (mirror, brk, power, slope, offset, *log, 0.0)),)

        def encoded(x: float) -> float:
            return float(slope * max(x + offset, 0.0) ** power)

        return (Step("gamma_log", (encoded(mirror), encoded(brk), 1.0 / power, 1.0 / slope, -offset, *log, 1.0)),)

    return steps


def _double_log(reverse: bool) -> Callable[[Numbers], tuple[Step, ...]]:
    """Base, two breaks, the affine parts of two logarithms, slope and offset of the line."""

    def steps(numbers: Numbers) -> tuple[Step, ...]:
        base, low, high = _base(numbers[0]), numbers[1], numbers[2]
        slope, offset = numbers[11:13]
        if high < low:
            raise ValueError(f"the second break must not be below the first, got {low:g} and {high:g}")
        if slope == 0.0:
            raise ValueError("the slope of the line must not be 0")
        logs = (
            *_log_segment("first", numbers[3:7], base, reverse),
            *_log_segment("second", numbers[7:11], base, reverse),
        )
        if not reverse:
            return (Step("double_log", (low, high, *logs, slope, offset, 0.0)),)
        breaks = (_logged(numbers[3:7], base, low), _logged(numbers[7:11], base, high))
        return (Step("double_log", (*breaks, *logs, 1.0 / slope, -offset / slope, 1.0)),)

    return steps


# 4 knots over 120 and 135 degrees; 1 - 0.85 and 1 - 0.82; the pivot of both is 0.03.
_RED_03 = (0.15, 0.03, 4.0 / math.radians(120.0))
_RED_10 = (0.18, 0.03, 4.0 / math.radians(135.0))
# ACES' AP1 luminance, and its surround gamma; the floor keeps the power finite.
_DIM = (1e-10, 0.27222871678091454, 0.67408176581114831, 0.053689517407937051)
_DIM_GAMMA = 0.9811


def _table() -> dict[str, _Style]:
    """All styles by name."""
    found: dict[str, _Style] = {}

    def pair(names: tuple[str, str], count: int, *steps: Callable[[Numbers], tuple[Step, ...]]) -> None:
        found[names[0]] = _Style(names[1], count, steps[0])
        found[names[1]] = _Style(names[0], count, steps[1])

    pair(("RedMod03Fwd", "RedMod03Rev"), 0, _fixed("red_mod", *_RED_03, 2.0), _fixed("red_mod", *_RED_03, 3.0))
    pair(("RedMod10Fwd", "RedMod10Rev"), 0, _fixed("red_mod", *_RED_10, 0.0), _fixed("red_mod", *_RED_10, 1.0))
    pair(("Glow03Fwd", "Glow03Rev"), 0, _fixed("glow", 0.075, 0.1, 0.0), _fixed("glow", 0.075, 0.1, 1.0))
    pair(("Glow10Fwd", "Glow10Rev"), 0, _fixed("glow", 0.05, 0.08, 0.0), _fixed("glow", 0.05, 0.08, 1.0))
    pair(("DarkToDim10", "DimToDark10"), 0, _fixed("surround", _DIM_GAMMA - 1.0, *_DIM, 0.0),
         _fixed("surround", 1.0 / _DIM_GAMMA - 1.0, *_DIM, 0.0))  # fmt: skip
    pair(("GamutComp13Fwd", "GamutComp13Rev"), 7, _gamut(False), _gamut(True))
    pair(("Rec2100SurroundFwd", "Rec2100SurroundRev"), 1, _surround(False), _surround(True))
    pair(("RGB_TO_HSV", "HSV_TO_RGB"), 0, _fixed("rgb_to_hsv"), _fixed("hsv_to_rgb"))
    pair(("XYZ_TO_xyY", "xyY_TO_XYZ"), 0, _fixed("xyz_to_xyy"), _fixed("xyy_to_xyz"))
    pair(("XYZ_TO_uvY", "uvY_TO_XYZ"), 0, _fixed("xyz_to_uvy"), _fixed("uvy_to_xyz"))
    pair(("XYZ_TO_LUV", "LUV_TO_XYZ"), 0, _fixed("xyz_to_luv"), _fixed("luv_to_xyz"))
    pair(("Lin_TO_PQ", "PQ_TO_Lin"), 0, _fixed("pq_encode", 0.01), _fixed("pq_decode", 100.0))
    pair(("Lin_TO_GammaLog", "GammaLog_TO_Lin"), 10, _gamma_log(False), _gamma_log(True))
    pair(("Lin_TO_DoubleLog", "DoubleLog_TO_Lin"), 13, _double_log(False), _double_log(True))
    return found


_STYLES = _table()
#: The styles of a FixedFunction.
FIXED_STYLES: tuple[str, ...] = tuple(sorted(_STYLES))
_BY_LOWER = {name.lower(): name for name in _STYLES} | {"surround": "Rec2100SurroundFwd"}
_BEYOND = ("hsy", "jmh", "hmj", "tonescalecompress20", "gamutcompress20", "acesoutputtransform20", "gamutmap")


def style_named(text: str) -> str:
    """The style that a file means, whatever its case.

    Raises
    ------
    ValueError
        If there is none, or it is one that this package does not compute.
    """
    found = _BY_LOWER.get(text.lower())
    if found is not None:
        return found
    if any(part in text.lower() for part in _BEYOND):
        raise ValueError(
            f"FixedFunction {text!r} is not supported: of ACES 2.0 and HSY there is none here, use vfx.ocio"
        )
    return checks.one_of("style of a FixedFunction", text, FIXED_STYLES)


@dataclass(frozen=True, repr=False)
class FixedFunction(PixelOp):
    """A formula by name.

    Parameters
    ----------
    style : str
        One of ``FIXED_STYLES``.
    params : tuple of float, optional
        The style's free numbers.

    Examples
    --------
    >>> FixedFunction("Rec2100SurroundFwd", (0.8,)).inverse()
    FixedFunction(style='Rec2100SurroundRev', params=(0.8,))
    """

    style: str
    params: Numbers = ()
    name: ClassVar[str] = "fixed_function"

    def __post_init__(self) -> None:
        """Check the style and its numbers."""
        style = checks.one_of("style", self.style, FIXED_STYLES)
        count = _STYLES[style].numbers
        params = tuple(checks.number("params", value, low=-_LARGEST, high=_LARGEST) for value in self.params)
        if len(params) != count:
            raise ValueError(f"{style} takes {count} numbers, got {len(params)}")
        object.__setattr__(self, "params", params)
        if count:
            self.steps()  # which checks what the numbers mean

    def __repr__(self) -> str:
        """The call that makes it."""
        return shown(self, style=None, params=())

    def steps(self) -> tuple[Step, ...]:
        """The style's own."""
        return _STYLES[self.style].steps(self.params)

    def inverse(self) -> FixedFunction:
        """The opposite style with the same numbers."""
        return FixedFunction(_STYLES[self.style].opposite, self.params)
