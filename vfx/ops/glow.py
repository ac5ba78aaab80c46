"""Light that spreads from the highlights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vfx._ext import detail as _kernels
from vfx.checks import number
from vfx.ops._pictures import as_image, colour_indices, edge_code, new_image, thread_count
from vfx.ops._separable import gaussian, sigmas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["glow"]


def glow(
    img: Image | NDArray[Any],
    size: float | tuple[float, float] | None = None,
    *,
    sigma: float | tuple[float, float] | None = None,
    threshold: float = 1.0,
    intensity: float = 1.0,
    edge: str = "clamp",
) -> Image:
    """New: ``img + intensity * blur(max(img - threshold, 0))``, for colour only.

    The light is added, so nothing becomes darker, and alpha and other channels stay as they are: glow beyond the
    edge of an element lies on pixels of alpha 0, as light does. NaN and what lies below the threshold give no light.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture, in linear light, premultiplied. Channels R, G, B (or Y; all where there are none) glow.
    size, sigma : float or (x, y), optional
        Of the Gaussian, as :func:`blur` takes them. Default sigma 20.
    threshold : float, optional
        The level above which a channel gives light.
    intensity : float, optional
        How much light is added.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What light comes from outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> lamp = np.array([[0.5, 0.5, 5.0, 0.5]], np.float32)
    >>> glow(lamp, sigma=(0.5, 0), intensity=0.5).numpy().astype(float).round(2).tolist()
    [[0.5, 0.71, 6.57, 0.71]]
    """
    img = as_image(img)
    code = edge_code(edge)
    level = number("threshold", threshold)
    factor = number("intensity", intensity)
    wanted = sigmas(size, sigma, default=20.0)
    chosen = np.zeros(img.channels, np.float32)
    chosen[list(colour_indices(img) or range(img.channels))] = 1.0
    threads = thread_count(img)
    bright = new_image(img, dtype=np.float32)
    _kernels.highlights(img.pixels, bright.pixels, level, chosen, threads)
    light = gaussian(bright, wanted, edge=code)
    result = light if light.dtype == img.dtype else new_image(img)
    _kernels.add_light(img.pixels, light.pixels, result.pixels, factor, chosen, threads)
    return result
