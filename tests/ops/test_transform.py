"""Transforms by matrices: every filter and edge against float64, windows, formats, layouts, and other libraries."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from tests.reference import awkward_pictures as pictures
from tests.reference import warps
from vfx import Image, threads
from vfx.ops import affine_matrix, corner_pin, filters, pin_matrix, resize, rotate, transform
from vfx.ops._warp import filter_tables

Array = NDArray[Any]
MATRICES = {
    "rotation": affine_matrix(rotate=17, center=(5.5, 4.5)),
    "shift": affine_matrix(translate=(0.5, -1.25)),
    "shrink": affine_matrix(scale=(0.4, 0.55), translate=(1.3, 2.1)),
    "turned shrink": affine_matrix(rotate=24, scale=0.45, center=(5.5, 4.5)),
    "oblique shrink": affine_matrix(rotate=33, scale=(1.6, 0.3), skew=0.3, center=(5.5, 4.5)),
    "mirror": affine_matrix(scale=(-1.2, 0.7), center=(5.5, 4.5)),
    "perspective": pin_matrix([(1, 0), (10, 2), (8, 8), (0, 6)], [(0, 0), (11, 0), (11, 9), (0, 9)]),
}


def reference(source: Array, matrix: Array, **options: Any) -> Array:
    """``transform`` in float64, over the source's window."""
    height, width = source.shape[:2]
    options = {"filter": "catmull-rom", "edge": "black"} | options
    return warps.warped(pictures.meaning(source), warps.inverse_of(matrix), (width, height), **options)


# ------------------------------------------------------------------ against float64


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("filter", filters.FILTERS)
def test_every_filter_is_the_reference(name: str, filter: str) -> None:
    source = pictures.picture(9, 11, 3)
    result = transform(source, MATRICES[name], filter=filter)
    pictures.assert_close(result.numpy(), reference(source, MATRICES[name], filter=filter), 1e-6)


@pytest.mark.parametrize("edge", ["black", "clamp", "mirror", "wrap"])
@pytest.mark.parametrize("name", ["rotation", "turned shrink", "perspective"])
def test_every_edge_is_the_reference(edge: str, name: str) -> None:
    source = pictures.picture(9, 11, 4)
    pictures.assert_close(
        transform(source, MATRICES[name], edge=edge).numpy(), reference(source, MATRICES[name], edge=edge), 1e-6
    )


@pytest.mark.parametrize("layout", pictures.LAYOUTS)
@pytest.mark.parametrize("name", pictures.FORMATS)
def test_formats_and_layouts(name: str, layout: str) -> None:
    source = pictures.laid_out(pictures.as_format(pictures.picture(9, 11, 4), name), layout)
    kept = source.copy()
    result = transform(source, MATRICES["rotation"], edge="mirror")
    assert result.format == name
    assert np.array_equal(source, kept)
    pictures.assert_close(result.numpy(), reference(source, MATRICES["rotation"], edge="mirror"))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (6, 5)])
def test_sizes_and_channels(size: tuple[int, int], count: int) -> None:
    source = pictures.picture(*size, count)
    matrix = affine_matrix(rotate=30, scale=0.8, center=(size[1] / 2, size[0] / 2))
    for edge in ("black", "wrap"):
        result = transform(source, matrix, edge=edge, filter="lanczos3")
        pictures.assert_close(result.numpy(), reference(source, matrix, edge=edge, filter="lanczos3"))


def test_one_channel_without_an_axis_keeps_its_shape() -> None:
    assert transform(np.ones((4, 5), np.float32), np.eye(3)).shape == (4, 5)


def test_places_in_a_large_picture_are_the_reference() -> None:
    source = pictures.picture(150, 201, 4)
    matrix = affine_matrix(rotate=17, scale=0.9, center=(100, 75))
    result = transform(source, matrix).numpy()
    at, shape, reach = warps.inverse_of(matrix), filters.find("catmull-rom"), np.eye(2) / 0.9
    for y, x in np.random.default_rng(3).integers(0, (150, 201), (80, 2)):
        expected = warps.sample(pictures.meaning(source), *at(x + 0.5, y + 0.5), shape=shape, reach=reach, edge="black")
        pictures.assert_close(result[y, x][np.newaxis], expected[np.newaxis])


