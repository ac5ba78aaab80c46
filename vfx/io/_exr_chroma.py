"""Luminance/chroma files as colours: which channels that needs, how wide a border, and what the primaries weigh.

::

    Y  RY  BY  (A …)   stored: Y for every pixel, chroma RY = (R - Y) / Y and BY = (B - Y) / Y as a rule for every
                       second one of every second line
    R  G   B   (A …)   what they stand for

("Technical Introduction to OpenEXR", "Luminance/Chroma Images"; the filter: ``vfx/_ext/exr_chroma.pyx``.)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vfx.errors import FormatError
from vfx.io._exr_attributes import decode_value
from vfx.io._exr_channels import Selection
from vfx.io._exr_header import PartHeader
from vfx.io._exr_levels import Region
from vfx.io._limits import limits
from vfx.metadata import Chromaticities

__all__ = ["colours", "luminance_weights", "wider"]

#: Primaries of a file that names none (ImfChromaticities.h of OpenEXR 3.5): Rec. ITU-R BT.709 and D65.
_REC709 = Chromaticities((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
# A pixel is made of chroma up to 13 pixels away; its saturation is compared with that of its neighbours.
_BORDER = 16


def _halved(chosen: Selection) -> bool:
    """Whether chroma is stored for every second pixel of every second line; other samplings are not filtered."""
    return all((channel.x_sampling, channel.y_sampling) == (2, 2) for channel in chosen.channels[1:3])


def wider(region: Region, chosen: Selection) -> Region:
    """The region with the border that its colours depend on, from an even corner on."""
    if not _halved(chosen):
        return region
    x0, y0, x1, y1 = region.window
    left, top, right, bottom = region.box
    box = (
        max(left - _BORDER, 0) & ~1,
        max(top - _BORDER, 0) & ~1,
        min(right + _BORDER, x1 - x0 + 1),
        min(bottom + _BORDER, y1 - y0 + 1),
    )
    return Region(region.level, region.window, box)


def luminance_weights(part: PartHeader) -> tuple[float, float, float]:
    """How much of the luminance is red, green and blue, by the file's ``chromaticities`` (SMPTE RP 177:1993, 3.3).

    Raises
    ------
    FormatError
        If the primaries make no colour space.
    """
    stored = part.attributes.get("chromaticities")
    primaries = decode_value("chromaticities", stored) if stored is not None else _REC709
    weights = np.zeros(3)
    if isinstance(primaries, Chromaticities):
        points = np.array(primaries, np.float64)
        xyz = np.stack([points[:, 0], points[:, 1], 1 - points.sum(1)])
        try:
            amounts = np.linalg.solve(xyz[:, :3], xyz[:, 3])
            weights = amounts * xyz[1, :3] / (amounts @ xyz[1, :3])
        except (np.linalg.LinAlgError, ZeroDivisionError, FloatingPointError):
            pass
    if not np.isfinite(weights).all() or weights[1] == 0:
        raise FormatError(
            f"the chromaticities {primaries!r} span no colours for luminance and chroma; raw=True gives them as stored",
            path=part.label,
        )
    red, green, blue = map(float, weights)
    return red, green, blue


def colours(
    stored: np.ndarray[Any, np.dtype[Any]],
    part: PartHeader,
    *,
    chosen: Selection,
    region: Region,
    threads: int,
) -> np.ndarray[Any, np.dtype[Any]]:
    """The picture of ``region`` out of the samples of :func:`wider` of it, in the order of ``chosen.picked``.

    Raises
    ------
    FormatError
        If the primaries make no colour space.
    """
    from vfx._ext import exr_chroma as kernel

    weights = luminance_weights(part)
    left, top = wider(region, chosen).box[:2]
    box = (region.box[0] - left, region.box[1] - top, region.box[2] - left, region.box[3] - top)
    shape = (region.height, region.width, stored.shape[2])
    limits.check_memory(stored.nbytes + 4 * math.prod(shape), part.label)
    out = np.empty(shape, np.float32)
    kernel.colours(stored, out, weights, box, _halved(chosen), threads)
    picked = list(chosen.picked)
    return out if picked == list(range(stored.shape[2])) else np.ascontiguousarray(out[:, :, picked])
