"""A mean that stops at edges: the bilateral filter of C. Tomasi and R. Manduchi (ICCV 1998)."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._pictures import as_image, colour_indices, edge_code, new_image, thread_count

__all__ = ["bilateral"]

#: The largest disc, across.
LARGEST_DISC = 255
#: Bounds of both standard deviations.
SMALLEST_SIGMA, LARGEST_SIGMA = 1e-6, 1e6
DISTANCES = ("euclidean", "manhattan")


def bilateral(
    img: Image | NDArray[Any],
    size: int = 9,
    *,
    sigma_color: float = 0.1,
    sigma_space: float = 3.0,
    distance: str = "euclidean",
    edge: str = "clamp",
) -> Image:
    """New: each pixel is the mean of a disc around it, pixels of another colour counting less.

    Pixel q in the disc around p has the weight ``exp(-|p - q|²/(2 sigma_space²) - d(p, q)²/(2 sigma_color²))``,
    where d is the distance of the two colours. Noise goes and edges stay. Every weight is computed exactly, so the
    cost grows with the disc's area.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        Distances are taken of R, G and B, or of Y; of all channels where there are none. All channels are averaged
        with the same weights. Pixels with NaN or infinities in what is compared weigh nothing, and stay as they are;
        in other channels such a value stays, and adds nothing of itself to the pixels around it.
    size : int, optional
        Diameter of the disc in pixels, odd, up to 255: pixels up to ``size // 2`` away count.
    sigma_color : float, optional
        How far colours may lie apart, in values (integers mean [0, 1]); 1e-6 to 1e6.
    sigma_space : float, optional
        Width of the spatial Gaussian in pixels; 1e-6 to 1e6.
    distance : {"euclidean", "manhattan"}, optional
        The root of the sum of squared differences, or the sum of absolute differences, which is OpenCV's.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 255, a sigma is out of bounds, or there is no such distance or edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import bilateral
    >>> noisy_edge = np.float32([[0.02, 0.0, 0.01, 1.0, 0.99, 1.02]])
    >>> bilateral(noisy_edge, 5, sigma_color=0.1).numpy().round(2).tolist()
    [[0.009999999776482582, 0.009999999776482582, 0.009999999776482582, 1.0, 1.0, 1.0099999904632568]]
    """
    from vfx._ext import bilateral as kernel

    img = as_image(img)
    if not checks.integer("size", size, low=1, high=LARGEST_DISC) % 2:
        raise ValueError(f"size must be odd, so that a pixel is in the middle, got {size}")
    result = new_image(img)
    kernel.bilateral(
        img.pixels,
        result.pixels,
        int(size),
        colour_indices(img) or range(img.channels),
        color=checks.number("sigma_color", sigma_color, low=SMALLEST_SIGMA, high=LARGEST_SIGMA),
        space=checks.number("sigma_space", sigma_space, low=SMALLEST_SIGMA, high=LARGEST_SIGMA),
        manhattan=checks.one_of("distance", distance, DISTANCES) == "manhattan",
        edge=edge_code(edge),
        threads=thread_count(img),
    )
    return result
