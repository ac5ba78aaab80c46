"""The ids and coverages of Cryptomatte layers, from a file or from an image in memory.

From files through OpenEXR's core, sums of coverage come straight out of the decoded chunks and no picture is made;
else the channels are read first.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vfx import threads as _threads
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.image import Image
from vfx.io._cryptomatte_layers import Group, Rank
from vfx.io._exr_attributes import decode_value
from vfx.io._exr_channels import select, views_of
from vfx.io._exr_header import FileHeader, PartHeader, parse, tiles_or_lines
from vfx.io._exr_metadata import metadata_of
from vfx.io._limits import limits
from vfx.io._source import Source
from vfx.io.idmanifest import IDManifest
from vfx.pixelformat import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FilePixels", "ImagePixels", "Pixels"]

_PREFIX = "exr:"
# A writer that was stopped leaves zeros in the chunk table (openexr_errors.h).
_INCOMPLETE_TABLE = 24


class Pixels(Protocol):
    """Where a layer's samples come from."""

    label: str
    path: Path | None
    groups: tuple[Group, ...]

    def frame(self, part: int) -> Image:
        """An image of one pixel with the windows, the aspect and the metadata of a part."""

    def window(self, ranks: Sequence[Rank]) -> Box:
        """The data window that all ranks share."""

    def samples(self, ranks: Sequence[Rank], rows: tuple[int, int], threads: int | None) -> NDArray[np.uint32]:
        """(rows, width, 2 n): id, coverage, id, coverage … as bits."""

    def sums(
        self,
        ranks: Sequence[Rank],
        wanted: tuple[NDArray[np.uint32], NDArray[np.int32], int],
        rows: tuple[int, int],
        threads: int | None,
    ) -> NDArray[np.float32]:
        """(rows, width, outputs): the coverage of ids, given with the output of each and how many there are."""


def _empty(rows: tuple[int, int], window: Box, outputs: int, label: str) -> NDArray[np.float32]:
    """Zeros for the sums of these rows."""
    width, height = window[2] - window[0] + 1, rows[1] - rows[0]
    limits.check_pixels(width, height, label)
    limits.check_memory(width * height * outputs * 4, label)
    try:
        return np.zeros((height, width, outputs), np.float32)
    except MemoryError as error:
        raise LimitError(f"not enough memory for {width} x {height} x {outputs} samples", path=label) from error


def _gather(samples: NDArray[np.uint32], wanted: Any, out: NDArray[np.float32], threads: int | None) -> None:
    """Add up samples in memory."""
    from vfx._ext import cryptomatte as kernel

    columns = np.arange(samples.shape[2], dtype=np.int32).reshape(-1, 2)
    workers = _threads.for_pixels(out.shape[0] * out.shape[1], threads)
    kernel.gather(samples, columns, wanted[0], wanted[1], out, workers)


class ImagePixels:
    """The samples of an image's channels."""

    path: Path | None = None

    def __init__(self, image: Image) -> None:
        self.label = "<image>"
        self._image = image
        texts = {key.removeprefix(_PREFIX): text for key, text in image.metadata.items() if isinstance(text, str)}
        self.groups: tuple[Group, ...] = (Group(0, "", texts, {name: name for name in image.channel_names}),)

    def frame(self, part: int) -> Image:
        """The image's first pixel stands for it."""
        return self._image

    def window(self, ranks: Sequence[Rank]) -> Box:
        """The image's own."""
        return self._image.data_window

    def samples(self, ranks: Sequence[Rank], rows: tuple[int, int], threads: int | None) -> NDArray[np.uint32]:
        """The channels of the ranks, copied where they are not already side by side."""
        image = self._image
        if image.format != "f32":
            raise ChannelError(f"Cryptomatte ids are float32 channels, the image is {image.format}")
        places = [image.channel_names.index(name) for rank in ranks for name in (rank.identity, rank.coverage)]
        chosen = image.pixels[rows[0] : rows[1]]
        if places == list(range(places[0], places[0] + len(places))):
            return chosen[:, :, places[0] : places[-1] + 1].view(np.uint32)
        return np.ascontiguousarray(chosen[:, :, places]).view(np.uint32)

    def sums(
        self,
        ranks: Sequence[Rank],
        wanted: tuple[NDArray[np.uint32], NDArray[np.int32], int],
        rows: tuple[int, int],
        threads: int | None,
    ) -> NDArray[np.float32]:
        """Of the image's channels."""
        out = _empty(rows, self._image.data_window, wanted[2], self.label)
        _gather(self.samples(ranks, rows, threads), wanted, out, threads)
        return out


