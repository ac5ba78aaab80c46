"""Despill: the formulas of its methods, and that nothing without spill changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
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

SCREENS: list[Any] = ["green", "blue", "red", (0.0625, 0.4375, 0.125), (0.5, 0.1, 0.4)]
METHODS = ["average", "max", "min", "limit"]


@pytest.mark.parametrize("screen", SCREENS, ids=str)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("options", [{}, {"amount": 0.375}, {"keep_luminance": True, "amount": 0.75}], ids=str)
def test_despill_is_its_formula(screen: Any, method: str, options: dict[str, Any]) -> None:
    for channels in (3, 4, 6):
        src = picture(13, 37, channels)
        image = Image(src, channels=["R", "G", "B", "A", "Z", "U"][:channels])
        result = ops.despill(image, screen, method=method, **options).numpy()
        rgb = meaning(src)[..., :3]
        expected = keys.despilled(rgb, screen, method, **options)
        if not isinstance(screen, str) and method == "limit":
            expected = keys.despilled(rgb, screen, method, limiter=0, **options)
        assert_close(result[..., :3], expected)
        assert result[..., 3:].tobytes() == src[..., 3:].tobytes()


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("screen", ["green", (0.5, 0.1, 0.4)], ids=str)
def test_every_format_and_layout_is_despilled(fmt: str, screen: Any) -> None:
    for size in SIZES:
        for layout in LAYOUTS:
            src = laid_out(as_format(picture(*size), fmt), layout)
            before = src.copy()
            result = ops.despill(src, screen).numpy()
            assert_close(result[..., :3], keys.despilled(meaning(src)[..., :3], screen, "average"))
            assert np.array_equal(result[..., 3], src[..., 3]) and np.array_equal(src, before)
            assert not np.shares_memory(result, src)


@pytest.mark.parametrize(("limiter", "place"), [("R", 0), ("B", 2)])
def test_a_limiter_may_be_chosen(limiter: str, place: int) -> None:
    src = picture(5, 9)
    result = ops.despill(src, method="limit", limiter=limiter).numpy()
    assert_close(result[..., :3], keys.despilled(meaning(src)[..., :3], "green", "limit", limiter=place))


@pytest.mark.parametrize("screen", SCREENS, ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_grey_and_what_has_no_spill_stay_as_they_are(screen: Any, method: str) -> None:
    grey = np.repeat(np.linspace(0, 4, 64, dtype=np.float32), 3).reshape(8, 8, 3)
    assert_close(ops.despill(grey, screen, method=method).numpy(), grey.astype(np.float64))


def test_a_screen_of_the_sampled_colour_becomes_grey() -> None:
    pixel = np.array([[[0.0625, 0.4375, 0.125]]], np.float32)
    result = ops.despill(pixel, (0.0625, 0.4375, 0.125)).numpy()
    assert np.ptp(result) < 1e-6 and 0 < result.mean() < pixel.mean()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_luminance_may_be_kept(screen: Any) -> None:
    src = picture(13, 37, 3)
    result = ops.despill(src, screen, keep_luminance=True).numpy().astype(np.float64)
    assert np.abs(result @ keys.REC709 - src.astype(np.float64) @ keys.REC709).max() < 2e-6


def test_despilled_colour_is_premultiplied_as_before() -> None:
    src = picture(13, 37)
    for alpha in (0.25, 0.5):
        assert np.array_equal(
            ops.despill(src * np.float32(alpha)).numpy(), ops.despill(src).numpy() * np.float32(alpha)
        )


@pytest.mark.parametrize("method", METHODS)
def test_nan_and_infinities_stay_in_their_pixel(method: str) -> None:
    src = strange(13, 37)
    calm = np.where(np.isfinite(src), src, 0).astype(np.float32)
    found, expected = ops.despill(src, method=method).numpy(), ops.despill(calm, method=method).numpy()
    odd = ~np.isfinite(src).all(axis=-1)
    assert np.array_equal(found[~odd], expected[~odd])
    assert np.array_equal(found[..., [0, 2, 3]], src[..., [0, 2, 3]], equal_nan=True)


def test_endless_green_is_held_to_the_bound_as_well() -> None:
    pixel = np.array([[[0.5, np.inf, 0.25]], [[0.5, np.nan, 0.25]], [[np.nan, 1.0, 0.25]]], np.float32)
    found = ops.despill(pixel).numpy()[:, 0, 1]
    assert found[0] == 0.375 and np.isnan(found[1]) and found[2] == 1.0


def test_no_amount_is_a_copy() -> None:
    src = picture(5, 9)
    result = ops.despill(src, amount=0.0).numpy()
    assert np.array_equal(result, src) and not np.shares_memory(result, src)


def test_despill_is_the_same_for_any_number_of_threads() -> None:
    src = as_format(picture(190, 1100), "f16")
    found = []
    try:
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            found.append(ops.despill(src, (0.1, 0.5, 0.2)).numpy().tobytes())
    finally:
        vfx.set_threads(None)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"screen": "geen"}, "screen must be one of green, blue, red.*did you mean 'green'"),
        ({"screen": (1, 1)}, "screen must be one number or three"),
        ({"screen": (1, 1, 1)}, "a colour with a hue"),
        ({"method": "averag"}, "method must be one of .*did you mean 'average'"),
        ({"amount": 1.5}, "amount must be between 0 and 1, got 1.5"),
        ({"limiter": "R"}, "limiter goes with method='limit'"),
        ({"limiter": "G", "method": "limit"}, "limiter must be one of R, B, got 'G'"),
    ],
)
def test_a_wrong_argument_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        ops.despill(np.zeros((2, 2, 3), np.float32), **options)


def test_channels_that_are_missing_are_named() -> None:
    with pytest.raises(ChannelError, match="despill compares channels R, G and B; the image has Y"):
        ops.despill(np.zeros((2, 2), np.float32))
