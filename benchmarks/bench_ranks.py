"""Rank filters and the bilateral filter against OpenCV, and SciPy where OpenCV has none: 3840x2160.

RGBA, but RGB for the bilateral filter, which OpenCV has for that. OpenCV has no half floats: its rows convert with
NumPy on the way in and out, as its user would. Its threads are set as ours are; its median takes one whatever is set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, WIDTH
from harness import Job
from numpy.typing import NDArray

__all__ = ["jobs"]

Array = NDArray[Any]
Run = Callable[[int], object]

OPENCV = "OpenCV"
SMALL = (192, 108)


def plate(channels: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.float32]:
    """Noise over a ramp: every value of a byte occurs in every box."""
    rng = np.random.default_rng(2)
    ramp = np.linspace(0.0, 0.5, width, dtype=np.float32)[:, np.newaxis]
    return ramp + rng.random((height, width, channels), dtype=np.float32) * np.float32(0.5)


def codes(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The same in bytes."""
    return (image * 255.0 + 0.5).astype(np.uint8)


def opencv(run: Callable[[Array], Array], image: Array) -> Run:
    """OpenCV on as many threads; half floats by way of float32."""
    import cv2

    def full(threads: int) -> Array:
        cv2.setNumThreads(threads)
        if image.dtype == np.float16:
            return run(image.astype(np.float32)).astype(np.float16)
        return run(image)

    return full


def ours(op: Callable[..., Any], image: Array, *size: Any, **options: Any) -> Run:
    """A new picture from one of our operations."""
    from vfx import Image

    source = Image(image)
    return lambda _: op(source, *size, **options)


def medians(image: Array, kind: str, size: int) -> Job:
    """One median against OpenCV's."""
    import cv2

    from vfx import ops

    name = f"median {size}x{size}, {kind}"
    return Job(
        name, OPENCV, (1.0, 1.0), ours(ops.median, image, size), opencv(lambda a: cv2.medianBlur(a, size), image)
    )


def erosions(image: Array, kind: str, size: int) -> Job:
    """One erosion against OpenCV's."""
    import cv2

    from vfx import ops

    box = np.ones((size, size), np.uint8)
    peer = opencv(lambda a: cv2.erode(a, box), image)
    return Job(f"erode {size}x{size}, {kind}", OPENCV, (1.0, 1.0), ours(ops.erode, image, size), peer)


def bilaterals(image: Array, kind: str) -> Job:
    """One bilateral filter against OpenCV's, with its distance."""
    import cv2

    from vfx import ops

    sigma = 25.5 if image.dtype == np.uint8 else 0.1
    mine = ours(ops.bilateral, image, 9, sigma_color=0.1, sigma_space=3.0, distance="manhattan")
    peer = opencv(lambda a: cv2.bilateralFilter(a, 9, sigma, 3.0), image)
    return Job(f"bilateral of diameter 9, RGB {kind}", OPENCV, (1.0, 1.0), mine, peer)


def large_medians(image: Array, kind: str) -> Job:
    """A large median of a format that OpenCV has none for, of a small picture."""
    from scipy import ndimage

    from vfx import ops

    small = np.ascontiguousarray(image[: SMALL[1], : SMALL[0]])
    name = f"median 31x31, {kind} ({SMALL[0]}x{SMALL[1]})"

    def peer(_: int) -> Array:
        return ndimage.median_filter(small.astype(np.float32), (31, 31, 1), mode="nearest").astype(small.dtype)

    return Job(name, "SciPy", (1.0, 1.0), ours(ops.median, small, 31), peer)


def jobs() -> list[Job]:
    """Every row of the room of rank filters."""
    floats, rgb = plate(4), plate(3)
    halves, half_rgb = floats.astype(np.float16), rgb.astype(np.float16)
    return [
        medians(floats, "f32", 3),
        medians(halves, "f16", 3),
        medians(codes(floats), "u8", 3),
        medians(floats, "f32", 5),
        medians(codes(floats), "u8", 31),
        medians(codes(floats), "u8", 101),
        large_medians(floats, "f32"),
        large_medians(halves, "f16"),
        erosions(floats, "f32", 15),
        erosions(halves, "f16", 15),
        erosions(codes(floats), "u8", 15),
        bilaterals(rgb, "f32"),
        bilaterals(half_rgb, "f16"),
        bilaterals(codes(rgb), "u8"),
    ]
