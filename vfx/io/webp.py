"""WebP files: 8-bit RGB with or without alpha, lossy or lossless, still or animated.

Colours are stored display-encoded and *unassociated* (not multiplied by alpha); as with PNG nothing is
multiplied here, and ``metadata["alpha"] == "unassociated"`` says so. A gray image becomes RGB. Of an animation
``part=`` picks the frame, as it is shown: laid over the frames before it. The codec is libwebp, through Pillow;
the header is read here (RFC 9649, "WebP Image Format").
"""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vfx import _atomic, checks
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import _exif
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, rgb_integers
from vfx.io._source import open_source
from vfx.io._turned import turned
from vfx.io._vocabulary import add_words, xmp_for_writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "webp"
EXTENSIONS = (".webp",)

_MAX_SIDE = 16383  # 14 bits
_NAMES = {3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
_ALPHA, _ANIMATION = 0x10, 0x02  # flags of the VP8X chunk


class _Chunk(NamedTuple):
    """One RIFF chunk."""

    kind: bytes
    content: memoryview
    offset: int


class _Header(NamedTuple):
    """What the chunks say about the picture."""

    width: int
    height: int
    alpha: bool
    lossless: bool
    frames: int
    metadata: dict[str, Any]


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is WebP."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _chunks(data: memoryview, label: str) -> Iterator[_Chunk]:
    """The chunks, each padded to an even length."""
    if not sniff(bytes(data[:12])):
        raise FormatError("not a WebP file: it does not begin with RIFF and WEBP", path=label, offset=0)
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise FormatError(f"cut off: {len(data)} bytes of {end}", path=label, offset=len(data))
    at = 12
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > end:
            raise FormatError(f"chunk {kind!r} of {size} bytes does not fit", path=label, offset=at)
        yield _Chunk(kind, data[at + 8 : at + 8 + size], at)
        at += 8 + size + size % 2


def _bitstream_size(chunk: _Chunk, label: str) -> tuple[int, int, bool]:
    """Width, height and whether there is alpha, out of the head of a ``VP8`` or ``VP8L`` bit stream."""
    content = chunk.content
    if chunk.kind == b"VP8 " and len(content) >= 10 and bytes(content[3:6]) == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<2H", content, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if chunk.kind == b"VP8L" and len(content) >= 5 and content[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", content, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise FormatError("the picture's bit stream has no head", path=label, offset=chunk.offset)


def _header(data: memoryview, label: str) -> _Header:
    """Size, kind and metadata."""
    found = list(_chunks(data, label))
    images = [chunk for chunk in found if chunk.kind in (b"VP8 ", b"VP8L", b"ANMF")]
    if not images:
        raise FormatError("the file has no picture", path=label)
    extended = next((chunk for chunk in found if chunk.kind == b"VP8X"), None)
    if extended is not None and len(extended.content) < 10:
        raise FormatError("its VP8X chunk is too short", path=label, offset=extended.offset)
    if extended is not None:
        flags, canvas = extended.content[0], bytes(extended.content[4:10])
        width, height = (int.from_bytes(canvas[at : at + 3], "little") + 1 for at in (0, 3))
        alpha = bool(flags & _ALPHA)
    else:
        width, height, alpha = _bitstream_size(images[0], label)
    frames = sum(chunk.kind == b"ANMF" for chunk in images) or 1
    limits.check_pixels(width, height, label)
    return _Header(width, height, alpha, images[0].kind == b"VP8L", frames, _metadata(found, label))


def _metadata(found: list[_Chunk], label: str) -> dict[str, Any]:
    """Profile, EXIF and XMP."""
    entries: dict[str, Any] = {}
    for kind, name in ((b"ICCP", "icc_profile"), (b"EXIF", "exif"), (b"XMP ", "xmp")):
        chunk = next((chunk for chunk in found if chunk.kind == kind), None)
        if chunk is not None and len(chunk.content):
            limits.check_attribute(name, len(chunk.content), label)
            entries[name] = bytes(chunk.content)
    if "exif" in entries:
        entries["exif"] = entries["exif"].removeprefix(b"Exif\0\0")
    add_words(entries)
    return entries


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture in a WebP file: u8, RGB or RGBA, as stored.

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
    ChannelError
        If there is no such frame.
    FormatError
        If the file is damaged or cut off.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import webp
    >>> img = webp.read("still.webp")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = _header(data, label)
        checks.integer("part", part, low=0)
        if part >= head.frames:
            raise ChannelError(f"{label}: no frame {part}; the file has {head.frames}, counted from 0")
        limits.check_memory(head.width * head.height * 4, label)
        pixels = _decode(data, head, part, label)
    entries = head.metadata
    if pixels.shape[2] == 4:
        entries["alpha"] = "unassociated"
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=entries)
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _decode(data: memoryview, head: _Header, part: int, label: str) -> np.ndarray[Any, Any]:
    """The pixels (H, W, 3|4)."""
    from PIL.WebPImagePlugin import WebPImageFile

    with decoding(label, "WebP pixels"), WebPImageFile(io.BytesIO(data)) as picture:
        picture.seek(part)
        picture.load()
        if picture.size != (head.width, head.height):
            raise FormatError("two headers contradict each other", path=label)
        mode = "RGBA" if head.alpha else "RGB"
        return np.array(picture if picture.mode == mode else picture.convert(mode))


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a WebP file without decoding its pixels; an animation has one part for each frame.

    Raises
    ------
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = _header(data, label)
    window = (0, 0, head.width - 1, head.height - 1)
    names = _NAMES[4 if head.alpha else 3]
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=names,
        formats=("u8",) * len(names),
        data_window=window,
        display_window=window,
        type="frame" if head.frames > 1 else "still",
        compression="webp lossless" if head.lossless else "webp",
        metadata=head.metadata | ({"alpha": "unassociated"} if head.alpha else {}),
    )
    return ImageInfo(path=label, format=NAME, parts=(part,) * head.frames, size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    quality: int = 95,
    lossless: bool = False,
    method: int = 4,
) -> None:
    """Nothing; the image is then in a WebP file, which appears whole or not at all.

    Values become 8-bit integers, round(clamp(x) * 255) with NaN as 0; no curve is applied, alpha stays as it is.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA, display-encoded.
    quality : int, 0 to 100
        Of lossy files; of lossless ones the effort.
    lossless : bool
        Keep every pixel, those under transparent alpha too.
    method : int, 0 to 6
        0 fast, 6 small.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is out of range, or the image too large for WebP.
    OSError
        If the file cannot be written.
    """
    from PIL import Image as PillowImage

    options: dict[str, Any] = {
        "quality": checks.integer("quality", quality, low=0, high=100),
        "method": checks.integer("method", method, low=0, high=6),
        "lossless": bool(lossless),
    }
    image = as_image(image)
    x0, y0, x1, y1 = image.display_window
    if max(x1 - x0, y1 - y0) >= _MAX_SIDE:
        raise ValueError(f"a WebP file holds at most {_MAX_SIDE} pixels a side, not {x1 - x0 + 1} x {y1 - y0 + 1}")
    pixels = rgb_integers(image, 8, "WebP")
    exif = _exif.for_writing(image.metadata)
    if exif is not None:
        options["exif"] = exif
    blocks = {"icc_profile": image.metadata.get("icc_profile"), "xmp": xmp_for_writing(image.metadata)}
    options |= {name: block for name, block in blocks.items() if isinstance(block, bytes)}
    stream = io.BytesIO()
    PillowImage.fromarray(pixels).save(stream, "WEBP", exact=True, **options)
    _atomic.replace_bytes(path, stream.getbuffer())
