"""Transfer functions: linear light to code values and back.

``encode(x, curve)`` and ``decode(x, curve)`` take any curve of ``curves()``; each curve also has its pair of
functions. An ``Image`` is changed in place and returned; an array or a number is left alone and a new one
comes back. ``curve(name)`` is the record behind a name, with the standard it comes from.
"""

from __future__ import annotations

from vfx.transfer.curves import curve, curves
from vfx.transfer.functions import apply_hlg, apply_pq, decode, encode, from_linear, to_linear

__all__ = [
    "acescc_to_linear",
    "acescct_to_linear",
    "apply_hlg",
    "apply_pq",
    "bt1886_to_linear",
    "cineon_to_linear",
    "curve",
    "curves",
    "decode",
    "encode",
    "gamma22_to_linear",
    "gamma24_to_linear",
    "gamma26_to_linear",
    "gamma_to_linear",
    "hlg_to_linear",
    "linear_to_acescc",
    "linear_to_acescct",
    "linear_to_bt1886",
    "linear_to_cineon",
    "linear_to_gamma",
    "linear_to_gamma22",
    "linear_to_gamma24",
    "linear_to_gamma26",
    "linear_to_hlg",
    "linear_to_logc3",
    "linear_to_logc4",
    "linear_to_moncurve",
    "linear_to_pq",
    "linear_to_rec709",
    "linear_to_slog3",
    "linear_to_srgb",
    "logc3_to_linear",
    "logc4_to_linear",
    "moncurve_to_linear",
    "pq_to_linear",
    "rec709_to_linear",
    "slog3_to_linear",
    "srgb_to_linear",
]

acescc_to_linear, linear_to_acescc = to_linear("acescc"), from_linear("acescc")
acescct_to_linear, linear_to_acescct = to_linear("acescct"), from_linear("acescct")
bt1886_to_linear, linear_to_bt1886 = to_linear("bt1886"), from_linear("bt1886")
cineon_to_linear, linear_to_cineon = to_linear("cineon"), from_linear("cineon")
gamma_to_linear, linear_to_gamma = to_linear("gamma"), from_linear("gamma")
gamma22_to_linear, linear_to_gamma22 = to_linear("gamma22"), from_linear("gamma22")
gamma24_to_linear, linear_to_gamma24 = to_linear("gamma24"), from_linear("gamma24")
gamma26_to_linear, linear_to_gamma26 = to_linear("gamma26"), from_linear("gamma26")
hlg_to_linear, linear_to_hlg = to_linear("hlg"), from_linear("hlg")
logc3_to_linear, linear_to_logc3 = to_linear("logc3"), from_linear("logc3")
logc4_to_linear, linear_to_logc4 = to_linear("logc4"), from_linear("logc4")
moncurve_to_linear, linear_to_moncurve = to_linear("moncurve"), from_linear("moncurve")
pq_to_linear, linear_to_pq = to_linear("pq"), from_linear("pq")
rec709_to_linear, linear_to_rec709 = to_linear("rec709"), from_linear("rec709")
slog3_to_linear, linear_to_slog3 = to_linear("slog3"), from_linear("slog3")
srgb_to_linear, linear_to_srgb = to_linear("srgb"), from_linear("srgb")
