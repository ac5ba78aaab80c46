"""Cubic interpolation: through the points, smooth, and without overshooting."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.lut import Lut1D
from vfx.lut.cubic import limited_slopes, segments

RNG = np.random.default_rng(22)


def test_the_cubic_passes_through_the_entries_and_clamps() -> None:
    lut = Lut1D(RNG.normal(0, 9, (33, 3)), ((-1, 0, 0.2), (2, 1, 64)))
    nodes = lut._nodes()
    np.testing.assert_allclose(lut.apply(nodes, "cubic"), lut.table, rtol=2e-6, atol=2e-5)
    outside = np.array([[-9, -9, -9], [np.nan] * 3, [99, 99, 99]])
    assert lut.apply(outside, "cubic").astype(np.float32).tolist() == lut.table[[0, 0, -1]].tolist()


@pytest.mark.parametrize("domain", [(0, 1), (-0.5, 100)])
def test_the_engine_and_float64_agree(domain) -> None:
    lut = Lut1D(np.cumsum(RNG.random(64)) ** 2, domain)
    x = np.linspace(domain[0], domain[1], 4001)
    nodes, table = lut._nodes()[:, 0], lut.table.astype(np.float64)
    expected = segments(x, nodes, table, slope=limited_slopes(nodes, table))
    np.testing.assert_allclose(lut.apply(x, "cubic"), expected, rtol=2e-6, atol=1e-6 * lut.table.max())


def test_the_cubic_is_closer_to_a_smooth_curve_than_lines_are() -> None:
    lut = Lut1D(np.linspace(0, 1, 33) ** 2.2)
    x = np.linspace(0.1, 1, 999)
    cubic, lines = (np.abs(lut.apply(x, kind) - x**2.2).max() for kind in ("cubic", "linear"))
    assert cubic < 1e-5
    assert lines > 1e-4


def test_the_cubic_stays_between_its_entries_and_is_monotone_where_they_are() -> None:
    steps = np.sort(RNG.random(32)) ** 4
    lut = Lut1D(np.concatenate([steps, steps[::-1], [0, 0, 1, 1]]))
    x = np.linspace(0, 1, (lut.size - 1) * 64 + 1)
    values = lut.apply(x, "cubic").reshape(-1)
    cell = np.minimum((np.arange(len(x)) // 64), lut.size - 2)
    low, high = (pick(lut.table[cell], lut.table[cell + 1]) for pick in (np.minimum, np.maximum))
    assert (values >= low - 1e-6).all()
    assert (values <= high + 1e-6).all()
    rising = np.diff(values.astype(np.float64))[: 31 * 64]
    assert rising.min() >= -1e-7


def test_slopes_are_those_of_catmull_and_rom_where_nothing_limits_them() -> None:
    x, y = np.arange(6.0), np.array([0.0, 1.0, 2.5, 4.0, 6.0, 7.0])
    assert limited_slopes(x, y)[1:-1] == pytest.approx((y[2:] - y[:-2]) / 2)
    assert limited_slopes(x, -y) == pytest.approx(-limited_slopes(x, y))
    assert limited_slopes(np.array([0.0, 2.0]), np.array([0.0, 1.0])).tolist() == [0.5, 0.5]
    assert limited_slopes(x, np.array([0.0, 1, 0, 1, 1, 1]))[1:].tolist() == [0, 0, 0, 0, 0]
    parabola = np.array([0.0, 1.0, 3.0, 4.0])
    assert limited_slopes(parabola, parabola**2) == pytest.approx(2 * parabola)


def test_from_points_tabulates_lines_and_cubics() -> None:
    x, y = [0, 0.1, 0.3, 1], [0, 0.5, 0.6, 1]
    lines = Lut1D.from_points(x, y, 1 << 16)
    at = np.linspace(-0.2, 1.2, 999)
    np.testing.assert_allclose(lines.apply(at), np.interp(at, np.float32(x), np.float32(y)), atol=4e-5)
    cubic = Lut1D.from_points(x, y, 1 << 16, interpolation="cubic")
    np.testing.assert_allclose(cubic.apply(x), y, atol=4e-5)
    assert np.diff(cubic.table).min() >= 0
    assert np.abs(np.diff(cubic.table, 2)).max() < np.abs(np.diff(lines.table, 2)).max() / 10
    wide = Lut1D.from_points([x, [0, 2], [1, 2, 4]], [y, [0, 1], [0, 1, 0]], 5, domain=(0, 4), title="prelut")
    assert wide.table[:, 1].tolist() == [0, 0.5, 1, 1, 1]
    assert wide.table[:, 2].tolist() == [0, 0, 1, 0.5, 0]
    assert (wide.domain, wide.title) == ((0.0, 4.0), "prelut")
    own = Lut1D.from_points([x, [0, 2], [1, 2, 4]], [y, [0, 1], [0, 1, 0]], 5)
    assert own.domain == ((0.0, 0.0, 1.0), (1.0, 2.0, 4.0))
    with pytest.raises(ValueError, match="interpolation must be one of linear, cubic, catmull_rom"):
        Lut1D.from_points(x, y, interpolation="nearest")


def test_catmull_rom_points_are_what_opencolorio_makes_of_a_csp_prelut(tmp_path, ocio_file) -> None:
    x, y = [0, 0.1, 0.3, 0.35, 0.8, 1.2, 2], [0, 0.3, 0.5, 0.52, 0.8, 0.9, 1]
    prelut = f"{len(x)}\n{' '.join(map(str, x))}\n{' '.join(map(str, y))}\n" * 3
    cube = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    (tmp_path / "a.csp").write_text(f"CSPLUTV100\n3D\n\nBEGIN METADATA\nEND METADATA\n\n{prelut}2 2 2\n{cube}\n")
    given = np.repeat(np.linspace(-0.5, 2.5, 3001, dtype=np.float32)[:, None], 3, axis=1)
    result = Lut1D.from_points(x, y, interpolation="catmull_rom").apply(given)
    np.testing.assert_allclose(result, ocio_file(tmp_path / "a.csp", given, "linear"), atol=1e-6)
