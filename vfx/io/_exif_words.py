"""The words that EXIF has for what all formats know: which tags they are, and how their values are written.

====================  ==========  =====================================================================
word                  tag         written as
====================  ==========  =====================================================================
camera_make, _model   271, 272    text
comments              270         text (ImageDescription)
software, owner       305, 315    text (Software, Artist)
copyright             33432       text
chromaticities        318, 319    rationals: white point, then the three primaries
timecode              51043       8 bytes: ST 12-1 word and user bits, low byte first (CinemaDNG TimeCodes)
frame_rate            51044       signed rational (CinemaDNG FrameRate)
t_stop, reel_name     51058, -81  rational, text (CinemaDNG TStop, ReelName)
exposure_time         33434       rational, seconds; ``aperture`` 33437
iso                   34855       short; beyond 65534 also 34867, a long
capture_date          36867       text (DateTimeOriginal; DateTimeDigitized where that is absent)
utc_offset            36881       text, ``+01:00``
focus_distance        37382       rational, metres; all bits set above the line is infinity
focal_length          37386       rational, millimetres
camera_serial         42033       text; ``lens_make`` 42035, ``lens_model`` 42036, ``lens_serial`` 42037
latitude, longitude   GPS 1-4     letter of the half, then degrees, minutes, seconds
altitude              GPS 5, 6    below (1) or above (0) the sea, metres
====================  ==========  =====================================================================

Sources: CIPA DC-008-2023 (Exif 3.0), tables 4 to 15; Adobe TIFF 6.0; Adobe CinemaDNG Image Data Format
Specification 1.1.0.0, "TIFF/DNG tags".
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from vfx.io._exif_tags import Place, Tags, TagValue
from vfx.metadata import Chromaticities, TimeCode

__all__ = ["PLACES", "same", "tags_of", "words"]

_TEXTS: dict[str, Place] = {
    "comments": ("image", 270),
    "camera_make": ("image", 271),
    "camera_model": ("image", 272),
    "software": ("image", 305),
    "owner": ("image", 315),
    "copyright": ("image", 33432),
    "reel_name": ("image", 51081),
    "camera_serial": ("exif", 42033),
    "lens_make": ("exif", 42035),
    "lens_model": ("exif", 42036),
    "lens_serial": ("exif", 42037),
}
_RATIONALS: dict[str, Place] = {
    "t_stop": ("image", 51058),
    "exposure_time": ("exif", 33434),
    "aperture": ("exif", 33437),
    "focus_distance": ("exif", 37382),
    "focal_length": ("exif", 37386),
}
_GPS = {"latitude": (1, 2, "NS"), "longitude": (3, 4, "EW")}

#: Word → its tags. All of them go when the word is erased.
PLACES: dict[str, tuple[Place, ...]] = {
    **{word: (place,) for word, place in {**_TEXTS, **_RATIONALS}.items()},
    **{word: (("gps", half), ("gps", angle)) for word, (half, angle, _) in _GPS.items()},
    "altitude": (("gps", 5), ("gps", 6)),
    "capture_date": (("exif", 36867), ("exif", 36868)),
    "chromaticities": (("image", 318), ("image", 319)),
    "frame_rate": (("image", 51044),),
    "iso": (("exif", 34855), ("exif", 34867)),
    "timecode": (("image", 51043),),
    "utc_offset": (("exif", 36881),),
}

_DATE = re.compile(r"^(\d{4})[:-](\d\d)[:-](\d\d)[ T:](\d\d:\d\d:\d\d)")
_OFFSET = re.compile(r"^([+-])(\d\d):(\d\d)$")
_INFINITE = 0xFFFFFFFF


def words(tags: Tags) -> dict[str, Any]:
    """The words that the tags say; what makes no sense is left out."""
    found: dict[str, Any] = {}
    for word, place in _TEXTS.items():
        found[word] = _said(tags, place, str)
    for word, place in _RATIONALS.items():
        number = _said(tags, place, Fraction)
        found[word] = float(number) if number is not None and number > 0 else None
    distance = _said(tags, _RATIONALS["focus_distance"], Fraction)
    if distance is not None and distance.numerator == _INFINITE:
        found["focus_distance"] = math.inf
    for word, read in _READERS.items():
        found[word] = read(tags)
    return {word: value for word, value in found.items() if value is not None and value != ""}


def _said(tags: Tags, place: Place, kind: type[Any]) -> Any:
    """The value of a tag, where it is of this type."""
    value = tags.value(*place)
    return value if isinstance(value, kind) else None


def _iso(tags: Tags) -> float | None:
    """The sensitivity; 65535 stands for one that only the longer tag can say."""
    value = tags.value("exif", 34855)
    value = value[0] if isinstance(value, tuple) else value
    longer = tags.value("exif", 34867)
    if value in (None, 65535) and isinstance(longer, int):
        value = longer
    return float(value) if isinstance(value, int) and value > 0 else None


def _capture_date(tags: Tags) -> str | None:
    """When the picture was taken, else when it was digitised; blank and zero dates are none."""
    for place in PLACES["capture_date"]:
        value = tags.value(*place)
        if isinstance(value, str) and _DATE.match(value) and not value.startswith("0000"):
            return value
    return None


def _utc_offset(tags: Tags) -> float | None:
    """Seconds that the capture's local time is ahead of UTC."""
    match = _OFFSET.match(_said(tags, ("exif", 36881), str) or "")
    if match is None:
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return float(-seconds if match[1] == "-" else seconds)


