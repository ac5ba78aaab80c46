"""What the boxes of an AVIF file say (AV1 Image File Format 1.1; HEIF, ISO/IEC 23008-12; ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from vfx.errors import FormatError
from vfx.io._boxes import Box, boxes, first
from vfx.io._limits import limits
from vfx.io._vocabulary import add_words
from vfx.metadata import Cicp

__all__ = ["Header", "items_of", "parse"]

_ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
_MOST_ITEMS = 65536


@dataclass
class Header:
    """The primary picture of an AVIF file.

    Attributes
    ----------
    width, height : int
        In pixels, as stored.
    depth : int
        8, 10 or 12.
    gray, alpha, premultiplied : bool
        Without colour; with an alpha plane; with colours multiplied by it.
    subsampling : str
        ``"4:4:4"``, ``"4:2:2"``, ``"4:2:0"`` or ``"4:0:0"``.
    aspect : float
        Width of a pixel over its height.
    sequence : bool
        Whether it is a sequence of pictures.
    frames : int
        Pictures that the file's tracks promise at most; 1 where it has none.
    metadata : dict
        ``icc_profile``, ``exif``, ``xmp``, ``orientation``, ``cicp``.
    """

    width: int = 0
    height: int = 0
    depth: int = 8
    gray: bool = False
    alpha: bool = False
    premultiplied: bool = False
    subsampling: str = "4:4:4"
    aspect: float = 1.0
    sequence: bool = False
    frames: int = 1
    metadata: dict[str, Any] = field(default_factory=dict)


class _Bytes:
    """Big-endian numbers out of a box, never past its end."""

    def __init__(self, box: Box, label: str) -> None:
        self.data, self.offset, self.label, self.at = box.content, box.offset, label, 0

    def number(self, size: int) -> int:
        """The next number of 0, 1, 2, 3, 4 or 8 bytes."""
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> memoryview:
        """The next bytes."""
        if self.at + size > len(self.data):
            raise FormatError("a box is too short", path=self.label, offset=self.offset + self.at)
        self.at += size
        return self.data[self.at - size : self.at]

    def full(self) -> tuple[int, int]:
        """Version and flags."""
        return self.number(1), self.number(3)


def _children(box: Box | None, label: str, skip: int = 0) -> list[Box]:
    """The boxes inside a box, behind ``skip`` bytes."""
    return list(boxes(box.content[skip:], label, box.offset + skip)) if box is not None else []


def _items(meta: list[Box], label: str) -> dict[int, tuple[bytes, bytes]]:
    """Item number → type and content type (``iinf``)."""
    found: dict[int, tuple[bytes, bytes]] = {}
    info = first(meta, b"iinf")
    if info is None:
        return found
    version = info.content[0] if len(info.content) else 0
    for entry in _children(info, label, 6 if version == 0 else 8):
        reader = _Bytes(entry, label)
        version, _ = reader.full()
        if version not in (2, 3):
            continue
        number = reader.number(2 if version == 2 else 4)
        reader.number(2)
        kind = bytes(reader.take(4))
        content_type = bytes(reader.data[reader.at :]).split(b"\0")[1:2] if kind == b"mime" else []
        found[number] = (kind, content_type[0] if content_type else b"")
    return found


def _properties(meta: list[Box], item: int, label: str) -> list[Box]:
    """The properties of an item (``iprp``)."""
    inside = _children(first(meta, b"iprp"), label)
    known = _children(first(inside, b"ipco"), label)
    found = []
    for box in inside:
        if box.kind != b"ipma":
            continue
        reader = _Bytes(box, label)
        version, flags = reader.full()
        for _ in range(min(reader.number(4), _MOST_ITEMS)):
            number = reader.number(2 if version == 0 else 4)
            size, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
            indices = [reader.number(size) & mask for _ in range(reader.number(1))]
            if number == item:
                found += [known[index - 1] for index in indices if 0 < index <= len(known)]
    return found


def _references(meta: list[Box], label: str) -> Iterator[tuple[bytes, int, list[int]]]:
    """Type, from and to of every reference between items (``iref``)."""
    box = first(meta, b"iref")
    if box is None:
        return
    size = 2 if len(box.content) and box.content[0] == 0 else 4
    for entry in _children(box, label, 4):
        reader = _Bytes(entry, label)
        origin = reader.number(size)
        yield entry.kind, origin, [reader.number(size) for _ in range(reader.number(2))]


def _locations(meta: list[Box], label: str) -> dict[int, list[tuple[int, int, int]]]:
    """Item → construction method, offset and length of each of its extents (``iloc``)."""
    box = first(meta, b"iloc")
    if box is None:
        return {}
    reader = _Bytes(box, label)
    version, _ = reader.full()
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    found = {}
    for _ in range(min(reader.number(2 if version < 2 else 4), _MOST_ITEMS)):
        item = reader.number(2 if version < 2 else 4)
        method = reader.number(2) & 15 if version in (1, 2) else 0
        reader.number(2)
        base = reader.number(base_size)
        extents = []
        for _ in range(reader.number(2)):
            reader.number(index_size)
            extents.append((method, base + reader.number(offset_size), reader.number(length_size)))
        found[item] = extents
    return found


def _content(data: memoryview, meta: list[Box], extents: list[tuple[int, int, int]], label: str) -> bytes:
    """The bytes of an item that lies in the file or in ``idat``."""
    inline = first(meta, b"idat")
    total = sum(length for _, _, length in extents)
    limits.check_attribute("an item", total, label)
    parts = []
    for method, offset, length in extents:
        place = inline.content if method == 1 and inline is not None else data
        if method > 1 or offset + length > len(place):
            raise FormatError("an item lies outside the file", path=label, offset=min(offset, len(data)))
        parts.append(place[offset : offset + length])
    return b"".join(parts)


def _apply(header: Header, property_: Box, label: str) -> None:
    """Put what a property says into the header."""
    reader = _Bytes(property_, label)
    if property_.kind == b"ispe":
        reader.full()
        header.width, header.height = reader.number(4), reader.number(4)
    elif property_.kind == b"av1C":
        reader.number(2)
        flags = reader.number(1)
        header.depth = (12 if flags & 0x20 else 10) if flags & 0x40 else 8
        header.gray = bool(flags & 0x10)
        header.subsampling = "4:0:0" if header.gray else {0: "4:4:4", 8: "4:2:2", 12: "4:2:0"}.get(flags & 12, "4:4:4")
    elif property_.kind == b"colr":
        kind = bytes(reader.take(4))
        if kind in (b"prof", b"rICC"):
            limits.check_attribute("icc_profile", len(property_.content) - 4, label)
            header.metadata["icc_profile"] = bytes(property_.content[4:])
        elif kind == b"nclx":
            primaries, transfer, matrix = (reader.number(2) for _ in range(3))
            header.metadata["cicp"] = Cicp(primaries, transfer, matrix, bool(reader.number(1) >> 7))
    elif property_.kind == b"pasp":
        across, down = reader.number(4), reader.number(4)
        header.aspect = float(Fraction(across, down)) if across and down else 1.0
    elif property_.kind in (b"irot", b"imir"):
        header.metadata[property_.kind.decode()] = reader.number(1) & 3


def _frames(top: list[Box], label: str) -> int:
    """The most samples that a track has: by their sizes (``stsz``), or by chunks (``stco``, ``stsc``)."""
    most, none = 1, np.zeros(0, ">u4")
    for track in _children(first(top, b"moov"), label):
        table = [track] if track.kind == b"trak" else []
        for kind in (b"mdia", b"minf", b"stbl"):
            table = [box for outer in table for box in _children(outer, label) if box.kind == kind]
        for inside in (_children(box, label) for box in table):
            words = {box.kind: np.frombuffer(box.content, ">u4", len(box.content) // 4) for box in inside}
            sizes = int(words.get(b"stsz", none)[2:3].sum())
            chunks = sum(int(words.get(kind, none)[1:2].sum()) for kind in (b"stco", b"co64"))
            most = max(most, sizes, chunks * int(words.get(b"stsc", none)[3::3].max(initial=0)))
    return most


def _orientation(entries: dict[str, Any]) -> None:
    """Turn and mirror (HEIF: turned counter-clockwise first, then mirrored) as one EXIF orientation."""
    turns, axis = entries.pop("irot", 0), entries.pop("imir", None)
    # Orientation of a turn alone, with a mirror about a horizontal axis (0), about a vertical one (1).
    table = {None: (1, 8, 3, 6), 0: (4, 5, 2, 7), 1: (2, 7, 4, 5)}
    told = table[axis if axis is None else axis & 1][turns]
    if told != 1:
        entries["orientation"] = told


def parse(data: memoryview, label: str) -> Header:
    """The header of an AVIF file.

    Raises
    ------
    FormatError
        If it is damaged, or none.
    """
    top = list(boxes(data, label))
    kind = first(top, b"ftyp")
    found = first(top, b"meta")
    if kind is None or found is None:
        raise FormatError("not an AVIF still: it has no ftyp or no meta box", path=label, offset=0)
    meta = _children(found, label, 4)
    primary = first(meta, b"pitm")
    if primary is None:
        raise FormatError("no picture is the primary one", path=label, offset=found.offset)
    reader = _Bytes(primary, label)
    version, _ = reader.full()
    item = reader.number(2 if version == 0 else 4)
    header = Header(sequence=bytes(kind.content[:4]) == b"avis", frames=_frames(top, label))
    for property_ in _properties(meta, item, label):
        _apply(header, property_, label)
    if not header.width:
        raise FormatError("the primary picture has no size", path=label, offset=found.offset)
    limits.check_pixels(header.width, header.height, label)
    for name, origin, targets in _references(meta, label):
        if name == b"auxl" and item in targets:
            kinds = [box for box in _properties(meta, origin, label) if box.kind == b"auxC"]
            header.alpha |= any(bytes(box.content[4:]) == _ALPHA for box in kinds)
        header.premultiplied |= name == b"prem" and origin == item
        if name == b"dimg" and origin == item and targets:  # a grid: its tiles know the depth
            for property_ in _properties(meta, targets[0], label):
                if property_.kind == b"av1C":
                    _apply(header, property_, label)
    _orientation(header.metadata)
    _attached(header, data, meta, label)
    return header


def items_of(data: memoryview, label: str) -> list[tuple[list[Box], bytes]]:
    """Properties and coded bytes of the primary picture, and of its alpha plane where there is one.

    Raises
    ------
    FormatError
        If the file is damaged.
    """
    top = list(boxes(data, label))
    meta = _children(first(top, b"meta"), label, 4)
    primary = first(meta, b"pitm")
    if primary is None:
        raise FormatError("no picture is the primary one", path=label)
    reader = _Bytes(primary, label)
    version, _ = reader.full()
    numbers = [reader.number(2 if version == 0 else 4)]
    numbers += [
        origin for kind, origin, targets in _references(meta, label) if kind == b"auxl" and numbers[0] in targets
    ]
    places = _locations(meta, label)
    return [
        (_properties(meta, number, label), _content(data, meta, places.get(number, []), label))
        for number in numbers[:2]
    ]


def _attached(header: Header, data: memoryview, meta: list[Box], label: str) -> None:
    """EXIF and XMP, which are items of their own."""
    places = _locations(meta, label)
    for number, (kind, content_type) in _items(meta, label).items():
        if number not in places:
            continue
        if kind == b"Exif":
            block = _content(data, meta, places[number], label)
            skip = 4 + struct.unpack_from(">I", block)[0] if len(block) >= 4 else 0
            header.metadata["exif"] = block[skip:].removeprefix(b"Exif\0\0")
        elif content_type == b"application/rdf+xml":
            header.metadata["xmp"] = _content(data, meta, places[number], label)
    add_words(header.metadata)
