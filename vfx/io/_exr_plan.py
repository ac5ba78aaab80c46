"""From pictures and the options of ``write`` to the header that their EXR part will have."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vfx.checks import integer, number, one_of
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._exr_attributes import Attribute, encode_value
from vfx.io._exr_header import COMPRESSIONS, PartHeader, serialise, serialise_parts, window_attribute
from vfx.io._exr_metadata import attributes_of
from vfx.io._exr_places import chunk_total
from vfx.metadata import V2f
from vfx.pixelformat import Box, format_of

__all__ = [
    "LINE_ORDERS",
    "SHARED",
    "PartOptions",
    "Picture",
    "WritePlan",
    "header_of",
    "picture_of",
    "plan_for",
    "planes_of",
    "single",
    "stored_image",
]

LINE_ORDERS = ("increasing", "decreasing", "random")
LEVELS = ("one", "mip", "rip")
ROUNDING = ("down", "up")
_KINDS = {"u32": 0, "f16": 1, "f32": 2}
# What integer pixels are stored as: the narrowest type that keeps every code apart.
_STORED = {"u8": "f16", "u16": "f32"}
#: OpenEXR's own default (ImfDwaCompressor.cpp): higher is smaller and less like the original.
DWA_LEVEL = 45.0
_DWA = ("dwaa", "dwab")
# Codestreams in the order of positions halve components by powers of 2 (ISO/IEC 15444-1, B.12.1.4; OpenJPH says so).
_J2K = ("htj2k256", "htj2k32", "lj2k")
#: The tile size that levels get where none is given.
_LEVEL_TILES = 64


@dataclass(frozen=True)
class PartOptions:
    """The options of ``write`` that shape one part; see there."""

    compression: str = "zip"
    dtype: Any = None
    dwa_level: float | None = None
    zip_level: int | None = None
    tile_size: int | Sequence[int] | None = None
    line_order: str = "increasing"
    name: str | None = None
    view: str | None = None
    sampling: Mapping[str, int | Sequence[int]] = field(default_factory=dict)
    levels: str | None = None
    rounding: str = "down"


@dataclass(frozen=True)
class Picture:
    """What a part will show: its channels with the format that each has in memory, its windows, its metadata."""

    names: tuple[str, ...]
    formats: tuple[str, ...]
    data_window: Box
    display_window: Box
    pixel_aspect: float
    metadata: Mapping[str, Any]


class WritePlan:
    """Everything that a part needs beside its pixels.

    Attributes
    ----------
    attributes : dict
        Its header, in the order of the names.
    part : PartHeader
        What the header says.
    column_of : tuple of int
        Channel of the picture for every channel of the file.
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
        self.attributes = {name: attributes[name] for name in sorted(attributes)}
        self.part = PartHeader(self.attributes, "", 0x200 if "tiles" in attributes else 0)
        self.column_of = tuple(column_of)
        self.zip_level = zip_level
        self.dwa_level = dwa_level


def stored_image(image: Any) -> Image:
    """The image in a format that EXR has: 8-bit becomes half (v/255), 16-bit becomes float (v/65535)."""
    whole = image if isinstance(image, Image) else Image(np.asarray(image))
    return whole.astype(_STORED[whole.format]) if whole.format in _STORED else whole


def picture_of(images: Sequence[Image]) -> Picture:
    """The picture that several images make together: the channels of all, the rest of the first.

    Raises
    ------
    ValueError
        If sizes differ, or two channels have the same name.
    """
    first = images[0]
    names = tuple(name for image in images for name in image.channel_names)
    for image in images:
        if image.data_window != first.data_window:
            raise ValueError(f"images of one part share a data window, got {first.data_window} and {image.data_window}")
    if len(set(names)) != len(names):
        raise ValueError(f"two channels of one part have the same name: {', '.join(names)}")
    formats = tuple(image.format for image in images for _ in image.channel_names)
    return Picture(names, formats, first.data_window, first.display_window, first.pixel_aspect, first.metadata)


