"""Despill: the screen's light taken out of the picture that stood before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vfx import checks
from vfx.image import Image
from vfx.ops import _pictures as pictures
from vfx.ops import _screens as screens

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["METHODS", "despill"]

#: Method → what it does to a green screen's green.
METHODS: dict[str, str] = {
    "average": "held to the mean of red and blue",
    "max": "held to the larger of red and blue",
    "min": "held to the smaller of red and blue",
    "limit": "held to one channel, red unless limiter says blue",
}
#: Weights of red, green and blue in luminance: Rec. ITU-R BT.709-6, item 3.2.
_LUMINANCE = (0.2126, 0.7152, 0.0722)


def despill(
    img: Image | NDArray[Any],
    screen: str | Sequence[float] = "green",
    *,
    method: str = "average",
    limiter: str | None = None,
    amount: float = 1.0,
    keep_luminance: bool = False,
) -> Image:
    """New: the picture without the light that a screen throws on it.

    The screen's channel is held to a bound that the other two channels set; where it is not above the bound, nothing
    changes.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture, with channels R, G and B; other channels stay as they are. Scene-linear light is best.
    screen : str or (r, g, b), optional
        ``"green"``, ``"blue"``, ``"red"``, or the colour of any screen, whose hue is then turned onto green about grey
        and back (see :func:`screen_color`).
    method : str, optional
        The bound, for a green screen: ``"average"``, (R + B) / 2; ``"max"``, the larger of R and B, which spares most;
        ``"min"``, the smaller, which takes most; ``"limit"``, one channel.
    limiter : str, optional
        The channel of ``"limit"``: ``"R"``, ``"G"`` or ``"B"``. By default R before a green screen, G before a blue or
        a red one.
    amount : float, optional
        How much of what is above the bound goes, 0 to 1.
    keep_luminance : bool, optional
        Whether all three channels get the light back that the screen's channel loses (Rec.709 weights), as grey.

    Raises
    ------
    ChannelError
        If R, G or B is missing.
    TypeError, ValueError
        If there is no such screen or method, or a number is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> pixel = np.array([[[0.25, 1.0, 0.75]]], np.float32)
    >>> despill(pixel).numpy().tolist()
    [[[0.25, 0.5, 0.75]]]
    >>> despill(pixel, method="limit").numpy().tolist()
    [[[0.25, 0.25, 0.75]]]
    """
    img = pictures.as_image(img)
    place = screens.rgb(img, "despill")
    method = checks.one_of("method", method, METHODS)
    amount = checks.number("amount", amount, low=0.0, high=1.0)
    bound = "first" if method == "limit" else method
    if limiter is not None and (method != "limit" or not isinstance(screen, str)):
        raise ValueError("limiter goes with method='limit' and a screen given by name")
    matrix: tuple[float, ...] | None = None
    if isinstance(screen, str):
        order = _limited(screens.SCREENS[checks.one_of("screen", screen, screens.SCREENS)], limiter)
        axis = tuple(float(channel == order[1]) for channel in range(3))
    else:
        order, matrix = (0, 1, 2), screens.turn(screens.colours(screen))
        axis = matrix[3:6]
    light = sum(weight * part for weight, part in zip(_LUMINANCE, axis, strict=True))
    result = pictures.new_image(img)
    from vfx._ext import despill as kernel

    kernel.despill(
        img.pixels,
        result.pixels,
        [place[channel] for channel in order],
        bound=bound,
        amount=amount,
        keep=amount * light if keep_luminance else 0.0,
        matrix=matrix,
        threads=pictures.thread_count(img),
    )
    return result


def _limited(order: tuple[int, int, int], limiter: str | None) -> tuple[int, int, int]:
    """The channels of a screen, the one that limits it first."""
    if limiter is None:
        return order
    others = {"RGB"[channel]: channel for channel in (order[0], order[2])}
    first = others[checks.one_of("limiter", limiter, others)]
    return first, order[1], sum(others.values()) - first
