"""How far two pictures are apart, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx import threads as _threads
from vfx.image import Image
from vfx.ops._counts import unit
from vfx.ops._data import as_image_or_data, is_data
from vfx.ops._pictures import as_image

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """The differences between two pictures over the union of their windows.

    Attributes
    ----------
    mean : float
        The mean absolute difference, over all pixels and channels.
    rms : float
        The root of the mean squared difference.
    max : float
        The largest absolute difference. All three are infinite where a number meets NaN or an infinity.
    psnr : float
        The peak signal-to-noise ratio in decibels: ``20·log10(peak / rms)``, the peak being the largest magnitude
        in either picture, at least 1. Infinite for equal pictures, minus infinity where ``rms`` is infinite.
    failing, warning : int
        Pixels with a channel over the threshold for failures, for warnings.
    pixels : int
        Pixels compared.
    worst : (x, y) or None
        Where the largest difference is, in the coordinates of the windows; the first such pixel from the top left.
        None for equal pictures.
    channel : str
        The channel of the largest difference; empty for equal pictures.
    """

    mean: float
    rms: float
    max: float
    psnr: float
    failing: int
    warning: int
    pixels: int
    worst: tuple[int, int] | None
    channel: str

    @property
    def passed(self) -> bool:
        """Whether no pixel fails."""
        return self.failing == 0

    def __str__(self) -> str:
        """One line for people."""
        where = f" at {self.worst} in {self.channel}" if self.worst else ""
        return (
            f"mean {self.mean:.6g}  rms {self.rms:.6g}  max {self.max:.6g}{where}  psnr {self.psnr:.2f} dB  "
            f"failing {self.failing} of {self.pixels} pixels"
        )


def compare(
    a: Image | NDArray[Any],
    b: Image | NDArray[Any],
    *,
    fail_threshold: float = 0.0,
    fail_relative: float = 0.0,
    warn_threshold: float = 0.0,
    warn_relative: float = 0.0,
) -> Comparison:
    """How far two pictures are apart: mean, rms, largest difference, PSNR, and pixels over a threshold.

    Pictures are compared where either has pixels; outside its data window, and in channels that it lacks, a picture is
    0 (as in OpenImageIO's ``compare``). Channels go by name. Integers count as [0, 1]; those of one format are compared
    code by code, so that one code is exactly 1/255 or 1/65535. Unsigned 32-bit data is compared with its like only,
    number by number. A pixel fails where a channel's difference is larger than ``fail_threshold`` and larger than
    ``fail_relative`` times the mean of the two magnitudes. Two NaN are equal, and so are two infinities of one sign; a
    number that meets anything else is infinitely far from it and fails.

    Parameters
    ----------
    a, b : Image or numpy.ndarray
        The pictures, of any formats.
    fail_threshold, warn_threshold : float, optional
        The largest differences that do not count as a failure, as a warning; 0 or more.
    fail_relative, warn_relative : float, optional
        The same as part of the mean magnitude ``(|a| + |b|) / 2``; 0 or more, 0 leaves them out.

    Raises
    ------
    TypeError
        If one is not a picture, or only one holds unsigned 32-bit data.
    ValueError
        If a threshold is negative or NaN.

    Examples
    --------
    >>> import numpy as np
    >>> found = compare(np.full((2, 2), 0.5, np.float32), np.array([[0.5, 0.5], [0.5, 0.75]], np.float32))
    >>> found.max, found.failing, found.worst, found.passed
    (0.25, 1, (1, 1), False)
    """
    a, b = _comparable(a, b)
    limits = {
        "fail_threshold": fail_threshold,
        "fail_relative": fail_relative,
        "warn_threshold": warn_threshold,
        "warn_relative": warn_relative,
    }
    checked = [checks.number(name, value, low=0.0, finite=False) for name, value in limits.items()]
    names = tuple(dict.fromkeys((*a.channel_names, *b.channel_names)))
    left, top, right, bottom = _union(a, b)
    offsets = (a.data_window[1] - top, a.data_window[0] - left, b.data_window[1] - top, b.data_window[0] - left)
    peak_code = unit(a.dtype) if a.dtype == b.dtype != np.uint32 else 1.0
    checked[0], checked[2] = _in_codes(checked[0], peak_code), _in_codes(checked[2], peak_code)
    pixels = (right - left + 1) * (bottom - top + 1)
    found = _differences(_in_order(a, names), _in_order(b, names), offsets, checked)
    total, squares, largest, (y, x, c), failing, warning, peak = found
    rms = math.sqrt(squares / (pixels * len(names))) / peak_code
    return Comparison(
        total / (pixels * len(names)) / peak_code,
        rms,
        largest / peak_code,
        _psnr(max(1.0, peak / peak_code), rms),
        failing,
        warning,
        pixels,
        (x + left, y + top) if c >= 0 else None,
        names[c] if c >= 0 else "",
    )


def _comparable(a: Any, b: Any) -> tuple[Image, Image]:
    """Both as images; data of 32 bits only beside its like."""
    take = as_image_or_data if is_data(a) and is_data(b) else as_image
    return take(a, "a"), take(b, "b")


def _differences(
    a: NDArray[Any], b: NDArray[Any], offsets: tuple[int, int, int, int], limits: list[float]
) -> tuple[float, float, float, tuple[int, int, int], int, int, float]:
    """What the kernel finds; NumPy does so for data of 32 bits, which float32 cannot hold."""
    if a.dtype != np.uint32:
        from vfx._ext.differences import differences

        height = max(offsets[0] + a.shape[0], offsets[2] + b.shape[0])
        width = max(offsets[1] + a.shape[1], offsets[3] + b.shape[1])
        return differences(a, b, offsets, limits, _threads.for_pixels(height * width))
    reach = [(o + n, p + m) for o, n, p, m in zip(offsets[:2], a.shape, offsets[2:], b.shape, strict=False)]
    one, two = (np.zeros((*(max(pair) for pair in reach), a.shape[2])) for _ in range(2))
    one[offsets[0] :, offsets[1] :][: a.shape[0], : a.shape[1]] = a
    two[offsets[2] :, offsets[3] :][: b.shape[0], : b.shape[1]] = b
    gap = np.abs(one - two)
    counts = []
    for limit, relative in (limits[:2], limits[2:]):
        over = (gap > limit) & (gap > relative * (one + two) / 2)
        counts.append(int(over.any(axis=2).sum()))
    y, x, c = (int(i) for i in np.unravel_index(int(gap.argmax()), gap.shape))
    largest, peak = float(gap.max()), float(max(one.max(), two.max()))
    where = (y, x, c) if largest else (-1, -1, -1)
    return float(gap.sum()), float((gap * gap).sum()), largest, where, counts[0], counts[1], peak


def _union(a: Image, b: Image) -> tuple[int, int, int, int]:
    """The smallest window around both data windows."""
    one, other = a.data_window, b.data_window
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _in_order(img: Image, names: tuple[str, ...]) -> NDArray[Any]:
    """The pixels with these channels; those the picture lacks are 0."""
    if img.channel_names == names:
        return img.pixels
    found = np.zeros((img.height, img.width, len(names)), img.dtype)
    for target, name in enumerate(names):
        if name in img.channel_names:
            found[..., target] = img.pixels[..., img.channel_names.index(name)]
    return found


def _in_codes(limit: float, top: float) -> float:
    """The largest difference in codes that is not over ``limit``: k codes are k/top, whatever limit·top rounds to."""
    if top == 1.0 or limit >= 1.0:
        return limit * top
    codes = math.floor(limit * top)
    while (codes + 1) / top <= limit:
        codes += 1
    while codes / top > limit:
        codes -= 1
    return float(codes)


def _psnr(peak: float, rms: float) -> float:
    """Decibels of a peak over an error."""
    if rms == 0.0 or math.isinf(rms):
        return math.inf if rms == 0.0 else -math.inf
    return 20.0 * math.log10(peak / rms)
