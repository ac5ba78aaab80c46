from typing import Any

import numpy as np

def inverse_block(table: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]: ...
