"""The pixel engine against OpenColorIO's CPU processors and NumPy: 3840x2160 RGBA, in place.

Both sides change a picture of their own run after run, so every job's parameters are close to
neutral as a whole: the values stay those of a plate instead of running off to 0 or infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

WIDTH, HEIGHT = 3840, 2160
UNIT = (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
SLOPE, OFFSET, POWER, SATURATION = (1.002, 1.0, 0.998), (5e-4, 0.0, -5e-4), (1.01, 0.99, 1.005), 1.01
OCIO_NAME = "OpenColorIO CPU (default)"
Step = tuple[str, tuple[float, ...], NDArray[np.float32] | None]
Run = Callable[[int], object]


def picture() -> NDArray[np.float32]:
    """Smooth ramps with grain, as a plate has, most of it within 0..1."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    image = np.stack([x / WIDTH, y / HEIGHT, (x + y) / (WIDTH + HEIGHT), np.ones_like(x)], axis=-1)
    image[..., :3] += rng.normal(0, 0.01, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return np.abs(image)


def table(size: int) -> NDArray[np.float32]:
    """An almost neutral look, (N, N, N, 3)."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, size)] * 3, indexing="ij"), axis=-1)
    return np.clip(grid + 1e-3 * np.sin(9 * grid[..., ::-1]), 0, 1).astype(np.float32)


def engine(steps: Sequence[Step], image: NDArray[Any]) -> Run:
    """One pass of ``steps`` over a copy of ``image``, in place."""
    from vfx._ext.engine import Program

    program, own = Program(steps), image.copy()
    return lambda threads: program.run(own, own, (0, 1, 2, 3), threads)


def opencolorio(image: NDArray[Any], *transforms: Any) -> Run:
    """The default CPU processor of ``transforms`` over a copy of ``image``, rows split over Python threads."""
    import PyOpenColorIO as ocio  # noqa: N813

    depth = ocio.BIT_DEPTH_F16 if image.dtype == np.float16 else ocio.BIT_DEPTH_F32
    processor = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(transforms)))
    cpu = processor.getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_DEFAULT)
    own = image.copy()
    return lambda threads: split_rows(cpu.applyRGBA, threads, own)


def cdl(power: Sequence[float], saturation: float) -> tuple[Step, Any]:
    """The same CDL for both sides."""
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.CDLTransform()
    transform.setSlope(SLOPE)
    transform.setOffset(OFFSET)
    transform.setPower(power)
    transform.setSat(saturation)
    return ("cdl", (*SLOPE, *OFFSET, *power, saturation, 0), None), transform


def lut(size: int) -> tuple[Step, Any]:
    """The same tetrahedral 3D LUT for both sides."""
    import PyOpenColorIO as ocio  # noqa: N813

    nodes = table(size)
    transform = ocio.Lut3DTransform(size)
    transform.setData(nodes.ravel())
    transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    return ("lut3d", (*UNIT, 2), nodes), transform


def curve(size: int) -> tuple[Step, Any]:
    """The same linear 1D LUT, a little different in each channel, for both sides."""
    import PyOpenColorIO as ocio  # noqa: N813

    grid = np.linspace(0, 1, size)[:, np.newaxis]
    nodes = (grid + np.array([1e-4, 2e-4, 3e-4]) * np.sin(np.pi * grid)).astype(np.float32)
    transform = ocio.Lut1DTransform(size, False)
    transform.setData(nodes.ravel())
    transform.setInterpolation(ocio.INTERP_LINEAR)
    return ("lut1d", (*UNIT, 1), nodes), transform


def srgb() -> tuple[Step, Any]:
    """The sRGB encoding (IEC 61966-2-1) for both sides."""
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.ExponentWithLinearTransform([2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0])
    transform.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return ("curve_encode", (1 / 2.4, 1.055, 0.055, 0.0031308, 12.92, 0), None), transform


def gain(factor: float) -> tuple[Step, Any]:
    """A multiplication of R, G and B for both sides."""
    import PyOpenColorIO as ocio  # noqa: N813

    diagonal = np.diag([factor, factor, factor, 1.0]).ravel().tolist()
    return ("gain", (factor,) * 3, None), ocio.MatrixTransform(diagonal)


def against_ocio(name: str, target: float, image: NDArray[Any], *pairs: tuple[Step, Any]) -> Job:
    """One job: the steps of ``pairs`` as one program against their transforms as one processor."""
    peer = OCIO_NAME + (", f16" if image.dtype == np.float16 else "")
    return Job(
        name=name,
        peer=peer,
        target=(target, target),
        ours=engine([step for step, _ in pairs], image),
        theirs=opencolorio(image, *(transform for _, transform in pairs)),
    )


def exposure(image: NDArray[np.float32]) -> Job:
    """A gain on R, G and B against NumPy's one-threaded multiplication of everything."""
    theirs, factor = image.copy(), np.float32(1.0001)
    return Job(
        name="exposure, f32",
        peer="numpy.multiply(a, k, out=a), one thread",
        target=(0.8, 1.3),
        ours=engine([gain(1.0001)[0]], image),
        theirs=lambda _: np.multiply(theirs, factor, out=theirs),
    )


def jobs() -> list[Job]:
    """Every row that the engine has a target for."""
    image = picture()
    return [
        against_ocio("CDL + saturation, f32", 2.5, image, cdl(POWER, SATURATION)),
        against_ocio("sRGB encode, f32", 2.5, image, srgb()),
        against_ocio("1D LUT linear 4096, f32", 1.0, image, curve(4096)),
        against_ocio("3D LUT tetrahedral 33, f32", 1.2, image, lut(33)),
        against_ocio("3D LUT tetrahedral 65, f32", 1.2, image, lut(65)),
        # A power of 2.2 before the sRGB encoding: near neutral as a whole.
        against_ocio("gain + CDL + LUT 33 + sRGB in one pass, f32", 2.0, image,
                     gain(1.01), cdl((2.2, 2.2, 2.2), SATURATION), lut(33), srgb()),
        exposure(image),
        against_ocio("CDL, f16", 2.5, image.astype(np.float16), cdl(POWER, 1.0)),
    ]  # fmt: skip
