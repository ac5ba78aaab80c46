from typing import Any

from numpy import float32, uint8
from numpy.typing import NDArray

def format_rows(values: NDArray[float32], out: NDArray[uint8] | bytearray) -> int: ...
def parse_rows(
    text: bytes | bytearray | memoryview | NDArray[Any], start: int, out: NDArray[float32]
) -> tuple[int, int, int]: ...
