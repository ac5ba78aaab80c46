"""Shapes of transfer function: what a curve computes, in float64 and as engine steps.

A curve is a frozen record of constants. Its shape, a class of this module or of the three named below, turns
the constants into exact float64 arithmetic and into the steps that the pixel engine runs in float32. The
constants themselves are in the modules of :mod:`vfx.transfer.curves`.

==================  =======================================  =====================================
shape               encode(x)                                below zero
==================  =======================================  =====================================
``Linear``          x                                        x
``Power``           (x/scale)^(1/g)                          mirrored
``LinearToe``       scale x^(1/g) - offset, above a break    the line of the toe goes on
``Log``             a log2(c x + d) + b, above a break       the line of the toe goes on, if any
``BlackLift``       (x/a)^(1/2.4) - b, ITU-R BT.1886         mirrored about -b; decoding gives 0
``Pq``              SMPTE ST 2084                            mirrored
``Hlg``             ITU-R BT.2100 HLG OETF                   mirrored
``MirrorLog``       m ± (a log2(c abs(x) + 1) + b)           mirrored about the code m
``QuadraticToe``    a log2(x + d) + b, above a break         a parabola down to its vertex, then 0
``RootToe``         a log2(x) + b, above a break             a cube root, mirrored about its zero
``AcesCc``          S-2014-003                               the code of black
``AcesProxy``       S-2013-001, in whole 10-bit codes        the lowest code
``Adx``             S-2008-002                               the lowest density
==================  =======================================  =====================================

``BlackLift``, ``Pq`` and ``Hlg`` are in ``display_families``, ``MirrorLog``, ``QuadraticToe`` and ``RootToe`` in
``camera_families``, ``AcesCc``, ``AcesProxy`` and ``Adx`` in ``aces_families``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vfx.pixelop import Step

__all__ = ["FLOOR", "Curve", "Linear", "LinearToe", "Log", "Power", "break32", "parameters"]

Values = npt.NDArray[np.float64]

#: The smallest normal float32: the floor under every logarithm, here as in the engine.
FLOOR = 2.0**-126


def break32(value: float) -> float:
    """The largest float32 that is not above ``value``: float32 numbers then take the same branch as in float64."""
    nearest = np.float32(value)
    # As Python's floats: NumPy would round ``value`` to float32 before it compares.
    return float(nearest if float(nearest) <= value else np.nextafter(nearest, np.float32(-np.inf)))


@dataclass(frozen=True)
class Curve:
    """A transfer function between linear light and code values.

    Parameters
    ----------
    name : str
        The name it is looked up by, such as ``"srgb"``.
    standard : str
        The document that defines it.
    params : tuple of (str, float or str), optional
        The free parameters it was made with, for its ``repr``.
    bijective : bool, optional
        Whether decoding undoes encoding for every finite value.
    """

    name: str
    standard: str
    params: tuple[tuple[str, float | str], ...] = field(default=(), kw_only=True)
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
    """A pure power curve, mirrored below zero: ``encode(x) = (x / scale)^(1/gamma)``.

    Parameters
    ----------
    gamma : float
        The exponent of decoding.
    scale : float
        The linear value whose code is 1.
    """

    gamma: float
    scale: float = 1.0

    def encode(self, x: Values) -> Values:
        """``(x / scale)^(1/gamma)``."""
        return np.copysign(np.abs(x / self.scale) ** (1.0 / self.gamma), x)

    def decode(self, y: Values) -> Values:
        """``scale y^gamma``."""
        return np.copysign(self.scale * np.abs(y) ** self.gamma, y)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step, after a ``gain`` where there is a scale."""
        power = Step("power", (1.0 / self.gamma, 1.0 / self.gamma, 1.0 / self.gamma, 1.0))
        return (power,) if self.scale == 1.0 else (Step("gain", (1.0 / self.scale,) * 3), power)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step, before a ``gain`` where there is a scale."""
        power = Step("power", (self.gamma, self.gamma, self.gamma, 1.0))
        return (power,) if self.scale == 1.0 else (power, Step("gain", (self.scale,) * 3))


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
        params = (self.exponent, self.scale, self.offset, break32(self.linear_break), self.slope, 0.0)
        return (Step("curve_encode", params),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``curve_decode`` step."""
        exponent, scale, offset = 1.0 / self.exponent, 1.0 / self.scale, self.offset / self.scale
        params = (exponent, scale, offset, break32(self.encoded_break), 1.0 / self.slope, 0.0)
        return (Step("curve_decode", params),)


@dataclass(frozen=True, repr=False)
class Log(Curve):
    """A logarithm, with or without a straight toe.

    ``encode(x) = a log2(c x + d) + b`` above ``linear_break``, ``e x + f`` up to it. A curve without a toe has
    ``linear_break`` and ``encoded_break`` of minus infinity; its logarithm is taken of at least 2^-126. Where a
    document prints other constants for decoding, ``raised`` has them: ``(2^(raised[0] y + raised[1]) - d) / c``.
    """

    a: float
    b: float
    c: float
    d: float
    linear_break: float = -math.inf
    encoded_break: float = -math.inf
    e: float = 1.0
    f: float = 0.0
    raised: tuple[float, float] | None = None

    @property
    def _exponent(self) -> tuple[float, float]:
        """Factor and offset of the exponent of decoding."""
        return self.raised or (1.0 / self.a, -self.b / self.a)

    @property
    def _toe(self) -> bool:
        """Whether there is a line; minus infinity would be below a break of minus infinity."""
        return self.linear_break > -math.inf

    def encode(self, x: Values) -> Values:
        """The logarithm above ``linear_break``, else the line."""
        log = self.a * np.log2(np.maximum(self.c * x + self.d, FLOOR)) + self.b
        return np.where(x <= self.linear_break, self.e * x + self.f, log) if self._toe else log

    def decode(self, y: Values) -> Values:
        """The exponential above ``encoded_break``, else the line."""
        exponent = (y - self.b) / self.a if self.raised is None else self.raised[0] * y + self.raised[1]
        power = (np.exp2(exponent) - self.d) / self.c
        return np.where(y <= self.encoded_break, (y - self.f) / self.e, power) if self._toe else power

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``log_encode`` step."""
        return (Step("log_encode", (self.a, self.b, self.c, self.d, break32(self.linear_break), self.e, self.f)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``log_decode`` step."""
        (a, b), c, d = self._exponent, 1.0 / self.c, -self.d / self.c
        return (Step("log_decode", (a, b, c, d, break32(self.encoded_break), 1.0 / self.e, -self.f / self.e)),)


def parameters(**values: Any) -> tuple[tuple[str, float | str], ...]:
    """``values`` as :class:`Curve` keeps them."""
    return tuple((key, value if isinstance(value, str) else float(value)) for key, value in values.items())
