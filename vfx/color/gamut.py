"""The ACES 1.3 reference gamut compression: colours outside a gamut drawn in, without touching those well inside.

In ACEScg, each channel's distance from the achromatic axis is ``d = (max − x) / |max|``, with ``max`` the largest of
R, G, B: 0 for grey, 1 on the hull of AP1, above 1 outside. Distances up to a threshold stay; the ones beyond are
compressed so that a distance of ``limit`` becomes 1::

    d' = t + s n / (1 + n^p)^(1/p)      n = (d − t) / s
    s  = (l − t) / (((1 − t) / (l − t))^−p − 1)^(1/p)

Source: Academy, ACES Reference Gamut Compression, specification and aces-dev 1.3
(``LMT.Academy.ReferenceGamutCompress.ctl``). Thresholds and limits are those of cyan, magenta and yellow: of the red,
green and blue channel's distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from vfx import checks
from vfx.color.convert import Convert
from vfx.color.linear import Matrix, shown
from vfx.color.spaces import Space, space, spaces
from vfx.pixelop import PixelOp, Step

__all__ = ["GamutCompress", "gamut_compress"]

Triple = tuple[float, float, float]

# aces-dev 1.3: percentages of the core gamut to protect, maximum distances, and the power of the curve.
_THRESHOLD: Triple = (0.815, 0.803, 0.880)
_LIMIT: Triple = (1.147, 1.264, 1.312)
_POWER = 1.2
_WORKING = "ACEScg"


@dataclass(frozen=True, repr=False)
class GamutCompress(PixelOp):
    """Distances from the achromatic axis, compressed or expanded.

    Parameters
    ----------
    threshold : float or three floats
        The distance up to which cyan, magenta and yellow stay, in [0, 1).
    limit : float or three floats
        The distance that becomes 1, above 1.
    power : float
        How sharply the curve bends, 1 to 10.
    space : Space
        What the pixels are in; compression itself happens in ACEScg.
    reverse : bool
        Expand instead.
    """

    threshold: Triple = _THRESHOLD
    limit: Triple = _LIMIT
    power: float = _POWER
    space: Space = spaces[_WORKING]
    reverse: bool = False
    name: ClassVar[str] = "gamut_compress"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the ranges in which the curve exists and rises."""
        threshold, limit = checks.triple("threshold", self.threshold), checks.triple("limit", self.limit)
        for low, high in zip(threshold, limit, strict=True):
            checks.number("threshold", low, low=0.0, high=0.9999)
            checks.number("limit", high, low=1.0001, high=1e3)
        object.__setattr__(self, "threshold", threshold)
        object.__setattr__(self, "limit", limit)
        object.__setattr__(self, "power", checks.number("power", self.power, low=1.0, high=10.0))
        object.__setattr__(self, "space", space(self.space))

    def __repr__(self) -> str:
        """As the fluent method is written; a reverse op says so."""
        parts = [(each.name, getattr(self, each.name), each.default) for each in fields(self)]
        parts = [(name, value.name if name == "space" else value, default) for name, value, default in parts
                 if value != default]  # fmt: skip
        return f"gamut_compress({', '.join(f'{name}={shown(value)}' for name, value, _ in parts)})"

    def scale(self) -> Triple:
        """The scale of the curve in each channel, so that ``limit`` becomes 1."""
        p = self.power
        red, green, blue = (
            (high - low) / math.pow(math.pow((1.0 - low) / (high - low), -p) - 1.0, 1.0 / p)
            for low, high in zip(self.threshold, self.limit, strict=True)
        )
        return red, green, blue

    def steps(self) -> tuple[Step, ...]:
        """To ACEScg where the pixels are not, one ``gamut_compress`` or ``gamut_expand`` step, and back."""
        there = Convert(self.space, spaces[_WORKING])
        kernel = "gamut_expand" if self.reverse else "gamut_compress"
        own = Step(kernel, (*self.threshold, *self.scale(), self.power))
        return (*there.steps(), own, *there.inverse().steps())

    def inverse(self) -> GamutCompress:
        """The opposite direction; exact up to rounding, which grows towards the asymptote of the curve."""
        return GamutCompress(self.threshold, self.limit, self.power, self.space, not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing is left of compressing and then expanding; the other order loses what is beyond the asymptote."""
        return Matrix(np.eye(3)) if not self.reverse and after == self.inverse() else None


def gamut_compress(
    *,
    threshold: float | Triple = _THRESHOLD,
    limit: float | Triple = _LIMIT,
    power: float = _POWER,
    space: str | Space = _WORKING,
) -> GamutCompress:
    """The op of the ACES 1.3 reference gamut compression.

    Parameters
    ----------
    threshold : float or three floats, optional
        The distance from grey up to which cyan, magenta and yellow stay.
    limit : float or three floats, optional
        The distance that is brought to 1, the hull of AP1.
    power : float, optional
        How sharply the curve bends.
    space : str or Space, optional
        What the pixels are in; others than ACEScg are converted there and back in the same pass.

    Returns
    -------
    GamutCompress
        Frozen.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> gamut_compress(power=1.5)
    gamut_compress(power=1.5)
    """
    return GamutCompress(threshold, limit, power, space)  # type: ignore[arg-type]
