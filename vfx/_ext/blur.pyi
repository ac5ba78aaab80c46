from typing import Any

import numpy as np
from numpy.typing import NDArray

def separable(
    src: NDArray[Any],
    dst: NDArray[Any],
    along: NDArray[np.float32],
    along_origin: int,
    across: NDArray[np.float32],
    across_origin: int,
    edge: int,
    threads: int,
) -> None: ...
