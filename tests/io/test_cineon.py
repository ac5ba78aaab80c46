"""Cineon files: every packing of every depth, interleaves, orientations, header fields, damage, and writing."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import vfx
from tests.reference.cineon_reference import CELLS, file_of
from vfx import Image
from vfx.errors import ChannelError, FormatError
from vfx.io import cineon
from vfx.metadata import Chromaticities, KeyCode

oiio = pytest.importorskip("OpenImageIO")


def some_codes(bits: int, components: int = 3, height: int = 4, width: int = 11) -> np.ndarray:
    codes = np.random.default_rng(bits + components).integers(0, 2**bits, (height, width, components), np.uint16)
    codes[0, 0], codes[-1, -1] = 0, 2**bits - 1
    return codes


def codes_of_oiio(path: Path) -> np.ndarray:
    reader = oiio.ImageInput.open(str(path))
    spec = reader.spec()
    pixels = np.asarray(reader.read_image("uint16")).reshape(spec.height, spec.width, -1)
    reader.close()
    return pixels >> 6


@pytest.mark.parametrize("order", "><")
@pytest.mark.parametrize("packing", [*CELLS, *(0x80 | packing for packing in CELLS)])
def test_every_depth_of_every_packing_reads_as_the_reference_says(packing: int, order: str) -> None:
    for bits in range(1, 1 + min(16, CELLS[packing & 0x7F])):
        for components in (1, 3, 4):
            codes = some_codes(bits, components)
            data = file_of(codes, bits=bits, packing=packing, order=order)
            image = cineon.read(data, codes=True)
            assert (image.format, image.channel_names) == (
                "u16",
                {1: ("Y",), 3: tuple("RGB"), 4: tuple("RGBA")}[components],
            )
            np.testing.assert_array_equal(image.pixels, codes, err_msg=f"{bits} bits, {components}")


@pytest.mark.parametrize("bits", [1, 5, 8, 10, 12, 16])
def test_values_are_codes_over_the_largest_code(bits: int) -> None:
    codes, full = some_codes(bits), 2**bits - 1
    data = file_of(codes, bits=bits, packing=3 if bits > 8 else 1)
    image = cineon.read(data)
    assert image.format == {8: "u8", 16: "u16"}.get(bits, "f32")
    np.testing.assert_array_equal(cineon.read(data, dtype="f32").pixels, (codes / full).astype(np.float32))
    np.testing.assert_array_equal(cineon.read(data, dtype="f16").pixels, (codes / full).astype(np.float16))
    for dtype, top in (("u8", 255), ("u16", 65535)):
        expected = (2 * codes.astype(np.int64) * top + full) // (2 * full)
        np.testing.assert_array_equal(cineon.read(data, dtype=dtype).pixels, expected)


@pytest.mark.parametrize("orientation", range(8))
def test_rows_are_those_of_the_whole_picture(orientation: int, tmp_path: Path) -> None:
    codes = some_codes(10, 3, 9, 6)
    for interleave, packing, bits in ((0, 5, 10), (1, 5, 10), (2, 0x86, 7), (0, 3, 12)):
        path = tmp_path / "a.cin"
        options = {"bits": bits, "packing": packing, "interleave": interleave, "line_padding": 4}
        path.write_bytes(file_of(codes % 2**bits, orientation=orientation, **options))
        whole = cineon.read(path, codes=True).pixels
        for rows in ((0, 1), (2, 5), (len(whole) - 1, len(whole))):
            np.testing.assert_array_equal(cineon.read(path, codes=True, rows=rows).pixels, whole[slice(*rows)])
            part = cineon.read(path.read_bytes(), rows=rows).pixels
            np.testing.assert_array_equal(part, cineon.read(path).pixels[slice(*rows)])


@pytest.mark.parametrize(("interleave", "packing"), list(itertools.product((0, 1, 2), (5, 6, 3))))
def test_interleaves_and_paddings(interleave: int, packing: int) -> None:
    codes = some_codes(10)
    for line, channel in ((0, 0), (4, 0), (12, 64)):
        data = file_of(codes, packing=packing, interleave=interleave, line_padding=line, channel_padding=channel)
        np.testing.assert_array_equal(cineon.read(data, codes=True).pixels, codes)
        with pytest.raises(FormatError, match="promises 11 x 4 pixels"):
            cineon.read(data[: -line - 3])


# Kodak, image information: where the pixels of a line go, and where the lines go.
ORIENTATIONS = ("right down", "right up", "left down", "left up", "down right", "down left", "up right", "up left")


@pytest.mark.parametrize("orientation", range(8))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    upright = some_codes(10, 3, 4, 7)
    along, lines = ORIENTATIONS[orientation].split()
    stored = np.zeros((7, 4, 3) if along in ("down", "up") else (4, 7, 3), np.uint16)
    for line, pixel in np.ndindex(stored.shape[:2]):
        steps = {along: pixel, lines: line}
        x = steps["right"] if "right" in steps else 6 - steps["left"]
        y = steps["down"] if "down" in steps else 3 - steps["up"]
        stored[line, pixel] = upright[y, x]
    data = file_of(stored, orientation=orientation)
    np.testing.assert_array_equal(cineon.read(data, codes=True).pixels, upright)
    cut = cineon.read(data, codes=True, rows=(1, 3), channels=["B", "R"])
    np.testing.assert_array_equal(cut.pixels, upright[1:3, :, [2, 0]])
    assert (cut.data_window, cut.display_window) == ((0, 1, 6, 2), (0, 0, 6, 3))
    info = cineon.probe(data)
    assert (info.width, info.height, info.formats) == (7, 4, ("u10",) * 3)


def test_header_fields_are_typed() -> None:
    data = bytearray(file_of(some_codes(10)))
    data[820:830], data[832:840] = b"1999:12:31", b"23:59:58"
    data[1108:1112], data[844:851] = b"42A\0", b"scanner"
    struct.pack_into(">4BII", data, 1024, 2, 34, 56, 0xFF, 567890, 1234)
    struct.pack_into(">f", data, 1072, 23.976)
    struct.pack_into(">8f", data, 420, 0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
    struct.pack_into(">2i", data, 712, 5, -6)
    struct.pack_into(">3f", data, 972, 100.0, 200.0, 1.7)
    image = cineon.read(bytes(data))
    found = image.metadata
    assert found["keycode"] == KeyCode(2, 34, 567890, 1234, 56)
    assert found["frame_rate"] == Fraction(24000, 1001)
    assert found["capture_date"] == "1999:12:31 23:59:58"
    assert isinstance(found["chromaticities"], Chromaticities)
    assert found["chromaticities"].white == pytest.approx((0.3127, 0.329))
    assert (found["cineon:slate"], found["cineon:input_device"], found["cineon:bit_depth"]) == ("42A", "scanner", 10)
    assert image.data_window == (5, -6, 15, -3)
    assert image.pixel_aspect == 2.0
    assert cineon.probe(bytes(data)).metadata == found


def test_undefined_fields_are_absent() -> None:
    found = cineon.read(file_of(some_codes(10))).metadata
    assert set(found) == {"cineon:bit_depth", "cineon:endian", "cineon:interleave", "cineon:packing"}


def test_a_header_without_film_is_enough() -> None:
    codes = some_codes(10)
    image = cineon.read(file_of(codes, header=1024), codes=True)
    np.testing.assert_array_equal(image.pixels, codes)
    assert "keycode" not in image.metadata


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, b"SDPX", "not a Cineon file"),
        (4, b"\0\0\1\0", "cannot begin at byte 256"),
        (192, b"\x08", "orientation is 0 to 7"),
        (193, b"\0", "1 to 8 channels"),
        (193, b"\x09", "1 to 8 channels"),
        (198, b"\x00", "different sizes or depths"),
        (200, b"\0\0\0\0", "different sizes"),
        (680, b"\x03", "interleave 3"),
        (681, b"\x00", "10-bit codes of packing 0"),
        (681, b"\x07", "10-bit codes of packing 7"),
        (681, b"\x01", "10-bit codes of packing 1"),
        (682, b"\x01", "signed"),
    ],
)
def test_what_is_not_supported_is_said_clearly(at: int, value: bytes, message: str, tmp_path: Path) -> None:
    data = bytearray(file_of(some_codes(10)))
    data[at : at + len(value)] = value
    path = tmp_path / "odd.cin"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=message) as caught:
        cineon.read(path)
    assert str(caught.value).startswith(str(path))


def test_a_file_cut_anywhere_is_an_error() -> None:
    data = file_of(some_codes(10))
    for length in [*range(1, len(data), 97), len(data) - 1]:
        with pytest.raises(FormatError):
            cineon.read(data[:length])


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("names", ["Y", "RGB"])
def test_written_files_are_read_back_and_by_openimageio(names: str, endian: str, tmp_path: Path) -> None:
    for width in (9, 10, 11, 12):
        codes = some_codes(10, len(names), 5, width)
        image = Image(codes, channels=names, metadata={"frame_rate": Fraction(24), "cineon:slate": "7"})
        path = tmp_path / f"{width}.cin"
        cineon.write(path, image, codes=True, endian=endian)
        back = vfx.read(path, codes=True)
        np.testing.assert_array_equal(back.pixels, codes)
        assert (back.metadata["frame_rate"], back.metadata["cineon:slate"]) == (24, "7")
        if names == "RGB":
            np.testing.assert_array_equal(codes_of_oiio(path), codes)


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("names", ["Y", "RGB"])
def test_other_depths_go_round_and_stay(names: str, bits: int, endian: str, tmp_path: Path) -> None:
    for width in (1, 5, 12):
        codes = some_codes(bits, len(names), 3, width)
        cineon.write(tmp_path / "a.cin", Image(codes, channels=names), bit_depth=bits, codes=True, endian=endian)
        image = cineon.read(tmp_path / "a.cin")
        np.testing.assert_array_equal(cineon.read(tmp_path / "a.cin", codes=True).pixels, codes)
        cineon.write(tmp_path / "b.cin", image)
        np.testing.assert_array_equal(cineon.read(tmp_path / "b.cin", codes=True).pixels, codes)
    with pytest.raises(ValueError, match="bit_depth must be one of 8, 10, 12, 16, got 14"):
        cineon.write(tmp_path / "c.cin", Image(codes, channels=names), bit_depth=14)


def test_values_are_written_as_their_nearest_codes(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).random((5, 8, 3)).astype(np.float32)
    cineon.write(tmp_path / "a.cin", Image(pixels))
    expected = np.floor(pixels.astype(np.float64) * 1023 + 0.5)
    np.testing.assert_array_equal(cineon.read(tmp_path / "a.cin", codes=True).pixels, expected)
    with pytest.raises(ChannelError, match="holds Y or R, G, B, not R, G, B, A"):
        cineon.write(tmp_path / "b.cin", Image(np.zeros((2, 2, 4), np.float32)))
    with pytest.raises(ValueError, match="larger than 1023"):
        cineon.write(tmp_path / "b.cin", Image(np.full((2, 2, 3), 1024, np.uint16)), codes=True)
    assert not (tmp_path / "b.cin").exists()


@pytest.mark.each_shared_file("cineon/*.cin")
def test_openimageio_reads_real_files_as_we_do(shared_case: Path) -> None:
    image = cineon.read(shared_case, codes=True)
    np.testing.assert_array_equal(image.pixels, codes_of_oiio(shared_case))
    words = np.frombuffer(shared_case.read_bytes(), ">u4", image.width * image.height, 0x8000)
    fields = np.stack([words >> 22, words >> 12 & 1023, words >> 2 & 1023], -1)
    np.testing.assert_array_equal(image.pixels, fields.reshape(image.pixels.shape))


@pytest.mark.each_shared_file("cineon/checker.cin")
def test_numbers_in_the_other_byte_order_are_understood(shared_case: Path) -> None:
    found = cineon.read(shared_case).metadata
    assert found["cineon:high_data"] == 1023.0
    assert found["cineon:x_pitch"] == pytest.approx(166.67, abs=0.01)
    assert found["cineon:gamma"] == 1.0
    assert found["cineon:frame_position"] == 1
    assert found["cineon:input_device"] == "Created with Nuke 12.2"
