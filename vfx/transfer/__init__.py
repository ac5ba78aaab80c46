"""Transfer functions: linear light to code values and back.

``encode(x, curve)`` and ``decode(x, curve)`` take any curve of ``curves()``; each curve also has its pair of
functions. An ``Image`` is changed in place and returned; an array or a number is left alone and a new one
comes back. ``curve(name)`` is the record behind a name, with the standard it comes from. ``hlg_ootf`` and
``adx_to_aces`` mix channels, so they take whole pixels.
"""

from __future__ import annotations

from vfx.transfer.curves import curve, curves
from vfx.transfer.functions import apply_hlg, apply_pq, decode, encode, from_linear, to_linear
from vfx.transfer.mixing import aces_to_adx, adx_to_aces, hlg_ootf

__all__ = [
    "aces_to_adx",
    "acescc_to_linear",
    "acescct_to_linear",
    "acesproxy_to_linear",
    "adx10_to_linear",
    "adx16_to_linear",
    "adx_to_aces",
    "applelog_to_linear",
    "apply_hlg",
    "apply_pq",
    "bmdfilm5_to_linear",
    "bt1886_to_linear",
    "cineon_to_linear",
    "clog2_to_linear",
    "clog3_to_linear",
    "clog_to_linear",
    "curve",
    "curves",
    "davinci_intermediate_to_linear",
    "dcdm_to_linear",
    "decode",
    "dlog_to_linear",
    "encode",
    "flog2_to_linear",
    "flog_to_linear",
    "gamma22_to_linear",
    "gamma24_to_linear",
    "gamma26_to_linear",
    "gamma_to_linear",
    "hlg_arib_to_linear",
    "hlg_ocio_to_linear",
    "hlg_ootf",
    "hlg_to_linear",
    "linear_to_acescc",
    "linear_to_acescct",
    "linear_to_acesproxy",
    "linear_to_adx10",
    "linear_to_adx16",
    "linear_to_applelog",
    "linear_to_bmdfilm5",
    "linear_to_bt1886",
    "linear_to_cineon",
    "linear_to_clog",
    "linear_to_clog2",
    "linear_to_clog3",
    "linear_to_davinci_intermediate",
    "linear_to_dcdm",
    "linear_to_dlog",
    "linear_to_flog",
    "linear_to_flog2",
    "linear_to_gamma",
    "linear_to_gamma22",
    "linear_to_gamma24",
    "linear_to_gamma26",
    "linear_to_hlg",
    "linear_to_hlg_arib",
    "linear_to_hlg_ocio",
    "linear_to_llog",
    "linear_to_log3g10",
    "linear_to_log3g12",
    "linear_to_logc3",
    "linear_to_logc4",
    "linear_to_milog",
    "linear_to_moncurve",
    "linear_to_nlog",
    "linear_to_panalog",
    "linear_to_pq",
    "linear_to_protune",
    "linear_to_rec709",
    "linear_to_redlog",
    "linear_to_redlogfilm",
    "linear_to_romm",
    "linear_to_slog",
    "linear_to_slog2",
    "linear_to_slog3",
    "linear_to_smpte240m",
    "linear_to_srgb",
    "linear_to_tlog",
    "linear_to_viperlog",
    "linear_to_vlog",
    "llog_to_linear",
    "log3g10_to_linear",
    "log3g12_to_linear",
    "logc3_to_linear",
    "logc4_to_linear",
    "milog_to_linear",
    "moncurve_to_linear",
    "nlog_to_linear",
    "panalog_to_linear",
    "pq_to_linear",
    "protune_to_linear",
    "rec709_to_linear",
    "redlog_to_linear",
    "redlogfilm_to_linear",
    "romm_to_linear",
    "slog2_to_linear",
    "slog3_to_linear",
    "slog_to_linear",
    "smpte240m_to_linear",
    "srgb_to_linear",
    "tlog_to_linear",
    "viperlog_to_linear",
    "vlog_to_linear",
]

