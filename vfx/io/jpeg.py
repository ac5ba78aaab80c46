"""JPEG files: 8-bit gray and RGB, baseline and progressive, with ICC profile, EXIF and XMP.

Pixels come as they are stored, not turned: ``metadata["orientation"]`` says how the camera was held, and
``auto_orient=True`` turns them. CMYK pictures are converted to RGB without their profile (Pillow's
``(1 - c)(1 - k)``); the profile is then kept as ``jpeg:cmyk_icc_profile`` only. 12-bit and lossless
JPEG are refused.

JPEG has no alpha. An RGBA image is written as its RGB: as colours are premultiplied, that is exactly
the image over black. The codec is libjpeg-turbo, through Pillow.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import _exif
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._jpeg_markers import Frame, Segment, check_scans, frame, metadata, pixel_aspect, segments
from vfx.io._raster import as_image, as_integers, gray_or_rgb
from vfx.io._source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "jpeg"
EXTENSIONS = (".jpg", ".jpeg", ".jpe")

_NAMES = {1: ("Y",), 3: ("R", "G", "B")}

SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")

#: The longest side that a frame header can hold is 65535; libjpeg stops at 65500 (JPEG_MAX_DIMENSION).
_MAX_SIDE = 65500

#: The most bytes that one segment can hold besides its length.
_MAX_SEGMENT = 65533

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
        pixels, cmyk = _decode(data, found, facts, label)
        entries = metadata(found)
    if cmyk and "icc_profile" in entries:
        entries["jpeg:cmyk_icc_profile"] = entries.pop("icc_profile")
    aspect = pixel_aspect(entries)
    if auto_orient and entries.get("orientation", 1) != 1:
        turned = entries["orientation"]
        pixels = np.ascontiguousarray(_exif.upright(pixels, turned))
        entries["orientation"] = 1
        if turned >= 5:
            aspect = 1 / aspect
            entries.pop("jpeg:density", None)
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=entries, pixel_aspect=aspect)
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _decode(data: memoryview, found: list[Segment], facts: Frame, label: str) -> tuple[np.ndarray[Any, Any], bool]:
    """The pixels (H, W, 1|3), and whether they were CMYK."""
    with decoding(label, "JPEG pixels"):
        from PIL.JpegImagePlugin import JpegImageFile

        # Opened by its own class, on a copy without EXIF and the like: Pillow then neither parses those
        # (with warnings) nor applies its process-wide size limit; ours is checked already.
        with JpegImageFile(io.BytesIO(_plain_jpeg(data, found))) as picture:
            if picture.size != (facts.width, facts.height):
                raise FormatError("two frame headers contradict each other", path=label)
            picture.load()
            cmyk = picture.mode == "CMYK"
            pixels = np.array(picture.convert("RGB") if cmyk else picture)
    return pixels.reshape(facts.height, facts.width, -1), cmyk


def _plain_jpeg(data: memoryview, found: list[Segment]) -> bytes:
    """The file without comments and application segments, but for the two that say what the colours are."""
    parts: list[bytes | memoryview] = [b"\xff\xd8"]
    for marker, content, _offset in found[:-1]:
        colours = (marker == 0xE0 and bytes(content[:5]) == b"JFIF\0") or marker == 0xEE
        if colours or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            parts += [bytes((0xFF, marker)), (len(content) + 2).to_bytes(2, "big"), content]
    return b"".join([*parts, data[found[-1].offset :]])


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
        formats=("u8",) * len(names),
        data_window=window,
        display_window=window,
        pixel_aspect=pixel_aspect(entries),
        compression="jpeg",
        metadata=entries | {"jpeg:subsampling": facts.subsampling, "jpeg:components": len(facts.sampling)},
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
) -> None:
    """Nothing; the image is then in a JPEG file, which appears whole or not at all.

    Values become 8-bit integers, round(clamp(x) * 255) with NaN as 0; no curve is applied. Alpha is
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
    bit_depth : {8}
        JPEG has no other here.

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
    if bit_depth != 8:
        raise ValueError(f"bit_depth of a JPEG file must be 8, got {bit_depth!r}")
    image = as_image(image)
    x0, y0, x1, y1 = image.display_window
    if max(x1 - x0, y1 - y0) >= _MAX_SIDE:
        raise ValueError(f"a JPEG file holds at most {_MAX_SIDE} pixels a side, not {x1 - x0 + 1} x {y1 - y0 + 1}")
    pixels = as_integers(gray_or_rgb(image, "JPEG"), 8)
    colours = pixels[:, :, 0] if pixels.shape[2] <= 2 else pixels[:, :, :3]
    options = _metadata_options(image.metadata, gray=colours.ndim == 2)
    options.update(quality=int(quality), progressive=bool(progressive), optimize=bool(optimize))
    encoded = _encode(np.ascontiguousarray(colours), options | {"subsampling": subsampling})
    _set_density(encoded, image)
    _atomic.replace_bytes(path, encoded)


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


def _metadata_options(entries: Mapping[str, Any], *, gray: bool) -> dict[str, Any]:
    """What Pillow's writer takes of an image's metadata."""
    options: dict[str, Any] = {}
    exif = _exif.for_writing(entries, native=("comments",))
    if exif is not None:
        options["exif"] = b"Exif\0\0" + exif
    profile = entries.get("icc_profile")
    if isinstance(profile, bytes) and (profile[16:20] == b"GRAY") == gray:
        options["icc_profile"] = profile
    if isinstance(entries.get("xmp"), bytes):
        options["xmp"] = entries["xmp"]
    if isinstance(entries.get("comments"), str):
        options["comment"] = entries["comments"].encode("utf-8", errors="replace")
    for name, reserve in (("exif", 0), ("xmp", 29), ("comment", 0)):
        if len(options.get(name, b"")) > _MAX_SEGMENT - reserve:
            reason = f"metadata {name!r} of {len(options[name])} bytes does not fit into a JPEG file"
            raise ValueError(f"{reason} ({_MAX_SEGMENT - reserve} at most)")
    return options


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
