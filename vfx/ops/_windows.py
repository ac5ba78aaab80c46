"""Where pictures of different data windows meet: the union of the windows, and each one's place in it."""

from __future__ import annotations

from collections.abc import Sequence

from vfx.pixelformat import Box

__all__ = ["origin", "size", "union"]

#: Pixels of a union above which the windows are a mistake: 32 times a 16K square.
_MOST_PIXELS = 1 << 33


def size(window: Box) -> tuple[int, int]:
    """Width and height of an inclusive window."""
    return window[2] - window[0] + 1, window[3] - window[1] + 1


def union(windows: Sequence[Box]) -> Box:
    """The smallest window that holds all of ``windows``.

    Parameters
    ----------
    windows : sequence of (x0, y0, x1, y1)
        Inclusive, y down; at least one.

    Raises
    ------
    ValueError
        If they lie so far apart that no picture can hold them.
    """
    low_x, low_y, high_x, high_y = zip(*windows, strict=True)
    found = min(low_x), min(low_y), max(high_x), max(high_y)
    width, height = size(found)
    if width * height > _MOST_PIXELS:
        raise ValueError(f"the data windows {', '.join(map(str, windows))} lie too far apart: {width}x{height} pixels")
    return found


def origin(window: Box, canvas: Box) -> tuple[int, int]:
    """Where the first pixel of ``window`` lies, counted from that of ``canvas``."""
    return window[0] - canvas[0], window[1] - canvas[1]
