"""The chunks of a PNG file: cut apart, checked, and made.

::

    signature  89 50 4E 47 0D 0A 1A 0A
    chunk      length u32 | type 4 letters | data | CRC-32 of type and data, u32     (big-endian)
    order      IHDR … PLTE … tRNS … IDAT IDAT … IEND
    letters    1st lower case: ancillary;  4th lower case: may be copied by who does not know it

Source: W3C Portable Network Graphics (PNG) Specification, third edition, 5 and 11.2.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from vfx.errors import FormatError, LimitError
from vfx.io._limits import check_size

__all__ = ["SIGNATURE", "Chunk", "Header", "check_amount", "chunks", "colour_chunks", "header", "make_chunk"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"

#: Channels of each colour type before any transparency chunk (a palette gives RGB), table 9.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

#: Bit depths that each colour type allows, table 12.
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}

#: Longest side that libpng decodes (PNG_USER_WIDTH_MAX in its pnglibconf.h).
_MAX_SIDE = 1_000_000

#: Deflate expands one byte to at most 1032 (zlib's technical notes, "Maximum Expansion Factor").
_MAX_EXPANSION = 1032

#: The seven passes of an interlaced picture: first x, first y, step x, step y (8.1).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


class Chunk(NamedTuple):
    """One chunk: its type, its data, and where it starts in the file."""

    kind: bytes
    data: memoryview
    offset: int


@dataclass(frozen=True)
class Header:
    """The IHDR chunk."""

    width: int
    height: int
    depth: int
    color_type: int
    interlaced: bool

    @property
    def samples(self) -> int:
        """Stored samples of one pixel."""
        return _CHANNELS[self.color_type]

    def row_bytes(self, width: int) -> int:
        """Bytes of one stored row of ``width`` pixels, with its filter byte."""
        return 1 + (width * self.samples * self.depth + 7) // 8

    def passes(self) -> list[tuple[int, int, int, int, int, int]]:
        """Per pass that has pixels: first x, first y, step x, step y, width, height."""
        if not self.interlaced:
            return [(0, 0, 1, 1, self.width, self.height)]
        sizes = [
            (x, y, step_x, step_y, -(-(self.width - x) // step_x), -(-(self.height - y) // step_y))
            for x, y, step_x, step_y in _PASSES
        ]
        return [size for size in sizes if size[4] > 0 and size[5] > 0]

    def stored_bytes(self) -> int:
        """Bytes of all filtered rows, before compression."""
        return sum(self.row_bytes(width) * height for *_, width, height in self.passes())

    def pack(self) -> bytes:
        """The IHDR chunk's 13 bytes."""
        return struct.pack(">IIBBBBB", self.width, self.height, self.depth, self.color_type, 0, 0, self.interlaced)


def header(data: memoryview, label: str) -> Header:
    """The checked header of a PNG file.

    Raises
    ------
    FormatError
        If it is not a PNG file, or the header makes no sense.
    """
    if bytes(data[:8]) != SIGNATURE:
        raise FormatError("not a PNG file", path=label, offset=0)
    if len(data) < 33 or bytes(data[12:16]) != b"IHDR" or bytes(data[8:12]) != b"\x00\x00\x00\x0d":
        raise FormatError("a PNG file must begin with a 13-byte IHDR chunk", path=label, offset=8)
    width, height, depth, color_type, compression, filtering, interlace = struct.unpack(">IIBBBBB", data[16:29])
    if zlib.crc32(data[12:29]) != int.from_bytes(data[29:33], "big"):
        raise FormatError("the checksum of chunk IHDR does not fit", path=label, offset=8)
    if color_type not in _DEPTHS or depth not in _DEPTHS[color_type]:
        raise FormatError(f"colour type {color_type} with {depth} bits is not PNG", path=label, offset=24)
    if compression or filtering or interlace > 1:
        reason = f"unknown compression {compression}, filter {filtering} or interlace method {interlace}"
        raise FormatError(reason, path=label, offset=26)
    check_size(width, height, label)
    if max(width, height) > _MAX_SIDE:
        raise LimitError(f"a side of {max(width, height)} pixels is more than {_MAX_SIDE}", path=label)
    return Header(width, height, depth, color_type, bool(interlace))


