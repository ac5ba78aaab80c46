"""Writing an EXR file bit by bit: rows from the top, or tiles in any order, in bounded memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

from vfx import threads as _threads
from vfx.checks import integer
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_header import lines_of
from vfx.io._exr_places import Level
from vfx.io._exr_plan import PartOptions, Picture, WritePlan, plan_for, planes_of, stored_image
from vfx.io._exr_pyramid import Halving
from vfx.io._exr_write import exr_backend, file_for, target_label
from vfx.pixelformat import box, channel_names

__all__ = ["Writer"]

# Rows that wait so that several threads have chunks to compress: at most this many bytes.
_WAITING = 1 << 26
# Rows that are made smaller at once.
_BAND = 64


class _Abandoned(Exception):
    """Ends the file's block where nobody raised anything."""


class _Rows:
    """The rows of one level as they come, and of the level below it that is made of them."""

    def __init__(self, plan: WritePlan, levels: Sequence[Level]) -> None:
        self.level = levels[0]
        self.next = 0  # the first row that is not in the file
        self.waiting = 0
        self._buffers: list[np.ndarray[Any, Any]] = []
        self._below = _Rows(plan, levels[1:]) if len(levels) > 1 else None
        self._levels = levels[:2]
        self._halvings: list[Halving] = []
        self._half = self.level.x > 0 and all(channel.kind == 1 for channel in plan.part.channels)
        tiles = plan.part.tiles
        self._step = tiles[1] if tiles else lines_of(plan.part.compression)

    def push(self, writer: Writer, arrays: list[np.ndarray[Any, Any]]) -> None:
        """Take some rows; write the chunks that they complete."""
        if self._below is not None:
            self._make_smaller(writer, arrays)
        if self._half:  # what waits is kept as it will be stored
            arrays = [Image(array).astype("f16").pixels for array in arrays]
        batch = self._batch(writer, arrays)
        taken, count = 0, len(arrays[0])
        while taken < count:
            left = self.level.height - self.next
            rows = [array[taken:] for array in arrays]
            whole = count - taken if count - taken == left else (count - taken) // batch * batch
            if whole and not self.waiting:  # straight out of the caller's memory
                self._write(writer, [array[:whole] for array in rows])
                taken += whole
                continue
            if not self._buffers:
                self._buffers = [np.empty((batch, *array.shape[1:]), array.dtype) for array in arrays]
            fitting = min(len(self._buffers[0]) - self.waiting, count - taken)
            for buffer, array in zip(self._buffers, rows, strict=True):
                buffer[self.waiting : self.waiting + fitting] = array[:fitting]
            self.waiting += fitting
            taken += fitting
            if self.waiting in (len(self._buffers[0]), left):
                waiting, self.waiting = self.waiting, 0
                self._write(writer, [buffer[:waiting] for buffer in self._buffers])

    def _batch(self, writer: Writer, arrays: Sequence[np.ndarray[Any, Any]]) -> int:
        """How many rows are worth writing at once."""
        if self.level.across > 1:
            return self._step
        row = sum(array[:1].nbytes for array in arrays)
        chunks = max(1, min(2 * writer.workers(self.level.width * self._step * 8), _WAITING // (row * self._step)))
        return self._step * chunks

    def _write(self, writer: Writer, arrays: list[np.ndarray[Any, Any]]) -> None:
        """Some whole chunks."""
        count = -(-len(arrays[0]) // self._step)
        first = self.next // self._step
        writer.write_chunks(self.level, arrays, (0, self.next), (first * self.level.across, count * self.level.across))
        self.next += len(arrays[0])

    def _make_smaller(self, writer: Writer, arrays: list[np.ndarray[Any, Any]]) -> None:
        """The rows of the level below that these complete."""
        assert self._below is not None
        if not self._halvings:
            self._halvings = [Halving(*self._levels) for _ in arrays]
        for top in range(0, len(arrays[0]), _BAND):
            band = [_floats(array[top : top + _BAND]) for array in arrays]
            smaller = [halving.push(rows) for halving, rows in zip(self._halvings, band, strict=True)]
            if len(smaller[0]):
                self._below.push(writer, smaller)


def _floats(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The rows as float32 unless they are numbers."""
    return array if array.dtype in (np.uint32, np.float32) else Image(array).astype("f32").pixels


class Writer:
    """A file that is written bit by bit and appears, whole, when it is closed.

    Rows come from the top, in blocks of any height, or tiles in any order; what waits in memory is less than a few
    chunks. Use it as a context manager: a block that ends in an exception leaves an old file untouched.

    Parameters
    ----------
    target : path or writable binary stream
        Where to write.
    size : (width, height), optional
        Of the picture; or give ``data_window``.
    data_window, display_window : (x0, y0, x1, y1), optional
        Inclusive; the data window lies at the origin, the display window is the data window, unless told.
    pixel_aspect : float
        Width of a pixel over its height.
    channels : int or sequence of str
        How many, or their names.
    dtype : str or mapping
        What is stored: ``"f16"``, ``"f32"`` or ``"u32"``; a mapping names single channels, the others are f16.
    metadata : mapping, optional
        As an image has it.
    compression, dwa_level, zip_level, tile_size, rounding, sampling, name, view
        As :func:`vfx.io.exr.write` has them.
    levels : str, optional
        ``"mip"``: rows make all levels as they come. ``"mip"`` or ``"rip"``: every tile of every level is written by
        the caller.
    threads : int, optional
        At most this many.

    Raises
    ------
    FormatError
        If the installed OpenEXR cannot write such a file.
    OSError
        If it cannot be written.
    TypeError, ValueError
        If an option does not fit.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io import exr
    >>> stream = io.BytesIO()
    >>> with Writer(stream, size=(640, 480), channels="RGB", compression="piz") as writer:
    ...     for top in range(0, 480, 100):
    ...         writer.write_rows(np.full((min(100, 480 - top), 640, 3), top, np.float32))
    >>> float(exr.read(stream.getvalue()).numpy()[479, 0, 0])
    400.0
    """

    def __init__(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        size: Sequence[int] | None = None,
        data_window: Sequence[int] | None = None,
        display_window: Sequence[int] | None = None,
        pixel_aspect: float = 1.0,
        channels: int | Iterable[str] = ("R", "G", "B"),
        dtype: Any = "f16",
        metadata: Mapping[str, Any] | None = None,
        compression: str = "zip",
        dwa_level: float | None = None,
        zip_level: int | None = None,
        tile_size: int | Sequence[int] | None = None,
        levels: str | None = None,
        rounding: str = "down",
        sampling: Mapping[str, int | Sequence[int]] | None = None,
        name: str | None = None,
        view: str | None = None,
        threads: int | None = None,
    ) -> None:
        window = _data_window(size, data_window)
        named = None if isinstance(channels, int) else tuple(channels)
        names = channel_names(named, channels if isinstance(channels, int) else len(named or ()))
        display = window if display_window is None else box("display_window", display_window)
        picture = Picture(names, ("u32",) * len(names), window, display, pixel_aspect, metadata or {})
        stored = dict.fromkeys(names, "f16") | dict(dtype) if isinstance(dtype, Mapping) else dtype or "f16"
        options = PartOptions(
            compression,
            stored,
            dwa_level,
            zip_level,
            tile_size,
            "increasing",
            name,
            view,
            sampling or {},
            levels,
            rounding,
        )
        self.plan: WritePlan = plan_for(picture, options)
        self.closed = False
        self._broken = False
        self._threads = threads
        self._target = target
        self._lock = threading.RLock()
        self._formats: tuple[np.dtype[Any], ...] = ()
        self._how = ""
        self._open()

    def _open(self) -> None:
        """Begin the file."""
        if exr_backend() != "core":
            raise FormatError(
                "only OpenEXR's C functions write rows as they come, which are not in use here",
                path=target_label(self._target),
            )
        from vfx.io._exr_core_write import ChunkFile

        self._block = file_for(self._target)
        self._stream = self._block.__enter__()
        try:
            self._file = ChunkFile(self._stream, [self.plan])
        except BaseException as error:
            self._abandon(error)
            raise
        self._rows = _Rows(self.plan, self._file.levels[0][: 1 if self._rip else None])

    @property
    def _rip(self) -> bool:
        """Whether there are levels that rows cannot make."""
        return self.plan.part.tiles is not None and self.plan.part.tiles[2] == 2

    @property
    def next_row(self) -> int:
        """The row that :meth:`write_rows` writes next, counted from the top of the data window."""
        return self._rows.next + self._rows.waiting

    def workers(self, pixels: int) -> int:
        """How many threads so many pixels are worth."""
        return _threads.for_pixels(pixels, self._threads)

    def write_chunks(
        self, level: Level, arrays: Sequence[np.ndarray[Any, Any]], place: tuple[int, int], chunks: tuple[int, int]
    ) -> None:
        """Nothing; the file then holds these chunks of a level, cut out of arrays that begin at ``place``."""
        pixels = arrays[0].shape[0] * arrays[0].shape[1]
        planes = planes_of(arrays, self.plan)
        self._broken = True  # until all of it is in the file
        try:
            self._file.write(level, planes, place=place, chunks=chunks, threads=self.workers(pixels))
        except FormatError as error:
            raise FormatError(error.reason, path=target_label(self._target)) from error
        self._broken = False

    def write_rows(self, pixels: Any, *, also: Image | Sequence[Image] = ()) -> None:
        """Nothing; the file then holds these rows below those that it has, or will when their chunk is full.

        Parameters
        ----------
        pixels : Image or array, (rows, width, channels)
            Of any format that :func:`vfx.io.exr.write` takes, of one format for all rows.
        also : Image or sequence of Image
            The channels that follow, where a part has several formats.

        Raises
        ------
        ValueError
            If width, channels or the number of rows do not fit, or tiles were written before.
        """
        with self._lock:
            self._begin("rows")
            if self._rip:
                raise ValueError("rows cannot make the levels of a rip map; write its tiles")
            arrays = self._arrays(pixels, also)
            left = self._rows.level.height - self.next_row
            if arrays[0].shape[1] != self._rows.level.width or len(arrays[0]) > left:
                raise ValueError(
                    f"rows must be {self._rows.level.width} wide and at most {left} more, got "
                    f"{arrays[0].shape[1]} x {len(arrays[0])}"
                )
            self._rows.push(self, arrays)

    def write_tile(
        self, x: int, y: int, pixels: Any, *, level: int | Sequence[int] = 0, also: Image | Sequence[Image] = ()
    ) -> None:
        """Nothing; the file then holds this tile.

        Parameters
        ----------
        x, y : int
            Column and row of tiles, from 0.
        pixels : Image or array, (rows, columns, channels)
            A whole tile; at the right and lower edge what is left of the level.
        level : int or (x, y)
            The level: a number of a mip map, a pair of a rip map.
        also : Image or sequence of Image
            The channels that follow, where a part has several formats.

        Raises
        ------
        ValueError
            If there is no such tile, it is there already, its size does not fit, or rows were written before.
        """
        with self._lock:
            self._begin("tiles")
            tiles = self.plan.part.tiles
            if tiles is None:
                raise ValueError("there are no tiles without tile_size")
            found = self._level(level)
            across, down = integer("x", x, low=0, high=found.across - 1), integer("y", y, low=0, high=found.down - 1)
            place = across * tiles[0], down * tiles[1]
            size = min(tiles[0], found.width - place[0]), min(tiles[1], found.height - place[1])
            arrays = self._arrays(pixels, also)
            if arrays[0].shape[1::-1] != size:
                raise ValueError(f"tile ({x}, {y}) must be {size[0]} x {size[1]}, got {arrays[0].shape[1::-1]}")
            chunk = down * found.across + across
            if self._file.written(0, found, chunk):
                raise ValueError(f"tile ({x}, {y}) of level {level} was written before")
            self.write_chunks(found, arrays, place, (chunk, 1))

    def _level(self, level: int | Sequence[int]) -> Level:
        """The level by its number."""
        number = (level, level) if isinstance(level, int) else tuple(level)
        levels = {(found.x, found.y): found for found in self._file.levels[0]}
        if number not in levels:
            raise ValueError(f"level must be one of {', '.join(map(str, levels))}, got {level!r}")
        return levels[number]

    def _begin(self, how: str) -> None:
        """Raise for a closed file, or one that is written the other way."""
        if self.closed or self._broken:
            raise ValueError("the file is closed" if self.closed else "a part of the file could not be written before")
        if self._how not in ("", how):
            raise ValueError(f"a file is written in rows or in tiles; this one has {self._how}")
        self._how = how

    def _arrays(self, pixels: Any, also: Image | Sequence[Image]) -> list[np.ndarray[Any, Any]]:
        """The pixels in formats that EXR has, one and the same from call to call."""
        images = [stored_image(image) for image in (pixels, *([also] if isinstance(also, Image) else also))]
        count, wanted = sum(image.channels for image in images), len(self.plan.column_of)
        if count != wanted or len({image.pixels.shape[:2] for image in images}) > 1:
            raise ValueError(
                f"the file has {wanted} channels of one size, got {[image.pixels.shape for image in images]}"
            )
        formats = tuple(image.pixels.dtype for image in images)
        if self._formats not in ((), formats):
            raise TypeError(f"the pixels were {self._formats} before, got {formats}")
        self._formats = formats
        return [image.pixels for image in images]

    def close(self) -> None:
        """Nothing; the file then is at its target.

        Raises
        ------
        ValueError
            If rows or tiles are missing; nothing is at the target then but what was there.
        OSError
            If it cannot be written.
        """
        with self._lock:
            if self.closed:
                return
            self.closed = True
            try:
                missing = self._file.missing()
                if self._broken:
                    raise ValueError("a part of the file could not be written before")
                if missing:
                    told = (
                        f"{self.next_row} of {self._rows.level.height} rows" if self._how == "rows" else "not all tiles"
                    )
                    raise ValueError(f"{told} were written: {missing} chunks are missing")
                if not self._file.in_order(0):
                    # Tiles in another order than the table's ("OpenEXR File Layout", "lineOrder").
                    self.plan.attributes["lineOrder"] = Attribute("lineOrder", b"\2")
                self._file.finish()
            except BaseException as error:
                self._abandon(error)
                raise
            self._block.__exit__(None, None, None)

    def abort(self) -> None:
        """Nothing; what was written is gone, an old file stays."""
        with self._lock:
            if not self.closed:
                self.closed = True
                self._abandon(_Abandoned())

    def _abandon(self, error: BaseException) -> None:
        """End the file's block with an exception."""
        self.closed = True
        self._block.__exit__(type(error), error, error.__traceback__)

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, or abort it where the block raised."""
        if error is None:
            self.close()
        elif not self.closed:
            self._abandon(error)


def _data_window(size: Sequence[int] | None, window: Sequence[int] | None) -> tuple[int, int, int, int]:
    """The data window by its size or by itself."""
    if (size is None) == (window is None):
        raise ValueError("give either size or data_window")
    if window is not None:
        return box("data_window", window)
    width, height = (integer("size", side, low=1, high=1 << 29) for side in size or ())
    return 0, 0, width - 1, height - 1
