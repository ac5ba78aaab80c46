"""White balance: its lights against colour-science, its directions, and that neutral is neutral."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.color import matrix
from vfx.color.linear import Exposure, Matrix
from vfx.color.white_balance import light_of, white_balance


@pytest.fixture(scope="module")
def colour() -> Any:
    """The colour-science package."""
    return pytest.importorskip("colour")


@pytest.mark.parametrize("kelvin", [1667, 2000, 2222, 2856, 3200, 3999, 4000])
def test_warm_lights_are_black_bodies(kelvin: float, colour: Any) -> None:
    np.testing.assert_allclose(light_of(kelvin).xy, colour.temperature.CCT_to_xy_Kang2002(kelvin), atol=1e-14)


@pytest.mark.parametrize("kelvin", [5000, 5500, 6504, 7000, 7001, 9300, 25000])
def test_cool_lights_are_daylight(kelvin: float, colour: Any) -> None:
    np.testing.assert_allclose(light_of(kelvin).xy, colour.temperature.CCT_to_xy_CIE_D(kelvin), atol=1e-14)


@pytest.mark.parametrize("kelvin", [2000, 3200, 4000, 4500, 5000, 6504, 9300, 15000])
def test_the_light_has_the_temperature_it_is_named_by(kelvin: float, colour: Any) -> None:
    found, duv = colour.temperature.uv_to_CCT_Ohno2013(colour.xy_to_UCS_uv(light_of(kelvin).xy))
    assert found == pytest.approx(kelvin, rel=5e-3)
    assert -0.0005 < duv < 0.0045  # on the black body when warm, 0.003 above it when daylight


@pytest.mark.parametrize("kelvin", [2500, 3200, 4500, 6504, 12000])
def test_tint_moves_by_its_duv_and_keeps_the_temperature(kelvin: float, colour: Any) -> None:
    neutral = colour.temperature.uv_to_CCT_Ohno2013(colour.xy_to_UCS_uv(light_of(kelvin).xy))
    for tint in (-30.0, 15.0, 30.0):
        found, duv = colour.temperature.uv_to_CCT_Ohno2013(colour.xy_to_UCS_uv(light_of(kelvin, tint).xy))
        assert duv - neutral[1] == pytest.approx(tint / 3000.0, abs=3e-4)
        assert found == pytest.approx(neutral[0], rel=1e-2)


def test_the_lights_form_one_unbroken_line() -> None:
    kelvins = 1e6 / np.linspace(1e6 / 25000, 1e6 / 1667, 4000)
    xy = np.array([light_of(kelvin).xy for kelvin in kelvins])
    # A step of 0.14 mired; the printed branches meet within 2e-4.
    assert np.abs(np.diff(xy, axis=0)).max() < 4e-4
    assert (np.diff(xy[:, 0]) > 0).all()


@pytest.mark.parametrize("space", ["Rec.709", "ACEScg", "ARRI Wide Gamut 4", "P3-DCI"])
def test_the_neutral_light_changes_nothing(space: str) -> None:
    op = white_balance(6504, space=space)
    assert op.is_identity
    pixels = np.random.default_rng(1).random((4, 4, 3), np.float32)
    np.testing.assert_array_equal(vfx.Image(pixels).white_balance(6504, space=space).numpy(), pixels)


@pytest.mark.parametrize("space", ["Rec.709", "ACEScg", "Rec.2020"])
def test_the_named_light_becomes_neutral(space: str) -> None:
    for kelvin, tint in ((2856.0, 0.0), (3200.0, 20.0), (9000.0, -10.0)):
        seen = matrix("XYZ D65", space) @ light_of(kelvin, tint).to_xyz()
        balanced = white_balance(kelvin, tint, space=space).to_rgb() @ seen
        # Neutral is daylight of 6504 K, 0.0002 from the rounded D65.
        np.testing.assert_allclose(balanced, balanced.mean(), rtol=2e-3)
    # CAT16 keeps Y, so a white of the light stays as bright.
    np.testing.assert_allclose(balanced.mean(), 1.0, rtol=1e-3)


def test_more_kelvin_is_warmer_and_more_tint_is_more_magenta() -> None:
    grey = np.full(3, 0.18)
    warm, cool = white_balance(9000).to_rgb() @ grey, white_balance(4000).to_rgb() @ grey
    assert warm[0] > warm[1] > warm[2] and cool[0] < cool[1] < cool[2]
    magenta, green = white_balance(6504, 40).to_rgb() @ grey, white_balance(6504, -40).to_rgb() @ grey
    assert magenta[1] < min(magenta[0], magenta[2]) and green[1] > max(green[0], green[2])


def test_it_is_a_matrix_that_merges_and_has_an_inverse() -> None:
    op = white_balance(3200, 10)
    assert isinstance(op.inverse(), Matrix)
    np.testing.assert_allclose(np.array(op.inverse().matrix) @ op.as_matrix()[0], np.eye(4), atol=1e-12)
    merged = Exposure(1).combine(op)
    assert merged is not None and len(merged.steps()) == 1
    np.testing.assert_allclose(merged.as_matrix()[0][:3, :3], 2 * op.to_rgb())  # type: ignore[attr-defined]


def test_repr_is_the_call_and_pickles() -> None:
    op = white_balance(3200, tint=5, space="ACEScg")
    assert repr(op) == "white_balance(3200.0, 5.0, space='ACEScg')"
    assert eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op and hash(op) == hash(eval(repr(op)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1500,), "kelvin must be between 1667 and 25000, got 1500"),
        ((30000,), "kelvin must be between"),
        ((6504, 200), "tint must be between -150 and 150"),
        ((float("nan"),), "kelvin must be a finite number"),
    ],
)
def test_lights_out_of_range_are_refused(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        white_balance(*arguments)
    with pytest.raises(ValueError, match="space must be one of"):
        white_balance(6504, space="nothing")