def planes_of(arrays: Sequence[np.ndarray[Any, Any]], plan: WritePlan) -> tuple[np.ndarray[Any, Any], ...]:
    """(rows, columns) of every channel of the file, out of arrays (rows, columns, channels); no copies."""
    planes = [array[:, :, column] for array in arrays for column in range(array.shape[2])]
    # A view of the same numbers: NumPy's half has no type of its own in C.
    planes = [plane.view(np.uint16) if plane.dtype == np.float16 else plane for plane in planes]
    return tuple(planes[column] for column in plan.column_of)


def _kind_of(name: str, picture: Picture, dtype: Any) -> int:
    """The type to store a channel in. Data beside colours stays data where one type is asked for all."""
    stored = picture.formats[picture.names.index(name)]
    wanted = dtype.get(name) if isinstance(dtype, Mapping) else dtype
    beside = stored == "u32" and set(picture.formats) != {"u32"} and not isinstance(dtype, Mapping)
    chosen = stored if wanted is None or beside else format_of(wanted)
    if chosen not in _KINDS:
        raise TypeError(f"EXR stores f16, f32 or u32, not {chosen}")
    if chosen == "u32" and stored != "u32":
        raise TypeError(f"only u32 data is stored as u32, the image is {stored}")
    return _KINDS[chosen]


def _samplings(picture: Picture, options: PartOptions) -> dict[str, tuple[int, int]]:
    """The sampling of the channels that are not at full resolution (rules: ``Header::sanityCheck`` of OpenEXR)."""
    found = {}
    x0, y0, x1, y1 = picture.data_window
    for name, given in options.sampling.items():
        if name not in picture.names:
            raise ValueError(f"sampling names channel {name}; the image has {', '.join(picture.names)}")
        steps = (given, given) if isinstance(given, int) else tuple(given)
        if len(steps) != 2:
            raise ValueError(f"sampling must be a number or (across, down), got {given!r}")
        across, down = (integer("sampling", step, low=1, high=1 << 15) for step in steps)
        if x0 % across or y0 % down or (x1 - x0 + 1) % across or (y1 - y0 + 1) % down:
            raise ValueError(f"sampling {across} x {down} does not divide the data window {picture.data_window}")
        if options.compression in _J2K and (across & (across - 1) or down & (down - 1)):
            raise ValueError(f"{options.compression} takes samplings of 1, 2, 4 …, got {across} x {down}")
        if (across, down) != (1, 1):
            found[name] = (across, down)
    if found and (options.tile_size is not None or options.levels is not None):
        raise ValueError("subsampled channels are stored in scanlines, not in tiles")
    return found


def _channel_list(picture: Picture, options: PartOptions) -> tuple[Attribute, tuple[int, ...]]:
    """The channel list in the file's order, by the bytes of the names, and where each is in the picture."""
    if isinstance(options.dtype, Mapping):
        unknown = [name for name in options.dtype if name not in picture.names]
        if unknown:
            raise ValueError(f"dtype names channels {', '.join(unknown)}; the image has {', '.join(picture.names)}")
    samplings = _samplings(picture, options)
    stored = [name.encode("utf-8", "surrogateescape") for name in picture.names]
    for text in stored:
        if not 1 <= len(text) <= 255 or b"\0" in text:
            raise ValueError(f"a channel name has 1 to 255 bytes without NUL, got {text!r}")
    order = sorted(range(len(stored)), key=stored.__getitem__)
    entries = []
    for column in order:
        name = picture.names[column]
        kind = _kind_of(name, picture, options.dtype)
        entries.append(stored[column] + b"\0" + struct.pack("<iB3x2i", kind, 0, *samplings.get(name, (1, 1))))
    return Attribute("chlist", b"".join(entries) + b"\0"), tuple(order)


def _tiles(options: PartOptions) -> Attribute | None:
    """The tile description; None for scanlines."""
    tile_size = options.tile_size
    mode = 0 if options.levels is None else LEVELS.index(one_of("levels", options.levels, LEVELS))
    rounding = ROUNDING.index(one_of("rounding", options.rounding, ROUNDING))
    if tile_size is None and mode:
        tile_size = _LEVEL_TILES
    if tile_size is None:
        return None
    sizes = (tile_size, tile_size) if isinstance(tile_size, int) else tuple(tile_size)
    if len(sizes) != 2:
        raise ValueError(f"tile_size must be a number or (width, height), got {tile_size!r}")
    width, height = (integer("tile_size", size, low=1, high=65536) for size in sizes)
    return Attribute("tiledesc", struct.pack("<2IB", width, height, mode | rounding << 4))


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


