"""Mattes shrunk and grown by sizes that need not be whole pixels, and colour carried beyond their edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vfx import checks
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops import _moves as moves
from vfx.ops import _pictures as pictures

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["matte_dilate", "matte_erode"]

_SHAPES = ("round", "square")


def _places(img: Image, channels: Sequence[str] | None) -> list[int]:
    """The channels to work on: those named, else A, else all."""
    names = img.channel_names
    if channels is None:
        return [names.index("A")] if img.has_alpha else list(range(img.channels))
    wanted = [channels] if isinstance(channels, str) else list(channels)
    missing = [str(name) for name in wanted if name not in names]
    if missing:
        raise ChannelError(f"no channel {', '.join(missing)}; the image has {', '.join(names)}")
    return [names.index(name) for name in dict.fromkeys(wanted)]


def matte_erode(
    img: Image | NDArray[Any],
    size: float = 1.0,
    *,
    shape: str = "round",
    channels: Sequence[str] | None = None,
    edge: str = "clamp",
) -> Image:
    """New: the matte shrunk by ``size`` pixels on every side; a negative size grows it.

    The result is the least value within ``size``, where a matte between two pixels is the straight line from one to
    the other. So an edge moves by ``size``, by a fraction of a pixel too, and keeps its softness.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture. Its A changes, or all its channels where there is no A.
    size : float, optional
        In pixels, -1000 to 1000.
    shape : str, optional
        ``"round"``: by a disc, edges of all directions alike. ``"square"``: along rows and columns, as Nuke's Erode;
        corners stay sharp, slanted edges move farther; quicker for large sizes.
    channels : sequence of str, optional
        The channels to shrink instead.
    edge : str, optional
        What stands outside the picture: ``"clamp"``, ``"black"``, ``"mirror"`` or ``"wrap"``.

    Returns
    -------
    Image
        In the picture's format; other channels as they were. NaN counts as 0.

    Raises
    ------
    ChannelError
        If a channel is missing.
    TypeError, ValueError
        If a name is unknown or the size is out of range.

    See Also
    --------
    vfx.ops.erode : by whole pixels.

    Examples
    --------
    >>> import numpy as np
    >>> matte = np.array([[0, 0, 1, 1, 1, 1, 1]], np.float32)
    >>> matte_erode(matte, 1.25).numpy().tolist()
    [[0.0, 0.0, 0.0, 0.75, 1.0, 1.0, 1.0]]
    >>> matte_erode(matte, -0.5).numpy().tolist()
    [[0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0]]
    """
    img = pictures.as_image(img)
    from vfx._ext import mattes as kernel

    size = checks.number("size", size, low=-kernel.LARGEST, high=kernel.LARGEST)
    is_round = checks.one_of("shape", shape, _SHAPES) == "round"
    code = pictures.edge_code(edge)
    places = _places(img, channels)
    result = moves.copied(img, img.pixels)
    kernel.shrink(
        img.pixels,
        result.pixels,
        places if size else [],
        abs(size),
        round=is_round,
        grow=size < 0.0,
        edge=code,
        threads=pictures.thread_count(img),
    )
    return result


def matte_dilate(
    img: Image | NDArray[Any],
    size: float = 1.0,
    *,
    shape: str = "round",
    channels: Sequence[str] | None = None,
    edge: str = "clamp",
) -> Image:
    """New: the matte grown by ``size`` pixels on every side; a negative size shrinks it.

    Parameters
    ----------
    img, size, shape, channels, edge
        As in :func:`matte_erode`, of whose negative size this is another name.

    Raises
    ------
    ChannelError, TypeError, ValueError
        As there.

    Examples
    --------
    >>> import numpy as np
    >>> matte_dilate(np.array([[0, 0, 0, 1]], np.float32), 1.5).numpy().tolist()
    [[0.0, 0.5, 1.0, 1.0]]
    """
    return matte_erode(img, -checks.number("size", size), shape=shape, channels=channels, edge=edge)
