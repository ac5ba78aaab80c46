"""Several elements, rarer depths, orientations and paddings of DPX files, both ways."""

from __future__ import annotations

import io
import itertools
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import vfx
from tests.reference.dpx_reference import FILLED_A, FILLED_B, codes_of, elements_of, file_of
from vfx import Image
from vfx.errors import ChannelError, FormatError
from vfx.io import dpx


def some_codes(bits: int, components: int, height: int = 5, width: int = 38) -> np.ndarray:
    return np.random.default_rng(bits + components).integers(0, 2**bits, (height, width, components), np.uint16)


def written(image: object, **options: object) -> bytes:
    target = io.BytesIO()
    dpx.write(target, image, **options)  # type: ignore[arg-type]
    return target.getvalue()


@pytest.mark.parametrize("names", ["RGB", "RGBA", "BGR", "RB"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_channels_in_elements_of_their_own_are_one_picture(names: str, bits: int) -> None:
    codes = some_codes(bits, len(names))
    data = elements_of(*(file_of(codes[:, :, k : k + 1], bits=bits, kind=name) for k, name in enumerate(names)))
    image = dpx.read(data, codes=True)
    assert image.channel_names == tuple(name for name in "RGBA" if name in names)
    np.testing.assert_array_equal(image.pixels, codes[:, :, [names.index(name) for name in image.channel_names]])
    assert [part.channel_names for part in dpx.probe(data).parts] == [image.channel_names]
    one = dpx.read(data, codes=True, channels=["B"], rows=(1, 4))
    np.testing.assert_array_equal(one.pixels, codes[1:4, :, [names.index("B")]])


def test_planar_pictures_are_written_and_read_back() -> None:
    for names, bits, endian in itertools.product(("RGB", "RGBA", "YA"), (8, 10, 16), ("big", "little")):
        codes = some_codes(bits, len(names))
        data = written(Image(codes, channels=names), bit_depth=bits, planar=True, codes=True, endian=endian)
        assert data[770:772] == len(names).to_bytes(2, "big" if endian == "big" else "little")
        image = dpx.read(data, codes=True)
        assert image.channel_names == tuple(names)
        np.testing.assert_array_equal(image.pixels, codes)
    with pytest.raises(ChannelError, match="planar=True writes"):
        written(Image(some_codes(10, 2), channels="RZ"), planar=True)


def test_colour_and_matte_elements_are_one_picture_unless_their_depths_differ() -> None:
    colour, matte = some_codes(10, 3), some_codes(10, 1)
    image = dpx.read(elements_of(file_of(colour, bits=10), file_of(matte, bits=10, kind="A")), codes=True)
    assert image.channel_names == tuple("RGBA")
    np.testing.assert_array_equal(image.pixels, np.concatenate([colour, matte], axis=2))
    eight = file_of(some_codes(8, 1), bits=8, kind="A")
    parts = dpx.probe(elements_of(file_of(colour, bits=10), eight)).parts
    assert [part.formats for part in parts] == [("u10",) * 3, ("u8",)]


def test_two_eyes_are_two_parts(tmp_path: Path) -> None:
    eyes = [Image(some_codes(10, 3), metadata={"dpx:description": side}) for side in ("left", "right")]
    eyes[1].pixels[0] = 7
    dpx.write(tmp_path / "a.dpx", eyes, codes=True)
    assert [part.name for part in dpx.probe(tmp_path / "a.dpx").parts] == ["left", "right"]
    for index, eye in enumerate(eyes):
        np.testing.assert_array_equal(vfx.read(tmp_path / "a.dpx", part=index, codes=True).pixels, eye.pixels)
        np.testing.assert_array_equal(
            dpx.read(tmp_path / "a.dpx", part=("left", "right")[index], codes=True).pixels, eye.pixels
        )
    planar = written(eyes, planar=True, codes=True)
    for index, eye in enumerate(eyes):
        np.testing.assert_array_equal(dpx.read(planar, part=index, codes=True).pixels, eye.pixels)
    arrays = written([eye.numpy() for eye in eyes], codes=True)
    np.testing.assert_array_equal(dpx.read(arrays, part=1, codes=True).pixels, eyes[1].pixels)
    with pytest.raises(ValueError, match="of one size, got 38 x 5, 37 x 5"):
        written([eyes[0], Image(some_codes(10, 3, 5, 37))])
    with pytest.raises(ValueError, match="holds 8 elements, got 9"):
        written([*eyes, eyes[0]], planar=True)


@pytest.mark.parametrize("kind", ["C0C1", "C0C1C2C3C4C5C6C7"])
def test_components_of_no_meaning_go_round(kind: str) -> None:
    count = len(kind) // 2
    codes = some_codes(12, count)
    names = tuple(f"C{index}" for index in range(count))
    image = dpx.read(file_of(codes, bits=12, packing=0, kind=kind), codes=True)
    assert image.channel_names == names
    np.testing.assert_array_equal(image.pixels, codes)
    data = written(Image(codes, channels=names), bit_depth=12, packing="packed", codes=True)
    np.testing.assert_array_equal(codes_of(data), codes)


def test_composite_video_is_a_channel_of_that_name() -> None:
    codes = some_codes(8, 1)
    image = dpx.read(file_of(codes, bits=8, kind="composite"), codes=True)
    assert image.channel_names == ("composite",)
    np.testing.assert_array_equal(codes_of(written(image, codes=True)), codes)


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("kind", ["Y", "RGB", "RGBA"])
def test_single_bits_are_black_and_white(kind: str, order: str) -> None:
    mark = {"big": ">", "little": "<"}[order]
    for width in (1, 31, 32, 33, 70):
        codes = some_codes(1, len(kind), 3, width)
        data = file_of(codes, bits=1, packing=0, order=mark, kind=kind)
        image = dpx.read(data)
        assert image.format == "u8"
        np.testing.assert_array_equal(image.pixels, codes * 255)
        np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
        np.testing.assert_array_equal(dpx.read(data, dtype="f32").pixels, codes)
        np.testing.assert_array_equal(dpx.read(data, dtype="f16").pixels, codes)
        np.testing.assert_array_equal(dpx.read(data, dtype="u16").pixels, codes.astype(np.uint16) * 65535)
        for dtype in ("u8", "u16", "f16", "f32"):
            assert written(dpx.read(data, dtype=dtype), endian=order)[2048:] == data[2048:]
    with pytest.raises(ValueError, match="larger than 1, the largest of 1 bits"):
        written(Image(np.full((2, 2, 3), 2, np.uint8)), bit_depth=1, codes=True)


@pytest.mark.parametrize("endian", ["big", "little"])
def test_doubles_are_stored_and_read_as_floats(endian: str) -> None:
    pixels = np.random.default_rng(4).normal(0, 9, (4, 7, 3)).astype(np.float32)
    pixels[0, 0] = [np.inf, -0.0, 1e-40]
    data = written(Image(pixels), bit_depth=64, endian=endian)
    mark = {"big": ">", "little": "<"}[endian]
    np.testing.assert_array_equal(np.frombuffer(data, f"{mark}f8", offset=2048).reshape(4, 7, 3), pixels)
    image = dpx.read(data)
    assert image.pixels.tobytes() == pixels.tobytes()
    np.testing.assert_array_equal(dpx.read(data, channels=["B", "R"]).pixels, pixels[:, :, [2, 0]])
    precise = np.random.default_rng(4).random((4, 7, 3))
    data = data[:2048] + precise.astype(f"{mark}f8").tobytes()
    np.testing.assert_array_equal(dpx.read(data).pixels, precise.astype(np.float32))
    assert written(dpx.read(data), endian=endian)[803] == 64


@pytest.mark.parametrize("orientation", range(8))
def test_every_orientation_is_written(orientation: int) -> None:
    codes = some_codes(10, 3, 4, 7)
    data = written(Image(codes), orientation=orientation, codes=True)
    assert data[768:770] == bytes([0, orientation])
    image = dpx.read(data, codes=True)
    np.testing.assert_array_equal(image.pixels, codes)
    for rows in ((0, 2), (1, 4)):
        np.testing.assert_array_equal(dpx.read(data, codes=True, rows=rows).pixels, codes[slice(*rows)])
    stored = codes_of(data)
    upright = stored.transpose(1, 0, 2) if orientation >= 4 else stored
    corner = {0: (0, 0), 1: (0, -1), 2: (-1, 0), 3: (-1, -1), 4: (0, 0), 5: (0, -1), 6: (-1, 0), 7: (-1, -1)}[
        orientation
    ]
    np.testing.assert_array_equal(upright[0, 0], codes[corner])


@pytest.mark.parametrize("packing", [FILLED_A, FILLED_B])
def test_words_that_begin_in_the_other_field_are_read_and_written_when_told(packing: int) -> None:
    codes = some_codes(10, 1, 4, 9)
    mirrored = codes.reshape(4, 3, 3)[:, :, ::-1].reshape(4, 9, 1)
    data = file_of(mirrored, bits=10, packing=packing, kind="Y")
    np.testing.assert_array_equal(dpx.read(data, codes=True, datum_order="high").pixels, codes)
    np.testing.assert_array_equal(dpx.read(data, codes=True, datum_order="low").pixels, mirrored)
    name = {FILLED_A: "filled_a", FILLED_B: "filled_b"}[packing]
    again = written(Image(codes), packing=name, codes=True, datum_order="high")
    assert again[2048:] == data[2048:]
    colour = written(Image(some_codes(10, 3)), codes=True, datum_order="low")
    np.testing.assert_array_equal(dpx.read(colour, codes=True, datum_order="low").pixels, some_codes(10, 3))


def test_paddings_are_written_as_the_header_says() -> None:
    codes = some_codes(10, 3, 3, 5)
    eyes = [Image(codes), Image(1023 - codes)]
    data = written(eyes, codes=True, line_padding=12, end_padding=64)
    line = 5 * 4 + 12
    assert len(data) == 2048 + 2 * (3 * line + 64)
    for index, eye in enumerate(eyes):
        np.testing.assert_array_equal(dpx.read(data, part=index, codes=True).pixels, eye.pixels)
    assert data[2048 + 20 : 2048 + 32] == bytes(12)
    tail = written(Image(codes), codes=True, encoding="rle", end_padding=8)
    np.testing.assert_array_equal(dpx.read(tail, codes=True).pixels, codes)
    assert tail[-8:] == bytes(8)


def test_a_file_and_a_stream_receive_the_same_bytes(tmp_path: Path) -> None:
    eyes = [Image(some_codes(10, 3)), Image(some_codes(10, 3))]
    for options in ({}, {"encoding": "rle"}, {"planar": True, "end_padding": 4}):
        dpx.write(tmp_path / "a.dpx", eyes, codes=True, **options)
        whole = bytearray((tmp_path / "a.dpx").read_bytes())
        whole[36:136] = bytes(100)
        stream = bytearray(written(eyes, codes=True, **options))
        assert whole == stream


def test_abgr_is_written_when_told() -> None:
    codes = some_codes(10, 4)
    data = written(Image(codes, channels="RGBA"), descriptor="ABGR", codes=True)
    assert data[800] == 52
    np.testing.assert_array_equal(codes_of(data), codes[:, :, ::-1])
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
    with pytest.raises(ChannelError, match="descriptor='ABGR' needs the channels A, B, G, R, not R, G, B"):
        written(Image(codes[:, :, :3]), descriptor="ABGR")


def test_date_and_version_are_written_when_told() -> None:
    image = Image(some_codes(10, 3))
    data = written(image, creation_date=datetime(2024, 5, 6, 7, 8, 9), version="V1.0")
    found = dpx.read(data).metadata
    assert (found["dpx:creation_date"], found["dpx:version"]) == ("2024:05:06:07:08:09", "V1.0")
    assert dpx.read(written(image, creation_date="today")).metadata["dpx:creation_date"] == "today"


def test_black_and_white_codes_go_back_only_with_their_kind_of_samples() -> None:
    data = written(Image(some_codes(10, 3)), descriptor="CbYCr")
    image = dpx.read(data)
    assert (image.metadata["dpx:low_data"], image.metadata["dpx:high_data"]) == (64, 940)
    assert dpx.read(written(image)).metadata["dpx:high_data"] == 1023
    assert dpx.read(written(dpx.read(data, raw=True))).metadata["dpx:high_data"] == 940


@pytest.mark.parametrize("descriptor", [0, 105, 255])
def test_an_element_that_is_not_supported_leaves_the_others_readable(descriptor: int) -> None:
    codes = some_codes(10, 3)
    data = bytearray(elements_of(file_of(codes, bits=10), file_of(codes, bits=10)))
    data[852 + 20] = descriptor
    np.testing.assert_array_equal(dpx.read(bytes(data), codes=True).pixels, codes)
    assert [part.channel_names for part in dpx.probe(bytes(data)).parts] == [("R", "G", "B"), ("unknown",)]
    with pytest.raises(FormatError, match=rf"descriptor {descriptor}.*byte {852 + 20}"):
        dpx.read(bytes(data), part=1)
    data[800] = descriptor
    with pytest.raises(FormatError, match=rf"descriptor {descriptor}.*byte 800"):
        dpx.probe(bytes(data))


def test_a_second_element_cut_off_is_an_error() -> None:
    data = written([Image(some_codes(10, 3)), Image(some_codes(10, 3))], codes=True)[:-40]
    dpx.read(data)
    with pytest.raises(FormatError, match="promises"):
        dpx.read(data, part=1)