acescc_to_linear, linear_to_acescc = to_linear("acescc"), from_linear("acescc")
acescct_to_linear, linear_to_acescct = to_linear("acescct"), from_linear("acescct")
acesproxy_to_linear, linear_to_acesproxy = to_linear("acesproxy"), from_linear("acesproxy")
adx10_to_linear, linear_to_adx10 = to_linear("adx10"), from_linear("adx10")
adx16_to_linear, linear_to_adx16 = to_linear("adx16"), from_linear("adx16")
applelog_to_linear, linear_to_applelog = to_linear("applelog"), from_linear("applelog")
bmdfilm5_to_linear, linear_to_bmdfilm5 = to_linear("bmdfilm5"), from_linear("bmdfilm5")
bt1886_to_linear, linear_to_bt1886 = to_linear("bt1886"), from_linear("bt1886")
cineon_to_linear, linear_to_cineon = to_linear("cineon"), from_linear("cineon")
clog_to_linear, linear_to_clog = to_linear("clog"), from_linear("clog")
clog2_to_linear, linear_to_clog2 = to_linear("clog2"), from_linear("clog2")
clog3_to_linear, linear_to_clog3 = to_linear("clog3"), from_linear("clog3")
davinci_intermediate_to_linear, linear_to_davinci_intermediate = (
    to_linear("davinci_intermediate"),
    from_linear("davinci_intermediate"),
)
dcdm_to_linear, linear_to_dcdm = to_linear("dcdm"), from_linear("dcdm")
dlog_to_linear, linear_to_dlog = to_linear("dlog"), from_linear("dlog")
flog_to_linear, linear_to_flog = to_linear("flog"), from_linear("flog")
flog2_to_linear, linear_to_flog2 = to_linear("flog2"), from_linear("flog2")
gamma_to_linear, linear_to_gamma = to_linear("gamma"), from_linear("gamma")
gamma22_to_linear, linear_to_gamma22 = to_linear("gamma22"), from_linear("gamma22")
gamma24_to_linear, linear_to_gamma24 = to_linear("gamma24"), from_linear("gamma24")
gamma26_to_linear, linear_to_gamma26 = to_linear("gamma26"), from_linear("gamma26")
hlg_to_linear, linear_to_hlg = to_linear("hlg"), from_linear("hlg")
hlg_arib_to_linear, linear_to_hlg_arib = to_linear("hlg_arib"), from_linear("hlg_arib")
hlg_ocio_to_linear, linear_to_hlg_ocio = to_linear("hlg_ocio"), from_linear("hlg_ocio")
llog_to_linear, linear_to_llog = to_linear("llog"), from_linear("llog")
log3g10_to_linear, linear_to_log3g10 = to_linear("log3g10"), from_linear("log3g10")
log3g12_to_linear, linear_to_log3g12 = to_linear("log3g12"), from_linear("log3g12")
logc3_to_linear, linear_to_logc3 = to_linear("logc3"), from_linear("logc3")
logc4_to_linear, linear_to_logc4 = to_linear("logc4"), from_linear("logc4")
milog_to_linear, linear_to_milog = to_linear("milog"), from_linear("milog")
moncurve_to_linear, linear_to_moncurve = to_linear("moncurve"), from_linear("moncurve")
nlog_to_linear, linear_to_nlog = to_linear("nlog"), from_linear("nlog")
panalog_to_linear, linear_to_panalog = to_linear("panalog"), from_linear("panalog")
pq_to_linear, linear_to_pq = to_linear("pq"), from_linear("pq")
protune_to_linear, linear_to_protune = to_linear("protune"), from_linear("protune")
rec709_to_linear, linear_to_rec709 = to_linear("rec709"), from_linear("rec709")
redlog_to_linear, linear_to_redlog = to_linear("redlog"), from_linear("redlog")
redlogfilm_to_linear, linear_to_redlogfilm = to_linear("redlogfilm"), from_linear("redlogfilm")
romm_to_linear, linear_to_romm = to_linear("romm"), from_linear("romm")
slog_to_linear, linear_to_slog = to_linear("slog"), from_linear("slog")
slog2_to_linear, linear_to_slog2 = to_linear("slog2"), from_linear("slog2")
slog3_to_linear, linear_to_slog3 = to_linear("slog3"), from_linear("slog3")
smpte240m_to_linear, linear_to_smpte240m = to_linear("smpte240m"), from_linear("smpte240m")
srgb_to_linear, linear_to_srgb = to_linear("srgb"), from_linear("srgb")
tlog_to_linear, linear_to_tlog = to_linear("tlog"), from_linear("tlog")
viperlog_to_linear, linear_to_viperlog = to_linear("viperlog"), from_linear("viperlog")
vlog_to_linear, linear_to_vlog = to_linear("vlog"), from_linear("vlog")
