"""Filters in float64, written the plain way: a padded picture and one sum a tap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PAD_MODES", "correlate", "gaussian", "gaussian_kernel"]

Array = NDArray[Any]

#: Our edge modes → ``numpy.pad``'s.
PAD_MODES: dict[str, str] = {"clamp": "edge", "black": "constant", "mirror": "symmetric", "wrap": "wrap"}


def correlate(values: Array, kernel: Array, edge: str) -> NDArray[np.float64]:
    """(H, W, C) under a kernel whose element ``[height // 2, width // 2]`` stands on the pixel; zeros are skipped."""
    height, width = kernel.shape
    top, left = height // 2, width // 2
    around = ((top, height - 1 - top), (left, width - 1 - left), (0, 0))
    padded = np.pad(np.asarray(values, np.float64), around, PAD_MODES[edge])  # type: ignore[call-overload]
    out = np.zeros(values.shape, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        for y, x in zip(*np.nonzero(kernel), strict=True):
            out += kernel[y, x] * padded[y : y + values.shape[0], x : x + values.shape[1]]
    return out


def gaussian_kernel(sigma: float) -> NDArray[np.float64]:
    """A sampled Gaussian of sum 1, out to eight deviations."""
    if sigma == 0.0:
        return np.ones(1)
    radius = int(np.ceil(8 * sigma)) + 1
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2.0 * sigma * sigma))
    return np.asarray(weights / weights.sum())


def gaussian(values: Array, sigma: tuple[float, float], edge: str) -> NDArray[np.float64]:
    """(H, W, C) after Gaussians of ``sigma`` (x, y)."""
    return correlate(
        correlate(values, gaussian_kernel(sigma[0])[None, :], edge), gaussian_kernel(sigma[1])[:, None], edge
    )
