"""The one fact inside an EXIF block that changes how a picture is shown: its orientation.

The block is a small TIFF file; the orientation is tag 0x0112 of its first directory
(CIPA DC-008-2023, Exif 3.0, 4.6.4)::

    1 upright       2 mirrored left to right    3 turned by half     4 mirrored top to bottom
    5 transposed    6 to be turned clockwise    7 transposed both    8 to be turned counter-clockwise

The block itself is kept as it is: unknown tags and makers' notes survive.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["for_writing", "orientation", "upright"]

_ORIENTATION = 0x0112


def _directory(block: bytes) -> tuple[str, int, int] | None:
    """Byte order, offset of the first entry and number of entries of the first directory; None if damaged."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return None
    start = int(struct.unpack_from(order + "I", block, 4)[0])
    if start + 2 > len(block):
        return None
    count = int(struct.unpack_from(order + "H", block, start)[0])
    return (order, start + 2, count) if start + 6 + 12 * count <= len(block) else None


def _orientation_place(block: bytes) -> tuple[str, int] | None:
    """Byte order and offset of the orientation's value, or None."""
    found = _directory(block)
    if found is None:
        return None
    order, first, count = found
    for entry in range(first, first + 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", block, entry)
        if tag == _ORIENTATION and kind == 3 and number == 1:
            return order, entry + 8
    return None


def orientation(block: bytes) -> int | None:
    """The orientation, 1 to 8; None where the block does not say or is damaged."""
    place = _orientation_place(block)
    if place is None:
        return None
    value = int(struct.unpack_from(place[0] + "H", block, place[1])[0])
    return value if 1 <= value <= 8 else None


def for_writing(entries: Mapping[str, Any]) -> bytes | None:
    """The EXIF block to write for an image's metadata, with its ``orientation``; None for none.

    Parameters
    ----------
    entries : mapping
        ``exif`` (bytes) and ``orientation`` (int) are looked at.
    """
    block = entries.get("exif")
    wanted = entries.get("orientation")
    if not isinstance(block, bytes):
        return None if wanted in (None, 1) else _with_orientation(b"II*\0\x08\0\0\0\0\0\0\0\0\0", wanted)
    place = _orientation_place(block)
    if place is None:
        return block if wanted in (None, 1) else _with_orientation(block, wanted)
    if wanted is None or orientation(block) == wanted:
        return block
    changed = bytearray(block)
    struct.pack_into(place[0] + "H", changed, place[1], wanted)
    return bytes(changed)


def _with_orientation(block: bytes, wanted: int) -> bytes:
    """The block with a first directory that has one entry more, put at its end; other offsets stay right."""
    found = _directory(block)
    if found is None:
        return block
    order, first, count = found
    entries = [block[at : at + 12] for at in range(first, first + 12 * count, 12)]
    entries.append(struct.pack(order + "HHIHH", _ORIENTATION, 3, 1, wanted, 0))
    entries.sort(key=lambda entry: int(struct.unpack_from(order + "H", entry)[0]))
    following = block[first + 12 * count : first + 12 * count + 4]
    padding = b"\0" * (len(block) % 2)
    start = struct.pack(order + "I", len(block) + len(padding))
    return block[:4] + start + block[8:] + padding + struct.pack(order + "H", count + 1) + b"".join(entries) + following


def upright(pixels: np.ndarray[Any, Any], turned: int) -> np.ndarray[Any, Any]:
    """A view of ``pixels`` (H, W, C) as they are meant to be seen."""
    if turned >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if turned in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if turned in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
