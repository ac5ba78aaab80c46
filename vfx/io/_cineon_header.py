"""A Cineon header read and made (Kodak, "Cineon Image File Format", version 4.5: file, image and film headers).

=========  =====  ==========================================================================
bytes      size   header
=========  =====  ==========================================================================
0          192    file: magic, offset of the pixels, names, dates
192        488    image: orientation, up to eight channels of 28 bytes, chromaticities, label
680        32     data format: interleave, packing, padding
712        312    origination: scanner
1024       1024   film: edge code, frame rate, slate (where the pixels begin after it)
2048              user data
=========  =====  ==========================================================================

A field without a value has all bits set, or is an infinite number. Some writers (Nuke) store the numbers with a
point, and all of the film header, in the other byte order than the rest; the larger of a channel's reference codes
tells which it is.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

from vfx.errors import FormatError
from vfx.io._dpx_fields import Field, get, put
from vfx.io._typed import frame_rate
from vfx.metadata import Chromaticities, KeyCode

__all__ = ["BIG", "LITTLE", "PACKINGS", "Channel", "Header", "build", "parse"]

#: The magic number in either byte order.
BIG, LITTLE = b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80"
#: Bits that are written, and their packing: bytes, words, halves, all justified left.
PACKINGS = {8: 1, 10: 5, 12: 3, 16: 3}
#: The shortest header: without film and user data.
_GENERIC_BYTES = 1024
_HEADER_BYTES = 2048
_FARTHEST = 1_000_000

_TEXTS = (
    Field("version", 24, "text", 8),
    Field("filename", 32, "text", 100),
    Field("creation_date", 132, "text", 12),
    Field("creation_time", 144, "text", 12),
    Field("label", 452, "text", 200),
    Field("source_filename", 720, "text", 100),
    Field("source_date", 820, "text", 12),
    Field("source_time", 832, "text", 12),
    Field("input_device", 844, "text", 64),
    Field("input_model", 908, "text", 32),
    Field("input_serial", 940, "text", 32),
    Field("film_format", 1036, "text", 32),
    Field("frame_position", 1068, "u32"),
    Field("frame_attribute", 1076, "text", 32),
    Field("slate", 1108, "text", 200),
)
_FLOATS = (
    Field("x_pitch", 972, "f32"),
    Field("y_pitch", 976, "f32"),
    Field("gamma", 980, "f32"),
)
_FRAME_RATE = Field("frame_rate", 1072, "f32")
_CHROMATICITIES = Field("chromaticities", 420, "f32", 8)
# The channel that byte 1 of a designator means, where byte 0 says that it is of this list.
_DESIGNATORS = {0: "Y", 1: "R", 2: "G", 3: "B", 4: "R", 5: "G", 6: "B"}
_USUAL = {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


@dataclass(frozen=True)
class Channel:
    """One channel as its 28 bytes say."""

    designator: tuple[int, int]
    bits: int
    width: int
    height: int


@dataclass(frozen=True)
class Header:
    """A whole header. ``width`` and ``height`` are those of the stored lines, before orientation."""

    order: str
    label: str
    size: int
    offset: int
    orientation: int
    channels: tuple[Channel, ...]
    interleave: int
    packing: int
    signed: int
    line_padding: int
    channel_padding: int
    origin: tuple[int, int]
    pixel_aspect: float
    metadata: dict[str, Any]

    @property
    def width(self) -> int:
        """Pixels of a line."""
        return self.channels[0].width

    @property
    def height(self) -> int:
        """Lines."""
        return self.channels[0].height

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return self.channels[0].bits

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, in the file's order."""
        count = len(self.channels)
        found = tuple(
            _DESIGNATORS.get(channel.designator[1], "") if channel.designator[0] == 0 else ""
            for channel in self.channels
        )
        if len(set(found)) == count and "" not in found:
            return found
        return _USUAL.get(count, tuple(f"C{index}" for index in range(count)))


