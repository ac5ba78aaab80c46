"""Grading ops that are linear in R, G, B: they merge with each other into one multiply-add or one matrix.

===========  ========================  ==========================
op           y                         merges exactly with
===========  ========================  ==========================
exposure     x 2^stops                 every op of this table
gain         x k
offset       x + o
contrast     (x - p) c + p
invert       1 - x
saturation   L + s (x - L)
matrix       M (R, G, B) or (R,G,B,A)
===========  ========================  ==========================

Merging is done in float64; the merged op rounds once in float32 where the chain rounded twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.errors import NotInvertibleError
from vfx.pixelop import PixelOp, Step

__all__ = [
    "REC709_LUMA",
    "Affine",
    "Contrast",
    "Exposure",
    "Gain",
    "Invert",
    "Matrix",
    "Offset",
    "PerChannel",
    "Saturation",
    "shown",
]

Triple = tuple[float, float, float]
Square = npt.NDArray[np.float64]

#: Luma weights of ITU-R BT.709-6, 3.2; ASC CDL 1.2 uses the same.
REC709_LUMA: Triple = (0.2126, 0.7152, 0.0722)

_ONES: Triple = (1.0, 1.0, 1.0)
_ZEROS: Triple = (0.0, 0.0, 0.0)
# float32 ends at 2^128 and begins at 2^-149: no more stops than that mean anything.
_MOST_STOPS = 127.0
_LARGEST = float(np.finfo(np.float32).max)


def shown(value: Any) -> str:
    """``value`` as an op's ``repr`` shows it: three equal numbers as one.

    Examples
    --------
    >>> shown((1.5, 1.5, 1.5)), shown((1.0, 2.0, 3.0))
    ('1.5', '(1.0, 2.0, 3.0)')
    """
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return repr(value)


def _map(function: Any, *triples: Triple) -> Triple:
    """``function`` of the reds, of the greens and of the blues."""
    red, green, blue = (float(function(*values)) for values in zip(*triples, strict=True))
    return red, green, blue


def _fits(*numbers: npt.ArrayLike) -> bool:
    """Whether all of them are finite in the engine's float32; two factors that are may have a product that is not."""
    return all(bool((np.abs(values) <= _LARGEST).all()) for values in map(np.asarray, numbers))


class _Linear(PixelOp):
    """An op that equals a 4x4 matrix and an offset."""

    def as_matrix(self) -> tuple[Square, Square]:
        """The matrix on (R, G, B, A) and the offset added after it."""
        raise NotImplementedError

    def combine(self, after: PixelOp) -> PixelOp | None:
        """One matrix for two linear ops."""
        if not isinstance(after, _Linear):
            return None
        (first, first_offset), (second, second_offset) = self.as_matrix(), after.as_matrix()
        joined = second @ first
        offset = second @ first_offset + second_offset
        return Matrix._of(joined, offset) if _fits(joined, offset) else None


class PerChannel(_Linear):
    """A linear op that does ``x k + o`` in each channel; the base of most ops here."""

    def affine(self) -> tuple[Triple, Triple]:
        """The factors ``k`` and the constants ``o``."""
        raise NotImplementedError

    def as_matrix(self) -> tuple[Square, Square]:
        """``k`` on the diagonal."""
        factor, constant = self.affine()
        return np.diag([*factor, 1.0]), np.array([*constant, 0.0])

    def steps(self) -> tuple[Step, ...]:
        """One ``gain`` or ``affine`` step."""
        factor, constant = self.affine()
        if constant == _ZEROS:
            return (Step("gain", factor),)
        return (Step("affine", factor + constant),)

    @property
    def is_identity(self) -> bool:
        """Whether every factor is 1 and every constant 0."""
        return self.affine() == (_ONES, _ZEROS)

    def inverse(self) -> PixelOp:
        """``(y - o) / k``.

        Raises
        ------
        NotInvertibleError
            If a factor is 0, or so small that its inverse is not a number.
        """
        factor, constant = self.affine()
        if not all(k != 0.0 and math.isfinite(1.0 / k) for k in factor):
            raise NotInvertibleError(f"{self!r} has no inverse: it multiplies by 0")
        return _affine(_map(lambda k: 1.0 / k, factor), _map(lambda k, o: -o / k, factor, constant))

    def combine(self, after: PixelOp) -> PixelOp | None:
        """One multiply-add for two; one matrix with an op that mixes channels; a CDL takes it into slope and offset."""
        from vfx.color.cdl import CdlOp

        if not isinstance(after, (PerChannel, CdlOp)):
            return super().combine(after)
        (k1, o1), (k2, o2) = self.affine(), after.affine()
        factor = _map(lambda a, b: a * b, k1, k2)
        constant = _map(lambda o, b, p: o * b + p, o1, k2, o2)
        if isinstance(after, CdlOp):
            fits = not after.reverse and min(factor) >= 0.0 and _fits(factor, constant)
            return replace(after, slope=factor, offset=constant) if fits else None
        return _affine(factor, constant) if _fits(factor, constant) else None


