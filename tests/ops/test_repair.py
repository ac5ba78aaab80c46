"""Numbers that are none, repaired: by the mean around, by a value, and against OpenImageIO."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture

import vfx
from vfx import Image
from vfx.ops.repair import fix_nan

Array = np.ndarray[Any, Any]


def holed(height: int, width: int, channels: int, share: float = 0.1) -> Array:
    """A picture of which a share is not finite."""
    found = picture(height, width, channels)
    rng = np.random.default_rng(3)
    bad = rng.random(found.shape) < share
    found[bad] = rng.choice([np.nan, np.inf, -np.inf], bad.sum())
    return found


def boxed(pixels: Array) -> Array:
    """The mean of the finite numbers around each that is not, in float64."""
    values = meaning(pixels)
    found = values.copy()
    for y, x, c in np.argwhere(~np.isfinite(values)):
        around = values[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2, c]
        good = around[np.isfinite(around)]
        found[y, x, c] = good.mean() if good.size else 0.0
    return found


@pytest.mark.parametrize("fmt", ["f16", "f32"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [*SIZES, (3, 3)])
def test_the_mean_around_replaces_what_is_not_finite(fmt: str, layout: str, size: tuple[int, int]) -> None:
    for channels, share in ((1, 1.0), (3, 0.5), (4, 0.02), (7, 0.1)):
        pixels = laid_out(as_format(holed(*size, channels, share), fmt), layout)
        found = fix_nan(pixels).numpy()
        assert_close(found, boxed(pixels))
        finite = np.isfinite(pixels)
        assert np.array_equal(found[finite], pixels[finite]) and found.dtype == pixels.dtype


@pytest.mark.parametrize("fmt", ["f16", "f32"])
def test_a_value_or_black_replaces_it(fmt: str) -> None:
    pixels = as_format(holed(20, 30, 4), fmt)
    for mode, options, value in (("black", {}, 0.0), ("value", {"value": -2.5}, -2.5)):
        found = fix_nan(pixels, mode, **options).numpy()
        assert np.array_equal(found, np.where(np.isfinite(pixels), pixels, np.dtype(pixels.dtype).type(value)))


def test_an_error_says_how_many_pixels_are_not_finite() -> None:
    pixels = picture(4, 5, 3)
    assert np.array_equal(fix_nan(pixels, "error").numpy(), pixels)
    pixels[1, 2, :2] = np.nan
    pixels[3, 4, 0] = np.inf
    with pytest.raises(ValueError, match="2 of 20 pixels hold NaN or an infinity"):
        fix_nan(pixels, "error")
    assert np.array_equal(fix_nan(pixels, "none").numpy(), pixels, equal_nan=True)


@pytest.mark.parametrize("mode", ["box3", "black", "value", "error", "none"])
@pytest.mark.parametrize("fmt", ["u8", "u16", "f32"])
def test_a_picture_that_needs_no_repair_is_copied(mode: str, fmt: str) -> None:
    pixels = laid_out(as_format(picture(9, 1200, 3), fmt), "planar")
    img = Image(pixels, data_window=(4, 5, 1203, 13), metadata={"a": 1})
    found = fix_nan(img, mode)
    assert np.array_equal(found.numpy(), pixels) and not np.shares_memory(found.numpy(), pixels)
    assert (found.data_window, found.metadata) == (img.data_window, {"a": 1})


def test_every_kind_of_nan_and_no_large_number_is_repaired() -> None:
    bits = np.array([0x7F800001, 0x7FFFFFFF, 0xFFC00000, 0xFF800000, 0x7F7FFFFF, 0x00000001], np.uint32)
    found = fix_nan(bits.view(np.float32).reshape(1, -1), "black").numpy().ravel()
    assert found.view(np.uint32).tolist() == [0, 0, 0, 0, 0x7F7FFFFF, 1]
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).reshape(256, 256)
    fixed = fix_nan(halves, "black").numpy()
    assert np.array_equal(fixed.view(np.uint16), np.where(np.isfinite(halves), halves.view(np.uint16), 0))


def test_threads_change_no_byte() -> None:
    pixels = holed(300, 200, 3)
    seen = set()
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        seen.add(fix_nan(pixels).numpy().tobytes())
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mode": "box"}, "did you mean 'box3'"),
        ({"value": math.nan}, "value must be"),
        ({"value": 1e39}, "value must be"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fix_nan(picture(2, 2), **options)


@pytest.mark.parametrize("fmt", ["f16", "f32"])
def test_repairs_that_do_not_touch_agree_with_openimageio(fmt: str) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    pixels = picture(30, 42, 4)
    pixels[::3, ::3, 1] = np.nan
    pixels[1::3, 1::3, 3] = np.inf
    pixels = as_format(pixels, fmt)
    for mode, theirs in (("box3", oiio.NONFINITE_BOX3), ("black", oiio.NONFINITE_BLACK)):
        wanted = oiio.ImageBufAlgo.fixNonFinite(oiio.ImageBuf(pixels), theirs).get_pixels(
            oiio.HALF if fmt == "f16" else oiio.FLOAT
        )
        # OpenImageIO adds halves up in half precision.
        assert np.allclose(fix_nan(pixels, mode).numpy(), wanted, rtol=1e-6 if fmt == "f32" else 2e-3, atol=1e-6)


def test_a_render_with_nan_and_infinities_is_counted_as_by_openimageio_and_repaired(
    shared_file: Callable[[str], Path],
) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    path = shared_file("exr/BrightRingsNanInf.exr")
    img = vfx.read(path)
    found, theirs = vfx.ops.stats(img), oiio.ImageBufAlgo.computePixelStats(oiio.ImageBuf(str(path)))
    assert sum(found.nan_count) > 0 and sum(found.inf_count) > 0
    assert (list(found.nan_count), list(found.inf_count)) == (theirs.nancount, theirs.infcount)
    assert (list(found.min), list(found.max)) == (theirs.min, theirs.max)
    fixed = fix_nan(img)
    assert np.isfinite(fixed.numpy()).all()
    assert_close(fixed.numpy(), boxed(img.numpy()))
    good = np.isfinite(img.numpy())
    assert np.array_equal(fixed.numpy()[good], img.numpy()[good])
