"""Drawings over pictures: coverage and colour, mixed in linear light into a copy of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import _late, checks, pixelop
from vfx.image import Image
from vfx.ops._lettering import Block
from vfx.ops._pictures import alpha_index, colour_indices
from vfx.ops._scope_drawing import luma_weights

__all__ = ["Layer", "box_layer", "drawn", "light_of", "text_layer"]

Floats = NDArray[np.float32]

#: Rows that are mixed at once.
_BAND = 64


@dataclass(frozen=True)
class Layer:
    """A drawing: where its first pixel lies, its premultiplied colour (h, w, 3), how much it covers (h, w)."""

    x: int
    y: int
    colour: Floats
    cover: Floats


def light_of(name: str, value: float | Sequence[float], curve: str | None) -> Floats:
    """A colour as three float32, in linear light where the picture has a curve."""
    colour = np.array(checks.triple(name, value), np.float32)
    return colour if curve is None else np.asarray(_late.function("curve_decode")(colour, curve), np.float32)


def text_layer(block: Block, corner: tuple[float, float], colour: Floats, shade: Floats) -> Layer:
    """Letters over their outline."""
    x, y, letters, around = block.coverage(*corner)
    rest = np.maximum(around - letters, 0.0) if block.outline else np.zeros_like(letters)
    light = np.asarray(letters[..., None] * colour + rest[..., None] * shade, np.float32)
    return Layer(x, y, light, np.asarray(letters + rest, np.float32))


def box_layer(
    area: tuple[float, float, float, float],
    line: float | None,
    colour: Floats,
    opacity: float,
    window: tuple[int, int, int, int] | None = None,
) -> Layer:
    """A box, or a line inside its edge; only what may lie in ``window``."""
    x, y, width, height = area
    left, top = int(np.floor(x)), int(np.floor(y))
    right, bottom = int(np.ceil(x + width)), int(np.ceil(y + height))
    if window is not None:
        left, top = max(left, window[0]), max(top, window[1])
        right, bottom = min(right, window[2] + 1), min(bottom, window[3] + 1)
    columns, rows = np.arange(left, max(right, left)), np.arange(top, max(bottom, top))

    def covered(inset: float) -> NDArray[np.float64]:
        across, down = (
            np.clip(np.minimum(cells + 1, start + length - inset) - np.maximum(cells, start + inset), 0.0, 1.0)
            for cells, start, length in ((columns, x, width), (rows, y, height))
        )
        return np.asarray(down[:, None] * across[None, :])

    share = covered(0.0) - (covered(line) if line is not None else 0.0)
    cover = np.asarray(share * opacity, np.float32)
    return Layer(left, top, np.asarray(cover[..., None] * colour, np.float32), cover)


def drawn(img: Image, layers: Sequence[Layer], opacity: float, curve: str | None) -> Image:
    """A copy of the picture with the layers over it, one after the other."""
    result = img.copy()
    for layer in layers:
        height, width = layer.cover.shape
        left, top = layer.x - img.data_window[0], layer.y - img.data_window[1]
        first, last = max(left, 0), min(left + width, img.width)
        for start in range(max(top, 0), min(top + height, img.height), _BAND):
            stop = min(start + _BAND, top + height, img.height)
            if first < last:
                part = (slice(start - top, stop - top), slice(first - left, last - left))
                target = result.pixels[start:stop, first:last]
                _mix(result, target, (layer.colour[part] * opacity, layer.cover[part] * opacity), curve)
    return result


def _mix(img: Image, target: NDArray[Any], layer: tuple[Floats, Floats], curve: str | None) -> None:
    """Nothing; the part ``target`` of the picture's pixels then has a part of a layer over it."""
    colour, cover = layer
    touched = cover > 0
    if not touched.any():
        return
    before = np.empty(target.shape, np.float32)
    pixelop.convert(target, before, threads=1)
    channels, alpha = colour_indices(img), alpha_index(img)
    light = colour if len(channels) == 3 else (colour @ np.array(luma_weights("rec709"), np.float32))[..., None]
    written = list(channels) or [index for index in range(img.channels) if index != alpha]
    below = before[..., written]
    if curve is not None:
        below = np.asarray(_late.function("curve_decode")(below, curve), np.float32)
    free = 1.0 - cover[..., None]
    mixed = np.where(free > 0, below * free, 0) + light  # what is covered in full does not shine through: NaN neither
    if curve is not None:
        mixed = np.asarray(_late.function("curve_encode")(mixed, curve), np.float32)
    after = before.copy()
    after[..., written] = mixed
    if alpha >= 0:
        after[..., alpha] = before[..., alpha] * free[..., 0] + cover
    rounded = np.empty(target.shape, target.dtype)
    pixelop.convert(after, rounded, threads=1)
    np.copyto(target, rounded, where=touched[..., None])
