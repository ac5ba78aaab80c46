from typing import Any

from numpy.typing import NDArray

def box_codes(src: NDArray[Any], dst: NDArray[Any], width: int, height: int, edge: int, threads: int) -> None: ...
