"""A DPX header made: from an image's metadata and the options of ``vfx.io.dpx.write``.

Options win over the image's metadata; what neither says stays undefined. Facts about the file itself
(its name, size, version, bit depth, orientation) are never carried over from another file, nor is the name
of the program that wrote the source: readers know some scanners' files by it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vfx.checks import one_of
from vfx.image import Image
from vfx.io._dpx_fields import (
    COLORIMETRICS,
    DESCRIPTORS,
    DIFFERENCES,
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

__all__ = ["ElementPlan", "Picture", "build"]

#: A rational pixel aspect has whole numbers up to this.
_LARGEST_TERM = 10_000
_DIFFERENCES = tuple(DESCRIPTORS[name] for name in DIFFERENCES)


@dataclass(frozen=True)
class ElementPlan:
    """One element of the file."""

    descriptor: int
    size: int
    line_padding: int
    reference: tuple[int, int] | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """What the pixels of the file will be; width and height are those of the stored lines."""

    name: str
    width: int
    height: int
    bits: int
    packing: str
    order: str
    encoding: int
    orientation: int
    end_padding: int
    elements: tuple[ElementPlan, ...]

    def offsets(self, start: int) -> tuple[int, ...]:
        """Byte of each element's first line, and of the end, where the first begins at ``start``."""
        sizes = (element.size + self.end_padding for element in self.elements)
        return tuple(itertools.accumulate(sizes, initial=start))


def build(image: Image, picture: Picture, options: Mapping[str, Any]) -> bytearray:
    """The header of a file, ready for the pixels to follow.

    Parameters
    ----------
    image : Image
        Its metadata, windows and pixel aspect are written.
    picture : Picture
        What the pixels will be.
    options : mapping
        transfer, colorimetric, timecode, keycode, frame_rate, creator, project, copyright, creation_date, version;
        None: not given.

    Raises
    ------
    TypeError, ValueError
        If a value does not fit its field; the message names it.
    """
    given = {key: value for key, value in options.items() if value is not None}
    known = {**_carried(image.metadata), **given}
    head, user_size = _empty(known, picture.order)
    put(head, RESERVED["image_offset"], len(head), picture.order)
    offsets = picture.offsets(len(head))
    put(head, RESERVED["version"], given.get("version", "V2.0"), picture.order)
    put(head, RESERVED["file_size"], _clipped(offsets[-1]), picture.order)
    put(head, RESERVED["user_size"], user_size, picture.order)
    put(head, RESERVED["filename"], _cut(picture.name, 100), picture.order)
    put(head, RESERVED["creator"], known.get("creator", CREATOR), picture.order)
    put(head, RESERVED["copyright"], known.get("copyright"), picture.order)
    put(head, RESERVED["creation_date"], given.get("creation_date"), picture.order)
    put(head, RESERVED["orientation"], picture.orientation, picture.order)
    put(head, RESERVED["elements"], len(picture.elements), picture.order)
    put(head, RESERVED["width"], picture.width, picture.order)
    put(head, RESERVED["height"], picture.height, picture.order)
    if len(offsets) > 2 and _clipped(offsets[-2]) is None:
        raise ValueError("an element of a DPX file cannot begin beyond 4 GiB")
    for index, element in enumerate(picture.elements):
        _put_element(head, picture, (index, offsets[index]), {**element.metadata, **given})
    _put_source(head, picture, image)
    _put_shared(head, picture.order, known)
    _put_fields(head, picture, known)
    return head


def _put_fields(head: bytearray, picture: Picture, known: Mapping[str, Any]) -> None:
    """Write the fields that only DPX has."""
    for spec in FIELDS:
        if f"dpx:{spec.name}" in known:
            put(head, spec, known[f"dpx:{spec.name}"], picture.order)
    if picture.bits == 10 and any(element.descriptor < 50 for element in picture.elements):
        # Readers take 10-bit luma of some scanners as unpadded; these lines are padded.
        put(head, next(spec for spec in FIELDS if spec.name == "input_device"), None, picture.order)


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
    put(head, RESERVED["generic_size"], GENERIC_BYTES, order)
    put(head, RESERVED["industry_size"], HEADER_BYTES - GENERIC_BYTES, order)
    return head, user_size


def _clipped(size: int) -> int | None:
    """A file size as the header can hold it; None (undefined) above 4 GiB."""
    return size if size < 0xFFFFFFFF else None


def _cut(text: str, count: int) -> str:
    """The longest end of a file name that fits."""
    while len(text.encode("utf-8", "replace")) > count:
        text = text[1:]
    return text.encode("utf-8", "replace").decode()


def _put_element(head: bytearray, picture: Picture, place: tuple[int, int], known: Mapping[str, Any]) -> None:
    """Describe the pixels of an element; ``place`` is its number and the offset of its data."""
    index, offset = place
    element = picture.elements[index]
    transfer = known.get("transfer", known.get("dpx:transfer", "undefined"))
    colorimetric = known.get("colorimetric", known.get("dpx:colorimetric", "undefined"))
    low, high = element.reference or (None, None)
    values: dict[str, Any] = {
        "sign": int(picture.bits >= 32),
        "low_data": low,
        "high_data": high,
        "descriptor": element.descriptor,
        "transfer": TRANSFERS[one_of("transfer", transfer, TRANSFERS)],
        "colorimetric": COLORIMETRICS[one_of("colorimetric", colorimetric, COLORIMETRICS)],
        "bit_depth": picture.bits,
        "packing": PACKINGS[picture.packing],
        "encoding": picture.encoding,
        "data_offset": _clipped(offset),
        "line_padding": element.line_padding,
        "end_padding": picture.end_padding,
        "description": known.get("dpx:description"),
    }
    # Black and white of another depth or of other samples are not those of these.
    said = DESCRIPTORS.get(known.get("dpx:descriptor", ""), element.descriptor)
    if known.get("dpx:bit_depth") == picture.bits and (said in _DIFFERENCES) == (element.descriptor in _DIFFERENCES):
        for name in ("low_data", "low_quantity", "high_data", "high_quantity"):
            values[name] = known.get(f"dpx:{name}", values.get(name))
    for spec in ELEMENT:
        put(head, spec, values.get(spec.name), picture.order, base=780 + 72 * index)


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
