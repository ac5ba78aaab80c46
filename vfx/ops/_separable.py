"""Filters that go along the rows and then across them: Gaussians, boxes, and any pair of one-dimensional kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx._ext import blur as _kernels
from vfx._ext import box as _box
from vfx._ext import box_codes as _box_codes
from vfx._ext import gaussian as _gaussian
from vfx.checks import number
from vfx.ops._gaussian_plan import LEAST_SIGMA, gaussian_plan, gaussian_weights
from vfx.ops._pictures import EDGES, new_image, thread_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["boxed", "filtered", "gaussian", "pair", "sigmas"]

#: The largest standard deviation in pixels.
MOST_SIGMA = 10_000.0
#: A Gaussian of so many pictures' lengths is their mean to 1e-19 where the picture repeats outside.
MEAN = 3.0
#: Boxes whose sums of codes are below it are added up in integers.
MOST_SUM = 1 << 32
#: Standard deviation of a Gaussian of size 1, OpenImageIO's rule: its support of ``size`` pixels is four deviations.
SIGMA_OF_SIZE = 0.25


def pair(name: str, value: object, *, high: float) -> tuple[float, float]:
    """A number, or a pair for x and y, as two numbers of at least 0."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} must be a number or a pair (x, y), got {value!r}")
        return number(f"{name}[0]", value[0], low=0.0, high=high), number(f"{name}[1]", value[1], low=0.0, high=high)
    both = number(name, value, low=0.0, high=high)
    return both, both


def sigmas(size: object, sigma: object, *, default: float) -> tuple[float, float]:
    """The standard deviations along x and y that ``size`` or ``sigma`` asks for; ``default`` where neither is given.

    Raises
    ------
    TypeError, ValueError
        If both are given, or one is no number or pair.
    """
    if size is not None and sigma is not None:
        raise ValueError(f"give size or sigma, not both; got size={size!r} and sigma={sigma!r}")
    if size is None:
        return pair("sigma", default if sigma is None else sigma, high=MOST_SIGMA)
    x, y = pair("size", size, high=MOST_SIGMA / SIGMA_OF_SIZE)
    return x * SIGMA_OF_SIZE, y * SIGMA_OF_SIZE


def _radices(inner: int) -> NDArray[np.int32]:
    """How many pixels, sums of pixels and so on a sum of ``inner`` pixels is best made of: the fewest additions."""
    best, cost = np.empty(0, np.int32), float(inner)
    for radix in range(2, 9):
        sizes = [1]
        while sizes[-1] * radix <= inner:
            sizes.append(sizes[-1] * radix)
            left, terms = inner, 0
            for size in reversed(sizes):
                terms, left = terms + left // size, left % size
            found = (radix + 1.0) * (len(sizes) - 1) + terms  # and a level is written
            if found < cost:
                best, cost = np.full(len(sizes) - 1, radix, np.int32), found
    return best


def boxed(img: Image, size: tuple[float, float], *, edge: int) -> Image:
    """A new image: the means of ``img`` over boxes of ``size`` pixels in x and y."""
    result = new_image(img)
    (width, width_rest), (height, height_rest) = (_whole_and_rest(length) for length in size)
    threads = thread_count(img)
    top = int(np.iinfo(img.dtype).max) if img.dtype.kind == "u" else MOST_SUM
    if width_rest == height_rest == 0.0 and top * width * height < MOST_SUM:
        pixels = np.ascontiguousarray(img.pixels)
        _box_codes.box_codes(pixels, result.pixels, width, height, edge, threads)
        return result
    radices = _radices(width)
    _box.box(img.pixels, result.pixels, width, width_rest, height, height_rest, radices, edge, threads)
    return result


def _whole_and_rest(size: float) -> tuple[int, float]:
    """How many whole pixels a box covers, and what share of the next ones on both sides."""
    if size <= 1.0:
        return 1, 0.0
    inner = 2 * math.floor((size - 1.0) / 2.0) + 1
    return inner, (size - inner) / 2.0


def filtered(
    img: Image, along: NDArray[np.float32], across: NDArray[np.float32], *, edge: int, dtype: Any = None
) -> Image:
    """A new image: ``img`` weighted by ``along`` in x and by ``across`` in y; a middle weight stands on the pixel."""
    result = new_image(img, dtype=dtype or img.dtype)
    centres = len(along) // 2, len(across) // 2
    threads = thread_count(img)
    _kernels.separable(img.pixels, result.pixels, along, centres[0], across, centres[1], edge, threads)
    return result


def gaussian(img: Image, sigma: tuple[float, float], *, edge: int, dtype: Any = None) -> Image:
    """A new image: ``img`` after a Gaussian of standard deviations ``sigma`` in x and y."""
    if edge in (EDGES["mirror"], EDGES["wrap"]):
        sigma = min(sigma[0], max(1.0, MEAN * img.width)), min(sigma[1], max(1.0, MEAN * img.height))
    if max(sigma) < LEAST_SIGMA:
        return filtered(img, gaussian_weights(sigma[0]), gaussian_weights(sigma[1]), edge=edge, dtype=dtype)
    result = new_image(img, dtype=dtype or img.dtype)
    plans = gaussian_plan(sigma[0]), gaussian_plan(sigma[1])
    _gaussian.decimated(img.pixels, result.pixels, *plans, edge, thread_count(img))
    return result
