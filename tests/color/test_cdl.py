"""The ASC CDL: published values, OpenColorIO in both styles and directions, ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vfx.color import CDL
from vfx.color.cdl import CdlOp, cdl
from vfx.errors import ChannelError, NotInvertibleError
from vfx.image import Image
from vfx.pixelop import PixelOp, run

Array = np.ndarray[Any, Any]

# Slope, offset, power, saturation of the published rows (numbers of OCIO 2.6 lossless).
NUMBERS: dict[str, Any] = {
    "slope": [1.2, 1.0, 0.8],
    "offset": [0.05, 0.0, -0.02],
    "power": [0.9, 1.0, 1.2],
    "saturation": 0.85,
}
ROWS = np.array([[0.5, 0.25, 0.1], [-0.1, 0.0, 1.5], [0.18, 0.18, 0.18], [2.0, 0.5, -0.5]], np.float32)
ASC = [[0.6256521, 0.26133114, 0.07788475], [0.01083, 0.01083, 0.86083], [0.28799337, 0.18287884, 0.09930527],
       [0.93553, 0.51053, 0.08552998]]  # fmt: skip
NO_CLAMP = [ASC[0], [-0.04852279, 0.01097722, 1.0477352], ASC[2], [2.0245316, 0.5455252, -0.23647487]]


def applied(op: PixelOp, colours: Array) -> Array:
    """Colours (N, C) after an op, float32."""
    image = Image(np.array(colours, np.float32)[None])
    run((op,), image, image)
    return np.asarray(image.numpy()[0])


def close(actual: Array, expected: Any, tolerance: float = 2e-6) -> None:
    """Absolute below 1, relative to the brightest channel above: saturation takes differences of channels."""
    brightest = np.max(np.abs(expected), axis=-1, keepdims=True)
    error = np.abs(np.float64(actual) - expected) / np.maximum(1.0, brightest)
    assert error.max() <= tolerance, f"{error.max():g}"


def test_published_values() -> None:
    close(applied(cdl(**NUMBERS), ROWS), NO_CLAMP, 5e-7)
    close(applied(cdl(**NUMBERS, clamp=True), ROWS), ASC, 5e-7)


@pytest.mark.parametrize("clamp", [False, True], ids=["no clamp", "asc"])
@pytest.mark.parametrize("inverse", [False, True], ids=["forward", "inverse"])
@pytest.mark.parametrize(
    "numbers",
    [
        NUMBERS,
        {"slope": [1.3, 0.7, 1.0], "offset": [-0.1, 0.2, 0.0]},
        {"power": [2.2, 0.45, 1.0]},
        {"saturation": 1.6},
        {"slope": 0.5, "offset": 0.1, "power": 1.7, "saturation": 0.3},
    ],
    ids=["all", "slope and offset", "power", "saturation", "grey"],
)
def test_agrees_with_ocio(
    numbers: dict[str, Any], inverse: bool, clamp: bool, by_ocio: Any, ocio: Any, colours: Array
) -> None:
    op: PixelOp = cdl(**numbers, clamp=clamp)
    assert isinstance(op, CdlOp)
    peer = ocio.CDLTransform(slope=op.slope, offset=op.offset, power=op.power, sat=op.saturation)
    peer.setStyle(ocio.CDL_ASC if clamp else ocio.CDL_NO_CLAMP)
    # OCIO's optimiser turns a CDL without power into a matrix and then forgets some of the clamps.
    expected = by_ocio(peer, colours, inverse=inverse, optimized=False)
    close(applied(op.inverse() if inverse else op, colours), expected)


def test_undefined_values_follow_ocio(by_ocio: Any, ocio: Any) -> None:
    odd = np.array([[np.nan, 0.5, 0.25], [0.5, np.nan, 0.25], [0.5, -0.0, 0.0]], np.float32)
    for style, clamp in ((ocio.CDL_NO_CLAMP, False), (ocio.CDL_ASC, True)):
        op = cdl(slope=[1.1, 1, 1], power=[1.5, 1.2, 0.9], clamp=clamp)
        peer = ocio.CDLTransform(slope=op.slope, power=op.power)
        peer.setStyle(style)
        np.testing.assert_allclose(applied(op, odd), by_ocio(peer, odd, optimized=False), rtol=1e-6)
    # OCIO's difference from luma makes every channel of an infinite pixel NaN; ours only where it mixes them.
    infinite = np.array([[np.inf, 0.5, -np.inf]], np.float32)
    assert applied(cdl(slope=1.1, power=0.9), infinite)[0].tolist() == pytest.approx([np.inf, 0.55**0.9, -np.inf])
    assert applied(cdl(power=2, clamp=True), infinite)[0].tolist() == [1.0, 0.25, 0.0]


def test_inverse_without_clamps_undoes_the_correction(colours: Array) -> None:
    op = cdl(slope=[1.2, 0.9, 1.1], offset=[0.02, 0.0, 0.05], power=[1.1, 0.9, 1.2], saturation=1.1)
    some = np.clip(np.abs(colours), 0.05, 4.0)
    close(applied(op.inverse(), applied(op, some)), some, 5e-6)
    assert op.inverse().inverse() == op
    joined = op.combine(op.inverse())
    assert joined is not None and joined.is_identity
    assert cdl(clamp=True, slope=2).combine(cdl(clamp=True, slope=2).inverse()) is None
    for lossy in (cdl(slope=[1, 0, 1]), cdl(saturation=0)):
        with pytest.raises(NotInvertibleError, match="slope or saturation 0"):
            lossy.inverse()


def test_a_cdl_object_brings_all_its_numbers() -> None:
    correction = CDL(NUMBERS["slope"], NUMBERS["offset"], NUMBERS["power"], NUMBERS["saturation"], id="sh010")
    assert cdl(correction) == cdl(**NUMBERS)
    assert cdl(correction, clamp=True) == cdl(**NUMBERS, clamp=True)
    with pytest.raises(TypeError, match="brings its own offset"):
        cdl(correction, offset=0.1)
    assert repr(cdl(slope=1.1, clamp=True)) == "cdl(slope=1.1, clamp=True)"


def test_flags_and_texts_are_of_their_type() -> None:
    with pytest.raises(TypeError, match="clamp must be True or False, got 'no'"):
        cdl(clamp="no")  # type: ignore[arg-type]
    assert cdl(clamp=np.True_) == cdl(clamp=True)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="id must be text, got 5"):
        CDL(id=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"slope": -1}, r"slope must be at least 0 \(ASC CDL 1.2\), got -1.0"),
        ({"power": [1, 0, 1]}, r"power must be above 0 .*got \(1.0, 0.0, 1.0\)"),
        ({"saturation": -0.5}, "saturation must be at least 0, got -0.5"),
        ({"offset": np.nan}, "offset must be a finite number"),
        ({"slope": [1, 2]}, "slope must be one number or three, got 2"),
    ],
)
def test_numbers_out_of_range_are_named(numbers: dict[str, Any], message: str) -> None:
    for make in (cdl, CDL):
        with pytest.raises(ValueError, match=message):
            make(**numbers)


def test_only_saturation_needs_three_channels() -> None:
    grey = np.full((1, 1), 0.5, np.float32)
    close(applied(cdl(slope=1.2, power=0.8), grey), 0.6**0.8)
    with pytest.raises(ChannelError, match="R, G and B"):
        applied(cdl(saturation=0.5), grey)


def test_alpha_is_left_alone(colours: Array) -> None:
    rgba = np.concatenate([colours, colours[:, :1]], axis=1)
    result = applied(cdl(**NUMBERS, clamp=True), rgba)
    assert result[:, 3].tobytes() == rgba[:, 3].tobytes()
