"""Maps: what their values mean, and how they are sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.reference import awkward_pictures as pictures
from tests.reference import warps
from vfx import Image
from vfx.errors import ChannelError
from vfx.ops import affine_matrix, st_map, transform


def places(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of pixel middles."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    return x, y


def reference(source: NDArray[Any], u: NDArray[Any], v: NDArray[Any], **options: Any) -> NDArray[np.float64]:
    """What a map to pixel coordinates (u, v) gives, in float64."""
    height, width = u.shape

    def at(x: float, y: float) -> tuple[float, float]:
        i, j = int(np.floor(x)), int(np.floor(y))
        inside = 0 <= i < width and 0 <= j < height
        return (float(u[j, i]), float(v[j, i])) if inside else (np.nan, np.nan)

    options = {"filter": "catmull-rom", "edge": "black"} | options
    return warps.warped(pictures.meaning(source), at, (width, height), one_sided=True, **options)


def wavy(height: int, width: int, shrink: float) -> NDArray[np.float32]:
    """A smooth map in [0, 1], from the top down."""
    x, y = places(height, width)
    u = 0.5 + shrink * (x / width - 0.5) + 0.03 * np.sin(y)
    v = 0.5 + shrink * (y / height - 0.5) + 0.03 * np.cos(x)
    return np.stack([u, v], axis=-1).astype(np.float32)


@pytest.mark.parametrize("edge", ["black", "clamp", "mirror", "wrap"])
@pytest.mark.parametrize("shrink", [0.6, 1.9, 5.0])
@pytest.mark.parametrize("filter", ["catmull-rom", "box", "lanczos3"])
def test_maps_are_the_reference(filter: str, shrink: float, edge: str) -> None:
    source, map = pictures.picture(13, 17, 4), wavy(7, 9, shrink)
    u, v = map[..., 0].astype(np.float64) * 17, map[..., 1].astype(np.float64) * 13
    result = st_map(source, map, origin="top-left", filter=filter, edge=edge)
    pictures.assert_close(result.numpy(), reference(source, u, v, filter=filter, edge=edge))


def test_t_runs_up_as_in_nuke_unless_told_otherwise() -> None:
    source = pictures.picture(8, 6, 3)
    x, y = places(8, 6)
    down = np.stack([x / 6, y / 8], axis=-1).astype(np.float32)
    up = np.stack([x / 6, 1 - y / 8], axis=-1).astype(np.float32)
    assert np.abs(st_map(source, up).numpy() - source).max() < 1e-5
    assert np.abs(st_map(source, down, origin="top-left").numpy() - source).max() < 1e-5
    assert np.abs(st_map(source, down).numpy() - source[::-1]).max() < 1e-5


@pytest.mark.parametrize("name", pictures.FORMATS)
def test_maps_of_every_format(name: str) -> None:
    source = pictures.picture(9, 9, 3)
    map = pictures.as_format(np.clip(wavy(7, 9, 0.8), 0, 1), name)
    values = pictures.meaning(map)
    expected = reference(source, values[..., 0] * 9, values[..., 1] * 9)
    pictures.assert_close(st_map(source, map, origin="top-left").numpy(), expected, 3e-6)


@pytest.mark.parametrize("layout", pictures.LAYOUTS)
def test_maps_and_sources_of_every_layout(layout: str) -> None:
    source, map = pictures.picture(9, 9, 4), np.concatenate([wavy(7, 70, 0.8)] * 2, axis=-1)
    plain = st_map(source, map).numpy()
    laid = st_map(pictures.laid_out(source, layout), pictures.laid_out(map, layout)).numpy()
    assert np.array_equal(laid, plain)


def test_a_linear_map_is_a_transform() -> None:
    source = pictures.picture(50, 90, 4)
    matrix = affine_matrix(scale=0.6, rotate=20, center=(45, 25))
    x, y = places(50, 90)
    back = np.linalg.inv(matrix)
    map = np.stack([(back[i, 0] * x + back[i, 1] * y + back[i, 2]) / (90, 50)[i] for i in (0, 1)], axis=-1)
    result = st_map(source, map.astype(np.float32), origin="top-left").numpy()
    assert np.abs(result - transform(source, matrix).numpy()).max() < 2e-3


def test_what_is_not_a_number_is_black() -> None:
    map = np.full((4, 80, 2), 0.5, np.float32)
    map[0, 0, 0], map[1, 1, 1], map[2, 70, 0], map[3, 3] = np.nan, np.inf, -np.inf, 1e30
    result = st_map(np.ones((5, 5, 4), np.float32), map, edge="clamp").numpy()
    black = np.zeros((4, 80), bool)
    black[0, 0] = black[1, 1] = black[2, 70] = black[3, 3] = True
    assert np.array_equal(result[..., 0] == 0.0, black)
    assert np.abs(result[~black] - 1.0).max() < 1e-6


def test_a_tear_in_a_map_stays_sharp() -> None:
    source = np.zeros((16, 64, 1), np.float32)
    source[:, 32:] = 1.0
    x, y = places(16, 16)
    map = np.stack([np.where(x < 8, 0.25, 0.75), y / 16], axis=-1).astype(np.float32)
    result = st_map(source, map, origin="top-left").numpy()[..., 0]
    assert np.abs(result[:, :8]).max() < 1e-6
    assert np.abs(result[:, 8:] - 1.0).max() < 1e-6


def test_the_result_has_the_windows_of_the_map() -> None:
    source = Image(pictures.picture(6, 8, 3), data_window=(2, 1, 9, 6), display_window=(0, 0, 11, 9), colorspace="x")
    x, y = places(10, 12)
    identity = np.stack([x / 12, y / 10], axis=-1).astype(np.float32)
    map = Image(identity, data_window=(20, 30, 31, 39), display_window=(0, 0, 99, 99))
    result = st_map(source, map, origin="top-left")
    assert result.data_window == map.data_window
    assert result.display_window == map.display_window
    assert result.colorspace == "x"
    assert np.abs(result.numpy()[1:7, 2:10] - source.numpy()).max() < 1e-4
    assert np.abs(result.numpy()[:, -2:]).max() < 1e-4


def test_channels_are_found_by_name() -> None:
    map = np.concatenate([np.zeros((4, 4, 1), np.float32), wavy(4, 4, 0.5)], axis=-1)
    source = pictures.picture(5, 5, 3)
    by_name = st_map(source, Image(map, channels=("Z", "R", "G"))).numpy()
    assert np.array_equal(st_map(source, Image(map), channels=("G", "B")).numpy(), by_name)
    with pytest.raises(ChannelError, match="two channels"):
        st_map(source, np.zeros((4, 4), np.float32))
    with pytest.raises(ChannelError, match="'U' in the map"):
        st_map(source, map, channels=("U", "V"))
    for wrong in ("RG", 5, ("R",)):
        with pytest.raises(ValueError, match="channels must be two names"):
            st_map(source, map, channels=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="origin must be one of"):
        st_map(source, map, origin="bottom")
