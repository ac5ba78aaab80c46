"""TIFF: several pages, smaller versions, some rows, signed samples, predictors, and pictures on their side."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import vfx
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import png, tiff


def picture(shape: tuple[int, ...], dtype: Any = np.uint8, seed: int = 2) -> np.ndarray[Any, Any]:
    """Random pixels of a format."""
    if np.dtype(dtype).kind == "f":
        return (np.random.default_rng(seed).random(shape) * 9 - 2).astype(dtype)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(low, high, shape, dtype, endpoint=True)


def made(pixels: Any, **options: Any) -> bytes:
    """A TIFF file by tifffile."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, metadata=None, **options)
    return stream.getvalue()


def counted(path: Path) -> tuple[Any, list[int]]:
    """A stream over a file that counts the bytes read from it."""
    total = [0]

    class Counting(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(-1 if size is None else size)
            total[0] += len(found or b"")
            return found or b""

        def readinto(self, buffer: Any) -> int:
            count = super().readinto(buffer) or 0
            total[0] += count
            return count

    return Counting(path), total


# ------------------------------------------------------------------ several pages


def test_several_images_become_pages(tmp_path: Path) -> None:
    images = [
        Image(picture((5, 7, 3)), metadata={"tiff:PageName": "beauty", "comments": "first"}),
        Image(picture((4, 4), np.float16), metadata={"tiff:PageName": "depth"}, channels=("Z",)),
        Image(picture((9, 2, 4), np.float32), pixel_aspect=2.0),
    ]
    vfx.write(tmp_path / "a.tif", images, compression="lzw")
    info = vfx.probe(tmp_path / "a.tif")
    assert [part.name for part in info.parts] == ["beauty", "depth", ""]
    for index, image in enumerate(images):
        found = vfx.read(tmp_path / "a.tif", part=index)
        np.testing.assert_array_equal(found.pixels, image.pixels)
        assert (found.channel_names, found.pixel_aspect) == (image.channel_names, image.pixel_aspect)
        np.testing.assert_array_equal(
            tifffile.imread(tmp_path / "a.tif", key=index).reshape(image.pixels.shape), image.pixels
        )
    assert vfx.read(tmp_path / "a.tif", part="depth").format == "f16"
    oiio = pytest.importorskip("OpenImageIO")
    opened = oiio.ImageInput.open(str(tmp_path / "a.tif"))
    for index, image in enumerate(images):
        assert opened.seek_subimage(index, 0)
        np.testing.assert_array_equal(opened.read_image(opened.spec().format), image.pixels)
    assert not opened.seek_subimage(3, 0)


def test_pages_are_converted_and_one_wrong_option_leaves_no_file(tmp_path: Path) -> None:
    images = [Image(picture((3, 3))), Image(picture((3, 3), np.float32))]
    tiff.write(tmp_path / "a.tif", images, dtype="u16", bigtiff=True)
    assert [part.formats[0] for part in tiff.probe(tmp_path / "a.tif").parts] == ["u16", "u16"]
    (tmp_path / "a.tif").unlink()
    with pytest.raises(ValueError, match="at least one page"):
        tiff.write(tmp_path / "a.tif", [])
    with pytest.raises(ValueError, match="predictor of integers must be"):
        tiff.write(tmp_path / "a.tif", images, predictor=3)
    with pytest.raises(TypeError, match="png files hold one image, got a list"):
        vfx.write(tmp_path / "a.png", images)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ smaller versions


def pyramid(subifds: bool, **options: Any) -> tuple[list[np.ndarray[Any, Any]], bytes]:
    """Three levels and a page of another picture, the smaller ones as sub-pages or behind their page."""
    levels = [picture((64 >> level, 96 >> level, 3), seed=level) for level in range(3)]
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(levels[0], subifds=2 if subifds else None, photometric="rgb", metadata=None, **options)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, photometric="rgb", metadata=None, **options)
        writer.write(levels[2], photometric="rgb", metadata=None)
    return levels, stream.getvalue()


