"""Pictures in another size: as they are, fitted into a size, or filling it.

All three are the same separable resampling. A pixel's centre lies at .5, so a picture keeps its place and its edges;
where it shrinks, the filter is widened, so that what cannot be shown does not alias; where it grows, the filter
interpolates. Each pixel's weights are divided by their sum: flat colour stays what it is, to its edges.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._pictures import as_image
from vfx.ops._resizing import fill_placement, fit_placement, resize_placement, whole
from vfx.ops.filters import Filter

__all__ = ["fill", "fit", "resize"]


def resize(
    img: Image | NDArray[Any],
    width: int | None = None,
    height: int | None = None,
    *,
    scale: float | None = None,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Image:
    """New: the picture resampled so that its display window has this size.

    Where the data window is another, it is scaled with it and covers every pixel that it touches, sampled where it
    lies to the fraction of a pixel; the pixel aspect stays the number that it was.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    width, height : int, optional
        Size of the result's display window in pixels. One that is left out follows from the other and the
        proportions in pixels.
    scale : float, optional
        Instead of a size: times the display window's width and height, rounded to whole pixels.
    filter : str or Filter, optional
        See ``vfx.ops.filters``. ``lanczos3`` is sharp and rings a little, ``mitchell`` rings less, ``triangle``,
        ``gaussian`` and ``bspline`` do not ring, ``nearest`` keeps ids. By default ``mitchell`` along an axis that
        grows, else ``lanczos3``.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError
        If ``img`` is no picture, if neither a size nor a scale is given, or both are, or one is no number.
    ValueError
        If a size is below 1 or above 4 194 304, a scale not above 0, or a name is unknown.

    Notes
    -----
    A NaN or an infinity spreads as far as the filter reaches. Filters with negative lobes can take half and float
    results below 0 and above the brightest sample; integer results are clamped to [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> resize(np.ones((1080, 1920, 3), np.float32), 960).shape
    (540, 960, 3)
    >>> resize(np.ones((1080, 1920, 3), np.float32), scale=0.25).shape
    (270, 480, 3)
    """
    img = as_image(img)
    return whole(img, resize_placement(img, width, height, scale=scale, filter=filter, edge=edge))


def fit(
    img: Image | NDArray[Any],
    width: int,
    height: int,
    *,
    pixel_aspect: float | None = None,
    pad: bool = True,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Image:
    """New: the whole picture, as large as it fits into this size, in the middle.

    The display window is scaled by one factor, with regard to both pixel aspects, and rounded to whole pixels, so
    that the bars beside it have sharp edges (odd rests go to the right and below).

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    width, height : int
        Size of the result's display window in pixels.
    pixel_aspect : float, optional
        Width of the result's pixels over their height; by default the picture's own.
    pad : bool, optional
        True: the result's pixels fill its display window, with black (0 in every channel) bars. False: the data
        window is what the picture covers, its overscan with it.
    filter : str or Filter, optional
        See ``vfx.ops.filters``. By default ``mitchell`` where the picture grows, else ``lanczos3``.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the picture's data window.

    Raises
    ------
    TypeError
        If ``img`` is no picture or a size no whole number.
    ValueError
        If a size is below 1 or above 4 194 304, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> scope = np.ones((858, 2048, 3), np.float32)
    >>> fit(scope, 1920, 1080).numpy()[[0, 137, 138, 540], 0, 0].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    img = as_image(img)
    return whole(img, fit_placement(img, width, height, pixel_aspect=pixel_aspect, pad=pad, filter=filter, edge=edge))


def fill(
    img: Image | NDArray[Any],
    width: int,
    height: int,
    *,
    pixel_aspect: float | None = None,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Image:
    """New: the middle of the picture, as small as it covers this size.

    The display window is scaled by exactly one factor, with regard to both pixel aspects, and what hangs over is cut
    off on both sides alike, to the fraction of a pixel. What the picture's data window does not cover is black.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    width, height : int
        Size of the result in pixels.
    pixel_aspect : float, optional
        Width of the result's pixels over their height; by default the picture's own.
    filter : str or Filter, optional
        See ``vfx.ops.filters``. By default ``mitchell`` where the picture grows, else ``lanczos3``.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the picture's data window.

    Raises
    ------
    TypeError
        If ``img`` is no picture or a size no whole number.
    ValueError
        If a size is below 1 or above 4 194 304, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(300, dtype=np.float32) * np.ones((100, 1), np.float32)
    >>> fill(ramp, 50, 50, filter="box").numpy()[0, [0, -1]].tolist()
    [100.5, 198.5]
    """
    img = as_image(img)
    return whole(img, fill_placement(img, width, height, pixel_aspect=pixel_aspect, filter=filter, edge=edge))
