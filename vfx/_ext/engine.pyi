from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

KERNELS: Mapping[str, int]

class Program:
    def __init__(self, steps: Sequence[tuple[str, Sequence[float], np.ndarray[Any, Any] | None]]) -> None: ...
    def run(
        self,
        src: np.ndarray[Any, Any],
        dst: np.ndarray[Any, Any],
        channels: Sequence[int],
        threads: int,
        tile: int = 0,
    ) -> None: ...
