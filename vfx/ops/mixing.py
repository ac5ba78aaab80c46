"""Mixing by a picture or a number: keymix, dissolve, holdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._layers import Weights, as_images, layered
from vfx.ops._pictures import as_image

__all__ = ["dissolve", "holdout", "keymix"]

Picture = Image | NDArray[Any]


def keymix(a: Picture, b: Picture, mask: Picture, *, mix: float = 1.0) -> Image:
    """New: ``a`` where the mask is 1, ``b`` where it is 0, B + (A − B)·mask·mix; as Nuke's Keymix.

    Parameters
    ----------
    a, b : Image or array
        The two pictures, over the union of their data windows; each is 0 outside its own.
    mask : Image or array
        Its A, or its only channel; 0 outside its data window. An array of ``b``'s size lies on ``b``.
    mix : float
        What the mask is multiplied by.

    Raises
    ------
    ChannelError
        If the mask has several channels and no A.
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> keymix(np.float32([[1.0, 1.0]]), np.float32([[0.0, 0.5]]), np.float32([[0.25, 1.0]])).numpy().tolist()
    [[0.25, 1.0]]
    """
    return layered([as_image(a, "a"), as_image(b, "b")], ("merge", "copy"), Weights(_a_mask(mask), mix))


def dissolve(images: Sequence[Picture], which: float = 0.5) -> Image:
    """New: the image number ``which``, or a mix of the two beside it; as Nuke's Dissolve.

    Parameters
    ----------
    images : sequence of Image or array
        At least one. The result holds all of them at any ``which``: the union of their data windows, channels and
        pixel formats; display window and metadata are those of the first.
    which : float
        0 is the first, 1 the second, 0.25 three quarters of the first and one of the second.

    Raises
    ------
    TypeError
        If one of them is no picture.
    ValueError
        If there is no such image.

    Examples
    --------
    >>> import numpy as np
    >>> frames = [np.float32([[0.0]]), np.float32([[1.0]]), np.float32([[3.0]])]
    >>> dissolve(frames, 1.5).numpy().tolist()
    [[2.0]]
    """
    found = as_images(images)
    place = checks.number("which", which, low=0.0, high=float(len(found) - 1)) if len(found) > 1 else 0.0
    first = min(int(place), max(0, len(found) - 2))
    pair = [found[min(first + 1, len(found) - 1)], found[first]]
    return layered(pair, ("merge", "copy"), Weights(mix=place - first), like=found[0], over=found)


def holdout(img: Picture, matte: Picture, *, mix: float = 1.0) -> Image:
    """A new image with a hole where the matte is: every channel of ``img`` times 1 − matte.

    Parameters
    ----------
    img : Image or array
        The picture, premultiplied; its size and windows stay.
    matte : Image or array
        Its A, or its only channel; 0 outside its data window. An array of ``img``'s size lies on ``img``.
    mix : float
        How much of it: 1 is the whole hole, 0 none.

    Raises
    ------
    ChannelError
        If the matte has several channels and no A.
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> holdout(np.float32([[0.5, 0.5]]), np.float32([[0.25, 1.0]])).numpy().tolist()
    [[0.375, 0.0]]
    """
    found = as_image(img)
    return layered([found, found], ("merge", "clear"), Weights(_a_mask(matte, "matte"), mix))


def _a_mask(mask: Picture, name: str = "mask") -> Picture:
    """``mask``, checked to be a picture; an array stays one, so that it may lie on the picture below."""
    as_image(mask, name)
    return mask
