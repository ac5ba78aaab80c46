"""Radiance pictures: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import hdr
from vfx.io._hdr_header import SCANS
from vfx.metadata import Chromaticities


def picture(size: tuple[int, int] = (9, 30), seed: int = 3) -> np.ndarray[Any, Any]:
    """Colours of many exponents, with runs."""
    rng = np.random.default_rng(seed)
    pixels = np.exp2(rng.uniform(-20, 20, (*size, 3))).astype(np.float32)
    pixels[:, : size[1] // 2] = pixels[:, :1]
    return pixels


def made(lines: bytes, size: str = "-Y 1 +X 3", header: bytes = b"FORMAT=32-bit_rle_rgbe\n") -> bytes:
    """A picture by hand."""
    return b"#?RADIANCE\n" + header + b"\n" + size.encode() + b"\n" + lines


def by_others(path: Path) -> list[np.ndarray[Any, Any]]:
    """What OpenCV, OpenImageIO and imagecodecs read."""
    cv2 = pytest.importorskip("cv2")
    oiio = pytest.importorskip("OpenImageIO")
    import imagecodecs

    opened = oiio.ImageInput.open(str(path))
    assert opened is not None, oiio.geterror()
    return [
        cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[:, :, ::-1],
        opened.read_image("float"),
        imagecodecs.rgbe_decode(path.read_bytes()),
    ]


# ------------------------------------------------------------------ agreement


@pytest.mark.each_shared_file("hdr/*.hdr")
def test_reads_what_others_read(shared_case: Path) -> None:
    image = vfx.read(shared_case)
    for theirs in by_others(shared_case):
        np.testing.assert_array_equal(image.pixels, theirs)
    info = vfx.probe(shared_case)
    assert (info.format, info.width, info.height) == ("hdr", image.width, image.height)
    assert info.channel_names == image.channel_names == ("R", "G", "B")


@pytest.mark.parametrize("size", [(9, 30), (1, 8), (3, 1), (2, 7), (5, 300)])
@pytest.mark.parametrize("compression", hdr.COMPRESSIONS)
def test_written_files_are_read_back_by_all(size: tuple[int, int], compression: str, tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    pixels = picture(size)
    vfx.write(path, Image(pixels), compression=compression)
    found = vfx.read(path)
    top = pixels.max(axis=2, keepdims=True)
    assert (np.abs(found.pixels - pixels) <= top / 255).all()  # half a mantissa of at least 127.5
    for theirs in by_others(path):
        np.testing.assert_array_equal(found.pixels, theirs.reshape(found.shape))
    vfx.write(tmp_path / "again.hdr", found, compression=compression)
    assert (tmp_path / "again.hdr").read_bytes() == path.read_bytes()


def test_runs_make_files_smaller_and_very_wide_lines_stay_flat(tmp_path: Path) -> None:
    flat, coded = tmp_path / "flat.hdr", tmp_path / "coded.hdr"
    hdr.write(flat, Image(picture((40, 200))), compression="none")
    hdr.write(coded, Image(picture((40, 200))))
    assert coded.stat().st_size < 0.8 * flat.stat().st_size
    wide = np.ones((1, 40_000, 3), np.float32)
    hdr.write(coded, Image(wide))
    assert coded.stat().st_size > 4 * 40_000
    np.testing.assert_array_equal(hdr.read(coded).pixels, wide)


# ------------------------------------------------------------------ codes


def test_a_code_is_mantissa_times_two_to_the_exponent() -> None:
    codes = bytes([128, 64, 0, 129, 255, 1, 2, 255, 9, 9, 9, 0])
    pixels = hdr.read(made(codes)).pixels[0]
    expected = [[1, 0.5, 0], [255 * 2.0**119, 2.0**119, 2 * 2.0**119], [0, 0, 0]]
    np.testing.assert_array_equal(pixels, np.array(expected, np.float32))


def test_every_exponent_survives(tmp_path: Path) -> None:
    codes = np.zeros((1, 255, 4), np.uint8)
    codes[0, :, 0], codes[0, :, 1], codes[0, :, 3] = 200, 100, np.arange(1, 256)
    image = hdr.read(made(codes.tobytes(), "-Y 1 +X 255"))
    exact = 200 * np.exp2(np.arange(1, 256) - 136.0)
    np.testing.assert_array_equal(image.pixels[0, :, 0], exact.astype(np.float32))
    hdr.write(tmp_path / "a.hdr", image, compression="none")
    assert (tmp_path / "a.hdr").read_bytes().endswith(codes.tobytes())


def test_values_are_rounded_to_the_nearest_code(tmp_path: Path) -> None:
    values = np.array([[[128.4, 128.6, 0], [255.4, 1, 0], [255.6, 3, 1], [1e-45, 0, 0]]], np.float32)
    hdr.write(tmp_path / "a.hdr", Image(values))
    expected = [[128, 129, 0], [255, 1, 0], [256, 4, 2], [0, 0, 0]]
    np.testing.assert_array_equal(hdr.read(tmp_path / "a.hdr").pixels[0], expected)


def test_what_the_format_cannot_hold_becomes_the_nearest_it_can(tmp_path: Path) -> None:
    values = np.array([[[-1, np.nan, 2], [np.inf, 0, 0], [-np.inf, np.nan, -2]]], np.float32)
    hdr.write(tmp_path / "a.hdr", Image(values))
    largest = np.float32(255 * 2.0**119)
    np.testing.assert_array_equal(hdr.read(tmp_path / "a.hdr").pixels[0], [[0, 0, 2], [largest, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize("fmt", ["u8", "u16", "f16"])
def test_other_formats_are_written_by_their_meaning(fmt: str, tmp_path: Path) -> None:
    image = Image(np.array([[[1.0, 0.5, 0.0]]], np.float32)).astype(fmt)
    hdr.write(tmp_path / "a.hdr", image)
    np.testing.assert_allclose(hdr.read(tmp_path / "a.hdr").pixels, image.astype("f32").pixels, atol=2 / 255)


def test_gray_is_three_equal_colours_and_alpha_is_left_out(tmp_path: Path) -> None:
    hdr.write(tmp_path / "a.hdr", Image(np.full((2, 2, 2), 0.5, np.float32), channels=("Y", "A")))
    assert (hdr.read(tmp_path / "a.hdr").pixels == 0.5).all()
    hdr.write(tmp_path / "a.hdr", Image(np.full((2, 2, 4), [1, 2, 4, 0.5], np.float32)))
    assert hdr.read(tmp_path / "a.hdr").pixels[0, 0].tolist() == [1, 2, 4]


def test_xyz_stays_xyz_and_does_not_pass_for_rgb(tmp_path: Path) -> None:
    image = hdr.read(made(bytes([128, 64, 32, 129] * 3), header=b"FORMAT=32-bit_rle_xyze\n"))
    assert image.channel_names == ("XYZ.X", "XYZ.Y", "XYZ.Z")
    with pytest.raises(ChannelError, match="works on channels R, G, B"):
        image.exposure(1)
    hdr.write(tmp_path / "a.hdr", image.select(("XYZ.Z", "XYZ.X", "XYZ.Y")))
    assert b"32-bit_rle_xyze" in (tmp_path / "a.hdr").read_bytes()
    assert hdr.read(tmp_path / "a.hdr").pixels[0, 0].tolist() == [1, 0.5, 0.25]


# ------------------------------------------------------------------ kinds of scanlines


def test_old_runs_repeat_the_last_pixel() -> None:
    first, second = bytes([10, 20, 30, 136]), bytes([40, 50, 60, 136])
    line = first + bytes([1, 1, 1, 3]) + second + bytes([1, 1, 1, 2, 1, 1, 1, 1])
    pixels = hdr.read(made(line, f"-Y 1 +X {4 + 1 + 2 + 256}")).pixels[0]
    assert pixels[:4].tolist() == [[10, 20, 30]] * 4
    assert pixels[4:].tolist() == [[40, 50, 60]] * 259


def test_component_runs_are_read() -> None:
    line = bytes([2, 2, 0, 8, 136, 7]) + bytes([3, 1, 2, 3, 133, 4]) + bytes([8, *range(8)]) + bytes([136, 136])
    pixels = hdr.read(made(line, "-Y 1 +X 8")).pixels[0]
    assert pixels[:, 0].tolist() == [7] * 8
    assert pixels[:, 1].tolist() == [1, 2, 3, 4, 4, 4, 4, 4]
    assert pixels[:, 2].tolist() == list(range(8))


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("compression", hdr.COMPRESSIONS)
def test_every_order_of_pixels_comes_out_upright(scan: str, compression: str, tmp_path: Path) -> None:
    pixels = picture((9, 12))
    hdr.write(tmp_path / "plain.hdr", Image(pixels))
    hdr.write(tmp_path / "a.hdr", Image(pixels), scan=scan, compression=compression)
    expected = hdr.read(tmp_path / "plain.hdr").pixels
    np.testing.assert_array_equal(hdr.read(tmp_path / "a.hdr").pixels, expected)
    np.testing.assert_array_equal(hdr.read(tmp_path / "a.hdr", rows=(2, 5)).pixels, expected[2:5])
    assert hdr.probe(tmp_path / "a.hdr").metadata["hdr:scan"] == scan


def test_the_first_rows_are_read_without_those_below(tmp_path: Path) -> None:
    hdr.write(tmp_path / "a.hdr", Image(picture((20, 30))))
    cut = (tmp_path / "a.hdr").read_bytes()[:-20]
    image = hdr.read(cut, rows=(3, 6))
    np.testing.assert_array_equal(image.pixels, hdr.read(tmp_path / "a.hdr").pixels[3:6])
    assert (image.data_window, image.display_window) == ((0, 3, 29, 5), (0, 0, 29, 19))
    with pytest.raises(FormatError, match="a scanline is damaged or cut off"):
        hdr.read(cut)


# ------------------------------------------------------------------ header


def test_metadata_survives_writing_and_reading(tmp_path: Path) -> None:
    entries = {
        "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
        "software": "a renderer 2",
        "capture_date": "2026:03:04 05:06:07",
        "comments": "first line\nsecond Ünïcode line",
        "hdr:exposure": 2.5,
        "hdr:colorcorr": (1.0, 0.5, 0.25),
        "hdr:VIEW": "rvu -vtv -vp 1 2 3",
        "hdr:history": "oconv a.rad > a.oct\nrpict a.oct",
    }
    hdr.write(tmp_path / "a.hdr", Image(picture(), metadata=entries, pixel_aspect=2.0))
    image = hdr.read(tmp_path / "a.hdr")
    assert image.metadata == entries
    assert image.pixel_aspect == 2.0
    assert b"PIXASPECT=0.5\n" in (tmp_path / "a.hdr").read_bytes()


def test_exposures_multiply_and_leave_the_pixels_alone() -> None:
    header = b"EXPOSURE=2\nFORMAT=32-bit_rle_rgbe\nEXPOSURE= 0.5e1\nPIXASPECT=2\nPIXASPECT=4\n"
    image = hdr.read(made(bytes([128, 128, 128, 129] * 3), header=header))
    assert image.metadata == {"hdr:exposure": 10.0}
    assert image.pixel_aspect == 0.125
    assert image.pixels[0, 0].tolist() == [1, 1, 1]


def test_numbers_that_are_none_are_kept_as_text() -> None:
    header = b"EXPOSURE=bright\nPRIMARIES=1 2\n\tEXPOSURE=3\n"
    image = hdr.read(made(bytes([128, 128, 128, 129] * 3), header=header))
    assert image.metadata == {
        "hdr:EXPOSURE": "bright", "hdr:PRIMARIES": "1 2", "hdr:history": "\tEXPOSURE=3",
    }  # fmt: skip


def test_a_text_cannot_end_the_header(tmp_path: Path) -> None:
    entries = {"software": "two\n\nlines", "hdr:history": "one\n\nthree", "comments": "a\n\nb"}
    hdr.write(tmp_path / "a.hdr", Image(picture(), metadata=entries))
    assert hdr.read(tmp_path / "a.hdr").metadata["software"] == "two lines"


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n", "the header does not end"),
        (made(b"", "-Y 1 +Y 3"), "names Y twice"),
        (made(b"", "1 by 3"), "no picture size"),
        (made(b"", "-Y 0 +X 3"), "a picture of 3 x 0 pixels"),
        (made(bytes(12), header=b"FORMAT=64-bit\n"), "pixels of format '64-bit' are not supported"),
        (made(bytes(11)), "damaged or cut off"),
        (made(b"", "-Y 900000 +X 500"), "0 bytes cannot hold 900000 scanlines"),
        (made(bytes([1, 1, 1, 3])), "damaged or cut off"),
        (made(bytes([9, 9, 9, 9, 1, 1, 1, 3])), "damaged or cut off"),
        (made(bytes([2, 2, 0, 9]) + bytes(99), "-Y 1 +X 8"), "damaged or cut off"),
        (made(bytes([2, 2, 0, 8, 137, 1]) + bytes(99), "-Y 1 +X 8"), "damaged or cut off"),
        (made(bytes([2, 2, 0, 8, 0, 1]) + bytes(99), "-Y 1 +X 8"), "damaged or cut off"),
        (made(bytes([2, 2, 0, 8, 8, 1]), "-Y 1 +X 8"), "damaged or cut off"),
    ],
)
def test_damage_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=f"^<bytes>: .*{said}"):
        vfx.read(content)


@pytest.mark.parametrize("options", [{"compression": "zip"}, {"scan": "+X +X"}])
def test_wrong_options_raise_and_leave_no_file(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        hdr.write(tmp_path / "a.hdr", Image(picture()), **options)
    with pytest.raises(ChannelError, match="XYZE"):
        hdr.write(tmp_path / "a.hdr", Image(picture(), channels=("u", "v", "w")))
    assert list(tmp_path.iterdir()) == []
