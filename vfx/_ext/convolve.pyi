from typing import Any

import numpy as np
from numpy.typing import NDArray

def correlate(
    src: NDArray[Any],
    dst: NDArray[Any],
    places: NDArray[np.int32],
    weights: NDArray[np.float32],
    more_places: NDArray[np.int32],
    more_weights: NDArray[np.float32],
    edge: int,
    threads: int,
) -> None: ...