def chunks(data: memoryview, label: str, *, pixels: bool = True) -> Iterator[Chunk]:
    """The chunks after the header, up to IEND, without ancillary ones that are damaged.

    A decoder may ignore an ancillary chunk (third edition, 5.4), so a spoilt text does not cost the picture;
    ``tRNS`` is ancillary too, but decides pixels.

    Parameters
    ----------
    data : memoryview
        The whole file.
    label : str
        For messages.
    pixels : bool
        False leaves the checksums of IDAT alone (their bytes are then never touched).

    Raises
    ------
    FormatError
        With the byte offset: a chunk that is cut off or out of place, or one of the pixels with a wrong checksum.
    """
    position = 33
    before = b"IHDR"
    seen: set[bytes] = set()
    while True:
        chunk, sound = _chunk_at(data, position, label, check=pixels)
        kind = chunk.kind
        if not sound and _is_ancillary(kind):
            before = kind
            position += 12 + len(chunk.data)
            continue
        if not sound:
            raise FormatError(f"the checksum of chunk {kind.decode()} does not fit", path=label, offset=position)
        if kind == b"IEND":
            if b"IDAT" not in seen:
                raise FormatError("no pixels: chunk IDAT is missing", path=label, offset=position)
            return
        if not kind[0] & 0x20 and kind not in (b"PLTE", b"IDAT"):
            raise FormatError(f"unknown critical chunk {kind!r}", path=label, offset=position)
        misplaced = kind == b"IDAT" and kind in seen and before != kind
        misplaced |= kind in (b"PLTE", b"tRNS") and (kind in seen or b"IDAT" in seen)
        if misplaced:
            raise FormatError(f"chunk {kind.decode()} is out of place", path=label, offset=position)
        yield chunk
        seen.add(kind)
        before = kind
        position += 12 + len(chunk.data)


def _is_ancillary(kind: bytes) -> bool:
    """Whether the pixels are the same without chunks of this kind (third edition, 5.4)."""
    return bool(kind[0] & 0x20) and kind != b"tRNS"


def _chunk_at(data: memoryview, position: int, label: str, *, check: bool) -> tuple[Chunk, bool]:
    """The chunk at ``position``, and whether its checksum is right."""
    if position + 12 > len(data):
        raise FormatError("the file ends before its last chunk, IEND", path=label, offset=len(data))
    length = int.from_bytes(data[position : position + 4], "big")
    kind = bytes(data[position + 4 : position + 8])
    if not (kind.isascii() and kind.isalpha()):
        raise FormatError(f"{kind!r} is not a chunk type", path=label, offset=position + 4)
    end = position + 8 + length
    if end + 4 > len(data):
        name = kind.decode()
        raise FormatError(f"chunk {name} of {length} bytes is cut off", path=label, offset=position)
    stored = int.from_bytes(data[end : end + 4], "big")
    sound = (kind == b"IDAT" and not check) or zlib.crc32(data[position + 4 : end]) == stored
    return Chunk(kind, data[position + 8 : end], position), sound


def make_chunk(kind: bytes, data: bytes | bytearray | memoryview) -> bytes:
    """A chunk of type ``kind`` that holds ``data``."""
    body = kind + bytes(data)
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def colour_chunks(head: Header, found: list[Chunk], label: str) -> list[Chunk]:
    """The palette and the transparency that decide the pixels; a palette of an RGB picture only advises viewers.

    Raises
    ------
    FormatError
        If they are missing or do not fit: libpng would leave them out and go on (third edition, 11.2.2 and 11.3.1).
    """
    wanted = [chunk for chunk in found if chunk.kind == b"tRNS" or (chunk.kind == b"PLTE" and head.color_type == 3)]
    colours = 0
    for kind, data, offset in wanted:
        size = len(data)
        if kind == b"PLTE":
            colours = size // 3
            fits = size % 3 == 0 and 1 <= colours <= 2**head.depth
        else:
            fits = size == {0: 2, 2: 6}.get(head.color_type) or (head.color_type == 3 and 1 <= size <= colours)
        if not fits:
            reason = f"chunk {kind.decode()} of {size} bytes does not fit colour type {head.color_type}"
            raise FormatError(reason, path=label, offset=offset)
    if head.color_type == 3 and not colours:
        raise FormatError("a palette picture without its palette, chunk PLTE", path=label)
    return wanted


def check_amount(head: Header, compressed: int, label: str) -> None:
    """Nothing, when ``compressed`` bytes can hold the picture that the header announces.

    Raises
    ------
    FormatError
        If no deflate stream of that size holds so many pixels: the header lies, or the file is cut.
    """
    if head.stored_bytes() > (compressed + 16) * _MAX_EXPANSION:
        reason = f"{compressed} bytes of pixel data cannot hold {head.width} x {head.height} pixels"
        raise FormatError(reason, path=label)
