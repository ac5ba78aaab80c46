"""Correlation with large kernels through the fast Fourier transform, tile by tile, in float64.

Overlap-save: each tile is read with what the kernel sees around it, so the transform's own wrapping never shows. A
transform spreads what is not finite over its whole tile, and the rounding of the largest value too; tiles in which
that would show are summed directly.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx._ext import convolve as _kernels
from vfx.ops._pictures import EDGES, new_image, thread_count
from vfx.ops._taps import NO_TAPS, taps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["fourier_correlated"]

#: A transform has at least this many samples along an axis, or what picture and kernel need.
LEAST = 512
#: The largest error that a transform may make, and the error per unit of |tile| |kernel| (Euclidean): float64's
#: spacing times a few for the butterflies.
ALLOWED, ERROR = 2e-7, 2e-15


def _smooth(n: int) -> int:
    """The smallest number of at least ``n`` that has no prime factor above 5."""
    best = 1 << max(n - 1, 0).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            twos = 1 << max(-(-n // three) - 1, 0).bit_length()
            best = min(best, three * twos)
            three *= 3
        five *= 5
    return best


def _outside(n: int, first: int, end: int, edge: int) -> NDArray[np.intp]:
    """The samples in [0, n) that stand for ``first`` to ``end``; -1 is black."""
    i = np.arange(first, end)
    if edge == EDGES["clamp"]:
        return np.clip(i, 0, n - 1)
    if edge == EDGES["black"]:
        return np.where((i >= 0) & (i < n), i, -1)
    period = n if edge == EDGES["wrap"] else 2 * n
    i %= period
    return np.where(i < n, i, period - 1 - i)


def _values(img: Image, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """What these pixels mean, (C, rows, columns)."""
    found = img.pixels[np.maximum(rows, 0)[:, None], np.maximum(columns, 0)].astype(np.float64)
    if img.dtype.kind == "u":
        found /= float(np.iinfo(img.dtype).max)
    found[rows < 0] = 0.0
    found[:, columns < 0] = 0.0
    return found.transpose(2, 0, 1)


def _store(values: NDArray[np.float64], target: NDArray[Any]) -> None:
    """``values`` (C, H, W) into pixels of any format."""
    found = values.transpose(1, 2, 0)
    if target.dtype.kind == "u":
        top = float(np.iinfo(target.dtype).max)
        found = np.floor(np.nan_to_num(np.clip(found, 0.0, 1.0)) * top + 0.5)
    with np.errstate(over="ignore"):
        target[...] = found.astype(target.dtype)


def _directly(tile: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of a tile whose neighbours are all there, summed tap by tap."""
    pixels = np.ascontiguousarray(tile.transpose(1, 2, 0), dtype=np.float32)
    out = np.empty_like(pixels)
    _kernels.correlate(pixels, out, *taps_of(kernel), *NO_TAPS, EDGES["black"], 1)
    top, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    height, width = tile.shape[1] - kernel.shape[0] + 1, tile.shape[2] - kernel.shape[1] + 1
    return out[top : top + height, left : left + width].transpose(2, 0, 1).astype(np.float64)


def fourier_correlated(img: Image, kernel: NDArray[np.float64], *, edge: int) -> Image:
    """A new image: ``img`` correlated with ``kernel``, whose middle ``(height // 2, width // 2)`` stands on the pixel.

    Parameters
    ----------
    img : Image
        The picture.
    kernel : numpy.ndarray of float64, (height, width)
        Finite weights.
    edge : int
        Number of the edge mode.
    """
    result = new_image(img)
    spans = zip((img.height, img.width), kernel.shape, strict=True)
    sizes = tuple(_smooth(min(max(LEAST, 4 * taps), length + taps - 1)) for length, taps in spans)
    steps = sizes[0] - kernel.shape[0] + 1, sizes[1] - kernel.shape[1] + 1
    spectrum = np.fft.rfft2(kernel[::-1, ::-1], sizes)
    norm = float(np.linalg.norm(kernel))
    middle = kernel.shape[0] // 2, kernel.shape[1] // 2

    def run(corner: tuple[int, int]) -> None:
        ends = min(corner[0] + steps[0], img.height), min(corner[1] + steps[1], img.width)
        seen = [
            _outside(length, low - centre, high - centre + taps - 1, edge)
            for length, low, high, centre, taps in zip(
                (img.height, img.width), corner, ends, middle, kernel.shape, strict=True
            )
        ]
        tile = _values(img, seen[0], seen[1])
        shape = ends[0] - corner[0], ends[1] - corner[1]
        with np.errstate(over="ignore", invalid="ignore"):
            quiet = ERROR * float(np.linalg.norm(tile)) * norm <= ALLOWED
        if quiet:  # and so finite
            found = np.stack([np.fft.irfft2(np.fft.rfft2(plane, sizes) * spectrum, sizes) for plane in tile])
            top, left = kernel.shape[0] - 1, kernel.shape[1] - 1
            found = found[:, top : top + shape[0], left : left + shape[1]]
        else:
            found = _directly(tile, kernel)
        _store(found, result.pixels[corner[0] : ends[0], corner[1] : ends[1]])

    corners = [(y, x) for y in range(0, img.height, steps[0]) for x in range(0, img.width, steps[1])]
    workers = min(thread_count(img), len(corners), _threads.workers())
    if workers == 1:
        for corner in corners:
            run(corner)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, corners))
    return result
