"""Where every chunk of an EXR file lies, as its tables say and its leaders confirm; nothing is decompressed.

A chunk begins with a leader ("OpenEXR File Layout", "Chunk Layout"), then come its bytes::

    [part]                                      in files of several parts
    scanlines       y   size
    tiles           x   y   level x   level y   size
    deep scanlines  y                           size of the counts (64 bits), of the samples, unpacked size
    deep tiles      x   y   level x   level y   the same three

Files whose writer was stopped have zeros in their table. Their chunks are found one after the other.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import BinaryIO, NamedTuple

import numpy as np

from vfx.errors import FormatError
from vfx.io._exr_header import FileHeader, PartHeader, lines_of
from vfx.io._exr_places import Level, chunk_total, levels_of

__all__ = ["DEEP", "MULTIPART", "Chunk", "find_chunks"]

#: The flag of files whose chunks begin with the number of their part.
MULTIPART = 0x1000
#: The flag of files with deep parts.
DEEP = 0x800


class Chunk(NamedTuple):
    """A chunk of the file: where it begins, its bytes with the leader, its part, and its place in the part's table."""

    offset: int
    size: int
    part: int
    place: int


class _Leaders:
    """The leaders of one part's chunks: how long they are, and which chunk they name."""

    def __init__(self, part: PartHeader) -> None:
        self.part = part
        self.total = chunk_total(part)
        self.tiled = part.tiles is not None
        # A deep part has a deep leader, whatever the rest of the header says of it.
        self.layout = struct.Struct(f"<{'4i' if self.tiled else 'i'}{'3Q' if part.deep else 'i'}")
        self._levels: dict[tuple[int, int], Level] = {(level.x, level.y): level for level in levels_of(part)}

    def read(self, leader: bytes) -> tuple[int, int]:
        """Which chunk of the table this is (-1: none), and its size without a part number."""
        fields = self.layout.unpack(leader)
        place = 4 if self.tiled else 1
        body = sum(fields[place : place + 2]) if self.part.deep else fields[place]
        if body < 0:
            return -1, 0
        index = self._tile(*fields[:4]) if self.tiled else self._lines(fields[0])
        return index, self.layout.size + body

    def _tile(self, x: int, y: int, level_x: int, level_y: int) -> int:
        """The place of a tile."""
        level = self._levels.get((level_x, level_y))
        if level is None or not (0 <= x < level.across and 0 <= y < level.down):
            return -1
        return level.first + y * level.across + x

    def _lines(self, y: int) -> int:
        """The place of a block of lines."""
        index, rest = divmod(y - self.part.data_window[1], lines_of(self.part.compression))
        return index if rest == 0 and 0 <= index < self.total else -1


class _File:
    """The chunks behind a header."""

    def __init__(self, stream: BinaryIO, size: int, header: FileHeader) -> None:
        self.stream, self.size, self.label = stream, size, header.parts[0].label
        self.numbered = bool(header.flags & MULTIPART)
        self.leaders = [_Leaders(part) for part in header.parts]
        self.begin = header.end + 8 * sum(leaders.total for leaders in self.leaders)
        if self.begin > size:
            raise FormatError(
                f"truncated: {size} bytes, but its header and chunk tables need {self.begin}",
                path=self.label,
                offset=size,
            )

    def at(self, offset: int, part: int = 0) -> Chunk | None:
        """The chunk that begins at ``offset``, of ``part`` where chunks do not say; None where there is none."""
        start = offset
        if self.numbered:
            number = self._bytes(offset, 4)
            part = int.from_bytes(number, "little", signed=True) if len(number) == 4 else -1
            start += 4
        if not 0 <= part < len(self.leaders):
            return None
        layout = self.leaders[part].layout
        leader = self._bytes(start, layout.size)
        if len(leader) < layout.size:
            return None
        index, size = self.leaders[part].read(leader)
        end = start + size
        return Chunk(offset, end - offset, part, index) if index >= 0 and end <= self.size else None

    def _bytes(self, offset: int, count: int) -> bytes:
        """Some bytes of the file; fewer behind its end."""
        self.stream.seek(offset)
        return self.stream.read(count)

    def by_table(self, header: FileHeader) -> list[Chunk] | None:
        """Every chunk where the tables say; None where one is not there."""
        self.stream.seek(header.end)
        table = np.frombuffer(self.stream.read(self.begin - header.end), "<u8").tolist()
        found = []
        entries = iter(table)
        for part, leaders in enumerate(self.leaders):
            for index in range(leaders.total):
                offset = next(entries)
                chunk = self.at(offset, part) if self.begin <= offset < self.size else None
                if chunk is None or (chunk.part, chunk.place) != (part, index):
                    return None
                found.append(chunk)
        return found

    def one_after_the_other(self) -> dict[tuple[int, int], Chunk]:
        """The chunks as they follow the tables, up to the first that is none, or that was there before."""
        found: dict[tuple[int, int], Chunk] = {}
        offset = self.begin
        while (chunk := self.at(offset)) is not None and (chunk.part, chunk.place) not in found:
            found[chunk.part, chunk.place] = chunk
            offset += chunk.size
        return found


def find_chunks(stream: BinaryIO, size: int, header: FileHeader) -> list[Chunk]:
    """Every chunk of the file in a stream of ``size`` bytes, in the order in which they lie there.

    Raises
    ------
    FormatError
        If one is missing or cut short, or two overlap.
    """
    file = _File(stream, size, header)
    found = file.by_table(header)
    if found is None:
        chosen = file.one_after_the_other()
        for part, leaders in enumerate(file.leaders):
            lacking = next((index for index in range(leaders.total) if (part, index) not in chosen), None)
            if lacking is not None:
                raise FormatError(
                    f"truncated or damaged: chunk {lacking} of {leaders.total} of part {part} is not there",
                    path=file.label,
                )
        found = list(chosen.values())
    found.sort()
    for before, after in pairwise(found):
        if before.offset + before.size > after.offset:
            raise FormatError("two chunks overlap", path=file.label, offset=after.offset)
    return found
