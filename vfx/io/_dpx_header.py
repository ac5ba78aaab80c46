"""A DPX header read: sizes, elements, and the metadata that the rest of the package understands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from vfx.errors import FormatError
from vfx.io._dpx_fields import (
    COLORIMETRICS,
    DESCRIPTORS,
    EDGE_CODE,
    ELEMENT,
    FIELDS,
    GENERIC_BYTES,
    HEADER_BYTES,
    KEYCODE,
    PACKINGS,
    RESERVED,
    TRANSFERS,
    get,
)
from vfx.io._typed import frame_rate
from vfx.metadata import KeyCode, TimeCode
from vfx.pixelformat import Box

__all__ = ["CREATOR", "Element", "Header", "is_dpx", "parse", "user_data"]

#: What this package calls itself in the creator field.
CREATOR = "vfx"
#: More elements than this cannot be described.
MOST_ELEMENTS = 8
# Larger offsets are leftovers of other programs, not a place in a picture.
_FARTHEST = 1_000_000
_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)[: ](\d\d):(\d\d):(\d\d)")


@dataclass(frozen=True)
class Element:
    """One picture of the file, as its 72 bytes of header say; None is undefined."""

    index: int
    descriptor: int
    bit_depth: int
    packing: int
    encoding: int
    sign: int
    data_offset: int | None
    line_padding: int
    transfer: str | None
    colorimetric: str | None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """Byte of this element's description in the file."""
        return 780 + 72 * self.index


@dataclass(frozen=True)
class Header:
    """A whole header. ``width`` and ``height`` are those of the stored lines, before orientation."""

    order: str
    label: str
    size: int
    file_size: int | None
    image_offset: int | None
    width: int
    height: int
    orientation: int
    elements: tuple[Element, ...]
    creator: str
    input_device: str
    pixel_aspect: float
    metadata: dict[str, Any]
    user_bytes: int
    origin: tuple[int, int]
    original: tuple[int, int] | None

    def windows(self, width: int, height: int) -> tuple[Box, Box]:
        """Data and display window of the upright picture.

        The source header's offset places the picture. Its original size is the frame only where that is
        sure (a picture away from the corner, or our own file): scanners put the size of their sensor there.
        """
        x, y = self.origin
        data = (x, y, x + width - 1, y + height - 1)
        sure = (x, y) != (0, 0) or self.creator == CREATOR
        if self.original and sure and self.original[0] > data[2] and self.original[1] > data[3]:
            return data, (0, 0, self.original[0] - 1, self.original[1] - 1)
        return data, data


