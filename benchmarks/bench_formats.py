"""Operations on pictures of half floats and of bytes, where their own room times float32 only: 3840x2160 RGBA.

OpenCV has no half floats: its rows go through float32 and back, as its user's must.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import picture
from bench_filters import in_float, opencv
from bench_keying import luma, openimageio, screened
from bench_warp import PIN, mapped, opencv_mapped, opencv_pinned
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

Array = NDArray[Any]
Call = Callable[[Any], Any]


def cv_row(name: str, ours: Callable[[], object], theirs: Call) -> Job:
    """One comparison with OpenCV."""
    return Job(name, "OpenCV", (1.0, 1.0), lambda _: ours(), opencv(theirs))


def oiio_row(name: str, ours: Callable[[], object], image: Array, function: str) -> Job:
    """One comparison with a function of OpenImageIO's ImageBufAlgo."""
    return Job(name, "OpenImageIO", (1.0, 1.0), lambda _: ours(), openimageio(image, function))


def hash_row(name: str, image: Array) -> Job:
    """One comparison with OpenImageIO's SHA-1."""
    import OpenImageIO as oiio  # noqa: N813

    from vfx import ops

    source = oiio.ImageBuf(image)

    def theirs(threads: int) -> object:
        return oiio.ImageBufAlgo.computePixelHashSHA1(source, nthreads=threads)

    return Job(f"hash of the pixels, {name}", "OpenImageIO SHA-1", (1.0, 1.0), lambda _: ops.hash(image), theirs)


def filter_jobs(halves: Array, codes: Array) -> list[Job]:
    """Filters."""
    from vfx import ops

    y, x = np.mgrid[-16:17, -16:17]
    disc = (x * x + y * y <= 16 * 16) / np.count_nonzero(x * x + y * y <= 16 * 16)

    def box(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.blur(array, (15, 15)))

    def slope(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.Sobel(array, -1, 1, 0))

    def through(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.filter2D(array, -1, disc))

    return [
        cv_row("box 15, f16", lambda: ops.box_blur(halves, 15), in_float(halves, box)),
        cv_row("sobel x, f16", lambda: ops.sobel(halves, "x"), in_float(halves, slope)),
        cv_row("sobel x, u8", lambda: ops.sobel(codes, "x"), lambda cv2: slope(cv2, codes)),
        cv_row("disc of radius 16, f16", lambda: ops.defocus(halves, 16.0), in_float(halves, through)),
        cv_row("disc of radius 16, u8", lambda: ops.defocus(codes, 16.0), lambda cv2: through(cv2, codes)),
    ]


def keying_jobs(halves: Array, codes: Array) -> list[Job]:
    """Keys, mattes and moves."""
    from vfx import ops

    matte, soft = np.ascontiguousarray(codes[..., 3]), np.ascontiguousarray(halves[..., 3])

    def keyed(rows: Array) -> Array:
        return luma(rows.astype(np.float32)).astype(np.float16)

    def keyed_codes(rows: Array) -> Array:
        return np.asarray(luma(rows.astype(np.float32) / np.float32(255)) * 255 + np.float32(0.5)).astype(np.uint8)

    def round_erosion(cv2: Any, array: Array) -> Array:
        return np.asarray(cv2.erode(array, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (21, 21))))

    return [
        Job("key_luma, f16", "NumPy formula", (1.0, 1.0), lambda _: ops.key_luma(halves, (0.1, 0.9)),
            lambda threads: split_rows(keyed, threads, halves)),
        Job("key_luma, u8", "NumPy formula", (1.0, 1.0), lambda _: ops.key_luma(codes, (0.1, 0.9)),
            lambda threads: split_rows(keyed_codes, threads, codes)),
        cv_row("matte_erode 10.5 round, f16", lambda: ops.matte_erode(soft, 10.5), in_float(soft, round_erosion)),
        cv_row("matte_erode 10.5 round, u8", lambda: ops.matte_erode(matte, 10.5),
               lambda cv2: round_erosion(cv2, matte)),
        oiio_row("edge_extend, f16", lambda: ops.edge_extend(halves), halves, "fillholes_pushpull"),
        oiio_row("edge_extend, u8", lambda: ops.edge_extend(codes), codes, "fillholes_pushpull"),
        oiio_row("flip, f16", lambda: ops.flip(halves), halves, "flip"),
        cv_row("flip, u8", lambda: ops.flip(codes), lambda cv2: cv2.flip(codes, 0)),
        cv_row("rotate90, u8", lambda: ops.rotate90(codes),
               lambda cv2: cv2.rotate(codes, cv2.ROTATE_90_COUNTERCLOCKWISE)),
    ]  # fmt: skip


def warp_jobs(codes: Array) -> list[Job]:
    """Warps of bytes."""
    from vfx import ops

    st, xy = mapped()
    remapped = opencv_mapped(codes, np.ascontiguousarray(xy[0]), np.ascontiguousarray(xy[1]))
    goal = (1.0, 1.0)
    return [
        Job("corner pin, magnified, u8", "OpenCV", goal, lambda _: ops.corner_pin(codes, PIN), opencv_pinned(codes)),
        Job(
            "ST map, magnified, u8", "OpenCV remap", goal, lambda _: ops.st_map(codes, st, origin="top-left"), remapped
        ),
        Job("lens distort, u8", "OpenCV remap of a map", goal, lambda _: ops.lens_distort(codes, k1=0.05), remapped),
    ]


def measuring_jobs(halves: Array, codes: Array) -> list[Job]:
    """Hashes and regions."""
    from vfx import ops

    empty = np.zeros_like(codes)
    return [
        hash_row("f16", halves),
        hash_row("u8", codes),
        oiio_row("nonzero region of nothing, u8", lambda: ops.nonzero_region(empty), empty, "nonzero_region"),
    ]


def jobs() -> list[Job]:
    """Every row of formats."""
    plate, screen = picture(), screened()

    def as_codes(array: Array) -> Array:
        return np.clip(array * 255.0, 0.0, 255.0).astype(np.uint8)

    halves, codes = plate.astype(np.float16), as_codes(plate)
    return [
        *filter_jobs(halves, codes),
        *keying_jobs(screen.astype(np.float16), as_codes(screen)),
        *warp_jobs(codes),
        *measuring_jobs(halves, codes),
    ]
