"""What moving pixels takes: views of a box, copies of them, and what is put where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import checks, pixelop
from vfx.image import Image
from vfx.ops import _pictures as pictures
from vfx.ops._data import moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.pixelformat import Box

__all__ = ["FARTHEST", "clear_around", "copied", "filling", "move", "overlap", "part"]

#: Windows are 32-bit integers in files, so no picture lies farther out.
FARTHEST = 2**31 - 1
#: Megabytes a millisecond that one thread moves, at most: 3840x2160 RGBA u8 flopped in 2.1 ms.
_RATE = 16.0


def move(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Nothing; ``target`` then holds ``source``, converted where the formats differ.

    Raises
    ------
    TypeError
        If only one of them is unsigned 32-bit data, such as object ids.
    """
    if source.dtype != target.dtype:
        if np.uint32 in (source.dtype, target.dtype):
            raise TypeError("unsigned 32-bit data does not go together with pictures of another format")
        pixelop.convert(source, target)
        return
    from vfx import threads
    from vfx._ext import arrange as kernel

    kernel.move(moved(source), moved(target), threads.for_bytes(source.size * source.itemsize, _RATE))


def copied(img: Image, view: NDArray[Any], **changes: Any) -> Image:
    """A new image like ``img`` with the pixels of ``view``."""
    result = pictures.new_image(img, size=(view.shape[1], view.shape[0]), **changes)
    move(view, result.pixels)
    return result


def filling(img: Image, value: Any) -> NDArray[Any]:
    """``value``, one number or one per channel, as ``img`` stores it: (C,) of its dtype."""
    numbers = [value] if isinstance(value, (int, float, np.number)) else value
    if isinstance(numbers, (str, bytes)) or not isinstance(numbers, (Sequence, np.ndarray)):
        raise TypeError(f"value must be a number or one number per channel, got {value!r}")
    data = img.dtype == np.uint32
    found = [
        checks.integer("value", int(each) if each == 0 else each, low=0, high=2**32 - 1)
        if data
        else checks.number("value", each, finite=False)
        for each in numbers
    ]
    if len(found) not in (1, img.channels):
        raise ValueError(f"value must be one number or {img.channels}, one per channel, got {len(found)}")
    if data:
        return np.full(img.channels, found, np.uint32)
    floats = np.full((1, 1, img.channels), found, np.float32)
    stored = np.empty(floats.shape, img.dtype)
    pixelop.convert(floats, stored)
    colour: NDArray[Any] = stored[0, 0]
    return colour


def overlap(one: Box, other: Box) -> Box | None:
    """The box that two boxes share."""
    x0, y0, x1, y1 = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    return (x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None


def part(pixels: NDArray[Any], window: Box, wanted: Box) -> NDArray[Any]:
    """The view of ``wanted`` (window coordinates) of pixels that lie in ``window``."""
    left, top = window[:2]
    return pixels[wanted[1] - top : wanted[3] - top + 1, wanted[0] - left : wanted[2] - left + 1]


def clear_around(pixels: NDArray[Any], window: Box, kept: Box | None, value: NDArray[Any] | int = 0) -> None:
    """Set everything outside ``kept`` to ``value``."""
    if kept is None:
        pixels[...] = value
        return
    top, bottom, left, right = (kept[1] - window[1], kept[3] - window[1] + 1, kept[0] - window[0],
                                kept[2] - window[0] + 1)  # fmt: skip
    pixels[:top] = value
    pixels[bottom:] = value
    pixels[top:bottom, :left] = value
    pixels[top:bottom, right:] = value
