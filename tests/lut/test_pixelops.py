"""LUTs in the chain: lowering, the builder, and the three doors that use it."""

from __future__ import annotations

import numpy as np
import pytest
from reference.engine_programs import bent

from vfx.errors import ChannelError, NotInvertibleError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import HalfLut1D, Lut1D, Lut3D, LutChain, ProcessList, Range
from vfx.lut.clf.processlist import clf
from vfx.lut.pixelops import (
    ApplyLut1D,
    ApplyLut3D,
    ApplyLutChain,
    InvertLut1D,
    InvertLut3D,
    InvertLutChain,
    apply_op,
    lut,
)
from vfx.pixelop import run

CUBE = Lut3D(np.random.default_rng(0).random((5, 5, 5, 3)))
CURVE = Lut1D.gamma(64, 2.2)


def test_the_builder_picks_the_op_and_its_default_interpolation() -> None:
    assert lut(CURVE) == ApplyLut1D(CURVE, "linear")
    assert lut(CUBE) == ApplyLut3D(CUBE, "tetrahedral")
    assert lut(CUBE, "trilinear") == ApplyLut3D(CUBE, "trilinear")
    assert lut(LutChain(CURVE, CUBE)) == ApplyLutChain(LutChain(CURVE, CUBE), "tetrahedral")
    assert hash(lut(CUBE)) == hash(lut(Lut3D(np.array(CUBE.table))))
    with pytest.raises(TypeError, match=r"lut must be a Lut1D, HalfLut1D, .* ProcessList, got str; vfx.lut.read"):
        lut("show.cube")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "wrong", "listed"),
    [
        (CURVE, "spline", "linear, nearest, cubic"),
        (CURVE, "", "linear, nearest, cubic"),
        (CUBE, "linear", "tetrahedral, trilinear, nearest"),
        (LutChain(CURVE, CUBE), "tetra", "tetrahedral, trilinear, nearest"),
    ],
)
def test_unknown_interpolations_list_the_choices(table: object, wrong: str, listed: str) -> None:
    with pytest.raises(ValueError, match=f"must be one of {listed}, got {wrong!r}"):
        lut(table, wrong)  # type: ignore[arg-type]


def test_steps_carry_domain_interpolation_and_table() -> None:
    (step,) = lut(Lut3D(CUBE.table, ((0, 1, 2), (3, 4, 5))), "nearest").steps()
    assert step.kernel == "lut3d"
    assert step.params == (0, 1, 2, 3, 4, 5, 0)
    (step,) = lut(CUBE).steps()
    assert step.params == (0, 0, 0, 1, 1, 1, 2)
    assert step.table is CUBE.padded
    (step,) = lut(CURVE).steps()
    assert step.kernel == "lut1d"
    assert step.table is not None
    assert step.table.shape == (64, 3)
    assert [step.kernel for step in lut(LutChain(CURVE, CUBE)).steps()] == ["lut1d", "lut3d"]


def test_a_lut_always_clamps_so_it_is_never_the_identity() -> None:
    assert not lut(Lut3D.identity(3)).is_identity
    assert not lut(Lut1D.identity(3)).is_identity


def test_inverses() -> None:
    assert lut(CURVE).inverse() == InvertLut1D(CURVE)
    assert lut(CURVE).inverse().inverse() == lut(CURVE)
    assert lut(CUBE, "nearest").inverse() == InvertLut3D(CUBE)
    assert lut(CUBE).inverse().inverse() == lut(CUBE)
    chain = LutChain(CURVE, CUBE)
    assert lut(chain).inverse() == InvertLutChain(chain)
    assert lut(chain).inverse().inverse() == lut(chain)
    assert [step.kernel for step in lut(chain).inverse().steps()] == ["lut3d_inverse", "lut1d_knots"]
    for curve in (Lut1D([0, 1, 0.5]), Lut1D([[0, 0, 1], [1, 1, 1]])):
        with pytest.raises(NotInvertibleError):
            lut(curve).inverse()
        with pytest.raises(NotInvertibleError):
            lut(LutChain(CUBE, curve)).inverse()


def test_a_chain_of_curves_takes_a_grey_image_and_a_chain_with_a_cube_does_not() -> None:
    grey = Image(np.full((3, 4), 0.5, np.float32))
    assert grey.lut(LutChain(Lut1D([1, 0]), Lut1D([0, 4]))).numpy().max() == 2
    with pytest.raises(ChannelError, match="R, G and B"):
        grey.lut(LutChain(CURVE, CUBE))


def test_ops_take_luts_only() -> None:
    for kind in (ApplyLut1D, InvertLut1D):
        with pytest.raises(TypeError, match="must be a Lut1D, HalfLut1D or KnotLut1D, got Lut3D"):
            kind(CUBE)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a Lut3D, got Lut1D"):
        InvertLut3D(CURVE)  # type: ignore[arg-type]


