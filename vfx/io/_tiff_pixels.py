"""The samples of a TIFF page, all of them or those of a box, as the pixels of an image.

Sources: Adobe TIFF 6.0 (1992), section 8 (ColorMap), section 16 (CMYK).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError
from vfx.io import _tiff_pages as pages
from vfx.io._limits import limits

__all__ = ["Box", "picture"]

#: Compressions whose strips need the tables that their page keeps apart (TIFF Technical Note 2).
_WITH_TABLES = (6, 7, 34892, 33007)


@dataclass(frozen=True)
class Box:
    """Half-open rows and columns of a page."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.bottom - self.top, self.right - self.left


def picture(page: Any, shape: pages.Layout, box: Box, workers: int) -> NDArray[Any]:
    """The pixels (H, W, C) of a box of a page.

    Parameters
    ----------
    page : tifffile.TiffPage
        A page that :func:`vfx.io._tiff_pages.check_page` has passed.
    shape : Layout
        How its samples become channels.
    box : Box
        Only the strips and tiles that it touches are read and decoded.
    workers : int
        Most threads to decode in.
    """
    height, width, count = *box.size, int(page.samplesperpixel)
    whole = box.size == (int(page.imagelength), int(page.imagewidth))
    samples = page.asarray(maxworkers=workers) if whole else _some(page, box, workers)
    if page.axes.startswith("S") or (not whole and page.shaped[0] > 1):
        samples = np.ascontiguousarray(np.moveaxis(samples.reshape(count, height, width), 0, 2))
    return _channels(samples.reshape(height, width, count), page, shape)


def _some(page: Any, box: Box, workers: int) -> NDArray[Any]:
    """The samples (planes, H, W, samples) of a box."""
    planes, samples = page.shaped[0], page.shaped[4]
    result = np.zeros((planes, *box.size, samples), page.dtype)
    place = _placed_rows(page, box, result) if _is_plain(page) else _placed_blocks(page, box, result)
    wanted = _touched(page, box)
    page.decode  # noqa: B018  (made before threads would make it at the same time)
    if workers < 2 or len(wanted) < 2:
        for index in wanted:
            place(index)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(place, wanted))
    return result


def _block(page: Any) -> tuple[int, int]:
    """Height and width of the page's tiles or strips."""
    length, width = int(page.imagelength), int(page.imagewidth)
    if page.is_tiled:
        return int(page.tilelength), int(page.tilewidth)
    return int(min(page.rowsperstrip or length, length)), width


