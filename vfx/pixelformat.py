"""What counts as pixels: their formats, the names of their channels, their windows.

Floor 2, below ``Image``: only checks and conversions of what a caller hands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["FORMATS", "FORMAT_NAMES", "Box", "as_array", "box", "channel_names", "format_of"]

#: An inclusive window: x0, y0, x1, y1.
Box = tuple[int, int, int, int]

#: Pixel format name → NumPy dtype. ``u32`` is data (object ids), not colour.
FORMATS: dict[str, np.dtype[Any]] = {
    "u8": np.dtype(np.uint8),
    "u16": np.dtype(np.uint16),
    "f16": np.dtype(np.float16),
    "f32": np.dtype(np.float32),
    "u32": np.dtype(np.uint32),
}
#: NumPy dtype → pixel format name.
FORMAT_NAMES: dict[np.dtype[Any], str] = {dtype: name for name, dtype in FORMATS.items()}
_DEFAULT_CHANNELS = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def format_of(dtype: DTypeLike | str) -> str:
    """The pixel format's name (``"f16"``) for a format name or a NumPy dtype.

    Raises
    ------
    TypeError
        If it is not one of uint8, uint16, float16, float32 (or uint32 data).
    """
    if isinstance(dtype, str) and dtype in FORMATS:
        return dtype
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"a pixel format must be one of {', '.join(FORMATS)} or a NumPy dtype, got {dtype!r}") from None
    if found not in FORMAT_NAMES:
        raise TypeError(f"pixels must be uint8, uint16, float16 or float32, got {found}")
    return FORMAT_NAMES[found]


def as_array(source: Any, copy: bool) -> NDArray[Any]:
    """The array behind ``source`` without a copy, or a contiguous copy in a supported dtype.

    Raises
    ------
    TypeError
        If it is no array, or of a dtype that cannot be shared.
    """
    if not isinstance(source, np.ndarray):
        if hasattr(source, "__dlpack__") and not hasattr(source, "__array__"):
            source = np.from_dlpack(source)
        elif copy or hasattr(source, "__array__") or hasattr(source, "__array_interface__"):
            source = np.asarray(source)
        else:
            try:
                source = np.asarray(memoryview(source))
            except TypeError:
                raise TypeError(
                    f"Image needs an array of pixels, got {type(source).__name__}; copy=True converts other data"
                ) from None
    if copy:
        known = source.dtype in FORMAT_NAMES
        if not known and source.dtype.kind not in "buif":
            raise TypeError(f"pixels must be numbers, got dtype {source.dtype}")
        return np.array(source, dtype=source.dtype if known else np.float32, order="C", copy=True)
    if source.dtype not in FORMAT_NAMES:
        raise TypeError(
            f"Image shares memory of dtype uint8, uint16, float16 or float32, got {source.dtype}; "
            "copy=True converts to float32"
        )
    return np.asarray(source)


def box(name: str, value: Sequence[int]) -> Box:
    """``value`` as an inclusive box.

    Raises
    ------
    ValueError
        If it is not four ordered integers.
    """
    try:
        x0, y0, x1, y1 = (int(v.__index__()) for v in value)
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"{name} must be four integers x0, y0, x1, y1, got {value!r}") from None
    if x1 < x0 or y1 < y0:
        raise ValueError(f"{name} must be inclusive with x1 >= x0 and y1 >= y0, got {(x0, y0, x1, y1)}")
    return x0, y0, x1, y1


def channel_names(given: Iterable[str] | None, count: int) -> tuple[str, ...]:
    """The names of ``count`` channels, checked; defaults by count.

    Raises
    ------
    ValueError
        If their number is wrong, or two are the same.
    """
    if given is None:
        return _DEFAULT_CHANNELS.get(count, tuple(f"C{index}" for index in range(count)))
    names = (given,) if isinstance(given, str) and count == 1 else tuple(given)
    if len(names) != count:
        raise ValueError(f"channels must name {count} channels, got {len(names)}: {', '.join(map(repr, names))}")
    if any(not isinstance(name, str) or not name for name in names):
        raise ValueError(f"channel names must be non-empty text, got {names!r}")
    if len(set(names)) != count:
        raise ValueError(f"channel names must differ, got {', '.join(names)}")
    return names
