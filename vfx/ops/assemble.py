"""Pictures put together: pasted into another, side by side, repeated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import checks
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops import _moves as moves
from vfx.ops import _pictures as pictures
from vfx.ops._data import as_image_or_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mosaic", "paste", "tile"]


def _position(at: object) -> tuple[int, int]:
    """Column and row from two whole numbers."""
    if isinstance(at, (str, bytes)) or not isinstance(at, (Sequence, np.ndarray)) or len(at) != 2:
        raise TypeError(f"at must be two whole numbers (x, y), got {at!r}")
    x, y = (checks.integer("at", each, low=-moves.FARTHEST, high=moves.FARTHEST) for each in at)
    return x, y


def paste(img: Image | NDArray[Any], other: Image | NDArray[Any], at: Sequence[int] | None = None) -> Image:
    """New: ``img`` with the pixels of ``other`` in the place of its own, whatever their alpha.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture to paste into; windows and format are kept, what sticks out is cut off.
    other : Image or numpy.ndarray, (H, W) or (H, W, C)
        What to paste. Channels go to those of the same name; it may have fewer than ``img``, whose others stay.
    at : (x, y), optional
        Where its top left pixel comes to lie, in the coordinates of the windows. By default where its data window
        says.

    Raises
    ------
    ChannelError
        If ``other`` has a channel that ``img`` lacks.
    TypeError
        If ``at`` is not two whole numbers.

    Examples
    --------
    >>> paste(np.zeros((2, 3), np.uint8), np.array([[7, 8]], np.uint8), (2, 1)).numpy().tolist()
    [[0, 0, 0], [0, 0, 7]]
    """
    img, other = as_image_or_data(img), as_image_or_data(other, "other")
    names = img.channel_names
    strange = [name for name in other.channel_names if name not in names]
    if strange:
        raise ChannelError(f"other has {', '.join(strange)}, which the image has not; it has {', '.join(names)}")
    x, y = other.data_window[:2] if at is None else _position(at)
    window = (x, y, x + other.width - 1, y + other.height - 1)
    result = moves.copied(img, img.pixels)
    shared = moves.overlap(window, img.data_window)
    if shared:
        source, target = moves.part(other.pixels, window, shared), moves.part(result.pixels, img.data_window, shared)
        for channel, place in enumerate(names.index(name) for name in other.channel_names):
            moves.move(source[:, :, channel : channel + 1], target[:, :, place : place + 1])
    return result


def mosaic(
    images: Iterable[Image | NDArray[Any]],
    columns: int | None = None,
    *,
    gap: int = 0,
    value: float | Sequence[float] = 0.0,
) -> Image:
    """A new image: pictures side by side in rows, left to right and top to bottom.

    Parameters
    ----------
    images : iterable of Image or numpy.ndarray
        At least one. Each shows its display window; all cells are as large as the largest, smaller pictures lie in
        their top left corner.
    columns : int, optional
        Cells in a row; by default as many as make the mosaic about square.
    gap : int, optional
        Pixels between cells.
    value : float or one per channel, optional
        What shows between and beside the pictures.

    Returns
    -------
    Image
        Format, channels and metadata are those of the first picture. Channels go by name, a lone Y to R, G and B;
        where a picture lacks one, it is 0, its alpha 1.

    Raises
    ------
    TypeError, ValueError
        If there is no picture, or a number is not whole or too small.

    Examples
    --------
    >>> parts = [np.full((1, 2), number, np.uint8) for number in (1, 2, 3)]
    >>> mosaic(parts, columns=2).numpy().tolist()
    [[1, 1, 2, 2], [3, 3, 0, 0]]
    """
    if isinstance(images, (Image, np.ndarray)):
        raise TypeError("mosaic takes several pictures, such as a list of them, not one")
    shown = [as_image_or_data(image, "a picture") for image in images]
    if not shown:
        raise ValueError("mosaic takes at least one picture, got none")
    count = min(math.ceil(math.sqrt(len(shown))), len(shown))
    columns = count if columns is None else checks.integer("columns", columns, low=1)
    columns = min(columns, len(shown))
    gap = checks.integer("gap", gap, low=0, high=moves.FARTHEST)
    first, rows = shown[0], -(-len(shown) // columns)
    sizes = [(box[2] - box[0] + 1, box[3] - box[1] + 1) for box in (image.display_window for image in shown)]
    width, height = max(size[0] for size in sizes), max(size[1] for size in sizes)
    size = (columns * (width + gap) - gap, rows * (height + gap) - gap)
    own = (0, 0, size[0] - 1, size[1] - 1)
    result = pictures.new_image(first, size=size, data_window=own, display_window=own)
    result.pixels[...] = moves.filling(first, value)
    for index, (image, (w, h)) in enumerate(zip(shown, sizes, strict=True)):
        left, top = index % columns * (width + gap), index // columns * (height + gap)
        _show(image, result, result.pixels[top : top + h, left : left + w])
    return result


def _show(image: Image, like: Image, cell: NDArray[Any]) -> None:
    """Nothing; ``cell`` then shows the display window of ``image`` in the channels of ``like``."""
    display = image.display_window
    cell[...] = 0
    shared = moves.overlap(image.data_window, display)
    if not shared:
        return
    names, colours = image.channel_names, ("R", "G", "B")
    source, target = moves.part(image.pixels, image.data_window, shared), moves.part(cell, display, shared)
    if like.channel_names == names:
        moves.move(source, target)
        return
    for place, name in enumerate(like.channel_names):
        found = name if name in names else "Y" if name in colours and "Y" in names else None
        if found:
            channel = names.index(found)
            moves.move(source[:, :, channel : channel + 1], target[:, :, place : place + 1])
        elif name == "A":
            target[:, :, place] = moves.filling(like, 1.0)[0]


def tile(img: Image | NDArray[Any], nx: int = 2, ny: int = 2) -> Image:
    """New: the picture repeated, ``nx`` times across and ``ny`` times down.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture. The result starts at the corner of its data window and is a frame of its own.
    nx, ny : int, optional
        How often.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole, or below 1.

    Examples
    --------
    >>> tile(np.array([[1, 2]], np.uint8), 2, 2).numpy().tolist()
    [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    img = as_image_or_data(img)
    nx = checks.integer("nx", nx, low=1, high=moves.FARTHEST)
    ny = checks.integer("ny", ny, low=1, high=moves.FARTHEST)
    width, height = nx * img.width, ny * img.height
    x, y = img.data_window[:2]
    window = (x, y, x + width - 1, y + height - 1)
    result = pictures.new_image(img, size=(width, height), data_window=window, display_window=window)
    for row in range(ny):
        for column in range(nx):
            left, top = column * img.width, row * img.height
            moves.move(img.pixels, result.pixels[top : top + img.height, left : left + img.width])
    return result
