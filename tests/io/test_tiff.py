"""TIFF: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import tiff

FORMATS = {"u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "f16": np.float16, "f32": np.float32}


def oiio_pixels(path: Path, dtype: Any) -> np.ndarray[Any, Any]:
    """OpenImageIO's pixels, unassociated alpha left alone, as ``dtype``."""
    oiio = pytest.importorskip("OpenImageIO")
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    names = {"uint8": "uint8", "uint16": "uint16", "uint32": "uint", "float16": "half", "float32": "float"}
    pixels = opened.read_image(names[np.dtype(dtype).name])
    assert pixels is not None, opened.geterror()
    opened.close()
    return pixels


def made(pixels: Any, **options: Any) -> bytes:
    """A TIFF file by tifffile."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, metadata=None, **options)
    return stream.getvalue()


def by_pillow(picture: Pillow.Image, **options: Any) -> bytes:
    """A TIFF file by libtiff, through Pillow."""
    stream = io.BytesIO()
    picture.save(stream, "TIFF", **options)
    return stream.getvalue()


def content(shape: tuple[int, ...], dtype: Any, seed: int = 5) -> np.ndarray[Any, Any]:
    """Random pixels; floats beyond [0, 1], with infinities and NaN."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "u":
        return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    pixels = (rng.random(shape) * 9 - 2).astype(dtype)
    pixels.reshape(-1)[:3] = (np.inf, -np.inf, np.nan)[: pixels.size]
    return pixels


# ------------------------------------------------------------------ agreement


@pytest.mark.each_shared_file("tiff/*.tif")
def test_reads_what_tifffile_and_openimageio_read(shared_case: Path) -> None:
    image = tiff.read(shared_case)
    np.testing.assert_array_equal(image.pixels, tifffile.imread(shared_case).reshape(image.pixels.shape))
    np.testing.assert_array_equal(image.pixels, oiio_pixels(shared_case, image.dtype))
    info = tiff.probe(shared_case)
    assert (info.width, info.height, info.channel_names) == (image.width, image.height, image.channel_names)
    assert info.formats[0] == image.format


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "zstd", "packbits"])
@pytest.mark.parametrize("storage", [{}, {"tile_size": 32}, {"planar": True}, {"tile_size": (48, 16), "planar": True}])
def test_written_files_are_read_back_by_all(
    fmt: str, compression: str, storage: dict[str, Any], tmp_path: Path
) -> None:
    pixels = content((37, 53, 4), FORMATS[fmt])
    path = tmp_path / "a.tif"
    tiff.write(path, Image(pixels), compression=compression, **storage)
    image = tiff.read(path)
    assert image.format == fmt
    assert image.channel_names == ("R", "G", "B", "A")
    np.testing.assert_array_equal(image.pixels, pixels)
    if compression != "zstd":  # OpenImageIO's wheel may be built without it
        np.testing.assert_array_equal(oiio_pixels(path, pixels.dtype), pixels)
    facts = tiff.probe(path).parts[0]
    assert facts.tile_size == {32: (32, 32), None: None}.get(storage.get("tile_size"), (48, 16))
    assert {"adobe_deflate": "deflate"}.get(facts.compression, facts.compression) == compression


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("size", [(1, 1), (3, 130)])
def test_any_number_of_channels_keeps_its_names(channels: int, size: tuple[int, int], tmp_path: Path) -> None:
    pixels = content((*size, channels), np.float32)
    image = Image(pixels)
    tiff.write(tmp_path / "a.tif", image)
    found = tiff.read(tmp_path / "a.tif")
    assert found.channel_names == image.channel_names
    np.testing.assert_array_equal(found.pixels, pixels)
    np.testing.assert_array_equal(oiio_pixels(tmp_path / "a.tif", np.float32), pixels)


def test_named_channels_are_ordered_for_others_and_found_again(tmp_path: Path) -> None:
    names = ("Z", "A", "B", "G", "R", "id.X")
    image = Image(content((5, 4, 6), np.float16), channels=names, metadata={"comments": "say"})
    tiff.write(tmp_path / "a.tif", image)
    found = tiff.read(tmp_path / "a.tif")
    assert found.channel_names == ("R", "G", "B", "A", "Z", "id.X")
    np.testing.assert_array_equal(found.select(names).pixels, image.pixels)
    assert found.metadata["comments"] == "say"
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.pages[0].extrasamples[0] == tifffile.EXTRASAMPLE.ASSOCALPHA