@pytest.mark.parametrize("subifds", [False, True])
def test_smaller_versions_are_levels(subifds: bool) -> None:
    levels, data = pyramid(subifds, tile=(16, 16), compression="deflate")
    for index, pixels in enumerate(levels):
        np.testing.assert_array_equal(vfx.read(data, level=index).pixels, pixels)
    np.testing.assert_array_equal(vfx.read(data, level=1, rows=(3, 20)).pixels, levels[1][3:20])
    info = vfx.probe(data)
    assert info.parts[0].levels == 3
    assert len(info.parts) == (2 if subifds else 4)
    assert info.parts[-1].levels == 1
    with pytest.raises(FormatError, match="no level 3; the page has 3"):
        vfx.read(data, level=3)
    with pytest.raises(FormatError, match="no level 1; the page has 1"):
        vfx.read(data, part=len(info.parts) - 1, level=1)


def test_a_sub_page_is_read_whatever_it_is() -> None:
    main, other = picture((4, 4)), picture((8, 8), np.uint16)
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(main, subifds=1, photometric="minisblack", metadata=None)
        writer.write(other, photometric="minisblack", metadata=None)
    data = stream.getvalue()
    np.testing.assert_array_equal(tiff.read(data, subifd=0).pixels[:, :, 0], other)
    assert tiff.probe(data).metadata["tiff:subifds"] == 1
    assert tiff.probe(data).parts[0].levels == 1
    with pytest.raises(FormatError, match="no sub-page 1; the page has 1"):
        tiff.read(data, subifd=1)
    with pytest.raises(TypeError, match="level or subifd"):
        tiff.read(data, subifd=0, level=1)


def test_a_damaged_sub_page_costs_only_itself() -> None:
    _, data = pyramid(subifds=True)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        offsets = file.pages[0].subifds
        place = file.pages[0].tags[330].valueoffset
    damaged = bytearray(data)
    assert int.from_bytes(damaged[place + 4 : place + 8], "little") == offsets[1]
    damaged[place + 4 : place + 8] = (len(data) - 5).to_bytes(4, "little")
    assert tiff.read(bytes(damaged)).width == 96
    assert tiff.read(bytes(damaged), level=1).width == 48
    assert tiff.probe(bytes(damaged)).parts[0].levels == 2
    with pytest.raises(FormatError):
        tiff.read(bytes(damaged), level=2)


def test_an_endless_chain_of_smaller_pages_is_refused() -> None:
    _, data = pyramid(subifds=False)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        last = file.pages[1]
        place = last.offset + 2 + 12 * len(last.tags)
    damaged = bytearray(data)
    damaged[place : place + 4] = data[4:8]
    with pytest.raises(FormatError, match="leads back into itself"):
        tiff.read(bytes(damaged), level=1)


# ------------------------------------------------------------------ some rows


@pytest.mark.parametrize("compression", [None, "deflate", "lzw", "packbits", "zstd"])
@pytest.mark.parametrize(
    "storage",
    [{"rowsperstrip": 7}, {"tile": (16, 32)}, {"rowsperstrip": 7, "planarconfig": "separate"},
     {"tile": (16, 16), "planarconfig": "separate"}, {"rowsperstrip": 50}],
)  # fmt: skip
@pytest.mark.parametrize("order", ["<", ">"])
def test_some_rows_are_those_of_the_whole(compression: Any, storage: dict[str, Any], order: str) -> None:
    pixels = picture((50, 70, 3), np.uint16)
    stored = np.moveaxis(pixels, 2, 0) if "planarconfig" in storage else pixels
    data = made(stored, photometric="rgb", compression=compression, byteorder=order, **storage)
    for rows in ((0, 1), (6, 8), (49, 50), (13, 33), (0, 50)):
        part = tiff.read(data, rows=rows)
        np.testing.assert_array_equal(part.pixels, pixels[rows[0] : rows[1]])
        assert part.data_window == (0, rows[0], 69, rows[1] - 1)
        assert part.display_window == (0, 0, 69, 49)
        for columns in ((0, 1), (15, 17), (69, 70), (0, 69)):
            cut = tiff.read(data, rows=rows, columns=columns)
            np.testing.assert_array_equal(cut.pixels, pixels[slice(*rows), slice(*columns)])
            assert cut.data_window == (columns[0], rows[0], columns[1] - 1, rows[1] - 1)
    with pytest.raises(ValueError, match="rows must satisfy") as caught:
        tiff.read(data, rows=(0, 51))
    assert not isinstance(caught.value, FormatError)
    with pytest.raises(ValueError, match="columns must satisfy"):
        tiff.read(data, columns=(5, 71))


