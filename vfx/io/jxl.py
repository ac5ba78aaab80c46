"""JPEG XL files: 8 to 16-bit integers, half and float; gray, RGB, with and without alpha; lossless or lossy.

Integers of 8 bits read as u8, those of more as u16: round(code * 65535 / (2**n - 1)), which writing undoes exactly.
Half and float keep every value when lossless, those below 0 and above 1 too; halves that are not-a-number, which the
codec would turn into infinity, are refused. Alpha is stored
*unassociated* (colours not multiplied), and ``metadata["alpha"]`` says so. Of an animation ``part=`` picks the frame. A
picture that the code stream says is turned comes as it is stored, with its ``orientation``.

The codec is libjxl, through imagecodecs, which takes neither an ICC profile nor an orientation for the code stream:
the profile is left out of what is written, and the orientation goes into the EXIF block.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks, threads
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import _exif
from vfx.io._boxes import make_box
from vfx.io._codes import depth_for, from_codes, to_codes
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._jxl_header import CONTAINER, Header, parse
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source
from vfx.io._turned import turned
from vfx.io._vocabulary import xmp_for_writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "jxl"
EXTENSIONS = (".jxl",)

BIT_DEPTHS = tuple(range(8, 17))
_NAMES = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
_FLOATS = {(16, 5): "f16", (32, 8): "f32"}
_MOST_SIDE = 1 << 30


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is JPEG XL."""
    return head[:2] == b"\xff\x0a" or head[:12] == CONTAINER


def _format(head: Header, label: str) -> str:
    """``"f16"``, ``"f32"`` or ``"u10"`` and the like."""
    if not head.exponent_bits:
        if head.bits > 16:
            raise FormatError(f"integers of {head.bits} bits are not supported", path=label)
        return f"u{head.bits}"
    return _FLOATS.get((head.bits, head.exponent_bits), "f32")


def _channels(head: Header, label: str) -> tuple[str, ...]:
    """The channels; those beside colour and alpha are not read."""
    if head.extra > head.alpha:
        raise FormatError("extra channels other than one alpha are not supported", path=label)
    return _NAMES[(1 if head.gray else 3) + head.alpha]


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture in a JPEG XL file: u8, u16, f16 or f32; Y, YA, RGB or RGBA.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int
        Frame of an animation, from 0.
    channels, rows, dtype
        As in :func:`vfx.read`.
    auto_orient : bool
        Turn the pixels upright as the orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind.
    ChannelError
        If it has no such frame or channel.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import jxl
    >>> img = jxl.read("still.jxl")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        kind, names = _format(head, label), _channels(head, label)
        checks.integer("part", part, low=0)
        if part and not head.animated:
            raise ChannelError(f"{label}: no frame {part}; the file has 1, counted from 0")
        size = head.width * head.height * len(names) * (1 if kind == "u8" else 4)
        limits.check_memory(size * (2 if part else 1), label)
        pixels = _decode(bytes(data), part, label)
        if pixels.size != head.width * head.height * len(names):
            raise FormatError("its header and its coded picture contradict each other", path=label)
    pixels = pixels.reshape(head.height, head.width, len(names))
    if kind.startswith("u"):
        pixels = from_codes(pixels, head.bits)
    image = Image(np.ascontiguousarray(pixels), channels=names, metadata=_entries(head))
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _decode(data: bytes, part: int, label: str) -> np.ndarray[Any, Any]:
    """The pixels of a frame."""
    import imagecodecs

    options: dict[str, Any] = {"index": part, "keeporientation": True, "numthreads": threads.get_threads()}
    with decoding(label, "JPEG XL pixels"):
        pixels: np.ndarray[Any, Any] = imagecodecs.jpegxl_decode(data, **options)
        if part:
            # Of a frame beyond the last imagecodecs leaves the memory as it was, and no header counts the frames: a
            # frame that is there writes the same over other bytes.
            other = np.invert(pixels.view(np.uint8))
            imagecodecs.jpegxl_decode(data, out=other.view(pixels.dtype), **options)
    if part and not np.array_equal(other, pixels.view(np.uint8)):
        raise ChannelError(f"{label}: no frame {part}; the animation has fewer, counted from 0")
    return pixels


