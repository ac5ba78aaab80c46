"""What a pixel array holds, for the DPX kernels: native codes or values, and the tables between them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CODES8", "CODES16", "KINDS", "NATIVE", "UNIT_FLOAT", "decoding_table", "encoding_table"]

CODES8, CODES16, _UNIT8, _UNIT16, _UNIT_HALF, UNIT_FLOAT = range(6)
#: Pixel format → the kernel's kind.
KINDS = {"u8": _UNIT8, "u16": _UNIT16, "f16": _UNIT_HALF, "f32": UNIT_FLOAT}
#: Bits of a sample → the pixel format it reads as.
NATIVE = {1: "u8", 8: "u8", 10: "f32", 12: "f32", 16: "u16", 32: "f32", 64: "f32"}


def decoding_table(kind: int, bits: int) -> NDArray[Any] | None:
    """The half-precision number, as its bits, of each code; None for kinds that need no table."""
    return _half_of_code(bits) if kind == _UNIT_HALF else None


def encoding_table(kind: int, bits: int) -> NDArray[Any] | None:
    """The code of each byte or half; None for kinds that need no table."""
    if kind == _UNIT8:
        return _code_of_byte(bits)
    return _code_of_half(bits) if kind == _UNIT_HALF else None


@functools.cache
def _half_of_code(bits: int) -> NDArray[np.uint16]:
    """The half-precision number, as its bits, of each code."""
    full = 2**bits - 1
    table: NDArray[np.uint16] = (np.arange(full + 1) / full).astype(np.float16).view(np.uint16)
    return table


@functools.cache
def _code_of_half(bits: int) -> NDArray[np.uint16]:
    """The code of each half-precision bit pattern."""
    values = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    clamped = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)
    table: NDArray[np.uint16] = np.floor(clamped * (2**bits - 1) + 0.5).astype(np.uint16)
    return table


@functools.cache
def _code_of_byte(bits: int) -> NDArray[np.uint16]:
    """The code of each byte."""
    table: NDArray[np.uint16] = np.floor(np.arange(256) * (2**bits - 1) / 255 + 0.5).astype(np.uint16)
    return table
