"""The curve through uneven knots, and the knots that undo a curve."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from vfx.errors import NotInvertibleError
from vfx.lut import HalfLut1D, KnotLut1D, Lut1D
from vfx.lut.knots import knot_rows, undoing

RNG = np.random.default_rng(21)
X = [np.sort(RNG.normal(0, 1, count)).astype(np.float32) for count in (5, 64, 1000)]
Y = [RNG.normal(0, 1, len(x)).astype(np.float32) for x in X]
THREE = KnotLut1D(X, Y)


def test_lines_run_through_the_knots_of_each_channel(colours) -> None:
    result = THREE.apply(colours)
    for c in range(3):
        # float32 places a value within 6e-8 of it: times the steepest line.
        steepest = np.abs(np.diff(Y[c]) / np.diff(X[c])).max()
        expected = np.interp(colours[:, c].astype(np.float64), X[c], Y[c])
        np.testing.assert_allclose(result[:, c], expected, atol=1e-6 + 3e-7 * steepest)
        at_knots = THREE.apply(np.repeat(X[c][:, None], 3, axis=1))[:, c]
        np.testing.assert_allclose(at_knots, Y[c], atol=1e-6)


def test_outside_clamps_and_nan_takes_the_first_knot() -> None:
    curve = KnotLut1D([-1, 0, 0.1], [5, 6, 9])
    assert curve.apply([-9, -np.inf, 0.2, np.inf, np.nan]).tolist() == [5, 5, 9, 9, 5]


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([0], [0], "between 2 and 1048576 knots, got 1"),
        ([0, 1], [0, 1, 2], "2 knots and 3 values"),
        ([0, 1, 1], [0, 1, 2], "must rise, got 1 behind 1"),
        ([0, np.nan], [0, 1], "finite"),
        ([[0, 1], [0, 1], [0, 1]], [0, 1], "both be one list or both be three, got 3 and 1"),
        (np.zeros((2, 2)), [0, 1], "one list of numbers, or three"),
    ],
)
def test_knots_that_make_no_sense_are_refused(x, y, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        KnotLut1D(x, y)


def test_equality_hash_pickle_and_repr() -> None:
    one, same = KnotLut1D([0, 1], [0, 2]), KnotLut1D([[0, 1]] * 3, [[0, 2]] * 3, title="x")
    assert one == same
    assert hash(one) == hash(same)
    assert one != KnotLut1D([0, 1], [0, 3])
    assert one != KnotLut1D([0, 0.5, 1], [0, 1, 2])
    assert one != Lut1D([0, 2])
    again = pickle.loads(pickle.dumps(THREE))
    assert again == THREE
    assert [len(x) for x in again.x] == [5, 64, 1000]
    assert not again.y[0].flags.writeable
    assert repr(KnotLut1D([0, 1], [0, 2])) == "<KnotLut1D size=2>"
    assert KnotLut1D([0, 1], [0, 1]).is_identity


def test_the_inverse_exchanges_knots_and_values() -> None:
    curve = KnotLut1D([0, 0.1, 1], [4, 2, 1])
    assert curve.inverse() == KnotLut1D([1, 2, 4], [1, 0.1, 0])
    assert curve.inverse().inverse() == curve
    for wrong, reason in (([0, 2, 1], "rises and falls"), ([1, 1, 1], "constant"), ([0, 1, 1], "level")):
        with pytest.raises(NotInvertibleError, match=reason):
            KnotLut1D([0, 1, 2], wrong).inverse()


def test_mix_and_compose(colours) -> None:
    x = np.clip(colours, [one[0] for one in X], [one[-1] for one in X])
    np.testing.assert_allclose(THREE.mix(0.3).apply(x), 0.7 * x + 0.3 * THREE.apply(x), rtol=1e-3, atol=1e-4)
    after = Lut1D.gamma(64, 2)
    joined = KnotLut1D([0, 0.1, 1], [0, 0.5, 1]).compose(after)
    assert isinstance(joined, Lut1D)
    assert joined.size == 65536
    expected = after.apply(KnotLut1D([0, 0.1, 1], [0, 0.5, 1]).apply(x))
    np.testing.assert_allclose(joined.apply(x), expected, atol=2e-5)


def test_undoing_trims_level_ends_and_turns_falling_curves() -> None:
    rising = undoing(Lut1D([0, 0, 1, 2, 2], (0, 4)), 0)
    assert (rising.outputs.tolist(), rising.inputs.tolist(), rising.sign) == ([0, 1, 2], [1, 2, 3], 1)
    falling = undoing(Lut1D([2, 1, 0], (0, 2)), 0)
    assert (falling.outputs.tolist(), falling.inputs.tolist(), falling.sign) == ([-2, -1, 0], [0, 1, 2], -1)
    back = undoing(Lut1D([0, 2, 1, 3], (0, 3)), 0)
    assert back.outputs.tolist() == [0, 2, 2, 3]
    constant = undoing(Lut1D([1, 1, 1], (5, 7)), 0)
    assert (constant.outputs.tolist(), constant.inputs.tolist()) == ([1], [5])


def test_undoing_a_half_domain_starts_at_zero_on_both_sides() -> None:
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = np.where(np.isfinite(halves), halves, 0).astype(np.float64)
    gap = undoing(HalfLut1D(np.where(np.signbit(halves), finite - 1, finite)), 0)
    assert (np.diff(gap.outputs) >= 0).all()
    below = gap.outputs < 0
    assert gap.inputs[below].max() <= 0 <= gap.inputs[~below].min()
    assert len(undoing(HalfLut1D(np.maximum(finite, 0)), 0).outputs) == 0x7C00 + 1


def test_rows_are_filled_up_with_the_last_knot() -> None:
    rows = knot_rows(
        [np.array([0.0, 1, 2]), np.array([5.0]), np.array([1.0, 2])], [np.ones(3), np.zeros(1), np.ones(2)]
    )
    assert rows.shape == (6, 3)
    assert rows[0].tolist() == [0, 1, 2]
    assert rows[1].tolist() == [5, 5, 5]
