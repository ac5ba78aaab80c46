"""Hue rotation: what it keeps, which way it turns, and how turns add up."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from reference.grading import LUMA, Array, applied, error

from vfx.color.grade import exposure, saturation
from vfx.color.hue import hue
from vfx.color.linear import Matrix
from vfx.errors import ChannelError


@pytest.mark.parametrize("degrees", [30.0, -75.0, 120.0, 180.0, 359.0, 1000.0])
def test_luma_and_greys_stay(degrees: float, colours: Array) -> None:
    turned = applied(hue(degrees), colours)
    assert error(turned.astype(np.float64) @ LUMA[:, None], colours.astype(np.float64) @ LUMA[:, None]) < 2e-5
    grey = np.repeat(np.float32([[-0.5], [0.0], [0.18], [1.0], [60.0]]), 3, axis=1)
    assert error(applied(hue(degrees), grey), grey) < 2e-7


def test_a_third_of_a_turn_gives_red_the_chroma_of_green() -> None:
    red, green, blue = applied(hue(120), np.eye(3))
    # Haeberli: the primaries change places, and each loses or gains grey to keep its luma.
    assert error(red, [0.0, 1.0, 0.0] + (LUMA[0] - LUMA[1])) < 2e-7
    assert error(green, [0.0, 0.0, 1.0] + (LUMA[1] - LUMA[2])) < 2e-7
    assert error(blue, [1.0, 0.0, 0.0] + (LUMA[2] - LUMA[0])) < 2e-7


def test_small_positive_turns_go_from_red_to_yellow() -> None:
    red, green, _ = applied(hue(20), [[1.0, 0.0, 0.0]])[0] - applied(hue(0), [[1.0, 0.0, 0.0]])[0]
    assert green - red > 0.1


def test_the_matrix_is_the_rotation_between_two_shears() -> None:
    # Haeberli's construction, step by step: shear luma's plane flat, turn about the grey axis, shear back.
    angle = np.radians(50.0)
    axis = np.ones(3) / np.sqrt(3)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)
    flat = np.eye(3) + np.outer(np.ones(3), LUMA - 1 / 3)  # grey's share becomes luma, chroma stays in its plane
    expected = np.linalg.inv(flat) @ turn @ flat
    np.testing.assert_allclose(hue(50).as_matrix()[0][:3, :3], expected, atol=1e-12)


def test_turns_add_up_and_undo_each_other(colours: Array) -> None:
    assert hue(200).combine(hue(160)) == hue(360)
    assert hue(360).is_identity and hue(-720).is_identity and hue(0).is_identity and not hue(1).is_identity
    assert hue(33).inverse() == hue(-33)
    assert error(applied(hue(33).inverse(), applied(hue(33), colours)), colours) < 3e-6
    joined = saturation(0.5).combine(hue(33))
    assert isinstance(joined, Matrix)
    assert error(applied(joined, colours), applied(hue(33), applied(saturation(0.5), colours))) < 3e-6
    assert isinstance(hue(33).combine(exposure(1)), Matrix)


def test_repr_is_the_call_and_pickles() -> None:
    op = hue(-12.5)
    assert repr(op) == "hue(-12.5)" and eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op


def test_wrong_input_is_named() -> None:
    with pytest.raises(TypeError, match="degrees must be a number, got 'red'"):
        hue("red")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="degrees must be a finite number"):
        hue(np.inf)
    with pytest.raises(ChannelError, match="R, G and B"):
        applied(hue(10), [[0.5]])


def test_nan_and_infinities_reach_every_channel() -> None:
    assert np.isnan(applied(hue(10), [[np.nan, 0.5, 0.5]])).all()
    assert not np.isfinite(applied(hue(10), [[np.inf, 0.5, 0.5]])).any()
