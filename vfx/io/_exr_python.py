"""EXR pixels through the OpenEXR wheel's Python interface: slower, the same results.

Used where the wheel's C functions cannot be reached. The wheel decodes every part whole, drops
attributes that it does not know, and writes strided arrays wrongly (openexr issue 1929). So pixels go in
as contiguous copies, and its file's header is replaced by ours: chunk offsets move by the difference.
"""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vfx.errors import FormatError
from vfx.io._exr_channels import Selection
from vfx.io._exr_header import COMPRESSIONS, Channel, PartHeader, parse, tiles_or_lines
from vfx.io._exr_levels import Region
from vfx.io._exr_plan import WritePlan, header_of
from vfx.io._source import Source

__all__ = ["WheelReader", "write_file"]

_DTYPES = (np.uint32, np.float16, np.float32)


def _readable(data: bytes, label: str) -> bytes:
    """The file with texts and rationals that the wheel stumbles over replaced by others of their length.

    It raises where a text is no UTF-8 or a denominator is 0; the metadata comes from our own header reader.
    """
    header = parse(io.BytesIO(data), len(data), label)
    head = data[: header.end]
    for part in header.parts:
        for name, (kind, value) in part.attributes.items():
            harmless = value
            if kind == "string":
                harmless = bytes(byte if byte < 128 else 63 for byte in value)
            elif kind == "rational" and value[4:] == bytes(4):
                harmless = value[:4] + b"\1\0\0\0"
            before = name.encode("utf-8", "surrogateescape") + b"\0" + kind.encode() + b"\0"
            before += len(value).to_bytes(4, "little")
            head = head.replace(before + value, before + harmless)
    return head + data[header.end :]


def _planes(source: Any, index: int, threads: int) -> dict[str, np.ndarray[Any, Any]]:
    """Channel name → its stored samples."""
    import OpenEXR

    opened = str(source.path) if source.path is not None else io.BytesIO(bytes(source.data()))
    takes_threads = "num_threads" in (OpenEXR.File.__init__.__doc__ or "")  # not yet in 3.4.6
    options = {"num_threads": threads} if takes_threads else {}
    try:
        try:
            parts = OpenEXR.File(opened, separate_channels=True, **options).parts
        except (UnicodeDecodeError, ZeroDivisionError):
            again = io.BytesIO(_readable(bytes(source.data()), source.label))
            parts = OpenEXR.File(again, separate_channels=True, **options).parts
    except Exception as error:  # the wheel raises bare exceptions of several kinds
        raise FormatError(f"OpenEXR cannot read it: {error}", path=source.label) from error
    if index >= len(parts):
        raise FormatError("OpenEXR cannot read it: truncated or damaged", path=source.label)
    planes = {name: channel.pixels for name, channel in parts[index].channels.items()}
    if any(plane is None for plane in planes.values()):
        raise FormatError("OpenEXR found no pixels", path=source.label)
    return planes


def _full_size(plane: np.ndarray[Any, Any], channel: Channel, width: int, height: int) -> np.ndarray[Any, Any]:
    """A subsampled plane with every sample repeated over the pixels that it stands for."""
    if (channel.x_sampling, channel.y_sampling) == (1, 1):
        return plane
    repeated = plane.repeat(channel.y_sampling, axis=0).repeat(channel.x_sampling, axis=1)
    return repeated[:height, :width]


class WheelReader:
    """The pixels of an opened source, which is decoded whole at the first read of a part and kept."""

    taken = -1

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._index = -1
        self._planes: dict[str, np.ndarray[Any, Any]] = {}

    def read(
        self,
        index: int,
        part: PartHeader,
        *,
        chosen: Selection,
        region: Region,
        out: np.ndarray[Any, Any],
        threads: int,
        lenient: bool = False,
    ) -> None:
        """Nothing; ``out`` (rows, columns, channels) then holds the chosen channels of the region.

        ``lenient`` changes nothing: the wheel gives all of a file or none of it.

        Raises
        ------
        FormatError
            If the wheel cannot read the file, or the level is not the first.
        """
        label = self._source.label
        if region.level != (0, 0):
            raise FormatError(
                f"level {region.level} can only be read through OpenEXR's C core, which is not in use", path=label
            )
        with self._lock:
            if self._index != index:
                self._planes, self._index = _planes(self._source, index, threads), index
            planes = self._planes
        left, top, right, bottom = region.box
        for place, channel in enumerate(chosen.channels):
            plane = planes.get(channel.name)
            if plane is None:
                raise FormatError(f"OpenEXR found no channel {channel.name}", path=label)
            plane = _full_size(plane, channel, part.width, part.height)
            if plane.shape != (part.height, part.width):
                raise FormatError(f"channel {channel.name} has size {plane.shape[::-1]}", path=label)
            with np.errstate(over="ignore"):
                out[:, :, place] = plane[top:bottom, left:right]


def _header_for_wheel(part: PartHeader, plan: WritePlan) -> dict[str, Any]:
    """The few attributes that decide how the wheel stores the pixels."""
    import OpenEXR

    x0, y0, x1, y1 = part.data_window
    window = (np.array([x0, y0], np.int32), np.array([x1, y1], np.int32))
    header: dict[str, Any] = {
        "compression": getattr(OpenEXR, f"{_wheel_name(part.compression)}_COMPRESSION"),
        "type": OpenEXR.tiledimage if part.tiles else OpenEXR.scanlineimage,
        "dataWindow": window,
        "displayWindow": window,
        "lineOrder": (OpenEXR.INCREASING_Y, OpenEXR.DECREASING_Y, OpenEXR.RANDOM_Y)[part.line_order],
    }
    if part.tiles:
        tiles = OpenEXR.TileDescription()
        tiles.xSize, tiles.ySize = part.tiles[:2]
        tiles.mode = OpenEXR.ONE_LEVEL
        header["tiles"] = tiles
    if plan.dwa_level >= 0:
        header["dwaCompressionLevel"] = float(plan.dwa_level)
    return header


def _wheel_name(compression: int) -> str:
    """The wheel's word for a compression number."""
    return {"none": "NO"}.get(COMPRESSIONS[compression], COMPRESSIONS[compression].upper())


def write_file(stream: BinaryIO, planes: Sequence[np.ndarray[Any, Any]], plan: WritePlan) -> None:
    """Nothing; ``stream`` then holds the whole EXR file, of (rows, columns) for every channel of it.

    Raises
    ------
    FormatError
        If the wheel refuses to write it.
    """
    import OpenEXR

    part = plan.part
    channels = {}
    with np.errstate(over="ignore"):
        for plane, channel in zip(planes, part.channels, strict=True):
            pixels = plane.view(np.float16) if plane.dtype == np.uint16 else plane
            channels[channel.name] = np.ascontiguousarray(pixels.astype(_DTYPES[channel.kind]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.exr"
        try:
            OpenEXR.File(_header_for_wheel(part, plan), channels).write(str(path))
        except Exception as error:  # the wheel raises bare exceptions of several kinds
            raise FormatError(f"OpenEXR cannot write it: {error}") from error
        data = path.read_bytes()
    end = parse(io.BytesIO(data), len(data), "").end
    count = tiles_or_lines(part)
    header = header_of([plan])
    offsets = np.frombuffer(data, "<u8", count, end) + np.uint64(len(header)) - np.uint64(end)
    stream.write(header)
    stream.write(offsets.astype("<u8").tobytes())
    stream.write(memoryview(data)[end + 8 * count :])
    stream.flush()
