"""Deep EXR parts: their samples read into flat arrays, or flattened into a picture.

Pixels go through OpenEXR's C core; where that cannot be used (see ``vfx.io.exr.exr_backend``), deep data cannot be
read, and the error says why. ``_exr_deep_write`` is the way back.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from vfx import threads as _threads
from vfx.deep import DeepImage, alpha_of
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.image import Image
from vfx.io._exr_channels import Selection, image_order
from vfx.io._exr_header import COMPRESSIONS, PartHeader, tiles_or_lines
from vfx.io._exr_levels import Region
from vfx.io._exr_metadata import metadata_of
from vfx.io._finish import row_range
from vfx.io._limits import limits
from vfx.io._source import Source
from vfx.pixelformat import format_of

__all__ = ["DEEP_COMPRESSIONS", "deep_kernel", "flattened", "read_part"]

_DTYPES = (np.dtype(np.uint32), np.dtype(np.float16), np.dtype(np.float32))
#: The compressions of deep data ("OpenEXR File Layout", and OpenEXR 3.5's exr_compression_is_valid_for_deep).
DEEP_COMPRESSIONS = ("none", "rle", "zips", "zstd")
#: Pixels of a picture whose run lengths one thread undoes quickly enough.
_SHORT = 1 << 21
# A writer that was stopped leaves zeros in the chunk table (EXR_ERR_INCOMPLETE_CHUNK_TABLE).
_INCOMPLETE_TABLE = 24


@functools.cache
def _loaded() -> str:
    """Empty when the kernel has its functions; else why not."""
    from importlib.util import find_spec

    from vfx._ext import exr_deep
    from vfx.io import _exr_core

    reason = _exr_core.available()
    spec = find_spec("OpenEXR")
    if reason or spec is None or not spec.origin:
        return reason or "OpenEXR is not installed"
    try:
        exr_deep.load(os.fsencode(spec.origin))
    except ImportError as error:
        return str(error)
    return ""


def deep_kernel(label: str) -> ModuleType:
    """The kernel, ready for use.

    Raises
    ------
    FormatError
        If the library cannot be reached.
    """
    from vfx._ext import exr_deep
    from vfx.io._exr_write import exr_backend

    reason = _loaded() if exr_backend() == "core" else "the OpenEXR backend in use is the Python one"
    if reason:
        raise FormatError(f"deep data needs OpenEXR's C core: {reason}", path=label)
    return exr_deep


def _check(part: PartHeader, end: int, size: int) -> None:
    """Raise for parts that cannot be deep, or not in a file of this size."""
    name = COMPRESSIONS[part.compression]
    if part.type not in ("deepscanline", "deeptile"):
        raise FormatError(f"a deep part of type {part.type!r}", path=part.label)
    if name not in DEEP_COMPRESSIONS:
        raise FormatError(f"deep data compressed with {name}, which deep data cannot be", path=part.label)
    if any((channel.x_sampling, channel.y_sampling) != (1, 1) for channel in part.channels):
        raise FormatError("deep data with subsampled channels", path=part.label)
    # Every chunk has its place in the table and a leader of 28 bytes.
    least = end + 36 * tiles_or_lines(part)
    if size < least:
        raise FormatError(f"truncated: {size} bytes, but its chunks alone need {least}", path=part.label, offset=size)


def _decode(
    source: Source, part: PartHeader, index: int, *, rows: tuple[int, int], targets: dict[str, int], threads: int | None
) -> tuple[np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
    """Counts and samples of the channels in ``targets``, each in the type that it names."""
    kernel = deep_kernel(source.label)
    kinds = np.array([channel.kind for channel in part.channels], np.int32)
    data = None if source.path is not None else source.data()
    label = os.fsencode(source.label)
    limits.check_pixels(part.width, rows[1] - rows[0], source.label)
    limits.check_memory(4 * part.width * (rows[1] - rows[0]), source.label)

    def attempt(reconstruct: bool) -> tuple[np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
        handle = os.dup(source.stream().fileno()) if data is None else -1
        reader = kernel.DeepReader(label, data, handle, source.size, index, rows, kinds, part.compression, reconstruct)
        if reader.window != part.data_window:
            raise FormatError("the header cannot be read in one way only", path=source.label)
        counts = np.empty((rows[1] - rows[0], part.width), np.uint32)
        # Copying waits for memory: 13 MB take 4.5 ms at one thread, 4.8 at two (minima). Run lengths are nearly as
        # quick (2.8 ms at two); where others use the cores, a second thread costs 30 ms.
        short = part.compression == 0 or (part.compression == 1 and counts.size < _SHORT)
        workers = 1 if short else _threads.for_pixels(counts.size, threads)
        starts = np.zeros(reader.runs + 1, np.int64)
        reader.counts(counts, starts, workers)
        starts[1:] = np.cumsum(starts[:-1])
        starts[0] = 0
        total = int(starts[-1])
        limits.check_memory(
            counts.nbytes + total * sum(_DTYPES[kind].itemsize for kind in targets.values()), source.label
        )
        found = {channel: np.empty(total, _DTYPES[kind]) for channel, kind in targets.items()}
        outs = tuple(found[channel.name].view(np.uint8) if channel.name in found else None for channel in part.channels)
        wanted = np.array([targets.get(channel.name, channel.kind) for channel in part.channels], np.int32)
        reader.samples(starts, outs, wanted, workers)
        return counts, found

    try:
        try:
            return attempt(False)
        except kernel.DeepError as error:
            if error.args[0] != _INCOMPLETE_TABLE:
                raise
            return attempt(True)
    except kernel.DeepError as error:
        raise FormatError(str(error.args[1]), path=source.label) from error
    except MemoryError as error:
        raise LimitError("not enough memory for the samples", path=source.label) from error


def read_part(
    source: Source,
    part: PartHeader,
    index: int,
    *,
    end: int,
    channels: Sequence[str] | str | None,
    rows: Sequence[int] | None,
    dtype: Any,
    threads: int | None,
) -> DeepImage:
    """The samples of one deep part.

    Raises
    ------
    FormatError, LimitError
        If the part is damaged, asks for too much, or is not deep.
    ChannelError
        If a channel is missing.
    """
    if not part.deep:
        raise FormatError("this part is not deep; vfx.io.exr.read gives its picture", path=source.label)
    _check(part, end, source.size)
    stored = {channel.name: channel.kind for channel in part.channels}
    names = sorted(stored, key=image_order) if channels is None else channels
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in stored:
            listed = ", ".join(sorted(stored, key=image_order))
            raise ChannelError(f"{source.label}: no channel {name!r}; there are: {listed}")
    if not names or len(set(names)) != len(names):
        raise ChannelError(f"{source.label}: channels must name different channels, got {names!r}")
    targets = {name: _target(stored[name], dtype) for name in names}
    first, last = row_range(rows, part.height)
    counts, samples = _decode(source, part, index, rows=(first, last), targets=targets, threads=threads)
    x0, y0, x1, _ = part.data_window
    return DeepImage(
        counts,
        samples,
        metadata=metadata_of(part.attributes),
        data_window=(x0, y0 + first, x1, y0 + last - 1),
        display_window=part.display_window,
        pixel_aspect=part.pixel_aspect,
    )


def _target(kind: int, dtype: Any) -> int:
    """The type to read a channel in: half and float as asked, uint as it is."""
    if dtype is None or kind == 0:
        return kind
    wanted = format_of(dtype)
    if wanted not in ("f16", "f32"):
        raise ValueError(f"deep samples are read as f16 or f32, not as {wanted}")
    return 1 if wanted == "f16" else 2


def flattened(
    source: Source,
    part: PartHeader,
    index: int,
    *,
    end: int,
    chosen: Selection,
    region: Region,
    threads: int | None,
) -> np.ndarray[Any, np.dtype[Any]]:
    """The chosen channels of a region of one deep part, composited: (rows, columns, channels).

    Raises
    ------
    FormatError, LimitError
        If the part is damaged or asks for too much, and for any level but the first.
    """
    if region.level != (0, 0):
        raise FormatError(f"of a deep part only level 0 can be read, not {region.level}", path=source.label)
    left, top, right, bottom = region.box
    names = [channel.name for channel in chosen.channels]
    every = [channel.name for channel in part.channels]
    needed = {*names, *(alpha for name in names if (alpha := alpha_of(name, every)))}
    needed |= {name for name in ("A", "Z", "ZBack") if name in every}
    limits.check_memory((right - left) * (bottom - top) * len(names) * _DTYPES[chosen.kind].itemsize, source.label)
    deep = read_part(
        source, part, index, end=end, channels=[name for name in every if name in needed], rows=(top, bottom),
        dtype="f32" if chosen.kind == 2 else None, threads=threads,
    )  # fmt: skip
    out = np.empty((bottom - top, right - left, len(names)), _DTYPES[chosen.kind])
    for data in (True, False):
        places = [place for place, channel in enumerate(chosen.channels) if (channel.kind == 0) == data]
        if places:
            flat = _flat(deep, [names[place] for place in places], threads, source.label)
            with np.errstate(over="ignore"):
                out[:, :, places] = flat.pixels[:, left:right]
    return out


def _flat(deep: DeepImage, names: list[str], threads: int | None, label: str) -> Image:
    """The flattened channels."""
    try:
        return deep.flatten(channels=names, threads=threads)
    except MemoryError as error:
        raise LimitError("not enough memory to flatten the samples", path=label) from error
