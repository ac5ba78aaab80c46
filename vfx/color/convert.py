"""Conversion between colour spaces: code values to light, light to other primaries, light to code values.

::

    code values of src --decode--> linear R, G, B --3x3 matrix--> linear R, G, B --encode--> code values of dst

All three run in one pass over the pixels, and what does nothing is left out. The matrix goes through CIE XYZ and adapts
the white of ``src`` to that of ``dst``, so R = G = B stays neutral (unless the method is ``"none"``).

Nothing is clamped here, and values below zero and above one go through. What a negative value becomes is the
curve's business: sRGB and the camera logarithms go on with the line of their toe, pure powers, PQ and HLG are mirrored,
BT.1886 decodes them to 0, and ACEScc encodes them to the code of black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from vfx import _late, checks
from vfx.color.adaptation import METHODS, adaptation_matrix
from vfx.color.linear import Matrix
from vfx.color.primaries import Primaries
from vfx.color.spaces import Space, primaries_of, space, spaces
from vfx.image import Image
from vfx.pixelop import PixelOp, Step, on_array, run

__all__ = ["Convert", "convert", "convert_op", "matrix"]

T = TypeVar("T", Image, npt.NDArray[Any])
AnySpace = str | Space | Primaries


def matrix(src: AnySpace, dst: AnySpace, adaptation: str = "bradford") -> npt.NDArray[np.float64]:
    """The 3x3 matrix from linear light in the primaries of ``src`` to those of ``dst``, float64.

    Parameters
    ----------
    src, dst : str, Space or Primaries
        Names of ``vfx.color.primaries()`` or ``vfx.color.spaces()`` (their curve does not matter), or records of one's
        own. ``"XYZ E"``, ``"XYZ D65"``, ``"XYZ D50"`` and ``"XYZ ACES"`` are CIE XYZ seen under that white.
    adaptation : {"bradford", "cat02", "cat16", "von_kries", "xyz_scaling", "none"}, optional
        How the white of ``src`` becomes the white of ``dst``.

    Returns
    -------
    numpy.ndarray, (3, 3) float64
        For column vectors: ``matrix(src, dst) @ (R, G, B)``.

    Raises
    ------
    ValueError
        If there is no such space, set of primaries or method.

    Examples
    --------
    >>> matrix("ACEScg", "Rec.709").round(4).tolist()[0]
    [1.7051, -0.6218, -0.0833]
    """
    first, second = primaries_of(src), primaries_of(dst)
    adapted = adaptation_matrix(first.white, second.white, adaptation)
    if first == second:
        return np.eye(3)
    return np.asarray(second.from_xyz() @ adapted @ first.to_xyz(), dtype=np.float64)


# Film densities mix channels before and after their curve: one op from codes to ACES2065-1, for both bit depths.
_ADX_BITS = {"adx10": 10, "adx16": 16}


def _curve(direction: str, of: Space) -> PixelOp:
    """The op that encodes to, or decodes, the curve of a space."""
    op: PixelOp
    if of.curve in _ADX_BITS:
        op = _late.function("adx_to_aces")(_ADX_BITS[of.curve], direction == "encode")
    else:
        op = _late.builder(direction)(of.curve, **dict(of.params))
    return op


def _exact_curve(direction: str, of: Space, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``values`` (..., 3) after the op of :func:`_curve`, in float64."""
    if of.curve in _ADX_BITS:
        film: Any = _curve(direction, of)
        return np.asarray(film.exactly(values), dtype=np.float64)
    result = _late.function(f"curve_{direction}")(values, of.curve, **dict(of.params))
    return np.asarray(result, dtype=np.float64)


