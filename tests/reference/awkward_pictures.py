"""Pictures that operations must take: every format, every layout in memory, sizes and values that break loops.

A test of an operation runs over ``FORMATS`` × ``LAYOUTS`` × ``SIZES`` and compares with its float64 reference::

    src = laid_out(as_format(picture(13, 37, 4), "u8"), "flipped")
    assert_close(op(src), reference(meaning(src)))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMATS", "LAYOUTS", "SIZES", "as_format", "assert_close", "laid_out", "meaning", "picture", "strange"]

Array = NDArray[Any]

FORMATS: dict[str, str] = {"u8": "u1", "u16": "u2", "f16": "f2", "f32": "f4"}
#: (height, width): one pixel, a row, a column, odd, wider than a tile.
SIZES = [(1, 1), (1, 7), (7, 1), (13, 37), (5, 1100)]

#: Name → a function from an (H, W, C) array to another array of the same values, laid out differently.
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "dense": np.ascontiguousarray,
    "flipped": lambda a: np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1],
    "fortran": np.asfortranarray,
    "channel slice": lambda a: np.concatenate([a, a[..., :1]], axis=2)[..., : a.shape[2]],
    "reversed channels": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "every other": lambda a: np.repeat(np.repeat(a, 2, axis=0), 3, axis=1)[::2, ::3],
    "planar": lambda a: np.ascontiguousarray(a.transpose(2, 0, 1)).transpose(1, 2, 0),
    "read-only": lambda a: _frozen(a.copy()),
}


def _frozen(a: Array) -> Array:
    a.flags.writeable = False
    return a


def picture(
    height: int, width: int, channels: int = 4, *, low: float = -0.25, high: float = 4.0
) -> NDArray[np.float32]:
    """Random float32 values, the same on every call; with 2 or 4 channels the last is an alpha in [0, 1].

    Alpha is exactly 0 and exactly 1 in places.
    """
    rng = np.random.default_rng([height, width, channels])
    found = rng.uniform(low, high, (height, width, channels)).astype(np.float32)
    if channels in (2, 4):
        alpha = np.clip(rng.uniform(-0.3, 1.3, (height, width)), 0.0, 1.0)
        found[..., -1] = alpha
    return found


def strange(height: int, width: int, channels: int = 4) -> NDArray[np.float32]:
    """``picture`` with NaN, infinities, the largest float32 and a denormal strewn in."""
    found = picture(height, width, channels)
    rng = np.random.default_rng(7)
    for value in (np.nan, np.inf, -np.inf, np.finfo(np.float32).max, 1e-40):
        found[rng.integers(height), rng.integers(width), rng.integers(channels)] = value
    return found


def as_format(values: Array, name: str) -> Array:
    """Floats as pixels of a format; integers mean [0, 1]."""
    dtype = np.dtype(FORMATS[name])
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return values.astype(dtype)
    top = np.iinfo(dtype).max
    return np.floor(np.nan_to_num(np.clip(values.astype(np.float64), 0, 1)) * top + 0.5).astype(dtype)


def meaning(pixels: Array) -> NDArray[np.float64]:
    """What stored pixels mean, in float64."""
    values = np.asarray(pixels).astype(np.float64)
    return values if pixels.dtype.kind == "f" else values / float(np.iinfo(pixels.dtype).max)


def laid_out(pixels: Array, layout: str) -> Array:
    """The same pixels in another layout of memory."""
    found = LAYOUTS[layout](pixels)
    assert np.array_equal(found, pixels, equal_nan=pixels.dtype.kind == "f")
    return found


def assert_close(result: Array, expected: Array, tolerance: float = 2e-6) -> None:
    """``result`` is ``expected`` (float64), rounded to its format: absolute below 1, relative above.

    Integers may be one code off only where the exact value lies within ``tolerance`` of the middle of two codes. NaN
    stands where it should, and so do infinities.
    """
    result = np.asarray(result)
    assert result.shape == expected.shape, (result.shape, expected.shape)
    if result.dtype.kind == "u":
        top = float(np.iinfo(result.dtype).max)
        wanted = np.nan_to_num(np.clip(expected, 0.0, 1.0)) * top
        off = np.abs(result.astype(np.float64) - wanted)
        assert off.max(initial=0.0) <= 0.5 + tolerance * top, float(off.max())
        return
    if result.dtype == np.float16:
        tolerance += 2.0**-11
        limit = float(np.finfo(np.float16).max)
        expected = np.where(np.abs(expected) >= limit + 16, np.copysign(np.inf, expected), expected)
    found = result.astype(np.float64)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    finite = np.isfinite(expected) & np.isfinite(found)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(found[~finite & ~np.isnan(found)], expected[~finite & ~np.isnan(expected)])
    off = np.abs(found[finite] - expected[finite]) / np.maximum(1.0, np.abs(expected[finite]))
    assert off.max(initial=0.0) <= tolerance, float(off.max())
