"""The reading options that every format shares, for formats that cannot do them while decoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vfx.checks import integer
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.pixelformat import format_of

__all__ = ["finish", "row_range"]


def row_range(rows: Sequence[int] | None, height: int, *, axis: str = "rows") -> tuple[int, int]:
    """The half-open range of rows ``(y0, y1)`` to read, counted from the picture's top row; of columns likewise.

    Raises
    ------
    ValueError
        If it is empty or reaches outside the picture.
    """
    if rows is None:
        return 0, height
    letter = "x" if axis == "columns" else "y"
    try:
        first, last = rows
    except (TypeError, ValueError):
        raise ValueError(f"{axis} must be a pair ({letter}0, {letter}1), half-open, got {rows!r}") from None
    first, last = integer(f"{axis}[0]", first), integer(f"{axis}[1]", last)
    if not 0 <= first < last <= height:
        raise ValueError(f"{axis} must satisfy 0 <= {letter}0 < {letter}1 <= {height}, got ({first}, {last})")
    return first, last


def finish(
    image: Image,
    *,
    channels: Sequence[str] | None = None,
    layer: str | None = None,
    rows: Sequence[int] | None = None,
    dtype: Any = None,
    colorspace: str | None = None,
) -> Image:
    """``image`` cut down to the wanted rows, layer and channels, in the wanted format.

    Raises
    ------
    ChannelError
        If a channel or the layer is missing.
    TypeError, ValueError
        If an option is wrong.
    """
    if rows is not None:
        first, last = row_range(rows, image.height)
        x0, y0, x1, _ = image.data_window
        cut = np.ascontiguousarray(image.numpy()[first:last])
        image = image.like(cut, data_window=(x0, y0 + first, x1, y0 + last - 1), display_window=image.display_window)
    if layer is not None:
        image = image.layer(layer)
    if channels is not None:
        wanted = (channels,) if isinstance(channels, str) else tuple(channels)
        if not wanted:
            raise ChannelError("channels must name at least one channel")
        if wanted != image.channel_names:
            image = image.select(wanted)
    if dtype is not None and format_of(dtype) != image.format:
        image = image.astype(dtype)
    if colorspace is not None:
        image.colorspace = colorspace
    return image
