"""Where a resampled picture comes to lie: its scale, its windows, and what stays black."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx import threads as _threads
from vfx.image import Image
from vfx.ops import _filter_weights as weights
from vfx.ops._pictures import edge_code, new_image
from vfx.ops.filters import Filter, find
from vfx.pixelformat import Box

__all__ = ["MOST_PIXELS", "Line", "Placement", "Sampling", "display_size", "placed", "resampled", "size"]

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


@dataclass(frozen=True)
class Placement:
    """Where a picture of known windows comes to lie when it is resampled, and how; see :func:`placed`.

    Attributes
    ----------
    source : Image
        The picture, or one of its size and format that has no memory.
    window, display : (x0, y0, x1, y1)
        Of the result.
    pixel_aspect : float
        Of the result.
    lit : (x0, y0, x1, y1) or None
        What of the window is not black.
    columns, rows : Table or None
        Samples and weights of the lit columns and rows.
    wraps : bool
        Whether rows may be made of any others.
    """

    source: Image
    window: Box
    display: Box
    pixel_aspect: float
    lit: Box | None
    columns: weights.Table | None
    rows: weights.Table | None
    wraps: bool

    def empty(self, first: int, last: int) -> Image:
        """A new image for rows ``first`` to ``last`` (half-open) of the result; its memory holds anything."""
        x0, y0, x1, _ = self.window
        return new_image(
            self.source,
            size=(x1 - x0 + 1, last - first),
            data_window=(x0, y0 + first, x1, y0 + last - 1),
            display_window=self.display,
            pixel_aspect=self.pixel_aspect,
        )

    @property
    def height(self) -> int:
        """Rows of the result."""
        return self.window[3] - self.window[1] + 1

    def _lit_rows(self, first: int, last: int) -> tuple[int, int]:
        """Which of the lit rows lie in rows ``first`` to ``last`` of the result; half-open, empty for none."""
        if self.lit is None:
            return 0, 0
        offset = self.lit[1] - self.window[1]
        return max(0, first - offset), max(0, min(self.lit[3] - self.lit[1] + 1, last - offset))

    def needed(self, first: int, last: int) -> tuple[int, int]:
        """The rows of the source, half-open, that rows ``first`` to ``last`` of the result are made of."""
        begin, end = self._lit_rows(first, last)
        if begin >= end or self.rows is None:
            return 0, 0
        if self.wraps:
            return 0, self.source.height
        starts, counts = self.rows[0][begin:end], self.rows[1][begin:end]
        return int(starts.min()), int((starts + counts).max())

    def band(self, pixels: NDArray[Any], top: int, *, first: int, last: int) -> Image:
        """New: rows ``first`` to ``last`` of the result, the same bytes as of the whole.

        Parameters
        ----------
        pixels : numpy.ndarray, (rows, W, C)
            Rows of the source from ``top`` on, at least those of :meth:`needed`.
        top : int
            The first of them.
        first, last : int
            Rows of the result, half-open.
        """
        from vfx._ext.resample import resample

        result = self.empty(first, last)
        begin, end = self._lit_rows(first, last)
        lit = self.lit
        if lit != self.window:
            result.pixels[...] = 0
        if lit is None or begin >= end or self.columns is None or self.rows is None:
            return result
        x0, y0 = self.window[:2]
        row = lit[1] - y0 + begin - first
        target = result.pixels[row : row + end - begin, lit[0] - x0 : lit[2] - x0 + 1]
        table = (self.rows[0][begin:end] - np.int32(top), self.rows[1][begin:end], self.rows[2][begin:end])
        count = max(pixels.shape[0] * pixels.shape[1], target.shape[0] * target.shape[1])
        resample(pixels, target, self.columns, table, self.wraps, _threads.for_pixels(count))
        return result


def placed(
    img: Image,
    columns: Line,
    rows: Line,
    *,
    sampling: Sampling,
    display: Box,
    window: Box | None = None,
    clip: Box | None = None,
    pixel_aspect: float | None = None,
) -> Placement:
    """Where every pixel of ``img`` comes to lie by the two lines.

    Parameters
    ----------
    img : Image
        The source, or a picture of its size.
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
    lit = _common(window, covered)
    lit = _common(lit, clip) if lit and clip else lit
    table_x = table_y = None
    if lit:
        across = weights.Axis(
            img.width, lit[2] - lit[0] + 1, columns.scale, x0 * columns.scale + columns.shift - lit[0]
        )
        down = weights.Axis(img.height, lit[3] - lit[1] + 1, rows.scale, y0 * rows.scale + rows.shift - lit[1])
        table_x, table_y = (weights.table(axis, sampling.along(axis.scale), sampling.edge) for axis in (across, down))
    aspect = pixel_aspect or img.pixel_aspect
    return Placement(img, window, display, aspect, lit, columns=table_x, rows=table_y, wraps=sampling.edge == "wrap")


def resampled(img: Image, columns: Line, rows: Line, **options: Any) -> Image:
    """A new image with every pixel of ``img`` where the two lines put it; the options are those of :func:`placed`."""
    found = placed(img, columns, rows, **options)
    return found.band(img.pixels, 0, first=0, last=found.height)
