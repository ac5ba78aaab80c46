"""PNG of every depth from 1 to 16 bits, colours multiplied by alpha as light, and what describes HDR pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import vfx
from vfx.image import Image
from vfx.io import png
from vfx.metadata import Chromaticities, Cicp, ContentLight, MasteringDisplay


def oiio_pixels(path: Path) -> np.ndarray[Any, Any]:
    oiio = pytest.importorskip("OpenImageIO")
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    pixels: np.ndarray[Any, Any] = opened.read_image(opened.spec().format)
    opened.close()
    return pixels


# ------------------------------------------------------------------ depths


@pytest.mark.parametrize("bits", range(1, 17))
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["u8", "u16", "f32"])
def test_every_depth_is_written_and_its_codes_come_back(bits: int, channels: int, dtype: str, tmp_path: Path) -> None:
    values = np.random.default_rng(bits).random((5, 11, channels))
    image = Image(values.astype(np.float32)).astype(dtype)
    path = tmp_path / "a.png"
    png.write(path, image, bit_depth=bits)
    exact = image.pixels.astype(np.float64) / {"u8": 255, "u16": 65535, "f32": 1}[dtype]
    codes = np.floor(exact * (2**bits - 1) + 0.5)
    found = png.read(path)
    full = 255 if found.format == "u8" else 65535
    np.testing.assert_array_equal(np.floor(found.pixels * ((2**bits - 1) / full) + 0.5), codes)
    stored = min(depth for depth in ((1, 2, 4, 8, 16) if channels == 1 else (8, 16)) if depth >= bits)
    facts = png.probe(path).metadata
    assert facts["png:bit_depth"] == stored
    assert facts.get("png:significant") == (None if stored == bits else (bits,) * channels)
    np.testing.assert_array_equal(oiio_pixels(path), found.pixels)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("width", [1, 7, 8, 9, 17])
def test_small_depths_are_read_by_pillow(bits: int, width: int, tmp_path: Path) -> None:
    codes = np.random.default_rng(width).integers(0, 2**bits, (3, width))
    png.write(tmp_path / "a.png", Image((codes * (255 // (2**bits - 1))).astype(np.uint8)), bit_depth=bits)
    with Pillow.open(tmp_path / "a.png") as opened:
        np.testing.assert_array_equal(np.array(opened.convert("L")), codes * (255 // (2**bits - 1)))


def test_floats_outside_the_range_are_clamped_at_any_depth(tmp_path: Path) -> None:
    values = np.array([[-1, 2, np.nan, np.inf, -np.inf, 0.5]], np.float32)
    png.write(tmp_path / "a.png", Image(values), bit_depth=2)
    assert png.read(tmp_path / "a.png").pixels[0, :, 0].tolist() == [0, 255, 0, 255, 0, 170]


# ------------------------------------------------------------------ alpha


def decoded(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """sRGB to light, IEC 61966-2-1."""
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def encoded(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Light to sRGB."""
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * np.maximum(x, 0) ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 4])
def test_colours_are_multiplied_by_alpha_as_light(dtype: Any, channels: int, tmp_path: Path) -> None:
    full = np.iinfo(dtype).max
    pixels = np.random.default_rng(4).integers(0, full, (20, 30, channels), dtype, endpoint=True)
    pixels[0, :, -1], pixels[1, :, -1] = 0, full
    png.write(tmp_path / "a.png", Image(pixels))
    exact = pixels / full
    alpha = exact[:, :, -1:]
    expected = encoded(decoded(exact[:, :, :-1]) * alpha)
    image = vfx.read(tmp_path / "a.png", associate=True)
    assert image.dtype == dtype
    assert "alpha" not in image.metadata
    np.testing.assert_allclose(image.pixels[:, :, :-1] / full, expected, atol=0.51 / full + 2e-6)
    np.testing.assert_array_equal(image.pixels[:, :, -1], pixels[:, :, -1])
    np.testing.assert_array_equal(image.pixels[1], pixels[1])
    assert not image.pixels[0, :, :-1].any()
    exacter = png.read(tmp_path / "a.png", associate="srgb", dtype="f32")
    np.testing.assert_allclose(exacter.pixels[:, :, :-1], expected, atol=2e-6)
    np.testing.assert_allclose(exacter.decode("srgb").pixels[:, :, :-1], decoded(exact[:, :, :-1]) * alpha, atol=3e-6)


