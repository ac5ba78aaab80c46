"""The operators of Porter and Duff (*Compositing Digital Images*, SIGGRAPH 1984).

``a`` is the picture on top, or source, ``b`` the one below, or destination; both premultiplied. In the formulas A and B
are any of their channels, alpha included, and α and β their alphas. A picture without alpha is opaque inside its data
window. The result covers the union of the data windows; display window and metadata are those of ``b``.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._layers import Weights, layered
from vfx.ops._pictures import as_image

__all__ = [
    "atop",
    "clear",
    "dst",
    "dst_atop",
    "dst_in",
    "dst_out",
    "held_out",
    "in_",
    "out",
    "over",
    "plus",
    "src",
    "under",
    "xor",
]

Picture = Image | NDArray[Any]


def _composed(a: Picture, b: Picture, formula: str, weights: Weights) -> Image:
    """``a`` on ``b`` by one formula."""
    return layered([as_image(a, "a"), as_image(b, "b")], ("merge", formula), weights)


def atop(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` where there is ``b``, on ``b``, A·β + B·(1 − α).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> atop(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.625, 0.5]]]
    """
    return _composed(a, b, "atop", Weights(mask, mix))


def clear(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: black without alpha, as large as both pictures, 0.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> clear(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.0, 0.0]]]
    """
    return _composed(a, b, "clear", Weights(mask, mix))


def dst(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``b`` alone, on the canvas of both, B.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> dst(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.75, 0.5]]]
    """
    return _composed(a, b, "dst", Weights(mask, mix))


def dst_atop(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``b`` where there is ``a``, on ``a``, B·α + A·(1 − β).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> dst_atop(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.625, 0.5]]]
    """
    return _composed(a, b, "dst_atop", Weights(mask, mix))


def dst_in(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``b`` where there is ``a``, B·α.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> dst_in(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.375, 0.25]]]
    """
    return _composed(a, b, "mask", Weights(mask, mix))


def dst_out(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``b`` where there is no ``a``, B·(1 − α).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> dst_out(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.375, 0.25]]]
    """
    return _composed(a, b, "stencil", Weights(mask, mix))


def held_out(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` held out by ``b``: another name of :func:`out`, A·(1 − β).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> held_out(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.25, 0.25]]]
    """
    return _composed(a, b, "out", Weights(mask, mix))


def in_(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` where there is ``b``, A·β.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> in_(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.25, 0.25]]]
    """
    return _composed(a, b, "in", Weights(mask, mix))


def out(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` where there is no ``b``, A·(1 − β).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> out(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.25, 0.25]]]
    """
    return _composed(a, b, "out", Weights(mask, mix))


def over(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` over ``b``, A + B·(1 − α).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> over(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.875, 0.75]]]
    """
    return _composed(a, b, "over", Weights(mask, mix))


def plus(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: the sum of ``a`` and ``b``, A + B.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> plus(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[1.25, 1.0]]]
    """
    return _composed(a, b, "plus", Weights(mask, mix))


def src(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` alone, on the canvas of both, A.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> src(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.5, 0.5]]]
    """
    return _composed(a, b, "copy", Weights(mask, mix))


def under(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` under ``b``, A·(1 − β) + B.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> under(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[1.0, 0.75]]]
    """
    return _composed(a, b, "under", Weights(mask, mix))


def xor(a: Picture, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
    """New: ``a`` where there is no ``b``, and ``b`` where there is no ``a``, A·(1 − β) + B·(1 − α).

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the one below.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Raises
    ------
    TypeError
        If one of them is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> xor(np.float32([[[0.5, 0.5]]]), np.float32([[[0.75, 0.5]]])).numpy().tolist()
    [[[0.625, 0.5]]]
    """
    return _composed(a, b, "xor", Weights(mask, mix))
