"""Codes of 8 to 16 bits and the pixels that stand for them: u8, or u16 in which 65535 is the largest code."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from vfx.image import Image

__all__ = ["depth_for", "from_codes", "to_codes"]


def depth_for(image: Image, wanted: int | None, *, known: Any, allowed: Collection[int], otherwise: int) -> int:
    """The bits to write: those wanted, else 8 for u8 images, else those the image came with, else ``otherwise``.

    Raises
    ------
    ValueError
        If the format has no such depth.
    """
    if wanted is not None:
        if wanted not in allowed or isinstance(wanted, bool):
            raise ValueError(f"bit_depth must be one of {', '.join(map(str, sorted(allowed)))}, got {wanted!r}")
        return int(wanted)
    if image.format == "u8":
        return 8
    return int(known) if known in allowed and known != 8 else otherwise


def from_codes(codes: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    """u8 for 8 bits; u16, round(code * 65535 / (2**bits - 1)), for more; full range for fewer, as u8."""
    most = (1 << bits) - 1
    if bits < 8:
        small: np.ndarray[Any, Any] = ((codes.astype(np.uint16) * 255 + most // 2) // most).astype(np.uint8)
        return small
    if bits in (8, 16):
        return np.ascontiguousarray(codes, np.uint8 if bits == 8 else np.uint16)
    table = ((np.arange(most + 1, dtype=np.uint32) * 65535 + most // 2) // most).astype(np.uint16)
    return np.asarray(table[np.minimum(codes, most)])


def to_codes(image: Image, bits: int) -> np.ndarray[Any, Any]:
    """The pixels (H, W, C) as contiguous codes: round(clamp(x) * (2**bits - 1)); u8 for 8 bits, else u16."""
    if bits in (8, 16):
        return np.ascontiguousarray(image.astype(f"u{bits}").pixels)
    most = (1 << bits) - 1
    if image.format == "u16":
        table = ((np.arange(65536, dtype=np.uint32) * most + 32767) // 65535).astype(np.uint16)
        return np.asarray(table[image.pixels])
    unit = np.nan_to_num(image.astype("f32").pixels, nan=0.0, posinf=1.0, neginf=0.0)
    codes: np.ndarray[Any, Any] = np.floor(np.clip(unit, 0.0, 1.0) * np.float32(most) + np.float32(0.5)).astype(
        np.uint16
    )
    return codes
