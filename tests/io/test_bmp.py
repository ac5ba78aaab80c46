"""Windows bitmaps: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from reference.bitmap_file import GRAYS, bitmap

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import bmp

FIVES = struct.pack("<3I", 0xF800, 0x7E0, 0x1F)


def picture(channels: int, size: tuple[int, int] = (7, 13)) -> np.ndarray[Any, Any]:
    return np.random.default_rng(channels).integers(0, 256, (*size, channels), np.uint8)


def by_others(path: Path) -> list[np.ndarray[Any, Any]]:
    """What Pillow, OpenImageIO, OpenCV and imagecodecs read, RGB(A)."""
    cv2 = pytest.importorskip("cv2")
    oiio = pytest.importorskip("OpenImageIO")
    import imagecodecs

    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found.ndim == 3:
        found = found[:, :, [2, 1, 0, 3][: found.shape[2]]]
    with Pillow.open(path) as picture:
        return [np.array(picture), opened.read_image("uint8"), found, imagecodecs.bmp_decode(path.read_bytes())]


# ------------------------------------------------------------------ agreement


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("profile", [False, True])
def test_written_files_are_read_back_by_all(channels: int, profile: bool, tmp_path: Path) -> None:
    path, pixels = tmp_path / "a.bmp", picture(channels)
    icc = b"\0" * 16 + (b"GRAY" if channels == 1 else b"RGB ") + b"\1" * 200
    vfx.write(path, Image(pixels, metadata={"icc_profile": icc} if profile else {}))
    image = vfx.read(path)
    expected = pixels[:, :, [0, 0, 0, 1]] if channels == 2 else pixels
    np.testing.assert_array_equal(image.pixels, expected)
    assert image.metadata.get("icc_profile") == (icc if profile else None)
    for theirs in by_others(path):
        np.testing.assert_array_equal(theirs.reshape(expected.shape), expected)
    info = vfx.probe(path)
    assert (info.format, info.channel_names) == ("bmp", image.channel_names)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_reads_what_pillow_writes(mode: str) -> None:
    stream = io.BytesIO()
    saved = Pillow.fromarray(picture(4)).convert(mode)
    saved.save(stream, "BMP")
    image = vfx.read(stream.getvalue())
    with Pillow.open(stream) as opened:  # of RGBA it writes a fourth byte that neither of us takes for alpha
        expected = np.array(opened.convert({"1": "L", "P": "RGB"}.get(opened.mode, opened.mode)))
    np.testing.assert_array_equal(image.pixels, expected.reshape(image.shape))
    assert image.channel_names == (("Y",) if mode in "1L" else ("R", "G", "B"))


def test_rows_from_the_top_are_read() -> None:
    body = bytes([3, 2, 1, 0, 6, 5, 4, 0])
    assert bmp.read(bitmap((1, 2), 24, body)).pixels.tolist() == [[[4, 5, 6]], [[1, 2, 3]]]
    assert bmp.read(bitmap((1, -2), 24, body)).pixels.tolist() == [[[1, 2, 3]], [[4, 5, 6]]]


# ------------------------------------------------------------------ kinds of pixels


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("width", [1, 7, 8, 9, 33])
def test_palettes_of_all_depths_become_colours(bits: int, width: int) -> None:
    rng = np.random.default_rng(bits)
    colours = rng.integers(0, 256, (2**bits, 3), np.uint8)
    colours[-1] = 1, 2, 3
    codes = rng.integers(0, 2**bits, (2, width))
    rows = b""
    for line in codes[::-1]:
        text = "".join(format(code, f"0{bits}b") for code in line)
        rows += int(text.ljust((len(text) + 31) // 32 * 32, "0"), 2).to_bytes((len(text) + 31) // 32 * 4, "big")
    palette = np.concatenate((colours[:, ::-1], np.zeros((2**bits, 1), np.uint8)), axis=1).tobytes()
    image = bmp.read(bitmap((width, 2), bits, rows, palette=palette))
    np.testing.assert_array_equal(image.pixels, colours[codes])


def test_a_palette_of_grays_is_one_channel() -> None:
    palette = bytes([10, 10, 10, 0, 200, 200, 200, 0])
    image = bmp.read(bitmap((2, 1), 8, bytes([1, 0, 0, 0]), palette=palette, used=2))
    assert image.channel_names == ("Y",)
    assert image.pixels[0, :, 0].tolist() == [200, 10]


def test_the_old_header_of_12_bytes_is_read() -> None:
    head = struct.pack("<IHHHH", 12, 2, 1, 1, 8) + bytes([1, 2, 3] * 256)
    content = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 14 + len(head)) + head + bytes([7, 9, 0, 0])
    assert bmp.read(content).pixels.tolist() == [[[3, 2, 1], [3, 2, 1]]]


@pytest.mark.parametrize(("fields", "word", "expected"), [
    ({}, 0x7FFF, [255, 255, 255]), ({}, 0x0010 << 10 | 1, [132, 0, 8]), ({}, 0x8000, [0, 0, 0]),
    ({"kind": 3, "masks": FIVES}, 0x07E0, [0, 255, 0]), ({"kind": 3, "masks": FIVES}, 0x0821, [8, 4, 8]),
    ({"kind": 6, "masks": struct.pack("<4I", 0xF00, 0xF0, 0xF, 0xF000)}, 0x8421, [68, 34, 17, 136]),
])  # fmt: skip
def test_16_bits_are_cut_by_masks_and_rounded(fields: dict[str, Any], word: int, expected: list[int]) -> None:
    image = bmp.read(bitmap((1, 1), 16, word.to_bytes(2, "little") + b"\0\0", **fields))
    assert image.pixels[0, 0].tolist() == expected


def test_masks_of_more_than_8_bits_become_u16() -> None:
    masks = struct.pack("<3I", 0x3FF00000, 0xFFC00, 0x3FF)
    image = bmp.read(bitmap((1, 1), 32, (1023 << 20 | 512 << 10 | 1).to_bytes(4, "little"), kind=3, masks=masks))
    assert image.format == "u16"
    assert image.pixels[0, 0].tolist() == [65535, round(512 * 65535 / 1023), round(65535 / 1023)]


def test_the_fourth_byte_is_alpha_only_with_a_mask() -> None:
    assert bmp.read(bitmap((1, 1), 32, b"\1\2\3\4")).pixels.tolist() == [[[3, 2, 1]]]
    masks = struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    image = bmp.read(bitmap((1, 1), 32, b"\1\2\3\4", kind=3, rest=masks))
    assert image.pixels.tolist() == [[[1, 2, 3, 4]]]
    assert image.metadata["alpha"] == "unassociated"


@pytest.mark.parametrize(("bits", "kind", "codes", "rows"), [
    (8, 1, [3, 7, 0, 0, 1, 5, 2, 6, 0, 1], [[5, 6, 6], [7, 7, 7]]),
    (8, 1, [0, 3, 1, 2, 3, 0, 0, 0, 3, 9, 0, 1], [[9, 9, 9], [1, 2, 3]]),
    (8, 1, [0, 2, 1, 1, 2, 4, 0, 1], [[0, 4, 4], [0, 0, 0]]),
    (8, 1, [1, 8, 0, 1], [[0, 0, 0], [8, 0, 0]]),
    (8, 1, [3, 1, 0, 0, 3, 2], [[2, 2, 2], [1, 1, 1]]),
    (4, 2, [3, 0x12, 0, 0, 0, 3, 0x34, 0x50, 0, 1], [[3, 4, 5], [1, 2, 1]]),
])  # fmt: skip
def test_run_lengths_are_read(bits: int, kind: int, codes: list[int], rows: list[list[int]]) -> None:
    image = bmp.read(bitmap((3, 2), bits, bytes(codes), kind=kind, palette=GRAYS, used=16))
    assert image.pixels[:, :, 0].tolist() == rows


def test_run_lengths_agree_with_pillow() -> None:
    rng = np.random.default_rng(2)
    content = []
    for _ in range(20):
        line, left = [], 40
        while left:
            count = int(rng.integers(1, min(left, 12) + 1))
            if count >= 3 and rng.random() < 0.5:
                line += [0, count, *rng.integers(0, 16, count).tolist(), *[0] * (count % 2)]
            else:
                line += [count, int(rng.integers(0, 16))]
            left -= count
        content += [*line, 0, 0]
    whole = bitmap((40, 20), 8, bytes([*content, 0, 1]), kind=1, palette=GRAYS, used=16)
    with Pillow.open(io.BytesIO(whole)) as opened:
        expected = np.array(opened.convert("L"))
    np.testing.assert_array_equal(bmp.read(whole).pixels[:, :, 0], expected)


# ------------------------------------------------------------------ metadata


def test_density_and_pixel_aspect_survive(tmp_path: Path) -> None:
    image = bmp.read(bitmap((1, 1), 24, bytes(4), density=(3000, 6000)))
    assert image.pixel_aspect == 2.0
    assert image.metadata["bmp:density"] == (3000, 6000)
    bmp.write(tmp_path / "a.bmp", image)
    assert bmp.read(tmp_path / "a.bmp").metadata == image.metadata
    bmp.write(tmp_path / "a.bmp", Image(picture(3), pixel_aspect=0.9))
    assert bmp.read(tmp_path / "a.bmp").pixel_aspect == pytest.approx(0.9, rel=1e-3)


def test_end_points_and_gamma_of_version_4_are_read() -> None:
    ends = [0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505]  # IEC 61966-2-1
    rest = struct.pack("<4I", 0, 0, 0, 0) + struct.pack("<I", 0)
    rest += struct.pack("<9i", *(round(value * 2**30) for value in ends)) + struct.pack(
        "<3I", *[round(2.2 * 65536)] * 3
    )
    entries = bmp.read(bitmap((1, 1), 24, bytes(4), rest=rest)).metadata
    flat = [value for point in entries["chromaticities"] for value in point]
    assert flat == pytest.approx([0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329], abs=5e-4)
    assert entries["bmp:gamma"] == pytest.approx((2.2, 2.2, 2.2), abs=1e-4)


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"BM" + bytes(10), "the header is cut off"),
        (b"BM" + bytes(40), "a bitmap header of 0 bytes"),
        (bitmap((1, 1), 24, b"")[:40], "the header is cut off"),
        (bitmap((1, 1), 24, b"\1\2"), "2 bytes cannot hold 1 x 1 pixels"),
        (bitmap((0, 1), 24, bytes(9)), "0 x 1 pixels"),
        (bitmap((-1, 1), 24, bytes(9)), "-1 x 1 pixels"),
        (bitmap((9, 9), 13, bytes(9)), "a bitmap of 13 bits"),
        (bitmap((9, 9), 24, bytes(9), kind=4), "holds a JPEG file"),
        (bitmap((9, 9), 24, bytes(9), kind=9), "compression 9, is not supported"),
        (bitmap((9, -9), 8, bytes(9), kind=1, palette=GRAYS), "compression 1, is not supported"),
        (bitmap((9, 9), 16, b"", kind=3, masks=b"\1"), "the masks are cut off"),
        (bitmap((1, 1), 16, bytes(4), kind=3, masks=struct.pack("<3I", 0xF00, 0xF0, 0x1F)), "make no sense"),
        (bitmap((1, 1), 16, bytes(4), kind=3, masks=struct.pack("<3I", 0xF0F, 0xF0, 0)), "make no sense"),
        (bitmap((1, 1), 8, bytes(4)), "the palette is missing"),
        (bitmap((1, 1), 8, bytes([16, 0, 0, 0]), palette=GRAYS), "outside the palette of 16 colours"),
        (bitmap((30000, 30000), 24, bytes(9)), "cannot hold|more than"),
        (bitmap((3, 2), 8, bytes([4, 1, 0, 1]), kind=1, palette=GRAYS), "damaged or cut off"),
        (bitmap((3, 2), 8, bytes([0, 4, 1, 1, 1, 1]), kind=1, palette=GRAYS), "damaged or cut off"),
        (bitmap((3, 2), 8, bytes([0, 3, 1]), kind=1, palette=GRAYS), "damaged or cut off"),
        (bitmap((3, 2), 8, bytes([3, 1]), kind=1, palette=GRAYS), "damaged or cut off"),
        (bitmap((3, 2), 8, bytes([0, 2, 4, 0, 0, 1]), kind=1, palette=GRAYS), "damaged or cut off"),
    ],
)
def test_damage_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=f"^<bytes>: .*({said})"):
        vfx.read(content)


def test_other_channels_raise_and_leave_no_file(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="BMP holds"):
        bmp.write(tmp_path / "a.bmp", Image(np.zeros((2, 2, 5), np.uint8)))
    assert list(tmp_path.iterdir()) == []
