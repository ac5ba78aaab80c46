"""Cineon pictures (Kodak, "Cineon Image File Format", version 4.5): film scans, 10-bit and logarithmic.

A code of n bits is code / (2**n - 1) and nothing else, as in :mod:`vfx.io.dpx`: ``img.decode("cineon")`` makes a
scan linear, with code 95 black and 685 white.

==========  ==================
bits        reads as
==========  ==================
8           u8
16          u16
1 to 15     f32
==========  ==================

Read are one to eight channels of one size; interleaved by pixel, by line or by channel; one code or as many as fit in
cells of 8, 16 and 32 bits, justified left or right; both byte orders; all eight orientations, which come out upright.
Three 10-bit codes are in each 32-bit word whether the header says so or, as many files, not. Written are RGB and luma
of 8, 10, 12 and 16 bits.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx._atomic import atomic
from vfx._ext import dpx as _dpx
from vfx.checks import integer, one_of
from vfx.checks import path as check_path
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import _cineon_header, _dpx_write
from vfx.io._cineon_header import Header
from vfx.io._dpx_kinds import CODES16, KINDS, NATIVE, decoding_table
from vfx.io._dpx_layout import form
from vfx.io._dpx_read import channels_of
from vfx.io._dpx_samples import elements_of
from vfx.io._finish import row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._source import Source, open_source
from vfx.pixelformat import FORMATS, format_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "cineon"
EXTENSIONS = (".cin", ".cineon")

_ENDIANS = {"big": ">", "little": "<"}
_HEADER_BYTES = 2048
# Bits of the cells of each packing; an odd number is justified left, an even one right.
_CELLS = {1: 8, 2: 8, 3: 16, 4: 16, 5: 32, 6: 32}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is Cineon."""
    return head[:4] in (_cineon_header.BIG, _cineon_header.LITTLE)


