"""Comparisons: against float64 and OpenImageIO, over windows, channels and formats that differ."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, meaning, picture, strange

import vfx
from vfx import Image
from vfx.ops.comparison import compare

Array = np.ndarray[Any, Any]


def expected(a: Array, b: Array, limit: float = 0.0, relative: float = 0.0) -> tuple[float, float, float, int]:
    """Mean, rms, largest difference and failing pixels of pictures of one size, in float64."""
    gap = np.abs(a - b)
    over = (gap > limit) & (gap > relative * (np.abs(a) + np.abs(b)) / 2)
    return gap.mean(), math.sqrt((gap**2).mean()), gap.max(), int(over.any(axis=2).sum())


def other(pixels: Array, fmt: str) -> Array:
    """A picture a little beside another one."""
    values = meaning(pixels)
    noise = picture(*pixels.shape, low=-0.02, high=0.02)
    return as_format((values + noise).astype(np.float32), fmt)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("size", SIZES)
def test_differences_agree_with_float64_in_every_format_and_layout(fmt: str, size: tuple[int, int]) -> None:
    for channels, layout in itertools.product((1, 3, 4, 8), LAYOUTS):
        a = as_format(picture(*size, channels), fmt)
        b = other(a, fmt)
        for limit, relative in ((0.005, 0.0), (1e-4, 0.01)):
            found = compare(laid_out(a, layout), b, fail_threshold=limit, fail_relative=relative)
            mean, rms, largest, failing = expected(meaning(a), meaning(b), limit, relative)
            assert (found.mean, found.rms, found.max) == pytest.approx((mean, rms, largest), rel=1e-12, abs=1e-15)
            assert (found.failing, found.pixels) == (failing, size[0] * size[1])


@pytest.mark.parametrize(("one", "two"), list(itertools.permutations(FORMATS, 2)))
def test_pictures_of_two_formats_are_compared_by_meaning(one: str, two: str) -> None:
    values = picture(9, 20, 4, low=0.0, high=1.0)
    a, b = as_format(values, one), as_format(values, two)
    found = compare(a, b)
    gap = np.abs(meaning(a) - meaning(b))
    assert (found.max, found.mean) == pytest.approx((gap.max(), gap.mean()), abs=1e-7)


def test_the_same_codes_of_8_and_16_bits_are_equal() -> None:
    a = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert compare(a, a.astype(np.uint16) * 257).max == 0.0


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
def test_a_threshold_of_k_codes_lets_k_codes_pass(dtype: type, top: int) -> None:
    a = np.zeros((1, 101), dtype)
    b = np.arange(101).astype(dtype).reshape(1, 101)
    for codes in range(101):
        found = compare(a, b, fail_threshold=codes / top)
        assert found.failing == 100 - codes, codes


def test_the_worst_pixel_is_named_in_the_coordinates_of_the_windows() -> None:
    a = Image(np.zeros((4, 6, 3), np.float32), data_window=(10, 20, 15, 23))
    pixels = np.zeros((4, 6, 3), np.float32)
    pixels[2, 5, 1] = pixels[3, 0, 2] = -0.5
    found = compare(a, Image(pixels, data_window=(10, 20, 15, 23)))
    assert (found.worst, found.channel, found.max, found.failing) == ((15, 22), "G", 0.5, 2)
    equal = compare(a, a)
    assert (equal.worst, equal.channel, equal.psnr, equal.passed) == (None, "", math.inf, True)


@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (-70, 1), (1500, 40), (-5, 900)])
@pytest.mark.parametrize("fmt", ["u8", "f32"])
def test_windows_that_differ_are_compared_over_their_union_with_0_outside(shift: tuple[int, int], fmt: str) -> None:
    a, b = as_format(picture(13, 1100, 3), fmt), as_format(picture(21, 64, 3), fmt)
    x, y = shift
    left, top, right, bottom = min(0, x), min(0, y), max(1100, x + 64), max(13, y + 21)
    one, two = (np.zeros((bottom - top, right - left, 3)) for _ in range(2))
    one[-top : 13 - top, -left : 1100 - left] = meaning(a)
    two[y - top : y - top + 21, x - left : x - left + 64] = meaning(b)
    found = compare(Image(a), Image(b, data_window=(x, y, x + 63, y + 20)), fail_threshold=0.3)
    mean, rms, largest, failing = expected(one, two, 0.3)
    assert (found.mean, found.rms, found.max) == pytest.approx((mean, rms, largest), rel=1e-10)
    assert (found.failing, found.pixels) == (failing, one[..., 0].size)


@pytest.mark.parametrize("far", [70_000, 1_000_000, 2_000_000_000])
def test_windows_may_lie_very_far_apart(far: int) -> None:
    a, b = Image(np.full((3, 5, 2), 0.5, np.float32)), np.full((2, 4, 2), -0.75, np.float32)
    found = compare(a, Image(b, data_window=(far, far, far + 3, far + 1)), fail_threshold=0.6)
    assert (found.pixels, found.failing, found.worst) == ((far + 4) * (far + 2), 8, (far, far))
    assert found.mean == pytest.approx((15 * 0.5 + 8 * 0.75) / found.pixels, rel=1e-12)
    beside = compare(a, Image(b, data_window=(far, 1, far + 3, 2)), warn_threshold=0.4)
    assert (beside.failing, beside.warning, beside.max) == (23, 23, 0.75)


def test_channels_go_by_name_and_a_missing_one_is_0() -> None:
    a = Image(picture(5, 5, 3))
    assert compare(a, a.select(["B", "G", "R"])).max == 0.0
    wider = a.shuffle("A=0.25")
    for found in (compare(a, wider), compare(wider, a)):
        assert (found.max, found.channel, found.failing) == (0.25, "A", 25)
    assert compare(a, wider).mean == pytest.approx(0.25 / 4)


def test_a_number_that_meets_none_is_infinitely_far_and_two_nans_are_equal() -> None:
    a = np.array([[0.0, np.nan, np.inf, -np.inf, 1.0, np.inf]], np.float32)
    assert compare(a, a).max == 0.0 and compare(a, a).passed
    b = np.array([[0.0, np.nan, -np.inf, -np.inf, np.nan, 7.0]], np.float32)
    for relative in (0.0, 10.0):
        found = compare(a, b, fail_threshold=1e30, fail_relative=relative, warn_threshold=math.inf)
        assert (found.failing, found.warning, found.max, found.worst) == (3, 3, math.inf, (2, 0))
        assert (found.mean, found.rms, found.psnr) == (math.inf, math.inf, -math.inf)


def test_nan_in_a_large_picture_spoils_no_other_stretch() -> None:
    a = strange(30, 1500, 4)
    assert compare(a, a).max == 0.0
    b = a.copy()
    b[29, 1499, 3] = 0.75 if a[29, 1499, 3] != 0.75 else 0.5
    found = compare(a, b)
    assert (found.failing, found.worst, found.channel) == (1, (1499, 29), "A")


def test_warnings_are_counted_beside_failures() -> None:
    a = np.zeros((1, 4), np.float32)
    b = np.array([[0.0, 0.1, 0.2, 0.3]], np.float32)
    found = compare(a, b, fail_threshold=0.25, warn_threshold=0.15)
    assert (found.failing, found.warning, found.passed) == (1, 2, False)


def test_threads_change_no_byte() -> None:
    a, b = strange(200, 333, 3), picture(200, 333, 3)
    seen = set()
    for threads in (1, 2, 7):
        vfx.set_threads(threads)
        seen.add(repr(compare(a, b, fail_threshold=1.0)))
    assert len(seen) == 1


def test_data_of_32_bits_is_compared_number_by_number_with_its_like() -> None:
    ids = np.array([[4_000_000_000, 7], [0, 1]], np.uint32)
    moved = Image(ids + np.uint32(1), data_window=(1, 0, 2, 1))
    assert compare(ids, ids).passed and compare(ids, ids + np.uint32(1)).max == 1.0
    found = compare(ids, moved, fail_threshold=2)
    assert (found.failing, found.max, found.worst, found.pixels) == (3, 4_000_000_000.0, (0, 0), 6)
    with pytest.raises(TypeError, match="b holds unsigned 32-bit data"):
        compare(ids.astype(np.float32), ids)


@pytest.mark.parametrize("name", ["fail_threshold", "fail_relative", "warn_threshold", "warn_relative"])
@pytest.mark.parametrize("value", [-0.1, math.nan])
def test_a_threshold_below_0_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        compare(picture(1, 1), picture(1, 1), **{name: value})


def test_the_second_picture_is_named_when_it_is_none() -> None:
    with pytest.raises(TypeError, match="b must be an Image"):
        compare(picture(1, 1), "b")  # type: ignore[arg-type]


# ------------------------------------------------------------------ OpenImageIO


def buffer(pixels: Array, x: int = 0, y: int = 0) -> Any:
    """A picture of OpenImageIO's at a place."""
    import OpenImageIO as oiio  # noqa: N813

    found = oiio.ImageBuf(pixels)
    found.set_origin(x, y)
    return found


