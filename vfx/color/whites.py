"""White points: CIE 1931 2° chromaticities by name, as the cited documents print them.

``whites["D65"]`` is a :class:`White`; names are matched without regard to case, spaces and punctuation.
``whites()`` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.color._catalogue import Catalogue

__all__ = ["Chromaticity", "White", "chromaticity", "white", "whites"]

#: CIE 1931 x and y.
Chromaticity = tuple[float, float]


def chromaticity(name: str, value: Any) -> Chromaticity:
    """Two floats from a pair of numbers, checked."""
    try:
        x, y = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be two numbers, CIE x and y, got {value!r}") from None
    return checks.number(f"{name} x", x), checks.number(f"{name} y", y)


@dataclass(frozen=True)
class White:
    """A white point.

    Parameters
    ----------
    x, y : float
        CIE 1931 2° chromaticity; y is above 0.
    name : str, optional
        The name it is looked up by.
    standard : str, optional
        The document that prints it.
    aliases : tuple of str, optional
        Other names.

    Examples
    --------
    >>> White(0.3127, 0.3290).to_xyz().round(6).tolist()
    [0.950456, 1.0, 1.089058]
    """

    x: float
    y: float
    name: str = field(default="", compare=False)
    standard: str = field(default="", compare=False)
    aliases: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the chromaticity."""
        object.__setattr__(self, "x", checks.number("white x", self.x))
        object.__setattr__(self, "y", checks.number("white y", self.y, low=1e-6))

    @property
    def xy(self) -> Chromaticity:
        """Both coordinates."""
        return self.x, self.y

    def to_xyz(self) -> npt.NDArray[np.float64]:
        """CIE XYZ at Y = 1 (CIE 015:2018), three float64."""
        return np.array([self.x / self.y, 1.0, (1.0 - self.x - self.y) / self.y])


_CIE = "CIE 015:2018, Colorimetry (standard and recommended illuminants)"
_FLUORESCENT = "CIE 015:2018, Colorimetry (fluorescent lamps FL)"

#: Every white point; ``whites["D65"]``, ``whites()``.
whites: Catalogue[White] = Catalogue(
    "white",
    (
        White(0.44758, 0.40745, "A", _CIE, ("illuminant A", "tungsten", "StdA")),
        White(0.34842, 0.35161, "B", "CIE 015:2004, Colorimetry (obsolete)", ("illuminant B",)),
        White(0.31006, 0.31616, "C", _CIE, ("illuminant C",)),
        White(0.34570, 0.35850, "D50", _CIE, ("illuminant D50",)),
        White(0.33243, 0.34744, "D55", _CIE, ("illuminant D55",)),
        White(0.32162, 0.33762, "D60", "CIE 015:2018, daylight of 6003 K, five digits", ("illuminant D60",)),
        White(0.31270, 0.32900, "D65", "ITU-R BT.709-6, 1.4 (CIE D65, four digits)", ("illuminant D65",)),
        White(0.29903, 0.31488, "D75", _CIE, ("illuminant D75",)),
        White(1.0 / 3.0, 1.0 / 3.0, "E", "CIE 015:2018 (equal energy)", ("equal energy", "illuminant E")),
        White(0.32168, 0.33767, "ACES", "SMPTE ST 2065-1:2012; Academy TB-2018-001", ("ACES white", "D60 ACES")),
        White(0.31400, 0.35100, "DCI", "SMPTE RP 431-2:2011", ("DCI-P3", "DCI white")),
        White(0.312717, 0.3290312, "Blackmagic", "Blackmagic Design, Generation 5 Color Science (2021)"),
        White(0.3721, 0.3751, "F2", _FLUORESCENT, ("FL2",)),
        White(0.3129, 0.3292, "F7", _FLUORESCENT, ("FL7",)),
        White(0.3458, 0.3586, "F8", _FLUORESCENT, ("FL8",)),
        White(0.3805, 0.3769, "F11", _FLUORESCENT, ("FL11",)),
        White(0.4370, 0.4042, "F12", _FLUORESCENT, ("FL12",)),
    ),
)


def white(value: str | White | Chromaticity) -> White:
    """The white point of a name, of a pair of CIE x and y, or the record itself.

    Parameters
    ----------
    value : str, White or two floats
        See :data:`whites`.

    Returns
    -------
    White
        The record.

    Raises
    ------
    ValueError
        If there is no such white, or the numbers are none.

    Examples
    --------
    >>> white("d65").xy
    (0.3127, 0.329)
    """
    if isinstance(value, White):
        return value
    return whites[value] if isinstance(value, str) else White(*chromaticity("white", value))