@pytest.mark.parametrize("name", [name for name in filters.FILTERS if name != "nearest"])
def test_polynomials_follow_the_filters(name: str) -> None:
    shape = filters.find(name)
    radius, _, taps, first, phases, curves = filter_tables(name)
    away = np.random.default_rng(0).uniform(0, radius, 4000)
    curve, place = np.divmod(away * 4, 1.0)
    values = sum(curves[d, curve.astype(int)] * place**d for d in range(7))
    assert np.abs(values - shape(away)).max() < 2e-7
    fraction = away / radius
    phase, place = np.divmod(fraction * 64, 1.0)
    weights = sum(phases[2 * phase.astype(int), d, :taps] * place[:, np.newaxis] ** d for d in range(4))
    expected = shape(np.arange(taps) + first - fraction[:, np.newaxis])
    assert np.abs(weights - expected / expected.sum(axis=1, keepdims=True)).max() < 1e-7


# ------------------------------------------------------------------ what must not change a byte


@pytest.mark.parametrize("name", ["rotation", "oblique shrink", "perspective"])
def test_windows_tiles_and_threads_change_no_byte(name: str) -> None:
    source = pictures.picture(190, 230, 4)
    matrix = affine_matrix(scale=20) @ MATRICES[name] @ affine_matrix(scale=0.05)
    threads.set_threads(1)
    whole = transform(source, matrix).numpy()
    part = transform(source, matrix, window=(37, 11, 171, 133)).numpy()
    threads.set_threads(4)
    try:
        assert np.array_equal(transform(source, matrix).numpy(), whole)
    finally:
        threads.set_threads(None)
    assert np.array_equal(part, whole[11:134, 37:172])


def test_formats_of_the_same_values_give_the_same_numbers() -> None:
    source = pictures.as_format(pictures.picture(40, 70, 4), "f16")
    matrix = affine_matrix(rotate=10, scale=0.7)
    wide = transform(source.astype(np.float32), matrix).numpy()
    assert np.array_equal(transform(source, matrix).numpy(), wide.astype(np.float16))


@pytest.mark.parametrize("filter", ["nearest", "box", "triangle", "cubic", "catmull-rom", "lanczos3", "lanczos5"])
def test_whole_pixels_move_exactly(filter: str) -> None:
    source = pictures.picture(20, 30, 4)
    moved = transform(source, affine_matrix(translate=(4, -3)), filter=filter).numpy()
    assert np.abs(moved[:17, 4:] - source[3:, :-4]).max() < 1e-6
    assert not moved[17:].any()
    assert not moved[:, :4].any()


def test_the_result_has_memory_of_its_own() -> None:
    source = np.ones((4, 4, 4), np.float32)
    result = transform(source, np.eye(3))
    assert not np.shares_memory(result.numpy(), source)
    assert np.array_equal(result.numpy(), source)


@pytest.mark.parametrize("filter", filters.FILTERS)
@pytest.mark.parametrize("name", MATRICES)
def test_a_flat_picture_stays_flat(filter: str, name: str) -> None:
    flat = np.full((9, 11, 4), 0.7, np.float32)
    assert np.abs(transform(flat, MATRICES[name], filter=filter, edge="clamp").numpy() - 0.7).max() < 5e-7


# ------------------------------------------------------------------ strange values and matrices


def test_a_nan_spreads_no_further_than_the_filter() -> None:
    source = np.zeros((41, 41, 4), np.float32)
    source[20, 20, 1] = np.nan
    result = transform(source, affine_matrix(rotate=17, center=(20.5, 20.5)), filter="lanczos3").numpy()
    assert not np.isnan(result[..., [0, 2, 3]]).any()
    y, x = np.nonzero(np.isnan(result[..., 1]))
    assert 0 < np.hypot(y - 20, x - 20).max() <= 3 * np.sqrt(2)


