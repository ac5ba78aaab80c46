"""Filters against OpenCV and OpenImageIO: 3840x2160 RGBA, a new picture each time.

OpenCV has no half floats: its rows convert to float32 and back, as its user must. It cuts Gaussians off at four
standard deviations (three for 8 bits), where vfx goes on to the float32 result of an endless one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, WIDTH, picture
from harness import Job
from numpy.typing import NDArray

__all__ = ["jobs"]

OPENCV = "OpenCV"
OPENIMAGEIO = "OpenImageIO"

Array = NDArray[Any]


def opencv(run: Callable[[Any], object]) -> Callable[[int], object]:
    """A peer's run with OpenCV's own threads."""
    import cv2

    def timed(threads: int) -> object:
        cv2.setNumThreads(threads)
        return run(cv2)

    return timed


def row(name: str, ours: Callable[[], object], theirs: Callable[[Any], object], goal: float = 1.0) -> Job:
    """One comparison with OpenCV."""
    return Job(name, OPENCV, (goal, goal), lambda _: ours(), opencv(theirs))


def in_float(array: Array, run: Callable[[Any, Array], Array]) -> Callable[[Any], object]:
    """OpenCV on half floats: through float32."""
    return lambda cv2: run(cv2, array.astype(np.float32)).astype(np.float16)


def unsharp(name: str, array: Array) -> Job:
    """OpenImageIO's unsharp mask, on a quarter of the picture: it takes seconds."""
    import OpenImageIO as oiio  # noqa: N813

    from vfx import ops

    small = np.ascontiguousarray(array[: HEIGHT // 2, : WIDTH // 2])
    source = oiio.ImageBuf(small)

    def theirs(threads: int) -> object:
        return oiio.ImageBufAlgo.unsharp_mask(source, "gaussian", 5.0, 1.0, 0.0, nthreads=threads)

    title = f"unsharp mask 5, 1920x1080, {name}"
    return Job(title, OPENIMAGEIO, (1.0, 1.0), lambda _: ops.unsharp_mask(small, 5.0), theirs)


def jobs() -> list[Job]:
    """Every row of the filters."""
    from vfx import ops

    plate = picture()
    half, byte = plate.astype(np.float16), (np.clip(plate, 0, 1) * 255).astype(np.uint8)
    seven = np.random.default_rng(7).random((7, 7))
    seven /= seven.sum()
    y, x = np.mgrid[-16:17, -16:17]
    disc = (x * x + y * y <= 16 * 16) / np.count_nonzero(x * x + y * y <= 16 * 16)

    def soft(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.GaussianBlur(array, (0, 0), 5.0))

    def weighed(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.filter2D(array, -1, seven))

    return [
        row("gaussian sigma 5, f32", lambda: ops.blur(plate, sigma=5.0), lambda cv2: soft(cv2, plate), 2.0),
        row("gaussian sigma 5, f16", lambda: ops.blur(half, sigma=5.0), in_float(half, soft)),
        row("gaussian sigma 5, u8", lambda: ops.blur(byte, sigma=5.0), lambda cv2: soft(cv2, byte)),
        row("gaussian sigma 50, f32", lambda: ops.blur(plate, sigma=50.0),
            lambda cv2: cv2.GaussianBlur(plate, (0, 0), 50.0), 5.0),
        row("box 15, f32", lambda: ops.box_blur(plate, 15), lambda cv2: cv2.blur(plate, (15, 15))),
        row("box 15, u8", lambda: ops.box_blur(byte, 15), lambda cv2: cv2.blur(byte, (15, 15))),
        row("sobel x, f32", lambda: ops.sobel(plate, "x"), lambda cv2: cv2.Sobel(plate, -1, 1, 0)),
        row("7x7 kernel, f32", lambda: ops.convolve(plate, seven), lambda cv2: weighed(cv2, plate)),
        row("7x7 kernel, f16", lambda: ops.convolve(half, seven), in_float(half, weighed)),
        row("7x7 kernel, u8", lambda: ops.convolve(byte, seven), lambda cv2: weighed(cv2, byte)),
        row("disc of radius 16, f32", lambda: ops.defocus(plate, 16.0), lambda cv2: cv2.filter2D(plate, -1, disc)),
        unsharp("f32", plate),
        unsharp("f16", half),
        unsharp("u8", byte),
    ]  # fmt: skip
