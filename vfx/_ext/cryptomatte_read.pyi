from numpy import float32, int32, uint32
from numpy.typing import NDArray

class CoreError(Exception): ...

def load(path: bytes) -> tuple[int, int, int]: ...
def read_mattes(
    path: bytes,
    data: bytes | bytearray | memoryview | None,
    part: int,
    kinds: NDArray[int32],
    pairs: NDArray[int32],
    ids: NDArray[uint32],
    places: NDArray[int32],
    window: tuple[int, int, int, int],
    first: int,
    out: NDArray[float32],
    threads: int,
    reconstruct: bool = False,
) -> None: ...
