"""The headers of JPEG 2000 files: the code stream's (ITU-T T.800 annex A, T.814 for HTJ2K), its boxes (annex I).

A code stream begins with the markers SOC and SIZ::

    ff4f  ff51 Lsiz  Rsiz(bit 14: HTJ2K)  Xsiz Ysiz XOsiz YOsiz  XTsiz YTsiz XTOsiz YTOsiz  Csiz  (Ssiz XRsiz YRsiz) …
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vfx.errors import FormatError
from vfx.io import _exif
from vfx.io._boxes import Box, boxes, first, make_box
from vfx.io._limits import limits
from vfx.io._vocabulary import add_words, xmp_for_writing

__all__ = ["SIGNATURE", "Header", "parse", "wrapped"]

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_EXIF_UUID = b"JpgTiffExif->JP2"
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # ISO 16684-3
_CDEF_ALPHA = {1: "unassociated", 2: "associated"}
#: Enumerated colour spaces (T.800 table I.10).
_GRAY, _SRGB, _SYCC = 17, 16, 18


@dataclass
class Header:
    """What the headers say.

    Attributes
    ----------
    width, height, components : int
        Size in pixels.
    bits : tuple of int
        Depth of each component.
    signed, ht, reversible : bool
        Signed samples; HTJ2K block coding; the lossless wavelet.
    levels : int
        Resolutions that can be read, 1 without a wavelet.
    subsampled, ycc : bool
        Components of different sizes; colours as luma and differences.
    palette : int
        Columns of the palette, 0 without one.
    tile : (width, height) or None
        None for one tile.
    stream : int
        Offset of the code stream.
    metadata : dict
        ``icc_profile``, ``exif``, ``xmp``, ``orientation``, ``alpha``.
    """

    width: int = 0
    height: int = 0
    components: int = 0
    bits: tuple[int, ...] = ()
    signed: bool = False
    ht: bool = False
    reversible: bool = True
    levels: int = 1
    subsampled: bool = False
    palette: int = 0
    ycc: bool = False
    boxed: bool = False
    tile: tuple[int, int] | None = None
    stream: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)


def _stream(header: Header, data: memoryview, label: str) -> None:
    """Read SIZ and COD."""
    at = header.stream
    if bytes(data[at : at + 4]) != b"\xff\x4f\xff\x51" or at + 42 > len(data):
        raise FormatError("the code stream does not begin with SOC and SIZ", path=label, offset=at)
    size, capabilities, x1, y1, x0, y0, tile_x, tile_y, _, _, count = struct.unpack_from(">2H8IH", data, at + 4)
    if x1 <= x0 or y1 <= y0 or not 1 <= count <= 16384 or size != 38 + 3 * count or at + 4 + size > len(data):
        raise FormatError("its SIZ marker makes no sense", path=label, offset=at + 2)
    header.width, header.height, header.components = x1 - x0, y1 - y0, count
    parts = [tuple(data[at + 42 + 3 * c : at + 45 + 3 * c]) for c in range(count)]
    header.bits = tuple((depth & 127) + 1 for depth, _, _ in parts)
    header.signed = any(depth & 128 for depth, _, _ in parts)
    header.subsampled = any((across, down) != (1, 1) for _, across, down in parts)
    header.ht = bool(capabilities & 0x4000)
    if tile_x < x1 or tile_y < y1:
        header.tile = (tile_x, tile_y)
    at += 4 + size
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0x90, 0x93, 0xD9):
        (size,) = struct.unpack_from(">H", data, at + 2)
        if data[at + 1] == 0x52 and size >= 12 and at + 14 <= len(data):  # COD
            header.levels = min(data[at + 9], 32) + 1
            header.reversible = data[at + 13] == 1
        at += 2 + size
    limits.check_pixels(header.width, header.height, label)


def _header_boxes(header: Header, jp2h: Box, label: str) -> None:
    """Read the boxes of ``jp2h`` that say what the components are."""
    found = list(boxes(jp2h.content, label, jp2h.offset))
    palette = first(found, b"pclr")
    if palette is not None and len(palette.content) >= 3:
        header.palette = palette.content[2]
    for box in found:
        if box.kind == b"colr" and len(box.content) >= 3:
            if box.content[0] == 1 and len(box.content) >= 7:
                header.ycc |= struct.unpack_from(">I", box.content, 3)[0] == _SYCC
            elif box.content[0] in (2, 3):
                limits.check_attribute("icc_profile", len(box.content) - 3, label)
                header.metadata.setdefault("icc_profile", bytes(box.content[3:]))
        elif box.kind == b"cdef" and len(box.content) >= 2:
            for entry in range(2, len(box.content) - 5, 6):
                _, kind, _ = struct.unpack_from(">3H", box.content, entry)
                if kind in _CDEF_ALPHA:
                    header.metadata["alpha"] = _CDEF_ALPHA[kind]


def parse(data: memoryview, label: str) -> Header:
    """The headers of a JPEG 2000 file or code stream.

    Raises
    ------
    FormatError
        If it is damaged, or none.
    """
    header = Header()
    if bytes(data[:12]) == SIGNATURE:
        header.boxed = True
        found = list(boxes(data, label))
        coded, described = first(found, b"jp2c"), first(found, b"jp2h")
        if coded is None:
            raise FormatError("the file has no code stream", path=label, offset=len(data))
        header.stream = coded.offset
        if described is not None:
            _header_boxes(header, described, label)
        for box in found:
            if box.kind == b"uuid":
                _attached(header, box, label)
        add_words(header.metadata)
    _stream(header, data, label)
    return header


def _attached(header: Header, box: Box, label: str) -> None:
    """Take EXIF or XMP out of a ``uuid`` box."""
    kind, content = bytes(box.content[:16]), box.content[16:]
    limits.check_attribute("a uuid box", len(content), label)
    if kind == _EXIF_UUID:
        header.metadata["exif"] = bytes(content)
    elif kind == _XMP_UUID:
        header.metadata["xmp"] = bytes(content)


def wrapped(stream: bytes, header: Header, entries: Mapping[str, Any]) -> list[bytes]:
    """The boxes of a JP2 (or JPH) file round a code stream with this header, the stream last.

    Parameters
    ----------
    stream : bytes
        The code stream.
    header : Header
        What it holds: gray or RGB, and alpha last.
    entries : mapping
        ``icc_profile``, ``exif``, ``orientation``, ``xmp`` and ``alpha`` are looked at.
    """
    brand = b"jph " if header.ht else b"jp2 "
    colours = header.components - (header.components in (2, 4))
    depth = header.bits[0] - 1
    size = struct.pack(">2IH4B", header.height, header.width, header.components, depth, 7, 0, 0)
    profile = entries.get("icc_profile")
    inside = [make_box(b"ihdr", size)]
    # Annex I knows profiles of one and of three components only.
    kind = {1: b"GRAY", 3: b"RGB "}[colours]
    if isinstance(profile, bytes) and profile[16:20] == kind:
        inside.append(make_box(b"colr", b"\2\0\0", profile))
    else:
        inside.append(make_box(b"colr", struct.pack(">3BI", 1, 0, 0, _GRAY if colours == 1 else _SRGB)))
    if header.components != colours:
        told = 1 if entries.get("alpha") == "unassociated" else 2
        places = [(number, 0, number + 1) for number in range(colours)] + [(colours, told, 0)]
        inside.append(make_box(b"cdef", struct.pack(">H", len(places)), *(struct.pack(">3H", *one) for one in places)))
    parts = [SIGNATURE, make_box(b"ftyp", brand + b"\0\0\0\0" + brand), make_box(b"jp2h", *inside)]
    exif = _exif.for_writing(entries)
    if exif is not None:
        parts.append(make_box(b"uuid", _EXIF_UUID, exif))
    xmp = xmp_for_writing(entries)
    if xmp is not None:
        parts.append(make_box(b"uuid", _XMP_UUID, xmp))
    return [*parts, make_box(b"jp2c", stream)]
