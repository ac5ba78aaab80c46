from typing import Any

import numpy as np
from _typeshed import ReadableBuffer
from numpy.typing import NDArray

SEEDS: tuple[int, int]

def row_hashes(pixels: NDArray[Any], threads: int) -> NDArray[np.uint64]: ...
def xxh64(data: ReadableBuffer) -> tuple[int, int]: ...
