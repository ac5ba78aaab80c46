"""What a kernel step is given, checked and laid out as its C function reads it."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx._ext.kernels import KERNELS
from vfx._ext.knot_index import knot_block
from vfx._ext.lut_inverse import inverse_block

__all__ = ["domain_of", "numbers_for", "table_for"]

Table = NDArray[np.float32]

_MOST_NODES_1D = 1 << 24  # float32 counts no further
_MOST_NODES_3D = 512  # node offsets are 32-bit
_MOST_INVERSES = 4
# Address of a cube -> the cube itself, while it lives, and the block that undoes it.
_inverses: dict[int, tuple[weakref.ref[NDArray[Any]], Table]] = {}


def _aligned(shape: tuple[int, ...]) -> Table:
    """A zeroed float32 array that starts on a cache line."""
    count = int(np.prod(shape))
    memory = np.zeros(count + 16, np.float32)
    start = -(memory.__array_interface__["data"][0] // 4) % 16
    return memory[start : start + count].reshape(shape)


def _check_rows(name: str, rows: int, columns: int) -> None:
    """Raise unless a table of rows is as the kernel reads it."""
    if KERNELS[name].rows not in (0, rows):
        raise ValueError(f"{name}: the table must have {KERNELS[name].rows} rows, got {rows}")
    if KERNELS[name].columns not in (0, columns):
        raise ValueError(f"{name}: a row must hold {KERNELS[name].columns} numbers, got {columns}")
    if name.startswith("lut1d_knots") and columns < 2:
        raise ValueError(f"{name}: a row must hold two knots or more, got {columns}")
    if name.startswith("lut1d_cubic") and (columns < 8 or columns % 4):
        raise ValueError(f"{name}: a row must hold four numbers for each of two or more entries, got {columns}")


def table_for(name: str, table: object) -> Table:
    """The table as the kernel wants it: 1D channel by channel, 3D as nodes of four floats, rows as they are."""
    if table is None:
        raise ValueError(f"{name} needs a table")
    array = np.asarray(table)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: a table must hold real numbers, got {array.dtype}")
    kind = KERNELS[name].table
    if kind == "rows":
        if array.ndim != 2 or not 1 <= array.shape[0] <= _MOST_NODES_1D:
            raise ValueError(f"{name}: the table must be (N, K) with N of 1 to {_MOST_NODES_1D}, got {array.shape}")
        _check_rows(name, *array.shape)
        rows = _aligned(array.shape)
        rows[...] = array
        return knot_block(rows) if name.startswith("lut1d_knots") else rows
    if kind == "1d":
        if array.ndim != 2 or array.shape[1] != 3 or not 2 <= array.shape[0] <= _MOST_NODES_1D:
            raise ValueError(f"{name}: the table must be (N, 3) with N of 2 to {_MOST_NODES_1D}, got {array.shape}")
        if KERNELS[name].entries not in (0, array.shape[0]):
            raise ValueError(f"{name}: the table must have {KERNELS[name].entries} entries, got {array.shape[0]}")
        # Curves that are one share their memory: a third of the cache.
        shared = (array == array[:, :1]).all()
        return np.ascontiguousarray(array[:, :1].T if shared else array.T, dtype=np.float32)
    if kind == "3d_inverse":
        return _inverse(array)
    n = array.shape[0] if array.ndim else 0
    if array.ndim != 4 or array.shape[:3] != (n, n, n) or array.shape[3] not in (3, 4) or not 2 <= n <= _MOST_NODES_3D:
        raise ValueError(f"{name}: the table must be (N, N, N, 3) with N of 2 to {_MOST_NODES_3D}, got {array.shape}")
    dense = array.shape[3] == 4 and array.dtype == np.float32 and array.flags.c_contiguous
    if dense and array.__array_interface__["data"][0] % 16 == 0:
        return array
    nodes = _aligned((n, n, n, 4))
    nodes[..., :3] = array[..., :3]
    return nodes


def _inverse(array: NDArray[Any]) -> Table:
    """The block that undoes a cube; that of a cube which cannot change is kept, since it takes 0.3 s for 65 entries."""
    kept = _inverses.get(id(array))
    if kept is not None and kept[0]() is array:
        return kept[1]
    block = inverse_block(array)
    if not array.flags.writeable:
        place = id(array)
        for oldest in list(_inverses)[: max(0, len(_inverses) - _MOST_INVERSES + 1)]:
            _inverses.pop(oldest, None)
        _inverses[place] = (weakref.ref(array, lambda _: _inverses.pop(place, None)), block)
    return block


def domain_of(name: str, params: Sequence[float], size: int) -> list[float]:
    """Low ends and scales of a table's axes, from its domain's two ends."""
    low, high = params[:3], params[3:6]
    if not all(np.isfinite(params)) or any(b <= a for a, b in zip(low, high, strict=True)):
        raise ValueError(f"{name}: the domain must be finite and rise, got {low} to {high}")
    if KERNELS[name].entries and (set(low), set(high)) != ({-65504.0}, {65504.0}):
        raise ValueError(f"{name}: the domain must be all halves, -65504 to 65504, got {low} to {high}")
    return [*low, *((size - 1) / (b - a) for a, b in zip(low, high, strict=True))]


def numbers_for(name: str, params: Sequence[float]) -> list[float]:
    """The parameters as floats, counted against ``KERNELS``."""
    kernel = KERNELS.get(name)
    if kernel is None:
        raise ValueError(f"kernel must be one of {', '.join(sorted(KERNELS))}, got {name!r}")
    numbers = [float(value) for value in params]
    if len(numbers) != kernel.params:
        raise ValueError(f"{name} takes {kernel.params} parameters, got {len(numbers)}")
    last = numbers[len(numbers) - 1] if numbers else 0.0
    if kernel.modes and last not in range(kernel.modes):
        raise ValueError(f"{name}: the last parameter must be a whole number below {kernel.modes}, got {last}")
    return numbers
