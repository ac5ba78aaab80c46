"""DPX pictures (SMPTE ST 268): 8, 10, 12, 16-bit and float samples, at the speed of the memory.

Codes are read as numbers and nothing else: a code of n bits is code / (2**n - 1), correctly rounded.
Logarithmic (printing density) files stay logarithmic: ``img.decode("cineon")`` makes them linear.

==========  ==================  =======================================================
bits        reads as            ``write`` makes of it
==========  ==================  =======================================================
1           u8, 0 or 255
8           u8                  round(clamp(x, 0, 1) * (2**n - 1)); NaN becomes 0.
10, 12      f32                 u16 images scale as round(v * (2**n - 1) / 65535),
16          u16                 which undoes ``dtype="u16"`` exactly
32, 64      f32                 the floats as they are
==========  ==================  =======================================================

Both ways go luma, single channels, RGB, RGBA, ABGR, two to eight components of no meaning (C0, C1, …), and colour
differences, 4:4:4 and 4:2:2, with and without alpha; packed, filled A and filled B; run-length encoded or not;
both byte orders; lines stored in any of the eight orientations, which come out upright. Headers of any length are
read, and lines without padding.

A file has up to eight elements. Those that make one picture are read as one: R, G and B in an element each, with or
without A; RGB and A; Y and A; Y and CbCr. Others are pictures of their own, ``part=1`` and on: the right eye of a
stereo file. Colour differences (CbYCrY and its kin) are read as RGB in f32, by the matrix and the range of codes
that :func:`read` says, and with ``raw=True`` as Y, Cb and Cr.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from vfx._atomic import atomic
from vfx.checks import integer, one_of
from vfx.checks import path as check_path
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.io import _dpx_chroma, _dpx_header, _dpx_parts, _dpx_read, _dpx_write
from vfx.io._dpx_fields import DATUM_ORDERS, HEADER_BYTES
from vfx.io._dpx_samples import elements_of
from vfx.io._finish import finish, row_range
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._source import Source, open_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "dpx"
EXTENSIONS = (".dpx",)

_VERSIONS = ("V2.0", "V1.0")


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is DPX."""
    return _dpx_header.is_dpx(head)


# -- reading -------------------------------------------------------------------------------------------


