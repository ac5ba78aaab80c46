"""Colour-difference samples (Y, Cb, Cr) to RGB and back, as video has them.

========  ================================  =====================================
matrix    of the colorimetric               source
========  ================================  =====================================
rec601    bt601_625 bt601_525 ntsc pal      ITU-R BT.601-7, 2.5
rec709    all others                        ITU-R BT.709-6, 3
rec2020   none: only by name                ITU-R BT.2020-2, table 4
========  ================================  =====================================

Codes are of the *legal* range, Y 16 to 235 and Cb, Cr 16 to 240 of 8 bits and their multiples of more
(BT.709-6, 4), unless the header's reference codes say that 0 is black and the largest code is white. Floats are
Y from 0 to 1 and Cb, Cr around 0.5. Nothing is clamped: what lies beyond the range stays below 0 or above 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vfx._ext import dpx_chroma as _chroma
from vfx.checks import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CODE_RANGES", "MATRICES", "from_rgb", "matrix_name", "of_pairs", "to_pairs", "to_rgb"]

#: Matrix → the weights of red and blue in Y.
MATRICES = {"rec601": (0.299, 0.114), "rec709": (0.2126, 0.0722), "rec2020": (0.2627, 0.0593)}
CODE_RANGES = ("legal", "full")
_OF_BT601 = ("bt601_625", "bt601_525", "ntsc", "pal")


def matrix_name(given: str | None, colorimetric: str | None) -> str:
    """The matrix that is asked for, or that a file's colorimetric means."""
    if given is not None:
        return one_of("matrix", given, MATRICES)
    return "rec601" if colorimetric in _OF_BT601 else "rec709"


def _affine(matrix: str, code_range: str, bits: int) -> NDArray[np.float64]:
    """The 3x4 matrix from stored samples Y, Cb, Cr (code over the largest code), and 1, to RGB."""
    red, blue = MATRICES[matrix]
    green = 1.0 - red - blue
    to_rgb = np.array(
        [
            [1.0, 0.0, 2.0 * (1.0 - red)],
            [1.0, -2.0 * blue * (1.0 - blue) / green, -2.0 * red * (1.0 - red) / green],
            [1.0, 2.0 * (1.0 - blue), 0.0],
        ]
    )
    if bits >= 32:
        scale, shift = np.ones(3), np.array([0.0, 0.5, 0.5])
    else:
        full, unit = 2**bits - 1, 2.0 ** (bits - 8)
        legal = code_range == "legal"
        scale = full / np.array([219.0 * unit, 224.0 * unit, 224.0 * unit]) if legal else np.ones(3)
        shift = np.array([16.0 * unit if legal else 0.0, 128.0 * unit, 128.0 * unit]) / full
    linear = to_rgb * scale
    return np.column_stack([linear, -linear @ shift])


def _packed(affine: NDArray[np.float64]) -> NDArray[np.float32]:
    """A 3x4 matrix as the kernel has it."""
    return np.concatenate([affine[:, :3].ravel(), affine[:, 3]]).astype(np.float32)


def to_rgb(samples: NDArray[np.float32], how: tuple[str, str, int], *, halved: bool, threads: int) -> NDArray[Any]:
    """The pixels (H, W, 3|4) of stored samples Cb Y Cr (A), or C Y (A) where ``halved``.

    Parameters
    ----------
    samples : array of float32, (H, W, S)
        Codes over the largest code.
    how : tuple
        Matrix, code range and bits.
    halved : bool
        4:2:2.
    threads : int
        Most threads to use.
    """
    pixels = np.empty((*samples.shape[:2], samples.shape[2] + halved), np.float32)
    _chroma.to_rgb(samples, pixels, _packed(_affine(*how)), halved, threads)
    return pixels


def from_rgb(pixels: NDArray[np.float32], how: tuple[str, str, int], *, halved: bool, threads: int) -> NDArray[Any]:
    """The stored samples of RGB(A) pixels: the inverse of :func:`to_rgb`."""
    affine = np.linalg.inv(np.vstack([_affine(*how), [0.0, 0.0, 0.0, 1.0]]))[:3]
    samples = np.empty((*pixels.shape[:2], pixels.shape[2] - halved), np.float32)
    _chroma.from_rgb(np.ascontiguousarray(pixels), samples, _packed(affine), halved, threads)
    return samples


def of_pairs(samples: NDArray[Any], neutral: Any) -> NDArray[Any]:
    """Y Cb Cr (A) of every pixel from 4:2:2 samples C Y (A): both pixels of a pair have its colours."""
    height, width, count = samples.shape
    whole = np.empty((height, width, count + 1), samples.dtype)
    whole[:, :, 0] = samples[:, :, 1]
    whole[:, 0::2, 1] = samples[:, 0::2, 0]
    whole[:, 1::2, 1] = samples[:, 0 : width - width % 2 : 2, 0]
    whole[:, 1::2, 2] = samples[:, 1::2, 0]
    whole[:, 0 : width - width % 2 : 2, 2] = samples[:, 1::2, 0]
    if width % 2:  # a lone last pixel has the C_R of the pair before
        whole[:, -1, 2] = samples[:, -2, 0] if width > 1 else neutral
    whole[:, :, 3:] = samples[:, :, 2:]
    return whole


def to_pairs(pixels: NDArray[Any]) -> NDArray[Any]:
    """4:2:2 samples C Y (A) from Y Cb Cr (A): the colours of the even pixels."""
    height, width, count = pixels.shape
    samples = np.empty((height, width, count - 1), pixels.dtype)
    samples[:, :, 1] = pixels[:, :, 0]
    samples[:, 0::2, 0] = pixels[:, 0::2, 1]
    samples[:, 1::2, 0] = pixels[:, 0::2, 2]
    samples[:, :, 2:] = pixels[:, :, 3:]
    return samples