def plan_for(picture: Picture, options: PartOptions) -> WritePlan:
    """The header and layout for ``picture``, whose formats EXR must have.

    Raises
    ------
    TypeError, ValueError
        If an option, a channel name or a metadata value does not fit.
    """
    number_of = COMPRESSIONS.index(one_of("compression", options.compression, COMPRESSIONS))
    one_of("line_order", options.line_order, LINE_ORDERS)
    tiles = _tiles(options)
    if options.line_order == "random" and tiles is None:
        raise ValueError('line_order "random" needs tile_size')
    attributes = attributes_of(picture.metadata)
    attributes.setdefault("screenWindowCenter", encode_value("screenWindowCenter", V2f(0.0, 0.0)))
    attributes.setdefault("screenWindowWidth", encode_value("screenWindowWidth", 1.0))
    level = _dwa_level(options.dwa_level, options.compression, attributes)
    attributes["channels"], columns = _channel_list(picture, options)
    attributes["compression"] = Attribute("compression", bytes([number_of]))
    attributes["dataWindow"] = window_attribute("data_window", picture.data_window)
    attributes["displayWindow"] = window_attribute("display_window", picture.display_window)
    attributes["lineOrder"] = Attribute("lineOrder", bytes([LINE_ORDERS.index(options.line_order)]))
    attributes["pixelAspectRatio"] = Attribute("float", np.float32(picture.pixel_aspect).tobytes())
    if tiles is not None:
        attributes["tiles"] = tiles
    for attribute, text in (("name", options.name), ("view", options.view)):
        if text is not None:
            attributes[attribute] = encode_value(attribute, str(text))
    packing = -2 if options.zip_level is None else integer("zip_level", options.zip_level, low=0, high=9)
    return WritePlan(attributes, columns, zip_level=packing, dwa_level=level)


#: Attributes that must be the same in every part ("OpenEXR File Layout", "Multi-Part and Deep Data Header Attributes").
SHARED = ("displayWindow", "pixelAspectRatio", "timeCode", "chromaticities")


def header_of(plans: Sequence[WritePlan]) -> bytes:
    """The header of a file with these parts, up to its chunk tables. One part makes a plain file.

    Raises
    ------
    ValueError
        If names are missing or not different, or parts differ in what they must share.
    """
    if len(plans) == 1:
        return serialise(plans[0].attributes, tiled=plans[0].part.tiles is not None)
    names = [plan.part.name for plan in plans]
    if not all(names) or len(set(names)) != len(names):
        raise ValueError(f"every part needs a name of its own, got {', '.join(map(repr, names))}")
    for name in SHARED:
        values = [plan.attributes.get(name) for plan in plans]
        other = next((part for part, value in zip(names, values, strict=True) if value != values[0]), None)
        if other is not None:
            lacking = names[0] if values[0] is None else other if values[names.index(other)] is None else None
            why = f"{other!r} and {names[0]!r} differ" if lacking is None else f"{lacking!r} has none"
            raise ValueError(f"all parts of a file have the same {name}: {why}")
    blocks = []
    for plan in plans:
        kind = "tiledimage" if plan.part.tiles is not None else "scanlineimage"
        told = {"type": encode_value("type", kind), "chunkCount": encode_value("chunkCount", chunk_total(plan.part))}
        blocks.append(dict(sorted({**plan.attributes, **told}.items())))
    return serialise_parts(blocks, 0)


def single(plans: Sequence[WritePlan], why: str) -> WritePlan:
    """The only plan, of a plain file with one level and no subsampling.

    Raises
    ------
    FormatError
        If there is more to it; ``why`` says who cannot do that.
    """
    part = plans[0].part
    if len(plans) > 1 or (part.tiles and part.tiles[2]) or any(c.x_sampling * c.y_sampling > 1 for c in part.channels):
        raise FormatError(f"several parts, levels and subsampled channels: {why}")
    return plans[0]
