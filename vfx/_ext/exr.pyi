from numpy import int32, uint8
from numpy.typing import NDArray

class CoreError(Exception): ...

class Reader:
    def __init__(self, path: bytes, data: bytes | bytearray | memoryview | None, reconstruct: bool = False) -> None: ...
    def read(
        self,
        part: int,
        window: tuple[int, int, int, int],
        column_of: NDArray[int32],
        kind_of: NDArray[int32],
        target: int,
        first: int,
        last: int,
        out: NDArray[uint8],
        threads: int,
    ) -> None: ...

def load(path: bytes) -> tuple[int, int, int]: ...
