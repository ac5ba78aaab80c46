import numpy as np
from numpy.typing import NDArray

def move(src: NDArray[np.generic], dst: NDArray[np.generic], threads: int) -> None: ...
