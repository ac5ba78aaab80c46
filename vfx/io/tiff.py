"""TIFF files: 1 to 16-bit integers, half and float, u32 data; strips or tiles, chunky or planar, BigTIFF.

========================  ==========================================================================
in the file               in the image
========================  ==========================================================================
8, 16-bit integers        u8, u16, unchanged; 1, 2, 4 bits as u8 (v * 255 / (2**n - 1))
signed integers           f32, v / (2**(n - 1) - 1), from -1 to 1
other depths below 16     f32, v / (2**n - 1)
32-bit integers           u32, which is data
half, float               f16, f32, unchanged; 24-bit float as f32; 64-bit float rounded to f32
white is zero             inverted
palette                   RGB, u8 where the palette has 8-bit colours, else u16
CMYK                      RGB, (1 - c)(1 - k), without its ICC profile
CIE L*a*b*                f32, ``Lab.L Lab.a Lab.b``: L* from 0 to 100, a* and b* as they are; not converted
alpha                     ``A``; ``metadata["alpha"]`` is ``"unassociated"`` where colours are not multiplied
                          by it, ``"unspecified"`` where the file does not say, absent where they are
other samples             ``C4`` …, or the names that this package wrote into the description
========================  ==========================================================================

Nothing is multiplied or decoded, and turned only with ``auto_orient=True``: ``metadata["orientation"]`` says how the
page is to be seen.
The codecs are those of tifffile and imagecodecs.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from vfx import checks, threads
from vfx._atomic import atomic
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import _exif
from vfx.io import _tiff_pages as pages
from vfx.io._decoding import decoding
from vfx.io._finish import finish, row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image
from vfx.io._source import Source, open_source
from vfx.io._tiff_build import page_of, storage_options
from vfx.io._tiff_pixels import Box, picture
from vfx.io._turned import turned
from vfx.pixelformat import format_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "tiff"
EXTENSIONS = (".tif", ".tiff")

#: Classic and BigTIFF, little and big endian.
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is TIFF."""
    return head.startswith(_MAGIC)


@contextmanager
def _reading(label: str) -> Iterator[None]:
    """Inside, what tifffile and the codecs raise becomes a FormatError."""
    # Its arithmetic on damaged tags overflows, which NumPy would warn of.
    with decoding(label, "TIFF file"), np.errstate(all="ignore"):
        yield


@contextmanager
def _opened(opened: Source) -> Iterator[Any]:
    """A ``tifffile.TiffFile``."""
    with _reading(opened.label):
        import tifffile

        log = logging.getLogger("tifffile")
        if not log.handlers:  # keeps its remarks from Python's handler of last resort, which prints them
            log.addHandler(logging.NullHandler())
        file = tifffile.TiffFile(opened.stream())
    with file:
        yield file


def _page(file: Any, part: int | str, opened: Source) -> Any:
    """The page by index or by name."""
    if part == 0:
        return file.pages[0].aspage()
    count = pages.page_count(file.tiff, opened.stream(), opened.size, opened.label)
    if isinstance(part, int):
        if part >= count:
            raise FormatError(f"no page {part}; the file has {count}", path=opened.label)
        return file.pages[part].aspage()
    for index in range(count):
        page = file.pages[index].aspage()
        if page.tags.valueof(285) == part:
            return page
    raise FormatError(f"no page is named {part!r}", path=opened.label)


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int | str = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    level: int = 0,
    subifd: int | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture on a page of a TIFF file, in the page's own pixel format where that exists.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int or str
        The page, from 0, or its name.
    channels, rows, dtype
        As in :func:`vfx.read`.
    columns : (x0, x1), optional
        Only these columns, half-open. Only the strips and tiles that ``rows`` and ``columns`` touch are read.
    level : int
        A smaller version of the page: one of its sub-pages, or the pages behind it, that the file calls so.
    subifd : int, optional
        A sub-page whatever it is, from 0.
    auto_orient : bool
        Turn the pixels upright as the orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind, or has no such page.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import tiff
    >>> img = tiff.read("matte.tif", part=1)  # doctest: +SKIP
    """
    wanted = part if isinstance(part, str) else checks.integer("part", part, low=0)
    checks.integer("level", level, low=0)
    if subifd is not None and (level or checks.integer("subifd", subifd, low=0) < 0):
        raise TypeError("give level or subifd, not both")
    with open_source(source) as opened, _opened(opened) as file:
        label = opened.label
        with _reading(label):
            if level:
                pages.page_count(file.tiff, opened.stream(), opened.size, label)  # raises for an endless chain
            page = pages.below(_page(file, wanted, opened), level=level, subifd=subifd, label=label)
            height, width = int(page.imagelength), int(page.imagewidth)
            if height <= 0 or width <= 0:
                raise FormatError(f"a picture of {width} x {height} pixels", path=label, offset=int(page.offset))
            turn = auto_orient and page.tags.valueof(pages.ORIENTATION) not in (None, 1)
        top, bottom = (0, height) if turn else row_range(rows, height)
        left, right = (0, width) if turn else row_range(columns, width, axis="columns")
        box = Box(top, bottom, left, right)
        with _reading(label):
            pages.check_page(page, opened.stream(), opened.size, label, size_read=box.size)
            shape = pages.layout(page, label)
            entries = pages.metadata(page, shape)
            limits.check_memory(math.prod(box.size) * len(shape.names) * shape.sample_bytes, label)
            pixels = picture(page, shape, box, threads.for_pixels(math.prod(box.size)))
    image = Image(
        pixels,
        channels=shape.names,
        metadata=entries,
        data_window=(left, top, right - 1, bottom - 1),
        display_window=(0, 0, width - 1, height - 1),
        pixel_aspect=pages.pixel_aspect(entries),
    )
    if turn:
        if columns is not None:
            raise ValueError("columns= of a picture that auto_orient=True turns are not supported; cut them afterwards")
        return finish(turned(image), channels=channels, rows=rows, dtype=dtype)
    return finish(image, channels=channels, dtype=dtype)


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of every page of a TIFF file without decoding its pixels.

    Raises
    ------
    FormatError
        If a page is damaged or of an unsupported kind.
    """
    with open_source(source) as opened, _opened(opened) as file, _reading(opened.label):
        label, size = opened.label, opened.size
        count = pages.page_count(file.tiff, opened.stream(), size, label)
        parts = [_part(file.pages[index].aspage(), opened.stream(), size, label) for index in range(count)]
    return ImageInfo(path=label, format=NAME, parts=tuple(parts), size=size)


