from typing import Any

from numpy import float32, float64, uint8
from numpy.typing import NDArray

def format_rows(values: NDArray[float32], out: NDArray[uint8] | bytearray) -> int: ...
def parse_numbers(
    text: bytes | bytearray | memoryview, out: NDArray[float32] | NDArray[float64]
) -> tuple[int, int, int]: ...
def parse_rows(
    text: bytes | bytearray | memoryview | NDArray[Any], start: int, out: NDArray[float32]
) -> tuple[int, int, int]: ...
