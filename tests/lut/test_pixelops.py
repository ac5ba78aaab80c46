"""LUTs in the chain: lowering, the builder, and the three doors that use it."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.errors import ChannelError, NotInvertibleError
from vfx.image import Image
from vfx.lut import Lut1D, Lut3D, LutChain
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, ApplyLutChain, InvertLut1D, lut

CUBE = Lut3D(np.random.default_rng(0).random((5, 5, 5, 3)))
CURVE = Lut1D.gamma(64, 2.2)


def test_the_builder_picks_the_op_and_its_default_interpolation() -> None:
    assert lut(CURVE) == ApplyLut1D(CURVE, "linear")
    assert lut(CUBE) == ApplyLut3D(CUBE, "tetrahedral")
    assert lut(CUBE, "trilinear") == ApplyLut3D(CUBE, "trilinear")
    assert lut(LutChain(CURVE, CUBE)) == ApplyLutChain(LutChain(CURVE, CUBE), "tetrahedral")
    assert hash(lut(CUBE)) == hash(lut(Lut3D(np.array(CUBE.table))))
    with pytest.raises(TypeError, match=r"lut must be a Lut1D, HalfLut1D, .* LutChain, got str; vfx.lut.read"):
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
    with pytest.raises(NotInvertibleError):
        lut(CUBE).inverse()
    with pytest.raises(NotInvertibleError):
        lut(LutChain(CURVE, CUBE)).inverse()


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
