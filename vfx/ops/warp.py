"""Pictures bent by pictures: a map says for each pixel of the result where in the source it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops._pictures import as_image
from vfx.ops._warp import DEFAULT_FILTER, run_warp

__all__ = ["st_map"]

_ORIGINS = ("bottom-left", "top-left")


def st_map(
    img: Image | NDArray[Any],
    map: Image | NDArray[Any],
    *,
    channels: tuple[str, str] | None = None,
    origin: str = "bottom-left",
    filter: str = DEFAULT_FILTER,
    edge: str = "black",
) -> Image:
    """A new image of a map's size, each pixel taken from where the map says.

    A map's value (s, t) is a place in the display window of ``img``: its left edge is s = 0, its right edge s = 1,
    so that the middle of pixel x is at ``s = (x + ½) / width``; t likewise, from the bottom up as in Nuke's STMap, or
    from the top down as in OpenImageIO's ``st_warp``.

    Parameters
    ----------
    img : Image or array
        Any format.
    map : Image or array
        Any format; half floats tell the pixels of a 4K picture apart no better than to two. NaN and infinities are
        nowhere, which is black.
    channels : (str, str), optional
        The channels of s and t; R and G by default, or the first two.
    origin : {"bottom-left", "top-left"}, optional
        Where (0, 0) lies.
    filter : str, optional
        See :mod:`vfx.ops.filters`. It is widened where the map shrinks the picture, by the smaller of the
        differences to the neighbours on either side, so that tears in a map stay sharp.
    edge : {"black", "clamp", "mirror", "wrap"}, optional
        What stands outside the data window of ``img``.

    Returns
    -------
    Image
        With the windows of the map, and all else of ``img``.

    Raises
    ------
    ChannelError
        If the map has no such channels, or only one.
    TypeError, ValueError
        If an argument is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> t, s = np.mgrid[0:4, 0:6].astype(np.float32)
    >>> identity = np.stack([(s + 0.5) / 6, 1 - (t + 0.5) / 4], axis=-1)
    >>> plate = np.arange(24, dtype=np.float32).reshape(4, 6)
    >>> float(abs(st_map(plate, identity).numpy() - plate).max()) < 1e-4
    True
    """
    img, uv = as_image(img), as_image(map, "map")
    up = checks.one_of("origin", origin, _ORIGINS) == "bottom-left"
    u, v = _map_channels(uv, channels)
    x0, y0, x1, y1 = img.display_window
    left, top = img.data_window[:2]
    width, height = x1 - x0 + 1, y1 - y0 + 1
    numbers = [width, x0 - left, -height if up else height, (y1 + 1 if up else y0) - top, u, v]
    return run_warp(
        img,
        "map",
        np.array(numbers, np.float64),
        window=uv.data_window,
        filter=filter,
        edge=edge,
        uv=uv,
        display_window=uv.display_window,
    )


def _map_channels(uv: Image, channels: tuple[str, str] | None) -> tuple[int, int]:
    """The positions of a map's two channels."""
    names = uv.channel_names
    if channels is None:
        if len(names) < 2:
            raise ChannelError(f"map must have two channels, it has {names[0]}")
        channels = ("R", "G") if {"R", "G"} <= set(names) else (names[0], names[1])
    if not isinstance(channels, (list, tuple)) or len(channels) != 2:
        raise ValueError(f"channels must be two names, got {channels!r}")
    missing = [name for name in channels if name not in names]
    if missing:
        raise ChannelError(f"no channel {missing[0]!r} in the map; it has {', '.join(names)}")
    return names.index(channels[0]), names.index(channels[1])
