"""What a JPEG XL file says before its pixels (ISO/IEC 18181-1, the image headers; 18181-2, the container).

A file is a bare code stream (``ff 0a``), or boxes: ``jxlc`` with the code stream or ``jxlp`` with its parts, ``Exif``
and ``xml ``. The header's fields are bits, lowest first; a ``U32`` chooses one of four ways to write a number.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from vfx.errors import FormatError
from vfx.io._boxes import Box, boxes
from vfx.io._limits import limits
from vfx.io._vocabulary import add_words

__all__ = ["CONTAINER", "Header", "parse"]

CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
# Width to height of the ratios 1 to 7.
_RATIOS = ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_ENUM = ((0, 0), (0, 1), (4, 2), (6, 18))
_SIDE = ((9, 1), (13, 1), (18, 1), (30, 1))
#: The header is far shorter; names of extra channels are the longest in it.
_MOST_BYTES = 1 << 16


@dataclass
class Header:
    """What the image headers say.

    Attributes
    ----------
    width, height : int
        In pixels, as stored.
    bits : int
        Of a sample.
    exponent_bits : int
        0: whole numbers; 5 with 16 bits: half; 8 with 32: float.
    gray, alpha, associated : bool
        Without colour; with an alpha channel; with colours multiplied by it.
    extra : int
        Channels beside the colours, alpha included.
    animated : bool
        Whether there are several frames.
    lossy : bool
        Whether the colours are stored as XYB.
    metadata : dict
        ``exif``, ``xmp``, ``orientation``.
    """

    width: int = 0
    height: int = 0
    bits: int = 8
    exponent_bits: int = 0
    gray: bool = False
    alpha: bool = False
    associated: bool = False
    extra: int = 0
    animated: bool = False
    lossy: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


class _Bits:
    """Bits, lowest first."""

    def __init__(self, data: bytes, label: str) -> None:
        self.value, self.left, self.label = int.from_bytes(data, "little"), 8 * len(data), label

    def u(self, count: int) -> int:
        """The next ``count`` bits as a number."""
        if count > self.left:
            raise FormatError("cut off inside its header", path=self.label)
        found = self.value & ((1 << count) - 1)
        self.value >>= count
        self.left -= count
        return found

    def u32(self, *ways: tuple[int, int]) -> int:
        """A number written in one of four ways, each so many bits and an offset."""
        bits, offset = ways[self.u(2)]
        return self.u(bits) + offset


def _size(bits: _Bits) -> tuple[int, int]:
    """Width and height."""
    small = bits.u(1)
    height = (bits.u(5) + 1) * 8 if small else bits.u32(*_SIDE)
    ratio = bits.u(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return ((bits.u(5) + 1) * 8 if small else bits.u32(*_SIDE)), height


def _skip_preview(bits: _Bits) -> None:
    """Pass over the size of the preview."""
    eighths = bits.u(1)
    ways = ((0, 16), (0, 32), (5, 1), (9, 33)) if eighths else ((6, 1), (8, 65), (10, 321), (12, 1345))
    bits.u32(*ways)
    if not bits.u(3):
        bits.u32(*ways)


def _depth(bits: _Bits) -> tuple[int, int]:
    """Bits of a sample and of its exponent."""
    if not bits.u(1):
        return bits.u32((0, 8), (0, 10), (0, 12), (6, 1)), 0
    return bits.u32((0, 32), (0, 16), (0, 24), (6, 1)), bits.u(4) + 1


def _extra_channel(bits: _Bits, header: Header) -> None:
    """Take note of an extra channel."""
    if bits.u(1):  # all defaults: 8-bit alpha, unassociated
        header.alpha = True
        return
    kind = bits.u32(*_ENUM)
    _depth(bits)
    bits.u32((0, 0), (0, 3), (0, 4), (3, 1))
    for _ in range(bits.u32((0, 0), (4, 0), (5, 16), (10, 48))):
        bits.u(8)
    if kind == 0:
        header.alpha = True
        header.associated = bool(bits.u(1))
    elif kind == 2:  # a spot colour
        bits.u(64)
    elif kind == 5:  # a colour filter array
        bits.u32((0, 1), (2, 0), (4, 3), (8, 19))


def _image_headers(stream: bytes, label: str) -> Header:
    """Size and metadata of a code stream."""
    bits = _Bits(stream[2:_MOST_BYTES], label)
    header = Header()
    header.width, header.height = _size(bits)
    if bits.u(1):  # all defaults: 8-bit RGB as XYB
        header.lossy = True
        return header
    if bits.u(1):
        orientation = bits.u(3) + 1
        if orientation != 1:
            header.metadata["orientation"] = orientation
        if bits.u(1):
            _size(bits)
        if bits.u(1):
            _skip_preview(bits)
        header.animated = bool(bits.u(1))
        if header.animated:
            bits.u32((0, 100), (0, 1000), (10, 1), (30, 1))
            bits.u32((0, 1), (0, 1001), (8, 1), (10, 1))
            bits.u32((0, 0), (3, 0), (16, 0), (32, 0))
            bits.u(1)
    header.bits, header.exponent_bits = _depth(bits)
    bits.u(1)
    header.extra = bits.u32((0, 0), (0, 1), (4, 2), (12, 1))
    for _ in range(header.extra):
        _extra_channel(bits, header)
    header.lossy = bool(bits.u(1))
    if not bits.u(1):  # the colour encoding is not sRGB
        bits.u(1)
        header.gray = bits.u32(*_ENUM) == 1
    return header


def parse(data: memoryview, label: str) -> Header:
    """The header of a JPEG XL file.

    Raises
    ------
    FormatError
        If it is damaged, or none.
    LimitError
        If the picture is larger than allowed.
    """
    entries: dict[str, Any] = {}
    stream = bytes(data[:_MOST_BYTES])
    if bytes(data[:12]) == CONTAINER:
        found = list(boxes(data, label))
        stream = b"".join(_part_of_stream(box) for box in found)[:_MOST_BYTES]
        entries = _attached(found, label)
    if stream[:2] != b"\xff\x0a":
        raise FormatError("not a JPEG XL file: it has no code stream", path=label, offset=0)
    header = _image_headers(stream, label)
    header.metadata |= entries
    limits.check_pixels(header.width, header.height, label)
    return header


def _part_of_stream(box: Box) -> bytes:
    """What a box holds of the code stream, as far as the header can reach."""
    if box.kind == b"jxlc":
        return bytes(box.content[:_MOST_BYTES])
    return bytes(box.content[4 : _MOST_BYTES + 4]) if box.kind == b"jxlp" else b""


def _attached(found: list[Box], label: str) -> dict[str, Any]:
    """EXIF and XMP."""
    entries: dict[str, Any] = {}
    for box in found:
        if box.kind not in (b"Exif", b"xml "):
            continue
        limits.check_attribute(box.kind.decode().strip(), len(box.content), label)
        if box.kind == b"xml ":
            entries.setdefault("xmp", bytes(box.content))
        elif len(box.content) >= 4:
            skip = 4 + struct.unpack_from(">I", box.content)[0]
            entries.setdefault("exif", bytes(box.content[skip:]).removeprefix(b"Exif\0\0"))
    add_words(entries)
    return entries
