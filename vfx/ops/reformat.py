"""Pictures in another format: a size with a pixel aspect, by the rules of Nuke's Reformat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._pictures import as_image
from vfx.ops._placement import Line, Sampling, display_size, resampled, size
from vfx.ops.filters import Filter

__all__ = ["reformat"]

_MODES = ("none", "width", "height", "fit", "fill", "distort")


def _turned(img: Image, *, turn: bool, flip: bool, flop: bool) -> Image:
    """The picture over the same memory, turned to the left, upside down, left to right, in its display window."""
    pixels = img.pixels
    a0, b0, a1, b1 = img.display_window
    x0, y0, x1, y1 = img.data_window
    if flop:
        pixels, (x0, x1) = pixels[:, ::-1], (a0 + a1 - x1, a0 + a1 - x0)
    if flip:
        pixels, (y0, y1) = pixels[::-1], (b0 + b1 - y1, b0 + b1 - y0)
    display, aspect = (a0, b0, a1, b1), img.pixel_aspect
    if turn:
        pixels, aspect = np.rot90(pixels), 1.0 / aspect
        x0, y0, x1, y1 = b0 + (y0 - b0), a0 + (a1 - x1), b0 + (y1 - b0), a0 + (a1 - x0)
        display = (b0, a0, b1, a1)
    array = pixels[:, :, 0] if img.ndim == 2 else pixels
    return img.like(
        array, channels=img.channel_names, data_window=(x0, y0, x1, y1), display_window=display, pixel_aspect=aspect
    )


def _scales(img: Image, width: int, height: int, *, mode: str, aspect: float) -> tuple[float, float]:
    """Pixels of the result for each of the picture, across and down."""
    wide, high = display_size(img)
    if mode == "none":
        return 1.0, 1.0
    if mode == "distort":
        return width / wide, height / high
    squeeze = img.pixel_aspect / aspect
    by_width, by_height = width / (wide * squeeze), height / high
    factor = {
        "width": by_width,
        "height": by_height,
        "fit": min(by_width, by_height),
        "fill": max(by_width, by_height),
    }[mode]
    return squeeze * factor, factor


def reformat(
    img: Image | NDArray[Any],
    width: int,
    height: int,
    *,
    pixel_aspect: float = 1.0,
    mode: str = "width",
    center: bool = True,
    turn: bool = False,
    flip: bool = False,
    flop: bool = False,
    preserve_bounds: bool = False,
    filter: str | Filter = "cubic",
    edge: str = "clamp",
) -> Image:
    """New: the picture in a format, a size with a pixel aspect, by the rules of Nuke's Reformat.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture; its display window is what is scaled.
    width, height : int
        Size of the format in pixels.
    pixel_aspect : float, optional
        Width of the format's pixels over their height; 2 for anamorphic.
    mode : {"width", "height", "fit", "fill", "distort", "none"}, optional
        What is made equal: the widths, the heights, the one that leaves bars, the one that cuts off, both at the
        cost of the proportions, or nothing (pixels stay as they are, moved by whole pixels).
    center : bool, optional
        Whether the middles meet, else the lower left corners.
    turn, flip, flop : bool, optional
        Whether to mirror left and right (flop), mirror top and bottom (flip), then turn by 90 degrees
        counter-clockwise.
    preserve_bounds : bool, optional
        Whether pixels outside the format are kept in the data window. Otherwise the data window is the format, black
        where the picture does not reach.
    filter : str or Filter, optional
        See ``vfx.ops.filters``.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the picture's data window.

    Raises
    ------
    TypeError
        If ``img`` is no picture or a size no whole number.
    ValueError
        If a size is below 1 or above 4 194 304, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import vfx
    >>> anamorphic = vfx.Image(np.ones((1556, 1828, 3), np.float16), pixel_aspect=2.0)
    >>> reformat(anamorphic, 2048, 1152, mode="fit")
    <Image 2048x1152 RGB f16>
    """
    img = as_image(img)
    sampling = Sampling.of(filter, edge)
    checks.one_of("mode", mode, _MODES)
    width, height = size("width", width), size("height", height)
    aspect = checks.number("pixel_aspect", pixel_aspect, low=1e-3, high=1e3)
    img = _turned(img, turn=bool(turn), flip=bool(flip), flop=bool(flop))
    wide, high = display_size(img)
    across, down = _scales(img, width, height, mode=mode, aspect=aspect)
    left = (width - wide * across) / 2 if center else 0.0
    top = (height - high * down) / 2 if center else height - high * down
    if mode == "none":
        left, top = float(left // 1), float(top // 1)
    x0, y0 = img.display_window[:2]
    whole = (0, 0, width - 1, height - 1)
    return resampled(
        img,
        Line(across, left - x0 * across),
        Line(down, top - y0 * down),
        sampling=sampling,
        display=whole,
        window=None if preserve_bounds else whole,
        pixel_aspect=aspect,
    )
