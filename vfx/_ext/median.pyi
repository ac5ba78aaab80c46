from typing import Any

import numpy as np

def median(
    src: np.ndarray[Any, Any], dst: np.ndarray[Any, Any], width: int, height: int, *, edge: int, threads: int
) -> None: ...
