"""Curves in float64 and through the engine: published values, colour-science, OpenColorIO, round trips."""

from __future__ import annotations

import importlib
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from vfx import transfer
from vfx.transfer import curve, curves, decode, encode

# e(0), e(.18), e(1), d(.5), measured with colour-science 0.4.7 (BT.2100 HLG from its formula).
GOLDEN = {
    "acescc": (-0.358447489, 0.413588402, 0.554794521, 0.514056913),
    "acescct": (0.072905534, 0.413588402, 0.554794521, 0.514056913),
    "bt1886": (0.0, 0.48943709, 1.0, 0.189464571),
    "cineon": (0.092864125, 0.457319613, 0.669599218, 0.256004664),
    "hlg": (0.0, 0.6723581, 1.0, 1.0 / 12.0),
    "logc3": (0.092809, 0.391006832, 0.570631558, 0.513383396),
    "logc4": (0.092864125, 0.278395837, 0.427519365, 2.204963083),
    "rec709": (0.0, 0.409007729, 1.0, 0.259589401),
    "slog3": (0.092864125, 0.410557185, 0.596027344, 0.415263392),
    "srgb": (0.0, 0.461356130, 1.0, 0.214041140),
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
    "bt1886": ("eotf_inverse_BT1886", "eotf_BT1886", -0.5, 4.0),
    "cineon": ("log_encoding_Cineon", "log_decoding_Cineon", 0.0, 60.0),
    "logc3": ("log_encoding_ARRILogC3", "log_decoding_ARRILogC3", -0.05, 60.0),
    "logc4": ("log_encoding_ARRILogC4", "log_decoding_ARRILogC4", -0.05, 400.0),
    "rec709": ("oetf_BT709", "oetf_inverse_BT709", -0.5, 8.0),
    "slog3": ("log_encoding_SLog3", "log_decoding_SLog3", -0.05, 60.0),
    "srgb": ("eotf_inverse_sRGB", "eotf_sRGB", -0.5, 8.0),
}


@pytest.mark.parametrize("name", PEERS)
def test_agrees_with_colour_science(name: str, colour: Any) -> None:
    forward, backward, low, high = PEERS[name]
    peer_encode, peer_decode = getattr(colour, forward), getattr(colour, backward)
    x = np.concatenate([np.linspace(low, high, 20001), np.geomspace(1e-7, high, 5000), [0.0031308, 0.018, 0.0078125]])
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
def test_logc3_agrees_with_colour_science_at_every_exposure_index(ei: int, colour: Any) -> None:
    x = np.linspace(-0.02, 40.0, 20001)
    expected = colour.log_encoding_ARRILogC3(x, EI=ei)
    close(encode(x, "logc3", ei=ei), expected, 1e-7)
    close(decode(expected, "logc3", ei=ei), colour.log_decoding_ARRILogC3(expected, EI=ei), 1e-7)


@pytest.mark.parametrize("name", curves())
def test_float32_by_the_engine_agrees_with_float64(name: str) -> None:
    x = np.concatenate([np.linspace(-0.25, 1.5, 20001), np.geomspace(1e-6, 60.0, 5000)]).astype(np.float32)
    params = NEEDED.get(name, {})
    exact = encode(x.astype(np.float64), name, **params)
    # Cineon has no toe: at 10^-1.97 below zero its slope is endless.
    usable = exact > -1.0
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


@pytest.mark.parametrize("name", curves())
def test_encoding_rises_from_black_to_white(name: str) -> None:
    y = encode(np.linspace(0.0, 1.0, 4097), name, **NEEDED.get(name, {}))
    assert (np.diff(y) > 0.0).all()


@pytest.mark.parametrize("name", curves())
def test_nan_stays_nan_and_infinity_stays_infinite(name: str) -> None:
    params = NEEDED.get(name, {})
    assert np.isnan(encode(np.nan, name, **params))
    assert np.isnan(encode(np.float32(np.nan), name, **params))
    assert np.isnan(decode(np.nan, name, **params))
    if name != "pq":
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


def test_unknown_curves_and_parameters_are_named() -> None:
    with pytest.raises(ValueError, match=r"curve must be one of acescc, .* srgb, got 'sgrb'.*'srgb'"):
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
