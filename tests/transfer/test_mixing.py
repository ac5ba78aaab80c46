"""HLG's OOTF and ADX to ACES: published formulas, colour-science, OpenColorIO, whole pixels of every type."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from vfx.errors import ChannelError
from vfx.image import Image
from vfx.look import Look
from vfx.transfer import aces_to_adx, adx_to_aces, decode, encode, hlg_ootf
from vfx.transfer.mixing import AdxToAces


@pytest.fixture(scope="session")
def colour() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("colour.models.rgb.transfer_functions", reason="colour-science is not installed")


def light(n: int = 4000) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(5).uniform(0.0, 1.2, (n, 3))


@pytest.mark.parametrize("peak", [400.0, 1000.0, 2000.0])
def test_hlg_ootf_agrees_with_colour_science(peak: float, colour: Any) -> None:
    x = light()
    expected = colour.ootf_BT2100_HLG(x, L_W=peak)
    np.testing.assert_allclose(hlg_ootf(x, peak, nits=1.0), expected, rtol=1e-12)
    np.testing.assert_allclose(hlg_ootf(x.astype(np.float32), peak, nits=1.0), expected, rtol=3e-6)
    np.testing.assert_allclose(hlg_ootf(expected, peak, nits=1.0, reverse=True), x, rtol=1e-12)
    np.testing.assert_allclose(hlg_ootf(expected.astype(np.float32), peak, nits=1.0, reverse=True), x, rtol=3e-6)


def test_white_of_the_ootf_is_the_peak_and_black_is_black() -> None:
    # BT.2100-2, Table 5: F_D = L_W for E = 1, whatever the system gamma; 75 % signal is 203 cd/m2 (BT.2408-4, 2.1).
    for peak in (100.0, 1000.0, 4000.0):
        np.testing.assert_allclose(hlg_ootf(np.ones(3), peak), peak / 100.0)
        assert (hlg_ootf(np.zeros(3), peak) == 0.0).all()
        assert (hlg_ootf(np.zeros((1, 3), np.float32), peak) == 0.0).all()
    np.testing.assert_allclose(hlg_ootf(decode(np.full(3, 0.75), "hlg"), 1000.0, nits=1.0), 203.0, atol=0.5)


def test_a_look_carries_hlg_to_pq_in_one_pass_and_back() -> None:
    codes = np.random.default_rng(6).uniform(0.1, 0.9, (40, 50, 3)).astype(np.float32)
    look = Look().decode("hlg").hlg_ootf(1000.0).encode("pq")
    expected = encode(hlg_ootf(decode(codes.astype(np.float64), "hlg"), 1000.0), "pq")
    result = look(Image(codes))
    np.testing.assert_allclose(result.numpy(), expected, atol=3e-6)
    np.testing.assert_allclose(look.inverse()(result).numpy(), codes, atol=5e-5)
    assert "hlg_ootf(1000.0, gamma=1.2, nits=100.0, reverse=True)" in repr(look.inverse())


@pytest.mark.parametrize("bits", [10, 16])
def test_adx_agrees_with_ocio(bits: int, ocio: Any, by_ocio: Any) -> None:
    peer = ocio.BuiltinTransform(f"ADX{bits}_to_ACES2065-1")
    codes = np.random.default_rng(bits).uniform(0.05, 0.95 if bits == 10 else 0.25, (5000, 3)).astype(np.float32)
    expected = by_ocio(peer, codes)
    scale = np.maximum(1.0, np.abs(expected))
    assert np.max(np.abs(adx_to_aces(codes.astype(np.float64), bits=bits) - expected) / scale) < 5e-6
    assert np.max(np.abs(adx_to_aces(codes, bits=bits) - expected) / scale) < 5e-6
    aces = adx_to_aces(codes.astype(np.float64), bits=bits)
    np.testing.assert_allclose(aces_to_adx(aces, bits=bits), codes, atol=1e-9)


def test_adx_in_the_engine_agrees_with_float64() -> None:
    codes = np.random.default_rng(3).uniform(0.1, 0.9, (64, 64, 3)).astype(np.float32)
    image = Image(codes.copy())
    assert adx_to_aces(image) is image
    exact = adx_to_aces(codes.astype(np.float64))
    np.testing.assert_allclose(image.numpy(), exact, rtol=5e-6, atol=1e-6)
    np.testing.assert_allclose(aces_to_adx(image).numpy(), codes, atol=2e-6)
    assert AdxToAces(10).inverse().inverse() == AdxToAces(10)


def test_whole_pixels_are_needed() -> None:
    with pytest.raises(ValueError, match=r"hlg_ootf takes \(..., 3\) arrays of red, green and blue, got \(4,\)"):
        hlg_ootf(np.zeros(4))
    with pytest.raises(ChannelError, match="R, G and B"):
        hlg_ootf(Image(np.zeros((2, 2, 1), np.float32)))
    with pytest.raises(ValueError, match="bits must be 10 or 16, got 12"):
        adx_to_aces(np.zeros(3), bits=12)
    with pytest.raises(TypeError, match="float64, got int64"):
        adx_to_aces(np.zeros((2, 3), np.int64))
    empty = np.zeros((0, 3), np.float32)
    assert hlg_ootf(empty).shape == (0, 3)
