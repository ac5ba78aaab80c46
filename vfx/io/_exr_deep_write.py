"""Deep EXR files written from flat arrays of samples: one part of scanlines or of tiles."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from vfx import threads as _threads
from vfx._atomic import atomic
from vfx.checks import integer, one_of
from vfx.deep import DeepImage
from vfx.errors import FormatError
from vfx.io._exr_attributes import Attribute, encode_value
from vfx.io._exr_deep import deep_kernel
from vfx.io._exr_header import COMPRESSIONS, PartHeader, serialise_parts, tiles_or_lines, window_attribute
from vfx.io._exr_metadata import attributes_of
from vfx.metadata import V2f
from vfx.pixelformat import format_of

__all__ = ["write_deep"]

_COMPRESSIONS = ("none", "rle", "zips", "zstd")
_LINE_ORDERS = ("increasing", "decreasing", "random")
_KINDS = {"u32": 0, "f16": 1, "f32": 2}
_DEEP = 0x800  # the flag of a file with deep data ("OpenEXR File Layout")


def _kind_of(name: str, stored: str, dtype: Any) -> int:
    """The type to store a channel in."""
    if dtype is None or stored == "u32":
        return _KINDS[stored]
    wanted = dtype.get(name, stored) if isinstance(dtype, Mapping) else dtype
    chosen = format_of(wanted)
    if chosen not in ("f16", "f32"):
        raise TypeError(f"deep samples are stored as f16 or f32, not as {chosen}")
    return _KINDS[chosen]


def _channels(image: DeepImage, dtype: Any) -> tuple[Attribute, list[str], list[int]]:
    """The channel list in the file's order, by the bytes of the names; the names; the types to store."""
    formats = image.formats
    if isinstance(dtype, Mapping) and (unknown := [name for name in dtype if name not in formats]):
        raise ValueError(f"dtype names channels {', '.join(unknown)}; the deep image has {', '.join(formats)}")
    stored = {name.encode("utf-8", "surrogateescape"): name for name in formats}
    for text in stored:
        if len(text) > 255 or b"\0" in text:
            raise ValueError(f"a channel name has 1 to 255 bytes without NUL, got {text!r}")
    names = [stored[text] for text in sorted(stored)]
    kinds = [_kind_of(name, formats[name], dtype) for name in names]
    entries = [
        text + b"\0" + struct.pack("<iB3x2i", kind, 0, 1, 1) for text, kind in zip(sorted(stored), kinds, strict=True)
    ]
    return Attribute("chlist", b"".join(entries) + b"\0"), names, kinds


def _tile(tile_size: int | Sequence[int] | None) -> tuple[int, int]:
    """Width and height of a tile; (0, 0) for scanlines."""
    if tile_size is None:
        return 0, 0
    sizes = (tile_size, tile_size) if isinstance(tile_size, int) else tuple(tile_size)
    if len(sizes) != 2:
        raise ValueError(f"tile_size must be a number or (width, height), got {tile_size!r}")
    width, height = (integer("tile_size", size, low=1, high=65536) for size in sizes)
    return width, height


def _attributes(image: DeepImage, tile: tuple[int, int], compression: str) -> dict[str, Attribute]:
    """The header but for the channels and what follows from the options of ``write_deep``."""
    attributes = attributes_of({key: value for key, value in image.metadata.items() if key != "exr:deepImageState"})
    attributes.setdefault("screenWindowCenter", encode_value("screenWindowCenter", V2f(0.0, 0.0)))
    attributes.setdefault("screenWindowWidth", encode_value("screenWindowWidth", 1.0))
    attributes["dataWindow"] = window_attribute("data_window", image.data_window)
    attributes["displayWindow"] = window_attribute("display_window", image.display_window)
    attributes["pixelAspectRatio"] = Attribute("float", np.float32(image.pixel_aspect).tobytes())
    attributes["compression"] = Attribute("compression", bytes([COMPRESSIONS.index(compression)]))
    attributes["type"] = encode_value("type", "deeptile" if tile[0] else "deepscanline")
    attributes["version"] = encode_value("version", 1)
    attributes["maxSamplesPerPixel"] = encode_value("maxSamplesPerPixel", int(image.counts.max()))
    if tile[0]:
        attributes["tiles"] = Attribute("tiledesc", struct.pack("<2IB", *tile, 0))
    if "Z" in image.samples:
        attributes["deepImageState"] = encode_value("deepImageState", image.state)
    return attributes


