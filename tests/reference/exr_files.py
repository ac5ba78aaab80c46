"""EXR files made byte for byte, of kinds that neither OpenImageIO nor the OpenEXR wheel writes.

======================  ==================================================================
``tiled_file(…)``       mipmaps and ripmaps, sizes rounded down and up, uncompressed
``chroma_file(…)``      scanlines with subsampled RY and BY, ZIP
``chroma_planes(…)``    channels for it
======================  ==================================================================
"""

from __future__ import annotations

import itertools
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.io._exr_attributes import Attribute
from vfx.io._exr_header import serialise

__all__ = ["chroma_file", "chroma_planes", "tiled_file"]

Planes = dict[str, NDArray[Any]]


def _sides(size: int, up: bool) -> list[int]:
    """The sizes of a side in every level, halved as OpenEXR does it."""
    found = [size]
    while found[-1] > 1:
        found.append((found[-1] + 1) // 2 if up else found[-1] // 2)
    return found


def tiled_file(width: int, height: int, *, mode: int, up: bool) -> tuple[bytes, dict[tuple[int, int], Any]]:
    """An uncompressed file with levels (mode 1 mipmap, 2 ripmap), and its levels' pixels; corner (-3, 5)."""
    half, single = struct.pack("<iB3x2i", 1, 0, 1, 1), struct.pack("<iB3x2i", 2, 0, 1, 1)
    tile = (8, 5)
    window = struct.pack("<4i", -3, 5, width - 4, height + 4)
    head = serialise(
        {
            "channels": Attribute("chlist", b"G\0" + half + b"R\0" + half + b"Z\0" + single + b"\0"),
            "compression": Attribute("compression", b"\0"),
            "dataWindow": Attribute("box2i", window),
            "displayWindow": Attribute("box2i", struct.pack("<4i", -13, 1, width + 6, height + 20)),
            "lineOrder": Attribute("lineOrder", b"\0"),
            "pixelAspectRatio": Attribute("float", struct.pack("<f", 1)),
            "screenWindowCenter": Attribute("v2f", struct.pack("<2f", 0, 0)),
            "screenWindowWidth": Attribute("float", struct.pack("<f", 1)),
            "tiles": Attribute("tiledesc", struct.pack("<2IB", *tile, mode | up << 4)),
        },
        tiled=True,
    )
    across, down = _sides(width, up), _sides(height, up)
    if mode == 1:
        most = max(len(across), len(down))
        named = [(n, n) for n in range(most)]
        across, down = across + [1] * most, down + [1] * most
    else:
        named = [(x, y) for y in range(len(down)) for x in range(len(across))]
    rng = np.random.default_rng(width)
    levels = {(x, y): rng.random((down[y], across[x], 3)).astype(np.float16) for x, y in named}
    chunks = []
    for (x, y), pixels in levels.items():
        for ty, tx in itertools.product(range(-(-down[y] // tile[1])), range(-(-across[x] // tile[0]))):
            box = pixels[ty * tile[1] : (ty + 1) * tile[1], tx * tile[0] : (tx + 1) * tile[0]]
            lines = b"".join(
                line[:, 1].tobytes() + line[:, 0].tobytes() + line[:, 2].astype("<f4").tobytes() for line in box
            )
            chunks.append(struct.pack("<5i", tx, ty, x, y, len(lines)) + lines)
    start = len(head) + 8 * len(chunks)
    offsets = list(itertools.accumulate(map(len, chunks), initial=start))[:-1]
    return head + np.array(offsets, "<u8").tobytes() + b"".join(chunks), levels


def _zipped(content: bytes) -> bytes:
    """A chunk as ZIP stores it: bytes at even places first, differences plus 128, deflated ("ZIP compression")."""
    split = np.frombuffer(content, np.uint8)
    split = np.concatenate([split[::2], split[1::2]])
    steps = np.diff(split.astype(np.int16), prepend=split[:1].astype(np.int16) - 128) + 128
    steps[0] = split[0]
    packed = zlib.compress((steps & 255).astype(np.uint8).tobytes())
    return packed if len(packed) < len(content) else content


def chroma_file(planes: Planes, sampling: int = 2, **header: Attribute) -> bytes:
    """A file of float32 channels, those named RY and BY subsampled; corner (16, -32)."""
    height, width = next(
        plane.shape for name, plane in planes.items() if name.endswith("Y") and name[-2:] not in ("RY", "BY")
    )
    steps = {name: sampling if name.endswith(("RY", "BY")) else 1 for name in planes}
    names = sorted(planes)
    listed = [f"{name}\0".encode() + struct.pack("<iB3x2i", 2, 0, steps[name], steps[name]) for name in names]
    window = Attribute("box2i", struct.pack("<4i", 16, -32, 16 + width - 1, -32 + height - 1))
    attributes = {
        "channels": Attribute("chlist", b"".join(listed) + b"\0"),
        "compression": Attribute("compression", b"\3"),
        "dataWindow": window,
        "displayWindow": window,
        "lineOrder": Attribute("lineOrder", b"\0"),
        "pixelAspectRatio": Attribute("float", struct.pack("<f", 1)),
        "screenWindowCenter": Attribute("v2f", struct.pack("<2f", 0, 0)),
        "screenWindowWidth": Attribute("float", struct.pack("<f", 1)),
    } | header
    head = serialise(attributes, tiled=False)
    chunks = []
    for top in range(0, height, 16):
        lines = [
            planes[name][y // steps[name]].astype("<f4").tobytes()
            for y in range(top, min(top + 16, height))
            for name in names
            if y % steps[name] == 0
        ]
        packed = _zipped(b"".join(lines))
        chunks.append(struct.pack("<2i", top - 32, len(packed)) + packed)
    start = len(head) + 8 * len(chunks)
    offsets = np.array(list(itertools.accumulate(map(len, chunks), initial=start))[:-1], "<u8")
    return head + offsets.tobytes() + b"".join(chunks)


def chroma_planes(width: int, height: int, sampling: int = 2, strong: float = 0.3) -> Planes:
    """Luminance with edges, chroma with noise, in float32."""
    rng = np.random.default_rng(width + height)
    luminance = rng.random((height, width), np.float32) + 2 * (np.arange(width) % 50 > 25).astype(np.float32)
    size = (height // sampling, width // sampling)
    ry, by = (rng.normal(0, strong, size).astype(np.float32) for _ in range(2))
    ry[: size[0] // 4], by[: size[0] // 4] = 0, 0
    return {"Y": luminance, "RY": ry, "BY": by, "A": rng.random((height, width), np.float32)}
