"""JPEG beyond 8-bit RGB: 12 bits, lossless, inks, restart markers, and the places of metadata."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image as Pillow

import vfx
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import jpeg


@pytest.fixture
def smooth() -> np.ndarray[Any, Any]:
    """A smooth colour picture of an odd size, of 12-bit codes."""
    y, x = np.mgrid[0:37, 0:53]
    return np.stack([x * 70, y * 100, (x + y) * 40], axis=2).astype(np.uint16)


def by_ffmpeg(content: bytes) -> np.ndarray[Any, Any]:
    """FFmpeg's pixels in its own format."""
    av = pytest.importorskip("av")
    with av.open(io.BytesIO(content), format="jpeg_pipe") as opened:
        frame = next(opened.decode(video=0))
        return frame.to_ndarray(format="gray16le" if frame.format.name.startswith("gray") else "rgb48le")


# ------------------------------------------------------------------ 12 bits


@pytest.mark.parametrize("subsampling", jpeg.SUBSAMPLINGS)
def test_12_bits_are_written_and_read(subsampling: str, smooth: np.ndarray[Any, Any], tmp_path: Path) -> None:
    image = Image((smooth / 4095).astype(np.float32), metadata={"comments": "wide"}, pixel_aspect=2.0)
    vfx.write(tmp_path / "a.jpg", image, bit_depth=12, subsampling=subsampling, quality=98)
    found = vfx.read(tmp_path / "a.jpg")
    assert found.format == "f32"
    assert np.abs(found.pixels - image.pixels).mean() < 0.002  # a fifth of what 8 bits give at this quality
    assert (found.metadata["comments"], found.pixel_aspect) == ("wide", 2.0)
    np.testing.assert_array_equal(found.pixels * np.float32(4095), np.rint(found.pixels * np.float32(4095)))
    info = vfx.probe(tmp_path / "a.jpg")
    assert (info.formats[0], info.metadata["jpeg:bit_depth"]) == ("f32", 12)
    assert info.metadata["jpeg:subsampling"] == subsampling


def test_12_bit_gray_agrees_with_ffmpeg(smooth: np.ndarray[Any, Any], tmp_path: Path) -> None:
    jpeg.write(tmp_path / "a.jpg", Image((smooth[:, :, 1] / 4095).astype(np.float32)), bit_depth=12)
    found = jpeg.read(tmp_path / "a.jpg")
    assert found.channel_names == ("Y",)
    assert np.abs(found.pixels[:, :, 0] * 4095 - smooth[:, :, 1]).max() < 12
    theirs = by_ffmpeg((tmp_path / "a.jpg").read_bytes())
    scale = 65535 if theirs.max() > 4095 else 4095
    assert np.abs(theirs / scale - found.pixels[:, :, 0]).max() < 3 / 4095


def test_integers_are_rounded_to_12_bits(tmp_path: Path) -> None:
    jpeg.write(tmp_path / "a.jpg", Image(np.full((16, 16), 40000, np.uint16)), bit_depth=12, quality=100)
    assert jpeg.read(tmp_path / "a.jpg").pixels[8, 8, 0] * 4095 == pytest.approx(round(40000 * 4095 / 65535), abs=1)


# ------------------------------------------------------------------ lossless


@pytest.mark.parametrize("bits", range(2, 17))
@pytest.mark.parametrize("channels", [1, 3])
def test_lossless_pictures_are_exact(bits: int, channels: int) -> None:
    top = 2**bits - 1
    codes = np.random.default_rng(bits).integers(0, top, (9, 14, channels), np.uint16, endpoint=True)
    options: dict[str, Any] = {"colorspace": "grayscale"} if channels == 1 else {}
    stored = codes.astype(np.uint8) if bits <= 8 else codes
    content = bytes(imagecodecs.jpeg8_encode(stored.squeeze(), bitspersample=bits, lossless=True, **options))
    image = jpeg.read(content)
    assert image.format == {8: "u8", 16: "u16"}.get(bits, "u8" if bits < 8 else "f32")
    scale = {"u8": 255, "u16": 65535, "f32": 1}[image.format]
    np.testing.assert_array_equal(np.rint(image.pixels.astype(np.float64) * top / scale), codes)
    info = jpeg.probe(content)
    assert (info.parts[0].type, info.formats[0]) == ("lossless", image.format)
    if bits == 16:
        np.testing.assert_array_equal(by_ffmpeg(content).reshape(codes.shape), codes)


