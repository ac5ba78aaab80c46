"""JPEG 2000 and HTJ2K files (``.jp2 .j2k .jph .jhc``): 1 to 16 bits, gray, RGB, with and without alpha.

8 bits and fewer read as u8, more as u16: round(code * 65535 / (2**n - 1)), which writing undoes exactly. ``level=``
reads a lower resolution straight from the wavelet: level 1 has half the columns and rows, rounded up. Luma and colour
differences (a YCC file) become RGB as the file says. Alpha is as stored; ``metadata["alpha"]`` says what the file
says of it. HTJ2K (ITU-T T.814) codes and decodes some ten times as fast for a few percent more bytes.

The codecs are OpenJPEG and OpenJPH, through imagecodecs, and through Pillow for lower resolutions of 8-bit files.
"""

from __future__ import annotations

import io
import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks, threads
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._codes import depth_for, from_codes, to_codes
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._jp2_header import SIGNATURE, Header, parse, wrapped
from vfx.io._limits import limits
from vfx.io._raster import as_image, gray_or_rgb
from vfx.io._source import open_source
from vfx.io._turned import turned
from vfx.io._unraisable import ignored_errors_raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "jp2"
EXTENSIONS = (".jp2", ".j2k", ".j2c", ".jpc", ".jpx", ".jph", ".jhc")

BIT_DEPTHS = tuple(range(8, 17))
_NAMES = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
#: Extensions of bare code streams, and of HTJ2K.
_BARE = (".j2k", ".j2c", ".jpc", ".jhc")
_HT = (".jph", ".jhc")


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is JPEG 2000."""
    return head[:12] == SIGNATURE or head[:4] == b"\xff\x4f\xff\x51"


def _count(head: Header) -> int:
    """Channels of the image."""
    return head.palette + head.components - 1 if head.palette else head.components


def _readable(head: Header, level: int, label: str) -> None:
    """Raise for what cannot be read."""
    if head.signed:
        raise FormatError("signed samples are not supported", path=label)
    if max(head.bits) > 16 or len(set(head.bits)) > 1:
        raise FormatError(f"components of {', '.join(map(str, head.bits))} bits are not supported", path=label)
    if _count(head) not in _NAMES:
        raise FormatError(f"pictures of {head.components} components are not supported", path=label)
    if level >= head.levels:
        raise ValueError(f"{label}: level must be below {head.levels}, the resolutions of the file, got {level}")


def read(
    source: str | os.PathLike[str] | Any,
    *,
    level: int = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
    auto_orient: bool = False,
) -> Image:
    """The picture in a JPEG 2000 file: u8 or u16; Y, YA, RGB or RGBA.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    level : int
        0 for the whole resolution, n for 1/2**n of it.
    channels, rows, dtype
        As in :func:`vfx.read`.
    auto_orient : bool
        Turn the pixels upright as the orientation says, which then reads 1.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind.
    FileNotFoundError, OSError
        If it cannot be opened.
    ValueError
        If there is no such level.

    Examples
    --------
    >>> from vfx.io import jp2
    >>> half = jp2.read("reel_0001.j2c", level=1)  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        level = checks.integer("level", level, low=0)
        _readable(head, level, label)
        limits.check_memory(head.width * head.height * head.components * (1 if max(head.bits) <= 8 else 2), label)
        with decoding(label, "JPEG 2000 pixels"):
            pixels = _decode(data, head, level, label)
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        _check_shape(pixels.shape, head, level, label)
    bits = 8 if head.palette else head.bits[0]
    entries = dict(head.metadata)
    if bits not in (8, 16):
        entries["jp2:bit_depth"] = bits
    image = Image(from_codes(pixels, bits), channels=_NAMES[pixels.shape[2]], metadata=entries)
    return finish(turned(image) if auto_orient else image, channels=channels, rows=rows, dtype=dtype)


def _check_shape(shape: tuple[int, ...], head: Header, level: int, label: str) -> None:
    """Raise when the decoder gave another picture than the header says."""
    # The reduced sides depend on where the picture's corner lies on the reference grid.
    sides = [{side >> level, (side + (1 << level) - 1) >> level} for side in (head.height, head.width)]
    if shape[0] not in sides[0] or shape[1] not in sides[1] or shape[2] != _count(head):
        raise FormatError("its header and its coded picture contradict each other", path=label)


def _decode(data: memoryview, head: Header, level: int, label: str) -> np.ndarray[Any, Any]:
    """The codes of the pixels."""
    import imagecodecs

    if head.ht and not head.palette and not head.subsampled:
        with ignored_errors_raised():
            pixels = imagecodecs.htj2k_decode(bytes(data[head.stream :]), planar=False, skipres=(level, level))
        return np.asarray(pixels)
    if level == 0:
        return np.asarray(imagecodecs.jpeg2k_decode(bytes(data), numthreads=threads.get_threads()))
    if max(head.bits) > 8 and head.components > 1:
        raise FormatError(
            f"level {level} of {head.bits[0]}-bit JPEG 2000 files in colour is not supported (of HTJ2K files it is)",
            path=label,
        )
    from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

    with Jpeg2KImageFile(io.BytesIO(data)) as picture:
        # Pillow takes the reduced size as size / 2**level rounded to nearest; the code stream has it rounded up.
        picture._size = _before_reduction(head.width, level), _before_reduction(head.height, level)
        picture.reduce = level
        picture.load()
        return np.array(picture)