def test_infinities_stay_where_they_are() -> None:
    source = np.ones((5, 5, 1), np.float32)
    source[2, 2] = np.inf
    assert transform(source, np.eye(3), filter="nearest").numpy()[2, 2, 0] == np.inf
    assert np.isfinite(transform(source, np.eye(3), filter="nearest").numpy()).sum() == 24


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 0.001, 1e6, 1e30])
@pytest.mark.parametrize("edge", ["black", "clamp"])
def test_huge_and_tiny_scales_are_right(scale: float, edge: str) -> None:
    source = pictures.picture(8, 8, 4)
    result = transform(source, affine_matrix(scale=scale, center=(4, 4)), edge=edge).numpy()
    assert np.isfinite(result).all()
    if edge == "black" and scale <= 1e-6:
        assert np.abs(result).max() < 1e-4
    if scale >= 1e6:
        assert np.abs(result - result[4, 4]).max() < 1e-4


def test_far_away_is_black_or_the_edge() -> None:
    source = np.ones((4, 4, 4), np.float32)
    far = affine_matrix(translate=(1e14, -1e14))
    assert not transform(source, far).numpy().any()
    for edge in ("clamp", "mirror", "wrap"):
        assert (transform(source, far, edge=edge).numpy() == 1.0).all()


def test_behind_the_horizon_is_black_with_every_edge() -> None:
    source = np.ones((20, 20, 3), np.float32)
    horizon = [[1, 0, 0], [0, 1, 0], [0, -0.2, 1]]
    for edge in ("black", "clamp", "wrap"):
        shown = transform(source, np.linalg.inv(horizon), edge=edge).numpy()
        assert not shown[6:].any()
        assert shown[0].all()


@pytest.mark.parametrize(
    ("matrix", "error"),
    [
        (np.zeros((3, 3)), "no inverse"),
        ([[1, 1, 0], [1, 1, 0], [0, 0, 1]], "no inverse"),
        (np.eye(4), r"\(3, 3\)"),
        (np.zeros((0, 3, 3)), r"\(3, 3\)"),
        (np.full((3, 3), np.nan), "finite"),
        ("eye", "3×3"),
    ],
)
def test_matrices_without_meaning_are_refused(matrix: Any, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        transform(np.zeros((3, 3, 3), np.float32), matrix)


def test_arguments_are_named_in_errors() -> None:
    source = np.zeros((3, 3, 3), np.float32)
    with pytest.raises(ValueError, match="did you mean 'lanczos3'"):
        transform(source, np.eye(3), filter="lanzcos3")
    with pytest.raises(ValueError, match="edge must be one of clamp"):
        transform(source, np.eye(3), edge="blue")
    with pytest.raises(ValueError, match="one of expand and window"):
        transform(source, np.eye(3), expand=True, window=(0, 0, 1, 1))
    for window in ((), 0, (0, 0, 1), (0, 0, 1.5, 1)):
        with pytest.raises(ValueError, match="window must be four integers"):
            transform(source, np.eye(3), window=window)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="too large"):
        transform(source, affine_matrix(scale=1e8), expand=True)
    with pytest.raises(TypeError, match="32-bit"):
        transform(np.zeros((3, 3, 3), np.uint32), np.eye(3))
    with pytest.raises(ValueError, match="horizon"):
        transform(source, [[1, 0, 0], [0, 1, 0], [-1, 0, 1]], expand=True)


# ------------------------------------------------------------------ motion blur


def test_several_matrices_are_averaged() -> None:
    source = pictures.picture(40, 80, 5)
    moments = [affine_matrix(translate=(3 * t, 0), rotate=5 * t) for t in np.linspace(0, 1, 7)]
    blurred = transform(source, moments).numpy()
    mean = np.mean([transform(source, each).numpy().astype(np.float64) for each in moments], axis=0)
    pictures.assert_close(blurred, mean)


def test_moments_with_footprints_of_their_own_are_averaged() -> None:
    source = pictures.picture(40, 80, 4)
    moments = [affine_matrix(scale=s, center=(40, 20)) for s in (1.0, 0.7, 0.4)]
    mean = np.mean([transform(source, each).numpy().astype(np.float64) for each in moments], axis=0)
    pictures.assert_close(transform(source, moments).numpy(), mean)


