"""Curves in float64 and through the engine: published values, colour-science, OpenColorIO, round trips."""

from __future__ import annotations

import csv
import importlib
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import transfer
from vfx.transfer import curve, curves, decode, encode

# e(0), e(.18), e(1), d(.5), measured with colour-science 0.4.7 (BT.2100 HLG from its formula, hlg_ocio with OCIO 2.6,
# ADX with OCIO's ADX10_to_ACES2065-1 on neutrals).
GOLDEN = {
    "acescc": (-0.358447489, 0.413588402, 0.554794521, 0.514056913),
    "acescct": (0.072905534, 0.413588402, 0.554794521, 0.514056913),
    "acesproxy": (0.062561095, 0.416422287, 0.537634409, 0.586417475),
    "adx10": (0.0, 0.434995112, 0.635190676, 0.314116455),
    "applelog": (0.150476452, 0.488272459, 0.694552983, 0.198913887),
    "bmdfilm5": (0.092465753, 0.383561644, 0.530489625, 0.702539599),
    "bt1886": (0.0, 0.48943709, 1.0, 0.189464571),
    "cineon": (0.092864125, 0.457319613, 0.669599218, 0.256004664),
    "clog": (0.12512248, 0.343389649, 0.61877548, 0.506697802),
    "clog2": (0.092864125, 0.398254693, 0.573229279, 0.492082212),
    "clog3": (0.12512219, 0.34338937, 0.580277794, 0.580777405),
    "davinci_intermediate": (0.0, 0.336043272, 0.513837441, 0.876416676),
    "dcdm": (0.0, 0.11281861, 0.218179727, 8.637828661),
    "dlog": (0.0929, 0.398764556, 0.584555, 0.462534018),
    "flog": (0.092864, 0.459318459, 0.704996409, 0.241533495),
    "flog2": (0.092864, 0.391007242, 0.56821937, 0.52155654),
    "hlg": (0.0, 0.6723581, 1.0, 1.0 / 12.0),
    "hlg_arib": (0.0, 0.212132034, 0.5, 1.0),
    "hlg_ocio": (0.0, 0.4242641, 0.7946230, 0.25),
    "llog": (0.09, 0.435313904, 0.63179744, 0.319012218),
    "log3g10": (0.091551488, 0.333332912, 0.49344852, 1.070715968),
    "log3g12": (0.0, 0.333332662, 0.469991923, 1.454386706),
    "logc3": (0.092809, 0.391006832, 0.570631558, 0.513383396),
    "logc4": (0.092864125, 0.278395837, 0.427519365, 2.204963083),
    "milog": (0.147427429, 0.453459669, 0.674757806, 0.260668221),
    "nlog": (0.124372628, 0.36366777, 0.605083089, 0.488377471),
    "panalog": (0.062561095, 0.374576791, 0.66568915, 0.390329112),
    "protune": (0.0, 0.645623487, 1.0, 0.085983445),
    "rec709": (0.0, 0.409007729, 1.0, 0.259589401),
    "redlog": (0.0, 0.637621846, 1.0, 0.090723063),
    "redlogfilm": (0.092864125, 0.457319613, 0.669599218, 0.256004664),
    "romm": (0.0, 0.385711425, 1.0, 0.287174589),
    "slog": (0.088251292, 0.384970816, 0.638551685, 0.403204286),
    "slog2": (0.088251292, 0.339532525, 0.58509106, 0.569688636),
    "slog3": (0.092864125, 0.410557185, 0.596027344, 0.415263392),
    "smpte240m": (0.0, 0.402285797, 1.0, 0.265035734),
    "srgb": (0.0, 0.461356130, 1.0, 0.214041140),
    "tlog": (0.075, 0.396567801, 0.552537881, 0.56359944),
    "vlog": (0.125, 0.423311449, 0.5991177, 0.383348898),
}
# The parameters of curves that have no default.
NEEDED: dict[str, dict[str, float]] = {"gamma": {"gamma": 1.8}, "moncurve": {"gamma": 2.4, "offset": 0.055}}


