"""The log curves of digital cameras; see :mod:`vfx.transfer.curves`.

Light is scene reflection, 18 % grey 0.18, and code values are full range, unless an entry says otherwise.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

from vfx import checks
from vfx.transfer.camera_families import MirrorLog, QuadraticToe, RootToe
from vfx.transfer.families import Curve, Log, parameters

__all__ = ["CAMERA_CURVES"]

_LOG10_2 = math.log10(2.0)
_LN_2 = math.log(2.0)


def _before(value: float) -> float:
    """The last number below ``value``: standards that say "at or above" give the break itself to the logarithm."""
    return math.nextafter(value, -math.inf)


# ALEXA Log C Curve, Usage in VFX (ARRI, 2012), table "Linear Scene Exposure Factor", SUP 3.x:
# exposure index: cut, a, b, c, d, e, f
_LOGC3_EXPOSURE = {
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

# The same, table "Normalized Sensor Signal", SUP 3.x
_LOGC3_SENSOR = {
    160: (0.004680, 40.0, -0.076072, 0.269036, 0.381991, 42.062665, -0.071569),
    200: (0.004597, 50.0, -0.118740, 0.266007, 0.382478, 51.986387, -0.110339),
    250: (0.004518, 62.5, -0.171260, 0.262978, 0.382966, 64.243053, -0.158224),
    320: (0.004436, 80.0, -0.243808, 0.259627, 0.383508, 81.183335, -0.224409),
    400: (0.004369, 100.0, -0.325820, 0.256598, 0.383999, 100.295280, -0.299079),
    500: (0.004309, 125.0, -0.427461, 0.253569, 0.384493, 123.889239, -0.391261),
    640: (0.004249, 160.0, -0.568709, 0.250219, 0.385040, 156.482680, -0.518605),
    800: (0.004201, 200.0, -0.729169, 0.247190, 0.385537, 193.235573, -0.662201),
    1000: (0.004160, 250.0, -0.928805, 0.244161, 0.386036, 238.584745, -0.839385),
    1280: (0.004120, 320.0, -1.207168, 0.240810, 0.386590, 301.197380, -1.084020),
    1600: (0.004088, 400.0, -1.524256, 0.237781, 0.387093, 371.761171, -1.359723),
}


def _logc3(ei: float = 800, encoding: str = "exposure") -> Curve:
    """ARRI LogC3 at an exposure index, of scene exposure (18 % grey is 0.18) or of the sensor's signal."""
    tables = {"exposure": _LOGC3_EXPOSURE, "sensor": _LOGC3_SENSOR}
    table = tables[checks.one_of("encoding", encoding, tuple(tables))]
    index = int(ei) if isinstance(ei, numbers.Real) and ei in table else 0
    if not index:
        raise ValueError(f"ei must be one of {', '.join(map(str, table))}, got {ei!r}")
    cut, a, b, c, d, e, f = table[index]
    free = parameters(ei=index) if encoding == "exposure" else parameters(ei=index, encoding=encoding)
    return Log(
        "logc3", "ARRI, ALEXA Log C Curve, Usage in VFX (2012), SUP 3.x", a=c * _LOG10_2, b=d, c=a, d=b,
        linear_break=cut, encoded_break=e * cut + f, e=e, f=f, params=free,
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


def _slog_of(name: str, standard: str, scale: float) -> Curve:
    """S-Log of ``scale`` times reflection over 0.9, in the legal range of 10-bit codes."""
    offset, zero, legal, black = 0.037584, 0.030001222851889303, 876.0 / 1023.0, 64.0 / 1023.0
    a, b, c = 0.432699 * _LOG10_2 * legal, (0.616596 + 0.03) * legal + black, scale / 0.9
    return Log(
        name, standard, a=a, b=b, c=c, d=offset, linear_break=_before(0.0),
        encoded_break=_before(a * math.log2(offset) + b), e=5.0 * c * legal, f=zero * legal + black,
    )  # fmt: skip


def _slog() -> Curve:
    """Sony S-Log."""
    return _slog_of("slog", "Sony, S-Log2 Technical Paper (2012), S-Log; 10-bit legal range", 1.0)


def _slog2() -> Curve:
    """Sony S-Log2: S-Log with 219 / 155 of its range."""
    return _slog_of("slog2", "Sony, S-Log2 Technical Paper (2012); 10-bit legal range", 155.0 / 219.0)


def _slog3() -> Curve:
    """Sony S-Log3, of scene reflection (18 % grey is 0.18), full-range code values."""
    break_code, black_code, cut = 171.2102946929, 95.0, 0.01125000
    return Log(
        "slog3", "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3 (2014), Appendix",
        a=261.5 * _LOG10_2 / 1023.0, b=420.0 / 1023.0, c=1.0 / (0.18 + 0.01), d=0.01 / (0.18 + 0.01),
        linear_break=cut, encoded_break=break_code / 1023.0, e=(break_code - black_code) / cut / 1023.0,
        f=black_code / 1023.0,
    )  # fmt: skip


def _vlog() -> Curve:
    """Panasonic V-Log."""
    return Log(
        "vlog", "Panasonic, VARICAM V-Log/V-Gamut (2014), 2.2", a=0.241514 * _LOG10_2, b=0.598206, c=1.0, d=0.00873,
        linear_break=_before(0.01), encoded_break=_before(0.181), e=5.6, f=0.125,
    )  # fmt: skip


def _clog() -> Curve:
    """Canon Log, mirrored below black."""
    return MirrorLog(
        "clog", "Canon, Input Transform Version 202007, Canon Log (v1.2)", a=0.45310179 * _LOG10_2, b=0.0,
        c=10.1596 / 0.9, m=0.12512248,
    )  # fmt: skip


def _clog2() -> Curve:
    """Canon Log 2, mirrored below black."""
    return MirrorLog(
        "clog2", "Canon, Input Transform Version 202007, Canon Log 2 (v1.2)", a=0.24136077 * _LOG10_2, b=0.0,
        c=87.09937546 / 0.9, m=0.092864125,
    )  # fmt: skip


def _clog3() -> Curve:
    """Canon Log 3: a line around black between a logarithm and its mirror image."""
    # Printed are the offsets 0.12240537 above and 0.12783901 below, whose middle is the line's own 0.12512219.
    middle, high, low, slope = 0.12512219, 0.15277891, 0.097465473, 1.9754798
    return MirrorLog(
        "clog3", "Canon, Input Transform Version 202007, Canon Log 3 (v1.2)", a=0.36726845 * _LOG10_2,
        b=0.12240537 - middle, c=14.98325 / 0.9, m=middle, linear_break=0.9 * (high - middle) / slope,
        encoded_break=(high - low) / 2.0, e=slope / 0.9,
    )  # fmt: skip


def _flog() -> Curve:
    """Fujifilm F-Log."""
    return Log(
        "flog", "Fujifilm, F-Log Data Sheet Ver. 1.1 (2022)", a=0.344676 * _LOG10_2, b=0.790453, c=0.555556, d=0.009468,
        linear_break=_before(0.00089), encoded_break=_before(0.100537775223865), e=8.735631, f=0.092864,
        bijective=False,
    )  # fmt: skip


def _flog2() -> Curve:
    """Fujifilm F-Log2."""
    return Log(
        "flog2", "Fujifilm, F-Log2 Data Sheet Ver. 1.0 (2022)", a=0.245281 * _LOG10_2, b=0.384316, c=5.555556,
        d=0.064829, linear_break=_before(0.000889), encoded_break=_before(0.100686685370811), e=8.799461, f=0.092864,
    )  # fmt: skip


def _nlog() -> Curve:
    """Nikon N-Log: a cube root under a logarithm."""
    return RootToe(
        "nlog", "Nikon, N-Log Specification Document 1.0.0 (2018)", a=650.0 / 1023.0, b=0.0075, c=150.0 / 1023.0,
        d=619.0 / 1023.0, linear_break=_before(0.328), encoded_break=_before(452.0 / 1023.0), bijective=False,
    )  # fmt: skip


def _llog() -> Curve:
    """Leica L-Log."""
    return Log(
        "llog", "Leica, L-Log Reference Manual (2022)", a=0.27 * _LOG10_2, b=0.6, c=1.3, d=0.0115, linear_break=0.006,
        encoded_break=0.138, e=8.0, f=0.09, bijective=False,
    )  # fmt: skip


def _dlog() -> Curve:
    """DJI D-Log; the document rounds the constants of each direction for itself."""
    per_decade = 1.0 / _LOG10_2
    return Log(
        "dlog", "DJI, White Paper on D-Log and D-Gamut (2017)", a=0.256663 * _LOG10_2, b=0.584555, c=0.9892, d=0.0108,
        linear_break=0.0078, encoded_break=0.14, e=6.025, f=0.0929,
        raised=(3.89616 * per_decade, -2.27752 * per_decade),
    )  # fmt: skip


def _log3g10() -> Curve:
    """RED Log3G10, version 3: 18 % grey is a third, ten stops above it 1; a line below -0.01."""
    a, b, c, g = 0.224282, 155.975327, 0.01, 15.1927
    return Log(
        "log3g10", "RED, White Paper on REDWideGamutRGB and Log3G10 (2017)", a=a * _LOG10_2, b=0.0, c=b,
        d=b * c + 1.0, linear_break=_before(-c), encoded_break=_before(0.0), e=g, f=c * g,
    )  # fmt: skip


def _log3g12() -> Curve:
    """RED Log3G12: 18 % grey is a third, twelve stops above it 1; mirrored about 0."""
    return MirrorLog("log3g12", "RED, Log3G12 (G. Nattress, 2016)", a=0.184904 * _LOG10_2, b=0.0, c=347.189667, m=0.0)


def _applelog() -> Curve:
    """Apple Log; what is darker than its parabola's vertex is black."""
    return QuadraticToe(
        "applelog", "Apple, Apple Log Profile White Paper (2023)", vertex=-0.05641088, knee=0.01, sigma=47.28711236,
        beta=0.00964052, gamma=0.08550479, delta=0.69336945, bijective=False,
    )  # fmt: skip


def _milog() -> Curve:
    """Xiaomi Mi-Log; what is darker than its parabola's vertex is black."""
    return QuadraticToe(
        "milog", "Xiaomi, Xiaomi Log Profile White Paper (2024)", vertex=-0.09023729, knee=0.01974185,
        sigma=18.10531998, beta=0.01384578, gamma=0.09271529, delta=0.6729185, bijective=False,
    )  # fmt: skip


def _bmdfilm5() -> Curve:
    """Blackmagic Film Generation 5."""
    a, cut, slope, zero = 0.08692876065491224, 0.005, 8.283605932402494, 0.09246575342465753
    return Log(
        "bmdfilm5", "Blackmagic Design, Generation 5 Color Science (2021)", a=a * _LN_2, b=0.5300133392291939, c=1.0,
        d=0.005494072432257808, linear_break=_before(cut), encoded_break=_before(slope * cut + zero), e=slope, f=zero,
    )  # fmt: skip


def _davinci_intermediate() -> Curve:
    """Blackmagic DaVinci Intermediate."""
    return Log(
        "davinci_intermediate", "Blackmagic Design, DaVinci Resolve 17 Wide Gamut Intermediate (2020)", a=0.07329248,
        b=0.07329248 * 7.0, c=1.0, d=0.0075, linear_break=0.00262409, encoded_break=0.02740668, e=10.44426855, f=0.0,
    )  # fmt: skip


def _tlog() -> Curve:
    """FilmLight T-Log, with the constants of its Baselight colour spaces."""
    w, g, o = 128.0, 16.0, 0.075
    b = 1.0 / (0.7107 + 1.2359 * math.log(w * g))
    gs = g / (1.0 - o)
    offset = b / gs
    a = 1.0 - b * math.log(w + offset)
    s = (1.0 - o) / (1.0 - (a + b * math.log(offset)))
    return Log(
        "tlog", "FilmLight, T-Log (D. Siragusano, 2018), w = 128, g = 16, o = 0.075", a=b * s * _LN_2,
        b=1.0 + (a - 1.0) * s, c=1.0, d=offset, linear_break=_before(0.0), encoded_break=_before(o), e=gs * s, f=o,
    )  # fmt: skip


def _protune() -> Curve:
    """GoPro Protune."""
    return Log(
        "protune", "GoPro, Protune (H.-P. Duiker, aces_ocio 1.0.3, 2016)", a=1.0 / math.log2(113.0), b=0.0, c=112.0,
        d=1.0, bijective=False,
    )  # fmt: skip


#: Name -> the function that makes the curve of its parameters.
CAMERA_CURVES: dict[str, Callable[..., Curve]] = {
    "applelog": _applelog,
    "bmdfilm5": _bmdfilm5,
    "clog": _clog,
    "clog2": _clog2,
    "clog3": _clog3,
    "davinci_intermediate": _davinci_intermediate,
    "dlog": _dlog,
    "flog": _flog,
    "flog2": _flog2,
    "llog": _llog,
    "log3g10": _log3g10,
    "log3g12": _log3g12,
    "logc3": _logc3,
    "logc4": _logc4,
    "milog": _milog,
    "nlog": _nlog,
    "protune": _protune,
    "slog": _slog,
    "slog2": _slog2,
    "slog3": _slog3,
    "tlog": _tlog,
    "vlog": _vlog,
}
