"""Mip and rip maps: their sizes, their pixels, and where they lie in the file."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_chunks import find_chunks
from vfx.io._exr_header import PartHeader, parse
from vfx.io._exr_levels import level_size
from vfx.io._exr_places import chunk_total, levels_of
from vfx.io._exr_pyramid import Halving

SIZES = ((53, 37), (64, 64), (1, 1), (1, 9), (130, 3), (17, 16))


def plate(width: int, height: int, count: int = 3, kind: Any = np.float32) -> np.ndarray[Any, Any]:
    """A small picture of noise."""
    return np.random.default_rng(width * 100 + height).random((height, width, count), np.float32).astype(kind)


def area_average(pixels: np.ndarray[Any, Any], width: int, height: int) -> np.ndarray[Any, Any]:
    """The mean over each pixel's area, in float64, from the overlaps of all pixels with all."""

    def shares(size: int, smaller: int) -> np.ndarray[Any, Any]:
        begin = np.arange(smaller)[:, None] * size / smaller
        end = np.arange(1, smaller + 1)[:, None] * size / smaller
        at = np.arange(size)[None]
        return np.clip(np.minimum(at + 1, end) - np.maximum(at, begin), 0, None) * smaller / size

    rows = np.einsum("yr,rxc->yxc", shares(pixels.shape[0], height), pixels.astype(np.float64))
    return np.einsum("xr,yrc->yxc", shares(pixels.shape[1], width), rows)


def stored_levels(path: Path) -> dict[tuple[int, int], np.ndarray[Any, Any]]:
    """Every level of an uncompressed file of float R, G, B, put together from its chunks by their leaders."""
    data = path.read_bytes()
    header = parse(io.BytesIO(data), len(data), "")
    part = header.parts[0]
    assert part.tiles is not None
    mode, rounding = part.tiles[2:]
    found = {}
    columns = range(20) if mode else range(1)
    for level_y in columns:
        for level_x in columns:
            if mode != 1 or level_x == level_y:
                size = level_size(part.width, level_x, rounding), level_size(part.height, level_y, rounding)
                found[level_x, level_y] = np.full((size[1], size[0], 3), np.nan, np.float32)
    seen = set()
    for chunk in find_chunks(io.BytesIO(data), len(data), header):
        x, y, level_x, level_y, size = struct.unpack_from("<5i", data, chunk.offset)
        target = found[level_x, level_y]
        tile = target[y * part.tiles[1] :, x * part.tiles[0] :][: part.tiles[1], : part.tiles[0]]
        lines = np.frombuffer(data, "<f4", size // 4, chunk.offset + 20).reshape(tile.shape[0], 3, tile.shape[1])
        tile[...] = lines[:, ::-1].transpose(0, 2, 1)  # B, G, R
        seen.add((level_x, level_y))
    return {number: found[number] for number in seen}


@pytest.mark.parametrize("rounding", ["down", "up"])
@pytest.mark.parametrize("mode", ["mip", "rip"])
@pytest.mark.parametrize("size", SIZES)
def test_every_level_is_the_area_average_of_the_one_before(
    tmp_path: Path, size: tuple[int, int], mode: str, rounding: str
) -> None:
    pixels = plate(*size)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels), levels=mode, rounding=rounding, tile_size=(16, 8), compression="none")
    found = stored_levels(path)
    np.testing.assert_array_equal(found.pop((0, 0)), pixels)
    for (x, y), level in found.items():
        before = (x - 1, y - 1) if mode == "mip" else ((x - 1, y) if x else (0, y - 1))
        larger = stored_levels(path)[before]
        expected = area_average(larger, level.shape[1], level.shape[0])
        np.testing.assert_allclose(level, expected, atol=1e-6)
        assert exr.read(path, level=(x, y)).numpy().tobytes() == level.tobytes()
    sides = [level.shape[1::-1] for level in found.values()] + [size]
    assert (1, 1) in sides
    wheel = OpenEXR.File(str(path)).parts[0].channels["RGB"].pixels
    assert wheel.tobytes() == pixels.tobytes()


@pytest.mark.parametrize("compression", ["none", "rle", "zip", "piz", "pxr24", "b44", "dwaa", "htj2k32", "zstd"])
@pytest.mark.parametrize("rounding", ["down", "up"])
def test_openimageio_reads_every_level_of_a_mip_map(tmp_path: Path, compression: str, rounding: str) -> None:
    pixels = plate(53, 37, kind=np.float16)
    path, plain = tmp_path / "a.exr", tmp_path / "b.exr"
    window = (-3, 5, 49, 41)
    options = {"compression": "zip", "levels": "mip", "rounding": rounding, "tile_size": (16, 8)}
    exr.write(plain, vfx.Image(pixels, data_window=window), **options)
    exr.write(path, vfx.Image(pixels, data_window=window), **{**options, "compression": compression})
    for level in range(6 + (rounding == "up")):
        buffer = OpenImageIO.ImageBuf(str(path), 0, level)
        found, expected = buffer.get_pixels(OpenImageIO.FLOAT), OpenImageIO.ImageBuf(str(plain), 0, level)
        expected = expected.get_pixels(OpenImageIO.FLOAT)
        assert found.shape[1::-1] == (level_size(53, level, rounding == "up"), level_size(37, level, rounding == "up"))
        np.testing.assert_allclose(found, expected, atol={"b44": 0.25, "dwaa": 0.1}.get(compression, 0.0))
    assert exr.probe(path).parts[0].levels == 6 + (rounding == "up")


