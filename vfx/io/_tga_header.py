r"""The header, the palette, the extension area and the footer of a TGA file, and how its pixels are packed.

::

    0  id length u8 | palette u8 | type u8 | palette start u16, length u16, bits u8
    8  x u16 | y u16 | width u16 | height u16 | bits u8 | 3-0 bits of alpha, 4 from the right, 5 from the top
    18 id | palette | pixels                                              (all little-endian)
    …  extension area of 495 bytes | footer: its offset u32 | 0 u32 | "TRUEVISION-XFILE." 0
    types: 1 palette, 2 colours, 3 gray; 9, 10, 11 the same, run-length coded

Source: Truevision TGA File Format Specification, version 2.0 (1991).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx._ext import runs
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._raster import as_integers, likely_aspect

__all__ = ["Header", "extension", "looks_like", "pack", "packed", "parse", "unpacked"]

_HEADER = struct.Struct("<BBBHHBHHHHBB")
_FOOTER = b"TRUEVISION-XFILE.\0"
_EXTENSION = 495

#: Bits of a pixel that each type allows.
_DEPTHS = {1: (8, 16), 2: (15, 16, 24, 32), 3: (8, 16)}

#: Attributes type of the extension area, field 24 → what it says of alpha; "" leaves the fourth byte out.
_ALPHA = {0: "", 1: "", 2: "unspecified", 3: "unassociated", 4: None}

_DATE = re.compile(r"^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")


@dataclass
class Header:
    """What the file says of its pixels.

    Attributes
    ----------
    width, height : int
        In pixels.
    depth : int
        Bits of a stored pixel.
    coded : bool
        Whether they are run-length coded.
    gray, from_top, from_right : bool
        Of gray values; the first row is the top one; the first column is the right one.
    count : int
        Channels of the image.
    offset : int
        Where the pixels begin.
    palette : (N, 3 or 4) uint8, or None
        Colours of the codes from ``palette_start`` on.
    pixel_aspect : float
        Width of a pixel over its height.
    metadata : dict
        The texts, and what alpha is.
    """

    width: int
    height: int
    depth: int
    coded: bool
    gray: bool
    from_top: bool
    from_right: bool
    count: int = 0
    offset: int = 18
    palette: NDArray[np.uint8] | None = None
    palette_start: int = 0
    pixel_aspect: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a stored pixel."""
        return (self.depth + 7) // 8


def looks_like(head: bytes) -> bool:
    """Whether ``head`` is a header whose fields fit each other."""
    if len(head) < 18:
        return False
    _id, mapped, kind, _start, _length, map_bits, _x, _y, width, height, depth, flags = _HEADER.unpack_from(head)
    plain = kind & 7
    fits = kind in (1, 2, 3, 9, 10, 11) and depth in _DEPTHS[plain] and mapped <= 1 and flags < 64
    fits = fits and (map_bits in (15, 16, 24, 32) if plain == 1 else map_bits in (0, 15, 16, 24, 32))
    return bool(fits and (mapped == 1 or plain != 1) and width and height)


def parse(data: memoryview, label: str) -> Header:
    """The checked header of a TGA file.

    Raises
    ------
    FormatError
        If it is cut off, or describes no supported picture.
    """
    if len(data) < 18:
        raise FormatError("the header is cut off", path=label, offset=len(data))
    fields = _HEADER.unpack_from(data)
    id_length, mapped, kind, start, length, map_bits, _x, _y, width, height, depth, flags = fields
    plain = kind & 7
    if kind not in (1, 2, 3, 9, 10, 11) or mapped > 1:
        raise FormatError(f"not a TGA file, or one of a kind that is not supported (type {kind})", path=label, offset=2)
    if depth not in _DEPTHS[plain] or flags >= 64:
        raise FormatError(f"TGA pixels of {depth} bits, type {kind}, are not supported", path=label, offset=16)
    if not width or not height:
        raise FormatError(f"a picture of {width} x {height} pixels", path=label, offset=12)
    head = Header(width, height, depth, kind > 8, plain == 3, bool(flags & 32), bool(flags & 16), offset=18 + id_length)
    if id_length:
        head.metadata["tga:id"] = _text(bytes(data[18 : 18 + id_length]))
    attributes = _read_extension(data, head)
    pixel_bits = map_bits if plain == 1 else depth
    head.count = _count(head, pixel_bits, flags & 15, attributes)
    if mapped:
        table = _palette_bytes(data, head, length, map_bits, label)
        if plain == 1:
            head.palette, head.palette_start = unpacked(table, head), start
    elif plain == 1:
        raise FormatError("a palette picture without its palette", path=label, offset=1)
    return head