def _entries(head: Header) -> dict[str, Any]:
    """The metadata."""
    entries = dict(head.metadata)
    if head.alpha:
        entries["alpha"] = "associated" if head.associated else "unassociated"
    if not head.exponent_bits and head.bits not in (8, 16):
        entries["jxl:bit_depth"] = head.bits
    return entries


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a JPEG XL file without decoding its pixels.

    Raises
    ------
    FormatError
        If the header is damaged, or of an unsupported kind.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        kind, names = _format(head, label), _channels(head, label)
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=names,
        formats=(kind,) * len(names),
        data_window=window,
        display_window=window,
        type="animation" if head.animated else "still",
        compression="jpeg xl" if head.lossy else "jpeg xl, not XYB",
        metadata=_entries(head),
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    lossless: bool = False,
    quality: float | None = None,
    distance: float | None = None,
    effort: int = 5,
    bit_depth: int | None = None,
) -> None:
    """Nothing; the image is then in a JPEG XL file, which appears whole or not at all.

    Half and float images stay so; integers are written as they are, or as ``bit_depth`` says. No curve is applied,
    alpha stays as it is.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA. Lossy coding takes colours to be display-encoded.
    lossless : bool
        Keep every value.
    quality : float, 0 to 100, optional
        On the scale of JPEG, as libjxl's tools turn it into a distance; 90 is distance 1.
    distance : float, 0 to 25, optional
        In just noticeable differences: 1.0 (the default) looks like the original, 0 is lossless.
    effort : int, 1 to 9
        1 fast, 9 small.
    bit_depth : int, 8 to 16, optional
        Of integers; by default that of the file the image came from, else 8 for u8 and 16 for u16. A half or float
        image is made of integers only when this is given.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    TypeError, ValueError
        If an option is out of range, options contradict each other, or pixels that are not finite cannot be kept.
    OSError
        If the file cannot be written.
    """
    import imagecodecs

    options: dict[str, Any] = {"effort": checks.integer("effort", effort, low=1, high=9)}
    options |= _loss(lossless=lossless, quality=quality, distance=distance)
    arranged = gray_or_rgb(as_image(image), "JPEG XL")
    if arranged.format in ("f16", "f32") and bit_depth is None:
        pixels = np.ascontiguousarray(arranged.pixels)
        if pixels.dtype == np.float16 and np.isnan(pixels).any():
            raise ValueError("libjxl turns the not-a-number of half images into infinity; write f32, or img.fix_nan()")
        if "distance" in options and not np.isfinite(pixels).all():
            reason = "with loss, infinity and not-a-number spread over the pixels around them"
            raise ValueError(f"{reason}; write with lossless=True, or img.fix_nan()")
    else:
        known = arranged.metadata.get("jxl:bit_depth")
        depth = depth_for(arranged, bit_depth, known=known, allowed=BIT_DEPTHS, otherwise=16)
        pixels = to_codes(arranged, depth)
        options["bitspersample"] = depth
    with decoding(os.fspath(path), "JPEG XL encoding"):
        coded = imagecodecs.jpegxl_encode(
            pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
            usecontainer=False,
            numthreads=threads.get_threads(),
            **options,
        )
    _atomic.replace_bytes(path, *_contained(bytes(coded), arranged.metadata))


def _loss(*, lossless: bool, quality: float | None, distance: float | None) -> dict[str, Any]:
    """How much may be lost, in libjxl's words."""
    if bool(lossless) + (quality is not None) + (distance is not None) > 1:
        raise TypeError("give one of lossless, quality and distance")
    if quality is not None:
        # libjxl's JxlEncoderDistanceFromQuality.
        wanted = checks.number("quality", quality, low=0.0, high=100.0)
        if wanted >= 100:
            distance = 0.0
        elif wanted >= 30:
            distance = 0.1 + (100 - wanted) * 0.09
        else:
            distance = 53 / 3000 * wanted * wanted - 23 / 20 * wanted + 25
    chosen = 1.0 if distance is None else checks.number("distance", distance, low=0.0, high=25.0)
    return {"lossless": True} if lossless or chosen == 0.0 else {"distance": chosen}


def _contained(coded: bytes, entries: Mapping[str, Any]) -> list[bytes]:
    """The file: the bare code stream, or boxes when there is EXIF or XMP."""
    stream = coded
    if coded[:12] == CONTAINER:  # the library boxes what needs level 10
        from vfx.io._boxes import boxes

        stream = b"".join(
            bytes(box.content[4 if box.kind == b"jxlp" else 0 :])
            for box in boxes(memoryview(coded), "<encoded>")
            if box.kind in (b"jxlc", b"jxlp")
        )
    exif = _exif.for_writing(entries)
    xmp = xmp_for_writing(entries)
    if coded is stream and exif is None and not isinstance(xmp, bytes):
        return [coded]
    parts = [CONTAINER, make_box(b"ftyp", b"jxl \0\0\0\0jxl ")]
    if coded is not stream:
        parts.append(make_box(b"jxll", b"\x0a"))
    if exif is not None:
        parts.append(make_box(b"Exif", struct.pack(">I", 0), exif))
    if isinstance(xmp, bytes):
        parts.append(make_box(b"xml ", xmp))
    return [*parts, make_box(b"jxlc", stream)]