def test_numbers_are_picked_and_not_averaged(tmp_path: Path) -> None:
    pixels = np.arange(20 * 12, dtype=np.uint32).reshape(12, 20, 1)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels, channels=["id"]), levels="mip", compression="none")
    data = path.read_bytes()
    header = parse(io.BytesIO(data), len(data), "")
    second = next(chunk for chunk in find_chunks(io.BytesIO(data), len(data), header) if chunk.place == 1)
    found = np.frombuffer(data, "<u4", 60, second.offset + 20).reshape(6, 10)
    np.testing.assert_array_equal(found, pixels[::2, ::2, 0])


def test_infinities_and_nans_stay_in_their_own_pixels(tmp_path: Path) -> None:
    pixels = np.ones((9, 9, 3), np.float32)
    pixels[0, 0], pixels[8, 8], pixels[4, 4] = np.inf, np.nan, -np.inf
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels), levels="mip", compression="none", tile_size=16)
    second = stored_levels(path)[1, 1][..., 0]
    assert np.isposinf(second[0, 0]) and np.isnan(second[3, 3]) and np.isneginf(second[1:3, 1:3]).any()
    assert np.isfinite(second).sum() == 16 - 2 - np.isneginf(second).sum()


@pytest.mark.parametrize("step", [1, 3, 64, 200])
@pytest.mark.parametrize("rounding", [0, 1])
def test_rows_may_come_in_bands_of_any_height(step: int, rounding: int) -> None:
    tiles = Attribute("tiledesc", struct.pack("<2IB", 16, 16, 1 | rounding << 4))
    for height in (1, 2, 5, 37, 64):
        window = Attribute("box2i", struct.pack("<4i", 0, 0, 12, height - 1))
        part = PartHeader({"tiles": tiles, "dataWindow": window}, "", 0x200)
        before, after = levels_of(part)[:2]
        pixels = plate(13, height)
        halving = Halving(before, after)
        found = np.concatenate([halving.push(pixels[top : top + step]) for top in range(0, height, step)])
        assert found.tobytes() == Halving(before, after).push(pixels).tobytes()
        np.testing.assert_allclose(found, area_average(pixels, after.width, after.height), atol=1e-6)


def test_levels_may_be_given(tmp_path: Path) -> None:
    image = vfx.Image(plate(16, 8))
    path = tmp_path / "a.exr"
    mip = [vfx.Image(np.full((max(1, 8 >> n), 16 >> n, 3), n, np.float32)) for n in range(1, 5)]
    exr.write(path, image, levels=mip, compression="none", tile_size=8)
    for number, level in stored_levels(path).items():
        assert number == (0, 0) or (level == number[0]).all()
    small = vfx.Image(plate(2, 2))
    rip = {
        (x, y): vfx.Image(np.full((2 >> y, 2 >> x, 3), 10 * x + y, np.float32))
        for x in range(2)
        for y in range(2)
        if x or y
    }
    exr.write(path, small, levels=rip, compression="none", tile_size=8)
    for (x, y), level in stored_levels(path).items():
        assert (x, y) == (0, 0) or (level == 10 * x + y).all()
    for levels, match in (
        (mip[:-1], "levels must be"),
        ([*mip[:3], vfx.Image(plate(2, 1))], "level \\(4, 4\\) must be 1 x 1, got 2 x 1"),
        ([*mip[:3], vfx.Image(plate(1, 1, 4))], "the channels and the format"),
        (rip, "levels must be"),
        ("mop", "levels must be one of one, mip, rip"),
    ):
        with pytest.raises(ValueError, match=match):
            exr.write(path, image, levels=levels)
    with pytest.raises(ValueError, match="rounding must be one of down, up"):
        exr.write(path, image, levels="mip", rounding="near")


def test_all_thread_counts_give_the_same_levels() -> None:
    image = vfx.Image(plate(700, 300, kind=np.float16))
    found = []
    for threads in (1, 2, 5):
        stream = io.BytesIO()
        exr.write(stream, image, levels="rip", compression="zips", threads=threads)
        found.append(stream.getvalue())
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("order", ["increasing", "decreasing", "random"])
def test_tiles_lie_in_the_order_told(tmp_path: Path, order: str) -> None:
    path = tmp_path / "a.exr"
    pixels = plate(100, 50)
    exr.write(path, vfx.Image(pixels), tile_size=16, line_order=order, levels="mip")
    data = path.read_bytes()
    header = parse(io.BytesIO(data), len(data), "")
    table = np.frombuffer(data, "<u8", chunk_total(header.parts[0]), header.end)[: 7 * 4].astype(np.int64)
    assert header.parts[0].line_order == ("increasing", "decreasing", "random").index(order)
    assert (np.diff(table) < 0).all() == (order == "decreasing")
    assert OpenEXR.File(str(path)).parts[0].channels["RGB"].pixels.tobytes() == pixels.tobytes()


def test_a_table_beyond_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="chunks, more than 33554432: use larger tiles"):
        exr.Writer(tmp_path / "a.exr", size=(1 << 15, 1 << 14), tile_size=1)
    assert not list(tmp_path.iterdir())


def test_the_python_way_says_that_it_has_no_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    with pytest.raises(FormatError, match="only OpenEXR's C functions can write them"):
        exr.write(tmp_path / "a.exr", vfx.Image(plate(16, 8)), levels="mip")
    assert not list(tmp_path.iterdir())


@pytest.mark.each_shared_file("exr/*Levels.exr")
def test_the_chunks_of_real_level_files_are_where_the_levels_say(shared_case: Path) -> None:
    with shared_case.open("rb") as stream:
        header = parse(stream, shared_case.stat().st_size, "")
        chunks = find_chunks(stream, shared_case.stat().st_size, header)
    assert len(chunks) == chunk_total(header.parts[0])
    assert exr.probe(shared_case).parts[0].levels == len({(level.x, level.y) for level in levels_of(header.parts[0])})
