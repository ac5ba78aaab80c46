"""A colour transform of a config, ready for pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx import threads as _threads
from vfx.errors import ChannelError, ReadOnlyError
from vfx.image import Image
from vfx.ocio import _bands
from vfx.ocio._library import load, reported

if TYPE_CHECKING:
    from vfx.look import Look
    from vfx.lut import Lut1D, Lut3D, LutChain
    from vfx.ocio.config import Config

__all__ = ["OPTIMIZATIONS", "Processor", "Recipe"]

Picture = TypeVar("Picture", Image, npt.NDArray[Any])

#: What ``optimization=`` may be, and OpenColorIO's name for it.
OPTIMIZATIONS: dict[str, str] = {
    "default": "OPTIMIZATION_DEFAULT",
    "none": "OPTIMIZATION_NONE",
    "lossless": "OPTIMIZATION_LOSSLESS",
    "very_good": "OPTIMIZATION_VERY_GOOD",
    "good": "OPTIMIZATION_GOOD",
    "draft": "OPTIMIZATION_DRAFT",
}
_DEPTHS = {
    "u8": "BIT_DEPTH_UINT8",
    "u16": "BIT_DEPTH_UINT16",
    "f16": "BIT_DEPTH_F16",
    "f32": "BIT_DEPTH_F32",
}


@dataclass(frozen=True)
class Recipe:
    """How a processor was asked for: enough to make it again, elsewhere or backwards.

    Parameters
    ----------
    config : Config
        Whose transform it is.
    method : str
        The method of the config that made it.
    arguments : mapping
        Its arguments by name.
    label : str
        In words, for ``repr`` and messages.
    source, target : str
        The colour spaces that it starts from and ends in, or empty.
    """

    config: Config
    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    source: str = ""
    target: str = ""

    def make(self, **changes: Any) -> Processor:
        """The processor, with some arguments changed."""
        made: Processor = getattr(self.config, self.method)(**{**self.arguments, **changes})
        return made


class Processor:
    """A colour transform of a config, ready for pixels; made by the methods of :class:`vfx.ocio.Config`.

    Integers mean [0, 1] and are rounded to nearest and clamped, float16 and float32 are not clamped, as everywhere
    in this package. Alpha is handed to OpenColorIO as it is, and other channels are left alone. It can be shared
    between threads and pickled.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx.ocio import Config
    >>> to_screen = Config("ocio://cg-config-latest").processor("ACEScg", "sRGB - Display")
    >>> grey = to_screen(np.full((1, 1, 3), 0.18, np.float32))
    >>> [round(float(value), 3) for value in grey[0, 0]]
    [0.461, 0.461, 0.461]
    """

    __slots__ = ("__weakref__", "_cpus", "_grey", "_inner", "_optimization", "_recipe")

    def __init__(self, inner: Any, recipe: Recipe, optimization: str) -> None:
        self._inner = inner
        self._recipe = recipe
        self._optimization = checks.one_of("optimization", optimization, OPTIMIZATIONS)
        self._cpus: dict[str, Any] = {}
        self._grey: bool | None = None

    # -- what it is ------------------------------------------------------------------------

    @property
    def ocio(self) -> Any:
        """The ``PyOpenColorIO.Processor`` itself, for everything that is not offered here."""
        return self._inner

    @property
    def config(self) -> Config:
        """The config that it is of."""
        return self._recipe.config

    @property
    def source(self) -> str:
        """The colour space that it starts from, or empty where the config does not say."""
        return self._recipe.source

    @property
    def target(self) -> str:
        """The colour space that it ends in, or empty where the config does not say."""
        return self._recipe.target

    @property
    def optimization(self) -> str:
        """Which simplifications OpenColorIO may make."""
        return self._optimization

    @property
    def is_noop(self) -> bool:
        """Whether it changes no pixel."""
        return bool(self._inner.isNoOp())

    @property
    def mixes_channels(self) -> bool:
        """Whether an output channel depends on other channels; a matrix and its inverse in a row do not count."""
        return bool(self._cpu("f32").hasChannelCrosstalk())

    @property
    def cache_id(self) -> str:
        """A text that is the same for equal transforms: OpenColorIO's own, which covers the files it read."""
        return str(self._inner.getCacheID())

    def __repr__(self) -> str:
        """What it does and whose it is."""
        return f"<ocio.Processor {self._recipe.label}, {self.config.source}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the request; the other side asks its own copy of the config again."""
        if self._recipe.method == "transform_processor" and not isinstance(self._recipe.arguments["transform"], str):
            raise TypeError(f"{self!r} was made from an object of PyOpenColorIO, which cannot be pickled")
        return _remake, (self._recipe.config, self._recipe.method, dict(self._recipe.arguments))

    def inverse(self) -> Processor:
        """The processor of the opposite direction.

        Raises
        ------
        FormatError
            If OpenColorIO knows no way back, e.g. through a 1D LUT that has none.

        Examples
        --------
        >>> from vfx.ocio import Config
        >>> Config("ocio://cg-config-latest").processor("ACEScg", "ACEScct").inverse()
        <ocio.Processor inverse of 'ACEScg' → 'ACEScct', ocio://cg-config-latest>
        """
        return self._recipe.make(inverse=not self._recipe.arguments.get("inverse", False))

    # -- applying --------------------------------------------------------------------------

    def apply(self, img: Picture, *, unpremult: bool = False, threads: int | None = None) -> Picture:
        """The same image, changed in place.

        The pixels are those of OpenColorIO's own call on the whole picture, for any number of threads and any memory
        layout. The GIL is released. After Ctrl-C some rows are changed and some are not.

        Parameters
        ----------
        img : Image or numpy.ndarray, (H, W, C)
            With channels R, G, B (an alpha A too) anywhere among its channels, or Y where the transform keeps grey
            grey. u8, u16, f16 or f32.
        unpremult : bool, optional
            Divide colour by alpha before, multiply after; colour of alpha 0 keeps its value in between.
        threads : int, optional
            At most this many threads.

        Returns
        -------
        Image or numpy.ndarray
            ``img``. An image knows its new space (``.colorspace``).

        Raises
        ------
        ChannelError
            If the channels that the transform needs are not there.
        ReadOnlyError
            If the image's memory may not be changed.
        TypeError
            If the image holds unsigned 32-bit data.
        """
        picture = _image(img)
        if not picture.pixels.flags.writeable:
            raise ReadOnlyError("the image's memory is read-only: work on img.copy(), or call the processor itself")
        channels = self._channels(picture)
        straight = unpremult and len(channels) == 4
        cpu = self._cpu("f32" if straight else picture.format)
        if not cpu.isNoOp():
            count = _threads.for_pixels(picture.width * picture.height, threads)
            work = cpu.applyRGBA if len(channels) == 4 else cpu.applyRGB
            _bands.over(picture.pixels, channels, work, unpremult=straight, threads=count)
        picture.colorspace = self.target or picture.colorspace
        return img

    def __call__(self, img: Picture, *, unpremult: bool = False, threads: int | None = None) -> Picture:
        """A new image of the same format, transformed; ``img`` is left alone. See :meth:`apply`."""
        source = _image(img)
        result = source.like(np.array(source.numpy(), order="C"))
        self.apply(result, unpremult=unpremult, threads=threads)
        return result if isinstance(img, Image) else result.numpy()

    def _cpu(self, fmt: str) -> Any:
        """OpenColorIO's processor for pixels of one format."""
        found = self._cpus.get(fmt)
        if found is None:
            library = load()
            depth = getattr(library, _DEPTHS[fmt])
            level = getattr(library, OPTIMIZATIONS[self._optimization])
            with reported(self.config.source):
                found = self._cpus[fmt] = self._inner.getOptimizedCPUProcessor(depth, depth, level)
        return found

    def _channels(self, picture: Image) -> tuple[int, ...]:
        """Where R, G, B and A lie, or Y (three times) and A."""
        names = picture.channel_names
        alpha = (names.index("A"),) if "A" in names else ()
        if {"R", "G", "B"} <= set(names):
            return (*map(names.index, "RGB"), *alpha)
        listed = ", ".join(names)
        if "Y" not in names or {"R", "G", "B"} & set(names):
            raise ChannelError(
                f"a colour transform works on channels R, G, B, the image has {listed}; "
                "use .layer(name) for a layer's colour, or .rename({...})"
            )
        if not self._keeps_grey():
            raise ChannelError(f"{self!r} does not keep grey grey, so the image needs R, G and B; it has {listed}")
        return (names.index("Y"),) * 3 + alpha

    def _keeps_grey(self) -> bool:
        """Whether equal R, G and B stay equal: each channel by itself, and for every half-float number the same."""
        if self._grey is None:
            halves = np.arange(65536, dtype=np.uint16).view(np.float16)
            grey = np.repeat(halves[np.isfinite(halves)].astype(np.float32)[:, None], 3, axis=1)
            self._cpu("f32").applyRGB(grey)
            same = all(np.array_equal(grey[:, 0], grey[:, other], equal_nan=True) for other in (1, 2))
            self._grey = same and not self.mixes_channels
        return self._grey

    # -- as ours ---------------------------------------------------------------------------

    def bake(self, size: int = 65, shaper: str | Lut1D | None = None) -> Lut3D | LutChain:
        """The transform as a 3D LUT over [0, 1]; with a shaper, over the range of the shaper.

        Parameters
        ----------
        size : int, optional
            Entries along each axis, 2 to 256.
        shaper : str or Lut1D, optional
            A transfer function, or a 1D LUT into [0, 1] that has an inverse. By default ``"acescct"``, which spans
            −0.0069 to 222, where the transform starts from a scene-linear colour space, and none elsewhere;
            ``"linear"`` is none.

        Returns
        -------
        Lut3D or LutChain
            The cube alone, or the shaper followed by the cube.

        Raises
        ------
        ValueError
            If the transform gives NaN or infinity for a colour of the cube.
        """
        from vfx.ocio import _looks

        return _looks.bake(self, size, shaper)

    def to_look(self, exact: bool | None = None, *, size: int = 65, shaper: str | Lut1D | None = None) -> Look:
        """The transform as a look: editable, serialisable, invertible, in one pass with other operations.

        Parameters
        ----------
        exact : bool, optional
            True: operation by operation, or an error that says which one has no counterpart here. False: a 3D LUT.
            None: exact where that can be, else a 3D LUT; :attr:`obstacle` says which it is going to be.
        size, shaper : optional
            Of the LUT, as for :meth:`bake`; a named curve is then computed, not tabulated.

        Returns
        -------
        Look
            Exact: within 2e-4 of OpenColorIO's lossless result (absolute below 1, relative above; mostly 1e-6), as is
            checked on colours from −0.5 to 256. Where a tone curve is level, its way back is off by up to 1e-2.

        Raises
        ------
        ValueError
            With ``exact=True``, if an operation cannot be expressed; the message names it.

        Examples
        --------
        >>> from vfx.ocio import Config
        >>> len(Config("ocio://cg-config-latest").processor("ACEScg", "ACES2065-1").to_look(exact=True))
        1
        """
        from vfx.ocio import _looks

        return _looks.to_look(self, exact, size, shaper)

    @property
    def obstacle(self) -> str | None:
        """Why :meth:`to_look` cannot be exact, or None when it can.

        Examples
        --------
        >>> from vfx.ocio import Config
        >>> Config("ocio://cg-config-latest").processor("ACEScg", "ACEScct").obstacle is None
        True
        """
        from vfx.ocio import _looks

        found = _looks.expressed(self)
        return found if isinstance(found, str) else None


def _image(img: Any) -> Image:
    """The image, or the array as one over the same memory."""
    if isinstance(img, np.ndarray):
        img = Image(img)
    if not isinstance(img, Image):
        raise TypeError(f"a processor takes an Image or a NumPy array, got {type(img).__name__}")
    if img.format == "u32":
        raise TypeError("this image holds unsigned 32-bit data, which takes no arithmetic; astype('f32') first")
    return img


def _remake(config: Config, method: str, arguments: dict[str, Any]) -> Processor:
    """Unpickle a :class:`Processor`."""
    made: Processor = getattr(config, method)(**arguments)
    return made
