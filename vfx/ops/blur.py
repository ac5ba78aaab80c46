"""Soft pictures: Gaussian and box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfx.ops._pictures import as_image, edge_code
from vfx.ops._separable import boxed, gaussian, pair, sigmas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["blur", "box_blur"]

#: Of ``blur`` where neither size nor sigma is given, in pixels.
DEFAULT_SIGMA = 2.5
#: The widest box in pixels.
MOST_SIZE = 65_536.0


def blur(
    img: Image | NDArray[Any],
    size: float | tuple[float, float] | None = None,
    *,
    sigma: float | tuple[float, float] | None = None,
    edge: str = "clamp",
) -> Image:
    """New: ``img`` convolved with a Gaussian.

    The weights are proportional to ``exp(-x**2 / (2 * sigma**2))`` at whole pixels and sum to 1. They are not cut off
    where it would show: results are those of the endless Gaussian to float32 precision.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture. All channels are treated alike, so colour should be premultiplied.
    size : float or (x, y), optional
        Width in pixels as OpenImageIO counts it: sigma is a quarter of it. Not together with ``sigma``.
    sigma : float or (x, y), optional
        Standard deviation in pixels, 0 to 10000; 0 leaves that axis as it is. Default 2.5.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If a size is no number or negative, both are given, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.zeros((5, 5), np.float32)
    >>> dot[2, 2] = 1.0
    >>> blur(dot, sigma=0.5).numpy()[2].astype(float).round(3).tolist()
    [0.0, 0.084, 0.619, 0.084, 0.0]
    """
    img = as_image(img)
    code = edge_code(edge)
    return gaussian(img, sigmas(size, sigma, default=DEFAULT_SIGMA), edge=code)


def box_blur(img: Image | NDArray[Any], size: float | tuple[float, float] = 5.0, *, edge: str = "clamp") -> Image:
    """New: each pixel the mean of a box around its centre.

    A box that ends inside a pixel takes that pixel by the part it covers, so the size may be fractional and an even
    size is centred too: 4 weighs five pixels 1/8, 1/4, 1/4, 1/4, 1/8.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    size : float or (width, height), optional
        The box in pixels, up to 65536; 1 or less leaves that axis as it is.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If the size is no number or negative, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> box_blur(np.array([[0.0, 3.0, 0.0, 0.0]], np.float32), (3, 1)).numpy().tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    img = as_image(img)
    code = edge_code(edge)
    return boxed(img, pair("size", size, high=MOST_SIZE), edge=code)
