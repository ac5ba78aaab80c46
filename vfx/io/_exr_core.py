"""The fast way to EXR pixels: OpenEXR's C core out of the installed wheel, through our kernel.

The wheel's shared library is opened and its C functions are looked up by name. That works when the
wheel exports them (all since 3.4.6 on Linux and macOS do), so it is proved before it is relied on: a
small picture is written and read back when the first EXR file is touched. Where that fails,
``vfx.io._exr_python`` does the work.
"""

from __future__ import annotations

import functools
import os
import struct
import tempfile
import threading
from typing import Any

import numpy as np

from vfx.errors import FormatError, LimitError
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_channels import Selection
from vfx.io._exr_header import PartHeader
from vfx.io._exr_levels import Region
from vfx.io._exr_plan import WritePlan, planes_of
from vfx.io._source import Source

__all__ = ["CoreReader", "available"]

# A writer that was stopped leaves zeros in the chunk table; its chunks may be whole all the same. The library then
# finds them one by one, and still fails where one that is needed is missing (EXR_ERR_INCOMPLETE_CHUNK_TABLE).
_INCOMPLETE_TABLE = 24
# The first release that lets other threads run and exports all functions; 4 may change the layouts.
_OLDEST, _NEXT = (3, 4, 6), (4, 0, 0)


@functools.cache
def available() -> str:
    """Empty when the core can be used; else the reason why not."""
    from importlib.util import find_spec

    spec = find_spec("OpenEXR")
    if spec is None or not spec.origin:
        return "OpenEXR is not installed"
    from vfx._ext import exr as kernel
    from vfx._ext import exr_write

    try:
        version = kernel.load(os.fsencode(spec.origin))
        exr_write.load(os.fsencode(spec.origin))
        if not _OLDEST <= version < _NEXT:
            return f"OpenEXR {'.'.join(map(str, version))} is not between 3.4.6 and 4"
        return _self_test()
    except (ImportError, OSError, ValueError, kernel.CoreError) as error:
        return f"{type(error).__name__}: {error}"


def _self_test() -> str:
    """Empty when a picture survives a round trip through the library; else what went wrong."""
    from vfx._ext import exr as kernel
    from vfx.io._exr_core_write import ChunkFile

    pixels = (np.arange(5 * 3 * 3, dtype=np.float32) / 8).reshape(5, 3, 3).astype(np.float16)
    half = b"\0" + struct.pack("<iB3x2i", 1, 0, 1, 1)
    attributes = {
        "channels": Attribute("chlist", b"".join(name + half for name in (b"B", b"G", b"R")) + b"\0"),
        "compression": Attribute("compression", b"\3"),
        "dataWindow": Attribute("box2i", struct.pack("<4i", -2, 7, 0, 11)),
        "displayWindow": Attribute("box2i", struct.pack("<4i", -2, 7, 0, 11)),
        "lineOrder": Attribute("lineOrder", b"\0"),
        "pixelAspectRatio": Attribute("float", struct.pack("<f", 1)),
        "screenWindowCenter": Attribute("v2f", struct.pack("<2f", 0, 0)),
        "screenWindowWidth": Attribute("float", struct.pack("<f", 1)),
    }
    plan = WritePlan(attributes, (2, 1, 0), zip_level=4, dwa_level=-1)
    with tempfile.TemporaryFile() as stream:
        file = ChunkFile(stream, [plan])
        file.write(file.levels[0][0], planes_of([pixels], plan), threads=1)
        file.finish()
        stream.seek(0)
        data = stream.read()
    out = np.empty(pixels.shape, np.float32)
    channels = plan.part.channels
    columns, kinds = np.array([2, 1, 0], np.int32), np.array([channel.kind for channel in channels], np.int32)
    reader = kernel.Reader(b"self-test", data, -1, len(data))
    reader.read(0, (0, 0), plan.part.data_window, (0, 0, 3, 5), 1, columns, kinds, 2, out.view(np.uint8), 1)
    return "" if np.array_equal(out, pixels.astype(np.float32)) else "the self-test picture came back changed"


class CoreReader:
    """The pixels of an opened source; threads may share it, and a read under way outlives the source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._reader: Any = None

    @property
    def taken(self) -> int:
        """Bytes of the file that were fetched so far."""
        return 0 if self._reader is None else int(self._reader.taken)

    def _open(self, *, reconstruct: bool = False) -> Any:
        """The kernel's reader; once its chunk table was made anew it stays so."""
        from vfx._ext import exr as kernel

        source = self._source
        with self._lock:
            if self._reader is None or reconstruct:
                data = None if source.path is not None else source.data()
                handle = os.dup(source.stream().fileno()) if data is None else -1
                self._reader = kernel.Reader(os.fsencode(source.label), data, handle, source.size, reconstruct)
            return self._reader

    def read(
        self,
        index: int,
        part: PartHeader,
        *,
        chosen: Selection,
        region: Region,
        out: np.ndarray[Any, Any],
        threads: int,
        lenient: bool = False,
    ) -> None:
        """Nothing; ``out`` (rows, columns, channels) then holds the chosen channels of the region.

        With ``lenient`` the pixels of chunks that cannot be decoded are left alone, as long as there are others.

        Raises
        ------
        FormatError
            With the library's own words, and the rows that cannot be read.
        """
        from vfx._ext import exr as kernel

        places = {channel.name: place for place, channel in enumerate(chosen.channels)}
        columns = np.array([places.get(channel.name, -1) for channel in part.channels], np.int32)
        kinds = np.array([channel.kind for channel in part.channels], np.int32)
        reach = max(min(channel.y_sampling, part.height) for channel in chosen.channels)
        to = out.view(np.uint8)
        request = (index, region.level, region.window, region.box, reach, columns, kinds, chosen.kind, to, threads)
        try:
            try:
                self._open().read(*request)
            except kernel.CoreError as error:
                if error.args[0] != _INCOMPLETE_TABLE and not lenient:
                    raise
                reader = self._open(reconstruct=True) if error.args[0] == _INCOMPLETE_TABLE else self._open()
                if not reader.read(*request, lenient):
                    raise
        except kernel.CoreError as error:
            _, reason, *rows = error.args
            where = f" (rows {rows[0]} to {rows[1] - 1})" if rows else ""
            raise FormatError(f"{reason}{where}", path=self._source.label) from error
        except MemoryError as error:
            raise LimitError("not enough memory to decode the pixels", path=self._source.label) from error