def read(
    source: str | os.PathLike[str] | Any,
    *,
    dtype: Any = None,
    codes: bool = False,
    rows: Sequence[int] | None = None,
    channels: Sequence[str] | None = None,
    threads: int | None = None,
) -> Image:
    """The picture in a Cineon file, upright, in its codes' own scale: 1.0, 255 or 65535 is the largest code.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    dtype : str or dtype, optional
        ``"f32"``, ``"f16"``, ``"u8"`` or ``"u16"``; see the module for the default.
    codes : bool
        True: the stored codes themselves, as u16.
    rows : (y0, y1), optional
        Only these rows of the upright picture, half-open.
    channels : sequence of str, optional
        Only these channels, in this order.
    threads : int, optional
        Most threads to use.

    Returns
    -------
    Image
        Header fields are in ``metadata``: ``keycode``, ``frame_rate``, ``capture_date``, ``chromaticities``, and
        ``cineon:<field>`` for all that has a value.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of a kind that is not supported, with path and byte offset.
    ChannelError
        If one of ``channels`` is missing.
    FileNotFoundError, OSError
        If it cannot be opened.
    TypeError, ValueError
        If an option is wrong.

    Examples
    --------
    >>> from vfx.io import cineon
    >>> scan = cineon.read("scan.0001.cin")  # doctest: +SKIP
    >>> linear = scan.decode("cineon")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        header = _header(opened)
        fmt = _format(header.bits, codes, dtype)
        names = channels_of(channels, header.names)
        turned = header.orientation >= 4
        first, last = row_range(rows, header.width if turned else header.height)
        lines = (0, header.height) if turned else (first, last)
        if header.orientation in (1, 3):
            lines = (header.height - last, header.height - first)
        limits.check_pixels(header.width, lines[1] - lines[0], opened.label)
        size = header.width * (lines[1] - lines[0]) * len(header.names)
        limits.check_memory(size * np.dtype(FORMATS[fmt]).itemsize, opened.label)
        pixels = _decode(opened, header, lines, (fmt, codes, threads))
    pixels = _upright(pixels, header.orientation)
    pixels = pixels[first:last] if turned else pixels
    if names != header.names:
        pixels = pixels[:, :, [header.names.index(name) for name in names]]
    data, display = _windows(header)
    return Image(
        np.ascontiguousarray(pixels),
        channels=names,
        metadata=dict(header.metadata),
        data_window=(data[0], data[1] + first, data[2], data[1] + last - 1),
        display_window=display,
        pixel_aspect=header.pixel_aspect,
    )


def _header(opened: Source) -> Header:
    """The parsed header of a source."""
    return _cineon_header.parse(opened.head(_HEADER_BYTES), opened.size, opened.label)


def _format(bits: int, codes: bool, dtype: Any) -> str:
    """The format of the pixels."""
    if codes:
        return "u16" if dtype is None else one_of("dtype of codes", format_of(dtype), ("u16",))
    native = NATIVE.get(bits, "f32") if bits in (8, 16) else "f32"
    return native if dtype is None else one_of("dtype", format_of(dtype), KINDS)


def _decode(opened: Source, header: Header, lines: tuple[int, int], how: tuple[str, bool, int | None]) -> NDArray[Any]:
    """The stored lines of a range (lines, W, C); ``how`` is their format, whether they are codes, and threads."""
    fmt, codes, threads = how
    count, height, width = len(header.names), lines[1] - lines[0], header.width
    in_line = count if header.interleave == 0 else 1
    cell, layout, per_cell = _layout(header)
    length = -(-width * in_line // per_cell) * cell // 8
    starts, step, end = _lines(header, length)
    if end > header.size:
        raise FormatError(
            f"the header promises {width} x {header.height} pixels up to byte {end}, the file has {header.size}",
            path=opened.label,
            offset=header.offset,
        )
    stored = np.empty((height, width, count), np.uint16 if codes or layout is None else FORMATS[fmt])
    kind = CODES16 if codes else KINDS[fmt]
    for index, start in enumerate(starts):
        plane = stored if in_line == count else np.empty((height, width, 1), stored.dtype)
        place = (start + lines[0] * step, step if height > 1 else length)
        if layout is None:
            _unpack(opened, (*place, length), plane, header)
        else:
            _run(opened, place, plane, (layout, kind, header.bits, threads))
        if plane is not stored:
            stored[:, :, index : index + 1] = plane
    return _scaled(stored, header.bits, fmt) if layout is None and not codes else stored


def _run(
    opened: Source,
    place: tuple[int, int],
    plane: NDArray[Any],
    how: tuple[tuple[int, ...], int, int, int | None],
) -> None:
    """Give the lines of a plane to the kernel; ``place`` is offset and stride, ``how`` form, kind, bits and threads."""
    layout, kind, bits, threads = how
    height, width, count = plane.shape
    workers = _threads.for_pixels(height * width, threads)
    data = opened.stream().fileno() if opened.path is not None and hasattr(os, "pread") else opened.data()
    table = decoding_table(kind, bits)
    status = _dpx.decode(data, *place, count, layout, plane, tuple(range(count)), kind, table, workers)
    if status == errno.ENOMEM:
        raise MemoryError(f"{opened.label}: no memory for the lines of a Cineon picture")
    if status > 0:
        raise OSError(status, os.strerror(status), opened.label)
    if status < 0:
        raise FormatError("the file became shorter while it was read", path=opened.label)


def _lines(header: Header, length: int) -> tuple[list[int], int, int]:
    """Byte of the first line of each plane, bytes from line to line of one, and the byte after the last."""
    stride, count, height = length + header.line_padding, len(header.names), header.height
    starts, step = [header.offset], stride
    if header.interleave == 1 and count > 1:
        starts, step = [header.offset + index * stride for index in range(count)], stride * count
    elif header.interleave == 2:
        starts = [header.offset + index * (height * stride + header.channel_padding) for index in range(count)]
    end = starts[-1] + (height - 1) * step + length
    return starts, step, end


def _layout(header: Header) -> tuple[int, tuple[int, ...] | None, int]:
    """Bits of a cell, the kernel's form of the samples (None: it has none), and codes of a cell."""
    bits, packing, label = header.bits, header.packing & 0x7F, header.label
    if header.interleave > 2:
        raise FormatError(f"interleave {header.interleave} is not supported", path=label, offset=680)
    if header.signed:
        raise FormatError("signed codes are not supported", path=label, offset=682)
    if packing == 0 and bits in (8, 16):
        packing = 1 if bits == 8 else 3
    cell = _CELLS.get(packing, 0)
    if cell < bits:
        raise FormatError(f"{bits}-bit codes of packing {header.packing} are not supported", path=label, offset=681)
    # Three 10-bit codes are in a word even where the header says one: so all writers have it.
    several = header.packing & 0x80 or (cell, bits) == (32, 10)
    count = cell // bits if several else 1
    left = packing % 2 == 1
    swap = (header.order == ">") != (sys.byteorder == "big")
    if (cell, bits, count) == (32, 10, 3):
        return cell, form(10, 1 if left else 2, 1, swap=swap, order="high"), 3
    if (cell, bits) == (8, 8):
        return cell, form(8, 0, 1, swap=False), 1
    if cell == 16 and count == 1 and bits >= 8:
        plain = form(16, 0, 1, swap=swap)
        return cell, (plain[0], bits, 16 - bits if left else 0, *plain[3:]), 1
    return cell, None, count


