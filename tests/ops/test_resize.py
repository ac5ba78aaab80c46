"""Resizing: against a reference in float64, OpenImageIO, and what windows, edges and strange values must do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vfx
from tests.reference.awkward_pictures import (
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
from vfx import Image
from vfx.ops import fill, fit, resize
from vfx.ops.filters import FILTERS, find

EDGES = ["clamp", "black", "mirror", "wrap"]


def stands_for(i: int, n: int, edge: str) -> int | None:
    """The sample that stands for sample ``i``."""
    if edge == "clamp":
        return min(max(i, 0), n - 1)
    if edge == "wrap":
        return i % n
    if edge == "mirror":
        return (list(range(n)) + list(range(n))[::-1])[i % (2 * n)]
    return i if 0 <= i < n else None


def weights(samples: int, pixels: int, filter: str, edge: str) -> NDArray[np.float64]:
    """(pixels, samples) by the definition: one weight at a time, sample by sample."""
    shape, scale = find(filter), pixels / samples
    wide = max(1.0, 1.0 / scale)
    found = np.zeros((pixels, samples))
    for pixel in range(pixels):
        at = (pixel + 0.5) / scale
        reach = int(np.ceil(max(shape.radius, 0.5) * wide)) + 1
        near = range(int(at) - reach, int(at) + reach + 1)
        if shape.nearest:
            near = range(int(at), int(at) + 1)
        values = shape(np.round((np.array(near) + 0.5 - at) / wide, 9)) if not shape.nearest else np.ones(1)
        for i, value in zip(near, values / values.sum(), strict=True):
            source = stands_for(i, samples, edge)
            if source is not None:
                found[pixel, source] += value
    return found


def reference(pixels: NDArray[Any], width: int, height: int, filter: str, edge: str = "clamp") -> NDArray[np.float64]:
    """``pixels``, (H, W, C), resized in float64."""
    down = weights(pixels.shape[0], height, filter, edge)
    across = weights(pixels.shape[1], width, filter, edge)
    return np.einsum("yi,xj,ijc->yxc", down, across, meaning(pixels), optimize=True)


# ------------------------------------------------------------------ values


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("target", [(61, 9), (5, 20), (37, 13), (1, 1)])
def test_every_filter_agrees_with_its_definition(filter: str, target: tuple[int, int]) -> None:
    src = picture(13, 37, 4)
    assert_close(resize(src, *target, filter=filter).numpy(), reference(src, *target, filter))


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("filter", ["lanczos3", "mitchell", "nearest"])
@pytest.mark.parametrize("target", [(50, 21), (3, 2), (9, 40)])
def test_every_edge_agrees_with_its_definition(edge: str, filter: str, target: tuple[int, int]) -> None:
    src = picture(7, 11, 3)
    assert_close(resize(src, *target, filter=filter, edge=edge).numpy(), reference(src, *target, filter, edge))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_and_layout_agrees_with_its_definition(format: str, layout: str) -> None:
    src = laid_out(as_format(picture(13, 37, 4), format), layout)
    kept = src.copy()
    for target in ((16, 5), (50, 17)):
        found = resize(src, *target, filter="lanczos3")
        assert (found.format, found.numpy().flags.c_contiguous) == (format, True)
        assert_close(found.numpy(), reference(src, *target, "lanczos3"))
    assert np.array_equal(src, kept)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_size_agrees_with_its_definition(size: tuple[int, int], edge: str, format: str) -> None:
    src = as_format(picture(*size, 2), format)
    for target in ((8, 6), (1, 1)):
        assert_close(
            resize(src, *target, edge=edge, filter="lanczos3").numpy(), reference(src, *target, "lanczos3", edge)
        )


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 17, 40, 130])
@pytest.mark.parametrize("format", ["f32", "u16"])
def test_every_number_of_channels_agrees_with_its_definition(channels: int, format: str) -> None:
    src = as_format(picture(9, 23, channels), format)
    for target in ((10, 7), (31, 11)):
        assert_close(resize(src, *target, filter="lanczos3").numpy(), reference(src, *target, "lanczos3"))


@pytest.mark.parametrize("format", FORMATS)
def test_thousands_of_terms_do_not_add_up_rounding_errors(format: str) -> None:
    src = as_format(picture(3000, 40, 1, low=0.5, high=1.0), format)
    assert_close(resize(src, 3, 2, filter="lanczos3").numpy(), reference(src, 3, 2, "lanczos3"))
    assert_close(
        resize(src.transpose(1, 0, 2), 2, 3, filter="lanczos3").numpy(),
        reference(src.transpose(1, 0, 2), 2, 3, "lanczos3"),
    )


@pytest.mark.parametrize("filter", [name for name in FILTERS if name != "nearest"])
def test_flat_colour_stays_what_it_is(filter: str) -> None:
    flat = np.full((11, 17, 3), 0.7, np.float32)
    for edge in ("clamp", "mirror", "wrap"):
        for target in ((5, 30), (40, 4)):
            assert np.abs(resize(flat, *target, filter=filter, edge=edge).numpy() - np.float32(0.7)).max() < 2e-7


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("filter", ["nearest", "box", "triangle", "cubic", "catmull-rom", "lanczos3", "sinc"])
def test_the_same_size_is_a_copy_to_the_bit(format: str, filter: str) -> None:
    src = as_format(strange(13, 37, 4), format)
    found = resize(src, 37, 13, filter=filter)
    assert np.array_equal(found.numpy(), src, equal_nan=True)
    assert not np.shares_memory(found.numpy(), src)


# ------------------------------------------------------------------ OpenImageIO


@pytest.mark.parametrize(
    "filter",
    ["box", "triangle", "gaussian", "sharp-gaussian", "catmull-rom", "blackman-harris", "lanczos3", "mitchell",
     "bspline", "cubic", "keys", "simon", "rifman"],
)  # fmt: skip
@pytest.mark.parametrize("target", [(16, 9), (64, 50), (7, 31)])
def test_openimageio_gives_the_same_picture(filter: str, target: tuple[int, int]) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    src = picture(24, 40, 4)
    theirs = oiio.ImageBufAlgo.resize(oiio.ImageBuf(src), filter, 0.0, oiio.ROI(0, target[0], 0, target[1], 0, 1, 0, 4))
    assert np.abs(resize(src, *target, filter=filter).numpy() - theirs.get_pixels(oiio.FLOAT)).max() < 7e-5


def test_openimageio_puts_a_part_of_a_frame_at_the_same_place() -> None:
    oiio = pytest.importorskip("OpenImageIO")
    src = picture(40, 61, 4)
    spec = oiio.ImageSpec(61, 40, 4, "float")
    spec.x, spec.y, spec.full_width, spec.full_height = 13, 20, 100, 80
    part = oiio.ImageBuf(spec)
    part.set_pixels(oiio.ROI(13, 74, 20, 60, 0, 1, 0, 4), src)
    theirs = oiio.ImageBufAlgo.resize(part, "lanczos3", 0.0, oiio.ROI(0, 50, 0, 33, 0, 1, 0, 4)).get_pixels(oiio.FLOAT)
    found = resize(Image(src, data_window=(13, 20, 73, 59), display_window=(0, 0, 99, 79)), 50, 33, edge="black")
    x0, y0, x1, y1 = found.data_window
    assert (x0, y0, x1, y1) == (6, 8, 36, 24)
    assert np.abs(found.numpy() - theirs[y0 : y1 + 1, x0 : x1 + 1]).max() < 4e-5


def test_rows_worked_out_by_hand() -> None:
    step = np.array([[0, 0, 0, 1, 1, 1]], np.float32)
    assert resize(step, 3, filter="box", height=1).numpy()[0].tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(resize(step, 12, 1, filter="triangle").numpy()[0, 4:8], [0, 0.25, 0.75, 1], atol=1e-7)
    keys = resize(step, 12, 1, filter="keys").numpy()[0, 2:10]  # Keys' cubic a quarter pixel off the samples
    np.testing.assert_allclose(
        keys, [0, -0.0234375, -0.0703125, 0.203125, 0.796875, 1.0703125, 1.0234375, 1], atol=1e-7
    )


# ------------------------------------------------------------------ NaN, infinities, threads


@pytest.mark.parametrize("target", [(20, 20), (80, 80), (40, 40)])
def test_a_nan_spreads_no_further_than_the_filter(target: tuple[int, int]) -> None:
    src = np.ones((40, 40, 1), np.float32)
    src[17, 23] = np.nan
    found = np.isnan(resize(src, *target, filter="lanczos3").numpy()[..., 0])
    taken = [weights(40, side, "lanczos3", "clamp")[:, at] for side, at in zip(target, (23, 17), strict=True)]
    expected = (np.abs(taken[1]) > 1e-9)[:, np.newaxis] & (np.abs(taken[0]) > 1e-9)
    assert np.array_equal(found, expected)


def test_infinities_stay_and_meet_as_nan() -> None:
    src = np.zeros((1, 8, 1), np.float32)
    src[0, 2], src[0, 5] = np.inf, -np.inf
    assert np.isnan(resize(src, 1, 1, filter="gaussian").numpy()).all()
    assert resize(src[:, :4], 2, 1, filter="box").numpy().ravel().tolist() == [0.0, np.inf]


@pytest.mark.parametrize("format", FORMATS)
def test_any_number_of_threads_gives_the_same_bytes(format: str) -> None:
    src = as_format(picture(200, 1300, 3), format)
    found = []
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        try:
            found.append(resize(src, 700, 90).numpy())
        finally:
            vfx.set_threads(None)
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of memory")
def test_no_float_copy_of_the_picture_is_made() -> None:
    script = """