def _angle(word: str) -> Callable[[Tags], float | None]:
    """A reader of degrees north or east."""
    half, angle, letters = _GPS[word]

    def read(tags: Tags) -> float | None:
        letter, value = tags.value("gps", half), tags.value("gps", angle)
        if letter not in tuple(letters) or not isinstance(value, tuple) or len(value) != 3:
            return None
        degrees = sum(float(part) / 60.0**power for power, part in enumerate(value))
        if not degrees <= 180:
            return None
        return -degrees if letter == letters[1] else degrees

    return read


def _altitude(tags: Tags) -> float | None:
    """Metres above the sea."""
    value = _said(tags, ("gps", 6), Fraction)
    if value is None:
        return None
    metres = float(value)
    return -metres if tags.value("gps", 5) in (1, 3) else metres


def _chromaticities(tags: Tags) -> Chromaticities | None:
    """The colours of the image, where both tags are whole."""
    white, primaries = tags.value("image", 318), tags.value("image", 319)
    if not (isinstance(white, tuple) and isinstance(primaries, tuple) and (len(white), len(primaries)) == (2, 6)):
        return None
    wx, wy, rx, ry, gx, gy, bx, by = (float(number) for number in (*white, *primaries))
    if not all(math.isfinite(number) for number in (wx, wy, rx, ry, gx, gy, bx, by)):
        return None
    return Chromaticities((rx, ry), (gx, gy), (bx, by), (wx, wy))


def _timecode(tags: Tags) -> TimeCode | None:
    """The first time code."""
    raw = tags.value("image", 51043)
    if not isinstance(raw, bytes) or len(raw) < 8:
        return None
    try:
        return TimeCode.from_smpte(*struct.unpack("<2I", raw[:8]))
    except ValueError:
        return None


def _frame_rate(tags: Tags) -> Fraction | None:
    """Frames per second."""
    value = _said(tags, ("image", 51044), Fraction)
    return value if value is not None and value > 0 else None


_READERS: dict[str, Callable[[Tags], Any]] = {
    "altitude": _altitude,
    "capture_date": _capture_date,
    "chromaticities": _chromaticities,
    "frame_rate": _frame_rate,
    "iso": _iso,
    "latitude": _angle("latitude"),
    "longitude": _angle("longitude"),
    "timecode": _timecode,
    "utc_offset": _utc_offset,
}


def tags_of(word: str, value: Any) -> dict[Place, TagValue | None]:
    """The tags that say ``value``, which has the word's type; none where they cannot say it."""
    if word in _TEXTS:
        return {_TEXTS[word]: _as_text(value)}
    if word in _RATIONALS:
        number = _ratio(value)
        if word == "focus_distance" and value == math.inf:
            number = Fraction(_INFINITE)
        return {} if number is None or number <= 0 else {_RATIONALS[word]: TagValue(5, (number,))}
    return _WRITERS[word](value)


