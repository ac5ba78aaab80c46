from collections.abc import Sequence
from typing import Any

import numpy as np

ALPHA_FORMULAS: frozenset[str]

def composite(
    pictures: Sequence[np.ndarray[Any, Any]],
    origins: Sequence[tuple[int, int]],
    maps: np.ndarray[Any, Any],
    target: np.ndarray[Any, Any],
    formula: tuple[str, str],
    *,
    alpha: int,
    rgb: tuple[int, int, int],
    on: np.ndarray[Any, Any],
    mask: np.ndarray[Any, Any] | None,
    mask_origin: tuple[int, int],
    mix: float,
    opacity: float,
    threads: int,
) -> None: ...
