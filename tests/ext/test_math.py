"""log2, exp2 and pow of the kernels against float64, through the steps that expose them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vfx import _ext
from vfx._ext.engine import Program

Floats = NDArray[np.float32]


def one_channel(kernel: str, params: tuple[float, ...], x: Floats) -> NDArray[np.float64]:
    source = np.ascontiguousarray(x, np.float32).reshape(1, -1, 1)
    out = np.empty_like(source)
    Program([(kernel, params, None)]).run(source, out, (0, -1, -1, -1), 1)
    return out.ravel().astype(np.float64)


def around(exponent: float) -> Floats:
    """Values whose log2 times the exponent is within 16, with 1's neighbours and powers of two."""
    limit = 16 / abs(exponent)
    logs = np.random.default_rng(7).uniform(-min(limit, 148), min(limit, 127.99), 400_000)
    near_one = np.float32(1) + np.arange(-2000, 2000, dtype=np.float32) * np.float32(2**-23)
    twos = np.exp2(np.arange(-149, 128)).astype(np.float32)
    tiny = (np.arange(1, 3000, dtype=np.float64) * 2.0**-149).astype(np.float32)
    return np.concatenate([np.exp2(logs).astype(np.float32), near_one, twos, tiny])


@pytest.mark.parametrize(
    "exponent", [0.1, 1 / 2.6, 1 / 2.4, 0.45, 0.5, 0.9, 1.0001, 1.2, 2.0, 2.4, 6.25, 10.0, 78.84375, 1e3, 1e5, 1e6,
                 -0.1, -1.0, -2.2, -500.0, 3e-5],
)  # fmt: skip
def test_pow_is_within_1e_6_wherever_the_logarithm_is_within_16(exponent: float) -> None:
    # Reached: 2.1e-7, and 2.6e-7 without fused multiply-adds. The tighter limit notices a lost low part.
    y = float(np.float32(exponent))
    x = around(y)
    x = x[np.abs(y * np.log2(x.astype(np.float64))) <= 16]
    expected = np.power(x.astype(np.float64), y)
    got = one_channel("power", (exponent,) * 3 + (0,), x)
    assert x.size > 1000
    assert np.max(np.abs(got / expected - 1)) <= 3e-7


SMALLEST = 2.0**-125.5  # smaller results become 0: half of it is the smallest normal number


def test_pow_ends_in_zero_and_in_infinity() -> None:
    x = np.exp2(np.linspace(-80, 80, 10001)).astype(np.float32)
    got = one_channel("power", (2.0, 2.0, 2.0, 0), x)
    exact = x.astype(np.float64) ** 2
    middle = (exact > SMALLEST * 1.001) & (exact < np.finfo(np.float32).max)
    assert np.max(np.abs(got[middle] / exact[middle] - 1)) <= 1e-6
    assert (got[exact < SMALLEST * 0.999] == 0).all()
    assert np.isinf(got[exact > np.finfo(np.float32).max]).all()


def test_pow_is_monotonic_around_one() -> None:
    x = (np.float32(1) + np.arange(-3000, 3000, dtype=np.float32) * np.float32(2**-23)).astype(np.float32)
    assert (np.diff(one_channel("power", (2.4, 2.4, 2.4, 0), x)) >= 0).all()


def test_log2_is_within_two_units_in_the_last_place() -> None:
    x = np.exp2(np.random.default_rng(1).uniform(-126, 127.99, 400_000)).astype(np.float32)
    x = np.concatenate([x, np.linspace(0.5, 2, 200_001, dtype=np.float32)])
    expected = np.log2(x.astype(np.float64))
    got = one_channel("log_encode", (1, 0, 1, 0, -np.inf, 0, 0), x)
    unit = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    fused = _ext.LEVEL in ("x86_64_v3", "x86_64_v4")  # without fused multiply-adds a little more is lost
    assert np.max(np.abs(got - expected) / np.maximum(unit, 2.0**-149)) <= (2 if fused else 2.25)


def test_exp2_is_within_two_units_in_the_last_place() -> None:
    x = np.random.default_rng(2).uniform(-125.49, 127.99, 400_000).astype(np.float32)
    expected = np.exp2(x.astype(np.float64))
    got = one_channel("log_decode", (1, 0, 1, 0, -np.inf, 0, 0), x)
    assert np.max(np.abs(got - expected) / np.spacing(expected.astype(np.float32))) <= 2


def test_exp2_of_whole_numbers_is_exact() -> None:
    x = np.arange(-125, 128, dtype=np.float32)
    assert np.array_equal(one_channel("log_decode", (1, 0, 1, 0, -np.inf, 0, 0), x), np.exp2(x.astype(np.float64)))
