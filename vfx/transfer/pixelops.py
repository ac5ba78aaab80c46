"""Transfer functions as pixel ops: ``encode`` and ``decode`` build them from a curve's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vfx.pixelop import PixelOp, Step
from vfx.transfer.curves import curve as find
from vfx.transfer.families import Curve

__all__ = ["Decode", "Encode", "decode", "encode"]

_LINEAR = find("linear")


@dataclass(frozen=True, repr=False)
class Encode(PixelOp):
    """Linear light to code values.

    Parameters
    ----------
    curve : Curve
        The transfer function.
    """

    curve: Curve
    name: ClassVar[str] = "encode"

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"encode({self.curve.arguments})"

    def steps(self) -> tuple[Step, ...]:
        """The curve's own."""
        return self.curve.encode_steps()

    @property
    def is_identity(self) -> bool:
        """Whether the curve is linear."""
        return not self.steps()

    def inverse(self) -> Decode:
        """Decoding by the same curve."""
        return Decode(self.curve)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing is left of encoding and decoding by one curve, where that loses nothing."""
        cancels = isinstance(after, Decode) and after.curve == self.curve and self.curve.bijective
        return Encode(_LINEAR) if cancels else None


@dataclass(frozen=True, repr=False)
class Decode(PixelOp):
    """Code values to linear light.

    Parameters
    ----------
    curve : Curve
        The transfer function.
    """

    curve: Curve
    name: ClassVar[str] = "decode"

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"decode({self.curve.arguments})"

    def steps(self) -> tuple[Step, ...]:
        """The curve's own."""
        return self.curve.decode_steps()

    @property
    def is_identity(self) -> bool:
        """Whether the curve is linear."""
        return not self.steps()

    def inverse(self) -> Encode:
        """Encoding by the same curve."""
        return Encode(self.curve)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Nothing is left of decoding and encoding by one curve, where that loses nothing."""
        cancels = isinstance(after, Encode) and after.curve == self.curve and self.curve.bijective
        return Encode(_LINEAR) if cancels else None


def encode(curve: str | Curve, **params: float | str) -> Encode:
    """The op that turns linear light into the code values of ``curve``; see :func:`vfx.transfer.curve`.

    Examples
    --------
    >>> encode("pq", nits=203)
    encode('pq', nits=203.0)
    """
    return Encode(find(curve, **params))


def decode(curve: str | Curve, **params: float | str) -> Decode:
    """The op that turns code values of ``curve`` into linear light; see :func:`vfx.transfer.curve`.

    Examples
    --------
    >>> decode("srgb")
    decode('srgb')
    """
    return Decode(find(curve, **params))
