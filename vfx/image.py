"""The picture: an array somebody may own already, and what its channels and windows mean.

``Image`` never copies the array it is given. What shares memory and what does not::

    Image(array)  .numpy()  .pixels  .channel(name)  .rename(map)      the very same memory
    .copy() .astype() .select() .layer() .shuffle() .to_display_window()
    and every operation (.exposure(…), …)                              new memory

Windows are inclusive boxes ``(x0, y0, x1, y1)`` with y pointing down, as in OpenEXR: the data
window says where the pixels lie, the display window what a viewer shows. Colour is premultiplied
by alpha. Integer pixels mean [0, 1] (u8 is v/255, u16 is v/65535).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from vfx import _late, pixelop
from vfx._ext.buffer import Exporter
from vfx.checks import number
from vfx.errors import ChannelError
from vfx.fluent import Fluent
from vfx.operations import Operations
from vfx.pixelformat import FORMAT_NAMES, FORMATS, Box, as_array, box, channel_names, format_of

if TYPE_CHECKING:
    import os

    from numpy.typing import DTypeLike, NDArray

    from vfx.pixelop import PixelOp

__all__ = ["Image"]


class Image(Exporter, Operations, Fluent):
    """A picture over shared memory.

    Parameters
    ----------
    array : array_like, (H, W) or (H, W, C)
        uint8, uint16, float16 or float32 with any strides; shared, never copied. uint32 is
        accepted as data that takes no arithmetic. Another image, a buffer or a DLPack object
        is shared too.
    copy : bool
        True: copy; other number types become float32 with their values unchanged.
    channels : sequence of str, optional
        Names; by count ``Y``, ``YA``, ``RGB``, ``RGBA``, else ``C0 …``.
    metadata : mapping, optional
        Typed values by name; copied (shallow). See ``vfx.metadata``.
    data_window, display_window : (x0, y0, x1, y1), optional
        Inclusive. The data window's size is the array's; default at the origin. The display
        window is the data window unless given.
    pixel_aspect : float
        Width of a pixel over its height.
    colorspace : str, optional
        Name of the encoding, informative.

    Raises
    ------
    TypeError
        If the dtype is none of the four.
    ValueError
        If shape, names or windows do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> plate = np.zeros((1080, 1920, 4), np.float32)
    >>> image = Image(plate)
    >>> np.shares_memory(image.numpy(), plate)
    True
    """

    __slots__ = (
        "__weakref__",
        "_array",
        "_data_window",
        "_display_window",
        "_names",
        "_pixels",
        "colorspace",
        "metadata",
        "pixel_aspect",
    )

    def __init__(
        self,
        array: Any,
        *,
        copy: bool = False,
        channels: Iterable[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        data_window: Sequence[int] | None = None,
        display_window: Sequence[int] | None = None,
        pixel_aspect: float = 1.0,
        colorspace: str | None = None,
    ) -> None:
        self._array = as_array(array, copy)
        if self._array.ndim not in (2, 3) or 0 in self._array.shape:
            raise ValueError(f"an image is (height, width) or (height, width, channels), got shape {self._array.shape}")
        self._pixels = self._array if self._array.ndim == 3 else self._array[:, :, np.newaxis]
        height, width, count = self._pixels.shape
        self._names = channel_names(channels, count)
        self._data_window: Box = (0, 0, width - 1, height - 1)
        if data_window is not None:
            self._data_window = box("data_window", data_window)
            x0, y0, x1, y1 = self._data_window
            if (x1 - x0 + 1, y1 - y0 + 1) != (width, height):
                raise ValueError(f"data_window {self._data_window} does not have the array's size {width}x{height}")
        self._display_window = self._data_window
        if display_window is not None:
            self._display_window = box("display_window", display_window)
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.pixel_aspect = number("pixel_aspect", pixel_aspect, low=0.0)
        self.colorspace = colorspace

    # -- what it is ------------------------------------------------------------------------

    @property
    def pixels(self) -> NDArray[Any]:
        """The memory as (height, width, channels), whatever the array's own shape."""
        return self._pixels

    @property
    def width(self) -> int:
        """Columns."""
        return int(self._pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self._pixels.shape[0])

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self._pixels.shape[2])

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels, in memory order."""
        return self._names

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers (``diffuse`` of ``diffuse.R``), in order; bare channels belong to none."""
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in self._names if "." in name))

    @property
    def format(self) -> str:
        """``"u8"``, ``"u16"``, ``"f16"``, ``"f32"``, or ``"u32"`` for data."""
        return FORMAT_NAMES[self._array.dtype]

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy dtype of the pixels."""
        return self._array.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array as given."""
        return self._array.shape

    @property
    def ndim(self) -> int:
        """Number of dimensions of the array as given, 2 or 3."""
        return self._array.ndim

    @property
    def data_window(self) -> Box:
        """Where the pixels lie: inclusive (x0, y0, x1, y1), y down."""
        return self._data_window

    @property
    def display_window(self) -> Box:
        """What a viewer shows: inclusive (x0, y0, x1, y1), y down."""
        return self._display_window

    @property
    def has_alpha(self) -> bool:
        """Whether there is a channel ``A``."""
        return "A" in self._names

    def __repr__(self) -> str:
        """Size, channels, format and what is unusual."""
        names = "".join(self._names) if all(len(n) == 1 for n in self._names) else ", ".join(self._names)
        parts = [f"{self.width}x{self.height}", names, self.format]
        if self._data_window[:2] != (0, 0) or self._display_window != self._data_window:
            parts.append(f"data_window={self._data_window} display_window={self._display_window}")
        if self.pixel_aspect != 1.0:
            parts.append(f"pixel_aspect={self.pixel_aspect:g}")
        if self.colorspace:
            parts.append(f"colorspace={self.colorspace!r}")
        return f"<Image {' '.join(parts)}>"

    # -- the memory in other hands ----------------------------------------------------------

    def numpy(self, copy: bool = False) -> NDArray[Any]:
        """A view of the very memory, in the shape given; ``copy=True``: a contiguous copy."""
        return np.array(self._array, order="C", copy=True) if copy else self._array[...]

    def _exported(self) -> NDArray[Any]:
        """The array whose buffer this object exports."""
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """For ``numpy.asarray``: the memory itself unless a dtype or a copy is asked for."""
        return np.array(self._array, dtype=dtype, copy=copy)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """NumPy's array interface of the memory."""
        return self._array.__array_interface__

    def __dlpack__(self, **options: Any) -> Any:
        """A DLPack capsule of the memory."""
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        """The DLPack device: CPU."""
        return self._array.__dlpack_device__()

    # -- new images -----------------------------------------------------------------------

    def like(self, array: NDArray[Any], **changes: Any) -> Image:
        """An image over ``array`` with this one's metadata, windows, aspect and colour space.

        Names are kept when the channel count is the same, windows when the size is. ``changes`` are
        arguments of :class:`Image` that replace what would be kept.
        """
        count = array.shape[2] if array.ndim == 3 else 1
        kept: dict[str, Any] = {
            "metadata": self.metadata,
            "pixel_aspect": self.pixel_aspect,
            "colorspace": self.colorspace,
        }
        if count == self.channels:
            kept["channels"] = self._names
        if array.shape[:2] == self._pixels.shape[:2]:
            kept |= {"data_window": self._data_window, "display_window": self._display_window}
        return Image(array, **(kept | changes))

    def copy(self) -> Image:
        """A new image with its own, contiguous memory."""
        return self.like(np.array(self._array, order="C", copy=True))

    def __copy__(self) -> Image:
        """For ``copy.copy``: a new image over the same memory."""
        return self.like(self._array)

    def __deepcopy__(self, memo: dict[int, Any]) -> Image:
        """For ``copy.deepcopy``: a new image with its own memory."""
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with all properties; the copy has memory of its own."""
        kept = {
            "channels": self._names,
            "metadata": self.metadata,
            "data_window": self._data_window,
            "display_window": self._display_window,
            "pixel_aspect": self.pixel_aspect,
            "colorspace": self.colorspace,
        }
        return _rebuild, (self._array, kept)

    def astype(self, fmt: DTypeLike | str) -> Image:
        """A new image in another pixel format.

        Integers mean [0, 1]: u8 255 ↔ u16 65535 ↔ float 1.0; values are rounded to nearest and
        clamped on the way to integers, never on the way to floats. u32 data converts number by
        number to and from floats, and to nothing else.

        Parameters
        ----------
        fmt : str or dtype
            ``"u8"``, ``"u16"``, ``"f16"``, ``"f32"`` or the NumPy dtype.

        Raises
        ------
        TypeError
            If the format is none of these.
        """
        wanted = format_of(fmt)
        if wanted == self.format:
            return self.copy()
        if "u32" in (wanted, self.format):
            if not {wanted, self.format} <= {"u32", "f32"}:
                raise TypeError(f"u32 data converts to f32 only, not {self.format} to {wanted}")
            return self.like(self._array.astype(FORMATS[wanted]))
        out = np.empty(self._array.shape, FORMATS[wanted])
        result = self.like(out)
        pixelop.convert(self._pixels, result.pixels)
        return result

    def _operate(self, op: PixelOp) -> Self:
        """A new image of the same format with ``op`` applied."""
        result = self.like(np.empty(self._array.shape, self._array.dtype))
        pixelop.run((op,), self, result)
        return result  # type: ignore[return-value]  # Image is not meant for subclassing

    def premultiply(self) -> Image:
        """New: colour multiplied by alpha; pixels of alpha 0 keep their colour (glow).

        Raises
        ------
        ChannelError
            If there is no alpha.
        """
        self._index("A")
        result = self._operate(pixelop.Premultiply())
        result.metadata.pop("alpha", None)
        return result

    def unpremultiply(self) -> Image:
        """New: colour divided by alpha; pixels of alpha 0 keep their colour.

        Raises
        ------
        ChannelError
            If there is no alpha.
        """
        self._index("A")
        result = self._operate(pixelop.Unpremultiply())
        result.metadata["alpha"] = "unassociated"
        return result

    # -- channels --------------------------------------------------------------------------

    def _index(self, name: str) -> int:
        """Position of channel ``name``; ``ChannelError`` lists what there is."""
        try:
            return self._names.index(name)
        except ValueError:
            raise ChannelError(f"no channel {name!r}; the image has {', '.join(self._names)}") from None

    def channel(self, name: str) -> Image:
        """One channel as a (height, width) image over the same memory.

        Raises
        ------
        ChannelError
            If there is no such channel.
        """
        return self.like(self._pixels[:, :, self._index(name)], channels=(name,))

    def select(self, names: Iterable[str]) -> Image:
        """A new image of these channels, in this order.

        Raises
        ------
        ChannelError
            If one is missing.
        """
        if not isinstance(names, Iterable):
            raise TypeError(f"select takes channel names, got {names!r}")
        wanted = (names,) if isinstance(names, str) else tuple(names)
        if not wanted:
            raise ChannelError(f"select takes at least one channel; the image has {', '.join(self._names)}")
        return self.like(np.ascontiguousarray(self._pixels[:, :, [self._index(n) for n in wanted]]), channels=wanted)

    def rename(self, names: Mapping[str, str]) -> Image:
        """An image over the same memory with channels renamed, old name → new name.

        Raises
        ------
        ChannelError
            If an old name is missing.
        """
        if not isinstance(names, Mapping):
            raise TypeError(f"rename takes a mapping such as {{'R': 'diffuse.R'}}, got {names!r}")
        for name in names:
            self._index(name)
        return self.like(self._array, channels=tuple(names.get(name, name) for name in self._names))

    def layer(self, name: str) -> Image:
        """A new image of one layer's channels, without the layer's name: ``diffuse.R`` becomes ``R``.

        Raises
        ------
        ChannelError
            If there is no such layer.
        """
        members = [channel for channel in self._names if channel.rpartition(".")[0] == name]
        if not members:
            listed = ", ".join(self.layers) or "none"
            raise ChannelError(f"no layer {name!r}; the layers are: {listed}")
        return self.select(members).rename({member: member.rpartition(".")[2] for member in members})

    def to_display_window(self) -> Image:
        """A new image of exactly the display window: cropped, and zero where there was no data."""
        x0, y0, x1, y1 = self._display_window
        dx0, dy0, dx1, dy1 = self._data_window
        out = np.zeros((y1 - y0 + 1, x1 - x0 + 1, self.channels), self.dtype)
        left, top, right, bottom = max(x0, dx0), max(y0, dy0), min(x1, dx1), min(y1, dy1)
        if left <= right and top <= bottom:
            out[top - y0 : bottom - y0 + 1, left - x0 : right - x0 + 1] = self._pixels[
                top - dy0 : bottom - dy0 + 1, left - dx0 : right - dx0 + 1
            ]
        window = self._display_window
        return self.like(out, data_window=window, display_window=window)

    # -- files and notebooks ------------------------------------------------------------------

    @staticmethod
    def read(source: str | os.PathLike[str] | Any, **options: Any) -> Image:
        """The image in a file; see ``vfx.read``."""
        image: Image = _late.function("read")(source, **options)
        return image

    def write(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Nothing; the file then holds this image; see ``vfx.write``."""
        _late.function("write")(path, self, **options)

    def _repr_png_(self) -> bytes:
        """For notebooks: a small PNG; float images are sRGB-encoded for the display."""
        data: bytes = _late.function("preview")(self)
        return data

    def show(self) -> None:
        """Nothing; opens a display-encoded view in the system's picture viewer."""
        _late.function("show")(self)


def _rebuild(array: NDArray[Any], kept: dict[str, Any]) -> Image:
    """Unpickle an :class:`Image`."""
    return Image(array, **kept)
