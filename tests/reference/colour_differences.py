"""Y, Cb, Cr of video to RGB and back in float64, pixel by pixel, as ITU-R BT.601, BT.709 and BT.2020 write it."""

from __future__ import annotations

import numpy as np

WEIGHTS = {"rec601": (0.299, 0.587, 0.114), "rec709": (0.2126, 0.7152, 0.0722), "rec2020": (0.2627, 0.6780, 0.0593)}


def units_of(codes: np.ndarray, bits: int, code_range: str) -> np.ndarray:
    """Codes (..., Y Cb Cr) as Y of 0..1 and Cb, Cr of -1/2..1/2."""
    unit = 2.0 ** (bits - 8)
    out = np.empty(codes.shape)
    if code_range == "legal":
        out[..., 0] = (codes[..., 0] - 16 * unit) / (219 * unit)
        out[..., 1:3] = (codes[..., 1:3] - 128 * unit) / (224 * unit)
    else:
        out[..., 0] = codes[..., 0] / (2**bits - 1)
        out[..., 1:3] = (codes[..., 1:3] - 128 * unit) / (2**bits - 1)
    return out


def codes_of(units: np.ndarray, bits: int, code_range: str) -> np.ndarray:
    """The inverse of ``units_of``, rounded and clamped."""
    unit = 2.0 ** (bits - 8)
    out = np.empty(units.shape)
    if code_range == "legal":
        out[..., 0] = units[..., 0] * 219 * unit + 16 * unit
        out[..., 1:3] = units[..., 1:3] * 224 * unit + 128 * unit
    else:
        out[..., 0] = units[..., 0] * (2**bits - 1)
        out[..., 1:3] = units[..., 1:3] * (2**bits - 1) + 128 * unit
    return np.clip(np.floor(out + 0.5), 0, 2**bits - 1)


def rgb_of(units: np.ndarray, matrix: str) -> np.ndarray:
    """R, G, B of Y, Cb, Cr: R = Y + 2 (1 - Kr) Cr, B = Y + 2 (1 - Kb) Cb, and G from Y = Kr R + Kg G + Kb B."""
    kr, kg, kb = WEIGHTS[matrix]
    y, cb, cr = np.moveaxis(units, -1, 0)
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return np.stack([red, (y - kr * red - kb * blue) / kg, blue], -1)


def units_of_rgb(rgb: np.ndarray, matrix: str) -> np.ndarray:
    """Y, Cb, Cr of R, G, B."""
    kr, kg, kb = WEIGHTS[matrix]
    red, green, blue = np.moveaxis(rgb, -1, 0)
    y = kr * red + kg * green + kb * blue
    return np.stack([y, (blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))], -1)


def widened(pairs: np.ndarray) -> np.ndarray:
    """Colours of every pixel from those of the even ones: the mean of both neighbours between, the last repeated."""
    width = 2 * pairs.shape[1]
    out = np.repeat(pairs, 2, axis=1).astype(np.float64)
    for x in range(1, width - 1, 2):
        out[:, x] = (out[:, x - 1] + out[:, x + 1]) / 2
    return out


def narrowed(colours: np.ndarray) -> np.ndarray:
    """Colours of the even pixels from those of all: 1/4, 1/2, 1/4, the first repeated."""
    padded = np.concatenate([colours[:, :1], colours], axis=1)
    return (padded[:, 0:-1:2] + 2 * padded[:, 1::2] + padded[:, 2::2])[:, : colours.shape[1] // 2] / 4
