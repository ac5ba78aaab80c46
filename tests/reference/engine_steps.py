"""The engine's kernel steps in plain float64 NumPy, one function per kernel.

Each takes ``x`` (N, 4) float64 R, G, B, A, the kernel's parameters as ``vfx._ext.kernels.KERNELS``
counts them, and its table; it returns new (N, 4) values. Written from the formulas of the
documents they cite, not from the kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from reference import clf_steps, colour_steps, curve_steps, lut_steps

Values = NDArray[np.float64]
FLT_MIN = float(np.finfo(np.float32).tiny)


def _colour(x: Values, rgb: Values) -> Values:
    return np.concatenate([rgb, x[:, 3:]], axis=1)


def _power(x: Values, e: object) -> Values:
    with np.errstate(all="ignore"):
        return np.power(np.maximum(x, 0.0), np.broadcast_to(np.asarray(e, np.float64), x.shape))


def _mirrored(x: Values, function: Callable[[Values], Values]) -> Values:
    return np.copysign(function(np.abs(x)), x)


def gain(x: Values, p: Sequence[float], _: object) -> Values:
    return _colour(x, x[:, :3] * p)


def affine(x: Values, p: Sequence[float], _: object) -> Values:
    return _colour(x, x[:, :3] * p[:3] + p[3:])


def matrix(x: Values, p: Sequence[float], _: object) -> Values:
    m = np.reshape(p, (3, 4))
    return _colour(x, x[:, :3] @ m[:, :3].T + m[:, 3])


def matrix4(x: Values, p: Sequence[float], _: object) -> Values:
    return x @ np.reshape(p[:16], (4, 4)).T + np.asarray(p[16:])


def saturation(x: Values, p: Sequence[float], _: object) -> Values:
    luma = x[:, :3] @ np.asarray(p[1:])
    return _colour(x, luma[:, None] + p[0] * (x[:, :3] - luma[:, None]))


def clamp(x: Values, p: Sequence[float], _: object) -> Values:
    low, high = np.asarray(p[:3]), np.asarray(p[3:])
    return _colour(x, np.where(np.isnan(x[:, :3]), low, np.clip(x[:, :3], low, high)))


def cdl(x: Values, p: Sequence[float], _: object) -> Values:
    """ASC CDL v1.2 (mode 1) and OpenColorIO's NO_CLAMP style (mode 0)."""
    v = x[:, :3] * p[:3] + p[3:6]
    if p[10]:
        v = _power(np.clip(np.nan_to_num(v, nan=0.0), 0, 1), p[6:9])
    else:
        v = np.where(np.isnan(v), 0.0, np.where(v < 0, v, _power(v, p[6:9])))
    if p[9] != 1:
        luma = v @ np.array([0.2126, 0.7152, 0.0722])
        v = luma[:, None] + p[9] * (v - luma[:, None])
    return _colour(x, np.clip(v, 0, 1) if p[10] else v)


def cdl_reverse(x: Values, p: Sequence[float], _: object) -> Values:
    limit = (lambda v: np.clip(np.nan_to_num(v, nan=0.0), 0, 1)) if p[10] else (lambda v: v)
    v = limit(x[:, :3])
    if p[9] != 1:
        luma = v @ np.array([0.2126, 0.7152, 0.0722])
        v = limit(luma[:, None] + p[9] * (v - luma[:, None]))
    v = np.where(np.isnan(v), 0.0, np.where(v < 0, v, _power(v, p[6:9])))
    return _colour(x, limit((v + p[3:6]) * p[:3]))


def power(x: Values, p: Sequence[float], _: object) -> Values:
    v, e = x[:, :3], np.asarray(p[:3])
    if p[3] == 0:
        v = _power(v, e)
    elif p[3] == 1:
        v = _mirrored(v, lambda a: _power(a, e))
    else:
        v = np.where(v < 0, v, _power(v, e))
    return _colour(x, v)


def contrast_log(x: Values, p: Sequence[float], _: object) -> Values:
    v = x[:, :3]
    return _colour(x, np.where(v > 0, p[3] * _power(v / p[3], p[:3]), v))


def unpremult(x: Values, p: Sequence[float], _: object) -> Values:
    alpha = x[:, 3:]
    return _colour(x, x[:, :3] / np.where(alpha == 0, 1.0, alpha))


def premult(x: Values, p: Sequence[float], _: object) -> Values:
    alpha = x[:, 3:]
    return _colour(x, x[:, :3] * np.where(alpha == 0, 1.0, alpha))


