"""Where the chunks of an EXR part lie: its resolution levels, their sizes, and their places in the chunk table.

Scanlines have one level, of blocks of lines. Tiles may have several ("OpenEXR File Layout", "Tiles"; "Technical
Introduction to OpenEXR", "Tiles, Levels and Level Modes")::

    mode 0  one level    (0, 0)
    mode 1  mip map      (0, 0) (1, 1) (2, 2) …  down to 1 x 1, both sides halved each time
    mode 2  rip map      (x, y) for every x and y, each side halved on its own

Halving rounds down, or up, as the tile description says. Every level begins at the corner of the data window. The
chunk table lists level by level, of a rip map with x running faster than y; in each the tiles row by row.
"""

from __future__ import annotations

from typing import NamedTuple

from vfx.errors import FormatError
from vfx.io._exr_header import PartHeader, lines_of
from vfx.io._exr_levels import level_counts, level_size
from vfx.pixelformat import Box

__all__ = ["Level", "chunk_total", "levels_of"]


class Level(NamedTuple):
    """One level: its number across and down, its size, and its chunks.

    Attributes
    ----------
    x, y : int
        Number of the level; (0, 0) is the picture itself.
    width, height : int
        Pixels.
    across, down : int
        Chunks of it; one across for scanlines.
    first : int
        Place of its first chunk in the part's table.
    """

    x: int
    y: int
    width: int
    height: int
    across: int
    down: int
    first: int

    def window(self, origin: Box) -> Box:
        """Its data window, which has the corner of the part's, given as ``origin``."""
        return origin[0], origin[1], origin[0] + self.width - 1, origin[1] + self.height - 1


def levels_of(part: PartHeader) -> tuple[Level, ...]:
    """Every level of a part in the order of its chunk table; one for scanlines.

    Raises
    ------
    FormatError
        If the level mode or the rounding is not known.
    """
    if part.tiles is None:
        lines = lines_of(part.compression)
        return (Level(0, 0, part.width, part.height, 1, -(-part.height // lines), 0),)
    tile_width, tile_height, mode, rounding = part.tiles
    if mode > 2 or rounding > 1:
        raise FormatError(f"tiles of level mode {mode} and rounding {rounding} are not known", path=part.label)
    columns, rows = level_counts(part)
    numbers = [(x, y) for y in range(rows) for x in range(columns)] if mode == 2 else [(n, n) for n in range(columns)]
    found = []
    first = 0
    for x, y in numbers:
        width, height = level_size(part.width, x, rounding), level_size(part.height, y, rounding)
        level = Level(x, y, width, height, -(-width // tile_width), -(-height // tile_height), first)
        found.append(level)
        first += level.across * level.down
    return tuple(found)


def chunk_total(part: PartHeader) -> int:
    """How many chunks a part has, of all its levels."""
    last = levels_of(part)[-1]
    return last.first + last.across * last.down
