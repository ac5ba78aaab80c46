"""The 3D LUT as a value, its three lookups against float64 and measured values, and its algebra."""

from __future__ import annotations

import copy
import gc
import pickle

import numpy as np
import pytest
from reference.engine_programs import bent

from vfx import pixelop
from vfx._ext import arguments
from vfx.errors import ChannelError, NotInvertibleError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D, Lut3D, LutChain
from vfx.lut.pixelops import ApplyLut3D

RNG = np.random.default_rng(12)
RANDOM = Lut3D(RNG.normal(0.5, 0.5, (9, 9, 9, 3)))
WIDE = Lut3D(RNG.random((4, 4, 4, 3)), ((-1, 0, 0.2), (2, 1, 0.9)))

# Measured with OpenColorIO 2.6 (lossless) on this table, indexed [r, g, b].
GOLDEN = Lut3D(np.random.RandomState(0).rand(3, 3, 3, 3).astype("f4"))


@pytest.mark.parametrize(
    ("colour", "interpolation", "expected"),
    [
        ((0.3, 0.6, 0.1), "trilinear", (0.56955552, 0.62532544, 0.64547944)),
        ((0.3, 0.6, 0.1), "tetrahedral", (0.46130058, 0.63620573, 0.70309651)),
        ((0.9, 0.2, 0.55), "trilinear", (0.44663906, 0.37616524, 0.48689696)),
        ((0.9, 0.2, 0.55), "tetrahedral", (0.41013557, 0.46814740, 0.48724890)),
        ((1.5, -0.2, np.nan), "trilinear", (0.20887676, 0.16130951, 0.65310830)),
        ((1.5, -0.2, np.nan), "tetrahedral", (0.20887676, 0.16130951, 0.65310830)),
        ((1.5, -0.2, np.nan), "nearest", (0.20887676, 0.16130951, 0.65310830)),
    ],
)
def test_measured_values(colour: tuple, interpolation: str, expected: tuple) -> None:
    result = GOLDEN.apply(np.array(colour, np.float32), interpolation)
    np.testing.assert_allclose(result, expected, atol=2e-7)


@pytest.mark.parametrize("interpolation", ["nearest", "trilinear", "tetrahedral"])
@pytest.mark.parametrize("lut", [RANDOM, WIDE, GOLDEN, Lut3D.identity(33)], ids=repr)
def test_lookups_agree_with_float64(lut: Lut3D, interpolation: str, colours: np.ndarray, exact_3d) -> None:
    expected = exact_3d(lut, colours, interpolation)
    result = lut.apply(colours, interpolation)
    if interpolation == "nearest":
        # A value in the very middle between two entries may go either way in float32.
        low, high = np.array(lut.domain_min), np.array(lut.domain_max)
        place = (np.clip(colours.astype(np.float64), low, high) - low) / (high - low) * (lut.size - 1)
        clear = (np.abs(place - np.floor(place) - 0.5) > 1e-5).all(axis=1)
        assert clear.mean() > 0.5
        assert np.array_equal(result[clear], expected[clear].astype(np.float32))
        return
    # float32 places a value within 6e-8 of the domain: times the steepest cell.
    np.testing.assert_allclose(result, expected, atol=2e-6 + 2e-7 * lut.size)


def test_outside_clamps_on_every_axis(colours: np.ndarray) -> None:
    for interpolation in Lut3D.interpolations:
        clamped = np.clip(colours, np.float32(WIDE.domain_min), np.float32(WIDE.domain_max))
        # 0.9 itself is placed 6e-8 beside the last entry.
        expected = WIDE.apply(clamped, interpolation)
        np.testing.assert_allclose(WIDE.apply(colours, interpolation), expected, atol=2e-6)


def test_not_a_number_and_infinity_take_the_ends() -> None:
    given = np.array([[np.nan, np.inf, -np.inf], [np.inf, np.nan, np.nan]], np.float32)
    for interpolation in Lut3D.interpolations:
        result = GOLDEN.apply(given, interpolation)
        assert np.array_equal(result, [GOLDEN.table[0, 2, 0], GOLDEN.table[2, 0, 0]])


