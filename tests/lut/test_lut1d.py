"""The 1D LUT as a value, its lookups against float64, and its algebra."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from vfx.errors import NotInvertibleError
from vfx.image import Image
from vfx.lut import Lut1D, Lut3D, LutChain

RNG = np.random.default_rng(11)
THREE = Lut1D(RNG.normal(0.5, 1, (17, 3)), ((-1, 0, 0.2), (2, 1, 0.9)))
ONE = Lut1D(np.sort(RNG.random(33)), (-0.5, 1.5))


def test_the_table_is_a_read_only_copy() -> None:
    table = np.array([0, 0.5, 1], np.float32)
    lut = Lut1D(table)
    table[0] = 9
    assert lut.table[0] == 0
    assert lut.table.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        lut.table[0] = 1


@pytest.mark.parametrize(
    ("table", "domain", "reason"),
    [
        ([0.5], (0, 1), "between 2 and 1048576 entries, got 1"),
        (np.zeros((4, 2)), (0, 1), r"shape \(N,\) or \(N, 3\), got \(4, 2\)"),
        (np.zeros((2, 2, 3)), (0, 1), "shape"),
        ([0, np.nan], (0, 1), "finite"),
        ([0, np.inf], (0, 1), "finite"),
        ([0, 1e39], (0, 1), "finite float32"),
        ([0, 1], (1, 1), "from low to high, got 1 to 1"),
        ([0, 1], (1, 0), "from low to high"),
        ([0, 1], (1, 1 + 1e-9), "from low to high"),
        ([0, 1], (0, 1e39), "from low to high"),
        ([0, 1], (-3e38, 3e38), "from low to high"),
        ([0, 1], (1e300, 1e301), "from low to high"),
        ([0, 1], 1, r"\(low, high\)"),
        ([0, 1], (0, np.nan), "finite"),
        ([0, 1], ((0, 0), (1, 1)), "one number or three"),
        (np.zeros((1 << 20) + 1), (0, 1), "between 2"),
    ],
)
def test_tables_that_make_no_sense_are_refused(table: object, domain: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Lut1D(table, domain)  # type: ignore[arg-type]


def test_numbers_only() -> None:
    with pytest.raises(TypeError, match="real numbers"):
        Lut1D(["a", "b"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="title"):
        Lut1D([0, 1], title=3)  # type: ignore[arg-type]


def test_equality_and_hash_go_by_what_the_lut_does() -> None:
    one, three = Lut1D([0, 0.5, 1]), Lut1D(np.repeat([[0.0], [0.5], [1.0]], 3, axis=1), title="x")
    assert one == three
    assert hash(one) == hash(three)
    assert Lut1D([-0.0, 1]) == Lut1D([0.0, 1])
    assert hash(Lut1D([-0.0, 1])) == hash(Lut1D([0.0, 1]))
    assert one != Lut1D([0, 0.5, 1], (0, 2))
    assert one != Lut1D([0, 0.25, 1])
    assert one != Lut3D.identity(2)
    assert one != "lut"
    assert Lut1D.identity(5) == Lut1D.identity(5, ((0, 0, 0), (1, 1, 1)))


@pytest.mark.parametrize("lut", [ONE, THREE], ids=repr)
def test_pickles_and_copies_are_equal_and_read_only(lut: Lut1D) -> None:
    for again in (pickle.loads(pickle.dumps(lut)), copy.deepcopy(lut), copy.copy(lut)):
        assert again == lut
        assert again.domain == lut.domain
        assert not again.table.flags.writeable


def test_repr_tells_size_domain_and_title() -> None:
    assert repr(Lut1D.identity(5)) == "<Lut1D size=5>"
    assert repr(Lut1D([0, 1], (0, 2), title="a")) == "<Lut1D size=2 domain=(0.0, 2.0) title='a'>"


@pytest.mark.parametrize("lut", [ONE, THREE, Lut1D([0, 1]), Lut1D(RNG.normal(0, 1, 4096), (0, 65504))], ids=repr)
def test_linear_lookup_agrees_with_float64(lut: Lut1D, colours: np.ndarray, exact_1d) -> None:
    expected = exact_1d(lut, colours)
    # float32 places a value within 6e-8 of the domain: times the steepest segment.
    slope = np.abs(np.diff(lut._rgb(), axis=0)).max() * lut.size
    np.testing.assert_allclose(lut.apply(colours), expected, rtol=2e-6, atol=2e-6 + 2e-7 * slope)


def test_nearest_lookup_takes_the_entry_next_to_the_value() -> None:
    lut = Lut1D([10, 20, 30], (0, 2))
    given = np.array([-5, 0, 0.49, 0.51, 1.49, 1.51, 2, 9, np.nan, np.inf, -np.inf])
    assert lut.apply(given, "nearest").tolist() == [10, 10, 10, 20, 20, 30, 30, 30, 10, 30, 10]


def test_values_outside_clamp_and_nan_takes_the_low_end() -> None:
    lut = Lut1D([[1, 10, 100], [2, 20, 200]], ((0, -1, 5), (1, 1, 6)))
    given = np.array([[np.nan, np.nan, np.nan], [-9, -9, -9], [9, 9, 9], [np.inf, -np.inf, np.inf]], np.float32)
    assert lut.apply(given).tolist() == [[1, 10, 100], [1, 10, 100], [2, 20, 200], [2, 10, 200]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8, np.uint16])
def test_arrays_keep_shape_and_dtype_and_are_left_alone(dtype: type) -> None:
    given = (np.linspace(0, 1, 24) * (200 if np.issubdtype(dtype, np.integer) else 1)).astype(dtype)
    for shape in ((24,), (2, 3, 4), (4, 2, 3), (2, 12), (24, 1)):
        array = given.reshape(shape)
        before = array.copy()
        result = Lut1D([0, 0.5]).apply(array)
        assert result.shape == shape
        assert result.dtype == dtype
        assert np.array_equal(array, before)
        assert not np.shares_memory(result, array)
    assert float(Lut1D([0, 0.5]).apply(np.float32(0.5))) == 0.25


def test_alpha_is_left_alone() -> None:
    rgba = np.full((2, 2, 4), 0.5, np.float32)
    assert Lut1D([1, 0.5]).apply(rgba)[0, 0].tolist() == [0.75, 0.75, 0.75, 0.5]
    image = Image(rgba)
    assert Lut1D([1, 0.5]).apply(image).numpy()[0, 0].tolist() == [0.75, 0.75, 0.75, 0.5]
    assert rgba.min() == 0.5


def test_arrays_that_are_no_colours_are_refused_by_three_curves() -> None:
    with pytest.raises(ValueError, match=r"\(\.\.\., 3\) or \(\.\.\., 4\)"):
        THREE.apply(np.zeros(5))
    assert THREE.apply(np.zeros(3)).shape == (3,)
    assert THREE.apply(np.zeros((0, 3))).shape == (0, 3)
    with pytest.raises(TypeError):
        ONE.apply(np.zeros(4, np.complex64))


def test_unknown_interpolation_lists_the_choices() -> None:
    with pytest.raises(ValueError, match="must be one of linear, nearest, cubic, got 'spline'"):
        ONE.apply(np.zeros(3), "spline")
    with pytest.raises(ValueError, match="linear, nearest, cubic"):
        ONE.apply(np.zeros(3), "tetrahedral")


def test_named_tables() -> None:
    assert Lut1D.gamma(5, 2.2).table == pytest.approx(np.linspace(0, 1, 5) ** 2.2)
    assert Lut1D.identity(1024).is_identity
    assert Lut1D.identity(9, (-1, 3)).table.tolist() == np.linspace(-1, 3, 9).tolist()
    assert Lut1D.identity(3, ((0, 1, 2), (1, 2, 4))).table.tolist() == [[0, 1, 2], [0.5, 1.5, 3], [1, 2, 4]]
    assert not Lut1D.gamma(9, 2).is_identity
    for wrong in (0, -1, np.nan):
        with pytest.raises(ValueError, match="g must be"):
            Lut1D.gamma(9, wrong)
    with pytest.raises(ValueError, match="n must be between 2"):
        Lut1D.identity(1)


def test_from_curve_tabulates_both_directions() -> None:
    encode = Lut1D.from_curve(1025, "srgb")
    # IEC 61966-2-1: scene 0.5 is code 0.735357 (1.055 * 0.5**(1/2.4) - 0.055).
    assert encode.table[512] == pytest.approx(1.055 * 0.5 ** (1 / 2.4) - 0.055, abs=1e-7)
    decode = Lut1D.from_curve(1025, "srgb", direction="decode")
    assert decode.table[512] == pytest.approx(0.21404114, abs=1e-7)
    wide = Lut1D.from_curve(2048, "logc3", domain=(-0.02, 50), ei=800)
    assert wide.domain == (-0.02, 50.0)
    with pytest.raises(ValueError, match="direction must be one of encode, decode"):
        Lut1D.from_curve(9, "srgb", direction="forward")


@pytest.mark.parametrize("g", [2.2, 1 / 2.2])
def test_the_inverse_undoes_the_lut(g: float) -> None:
    lut = Lut1D.gamma(256, g)
    x = np.linspace(0.01, 1, 999)
    np.testing.assert_allclose(lut.inverse().apply(lut.apply(x)), x, atol=4e-4)
    np.testing.assert_allclose(lut.inverse(1 << 20).apply(lut.apply(x)), x, atol=3e-5)


def test_the_inverse_of_falling_and_different_channels() -> None:
    lut = Lut1D([[1, 0, 5], [0.5, 0.25, 6], [0, 1, 9]], ((0, 0, 0), (1, 2, 4)))
    back = lut.inverse()
    assert back.domain == ((0.0, 0.0, 5.0), (1.0, 1.0, 9.0))
    x = np.stack([np.linspace(0, 1, 50), np.linspace(0, 2, 50), np.linspace(0, 4, 50)], axis=1)
    np.testing.assert_allclose(back.apply(lut.apply(x)), x, atol=2e-3)


def test_level_ends_go_back_to_their_inner_end_and_level_stretches_inside_to_their_first_input() -> None:
    assert Lut1D([0, 0, 1, 1]).inverse(3).table == pytest.approx([1 / 3, 0.5, 2 / 3])
    assert Lut1D([0, 0.5, 0.5, 0.5, 1]).inverse(3).table == pytest.approx([0, 0.25, 1])


def test_curves_without_an_inverse_say_why() -> None:
    with pytest.raises(NotInvertibleError, match="the red curve of this 1D LUT rises and falls"):
        Lut1D([0, 1, 0.5]).inverse()
    with pytest.raises(NotInvertibleError, match="the blue curve of this 1D LUT is constant"):
        Lut1D([[0, 0, 1], [1, 1, 1]]).inverse()


def test_the_inverse_agrees_with_opencolorio(tmp_path) -> None:
    ocio = pytest.importorskip("PyOpenColorIO")
    lut = Lut1D(np.linspace(0, 1, 64) ** 0.7)
    transform = ocio.Lut1DTransform(64, False)
    for index, value in enumerate(lut.table.tolist()):
        transform.setValue(index, value, value, value)
    transform.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    processor = ocio.Config.CreateRaw().getProcessor(transform)
    exact = processor.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_LOSSLESS)
    x = np.repeat(np.linspace(-0.1, 1.1, 500, dtype=np.float32)[:, None], 3, axis=1)
    theirs = x.copy()
    exact.applyRGB(theirs)
    np.testing.assert_allclose(lut.inverse(65536).apply(x), theirs, atol=2e-5)


def test_resize_compose_and_mix() -> None:
    assert ONE.resize(33) == ONE
    assert Lut1D([0, 1]).resize(5) == Lut1D.identity(5)
    double = Lut1D([0, 2])
    half = Lut1D([0, 1], (0, 2))
    assert double.compose(half) == Lut1D.identity(2)
    assert THREE.compose(Lut1D.identity(4, (-9, 9))).size == 17
    x = np.linspace(-1, 2, 17)[:, None] * [1, 1 / 3, 0.7 / 3] + [0, 1 / 3, 0.2 + 0.7 / 3]
    np.testing.assert_allclose(THREE.compose(ONE).apply(x), ONE.apply(THREE.apply(x)), atol=1e-5)
    assert double.compose(Lut3D.identity(3)) == LutChain(double, Lut3D.identity(3))
    assert ONE.mix(1) == ONE
    assert ONE.mix(0) == Lut1D.identity(33, (-0.5, 1.5))
    assert double.mix(0.25).table.tolist() == [0, 1.25]
    with pytest.raises(ValueError, match="strength must be between 0 and 1"):
        ONE.mix(1.5)
    with pytest.raises(TypeError, match="compose takes"):
        ONE.compose("x")  # type: ignore[arg-type]
