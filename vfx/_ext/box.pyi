from typing import Any

import numpy as np
from numpy.typing import NDArray

def box(
    src: NDArray[Any],
    dst: NDArray[Any],
    width: int,
    width_rest: float,
    height: int,
    height_rest: float,
    radices: NDArray[np.int32],
    edge: int,
    threads: int,
) -> None: ...