def _part(page: Any, stream: BinaryIO, size: int, label: str) -> PartInfo:
    """The facts of one page."""
    pages.check_page(page, stream, size, label)
    shape = pages.layout(page, label)
    entries = pages.metadata(page, shape)
    window = (0, 0, int(page.imagewidth) - 1, int(page.imagelength) - 1)
    return PartInfo(
        width=int(page.imagewidth),
        height=int(page.imagelength),
        channel_names=shape.names,
        formats=(shape.format,) * len(shape.names),
        data_window=window,
        display_window=window,
        pixel_aspect=pages.pixel_aspect(entries),
        name=str(entries.get("tiff:PageName", "")),
        type="tiled" if page.is_tiled else "scanline",
        compression=str(getattr(page.compression, "name", page.compression)).lower(),
        tile_size=(int(page.tilewidth), int(page.tilelength)) if page.is_tiled else None,
        levels=1 + len(pages.smaller(page)),
        metadata=entries | {"tiff:bit_depth": shape.bits} | _storage(page),
    )


def _storage(page: Any) -> dict[str, Any]:
    """How many rows a strip has, and how many sub-pages there are."""
    length = int(page.imagelength)
    strips = {} if page.is_tiled else {"tiff:rows_per_strip": min(int(page.rowsperstrip or length), length)}
    return strips | ({"tiff:subifds": len(page.subifds)} if page.subifds else {})


def write(
    path: str | os.PathLike[str],
    image: Image | Sequence[Image],
    *,
    dtype: DTypeLike | str | None = None,
    compression: str = "deflate",
    level: int | None = None,
    predictor: bool | int = True,
    tile_size: int | tuple[int, int] | None = None,
    planar: bool = False,
    bigtiff: bool | None = None,
) -> None:
    """Nothing; the image, or each of several as a page, is then in a TIFF file, which appears whole or not at all.

    The image's own pixel format is kept: half and float stay scene values, above 1 and below 0. An image
    whose data window is not its display window is written as its display window.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, C), or a sequence of them
        Pages may differ in everything; ``metadata["tiff:PageName"]`` names them. Any channels. R, G, B and A come
        first; names that TIFF cannot tell go into the description.
    dtype : str or dtype, optional
        Another pixel format: ``"u8"``, ``"u16"``, ``"f16"``, ``"f32"``.
    compression : {"deflate", "lzw", "zstd", "packbits", "none"}
        All lossless. Zstandard is not read by every application.
    level : int, 0 to 9 (zstd 1 to 22), optional
        How hard to compress, for deflate and zstd.
    predictor : bool or {1, 2, 3}
        Differences between neighbours are compressed (not with packbits): smaller. By number: 1 is none, 2 of
        integers, 3 of floats.
    tile_size : int or (width, height), optional
        Tiles of this size, multiples of 16, in place of strips.
    planar : bool
        One plane per channel.
    bigtiff : bool, optional
        64-bit offsets; by default only where the pixels have more than 4 GiB.

    Raises
    ------
    ValueError, TypeError
        If an option is wrong.
    OSError
        If the file cannot be written.
    """
    storage = storage_options(compression, level, tile_size)
    images = [as_image(each) for each in image] if isinstance(image, (list, tuple)) else [as_image(image)]
    if not images:
        raise ValueError("a TIFF file needs at least one page")
    if dtype is not None:
        images = [each if format_of(dtype) == each.format else each.astype(dtype) for each in images]
    made = [page_of(each, storage, predictor, planar=planar) for each in images]
    if bigtiff is None:
        bigtiff = sum(samples.nbytes for samples, _options in made) > 2**32 - 2**25
    import tifffile

    with atomic(path) as temporary:
        with tifffile.TiffWriter(temporary, bigtiff=bigtiff) as writer:
            for samples, options in made:
                writer.write(samples, metadata=None, **options)
        with temporary.open("r+b") as stream:
            _exif.into_tiff(stream, images[0].metadata, native=pages.WORDS)
