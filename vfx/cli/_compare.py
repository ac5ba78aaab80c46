"""How two pictures differ, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import ChannelError
from vfx.image import Image

__all__ = ["Difference", "difference"]


@dataclass(frozen=True)
class Difference:
    """Absolute differences over all pixels and channels.

    Attributes
    ----------
    mean, rms, largest : float
        Of the absolute difference; infinite where only one side is finite.
    psnr : float
        Decibels against a peak of 1.0: −20·log10(rms); infinite for equal pictures.
    failing : int
        Pixels with a channel that differs by more than the threshold.
    pixels : int
        Pixels compared.
    worst : (x, y) or None
        Where the largest difference is; None for equal pictures.
    channel : str
        The channel of the largest difference.
    """

    mean: float
    rms: float
    largest: float
    psnr: float
    failing: int
    pixels: int
    worst: tuple[int, int] | None
    channel: str


def difference(a: Image, b: Image, threshold: float = 0.0) -> Difference:
    """How ``a`` and ``b`` differ; integers are compared as [0, 1], equal NaNs and infinities as equal.

    Raises
    ------
    ChannelError
        If size or channel names differ.
    """
    if (a.width, a.height) != (b.width, b.height):
        raise ChannelError(f"the sizes differ: {a.width} x {a.height} and {b.width} x {b.height}")
    if set(a.channel_names) != set(b.channel_names):
        raise ChannelError(f"the channels differ: {', '.join(a.channel_names)} and {', '.join(b.channel_names)}")
    if a.width == 0 or a.height == 0:
        return Difference(0.0, 0.0, 0.0, math.inf, 0, 0, None, "")
    b = b.select(a.channel_names)
    total = squares = largest = 0.0
    failing = 0
    worst: tuple[int, int, int] | None = None
    band = max(1, (1 << 20) // (a.width * a.channels))
    for top in range(0, a.height, band):
        gap = _gap(a, b, top, top + band)
        total += float(gap.sum())
        squares += float((gap * gap).sum())
        failing += int(np.count_nonzero((gap > threshold).any(axis=2)))
        peak = float(gap.max())
        if peak > largest:
            largest = peak
            row, column, channel = np.unravel_index(int(gap.argmax()), gap.shape)
            worst = (int(column), int(row) + top, int(channel))
    count = a.width * a.height * a.channels
    rms = math.sqrt(squares / count)
    psnr = -20.0 * math.log10(rms) if 0 < rms < math.inf else (math.inf if rms == 0 else -math.inf)
    return Difference(
        total / count,
        rms,
        largest,
        psnr,
        failing,
        a.width * a.height,
        None if worst is None else worst[:2],
        "" if worst is None else a.channel_names[worst[2]],
    )


def _gap(a: Image, b: Image, top: int, bottom: int) -> NDArray[np.float64]:
    """Absolute differences of some rows, infinite where a number meets none."""
    left, right = (_unit_range(image.pixels[top:bottom]) for image in (a, b))
    with np.errstate(invalid="ignore"):
        gap = np.abs(left - right)
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    gap[same] = 0.0
    gap[np.isnan(gap)] = np.inf
    return gap


def _unit_range(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Pixels as float64; integer codes of 8 and 16 bits become [0, 1]."""
    values = pixels.astype(np.float64)
    if pixels.dtype in (np.uint8, np.uint16):
        values /= 255.0 if pixels.dtype == np.uint8 else 65535.0
    return values
