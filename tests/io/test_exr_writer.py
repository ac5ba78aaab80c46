"""Writing EXR files as rows and tiles come: the same file as in one go, in bounded memory, whole or not at all."""

from __future__ import annotations

import io
import itertools
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import exr

HEIGHT, WIDTH = 137, 91


def plate(count: int = 3, kind: Any = np.float16, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray[Any, Any]:
    """A small picture of noise."""
    return np.random.default_rng(3).random((height, width, count), np.float32).astype(kind)


def in_bands(writer: exr.Writer, pixels: np.ndarray[Any, Any], step: int) -> None:
    """Write the rows ``step`` at a time, out of memory that is used again."""
    band = np.empty((step, *pixels.shape[1:]), pixels.dtype)
    for top in range(0, len(pixels), step):
        count = min(step, len(pixels) - top)
        band[:count] = pixels[top : top + count]
        writer.write_rows(band[:count])


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "b44a", "dwab", "htj2k256", "zstd"])
@pytest.mark.parametrize("step", [1, 7, 32, 200])
def test_rows_in_bands_make_the_same_file_as_the_whole_picture(compression: str, step: int) -> None:
    pixels = plate()
    found, expected = io.BytesIO(), io.BytesIO()
    with exr.Writer(found, data_window=(-4, 9, WIDTH - 5, HEIGHT + 8), compression=compression) as writer:
        in_bands(writer, pixels, step)
    exr.write(expected, vfx.Image(pixels, data_window=(-4, 9, WIDTH - 5, HEIGHT + 8)), compression=compression)
    assert found.getvalue() == expected.getvalue()


@pytest.mark.parametrize("step", [1, 7, 50])
def test_rows_of_subsampled_channels(step: int) -> None:
    pixels = plate(height=90, width=60)
    found, expected = io.BytesIO(), io.BytesIO()
    with exr.Writer(found, data_window=(-6, -18, 53, 71), sampling={"G": 3, "B": 2}) as writer:
        in_bands(writer, pixels, step)
    exr.write(expected, vfx.Image(pixels, data_window=(-6, -18, 53, 71)), sampling={"G": 3, "B": 2})
    assert found.getvalue() == expected.getvalue()


@pytest.mark.parametrize("levels", [None, "mip"])
@pytest.mark.parametrize("step", [5, 48])
def test_rows_fill_tiles_and_levels(tmp_path: Path, levels: str | None, step: int) -> None:
    pixels = plate(4, np.float32)
    path, other = tmp_path / "a.exr", tmp_path / "b.exr"
    with exr.Writer(path, size=(WIDTH, HEIGHT), channels=4, dtype="f32", tile_size=(16, 24), levels=levels) as writer:
        in_bands(writer, pixels, step)
    exr.write(other, vfx.Image(pixels), tile_size=(16, 24), levels=levels)
    for level in range(8 if levels else 1):
        found, expected = (OpenImageIO.ImageBuf(str(name), 0, level) for name in (path, other))
        np.testing.assert_array_equal(found.get_pixels(OpenImageIO.FLOAT), expected.get_pixels(OpenImageIO.FLOAT))
    assert path.stat().st_size == other.stat().st_size


def test_tiles_come_in_any_order(tmp_path: Path) -> None:
    pixels = plate()
    path = tmp_path / "a.exr"
    places = list(itertools.product(range(4), range(6)))
    np.random.default_rng(1).shuffle(places)
    with exr.Writer(path, size=(WIDTH, HEIGHT), tile_size=(32, 24), compression="piz") as writer:
        for y, x in ((int(y), int(x)) for x, y in places if x < 3):
            writer.write_tile(x, y, pixels[24 * y : 24 * y + 24, 32 * x : 32 * x + 32])
    assert OpenEXR.File(str(path)).parts[0].channels["RGB"].pixels.tobytes() == pixels.tobytes()
    assert path.read_bytes().index(b"lineOrder\0lineOrder\0\1\0\0\0\2") > 0
    with exr.Writer(path, size=(WIDTH, HEIGHT), tile_size=(32, 24), compression="piz") as writer:
        for y, x in itertools.product(range(6), range(3)):
            writer.write_tile(x, y, pixels[24 * y : 24 * y + 24, 32 * x : 32 * x + 32])
    expected = io.BytesIO()
    exr.write(expected, vfx.Image(pixels), tile_size=(32, 24), compression="piz")
    assert path.read_bytes() == expected.getvalue()


