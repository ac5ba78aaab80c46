"""EXR files through OpenEXR's C core and our kernel ``exr_write``: header, chunk tables, chunks as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from vfx.errors import FormatError
from vfx.io._exr_places import Level, chunk_total, levels_of
from vfx.io._exr_plan import WritePlan, header_of

__all__ = ["ChunkFile"]

#: 32768 x 16384 pixels in tiles of 4 x 4; a table of more entries than that is a mistake.
_MOST_CHUNKS = 1 << 25


class ChunkFile:
    """A file that is being written: its tables stay zero until :meth:`finish`.

    Parameters
    ----------
    stream : binary stream
        A real file, at its beginning.
    plans : sequence of WritePlan
        Its parts.

    Raises
    ------
    FormatError
        If the library cannot write such a part.
    OSError
        If it cannot be written.
    ValueError
        If there would be too many chunks.
    """

    def __init__(self, stream: BinaryIO, plans: Sequence[WritePlan]) -> None:
        self.plans = tuple(plans)
        chunks = sum(chunk_total(plan.part) for plan in plans)
        if chunks > _MOST_CHUNKS:
            raise ValueError(f"the file would have {chunks} chunks, more than {_MOST_CHUNKS}: use larger tiles")
        self._stream = stream
        self._header = header_of(plans)
        self._tables = [np.zeros(chunk_total(plan.part), np.uint64) for plan in plans]
        self._encoders = [_encoder(plan) for plan in plans]
        self.levels = [levels_of(plan.part) for plan in plans]
        stream.write(self._header)
        stream.writelines(table.tobytes() for table in self._tables)
        stream.flush()
        self._position = len(self._header) + sum(table.nbytes for table in self._tables)

    def write(
        self,
        level: Level,
        planes: tuple[np.ndarray[Any, Any], ...],
        *,
        threads: int,
        part: int = 0,
        place: tuple[int, int] = (0, 0),
        chunks: tuple[int, int] | None = None,
    ) -> None:
        """Nothing; the file then holds some chunks of a level, by default all.

        ``planes`` has (rows, columns) for every channel of the file, which begin at column and row ``place`` of the
        level; ``chunks`` is the first one and how many.

        Raises
        ------
        FormatError
            If the library cannot compress them.
        OSError
            If they cannot be written.
        """
        plan = self.plans[part]
        count = level.across * level.down
        from vfx._ext.exr import CoreError

        try:
            self._position = self._encoders[part].write(
                self._stream.fileno(), self._position, planes, (level.x, level.y, level.width, level.height), place,
                chunks or (0, count), part if len(self.plans) > 1 else -1, plan.part.line_order == 1,
                self._tables[part][level.first : level.first + count], threads,
            )  # fmt: skip
        except CoreError as error:
            raise FormatError(f"OpenEXR cannot write it: {error.args[1]}") from error

    def written(self, part: int, level: Level, chunk: int) -> bool:
        """Whether a chunk of a level is in the file."""
        return bool(self._tables[part][level.first + chunk])

    def missing(self) -> int:
        """How many chunks are not in the file."""
        return sum(int((table == 0).sum()) for table in self._tables)

    def in_order(self, part: int) -> bool:
        """Whether the chunks of a part lie in the file as its table lists them."""
        return bool((self._tables[part][1:] > self._tables[part][:-1]).all())

    def finish(self) -> None:
        """Nothing; the tables then say where the chunks are, and the header what the plans say now.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        header = header_of(self.plans)
        if len(header) != len(self._header):
            raise ValueError("the header has another length than the one at the beginning of the file")
        self._stream.seek(0)
        self._stream.write(header)
        self._stream.writelines(table.astype("<u8").tobytes() for table in self._tables)
        self._stream.flush()


def _encoder(plan: WritePlan) -> Any:
    """The kernel's encoder for a part."""
    from vfx._ext.exr import CoreError
    from vfx._ext.exr_write import Encoder

    part = plan.part
    channels = tuple(
        (channel.name.encode("utf-8", "surrogateescape"), channel.kind, channel.x_sampling, channel.y_sampling)
        for channel in part.channels
    )
    try:
        return Encoder(
            part.data_window,
            channels,
            part.compression,
            part.tiles[:2] if part.tiles else (0, 0),
            plan.zip_level,
            plan.dwa_level,
        )
    except CoreError as error:
        raise FormatError(f"OpenEXR cannot write it: {error.args[1]}") from error
