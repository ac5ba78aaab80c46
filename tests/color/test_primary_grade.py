"""Nuke's Grade and lift, gamma, gain: formula, edges, reverse, OpenColorIO, and what they merge with."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from reference.grading import Array, applied, error

from vfx.color.grade import exposure, gain, offset, saturation
from vfx.color.primary_grade import Grade, grade, lift_gamma_gain
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp

NAN, INF = np.nan, np.inf

ALL: dict[str, Any] = {
    "blackpoint": [0.02, 0.0, -0.01],
    "whitepoint": [1.2, 1.0, 0.9],
    "lift": [0.01, 0.0, 0.05],
    "gain": [1.1, 1.0, 0.8],
    "multiply": [1.0, 1.3, 0.9],
    "offset": [0.0, -0.02, 0.03],
    "gamma": [1.2, 1.0, 0.8],
}


def ramp(given: dict[str, Any]) -> tuple[Array, Array]:
    """A and B, as the node's help text has them."""
    v = {name: np.asarray(value) for name, value in given.items()}
    a = v["multiply"] * (v["gain"] - v["lift"]) / (v["whitepoint"] - v["blackpoint"])
    return a, v["offset"] + v["lift"] - a * v["blackpoint"]


def power(x: Array, exponent: Any) -> Array:
    return np.where(x > 0, np.abs(x) ** np.asarray(exponent), x)


def test_grade_follows_nukes_formula(colours: Array) -> None:
    a, b = ramp(ALL)
    assert error(applied(grade(**ALL), colours), power(a * colours + b, 1 / np.array(ALL["gamma"]))) < 2e-6


# Worked by hand from the formula.
@pytest.mark.parametrize(
    ("given", "x", "y"),
    [
        ({"blackpoint": 0.1, "whitepoint": 0.9}, (0.1, 0.5, 0.9), (0, 0.5, 1)),
        ({"lift": 0.1, "gain": 0.9}, (0, 0.5, 1), (0.1, 0.5, 0.9)),
        ({"gamma": 2}, (0.25, 0.0, -0.25), (0.5, 0.0, -0.25)),
        ({"multiply": 2, "offset": 0.25}, (0.0, 0.25, 1.0), (0.25, 0.75, 2.25)),
        ({"lift": 0.5, "multiply": 0.5}, (0.0, 1.0, 2.0), (0.5, 0.75, 1.0)),
        ({"gamma": 2, "offset": -1}, (0.0, 1.25, 5.0), (-1.0, 0.5, 2.0)),
        ({"gamma": 2, "above_one": "linear"}, (0.25, 1.0, 5.0), (0.5, 1.0, 3.0)),
        ({"gamma": 2, "above_one": "linear", "reverse": True}, (0.5, 1.0, 3.0), (0.25, 1.0, 5.0)),
        ({"gamma": 0.5, "offset": 0.5, "reverse": True}, (0.25, 1.0, 4.0), (0.0, 0.5, 1.5)),
        ({"gain": 2, "black_clamp": True, "white_clamp": True}, (-1.0, 0.25, 1.0), (0.0, 0.5, 1.0)),
    ],
)
def test_worked_examples(given: dict[str, Any], x: tuple[float, ...], y: tuple[float, ...]) -> None:
    assert applied(grade(**given), [x])[0] == pytest.approx(y, abs=2e-7)


def test_agrees_with_ocios_matrix_and_exponent(by_ocio: Any, ocio: Any, colours: Array) -> None:
    a, b = ramp(ALL)
    peer = ocio.GroupTransform(
        [
            ocio.MatrixTransform(np.diag([*a, 1.0]).ravel().tolist(), [*b, 0.0]),
            ocio.ExponentTransform([*(1 / np.array(ALL["gamma"])), 1.0], ocio.NEGATIVE_PASS_THRU),
        ]
    )
    assert error(applied(grade(**ALL), colours), by_ocio(peer, colours)) < 2e-6
    assert error(applied(grade(**ALL, reverse=True), colours), by_ocio(peer, colours, inverse=True)) < 5e-6


@pytest.mark.parametrize("above_one", ["power", "linear"])
def test_reverse_undoes_the_grade(above_one: str, colours: Array) -> None:
    op = grade(**ALL, above_one=above_one)
    calm = colours[np.abs(colours).max(axis=1) < 16]
    assert error(applied(op.inverse(), applied(op, calm)), calm) < 5e-6
    assert op.inverse() == grade(**ALL, above_one=above_one, reverse=True) and op.inverse().inverse() == op
    assert op.combine(op.inverse()) == Grade() and op.inverse().combine(op) == Grade() and op.combine(op) is None


def test_the_tangent_joins_the_power_at_one() -> None:
    x = np.linspace(0.999, 1.001, 301).repeat(3).reshape(-1, 3)
    after = applied(grade(gamma=[2.2, 0.4, 1.5], above_one="linear"), x)
    # A thousandth from 1 the two differ by half the curvature times 1e-6.
    assert error(after, 1 + (x - 1) / np.array([2.2, 0.4, 1.5])) < 3e-6
    assert (np.diff(after, axis=0) >= 0).all()


