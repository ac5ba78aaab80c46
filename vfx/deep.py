"""The deep picture: any number of samples in each pixel, each at its depth, in flat arrays.

``counts`` says how many samples each pixel has; a channel is one flat array of all samples, pixel by pixel from the
top left, in a pixel as the file has them::

    counts   [[2, 0],        Z   [ 1.0  4.5 | 2.0  2.5  7.0 ]
              [0, 3]]        A   [ 0.2  1.0 | 0.1  0.1  1.0 ]
    offsets  0 2 2 2 5            pixel (0, 0)    pixel (1, 1)

What the channels mean is told by their names ("Interpreting OpenEXR Deep Pixels"): ``Z`` is a sample's depth, and
``ZBack`` its far end, where it is a volume; a sample without ``ZBack``, or whose ``ZBack`` is not behind ``Z``, is a
point. ``A`` (or ``AR``, ``AG``, ``AB``, or the alpha of a layer) is opacity, and colours are multiplied by it.

========================  ==============================================================================
messy                     samples in any order, volumes may overlap
sorted                    by ``Z``, then ``ZBack``
tidy                      sorted, and no two samples overlap: what :meth:`DeepImage.flatten` needs, and makes
========================  ==============================================================================
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import _deep_compositing as compositing
from vfx import _late
from vfx._deep_arrays import SAMPLE_FORMATS, checked_counts, checked_samples
from vfx.checks import integer, number
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.pixelformat import FORMAT_NAMES, FORMATS, Box, box, format_of

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["DeepImage", "alpha_of"]

alpha_of = compositing.alpha_of


class DeepImage:
    """A deep picture over shared memory: ``counts`` and one flat array of samples per channel.

    Parameters
    ----------
    counts : array_like, (H, W)
        Whole numbers; shared where they are C-contiguous uint32, else copied.
    samples : mapping of str to array_like, (N,)
        Channel name → samples of all pixels; float16, float32 or uint32 (data); N is the sum of ``counts``. Shared,
        never copied.
    metadata : mapping, optional
        Typed values by name; copied (shallow). See ``vfx.metadata``.
    data_window, display_window : (x0, y0, x1, y1), optional
        Inclusive. The data window's size is that of ``counts``; default at the origin. The display window is the data
        window unless given.
    pixel_aspect : float
        Width of a pixel over its height.
    colorspace : str, optional
        Name of the encoding, informative.

    Raises
    ------
    TypeError
        If an array is of another number type.
    ValueError
        If shapes, lengths or windows do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> deep = DeepImage([[2, 0, 1]], {"Z": np.float32([1, 4, 2]), "A": np.float32([0.5, 1, 1])})
    >>> deep
    <DeepImage 3x1 Z f32, A f32; 3 samples>
    >>> deep.flatten(channels="A").numpy()[0, :, 0].tolist()
    [1.0, 0.0, 1.0]
    """

    __slots__ = (
        "__weakref__",
        "_counts",
        "_data_window",
        "_display_window",
        "_offsets",
        "_samples",
        "colorspace",
        "metadata",
        "pixel_aspect",
    )

    def __init__(
        self,
        counts: Any,
        samples: Mapping[str, Any],
        *,
        metadata: Mapping[str, Any] | None = None,
        data_window: Sequence[int] | None = None,
        display_window: Sequence[int] | None = None,
        pixel_aspect: float = 1.0,
        colorspace: str | None = None,
    ) -> None:
        self._counts = checked_counts(counts)
        total = int(self._counts.sum(dtype=np.uint64))
        self._samples = checked_samples(samples, total)
        self._offsets: NDArray[np.int64] | None = None
        height, width = self._counts.shape
        self._data_window: Box = (0, 0, width - 1, height - 1)
        if data_window is not None:
            self._data_window = box("data_window", data_window)
            x0, y0, x1, y1 = self._data_window
            if (x1 - x0 + 1, y1 - y0 + 1) != (width, height):
                raise ValueError(f"data_window {self._data_window} does not have the counts' size {width}x{height}")
        self._display_window = self._data_window if display_window is None else box("display_window", display_window)
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.pixel_aspect = number("pixel_aspect", pixel_aspect, low=0.0)
        self.colorspace = colorspace

    # -- what it is ------------------------------------------------------------------------

    @property
    def counts(self) -> NDArray[np.uint32]:
        """Samples per pixel, (height, width) uint32: the very memory."""
        return self._counts

    @property
    def samples(self) -> Mapping[str, NDArray[Any]]:
        """Channel name → flat array of the samples of all pixels: the very memory."""
        return MappingProxyType(self._samples)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where the samples of each pixel begin, pixel by pixel from the top left, and at the end how many there are.

        (height * width + 1,) int64, read-only, made when first asked for. ``counts`` must not change afterwards.
        """
        if self._offsets is None:
            offsets = np.zeros(self._counts.size + 1, np.int64)
            np.cumsum(self._counts.reshape(-1), out=offsets[1:])
            offsets.flags.writeable = False
            self._offsets = offsets
        return self._offsets

    @property
    def size(self) -> int:
        """Number of samples in all pixels."""
        return len(next(iter(self._samples.values())))

    @property
    def width(self) -> int:
        """Columns."""
        return int(self._counts.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self._counts.shape[0])

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self._samples)

    @property
    def formats(self) -> dict[str, str]:
        """Channel name → ``"f16"``, ``"f32"`` or ``"u32"``."""
        return {name: FORMAT_NAMES[array.dtype] for name, array in self._samples.items()}

    @property
    def data_window(self) -> Box:
        """Where the pixels lie: inclusive (x0, y0, x1, y1), y down."""
        return self._data_window

    @property
    def display_window(self) -> Box:
        """What a viewer shows: inclusive (x0, y0, x1, y1), y down."""
        return self._display_window

    @property
    def state(self) -> str:
        """``"tidy"``, ``"sorted"``, ``"non-overlapping"`` or ``"messy"``: how the samples lie, looked up now.

        The words of OpenEXR's attribute ``deepImageState``. An image without ``Z`` is taken as it is: tidy.
        """
        return compositing.state(self)

    def __repr__(self) -> str:
        """Size, channels with their formats, samples and what is unusual."""
        names = ", ".join(f"{name} {fmt}" for name, fmt in self.formats.items())
        parts = [f"{self.width}x{self.height}", f"{names};", f"{self.size} samples"]
        if self._data_window[:2] != (0, 0) or self._display_window != self._data_window:
            parts.append(f"data_window={self._data_window} display_window={self._display_window}")
        if self.pixel_aspect != 1.0:
            parts.append(f"pixel_aspect={self.pixel_aspect:g}")
        if self.colorspace:
            parts.append(f"colorspace={self.colorspace!r}")
        return f"<DeepImage {' '.join(parts)}>"

    def pixel(self, x: int, y: int) -> dict[str, NDArray[Any]]:
        """The samples of one pixel, channel name → view of the very memory.

        Parameters
        ----------
        x, y : int
            Column and row, counted from the top left of the data window.

        Raises
        ------
        ValueError
            If the pixel is outside.

        Examples
        --------
        >>> import numpy as np
        >>> deep = DeepImage([[2, 1]], {"Z": np.float32([1, 4, 2])})
        >>> deep.pixel(0, 0)["Z"].tolist()
        [1.0, 4.0]
        """
        column = integer("x", x, low=0, high=self.width - 1)
        index = integer("y", y, low=0, high=self.height - 1) * self.width + column
        first, last = self.offsets[index : index + 2]
        return {name: array[first:last] for name, array in self._samples.items()}

    # -- new deep images -------------------------------------------------------------------

    def like(self, counts: Any, samples: Mapping[str, Any], **changes: Any) -> DeepImage:
        """A deep image over other samples with this one's metadata, windows, aspect and colour space.

        Windows are kept when the size is. ``changes`` are arguments of :class:`DeepImage` that replace what would be
        kept.
        """
        kept: dict[str, Any] = {
            "metadata": self.metadata,
            "pixel_aspect": self.pixel_aspect,
            "colorspace": self.colorspace,
        }
        if np.shape(counts) == self._counts.shape:
            kept |= {"data_window": self._data_window, "display_window": self._display_window}
        return DeepImage(counts, samples, **(kept | changes))

    def copy(self) -> DeepImage:
        """A new deep image with its own memory."""
        return self.like(self._counts.copy(), {name: array.copy() for name, array in self._samples.items()})

    def _of(self, name: str) -> NDArray[Any]:
        """The samples of a channel; ``ChannelError`` lists what there is."""
        if name not in self._samples:
            raise ChannelError(f"no channel {name!r}; the deep image has {', '.join(self._samples)}")
        return self._samples[name]

    def select(self, names: Iterable[str]) -> DeepImage:
        """A deep image over the same memory with only these channels, in this order.

        Raises
        ------
        ChannelError
            If one is missing.
        """
        wanted = (names,) if isinstance(names, str) else tuple(names)
        if not wanted:
            raise ChannelError(f"select takes at least one channel; the deep image has {', '.join(self._samples)}")
        return self.like(self._counts, {name: self._of(name) for name in wanted})

    def rename(self, names: Mapping[str, str]) -> DeepImage:
        """A deep image over the same memory with channels renamed, old name → new name.

        Raises
        ------
        ChannelError
            If an old name is missing.
        ValueError
            If two channels would have one name.
        """
        for name in names:
            self._of(name)
        renamed = {names.get(name, name): array for name, array in self._samples.items()}
        if len(renamed) != len(self._samples):
            raise ValueError(f"channel names must differ, got {', '.join(names.values())}")
        return self.like(self._counts, renamed)

    def astype(self, fmt: DTypeLike | str) -> DeepImage:
        """A new deep image whose half and float channels are all of one format; uint data stays.

        Parameters
        ----------
        fmt : str or dtype
            ``"f16"`` or ``"f32"``.

        Raises
        ------
        ValueError
            If it is another format.
        """
        wanted = format_of(fmt)
        if wanted not in ("f16", "f32"):
            raise ValueError(f"deep samples convert to f16 or f32, not to {wanted}")
        with np.errstate(over="ignore"):
            changed = {
                name: array.astype(FORMATS[wanted]) if array.dtype.kind == "f" else array.copy()
                for name, array in self._samples.items()
            }
        return self.like(self._counts.copy(), changed)

    def sort(self) -> DeepImage:
        """New: the samples of every pixel by ``Z``, then ``ZBack``, nearest first.

        Raises
        ------
        ChannelError
            If there is no ``Z``.
        """
        return compositing.sort(self)

    def tidy(self) -> DeepImage:
        """New: sorted, volumes split where samples begin or end in them, and what coincides merged into one sample.

        Volumes are split and samples merged as light in fog behaves ("Interpreting OpenEXR Deep Pixels", "Making an
        Image Tidy"): flattening gives what it gave. Merged samples keep the uint data (object ids) of the more opaque
        one.

        Raises
        ------
        ChannelError
            If there is no ``Z``.

        Examples
        --------
        >>> import numpy as np
        >>> fog = {"Z": np.float32([1, 2]), "ZBack": np.float32([3, 2]), "A": np.float32([0.75, 0.5])}
        >>> DeepImage([[2]], fog).tidy().samples["A"].tolist()
        [0.5, 0.5, 0.5]
        """
        return compositing.tidy(self)

    def merge(self, *others: DeepImage) -> DeepImage:
        """New: the samples of all images in one, sorted by depth. The window holds all data windows.

        Parameters
        ----------
        *others : DeepImage
            With the same channels. A missing ``ZBack`` becomes a copy of ``Z``.

        Raises
        ------
        ChannelError
            If the channels differ, or there is no ``Z``.

        Examples
        --------
        >>> import numpy as np
        >>> near = DeepImage([[1]], {"Z": np.float32([1]), "A": np.float32([0.5])})
        >>> far = DeepImage([[1]], {"Z": np.float32([9]), "A": np.float32([1])})
        >>> far.merge(near).samples["Z"].tolist()
        [1.0, 9.0]
        """
        for other in others:
            if not isinstance(other, DeepImage):
                raise TypeError(f"merge takes deep images, got {type(other).__name__}")
        return compositing.merge(self, others)

    def holdout(self, matte: DeepImage) -> DeepImage:
        """New: what is seen of this image through ``matte``, whose own colours are left out.

        Flattened, it is this image's share of the two merged: ``a.holdout(b).flatten() + b.holdout(a).flatten()`` is
        ``a.merge(b).tidy().flatten()``, where not several opaque samples share one place. Samples of which nothing is
        seen go.

        Parameters
        ----------
        matte : DeepImage
            Of any size and channels, with ``Z`` and ``A``.

        Raises
        ------
        ChannelError
            If either lacks ``Z`` or ``A``.

        Examples
        --------
        >>> import numpy as np
        >>> wall = DeepImage([[1]], {"Z": np.float32([5]), "A": np.float32([1])})
        >>> fog = DeepImage([[1]], {"Z": np.float32([2]), "A": np.float32([0.25])})
        >>> wall.holdout(fog).samples["A"].tolist()
        [0.75]
        """
        if not isinstance(matte, DeepImage):
            raise TypeError(f"holdout takes a deep image, got {type(matte).__name__}")
        return compositing.holdout(self, matte)

    def cull(self, matte: DeepImage | None = None) -> DeepImage:
        """New: without the samples behind the first opaque sample of their pixel; points at its very depth stay.

        Parameters
        ----------
        matte : DeepImage, optional
            Whose opaque samples count; default this image's own.

        Raises
        ------
        ChannelError
            If either lacks ``Z`` or ``A``.
        """
        return compositing.cull(self, self if matte is None else matte)

    # -- to and from flat images -----------------------------------------------------------

    def flatten(
        self, *, channels: Iterable[str] | None = None, depth: str = "blend", threads: int | None = None
    ) -> Image:
        """A new flat image: the samples of every pixel composited front to back.

        Pixels that are not tidy are made so on the way, but for points of the very same depth: they lie one upon the
        other in their own order, as other tools have it (:meth:`tidy` mixes them). Half samples give ``f16``, others
        ``f32``; sums are float64. Channels without an alpha count as opaque.

        Parameters
        ----------
        channels : sequence of str, optional
            Only these. Default: all of half and float. uint channels on their own give the nearest sample's value.
        depth : str
            What becomes of ``Z`` and ``ZBack`` ("Flattening an Image" leaves it open): ``"blend"``, the mean of what
            is in front and of the next sample, weighted by the opacity in front, as OpenImageIO has it; ``"front"``,
            that of the first sample that is not clear; ``"opaque"``, where the pixel becomes opaque. Without such a
            sample it is 1e30, infinity in half.
        threads : int, optional
            At most this many.

        Raises
        ------
        ChannelError
            If a channel is missing, or uint channels are asked for beside others.
        ValueError
            If ``depth`` is none of the three.

        Examples
        --------
        >>> import numpy as np
        >>> deep = DeepImage([[2]], {"Z": np.float32([1, 2]), "A": np.float32([0.5, 0.5])})
        >>> float(deep.flatten(channels="A").numpy()[0, 0, 0])
        0.75
        """
        return compositing.flatten(self, channels, depth=depth, threads=threads)

    @staticmethod
    def from_image(image: Image, *, z: float | None = None) -> DeepImage:
        """A deep image with one sample per pixel of ``image``, and none where alpha is 0.

        Parameters
        ----------
        image : Image
            ``f16``, ``f32`` or ``u32``; other formats become ``f32``.
        z : float, optional
            Depth of all samples, for images without a channel ``Z``.

        Raises
        ------
        ChannelError
            If there is neither.

        Examples
        --------
        >>> import numpy as np
        >>> card = Image(np.float32([[[1, 0, 0, 1], [0, 0, 0, 0]]]))
        >>> DeepImage.from_image(card, z=5).counts
        array([[1, 0]], dtype=uint32)
        """
        if z is None and "Z" not in image.channel_names:
            raise ChannelError("a deep image needs depths: a channel Z, or z=")
        pixels = image.pixels if image.format in SAMPLE_FORMATS else image.astype("f32").pixels
        there = np.ones(pixels.shape[:2], bool)
        if image.has_alpha:
            there = pixels[:, :, image.channel_names.index("A")] != 0
        samples = {name: pixels[:, :, place][there] for place, name in enumerate(image.channel_names)}
        if z is not None:
            samples["Z"] = np.full(int(there.sum()), number("z", z), np.float32)
        return DeepImage(
            there.astype(np.uint32), samples, metadata=image.metadata, data_window=image.data_window,
            display_window=image.display_window, pixel_aspect=image.pixel_aspect, colorspace=image.colorspace,
        )  # fmt: skip

    # -- files -----------------------------------------------------------------------------

    @staticmethod
    def read(source: str | os.PathLike[str] | Any, **options: Any) -> DeepImage:
        """The samples in a deep EXR file; see ``vfx.io.exr.read_deep``."""
        image: DeepImage = _late.function("read_deep")(source, **options)
        return image

    def write(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Nothing; the EXR file then holds these samples; see ``vfx.io.exr.write_deep``."""
        door = "write" if isinstance(path, (str, os.PathLike)) else "write_deep"  # write knows the extensions
        _late.function(door)(path, self, **options)
