"""The ACES 1.3 gamut compression: the published formula, OpenColorIO, the way back, odd values."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.color import convert
from vfx.color.gamut import GamutCompress, gamut_compress
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.pixelop import PixelOp, run

Array = np.ndarray[Any, Any]
THRESHOLD, LIMIT, POWER = np.array([0.815, 0.803, 0.880]), np.array([1.147, 1.264, 1.312]), 1.2


def applied(op: PixelOp, colours: Any) -> Array:
    """Colours (N, 3) after an op, float32."""
    image = Image(np.array(colours, np.float32, ndmin=2)[None])
    run((op,), image, image)
    return np.asarray(image.numpy()[0])


def published(rgb: Array, power: float = POWER) -> Array:
    """LMT.Academy.ReferenceGamutCompress of aces-dev 1.3, in float64."""
    ach = rgb.max(axis=1, keepdims=True)
    distance = np.where(ach == 0, 0.0, (ach - rgb) / np.abs(np.where(ach == 0, 1.0, ach)))
    scale = (LIMIT - THRESHOLD) / (((1 - THRESHOLD) / (LIMIT - THRESHOLD)) ** -power - 1) ** (1 / power)
    n = np.maximum(distance - THRESHOLD, 0.0) / scale
    near = THRESHOLD + scale * n / (1 + n**power) ** (1 / power)
    return np.where(distance < THRESHOLD, rgb, ach - near * np.abs(ach))


@pytest.fixture(scope="module")
def vivid() -> Array:
    """Colours in and out of AP1, dim and bright, one channel often negative."""
    random = np.random.default_rng(11)
    rgb = np.exp2(random.uniform(-8, 5, (6000, 1))) * random.uniform(-0.3, 1.0, (6000, 3))
    return rgb.astype(np.float32)


def test_compression_follows_the_published_formula(vivid: Array) -> None:
    expected = published(vivid.astype(np.float64))
    size = np.maximum(1e-3, np.abs(vivid).max(axis=1, keepdims=True))
    assert (np.abs(applied(gamut_compress(), vivid) - expected) / size).max() <= 1e-6


def test_compression_is_that_of_opencolorio(vivid: Array, ocio: Any, by_ocio: Any) -> None:
    function = ocio.FixedFunctionTransform(
        ocio.FIXED_FUNCTION_ACES_GAMUT_COMP_13, [*LIMIT.tolist(), *THRESHOLD.tolist(), POWER]
    )
    size = np.maximum(1.0, np.abs(vivid).max(axis=1, keepdims=True))
    ours, theirs = applied(gamut_compress(), vivid), by_ocio(function, vivid)
    assert (np.abs(ours - theirs) / size).max() <= 2e-6
    back = by_ocio(function, ours, inverse=True)
    # Towards the asymptote both magnify the last bit, so only what stays within reach is compared.
    kept = np.abs(back - vivid).max(axis=1) < 1e-4 * size[:, 0]
    assert kept.mean() > 0.9
    close = np.abs(applied(gamut_compress().inverse(), ours) - back)[kept] / size[kept]
    assert close.max() <= 3e-4 and np.median(close) <= 1e-7


def test_compression_of_aces_is_ocios_look_transform(vivid: Array, ocio: Any, by_ocio: Any) -> None:
    look = ocio.BuiltinTransform("ACES-LMT - ACES 1.3 Reference Gamut Compression")
    aces = convert(vivid, "ACEScg", "ACES2065-1")
    size = np.maximum(1.0, np.abs(aces).max(axis=1, keepdims=True))
    ours = applied(gamut_compress(space="ACES2065-1"), aces)
    assert (np.abs(ours - by_ocio(look, aces)) / size).max() <= 3e-6


def test_the_limit_comes_to_the_hull_and_the_core_keeps_every_bit() -> None:
    for channel in range(3):
        colour = np.ones(3)
        colour[channel] = 1.0 - LIMIT[channel]
        np.testing.assert_allclose(applied(gamut_compress(), colour)[0, channel], 0.0, atol=2e-7)
    inside = np.random.default_rng(12).uniform(0.25, 1.0, (3000, 3)).astype(np.float32)
    np.testing.assert_array_equal(applied(gamut_compress(), inside), inside)


def test_nothing_finite_leaves_the_asymptote() -> None:
    far = applied(gamut_compress(), [[1.0, -1e30, 0.5], [1e-3, -1e3, 0.0], [-1.0, -2.0, -3.0]])
    scale = np.array(gamut_compress().scale())
    assert np.isfinite(far).all()
    assert far[0, 1] == pytest.approx(1.0 - THRESHOLD[1] - scale[1], abs=1e-6)
    assert far[2, 0] == -1.0 and far[2, 1] > -2.0


def test_the_inverse_brings_colours_back(vivid: Array) -> None:
    op = gamut_compress()
    distance = (vivid.max(axis=1) - vivid.min(axis=1)) / np.abs(vivid.max(axis=1))
    near = vivid[distance < 1.15]
    size = np.abs(near).max(axis=1, keepdims=True)
    back = applied(op.inverse(), applied(op, near))
    assert len(near) > 3000
    assert (np.abs(back - near) / size).max() <= 2e-5
    assert op.inverse().inverse() == op


def test_odd_values_pass_or_stay() -> None:
    odd = [[np.nan, np.nan, np.nan], [0.5, np.nan, 0.1], [np.inf, 1.0, -1.0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]]
    for op in (gamut_compress(), gamut_compress().inverse()):
        np.testing.assert_array_equal(applied(op, odd), np.array(odd, np.float32))


@pytest.mark.parametrize("power", [1.0, 2.0, 5.0, 10.0])
def test_every_power_follows_the_formula_and_comes_back(power: float, vivid: Array) -> None:
    expected = published(vivid.astype(np.float64), power)
    size = np.maximum(1e-3, np.abs(vivid).max(axis=1, keepdims=True))
    op = gamut_compress(power=power)
    ours = applied(op, vivid)
    assert (np.abs(ours - expected) / size).max() <= 1e-6
    distance = (vivid.max(axis=1) - vivid.min(axis=1)) / np.abs(vivid.max(axis=1))
    near = distance < 1.0
    assert (np.abs(applied(op.inverse(), ours) - vivid) / size)[near].max() <= 2e-5


def test_thresholds_and_limits_change_the_curve(vivid: Array) -> None:
    assert (applied(gamut_compress(threshold=0.5, limit=2), vivid) != applied(gamut_compress(), vivid)).any()


def test_compression_and_its_inverse_cancel_in_that_order_only() -> None:
    op = gamut_compress()
    joined = op.combine(op.inverse())
    assert joined is not None and joined.is_identity
    assert op.inverse().combine(op) is None and op.combine(op) is None
    assert op.combine(gamut_compress(power=1.5).inverse()) is None


def test_repr_is_the_call_and_pickles() -> None:
    op = gamut_compress(threshold=0.7, power=1.5, space="sRGB")
    assert repr(op) == "gamut_compress(threshold=0.7, power=1.5, space='sRGB')"
    assert eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op
    assert repr(gamut_compress()) == "gamut_compress()"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 1.0}, "threshold must be between 0 and"),
        ({"limit": [1.2, 1.0, 1.2]}, "limit must be between"),
        ({"power": 0.5}, "power must be between 1 and 10"),
        ({"space": "ACESgc"}, "did you mean 'ACEScg'.*; space must be one of"),
    ],
)
def test_wrong_parameters_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gamut_compress(**arguments)


def test_it_needs_colour_and_leaves_alpha() -> None:
    rgba = np.array([[[1.0, -0.2, 0.5, 0.3]]], np.float32)
    new = vfx.Image(rgba).gamut_compress()
    assert new.numpy()[0, 0, 3] == np.float32(0.3) and new.numpy()[0, 0, 1] > -0.2
    with pytest.raises(ChannelError, match="R, G and B"):
        vfx.Image(np.ones((1, 1), np.float32)).gamut_compress()
    assert GamutCompress().is_identity is False
