from numpy import float64, int32, int64, uint8, uint32
from numpy.typing import NDArray

class Samples:
    def __init__(
        self,
        offsets: NDArray[int64],
        samples: tuple[NDArray[uint8], ...],
        kinds: NDArray[int32],
        alpha_of: NDArray[int32],
        z: int,
        z_back: int,
    ) -> None: ...
    @property
    def pixels(self) -> int: ...

def flatten(
    samples: Samples,
    out: NDArray[uint8],
    out_kind: int,
    column_of: NDArray[int32],
    alpha: int,
    depth: int,
    threads: int,
) -> None: ...
def opaque_depths(samples: Samples, alpha: int, out: NDArray[float64], threads: int) -> None: ...
def seen(
    samples: Samples,
    matte: Samples,
    matte_alpha: int,
    offsets: NDArray[int64],
    outs: tuple[NDArray[uint8], ...],
    threads: int,
) -> None: ...
def seen_counts(samples: Samples, matte: Samples, out: NDArray[uint32], threads: int) -> None: ...
def sort_order(samples: Samples, out: NDArray[int64], threads: int) -> None: ...
def state(samples: Samples, threads: int) -> tuple[bool, bool]: ...
def tidy(samples: Samples, offsets: NDArray[int64], outs: tuple[NDArray[uint8], ...], threads: int) -> None: ...
def tidy_counts(samples: Samples, out: NDArray[uint32], threads: int) -> None: ...
