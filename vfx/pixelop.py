"""What an operation on pixels is, and the one function that runs a chain of them.

A :class:`PixelOp` is a frozen record of parameters. It lowers itself to kernel steps
(:class:`Step`), inverts itself, says that it changes nothing, and joins with its neighbour::

    ops (frozen dataclasses) --steps()--> Steps --engine.Program--> one pass over the pixels
                                                                    load → step → step → store

The rooms above define the ops; the formulas are in ``vfx/_ext``; nothing here knows either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from vfx import checks
from vfx import threads as _threads
from vfx.errors import ChannelError, NotInvertibleError, ReadOnlyError

if TYPE_CHECKING:
    from vfx._ext.engine import Program
    from vfx.image import Image

__all__ = [
    "Mixed",
    "PixelOp",
    "Premultiply",
    "Step",
    "Unpremultiplied",
    "Unpremultiply",
    "convert",
    "on_array",
    "program",
    "run",
]


class Step(NamedTuple):
    """One kernel call of a chain.

    Attributes
    ----------
    kernel : str
        A name in ``vfx._ext.kernels.KERNELS``.
    params : tuple of float
        Its numbers, in the kernel's order.
    table : numpy.ndarray, optional
        Its table, float32.
    """

    kernel: str
    params: tuple[float, ...] = ()
    table: np.ndarray[Any, Any] | None = None


class PixelOp:
    """An operation on the colour of each pixel by itself; subclasses are frozen dataclasses.

    Attributes
    ----------
    name : str
        The word of the public API, e.g. ``"exposure"``.
    mixes_channels : bool
        Whether an output channel depends on other channels, so that R, G and B must all be there.
    """

    name: ClassVar[str] = ""
    mixes_channels: ClassVar[bool] = False

    @property
    def colorspace(self) -> str | None:
        """The name of the colour space the result is in, or None where this does not say."""
        return None

    def steps(self) -> tuple[Step, ...]:
        """The kernel steps that do this, in order."""
        raise NotImplementedError

    def inverse(self) -> PixelOp:
        """The op that undoes this one.

        Raises
        ------
        NotInvertibleError
            If there is none.
        """
        raise NotInvertibleError(f"{self.name or type(self).__name__} has no inverse: {self!r}")

    @property
    def is_identity(self) -> bool:
        """Whether this changes no pixel."""
        return False

    def combine(self, after: PixelOp) -> PixelOp | None:
        """The one op that equals this followed by ``after``, or None when there is none."""
        return None


@dataclass(frozen=True)
class Unpremultiply(PixelOp):
    """Colour divided by alpha; pixels of alpha 0 (glow) and 1 keep their colour."""

    name: ClassVar[str] = "unpremultiply"

    def steps(self) -> tuple[Step, ...]:
        """One ``unpremult`` step."""
        return (Step("unpremult"),)

    def inverse(self) -> Premultiply:
        """Premultiplication, which leaves the pixels of alpha 0 that this left."""
        return Premultiply()


@dataclass(frozen=True)
class Premultiply(PixelOp):
    """Colour multiplied by alpha; pixels of alpha 0 (glow) keep their colour."""

    name: ClassVar[str] = "premultiply"

    def steps(self) -> tuple[Step, ...]:
        """One ``premult`` step."""
        return (Step("premult"),)

    def inverse(self) -> Unpremultiply:
        """Division by alpha."""
        return Unpremultiply()


@dataclass(frozen=True)
class Unpremultiplied(PixelOp):
    """Ops that work on colour divided by alpha, between the division and the multiplication.

    Parameters
    ----------
    ops : tuple of PixelOp
        What happens in between.
    """

    ops: tuple[PixelOp, ...]
    name: ClassVar[str] = "unpremultiplied"

    def steps(self) -> tuple[Step, ...]:
        """``unpremult``, the steps of the ops, ``premult``."""
        return (Step("unpremult"), *(step for op in self.ops for step in op.steps()), Step("premult"))

    def inverse(self) -> Unpremultiplied:
        """The inverses in reverse order, inside the same pair.

        Raises
        ------
        NotInvertibleError
            If one of the ops has no inverse.
        """
        return Unpremultiplied(tuple(op.inverse() for op in reversed(self.ops)))

    @property
    def colorspace(self) -> str | None:
        """What the last op inside that knows says."""
        return next((op.colorspace for op in reversed(self.ops) if op.colorspace), None)

    @property
    def is_identity(self) -> bool:
        """Whether every op inside changes nothing."""
        return all(op.is_identity for op in self.ops)

    def combine(self, after: PixelOp) -> PixelOp | None:
        """Two neighbours of this kind share one pair."""
        return Unpremultiplied(self.ops + after.ops) if isinstance(after, Unpremultiplied) else None


@dataclass(frozen=True)
class Mixed(PixelOp):
    """Ops at part strength: ``strength`` of their result, and the rest of what came in.

    Parameters
    ----------
    ops : tuple of PixelOp
        The ops at full strength.
    strength : float
        0 changes nothing, 1 is the ops themselves. Outside [0, 1] the change is turned round or exaggerated.
    """

    ops: tuple[PixelOp, ...]
    strength: float
    name: ClassVar[str] = "mix"

    def __post_init__(self) -> None:
        """Check the strength."""
        object.__setattr__(self, "strength", checks.number("strength", self.strength))

    def steps(self) -> tuple[Step, ...]:
        """``keep``, the steps of the ops, ``mix``."""
        inside = tuple(step for op in self.ops for step in op.steps())
        return (Step("keep"), *inside, Step("mix", (self.strength,)))

    @property
    def is_identity(self) -> bool:
        """Whether nothing of the ops is left, or they change nothing."""
        return self.strength == 0.0 or all(op.is_identity for op in self.ops)


def _why_colour(op: PixelOp, steps: Sequence[Step]) -> str | None:
    """Why this op needs R, G and B, or None when one channel will do."""
    from vfx._ext.kernels import KERNELS

    if op.mixes_channels:
        return f"{op.name} mixes channels"
    for kernel, params, table in steps:
        record = KERNELS[kernel]
        name = op.name or kernel
        if record.mixes_channels(params):
            return f"{name} mixes channels" if record.mixes else f"{name} with saturation mixes channels"
        for start in record.triples:
            if len(set(params[start : start + 3])) > 1:
                return f"{name} has different values for red, green and blue"
        if table is not None and record.table == "1d" and not (table == table[:, :1]).all():
            return "the 1D LUT differs between red, green and blue"
        if table is not None and record.rows and any((table[c::3] != table[::3]).any() for c in (1, 2)):
            return "the 1D LUT differs between red, green and blue"
    return None


def _check_size(steps: Sequence[Step]) -> None:
    """Raise when a finite number would become infinite in the engine's float32 (and 0 times it NaN)."""
    largest = float(np.finfo(np.float32).max)
    for kernel, params, _ in steps:
        for value in params:
            if kernel != "clamp" and largest < abs(value) < float("inf"):
                raise ValueError(f"{kernel} takes numbers up to {largest:.3g}, the largest of float32, got {value:g}")


