from typing import Any

from numpy.typing import NDArray

def extent(pixels: NDArray[Any], threads: int) -> tuple[int, int, int, int] | None: ...
