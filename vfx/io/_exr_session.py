"""An EXR file that stays open: the header is read once, then pieces of its pixels, as often as one likes."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vfx import threads as _threads
from vfx.checks import one_of
from vfx.errors import LimitError
from vfx.image import Image
from vfx.io._exr_channels import Selection, select
from vfx.io._exr_chroma import colours, wider
from vfx.io._exr_header import PartHeader, lines_of, parse
from vfx.io._exr_levels import Region, level_window, region_of
from vfx.io._exr_metadata import metadata_of
from vfx.io._exr_parts import check_readable, find_part, part_info
from vfx.io._exr_write import exr_backend
from vfx.io._info import PartInfo
from vfx.io._limits import limits
from vfx.io._source import open_source

if TYPE_CHECKING:
    from vfx.deep import DeepImage

__all__ = ["ExrFile", "PixelReader"]

_DTYPES = (np.uint32, np.float16, np.float32)


class PixelReader(Protocol):
    """What either way to the pixels offers; threads may share it."""

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
        """Nothing; ``out`` (rows, columns, channels) then holds the chosen channels of the region."""

    @property
    def taken(self) -> int:
        """Bytes of the file that were fetched so far; -1 where nobody counts."""


class ExrFile:
    """An open EXR file, whose header is read once and whose pixels are read in any pieces.

    Pieces may be read from many threads at a time. A file that is replaced meanwhile stays the one that was opened. A
    context manager, like files.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.

    Attributes
    ----------
    label : str
        What error messages call it.
    size : int
        Its length in bytes.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If the header is damaged.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io import exr
    >>> stream = io.BytesIO()
    >>> exr.write(stream, Image(np.zeros((64, 96, 4), np.float16)), tile_size=32)
    >>> with ExrFile(stream.getvalue()) as file:
    ...     file.read(rows=(32, 48), columns=(0, 8), channels="A")
    <Image 8x16 A f16 data_window=(0, 32, 7, 47) display_window=(0, 0, 95, 63)>
    """

    def __init__(self, source: Any) -> None:
        self._stack = ExitStack()
        self._source = self._stack.enter_context(open_source(source))
        self.label = self._source.label
        self.size = self._source.size
        try:
            self._header = parse(self._source.stream(), self.size, self.label)
        except BaseException:
            self._stack.close()
            raise
        self._lock = threading.Lock()
        self._pixels: PixelReader | None = None
        self._checked: set[int] = set()
        self._closed = False

    @cached_property
    def parts(self) -> tuple[PartInfo, ...]:
        """What the header says of every part, deep ones too."""
        return tuple(part_info(part) for part in self._header.parts)

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that reading pixels has fetched so far, the header's included.

        -1 through OpenEXR's Python interface, which reads whole files.
        """
        return 0 if self._pixels is None else self._pixels.taken

    def read(
        self,
        *,
        part: int | str = 0,
        layer: str | None = None,
        view: str | None = None,
        channels: Sequence[str] | str | None = None,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
        level: int | Sequence[int] = 0,
        dtype: Any = None,
        raw: bool = False,
        missing: str = "error",
        threads: int | None = None,
    ) -> Image:
        """A picture out of the file; see :func:`vfx.io.exr.read` for the parameters and what is raised.

        Raises
        ------
        ValueError
            Also if the file is closed.
        """
        lenient = one_of("missing", missing, ("error", "black")) == "black"
        index = find_part(self._header, part, layer=layer, view=view, channels=channels)
        found = self._header.parts[index]
        if found.deep:
            region = region_of(found, level=level, rows=rows, columns=columns)
            chosen = select(found, layer=layer, view=view, channels=channels, dtype=dtype, raw=True)
            image = _image(self._flattened(index, chosen, region, threads), found, chosen, region)
            image.metadata.pop("exr:deepImageState", None)
            return image.astype(chosen.final) if chosen.final else image
        if index not in self._checked:
            check_readable(found, self._header, self.size)
            self._checked.add(index)
        region = region_of(found, level=level, rows=rows, columns=columns)
        chosen = select(found, layer=layer, view=view, channels=channels, dtype=dtype, raw=raw)
        workers = _threads.for_pixels(region.width * region.height, threads)
        if chosen.picked:
            stored = self._decoded(index, chosen, wider(region, chosen), threads=workers, lenient=lenient)
            pixels = colours(stored, found, chosen=chosen, region=region, threads=workers)
        else:
            pixels = self._decoded(index, chosen, region, threads=workers, lenient=lenient)
        image = _image(pixels, found, chosen, region)
        if view is not None and image.metadata.pop("exr:multiView", None):
            image.metadata["exr:view"] = view  # the one view that is left
        return image.astype(chosen.final) if chosen.final else image

    def size_of(
        self,
        *,
        part: int | str = 0,
        layer: str | None = None,
        view: str | None = None,
        channels: Sequence[str] | str | None = None,
        level: int | Sequence[int] = 0,
    ) -> tuple[int, int]:
        """Width and height of the picture that :meth:`read` gives for these options."""
        index = find_part(self._header, part, layer=layer, view=view, channels=channels)
        region = region_of(self._header.parts[index], level=level)
        return region.width, region.height

    def block_of(self, part: int | str = 0) -> tuple[int, int]:
        """Width and height of a tile, or of a chunk of scanlines: what is decoded at once."""
        found = self._header.parts[find_part(self._header, part)]
        return found.tiles[:2] if found.tiles else (found.width, lines_of(found.compression))

    def _decoded(
        self, index: int, chosen: Selection, region: Region, *, threads: int, lenient: bool
    ) -> np.ndarray[Any, np.dtype[Any]]:
        """The samples of the chosen channels, (rows, columns, channels)."""
        out = _allocate((region.height, region.width, len(chosen.channels)), chosen, self.label)
        if lenient:
            out.fill(0)
        part = self._header.parts[index]
        self._opened().read(index, part, chosen=chosen, region=region, out=out, threads=threads, lenient=lenient)
        return out

    def _flattened(
        self, index: int, chosen: Selection, region: Region, threads: int | None
    ) -> np.ndarray[Any, np.dtype[Any]]:
        """The chosen channels of a deep part, composited front to back: (rows, columns, channels)."""
        from vfx.io._exr_deep import flattened

        self._check_open()
        part = self._header.parts[index]
        return flattened(self._source, part, index, end=self._header.end, chosen=chosen, region=region, threads=threads)

    def read_deep(
        self,
        *,
        part: int | str = 0,
        channels: Sequence[str] | str | None = None,
        rows: Sequence[int] | None = None,
        dtype: Any = None,
        threads: int | None = None,
    ) -> DeepImage:
        """The samples of a deep part; see :func:`vfx.io.exr.read_deep` for the parameters and what is raised.

        Raises
        ------
        ValueError
            Also if the file is closed.
        """
        from vfx.io._exr_deep import read_part

        self._check_open()
        index = find_part(self._header, part)
        return read_part(
            self._source, self._header.parts[index], index, end=self._header.end, channels=channels, rows=rows,
            dtype=dtype, threads=threads,
        )  # fmt: skip

    def _check_open(self) -> None:
        """Raise if the file is closed."""
        if self._closed:
            raise ValueError(f"{self.label}: the file is closed")

    def _opened(self) -> PixelReader:
        """The way to the pixels, found when it is first needed."""
        from vfx.io import _exr_core, _exr_python

        with self._lock:
            self._check_open()
            if self._pixels is None:
                core = exr_backend() == "core"
                self._pixels = _exr_core.CoreReader(self._source) if core else _exr_python.WheelReader(self._source)
            return self._pixels

    def close(self) -> None:
        """Nothing; the file is closed once the reads under way are done. Closing again does nothing."""
        with self._lock:
            self._closed = True
            self._pixels = None
            self._stack.close()

    def __enter__(self) -> ExrFile:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """``<ExrFile shot.exr, 2 parts>``."""
        count = len(self._header.parts)
        return f"<ExrFile {self.label}, {count} part{'s' * (count != 1)}{', closed' * self._closed}>"


def _allocate(shape: tuple[int, int, int], chosen: Selection, label: str) -> np.ndarray[Any, np.dtype[Any]]:
    """The array to decode into."""
    limits.check_pixels(shape[1], shape[0], label)
    limits.check_memory(math.prod(shape) * np.dtype(_DTYPES[chosen.kind]).itemsize, label)
    try:
        return np.empty(shape, _DTYPES[chosen.kind])
    except MemoryError as error:
        raise LimitError(f"not enough memory for {shape[1]} x {shape[0]} x {shape[2]} samples", path=label) from error


def _image(pixels: np.ndarray[Any, np.dtype[Any]], part: PartHeader, chosen: Selection, region: Region) -> Image:
    """The picture, with the windows and the pixel aspect of its level."""
    across, down = region.level
    return Image(
        pixels,
        channels=chosen.names,
        metadata=metadata_of(part.attributes),
        data_window=region.placed,
        display_window=level_window(part, region.level, part.display_window),
        pixel_aspect=part.pixel_aspect * 2.0 ** (across - down),
    )
