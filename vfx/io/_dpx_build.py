"""A DPX header made: from an image's metadata and the options of ``vfx.io.dpx.write``.

Options win over the image's metadata; what neither says stays undefined. Facts about the file itself
(its name, size, version, bit depth, orientation) are never carried over from another file, nor is the name
of the program that wrote the source: readers know some scanners' files by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vfx.checks import one_of
from vfx.image import Image
from vfx.io._dpx_fields import (
    COLORIMETRICS,
    EDGE_CODE,
    ELEMENT,
    FIELDS,
    GENERIC_BYTES,
    HEADER_BYTES,
    KEYCODE,
    PACKINGS,
    RESERVED,
    TRANSFERS,
    put,
)
from vfx.io._dpx_header import CREATOR
from vfx.io._typed import exact_rate, keycode_of, timecode_of, typed
from vfx.metadata import KeyCode

__all__ = ["Picture", "build"]

#: A rational pixel aspect has whole numbers up to this.
_LARGEST_TERM = 10_000


@dataclass(frozen=True)
class Picture:
    """What the pixels of the file will be."""

    name: str
    width: int
    height: int
    descriptor: int
    bits: int
    packing: str
    order: str
    data_bytes: int
    line_padding: int


def build(image: Image, picture: Picture, options: Mapping[str, Any]) -> bytearray:
    """The header of a file, ready for the pixels to follow.

    Parameters
    ----------
    image : Image
        Its metadata, windows and pixel aspect are written.
    picture : Picture
        What the pixels will be.
    options : mapping
        transfer, colorimetric, timecode, keycode, frame_rate, creator, project, copyright; None: not given.

    Raises
    ------
    TypeError, ValueError
        If a value does not fit its field; the message names it.
    """
    known = {**_carried(image.metadata), **{key: value for key, value in options.items() if value is not None}}
    head, user_size = _empty(known, picture.order)
    put(head, RESERVED["image_offset"], len(head), picture.order)
    put(head, RESERVED["file_size"], _clipped(len(head) + picture.data_bytes), picture.order)
    put(head, RESERVED["user_size"], user_size, picture.order)
    put(head, RESERVED["filename"], _cut(picture.name, 100), picture.order)
    put(head, RESERVED["creator"], known.get("creator", CREATOR), picture.order)
    put(head, RESERVED["copyright"], known.get("copyright"), picture.order)
    put(head, RESERVED["width"], picture.width, picture.order)
    put(head, RESERVED["height"], picture.height, picture.order)
    _put_element(head, picture, known)
    _put_source(head, picture, image)
    _put_shared(head, picture.order, known)
    for spec in FIELDS:
        if f"dpx:{spec.name}" in known:
            put(head, spec, known[f"dpx:{spec.name}"], picture.order)
    if picture.bits == 10 and picture.descriptor < 50:
        # Readers take 10-bit luma of some scanners as unpadded; these lines are padded.
        put(head, next(spec for spec in FIELDS if spec.name == "input_device"), None, picture.order)
    return head


def _carried(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """An image's metadata, without what other formats hold and this header cannot.

    A picture must not fail for a damaged edge code that came with it; an option that does not fit still raises.
    """
    kept = dict(metadata)
    if isinstance(kept.get("copyright"), str):
        kept["copyright"] = kept["copyright"].encode("utf-8", "replace")[:200].decode("utf-8", "ignore")
    if kept.get("shutter_angle") is not None:
        kept["dpx:shutter_angle"] = typed("shutter_angle", kept["shutter_angle"])
    code, rate = kept.get("keycode"), kept.get("frame_rate")
    if isinstance(code, KeyCode) and not all(0 <= getattr(code, f.name) < 10**f.length for f in KEYCODE):
        del kept["keycode"]
    if isinstance(rate, Fraction) and not Fraction(1, 1000) <= rate <= 1_000_000:
        del kept["frame_rate"]
    return kept


def _empty(known: Mapping[str, Any], order: str) -> tuple[bytearray, int]:
    """A header in which every field is undefined, and the size of its user data."""
    user_id, user_data = known.get("dpx:user_id"), bytes(known.get("dpx:user_data", b""))
    user_size = 32 + len(user_data) if user_id or user_data else 0
    head = bytearray(b"\xff" * HEADER_BYTES + b"\0" * ((user_size + 511) // 512 * 512))
    if user_size:
        put(head, RESERVED["user_id"], user_id, order)
        head[HEADER_BYTES + 32 : HEADER_BYTES + user_size] = user_data
    head[0:4] = b"SDPX" if order == ">" else b"XPDS"
    for spec in (*FIELDS, *KEYCODE, *RESERVED.values()):
        if spec.kind == "text" and spec.offset < HEADER_BYTES:
            put(head, spec, None, order)
    for base in range(780, 780 + 8 * 72, 72):
        put(head, ELEMENT[-1], None, order, base=base)
    # Bytes that the standard reserves for later.
    for start, end in ((664, 768), (1356, 1408), (1644, 1664), (1864, 1920), (1931, 1932), (1972, 2048)):
        head[start:end] = bytes(end - start)
    put(head, RESERVED["version"], "V2.0", order)
    put(head, RESERVED["generic_size"], GENERIC_BYTES, order)
    put(head, RESERVED["industry_size"], HEADER_BYTES - GENERIC_BYTES, order)
    put(head, RESERVED["orientation"], 0, order)
    put(head, RESERVED["elements"], 1, order)
    return head, user_size


def _clipped(size: int) -> int | None:
    """A file size as the header can hold it; None (undefined) above 4 GiB."""
    return size if size < 0xFFFFFFFF else None


def _cut(text: str, count: int) -> str:
    """The longest end of a file name that fits."""
    while len(text.encode("utf-8", "replace")) > count:
        text = text[1:]
    return text.encode("utf-8", "replace").decode()


def _put_element(head: bytearray, picture: Picture, known: Mapping[str, Any]) -> None:
    """Describe the pixels."""
    transfer = known.get("transfer", known.get("dpx:transfer", "undefined"))
    colorimetric = known.get("colorimetric", known.get("dpx:colorimetric", "undefined"))
    is_float = picture.bits == 32
    values: dict[str, Any] = {
        "sign": int(is_float),
        "low_data": None if is_float else 0,
        "high_data": None if is_float else 2**picture.bits - 1,
        "descriptor": picture.descriptor,
        "transfer": TRANSFERS[one_of("transfer", transfer, TRANSFERS)],
        "colorimetric": COLORIMETRICS[one_of("colorimetric", colorimetric, COLORIMETRICS)],
        "bit_depth": picture.bits,
        "packing": PACKINGS[picture.packing],
        "encoding": 0,
        "data_offset": len(head),
        "line_padding": picture.line_padding,
        "end_padding": 0,
        "description": known.get("dpx:description"),
    }
    if known.get("dpx:bit_depth") == picture.bits:
        for name in ("low_data", "low_quantity", "high_data", "high_quantity"):
            values[name] = known.get(f"dpx:{name}", values.get(name))
    for spec in ELEMENT:
        put(head, spec, values.get(spec.name), picture.order, base=780)


def _put_source(head: bytearray, picture: Picture, image: Image) -> None:
    """Place the picture in its frame; offsets below 0 have no place in the header."""
    x0, y0 = (a - b for a, b in zip(image.data_window[:2], image.display_window[:2], strict=True))
    frame = (
        image.display_window[2] - image.display_window[0] + 1,
        image.display_window[3] - image.display_window[1] + 1,
    )
    if image.display_window == image.data_window:
        (x0, y0), frame = image.data_window[:2], (image.data_window[2] + 1, image.data_window[3] + 1)
    if x0 >= 0 and y0 >= 0:
        put(head, RESERVED["x_offset"], x0, picture.order)
        put(head, RESERVED["y_offset"], y0, picture.order)
        put(head, RESERVED["original_width"], frame[0], picture.order)
        put(head, RESERVED["original_height"], frame[1], picture.order)
    aspect = image.pixel_aspect if 0.01 < image.pixel_aspect < 100.0 else 1.0
    pair = Fraction(aspect).limit_denominator(_LARGEST_TERM)
    put(head, RESERVED["pixel_aspect"], (pair.numerator, pair.denominator), picture.order)


def _put_shared(head: bytearray, order: str, known: Mapping[str, Any]) -> None:
    """Write what all formats call by one name: time code, edge code, frame rate, date."""
    timecode = timecode_of(known.get("timecode"))
    if timecode is not None:
        put(head, RESERVED["timecode"], timecode.to_smpte(), order)
        put(head, RESERVED["user_bits"], timecode.user_bits, order)
    keycode = keycode_of(known.get("keycode"))
    if keycode is not None:
        for spec in KEYCODE:
            put(head, spec, f"{getattr(keycode, spec.name):0{spec.length}d}", order)
    elif "dpx:film_edge_code" in known:
        put(head, EDGE_CODE, known["dpx:film_edge_code"], order)
    rate = exact_rate(known.get("frame_rate"))
    if rate is not None:
        put(head, RESERVED["film_frame_rate"], float(rate), order)
        put(head, RESERVED["tv_frame_rate"], float(rate), order)
    television = known.get("dpx:tv_frame_rate", math.nan)
    if not math.isnan(television):
        put(head, RESERVED["tv_frame_rate"], television, order)
    if "dpx:source_date" not in known and isinstance(known.get("capture_date"), str):
        date = known["capture_date"].replace(" ", ":")
        if date[:24].isascii():
            put(head, next(spec for spec in FIELDS if spec.name == "source_date"), date[:24], order)
