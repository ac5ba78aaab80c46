from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BOUNDS: dict[str, int]

def despill(
    src: NDArray[np.generic],
    dst: NDArray[np.generic],
    channels: Sequence[int],
    *,
    bound: str = ...,
    amount: float = ...,
    keep: float = ...,
    matrix: Sequence[float] | None = ...,
    threads: int = ...,
) -> None: ...