def write_deep(
    path: str | os.PathLike[str] | BinaryIO,
    image: DeepImage,
    *,
    compression: str = "zips",
    dtype: Any = None,
    zip_level: int | None = None,
    tile_size: int | Sequence[int] | None = None,
    line_order: str = "increasing",
    name: str | None = None,
    threads: int | None = None,
) -> None:
    """Nothing; the EXR file then holds the samples. It appears whole or not at all.

    The attribute ``deepImageState`` says how the samples of an image with ``Z`` really lie.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    image : DeepImage
        Half stays half, float float, u32 uint.
    compression : str
        ``none``, ``rle``, ``zips``, or ``zstd`` as far as the installed OpenEXR knows it.
    dtype : str, dtype or mapping, optional
        Store half and float samples as ``"f16"`` or ``"f32"``; a mapping names single channels: ``{"Z": "f32"}``.
    zip_level : int, optional
        0 to 9; default the library's own.
    tile_size : int or (width, height), optional
        Tiles instead of scanlines.
    line_order : str
        ``"increasing"`` or ``"decreasing"``; ``"random"`` with tiles.
    name : str, optional
        Name of the part.
    threads : int, optional
        At most this many.

    Raises
    ------
    FormatError
        If OpenEXR's C core cannot be used.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option or a metadata value does not fit, or a line has 2**31 samples or more.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io.exr import read_deep
    >>> stream = io.BytesIO()
    >>> write_deep(stream, DeepImage([[2, 1]], {"Z": np.float32([1, 4, 2])}))
    >>> read_deep(stream.getvalue()).counts
    array([[2, 1]], dtype=uint32)
    """
    if not isinstance(image, DeepImage):
        raise TypeError(f"write_deep takes a deep image, got {type(image).__name__}")
    one_of("compression", compression, _COMPRESSIONS)
    one_of("line_order", line_order, _LINE_ORDERS)
    if line_order == "random" and tile_size is None:
        raise ValueError('line_order "random" needs tile_size')
    lines = np.add.reduce(image.counts, axis=1, dtype=np.int64)
    if int(lines.max()) >= 2**31:
        raise ValueError(f"a line of {lines.max()} samples; a deep EXR file holds fewer than 2**31 in a line")
    tile = _tile(tile_size)
    attributes = _attributes(image, tile, compression)
    attributes["lineOrder"] = Attribute("lineOrder", bytes([_LINE_ORDERS.index(line_order)]))
    attributes["channels"], names, kinds = _channels(image, dtype)
    if name is not None:
        attributes["name"] = encode_value("name", str(name))
    level = -1 if zip_level is None else integer("zip_level", zip_level, low=0, high=9)
    part = PartHeader(attributes, "", _DEEP)
    attributes["chunkCount"] = encode_value("chunkCount", tiles_or_lines(part))
    workers = _threads.for_pixels(image.counts.size + image.size, threads)

    def put(stream: BinaryIO) -> None:
        _put(stream, image, part, channels=(names, kinds), level=level, threads=workers)

    try:
        _write_to(path, put)
    except FormatError as error:
        raise FormatError(error.reason, path=str(path)) from error


def _write_to(path: str | os.PathLike[str] | BinaryIO, put: Any) -> None:
    """The whole file to a path, atomically, or to a stream by way of a temporary file."""
    if isinstance(path, (str, os.PathLike)):
        with atomic(path) as temporary, temporary.open("w+b") as stream:
            put(stream)
        return
    with tempfile.TemporaryFile() as scratch:
        put(scratch)
        scratch.seek(0)
        shutil.copyfileobj(scratch, path)


def _put(
    stream: BinaryIO,
    image: DeepImage,
    part: PartHeader,
    *,
    channels: tuple[list[str], list[int]],
    level: int,
    threads: int,
) -> None:
    """The header, the table and the chunks into a real file at its beginning."""
    kernel = deep_kernel("")
    names, kinds = channels
    ordered = {key: part.attributes[key] for key in sorted(part.attributes)}
    header = serialise_parts([ordered], _DEEP)
    table = np.zeros(tiles_or_lines(part), np.uint64)
    stream.write(header)
    stream.write(table.tobytes())
    stream.flush()
    samples = [image.samples[name] for name in names]
    sources = np.array([_KINDS[image.formats[name]] for name in names], np.int32)
    tile = part.tiles[:2] if part.tiles else (0, 0)
    stored = tuple(name.encode("utf-8", "surrogateescape") for name in names)
    try:
        kernel.write_deep_chunks(
            stream.fileno(), len(header) + table.nbytes, image.counts, image.offsets,
            tuple(np.ascontiguousarray(array).view(np.uint8) for array in samples), sources, np.array(kinds, np.int32),
            stored, part.data_window[1], part.compression, tile, part.line_order == 1, level, table, threads,
        )  # fmt: skip
    except kernel.DeepError as error:
        raise FormatError(f"OpenEXR cannot write it: {error.args[1]}") from error
    stream.seek(len(header))
    stream.write(table.astype("<u8").tobytes())
    stream.flush()
