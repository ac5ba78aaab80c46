"""Open files: any piece of any format is what the whole picture has there, and no more of the file is touched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError
from vfx.image import Image

ENDINGS = ("exr", "dpx", "png", "tif", "jxl")


def plate(width: int = 83, height: int = 61) -> Image:
    pixels = np.random.default_rng(6).random((height, width, 4)).astype(np.float16)
    return Image(pixels, data_window=(-5, 7, width - 6, height + 6), display_window=(0, 0, width - 1, height - 1))


@pytest.fixture(params=ENDINGS)
def path(request, tmp_path: Path) -> Path:
    name = tmp_path / f"a.{request.param}"
    image = plate()
    vfx.write(name, image if request.param == "exr" else Image(image.pixels))
    return name


def test_pieces_are_what_the_whole_has_there(path: Path) -> None:
    whole = vfx.read(path)
    x0, y0 = whole.data_window[:2]
    with vfx.io.open(path) as file:
        assert (file.info.width, file.info.height, file.format) == (83, 61, vfx.probe(path).format)
        piece = file.read(rows=(11, 40), columns=(5, 83))
        np.testing.assert_array_equal(piece.pixels, whole.pixels[11:40, 5:83])
        assert piece.data_window == (x0 + 5, y0 + 11, x0 + 82, y0 + 39)
        assert piece.display_window == whole.display_window
        np.testing.assert_array_equal(file[-9:, 3:-60].pixels, whole.pixels[-9:, 3:-60])
        np.testing.assert_array_equal(file[20:21].pixels, whole.pixels[20:21])
        some = file.read(channels=["B", "R"], rows=(0, 9), dtype="f32")
        np.testing.assert_array_equal(some.pixels, whole.astype("f32").pixels[:9, :, [2, 0]])


@pytest.mark.parametrize("height", [None, 1, 16, 17, 100])
def test_bands_and_tiles_make_up_the_whole(path: Path, height: int | None) -> None:
    whole = vfx.read(path)
    with vfx.io.open(path) as file:
        bands = list(file.bands(height))
        np.testing.assert_array_equal(np.concatenate([band.pixels for band in bands]), whole.pixels)
        canvas = np.zeros_like(whole.pixels)
        for tile in file.tiles((height or 30, 13)):
            x, y = (tile.data_window[axis] - whole.data_window[axis] for axis in (0, 1))
            canvas[y : y + tile.height, x : x + tile.width] += tile.pixels
        np.testing.assert_array_equal(canvas, whole.pixels)


def test_a_blank_has_everything_but_memory(path: Path) -> None:
    whole = vfx.read(path)
    with vfx.io.open(path) as file:
        blank = file.blank()
        assert (blank.shape, blank.format, blank.channel_names) == (whole.shape, whole.format, whole.channel_names)
        assert (blank.data_window, blank.display_window) == (whole.data_window, whole.display_window)
        assert blank.metadata == whole.metadata
        assert blank.numpy().strides[:2] == (0, 0)


def test_levels_and_tiles_of_an_exr_file(tmp_path: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    source = oiio.ImageBuf(plate().pixels.astype(np.float32))
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, source, str(tmp_path / "a.exr"))
    with vfx.io.open(tmp_path / "a.exr") as file:
        assert file.block() == (64, 64)
        assert file.blank(level=2).shape == vfx.read(tmp_path / "a.exr", level=2).shape
        np.testing.assert_array_equal(
            file.read(level=1, rows=(3, 9), columns=(2, 30)).pixels,
            vfx.read(tmp_path / "a.exr", level=1).pixels[3:9, 2:30],
        )


def test_a_piece_of_a_large_exr_file_fetches_a_fraction_of_it(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).random((640, 640, 4)).astype(np.float16)
    vfx.write(tmp_path / "a.exr", Image(pixels), tile_size=64, compression="zips")
    with vfx.io.open(tmp_path / "a.exr") as file:
        file.read(rows=(64, 128), columns=(64, 128))
        assert 0 < file.bytes_read < (tmp_path / "a.exr").stat().st_size / 20


def test_threads_share_an_open_file(tmp_path: Path) -> None:
    image = plate(300, 400)
    vfx.write(tmp_path / "a.exr", image)
    with vfx.io.open(tmp_path / "a.exr") as file, ThreadPoolExecutor(6) as pool:
        places = [(top, top + 7) for top in range(0, 390, 5)]
        for place, piece in zip(places, pool.map(lambda rows: file.read(rows=rows), places), strict=True):
            np.testing.assert_array_equal(piece.pixels, image.pixels[place[0] : place[1]])


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"rows": (5, 5)}, ValueError, "rows must satisfy"),
        ({"columns": (0, 84)}, ValueError, "columns must satisfy 0 <= .* <= 83"),
        ({"channel": "R"}, TypeError, "no option 'channel'"),
    ],
)
def test_wrong_pieces_are_named(path: Path, options, kind, message) -> None:
    with vfx.io.open(path) as file, pytest.raises(kind, match=message):
        file.read(**options)


def test_a_closed_file_and_a_step_are_refused(path: Path) -> None:
    file = vfx.io.open(path)
    with pytest.raises(TypeError, match="slices without steps"):
        file[::2]
    file.close()
    file.close()
    assert "closed" in repr(file)
    with pytest.raises(ValueError, match=r"a\.\w+: the file is closed"):
        file.read()


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.exr").write_bytes(b"\x76\x2f\x31\x01nothing")
    with pytest.raises(FormatError, match=r"a\.exr"):
        vfx.io.open(tmp_path / "a.exr")
    with pytest.raises(FileNotFoundError):
        vfx.io.open(tmp_path / "b.exr")
