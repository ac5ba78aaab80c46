"""Boxes: the containers of AVIF, JPEG XL and JPEG 2000 files (ISO/IEC 14496-12, 4.2).

A box is its length (32 bits, counting itself), its type (four letters) and its content. Length 1 says
that 64 bits follow the type, length 0 that the box lasts to the end of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from vfx.errors import FormatError

__all__ = ["Box", "boxes", "first", "make_box"]

#: More boxes than this in one container are an attack.
_MOST = 100_000


class Box(NamedTuple):
    """One box: its type, its content, and where the content begins in the file."""

    kind: bytes
    content: memoryview
    offset: int


def boxes(data: memoryview, label: str, offset: int = 0) -> Iterator[Box]:
    """The boxes that fill ``data``, which begins at ``offset`` of the file.

    Raises
    ------
    FormatError
        If a box is longer than what it lies in.
    """
    at = 0
    for _ in range(_MOST):
        if at == len(data):
            return
        if at + 8 > len(data):
            raise FormatError("the file ends inside a box", path=label, offset=offset + at)
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif length == 0:
            length = len(data) - at
        if length < head or at + length > len(data):
            raise FormatError(f"box {kind!r} of {length} bytes does not fit", path=label, offset=offset + at)
        yield Box(kind, data[at + head : at + length], offset + at + head)
        at += length
    raise FormatError("more boxes than any picture has", path=label, offset=offset)


def first(found: list[Box], kind: bytes) -> Box | None:
    """The first box of a type."""
    return next((box for box in found if box.kind == kind), None)


def make_box(kind: bytes, *content: bytes | memoryview) -> bytes:
    """A box of this type and content."""
    body = b"".join(content)
    if len(body) + 8 >= 1 << 32:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body