def test_whatever_a_lut_file_holds_can_be_looked_up() -> None:
    steps = ProcessList([Range(0.0, 1.0, 0.0, 2.0)])
    assert lut(steps) == clf(steps)
    with pytest.raises(ValueError, match="interpolation of their own, got 'linear'"):
        lut(steps, "linear")


@pytest.fixture(scope="module")
def ocio_lut():
    """``ocio_lut(table, colours, half=, inverse=, hue=)``: OpenColorIO's exact lookup of a 1D or 3D table."""
    ocio = pytest.importorskip("PyOpenColorIO")

    def look_up(table: np.ndarray, colours: np.ndarray, *, half=False, inverse=False, hue=False) -> np.ndarray:
        if table.ndim == 4:
            transform = ocio.Lut3DTransform(len(table))
            transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        else:
            transform = ocio.Lut1DTransform(len(table), half)
            transform.setHueAdjust(ocio.HUE_DW3 if hue else ocio.HUE_NONE)
            table = np.broadcast_to(table.reshape(len(table), -1), (len(table), 3))
        transform.setData(np.ascontiguousarray(table, np.float32).ravel())
        transform.setDirection(ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD)
        processor = ocio.Config.CreateRaw().getProcessor(transform)
        exact = processor.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_LOSSLESS)
        result = np.array(colours, np.float32, order="C")
        exact.applyRGB(result)
        return result

    return look_up


HALVES = np.nan_to_num(np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64), posinf=0, neginf=0)
TABLES = {
    "gamma": np.linspace(0, 1, 1024) ** 2.2,
    "three": np.linspace(0, 1, 333)[:, None] ** [0.5, 1.0, 2.4],
    "falling": np.linspace(1, 0, 100) ** 2,
    "level ends": np.clip(np.linspace(-1, 2, 200), 0, 1),
    "level stretches": np.repeat(np.linspace(0, 1, 20), 5),
    "beyond one": np.linspace(0, 1, 4096) ** 3 * 50,
    "half identity": HALVES,
    "half log": np.sign(HALVES) * np.log2(1 + np.abs(HALVES)),
    "half falling": -HALVES,
    "half level": np.clip(HALVES, 0.25, 1),
    "half stretches": np.round(HALVES * 64) / 64,
    "half falling stretches": -np.cbrt(HALVES).astype(np.float16).astype(np.float64),
    "half gap": np.where(HALVES < 0, HALVES - 1, HALVES),
    "half three": np.sign(HALVES)[:, None] * np.abs(HALVES)[:, None] ** [0.4, 0.6, 1.0],
}


def far(colours: np.ndarray) -> np.ndarray:
    """The colours, and some that are large, tiny, or at a half's edge."""
    special = np.array([0, 1e-9, 6e-8, 3e-5, 6.1e-5, 1, 65504, 65519, 65520, 1e6, np.inf], np.float32)
    rows = np.concatenate([special, -special])
    return np.concatenate([colours, np.repeat(rows[:, None], 3, axis=1)])