def is_dpx(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is DPX."""
    return head[:4] in (b"SDPX", b"XPDS")


def parse(head: bytes, size: int, label: str) -> Header:
    """The header of a file.

    Parameters
    ----------
    head : bytes
        The first 2048 bytes, or all there are.
    size : int
        Bytes in the file.
    label : str
        The file, for messages.

    Raises
    ------
    FormatError
        If it is no DPX file, cut off, encrypted, or describes no picture.
    """
    if not is_dpx(head):
        raise FormatError(f"not a DPX file: it begins with {head[:4].hex(' ')}", path=label, offset=0)
    if len(head) < GENERIC_BYTES:
        raise FormatError(f"the header is cut off: {len(head)} of {GENERIC_BYTES} bytes", path=label)
    order = ">" if head[:4] == b"SDPX" else "<"
    known = {name: get(head, spec, order) for name, spec in RESERVED.items()}
    # 0 is the header that was never filled, not a key.
    if known["encryption_key"]:
        raise FormatError(
            f"encrypted (key {known['encryption_key']:#x}), which is not supported", path=label, offset=660
        )
    if not known["width"] or not known["height"]:
        raise FormatError(f"a picture of {known['width']} x {known['height']} pixels", path=label, offset=772)
    count = known["elements"]
    if not count or count > MOST_ELEMENTS:
        raise FormatError(
            f"1 to {MOST_ELEMENTS} elements are possible, the header says {count}", path=label, offset=770
        )
    orientation = known["orientation"] or 0
    if orientation > 7:
        raise FormatError(f"orientation is 0 to 7, the header says {orientation}", path=label, offset=768)
    elements = tuple(_element(head, order, index) for index in range(count))
    head = _own_bytes(head, known, elements)
    known = {name: get(head, spec, order) for name, spec in RESERVED.items()}
    return Header(
        order=order,
        label=label,
        size=size,
        file_size=known["file_size"] or None,
        image_offset=known["image_offset"] or None,
        width=known["width"],
        height=known["height"],
        orientation=orientation,
        elements=elements,
        creator=known["creator"] or "",
        input_device=get(head, next(f for f in FIELDS if f.name == "input_device"), order) or "",
        pixel_aspect=_aspect(known["pixel_aspect"]),
        metadata=_metadata(head, order, known),
        user_bytes=_user_bytes(known["user_size"] or 0, elements, known["image_offset"]),
        origin=_origin(known["x_offset"], known["y_offset"]),
        original=(known["original_width"], known["original_height"])
        if known["original_width"] and known["original_height"]
        else None,
    )


def _user_bytes(said: int, elements: tuple[Element, ...], image_offset: int | None) -> int:
    """Bytes of user data, 0 where there is none or the header's word for it makes no sense."""
    starts = [s for s in (image_offset, *(element.data_offset for element in elements)) if s]
    fits = starts and HEADER_BYTES + said <= min(starts)
    return said if fits and said >= 32 else 0


def user_data(head: bytes) -> dict[str, Any]:
    """The user header's id and bytes, where they are not empty; ``head`` ends where they end."""
    found: dict[str, Any] = {"dpx:user_id": get(head, RESERVED["user_id"], ">")}
    found["dpx:user_data"] = bytes(head[HEADER_BYTES + 32 :]) or None
    return {key: value for key, value in found.items() if value is not None}


def _own_bytes(head: bytes, known: dict[str, Any], elements: tuple[Element, ...]) -> bytes:
    """The header without bytes that are pixels already: many files have no film and television headers."""
    starts = [known["image_offset"], *(element.data_offset for element in elements)]
    return head[: min((s for s in starts if s and s >= GENERIC_BYTES), default=HEADER_BYTES)]


def _element(head: bytes, order: str, index: int) -> Element:
    """The description of one element."""
    base = 780 + 72 * index
    known = {spec.name: get(head, spec, order, base) for spec in ELEMENT}
    transfer = next((name for name, code in TRANSFERS.items() if code == known["transfer"]), None)
    colorimetric = next((name for name, code in COLORIMETRICS.items() if code == known["colorimetric"]), None)
    # Undefined: 10 and 12 bits are nearly always filled, method A; other depths have no padding.
    packing = int(known["bit_depth"] in (10, 12)) if known["packing"] is None else known["packing"]
    said = {
        "dpx:transfer": transfer,
        "dpx:colorimetric": colorimetric,
        "dpx:descriptor": next((name for name, code in DESCRIPTORS.items() if code == known["descriptor"]), None),
        "dpx:bit_depth": known["bit_depth"],
        "dpx:packing": next((name for name, code in PACKINGS.items() if code == packing), None),
        "dpx:description": known["description"],
    }
    for name in ("low_data", "low_quantity", "high_data", "high_quantity"):
        said[f"dpx:{name}"] = known[name]
    return Element(
        index=index,
        descriptor=255 if known["descriptor"] is None else known["descriptor"],
        bit_depth=known["bit_depth"] or 0,
        packing=packing,
        encoding=known["encoding"] or 0,
        sign=known["sign"] or 0,
        data_offset=known["data_offset"] or None,
        line_padding=known["line_padding"] or 0,
        transfer=transfer,
        colorimetric=colorimetric,
        metadata={key: value for key, value in said.items() if value is not None},
    )


def _aspect(pair: tuple[int, int] | None) -> float:
    """Width of a pixel over its height; 1.0 where nothing sensible is said."""
    if pair is None or 0 in pair or not 0.01 < pair[0] / pair[1] < 100.0:
        return 1.0
    return pair[0] / pair[1]


def _origin(x: int | None, y: int | None) -> tuple[int, int]:
    """Column and row of the picture's first pixel in the original one."""
    x, y = x or 0, y or 0
    return (x, y) if max(x, y) <= _FARTHEST else (0, 0)


def _metadata(head: bytes, order: str, known: dict[str, Any]) -> dict[str, Any]:
    """The file's metadata: the names that all formats share, and the rest as ``dpx:<field>``."""
    found: dict[str, Any] = {
        "timecode": _timecode(known["timecode"], known["user_bits"]),
        "keycode": _keycode(head, order),
        "frame_rate": frame_rate(known["film_frame_rate"]) or frame_rate(known["tv_frame_rate"]),
        "software": known["creator"],
        "copyright": known["copyright"],
    }
    for spec in FIELDS:
        found[f"dpx:{spec.name}"] = get(head, spec, order)
    found["shutter_angle"] = found.pop("dpx:shutter_angle")
    if found["keycode"] is None:
        found["dpx:film_edge_code"] = get(head, EDGE_CODE, order)
    for name in ("version", "filename", "creation_date"):
        found[f"dpx:{name}"] = known[name]
    date = _DATE.match(found["dpx:source_date"] or "")
    if date:
        found["capture_date"] = "{}:{}:{} {}:{}:{}".format(*date.groups())
    if known["orientation"]:
        found["dpx:orientation"] = known["orientation"]
    if frame_rate(known["tv_frame_rate"]) != found["frame_rate"]:
        found["dpx:tv_frame_rate"] = known["tv_frame_rate"]
    return {key: value for key, value in found.items() if value is not None}


def _timecode(word: int | None, user_bits: int | None) -> TimeCode | None:
    """The time code, or None where there is none or its digits make no sense."""
    if word is None:
        return None
    try:
        return TimeCode.from_smpte(word, user_bits or 0)
    except ValueError:
        return None


def _keycode(head: bytes, order: str) -> KeyCode | None:
    """The film edge code, or None where one of its fields is not a number."""
    texts = [get(head, spec, order) for spec in KEYCODE]
    if not all(isinstance(text, str) and text.isascii() and text.isdigit() for text in texts):
        return None
    return KeyCode(**{spec.name: int(text) for spec, text in zip(KEYCODE, texts, strict=True)})
