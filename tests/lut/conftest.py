"""OpenColorIO and float64 NumPy as references for LUTs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import _ext
from vfx.lut import read

# The figure; kernels without fused multiply-adds lose more in the steepest tables.
TOLERANCE = 1e-5 if _ext.LEVEL in ("x86_64_v3", "x86_64_v4") else 5e-5


@pytest.fixture(scope="session")
def colours() -> np.ndarray:
    """(M, 3) float32: ramps from below the domain to above it, random colours, exact corners and middles."""
    rng = np.random.default_rng(5)
    ramp = np.linspace(-3.0, 5.0, 401)
    grey = np.repeat(ramp[:, None], 3, axis=1)
    mixed = np.stack([ramp, ramp[::-1], np.roll(ramp, 77)], axis=1)
    inside = rng.random((3000, 3))
    wide = rng.normal(0.5, 2.0, (1000, 3))
    grid = np.stack(np.meshgrid(*[[0.0, 0.25, 0.5, 1.0, -0.1, 1.5]] * 3), axis=-1).reshape(-1, 3)
    return np.concatenate([grey, mixed, inside, wide, grid]).astype(np.float32)


@pytest.fixture(scope="session")
def ocio_file() -> Callable[..., np.ndarray]:
    """``ocio_file(path, colours, "linear" | "tetrahedral")``: what OpenColorIO makes of a LUT file."""
    ocio = pytest.importorskip("PyOpenColorIO")

    def look_up(path: Path, values: np.ndarray, interpolation: str) -> np.ndarray:
        kind = {"linear": ocio.INTERP_LINEAR, "tetrahedral": ocio.INTERP_TETRAHEDRAL, "best": ocio.INTERP_BEST}
        transform = ocio.FileTransform(str(path), interpolation=kind[interpolation])
        ocio.ClearAllCaches()
        processor = ocio.Config.CreateRaw().getProcessor(transform)
        lossless = processor.getOptimizedCPUProcessor(
            ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_LOSSLESS
        )
        result = np.array(values, np.float32, order="C")
        lossless.applyRGB(result)
        return result

    return look_up


@pytest.fixture(scope="session")
def same_as_ocio(colours: np.ndarray, ocio_file: Callable[..., np.ndarray]) -> Callable[[Path], Any]:
    """``same_as_ocio(path)``: the file as we read it, after both agree on it within 1e-5, relative above 1."""

    def compare(path: Path) -> Any:
        found = read(path)
        for theirs, ours in (("linear", "trilinear"), ("tetrahedral", "tetrahedral")):
            expected = ocio_file(path, colours, theirs)
            result = through(found, colours, ours)
            assert np.abs((result - expected) / np.maximum(1, np.abs(expected))).max() <= TOLERANCE
        return found

    return compare


def through(found: Any, values: np.ndarray, interpolation: str) -> np.ndarray:
    """The colours after what was read: a LUT, or a process list."""
    known = getattr(found, "interpolations", ())
    return found.apply(values, interpolation) if interpolation in known else found.apply(values)


def _weights(x: np.ndarray, lut: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lower node and distance from it of each colour, float64."""
    low, high = np.array(lut.domain_min), np.array(lut.domain_max)
    clean = np.where(np.isnan(x), low, np.clip(x.astype(np.float64), low, high))
    place = (clean - low) / (high - low) * (lut.size - 1)
    node = np.minimum(np.floor(place), lut.size - 2).astype(int)
    return node, place - node


@pytest.fixture(scope="session")
def exact_1d() -> Callable[..., np.ndarray]:
    """``exact_1d(lut, colours)``: linear lookup in float64."""

    def look_up(lut: Any, x: np.ndarray) -> np.ndarray:
        node, share = _weights(x, lut)
        table = np.broadcast_to(lut.table.reshape(lut.size, -1), (lut.size, 3)).astype(np.float64)
        below = np.take_along_axis(table, node, axis=0)
        return below + share * (np.take_along_axis(table, node + 1, axis=0) - below)

    return look_up


@pytest.fixture(scope="session")
def exact_3d() -> Callable[..., np.ndarray]:
    """``exact_3d(lut, colours, interpolation)``: the three lookups in a cube in float64."""

    def corner(lut: Any, node: np.ndarray, step: np.ndarray) -> np.ndarray:
        r, g, b = (node + step).T
        return lut.table[r, g, b].astype(np.float64)

    def look_up(lut: Any, x: np.ndarray, interpolation: str) -> np.ndarray:
        node, share = _weights(x, lut)
        if interpolation == "nearest":
            return corner(lut, node, (share >= 0.5).astype(int))
        if interpolation == "trilinear":
            total = np.zeros(x.shape)
            for bits in np.ndindex(2, 2, 2):
                step = np.array(bits)
                weight = np.where(step == 1, share, 1.0 - share).prod(axis=1, keepdims=True)
                total += weight * corner(lut, node, np.broadcast_to(step, node.shape))
            return total
        # Sakamoto's tetrahedra: walk from the lower corner along the axes, the largest share first.
        order = np.argsort(-share, axis=1, kind="stable")
        step = np.zeros_like(node)
        value = corner(lut, node, step)
        total = value.copy()
        for rank in range(3):
            axis = order[:, rank]
            step[np.arange(len(step)), axis] = 1
            following = corner(lut, node, step)
            total += share[np.arange(len(step)), axis][:, None] * (following - value)
            value = following
        return total

    return look_up
