"""What every operation on pictures does at its door: take the picture, name the edge, make room for the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from vfx import checks
from vfx import threads as _threads
from vfx.image import Image

__all__ = ["EDGES", "alpha_index", "as_image", "colour_indices", "edge_code", "new_image", "thread_count"]

#: What stands outside a picture → the number that kernels know it by (``vfx/_ext/pictures.pxd``).
EDGES: dict[str, int] = {"clamp": 0, "black": 1, "mirror": 2, "wrap": 3}


def as_image(value: Any, name: str = "img") -> Image:
    """``value`` as an image that takes arithmetic; an array is wrapped, not copied.

    Parameters
    ----------
    value : Image or numpy.ndarray, (H, W) or (H, W, C)
        uint8, uint16, float16 or float32, any strides.
    name : str, optional
        The argument's name, for messages.

    Raises
    ------
    TypeError
        If it is neither, or holds unsigned 32-bit data.
    """
    if not isinstance(value, (Image, np.ndarray)):
        raise TypeError(f"{name} must be an Image or an array of pixels, got {type(value).__name__}")
    found = value if isinstance(value, Image) else Image(value)
    if found.format == "u32":
        raise TypeError(f"{name} holds unsigned 32-bit data, which takes no arithmetic; astype('f32') first")
    return found


def edge_code(edge: object) -> int:
    """The kernels' number of an edge mode.

    Raises
    ------
    ValueError
        If there is no such mode.
    """
    return EDGES[checks.one_of("edge", edge, EDGES)]


def new_image(img: Image, *, size: tuple[int, int] | None = None, count: int | None = None, **changes: Any) -> Image:
    """An image like ``img`` over new, contiguous memory that nothing has been written to.

    Parameters
    ----------
    img : Image
        What it is like: format, names (where ``count`` is kept), windows (where ``size`` is kept), metadata.
    size : (width, height), optional
        Its size.
    count : int, optional
        Its channels.
    changes : optional
        Arguments of :class:`vfx.Image`; also ``dtype``.

    Raises
    ------
    MemoryError
        If there is not that much memory.
    """
    width, height = size or (img.width, img.height)
    shape: tuple[int, ...] = (height, width, count or img.channels)
    if img.ndim == 2 and shape[2] == 1:
        shape = shape[:2]
    dtype = np.dtype(changes.pop("dtype", img.dtype))
    try:
        pixels = np.empty(shape, dtype)
    except (MemoryError, ValueError):  # NumPy's ValueError: more bytes than there are addresses
        channels = count or img.channels
        needed = width * height * channels * dtype.itemsize / 2**30
        raise MemoryError(
            f"no memory for a result of {width} x {height} pixels, {channels} channels: {needed:,.1f} GiB"
        ) from None
    return img.like(pixels, **changes)


def thread_count(img: Image) -> int:
    """How many threads a kernel takes for a picture of this size."""
    return _threads.for_pixels(img.width * img.height)


def alpha_index(img: Image) -> int:
    """The position of channel ``A``; -1 where there is none."""
    return img.channel_names.index("A") if img.has_alpha else -1


def colour_indices(img: Image) -> tuple[int, ...]:
    """The positions of R, G and B, or of Y; empty where there are none."""
    names = img.channel_names
    found = tuple(names.index(name) for name in ("R", "G", "B") if name in names)
    return found or ((names.index("Y"),) if "Y" in names else ())
