"""EXR chunks through OpenEXR's C core and our kernel ``exr_write``; the way to the file of ``vfx.io._exr_core``."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from vfx.errors import FormatError
from vfx.io._exr_header import tiles_or_lines
from vfx.io._exr_plan import WritePlan

__all__ = ["write_file"]


def write_file(stream: BinaryIO, pixels: np.ndarray[Any, Any], plan: WritePlan, threads: int) -> None:
    """Nothing; ``stream``, a real file at its beginning, then holds the whole EXR file.

    Raises
    ------
    FormatError
        If the library cannot compress it.
    OSError
        If it cannot be written.
    """
    from vfx._ext import exr_write as kernel
    from vfx._ext.exr import CoreError

    part = plan.part
    offsets = np.zeros(tiles_or_lines(part), np.uint64)
    stream.write(plan.header)
    stream.write(offsets.tobytes())
    stream.flush()
    # A view of the same numbers: NumPy's half has no type of its own in C.
    stored = pixels.view(np.uint16) if pixels.dtype == np.float16 else pixels
    names = tuple(channel.name.encode("utf-8", "surrogateescape") for channel in part.channels)
    kinds = np.array([channel.kind for channel in part.channels], np.int32)
    columns = np.array(plan.column_of, np.int32)
    tile = part.tiles[:2] if part.tiles else (0, 0)
    start = len(plan.header) + offsets.nbytes
    try:
        kernel.write_chunks(
            stream.fileno(), start, stored, part.data_window, names, columns, kinds, part.compression, tile,
            part.line_order == 1, plan.zip_level, plan.dwa_level, offsets, threads,
        )  # fmt: skip
    except CoreError as error:
        raise FormatError(f"OpenEXR cannot write it: {error.args[1]}") from error
    stream.seek(len(plan.header))
    stream.write(offsets.astype("<u8").tobytes())
    stream.flush()
