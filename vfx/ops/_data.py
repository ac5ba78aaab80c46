"""Unsigned 32-bit data, such as object ids, where an operation only moves or compares it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._pictures import as_image

__all__ = ["as_image_or_data", "is_data", "moved"]


def is_data(value: Any) -> bool:
    """Whether this is a picture of unsigned 32-bit data."""
    return isinstance(value, (Image, np.ndarray)) and value.dtype == np.uint32


def as_image_or_data(value: Any, name: str = "img") -> Image:
    """``as_image`` that lets data of 32 bits through.

    Raises
    ------
    TypeError
        If it is not a picture.
    """
    if is_data(value):
        return value if isinstance(value, Image) else Image(value)
    return as_image(value, name)


def moved(pixels: NDArray[Any]) -> NDArray[Any]:
    """The pixels for a kernel that moves them without looking: 32-bit data as the floats of the same bits."""
    return pixels.view(np.float32) if pixels.dtype == np.uint32 else pixels
