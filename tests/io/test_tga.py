"""TGA: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import tga

_EXPECTED = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def picture(channels: int, size: tuple[int, int] = (7, 150)) -> np.ndarray[Any, Any]:
    """Noise with runs, along and across lines."""
    pixels = np.random.default_rng(channels).integers(0, 256, (*size, channels), np.uint8)
    pixels[-5:-2] = pixels[0, 0]
    pixels[:, 10:13] = pixels[:, 10:11] if size[1] > 10 else 0
    return pixels


def oiio_pixels(path: Path) -> np.ndarray[Any, Any]:
    oiio = pytest.importorskip("OpenImageIO")
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    pixels: np.ndarray[Any, Any] = opened.read_image("uint8")
    opened.close()
    return pixels


def made(kind: int, depth: int, body: bytes, **fields: Any) -> bytes:
    """A file of 2 x 1 pixels by hand."""
    size, flags = fields.get("size", (2, 1)), fields.get("flags", 0)
    name, palette = fields.get("name", b""), fields.get("palette", (0, 0, 0))
    head = struct.pack("<BBBHHBHHHHBB", len(name), int(palette[2] > 0), kind, *palette, 0, 0, *size, depth, flags)
    return head + name + body


def with_footer(content: bytes, attributes: int) -> bytes:
    """The file with an extension area that says what alpha is."""
    area = bytearray(495)
    area[:2] = (495).to_bytes(2, "little")
    area[494] = attributes
    return content + bytes(area) + struct.pack("<II", len(content), 0) + b"TRUEVISION-XFILE.\0"


# ------------------------------------------------------------------ agreement


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("compression", [None, "tga_rle"])
def test_reads_what_pillow_writes(channels: int, compression: str | None) -> None:
    pixels, stream = picture(channels), io.BytesIO()
    Pillow.fromarray(pixels.squeeze()).save(stream, "TGA", compression=compression)
    image = vfx.read(stream.getvalue())
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.channel_names == _EXPECTED[channels]
    info = vfx.probe(stream.getvalue())
    assert (info.format, info.channel_names, info.compression) == (
        "tga", image.channel_names, "rle" if compression else "none",
    )  # fmt: skip


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("compression", tga.COMPRESSIONS)
@pytest.mark.parametrize("origin", tga.ORIGINS)
@pytest.mark.parametrize("size", [(7, 150), (1, 1), (3, 129), (2, 256)])
def test_written_files_are_read_back_by_all(
    channels: int, compression: str, origin: str, size: tuple[int, int], tmp_path: Path
) -> None:
    path, pixels = tmp_path / "a.tga", picture(channels, size)
    vfx.write(path, Image(pixels), compression=compression, origin=origin)
    np.testing.assert_array_equal(vfx.read(path).pixels, pixels)
    with Pillow.open(path) as opened:
        np.testing.assert_array_equal(np.array(opened).reshape(pixels.shape), pixels)
    np.testing.assert_array_equal(oiio_pixels(path), pixels)


@pytest.mark.parametrize("channels", [3, 4])
def test_five_bits_are_rounded_both_ways(channels: int, tmp_path: Path) -> None:
    pixels = picture(channels)
    tga.write(tmp_path / "a.tga", Image(pixels), bit_depth=5)
    found = tga.read(tmp_path / "a.tga").pixels
    colours = np.floor(np.floor(pixels[:, :, :3] * (31 / 255) + 0.5) * (255 / 31) + 0.5)
    np.testing.assert_array_equal(found[:, :, :3], colours)
    np.testing.assert_array_equal(found[:, :, 3:], np.where(pixels[:, :, 3:] >= 128, 255, 0))
    theirs = oiio_pixels(tmp_path / "a.tga")
    assert np.abs(theirs[:, :, :3].astype(int) - found[:, :, :3]).max() <= 1  # it repeats bits in place of rounding


def test_runs_make_files_smaller(tmp_path: Path) -> None:
    flat = Image(np.full((100, 500, 3), 7, np.uint8))
    tga.write(tmp_path / "a.tga", flat)
    tga.write(tmp_path / "b.tga", flat, compression="none")
    assert (tmp_path / "a.tga").stat().st_size < (tmp_path / "b.tga").stat().st_size / 50


# ------------------------------------------------------------------ kinds of pixels


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("pattern", ["abb", "abbcbb", "aab", "abbb", "abbccc", "ab", "aaa"])
def test_short_runs_never_outgrow_the_plain_line(channels: int, pattern: str, tmp_path: Path) -> None:
    for width in (*range(1, 12), 126, 127, 128, 129, 130, 255, 256, 257, 999):
        line = np.frombuffer((pattern * width)[:width].encode(), np.uint8)
        pixels = np.repeat(line[None, :, None], channels, 2)
        image = Image(np.repeat(pixels, 3, 0))
        tga.write(tmp_path / "runs.tga", image)
        tga.write(tmp_path / "plain.tga", image, compression="none")
        assert np.array_equal(tga.read(tmp_path / "runs.tga").pixels, image.pixels)
        grown = (tmp_path / "runs.tga").stat().st_size - (tmp_path / "plain.tga").stat().st_size
        assert grown <= 3 * (-(-width // 128))


def test_each_corner_comes_out_upright() -> None:
    body = bytes(range(1, 7))
    expected = {0: [[4, 5, 6], [1, 2, 3]], 16: [[6, 5, 4], [3, 2, 1]], 32: [[1, 2, 3], [4, 5, 6]],
                48: [[3, 2, 1], [6, 5, 4]]}  # fmt: skip
    for flags, rows in expected.items():
        image = tga.read(made(3, 8, body, size=(3, 2), flags=flags))
        assert image.pixels[:, :, 0].tolist() == rows


@pytest.mark.parametrize(("bits", "colour", "expected"), [
    (15, b"\x1f\x7c", [255, 0, 255]), (16, b"\xe0\x03", [0, 255, 0]), (24, b"\1\2\3", [3, 2, 1]),
    (32, b"\1\2\3\4", [3, 2, 1, 4]),
])  # fmt: skip
def test_palettes_become_colours(bits: int, colour: bytes, expected: list[int]) -> None:
    table = bytes(len(colour)) + colour
    for code_bytes in (1, 2):
        codes = (5).to_bytes(code_bytes, "little") + (6).to_bytes(code_bytes, "little")
        image = tga.read(made(1, 8 * code_bytes, table + codes, palette=(5, 2, bits), flags=8 if bits == 32 else 0))
        assert image.pixels[0, 1].tolist() == expected
        coded = bytes([0x81]) + codes[-code_bytes:]
        image = tga.read(made(9, 8 * code_bytes, table + coded, palette=(5, 2, bits), flags=8 if bits == 32 else 0))
        assert image.pixels[0].tolist() == [expected, expected]


@pytest.mark.parametrize(("flags", "attributes", "said"), [
    (8, None, "unassociated"), (0, None, "unspecified"), (8, 3, "unassociated"), (8, 4, None), (0, 4, None),
    (8, 2, "unspecified"), (8, 0, "unspecified"), (0, 0, ""), (8, 1, ""), (0, 1, ""),
])  # fmt: skip
def test_alpha_is_what_the_file_says(flags: int, attributes: int | None, said: str | None) -> None:
    content = made(2, 32, bytes(range(8)), flags=flags)
    image = tga.read(content if attributes is None else with_footer(content, attributes))
    assert image.channel_names == (("R", "G", "B") if said == "" else ("R", "G", "B", "A"))
    assert image.metadata.get("alpha") == (said or None)


@pytest.mark.parametrize("said", ["unassociated", "unspecified", None])
def test_what_alpha_is_survives(said: str | None, tmp_path: Path) -> None:
    tga.write(tmp_path / "a.tga", Image(picture(4), metadata={"alpha": said} if said else {}))
    assert tga.read(tmp_path / "a.tga").metadata.get("alpha") == said


def test_packets_over_the_end_of_a_line_are_read() -> None:
    image = tga.read(made(11, 8, bytes([0x84, 9, 0, 1]), size=(3, 2), flags=32))
    assert image.pixels[:, :, 0].tolist() == [[9, 9, 9], [9, 9, 1]]


# ------------------------------------------------------------------ metadata


def test_metadata_survives_writing_and_reading(tmp_path: Path) -> None:
    entries = {
        "owner": "someone",
        "comments": "first\nsecond",
        "capture_date": "2026:03:04 05:06:07",
        "software": "a painter",
        "tga:software_version": "3.14b",
        "tga:id": "a name",
        "tga:job": "sh010",
        "tga:gamma": 2.2,
        "tga:key_color": 0xFF00FF00,
    }
    image = Image(picture(3), metadata=entries, pixel_aspect=2.0)
    tga.write(tmp_path / "a.tga", image)
    found = tga.read(tmp_path / "a.tga")
    assert found.metadata == entries
    assert found.pixel_aspect == 2.0
    assert vfx.probe(tmp_path / "a.tga").metadata.items() >= entries.items()


def test_channels_rows_and_dtype_are_honoured(tmp_path: Path) -> None:
    pixels = picture(4)
    tga.write(tmp_path / "a.tga", Image(pixels))
    part = vfx.read(tmp_path / "a.tga", channels=("G",), rows=(2, 5), dtype="u16")
    np.testing.assert_array_equal(part.pixels[:, :, 0], pixels[2:5, :, 1].astype(np.uint16) * 257)


def test_files_are_told_by_their_usual_header_or_their_extension(tmp_path: Path) -> None:
    content = made(2, 24, bytes(6), name=b"a name")
    with pytest.raises(FormatError, match="not a picture of a known format"):
        vfx.read(content)
    assert tga.sniff(content[:18])
    assert not tga.sniff(b"\x89PNG\r\n\x1a\n" + bytes(10))
    (tmp_path / "a.tga").write_bytes(content)
    assert vfx.read(tmp_path / "a.tga").width == 2
    assert vfx.read(made(2, 24, bytes(6))).width == 2


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(17), "the header is cut off"),
        (made(32, 8, bytes(9)), "type 32"),
        (made(2, 12, bytes(9)), "pixels of 12 bits"),
        (made(2, 24, bytes(9), flags=64), "are not supported"),
        (made(2, 24, bytes(9), size=(0, 1)), "a picture of 0 x 1 pixels"),
        (made(2, 24, bytes(5)), "5 bytes cannot hold 2 x 1 pixels"),
        (made(10, 24, bytes(3)), "cannot hold"),
        (made(10, 24, bytes([0x82, 1, 2, 3])), r"damaged or cut off \(byte 18\)"),
        (made(10, 24, bytes([1, 1, 2, 3])), "damaged or cut off"),
        (made(10, 24, bytes(9), size=(65535, 65535)), "cannot hold|more than"),
        (made(1, 8, bytes(9)), "without its palette"),
        (made(1, 8, bytes(9), palette=(0, 2, 12)), "a palette of 12 bits"),
        (made(1, 8, bytes(3), palette=(0, 2, 24)), "the palette is cut off"),
        (made(1, 8, bytes(6) + b"\1\2", palette=(0, 2, 24)), "outside the palette of 2 colours"),
        (made(1, 8, bytes(6) + b"\1\0", palette=(1, 2, 24)), "outside the palette of 2 colours"),
    ],
)
def test_damage_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=f"^<bytes>: .*({said})"):
        tga.read(content)


@pytest.mark.parametrize(("options", "error"), [
    ({"compression": "zip"}, ValueError), ({"origin": "left"}, ValueError), ({"bit_depth": 16}, ValueError),
])  # fmt: skip
def test_wrong_options_raise_and_leave_no_file(options: dict[str, Any], error: type, tmp_path: Path) -> None:
    with pytest.raises(error):
        tga.write(tmp_path / "a.tga", Image(picture(3)), **options)
    with pytest.raises(ChannelError, match="TGA holds"):
        tga.write(tmp_path / "a.tga", Image(np.zeros((2, 2, 5), np.uint8)))
    with pytest.raises(ValueError, match="65535"):
        tga.write(tmp_path / "a.tga", Image(np.zeros((1, 65536), np.uint8)))
    assert list(tmp_path.iterdir()) == []
