r"""The header of an EXR file, read and written byte for byte.

Layout ("OpenEXR File Layout", little-endian)::

    20000630  version and flags                     flags: 0x200 one tiled part  0x400 long names
    one header per part:                                   0x800 deep data      0x1000 several parts
        name\0 type\0 size bytes …  \0
    \0  (only when several parts)
    one table of 64-bit chunk offsets per part
    chunks

Nothing is allocated from a size in the file before it is checked against the file's length.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from vfx.errors import FormatError
from vfx.io._exr_attributes import Attribute
from vfx.io._limits import limits
from vfx.pixelformat import Box

__all__ = [
    "COMPRESSIONS",
    "Channel",
    "FileHeader",
    "PartHeader",
    "lines_of",
    "parse",
    "serialise",
    "serialise_parts",
    "tiles_or_lines",
    "window_attribute",
]

_MAGIC = 20000630
_TILED, _LONG_NAMES, _DEEP, _MULTIPART = 0x200, 0x400, 0x800, 0x1000
#: Compression names by number (``exr_compression_t`` of OpenEXR 3.5).
COMPRESSIONS = (
    "none",
    "rle",
    "zips",
    "zip",
    "piz",
    "pxr24",
    "b44",
    "b44a",
    "dwaa",
    "dwab",
    "htj2k256",
    "htj2k32",
    "lj2k",
    "zstd",
)
_LINES = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32, 256, 1)
#: A quarter of the range of a 32-bit integer, so that sums of window corners cannot overflow.
_MOST_SIDE = 1 << 29
#: OpenEXR takes corners whose magnitude is below half the largest 32-bit integer.
_MOST_CORNER = (2**31 - 1) // 2 - 1
_FORMATS = ("u32", "f16", "f32")
#: A header of more parts or attributes than this is an attack, not a picture.
_MOST_PARTS, _MOST_ATTRIBUTES = 10_000, 100_000


@dataclass(frozen=True)
class Channel:
    """One channel: its name, type (0 uint, 1 half, 2 float) and sampling."""

    name: str
    kind: int
    x_sampling: int = 1
    y_sampling: int = 1
    linear: int = 0

    @property
    def format(self) -> str:
        """``"u32"``, ``"f16"`` or ``"f32"``."""
        return _FORMATS[self.kind]


class PartHeader:
    """The attributes of one part, and what they say about its storage.

    Raises
    ------
    FormatError
        From any property, when the attribute behind it is missing or impossible.
    """

    def __init__(self, attributes: dict[str, Attribute], label: str, flags: int = 0) -> None:
        self.attributes = attributes
        self.label = label
        self.flags = flags

    def _get(self, name: str, kind: str, size: int | None = None) -> bytes:
        """The bytes of a required attribute."""
        stored = self.attributes.get(name)
        if stored is None:
            raise FormatError(f"the header has no attribute {name}", path=self.label)
        if stored.type != kind or (size is not None and len(stored.data) != size):
            raise FormatError(
                f"attribute {name} must be a {kind}, got {stored.type!r} of {len(stored.data)} bytes", path=self.label
            )
        return stored.data

    def _box(self, name: str) -> Box:
        """A window of the header, checked."""
        x0, y0, x1, y1 = struct.unpack("<4i", self._get(name, "box2i", 16))
        if not _is_window((x0, y0, x1, y1)):
            raise FormatError(f"impossible {name} ({x0}, {y0}, {x1}, {y1})", path=self.label)
        return x0, y0, x1, y1

    @cached_property
    def data_window(self) -> Box:
        """Where the pixels lie."""
        return self._box("dataWindow")

    @cached_property
    def display_window(self) -> Box:
        """What a viewer shows."""
        return self._box("displayWindow")

    @property
    def width(self) -> int:
        """Columns of the data window."""
        return self.data_window[2] - self.data_window[0] + 1

    @property
    def height(self) -> int:
        """Rows of the data window."""
        return self.data_window[3] - self.data_window[1] + 1

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel over its height; 1 where the file says nonsense."""
        value = float(struct.unpack("<f", self._get("pixelAspectRatio", "float", 4))[0])
        return value if 0 < value < float("inf") else 1.0

    @property
    def compression(self) -> int:
        """Number of the compression."""
        (number,) = self._get("compression", "compression", 1)
        if number >= len(COMPRESSIONS):
            raise FormatError(f"compression number {number} is not known", path=self.label)
        return number

    @property
    def line_order(self) -> int:
        """0 increasing, 1 decreasing, 2 random."""
        return self._get("lineOrder", "lineOrder", 1)[0]

    @property
    def type(self) -> str:
        """``scanlineimage``, ``tiledimage``, ``deepscanline`` or ``deeptile``."""
        if "type" in self.attributes:
            return self._get("type", "string").decode("utf-8", "replace")
        if self.flags & _DEEP:
            return "deepscanline"
        return "tiledimage" if self.flags & _TILED else "scanlineimage"

    @property
    def deep(self) -> bool:
        """Whether the part has many samples per pixel."""
        return bool(self.flags & _DEEP and not self.flags & _MULTIPART) or self.type.startswith("deep")

    @property
    def name(self) -> str:
        """Name of the part, or empty."""
        stored = self.attributes.get("name")
        return stored.data.decode("utf-8", "surrogateescape") if stored and stored.type == "string" else ""

    @cached_property
    def tiles(self) -> tuple[int, int, int, int] | None:
        """Tile width and height, level mode (0 one, 1 mip, 2 rip) and rounding; None for scanlines."""
        told = self.flags & (_MULTIPART | _DEEP)  # else bit 9 alone tells
        if not (self.type in ("tiledimage", "deeptile") if told else self.flags & _TILED):
            return None
        width, height, mode = struct.unpack("<2IB", self._get("tiles", "tiledesc", 9))
        if not (0 < width < _MOST_SIDE and 0 < height < _MOST_SIDE):
            raise FormatError(f"impossible tile size {width} x {height}", path=self.label)
        return width, height, mode & 15, mode >> 4

    @property
    def levels(self) -> int:
        """How many mip levels there are (along the longer side)."""
        if self.tiles is None or self.tiles[2] == 0:
            return 1
        longest = max(self.width, self.height)
        return longest.bit_length() if self.tiles[3] == 0 else (longest - 1).bit_length() + 1

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The channels in the file's order."""
        data = self._get("channels", "chlist")
        found: list[Channel] = []
        at = 0
        while at < len(data) and data[at]:
            end = data.find(b"\0", at, at + 256)
            if end < 0 or end + 17 > len(data):
                raise FormatError("the channel list is cut short", path=self.label)
            kind, linear, across, down = struct.unpack_from("<iB3x2i", data, end + 1)
            name = data[at:end].decode("utf-8", "surrogateescape")
            if not 0 <= kind <= 2 or across < 1 or down < 1:
                raise FormatError(f"channel {name!r} has type {kind}, sampling {across} x {down}", path=self.label)
            found.append(Channel(name, kind, across, down, linear))
            at = end + 17
        if not found:
            raise FormatError("there is not one channel", path=self.label)
        if len({channel.name for channel in found}) != len(found):
            raise FormatError("two channels have the same name", path=self.label)
        return tuple(found)


