"""Vibrance: saturation that acts on pale colours more than on saturated ones.

The formula is this project's own, made for scene-linear values::

    y = L + (1 + v min / max) (x - L)      L: Rec.709 luma, min and max: of the pixel's channels

``min / max`` is 1 for a grey and 0 for a colour without one of the primaries, whatever the exposure: vibrance
and exposure may change places. It is one less the saturation of HSV. Luma and greys stay. For v in [-1, 1] the
saturation of the result rises with that of the source, so no two colours change their order.

A pixel with a channel that is zero, negative, infinite or NaN passes: it counts as fully saturated.

The way back solves a quadratic equation for ``1 / k``, ``k`` the factor in brackets: with ``p = max' / L - 1`` and
``s = (max' - min') / L`` of the result, ``((1 + v) p - v s) / k^2 + (1 + v - p) / k = 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vfx import checks
from vfx.color.linear import REC709_LUMA
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = ["Vibrance", "vibrance"]


@dataclass(frozen=True, repr=False)
class Vibrance(PixelOp):
    """``L + (1 + v min / max) (x - L)``, or its way back.

    Parameters
    ----------
    vibrance : float
        -1 to 1; 0 changes nothing, -1 takes the colour out of what is nearly grey.
    reverse : bool
        Undo it instead; then above -1.
    """

    vibrance: float
    reverse: bool = False
    name: ClassVar[str] = "vibrance"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the amount."""
        object.__setattr__(self, "vibrance", checks.number("vibrance", self.vibrance, low=-1.0, high=1.0))

    def __repr__(self) -> str:
        """As the fluent method is written; a reverse op says so."""
        return f"vibrance({self.vibrance!r}{', reverse=True' if self.reverse else ''})"

    def steps(self) -> tuple[Step, ...]:
        """One ``vibrance`` or ``vibrance_reverse`` step."""
        kernel = "vibrance_reverse" if self.reverse else "vibrance"
        return (Step(kernel, (self.vibrance, REC709_LUMA[0], REC709_LUMA[2])),)

    @property
    def is_identity(self) -> bool:
        """Whether the amount is 0."""
        return self.vibrance == 0.0

    def inverse(self) -> Vibrance:
        """The way back; at an amount of 1 it is uncertain by 1e-3 for colours that are almost fully saturated.

        Raises
        ------
        NotInvertibleError
            If the amount is -1: what was nearly grey has lost its colour.
        """
        if self.vibrance == -1.0:
            raise NotInvertibleError(f"{self!r} has no inverse: what was nearly grey has lost its colour")
        return Vibrance(self.vibrance, not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing, except that an amount and its own way back cancel."""
        opposite = isinstance(after, Vibrance) and after == Vibrance(self.vibrance, not self.reverse)
        return Vibrance(0.0) if opposite and self.vibrance > -1.0 else None


def vibrance(vibrance: float) -> Vibrance:
    """The op ``L + (1 + v min / max) (x - L)``: saturation for pale colours.

    Parameters
    ----------
    vibrance : float
        -1 to 1.

    Returns
    -------
    Vibrance
        Frozen.

    Examples
    --------
    >>> vibrance(0.5).inverse()
    vibrance(0.5, reverse=True)
    """
    return Vibrance(vibrance)
