"""Pictures that are too large to hold: read, processed and written a band of rows at a time.

The result is the same bytes as of the whole picture at once. It works where the source gives rows without being loaded
(OpenEXR, DPX, Cineon, TIFF in strips or tiles), the process says which rows it needs (:class:`RowByRow`,
:class:`Resizing`), and the result is an EXR file, a TIFF file (in tiles) or small.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import io, ops
from vfx.image import Image
from vfx.io.opened import BAND_BYTES, ImageFile

__all__ = ["STREAMED", "FileByFile", "Resizing", "RowByRow", "stream"]

#: Pictures of so many bytes of pixels are worked on in bands; five UHD frames of RGBA half.
STREAMED = 320 << 20

_STORED = {"u8": "f16", "u16": "f32"}


@dataclass(frozen=True)
class RowByRow:
    """A process whose rows depend on nothing but the same rows: any grade, any change of format.

    Attributes
    ----------
    fn : callable
        From an image to an image of its size, or to None where it changed that one.
    """

    fn: Callable[[Image], Image | None]

    def __call__(self, image: Image) -> Image:
        """The processed image."""
        result = self.fn(image)
        return image if result is None else result


@dataclass(frozen=True)
class Resizing:
    """``resize``, ``fit`` or ``fill`` of :mod:`vfx.ops`.

    Attributes
    ----------
    how : str
        Which of the three.
    arguments : mapping
        Its arguments beside the image.
    """

    how: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, image: Image) -> Image:
        """The resized image."""
        result: Image = getattr(ops, self.how)(image, **self.arguments)
        return result


@dataclass(frozen=True)
class FileByFile:
    """A process that makes a file out of a file by itself, without an image in between.

    Attributes
    ----------
    fn : callable
        Gets the paths of source and target, and writes the target.
    """

    fn: Callable[[Path, Path], None]

    def __call__(self, image: Image) -> Image:
        """Nothing of use: a frame that is missing on disk has no file."""
        raise TypeError("files are copied by themselves; a missing frame cannot stand in (on_missing)")


class _Rows:
    """The source's rows, each block of the file decoded once, those that are done with forgotten.

    Parameters
    ----------
    file : ImageFile
        The source.
    options : mapping
        Of its ``read``.
    prepare : callable
        What is done to each band first.
    """

    def __init__(self, file: ImageFile, options: Mapping[str, Any], prepare: Callable[[Image], Image]) -> None:
        self._file, self._options, self._prepare = file, options, prepare
        self._block = file.block(part=options.get("part", 0))[1]
        self._height = file.blank(**options).height
        self._top = 0
        self._pixels: NDArray[Any] | None = None

    def window(self, first: int, last: int) -> tuple[NDArray[Any], int]:
        """Rows that reach at least from ``first`` to ``last``, and which is the first of them."""
        have = self._top + (0 if self._pixels is None else len(self._pixels))
        if self._pixels is None or first >= have or first < self._top:
            self._top, have, self._pixels = first // self._block * self._block, 0, None
            have = self._top
        if last > have:
            wanted = min(self._height, -(-last // self._block) * self._block)
            fresh = self._prepare(self._file.read(rows=(have, wanted), **self._options)).pixels
            keep = max(0, first - self._top)
            old = self._pixels
            self._pixels = fresh if old is None else np.concatenate([old[keep:], fresh])
            self._top += keep if old is not None else 0
        assert self._pixels is not None
        return self._pixels, self._top


def stream(
    process: Callable[..., Image],
    source: Path,
    target: Path,
    *,
    read_options: Mapping[str, Any],
    write_options: Mapping[str, Any],
    prepare: Callable[[Image], Image],
    finish: Callable[[Image], Image],
    check: Callable[[], None],
) -> int | None:
    """Pixels of the result, once it is written; None where the picture is to be worked on as a whole.

    Parameters
    ----------
    process : callable
        A :class:`RowByRow` or :class:`Resizing`; others cannot be done in bands.
    source, target : Path
        The files.
    read_options, write_options : mapping
        Of ``vfx.read`` and ``vfx.write``.
    prepare, finish : callable
        What is done to the pixels before and after.
    check : callable
        Called before each band; may raise.
    """
    if not isinstance(process, (RowByRow, Resizing)) or not source.is_file():
        return None
    with io.open(source) as file:
        if not file.by_rows or max(part.width * part.height for part in file.parts) * 2 < STREAMED // 64:
            return None
        if not set(read_options) <= {"part", "layer", "view", "channels", "level", "dtype", "codes", "raw"}:
            return None
        blank = file.blank(**read_options)
        if blank.numpy().size * blank.dtype.itemsize < STREAMED:
            return None
        rows = _Rows(file, read_options, prepare)
        bands = _bands_of(process, blank.like(blank.numpy(), metadata=blank.metadata), rows, prepare)
        return _written(bands, target, write_options, finish=finish, check=check)


@dataclass(frozen=True)
class _Bands:
    """The result in bands.

    Attributes
    ----------
    height : int
        Its rows.
    step : int
        Rows of a band.
    make : callable
        From first and last row to these rows as an image.
    """

    height: int
    step: int
    make: Callable[[int, int], Image]


def _bands_of(process: RowByRow | Resizing, blank: Image, rows: _Rows, prepare: Callable[[Image], Image]) -> _Bands:
    """How the result comes about."""
    if isinstance(process, RowByRow):

        def processed(first: int, last: int) -> Image:
            pixels, top = rows.window(first, last)
            x0, y0, x1, _ = blank.data_window
            cut = np.ascontiguousarray(pixels[first - top : last - top])
            window = (x0, y0 + first, x1, y0 + last - 1)
            return process(blank.like(cut, data_window=window, display_window=blank.display_window))

        return _Bands(blank.height, _step(blank, rows), processed)
    from vfx.ops._resizing import PLACEMENTS

    # The format of the pixels that are resized, on a picture that still has no memory.
    kind = prepare(blank.like(np.array(blank.numpy()[:1, :1]))).dtype
    empty = blank.like(np.broadcast_to(np.zeros((), kind), blank.numpy().shape))
    placement = PLACEMENTS[process.how](empty, **process.arguments)

    def resized(first: int, last: int) -> Image:
        low, high = placement.needed(first, last)
        pixels, top = rows.window(low, high) if high > low else (empty.pixels[:1], 0)
        return placement.band(pixels, top, first=first, last=last)

    shrinking = max(1, blank.height // placement.height)
    return _Bands(placement.height, max(1, _step(blank, rows) // shrinking), resized)


def _step(blank: Image, rows: _Rows) -> int:
    """Rows of the source for a band, whole blocks of the file."""
    row = blank.width * blank.channels * max(4, blank.dtype.itemsize)
    return max(1, BAND_BYTES // row // rows._block) * rows._block


def _written(
    bands: _Bands,
    target: Path,
    options: Mapping[str, Any],
    *,
    finish: Callable[[Image], Image],
    check: Callable[[], None],
) -> int | None:
    """Pixels of the result, once it is written; None where it would not fit, and nothing was."""
    first = finish(bands.make(0, min(bands.step, bands.height)))
    nbytes = first.pixels.nbytes // first.height * bands.height
    windows = _windows(first, bands.height)
    if _to_tiff(target, options) and nbytes >= STREAMED and windows["data_window"] == windows["display_window"]:
        from vfx.io._tiff_bands import write_bands

        kept = {name: value for name, value in options.items() if name not in ("format", "planar")}
        write_bands(target, _each(bands, first, finish, check=check), height=bands.height, **kept)
        return first.width * bands.height
    if not _to_exr(target, options):
        if nbytes >= STREAMED:
            return None
        whole = np.empty((bands.height, *first.numpy().shape[1:]), first.dtype)
        image = first.like(whole, **windows)
        for top, band in zip(range(0, bands.height, bands.step), _each(bands, first, finish, check=check), strict=True):
            whole[top : top + band.height] = band.numpy()
        io.write(target, image, **options)
        return image.width * image.height
    from vfx.io import exr

    kept = {"dtype": _STORED.get(first.format, first.format)} | {
        name: value for name, value in options.items() if name != "format"
    }
    with exr.Writer(
        target,
        channels=first.channel_names,
        metadata=first.metadata,
        pixel_aspect=first.pixel_aspect,
        **windows,
        **kept,
    ) as writer:
        for band in _each(bands, first, finish, check=check):
            writer.write_rows(band)
    return first.width * bands.height


def _each(
    bands: _Bands, first: Image, finish: Callable[[Image], Image], *, check: Callable[[], None]
) -> Iterator[Image]:
    """Every band of the result, the first of which is there already."""
    yield first
    for top in range(bands.step, bands.height, bands.step):
        check()
        yield finish(bands.make(top, min(top + bands.step, bands.height)))


def _to_tiff(target: Path, options: Mapping[str, Any]) -> bool:
    """Whether the result can be written as a TIFF file row by row."""
    from vfx.io import tiff
    from vfx.io._tiff_bands import write_bands

    named = options.get("format", "tiff" if target.suffix.lower() in tiff.EXTENSIONS else "")
    known = set(inspect.signature(write_bands).parameters) | {"format"}
    return named in ("tiff", "tif") and set(options) <= known


def _windows(first: Image, height: int) -> dict[str, Any]:
    """The windows of the whole result, from its first band."""
    x0, y0, x1, _ = first.data_window
    return {"data_window": (x0, y0, x1, y0 + height - 1), "display_window": first.display_window}


def _to_exr(target: Path, options: Mapping[str, Any]) -> bool:
    """Whether the result can be written as an EXR file row by row."""
    from vfx.io import exr

    named = options.get("format", "exr" if target.suffix.lower() in exr.EXTENSIONS else "")
    known = set(inspect.signature(exr.Writer).parameters) | {"format"}
    return named == "exr" and exr.exr_backend() == "core" and set(options) <= known