@dataclass(frozen=True)
class FileHeader:
    """The headers of all parts; ``end`` is where the chunk tables begin."""

    parts: tuple[PartHeader, ...]
    flags: int
    end: int


class _Cursor:
    """A place in the file's header that never reads past the end."""

    def __init__(self, stream: BinaryIO, size: int, label: str) -> None:
        self._stream, self._size, self._label = stream, size, label
        self._buffer = b""
        self.at = 0
        stream.seek(0)

    def _fill(self, end: int) -> None:
        """Have the bytes up to ``end`` in the buffer."""
        if end > self._size:
            raise FormatError("the file ends inside its header", path=self._label, offset=self._size)
        if end > len(self._buffer):
            self._buffer += self._stream.read(max(end - len(self._buffer), 65536))
            if end > len(self._buffer):
                raise FormatError("the file ends inside its header", path=self._label, offset=len(self._buffer))

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        self._fill(self.at + count)
        self.at += count
        return self._buffer[self.at - count : self.at]

    def text(self) -> str:
        """The next text, up to its NUL; at most 255 bytes."""
        self._fill(min(self.at + 256, self._size))
        end = self._buffer.find(b"\0", self.at, self.at + 256)
        if end < 0:
            raise FormatError("a name in the header is longer than 255 bytes", path=self._label, offset=self.at)
        found = self._buffer[self.at : end]
        self.at = end + 1
        return found.decode("utf-8", "surrogateescape")


def _parse_part(cursor: _Cursor, label: str) -> dict[str, Attribute]:
    """The attributes of the next part; empty at the end of the headers."""
    attributes: dict[str, Attribute] = {}
    while name := cursor.text():
        kind = cursor.text()
        place = cursor.at
        (size,) = struct.unpack("<i", cursor.take(4))
        if size < 0 or not kind:
            raise FormatError(f"attribute {name!r} has type {kind!r} and size {size}", path=label, offset=place)
        limits.check_attribute(f"attribute {name}", size, label)
        attributes[name] = Attribute(kind, cursor.take(size))
        if len(attributes) > _MOST_ATTRIBUTES:
            raise FormatError("more attributes than any picture has", path=label, offset=place)
    return attributes