def _affine(factor: Triple, constant: Triple) -> PixelOp:
    """The simplest op that does ``x factor + constant``."""
    if constant == _ZEROS:
        return Gain(factor)
    return Offset(constant) if factor == _ONES else Affine(factor, constant)


@dataclass(frozen=True, repr=False)
class Exposure(PerChannel):
    """``x * 2^stops``.

    Parameters
    ----------
    stops : float
        Photographic stops, -127 to 127.
    """

    stops: float
    name: ClassVar[str] = "exposure"

    def __post_init__(self) -> None:
        """Check the stops."""
        stops = checks.number("stops", self.stops, low=-_MOST_STOPS, high=_MOST_STOPS)
        object.__setattr__(self, "stops", stops)

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"exposure({self.stops!r})"

    def affine(self) -> tuple[Triple, Triple]:
        """A factor of ``2^stops``."""
        factor = 2.0**self.stops
        return (factor, factor, factor), _ZEROS

    def inverse(self) -> Exposure:
        """The opposite stops."""
        return Exposure(-self.stops)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The sum of the stops, or what :class:`Gain` would do."""
        if isinstance(after, Exposure) and abs(self.stops + after.stops) <= _MOST_STOPS:
            return Exposure(self.stops + after.stops)
        return super().combine(after)


@dataclass(frozen=True, repr=False)
class Gain(PerChannel):
    """``x * gain``.

    Parameters
    ----------
    gain : float or three floats
        The factor.
    """

    gain: Triple
    name: ClassVar[str] = "gain"

    def __post_init__(self) -> None:
        """Check the factors."""
        object.__setattr__(self, "gain", checks.triple("gain", self.gain))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"gain({shown(self.gain)})"

    def affine(self) -> tuple[Triple, Triple]:
        """The factors alone."""
        return self.gain, _ZEROS


@dataclass(frozen=True, repr=False)
class Offset(PerChannel):
    """``x + offset``.

    Parameters
    ----------
    offset : float or three floats
        The constant.
    """

    offset: Triple
    name: ClassVar[str] = "offset"

    def __post_init__(self) -> None:
        """Check the constants."""
        object.__setattr__(self, "offset", checks.triple("offset", self.offset))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"offset({shown(self.offset)})"

    def affine(self) -> tuple[Triple, Triple]:
        """The constants alone."""
        return _ONES, self.offset


@dataclass(frozen=True, repr=False)
class Affine(PerChannel):
    """``x * gain + offset``: what merging leaves; as a chain it is a gain and an offset.

    Parameters
    ----------
    gain, offset : float or three floats
        The factor and the constant.
    """

    gain: Triple
    offset: Triple
    name: ClassVar[str] = "gain and offset"

    def __post_init__(self) -> None:
        """Check both."""
        object.__setattr__(self, "gain", checks.triple("gain", self.gain))
        object.__setattr__(self, "offset", checks.triple("offset", self.offset))

    def __repr__(self) -> str:
        """As two fluent methods are written."""
        return f"gain({shown(self.gain)}).offset({shown(self.offset)})"

    def affine(self) -> tuple[Triple, Triple]:
        """Both."""
        return self.gain, self.offset


@dataclass(frozen=True, repr=False)
class Contrast(PerChannel):
    """``(x - pivot) * contrast + pivot``.

    Parameters
    ----------
    contrast : float or three floats
        1 changes nothing, 0 leaves the pivot everywhere.
    pivot : float
        The value that stays.
    """

    contrast: Triple
    pivot: float = 0.18
    name: ClassVar[str] = "contrast"

    def __post_init__(self) -> None:
        """Check both."""
        object.__setattr__(self, "contrast", checks.triple("contrast", self.contrast))
        object.__setattr__(self, "pivot", checks.number("pivot", self.pivot))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        pivot = "" if self.pivot == 0.18 else f", pivot={self.pivot!r}"
        return f"contrast({shown(self.contrast)}{pivot})"

    def affine(self) -> tuple[Triple, Triple]:
        """A factor of the contrast and what keeps the pivot."""
        return self.contrast, _map(lambda c: self.pivot - self.pivot * c, self.contrast)


@dataclass(frozen=True, repr=False)
class Invert(PerChannel):
    """``1 - x``."""

    name: ClassVar[str] = "invert"

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return "invert()"

    def affine(self) -> tuple[Triple, Triple]:
        """A factor of -1 and a constant of 1."""
        return (-1.0, -1.0, -1.0), _ONES

    def inverse(self) -> Invert:
        """Itself."""
        return self


@dataclass(frozen=True, repr=False)
class Saturation(_Linear):
    """``L + s (x - L)`` with the luma ``L`` of Rec.709's weights.

    Parameters
    ----------
    saturation : float
        1 changes nothing, 0 leaves grey.
    """

    saturation: float
    name: ClassVar[str] = "saturation"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the factor."""
        object.__setattr__(self, "saturation", checks.number("saturation", self.saturation))

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"saturation({self.saturation!r})"

    def as_matrix(self) -> tuple[Square, Square]:
        """``s I + (1 - s) 1 w``, alpha left alone."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.saturation * np.eye(3) + (1.0 - self.saturation) * np.array(REC709_LUMA)
        return matrix, np.zeros(4)

    def steps(self) -> tuple[Step, ...]:
        """One ``saturation`` step."""
        return (Step("saturation", (self.saturation, *REC709_LUMA)),)

    @property
    def is_identity(self) -> bool:
        """Whether the factor is 1."""
        return self.saturation == 1.0

    def inverse(self) -> Saturation:
        """The factor ``1 / s``.

        Raises
        ------
        NotInvertibleError
            If the factor is 0: grey has lost its colour.
        """
        if self.saturation == 0.0 or not math.isfinite(1.0 / self.saturation):
            raise NotInvertibleError(f"{self!r} has no inverse: grey has lost its colour")
        return Saturation(1.0 / self.saturation)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The product, exact because luma is kept; a matrix with other linear ops."""
        if isinstance(after, Saturation):
            product = self.saturation * after.saturation
            return Saturation(product) if _fits(product) else None
        return super().combine(after)


