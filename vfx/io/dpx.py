"""DPX pictures (SMPTE ST 268): 8, 10, 12, 16-bit and float samples, at the speed of the memory.

Codes are read as numbers and nothing else: a code of n bits is code / (2**n - 1), correctly rounded.
Logarithmic (printing density) files stay logarithmic: ``img.decode("cineon")`` makes them linear.

==========  ==================  =======================================================
bits        reads as            ``write`` makes of it
==========  ==================  =======================================================
8           u8                  round(clamp(x, 0, 1) * (2**n - 1)); NaN becomes 0.
10, 12      f32                 u16 images scale as round(v * (2**n - 1) / 65535),
16          u16                 which undoes ``dtype="u16"`` exactly
32          f32                 the floats as they are
==========  ==================  =======================================================

Read are luma and single channels, RGB, RGBA and ABGR; packed, filled A and filled B; both byte orders;
headers of any length; pictures stored in any of the eight orientations, which come out upright. A second
element (the right eye of a stereo file, or the second of three single channels) is ``part=1``.
"""

from __future__ import annotations

import errno
import functools
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx._atomic import atomic
from vfx._ext import dpx as _dpx
from vfx.checks import integer, one_of
from vfx.checks import path as check_path
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import _dpx_build, _dpx_header, _dpx_layout
from vfx.io._dpx_fields import HEADER_BYTES, PACKINGS
from vfx.io._finish import finish, row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._source import Source, open_source
from vfx.pixelformat import FORMATS, format_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "dpx"
EXTENSIONS = (".dpx",)

_ENDIANS = {"big": ">", "little": "<"}
_BIT_DEPTHS = (8, 10, 12, 16, 32)
# The kernel's kinds of pixels.
_CODES8, _CODES16, _UNIT8, _UNIT16, _UNIT_HALF, _UNIT_FLOAT = range(6)
_KINDS = {"u8": _UNIT8, "u16": _UNIT16, "f16": _UNIT_HALF, "f32": _UNIT_FLOAT}
_NATIVE = {8: "u8", 10: "f32", 12: "f32", 16: "u16", 32: "f32"}
_DESCRIPTORS = {"RGB": 50, "RGBA": 51, "R": 1, "G": 2, "B": 3, "A": 4, "Y": 6, "Z": 8}
_RGBA = ("R", "G", "B", "A")


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is DPX."""
    return _dpx_header.is_dpx(head)


@functools.cache
def _half_of_code(bits: int) -> NDArray[np.uint16]:
    """The half-precision number, as its bits, of each code."""
    full = 2**bits - 1
    table: NDArray[np.uint16] = (np.arange(full + 1) / full).astype(np.float16).view(np.uint16)
    return table


@functools.cache
def _code_of_half(bits: int) -> NDArray[np.uint16]:
    """The code of each half-precision bit pattern."""
    values = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    clamped = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)
    table: NDArray[np.uint16] = np.floor(clamped * (2**bits - 1) + 0.5).astype(np.uint16)
    return table


@functools.cache
def _code_of_byte(bits: int) -> NDArray[np.uint16]:
    """The code of each byte."""
    table: NDArray[np.uint16] = np.floor(np.arange(256) * (2**bits - 1) / 255 + 0.5).astype(np.uint16)
    return table


# -- reading -------------------------------------------------------------------------------------------


def read(
    source: str | os.PathLike[str] | Any,
    *,
    dtype: Any = None,
    codes: bool = False,
    part: int = 0,
    rows: Sequence[int] | None = None,
    channels: Sequence[str] | None = None,
    threads: int | None = None,
) -> Image:
    """The picture in a DPX file, upright, in its codes' own scale: 1.0, 255 or 65535 is the largest code.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    dtype : str or dtype, optional
        ``"f32"``, ``"f16"``, ``"u8"`` or ``"u16"``; see the module for the default. u16 of 10 bits is
        round(code * 65535 / 1023).
    codes : bool
        True: the stored codes themselves, as u16 (u8 for 8 bits).
    part : int
        Element of the file, from 0.
    rows : (y0, y1), optional
        Only these rows of the upright picture, half-open.
    channels : sequence of str, optional
        Only these channels, in this order.
    threads : int, optional
        Most threads to use; by default as :func:`vfx.set_threads` says.

    Returns
    -------
    Image
        Header fields are in ``metadata``: ``timecode``, ``keycode``, ``frame_rate``, ``software``,
        ``copyright``, ``capture_date``, and ``dpx:<field>`` for all that has a value.

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
    >>> from vfx.io import dpx
    >>> plate = dpx.read("plate.1001.dpx")  # doctest: +SKIP
    >>> plate.metadata["timecode"]  # doctest: +SKIP
    """
    with open_source(source) as opened:
        header = _header(opened)
        index = integer("part", part, low=0, high=len(header.elements) - 1)
        layout = _dpx_layout.layout_of(header, index)
        kind, fmt = _wanted(layout, codes, dtype)
        names = _upright_names(layout.names)
        wanted = _wanted_channels(channels, names)
        picks = tuple(layout.names.index(name) for name in wanted)
        turned = header.orientation not in (0, 2)
        height = header.width if header.orientation >= 4 else header.height
        first, last = row_range(rows, height)
        lines = (0, header.height) if turned else (first, last)
        if header.orientation == 2:
            lines = (height - last, height - first)
        shape = (lines[1] - lines[0], header.width, len(wanted))
        limits.check_pixels(shape[1], shape[0], opened.label)
        limits.check_memory(math.prod(shape) * np.dtype(FORMATS[fmt]).itemsize, opened.label)
        pixels = np.empty(shape, FORMATS[fmt])
        _decode(opened, layout, lines, pixels, (picks, kind, threads))
    pixels = _upright(pixels, header.orientation)
    image = _image(header, index, pixels[first:last] if turned else pixels, wanted, first)
    return finish(image, dtype=dtype) if layout.bits == 32 else image


def _header(opened: Source) -> _dpx_header.Header:
    """The parsed header of a source, with its user data."""
    header = _dpx_header.parse(opened.head(HEADER_BYTES), opened.size, opened.label)
    if header.user_bytes:
        header.metadata.update(_dpx_header.user_data(opened.head(HEADER_BYTES + header.user_bytes)))
    return header


def _wanted(layout: _dpx_layout.Layout, codes: bool, dtype: Any) -> tuple[int, str]:
    """The kernel's kind of pixels, and their format's name."""
    if layout.bits == 32:
        if codes:
            raise ValueError("codes=True needs integer samples; this file has floats")
        if dtype is not None:
            one_of("dtype", format_of(dtype), _KINDS)
        return _UNIT_FLOAT, "f32"
    if codes:
        native = "u8" if layout.bits == 8 else "u16"
        if dtype is not None:
            native = one_of("dtype of codes", format_of(dtype), ("u8", "u16") if layout.bits == 8 else ("u16",))
        return (_CODES8 if native == "u8" else _CODES16), native
    fmt = _NATIVE[layout.bits] if dtype is None else one_of("dtype", format_of(dtype), _KINDS)
    return _KINDS[fmt], fmt


def _upright_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The channels in the order of memory: an ABGR file is an RGBA picture."""
    return _RGBA if set(names) == set(_RGBA) else names