# ------------------------------------------------------------------ windows


def test_coordinates_are_those_of_the_windows() -> None:
    pixels = pictures.picture(6, 8, 3)
    there = Image(pixels, data_window=(100, 50, 107, 55), display_window=(90, 40, 119, 79), pixel_aspect=2.0)
    here = transform(there, affine_matrix(translate=(-100, -50)), window=(0, 0, 7, 5))
    assert np.array_equal(here.numpy(), pixels)
    assert here.data_window == (0, 0, 7, 5)
    assert here.display_window == (90, 40, 119, 79)
    assert here.pixel_aspect == 2.0


def test_expand_follows_the_moved_corners() -> None:
    source = Image(np.ones((10, 20, 3), np.float32))
    grown = transform(source, affine_matrix(scale=(2, 3), translate=(5, -4)), expand=True)
    assert grown.data_window == (5, -4, 44, 25)
    assert grown.display_window == source.display_window


def test_affine_matrices_follow_their_formula() -> None:
    matrix = affine_matrix(translate=(7, 9), rotate=90, scale=(2, 3), center=(10, 20))
    for point, expected in (((10, 20), (17, 29)), ((11, 20), (17, 27)), ((10, 21), (20, 29))):
        assert np.allclose(matrix @ (*point, 1), (*expected, 1))
    with pytest.raises(TypeError, match="two numbers"):
        affine_matrix(translate=3)  # type: ignore[arg-type]  # what the test is about


# ------------------------------------------------------------------ rotate


def test_positive_angles_are_counter_clockwise() -> None:
    source = pictures.picture(8, 8, 3)
    assert np.array_equal(rotate(source, 90).numpy(), np.rot90(source))
    assert np.array_equal(rotate(source, -90).numpy(), np.rot90(source, -1))


@pytest.mark.parametrize("turns", [1, 2, 3, -5])
def test_expanded_quarter_turns_are_exact(turns: int) -> None:
    source = pictures.picture(7, 12, 4)
    assert np.array_equal(rotate(source, 90 * turns, expand=True).numpy(), np.rot90(source, turns))


def test_expand_holds_the_whole_rotated_picture() -> None:
    source = Image(np.ones((30, 40, 3), np.float32))
    grown = rotate(source, 30, expand=True)
    assert (grown.width, grown.height) == (50, 46)
    assert grown.data_window == grown.display_window == (-5, -8, 44, 37)
    assert abs(float(grown.numpy()[..., 0].sum()) - 1200) < 1.0


def test_a_full_turn_in_steps_comes_back() -> None:
    y, x = np.mgrid[0:61, 0:61]
    source = np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / 60.0).astype(np.float32)
    turned = source
    for _ in range(8):
        turned = rotate(turned, 45).numpy()
    assert np.abs(turned - source).max() < 2e-3


def test_the_center_stays() -> None:
    source = np.zeros((21, 21, 1), np.float32)
    source[4, 6] = 1.0
    assert abs(rotate(source, 77, center=(6.5, 4.5)).numpy()[4, 6, 0] - 1.0) < 1e-6


# ------------------------------------------------------------------ corner pin


def test_pinned_points_arrive() -> None:
    source, target = [(0, 0), (31, 2), (28, 20), (3, 17)], [(5, 6), (25, 1), (30, 22), (-4, 15)]
    matrix = pin_matrix(target, source)
    for a, b in zip(source, target, strict=True):
        moved = matrix @ (*a, 1.0)
        assert moved[2] > 0
        assert np.allclose(moved[:2] / moved[2], b, atol=1e-9)
    expected = cv2.getPerspectiveTransform(np.float32(source), np.float32(target))  # type: ignore[arg-type]
    assert np.allclose(matrix / matrix[2, 2], expected, atol=1e-6)


def test_a_pin_to_its_own_corners_changes_nothing() -> None:
    source = pictures.picture(9, 13, 4)
    corners = [(0, 0), (13, 0), (13, 9), (0, 9)]
    assert np.abs(corner_pin(source, corners).numpy() - source).max() < 1e-5


