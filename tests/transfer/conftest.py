"""OpenColorIO as the oracle: exact (lossless) processing of float32 colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def ocio() -> Any:
    """The OpenColorIO module."""
    return pytest.importorskip("PyOpenColorIO")


@pytest.fixture(scope="session")
def by_ocio(ocio: Any) -> Callable[..., np.ndarray[Any, Any]]:
    """``by_ocio(transform, colours, inverse=False, optimized=True)``: float32 colours (N, 3 or 4) after a transform.

    ``optimized`` is OCIO's lossless level; without it ops run as they are, not rewritten into others.
    """
    config = ocio.Config.CreateRaw()

    def run(transform: Any, colours: Any, inverse: bool = False, optimized: bool = True) -> np.ndarray[Any, Any]:
        direction = ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD
        level = ocio.OPTIMIZATION_LOSSLESS if optimized else ocio.OPTIMIZATION_NONE
        processor = config.getProcessor(transform, direction).getOptimizedCPUProcessor(level)
        result = np.array(colours, np.float32, order="C")
        (processor.applyRGBA if result.shape[-1] == 4 else processor.applyRGB)(result)
        return result

    return run


@pytest.fixture(scope="session")
def colours() -> np.ndarray[Any, Any]:
    """float32 colours (N, 3): dark to very bright, some negative, all distinct."""
    random = np.random.default_rng(7)
    bright = np.exp2(random.uniform(-12, 7, (3000, 3)))
    flat = random.uniform(-0.5, 1.5, (3000, 3))
    return np.concatenate([bright, flat]).astype(np.float32)