def curve_encode(x: Values, p: Sequence[float], _: object) -> Values:
    def curve(v: Values) -> Values:
        return np.where(v > p[3], p[1] * _power(v, p[0]) - p[2], p[4] * v)

    return _colour(x, _mirrored(x[:, :3], curve) if p[5] else curve(x[:, :3]))


def curve_decode(x: Values, p: Sequence[float], _: object) -> Values:
    def curve(v: Values) -> Values:
        return np.where(v > p[3], _power(v * p[1] + p[2], p[0]), p[4] * v)

    return _colour(x, _mirrored(x[:, :3], curve) if p[5] else curve(x[:, :3]))


def log_encode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, c, d, brk, e, f = p
    v = x[:, :3]
    logged = a * np.log2(np.maximum(c * v + d, FLT_MIN)) + b
    return _colour(x, logged if brk == -np.inf else np.where(v > brk, logged, e * v + f))


def log_decode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, c, d, brk, e, f = p
    v = x[:, :3]
    raised = c * np.exp2(a * v + b) + d
    return _colour(x, raised if brk == -np.inf else np.where(v > brk, raised, e * v + f))


M1, M2 = 2610 / 16384, 2523 / 4096 * 128
C1, C2, C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def pq_encode(x: Values, p: Sequence[float], _: object) -> Values:
    """SMPTE ST 2084:2014, 5.2, mirrored."""

    def curve(v: Values) -> Values:
        y = _power(v * p[0], M1)
        return _power((C1 + C2 * y) / (1 + C3 * y), M2)

    return _colour(x, _mirrored(x[:, :3], curve))


def pq_decode(x: Values, p: Sequence[float], _: object) -> Values:
    """SMPTE ST 2084:2014, 5.1, mirrored."""

    def curve(v: Values) -> Values:
        y = _power(v, 1 / M2)
        return _power(np.maximum(y - C1, 0) / (C2 - C3 * y), 1 / M1) * p[0]

    return _colour(x, _mirrored(x[:, :3], curve))


HLG_A = 0.17883277
HLG_B, HLG_C = 1 - 4 * HLG_A, 0.5 - HLG_A * np.log(4 * HLG_A)


def hlg_encode(x: Values, p: Sequence[float], _: object) -> Values:
    """ITU-R BT.2100-2, table 5, mirrored, for light of 0 to 12."""

    def curve(v: Values) -> Values:
        high = HLG_A * np.log(np.maximum(p[0] * v - HLG_B, FLT_MIN)) + HLG_C
        return np.where(p[0] * v <= 1, np.sqrt(p[0] * v) / 2, high)

    return _colour(x, _mirrored(x[:, :3], curve))


def hlg_decode(x: Values, p: Sequence[float], _: object) -> Values:
    """ITU-R BT.2100-2, table 5, inverse OETF, mirrored."""

    def curve(v: Values) -> Values:
        return np.where(v <= 0.5, 4 * v * v, np.exp((v - HLG_C) / HLG_A) + HLG_B) * p[0]

    return _colour(x, _mirrored(x[:, :3], curve))


def acescc_encode(x: Values, p: Sequence[float], _: object) -> Values:
    """Academy S-2014-003, 4.4.1."""
    v = np.where(x[:, :3] < 0, 0.0, x[:, :3])
    low = (np.log2(2.0**-16 + v * 0.5) + 9.72) / 17.52
    with np.errstate(divide="ignore"):
        return _colour(x, np.where(v < 2.0**-15, low, (np.log2(v) + 9.72) / 17.52))


def acescc_decode(x: Values, p: Sequence[float], _: object) -> Values:
    """Academy S-2014-003, 4.4.2."""
    v = x[:, :3]
    raised = np.exp2(v * 17.52 - 9.72)
    raised = np.where(v <= (9.72 - 15) / 17.52, (raised - 2.0**-16) * 2, raised)
    return _colour(x, np.where(v >= (np.log2(65504) + 9.72) / 17.52, 65504.0, raised))


def _distances(v: Values) -> tuple[Values, Values, Values]:
    """Each channel's distance from the achromatic axis, the largest channel, and its size."""
    ach = v.max(axis=1, keepdims=True)
    size = np.abs(ach)
    return np.where(size > 0, (ach - v) / np.where(size > 0, size, 1.0), 0.0), ach, size