def parse(head: bytes, size: int, label: str) -> Header:
    """The header of a file.

    Parameters
    ----------
    head : bytes
        The first 2048 bytes, or all there are.
    size : int
        Bytes in the file.
    label : str
        The file, for messages.

    Raises
    ------
    FormatError
        If it is no Cineon file, cut off, or describes no picture.
    """
    if head[:4] not in (BIG, LITTLE):
        raise FormatError(f"not a Cineon file: it begins with {head[:4].hex(' ')}", path=label, offset=0)
    if len(head) < _GENERIC_BYTES:
        raise FormatError(f"the header is cut off: {len(head)} of {_GENERIC_BYTES} bytes", path=label)
    order = ">" if head[:4] == BIG else "<"
    offset = _number(head, order, 4)
    if not _GENERIC_BYTES <= offset < size:
        raise FormatError(f"pixels cannot begin at byte {offset} of {size}", path=label, offset=4)
    head = head[:offset]
    channels = _channels(head, order, label)
    orientation = 0 if head[192] == 0xFF else head[192]
    if orientation > 7:
        raise FormatError(f"orientation is 0 to 7, the header says {orientation}", path=label, offset=192)
    floats = _float_order(head, order)
    return Header(
        order=order,
        label=label,
        size=size,
        offset=offset,
        orientation=orientation,
        channels=channels,
        interleave=_defined(head[680]),
        packing=5 if head[681] == 0xFF else head[681],
        signed=_defined(head[682]),
        line_padding=_padding(head, order, 684),
        channel_padding=_padding(head, order, 688),
        origin=_origin(head, order),
        pixel_aspect=_aspect(head, floats),
        metadata=_metadata(head, order, floats),
    )


def _number(head: bytes, order: str, at: int) -> int:
    """The whole number of 32 bits at a byte."""
    return int.from_bytes(head[at : at + 4], "big" if order == ">" else "little")


def _defined(value: int) -> int:
    """A byte; 0 where it is undefined."""
    return 0 if value == 0xFF else value


def _padding(head: bytes, order: str, at: int) -> int:
    """Bytes of padding; 0 where undefined."""
    value = _number(head, order, at)
    return 0 if value == 0xFFFFFFFF else value


def _channels(head: bytes, order: str, label: str) -> tuple[Channel, ...]:
    """The channels, all of one size and depth."""
    count = head[193]
    if not 1 <= count <= 8:
        raise FormatError(f"1 to 8 channels are possible, the header says {count}", path=label, offset=193)
    found = []
    for at in range(196, 196 + 28 * count, 28):
        width, height = _number(head, order, at + 4), _number(head, order, at + 8)
        found.append(Channel((head[at], head[at + 1]), head[at + 2], width, height))
    if len({(channel.bits, channel.width, channel.height) for channel in found}) > 1:
        raise FormatError("channels of different sizes or depths are not supported", path=label, offset=196)
    first = found[0]
    if not 1 <= first.bits <= 16:
        raise FormatError(
            f"codes of {first.bits} bits are not supported; supported are 1 to 16", path=label, offset=198
        )
    if not first.width or not first.height or 0xFFFFFFFF in (first.width, first.height):
        raise FormatError(f"a picture of {first.width} x {first.height} pixels", path=label, offset=200)
    return tuple(found)


def _float_order(head: bytes, order: str) -> str:
    """The byte order of the film header and of numbers with a point: one in which channel 0's white is a code."""
    top = 2 ** head[198] - 1
    for candidate in (order, "<" if order == ">" else ">"):
        (largest,) = struct.unpack_from(f"{candidate}f", head, 216)
        if 1.0 <= largest <= 4.0 * top:
            return candidate
    return order


def _origin(head: bytes, order: str) -> tuple[int, int]:
    """Column and row of the picture's first pixel in the scanned frame."""
    x, y = struct.unpack_from(f"{order}2i", head, 712)
    # All bits set is undefined, and -1 at once.
    return (x, y) if max(abs(x), abs(y)) <= _FARTHEST and -1 not in (x, y) else (0, 0)


def _aspect(head: bytes, order: str) -> float:
    """Width of a pixel over its height, from the samples per millimetre of the scanner."""
    x, y = (get(head, spec, order) for spec in _FLOATS[:2])
    return float(y / x) if x and y and 0.01 < y / x < 100.0 else 1.0


def _metadata(head: bytes, order: str, floats: str) -> dict[str, Any]:
    """The names that all formats share, and the rest as ``cineon:<field>``."""
    found: dict[str, Any] = {f"cineon:{spec.name}": get(head, spec, floats) for spec in _TEXTS}
    found |= {f"cineon:{spec.name}": get(head, spec, floats) or None for spec in _FLOATS}
    found["frame_rate"] = frame_rate(get(head, _FRAME_RATE, floats))
    found["keycode"] = _keycode(head, floats)
    found["capture_date"] = _date(found["cineon:source_date"], found["cineon:source_time"])
    found["chromaticities"] = _chromaticities(get(head, _CHROMATICITIES, floats))
    for name, at in (("low_data", 208), ("low_quantity", 212), ("high_data", 216), ("high_quantity", 220)):
        found[f"cineon:{name}"] = get(head, Field(name, at, "f32"), floats)
    found |= {"cineon:bit_depth": head[198], "cineon:packing": head[681], "cineon:interleave": head[680]}
    found["cineon:orientation"] = _defined(head[192]) or None
    found["cineon:sense"] = "negative" if head[683] == 1 else None
    found["cineon:endian"] = "big" if order == ">" else "little"
    return {key: value for key, value in found.items() if value is not None}


