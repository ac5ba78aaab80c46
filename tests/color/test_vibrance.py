"""Vibrance: its formula, what it keeps, that it rises, and its way back."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from reference.grading import LUMA, Array, applied, error

from vfx.color.grade import exposure, saturation
from vfx.color.vibrance import vibrance
from vfx.errors import ChannelError, NotInvertibleError


@pytest.fixture
def positive(colours: Array) -> Array:
    """Colours whose channels are all above 0."""
    return colours[(colours > 0).all(axis=1)]


@pytest.mark.parametrize("amount", [-1.0, -0.4, 0.3, 1.0])
def test_op_follows_its_formula(amount: float, positive: Array) -> None:
    x = positive.astype(np.float64)
    luma = x @ LUMA[:, None]
    k = 1 + amount * x.min(axis=1, keepdims=True) / x.max(axis=1, keepdims=True)
    assert error(applied(vibrance(amount), positive), luma + k * (x - luma)) < 2e-6


def test_pale_colours_gain_and_saturated_ones_stay() -> None:
    pale, full = [0.55, 0.5, 0.5], [0.5, 0.0, 0.0]
    assert applied(vibrance(1), [full]).tolist() == [full]
    ours, all_alike = applied(vibrance(1), [pale])[0], applied(saturation(2.0), [pale])[0]
    assert 0.9 < (ours.max() - ours.min()) / (all_alike.max() - all_alike.min()) < 1


@pytest.mark.parametrize("amount", [-1.0, -0.5, 0.5, 1.0])
def test_luma_greys_and_exposure_are_kept(amount: float, positive: Array) -> None:
    after = applied(vibrance(amount), positive)
    assert error(after @ LUMA[:, None], positive @ LUMA[:, None]) < 3e-6
    grey = np.repeat(np.float32(2.0) ** np.arange(-20, 20, dtype=np.float32)[:, None] * np.float32(1.1), 3, axis=1)
    assert np.array_equal(applied(vibrance(amount), grey), grey)
    assert error(applied(vibrance(amount), applied(exposure(3), positive)), applied(exposure(3), after)) < 1e-6


@pytest.mark.parametrize("amount", [-1.0, 1.0])
@pytest.mark.parametrize("direction", [(1.0, 0.2, 0.0), (0.0, 0.1, 1.0), (0.3, 1.0, 0.0), (0.0, 1.0, 1.0)])
def test_saturation_rises_with_the_source(amount: float, direction: tuple[float, ...]) -> None:
    share = np.linspace(0, 1, 400)[:, None]
    ramp = (1 - share) * 0.5 + share * np.array(direction)
    after = applied(vibrance(amount), ramp).astype(np.float64)
    spread = 1 - after.min(axis=1) / after.max(axis=1)
    assert (np.diff(spread) >= -1e-6).all()


@pytest.mark.parametrize("amount", [-0.8, -0.3, 0.3, 0.9])
def test_inverse_undoes_the_op(amount: float, positive: Array) -> None:
    op = vibrance(amount)
    assert error(applied(op.inverse(), applied(op, positive)), positive) < 1e-5
    assert op.inverse().inverse() == op and op.combine(op.inverse()) == vibrance(0) and op.combine(op) is None


def test_grey_cannot_get_its_colour_back() -> None:
    with pytest.raises(NotInvertibleError, match="lost its colour"):
        vibrance(-1).inverse()


def test_pixels_without_a_positive_finite_saturation_pass() -> None:
    odd = np.array(
        [[-0.1, 0.5, 1], [0, 0.5, 1], [np.nan, 0.5, 1], [0.5, 0.5, np.nan], [np.inf, 0.5, 1], [-1, -2, -3]], np.float32
    )
    for op in (vibrance(0.7), vibrance(0.7).inverse()):
        assert applied(op, odd).tobytes() == odd.tobytes()


def test_repr_identity_and_errors() -> None:
    op = vibrance(0.25)
    assert repr(op) == "vibrance(0.25)" and eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op
    assert vibrance(0).is_identity and not op.is_identity
    with pytest.raises(ValueError, match="vibrance must be between -1 and 1, got 1.5"):
        vibrance(1.5)
    with pytest.raises(ChannelError, match="R, G and B"):
        applied(op, [[0.5]])