@pytest.mark.parametrize(
    "names", [("A",), ("Z",), ("diffuse.R", "diffuse.G", "diffuse.B"), ("Y", "Z"), ("u", "v", "w")]
)
def test_unusual_names_survive(names: tuple[str, ...], tmp_path: Path) -> None:
    image = Image(content((5, 4, len(names)), np.uint16), channels=names)
    tiff.write(tmp_path / "a.tif", image)
    found = tiff.read(tmp_path / "a.tif")
    assert found.channel_names == names
    np.testing.assert_array_equal(found.pixels, image.pixels)


# ------------------------------------------------------------------ kinds of pixels that others write


@pytest.mark.parametrize("fmt", ["u8", "u16"])
def test_white_is_zero_is_inverted(fmt: str) -> None:
    pixels = content((9, 7), FORMATS[fmt])
    image = tiff.read(made(pixels, photometric="miniswhite"))
    np.testing.assert_array_equal(image.pixels[:, :, 0], np.iinfo(pixels.dtype).max - pixels)


def test_one_bit_pictures_expand(tmp_path: Path) -> None:
    picture = Pillow.fromarray((content((9, 13), np.uint8) > 127).astype(np.uint8) * 255).convert("1")
    for compression in (None, "group3", "group4", "packbits"):
        image = tiff.read(by_pillow(picture, compression=compression))
        np.testing.assert_array_equal(image.pixels[:, :, 0], np.array(picture.convert("L")))
    assert image.format == "u8"


@pytest.mark.parametrize("bits", [2, 4])
def test_small_depths_expand_exactly(bits: int) -> None:
    path_bytes = packed(np.arange(2**bits, dtype=np.uint16), bits)
    image = tiff.read(path_bytes)
    assert image.format == "u8"
    np.testing.assert_array_equal(image.pixels[0, :, 0], np.arange(2**bits) * 255 // (2**bits - 1))


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_depths_between_become_exact_floats(bits: int) -> None:
    codes = np.linspace(0, 2**bits - 1, 40).astype(np.uint16)
    image = tiff.read(packed(codes, bits))
    assert image.format == "f32"
    np.testing.assert_array_equal(image.pixels[0, :, 0], codes.astype(np.float32) / np.float32(2**bits - 1))


def packed(codes: np.ndarray[Any, Any], bits: int) -> bytes:
    """A little-endian TIFF file of one row of ``codes``, packed into ``bits`` bits each, made by hand."""
    text = "".join(format(int(code), f"0{bits}b") for code in codes)
    text = text.ljust(-(-len(text) // 8) * 8, "0")
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    tags = {256: len(codes), 257: 1, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: len(data)}
    directory = len(tags).to_bytes(2, "little")
    for tag, value in tags.items():
        directory += tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little")
    start = 8 + len(data)
    return b"II*\0" + start.to_bytes(4, "little") + data + directory + b"\0\0\0\0"


def test_palettes_become_rgb(tmp_path: Path) -> None:
    picture = Pillow.fromarray(content((20, 30, 3), np.uint8)).convert("P", palette=Pillow.Palette.ADAPTIVE, colors=40)
    image = tiff.read(by_pillow(picture))
    assert image.format == "u8"
    np.testing.assert_array_equal(image.pixels, np.array(picture.convert("RGB")))
    wide = np.random.default_rng(1).integers(0, 65536, (3, 256), np.uint16)
    codes = content((6, 5), np.uint8)
    image = tiff.read(made(codes, photometric="palette", colormap=wide))
    np.testing.assert_array_equal(image.pixels, wide.T[codes])


def test_cmyk_becomes_rgb() -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 0, 128], [0, 0, 0, 255]]], np.uint8)
    image = tiff.read(made(inks, photometric="separated"))
    assert image.pixels.tolist() == [[[255, 255, 255], [0, 255, 255], [127, 0, 127], [0, 0, 0]]]


