"""The levels of tiled EXR files: how many there are, how large each is, where it lies, and which pixels of it to read.

::

    one level   the picture
    mipmap      level n is the picture at 1/2**n of its size, down to 1 x 1
    ripmap      level (x, y) is the picture at 1/2**x of its width and 1/2**y of its height

("Technical Introduction to OpenEXR", "Levels and Level Modes"; sizes: "OpenEXR File Layout", "Tile Description").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vfx.checks import integer
from vfx.io._exr_header import PartHeader
from vfx.io._finish import row_range
from vfx.pixelformat import Box

__all__ = ["Region", "find_level", "level_counts", "level_size", "level_window", "region_of"]

# Level modes of a tile description.
_ONE, _MIP, _RIP = 0, 1, 2


@dataclass(frozen=True)
class Region:
    """A box of pixels in one level of a part.

    Attributes
    ----------
    level : (x, y)
        Number of halvings each way.
    window : (x0, y0, x1, y1)
        Data window of the level, inclusive.
    box : (left, top, right, bottom)
        Half-open, in pixels of the window.
    """

    level: tuple[int, int]
    window: Box
    box: tuple[int, int, int, int]

    @property
    def width(self) -> int:
        """Columns of the box."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """Rows of the box."""
        return self.box[3] - self.box[1]

    @property
    def placed(self) -> Box:
        """The box as a data window."""
        (x0, y0), (left, top, right, bottom) = self.window[:2], self.box
        return x0 + left, y0 + top, x0 + right - 1, y0 + bottom - 1


def _count(size: int, rounding: int) -> int:
    """How many times ``size`` can be halved before it is 1, plus one."""
    return size.bit_length() if rounding == 0 else (size - 1).bit_length() + 1


def level_counts(part: PartHeader) -> tuple[int, int]:
    """How many levels the part has across and down; equal for a mipmap, (1, 1) without levels."""
    if part.tiles is None or part.tiles[2] == _ONE:
        return 1, 1
    _, _, mode, rounding = part.tiles
    across, down = _count(part.width, rounding), _count(part.height, rounding)
    return (across, down) if mode == _RIP else (max(across, down),) * 2


def level_size(size: int, level: int, rounding: int) -> int:
    """Pixels of a side of ``size`` pixels after ``level`` halvings, rounded down (0) or up (1) each time."""
    return max(1, size >> level if rounding == 0 else -(-size >> level))


def find_level(part: PartHeader, level: int | Sequence[int]) -> tuple[int, int]:
    """The level asked for by a number or, in a ripmap, by two.

    One number means the same picture in a ripmap as in a mipmap: a side that is 1 stays 1.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If the part has no such level.
    """
    across, down = level_counts(part)
    most = max(across, down)
    if isinstance(level, Sequence) and not isinstance(level, (str, bytes)):
        if len(level) != 2:
            raise ValueError(f"{part.label}: level must be a number or (x, y), got {level!r}")
        x, y = integer("level[0]", level[0]), integer("level[1]", level[1])
        rip = part.tiles is not None and part.tiles[2] == _RIP
        if not (0 <= x < across and 0 <= y < down) or (x != y and not rip):
            there = f"levels (0, 0) to ({across - 1}, {down - 1})" if rip else f"{most} levels, counted from 0"
            raise ValueError(f"{part.label}: no level ({x}, {y}); the part has {there}")
        return x, y
    number = integer("level", level)
    if not 0 <= number < most:
        counted = "1 level, level 0" if most == 1 else f"{most} levels, counted from 0"
        raise ValueError(f"{part.label}: no level {number}; the part has {counted}")
    return min(number, across - 1), min(number, down - 1)


def level_window(part: PartHeader, level: tuple[int, int], window: Box | None = None) -> Box:
    """The data window of a level: the corner stays, the size is halved. ``window``: another one, made smaller alike.

    EXR stores no display window of a level; what is so far from the corner is half as far in the next level.
    """
    x0, y0, x1, y1 = window or part.data_window
    corner_x, corner_y = part.data_window[:2]
    rounding = part.tiles[3] if part.tiles is not None else 0
    x, y = corner_x + (x0 - corner_x >> level[0]), corner_y + (y0 - corner_y >> level[1])
    width, height = level_size(x1 - x0 + 1, level[0], rounding), level_size(y1 - y0 + 1, level[1], rounding)
    return x, y, x + width - 1, y + height - 1


def region_of(
    part: PartHeader,
    *,
    level: int | Sequence[int] = 0,
    rows: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
) -> Region:
    """The box of ``rows`` and ``columns``, half-open, counted from the corner of the level's data window.

    Raises
    ------
    TypeError, ValueError
        If there is no such level, or the box is empty or reaches outside it.
    """
    found = find_level(part, level)
    window = level_window(part, found)
    x0, y0, x1, y1 = window
    top, bottom = row_range(rows, y1 - y0 + 1)
    left, right = row_range(columns, x1 - x0 + 1, axis="columns")
    return Region(found, window, (left, top, right, bottom))
