"""Scopes: what the kernel counts, where the traces lie, and what the panels refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import vfx
from tests.reference import awkward_pictures as awkward
from vfx._ext import scopes as kernel
from vfx.errors import ChannelError
from vfx.ops import scopes
from vfx.ops._scope_drawing import Panel

LUMA = np.array([0.2126, 0.7152, 0.0722])
EACH: list[Callable[..., vfx.Image]] = [
    scopes.waveform,
    scopes.parade,
    scopes.vectorscope,
    scopes.histogram_picture,
]
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]


def level_counts(values: np.ndarray[Any, Any], columns: int, levels: int, limits: tuple[float, float]) -> Any:
    """What ``count_levels`` says it counts, pixel by pixel in float32."""
    height, width, signals = values.shape
    counts = np.zeros((signals, columns, levels), np.int64)
    low, scale = np.float32(limits[0]), np.float32((levels - 1) / (limits[1] - limits[0]))
    for y, x, k in np.ndindex(height, width, signals):
        at = (np.float32(values[y, x, k]) - low) * scale
        if np.isnan(at):
            continue
        at = np.clip(at, 0, np.float32(levels - 1))
        cell, share = divmod(int(at * np.float32(16) + np.float32(0.5)), 16)
        counts[k, x * columns // width, cell] += 16 - share
        if share:
            counts[k, x * columns // width, cell + 1] += share
    return counts


def bars(level: float, width: int = 160, height: int = 90) -> np.ndarray[Any, Any]:
    """Eight colour bars."""
    return np.float32(BARS)[np.arange(width) * 8 // width][None].repeat(height, 0) * np.float32(level)


# ------------------------------------------------------------------ counts


@pytest.mark.parametrize("fmt", awkward.FORMATS)
@pytest.mark.parametrize("layout", ["dense", "flipped", "planar", "every other"])
def test_levels_are_counted_in_every_format_and_layout(fmt: str, layout: str) -> None:
    src = awkward.laid_out(awkward.as_format(awkward.strange(9, 23, 4), fmt), layout)
    with np.errstate(over="ignore", invalid="ignore"):
        values = awkward.meaning(src).astype(np.float32)[..., :3]
        expected = level_counts(values, 7, 12, (-0.5, 2.0))
    for threads in (1, 3):
        found = kernel.count_levels(src, (0, 1, 2), None, (7, 12), (-0.5, 2.0), threads)
        assert found.dtype == np.uint64 and np.array_equal(found.astype(np.int64), expected)


@pytest.mark.parametrize("size", awkward.SIZES)
def test_every_pixel_is_counted_once_whatever_the_size(size: tuple[int, int]) -> None:
    src = awkward.picture(*size, 5)
    for columns in {1, min(3, size[1]), size[1]}:
        counts = kernel.count_levels(src, (4, 0), None, (columns, 5), (0.0, 1.0), 2)
        share = np.bincount(np.arange(size[1]) * columns // size[1], minlength=columns) * size[0] * 16
        assert np.array_equal(counts.sum(axis=2), np.broadcast_to(share, (2, columns)))


def test_luma_is_the_weighted_sum() -> None:
    src = awkward.picture(11, 13, 4, low=0, high=1)
    luma = (src[..., :3].astype(np.float64) @ LUMA)[..., None]
    found = kernel.count_levels(src, (0, 1, 2), LUMA, (13, 3), (0.0, 1.0), 1)
    assert np.abs(found.astype(np.int64) - level_counts(luma, 13, 3, (0, 1))).max() <= 1


def test_the_codes_of_an_8_bit_picture_have_a_bin_each() -> None:
    codes = np.arange(256, dtype=np.uint8)[:, None, None]
    counts = kernel.count_levels(codes, (0,), None, (1, 282), (-13 / 255, 1 + 13 / 255), 1)
    assert counts[0, 0, 13:-13].tolist() == [16] * 256 and counts.sum() == 16 * 256


@pytest.mark.parametrize("fmt", awkward.FORMATS)
def test_chroma_falls_where_its_matrix_says(fmt: str) -> None:
    src = awkward.as_format(awkward.picture(40, 30, 4, low=0, high=1), fmt)
    matrix = np.array([[-0.1, -0.4, 0.5], [0.5, -0.45, -0.05]])
    size = 41
    counts = kernel.count_chroma(src, (0, 1, 2), matrix.tolist(), size, 2)
    assert counts.sum() == 256 * 40 * 30
    at = awkward.meaning(src)[..., :3].reshape(-1, 3) @ matrix.T
    middle = np.array([counts.sum(axis=0) @ np.arange(size), counts.sum(axis=1) @ np.arange(size)]) / counts.sum()
    wanted = 20 + np.array([at[:, 0].mean(), -at[:, 1].mean()]) * 40
    assert np.abs(middle - wanted).max() < 0.01
    assert np.array_equal(counts, kernel.count_chroma(src, (0, 1, 2), matrix.tolist(), size, 1))


def test_chroma_leaves_nan_out_and_keeps_infinity_on_the_rim() -> None:
    src = np.float32([[[np.nan, 0, 0], [np.inf, 0, 0], [0.5, 0.5, 0.5]]])
    counts = kernel.count_chroma(src, (0, 1, 2), [[-0.5, 0.25, 0.25], [0.5, -0.25, -0.25]], 5, 1)
    assert (counts.sum(), counts[0, 0], counts[2, 2]) == (512, 256, 256)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3,), None, (1, 2), (0, 1), 1), "indexes below 3"),
        (((0, 1, 2, 0), None, (1, 2), (0, 1), 1), "1 to 3 indexes"),
        (((0, 1), LUMA, (1, 2), (0, 1), 1), "three numbers for three channels"),
        (((0,), None, (9, 2), (0, 1), 1), "1 to 4 columns"),
        (((0,), None, (1, 1), (0, 1), 1), "2 to 65536 levels"),
        (((0,), None, (1, 2), (1, 1), 1), "low < high"),
        (((0,), None, (1, 2), (0, 1), 0), "threads must be"),
    ],
)
def test_the_kernel_checks_what_its_pointers_rely_on(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kernel.count_levels(np.zeros((2, 4, 3), np.float32), *arguments)


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize("scope", EACH)
@pytest.mark.parametrize("fmt", awkward.FORMATS)
def test_a_scope_is_an_8_bit_panel_of_the_size_asked_for(scope: Callable[..., vfx.Image], fmt: str) -> None:
    img = vfx.Image(awkward.as_format(awkward.strange(5, 9, 4), fmt))
    before = img.numpy(copy=True)
    for graticule in (True, False):
        shown = scope(img, size=(200, 120), graticule=graticule)
        assert (shown.shape, shown.format, shown.colorspace) == ((120, 200, 3), "u8", "sRGB")
    assert np.array_equal(img.numpy(), before, equal_nan=img.format[0] == "f")


@pytest.mark.parametrize("scope", EACH)
def test_a_scope_takes_one_pixel_and_any_thread_count(scope: Callable[..., vfx.Image]) -> None:
    assert scope(np.full((1, 1, 3), 0.5, np.float32), size=(64, 64)).shape == (64, 64, 3)
    img, shown = awkward.picture(160, 220, 3), []
    for threads in (1, 2):
        vfx.set_threads(threads)
        shown.append(scope(img, size=(128, 96)).numpy())
    assert np.array_equal(*shown)


def test_a_waveform_puts_a_value_at_its_line() -> None:
    for value in (0.0, 0.25, 1.0, 1.04):
        shown = scopes.waveform(np.full((40, 60), value, np.float32), size=(64, 221), graticule=False).numpy()
        row = shown.sum(axis=(1, 2), dtype=np.int64).argmax()
        assert abs(row - (1.05 - value) / 1.1 * 220) <= 0.5, value


def test_values_beyond_the_waveform_lie_on_its_rim() -> None:
    img = np.float32([[-3.0, 9.0, np.inf]]).repeat(10, 0)
    shown = scopes.waveform(img, size=(66, 99), graticule=False).numpy().max(axis=2) > 60
    assert shown[-1, :22].all() and shown[0, 22:].all()
    assert not shown[1:-1].any()


def test_columns_of_a_waveform_are_those_of_the_picture() -> None:
    img = np.repeat(np.linspace(0, 1, 90, dtype=np.float32)[None], 30, 0)
    light = scopes.waveform(img, size=(90, 331), graticule=False).numpy().max(axis=2).astype(np.float64)
    light[light < 40] = 0  # the ground
    rows = np.arange(331) @ light / light.sum(axis=0)
    assert np.abs(rows - (1.05 - img[0]) / 1.1 * 330).max() < 0.6


def test_a_parade_shows_red_green_and_blue_side_by_side() -> None:
    img = np.broadcast_to(np.float32([0.2, 0.5, 0.8]), (20, 30, 3))
    shown = scopes.parade(img, size=(190, 221), graticule=False).numpy().astype(np.int64)
    for index, value in enumerate((0.2, 0.5, 0.8)):
        part = shown[:, index * 63 + 4 : index * 63 + 56]
        assert abs(part.sum(axis=(1, 2)).argmax() - (1.05 - value) / 1.1 * 220) <= 1
        assert part.max(axis=(0, 1)).argmax() == index


def test_colour_bars_fall_into_the_boxes_of_the_vectorscope() -> None:
    lit = scopes.vectorscope(bars(0.75), size=(301, 301), graticule=False).numpy().max(axis=2) > 60
    spots = set()
    for rgb in BARS[:-1]:  # black lies where white does
        luma = float(np.dot(LUMA, rgb))
        cb, cr = 0.75 * (rgb[2] - luma) / 1.8556, 0.75 * (rgb[0] - luma) / 1.5748  # BT.709-6, item 3.3
        x, y = round(150 + cb * 250), round(150 - cr * 250)
        assert lit[y - 1 : y + 2, x - 1 : x + 2].any(), rgb
        lit[y - 3 : y + 4, x - 3 : x + 4] = False
        spots.add((x, y))
    assert len(spots) == 7 and not lit.any()


def test_zoom_moves_colours_outwards() -> None:
    pale = np.broadcast_to(np.float32([0.5, 0.5, 0.6]), (9, 9, 3))
    places = []
    for zoom in (1, 4):
        lit = scopes.vectorscope(pale, size=(301, 301), zoom=zoom, graticule=False).numpy().max(axis=2) > 60
        places.append(np.argwhere(lit).mean(axis=0) - 150)
    np.testing.assert_allclose(places[1], 4 * places[0], atol=3)


def test_a_histogram_is_high_where_many_pixels_are() -> None:
    img = np.concatenate([np.full(300, 0.25), np.full(100, 0.75)]).astype(np.float32)[None]
    shown = scopes.histogram_picture(img, size=(563, 202), scale="linear", graticule=False).numpy().max(axis=2) > 60
    heights = shown.sum(axis=0)
    for value, height in ((0.25, 200), (0.75, 67)):
        column = round((13 + 255 * value) * 2)
        assert abs(int(heights[column - 3 : column + 4].max()) - height) <= 3
    assert heights[:100].max() <= 1 and heights[200:350].max() <= 1


def test_a_histogram_says_how_much_lies_beyond_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        scopes, "Panel", lambda size, title, note, **rest: said.append(note) or Panel(size, title, note, **rest)
    )
    scopes.histogram_picture(np.float32([[-0.02, 0.0, 0.5, 1.0, 1.02, 3.0, np.inf, 0.2]]), size=(200, 120))
    assert said == ["below 12.50 %   above 37.50 %"]


def test_one_channel_is_luma_and_depth_is_refused() -> None:
    grey = np.full((4, 4), 0.5, np.float32)
    assert np.array_equal(scopes.waveform(grey).numpy(), scopes.waveform(grey, mode="luma").numpy())
    with pytest.raises(ChannelError, match="R, G, B, or Y; the image has Z"):
        scopes.waveform(vfx.Image(grey, channels=["Z"]))
    for scope in (scopes.parade, scopes.vectorscope):
        with pytest.raises(ChannelError, match="needs R, G and B; the image has Y"):
            scope(grey)


def test_single_colours_keep_their_own() -> None:
    red = vfx.Image(np.full((9, 9), 0.5, np.float32), channels=["R"])
    assert scopes.waveform(red, graticule=False).numpy().max(axis=(0, 1)).argmax() == 0


def test_marks_draw_a_line_and_words() -> None:
    grey = np.full((4, 4), 0.9, np.float32)
    for scope in (scopes.waveform, scopes.histogram_picture):
        assert not np.array_equal(scope(grey).numpy(), scope(grey, marks={"18 %": 0.4}).numpy())
        assert np.array_equal(scope(grey).numpy(), scope(grey, marks={"far": 40}).numpy())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"size": 5}, TypeError, r"size must be \(width, height\)"),
        ({"size": (10, 400)}, ValueError, r"size\[0\] must be between 64 and 8192"),
        ({"limits": (1, 0)}, ValueError, "limits must ascend"),
        ({"limits": (0, np.nan)}, ValueError, r"limits\[1\] must be a finite number"),
        ({"limits": 3}, TypeError, "limits must be"),
        ({"marks": [0.5]}, TypeError, "marks must be a mapping"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    for scope in (scopes.waveform, scopes.parade, scopes.histogram_picture):
        with pytest.raises(error, match=message):
            scope(np.zeros((2, 2, 3), np.float32), **arguments)


def test_wrong_choices_suggest_the_near_one() -> None:
    img = np.zeros((2, 2, 3), np.float32)
    with pytest.raises(ValueError, match="mode must be one of rgb, luma, got 'lum'.*did you mean 'luma'"):
        scopes.waveform(img, mode="lum")
    with pytest.raises(ValueError, match="did you mean 'rec709'"):
        scopes.vectorscope(img, luma="rec708")
    with pytest.raises(ValueError, match="did you mean 'rec709'"):
        scopes.waveform(img, luma="rec708")
    with pytest.raises(ValueError, match="scale must be one of"):
        scopes.histogram_picture(img, scale="log")
    with pytest.raises(ValueError, match="zoom must be between 1 and 16"):
        scopes.vectorscope(img, zoom=0.5)
