"""The pictures of irises and of moving points: what they cover, and that pictures are convolved with them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import filters
from reference.awkward_pictures import FORMATS, LAYOUTS, as_format, assert_close, laid_out, meaning, picture

from vfx.ops import defocus, directional_blur

SIZE = 41
FINE = 24


def dot() -> NDArray[np.float32]:
    """One lit pixel: a filter makes its kernel of it."""
    found = np.zeros((SIZE, SIZE, 1), np.float32)
    found[SIZE // 2, SIZE // 2] = 1.0
    return found


def fine_grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x to the right and y up from the middle pixel's centre, at 24 x 24 points in each pixel."""
    i = (np.arange(SIZE * FINE) + 0.5) / FINE - SIZE / 2
    return i[None, :], -i[:, None]


def covered(inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of each pixel's points that lie inside, of sum 1."""
    share = inside.reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))
    return np.asarray(share / share.sum())


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.7, 8.0, 15.25])
@pytest.mark.parametrize("aspect", [1.0, 0.5, 1.25])
def test_a_point_becomes_a_disc(radius: float, aspect: float) -> None:
    x, y = fine_grid()
    found = defocus(dot(), radius, aspect=aspect).numpy()[..., 0]
    expected = covered((x / aspect) ** 2 + y**2 <= radius**2)
    assert np.abs(found - expected).max() < 0.02 * expected.max()
    assert found.sum() == pytest.approx(1.0, abs=1e-6)


def test_an_iris_lower_than_a_pixel_may_be_wider_than_one() -> None:
    found = defocus(dot(), 0.4, aspect=8.0).numpy()[..., 0]
    x = np.abs(np.arange(SIZE) - SIZE // 2)
    assert np.array_equal(found[SIZE // 2] > 0.0, x <= 3)  # 3.2 pixels to each side
    assert found[SIZE // 2].sum() == pytest.approx(1.0, abs=1e-6)
    narrow = picture(5, 7)
    assert np.array_equal(defocus(narrow, 0.4, aspect=1.25).numpy(), narrow)


@pytest.mark.parametrize("blades", [3, 4, 5, 6, 9])
@pytest.mark.parametrize("rotation", [0.0, 10.0, 45.0, -100.0])
def test_a_point_becomes_a_polygon_with_a_corner_up_turned_counter_clockwise(blades: int, rotation: float) -> None:
    x, y = fine_grid()
    inside = np.ones((SIZE * FINE, SIZE * FINE), np.bool_)
    for side in range(blades):
        normal = math.radians(90.0 + rotation) + (2 * side + 1) * math.pi / blades
        inside &= x * math.cos(normal) + y * math.sin(normal) <= 12.0 * math.cos(math.pi / blades)
    found = defocus(dot(), 12.0, blades=blades, rotation=rotation).numpy()[..., 0]
    assert np.abs(found - (expected := covered(inside))).max() < 0.03 * expected.max()


@pytest.mark.parametrize(("angle", "length"), [(0, 9.0), (90, 9.5), (30, 20.0), (135, 15.0), (-10, 31.0), (200, 2.0)])
def test_a_point_becomes_a_line(angle: float, length: float) -> None:
    x, y = fine_grid()
    turn = math.radians(angle)
    along, aside = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    expected = covered((np.abs(along) <= length / 2) & (np.abs(aside) <= 0.5))
    found = directional_blur(dot(), angle, length).numpy()[..., 0]
    assert np.abs(found - expected).max() < 0.04 * expected.max()


@pytest.mark.parametrize("edge", list(filters.PAD_MODES))
@pytest.mark.parametrize("fmt", FORMATS)
def test_pictures_are_convolved_with_it(fmt: str, edge: str) -> None:
    pixels = as_format(picture(13, 37), fmt)
    for run in (
        lambda p: defocus(p, 3.3, blades=5, edge=edge),
        lambda p: directional_blur(p, 33.0, 8.0, edge=edge),
    ):
        weights = run(dot().astype(np.float32)).numpy()[..., 0].astype(np.float64)[::-1, ::-1]
        assert_close(run(pixels).numpy(), filters.correlate(meaning(pixels), weights, edge))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(layout: str) -> None:
    pixels = as_format(picture(13, 37), "f16")
    assert np.array_equal(defocus(laid_out(pixels, layout), 2.0).numpy(), defocus(pixels, 2.0).numpy())


def test_nothing_moves_below_a_pixel() -> None:
    pixels = picture(7, 8)
    for result in (defocus(pixels, 0.4), directional_blur(pixels, 12.0, 1.0), directional_blur(pixels, 0.0, 0.0)):
        assert np.array_equal(result.numpy(), pixels)
        assert not np.shares_memory(result.numpy(), pixels)


def test_a_disc_too_large_to_sum_directly_is_the_same() -> None:
    pixels = picture(90, 200, 1)
    radius = 64.0  # by Fourier transforms
    point = np.zeros((141, 141, 1), np.float32)
    point[70, 70] = 1.0
    weights = defocus(point, radius, edge="black").numpy()[..., 0].astype(np.float64)
    assert_close(defocus(pixels, radius).numpy(), filters.correlate(pixels, weights, "clamp"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"blades": 2}, "blades must be 0 for a disc, or 3 to 64, got 2"),
        ({"radius": -1}, "radius must be between 0 and 2000"),
        ({"aspect": 0}, "aspect must be between 0.125 and 8"),
        ({"rotation": float("inf")}, "rotation must be a finite number"),
    ],
)
def test_refused_by_name(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        defocus(picture(3, 3), **options)  # type: ignore[arg-type]
