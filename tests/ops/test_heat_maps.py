"""False colour and difference maps: which colour a value gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vfx
from tests.reference import awkward_pictures as awkward
from vfx._ext import heat_maps as kernel
from vfx.errors import ChannelError
from vfx.ops.heat_maps import difference_map, false_colour

LUMA = np.array([0.2126, 0.7152, 0.0722])
BANDS = [(0.1, (0, 0, 0)), (0.4, (0, 0, 1)), (0.8, (0, 1, 0)), (9.0, (1, 0, 0))]
COLOURS = np.array([(0, 0, 0), (0, 0, 255), (0, 255, 0), (255, 0, 0), (0, 232, 160)])  # the last is NaN's


def wanted_colours(pixels: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The colours of ``BANDS`` by float64 luma, and where luma is too near a bound to tell."""
    with np.errstate(invalid="ignore", over="ignore"):
        luma = awkward.meaning(pixels)[..., :3] @ LUMA
        unsure = np.min([np.abs(luma - np.float32(bound)) for bound, _ in BANDS[:-1]], axis=0) < 1e-6
    index = np.sum([luma >= np.float32(bound) for bound, _ in BANDS[:-1]], axis=0)
    return COLOURS[np.where(np.isnan(luma), 4, index)], unsure


@pytest.mark.parametrize("fmt", awkward.FORMATS)
@pytest.mark.parametrize("layout", awkward.LAYOUTS)
def test_luma_picks_the_band(fmt: str, layout: str) -> None:
    src = awkward.laid_out(awkward.as_format(awkward.strange(17, 29, 4), fmt), layout)
    expected, unsure = wanted_colours(src)
    found = false_colour(src, BANDS).numpy()
    assert np.array_equal(found[~unsure], expected[~unsure]) and unsure.mean() < 0.05


@pytest.mark.parametrize("size", awkward.SIZES)
def test_every_size_is_painted(size: tuple[int, int]) -> None:
    src = awkward.picture(*size, 3)
    expected, unsure = wanted_colours(src)
    for threads in (1, 2):
        vfx.set_threads(threads)
        assert np.array_equal(false_colour(src, BANDS).numpy()[~unsure], expected[~unsure])


def test_the_ends_belong_to_the_outer_bands() -> None:
    img = np.float32([[-np.inf, -5, np.inf, 1e30, np.nan]])
    assert np.array_equal(false_colour(img, BANDS).numpy()[0], COLOURS[[0, 0, 3, 3, 4]])


def test_each_stop_has_its_own_colour_and_grey_is_grey() -> None:
    stops = np.arange(-7, 8, dtype=np.float32)
    row = false_colour((0.18 * 2.0**stops)[None].astype(np.float32)).numpy()[0]
    assert len({tuple(colour) for colour in row.tolist()}) == 15
    assert row[7].tolist() == [128, 128, 128]
    halves = false_colour(np.float32(0.18 * 2.0 ** np.array([[-0.49, 0.49, 0.51]]))).numpy()[0]
    assert np.array_equal(halves[0], row[7]) and np.array_equal(halves[1], row[7]) and np.array_equal(halves[2], row[8])


def test_zones_colour_the_critical_parts_and_leave_the_rest_grey() -> None:
    values = np.float32([[0.01, 0.03, 0.2, 0.4, 0.45, 0.54, 0.8, 0.98, 1.0]])
    row = false_colour(values, "zones").numpy()[0].astype(int)
    grey = row.max(axis=1) == row.min(axis=1)
    assert grey.tolist() == [False, False, True, False, True, False, True, False, False]
    assert np.abs(row[grey, 0] - values[0, grey] * 255).max() <= 1
    purple, blue, green, pink, yellow, red = row[~grey]
    assert purple[2] > purple[0] > purple[1] and blue.argmax() == 2 and green.argmax() == 1
    assert pink.argmax() == 0 and min(yellow[:2]) > 3 * yellow[2] and red[0] > 5 * max(red[1:])


def test_false_colour_keeps_the_windows_and_needs_colour() -> None:
    img = vfx.Image(np.zeros((4, 6, 3), np.float16), data_window=(2, 1, 7, 4), display_window=(0, 0, 9, 9))
    shown = false_colour(img)
    assert (shown.data_window, shown.display_window, shown.format) == ((2, 1, 7, 4), (0, 0, 9, 9), "u8")
    with pytest.raises(ChannelError, match="the image has Z"):
        false_colour(vfx.Image(np.zeros((4, 6), np.float32), channels=["Z"]))


@pytest.mark.parametrize("width", [1, 40, 900])
def test_a_legend_lies_at_the_bottom(width: int) -> None:
    img = np.zeros((300, width, 3), np.float32)
    plain, shown = (false_colour(img, legend=legend).numpy() for legend in (False, True))
    rows = np.flatnonzero((plain != shown).any(axis=(1, 2)))
    assert len(rows) and rows.min() >= 250 and plain.shape == shown.shape
    assert difference_map(img, img + 1, legend=True).shape == (300, width, 3)


