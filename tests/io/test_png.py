"""PNG: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import png
from vfx.metadata import Chromaticities


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def handmade(width: int, height: int, depth: int, color_type: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG file of exactly these filtered rows; ``extra`` chunks stand before them."""
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = b"".join([*extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])
    return png.SIGNATURE + chunk(b"IHDR", head) + body


def oiio_pixels(path: Path) -> np.ndarray[Any, Any]:
    oiio = pytest.importorskip("OpenImageIO")
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    pixels = opened.read_image(opened.spec().format)
    opened.close()
    return pixels


def pillow_pixels(path: Path) -> np.ndarray[Any, Any]:
    from PIL import Image as Pillow

    with Pillow.open(path) as opened:
        if opened.mode == "P":
            return np.array(opened.convert("RGBA" if "transparency" in opened.info else "RGB"))
        return np.array(opened.convert("L") if opened.mode == "1" else opened)


def is_broken(path: Path) -> bool:
    """PngSuite's files whose names begin with x are corrupt on purpose."""
    return path.parent.name == "png" and path.name.startswith("x")


# ------------------------------------------------------------------ agreement


@pytest.mark.each_shared_file("png/*.png", "photo/*.png", "photo/wide/*.png")
def test_reads_the_same_pixels_as_openimageio(shared_case: Path) -> None:
    if is_broken(shared_case):
        with pytest.raises(FormatError, match=shared_case.name):
            png.read(shared_case)
        return
    image = png.read(shared_case)
    theirs = oiio_pixels(shared_case)
    assert image.dtype == theirs.dtype
    np.testing.assert_array_equal(image.pixels, theirs)


@pytest.mark.each_shared_file("png/[!x]*.png")
def test_reads_the_same_pixels_as_pillow(shared_case: Path) -> None:
    image = png.read(shared_case)
    theirs = pillow_pixels(shared_case)
    ours = image.pixels
    if image.format == "u16" and theirs.dtype == np.uint8:
        ours = (ours >> 8).astype(np.uint8)  # Pillow keeps the high byte of 16-bit colours
    if image.channel_names == ("Y", "A") and theirs.shape[-1] == 4:
        ours = ours[:, :, [0, 0, 0, 1]]
    if image.has_alpha and theirs.shape[-1] == 3:
        ours = ours[:, :, :3]  # and drops the transparent colour of 16-bit ones
    np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)


@pytest.mark.each_shared_file("png/[!x]*.png", "photo/wide/*.png")
def test_probe_tells_what_read_gives(shared_case: Path) -> None:
    info, image = png.probe(shared_case), png.read(shared_case)
    assert (info.width, info.height, info.channel_names) == (image.width, image.height, image.channel_names)
    assert info.formats == (image.format,) * image.channels
    assert info.pixel_aspect == image.pixel_aspect
    assert info.size == shared_case.stat().st_size


@pytest.mark.parametrize("name", ["basi0g01", "basi2c16", "basi4a16", "s09i3p02", "s40i3p04"])
def test_interlaced_and_plain_twins_are_equal(name: str, shared_file: Any) -> None:
    plain = {"basi0g01": "basn0g01", "basi2c16": "basn2c16", "basi4a16": "basn4a16"}.get(name)
    image = png.read(shared_file(f"png/{name}.png"))
    if plain:
        assert image.pixels.tobytes() == png.read(shared_file(f"png/{plain}.png")).pixels.tobytes()
    assert png.probe(shared_file(f"png/{name}.png")).parts[0].type == "interlaced"