def _as_text(text: str) -> TagValue:
    """Text with its 0, in UTF-8 under the type of ASCII, as other programs write it."""
    return TagValue(2, text.replace("\0", " ").encode("utf-8", "replace") + b"\0")


def _ratio(value: float) -> Fraction | None:
    """The simplest fraction that a float32 cannot tell from ``value``; None where 32 bits hold none."""
    if not math.isfinite(value) or abs(value) >= 2**32 - 1:
        return None
    exact = Fraction(value)
    tries = (exact.limit_denominator(10**power) for power in range(10))
    found = next((number for number in tries if same(float(number), float(value))), None)
    return found if found is not None and abs(found.numerator) < _INFINITE else None


def _iso_tags(value: float) -> dict[Place, TagValue | None]:
    """A short, and beyond it a long."""
    speed = round(value) if math.isfinite(value) else 0
    if not 0 < speed < 2**32:
        return {}
    longer = TagValue(4, (speed,)) if speed >= 65535 else None
    return {("exif", 34855): TagValue(3, (min(speed, 65535),)), ("exif", 34867): longer}


def _date_tags(value: str) -> dict[Place, TagValue | None]:
    """A date in EXIF's form."""
    match = _DATE.match(value.strip())
    return {("exif", 36867): _as_text("{}:{}:{} {}".format(*match.groups()))} if match else {}


def _offset_tags(value: float) -> dict[Place, TagValue | None]:
    """Hours and minutes."""
    minutes = round(value / 60) if math.isfinite(value) else 10**6
    if abs(minutes) > 24 * 60:
        return {}
    hours, rest = divmod(abs(minutes), 60)
    return {("exif", 36881): _as_text(f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}")}


def _angle_tags(word: str) -> Callable[[float], dict[Place, TagValue | None]]:
    """A writer of degrees north or east: minutes and millionths of seconds."""
    half, angle, letters = _GPS[word]

    def write(value: float) -> dict[Place, TagValue | None]:
        if not abs(value) <= 180:
            return {}
        minutes, millionths = divmod(round(abs(value) * 3600 * 10**6), 60 * 10**6)
        parts = (Fraction(minutes // 60), Fraction(minutes % 60), Fraction(millionths, 10**6))
        letter = letters[1] if value < 0 else letters[0]
        return {("gps", half): _as_text(letter), ("gps", angle): TagValue(5, parts)}

    return write


def _altitude_tags(value: float) -> dict[Place, TagValue | None]:
    """Metres, and on which side of the sea's level."""
    number = _ratio(abs(value))
    if number is None:
        return {}
    return {("gps", 5): TagValue(1, (int(value < 0),)), ("gps", 6): TagValue(5, (number,))}


def _chromaticity_tags(value: Chromaticities) -> dict[Place, TagValue | None]:
    """Unsigned rationals: AP0's blue, which is below 0, has no place."""
    numbers = [_ratio(float(part)) for pair in value for part in pair]
    if any(number is None or number < 0 for number in numbers):
        return {}
    return {("image", 318): TagValue(5, tuple(numbers[6:])), ("image", 319): TagValue(5, tuple(numbers[:6]))}


def _timecode_tags(value: TimeCode) -> dict[Place, TagValue | None]:
    """Eight bytes."""
    if value.frames > 39:
        return {}
    return {("image", 51043): TagValue(1, struct.pack("<2I", value.to_smpte(), value.user_bits))}


def _rate_tags(value: Fraction) -> dict[Place, TagValue | None]:
    """A signed rational."""
    if not 0 < value.numerator < 2**31 or value.denominator >= 2**31:
        return {}
    return {("image", 51044): TagValue(10, (value,))}


_WRITERS: dict[str, Callable[[Any], dict[Place, TagValue | None]]] = {
    "altitude": _altitude_tags,
    "capture_date": _date_tags,
    "chromaticities": _chromaticity_tags,
    "frame_rate": _rate_tags,
    "iso": _iso_tags,
    "latitude": _angle_tags("latitude"),
    "longitude": _angle_tags("longitude"),
    "timecode": _timecode_tags,
    "utc_offset": _offset_tags,
}


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: numbers as float32, text without the blanks around it."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    if isinstance(one, float) and isinstance(other, (int, float)):
        return one == other or abs(one - other) <= 6e-8 * max(abs(one), abs(other))
    return bool(one == other)
