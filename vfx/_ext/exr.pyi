from numpy import int32, uint8
from numpy.typing import NDArray

class CoreError(Exception): ...

class Reader:
    def __init__(
        self, name: bytes, data: bytes | bytearray | memoryview | None, fd: int, size: int, reconstruct: bool = False
    ) -> None: ...
    @property
    def taken(self) -> int: ...
    def read(
        self,
        part: int,
        level: tuple[int, int],
        window: tuple[int, int, int, int],
        box: tuple[int, int, int, int],
        reach: int,
        column_of: NDArray[int32],
        kind_of: NDArray[int32],
        target: int,
        out: NDArray[uint8],
        threads: int,
        lenient: bool = False,
    ) -> bool: ...

def load(path: bytes) -> tuple[int, int, int]: ...