def _unpack(opened: Source, place: tuple[int, int, int], plane: NDArray[Any], header: Header) -> None:
    """The codes of other cells; ``place`` is offset, stride and length of lines."""
    offset, stride, length = place
    cell, _, count = _layout(header)
    height, bits = plane.shape[0], header.bits
    raw = np.frombuffer(opened.data(), np.uint8)
    if len(raw) < offset + (height - 1) * stride + length:
        raise FormatError("the file became shorter while it was read", path=opened.label)
    lines = np.lib.stride_tricks.as_strided(raw[offset:], (height, length), (stride, 1), writeable=False)
    cells = np.ascontiguousarray(lines).view(f"{header.order}u{cell // 8}").astype(np.uint32)
    left = (header.packing & 0x7F) % 2 == 1
    spare = cell - count * bits if left else 0
    shifts = np.array([spare + bits * (count - 1 - index) for index in range(count)], np.uint32)
    codes = (cells[:, :, None] >> shifts) & np.uint32(2**bits - 1)
    plane[...] = codes.reshape(height, -1)[:, : plane.shape[1] * plane.shape[2]].reshape(plane.shape)


def _scaled(codes: NDArray[Any], bits: int, fmt: str) -> NDArray[Any]:
    """Codes as values: the largest is 1, 255 or 65535."""
    full = 2**bits - 1
    values: NDArray[Any] = codes / full
    if fmt in ("u8", "u16"):
        top = 255 if fmt == "u8" else 65535
        values = (2 * codes.astype(np.int64) * top + full) // (2 * full)
    return values.astype(FORMATS[fmt])


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The stored lines as a picture: bit 2 columns for rows, bit 1 along the lines, bit 0 across them."""
    pixels = pixels[:: -1 if orientation & 1 else 1, :: -1 if orientation & 2 else 1]
    return pixels.transpose(1, 0, 2) if orientation >= 4 else pixels


def _windows(header: Header) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Data and display window of the upright picture: Cineon has no frame around it."""
    width, height = (header.height, header.width) if header.orientation >= 4 else (header.width, header.height)
    x, y = header.origin
    window = (x, y, x + width - 1, y + height - 1)
    return window, window


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """What a Cineon file's header says; no pixels are read.

    Raises
    ------
    FileNotFoundError, OSError
        If it cannot be opened.
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        header = _header(opened)
        data, display = _windows(header)
        part = PartInfo(
            width=data[2] - data[0] + 1,
            height=data[3] - data[1] + 1,
            channel_names=header.names,
            formats=(f"u{header.bits}",) * len(header.names),
            data_window=data,
            display_window=display,
            pixel_aspect=header.pixel_aspect,
            name=header.metadata.get("cineon:label", ""),
            compression="none",
            metadata=dict(header.metadata),
        )
        return ImageInfo(path=opened.label, format=NAME, parts=(part,), size=opened.size)


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    bit_depth: int | None = None,
    endian: str = "big",
    codes: bool = False,
    threads: int | None = None,
) -> None:
    """Nothing; the file then holds the image as Cineon. It appears whole or not at all.

    No curve is applied: for a logarithmic file encode the image first, ``img.encode("cineon")``.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|3)
        Y or RGB; round(clamp(x, 0, 1) * (2**n - 1)), NaN as 0.
    bit_depth : {8, 10, 12, 16}, optional
        Default: that of the Cineon file the image was read from, else 10, which all programs read.
    endian : {"big", "little"}
        Byte order; all programs read the first.
    codes : bool
        True: the image's integers are the codes, unscaled.
    threads : int, optional
        Most threads to use.

    Raises
    ------
    ChannelError
        If the channels are neither Y nor R, G, B.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option is wrong, or a code is too large.
    """
    target = check_path(path)
    order = _ENDIANS[one_of("endian", endian, _ENDIANS)]
    image = image if isinstance(image, Image) else Image(np.asarray(image))
    names = image.channel_names
    if set(names) not in ({"Y"}, {"R", "G", "B"}):
        raise ChannelError(
            f"Cineon holds Y or R, G, B, not {', '.join(names)}: choose with img.select(['R', 'G', 'B'])"
        )
    carried = image.metadata.get("cineon:bit_depth")
    usual = carried if carried in _cineon_header.PACKINGS else 10
    bits = integer("bit_depth", usual if bit_depth is None else bit_depth)
    if bits not in _cineon_header.PACKINGS:
        raise ValueError(f"bit_depth must be one of 8, 10, 12, 16, got {bits}")
    how = _dpx_write.storage(
        bits, packing="filled_a", endian=endian, descriptor=None, planar=False, encoding="none", matrix="rec709",
        code_range="legal", datum_order="high", orientation=0, line_padding=0, end_padding=0, codes=codes,
        threads=threads,
    )  # fmt: skip
    element = elements_of(image, how)[0]
    stride, padding = how.stride_of(len(names), image.width)
    size, stored = (image.width, image.height, len(names)), (bits, stride, padding)
    head = _cineon_header.build(
        target.name, size, image.metadata, order=order, stored=stored, pixel_aspect=image.pixel_aspect
    )
    lines = _dpx_write.Lines(element, how, len(head), stride, None, stride * image.height)
    with atomic(target) as temporary:
        _dpx_write.put_file(temporary, head, [lines])
