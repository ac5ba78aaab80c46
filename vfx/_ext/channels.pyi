from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

def assemble(
    sources: Sequence[NDArray[Any]],
    target: NDArray[Any],
    inputs: Sequence[tuple[int, int]],
    outputs: Sequence[tuple[int, int]],
    program: Sequence[tuple[int, int]],
    constants: NDArray[np.float32],
    threads: int,
) -> None: ...