def test_rows_of_jpeg_strips_find_their_tables() -> None:
    y, x = np.mgrid[0:64, 0:96]
    smooth = np.stack([x * 2, y * 3, x + y], axis=2).astype(np.uint8)
    for tables in ({}, {"compressionargs": {"level": 90}}):
        data = made(smooth, photometric="ycbcr", compression="jpeg", rowsperstrip=16, **tables)
        np.testing.assert_array_equal(tiff.read(data, rows=(20, 40)).pixels, tiff.read(data).pixels[20:40])


def test_only_the_strips_of_the_rows_are_read_and_only_they_count_for_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pixels = picture((1000, 300, 3))
    path.write_bytes(made(pixels, photometric="rgb", rowsperstrip=10))
    from vfx.io._source import Source

    stream, total = counted(path)
    with stream:
        opened = Source(stream, str(path), path, None)
        np.testing.assert_array_equal(tiff.read(opened, rows=(500, 520)).pixels, pixels[500:520])
    assert total[0] < 2 * 20 * 300 * 3 + 20_000  # of 900,000 bytes; the directory has about 2 KB
    with vfx.io.limits(pixels=300 * 20, memory=300 * 20 * 3):
        assert tiff.read(path, rows=(0, 20)).height == 20
        with pytest.raises(vfx.errors.LimitError, match="300 x 21 pixels"):
            tiff.read(path, rows=(0, 21))


def test_a_page_without_a_size_is_a_damaged_file_whatever_is_asked_of_it() -> None:
    for tag in (256, 257):
        data = bytearray(made(picture((8, 8)), photometric="minisblack"))
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            place = file.pages[0].tags[tag].valueoffset
        data[place : place + 2] = b"\0\0"
        for options in ({}, {"rows": (0, 4)}, {"columns": (0, 4)}):
            with pytest.raises(FormatError, match="0 x 8 pixels|8 x 0 pixels|without a size"):
                tiff.read(bytes(data), **options)


@pytest.mark.parametrize("storage", [{"rowsperstrip": 7}, {"tile": (16, 32)}, {"rowsperstrip": 50},
                                     {"compression": None}])  # fmt: skip
def test_open_files_give_any_piece(storage: dict[str, Any]) -> None:
    pixels = picture((50, 70, 3), np.uint16)
    data = made(pixels, photometric="rgb", **{"compression": "deflate", **storage})
    with vfx.io.open(data) as file:
        np.testing.assert_array_equal(file.read(rows=(9, 31), columns=(5, 66)).pixels, pixels[9:31, 5:66])
        np.testing.assert_array_equal(file[20:21].pixels, pixels[20:21])
        np.testing.assert_array_equal(np.concatenate([band.pixels for band in file.bands(16)]), pixels)
        for tile in file.tiles(32):
            x0, y0, x1, y1 = tile.data_window
            np.testing.assert_array_equal(tile.pixels, pixels[y0 : y1 + 1, x0 : x1 + 1])
        expected = {7: (70, 7), 50: (70, 50)}.get(
            storage.get("rowsperstrip"), (32, 16) if "tile" in storage else (70, 1)
        )
        assert file.block() == expected


