"""Kernels of the caller's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vfx._ext import blur as _kernels
from vfx.checks import one_of
from vfx.ops._fourier import fourier_correlated
from vfx.ops._pictures import as_image, edge_code, new_image, thread_count
from vfx.ops._taps import correlated, taps_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vfx.image import Image

__all__ = ["apply_kernel", "convolve"]

#: The longest side of a kernel.
MOST_SIDE = 8191
#: From so many taps on the Fourier transform is quicker than direct sums, and what each level of means adds to the cost
#: of a tap because fewer rows fit the cache (3840x2160 RGBA f32, AVX-512: 63x63 taps 2.9 s, by transforms 2.1 s).
MANY_TAPS, LEVEL_COST = 2800, 0.4
#: From so many taps on two passes are tried for.
SOME_TAPS = 9
#: What a product of two vectors may differ from the kernel by, as part of the sum of its weights' sizes.
SAME = 1e-7


def convolve(
    img: Image | NDArray[Any],
    kernel: ArrayLike,
    *,
    normalize: bool = False,
    method: str = "auto",
    edge: str = "clamp",
) -> Image:
    """New: each pixel the sum of its neighbours, weighted by ``kernel`` as it is written.

    The kernel is not turned round, as in OpenImageIO, OpenCV's ``filter2D`` and Nuke's Matrix: its left column weighs
    the pixels on the left. (``scipy.ndimage.convolve`` turns it; ``kernel[::-1, ::-1]`` does that here.) The element
    ``[height // 2, width // 2]`` stands on the pixel itself.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    kernel : array_like, (height, width)
        Finite weights, up to 8191 on a side.
    normalize : bool, optional
        Divide the weights by their sum.
    method : {"auto", "direct", "separable", "fft"}, optional
        How it is computed; the results agree to float32 precision. ``"auto"``: in two passes where the kernel is a
        product of a column and a row, by Fourier transforms where it is large, else tap by tap.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If the kernel is not a finite two-dimensional array, sums to 0 and should be normalised, is no product and
        should be separable, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> row = np.array([[0.0, 1.0, 2.0, 4.0]], np.float32)
    >>> convolve(row, [[-1.0, 0.0, 1.0]]).numpy().tolist()
    [[1.0, 2.0, 3.0, 2.0]]
    """
    img = as_image(img)
    code = edge_code(edge)
    wanted = one_of("method", method, ("auto", "direct", "separable", "fft"))
    weights = _checked(kernel)
    if normalize:
        total = float(weights.sum())
        if abs(total) <= 1e-12 * float(np.abs(weights).sum()):
            raise ValueError("kernel sums to 0, so it cannot be normalised")
        weights = weights / total
    return apply_kernel(img, weights, method=wanted, edge=code)


def apply_kernel(img: Image, weights: NDArray[np.float64], *, method: str = "auto", edge: int) -> Image:
    """A new image: ``img`` under a checked kernel, by the method that is quickest or asked for."""
    factors = None
    if method == "separable" or (method == "auto" and weights.size > SOME_TAPS):
        factors = _factors(weights)
        if factors is None and method == "separable":
            raise ValueError(f"kernel of shape {weights.shape} is not the product of a column and a row")
    if factors is not None:
        return _in_two_passes(img, *factors, edge=edge)
    if method == "fft":
        return fourier_correlated(img, weights, edge=edge)
    taps = taps_of(weights)
    if method == "auto" and len(taps.weights) * (1.0 + LEVEL_COST * int(taps.places[:, 2].max())) > MANY_TAPS:
        return fourier_correlated(img, weights, edge=edge)
    return correlated(img, taps, edge=edge)


def _checked(kernel: ArrayLike) -> NDArray[np.float64]:
    """The kernel as float64 that float32 can hold."""
    try:
        weights = np.asarray(kernel, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"kernel must be a two-dimensional array of numbers, got {type(kernel).__name__}") from None
    if weights.ndim != 2 or 0 in weights.shape or max(weights.shape) > MOST_SIDE:
        raise ValueError(f"kernel must be (height, width), up to {MOST_SIDE} on a side, got shape {weights.shape}")
    if not np.abs(weights).max() <= np.finfo(np.float32).max:
        raise ValueError("kernel must hold finite float32 numbers, got NaN, infinite or larger ones")
    return weights


def _factors(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A column and a row whose product the kernel is, or None."""
    y, x = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    if weights[y, x] == 0.0:
        return None
    column, row = weights[:, x], weights[y] / weights[y, x]
    off = np.abs(weights - column[:, None] * row).sum()
    return (column, row) if off <= SAME * np.abs(weights).sum() else None


def _in_two_passes(img: Image, column: NDArray[np.float64], row: NDArray[np.float64], *, edge: int) -> Image:
    """A new image: ``img`` under ``row``, then under ``column``; zeros at their ends are left out."""
    result = new_image(img)
    (along, along_origin), (across, across_origin) = _trimmed(row), _trimmed(column)
    threads = thread_count(img)
    _kernels.separable(img.pixels, result.pixels, along, along_origin, across, across_origin, edge, threads)
    return result


def _trimmed(weights: NDArray[np.float64]) -> tuple[NDArray[np.float32], int]:
    """One axis of a kernel without the zeros at its ends, and which weight stands on the pixel."""
    found = weights.astype(np.float32)
    middle = len(found) // 2
    used = [*np.flatnonzero(found).tolist(), middle]
    return np.ascontiguousarray(found[min(used) : max(used) + 1]), middle - min(used)
