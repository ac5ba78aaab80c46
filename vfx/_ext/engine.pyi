from collections.abc import Sequence
from typing import Any

import numpy as np

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
