"""The marker segments of a JPEG file, read and made: size, colour, metadata; no pixels are decoded.

::

    FFD8                      start of image
    FFxx length u16 | data    APP0 "JFIF", APP1 "Exif" or XMP, APP2 ICC, APP14 "Adobe", COM, DQT, DHT, SOFn …
    FFDA length u16 | data    start of a scan, then entropy-coded bytes in which FF is followed by 00 or D0-D7
    FFD9                      end of image

Sources: ITU-T T.81 annex B; ITU-T T.871 (JFIF) 10.1; ICC.1:2022 annex B.4; Adobe XMP part 3, 1.1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from vfx.errors import FormatError, LimitError
from vfx.io import _exif
from vfx.io._limits import check_size
from vfx.io._raster import likely_aspect
from vfx.io._vocabulary import add_words, xmp_for_writing

__all__ = [
    "Frame",
    "Segment",
    "check_scans",
    "frame",
    "metadata",
    "metadata_segments",
    "pixel_aspect",
    "plain_jpeg",
    "segments",
]

#: Frame headers by their second byte; the others hold tables or are reserved (T.81 table B.1).
_FRAMES = {
    0xC0: "baseline",
    0xC1: "extended",
    0xC2: "progressive",
    0xC3: "lossless",
    0xC9: "arithmetic",
    0xCA: "arithmetic progressive",
}

_SOS, _EOI = 0xDA, 0xD9
#: What of an XMP packet does not fit into one segment (Adobe XMP part 3, 1.1.3.1).
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF, _XMP, _ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"

#: More scans than any encoder writes; each may cost a pass over the whole picture (libjpeg-turbo's own limit
#: in its fuzzing and transforming tools).
_MAX_SCANS = 500

#: Huffman coding spends at least one bit on the mean of each 8 x 8 block (T.81 F.1.2.1).
_MAX_PIXELS_PER_BYTE = 8 * 64


#: The most bytes that one segment can hold besides its length.
_MAX_SEGMENT = 65533


class Segment(NamedTuple):
    """A marker's second byte, its data, and where the marker is in the file."""

    marker: int
    data: memoryview
    offset: int


