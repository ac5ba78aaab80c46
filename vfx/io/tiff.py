"""TIFF files: 1 to 16-bit integers, half and float, u32 data; strips or tiles, chunky or planar, BigTIFF.

========================  ==========================================================================
in the file               in the image
========================  ==========================================================================
8, 16-bit integers        u8, u16, unchanged; 1, 2, 4 bits as u8 (v * 255 / (2**n - 1))
other depths below 16     f32, v / (2**n - 1)
32-bit integers           u32, which is data
half, float               f16, f32, unchanged; 24-bit float as f32; 64-bit float rounded to f32
white is zero             inverted
palette                   RGB, u8 where the palette has 8-bit colours, else u16
CMYK                      RGB, (1 - c)(1 - k), without its ICC profile
alpha                     ``A``; ``metadata["alpha"]`` is ``"unassociated"`` where colours are not multiplied
                          by it, ``"unspecified"`` where the file does not say, absent where they are
other samples             ``C4`` …, or the names that this package wrote into the description
========================  ==========================================================================

Nothing is multiplied, decoded or turned: ``metadata["orientation"]`` says how the page is to be seen.
The codecs are those of tifffile and imagecodecs.
"""

from __future__ import annotations

import logging
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
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image
from vfx.io._source import Source, open_source
from vfx.pixelformat import format_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "tiff"
EXTENSIONS = (".tif", ".tiff")

#: Classic and BigTIFF, little and big endian.
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

#: Name of a compression → tifffile's; the names are ours and OpenImageIO's.
_COMPRESSIONS = {"none": None, "lzw": "lzw", "deflate": "deflate", "zstd": "zstd", "packbits": "packbits"}

#: TIFF's values of the ExtraSamples tag.
_ALPHA = {"associated": "assocalpha", "unassociated": "unassalpha", "unspecified": "unspecified"}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is TIFF."""
    return head.startswith(_MAGIC)


@contextmanager
def _opened(stream: BinaryIO, label: str) -> Iterator[Any]:
    """A ``tifffile.TiffFile``; what its library raises inside becomes a FormatError."""
    with decoding(label, "TIFF file"):
        import tifffile

        log = logging.getLogger("tifffile")
        if not log.handlers:  # keeps its remarks from Python's handler of last resort, which prints them
            log.addHandler(logging.NullHandler())
        # its arithmetic on damaged tags overflows, which NumPy would warn of
        with np.errstate(all="ignore"), tifffile.TiffFile(stream) as file:
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
    dtype: DTypeLike | str | None = None,
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
    with open_source(source) as opened, _opened(opened.stream(), opened.label) as file:
        label = opened.label
        page = _page(file, wanted, opened)
        pages.check_page(page, opened.stream(), opened.size, label)
        shape = pages.layout(page, label)
        entries = pages.metadata(page, shape)
        limits.check_memory(int(page.imagewidth) * int(page.imagelength) * len(shape.names) * shape.sample_bytes, label)
        workers = threads.for_pixels(int(page.imagewidth) * int(page.imagelength))
        pixels = _picture(page.asarray(maxworkers=workers), page, shape)
    image = Image(pixels, channels=shape.names, metadata=entries, pixel_aspect=pages.pixel_aspect(entries))
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _picture(samples: NDArray[Any], page: Any, shape: pages.Layout) -> NDArray[Any]:
    """The page's samples as the pixels (H, W, C) of an image."""
    height, width, count = int(page.imagelength), int(page.imagewidth), int(page.samplesperpixel)
    if page.axes.startswith("S"):
        samples = np.ascontiguousarray(np.moveaxis(samples.reshape(count, height, width), 0, 2))
    samples = samples.reshape(height, width, count)
    if shape.photometric == pages.PALETTE:
        return _painted(samples[:, :, 0], np.asarray(page.colormap))
    pixels = _converted(samples, shape)
    if shape.photometric == pages.WHITE_IS_ZERO:
        top = {"u8": 255, "u16": 65535, "u32": 2**32 - 1}.get(shape.format, 1)
        pixels[:, :, 0] = pixels.dtype.type(top) - pixels[:, :, 0]
    if shape.photometric == pages.SEPARATED:
        pixels = _without_inks(pixels)
    return pixels


