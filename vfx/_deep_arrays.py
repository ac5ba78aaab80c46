"""What counts as the samples of a deep picture: only checks of what a caller hands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.pixelformat import FORMAT_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SAMPLE_FORMATS", "checked_counts", "checked_samples"]

#: What samples may be, as in OpenEXR: half, float, or uint data.
SAMPLE_FORMATS = ("f16", "f32", "u32")


def checked_counts(counts: Any) -> NDArray[np.uint32]:
    """Counts as a contiguous uint32 array, the very memory where that is what they are.

    Raises
    ------
    TypeError, ValueError
        If they are no (height, width) of whole numbers.
    """
    array = np.asarray(counts)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"counts are (height, width), got shape {array.shape}")
    if array.dtype != np.uint32:
        if array.dtype.kind not in "iu":
            raise TypeError(f"counts must be whole numbers, got {array.dtype}")
        if int(array.min()) < 0 or int(array.max()) >= 2**32:
            raise ValueError(f"counts must be between 0 and 2**32 - 1, got {array.min()} to {array.max()}")
    return np.ascontiguousarray(array, np.uint32)


def checked_samples(samples: Mapping[str, Any], total: int) -> dict[str, NDArray[Any]]:
    """The samples as arrays of the right length and type.

    Raises
    ------
    TypeError, ValueError
        If one is of another length or type, or there are none.
    """
    if not isinstance(samples, Mapping) or not samples:
        raise ValueError(f"samples map at least one channel name to an array, got {samples!r}")
    found = {}
    for name, given in samples.items():
        array = np.asarray(given)
        if not isinstance(name, str) or not name:
            raise ValueError(f"channel names must be non-empty text, got {name!r}")
        if array.dtype not in FORMAT_NAMES or FORMAT_NAMES[array.dtype] not in SAMPLE_FORMATS:
            raise TypeError(f"channel {name!r}: samples must be float16, float32 or uint32, got {array.dtype}")
        if array.shape != (total,):
            raise ValueError(f"channel {name!r}: the counts are {total} samples, got shape {array.shape}")
        found[name] = array
    return found
