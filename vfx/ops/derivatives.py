"""Where a picture changes: Laplacian and Sobel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.checks import one_of
from vfx.ops._pictures import as_image, edge_code
from vfx.ops._taps import NO_TAPS, Taps, correlated, taps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["laplacian", "sobel"]

#: The second differences along both axes, added.
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
#: The central difference along x, smoothed along y (Sobel and Feldman, 1968).
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def laplacian(img: Image | NDArray[Any], *, edge: str = "clamp") -> Image:
    """New: the four neighbours of each pixel minus four times the pixel.

    Half and float results are signed; integers cannot hold what is negative and get 0 there.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If ``img`` is no picture, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> laplacian(np.array([[0.0, 0.0, 1.0, 0.0]], np.float32)).numpy().tolist()
    [[0.0, 1.0, -2.0, 1.0]]
    """
    img = as_image(img)
    return correlated(img, taps_of(np.array(LAPLACIAN)), edge=edge_code(edge))


def sobel(img: Image | NDArray[Any], direction: str = "magnitude", *, edge: str = "clamp") -> Image:
    """New: the slope of ``img``, by Sobel's 3x3 kernels, which are not normalised: a ramp of 1 per pixel gives 8.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    direction : {"magnitude", "x", "y"}, optional
        ``"x"`` is positive where values grow to the right, ``"y"`` where they grow downwards; ``"magnitude"`` is
        the square root of the sum of both squares.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows. Integers get 0 where a slope is negative and 1 where it is above 1.

    Raises
    ------
    TypeError, ValueError
        If ``img`` is no picture, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.array([[0.0, 0.125, 0.25]], np.float32)
    >>> sobel(ramp, "x").numpy().tolist()
    [[0.5, 1.0, 0.5]]
    """
    img = as_image(img)
    code = edge_code(edge)
    wanted = one_of("direction", direction, ("magnitude", "x", "y"))
    across = np.array(SOBEL)
    first: Taps = taps_of(across.T if wanted == "y" else across)
    return correlated(img, first, taps_of(across.T) if wanted == "magnitude" else NO_TAPS, edge=code)