_ENGINE = ("uint8", "uint16", "float16", "float32")

# Compiled chains, oldest first. Chains with large tables are compiled anew each time, which costs little and
# lets go of the tables: 32 cubes of 129 entries would hold a gigabyte. No lock guards this, since a child forked
# while another thread held it would hang; threads that meet here keep a chain too many for a moment.
_MOST_KEPT = 32
_MOST_TABLE_BYTES = 1 << 22
_kept: dict[tuple[PixelOp, ...], tuple[Program, str | None]] = {}


def program(ops: tuple[PixelOp, ...]) -> tuple[Program, str | None]:
    """The compiled chain of ``ops``, and why it needs R, G and B (None: it does not)."""
    found = _kept.get(ops)
    if found is not None:
        return found
    from vfx._ext.engine import Program

    parts = [(op, () if op.is_identity else op.steps()) for op in ops]
    steps = [step for _, each in parts for step in each]
    _check_size(steps)
    made = Program(steps), next((why for op, each in parts if (why := _why_colour(op, each))), None)
    if sum(step.table.nbytes for step in steps if step.table is not None) <= _MOST_TABLE_BYTES:
        for oldest in list(_kept)[: max(0, len(_kept) - _MOST_KEPT + 1)]:
            _kept.pop(oldest, None)
        _kept[ops] = made
    return made


