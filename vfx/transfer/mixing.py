"""Transfers that mix channels: HLG's scene light to display light, and film density to ACES exposure.

They take whole pixels: an ``Image`` with R, G and B, changed in place, or an array whose last axis is red, green and
blue, which is left alone. As pixel ops they are :class:`HlgOotf` and :class:`AdxToAces`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.image import Image
from vfx.pixelop import PixelOp, Step, on_array, run
from vfx.transfer.aces_families import Adx
from vfx.transfer.curves import curve
from vfx.transfer.families import Values

__all__ = ["AdxToAces", "HlgOotf", "aces_to_adx", "adx_to_aces", "hlg_ootf", "hlg_ootf_op"]

T = TypeVar("T", Image, npt.NDArray[Any])

# ITU-R BT.2100-2, Table 5: the luminance of BT.2100 primaries.
_LUMINANCE = (0.2627, 0.6780, 0.0593)

# Academy S-2008-002 and the Academy's transform ACEScsc.Academy.ADX10_to_ACES: channel-dependent density to
# channel-independent density, and relative exposure to ACES2065-1. The rows add up to 1: neutrals stay as they are.
_TO_INDEPENDENT = ((0.75573, 0.22197, 0.02230), (0.05901, 0.96928, -0.02829), (0.16134, 0.07406, 0.76460))
_TO_ACES = ((0.72286, 0.12630, 0.15084), (0.11923, 0.76418, 0.11659), (0.01427, 0.08213, 0.90359))


@dataclass(frozen=True, repr=False)
class HlgOotf(PixelOp):
    """HLG's opto-optical transfer function, ITU-R BT.2100-2, Table 5: ``F = L_W Y^(gamma - 1) E``.

    Parameters
    ----------
    peak : float
        The display's peak luminance L_W, cd/m².
    gamma : float
        The system gamma.
    nits : float
        The luminance in cd/m² that 1.0 of display light stands for.
    reverse : bool
        Display light to scene light.
    """

    peak: float
    gamma: float
    nits: float
    reverse: bool = False
    name: ClassVar[str] = "hlg_ootf"
    mixes_channels: ClassVar[bool] = True

    def __repr__(self) -> str:
        """As the fluent method is written."""
        reverse = ", reverse=True" if self.reverse else ""
        return f"hlg_ootf({self.peak!r}, gamma={self.gamma!r}, nits={self.nits!r}{reverse})"

    @property
    def _power(self) -> tuple[float, float]:
        """The luminance's exponent, and the factor."""
        if self.reverse:
            return (1.0 - self.gamma) / self.gamma, (self.nits / self.peak) ** (1.0 / self.gamma)
        return self.gamma - 1.0, self.peak / self.nits

    def steps(self) -> tuple[Step, ...]:
        """One ``luminance_power`` step."""
        return (Step("luminance_power", (*self._power, *_LUMINANCE)),)

    def exactly(self, x: Values) -> Values:
        """The same in float64; ``x`` is (..., 3)."""
        exponent, factor = self._power
        luminance = np.abs(x @ np.array(_LUMINANCE))[..., np.newaxis]
        ratio = np.where(luminance == 0.0, 0.0, factor * luminance**exponent)
        return x * ratio

    def inverse(self) -> HlgOotf:
        """The other direction of the same display."""
        return HlgOotf(self.peak, self.gamma, self.nits, not self.reverse)


@dataclass(frozen=True, repr=False)
class AdxToAces(PixelOp):
    """Academy Density Exchange codes to ACES2065-1 light: two matrices around one table (S-2008-002).

    Parameters
    ----------
    bits : int
        10 or 16.
    reverse : bool
        ACES2065-1 to codes.
    """

    bits: int
    reverse: bool = False
    name: ClassVar[str] = "adx_to_aces"
    mixes_channels: ClassVar[bool] = True

    def __repr__(self) -> str:
        """As the function is called."""
        return f"{'aces_to_adx' if self.reverse else 'adx_to_aces'}(bits={self.bits})"

    @property
    def _curve(self) -> Adx:
        """The per-channel part."""
        found = curve(f"adx{self.bits}")
        assert isinstance(found, Adx)
        return found

    def _matrices(self) -> tuple[Values, Values, Values, Values]:
        """First matrix and offset, and last matrix and offset, of this direction."""
        film = self._curve
        independent, aces = np.array(_TO_INDEPENDENT), np.array(_TO_ACES)
        scale, offset = film.top / film.per_density, np.full(3, -film.black / film.per_density)
        zero = np.zeros(3)
        if self.reverse:
            back = np.linalg.inv(independent) / scale
            return np.linalg.inv(aces), zero, back, -offset / scale
        return independent * scale, independent @ offset, aces, zero

    def steps(self) -> tuple[Step, ...]:
        """A ``matrix``, the curve's steps, a ``matrix``."""
        first, before, last, after = self._matrices()
        middle = self._curve.exposure_steps() if self.reverse else self._curve.density_steps()
        into = Step("matrix", tuple(np.column_stack([first, before]).ravel().tolist()))
        return (into, *middle, Step("matrix", tuple(np.column_stack([last, after]).ravel().tolist())))

    def exactly(self, x: Values) -> Values:
        """The same in float64; ``x`` is (..., 3)."""
        first, before, last, after = self._matrices()
        film = self._curve
        middle = film.exposure_to_density if self.reverse else film.density_to_exposure
        result: Values = middle(x @ first.T + before) @ last.T + after
        return result

    def inverse(self) -> AdxToAces:
        """The other direction."""
        return AdxToAces(self.bits, not self.reverse)


