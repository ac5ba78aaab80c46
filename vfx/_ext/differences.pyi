from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

def differences(
    a: NDArray[Any], b: NDArray[Any], offsets: Sequence[int], limits: Sequence[float], threads: int
) -> tuple[float, float, float, tuple[int, int, int], int, int, float]: ...