@pytest.mark.parametrize("mode", ["mip", "rip"])
def test_tiles_of_every_level_may_be_written(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.exr"
    with exr.Writer(path, size=(5, 3), tile_size=4, levels=mode, channels=["Y"], compression="none") as writer:
        numbers = [(0, 0), (1, 1), (2, 2)] if mode == "mip" else [(x, y) for x in range(3) for y in range(2)]
        for x, y in numbers:
            width, height = max(1, 5 >> x), max(1, 3 >> y)
            level = x if mode == "mip" else (x, y)
            for column in range(-(-width // 4)):
                tile = np.full((min(4, height), min(4, width - 4 * column), 1), 10 * x + y, np.float32)
                writer.write_tile(column, 0, tile, level=level)
    assert exr.probe(path).parts[0].levels == 3
    assert (OpenEXR.File(str(path)).parts[0].channels["Y"].pixels == 0).all()
    if mode == "mip":
        for level in range(3):
            assert (OpenImageIO.ImageBuf(str(path), 0, level).get_pixels(OpenImageIO.FLOAT) == 11 * level).all()


def test_channels_of_several_formats_and_images(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    colour, depth = vfx.Image(plate()), vfx.Image(plate(1, np.float32), channels=["Z"])
    numbers = vfx.Image(np.arange(HEIGHT * WIDTH, dtype=np.uint32).reshape(HEIGHT, WIDTH, 1), channels=["id"])
    with exr.Writer(
        path, size=(WIDTH, HEIGHT), channels=["R", "G", "B", "Z", "id"], dtype={"Z": "f32", "id": "u32"}
    ) as writer:
        for top in range(0, HEIGHT, 50):
            rows = [vfx.Image(image.pixels[top : top + 50]) for image in (colour, depth, numbers)]
            writer.write_rows(rows[0], also=rows[1:])
    expected = io.BytesIO()
    exr.write(expected, colour, also=[depth, numbers])
    assert path.read_bytes() == expected.getvalue()
    channels = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    assert channels["id"].pixels.tobytes() == numbers.pixels.tobytes()
    assert channels["Z"].pixels.tobytes() == depth.pixels.tobytes()


def test_what_the_header_says(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    with exr.Writer(
        path, size=(4, 2), display_window=(-1, -1, 9, 9), pixel_aspect=2.0, metadata={"owner": "me"}, name="main",
        view="left", compression="dwaa", dwa_level=100,
    ) as writer:  # fmt: skip
        assert writer.next_row == 0
        writer.write_rows(np.zeros((1, 4, 3), np.uint8))
        assert writer.next_row == 1
        writer.write_rows(np.zeros((1, 4, 3), np.uint8))
    info = exr.probe(path).parts[0]
    assert (info.data_window, info.display_window, info.pixel_aspect) == ((0, 0, 3, 1), (-1, -1, 9, 9), 2.0)
    assert (info.name, info.views, info.metadata["owner"]) == ("main", ("left",), "me")
    assert info.metadata["exr:dwaCompressionLevel"] == 100


@pytest.mark.parametrize("how", ["missing", "error", "abort", "left open", "interrupt"])
def test_a_file_that_was_not_finished_leaves_the_old_one(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(b"old")
    rows = plate()[:100]
    if how == "missing":
        with pytest.raises(ValueError, match="100 of 137 rows were written"):  # noqa: SIM117
            with exr.Writer(path, size=(WIDTH, HEIGHT)) as writer:
                writer.write_rows(rows)
    elif how in ("error", "interrupt"):
        kind = KeyboardInterrupt if how == "interrupt" else RuntimeError
        with pytest.raises(kind), exr.Writer(path, size=(WIDTH, HEIGHT)) as writer:
            writer.write_rows(rows)
            raise kind
    else:
        writer = exr.Writer(path, size=(WIDTH, HEIGHT))
        writer.write_rows(rows)
        if how == "abort":
            writer.abort()
            writer.abort()
            with pytest.raises(ValueError, match="the file is closed"):
                writer.write_rows(rows)
        del writer
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.exr"]


def test_nothing_is_at_the_target_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    with exr.Writer(path, size=(WIDTH, HEIGHT)) as writer:
        writer.write_rows(plate())
        assert not path.exists()
    assert path.exists()
    writer.close()


def test_wrong_pieces_say_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    rows = exr.Writer(path, size=(WIDTH, HEIGHT), tile_size=32)
    for pixels, kind, match in (
        (plate()[:, :-1], ValueError, "rows must be 91 wide and at most 137 more, got 90 x 137"),
        (plate(height=138), ValueError, "at most 137 more"),
        (plate(4), ValueError, "the file has 3 channels"),
    ):
        with pytest.raises(kind, match=match):
            rows.write_rows(pixels)
    rows.write_rows(plate()[:3])
    with pytest.raises(ValueError, match="in rows or in tiles; this one has rows"):
        rows.write_tile(0, 0, plate()[:32, :32])
    with pytest.raises(TypeError, match="the pixels were"):
        rows.write_rows(plate(kind=np.float32)[:3])
    rows.abort()
    tiles = exr.Writer(path, size=(WIDTH, HEIGHT), tile_size=32, levels="mip")
    tiles.write_tile(1, 1, plate()[:32, :32])
    for arguments, options, match in (
        ((1, 1, plate()[:32, :32]), {}, "written before"),
        ((3, 0, plate()[:32, :32]), {}, "x must be"),
        ((2, 0, plate()[:32, :32]), {}, "tile \\(2, 0\\) must be 27 x 32, got \\(32, 32\\)"),
        ((0, 0, plate()[:32, :32]), {"level": 9}, "level must be one of"),
    ):
        with pytest.raises(ValueError, match=match):
            tiles.write_tile(*arguments, **options)
    with pytest.raises(ValueError, match="not all tiles were written"):
        tiles.close()
    for options, match in (
        ({}, "either size or data_window"),
        ({"size": (4, 4), "data_window": (0, 0, 3, 3)}, "either size or data_window"),
        ({"size": (0, 4)}, "size must be"),
        ({"size": (4, 4), "channels": ["R", "R"]}, "must differ"),
        ({"size": (4, 4), "dtype": {"Q": "f32"}}, "dtype names channels Q"),
    ):
        with pytest.raises(ValueError, match=match):
            exr.Writer(path, **options)
    with exr.Writer(path, size=(8, 8), tile_size=8, levels="rip") as rip:
        with pytest.raises(ValueError, match="rows cannot make the levels of a rip map"):
            rip.write_rows(plate()[:8, :8])
        rip.abort()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("compression", ["none", "zip"])
def test_after_a_failed_write_there_is_no_file(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a.exr"
    writer = exr.Writer(path, size=(WIDTH, HEIGHT), compression=compression)
    with Path("/dev/full").open("r+b", buffering=0) as disk:
        kept = os.dup(writer._stream.fileno())
        os.dup2(disk.fileno(), writer._stream.fileno())
        with pytest.raises(OSError, match="No space"):
            writer.write_rows(plate())
        os.dup2(kept, writer._stream.fileno())
        os.close(kept)
    with pytest.raises(ValueError, match="could not be written before"):
        writer.write_rows(plate())
    with pytest.raises(ValueError, match="could not be written before"):
        writer.close()
    assert not list(tmp_path.iterdir())


def test_threads_may_write_tiles_at_once(tmp_path: Path) -> None:
    pixels = plate(height=128, width=128)
    path = tmp_path / "a.exr"
    with exr.Writer(path, size=(128, 128), tile_size=32) as writer:

        def column(x: int) -> None:
            for y in range(4):
                writer.write_tile(x, y, pixels[32 * y : 32 * y + 32, 32 * x : 32 * x + 32])

        workers = [threading.Thread(target=column, args=(x,)) for x in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert exr.read(path).numpy().tobytes() == pixels.tobytes()


def test_a_large_picture_takes_little_memory(run_limited: Any, tmp_path: Path) -> None:
    outcome = run_limited(
        f"""
        import resource
        import numpy as np
        from vfx.io import exr

        rows = np.zeros((64, 8192, 4), np.float16)
        with exr.Writer({str(tmp_path / "a.exr")!r}, size=(8192, 2048), channels=4, compression="none",
                        tile_size=256, levels="mip") as writer:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for _ in range(32):
                writer.write_rows(rows)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        """,
        seconds=20,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert int(outcome.stdout) < 80_000, "128 MiB of pixels should go through less than 80 MB"


def test_the_python_way_says_that_it_writes_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    with pytest.raises(FormatError, match="only OpenEXR's C functions write rows"):
        exr.Writer(tmp_path / "a.exr", size=(4, 4))
    assert not list(tmp_path.iterdir())
