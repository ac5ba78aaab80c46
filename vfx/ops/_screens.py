"""The screens that keyers and despill know: by name, or by any colour whose hue is turned onto green's place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vfx import checks
from vfx.errors import ChannelError

if TYPE_CHECKING:
    from vfx.image import Image

__all__ = ["SCREENS", "colours", "rgb", "turn"]

#: Screen → positions (in R, G, B) of the other channel that limits it first, of its own, and of the other one.
SCREENS: dict[str, tuple[int, int, int]] = {"green": (0, 1, 2), "blue": (1, 2, 0), "red": (1, 0, 2)}


def rgb(img: Image, what: str, name: str = "the image") -> tuple[int, int, int]:
    """The positions of R, G and B.

    Raises
    ------
    ChannelError
        If one is missing.
    """
    names = img.channel_names
    if not {"R", "G", "B"} <= set(names):
        raise ChannelError(f"{what} compares channels R, G and B; {name} has {', '.join(names)}")
    return names.index("R"), names.index("G"), names.index("B")


def colours(screen: object) -> tuple[float, float, float]:
    """A screen's colour as three numbers; a named one is its pure primary.

    Raises
    ------
    TypeError
        If it is neither a name nor three numbers.
    ValueError
        If there is no screen of this name, or the colour has no hue.
    """
    if isinstance(screen, str):
        own = SCREENS[checks.one_of("screen", screen, SCREENS)][1]
        return float(own == 0), float(own == 1), float(own == 2)
    if not isinstance(screen, (Sequence, np.ndarray)):
        raise TypeError(f"screen must be {', '.join(SCREENS)} or a colour of three numbers, got {screen!r}")
    red, green, blue = checks.triple("screen", screen)
    if max(red, green, blue) - min(red, green, blue) <= 1e-6 * max(abs(red), abs(green), abs(blue)):
        raise ValueError(f"screen must be a colour with a hue, got {(red, green, blue)}")
    return red, green, blue


def turn(colour: tuple[float, float, float]) -> tuple[float, ...]:
    """The rotation about grey that brings a colour's hue to green's: nine numbers, row by row.

    Grey stays grey, and a pure green, red or blue makes the matrix that only exchanges channels. Rodrigues' formula
    about (1, 1, 1)/sqrt(3).
    """
    red, green, blue = colour
    # The colour's part that is at a right angle to grey, along green's own and across it.
    along = green - 0.5 * (red + blue)
    across = (red - blue) * math.sqrt(3.0) / 2.0
    size = math.hypot(along, across)
    cosine, sine = along / size, across / size
    third, skew = (1.0 - cosine) / 3.0, sine / math.sqrt(3.0)
    matrix = np.full((3, 3), third) + np.eye(3) * cosine
    matrix += skew * np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    return tuple(float(round(value, 12)) for value in matrix.ravel())
