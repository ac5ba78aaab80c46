"""The demo's looks and stills: a film-like show LUT, and a view LUT to look through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import vfx
from vfx.lut import Lut3D

__all__ = ["WORK", "save_png", "show_lut", "still", "view_lut"]

Array = np.ndarray[Any, np.dtype[np.float64]]

#: The curve in which the demo is graded: scene light from 0 to 55 fits in 0 to 1, grey 0.18 at 0.391.
WORK = "logc3"
_GREY = 0.391
_LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709-6, 3.2


def _lattice(size: int) -> Array:
    """The nodes of a 3D LUT from 0 to 1, float64."""
    return np.asarray(Lut3D.identity(size).table, np.float64)


def show_lut(size: int = 33) -> Lut3D:
    """The show's look, log to log: more contrast around grey, cool shadows, warm highlights."""
    rgb = _lattice(size)
    # A smooth S around grey that ends where it began, at 0 and 1.
    gap = rgb - _GREY
    room = np.where(gap > 0, 1 - _GREY, _GREY)
    rgb = _GREY + gap * (1 + 0.30 * (1 - np.minimum(np.abs(gap) / room, 1)) ** 1.5)
    luma = (rgb @ _LUMA)[..., None]
    shadow = np.clip((_GREY - luma) / _GREY, 0, 1) ** 0.8
    light = np.clip((luma - _GREY) / (1 - _GREY), 0, 1)
    rgb = rgb + shadow * np.array([-0.095, 0.006, 0.050]) + light * np.array([0.022, 0.004, -0.026])
    rgb = luma + (rgb - luma) * (1.06 - 0.25 * light)
    return Lut3D(np.clip(rgb, 0, 1).astype(np.float32), title="vfx demo show look")


def view_lut(size: int = 65) -> Lut3D:
    """How scene light is looked at, log to display: a filmic shoulder and the sRGB curve.

    The shoulder is K. Narkowicz, "ACES Filmic Tone Mapping Curve" (2016), at 0.6 of its exposure.
    """
    light = np.asarray(vfx.transfer.decode(_lattice(size), WORK), np.float64)
    x = np.maximum(light, 0) * 0.6
    shown = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    table = np.asarray(vfx.transfer.encode(shown, "srgb"), np.float32)
    return Lut3D(table, title="vfx demo view")


def still(image: vfx.Image, view: vfx.lut.Lut1D | Lut3D | vfx.lut.LutChain, *, log: bool = False) -> vfx.Image:
    """The picture as a display shows it, 8 bits, RGB; ``log`` says that it is in the working curve."""
    look = vfx.Look() if log else vfx.Look().encode(WORK)
    return look.lut(view)(image.select(["R", "G", "B"]).astype("f32")).astype("u8")


def save_png(path: Path, image: vfx.Image) -> Path:
    """The path, which then holds the picture as 8-bit PNG, lightly compressed."""
    vfx.write(path, image, bit_depth=8, level=3)
    return path
