from typing import Any

import numpy as np
from numpy.typing import NDArray

def count_bins(
    pixels: NDArray[Any], channels: tuple[int, int], edges: NDArray[np.float64], threads: int
) -> NDArray[np.int64]: ...
def count_keys(pixels: NDArray[Any], channels: tuple[int, int], threads: int) -> NDArray[np.int64]: ...
def count_rests(
    pixels: NDArray[Any], channels: tuple[int, int], slots: NDArray[np.int16], tables: int, threads: int
) -> NDArray[np.int64]: ...
