"""Shapes of the display standards: BT.1886 with a black level, PQ, HLG; see :mod:`vfx.transfer.families`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfx.pixelop import Step
from vfx.transfer.families import Curve, Values

__all__ = ["BlackLift", "Hlg", "Pq"]


@dataclass(frozen=True, repr=False)
class BlackLift(Curve):
    """The reference display of ITU-R BT.1886, Annex 1: ``L = a max(V + b, 0)^gamma``.

    Parameters
    ----------
    gamma : float
        The exponent.
    white, black : float
        The luminance of codes 1 and 0, in any one unit.
    """

    gamma: float
    white: float
    black: float

    @property
    def _root(self) -> float:
        """``L_W^(1/gamma) - L_B^(1/gamma)``: the ``gamma`` th root of the standard's ``a``."""
        root: float = self.white ** (1.0 / self.gamma) - self.black ** (1.0 / self.gamma)
        return root

    @property
    def _lift(self) -> float:
        """The standard's ``b``, times the root of ``a``."""
        lift: float = self.black ** (1.0 / self.gamma)
        return lift

    def encode(self, x: Values) -> Values:
        """``(L / a)^(1/gamma) - b``, the root mirrored below zero."""
        return (np.copysign(np.abs(x) ** (1.0 / self.gamma), x) - self._lift) / self._root

    def decode(self, y: Values) -> Values:
        """``a max(V + b, 0)^gamma``."""
        return np.maximum(y * self._root + self._lift, 0.0) ** self.gamma

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step, and an ``affine`` where black or white are not 0 and 1."""
        power = Step("power", (*(1.0 / self.gamma,) * 3, 1.0))
        return (power, *self._affine(1.0 / self._root, -self._lift / self._root))

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``power`` step, after an ``affine`` where black or white are not 0 and 1."""
        return (*self._affine(self._root, self._lift), Step("power", (*(self.gamma,) * 3, 0.0)))

    def _affine(self, scale: float, offset: float) -> tuple[Step, ...]:
        """A multiplication and an addition, unless they change nothing."""
        return () if (scale, offset) == (1.0, 0.0) else (Step("affine", (*(scale,) * 3, *(offset,) * 3)),)


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
    """The hybrid log-gamma OETF of ARIB STD-B67 and ITU-R BT.2100-2, Table 5.

    Parameters
    ----------
    a, b, c : float
        The constants of its logarithm.
    scale : float
        What linear 1.0 is on the scale of ARIB STD-B67, which runs from 0 to 12.
    """

    a: float
    b: float
    c: float
    scale: float

    def encode(self, x: Values) -> Values:
        """``sqrt(E) / 2`` up to 1, then ``a ln(E - b) + c``, where ``E = scale x``."""
        light = self.scale * np.abs(x)
        log = self.a * np.log(np.maximum(light, 1.0) - self.b) + self.c
        return np.copysign(np.where(light <= 1.0, 0.5 * np.sqrt(light), log), x)

    def decode(self, y: Values) -> Values:
        """``4 y^2`` up to 1/2, then ``exp((y - c) / a) + b``, over ``scale``."""
        code = np.abs(y)
        light = np.exp((code - self.c) / self.a) + self.b
        return np.copysign(np.where(code <= 0.5, 4.0 * code * code, light) / self.scale, y)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``hlg_encode`` step."""
        return (Step("hlg_encode", (self.scale,)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``hlg_decode`` step."""
        return (Step("hlg_decode", (1.0 / self.scale,)),)
