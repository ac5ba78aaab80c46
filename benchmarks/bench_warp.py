"""Warps against OpenCV and OpenImageIO: 3840x2160, a new picture each time.

OpenCV's cubic interpolates at positions rounded to 1/32 pixel and does not antialias, so nothing here shrinks.
OpenImageIO antialiases; it is given a picture of a sixteenth of the size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, WIDTH, picture
from harness import Job
from numpy.typing import NDArray

__all__ = ["jobs"]

Run = Callable[[int], object]
ANGLE = 17.0
#: Corners outside the picture: it grows everywhere.
PIN = [
    (-0.1 * WIDTH, -0.06 * HEIGHT),
    (1.05 * WIDTH, -0.1 * HEIGHT),
    (1.1 * WIDTH, 1.12 * HEIGHT),
    (-0.08 * WIDTH, 1.06 * HEIGHT),
]
#: Corners inside a picture of a sixteenth of the size: it shrinks everywhere.
SMALL_PIN = [(100.0, 60.0), (850.0, 20.0), (800.0, 500.0), (60.0, 430.0)]


def rotated(image: NDArray[Any]) -> Run:
    """``vfx.ops.rotate``."""
    from vfx.ops import rotate

    return lambda _: rotate(image, ANGLE)


def opencv_rotated(image: NDArray[Any]) -> Run:
    """``cv2.warpAffine``, cubic."""
    import cv2

    matrix = cv2.getRotationMatrix2D(((WIDTH - 1) / 2, (HEIGHT - 1) / 2), ANGLE, 1.0)

    def run(threads: int) -> object:
        cv2.setNumThreads(threads)
        return cv2.warpAffine(image, matrix, (image.shape[1], image.shape[0]), flags=cv2.INTER_CUBIC)

    return run


def openimageio_rotated(image: NDArray[Any]) -> Run:
    """``ImageBufAlgo.rotate`` of a buffer that is in memory."""
    import OpenImageIO as oiio  # noqa: N813

    source = oiio.ImageBuf(image)
    return lambda threads: oiio.ImageBufAlgo.rotate(source, -np.radians(ANGLE), "cubic", 4.0, nthreads=threads)


def opencv_mapped(image: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32]) -> Run:
    """``cv2.remap``, cubic."""
    import cv2

    def run(threads: int) -> object:
        cv2.setNumThreads(threads)
        return cv2.remap(image, x, y, cv2.INTER_CUBIC)

    return run


def opencv_pinned(image: NDArray[Any]) -> Run:
    """``cv2.warpPerspective``, cubic."""
    import cv2

    from vfx.ops import pin_matrix

    matrix = pin_matrix(PIN, [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)])

    def run(threads: int) -> object:
        cv2.setNumThreads(threads)
        return cv2.warpPerspective(image, matrix, (image.shape[1], image.shape[0]), flags=cv2.INTER_CUBIC)

    return run


def openimageio_pinned(image: NDArray[Any]) -> Run:
    """``ImageBufAlgo.warp`` of a buffer that is in memory, antialiased."""
    import OpenImageIO as oiio  # noqa: N813

    from vfx.ops import pin_matrix

    height, width = image.shape[:2]
    matrix = pin_matrix(SMALL_PIN, [(0, 0), (width, 0), (width, height), (0, height)])
    source, rows = oiio.ImageBuf(image), tuple(matrix.T.ravel().tolist())
    return lambda threads: oiio.ImageBufAlgo.warp(source, rows, "cubic", 4.0, nthreads=threads)


def mapped() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A map that magnifies by 4 % and ripples: s and t from the top down, and OpenCV's x and y."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    s = 0.01 + 0.96 * (x + 0.5) / WIDTH + 0.0005 * np.sin(y / 100)
    t = 0.01 + 0.96 * (y + 0.5) / HEIGHT + 0.0005 * np.cos(x / 100)
    return np.stack([s, t], axis=-1), np.stack([s * WIDTH - 0.5, t * HEIGHT - 0.5])


def jobs() -> list[Job]:
    """Every row of warping."""
    from vfx.ops import corner_pin, lens_distort, st_map

    plate = picture()
    small = np.ascontiguousarray(plate[::4, ::4])
    halves, codes = plate.astype(np.float16), np.clip(plate * 255.0, 0.0, 255.0).astype(np.uint8)
    words, rgb = codes.astype(np.uint16) * np.uint16(257), np.ascontiguousarray(plate[..., :3])
    st, xy = mapped()
    remapped = opencv_mapped(plate, np.ascontiguousarray(xy[0]), np.ascontiguousarray(xy[1]))
    turn = f"rotate {ANGLE:.0f}° cubic"
    return [
        Job(f"{turn}, f32", "OpenCV", (1.3, 1.3), rotated(plate), opencv_rotated(plate)),
        Job(f"{turn}, RGB f32", "OpenCV", (1.0, 1.0), rotated(rgb), opencv_rotated(rgb)),
        Job(f"{turn}, f16", "OpenCV f32", (1.0, 1.0), rotated(halves), opencv_rotated(plate)),
        Job(f"{turn}, u8", "OpenCV", (1.0, 1.0), rotated(codes), opencv_rotated(codes)),
        Job(f"{turn}, u16", "OpenCV", (1.0, 1.0), rotated(words), opencv_rotated(words)),
        Job(f"{turn} 960×540, f32", "OpenImageIO", (1.0, 1.0), rotated(small), openimageio_rotated(small)),
        Job(
            f"{turn} 960×540, f16",
            "OpenImageIO",
            (1.0, 1.0),
            rotated(small.astype(np.float16)),
            openimageio_rotated(small.astype(np.float16)),
        ),
        Job("corner pin, magnified, f32", "OpenCV", (1.0, 1.0), lambda _: corner_pin(plate, PIN), opencv_pinned(plate)),
        Job(
            "corner pin, shrunk 960×540, f32",
            "OpenImageIO",
            (1.0, 1.0),
            lambda _: corner_pin(small, SMALL_PIN),
            openimageio_pinned(small),
        ),
        Job(
            "ST map, magnified, f32",
            "OpenCV remap",
            (1.0, 1.0),
            lambda _: st_map(plate, st, origin="top-left"),
            remapped,
        ),
        Job(
            "lens distort, solved, f32",
            "OpenCV remap of a map",
            (1.0, 1.0),
            lambda _: lens_distort(plate, k1=0.05),
            remapped,
        ),
        Job(
            "lens undistort, f32",
            "OpenCV remap of a map",
            (1.0, 1.0),
            lambda _: lens_distort(plate, direction="undistort", k1=-0.05),
            remapped,
        ),
    ]