def test_jpeg_inside_tiff_is_read() -> None:
    y, x = np.mgrid[0:32, 0:48]
    smooth = np.stack([x * 5, y * 7, x + y], axis=2).astype(np.uint8)
    image = tiff.read(by_pillow(Pillow.fromarray(smooth), compression="jpeg", quality=95))
    assert np.abs(image.pixels.astype(int) - smooth).mean() < 3


@pytest.mark.parametrize(("stored", "said"), [("assocalpha", None), ("unassalpha", "unassociated"),
                                              ("unspecified", "unspecified")])  # fmt: skip
def test_alpha_is_named_and_its_kind_is_kept(stored: str, said: str | None, tmp_path: Path) -> None:
    pixels = content((4, 4, 4), np.uint8)
    image = tiff.read(made(pixels, photometric="rgb", extrasamples=[stored]))
    assert image.channel_names == ("R", "G", "B", "A")
    assert image.metadata.get("alpha") == said
    np.testing.assert_array_equal(image.pixels, pixels)
    tiff.write(tmp_path / "a.tif", image)
    again = tiff.read(tmp_path / "a.tif")
    assert again.metadata.get("alpha") == said
    np.testing.assert_array_equal(oiio_pixels(tmp_path / "a.tif", np.uint8), pixels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_byte_orders_and_bigtiff(order: str, bigtiff: bool) -> None:
    for fmt in FORMATS.values():
        pixels = content((5, 6, 3), fmt)
        data = made(pixels, byteorder=order, bigtiff=bigtiff, photometric="rgb", compression="lzw", predictor=True)
        assert tiff.sniff(data[:4])
        np.testing.assert_array_equal(tiff.read(data).pixels, pixels)


def test_64_bit_floats_are_rounded_to_32() -> None:
    values = np.array([[0.1, 1e300, -1e300]])
    image = tiff.read(made(values, photometric="minisblack"))
    assert image.pixels[0, :, 0].tolist() == [np.float32(0.1), np.inf, -np.inf]


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), np.int64), np.zeros((4, 4), np.complex64)])
def test_other_samples_are_refused(pixels: np.ndarray[Any, Any]) -> None:
    with pytest.raises(FormatError, match="not supported"):
        tiff.read(made(pixels, photometric="minisblack"))


def test_pages_are_read_by_number_and_by_name() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for index in range(3):
            name = (285, "s", 0, f"view {index}", True)
            page = np.full((2 + index, 3), index, np.uint8)
            writer.write(page, photometric="minisblack", metadata=None, extratags=[name])
    data = stream.getvalue()
    assert [tiff.read(data, part=index).height for index in range(3)] == [2, 3, 4]
    assert tiff.read(data, part="view 1").height == 3
    info = tiff.probe(data)
    assert [(part.name, part.height) for part in info.parts] == [("view 0", 2), ("view 1", 3), ("view 2", 4)]
    with pytest.raises(FormatError, match="no page 3; the file has 3"):
        tiff.read(data, part=3)
    with pytest.raises(FormatError, match="no page is named 'view 9'"):
        tiff.read(data, part="view 9")
    with pytest.raises(ValueError, match="part must be at least 0"):
        tiff.read(data, part=-1)


# ------------------------------------------------------------------ writing


@pytest.mark.parametrize(
    "layout", ["flipped", "mirrored", "fortran", "slice", "reversed channels", "transposed", "plane"]
)
@pytest.mark.parametrize("planar", [False, True])
def test_every_memory_layout_is_written_right(layout: str, planar: bool, tmp_path: Path) -> None:
    whole = content((14, 11, 4), np.float16)
    pixels = {
        "flipped": whole[::-1],
        "mirrored": whole[:, ::-1],
        "fortran": np.asfortranarray(whole),
        "slice": whole[::2, ::3, 1:],
        "reversed channels": whole[:, :, ::-1],
        "transposed": whole.transpose(1, 0, 2),
        "plane": whole[:, :, 2],
    }[layout]
    tiff.write(tmp_path / "a.tif", Image(pixels), planar=planar)
    np.testing.assert_array_equal(tiff.read(tmp_path / "a.tif").pixels, pixels.reshape(*pixels.shape[:2], -1))


