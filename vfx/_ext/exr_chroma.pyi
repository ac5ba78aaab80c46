from numpy import float32
from numpy.typing import NDArray

def colours(
    stored: NDArray[float32],
    out: NDArray[float32],
    weights: tuple[float, float, float],
    box: tuple[int, int, int, int],
    halved: bool,
    threads: int,
) -> None: ...
