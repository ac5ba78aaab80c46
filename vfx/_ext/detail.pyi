from typing import Any

import numpy as np
from numpy.typing import NDArray

def add_light(
    src: NDArray[Any],
    light: NDArray[Any],
    dst: NDArray[Any],
    amount: float,
    chosen: NDArray[np.float32],
    threads: int,
) -> None: ...
def highlights(
    src: NDArray[Any], dst: NDArray[Any], threshold: float, chosen: NDArray[np.float32], threads: int
) -> None: ...
def sharpen(
    src: NDArray[Any], soft: NDArray[Any], dst: NDArray[Any], amount: float, threshold: float, threads: int
) -> None: ...
