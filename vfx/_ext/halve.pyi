from numpy import float32, int32
from numpy.typing import NDArray

def average(
    rows: NDArray[float32],
    columns: NDArray[int32],
    shares: NDArray[float32],
    places: NDArray[int32],
    row_shares: NDArray[float32],
    out: NDArray[float32],
) -> None: ...
