"""Small whole pictures of every format, made by this package's writers: where the fuzzers begin."""

from __future__ import annotations

import contextlib
import struct
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import vfx
from vfx.metadata import KeyCode, TimeCode

__all__ = ["FACTS", "HEIGHT", "SEEDS", "WIDTH", "image_of", "pixels", "plain", "written"]

WIDTH, HEIGHT = 13, 9


def pixels(channels: int, dtype: Any = np.float32) -> Any:
    """A picture with smooth, rough and flat places, (9, 13, channels), in [0, 1] or over an integer's range."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [x / 13, y / 9, (x * y % 5) / 4, np.full_like(x, 1.0, float), (x + y) % 2]
    stack = np.stack([planes[channel % 5] for channel in range(channels)], axis=2)
    kind = np.dtype(dtype)
    return (stack * np.iinfo(kind).max).astype(kind) if kind.kind == "u" else stack.astype(kind)


def image_of(channels: int, dtype: Any = np.float32, **metadata: Any) -> vfx.Image:
    """The picture with metadata."""
    return vfx.Image(pixels(channels, dtype), metadata=metadata)


def written(pictures: dict[str, tuple[vfx.Image, dict[str, Any]]], extension: str) -> list[bytes]:
    """The files that ``vfx.write`` makes of pictures with these options."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{extension}"
        files = []
        for image, options in pictures.values():
            vfx.write(path, image, **options)
            files.append(path.read_bytes())
    return files


#: Words that most formats have a place for.
FACTS: dict[str, Any] = {
    "timecode": TimeCode(1, 2, 3, 4),
    "keycode": KeyCode(2, 34, 567890, 1234, 56, 4, 64),
    "frame_rate": Fraction(24000, 1001),
    "owner": "somebody",
    "comments": "a comment",
    "capture_date": "2026:01:02 03:04:05",
    "software": "a program",
    "copyright": "somebody",
    "title": "a title",
    "exposure_time": 0.02,
    "latitude": 46.8,
}


def dpx() -> list[bytes]:
    """Every depth, packing, byte order and kind of picture, coded and not, in one element and in several."""
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for number, depth in enumerate((8, 10, 12, 16, 32)):
        for packing in ("filled_a", "filled_b", "packed"):
            image = image_of((3, 4, 1)[len(pictures) % 3], **(FACTS if number % 2 else {}))
            options = {"bit_depth": depth, "packing": packing, "endian": ("big", "little")[len(pictures) % 2]}
            pictures[f"{depth} {packing}"] = (image, options)
            if depth != 32:
                pictures[f"{depth} {packing} runs"] = (image, {**options, "encoding": "rle"})
    colours = image_of(3)
    for descriptor in ("CbYCr", "CbYCrY", "CbYCrA", "CbYACrYA"):
        image = vfx.Image(pixels(4 if "A" in descriptor else 3)[:, :12])  # pairs of pixels share colour
        pictures[descriptor] = (image, {"descriptor": descriptor, "bit_depth": 10 if "A" in descriptor else 8})
    pictures["bits"] = (image_of(1), {"bit_depth": 1})
    pictures["doubles"] = (colours, {"bit_depth": 64})
    pictures["planar"] = (colours, {"planar": True, "bit_depth": 16, "endian": "little"})
    pictures["turned"] = (colours, {"orientation": 5, "line_padding": 8, "end_padding": 16})
    pictures["low"] = (image_of(1), {"datum_order": "high", "bit_depth": 10})
    return written(pictures, ".dpx")


def png() -> list[bytes]:
    """Gray and colours, with and without alpha, bytes and words, with and without profiles."""
    pictures = {
        f"{kind.__name__} {channels}": (image_of(channels, kind, icc_profile=bytes(200), orientation=6, **FACTS), {})
        for kind in (np.uint8, np.uint16)
        for channels in (1, 2, 3, 4)
    }
    return written(pictures, ".png")


def jpeg() -> list[bytes]:
    """Gray and colours, baseline and progressive, with and without EXIF."""
    image = image_of(3, np.uint8, icc_profile=bytes(200), orientation=6, **FACTS)
    return written(
        {
            "plain": (image, {}),
            "gray": (image_of(1, np.uint8), {}),
            "progressive": (image, {"progressive": True, "subsampling": "4:2:0"}),
            "optimized": (image_of(3, np.uint8), {"optimize": True, "subsampling": "4:2:2"}),
            "wide": (image, {"bit_depth": 12}),
            "restarts": (image_of(1, np.uint8), {"restart_rows": 1}),
        },
        ".jpg",
    )


def tiff() -> list[bytes]:
    """Every compression, strips and tiles, planar and not, classic and big."""
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for compression in ("none", "lzw", "deflate", "zstd", "packbits"):
        pictures[compression] = (image_of(3, np.uint8, **FACTS), {"compression": compression})
    pictures["tiled"] = (image_of(4, np.float16), {"tile_size": 16, "planar": True, "bigtiff": True})
    pictures["floats"] = (image_of(1), {"compression": "none"})
    pictures["words"] = (image_of(4, np.uint16), {"compression": "lzw"})
    return [*written(pictures, ".tif"), *_tiff_pages()]


def _tiff_pages() -> list[bytes]:
    """Several pages, a smaller version of a page, signed integers and L*a*b*."""
    import tifffile

    colours = pixels(3, np.uint8)
    files = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        vfx.io.tiff.write(path, [image_of(3, np.uint8, **FACTS), image_of(1)])
        files.append(path.read_bytes())
        with tifffile.TiffWriter(path) as writer:
            writer.write(colours, photometric="rgb", subifds=1, metadata=None)
            writer.write(np.ascontiguousarray(colours[::2, ::2]), photometric="rgb", subfiletype=1, metadata=None)
        files.append(path.read_bytes())
        for photometric, stored in (("rgb", colours.astype(np.int16)), ("cielab", colours)):
            tifffile.imwrite(path, stored, photometric=photometric, rowsperstrip=4, metadata=None)
            files.append(path.read_bytes())
    return files


