"""Blend modes: W3C's and Photoshop's formulas, opacity, light without alpha, colours beyond [0, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import merge_formulas as reference
from reference.awkward_pictures import FORMATS, LAYOUTS, as_format, assert_close, laid_out, meaning, picture

from vfx import Image, ops
from vfx.errors import ChannelError
from vfx.ops.blend import MODES

Array = NDArray[Any]


def pair(fmt: str = "f32", count: int = 4) -> tuple[Array, Array]:
    """Two different pictures."""
    return as_format(picture(13, 37, count), fmt), as_format(picture(14, 37, count)[:13], fmt)


def opaque(*colours: tuple[float, float, float]) -> list[Array]:
    """One pixel of each colour, with alpha 1."""
    return [np.float32([[[*colour, 1.0]]]) for colour in colours]


def certain(mode: str, a: Array, b: Array) -> NDArray[np.bool_]:
    """Pixels where rounding does not decide which colour a mode picks."""
    if mode not in ("darker_color", "lighter_color"):
        return np.ones(a.shape[:2], bool)
    luma = np.array([0.3, 0.59, 0.11])
    found: NDArray[np.bool_] = np.abs(a[..., :3] @ luma * b[..., 3] - b[..., :3] @ luma * a[..., 3]) > 1e-5
    return found


def test_the_reference_has_every_mode() -> None:
    assert {*reference.BLENDS, *reference.COLOUR_BLENDS} == set(MODES)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_its_formula(mode: str, fmt: str) -> None:
    a, b = pair(fmt)
    expected = reference.blend(mode, meaning(a), meaning(b), 0.75)
    sure = certain(mode, meaning(a), meaning(b))
    # Of 16-bit numbers as - cs and ab - cb are off by half a float32 step, which a small divisor makes larger.
    divides = fmt == "u16" and mode in ("color_burn", "color_dodge", "vivid_light")
    tolerance = 6e-5 if divides else 4e-6 if mode == "saturation" else 2e-6
    assert_close(ops.blend(a, b, mode, 0.75).numpy()[sure], expected[sure], tolerance)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mode", ["hue", "vivid_light"])
def test_every_layout_of_memory_gives_the_same_bytes(mode: str, layout: str) -> None:
    a, b = pair("f16")
    expected = ops.blend(a, b, mode).numpy()
    assert np.array_equal(ops.blend(laid_out(a, layout), laid_out(b, layout), mode).numpy(), expected)


@pytest.mark.parametrize(
    ("mode", "source", "backdrop", "expected"),
    [  # W3C Compositing and Blending Level 1, 9.1.4, worked out by hand
        ("multiply", 0.5, 0.5, 0.25),
        ("screen", 0.5, 0.5, 0.75),
        ("overlay", 0.5, 0.25, 0.25),
        ("overlay", 0.5, 0.75, 0.75),
        ("darken", 0.25, 0.75, 0.25),
        ("lighten", 0.25, 0.75, 0.75),
        ("color-dodge", 0.5, 0.25, 0.5),
        ("color-dodge", 1.0, 0.0, 0.0),
        ("color-dodge", 1.0, 0.5, 1.0),
        ("color-burn", 0.5, 0.75, 0.5),
        ("color-burn", 0.0, 1.0, 1.0),
        ("color-burn", 0.0, 0.5, 0.0),
        ("hard-light", 0.25, 0.5, 0.25),
        ("hard-light", 0.75, 0.5, 0.75),
        ("soft-light", 0.25, 0.5, 0.375),
        ("soft-light", 0.75, 0.25, 0.375),
        ("soft-light", 0.75, 0.64, 0.72),
        ("difference", 0.75, 0.25, 0.5),
        ("exclusion", 0.5, 0.25, 0.5),
        ("linear-burn", 0.75, 0.5, 0.25),
        ("linear-light", 0.75, 0.25, 0.75),
        ("pin-light", 0.25, 0.75, 0.5),
        ("vivid-light", 0.75, 0.25, 0.5),
        ("hard-mix", 0.5, 0.5, 1.0),
        ("hard mix", 0.5, 0.25, 0.0),
        ("subtract", 0.25, 0.75, 0.5),
        ("divide", 0.5, 0.25, 0.5),
        ("divide", 0.0, 0.25, 1.0),
        ("Add", 0.75, 0.5, 1.25),
    ],
)
def test_opaque_colours_give_the_published_numbers(mode: str, source: float, backdrop: float, expected: float) -> None:
    a, b = opaque((source,) * 3, (backdrop,) * 3)
    found = ops.blend(a, b, mode).numpy()[0, 0]
    assert found.tolist() == pytest.approx([expected] * 3 + [1.0], rel=1e-6)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [  # W3C 9.1.5 by hand: red on a backdrop of Lum 0.3·0.25 + 0.59·0.5 + 0.11·0.75 = 0.4525 and Sat 0.5
        ("luminosity", (0.0975, 0.3475, 0.5975)),  # moved by 0.3 - 0.4525
        # red moved to (1.1525, 0.1525, 0.1525), then drawn in to 1 about 0.4525
        ("color", (1.0, 0.4525 - 0.3 * 0.5475 / 0.7, 0.4525 - 0.3 * 0.5475 / 0.7)),
        ("hue", (0.8025, 0.3025, 0.3025)),  # (0.5, 0, 0) moved by 0.3025
        # (0, 0.5, 1) has Lum 0.405: moved by 0.0475 to (0.0475, 0.5475, 1.0475), then drawn in to 1
        ("saturation", tuple(0.4525 + (x - 0.4525) * 0.5475 / 0.595 for x in (0.0475, 0.5475, 1.0475))),
    ],
)
def test_modes_of_colours_give_the_published_numbers(mode: str, expected: tuple[float, float, float]) -> None:
    a, b = opaque((1.0, 0.0, 0.0), (0.25, 0.5, 0.75))
    assert ops.blend(a, b, mode).numpy()[0, 0, :3].tolist() == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("mode", MODES)
def test_nothing_on_top_changes_nothing(mode: str) -> None:
    _, b = pair()
    assert np.array_equal(ops.blend(np.zeros_like(b), b, mode).numpy(), b)


@pytest.mark.parametrize("mode", MODES)
def test_light_without_alpha_is_added_in_every_mode(mode: str) -> None:
    glow, plate = np.float32([[[0.5, 0.25, 0.0, 0.0]]]), np.float32([[[0.25, 0.25, 0.25, 1.0]]])
    assert ops.blend(glow, plate, mode).numpy().tolist() == [[[0.75, 0.5, 0.25, 1.0]]]


@pytest.mark.parametrize("mode", MODES)
def test_on_nothing_the_picture_stays(mode: str) -> None:
    a, _ = pair()
    assert_close(ops.blend(a, np.zeros_like(a), mode).numpy(), meaning(a))


def test_opacity_weakens_the_picture_and_its_alpha() -> None:
    a, b = pair()
    assert np.array_equal(ops.blend(a, b, "screen", 0.0).numpy(), b)
    expected = ops.blend(a * np.float32(0.5), b, "screen")
    assert np.array_equal(ops.blend(a, b, "screen", opacity=0.5).numpy(), expected.numpy())


def test_mask_and_mix_lead_from_the_backdrop_to_the_result() -> None:
    a, b = pair()
    weight = meaning(np.clip(picture(13, 37, 1), 0, 1))
    found = ops.blend(a, b, "overlay", mask=weight[..., 0].astype(np.float32), mix=0.5).numpy()
    blended = reference.blend("overlay", meaning(a), meaning(b))
    assert_close(found, blended * weight * 0.5 + meaning(b) * (1 - weight * 0.5))


@pytest.mark.parametrize("mode", ["color_dodge", "color_burn", "screen", "color", "hue", "saturation", "luminosity"])
def test_modes_with_limits_are_continuous_where_colours_go_beyond_1(mode: str) -> None:
    source = (0.2, 0.6, 0.4)
    below, above = ((0.5, 0.75, value) for value in (1 - 1e-6, 1 + 1e-6))
    found = [ops.blend(*opaque(source, backdrop), mode).numpy() for backdrop in (below, above)]
    assert np.abs(found[0] - found[1]).max() < 2e-5


@pytest.mark.parametrize("mode", MODES)
def test_nan_stays_in_its_pixel(mode: str) -> None:
    a, b = pair()
    clean = ops.blend(a, b, mode).numpy()
    a[5, 7], b[5, 8] = np.nan, np.nan
    found = ops.blend(a, b, mode).numpy()
    touched = np.zeros((13, 37), bool)
    touched[5, 7:9] = True
    assert np.array_equal(found[~touched], clean[~touched])
    assert np.isnan(found[touched]).all() or mode in ("darker_color", "lighter_color")


def test_greys_have_no_hue_to_give() -> None:
    a, b = opaque((0.5, 0.5, 0.5), (0.25, 0.5, 0.75))
    assert ops.blend(a, b, "hue").numpy()[0, 0].tolist() == pytest.approx([0.4525] * 3 + [1.0])


def test_other_channels_than_colour_are_composited_as_normal() -> None:
    names = ("R", "G", "B", "A", "depth")
    a, b = (Image(picture(3, 40 + extra, 5)[:, :40], channels=names) for extra in range(2))
    found = ops.blend(a, b, "luminosity").numpy()
    alpha = a.pixels[..., 3].astype(np.float64)
    assert_close(found[..., 4], meaning(a.pixels[..., 4]) + meaning(b.pixels[..., 4]) * (1 - alpha))


def test_colours_without_alpha_are_opaque() -> None:
    a, b = pair(count=3)
    full = [np.concatenate([each, np.ones_like(each[..., :1])], axis=-1) for each in (a, b)]
    for mode in ("soft_light", "hue"):
        assert np.array_equal(ops.blend(a, b, mode).numpy(), ops.blend(*full, mode).numpy()[..., :3])


def test_wrong_arguments_are_named() -> None:
    a, b = pair()
    with pytest.raises(ValueError, match="mode must be one of color, .*did you mean 'overlay'"):
        ops.blend(a, b, "overlai")
    with pytest.raises(ValueError, match="opacity must be between 0 and 1, got 1.5"):
        ops.blend(a, b, opacity=1.5)
    with pytest.raises(ChannelError, match="hue looks at colours: it needs channels R, G and B, the images have Y"):
        ops.blend(a[..., 0], b[..., 0], "hue")
    with pytest.raises(ValueError, match="mode must be one of"):
        ops.blend(a, b, 3)  # type: ignore[arg-type]