def test_clamps_come_last_in_both_directions(colours: Array) -> None:
    for reverse in (False, True):
        free = applied(grade(**ALL, reverse=reverse), colours)
        for black in (False, True):
            for white in (False, True):
                op = grade(**ALL, black_clamp=black, white_clamp=white, reverse=reverse)
                expected = np.clip(free, 0.0 if black else -INF, 1.0 if white else INF)
                np.testing.assert_array_equal(applied(op, colours), expected)


def test_negative_and_undefined_values_follow_the_rule() -> None:
    odd = [[NAN, INF, -INF], [-2.0, 0.0, NAN]]
    after = applied(grade(gamma=2, white_clamp=True), odd)
    np.testing.assert_array_equal(after, [[NAN, 1, -INF], [-2, 0, NAN]])
    np.testing.assert_array_equal(applied(grade(gamma=2, black_clamp=True), odd), [[0, INF, 0], [0, 0, 0]])
    np.testing.assert_array_equal(applied(lift_gamma_gain(gamma=2), odd), [[NAN, INF, -INF], [-2, 0, NAN]])


def test_lift_gamma_gain_follows_its_formula(colours: Array) -> None:
    lift, gamma, high = np.array([0.05, 0.0, -0.02]), np.array([1.2, 1.0, 0.7]), np.array([1.1, 1.0, 0.9])
    op = lift_gamma_gain(lift, gamma, high)
    assert error(applied(op, colours), power(colours * (high - lift) + lift, 1 / gamma)) < 2e-6
    assert applied(op, [[0, 0, 0]])[0] == pytest.approx(power(lift, 1 / gamma), abs=1e-7)
    assert applied(op, [[1, 1, 1]])[0] == pytest.approx(power(high, 1 / gamma), abs=1e-7)
    calm = colours[np.abs(colours).max(axis=1) < 16]
    assert error(applied(op.inverse(), applied(op, calm)), calm) < 5e-6
    assert op.inverse() == grade(lift=lift, gain=high, gamma=gamma, reverse=True)
    assert op.combine(op.inverse()) == Grade()


@pytest.mark.parametrize(
    "op", [grade(), lift_gamma_gain(), grade(blackpoint=0.5, whitepoint=1.5, lift=0.5, gain=1.5)], ids=repr
)
def test_neutral_parameters_are_the_identity(op: PixelOp, colours: Array) -> None:
    assert op.is_identity
    assert applied(op, colours).tobytes() == colours.tobytes()


def test_without_gamma_and_clamps_it_merges_with_linear_ops(colours: Array) -> None:
    linear = {name: value for name, value in ALL.items() if name != "gamma"}
    for first, second in (
        (grade(**linear), exposure(1)),
        (grade(**linear), saturation(0.5)),
        (grade(**linear, reverse=True), offset(0.1)),
        (grade(**linear), grade(gain=2)),
        (lift_gamma_gain(0.1, 1, 1.2), gain([1, 2, 3])),
        (lift_gamma_gain(0.1, 1, 1.2), lift_gamma_gain(0.1, 1, 0.8)),
    ):
        joined = first.combine(second)
        assert joined is not None and len(joined.steps()) == 1
        assert error(applied(joined, colours), applied(second, applied(first, colours))) < 3e-6
    assert grade(gamma=2).combine(exposure(1)) is None
    assert grade(white_clamp=True).combine(exposure(1)) is None
    assert grade(white_clamp=True).combine(grade(white_clamp=True, reverse=True)) is None


def test_what_is_lost_has_no_inverse() -> None:
    for op in (grade(white_clamp=True), grade(black_clamp=True), grade(multiply=0), lift_gamma_gain(1, 1, 1)):
        with pytest.raises(NotInvertibleError):
            op.inverse()


def test_repr_is_the_call_and_pickles() -> None:
    for op in (grade(**ALL), grade(0.1, reverse=True, above_one="linear", black_clamp=True), lift_gamma_gain(0.1, 2)):
        assert eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op
    assert repr(grade()) == "grade()"
    assert grade(0.1, 0.9, 0, 1, 1, 0, 1.2, True, True) == grade(
        blackpoint=0.1, whitepoint=[0.9] * 3, gamma=1.2, black_clamp=True, white_clamp=True
    )


def test_luminance_images_are_graded() -> None:
    assert applied(grade(gain=2, gamma=2), [[0.125]])[0, 0] == pytest.approx(0.5)
    assert applied(lift_gamma_gain(gain=0.5), [[0.5]])[0, 0] == 0.25


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: grade(blackpoint=1), "blackpoint and whitepoint must differ in every channel, got 1.0 and 1.0"),
        (lambda: grade(gamma=0), "gamma must be between 0.001 and 1000, got 0"),
        (lambda: lift_gamma_gain(gamma=-1), "gamma must be between"),
        (lambda: grade(lift=[1, 2]), "lift must be one number or three, got 2"),
        (lambda: grade(white_clamp=1), "white_clamp must be True or False, got 1"),
        (lambda: grade(above_one="straight"), "above_one must be one of power, linear, got 'straight'"),
        (lambda: grade(gain=0, reverse=True), "a grade that multiplies by 0 has no reverse"),
        (lambda: grade(gain=NAN), "gain must be a finite number"),
        (lambda: grade(whitepoint=1e-320), r"\(whitepoint - blackpoint\) must be finite, got grade\("),
    ],
)
def test_wrong_parameters_are_named(make: Callable[[], PixelOp], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()
