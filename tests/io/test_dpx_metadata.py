"""DPX header fields: into metadata and back, undefined ones absent, names for codes."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.reference.dpx_reference import file_of
from vfx import Image
from vfx.errors import LimitError
from vfx.io import dpx, limits
from vfx.metadata import KeyCode, TimeCode

PIXELS = np.zeros((4, 6, 3), np.float32)
EVERY_FIELD = {
    "timecode": TimeCode(1, 2, 3, 4, drop_frame=True, user_bits=0x12345678),
    "keycode": KeyCode(2, 34, 567890, 1234, 56),
    "frame_rate": Fraction(24000, 1001),
    "copyright": "the studio",
    "dpx:ditto_key": 1,
    "dpx:project": "show 42",
    "dpx:transfer": "printing_density",
    "dpx:colorimetric": "printing_density",
    "dpx:low_data": 95,
    "dpx:low_quantity": 0.5,
    "dpx:high_data": 685,
    "dpx:high_quantity": 2.046875,
    "dpx:bit_depth": 10,
    "dpx:description": "background plate",
    "dpx:x_center": 3.5,
    "dpx:y_center": 2.5,
    "dpx:source_filename": "scan.0001.dpx",
    "dpx:source_date": "2024:05:06:07:08:09:UTC",
    "dpx:input_device": "scanner",
    "dpx:input_serial": "007",
    "dpx:border": (1, 2, 3, 4),
    "dpx:scanned_width": 24.9375,
    "dpx:scanned_height": 18.625,
    "dpx:film_format": "35mm full",
    "dpx:frame_position": 7,
    "dpx:sequence_length": 240,
    "dpx:held_count": 2,
    "shutter_angle": 172.75,
    "dpx:frame_id": "key",
    "dpx:slate": "42A take 3",
    "dpx:interlace": 0,
    "dpx:field_number": 1,
    "dpx:video_signal": 150,
    "dpx:horizontal_sample_rate": 74.25,
    "dpx:vertical_sample_rate": 0.5,
    "dpx:tv_frame_rate": 25.0,
    "dpx:time_offset": 0.125,
    "dpx:gamma": 2.25,
    "dpx:black_level": 64.0,
    "dpx:black_gain": 4.5,
    "dpx:breakpoint": 0.75,
    "dpx:white_level": 940.0,
    "dpx:integration_time": 0.015625,
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.dpx"


@pytest.mark.parametrize("endian", ["big", "little"])
def test_every_field_goes_round(endian: str, target: Path) -> None:
    image = Image(PIXELS, metadata=EVERY_FIELD, pixel_aspect=2.0)
    dpx.write(target, image, endian=endian)
    back = dpx.read(target)
    for key, value in EVERY_FIELD.items():
        assert back.metadata[key] == value, key
        assert type(back.metadata[key]) is type(value), key
    assert back.pixel_aspect == 2.0
    assert back.metadata["capture_date"] == "2024:05:06 07:08:09"
    assert dpx.probe(target).metadata == back.metadata


def test_what_has_no_value_is_absent_and_undefined_in_the_file(target: Path) -> None:
    dpx.write(target, Image(PIXELS))
    found = dpx.read(target).metadata
    assert found == {
        "software": "vfx",
        "dpx:bit_depth": 10,
        "dpx:descriptor": "RGB",
        "dpx:endian": "big",
        "dpx:filename": "out.dpx",
        "dpx:high_data": 1023,
        "dpx:low_data": 0,
        "dpx:packing": "filled_a",
        "dpx:version": "V2.0",
    }
    head = target.read_bytes()[:2048]
    for start, end in ((660, 664), (1416, 1424), (1712, 1732), (1920, 1931), (1932, 1972)):
        assert head[start:end] == b"\xff" * (end - start), start


def test_undefined_fields_of_a_file_are_absent() -> None:
    found = dpx.read(file_of(np.zeros((2, 3, 3), np.uint16), bits=10)).metadata
    assert set(found) == {
        "dpx:bit_depth", "dpx:colorimetric", "dpx:descriptor", "dpx:endian", "dpx:packing", "dpx:transfer",
        "dpx:version",
    }  # fmt: skip


@pytest.mark.parametrize("bits", [0x7F800000, 0xFF800000, 0x7FC00000, 0xFFFFFFFF, 0x4EFF0000, 0x4F800000])
def test_numbers_that_stand_for_undefined_are_absent(bits: int) -> None:
    data = bytearray(file_of(np.zeros((2, 3, 3), np.uint16), bits=10))
    for offset in (784 + 4, 1724, 1940, 1948):
        struct.pack_into(">I", data, offset, bits)
    found = dpx.read(bytes(data)).metadata
    assert not {"dpx:low_quantity", "frame_rate", "dpx:tv_frame_rate", "dpx:gamma"} & set(found)


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (23.976, Fraction(24000, 1001)), (23.98, Fraction(24000, 1001)), (24.0, Fraction(24)),
        (29.97, Fraction(30000, 1001)), (59.94, Fraction(60000, 1001)), (47.952, Fraction(48000, 1001)),
        (25.0, Fraction(25)), (12.5, Fraction(25, 2)), (119.88, Fraction(120000, 1001)), (48.0, Fraction(48)),
    ],
)  # fmt: skip
def test_rates_become_the_fractions_they_mean(rate: float, exact: Fraction, target: Path) -> None:
    dpx.write(target, Image(PIXELS), frame_rate=rate)
    assert dpx.read(target).metadata["frame_rate"] == exact
    data = bytearray(target.read_bytes())
    struct.pack_into(">f", data, 1724, rate)
    struct.pack_into(">f", data, 1940, rate)
    found = dpx.read(bytes(data)).metadata
    assert found["frame_rate"] == exact
    assert "dpx:tv_frame_rate" not in found


def test_options_win_over_metadata(target: Path) -> None:
    image = Image(PIXELS, metadata=EVERY_FIELD)
    dpx.write(
        target,
        image,
        timecode="10:11:12:13",
        keycode="01 02 000003 0004+05",
        frame_rate="25",
        transfer="rec709",
        colorimetric="bt601_625",
        creator="grader",
        project="other",
        copyright="someone",
    )
    found = dpx.read(target).metadata
    assert str(found["timecode"]) == "10:11:12:13"
    assert found["keycode"] == KeyCode(1, 2, 3, 4, 5)
    assert found["frame_rate"] == 25
    assert (found["dpx:transfer"], found["dpx:colorimetric"]) == ("rec709", "bt601_625")
    assert (found["software"], found["dpx:project"], found["copyright"]) == ("grader", "other", "someone")


def test_the_timecode_is_binary_coded_hours_first_in_either_byte_order(target: Path) -> None:
    for endian, stored in (("big", b"\x01\x02\x03\x04"), ("little", b"\x04\x03\x02\x01")):
        dpx.write(target, Image(PIXELS), timecode="01:02:03:04", endian=endian)
        assert target.read_bytes()[1920:1924] == stored


def test_a_timecode_without_sense_is_absent() -> None:
    data = bytearray(file_of(np.zeros((2, 3, 3), np.uint16), bits=10))
    data[1920:1924] = b"\x1f\xee\x99\x99"
    assert "timecode" not in dpx.read(bytes(data)).metadata


def test_an_edge_code_that_is_not_all_digits_is_kept_as_text(target: Path) -> None:
    dpx.write(target, Image(PIXELS))
    data = bytearray(target.read_bytes())
    data[1664:1680] = b"KD12??3456780001"
    target.write_bytes(data)
    image = dpx.read(target)
    assert image.metadata["dpx:film_edge_code"] == "KD12??3456780001"
    assert "keycode" not in image.metadata
    dpx.write(target, image)
    assert target.read_bytes()[1664:1680] == b"KD12??3456780001"


def test_facts_of_the_old_file_are_not_carried_over(target: Path) -> None:
    dpx.write(target, Image(PIXELS), creator="Lasergraphics Inc. Scanner")
    image = dpx.read(target)
    image.metadata |= {"dpx:input_device": "Scanity", "dpx:creation_date": "1999:01:01:00:00:00"}
    other = target.with_name("new.dpx")
    luma = Image(PIXELS[:, :5, 0], metadata=image.metadata)
    dpx.write(other, luma)
    found = dpx.read(other).metadata
    assert found["software"] == "vfx"
    assert found["dpx:filename"] == "new.dpx"
    assert not {"dpx:creation_date", "dpx:input_device"} & set(found)


def test_user_data_goes_round(target: Path) -> None:
    payload = bytes(range(256)) * 5
    dpx.write(target, Image(PIXELS, metadata={"dpx:user_id": "studio", "dpx:user_data": payload}))
    back = dpx.read(target)
    assert back.metadata["dpx:user_id"] == "studio"
    assert back.metadata["dpx:user_data"] == payload
    np.testing.assert_array_equal(back.pixels, PIXELS)


def test_user_data_may_be_large_but_not_larger_than_allowed(target: Path) -> None:
    payload = np.random.default_rng(1).bytes(3_000_000)
    dpx.write(target, Image(PIXELS, metadata={"dpx:user_data": payload}))
    assert dpx.read(target).metadata["dpx:user_data"] == payload
    with limits(attribute_bytes=2**20), pytest.raises(LimitError, match="user data has 3000032 bytes"):
        dpx.probe(target)


@pytest.mark.parametrize(
    ("data", "display", "read_data", "read_display"),
    [
        ((2, 3, 7, 6), (0, 0, 9, 9), (2, 3, 7, 6), (0, 0, 9, 9)),
        ((0, 0, 5, 3), (0, 0, 9, 9), (0, 0, 5, 3), (0, 0, 9, 9)),
        ((12, 13, 17, 16), (10, 10, 19, 19), (2, 3, 7, 6), (0, 0, 9, 9)),
        ((5, 6, 10, 9), (5, 6, 10, 9), (5, 6, 10, 9), (0, 0, 10, 9)),
        ((-2, -3, 3, 0), (0, 0, 9, 9), (0, 0, 9, 9), (0, 0, 9, 9)),
    ],
)
def test_windows_are_kept_where_the_header_can_hold_them(
    data: tuple[int, ...], display: tuple[int, ...], read_data: object, read_display: object, target: Path
) -> None:
    dpx.write(target, Image(PIXELS, data_window=data, display_window=display))
    back = dpx.read(target)
    assert (back.data_window, back.display_window) == (read_data, read_display)


def test_a_scanners_sensor_is_not_the_frame() -> None:
    data = bytearray(file_of(np.zeros((4, 6, 3), np.uint16), bits=10))
    struct.pack_into(">IIffII", data, 1408, 0, 0, 0.0, 0.0, 4096, 3112)
    assert dpx.read(bytes(data)).display_window == (0, 0, 5, 3)
    struct.pack_into(">II", data, 1408, 0x7FFFFFFF, 0x7FFFFFFF)
    assert dpx.read(bytes(data)).data_window == (0, 0, 5, 3)


@pytest.mark.parametrize("version", [b"V1.0", b"v1.0", b"V1.0i", b"", b"\xff" * 8])
def test_any_version_and_any_wrong_file_size_are_accepted(version: bytes) -> None:
    codes = np.arange(18, dtype=np.uint16).reshape(2, 3, 3)
    data = bytearray(file_of(codes, bits=10))
    data[8:16] = version.ljust(8, b"\0")
    for size in (0, 1, 0xFFFFFFFF, 10**9):
        struct.pack_into(">I", data, 16, size)
        np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, codes)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dpx:slate", "x" * 101), ("dpx:gamma", "bright"), ("dpx:held_count", -1), ("dpx:border", (1, 2)),
        ("dpx:video_signal", 300), ("dpx:frame_position", 2**32), ("dpx:transfer", "film"),
    ],
)  # fmt: skip
def test_metadata_that_does_not_fit_its_field_is_named(key: str, value: object, target: Path) -> None:
    with pytest.raises(ValueError, match=key.removeprefix("dpx:")):
        dpx.write(target, Image(PIXELS, metadata={key: value}))
    assert not target.exists()
