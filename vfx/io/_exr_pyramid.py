"""The resolution levels of a tiled EXR file: smaller pictures made from larger ones, row by row.

Each level is the area average of the one before. Where a side is halved exactly, that is the mean of two pixels;
where it is odd, a pixel covers a little more or less than two, and its neighbours share one::

    5 -> 2  rounding down      0----1----2----3----4----       weights of 2.5 pixels: 1 1 ½ | ½ 1 1
                               [         ][          ]
    5 -> 3  rounding up        [      ][      ][      ]        of 5/3 pixels: 1 ⅔ | ⅓ 1 ⅓ | ⅔ 1

That happens in float32, from level to level without rounding to half between. Numbers (uint) are not averaged: the
first pixel of the area stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vfx.image import Image
from vfx.io._exr_places import Level, levels_of
from vfx.io._exr_plan import WritePlan

__all__ = ["Halving", "LevelImages", "levels_mode"]

_BAND = 256
_TAPS = 4


def levels_mode(levels: Any) -> tuple[str | None, dict[tuple[int, int], Image] | None]:
    """The kind of levels that an option asks for, and the images where they are given."""
    if levels is None or isinstance(levels, str):
        return levels, None
    if isinstance(levels, Mapping):
        return "rip", dict(levels)
    return "mip", {(number, number): image for number, image in enumerate(levels, 1)}


def _shares(size: int, smaller: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For every pixel of the smaller side the first pixel that it covers, and the share of each from there on."""
    edges = np.arange(smaller + 1) * size / smaller
    # Whole numbers, so that an edge that falls on one is on it exactly.
    first = np.arange(smaller) * size // smaller
    taps = first[:, np.newaxis] + np.arange(_TAPS)
    covered = np.minimum(taps + 1, edges[1:, np.newaxis]) - np.maximum(taps, edges[:-1, np.newaxis])
    weights = np.maximum(covered, 0.0) * (smaller / size)
    weights[weights < 1e-9] = 0.0
    return first.astype(np.int32), weights.astype(np.float32)


class Halving:
    """Rows of a level out of the rows of the one before, as they come.

    Parameters
    ----------
    before, after : Level
        The two levels.
    """

    def __init__(self, before: Level, after: Level) -> None:
        self._columns, self._shares = _shares(before.width, after.width)
        self._rows, self._row_shares = _shares(before.height, after.height)
        self._before, self._after = before, after
        self._kept: np.ndarray[Any, Any] | None = None
        self._first = 0  # row of the level before that is the first of those kept
        self._next = 0

    def push(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The rows, (n, width, channels) float32 or uint32, that these rows of the level before complete."""
        if self._kept is not None and len(self._kept):
            rows = np.concatenate([self._kept, rows])
        have = self._first + len(rows)
        whole = have == self._before.height
        end = self._after.height if whole else int(np.searchsorted(self._last_rows(), have))
        out = self._make(rows, self._next, end)
        keep = len(rows) if end == self._after.height else int(self._rows[end]) - self._first
        self._kept = rows[keep:].copy()
        self._first += keep
        self._next = end
        return out

    def _last_rows(self) -> np.ndarray[Any, Any]:
        """For every row the last row of the level before that it needs."""
        found: np.ndarray[Any, Any] = self._rows + np.maximum((self._row_shares > 0).sum(axis=1), 1) - 1
        return found

    def _make(self, rows: np.ndarray[Any, Any], begin: int, end: int) -> np.ndarray[Any, Any]:
        """Rows ``begin`` to ``end`` of the smaller level."""
        channels = rows.shape[2]
        out = np.empty((end - begin, self._after.width, channels), rows.dtype)
        if rows.dtype == np.uint32:
            out[:] = rows[self._rows[begin:end] - self._first][:, self._columns]
            return out
        from vfx._ext import halve

        places = np.ascontiguousarray(self._rows[begin:end] - np.int32(self._first))
        shares = np.ascontiguousarray(self._row_shares[begin:end])
        halve.average(np.ascontiguousarray(rows), self._columns, self._shares, places, shares, out)
        return out


class LevelImages:
    """The levels of a part with their pixels, largest first: iterate over (level, arrays).

    Parameters
    ----------
    plan : WritePlan
        The part.
    images : sequence of Image
        Level 0.
    given : dict, optional
        The other levels, by number; else they are made.

    Raises
    ------
    ValueError
        If images are given that are not the levels of the part.
    """

    def __init__(
        self, plan: WritePlan, images: Sequence[Image], given: Mapping[tuple[int, int], Image] | None = None
    ) -> None:
        self.levels = levels_of(plan.part)
        self._mip = plan.part.tiles is not None and plan.part.tiles[2] == 1
        self.images = images
        self.given = given
        if given is not None:
            self._check(given)

    def _check(self, given: Mapping[tuple[int, int], Image]) -> None:
        """Raise unless the images are the levels."""
        wanted = {(level.x, level.y): level for level in self.levels[1:]}
        if len(self.images) > 1:
            raise ValueError("levels can be given for one image, not for several in one part")
        if wanted.keys() != given.keys():
            raise ValueError(
                f"levels must be {', '.join(map(str, wanted)) or 'none'}, got {', '.join(map(str, given)) or 'none'}"
            )
        for number, level in wanted.items():
            image, first = given[number], self.images[0]
            if (image.width, image.height) != (level.width, level.height):
                raise ValueError(
                    f"level {number} must be {level.width} x {level.height}, got {image.width} x {image.height}"
                )
            if image.channel_names != first.channel_names or image.format != first.format:
                raise ValueError(f"level {number} must have the channels and the format of the image itself")

    def __iter__(self) -> Iterator[tuple[Level, list[np.ndarray[Any, Any]]]]:
        """Level 0, then the others."""
        yield self.levels[0], [image.pixels for image in self.images]
        if self.given is not None:
            for level in self.levels[1:]:
                yield level, [self.given[level.x, level.y].pixels]
        elif len(self.levels) > 1:
            yield from self._made()

    def _made(self) -> Iterator[tuple[Level, list[np.ndarray[Any, Any]]]]:
        """Each level out of one before: half as wide, in the first column of a rip map half as high."""
        by_number = {(level.x, level.y): level for level in self.levels}
        made: dict[tuple[int, int], list[Any]] = {(0, 0): list(self.images)}
        for level in self.levels[1:]:
            if self._mip:
                before = level.x - 1, level.y - 1
            else:
                before = (level.x - 1, level.y) if level.x else (0, level.y - 1)
            arrays = [_halved(source, by_number[before], level) for source in made[before]]
            made[level.x, level.y] = arrays
            if self._mip or level.x != 1:  # of a rip map's first column the next row is made too
                del made[before]
            yield level, arrays


def _halved(source: Any, before: Level, after: Level) -> np.ndarray[Any, Any]:
    """A whole level, made in bands of rows so that no more than those are converted at once."""
    halving = Halving(before, after)
    bands = []
    for top in range(0, before.height, _BAND):
        rows = source[top : top + _BAND] if isinstance(source, np.ndarray) else _rows(source, top)
        bands.append(halving.push(rows))
    return np.concatenate(bands)


def _rows(image: Image, top: int) -> np.ndarray[Any, Any]:
    """Some rows of an image, as float32 unless they are numbers."""
    band = Image(image.pixels[top : top + _BAND])
    return band.pixels if band.format == "u32" else band.astype("f32").pixels
