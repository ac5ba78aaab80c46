"""The transfer functions this package knows, one standard to an entry.

Constants are written as the cited document prints them. ``curve(name, **params)`` finds an entry;
its shape and its arithmetic are in :mod:`vfx.transfer.families`.
"""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable

from vfx import checks
from vfx.transfer.families import AcesCc, Curve, Hlg, Linear, LinearToe, Log, Power, Pq, parameters

__all__ = ["curve", "curves"]

_LOG10_2 = math.log10(2.0)


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


def _bt1886() -> Curve:
    """The HDTV reference display (EOTF), black 0 and white 1; negative codes are black."""
    return Power("bt1886", "ITU-R BT.1886, Annex 1 (L_W = 1, L_B = 0)", 2.40, mirror=False, bijective=False)


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


def _hlg() -> Curve:
    """The hybrid log-gamma camera curve (OETF), linear light in [0, 1] to signal in [0, 1]."""
    a = 0.17883277
    return Hlg("hlg", "ITU-R BT.2100-2, Table 5", a=a, b=1.0 - 4.0 * a, c=0.5 - a * math.log(4.0 * a))


def _acescc() -> Curve:
    """The pure logarithm of ACES grading, in AP1 light."""
    return AcesCc("acescc", "Academy S-2014-003, 4.4", a=17.52, b=9.72, bijective=False)


def _acescct() -> Curve:
    """ACEScc with a toe, in AP1 light."""
    return Log(
        "acescct", "Academy S-2016-001, 4.4", a=1.0 / 17.52, b=9.72 / 17.52, c=1.0, d=0.0, linear_break=0.0078125,
        encoded_break=0.155251141552511, e=10.5402377416545, f=0.0729055341958355,
    )  # fmt: skip


# ALEXA Log C Curve, Usage in VFX (ARRI, 2012), table "Linear Scene Exposure Factor", SUP 3.x:
# exposure index: cut, a, b, c, d, e, f
_LOGC3 = {
    160: (0.005561, 5.555556, 0.080216, 0.269036, 0.381991, 5.842037, 0.092778),
    200: (0.006208, 5.555556, 0.076621, 0.266007, 0.382478, 5.776265, 0.092782),
    250: (0.006871, 5.555556, 0.072941, 0.262978, 0.382966, 5.710494, 0.092786),
    320: (0.007622, 5.555556, 0.068768, 0.259627, 0.383508, 5.637732, 0.092791),
    400: (0.008318, 5.555556, 0.064901, 0.256598, 0.383999, 5.571960, 0.092795),
    500: (0.009031, 5.555556, 0.060939, 0.253569, 0.384493, 5.506188, 0.092800),
    640: (0.009840, 5.555556, 0.056443, 0.250219, 0.385040, 5.433426, 0.092805),
    800: (0.010591, 5.555556, 0.052272, 0.247190, 0.385537, 5.367655, 0.092809),
    1000: (0.011361, 5.555556, 0.047996, 0.244161, 0.386036, 5.301883, 0.092814),
    1280: (0.012235, 5.555556, 0.043137, 0.240810, 0.386590, 5.229121, 0.092819),
    1600: (0.013047, 5.555556, 0.038625, 0.237781, 0.387093, 5.163350, 0.092824),
}


def _logc3(ei: float = 800) -> Curve:
    """ARRI LogC3 at an exposure index, of scene exposure (18 % grey is 0.18)."""
    index = int(ei) if isinstance(ei, numbers.Real) and ei in _LOGC3 else 0
    if not index:
        raise ValueError(f"ei must be one of {', '.join(map(str, _LOGC3))}, got {ei!r}")
    cut, a, b, c, d, e, f = _LOGC3[index]
    return Log(
        "logc3", "ARRI, ALEXA Log C Curve, Usage in VFX (2012), SUP 3.x", a=c * _LOG10_2, b=d, c=a, d=b,
        linear_break=cut, encoded_break=e * cut + f, e=e, f=f, params=parameters(ei=index),
    )  # fmt: skip


