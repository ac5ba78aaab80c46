"""Mattes shrunk and grown by sizes that need not be whole pixels, and colour carried beyond their edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import checks
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops import _moves as moves
from vfx.ops import _pictures as pictures

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["edge_extend", "matte_dilate", "matte_erode"]

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
    places = places if size else []
    result = pictures.new_image(img) if len(places) == img.channels else moves.copied(img, img.pixels)
    kernel.shrink(
        img.pixels,
        result.pixels,
        places,
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


def edge_extend(
    img: Image | NDArray[Any],
    matte: Image | NDArray[Any] | None = None,
    *,
    threshold: float = 0.95,
    premultiplied: bool = True,
) -> Image:
    """New: a foreground whose soft edges have the colour of the solid parts nearby.

    Edges of a key have the screen in them. Here colour is carried on from where the matte is solid, under its soft
    edges and beyond, and multiplied by the matte again.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture: with its own A, premultiplied; with ``matte``, not multiplied by anything.
    matte : Image or numpy.ndarray, optional
        The matte instead of the picture's own: its A, or its only channel. It lies where its data window says, and is
        0 beyond.
    threshold : float, optional
        Where the matte reaches this (above 0), colour stays as it is (divided by the picture's own A); elsewhere it is
        carried there.
    premultiplied : bool, optional
        False: the carried colour itself, to the ends of the picture, not multiplied by the matte.

    Returns
    -------
    Image
        In the picture's format, with the matte for its A. Light where the matte is 0 (a glow) is gone. Where nothing
        is solid, colour is 0. Colour that is not finite stays where it is and is not carried.

    Raises
    ------
    ChannelError
        If there is no matte, or no colour.
    TypeError, ValueError
        If ``threshold`` is no number above 0.

    Notes
    -----
    Pull and push over a pyramid of weighted means (Gortler et al. 1996), so it reaches any distance at one cost. What
    is carried are R, G and B, or Y, or all channels but A where none is called so; others stay.

    Examples
    --------
    >>> pixels = np.zeros((1, 4, 4), np.float32)
    >>> pixels[0, 0] = 1.0, 0.5, 0.25, 1.0
    >>> pixels[0, 1] = 0.1, 0.5, 0.1, 0.5
    >>> edge_extend(pixels).numpy()[0, :2].tolist()
    [[1.0, 0.5, 0.25, 1.0], [0.5, 0.25, 0.125, 0.5]]
    """
    img = pictures.as_image(img)
    threshold = checks.number("threshold", threshold, low=1e-30, high=1e30)
    alpha = _matte_of(img, matte)
    names = img.channel_names if img.has_alpha else (*img.channel_names, "A")
    place = names.index("A")
    colours = pictures.colour_indices(img) or tuple(c for c in range(img.channels) if names[c] != "A")
    if not colours:
        raise ChannelError(f"edge_extend needs channels of colour; the image has {', '.join(img.channel_names)}")
    result = pictures.new_image(img, count=len(names), channels=names)
    for channel in range(len(names)):
        if channel not in colours:
            source = alpha if channel == place else img.pixels[:, :, channel : channel + 1]
            moves.move(source, result.pixels[:, :, channel : channel + 1])
    from vfx._ext import edge_extend as kernel

    kernel.extend(
        img.pixels,
        alpha,
        result.pixels,
        colours,
        threshold=threshold,
        divide=matte is None,
        multiply=bool(premultiplied),
        threads=pictures.thread_count(img),
    )
    result.metadata.pop("alpha", None)
    if not premultiplied:
        result.metadata["alpha"] = "unassociated"
    return result


def _matte_of(img: Image, matte: Image | NDArray[Any] | None) -> NDArray[Any]:
    """The matte as an (H, W, 1) array as large as the picture."""
    found = img if matte is None else pictures.as_image(matte, "matte")
    if not found.has_alpha and (matte is None or found.channels != 1):
        who = "the image" if matte is None else "the matte"
        raise ChannelError(f"edge_extend needs a matte: {who} has no A but {', '.join(found.channel_names)}")
    if found.data_window != img.data_window:
        from vfx.ops.arrange import crop

        found = crop(found, img.data_window[0], img.data_window[1], img.width, img.height)
    place = max(pictures.alpha_index(found), 0)
    view: NDArray[Any] = np.asarray(found.pixels)[:, :, place : place + 1]
    return view
