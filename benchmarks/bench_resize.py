"""Resizing against libvips, OpenImageIO, OpenCV and Pillow: 3840x2160 to smaller and larger, a new picture each time.

OpenCV's Lanczos reads 8x8 samples wherever it lands and does not antialias; it is here as a bound on speed, not on
quality. libvips, OpenImageIO and Pillow widen the filter, as we do.
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


def ours(image: NDArray[Any], width: int, height: int, filter: str) -> Run:
    """``vfx.ops.resize``."""
    from vfx.ops import resize

    return lambda _: resize(image, width, height, filter=filter)


def libvips(image: NDArray[Any], width: int, height: int, kernel: str) -> Run:
    """``vips_resize`` from memory to memory."""
    import pyvips

    rows, columns, channels = image.shape
    layout = {"uint8": "uchar", "float32": "float"}[image.dtype.name]

    def run(threads: int) -> object:
        pyvips.concurrency_set(threads)
        source = pyvips.Image.new_from_memory(image, columns, rows, channels, layout)
        return source.resize(width / columns, vscale=height / rows, kernel=kernel).write_to_memory()

    return run


def opencv(image: NDArray[Any], width: int, height: int, interpolation: str) -> Run:
    """``cv2.resize``."""
    import cv2

    flag = getattr(cv2, interpolation)

    def run(threads: int) -> object:
        cv2.setNumThreads(threads)
        return cv2.resize(image, (width, height), interpolation=flag)

    return run


def openimageio(image: NDArray[Any], width: int, height: int, filter: str) -> Run:
    """``ImageBufAlgo.resize`` of a buffer that is in memory."""
    import OpenImageIO as oiio  # noqa: N813

    source = oiio.ImageBuf(image)
    roi = oiio.ROI(0, width, 0, height, 0, 1, 0, image.shape[2])
    return lambda threads: oiio.ImageBufAlgo.resize(source, filter, 0.0, roi, threads)


def pillow(image: NDArray[np.uint8], width: int, height: int) -> Run:
    """``Image.resize`` with its antialiased Lanczos, without its own treatment of alpha."""
    from PIL import Image

    source = Image.frombuffer("RGBX", (image.shape[1], image.shape[0]), image, "raw", "RGBX", 0, 1)
    return lambda _: source.resize((width, height), Image.Resampling.LANCZOS)


def jobs() -> list[Job]:
    """Every row of resizing."""
    plate = picture()
    quarter = np.ascontiguousarray(plate[::4, ::4])
    halves, codes = plate.astype(np.float16), np.clip(plate * 255.0, 0.0, 255.0).astype(np.uint8)
    rgb = np.ascontiguousarray(plate[..., :3])

    def job(image: NDArray[Any], peer: str, goal: float, *, to: tuple[int, int], filter: str = "lanczos3",
            other: Callable[..., Run], with_: tuple[Any, ...] = ()) -> Job:  # fmt: skip
        """One row; ``other(image, width, height, *with_)`` makes the peer's run."""
        name = {"uint8": "u8", "float16": "f16", "float32": "f32"}[image.dtype.name]
        source = "" if image.shape[1] == WIDTH else f"{image.shape[1]}×{image.shape[0]} "
        kind = f"{'RGB ' if image.shape[2] == 3 else ''}{name}"
        theirs = plate if image is halves else image  # a peer without halves gets floats
        title = f"resize {filter} {source}to {to[0]}×{to[1]}, {kind}"
        return Job(title, peer, (goal, goal), ours(image, *to, filter), other(theirs, *to, *with_))

    full, tiny = (WIDTH // 2, HEIGHT // 2), (WIDTH // 8, HEIGHT // 8)
    lanczos4 = ("INTER_LANCZOS4",)
    return [
        job(plate, "libvips", 3.0, to=full, other=libvips, with_=("lanczos3",)),
        job(plate, "libvips", 3.0, to=(1500, 844), other=libvips, with_=("lanczos3",)),
        job(plate, "libvips", 4.0, to=(5000, 2812), filter="mitchell", other=libvips, with_=("mitchell",)),
        job(plate, "OpenCV LANCZOS4", 1.3, to=full, other=opencv, with_=lanczos4),
        job(rgb, "OpenCV LANCZOS4", 1.3, to=full, other=opencv, with_=lanczos4),
        job(plate, "OpenImageIO", 30.0, to=full, other=openimageio, with_=("lanczos3",)),
        job(plate, "OpenImageIO", 30.0, to=(1500, 844), other=openimageio, with_=("lanczos3",)),
        job(quarter, "OpenImageIO", 30.0, to=tiny, other=openimageio, with_=("lanczos3",)),
        job(quarter.astype(np.float16), "OpenImageIO", 30.0, to=tiny, other=openimageio, with_=("lanczos3",)),
        job(halves, "OpenCV LANCZOS4 f32", 1.0, to=full, other=opencv, with_=lanczos4),
        job(codes, "libvips", 1.0, to=full, other=libvips, with_=("lanczos3",)),
        job(codes, "Pillow", 1.0, to=full, other=pillow),
    ]