def hdr() -> list[bytes]:
    """Runs and none, several orders of scanlines, a profile of facts."""
    image = image_of(3, **FACTS)
    wide = vfx.Image(np.repeat(pixels(3), 3, axis=1))  # the format's runs begin at 8 pixels
    return written(
        {
            "runs": (wide, {}),
            "flat": (image, {"compression": "none"}),
            "turned": (image, {"scan": "+X -Y"}),
            "facts": (image, {"scan": "+Y -X"}),
        },
        ".hdr",
    )


def tga() -> list[bytes]:
    """Runs and none, every depth, from top and bottom."""
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for compression in ("rle", "none"):
        for channels in (1, 3, 4):
            options = {"compression": compression, "origin": "top" if channels == 4 else "bottom"}
            pictures[f"{compression} {channels}"] = (image_of(channels, np.uint8, **FACTS), options)
        pictures[f"{compression} 5"] = (image_of(3, np.uint8), {"compression": compression, "bit_depth": 5})
    return written(pictures, ".tga")


def bmp() -> list[bytes]:
    """Palettes of every depth, run lengths of both kinds, masks, colours of newer headers, and what we write."""
    from tests.reference.bitmap_file import GRAYS, bitmap

    files = plain("bmp")
    for bits in (1, 2, 4, 8):
        stride = (WIDTH * bits + 31) // 32 * 4
        body = bytes(value % 256 for value in range(stride * HEIGHT)) if bits < 8 else bytes(stride * HEIGHT)
        files.append(bitmap((WIDTH, HEIGHT), bits, body, palette=GRAYS[: 4 * 2**bits], used=min(16, 2**bits)))
    line = [WIDTH - 5, 3, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]
    eights = bytes([0, 2, 1, 0, 2, 9, 0, 0, *line * (HEIGHT - 1), 0, 1])
    fours = bytes([WIDTH - 3, 0x12, 0, 3, 0x34, 0x50, 0, 0] * HEIGHT + [0, 1])
    files.append(bitmap((WIDTH, HEIGHT), 8, eights, kind=1, palette=GRAYS, used=16))
    files.append(bitmap((WIDTH, HEIGHT), 4, fours, kind=2, palette=GRAYS, used=16))
    words = bytes(range(256)) * (WIDTH * HEIGHT // 32)
    fives, tens = struct.pack("<3I", 0xF800, 0x7E0, 0x1F), struct.pack("<3I", 0x3FF00000, 0xFFC00, 0x3FF)
    files.append(bitmap((WIDTH, -HEIGHT), 16, words, kind=3, masks=fives))
    files.append(bitmap((WIDTH, HEIGHT), 32, words, kind=3, masks=tens, density=(3000, 6000)))
    calibrated = struct.pack("<5I9i3I", 0xFF0000, 0xFF00, 0xFF, 0, 0, *[1 << 28] * 9, *[144179] * 3)
    return [*files, bitmap((WIDTH, HEIGHT), 24, words, rest=calibrated)]


def gif() -> list[bytes]:
    """Gray, colours, see-through, and several frames."""
    frames = [image_of(3, np.uint8), vfx.Image(pixels(3, np.uint8)[::-1])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gif"
        vfx.io.gif.write(path, frames, frame_rate=24)
        return [path.read_bytes(), *plain("gif")]


def plain(name: str) -> list[bytes]:
    """Bytes and words, gray, colours and alpha, as far as a format has them: for formats without seeds of their own."""
    files = []
    for kind in (np.uint8, np.uint16, np.float32):
        for channels in (1, 2, 3, 4):
            with contextlib.suppress(ValueError, TypeError):
                files += written({"": (image_of(channels, kind, **FACTS), {"format": name})}, f".{name}")
    return files


def cineon() -> list[bytes]:
    """Luma and colours of every depth, in both byte orders."""
    pictures = {
        f"{channels} {bits} {endian}": (image_of(channels, **FACTS), {"bit_depth": bits, "endian": endian})
        for channels in (1, 3)
        for bits in (8, 10, 12, 16)
        for endian in ("big", "little")
    }
    return written(pictures, ".cin")


def psd() -> list[bytes]:
    """Every mode and depth, raw and packed, short and long lengths, with and without transparency."""
    from tests.reference.photoshop_file import file_of, resource

    rng = np.random.default_rng(7)
    files = []
    for mode, count in ((1, 1), (2, 1), (3, 3), (3, 4), (4, 4), (7, 2), (8, 1)):
        for kind in (np.uint8, np.uint16) if mode != 2 else (np.uint8,):
            planes = rng.integers(0, 255, (count, HEIGHT, WIDTH)).astype(kind)
            planes[:, :, 3:9] = 7
            palette = bytes(range(256)) * 3 if mode == 2 else b""
            options = {"palette": palette, "resources": resource(1039, b"p" * 9), "layers": -1 if count > 3 else None}
            files += [file_of(planes, mode, runs=runs, version=1 + runs, **options) for runs in (False, True)]
    files.append(file_of(rng.random((3, HEIGHT, WIDTH)).astype(np.float32), 3))
    files.append(file_of(rng.random((1, HEIGHT, WIDTH)) > 0.5, 0, runs=True))
    return files


#: The seeds of each picture format, by the name of its module.
SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "bmp": bmp,
    "cineon": cineon,
    "dpx": dpx,
    "gif": gif,
    "hdr": hdr,
    "jpeg": jpeg,
    "png": png,
    "psd": psd,
    "tga": tga,
    "tiff": tiff,
}