@dataclass(frozen=True)
class Frame:
    """The facts of a frame header."""

    width: int
    height: int
    precision: int
    process: str
    sampling: tuple[tuple[int, int], ...]

    @property
    def sample_bytes(self) -> int:
        """Bytes of one decoded sample."""
        return 1 if self.precision <= 8 else 2

    @property
    def format(self) -> str:
        """Pixel format of the image; depths that no format has become f32, as in DPX and TIFF."""
        return {16: "u16"}.get(self.precision, "f32") if self.precision > 8 else "u8"

    @property
    def subsampling(self) -> str:
        """``"4:4:4"``, ``"4:2:2"``, ``"4:2:0"``, another in the same words, or ``""`` for gray."""
        if len(self.sampling) < 3:
            return ""
        (x, y), (u, v) = self.sampling[:2]
        if u == 0 or v == 0 or x % u or y % v:
            return ""
        known = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1", (1, 2): "4:4:0", (4, 2): "4:1:0"}
        return known.get((x // u, y // v), "")


def segments(data: memoryview, label: str) -> list[Segment]:
    """The segments up to the first scan, which is the last of the list.

    Raises
    ------
    FormatError
        With the byte offset: not JPEG, cut off, or no scan.
    """
    if bytes(data[:2]) != b"\xff\xd8":
        raise FormatError("not a JPEG file", path=label, offset=0)
    found: list[Segment] = []
    position = 2
    while True:
        while position < len(data) and data[position] != 0xFF:
            position += 1  # stray bytes between segments: every decoder skips them
        while position + 1 < len(data) and data[position + 1] == 0xFF:
            position += 1  # fill bytes, T.81 B.1.1.2
        if position + 4 > len(data):
            raise FormatError("the file ends before its first scan", path=label, offset=len(data))
        marker = data[position + 1]
        if marker == _EOI:
            raise FormatError("the picture ends before its first scan", path=label, offset=position)
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if length < 2 or position + 2 + length > len(data):
            reason = f"segment FF{marker:02X} of {length} bytes is cut off"
            raise FormatError(reason, path=label, offset=position)
        found.append(Segment(marker, data[position + 4 : position + 2 + length], position))
        if marker == _SOS:
            return found
        position += 2 + length


def frame(found: list[Segment], size: int, label: str) -> Frame:
    """The checked frame header.

    Parameters
    ----------
    found : list of Segment
        From :func:`segments`.
    size : int
        Bytes of the whole file: they limit how many pixels it can hold.
    label : str
        For messages.

    Raises
    ------
    FormatError
        If there is none, it is of an unknown kind, or announces more than the file can hold.
    """
    for marker, data, offset in found:
        if not 0xC0 <= marker <= 0xCF or marker in (0xC4, 0xC8, 0xCC):
            continue
        if marker not in _FRAMES:
            raise FormatError(f"JPEG process FF{marker:02X} is not supported", path=label, offset=offset)
        if len(data) < 6 or len(data) < 6 + 3 * data[5]:
            raise FormatError("the frame header is cut off", path=label, offset=offset)
        height, width = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big")
        check_size(width, height, label)
        process = _FRAMES[marker]
        allowed = {"baseline": (8,), "lossless": range(2, 17)}.get(process, (8, 12))
        if data[0] not in allowed or (data[0] == 12 and "arithmetic" in process):
            raise FormatError(f"{process} JPEG of {data[0]} bits is not supported", path=label, offset=offset)
        if width * height > size * _MAX_PIXELS_PER_BYTE and "arithmetic" not in process:
            reason = f"{size} bytes cannot hold {width} x {height} pixels"
            raise FormatError(reason, path=label, offset=offset)
        sampling = tuple((data[at] >> 4, data[at] & 15) for at in range(7, 6 + 3 * data[5], 3))
        return Frame(width, height, data[0], process, sampling)
    raise FormatError("no frame header before the first scan", path=label)


def check_scans(data: memoryview, first: int, label: str) -> None:
    """Nothing, for a file with a sane number of scans from byte ``first`` on.

    Raises
    ------
    LimitError
        If a small file asks for thousands of passes over the picture.
    """
    scans = bytes(data[first:]).count(b"\xff\xda")
    if scans > _MAX_SCANS:
        raise LimitError(f"{scans} scans are more than the {_MAX_SCANS} allowed", path=label)


def metadata(found: list[Segment]) -> dict[str, Any]:
    """The metadata in the segments; what is damaged in it is left out, as the pixels do not depend on it."""
    result: dict[str, Any] = {}
    profile: dict[int, bytes] = {}
    pieces = 0
    for marker, view, _offset in found:
        data = bytes(view) if 0xE0 <= marker <= 0xEF or marker == 0xFE else b""
        if marker == 0xE0 and data.startswith(b"JFIF\0") and len(data) >= 12:
            density = int.from_bytes(data[8:10], "big"), int.from_bytes(data[10:12], "big"), data[7]
            result["jpeg:density"] = density
        elif marker == 0xE1 and data.startswith(_EXIF):
            result["exif"] = result.get("exif", b"") + data[len(_EXIF) :]
        elif marker == 0xE1 and data.startswith(_XMP):
            result["xmp"] = data[len(_XMP) :]
        elif marker == 0xE1 and data.startswith(_XMP_MORE):
            result.setdefault("jpeg:xmp_extension", []).append(data[len(_XMP_MORE) :])
        elif marker == 0xE2 and data.startswith(_ICC) and len(data) > 14:
            profile[data[12]] = data[14:]
            pieces = data[13]
        elif marker == 0xFE:
            result["comments"] = _text(data.rstrip(b"\0"))
    if profile and sorted(profile) == list(range(1, pieces + 1)):  # else a piece is missing, and half is no profile
        result["icc_profile"] = b"".join(profile[index] for index in sorted(profile))
    add_words(result)
    return result


def _text(data: bytes) -> str:
    """A comment, which has no declared encoding: UTF-8, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def pixel_aspect(entries: dict[str, Any]) -> float:
    """Width of a pixel over its height; 1 where the file does not say.

    With a unit the density counts pixels per inch or centimetre, so more of them across means
    narrower pixels. Without a unit (0) the two numbers are the aspect ratio itself, width first, as
    libjpeg, FFmpeg and OpenImageIO read it.
    """
    x, y, unit = entries.get("jpeg:density", (1, 1, 0))
    if not x or not y:
        return 1.0
    return likely_aspect(x / y if unit == 0 else y / x)


def plain_jpeg(data: memoryview, found: list[Segment]) -> bytes:
    """The file without comments and application segments, but for the two that say what the colours are."""
    parts: list[bytes | memoryview] = [b"\xff\xd8"]
    for marker, content, _offset in found[:-1]:
        colours = (marker == 0xE0 and bytes(content[:5]) == b"JFIF\0") or marker == 0xEE
        if colours or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            parts += [bytes((0xFF, marker)), (len(content) + 2).to_bytes(2, "big"), content]
    return b"".join([*parts, data[found[-1].offset :]])


def _segment(marker: int, content: bytes) -> bytes:
    """One marker segment."""
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def metadata_segments(entries: Mapping[str, Any], *, gray: bool) -> bytes:
    """The segments that carry an image's metadata.

    Parameters
    ----------
    entries : mapping
        An image's metadata; keys that JPEG has no place for are left out.
    gray : bool
        Whether the pixels are gray: an ICC profile of the other kind is left out.

    Raises
    ------
    ValueError
        If an entry does not fit into a segment.
    """
    parts: list[tuple[str, int, bytes]] = []
    exif = _exif.for_writing(entries, native=("comments",))
    if exif is not None:
        parts.append(("exif", 0xE1, _EXIF + exif))
    xmp = xmp_for_writing(entries, native=("comments",))
    if xmp is not None:
        parts.append(("xmp", 0xE1, _XMP + xmp))
        # The packet names its extensions by 32 digits; those of another one are not written.
        more = [piece for piece in entries.get("jpeg:xmp_extension", ()) if piece[:32] in xmp]
        parts += [("jpeg:xmp_extension", 0xE1, _XMP_MORE + piece) for piece in more]
    profile = entries.get("icc_profile")
    if isinstance(profile, bytes) and (profile[16:20] == b"GRAY") == gray:
        most = _MAX_SEGMENT - len(_ICC) - 2
        pieces = [profile[at : at + most] for at in range(0, len(profile), most)]
        if len(pieces) > 255:
            raise ValueError(f"an ICC profile of {len(profile)} bytes does not fit into a JPEG file (16 MiB at most)")
        for index, piece in enumerate(pieces, 1):
            parts.append(("icc_profile", 0xE2, _ICC + bytes((index, len(pieces))) + piece))
    if isinstance(entries.get("comments"), str):
        parts.append(("comments", 0xFE, entries["comments"].encode("utf-8", errors="replace")))
    for name, _marker, content in parts:
        if len(content) > _MAX_SEGMENT:
            reason = f"metadata {name!r} of {len(content)} bytes does not fit into a JPEG file"
            raise ValueError(f"{reason} ({_MAX_SEGMENT} at most)")
    return b"".join(_segment(marker, content) for _name, marker, content in parts)
