"""Typed metadata values, shared by all file formats.

An image's ``metadata`` is a dict. Facts that several formats know have one name and one type, whatever the file:

=====================  ==========================  =========================================================
key                    type                        meaning
=====================  ==========================  =========================================================
``timecode``           :class:`TimeCode`           SMPTE ST 12-1 time address
``keycode``            :class:`KeyCode`            film edge code, SMPTE 254
``frame_rate``         ``fractions.Fraction``      frames per second of playback
``capture_rate``       ``fractions.Fraction``      frames per second in the camera
``reel_name``          ``str``                     reel, tape or camera roll
``capture_date``       ``str``                     when it was taken, ``"YYYY:MM:DD hh:mm:ss"``, local time
``utc_offset``         ``float``                   seconds that this local time is ahead of UTC
``chromaticities``     :class:`Chromaticities`     CIE 1931 xy of primaries and white
``white_luminance``    ``float``                   cd/m² of R = G = B = 1
``color_interop_id``   ``str``                     colour space by its Color Interop Forum name
``cicp``               :class:`Cicp`               colour space by its ITU-T H.273 code points
``mastering_display``  :class:`MasteringDisplay`   the display that it was graded on, SMPTE ST 2086
``content_light``      :class:`ContentLight`       its brightest pixel and frame, CTA-861.3
``icc_profile``        ``bytes``                   ICC profile
``exif``, ``xmp``      ``bytes``                   the raw blocks
``orientation``        ``int``                     TIFF/EXIF orientation, 1 to 8
``owner``              ``str``                     whose picture it is, who made it
``copyright``          ``str``                     copyright notice
``title``              ``str``                     what it is called
``comments``           ``str``                     free text
``software``           ``str``                     what wrote it
``camera_make``        ``str``                     also ``camera_model`` and ``camera_serial``
``lens_make``          ``str``                     also ``lens_model`` and ``lens_serial``
``exposure_time``      ``float``                   seconds
``shutter_angle``      ``float``                   degrees
``aperture``           ``float``                   f-number; ``t_stop`` is that of the transmission
``iso``                ``float``                   ISO speed
``focal_length``       ``float``                   millimetres, as engraved on the lens
``focus_distance``     ``float``                   metres
``latitude``           ``float``                   degrees north; ``longitude``: degrees east
``altitude``           ``float``                   metres above sea level
``alpha``              ``str``                     ``"unassociated"``: colour is not multiplied
=====================  ==========================  =========================================================

All else keeps its native name behind the format's: ``"exr:screenWindowWidth"``,
``"dpx:slate"``; those go back under the same name when the same format is written. A plain name of your
own (``"shot"``) becomes an OpenEXR attribute of that name; formats without such a place leave it out.
``merge`` and ``erase`` carry entries from one picture to another, and take them away, by pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from vfx._late import function

__all__ = [
    "Box2f",
    "Box2i",
    "Chromaticities",
    "Cicp",
    "ContentLight",
    "KeyCode",
    "MasteringDisplay",
    "Opaque",
    "Preview",
    "TimeCode",
    "V2d",
    "V2f",
    "V2i",
    "V3d",
    "V3f",
    "V3i",
    "erase",
    "merge",
]


class V2i(NamedTuple):
    """Two 32-bit integers."""

    x: int
    y: int


class V2f(NamedTuple):
    """Two single-precision numbers."""

    x: float
    y: float


class V2d(NamedTuple):
    """Two double-precision numbers."""

    x: float
    y: float


class V3i(NamedTuple):
    """Three 32-bit integers."""

    x: int
    y: int
    z: int


class V3f(NamedTuple):
    """Three single-precision numbers."""

    x: float
    y: float
    z: float


class V3d(NamedTuple):
    """Three double-precision numbers."""

    x: float
    y: float
    z: float


class Box2i(NamedTuple):
    """An inclusive box of integers."""

    min: V2i
    max: V2i


class Box2f(NamedTuple):
    """An inclusive box of single-precision numbers."""

    min: V2f
    max: V2f


class Chromaticities(NamedTuple):
    """CIE 1931 xy of the red, green and blue primaries and of the white point."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]