def _before_reduction(side: int, level: int) -> int:
    """The side that, halved ``level`` times to the nearest whole number, is ``side`` halved so often upwards."""
    return (-(-side >> level) << level) - (1 << level - 1)


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a JPEG 2000 file without decoding its pixels.

    Raises
    ------
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
    names = _NAMES.get(_count(head)) or tuple(f"C{number}" for number in range(_count(head)))
    window = (0, 0, head.width - 1, head.height - 1)
    bits = (head.bits[0],) * len(names) if head.palette else head.bits
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=names,
        formats=tuple(f"{'i' if head.signed else 'u'}{depth}" for depth in bits),
        data_window=window,
        display_window=window,
        type="jp2" if head.boxed else "code stream",
        compression=("htj2k" if head.ht else "jpeg 2000") + (" lossless wavelet" if head.reversible else ""),
        tile_size=head.tile,
        levels=head.levels,
        metadata=head.metadata,
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image,
    *,
    lossless: bool | None = None,
    psnr: float | None = None,
    ht: bool | None = None,
    bit_depth: int | None = None,
    resolutions: int | None = None,
    tile_size: int | None = None,
) -> None:
    """Nothing; the image is then in a JPEG 2000 file, which appears whole or not at all.

    Values become integers, round(clamp(x) * (2**n - 1)) with NaN as 0; no curve is applied, alpha stays as it is.
    ``.j2k .j2c .jpc .jhc`` are bare code streams without a place for metadata, ``.jp2 .jpx .jph`` are boxed.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4)
        Y, YA, RGB or RGBA, display-encoded.
    lossless : bool, optional
        Keep every code; the default, unless ``psnr`` is given.
    psnr : float, 10 to 120, optional
        Lose so much that this signal to noise ratio (decibels) remains. Not with HTJ2K.
    ht : bool, optional
        HTJ2K; by default for ``.jph`` and ``.jhc``.
    bit_depth : int, 8 to 16, optional
        By default that of the file the image came from, else 8 for u8 images and 16 for all others.
    resolutions : int, 1 to 33, optional
        How many resolutions can be read from the file, as far as its size allows.
    tile_size : int, optional
        HTJ2K: code square tiles of so many pixels a side; by default the picture is one tile.

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    TypeError, ValueError
        If an option is out of range, or options contradict each other.
    OSError
        If the file cannot be written.
    """
    if psnr is not None and lossless:
        raise TypeError("give one of lossless and psnr")
    if psnr is None and lossless is False:
        raise TypeError("a lossy JPEG 2000 file needs psnr=")
    extension = PurePath(os.fspath(path)).suffix.lower()
    ht = extension in _HT if ht is None else bool(ht)
    if ht and psnr is not None:
        raise ValueError("HTJ2K is written lossless; psnr is for JPEG 2000 (ht=False)")
    image = as_image(image)
    known = image.metadata.get("jp2:bit_depth")
    depth = depth_for(image, bit_depth, known=known, allowed=BIT_DEPTHS, otherwise=16)
    arranged = gray_or_rgb(image, "JPEG 2000")
    pixels = to_codes(arranged, depth)
    options: dict[str, Any] = {}
    if psnr is not None:
        options["level"] = checks.number("psnr", psnr, low=10.0, high=120.0)
    if resolutions is not None:
        options["resolutions"] = checks.integer("resolutions", resolutions, low=1, high=33)
    if tile_size is not None:
        if not ht:
            raise ValueError("tile_size is for HTJ2K (ht=True); JPEG 2000 is written as one tile")
        side = checks.integer("tile_size", tile_size, low=1, high=1 << 30)
        options["tile"] = (side, side)
    with decoding(os.fspath(path), "JPEG 2000 encoding"):
        stream = _encode(pixels, depth, options, ht=ht)
    if extension in _BARE:
        _atomic.replace_bytes(path, stream)
        return
    head = parse(memoryview(stream), os.fspath(path))
    _atomic.replace_bytes(path, *wrapped(stream, head, arranged.metadata))


def _encode(pixels: np.ndarray[Any, Any], depth: int, options: dict[str, Any], *, ht: bool) -> bytes:
    """The code stream."""
    import imagecodecs

    plane = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    if ht:
        if "resolutions" in options:
            options["resolutions"] -= 1  # OpenJPH counts the halvings
        if depth not in (8, 16):
            raise ValueError(f"HTJ2K is written with 8 or 16 bits, not {depth}")
        return bytes(
            imagecodecs.htj2k_encode(plane, reversible=True, planar=False, rgb=pixels.shape[2] >= 3, **options)
        )
    lossless = "level" not in options
    return bytes(
        imagecodecs.jpeg2k_encode(
            plane,
            codecformat="j2k",
            bitspersample=depth,
            reversible=lossless,
            mct=pixels.shape[2] >= 3,
            numthreads=threads.get_threads(),
            **options,
        )
    )
