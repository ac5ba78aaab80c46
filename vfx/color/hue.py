"""Hue rotation that keeps luma and greys: one matrix.

The colour is turned about the grey axis and luma is put back along that axis, as P. Haeberli's
"Matrix Operations for Image Processing" (1993) does with a shear before and after the turn::

    M = R + 1 (w - R^T w)^T        R: rotation by the angle about (1, 1, 1)
                                   w: luma weights, 1: (1, 1, 1)

so ``w . M x = w . x`` for every colour, ``M`` leaves greys alone, and ``M(a) M(b) = M(a + b)``.
Saturated colours may leave [0, 1]: no rotation in RGB keeps luma, greys and the cube.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vfx import checks
from vfx.color.linear import REC709_LUMA, Square, _Linear
from vfx.pixelop import PixelOp, Step

__all__ = ["Hue", "hue"]

# More turns than a person means; beyond them float64 loses the angle itself.
_MOST_DEGREES = 1e6


@dataclass(frozen=True, repr=False)
class Hue(_Linear):
    """Hue turned by an angle, luma and greys kept.

    Parameters
    ----------
    degrees : float
        Positive from red to yellow to green to blue, counter-clockwise on a vectorscope; 120 takes red's hue to
        green's.
    """

    degrees: float
    name: ClassVar[str] = "hue"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the angle."""
        degrees = checks.number("degrees", self.degrees, low=-_MOST_DEGREES, high=_MOST_DEGREES)
        object.__setattr__(self, "degrees", degrees)

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"hue({self.degrees!r})"

    def as_matrix(self) -> tuple[Square, Square]:
        """``R + 1 (w - R^T w)^T``, alpha left alone."""
        angle = math.radians(math.fmod(self.degrees, 360.0))
        along, around = (1.0 - math.cos(angle)) / 3.0, math.sin(angle) / math.sqrt(3.0)
        # Rodrigues' formula about (1, 1, 1) / sqrt(3).
        turn = along + math.cos(angle) * np.eye(3) + around * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
        luma = np.array(REC709_LUMA)
        square = np.eye(4)
        square[:3, :3] = turn + (luma - turn.T @ luma)
        return square, np.zeros(4)

    def steps(self) -> tuple[Step, ...]:
        """One ``matrix`` step."""
        rows = np.column_stack([self.as_matrix()[0][:3, :3], np.zeros(3)])
        return (Step("matrix", tuple(rows.ravel().tolist())),)

    @property
    def is_identity(self) -> bool:
        """Whether the angle is a whole number of turns."""
        return math.fmod(self.degrees, 360.0) == 0.0

    def inverse(self) -> Hue:
        """The opposite angle."""
        return Hue(-self.degrees)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The sum of the angles; a matrix with other linear ops."""
        if isinstance(after, Hue) and abs(self.degrees + after.degrees) <= _MOST_DEGREES:
            return Hue(self.degrees + after.degrees)
        return super().combine(after)


def hue(degrees: float) -> Hue:
    """The op that turns hue, keeping luma and greys.

    Parameters
    ----------
    degrees : float
        Positive from red to green to blue.

    Returns
    -------
    Hue
        Frozen.

    Examples
    --------
    >>> hue(30).combine(hue(-30)).is_identity
    True
    """
    return Hue(degrees)