def read(
    source: str | os.PathLike[str] | Any,
    *,
    dtype: Any = None,
    codes: bool = False,
    part: int | str = 0,
    rows: Sequence[int] | None = None,
    channels: Sequence[str] | None = None,
    raw: bool = False,
    matrix: str | None = None,
    code_range: str | None = None,
    datum_order: str | None = None,
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
        True: the stored codes themselves, as u16 (u8 for up to 8 bits); colour differences as ``raw``.
    part : int or str
        Picture of the file, from 0, or by its description (``"left"``): see the module for the elements that make one.
    rows : (y0, y1), optional
        Only these rows of the upright picture, half-open.
    channels : sequence of str, optional
        Only these channels, in this order.
    raw : bool
        True: colour differences as Y, Cb, Cr (, A), both pixels of a 4:2:2 pair with the pair's colours.
    matrix : {"rec601", "rec709", "rec2020"}, optional
        Of colour differences that become RGB. Default: rec601 where the header's colorimetric is one of
        BT.601, NTSC or PAL, else rec709.
    code_range : {"legal", "full"}, optional
        Of the same; default: full where the header says that 0 is black and the largest code white.
    datum_order : {"low", "high"}, optional
        Field of the first code in a 10-bit filled word. Default: low for single channels, else high; some
        writers have it the other way round and do not say so.
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
    _check_choices(matrix, code_range, datum_order)
    raw = raw or codes
    with open_source(source) as opened:
        header = _header(opened)
        parts = _dpx_parts.parts_of(header)
        chosen = parts[_part_index(header, parts, part, label=opened.label)]
        bits = header.elements[chosen.elements[0]].bit_depth
        kind, fmt = _dpx_read.wanted_kind(bits, codes, dtype)
        names = _dpx_read.channels_of(channels, chosen.names(raw=raw))
        first, last, lines = _rows(header, rows)
        wanted = _dpx_read.Wanted(names, kind, fmt, lines, raw, matrix, code_range, datum_order, threads)
        pixels = _dpx_read.pixels_of(opened, header, chosen, wanted)
    pixels = _dpx_read.upright(pixels, header.orientation)
    turned = header.orientation >= 4
    image = _image(header, chosen, pixels[first:last] if turned else pixels, names, first)
    return finish(image, dtype=dtype)


def _check_choices(matrix: str | None, code_range: str | None, datum_order: str | None) -> None:
    """Raise for a choice that is none."""
    for name, value, allowed in (
        ("matrix", matrix, tuple(_dpx_chroma.MATRICES)),
        ("code_range", code_range, _dpx_chroma.CODE_RANGES),
        ("datum_order", datum_order, DATUM_ORDERS),
    ):
        if value is not None:
            one_of(name, value, allowed)


def _part_index(header: _dpx_header.Header, parts: tuple[_dpx_parts.Part, ...], part: int | str, *, label: str) -> int:
    """The number of a picture that is told by number or by its description."""
    if not isinstance(part, str):
        if not 0 <= integer("part", part) < len(parts):
            raise ChannelError(f"{label}: no part {part}; the file has {len(parts)}, counted from 0")
        return part
    names = [header.elements[one.elements[0]].metadata.get("dpx:description", "") for one in parts]
    if part not in names:
        raise ChannelError(f"{label}: no part {part!r}; the parts are: {', '.join(map(repr, names))}")
    return names.index(part)


def _rows(header: _dpx_header.Header, rows: Sequence[int] | None) -> tuple[int, int, tuple[int, int]]:
    """The wanted rows of the upright picture, and the stored lines that hold them."""
    height = header.width if header.orientation >= 4 else header.height
    first, last = row_range(rows, height)
    if header.orientation >= 4:
        return first, last, (0, header.height)
    return first, last, (height - last, height - first) if header.orientation in (2, 3) else (first, last)


def _header(opened: Source) -> _dpx_header.Header:
    """The parsed header of a source, with its user data."""
    header = _dpx_header.parse(opened.head(HEADER_BYTES), opened.size, opened.label)
    if header.user_bytes:
        limits.check_attribute("the user data", header.user_bytes, opened.label)
        header.metadata.update(_dpx_header.user_data(opened.head(HEADER_BYTES + header.user_bytes)))
    return header


def _image(
    header: _dpx_header.Header, part: _dpx_parts.Part, pixels: NDArray[Any], names: tuple[str, ...], first_row: int
) -> Image:
    """The image of a picture; ``first_row`` is the picture's row that ``pixels`` begin with."""
    data, display = _windows(header)
    x0, y0, x1, _ = data
    return Image(
        np.ascontiguousarray(pixels),
        channels=names,
        metadata=_metadata(header, part),
        data_window=(x0, y0 + first_row, x1, y0 + first_row + pixels.shape[0] - 1),
        display_window=display,
        pixel_aspect=header.pixel_aspect,
    )


def _windows(header: _dpx_header.Header) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Data and display window of the upright picture."""
    size = (header.width, header.height)
    return header.windows(*(reversed(size) if header.orientation >= 4 else size))


def _metadata(header: _dpx_header.Header, part: _dpx_parts.Part) -> dict[str, Any]:
    """Everything the header says of one picture."""
    endian = "big" if header.order == ">" else "little"
    found = {**header.metadata, **header.elements[part.elements[0]].metadata, "dpx:endian": endian}
    if part.subsampling:
        found["dpx:subsampling"] = part.subsampling
    return found


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
        parts = tuple(_part(header, part) for part in _dpx_parts.parts_of(header))
        return ImageInfo(path=opened.label, format=NAME, parts=parts, size=opened.size)


def _part(header: _dpx_header.Header, part: _dpx_parts.Part) -> PartInfo:
    """The facts of one picture."""
    element = header.elements[part.elements[0]]
    names = part.names(raw=False)
    data, display = _windows(header)
    return PartInfo(
        width=data[2] - data[0] + 1,
        height=data[3] - data[1] + 1,
        channel_names=names,
        formats=(f"{'f' if element.bit_depth >= 32 else 'u'}{element.bit_depth}",) * len(names),
        data_window=data,
        display_window=display,
        pixel_aspect=header.pixel_aspect,
        name=element.metadata.get("dpx:description", ""),
        compression="rle" if element.encoding == 1 else "none",
        metadata=_metadata(header, part),
    )


# -- writing -------------------------------------------------------------------------------------------


def write(
    path: str | os.PathLike[str] | BinaryIO,
    image: Image | Sequence[Image],
    *,
    bit_depth: int | None = None,
    packing: str = "filled_a",
    endian: str = "big",
    descriptor: str | None = None,
    planar: bool = False,
    encoding: str = "none",
    matrix: str | None = None,
    code_range: str = "legal",
    datum_order: str | None = None,
    orientation: int = 0,
    line_padding: int = 0,
    end_padding: int = 0,
    transfer: str | None = None,
    colorimetric: str | None = None,
    timecode: Any = None,
    keycode: Any = None,
    frame_rate: Any = None,
    creator: str | None = None,
    project: str | None = None,
    copyright: str | None = None,
    creation_date: datetime | str | None = None,
    version: str = "V2.0",
    codes: bool = False,
    threads: int | None = None,
) -> None:
    """Nothing; the file then holds the image as DPX. It appears whole or not at all.

    No curve is applied: for a logarithmic file encode the image first, ``img.encode("cineon")``.

    Parameters
    ----------
    path : path or writable binary stream
        The file.
    image : Image, (H, W, 1|3|4), or a sequence of up to 8
        RGB, RGBA (in any order of memory), Y Cb Cr (A), one channel (Y, R, G, B, A, Z), or C0, C1, … of no meaning.
        Several, of one size, are the elements of one file: left and right eye. The first one's metadata is used.
    bit_depth : {1, 8, 10, 12, 16, 32, 64}, optional
        32 and 64 are float. Rounding: see the module. Default: that of the DPX file the image was read from, else 10.
    packing : {"filled_a", "filled_b", "packed"}
        Of 10 and 12 bits: padding below the codes, above them, or none. Other depths have no padding.
    endian : {"big", "little"}
        Byte order.
    descriptor : str, optional
        ``"ABGR"``; ``"CbYCr"``, ``"CbYCrA"`` (4:4:4), ``"CbYCrY"`` or ``"CbYACrYA"`` (4:2:2) also of an RGB image,
        which is then converted; ``"composite"``. Default: by the channels, and of Y Cb Cr as in the file they are from.
    planar : bool
        True: each channel is an element of its own.
    encoding : {"none", "rle"}
        Run-length encoding pays where neighbours are equal; few programs read it.
    matrix, code_range
        As for :func:`read`, where RGB becomes colour differences.
    datum_order : {"low", "high"}, optional
        As for :func:`read`.
    orientation : int, 0 to 7
        How lines are stored (table 2 of the standard); 0, left to right and top to bottom, is what all programs read.
    line_padding, end_padding : int
        Bytes of zeros after each line and after each element, in multiples of 4.
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
    creation_date : datetime or str, optional
        Undefined unless given, so that equal pictures are equal files.
    version : {"V2.0", "V1.0"}
        Of the standard, as the header says it; nothing else depends on it.
    codes : bool
        True: the image's integers are the codes, unscaled.
    threads : int, optional
        Most threads to use.

    Notes
    -----
    All ``dpx:`` metadata go back where they were, but for facts of the old file itself. The data window's
    offset from the frame goes into the source header. One below 0 has no place there: of overscan that begins before
    the frame only the display window is written, as the other formats without windows do.

    Raises
    ------
    ChannelError
        If the channels are none of the above.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option is wrong, or a code is too large.

    Examples
    --------
    >>> import numpy as np, io
    >>> from vfx import Image
    >>> from vfx.io import dpx
    >>> file = io.BytesIO()
    >>> dpx.write(file, Image(np.full((2, 4, 3), 0.5, np.float32)), descriptor="CbYCrY", colorimetric="rec709")
    >>> dpx.read(file.getvalue(), raw=True).channel_names
    ('Y', 'Cb', 'Cr')
    """
    images = _images(image)
    bits = integer("bit_depth", images[0].metadata.get("dpx:bit_depth", 10) if bit_depth is None else bit_depth)
    colours = colorimetric or images[0].metadata.get("dpx:colorimetric")
    how = _dpx_write.storage(
        bits, packing=packing, endian=endian, descriptor=descriptor, planar=planar, encoding=encoding,
        matrix=_dpx_chroma.matrix_name(matrix, colours), code_range=code_range, datum_order=datum_order,
        orientation=orientation, line_padding=line_padding, end_padding=end_padding, codes=codes, threads=threads,
    )  # fmt: skip
    elements = [element for one in images for element in elements_of(one, how)]
    if len(elements) > _dpx_header.MOST_ELEMENTS:
        raise ValueError(f"a DPX file holds {_dpx_header.MOST_ELEMENTS} elements, got {len(elements)}")
    given = {"transfer": transfer, "colorimetric": colorimetric, "timecode": timecode, "keycode": keycode}
    given |= {"frame_rate": frame_rate, "creator": creator, "dpx:project": project, "copyright": copyright}
    given |= {"creation_date": _date(creation_date), "version": one_of("version", version, _VERSIONS)}
    if isinstance(path, (str, os.PathLike)):
        target = check_path(path)
        lines, head = _dpx_write.plan(target.name, images[0], elements, how, given)
        with atomic(target) as temporary:
            _dpx_write.put_file(temporary, head, lines)
        return
    lines, head = _dpx_write.plan("", images[0], elements, how, given)
    path.write(_dpx_write.content(head, lines))


def _images(image: Any) -> list[Image]:
    """The images to write, all of one size."""
    several = isinstance(image, (list, tuple)) and image and isinstance(image[0], (Image, np.ndarray))
    images = [
        _framed(one if isinstance(one, Image) else Image(np.asarray(one))) for one in (image if several else [image])
    ]
    if len({(one.width, one.height) for one in images}) > 1:
        sizes = ", ".join(f"{one.width} x {one.height}" for one in images)
        raise ValueError(f"the images of a DPX file are of one size, got {sizes}")
    return images


def _framed(image: Image) -> Image:
    """The image; its display window alone where its pixels begin before that, which no header can say."""
    (x0, y0), (left, top) = image.data_window[:2], image.display_window[:2]
    if image.data_window != image.display_window and (x0 < left or y0 < top):
        return image.to_display_window()
    return image


def _date(value: datetime | str | None) -> str | None:
    """A date as the header has it."""
    return value.strftime("%Y:%m:%d:%H:%M:%S") if isinstance(value, datetime) else value
