"""Cineon files made field by field, of any packing, interleave and orientation: slow and plain."""

from __future__ import annotations

import struct

import numpy as np

CELLS = {1: 8, 2: 8, 3: 16, 4: 16, 5: 32, 6: 32}


def cells_of(codes: list[int], bits: int, packing: int, order: str) -> bytes:
    """The codes of a line as bytes: each cell has one code, or as many as fit, justified as the packing says."""
    cell = CELLS[packing & 0x7F]
    count = cell // bits if packing & 0x80 or (cell, bits) == (32, 10) else 1
    out = b""
    for at in range(0, len(codes), count):
        group = codes[at : at + count]
        group = group + [0] * (count - len(group))
        text = "".join(f"{code:0{bits}b}" for code in group)
        text = text.ljust(cell, "0") if packing % 2 else text.rjust(cell, "0")
        out += int(text, 2).to_bytes(cell // 8, "big" if order == ">" else "little")
    return out


def file_of(
    codes: np.ndarray,
    *,
    bits: int = 10,
    packing: int = 5,
    order: str = ">",
    interleave: int = 0,
    orientation: int = 0,
    line_padding: int = 0,
    channel_padding: int = 0,
    header: int = 2048,
    designators: tuple[int, ...] | None = None,
) -> bytes:
    """A file of ``codes`` (H, W, C)."""
    height, width, count = codes.shape
    head = bytearray(b"\xff" * header)
    head[0:4] = bytes.fromhex("802a5fd7" if order == ">" else "d75f2a80")
    struct.pack_into(f"{order}5I", head, 4, header, 1024, header - 1024, 0, 0)
    for start, end in ((24, 192), (452, 680), (720, 972)):
        head[start:end] = bytes(end - start)
    head[192:194] = bytes([orientation, count])
    for index in range(count):
        designator = designators[index] if designators else (0 if count == 1 else index + 1)
        struct.pack_into(f"{order}4BII", head, 196 + 28 * index, 0, designator, bits, 0xFF, width, height)
    struct.pack_into(f"{order}4BII", head, 680, interleave, packing, 0, 0, line_padding, channel_padding)
    gap = bytes(line_padding)
    if interleave == 0:
        pixels = b"".join(cells_of(row, bits, packing, order) + gap for row in codes.reshape(height, -1).tolist())
    else:
        planes = [[cells_of(row, bits, packing, order) + gap for row in codes[:, :, c].tolist()] for c in range(count)]
        if interleave == 1:
            pixels = b"".join(planes[c][y] for y in range(height) for c in range(count))
        else:
            pixels = bytes(channel_padding).join(b"".join(plane) for plane in planes)
    return bytes(head) + pixels
