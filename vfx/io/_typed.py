"""The words of ``vfx.metadata`` with their types, and values told in simpler ways: text, plain numbers.

Shared by the writers whose formats have a place for them, and by who types a value on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from vfx.checks import integer, number
from vfx.metadata import Chromaticities, Cicp, ContentLight, KeyCode, MasteringDisplay, TimeCode

__all__ = ["WORDS", "exact_rate", "fraction_of", "frame_rate", "keycode_of", "timecode_of", "typed"]

#: Every word that formats share, and the type of its value.
WORDS: dict[str, type[Any]] = {
    "timecode": TimeCode,
    "keycode": KeyCode,
    "chromaticities": Chromaticities,
    "cicp": Cicp,
    "mastering_display": MasteringDisplay,
    "content_light": ContentLight,
    "orientation": int,
    **dict.fromkeys(("frame_rate", "capture_rate"), Fraction),
    **dict.fromkeys(("exif", "icc_profile", "xmp"), bytes),
    **dict.fromkeys(
        (
            "altitude",
            "aperture",
            "exposure_time",
            "focal_length",
            "focus_distance",
            "iso",
            "latitude",
            "longitude",
            "shutter_angle",
            "t_stop",
            "utc_offset",
            "white_luminance",
        ),
        float,
    ),
    **dict.fromkeys(
        (
            "alpha",
            "camera_make",
            "camera_model",
            "camera_serial",
            "capture_date",
            "color_interop_id",
            "comments",
            "copyright",
            "lens_make",
            "lens_model",
            "lens_serial",
            "owner",
            "reel_name",
            "software",
            "title",
        ),
        str,
    ),
}

_EDGE_CODE = re.compile(r"^\s*(\d{1,2})[ -]+(\d{1,2})[ -]+(\d{1,6})[ -]+(\d{1,4})\+(\d{1,2})\s*$")


def timecode_of(value: Any) -> TimeCode | None:
    """A time code from itself or its text.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or makes no sense.
    """
    if value is None or isinstance(value, TimeCode):
        return value
    if isinstance(value, str):
        return TimeCode.from_string(value)
    raise TypeError(f"timecode must be a TimeCode or text like '01:02:03:04', got {value!r}")


def keycode_of(value: Any) -> KeyCode | None:
    """A film edge code from itself or its text (``"02 34 567890 1234+56"``).

    Raises
    ------
    TypeError, ValueError
        If it is neither, or does not fit the header's digits.
    """
    if isinstance(value, str):
        match = _EDGE_CODE.match(value)
        if match is None:
            raise ValueError(f"a keycode must look like '02 34 567890 1234+56', got {value!r}")
        maker, kind, prefix, count, offset = (int(text) for text in match.groups())
        return KeyCode(maker, kind, prefix, count, offset)
    if value is None or isinstance(value, KeyCode):
        return value
    raise TypeError(f"keycode must be a KeyCode or text like '02 34 567890 1234+56', got {value!r}")


def fraction_of(text: str) -> Fraction:
    """The fraction that a text means, which is one that float64 can tell.

    Raises
    ------
    TypeError, ValueError
        If it is none. ``"1e99999999"`` would be worked out for minutes.
    """
    if not isinstance(text, str):
        raise TypeError(f"a number must be text, got {text!r}")
    if len(text) > 400 or len(text.lower().partition("e")[2].strip().lstrip("+-")) > 3:
        raise ValueError(f"no number of float64: {text[:60]!r}")
    try:
        found = Fraction(text)
        float(found)
    except (ZeroDivisionError, OverflowError):
        raise ValueError(f"no number of float64: {text[:60]!r}") from None
    return found


def exact_rate(value: Any, name: str = "frame_rate") -> Fraction | None:
    """A frame rate as a fraction, from a number, a fraction or text such as ``"24000/1001"``.

    Raises
    ------
    TypeError, ValueError
        If it is not a positive number.
    """
    if value is None:
        return None
    if isinstance(value, (str, Fraction)):
        try:
            rate = fraction_of(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError(f"{name} must be a number or text like '24000/1001', got {value!r}") from None
        number(name, float(rate), low=1e-3, high=1e6)
        return frame_rate(float(rate)) if isinstance(value, str) and "." in value else rate
    return frame_rate(number(name, value, low=1e-3, high=1e6))


def frame_rate(rate: float | None) -> Fraction | None:
    """A rate as an exact fraction: 23.976 and its kin are n * 1000/1001 (SMPTE ST 2051)."""
    if rate is None or not 0.0 < rate < 1e6:
        return None
    nominal = round(rate * 1.001)
    if nominal and abs(rate - round(rate)) > 1e-6 and abs(rate - nominal / 1.001) < 0.0042 * nominal / 24:
        return Fraction(nominal * 1000, 1001)
    return Fraction(rate).limit_denominator(1000)


def typed(word: str, value: Any) -> Any:
    """The value of a shared word in its own type, from that or from a simpler one; None stays None.

    A time code, an edge code and a rate may be text, a number is any real one, colours are four pairs.

    Raises
    ------
    KeyError
        If formats share no such word.
    TypeError, ValueError
        If the value is neither, or makes no sense; the message names the word.
    """
    kind = WORDS[word]
    if value is None or (isinstance(value, kind) and kind is not int):
        return value
    return _SIMPLER.get(kind, _refused(word, kind))(word, value)


def _refused(word: str, kind: type[Any]) -> Callable[[str, Any], Any]:
    """A function that raises: this word takes nothing but its type."""

    def refuse(_: str, value: Any) -> Any:
        raise TypeError(f"metadata {word!r} must be {kind.__name__}, got {type(value).__name__}: {value!r}")

    return refuse


def _real(word: str, value: Any) -> float:
    """A number that is no float yet."""
    return number(f"metadata {word!r}", value, finite=False)


def _turn(word: str, value: Any) -> int:
    """An orientation."""
    return integer(f"metadata {word!r}", value, low=1, high=8)


def _pairs(word: str, value: Any) -> Chromaticities:
    """Four xy pairs of numbers."""
    try:
        red, green, blue, white = ((float(x), float(y)) for x, y in value)
    except (TypeError, ValueError):
        raise TypeError(f"metadata {word!r} must be Chromaticities or four xy pairs, got {value!r}") from None
    return Chromaticities(red, green, blue, white)


def _codes(word: str, value: Any) -> Cicp:
    """Three code points and whether the range is full."""
    try:
        primaries, transfer, matrix, full = (integer(word, int(part), low=0, high=255) for part in value)
    except (TypeError, ValueError):
        raise TypeError(f"metadata {word!r} must be Cicp or four numbers from 0 to 255, got {value!r}") from None
    return Cicp(primaries, transfer, matrix, bool(full))


def _display(word: str, value: Any) -> MasteringDisplay:
    """Colours and two luminances."""
    try:
        colours, most, least = value
        return MasteringDisplay(_pairs(word, colours), float(most), float(least))
    except (TypeError, ValueError):
        reason = f"metadata {word!r} must be MasteringDisplay or colours and two luminances, got {value!r}"
        raise TypeError(reason) from None


def _light(word: str, value: Any) -> ContentLight:
    """Two luminances."""
    try:
        brightest, average = value
        return ContentLight(float(brightest), float(average))
    except (TypeError, ValueError):
        raise TypeError(f"metadata {word!r} must be ContentLight or two luminances, got {value!r}") from None


_SIMPLER: dict[type[Any], Callable[[str, Any], Any]] = {
    TimeCode: lambda _, value: timecode_of(value),
    KeyCode: lambda _, value: keycode_of(value),
    Fraction: lambda word, value: exact_rate(value, word),
    Chromaticities: _pairs,
    Cicp: _codes,
    MasteringDisplay: _display,
    ContentLight: _light,
    float: _real,
    int: _turn,
}