@dataclass(frozen=True, repr=False)
class Convert(PixelOp):
    """From one colour space to another.

    Parameters
    ----------
    src, dst : Space
        From and to.
    adaptation : str, optional
        The method of chromatic adaptation.
    """

    src: Space
    dst: Space
    adaptation: str = "bradford"
    name: ClassVar[str] = "convert"

    def __post_init__(self) -> None:
        """Find spaces given by name, and check the method and that the curves exist."""
        object.__setattr__(self, "src", space(self.src))
        object.__setattr__(self, "dst", space(self.dst))
        checks.one_of("adaptation", self.adaptation, METHODS)
        _curve("decode", self.src)
        _curve("encode", self.dst)

    def __repr__(self) -> str:
        """As the fluent method is written."""
        ends = [repr(each.name if spaces.get(each.name) == each else each) for each in (self.src, self.dst)]
        method = "" if self.adaptation == "bradford" else f", adaptation={self.adaptation!r}"
        return f"convert({', '.join(ends)}{method})"

    def light(self) -> npt.NDArray[np.float64]:
        """The 3x3 matrix between decoding and encoding."""
        scale = self.dst.scale / self.src.scale
        return scale * matrix(self.src, self.dst, self.adaptation)

    def parts(self) -> tuple[PixelOp, ...]:
        """The ops that this is, without those that change nothing."""
        if self.is_identity:
            return ()
        ops = (_curve("decode", self.src), Matrix(self.light()), _curve("encode", self.dst))
        return tuple(op for op in ops if not op.is_identity)

    def steps(self) -> tuple[Step, ...]:
        """The steps of decoding, of the matrix and of encoding."""
        return tuple(step for op in self.parts() for step in op.steps())

    @property
    def colorspace(self) -> str:
        """The name of ``dst``."""
        return self.dst.name

    @property
    def is_identity(self) -> bool:
        """Whether both spaces are the same but for their name."""
        return self.src == self.dst

    def inverse(self) -> Convert:
        """The way back; what a curve clamps does not return."""
        return Convert(self.dst, self.src, self.adaptation)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """One conversion for two that meet in one space, where its curve loses nothing; a matrix for linear light."""
        if isinstance(after, Convert):
            meets = self.dst == after.src and self.adaptation == after.adaptation
            lossless = meets and _curve("encode", self.dst).combine(_curve("decode", self.dst)) is not None
            return Convert(self.src, after.dst, self.adaptation) if meets and (lossless or self.dst.is_linear) else None
        if self.src.is_linear and self.dst.is_linear:
            return Matrix(self.light()).combine(after)
        return None


def convert_op(src: AnySpace, dst: AnySpace, adaptation: str = "bradford") -> Convert:
    """The op that converts from one colour space to another; see :func:`convert`.

    Examples
    --------
    >>> convert_op("acescg", "srgb").inverse()
    convert('sRGB', 'ACEScg')
    """
    return Convert(space(src), space(dst), adaptation)


def convert(img: T, src: AnySpace, dst: AnySpace, *, adaptation: str = "bradford") -> T:
    """A new image or array: ``img`` converted from one colour space to another.

    Parameters
    ----------
    img : Image or numpy.ndarray, (..., 3) or (..., 4)
        Left alone. An array's channels are R, G, B and perhaps A, which is copied. A float64 array is computed in
        float64; uint8, uint16, float16 and float32 go through the pixel engine as an image would.
    src, dst : str, Space or Primaries
        Names of ``vfx.color.spaces()``, or records of one's own.
    adaptation : {"bradford", "cat02", "cat16", "von_kries", "xyz_scaling", "none"}, optional
        How the white of ``src`` becomes the white of ``dst``.

    Returns
    -------
    Image or numpy.ndarray
        Of the format of ``img``. An image knows its new space (``.colorspace``).

    Raises
    ------
    ValueError
        If there is no such space or method, or an array has other channels.
    TypeError
        If an array has another dtype.
    ChannelError
        If the image has no R, G and B.

    Examples
    --------
    >>> convert(np.array([0.18, 0.18, 0.18]), "ACEScg", "sRGB").round(6).tolist()
    [0.461356, 0.461356, 0.461356]
    """
    op = convert_op(src, dst, adaptation)
    if isinstance(img, Image):
        result = img.like(np.empty(img.shape, img.dtype))
        run((op,), img, result)
        return result
    values = np.asarray(img)
    if not isinstance(img, (np.ndarray, np.generic)) and values.dtype.kind in "iu":
        values = values.astype(np.float64)  # [1, 0, 0] in Python is a colour, not codes
    if values.ndim == 0 or values.shape[-1] not in (3, 4):
        raise ValueError(f"an array's last axis must hold R, G, B or R, G, B, A, got shape {values.shape}")
    if values.dtype == np.float64:
        return _exactly(values, op)
    return on_array(op, values)


def _exactly(values: npt.NDArray[np.float64], op: Convert) -> npt.NDArray[np.float64]:
    """A new array in float64; infinities and NaN give what the arithmetic gives."""
    result = np.array(values, order="C")
    if op.is_identity:
        return result
    with np.errstate(all="ignore"):
        light = _exact_curve("decode", op.src, result[..., :3].copy()) @ op.light().T
        result[..., :3] = _exact_curve("encode", op.dst, light)
    return result
