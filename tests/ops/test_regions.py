"""The window around what is not 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out

import vfx
from vfx import Image
from vfx.ops.regions import nonzero_region

Array = np.ndarray[Any, Any]


def box(pixels: Array) -> tuple[int, ...] | None:
    """The same by NumPy."""
    some = (pixels != 0).any(axis=2)
    if not some.any():
        return None
    rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_region_is_the_smallest_box_around_all_numbers(fmt: str, layout: str) -> None:
    rng = np.random.default_rng(5)
    for size in SIZES:
        for channels in (1, 3, 4):
            for points in (0, 1, 2, 9):
                pixels = np.zeros((*size, channels), np.float32)
                for _ in range(points):
                    pixels[rng.integers(size[0]), rng.integers(size[1]), rng.integers(channels)] = rng.uniform(0.1, 1)
                stored = laid_out(as_format(pixels, fmt), layout)
                assert nonzero_region(stored) == box(stored), (size, channels)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("place", [(0, 0), (0, 699), (499, 0), (499, 699), (250, 300), (1, 698)])
def test_one_number_is_found_anywhere_by_any_number_of_threads(place: tuple[int, int], threads: int) -> None:
    vfx.set_threads(threads)
    pixels = np.zeros((500, 700, 4), np.float16)
    pixels[place][2] = 6e-8
    assert nonzero_region(pixels) == (place[1], place[0], place[1], place[0])
    pixels[253, 307, 0] = -1
    assert nonzero_region(pixels) == box(pixels)


def test_minus_zero_is_zero_and_nan_is_not() -> None:
    pixels = np.full((4, 600, 2), -0.0, np.float32)
    assert nonzero_region(pixels) is None and nonzero_region(pixels.astype(np.float16)) is None
    pixels[2, 300, 1] = np.nan
    assert nonzero_region(pixels) == (300, 2, 300, 2)
    assert nonzero_region(np.full((1, 1), 0x8000, np.uint16)) == (0, 0, 0, 0)


def test_the_region_is_in_the_coordinates_of_the_data_window() -> None:
    pixels = np.zeros((4, 6), np.uint8)
    pixels[1:3, 2:4] = 1
    assert nonzero_region(Image(pixels, data_window=(-10, 20, -5, 23))) == (-8, 21, -7, 22)


def test_the_region_is_that_of_openimageio() -> None:
    oiio = pytest.importorskip("OpenImageIO")
    pixels = np.zeros((33, 47, 3), np.float32)
    pixels[5:9, 30] = 0.5
    pixels[20, 3, 2] = -1
    theirs = oiio.ImageBufAlgo.nonzero_region(oiio.ImageBuf(pixels))
    assert nonzero_region(pixels) == (theirs.xbegin, theirs.ybegin, theirs.xend - 1, theirs.yend - 1)
