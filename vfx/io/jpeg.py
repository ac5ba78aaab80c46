"""JPEG files: gray and RGB of 8 and 12 bits, Huffman or arithmetic coding, progressive, lossless; ICC, EXIF, XMP.

========================  ==========================================================================
in the file               in the image
========================  ==========================================================================
8 bits                    u8
12 bits                   f32, v / 4095
lossless, 2 to 16 bits    u8 and u16 for 8 and 16 bits; fewer than 8 as u8 (v * 255 / (2**n - 1) rounded),
                          others as f32, v / (2**n - 1)
CMYK, YCCK                RGB, (1 - c)(1 - k), without their profile, which is kept as ``jpeg:cmyk_icc_profile``;
                          Adobe's, which its marker tells, are stored inverted
========================  ==========================================================================

Pixels come as they are stored, not turned: ``metadata["orientation"]`` says how the camera was held, and
``auto_orient=True`` turns them.

JPEG has no alpha. An RGBA image is written as its RGB: as colours are premultiplied, that is exactly
the image over black. The codec is libjpeg-turbo, through Pillow, and through imagecodecs for what is not 8-bit.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._codes import to_codes
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._jpeg_markers import (
    Frame,
    Segment,
    check_scans,
    frame,
    metadata,
    metadata_segments,
    pixel_aspect,
    plain_jpeg,
    segments,
)
from vfx.io._jpeg_wide import decode_wide, encode_wide
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source
from vfx.io._turned import turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike
    from PIL import Image as PillowImage

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "jpeg"
EXTENSIONS = (".jpg", ".jpeg", ".jpe")

_NAMES = {1: ("Y",), 3: ("R", "G", "B")}

SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")

#: The longest side that a frame header can hold is 65535; libjpeg stops at 65500 (JPEG_MAX_DIMENSION).
_MAX_SIDE = 65500

#: One coefficient takes at most 16 bits of Huffman code and 11 of value (T.81, tables K.5 and F.2).
_MOST_BYTES_PER_SAMPLE = 4

#: While encoders run: the usual size of Pillow's encoder buffer, then what each of them needs.
_buffer_users: list[int] = []
_buffer_lock = threading.Lock()


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is JPEG."""
    return head.startswith(b"\xff\xd8\xff")


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture in a JPEG file: u8, Y or RGB.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    channels, rows, dtype
        As in :func:`vfx.read`.
    auto_orient : bool
        Turn the pixels upright as the EXIF orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import jpeg
    >>> img = jpeg.read("photo.jpg", auto_orient=True)  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        found = segments(data, label)
        facts = frame(found, len(data), label)
        check_scans(data, found[-1].offset, label)
        limits.check_memory(facts.width * facts.height * len(facts.sampling) * facts.sample_bytes, label)
        if facts.sample_bytes > 1 or facts.process == "lossless":
            pixels, cmyk = decode_wide(data, found, facts, label), False
        else:
            pixels, cmyk = _decode(data, found, facts, label)
        entries = metadata(found)
    if cmyk and "icc_profile" in entries:
        entries["jpeg:cmyk_icc_profile"] = entries.pop("icc_profile")
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=entries, pixel_aspect=pixel_aspect(entries))
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _decode(data: memoryview, found: list[Segment], facts: Frame, label: str) -> tuple[np.ndarray[Any, Any], bool]:
    """The pixels (H, W, 1|3), and whether they were CMYK."""
    with decoding(label, "JPEG pixels"):
        from PIL import ImageChops
        from PIL.JpegImagePlugin import JpegImageFile

        # Opened by its own class, on a copy without EXIF and the like: Pillow then neither parses those
        # (with warnings) nor applies its process-wide size limit; ours is checked already.
        with JpegImageFile(io.BytesIO(plain_jpeg(data, found))) as opened:
            picture: PillowImage.Image = opened
            if picture.size != (facts.width, facts.height):
                raise FormatError("two frame headers contradict each other", path=label)
            picture.load()
            cmyk = picture.mode == "CMYK"
            if cmyk and not any(segment.marker == 0xEE and bytes(segment.data[:5]) == b"Adobe" for segment in found):
                picture = ImageChops.invert(picture)  # Pillow takes all for Adobe's, whose inks are stored inverted
            pixels = np.array(picture.convert("RGB") if cmyk else picture)
    return pixels.reshape(facts.height, facts.width, -1), cmyk


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a JPEG file without decoding its pixels.

    Raises
    ------
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        found = segments(data, label)
        facts = frame(found, len(data), label)
        entries = metadata(found)
    names = _NAMES[1 if len(facts.sampling) == 1 else 3]
    window = (0, 0, facts.width - 1, facts.height - 1)
    part = PartInfo(
        name="",
        type=facts.process,
        width=facts.width,
        height=facts.height,
        channel_names=names,
        formats=(facts.format,) * len(names),
        data_window=window,
        display_window=window,
        pixel_aspect=pixel_aspect(entries),
        compression="jpeg",
        metadata=entries
        | {
            "jpeg:subsampling": facts.subsampling,
            "jpeg:components": len(facts.sampling),
            "jpeg:bit_depth": facts.precision,
        },
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    quality: int = 95,
    subsampling: str = "4:4:4",
    progressive: bool = False,
    optimize: bool = False,
    bit_depth: int = 8,
    restart_rows: int = 0,
) -> None:
    """Nothing; the image is then in a JPEG file, which appears whole or not at all.

    Values become integers, round(clamp(x) * (2**n - 1)) with NaN as 0; no curve is applied. Alpha is
    left out, which for premultiplied colours is the image over black.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA, display-encoded.
    quality : int, 1 to 100
        libjpeg's scale.
    subsampling : {"4:4:4", "4:2:2", "4:2:0"}
        Resolution of the colour differences.
    progressive, optimize : bool
        Coarse to fine; the best Huffman tables (smaller files, slower).
    bit_depth : {8, 12}
        12 is read by few programs; not progressive, without restart markers.
    restart_rows : int
        A marker after so many rows of blocks, from which a decoder can go on after damage; 0 for none.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is out of range, the image is empty or too large for JPEG, or its metadata is.
    OSError
        If the file cannot be written.
    """
    checks.integer("quality", quality, low=1, high=100)
    checks.one_of("subsampling", subsampling, SUBSAMPLINGS)
    checks.integer("restart_rows", restart_rows, low=0, high=8192)
    if bit_depth not in (8, 12):
        raise ValueError(f"bit_depth of a JPEG file must be 8 or 12, got {bit_depth!r}")
    if bit_depth == 12 and (progressive or restart_rows):
        raise ValueError("a JPEG file of 12 bits is not written progressive or with restart_rows")
    image = as_image(image)
    x0, y0, x1, y1 = image.display_window
    if max(x1 - x0, y1 - y0) >= _MAX_SIDE:
        raise ValueError(f"a JPEG file holds at most {_MAX_SIDE} pixels a side, not {x1 - x0 + 1} x {y1 - y0 + 1}")
    pixels = to_codes(gray_or_rgb(image, "JPEG"), bit_depth)
    colours = np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] <= 2 else pixels[:, :, :3])
    parts = metadata_segments(image.metadata, gray=colours.ndim == 2)
    if bit_depth == 12:
        encoded = encode_wide(colours, quality, subsampling, optimize=bool(optimize))
    else:
        options = {"quality": int(quality), "progressive": bool(progressive), "optimize": bool(optimize)}
        encoded = _encode(colours, options | {"subsampling": subsampling, "restart_marker_rows": int(restart_rows)})
    _set_density(encoded, image)
    start = 4 + int.from_bytes(encoded[4:6], "big")  # behind the JFIF segment, which comes first
    _atomic.replace_bytes(path, encoded[:start], parts, encoded[start:])


