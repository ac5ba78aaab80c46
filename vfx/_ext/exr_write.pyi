from typing import Any

from numpy import uint64
from numpy.typing import NDArray

class Encoder:
    def __init__(
        self,
        window: tuple[int, int, int, int],
        channels: tuple[tuple[bytes, int, int, int], ...],
        compression: int,
        tile: tuple[int, int],
        zip_level: int,
        dwa_level: float,
    ) -> None: ...
    def write(
        self,
        fd: int,
        position: int,
        pixels: tuple[NDArray[Any], ...],
        level: tuple[int, int, int, int],
        place: tuple[int, int],
        chunks: tuple[int, int],
        part: int,
        decreasing: bool,
        offsets: NDArray[uint64],
        threads: int,
    ) -> int: ...

def lines_per_chunk(compression: int) -> int: ...
def load(path: bytes) -> tuple[int, int, int]: ...
