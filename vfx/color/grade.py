"""The grading operations of the public API, each a function that builds its pixel op.

Linear ops live in :mod:`vfx.color.linear`; this module adds the powers and the clamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from vfx import checks
from vfx.color.linear import Contrast, Exposure, Gain, Invert, Matrix, Offset, Saturation, shown
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = [
    "Clamp",
    "ContrastLog",
    "Gamma",
    "clamp",
    "contrast",
    "contrast_log",
    "exposure",
    "gain",
    "gamma",
    "invert",
    "matrix",
    "offset",
    "saturation",
]

Triple = tuple[float, float, float]
# One number for all channels, or one for each of red, green and blue.
Numbers = float | Sequence[float]

# Exponents beyond these leave nothing but 0, 1 and infinity in float32.
_LEAST, _MOST = 1e-3, 1e3


def _positive(name: str, value: object) -> Triple:
    """Three floats between the least and the most exponent that make sense."""
    red, green, blue = checks.triple(name, value)
    for number in (red, green, blue):
        checks.number(name, number, low=_LEAST, high=_MOST)
    return red, green, blue


def _product(a: Triple, b: Triple) -> Triple | None:
    """The product per channel, or None when it is no sensible exponent."""
    red, green, blue = (x * y for x, y in zip(a, b, strict=True))
    return (red, green, blue) if all(_LEAST <= x <= _MOST for x in (red, green, blue)) else None


def _reciprocal(a: Triple) -> Triple:
    """One over each."""
    return 1.0 / a[0], 1.0 / a[1], 1.0 / a[2]


@dataclass(frozen=True, repr=False)
class Gamma(PixelOp):
    """``x^(1/gamma)``; zero and negative values pass unchanged, as in Nuke.

    Parameters
    ----------
    gamma : float or three floats
        Above 1 brightens; 0.001 to 1000.
    """

    gamma: Triple
    name: ClassVar[str] = "gamma"

    def __post_init__(self) -> None:
        """Check the exponents."""
        object.__setattr__(self, "gamma", _positive("gamma", self.gamma))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"gamma({shown(self.gamma)})"

    def steps(self) -> tuple[Step, ...]:
        """One ``power`` step that passes negatives."""
        return (Step("power", (*_reciprocal(self.gamma), 2.0)),)

    @property
    def is_identity(self) -> bool:
        """Whether every gamma is 1."""
        return self.gamma == (1.0, 1.0, 1.0)

    def inverse(self) -> Gamma:
        """The reciprocal gammas."""
        return Gamma(_reciprocal(self.gamma))

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The product of the gammas."""
        joined = _product(self.gamma, after.gamma) if isinstance(after, Gamma) else None
        return Gamma(joined) if joined else None


