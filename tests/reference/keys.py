"""Keyers and despill in float64, written from their definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["chroma", "despilled", "difference", "luma", "measured", "ramped", "turned"]

Array = NDArray[np.float64]
REC709 = np.array([0.2126, 0.7152, 0.0722])


def ramped(values: Array, ramp: tuple[float, ...]) -> Array:
    """The ABCD ramp; NaN is 0."""
    a, b, c, d = ramp if len(ramp) == 4 else (*ramp, math.inf, math.inf)
    with np.errstate(all="ignore"):
        rise = np.clip((values - a) / (b - a), 0, 1) if b > a else (values >= b).astype(np.float64)
        fall = np.clip((d - values) / (d - c), 0, 1) if d > c else (values <= c).astype(np.float64)
    if math.isinf(d) and math.isinf(c):
        fall = np.ones_like(rise)
    return np.where(np.isnan(values), 0.0, np.minimum(rise, np.where(values <= c, 1.0, fall)))


def measured(rgb: Array, of: str) -> Array:
    """The number that ``key_luma`` looks at."""
    most, least = rgb.max(axis=-1), rgb.min(axis=-1)
    with np.errstate(all="ignore"):
        return {
            "luminance": rgb @ REC709,
            "average": rgb.mean(axis=-1),
            "max": most,
            "min": least,
            "saturation": np.where(most > 0, (most - least) / np.where(most > 0, most, 1), 0.0),
            "red": rgb[..., 0],
            "green": rgb[..., 1],
            "blue": rgb[..., 2],
        }[of]


def luma(rgb: Array, ramp: tuple[float, ...], of: str) -> Array:
    """``key_luma``."""
    return ramped(measured(rgb, of), ramp)


def difference(rgb: Array, clean: Array, ramp: tuple[float, ...], of: str) -> Array:
    """``key_difference``."""
    apart = np.abs(rgb - clean)
    return ramped(apart.max(axis=-1) if of == "max" else np.sqrt((apart**2).sum(axis=-1)), ramp)


def turned(colour: tuple[float, ...]) -> Array:
    """The rotation about grey that brings the colour's hue to green: by its angle, not by its components."""
    u, v = np.array([-1, 2, -1]) / math.sqrt(6), np.array([1, 0, -1]) / math.sqrt(2)
    grey = np.ones(3) / math.sqrt(3)
    angle = math.atan2(float(v @ np.array(colour)), float(u @ np.array(colour)))
    plane = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    base = np.stack([u, v])
    return np.outer(grey, grey) + base.T @ plane @ base


def chroma(rgb: Array, screen: tuple[float, ...], ramp: tuple[float, ...], method: str) -> Array:
    """``key_chroma`` with a screen given as a colour."""
    colour = np.array(screen, np.float64)
    if method == "chromaticity":
        light = rgb.sum(axis=-1)
        with np.errstate(all="ignore"):
            far = np.linalg.norm(rgb / light[..., None] - colour / colour.sum(), axis=-1)
        unit = np.linalg.norm(colour / colour.sum() - 1 / 3)
        return ramped(np.where((light <= 0) | np.isposinf(light), math.sqrt(2), far) / unit, ramp)
    axes = turned(screen)

    def excess(values: Array) -> Array:
        q, p, s = np.moveaxis(values @ axes.T, -1, 0)
        return np.asarray(p - (np.maximum(q, s) if method == "max" else (q + s) / 2))

    with np.errstate(all="ignore"):
        return ramped(1.0 - excess(rgb) / excess(colour), ramp)


def despilled(rgb: Array, screen: Any, method: str, **options: Any) -> Array:
    """``despill``; ``limiter`` is the position of the channel that limits."""
    amount, keep = options.get("amount", 1.0), options.get("keep_luminance", False)
    own = {"green": 1, "blue": 2, "red": 0}.get(screen) if isinstance(screen, str) else None
    axes = np.eye(3) if own is not None else turned(screen)
    values = rgb @ axes.T if own is None else rgb
    p_at = 1 if own is None else own
    first, second = [c for c in range(3) if c != p_at]
    q, p, s = values[..., first], values[..., p_at], values[..., second]
    if method == "limit":
        bound = values[..., options.get("limiter", 0 if p_at == 1 else 1)]
    else:
        bound = {"average": (q + s) / 2, "max": np.maximum(q, s), "min": np.minimum(q, s)}[method]
    spill = np.maximum(p - bound, 0.0)[..., None]
    axis = axes[p_at]
    change = -amount * spill * axis
    if keep:
        change = change + amount * spill * float(REC709 @ axis)
    return np.asarray(rgb + change)
