"""Shapes that only a few cameras use; see :mod:`vfx.transfer.families`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vfx.pixelop import Step
from vfx.transfer.families import FLOOR, Curve, Values, break32

__all__ = ["MirrorLog", "QuadraticToe", "RootToe"]


@dataclass(frozen=True, repr=False)
class MirrorLog(Curve):
    """A logarithm and its mirror image, with or without a line between them.

    ``encode(x) = m ± (a log2(c |x| + 1) + b)`` where ``|x|`` is above ``linear_break``, else ``e x + m``. A curve
    without a line has a ``linear_break`` of -1, and ``b`` of 0.
    """

    a: float
    b: float
    c: float
    m: float
    linear_break: float = -1.0
    encoded_break: float = -1.0
    e: float = 1.0

    def encode(self, x: Values) -> Values:
        """The logarithms outside ``linear_break``, else the line."""
        size = np.abs(x)
        log = np.copysign(self.a * np.log2(self.c * size + 1.0) + self.b, x)
        return np.where(size <= self.linear_break, self.e * x, log) + self.m

    def decode(self, y: Values) -> Values:
        """The exponentials outside ``encoded_break`` from ``m``, else the line."""
        side = y - self.m
        size = np.abs(side)
        power = np.copysign((np.exp2((size - self.b) / self.a) - 1.0) / self.c, side)
        return np.where(size <= self.encoded_break, side / self.e, power)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``mirror_log_encode`` step."""
        numbers = (self.a, self.b, self.c, break32(self.linear_break), self.e, self.m)
        return (Step("mirror_log_encode", numbers),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``mirror_log_decode`` step."""
        numbers = (1.0 / self.a, -self.b / self.a, 1.0 / self.c, break32(self.encoded_break), 1.0 / self.e, self.m)
        return (Step("mirror_log_decode", numbers),)


@dataclass(frozen=True, repr=False)
class QuadraticToe(Curve):
    """A logarithm whose toe is a parabola, as Apple Log has it.

    ``encode(x) = gamma log2(x + beta) + delta`` from ``knee`` up, ``sigma (x - vertex)^2`` down to ``vertex``, then 0.
    """

    vertex: float
    knee: float
    sigma: float
    beta: float
    gamma: float
    delta: float

    @property
    def linear_break(self) -> float:
        """The last value of the parabola."""
        return math.nextafter(self.knee, -math.inf)

    @property
    def encoded_break(self) -> float:
        """The last code of the parabola."""
        return math.nextafter(self.sigma * (self.knee - self.vertex) ** 2, -math.inf)

    def encode(self, x: Values) -> Values:
        """The logarithm from ``knee`` up, else the parabola, else 0."""
        log = self.gamma * np.log2(np.maximum(x + self.beta, FLOOR)) + self.delta
        return np.where(x <= self.linear_break, self.sigma * np.maximum(x - self.vertex, 0.0) ** 2, log)

    def decode(self, y: Values) -> Values:
        """The exponential, else the square root, which ends at ``vertex``."""
        power = np.exp2((y - self.delta) / self.gamma) - self.beta
        return np.where(y <= self.encoded_break, np.sqrt(np.maximum(y, 0.0) / self.sigma) + self.vertex, power)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``square_log_encode`` step."""
        numbers = (self.gamma, self.delta, self.beta, break32(self.linear_break), math.sqrt(self.sigma), self.vertex)
        return (Step("square_log_encode", numbers),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``square_log_decode`` step."""
        a, b = 1.0 / self.gamma, -self.delta / self.gamma
        numbers = (a, b, -self.beta, break32(self.encoded_break), 1.0 / self.sigma, self.vertex)
        return (Step("square_log_decode", numbers),)


@dataclass(frozen=True, repr=False)
class RootToe(Curve):
    """A logarithm whose toe is a cube root, as Nikon N-Log has it.

    ``encode(x) = c ln(x) + d`` above ``linear_break``, ``a (x + b)^(1/3)`` up to it, mirrored about ``-b``.
    """

    a: float
    b: float
    c: float
    d: float
    linear_break: float
    encoded_break: float

    def encode(self, x: Values) -> Values:
        """The logarithm above ``linear_break``, else the cube root."""
        log = self.c * np.log(np.maximum(x, self.linear_break)) + self.d
        return np.where(x <= self.linear_break, self.a * np.cbrt(x + self.b), log)

    def decode(self, y: Values) -> Values:
        """The exponential above ``encoded_break``, else the cube."""
        return np.where(y <= self.encoded_break, (y / self.a) ** 3 - self.b, np.exp((y - self.d) / self.c))

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``root_log_encode`` step."""
        high = float(np.float32(self.b))
        numbers = (self.c * math.log(2.0), self.d, break32(self.linear_break), self.a, high, self.b - high)
        return (Step("root_log_encode", numbers),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``root_log_decode`` step."""
        per_stop = self.c * math.log(2.0)
        numbers = (1.0 / per_stop, -self.d / per_stop, break32(self.encoded_break), 1.0 / self.a, self.b)
        return (Step("root_log_decode", numbers),)