def test_dividing_by_alpha_as_light_undoes_it(tmp_path: Path) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (20, 30, 4), np.uint8)
    pixels[:, :, 3] |= 1
    png.write(tmp_path / "a.png", Image(pixels))
    png.write(
        tmp_path / "b.png", png.read(tmp_path / "a.png", associate=True, dtype="f32"), bit_depth=8, unassociate=True
    )
    np.testing.assert_array_equal(png.read(tmp_path / "b.png").pixels, pixels)
    png.write(tmp_path / "c.png", png.read(tmp_path / "a.png"), unassociate=True)  # which is not multiplied
    np.testing.assert_array_equal(png.read(tmp_path / "c.png").pixels, pixels)


@pytest.mark.parametrize(("entries", "curve", "parameters"), [
    ({"cicp": Cicp(9, 16, 0, True)}, "pq", {}), ({"cicp": Cicp(9, 18, 0, True), "png:gamma": 0.5}, "hlg", {}),
    ({"png:gamma": 1.0}, "linear", {}), ({"png:gamma": 0.55556}, "gamma", {"gamma": 1 / 0.55556}),
    ({"png:gamma": 0.45455}, "srgb", {}), ({"png:gamma": 0.5, "png:srgb_intent": 0}, "srgb", {}), ({}, "srgb", {}),
])  # fmt: skip
def test_the_curve_is_the_one_that_the_file_names(
    entries: dict[str, Any], curve: str, parameters: dict[str, float], tmp_path: Path
) -> None:
    pixels = np.array([[[60000, 30000, 100, 20000]]], np.uint16)
    png.write(tmp_path / "a.png", Image(pixels, metadata=entries))
    light = Image((pixels / 65535).astype(np.float32)).decode(curve, **parameters).premultiply()
    expected = light.encode(curve, **parameters).pixels
    found = png.read(tmp_path / "a.png", associate=True, dtype="f32")
    np.testing.assert_allclose(found.pixels, expected, atol=1e-6)


def test_pictures_without_alpha_are_left_alone(tmp_path: Path) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (2, 3, 3), np.uint8)
    png.write(tmp_path / "a.png", Image(pixels), unassociate=True)
    np.testing.assert_array_equal(png.read(tmp_path / "a.png", associate=True).pixels, pixels)


def test_an_unknown_curve_is_named(tmp_path: Path) -> None:
    png.write(tmp_path / "a.png", Image(np.zeros((2, 2, 4), np.uint8)))
    with pytest.raises(ValueError, match="gamma22"):
        png.read(tmp_path / "a.png", associate="gamma21")


# ------------------------------------------------------------------ metadata


def test_mastering_display_and_content_light_survive(tmp_path: Path) -> None:
    entries = {
        "cicp": Cicp(9, 16, 0, True),
        "mastering_display": MasteringDisplay(
            Chromaticities((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), (0.3127, 0.329)), 1000.0, 0.0001
        ),
        "content_light": ContentLight(1000.0, 180.5),
    }
    png.write(tmp_path / "a.png", Image(np.zeros((2, 2, 3), np.uint16), metadata=entries))
    assert png.read(tmp_path / "a.png").metadata == entries
    content = (tmp_path / "a.png").read_bytes()
    stored = content[content.index(b"mDCV") + 4 :][:24]  # in units of 0.00002 and of 0.0001 cd/m²
    assert stored.hex(" ", 2) == "8a48 3908 2134 9baa 1996 08fc 3d13 4042 0098 9680 0000 0001"


def test_pixels_are_turned_upright_only_when_asked(tmp_path: Path) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (2, 3, 3), np.uint8)
    png.write(tmp_path / "a.png", Image(pixels, metadata={"orientation": 6}, pixel_aspect=2.0))
    stored = png.read(tmp_path / "a.png")
    assert (stored.width, stored.metadata["orientation"]) == (3, 6)
    image = vfx.read(tmp_path / "a.png", auto_orient=True)
    np.testing.assert_array_equal(image.pixels, np.rot90(pixels, -1))
    assert (image.metadata["orientation"], image.pixel_aspect) == (1, 0.5)