def _count(head: Header, bits: int, alpha_bits: int, attributes: int | None) -> int:
    """Number of channels of the image; also notes what alpha is."""
    colours = 1 if head.gray else 3
    if bits not in (16, 32):
        return colours
    declared = alpha_bits > 0
    said: str | None
    if attributes is not None and attributes in _ALPHA:
        said = _ALPHA[attributes]
        if attributes == 0 and declared:
            said = "unspecified"  # the header and the extension area contradict each other
    elif declared or head.gray:
        said = "unassociated"
    else:  # many writers of 32-bit files forget to declare their alpha; of 16-bit files, the bit means nothing
        said = "unspecified" if bits == 32 else ""
    if said:
        head.metadata["alpha"] = said
    return colours if said == "" else colours + 1


def _palette_bytes(data: memoryview, head: Header, length: int, bits: int, label: str) -> NDArray[np.uint8]:
    """The stored palette (N, bytes); moves the offset of the pixels behind it."""
    if bits not in (15, 16, 24, 32):
        raise FormatError(f"a palette of {bits} bits a colour", path=label, offset=7)
    each = (bits + 7) // 8
    if head.offset + length * each > len(data):
        raise FormatError("the palette is cut off", path=label, offset=head.offset)
    table = np.frombuffer(data, np.uint8, length * each, head.offset).reshape(length, each)
    head.offset += length * each
    return table


