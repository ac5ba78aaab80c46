from typing import Any

import numpy as np

Table = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]

def resample(
    src: np.ndarray[Any, Any],
    dst: np.ndarray[Any, Any],
    columns: Table,
    rows: Table,
    wraps: bool,
    threads: int,
) -> None: ...
