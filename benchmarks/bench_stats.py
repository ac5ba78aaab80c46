"""Measurements and channels against OpenImageIO, OpenCV and NumPy: 3840x2160 RGBA.

OpenImageIO reads buffers that were filled before; it and OpenCV get the thread count through their own switches, NumPy
has one thread. Where a peer does less than its row's name says, the row says what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, WIDTH
from harness import Job
from numpy.typing import NDArray

__all__ = ["jobs"]

Run = Callable[[int], object]
Pixels = NDArray[Any]
FORMATS = {"f32": np.float32, "f16": np.float16, "u8": np.uint8}


def pictures(fmt: str) -> tuple[Pixels, Pixels]:
    """Two pictures of noise around grey that are a little apart."""
    rng = np.random.default_rng(11)
    one = np.clip(rng.normal(0.5, 0.2, (HEIGHT, WIDTH, 4)), 0.0, 1.0).astype(np.float32)
    two = one + rng.uniform(0.0, 1e-3, one.shape).astype(np.float32)
    if fmt == "u8":
        return tuple((np.clip(each, 0.0, 1.0) * 255 + 0.5).astype(np.uint8) for each in (one, two))  # type: ignore[return-value]
    return one.astype(FORMATS[fmt]), two.astype(FORMATS[fmt])


def ours(run: Callable[..., object], *pixels: Pixels, **options: Any) -> Run:
    """One of our operations on these pictures."""
    from vfx import Image

    images = [Image(each) for each in pixels]
    return lambda _: run(*images, **options)


def oiio(name: str, *arguments: Any) -> Run:
    """One of OpenImageIO's algorithms; arrays become buffers first."""
    import OpenImageIO

    run = getattr(OpenImageIO.ImageBufAlgo, name)
    given = [OpenImageIO.ImageBuf(each) if isinstance(each, np.ndarray) else each for each in arguments]

    def once(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        return run(*given)

    return once


def opencv(run: Callable[[Any], object]) -> Run:
    """Something with OpenCV."""
    import cv2

    def once(threads: int) -> object:
        cv2.setNumThreads(threads)
        return run(cv2)

    return once


def measurements(fmt: str, a: Pixels, b: Pixels) -> list[Job]:
    """Statistics and comparisons of one format."""
    from vfx import ops

    moments = ours(ops.stats, a)
    compared = ours(ops.compare, a, b, fail_threshold=5e-4)
    if fmt == "u8":
        peer = "OpenCV meanStdDev, minMaxLoc"
        theirs = opencv(lambda cv2: (cv2.meanStdDev(a), [cv2.minMaxLoc(each) for each in cv2.split(a)]))
    else:
        peer, theirs = "OpenImageIO", oiio("computePixelStats", a)
    return [
        Job(f"statistics, {fmt}", peer, (1.0, 1.0), moments, theirs),
        Job(f"compare, {fmt}", "OpenImageIO", (1.0, 1.0), compared, oiio("compare", a, b, 5e-4, 0.0)),
    ]


def counts(fmt: str, a: Pixels) -> Job:
    """Percentiles of floats, a histogram of bytes."""
    from vfx import ops

    if fmt == "u8":
        channels = range(4)
        return Job("histogram, 256 bins, u8", "OpenCV calcHist", (1.0, 1.0), ours(ops.histogram, a),
                   opencv(lambda cv2: [cv2.calcHist([a], [c], None, [256], [0, 256]) for c in channels]))  # fmt: skip
    part = a[: HEIGHT // 4]
    median, theirs = ours(ops.percentile, part, q=50.0), lambda _: np.percentile(part, 50.0, axis=(0, 1))
    name = f"median of each channel, 3840x540, {fmt}"
    return Job(name, "NumPy percentile", (1.0, 1.0), median, theirs, threads=(1,))


def channels(fmt: str, a: Pixels) -> Job:
    """Red and blue exchanged, in a new picture."""
    from vfx import ops

    swapped = ours(ops.shuffle, a, expression="R=B, B=R")
    if fmt == "u8":
        return Job("swap R and B, u8", "OpenCV cvtColor", (1.0, 1.0), swapped,
                   opencv(lambda cv2: cv2.cvtColor(a, cv2.COLOR_RGBA2BGRA)))  # fmt: skip
    return Job(f"swap R and B, {fmt}", "OpenImageIO channels", (1.0, 1.0), swapped, oiio("channels", a, (2, 1, 0, 3)))


def repairs(fmt: str, a: Pixels) -> Job:
    """One number in a thousand repaired."""
    from vfx import ops

    holed = a.copy()
    holed[np.random.default_rng(2).random(a.shape) < 1e-3] = np.nan
    return Job(
        f"fix NaN, box3, {fmt}", "OpenImageIO", (1.0, 1.0), ours(ops.fix_nan, holed), oiio("fixNonFinite", holed)
    )


def jobs() -> list[Job]:
    """Every row of the room of measurements."""
    from vfx import ops

    found: list[Job] = []
    for fmt in FORMATS:
        a, b = pictures(fmt)
        found += [*measurements(fmt, a, b), counts(fmt, a), channels(fmt, a)]
        if fmt != "u8":
            found.append(repairs(fmt, a))
    a = pictures("f32")[0]
    empty = np.zeros_like(a)
    weights = np.array([[0.2126], [0.7152], [0.0722]], np.float32)
    hists = opencv(lambda cv2: [cv2.calcHist([a], [c], None, [256], [0.0, 1.0]) for c in range(4)])
    luminance = ours(ops.shuffle, a, expression="Y=0.2126*R+0.7152*G+0.0722*B")
    return [
        *found,
        Job("histogram, 256 bins, f32", "OpenCV calcHist", (1.0, 1.0), ours(ops.histogram, a), hists),
        Job("luminance as a fifth channel, f32", "NumPy", (1.0, 1.0), luminance,
            lambda _: np.concatenate([a, a[..., :3] @ weights], axis=2), threads=(1,)),
        Job("hash of the pixels, f32", "OpenImageIO SHA-1", (1.0, 1.0), ours(ops.hash, a),
            oiio("computePixelHashSHA1", a)),
        Job("nonzero region of an empty picture, f32", "OpenImageIO", (1.0, 1.0), ours(ops.nonzero_region, empty),
            oiio("nonzero_region", empty)),
    ]  # fmt: skip
