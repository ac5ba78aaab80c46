from typing import Any

from numpy.typing import NDArray

def decimated(
    src: NDArray[Any], dst: NDArray[Any], plan_x: object, plan_y: object, edge: int, threads: int
) -> None: ...
