"""Agreement with OpenColorIO's lossless CPU processor, within 2e-6 (absolute below 1, relative above)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.engine_programs import CDL, SRGB, SRGB_BACK, UNIT, Step, cube, picture, ramp

from vfx._ext.engine import Program

ocio = pytest.importorskip("PyOpenColorIO")


def by_ocio(transform: Any, values: NDArray[np.float32]) -> NDArray[np.float32]:
    processor = ocio.Config.CreateRaw().getProcessor(transform)
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    out = values.copy()
    cpu.applyRGBA(out)
    return out


def cdl(style: Any, direction: Any = None) -> Any:
    transform = ocio.CDLTransform()
    transform.setSlope(CDL[:3])
    transform.setOffset(CDL[3:6])
    transform.setPower(CDL[6:9])
    transform.setSat(CDL[9])
    transform.setStyle(style)
    if direction is not None:
        transform.setDirection(direction)
    return transform


def lut3d(table: NDArray[np.float32], interpolation: Any) -> Any:
    size = len(table)
    transform = ocio.Lut3DTransform(size)
    transform.setData(table.ravel())
    transform.setInterpolation(interpolation)
    return transform


def lut1d(table: NDArray[np.float32]) -> Any:
    transform = ocio.Lut1DTransform(len(table), False)
    transform.setInterpolation(ocio.INTERP_LINEAR)
    for i, (r, g, b) in enumerate(table.tolist()):
        transform.setValue(i, r, g, b)
    return transform


def moncurve(direction: Any) -> Any:
    transform = ocio.ExponentWithLinearTransform([2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0])
    transform.setDirection(direction)
    return transform


INVERSE_CDL = (1 / 1.2, 1.0, 1 / 0.8, -0.05, 0.0, 0.02, 1 / 0.9, 1.0, 1 / 1.2, 1 / 0.85)
SMOOTH = (np.stack(np.meshgrid(*[np.linspace(0, 1, 33)] * 3, indexing="ij"), -1) ** 0.7).astype(np.float32)
CASES: dict[str, tuple[Any, Step]] = {
    "cdl asc": (cdl(ocio.CDL_ASC), ("cdl", (*CDL, 1), None)),
    "cdl no clamp": (cdl(ocio.CDL_NO_CLAMP), ("cdl", (*CDL, 0), None)),
    "cdl asc reverse": (cdl(ocio.CDL_ASC, ocio.TRANSFORM_DIR_INVERSE), ("cdl_reverse", (*INVERSE_CDL, 1), None)),
    "cdl no clamp reverse": (
        cdl(ocio.CDL_NO_CLAMP, ocio.TRANSFORM_DIR_INVERSE), ("cdl_reverse", (*INVERSE_CDL, 0), None)),
    "exponent": (ocio.ExponentTransform([2.2, 1.0, 0.45, 1.0]), ("power", (2.2, 1.0, 0.45, 0), None)),
    "sRGB encode": (moncurve(ocio.TRANSFORM_DIR_INVERSE), ("curve_encode", (*SRGB[:3], 0.0030399346, 12.923211, 0),
                                                           None)),
    "sRGB decode": (moncurve(ocio.TRANSFORM_DIR_FORWARD), ("curve_decode", (*SRGB_BACK[:3], 0.0392857143,
                                                                            1 / 12.923211, 0), None)),
    "1D LUT": (lut1d(ramp(1024)), ("lut1d", (*UNIT, 1), ramp(1024))),
    "3D LUT trilinear": (lut3d(SMOOTH, ocio.INTERP_LINEAR), ("lut3d", (*UNIT, 1), SMOOTH)),
    "3D LUT tetrahedral": (lut3d(SMOOTH, ocio.INTERP_TETRAHEDRAL), ("lut3d", (*UNIT, 2), SMOOTH)),
    "3D LUT of noise": (lut3d(cube(17), ocio.INTERP_TETRAHEDRAL), ("lut3d", (*UNIT, 2), cube(17))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_ocio_lossless(case: str) -> None:
    transform, step = CASES[case]
    values = picture(100, 301)
    expected = by_ocio(transform, values)
    ours = np.zeros_like(values)
    Program([step]).run(values, ours, (0, 1, 2, 3), 1)
    difference = np.abs(ours.astype(np.float64) - expected) / np.maximum(1, np.abs(expected))
    assert difference.max() <= 2e-6
    assert not np.array_equal(expected[..., :3], values[..., :3])
