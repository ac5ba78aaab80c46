"""Sharper pictures: what a blur takes away is added once more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx._ext import detail as _kernels
from vfx.checks import number, one_of
from vfx.ops._pictures import as_image, edge_code, new_image, thread_count
from vfx.ops._separable import filtered, gaussian, sigmas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["sharpen", "unsharp_mask"]

#: The widest kernel of ``unsharp_mask`` in pixels.
MOST_SIZE = 4095.0


def sharpen(
    img: Image | NDArray[Any],
    amount: float = 1.0,
    *,
    size: float | tuple[float, float] | None = None,
    sigma: float | tuple[float, float] | None = None,
    edge: str = "clamp",
) -> Image:
    """New: ``img + amount * (img - blur(img))``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    amount : float, optional
        How much of the detail is added; negative values soften.
    size, sigma : float or (x, y), optional
        Of the Gaussian, as :func:`blur` takes them. Default sigma 1.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows; values beyond the picture's range appear at edges.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> step = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    >>> sharpen(step, 1.0, sigma=(0.5, 0)).numpy()[0, 1:3].astype(float).round(3).tolist()
    [-0.107, 1.107]
    """
    img = as_image(img)
    code = edge_code(edge)
    factor = number("amount", amount)
    soft = gaussian(img, sigmas(size, sigma, default=1.0), edge=code, dtype=np.float32)
    return _added_detail(img, soft, factor, 0.0)


def unsharp_mask(
    img: Image | NDArray[Any],
    size: float = 3.0,
    *,
    contrast: float = 1.0,
    threshold: float = 0.0,
    kernel: str = "gaussian",
    edge: str = "clamp",
) -> Image:
    """New: ``img + contrast * (img - soft)`` where the difference exceeds ``threshold``, as OpenImageIO's.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    size : float, optional
        Width of the kernel in pixels, at most 4095. Its weights end at half of it, as OpenImageIO's do; an odd number
        of pixels is looked at.
    contrast : float, optional
        How much of the difference is added.
    threshold : float, optional
        Differences up to it are left alone, so that grain is not sharpened.
    kernel : {"gaussian", "box", "triangle"}, optional
        The shape of the kernel. The Gaussian's sigma is a quarter of the size.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> step = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32).repeat(3, axis=0)
    >>> unsharp_mask(step, 3.0, contrast=0.5).numpy()[1].astype(float).round(3).tolist()
    [0.0, -0.113, 1.113, 1.0]
    """
    img = as_image(img)
    code = edge_code(edge)
    weights = _weights(one_of("kernel", kernel, ("gaussian", "box", "triangle")), size)
    factor = number("contrast", contrast)
    level = number("threshold", threshold, low=0.0)
    return _added_detail(img, filtered(img, weights, weights, edge=code, dtype=np.float32), factor, level)


def _weights(kernel: str, size: float) -> NDArray[np.float32]:
    """One axis of OpenImageIO's ``make_kernel``: the filter at whole pixels up to half its width, of sum 1."""
    width = number("size", size, low=1.0, high=MOST_SIZE)
    radius = math.ceil(width) // 2
    x = np.arange(-radius, radius + 1, dtype=np.float64) / (width / 2.0)
    shapes = {"gaussian": np.exp(-2.0 * x * x), "box": np.ones_like(x), "triangle": 1.0 - np.abs(x)}
    inside = np.abs(x) <= 1.0 if kernel == "box" else np.abs(x) < 1.0
    weights = np.where(inside, shapes[kernel], 0.0)
    weights = weights[weights > 0.0]
    return np.asarray(weights / weights.sum(), np.float32)


def _added_detail(img: Image, soft: Image, amount: float, threshold: float) -> Image:
    """``img`` and what it has beyond ``soft``, into the memory of ``soft`` where the format allows."""
    result = soft if soft.dtype == img.dtype else new_image(img)
    _kernels.sharpen(img.pixels, soft.pixels, result.pixels, amount, threshold, thread_count(img))
    return result
