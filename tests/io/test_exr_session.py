"""An open EXR file gives the pieces asked for, fetches little more than their bytes, and serves many threads."""

from __future__ import annotations

import io
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import exr
from vfx.io._exr_header import parse, tiles_or_lines

WIDTH, HEIGHT = 320, 200


def picture(tmp_path: Path, count: int = 4, **options: Any) -> tuple[Path, np.ndarray[Any, Any]]:
    """A file of halves with noise."""
    pixels = np.random.default_rng(4).random((HEIGHT, WIDTH, count)).astype(np.float16)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels, channels=[f"c{k:02d}" for k in range(count)]), **options)
    return path, pixels


@pytest.mark.parametrize("backend", ["core", "python"])
def test_an_open_file_gives_what_read_gives(shared_file: Any, monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setenv("VFX_EXR_BACKEND", backend)
    path = shared_file("exr/singlepart.0001.exr")
    with exr.ExrFile(path) as file:
        assert file.parts == exr.probe(path).parts and file.size == path.stat().st_size
        for options in (
            {},
            {"view": "left"},
            {"channels": ("A", "Z"), "rows": (7, 90)},
            {"dtype": "f16", "columns": (3, 9)},
        ):
            mine, other = file.read(**options), exr.read(path, **options)
            assert mine.numpy().tobytes() == other.numpy().tobytes()
            assert mine.channel_names == other.channel_names and mine.data_window == other.data_window
            assert mine.metadata == other.metadata
    assert repr(file) == f"<ExrFile {path}, 1 part, closed>"


@pytest.mark.parametrize("tile_size", [None, 64])
@pytest.mark.parametrize("compression", ["none", "zip"])
def test_pieces_fetch_only_their_chunks(tmp_path: Path, compression: str, tile_size: int | None) -> None:
    path, pixels = picture(tmp_path, compression=compression, tile_size=tile_size)
    size = path.stat().st_size
    with exr.ExrFile(path) as file:
        assert file.bytes_read == 0
        file.read(rows=(0, 1), columns=(0, 1))
        start = file.bytes_read
        assert start < size / 4
        cut = file.read(rows=(64, 80), columns=(64, 128))
        np.testing.assert_array_equal(cut.numpy(), pixels[64:80, 64:128])
        # One chunk of 16 lines; one tile, of whose 64 lines 16 are wanted.
        share = 16 / HEIGHT if tile_size is None else 64 * 64 / (WIDTH * HEIGHT)
        assert file.bytes_read - start < size * share * 1.05
        start = file.bytes_read
        file.read()
        assert size * 0.9 < file.bytes_read - start < size * 1.01


@pytest.mark.parametrize("source", ["path", "bytes"])
def test_uncompressed_channels_and_rows_are_fetched_alone(tmp_path: Path, source: str) -> None:
    path, pixels = picture(tmp_path, 64, compression="none")
    with exr.ExrFile(path if source == "path" else path.read_bytes()) as file:
        file.read(rows=(0, 1), channels="c00")
        start = file.bytes_read
        four = [f"c{k:02d}" for k in (20, 21, 22, 23)]
        np.testing.assert_array_equal(file.read(channels=four).numpy(), pixels[:, :, 20:24])
        # A line has 320 x 64 x 2 bytes, a chunk one line and a leader of 8 bytes.
        assert HEIGHT * WIDTH * 4 * 2 <= file.bytes_read - start <= HEIGHT * (WIDTH * 4 * 2 + 16)
        start = file.bytes_read
        np.testing.assert_array_equal(
            file.read(channels=("c63", "c00"), rows=(9, 12), columns=(300, 320)).numpy(), pixels[9:12, 300:, [63, 0]]
        )
        assert file.bytes_read - start < 3 * (2 * 20 * 2 + 16 + 1)


@pytest.mark.parametrize("tile_size", [None, (1024, 16)], ids=["lines", "tiles"])
@pytest.mark.parametrize("compression", ["none", "zip", "zips", "piz"])
def test_few_and_odd_pieces_of_mixed_types(compression: str, tile_size: Any) -> None:
    pixels = np.random.default_rng(1).random((37, 1100, 6)).astype(np.float16).astype(np.float32)
    pixels[:20] = 0.5  # chunks that are compressed, and chunks that are not
    pixels[20:, :, [0, 2]] = np.random.default_rng(2).integers(0, 1 << 29, (17, 1100, 2)).astype(np.uint32).view("f4")
    names = [f"c{k}" for k in range(6)]
    stream = io.BytesIO()
    image = vfx.Image(pixels, channels=names)
    exr.write(stream, image, compression=compression, dtype={"c1": "f16", "c4": "f16"}, tile_size=tile_size)
    with exr.ExrFile(stream.getvalue()) as file:
        np.testing.assert_array_equal(file.read().numpy(), pixels)
        for chosen in (["c0"], ["c5"], ["c1", "c5"], ["c4", "c0"], names):
            for x0, y0, x1, y1 in ((0, 0, 1, 1), (1023, 15, 1025, 17), (3, 1, 1100, 37), (1099, 36, 1100, 37)):
                cut = file.read(channels=chosen, columns=(x0, x1), rows=(y0, y1), dtype="f32").numpy()
                expected = pixels[y0:y1, x0:x1, [names.index(name) for name in chosen]]
                np.testing.assert_array_equal(cut, expected)


def test_a_truncated_file_gives_its_whole_rows_and_says_where_it_ends(tmp_path: Path) -> None:
    path, pixels = picture(tmp_path)
    data = path.read_bytes()
    with exr.ExrFile(data[: len(data) * 3 // 4]) as file:
        np.testing.assert_array_equal(file.read(rows=(0, 144)).numpy(), pixels[:144])
        with pytest.raises(FormatError, match=r"\(rows 144 to 159\)"):
            file.read(rows=(0, 160), threads=1)
        np.testing.assert_array_equal(file.read(rows=(0, 144)).numpy(), pixels[:144])


@pytest.mark.parametrize("tile_size", [None, (64, 32)], ids=["lines", "tiles"])
@pytest.mark.parametrize("compression", ["none", "zip", "piz"])
def test_missing_chunks_are_black_where_asked(tmp_path: Path, compression: str, tile_size: Any) -> None:
    path, pixels = picture(tmp_path, compression=compression, tile_size=tile_size)
    whole = path.read_bytes()
    header = parse(io.BytesIO(whole), len(whole), "")
    count = tiles_or_lines(header.parts[0])
    offsets = np.frombuffer(whole, "<u8", count, header.end)
    damaged = bytearray(whole)
    damaged[int(offsets[3]) + 8 : int(offsets[4])] = bytes(int(offsets[4] - offsets[3]) - 8)
    damaged[int(offsets[3])] = 255  # of its leader
    stopped = whole[: header.end] + bytes(8 * count) + whole[header.end + 8 * count :]
    for data in (whole[: len(whole) // 2], bytes(damaged), stopped[: len(whole) // 2]):
        with pytest.raises(FormatError, match="<bytes>: "):
            exr.read(data)
        for threads in (1, 3):
            found = exr.read(data, missing="black", threads=threads).numpy()
            blank = (found == 0).all(-1)
            np.testing.assert_array_equal(found[~blank], pixels[~blank])
            assert 0 < blank.mean() < 0.6
    np.testing.assert_array_equal(exr.read(whole, missing="black").numpy(), pixels)
    np.testing.assert_array_equal(exr.read(stopped, missing="black").numpy(), pixels)
    for hopeless in (whole[: header.end + 20], whole[: header.end + 16 * count + 1]):
        with pytest.raises(FormatError, match="<bytes>: "):
            exr.read(hopeless, missing="black")
    with pytest.raises(ValueError, match="missing must be one of error, black, got 'blak'"):
        exr.read(whole, missing="blak")


def test_many_threads_read_one_file(tmp_path: Path) -> None:
    path, pixels = picture(tmp_path, tile_size=(50, 40))
    with exr.ExrFile(path) as file, ThreadPoolExecutor(8) as pool:
        boxes = [(x, y, x + 33, y + 21) for y in range(0, 179, 13) for x in range(0, 287, 41)]
        pieces = pool.map(lambda box: file.read(columns=box[::2], rows=box[1::2], threads=2).numpy(), boxes)
        for (x0, y0, x1, y1), piece in zip(boxes, pieces, strict=True):
            np.testing.assert_array_equal(piece, pixels[y0:y1, x0:x1])


def test_a_file_that_is_replaced_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    path, pixels = picture(tmp_path)
    with exr.ExrFile(path) as file:
        exr.write(path, vfx.Image(np.zeros((9, 9, 3), np.float32)))
        np.testing.assert_array_equal(file.read().numpy(), pixels)


def test_a_closed_file_reads_no_more_and_leaves_nothing_open(tmp_path: Path) -> None:
    path, pixels = picture(tmp_path)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    file = exr.ExrFile(path)
    file.read(rows=(0, 9))
    stop, errors = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            try:
                np.testing.assert_array_equal(file.read(threads=1).numpy(), pixels)
            except ValueError as error:
                errors.append(error)
                return

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    file.close()
    for worker in workers:
        worker.join(10)
    stop.set()
    assert [str(error) for error in errors] == [f"{path}: the file is closed"] * 3
    file.close()
    if before:
        assert len(os.listdir("/proc/self/fd")) == before
    shutil.rmtree(tmp_path)


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "a.exr").write_bytes(b"no picture at all")
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(3):
        with pytest.raises(FormatError, match="not an EXR file"):
            exr.ExrFile(tmp_path / "a.exr")
        with pytest.raises(FileNotFoundError):
            exr.ExrFile(tmp_path / "b.exr")
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


def test_a_reader_that_was_never_made_closes_no_file(tmp_path) -> None:
    from vfx._ext import exr as kernel

    exr.exr_backend()  # loads the library
    before = os.fstat(0)
    with pytest.raises(TypeError):
        kernel.Reader("not bytes", None, 5, 5)
    assert os.fstat(0) == before