@pytest.mark.parametrize(
    ("scheme", "error", "message"),
    [
        ("stop", ValueError, "did you mean 'stops'"),
        (3, TypeError, "scheme must be 'stops', 'zones' or"),
        ([], TypeError, "up to 255 bands"),
        ([(1, (0, 0, 0)), (0.5, (1, 1, 1)), (2, (1, 1, 1))], ValueError, "must ascend"),
        ([(np.nan, (0, 0, 0))], ValueError, r"scheme\[0\]\[0\]"),
        ([(1, (0, 0))], ValueError, r"scheme\[0\]\[1\]"),
    ],
)
def test_a_wrong_scheme_is_explained(scheme: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        false_colour(np.zeros((2, 2), np.float32), scheme)


# ------------------------------------------------------------------ difference


@pytest.mark.parametrize("formats", [("f32", "f32"), ("u8", "f16"), ("u16", "u8"), ("f16", "f32")])
def test_a_difference_is_the_largest_of_the_channels(formats: tuple[str, str]) -> None:
    a, b = (awkward.as_format(awkward.picture(19, 23, 4 + k)[..., :4], fmt) for k, fmt in enumerate(formats))
    gap = np.abs(awkward.meaning(a) - awkward.meaning(b)).max(axis=2)
    shown = difference_map(a, b, maximum=2.0, threshold=0.25).numpy().astype(int)
    brightness = shown @ np.array([3, 6, 1])
    assert (brightness[gap < 0.2499] == 0).all() and (brightness[gap > 0.28] > 0).all()
    assert (shown[gap > 2.0001] == (255, 255, 242)).all()
    assert abs(kernel.largest_gap(a, b, 2) - gap.max()) < 1e-5


def test_equal_pictures_are_black_whatever_they_hold() -> None:
    src = awkward.strange(9, 31, 4)
    assert not difference_map(src, src.copy()).numpy().any()


def test_what_is_nan_on_one_side_only_has_a_colour_of_its_own() -> None:
    a, b = np.float32([[0, np.nan, np.inf, 1]]), np.float32([[np.nan, np.nan, 5, 1]])
    assert difference_map(a, b).numpy()[0].tolist() == [[0, 232, 160], [0, 0, 0], [255, 255, 242], [0, 0, 0]]


def test_the_largest_finite_difference_is_white_by_default() -> None:
    a = np.zeros((70, 300), np.float32)
    b = a.copy()
    b[3, 7], b[60, 299], b[5, 5] = 1e-6, 5e-7, np.inf
    shown = difference_map(a, b).numpy().astype(int)
    assert shown[3, 7].tolist() == [255, 255, 242] == shown[5, 5].tolist()
    assert shown[60, 299].max() == 204 and np.count_nonzero(shown.any(axis=2)) == 3


def test_pictures_meet_over_the_union_of_their_windows() -> None:
    a = vfx.Image(np.ones((2, 2), np.float32), data_window=(0, 0, 1, 1))
    b = vfx.Image(np.ones((2, 2), np.float32), data_window=(1, 1, 2, 2))
    shown = difference_map(a, b)
    assert shown.data_window == (0, 0, 2, 2) and shown.display_window == a.display_window
    assert shown.numpy().any(axis=2).tolist() == [[True, True, False], [True, False, True], [False, True, True]]


def test_channels_meet_by_name() -> None:
    rgb = awkward.picture(3, 4, 3)
    swapped = vfx.Image(rgb[..., ::-1], channels=["B", "G", "R"])
    assert not difference_map(vfx.Image(rgb), swapped).numpy().any()
    with pytest.raises(ChannelError, match="the channels differ: R, G, B and Y"):
        difference_map(rgb, rgb[..., 0])
    with pytest.raises(ValueError, match="maximum must be above threshold"):
        difference_map(rgb, rgb, maximum=0.5, threshold=0.5)


@pytest.mark.parametrize(
    ("out", "bounds", "palette", "message"),
    [
        ((2, 3, 3), [0.5], (4, 3), "two colours more"),
        ((2, 2, 3), [0.5], (3, 3), "src's size"),
        ((2, 3, 3), [0.5, 0.5], (4, 3), "ascend"),
        ((2, 3, 3), [float(n) for n in range(256)], (258, 3), "at most 255 bounds"),
    ],
)
def test_the_brush_checks_its_shapes(out: Any, bounds: list[float], palette: Any, message: str) -> None:
    src = np.zeros((2, 3, 1), np.float32)
    with pytest.raises(ValueError, match=message):
        kernel.paint(src, None, np.zeros(out, np.uint8), (0,), None, bounds, np.zeros(palette, np.uint8), 1)
