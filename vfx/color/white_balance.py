"""White balance: colours as if the light of the shot had been neutral.

``white_balance(kelvin, tint)`` names the light that the picture was lit by, as the controls of raw converters and
grading systems do: a higher kelvin means a bluer light, so the result is *warmer*; a positive tint means a greener
light, so the result is more *magenta*. 6504 K and tint 0 change nothing.

The light's chromaticity is taken on the locus that ANSI/IES TM-30-18 uses for reference illuminants:

====================  ===================================================================
kelvin                light
====================  ===================================================================
1667 to 4000          black body (Kang et al. 2002, cubic in 1/T)
4000 to 5000          both, mixed in proportion at equal luminance
5000 to 25000         daylight (CIE 015:2018)
====================  ===================================================================

and then moved by the tint at right angles to the black-body locus of the CIE 1960 diagram: 3000 tints are a Duv (ANSI
C78.377) of 1, about the unit of raw converters. The whole is a von Kries adaptation with CAT16 from that light to the
one of 6504 K, in linear light: one 3x3 matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.color.adaptation import adaptation_matrix
from vfx.color.linear import Matrix, Square, _Linear
from vfx.color.primaries import Primaries
from vfx.color.spaces import Space, primaries_of
from vfx.color.whites import Chromaticity, White
from vfx.pixelop import Step

__all__ = ["WhiteBalance", "light_of", "white_balance"]

_LOWEST, _NEUTRAL, _HIGHEST = 1667.0, 6504.0, 25000.0
_MOST_TINT = 150.0
_TINTS_PER_DUV = 3000.0
_WORKING = "Linear Rec.709 (sRGB)"


def _black_body(kelvin: float) -> Chromaticity:
    """CIE x and y of a black body (Kang et al., J. Korean Phys. Soc. 41 (2002), 1667 K to 25000 K)."""
    t = 1000.0 / kelvin
    if kelvin <= 4000.0:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    if kelvin <= 2222.0:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif kelvin <= 4000.0:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    return x, y


def _daylight(kelvin: float) -> Chromaticity:
    """CIE x and y of a phase of daylight (CIE 015:2018, illuminants D, 4000 K to 25000 K)."""
    t = 1000.0 / kelvin
    if kelvin <= 7000.0:
        x = ((-4.6070 * t + 2.9678) * t + 0.09911) * t + 0.244063
    else:
        x = ((-2.0064 * t + 1.9018) * t + 0.24748) * t + 0.237040
    return x, (-3.000 * x + 2.870) * x - 0.275


def _to_uv(xy: Chromaticity) -> Chromaticity:
    """CIE 1960 u and v (CIE 015:2018)."""
    x, y = xy
    k = -2.0 * x + 12.0 * y + 3.0
    return 4.0 * x / k, 6.0 * y / k


def _from_uv(uv: Chromaticity) -> Chromaticity:
    """CIE x and y."""
    u, v = uv
    k = 2.0 * u - 8.0 * v + 4.0
    return 3.0 * u / k, 2.0 * v / k


def _across(kelvin: float) -> Chromaticity:
    """The unit vector in (u, v) at right angles to the black-body locus, towards green."""
    step = 0.002 * kelvin
    (u1, v1), (u2, v2) = (_to_uv(_black_body(min(max(kelvin + each, _LOWEST), _HIGHEST))) for each in (-step, step))
    du, dv = u2 - u1, v2 - v1
    length = math.hypot(du, dv)
    # Hotter is to the left in u, so a quarter turn clockwise points up, to green.
    return dv / length, -du / length


def light_of(kelvin: float, tint: float = 0.0) -> White:
    """The chromaticity of the light that ``white_balance(kelvin, tint)`` makes neutral.

    Parameters
    ----------
    kelvin : float
        Correlated colour temperature, 1667 to 25000 K.
    tint : float, optional
        Distance from the locus, -150 to 150; positive is greener.

    Returns
    -------
    White
        Its CIE x and y.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> [round(value, 4) for value in light_of(6504).xy]
    [0.3127, 0.3291]
    """
    kelvin = checks.number("kelvin", kelvin, low=_LOWEST, high=_HIGHEST)
    tint = checks.number("tint", tint, low=-_MOST_TINT, high=_MOST_TINT)
    daylight = min(max((kelvin - 4000.0) / 1000.0, 0.0), 1.0)
    if daylight == 0.0:
        x, y = _black_body(kelvin)
    elif daylight == 1.0:
        x, y = _daylight(kelvin)
    else:
        mixed = (1.0 - daylight) * White(*_black_body(kelvin)).to_xyz() + daylight * White(*_daylight(kelvin)).to_xyz()
        x, y = (mixed[:2] / mixed.sum()).tolist()
    if tint != 0.0:
        (u, v), (across_u, across_v) = _to_uv((x, y)), _across(kelvin)
        duv = tint / _TINTS_PER_DUV
        x, y = _from_uv((u + duv * across_u, v + duv * across_v))
    return White(x, y, f"{kelvin:g} K" + (f", tint {tint:g}" if tint else ""))


@dataclass(frozen=True, repr=False)
class WhiteBalance(_Linear):
    """Adaptation from a light to the neutral one, in linear light.

    Parameters
    ----------
    kelvin : float
        The light's colour temperature.
    tint : float
        Its distance from the locus.
    space : str, Space or Primaries
        Whose R, G, B the pixels are, in linear light.
    """

    kelvin: float
    tint: float = 0.0
    space: str | Space | Primaries = _WORKING
    name: ClassVar[str] = "white_balance"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the ranges, and that the space is known."""
        light_of(self.kelvin, self.tint)
        object.__setattr__(self, "kelvin", float(self.kelvin))
        object.__setattr__(self, "tint", float(self.tint))
        primaries_of(self.space)

    def __repr__(self) -> str:
        """As the fluent method is written."""
        tint = f", {self.tint!r}" if self.tint else ""
        where = "" if self.space == _WORKING else f", space={self.space!r}"
        return f"white_balance({self.kelvin!r}{tint}{where})"

    def to_rgb(self) -> npt.NDArray[np.float64]:
        """The 3x3 matrix on linear R, G, B."""
        rgb = primaries_of(self.space)
        # Seen from D65, whatever the white of the space is, so that 6504 K is neutral in all of them.
        to_d65 = adaptation_matrix(rgb.white, "D65") @ rgb.to_xyz()
        balance = adaptation_matrix(light_of(self.kelvin, self.tint), light_of(_NEUTRAL), "cat16")
        return np.asarray(np.linalg.solve(to_d65, balance @ to_d65), dtype=np.float64)

    def as_matrix(self) -> tuple[Square, Square]:
        """The matrix, alpha left alone."""
        matrix = np.eye(4)
        if not self.is_identity:
            matrix[:3, :3] = self.to_rgb()
        return matrix, np.zeros(4)

    def steps(self) -> tuple[Step, ...]:
        """One ``matrix`` step."""
        return Matrix(self.as_matrix()[0]).steps()

    @property
    def is_identity(self) -> bool:
        """Whether the light is the neutral one."""
        return self.kelvin == _NEUTRAL and self.tint == 0.0

    def inverse(self) -> Matrix:
        """The inverse matrix."""
        return Matrix(self.as_matrix()[0]).inverse()


def white_balance(kelvin: float, tint: float = 0.0, *, space: str | Space | Primaries = _WORKING) -> WhiteBalance:
    """The op that makes the light of a colour temperature and a tint neutral.

    Parameters
    ----------
    kelvin : float
        1667 to 25000 K; above 6504 warms, below cools.
    tint : float, optional
        -150 to 150; above 0 turns to magenta, below to green.
    space : str, Space or Primaries, optional
        Whose R, G, B the pixels are, in linear light.

    Returns
    -------
    WhiteBalance
        Frozen.

    Raises
    ------
    ValueError
        If a number is out of its range, or there is no such space.

    Examples
    --------
    >>> white_balance(3200, tint=10)
    white_balance(3200.0, 10.0)
    """
    return WhiteBalance(kelvin, tint, space)