def gamut_compress(x: Values, p: Sequence[float], _: object) -> Values:
    """Academy, ACES Reference Gamut Compression (2021), with the scale worked out beforehand."""
    v = x[:, :3]
    t, s, power = np.array(p[:3]), np.array(p[3:6]), p[6]
    d, ach, size = _distances(v)
    n = np.maximum((d - t) / s, 0.0)
    near = t + s * n / (1 + n**power) ** (1 / power)
    return _colour(x, np.where(d >= t, ach - near * size, v))


def gamut_expand(x: Values, p: Sequence[float], _: object) -> Values:
    """The inverse, as the same document has it."""
    v = x[:, :3]
    t, s, power = np.array(p[:3]), np.array(p[3:6]), p[6]
    d, ach, size = _distances(v)
    q = np.clip((d - t) / s, 0.0, 1 - 1e-12) ** power
    far = t + s * (q / (1 - q)) ** (1 / power)
    return _colour(x, np.where((d >= t) & (d < t + s), ach - far * size, v))


def _axis(v: Values, low: float, high: float, size: int) -> Values:
    position = (np.nan_to_num(v, nan=low, posinf=high, neginf=low) - low) / (high - low) * (size - 1)
    return np.clip(position, 0, size - 1)


def lut1d(x: Values, p: Sequence[float], table: NDArray[np.float32]) -> Values:
    out = np.empty((len(x), 3))
    for c in range(3):
        at = _axis(x[:, c], p[c], p[3 + c], len(table))
        values = table[:, c].astype(np.float64)
        out[:, c] = np.interp(at, np.arange(len(table)), values) if p[6] else values[np.floor(at + 0.5).astype(int)]
    return _colour(x, out)


def lut3d(x: Values, p: Sequence[float], table: NDArray[np.float32]) -> Values:
    """Nearest, trilinear, or tetrahedral: the six cases spelled out (Sakamoto)."""
    size = len(table)
    at = np.stack([_axis(x[:, c], p[c], p[3 + c], size) for c in range(3)], axis=1)
    nodes = table[..., :3].astype(np.float64)
    if p[6] == 0:
        return _colour(x, nodes[tuple(np.floor(at + 0.5).astype(int).T)])
    cell = np.minimum(at.astype(int), size - 2)
    f = at - cell
    corner = {
        (i, j, k): nodes[cell[:, 0] + i, cell[:, 1] + j, cell[:, 2] + k]
        for i in (0, 1) for j in (0, 1) for k in (0, 1)
    }  # fmt: skip
    if p[6] == 1:
        weights = {0: 1 - f, 1: f}
        total = sum(
            (weights[i][:, 0] * weights[j][:, 1] * weights[k][:, 2])[:, None] * v for (i, j, k), v in corner.items()
        )
        return _colour(x, np.asarray(total))
    order = np.argsort(-f, axis=1, kind="stable")
    out = np.empty((len(x), 3))
    for n in range(len(x)):
        a, b, c = order[n]
        first, second = np.eye(3, dtype=int)[a], np.eye(3, dtype=int)[a] + np.eye(3, dtype=int)[b]
        f1, f2, f3 = f[n, a], f[n, b], f[n, c]
        out[n] = (
            (1 - f1) * corner[0, 0, 0][n]
            + (f1 - f2) * corner[tuple(first.tolist())][n]
            + (f2 - f3) * corner[tuple(second.tolist())][n]
            + f3 * corner[1, 1, 1][n]
        )
    return _colour(x, out)


def find(name: str) -> Callable[..., Values]:
    """The reference of a kernel, here or in the file of its room."""
    rooms = (globals(), vars(clf_steps), vars(colour_steps), vars(curve_steps), vars(lut_steps))
    found: Callable[..., Values] = next(room[name] for room in rooms if name in room)
    return found


def apply(steps: Sequence[tuple[str, Sequence[float], object]], rgba: NDArray[np.floating]) -> Values:
    """``rgba`` (..., 4) after all steps, in float64."""
    x = np.asarray(rgba, np.float64).reshape(-1, 4)
    kept: list[Values] = []
    for name, params, table in steps:
        if name == "keep":
            kept.append(x)
            continue
        if name == "mix":
            x = params[0] * x + (1 - params[0]) * kept.pop()
            continue
        with np.errstate(invalid="ignore", over="ignore"):
            plain = name.removesuffix("_dw3")
            y = find(plain)(x, params, table)
            x = lut_steps.kept_hue(x, y) if name != plain else y
    return x.reshape(np.shape(rgba))
