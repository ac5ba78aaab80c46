"""Curves: the published interpolant, straight lines beyond, no overshoot, the way back, and what they refuse."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from reference.grading import Array, applied, error

from vfx.color import _spline
from vfx.color.rgb_curves import Curves, curves
from vfx.errors import ChannelError, NotInvertibleError

NAN, INF = np.nan, np.inf
S_CURVE = [(0.0, 0.0), (0.18, 0.14), (0.5, 0.55), (1.0, 1.0)]


def rising(count: int, seed: int = 0) -> list[tuple[float, float]]:
    """Points of a curve that rises all the way, uneven in x and y."""
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.05, 1.0, count)).astype(np.float32)
    y = np.cumsum(rng.uniform(0.05, 1.0, count))
    return list(zip(((x - x[0]) / (x[-1] - x[0])).astype(np.float32).tolist(), (y / y[-1]).tolist(), strict=True))


def grey(values: Array) -> Array:
    return np.repeat(np.float32(values)[:, None], 3, axis=1)


@pytest.mark.parametrize("count", [4, 7, 14, 15, 30, 31, 62, 63, 200])
def test_inner_pieces_are_pchip(count: int) -> None:
    interpolate = pytest.importorskip("scipy.interpolate")
    points = rising(count, count)
    x = np.array(points)[:, 0]
    inside = np.linspace(x[1], x[-2], 3000).astype(np.float32)
    expected = interpolate.PchipInterpolator(*np.array(points).T)(inside)
    assert error(applied(curves(r=points), grey(inside))[:, 0], expected) < 1e-6


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_every_piece_is_the_cubic_with_these_slopes(count: int) -> None:
    interpolate = pytest.importorskip("scipy.interpolate")
    x, y = np.array(rising(count, 9)).T
    slopes = _spline.slopes(x, y)
    inside = np.linspace(0, 1, 5000).astype(np.float32)
    expected = interpolate.CubicHermiteSpline(x, y, slopes)(inside)
    assert error(applied(curves(master=list(zip(x, y, strict=True))), grey(inside))[:, 1], expected) < 1e-6
    # Without curvature at both ends.
    spline = interpolate.CubicHermiteSpline(x, y, slopes)
    assert spline(x[[0, -1]], 2) == pytest.approx([0, 0], abs=1e-9)


# Fritsch and Butland (1984): the weighted harmonic mean of 1 and 3 over widths 1 and 2, and an extreme.
def test_slopes_are_the_published_means() -> None:
    expected = (4 + 5) / (5 / 1 + 4 / 3)
    assert _spline.slopes(np.array([0.0, 1, 3]), np.array([0.0, 1, 7]))[1] == pytest.approx(expected)
    assert _spline.slopes(np.array([0.0, 1, 2]), np.array([0.0, 1, 0]))[1] == 0.0
    assert _spline.slopes(np.array([0.0, 1, 2]), np.array([0.0, 1, 1]))[1] == 0.0


def test_points_are_met_and_lines_go_on_beyond_them() -> None:
    op = curves(master=S_CURVE)
    x, y = np.array(S_CURVE).T
    assert error(applied(op, grey(x))[:, 0], y) < 2e-7
    first, last = _spline.slopes(x, y)[[0, -1]]
    far = np.array([-50.0, -1.0, 1.5, 100.0])
    expected = np.where(far < 0, first * far, 1 + last * (far - 1))
    assert first > 0 and last > 0 and error(applied(op, grey(far))[:, 0], expected) < 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_a_curve_rises_and_falls_only_as_its_points_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 1, 9)).astype(np.float32)
    y = rng.uniform(0, 1, 9)
    fine = np.linspace(x[0], x[-1], 4001).astype(np.float32)
    after = applied(curves(g=list(zip(x.tolist(), y.tolist(), strict=True))), grey(fine))[:, 1].astype(np.float64)
    piece = np.clip(np.searchsorted(x, fine, side="right") - 1, 0, 7)
    low, high = np.minimum(y[piece], y[piece + 1]), np.maximum(y[piece], y[piece + 1])
    assert (after >= low - 1e-6).all() and (after <= high + 1e-6).all()
    same = piece[1:] == piece[:-1]
    direction = np.sign(y[1:] - y[:-1])[piece[1:]]
    assert (np.diff(after)[same] * direction[same] >= -2e-7).all()


def test_master_comes_before_the_channels(colours: Array) -> None:
    lifted, halved = [(0, 0.1), (1, 1.1)], [(0, 0), (1, 0.5)]
    after = applied(curves(master=lifted, g=halved), colours).astype(np.float64)
    assert error(after, (colours + 0.1) * [1, 0.5, 1]) < 1e-6
    assert applied(curves(g=halved), colours)[:, [0, 2]].tobytes() == colours[:, [0, 2]].tobytes()


@pytest.mark.parametrize("count", [2, 3, 8, 20, 60, 100])
def test_inverse_undoes_the_curves(count: int, colours: Array) -> None:
    falling = [(x, -2 * y) for x, y in rising(count, 3)]
    op = curves(r=rising(count, 1), g=rising(count, 2), b=falling, master=S_CURVE)
    calm = colours[np.abs(colours).max(axis=1) < 16]
    after = applied(op, calm)
    # Where a curve is flat, one step of float32 in y is many in x: what counts is that the curve meets y again.
    # Where it is steep, a step in x is many in y: the slopes here are 1/15 to 15.
    back = applied(op.inverse(), after)
    assert error(applied(op, back), after) < 2e-5
    assert error(back, calm) < 1e-4
    assert op.inverse().inverse() == op and op.combine(op.inverse()) == curves() and op.combine(op) is None


def test_the_inverse_of_a_gentle_curve_is_exact_to_rounding(colours: Array) -> None:
    op = curves(master=S_CURVE)
    assert error(applied(op.inverse(), applied(op, colours)), colours) < 2e-6


def test_only_curves_that_rise_or_fall_all_the_way_have_an_inverse() -> None:
    for points in ([(0, 0), (0.5, 1), (1, 0)], [(0, 0), (0.5, 0.5), (1, 0.5)]):
        with pytest.raises(NotInvertibleError, match="the curve g neither rises nor falls all the way"):
            curves(g=points).inverse()


@pytest.mark.parametrize("count", [3, 20, 60, 100])
def test_nan_stays_and_infinities_follow_the_lines(count: int) -> None:
    odd = [[NAN, NAN, NAN], [INF, INF, INF], [-INF, -INF, -INF]]
    flat = [*rising(count)[:-1], (1.0, rising(count)[-2][1])]
    falling = [(x, -y) for x, y in rising(count)]
    top = flat[-1][1]
    first = _spline.slopes(*np.array(flat).T)[0]
    assert first > 0 and _spline.slopes(*np.array(flat).T)[-1] == 0
    after = applied(curves(r=rising(count), g=falling, b=flat), odd)
    np.testing.assert_array_equal(after, np.float32([[NAN] * 3, [INF, -INF, top], [-INF, INF, -INF]]))
    back = applied(curves(r=rising(count), g=falling).inverse(), odd)
    np.testing.assert_array_equal(back[:, :2], np.float32([[NAN, NAN], [INF, -INF], [-INF, INF]]))


def test_close_and_far_points_are_kept_apart() -> None:
    points = [(0, 0), (1e-6, 0.1), (2e-6, 0.3), (3e-6, 0.35), (1, 0.5), (1e6, 1)]
    x, y = np.array(points).T
    assert error(applied(curves(master=points), grey(x))[:, 0], y) < 1e-6
    many = sorted({0.0, 1e6, *np.linspace(1, 1.001, 90).astype(np.float32).tolist()})
    line = [(v, 2 * v) for v in many]
    assert error(applied(curves(master=line), grey(np.array(many)))[:, 0], 2 * np.array(many)) < 1e-6


def test_points_on_the_diagonal_are_the_identity(colours: Array) -> None:
    op = curves(r=[(0, 0), (0.3, 0.3), (1, 1)], master=[(-1, -1), (5, 5)])
    assert op.is_identity and curves().is_identity and not curves(master=S_CURVE).is_identity
    assert applied(op, colours).tobytes() == colours.tobytes()
    assert applied(op.inverse(), colours).tobytes() == colours.tobytes()


def test_luminance_takes_a_master_curve_only() -> None:
    assert applied(curves(master=[(0, 0), (1, 2)]), [[0.25]])[0, 0] == 0.5
    assert applied(curves(r=S_CURVE, g=S_CURVE, b=S_CURVE), [[0.18]])[0, 0] == pytest.approx(0.14)
    with pytest.raises(ChannelError, match="different values for red, green and blue"):
        applied(curves(r=S_CURVE), [[0.5]])


def test_repr_is_the_call_and_pickles() -> None:
    op = curves(r=S_CURVE, master=np.array([[0, 0.1], [1, 1]]).tolist())
    assert repr(op) == "curves(r=[(0.0, 0.0), (0.18, 0.14), (0.5, 0.55), (1.0, 1.0)], master=[(0.0, 0.1), (1.0, 1.0)])"
    assert eval(repr(op)) == op and pickle.loads(pickle.dumps(op)) == op and hash(op) == hash(eval(repr(op)))
    assert curves(g=np.array([[0, 0.1], [1, 1]])) == curves(g=[[0, 0.1], [1, 1]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: curves(r=[(0, 0)]), "r must have 2 to 1024 points, got 1"),
        (lambda: curves(g=[]), "g must have 2 to 1024 points, got 0"),
        (lambda: curves(g=[(0, 0), (0, 1)]), "g: x must rise from point to point .*got 0.0 and then 0.0"),
        (lambda: curves(b=[(0, 0), (1, NAN)]), r"b\[1\] must be a finite number"),
        (lambda: curves(master=[0, 1]), r"master\[0\] must be a point \(x, y\), got 0"),
        (lambda: curves(master=[(0, 1, 2), (1, 1, 1)]), r"master\[0\] must be a point"),
        (lambda: curves(master="s"), "master must be points"),
        (lambda: curves(r=[(1.0, 0), (1.0 + 1e-9, 1)]), "x must rise"),
    ],
)
def test_wrong_points_are_named(make: Callable[[], Curves], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_a_table_that_lies_about_its_size_touches_nothing(colours: Array) -> None:
    from vfx._ext.engine import Program

    kernel, params, table = curves(master=S_CURVE).steps()[0]
    for number, value in ((15, 4096.0), (15, 17.0), (0, 2.0), (0, 1e30), (15, 1e30)):
        wrong = (*params[:number], value, *params[number + 1 :])
        picture = colours[None].copy()
        Program([(kernel, wrong, table)]).run(picture, picture, (0, 1, 2, -1), 1)
        assert np.array_equal(picture[0, :, 0], colours[:, 0])
    assert table is not None
    noise = np.random.default_rng(0).uniform(-1e9, 1e9, table.shape).astype(np.float32)
    Program([(kernel, params, noise)]).run(colours[None], np.empty_like(colours[None]), (0, 1, 2, -1), 1)
