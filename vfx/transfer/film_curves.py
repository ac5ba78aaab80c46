"""The curves of film scans and of ACES; see :mod:`vfx.transfer.curves`."""

from __future__ import annotations

import math
from collections.abc import Callable

from vfx.transfer.aces_families import AcesCc, AcesProxy, Adx
from vfx.transfer.families import Curve, Log

__all__ = ["FILM_CURVES"]

_LOG10_2 = math.log10(2.0)

# Academy S-2008-002, Annex A, and the Academy's transform ACEScsc.Academy.ADX10_to_ACES: channel-independent density
# to log10 of relative exposure. Above the last point the line is log10 E = (100 / 55) density - reference.
_ADX_DENSITIES = (-0.19, 0.01, 0.028, 0.054, 0.095, 0.145, 0.22, 0.3, 0.4, 0.5, 0.6)
_ADX_EXPOSURES = (
    -6.0, -2.721718645, -2.521718645, -2.321718645, -2.121718645, -1.921718645, -1.721718645, -1.521718645,
    -1.321718645, -1.121718645, -0.926545676714876,
)  # fmt: skip
_ADX_SLOPE = 100.0 / 55.0


def _acescc() -> Curve:
    """The pure logarithm of ACES grading, in AP1 light."""
    return AcesCc("acescc", "Academy S-2014-003, 4.4", a=17.52, b=9.72, bijective=False)


def _acescct() -> Curve:
    """ACEScc with a toe, in AP1 light."""
    return Log(
        "acescct", "Academy S-2016-001, 4.4", a=1.0 / 17.52, b=9.72 / 17.52, c=1.0, d=0.0, linear_break=0.0078125,
        encoded_break=0.155251141552511, e=10.5402377416545, f=0.0729055341958355,
    )  # fmt: skip


def _acesproxy() -> Curve:
    """The 10-bit log of on-set grading, in AP1 light: whole codes from 64 to 940, over 1023."""
    return AcesProxy(
        "acesproxy", "Academy S-2013-001, 4.4 (ACESproxy10)", mid_log_offset=2.5, steps_per_stop=50.0, mid_code=425.0,
        low=64.0, high=940.0, top=1023.0, bijective=False,
    )  # fmt: skip


def _adx(name: str, *, top: float, black: float, per_density: float) -> Adx:
    """The Academy Density Exchange Encoding of a code range."""
    return Adx(
        name, "Academy S-2008-002 (SMPTE ST 2065-3:2012), neutral axis", top=top, black=black, per_density=per_density,
        densities=_ADX_DENSITIES, exposures=_ADX_EXPOSURES, slope=_ADX_SLOPE, bijective=False,
    )  # fmt: skip


def _adx10() -> Curve:
    """Film scans as 10-bit printing density, one channel at a time; for whole pixels see ``adx_to_aces``."""
    return _adx("adx10", top=1023.0, black=95.0, per_density=500.0)


def _adx16() -> Curve:
    """Film scans as 16-bit printing density, one channel at a time; for whole pixels see ``adx_to_aces``."""
    return _adx("adx16", top=65535.0, black=1520.0, per_density=8000.0)


def _density(name: str, standard: str, *, white: float, black: float | None, per_decade: float) -> Curve:
    """A logarithm by the 10-bit codes of 1.0 and of 0.0 and the codes to a decade; without ``black`` 0 has no code."""
    offset = 0.0 if black is None else 10.0 ** ((black - white) / per_decade)
    return Log(
        name, standard, a=per_decade * _LOG10_2 / 1023.0, b=white / 1023.0, c=1.0 - offset, d=offset, bijective=False
    )


def _cineon() -> Curve:
    """Kodak Cineon printing density: code 685 is 1.0, 95 is 0.0, 300 codes a decade (0.002 density, gamma 0.6)."""
    standard = "Kodak, Conversion of 10-bit Log Film Data to 8-bit Linear or Video Data (1995)"
    return _density("cineon", standard, white=685.0, black=95.0, per_decade=0.6 / 0.002)


def _panalog() -> Curve:
    """Panavision Panalog: code 681 is 1.0, 64 is 0.0, 444 codes a decade."""
    standard = "Panavision Genesis; Sony Pictures Imageworks, nuke-default OCIO configuration (2012)"
    return _density("panalog", standard, white=681.0, black=64.0, per_decade=444.0)


def _redlog() -> Curve:
    """RED REDlog: code 1023 is 1.0, 0 is 0.0, 511 codes a decade."""
    standard = "RED Digital Cinema; Sony Pictures Imageworks, nuke-default OCIO configuration (2012)"
    return _density("redlog", standard, white=1023.0, black=0.0, per_decade=511.0)


def _redlogfilm() -> Curve:
    """RED REDlogFilm, which is Cineon."""
    standard = "RED Digital Cinema; Sony Pictures Imageworks, nuke-default OCIO configuration (2012)"
    return _density("redlogfilm", standard, white=685.0, black=95.0, per_decade=300.0)


def _viperlog() -> Curve:
    """Thomson Viper FilmStream: code 1023 is 1.0, 500 codes a decade, nothing for 0.0."""
    standard = "Thomson Viper; Sony Pictures Imageworks, nuke-default OCIO configuration (2012)"
    return _density("viperlog", standard, white=1023.0, black=None, per_decade=500.0)


#: Name -> the function that makes the curve of its parameters.
FILM_CURVES: dict[str, Callable[..., Curve]] = {
    "acescc": _acescc,
    "acescct": _acescct,
    "acesproxy": _acesproxy,
    "adx10": _adx10,
    "adx16": _adx16,
    "cineon": _cineon,
    "panalog": _panalog,
    "redlog": _redlog,
    "redlogfilm": _redlogfilm,
    "viperlog": _viperlog,
}
