"""Luminance and chroma to red, green and blue in float64, one plain array step at a time.

What a reader of ImfRgbaYca.cpp (OpenEXR 3.5) would write: a 27-tap filter over zero-stuffed samples, across then down;
the definition of RY and BY turned round; then the saturation limit. The row above the first and the row below the last,
which only the limit looks at, are those that the filter continues to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["rgb_of"]

Array = NDArray[Any]

_SIDE = (0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.007540, 0.002128)


def _doubled(samples: Array, pad: int) -> Array:
    """Samples of the first axis and what lies between them, continued by ``pad`` pixels at both ends."""
    more = pad + 16
    held = np.concatenate([samples[:1].repeat(more, 0), samples, samples[-1:].repeat(more, 0)])
    stuffed = np.zeros((2 * len(held), *held.shape[1:]))
    stuffed[::2] = held
    kernel = np.zeros(27)
    for place, weight in enumerate(_SIDE):
        kernel[13 - 1 - 2 * place] = kernel[13 + 1 + 2 * place] = weight
    between = np.apply_along_axis(np.convolve, 0, stuffed, kernel, "same")
    between[::2] = held
    return between[2 * more - pad : 2 * more + 2 * len(samples) + pad]


def _saturation(rgb: Array) -> Array:
    most, least = rgb.max(-1), rgb.min(-1)
    safe = np.where(most > 0, most, 1)
    return np.where(most > 0, 1 - least / safe, 0)


def rgb_of(luminance: Array, ry: Array, by: Array, weights: tuple[float, float, float]) -> Array:
    """(H, W, 3) float64; ``ry`` and ``by`` are (H/2, W/2); H and W are even."""
    height, width = luminance.shape
    rows = np.concatenate([luminance[:1], luminance, luminance[-2:-1]]).astype(np.float64)
    chroma = []
    for samples in (ry, by):
        across = _doubled(samples.astype(np.float64).T, 0).T
        chroma.append(_doubled(across, 1))
    red, blue = (chroma[0] + 1) * rows, (chroma[1] + 1) * rows
    green = (rows - red * weights[0] - blue * weights[2]) / weights[1]
    rgb = np.stack([red, green, blue], -1)
    found = rgb[1:-1]
    saturation = np.pad(_saturation(rgb), ((0, 0), (1, 1)), mode="edge")
    corners = saturation[:-2, :-2] + saturation[:-2, 2:] + saturation[2:, :-2] + saturation[2:, 2:]
    mean = np.minimum(1, corners / 4)
    most = np.minimum(1, 1 - (1 - mean) / 4)
    here = saturation[1:-1, 1:-1]
    assert found.shape == (height, width, 3)
    top = found.max(-1, keepdims=True)
    factor = (most / np.where(here > 0, here, 1))[..., None]
    paler = np.maximum(top - (top - found) * factor, 0)
    before, after = found @ np.array(weights), paler @ np.array(weights)
    paler *= (before / np.where(after > 0, after, before))[..., None]
    return np.where(((here > mean) & (here > most))[..., None], paler, found)