def _keycode(head: bytes, order: str) -> KeyCode | None:
    """The film edge code, where it is there."""
    if len(head) < 1036:
        return None
    maker, kind, offset = head[1024], head[1025], head[1026]
    prefix, count = _number(head, order, 1028), _number(head, order, 1032)
    sense = maker < 100 and kind < 100 and offset < 120 and prefix < 1_000_000 and count < 10_000
    if not sense or not any((maker, kind, prefix, count)):
        return None
    return KeyCode(maker, kind, prefix, count, offset)


def _date(date: str | None, time: str | None) -> str | None:
    """Date and time of the scan, ``YYYY:MM:DD hh:mm:ss``, where both are there."""
    if not date or not time or len(date) != 10 or len(time) < 8:
        return None
    text = f"{date} {time[:8]}"
    digits = text.replace(":", "").replace(" ", "")
    return text if digits.isascii() and digits.isdigit() and len(digits) == 14 else None


def _chromaticities(values: tuple[float, ...] | None) -> Chromaticities | None:
    """White, red, green and blue, where they are all places on the diagram."""
    if values is None or not all(0.0 < value < 1.0 for value in values):
        return None
    white, red, green, blue = ((values[at], values[at + 1]) for at in range(0, 8, 2))
    return Chromaticities(red, green, blue, white)


def build(
    name: str,
    size: tuple[int, int, int],
    metadata: dict[str, Any],
    *,
    order: str,
    stored: tuple[int, int, int],
    pixel_aspect: float,
) -> bytearray:
    """The header of a file; pixels follow it.

    Parameters
    ----------
    name : str
        Of the file.
    size : (width, height, channels)
        One or three channels.
    metadata : dict
        Those of Cineon's fields go back.
    order : {">", "<"}
        Byte order.
    stored : (bits, stride, padding)
        Bits of a code, bytes from line to line, and those of them that are no codes.
    pixel_aspect : float
        Width of a pixel over its height.
    """
    width, height, count = size
    bits, stride, padding = stored
    head = bytearray(_HEADER_BYTES)
    head[0:4] = BIG if order == ">" else LITTLE
    sizes = (len(head), _GENERIC_BYTES, _GENERIC_BYTES, 0, len(head) + stride * height)
    struct.pack_into(f"{order}5I", head, 4, *(value & 0xFFFFFFFF for value in sizes))
    struct.pack_into("4B", head, 192, 0, count, 0xFF, 0xFF)
    # Of 10 bits a code is 0.002 of printing density.
    reference = (0.0, 0.0, 2.0**bits - 1.0, 2.046 if bits == 10 else math.inf)
    for index in range(count):
        designator = 0 if count == 1 else index + 1
        at = 196 + 28 * index
        struct.pack_into(f"{order}4BII4f", head, at, 0, designator, bits, 0xFF, width, height, *reference)
    struct.pack_into(f"{order}8f", head, 420, *[math.inf] * 8)
    struct.pack_into(f"{order}4BII", head, 680, 0, PACKINGS[bits], 0, 0, padding, 0)
    struct.pack_into(f"{order}2i", head, 712, 0, 0)
    struct.pack_into(f"{order}3f", head, 972, 1.0, pixel_aspect, 1.0)
    head[1024:1036] = b"\xff" * 12
    struct.pack_into(f"{order}If", head, 1068, 0xFFFFFFFF, math.inf)
    for spec in (*_TEXTS, *_FLOATS[2:]):
        if metadata.get(f"cineon:{spec.name}") is not None:
            put(head, spec, metadata[f"cineon:{spec.name}"], order)
    put(head, _TEXTS[0], "V4.5", order)
    put(head, _TEXTS[1], name[-100:] if name.isascii() else None, order)
    if metadata.get("frame_rate"):
        put(head, _FRAME_RATE, float(metadata["frame_rate"]), order)
    code = metadata.get("keycode")
    if isinstance(code, KeyCode):
        numbers = (code.film_mfc_code & 0xFF, code.film_type & 0xFF, code.perf_offset & 0xFF, 0xFF)
        struct.pack_into(f"{order}4BII", head, 1024, *numbers, code.prefix & 0xFFFFFFFF, code.count & 0xFFFFFFFF)
    return head
