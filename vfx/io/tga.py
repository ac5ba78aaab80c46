"""Truevision TGA files: 8-bit gray, RGB and RGBA, 5-bit colours, palettes, plain or run-length coded.

========================  ==========================================================================
in the file               in the image
========================  ==========================================================================
24, 32 bits a pixel       u8, RGB or RGBA
15, 16 bits a pixel       u8, RGB or RGBA: v * 255 / 31 rounded, alpha 0 or 255
gray, 8 or 16 bits        u8, Y, or Y and A
palette                   u8, RGB or RGBA
alpha                     ``metadata["alpha"]`` is ``"unassociated"`` where colours are not multiplied by it (also
                          where the file is too old to say), ``"unspecified"`` where its use is undefined, absent
                          where they are multiplied; fourth bytes that are declared no alpha are left out
footer, extension area    ``owner comments capture_date software``, pixel aspect, ``tga:id tga:job tga:gamma …``
========================  ==========================================================================

Pictures come out upright from any of the four corners. TGA has no signature at its beginning: a file is told by
its extension, or by the header that most of them have.

Source: Truevision TGA File Format Specification, version 2.0 (1991).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx._ext import runs
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import _tga_header as headers
from vfx.io._decoding import within_memory
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "tga"
EXTENSIONS = (".tga", ".targa", ".vda", ".icb", ".vst")

COMPRESSIONS = ("rle", "none")
ORIGINS = ("bottom", "top")

_NAMES = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def sniff(head: bytes) -> bool:
    """Whether ``head`` is a header that makes sense; TGA has no signature there."""
    return headers.looks_like(head)


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
) -> Image:
    """The picture in a TGA file: u8; Y, YA, RGB or RGBA; upright.

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
    >>> from vfx.io import tga
    >>> matte = tga.read("matte.tga")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = headers.parse(data, label)
        limits.check_pixels(head.width, head.height, label)
        limits.check_memory(head.width * head.height * (head.pixel_bytes + head.count), label)
        with within_memory(label, "TGA pixels"):
            pixels = _upright(_stored(data, head, label), head, label)
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=head.metadata, pixel_aspect=head.pixel_aspect)
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _stored(data: memoryview, head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The stored bytes of each pixel, (H * W, bytes)."""
    count, each, start = head.width * head.height, head.pixel_bytes, head.offset
    left = len(data) - start
    needed = -(-count // 128) * (1 + each) if head.coded else count * each
    if needed > left:
        reason = f"{max(left, 0)} bytes cannot hold {head.width} x {head.height} pixels"
        raise FormatError(reason, path=label, offset=start)
    if not head.coded:
        return np.frombuffer(data, np.uint8, count * each, start).reshape(count, each)
    stored = np.empty((count, each), np.uint8)
    end = runs.decode_tga(data, start, stored)
    if end < 0:
        raise FormatError("the run-length coded pixels are damaged or cut off", path=label, offset=-1 - end)
    return stored


def _upright(stored: NDArray[np.uint8], head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The channels (H, W, C) of stored pixels (H * W, bytes), upright."""
    flip, mirror = 1 if head.from_top else -1, -1 if head.from_right else 1
    if head.palette is None and not head.gray and stored.shape[1] >= 3:
        swapped = np.empty((head.height, head.width * head.count), np.uint8)
        runs.swap_red_and_blue(stored.reshape(head.height, -1)[::flip], swapped, stored.shape[1], head.count)
        pixels = swapped.reshape(head.height, head.width, head.count)[:, ::mirror]
    else:
        pixels = _channels(stored, head, label).reshape(head.height, head.width, -1)[::flip, ::mirror]
    return np.ascontiguousarray(pixels)


def _channels(stored: NDArray[np.uint8], head: headers.Header, label: str) -> NDArray[np.uint8]:
    """The channels (N, C) of stored pixels."""
    if head.palette is None:
        return headers.unpacked(stored, head)
    codes = stored[:, 0].astype(np.intp) if stored.shape[1] == 1 else stored.view("<u2")[:, 0].astype(np.intp)
    codes -= head.palette_start
    if codes.size and (codes.min() < 0 or codes.max() >= len(head.palette)):
        raise FormatError(f"a pixel outside the palette of {len(head.palette)} colours", path=label)
    return head.palette[codes]


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a TGA file without decoding its pixels.

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
        formats=("u8",) * head.count,
        data_window=window,
        display_window=window,
        pixel_aspect=head.pixel_aspect,
        compression="rle" if head.coded else "none",
        metadata=head.metadata | {"tga:depth": head.depth, "tga:palette": head.palette is not None},
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=size)


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    compression: str = "rle",
    bit_depth: int = 8,
    origin: str = "bottom",
) -> None:
    """Nothing; the image is then in a TGA 2.0 file, which appears whole or not at all.

    Values become integers, round(clamp(x) * (2**n - 1)) with NaN as 0; no curve is applied. Alpha is written
    as it is; the extension area says whether colours are multiplied by it, by ``metadata["alpha"]``.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA, display-encoded.
    compression : {"rle", "none"}
        Runs of equal pixels.
    bit_depth : {8, 5}
        5 stores colours in 16 bits, with one bit of alpha.
    origin : {"bottom", "top"}
        The row that comes first in the file.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is wrong, or a side longer than 65535.
    OSError
        If the file cannot be written.
    """
    checks.one_of("compression", compression, COMPRESSIONS)
    checks.one_of("origin", origin, ORIGINS)
    if bit_depth not in (5, 8):
        raise ValueError(f"bit_depth of a TGA file must be 8 or 5, got {bit_depth!r}")
    image = as_image(image)
    arranged = gray_or_rgb(image, "TGA")
    if max(arranged.width, arranged.height) > 65535:
        raise ValueError(f"a TGA file holds at most 65535 pixels a side, not {arranged.width} x {arranged.height}")
    lines = headers.packed(arranged, 8 if arranged.channels <= 2 else bit_depth, from_top=origin == "top")
    head = headers.pack(image, lines, arranged.channels, coded=compression == "rle", from_top=origin == "top")
    body = lines.data
    if compression == "rle":
        coded = np.empty(lines.shape[0] * runs.most_tga_bytes(*lines.shape[1:]), np.uint8)
        body = coded[: runs.encode_tga(lines, coded)].data
    tail = headers.extension(image, len(head) + body.nbytes, alpha=arranged.channels in (2, 4))
    _atomic.replace_bytes(path, head, body, tail)
