"""Compositing against OpenImageIO, OpenCV and NumPy: 3840x2160 RGBA, a new picture every time.

NumPy's ``a + b`` is the bound that memory sets: two pictures in, one out. With two threads NumPy works on two bands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, WIDTH, picture
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

Array = NDArray[Any]
Run = Callable[[int], object]
_KINDS = {"f32": "float", "f16": "half", "u8": "uint8"}


def pictures(count: int, fmt: str = "f32") -> list[Array]:
    """Different pictures with soft alpha."""
    found = []
    for index in range(count):
        image = np.roll(picture(), 97 * index, axis=1)
        image[..., 3] = np.linspace(0.0, 1.0, WIDTH, dtype=np.float32)
        image = np.clip(image, 0.0, 1.0)
        found.append(
            (image * 255 + 0.5).astype(np.uint8) if fmt == "u8" else image.astype({"f16": "f2"}.get(fmt, "f4"))
        )
    return found


def ours(function: Callable[..., object], *given: Any, **options: Any) -> Run:
    """One call; the harness sets the threads."""
    return lambda _: function(*given, **options)


def numpy_of(formula: Callable[..., Array], *given: Array) -> Run:
    """A formula that makes a new picture, on bands of rows."""

    def run(threads: int) -> object:
        if threads == 1:
            return formula(*given)
        out = np.empty_like(given[0])

        def band(rows: NDArray[np.intp]) -> None:
            part = slice(rows[0], rows[-1] + 1)
            out[part] = formula(*(each[part] for each in given))

        return split_rows(band, threads, np.arange(HEIGHT))

    return run


def numpy_sum(a: Array, b: Array) -> Run:
    """The sum of two pictures, straight into a new one."""

    def run(threads: int) -> object:
        out = np.empty_like(a)

        def band(rows: NDArray[np.intp]) -> None:
            part = slice(rows[0], rows[-1] + 1)
            np.add(a[part], b[part], out=out[part])

        return split_rows(band, threads, np.arange(HEIGHT)) if threads > 1 else a + b

    return run


def oiio_over(*layers: Array) -> Run:
    """OpenImageIO's over, from the bottom up."""
    import OpenImageIO as oiio  # noqa: N813

    kind = next(
        name for fmt, name in _KINDS.items() if np.dtype({"f32": "f4", "f16": "f2", "u8": "u1"}[fmt]) == layers[0].dtype
    )
    buffers = []
    for layer in layers:
        buffer = oiio.ImageBuf(oiio.ImageSpec(WIDTH, HEIGHT, 4, kind))
        buffer.set_pixels(oiio.ROI(0, WIDTH, 0, HEIGHT, 0, 1, 0, 4), layer)
        buffers.append(buffer)

    def run(threads: int) -> object:
        oiio.attribute("threads", threads)
        result = buffers[-1]
        for buffer in buffers[-2::-1]:
            result = oiio.ImageBufAlgo.over(buffer, result)
        return result

    return run


def opencv_blend(a: Array, b: Array, mask: Array) -> Run:
    """OpenCV's mix of two pictures by two weights."""
    import cv2

    rest = 1 - mask

    def run(threads: int) -> object:
        cv2.setNumThreads(threads)
        return cv2.blendLinear(a, b, mask, rest)

    return run


def over(a: Array, b: Array) -> Array:
    """A + B(1 - a)."""
    result: Array = a + b * (1 - a[..., 3:])
    return result


def soft_light(a: Array, b: Array) -> Array:
    """W3C's soft light of premultiplied pictures, as one writes it in NumPy."""
    alpha, beta = a[..., 3:], b[..., 3:]
    s, d = a / np.maximum(alpha, 1e-6), b / np.maximum(beta, 1e-6)
    lit = np.where(d <= 0.25, ((16 * d - 12) * d + 4) * d, np.sqrt(d))
    mixed = np.where(s <= 0.5, d - (1 - 2 * s) * d * (1 - d), d + (2 * s - 1) * (lit - d))
    result: Array = a * (1 - beta) + b * (1 - alpha) + alpha * beta * mixed
    return result


def screen_bytes(a: Array, b: Array) -> Array:
    """A + B - AB of bytes, as one writes it in NumPy."""
    x, y = a.astype(np.float32) / 255, b.astype(np.float32) / 255
    return ((x + y - x * y) * 255 + 0.5).astype(np.uint8)


def jobs() -> list[Job]:
    """Every row of the room of compositing."""
    from vfx import ops

    a, b, c, d = pictures(4)
    half_a, half_b = pictures(2, "f16")
    byte_a, byte_b = pictures(2, "u8")
    mask = np.ascontiguousarray(a[..., 0])
    one = (1.0, 1.0)
    return [
        Job("over, f32", "OpenImageIO", (1.5, 1.5), ours(ops.over, a, b), oiio_over(a, b)),
        Job("over, f32", "NumPy formula", (2.0, 2.0), ours(ops.over, a, b), numpy_of(over, a, b)),
        Job("over, f32", "NumPy a + b", (0.85, 0.85), ours(ops.over, a, b), numpy_sum(a, b)),
        Job("over, f16", "OpenImageIO", one, ours(ops.over, half_a, half_b), oiio_over(half_a, half_b)),
        Job("over, u8", "OpenImageIO", one, ours(ops.over, byte_a, byte_b), oiio_over(byte_a, byte_b)),
        Job("over, a stack of 4, f32", "OpenImageIO", one, ours(ops.merge, [a, b, c, d]), oiio_over(a, b, c, d)),
        Job("screen, u8", "NumPy formula", one, ours(ops.merge, byte_a, byte_b, "screen"),
            numpy_of(screen_bytes, byte_a, byte_b)),
        Job("soft light, f32", "NumPy formula", one, ours(ops.blend, a, b, "soft_light"), numpy_of(soft_light, a, b)),
        Job("keymix, f32", "OpenCV blendLinear", one, ours(ops.keymix, a, b, mask), opencv_blend(a, b, mask)),
        Job("keymix, u8", "OpenCV blendLinear", one, ours(ops.keymix, byte_a, byte_b, mask),
            opencv_blend(byte_a, byte_b, mask)),
    ]  # fmt: skip
