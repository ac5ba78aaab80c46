"""Nuke's Grade, and lift, gamma and gain, which are three of its seven numbers.

::

    A = multiply (gain - lift) / (whitepoint - blackpoint)
    B = offset + lift - A blackpoint
    y = (A x + B)^(1 / gamma)                     then the clamps
    x = (y^gamma - B) / A                         reverse, then the clamps

That is what the Grade node of Nuke says of itself (its help text; Foundry, Nuke Reference Guide, Color Nodes).
Negative values pass the power unchanged, and NaN stays NaN but for a black clamp, which makes it 0.

Above 1 the node itself does not follow its formula: it goes on along the tangent, ``1 + (v - 1) / gamma``, and so does
``above_one="linear"``. The default keeps the power, as other gammas here do; the two are the same up to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np

from vfx import checks
from vfx.color.linear import Affine, Gain, PerChannel, shown
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = ["Grade", "LiftGammaGain", "grade", "lift_gamma_gain"]

Triple = tuple[float, float, float]
# One number for all channels, or one for each of red, green and blue.
Numbers = float | Sequence[float]

_ONES: Triple = (1.0, 1.0, 1.0)
_ZEROS: Triple = (0.0, 0.0, 0.0)
# Exponents beyond these leave nothing but 0, 1 and infinity in float32.
_LEAST, _MOST = 1e-3, 1e3
_INFINITE: Triple = (float("inf"),) * 3


def _gamma(value: object) -> Triple:
    """Three gammas that make sense."""
    red, green, blue = checks.triple("gamma", value)
    for number in (red, green, blue):
        checks.number("gamma", number, low=_LEAST, high=_MOST)
    return red, green, blue


@dataclass(frozen=True, repr=False)
class Grade(PixelOp):
    """Nuke's Grade, forwards or in reverse.

    Parameters
    ----------
    blackpoint, whitepoint : float or three floats
        What becomes lift, and what becomes gain; different in every channel.
    lift, gain, multiply, offset : float or three floats
        As in the formula.
    gamma : float or three floats
        0.001 to 1000; above 1 brightens.
    black_clamp, white_clamp : bool
        Whether the result is limited to at least 0, and to at most 1.
    reverse : bool
        Undo the grade instead; the clamps still come last.
    above_one : {"power", "linear"}
        How the gamma goes on above 1: as a power, or along its tangent as Nuke's node does.
    """

    blackpoint: Triple = _ZEROS
    whitepoint: Triple = _ONES
    lift: Triple = _ZEROS
    gain: Triple = _ONES
    multiply: Triple = _ONES
    offset: Triple = _ZEROS
    gamma: Triple = _ONES
    black_clamp: bool = False
    white_clamp: bool = False
    reverse: bool = False
    above_one: str = "power"
    name: ClassVar[str] = "grade"

    def __post_init__(self) -> None:
        """Check every number, and that the points differ."""
        for each in ("blackpoint", "whitepoint", "lift", "gain", "multiply", "offset"):
            object.__setattr__(self, each, checks.triple(each, getattr(self, each)))
        object.__setattr__(self, "gamma", _gamma(self.gamma))
        for each in ("black_clamp", "white_clamp", "reverse"):
            if not isinstance(getattr(self, each), (bool, np.bool_)):
                raise TypeError(f"{each} must be True or False, got {getattr(self, each)!r}")
            object.__setattr__(self, each, bool(getattr(self, each)))
        checks.one_of("above_one", self.above_one, ("power", "linear"))
        if any(black == white for black, white in zip(self.blackpoint, self.whitepoint, strict=True)):
            points = f"{shown(self.blackpoint)} and {shown(self.whitepoint)}"
            raise ValueError(f"blackpoint and whitepoint must differ in every channel, got {points}")
        if not np.isfinite(self._ramp()).all():
            raise ValueError(f"multiply (gain - lift) / (whitepoint - blackpoint) must be finite, got {self!r}")
        if self.reverse and 0.0 in self._ramp()[0]:
            raise NotInvertibleError(f"a grade that multiplies by 0 has no reverse: {self!r}")

    def __repr__(self) -> str:
        """As the fluent method is written."""
        parts = [(each.name, getattr(self, each.name), each.default) for each in fields(self)]
        return f"grade({', '.join(f'{name}={shown(value)}' for name, value, default in parts if value != default)})"

    def _ramp(self) -> tuple[Triple, Triple]:
        """A and B of the formula."""
        black, white, lift, gain = (np.array(x) for x in (self.blackpoint, self.whitepoint, self.lift, self.gain))
        with np.errstate(over="ignore", invalid="ignore"):
            factor = np.array(self.multiply) * (gain - lift) / (white - black)
            constant = np.array(self.offset) + lift - factor * black
        return tuple(factor.tolist()), tuple(constant.tolist())

    def _linear(self) -> PerChannel:
        """The ramp, or its reverse, as an op."""
        factor, constant = self._ramp()
        if self.reverse:
            constant = tuple(-b / a for a, b in zip(factor, constant, strict=True))  # type: ignore[assignment]
            factor = tuple(1.0 / a for a in factor)  # type: ignore[assignment]
        return Gain(factor) if constant == _ZEROS else Affine(factor, constant)

    @property
    def _is_linear(self) -> bool:
        """Whether there is neither gamma nor clamp."""
        return self.gamma == _ONES and not (self.black_clamp or self.white_clamp)

    def steps(self) -> tuple[Step, ...]:
        """The ramp and the power, in the order of the direction, then the clamps; what is neutral is left out."""
        ramp = self._linear()
        linear = () if ramp.is_identity else ramp.steps()
        exponent = self.gamma if self.reverse else tuple(1.0 / g for g in self.gamma)
        curve = Step("power", (*exponent, 2.0)) if self.above_one == "power" else Step("power_linear", exponent)
        power = () if self.gamma == _ONES else (curve,)
        low = (Step("clamp", _ZEROS + (_ONES if self.white_clamp else _INFINITE)),) if self.black_clamp else ()
        high = (Step("at_most", _ONES),) if self.white_clamp and not self.black_clamp else ()
        return (*((*power, *linear) if self.reverse else (*linear, *power)), *low, *high)

    @property
    def is_identity(self) -> bool:
        """Whether the ramp and the gamma are neutral and nothing is clamped."""
        return self._is_linear and self._linear().is_identity

    def inverse(self) -> Grade:
        """The same numbers in the opposite direction.

        Raises
        ------
        NotInvertibleError
            If something is clamped or multiplied by 0.
        """
        if self.black_clamp or self.white_clamp:
            raise NotInvertibleError(f"{self!r} has no inverse: what was clamped is lost")
        return replace(self, reverse=not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """One multiply-add with a linear op while gamma is 1 and nothing is clamped; a grade and its inverse cancel."""
        if isinstance(after, Grade):
            if not (self.black_clamp or self.white_clamp) and after == replace(self, reverse=not self.reverse):
                return Grade()
            after = after._linear() if after._is_linear else after
        return self._linear().combine(after) if self._is_linear else None


@dataclass(frozen=True, repr=False)
class LiftGammaGain(PixelOp):
    """``(x (gain - lift) + lift)^(1 / gamma)``; negative values pass the power.

    Parameters
    ----------
    lift : float or three floats
        What black becomes, before the gamma; white stays.
    gamma : float or three floats
        0.001 to 1000; above 1 brightens.
    gain : float or three floats
        What white becomes, before the gamma; black stays.
    """

    lift: Triple = _ZEROS
    gamma: Triple = _ONES
    gain: Triple = _ONES
    name: ClassVar[str] = "lift_gamma_gain"

    def __post_init__(self) -> None:
        """Check the numbers."""
        for each in ("lift", "gain"):
            object.__setattr__(self, each, checks.triple(each, getattr(self, each)))
        object.__setattr__(self, "gamma", _gamma(self.gamma))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"lift_gamma_gain({shown(self.lift)}, {shown(self.gamma)}, {shown(self.gain)})"

    @property
    def _grade(self) -> Grade:
        """The grade that does the same."""
        return Grade(lift=self.lift, gain=self.gain, gamma=self.gamma)

    def steps(self) -> tuple[Step, ...]:
        """Those of the grade with the same three numbers."""
        return self._grade.steps()

    @property
    def is_identity(self) -> bool:
        """Whether the three are neutral."""
        return self._grade.is_identity

    def inverse(self) -> Grade:
        """The reverse grade with the same three numbers.

        Raises
        ------
        NotInvertibleError
            If lift and gain are the same in a channel.
        """
        return self._grade.inverse()

    def combine(self, after: PixelOp) -> PixelOp | None:
        """As the grade with the same three numbers."""
        return self._grade.combine(after._grade if isinstance(after, LiftGammaGain) else after)


def grade(
    blackpoint: Numbers = 0.0,
    whitepoint: Numbers = 1.0,
    lift: Numbers = 0.0,
    gain: Numbers = 1.0,
    multiply: Numbers = 1.0,
    offset: Numbers = 0.0,
    gamma: Numbers = 1.0,
    black_clamp: bool = False,
    white_clamp: bool = False,
    reverse: bool = False,
    above_one: str = "power",
) -> Grade:
    """The op of Nuke's Grade, ``(A x + B)^(1 / gamma)``.

    Parameters
    ----------
    blackpoint, whitepoint : float or three floats, optional
        What becomes lift, and what becomes gain.
    lift, gain, multiply, offset : float or three floats, optional
        ``A = multiply (gain - lift) / (whitepoint - blackpoint)``, ``B = offset + lift - A blackpoint``.
    gamma : float or three floats, optional
        Above 1 brightens; negative values pass it.
    black_clamp, white_clamp : bool, optional
        Limit the result to at least 0, and to at most 1. Nuke's node has its black clamp on until it is switched off.
    reverse : bool, optional
        Undo the grade.
    above_one : {"power", "linear"}, optional
        ``"linear"`` goes on along the tangent above 1, as Nuke's node does.

    Returns
    -------
    Grade
        Frozen.

    Raises
    ------
    NotInvertibleError
        If a reverse grade would divide by 0.
    ValueError
        If blackpoint and whitepoint are the same, or gamma is not above 0.

    Examples
    --------
    >>> grade(blackpoint=0.05, gain=1.2).inverse()
    grade(blackpoint=0.05, gain=1.2, reverse=True)
    """
    return Grade(
        checks.triple("blackpoint", blackpoint),
        checks.triple("whitepoint", whitepoint),
        checks.triple("lift", lift),
        checks.triple("gain", gain),
        checks.triple("multiply", multiply),
        checks.triple("offset", offset),
        checks.triple("gamma", gamma),
        black_clamp,
        white_clamp,
        reverse,
        above_one,
    )


def lift_gamma_gain(lift: Numbers = 0.0, gamma: Numbers = 1.0, gain: Numbers = 1.0) -> LiftGammaGain:
    """The op ``(x (gain - lift) + lift)^(1 / gamma)``.

    Parameters
    ----------
    lift : float or three floats, optional
        What black becomes; white stays.
    gamma : float or three floats, optional
        Above 1 brightens; negative values pass it.
    gain : float or three floats, optional
        What white becomes; black stays.

    Returns
    -------
    LiftGammaGain
        Frozen.

    Examples
    --------
    >>> lift_gamma_gain(0.02, 1.1, [1.1, 1, 1])
    lift_gamma_gain(0.02, 1.1, (1.1, 1.0, 1.0))
    """
    return LiftGammaGain(checks.triple("lift", lift), checks.triple("gamma", gamma), checks.triple("gain", gain))
