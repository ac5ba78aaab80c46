"""Windows bitmaps of every kind by hand: our writer makes three of them only."""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["GRAYS", "bitmap"]

#: A palette of sixteen grays.
GRAYS = bytes(value for code in range(16) for value in (code, code, code, 0))


def bitmap(size: tuple[int, int], bits: int, body: bytes, **fields: Any) -> bytes:
    """A bitmap: ``kind`` of compression, ``masks``, ``palette``, ``used`` colours, ``density``, ``rest`` of a head."""
    masks, palette, rest = fields.get("masks", b""), fields.get("palette", b""), fields.get("rest", b"")
    kind, used = fields.get("kind", 0), fields.get("used", 0)
    info = struct.pack("<IiiHHIIiiII", 40 + len(rest), *size, 1, bits, kind, 0, *fields.get("density", (0, 0)), used, 0)
    head = info + rest + masks + palette
    return struct.pack("<2sIHHI", b"BM", 0, 0, 0, 14 + len(head)) + head + body