def _touched(page: Any, box: Box) -> list[int]:
    """The numbers of the strips or tiles that a box touches; they go left to right, down, then plane by plane."""
    high, wide = _block(page)
    across, down = math.ceil(page.imagewidth / wide), math.ceil(page.imagelength / high)
    columns = range(box.left // wide, (box.right - 1) // wide + 1)
    lines = range(box.top // high, (box.bottom - 1) // high + 1)
    planes = range(page.shaped[0])
    return [(plane * down + line) * across + column for plane in planes for line in lines for column in columns]


def _placed_rows(page: Any, box: Box, result: NDArray[Any]) -> Callable[[int], None]:
    """A function that puts the wanted rows of a strip that is not compressed, and no others, into the result."""
    file, high, length = page.parent.filehandle, _block(page)[0], int(page.imagelength)
    turn = Lock()  # tifffile's own is none unless it starts the threads
    width, samples = int(page.imagewidth), page.shaped[4]
    row_bytes = width * samples * page.dtype.itemsize
    stored = page.dtype.newbyteorder(page.parent.byteorder)

    def place(index: int) -> None:
        plane, line = divmod(index, math.ceil(length / high))
        y = line * high
        first, last = max(y, box.top), min(y + high, box.bottom)
        if page.databytecounts[index] < (last - y) * row_bytes:
            raise FormatError("a strip is shorter than its rows", path=file.name, offset=page.dataoffsets[index])
        with turn:
            file.seek(page.dataoffsets[index] + (first - y) * row_bytes)
            rows = np.frombuffer(file.read((last - first) * row_bytes), stored).reshape(last - first, width, samples)
        result[plane, first - box.top : last - box.top] = rows[:, box.left : box.right]

    return place


def _placed_blocks(page: Any, box: Box, result: NDArray[Any]) -> Callable[[int], None]:
    """A function that decodes a strip or tile and puts what is wanted of it into the result."""
    file, turn = page.parent.filehandle, Lock()
    limits.check_memory(math.prod(_block(page)) * page.shaped[4] * page.dtype.itemsize, file.name)
    tables = {}
    if int(page.compression) in _WITH_TABLES:
        tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}

    def place(index: int) -> None:
        with turn:
            file.seek(page.dataoffsets[index])
            coded = file.read(page.databytecounts[index])
        block, (plane, _z, y, x, _c), _shape = page.decode(coded, index, _fullsize=page.is_tiled, **tables)
        if block is None:
            raise FormatError("a strip or tile cannot be decoded", path=file.name, offset=page.dataoffsets[index])
        top, bottom = max(y, box.top), min(y + block.shape[1], box.bottom)
        left, right = max(x, box.left), min(x + block.shape[2], box.right)
        part = block[0, top - y : bottom - y, left - x : right - x]
        result[plane, top - box.top : bottom - box.top, left - box.left : right - box.left] = part

    return place


def _channels(samples: NDArray[Any], page: Any, shape: pages.Layout) -> NDArray[Any]:
    """Samples (H, W, C) as the pixels of an image."""
    if shape.photometric == pages.PALETTE:
        return _painted(samples[:, :, 0], np.asarray(page.colormap))
    if shape.lab:
        return _lab(samples, shape)
    pixels = _converted(samples, shape)
    if shape.photometric == pages.WHITE_IS_ZERO:
        top = {"u8": 255, "u16": 65535, "u32": 2**32 - 1}.get(shape.format, 1)
        pixels[:, :, 0] = pixels.dtype.type(top) - pixels[:, :, 0]
    if shape.photometric == pages.SEPARATED:
        pixels = _without_inks(pixels)
    return pixels


def _is_plain(page: Any) -> bool:
    """Whether the strips hold the samples as they are."""
    whole = page.bitspersample == 8 * page.dtype.itemsize and page.fillorder == 1
    return bool(whole and page.compression == 1 and page.predictor == 1 and not page.is_tiled)


def _converted(samples: NDArray[Any], shape: pages.Layout) -> NDArray[Any]:
    """Writable samples in the image's pixel format."""
    if shape.floating:
        with np.errstate(over="ignore"):  # 64-bit values beyond float32 become infinite
            return np.require(samples, np.float16 if shape.format == "f16" else np.float32, ["C", "W"])
    if shape.signed:
        return (samples / np.float64(2 ** (shape.bits - 1) - 1)).astype(np.float32)
    if shape.format == "u8":
        return np.require(samples, np.uint8, ["C", "W"]) * np.uint8(255 // (2**shape.bits - 1))
    if shape.format == "f32":
        return samples.astype(np.float32) / np.float32(2**shape.bits - 1)
    return np.require(samples, np.uint16 if shape.format == "u16" else np.uint32, ["C", "W"])


def _lab(samples: NDArray[Any], shape: pages.Layout) -> NDArray[np.float32]:
    """L* from 0 to 100, a* and b*, in f32, and what follows from 0 to 1 (TIFF 6.0, section 23; ICC.1:2022, 6.3.4.2)."""
    top, unit = 2**shape.bits - 1, 2 ** (shape.bits - 8)
    pixels = samples.astype(np.float32) / np.float32(top)
    pixels[:, :, 0] *= np.float32(100)
    chroma = samples[:, :, 1:3].astype(np.int32)
    if shape.photometric == pages.CIE_LAB:  # two's complement, of 16 bits with 8 bits of fraction
        chroma -= (chroma >= (top + 1) // 2) * (top + 1)
    else:  # 128 more than they are
        chroma -= 128 * unit
    pixels[:, :, 1:3] = chroma / np.float32(unit)
    return pixels


def _painted(codes: NDArray[Any], palette: NDArray[Any]) -> NDArray[Any]:
    """The colours (H, W, 3) of palette codes; ``palette`` is (3, 2**bits) of u16 (TIFF 6.0, ColorMap)."""
    palette = palette.astype(np.uint16)
    if not (palette & 255).any():
        palette = (palette >> 8).astype(np.uint8)  # 8-bit colours, shifted
    elif not (palette % 257).any():
        palette = (palette // 257).astype(np.uint8)  # 8-bit colours, scaled
    return np.ascontiguousarray(palette.T[codes])


def _without_inks(pixels: NDArray[Any]) -> NDArray[Any]:
    """RGB and what follows, from CMYK and what follows."""
    whole = {"u1": 255, "u2": 65535, "u4": 2**32 - 1}.get(pixels.dtype.str[1:], 1)
    paper = 1 - pixels[:, :, :4].astype(np.float64) / whole
    colours = paper[:, :, :3] * paper[:, :, 3:] * whole
    if whole != 1:
        colours = np.floor(colours + 0.5)
    return np.concatenate((colours.astype(pixels.dtype), pixels[:, :, 4:]), axis=2)
