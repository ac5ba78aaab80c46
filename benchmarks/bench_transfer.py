"""Transfer functions against OpenColorIO's CPU processor for the same curve: 3840x2160 RGBA, float32, in place.

Most camera curves are one kernel with other numbers, so a few of them stand for all. OpenColorIO has the log of
cameras as ``LogCameraTransform``, Canon's and Apple's as built-in curves, ACEScc with a matrix.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

WIDTH, HEIGHT = 3840, 2160
OCIO_NAME = "OpenColorIO CPU (default)"
LOG, HDR = 2.5, 2.0


@functools.cache
def picture() -> NDArray[np.float32]:
    """Linear light of a plate as well as code values: dark to white with grain."""
    rng = np.random.default_rng(1)
    image = np.ones((HEIGHT, WIDTH, 4), np.float32)
    image[..., :3] = 0.9 * rng.random((HEIGHT, WIDTH, 3), dtype=np.float32) ** 2 + 0.003
    return image


class Side:
    """One side of a job: in place on a picture that all jobs of that side share, a hundred megabytes.

    A curve applied again and again runs to where it comes to rest, so the first run of a thread count, which is not
    timed, begins with the plate.
    """

    def __init__(self, name: str, run: Callable[[NDArray[np.float32], int], object]) -> None:
        self.name = name
        self.run = run
        self.threads = 0

    def __call__(self, threads: int) -> None:
        if threads != self.threads:
            np.copyto(working(self.name), picture())
            self.threads = threads
        self.run(working(self.name), threads)


@functools.cache
def working(_: str) -> NDArray[np.float32]:
    """The picture of a side."""
    return np.empty((HEIGHT, WIDTH, 4), np.float32)


def log_camera(base: float, log: tuple[float, float], linear: tuple[float, float], toe: tuple[float, float]) -> Any:
    """OCIO's camera log of linear light: slope and offset of either side, and where the toe begins, with its slope."""
    import PyOpenColorIO as ocio  # noqa: N813

    return ocio.LogCameraTransform(
        linSideBreak=[toe[0]] * 3, base=base, logSideSlope=[log[0]] * 3, logSideOffset=[log[1]] * 3,
        linSideSlope=[linear[0]] * 3, linSideOffset=[linear[1]] * 3, linearSlope=[toe[1]] * 3,
    )  # fmt: skip


def cameras() -> dict[str, Any]:
    """The camera curves that OCIO makes of numbers, encoding forwards; constants as in ``vfx.transfer``."""
    a, b, c = (2.0**18 - 16.0) / 117.45, 928.0 / 1023.0, 95.0 / 1023.0
    logc4 = (2.0 ** (14.0 * (-c / b) + 6.0) - 64.0) / a, a * b / (7.0 * math.log(2.0) * 2.0 ** (7.0 - 14.0 * c / b))
    slog3 = 0.01125, (171.2102946929 - 95.0) / 0.01125 / 1023.0
    return {
        "logc3": log_camera(10.0, (0.24719, 0.385537), (5.555556, 0.052272), (0.010591, 5.367655)),
        "logc4": log_camera(2.0, (b / 14.0, c - 6.0 * b / 14.0), (a, 64.0), logc4),
        "slog3": log_camera(10.0, (261.5 / 1023.0, 420.0 / 1023.0), (1.0 / 0.19, 0.01 / 0.19), slog3),
        "vlog": log_camera(10.0, (0.241514, 0.598206), (1.0, 0.00873), (0.01, 5.6)),
        "log3g10": log_camera(10.0, (0.224282, 0.0), (155.975327, 2.55975327), (-0.01, 15.1927)),
        "davinci_intermediate": log_camera(2.0, (0.07329248, 0.51304736), (1.0, 0.0075), (0.00262409, 10.44426855)),
    }


def processor(transform: Any, backwards: bool) -> Any:
    """OCIO's CPU processor of ``transform`` at its default optimisation."""
    import PyOpenColorIO as ocio  # noqa: N813

    direction = ocio.TRANSFORM_DIR_INVERSE if backwards else ocio.TRANSFORM_DIR_FORWARD
    chosen = ocio.Config.CreateRaw().getProcessor(transform, direction)
    return chosen.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_DEFAULT)


def job(name: str, direction: str, target: float, transform: Any, *, decodes: bool) -> Job:
    """One direction of a curve; ``decodes`` says what OCIO's transform does forwards."""
    from vfx.look import Look

    look = Look().encode(name) if direction == "encode" else Look().decode(name)
    return against(f"{name} {direction}", target, look, processor(transform, decodes == (direction == "encode")))


def against(name: str, target: float, look: Any, cpu: Any) -> Job:
    """A look against a processor, in place; each starts from the same plate at either thread count."""
    return Job(
        name=name,
        peer=OCIO_NAME,
        target=(target, target),
        ours=Side("ours", lambda pixels, threads: look.apply(pixels, threads=threads)),
        theirs=Side("theirs", lambda pixels, threads: split_rows(cpu.applyRGBA, threads, pixels)),
    )


def rows() -> Iterator[Job]:
    """Every row, made one after the other."""
    import PyOpenColorIO as ocio  # noqa: N813

    from vfx.look import Look

    curve = ocio.BuiltinTransform
    for name, transform in cameras().items():
        for direction in ("encode", "decode"):
            yield job(name, direction, LOG, transform, decodes=False)
    built_in = {"acescct": "ACEScct-LOG", "clog2": "CANON_CLOG2", "clog3": "CANON_CLOG3", "applelog": "APPLE_LOG"}
    for name, style in built_in.items():
        for direction in ("encode", "decode"):
            yield job(name, direction, LOG, curve(f"CURVE - {style}_to_LINEAR"), decodes=True)
    cc = curve("ACEScc_to_ACES2065-1")
    to_ap0 = ap1_to_ap0()
    yield against("acescc decode + matrix", LOG, Look().decode("acescc").matrix(to_ap0), processor(cc, False))
    back = np.linalg.inv(to_ap0)
    yield against("matrix + acescc encode", LOG, Look().matrix(back).encode("acescc"), processor(cc, True))
    for direction in ("encode", "decode"):
        yield job("pq", direction, HDR, curve("CURVE - ST-2084_to_LINEAR"), decodes=True)
        yield job("hlg_ocio", direction, HDR, curve("CURVE - HLG-OETF-INVERSE"), decodes=True)
        srgb = ocio.ExponentWithLinearTransform([2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0])
        yield job("srgb", direction, LOG, srgb, decodes=True)


def ap1_to_ap0() -> NDArray[np.float64]:
    """ACEScg to ACES2065-1 (Academy TB-2014-004)."""
    return np.array(
        [
            [0.6954522414, 0.1406786965, 0.1638690622],
            [0.0447945634, 0.8596711185, 0.0955343182],
            [-0.0055258826, 0.0040252103, 1.0015006723],
        ]
    )


def jobs() -> list[Job]:
    """Every curve whose speed has a goal, in both directions."""
    return list(rows())