def _encode(colours: np.ndarray[Any, Any], options: dict[str, Any]) -> bytearray:
    """The JPEG file."""
    from PIL import Image as PillowImage

    stream = io.BytesIO()
    two_passes = options["progressive"] or options["optimize"]
    with _encoder_buffer(colours.size * _MOST_BYTES_PER_SAMPLE if two_passes else 0):
        PillowImage.fromarray(colours).save(stream, "JPEG", **options)
    return bytearray(stream.getbuffer())


@contextmanager
def _encoder_buffer(size: int) -> Iterator[None]:
    """Inside, Pillow's encoders have a buffer of at least ``size`` bytes.

    A JPEG file that is encoded in two passes must fit into it whole; Pillow guesses two bytes a pixel and fails
    on noise at quality 100. ``ImageFile.MAXBLOCK`` is Pillow's own knob for it, but there is only one of it for
    all threads: the largest wish rules until the last encoder is done.
    """
    from PIL import ImageFile

    with _buffer_lock:
        if not _buffer_users:
            _buffer_users.append(ImageFile.MAXBLOCK)
        _buffer_users.append(size)
        ImageFile.MAXBLOCK = max(_buffer_users)
    try:
        yield
    finally:
        with _buffer_lock:
            _buffer_users.remove(size)
            ImageFile.MAXBLOCK = max(_buffer_users)
            if len(_buffer_users) == 1:
                _buffer_users.clear()


def _set_density(encoded: bytearray, image: Image) -> None:
    """Put the pixel aspect ratio, and the density of the file it was read from, into the JFIF segment."""
    if encoded[6:11] != b"JFIF\0":
        raise RuntimeError("the encoder wrote no JFIF segment")
    density = image.metadata.get("jpeg:density")
    if density is None or abs(pixel_aspect(dict(image.metadata)) - image.pixel_aspect) > 1e-3 * image.pixel_aspect:
        ratio = Fraction(image.pixel_aspect).limit_denominator(1000)
        density = (ratio.numerator, ratio.denominator, 0)
    x, y, unit = density
    struct.pack_into(">BHH", encoded, 13, unit, x, y)
