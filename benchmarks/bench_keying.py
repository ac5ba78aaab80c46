"""Keyers, mattes and flips against their formulas in NumPy, OpenCV and OpenImageIO: 3840x2160, a new picture each time.

NumPy's side runs on bands of rows, one Python thread each. OpenCV has no fractional erosion: whole pixels are the
nearest that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import WIDTH, picture
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

Array = NDArray[Any]
Run = Callable[[int], object]
SCREEN = (0.0, 1.0, 0.0)


def screened() -> NDArray[np.float32]:
    """The plate with half of its green above red and blue, and an alpha with soft edges."""
    image = picture()
    image[..., 3] = np.clip(np.sin(np.arange(WIDTH) / 40.0) * 3.0 + 0.5, 0.0, 1.0)
    return image


def numpy_bands(formula: Callable[[Array], Array], image: Array) -> Run:
    """``formula`` on bands of rows."""
    return lambda threads: split_rows(formula, threads, image)


def chroma(image: Array) -> Array:
    """The colour difference of a pure green screen, clipped to a ramp."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    return np.clip((np.float32(0.9) - (green - np.maximum(red, blue))) / np.float32(0.7), 0, 1)


def luma(image: Array) -> Array:
    """A ramp over Rec.709 luminance."""
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.clip((image[..., :3] @ weights - np.float32(0.1)) / np.float32(0.8), 0, 1)


def despilled(image: Array) -> Array:
    """Green held to the mean of red and blue."""
    result = image.copy()
    np.minimum(image[..., 1], (image[..., 0] + image[..., 2]) * image.dtype.type(0.5), out=result[..., 1])
    return result


def despilled_codes(image: Array) -> Array:
    """The same of 8-bit codes."""
    result = image.copy()
    mean = (image[..., 0].astype(np.uint16) + image[..., 2] + 1) >> 1
    np.minimum(image[..., 1], mean.astype(np.uint8), out=result[..., 1])
    return result


def opencv(call: Callable[[Any], Callable[[], object]]) -> Run:
    """What ``call`` makes of the module ``cv2``, with its own threads."""
    import cv2

    run = call(cv2)

    def timed(threads: int) -> object:
        cv2.setNumThreads(threads)
        return run()

    return timed


def openimageio(image: Array, name: str) -> Run:
    """An ``ImageBufAlgo`` of a buffer that is in memory."""
    import OpenImageIO as oiio  # noqa: N813

    source = oiio.ImageBuf(image)
    function = getattr(oiio.ImageBufAlgo, name)
    return lambda threads: function(source, oiio.ROI.All, threads)


def moving_jobs(plate: Array, halves: Array, codes: Array) -> list[Job]:
    """Pixels that move."""
    from vfx import ops

    return [
        Job("flip, f32", "OpenImageIO", (1.0, 1.0), lambda _: ops.flip(plate), openimageio(plate, "flip")),
        Job("flop, f32", "OpenCV", (1.0, 1.0), lambda _: ops.flop(plate),
            opencv(lambda cv2: lambda: cv2.flip(plate, 1))),
        Job("flop, u8", "OpenCV", (1.0, 1.0), lambda _: ops.flop(codes),
            opencv(lambda cv2: lambda: cv2.flip(codes, 1))),
        Job("rotate90, f32", "OpenCV", (1.0, 1.0), lambda _: ops.rotate90(plate),
            opencv(lambda cv2: lambda: cv2.rotate(plate, cv2.ROTATE_90_COUNTERCLOCKWISE))),
        Job("rotate90, f16", "OpenImageIO", (1.0, 1.0), lambda _: ops.rotate90(halves),
            openimageio(halves, "rotate270")),
    ]  # fmt: skip


def jobs() -> list[Job]:
    """Every row of keying and arranging."""
    from vfx import ops

    plate = screened()
    halves, codes = plate.astype(np.float16), np.clip(plate * 255.0, 0.0, 255.0).astype(np.uint8)
    matte = np.ascontiguousarray(plate[..., 3])
    square = np.ones((21, 21), np.uint8)
    return [
        Job("key_luma, f32", "NumPy formula", (1.0, 1.0), lambda _: ops.key_luma(plate, (0.1, 0.9)),
            numpy_bands(luma, plate)),
        Job("key_chroma, f32", "NumPy formula", (1.0, 1.0), lambda _: ops.key_chroma(plate, SCREEN, (0.1, 0.8)),
            numpy_bands(chroma, plate)),
        Job("key_chroma, f16", "NumPy formula", (1.0, 1.0), lambda _: ops.key_chroma(halves, SCREEN, (0.1, 0.8)),
            numpy_bands(lambda rows: chroma(rows.astype(np.float32)).astype(np.float16), halves)),
        Job("despill, f32", "NumPy formula", (1.0, 1.0), lambda _: ops.despill(plate), numpy_bands(despilled, plate)),
        Job("despill, u8", "NumPy formula", (1.0, 1.0), lambda _: ops.despill(codes),
            numpy_bands(despilled_codes, codes)),
        Job("matte_erode 10.5 square, f32", "OpenCV erode 21x21", (0.6, 0.6),
            lambda _: ops.matte_erode(matte, 10.5, shape="square"),
            opencv(lambda cv2: lambda: cv2.erode(matte, square))),
        Job("matte_erode 10.5 round, f32", "OpenCV erode ellipse 21x21", (1.0, 1.0),
            lambda _: ops.matte_erode(matte, 10.5),
            opencv(lambda cv2: lambda: cv2.erode(matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (21, 21))))),
        Job("edge_extend, f32", "OpenImageIO fillholes_pushpull", (1.0, 1.0), lambda _: ops.edge_extend(plate),
            openimageio(plate, "fillholes_pushpull")),
        *moving_jobs(plate, halves, codes),
    ]  # fmt: skip
