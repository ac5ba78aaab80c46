from numpy import int32, int64, uint8, uint32, uint64
from numpy.typing import NDArray

class DeepError(Exception): ...

class DeepReader:
    def __init__(
        self,
        name: bytes,
        data: bytes | bytearray | memoryview | None,
        fd: int,
        size: int,
        part: int,
        rows: tuple[int, int],
        kind_of: NDArray[int32],
        compression: int,
        reconstruct: bool = False,
    ) -> None: ...
    @property
    def taken(self) -> int: ...
    @property
    def window(self) -> tuple[int, int, int, int]: ...
    @property
    def runs(self) -> int: ...
    def counts(self, out: NDArray[uint32], starts: NDArray[int64], threads: int) -> None: ...
    def samples(
        self, starts: NDArray[int64], outs: tuple[NDArray[uint8] | None, ...], target_of: NDArray[int32], threads: int
    ) -> None: ...

def load(path: bytes) -> tuple[int, int, int]: ...
def write_deep_chunks(
    fd: int,
    position: int,
    counts: NDArray[uint32],
    offsets: NDArray[int64],
    samples: tuple[NDArray[uint8], ...],
    source_kinds: NDArray[int32],
    kinds: NDArray[int32],
    names: tuple[bytes, ...],
    y0: int,
    compression: int,
    tile: tuple[int, int],
    decreasing: bool,
    zip_level: int,
    table: NDArray[uint64],
    threads: int,
) -> int: ...
