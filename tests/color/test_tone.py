"""Tone: its zones, what it keeps, that tones keep their order, and the way back."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from reference.grading import LUMA, Array, applied, error

from vfx.color.grade import exposure
from vfx.color.tone import Tone, tone
from vfx.errors import ChannelError

NAN, INF = np.nan, np.inf


def greys(stops: Array, pivot: float = 0.18) -> Array:
    """Greys so many stops from the pivot, (N, 3)."""
    return np.repeat((pivot * 2.0 ** np.asarray(stops, np.float64))[:, None], 3, axis=1)


def gained(op: Tone, stops: object) -> list[float]:
    """The stops by which greys change."""
    before = greys(np.array(stops, np.float64), op.pivot)
    change: list[float] = np.log2(applied(op, before)[:, 0] / before[:, 0].astype(np.float32)).round(6).tolist()
    return change


def test_each_zone_has_its_own_stops() -> None:
    op = tone(1.0, 0.25, -0.5)
    assert gained(op, [-9, -5, 0, 5, 12]) == pytest.approx([1, 1, 0.25, -0.5, -0.5], abs=2e-6)
    # Halfway between two zones, b(1/2) = 1/2.
    assert gained(op, [-2.5, 2.5]) == pytest.approx([0.625, -0.125], abs=2e-6)
    assert gained(tone(1.0, 0.25, -0.5, pivot=0.5), [-5, 0, 5]) == pytest.approx([1, 0.25, -0.5], abs=2e-6)


def test_op_follows_its_formula(colours: Array) -> None:
    bright = colours[(colours @ LUMA) > 0]
    stops = np.log2(bright.astype(np.float64) @ LUMA / 0.18)
    t = np.clip(np.abs(stops) / 5, 0, 1)
    expected = bright * np.exp2(t**2 * (3 - 2 * t) * np.where(stops < 0, 0.8, -1.2))[:, None]
    assert error(applied(tone(0.8, 0, -1.2), bright), expected) < 2e-6


def test_greys_and_ratios_of_channels_stay(colours: Array) -> None:
    after = applied(tone(1.5, -0.3, -1), colours).astype(np.float64)
    factor = after[:, 1] / colours[:, 1]
    assert error(after, colours * factor[:, None]) < 1e-6
    grey = applied(tone(1.5, -0.3, -1), greys(np.linspace(-12, 12, 99)))
    assert np.array_equal(grey[:, 0], grey[:, 1]) and np.array_equal(grey[:, 0], grey[:, 2])


@pytest.mark.parametrize("stops", [(3, 0, -3), (-10, 10, 7), (0, 0, -3), (3, 0, 0), (1, 3, 10), (-2, -5, 5)])
def test_tones_keep_their_order(stops: tuple[float, float, float]) -> None:
    after = applied(tone(*stops), greys(np.linspace(-12, 12, 20001)))[:, 0]
    assert (np.diff(after) > 0).all()


@pytest.mark.parametrize("stops", [(1, 0.2, -0.7), (-1.5, 0, 1.5), (2, 0.5, -1), (3, 0, -3), (0, 2, 0)])
def test_inverse_undoes_the_op(stops: tuple[float, float, float], colours: Array) -> None:
    op = tone(*stops)
    # A slope of 1/10 in stops makes ten times of a rounding error.
    assert error(applied(op.inverse(), applied(op, colours)), colours) < 1e-5
    assert op.inverse().inverse() == op and op.combine(op.inverse()) == tone() and op.combine(op) is None


def test_three_equal_zones_are_an_exposure(colours: Array) -> None:
    assert error(applied(tone(1.5, 1.5, 1.5), colours), applied(exposure(1.5), colours)) < 1e-6
    assert tone().is_identity and not tone(0, 0.1).is_identity


def test_black_and_infinity_belong_to_the_outer_zones_and_nan_passes() -> None:
    odd = np.array([[0, 0, 0], [-1, -1, -1], [INF, 1, 1], [NAN, 1, 2], [-INF, 1, 1], [INF, -INF, 1]], np.float32)
    expected = np.array([[0, 0, 0], [-2, -2, -2], [INF, 0.5, 0.5], [NAN, 1, 2], [-INF, 2, 2], [INF, -INF, 1]])
    np.testing.assert_array_equal(applied(tone(1, 0, -1), odd), expected)
    back = applied(tone(1, 0, -1).inverse(), expected)
    np.testing.assert_array_equal(back, odd)


def test_repr_and_errors() -> None:
    op = tone(1, 0, -0.5, pivot=0.2)
    assert repr(op) == "tone(1.0, 0.0, -0.5, pivot=0.2)" and eval(repr(op)) == op
    assert pickle.loads(pickle.dumps(op.inverse())) == op.inverse()
    with pytest.raises(
        ValueError, match="shadows may exceed midtones by at most 3 stops.*got shadows 4 and midtones 0"
    ):
        tone(4, 0, 0)
    with pytest.raises(ValueError, match="midtones may exceed highlights by at most 3 stops"):
        tone(0, 0, -3.5)
    with pytest.raises(ValueError, match="shadows must be between -10 and 10"):
        tone(11, 10, 10)
    with pytest.raises(ValueError, match="pivot must be"):
        tone(1, pivot=0)
    with pytest.raises(ChannelError, match="R, G and B"):
        applied(op, [[0.5]])
