"""Contact sheets: where tiles and labels lie, and what pictures they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vfx
from tests.reference import awkward_pictures as awkward
from vfx.ops import fit
from vfx.ops.contact_sheets import contact_sheet


def flat(value: float, width: int = 32, height: int = 18, channels: int = 3) -> vfx.Image:
    """A picture of one value."""
    return vfx.Image(np.full((height, width, channels), value, np.float32))


def test_tiles_lie_in_rows_from_left_to_right() -> None:
    values = (0.1, 0.2, 0.3, 0.4, 0.5)
    sheet = contact_sheet([flat(v) for v in values], 3, tile=(32, 18), gap=4, background=0.0).numpy()
    assert sheet.shape == (4 + 2 * 22, 4 + 3 * 36, 3)
    for index, value in enumerate(values):
        x, y = 4 + index % 3 * 36, 4 + index // 3 * 22
        np.testing.assert_allclose(sheet[y : y + 18, x : x + 32], value, rtol=1e-6)
        sheet[y : y + 18, x : x + 32] = 0
    assert not sheet.any()


def test_columns_and_tile_follow_from_the_pictures() -> None:
    assert contact_sheet([flat(0)] * 5, gap=0).shape == (540, 1440, 3)
    wide = vfx.Image(np.zeros((10, 10, 3), np.float32), pixel_aspect=2.0)
    assert contact_sheet([wide], gap=0).shape == (240, 480, 3)


def test_a_tile_holds_what_fit_makes_of_the_display_window() -> None:
    img = vfx.Image(awkward.picture(30, 40, 3), data_window=(5, 0, 44, 29), display_window=(0, 0, 59, 29))
    sheet = contact_sheet([img], tile=(40, 40), gap=0, background=0.25, filter="box").numpy()
    expected = fit(img.to_display_window(), 40, 40, filter="box").numpy()
    assert np.array_equal(sheet[10:30], expected[10:30])
    assert (sheet[:10] == 0.25).all() and (sheet[30:] == 0.25).all()


@pytest.mark.parametrize(
    ("formats", "widest"),
    [(("u8", "u8"), "u8"), (("u8", "u16"), "u16"), (("u16", "f16"), "f16"), (("f32", "u8"), "f32")],
)
def test_the_sheet_has_the_widest_format(formats: tuple[str, str], widest: str) -> None:
    pictures = [flat(0.5).astype(fmt) for fmt in formats]
    sheet = contact_sheet(pictures, 2, tile=(32, 18), gap=0)
    assert sheet.format == widest and np.abs(awkward.meaning(sheet.numpy()) - 0.5).max() < 0.003


def test_grey_alpha_and_other_channels_are_shown_as_rgb() -> None:
    grey, glass = flat(0.5, channels=1), vfx.Image(np.full((18, 32, 4), 0.25, np.float32))
    depth = vfx.Image(np.full((18, 32, 2), 0.75, np.float32), channels=["Z", "u"])
    sheet = contact_sheet([grey, glass, depth], 3, tile=(32, 18), gap=0, background=(0.2, 0.4, 0.8)).numpy()
    np.testing.assert_allclose(sheet[:, :32], 0.5, rtol=1e-6)
    np.testing.assert_allclose(sheet[9, 40], [0.25 + 0.75 * v for v in (0.2, 0.4, 0.8)], rtol=1e-6)
    np.testing.assert_allclose(sheet[:, 64:], 0.75, rtol=1e-6)


def test_labels_stand_below_their_tiles_and_a_title_above() -> None:
    pictures = [flat(0.0, 320, 180)] * 2
    plain = contact_sheet(pictures, 2, tile=(320, 180), gap=8, background=0.0)
    shown = contact_sheet(pictures, 2, tile=(320, 180), gap=8, background=0.0, labels=["", "b" * 400], size=20)
    assert plain.height == 196 and shown.height == 196 + 34 and not plain.numpy().any()
    rows, columns = np.nonzero(shown.numpy().any(axis=2))
    assert rows.min() >= 188 and columns.min() >= 336 and columns.max() < 656
    titled = contact_sheet(pictures, 2, tile=(320, 180), gap=8, background=0.0, title="sh010", size=20)
    rows, columns = np.nonzero(titled.numpy().any(axis=2))
    assert titled.height == 196 + 44 and rows.max() < titled.height - 188 and columns.max() < 200


def test_the_first_pictures_metadata_is_kept() -> None:
    img = vfx.Image(np.zeros((9, 16, 3), np.float32), metadata={"shot": "sh010"}, colorspace="ACEScg")
    sheet = contact_sheet([img, flat(1)], tile=(32, 18))
    assert sheet.metadata["shot"] == "sh010" and sheet.colorspace == "ACEScg"


def test_one_pixel_and_strange_values_are_pictures_too() -> None:
    strange = vfx.Image(awkward.strange(5, 9, 4))
    assert contact_sheet([flat(1, 1, 1), strange], tile=(16, 16)).width == 2 * 16 + 3 * 2


@pytest.mark.parametrize(
    ("images", "arguments", "error", "message"),
    [
        ([], {}, ValueError, "takes 1 to 4096 pictures, got 0"),
        (np.zeros((2, 2)), {}, TypeError, "images must be a list of pictures"),
        (["a.exr"], {}, TypeError, r"images\[0\] must be an Image"),
        ([flat(0)], {"labels": ["a", "b"]}, ValueError, "as many as the pictures, got 2 for 1"),
        ([flat(0)], {"labels": "a"}, TypeError, "labels must be a list"),
        ([flat(0)], {"columns": 0}, ValueError, "columns must be between 1"),
        ([flat(0)], {"tile": 100}, TypeError, r"tile must be \(width, height\)"),
        ([flat(0)] * 99, {"tile": (8000, 8000)}, ValueError, "too large; give a smaller tile"),
        ([flat(0)], {"filter": "lanzcos"}, ValueError, "filter"),
    ],
)
def test_what_is_wrong_is_named(images: Any, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        contact_sheet(images, **arguments)
