"""Metadata values told in simpler ways than their types: text, plain numbers.

Shared by the writers whose formats have a place for them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from vfx.checks import number
from vfx.metadata import KeyCode, TimeCode

__all__ = ["exact_rate", "frame_rate", "keycode_of", "timecode_of"]

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


def exact_rate(value: Any) -> Fraction | None:
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
            rate = Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"frame_rate must be a number or text like '24000/1001', got {value!r}") from None
        number("frame_rate", float(rate), low=1e-3, high=1e6)
        return rate
    return frame_rate(number("frame_rate", value, low=1e-3, high=1e6))


def frame_rate(rate: float | None) -> Fraction | None:
    """A rate as an exact fraction: 23.976 and its kin are n * 1000/1001 (SMPTE ST 2051)."""
    if rate is None or not 0.0 < rate < 1e6:
        return None
    nominal = round(rate * 1.001)
    if nominal and abs(rate - round(rate)) > 1e-6 and abs(rate - nominal / 1.001) < 0.0042 * nominal / 24:
        return Fraction(nominal * 1000, 1001)
    return Fraction(rate).limit_denominator(1000)