@dataclass(frozen=True, repr=False)
class Matrix(_Linear):
    """A matrix on (R, G, B), or on (R, G, B, A) as OpenColorIO's MatrixTransform, and an offset.

    Parameters
    ----------
    matrix : array_like, (3, 3), (3, 4), (4, 4) or (4, 5)
        The last column of the oblong ones is the offset. Four rows act on R, G, B, A, with an alpha of 1 where
        the image has none.
    """

    matrix: Any
    offset: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    name: ClassVar[str] = "matrix"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the shape; keep four rows of four floats."""
        try:
            given = np.asarray(self.matrix, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"matrix must be rows of numbers, 3x3, 3x4, 4x4 or 4x5, got {self.matrix!r}") from None
        rows, columns = given.shape if given.ndim == 2 else (0, 0)
        if rows not in (3, 4) or columns not in (rows, rows + 1):
            raise ValueError(
                f"matrix must be 3x3, 3x4 (the last column an offset), 4x4 or 4x5, got shape {given.shape}"
            )
        offset = np.asarray(self.offset, dtype=np.float64)
        if not (np.isfinite(given).all() and np.isfinite(offset).all()):
            raise ValueError(f"matrix must hold finite numbers, got {given.tolist()}")
        square = np.eye(4)
        if columns > rows:
            offset = offset + np.append(given[:, rows], np.zeros(4 - rows))
        square[:rows, :rows] = given[:, :rows]
        object.__setattr__(self, "matrix", tuple(map(tuple, square.tolist())))
        object.__setattr__(self, "offset", tuple(offset.tolist()))

    @classmethod
    def _of(cls, square: Square, offset: Square) -> Matrix:
        """The op of a 4x4 matrix and an offset of four."""
        return cls(tuple(map(tuple, square.tolist())), tuple(offset.tolist()))

    def __repr__(self) -> str:
        """As the fluent method is written, with the smallest shape that says it all."""
        square, offset = self.as_matrix()
        if self.uses_alpha:
            tail = f".offset({shown(self.offset[:3])})" if offset.any() else ""
            return f"matrix({square.tolist()!r}){tail}"
        rows = np.column_stack([square[:3, :3], offset[:3]]) if offset.any() else square[:3, :3]
        return f"matrix({rows.tolist()!r})"

    @property
    def uses_alpha(self) -> bool:
        """Whether alpha is read or changed."""
        square, offset = self.as_matrix()
        return bool(square[3].tolist() != [0.0, 0.0, 0.0, 1.0] or square[:3, 3].any() or offset[3] != 0.0)

    def as_matrix(self) -> tuple[Square, Square]:
        """The matrix and the offset as arrays."""
        return np.array(self.matrix), np.array(self.offset)

    def steps(self) -> tuple[Step, ...]:
        """One ``matrix`` step, or ``matrix4`` where alpha takes part."""
        square, offset = self.as_matrix()
        if self.uses_alpha:
            return (Step("matrix4", (*square.ravel().tolist(), *offset.tolist())),)
        rows = np.column_stack([square[:3, :3], offset[:3]])
        return (Step("matrix", tuple(rows.ravel().tolist())),)

    @property
    def is_identity(self) -> bool:
        """Whether it is the unit matrix without an offset."""
        square, offset = self.as_matrix()
        return bool((square == np.eye(4)).all()) and not offset.any()

    def inverse(self) -> Matrix:
        """The inverse matrix, and the offset taken back first.

        Raises
        ------
        NotInvertibleError
            If the matrix is singular.
        """
        square, offset = self.as_matrix()
        # A condition number beyond float64's 2^52 leaves no correct digit in the inverse. An alpha that stays alone
        # does not count: a matrix that darkens by 60 stops is no worse for it.
        if not np.linalg.cond(square if self.uses_alpha else square[:3, :3]) < 2.0**52:
            raise NotInvertibleError(f"{self!r} has no inverse: the matrix is singular")
        inverse: Square = np.asarray(np.linalg.inv(square), dtype=np.float64)
        return Matrix._of(inverse, -(inverse @ offset))