class FilePixels:
    """The samples in an EXR file; a path is opened again for every reading, other sources are kept in memory.

    Raises
    ------
    ChannelError
        If there is no such view.
    FormatError
        If the header is damaged.
    """

    def __init__(self, source: Source, view: str | None) -> None:
        self.label, self.path = source.label, source.path
        self._size = source.size
        self._header: FileHeader = parse(source.stream(), source.size, source.label)
        self._data = None if source.path is not None else bytes(source.data())
        self.groups = tuple(self._groups(view))
        if not self.groups:
            views = dict.fromkeys(name for part in self._header.parts for name in views_of(part))
            raise ChannelError(f"{self.label}: no view {view!r}; the views are: {', '.join(views) or 'none'}")

    def _groups(self, view: str | None) -> list[Group]:
        """What every part of the view has; parts without views belong to all."""
        found = []
        for index, part in enumerate(self._header.parts):
            views = views_of(part)
            if view is not None and view not in views and (views or len(self._header.parts) == 1):
                continue
            texts = {}
            for name, stored in part.attributes.items():
                if name.startswith("cryptomatte/") and stored.type == "string":
                    texts[name] = str(decode_value(name, stored))
            shown = {} if part.deep else _shown(part, view or None)
            found.append(Group(index, part.name, texts, shown, _identities(part)))
        return found

    def frame(self, part: int) -> Image:
        """What the header says of the part, without the manifests."""
        header = self._header.parts[part]
        x0, y0, _, _ = header.data_window
        kept = {name: value for name, value in header.attributes.items() if not name.startswith("cryptomatte/")}
        return Image(
            np.zeros((1, 1), np.float32),
            metadata=metadata_of(kept),
            data_window=(x0, y0, x0, y0),
            display_window=header.display_window,
            pixel_aspect=header.pixel_aspect,
        )

    def window(self, ranks: Sequence[Rank]) -> Box:
        """The data window of the ranks' parts; they must agree."""
        windows = {self._header.parts[rank.part].data_window for rank in ranks}
        if len(windows) != 1:
            raise FormatError(f"the ranks of one layer have different data windows: {sorted(windows)}", path=self.label)
        return windows.pop()

    def _checked(self, index: int) -> PartHeader:
        """A part whose chunks the file has room for, and whose layer's channels are floats."""
        part = self._header.parts[index]
        least = self._header.end + 16 * tiles_or_lines(part)
        if self._size < least:
            reason = f"truncated: {self._size} bytes, but its chunks alone need {least}"
            raise FormatError(reason, path=self.label, offset=self._size)
        return part

    def _check_floats(self, ranks: Sequence[Rank]) -> None:
        """Raise unless ids and coverages are stored as 32-bit floats, pixel for pixel."""
        for rank in ranks:
            for channel in self._header.parts[rank.part].channels:
                if channel.name not in (rank.identity, rank.coverage):
                    continue
                if channel.kind != 2 or (channel.x_sampling, channel.y_sampling) != (1, 1):
                    raise FormatError(
                        f"Cryptomatte channel {channel.name} must be float at full resolution, it is "
                        f"{channel.format}, sampled {channel.x_sampling} x {channel.y_sampling}",
                        path=self.label,
                    )

    def samples(self, ranks: Sequence[Rank], rows: tuple[int, int], threads: int | None) -> NDArray[np.uint32]:
        """The channels of the ranks, read part by part."""
        from vfx.io import exr

        self._check_floats(ranks)
        read = []
        for part in dict.fromkeys(rank.part for rank in ranks):
            names = [name for rank in ranks if rank.part == part for name in (rank.identity, rank.coverage)]
            source = self.path if self._data is None else self._data
            read.append(exr.read(source, part=part, channels=names, rows=rows, threads=threads).pixels)
        pixels = read[0] if len(read) == 1 else np.concatenate(read, axis=2)
        return pixels.view(np.uint32)

    def sums(
        self,
        ranks: Sequence[Rank],
        wanted: tuple[NDArray[np.uint32], NDArray[np.int32], int],
        rows: tuple[int, int],
        threads: int | None,
    ) -> NDArray[np.float32]:
        """Straight from the chunks where OpenEXR's core is there, else of the channels."""
        from vfx.io import exr

        self._check_floats(ranks)
        window = self.window(ranks)
        out = _empty(rows, window, wanted[2], self.label)
        if exr.exr_backend() != "core":
            _gather(self.samples(ranks, rows, threads), wanted, out, threads)
            return out
        kernel = _kernel()
        for part in dict.fromkeys(rank.part for rank in ranks):
            request = self._request(part, [rank for rank in ranks if rank.part == part], wanted, window, rows[0])
            workers = _threads.for_pixels(out.shape[0] * out.shape[1] * len(ranks), threads)
            before = out.copy() if part != ranks[0].part else None
            try:
                try:
                    kernel.read_mattes(*request, out, workers)
                except kernel.CoreError as error:
                    if error.args[0] != _INCOMPLETE_TABLE:
                        raise
                    out[...] = 0 if before is None else before
                    kernel.read_mattes(*request, out, workers, True)
            except kernel.CoreError as error:
                raise FormatError(str(error.args[1]), path=self.label) from error
            except MemoryError as error:
                raise LimitError("not enough memory to decode the pixels", path=self.label) from error
        return out

    def _request(
        self, index: int, ranks: Sequence[Rank], wanted: tuple[Any, Any, int], window: Box, first: int
    ) -> tuple[Any, ...]:
        """The kernel's arguments for one part, up to the output."""
        part = self._checked(index)
        names = [channel.name for channel in part.channels]
        kinds = np.array([channel.kind for channel in part.channels], np.int32)
        pairs = np.array([[names.index(rank.identity), names.index(rank.coverage)] for rank in ranks], np.int32)
        path = os.fsencode(self.path if self.path is not None else self.label)
        return path, self._data, index, kinds, pairs, wanted[0], wanted[1], window, first


