"""One word that tells pictures apart."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._data import as_image_or_data, moved
from vfx.ops._pictures import thread_count

__all__ = ["hash"]


def hash(img: Image | NDArray[Any]) -> str:
    r"""The hash of a picture's pixels, 32 hexadecimal digits: equal for equal pixels, whatever their layout in memory.

    It covers size, pixel format, channel names in order, and every bit of the pixels; so 0 and −0 differ, and so do a
    picture in two formats. Windows, metadata and colour space are left out. It is the same on every machine, for any
    number of threads, and stays so; it is no protection against somebody who wants two pictures to collide.

    Notes
    -----
    With ``XXH64(bytes, seed)`` of the xxHash specification, and numbers little-endian: each row gives 16 bytes, its
    XXH64 with seed 0 and with seed 1, the channels interleaved as in ``img.pixels``. The result is the XXH64 with seed
    0 and with seed 1 of the text ``"vfx 1\0{width}x{height}\0{format}\0{name}\0…{name}\0"`` in UTF-8, followed by
    the bytes of all rows from the top.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture; unsigned 32-bit data too.

    Raises
    ------
    TypeError
        If it is not a picture.

    Examples
    --------
    >>> import numpy as np
    >>> plate = np.zeros((4, 4, 3), np.uint8)
    >>> hash(plate)
    '...'
    >>> hash(plate) == hash(plate[::-1, ::-1]), hash(plate) == hash(plate[:2])
    (True, False)
    """
    from vfx._ext.fingerprint import row_hashes, xxh64

    img = as_image_or_data(img)
    rows = row_hashes(moved(img.pixels), thread_count(img))
    head = "\0".join(("vfx 1", f"{img.width}x{img.height}", img.format, *img.channel_names, ""))
    first, second = xxh64(head.encode() + rows.astype("<u8").tobytes())
    return f"{first:016x}{second:016x}"