# ------------------------------------------------------------------ small depths, palettes, transparency


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_small_depths_expand_exactly(depth: int) -> None:
    codes = np.arange(2**depth)
    bits = "".join(format(code, f"0{depth}b") for code in codes)
    row = int(bits, 2).to_bytes(len(bits) // 8 or 1, "big") if len(bits) >= 8 else bytes([int(bits.ljust(8, "0"), 2)])
    image = png.read(handmade(len(codes), 1, depth, 0, b"\0" + row))
    assert image.format == "u8"
    np.testing.assert_array_equal(image.pixels[0, :, 0], codes * 255 // (2**depth - 1))


def test_sixteen_bits_are_read_big_endian() -> None:
    image = png.read(handmade(1, 1, 16, 2, b"\0\x01\x02\x03\x04\xfe\xff"))
    assert image.pixels.tolist() == [[[0x0102, 0x0304, 0xFEFF]]]


def test_a_transparent_colour_becomes_alpha() -> None:
    gray = png.read(handmade(3, 1, 8, 0, b"\0\x01\x02\x03", chunk(b"tRNS", b"\0\x02")))
    assert gray.channel_names == ("Y", "A")
    assert gray.pixels.tolist() == [[[1, 255], [2, 0], [3, 255]]]
    colour = png.read(handmade(2, 1, 8, 2, b"\0\x01\x02\x03\x04\x05\x06", chunk(b"tRNS", b"\0\1\0\2\0\3")))
    assert colour.pixels.tolist() == [[[1, 2, 3, 0], [4, 5, 6, 255]]]


def test_a_short_palette_transparency_leaves_the_rest_opaque() -> None:
    palette = chunk(b"PLTE", bytes(range(9)))
    image = png.read(handmade(3, 1, 8, 3, b"\0\0\1\2", palette, chunk(b"tRNS", b"\x80")))
    assert image.pixels.tolist() == [[[0, 1, 2, 128], [3, 4, 5, 255], [6, 7, 8, 255]]]


@pytest.mark.parametrize(
    ("color_type", "extra"),
    [(3, []), (3, [chunk(b"PLTE", b"1234")]), (3, [chunk(b"PLTE", bytes(6)), chunk(b"tRNS", bytes(3))]),
     (3, [chunk(b"tRNS", b"1"), chunk(b"PLTE", bytes(6))]), (0, [chunk(b"tRNS", b"1")]),
     (2, [chunk(b"tRNS", b"12")]), (4, [chunk(b"tRNS", b"12")])],
)  # fmt: skip
def test_a_palette_or_transparency_that_does_not_fit_is_refused(color_type: int, extra: list[bytes]) -> None:
    rows = b"\0" + bytes({0: 1, 2: 3, 3: 1, 4: 2}[color_type])
    with pytest.raises(FormatError, match="PLTE|tRNS"):
        png.read(handmade(1, 1, 8, color_type, rows, *extra))


def test_the_advisory_palette_of_an_rgb_picture_changes_nothing() -> None:
    image = png.read(handmade(1, 1, 8, 2, b"\0\1\2\3", chunk(b"PLTE", bytes(300))))
    assert image.pixels.tolist() == [[[1, 2, 3]]]


def test_alpha_is_kept_as_stored_and_marked() -> None:
    image = png.read(handmade(1, 1, 8, 6, b"\0\xff\x80\x40\x02"))
    assert image.pixels.tolist() == [[[255, 128, 64, 2]]]
    assert image.metadata["alpha"] == "unassociated"
    assert "alpha" not in png.read(handmade(1, 1, 8, 2, b"\0\1\2\3")).metadata


def test_premultiplying_takes_the_mark_away_and_its_inverse_puts_it_back(tmp_path: Path) -> None:
    stored = png.read(handmade(1, 1, 8, 6, b"\0\xff\x80\x40\x80"))
    associated = stored.premultiply()
    assert "alpha" not in associated.metadata
    assert associated.pixels.tolist() == [[[128, 64, 32, 128]]]
    png.write(tmp_path / "a.png", associated.unpremultiply())
    np.testing.assert_allclose(png.read(tmp_path / "a.png").pixels.astype(int), stored.pixels, atol=1)


# ------------------------------------------------------------------ writing


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (13, 7)])
def test_written_files_are_read_back_by_all(
    dtype: type, channels: int, size: tuple[int, int], tmp_path: Path, random_pixels: Any
) -> None:
    pixels = random_pixels((*size, channels), dtype)
    path = tmp_path / "a.png"
    png.write(path, Image(pixels), level=1)
    image = png.read(path)
    assert image.dtype == dtype
    np.testing.assert_array_equal(image.pixels, pixels)
    np.testing.assert_array_equal(oiio_pixels(path).reshape(pixels.shape), pixels)
    if dtype is np.uint8:
        np.testing.assert_array_equal(pillow_pixels(path).reshape(pixels.shape), pixels)


@pytest.fixture
def random_pixels() -> Any:
    def make(shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
        return np.random.default_rng(7).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)

    return make


