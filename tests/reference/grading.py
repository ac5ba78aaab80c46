"""Pixel ops on lists of colours, and how far two results are apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from vfx.image import Image
from vfx.pixelop import PixelOp, run

Array = np.ndarray[Any, Any]

#: ITU-R BT.709-6, 3.2.
LUMA = np.array([0.2126, 0.7152, 0.0722])


def applied(op: PixelOp, colours: Any) -> Array:
    """Colours (N, C) after an op, float32."""
    image = Image(np.array(colours, np.float32, ndmin=2)[None])
    run((op,), image, image)
    return np.asarray(image.numpy()[0])


def error(actual: Array, expected: Any) -> float:
    """The largest difference: absolute below 1, relative to the pixel's brightest channel above."""
    expected = np.asarray(expected, np.float64)
    brightest = np.max(np.abs(expected), axis=-1, keepdims=True)
    return float(np.max(np.abs(np.float64(actual) - expected) / np.maximum(1.0, brightest)))