@pytest.mark.parametrize("options", [{"bitspersample": 12}, {"bitspersample": 16, "lossless": True}])
def test_wide_pictures_that_are_cut_off_are_refused(options: dict[str, Any], smooth: np.ndarray[Any, Any]) -> None:
    content = bytes(imagecodecs.jpeg8_encode(smooth, level=95, **options))
    assert jpeg.read(content).width == 53
    for cut in (len(content) // 2, len(content) - 20, len(content) - 1):
        with pytest.raises(FormatError, match="<bytes>: the picture is cut off"):
            jpeg.read(content[:cut])


def test_depths_that_a_process_does_not_have_are_refused() -> None:
    stream = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(stream, "JPEG")
    content = bytearray(stream.getvalue())
    place = content.index(b"\xff\xc0") + 4
    content[place] = 12
    with pytest.raises(FormatError, match="baseline JPEG of 12 bits is not supported"):
        jpeg.read(bytes(content))


# ------------------------------------------------------------------ arithmetic coding

#: 24 x 16 pixels (x * 10, y * 15, (x + y) * 6) at quality 95, coded by libjpeg-turbo with ``arith_code = 1``: none of
#: the packages here writes such files.
ARITHMETIC = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL"
    "DAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/yQAR"
    "CAAQABgDASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/AO7E0Xm1DJA0HGhMTLCuXm1zlU0ih8cIIqUA/rQoxEmNY2vcNgGH"
    "uWd7yj34fKNXzUHPxyyQM1Q7PNS7jzyHuy6zTzjdcc6naoL7CxI+K9dY/9k="
)


def test_arithmetic_coding_is_read() -> None:
    cv2 = pytest.importorskip("cv2")
    content = base64.b64decode(ARITHMETIC)
    y, x = np.mgrid[0:16, 0:24]
    exact = np.stack([x * 10, y * 15, (x + y) * 6], axis=2)
    image = jpeg.read(content)
    assert jpeg.probe(content).parts[0].type == "arithmetic"
    assert np.abs(image.pixels - exact).mean() < 1.5
    theirs = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)[:, :, ::-1]
    np.testing.assert_array_equal(image.pixels, theirs)
    with pytest.raises(FormatError):
        jpeg.read(content[:-20])


# ------------------------------------------------------------------ inks


def inks(marker: bool) -> tuple[np.ndarray[Any, Any], bytes]:
    """Ink amounts (H, W, 4), and their JPEG file, with Adobe's marker (stored inverted) or without (as they are)."""
    amounts = np.zeros((16, 64, 4), np.uint8)
    for index in range(4):
        amounts[:, 16 * index : 16 * index + 16, index] = 200
    stream = io.BytesIO()
    Pillow.fromarray(amounts if marker else 255 - amounts, "CMYK").save(stream, "JPEG", quality=100)
    content = stream.getvalue()
    if not marker:
        start = content.index(b"\xff\xee")
        content = content[:start] + content[start + 16 :]
    return amounts, content


@pytest.mark.parametrize("marker", [False, True])
def test_inks_are_inverted_only_where_adobe_says_so(marker: bool) -> None:
    amounts, content = inks(marker)
    paper = 1 - amounts / 255
    expected = paper[:, :, :3] * paper[:, :, 3:] * 255
    image = jpeg.read(content)
    np.testing.assert_allclose(image.pixels, expected, atol=3)
    assert jpeg.probe(content).metadata["jpeg:components"] == 4


def test_ycck_is_turned_into_inks_first() -> None:
    amounts, _ = inks(marker=True)
    content = bytes(imagecodecs.jpeg8_encode(255 - amounts, level=100, colorspace="cmyk", outcolorspace="ycck"))
    assert content[content.index(b"\xff\xee") + 15] == 2  # Adobe's marker says YCCK
    paper = 1 - amounts / 255
    expected = paper[:, :, :3] * paper[:, :, 3:] * 255
    inner = np.abs(jpeg.read(content).pixels - expected)[:, [8, 24, 40, 56]]  # away from the subsampled edges
    assert inner.max() <= 3


# ------------------------------------------------------------------ markers


def test_restart_markers_are_written_and_read(smooth: np.ndarray[Any, Any], tmp_path: Path) -> None:
    image = Image((smooth >> 4).astype(np.uint8))
    jpeg.write(tmp_path / "a.jpg", image, restart_rows=1)
    jpeg.write(tmp_path / "b.jpg", image)
    content = (tmp_path / "a.jpg").read_bytes()
    assert b"\xff\xdd\x00\x04" in content and b"\xff\xd0" in content and b"\xff\xd1" in content
    np.testing.assert_array_equal(jpeg.read(content).pixels, jpeg.read(tmp_path / "b.jpg").pixels)


@pytest.mark.parametrize("bit_depth", [8, 12])
def test_metadata_goes_behind_the_jfif_segment_and_is_found_by_others(bit_depth: int, tmp_path: Path) -> None:
    entries = {"comments": "words", "xmp": b"<x:xmpmeta/>", "icc_profile": b"\0" * 16 + b"RGB " + bytes(70_000)}
    jpeg.write(tmp_path / "a.jpg", Image(np.zeros((8, 8, 3), np.uint8), metadata=entries), bit_depth=bit_depth)
    assert {**jpeg.read(tmp_path / "a.jpg").metadata, **entries} == jpeg.read(tmp_path / "a.jpg").metadata
    assert (tmp_path / "a.jpg").read_bytes()[6:11] == b"JFIF\0"
    if bit_depth == 8:
        with Pillow.open(tmp_path / "a.jpg") as opened:
            assert opened.info["comment"] == b"words"
            assert opened.info["xmp"] == entries["xmp"]
            assert opened.info["icc_profile"] == entries["icc_profile"]