def test_the_format_is_kept_unless_another_is_asked_for(tmp_path: Path) -> None:
    scene = Image(np.array([[-0.5, 0.0, 0.25, 4.0]], np.float32))
    for asked, stored, values in (
        (None, "f32", [-0.5, 0.0, 0.25, 4.0]),
        ("f16", "f16", [-0.5, 0.0, 0.25, 4.0]),
        ("u16", "u16", [0, 0, 16384, 65535]),
        (np.uint8, "u8", [0, 0, 64, 255]),
    ):
        tiff.write(tmp_path / "a.tif", scene, dtype=asked)
        image = tiff.read(tmp_path / "a.tif")
        assert (image.format, image.pixels[0, :, 0].tolist()) == (stored, values)


def test_an_image_with_overscan_is_written_as_its_display_window(tmp_path: Path) -> None:
    image = Image(np.ones((4, 4), np.float32), data_window=(-1, -1, 2, 2), display_window=(0, 0, 3, 1))
    tiff.write(tmp_path / "a.tif", image)
    assert tiff.read(tmp_path / "a.tif").pixels[:, :, 0].tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_bigtiff_on_demand(tmp_path: Path) -> None:
    tiff.write(tmp_path / "a.tif", Image(np.zeros((2, 2), np.uint8)), bigtiff=True)
    assert (tmp_path / "a.tif").read_bytes()[:4] == b"II+\0"
    tiff.write(tmp_path / "a.tif", Image(np.zeros((2, 2), np.uint8)))
    assert (tmp_path / "a.tif").read_bytes()[:4] == b"II*\0"


