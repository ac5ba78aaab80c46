from typing import Any

import numpy as np

def extremum(
    src: np.ndarray[Any, Any],
    dst: np.ndarray[Any, Any],
    width: int,
    height: int,
    *,
    edge: int,
    largest: bool,
    threads: int,
) -> None: ...
def difference(
    a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], dst: np.ndarray[Any, Any], *, threads: int
) -> None: ...
