"""Pixels as the samples of a PNG file, of any depth from 1 to 16 bits.

PNG stores 1, 2, 4, 8 or 16 bits (fewer than 8 only of gray). Samples of other depths are scaled linearly to
the next of these, and the chunk sBIT says how many bits count, so ``round(v * (2**n - 1) / full)`` gives them back.

Source: W3C Portable Network Graphics (PNG) Specification, third edition, 7.2, 11.2.1, 11.3.2.6 and 12.4.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.image import Image
from vfx.io._codes import to_codes
from vfx.io._png_chunks import SIGNATURE, Header, make_chunk

__all__ = ["encode", "stored_codes"]


def _stored_depth(bits: int, channels: int) -> int:
    """The depth that samples of ``bits`` are stored with."""
    return next(depth for depth in ((1, 2, 4, 8, 16) if channels == 1 else (8, 16)) if depth >= bits)


def stored_codes(image: Image, bits: int) -> tuple[NDArray[Any], bytes]:
    """The stored samples (H, W, C) of an image of 1 to 4 channels, and the chunk sBIT where one is needed."""
    depth = _stored_depth(bits, image.channels)
    codes = to_codes(image, bits)
    if depth == bits:
        return codes, b""
    top, full = 2**bits - 1, 2**depth - 1
    scaled = (codes.astype(np.uint32) * np.uint32(2 * full) + np.uint32(top)) // np.uint32(2 * top)
    pixels = np.ascontiguousarray(scaled.astype(np.uint8 if depth <= 8 else np.uint16))
    return pixels, make_chunk(b"sBIT", bytes([bits] * image.channels))


def encode(samples: NDArray[Any], bits: int, level: int) -> memoryview:
    """A PNG file without metadata of stored samples (H, W, C) that come from ``bits``."""
    depth = _stored_depth(bits, samples.shape[2])
    if depth >= 8:
        import imagecodecs

        return memoryview(imagecodecs.png_encode(samples[:, :, 0] if samples.shape[2] == 1 else samples, level=level))
    height, width = samples.shape[:2]
    each = 8 // depth
    padded = np.zeros((height, -(-width // each) * each), np.uint8)
    padded[:, :width] = samples[:, :, 0]
    shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
    packed = np.bitwise_or.reduce(padded.reshape(height, -1, each) << shifts, axis=2)
    rows = np.zeros((height, 1 + packed.shape[1]), np.uint8)  # filter type 0: none, as 12.7 advises for few bits
    rows[:, 1:] = packed
    head = make_chunk(b"IHDR", Header(width, height, depth, 0, False).pack())
    body = make_chunk(b"IDAT", zlib.compress(rows.tobytes(), level))
    return memoryview(SIGNATURE + head + body + make_chunk(b"IEND", b""))
