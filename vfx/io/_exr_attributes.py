"""Values of EXR header attributes: stored bytes to Python values and back.

The types and their layouts are those of "OpenEXR File Layout", section "Predefined Attribute Types";
everything is little-endian. A value becomes a typed Python object only when that object gives the same
bytes back; anything else, and every type not listed, stays :class:`~vfx.metadata.Opaque`.

==========================  =====================================================
stored type                 Python
==========================  =====================================================
int  float  double          ``int``  ``float``  ``numpy.float64``
string  stringvector        ``str``  ``list[str]``
floatvector                 ``numpy.ndarray`` (n,) float32; a list of numbers is written so
v2i … v3d  box2i  box2f     the named tuples of ``vfx.metadata``
m33f m33d m44f m44d         ``numpy.ndarray`` (3, 3) or (4, 4), float32 or float64
rational                    ``fractions.Fraction``
timecode  keycode  preview  ``TimeCode``  ``KeyCode``  ``Preview``
chromaticities              ``Chromaticities``
envmap  deepImageState      ``str``, under the standard attribute's name only
idmanifest                  ``vfx.io.idmanifest.IDManifest``
==========================  =====================================================
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from vfx.io import idmanifest
from vfx.metadata import (
    Box2f,
    Box2i,
    Chromaticities,
    KeyCode,
    Opaque,
    Preview,
    TimeCode,
    V2d,
    V2f,
    V2i,
    V3d,
    V3f,
    V3i,
)

__all__ = ["Attribute", "decode_value", "encode_value"]

#: Standard attributes whose value is one of a few words (ImfStandardAttributes.h of OpenEXR 3.5).
_WORDS: dict[str, tuple[str, ...]] = {
    "envmap": ("latlong", "cube"),
    "deepImageState": ("messy", "sorted", "non-overlapping", "tidy"),
}
_MATRICES = {"m33f": ("<f4", 3), "m33d": ("<f8", 3), "m44f": ("<f4", 4), "m44d": ("<f8", 4)}
_TUPLES: dict[str, tuple[str, type[Any]]] = {
    "v2i": ("<2i", V2i),
    "v2f": ("<2f", V2f),
    "v2d": ("<2d", V2d),
    "v3i": ("<3i", V3i),
    "v3f": ("<3f", V3f),
    "v3d": ("<3d", V3d),
}


class Attribute(NamedTuple):
    """The stored form of a value."""

    type: str
    data: bytes


def _text(data: bytes) -> str:
    """Text of a header; bytes that are no UTF-8 survive as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _stored(text: str) -> bytes:
    """The bytes of :func:`_text`."""
    return text.encode("utf-8", "surrogateescape")


