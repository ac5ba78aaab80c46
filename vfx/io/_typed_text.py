"""Metadata values as people type them.

=====================================  =====================================================================
key                                    text
=====================================  =====================================================================
a word of ``vfx.metadata``             of its type: ``01:02:03:04``, ``24000/1001``, ``1/50``, ``2.8``, text
``chromaticities``                     eight numbers: x and y of red, green, blue, white
``cicp`` ``content_light``             four whole numbers; two numbers
``mastering_display``                  ten numbers: chromaticities, highest and lowest luminance
``exif`` ``icc_profile`` ``xmp``       ``@file``: its bytes
``display_window``                     four whole numbers: left, top, right, bottom, inclusive
a native name that the file has        of the type that it has there
a standard attribute, field, or tag    of the type that the standard gives it: ``exr:adoptedNeutral``, ``dpx:slate``
any other                              a whole number, a number, 2, 3, 9 or 16 numbers, or else text
=====================================  =====================================================================

Numbers of one value stand apart by commas or blanks. Text in double quotes is text, whatever it looks like.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vfx.io._dpx_fields import ELEMENT, FIELDS, RESERVED
from vfx.io._typed import WORDS, fraction_of, typed
from vfx.metadata import (
    Box2f,
    Box2i,
    Chromaticities,
    Cicp,
    ContentLight,
    KeyCode,
    MasteringDisplay,
    Opaque,
    TimeCode,
    V2f,
    V2i,
)

__all__ = ["from_text"]

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_SEPARATORS = re.compile(r"[\s,]+")


def from_text(key: str, text: str, like: Any = None) -> Any:
    """The value that ``text`` means for an entry of metadata.

    Parameters
    ----------
    key : str
        Its name.
    text : str
        What was typed.
    like : object, optional
        The value that it has so far.

    Raises
    ------
    ValueError
        If the text is no value of the entry's type; the message names it and shows the form.

    Examples
    --------
    >>> from_text("frame_rate", "24000/1001")
    Fraction(24000, 1001)
    >>> from_text("exr:gain", "1 2.5 3")
    (1.0, 2.5, 3.0)
    """
    kind = WORDS.get(key, float if key == "pixel_aspect" else None)
    try:
        if key == "display_window":
            return tuple(_wholes(text, 4))
        if kind is not None:
            value = _of_kind(kind, key, text)
            return typed(key, value) if key in WORDS else value
        known = _standard(key) if like is None else like
        with np.errstate(over="raise"):
            return _guessed(text) if known is None else _like(known, text)
    except (TypeError, ValueError, ArithmeticError) as error:  # the last: a number too large for its type
        told = f"metadata {key!r}"
        raise ValueError(f"{told}: {str(error).removeprefix(told).lstrip()}") from None


#: Values of the types that OpenEXR's "Standard Attributes" have, where they are no words.
_ATTRIBUTES: dict[str, Any] = {
    **dict.fromkeys(
        (
            "cameraCCTSetting",
            "cameraTintSetting",
            "effectiveFocalLength",
            "entrancePupilOffset",
            "pinholeFocalLength",
            "screenWindowWidth",
            "sensorPhotositePitch",
            "xDensity",
        ),
        0.0,
    ),
    **dict.fromkeys(
        (
            "ascFramingDecisionList",
            "cameraFirmwareVersion",
            "cameraLabel",
            "cameraUuid",
            "envmap",
            "lensFirmwareVersion",
            "lookModTransform",
            "renderingTransform",
            "view",
            "wrapmodes",
        ),
        "",
    ),
    **dict.fromkeys(
        ("adoptedNeutral", "cameraColorBalance", "screenWindowCenter", "sensorCenterOffset", "sensorOverallDimensions"),
        V2f(0.0, 0.0),
    ),
    **dict.fromkeys(("originalDataWindow", "sensorAcquisitionRectangle"), Box2i(V2i(0, 0), V2i(0, 0))),
    "imageCounter": 0,
    "multiView": [""],
}
_OTHERS: dict[str, Any] = {
    "jpeg:density": (0, 0, 0),
    "png:density": (0, 0, 0),
    "png:gamma": 0.0,
    "png:srgb_intent": 0,
    "tiff:density": (0.0, 0.0, 0.0),
}


def _standard(key: str) -> Any:
    """A value of the type that a standard gives an entry; None where no standard knows it."""
    prefix, _, name = key.partition(":")
    if prefix == "exr":
        return _ATTRIBUTES.get(name)
    if prefix == "dpx":
        spec = next((spec for spec in (*FIELDS, *ELEMENT, *RESERVED.values()) if spec.name == name), None)
        if spec is None or name in ("transfer", "colorimetric", "packing"):
            return None if spec is None else ""
        one: Any = "" if spec.kind == "text" else 0.0 if spec.kind == "f32" else 0
        return one if spec.kind == "text" or spec.length == 1 else (one,) * spec.length
    return _OTHERS.get(key, "" if prefix in ("png", "tiff") else None)


def _words(text: str, count: int | None, kind: str) -> list[str]:
    """What stands apart in a text."""
    words = [word for word in _SEPARATORS.split(text.strip(" \t()[]")) if word]
    if count is not None and len(words) != count:
        raise ValueError(f"{count} {kind} needed, got {len(words)}: {text!r}")
    return words


def _numbers(text: str, count: int | None = None) -> list[float]:
    """The numbers in a text."""
    try:
        return [_number(word) for word in _words(text, count, "number is" if count == 1 else "numbers are")]
    except ValueError as error:
        raise ValueError(f"{error} in {text!r}" if count is None else str(error)) from None


def _wholes(text: str, count: int) -> list[int]:
    """The whole numbers in a text."""
    kind = "whole number is" if count == 1 else "whole numbers are"
    words = _words(text, count, kind)
    if not all(map(_WHOLE.fullmatch, words)):
        raise ValueError(f"{count} {kind} needed, got {text!r}")
    return [int(word) for word in words]


def _number(text: str) -> float:
    """A number, or a fraction such as ``1/50``."""
    if "/" in text:
        try:
            return float(fraction_of(text.replace(" ", "")))
        except ValueError:
            raise ValueError(f"a number is needed, got {text!r}") from None
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"a number is needed, got {text!r}") from None


def _chromaticities(text: str) -> Chromaticities:
    """Four pairs."""
    rx, ry, gx, gy, bx, by, wx, wy = _numbers(text, 8)
    return Chromaticities((rx, ry), (gx, gy), (bx, by), (wx, wy))


def _mastering_display(text: str) -> MasteringDisplay:
    """Four pairs and two luminances."""
    numbers = _numbers(text, 10)
    colours = _chromaticities(" ".join(map(repr, numbers[:8])))
    return MasteringDisplay(colours, numbers[8], numbers[9])


def _file(text: str) -> bytes:
    """The bytes of a file that is named with an @."""
    if not text.startswith("@") or len(text) < 2:
        raise ValueError(f"its bytes come from a file, named as @file, got {text!r}")
    return Path(text[1:]).read_bytes()


_KINDS: dict[type[Any], Callable[[str], Any]] = {
    Chromaticities: _chromaticities,
    Cicp: lambda text: tuple(_wholes(text, 4)),
    ContentLight: lambda text: tuple(_numbers(text, 2)),
    MasteringDisplay: _mastering_display,
    bytes: _file,
    float: _number,
    int: lambda text: _wholes(text, 1)[0],
}


def _of_kind(kind: type[Any], key: str, text: str) -> Any:
    """The value of a word, or of text that ``typed`` understands."""
    if kind in _KINDS:
        return _KINDS[kind](text)
    return typed(key, _unquoted(text) if kind is str else text)


def _unquoted(text: str) -> str:
    """The text without the double quotes around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _like(like: Any, text: str) -> Any:
    """The value, of the type of another one."""
    if isinstance(like, str):
        return _unquoted(text)
    if isinstance(like, (bytes, Opaque)):
        content = _file(text)
        return Opaque(like.type_name, content) if isinstance(like, Opaque) else content
    if isinstance(like, (TimeCode, KeyCode, Fraction)):
        word = {TimeCode: "timecode", KeyCode: "keycode"}.get(type(like), "frame_rate")
        return fraction_of(text) if word == "frame_rate" else typed(word, text)
    if isinstance(like, Chromaticities):
        return _chromaticities(text)
    if isinstance(like, Box2i):
        left, top, right, bottom = _wholes(text, 4)
        return Box2i(V2i(left, top), V2i(right, bottom))
    if isinstance(like, Box2f):
        x0, y0, x1, y1 = _numbers(text, 4)
        return Box2f(V2f(x0, y0), V2f(x1, y1))
    if isinstance(like, tuple):
        whole = all(isinstance(number, int) for number in like)
        numbers: Any = _wholes(text, len(like)) if whole else _numbers(text, len(like))
        return type(like)(*numbers) if hasattr(like, "_fields") else tuple(numbers)
    if isinstance(like, list):
        return [_unquoted(item.strip()) for item in text.split(",")] if text else []
    if isinstance(like, np.ndarray):
        count = None if like.ndim == 1 else like.size
        numbers = _numbers(text, count)
        return np.array(numbers, like.dtype).reshape(-1 if like.ndim == 1 else like.shape)
    if isinstance(like, (int, np.integer)) and not isinstance(like, bool):
        return int(_wholes(text, 1)[0])
    if isinstance(like, float):
        return type(like)(_number(text))
    raise TypeError(f"a value of type {type(like).__name__} cannot be typed")


def _guessed(text: str) -> Any:
    """A value whose type only the text tells."""
    if text.startswith("@") and len(text) > 1:
        return _file(text)
    if text[:1] == '"':
        return _unquoted(text)
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        numbers = _numbers(text)
    except ValueError:
        return text
    if not numbers or not all(map(math.isfinite, numbers)) or "/" in text:
        return text
    if len(numbers) in (9, 16):
        side = math.isqrt(len(numbers))
        return np.array(numbers, np.float32).reshape(side, side)
    if len(numbers) in (2, 3):
        words = [word for word in _SEPARATORS.split(text.strip(" \t()[]")) if word]
        return tuple(map(int, words)) if all(map(_WHOLE.fullmatch, words)) else tuple(numbers)
    return numbers[0] if len(numbers) == 1 else numbers
