"""Recorded grades: a chain of operations that is written down once and applied in one pass.

::

    look = Look().exposure(1.2).cdl(slope=[1.1, 1, .95]).encode("srgb")     nothing computed yet
    look(img)          a new image            look.apply(img)   the image itself, changed
    look.inverse()     undoes it              a + b             first a, then b
    look.optimized()   fewer, merged ops      look.bake(33)     as a 3D LUT
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from vfx.image import Image
from vfx.operations import Operations
from vfx.pixelop import Mixed, PixelOp, Unpremultiplied, run

if TYPE_CHECKING:
    from vfx._look_bake import BakeError
    from vfx.lut import Lut1D, Lut3D, LutChain

__all__ = ["Look"]

Picture = TypeVar("Picture", Image, npt.NDArray[Any])

# Operations that are the same on colour divided by alpha, so that their methods do not ask.
_NO_UNPREMULT = ("exposure", "gain", "saturation")


class Look(Operations):
    """An immutable chain of grading operations.

    Every operation is a method that returns a longer look and leaves this one alone. Two looks are equal when
    they hold the same operations. A look can be a key of a dict, be pickled, and be shared between threads.

    Parameters
    ----------
    ops : iterable of PixelOp, optional
        Operations to start with.

    Examples
    --------
    >>> warm = Look().exposure(0.5).gain([1.1, 1.0, 0.9])
    >>> warm
    Look().exposure(0.5).gain((1.1, 1.0, 0.9))
    >>> len(warm + warm.inverse())
    4
    """

    __slots__ = ("__weakref__", "_ops")

    _ops: tuple[PixelOp, ...]

    def __init__(self, ops: Iterable[PixelOp] = ()) -> None:
        chain = tuple(ops)
        for op in chain:
            if not isinstance(op, PixelOp):
                raise TypeError(f"a look holds pixel ops, got {type(op).__name__}; use its methods to add operations")
        object.__setattr__(self, "_ops", chain)

    def __setattr__(self, name: str, value: object) -> None:
        """Refused: a look never changes."""
        raise AttributeError(f"a Look cannot be changed; its methods return new looks (tried to set {name!r})")

    @property
    def ops(self) -> tuple[PixelOp, ...]:
        """The operations, first one first."""
        return self._ops

    def _operate(self, op: PixelOp) -> Self:
        """A look with one more operation."""
        return type(self)((*self._ops, op))

    # -- applying --------------------------------------------------------------------------

    def __call__(self, img: Picture, *, threads: int | None = None) -> Picture:
        """A new image of the same format with the whole look applied.

        Parameters
        ----------
        img : Image or numpy.ndarray, (H, W, C)
            Left alone.
        threads : int, optional
            At most this many threads.

        Returns
        -------
        Image or numpy.ndarray
            As ``img``; an image has the same windows, names and metadata.

        Examples
        --------
        >>> grey = Image(np.full((1, 1, 3), 0.25, np.float32))
        >>> float(Look().exposure(1)(grey).numpy()[0, 0, 0])
        0.5
        """
        source = _image(img)
        result = source.like(np.empty(source.shape, source.dtype))
        run(self._ops, source, result, threads=threads)
        return result if isinstance(img, Image) else result.numpy()

    def apply(self, img: Picture, *, threads: int | None = None) -> Picture:
        """The same image, changed in place by the whole look in one pass over memory.

        Parameters
        ----------
        img : Image or numpy.ndarray, (H, W, C)
            Changed.
        threads : int, optional
            At most this many threads.

        Returns
        -------
        Image or numpy.ndarray
            ``img``.

        Raises
        ------
        ReadOnlyError
            If the image's memory may not be changed.
        ChannelError
            If the look mixes channels that the image does not have.
        """
        picture = _image(img)
        run(self._ops, picture, picture, threads=threads)
        return img

    # -- making other looks ----------------------------------------------------------------

    def inverse(self) -> Look:
        """The look that undoes this one.

        Raises
        ------
        NotInvertibleError
            If an operation has no inverse; the message names it.

        Examples
        --------
        >>> Look().exposure(1).offset(0.1).inverse()
        Look().offset(-0.1).exposure(-1.0)
        """
        return Look(op.inverse() for op in reversed(self._ops))

    def optimized(self) -> Look:
        """An equal look with neighbours merged and operations that do nothing dropped.

        Merging happens in float64, so results differ from the unmerged look by float32 rounding.

        Examples
        --------
        >>> Look().exposure(1).gain(0.5).invert().optimized()
        Look().invert()
        """
        done: list[PixelOp] = []
        for op in _flattened(self._ops):
            merged: PixelOp | None = op
            while merged is not None and done:
                joined = done[-1].combine(merged)
                if joined is None:
                    break
                done.pop()
                merged = None if joined.is_identity else joined
            if merged is not None and not merged.is_identity:
                done.append(merged)
        inside = (
            replace(op, ops=Look(op.ops).optimized().ops) if isinstance(op, (Mixed, Unpremultiplied)) else op
            for op in done
        )
        return Look(op for op in inside if not op.is_identity)

    def mix(self, strength: float) -> Look:
        """The look at part strength: ``strength`` of its result, and the rest of what came in.

        Parameters
        ----------
        strength : float
            0 changes nothing, 1 is the whole look; beyond 1 the change is exaggerated. A look of several
            operations is mixed as a whole, in the values that come in and go out.

        Examples
        --------
        >>> half = Look().exposure(1).mix(0.5)
        >>> float(half(Image(np.full((1, 1, 3), 0.25, np.float32))).numpy()[0, 0, 0])
        0.375
        """
        return Look((Mixed(self._ops, strength),))

    def bake(
        self,
        size: int = 33,
        shaper: str | Lut1D | None = None,
        *,
        domain: tuple[float, float] | None = None,
        tolerance: float | None = None,
    ) -> Lut3D | LutChain:
        """The look as a 3D LUT over [0, 1], where values outside are clamped.

        A look for scene-linear values needs a shaper: a curve that spreads the scene's range over [0, 1].
        ``Look().encode(curve).lut(look_for_log.bake())`` with a look that starts by ``decode(curve)`` does the same
        with an exact curve in place of a tabulated one.

        Parameters
        ----------
        size : int, optional
            Entries along each axis, 2 to 256.
        shaper : str or Lut1D, optional
            ``"auto"``: of no shaper and curves that are linear near black and logarithmic above, the one with the
            smallest :meth:`bake_error`. A transfer function, tabulated from its black to its white (``"acescct"``
            spans -0.007 to 223). Or a 1D LUT into [0, 1] that has an inverse.
        domain : (low, high), optional
            The inputs that the LUT is for. By default [0, 1] without a shaper; with ``"auto"`` [0, 1] for a look
            that starts with ``decode``, else scene light of -0.007 to 223, as ACEScct spans it.
        tolerance : float, optional
            The largest :meth:`bake_error` to accept: the size is doubled, up to 256, until the LUT keeps to it.

        Returns
        -------
        Lut3D or LutChain
            The cube alone, or the shaper followed by the cube.

        Raises
        ------
        ValueError
            If no size keeps to the tolerance; the message gives the smallest error.

        Examples
        --------
        >>> Look().saturation(0.5).bake(17).size
        17
        """
        from vfx import _look_bake

        return _look_bake.bake(self, size, shaper, domain=domain, tolerance=tolerance)

    def bake_error(
        self, lut: Lut1D | Lut3D | LutChain | Look, *, domain: tuple[float, float] | None = None
    ) -> BakeError:
        """How far a LUT is from this look: measured, absolute up to 1 and relative above.

        It is measured at 44096 colours over the domain, evenly and by its stops; the largest difference is then
        searched for around the worst of them.

        Parameters
        ----------
        lut : Lut1D, Lut3D, LutChain or Look
            What :meth:`bake` gave, any other LUT, or another look.
        domain : (low, high), optional
            The inputs to compare over; by default the LUT's own.

        Returns
        -------
        BakeError
            ``max_error``, ``mean_error``, and ``at`` which colour the largest difference is; printed, one line.

        Examples
        --------
        >>> look = Look().exposure(1)
        >>> look.bake_error(look.bake(9)).max_error < 1e-6
        True
        """
        from vfx import _look_bake

        return _look_bake.bake_error(self, lut, domain)

    def __add__(self, other: Look) -> Look:
        """The ops of one look, then those of the other."""
        return Look(self._ops + other._ops) if isinstance(other, Look) else NotImplemented

    # -- files -----------------------------------------------------------------------------

    @classmethod
    def read(cls, path: str | os.PathLike[str], id: str | int | None = None) -> Look:
        """The look that a file holds.

        Parameters
        ----------
        path : str or os.PathLike
            ``.cc .ccc .cdl .edl .ale`` (a CDL, applied without clamps), or any file that :func:`vfx.lut.read`
            knows: ``.clf .ctf`` and every LUT.
        id : str or int, optional
            Which correction of a collection, by id or by position from 0.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FormatError
            If it is damaged.
        ValueError
            If the extension or the id is unknown.
        """
        from vfx import _look_files

        return cls(_look_files.read(path, id))

    def write(self, path: str | os.PathLike[str], *, size: int = 33, id: str = "") -> None:
        """Nothing; the file then holds the look.

        Parameters
        ----------
        path : str or os.PathLike
            ``.clf .ctf``: each operation as the node that does it, exactly, or as a half-domain LUT.
            ``.cc .ccc .cdl``: a look that equals one CDL, such as a CDL, a gain and an offset, or a saturation;
            the file does not say whether to clamp. ``.spimtx``: a look that equals one matrix. ``.spi1d .1dl``: a
            look that leaves channels apart. Every other LUT file: the look's own LUT where it is just that and the
            format holds it, else a cube over [0, 1] (values outside are clamped), see :meth:`bake`.
        size : int, optional
            Entries along each axis when a LUT is baked.
        id : str, optional
            The id in a CDL, CLF or CTF file.

        Raises
        ------
        ValueError
            If that kind of file cannot hold the look; the message says why.
        """
        from vfx import _look_files

        _look_files.write(self, path, size, id)

    # -- being a value ---------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of operations."""
        return len(self._ops)

    def __iter__(self) -> Iterator[PixelOp]:
        """The operations, first one first."""
        return iter(self._ops)

    def __eq__(self, other: object) -> bool:
        """Whether both hold equal operations in the same order."""
        return self._ops == other._ops if isinstance(other, Look) else NotImplemented

    def __hash__(self) -> int:
        """Equal looks have equal hashes."""
        return hash(self._ops)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the operations."""
        return type(self), (self._ops,)

    def __repr__(self) -> str:
        """The code that builds it."""
        code = "Look()"
        for op in self._ops:
            if isinstance(op, Mixed):
                part = f"{Look(op.ops)!r}.mix({op.strength!r})"
                code = part if code == "Look()" else f"({code} + {part})"
            else:
                code = f"{code}.{_written(op)}"
        return code


def _flattened(ops: Iterable[PixelOp]) -> Iterator[PixelOp]:
    """The operations, with process lists taken apart."""
    from vfx.lut.clf.processlist import ApplyProcessList

    for op in ops:
        if isinstance(op, ApplyProcessList):
            yield from op.ops
        else:
            yield op


def _image(img: Any) -> Image:
    """The image, or the array as one over the same memory."""
    if isinstance(img, np.ndarray):
        return Image(img)
    if not isinstance(img, Image):
        raise TypeError(f"a look takes an Image or a NumPy array, got {type(img).__name__}")
    return img


def _written(op: PixelOp) -> str:
    """An operation as its method is written."""
    from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, ApplyLutChain

    if isinstance(op, Unpremultiplied):
        return ".".join(_written_unpremultiplied(one) for one in op.ops)
    if isinstance(op, (ApplyLut1D, ApplyLut3D, ApplyLutChain)) and not getattr(op, "hue_adjust", False):
        usual = op.interpolation == type(op)(op.lut).interpolation  # type: ignore[arg-type]
        return f"lut({op.lut!r}{'' if usual else f', {op.interpolation!r}'})"
    if type(op).__module__.startswith("vfx.lut.clf") and op.name != "clf":
        return f"clf(ProcessList([{op!r}]))"
    return repr(op)


def _written_unpremultiplied(op: PixelOp) -> str:
    """The same for an operation on colour divided by alpha."""
    text = _written(op)
    if op.name in _NO_UNPREMULT:
        return text
    if op.name == "matrix":
        text = text.replace(").offset(", ", unpremult=True).offset(")
    text = text.removesuffix(")")
    return f"{text}{'' if text.endswith('(') else ', '}unpremult=True)"
