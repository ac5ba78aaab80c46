from collections.abc import Sequence
from typing import Any

import numpy as np

def bilateral(
    src: np.ndarray[Any, Any],
    dst: np.ndarray[Any, Any],
    size: int,
    channels: Sequence[int],
    *,
    color: float,
    space: float,
    manhattan: bool,
    edge: int,
    threads: int,
) -> None: ...