def _shown(part: PartHeader, view: str | None) -> dict[str, str]:
    """Channel names without the view, the part's first by default → as stored."""
    views = views_of(part)
    if "view" in part.attributes or not views:
        return {channel.name: channel.name for channel in part.channels}
    chosen = select(part, view=view or views[0], dtype="f32")
    return {shown: channel.name for shown, channel in zip(chosen.names, chosen.channels, strict=True)}


def _identities(part: PartHeader) -> dict[str, dict[str, int]]:
    """Channel → name → id, of OpenEXR's own manifest: ids of 32 bits, by their first text."""
    stored = part.attributes.get("idManifest")
    manifest = decode_value("idManifest", stored) if stored is not None else None
    found: dict[str, dict[str, int]] = {}
    for group in manifest.groups if isinstance(manifest, IDManifest) else ():
        names = {texts[0]: identity for identity, texts in group.table.items() if texts and identity < 2**32}
        found.update(dict.fromkeys(group.channels, names))
    return found


@functools.cache
def _kernel() -> Any:
    """The kernel, with the functions of the wheel that ``_exr_core`` has tried."""
    from importlib.util import find_spec

    from vfx._ext import cryptomatte_read as kernel

    spec = find_spec("OpenEXR")
    assert spec is not None and spec.origin is not None  # the core is available, so it was found
    kernel.load(os.fsencode(spec.origin))
    return kernel
