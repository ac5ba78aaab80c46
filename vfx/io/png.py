"""PNG files of 1 to 16 bits: gray, RGB, palette, with and without alpha, interlaced or not.

Pixels are the stored ones. Fewer than 8 bits expand exactly to u8 (v * 255 / (2**n - 1)), 16 bits
read as u16, a palette as RGB, a transparent colour as alpha. PNG keeps colours *unassociated* (not
multiplied by alpha) and display-encoded; nothing is multiplied or decoded unless asked for, so
``metadata["alpha"] == "unassociated"`` says that compositing needs ``img.premultiply()`` first, and a
premultiplied image is written right with ``img.unpremultiply().write(…)``. Multiplied as light are the colours of
``read(…, associate=True)``: encode(decode(v) * a); ``write(…, unassociate=True)`` undoes it.

A chunk with a wrong checksum, missing pixels or a missing end is an error, never a guess. Of an
animation the first picture is read. The codec is libpng, through imagecodecs.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._alpha import associated, unassociated
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._png_chunks import SIGNATURE, Chunk, Header, check_amount, chunks, colour_chunks, header, make_chunk
from vfx.io._png_encode import encode, stored_codes
from vfx.io._png_metadata import metadata, metadata_chunks, pixel_aspect
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source
from vfx.io._turned import turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "png"
EXTENSIONS = (".png",)

_NAMES = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is PNG."""
    return head.startswith(SIGNATURE)


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    associate: bool | str = False,
    auto_orient: bool = False,
) -> Image:
    """The picture in a PNG file: u8 or u16; Y, YA, RGB or RGBA; as stored.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    channels, rows, dtype
        As in :func:`vfx.read`.
    associate : bool or str
        Multiply colours by alpha in linear light. True decodes and encodes by the curve that the file names (cICP,
        sRGB, gAMA; else sRGB), a name such as ``"pq"`` by that one. ``dtype="f32"`` keeps what rounding would lose.
    auto_orient : bool
        Turn the pixels upright as the EXIF orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged, with the byte offset where that is known.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> import vfx
    >>> from vfx.io import png
    >>> img = png.read("still.png")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = header(data, label)
        found = list(chunks(data, label))
        pixels = _decode(head, found, label)
        entries = metadata(found, label)
    if pixels.shape[2] in (2, 4):
        entries["alpha"] = "unassociated"
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=entries, pixel_aspect=pixel_aspect(entries))
    image = associated(image, associate, dtype)
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _decode(head: Header, found: list[Chunk], label: str) -> np.ndarray[Any, Any]:
    """The pixels (H, W, C)."""
    import imagecodecs

    idat = [chunk.data for chunk in found if chunk.kind == b"IDAT"]
    compressed = sum(len(part) for part in idat)
    check_amount(head, compressed, label)
    limits.check_memory(head.width * head.height * head.samples * (2 if head.depth == 16 else 1), label)
    palette = [make_chunk(chunk.kind, chunk.data) for chunk in colour_chunks(head, found, label)]
    with decoding(label, "PNG pixels"):
        if not head.interlaced:
            pixels = imagecodecs.png_decode(_plain_png(head, palette, b"".join(idat)))
            return _three_axes(pixels, head)
        return _decode_passes(head, palette, b"".join(idat), label)


def _plain_png(head: Header, palette: list[bytes], compressed: bytes) -> bytes:
    """A PNG file of what decides the pixels and nothing else: no other chunk can confuse (or make noise)."""
    parts = [SIGNATURE, make_chunk(b"IHDR", head.pack()), *palette, make_chunk(b"IDAT", compressed)]
    return b"".join([*parts, make_chunk(b"IEND", b"")])


def _decode_passes(head: Header, palette: list[bytes], compressed: bytes, label: str) -> np.ndarray[Any, Any]:
    """The pixels of an interlaced picture: each pass is a small picture of its own (PNG third edition, 8.1).

    libpng decodes these too, but imagecodecs then prints a warning to the process's stderr.
    """
    import imagecodecs

    stream = zlib.decompressobj()
    rows = stream.decompress(compressed, head.stored_bytes())
    surplus = stream.decompress(stream.unconsumed_tail, 1)  # reads on to the checksum, which zlib then tests
    if len(rows) < head.stored_bytes() or not (stream.eof or surplus):
        raise FormatError("the pixel data is cut off", path=label)
    whole: np.ndarray[Any, Any] | None = None
    position = 0
    for x, y, step_x, step_y, width, height in head.passes():
        size = head.row_bytes(width) * height
        part = Header(width, height, head.depth, head.color_type, False)
        one = _plain_png(part, palette, zlib.compress(rows[position : position + size], 0))
        pixels = _three_axes(imagecodecs.png_decode(one), part)
        if whole is None:
            whole = np.empty((head.height, head.width, pixels.shape[2]), pixels.dtype)
        whole[y::step_y, x::step_x] = pixels
        position += size
    assert whole is not None
    return whole


def _three_axes(pixels: np.ndarray[Any, Any], head: Header) -> np.ndarray[Any, Any]:
    """The decoded array as (H, W, C)."""
    return pixels.reshape(head.height, head.width, -1)


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a PNG file without decoding its pixels.

    Raises
    ------
    FormatError
        If the header or a chunk is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = header(data, label)
        found = list(chunks(data, label, pixels=False))
        entries = metadata(found, label)
    count = 3 if head.color_type == 3 else head.samples
    count += head.color_type in (0, 2, 3) and any(chunk.kind == b"tRNS" for chunk in found)
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        name="",
        type="interlaced" if head.interlaced else "scanline",
        width=head.width,
        height=head.height,
        channel_names=_NAMES[count],
        formats=("u16" if head.depth == 16 else "u8",) * count,
        data_window=window,
        display_window=window,
        pixel_aspect=pixel_aspect(entries),
        compression="deflate",
        metadata=entries | {"png:bit_depth": head.depth, "png:palette": head.color_type == 3},
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    bit_depth: int | None = None,
    level: int | None = None,
    compression: int | None = None,
    unassociate: bool | str = False,
) -> None:
    """Nothing; the image is then in a PNG file, which appears whole or not at all.

    Values are written as they are (see the module about alpha): integers unchanged where the
    depth is theirs, others as round(clamp(x) * (2**n - 1)) with NaN as 0.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA.
    bit_depth : int, 1 to 16, optional
        8 for u8 images and 16 for all others where it is not given. PNG stores 8 or 16 bits, gray also 1, 2 and 4;
        other depths are scaled up to the next of these, and the file says how many bits count.
    level : int, 0 to 9
        How hard to compress; 6 where it is not given. 3 is more than twice as fast and about 10 % larger.
    compression : int, 0 to 9
        Another name of ``level``.
    unassociate : bool or str
        Divide colours by alpha in linear light: True by the curve that the image's metadata name (``cicp``,
        ``png:gamma``; else sRGB), a name by that one. Colours that are not multiplied (by
        ``metadata["alpha"]``) are left alone.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is out of range, or the image empty.
    OSError
        If the file cannot be written.
    """
    if level is not None and compression is not None:
        raise TypeError("give level or compression, which mean the same, not both")
    chosen = compression if level is None else level
    effort = 6 if chosen is None else checks.integer("level", chosen, low=0, high=9)
    bits = None if bit_depth is None else checks.integer("bit_depth", bit_depth, low=1, high=16)
    image = as_image(image)
    bits = bits or (8 if image.format == "u8" else 16)
    arranged = unassociated(gray_or_rgb(image, "PNG"), unassociate)
    stored, significant = stored_codes(arranged, bits)
    extra = metadata_chunks(image.metadata, image.pixel_aspect, gray=arranged.channels <= 2)
    encoded = encode(stored, bits, effort)
    head = 8 + 25  # the signature and IHDR: what we add goes after them
    _atomic.replace_bytes(path, encoded[:head], significant, extra, encoded[head:])
