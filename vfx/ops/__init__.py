"""Operations on whole pictures: compositing, resampling, filters, keying, channels and measurements.

Each takes an :class:`vfx.Image` (or an array of pixels) first, leaves it alone and returns a new image of the same
pixel format; each is a method of ``Image`` too. Integer pixels mean [0, 1] and are rounded and clamped on the way
back; half and float results are never clamped. Colour is premultiplied, all channels are treated alike unless an
operation says otherwise, and pictures lie where their data windows say.
"""

from __future__ import annotations

from vfx.ops.morphology import blackhat, close, dilate, erode, gradient, open, tophat
from vfx.ops.reformat import reformat
from vfx.ops.resize import fill, fit, resize

__all__ = [
    "blackhat",
    "close",
    "dilate",
    "erode",
    "fill",
    "fit",
    "gradient",
    "open",
    "reformat",
    "resize",
    "tophat",
]
