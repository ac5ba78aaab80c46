"""Where each field of a DPX header lies, and the words for its codes (SMPTE ST 268-1:2014, tables 1 to 8).

=========  =====  =============================================================
bytes      size   header
=========  =====  =============================================================
0          768    file: magic, offsets, names, dates
768        640    image: size and up to eight elements of 72 bytes
1408       256    source: offset, aspect, scanner
1664       256    film: edge code, frame rate, slate (industry header, optional)
1920       128    television: time code, levels (industry header, optional)
2048       32+    user: an id and any bytes (optional)
=========  =====  =============================================================

A field without a value ("undefined") has all bits set; a text field begins with 0 or 0xFF.
"""

from __future__ import annotations

import math
import struct
from typing import Any, NamedTuple

__all__ = [
    "COLORIMETRICS",
    "DATUM_ORDERS",
    "DESCRIPTORS",
    "DIFFERENCES",
    "EDGE_CODE",
    "ELEMENT",
    "FIELDS",
    "GENERIC_BYTES",
    "HEADER_BYTES",
    "KEYCODE",
    "PACKINGS",
    "RESERVED",
    "TRANSFERS",
    "Field",
    "get",
    "put",
]

#: Bytes of the file, image and source headers together: the shortest header there is.
GENERIC_BYTES = 1664
#: Bytes of all headers without user data.
HEADER_BYTES = 2048

#: Transfer characteristics by name (ST 268-1, table 5A).
TRANSFERS = {
    "user_defined": 0,
    "printing_density": 1,
    "linear": 2,
    "logarithmic": 3,
    "unspecified_video": 4,
    "smpte274m": 5,
    "rec709": 6,
    "bt601_625": 7,
    "bt601_525": 8,
    "ntsc": 9,
    "pal": 10,
    "z_linear": 11,
    "z_homogeneous": 12,
    "adx": 13,
    "undefined": 255,
}
#: Colorimetric specifications by name (table 5B): those of the transfers that name a set of primaries.
COLORIMETRICS = {name: code for name, code in TRANSFERS.items() if code not in (2, 3, 11, 12)}
#: Kinds of samples by name (table 1).
DESCRIPTORS = {
    "R": 1,
    "G": 2,
    "B": 3,
    "A": 4,
    "Y": 6,
    "CbCr": 7,
    "Z": 8,
    "composite": 9,
    "RGB": 50,
    "RGBA": 51,
    "ABGR": 52,
    "CbYCrY": 100,
    "CbYACrYA": 101,
    "CbYCr": 102,
    "CbYCrA": 103,
    **{f"generic{count}": 148 + count for count in range(2, 9)},
}
#: Those of colour differences.
DIFFERENCES = ("CbYCrY", "CbYACrYA", "CbYCr", "CbYCrA")
#: Where the first code of a 10-bit filled word lies.
DATUM_ORDERS = ("low", "high")
#: Packings by name (table 3C).
PACKINGS = {"packed": 0, "filled_a": 1, "filled_b": 2}


class Field(NamedTuple):
    """One field of a header.

    Attributes
    ----------
    name : str
        Its name in the metadata is ``dpx:<name>``.
    offset : int
        Its first byte.
    kind : str
        ``"u8"``, ``"u16"``, ``"u32"``, ``"f32"`` or ``"text"``.
    length : int
        Characters of a text, or how many numbers.
    """

    name: str
    offset: int
    kind: str
    length: int = 1


#: Fields that become ``dpx:<name>`` metadata and go back where they were.
FIELDS = (
    Field("ditto_key", 20, "u32"),
    Field("project", 260, "text", 200),
    Field("x_center", 1416, "f32"),
    Field("y_center", 1420, "f32"),
    Field("source_filename", 1432, "text", 100),
    Field("source_date", 1532, "text", 24),
    Field("input_device", 1556, "text", 32),
    Field("input_serial", 1588, "text", 32),
    Field("border", 1620, "u16", 4),
    Field("scanned_width", 1636, "f32"),
    Field("scanned_height", 1640, "f32"),
    Field("film_format", 1680, "text", 32),
    Field("frame_position", 1712, "u32"),
    Field("sequence_length", 1716, "u32"),
    Field("held_count", 1720, "u32"),
    Field("shutter_angle", 1728, "f32"),
    Field("frame_id", 1732, "text", 32),
    Field("slate", 1764, "text", 100),
    Field("interlace", 1928, "u8"),
    Field("field_number", 1929, "u8"),
    Field("video_signal", 1930, "u8"),
    Field("horizontal_sample_rate", 1932, "f32"),
    Field("vertical_sample_rate", 1936, "f32"),
    Field("time_offset", 1944, "f32"),
    Field("gamma", 1948, "f32"),
    Field("black_level", 1952, "f32"),
    Field("black_gain", 1956, "f32"),
    Field("breakpoint", 1960, "f32"),
    Field("white_level", 1964, "f32"),
    Field("integration_time", 1968, "f32"),
)

