"""The pixels of one picture of a DPX file: lines of its elements decoded, and put together."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx._ext import dpx as _dpx
from vfx._ext import dpx_rle as _rle
from vfx.checks import one_of
from vfx.errors import ChannelError, FormatError
from vfx.io import _dpx_chroma
from vfx.io._dpx_header import Header
from vfx.io._dpx_kinds import CODES8, CODES16, KINDS, NATIVE, UNIT_FLOAT, decoding_table
from vfx.io._dpx_layout import Layout, form, layout_of
from vfx.io._dpx_parts import Part
from vfx.io._limits import limits
from vfx.io._source import Source
from vfx.pixelformat import FORMATS, format_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Wanted", "channels_of", "pixels_of", "upright", "wanted_kind"]


@dataclass(frozen=True)
class Wanted:
    """What is to be read of a picture.

    Attributes
    ----------
    names : tuple of str
        Channels of the result.
    kind : int
        The kernel's kind of pixels.
    fmt : str
        Their format.
    lines : (y0, y1)
        Half-open, as stored.
    raw : bool
        Colour differences as they are.
    matrix, code_range : str or None
        How they become RGB; None: as the header says.
    datum_order : str or None
        Field of the first code of a 10-bit word, where it is not the usual one.
    threads : int or None
        Most threads to use.
    """

    names: tuple[str, ...]
    kind: int
    fmt: str
    lines: tuple[int, int]
    raw: bool
    matrix: str | None
    code_range: str | None
    datum_order: str | None
    threads: int | None


def wanted_kind(bits: int, codes: bool, dtype: Any) -> tuple[int, str]:
    """The kernel's kind of pixels, and their format's name.

    Raises
    ------
    TypeError, ValueError
        If there are no such pixels; the message lists those there are.
    """
    if bits >= 32:
        if codes:
            raise ValueError("codes=True needs integer samples; this file has floats")
        if dtype is not None:
            one_of("dtype", format_of(dtype), KINDS)
        return UNIT_FLOAT, "f32"
    if codes:
        native = "u8" if bits <= 8 else "u16"
        if dtype is not None:
            native = one_of("dtype of codes", format_of(dtype), ("u8", "u16") if bits <= 8 else ("u16",))
        return (CODES8 if native == "u8" else CODES16), native
    fmt = NATIVE.get(bits, "f32") if dtype is None else one_of("dtype", format_of(dtype), KINDS)
    return KINDS[fmt], fmt


def channels_of(channels: Sequence[str] | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """The channels to read; ``ChannelError`` lists what there is."""
    if channels is None:
        return names
    wanted = (channels,) if isinstance(channels, str) else tuple(channels)
    missing = [name for name in wanted if name not in names]
    if missing or not wanted:
        what = f"no channel {missing[0]!r}" if missing else "channels must name at least one channel"
        raise ChannelError(f"{what}; the file has {', '.join(names)}")
    return wanted


def pixels_of(opened: Source, header: Header, part: Part, wanted: Wanted) -> NDArray[Any]:
    """The stored lines of a picture, (lines, width, channels).

    Raises
    ------
    FormatError
        If an element does not lie within the file, or its data is damaged.
    LimitError
        If the picture is larger than allowed.
    """
    layouts = {index: layout_of(header, index, wanted.datum_order) for index in part.elements}
    shape = (wanted.lines[1] - wanted.lines[0], header.width, len(wanted.names))
    limits.check_pixels(shape[1], shape[0], opened.label)
    limits.check_memory(math.prod(shape) * np.dtype(FORMATS[wanted.fmt]).itemsize, opened.label)
    if part.subsampling == "4:4:4" and wanted.raw:
        return _element(opened, layouts[part.elements[0]], wanted, wanted.names)
    if part.subsampling:
        return _of_differences(opened, header, part, wanted)
    if len(part.elements) == 1:
        return _element(opened, layouts[part.elements[0]], wanted, wanted.names)
    pixels = np.empty(shape, FORMATS[wanted.fmt])
    for index, samples in zip(part.elements, part.samples, strict=True):
        names = tuple(name for name in wanted.names if name in samples)
        if names:
            places = [wanted.names.index(name) for name in names]
            pixels[:, :, places] = _element(opened, layouts[index], wanted, names)
    return pixels


def _of_differences(opened: Source, header: Header, part: Part, wanted: Wanted) -> NDArray[Any]:
    """A picture of colour differences: RGB, or Y Cb Cr as stored."""
    halved = part.subsampling == "4:2:2"
    everything = part.names(raw=wanted.raw)
    order: tuple[str, ...] = ("C", "Y") if halved else ("Cb", "Y", "Cr")
    order += ("A",) if "A" in everything else ()
    lines = wanted.lines[1] - wanted.lines[0]
    limits.check_memory(lines * header.width * (len(order) + len(everything)) * 4, opened.label)
    first = header.elements[part.elements[0]]
    if not wanted.raw:
        wanted = replace(wanted, kind=UNIT_FLOAT, fmt="f32")
    samples = np.empty((lines, header.width, len(order)), FORMATS[wanted.fmt])
    for index, names in zip(part.elements, part.samples, strict=True):
        layout = layout_of(header, index, wanted.datum_order)
        bare = tuple("C" if name == "CbCr" else name for name in names)
        if bare == order:
            samples = _element(opened, layout, wanted, names)
        else:
            samples[:, :, [order.index(name) for name in bare]] = _element(opened, layout, wanted, names)
    if wanted.raw:
        middle = {"u8": 128, "u16": 32768}.get(wanted.fmt, 0.5)
        neutral = 2 ** (first.bit_depth - 1) if wanted.kind in (CODES8, CODES16) else middle
        whole = _dpx_chroma.of_pairs(samples, neutral)
    else:
        full = first.metadata.get("dpx:low_data") == 0 and first.metadata.get("dpx:high_data") == 2**first.bit_depth - 1
        matrix = _dpx_chroma.matrix_name(wanted.matrix, first.colorimetric)
        code_range = wanted.code_range or ("full" if full else "legal")
        how = (matrix, code_range, first.bit_depth)
        count = _threads.for_pixels(lines * header.width, wanted.threads)
        whole = _dpx_chroma.to_rgb(samples, how, halved=halved, threads=count)
    return whole if wanted.names == everything else whole[:, :, [everything.index(name) for name in wanted.names]]


def _element(opened: Source, layout: Layout, wanted: Wanted, names: tuple[str, ...]) -> NDArray[Any]:
    """The wanted samples of one element."""
    picks = tuple(layout.names.index(name) for name in names)
    pixels = np.empty((wanted.lines[1] - wanted.lines[0], layout.width, len(picks)), FORMATS[wanted.fmt])
    decode = _decode_runs if layout.encoded else _decode
    decode(opened, layout, wanted.lines, pixels, (picks, wanted.kind, wanted.threads))
    return pixels


def _decode(
    opened: Source,
    layout: Layout,
    lines: tuple[int, int],
    pixels: NDArray[Any],
    how: tuple[tuple[int, ...], int, int | None],
) -> None:
    """Fill ``pixels`` with the stored lines of a range; ``how`` is picks, kind and threads."""
    picks, kind, threads = how
    count = _threads.for_pixels(pixels.shape[0] * pixels.shape[1], threads)
    table = decoding_table(kind, layout.bits)
    target, offset = pixels, layout.offset + lines[0] * layout.stride
    if layout.continuous and lines[0]:
        # Lines of such files share words: start at the first.
        target = np.empty((lines[1], *pixels.shape[1:]), pixels.dtype)
        offset = layout.offset
    use_file = opened.path is not None and hasattr(os, "pread")
    data = opened.stream().fileno() if use_file else opened.data()
    status = _dpx.decode(data, offset, layout.stride, len(layout.names), layout.form, target, picks, kind, table, count)
    if status == errno.ENOMEM:
        raise MemoryError(f"{opened.label}: no memory for the lines of a DPX picture")
    if status > 0:
        raise OSError(status, os.strerror(status), opened.label)
    if status < 0:
        raise FormatError("the file became shorter while it was read", path=opened.label)
    if target is not pixels:
        pixels[...] = target[lines[0] :]


def _decode_runs(
    opened: Source,
    layout: Layout,
    lines: tuple[int, int],
    pixels: NDArray[Any],
    how: tuple[tuple[int, ...], int, int | None],
) -> None:
    """As :func:`_decode`, for run-length encoded lines: they begin where the line before ends."""
    picks, kind, threads = how
    codes = np.empty((pixels.shape[0], pixels.shape[1], len(layout.names)), np.uint16)
    limits.check_memory(codes.nbytes + pixels.nbytes, opened.label)
    data = opened.data()[layout.offset : layout.end]
    status = _rle.decode(data, layout.form, layout.padding, codes, lines[0])
    if status < 0:
        reason = "end before the picture does" if status == -1 else "hold a run that reaches beyond its line"
        raise FormatError(f"the run-length encoded samples {reason}", path=opened.label, offset=layout.offset)
    plain = form(16, 0, 1, swap=False)
    plain = (plain[0], layout.bits, *plain[2:])
    memory: Any = codes.view(np.uint8).reshape(-1)
    count = _threads.for_pixels(pixels.shape[0] * pixels.shape[1], threads)
    stride = codes.strides[0]
    table = decoding_table(kind, layout.bits)
    _dpx.decode(memory, 0, stride, len(layout.names), plain, pixels, picks, kind, table, count)


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The stored lines as a picture: left to right, top to bottom (ST 268-1, table 2)."""
    if orientation >= 4:
        pixels = pixels.transpose(1, 0, 2)
        # Bit 0: lines run right to left; bit 1: pixels of a line run bottom to top.
        flips = (orientation in (6, 7), orientation in (5, 7))
    else:
        flips = (orientation in (2, 3), orientation in (1, 3))
    pixels = pixels[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
    return np.ascontiguousarray(pixels)
