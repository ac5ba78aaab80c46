"""Where each format keeps its lengths, counts and offsets, and how its checksums are mended after damage.

Layouts: "OpenEXR File Layout"; SMPTE ST 268:2003, 5; PNG (third edition), 5.3; ITU-T T.81, B.1; TIFF 6.0, 2.
"""

from __future__ import annotations

import struct
import zlib

__all__ = ["cineon", "dpx", "exr", "jpeg", "mended_png", "png", "tiff"]

Found = list[tuple[int, int, str]]


def exr(content: bytes) -> Found:
    """Attribute sizes, the numbers in the attributes that say how large the picture is, and chunk offsets and sizes."""
    found: Found = [(4, 4, "little")]
    at = 8
    while at < len(content) and content[at]:
        for _ in range(2):
            at = content.index(b"\0", at) + 1
        size = int.from_bytes(content[at : at + 4], "little")
        found.append((at, 4, "little"))
        if size <= 64:
            found += [(at + 4 + step, min(4, size - step), "little") for step in range(0, size, 4)]
        at += 4 + size
    table = at + 1
    found += [(table + step, 8, "little") for step in range(0, 64, 8)]
    for step in range(0, 64, 8):
        chunk = int.from_bytes(content[table + step : table + step + 8], "little")
        if chunk < len(content):
            found += [(chunk + place, 4, "little") for place in (0, 4, 8, 12, 16)]
    return found


def dpx(content: bytes) -> Found:
    """The offsets, sizes and codes of the generic header, and of its first two elements."""
    order = "big" if content[:1] == b"S" else "little"
    found: Found = [(at, 4, order) for at in (4, 16, 20, 24, 28, 32, 660, 772, 776, 1408, 1412, 1424, 1428)]
    found += [(768, 2, order), (770, 2, order)]
    for element in (780, 852):
        found += [(element + at, 4, order) for at in (0, 4, 12, 28, 32, 36)]
        found += [(element + at, 2, order) for at in (24, 26)]
        found += [(element + at, 1, order) for at in (20, 21, 22, 23)]
    return found


def cineon(content: bytes) -> Found:
    """The offsets, sizes and codes of the generic header, and of its first channels."""
    order = "big" if content[:1] == b"\x80" else "little"
    found: Found = [(at, 4, order) for at in (4, 8, 12, 16, 20, 684, 688, 712, 716, 972, 976)]
    found += [(at, 1, order) for at in (192, 193, 680, 681, 682, 683)]
    for channel in (196, 224, 252):
        found += [(channel + at, 4, order) for at in (4, 8, 16, 20)]
        found += [(channel + at, 1, order) for at in (0, 1, 2)]
    return found


def png(content: bytes) -> Found:
    """Chunk lengths and the fields of IHDR."""
    found: Found = [(16, 4, "big"), (20, 4, "big"), *((at, 1, "big") for at in range(24, 29))]
    at = 8
    while at + 12 <= len(content):
        found.append((at, 4, "big"))
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return found


def mended_png(content: bytes) -> bytes:
    """The file with right checksums, so that damage reaches what is behind them."""
    parts, at = [content[:8]], 8
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        body = content[at + 4 : at + 8 + length]
        parts += [content[at : at + 4], body, struct.pack(">I", zlib.crc32(body))]
        at += 12 + length
    return b"".join(parts)


def jpeg(content: bytes) -> Found:
    """Segment lengths, and the bytes of frame and scan headers."""
    found: Found = []
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        found.append((at + 2, 2, "big"))
        if 0xC0 <= marker <= 0xCF or marker in (0xDA, 0xDD):
            found += [(at + 4 + step, 1, "big") for step in range(min(length, 20))]
        if marker == 0xDA:
            break
        at += 2 + length
    return found


def tiff(content: bytes) -> Found:
    """The first directory's offset, and the type, count and value of its tags."""
    order = "little" if content[:1] == b"I" else "big"
    big = content[2:4] in (b"+\0", b"\0+")
    offset, count, entry, word = (8, 8, 20, 8) if big else (4, 2, 12, 4)
    start = int.from_bytes(content[offset : offset + word], order)  # type: ignore[arg-type]
    tags = int.from_bytes(content[start : start + count], order)  # type: ignore[arg-type]
    found: Found = [(offset, word, order), (start, count, order)]
    for number in range(min(tags, 40)):
        at = start + count + number * entry
        found += [(at, 2, order), (at + 2, 2, order), (at + 4, word, order), (at + 4 + word, word, order)]
        found.append((at + 4 + word, 2, order))
    return found
