"""Pictures mirrored, turned, cut and padded: pixels move, none changes.

Coordinates are those of the windows: y points down, the display window says where (0, 0) of the frame lies. What is
mirrored or turned keeps its place in the frame, because the data window is mirrored and turned with it; what is cropped
or padded stays where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import checks
from vfx.image import Image
from vfx.ops import _moves as moves
from vfx.ops import _pictures as pictures
from vfx.ops._data import as_image_or_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.pixelformat import Box

__all__ = [
    "circular_shift",
    "crop",
    "flip",
    "flop",
    "offset",
    "pad",
    "rotate90",
    "transpose",
]


def _mirrored(window: Box, about: Box, axis: int) -> Box:
    """``window`` mirrored left to right (axis 0) or top to bottom (axis 1) within ``about``."""
    found = list(window)
    total = about[axis] + about[axis + 2]
    found[axis], found[axis + 2] = total - window[axis + 2], total - window[axis]
    return found[0], found[1], found[2], found[3]


def flip(img: Image | NDArray[Any], direction: str = "vertical") -> Image:
    """New: the picture mirrored within its display window.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    direction : str, optional
        ``"vertical"``: top and bottom change places (OpenImageIO's ``flip``); ``"horizontal"``: left and right
        (``flop``).

    Raises
    ------
    ValueError
        If ``direction`` is neither.

    Examples
    --------
    >>> flip(np.array([[1, 2], [3, 4]], np.uint8)).numpy().tolist()
    [[3, 4], [1, 2]]
    """
    img = as_image_or_data(img)
    upright = checks.one_of("direction", direction, ("horizontal", "vertical")) == "vertical"
    view = img.pixels[::-1] if upright else img.pixels[:, ::-1]
    window = _mirrored(img.data_window, img.display_window, int(upright))
    return moves.copied(img, view, data_window=window, display_window=img.display_window)


def flop(img: Image | NDArray[Any]) -> Image:
    """New: the picture mirrored left to right within its display window.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.

    Examples
    --------
    >>> flop(np.array([[1, 2], [3, 4]], np.uint8)).numpy().tolist()
    [[2, 1], [4, 3]]
    """
    return flip(img, "horizontal")


def _swapped(window: Box) -> Box:
    """The window with x and y exchanged."""
    return window[1], window[0], window[3], window[2]


def transpose(img: Image | NDArray[Any]) -> Image:
    """New: rows become columns; pixel (x, y) comes to (y, x), in both windows too.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture. Its pixel aspect becomes 1 / aspect.

    Examples
    --------
    >>> transpose(np.array([[1, 2, 3]], np.uint8)).numpy().tolist()
    [[1], [2], [3]]
    """
    img = as_image_or_data(img)
    return moves.copied(
        img,
        img.pixels.transpose(1, 0, 2),
        data_window=_swapped(img.data_window),
        display_window=_swapped(img.display_window),
        pixel_aspect=1.0 / img.pixel_aspect,
    )


def rotate90(img: Image | NDArray[Any], times: int = 1) -> Image:
    """New: the picture turned counter-clockwise by quarter turns, without resampling.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture. An odd number of turns makes the pixel aspect 1 / aspect.
    times : int, optional
        Quarter turns; negative ones turn clockwise.

    Raises
    ------
    TypeError
        If ``times`` is no whole number.

    Notes
    -----
    The display window turns with the picture: its width and height change places, and so do the x and y of its corner
    (OpenImageIO does the same; its ``rotate90`` is ``times=-1``). Four turns are the picture itself.

    Examples
    --------
    >>> rotate90(np.array([[1, 2], [3, 4]], np.uint8)).numpy().tolist()
    [[2, 4], [1, 3]]
    """
    img = as_image_or_data(img)
    times = checks.integer("times", times) % 4
    data, display, aspect = img.data_window, img.display_window, img.pixel_aspect
    for _ in range(times):
        data, display, aspect = _swapped(data), _swapped(display), 1.0 / aspect
        data = _mirrored(data, display, 1)
    view = np.rot90(img.pixels, times)
    return moves.copied(img, view, data_window=data, display_window=display, pixel_aspect=aspect)


def crop(img: Image | NDArray[Any], x: int, y: int, width: int, height: int, *, reformat: bool = False) -> Image:
    """New: the pixels of a box, which stay where they were; black where the box has none.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    x, y : int
        The box's top left pixel, in the coordinates of the windows: (0, 0) is the frame's corner, whatever the data
        window is. Of an array, row ``y`` and column ``x``.
    width, height : int
        Its size in pixels.
    reformat : bool, optional
        False: the box is the new data window, the display window stays (Nuke's Crop, OpenImageIO's ``crop``).
        True: the box becomes a frame of its own, at the origin (Nuke's Crop with reformat, OpenImageIO's ``cut``).

    Raises
    ------
    TypeError, ValueError
        If a number is not whole, or the size is below 1.

    Examples
    --------
    >>> part = crop(np.zeros((1080, 1920, 4), np.float32), 100, 50, 640, 480)
    >>> part.shape, part.data_window, part.display_window
    ((480, 640, 4), (100, 50, 739, 529), (0, 0, 1919, 1079))
    """
    img = as_image_or_data(img)
    x, y = (checks.integer(name, at, low=-moves.FARTHEST, high=moves.FARTHEST) for name, at in (("x", x), ("y", y)))
    width = checks.integer("width", width, low=1, high=moves.FARTHEST - max(x, 0))
    height = checks.integer("height", height, low=1, high=moves.FARTHEST - max(y, 0))
    box = (x, y, x + width - 1, y + height - 1)
    own = (0, 0, width - 1, height - 1)
    windows = (own, own) if reformat else (box, img.display_window)
    result = pictures.new_image(img, size=(width, height), data_window=windows[0], display_window=windows[1])
    kept = moves.overlap(box, img.data_window)
    moves.clear_around(result.pixels, box, kept)
    if kept:
        moves.move(moves.part(img.pixels, img.data_window, kept), moves.part(result.pixels, box, kept))
    return result


def _margins(size: object) -> tuple[int, int, int, int]:
    """Left, top, right and bottom from one number, two or four."""
    given = list(size) if isinstance(size, (Sequence, np.ndarray)) and not isinstance(size, (str, bytes)) else [size]
    numbers = [checks.integer("size", each, low=0, high=moves.FARTHEST) for each in given]
    if len(numbers) not in (1, 2, 4):
        raise ValueError(f"size must be 1 number, 2 (x, y) or 4 (left, top, right, bottom), got {len(numbers)}")
    left, top, right, bottom = numbers if len(numbers) == 4 else numbers[:1] * 4 if len(numbers) == 1 else numbers * 2
    return left, top, right, bottom


def _beyond(size: int, before: int, after: int, *, edge: int) -> NDArray[np.intp]:
    """For each sample of a padded row, the sample of the row that it repeats."""
    at = np.arange(-before, size + after)
    if edge == pictures.EDGES["wrap"]:
        return at % size
    if edge == pictures.EDGES["mirror"]:
        at = at % (2 * size)
        return np.minimum(at, 2 * size - 1 - at)
    return np.clip(at, 0, size - 1)


def pad(
    img: Image | NDArray[Any],
    size: int | Sequence[int],
    *,
    edge: str = "black",
    value: float | Sequence[float] = 0.0,
    reformat: bool = False,
) -> Image:
    """New: the picture with a margin around it; the picture stays where it was.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    size : int, or 2 or 4 of them
        Pixels added on all sides; left and right, above and below; or left, above, right, below.
    edge : str, optional
        What the margin shows: ``"black"``, ``"clamp"``, ``"mirror"`` or ``"wrap"``.
    value : float or one per channel, optional
        What ``"black"`` is.
    reformat : bool, optional
        False: the display window stays, so the margin is overscan. True: the padded picture is a frame of its own.

    Raises
    ------
    TypeError, ValueError
        If a size is no whole number of at least 0, or there is no such edge.

    Examples
    --------
    >>> pad(np.array([[1, 2, 3]], np.uint8), (2, 0), edge="mirror").numpy().tolist()
    [[2, 1, 1, 2, 3, 3, 2]]
    """
    img = as_image_or_data(img)
    left, top, right, bottom = _margins(size)
    code = pictures.edge_code(edge)
    colour = moves.filling(img, value)
    x0, y0, x1, y1 = img.data_window
    window = (x0 - left, y0 - top, x1 + right, y1 + bottom)
    width, height = img.width + left + right, img.height + top + bottom
    own = (0, 0, width - 1, height - 1)
    windows = (own, own) if reformat else (window, img.display_window)
    result = pictures.new_image(img, size=(width, height), data_window=windows[0], display_window=windows[1])
    moves.move(img.pixels, moves.part(result.pixels, window, img.data_window))
    if edge == "black":
        moves.clear_around(result.pixels, window, img.data_window, colour)
        return result
    rows, columns = _beyond(img.height, top, bottom, edge=code), _beyond(img.width, left, right, edge=code)
    middle = result.pixels[top : top + img.height]
    middle[:, :left] = img.pixels[:, columns[:left]]
    middle[:, left + img.width :] = img.pixels[:, columns[left + img.width :]]
    result.pixels[:top] = middle[rows[:top]]
    result.pixels[top + img.height :] = middle[rows[top + img.height :]]
    return result


def circular_shift(img: Image | NDArray[Any], x: int = 0, y: int = 0) -> Image:
    """New: the picture moved within its data window; what leaves on one side comes in on the other.

    Also ``vfx.ops.offset``, the name that makers of textures know.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture; its windows stay.
    x, y : int, optional
        Pixels to the right and down.

    Raises
    ------
    TypeError
        If a number is not whole.

    Examples
    --------
    >>> circular_shift(np.array([[1, 2, 3]], np.uint8), 1).numpy().tolist()
    [[3, 1, 2]]
    """
    img = as_image_or_data(img)
    x, y = checks.integer("x", x) % img.width, checks.integer("y", y) % img.height
    result = pictures.new_image(img)
    source, target = img.pixels, result.pixels
    for rows, moved_rows in ((slice(None, img.height - y), slice(y, None)), (slice(img.height - y, None), slice(y))):
        for across, moved in ((slice(None, img.width - x), slice(x, None)), (slice(img.width - x, None), slice(x))):
            if target[moved_rows, moved].size:
                moves.move(source[rows, across], target[moved_rows, moved])
    return result


offset = circular_shift