import resource, numpy as np
from vfx.ops import resize
src = np.ones((4000, 4000, 4), np.uint8)  # a float copy would be 250 MiB
resize(src[:64, :64], 32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resize(src, 2000, 4000), resize(src, 3, 3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 80 * 1024  # KiB, of which the larger result is 31 MiB


def test_halves_beyond_their_range_become_infinite() -> None:
    src = np.full((4, 4), 60000, np.float16)
    src[:, 2:] = 0
    assert np.isinf(resize(src, 16, 16, filter="rifman").numpy()).any()


# ------------------------------------------------------------------ sizes and windows


def test_one_side_follows_from_the_other() -> None:
    src = np.zeros((1080, 1920), np.float16)
    assert resize(src, 960).shape == (540, 960)
    assert resize(src, height=100).shape == (100, 178)
    assert resize(src, 1).shape == (1, 1)


def test_properties_are_kept_and_windows_scaled() -> None:
    img = Image(np.zeros((40, 60, 2), np.float16), channels=("N", "A"), metadata={"a": 1}, pixel_aspect=2.0,
                colorspace="ACEScg", data_window=(10, 20, 69, 59), display_window=(0, 0, 99, 79))  # fmt: skip
    found = resize(img, 50, 40)
    assert (found.data_window, found.display_window) == ((5, 10, 34, 29), (0, 0, 49, 39))
    assert (found.channel_names, found.metadata, found.pixel_aspect) == (("N", "A"), {"a": 1}, 2.0)
    assert found.colorspace == "ACEScg"


def test_a_window_off_the_grid_is_sampled_where_it_lies() -> None:
    ramp = np.arange(64, dtype=np.float32) * np.ones((3, 1), np.float32)
    part = Image(ramp[:, 5:58], data_window=(5, 0, 57, 2), display_window=(0, 0, 63, 2))
    found = resize(part, 24, 3, filter="triangle")
    assert found.data_window == (1, 0, 21, 2)
    whole = resize(Image(ramp), 24, 3, filter="triangle").numpy()
    np.testing.assert_allclose(found.numpy()[:, 2:-2], whole[:, 3:20], rtol=1e-6)


def test_a_display_window_away_from_the_origin_scales_its_corner() -> None:
    img = Image(np.zeros((10, 10), np.float32), data_window=(-5, 7, 4, 16))
    found = resize(img, 20, 20)
    assert found.data_window == found.display_window == (-10, 14, 9, 33)
    odd = resize(img, 5, 5)
    assert odd.data_window == odd.display_window == (-3, 3, 1, 7)


# ------------------------------------------------------------------ fit and fill


def test_fit_leaves_black_bars_with_sharp_edges() -> None:
    found = fit(np.ones((858, 2048, 3), np.float16), 1920, 1080)
    assert (found.shape, found.data_window) == ((1080, 1920, 3), (0, 0, 1919, 1079))
    lit = found.numpy()[:, 0, 0]
    assert lit.tolist() == [0.0] * 138 + [1.0] * 804 + [0.0] * 138
    assert fit(np.ones((90, 20), np.uint8) * 255, 45, 45).numpy()[0].tolist() == [0] * 17 + [255] * 10 + [0] * 18


def test_fit_without_bars_says_in_its_window_where_it_lies() -> None:
    found = fit(np.ones((100, 200), np.float32), 60, 60, pad=False)
    assert (found.shape, found.data_window, found.display_window) == ((30, 60), (0, 15, 59, 44), (0, 0, 59, 59))


def test_fit_and_fill_mind_pixel_aspects() -> None:
    squeezed = Image(np.ones((100, 100), np.float32), pixel_aspect=2.0)
    found = fit(squeezed, 200, 200, pixel_aspect=1.0, filter="box")
    assert (found.pixel_aspect, found.numpy()[[0, 49, 50, 149, 150], 0].tolist()) == (1.0, [0, 0, 1, 1, 0])
    assert fit(squeezed, 200, 200, filter="box").numpy().min() == 1.0
    ramp = Image(np.arange(100.0, dtype=np.float32) * np.ones((100, 1), np.float32), pixel_aspect=2.0)
    middle = fill(ramp, 100, 100, pixel_aspect=1.0, filter="triangle").numpy()
    np.testing.assert_allclose(middle[0, [0, 99]], [24.75, 74.25], rtol=1e-6)


def test_fit_clips_overscan_and_fill_shows_black_where_nothing_is() -> None:
    over = Image(np.ones((40, 40), np.float32), data_window=(-10, -10, 29, 29), display_window=(0, 0, 19, 9))
    assert fit(over, 20, 20).numpy().sum() == 200.0
    assert fit(over, 20, 20, pad=False).data_window == (-10, -5, 29, 34)
    part = Image(np.ones((10, 5), np.float32), data_window=(0, 0, 4, 9), display_window=(0, 0, 9, 9))
    assert fill(part, 20, 20, filter="box").numpy().sum() == 200.0
    away = Image(np.ones((2, 2), np.float32), data_window=(50, 50, 51, 51), display_window=(0, 0, 9, 9))
    assert fill(away, 20, 20).numpy().sum() == 0.0


def test_a_scale_multiplies_the_display_window() -> None:
    for side, scale, expected in ((1920, 0.5, 960), (7, 0.5, 4), (3, 0.01, 1), (10, 1.25, 13)):
        assert resize(np.zeros((side, 4), np.float32), scale=scale).height == expected


def test_each_axis_gets_the_filter_that_suits_it() -> None:
    src = picture(20, 20, 3)
    for target, filters in (((11, 7), ("lanczos3", "lanczos3")), ((31, 27), ("mitchell", "mitchell"))):
        assert np.array_equal(resize(src, *target).numpy(), resize(src, *target, filter=filters[0]).numpy())
    lower = reference(src, 20, 7, "lanczos3")
    across = weights(20, 31, "mitchell", "clamp")
    assert_close(resize(src, 31, 7).numpy(), np.einsum("ox,yxc->yoc", across, lower), 4e-6)
    assert np.array_equal(resize(src, 20, 20).numpy(), src)


# ------------------------------------------------------------------ what is refused


def test_what_makes_no_sense_is_refused_in_words() -> None:
    src = np.zeros((4, 4), np.float32)
    with pytest.raises(TypeError, match="takes a width, a height, both, or a scale, got none"):
        resize(src)
    with pytest.raises(TypeError, match="takes a size or a scale, got both"):
        resize(src, 5, scale=0.5)
    for scale in (0.0, -1.0):
        with pytest.raises(ValueError, match="scale must be above 0"):
            resize(src, scale=scale)
    with pytest.raises(ValueError, match=r"scale 1e\+300 makes a side of 4e\+300 pixels, at most 4194304"):
        resize(src, scale=1e300)
    with pytest.raises(ValueError, match="width must be between 1 and 4194304, got 0"):
        resize(src, 0, 5)
    with pytest.raises(TypeError, match="height must be a whole number"):
        resize(src, 5, 5.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="filter must be one of .* .did you mean 'mitchell'"):
        resize(src, 5, 5, filter="mitchel")
    with pytest.raises(ValueError, match="edge must be one of"):
        fit(src, 5, 5, edge="none")
    with pytest.raises(TypeError, match="img must be an Image"):
        fill("plate.exr", 5, 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="pixel_aspect must be"):
        fill(src, 5, 5, pixel_aspect=0.0)
    with pytest.raises(ValueError, match="the result's width must be"):
        resize(Image(np.zeros((1, 4000), np.float32), display_window=(0, 0, 1, 1)), 9999, 1)
    with pytest.raises(ValueError, match="filter weights, at most"):
        resize(np.zeros((1, 4_000_000), np.uint8), 4_000_001, 1, filter="lanczos5")