def _strings(data: bytes) -> list[str]:
    """The strings of a string vector, each behind its length."""
    found = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<i", data, at)
        if length < 0 or at + 4 + length > len(data):
            raise ValueError("string length out of range")
        found.append(_text(data[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def _chromaticities(data: bytes) -> Chromaticities:
    """Four xy pairs."""
    rx, ry, gx, gy, bx, by, wx, wy = struct.unpack("<8f", data)
    return Chromaticities((rx, ry), (gx, gy), (bx, by), (wx, wy))


def _preview(data: bytes) -> Preview:
    """Width, height, then RGBA bytes."""
    width, height = struct.unpack_from("<2I", data)
    if len(data) - 8 != width * height * 4:
        raise ValueError("preview size does not fit its data")
    return Preview(width, height, bytes(data[8:]))


def _rational(data: bytes) -> Fraction:
    """Signed numerator, unsigned denominator."""
    numerator, denominator = struct.unpack("<iI", data)
    return Fraction(numerator, denominator)


def _box2i(data: bytes) -> Box2i:
    """Two corners."""
    x0, y0, x1, y1 = struct.unpack("<4i", data)
    return Box2i(V2i(x0, y0), V2i(x1, y1))


def _box2f(data: bytes) -> Box2f:
    """Two corners."""
    x0, y0, x1, y1 = struct.unpack("<4f", data)
    return Box2f(V2f(x0, y0), V2f(x1, y1))


_DECODERS: dict[str, Callable[[bytes], Any]] = {
    "int": lambda data: struct.unpack("<i", data)[0],
    "float": lambda data: struct.unpack("<f", data)[0],
    "double": lambda data: np.float64(struct.unpack("<d", data)[0]),
    "string": _text,
    "stringvector": _strings,
    "floatvector": lambda data: np.frombuffer(data, "<f4").copy(),
    "box2i": _box2i,
    "box2f": _box2f,
    "chromaticities": _chromaticities,
    "idmanifest": idmanifest.decode,
    "keycode": lambda data: KeyCode(*struct.unpack("<7i", data)),
    "preview": _preview,
    "rational": _rational,
    "timecode": lambda data: TimeCode.from_smpte(*struct.unpack("<2I", data)),
}


def _decode(name: str, kind: str, data: bytes) -> Any:
    """The typed value; ``KeyError`` for a type that has none, ``ValueError`` or ``struct.error`` for bad bytes."""
    if kind in _TUPLES:
        layout, cls = _TUPLES[kind]
        return cls(*struct.unpack(layout, data))
    if kind in _MATRICES:
        dtype, side = _MATRICES[kind]
        return np.frombuffer(data, dtype).reshape(side, side).copy()
    if kind == name and kind in _WORDS:
        (number,) = data
        return _WORDS[kind][number]
    return _DECODERS[kind](data)


def decode_value(name: str, stored: Attribute) -> Any:
    r"""The Python value of attribute ``name``; :class:`~vfx.metadata.Opaque` where there is no faithful one.

    Examples
    --------
    >>> decode_value("fps", Attribute("int", b"\x18\0\0\0"))
    24
    >>> decode_value("blob", Attribute("studioType", b"abc"))
    Opaque(type_name='studioType', data=b'abc')
    """
    data = bytes(stored.data)
    try:
        value = _decode(name, stored.type, data)
        # A rational may come back in lowest terms: the same number, so the same value.
        if stored.type == "rational" or encode_value(name, value) == stored:
            return value
    except (KeyError, IndexError, ValueError, ZeroDivisionError, TypeError, struct.error):
        pass
    return Opaque(stored.type, data)


def _encode_array(value: np.ndarray[Any, Any]) -> Attribute:
    """A matrix or a float vector."""
    if value.ndim == 1 and value.dtype.kind in "fiu":
        return Attribute("floatvector", value.astype("<f4").tobytes())
    if value.shape in ((3, 3), (4, 4)) and value.dtype.kind in "fiu":
        single = value.dtype == np.float32
        kind = f"m{len(value)}{len(value)}{'f' if single else 'd'}"
        return Attribute(kind, value.astype("<f4" if single else "<f8").tobytes())
    raise TypeError(f"an array must be (n,), (3, 3) or (4, 4), got shape {value.shape}")


def _encode_number(value: Any) -> Attribute:
    """An int, a float or a fraction. ``numpy.float64`` is a double, Python's float a float."""
    if isinstance(value, np.float64):
        return Attribute("double", struct.pack("<d", value))
    if isinstance(value, (float, np.floating)):
        return Attribute("float", struct.pack("<f", value))
    if isinstance(value, Fraction):
        return Attribute("rational", struct.pack("<iI", value.numerator, value.denominator))
    return Attribute("int", struct.pack("<i", int(value)))


def _encode_tuple(value: tuple[Any, ...]) -> Attribute:
    """A named tuple of ``vfx.metadata``, or two or three plain numbers."""
    if isinstance(value, Chromaticities):
        return Attribute("chromaticities", struct.pack("<8f", *(number for pair in value for number in pair)))
    if isinstance(value, (Box2i, Box2f)):
        kind, layout = ("box2i", "<4i") if isinstance(value, Box2i) else ("box2f", "<4f")
        return Attribute(kind, struct.pack(layout, *value.min, *value.max))
    for kind, (layout, cls) in _TUPLES.items():
        if isinstance(value, cls):
            return Attribute(kind, struct.pack(layout, *value))
    if len(value) in (2, 3) and all(isinstance(number, (int, float)) for number in value):
        kind = f"v{len(value)}{'i' if all(isinstance(number, int) for number in value) else 'f'}"
        return Attribute(kind, struct.pack(_TUPLES[kind][0], *value))
    raise TypeError(f"a tuple must be two or three numbers, got {value!r}")


def _encode_list(value: Sequence[Any]) -> Attribute:
    """A list of strings, or of numbers, which become floats."""
    if all(isinstance(item, str) for item in value):
        parts = [_stored(item) for item in value]
        return Attribute("stringvector", b"".join(struct.pack("<i", len(part)) + part for part in parts))
    if all(isinstance(item, (int, float, np.integer, np.floating)) for item in value):
        return _encode_array(np.asarray(value, np.float64))
    raise TypeError(f"a list must be all strings or all numbers, got {value!r}")


def encode_value(name: str, value: Any) -> Attribute:
    """The stored form of ``value`` for attribute ``name``.

    Raises
    ------
    TypeError
        If there is no attribute type for it.
    ValueError
        If it does not fit the type: an int beyond 32 bits, an unknown word. The message names the attribute.

    Examples
    --------
    >>> encode_value("comments", "plate").type
    'string'
    """
    try:
        return _encode(name, value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"attribute {name}: {value!r} does not fit its type: {error}") from error
    except (TypeError, ValueError) as error:
        raise type(error)(f"attribute {name}: {error}") from None


def _encode(name: str, value: Any) -> Attribute:
    """The stored form of ``value``."""
    if isinstance(value, Opaque):
        return Attribute(value.type_name, bytes(value.data))
    if isinstance(value, str):
        if name in _WORDS:
            if value not in _WORDS[name]:
                raise ValueError(f"it must be one of {', '.join(_WORDS[name])}, got {value!r}")
            return Attribute(name, bytes([_WORDS[name].index(value)]))
        return Attribute("string", _stored(value))
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, tuple):
        return _encode_tuple(value)
    if isinstance(value, (int, float, np.integer, np.floating, np.bool_, Fraction)):
        return _encode_number(value)
    if isinstance(value, np.ndarray):
        return _encode_array(value)
    if isinstance(value, TimeCode):
        return Attribute("timecode", struct.pack("<2I", value.to_smpte(), value.user_bits))
    if isinstance(value, KeyCode):
        fields = (value.film_mfc_code, value.film_type, value.prefix, value.count, value.perf_offset)
        return Attribute("keycode", struct.pack("<7i", *fields, value.perfs_per_frame, value.perfs_per_count))
    if isinstance(value, idmanifest.IDManifest):
        return Attribute("idmanifest", idmanifest.encode(value))
    if isinstance(value, Preview):
        return Attribute("preview", struct.pack("<2I", value.width, value.height) + bytes(value.rgba))
    if isinstance(value, list):
        return _encode_list(value)
    raise TypeError(
        f"no EXR attribute type for {type(value).__name__}; there are some for numbers, text, lists, arrays and the "
        "types of vfx.metadata, of which Opaque holds bytes of any type"
    )