@pytest.mark.parametrize("fmt", ["f16", "f32"])
@pytest.mark.parametrize("shift", [(0, 0), (5, -3)])
def test_comparisons_agree_with_openimageio(fmt: str, shift: tuple[int, int]) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    x, y = shift
    a = as_format(picture(33, 47, 4), fmt)
    b = other(a, fmt)
    for fail, warn, fail_relative, warn_relative in ((0.01, 0.001, 0.0, 0.0), (1e-3, 1e-3, 0.02, 0.005)):
        theirs = oiio.ImageBufAlgo.compare(buffer(a), buffer(b, x, y), fail, warn, fail_relative, warn_relative)
        ours = compare(
            Image(a),
            Image(b, data_window=(x, y, x + 46, y + 32)),
            fail_threshold=fail,
            warn_threshold=warn,
            fail_relative=fail_relative,
            warn_relative=warn_relative,
        )
        assert (ours.failing, ours.warning) == (theirs.nfail, theirs.nwarn)
        assert (ours.mean, ours.rms, ours.max, ours.psnr) == pytest.approx(
            (theirs.meanerror, theirs.rms_error, theirs.maxerror, theirs.PSNR), rel=1e-6
        )
        assert ours.worst == (theirs.maxx, theirs.maxy) and "RGBA".index(ours.channel) == theirs.maxc
