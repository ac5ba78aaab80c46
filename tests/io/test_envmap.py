"""Environment maps: where pixels look, faces, conversion, and the attribute."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.errors import LimitError
from vfx.io import envmap, exr


def scene(looks: np.ndarray) -> np.ndarray:
    """A smooth function of the direction, three values."""
    x, y, z = np.moveaxis(looks, -1, 0)
    return np.stack([0.5 + 0.4 * x, 0.5 + 0.3 * y * z, 0.5 + 0.2 * z - 0.2 * x * y], -1).astype(np.float32)


def painted(kind: str, size: int) -> vfx.Image:
    """The scene as a map."""
    return vfx.Image(scene(envmap.directions(kind, size)), metadata={"exr:envmap": kind})


def test_latlong_pixels_look_where_openexr_says() -> None:
    looks = envmap.directions("latlong", 9, height=5)
    expected = {(0, 4): (0, 1, 0), (4, 4): (0, -1, 0), (2, 4): (0, 0, 1), (2, 0): (0, 0, -1), (2, 8): (0, 0, -1),
                (2, 2): (1, 0, 0), (2, 6): (-1, 0, 0)}  # fmt: skip
    for place, look in expected.items():
        assert np.allclose(looks[place], look, atol=1e-12), place


def test_cube_pixels_look_where_openexr_says() -> None:
    looks = envmap.directions("cube", 3).reshape(6, 3, 3, 3)
    middles = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    assert np.allclose(looks[:, 1, 1], middles)
    # CubeMap::pixelPosition and direction, by hand: the corner of the first pixel of each face.
    corners = [(1, 1, -1), (-1, 1, 1), (-1, 1, 1), (-1, -1, -1), (1, 1, 1), (-1, 1, -1)]
    assert np.allclose(looks[:, 0, 0] * math.sqrt(3), corners)
    right = [(1, 1, 1), (-1, 1, -1), (1, 1, 1), (1, -1, -1), (-1, 1, 1), (1, 1, -1)]
    assert np.allclose(looks[:, 0, 2] * math.sqrt(3), right)
    below = [(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, 1), (-1, -1, -1)]
    assert np.allclose(looks[:, 2, 0] * math.sqrt(3), below)


@pytest.mark.parametrize("kind", ["latlong", "cube"])
def test_sampling_finds_every_pixel_again(kind: str) -> None:
    image = painted(kind, 16)
    found = envmap.sample(image, envmap.directions(kind, 16) * 3)
    assert np.allclose(found, image.numpy(), atol=1e-5)


@pytest.mark.parametrize(("kind", "size"), [("latlong", 200), ("cube", 50)])
def test_sampling_between_pixels_is_the_scene(kind: str, size: int) -> None:
    random = np.random.default_rng(1)
    looks = random.normal(size=(5000, 3))
    looks /= np.linalg.norm(looks, axis=-1, keepdims=True)
    # Linear between pixels of 0.03 rad: an eighth of its square times the curvature.
    assert np.abs(envmap.sample(painted(kind, size), looks) - scene(looks)).max() < 5e-4


@pytest.mark.parametrize(("kind", "other"), [("latlong", "cube"), ("cube", "latlong")])
def test_conversion_shows_the_same_scene(kind: str, other: str) -> None:
    source = painted(kind, 256 if kind == "latlong" else 64)
    made = envmap.convert(source, other)
    assert made.metadata["exr:envmap"] == other and made.width == (64 if other == "cube" else 256)
    assert np.abs(made.numpy() - scene(envmap.directions(other, made.width))).max() < 1e-3
    assert np.array_equal(envmap.convert(source, other, kind=kind).numpy(), made.numpy())


def test_smaller_maps_are_means_not_picks() -> None:
    random = np.random.default_rng(2)
    noisy = vfx.Image(random.random((128, 256, 1), np.float32))
    small = envmap.convert(noisy, "latlong", size=32)
    assert small.shape == (16, 32, 1)
    assert abs(float(small.numpy()[4:12].mean()) - 0.5) < 0.01 and float(small.numpy()[4:12].std()) < 0.08


def test_formats_and_names_are_kept() -> None:
    image = painted("latlong", 32).astype("f16").rename({"R": "x.R"})
    made = envmap.convert(image, "cube", size=8)
    assert (made.format, made.channel_names, made.shape) == ("f16", ("x.R", "G", "B"), (48, 8, 3))


def test_faces_share_memory_and_join_to_the_cube() -> None:
    cube = painted("cube", 8)
    sides = envmap.faces(cube)
    assert list(sides) == list(envmap.FACES) and all(one.shape == (8, 8, 3) for one in sides.values())
    assert all(np.shares_memory(one.numpy(), cube.numpy()) for one in sides.values())
    assert np.array_equal(sides["-Y"].numpy(), cube.numpy()[24:32]) and "exr:envmap" not in sides["-Y"].metadata
    again = envmap.join(dict(reversed(list(sides.items()))))
    assert np.array_equal(again.numpy(), cube.numpy()) and again.metadata["exr:envmap"] == "cube"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: envmap.faces(painted("latlong", 16)), "6 times as high"),
        (lambda: envmap.convert(painted("latlong", 16), "cube", kind="cube"), "6 times as high"),
        (lambda: envmap.convert(painted("latlong", 16), "sphere"), "to must be one of latlong, cube"),
        (lambda: envmap.convert(painted("latlong", 16), "cube", size=0), "size must be"),
        (lambda: envmap.join({"+X": painted("cube", 2)}), r"has the faces \+X"),
        (lambda: envmap.join({name: painted("latlong", 4) for name in envmap.FACES}), "square"),
        (lambda: envmap.sample(painted("latlong", 4), [(0, 0, 0)]), "none of them"),
        (lambda: envmap.sample(painted("latlong", 4), [(np.nan, 0, 1)]), "finite"),
        (lambda: envmap.directions("fisheye", 4), "kind must be one of"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        call()


def test_limits_hold() -> None:
    with vfx.io.limits(pixels=1000), pytest.raises(LimitError):
        envmap.convert(painted("latlong", 16), "cube", size=100)


def test_a_map_of_one_pixel_has_a_direction() -> None:
    assert envmap.directions("latlong", 1).shape == (1, 1, 3) and envmap.directions("cube", 1).shape == (6, 1, 3)
    one = vfx.Image(np.full((1, 1, 3), 0.5, np.float32))
    assert np.array_equal(envmap.convert(one, "cube", size=2).numpy(), np.full((12, 2, 3), 0.5, np.float32))


def test_the_attribute_goes_through_files() -> None:
    stream = io.BytesIO()
    exr.write(stream, painted("cube", 4))
    back = exr.read(stream.getvalue())
    assert back.metadata["exr:envmap"] == "cube"
    assert envmap.convert(back, "latlong", size=8).width == 8


@pytest.mark.each_shared_file("exr/WavyLinesLatLong.exr")
def test_a_real_map_says_what_it_is_and_goes_to_a_cube_and_back(shared_case: Path) -> None:
    image = vfx.read(shared_case)
    assert image.metadata["exr:envmap"] == "latlong"
    small = envmap.convert(image, "latlong", size=128)
    back = envmap.convert(envmap.convert(small, "cube", size=128), "latlong", size=128)
    seen, again = (one.astype("f32").numpy()[..., 0].ravel() for one in (small, back))
    # Thin lines, twice softened: the pattern stays where it is.
    assert float(np.corrcoef(seen, again)[0, 1]) > 0.9
    turned = np.roll(back.astype("f32").numpy()[..., 0], 7, axis=1).ravel()
    assert float(np.corrcoef(seen, turned)[0, 1]) < 0.6
