"""The steps of ``vfx/_ext/steps_colour.pxd`` in plain float64 NumPy; see ``engine_steps`` for the conventions."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def _colour(x: Values, rgb: Values) -> Values:
    return np.concatenate([rgb, x[:, 3:]], axis=1)


def _hsv(r: float, g: float, b: float) -> tuple[float, float, float]:
    """HSV of one pixel; for negatives by shifting: value and saturation count from the smallest channel."""
    low, high = min(r, g, b), max(r, g, b)
    if np.isnan(r + g + b):
        return np.nan, np.nan, np.nan
    if low >= 0:
        return colorsys.rgb_to_hsv(r, g, b)
    hue = colorsys.rgb_to_hsv(r - low, g - low, b - low)[0]
    return hue, (high - low) / max(high, -low), high + low


def rgb_to_hsv(x: Values, p: Sequence[float], _: object) -> Values:
    """The standard library's HSV, and OpenColorIO's extension to negatives."""
    return _colour(x, np.array([_hsv(*map(float, rgb)) for rgb in x[:, :3]]).reshape(-1, 3))


def hsv_to_rgb(x: Values, p: Sequence[float], _: object) -> Values:
    hue, s, value = x[:, 0] % 1.0, np.clip(x[:, 1], 0.0, 1.999), x[:, 2]
    low = np.where(value < 0, value / (2 - s), np.where(s > 1, value * (1 - s) / (2 - s), value * (1 - s)))
    high = np.where((value < 0) | (s > 1), value - low, value)
    # Each primary is full within 60 degrees of its hue, and falls to nothing at 120.
    away = np.abs((hue[:, None] - np.array([0, 1 / 3, 2 / 3]) + 0.5) % 1.0 - 0.5) * 6
    share = np.clip(2 - away, 0, 1)
    return _colour(x, low[:, None] + share * (high - low)[:, None])


def _luma(rgb: Values, weights: Sequence[float]) -> Values:
    return rgb @ np.asarray(weights, np.float64)


def _varied(x: Values, p: Sequence[float], factor: object) -> Values:
    """Chroma times what ``factor`` gives for luma, max and min, where all channels are positive and finite."""
    rgb = x[:, :3]
    luma = _luma(rgb, (p[1], 1 - p[1] - p[2], p[2]))
    high, low = rgb.max(axis=1), rgb.min(axis=1)
    with np.errstate(all="ignore"):
        k = factor(luma, high, low)  # type: ignore[operator]
        result = luma[:, None] + k[:, None] * (rgb - luma[:, None])
    inside = (low > 0) & np.isfinite(high)
    return _colour(x, np.where(inside[:, None], result, rgb))


def vibrance(x: Values, p: Sequence[float], _: object) -> Values:
    return _varied(x, p, lambda luma, high, low: 1 + p[0] * low / high)


def vibrance_reverse(x: Values, p: Sequence[float], _: object) -> Values:
    """By bisection: the result's chroma rises with the source's."""

    def factor(luma: Values, high: Values, low: Values) -> Values:
        # 1 / k between a half and a lot; forward chroma is u (1 + v min / max), to be 1.
        least, most = np.full_like(luma, 1e-3), np.full_like(luma, 1e3)
        for _step in range(200):
            u = 0.5 * (least + most)
            top, bottom = luma + u * (high - luma), luma + u * (low - luma)
            above = u * (1 + p[0] * np.maximum(bottom, 0) / top) > 1
            least, most = np.where(above, least, u), np.where(above, u, most)
        return 0.5 * (least + most)

    return _varied(x, p, factor)


def _stops(stops: Values, p: Sequence[float]) -> Values:
    """Stops of exposure at so many stops from the pivot."""
    t = np.clip(np.abs(stops) / 5, 0, 1)
    end = np.where(stops < 0, p[0], p[2])
    return p[1] + (3 * t**2 - 2 * t**3) * (end - p[1])


def _exposed(x: Values, luma: Values, stops: Values) -> Values:
    factor = np.where(np.isnan(luma), 1.0, np.exp2(stops))
    return _colour(x, x[:, :3] * factor[:, None])


def _from_pivot(luma: Values, p: Sequence[float]) -> Values:
    with np.errstate(all="ignore"):
        return np.where(luma > 0, np.clip(np.log2(luma / p[3]), -60, 60), -60.0)


def tone(x: Values, p: Sequence[float], _: object) -> Values:
    luma = _luma(x[:, :3], p[4:])
    return _exposed(x, luma, _stops(_from_pivot(luma, p), p))


def tone_reverse(x: Values, p: Sequence[float], _: object) -> Values:
    """By bisection for the stops before."""
    luma = _luma(x[:, :3], p[4:])
    after = _from_pivot(luma, p)
    least, most = after - 20, after + 20
    for _step in range(200):
        before = 0.5 * (least + most)
        above = before + _stops(before, p) > after
        least, most = np.where(above, least, before), np.where(above, before, most)
    return _exposed(x, luma, -_stops(0.5 * (least + most), p))


def power_linear(x: Values, p: Sequence[float], _: object) -> Values:
    v, e = x[:, :3], np.broadcast_to(np.asarray(p), (len(x), 3))
    with np.errstate(all="ignore"):
        curve = np.where(v < 1, np.power(np.maximum(v, 0), e), 1 + (v - 1) * e)
    return _colour(x, np.where(v < 0, v, curve))


def at_most(x: Values, p: Sequence[float], _: object) -> Values:
    v = x[:, :3]
    return _colour(x, np.where(v > np.asarray(p), p, v))


def _piecewise(x: Values, p: Sequence[float], table: NDArray[np.float32], columns: int) -> Values:
    """Each channel through its curve, the pieces found by a search instead of buckets."""
    blocks = table.astype(np.float64).reshape(-1, columns, int(p[15]))
    rgb = x[:, :3].copy()
    for c in range(3):
        if p[c] < 0:
            continue
        block = blocks[int(p[c])]
        v = x[:, c]
        piece = np.searchsorted(block[0][1:][np.isfinite(block[0][1:])], v, side="right")
        part = block[:, piece]
        with np.errstate(all="ignore"):
            if columns == 6:
                t = v - part[0]
                y = part[1] + t * (part[2] + t * (part[3] + t * part[4]))
            else:
                y = part[1] + _root(v - part[0], part)
        y = np.where(v == -np.inf, p[9 + c], np.where(v == np.inf, p[12 + c], y))
        rgb[:, c] = np.where(np.isnan(v), np.nan, y)
    return _colour(x, rgb)


def _root(rise: Values, part: Values) -> Values:
    """Where a piece has risen so far: by division on the lines at the ends, by bisection between."""
    least, most = np.maximum(part[7], -1e9), np.minimum(part[8], 1e9)
    outside = (part[3] == 0) & (part[4] == 0)
    for _step in range(200):
        t = 0.5 * (least + most)
        above = t * (part[2] + t * (part[3] + t * part[4])) > rise
        least, most = np.where(above, least, t), np.where(above, t, most)
    return np.where(outside, rise / part[2], 0.5 * (least + most))


def cubic_curves(x: Values, p: Sequence[float], table: NDArray[np.float32]) -> Values:
    return _piecewise(x, p, table, 6)


def cubic_curves_reverse(x: Values, p: Sequence[float], table: NDArray[np.float32]) -> Values:
    return _piecewise(x, p, table, 9)
