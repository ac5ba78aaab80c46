from typing import Any

import numpy as np
from numpy.typing import NDArray

def moments(pixels: NDArray[Any], threads: int) -> NDArray[np.float64]: ...