class Cicp(NamedTuple):
    """Code points of ITU-T H.273: primaries, transfer, matrix, and whether codes span the full range."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool


class MasteringDisplay(NamedTuple):
    """The display that a picture was graded on (SMPTE ST 2086): its colours, and its range in cd/m²."""

    chromaticities: Chromaticities
    max_luminance: float
    min_luminance: float


class ContentLight(NamedTuple):
    """The brightest pixel (MaxCLL) and the brightest frame on average (MaxFALL) in cd/m² (CTA-861.3, annex P)."""

    max_cll: float
    max_fall: float


@dataclass(frozen=True)
class Preview:
    """A small 8-bit picture kept in a file's header.

    Attributes
    ----------
    width, height : int
        Size in pixels.
    rgba : bytes
        ``width * height * 4`` bytes, display-encoded.
    """

    width: int
    height: int
    rgba: bytes


@dataclass(frozen=True)
class Opaque:
    """A value of a type that is not known here, kept byte for byte.

    Attributes
    ----------
    type_name : str
        The type as the file names it.
    data : bytes
        The stored value.
    """

    type_name: str
    data: bytes


_TIME = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2})$")


def _bcd(value: int) -> int:
    """A number below 100 as two binary-coded digits."""
    return (value // 10) << 4 | value % 10


def _from_bcd(field: int) -> int:
    """The number that two binary-coded digits mean; a digit above 9 raises ``ValueError``."""
    tens, ones = field >> 4, field & 15
    if tens > 9 or ones > 9:
        raise ValueError(f"not a binary-coded number: 0x{field:02x}")
    return tens * 10 + ones


@dataclass(frozen=True)
class TimeCode:
    """A time address of SMPTE ST 12-1.

    Parameters
    ----------
    hours, minutes, seconds, frames : int
        0-23, 0-59, 0-59, 0-59 (frames of rates above 30 as the file stores them).
    drop_frame, color_frame, field_phase, bgf0, bgf1, bgf2 : bool
        The flags of ST 12-1.
    user_bits : int
        The 32 user bits (binary groups 1 to 8, group 1 lowest).

    Raises
    ------
    TypeError, ValueError
        If a field is no whole number, or out of its range.

    Examples
    --------
    >>> str(TimeCode.from_string("01:02:03:04"))
    '01:02:03:04'
    """

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop_frame: bool = False
    color_frame: bool = False
    field_phase: bool = False
    bgf0: bool = False
    bgf1: bool = False
    bgf2: bool = False
    user_bits: int = 0

    def __post_init__(self) -> None:
        """Check every field."""
        for name, top in (("hours", 23), ("minutes", 59), ("seconds", 59), ("frames", 59)):
            value = getattr(self, name)
            if not hasattr(value, "__index__"):
                raise TypeError(f"timecode {name} must be a whole number, got {value!r}")
            if not 0 <= value <= top:
                raise ValueError(f"timecode {name} must be between 0 and {top}, got {value}")
        if not 0 <= self.user_bits <= 0xFFFFFFFF:
            raise ValueError(f"timecode user_bits must fit in 32 bits, got {self.user_bits}")

    def __str__(self) -> str:
        """``HH:MM:SS:FF``, with ``;`` before the frames when drop-frame."""
        mark = ";" if self.drop_frame else ":"
        return f"{self.hours:02d}:{self.minutes:02d}:{self.seconds:02d}{mark}{self.frames:02d}"

    @classmethod
    def from_string(cls, text: str) -> TimeCode:
        """The time code written as ``HH:MM:SS:FF`` (``;`` or ``.`` before the frames: drop-frame).

        Raises
        ------
        TypeError
            If it is no text.
        ValueError
            If the text is of another form.
        """
        if not isinstance(text, str):
            raise TypeError(f"a timecode must be text like 01:02:03:04, got {text!r}")
        match = _TIME.match(text.strip())
        if match is None:
            raise ValueError(f"a timecode must look like 01:02:03:04, got {text!r}")
        hours, minutes, seconds, mark, frames = match.groups()
        return cls(int(hours), int(minutes), int(seconds), int(frames), drop_frame=mark != ":")

    @classmethod
    def from_smpte(cls, time_and_flags: int, user_bits: int = 0) -> TimeCode:
        """The time code of a packed 32-bit word (TV60 packing, as EXR and DPX store it).

        Bits: 0-5 frames BCD, 6 drop frame, 7 colour frame, 8-14 seconds, 15 field phase,
        16-22 minutes, 23 bgf0, 24-29 hours, 30 bgf1, 31 bgf2.

        Raises
        ------
        ValueError
            If a digit or a field is out of range.
        """
        word = time_and_flags & 0xFFFFFFFF
        return cls(
            hours=_from_bcd(word >> 24 & 0x3F),
            minutes=_from_bcd(word >> 16 & 0x7F),
            seconds=_from_bcd(word >> 8 & 0x7F),
            frames=_from_bcd(word & 0x3F),
            drop_frame=bool(word >> 6 & 1),
            color_frame=bool(word >> 7 & 1),
            field_phase=bool(word >> 15 & 1),
            bgf0=bool(word >> 23 & 1),
            bgf1=bool(word >> 30 & 1),
            bgf2=bool(word >> 31 & 1),
            user_bits=user_bits & 0xFFFFFFFF,
        )

    def to_smpte(self) -> int:
        """The packed 32-bit word; its layout is that of :meth:`from_smpte`.

        Raises
        ------
        ValueError
            If ``frames`` is above 39, which two bits of tens cannot hold.
        """
        if self.frames > 39:
            raise ValueError(f"a packed timecode holds frames up to 39, got {self.frames}")
        word = _bcd(self.hours) << 24 | _bcd(self.minutes) << 16 | _bcd(self.seconds) << 8 | _bcd(self.frames)
        flags = (
            (6, self.drop_frame),
            (7, self.color_frame),
            (15, self.field_phase),
            (23, self.bgf0),
            (30, self.bgf1),
            (31, self.bgf2),
        )
        for bit, flag in flags:
            word |= int(flag) << bit
        return word

    def advanced(self, frames: int, rate: int = 24) -> TimeCode:
        """The time code ``frames`` later at ``rate`` whole frames a second (non-drop counting).

        Raises
        ------
        ValueError
            If ``rate`` is below 1.
        """
        if rate < 1:
            raise ValueError(f"rate must be at least 1, got {rate}")
        total = ((self.hours * 60 + self.minutes) * 60 + self.seconds) * rate + self.frames + frames
        total %= 24 * 3600 * rate
        seconds, frame = divmod(total, rate)
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields |= {
            "hours": seconds // 3600,
            "minutes": seconds // 60 % 60,
            "seconds": seconds % 60,
            "frames": frame,
        }
        return TimeCode(**fields)


@dataclass(frozen=True)
class KeyCode:
    """A film edge code (SMPTE 254), the fields of OpenEXR's ``keycode`` attribute.

    Attributes
    ----------
    film_mfc_code, film_type : int
        Manufacturer and film type, 0-99.
    prefix : int
        Roll, 0-999999.
    count : int
        Count along the roll, 0-9999.
    perf_offset : int
        Perforations from the count mark, 0-119.
    perfs_per_frame, perfs_per_count : int
        1-15 and 20-120.
    """

    film_mfc_code: int
    film_type: int
    prefix: int
    count: int
    perf_offset: int
    perfs_per_frame: int = 4
    perfs_per_count: int = 64

    def __str__(self) -> str:
        """``MM TT PPPPPP CCCC+OO``, as printed on film."""
        return (
            f"{self.film_mfc_code:02d} {self.film_type:02d} {self.prefix:06d} {self.count:04d}+{self.perf_offset:02d}"
        )


def _matches(patterns: str | Iterable[str]) -> list[re.Pattern[str]]:
    """The compiled patterns.

    Raises
    ------
    ValueError
        If one is no regular expression; the message quotes it.
    """
    found = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        try:
            found.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return found


def erase(metadata: Mapping[str, Any], patterns: str | Iterable[str]) -> dict[str, Any]:
    """A copy of ``metadata`` without the entries whose whole name matches one of ``patterns``.

    What an erased word says is taken out of the ``exif`` and ``xmp`` blocks too, so that the place where a
    picture was made is gone for every program; with a block goes what it said.

    Parameters
    ----------
    metadata : mapping
        An image's metadata.
    patterns : str or iterable of str
        Regular expressions for whole names; capitals and small letters are the same.

    Raises
    ------
    ValueError
        If a pattern is no regular expression.

    Examples
    --------
    >>> erase({"software": "x", "dpx:slate": "12", "dpx:project": "y"}, "dpx:.*")
    {'software': 'x'}
    """
    found = _matches(patterns)
    if any(isinstance(metadata.get(block), bytes) for block in ("exif", "xmp")):
        cleaned: dict[str, Any] = function("blocks_without")(metadata, found)
        return cleaned
    return {key: value for key, value in metadata.items() if not any(pattern.fullmatch(key) for pattern in found)}


def merge(
    metadata: Mapping[str, Any],
    other: Mapping[str, Any],
    *,
    only: str | Iterable[str] = ".*",
    overwrite: bool = True,
) -> dict[str, Any]:
    """A copy of ``metadata`` with the entries of ``other`` whose whole name matches one of ``only``.

    Parameters
    ----------
    metadata, other : mapping
        Metadata of two images.
    only : str or iterable of str
        Regular expressions for whole names; capitals and small letters are the same.
    overwrite : bool
        Whether an entry of ``other`` wins over the one that is there.

    Raises
    ------
    ValueError
        If a pattern is no regular expression.

    Examples
    --------
    >>> merge({"owner": "a"}, {"owner": "b", "title": "t", "exif": b""}, only=["owner", "title"], overwrite=False)
    {'owner': 'a', 'title': 't'}
    """
    found = _matches(only)
    taken = {key: value for key, value in other.items() if any(pattern.fullmatch(key) for pattern in found)}
    return {**metadata, **taken} if overwrite else {**taken, **metadata}
