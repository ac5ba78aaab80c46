"""Small whole pictures of every format, made by this package's writers: where the fuzzers begin."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import vfx
from vfx.metadata import Chromaticities, KeyCode, Opaque, TimeCode

__all__ = ["SEEDS", "cryptomatte", "plain"]

_WIDTH, _HEIGHT = 13, 9


def _pixels(channels: int, dtype: Any = np.float32) -> Any:
    """A picture with smooth, rough and flat places, (9, 13, channels), in [0, 1] or over an integer's range."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    planes = [x / 13, y / 9, (x * y % 5) / 4, np.full_like(x, 1.0, float), (x + y) % 2]
    stack = np.stack([planes[channel % 5] for channel in range(channels)], axis=2)
    kind = np.dtype(dtype)
    return (stack * np.iinfo(kind).max).astype(kind) if kind.kind == "u" else stack.astype(kind)


def _image(channels: int, dtype: Any = np.float32, **metadata: Any) -> vfx.Image:
    return vfx.Image(_pixels(channels, dtype), metadata=metadata)


def _written(pictures: dict[str, tuple[vfx.Image, dict[str, Any]]], extension: str) -> list[bytes]:
    """The files that ``vfx.write`` makes of pictures with these options."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{extension}"
        files = []
        for image, options in pictures.values():
            vfx.write(path, image, **options)
            files.append(path.read_bytes())
    return files


_FACTS: dict[str, Any] = {
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


def exr() -> list[bytes]:
    """Every compression, scanlines and tiles, all pixel types, and every type of attribute."""
    attributes: dict[str, Any] = {
        **_FACTS,
        "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
        "matrix": np.eye(4, dtype=np.float32),
        "list": ["one", "two"],
        "number": 5,
        "real": 0.5,
        "opaque": Opaque("unknown", b"\1\2\3\4"),
    }
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {"facts": (_image(4, np.float16, **attributes), {})}
    for compression in vfx.io.exr.COMPRESSIONS:
        pictures[compression] = (_image(4, np.float16), {"compression": compression})
    pictures["floats"] = (_image(3), {"compression": "pxr24"})
    pictures["tiles"] = (_image(3, np.float16), {"tile_size": (8, 4), "compression": "piz"})
    pictures["lines"] = (_image(1), {"compression": "none", "line_order": "decreasing"})
    layered = vfx.Image(_pixels(5), channels=["R", "G", "B", "depth.Z", "id.A"])
    pictures["mixed"] = (layered, {"dtype": {"depth.Z": "f32"}, "compression": "zips"})
    numbers = vfx.Image(_pixels(1, np.uint8).astype(np.uint32), channels=["id"])
    pictures["numbers"] = (numbers, {"compression": "rle"})
    usable: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for name, (image, options) in pictures.items():
        try:
            _written({name: (image, options)}, ".exr")
        except vfx.FormatError:
            continue  # the installed OpenEXR does not know this compression
        usable[name] = (image, options)
    from tests.io.test_exr_levels import tiled_file

    levels = [tiled_file(11, 6, mode=mode, up=bool(mode == 2))[0] for mode in (1, 2)]
    return [*_written(usable, ".exr"), *levels]


def dpx() -> list[bytes]:
    """Every depth, packing, byte order and kind of picture, coded and not, in one element and in several."""
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for number, depth in enumerate((8, 10, 12, 16, 32)):
        for packing in ("filled_a", "filled_b", "packed"):
            image = _image((3, 4, 1)[len(pictures) % 3], **(_FACTS if number % 2 else {}))
            options = {"bit_depth": depth, "packing": packing, "endian": ("big", "little")[len(pictures) % 2]}
            pictures[f"{depth} {packing}"] = (image, options)
            if depth != 32:
                pictures[f"{depth} {packing} runs"] = (image, {**options, "encoding": "rle"})
    colours = _image(3)
    for descriptor in ("CbYCr", "CbYCrY", "CbYCrA", "CbYACrYA"):
        image = vfx.Image(_pixels(4 if "A" in descriptor else 3)[:, :12])  # pairs of pixels share colour
        pictures[descriptor] = (image, {"descriptor": descriptor, "bit_depth": 10 if "A" in descriptor else 8})
    pictures["bits"] = (_image(1), {"bit_depth": 1})
    pictures["doubles"] = (colours, {"bit_depth": 64})
    pictures["planar"] = (colours, {"planar": True, "bit_depth": 16, "endian": "little"})
    pictures["turned"] = (colours, {"orientation": 5, "line_padding": 8, "end_padding": 16})
    pictures["low"] = (_image(1), {"datum_order": "high", "bit_depth": 10})
    return _written(pictures, ".dpx")


def cryptomatte() -> list[bytes]:
    """Mattes with a manifest, alone and beside a picture."""
    from vfx.io.cryptomatte import encode

    left = np.zeros((_HEIGHT, _WIDTH), np.float32)
    left[:, :6] = np.linspace(0, 1, 6, dtype=np.float32)
    mattes = {"car": left, "tree_01": np.float32(0.5) - left * 0.5, 'name with "quotes"': left[::-1] * 0.2}
    pictures = {"alone": (encode(mattes, ranks=4), {}), "beside": (encode(mattes, ranks=2, image=_image(3)), {})}
    return _written(pictures, ".exr")  # type: ignore[arg-type]


def cineon() -> list[bytes]:
    """Luma and colours in both byte orders."""
    pictures = {
        f"{channels} {endian}": (_image(channels, **_FACTS), {"endian": endian})
        for channels in (1, 3)
        for endian in ("big", "little")
    }
    return _written(pictures, ".cin")


def png() -> list[bytes]:
    """Gray and colours, with and without alpha, bytes and words, with and without profiles."""
    pictures = {
        f"{kind.__name__} {channels}": (_image(channels, kind, icc_profile=bytes(200), orientation=6, **_FACTS), {})
        for kind in (np.uint8, np.uint16)
        for channels in (1, 2, 3, 4)
    }
    return _written(pictures, ".png")


def jpeg() -> list[bytes]:
    """Gray and colours, baseline and progressive, with and without EXIF."""
    image = _image(3, np.uint8, icc_profile=bytes(200), orientation=6, **_FACTS)
    return _written(
        {
            "plain": (image, {}),
            "gray": (_image(1, np.uint8), {}),
            "progressive": (image, {"progressive": True, "subsampling": "4:2:0"}),
            "optimized": (_image(3, np.uint8), {"optimize": True, "subsampling": "4:2:2"}),
        },
        ".jpg",
    )


def tiff() -> list[bytes]:
    """Every compression, strips and tiles, planar and not, classic and big."""
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {}
    for compression in ("none", "lzw", "deflate", "zstd", "packbits"):
        pictures[compression] = (_image(3, np.uint8, **_FACTS), {"compression": compression})
    pictures["tiled"] = (_image(4, np.float16), {"tile_size": 16, "planar": True, "bigtiff": True})
    pictures["floats"] = (_image(1), {"compression": "none"})
    pictures["words"] = (_image(4, np.uint16), {"compression": "lzw"})
    return _written(pictures, ".tif")


def hdr() -> list[bytes]:
    """Runs and none, several orders of scanlines, a profile of facts."""
    image = _image(3, **_FACTS)
    wide = vfx.Image(np.repeat(_pixels(3), 3, axis=1))  # the format's runs begin at 8 pixels
    return _written(
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
            pictures[f"{compression} {channels}"] = (_image(channels, np.uint8, **_FACTS), options)
        pictures[f"{compression} 5"] = (_image(3, np.uint8), {"compression": compression, "bit_depth": 5})
    return _written(pictures, ".tga")


def gif() -> list[bytes]:
    """Gray, colours, see-through, and several frames."""
    frames = [_image(3, np.uint8), vfx.Image(_pixels(3, np.uint8)[::-1])]
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
                files += _written({"": (_image(channels, kind, **_FACTS), {"format": name})}, f".{name}")
    return files


def psd() -> list[bytes]:
    """Every mode and depth, raw and packed, short and long lengths, with and without transparency."""
    from tests.reference.photoshop_file import file_of, resource

    rng = np.random.default_rng(7)
    files = []
    for mode, count in ((1, 1), (2, 1), (3, 3), (3, 4), (4, 4), (7, 2), (8, 1)):
        for kind in (np.uint8, np.uint16) if mode != 2 else (np.uint8,):
            planes = rng.integers(0, 255, (count, _HEIGHT, _WIDTH)).astype(kind)
            planes[:, :, 3:9] = 7
            palette = bytes(range(256)) * 3 if mode == 2 else b""
            options = {"palette": palette, "resources": resource(1039, b"p" * 9), "layers": -1 if count > 3 else None}
            files += [file_of(planes, mode, runs=runs, version=1 + runs, **options) for runs in (False, True)]
    files.append(file_of(rng.random((3, _HEIGHT, _WIDTH)).astype(np.float32), 3))
    files.append(file_of(rng.random((1, _HEIGHT, _WIDTH)) > 0.5, 0, runs=True))
    return files


#: The seeds of each picture format, by the name of its module.
SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "cineon": cineon,
    "dpx": dpx,
    "exr": exr,
    "gif": gif,
    "hdr": hdr,
    "jpeg": jpeg,
    "png": png,
    "psd": psd,
    "tga": tga,
    "tiff": tiff,
}
