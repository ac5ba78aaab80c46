"""Contact sheets: many pictures on one, in rows, with labels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks, pixelop
from vfx.image import Image
from vfx.ops._drawn_layers import Layer, drawn, light_of, text_layer
from vfx.ops._lettering import Block, font_of, shortened
from vfx.ops._pictures import alpha_index, as_image, colour_indices
from vfx.ops.filters import Filter
from vfx.ops.resize import fit

__all__ = ["contact_sheet"]

#: Pixel formats from the narrowest to the widest.
_WIDTHS = ("u8", "u16", "f16", "f32")
_MOST = 4096


def contact_sheet(
    images: Iterable[Image | NDArray[Any]],
    columns: int | None = None,
    *,
    tile: tuple[int, int] | None = None,
    labels: Sequence[str] | None = None,
    title: str | None = None,
    gap: int | None = None,
    background: float | Sequence[float] = 0.02,
    color: float | Sequence[float] = 0.6,
    size: float | None = None,
    font: str | os.PathLike[str] | None = None,
    filter: str | Filter = "triangle",
) -> Image:
    """New: the pictures in rows, each scaled into a tile, with labels below.

    A picture is shown as its display window, with square pixels, whole and in the middle of its tile; R, G, B are
    shown, or Y or the first channel as grey, and where there is alpha the background shines through. Values are taken
    as they are: give pictures of one encoding.

    Parameters
    ----------
    images : iterable of Image or numpy.ndarray
        At most 4096. Sizes, formats and channels may differ.
    columns : int, optional
        Tiles in a row; without it, as many as there are rows.
    tile : (width, height), optional
        Of a tile in pixels; without it, the first picture's proportions, 480 wide.
    labels : sequence of str, optional
        One for each picture. What is too long for its tile loses its middle.
    title : str, optional
        A heading.
    gap : int, optional
        Pixels between the tiles and around them; a fortieth of the tile's width without it.
    background, color : float or three floats, optional
        Of the sheet and of the letters, in the values of the pictures.
    size : float, optional
        Of the letters in pixels; an eighteenth of the tile's height, at least 9, without it.
    font : path, optional
        A TrueType or OpenType file; Pillow's own font without it.
    filter : str or Filter, optional
        See ``vfx.ops.filters``; one without negative lobes leaves no dark specks around bright lights.

    Returns
    -------
    Image
        RGB, of the widest format among the pictures, with the first one's metadata and colour space.

    Raises
    ------
    ValueError
        If there is no picture, the labels are not as many, the sheet would be too large, or the font lacks a letter.

    Examples
    --------
    >>> import numpy as np
    >>> takes = [np.full((54, 96, 3), value, np.float32) for value in (0.1, 0.2, 0.4)]
    >>> contact_sheet(takes, 3, tile=(96, 54), gap=4)
    <Image 304x62 RGB f32>
    """
    pictures = [as_image(img, f"images[{index}]") for index, img in enumerate(_listed(images))]
    if not 1 <= len(pictures) <= _MOST:
        raise ValueError(f"a contact sheet takes 1 to {_MOST} pictures, got {len(pictures)}")
    names = _labels(labels, len(pictures))
    width, height = _tile(tile, pictures[0])
    across = ceil(sqrt(len(pictures))) if columns is None else checks.integer("columns", columns, low=1, high=_MOST)
    down = ceil(len(pictures) / across)
    gap = max(2, width // 40) if gap is None else checks.integer("gap", gap, low=0, high=8192)
    letters = max(9.0, height / 18) if size is None else checks.number("size", size, low=4.0, high=1024.0)
    band = ceil(1.7 * letters) if names else 0
    top = gap + (ceil(2.2 * letters) if title else 0)
    whole = (gap + across * (width + gap), top + down * (height + band + gap))
    if whole[0] * whole[1] > 1 << 28:
        raise ValueError(f"a contact sheet of {whole[0]} x {whole[1]} is too large; give a smaller tile")
    ground, ink = light_of("background", background, None), light_of("color", color, None)
    sheet = np.empty((whole[1], whole[0], 3), np.float32)
    sheet[...] = ground
    typeface, layers = font_of(font, letters), list[Layer]()
    if title:
        large = font_of(font, 1.25 * letters)
        heading = Block(shortened(str(title), large, whole[0] - 2 * gap), large)
        layers.append(text_layer(heading, (gap, 0.55 * gap + 0.2 * letters), ink, ground))
    for index, img in enumerate(pictures):
        x, y = gap + index % across * (width + gap), top + index // across * (height + band + gap)
        _lay(sheet[y : y + height, x : x + width], img, ground, filter)
        if names:
            block = Block(shortened(names[index], typeface, width), typeface)
            layers.append(text_layer(block, (x, y + height + 0.2 * letters), ink, ground))
    whole_sheet = drawn(Image(sheet), layers, 1.0, None)
    fmt = max((img.format for img in pictures), key=_WIDTHS.index)
    result = whole_sheet if fmt == "f32" else whole_sheet.astype(fmt)
    result.metadata.update(pictures[0].metadata)
    result.colorspace = pictures[0].colorspace
    return result


def _listed(images: object) -> list[Any]:
    """The pictures as a list."""
    if isinstance(images, (Image, np.ndarray, str, bytes)) or not isinstance(images, Iterable):
        raise TypeError(f"images must be a list of pictures, got {type(images).__name__}")
    return list(images)


def _labels(labels: Sequence[str] | None, count: int) -> list[str]:
    """One line for each picture, or none at all."""
    if labels is None:
        return []
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise TypeError(f"labels must be a list of texts, got {labels!r}")
    if len(labels) != count:
        raise ValueError(f"labels must be as many as the pictures, got {len(labels)} for {count}")
    return [" ".join(str(label).split()) for label in labels]


def _tile(tile: object, first: Image) -> tuple[int, int]:
    """(width, height) of a tile, checked."""
    if tile is None:
        x0, y0, x1, y1 = first.display_window
        shown = (x1 - x0 + 1) * (first.pixel_aspect or 1.0) / (y1 - y0 + 1)
        return 480, min(max(round(480 / shown), 16), 4096)
    if isinstance(tile, (str, bytes)) or not isinstance(tile, Sequence) or len(tile) != 2:
        raise TypeError(f"tile must be (width, height), got {tile!r}")
    width, height = (checks.integer(f"tile[{index}]", tile[index], low=8, high=8192) for index in (0, 1))
    return width, height


def _lay(place: NDArray[np.float32], img: Image, ground: NDArray[np.float32], filter: str | Filter) -> None:
    """Nothing; the tile ``place`` then shows the picture."""
    shown, alpha = list(colour_indices(img)) or [0], alpha_index(img)
    picked = [*shown, *([alpha] if alpha >= 0 and alpha not in shown else [])]
    if picked != list(range(img.channels)):
        img = img.select([img.channel_names[index] for index in picked])
    small = fit(
        img if img.data_window == img.display_window else img.to_display_window(),
        place.shape[1],
        place.shape[0],
        pixel_aspect=1.0,
        pad=False,
        filter=filter,
    )
    pixels = np.empty(small.pixels.shape, np.float32)
    pixelop.convert(small.pixels, pixels)
    x0, y0, x1, y1 = small.data_window
    target = place[y0 - small.display_window[1] : y1 + 1, x0 - small.display_window[0] : x1 + 1]
    light = pixels[..., : len(shown)]
    target[...] = light if len(picked) == len(shown) else light + ground * (1.0 - pixels[..., -1:])
