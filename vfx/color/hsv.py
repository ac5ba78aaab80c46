"""Hue, saturation and value in place of red, green and blue.

A. R. Smith's HSV ("Color Gamut Transform Pairs", SIGGRAPH 1978) with hue in [0, 1), continued to all finite values
as OpenColorIO's FixedFunction RGB_TO_HSV does, so that from_hsv undoes to_hsv for dark and bright scene-linear values::

    all channels >= 0    V = max          S = (max - min) / max                 0 .. 1
    some below 0         V = max + min    S = (max - min) / larger(max, -min)   up to 2

A pixel whose largest and smallest channel are (nearly) opposite has (nearly) no value: S is limited to 1.999 on the
way back, and such pixels return darker. A pixel with NaN becomes NaN in all three; infinities give NaN where HSV
has no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vfx.pixelop import PixelOp, Step

__all__ = ["FromHsv", "ToHsv", "from_hsv", "to_hsv"]


@dataclass(frozen=True, repr=False)
class ToHsv(PixelOp):
    """Hue, saturation and value in the places of red, green and blue."""

    name: ClassVar[str] = "to_hsv"
    mixes_channels: ClassVar[bool] = True

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return "to_hsv()"

    def steps(self) -> tuple[Step, ...]:
        """One ``rgb_to_hsv`` step."""
        return (Step("rgb_to_hsv"),)

    def inverse(self) -> FromHsv:
        """The way back."""
        return FromHsv()


@dataclass(frozen=True, repr=False)
class FromHsv(PixelOp):
    """Red, green and blue out of hue (it wraps), saturation (limited to [0, 1.999]) and value."""

    name: ClassVar[str] = "from_hsv"
    mixes_channels: ClassVar[bool] = True

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return "from_hsv()"

    def steps(self) -> tuple[Step, ...]:
        """One ``hsv_to_rgb`` step."""
        return (Step("hsv_to_rgb"),)

    def inverse(self) -> ToHsv:
        """The way there."""
        return ToHsv()


def to_hsv() -> ToHsv:
    """The op from red, green and blue to hue in [0, 1), saturation and value.

    Examples
    --------
    >>> to_hsv().inverse()
    from_hsv()
    """
    return ToHsv()


def from_hsv() -> FromHsv:
    """The op from hue, saturation and value to red, green and blue."""
    return FromHsv()
