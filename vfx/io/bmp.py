"""Windows bitmaps: palettes of 1 to 8 bits, 16, 24 and 32 bits a pixel, masks, run lengths.

========================  ==========================================================================
in the file               in the image
========================  ==========================================================================
24, 32 bits               u8, RGB; the fourth byte is alpha only where the header has a mask for it
16 bits, any masks        u8 (v * 255 / (2**n - 1) rounded), or u16 where a mask has more than 8 bits
palette, RLE8, RLE4       u8, Y where all its colours are gray, else RGB; what runs jump over is colour 0
alpha                     ``A``, with ``metadata["alpha"] == "unassociated"``: nothing is multiplied
version 4 and 5 headers   ``chromaticities``, ``bmp:gamma``, ``icc_profile``
========================  ==========================================================================

Read are headers of 12 to 124 bytes, of OS/2 and Windows, stored from the bottom or from the top. A bitmap
that holds a JPEG or PNG file is refused: those exist for printers only.

Source: Microsoft, Windows GDI: BITMAPFILEHEADER, BITMAPINFOHEADER, BITMAPV4HEADER, BITMAPV5HEADER.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic
from vfx._ext import runs
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import _bmp_header as headers
from vfx.io._decoding import within_memory
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, as_integers, gray_or_rgb
from vfx.io._source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "bmp"
EXTENSIONS = (".bmp", ".dib")

_NAMES = {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a bitmap."""
    return head.startswith(b"BM")


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
) -> Image:
    """The picture in a bitmap: u8, or u16 where its masks have more bits; Y, RGB or RGBA.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    channels, rows, dtype
        As in :func:`vfx.read`.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind, with the byte offset.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import bmp
    >>> img = bmp.read("screen.bmp")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = headers.parse(data, label)
        limits.check_pixels(head.width, head.height, label)
        limits.check_memory(head.width * head.height * (head.count * (2 if head.wide else 1) + 4), label)
        with within_memory(label, "BMP pixels"):
            pixels = _painted(_codes(data, head, label), head, label) if head.bits <= 8 else _masked(data, head, label)
    image = Image(pixels, channels=_NAMES[head.count], metadata=head.metadata, pixel_aspect=head.pixel_aspect)
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _rows(data: memoryview, head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The stored rows, (H, bytes), without their padding to whole words."""
    used = (head.width * head.bits + 7) // 8
    stride = (head.width * head.bits + 31) // 32 * 4
    needed = stride * (head.height - 1) + used
    left = len(data) - head.offset
    if needed > left:
        reason = f"{max(left, 0)} bytes cannot hold {head.width} x {head.height} pixels"
        raise FormatError(reason, path=label, offset=head.offset)
    flat = np.frombuffer(data, np.uint8, needed, head.offset)
    return np.lib.stride_tricks.as_strided(flat, (head.height, used), (stride, 1), writeable=False)


