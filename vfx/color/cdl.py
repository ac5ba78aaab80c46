"""The ASC Color Decision List: its numbers and its pixel op.

::

    NO_CLAMP   y = (x slope + offset)^power, then saturation
    ASC 1.2    y = clamp(clamp(x slope + offset)^power, then saturation)

Both are exactly OpenColorIO's two CDL styles: without clamps a negative value passes the power
unchanged, and NaN becomes 0 there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np

from vfx import checks
from vfx.color.linear import Saturation, shown
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = ["CDL", "CdlOp", "cdl"]

Triple = tuple[float, float, float]
Numbers = float | Sequence[float]

_ONES: Triple = (1.0, 1.0, 1.0)
_ZEROS: Triple = (0.0, 0.0, 0.0)
_TEXTS = ("id", "description", "input_description", "viewing_description", "sop_description", "sat_description")


def _least(name: str, value: object, low: float, *, above: bool = False) -> Triple:
    """Three floats of at least (or above) ``low``."""
    numbers = checks.triple(name, value)
    if any(number < low or (above and number == low) for number in numbers):
        bound = "above" if above else "at least"
        raise ValueError(f"{name} must be {bound} {low:g} (ASC CDL 1.2), got {shown(numbers)}")
    return numbers


@dataclass(frozen=True)
class CDL:
    """One colour correction of the ASC CDL, version 1.2.

    Parameters
    ----------
    slope : float or three floats, optional
        Factor, at least 0.
    offset : float or three floats, optional
        Constant added after the slope.
    power : float or three floats, optional
        Exponent, above 0.
    saturation : float, optional
        At least 0; luma weights of Rec.709.
    id : str, optional
        Its name in a collection, often the shot's.
    description : str, optional
        Free text; several descriptions are lines.
    input_description, viewing_description : str, optional
        Which colour space it works in, and how it was viewed.
    sop_description, sat_description : str, optional
        Free text about slope, offset and power, and about saturation.

    Examples
    --------
    >>> CDL(slope=1.1, saturation=0.9).slope
    (1.1, 1.1, 1.1)
    """

    slope: Triple = _ONES
    offset: Triple = _ZEROS
    power: Triple = _ONES
    saturation: float = 1.0
    id: str = ""
    description: str = ""
    input_description: str = ""
    viewing_description: str = ""
    sop_description: str = ""
    sat_description: str = ""

    def __post_init__(self) -> None:
        """Check the ranges of ASC CDL 1.2."""
        object.__setattr__(self, "slope", _least("slope", self.slope, 0.0))
        object.__setattr__(self, "offset", checks.triple("offset", self.offset))
        object.__setattr__(self, "power", _least("power", self.power, 0.0, above=True))
        object.__setattr__(self, "saturation", checks.number("saturation", self.saturation, low=0.0))
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be text, got {getattr(self, name)!r}")

    def __repr__(self) -> str:
        """The numbers, then the texts that are not empty."""
        numbers = ("slope", "offset", "power", "saturation")
        parts = [f"{name}={shown(getattr(self, name))}" for name in numbers]
        parts += [f"{name}={getattr(self, name)!r}" for name in _TEXTS if getattr(self, name)]
        return f"CDL({', '.join(parts)})"


@dataclass(frozen=True, repr=False)
class CdlOp(PixelOp):
    """The pixel op of a colour correction, or of its reverse.

    Parameters
    ----------
    slope, offset, power : three floats
        As in :class:`CDL`.
    saturation : float
        As in :class:`CDL`.
    clamp : bool
        ASC 1.2 clamps to [0, 1] before the power and at the end.
    reverse : bool
        Undo the correction instead; with ``clamp`` only values that were not clamped come back.
    """

    slope: Triple = _ONES
    offset: Triple = _ZEROS
    power: Triple = _ONES
    saturation: float = 1.0
    clamp: bool = False
    reverse: bool = False
    name: ClassVar[str] = "cdl"

    def __post_init__(self) -> None:
        """Check the ranges of ASC CDL 1.2."""
        checked = CDL(self.slope, self.offset, self.power, self.saturation)
        for field in ("slope", "offset", "power", "saturation"):
            object.__setattr__(self, field, getattr(checked, field))
        if not isinstance(self.clamp, (bool, np.bool_)):
            raise TypeError(f"clamp must be True or False, got {self.clamp!r}")
        object.__setattr__(self, "clamp", bool(self.clamp))
        if self.reverse and (0.0 in self.slope or self.saturation == 0.0):
            raise NotInvertibleError(f"a CDL of slope or saturation 0 has no inverse: {self!r}")

    def __repr__(self) -> str:
        """As the fluent method is written; a reverse op says so."""
        parts = [(each.name, getattr(self, each.name), each.default) for each in fields(self)]
        return f"cdl({', '.join(f'{name}={shown(value)}' for name, value, default in parts if value != default)})"

    def steps(self) -> tuple[Step, ...]:
        """One ``cdl`` or ``cdl_reverse`` step."""
        flag = float(self.clamp)
        if not self.reverse:
            return (Step("cdl", (*self.slope, *self.offset, *self.power, self.saturation, flag)),)
        slope = tuple(1.0 / value for value in self.slope)
        offset = tuple(-value for value in self.offset)
        power = tuple(1.0 / value for value in self.power)
        return (Step("cdl_reverse", (*slope, *offset, *power, 1.0 / self.saturation, flag)),)

    def affine(self) -> tuple[Triple, Triple]:
        """Slope and offset: what comes first, unless it is reversed."""
        return self.slope, self.offset

    @property
    def is_identity(self) -> bool:
        """Whether the numbers are neutral and nothing is clamped."""
        numbers = (self.slope, self.offset, self.power, self.saturation)
        return numbers == (_ONES, _ZEROS, _ONES, 1.0) and not self.clamp

    def inverse(self) -> CdlOp:
        """The opposite direction.

        Raises
        ------
        NotInvertibleError
            If a slope or the saturation is 0.
        """
        return CdlOp(self.slope, self.offset, self.power, self.saturation, self.clamp, not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """A saturation without clamps goes in; a correction and its own reverse without clamps cancel."""
        if self.clamp:
            return None
        if isinstance(after, Saturation) and not self.reverse and after.saturation >= 0.0:
            return replace(self, saturation=self.saturation * after.saturation)
        if not isinstance(after, CdlOp) or self.reverse == after.reverse:
            return None
        return CdlOp() if replace(after, reverse=self.reverse) == self else None


def cdl(
    slope: Numbers | CDL = 1.0,
    offset: Numbers = 0.0,
    power: Numbers = 1.0,
    saturation: float = 1.0,
    clamp: bool = False,
) -> CdlOp:
    """The pixel op of an ASC CDL.

    Parameters
    ----------
    slope : float, three floats or CDL
        The factor, or a whole correction; offset, power and saturation then stay at their defaults.
    offset, power : float or three floats, optional
        The constant and the exponent.
    saturation : float, optional
        At least 0.
    clamp : bool, optional
        True is ASC 1.2 (clamps to [0, 1]); False leaves values beyond [0, 1] alone.

    Returns
    -------
    CdlOp
        Frozen.

    Raises
    ------
    TypeError
        If a CDL comes with further numbers.
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> cdl(slope=[1.1, 1, 0.95], saturation=0.9)
    cdl(slope=(1.1, 1.0, 0.95), saturation=0.9)
    """
    if isinstance(slope, CDL):
        others = (checks.triple("offset", offset), checks.triple("power", power), saturation)
        if others != (_ZEROS, _ONES, 1.0):
            raise TypeError("a CDL brings its own offset, power and saturation: give either the CDL or the numbers")
        return CdlOp(slope.slope, slope.offset, slope.power, slope.saturation, clamp)
    triples = (checks.triple("slope", slope), checks.triple("offset", offset), checks.triple("power", power))
    return CdlOp(*triples, saturation, clamp)
