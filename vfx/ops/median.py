"""The median of a box around each pixel."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._boxes import Size, box_size
from vfx.ops._pictures import as_image, edge_code, new_image, thread_count

__all__ = ["median"]

#: The largest box, on a side: a tile of float pixels that holds it takes 40 MB a thread.
LARGEST_BOX = 1023


def median(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: each value is the middle one of a box around it, channel by channel.

    Of the n values in order, that is the one at n // 2 from 0. It is one of the picture's own values in every
    format, so nothing is rounded. The cost hardly grows with the box.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN counts as larger than everything, as ``numpy.sort`` has it: few of them vanish, and a box of which
        NaN is half gives NaN. Infinities are values like others.
    size : int or (width, height), optional
        The box in pixels, odd: 3 reaches one pixel to every side.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 1023, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import median
    >>> median(np.float32([[1, 1, 9, 2, 2]]), 3).numpy().tolist()
    [[1.0, 1.0, 2.0, 2.0, 2.0]]
    """
    from vfx._ext import median as kernel

    img = as_image(img)
    width, height = box_size(size, LARGEST_BOX)
    result = new_image(img)
    kernel.median(img.pixels, result.pixels, width, height, edge=edge_code(edge), threads=thread_count(img))
    return result
