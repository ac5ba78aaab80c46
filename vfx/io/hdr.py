"""Radiance pictures (``.hdr``, ``.pic``): scene light in 32 bits a pixel, one exponent for three colours.

========================  ============================================================================
in the file               in the image
========================  ============================================================================
``32-bit_rle_rgbe``       f32, R G B: mantissa * 2**(exponent - 136), within 0.4 % of what was written
``32-bit_rle_xyze``       f32, ``XYZ.X XYZ.Y XYZ.Z``: CIE XYZ; nothing is converted
``EXPOSURE=``             ``metadata["hdr:exposure"]``, all of them multiplied: pixels divided by it are
                          radiance in W/sr/m²; so with ``COLORCORR=``. The pixels are left alone
``PRIMARIES=``            ``metadata["chromaticities"]``
``PIXASPECT=``            ``image.pixel_aspect``, which is 1 over it
other variables           ``metadata["hdr:VIEW"]`` …; commands and comments: ``hdr:history``, ``comments``
========================  ============================================================================

Read are scanlines of all three kinds (flat, runs of pixels, runs of components) in all eight orders, which
come out upright. The format has no alpha: an RGBA image is written as its RGB, which for premultiplied
colours is the image over black.

Sources: G. Ward, "Real Pixels", Graphics Gems II (1991), II.5; G. Ward, Radiance file formats (2005), "HDR".
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx._ext import hdr as kernel
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import _hdr_header as headers
from vfx.io._decoding import within_memory
from vfx.io._finish import finish, row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "hdr"
EXTENSIONS = (".hdr", ".pic", ".rgbe", ".xyze")

COMPRESSIONS = ("rle", "none")

_NAMES = {False: ("R", "G", "B"), True: ("XYZ.X", "XYZ.Y", "XYZ.Z")}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a Radiance picture."""
    return head.startswith(headers.MAGIC)


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
) -> Image:
    """The picture in a Radiance file: f32, R G B or XYZ; as stored, upright.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    channels, rows, dtype
        As in :func:`vfx.read`.

    Raises
    ------
    FormatError
        If the file is damaged or cut off, with the byte offset.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import hdr
    >>> sky = hdr.read("sky.hdr")  # doctest: +SKIP
    >>> sky.metadata.get("hdr:exposure", 1.0)  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = headers.parse(data, label)
        first, last = row_range(rows, head.height)
        with within_memory(label, "Radiance pixels"):
            stored = _lines(data, head, last if head.plain else None, label)
            pixels = headers.upright(stored, head)[first:last]
            colours = np.empty((*pixels.shape[:2], 3), np.float32)
    kernel.from_shared_exponent(np.ascontiguousarray(pixels).reshape(-1, 4), colours.reshape(-1, 3))
    whole = (0, 0, head.width - 1, head.height - 1)
    image = Image(
        colours,
        channels=_NAMES[head.xyz],
        metadata=head.metadata,
        data_window=(0, first, head.width - 1, last - 1),
        display_window=whole,
        pixel_aspect=head.pixel_aspect,
    )
    return finish(image, channels=channels, dtype=dtype)


def _lines(data: memoryview, head: headers.Header, last: int | None, label: str) -> NDArray[np.uint8]:
    """The stored codes of the scanlines up to ``last``, (H, W, 4)."""
    count = head.lines if last is None else last
    limits.check_pixels(head.line_pixels, count, label)
    limits.check_memory(count * head.line_pixels * 16, label)
    if 4 * count > len(data) - head.offset:
        reason = f"{len(data) - head.offset} bytes cannot hold {count} scanlines"
        raise FormatError(reason, path=label, offset=head.offset)
    codes = np.empty((count, head.line_pixels, 4), np.uint8)
    end = kernel.decode_rgbe(data, head.offset, codes)
    if end < 0:
        raise FormatError("a scanline is damaged or cut off", path=label, offset=-1 - end)
    return codes


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a Radiance picture without decoding its pixels.

    Raises
    ------
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        head = headers.parse(opened.data(), opened.label)
        size, label = opened.size, opened.label
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=_NAMES[head.xyz],
        formats=("f32",) * 3,
        data_window=window,
        display_window=window,
        pixel_aspect=head.pixel_aspect,
        compression="rle",
        metadata=head.metadata | {"hdr:scan": head.scan},
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=size)


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    compression: str = "rle",
    scan: str = "-Y +X",
) -> None:
    """Nothing; the image is then in a Radiance picture, which appears whole or not at all.

    Each pixel gets the exponent of its largest colour and three mantissas rounded to 8 bits: negative values and
    NaN become 0, values beyond 255 * 2**119 that. Integers mean [0, 1].

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB, RGBA, or X Y Z of one layer, scene-linear. Gray is written as three equal colours.
    compression : {"rle", "none"}
        Runs of components; scanlines shorter than 8 or longer than 32767 pixels are flat in any case.
    scan : str
        Order of the pixels in the file: ``"-Y +X"`` is from the top, left to right; few readers know others.

    Raises
    ------
    ChannelError
        If the channels are others.
    ValueError
        If an option is wrong.
    OSError
        If the file cannot be written.
    """
    checks.one_of("compression", compression, COMPRESSIONS)
    checks.one_of("scan", scan, headers.SCANS)
    image = as_image(image)
    colours, xyz = _colours(image)
    flat = np.ascontiguousarray(colours.reshape(-1, 3))
    codes = np.empty((len(flat), 4), np.uint8)
    kernel.to_shared_exponent(flat, codes)
    lines = np.ascontiguousarray(headers.scanned(codes.reshape(*colours.shape[:2], 4), scan))
    size = colours.shape[1], colours.shape[0]
    head = headers.pack(image, size, scan, xyz=xyz)
    if compression == "none" or not 8 <= lines.shape[1] <= 32767:
        # No code of ours has a largest mantissa below 128, so none looks like a run (1 1 1 n) or announces runs (2 2).
        _atomic.replace_bytes(path, head, lines.data)
        return
    coded = np.empty(lines.shape[0] * kernel.most_rgbe_bytes(lines.shape[1]), np.uint8)
    used = kernel.encode_rgbe(lines, coded)
    _atomic.replace_bytes(path, head, coded[:used].data)


def _colours(image: Image) -> tuple[NDArray[np.float32], bool]:
    """The colours (H, W, 3) to write, and whether they are X Y Z."""
    names = image.channel_names
    bare = [name.rpartition(".")[2] for name in names]
    layers = {name.rpartition(".")[0] for name in names}
    xyz = sorted(bare) == ["X", "Y", "Z"] and len(layers) == 1
    if xyz:
        image = image.select([names[bare.index(letter)] for letter in "XYZ"])
        image = image.to_display_window() if image.display_window != image.data_window else image
    else:
        try:
            image = gray_or_rgb(image, "a Radiance picture")
        except ChannelError as error:
            raise ChannelError(f"{error}; X, Y, Z are written as XYZE") from None
    pixels = image.astype("f32").pixels
    colours = np.broadcast_to(pixels[:, :, :1], (*pixels.shape[:2], 3)) if pixels.shape[2] <= 2 else pixels[:, :, :3]
    return colours, xyz
