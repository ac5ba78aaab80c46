from typing import Any

from numpy.typing import NDArray

def repair(source: NDArray[Any], target: NDArray[Any], box: bool, value: float, threads: int) -> int: ...
