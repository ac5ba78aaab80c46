"""What a file's header says, without its pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vfx.pixelformat import Box

__all__ = ["ImageInfo", "PartInfo"]


@dataclass(frozen=True)
class PartInfo:
    """One picture of a file: an EXR part, a TIFF page, a DPX element.

    Attributes
    ----------
    width, height : int
        Size of the data window in pixels.
    channel_names : tuple of str
        As in the file.
    formats : tuple of str
        Stored format of each channel, e.g. ``"f16"``, ``"u10"``.
    data_window, display_window : (x0, y0, x1, y1)
        Inclusive, y down.
    pixel_aspect : float
        Width of a pixel over its height.
    name, type, compression : str
        Empty where the format has no such thing.
    tile_size : (width, height) or None
        None for scanline storage.
    levels : int
        Number of mip levels, 1 without.
    views : tuple of str
        Stereo views.
    metadata : dict
        Typed values; see ``vfx.metadata``.
    """

    width: int
    height: int
    channel_names: tuple[str, ...]
    formats: tuple[str, ...]
    data_window: Box
    display_window: Box
    pixel_aspect: float = 1.0
    name: str = ""
    type: str = ""
    compression: str = ""
    tile_size: tuple[int, int] | None = None
    levels: int = 1
    views: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.channel_names)


@dataclass(frozen=True)
class ImageInfo:
    """What a file's header says; the plain properties are those of its first part.

    Attributes
    ----------
    path : str
        The file, or ``"<bytes>"``.
    format : str
        Name of the file format, e.g. ``"exr"``.
    parts : tuple of PartInfo
        At least one.
    size : int
        Bytes in the file.
    """

    path: str
    format: str
    parts: tuple[PartInfo, ...]
    size: int = 0

    @property
    def width(self) -> int:
        """Columns of the first part."""
        return self.parts[0].width

    @property
    def height(self) -> int:
        """Rows of the first part."""
        return self.parts[0].height

    @property
    def channels(self) -> int:
        """Number of channels of the first part."""
        return self.parts[0].channels

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Channels of the first part, as in the file."""
        return self.parts[0].channel_names

    @property
    def formats(self) -> tuple[str, ...]:
        """Stored formats of the first part's channels."""
        return self.parts[0].formats

    @property
    def data_window(self) -> Box:
        """Data window of the first part."""
        return self.parts[0].data_window

    @property
    def display_window(self) -> Box:
        """Display window of the first part."""
        return self.parts[0].display_window

    @property
    def pixel_aspect(self) -> float:
        """Pixel aspect of the first part."""
        return self.parts[0].pixel_aspect

    @property
    def compression(self) -> str:
        """Compression of the first part."""
        return self.parts[0].compression

    @property
    def metadata(self) -> dict[str, Any]:
        """Metadata of the first part."""
        return self.parts[0].metadata
