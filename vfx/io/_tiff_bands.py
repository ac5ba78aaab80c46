"""TIFF files whose rows come bit by bit: tiles, written as soon as there are rows enough for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx._atomic import atomic
from vfx.image import Image
from vfx.io import _exif
from vfx.io import _tiff_pages as pages
from vfx.io._tiff_build import page_of, storage_options

__all__ = ["write_bands"]

#: Tiles of pictures that come in bands, where no size is asked for.
_TILE = 256


def write_bands(
    path: str | os.PathLike[str],
    bands: Iterable[Image],
    *,
    height: int,
    compression: str = "deflate",
    level: int | None = None,
    predictor: bool | int = True,
    tile_size: int | tuple[int, int] | None = None,
    bigtiff: bool | None = None,
) -> None:
    """Nothing; the file then holds the bands, one below the other, in tiles. It appears whole or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    bands : iterable of Image
        Of one width, format and channels, from top to bottom; data and display window are one.
    height : int
        Rows of all bands together.
    compression, level, predictor, tile_size, bigtiff
        As :func:`vfx.io.tiff.write` has them.

    Raises
    ------
    ValueError, TypeError
        If an option is wrong.
    OSError
        If the file cannot be written.
    """
    import tifffile

    storage = storage_options(compression, level, tile_size or _TILE)
    source = iter(bands)
    first = next(source)
    samples, options = page_of(_alone(first), storage, predictor, planar=False)
    shape = (height, *samples.shape[1:])
    if bigtiff is None:
        bigtiff = samples.nbytes // len(samples) * height > 2**32 - 2**25
    with atomic(path) as temporary:
        with tifffile.TiffWriter(temporary, bigtiff=bigtiff) as writer:
            tiles = _tiles(_samples(samples, source, storage, predictor), storage["tile"])
            writer.write(tiles, shape=shape, dtype=samples.dtype, metadata=None, **options)
        with temporary.open("r+b") as stream:
            _exif.into_tiff(stream, first.metadata, native=pages.WORDS)


def _alone(band: Image) -> Image:
    """The band as a picture of its own."""
    return band.like(band.pixels, display_window=band.data_window, data_window=band.data_window)


def _samples(
    first: NDArray[Any], others: Iterator[Image], storage: dict[str, Any], predictor: bool | int
) -> Iterator[NDArray[Any]]:
    """The rows of each band in the order of TIFF."""
    yield first
    for band in others:
        yield page_of(_alone(band), storage, predictor, planar=False)[0]


def _tiles(bands: Iterator[NDArray[Any]], size: tuple[int, int]) -> Iterator[NDArray[Any]]:
    """The tiles, row by row; those at the edges are filled up with zeros, as TIFF 6.0 has them."""
    down, across = size
    waiting: NDArray[Any] | None = None
    for band in bands:
        waiting = band if waiting is None else np.concatenate([waiting, band])
        whole = len(waiting) // down * down
        yield from _row_of_tiles(waiting[:whole], down, across)
        waiting = waiting[whole:]
    if waiting is not None and len(waiting):
        yield from _row_of_tiles(waiting, down, across)


def _row_of_tiles(rows: NDArray[Any], down: int, across: int) -> Iterator[NDArray[Any]]:
    """The tiles of some rows."""
    for top in range(0, len(rows), down):
        for left in range(0, rows.shape[1], across):
            tile = rows[top : top + down, left : left + across]
            if tile.shape[:2] != (down, across):
                missing = [(0, down - tile.shape[0]), (0, across - tile.shape[1]), *[(0, 0)] * (tile.ndim - 2)]
                tile = np.pad(tile, missing)
            yield np.ascontiguousarray(tile)