def unpacked(stored: NDArray[np.uint8], head: Header) -> NDArray[np.uint8]:
    """The channels (N, C) of stored bytes (N, 1 to 4)."""
    each = stored.shape[1]
    if head.gray:
        return stored[:, : head.count]
    if each == 2:
        words = np.ascontiguousarray(stored).view("<u2")[:, 0]
        fives = np.stack([words >> 10 & 31, words >> 5 & 31, words & 31], axis=1)
        colours = ((fives * 255 * 2 + 31) // 62).astype(np.uint8)
        if head.count == 3:
            return colours
        return np.concatenate((colours, ((words >> 15) * 255).astype(np.uint8)[:, np.newaxis]), axis=1)
    return stored[:, [2, 1, 0, 3][: head.count]]


def packed(image: Image, bits: int, *, from_top: bool) -> NDArray[np.uint8]:
    """The stored bytes (H, W, B), in the order of the file, of an image of 1 to 4 channels, ``bits`` of each colour."""
    flip = 1 if from_top else -1
    if bits == 8:
        pixels = as_integers(image, 8)
        if pixels.shape[2] <= 2:
            return np.ascontiguousarray(pixels[::flip])
        lines = np.empty_like(pixels)
        height, each = len(pixels), pixels.shape[2]
        runs.swap_red_and_blue(pixels.reshape(height, -1)[::flip], lines.reshape(height, -1), each, each)
        return lines
    full = as_integers(image, 16)[::flip].astype(np.uint32)
    fives = (full * (31 * 2) + 65535) // (65535 * 2)
    words = fives[:, :, 0] << 10 | fives[:, :, 1] << 5 | fives[:, :, 2]
    if full.shape[2] == 4:
        words |= (full[:, :, 3] >= 32768).astype(np.uint32) << 15
    return np.ascontiguousarray(words.astype("<u2")).view(np.uint8).reshape(*words.shape, 2)


def _text(raw: bytes) -> str:
    """A text, which ends at the first zero."""
    return raw.split(b"\0")[0].decode("latin-1").strip()


def _read_extension(data: memoryview, head: Header) -> int | None:
    """The attributes type of the extension area, or None without; its texts go into the metadata."""
    if len(data) < 26 or bytes(data[-18:]) != _FOOTER:
        return None
    start = int.from_bytes(data[-26:-22], "little")
    if not 18 <= start <= len(data) - 26 - _EXTENSION or int.from_bytes(data[start : start + 2], "little") < _EXTENSION:
        return None
    area = bytes(data[start : start + _EXTENSION])
    entries = head.metadata
    texts = {"owner": _text(area[2:43]), "tga:job": _text(area[379:420]), "software": _text(area[426:467])}
    texts["comments"] = "\n".join(_text(area[at : at + 81]) for at in range(43, 367, 81)).rstrip("\n")
    month, day, year, hour, minute, second = struct.unpack_from("<6H", area, 367)
    if 1 <= month <= 12 and 1 <= day <= 31 and year <= 9999 and hour <= 23 and minute <= 59 and second <= 59:
        texts["capture_date"] = f"{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}"
    entries.update({key: text for key, text in texts.items() if text})
    version, letter = struct.unpack_from("<HB", area, 467)
    if version:
        entries["tga:software_version"] = f"{version / 100:.2f}{chr(letter) if 33 <= letter < 127 else ''}"
    key = int.from_bytes(area[470:474], "little")
    if key:
        entries["tga:key_color"] = key
    across, down, gamma, over = struct.unpack_from("<4H", area, 474)
    if across and down:
        head.pixel_aspect = likely_aspect(across / down)
    if over and gamma:
        entries["tga:gamma"] = gamma / over
    return area[494]


def pack(image: Image, lines: NDArray[np.uint8], count: int, *, coded: bool, from_top: bool) -> bytes:
    """The header and the id for stored ``lines`` of an image of ``count`` channels."""
    kind = (3 if count <= 2 else 2) + (8 if coded else 0)
    each = lines.shape[2]
    alpha = {2: 8, 4: 8 if each == 4 else 1}.get(count, 0)
    name = image.metadata.get("tga:id")
    words = name.encode("latin-1", errors="replace")[:255] if isinstance(name, str) else b""
    flags = alpha | (32 if from_top else 0)
    return _HEADER.pack(len(words), 0, kind, 0, 0, 0, 0, 0, lines.shape[1], lines.shape[0], 8 * each, flags) + words


def extension(image: Image, start: int, *, alpha: bool) -> bytes:
    """The extension area at byte ``start``, and the footer."""
    entries = image.metadata
    area = bytearray(_EXTENSION)
    struct.pack_into("<H", area, 0, _EXTENSION)
    for at, size, key in ((2, 41, "owner"), (379, 41, "tga:job"), (426, 41, "software")):
        _put_text(area, at, size, entries.get(key, "vfx" if key == "software" else ""))
    comments = entries.get("comments")
    lines = comments.splitlines()[:4] if isinstance(comments, str) else []
    for index, line in enumerate(lines):
        _put_text(area, 43 + 81 * index, 81, line)
    date = _DATE.match(str(entries.get("capture_date", "")))
    if date:
        year, month, day, hour, minute, second = map(int, date.groups())
        struct.pack_into("<6H", area, 367, month, day, year, hour, minute, second)
    version = re.fullmatch(r"(\d{1,3})\.(\d\d)(\S?)", str(entries.get("tga:software_version", "")))
    if version and int(version[1] + version[2]) < 65536:
        struct.pack_into("<HB", area, 467, int(version[1] + version[2]), ord(version[3] or " ") & 127)
    else:
        area[469] = 32
    transparent = entries.get("tga:key_color")
    if isinstance(transparent, int) and 0 <= transparent < 2**32:
        struct.pack_into("<I", area, 470, transparent)
    if image.pixel_aspect != 1.0:
        ratio = Fraction(image.pixel_aspect).limit_denominator(1000)
        struct.pack_into("<2H", area, 474, ratio.numerator, ratio.denominator)
    gamma = entries.get("tga:gamma")
    if isinstance(gamma, (int, float)) and 0 < gamma <= 10:
        struct.pack_into("<2H", area, 478, round(gamma * 1000), 1000)
    kinds = {"unassociated": 3, "unspecified": 2}
    area[494] = kinds.get(str(entries.get("alpha", "")), 4) if alpha else 0
    return bytes(area) + struct.pack("<II", start, 0) + _FOOTER


def _put_text(area: bytearray, at: int, size: int, text: Any) -> None:
    """A text with its final zero, cut to what fits."""
    if isinstance(text, str):
        raw = text.encode("latin-1", errors="replace")[: size - 1]
        area[at : at + len(raw)] = raw
