"""From an image and the options of ``write`` to the header that its EXR file will have."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vfx.checks import integer, number, one_of
from vfx.image import Image
from vfx.io._exr_attributes import Attribute, encode_value
from vfx.io._exr_header import COMPRESSIONS, PartHeader, serialise
from vfx.io._exr_metadata import attributes_of
from vfx.metadata import Box2i, V2f, V2i
from vfx.pixelformat import Box, format_of

__all__ = ["LINE_ORDERS", "WritePlan", "plan_for", "stored_image"]

LINE_ORDERS = ("increasing", "decreasing", "random")
_KINDS = {"u32": 0, "f16": 1, "f32": 2}
# What integer pixels are stored as: the narrowest type that keeps every code apart.
_STORED = {"u8": "f16", "u16": "f32"}
#: OpenEXR's own default (ImfDwaCompressor.cpp): higher is smaller and less like the original.
DWA_LEVEL = 45.0
_DWA = ("dwaa", "dwab")


class WritePlan:
    """Everything that a file of one part needs beside its pixels.

    Attributes
    ----------
    header : bytes
        Up to the chunk table.
    part : PartHeader
        What the header says.
    column_of : tuple of int
        Channel of the image for every channel of the file.
    zip_level : int
        -2: the library's default.
    dwa_level : float
        Below 0: the library's default.
    """

    def __init__(
        self,
        attributes: dict[str, Attribute],
        column_of: Sequence[int],
        *,
        zip_level: int = -2,
        dwa_level: float = -1.0,
    ) -> None:
        tiled = "tiles" in attributes
        self.header = serialise(attributes, tiled=tiled)
        self.part = PartHeader(attributes, "", 0x200 if tiled else 0)
        self.column_of = tuple(column_of)
        self.zip_level = zip_level
        self.dwa_level = dwa_level


def stored_image(image: Image) -> Image:
    """The image in a format that EXR has: 8-bit becomes half (v/255), 16-bit becomes float (v/65535)."""
    return image.astype(_STORED[image.format]) if image.format in _STORED else image


def _kind_of(image: Image, name: str, dtype: Any) -> int:
    """The type to store a channel in."""
    wanted = dtype.get(name, image.format) if isinstance(dtype, Mapping) else dtype
    chosen = image.format if wanted is None else format_of(wanted)
    if chosen not in _KINDS:
        raise TypeError(f"EXR stores f16, f32 or u32, not {chosen}")
    if chosen == "u32" and image.format != "u32":
        raise TypeError(f"only u32 data is stored as u32, the image is {image.format}")
    return _KINDS[chosen]


def _channel_list(image: Image, dtype: Any) -> tuple[Attribute, tuple[int, ...]]:
    """The channel list in the file's order, by the bytes of the names, and where each is in the image."""
    if isinstance(dtype, Mapping):
        unknown = [name for name in dtype if name not in image.channel_names]
        if unknown:
            raise ValueError(
                f"dtype names channels {', '.join(unknown)}; the image has {', '.join(image.channel_names)}"
            )
    stored = [name.encode("utf-8", "surrogateescape") for name in image.channel_names]
    for name in stored:
        if len(name) > 255 or b"\0" in name:
            raise ValueError(f"a channel name has 1 to 255 bytes without NUL, got {name!r}")
    order = sorted(range(len(stored)), key=stored.__getitem__)
    entries = [
        stored[column] + b"\0" + struct.pack("<iB3x2i", _kind_of(image, image.channel_names[column], dtype), 0, 1, 1)
        for column in order
    ]
    return Attribute("chlist", b"".join(entries) + b"\0"), tuple(order)


def _window(window: Box) -> Attribute:
    """A window as stored."""
    x0, y0, x1, y1 = window
    return encode_value("dataWindow", Box2i(V2i(x0, y0), V2i(x1, y1)))


def _tiles(tile_size: int | Sequence[int]) -> Attribute:
    """The tile description: one level."""
    sizes = (tile_size, tile_size) if isinstance(tile_size, int) else tuple(tile_size)
    if len(sizes) != 2:
        raise ValueError(f"tile_size must be a number or (width, height), got {tile_size!r}")
    width, height = (integer("tile_size", size, low=1, high=65536) for size in sizes)
    return Attribute("tiledesc", struct.pack("<2IB", width, height, 0))


def _dwa_level(level: float | None, compression: str, attributes: dict[str, Attribute]) -> float:
    """The level for a DWA file, which its header then names; below 0 for other files, which name none."""
    kept = attributes.pop("dwaCompressionLevel", None)
    if compression not in _DWA:
        return -1.0
    if level is None:
        level = struct.unpack("<f", kept.data)[0] if kept and kept.type == "float" else DWA_LEVEL
    chosen = number("dwa_level", level, low=0.0)
    attributes["dwaCompressionLevel"] = Attribute("float", struct.pack("<f", chosen))
    return chosen


def plan_for(
    image: Image,
    *,
    compression: str,
    dtype: Any,
    dwa_level: float | None,
    zip_level: int | None,
    tile_size: int | Sequence[int] | None,
    line_order: str,
    name: str | None,
) -> WritePlan:
    """The header and layout for ``image``, whose format EXR must have.

    Raises
    ------
    TypeError, ValueError
        If an option, a channel name or a metadata value does not fit.
    """
    number_of = COMPRESSIONS.index(one_of("compression", compression, COMPRESSIONS))
    one_of("line_order", line_order, LINE_ORDERS)
    if line_order == "random" and tile_size is None:
        raise ValueError('line_order "random" needs tile_size')
    attributes = attributes_of(image.metadata)
    attributes.setdefault("screenWindowCenter", encode_value("screenWindowCenter", V2f(0.0, 0.0)))
    attributes.setdefault("screenWindowWidth", encode_value("screenWindowWidth", 1.0))
    level = _dwa_level(dwa_level, compression, attributes)
    attributes["channels"], columns = _channel_list(image, dtype)
    attributes["compression"] = Attribute("compression", bytes([number_of]))
    attributes["dataWindow"] = _window(image.data_window)
    attributes["displayWindow"] = _window(image.display_window)
    attributes["lineOrder"] = Attribute("lineOrder", bytes([LINE_ORDERS.index(line_order)]))
    attributes["pixelAspectRatio"] = Attribute("float", np.float32(image.pixel_aspect).tobytes())
    if tile_size is not None:
        attributes["tiles"] = _tiles(tile_size)
    if name is not None:
        attributes["name"] = encode_value("name", str(name))
    packing = -2 if zip_level is None else integer("zip_level", zip_level, low=0, high=9)
    return WritePlan(attributes, columns, zip_level=packing, dwa_level=level)
