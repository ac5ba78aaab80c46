"""Grading ops: their formulas, OpenColorIO, inverses, merging, and what they refuse."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vfx.color.grade import (
    clamp,
    contrast,
    contrast_log,
    exposure,
    gain,
    gamma,
    invert,
    matrix,
    offset,
    saturation,
)
from vfx.color.linear import Matrix
from vfx.errors import ChannelError, NotInvertibleError
from vfx.image import Image
from vfx.pixelop import PixelOp, run

Array = np.ndarray[Any, Any]

MIX = [[0.9, 0.2, -0.1], [0.05, 1.1, -0.15], [-0.02, 0.07, 0.8]]
LUMA = np.array([0.2126, 0.7152, 0.0722])


def applied(op: PixelOp, colours: Array) -> Array:
    """Colours (N, C) after an op, float32."""
    image = Image(np.array(colours, np.float32)[None])
    run((op,), image, image)
    return np.asarray(image.numpy()[0])


def close(actual: Array, expected: Array, tolerance: float = 2e-6) -> None:
    """Absolute below 1, relative to the brightest channel above: matrices take differences of channels."""
    brightest = np.max(np.abs(expected), axis=-1, keepdims=True)
    error = np.abs(np.float64(actual) - expected) / np.maximum(1.0, brightest)
    assert error.max() <= tolerance, f"{error.max():g} at {np.ravel(expected)[error.argmax()]:g}"


def power(x: Array, exponent: Any) -> Array:
    """x^exponent where positive, else x."""
    return np.where(x > 0.0, np.abs(x) ** np.asarray(exponent), x)


FORMULAS: dict[str, tuple[PixelOp, Callable[[Array], Array]]] = {
    "exposure": (exposure(1.3), lambda x: x * 2.0**1.3),
    "gain": (gain([1.2, 1.0, -0.5]), lambda x: x * [1.2, 1.0, -0.5]),
    "offset": (offset([0.1, 0.0, -0.3]), lambda x: x + np.array([0.1, 0.0, -0.3])),
    "gamma": (gamma([2.2, 1.0, 0.45]), lambda x: power(x, [1 / 2.2, 1.0, 1 / 0.45])),
    "contrast": (contrast(1.4), lambda x: (x - 0.18) * 1.4 + 0.18),
    "contrast pivot": (contrast([0.5, 1.0, 2.0], 0.5), lambda x: (x - 0.5) * [0.5, 1.0, 2.0] + 0.5),
    "contrast_log": (contrast_log(1.3), lambda x: np.where(x > 0, 0.18 * power(x / 0.18, 1.3), x)),
    "saturation": (saturation(1.4), lambda x: x @ LUMA[:, None] * (1 - 1.4) + 1.4 * x),
    "clamp": (clamp(0.1, [0.5, 1.0, 2.0]), lambda x: np.clip(x, 0.1, [0.5, 1.0, 2.0])),
    "invert": (invert(), lambda x: 1.0 - x),
    "matrix": (matrix(MIX), lambda x: x @ np.transpose(MIX)),
    "matrix offset": (
        matrix(np.column_stack([MIX, [0.1, 0.2, -0.3]])),
        lambda x: x @ np.transpose(MIX) + np.array([0.1, 0.2, -0.3]),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_op_follows_its_formula(name: str, colours: Array) -> None:
    op, formula = FORMULAS[name]
    dark = colours[np.abs(colours).max(axis=1) < 8.0]
    close(applied(op, dark), formula(dark.astype(np.float64)))


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "clamp"])
def test_inverse_undoes_the_op(name: str, colours: Array) -> None:
    op = FORMULAS[name][0]
    colours = np.abs(colours[np.abs(colours).max(axis=1) < 2.0]) + np.float32(0.01)
    close(applied(op.inverse(), applied(op, colours)), colours.astype(np.float64), 3e-6)
    assert op.inverse().inverse().steps()[0].params == pytest.approx(op.steps()[0].params)


@pytest.mark.parametrize(
    "op",
    [clamp(), saturation(0), gain(0), gain([1, 1, 0]), contrast(0), matrix(np.ones((3, 3))), matrix(np.zeros((4, 4)))],
    ids=repr,
)
def test_an_op_that_loses_something_has_no_inverse(op: PixelOp) -> None:
    with pytest.raises(NotInvertibleError, match=r"has no inverse"):
        op.inverse()


@pytest.mark.parametrize(
    "op",
    [exposure(0), gain(1), offset(0), gamma(1), contrast(1, 0.5), contrast_log(1), saturation(1), matrix(np.eye(4))],
    ids=repr,
)
def test_neutral_parameters_are_the_identity(op: PixelOp, colours: Array) -> None:
    assert op.is_identity
    assert applied(op, colours).tobytes() == colours.tobytes()
    assert not clamp().is_identity and not invert().is_identity


LINEAR = ["exposure", "gain", "offset", "contrast", "contrast pivot", "saturation", "invert", "matrix", "matrix offset"]


@pytest.mark.parametrize("first", LINEAR)
@pytest.mark.parametrize("second", LINEAR)
def test_linear_ops_merge_into_one(first: str, second: str, colours: Array) -> None:
    (a, formula_a), (b, formula_b) = FORMULAS[first], FORMULAS[second]
    merged = a.combine(b)
    assert merged is not None and len(merged.steps()) == 1
    colours = colours[:500][np.abs(colours[:500]).max(axis=1) < 8.0]
    close(applied(merged, colours), formula_b(formula_a(colours.astype(np.float64))))


def test_merging_keeps_the_simplest_op() -> None:
    assert exposure(1).combine(exposure(0.5)) == exposure(1.5)
    assert exposure(1).combine(gain([1, 2, 3])) == gain([2, 4, 6])
    assert offset(0.5).combine(offset(-0.25)) == offset(0.25)
    assert saturation(0.5).combine(saturation(3.0)) == saturation(1.5)
    assert gamma(2).combine(gamma([1, 2, 3])) == gamma([2, 4, 6])
    assert contrast_log(2).combine(contrast_log(0.5)) == contrast_log(1)
    assert contrast_log(2).combine(contrast_log(2, 0.5)) is None
    assert clamp(0, 1).combine(clamp(0.25, 2)) == clamp(0.25, 1)
    assert clamp(0, 1).combine(clamp(2, 3)) == clamp(2, 2)
    assert gamma(2).combine(gain(2)) is None and gain(2).combine(gamma(2)) is None
    # A product beyond float64 stays two ops.
    assert gain(1e200).combine(gain(1e200)) is None


def test_a_matrix_of_tiny_numbers_still_has_an_inverse() -> None:
    dark = exposure(-60).combine(matrix([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.1, 0.9]]))
    assert dark is not None
    unit = dark.combine(dark.inverse())
    assert isinstance(unit, Matrix)
    np.testing.assert_allclose(unit.matrix, np.eye(4), atol=1e-12)


@pytest.mark.parametrize(
    "ops",
    [(gain(1e30), gain(1e30)), (exposure(100), exposure(100)), (offset(3e38), offset(3e38)),
     (saturation(1e30), saturation(1e30)), (matrix(np.eye(3) * 1e30), matrix(np.eye(3) * 1e30))],
)  # fmt: skip
def test_merging_never_leaves_float32(ops: tuple[PixelOp, PixelOp]) -> None:
    # The engine refuses such numbers, and the two ops by themselves are fine.
    assert ops[0].combine(ops[1]) is None


def test_a_four_by_four_matrix_acts_on_alpha_as_ocios_does(by_ocio: Any, ocio: Any) -> None:
    full = np.random.default_rng(3).uniform(-1, 1, (4, 4))
    shift = [0.1, -0.2, 0.3, 0.4]
    rgba = np.random.default_rng(4).uniform(-1, 2, (500, 4)).astype(np.float32)
    peer = ocio.MatrixTransform(matrix=full.ravel().tolist(), offset=[0.0] * 4)
    close(applied(matrix(full), rgba), by_ocio(peer, rgba))
    peer = ocio.MatrixTransform(matrix=full.ravel().tolist(), offset=shift)
    close(applied(type(matrix(full))(full, tuple(shift)), rgba), by_ocio(peer, rgba))
    rgb = rgba[:, :3]
    ones = np.concatenate([rgb, np.ones((500, 1), np.float32)], axis=1)
    close(applied(matrix(full), rgb), (ones.astype(np.float64) @ full.T)[:, :3])


def test_matrices_and_exposure_contrast_agree_with_ocio(by_ocio: Any, ocio: Any, colours: Array) -> None:
    wide = np.eye(4)
    wide[:3, :3] = MIX
    peer = ocio.MatrixTransform(matrix=wide.ravel().tolist())
    close(applied(matrix(MIX), colours), by_ocio(peer, colours))
    close(applied(matrix(MIX).inverse(), colours), by_ocio(peer, colours, inverse=True))
    # OCIO's linear style is the log contrast; it takes negatives as 0 where ours pass. Its pow is a polynomial
    # at every optimisation level: its own tests allow 5e-5, and ours follows the formula to 2e-6 (above).
    peer = ocio.ExposureContrastTransform(
        ocio.EXPOSURE_CONTRAST_LINEAR, exposure=0.0, contrast=1.25, gamma=1.0, pivot=0.18
    )
    positive = np.abs(colours)
    close(applied(contrast_log(1.25), positive), by_ocio(peer, positive), 5e-5)
    peer = ocio.ExponentTransform([1 / 1.8] * 3 + [1.0], ocio.NEGATIVE_PASS_THRU)
    close(applied(gamma(1.8), colours), by_ocio(peer, colours))


def test_negative_and_undefined_values_follow_each_ops_rule() -> None:
    odd = np.array([[-2.0, 0.0, np.nan], [np.inf, -np.inf, 0.5]], np.float32)
    by_gamma = applied(gamma(2), odd)
    assert by_gamma[0, 0] == -2.0 and by_gamma[0, 1] == 0.0 and np.isnan(by_gamma[0, 2])
    assert by_gamma[1, 0] == np.inf and by_gamma[1, 1] == -np.inf
    by_contrast = applied(contrast_log(2), odd)
    assert by_contrast[0, 0] == -2.0 and by_contrast[0, 1] == 0.0 and np.isnan(by_contrast[0, 2])
    limited = applied(clamp(0.25, 1), odd)
    np.testing.assert_array_equal(limited, np.array([[0.25, 0.25, 0.25], [1.0, 0.25, 0.5]], np.float32))


def test_one_number_means_three_and_repr_is_the_call() -> None:
    assert gain(2) == gain([2, 2, 2]) == gain((2.0, 2.0, 2.0)) == gain(np.array([2, 2, 2]))
    assert hash(gain(2)) == hash(gain([2, 2, 2]))
    for op in (exposure(1.5), gain([1, 2, 3]), contrast(1.2, 0.5), gamma(2.2), clamp(0, 2), matrix(MIX), invert()):
        assert eval(repr(op)) == op
        assert pickle.loads(pickle.dumps(op)) == op
    assert matrix(np.eye(3)) == matrix(np.eye(4)) == matrix(np.eye(3, 4))


@pytest.mark.parametrize("op", [gain(1e300), matrix(np.eye(3) * -1e39), offset([0, 0, 1e40])], ids=lambda op: op.name)
def test_numbers_beyond_float32_are_refused_instead_of_making_black_nan(op: PixelOp) -> None:
    picture = Image(np.zeros((1, 1, 3), np.float32))
    with pytest.raises(ValueError, match=r"up to 3\.4e\+38, the largest of float32"):
        run((op,), picture, picture)


def test_an_infinite_limit_of_clamp_is_none() -> None:
    picture = Image(np.array([[[-1.0, 0.5, 1e30]]], np.float32))
    run((clamp(0, np.inf),), picture, picture)
    assert picture.numpy().tolist() == [[[0.0, 0.5, float(np.float32(1e30))]]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exposure(np.nan), "stops must be a finite number"),
        (lambda: exposure("1"), "stops must be a number"),
        (lambda: exposure(1000), "stops must be between -127 and 127"),
        (lambda: gain([1, 2]), "gain must be one number or three, got 2"),
        (lambda: gamma(0), "gamma must be"),
        (lambda: contrast_log(-1), "contrast must be"),
        (lambda: contrast_log(1, 0), "pivot must be"),
        (lambda: clamp(1, 0), "low must not be above high, got low 1.0 and high 0.0"),
        (lambda: matrix(np.eye(2)), r"matrix must be 3x3, 3x4 .* got shape \(2, 2\)"),
        (lambda: matrix([[1, 2, 3], [4]]), r"matrix must be rows of numbers, .* got \[\[1, 2, 3\], \[4\]\]"),
        (lambda: matrix("eye"), "matrix must be rows of numbers"),
        (lambda: matrix(np.full((3, 3), np.inf)), "matrix must hold finite numbers"),
    ],
)
def test_wrong_parameters_are_named(make: Callable[[], PixelOp], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_ops_that_mix_channels_refuse_a_luminance_image() -> None:
    grey = np.full((1, 1), 0.5, np.float32)
    for op in (saturation(0.5), matrix(MIX), gain([1, 2, 3])):
        with pytest.raises(ChannelError, match="R, G and B"):
            applied(op, grey)
    assert applied(gain(2), grey)[0, 0] == 1.0
