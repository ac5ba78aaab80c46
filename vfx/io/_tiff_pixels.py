"""The samples of a TIFF page, all of them or some rows, as the pixels of an image.

Sources: Adobe TIFF 6.0 (1992), section 8 (ColorMap), section 16 (CMYK).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError
from vfx.io import _tiff_pages as pages

__all__ = ["picture"]

#: Compressions whose strips need the tables that their page keeps apart (TIFF Technical Note 2).
_WITH_TABLES = (6, 7, 34892, 33007)


def picture(page: Any, shape: pages.Layout, rows: tuple[int, int], workers: int) -> NDArray[Any]:
    """The pixels (H, W, C) of some rows of a page.

    Parameters
    ----------
    page : tifffile.TiffPage
        A page that :func:`vfx.io._tiff_pages.check_page` has passed.
    shape : Layout
        How its samples become channels.
    rows : (y0, y1)
        Half-open; only the strips and tiles that they touch are read and decoded.
    workers : int
        Most threads to decode in.
    """
    height, width, count = rows[1] - rows[0], int(page.imagewidth), int(page.samplesperpixel)
    whole = height == int(page.imagelength)
    samples = page.asarray(maxworkers=workers) if whole else _some_rows(page, rows, workers)
    if page.axes.startswith("S") or (not whole and page.shaped[0] > 1):
        samples = np.ascontiguousarray(np.moveaxis(samples.reshape(count, height, width), 0, 2))
    return _channels(samples.reshape(height, width, count), page, shape)


def _some_rows(page: Any, rows: tuple[int, int], workers: int) -> NDArray[Any]:
    """The samples (planes, H, W, samples) of some rows."""
    planes, _depth, length, width, samples = page.shaped
    down = int(page.tilelength if page.is_tiled else min(page.rowsperstrip or length, length))
    across = math.ceil(width / page.tilewidth) if page.is_tiled else 1
    result = np.zeros((planes, rows[1] - rows[0], width, samples), page.dtype)
    tables = {}
    if int(page.compression) in _WITH_TABLES:
        tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    wanted = [
        index
        for index in range(len(page.dataoffsets))
        if rows[0] < ((index // across) % math.ceil(length / down) + 1) * down
        and (index // across) % math.ceil(length / down) * down < rows[1]
    ]
    file = page.parent.filehandle
    row_bytes = width * samples * page.dtype.itemsize if _is_plain(page) else 0
    stored = page.dtype.newbyteorder(page.parent.byteorder)

    def place(index: int) -> None:
        if row_bytes:  # of a strip that is not compressed, only the rows themselves
            plane, y = index // math.ceil(length / down), index % math.ceil(length / down) * down
            first, last = max(y, rows[0]), min(y + down, rows[1])
            if page.databytecounts[index] < (last - y) * row_bytes:
                raise FormatError("a strip is shorter than its rows", path=file.name, offset=page.dataoffsets[index])
            with file.lock:
                file.seek(page.dataoffsets[index] + (first - y) * row_bytes)
                block = np.frombuffer(file.read((last - first) * row_bytes), stored)
            result[plane, first - rows[0] : last - rows[0]] = block.reshape(last - first, width, samples)
            return
        with file.lock:
            file.seek(page.dataoffsets[index])
            coded = file.read(page.databytecounts[index])
        block, (plane, _z, y, x, _c), _shape = page.decode(coded, index, _fullsize=page.is_tiled, **tables)
        if block is None:
            raise FormatError("a strip or tile cannot be decoded", path=file.name, offset=page.dataoffsets[index])
        first, last = max(y, rows[0]), min(y + block.shape[1], rows[1], length)
        right = min(x + block.shape[2], width)
        result[plane, first - rows[0] : last - rows[0], x:right] = block[0, first - y : last - y, : right - x]

    page.decode  # noqa: B018  (made before threads would make it at the same time)
    if workers < 2 or len(wanted) < 2:
        for index in wanted:
            place(index)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(place, wanted))
    return result


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
