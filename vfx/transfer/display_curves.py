"""The curves of displays, television and cinema; see :mod:`vfx.transfer.curves`."""

from __future__ import annotations

import math
from collections.abc import Callable

from vfx import checks
from vfx.transfer.display_families import BlackLift, Hlg, Pq
from vfx.transfer.families import Curve, Linear, LinearToe, Power, parameters

__all__ = ["DISPLAY_CURVES"]

# The constant of the hybrid log-gamma curve, ITU-R BT.2100-2, Table 5, and ARIB STD-B67:2015, 4.
_HLG_A = 0.17883277


def _linear() -> Curve:
    """Linear light, unchanged."""
    return Linear("linear", "identity")


def _srgb() -> Curve:
    """The sRGB display curve."""
    return LinearToe(
        "srgb", "IEC 61966-2-1:1999, 5.2", exponent=1.0 / 2.4, scale=1.055, offset=0.055, slope=12.92,
        linear_break=0.0031308, encoded_break=0.04045,
    )  # fmt: skip


def _rec709() -> Curve:
    """The camera curve (OETF) of HDTV; its power begins at 0.018 itself, 0.00024 above the end of its line."""
    return LinearToe(
        "rec709", "ITU-R BT.709-6, 1.2", exponent=0.45, scale=1.099, offset=0.099, slope=4.500,
        linear_break=math.nextafter(0.018, 0.0), encoded_break=math.nextafter(1.099 * 0.018**0.45 - 0.099, 0.0),
    )  # fmt: skip


def _bt1886(white: float = 1.0, black: float = 0.0) -> Curve:
    """The HDTV reference display (EOTF) by the luminances of its codes 1 and 0; light below black is no light."""
    top = checks.number("white", white, low=1e-6, high=1e6)
    low = checks.number("black", black, low=0.0, high=1e6)
    if low >= top:
        raise ValueError(f"black must be below white, got black={low:g} and white={top:g}")
    return BlackLift(
        "bt1886", "ITU-R BT.1886 (2011), Annex 1", 2.40, top, low,
        params=() if (top, low) == (1.0, 0.0) else parameters(white=top, black=low), bijective=False,
    )  # fmt: skip


def _gamma(gamma: float) -> Curve:
    """A pure power curve of any exponent, mirrored below zero."""
    exponent = checks.number("gamma", gamma, low=0.01, high=100.0)
    return Power("gamma", "pure power function", exponent, params=parameters(gamma=exponent))


def _gamma22() -> Curve:
    """A pure power curve of 2.2, mirrored below zero."""
    return Power("gamma22", "pure power function, 2.2", 2.2)


def _gamma24() -> Curve:
    """A pure power curve of 2.4, mirrored below zero."""
    return Power("gamma24", "pure power function, 2.4", 2.4)


def _gamma26() -> Curve:
    """A pure power curve of 2.6 (digital cinema), mirrored below zero."""
    return Power("gamma26", "SMPTE RP 431-2:2011, 7.10 (exponent 2.6, no scaling)", 2.6)


def _moncurve(gamma: float, offset: float) -> Curve:
    """The monotonic power curve of CLF, whose toe meets it at equal slope."""
    g = checks.number("gamma", gamma, low=1.01, high=10.0)
    o = checks.number("offset", offset, low=1e-6, high=0.9)
    encoded_break = o / (g - 1.0)
    slope = (g - 1.0) / o * (o * g / ((g - 1.0) * (1.0 + o))) ** g
    return LinearToe(
        "moncurve", "Common LUT Format S-2014-006 v3, Exponent, monCurve", exponent=1.0 / g, scale=1.0 + o, offset=o,
        slope=1.0 / slope, linear_break=slope * encoded_break, encoded_break=encoded_break,
        params=parameters(gamma=g, offset=o),
    )  # fmt: skip


def _pq(nits: float = 100.0) -> Curve:
    """The perceptual quantiser, where 1.0 is ``nits`` cd/m²."""
    scale = checks.number("nits", nits, low=1e-3, high=1e6)
    return Pq(
        "pq", "SMPTE ST 2084:2014, 5.1", m1=2610 / 4096 / 4, m2=2523 / 4096 * 128, c1=3424 / 4096,
        c2=2413 / 4096 * 32, c3=2392 / 4096 * 32, peak=10000.0, nits=scale,
        params=parameters(nits=scale), bijective=False,
    )  # fmt: skip


def _hlg_of(name: str, standard: str, scale: float) -> Curve:
    """HLG with the constants of BT.2100, which follow from ``a``."""
    b, c = 1.0 - 4.0 * _HLG_A, 0.5 - _HLG_A * math.log(4.0 * _HLG_A)
    return Hlg(name, standard, a=_HLG_A, b=b, c=c, scale=scale)


def _hlg() -> Curve:
    """The hybrid log-gamma camera curve (OETF), linear light in [0, 1] to signal in [0, 1]."""
    return _hlg_of("hlg", "ITU-R BT.2100-2 (2018), Table 5, HLG reference OETF", 12.0)


def _hlg_arib() -> Curve:
    """Hybrid log-gamma as first published: linear light in [0, 12], where 1 has the signal r = 0.5."""
    return Hlg("hlg_arib", "ARIB STD-B67 (2015), 4", a=_HLG_A, b=0.28466892, c=0.55991073, scale=1.0)


def _hlg_ocio() -> Curve:
    """Hybrid log-gamma where linear light of 3 has the signal 1, as OpenColorIO's ``CURVE - HLG-OETF``."""
    return _hlg_of("hlg_ocio", "ITU-R BT.2100-2 (2018), Table 5; light scaled by 3 as in OpenColorIO", 4.0)


def _romm() -> Curve:
    """ROMM RGB (ProPhoto RGB); its toe goes on below 0, its power above 1."""
    toe = 16.0 ** (1.8 / (1.0 - 1.8))
    return LinearToe(
        "romm", "ANSI/I3A IT10.7666:2003 (ISO 22028-2:2013)", exponent=1.0 / 1.8, scale=1.0, offset=0.0, slope=16.0,
        linear_break=math.nextafter(toe, 0.0), encoded_break=math.nextafter(16.0 * toe, 0.0),
    )  # fmt: skip


def _smpte240m() -> Curve:
    """The camera curve (OETF) of the first HDTV; its power begins at 0.0228 itself."""
    return LinearToe(
        "smpte240m", "SMPTE 240M-1999, 4.1", exponent=0.45, scale=1.1115, offset=0.1115, slope=4.0,
        linear_break=math.nextafter(0.0228, 0.0),
        encoded_break=math.nextafter(1.1115 * 0.0228**0.45 - 0.1115, 0.0),
    )  # fmt: skip


def _dcdm() -> Curve:
    """The digital cinema distribution master, of CIE XYZ in cd/m²: code 1 is 52.37 cd/m²; mirrored below zero."""
    return Power("dcdm", "SMPTE ST 428-1:2019, 4.3", 2.6, 52.37)


#: Name -> the function that makes the curve of its parameters.
DISPLAY_CURVES: dict[str, Callable[..., Curve]] = {
    "bt1886": _bt1886,
    "dcdm": _dcdm,
    "gamma": _gamma,
    "gamma22": _gamma22,
    "gamma24": _gamma24,
    "gamma26": _gamma26,
    "hlg": _hlg,
    "hlg_arib": _hlg_arib,
    "hlg_ocio": _hlg_ocio,
    "linear": _linear,
    "moncurve": _moncurve,
    "pq": _pq,
    "rec709": _rec709,
    "romm": _romm,
    "smpte240m": _smpte240m,
    "srgb": _srgb,
}
