from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MEASURES: dict[str, tuple[int, int]]

def key(
    src: NDArray[np.generic],
    dst: NDArray[np.generic],
    channels: Sequence[int],
    *,
    measure: str,
    numbers: Sequence[float] = ...,
    ramp: Sequence[float],
    inverted: bool = ...,
    other: NDArray[np.generic] | None = ...,
    other_channels: Sequence[int] = ...,
    alpha: int = ...,
    screen: Sequence[float] | None = ...,
    threads: int = ...,
) -> None: ...
