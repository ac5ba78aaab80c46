r"""The headers and the palette of a Windows bitmap.

::

    0   "BM" | file size u32 | 0 u32 | offset of the pixels u32
    14  size of what follows u32: 12 (OS/2 1), 16 to 64 (OS/2 2), 40, 52, 56, 108 (version 4), 124 (version 5)
    18  width i32 | height i32, negative from the top | 1 u16 | bits u16       (u16 u16 u16 u16 in 12 bytes)
    30  compression u32 | bytes of pixels u32 | pixels per metre i32 i32 | colours u32 | important u32
    54  masks R G B A u32 | colour space u32 | end points 9 x 2.30 | gamma 3 x 16.16
    122 intent u32 | profile offset u32, size u32 | 0 u32                          (all little-endian)

Source: Microsoft, Windows GDI: BITMAPV5HEADER; IBM, OS/2 Presentation Manager: BITMAPINFOHEADER2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._limits import limits
from vfx.io._raster import likely_aspect
from vfx.metadata import Chromaticities

__all__ = ["BYTES", "Header", "pack", "parse"]

#: Masks of red, green and blue where each has a byte.
BYTES = (0xFF0000, 0xFF00, 0xFF)

_FIVES = (0x7C00, 0x3E0, 0x1F)
_COMPRESSIONS = {0: "none", 1: "rle8", 2: "rle4", 3: "none", 6: "none"}
_OS2_SIZES = range(16, 65)
_WINDOWS_SIZES = (40, 52, 56, 108, 124)

#: Colour spaces of versions 4 and 5: values in this header, sRGB, the system's, a file's name, a profile.
_CALIBRATED, _SRGB, _WINDOWS, _LINKED, _EMBEDDED = 0, 0x73524742, 0x57696E20, 0x4C494E4B, 0x4D424544


@dataclass
class Header:
    """What the file says of its pixels.

    Attributes
    ----------
    width, height : int
        In pixels.
    bits : int
        Of a stored pixel.
    compression : str
        ``"none"``, ``"rle8"`` or ``"rle4"``.
    from_top : bool
        Whether the first row is the top one.
    offset : int
        Where the pixels begin.
    masks : (int, int, int, int)
        Of red, green, blue and alpha, for 16 and 32 bits.
    palette : (N, 3) uint8
        Colours of the codes, for 1 to 8 bits.
    count : int
        Channels of the image.
    pixel_aspect : float
        Width of a pixel over its height.
    metadata : dict
        What versions 4 and 5 say of colour, and the density.
    """

    width: int
    height: int
    bits: int
    compression: str = "none"
    from_top: bool = False
    offset: int = 0
    masks: tuple[int, int, int, int] = (*BYTES, 0)
    palette: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 3), np.uint8))
    count: int = 3
    pixel_aspect: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def wide(self) -> bool:
        """Whether a channel has more than 8 bits."""
        return self.bits in (16, 32) and any(mask.bit_count() > 8 for mask in self.masks[: self.count])


def parse(data: memoryview, label: str) -> Header:
    """The checked header of a bitmap.

    Raises
    ------
    FormatError
        If it is cut off, or describes no supported picture.
    """
    if bytes(data[:2]) != b"BM":
        raise FormatError("not a Windows bitmap", path=label, offset=0)
    if len(data) < 26:
        raise FormatError("the header is cut off", path=label, offset=len(data))
    offset, size = struct.unpack_from("<II", data, 10)
    if size != 12 and size not in _OS2_SIZES and size not in _WINDOWS_SIZES:
        raise FormatError(f"a bitmap header of {size} bytes is not known", path=label, offset=14)
    if 14 + size > len(data):
        raise FormatError("the header is cut off", path=label, offset=len(data))
    info = bytes(data[14 : 14 + size]).ljust(124, b"\0")
    head, kind = _sizes(info, size, label)
    head.offset = offset
    following = 14 + size
    if head.bits in (16, 32):
        following = _read_masks(data, info, size, kind, head, label)
    if head.bits <= 8:
        _read_palette(data, info, size, following, head, label)
    if size >= 40:
        _read_density(info, head)
    if size >= 108:
        _read_colour(data, info, size, head, label)
    if head.offset < following:
        raise FormatError(f"the pixels begin at byte {head.offset}, inside the header", path=label, offset=10)
    return head


def _sizes(info: bytes, size: int, label: str) -> tuple[Header, int]:
    """Width, height, depth and compression, checked; and the number of the latter."""
    if size == 12:
        width, height, planes, bits = struct.unpack_from("<4H", info, 4)
        kind = 0
    else:
        width, height, planes, bits, kind = struct.unpack_from("<iiHHI", info, 4)
    head = Header(width, abs(height), bits, _COMPRESSIONS.get(kind, ""), from_top=height < 0)
    if kind in (4, 5):
        inside = "JPEG" if kind == 4 else "PNG"
        raise FormatError(f"a bitmap that holds a {inside} file is not supported", path=label, offset=30)
    if head.width <= 0 or head.height == 0 or planes != 1:
        reason = f"a bitmap of {width} x {height} pixels in {planes} planes"
        raise FormatError(reason, path=label, offset=18)
    coded = {"rle8": (8,), "rle4": (4,)}.get(head.compression)
    allowed = coded or ((16, 32) if kind in (3, 6) else (1, 2, 4, 8, 16, 24, 32))
    os2 = size in _OS2_SIZES and size not in _WINDOWS_SIZES
    if bits not in allowed or not head.compression or (coded and head.from_top) or (os2 and kind in (3, 4)):
        raise FormatError(f"a bitmap of {bits} bits, compression {kind}, is not supported", path=label, offset=28)
    return head, kind


def _read_masks(data: memoryview, info: bytes, size: int, kind: int, head: Header, label: str) -> int:
    """The masks; returns the end of the header with them."""
    following = 14 + size
    if kind in (3, 6):
        stored = 4 if kind == 6 or size >= 56 else 3
        if size == 40:
            following += 4 * stored
            if following > len(data):
                raise FormatError("the masks are cut off", path=label, offset=len(data))
        masks = [*struct.unpack_from(f"<{stored}I", data, 54), 0][:4]
    elif size >= 108 and head.bits == 32:
        masks = [*BYTES, struct.unpack_from("<I", info, 52)[0] & 0xFF000000]
    else:
        masks = [*(_FIVES if head.bits == 16 else BYTES), 0]
    seen = 0
    for mask in masks:
        whole = mask // (mask & -mask) if mask else 0
        if mask >> head.bits or mask & seen or whole & (whole + 1):
            raise FormatError(f"masks {', '.join(f'{m:#x}' for m in masks)} make no sense", path=label, offset=54)
        seen |= mask
    red, green, blue, alpha = masks
    head.masks = (red, green, blue, alpha)
    if alpha:
        head.count = 4
        head.metadata["alpha"] = "unassociated"
    return following


def _read_palette(data: memoryview, info: bytes, size: int, start: int, head: Header, label: str) -> None:
    """The palette; whether it is gray decides the channels."""
    each = 3 if size == 12 else 4
    used = 0 if size == 12 else int(struct.unpack_from("<I", info, 32)[0])
    colours = min(used or 2**head.bits, 2**head.bits)
    room = (min(head.offset, len(data)) - start) // each
    if room < 1:
        raise FormatError("the palette is missing or cut off", path=label, offset=start)
    colours = min(colours, room)
    table = np.frombuffer(data, np.uint8, colours * each, start).reshape(colours, each)
    head.palette = table[:, 2::-1]
    if (head.palette == head.palette[:, :1]).all():
        head.count = 1


def _read_density(info: bytes, head: Header) -> None:
    """Pixels per metre."""
    across, down = struct.unpack_from("<ii", info, 24)
    if across > 0 and down > 0:
        head.metadata["bmp:density"] = (across, down)
        head.pixel_aspect = likely_aspect(down / across)


def _read_colour(data: memoryview, info: bytes, size: int, head: Header, label: str) -> None:
    """What versions 4 and 5 say of colour."""
    entries = head.metadata
    (space,) = struct.unpack_from("<I", info, 56)
    if space == _CALIBRATED:
        points = [value / 2**30 for value in struct.unpack_from("<9i", info, 60)]
        gammas = tuple(value / 2**16 for value in struct.unpack_from("<3I", info, 96))
        ends = [tuple(points[at : at + 3]) for at in (0, 3, 6)]
        white = tuple(sum(values) for values in zip(*ends, strict=True))
        if all(sum(xyz) > 0 for xyz in ends):
            red, green, blue, middle = ((xyz[0] / sum(xyz), xyz[1] / sum(xyz)) for xyz in (*ends, white))
            entries["chromaticities"] = Chromaticities(red, green, blue, middle)
        if all(0 < gamma < 100 for gamma in gammas):
            entries["bmp:gamma"] = gammas
    elif space in (_LINKED, _EMBEDDED) and size >= 124:
        start, count = struct.unpack_from("<II", info, 112)
        limits.check_attribute("the ICC profile", count, label)
        profile = bytes(data[14 + start : 14 + start + count])
        if len(profile) == count and count:
            entries |= (
                {"icc_profile": profile}
                if space == _EMBEDDED
                else {"bmp:linked_profile": profile.split(b"\0")[0].decode("latin-1")}
            )
    elif space == _SRGB:
        entries["bmp:colour_space"] = "sRGB"


def _density(image: Image) -> tuple[int, int]:
    """Pixels per metre to write: those read, unless the pixel aspect was changed."""
    aspect = image.pixel_aspect
    stored = image.metadata.get("bmp:density")
    if isinstance(stored, tuple) and len(stored) == 2 and abs(stored[1] / stored[0] - aspect) < 1e-3 * aspect:
        return int(stored[0]), int(stored[1])
    return (0, 0) if aspect == 1.0 else (2835, round(2835 * aspect))  # 72 pixels per inch across


def pack(image: Image, shape: tuple[int, int, int], size: int) -> tuple[bytes, bytes]:
    """What goes before and behind ``size`` bytes of pixels; ``shape`` is width, height and channels."""
    width, height, count = shape
    profile = image.metadata.get("icc_profile")
    embedded = isinstance(profile, bytes) and (profile[16:20] == b"GRAY") == (count == 1)
    tail = profile if isinstance(profile, bytes) and embedded else b""
    version5 = count == 4 or bool(tail)
    palette = b"".join(bytes((v, v, v, 0)) for v in range(256)) if count == 1 else b""
    length = 124 if version5 else 40
    offset = 14 + length + len(palette)
    fields = (length, width, height, 1, 8 * count, 3 if count == 4 else 0, size, *_density(image))
    info = struct.pack("<IiiHHIIiiII", *fields, 256 if palette else 0, 0)
    if version5:
        masks = (*BYTES, 0xFF000000) if count == 4 else (0, 0, 0, 0)
        place = length + len(palette) + size if tail else 0
        space = _EMBEDDED if tail else _WINDOWS
        # Intent 4: pictures, perceptual (LCS_GM_IMAGES).
        info += struct.pack("<5I36x12x4I", *masks, space, 4, place, len(tail), 0)
    file = struct.pack("<2sIHHI", b"BM", min(offset + size + len(tail), 2**32 - 1), 0, 0, offset)
    return file + info + palette, tail
