"""Where a picture has anything at all."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._pictures import as_image, thread_count
from vfx.pixelformat import Box

__all__ = ["nonzero_region"]


def nonzero_region(img: Image | NDArray[Any]) -> Box | None:
    """The smallest window around all pixels with a channel that is not 0, or None where everything is 0.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture. NaN is not 0; −0 is.

    Returns
    -------
    (x0, y0, x1, y1) or None
        Inclusive, y down, in the coordinates of the data window.

    Raises
    ------
    TypeError
        If it is not a picture, or holds unsigned 32-bit data.

    Examples
    --------
    >>> import numpy as np
    >>> matte = np.zeros((100, 100), np.float32)
    >>> matte[20:30, 40:45] = 1.0
    >>> nonzero_region(matte)
    (40, 20, 44, 29)
    """
    from vfx._ext.extent import extent

    img = as_image(img)
    found = extent(img.pixels, thread_count(img))
    if found is None:
        return None
    x, y = img.data_window[:2]
    return found[0] + x, found[1] + y, found[2] + x, found[3] + y
