"""Reading DPX: every packing, byte order, channel layout, header length and orientation."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import vfx
from tests.reference.dpx_reference import FILLED_A, FILLED_B, PACKED, codes_of, file_of
from vfx.errors import ChannelError, FormatError
from vfx.io import dpx

LAYOUTS = {"Y": 1, "A": 1, "RGB": 3, "RGBA": 4, "ABGR": 4}
PACKINGS = {8: (PACKED,), 10: (PACKED, FILLED_A, FILLED_B), 12: (PACKED, FILLED_A, FILLED_B), 16: (PACKED,)}
CASES = [
    (bits, packing, order, kind)
    for bits, order, kind in itertools.product(PACKINGS, "><", LAYOUTS)
    for packing in PACKINGS[bits]
]


def some_codes(bits: int, components: int, height: int = 5, width: int = 37) -> np.ndarray:
    """Random codes with both ends of the range among them."""
    codes = np.random.default_rng(bits + components).integers(0, 2**bits, (height, width, components), np.uint16)
    codes[0, 0], codes[-1, -1] = 0, 2**bits - 1
    return codes


def upright(codes: np.ndarray, kind: str) -> np.ndarray:
    """Samples in the order of memory: ABGR becomes RGBA."""
    return codes[:, :, ::-1] if kind == "ABGR" else codes


@pytest.mark.parametrize(("bits", "packing", "order", "kind"), CASES)
def test_every_layout_reads_as_the_reference_says(bits: int, packing: int, order: str, kind: str) -> None:
    codes = some_codes(bits, LAYOUTS[kind])
    data = file_of(codes, bits=bits, packing=packing, order=order, kind=kind)
    image = dpx.read(data, codes=True)
    assert image.format == ("u8" if bits == 8 else "u16")
    assert image.channel_names == tuple("RGBA" if kind == "ABGR" else kind)
    np.testing.assert_array_equal(image.pixels, upright(codes, kind))


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 7, 8, 16, 31, 64])
@pytest.mark.parametrize(("bits", "packing"), [(b, p) for b, ps in PACKINGS.items() for p in ps])
def test_every_width_is_right_to_the_last_sample(bits: int, packing: int, width: int) -> None:
    for kind, height in itertools.product(("Y", "RGB", "RGBA"), (1, 3)):
        codes = some_codes(bits, LAYOUTS[kind], height, width)
        data = file_of(codes, bits=bits, packing=packing, kind=kind)
        np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_floats_are_codes_over_the_largest_code_correctly_rounded(bits: int) -> None:
    full = 2**bits - 1
    codes = np.arange(2**bits, dtype=np.uint16).reshape(-1, 4, 1)
    image = dpx.read(file_of(codes, bits=bits, kind="Y"), dtype="f32")
    exact = np.array([float(np.float32(Fraction(int(c), full).__float__())) for c in codes.ravel()], np.float32)
    np.testing.assert_array_equal(image.pixels.ravel(), exact)
    half = dpx.read(file_of(codes, bits=bits, kind="Y"), dtype="f16")
    np.testing.assert_array_equal(half.pixels.ravel(), (codes.ravel() / full).astype(np.float16))


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_integers_scale_to_their_full_range_rounded(bits: int) -> None:
    full = 2**bits - 1
    codes = np.arange(2**bits, dtype=np.uint16).reshape(-1, 4, 1)
    data = file_of(codes, bits=bits, kind="Y")
    for dtype, top in (("u8", 255), ("u16", 65535)):
        expected = [(2 * int(c) * top + full) // (2 * full) for c in codes.ravel()]
        np.testing.assert_array_equal(dpx.read(data, dtype=dtype).pixels.ravel(), expected)


@pytest.mark.parametrize(("bits", "fmt"), [(8, "u8"), (10, "f32"), (12, "f32"), (16, "u16")])
def test_each_depth_reads_in_its_own_format(bits: int, fmt: str) -> None:
    assert dpx.read(file_of(some_codes(bits, 3), bits=bits)).format == fmt


@pytest.mark.parametrize("order", "><")
def test_float_samples_pass_unchanged(order: str) -> None:
    values = np.array([[[0.0, -1.5, 1e30]], [[np.inf, -0.0, 65504.5]]], np.float32)
    raw = values.astype(f"{order}f4").tobytes()
    data = file_of(np.zeros((2, 1, 3), np.uint16), bits=8, order=order, raw=raw)
    data = data[:803] + b"\x20" + data[804:]
    image = dpx.read(data)
    assert image.format == "f32"
    np.testing.assert_array_equal(image.pixels, values)
    assert dpx.read(data, dtype="u8").pixels.tolist() == [[[0, 0, 255]], [[255, 0, 255]]]
    assert dpx.read(data, channels=["B"]).pixels.ravel().tolist() == [values[0, 0, 2], values[1, 0, 2]]
    with pytest.raises(ValueError, match="floats"):
        dpx.read(data, codes=True)


@pytest.mark.parametrize("header", [1664, 2048, 8192])
def test_headers_of_any_length_are_read(header: int) -> None:
    codes = some_codes(10, 3, 2, 3)
    image = dpx.read(file_of(codes, bits=10, header=header), codes=True)
    np.testing.assert_array_equal(image.pixels, codes)


def test_pixels_after_a_short_header_are_not_taken_for_a_film_header() -> None:
    codes = np.full((40, 40, 1), 0x3031, np.uint16)
    image = dpx.read(file_of(codes, bits=16, kind="Y", header=1664))
    assert not {"keycode", "timecode", "frame_rate", "dpx:slate", "dpx:gamma"} & set(image.metadata)


@pytest.mark.parametrize("undefined", [0, 0xFFFFFFFF])
def test_the_files_and_the_elements_offset_stand_in_for_each_other(undefined: int) -> None:
    codes = some_codes(10, 3)
    for offsets in ({"element_offset": undefined}, {"image_offset": undefined}):
        np.testing.assert_array_equal(dpx.read(file_of(codes, bits=10, **offsets), codes=True).pixels, codes)
    with pytest.raises(FormatError, match="data offset"):
        dpx.read(file_of(codes, bits=10, element_offset=undefined, image_offset=undefined))


@pytest.mark.parametrize("padding", [4, 8, 128])
def test_padding_after_each_line_is_skipped(padding: int) -> None:
    codes = some_codes(10, 3)
    data = file_of(codes, bits=10, line_padding=padding)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)


@pytest.mark.parametrize(("bits", "kind"), [(8, "RGB"), (8, "Y"), (16, "Y"), (16, "RGB"), (10, "Y"), (12, "Y")])
def test_files_without_line_alignment_are_told_by_their_size(bits: int, kind: str) -> None:
    codes = some_codes(bits, LAYOUTS[kind], 6, 37)
    raw = None
    if bits == 10:  # codes run on from line to line
        raw = file_of(codes.reshape(1, -1, 1), bits=10, kind="Y")[2048:]
    data = file_of(codes, bits=bits, kind=kind, padded=False, raw=raw)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
    for rows in ((0, 2), (1, 4), (5, 6)):
        np.testing.assert_array_equal(dpx.read(data, codes=True, rows=rows).pixels, codes[slice(*rows)])


def test_a_cut_file_does_not_pass_for_one_without_alignment() -> None:
    data = file_of(some_codes(8, 3, 50, 37), bits=8)
    with pytest.raises(FormatError, match="promises"):
        dpx.read(data[:-20])


@pytest.mark.parametrize(("offset", "maker"), [(160, b"Lasergraphics Inc. Scanner"), (1556, b"Scanity 4K")])
def test_luma_of_some_scanners_runs_on_from_line_to_line(offset: int, maker: bytes) -> None:
    codes = some_codes(10, 1, 7, 5)
    raw = file_of(codes.reshape(1, -1, 1), bits=10, kind="Y")[2048:] + bytes(64)
    data = bytearray(file_of(codes, bits=10, kind="Y", raw=raw))
    data[offset : offset + len(maker)] = maker
    np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, codes)


# ST 268-1, table 2: where the pixels of a line go, and where the lines go.
ORIENTATIONS = ("right down", "left down", "right up", "left up", "down right", "down left", "up right", "up left")


@pytest.mark.parametrize("orientation", range(8))
def test_every_orientation_comes_out_upright(orientation: int, tmp_path: Path) -> None:
    upright_codes = some_codes(16, 3, 4, 7)
    height, width = 4, 7
    along, lines = ORIENTATIONS[orientation].split()
    shape = (width, height, 3) if along in ("down", "up") else (height, width, 3)
    stored = np.zeros(shape, np.uint16)
    for line, pixel in np.ndindex(shape[:2]):
        steps = {along: pixel, lines: line}
        x = steps["right"] if "right" in steps else width - 1 - steps["left"]
        y = steps["down"] if "down" in steps else height - 1 - steps["up"]
        stored[line, pixel] = upright_codes[y, x]
    path = tmp_path / "o.dpx"
    path.write_bytes(file_of(stored, bits=16, orientation=orientation))
    image = dpx.read(path)
    np.testing.assert_array_equal(image.pixels, upright_codes)
    np.testing.assert_array_equal(dpx.read(path, rows=(1, 3)).pixels, upright_codes[1:3])
    info = dpx.probe(path)
    assert (info.width, info.height) == (7, 4)


def test_rows_and_channels_read_only_what_is_wanted(tmp_path: Path) -> None:
    codes = some_codes(10, 4, 11, 13)
    path = tmp_path / "a.dpx"
    path.write_bytes(file_of(codes, bits=10, kind="ABGR"))
    image = dpx.read(path, rows=(3, 8), channels=["B", "R"], codes=True)
    np.testing.assert_array_equal(image.pixels, codes[3:8, :, [1, 3]])
    assert image.channel_names == ("B", "R")
    assert image.data_window == (0, 3, 12, 7)
    assert image.display_window == (0, 0, 12, 10)
    with pytest.raises(ChannelError, match="no channel 'Y'; the file has R, G, B, A"):
        dpx.read(path, channels=["Y"])
    with pytest.raises(ChannelError, match="at least one"):
        dpx.read(path, channels=[])
    with pytest.raises(ValueError, match="0 <= y0 < y1 <= 11"):
        dpx.read(path, rows=(3, 12))


def test_the_second_element_is_part_one() -> None:
    left, right = some_codes(10, 3, 3, 5), 1023 - some_codes(10, 3, 3, 5)
    data = bytearray(file_of(left, bits=10))
    second = len(data)
    data += file_of(right, bits=10)[2048:]
    struct.pack_into(">H", data, 770, 2)
    data[852:924] = data[780:852]
    struct.pack_into(">I", data, 852 + 28, second)
    data[852 + 40 : 852 + 45] = b"right"
    np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, left)
    image = dpx.read(bytes(data), codes=True, part=1)
    np.testing.assert_array_equal(image.pixels, right)
    assert image.metadata["dpx:description"] == "right"
    assert [part.name for part in dpx.probe(bytes(data)).parts] == ["", "right"]
    with pytest.raises(ChannelError, match="<bytes>: no part 2; the file has 2, counted from 0"):
        dpx.read(bytes(data), part=2)


def test_a_path_a_buffer_and_a_stream_give_the_same_picture(tmp_path: Path) -> None:
    data = file_of(some_codes(12, 3), bits=12, packing=PACKED)
    path = tmp_path / "plate.dpx"
    path.write_bytes(data)
    expected = dpx.read(path).pixels
    with path.open("rb") as stream:
        np.testing.assert_array_equal(dpx.read(stream).pixels, expected)
    odd = memoryview(b"?" + data)[1:]  # words that begin at an odd address
    for source in (data, bytearray(data), odd, str(path)):
        np.testing.assert_array_equal(dpx.read(source).pixels, expected)
    np.testing.assert_array_equal(vfx.read(path).pixels, expected)


def test_threads_do_not_change_a_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.dpx"
    path.write_bytes(file_of(some_codes(16, 3, 200, 300), bits=16))
    one = dpx.read(path, dtype="f32", threads=1).pixels
    for threads in (2, 3, 5):
        assert dpx.read(path, dtype="f32", threads=threads).pixels.tobytes() == one.tobytes()


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (660, b"\0\0\0\7", r"encrypted .*\(byte 660\)"),
        (770, b"\0\0", "1 to 8 elements"),
        (770, b"\0\x09", "1 to 8 elements"),
        (768, b"\0\x09", "orientation"),
        (772, b"\0\0\0\0", "picture of 0 x"),
        (780, b"\0\0\0\1", "signed"),
        (800, b"\0", "user-defined .*supported are"),
        (800, b"\x69", "CYAY 4:2:0:4 .*supported are"),
        (800, b"\xc8", "unknown kind"),
        (803, b"\2", "samples of 2 bits"),
        (804, b"\0\7", "packing"),
        (806, b"\0\2", "encoding is 0 or 1, the header says 2"),
    ],
)
def test_what_is_not_supported_is_said_clearly(offset: int, value: bytes, message: str, tmp_path: Path) -> None:
    data = bytearray(file_of(some_codes(10, 3), bits=10))
    data[offset : offset + len(value)] = value
    path = tmp_path / "odd.dpx"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=message) as caught:
        dpx.read(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("nowhere", [16, 1663, 10**9, 0x7F000000])
def test_an_element_offset_outside_the_file_gives_way_to_the_files_own(nowhere: int) -> None:
    codes = some_codes(10, 3)
    data = file_of(codes, bits=10, element_offset=nowhere)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
    with pytest.raises(FormatError, match=f"cannot begin at byte {nowhere} of"):
        dpx.read(file_of(codes, bits=10, element_offset=nowhere, image_offset=5))


def test_a_header_never_filled_is_not_taken_for_encrypted() -> None:
    codes = some_codes(10, 3)
    data = bytearray(file_of(codes, bits=10))
    data[660:664] = bytes(4)
    np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, codes)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_undefined_packing_is_the_usual_one(bits: int) -> None:
    codes = some_codes(bits, 3)
    data = bytearray(file_of(codes, bits=bits, packing=FILLED_A if bits in (10, 12) else PACKED))
    data[804:806] = b"\xff\xff"
    np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, codes)


def test_wrong_options_list_the_allowed_ones() -> None:
    data = file_of(some_codes(10, 3), bits=10)
    with pytest.raises(ValueError, match="dtype must be one of u8, u16, f16, f32, got 'u32'"):
        dpx.read(data, dtype="u32")
    with pytest.raises(ValueError, match="dtype of codes must be one of u16, got 'f32'"):
        dpx.read(data, codes=True, dtype="f32")
    with pytest.raises(TypeError, match="whole number"):
        dpx.read(data, part=0.5)  # type: ignore[arg-type]
    with pytest.raises(ChannelError, match="<bytes>: no part 'left'; the parts are: ''"):
        dpx.read(data, part="left")


@pytest.mark.each_shared_file("dpx/[!b]*.dpx")
def test_real_files_agree_with_the_reference(shared_case: Path) -> None:
    data = shared_case.read_bytes()
    if data[803] == 32:
        order = "<" if data[:4] == b"XPDS" else ">"
        offset = struct.unpack_from(f"{order}I", data, 808)[0]
        image = dpx.read(shared_case)
        expected = np.frombuffer(data, f"{order}f4", image.pixels.size, offset).reshape(image.pixels.shape)
        np.testing.assert_array_equal(image.pixels, expected)
    else:
        np.testing.assert_array_equal(dpx.read(shared_case, codes=True).pixels, codes_of(data))