def test_open_files_give_sub_pages_and_turned_pictures_too(tmp_path: Path) -> None:
    levels, data = pyramid(subifds=True, tile=(16, 16))
    with vfx.io.open(data) as file:
        np.testing.assert_array_equal(file.read(rows=(3, 9), columns=(2, 40), level=1).pixels, levels[1][3:9, 2:40])
        np.testing.assert_array_equal(file.read(rows=(3, 9), subifd=0).pixels, levels[1][3:9])
        assert (file.blank(subifd=0).height, file.blank(level=2).height) == (32, 16)
    pixels = picture((40, 30, 3))
    tiff.write(tmp_path / "a.tif", Image(pixels, metadata={"orientation": 6}), tile_size=16)
    with vfx.io.open(tmp_path / "a.tif") as file:
        np.testing.assert_array_equal(file.read(rows=(3, 9), auto_orient=True).pixels, np.rot90(pixels, -1)[3:9])


def test_a_strip_that_is_shorter_than_its_rows_is_refused() -> None:
    data = bytearray(made(picture((40, 30), np.uint8), photometric="minisblack", rowsperstrip=20) + bytes(9))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tag = file.pages[0].tags[279]
        width = {"SHORT": 2, "LONG": 4}[tag.dtype.name]
        data[tag.valueoffset : tag.valueoffset + 2 * width] = b"".join(
            count.to_bytes(width, "little") for count in (540, 600)
        )
    assert tiff.read(bytes(data), rows=(0, 15)).height == 15
    with pytest.raises(FormatError, match="shorter than its rows"):
        tiff.read(bytes(data), rows=(10, 19))


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_rows_are_the_same_for_any_number_of_threads(compression: str | None, tmp_path: Path) -> None:
    pixels = picture((400, 1500, 3), np.uint16)
    storage = {"rowsperstrip": 3} if compression is None else {"tile": (16, 16)}
    path = tmp_path / "a.tif"
    path.write_bytes(made(pixels, photometric="rgb", compression=compression, **storage))
    vfx.set_threads(8)  # more than there are cores: one seeks where another is about to read
    for _ in range(5):
        np.testing.assert_array_equal(tiff.read(path, rows=(30, 383)).pixels, pixels[30:383])


# ------------------------------------------------------------------ samples


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32])
@pytest.mark.parametrize("channels", [1, 3])
def test_signed_integers_become_floats(dtype: Any, channels: int) -> None:
    codes = picture((6, 5, channels), dtype)
    codes[0, 0] = np.iinfo(dtype).max
    data = made(codes.squeeze(), photometric="rgb" if channels == 3 else "minisblack")
    image = tiff.read(data)
    assert image.format == "f32"
    np.testing.assert_array_equal(image.pixels, (codes / np.iinfo(dtype).max).astype(np.float32))
    assert image.pixels[0, 0, 0] == 1
    assert tiff.probe(data).formats[0] == "f32"


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", ["cielab", "icclab"])
def test_lab_is_read_in_its_own_units(bits: int, kind: str, tmp_path: Path) -> None:
    full, unit = 2**bits - 1, 2 ** (bits - 8)
    exact = np.array([[[0, -128, 127], [100, 0, 0], [50, 12, -7]]], np.float64)
    chroma = exact[:, :, 1:] * unit
    stored = np.concatenate(
        (np.rint(exact[:, :, :1] * full / 100), chroma % (full + 1) if kind == "cielab" else chroma + 128 * unit),
        axis=2,
    ).astype(f"u{bits // 8}")
    data = made(stored, photometric=kind)
    image = tiff.read(data)
    assert image.channel_names == ("Lab.L", "Lab.a", "Lab.b")
    np.testing.assert_allclose(image.pixels, exact, atol=50 / full + 1e-5)
    assert tiff.probe(data).formats[0] == "f32"
    with pytest.raises(vfx.errors.ChannelError):
        image.exposure(1)
    if kind == "cielab" and bits == 16:  # libvips reads no others
        pyvips = pytest.importorskip("pyvips")
        theirs = pyvips.Image.new_from_buffer(data, "").colourspace("lab").numpy()
        np.testing.assert_allclose(image.pixels, theirs, atol=0.02)


