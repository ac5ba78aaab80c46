"""The steps of process lists in plain float64 NumPy; see ``engine_steps``.

Formulas: Common LUT Format v3 (Academy S-2014-006, 5), the CTL of ACES 1.0 (ACESlib.RRT_Common, ACESlib.ODT_Common),
CIE 15:2018 for chromaticities and L*u*v*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
FLT_MIN = float(np.finfo(np.float32).tiny)


def _per_channel(x: Values, curve: Callable[[Values, int], Values]) -> Values:
    """``curve(values, channel)`` of each colour channel."""
    out = x.copy()
    for c in range(3):
        out[:, c] = curve(x[:, c], c)
    return out


def _rgb(x: Values, *channels: Values) -> Values:
    return np.column_stack([*channels, x[:, 3]])


def _sided(curve: Callable[[Values], Values], v: Values, mirrored: float) -> Values:
    return np.copysign(curve(np.abs(v)), v) if mirrored else curve(v)


def curve_encode_rgb(x: Values, p: Sequence[float], _: object) -> Values:
    def channel(v: Values, c: int) -> Values:
        e, scale, offset, brk, slope = p[c:15:3]
        return _sided(lambda u: np.where(u > brk, scale * np.maximum(u, 0) ** e - offset, u * slope), v, p[15])

    return _per_channel(x, channel)


def curve_decode_rgb(x: Values, p: Sequence[float], _: object) -> Values:
    def channel(v: Values, c: int) -> Values:
        e, scale, offset, brk, slope = p[c:15:3]
        return _sided(lambda u: np.where(u > brk, np.maximum(u * scale + offset, 0) ** e, u * slope), v, p[15])

    return _per_channel(x, channel)


def log_encode_rgb(x: Values, p: Sequence[float], _: object) -> Values:
    def channel(v: Values, i: int) -> Values:
        a, b, c, d, brk, e, f = p[i::3]
        logged = a * np.log2(np.maximum(c * v + d, FLT_MIN)) + b
        return logged if brk == -np.inf else np.where(v > brk, logged, e * v + f)

    return _per_channel(x, channel)


def log_decode_rgb(x: Values, p: Sequence[float], _: object) -> Values:
    def channel(v: Values, i: int) -> Values:
        a, b, c, d, brk, e, f = p[i::3]
        raised = c * np.exp2(a * v + b) + d
        return raised if brk == -np.inf else np.where(v > brk, raised, e * v + f)

    return _per_channel(x, channel)


def red_mod(x: Values, p: Sequence[float], _: object) -> Values:
    """RRT_Common: the uniform cubic B-spline over hue, scaled to 1, times saturation."""
    amount, pivot, width, mode = p
    r, g, b = x[:, :3].T
    hue = np.arctan2(np.sqrt(3.0) * (g - b), 2.0 * r - g - b)
    place = hue * width + 2.0
    knot = np.floor(place)
    t = place - knot
    pieces = [0.25 * t**3, -0.75 * t**3 + 0.75 * t**2 + 0.75 * t + 0.25, 0.75 * t**3 - 1.5 * t**2 + 1.0,
              0.25 * (1.0 - t) ** 3]  # fmt: skip
    weight = np.select([knot == k for k in range(4)], pieces, 0.0)
    low, high = np.minimum(g, b), np.maximum(g, b)
    if mode in (1, 3):
        qa, qb = weight * amount - 1.0, r - weight * (pivot + low) * amount
        new = (-qb - np.sqrt(np.maximum(qb**2 - 4.0 * qa * weight * pivot * low * amount, 0))) / (2.0 * qa)
    else:
        largest, smallest = np.maximum(high, r), np.minimum(low, r)
        sat = (np.maximum(largest, 1e-10) - np.maximum(smallest, 1e-10)) / np.maximum(largest, 1e-2)
        new = r + weight * sat * (pivot - r) * amount
    new = np.where(weight > 0, new, r)
    if mode >= 2:
        mid = (high - low) / np.maximum(r - low, 1e-10) * (new - low) + low
        mid = np.where(weight > 0, mid, high)
        g, b = np.where(g >= b, mid, g), np.where(g < b, mid, b)
    return _rgb(x, new, g, b)


def glow(x: Values, p: Sequence[float], _: object) -> Values:
    most, mid, mode = p
    r, g, b = x[:, :3].T
    chroma = np.sqrt(np.maximum(b * (b - g) + g * (g - r) + r * (r - b), 0))
    yc = (b + g + r + 1.75 * chroma) / 3.0
    high, low = x[:, :3].max(axis=1), x[:, :3].min(axis=1)
    sat = (np.maximum(high, 1e-10) - np.maximum(low, 1e-10)) / np.maximum(high, 1e-2)
    s = (sat - 0.4) / 0.2
    gain = most * (1.0 + np.sign(s) * (1.0 - np.maximum(0.0, 1.0 - np.abs(s / 2.0)) ** 2)) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        if mode:
            between, full = gain * (mid / yc - 0.5) / (gain / 2.0 - 1.0), -gain / (1.0 + gain)
            knee = (1.0 + gain) * mid * 2.0 / 3.0
        else:
            between, full, knee = gain * (mid / yc - 0.5), gain, mid * 2.0 / 3.0
    added = np.select([yc <= knee, yc >= 2.0 * mid], [full, np.zeros_like(yc)], between)
    return _rgb(x, *(x[:, :3] * (1.0 + added)[:, None]).T)


def surround(x: Values, p: Sequence[float], _: object) -> Values:
    luma = x[:, :3] @ np.asarray(p[2:5])
    gain = np.maximum(np.abs(luma) if p[5] else luma, p[1]) ** p[0]
    return _rgb(x, *(x[:, :3] * gain[:, None]).T)


def _over(a: Values, b: Values) -> Values:
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


def xyz_to_xyy(x: Values, p: Sequence[float], _: object) -> Values:
    total = x[:, :3].sum(axis=1)
    return _rgb(x, _over(x[:, 0], total), _over(x[:, 1], total), x[:, 1])


def xyy_to_xyz(x: Values, p: Sequence[float], _: object) -> Values:
    u, v, light = x[:, :3].T
    return _rgb(x, u * _over(light, v), light, (1.0 - u - v) * _over(light, v))


def xyz_to_uvy(x: Values, p: Sequence[float], _: object) -> Values:
    total = x[:, :3] @ np.array([1.0, 15.0, 3.0])
    return _rgb(x, _over(4.0 * x[:, 0], total), _over(9.0 * x[:, 1], total), x[:, 1])


def uvy_to_xyz(x: Values, p: Sequence[float], _: object) -> Values:
    u, v, light = x[:, :3].T
    return _rgb(x, 9.0 / 4.0 * u * _over(light, v), light, 3.0 / 4.0 * (4.0 - u - 20.0 / 3.0 * v) * _over(light, v))


U_WHITE, V_WHITE = 0.19783001, 0.46831999


def xyz_to_luv(x: Values, p: Sequence[float], _: object) -> Values:
    u, v, light = xyz_to_uvy(x, p, _)[:, :3].T
    star = np.where(light <= (6 / 29) ** 3, light * (29 / 3) ** 3 / 100, 1.16 * np.cbrt(light) - 0.16)
    return _rgb(x, star, 13.0 * star * (u - U_WHITE), 13.0 * star * (v - V_WHITE))


def luv_to_xyz(x: Values, p: Sequence[float], _: object) -> Values:
    star = x[:, 0]
    u = _over(x[:, 1], 13.0 * star) + U_WHITE
    v = _over(x[:, 2], 13.0 * star) + V_WHITE
    light = np.where(star <= 0.08, star * 100 * (3 / 29) ** 3, ((star + 0.16) / 1.16) ** 3)
    return uvy_to_xyz(_rgb(x, u, v, light), p, _)


def gamma_log(x: Values, p: Sequence[float], _: object) -> Values:
    mirror, brk, e, s, o, a, b, c, d, mode = p

    def channel(v: Values, _channel: int) -> Values:
        u = np.abs(v - mirror) + mirror
        if mode:
            low, high = np.maximum(u * s, 0) ** e + o, c * np.exp2(a * u + b) + d
        else:
            low, high = s * np.maximum(u + o, 0) ** e, a * np.log2(np.maximum(c * u + d, FLT_MIN)) + b
        return np.copysign(np.where(u < brk, low, high), v)

    return _per_channel(x, channel)


def double_log(x: Values, p: Sequence[float], _: object) -> Values:
    low, high, k, o, mode = *p[:2], *p[10:]

    def segment(v: Values, a: float, b: float, c: float, d: float) -> Values:
        return c * np.exp2(a * v + b) + d if mode else a * np.log2(np.maximum(c * v + d, FLT_MIN)) + b

    def channel(v: Values, _channel: int) -> Values:
        ends = np.where(v <= low, segment(v, *p[2:6]), v * k + o)
        return np.where(v >= high, segment(v, *p[6:10]), ends)

    return _per_channel(x, channel)
