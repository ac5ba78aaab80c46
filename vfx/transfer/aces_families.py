"""Shapes of the Academy's encodings: ACEScc, ACESproxy, ADX; see :mod:`vfx.transfer.families`."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from vfx.pixelop import Step
from vfx.transfer.families import FLOOR, Curve, Values

__all__ = ["AcesCc", "AcesProxy", "Adx"]

_LOG2_10 = math.log2(10.0)


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


@dataclass(frozen=True, repr=False)
class AcesProxy(Curve):
    """ACESproxy, S-2013-001, 4.4: a pure logarithm in whole code values of the video range.

    ``encode(x) = clip(round((log2(x) + mid_log_offset) steps_per_stop + mid_code), low, high) / top``.
    """

    mid_log_offset: float
    steps_per_stop: float
    mid_code: float
    low: float
    high: float
    top: float

    def encode(self, x: Values) -> Values:
        """Whole codes, over ``top``."""
        code = (np.log2(np.maximum(x, FLOOR)) + self.mid_log_offset) * self.steps_per_stop + self.mid_code
        return np.clip(np.floor(code + 0.5), self.low, self.high) / self.top

    def decode(self, y: Values) -> Values:
        """``2^((code - mid_code) / steps_per_stop - mid_log_offset)``."""
        return np.exp2((y * self.top - self.mid_code) / self.steps_per_stop - self.mid_log_offset)

    def encode_steps(self) -> tuple[Step, ...]:
        """One ``log_codes`` step."""
        offset = self.mid_log_offset * self.steps_per_stop + self.mid_code
        return (Step("log_codes", (self.steps_per_stop, offset, self.low, self.high, self.top)),)

    def decode_steps(self) -> tuple[Step, ...]:
        """One ``log_decode`` step."""
        offset = -self.mid_code / self.steps_per_stop - self.mid_log_offset
        numbers = (self.top / self.steps_per_stop, offset, 1.0, 0.0, -math.inf, 1.0, 0.0)
        return (Step("log_decode", numbers),)


@dataclass(frozen=True, repr=False)
class Adx(Curve):
    """One channel of the Academy Density Exchange Encoding, S-2008-002, as it is on neutral film.

    A code is a density, ``(top y - black) / per_density``; a density is a relative exposure by a table of points
    joined by lines, which the last line's ``slope`` continues upwards; below its first point it stays.

    Parameters
    ----------
    top, black, per_density : float
        The largest code, the code of density 0, and codes to a unit of density.
    densities, exposures : tuple of float
        The points: channel-independent density and log10 of relative exposure.
    slope : float
        Log10 exposure to density above the last point.
    """

    top: float
    black: float
    per_density: float
    densities: tuple[float, ...]
    exposures: tuple[float, ...]
    slope: float

    def _lines(self) -> tuple[list[float], list[float], list[float]]:
        """Starts, slopes and offsets of the lines from density to log10 exposure."""
        points = list(zip(self.densities, self.exposures, strict=True))
        slopes = [(f - e) / (q - p) for (p, e), (q, f) in itertools.pairwise(points)] + [self.slope]
        offsets = [e - slope * p for (p, e), slope in zip(points, slopes, strict=True)]
        return list(self.densities), slopes, offsets

    def density_to_exposure(self, density: Values) -> Values:
        """Relative exposures of channel-independent densities."""
        starts, slopes, offsets = self._lines()
        line = np.clip(np.searchsorted(starts, density) - 1, 0, len(starts) - 1)
        log = np.take(slopes, line) * np.maximum(density, starts[0]) + np.take(offsets, line)
        exposure: Values = np.power(10.0, log)
        return exposure

    def exposure_to_density(self, exposure: Values) -> Values:
        """Channel-independent densities of relative exposures."""
        _, slopes, offsets = self._lines()
        log = np.log10(np.maximum(exposure, FLOOR))
        line = np.clip(np.searchsorted(self.exposures, log) - 1, 0, len(slopes) - 1)
        density: Values = (np.maximum(log, self.exposures[0]) - np.take(offsets, line)) / np.take(slopes, line)
        return density

    def encode(self, x: Values) -> Values:
        """Codes of relative exposures, equal in all channels."""
        return (self.exposure_to_density(x) * self.per_density + self.black) / self.top

    def decode(self, y: Values) -> Values:
        """Relative exposures of codes, equal in all channels."""
        return self.density_to_exposure((y * self.top - self.black) / self.per_density)

    def density_steps(self, scale: float = 1.0, offset: float = 0.0) -> tuple[Step, ...]:
        """The steps of :meth:`density_to_exposure`, of densities that are ``scale x + offset``."""
        starts, slopes, offsets = map(np.array, self._lines())
        # The exponent is in stops: one multiplication less for each pixel.
        lines = ((starts - offset) / scale, slopes * (scale * _LOG2_10), (slopes * offset + offsets) * _LOG2_10)
        raised = Step("log_decode", (1.0, 0.0, 1.0, 0.0, -math.inf, 1.0, 0.0))
        return Step("segments", (), np.column_stack(lines).astype(np.float32)), raised

    def exposure_steps(self, scale: float = 1.0, offset: float = 0.0) -> tuple[Step, ...]:
        """The steps of ``scale * exposure_to_density(x) + offset``."""
        _, slopes, offsets = map(np.array, self._lines())
        lines = (np.array(self.exposures) * _LOG2_10, scale / slopes / _LOG2_10, offset - scale * offsets / slopes)
        log = Step("log_encode", (1.0, 0.0, 1.0, 0.0, -math.inf, 1.0, 0.0))
        return log, Step("segments", (), np.column_stack(lines).astype(np.float32))

    def encode_steps(self) -> tuple[Step, ...]:
        """``log_encode``, ``segments``."""
        return self.exposure_steps(self.per_density / self.top, self.black / self.top)

    def decode_steps(self) -> tuple[Step, ...]:
        """``segments``, ``log_decode``."""
        return self.density_steps(self.top / self.per_density, -self.black / self.per_density)
