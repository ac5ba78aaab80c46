"""OpenEXR files: half, float and uint pixels in scanlines or tiles, every compression of the library.

======================  ===================================================================
read                    flat parts, scanline and tiled, full resolution; any channels,
                        layers, views and rows; luminance/chroma as stored, the chroma
                        samples repeated over the pixels that they stand for
write                   one part, scanline or tiled, any channels and metadata
not yet                 deep parts, mip levels other than 0, writing several parts
======================  ===================================================================

Pixels keep their type: half is ``f16``, float is ``f32``, uint is ``u32`` data. Parts that mix half and
float become ``f32``. Metadata is typed, unknown attributes are kept byte for byte; see
``vfx.metadata``. Two ways lead to the pixels, the wheel's C core and its Python interface;
:func:`exr_backend` says which is in use and ``VFX_EXR_BACKEND=python`` forces the second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from vfx import threads as _threads
from vfx.checks import integer
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.image import Image
from vfx.io._exr_channels import Selection, select, views_of
from vfx.io._exr_header import COMPRESSIONS, FileHeader, PartHeader, parse, tiles_or_lines
from vfx.io._exr_metadata import metadata_of
from vfx.io._exr_write import exr_backend, write
from vfx.io._finish import row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._source import Source, open_source

__all__ = ["COMPRESSIONS", "EXTENSIONS", "NAME", "exr_backend", "probe", "read", "sniff", "write"]

EXTENSIONS: tuple[str, ...] = (".exr", ".sxr", ".mxr")
NAME = "exr"

_DTYPES = (np.uint32, np.float16, np.float32)
# Most pixel bytes for one byte of a file: deflate reaches 1032, run lengths 64. The wavelet and
# block codecs store a flat chunk in a few bytes, whatever its size. A truncated file is let through here, so
# that its intact rows can be read.
# A flat channel is some 33 bytes of JPEG 2000 per 256 lines: 127 000 to 1 with 8192 columns, twice that with twice.
_MOST_EXPANSION = {
    "none": 64,
    "rle": 128,
    "zips": 1100,
    "zip": 1100,
    "pxr24": 2200,
    **dict.fromkeys(("htj2k256", "htj2k32", "lj2k"), 1 << 20),
}
_ANY_EXPANSION = 1 << 18


def sniff(head: bytes) -> bool:
    r"""Whether a file that begins with these bytes is an EXR file.

    Examples
    --------
    >>> sniff(b"\x76\x2f\x31\x01....")
    True
    """
    return head[:4] == b"\x76\x2f\x31\x01"


def _backend() -> ModuleType:
    """The module that reads pixels."""
    from vfx.io import _exr_core, _exr_python

    return _exr_core if exr_backend() == "core" else _exr_python


def _header(source: Source) -> FileHeader:
    """The header of an opened source."""
    return parse(source.stream(), source.size, source.label)


def _serves(part: PartHeader, layer: str | None, channels: Sequence[str] | str | None) -> bool:
    """Whether a part has the layer or the channels asked for; without either, whether it is a colour picture."""
    names = {channel.name for channel in part.channels}
    if layer is not None:
        return any(name.rpartition(".")[0] == layer for name in names)
    if channels is not None:
        return {channels} <= names if isinstance(channels, str) else set(channels) <= names
    return {"R", "G", "B"} <= names or "Y" in names


def _part_of_view(header: FileHeader, view: str, layer: str | None, channels: Sequence[str] | str | None) -> int:
    """The first part of a view that has what is asked for, else the first of the view."""
    if not any("view" in part.attributes for part in header.parts):
        return 0
    found = [index for index, part in enumerate(header.parts) if views_of(part) == (view,)]
    if not found:
        views = dict.fromkeys(name for part in header.parts for name in views_of(part))
        raise ChannelError(f"{header.parts[0].label}: no view {view!r}; the views are: {', '.join(views)}")
    return next((index for index in found if _serves(header.parts[index], layer, channels)), found[0])


def _find_part(header: FileHeader, part: int | str, label: str) -> int:
    """Index of the part that is asked for by index or name."""
    parts = header.parts
    if isinstance(part, str):
        names = [candidate.name for candidate in parts]
        if part not in names:
            raise ChannelError(f"{label}: no part {part!r}; the parts are: {', '.join(map(repr, names))}")
        return names.index(part)
    index = integer("part", part)
    if not 0 <= index < len(parts):
        raise ChannelError(f"{label}: no part {index}; the file has {len(parts)}, counted from 0")
    return index


def _check_readable(part: PartHeader, header: FileHeader, size: int, level: int) -> None:
    """Raise for what cannot be read, and for sizes that the file cannot hold."""
    label = part.label
    if part.deep:
        raise FormatError("deep parts are not supported yet", path=label)
    if part.type not in ("scanlineimage", "tiledimage"):
        raise FormatError(f"unknown part type {part.type!r}", path=label)
    if integer("level", level, low=0) != 0:
        raise ValueError(f"{label}: only level 0 can be read yet, got level {level}")
    compression = COMPRESSIONS[part.compression]
    # Every chunk has its place in the table and a leader of 8 bytes.
    least = header.end + 16 * tiles_or_lines(part)
    if size < least:
        raise FormatError(f"truncated: {size} bytes, but its chunks alone need {least}", path=label, offset=size)
    x0, y0, x1, y1 = part.data_window
    stored = 0
    for channel in part.channels:
        if x0 % channel.x_sampling or y0 % channel.y_sampling:
            raise FormatError(f"channel {channel.name}: the data window does not fit its sampling", path=label)
        if max(channel.x_sampling, channel.y_sampling) > 4:
            raise FormatError(f"channel {channel.name}: sampling beyond 4 is not supported", path=label)
        columns = x1 // channel.x_sampling - x0 // channel.x_sampling + 1
        lines = y1 // channel.y_sampling - y0 // channel.y_sampling + 1
        stored += columns * lines * (2 if channel.kind == 1 else 4)
    if stored > size * _MOST_EXPANSION.get(compression, _ANY_EXPANSION):
        raise LimitError(
            f"{part.width} x {part.height} pixels of {len(part.channels)} channels cannot come from "
            f"{size} bytes of {compression}",
            path=label,
        )


def _allocate(shape: tuple[int, int, int], chosen: Selection, label: str) -> np.ndarray[Any, Any]:
    """The array to decode into."""
    limits.check_pixels(shape[1], shape[0], label)
    limits.check_memory(math.prod(shape) * np.dtype(_DTYPES[chosen.kind]).itemsize, label)
    try:
        return np.empty(shape, _DTYPES[chosen.kind])
    except MemoryError as error:
        raise LimitError(f"not enough memory for {shape[1]} x {shape[0]} x {shape[2]} samples", path=label) from error


def read(
    source: Any,
    *,
    part: int | str = 0,
    layer: str | None = None,
    view: str | None = None,
    channels: Sequence[str] | str | None = None,
    rows: Sequence[int] | None = None,
    level: int = 0,
    dtype: Any = None,
    threads: int | None = None,
) -> Image:
    """The picture in an EXR file, decoded straight into interleaved pixels.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int or str
        Part by index or name.
    layer : str, optional
        Only ``layer.R``, ``layer.G`` …, named ``R``, ``G`` …
    view : str, optional
        Only this stereo view's channels, without its name; in files whose parts are of one view each, the first of
        its parts that has the ``layer`` or ``channels``, or colours where neither is given.
    channels : sequence of str, optional
        Only these, in this order, named as they are after ``layer`` and ``view``. Default: all, R, G, B, A
        first, then layer by layer; without uint channels where there are others.
    rows : (y0, y1), optional
        Half-open, counted from the top of the data window; only their chunks are read.
    level : int
        Mip level; only 0.
    dtype : str or dtype, optional
        ``"f32"`` and ``"f16"`` are converted while decoding, other formats afterwards.
    threads : int, optional
        At most this many.

    Returns
    -------
    Image
        C-contiguous; ``f16``, ``f32`` or ``u32`` as stored.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If it is damaged, truncated or deep. With path and reason.
    LimitError
        If it asks for more than it can hold.
    ChannelError
        If a part, layer, view or channel is missing.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.exr"
    ...     write(path, Image(np.ones((4, 6, 3), np.float16)))
    ...     read(path, channels="G", rows=(1, 3))
    <Image 6x2 G f16 data_window=(0, 1, 5, 2) display_window=(0, 0, 5, 3)>
    """
    with open_source(source) as opened:
        header = _header(opened)
        index = _find_part(header, part, opened.label)
        if view is not None and part == 0:
            index = _part_of_view(header, view, layer, channels)
        found = header.parts[index]
        _check_readable(found, header, opened.size, level)
        chosen = select(found, layer=layer, view=view, channels=channels, dtype=dtype)
        first, last = row_range(rows, found.height)
        out = _allocate((last - first, found.width, len(chosen.channels)), chosen, opened.label)
        workers = _threads.for_pixels(out.shape[0] * out.shape[1], threads)
        _backend().read_pixels(opened, index, found, chosen, (first, last), out, workers)
    x0, y0, x1, _ = found.data_window
    metadata = metadata_of(found.attributes)
    if view is not None and metadata.pop("exr:multiView", None):
        metadata["exr:view"] = view  # the one view that is left
    image = Image(
        out,
        channels=chosen.names,
        metadata=metadata,
        data_window=(x0, y0 + first, x1, y0 + last - 1),
        display_window=found.display_window,
        pixel_aspect=found.pixel_aspect,
    )
    return image.astype(chosen.final) if chosen.final else image


def _part_info(part: PartHeader) -> PartInfo:
    """What the header of one part says."""
    return PartInfo(
        width=part.width,
        height=part.height,
        channel_names=tuple(channel.name for channel in part.channels),
        formats=tuple(channel.format for channel in part.channels),
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=part.pixel_aspect,
        name=part.name,
        type=part.type,
        compression=COMPRESSIONS[part.compression],
        tile_size=part.tiles[:2] if part.tiles else None,
        levels=part.levels,
        views=views_of(part),
        metadata=metadata_of(part.attributes),
    )


def probe(source: Any) -> ImageInfo:
    """What the header says, of every part, deep ones too; no pixels are read.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        parts = tuple(_part_info(part) for part in _header(opened).parts)
        return ImageInfo(path=opened.label, format=NAME, parts=parts, size=opened.size)
