"""The ACES image container: OpenEXR files as SMPTE ST 2065-4:2013 allows them."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from vfx.errors import ChannelError
from vfx.image import Image
from vfx.io._exr_attributes import Attribute, decode_value
from vfx.io._exr_header import COMPRESSIONS, PartHeader, parse
from vfx.io._source import open_source
from vfx.metadata import Chromaticities

__all__ = ["check_aces", "write_aces"]

#: CIE 1931 xy of ACES2065-1 (SMPTE ST 2065-1:2012, 4.3).
_AP0 = Chromaticities((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))
#: The channel lists (ST 2065-4, "Channels"): mono and stereo, without and with alpha; the unnamed view is the right.
_MONO = (("B", "G", "R"), ("A", "B", "G", "R"))
_STEREO = tuple((*names, *(f"left.{name}" for name in names)) for names in _MONO)
_FLAG = "acesImageContainerFlag"
_REQUIRED = (
    "chromaticities",
    "compression",
    "dataWindow",
    "displayWindow",
    "lineOrder",
    "pixelAspectRatio",
    "screenWindowCenter",
    "screenWindowWidth",
)


def _header_faults(part: PartHeader, flags: int, count: int) -> Iterator[str]:
    """What is wrong with the kind of file."""
    if count != 1:
        yield f"it has {count} parts; an ACES container has one"
    for bit, kind in (
        (0x200, "tiles"),
        (0x800, "deep data"),
        (0x1000, "the flag of many parts"),
        (0x400, "long names"),
    ):
        if flags & bit:
            yield f"it has {kind}; an ACES container is one part of scanlines, with names of at most 31 bytes"
    flag = part.attributes.get(_FLAG)
    if flag is None or decode_value(_FLAG, flag) != 1 or flag.type != "int":
        yield f"attribute {_FLAG} is not the int 1"
    for name in _REQUIRED:
        if name not in part.attributes:
            yield f"attribute {name} is missing"
    if part.attributes.get("compression", Attribute("", b"\0")).data != b"\0":
        yield f"compression is {COMPRESSIONS[part.compression]}; an ACES container has none"
    if part.attributes.get("lineOrder", Attribute("", b"\0")).data != b"\0":
        yield "the lines are not in increasing order"


def _colour_faults(part: PartHeader) -> Iterator[str]:
    """What is wrong with the primaries."""
    stored = part.attributes.get("chromaticities")
    if stored is None:
        return
    value = decode_value("chromaticities", stored)
    expected = struct.pack("<8f", *(number for pair in _AP0 for number in pair))
    if not isinstance(value, Chromaticities) or not np.allclose(
        np.frombuffer(stored.data, "<f4"), np.frombuffer(expected, "<f4"), rtol=0, atol=1e-6
    ):
        yield f"chromaticities are not those of ACES2065-1 (ST 2065-1): {value}"


def _channel_faults(part: PartHeader) -> Iterator[str]:
    """What is wrong with the channels."""
    names = tuple(channel.name for channel in part.channels)
    if names not in (*_MONO, *_STEREO):
        yield f"channels are {', '.join(names)}; they must be R, G, B, or R, G, B, A, in stereo also left.R …"
    for channel in part.channels:
        if channel.kind != 1:
            yield f"channel {channel.name} is {channel.format}, not half"
        if (channel.x_sampling, channel.y_sampling) != (1, 1):
            yield f"channel {channel.name} is subsampled"
    views = part.attributes.get("multiView")
    if names in _STEREO and (views is None or decode_value("multiView", views) != ["right", "left"]):
        yield "a stereo file needs the attribute multiView with right and left"


def check_aces(source: Any) -> list[str]:
    """What keeps a file from being an ACES image container; an empty list where nothing does.

    Checked is the header (SMPTE ST 2065-4:2013): one part of uncompressed scanlines in increasing order, half R, G, B
    or R, G, B, A at full resolution, in stereo also ``left.R`` …, the chromaticities of ACES2065-1, the attribute
    ``acesImageContainerFlag`` and those that every OpenEXR file has. Pixels are not read.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        An EXR file.

    Raises
    ------
    FileNotFoundError, OSError
        If it cannot be opened.
    FormatError
        If it is no EXR file, or damaged.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io import exr
    >>> stream = io.BytesIO()
    >>> exr.write(stream, Image(np.zeros((2, 2, 3), np.float16)), compression="zip")
    >>> check_aces(stream.getvalue())[0]
    'attribute acesImageContainerFlag is not the int 1'
    """
    with open_source(source) as opened:
        header = parse(opened.stream(), opened.size, opened.label)
    part = header.parts[0]
    faults = list(_header_faults(part, header.flags, len(header.parts)))
    return [*faults, *_colour_faults(part), *_channel_faults(part)]


def write_aces(path: str | os.PathLike[str] | BinaryIO, image: Image, *, threads: int | None = None) -> None:
    """Nothing; the file then is an ACES image container (SMPTE ST 2065-4:2013) with the image.

    Pixels are stored as half and are not changed otherwise: they must be ACES2065-1 already.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    image : Image, ACES2065-1
        With R, G, B and perhaps A; other channels are refused.
    threads : int, optional
        At most this many.

    Raises
    ------
    ChannelError
        If the channels are others.
    OSError
        If the file cannot be written; an old file is then untouched.
    ValueError
        If the image says that it is in another colour space.

    Examples
    --------
    >>> import io, numpy as np
    >>> stream = io.BytesIO()
    >>> write_aces(stream, Image(np.ones((2, 2, 3), np.float32)))
    >>> check_aces(stream.getvalue())
    []
    """
    from vfx.io._exr_write import write

    if tuple(sorted(image.channel_names)) not in _MONO:
        raise ChannelError(f"an ACES container has the channels R, G, B and perhaps A, got {image.channel_names}")
    if image.colorspace is not None and image.colorspace.lower().replace(" ", "") not in _NAMES:
        raise ValueError(f"an ACES container holds ACES2065-1, the image is {image.colorspace!r}; convert it first")
    said = image.metadata.get("chromaticities")
    if said is not None and not np.allclose(np.ravel(said), np.ravel(_AP0), rtol=0, atol=1e-5):
        raise ValueError(f"an ACES container holds ACES2065-1, the image has other chromaticities: {said}")
    kept = {name: value for name, value in image.metadata.items() if name != "exr:" + _FLAG}
    labelled = image.like(image.numpy(), metadata={**kept, "exr:" + _FLAG: 1, "chromaticities": _AP0})
    write(path, labelled, compression="none", dtype="f16", threads=threads)


#: What ACES2065-1 is called (vfx.color.spaces, OpenColorIO's ACES configs, the interop ids).
_NAMES = frozenset({"aces2065-1", "aces", "aces-aces2065-1", "lin_ap0", "lin_ap0_scene", "ap0"})
