"""GIF files: up to 256 colours, still or animated (CompuServe's GIF89a specification).

Colours are display-encoded; a pixel is whole or transparent. ``part=`` picks a frame, as it is shown: laid over
the frames before it by their disposal rules. Writing keeps every pixel of an image of at most 256 colours;
richer ones get the 256 colours of a median cut, with or without error diffusion. The codec is Pillow's.
"""

from __future__ import annotations

import io
import os
import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _atomic, checks
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.image import Image
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._raster import as_image, rgb_integers
from vfx.io._source import open_source
from vfx.io._typed import exact_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import DTypeLike, NDArray

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff", "write"]

NAME = "gif"
EXTENSIONS = (".gif",)

_NAMES = {3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
_MAX_SIDE = 65535
#: Pixels of a byte at most: a code of 12 bits stands for up to 4096 of them (GIF89a, appendix F), twice for safety.
_MOST_EXPANSION = 2 * 4096 * 8 // 12


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is GIF."""
    return head[:6] in (b"GIF87a", b"GIF89a")


def _skip_blocks(data: memoryview, at: int, label: str) -> int:
    """The place behind a chain of data blocks."""
    while True:
        if at >= len(data):
            raise FormatError("cut off inside a block of data", path=label, offset=len(data))
        if data[at] == 0:
            return at + 1
        at += 1 + data[at]


def _structure(data: memoryview, label: str) -> tuple[int, int, bool, list[int]]:
    """Width, height, whether a frame is transparent, and the delay of each frame in hundredths of a second."""
    if not sniff(bytes(data[:6])):
        raise FormatError("not a GIF file: it does not begin with GIF87a or GIF89a", path=label, offset=0)
    if len(data) < 13:
        raise FormatError("cut off inside its header", path=label, offset=len(data))
    width, height, packed = struct.unpack_from("<2HB", data, 6)
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    delays: list[int] = []
    transparent, delay = False, 0
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x21 and at + 1 < len(data):
            if data[at + 1] == 0xF9 and at + 8 <= len(data) and data[at + 2] == 4:
                transparent |= bool(data[at + 3] & 1)
                (delay,) = struct.unpack_from("<H", data, at + 4)
            at = _skip_blocks(data, at + 2, label)
        elif data[at] == 0x2C and at + 10 <= len(data):
            local = data[at + 9]
            at += 10 + (3 << (local & 7) + 1 if local & 0x80 else 0)
            at = _skip_blocks(data, at + 1, label)
            delays.append(delay)
        else:
            raise FormatError(f"unknown block 0x{data[at]:02x}", path=label, offset=at)
    if not delays:
        raise FormatError("the file has no picture", path=label, offset=at)
    limits.check_pixels(width, height, label)
    if width * height > len(data) * _MOST_EXPANSION:
        raise LimitError(f"{width} x {height} pixels cannot come from {len(data)} bytes", path=label)
    return width, height, transparent, delays


def _entries(delays: list[int]) -> dict[str, Any]:
    """The frame rate, where all frames last equally long."""
    if len(delays) > 1 and delays[0] > 0 and len(set(delays)) == 1:
        return {"frame_rate": Fraction(100, delays[0])}
    return {}


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int = 0,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
) -> Image:
    """The picture in a GIF file: u8, RGB, or RGBA where pixels are transparent.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int
        Frame of an animation, from 0.
    channels, rows, dtype
        As in :func:`vfx.read`.

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
    >>> from vfx.io import gif
    >>> img = gif.read("turntable.gif", part=12)  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        width, height, transparent, delays = _structure(data, label)
        checks.integer("part", part, low=0)
        if part >= len(delays):
            raise ChannelError(f"{label}: no frame {part}; the file has {len(delays)}, counted from 0")
        limits.check_memory(width * height * 4, label)
        pixels = _decode(data, (width, height), label, part=part, transparent=transparent)
    entries = _entries(delays)
    if transparent:
        entries["alpha"] = "unassociated"
    image = Image(pixels, channels=_NAMES[pixels.shape[2]], metadata=entries)
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _decode(
    data: memoryview, size: tuple[int, int], label: str, *, part: int, transparent: bool
) -> np.ndarray[Any, Any]:
    """The pixels (H, W, 3|4) of a frame, over those before it."""
    from PIL.GifImagePlugin import GifImageFile

    with decoding(label, "GIF pixels"), GifImageFile(io.BytesIO(data)) as picture:
        for frame in range(part + 1):
            picture.seek(frame)
            picture.load()
        if picture.size != size:
            raise FormatError("a frame reaches beyond the picture", path=label)
        return np.array(picture.convert("RGBA" if transparent else "RGB"))


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a GIF file without decoding its pixels; an animation has one part for each frame.

    Raises
    ------
    FormatError
        If the structure is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        width, height, transparent, delays = _structure(data, label)
    window = (0, 0, width - 1, height - 1)
    names = _NAMES[4 if transparent else 3]
    entries = _entries(delays) | ({"alpha": "unassociated"} if transparent else {})
    part = PartInfo(
        width=width,
        height=height,
        channel_names=names,
        formats=("u8",) * len(names),
        data_window=window,
        display_window=window,
        type="frame" if len(delays) > 1 else "still",
        compression="lzw",
        metadata=entries,
    )
    return ImageInfo(path=label, format=NAME, parts=(part,) * len(delays), size=len(data))


def write(
    path: str | os.PathLike[str],
    image: Image | Iterable[Image],
    *,
    frame_rate: Any = None,
    loop: int = 0,
    dither: bool = True,
) -> None:
    """Nothing; the image, or the animation, is then in a GIF file, which appears whole or not at all.

    Values become 8-bit integers, round(clamp(x) * 255) with NaN as 0. Alpha of one half or more is opaque.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    image : Image, (H, W, 1|2|3|4), or several of one size
        Y, YA, RGB or RGBA, display-encoded. Several are the frames of an animation.
    frame_rate : number or Fraction, optional
        Frames per second of an animation; by default that of the first image's metadata, else 24. GIF counts in
        hundredths of a second, so that 24 becomes 25.
    loop : int
        How often an animation repeats, 0: for ever.
    dither : bool
        Diffuse the error of images of more than 256 colours (Floyd and Steinberg).

    Raises
    ------
    ChannelError
        If the channels are not Y, YA, RGB or RGBA.
    ValueError
        If an option is out of range, the frames differ in size, or one is too large for GIF.
    OSError
        If the file cannot be written.
    """
    images = [as_image(image)] if isinstance(image, (Image, np.ndarray)) else [as_image(one) for one in image]
    if not images:
        raise ValueError("a GIF file needs at least one image")
    frames = [rgb_integers(one, 8, "GIF") for one in images]
    if len({frame.shape[:2] for frame in frames}) > 1 or max(frames[0].shape[:2]) > _MAX_SIDE:
        raise ValueError(f"the frames of a GIF file have one size of at most {_MAX_SIDE} pixels a side")
    rate = exact_rate(images[0].metadata.get("frame_rate") if frame_rate is None else frame_rate) or Fraction(24)
    options: dict[str, Any] = {}
    if len(frames) > 1:
        options = {"loop": checks.integer("loop", loop, low=0, high=65535), "duration": _milliseconds(rate)}
    pictures = [_with_palette(frame, dither=bool(dither)) for frame in frames]
    stream = io.BytesIO()
    pictures[0].save(
        stream, "GIF", save_all=len(frames) > 1, append_images=pictures[1:], optimize=False, disposal=2, **options
    )
    _atomic.replace_bytes(path, stream.getbuffer())


def _milliseconds(rate: Fraction) -> int:
    """How long a frame is shown: whole hundredths of a second, at least one."""
    return 10 * max(1, round(100 / rate))


def _with_palette(pixels: NDArray[np.uint8], *, dither: bool) -> Any:
    """A Pillow picture of at most 256 colours, one of them transparent where alpha says so."""
    from PIL import Image as PillowImage

    clear = pixels[:, :, 3] < 128 if pixels.shape[2] == 4 and (pixels[:, :, 3] < 128).any() else None
    colours = np.ascontiguousarray(pixels[:, :, :3])
    codes = colours.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    room = 256 if clear is None else 255
    table, places = np.unique(codes if clear is None else codes[~clear], return_inverse=True)
    if len(table) <= room:
        indices = np.full(codes.shape, len(table), np.uint8)
        indices[... if clear is None else ~clear] = places.reshape(codes.shape if clear is None else -1)
        palette = np.stack([table >> 16, table >> 8 & 255, table & 255], axis=1).astype(np.uint8)
    else:
        picture = PillowImage.fromarray(colours).quantize(
            room, dither=PillowImage.Dither.FLOYDSTEINBERG if dither else PillowImage.Dither.NONE
        )
        indices = np.array(picture)
        palette = np.array(picture.getpalette("RGB"), np.uint8).reshape(-1, 3)[:room]
        if clear is not None:
            indices[clear] = len(palette)
    result = PillowImage.fromarray(indices, "P")
    if clear is not None:
        palette = np.concatenate([palette, np.zeros((1, 3), np.uint8)])
        result.info["transparency"] = len(palette) - 1
    result.putpalette(palette.tobytes(), "RGB")
    return result
