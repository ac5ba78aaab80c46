"""Pixels as the still formats take them: gray or RGB, with or without alpha, as integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import ChannelError
from vfx.image import Image

__all__ = ["as_image", "as_integers", "gray_or_rgb", "likely_aspect", "rgb_integers"]

_LAYOUTS = (("Y",), ("Y", "A"), ("R", "G", "B"), ("R", "G", "B", "A"))


def gray_or_rgb(image: Image, what: str) -> Image:
    """The display window of the image, its channels in the order Y, YA, RGB or RGBA.

    It shares memory with the image where that is so already. These formats have no windows: what a viewer
    shows of the image is what goes into the file, black where there is no data.

    Parameters
    ----------
    image : Image
        One channel of any name is gray. Two, three or four must be Y A, R G B or R G B A, in any
        order, all of them with or without the same layer (``diffuse.R diffuse.G diffuse.B``).
    what : str
        The format's name, for the message.

    Raises
    ------
    ChannelError
        If the channels are others: which of them to write is not ours to guess.
    ValueError
        If the image holds 32-bit whole numbers, which are data.
    """
    if image.format == "u32":
        raise ValueError(f"{what} cannot hold 32-bit whole numbers; write them as EXR or TIFF")
    if image.display_window != image.data_window:
        image = image.to_display_window()
    names = image.channel_names
    if len(names) == 1:
        return image
    layers = {name.rpartition(".")[0] for name in names}
    bare = [name.rpartition(".")[2] for name in names]
    for layout in _LAYOUTS[1:]:
        if len(layers) == 1 and sorted(bare) == sorted(layout):
            if tuple(bare) == layout:
                return image
            return image.select([names[bare.index(letter)] for letter in layout])
    raise ChannelError(
        f"{what} holds Y, YA, RGB or RGBA, not {', '.join(names)}: choose with img.select(['R', 'G', 'B']) "
        "(on the command line --channels R,G,B), "
        "or rename with img.rename({...})"
    )


def as_image(image: Any) -> Image:
    """The image itself, or an array as one over the same memory.

    Raises
    ------
    TypeError
        For several images, which most formats cannot hold.
    """
    if isinstance(image, (list, tuple)) and any(isinstance(each, Image) for each in image):
        raise TypeError(f"one file of this format holds one image, not {len(image)}")
    return image if isinstance(image, Image) else Image(np.asarray(image))


def as_integers(image: Image, bits: int) -> NDArray[Any]:
    """The pixels (H, W, C) as contiguous unsigned integers of 8 or 16 bits, round(clamp(x) * (2**bits - 1)).

    To be read only: they are the image's own where it has them so.
    """
    fmt = f"u{bits}"
    pixels = np.ascontiguousarray(image.pixels if image.format == fmt else image.astype(fmt).pixels)
    _height, width, count = pixels.shape
    usual = (width * count * pixels.itemsize, count * pixels.itemsize, pixels.itemsize)
    return pixels if pixels.strides == usual else pixels.copy()  # of one row or column NumPy does not care, codecs do


def rgb_integers(image: Image, bits: int, what: str) -> NDArray[Any]:
    """The display window as RGB or RGBA integers (H, W, 3|4), for formats without gray; gray is repeated.

    Raises
    ------
    ChannelError, ValueError
        As :func:`gray_or_rgb`.
    """
    pixels = as_integers(gray_or_rgb(image, what), bits)
    if pixels.shape[2] <= 2:
        pixels = np.ascontiguousarray(pixels[:, :, [0, 0, 0, 1][: pixels.shape[2] + 2]])
    return pixels


def likely_aspect(ratio: float) -> float:
    """A pixel's width over its height as a file says it; 1 where no pixel has such a shape (as in DPX)."""
    return float(ratio) if 0.01 < ratio < 100.0 else 1.0
