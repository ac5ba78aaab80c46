"""The rarer transfer-function steps in plain float64 NumPy; see ``engine_steps``, which has the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
FLT_MIN = float(np.finfo(np.float32).tiny)


def _colour(x: Values, rgb: Values) -> Values:
    return np.concatenate([rgb, x[:, 3:]], axis=1)


def mirror_log_encode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, c, brk, e, m = p
    v = x[:, :3]
    log = np.copysign(a * np.log2(c * np.abs(v) + 1) + b, v)
    return _colour(x, np.where(np.abs(v) > brk, log, e * v) + m)


def mirror_log_decode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, c, brk, e, m = p
    v = x[:, :3] - m
    power = np.copysign(c * (np.exp2(a * np.abs(v) + b) - 1), v)
    return _colour(x, np.where(np.abs(v) > brk, power, e * v))


def square_log_encode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, d, brk, e, low = p
    v = x[:, :3]
    log = a * np.log2(np.maximum(v + d, FLT_MIN)) + b
    return _colour(x, np.where(v > brk, log, (e * (np.maximum(v, low) - low)) ** 2))


def square_log_decode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, d, brk, e, low = p
    v = x[:, :3]
    return _colour(x, np.where(v > brk, np.exp2(a * v + b) + d, np.sqrt(np.maximum(v, 0) * e) + low))


def root_log_encode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, brk, e, f, rest = p
    v = x[:, :3]
    log = a * np.log2(np.maximum(v, FLT_MIN)) + b
    return _colour(x, np.where(v > brk, log, e * np.cbrt(v + f + rest)))


def root_log_decode(x: Values, p: Sequence[float], _: object) -> Values:
    a, b, brk, e, f = p
    v = x[:, :3]
    return _colour(x, np.where(v > brk, np.exp2(a * v + b), (e * v) ** 3 - f))


def log_codes(x: Values, p: Sequence[float], _: object) -> Values:
    """Academy S-2013-001, 4.4."""
    a, b, low, high, top = p
    code = np.floor(a * np.log2(np.maximum(x[:, :3], FLT_MIN)) + b + 0.5)
    return _colour(x, np.clip(code, low, high) / top)


def segments(x: Values, _: object, table: NDArray[np.float32]) -> Values:
    lines = table.astype(np.float64)
    v = np.maximum(x[:, :3], lines[0, 0])
    line = np.maximum(np.searchsorted(lines[:, 0], v) - 1, 0)
    return _colour(x, lines[line, 1] * v + lines[line, 2])


def luminance_power(x: Values, p: Sequence[float], _: object) -> Values:
    """ITU-R BT.2100-2, Table 5, HLG reference OOTF, mirrored."""
    luminance = np.abs(x[:, :3] @ np.asarray(p[2:]))[:, None]
    with np.errstate(divide="ignore"):
        factor = np.where(luminance == 0, 0.0, p[1] * luminance ** p[0])
    return _colour(x, x[:, :3] * factor)