@pytest.fixture(scope="session")
def colour() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("colour.models.rgb.transfer_functions", reason="colour-science is not installed")
    return Quiet(module)


class Quiet:
    """A module whose functions do not warn of the branch that they do not take."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.module, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            with np.errstate(all="ignore"):
                return function(*args, **kwargs)

        return call


def close(actual: Any, expected: Any, tolerance: float) -> None:
    """Absolute below 1, relative above."""
    error = np.abs(np.float64(actual) - expected) / np.maximum(1.0, np.abs(expected))
    assert np.max(error) <= tolerance, f"{np.max(error):g} at {np.ravel(expected)[np.argmax(error)]:g}"


@pytest.mark.parametrize("name", GOLDEN)
def test_published_values(name: str) -> None:
    values = (encode(0.0, name), encode(0.18, name), encode(1.0, name), decode(0.5, name))
    close(values, np.array(GOLDEN[name]), 1e-7)
    close([encode(np.float32(x), name) for x in (0, 0.18, 1)], np.array(GOLDEN[name][:3]), 3e-6)
    close(decode(np.float32(0.5), name), GOLDEN[name][3], 3e-6)


def test_pq_takes_one_as_nits() -> None:
    # ST 2084 at 0.18, 1 and 100 cd/m², and the light at half the signal (colour-science, in cd/m²).
    close([encode(x, "pq", nits=1) for x in (0.0, 0.18, 1.0)], np.array([7.31e-7, 0.07942097, 0.149945732]), 1e-8)
    close(decode(0.5, "pq", nits=1), 92.245708994, 1e-9)
    close(encode(1.0, "pq"), 0.5080784, 1e-7)
    close(encode(1.0, "pq", nits=203), 0.5806889, 1e-6)
    assert encode(100.0, "pq") == pytest.approx(1.0, abs=1e-12)


# Each of our curves as colour-science spells it, and a range of linear light.
PEERS: dict[str, tuple[str, str, float, float]] = {
    "acescc": ("log_encoding_ACEScc", "log_decoding_ACEScc", -0.5, 200.0),
    "acescct": ("log_encoding_ACEScct", "log_decoding_ACEScct", -0.5, 200.0),
    "applelog": ("log_encoding_AppleLogProfile", "log_decoding_AppleLogProfile", -0.2, 60.0),
    "bmdfilm5": ("oetf_BlackmagicFilmGeneration5", "oetf_inverse_BlackmagicFilmGeneration5", -0.05, 60.0),
    "bt1886": ("eotf_inverse_BT1886", "eotf_BT1886", -0.5, 4.0),
    "cineon": ("log_encoding_Cineon", "log_decoding_Cineon", 0.0, 60.0),
    "clog": ("log_encoding_CanonLog", "log_decoding_CanonLog", -0.5, 60.0),
    "clog2": ("log_encoding_CanonLog2", "log_decoding_CanonLog2", -0.5, 60.0),
    "clog3": ("log_encoding_CanonLog3", "log_decoding_CanonLog3", -0.5, 60.0),
    "davinci_intermediate": ("oetf_DaVinciIntermediate", "oetf_inverse_DaVinciIntermediate", -0.05, 100.0),
    "dcdm": ("eotf_inverse_DCDM", "eotf_DCDM", -1.0, 60.0),
    "dlog": ("log_encoding_DJIDLog", "log_decoding_DJIDLog", -0.05, 60.0),
    "flog": ("log_encoding_FLog", "log_decoding_FLog", -0.05, 60.0),
    "flog2": ("log_encoding_FLog2", "log_decoding_FLog2", -0.05, 60.0),
    "hlg": ("oetf_BT2100_HLG", "oetf_inverse_BT2100_HLG", 0.0, 4.0),
    "hlg_arib": ("oetf_ARIBSTDB67", "oetf_inverse_ARIBSTDB67", 0.0, 40.0),
    "llog": ("log_encoding_LLog", "log_decoding_LLog", -0.05, 60.0),
    "log3g10": ("log_encoding_Log3G10", "log_decoding_Log3G10", -0.5, 200.0),
    "log3g12": ("log_encoding_Log3G12", "log_decoding_Log3G12", -0.5, 800.0),
    "logc3": ("log_encoding_ARRILogC3", "log_decoding_ARRILogC3", -0.05, 60.0),
    "logc4": ("log_encoding_ARRILogC4", "log_decoding_ARRILogC4", -0.05, 400.0),
    "milog": ("log_encoding_MiLog", "log_decoding_MiLog", -0.2, 60.0),
    "nlog": ("log_encoding_NLog", "log_decoding_NLog", -0.05, 60.0),
    "panalog": ("log_encoding_Panalog", "log_decoding_Panalog", 0.0, 60.0),
    "protune": ("log_encoding_Protune", "log_decoding_Protune", 0.0, 60.0),
    "rec709": ("oetf_BT709", "oetf_inverse_BT709", -0.5, 8.0),
    "redlog": ("log_encoding_REDLog", "log_decoding_REDLog", 0.0, 60.0),
    "redlogfilm": ("log_encoding_REDLogFilm", "log_decoding_REDLogFilm", 0.0, 60.0),
    "romm": ("cctf_encoding_ROMMRGB", "cctf_decoding_ROMMRGB", -0.5, 8.0),
    "slog": ("log_encoding_SLog", "log_decoding_SLog", -0.05, 60.0),
    "slog2": ("log_encoding_SLog2", "log_decoding_SLog2", -0.05, 60.0),
    "slog3": ("log_encoding_SLog3", "log_decoding_SLog3", -0.05, 60.0),
    "smpte240m": ("oetf_SMPTE240M", "eotf_SMPTE240M", -0.5, 8.0),
    "srgb": ("eotf_inverse_sRGB", "eotf_sRGB", -0.5, 8.0),
    "tlog": ("log_encoding_FilmLightTLog", "log_decoding_FilmLightTLog", -0.05, 128.0),
    "viperlog": ("log_encoding_ViperLog", "log_decoding_ViperLog", 1e-7, 60.0),
    "vlog": ("log_encoding_VLog", "log_decoding_VLog", -0.05, 60.0),
}


@pytest.mark.parametrize("name", PEERS)
def test_agrees_with_colour_science(name: str, colour: Any) -> None:
    forward, backward, low, high = PEERS[name]
    peer_encode, peer_decode = getattr(colour, forward), getattr(colour, backward)
    x = np.concatenate([np.linspace(low, high, 20001), np.geomspace(1e-7, high, 5000), [0.0031308, 0.018, 0.0078125]])
    x = x[x >= low]
    expected = peer_encode(x)
    close(encode(x, name), expected, 1e-7)
    x32 = x.astype(np.float32)
    close(encode(x32, name), peer_encode(x32.astype(np.float64)), 3e-6)
    close(decode(expected, name), peer_decode(expected), 1e-7)
    y32 = expected.astype(np.float32)
    close(decode(y32, name), peer_decode(y32.astype(np.float64)), 3e-6)
    codes = np.linspace(peer_encode(low), 1.1, 40001)
    close(decode(codes, name), peer_decode(codes), 1e-7)


def test_rec709_changes_branch_where_the_standard_says() -> None:
    # ITU-R BT.709-6, 1.2: the power holds for 1 >= L >= 0.018, the line below.
    assert encode(0.018, "rec709") == 1.099 * 0.018**0.45 - 0.099
    assert encode(np.nextafter(0.018, 0.0), "rec709") == pytest.approx(0.081, abs=1e-15)
    assert decode(1.099 * 0.018**0.45 - 0.099, "rec709") == pytest.approx(0.018, abs=1e-15)


@pytest.mark.parametrize("name", curves())
def test_float32_takes_the_branch_of_float64_next_to_every_break(name: str) -> None:
    found = curve(name, **NEEDED.get(name, {}))
    for places, apply in (("linear_break", encode), ("encoded_break", decode)):
        place = np.float32(max(getattr(found, places, 0.5), -1.0))
        near = np.array([np.nextafter(place, np.float32(-9)), place, np.nextafter(place, np.float32(9))])
        np.testing.assert_allclose(apply(near, found), apply(near.astype(np.float64), found), rtol=3e-6, atol=1e-6)


def test_cineon_without_a_toe_ends_at_its_floor_in_float64_and_float32() -> None:
    for apply in (encode, decode):
        assert apply(np.float32(-np.inf), "cineon") == pytest.approx(apply(-np.inf, "cineon"), rel=1e-6)
        assert apply(-np.inf, "cineon") == apply(-1e30, "cineon")


@pytest.mark.parametrize("nits", [1.0, 100.0, 203.0, 10000.0])
def test_pq_agrees_with_colour_science(nits: float, colour: Any) -> None:
    light = np.concatenate([[0.0], np.geomspace(1e-4, 10000.0, 10000)])
    close(encode(light / nits, "pq", nits=nits), colour.eotf_inverse_ST2084(light), 1e-9)
    close(encode((light / nits).astype(np.float32), "pq", nits=nits), colour.eotf_inverse_ST2084(light), 3e-6)
    code = np.linspace(0.0, 1.0, 10001)
    expected = colour.eotf_ST2084(code) / nits
    close(decode(code, "pq", nits=nits), expected, 1e-9)
    # A float32 code value carries 6e-8 relative, which the 1/m2 and 1/m1 powers raise to 4e-5.
    close(decode(code.astype(np.float32), "pq", nits=nits), expected, 4e-5)


def test_hlg_agrees_with_colour_science(colour: Any) -> None:
    light = np.linspace(0.0, 1.5, 10001)
    # ARIB STD-B67 is sqrt(E) / 2 for light up to 12: the same curve on the signal's other scale.
    expected = colour.oetf_ARIBSTDB67(12.0 * light)
    close(encode(light, "hlg"), expected, 1e-7)
    close(encode(light.astype(np.float32), "hlg"), expected, 3e-6)
    close(decode(expected, "hlg"), light, 1e-7)
    close(decode(expected.astype(np.float32), "hlg"), light, 3e-6)


@pytest.mark.parametrize("ei", [160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600])
@pytest.mark.parametrize(
    ("encoding", "method"), [("exposure", "Linear Scene Exposure Factor"), ("sensor", "Normalised Sensor Signal")]
)
def test_logc3_agrees_with_colour_science_at_every_exposure_index(
    ei: int, encoding: str, method: str, colour: Any
) -> None:
    x = np.linspace(-0.02, 40.0 if encoding == "exposure" else 1.0, 20001)
    expected = colour.log_encoding_ARRILogC3(x, EI=ei, method=method)
    found = curve("logc3", ei=ei, encoding=encoding)
    close(encode(x, found), expected, 1e-7)
    close(decode(expected, found), colour.log_decoding_ARRILogC3(expected, EI=ei, method=method), 1e-7)
    close(encode(x.astype(np.float32), found), expected, 3e-6)


def test_logc3_of_the_sensor_and_of_exposure_give_one_code_for_one_light() -> None:
    # Both tables have one logarithm, so a x + b of the sensor's signal is a x + b of exposure.
    sensor = (5.555556 * 0.18 + 0.052272 + 0.729169) / 200.0
    assert encode(sensor, "logc3", encoding="sensor") == pytest.approx(encode(0.18, "logc3"), abs=1e-12)
    assert repr(curve("logc3", encoding="sensor")) == "curve('logc3', ei=800.0, encoding='sensor')"


@pytest.mark.parametrize(("white", "black"), [(1.0, 0.0), (100.0, 0.01), (1.0, 0.001), (0.8, 0.1)])
def test_bt1886_agrees_with_colour_science_for_any_black_and_white(white: float, black: float, colour: Any) -> None:
    found = curve("bt1886", white=white, black=black)
    codes = np.linspace(-0.5, 1.2, 5001)
    light = np.linspace(-0.1, 1.2, 5001) * white
    close(decode(codes, found), colour.eotf_BT1886(codes, L_B=black, L_W=white), 1e-7)
    close(encode(light, found), colour.eotf_inverse_BT1886(light, L_B=black, L_W=white), 1e-7)
    close(decode(codes.astype(np.float32), found), decode(codes, found), 3e-6)
    assert decode(0.0, found) == pytest.approx(black, abs=1e-12) and decode(1.0, found) == pytest.approx(white)
    # Near zero the root has no end of slope: float32 light is exact there, its root not.
    away = np.abs(light) > 1e-4
    close(encode(light.astype(np.float32), found)[away], encode(light, found)[away], 3e-6)


def test_acesproxy_gives_whole_codes_of_the_video_range(colour: Any) -> None:
    x = np.concatenate([np.linspace(-0.5, 300.0, 20001), np.geomspace(1e-6, 1e4, 20000)])
    x = x[x != 0.0]
    expected = colour.log_encoding_ACESproxy(x)
    close(encode(x, "acesproxy"), expected, 1e-12)
    codes = encode(x, "acesproxy") * 1023
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-9)
    assert codes.min() == pytest.approx(64) and codes.max() == pytest.approx(940)
    # float32 may round the other way where a value lies on the border of two codes.
    exact = (np.log2(np.maximum(x, 1e-9)) + 2.5) * 50 + 425
    inside = np.abs(exact - np.floor(exact) - 0.5) > 1e-3
    close(encode(x.astype(np.float32), "acesproxy")[inside], expected[inside], 1e-7)
    y = np.linspace(0.0, 1.0, 2001)
    close(decode(y, "acesproxy"), colour.log_decoding_ACESproxy(y), 1e-7)
    close(decode(y.astype(np.float32), "acesproxy"), decode(y.astype(np.float32).astype(np.float64), "acesproxy"), 3e-6)


def test_canon_logs_are_mirrored_about_black() -> None:
    for name in ("clog", "clog2", "clog3"):
        x = np.geomspace(1e-6, 10.0, 500)
        black = encode(0.0, name)
        close(encode(-x, name) - black, black - encode(x, name), 1e-12)


def test_apple_log_ends_at_the_vertex_of_its_parabola() -> None:
    for name, vertex in (("applelog", -0.05641088), ("milog", -0.09023729)):
        assert encode(vertex, name) == encode(-5.0, name) == encode(np.float32(-5.0), name) == 0.0
        assert decode(0.0, name) == decode(-1.0, name) == vertex
        assert decode(np.float32(-1.0), name) == pytest.approx(vertex)


def test_the_three_hlgs_are_one_curve_on_three_scales() -> None:
    light = np.linspace(-0.5, 1.2, 5001)
    close(encode(12.0 * light, "hlg_arib"), encode(light, "hlg"), 1e-8)
    close(encode(3.0 * light, "hlg_ocio"), encode(light, "hlg"), 1e-15)


@pytest.mark.parametrize(("name", "codes"), [("adx10", 1023.0), ("adx16", 65535.0)])
def test_adx_of_neutrals_agrees_with_ocio(name: str, codes: float, ocio: Any, by_ocio: Any) -> None:
    peer = ocio.BuiltinTransform(f"ADX{name[3:]}_to_ACES2065-1")
    # Densities of -0.2 to 2: beyond film, where OCIO's own table ends.
    density = np.linspace(-0.2, 2.0, 4001)
    per_density, black = (500.0, 95.0) if name == "adx10" else (8000.0, 1520.0)
    y = ((density * per_density + black) / codes).astype(np.float32)
    expected = by_ocio(peer, np.repeat(y[:, None], 3, axis=1))[:, 1]
    close(decode(y.astype(np.float64), name), expected, 3e-6)
    close(decode(y, name), expected, 3e-6)
    light = decode(y.astype(np.float64), name)
    above = density > -0.189
    close(encode(light, name)[above], y[above], 1e-7)
    close(encode(light.astype(np.float32), name)[above], y[above], 3e-6)


@pytest.mark.parametrize("name", curves())
def test_float32_by_the_engine_agrees_with_float64(name: str) -> None:
    x = np.concatenate([np.linspace(-0.25, 1.5, 20001), np.geomspace(1e-6, 60.0, 5000)]).astype(np.float32)
    params = NEEDED.get(name, {})
    exact = encode(x.astype(np.float64), name, **params)
    # Cineon has no toe: at 10^-1.97 below zero its slope is endless. ACESproxy has whole codes: see its own test.
    usable = exact > (-1.0 if name != "acesproxy" else 2.0)
    if usable.any():
        close(encode(x, name, **params)[usable], exact[usable], 3e-6)
    y = np.linspace(-0.1, 1.05, 20001).astype(np.float32)
    tolerance = 4e-5 if name == "pq" else 3e-6
    close(decode(y, name, **params), decode(y.astype(np.float64), name, **params), tolerance)


@pytest.mark.parametrize("name", [name for name in curves() if curve(name, **NEEDED.get(name, {})).bijective])
def test_decode_undoes_encode_for_every_finite_value(name: str) -> None:
    x = np.concatenate([-np.geomspace(1e-9, 100.0, 400), [0.0], np.geomspace(1e-9, 1e4, 800)])
    params = NEEDED.get(name, {})
    there = encode(x, name, **params)
    # Printed constants of a few digits leave a gap of up to 1e-6 at the break of some standards.
    np.testing.assert_allclose(decode(there, name, **params), x, rtol=1e-6, atol=2e-6)


# How far code values step at the break where a document's two parts do not meet; docs/guides/transfer.rst tells.
STEPS = {"dlog": 2.1e-6, "flog": -1.01e-4, "llog": -9.0e-4, "nlog": 1.3e-4, "rec709": 2.5e-4, "smpte240m": 6e-5}


BROKEN = [name for name in curves() if getattr(curve(name, **NEEDED.get(name, {})), "linear_break", -np.inf) > -np.inf]


@pytest.mark.parametrize("name", BROKEN)
def test_codes_are_continuous_across_the_break(name: str) -> None:
    found = curve(name, **NEEDED.get(name, {}))
    place = getattr(found, "linear_break", 0.0)
    step = encode(np.nextafter(place, np.inf), found) - encode(place, found)
    if name in STEPS:
        assert step == pytest.approx(STEPS[name], rel=0.05)
    else:
        assert abs(step) < 3.2e-7
    if STEPS.get(name, 0.0) >= 0.0:
        around = np.linspace(place - 0.01, place + 0.01, 2001)
        assert (np.diff(encode(around, found)) > 0.0).all()


@pytest.mark.parametrize("name", curves())
def test_encoding_rises_from_black_to_white(name: str) -> None:
    steps = np.diff(encode(np.linspace(0.0, 1.0, 4097), name, **NEEDED.get(name, {})))
    # ACESproxy has 877 codes.
    assert (steps >= 0.0 if name == "acesproxy" else steps > 0.0).all()


@pytest.mark.parametrize("name", curves())
def test_nan_stays_nan_and_infinity_stays_infinite(name: str) -> None:
    params = NEEDED.get(name, {})
    assert np.isnan(encode(np.nan, name, **params))
    assert np.isnan(encode(np.float32(np.nan), name, **params))
    assert np.isnan(decode(np.nan, name, **params))
    if name not in ("acesproxy", "pq"):
        assert encode(np.float32(np.inf), name, **params) == np.inf
        assert encode(np.inf, name, **params) == np.inf


@pytest.mark.parametrize("value", [2.0, -2.0, 1e30, np.inf, -np.inf])
def test_pq_beyond_its_limit_is_the_same_in_float64_and_in_the_engine(value: float) -> None:
    assert decode(value, "pq") == decode(np.float32(value), "pq") == np.copysign(np.inf, value)
    if np.isinf(value):
        assert encode(value, "pq") == pytest.approx(encode(np.float32(value), "pq"), rel=1e-6)


def test_agrees_with_ocio_where_it_has_the_curve(ocio: Any, by_ocio: Any) -> None:
    light = np.concatenate([np.linspace(-0.2, 4, 3000), np.geomspace(1e-5, 60, 3000)]).astype(np.float32)
    rgb = np.repeat(light[:, None], 3, axis=1)
    cct = ocio.BuiltinTransform("CURVE - ACEScct-LOG_to_LINEAR")
    close(encode(rgb, "acescct"), by_ocio(cct, rgb, inverse=True), 2e-6)
    codes = np.repeat(np.linspace(-0.1, 1.1, 5000, dtype=np.float32)[:, None], 3, axis=1)
    close(decode(codes, "acescct"), by_ocio(cct, codes), 2e-6)
    pq = ocio.BuiltinTransform("CURVE - LINEAR_to_ST-2084")
    close(encode(rgb, "pq"), by_ocio(pq, rgb), 2e-6)
    # OCIO's HLG is sqrt(E): its light is three times ours.
    hlg = ocio.BuiltinTransform("CURVE - HLG-OETF")
    close(encode(rgb / np.float32(3), "hlg"), by_ocio(hlg, rgb), 2e-6)
    close(encode(rgb, "hlg_ocio"), by_ocio(hlg, rgb), 2e-6)
    close(decode(codes, "hlg_ocio"), by_ocio(hlg, codes, inverse=True), 2e-6)


@pytest.mark.parametrize(
    ("name", "style"),
    [("applelog", "APPLE_LOG"), ("clog2", "CANON_CLOG2"), ("clog3", "CANON_CLOG3")],
)
def test_camera_curves_agree_with_ocios_own(name: str, style: str, ocio: Any, by_ocio: Any) -> None:
    peer = ocio.BuiltinTransform(f"CURVE - {style}_to_LINEAR")
    codes = np.repeat(np.linspace(0.0, 1.0, 5000, dtype=np.float32)[:, None], 3, axis=1)
    # OCIO has a table at every half between whose entries it draws lines.
    close(decode(codes, name), by_ocio(peer, codes), 1e-5)


@pytest.mark.parametrize(("gamma", "offset"), [(2.4, 0.055), (1.0 / 0.45, 0.099), (3.0, 0.16)])
def test_moncurve_is_ocios_exponent_with_linear(gamma: float, offset: float, ocio: Any, by_ocio: Any) -> None:
    peer = ocio.ExponentWithLinearTransform(gamma=[gamma] * 3 + [1], offset=[offset] * 3 + [0])
    codes = np.repeat(np.linspace(-0.5, 2.0, 9000, dtype=np.float32)[:, None], 3, axis=1)
    close(decode(codes, "moncurve", gamma=gamma, offset=offset), by_ocio(peer, codes), 2e-6)
    close(encode(codes, "moncurve", gamma=gamma, offset=offset), by_ocio(peer, codes, inverse=True), 2e-6)


@pytest.mark.parametrize(("name", "gamma", "offset"), [("srgb", 2.4, 0.055), ("rec709", 1.0 / 0.45, 0.099)])
def test_video_curves_agree_with_ocio_above_their_toe(
    name: str, gamma: float, offset: float, ocio: Any, by_ocio: Any
) -> None:
    # The standards round the toe's slope (12.92, 4.5) where OCIO derives it, so only the powers are equal.
    peer = ocio.ExponentWithLinearTransform(gamma=[gamma] * 3 + [1], offset=[offset] * 3 + [0])
    codes = np.repeat(np.linspace(0.09, 2.0, 9000, dtype=np.float32)[:, None], 3, axis=1)
    close(decode(codes, name), by_ocio(peer, codes), 2e-6)
    light = np.repeat(np.linspace(0.02, 9.0, 9000, dtype=np.float32)[:, None], 3, axis=1)
    close(encode(light, name), by_ocio(peer, light, inverse=True), 2e-6)


def log_camera(ocio: Any, name: str) -> Any:
    """OCIO's LogCameraTransform with the constants of the camera's document."""
    if name == "logc3":
        slope, offset, lin_slope, lin_offset, brk = 0.247190, 0.385537, 5.555556, 0.052272, 0.010591
        base, linear = 10.0, 5.367655
    elif name == "logc4":
        a, b, c = (2.0**18 - 16.0) / 117.45, 928.0 / 1023.0, 95.0 / 1023.0
        slope, offset, lin_slope, lin_offset, base = b / 14.0, c - 6.0 * b / 14.0, a, 64.0, 2.0
        brk = (2.0 ** (14.0 * (-c / b) + 6.0) - 64.0) / a
        linear = 1.0 / (7.0 * np.log(2.0) * 2.0 ** (7.0 - 14.0 * c / b) / (a * b))
    else:
        slope, offset, lin_slope, lin_offset = 261.5 / 1023.0, 420.0 / 1023.0, 1.0 / 0.19, 0.01 / 0.19
        brk, base, linear = 0.01125, 10.0, (171.2102946929 - 95.0) / 0.01125 / 1023.0
    return ocio.LogCameraTransform(
        linSideBreak=[brk] * 3, base=base, logSideSlope=[slope] * 3, logSideOffset=[offset] * 3,
        linSideSlope=[lin_slope] * 3, linSideOffset=[lin_offset] * 3, linearSlope=[linear] * 3,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["logc3", "logc4", "slog3"])
def test_camera_logs_agree_with_ocio(name: str, ocio: Any, by_ocio: Any) -> None:
    peer = log_camera(ocio, name)
    light = np.concatenate([np.linspace(-0.01, 4, 3000), np.geomspace(1e-5, 60, 3000)]).astype(np.float32)
    rgb = np.repeat(light[:, None], 3, axis=1)
    close(encode(rgb, name), by_ocio(peer, rgb), 2e-6)
    codes = np.repeat(np.linspace(0.05, 0.95, 5000, dtype=np.float32)[:, None], 3, axis=1)
    # LogC3 prints its toe with six digits: OCIO derives the toe's offset from the break.
    close(decode(codes, name), by_ocio(peer, codes, inverse=True), 2e-6)


def test_every_curve_has_its_pair_of_functions() -> None:
    for name in curves():
        if name == "linear":
            continue
        there, back = getattr(transfer, f"linear_to_{name}"), getattr(transfer, f"{name}_to_linear")
        params = NEEDED.get(name, {})
        assert there(0.18, **params) == encode(0.18, name, **params)
        assert back(0.5, **params) == decode(0.5, name, **params)
        assert there.__doc__ and back.__name__ == f"{name}_to_linear"


def test_the_guide_has_a_row_for_every_curve_and_it_is_true() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "transfer.rst").read_text(encoding="utf-8")
    rows = {
        row[0].strip("` "): row
        for row in csv.reader(re.findall(r"^   (``\w+``, .*)$", guide, re.MULTILINE), skipinitialspace=True)
    }
    assert sorted(rows) == list(curves())
    for name, (_, standard, _, light, _) in rows.items():
        found = curve(name, **NEEDED.get(name, {}))
        assert standard == found.standard
        low, high = (float(number) for number in light.split(" to "))
        assert low == pytest.approx(decode(0.0, found), rel=1e-3, abs=1e-9)
        assert high == pytest.approx(decode(1.0, found), rel=1e-3)


def test_unknown_curves_and_parameters_are_named() -> None:
    with pytest.raises(ValueError, match=r"curve must be one of acescc, .* srgb, .*, got 'sgrb'.*'srgb'"):
        curve("sgrb")
    with pytest.raises(TypeError, match="no option 'nits'"):
        curve("srgb", nits=100)
    with pytest.raises(TypeError, match="needs gamma"):
        curve("gamma")
    with pytest.raises(ValueError, match=r"ei must be one of 160, .*1600, got 801"):
        curve("logc3", ei=801)
    with pytest.raises(ValueError, match=r"ei must be one of 160, .* got \[800\]"):
        curve("logc3", ei=[800])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nits"):
        curve("pq", nits=0)


def test_a_curve_is_a_value() -> None:
    assert curve("pq", nits=203) == curve("pq", nits=203.0) != curve("pq")
    assert len({curve("logc3"), curve("logc3", ei=800), curve("logc3", ei=400)}) == 2
    assert pickle.loads(pickle.dumps(curve("logc4"))) == curve("logc4")
    assert curve(curve("srgb")) is not None and curve(curve("srgb")) == curve("srgb")
    assert "IEC 61966-2-1" in curve("srgb").standard
    assert repr(curve("pq", nits=203)) == "curve('pq', nits=203.0)"
    assert importlib.import_module("vfx.transfer.curves").curve is curve