def parse(stream: BinaryIO, size: int, label: str) -> FileHeader:
    """The header of the EXR file in a stream of ``size`` bytes.

    Raises
    ------
    FormatError
        If it is no EXR file, or damaged.
    """
    cursor = _Cursor(stream, size, label)
    magic, version = struct.unpack("<2I", cursor.take(8)) if size >= 8 else (0, 0)
    if magic != _MAGIC:
        raise FormatError("not an EXR file: it does not begin with 76 2f 31 01", path=label, offset=0)
    if version & 0xFF != 2 or version >> 8 & ~0x1E:
        raise FormatError(f"EXR version {version & 0xFF} with flags 0x{version >> 8:x}", path=label, offset=4)
    flags = version & ~0xFF
    parts = []
    while attributes := _parse_part(cursor, label):
        parts.append(PartHeader(attributes, label, flags))
        if not flags & _MULTIPART:
            break
        if len(parts) > _MOST_PARTS:
            raise FormatError("more parts than any file has", path=label, offset=cursor.at)
    if not parts:
        raise FormatError("the file has no parts", path=label, offset=cursor.at)
    return FileHeader(tuple(parts), flags, cursor.at)


def serialise(attributes: dict[str, Attribute], *, tiled: bool) -> bytes:
    """The header of a file of one part: attributes in the order of their names, as OpenEXR writes them.

    Raises
    ------
    ValueError
        If a name is empty, longer than 255 bytes, or holds a NUL.
    """
    ordered = {name: attributes[name] for name in sorted(attributes)}
    return serialise_parts([ordered], _TILED if tiled else 0)


def serialise_parts(parts: Sequence[dict[str, Attribute]], flags: int) -> bytes:
    """The headers of all parts, attributes in the order given.

    ``flags`` are those of the file but the ones that follow from the parts: long names are noticed, and several
    parts make a file of several. One part with that flag stays a file for several.

    Raises
    ------
    ValueError
        If a name is empty, longer than 255 bytes, or holds a NUL.
    """
    flags &= ~_LONG_NAMES
    if len(parts) > 1:
        flags = _MULTIPART | flags & ~_TILED
    blocks = []
    for attributes in parts:
        long_names, header = _serialise_part(attributes)
        flags |= _LONG_NAMES if long_names else 0
        blocks.append(header)
    return struct.pack("<2I", _MAGIC, 2 | flags) + b"".join(blocks) + (b"\0" if flags & _MULTIPART else b"")


def _serialise_part(attributes: dict[str, Attribute]) -> tuple[bool, bytes]:
    """Whether there are long names, and the header of one part with its closing NUL."""
    long_names = False
    blocks = []
    for name, (kind, data) in attributes.items():
        texts = [text.encode("utf-8", "surrogateescape") for text in (name, kind)]
        if any(not text or len(text) > 255 or 0 in text for text in texts):
            raise ValueError(f"attribute names and types have 1 to 255 bytes, got {name!r} of type {kind!r}")
        long_names |= any(len(text) > 31 for text in texts)
        blocks.append(b"\0".join([*texts, struct.pack("<i", len(data)) + data]))
    channels = PartHeader(attributes, "").channels
    long_names |= any(len(channel.name.encode("utf-8", "surrogateescape")) > 31 for channel in channels)
    return long_names, b"".join(blocks) + b"\0"


def _is_window(window: Box) -> bool:
    """Whether OpenEXR reads a file with this data or display window."""
    x0, y0, x1, y1 = window
    sides = (x1 - x0, y1 - y0)
    return min(sides) >= 0 and max(sides) < _MOST_SIDE and max(map(abs, window)) <= _MOST_CORNER


def window_attribute(name: str, window: Box) -> Attribute:
    """A window as stored.

    Raises
    ------
    ValueError
        If EXR files cannot hold it.
    """
    if not _is_window(window):
        raise ValueError(
            f"{name} {tuple(window)} is out of an EXR file's range: corners from -{_MOST_CORNER} to {_MOST_CORNER}, "
            f"sides up to {_MOST_SIDE}"
        )
    return Attribute("box2i", struct.pack("<4i", *window))


def tiles_or_lines(part: PartHeader) -> int:
    """How many chunks level 0 of the part has."""
    if part.tiles is not None:
        width, height = part.tiles[:2]
        return -(-part.width // width) * -(-part.height // height)
    return -(-part.height // lines_of(part.compression))


def lines_of(compression: int) -> int:
    """Scanlines in a chunk of the compression with this number."""
    return _LINES[compression]
