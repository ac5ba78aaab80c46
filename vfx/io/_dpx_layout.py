"""How the samples of a DPX element lie in the file, checked against the file's length.

Lines begin on 32-bit words. Some scanners do not pad them, and their files say nothing of it: luma of
10 bits then runs on from line to line (Scanity and Lasergraphics always, others told by their size).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from vfx.errors import FormatError
from vfx.io._dpx_fields import GENERIC_BYTES
from vfx.io._dpx_header import Element, Header

__all__ = ["Layout", "form", "layout_of", "line_bytes", "names_of"]

# The kernel's layouts and their bytes for n samples of a line.
_BYTES, _HALVES, _WORDS, _STREAM, _FLOATS, _DOUBLES = range(6)

_NAMES: dict[int, tuple[str, ...]] = {
    1: ("R",),
    2: ("G",),
    3: ("B",),
    4: ("A",),
    6: ("Y",),
    7: ("CbCr",),
    8: ("Z",),
    9: ("composite",),
    50: ("R", "G", "B"),
    51: ("R", "G", "B", "A"),
    52: ("A", "B", "G", "R"),
    100: ("C", "Y"),
    101: ("C", "Y", "A"),
    102: ("Cb", "Y", "Cr"),
    103: ("Cb", "Y", "Cr", "A"),
    **{148 + count: tuple(f"C{index}" for index in range(count)) for count in range(2, 9)},
}
# Those of 10, 11, 53 to 58, 104 and 105 are of the extension for high dynamic range (ST 268-2:2018).
_UNSUPPORTED = {
    0: "user-defined samples",
    5: "component 5, which the standard reserves",
    10: "Cb samples",
    11: "Cr samples",
    53: "BGR samples",
    54: "BGRA samples",
    55: "ARGB samples",
    56: "RGB samples of ST 268-2",
    57: "RGBA samples of ST 268-2",
    58: "ABGR samples of ST 268-2",
    104: "CYY 4:2:0 samples",
    105: "CYAY 4:2:0:4 samples",
    255: "samples of no defined kind",
}
_DEPTHS = (1, 8, 10, 12, 16, 32, 64)


@dataclass(frozen=True)
class Layout:
    """Where the lines of an element are, and what the kernel needs to know of them.

    Attributes
    ----------
    names : tuple of str
        The samples of a pixel, in the file's order.
    width, bits : int
        Pixels of a line; 1, 8, 10, 12, 16, or 32 and 64 for floats.
    form : tuple of int
        See the kernel ``vfx._ext.dpx.decode``.
    offset, stride : int
        Byte of the first line, and bytes from line to line.
    end : int
        Byte after the last line; of run-length encoded ones, after the last that may be theirs.
    padding : int
        Bytes from a line's end to the next line.
    encoded : bool
        Whether the lines are run-length encoded: ``stride`` then means nothing.
    """

    names: tuple[str, ...]
    width: int
    bits: int
    form: tuple[int, ...]
    offset: int
    stride: int
    end: int
    padding: int = 0
    encoded: bool = False

    @property
    def continuous(self) -> bool:
        """Whether codes run on from line to line."""
        return bool(self.form[7])


def names_of(element: Element, label: str) -> tuple[str, ...]:
    """The samples of a pixel, in the file's order.

    Raises
    ------
    FormatError
        If this kind of picture is not supported.
    """
    names = _NAMES.get(element.descriptor)
    if names is None:
        what = _UNSUPPORTED.get(element.descriptor, "samples of an unknown kind")
        raise FormatError(
            f"{what} (descriptor {element.descriptor}) are not supported; supported are luma, single channels, "
            "RGB, RGBA, ABGR and CbYCr",
            path=label,
            offset=element.position + 20,
        )
    return names


def form(
    bits: int, packing: int, samples: int, *, swap: bool, order: str | None = None, continuous: bool = False
) -> tuple[int, ...]:
    """The kernel's description of samples: layout, bits, shift, three shifts, swap, continuous.

    Parameters
    ----------
    bits : int
        1, 8, 10, 12, 16, 32 or 64.
    packing : int
        0 packed, 1 filled A (padding in the low bits), 2 filled B (in the high bits).
    samples : int
        Of a pixel: a single one has the first code of a 10-bit word in the lowest field, several in the highest.
    order : {"low", "high"}, optional
        The field of the first code, where it is another.
    """
    layout, shift, shifts = (_DOUBLES if bits == 64 else _FLOATS), 0, (0, 0, 0)
    if bits == 8:
        layout = _BYTES
    elif bits == 16:
        layout = _HALVES
    elif bits == 1 or (bits in (10, 12) and packing == 0):
        layout = _STREAM
    elif bits == 12:
        layout, shift = _HALVES, (4 if packing == 1 else 0)
    elif bits == 10:
        low = 2 if packing == 1 else 0
        upward = order == "low" if order else samples == 1
        layout, shifts = _WORDS, ((low, low + 10, low + 20) if upward else (low + 20, low + 10, low))
    return (layout, bits, shift, *shifts, int(swap and layout != _BYTES), int(continuous))


def line_bytes(kind: tuple[int, ...], samples: int) -> int:
    """Bytes that ``samples`` samples of a line take, before padding."""
    layout, bits = kind[:2]
    if layout == _WORDS:
        return (samples + 2) // 3 * 4
    if layout == _STREAM:
        return (samples * bits + 31) // 32 * 4
    return samples * {_BYTES: 1, _HALVES: 2, _FLOATS: 4, _DOUBLES: 8}[layout]


def layout_of(header: Header, index: int, order: str | None = None) -> Layout:
    """The layout of element ``index``, which is then certain to lie within the file.

    Parameters
    ----------
    header : Header
        The file's.
    index : int
        Of the element.
    order : {"low", "high"}, optional
        As in :func:`form`.

    Raises
    ------
    FormatError
        If it is of an unsupported kind, or reaches beyond the end of the file.
    """
    element = header.elements[index]
    names = names_of(element, header.label)
    _check_supported(element, header.label)
    offset = _data_offset(header, index)
    swap = (header.order == ">") != (sys.byteorder == "big")
    kind = form(element.bit_depth, element.packing, len(names), swap=swap, order=order)
    samples = header.width * len(names)
    length = line_bytes(kind, samples)
    padding = element.line_padding if element.line_padding <= header.size else 0
    if element.encoding == 1:
        return _encoded(header, element, kind, (offset, padding))
    # Padding that completes the last word is that of the alignment; more than that comes after it.
    padded = length + padding if (length + padding) % 4 == 0 else (length + 3) // 4 * 4 + padding
    end = offset + (header.height - 1) * padded + length
    if kind[0] == _WORDS and len(names) == 1 and samples % 3 != 0:
        run_on = form(element.bit_depth, element.packing, 1, swap=swap, order=order, continuous=True)
        run_end = offset + line_bytes(kind, samples * header.height)
        unpadded_maker = header.input_device.startswith("Scanity") or header.creator.startswith("Lasergraphics Inc.")
        room = min(header.size, _room(header, offset))
        if run_end <= room and (unpadded_maker or (end > room and _is_whole(header))):
            return Layout(names, header.width, element.bit_depth, run_on, offset, length, run_end)
    elif end > header.size and length % 4 and _is_whole(header):
        tight_end = offset + (header.height - 1) * (length + padding) + length
        if tight_end <= header.size:
            return Layout(names, header.width, element.bit_depth, kind, offset, length + padding, tight_end)
    _check_end(header, offset, end)
    return Layout(names, header.width, element.bit_depth, kind, offset, padded, end)


def _encoded(header: Header, element: Element, kind: tuple[int, ...], place: tuple[int, int]) -> Layout:
    """The layout of run-length encoded lines; ``place`` is their offset and the padding between them."""
    names, (offset, padding) = names_of(element, header.label), place
    # Half of a pixel pair's colours cannot be repeated, and a flag of one bit has no room for a count.
    if element.bit_depth not in (8, 10, 12, 16) or "C" in names:
        what = f"{element.bit_depth}-bit" if "C" not in names else "4:2:2"
        raise FormatError(
            f"run-length encoded {what} samples are not supported", path=header.label, offset=element.position + 26
        )
    end = _room(header, offset)
    # The longest runs there can be: a flag and a pixel each.
    packets = -(-header.width // (2 ** (element.bit_depth - 1) - 1))
    least = header.height * (packets * (1 + len(names)) * element.bit_depth // 8 + padding) - padding
    _check_end(header, offset, offset + least)
    return Layout(names, header.width, element.bit_depth, kind, offset, 0, end, padding, encoded=True)


def _room(header: Header, offset: int) -> int:
    """Byte where the data of an element that begins at ``offset`` ends at the latest."""
    starts = (element.data_offset or 0 for element in header.elements)
    return min((start for start in starts if start > offset), default=header.size)


def _check_end(header: Header, offset: int, end: int) -> None:
    """Raise where lines from ``offset`` to ``end`` do not fit into the file."""
    if end > header.size:
        raise FormatError(
            f"the header promises {header.width} x {header.height} pixels up to byte {end}, the file has {header.size}",
            path=header.label,
            offset=offset,
        )


def _is_whole(header: Header) -> bool:
    """Whether the file is as long as it says: a cut file must not pass for one without padding."""
    return header.file_size is None or header.file_size <= header.size


def _check_supported(element: Element, label: str) -> None:
    """Raise for samples that this reader does not know."""
    where = element.position
    if element.encoding not in (0, 1):
        raise FormatError(f"encoding is 0 or 1, the header says {element.encoding}", path=label, offset=where + 26)
    if element.bit_depth not in _DEPTHS:
        raise FormatError(
            f"samples of {element.bit_depth} bits are not supported; supported are 1, 8, 10, 12, 16, 32 and 64 (float)",
            path=label,
            offset=where + 23,
        )
    if element.bit_depth in (10, 12) and element.packing > 2:
        raise FormatError(f"packing is 0, 1 or 2, the header says {element.packing}", path=label, offset=where + 24)
    if element.sign == 1 and element.bit_depth < 32:
        raise FormatError("signed samples are not supported", path=label, offset=where)


def _data_offset(header: Header, index: int) -> int:
    """Byte of an element's first line: its own, or the file's for the first where its own is no place in the file."""
    element = header.elements[index]
    said = [element.data_offset, header.image_offset if index == 0 else None]
    for offset in said:
        if offset is not None and GENERIC_BYTES <= offset < header.size:
            return offset
    wrong = next((offset for offset in said if offset is not None), None)
    if wrong is not None:
        reason, place = f"pixels cannot begin at byte {wrong} of {header.size}", element.position + 28
    elif index > 0:
        reason, place = f"element {index} has no data offset", element.position + 28
    else:
        reason, place = "neither the file nor its element has a data offset", 4
    raise FormatError(reason, path=header.label, offset=place)