def _logc4() -> Curve:
    """ARRI LogC4, of scene exposure (18 % grey is 0.18)."""
    a, b, c = (2.0**18 - 16.0) / 117.45, (1023.0 - 95.0) / 1023.0, 95.0 / 1023.0
    s = 7.0 * math.log(2.0) * 2.0 ** (7.0 - 14.0 * c / b) / (a * b)
    t = (2.0 ** (14.0 * (-c / b) + 6.0) - 64.0) / a
    return Log(
        "logc4", "ARRI LogC4 Logarithmic Color Space, Specification (2022), 3", a=b / 14.0, b=c - 6.0 * b / 14.0,
        c=a, d=64.0, linear_break=t, encoded_break=0.0, e=1.0 / s, f=-t / s,
    )  # fmt: skip


def _slog3() -> Curve:
    """Sony S-Log3, of scene reflection (18 % grey is 0.18), full-range code values."""
    break_code, black_code, cut = 171.2102946929, 95.0, 0.01125000
    return Log(
        "slog3", "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3 (2014), Appendix",
        a=261.5 * _LOG10_2 / 1023.0, b=420.0 / 1023.0, c=1.0 / (0.18 + 0.01), d=0.01 / (0.18 + 0.01),
        linear_break=cut, encoded_break=break_code / 1023.0, e=(break_code - black_code) / cut / 1023.0,
        f=black_code / 1023.0,
    )  # fmt: skip


def _cineon() -> Curve:
    """Kodak Cineon printing density: code 685 is 1.0, 95 is 0.0, 300 codes a decade."""
    black, white, per_decade = 95.0, 685.0, 0.6 / 0.002
    offset = 10.0 ** ((black - white) / per_decade)
    return Log(
        "cineon", "Kodak, Conversion of 10-bit Log Film Data to 8-bit Linear or Video Data (1995)",
        a=per_decade * _LOG10_2 / 1023.0, b=white / 1023.0, c=1.0 - offset, d=offset, bijective=False,
    )  # fmt: skip


_CURVES: dict[str, Callable[..., Curve]] = {
    "acescc": _acescc,
    "acescct": _acescct,
    "bt1886": _bt1886,
    "cineon": _cineon,
    "gamma": _gamma,
    "gamma22": _gamma22,
    "gamma24": _gamma24,
    "gamma26": _gamma26,
    "hlg": _hlg,
    "linear": _linear,
    "logc3": _logc3,
    "logc4": _logc4,
    "moncurve": _moncurve,
    "pq": _pq,
    "rec709": _rec709,
    "slog3": _slog3,
    "srgb": _srgb,
}


def curves() -> tuple[str, ...]:
    """The names of every transfer function, sorted.

    Returns
    -------
    tuple of str
        What ``encode`` and ``decode`` take as ``curve``.

    Examples
    --------
    >>> "srgb" in curves()
    True
    """
    return tuple(sorted(_CURVES))


def curve(name: str | Curve, **params: float) -> Curve:
    """The transfer function of that name, with its free parameters set.

    Parameters
    ----------
    name : str or Curve
        One of :func:`curves`; a curve is returned as it is.
    **params : float
        ``gamma`` for ``"gamma"``; ``gamma`` and ``offset`` for ``"moncurve"``; ``nits`` (cd/m² of 1.0) for
        ``"pq"``; ``ei`` (exposure index) for ``"logc3"``. The other curves have none.

    Returns
    -------
    Curve
        The record; ``.standard`` cites its document.

    Raises
    ------
    ValueError
        If there is no such curve or a parameter is out of its range.
    TypeError
        If the curve does not have a given parameter, or needs one that is missing.

    Examples
    --------
    >>> curve("logc3", ei=400)
    curve('logc3', ei=400.0)
    """
    if isinstance(name, Curve):
        checks.unknown_options(f"curve {name!r}", params, ())
        return name
    make = _CURVES[checks.one_of("curve", name, curves())]
    signature = inspect.signature(make).parameters
    checks.unknown_options(f"curve {name!r}", params, signature)
    missing = [key for key, param in signature.items() if param.default is param.empty and key not in params]
    if missing:
        raise TypeError(f"curve {name!r} needs {' and '.join(missing)}, for example {missing[0]}=2.4")
    return make(**params)
