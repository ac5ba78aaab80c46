"""Colour spaces against OpenColorIO's CPU processors: 3840x2160 RGBA float32, in place.

Both sides change a picture of their own run after run. Conversions get a grey ramp up to 0.45: there every curve
here comes to rest, and the matrices keep grey grey, so the values stay those of a picture. Gamut compression, whose
cost depends on the colours, reads the same plate each time and writes another picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_engine import HEIGHT, OCIO_NAME, WIDTH, picture
from harness import Job, split_rows
from numpy.typing import NDArray

__all__ = ["jobs"]

Run = Callable[[int], object]


def grey() -> NDArray[np.float32]:
    """A ramp of grey from 0 to 0.45."""
    image = np.ones((HEIGHT, WIDTH, 4), np.float32)
    image[..., :3] = np.linspace(0.0, 0.45, WIDTH, dtype=np.float32)[:, np.newaxis]
    return image


def ours(image: NDArray[np.float32], result: NDArray[np.float32], op: Any) -> Run:
    """One pass of ``op`` from ``image`` to ``result``, which may be the same."""
    from vfx import Image
    from vfx.pixelop import run

    source = Image(image)
    target = source if result is image else Image(result)
    return lambda threads: run((op,), source, target, threads=threads)


def theirs(image: NDArray[np.float32], result: NDArray[np.float32], *transforms: Any) -> Run:
    """The default CPU processor of ``transforms``, rows split over Python threads."""
    import PyOpenColorIO as ocio  # noqa: N813

    processor = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(transforms)))
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_DEFAULT)
    if result is image:
        return lambda threads: split_rows(cpu.applyRGBA, threads, image)

    def described(rows: NDArray[np.float32]) -> Any:
        return ocio.PackedImageDesc(rows, rows.shape[1], rows.shape[0], 4)

    def band(rows: NDArray[np.intp]) -> None:
        part = slice(rows[0], rows[-1] + 1)
        cpu.apply(described(image[part]), described(result[part]))

    return lambda threads: split_rows(band, threads, np.arange(len(image)))


def builtin(style: str, inverse: bool = False) -> Any:
    """One of OpenColorIO's builtin transforms."""
    import PyOpenColorIO as ocio  # noqa: N813

    direction = ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD
    return ocio.BuiltinTransform(style, direction)


def srgb() -> Any:
    """Linear light to sRGB codes (IEC 61966-2-1)."""
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.ExponentWithLinearTransform([2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0])
    transform.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return transform


def compression() -> Any:
    """The ACES 1.3 reference gamut compression."""
    import PyOpenColorIO as ocio  # noqa: N813

    parameters = [1.147, 1.264, 1.312, 0.815, 0.803, 0.880, 1.2]
    return ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_ACES_GAMUT_COMP_13, parameters)


def conversion(name: str, op: Any, *transforms: Any) -> Job:
    """One conversion against its transforms, in place."""
    own, peer = grey(), grey()
    return Job(f"convert {name}, f32", OCIO_NAME, (2.5, 2.5), ours(own, own, op), theirs(peer, peer, *transforms))


def jobs() -> list[Job]:
    """Every row of the room of colour spaces."""
    from vfx.color.convert import convert_op
    from vfx.color.gamut import gamut_compress

    plate = picture()
    to_cg = builtin("ACEScg_to_ACES2065-1", inverse=True)
    return [
        conversion("ACEScg to sRGB", convert_op("ACEScg", "sRGB"),
                   builtin("UTILITY - ACES-AP1_to_LINEAR-REC709_BFD"), srgb()),
        conversion("ARRI LogC3 to ACEScg", convert_op("ARRI LogC3 (EI800)", "ACEScg", "cat02"),
                   builtin("ARRI_ALEXA-LOGC-EI800-AWG_to_ACES2065-1"), to_cg),
        conversion("S-Log3 S-Gamut3.Cine to ACEScg", convert_op("S-Log3 S-Gamut3.Cine", "ACEScg", "cat02"),
                   builtin("SONY_SLOG3-SGAMUT3.CINE_to_ACES2065-1"), to_cg),
        conversion("ACEScg to ARRI LogC4", convert_op("ACEScg", "ARRI LogC4", "cat02"),
                   builtin("ACEScg_to_ACES2065-1"), builtin("ARRI_LOGC4_to_ACES2065-1", inverse=True)),
        Job("gamut compression ACES 1.3, f32", OCIO_NAME, (2.0, 2.0),
            ours(plate, np.empty_like(plate), gamut_compress()), theirs(plate, np.empty_like(plate), compression())),
    ]  # fmt: skip
