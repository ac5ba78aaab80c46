"""Porter-Duff, Nuke's merges and the blend modes in float64, from the published formulas, colour by colour.

Blend modes are computed of unpremultiplied colours, as W3C prints them, unlike the kernels, which never unpremultiply.
Pictures are (H, W, C) float64 with alpha last.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLENDS", "COLOUR_BLENDS", "MASKED", "MERGES", "blend", "masked_merge", "merge", "porter_duff"]

Array = NDArray[np.float64]
Formula = Callable[[Array, Array, Array, Array], Array]  # A, B, a, b


def _safe(top: Array, bottom: Array, otherwise: float | Array = 0.0) -> Array:
    """A quotient, and ``otherwise`` where the divisor is 0."""
    zero = bottom == 0
    return np.where(zero, otherwise, top / np.where(zero, 1.0, bottom))


def _burn(A: Array, B: Array) -> Array:
    return np.where(A <= 0, A, 1 - np.minimum(1, _safe(1 - B, A)))


def _dodge(A: Array, B: Array) -> Array:
    return np.where(A >= 1, A, np.minimum(1, _safe(B, 1 - A)))


def _screen(A: Array, B: Array) -> Array:
    return np.where((A > 1) & (B > 1), np.maximum(A, B), A + B - A * B)


def _lit(A: Array, B: Array, dark: NDArray[np.bool_]) -> Array:
    return np.where(dark, 2 * A * B, 1 - 2 * (1 - A) * (1 - B))


def _multiply(A: Array, B: Array) -> Array:
    return np.where((A < 0) & (B < 0), A, A * B)


def _divide(A: Array, B: Array) -> Array:
    return np.where(B <= 0, 0.0, _safe(A, B))


def _nuke_soft_light(A: Array, B: Array) -> Array:
    return np.where(A * B < 1, B * (2 * A + B * (1 - A * B)), 2 * A * B)


#: Nuke's Merge node: operation → formula of A, B and their alphas.
MERGES: dict[str, Formula] = {
    "atop": lambda A, B, a, b: A * b + B * (1 - a),
    "average": lambda A, B, a, b: (A + B) / 2,
    "color_burn": lambda A, B, a, b: _burn(A, B),
    "color_dodge": lambda A, B, a, b: _dodge(A, B),
    "conjoint_over": lambda A, B, a, b: np.where(a > b, A, A + B * np.where(b <= 0, 1, 1 - _safe(a, b))),
    "copy": lambda A, B, a, b: A,
    "difference": lambda A, B, a, b: np.abs(A - B),
    "disjoint_over": lambda A, B, a, b: A + B * np.select(
        [a >= 1, a + b < 1, b <= 0], [0.0, 1.0, 1 - a], _safe(1 - a, b)
    ),
    "divide": lambda A, B, a, b: _divide(A, B),
    "exclusion": lambda A, B, a, b: A + B - 2 * A * B,
    "from": lambda A, B, a, b: B - A,
    "geometric": lambda A, B, a, b: _safe(2 * A * B, A + B),
    "hard_light": lambda A, B, a, b: _lit(A, B, A < 0.5),
    "hypot": lambda A, B, a, b: np.hypot(A, B),
    "in": lambda A, B, a, b: A * b,
    "mask": lambda A, B, a, b: B * a,
    "matte": lambda A, B, a, b: A * a + B * (1 - a),
    "max": lambda A, B, a, b: np.maximum(A, B),
    "min": lambda A, B, a, b: np.minimum(A, B),
    "minus": lambda A, B, a, b: A - B,
    "multiply": lambda A, B, a, b: _multiply(A, B),
    "out": lambda A, B, a, b: A * (1 - b),
    "over": lambda A, B, a, b: A + B * (1 - a),
    "overlay": lambda A, B, a, b: _lit(A, B, B < 0.5),
    "plus": lambda A, B, a, b: A + B,
    "screen": lambda A, B, a, b: _screen(A, B),
    "soft_light": lambda A, B, a, b: _nuke_soft_light(A, B),
    "stencil": lambda A, B, a, b: B * (1 - a),
    "under": lambda A, B, a, b: A * (1 - b) + B,
    "xor": lambda A, B, a, b: A * (1 - b) + B * (1 - a),
}  # fmt: skip
#: Porter and Duff's fractions of A and of B, SIGGRAPH 1984, as functions of the alphas.
_FRACTIONS: dict[str, tuple[Callable[[Array], Array | float], Callable[[Array], Array | float]]] = {
    "atop": (lambda b: b, lambda a: 1 - a),
    "clear": (lambda b: 0.0, lambda a: 0.0),
    "dst": (lambda b: 0.0, lambda a: 1.0),
    "dst_atop": (lambda b: 1 - b, lambda a: a),
    "dst_in": (lambda b: 0.0, lambda a: a),
    "dst_out": (lambda b: 0.0, lambda a: 1 - a),
    "held_out": (lambda b: 1 - b, lambda a: 0.0),
    "in_": (lambda b: b, lambda a: 0.0),
    "out": (lambda b: 1 - b, lambda a: 0.0),
    "over": (lambda b: 1.0, lambda a: 1 - a),
    "plus": (lambda b: 1.0, lambda a: 1.0),
    "src": (lambda b: 1.0, lambda a: 0.0),
    "under": (lambda b: 1 - b, lambda a: 1.0),
    "xor": (lambda b: 1 - b, lambda a: 1 - a),
}


def porter_duff(name: str, A: Array, B: Array) -> Array:
    """One operator by the fractions of the paper's table."""
    of_a, of_b = _FRACTIONS[name]
    return A * of_a(B[..., -1:]) + B * of_b(A[..., -1:])


