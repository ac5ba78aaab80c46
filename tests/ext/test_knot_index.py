"""The index of the knot search: it finds what a search through all knots finds, however they lie."""

from __future__ import annotations

import numpy as np
import pytest

from vfx._ext.engine import Program
from vfx._ext.knot_index import knot_block

RNG = np.random.default_rng(31)
TINY = float(np.finfo(np.float32).smallest_subnormal)
KNOTS = {
    "even": np.linspace(0, 1, 1000),
    "dense at zero": np.linspace(-1, 1, 999) ** 9,
    "random": np.sort(RNG.normal(0, 1, 5000)),
    "two": np.array([0.25, 0.75]),
    "clusters": np.sort(np.concatenate([c + RNG.random(300) * 1e-5 for c in (-3, 0, 0.5, 1000)])),
    "repeated": np.repeat(np.arange(50.0), 7),
    "constant": np.full(9, 0.5),
    "denormal": np.array([-3 * TINY, -TINY, 0, TINY, 1e-30, 1]),
    "zeros of both signs": np.array([-1, -0.0, 0.0, 1]),
    "all of float32": np.array([-3.4e38, -1e10, -1, 1, 1e10, 3.4e38]),
}


def searched(knots: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The line at ``x`` after a search through all knots, float64."""
    v = np.clip(x, knots[0], knots[-1]).astype(np.float64)
    right = np.clip(np.searchsorted(knots, v, side="left"), 1, len(knots) - 1)
    low, high = knots[right - 1].astype(np.float64), knots[right].astype(np.float64)
    share = np.divide(v - low, high - low, out=np.zeros_like(v), where=high > low)
    return (1 - share) * values[right - 1] + share * values[right]


@pytest.mark.parametrize("name", KNOTS)
def test_the_index_finds_the_knot_that_a_full_search_finds(name: str) -> None:
    knots = KNOTS[name].astype(np.float32)
    values = np.arange(len(knots), dtype=np.float32) % 16
    near = np.concatenate([knots, np.nextafter(knots, np.float32(np.inf)), np.nextafter(knots, np.float32(-np.inf))])
    between = RNG.uniform(max(knots[0], -1e30), min(knots[-1], 1e30), 4000)
    x = np.concatenate([near, between, knots[:-1] / 2 + knots[1:] / 2]).astype(np.float32)
    x = x[np.isfinite(x)]
    pixels = np.repeat(x[None, :, None], 3, axis=2)
    out = np.empty_like(pixels)
    step = (
        "lut1d_knots",
        (1.0, 1.0, 1.0),
        np.concatenate([np.repeat(knots[None], 3, 0), np.repeat(values[None], 3, 0)]),
    )
    Program([step]).run(pixels, out, (0, 1, 2, -1), 1)
    np.testing.assert_allclose(out[0, :, 1], searched(knots, values, x), atol=2e-5)


def test_the_search_starts_close_to_the_knot() -> None:
    def steps(knots: np.ndarray) -> int:
        return int(knot_block(np.repeat(knots[None].astype(np.float32), 6, 0))[0, 1])

    assert steps(np.linspace(0, 1, 65536)) <= 2
    assert steps(np.linspace(0, 1, 65536) ** 0.45) <= 3
    # Half floats lie as the bits do: buckets of even width would leave 14 steps.
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16)
    assert steps(np.concatenate([-halves[::-1], halves]).astype(np.float64)) <= 4


def test_a_row_must_hold_two_knots() -> None:
    with pytest.raises(ValueError, match="a row must hold two knots or more, got 1"):
        Program([("lut1d_knots", (1.0, 1.0, 1.0), np.zeros((6, 1), np.float32))])
    with pytest.raises(ValueError, match="must have 6 rows, got 5"):
        Program([("lut1d_knots", (1.0, 1.0, 1.0), np.zeros((5, 8), np.float32))])
