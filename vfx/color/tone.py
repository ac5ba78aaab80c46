"""Tone: stops of exposure for shadows, midtones and highlights, smoothly into each other.

The formula is this project's own: an exposure that depends on the pixel's luma, so that hue and saturation stay
and greys stay grey. With ``e = log2(L / pivot)``, the pixel's stops from middle grey::

    y = x * 2^g(e)      g = midtones + b(|e| / 5) (end - midtones)      end: shadows where e < 0, else highlights
                        b(t) = t^2 (3 - 2 t), and 1 from t = 1 on

    stops   shadows ---___
                          ---___midtones___---
                                              ---___ highlights
            |      |             |             |
    e      ...    -5             0            +5 ...

Five stops below the pivot and darker (black and negative luma too) the shadows have it all, five stops above and
brighter (infinity too) the highlights, and three equal values are an exposure. While shadows exceed midtones, and
midtones exceed highlights, by no more than 3 stops, the result rises with the source: a slope of 1/10 in stops is
the least. A pixel with NaN passes.

The way back finds ``e`` from ``e + g(e)`` by Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vfx import checks
from vfx.color.linear import REC709_LUMA
from vfx.pixelop import PixelOp, Step

__all__ = ["Tone", "tone"]

_MOST_STOPS = 10.0
_MOST_SQUEEZE = 3.0


@dataclass(frozen=True, repr=False)
class Tone(PixelOp):
    """Stops of exposure for three zones of luma, or their way back.

    Parameters
    ----------
    shadows, midtones, highlights : float
        Stops, -10 to 10; 0 changes nothing. ``shadows - midtones`` and ``midtones - highlights`` are at most 3.
    pivot : float
        The luma in the middle of the midtones, above 0.
    reverse : bool
        Undo it instead.
    """

    shadows: float = 0.0
    midtones: float = 0.0
    highlights: float = 0.0
    pivot: float = 0.18
    reverse: bool = False
    name: ClassVar[str] = "tone"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the stops and that no tones change places."""
        for each in ("shadows", "midtones", "highlights"):
            stops = checks.number(each, getattr(self, each), low=-_MOST_STOPS, high=_MOST_STOPS)
            object.__setattr__(self, each, stops)
        object.__setattr__(self, "pivot", checks.number("pivot", self.pivot, low=1e-6, high=1e6))
        for above, below in (("shadows", "midtones"), ("midtones", "highlights")):
            squeeze = getattr(self, above) - getattr(self, below)
            if squeeze > _MOST_SQUEEZE:
                raise ValueError(
                    f"{above} may exceed {below} by at most {_MOST_SQUEEZE:g} stops, or tones would change places; "
                    f"got {above} {getattr(self, above):g} and {below} {getattr(self, below):g}"
                )

    def __repr__(self) -> str:
        """As the fluent method is written; a reverse op says so."""
        pivot = "" if self.pivot == 0.18 else f", pivot={self.pivot!r}"
        back = ", reverse=True" if self.reverse else ""
        return f"tone({self.shadows!r}, {self.midtones!r}, {self.highlights!r}{pivot}{back})"

    def steps(self) -> tuple[Step, ...]:
        """One ``tone`` or ``tone_reverse`` step."""
        kernel = "tone_reverse" if self.reverse else "tone"
        return (Step(kernel, (self.shadows, self.midtones, self.highlights, self.pivot, *REC709_LUMA)),)

    @property
    def is_identity(self) -> bool:
        """Whether every zone has 0 stops."""
        return (self.shadows, self.midtones, self.highlights) == (0.0, 0.0, 0.0)

    def inverse(self) -> Tone:
        """The opposite direction."""
        return Tone(self.shadows, self.midtones, self.highlights, self.pivot, not self.reverse)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing, except that a setting and its own way back cancel."""
        return Tone() if isinstance(after, Tone) and after == self.inverse() else None


def tone(shadows: float = 0.0, midtones: float = 0.0, highlights: float = 0.0, *, pivot: float = 0.18) -> Tone:
    """The op that exposes shadows, midtones and highlights by their own stops, keeping hue and saturation.

    Parameters
    ----------
    shadows, midtones, highlights : float, optional
        Stops; shadows from 5 stops below the pivot down, highlights from 5 above up, blended in between.
    pivot : float, optional
        Middle grey.

    Returns
    -------
    Tone
        Frozen.

    Raises
    ------
    ValueError
        If shadows exceed midtones, or midtones highlights, by more than 3 stops: tones would change places.

    Examples
    --------
    >>> tone(1, 0, -0.5).inverse()
    tone(1.0, 0.0, -0.5, reverse=True)
    """
    return Tone(shadows, midtones, highlights, pivot)