@pytest.mark.parametrize("inverse", [False, True], ids=["forward", "inverse"])
@pytest.mark.parametrize("name", TABLES)
def test_curves_and_their_exact_inverses_agree_with_opencolorio(name, inverse, colours, ocio_lut) -> None:
    half = name.startswith("half")
    curve = HalfLut1D(TABLES[name]) if half else Lut1D(TABLES[name])
    given = far(colours)
    op = InvertLut1D(curve) if inverse else ApplyLut1D(curve)
    expected = ocio_lut(TABLES[name], given, half=half, inverse=inverse)
    np.testing.assert_allclose(apply_op(op, given), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("inverse", [False, True], ids=["forward", "inverse"])
@pytest.mark.parametrize("name", ["gamma", "three", "falling", "half log", "half three"])
def test_kept_hue_agrees_with_opencolorio(name, inverse, colours, ocio_lut) -> None:
    half = name.startswith("half")
    curve = HalfLut1D(TABLES[name]) if half else Lut1D(TABLES[name])
    op = InvertLut1D(curve, hue_adjust=True) if inverse else ApplyLut1D(curve, hue_adjust=True)
    expected = ocio_lut(TABLES[name], colours, half=half, inverse=inverse, hue=True)
    result = apply_op(op, colours)
    # The middle channel is a share of the chroma, so its error is relative to that.
    chroma = np.ptp(expected, axis=1, keepdims=True)
    assert (np.abs(result - expected) <= 1e-6 * (1 + chroma)).all()


def test_kept_hue_keeps_the_place_of_the_middle_channel(colours) -> None:
    def place(rgb: np.ndarray) -> np.ndarray:
        low, middle, high = np.sort(rgb.astype(np.float64), axis=1).T
        return (middle - low) / (high - low)

    inside = colours[((colours > 0.01) & (colours < 0.99)).all(axis=1) & (np.ptp(colours, axis=1) > 0.05)]
    curve = Lut1D.gamma(4096, 2.2)
    kept = apply_op(ApplyLut1D(curve, hue_adjust=True), inside)
    np.testing.assert_allclose(place(kept), place(inside), atol=2e-5)
    plain = apply_op(ApplyLut1D(curve), inside)
    assert np.abs(place(plain) - place(inside)).max() > 0.1
    for rank in (0, 2):
        order = np.argsort(inside, axis=1)[:, rank : rank + 1]
        assert np.array_equal(np.take_along_axis(kept, order, 1), np.take_along_axis(plain, order, 1))


def test_a_look_says_that_the_hue_is_kept() -> None:
    assert repr(Look([ApplyLut1D(CURVE)])) == "Look().lut(<Lut1D size=64>)"
    assert "hue_adjust=True" in repr(Look([ApplyLut1D(CURVE, hue_adjust=True)]))


def test_kept_hue_needs_three_channels() -> None:
    with pytest.raises(ChannelError, match="mixes channels"):
        run(
            [ApplyLut1D(CURVE, hue_adjust=True)], Image(np.ones((2, 2), np.float32)), Image(np.ones((2, 2), np.float32))
        )


@pytest.mark.parametrize("size", [2, 5, 17])
def test_the_exact_inverse_of_a_cube_agrees_with_opencolorio(size, colours, ocio_lut) -> None:
    table = bent(size)
    result = apply_op(InvertLut3D(Lut3D(table)), colours)
    np.testing.assert_allclose(result, ocio_lut(table, colours, inverse=True), atol=1e-6)


def test_the_exact_inverse_of_a_cube_undoes_it(colours) -> None:
    cube = Lut3D(bent(9), ((-1, 0, 0.2), (2, 1, 0.9)))
    given = np.clip(colours, cube.domain_min, cube.domain_max)
    back = apply_op(InvertLut3D(cube), cube.apply(given))
    np.testing.assert_allclose(back, given, atol=2e-6)
    nan = apply_op(InvertLut3D(cube), np.full((1, 3), np.nan, np.float32))
    assert nan.tolist() == apply_op(InvertLut3D(cube), np.zeros((1, 3), np.float32)).tolist()


def test_a_cube_far_from_grey_takes_the_nearest_node_of_its_faces() -> None:
    dark = Lut3D(bent(5) * 0.02)
    assert apply_op(InvertLut3D(dark), np.ones((1, 3), np.float32)).tolist() == [[1, 1, 1]]
    x = np.random.default_rng(3).random((500, 3), dtype=np.float32)
    np.testing.assert_allclose(apply_op(InvertLut3D(dark), dark.apply(x)), x, atol=1e-5)


def test_a_cube_that_folds_gives_a_colour_that_it_makes_this_from() -> None:
    folded = Lut3D(np.clip(bent(9) * 1.5 - 0.25, 0.1, 0.9))
    made = folded.apply(np.random.default_rng(4).random((2000, 3), dtype=np.float32))
    back = apply_op(InvertLut3D(folded), made)
    np.testing.assert_allclose(folded.apply(back), made, atol=2e-6)


def test_a_chain_is_undone_last_lut_first(colours) -> None:
    chain = LutChain(Lut1D.gamma(512, 0.5), Lut3D(bent(9)), Lut1D(np.linspace(1, 0, 65) ** 1.5))
    given = np.clip(colours, 0.02, 1)
    np.testing.assert_allclose(apply_op(lut(chain).inverse(), chain.apply(given)), given, atol=3e-5)


def test_the_image_method_gives_a_new_image() -> None:
    pixels = np.random.default_rng(1).random((7, 5, 3), dtype=np.float32)
    result = Image(pixels).lut(CUBE, "trilinear")
    np.testing.assert_array_equal(result.numpy(), CUBE.apply(pixels, "trilinear"))


def test_a_grey_image_takes_one_curve_but_not_three() -> None:
    grey = Image(np.full((3, 4), 0.5, np.float32))
    assert grey.lut(Lut1D([0, 0, 1])).numpy().max() == 0
    with pytest.raises(ChannelError, match="differs between red, green and blue"):
        grey.lut(Lut1D([[0, 0, 0], [1, 1, 2]]))
    with pytest.raises(ChannelError, match="R, G and B"):
        grey.lut(CUBE)