def _indices(names: Sequence[str], needs_colour: str | None) -> tuple[int, int, int, int]:
    """Positions of R, G, B (or Y in R's place) and A; -1 where absent."""

    def at(name: str) -> int:
        return names.index(name) if name in names else -1

    red, green, blue, alpha = at("R"), at("G"), at("B"), at("A")
    listed = ", ".join(names)
    if needs_colour and min(red, green, blue) < 0:
        raise ChannelError(f"{needs_colour}, so the image needs channels R, G and B; it has {listed}")
    if max(red, green, blue) >= 0:
        return red, green, blue, alpha
    if at("Y") < 0:
        raise ChannelError(
            f"grading works on channels R, G, B or on Y, the image has {listed}; "
            "use .layer(name) for a layer's colour, or .rename({...})"
        )
    return at("Y"), -1, -1, alpha


def run(ops: Sequence[PixelOp], src: Image, dst: Image, *, threads: int | None = None) -> None:
    """Nothing; ``dst`` then holds ``src`` after all of ``ops``, in one pass over memory.

    Parameters
    ----------
    ops : sequence of PixelOp
        The chain, first op first.
    src, dst : Image, (H, W, C)
        The same image (in place), or images of the same size and channels that share no memory.
        Their formats may differ. Channels other than R, G, B (or Y) and A are copied. Where an op converts to a
        colour space, ``dst`` knows it afterwards.
    threads : int, optional
        At most this many threads.

    Raises
    ------
    ChannelError
        If the channels that the chain works on are not there.
    ReadOnlyError
        If ``dst`` may not be changed.
    TypeError
        If an image holds unsigned 32-bit data, which takes no arithmetic.
    ValueError
        If a parameter is beyond float32.
    """
    for image in (src, dst):
        if image.format == "u32":
            raise TypeError("this image holds unsigned 32-bit data, which takes no arithmetic; astype('f32') first")
    if not dst.pixels.flags.writeable:
        raise ReadOnlyError("the image's memory is read-only: work on img.copy(), or on a method's new image")
    compiled, needs_colour = program(tuple(ops))
    channels = _indices(src.channel_names, needs_colour)
    count = _threads.for_pixels(src.width * src.height, threads)
    compiled.run(src.pixels, dst.pixels, channels, count)
    dst.colorspace = next((op.colorspace for op in reversed(ops) if op.colorspace), dst.colorspace)


def on_array(op: PixelOp, values: np.ndarray[Any, Any], *, colours: bool = True) -> np.ndarray[Any, Any]:
    """A new array with ``op`` done by the engine; ``values`` is left alone.

    Parameters
    ----------
    op : PixelOp
        What to do; without ``colours`` an op that leaves channels apart and alike.
    values : numpy.ndarray, (..., 3) or (..., 4), or without ``colours`` of any shape
        uint8, uint16, float16 or float32; integers mean [0, 1].
    colours : bool, optional
        Whether the last axis is R, G, B (and A); else each number is taken by itself.

    Raises
    ------
    TypeError
        If the array has another dtype.
    """
    if values.dtype.name not in _ENGINE:
        allowed = ", ".join((*_ENGINE, "float64"))
        raise TypeError(f"{op.name} takes arrays of {allowed}, got {values.dtype}; convert with .astype")
    result = np.array(values, order="C")
    if result.size:
        pixels = result.reshape(1, -1, result.shape[-1] if colours else 1)
        places = ((0, 1, 2, 3) if result.shape[-1] == 4 else (0, 1, 2, -1)) if colours else (0, -1, -1, -1)
        count = _threads.for_pixels(pixels.shape[1])
        program((op,))[0].run(pixels, pixels, places, count)
    return result


def convert(src: np.ndarray[Any, Any], dst: np.ndarray[Any, Any], *, threads: int | None = None) -> None:
    """Nothing; ``dst`` then holds the pixels of ``src`` in its own format, all channels alike.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C)
        uint8, uint16, float16 or float32, any strides. Integers mean [0, 1].
    threads : int, optional
        At most this many threads.
    """
    count = _threads.for_pixels(src.shape[0] * src.shape[1], threads)
    program(())[0].run(src, dst, (-1, -1, -1, -1), count)
