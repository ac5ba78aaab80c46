"""The half-domain 1D LUT: which entry stands for which input, and its algebra."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from vfx.errors import NotInvertibleError
from vfx.lut import HalfLut1D, Lut1D, Lut3D, LutChain

BITS = np.arange(65536)
HALVES = BITS.astype(np.uint16).view(np.float16)
FINITE = np.isfinite(HALVES)


def test_every_half_takes_the_entry_of_its_bits() -> None:
    lut = HalfLut1D(BITS)
    assert np.array_equal(lut.apply(HALVES.astype(np.float32))[FINITE], BITS[FINITE])


def test_nan_takes_the_quiet_nan_of_its_sign_and_what_is_beyond_takes_the_last_half() -> None:
    given = np.array([np.nan, -np.nan, np.inf, -np.inf, 65519, -1e30, -0.0], np.float32)
    assert HalfLut1D(BITS).apply(given).tolist() == [0x7E00, 0xFE00, 0x7BFF, 0xFBFF, 0x7BFF, 0xFBFF, 0x8000]


def test_between_two_halves_lies_a_line() -> None:
    given = np.array([1 + 2**-11, 2.5 * 2**-24, -(2**-14 - 2**-26), 1000.125], np.float32)
    # A quarter of the way back from 2**-14, whose bits are 0x0400.
    assert HalfLut1D(BITS).apply(given).tolist() == [0x3C00 + 0.5, 2.5, 0x8400 - 0.25, 0x63D0 + 0.25]


def test_not_finite_entries_become_what_opencolorio_makes_of_them() -> None:
    table = HALVES.astype(np.float64)
    lut = HalfLut1D(table)
    largest = float(np.finfo(np.float32).max)
    assert lut.table[[0x7C00, 0xFC00, 0x7E00]].tolist() == [largest, -largest, 0]
    assert lut.is_identity
    assert lut == HalfLut1D.identity()


def test_tables_of_other_sizes_are_refused() -> None:
    for wrong in (np.zeros(1024), np.zeros((65536, 2)), np.zeros((3, 65536))):
        with pytest.raises(ValueError, match=r"shape \(65536,\) or \(65536, 3\)"):
            HalfLut1D(wrong)
    with pytest.raises(TypeError, match="real numbers"):
        HalfLut1D(np.array(["a"] * 65536))
    with pytest.raises(ValueError, match="must be one of linear, got 'cubic'"):
        HalfLut1D.identity().apply(np.zeros(3), "cubic")


def test_equality_hash_and_pickle() -> None:
    lut = HalfLut1D.from_curve("acescct")
    three = HalfLut1D(np.repeat(lut.table[:, None], 3, axis=1), title="x")
    assert lut == three
    assert hash(lut) == hash(three)
    assert lut != HalfLut1D.identity()
    assert lut != Lut1D.identity(65536)
    again = pickle.loads(pickle.dumps(lut))
    assert again == lut
    assert again.title == "acescct encode"
    assert not again.table.flags.writeable
    assert repr(lut) == "<HalfLut1D size=65536 domain=(-65504.0, 65504.0) title='acescct encode'>"


def test_a_tabulated_curve_is_within_half_precision_of_it() -> None:
    from vfx.transfer import encode

    light = np.geomspace(1e-4, 60000, 5000)
    np.testing.assert_allclose(HalfLut1D.from_curve("logc3").apply(light), encode(light, "logc3"), atol=2e-6)


def test_inverse_mix_and_compose() -> None:
    finite = np.where(FINITE, HALVES, 0).astype(np.float64)
    lut = HalfLut1D(np.sign(finite) * np.sqrt(np.abs(finite)))
    x = np.concatenate([-np.geomspace(1e-3, 255, 999), np.geomspace(1e-3, 255, 999)])
    np.testing.assert_allclose(lut.apply(lut.inverse().apply(x)), x, rtol=2e-3)
    np.testing.assert_allclose(lut.mix(0.25).apply(x), 0.75 * x + 0.25 * lut.apply(x), rtol=1e-5, atol=1e-6)
    squared = lut.compose(lut)
    assert isinstance(squared, HalfLut1D)
    np.testing.assert_allclose(squared.apply(x), np.sign(x) * np.abs(x) ** 0.25, rtol=1e-5, atol=1e-5)
    assert lut.compose(Lut3D.identity(2)) == LutChain(lut, Lut3D.identity(2))
    with pytest.raises(NotInvertibleError, match="rises and falls"):
        HalfLut1D(np.abs(np.where(FINITE, HALVES, 0))).inverse()