def _wanted_channels(channels: Sequence[str] | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """The channels to read; ``ChannelError`` lists what there is."""
    if channels is None:
        return names
    wanted = (channels,) if isinstance(channels, str) else tuple(channels)
    missing = [name for name in wanted if name not in names]
    if missing or not wanted:
        what = f"no channel {missing[0]!r}" if missing else "channels must name at least one channel"
        raise ChannelError(f"{what}; the file has {', '.join(names)}")
    return wanted


def _decode(
    opened: Source,
    layout: _dpx_layout.Layout,
    lines: tuple[int, int],
    pixels: NDArray[Any],
    how: tuple[tuple[int, ...], int, int | None],
) -> None:
    """Fill ``pixels`` with the stored lines of a range; ``how`` is picks, kind and threads."""
    picks, kind, threads = how
    count = _threads.for_pixels(pixels.shape[0] * pixels.shape[1], threads)
    table = _half_of_code(layout.bits) if kind == _UNIT_HALF else None
    target, offset, form = pixels, layout.offset + lines[0] * layout.stride, layout.form
    if layout.continuous and lines[0]:
        # Lines of such files share words: start at the first.
        target = np.empty((lines[1], *pixels.shape[1:]), pixels.dtype)
        offset = layout.offset
    use_file = opened.path is not None and hasattr(os, "pread")
    data = opened.stream().fileno() if use_file else opened.data()
    status = _dpx.decode(data, offset, layout.stride, len(layout.names), form, target, picks, kind, table, count)
    if status == errno.ENOMEM:
        raise MemoryError(f"{opened.label}: no memory for the lines of a DPX picture")
    if status > 0:
        raise OSError(status, os.strerror(status), opened.label)
    if status < 0:
        raise FormatError("the file became shorter while it was read", path=opened.label)
    if target is not pixels:
        pixels[...] = target[lines[0] :]


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The stored lines as a picture: left to right, top to bottom (ST 268-1, table 2)."""
    if orientation >= 4:
        pixels = pixels.transpose(1, 0, 2)
        # Bit 0: lines run right to left; bit 1: pixels of a line run bottom to top.
        flips = (orientation in (6, 7), orientation in (5, 7))
    else:
        flips = (orientation in (2, 3), orientation in (1, 3))
    pixels = pixels[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
    return np.ascontiguousarray(pixels)


def _image(
    header: _dpx_header.Header, index: int, pixels: NDArray[Any], names: tuple[str, ...], first_row: int
) -> Image:
    """The image of an element; ``first_row`` is the picture's row that ``pixels`` begin with."""
    element = header.elements[index]
    data, display = _windows(header)
    x0, y0, x1, _ = data
    return Image(
        np.ascontiguousarray(pixels),
        channels=names,
        metadata=_metadata(header, element),
        data_window=(x0, y0 + first_row, x1, y0 + first_row + pixels.shape[0] - 1),
        display_window=display,
        pixel_aspect=header.pixel_aspect,
    )


def _windows(header: _dpx_header.Header) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Data and display window of the upright picture."""
    size = (header.width, header.height)
    return header.windows(*(reversed(size) if header.orientation >= 4 else size))


def _metadata(header: _dpx_header.Header, element: _dpx_header.Element) -> dict[str, Any]:
    """Everything the header says of one element."""
    endian = "big" if header.order == ">" else "little"
    return {**header.metadata, **element.metadata, "dpx:endian": endian}


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """What a DPX file's header says; no pixels are read.

    Raises
    ------
    FileNotFoundError, OSError
        If it cannot be opened.
    FormatError
        If the header is damaged or describes no supported picture.
    """
    with open_source(source) as opened:
        header = _header(opened)
        parts = tuple(_part(header, element) for element in header.elements)
        return ImageInfo(path=opened.label, format=NAME, parts=parts, size=opened.size)


def _part(header: _dpx_header.Header, element: _dpx_header.Element) -> PartInfo:
    """The facts of one element."""
    names = _upright_names(_dpx_layout.names_of(element, header.label))
    data, display = _windows(header)
    return PartInfo(
        width=data[2] - data[0] + 1,
        height=data[3] - data[1] + 1,
        channel_names=names,
        formats=("f32" if element.bit_depth == 32 else f"u{element.bit_depth}",) * len(names),
        data_window=data,
        display_window=display,
        pixel_aspect=header.pixel_aspect,
        name=element.metadata.get("dpx:description", ""),
        compression="rle" if element.encoding == 1 else "none",
        metadata=_metadata(header, element),
    )


# -- writing -------------------------------------------------------------------------------------------


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    bit_depth: int | None = None,
    packing: str = "filled_a",
    endian: str = "big",
    transfer: str | None = None,
    colorimetric: str | None = None,
    timecode: Any = None,
    keycode: Any = None,
    frame_rate: Any = None,
    creator: str | None = None,
    project: str | None = None,
    copyright: str | None = None,
    codes: bool = False,
    threads: int | None = None,
) -> None:
    """Nothing; the file then holds the image as DPX V2.0. It appears whole or not at all.

    No curve is applied: for a logarithmic file encode the image first, ``img.encode("cineon")``.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|3|4)
        RGB, RGBA (in any order of memory), or one channel: Y, R, G, B, A, Z.
    bit_depth : {8, 10, 12, 16, 32}, optional
        32 is float. Rounding: see the module. Default: that of the DPX file the image was read from, else 10.
    packing : {"filled_a", "filled_b", "packed"}
        Of 10 and 12 bits: padding below the codes, above them, or none. Other depths have no padding.
    endian : {"big", "little"}
        Byte order.
    transfer, colorimetric : str, optional
        Names such as ``"printing_density"``, ``"rec709"``; only a label. Default: the image's
        ``dpx:transfer`` and ``dpx:colorimetric``, else ``"undefined"``.
    timecode : TimeCode or str, optional
        Default: the image's ``timecode``; so with ``keycode``, ``frame_rate`` and ``copyright``.
    keycode : KeyCode or str, optional
        Film edge code, ``"02 34 567890 1234+56"``.
    frame_rate : number, Fraction or str, optional
        Frames per second.
    creator : str, optional
        The writing program; ``"vfx"`` unless given.
    project, copyright : str, optional
        Texts of the file header.
    codes : bool
        True: the image's integers are the codes, unscaled.
    threads : int, optional
        Most threads to use.

    Notes
    -----
    All ``dpx:`` metadata go back where they were, but for facts of the old file itself. The data window's
    offset from the frame goes into the source header; one below 0 has no place there.

    Raises
    ------
    ChannelError
        If the channels are none of the above.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option is wrong, or a code is too large.
    """
    target = check_path(path)
    if not isinstance(image, Image):
        image = Image(np.asarray(image))
    bits = integer("bit_depth", image.metadata.get("dpx:bit_depth", 10) if bit_depth is None else bit_depth)
    if bits not in _BIT_DEPTHS:
        raise ValueError(f"bit_depth must be one of {', '.join(map(str, _BIT_DEPTHS))}, got {bits}")
    one_of("packing", packing, PACKINGS)
    order = _ENDIANS[one_of("endian", endian, _ENDIANS)]
    descriptor, picks = _channels_to_write(image)
    pixels, kind = _samples(image, bits, codes)
    packing = packing if bits in (10, 12) else "packed"
    swap = (order == ">") != (sys.byteorder == "big")
    form = _dpx_layout.form(bits, PACKINGS[packing], len(picks), swap=swap)
    length = _dpx_layout.line_bytes(form, image.width * len(picks))
    stride = (length + 3) // 4 * 4
    picture = _dpx_build.Picture(
        name=target.name,
        width=image.width,
        height=image.height,
        descriptor=descriptor,
        bits=bits,
        packing=packing,
        order=order,
        data_bytes=stride * image.height,
        # Always a whole word together with the samples; OpenImageIO 3 relies on the header's word for it.
        line_padding=stride - length,
    )
    given = {"transfer": transfer, "colorimetric": colorimetric, "timecode": timecode, "keycode": keycode}
    given |= {"frame_rate": frame_rate, "creator": creator, "dpx:project": project, "copyright": copyright}
    head = _dpx_build.build(image, picture, given)
    with atomic(target) as temporary:
        _encode(temporary, head, (stride, form), pixels, (picks, kind, bits, threads))


def _channels_to_write(image: Image) -> tuple[int, tuple[int, ...]]:
    """The descriptor of an image's channels, and the channel of each sample in the file."""
    names = image.channel_names
    wanted = tuple(name for name in _RGBA if name in names) if len(names) > 1 else names
    key = "".join(wanted)
    if len(wanted) != len(names) or key not in _DESCRIPTORS:
        raise ChannelError(
            f"DPX holds R G B, R G B A or a single channel (Y, R, G, B, A, Z), not {', '.join(names)}: "
            "choose with img.select(['R', 'G', 'B']), or rename with img.rename({...})"
        )
    return _DESCRIPTORS[key], tuple(names.index(name) for name in wanted)


