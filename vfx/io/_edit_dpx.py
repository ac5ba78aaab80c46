"""Headers of DPX files changed field by field; pixels and all other bytes are copied as they are stored.

A header without its film and television parts (ffmpeg writes such files) gets them when a field of theirs is
to have a value: the pixels then move, and every offset with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vfx._atomic import replace_bytes
from vfx.checks import one_of
from vfx.io._dpx_fields import (
    COLORIMETRICS,
    EDGE_CODE,
    ELEMENT,
    FIELDS,
    GENERIC_BYTES,
    HEADER_BYTES,
    KEYCODE,
    RESERVED,
    TRANSFERS,
    Field,
    get,
    put,
)
from vfx.io._dpx_header import parse
from vfx.io._dpx_parts import parts_of
from vfx.io._source import Source
from vfx.metadata import KeyCode

__all__ = ["edit_dpx"]

_BY_NAME = {spec.name: spec for spec in FIELDS}
#: Texts about the file that a person may set.
_FREE = ("filename", "creation_date")
_ELEMENT = {spec.name: spec for spec in ELEMENT}
_ELEMENT_KEYS = ("low_data", "low_quantity", "high_data", "high_quantity", "description")
_NAMED = {"transfer": TRANSFERS, "colorimetric": COLORIMETRICS}

#: One field of the header, the value it gets, and what is added to its offset.
_Put = tuple[Field, Any, int]


def edit_dpx(
    opened: Source, target: Path, before: Mapping[str, Any], after: Mapping[str, Any], *, part: int = 0
) -> None:
    """Nothing; ``target`` then has the pixels of ``opened`` and the metadata ``after``.

    Parameters
    ----------
    opened : Source
        A DPX file.
    target : path
        A temporary file.
    before, after : mapping
        What the file says, and what it shall say; ``pixel_aspect`` is there when it shall change.
    part : int
        The picture whose transfer, range and description are meant; all its elements get them.

    Raises
    ------
    ValueError
        If a value does not fit its field, or user data its place.
    """
    data, label = opened.data(), opened.label
    order = ">" if bytes(data[:4]) == b"SDPX" else "<"
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    try:
        elements = parts_of(parse(bytes(data[:HEADER_BYTES]), opened.size, label))[part].elements
        puts = [one for key in sorted(changed) for index in elements for one in _puts(key, after.get(key), index)]
        start = _first_pixel(data, order)
        head = bytearray(data[:start])
        if start < HEADER_BYTES and any(
            spec.offset + base >= start and value is not None for spec, value, base in puts
        ):
            head = _grown(head, order)
        for spec, value, base in puts:
            if spec.offset + base < len(head):
                put(head, spec, value, order, base=base)
        if {"dpx:user_id", "dpx:user_data"} & changed:
            _put_user_data(head, order, after)
    except ValueError as error:
        raise ValueError(f"{label}: {error}") from None
    replace_bytes(target, head, data[start:])


def _first_pixel(data: memoryview, order: str) -> int:
    """Where the header ends."""
    head = bytes(data[:HEADER_BYTES])
    count = min(get(head, RESERVED["elements"], order) or 1, 8)
    starts = [get(head, _ELEMENT["data_offset"], order, 780 + 72 * index) for index in range(count)]
    starts.append(get(head, RESERVED["image_offset"], order))
    return int(min([start for start in starts if start and start >= GENERIC_BYTES] or [HEADER_BYTES]))


def _grown(head: bytearray, order: str) -> bytearray:
    """A generic header with undefined film and television headers behind it, its offsets counted on."""
    added = HEADER_BYTES - len(head)
    for spec in (RESERVED["image_offset"], RESERVED["file_size"]):
        value = get(bytes(head), spec, order)
        if value:
            put(head, spec, value + added, order)
    for base in range(780, 780 + 8 * 72, 72):
        value = get(bytes(head), _ELEMENT["data_offset"], order, base)
        if value:
            put(head, _ELEMENT["data_offset"], value + added, order, base=base)
    head = head + b"\xff" * added
    put(head, RESERVED["industry_size"], HEADER_BYTES - GENERIC_BYTES, order)
    for spec in (*FIELDS, *KEYCODE):
        if spec.kind == "text" and spec.offset >= GENERIC_BYTES:
            put(head, spec, None, order)
    return head


def _puts(key: str, value: Any, element: int) -> list[_Put]:
    """The fields behind one name of the metadata; none where there is no such field."""
    name = key.removeprefix("dpx:")
    if key in _SHARED:
        return _SHARED[key](value)
    if name == key:
        return []
    base = 780 + 72 * element
    if name in _NAMED:
        code = None if value is None else _NAMED[name][one_of(name, value, _NAMED[name])]
        return [(_ELEMENT[name], code, base)]
    if name in _ELEMENT_KEYS:
        return [(_ELEMENT[name], value, base)]
    if name in _BY_NAME or name in _FREE:
        return [(_BY_NAME.get(name) or RESERVED[name], value, 0)]
    if name == EDGE_CODE.name:
        return [(EDGE_CODE, value, 0)]
    return [(RESERVED["tv_frame_rate"], value, 0)] if name == "tv_frame_rate" else []


def _keycode(value: KeyCode | None) -> list[_Put]:
    """The edge code, digit by digit."""
    return [(spec, None if value is None else f"{getattr(value, spec.name):0{spec.length}d}", 0) for spec in KEYCODE]


def _timecode(value: Any) -> list[_Put]:
    """The time address and its user bits."""
    word, bits = (None, None) if value is None else (value.to_smpte(), value.user_bits)
    return [(RESERVED["timecode"], word, 0), (RESERVED["user_bits"], bits, 0)]


def _frame_rate(value: Any) -> list[_Put]:
    """Of film and of television."""
    rate = None if value is None else float(value)
    return [(RESERVED["film_frame_rate"], rate, 0), (RESERVED["tv_frame_rate"], rate, 0)]


def _capture_date(value: Any) -> list[_Put]:
    """In the form of the header, with a colon before the time."""
    return [(_BY_NAME["source_date"], None if value is None else str(value).replace(" ", ":"), 0)]


def _pixel_aspect(value: Any) -> list[_Put]:
    """A ratio of whole numbers."""
    return [(RESERVED["pixel_aspect"], Fraction(value).limit_denominator(10_000).as_integer_ratio(), 0)]


_SHARED: dict[str, Callable[[Any], list[_Put]]] = {
    "capture_date": _capture_date,
    "copyright": lambda value: [(RESERVED["copyright"], value, 0)],
    "frame_rate": _frame_rate,
    "keycode": _keycode,
    "pixel_aspect": lambda value: _pixel_aspect(value) if value is not None else [],
    "shutter_angle": lambda value: [(_BY_NAME["shutter_angle"], value, 0)],
    "software": lambda value: [(RESERVED["creator"], value, 0)],
    "timecode": _timecode,
}


def _put_user_data(head: bytearray, order: str, after: Mapping[str, Any]) -> None:
    """Write the user header into the room before the pixels."""
    user_id, content = after.get("dpx:user_id"), bytes(after.get("dpx:user_data") or b"")
    size = 32 + len(content) if user_id or content else 0
    if HEADER_BYTES + size > len(head):
        raise ValueError(f"{len(content)} bytes of user data do not fit before the pixels, at byte {len(head)}")
    put(head, RESERVED["user_size"], size, order)
    if size:
        head[HEADER_BYTES:] = bytes(len(head) - HEADER_BYTES)
        put(head, RESERVED["user_id"], user_id, order)
        head[HEADER_BYTES + 32 : HEADER_BYTES + size] = content
