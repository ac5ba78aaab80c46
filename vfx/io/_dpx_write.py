"""A DPX file written: the options checked, the header planned, and the lines put where it says."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vfx import threads as _threads
from vfx._ext import dpx as _dpx
from vfx._ext import dpx_rle as _rle
from vfx.checks import integer, one_of
from vfx.image import Image
from vfx.io import _dpx_chroma
from vfx.io._dpx_build import ElementPlan, Picture, build
from vfx.io._dpx_fields import DATUM_ORDERS, DIFFERENCES, PACKINGS
from vfx.io._dpx_kinds import encoding_table
from vfx.io._dpx_layout import form
from vfx.io._dpx_samples import Element, Storage

__all__ = ["Lines", "content", "plan", "put_file", "storage"]

_BIT_DEPTHS = (1, 8, 10, 12, 16, 32, 64)
_ENDIANS = {"big": ">", "little": "<"}
_ENCODINGS = {"none": 0, "rle": 1}
_DESCRIPTORS = ("RGB", "RGBA", "ABGR", "composite", *DIFFERENCES)


@dataclass(frozen=True)
class Lines:
    """The lines of one element.

    Attributes
    ----------
    element : Element
        Their samples.
    how : Storage
        How they are stored.
    offset, stride : int
        Byte of the first line, and bytes from line to line.
    data : bytes or None
        The lines themselves where they are run-length encoded.
    size : int
        Bytes of all lines and the padding after them.
    """

    element: Element
    how: Storage
    offset: int
    stride: int
    data: bytes | None
    size: int


def storage(bits: int, **options: Any) -> Storage:
    """How the samples of a file are stored; ``options`` are those of ``vfx.io.dpx.write``.

    Raises
    ------
    TypeError, ValueError
        If an option is wrong.
    """
    if bits not in _BIT_DEPTHS:
        raise ValueError(f"bit_depth must be one of {', '.join(map(str, _BIT_DEPTHS))}, got {bits}")
    for name, allowed in (
        ("packing", PACKINGS),
        ("endian", _ENDIANS),
        ("encoding", _ENCODINGS),
        ("code_range", _dpx_chroma.CODE_RANGES),
        ("descriptor", _DESCRIPTORS),
        ("datum_order", DATUM_ORDERS),
    ):
        if options[name] is not None or name in ("packing", "endian", "encoding", "code_range"):
            one_of(name, options[name], allowed)
    for name in ("line_padding", "end_padding"):
        if integer(name, options[name], low=0, high=2**20) % 4:
            raise ValueError(f"{name} must be a multiple of 4, got {options[name]}")
    if options["encoding"] == "rle" and (bits not in (8, 10, 12, 16) or options["line_padding"]):
        raise ValueError("encoding='rle' needs 8, 10, 12 or 16 bits, and lines without padding")
    integer("orientation", options["orientation"], low=0, high=7)
    options["packing"] = options["packing"] if bits in (10, 12) else "packed"
    return Storage(bits=bits, order=_ENDIANS[options.pop("endian")], **options)


def plan(
    name: str, image: Image, elements: Sequence[Element], how: Storage, given: Mapping[str, Any]
) -> tuple[list[Lines], bytearray]:
    """The lines of each element, and the header of the file.

    Parameters
    ----------
    name : str
        Of the file.
    image : Image
        Whose metadata the header takes.
    elements : sequence of Element
        1 to 8.
    how : Storage
        How samples are stored.
    given : mapping
        See :func:`vfx.io._dpx_build.build`.
    """
    height, width = elements[0].pixels.shape[:2]
    plans, found = [], []
    for element in elements:
        data = _runs_of(element, how)
        stride, padding = how.stride_of(len(element.picks), width)
        # Padding is always whole words together with the samples; OpenImageIO 3 relies on the header's word for it.
        size, padding = (stride * height, padding) if data is None else (len(data), 0)
        plans.append(ElementPlan(element.descriptor, size, padding, element.reference, element.metadata))
        found.append((element, stride, data, size))
    picture = Picture(
        name=name,
        width=width,
        height=height,
        bits=how.bits,
        packing=how.packing,
        order=how.order,
        encoding=_ENCODINGS[how.encoding],
        orientation=how.orientation,
        end_padding=how.end_padding,
        elements=tuple(plans),
    )
    head = build(image, picture, given)
    offsets = picture.offsets(len(head))
    lines = [
        Lines(element, how, offset, stride, data, size + how.end_padding)
        for (element, stride, data, size), offset in zip(found, offsets, strict=False)
    ]
    return lines, head


def _runs_of(element: Element, how: Storage) -> bytes | None:
    """The run-length encoded lines of an element; None where lines are not encoded."""
    if how.encoding != "rle":
        return None
    height, width = element.pixels.shape[:2]
    codes = np.empty((height, width, len(element.picks)), np.uint16)
    plain = (1, how.bits, *form(16, 0, 1, swap=False)[2:])
    _encode(codes.view(np.uint8).reshape(-1), (0, codes.strides[0], plain), element, how)
    return _rle.encode(codes, how.form_of(len(element.picks)))


def put_file(path: Path, head: bytearray, elements: Sequence[Lines]) -> None:
    """Nothing; the file then has the header and the lines of every element.

    Raises
    ------
    OSError
        If they cannot be written.
    ValueError
        If a code is too large.
    """
    with path.open("wb", buffering=0) as stream:
        if not hasattr(os, "pwrite"):
            stream.write(content(head, elements))
            return
        stream.write(head)
        for lines in elements:
            if lines.data is None:
                _put(stream.fileno(), lines)
            else:
                _write_whole(stream.fileno(), lines.data, lines.offset)
        if elements[-1].how.end_padding:
            os.truncate(stream.fileno(), elements[-1].offset + elements[-1].size)


def _write_whole(target: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` from byte ``offset`` of a file on."""
    view = memoryview(data)
    while view:
        count = os.pwrite(target, view, offset)
        view, offset = view[count:], offset + count


def content(head: bytearray, elements: Sequence[Lines]) -> bytearray:
    """The bytes of the whole file."""
    whole = head + bytearray(sum(lines.size for lines in elements))
    for lines in elements:
        if lines.data is None:
            _put(whole, lines)
        else:
            whole[lines.offset : lines.offset + len(lines.data)] = lines.data
    return whole


def _put(target: int | bytearray, lines: Lines) -> None:
    """Give the lines of an element to the kernel."""
    form = lines.how.form_of(len(lines.element.picks))
    _encode(target, (lines.offset, lines.stride, form), lines.element, lines.how)


def _encode(target: Any, place: tuple[int, int, tuple[int, ...]], element: Element, how: Storage) -> None:
    """Run the kernel; ``place`` is offset, stride and form."""
    pixels = element.pixels
    count = _threads.for_pixels(pixels.shape[0] * pixels.shape[1], how.threads)
    table = encoding_table(element.kind, how.bits)
    status = _dpx.encode(target, *place, pixels, element.picks, element.kind, table, count)
    if status == errno.ENOMEM:
        raise MemoryError("no memory for the lines of a DPX picture")
    if status > 0 or status == -1:  # -1: nothing is written, and no reason given
        code = status if status > 0 else errno.EIO
        raise OSError(code, os.strerror(code))
    if status < 0:
        raise ValueError(f"codes=True: a code is larger than {2**how.bits - 1}, the largest of {how.bits} bits")