def _converted(samples: NDArray[Any], shape: pages.Layout) -> NDArray[Any]:
    """Writable samples in the image's pixel format."""
    if shape.floating:
        with np.errstate(over="ignore"):  # 64-bit values beyond float32 become infinite
            return np.require(samples, np.float16 if shape.format == "f16" else np.float32, ["C", "W"])
    if shape.format == "u8":
        return np.require(samples, np.uint8, ["C", "W"]) * np.uint8(255 // (2**shape.bits - 1))
    if shape.format == "f32":
        return samples.astype(np.float32) / np.float32(2**shape.bits - 1)
    return np.require(samples, np.uint16 if shape.format == "u16" else np.uint32, ["C", "W"])


def _painted(codes: NDArray[Any], palette: NDArray[Any]) -> NDArray[Any]:
    """The colours (H, W, 3) of palette codes; ``palette`` is (3, 2**bits) of u16 (TIFF 6.0, ColorMap)."""
    palette = palette.astype(np.uint16)
    if not (palette & 255).any():
        palette = (palette >> 8).astype(np.uint8)  # 8-bit colours, shifted
    elif not (palette % 257).any():
        palette = (palette // 257).astype(np.uint8)  # 8-bit colours, scaled
    return np.ascontiguousarray(palette.T[codes])


def _without_inks(pixels: NDArray[Any]) -> NDArray[Any]:
    """RGB and what follows, from CMYK and what follows."""
    whole = {"u1": 255, "u2": 65535, "u4": 2**32 - 1}.get(pixels.dtype.str[1:], 1)
    paper = 1 - pixels[:, :, :4].astype(np.float64) / whole
    colours = paper[:, :, :3] * paper[:, :, 3:] * whole
    if whole != 1:
        colours = np.floor(colours + 0.5)
    return np.concatenate((colours.astype(pixels.dtype), pixels[:, :, 4:]), axis=2)


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of every page of a TIFF file without decoding its pixels.

    Raises
    ------
    FormatError
        If a page is damaged or of an unsupported kind.
    """
    with open_source(source) as opened, _opened(opened.stream(), opened.label) as file:
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
        metadata=entries | {"tiff:bit_depth": shape.bits},
    )


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    dtype: DTypeLike | str | None = None,
    compression: str = "deflate",
    level: int | None = None,
    predictor: bool = True,
    tile_size: int | tuple[int, int] | None = None,
    planar: bool = False,
    bigtiff: bool | None = None,
) -> None:
    """Nothing; the image is then in a TIFF file, which appears whole or not at all.

    The image's own pixel format is kept: half and float stay scene values, above 1 and below 0. An image
    whose data window is not its display window is written as its display window.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, C)
        Any channels. R, G, B and A come first; names that TIFF cannot tell go into the description.
    dtype : str or dtype, optional
        Another pixel format: ``"u8"``, ``"u16"``, ``"f16"``, ``"f32"``.
    compression : {"deflate", "lzw", "zstd", "packbits", "none"}
        All lossless. Zstandard is not read by every application.
    level : int, 0 to 9 (zstd 1 to 22), optional
        How hard to compress, for deflate and zstd.
    predictor : bool
        Differences between neighbours are compressed (not with packbits): smaller.
    tile_size : int or (width, height), optional
        Tiles of this size, multiples of 16, in place of strips.
    planar : bool
        One plane per channel.
    bigtiff : bool, optional
        64-bit offsets; by default only for files beyond 4 GiB.

    Raises
    ------
    ValueError, TypeError
        If an option is wrong.
    OSError
        If the file cannot be written.
    """
    checks.one_of("compression", compression, _COMPRESSIONS)
    options = _storage_options(compression, level, predictor, tile_size)
    image = as_image(image)
    if dtype is not None and format_of(dtype) != image.format:
        image = image.astype(dtype)
    if image.display_window != image.data_window:
        image = image.to_display_window()
    pixels, options["photometric"], options["extrasamples"], names = _arranged(image)
    if pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    else:  # without it tifffile guesses from the shape
        options["planarconfig"] = "separate" if planar else "contig"
        pixels = np.moveaxis(pixels, 2, 0) if planar else pixels
    options |= _described(image, names)
    options["maxworkers"] = threads.for_pixels(image.width * image.height)
    import tifffile

    with atomic(path) as temporary:
        tifffile.imwrite(temporary, np.ascontiguousarray(pixels), bigtiff=bigtiff, metadata=None, **options)
        with temporary.open("r+b") as stream:
            _exif.into_tiff(stream, image.metadata, native=pages.WORDS)


def _storage_options(
    compression: str, level: int | None, predictor: bool, tile_size: int | tuple[int, int] | None
) -> dict[str, Any]:
    """How the samples are stored, as options of tifffile."""
    options: dict[str, Any] = {"compression": _COMPRESSIONS[compression]}
    if level is not None:
        if compression not in ("deflate", "zstd"):
            raise ValueError(f"compression {compression!r} has no level")
        low, high = (1, 22) if compression == "zstd" else (0, 9)
        options["compressionargs"] = {"level": checks.integer("level", level, low=low, high=high)}
    if predictor and compression in ("lzw", "deflate", "zstd"):
        options["predictor"] = True
    if tile_size is not None:
        width, height = (tile_size, tile_size) if isinstance(tile_size, int) else tile_size
        for name, side in (("width", width), ("height", height)):
            if checks.integer(f"tile {name}", side, low=16, high=65536) % 16:
                raise ValueError(f"tile {name} must be a multiple of 16, got {side}")
        options["tile"] = (height, width)
    return options


def _described(image: Image, names: tuple[str, ...]) -> dict[str, Any]:
    """The image's metadata, as options of tifffile; ``names`` go into the description."""
    entries = image.metadata
    comments = entries.get("comments")
    if names:
        comments = pages.description(names, comments if isinstance(comments, str) else None)
    across, down, unit = pages.density(entries, image.pixel_aspect)
    software = entries.get("software")
    options = {
        "description": comments.encode("utf-8", errors="replace") if isinstance(comments, str) else None,
        "software": software if isinstance(software, str) and software.isascii() else "vfx",
        "resolution": (across, down),
        "resolutionunit": unit,
        "extratags": pages.writable_tags(entries),
    }
    if isinstance(entries.get("icc_profile"), bytes):
        options["iccprofile"] = entries["icc_profile"]
    return options


def _arranged(image: Image) -> tuple[NDArray[Any], str, list[str] | None, tuple[str, ...]]:
    """Pixels in the order of TIFF, photometric, extra samples, and the names that TIFF cannot tell."""
    names = image.channel_names
    layers = {name.rpartition(".")[0] for name in names}
    bare = [name.rpartition(".")[2] for name in names] if len(layers) == 1 else list(names)
    rgb = {"R", "G", "B"} <= set(bare)
    first = ["R", "G", "B"] if rgb else ["Y" if "Y" in bare else bare[0]]
    alpha = ["A"] if "A" in bare and first != ["A"] else []
    order = first + alpha + [name for name in bare if name not in first + alpha]
    pixels = image.pixels if order == bare else image.pixels[:, :, [bare.index(name) for name in order]]
    stored = tuple(names[bare.index(name)] for name in order)
    kind = _ALPHA.get(str(image.metadata.get("alpha", "associated")), "assocalpha")
    extras = [kind if name in alpha else "unspecified" for name in order[len(first) :]]
    usual = ("R", "G", "B", "A") if rgb else ("Y", "A")
    told = stored == usual[: len(stored)] and bool(alpha) == (len(stored) > len(first))
    return pixels, "rgb" if rgb else "minisblack", extras or None, () if told else stored
