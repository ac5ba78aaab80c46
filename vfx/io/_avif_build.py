"""An AVIF file built round coded pictures: the boxes that carry its profile, EXIF and XMP.

Layout of a still with alpha and metadata (HEIF, ISO/IEC 23008-12; AV1 Image File Format 1.1)::

    ftyp
    meta   hdlr pitm iloc iinf(infe …) iref(auxl cdsc …) iprp(ipco(…) ipma)
    mdat   colour, alpha, EXIF, XMP
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from vfx.io import _exif
from vfx.io._avif_header import items_of
from vfx.io._boxes import make_box
from vfx.io._vocabulary import xmp_for_writing

__all__ = ["with_metadata"]

_HANDLER = struct.pack(">I4s12s", 0, b"pict", b"") + b"\0"


def _full(kind: bytes, *content: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with version and flags."""
    return make_box(kind, struct.pack(">I", version << 24 | flags), *content)


def _item(number: int, kind: bytes, rest: bytes = b"") -> bytes:
    """The entry of an item; what hangs on another is hidden."""
    return _full(b"infe", struct.pack(">HH4s", number, 0, kind), b"\0", rest, version=2, flags=number > 1)


def with_metadata(encoded: bytes, entries: Mapping[str, Any]) -> bytes:
    """The AVIF file ``encoded`` with the ``icc_profile``, ``exif``, ``orientation`` and ``xmp`` of an image.

    Raises
    ------
    FormatError
        If ``encoded`` is no AVIF file.
    """
    pictures = items_of(memoryview(encoded), "<encoded>")
    payloads = [coded for _, coded in pictures]
    kinds = [_item(number, b"av01") for number in range(1, len(pictures) + 1)]
    references = [make_box(b"auxl", struct.pack(">3H", 2, 1, 1))] if len(pictures) == 2 else []
    exif = _exif.for_writing({**entries, "orientation": None})
    if exif is not None:
        payloads.append(struct.pack(">I", 0) + exif)
        kinds.append(_item(len(payloads), b"Exif"))
    xmp = xmp_for_writing(entries)
    if xmp is not None:
        payloads.append(xmp)
        kinds.append(_item(len(payloads), b"mime", b"application/rdf+xml\0"))
    references += [
        make_box(b"cdsc", struct.pack(">3H", number, 1, 1)) for number in range(len(pictures) + 1, len(payloads) + 1)
    ]
    parts = [
        _full(b"hdlr", _HANDLER),
        _full(b"pitm", struct.pack(">H", 1)),
        _full(b"iinf", struct.pack(">H", len(kinds)), *kinds),
        *([_full(b"iref", *references)] if references else []),
        _property_boxes([properties for properties, _ in pictures], entries),
    ]
    brand = make_box(b"ftyp", struct.pack(">4sI", b"avif", 0) + b"avifmif1miaf")
    locations = _full(b"iloc", bytes(4 + 14 * len(payloads)))
    start = len(brand) + 12 + sum(map(len, parts)) + len(locations) + 8
    table = [struct.pack(">2BH", 0x44, 0, len(payloads))]
    for number, payload in enumerate(payloads, 1):
        table.append(struct.pack(">3H2I", number, 0, 1, start, len(payload)))
        start += len(payload)
    parts.insert(2, _full(b"iloc", *table))
    return b"".join([brand, _full(b"meta", *parts), make_box(b"mdat", *payloads)])


def _property_boxes(each: list[list[Any]], entries: Mapping[str, Any]) -> bytes:
    """The properties of all pictures and which belong to which: those they had, and ours."""
    stored: list[bytes] = []
    belonging = []
    for number, properties in enumerate(each, 1):
        mine = [(box.kind, make_box(box.kind, box.content)) for box in properties]
        if number == 1:
            if isinstance(entries.get("icc_profile"), bytes):
                mine.append((b"colr", make_box(b"colr", b"prof", entries["icc_profile"])))
            mine += [(box[4:8], box) for box in _turned(entries.get("orientation", 1))]
        indices = []
        for kind, box in mine:
            if box not in stored:
                stored.append(box)
            essential = 0x80 if kind in (b"av1C", b"irot", b"imir") else 0
            indices.append(essential | stored.index(box) + 1)
        belonging.append(struct.pack(">HB", number, len(indices)) + bytes(indices))
    association = _full(b"ipma", struct.pack(">I", len(belonging)), *belonging)
    return make_box(b"iprp", make_box(b"ipco", *stored), association)


def _turned(orientation: Any) -> list[bytes]:
    """An EXIF orientation as turn (counter-clockwise quarters) and mirror (0: top and bottom exchanged, 1: sides)."""
    turn, axis = {2: (0, 1), 3: (2, None), 4: (0, 0), 5: (1, 0), 6: (3, None), 7: (3, 0), 8: (1, None)}.get(
        orientation, (0, None)
    )
    found = [make_box(b"irot", bytes([turn]))] if turn else []
    return found + ([make_box(b"imir", bytes([axis]))] if axis is not None else [])
