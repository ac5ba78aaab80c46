"""The parts of an EXR file: which one is asked for, whether it can be read, and what its header says."""

from __future__ import annotations

from collections.abc import Sequence

from vfx.checks import integer
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.io._exr_channels import views_of
from vfx.io._exr_header import COMPRESSIONS, FileHeader, PartHeader, tiles_or_lines
from vfx.io._exr_metadata import metadata_of
from vfx.io._info import PartInfo

__all__ = ["check_readable", "find_part", "part_info"]

# Most pixel bytes for one byte of a file: deflate reaches 1032, run lengths 64. The wavelet and
# block codecs store a flat chunk in a few bytes, whatever its size. A truncated file is let through here, so
# that its intact rows can be read.
# A flat channel is some 33 bytes of JPEG 2000 per 256 lines: 127 000 to 1 with 8192 columns, twice that with twice.
_MOST_EXPANSION = {
    "none": 64,
    "rle": 128,
    "zips": 1100,
    "zip": 1100,
    "pxr24": 2200,
    **dict.fromkeys(("htj2k256", "htj2k32", "lj2k"), 1 << 20),
}
_ANY_EXPANSION = 1 << 18


def _serves(part: PartHeader, layer: str | None, channels: Sequence[str] | str | None) -> bool:
    """Whether a part has the layer or the channels asked for; without either, whether it is a colour picture."""
    names = {channel.name for channel in part.channels}
    if layer is not None:
        return any(name.rpartition(".")[0] == layer for name in names)
    if channels is not None:
        return {channels} <= names if isinstance(channels, str) else set(channels) <= names
    return {"R", "G", "B"} <= names or "Y" in names


def _part_of_view(header: FileHeader, view: str, layer: str | None, channels: Sequence[str] | str | None) -> int:
    """The first part of a view that has what is asked for, else the first of the view."""
    if not any("view" in part.attributes for part in header.parts):
        return 0
    found = [index for index, part in enumerate(header.parts) if views_of(part) == (view,)]
    if not found:
        views = dict.fromkeys(name for part in header.parts for name in views_of(part))
        raise ChannelError(f"{header.parts[0].label}: no view {view!r}; the views are: {', '.join(views)}")
    return next((index for index in found if _serves(header.parts[index], layer, channels)), found[0])


def find_part(
    header: FileHeader,
    part: int | str,
    *,
    layer: str | None = None,
    view: str | None = None,
    channels: Sequence[str] | str | None = None,
) -> int:
    """Index of the part that is asked for by index or name, or by ``view`` where the part is 0.

    Raises
    ------
    ChannelError
        If there is no such part or view.
    TypeError
        If ``part`` is neither a number nor a name.
    """
    parts = header.parts
    label = parts[0].label
    if isinstance(part, str):
        names = [candidate.name for candidate in parts]
        if part not in names:
            raise ChannelError(f"{label}: no part {part!r}; the parts are: {', '.join(map(repr, names))}")
        return names.index(part)
    index = integer("part", part)
    if not 0 <= index < len(parts):
        raise ChannelError(f"{label}: no part {index}; the file has {len(parts)}, counted from 0")
    return index if view is None or index else _part_of_view(header, view, layer, channels)


def check_readable(part: PartHeader, header: FileHeader, size: int) -> None:
    """Nothing, for a part whose pixels a file of ``size`` bytes may hold.

    Raises
    ------
    FormatError
        If it is deep, damaged or cut short.
    LimitError
        If it has more pixels than its bytes can stand for.
    """
    label = part.label
    if part.deep:
        raise FormatError("a deep part has samples, not pixels", path=label)
    if part.type not in ("scanlineimage", "tiledimage"):
        raise FormatError(f"unknown part type {part.type!r}", path=label)
    compression = COMPRESSIONS[part.compression]
    # Every chunk has its place in the table and a leader of 8 bytes.
    least = header.end + 16 * tiles_or_lines(part)
    if size < least:
        raise FormatError(f"truncated: {size} bytes, but its chunks alone need {least}", path=label, offset=size)
    x0, y0, x1, y1 = part.data_window
    stored = 0
    for channel in part.channels:
        if x0 % channel.x_sampling or y0 % channel.y_sampling:
            raise FormatError(f"channel {channel.name}: the data window does not fit its sampling", path=label)
        columns = x1 // channel.x_sampling - x0 // channel.x_sampling + 1
        lines = y1 // channel.y_sampling - y0 // channel.y_sampling + 1
        stored += columns * lines * (2 if channel.kind == 1 else 4)
    if stored > size * _MOST_EXPANSION.get(compression, _ANY_EXPANSION):
        raise LimitError(
            f"{part.width} x {part.height} pixels of {len(part.channels)} channels cannot come from "
            f"{size} bytes of {compression}",
            path=label,
        )


def part_info(part: PartHeader) -> PartInfo:
    """What the header of one part says.

    Raises
    ------
    FormatError
        If a required attribute is missing or impossible.
    """
    return PartInfo(
        width=part.width,
        height=part.height,
        channel_names=tuple(channel.name for channel in part.channels),
        formats=tuple(channel.format for channel in part.channels),
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=part.pixel_aspect,
        name=part.name,
        type=part.type,
        compression=COMPRESSIONS[part.compression],
        tile_size=part.tiles[:2] if part.tiles else None,
        levels=part.levels,
        views=views_of(part),
        metadata=metadata_of(part.attributes),
    )