def merge(name: str, A: Array, B: Array) -> Array:
    """One of Nuke's operations; alpha is a channel like any other."""
    a, b = (np.broadcast_to(x[..., -1:], x.shape) for x in (A, B))
    return MERGES[name](A, B, a, b)


# -- blends -------------------------------------------------------------------------------------


def _blend_burn(s: Array, b: Array) -> Array:
    s, b = np.clip(s, 0, 1), np.clip(b, 0, 1)
    return np.select([b >= 1, s <= 0], [1.0, 0.0], 1 - np.minimum(1, _safe(1 - b, s)))


def _blend_dodge(s: Array, b: Array) -> Array:
    s, b = np.clip(s, 0, 1), np.clip(b, 0, 1)
    return np.select([b <= 0, s >= 1], [0.0, 1.0], np.minimum(1, _safe(b, 1 - s)))


def _soft_light(s: Array, b: Array) -> Array:
    s, b = np.clip(s, 0, 1), np.clip(b, 0, 1)
    d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(np.maximum(b, 0)))
    return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))


#: Mode → B(Cs, Cb) of one channel.
BLENDS: dict[str, Callable[[Array, Array], Array]] = {
    "color_burn": _blend_burn,
    "color_dodge": _blend_dodge,
    "darken": np.minimum,
    "difference": lambda s, b: np.abs(s - b),
    "divide": lambda s, b: np.where(s > 0, _safe(b, s), np.where(b > 0, 1.0, 0.0)),
    "exclusion": lambda s, b: s + b - 2 * s * b,
    "hard_light": lambda s, b: _lit(s, b, s <= 0.5),
    "hard_mix": lambda s, b: np.where(s + b >= 1 - 1e-6, 1.0, 0.0),
    "lighten": np.maximum,
    "linear_burn": lambda s, b: s + b - 1,
    "linear_dodge": lambda s, b: s + b,
    "linear_light": lambda s, b: b + 2 * s - 1,
    "multiply": lambda s, b: s * b,
    "normal": lambda s, b: s,
    "overlay": lambda s, b: _lit(s, b, b <= 0.5),
    "pin_light": lambda s, b: np.where(s <= 0.5, np.minimum(b, 2 * s), np.maximum(b, 2 * s - 1)),
    "screen": lambda s, b: s + b - s * b,
    "soft_light": _soft_light,
    "subtract": lambda s, b: b - s,
    "vivid_light": lambda s, b: np.where(s <= 0.5, _blend_burn(2 * s, b), _blend_dodge(2 * s - 1, b)),
}


