"""Photoshop files, made here from the published layout, against Pillow and OpenImageIO."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from reference.photoshop_file import file_of, resource

import vfx
from vfx.errors import FormatError, LimitError
from vfx.io import limits, psd


def planes(count: int, dtype: str = "uint8", height: int = 19, width: int = 27) -> np.ndarray[Any, Any]:
    y, x = np.mgrid[0:height, 0:width]
    unit = np.stack([(x * (c + 1) + y * 3) % 40 / 39 for c in range(count)])
    unit[:, :, 9:15] = 0.25
    return (unit * 1.5).astype(dtype) if dtype == "float32" else np.round(unit * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("runs", [False, True])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("mode", "count"), [(1, 1), (3, 3), (3, 4), (8, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_stored_planes_are_read_exactly(tmp_path: Path, runs, version, mode, count, dtype) -> None:
    stored = planes(count, dtype)
    path = tmp_path / "a.psd"
    path.write_bytes(file_of(stored, mode, runs=runs, version=version))
    image = vfx.read(path)
    np.testing.assert_array_equal(image.pixels, np.moveaxis(stored, 0, 2))
    assert image.format == {"uint8": "u8", "uint16": "u16", "float32": "f32"}[dtype]
    assert image.channel_names == {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}[count]
    info = psd.probe(path)
    assert (info.width, info.height, info.channel_names) == (27, 19, image.channel_names)
    assert info.compression == ("packbits" if runs else "raw")


@pytest.mark.parametrize("runs", [False, True])
@pytest.mark.parametrize(("mode", "count"), [(1, 1), (3, 3), (4, 4)])
def test_pillow_and_openimageio_read_the_same(tmp_path: Path, runs: bool, mode: int, count: int) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    path = tmp_path / "a.psd"
    path.write_bytes(file_of(planes(count), mode, runs=runs))
    image = psd.read(path)
    with Pillow.open(path) as opened:
        theirs = np.array(opened.convert("RGB" if count > 1 else "L")).reshape(image.shape[0], image.shape[1], -1)
    # Pillow's CMYK is (255 - c)(255 - k) / 255 rounded its own way.
    assert np.abs(theirs.astype(int) - image.pixels).max() <= (1 if mode == 4 else 0)
    opened = oiio.ImageInput.open(str(path))
    assert np.abs(opened.read_image("uint8").reshape(theirs.shape).astype(int) - image.pixels).max() <= (mode == 4)
    opened.close()


def test_a_bitmap_is_black_where_its_bits_are_set() -> None:
    y, x = np.mgrid[0:5, 0:19]
    black = (x + y) % 3 == 0
    image = psd.read(file_of(black[None], 0, runs=True))
    np.testing.assert_array_equal(image.pixels[:, :, 0], np.where(black, 0, 255))


def test_an_indexed_picture_takes_its_colours_from_the_palette() -> None:
    palette = np.random.default_rng(2).integers(0, 256, (256, 3), dtype=np.uint8)
    stored = planes(1)
    image = psd.read(file_of(stored, 2, palette=palette.T.tobytes()))
    np.testing.assert_array_equal(image.pixels, palette[stored[0]])


def test_profile_exif_xmp_and_pixel_aspect_are_read() -> None:
    blocks = resource(1039, b"p" * 131) + resource(1058, b"II*\0" + bytes(20)) + resource(1060, b"<x/>")
    blocks += resource(1064, struct.pack(">Id", 1, 2.0))
    image = psd.read(file_of(planes(3), 3, resources=blocks))
    assert image.metadata["icc_profile"] == b"p" * 131
    assert image.metadata["xmp"] == b"<x/>"
    assert image.pixel_aspect == 2.0


@pytest.mark.parametrize(("layers", "matte"), [(-1, "white"), (1, None), (None, None)])
def test_transparency_over_white_is_told(layers: int | None, matte: str | None) -> None:
    data = file_of(planes(5), 3, layers=layers)
    for entries in (psd.read(data).metadata, psd.probe(data).metadata):
        assert entries["alpha"] == "unassociated"
        assert entries.get("psd:matte") == matte
    assert psd.read(data).channel_names == ("R", "G", "B", "A", "C4")


def test_lab_and_unknown_compressions_are_refused_by_name() -> None:
    with pytest.raises(FormatError, match="Lab pictures are not supported"):
        psd.read(file_of(planes(3), 9))
    data = bytearray(file_of(planes(3), 3))
    data[26 + 4 + 4 + 4 + 1] = 2
    with pytest.raises(FormatError, match="composites of compression 2 are not supported"):
        psd.read(data)


@pytest.mark.parametrize("runs", [False, True])
def test_damaged_files_raise_or_give_a_picture(tmp_path: Path, runs: bool) -> None:
    data = file_of(planes(3), 3, runs=runs, resources=resource(1039, b"p" * 60))
    path = tmp_path / "a.psd"
    for cut in range(1, len(data), 23):
        path.write_bytes(data[:cut])
        with pytest.raises(FormatError, match="a.psd"):
            psd.read(path)
    rng = np.random.default_rng(4)
    named = []
    with limits(pixels=1 << 20):
        for place in (*range(26), *rng.integers(26, len(data), 80)):
            path.write_bytes(data[:place] + bytes([data[place] ^ 0x81]) + data[place + 1 :])
            try:
                assert psd.read(path).width == psd.probe(path).width
            except FormatError as error:
                named.append(str(error).startswith(f"{path}: "))
    assert len(named) > 5 and all(named)


def test_a_header_that_asks_for_too_much_is_refused_before_anything_is_allocated() -> None:
    data = bytearray(file_of(planes(3), 3))
    data[14:22] = struct.pack(">2I", 30_000, 30_000)
    with limits(pixels=10**6), pytest.raises(LimitError, match="30000 x 30000 pixels"):
        psd.read(data)
    with limits(pixels=10**10), pytest.raises(FormatError, match="cut off"):
        psd.read(data)