def test_flat_corners_are_refused() -> None:
    with pytest.raises(ValueError, match="three points on a line"):
        corner_pin(np.zeros((4, 4, 3), np.float32), [(0, 0), (1, 1), (2, 2), (0, 4)])
    with pytest.raises(ValueError, match="four points"):
        corner_pin(np.zeros((4, 4, 3), np.float32), [(0, 0), (1, 1), (2, 2)])


def test_a_floor_to_the_horizon_shows_no_moire() -> None:
    stripes = np.zeros((256, 256, 1), np.float32)
    stripes[:, ::2] = 1.0
    floor = corner_pin(stripes, [(108, 64), (148, 64), (256, 200), (0, 200)]).numpy()[70:120, 120:136, 0]
    assert np.abs(floor - 0.5).max() < 0.02


# ------------------------------------------------------------------ other libraries


@pytest.mark.parametrize("filter", ["lanczos3", "catmull-rom", "box", "mitchell", "gaussian"])
@pytest.mark.parametrize("scale", [0.5, 0.37, 1.6])
def test_a_transform_that_only_scales_is_a_resize(filter: str, scale: float) -> None:
    source = pictures.picture(45, 80, 4)
    width, height = round(80 * scale), round(45 * scale)
    matrix, window = affine_matrix(scale=(width / 80, height / 45)), (0, 0, width - 1, height - 1)
    ours = transform(source, matrix, filter=filter, edge="clamp", window=window).numpy()
    pictures.assert_close(ours, resize(source, width, height, filter=filter).numpy().astype(np.float64))


def test_a_linear_transform_is_scipys() -> None:
    source = pictures.picture(30, 40, 1)
    matrix = affine_matrix(rotate=13, center=(20, 15))
    inverse = np.linalg.inv(matrix)
    y, x = np.mgrid[0:30, 0:40] + 0.5
    u, v = (inverse[row, 0] * x + inverse[row, 1] * y + inverse[row, 2] - 0.5 for row in (0, 1))
    expected = ndimage.map_coordinates(source[..., 0].astype(np.float64), [v, u], order=1, mode="nearest")
    pictures.assert_close(transform(source, matrix, filter="triangle", edge="clamp").numpy()[..., 0], expected)


def test_more_exact_than_opencv_on_the_same_matrix() -> None:
    y, x = np.mgrid[0:90, 0:120].astype(np.float64)
    smooth = (0.5 + 0.4 * np.sin(x / 5) * np.cos(y / 7)).astype(np.float32)
    theirs = cv2.getRotationMatrix2D((59.5, 44.5), 17, 1.0)
    full = np.vstack([theirs, (0, 0, 1)])
    half = affine_matrix(translate=(0.5, 0.5))
    ours = transform(smooth, half @ full @ np.linalg.inv(half)).numpy()
    assert np.allclose(half @ full @ np.linalg.inv(half), affine_matrix(rotate=17, center=(60, 45)), atol=1e-9)
    u, v = (np.linalg.inv(full)[row] @ [x.ravel(), y.ravel(), np.ones(x.size)] for row in (0, 1))
    truth = (0.5 + 0.4 * np.sin(u / 5) * np.cos(v / 7)).reshape(x.shape)
    inner = np.s_[30:60, 40:80]
    error = np.abs(cv2.warpAffine(smooth, theirs, (120, 90), flags=cv2.INTER_CUBIC) - truth)[inner].max()
    assert np.abs(ours - truth)[inner].max() < 0.2 * error


def test_a_rotation_is_openimageios() -> None:
    oiio = pytest.importorskip("OpenImageIO")
    y, x = np.mgrid[0:60, 0:80]
    smooth = (0.5 + 0.4 * np.sin(x / 6) * np.cos(y / 8)).astype(np.float32)[..., np.newaxis]
    theirs = oiio.ImageBufAlgo.rotate(oiio.ImageBuf(smooth), np.radians(-17.0), "triangle", 2.0)
    ours = rotate(smooth, 17.0, filter="triangle").numpy()
    assert np.abs(theirs.get_pixels()[20:40, 25:55] - ours[20:40, 25:55]).max() < 2e-3
