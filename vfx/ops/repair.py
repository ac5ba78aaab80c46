"""Numbers that are none, repaired."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._pictures import as_image, new_image, thread_count

__all__ = ["fix_nan"]

_MODES = ("box3", "black", "value", "error", "none")


def fix_nan(img: Image | NDArray[Any], mode: str = "box3", *, value: float = 0.0) -> Image:
    """A new image in which NaN and infinities are replaced by numbers; everything else keeps its bits.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture; one of integers is copied.
    mode : str, optional
        ``"box3"``: the mean of the finite numbers among the eight neighbours in the same channel, 0 where there are
        none. Neighbours are read from the picture as it was, so the result does not depend on an order (OpenImageIO
        repairs pixels one after the other, and reads what it has repaired). ``"black"``: 0. ``"value"``: ``value``.
        ``"error"``: an error where there is one. ``"none"``: a copy as it is.
    value : float, optional
        What ``"value"`` puts there.

    Raises
    ------
    TypeError
        If it is not a picture, or holds unsigned 32-bit data.
    ValueError
        If there is no such mode, or with ``"error"`` how many pixels are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> fix_nan(np.array([[1.0, np.nan, 2.0, np.inf]], np.float32)).numpy().tolist()
    [[1.0, 1.5, 2.0, 2.0]]
    """
    from vfx._ext.repair import repair

    img = as_image(img)
    checks.one_of("mode", mode, _MODES)
    filler = checks.number("value", value, low=-float(np.finfo(np.float32).max), high=float(np.finfo(np.float32).max))
    if mode == "none":
        return img.copy()
    result = new_image(img)
    fixed = repair(img.pixels, result.pixels, mode == "box3", filler if mode == "value" else 0.0, thread_count(img))
    if mode == "error" and fixed:
        raise ValueError(f"{fixed} of {img.width * img.height} pixels hold NaN or an infinity")
    return result
