"""Grading operations against OpenColorIO's CPU processors: 3840x2160 RGBA float32, from one picture to another.

HSV and the grade are the same mathematics on both sides. Curves and tone have a peer that does the same job with
another formula: its spline is quadratic, its tone works on each channel. To HSV alone we wait for memory, so its goal
is lower; the hue shift, one pass there and back, is what a grade does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bench_color import theirs
from bench_engine import OCIO_NAME, picture
from harness import Job
from numpy.typing import NDArray

__all__ = ["jobs"]

# Slope, offset and exponent of a grade, and control points of a curve, as one sets them.
SLOPE, OFFSET, GAMMA = (1.1, 1.0, 0.9), (0.01, 0.0, -0.01), (1.1, 1.05, 0.95)
POINTS = [(0.0, 0.0), (0.05, 0.03), (0.18, 0.16), (0.4, 0.45), (0.7, 0.78), (1.0, 1.0)]


def engine(source: NDArray[np.float32], result: NDArray[np.float32], look: Any) -> Callable[[int], object]:
    """One pass of a look from one picture to the other."""
    from vfx import Image
    from vfx.pixelop import run

    pictures = Image(source), Image(result)
    return lambda threads: run(tuple(look), *pictures, threads=threads)


def hsv(inverse: bool = False) -> Any:
    """OpenColorIO's HSV."""
    import PyOpenColorIO as ocio  # noqa: N813

    direction = ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD
    transform = ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_RGB_TO_HSV)
    transform.setDirection(direction)
    return transform


def move(hue: float) -> Any:
    """An offset of the first channel."""
    import PyOpenColorIO as ocio  # noqa: N813

    return ocio.MatrixTransform(np.eye(4).ravel().tolist(), [hue, 0.0, 0.0, 0.0])


def matrix_and_exponent() -> list[Any]:
    """The grade as OpenColorIO's transforms."""
    import PyOpenColorIO as ocio  # noqa: N813

    return [
        ocio.MatrixTransform(np.diag([*SLOPE, 1.0]).ravel().tolist(), [*OFFSET, 0.0]),
        ocio.ExponentTransform([*(1 / value for value in GAMMA), 1.0], ocio.NEGATIVE_PASS_THRU),
    ]


def spline() -> Any:
    """A master curve of OpenColorIO through the same points."""
    import PyOpenColorIO as ocio  # noqa: N813

    curve = ocio.GradingBSplineCurve([value for point in POINTS for value in point])
    line = ocio.GradingBSplineCurve([0.0, 0.0, 1.0, 1.0])
    return ocio.GradingRGBCurveTransform(ocio.GradingRGBCurve(line, line, line, curve), ocio.GRADING_LIN, False)


def zones() -> Any:
    """Shadows up and highlights down in OpenColorIO."""
    import PyOpenColorIO as ocio  # noqa: N813

    tone = ocio.GradingTone(ocio.GRADING_LIN)
    tone.shadows = ocio.GradingRGBMSW(1.0, 1.0, 1.0, 1.4, 2.0, -7.0)
    tone.highlights = ocio.GradingRGBMSW(1.0, 1.0, 1.0, 0.7, -2.0, 9.0)
    return ocio.GradingToneTransform(tone, ocio.GRADING_LIN, False)


def jobs() -> list[Job]:
    """HSV both ways and with a shift between, the grade, curves and tone."""
    from vfx import Look

    plate = picture()
    mine, other, plate_hsv = np.empty_like(plate), np.empty_like(plate), plate.copy()
    engine(plate, plate_hsv, Look().to_hsv())(2)
    gain = [value + offset for value, offset in zip(SLOPE, OFFSET, strict=True)]

    def job(name: str, look: Any, *transforms: Any, goal: float = 2.5, peer: str = OCIO_NAME) -> Job:
        source = plate_hsv if name.startswith("HSV") else plate
        return Job(name, peer, (goal, goal), engine(source, mine, look), theirs(source, other, *transforms))

    shifted = Look().to_hsv().offset([0.01, 0.0, 0.0]).from_hsv()
    graded = Look().grade(lift=OFFSET, gain=gain, gamma=GAMMA)
    return [
        job("RGB to HSV, f32", Look().to_hsv(), hsv(), goal=1.5),
        job("HSV to RGB, f32", Look().from_hsv(), hsv(inverse=True)),
        job("hue shift in HSV, f32", shifted, hsv(), move(0.01), hsv(inverse=True)),
        job("grade (ramp and gamma), f32", graded, *matrix_and_exponent()),
        job("curve of 6 points, f32", Look().curves(master=POINTS), spline(), peer="OpenColorIO GradingRGBCurve"),
        job("tone, f32", Look().tone(0.5, 0.0, -0.5), zones(), peer="OpenColorIO GradingTone"),
    ]
