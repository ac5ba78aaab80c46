"""Two LUTs as one, chains of LUTs, and how far two are apart."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from reference.engine_programs import bent

from vfx.errors import NotInvertibleError
from vfx.lut import HalfLut1D, KnotLut1D, Lut1D, Lut3D, LutChain, LutComparison

CURVE = Lut1D(np.linspace(0, 1, 33) ** 0.7)
CUBE, FINE = Lut3D(bent(9)), Lut3D(bent(17))
KNOTS = KnotLut1D([0, 0.2, 1], [0, 0.5, 1])
HALF = HalfLut1D.from_curve("srgb")


@pytest.mark.parametrize("first", [CURVE, KNOTS, HALF, CUBE, LutChain(CURVE, CUBE), LutChain(CUBE, CURVE)], ids=repr)
@pytest.mark.parametrize("second", [CURVE, KNOTS, HALF, FINE, LutChain(CURVE, FINE)], ids=repr)
def test_composing_does_one_after_the_other(first, second, colours) -> None:
    inside = np.clip(colours, 0, 1)
    joined = first.compose(second)
    expected = second.apply(first.apply(inside))
    # Only between entries is there an error, where one table holds what two did: most at the roots of the curves.
    assert np.abs(joined.apply(inside) - expected).mean() < 6e-3
    if isinstance(first, (Lut1D, KnotLut1D, HalfLut1D)) and isinstance(second, (Lut3D, LutChain)):
        assert isinstance(joined, LutChain)
        np.testing.assert_allclose(joined.apply(colours), second.apply(first.apply(colours)), atol=1e-6)


def test_what_composing_gives() -> None:
    assert CURVE.compose(Lut1D.identity(99)).size == 99
    assert CURVE.compose(Lut1D.identity(99), 500).size == 500
    assert CURVE.compose(HALF).size == 65536
    assert isinstance(HALF.compose(CURVE), HalfLut1D)
    assert CUBE.compose(FINE).size == 17
    assert CUBE.compose(CURVE, 12).size == 12
    assert LutChain(CURVE, CUBE).compose(FINE) == LutChain(CURVE, CUBE.compose(FINE))
    assert LutChain(CUBE, CURVE).compose(FINE).luts == (CUBE, CURVE, FINE)
    assert LutChain(CUBE, CURVE).compose(LutChain(CURVE, FINE)).luts == (CUBE, CURVE, CURVE, FINE)
    for one in (CURVE, CUBE, HALF, KNOTS, LutChain(CURVE)):
        with pytest.raises(TypeError, match="compose takes a 1D LUT, a Lut3D or a LutChain, got int"):
            one.compose(3)


def test_a_composition_is_exact_at_its_entries() -> None:
    joined = CUBE.compose(Lut1D([1, 0]))
    np.testing.assert_allclose(joined.table, 1 - CUBE.table, atol=1e-6)
    assert LutChain(CUBE, Lut1D([1, 0])).compare(joined).max_error < 1e-6


def test_chains_hold_any_luts_and_say_what_they_are() -> None:
    chain = LutChain(KNOTS, CUBE, CURVE, title="print")
    assert chain.luts == (KNOTS, CUBE, CURVE)
    assert repr(chain) == "<LutChain KnotLut1D=3 Lut3D=9 Lut1D=33 title='print'>"
    assert pickle.loads(pickle.dumps(chain)) == chain
    assert pickle.loads(pickle.dumps(chain)).title == "print"
    for part in ("shaper", "cube"):
        with pytest.raises(ValueError, match=r"not a shaper and a cube .* it holds KnotLut1D, Lut3D, Lut1D"):
            getattr(chain, part)
    assert LutChain(CURVE, CUBE).shaper is CURVE
    assert LutChain(CURVE, CUBE).cube is CUBE
    assert LutChain(CURVE, CUBE) != LutChain(CUBE, CURVE)
    with pytest.raises(ValueError, match="one LUT or more"):
        LutChain()
    with pytest.raises(AttributeError, match="cannot be changed"):
        chain.title = "x"  # type: ignore[misc]


def test_chains_apply_resize_and_invert(colours) -> None:
    chain = LutChain(KNOTS, CUBE, CURVE)
    expected = CURVE.apply(CUBE.apply(KNOTS.apply(colours), "trilinear"))
    np.testing.assert_array_equal(chain.apply(colours, "trilinear"), expected)
    assert chain.resize(5).luts[1].size == 5
    back = chain.inverse()
    assert [type(one) for one in back.luts] == [Lut1D, Lut3D, KnotLut1D]
    given = np.clip(colours, 0.02, 0.98)
    assert np.abs(back.apply(chain.apply(given)) - given).mean() < 5e-3
    assert LutChain(Lut1D([0, 4]), CURVE).apply([0.25, 9]).tolist() == [1, 1]


@pytest.mark.parametrize("chain", [LutChain(CURVE, CUBE), LutChain(CURVE, KNOTS), LutChain(CUBE, CURVE)], ids=repr)
def test_a_mixed_chain_lies_between_the_identity_and_the_chain(chain, colours) -> None:
    inside = np.clip(colours, 0, 1)
    for strength in (0.0, 0.4, 1.0):
        expected = (1 - strength) * inside + strength * chain.apply(inside)
        assert np.abs(chain.mix(strength).apply(inside) - expected).mean() < 3e-3
    with pytest.raises(ValueError, match="strength"):
        chain.mix(2)


def test_a_shaper_without_an_inverse_cannot_be_mixed() -> None:
    with pytest.raises(NotInvertibleError):
        LutChain(Lut1D([0, 1, 0]), CUBE).mix(0.5)


def test_comparing_finds_the_largest_difference_and_where_it_is() -> None:
    table = np.array(Lut1D.identity(9).table)
    table[4] += 0.25
    found = Lut1D(table).compare(Lut1D.identity(9))
    assert (found.max_error, found.at[0], found.first[0], found.second[0]) == (0.25, 0.5, 0.75, 0.5)
    assert 0 < found.mean_error < found.rms_error < 0.25
    assert str(found).startswith("max 0.25 at (0.5, 0.5, 0.5), mean ")
    cube = np.array(Lut3D.identity(5).table)
    cube[1, 2, 3, 1] -= 0.5
    found = Lut3D(cube).compare(Lut3D.identity(5))
    assert isinstance(found, LutComparison)
    assert (found.max_error, found.at) == (0.5, (0.25, 0.5, 0.75))


def test_comparing_sees_what_is_between_entries_and_beyond_the_ends() -> None:
    assert Lut1D([0, 0, 1]).compare(Lut1D([0, 0, 0, 0, 1])).max_error == 0.5
    assert Lut1D.identity(5).compare(Lut1D.identity(5)).max_error == 0
    assert Lut1D.identity(5).compare(Lut1D.identity(5, (0, 2))).max_error == 1
    assert CUBE.compare(CUBE.resize(17)).max_error < 1e-6
    assert FINE.compare(FINE.resize(9)).max_error > 1e-4
    assert HalfLut1D.identity().compare(HalfLut1D.identity().mix(0.5)).max_error < 1e-2
    assert CURVE.compare(LutChain(CURVE)).max_error == 0
    assert CUBE.compare(LutChain(CURVE, CUBE)).max_error > 0.05
    with pytest.raises(TypeError, match="compare takes 1D LUTs, cubes and chains, got str"):
        CUBE.compare("look")


def test_chains_are_compared_where_their_shaper_spreads_the_light() -> None:
    shaper = Lut1D.from_curve(4096, "acescct", domain=(-0.006, 222.0))
    table = np.array(Lut3D.identity(33).table)
    table[12:16, :, :, 0] += 0.2
    apart = LutChain(shaper, Lut3D.identity(33)).compare(LutChain(shaper, Lut3D(table)))
    assert apart.max_error > 0.19 and 0.0 < apart.at[0] < 0.5
    assert LutChain(Lut1D([0.5, 0.5]), Lut3D.identity(3)).compare(Lut3D.identity(3)).max_error == 0.5
