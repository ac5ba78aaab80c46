"""Photoshop files (``.psd .psb``), read only: the composite that Photoshop saves for other programs.

Bitmap, gray, indexed, RGB, CMYK, duotone (as gray) and multichannel pictures of 1, 8, 16 bits and 32-bit float; Lab is
refused. 1 and 8 bits read as u8, 16 as u16, 32 as f32. The first extra channel is ``A``; further ones are named
``C4``, ``C5`` … CMYK becomes RGB by colour times black, without a profile.

Photoshop lays the composite of transparent layers over white. The pixels come as they are stored, and
``metadata["psd:matte"] == "white"`` says so; ``(colour - (1 - alpha)) / alpha`` is the colour without the white. A
file saved without "maximise compatibility" has a white or empty composite, which nobody can tell from a picture.

Layers are not read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._decoding import decoding
from vfx.io._finish import finish
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import limits
from vfx.io._psd_header import MODES, Header, parse
from vfx.io._source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

__all__ = ["EXTENSIONS", "NAME", "probe", "read", "sniff"]

NAME = "psd"
EXTENSIONS = (".psd", ".psb")

_COMPRESSIONS = ("raw", "packbits", "deflate", "deflate with prediction")
_DTYPES = {8: ">u1", 16: ">u2", 32: ">f4"}


def sniff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a Photoshop file."""
    return head[:4] == b"8BPS"


def _names(head: Header) -> tuple[str, ...]:
    """The channels of the image."""
    colours = {1: ("Y",), 2: ("R", "G", "B"), 3: ("R", "G", "B"), 4: ("R", "G", "B"), 0: ("Y",), 8: ("Y",)}
    extra = head.channels - head.colours
    if head.mode not in colours:
        return tuple(f"C{number}" for number in range(head.channels))
    first = colours[head.mode]
    return (*first, *("A",) * (extra > 0), *(f"C{len(first) + number}" for number in range(1, extra)))


def _planes(data: memoryview, head: Header, label: str) -> np.ndarray[Any, Any]:
    """The stored planes (channels, H, bytes of a row)."""
    row = (head.width + 7) // 8 if head.depth == 1 else head.width * head.depth // 8
    shape = (head.channels, head.height, row)
    size = head.channels * head.height * row
    limits.check_memory(size, label)
    at = head.composite
    if at + 2 > len(data):
        raise FormatError("cut off before its pixels", path=label, offset=len(data))
    compression = int.from_bytes(data[at : at + 2], "big")
    stored = data[at + 2 :]
    if compression == 0:
        if len(stored) < size:
            raise FormatError(f"cut off: {len(stored)} bytes of pixels of {size}", path=label, offset=len(data))
        return np.frombuffer(stored, np.uint8, size).reshape(shape)
    if compression == 1:
        return _unpack(stored, head, shape, label)
    raise FormatError(f"composites of compression {compression} are not supported", path=label, offset=at)


def _unpack(stored: memoryview, head: Header, shape: tuple[int, int, int], label: str) -> np.ndarray[Any, Any]:
    """Run lengths, row by row; the lengths of all rows come first."""
    import imagecodecs

    rows = shape[0] * shape[1]
    kind = np.dtype(">u4" if head.version == 2 else ">u2")
    if len(stored) < rows * kind.itemsize:
        raise FormatError("cut off inside the lengths of its rows", path=label)
    lengths = np.frombuffer(stored, kind, rows).astype(np.int64)
    ends = rows * kind.itemsize + np.cumsum(lengths)
    if ends[-1] > len(stored):
        raise FormatError(f"cut off: {len(stored)} bytes of pixels of {ends[-1]}", path=label)
    planes = np.empty(shape, np.uint8)
    flat = planes.reshape(rows, shape[2])
    starts = ends - lengths
    with decoding(label, "Photoshop pixels"):
        for index in range(rows):
            row = imagecodecs.packbits_decode(bytes(stored[starts[index] : ends[index]]))
            if len(row) != shape[2]:
                raise FormatError(f"row {index} has {len(row)} bytes, not {shape[2]}", path=label)
            flat[index] = np.frombuffer(row, np.uint8)
    return planes


def _pixels(planes: np.ndarray[Any, Any], head: Header) -> np.ndarray[Any, Any]:
    """The pixels (H, W, C) out of the stored planes."""
    if head.depth == 1:
        return np.unpackbits(~planes[0], axis=1)[:, : head.width, None] * np.uint8(255)  # a set bit is black
    stored = planes.view(_DTYPES[head.depth])
    samples = np.moveaxis(stored, 0, 2).astype(stored.dtype.newbyteorder("="))
    if head.mode == 2:
        palette = np.frombuffer(head.palette, np.uint8).reshape(3, 256).T
        return np.concatenate([palette[samples[:, :, 0]], samples[:, :, 1:]], axis=2)
    if head.mode == 4:
        most = {8: 255, 16: 65535}.get(head.depth, 1)
        wide = samples[:, :, :4].astype(np.float64 if most == 1 else np.uint64)
        rgb = wide[:, :, :3] * wide[:, :, 3:]  # stored as 1 - ink
        rgb = rgb if most == 1 else (rgb + most // 2) // most
        return np.concatenate([rgb.astype(samples.dtype), samples[:, :, 4:]], axis=2)
    return samples


def read(
    source: str | os.PathLike[str] | Any,
    *,
    channels: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    dtype: DTypeLike | str | None = None,
) -> Image:
    """The composite of a Photoshop file: u8, u16 or f32.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    channels, rows, dtype
        As in :func:`vfx.read`.

    Raises
    ------
    FormatError
        If the file is damaged, cut off, or of an unsupported kind.
    FileNotFoundError, OSError
        If it cannot be opened.

    Examples
    --------
    >>> from vfx.io import psd
    >>> img = psd.read("matte_painting.psb")  # doctest: +SKIP
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        if head.mode == 9:
            raise FormatError("Lab pictures are not supported", path=label)
        pixels = np.ascontiguousarray(_pixels(_planes(data, head, label), head))
    image = Image(pixels, channels=_names(head), metadata=_entries(head), pixel_aspect=head.aspect)
    return finish(image, channels=channels, rows=rows, dtype=dtype)


def _entries(head: Header) -> dict[str, Any]:
    """The metadata."""
    entries = dict(head.metadata)
    if "A" in _names(head):
        entries["alpha"] = "unassociated"
        if head.transparency:
            entries["psd:matte"] = "white"
    return entries


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """The facts of a Photoshop file without its pixels.

    Raises
    ------
    FormatError
        If a section is damaged.
    """
    with open_source(source) as opened:
        data, label = opened.data(), opened.label
        head = parse(data, label)
        code = int.from_bytes(data[head.composite : head.composite + 2], "big")
    names = _names(head)
    window = (0, 0, head.width - 1, head.height - 1)
    part = PartInfo(
        width=head.width,
        height=head.height,
        channel_names=names,
        formats=("f32" if head.depth == 32 else f"u{head.depth}",) * len(names),
        data_window=window,
        display_window=window,
        pixel_aspect=head.aspect,
        type=MODES[head.mode],
        compression=_COMPRESSIONS[code] if code < len(_COMPRESSIONS) else "",
        metadata=_entries(head),
    )
    return ImageInfo(path=label, format=NAME, parts=(part,), size=len(data))
