"""Morphology: the smallest and the largest value in a box around each pixel, and what is made of the two.

=============  ==============================  =================================================
``erode``      minimum over the box            bright things shrink
``dilate``     maximum over the box            bright things grow
``open``       dilate(erode(img))              bright things smaller than the box go
``close``      erode(dilate(img))              dark things smaller than the box go
``gradient``   dilate(img) - erode(img)        edges, as wide as the box
``tophat``     img - open(img)                 the bright things that open removes
``blackhat``   close(img) - img                the dark things that close removes
=============  ==============================  =================================================

Terms and formulas: J. Serra, *Image Analysis and Mathematical Morphology* (1982); F. Meyer's top-hat (1977).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._boxes import Size, box_size
from vfx.ops._pictures import as_image, edge_code, new_image, thread_count

__all__ = ["blackhat", "close", "dilate", "erode", "gradient", "open", "tophat"]

#: The largest box, on a side.
LARGEST_BOX = 65535


def _extremum(img: Image, size: Size, edge: str, largest: bool) -> Image:
    """The minimum or the maximum over the box, as a new image."""
    from vfx._ext import morphology as kernel

    width, height = box_size(size, LARGEST_BOX)
    result = new_image(img)
    kernel.extremum(
        img.pixels, result.pixels, width, height, edge=edge_code(edge), largest=largest, threads=thread_count(img)
    )
    return result


def _less(a: Image, b: Image, result: Image) -> Image:
    """``result``, now ``a - b``."""
    from vfx._ext import morphology as kernel

    kernel.difference(a.pixels, b.pixels, result.pixels, threads=thread_count(a))
    return result


def dilate(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: each value is the largest within a box around it, channel by channel.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN is left out; a box of nothing but NaN gives NaN.
    size : int or (width, height), optional
        The box in pixels, odd: 3 reaches one pixel to every side.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window. With ``"clamp"`` and ``"mirror"`` it never wins.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import dilate
    >>> dilate(np.float32([[0, 0, 5, 0, 0]]), 3).numpy().tolist()
    [[0.0, 5.0, 5.0, 5.0, 0.0]]
    """
    img = as_image(img)
    return _extremum(img, size, edge, largest=True)


def erode(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: each value is the smallest within a box around it, channel by channel.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN is left out; a box of nothing but NaN gives NaN.
    size : int or (width, height), optional
        The box in pixels, odd: 3 reaches one pixel to every side.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window. With ``"clamp"`` and ``"mirror"`` it never wins.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import erode
    >>> erode(np.float32([[9, 9, 9, 9, 0]]), (3, 1)).numpy().tolist()
    [[9.0, 9.0, 9.0, 0.0, 0.0]]
    """
    img = as_image(img)
    return _extremum(img, size, edge, largest=False)


def open(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: without the bright things that the box does not fit into, ``dilate(erode(img))``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN is left out.
    size : int or (width, height), optional
        The box in pixels, odd.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window, in both steps.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> import vfx.ops
    >>> vfx.ops.open(np.float32([[0, 7, 0, 5, 5, 5, 0]]), (3, 1)).numpy().tolist()
    [[0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 0.0]]
    """
    img = as_image(img)
    return _extremum(_extremum(img, size, edge, largest=False), size, edge, largest=True)


def close(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: without the dark things that the box does not fit into, ``erode(dilate(img))``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN is left out.
    size : int or (width, height), optional
        The box in pixels, odd.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window, in both steps.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import close
    >>> close(np.float32([[5, 5, 0, 5, 5, 5]]), (3, 1)).numpy().tolist()
    [[5.0, 5.0, 5.0, 5.0, 5.0, 5.0]]
    """
    img = as_image(img)
    return _extremum(_extremum(img, size, edge, largest=True), size, edge, largest=False)


def gradient(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: how far the values in a box around each pixel lie apart, ``dilate(img) - erode(img)``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN is left out; infinities of one sign only, in a box of nothing else, give NaN.
    size : int or (width, height), optional
        The box in pixels, odd.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import gradient
    >>> gradient(np.float32([[1, 1, 1, 4, 4, 4]]), 3).numpy().tolist()
    [[0.0, 0.0, 3.0, 3.0, 0.0, 0.0]]
    """
    img = as_image(img)
    most = _extremum(img, size, edge, largest=True)
    return _less(most, _extremum(img, size, edge, largest=False), most)


def tophat(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: the bright things that :func:`open` removes, ``img - open(img)``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN stays where it is, and spreads no further.
    size : int or (width, height), optional
        The box in pixels, odd.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import tophat
    >>> tophat(np.float32([[1, 7, 1, 5, 5, 5, 1]]), (3, 1)).numpy().tolist()
    [[0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    img = as_image(img)
    opened = open(img, size, edge=edge)
    return _less(img, opened, opened)


def blackhat(img: Image | NDArray[Any], size: Size = 3, *, edge: str = "clamp") -> Image:
    """New: the dark things that :func:`close` removes, ``close(img) - img``.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        NaN stays where it is, and spreads no further.
    size : int or (width, height), optional
        The box in pixels, odd.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If the size is no odd number between 1 and 65535, or there is no such edge.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ops import blackhat
    >>> blackhat(np.float32([[5, 5, 1, 5, 5, 5]]), (3, 1)).numpy().tolist()
    [[0.0, 0.0, 4.0, 0.0, 0.0, 0.0]]
    """
    img = as_image(img)
    closed = close(img, size, edge=edge)
    return _less(closed, img, closed)
