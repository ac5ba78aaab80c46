"""Keyers: the mattes of their formulas, for every format and layout, and what keys a picture of a screen well."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import keys
from reference.awkward_pictures import (
    FORMATS,
    LAYOUTS,
    SIZES,
    as_format,
    assert_close,
    laid_out,
    meaning,
    picture,
    strange,
)

import vfx
from vfx import Image, ops
from vfx.errors import ChannelError

Array = NDArray[Any]
SCREEN = (0.0625, 0.4375, 0.125)
CLEAN = np.random.default_rng(5).uniform(0, 1, (200, 1200, 3)).astype(np.float32)

#: Keyer → its reference.
KEYERS: dict[str, tuple[Callable[[Any], Image], Callable[[Array], Array]]] = {
    "luma": (lambda i: ops.key_luma(i, (0.1, 0.9)), lambda a: keys.luma(a, (0.1, 0.9), "luminance")),
    "band": (lambda i: ops.key_luma(i, (0.0, 0.5, 1.0, 2.0)), lambda a: keys.luma(a, (0, 0.5, 1, 2), "luminance")),
    "chroma": (lambda i: ops.key_chroma(i, SCREEN, (0.0, 1.0)), lambda a: keys.chroma(a, SCREEN, (0.0, 1.0), "max")),
    "average": (lambda i: ops.key_chroma(i, SCREEN, (0.0, 1.0), method="average"),
                lambda a: keys.chroma(a, SCREEN, (0.0, 1.0), "average")),
    "chromaticity": (lambda i: ops.key_chroma(i, SCREEN, (0.2, 0.9), method="chromaticity"),
                     lambda a: keys.chroma(a, SCREEN, (0.2, 0.9), "chromaticity")),
    "difference": (lambda i: ops.key_difference(i, CLEAN[: i.shape[0], : i.shape[1]], (0.2, 1.0)),
                   lambda a: keys.difference(a, CLEAN[: a.shape[0], : a.shape[1]], (0.2, 1.0), "max")),
    "distance": (lambda i: ops.key_difference(i, CLEAN[: i.shape[0], : i.shape[1]], (0.2, 1.0), of="distance"),
                 lambda a: keys.difference(a, CLEAN[: a.shape[0], : a.shape[1]], (0.2, 1.0), "distance")),
}  # fmt: skip


def plain(height: int, width: int, channels: int = 4) -> Array:
    """Colours whose sum is not near zero, where chromaticity would enlarge every rounding."""
    return picture(height, width, channels, low=0.05, high=2.0)


@pytest.mark.parametrize("name", KEYERS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_key_is_its_formula_in_every_layout(name: str, fmt: str) -> None:
    key, reference = KEYERS[name]
    for size in SIZES:
        for layout in LAYOUTS:
            src = laid_out(as_format(plain(*size), fmt), layout)
            result = key(src)
            assert (result.format, result.channel_names, result.shape) == (fmt, ("A",), src.shape[:2])
            assert_close(result.numpy(), reference(meaning(src)[..., :3]))


@pytest.mark.parametrize("of", ["luminance", "average", "max", "min", "saturation", "red", "green", "blue"])
@pytest.mark.parametrize("ramp", [(0.0, 1.0), (0.25, 0.25), (-1.0, 0.0, 1.5, 3.0), (0.0, 0.5, 2.0, math.inf)])
def test_a_luma_key_measures_what_it_is_told(of: str, ramp: tuple[float, ...]) -> None:
    src = plain(13, 37)
    assert_close(ops.key_luma(src, ramp, of=of).numpy(), keys.luma(meaning(src)[..., :3], ramp, of))


@pytest.mark.parametrize("screen", [(0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.5, 0.1, 0.4), SCREEN])
@pytest.mark.parametrize("method", ["max", "average", "chromaticity"])
def test_a_screen_of_any_colour_is_0_and_grey_is_1(screen: tuple[float, ...], method: str) -> None:
    pixels = np.array([[screen, (0.25, 0.25, 0.25)]], np.float32)
    assert_close(ops.key_chroma(pixels, screen, (0.0, 1.0), method=method).numpy(), np.array([[0.0, 1.0]]))


@pytest.mark.parametrize("channels", [3, 5, 8])
def test_other_channels_do_not_matter(channels: int) -> None:
    names = ["Z", "B", "R", "U", "G", "A", "V", "W"][:channels] if channels > 3 else ["B", "R", "G"]
    src = plain(5, 9, channels)
    order = [names.index(name) for name in "RGB"]
    expected = keys.luma(meaning(src)[..., order], (0.0, 2.0), "luminance")
    assert_close(ops.key_luma(Image(src, channels=names), (0.0, 2.0)).numpy(), expected)


@pytest.mark.parametrize("count", [1, 2])
def test_a_grey_picture_is_keyed_by_its_y(count: int) -> None:
    src = plain(5, 9, count)
    expected = keys.ramped(meaning(src)[..., 0], (0.0, 2.0))
    assert_close(ops.key_luma(src, (0.0, 2.0)).numpy(), expected)
    assert_close(ops.key_difference(src, np.zeros((5, 9), np.uint8), (0.0, 2.0), of="distance").numpy(), expected)


@pytest.mark.parametrize("name", KEYERS)
def test_nan_is_0_and_infinities_stay_in_their_pixel(name: str) -> None:
    key, _ = KEYERS[name]
    src = strange(13, 37)
    calm = np.where(np.isfinite(src).all(axis=-1, keepdims=True), src, 0).astype(np.float32)
    found, expected = key(src).numpy(), key(calm).numpy()
    odd = ~np.isfinite(src).all(axis=-1)
    assert np.array_equal(found[~odd], expected[~odd])
    assert ((found >= 0) & (found <= 1)).all()
    assert found[np.isnan(src[..., :3]).any(axis=-1)].max() == 0


def test_light_without_end_is_bright_and_before_the_screen() -> None:
    sun = np.full((1, 1, 3), np.inf, np.float32)
    assert ops.key_luma(sun).numpy() == 1
    assert ops.key_chroma(sun, SCREEN, method="chromaticity").numpy() == 1


def test_an_inverted_key_is_the_rest() -> None:
    src = plain(5, 9)
    for _, (key, _) in list(KEYERS.items())[:1]:
        assert_close(ops.key_luma(src, (0.1, 0.9), invert=True).numpy(), 1.0 - key(src).numpy().astype(np.float64))


@pytest.mark.parametrize("channels", [1, 3, 4, 6])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_matte_may_become_the_alpha(channels: int, fmt: str) -> None:
    names = ["Y"] if channels == 1 else ["R", "A", "G", "B", "Z", "U"] if channels == 6 else list("RGBA")[:channels]
    src = Image(as_format(plain(5, 9, channels), fmt), channels=names, metadata={"shot": "a"})
    result = ops.key_luma(src, (0.0, 2.0), output="alpha")
    assert result.channel_names == tuple(names if "A" in names else [*names, "A"])
    assert np.array_equal(result.select(["A"]).numpy()[..., 0], ops.key_luma(src, (0.0, 2.0)).numpy())
    colour = [name for name in names if name != "A"]
    assert np.array_equal(result.select(colour).numpy(), src.select(colour).numpy())
    assert result.metadata == {"shot": "a", "alpha": "unassociated"} and src.metadata == {"shot": "a"}


@pytest.mark.parametrize("channels", [3, 4, 6])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_foreground_is_the_picture_without_its_screen(channels: int, fmt: str) -> None:
    names = ["R", "A", "G", "B", "Z", "U"] if channels == 6 else list("RGBA")[:channels]
    for layout in LAYOUTS:
        pixels = laid_out(as_format(plain(5, 9, channels), fmt), layout)
        src = Image(pixels, channels=names, metadata={"alpha": "unassociated"})
        result = ops.key_chroma(src, SCREEN, (0.0, 1.0), output="foreground")
        rgb = meaning(pixels)[..., [names.index(name) for name in "RGB"]]
        matte = keys.chroma(rgb, SCREEN, (0.0, 1.0), "max")
        assert result.channel_names == tuple(names if "A" in names else [*names, "A"])
        assert_close(result.select("A").numpy()[..., 0], matte)
        assert_close(result.select(list("RGB")).numpy(), rgb - (1 - matte[..., np.newaxis]) * SCREEN)
        rest = [name for name in names if name in "ZU"]
        assert not rest or np.array_equal(result.select(rest).numpy(), src.select(rest).numpy())
        assert (result.metadata, src.metadata) == ({}, {"alpha": "unassociated"})


def test_without_a_screen_a_foreground_is_multiplied_by_its_matte() -> None:
    for channels, names in ((1, "Y"), (2, "YA"), (3, "RGB"), (4, "RGBA")):
        src = plain(5, 9, channels)
        result = ops.key_luma(src, (0.5, 1.5), output="foreground")
        matte = ops.key_luma(src, (0.5, 1.5)).numpy()
        assert result.channel_names == (*names.removesuffix("A"), "A")
        assert np.array_equal(result.channel("A").numpy(), matte)
        for channel in range(len(names.removesuffix("A"))):
            assert_close(result.numpy()[..., channel], meaning(src)[..., channel] * matte.astype(np.float64))
    src = plain(5, 9)
    by_green = ops.key_luma(src, (0.5, 1.5), of="green", output="foreground").numpy()
    assert_close(by_green[..., :3], meaning(src)[..., :3] * meaning(by_green)[..., 3:])
    strange_light = np.array([[[np.nan, 1, 1], [np.inf, np.inf, np.inf]]], np.float32)
    found = ops.key_luma(strange_light, (0.0, 1.0, 2.0, 4.0), output="foreground").numpy()
    assert not found.any()


def test_half_a_foreground_comes_back_multiplied_by_its_cover() -> None:
    ball, cover = np.array([0.4, 0.3, 0.4]), np.linspace(0, 1, 9)[:, np.newaxis]
    pixels = (cover * ball + (1 - cover) * SCREEN).astype(np.float32)[np.newaxis]
    ramp = (0.0, float(keys.chroma(ball[np.newaxis], SCREEN, (0.0, 9.0), "average")[0]) * 9)
    found = ops.key_chroma(pixels, SCREEN, ramp, method="average", output="foreground").numpy()[0]
    assert_close(found, np.concatenate([cover * ball, cover], axis=1))


def test_a_matte_lies_where_the_picture_lies() -> None:
    src = Image(plain(5, 9), data_window=(2, 3, 10, 7), display_window=(0, 0, 19, 9), colorspace="ACEScg")
    matte = ops.key_luma(src)
    assert (matte.data_window, matte.display_window) == ((2, 3, 10, 7), (0, 0, 19, 9))
    assert (matte.colorspace, src.colorspace) == (None, "ACEScg")


def test_a_clean_plate_lies_where_its_window_says() -> None:
    src = Image(plain(5, 9), data_window=(2, 3, 10, 7))
    clean = Image(as_format(CLEAN[:20, :20], "u16"))
    expected = keys.difference(meaning(src.numpy())[..., :3], meaning(clean.numpy())[3:8, 2:11], (0.2, 1.0), "max")
    assert_close(ops.key_difference(src, clean, (0.2, 1.0)).numpy(), expected)


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_screens_colour_is_found(fmt: str) -> None:
    src = np.full((40, 60, 3), (0.5, 0.4, 0.3), np.float32)
    src[10:, 20:] = SCREEN
    found = ops.screen_color(as_format(src, fmt))
    assert np.abs(np.array(found) - SCREEN).max() <= (0.002 if fmt == "u8" else 1e-3 if fmt == "f16" else 1e-5)
    matte = ops.key_chroma(as_format(src, fmt)).numpy()
    assert not matte[10:, 20:].any() and meaning(matte[:10]).min() == 1
    assert ops.screen_color(src[..., [0, 2, 1]], "blue") == pytest.approx((0.0625, 0.125, 0.4375))
    assert ops.screen_color(strange(3, 3, 3), "red")[0] > 0


def test_a_picture_without_a_screen_says_so() -> None:
    for pixels in (np.zeros((4, 4, 3), np.float32), np.full((4, 4, 3), np.nan, np.float32)):
        with pytest.raises(ValueError, match="the picture shows no blue screen"):
            ops.key_chroma(pixels, "blue")


@pytest.mark.parametrize("name", KEYERS)
def test_a_matte_is_the_same_for_any_number_of_threads(name: str) -> None:
    key, src = KEYERS[name][0], plain(190, 1100)
    found = []
    try:
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            found.append(key(src).numpy().tobytes())
    finally:
        vfx.set_threads(None)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda i: ops.key_luma(i, 0.5), r"ramp must be two numbers \(A, B\) or four"),
        (lambda i: ops.key_luma(i, (0, 1, 2)), "ramp must be two numbers .* got 3"),
        (lambda i: ops.key_luma(i, (1, 0)), "ramp must rise from A to D"),
        (lambda i: ops.key_luma(i, (0, 1, 0.5, 2)), "ramp must rise from A to D"),
        (lambda i: ops.key_luma(i, (0, math.inf)), "ramp must be"),
        (lambda i: ops.key_luma(i, (0, 1e300)), "ramp must be between"),
        (lambda i: ops.key_luma(i, of="luminence"), "of must be one of .*did you mean 'luminance'"),
        (lambda i: ops.key_luma(i, output="mate"), "output must be one of .*did you mean 'matte'"),
        (lambda i: ops.key_chroma(i, "gren"), "screen must be one of .*did you mean 'green'"),
        (lambda i: ops.key_chroma(i, 0.5), "screen must be green, blue, red or a colour"),
        (lambda i: ops.key_chroma(i, (0.5, 0.5, 0.5)), "screen must be a colour with a hue"),
        (lambda i: ops.key_chroma(i, (-1, 0.2, 0.1), method="chromaticity"), "must have light"),
        (lambda i: ops.key_chroma(i, SCREEN, method="avg"), "method must be one of"),
        (lambda i: ops.key_difference(i, None), "clean must be an Image"),
    ],
)
def test_a_wrong_argument_is_named(call: Callable[[Array], Image], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(np.ones((2, 2, 3), np.float32))


def test_channels_that_are_missing_are_named() -> None:
    depth = Image(np.zeros((2, 2, 1), np.float32), channels=("Z",))
    for call in (
        lambda: ops.key_luma(depth),
        lambda: ops.key_chroma(np.zeros((2, 2), np.float32)),
        lambda: ops.key_difference(np.zeros((2, 2, 3), np.float32), depth),
    ):
        with pytest.raises(ChannelError, match="needs channels|compares channels"):
            call()