def test_level_and_predictor_change_only_the_size(tmp_path: Path, shared_file: Any) -> None:
    pixels = np.array(Pillow.open(shared_file("photo/kodak_23.png")))[:200]
    sizes = {}
    for key, options in {
        "fast": {"level": 1},
        "best": {"level": 9},
        "plain": {"predictor": False},
        "none": {"compression": "none"},
    }.items():
        tiff.write(tmp_path / "a.tif", Image(pixels), **options)
        np.testing.assert_array_equal(tiff.read(tmp_path / "a.tif").pixels, pixels)
        sizes[key] = (tmp_path / "a.tif").stat().st_size
    assert sizes["best"] < sizes["fast"] < sizes["plain"] < sizes["none"]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"compression": "zip"}, "compression must be one of none, lzw, deflate, zstd, packbits"),
     ({"tile_size": 20}, "multiple of 16"), ({"compression": "lzw", "level": 4}, "has no level"),
     ({"level": 10}, "level must be between")],
)  # fmt: skip
def test_wrong_options_raise_and_leave_no_file(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        tiff.write(tmp_path / "a.tif", Image(np.zeros((2, 2), np.uint8)), **options)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ metadata


def test_metadata_survives_writing_and_reading(tmp_path: Path) -> None:
    entries = {
        "comments": "Ünïcode 制作",
        "software": "a compositor",
        "capture_date": "2026:03:04 05:06:07",
        "owner": "someone",
        "copyright": "© them",
        "orientation": 6,
        "icc_profile": bytes(range(200)),
        "xmp": b"<x:xmpmeta/>",
        "tiff:DocumentName": "doc",
        "tiff:PageName": "left",
        "tiff:density": (300.0, 300.0, 2),
    }
    tiff.write(tmp_path / "a.tif", Image(np.zeros((3, 3, 3), np.uint8), metadata=entries))
    assert tiff.read(tmp_path / "a.tif").metadata == entries
    assert tiff.probe(tmp_path / "a.tif").parts[0].name == "left"
    with Pillow.open(tmp_path / "a.tif") as opened:
        assert opened.info["icc_profile"] == entries["icc_profile"]
        assert opened.info["dpi"] == (300, 300)


def test_pixel_aspect_is_kept(tmp_path: Path) -> None:
    for aspect in (2.0, 0.9, 1.25):
        tiff.write(tmp_path / "a.tif", Image(np.zeros((3, 3), np.uint8), pixel_aspect=aspect))
        assert tiff.read(tmp_path / "a.tif").pixel_aspect == pytest.approx(aspect, rel=1e-6)


def test_channels_rows_and_dtype_are_honoured() -> None:
    pixels = content((9, 8, 3), np.uint16)
    data = made(pixels, photometric="rgb")
    part = tiff.read(data, channels=("B",), rows=(2, 5), dtype="f32")
    np.testing.assert_allclose(part.pixels[:, :, 0], pixels[2:5, :, 2] / 65535, rtol=1e-6)


def test_what_is_read_may_be_changed_in_place() -> None:
    for fmt in FORMATS.values():
        tiff.read(made(np.zeros((4, 4, 3), fmt), photometric="rgb")).pixels[:] = 1


# ------------------------------------------------------------------ damage that tifffile forgives


def test_missing_strips_are_not_filled_in() -> None:
    data = bytearray(made(content((64, 64), np.uint8), photometric="minisblack", rowsperstrip=16))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        place = file.pages[0].tags[279].valueoffset
        order = file.byteorder
        size = file.pages[0].tags[279].dtype.name
    width = {"SHORT": 2, "LONG": 4}[size]
    data[place : place + width] = (0).to_bytes(width, "little" if order == "<" else "big")
    with pytest.raises(FormatError, match="strip or tile of 0 bytes"):
        tiff.read(bytes(data))


def test_a_damaged_tag_that_matters_is_not_skipped() -> None:
    data = bytearray(made(content((8, 8, 3), np.uint8), photometric="rgb", compression="deflate", predictor=True))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        place = file.pages[0].tags[317].offset
    data[place + 2] = 99  # the predictor's type
    with pytest.raises(FormatError, match="damaged TIFF tags: 317"):
        tiff.read(bytes(data))


def test_a_lying_size_is_refused_before_memory_is_taken() -> None:
    data = bytearray(made(content((8, 8), np.uint8), photometric="minisblack", compression="deflate"))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag in (256, 257, 278):
            place = file.pages[0].tags[tag].valueoffset
            width = {"SHORT": 2, "LONG": 4}[file.pages[0].tags[tag].dtype.name]
            data[place : place + width] = (16000).to_bytes(width, "little")
    with pytest.raises(FormatError, match="cannot hold 16000 x 16000"):
        tiff.read(bytes(data))


def test_a_chain_of_pages_that_bites_its_tail_is_refused() -> None:
    data = bytearray(made(content((8, 8), np.uint8), photometric="minisblack"))
    start = int.from_bytes(data[4:8], "little")
    following = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    data[following : following + 4] = data[4:8]
    assert tiff.read(bytes(data)).width == 8
    for use in (tiff.probe, lambda source: tiff.read(source, part=1), lambda source: tiff.read(source, part="left")):
        with pytest.raises(FormatError, match="leads back into itself"):
            use(bytes(data))


def test_nothing_is_printed_about_damaged_files(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = made(content((8, 8), np.uint8), photometric="minisblack")
    for cut in (9, 100, len(data) - 3):
        with pytest.raises(FormatError):
            tiff.read(data[:cut])
    captured = capfd.readouterr()
    assert captured.err == ""


@pytest.mark.parametrize("size", ["16,32", (16, 32, 16), (16,)])
def test_a_tile_size_is_a_number_or_two(tmp_path: Path, size: object) -> None:
    with pytest.raises(TypeError, match="tile_size must be a whole number or .width, height., got"):
        tiff.write(tmp_path / "a.tif", Image(np.zeros((20, 20, 3), np.uint8)), tile_size=size)  # type: ignore[arg-type]


def test_lzw_data_that_cannot_hold_the_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    tiff.write(tmp_path / "a.tif", Image(np.zeros((999, 501, 3), np.uint8)), compression="lzw")
    assert tiff.read(tmp_path / "a.tif").width == 501  # the flattest picture there is
    data = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tag = file.pages[0].tags["SamplesPerPixel"]
    assert (tag.value, data[tag.valueoffset]) == (3, 3)
    data[tag.valueoffset : tag.valueoffset + 2] = b"\x00\xf0"
    with pytest.raises(FormatError, match=r"\d+ bytes of LZW cannot hold its pixels"):
        tiff.read(bytes(data))