def hlg_ootf_op(
    peak: float = 1000.0, *, gamma: float | None = None, nits: float = 100.0, reverse: bool = False
) -> HlgOotf:
    """The op that turns HLG scene light into display light; see :func:`hlg_ootf`.

    Examples
    --------
    >>> hlg_ootf_op(1000).gamma
    1.2
    """
    brightest = checks.number("peak", peak, low=1.0, high=1e5)
    system = 1.2 + 0.42 * math.log10(brightest / 1000.0) if gamma is None else gamma
    unit = checks.number("nits", nits, low=1e-3, high=1e6)
    return HlgOotf(brightest, checks.number("gamma", system, low=0.1, high=10.0), unit, bool(reverse))


def hlg_ootf(
    x: T, peak: float = 1000.0, *, gamma: float | None = None, nits: float = 100.0, reverse: bool = False
) -> T:
    """Display light of HLG scene light; an image is changed in place and returned, an array is left alone.

    Parameters
    ----------
    x : Image or array_like, (..., 3)
        Scene light of BT.2100 primaries in [0, 1], as ``decode(x, "hlg")`` gives it.
    peak : float
        The display's peak luminance, cd/m².
    gamma : float, optional
        The system gamma; without it 1.2 + 0.42 log10(peak / 1000), which ITU-R BT.2100-2, Table 5, note 5e, gives
        for peaks of 400 to 2000 cd/m².
    nits : float
        The luminance in cd/m² that 1.0 of the result stands for, as in ``encode(x, "pq", nits=100)``.
    reverse : bool
        Scene light of display light. What has no luminance is black in both directions.

    Returns
    -------
    Image or numpy.ndarray
        As ``x``.

    Raises
    ------
    ChannelError
        If an image has no R, G and B.
    ValueError
        If a parameter is out of its range or the last axis of an array is not 3.

    Examples
    --------
    >>> hlg_ootf([1.0, 1.0, 1.0], peak=1000).tolist()
    [10.0, 10.0, 10.0]
    """
    result: T = _apply(x, hlg_ootf_op(peak, gamma=gamma, nits=nits, reverse=reverse))
    return result


def adx_to_aces(x: T, *, bits: int = 10) -> T:
    """ACES2065-1 light of ADX codes; an image is changed in place and returned, an array is left alone.

    Parameters
    ----------
    x : Image or array_like, (..., 3)
        Codes of a film scan, 1.0 the largest code.
    bits : {10, 16}
        ADX10 or ADX16.

    Returns
    -------
    Image or numpy.ndarray
        As ``x``. Densities below -0.19 are taken as -0.19.

    Raises
    ------
    ChannelError
        If an image has no R, G and B.
    ValueError
        If ``bits`` is neither 10 nor 16 or the last axis of an array is not 3.

    Examples
    --------
    >>> adx_to_aces([445 / 1023] * 3).round(4).tolist()
    [0.18, 0.18, 0.18]
    """
    result: T = _apply(x, _adx_op(bits, reverse=False))
    return result


def aces_to_adx(x: T, *, bits: int = 10) -> T:
    """ADX codes of ACES2065-1 light, the inverse of :func:`adx_to_aces`.

    Parameters
    ----------
    x : Image or array_like, (..., 3)
        ACES2065-1 light.
    bits : {10, 16}
        ADX10 or ADX16.

    Returns
    -------
    Image or numpy.ndarray
        As ``x``. Channel exposures below 1e-6 have the density -0.19.

    Raises
    ------
    ChannelError
        If an image has no R, G and B.
    ValueError
        If ``bits`` is neither 10 nor 16 or the last axis of an array is not 3.

    Examples
    --------
    >>> (aces_to_adx([0.18, 0.18, 0.18]) * 1023).round(2).tolist()
    [445.0, 445.0, 445.0]
    """
    result: T = _apply(x, _adx_op(bits, reverse=True))
    return result


def _adx_op(bits: int, *, reverse: bool) -> AdxToAces:
    """The op of a code range."""
    if bits not in (10, 16):
        raise ValueError(f"bits must be 10 or 16, got {bits!r}")
    return AdxToAces(int(bits), reverse)


def _apply(x: Any, op: HlgOotf | AdxToAces) -> Any:
    """``x`` through the op."""
    if isinstance(x, Image):
        run((op,), x, x)
        return x
    values = np.asarray(x)
    if not isinstance(x, (np.ndarray, np.generic)) and values.dtype.kind in "iu":
        values = values.astype(np.float64)
    if values.ndim == 0 or values.shape[-1] != 3:
        raise ValueError(f"{op.name} takes (..., 3) arrays of red, green and blue, got {values.shape}")
    if values.dtype == np.float64:
        with np.errstate(all="ignore"):
            return op.exactly(values)
    return on_array(op, values)