@dataclass(frozen=True, repr=False)
class ContrastLog(PixelOp):
    """``pivot (x / pivot)^contrast``: contrast in log space; zero and negative values pass unchanged.

    Parameters
    ----------
    contrast : float or three floats
        1 changes nothing; 0.001 to 1000.
    pivot : float
        The value that stays, above 0.
    """

    contrast: Triple
    pivot: float = 0.18
    name: ClassVar[str] = "contrast_log"

    def __post_init__(self) -> None:
        """Check both."""
        object.__setattr__(self, "contrast", _positive("contrast", self.contrast))
        object.__setattr__(self, "pivot", checks.number("pivot", self.pivot, low=1e-6, high=1e6))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        pivot = "" if self.pivot == 0.18 else f", pivot={self.pivot!r}"
        return f"contrast_log({shown(self.contrast)}{pivot})"

    def steps(self) -> tuple[Step, ...]:
        """One ``contrast_log`` step."""
        return (Step("contrast_log", (*self.contrast, self.pivot)),)

    @property
    def is_identity(self) -> bool:
        """Whether every contrast is 1."""
        return self.contrast == (1.0, 1.0, 1.0)

    def inverse(self) -> ContrastLog:
        """The reciprocal contrasts."""
        return ContrastLog(_reciprocal(self.contrast), self.pivot)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The product of the contrasts around one pivot."""
        if not isinstance(after, ContrastLog) or after.pivot != self.pivot:
            return None
        joined = _product(self.contrast, after.contrast)
        return ContrastLog(joined, self.pivot) if joined else None


@dataclass(frozen=True, repr=False)
class Clamp(PixelOp):
    """``x`` limited to [low, high]; NaN becomes low.

    Parameters
    ----------
    low, high : float or three floats
        The limits; low is not above high, and an infinite one is none.
    """

    low: Triple = (0.0, 0.0, 0.0)
    high: Triple = (1.0, 1.0, 1.0)
    name: ClassVar[str] = "clamp"

    def __post_init__(self) -> None:
        """Check both and their order."""
        low, high = checks.triple("low", self.low, finite=False), checks.triple("high", self.high, finite=False)
        if any(a > b for a, b in zip(low, high, strict=True)):
            raise ValueError(f"low must not be above high, got low {shown(low)} and high {shown(high)}")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"clamp({shown(self.low)}, {shown(self.high)})"

    def steps(self) -> tuple[Step, ...]:
        """One ``clamp`` step."""
        return (Step("clamp", self.low + self.high),)

    def inverse(self) -> PixelOp:
        """Nothing: what was clamped is lost.

        Raises
        ------
        NotInvertibleError
            Always.
        """
        raise NotInvertibleError(f"{self!r} has no inverse: what was clamped is lost")

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The two limits as one."""
        if not isinstance(after, Clamp):
            return None
        limits = list(zip(after.low, after.high, strict=True))
        low = tuple(min(max(x, lo), hi) for x, (lo, hi) in zip(self.low, limits, strict=True))
        high = tuple(min(max(x, lo), hi) for x, (lo, hi) in zip(self.high, limits, strict=True))
        return Clamp(low, high)  # type: ignore[arg-type]


def exposure(stops: float) -> Exposure:
    """The op ``x * 2^stops``.

    Examples
    --------
    >>> exposure(1).inverse()
    exposure(-1.0)
    """
    return Exposure(stops)


def gain(gain: Numbers) -> Gain:
    """The op ``x * gain``."""
    return Gain(checks.triple("gain", gain))


def offset(offset: Numbers) -> Offset:
    """The op ``x + offset``."""
    return Offset(checks.triple("offset", offset))


def gamma(gamma: Numbers) -> Gamma:
    """The op ``x^(1/gamma)``, Nuke's Gamma: above 1 brightens, negative values pass unchanged."""
    return Gamma(checks.triple("gamma", gamma))


def contrast(contrast: Numbers, pivot: float = 0.18) -> Contrast:
    """The op ``(x - pivot) * contrast + pivot``."""
    return Contrast(checks.triple("contrast", contrast), pivot)


def contrast_log(contrast: Numbers, pivot: float = 0.18) -> ContrastLog:
    """The op ``pivot (x / pivot)^contrast``; zero and negative values pass unchanged."""
    return ContrastLog(checks.triple("contrast", contrast), pivot)


def saturation(saturation: float) -> Saturation:
    """The op ``L + saturation (x - L)``, ``L`` the luma of Rec.709's weights .2126 .7152 .0722."""
    return Saturation(saturation)


def clamp(low: Numbers = 0.0, high: Numbers = 1.0) -> Clamp:
    """The op that limits values to [low, high]; NaN becomes low."""
    return Clamp(checks.triple("low", low, finite=False), checks.triple("high", high, finite=False))


def invert() -> Invert:
    """The op ``1 - x``."""
    return Invert()


def matrix(matrix: npt.ArrayLike) -> Matrix:
    """The op of a 3x3, 3x4 (with offset column), 4x4 (on R, G, B, A) or 4x5 matrix."""
    return Matrix(matrix)
