from collections.abc import Sequence
from typing import Any

import numpy as np

def count_levels(
    src: np.ndarray[Any, Any],
    channels: Sequence[int],
    weights: Sequence[float] | None,
    shape: tuple[int, int],
    limits: tuple[float, float],
    threads: int,
) -> np.ndarray[Any, np.dtype[np.uint64]]: ...
def count_chroma(
    src: np.ndarray[Any, Any],
    channels: Sequence[int],
    matrix: Sequence[Sequence[float]],
    size: int,
    threads: int,
) -> np.ndarray[Any, np.dtype[np.uint64]]: ...