def views(pixels: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The same kind of picture with every awkward memory layout."""
    return {
        "upside down": pixels[::-1],
        "mirrored": pixels[:, ::-1],
        "every other": pixels[::2, ::3],
        "reversed channels": pixels[:, :, ::-1],
        "channel slice": pixels[:, :, 1:],
        "fortran": np.asfortranarray(pixels),
        "transposed": pixels.transpose(1, 0, 2),
        "one plane": pixels[:, :, 2],
    }


@pytest.mark.parametrize("layout", sorted(views(np.zeros((4, 4, 4)))))
def test_every_memory_layout_is_written_right(layout: str, tmp_path: Path, random_pixels: Any) -> None:
    pixels = views(random_pixels((14, 11, 4), np.uint16))[layout]
    png.write(tmp_path / "a.png", Image(pixels))
    np.testing.assert_array_equal(png.read(tmp_path / "a.png").pixels, pixels.reshape(*pixels.shape[:2], -1))


def test_read_only_pixels_are_written(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels.flags.writeable = False
    png.write(tmp_path / "a.png", Image(pixels))
    assert png.read(tmp_path / "a.png").width == 2


def test_floats_become_16_bit_integers_rounded_and_clamped(tmp_path: Path) -> None:
    values = np.array([[-1.0, 0.0, 0.5, 1.0, 7.0, np.nan, np.inf, -np.inf, 1 / 65535, 0.4 / 65535]], np.float32)
    png.write(tmp_path / "a.png", Image(values))
    assert png.read(tmp_path / "a.png").pixels[0, :, 0].tolist() == [0, 0, 32768, 65535, 65535, 0, 65535, 0, 1, 0]
    png.write(tmp_path / "b.png", Image(values.astype(np.float16)), bit_depth=8)
    assert png.read(tmp_path / "b.png").pixels[0, :8, 0].tolist() == [0, 0, 128, 255, 255, 0, 255, 0]


def test_integers_change_depth_exactly(tmp_path: Path) -> None:
    ramp = np.arange(256, dtype=np.uint8)[np.newaxis]
    png.write(tmp_path / "a.png", Image(ramp), bit_depth=16)
    wide = png.read(tmp_path / "a.png")
    np.testing.assert_array_equal(wide.pixels[:, :, 0], ramp.astype(np.uint16) * 257)
    png.write(tmp_path / "b.png", wide, bit_depth=8)
    np.testing.assert_array_equal(png.read(tmp_path / "b.png").pixels[:, :, 0], ramp)


def test_channels_are_written_by_name(tmp_path: Path) -> None:
    pixels = np.array([[[10, 20, 30, 40]]], np.uint8)
    png.write(tmp_path / "a.png", Image(pixels, channels=("A", "B", "G", "R")))
    assert png.read(tmp_path / "a.png").pixels.tolist() == [[[40, 30, 20, 10]]]
    png.write(tmp_path / "b.png", Image(pixels[:, :, :3], channels=("spec.B", "spec.G", "spec.R")))
    assert png.read(tmp_path / "b.png").pixels.tolist() == [[[30, 20, 10]]]
    png.write(tmp_path / "c.png", Image(pixels[:, :, :1], channels=("Z",)))
    assert png.read(tmp_path / "c.png").channel_names == ("Y",)


@pytest.mark.parametrize("names", [("R", "G"), ("R", "G", "Z"), ("R", "G", "B", "A", "Z"), ("a.R", "b.G", "b.B")])
def test_other_channels_raise_and_say_how_to_choose(names: tuple[str, ...], tmp_path: Path) -> None:
    image = Image(np.zeros((2, 2, len(names)), np.uint8), channels=names)
    with pytest.raises(ChannelError, match=r"img\.select"):
        png.write(tmp_path / "a.png", image)
    assert list(tmp_path.iterdir()) == []


def test_an_image_with_overscan_is_written_as_its_display_window(tmp_path: Path) -> None:
    pixels = np.arange(1, 17, dtype=np.uint8).reshape(4, 4)
    image = Image(pixels, data_window=(-1, -1, 2, 2), display_window=(0, 0, 3, 1))
    png.write(tmp_path / "a.png", image)
    assert png.read(tmp_path / "a.png").pixels[:, :, 0].tolist() == [[6, 7, 8, 0], [10, 11, 12, 0]]


def test_levels_change_the_size_and_never_the_pixels(tmp_path: Path, shared_file: Any) -> None:
    image = png.read(shared_file("photo/kodak_23.png"), rows=(100, 200))
    image = Image(image.pixels)
    sizes = []
    for level in (0, 1, 9):
        path = tmp_path / f"{level}.png"
        png.write(path, image, level=level)
        np.testing.assert_array_equal(png.read(path).pixels, image.pixels)
        sizes.append(path.stat().st_size)
    assert sizes[0] > sizes[1] > sizes[2]
    png.write(tmp_path / "alias.png", image, compression=9)
    assert (tmp_path / "alias.png").read_bytes() == (tmp_path / "9.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "error"),
    [({"level": 10}, ValueError), ({"level": "best"}, TypeError), ({"bit_depth": 17}, ValueError),
     ({"level": 3, "compression": 3}, TypeError)],
)  # fmt: skip
def test_wrong_options_raise_and_leave_no_file(options: dict[str, Any], error: type, tmp_path: Path) -> None:
    with pytest.raises(error):
        png.write(tmp_path / "a.png", Image(np.zeros((2, 2), np.uint8)), **options)
    assert list(tmp_path.iterdir()) == []


def test_whole_number_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32-bit whole numbers"):
        png.write(tmp_path / "a.png", Image(np.zeros((2, 2), np.uint32)))


# ------------------------------------------------------------------ metadata


def test_metadata_survives_writing_and_reading(tmp_path: Path) -> None:
    profile = b"\0" * 16 + b"RGB " + b"\0" * 120
    entries = {
        "icc_profile": profile,
        "exif": b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
        "orientation": 6,
        "xmp": b"<x:xmpmeta/>",
        "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
        "software": "a compositor",
        "copyright": "© Ünïcode 制作",
        "comments": "line 1\nline 2",
        "owner": "someone",
        "png:gamma": 0.45455,
        "cicp": (9, 16, 0, True),
        "png:density": (2834, 2834, 1),
        "title": "a plate",
        "png:prIv": b"a private chunk",
    }
    png.write(tmp_path / "a.png", Image(np.zeros((3, 3, 3), np.uint8), metadata=entries))
    assert png.read(tmp_path / "a.png").metadata == entries
    assert png.probe(tmp_path / "a.png").metadata.items() >= entries.items()


def test_chunks_that_depend_on_the_pixels_are_read_but_not_copied(tmp_path: Path) -> None:
    image = png.read(handmade(1, 1, 8, 0, b"\0\0", chunk(b"bKGD", b"\0\x07"), chunk(b"prIV", b"?")))
    assert image.metadata == {"png:bKGD": b"\0\x07", "png:prIV": b"?"}
    png.write(tmp_path / "a.png", image)
    assert png.read(tmp_path / "a.png").metadata == {}


def test_other_readers_find_the_metadata(tmp_path: Path) -> None:
    from PIL import Image as Pillow
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    entries = {"icc_profile": profile, "software": "vfx", "png:gamma": 0.45455, "png:density": (3000, 3000, 1)}
    png.write(tmp_path / "a.png", Image(np.zeros((3, 3, 3), np.uint8), metadata=entries))
    with Pillow.open(tmp_path / "a.png") as opened:
        opened.load()
        assert opened.info["icc_profile"] == profile
        assert opened.info["Software"] == "vfx"
        assert opened.info["gamma"] == 0.45455
        assert opened.info["dpi"] == pytest.approx((76.2, 76.2))


def test_a_gray_profile_never_goes_into_a_colour_picture(tmp_path: Path) -> None:
    gray = b"\0" * 16 + b"GRAY" + b"\0" * 120
    png.write(tmp_path / "a.png", Image(np.zeros((3, 3, 3), np.uint8), metadata={"icc_profile": gray}))
    png.write(tmp_path / "b.png", Image(np.zeros((3, 3), np.uint8), metadata={"icc_profile": gray}))
    assert "icc_profile" not in png.read(tmp_path / "a.png").metadata
    assert png.read(tmp_path / "b.png").metadata["icc_profile"] == gray


def test_an_orientation_without_an_exif_block_is_written(tmp_path: Path) -> None:
    png.write(tmp_path / "a.png", Image(np.zeros((3, 3), np.uint8), metadata={"orientation": 8}))
    assert png.read(tmp_path / "a.png").metadata["orientation"] == 8


def test_pixel_aspect_is_kept(tmp_path: Path) -> None:
    png.write(tmp_path / "a.png", Image(np.zeros((3, 3), np.uint8), pixel_aspect=2.0))
    assert png.read(tmp_path / "a.png").pixel_aspect == 2.0
    stale = {"png:density": (100, 100, 1)}
    png.write(tmp_path / "b.png", Image(np.zeros((3, 3), np.uint8), pixel_aspect=1.25, metadata=stale))
    assert png.read(tmp_path / "b.png").pixel_aspect == 1.25


def test_all_kinds_of_text_are_read() -> None:
    parts = (
        chunk(b"tEXt", b"Comment\0caf\xe9"),
        chunk(b"zTXt", b"Software\0\0" + zlib.compress(b"packed")),
        chunk(b"iTXt", b"Author\0\1\0de\0Autor\0" + zlib.compress("Ærø".encode())),
    )
    found = png.read(handmade(1, 1, 8, 0, b"\0\0", *parts)).metadata
    assert found == {"comments": "café", "software": "packed", "owner": "Ærø"}


@pytest.mark.parametrize(
    "spoilt",
    [
        chunk(b"iCCP", b"sRGB\0\0no deflate stream"),
        chunk(b"cICP", b"\1"),
        chunk(b"tEXt", b"a keyword and no end"),
        chunk(b"pHYs", b"\0\0\0\1"),
        chunk(b"tEXt", b"Title\0x")[:-1] + b"\0",
    ],
    ids=["profile", "length", "text", "density", "checksum"],
)
def test_a_spoilt_ancillary_chunk_does_not_cost_the_picture(spoilt: bytes) -> None:
    good = chunk(b"tEXt", b"Software\0kept")
    image = png.read(handmade(2, 1, 8, 0, b"\0\x07\x09", spoilt, good))
    assert image.pixels.ravel().tolist() == [7, 9]
    assert image.metadata == {"software": "kept"}


@pytest.mark.parametrize("density", [(1, 2**31), (2**31, 1), (0, 5)])
def test_a_density_that_no_pixel_has_leaves_the_pixels_square(density: tuple[int, int]) -> None:
    image = png.read(handmade(1, 1, 8, 0, b"\0\0", chunk(b"pHYs", struct.pack(">IIB", *density, 0))))
    assert image.pixel_aspect == 1.0
    assert image.metadata["png:density"] == (*density, 0)


def test_spoilt_transparency_is_an_error_it_decides_pixels() -> None:
    spoilt = chunk(b"tRNS", b"\0\x07")
    with pytest.raises(FormatError, match="checksum of chunk tRNS"):
        png.read(handmade(2, 1, 8, 0, b"\0\x07\x09", spoilt[:-1] + bytes([spoilt[-1] ^ 1])))


# ------------------------------------------------------------------ sources and reading options


def test_bytes_streams_and_paths_give_the_same(tmp_path: Path, shared_file: Any) -> None:
    path = shared_file("png/basn2c16.png")
    content = path.read_bytes()
    expected = png.read(path).pixels
    with path.open("rb") as stream:
        np.testing.assert_array_equal(png.read(stream).pixels, expected)
    np.testing.assert_array_equal(png.read(content).pixels, expected)
    np.testing.assert_array_equal(png.read(np.frombuffer(content, np.uint8)).pixels, expected)


def test_channels_rows_and_dtype_are_honoured(shared_file: Any) -> None:
    path = shared_file("png/basn2c16.png")
    whole = png.read(path)
    part = png.read(path, channels=("B", "R"), rows=(4, 9), dtype="f32")
    assert part.channel_names == ("B", "R")
    assert part.format == "f32"
    expected = whole.pixels[4:9][:, :, [2, 0]].astype(np.float32) / np.float32(65535)
    np.testing.assert_allclose(part.pixels, expected, rtol=1e-6)


def test_what_is_read_may_be_changed_in_place(shared_file: Any) -> None:
    for name in ("basn2c16", "basi3p04", "tbbn2c16"):
        png.read(shared_file(f"png/{name}.png")).pixels[:] = 0


def test_sniff_knows_its_own(shared_file: Any) -> None:
    assert png.sniff(shared_file("png/basn0g01.png").read_bytes()[:16])
    assert not png.sniff(shared_file("tiff/tahoe-tiny.tif").read_bytes()[:16])
