from typing import Any

from _typeshed import ReadableBuffer, WriteableBuffer
from numpy.typing import NDArray

def decode(
    source: int | ReadableBuffer,
    offset: int,
    stride: int,
    channels: int,
    form: tuple[int, ...],
    pixels: NDArray[Any],
    picks: tuple[int, ...],
    kind: int,
    table: NDArray[Any] | None,
    threads: int,
) -> int: ...
def encode(
    target: int | WriteableBuffer,
    offset: int,
    stride: int,
    form: tuple[int, ...],
    pixels: NDArray[Any],
    picks: tuple[int, ...],
    kind: int,
    table: NDArray[Any] | None,
    threads: int,
) -> int: ...