def _codes(data: memoryview, head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The palette codes (H, W)."""
    if head.compression in ("rle8", "rle4"):
        codes = np.empty((head.height, head.width), np.uint8)
        end = runs.decode_bmp(data, head.offset, head.bits, codes)
        if end < 0:
            raise FormatError("the run-length coded pixels are damaged or cut off", path=label, offset=-1 - end)
        return codes
    rows = _rows(data, head, label)
    if head.bits == 8:
        return rows
    each = 8 // head.bits
    shifts = np.arange(8 - head.bits, -1, -head.bits, dtype=np.uint8)
    codes = rows[:, :, np.newaxis] >> shifts & np.uint8(2**head.bits - 1)
    return codes.reshape(head.height, rows.shape[1] * each)[:, : head.width]


def _painted(codes: NDArray[np.uint8], head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The channels (H, W, C) of palette codes, upright."""
    if codes.max() >= len(head.palette):
        raise FormatError(f"a pixel outside the palette of {len(head.palette)} colours", path=label)
    table = np.ascontiguousarray(head.palette[:, : head.count])
    codes = codes if head.from_top else codes[::-1]
    pixels = np.empty((head.height, head.width, head.count), np.uint8)
    # NumPy makes indexes of 8 bytes of the codes: so many at a time stay in the cache.
    high, wide = max(1, 2**16 // head.width), 2**16
    for y in range(0, head.height, high):
        for x in range(0, head.width, wide):
            np.take(
                table, codes[y : y + high, x : x + wide], axis=0, out=pixels[y : y + high, x : x + wide], mode="clip"
            )
    return pixels


def _masked(data: memoryview, head: headers.Header, label: str) -> NDArray[Any]:
    """The channels (H, W, C) of pixels of 16 to 32 bits, upright."""
    rows = _rows(data, head, label)
    rows = rows if head.from_top else rows[::-1]
    if head.bits == 24 or (head.masks[:3] == headers.BYTES and head.masks[3] in (0, 0xFF000000)):
        swapped = np.empty((head.height, head.width * head.count), np.uint8)
        runs.swap_red_and_blue(rows, swapped, head.bits // 8, head.count)
        return swapped.reshape(head.height, head.width, head.count)
    words = np.ascontiguousarray(rows).view("<u2" if head.bits == 16 else "<u4")
    top = 65535 if head.wide else 255
    pixels = np.empty((head.height, head.width, head.count), np.uint16 if head.wide else np.uint8)
    for index, mask in enumerate(head.masks[: head.count]):
        if mask == 0:
            pixels[:, :, index] = 0
            continue
        shift = (mask & -mask).bit_length() - 1
        full = mask >> shift
        values = (words.astype(np.uint64) & np.uint64(mask)) >> np.uint64(shift)
        pixels[:, :, index] = (values * np.uint64(2 * top) + np.uint64(full)) // np.uint64(2 * full)
    return pixels


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a bitmap without decoding its pixels.

    Raises
    ------
    FormatError
        If the header is damaged or of an unsupported kind.
    """
    with open_source(source) as opened:
        head = headers.parse(opened.data(), opened.label)
        size, label = opened.size, opened.label
    limits.check_pixels(head.width, head.height, label)
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=_NAMES[head.count],
        formats=("u16" if head.wide else "u8",) * head.count,
        data_window=window,
        display_window=window,
        pixel_aspect=head.pixel_aspect,
        compression=head.compression,
        metadata=head.metadata | {"bmp:depth": head.bits, "bmp:palette": head.bits <= 8},
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=size)


def write(path: str | os.PathLike[str], image: Image) -> None:
    """Nothing; the image is then in a bitmap, which appears whole or not at all.

    Values become 8-bit integers, round(clamp(x) * 255) with NaN as 0; no curve is applied. Gray is written with
    a palette of grays, RGB with 24 bits, alpha (as it is) with 32 bits and a mask; an ICC profile is kept.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, RGB, RGBA, or YA, which is written as RGBA.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If the file would be larger than 4 GiB.
    OSError
        If the file cannot be written.
    """
    image = as_image(image)
    pixels = as_integers(gray_or_rgb(image, "BMP"), 8)
    height, width, count = pixels.shape
    if count == 2:
        pixels, count = pixels[:, :, [0, 0, 0, 1]], 4
    stride = (width * count + 3) // 4 * 4
    if stride * height > 2**32 - 2**26 or max(width, height) >= 2**31:
        raise ValueError(f"a bitmap of {width} x {height} pixels would be larger than 4 GiB")
    rows = np.empty((height, stride), np.uint8)
    rows[:, width * count :] = 0
    if count == 1:
        rows[:, :width] = pixels[::-1, :, 0]
    else:
        runs.swap_red_and_blue(pixels.reshape(height, -1)[::-1], rows[:, : width * count], count, count)
    head, tail = headers.pack(image, (width, height, count), rows.nbytes)
    _atomic.replace_bytes(path, head, rows.data, tail)
