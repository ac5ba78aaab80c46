from collections.abc import Sequence
from typing import Any

import numpy as np

def largest_gap(src: np.ndarray[Any, Any], other: np.ndarray[Any, Any], threads: int) -> float: ...
def paint(
    src: np.ndarray[Any, Any],
    other: np.ndarray[Any, Any] | None,
    out: np.ndarray[Any, Any],
    channels: Sequence[int],
    weights: Sequence[float] | None,
    bounds: Sequence[float],
    palette: np.ndarray[Any, Any],
    threads: int,
) -> None: ...