#: Fields with a meaning that the code knows: offsets, sizes, and what all formats call by one name.
RESERVED = {
    field.name: field
    for field in (
        Field("image_offset", 4, "u32"),
        Field("version", 8, "text", 8),
        Field("file_size", 16, "u32"),
        Field("generic_size", 24, "u32"),
        Field("industry_size", 28, "u32"),
        Field("user_size", 32, "u32"),
        Field("filename", 36, "text", 100),
        Field("creation_date", 136, "text", 24),
        Field("creator", 160, "text", 100),
        Field("copyright", 460, "text", 200),
        Field("encryption_key", 660, "u32"),
        Field("orientation", 768, "u16"),
        Field("elements", 770, "u16"),
        Field("width", 772, "u32"),
        Field("height", 776, "u32"),
        Field("x_offset", 1408, "u32"),
        Field("y_offset", 1412, "u32"),
        Field("original_width", 1424, "u32"),
        Field("original_height", 1428, "u32"),
        Field("pixel_aspect", 1628, "u32", 2),
        Field("film_frame_rate", 1724, "f32"),
        Field("timecode", 1920, "u32"),
        Field("user_bits", 1924, "u32"),
        Field("tv_frame_rate", 1940, "f32"),
        Field("user_id", 2048, "text", 32),
    )
}

#: The film edge code, digit by digit: manufacturer, type, perforation offset, prefix, count (SMPTE 254).
KEYCODE = (
    Field("film_mfc_code", 1664, "text", 2),
    Field("film_type", 1666, "text", 2),
    Field("perf_offset", 1668, "text", 2),
    Field("prefix", 1670, "text", 6),
    Field("count", 1676, "text", 4),
)

#: The same 16 bytes as one text, for edge codes that are not all digits.
EDGE_CODE = Field("film_edge_code", 1664, "text", 16)

#: One image element, counted from its own first byte (780 + 72 times its number).
ELEMENT = (
    Field("sign", 0, "u32"),
    Field("low_data", 4, "u32"),
    Field("low_quantity", 8, "f32"),
    Field("high_data", 12, "u32"),
    Field("high_quantity", 16, "f32"),
    Field("descriptor", 20, "u8"),
    Field("transfer", 21, "u8"),
    Field("colorimetric", 22, "u8"),
    Field("bit_depth", 23, "u8"),
    Field("packing", 24, "u16"),
    Field("encoding", 26, "u16"),
    Field("data_offset", 28, "u32"),
    Field("line_padding", 32, "u32"),
    Field("end_padding", 36, "u32"),
    Field("description", 40, "text", 32),
)

_CODES = {"u8": ("B", 0xFF), "u16": ("H", 0xFFFF), "u32": ("I", 0xFFFFFFFF), "f32": ("f", math.nan)}
# Writers that convert the bits of "undefined" (or of infinity) as if they were a whole number: seen in
# files of Nuke 5.
_UNDEFINED_FLOATS = (float(0x7F800000), float(0xFFFFFFFF), float(2**32))


def get(head: bytes | memoryview, field: Field, order: str, base: int = 0) -> Any:
    """The value of ``field``: an int, float, str or tuple; None where it is undefined or beyond the header.

    Parameters
    ----------
    head : bytes
        The header, as far as it goes.
    order : {">", "<"}
        Byte order.
    base : int
        Added to the field's offset.
    """
    at = base + field.offset
    if field.kind == "text":
        return _text(bytes(head[at : at + field.length]))
    code, undefined = _CODES[field.kind]
    if at + struct.calcsize(code) * field.length > len(head):
        return None
    values = struct.unpack_from(f"{order}{field.length}{code}", head, at)
    if code == "f":
        kept = tuple(None if not math.isfinite(v) or v in _UNDEFINED_FLOATS else v for v in values)
    else:
        kept = tuple(None if v == undefined else v for v in values)
    if None in kept:
        return None
    return kept[0] if field.length == 1 else kept


def _text(raw: bytes) -> str | None:
    """The text of a field up to its first 0; None where there is none."""
    raw = raw.split(b"\0", 1)[0]
    if not raw or raw[0] == 0xFF:
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(c for c in text if c.isprintable()).strip() or None


def put(head: bytearray, field: Field, value: Any, order: str, *, base: int = 0) -> None:
    """Nothing; the header then has ``value`` in ``field`` (None: undefined).

    Raises
    ------
    ValueError
        If the value does not fit; the message names the field.
    """
    at = base + field.offset
    if field.kind == "text":
        raw = b"" if value is None else str(value).encode("utf-8")
        if len(raw) > field.length:
            raise ValueError(f"DPX field {field.name} holds {field.length} bytes of text, got {len(raw)}: {value!r}")
        head[at : at + field.length] = raw.ljust(field.length, b"\0")
        return
    code, undefined = _CODES[field.kind]
    if value is None:
        head[at : at + struct.calcsize(code) * field.length] = b"\xff" * (struct.calcsize(code) * field.length)
        return
    values = tuple(value) if field.length > 1 else (value,)
    try:
        number = float if code == "f" else int
        struct.pack_into(f"{order}{field.length}{code}", head, at, *(number(v) for v in values))
    except (struct.error, TypeError, ValueError, OverflowError) as error:
        kind = "numbers" if code == "f" else f"whole numbers from 0 to {undefined - 1:.0f}"
        raise ValueError(f"DPX field {field.name} holds {field.length} {kind}, got {value!r}") from error
