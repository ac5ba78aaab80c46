"""Shapes of transfer function: what a curve computes, in float64 and as engine steps.

A curve is a frozen record of constants. Its shape, one class of this module, turns the constants
into exact float64 arithmetic and into the steps that the pixel engine runs in float32. The
constants themselves are in :mod:`vfx.transfer.curves`.

================  =====================================  ==================================
shape             encode(x)                              below zero
================  =====================================  ==================================
``Linear``        x                                      x
``Power``         x^(1/g)                                mirrored; decoding may give 0
``LinearToe``     scale x^(1/g) - offset, above a break  the line of the toe goes on
``Log``           a log2(c x + d) + b, above a break     the line of the toe goes on, if any
``Pq``            SMPTE ST 2084                          mirrored
``Hlg``           ITU-R BT.2100 HLG OETF                 mirrored
``AcesCc``        S-2014-003                             the code of black
================  =====================================  ==================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vfx.pixelop import Step

__all__ = ["AcesCc", "Curve", "Hlg", "Linear", "LinearToe", "Log", "Power", "Pq", "parameters"]

Values = npt.NDArray[np.float64]

# The smallest normal float32: the floor under every logarithm, here as in the engine.
_FLOOR = 2.0**-126


def _break32(value: float) -> float:
    """The largest float32 that is not above ``value``: float32 numbers then take the same branch as in float64."""
    nearest = np.float32(value)
    return float(nearest if nearest <= value else np.nextafter(nearest, np.float32(-np.inf)))


@dataclass(frozen=True)
class Curve:
    """A transfer function between linear light and code values.

    Parameters
    ----------
    name : str
        The name it is looked up by, such as ``"srgb"``.
    standard : str
        The document that defines it.
    params : tuple of (str, float), optional
        The free parameters it was made with, for its ``repr``.
    bijective : bool, optional
        Whether decoding undoes encoding for every finite value.
    """

    name: str
    standard: str
    params: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)
    bijective: bool = field(default=True, kw_only=True)

    def encode(self, x: Values) -> Values:
        """Code values of the linear values ``x``, in float64."""
        raise NotImplementedError

    def decode(self, y: Values) -> Values:
        """Linear values of the code values ``y``, in float64."""
        raise NotImplementedError

    def encode_steps(self) -> tuple[Step, ...]:
        """The engine steps of :meth:`encode`."""
        raise NotImplementedError

    def decode_steps(self) -> tuple[Step, ...]:
        """The engine steps of :meth:`decode`."""
        raise NotImplementedError

    @property
    def arguments(self) -> str:
        """The name and the free parameters, as ``encode`` takes them."""
        return ", ".join([repr(self.name), *(f"{key}={value!r}" for key, value in self.params)])

    def __repr__(self) -> str:
        """The call that makes it."""
        return f"curve({self.arguments})"


@dataclass(frozen=True, repr=False)
class Linear(Curve):
    """The curve that changes nothing."""

    def encode(self, x: Values) -> Values:
        """The values themselves."""
        return np.array(x)

    def decode(self, y: Values) -> Values:
        """The values themselves."""
        return np.array(y)

    def encode_steps(self) -> tuple[Step, ...]:
        """No steps."""
        return ()

    def decode_steps(self) -> tuple[Step, ...]:
        """No steps."""
        return ()


@dataclass(frozen=True, repr=False)
class Power(Curve):
    """A pure power curve: ``encode(x) = x^(1/gamma)``.

    Parameters
    ----------
    gamma : float
        The exponent of decoding.
    mirror : bool
        Decoding below zero: True gives ``-f(-y)``, False gives 0. Encoding is always mirrored.
    """

    gamma: float
    mirror: bool = True

    def encode(self, x: Values) -> Values:
        """``x^(1/gamma)``."""
        return np.copysign(np.abs(x) ** (1.0 / self.gamma), x)

    def decode(self, y: Values) -> Values:
        """``y^gamma``."""
        power = np.abs(y) ** self.gamma
        return np.copysign(power, y) if self.mirror else np.where(y < 0.0, 0.0, power)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step."""
        return (Step("power", (1.0 / self.gamma, 1.0 / self.gamma, 1.0 / self.gamma, 1.0)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step."""
        return (Step("power", (self.gamma, self.gamma, self.gamma, 1.0 if self.mirror else 0.0)),)


@dataclass(frozen=True, repr=False)
class LinearToe(Curve):
    """A power curve with a straight toe, as most video standards print it.

    ``encode(x) = scale x^exponent - offset`` above ``linear_break``, ``slope x`` up to it and below zero;
    ``encoded_break`` is the code value where decoding changes branch.
    """

    exponent: float
    scale: float
    offset: float
    slope: float
    linear_break: float
    encoded_break: float

    def encode(self, x: Values) -> Values:
        """The power branch above ``linear_break``, else the line."""
        above = np.maximum(x, self.linear_break)
        return np.where(x <= self.linear_break, self.slope * x, self.scale * above**self.exponent - self.offset)

    def decode(self, y: Values) -> Values:
        """The power branch above ``encoded_break``, else the line."""
        above = np.maximum(y, self.encoded_break)
        power = ((above + self.offset) / self.scale) ** (1.0 / self.exponent)
        return np.where(y <= self.encoded_break, y / self.slope, power)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``curve_encode`` step."""
        params = (self.exponent, self.scale, self.offset, _break32(self.linear_break), self.slope, 0.0)
        return (Step("curve_encode", params),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``curve_decode`` step."""
        exponent, scale, offset = 1.0 / self.exponent, 1.0 / self.scale, self.offset / self.scale
        params = (exponent, scale, offset, _break32(self.encoded_break), 1.0 / self.slope, 0.0)
        return (Step("curve_decode", params),)


@dataclass(frozen=True, repr=False)
class Log(Curve):
    """A logarithm, with or without a straight toe.

    ``encode(x) = a log2(c x + d) + b`` above ``linear_break``, ``e x + f`` up to it. A curve without a toe has
    ``linear_break`` and ``encoded_break`` of minus infinity; its logarithm is taken of at least 2^-126.
    """

    a: float
    b: float
    c: float
    d: float
    linear_break: float = -math.inf
    encoded_break: float = -math.inf
    e: float = 1.0
    f: float = 0.0

    @property
    def _toe(self) -> bool:
        """Whether there is a line; minus infinity would be below a break of minus infinity."""
        return self.linear_break > -math.inf

    def encode(self, x: Values) -> Values:
        """The logarithm above ``linear_break``, else the line."""
        log = self.a * np.log2(np.maximum(self.c * x + self.d, _FLOOR)) + self.b
        return np.where(x <= self.linear_break, self.e * x + self.f, log) if self._toe else log

    def decode(self, y: Values) -> Values:
        """The exponential above ``encoded_break``, else the line."""
        power = (np.exp2((y - self.b) / self.a) - self.d) / self.c
        return np.where(y <= self.encoded_break, (y - self.f) / self.e, power) if self._toe else power

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``log_encode`` step."""
        return (Step("log_encode", (self.a, self.b, self.c, self.d, _break32(self.linear_break), self.e, self.f)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``log_decode`` step."""
        a, b, c, d = 1.0 / self.a, -self.b / self.a, 1.0 / self.c, -self.d / self.c
        return (Step("log_decode", (a, b, c, d, _break32(self.encoded_break), 1.0 / self.e, -self.f / self.e)),)


@dataclass(frozen=True, repr=False)
class Pq(Curve):
    """The perceptual quantiser of SMPTE ST 2084:2014, 5.1 and 5.2, where 1.0 means ``nits`` cd/m²."""

    m1: float
    m2: float
    c1: float
    c2: float
    c3: float
    peak: float
    nits: float

    def encode(self, x: Values) -> Values:
        """Code values of ``x * nits`` cd/m²; infinite light gives the limit, 1.992."""
        power = (np.abs(x) * (self.nits / self.peak)) ** self.m1
        ratio = np.where(np.isinf(power), self.c2 / self.c3, (self.c1 + self.c2 * power) / (1.0 + self.c3 * power))
        return np.copysign(ratio**self.m2, x)

    def decode(self, y: Values) -> Values:
        """Luminances in units of ``nits`` cd/m²; codes from the limit on, 1.992, give infinity."""
        power = np.abs(y) ** (1.0 / self.m2)
        below = self.c2 - self.c3 * power
        ratio = np.where(below <= 0.0, np.inf, np.maximum(power - self.c1, 0.0) / below)
        linear = ratio ** (1.0 / self.m1)
        return np.copysign(linear * (self.peak / self.nits), y)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``pq_encode`` step."""
        return (Step("pq_encode", (self.nits / self.peak,)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``pq_decode`` step."""
        return (Step("pq_decode", (self.peak / self.nits,)),)


@dataclass(frozen=True, repr=False)
class Hlg(Curve):
    """The hybrid log-gamma OETF of ITU-R BT.2100-2, Table 5, for linear light in [0, 1]."""

    a: float
    b: float
    c: float

    def encode(self, x: Values) -> Values:
        """``sqrt(3 x)`` up to 1/12, then ``a ln(12 x - b) + c``."""
        light = np.abs(x)
        log = self.a * np.log(np.maximum(12.0 * light, 1.0) - self.b) + self.c
        return np.copysign(np.where(light <= 1.0 / 12.0, np.sqrt(3.0 * light), log), x)

    def decode(self, y: Values) -> Values:
        """``y^2 / 3`` up to 1/2, then ``(exp((y - c) / a) + b) / 12``."""
        code = np.abs(y)
        linear = (np.exp((code - self.c) / self.a) + self.b) / 12.0
        return np.copysign(np.where(code <= 0.5, code * code / 3.0, linear), y)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``hlg_encode`` step."""
        return (Step("hlg_encode", ()),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``hlg_decode`` step."""
        return (Step("hlg_decode", ()),)


@dataclass(frozen=True, repr=False)
class AcesCc(Curve):
    """ACEScc, S-2014-003, 4.4: a pure logarithm that bends just above black and clamps at it."""

    a: float
    b: float

    def encode(self, x: Values) -> Values:
        """``(log2(x) + b) / a`` from 2^-15 up, ``(log2(2^-16 + x/2) + b) / a`` below, black's code under zero."""
        log = np.where(x < 2.0**-15, 2.0**-16 + 0.5 * np.maximum(x, 0.0), x)
        return np.where(np.isnan(x), x, (np.log2(np.maximum(log, 2.0**-16)) + self.b) / self.a)

    def decode(self, y: Values) -> Values:
        """The inverse of :meth:`encode`, at most 65504, the largest half."""
        power = np.exp2(y * self.a - self.b)
        linear = np.where(y <= (self.b - 15.0) / self.a, 2.0 * (power - 2.0**-16), power)
        return np.minimum(linear, 65504.0)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``acescc_encode`` step."""
        return (Step("acescc_encode", ()),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``acescc_decode`` step."""
        return (Step("acescc_decode", ()),)


def parameters(**values: Any) -> tuple[tuple[str, float], ...]:
    """``values`` as :class:`Curve` keeps them."""
    return tuple((key, float(value)) for key, value in values.items())