@pytest.mark.parametrize(("dtype", "predictor"), [(np.uint8, 2), (np.uint16, 2), (np.uint32, 2), (np.float16, 3),
                                                  (np.float32, 3)])  # fmt: skip
def test_predictors_by_number(dtype: Any, predictor: int, tmp_path: Path) -> None:
    pixels = picture((20, 30, 3), dtype)
    for chosen, stored in ((predictor, predictor), (1, 1), (True, predictor), (False, 1)):
        tiff.write(tmp_path / "a.tif", Image(pixels), predictor=chosen, compression="zstd")
        with tifffile.TiffFile(tmp_path / "a.tif") as file:
            assert file.pages[0].predictor == stored
        np.testing.assert_array_equal(tiff.read(tmp_path / "a.tif").pixels, pixels)
    with pytest.raises(ValueError, match="predictor of (integers|floats) must be"):
        tiff.write(tmp_path / "a.tif", Image(pixels), predictor=5 - predictor)


@pytest.mark.parametrize("predictor", [2, 3])
def test_double_and_wide_samples_with_predictors_are_read(predictor: int) -> None:
    pixels = picture((20, 30), np.float64 if predictor == 3 else np.uint32)
    image = tiff.read(made(pixels, photometric="minisblack", compression="deflate", predictor=predictor))
    np.testing.assert_array_equal(image.pixels[:, :, 0], pixels.astype(image.dtype))


@pytest.mark.parametrize("bits", range(1, 17))
def test_packed_depths_of_others_are_read(bits: int) -> None:
    codes = picture((7, 13), np.uint16) >> (16 - bits)
    stored = codes if bits > 8 else codes.astype(np.uint8)
    import imagecodecs

    if bits in (8, 16):
        data = made(stored, photometric="minisblack")
    else:  # one row after the other, each filled up to a byte
        coded = b"".join(bytes(imagecodecs.packints_encode(row, bits)) for row in stored)
        tags = {256: 13, 257: 7, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: 7, 279: len(coded)}
        directory = len(tags).to_bytes(2, "little")
        for tag, value in tags.items():
            directory += tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little")
        data = b"II*\0" + (8 + len(coded)).to_bytes(4, "little") + coded + directory + b"\0\0\0\0"
    image = tiff.read(data)
    full = {"u8": 255, "u16": 65535, "f32": 1}[image.format]
    np.testing.assert_array_equal(np.rint(image.pixels[:, :, 0].astype(np.float64) / full * (2**bits - 1)), codes)


@pytest.mark.parametrize("compression", ["lzma", "webp", "jpegxl", "jpeg2000", "lerc", "png"])
def test_other_lossless_codecs_inside_tiff_are_read(compression: str) -> None:
    pixels = picture((32, 48, 3))
    options = {"webp": {"lossless": True}, "jpegxl": {"lossless": True}, "jpeg2000": {"reversible": True}}
    args = options.get(compression, {})
    data = made(pixels, photometric="rgb", compression=compression, compressionargs=args, tile=(32, 48))
    np.testing.assert_array_equal(tiff.read(data).pixels, pixels)


# ------------------------------------------------------------------ orientation


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_are_turned_upright_only_when_asked(orientation: int, tmp_path: Path) -> None:
    pixels = picture((4, 6, 3))
    image = Image(pixels, metadata={"orientation": orientation}, pixel_aspect=2.0)
    tiff.write(tmp_path / "a.tif", image)
    png.write(tmp_path / "a.png", image)
    stored = tiff.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(stored.pixels, pixels)
    assert stored.metadata["orientation"] == orientation
    upright = vfx.read(tmp_path / "a.tif", auto_orient=True)
    np.testing.assert_array_equal(upright.pixels, png.read(tmp_path / "a.png", auto_orient=True).pixels)
    assert upright.metadata["orientation"] == 1
    assert upright.pixel_aspect == (2.0 if orientation < 5 else 0.5)
    part = vfx.read(tmp_path / "a.tif", auto_orient=True, rows=(1, 3))
    np.testing.assert_array_equal(part.pixels, upright.pixels[1:3])
