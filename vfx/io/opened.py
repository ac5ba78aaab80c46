"""Files that stay open: rows, boxes, tiles, levels and channels of a picture, without loading it.

OpenEXR files give any box of any level by decoding the chunks that it touches and no others; DPX files give any rows,
TIFF files their strips and tiles. The other formats are coded as one stream: of those the whole picture is decoded when
the first piece is asked for, and kept until the file is closed.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.checks import integer, number, unknown_options
from vfx.image import Image
from vfx.io._finish import row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._source import Source, open_source

if TYPE_CHECKING:
    from types import ModuleType

    from vfx.io._exr_session import ExrFile

__all__ = ["BAND_BYTES", "ImageFile"]

#: A band holds so many bytes of pixels, unless one block of the file is larger.
BAND_BYTES = 64 << 20

#: Formats whose readers touch the rows asked for and no others; TIFF its strips or tiles.
_BY_ROWS = ("dpx", "cineon", "tiff")


class ImageFile:
    """An open picture file, whose pixels are read in any pieces. Made by :func:`vfx.io.open`; a context manager.

    Pieces may be read from several threads at a time.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    format : str
        Name of its format.
    module : module
        The format's module.

    Attributes
    ----------
    format : str
        Name of the file format, e.g. ``"exr"``.
    label : str
        What error messages call the file.

    Examples
    --------
    >>> import io, numpy as np, vfx
    >>> stream = io.BytesIO()
    >>> vfx.io.exr.write(stream, vfx.Image(np.zeros((64, 96, 4), np.float16)), tile_size=32)
    >>> with vfx.io.open(stream.getvalue()) as file:
    ...     file.read(rows=(32, 48), columns=(0, 8), channels=["A"])
    <Image 8x16 A f16 data_window=(0, 32, 7, 47) display_window=(0, 0, 95, 63)>
    """

    def __init__(self, source: Any, *, format: str, module: ModuleType) -> None:
        self.format = format
        self._module = module
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._whole: dict[tuple[Any, ...], Image] = {}
        self._exr: ExrFile | None = None
        self._closed = False
        opened: Source = self._stack.enter_context(open_source(source))
        try:
            self._source = opened
            self._info: ImageInfo = module.probe(opened)
            if format == "exr":
                from vfx.io._exr_session import ExrFile

                self._exr = self._stack.enter_context(ExrFile(opened))
        except BaseException:
            self._stack.close()
            raise
        self.label = opened.label

    @property
    def info(self) -> ImageInfo:
        """What the header says, as :func:`vfx.probe` does."""
        return self._info

    @property
    def parts(self) -> tuple[PartInfo, ...]:
        """What the header says of each part."""
        return self._info.parts

    @property
    def bytes_read(self) -> int:
        """Bytes of an EXR file that were fetched for pixels so far; -1 where nobody counts."""
        return self._exr.bytes_read if self._exr is not None else -1

    def read(
        self,
        *,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
        **options: Any,
    ) -> Image:
        """A piece of the picture, with its place as its data window.

        Parameters
        ----------
        rows, columns : (first, last), optional
            Half-open, counted from the corner of the data window (of the level).
        **options
            As for :func:`vfx.read`: ``part``, ``layer``, ``view``, ``channels``, ``level``, ``dtype``.

        Raises
        ------
        FormatError
            If the file is damaged there.
        TypeError, ValueError
            If an option is wrong, a box reaches outside the picture, or the file is closed.
        """
        if self._closed:
            raise ValueError(f"{self.label}: the file is closed")
        if self._exr is not None:
            unknown_options("reading exr", options, list(inspect.signature(self._exr.read).parameters))
            return self._exr.read(rows=rows, columns=columns, **options)
        unknown_options(f"reading {self.format}", options, list(inspect.signature(self._module.read).parameters)[1:])
        if self.format == "tiff" and self._by_rows(options):
            with self._lock:  # one place in the file for all threads
                box: Image = self._module.read(self._source, rows=rows, columns=columns, **options)
            return box
        if self._by_rows(options):
            image: Image = self._module.read(self._source, rows=rows, **options)
            return _cut(image, (0, image.height), columns)
        image = self._decoded(options)
        return _cut(image, row_range(rows, image.height), columns)

    def _decoded(self, options: Mapping[str, Any]) -> Image:
        """The whole picture, decoded once for each choice of options."""
        key = tuple(sorted((name, repr(value)) for name, value in options.items()))
        with self._lock:
            if key not in self._whole:
                self._whole.clear()
                self._whole[key] = self._module.read(self._source, **options)
            return self._whole[key]

    def blank(self, **options: Any) -> Image:
        """The picture that :meth:`read` would give, of its size and with its metadata, but black and without memory.

        Parameters
        ----------
        **options
            As for :meth:`read`, without ``rows`` and ``columns``.
        """
        if self._exr is None and not self._by_rows(options):
            return _without_memory(self._decoded(options), self._decoded(options).height)
        top = self.read(rows=(0, 1), **options)
        if self._exr is None:
            return _without_memory(top, self._part(options.get("part", 0)).height)
        chosen = {name: value for name, value in options.items() if name not in ("dtype", "raw", "threads")}
        return _without_memory(top, self._exr.size_of(**chosen)[1])

    def block(self, *, part: int | str = 0) -> tuple[int, int]:
        """Width and height of the blocks that the file is stored in: pieces that fit them decode nothing twice."""
        if self._exr is not None:
            return self._exr.block_of(part)
        chosen = self._part(part)
        if chosen.tile_size is not None:
            return chosen.tile_size
        if self.format == "tiff" and chosen.compression != "none":
            return chosen.width, int(chosen.metadata.get("tiff:rows_per_strip", chosen.height))
        return chosen.width, 1 if self.format in _BY_ROWS else chosen.height

    def _by_rows(self, options: Mapping[str, Any]) -> bool:
        """Whether some rows can be read without the others."""
        if self.format != "tiff":
            return self.format in _BY_ROWS
        # A picture in one compressed strip would be decoded anew for each band.
        whole = self._part(options.get("part", 0)).height
        elsewhere = options.get("level") or options.get("auto_orient") or options.get("subifd") is not None
        return not elsewhere and (self.block(part=options.get("part", 0))[1] < whole or whole < 64)

    @property
    def by_rows(self) -> bool:
        """Whether pieces of the first part are read without decoding the whole."""
        return self._exr is not None or self._by_rows({})

    def _part(self, part: int | str) -> PartInfo:
        """One part by number or name."""
        for index, found in enumerate(self.parts):
            if part in (index, found.name):
                return found
        raise ValueError(f"{self.label}: no part {part!r}; the file has {len(self.parts)}, counted from 0")

    def bands(self, height: int | None = None, **options: Any) -> Iterator[Image]:
        """The picture from top to bottom in bands of full width.

        Parameters
        ----------
        height : int, optional
            Rows of a band; by default as many as fit into 64 MiB, in whole blocks of the file.
        **options
            As for :meth:`read`, without ``rows`` and ``columns``.
        """
        blank = self.blank(**options)
        if height is None:
            block = self.block(part=options.get("part", 0))[1]
            row = blank.width * blank.channels * blank.dtype.itemsize
            height = max(1, BAND_BYTES // row // block) * block
        height = integer("height", height, low=1)
        for top in range(0, blank.height, height):
            yield self.read(rows=(top, min(top + height, blank.height)), **options)

    def tiles(self, size: int | Sequence[int] | None = None, **options: Any) -> Iterator[Image]:
        """The picture in tiles, row by row; those at the right and bottom are as large as there is picture.

        Parameters
        ----------
        size : int or (width, height), optional
            Of a tile; by default the file's own, or 256.
        **options
            As for :meth:`read`, without ``rows`` and ``columns``.
        """
        if size is None:
            size = self._part(options.get("part", 0)).tile_size or 256
        across, down = (size, size) if isinstance(size, int) else tuple(size)
        across, down = integer("size[0]", across, low=1), integer("size[1]", down, low=1)
        blank = self.blank(**options)
        for y in range(0, blank.height, down):
            for x in range(0, blank.width, across):
                box = (min(x + across, blank.width), min(y + down, blank.height))
                yield self.read(rows=(y, box[1]), columns=(x, box[0]), **options)

    def __getitem__(self, place: Any) -> Image:
        """``file[100:200, 50:80]``: a box of rows and columns; ``file[100:200]``: rows."""
        rows, columns = place if isinstance(place, tuple) and len(place) == 2 else (place, slice(None))
        blank = self.blank()
        return self.read(rows=_range(rows, blank.height), columns=_range(columns, blank.width))

    def close(self) -> None:
        """Nothing; the file is closed and what was decoded is forgotten. Closing again does nothing."""
        self._closed = True
        self._whole.clear()
        self._stack.close()

    def __enter__(self) -> ImageFile:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """``<ImageFile shot.exr, exr, 2048x1556>``."""
        size = f"{self._info.width}x{self._info.height}"
        return f"<ImageFile {self.label}, {self.format}, {size}{', closed' * self._closed}>"


def _range(place: object, size: int) -> tuple[int, int]:
    """A slice as a half-open range; negative numbers count from the end, as in NumPy."""
    if not isinstance(place, slice) or place.step not in (None, 1):
        raise TypeError(f"a piece of a file is told by slices without steps, as file[100:200, 50:80], got {place!r}")
    start, stop, _ = place.indices(size)
    return start, stop


def _cut(image: Image, rows: tuple[int, int], columns: Sequence[int] | None) -> Image:
    """A box of an image as an image of its own."""
    left, right = row_range(columns, image.width, axis="columns")
    if rows == (0, image.height) and (left, right) == (0, image.width):
        return image.copy()
    x0, y0 = image.data_window[:2]
    window = (x0 + left, y0 + rows[0], x0 + right - 1, y0 + rows[1] - 1)
    pixels = np.ascontiguousarray(image.numpy()[rows[0] : rows[1], left:right])
    return image.like(pixels, data_window=window, display_window=image.display_window)


def _without_memory(image: Image, height: int) -> Image:
    """An image of one zero seen from everywhere, as wide as another and so many rows high."""
    number("height", height, low=1)
    shape = (height, image.width, *image.numpy().shape[2:])
    pixels = np.broadcast_to(np.zeros((), image.dtype), shape)
    x0, y0, x1, _ = image.data_window
    return image.like(pixels, data_window=(x0, y0, x1, y0 + height - 1), display_window=image.display_window)
