from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

def extend(
    src: NDArray[np.generic],
    matte: NDArray[np.generic],
    dst: NDArray[np.generic],
    channels: Sequence[int],
    *,
    threshold: float,
    divide: bool,
    multiply: bool,
    threads: int = ...,
) -> None: ...
