from typing import Any

import numpy as np

def warp(
    src: np.ndarray[Any, Any],
    dst: np.ndarray[Any, Any],
    kind: str,
    numbers: np.ndarray[Any, Any],
    map: np.ndarray[Any, Any] | None,
    filter: tuple[float, float, int, int, np.ndarray[Any, Any], np.ndarray[Any, Any]],
    edge: int,
    threads: int,
) -> None: ...