def _samples(image: Image, bits: int, codes: bool) -> tuple[NDArray[Any], int]:
    """The pixels to give to the kernel, and their kind."""
    fmt = image.format
    if fmt == "u32":
        raise TypeError("DPX cannot hold 32-bit whole numbers; write them as EXR")
    if codes:
        if fmt not in ("u8", "u16") or bits == 32:
            raise TypeError(f"codes=True needs u8 or u16 pixels and 8 to 16 bits, got {fmt} and {bits} bits")
        if fmt == "u8" and bits > 8:
            return image.pixels.astype(np.uint16), _CODES16
        return image.pixels, (_CODES8 if fmt == "u8" else _CODES16)
    if bits == 32:
        return (image.pixels if fmt == "f32" else image.astype("f32").pixels), _UNIT_FLOAT
    if (fmt, bits) in (("u8", 8), ("u16", 16)):
        return image.pixels, (_CODES8 if fmt == "u8" else _CODES16)
    return image.pixels, _KINDS[fmt]


def _encode(
    path: Path,
    head: bytearray,
    place: tuple[int, tuple[int, ...]],
    pixels: NDArray[Any],
    how: tuple[tuple[int, ...], int, int, int | None],
) -> None:
    """Write a whole file; ``place`` is stride and form, ``how`` picks, kind, bits and threads."""
    (stride, form), (picks, kind, bits, threads) = place, how
    count = _threads.for_pixels(pixels.shape[0] * pixels.shape[1], threads)
    table = _code_of_half(bits) if kind == _UNIT_HALF else _code_of_byte(bits) if kind == _UNIT8 else None
    with path.open("wb", buffering=0) as stream:
        if hasattr(os, "pwrite"):
            stream.write(head)
            status = _dpx.encode(stream.fileno(), len(head), stride, form, pixels, picks, kind, table, count)
        else:
            whole = head + bytearray(stride * pixels.shape[0])
            status = _dpx.encode(whole, len(head), stride, form, pixels, picks, kind, table, count)
            stream.write(whole)
    if status == errno.ENOMEM:
        raise MemoryError("no memory for the lines of a DPX picture")
    if status > 0:
        raise OSError(status, os.strerror(status), str(path))
    if status < 0:
        raise ValueError(f"codes=True: a code is larger than {2**bits - 1}, the largest of {bits} bits")
