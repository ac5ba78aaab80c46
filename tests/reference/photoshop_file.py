"""Photoshop files built from the published layout (Adobe Photoshop File Formats Specification, November 2019)."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np


def packed(row: bytes) -> bytes:
    """A row as PackBits: runs where three bytes or more repeat, else literals."""
    out, at = bytearray(), 0
    while at < len(row):
        run = 1
        while run < 128 and at + run < len(row) and row[at + run] == row[at]:
            run += 1
        if run >= 3:
            out += bytes((257 - run, row[at]))
            at += run
            continue
        end = at + 1
        while end < len(row) and end - at < 128 and row[end : end + 3] != row[end : end + 1] * 3:
            end += 1
        out += bytes((end - at - 1,)) + row[at:end]
        at = end
    return bytes(out)


def resource(number: int, content: bytes) -> bytes:
    return b"8BIM" + struct.pack(">H2xI", number, len(content)) + content + b"\0" * (len(content) % 2)


def file_of(
    planes: np.ndarray[Any, Any],
    mode: int,
    *,
    runs: bool = False,
    version: int = 1,
    palette: bytes = b"",
    resources: bytes = b"",
    layers: int | None = None,
    width: int | None = None,
) -> bytes:
    """A Photoshop file of planes (channels, H, W); booleans become 1 bit, with a set bit for black."""
    depth = {"b": 1, "u": 8 * planes.dtype.itemsize, "f": 32}[planes.dtype.kind]
    rows = np.packbits(planes, axis=2) if depth == 1 else planes.astype(planes.dtype.newbyteorder(">"))
    head = struct.pack(">4sH6xH2I2H", b"8BPS", version, len(planes), planes.shape[1], planes.shape[2], depth, mode)
    wide = ">Q" if version == 2 else ">I"
    inside = b"" if layers is None else struct.pack(wide + "h", 2, layers) + b"\0\0"
    parts = [head, struct.pack(">I", len(palette)), palette, struct.pack(">I", len(resources)), resources]
    parts += [struct.pack(wide, len(inside)), inside]
    if runs:
        stored = [packed(row.tobytes()) for plane in rows for row in plane]
        lengths = np.array([len(row) for row in stored], ">u4" if version == 2 else ">u2")
        parts += [b"\0\1", lengths.tobytes(), *stored]
    else:
        parts += [b"\0\0", rows.tobytes()]
    return b"".join(parts)
