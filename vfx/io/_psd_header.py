"""The sections of a Photoshop file before its pixels (Adobe Photoshop File Formats Specification, November 2019).

::

    8BPS  version(1 PSD, 2 PSB)  6 zeros  channels  height  width  depth  mode      26 bytes
    length, colour mode data        the palette of indexed files
    length, image resources         8BIM id name size data …
    length, layers and masks        a negative count of layers: the first extra channel is their transparency
    compression, composite          planes, one after the other
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from vfx.errors import FormatError
from vfx.io._limits import limits
from vfx.io._raster import likely_aspect
from vfx.io._vocabulary import add_words

__all__ = ["MODES", "Header", "parse"]

MODES = {0: "bitmap", 1: "gray", 2: "indexed", 3: "rgb", 4: "cmyk", 7: "multichannel", 8: "duotone", 9: "lab"}
_COLOURS = {0: 1, 1: 1, 2: 1, 3: 3, 4: 4, 7: 0, 8: 1, 9: 3}
_MAX_SIDE = {1: 30_000, 2: 300_000}
# Image resources.
_RESOLUTION, _ICC, _EXIF, _XMP, _ASPECT = 1005, 1039, 1058, 1060, 1064


@dataclass
class Header:
    """What stands before the composite.

    Attributes
    ----------
    version, channels, height, width, depth, mode : int
        As stored.
    palette : bytes
        768 bytes of an indexed file.
    transparency : bool
        Whether the first extra channel is the transparency of the layers.
    composite : int
        Offset of the composite.
    metadata : dict
        ``icc_profile``, ``exif``, ``xmp``, ``orientation``.
    """

    version: int
    channels: int
    height: int
    width: int
    depth: int
    mode: int
    palette: bytes = b""
    transparency: bool = False
    composite: int = 0
    aspect: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def colours(self) -> int:
        """Planes of colour; the others are extra channels."""
        return _COLOURS[self.mode] or self.channels


def _section(data: memoryview, at: int, wide: bool, label: str) -> tuple[memoryview, int]:
    """The content of a section with its length in front, and the place behind it."""
    size = 8 if wide else 4
    if at + size > len(data):
        raise FormatError("cut off before its pixels", path=label, offset=len(data))
    (length,) = struct.unpack_from(">Q" if wide else ">I", data, at)
    if at + size + length > len(data):
        raise FormatError(f"a section of {length} bytes does not fit", path=label, offset=at)
    return data[at + size : at + size + length], at + size + length


def _resources(header: Header, section: memoryview, label: str) -> None:
    """Metadata out of the image resources."""
    at = 0
    while at + 12 <= len(section):
        kind, number, name = struct.unpack_from(">4sHB", section, at)
        if kind not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"):
            return
        at += 6 + (name + 2 & ~1)
        if at + 4 > len(section):
            return
        (size,) = struct.unpack_from(">I", section, at)
        if at + 4 + size > len(section):
            return
        limits.check_attribute(f"image resource {number}", size, label)
        content = bytes(section[at + 4 : at + 4 + size])
        at += 4 + (size + 1 & ~1)
        if number == _ICC:
            header.metadata["icc_profile"] = content
        elif number == _XMP:
            header.metadata["xmp"] = content
        elif number == _EXIF:
            header.metadata["exif"] = content
        elif number == _ASPECT and size >= 12:
            header.aspect = likely_aspect(struct.unpack_from(">d", content, 4)[0])


def parse(data: memoryview, label: str) -> Header:
    """The header of a Photoshop file.

    Raises
    ------
    FormatError
        If it is damaged, or none.
    LimitError
        If the picture is larger than allowed.
    """
    if len(data) < 26 or bytes(data[:4]) != b"8BPS":
        raise FormatError("not a Photoshop file: it does not begin with 8BPS", path=label, offset=0)
    version, channels, height, width, depth, mode = struct.unpack_from(">H6xH2I2H", data, 4)
    if version not in _MAX_SIDE or mode not in MODES:
        raise FormatError(f"version {version} with colour mode {mode} is not known", path=label, offset=4)
    if not 1 <= channels <= 56 or max(height, width) > _MAX_SIDE[version]:
        raise FormatError(f"impossible size {width} x {height} x {channels}", path=label, offset=12)
    if depth not in (1, 8, 16, 32) or (depth == 1) != (mode == 0):
        raise FormatError(f"{depth} bits in a {MODES[mode]} picture", path=label, offset=22)
    limits.check_pixels(width, height, label)
    header = Header(version, channels, height, width, depth, mode)
    if channels < header.colours:
        raise FormatError(f"{channels} channels are too few for {MODES[mode]}", path=label, offset=12)
    palette, at = _section(data, 26, False, label)
    header.palette = bytes(palette[:768])
    if mode == 2 and len(header.palette) < 768:
        raise FormatError("its palette is too short", path=label, offset=26)
    resources, at = _section(data, at, False, label)
    _resources(header, resources, label)
    add_words(header.metadata)
    wide = version == 2
    layers, header.composite = _section(data, at, wide, label)
    start = 8 if wide else 4
    if len(layers) >= start + 2:
        header.transparency = struct.unpack_from(">h", layers, start)[0] < 0
    return header
