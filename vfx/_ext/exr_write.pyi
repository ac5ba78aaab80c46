from typing import Any

from numpy import int32, uint64
from numpy.typing import NDArray

def lines_per_chunk(compression: int) -> int: ...
def load(path: bytes) -> tuple[int, int, int]: ...
def write_chunks(
    fd: int,
    position: int,
    pixels: NDArray[Any],
    window: tuple[int, int, int, int],
    names: tuple[bytes, ...],
    column_of: NDArray[int32],
    kind_of: NDArray[int32],
    compression: int,
    tile: tuple[int, int],
    decreasing: bool,
    zip_level: int,
    dwa_level: float,
    offsets: NDArray[uint64],
    threads: int,
) -> int: ...