def test_alpha_and_other_channels_are_left_alone() -> None:
    pixels = np.full((3, 5, 5), 0.25, np.float32)
    image = Image(pixels, channels=("Z", "B", "A", "R", "G"))
    result = Lut3D(1 - Lut3D.identity(2).table).apply(image)
    assert result.channel_names == ("Z", "B", "A", "R", "G")
    assert result.numpy()[1, 2].tolist() == [0.25, 0.75, 0.25, 0.75, 0.75]
    assert pixels.min() == pixels.max()
    with pytest.raises(ChannelError, match="R, G and B"):
        RANDOM.apply(Image(np.zeros((2, 2), np.float32)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8, np.uint16])
def test_arrays_keep_shape_and_dtype(dtype: type) -> None:
    for shape in ((3,), (5, 3), (2, 5, 4), (2, 2, 2, 3), (0, 3)):
        result = RANDOM.apply(np.zeros(shape, dtype))
        assert result.shape == shape
        assert result.dtype == dtype
    with pytest.raises(ValueError, match=r"colours, shape \(\.\.\., 3\)"):
        RANDOM.apply(np.zeros((4, 5), dtype))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [((2, 2, 2), "shape"), ((2, 2, 3, 3), "shape"), ((2, 2, 2, 4), "shape"), ((1, 1, 1, 3), "between 2 and 256")],
)
def test_tables_that_are_no_cube_are_refused(shape: tuple, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Lut3D(np.zeros(shape))


def test_not_finite_tables_are_refused() -> None:
    table = np.zeros((2, 2, 2, 3))
    table[1, 1, 1, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        Lut3D(table)


def test_the_tables_are_read_only_copies() -> None:
    table = np.array(RANDOM.table)
    lut = Lut3D(table)
    table[:] = 0
    assert lut == RANDOM
    for own in (lut.table, lut.padded):
        with pytest.raises(ValueError, match="read-only"):
            own[0] = 1
    assert np.shares_memory(lut.table, lut.padded)
    assert lut.padded.flags.c_contiguous
    assert lut.padded.shape == (9, 9, 9, 4)


def test_equality_hash_pickle_and_copy() -> None:
    again = Lut3D(np.array(RANDOM.table), title="other")
    assert again == RANDOM
    assert hash(again) == hash(RANDOM)
    assert Lut3D(RANDOM.table, (0, 2)) != RANDOM
    assert Lut1D.identity(9) != RANDOM
    for same in (pickle.loads(pickle.dumps(WIDE)), copy.deepcopy(WIDE)):
        assert same == WIDE
        assert not same.table.flags.writeable
    assert repr(WIDE) == "<Lut3D size=4 domain=((-1.0, 0.0, 0.2), (2.0, 1.0, 0.9))>"


def test_identity_resize_compose_and_mix(colours: np.ndarray) -> None:
    identity = Lut3D.identity(17)
    assert identity.is_identity
    assert not RANDOM.is_identity
    np.testing.assert_allclose(identity.apply(colours), np.clip(colours, 0, 1), atol=1e-6)
    assert Lut3D.identity(5, (-1, 3)).table[4, 0, 2].tolist() == [3, -1, 1]
    np.testing.assert_allclose(RANDOM.resize(17).table[::2, ::2, ::2], RANDOM.table, atol=1e-6)
    assert np.allclose(RANDOM.compose(identity).table, np.clip(RANDOM.resize(17).table, 0, 1), atol=1e-6)
    assert np.allclose(RANDOM.compose(Lut1D([1, 0])).table, 1 - np.clip(RANDOM.table, 0, 1), atol=1e-6)
    assert RANDOM.mix(1) == RANDOM
    assert RANDOM.mix(0) == Lut3D.identity(9)
    inside = colours[((colours >= 0) & (colours <= 1)).all(axis=1)]
    np.testing.assert_allclose(RANDOM.mix(0.3).apply(inside), 0.7 * inside + 0.3 * RANDOM.apply(inside), atol=3e-6)
    with pytest.raises(TypeError, match="compose takes"):
        RANDOM.compose(3)  # type: ignore[arg-type]


def test_from_look_wants_a_look() -> None:
    with pytest.raises(TypeError, match="look must be a Look, .* got None"):
        Lut3D.from_look(None, 5)


def test_lists_of_whole_numbers_are_colours() -> None:
    assert Lut3D(np.stack(np.meshgrid(*[[0.25, 0.75]] * 3, indexing="ij"), -1)).apply([1, 0, 0]).tolist() == [
        0.75,
        0.25,
        0.25,
    ]
    assert Lut1D([0.25, 0.75]).apply([0, 1]).tolist() == [0.25, 0.75]


def test_from_look_holds_what_the_look_does() -> None:
    class Doubling:
        """Stands in for a look: anything with ``apply(image)`` in place."""

        def apply(self, image: Image) -> None:
            image.numpy()[...] *= 2

    lut = Lut3D.from_look(Doubling(), 5, domain=(0, 4))
    assert lut.domain == (0.0, 4.0)
    assert lut.table[1, 2, 4].tolist() == [2, 4, 8]


def test_the_tabulated_inverse_states_its_error() -> None:
    cube = Lut3D(bent(9))
    coarse, fine = (cube.inverse_error(cube.inverse(n)) for n in (9, 65))
    # A cube's gamut is no box: most is lost where the faces cut through the cells of the inverse.
    assert fine.mean_error < 0.002 < coarse.mean_error < 0.02
    assert fine.max_error < coarse.max_error
    assert fine.points == 17**3
    halved = Lut3D(Lut3D.identity(5).table / 2)
    assert halved.inverse(5).domain == (0.0, 0.5)
    assert halved.inverse_error(halved.inverse(5)).max_error < 1e-6
    assert Lut3D.identity(4).inverse(4) == Lut3D.identity(4)
    assert cube.inverse().size == 33
    flat = np.array(cube.table)
    flat[..., 1] = 0.5
    with pytest.raises(NotInvertibleError, match="constant"):
        Lut3D(flat).inverse()


def test_a_chain_is_the_shaper_and_then_the_cube(colours: np.ndarray) -> None:
    chain = LutChain(Lut1D(RNG.normal(0, 1, (8, 3)), (-1, 2)), WIDE)
    np.testing.assert_array_equal(chain.apply(colours), WIDE.apply(chain.shaper.apply(colours)))
    near = chain.apply(colours, "nearest")
    np.testing.assert_array_equal(near, WIDE.apply(chain.shaper.apply(colours), "nearest"))
    assert chain == LutChain(chain.shaper, WIDE, title="title")
    assert hash(chain) == hash(LutChain(chain.shaper, WIDE, title="title"))
    assert pickle.loads(pickle.dumps(chain)) == chain
    assert repr(chain) == "<LutChain shaper=8 cube=4>"
    with pytest.raises(NotInvertibleError, match="rises and falls"):
        chain.inverse()
    with pytest.raises(TypeError, match="holds 1D and 3D LUTs, got str"):
        LutChain(WIDE, "cube")  # type: ignore[arg-type]
    narrow = LutChain(Lut1D([0, 1]), RANDOM)
    expected = Lut1D([1, 0]).apply(narrow.cube.table.reshape(-1, 3))
    assert np.array_equal(narrow.compose(Lut1D([1, 0])).cube.table.reshape(-1, 3), expected)


def test_a_cube_of_values_beyond_reach_is_not_inverted() -> None:
    undo = Look().lut(Lut3D(np.full((2, 2, 2, 3), 1e13))).inverse()
    with pytest.raises(ValueError, match=r"values beyond 1e\+12 is not inverted"):
        undo(np.zeros((1, 1, 3), np.float32))


def test_the_inverse_of_a_cube_is_prepared_once_while_the_cube_lives() -> None:
    cube = Lut3D.from_look(Look().gamma(1.2).saturation(0.8), 5)
    undo = ApplyLut3D(cube).inverse()
    pixels = np.random.default_rng(1).random((4, 4, 3)).astype(np.float32)
    first = Look((undo,))(pixels)
    assert arguments._inverses[id(cube.padded)][0]() is cube.padded
    np.testing.assert_array_equal(Look((undo,)).exposure(0)(pixels), first)
    place = id(cube.padded)
    pixelop._kept.clear()
    del cube, undo
    gc.collect()
    assert place not in arguments._inverses
