"""AVIF files: 8, 10 and 12 bits, gray, RGB, with and without alpha; AV1's intra frames in HEIF boxes.

8 bits read as u8, 10 and 12 as u16: round(code * 65535 / (2**n - 1)), which writing undoes exactly. Alpha is
stored *unassociated* (colours not multiplied) as with PNG, and ``metadata["alpha"]`` says so. ``cicp`` in the metadata
is (primaries, transfer, matrix, full range) of ITU-T H.273; nothing is converted by it. A picture that the file says
is turned comes as it is stored, with its ``orientation``. Of a sequence ``part=`` picks the frame; all are decoded. The
codecs are libavif's, through imagecodecs.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from vfx import _atomic, checks, threads
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io._avif_build import with_metadata
from vfx.io._avif_header import Header, parse
from vfx.io._codes import depth_for, from_codes, to_codes
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source
from vfx.io._turned import turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "avif"
EXTENSIONS = (".avif", ".avifs")

BIT_DEPTHS = (8, 10, 12)
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
_NAMES = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
_MAX_SIDE = 65536


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is AVIF."""
    return head[4:8] == b"ftyp" and (head[8:12] in (b"avif", b"avis") or (head[8:12] == b"mif1" and b"avif" in head))


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture in an AVIF file: u8 or u16; Y, YA, RGB or RGBA.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int
        Frame of a sequence, from 0.
    channels, rows, dtype
        As in :func:`vfx.read`.
    auto_orient : bool
        Turn the pixels upright as the orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged or cut off.
    ChannelError
        If it has no such frame or channel.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import avif
    >>> img = avif.read("still.avif")  # doctest: +SKIP
    """
    import imagecodecs

    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        checks.integer("part", part, low=0)
        size = 1 if head.depth == 8 else 2
        limits.check_memory(head.width * head.height * 4 * size * head.frames, label)
        if part >= head.frames:
            raise ChannelError(f"{label}: no frame {part}; the file has {head.frames}, counted from 0")
        with decoding(label, "AVIF pixels"):
            # All frames: asked for one of several, imagecodecs (2026.3.6) writes beyond the memory that it allocates.
            pixels = imagecodecs.avif_decode(bytes(data), index=None, numthreads=threads.get_threads())
        names = _NAMES[(1 if head.gray else 3) + head.alpha]
        shape = (head.height, head.width, len(names))
        sides = zip(pixels.shape, pixels.shape[1:], strict=False)
        if shape[:2] not in sides or pixels.size % math.prod(shape) or pixels.itemsize != size:
            raise FormatError("its boxes and its coded picture contradict each other", path=label)
        frames = pixels.reshape(-1, *shape)
        if part >= len(frames):
            raise ChannelError(f"{label}: no frame {part}; the file has {len(frames)}, counted from 0")
    image = Image(
        from_codes(frames[part], head.depth),
        channels=names,
        metadata=_entries(head),
        pixel_aspect=head.aspect,
    )
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _entries(head: Header) -> dict[str, Any]:
    """The metadata."""
    entries = dict(head.metadata)
    if head.alpha:
        entries["alpha"] = "associated" if head.premultiplied else "unassociated"
    if head.depth != 8:
        entries["avif:bit_depth"] = head.depth
    return entries


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of an AVIF file without decoding its pixels; a sequence has one part for each frame.

    Raises
    ------
    FormatError
        If a box is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
    names = _NAMES[(1 if head.gray else 3) + head.alpha]
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=names,
        formats=(f"u{head.depth}",) * len(names),
        data_window=window,
        display_window=window,
        pixel_aspect=head.aspect,
        type="sequence" if head.sequence else "still",
        compression="av1",
        metadata=_entries(head) | {"avif:subsampling": head.subsampling},
    )
    return ImageInfo(path=label, format=NAME, parts=(part,) * head.frames, size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    quality: int = 90,
    lossless: bool = False,
    bit_depth: int | None = None,
    subsampling: str = "4:4:4",
    speed: int = 6,
) -> None:
    """Nothing; the image is then in an AVIF file, which appears whole or not at all.

    Values become integers, round(clamp(x) * (2**n - 1)) with NaN as 0; no curve is applied, alpha stays as it is.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA, display-encoded.
    quality : int, 0 to 100
        libavif's scale.
    lossless : bool
        Keep every code (RGB is then stored as such).
    bit_depth : {8, 10, 12}, optional
        By default that of the AVIF file the image came from, else 8 for u8 images and 10 for all others.
    subsampling : {"4:4:4", "4:2:2", "4:2:0"}
        Resolution of the colour differences.
    speed : int, 0 to 10
        0 slow and small, 10 fast.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is out of range, options contradict each other, or the image is too large for AVIF.
    OSError
        If the file cannot be written.
    """
    import imagecodecs

    checks.one_of("subsampling", subsampling, SUBSAMPLINGS)
    image = as_image(image)
    depth = depth_for(image, bit_depth, known=image.metadata.get("avif:bit_depth"), allowed=BIT_DEPTHS, otherwise=10)
    options: dict[str, Any] = {
        "level": 100 if lossless else checks.integer("quality", quality, low=0, high=100),
        "speed": checks.integer("speed", speed, low=0, high=10),
        "bitspersample": depth,
        "numthreads": threads.get_threads(),
    }
    if lossless and subsampling != "4:4:4":
        raise ValueError(f"a lossless AVIF file has subsampling 4:4:4, not {subsampling}")
    x0, y0, x1, y1 = image.display_window
    if max(x1 - x0, y1 - y0) >= _MAX_SIDE:
        raise ValueError(f"an AVIF file holds at most {_MAX_SIDE} pixels a side, not {x1 - x0 + 1} x {y1 - y0 + 1}")
    pixels = to_codes(gray_or_rgb(image, "AVIF"), depth)
    if pixels.shape[2] >= 3:
        options["pixelformat"] = subsampling.replace(":", "")
    cicp = image.metadata.get("cicp")
    if isinstance(cicp, tuple) and len(cicp) >= 2:
        options |= {"primaries": int(cicp[0]), "transfer": int(cicp[1])}
    encoded = imagecodecs.avif_encode(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels, **options)
    _atomic.replace_bytes(path, with_metadata(bytes(encoded), image.metadata))
