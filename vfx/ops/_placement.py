"""Where a resampled picture comes to lie: its scale, its windows, and what stays black."""

from __future__ import annotations

import math
from typing import NamedTuple

from vfx import checks
from vfx import threads as _threads
from vfx.image import Image
from vfx.ops import _filter_weights as weights
from vfx.ops._pictures import edge_code, new_image
from vfx.ops.filters import Filter, find
from vfx.pixelformat import Box

__all__ = ["MOST_PIXELS", "Line", "Sampling", "display_size", "resampled", "size"]

#: Largest width or height of a result.
MOST_PIXELS = 1 << 22

# A window's edge that lies this near a whole pixel is one, whatever float64 made of it.
_WHOLE = 1e-6


class Line(NamedTuple):
    """How one coordinate is mapped: sample edge ``x`` comes to lie at ``x * scale + shift``.

    Attributes
    ----------
    scale : float
        Pixels of the result for each of the source, above 0.
    shift : float
        In pixels of the result.
    """

    scale: float
    shift: float

    def covered(self, first: int, last: int) -> tuple[int, int]:
        """The pixels, first and last, that samples ``first`` to ``last`` lie in, be it in part."""
        low, high = first * self.scale + self.shift, (last + 1) * self.scale + self.shift
        start = math.floor(low + _WHOLE)
        return start, max(start, math.ceil(high - _WHOLE) - 1)


class Sampling(NamedTuple):
    """What is asked for beside the place.

    Attributes
    ----------
    filter : Filter or None
        The filter's shape; None: :meth:`along` chooses for each axis.
    edge : str
        What stands outside the data window.
    """

    filter: Filter | None
    edge: str

    def along(self, scale: float) -> Filter:
        """The filter for an axis that is scaled like this: where none was asked for, one that suits.

        ``mitchell`` where the axis grows, which shows least of the pixels; else ``lanczos3``, which keeps the most
        detail and leaves an axis that keeps its size as it is.
        """
        return self.filter or find("mitchell" if scale > 1.0 else "lanczos3")

    @classmethod
    def of(cls, filter: object, edge: object) -> Sampling:
        """Both checked.

        Raises
        ------
        ValueError
            If there is no such filter or edge.
        """
        edge_code(edge)
        return cls(None if filter is None else find(filter), str(edge))


def size(name: str, value: object) -> int:
    """A width or height, checked."""
    return checks.integer(name, value, low=1, high=MOST_PIXELS)


def display_size(img: Image) -> tuple[int, int]:
    """Width and height of the display window."""
    x0, y0, x1, y1 = img.display_window
    return x1 - x0 + 1, y1 - y0 + 1


def _common(a: Box, b: Box) -> Box | None:
    """The window that both have, or None."""
    found = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return found if found[0] <= found[2] and found[1] <= found[3] else None


def resampled(
    img: Image,
    columns: Line,
    rows: Line,
    *,
    sampling: Sampling,
    display: Box,
    window: Box | None = None,
    clip: Box | None = None,
    pixel_aspect: float | None = None,
) -> Image:
    """A new image with every pixel of ``img`` where the two lines put it.

    Parameters
    ----------
    img : Image
        The source.
    columns, rows : Line
        Where its columns and rows come to lie.
    sampling : Sampling
        Filter and edge.
    display : (x0, y0, x1, y1)
        The result's display window.
    window : (x0, y0, x1, y1), optional
        The result's data window, black where nothing of the source lies; by default, the pixels that the source
        covers.
    clip : (x0, y0, x1, y1), optional
        What of the window may be other than black.
    pixel_aspect : float, optional
        The result's; the source's unless given.

    Raises
    ------
    ValueError
        If the result would be larger than ``MOST_PIXELS``.
    """
    x0, y0, x1, y1 = img.data_window
    (left, right), (top, bottom) = columns.covered(x0, x1), rows.covered(y0, y1)
    covered: Box = (left, top, right, bottom)
    window = window or covered
    for name, pixels in (("width", window[2] - window[0] + 1), ("height", window[3] - window[1] + 1)):
        checks.integer(f"the result's {name}", pixels, low=1, high=MOST_PIXELS)
    result = new_image(
        img,
        size=(window[2] - window[0] + 1, window[3] - window[1] + 1),
        data_window=window,
        display_window=display,
        pixel_aspect=pixel_aspect or img.pixel_aspect,
    )
    lit = _common(window, covered)
    lit = _common(lit, clip) if lit and clip else lit
    if lit != window:
        result.pixels[...] = 0
    if lit:
        across = weights.Axis(
            img.width, lit[2] - lit[0] + 1, columns.scale, x0 * columns.scale + columns.shift - lit[0]
        )
        down = weights.Axis(img.height, lit[3] - lit[1] + 1, rows.scale, y0 * rows.scale + rows.shift - lit[1])
        _run(img, result, lit, (across, down), sampling)
    return result


def _run(img: Image, result: Image, lit: Box, axes: tuple[weights.Axis, weights.Axis], sampling: Sampling) -> None:
    """Resample into the window ``lit`` of ``result``."""
    from vfx._ext.resample import resample

    x0, y0 = result.data_window[:2]
    target = result.pixels[lit[1] - y0 : lit[3] - y0 + 1, lit[0] - x0 : lit[2] - x0 + 1]
    columns, rows = (weights.table(axis, sampling.along(axis.scale), sampling.edge) for axis in axes)
    pixels = max(img.width * img.height, target.shape[0] * target.shape[1])
    resample(img.pixels, target, columns, rows, sampling.edge == "wrap", _threads.for_pixels(pixels))
