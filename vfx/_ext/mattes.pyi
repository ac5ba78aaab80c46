from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LARGEST: int

def shrink(
    src: NDArray[np.generic],
    dst: NDArray[np.generic],
    channels: Sequence[int],
    size: float,
    *,
    round: bool = ...,
    grow: bool = ...,
    edge: int = ...,
    threads: int = ...,
) -> None: ...
