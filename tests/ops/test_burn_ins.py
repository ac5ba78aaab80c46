"""Text and boxes: where they lie, how they mix with the picture, and what fields say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

import vfx
from tests.reference import awkward_pictures as awkward
from vfx.metadata import TimeCode
from vfx.ops.burn_ins import burn_in, rectangle, text

Array = np.ndarray[Any, Any]


def black(height: int = 90, width: int = 160, channels: int = 3) -> Array:
    """A black picture."""
    return np.zeros((height, width, channels), np.float32)


def bounds(pixels: Array) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not black, inclusive."""
    rows, columns = np.nonzero(np.asarray(pixels).reshape(*pixels.shape[:2], -1).any(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def box_cover(size: tuple[int, int], area: tuple[float, float, float, float]) -> Array:
    """How much of each pixel a box covers, by 64 x 64 samples to the pixel."""
    height, width = size
    x, y, w, h = area
    at = (np.arange(64) + 0.5) / 64
    columns = ((np.arange(width)[:, None] + at >= x) & (np.arange(width)[:, None] + at < x + w)).mean(axis=1)
    rows = ((np.arange(height)[:, None] + at >= y) & (np.arange(height)[:, None] + at < y + h)).mean(axis=1)
    return rows[:, None] * columns[None, :]


# ------------------------------------------------------------------ boxes


@pytest.mark.parametrize("fmt", awkward.FORMATS)
@pytest.mark.parametrize("layout", awkward.LAYOUTS)
def test_a_box_is_the_over_of_its_coverage(fmt: str, layout: str) -> None:
    area = (2.25, 1.5, 30.0, 100.0)  # in 64ths, so that the samples are exact
    src = awkward.laid_out(awkward.as_format(awkward.picture(85, 37, 4), fmt), layout)
    cover = box_cover((85, 37), area)[..., None] * 0.75
    expected = awkward.meaning(src) * (1 - cover) + np.array([0.5, 0.25, 2.0, 1.0]) * cover
    before = src.copy()
    found = rectangle(src, area, color=(0.5, 0.25, 2.0), opacity=0.75).numpy()
    awkward.assert_close(found, expected)
    outside = cover[..., 0] == 0
    assert np.array_equal(found[outside], src[outside]) and np.array_equal(src, before)


@pytest.mark.parametrize("size", awkward.SIZES)
def test_a_line_is_the_box_without_its_inside(size: tuple[int, int]) -> None:
    src = awkward.picture(*size, 3)
    area, line = (0.25, 0.5, 12.0, 5.25), 1.5
    cover = box_cover(size, area) - box_cover(size, (1.75, 2.0, 9.0, 2.25))
    expected = src.astype(np.float64) * (1 - cover[..., None]) + cover[..., None]
    awkward.assert_close(rectangle(src, area, line=line).numpy(), expected)


def test_a_thick_line_fills_the_box_and_an_empty_box_draws_nothing() -> None:
    src = awkward.picture(9, 11, 3)
    area = (1.5, 1.5, 6, 5)
    assert np.array_equal(rectangle(src, area, line=40).numpy(), rectangle(src, area).numpy())
    for empty in ((3, 3, 0, 5), (-9, -9, 3, 3), (400, 0, 1, 1)):
        assert np.array_equal(rectangle(src, empty).numpy(), src)


def test_boxes_lie_in_the_coordinates_of_the_windows() -> None:
    img = vfx.Image(black(4, 6), data_window=(10, 20, 15, 23), display_window=(0, 0, 99, 99))
    drawn = rectangle(img, (12, 21, 2, 1))
    assert bounds(drawn.numpy()) == (2, 1, 3, 1) and drawn.data_window == img.data_window


def test_layers_without_colour_are_drawn_on_alike_and_others_left_alone() -> None:
    depth = vfx.Image(np.zeros((2, 2, 2), np.float32), channels=["Z", "u"])
    assert (rectangle(depth, (0, 0, 2, 2), color=0.5).numpy() == 0.5).all()
    mixed = vfx.Image(np.zeros((2, 2, 5), np.float32), channels=["R", "Z", "B", "G", "A"])
    assert rectangle(mixed, (0, 0, 1, 1), color=(1, 2, 3)).numpy()[0, 0].tolist() == [1, 0, 3, 2, 1]
    grey = rectangle(np.zeros((1, 1), np.float32), (0, 0, 1, 1), color=(0, 1, 0)).numpy()
    np.testing.assert_allclose(grey, 0.7152, rtol=1e-6)


def test_what_is_covered_in_full_hides_nan_and_what_is_not_keeps_it() -> None:
    src = np.full((1, 4), np.nan, np.float32)
    assert np.array_equal(rectangle(src, (1, 0, 2, 1)).numpy(), np.float32([[np.nan, 1, 1, np.nan]]), equal_nan=True)


def test_with_a_curve_light_is_mixed_and_not_codes() -> None:
    codes = np.full((2, 2, 3), 51, np.uint8)
    drawn = rectangle(codes, (0, 0, 1, 1), opacity=0.5, curve="srgb").numpy()
    light = 0.5 * vfx.transfer.decode(np.float64(0.2), "srgb") + 0.5
    assert drawn[0, 0, 0] == round(255 * float(vfx.transfer.encode(light, "srgb"))) and drawn[1, 1, 0] == 51
    assert rectangle(codes, (0, 0, 1, 1), opacity=0.5).numpy()[0, 0, 0] == 153


# ------------------------------------------------------------------ text


def test_letters_are_the_coverage_of_their_outlines() -> None:
    found = text(black(40, 120), "g", (10.5, 5.25), size=20, color=(1.0, 0.5, 0.25)).numpy().astype(np.float64)
    canvas = Pillow.new("L", (120 * 16, 40 * 16))  # drawn sixteen times as large: what a perfect rasteriser gives
    ImageDraw.Draw(canvas).text((168, 84), "g", 255, ImageFont.load_default(320), "la")
    cover = np.asarray(canvas, np.float64).reshape(40, 16, 120, 16).mean(axis=(1, 3)) / 255
    assert ((cover > 0.1) & (cover < 0.9)).sum() > 20
    off = np.abs(found - cover[..., None] * [1.0, 0.5, 0.25])
    assert off.max() < 0.3 and off[cover > 0].mean() < 0.08  # off by up to an eighth of a pixel


@pytest.mark.parametrize("fmt", awkward.FORMATS)
def test_text_is_premultiplied_over_in_every_format(fmt: str) -> None:
    src = awkward.as_format(awkward.picture(40, 90, 4), fmt)
    cover = text(black(40, 90), "vfx", "center", size=30).numpy()[..., :1].astype(np.float64) * 0.5
    expected = awkward.meaning(src) * (1 - cover) + cover * np.array([2.0, 0.5, 0.0, 1.0])
    awkward.assert_close(text(src, "vfx", "center", size=30, color=(2.0, 0.5, 0.0), opacity=0.5).numpy(), expected)


def test_fractions_of_a_pixel_move_the_letters() -> None:
    middles = []
    for x in (10.0, 10.25, 10.5, 11.0):
        light = text(black(), "I", (x, 10), size=40).numpy()[..., 0].astype(np.float64)
        middles.append(float(light.sum(axis=0) @ np.arange(160) / light.sum()))
    np.testing.assert_allclose(np.diff(middles), [0.25, 0.25, 0.5], atol=0.08)  # letters lie on quarters of a pixel


@pytest.mark.parametrize(
    ("at", "across", "down"),
    [("top left", 0, 0), ("top", 1, 0), ("top right", 2, 0), ("left", 0, 1), ("center", 1, 1), ("right", 2, 1),
     ("bottom left", 0, 2), ("bottom", 1, 2), ("bottom right", 2, 2)],
)  # fmt: skip
def test_each_place_lies_where_it_says(at: str, across: int, down: int) -> None:
    left, top, right, bottom = bounds(text(black(120, 240), "H", at, size=20, margin=10).numpy())
    assert (
        abs(left - 10) <= 3 if across == 0 else abs(right - 229) <= 3 if across == 2 else abs(left + right - 239) <= 3
    )
    assert (
        top in range(10, 20) if down == 0 else bottom in range(100, 111) if down == 2 else abs(top + bottom - 119) <= 8
    )


def test_places_are_those_of_the_display_window() -> None:
    whole = text(black(100, 200), "TEST", "bottom right", size=24)
    part = vfx.Image(black(60, 120), data_window=(80, 40, 199, 99), display_window=(0, 0, 199, 99))
    assert np.array_equal(text(part, "TEST", "bottom right", size=24).numpy(), whole.numpy()[40:, 80:])


def test_lines_are_aligned() -> None:
    for align, side in (("left", 0), ("right", 2)):
        drawn = text(black(120, 240), "HHHHHH\nH", (20, 10), size=24, align=align).numpy()
        split = bounds(drawn)[1] + 24
        one, two = bounds(drawn[:split]), bounds(drawn[split:])
        assert abs(one[side] - two[side]) <= 1 and abs(one[2 - side] - two[2 - side]) > 20


def test_an_outline_surrounds_the_letters_and_a_plate_lies_behind() -> None:
    grey = np.full((90, 160, 3), 0.5, np.float32)
    plain, outlined = text(grey, "O", "center", size=40).numpy(), text(grey, "O", "center", size=40, outline=3).numpy()
    assert plain.min() == 0.5 and outlined.min() < 0.01 and abs(outlined.max() - 1) < 0.01
    assert (plain == 1).any() and (outlined[plain == 1] == 1).all()
    plated = text(grey, "O", "center", size=40, plate=0.5).numpy()
    left, top, right, bottom = bounds((plated != 0.5) & True)
    assert abs(plated[top + 4, left + 4, 0] - 0.25) < 1e-6 and right - left > 40 and bottom - top > 40
    see_through = text(grey, "O", "center", size=40, outline=3, opacity=0.5).numpy()
    np.testing.assert_allclose(see_through, 0.5 * grey + 0.5 * outlined, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (3, 3)])
def test_text_may_be_larger_than_the_picture(size: tuple[int, int]) -> None:
    for at in ("top left", "center", (-40, -30), (1000, 1000)):
        assert text(np.zeros((*size, 4), np.float16), "WWW\nWWW", at, size=60).shape == (*size, 4)


def test_nothing_said_is_a_copy() -> None:
    img = vfx.Image(awkward.strange(9, 31, 4))
    for copy in (text(img, ""), text(img, "abc", opacity=0), burn_in(img, {})):
        assert np.array_equal(copy.numpy(), img.numpy(), equal_nan=True)
        assert not np.shares_memory(copy.numpy(), img.numpy())


def test_a_font_of_your_own_is_used(tmp_path: Path) -> None:
    own = ImageFont.load_default(20)
    assert isinstance(own, ImageFont.FreeTypeFont) and not isinstance(own.path, str)
    own.path.seek(0)
    (tmp_path / "own.ttf").write_bytes(own.path.read())
    with_file = text(black(), "abc", size=20, font=tmp_path / "own.ttf").numpy()
    assert np.array_equal(with_file, text(black(), "abc", size=20).numpy())
    (tmp_path / "bad.ttf").write_text("no font")
    with pytest.raises(ValueError, match="bad.ttf' is not a TrueType"):
        text(black(), "abc", font=tmp_path / "bad.ttf")
    with pytest.raises(FileNotFoundError, match="none.ttf"):
        text(black(), "abc", font=tmp_path / "none.ttf")


# ------------------------------------------------------------------ fields


def test_fields_come_from_values_metadata_and_the_picture() -> None:
    img = vfx.Image(black(), metadata={"shot": "sh010", "timecode": TimeCode(1, 0, 0, 3), "a:b": 7})
    fields = {"top left": "{shot} {width}x{height} {channels}", "bottom right": "{timecode} {frame:04d} {a:b} {{x}}"}
    shown = burn_in(img, fields, values={"frame": 12}, size=10)
    expected = text(img, "sh010 160x90 R, G, B", "top left", size=10)
    expected = text(expected, "01:00:00:03 0012 7 {x}", "bottom right", size=10)
    assert np.array_equal(shown.numpy(), expected.numpy())


def test_values_come_before_metadata() -> None:
    img = vfx.Image(black(), metadata={"shot": "old"})
    shown = burn_in(img, {"top": "{shot}"}, values={"shot": "new"})
    assert np.array_equal(shown.numpy(), text(img, "new", "top").numpy())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"topleft": "a"}, "place must be one of top left, top.*did you mean 'top left'"),
        ({"top": "{shoot}"}, "a field must be one of .*shot.*did you mean 'shot'"),
        ({"top": "{shot:04d}"}, r"the field \{shot:04d\} does not take the value 'sh010'"),
    ],
)
def test_wrong_fields_are_explained(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        burn_in(vfx.Image(black(), metadata={"shot": "sh010"}), fields)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"at": "botom"}, ValueError, "did you mean 'bottom'"),
        ({"content": "Köln, Łódź"}, ValueError, "the font has no 'öŁóź'; give font= a .ttf or .otf file that has it"),
        ({"content": "x" * 10000, "size": 200}, ValueError, "too large; give fewer letters or a smaller size"),
        ({"at": (1, 2, 3)}, TypeError, "at must be the name of a place"),
        ({"size": 1}, ValueError, "size must be between 4 and 4096"),
        ({"opacity": 2}, ValueError, "opacity must be between 0 and 1"),
        ({"color": (1, 2)}, ValueError, "color must be one number or three"),
        ({"outline": -1}, ValueError, "outline must be between 0 and 64"),
        ({"align": "middle"}, ValueError, "align must be one of left, center, right"),
        ({"curve": "srgbb"}, ValueError, "srgb"),
        ({"content": 12}, TypeError, "content must be text"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        text(black(), **({"content": "abc"} | arguments))


@pytest.mark.parametrize("area", [3, "abcd", (1, 2, 3), (0, 0, -1, 1), (0, np.nan, 1, 1)])
def test_an_area_is_four_numbers(area: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="area"):
        rectangle(black(), area)