def _without_alpha(formula: Formula) -> Callable[[Array, Array], Array]:
    """A formula that reads no alpha, of A and B alone."""
    return lambda s, b: formula(s, b, s, b)


#: Operation under alpha masking → f(A, B) of unpremultiplied channels.
MASKED: dict[str, Callable[[Array, Array], Array]] = {
    name: _without_alpha(MERGES[name])
    for name in (
        "average", "color_burn", "color_dodge", "difference", "divide", "exclusion", "from", "geometric", "hard_light",
        "hypot", "max", "min", "minus", "multiply", "overlay", "plus", "screen", "soft_light",
    )
}  # fmt: skip


def _lum(c: Array) -> Array:
    return 0.3 * c[..., 0:1] + 0.59 * c[..., 1:2] + 0.11 * c[..., 2:3]


def _sat(c: Array) -> Array:
    return c.max(-1, keepdims=True) - c.min(-1, keepdims=True)


def _set_lum(c: Array, lum: Array, low: Array, high: Array) -> Array:
    c = c + (lum - _lum(c))
    least, most = c.min(-1, keepdims=True), c.max(-1, keepdims=True)
    c = np.where(least < low, lum + _safe((c - lum) * (lum - low), lum - least), c)
    return np.where(most > high, lum + _safe((c - lum) * (high - lum), most - lum), c)


def _set_sat(c: Array, sat: Array) -> Array:
    return _safe((c - c.min(-1, keepdims=True)) * sat, np.broadcast_to(_sat(c), c.shape))


def _colour_blend(mode: str, s: Array, b: Array) -> Array:
    both = np.concatenate([s, b], axis=-1)
    low = np.minimum(0, both.min(-1, keepdims=True))
    high = np.maximum(1, both.max(-1, keepdims=True))
    if mode == "hue":
        return _set_lum(_set_sat(s, _sat(b)), _lum(b), low, high)
    if mode == "saturation":
        return _set_lum(_set_sat(b, _sat(s)), _lum(b), low, high)
    if mode == "color":
        return _set_lum(s, _lum(b), low, high)
    if mode == "luminosity":
        return _set_lum(b, _lum(s), low, high)
    if mode == "darker_color":
        return np.where(_lum(s) < _lum(b), s, b)
    return np.where(_lum(s) > _lum(b), s, b)


#: The modes that look at whole colours.
COLOUR_BLENDS = ("color", "darker_color", "hue", "lighter_color", "luminosity", "saturation")


def _blended(A: Array, B: Array, formula: Callable[[Array, Array], Array]) -> Array:
    a, b = A[..., -1:], B[..., -1:]
    cs, cb = A[..., :-1], B[..., :-1]
    mixed = np.where(b != 0, a * b * formula(_safe(cs, a, cs), _safe(cb, b, cb)), 0.0)
    colour = np.where(a != 0, cs * (1 - b) + cb * (1 - a) + mixed, cs + cb)
    return np.concatenate([colour, a + b - a * b], axis=-1)


def blend(mode: str, A: Array, B: Array, opacity: float = 1.0) -> Array:
    """One blend mode; colours are the first three channels."""
    if mode in COLOUR_BLENDS:
        return _blended(A * opacity, B, lambda s, b: _colour_blend(mode, s, b))
    return _blended(A * opacity, B, BLENDS[mode])


def masked_merge(name: str, A: Array, B: Array) -> Array:
    """One of Nuke's operations under alpha masking."""
    return _blended(A, B, MASKED[name])
