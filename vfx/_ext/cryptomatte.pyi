from numpy import float32, float64, int32, int64, uint32
from numpy.typing import NDArray

MOST_IDS: int

def gather(
    pixels: NDArray[uint32],
    columns: NDArray[int32],
    ids: NDArray[uint32],
    places: NDArray[int32],
    out: NDArray[float32],
    threads: int,
) -> None: ...
def hash_text(text: bytes) -> int: ...
def rank(ranks: NDArray[uint32], matte: NDArray[float32], identity: int, threads: int) -> None: ...
def survey(
    pixels: NDArray[uint32], columns: NDArray[int32]
) -> tuple[NDArray[uint32], NDArray[int64], NDArray[float64], NDArray[int32]]: ...
