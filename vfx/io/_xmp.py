"""XMP packets: their properties, the words that all formats share among them, and packets with other words.

==============================  ==================  ===================================================
property                        word                form
==============================  ==================  ===================================================
``dc:title``                    title               alternatives by language
``dc:description``              comments            alternatives by language
``dc:rights``                   copyright           alternatives by language
``dc:creator``                  owner               list in order
``xmp:CreatorTool``             software            text
``exif:DateTimeOriginal``       capture_date        ISO 8601 (``xmp:CreateDate`` where that is absent)
``tiff:Make`` ``tiff:Model``    camera_make …       text
``exifEX:BodySerialNumber``     camera_serial       text; ``exifEX:LensMake``, ``LensModel``, ``LensSerialNumber``
``aux:Lens``                    lens_model          text, where ``exifEX:LensModel`` is absent
``exif:ExposureTime``           exposure_time       rational; ``exif:FNumber``, ``exif:FocalLength``
``exif:ISOSpeedRatings``        iso                 list in order
``xmpDM:tapeName``              reel_name           text
``xmpDM:startTimecode``         timecode            structure with ``xmpDM:timeValue``
==============================  ==================  ===================================================

A packet is changed where a property stands; all other bytes of it stay.

Sources: ISO 16684-1:2019 (XMP part 1), 7 and 8; Adobe XMP specification part 2 (2016), 1 to 3; CIPA DC-010-2020
(Exif metadata for XMP).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from vfx.io._exif_words import same
from vfx.io._typed import fraction_of, typed

__all__ = ["for_writing", "properties", "without", "words"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#: Namespaces by the prefix that the specifications give them.
_NAMESPACES = {
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
_PREFIXES = {uri: prefix for prefix, uri in _NAMESPACES.items()}

#: Word → its properties, the one that is written first, and the form that it is written in.
_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "camera_make": (("tiff:Make",), "text"),
    "camera_model": (("tiff:Model",), "text"),
    "camera_serial": (("exifEX:BodySerialNumber", "aux:SerialNumber"), "text"),
    "capture_date": (("exif:DateTimeOriginal", "xmp:CreateDate"), "text"),
    "comments": (("dc:description",), "Alt"),
    "copyright": (("dc:rights",), "Alt"),
    "aperture": (("exif:FNumber",), "text"),
    "exposure_time": (("exif:ExposureTime",), "text"),
    "focal_length": (("exif:FocalLength",), "text"),
    "iso": (("exif:ISOSpeedRatings", "exifEX:PhotographicSensitivity"), "Seq"),
    "lens_make": (("exifEX:LensMake",), "text"),
    "lens_model": (("exifEX:LensModel", "aux:Lens"), "text"),
    "lens_serial": (("exifEX:LensSerialNumber",), "text"),
    "owner": (("dc:creator",), "Seq"),
    "reel_name": (("xmpDM:tapeName",), "text"),
    "software": (("xmp:CreatorTool",), "text"),
    "timecode": (("xmpDM:startTimecode",), "timecode"),
    "title": (("dc:title",), "Alt"),
}
#: Words with no place in EXIF: they make a packet where there is none.
_ONLY_HERE = ("title",)

_DEEPEST, _MOST_PROPERTIES = 64, 10_000
_TAG = re.compile(rb"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>")
_DATE = re.compile(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)(:\d\d)?")
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""></rdf:Description></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
).encode()


@dataclass
class _Found:
    """A property: its value, and the bytes that it takes; ``attribute`` is its name where it is one of a tag."""

    value: Any
    start: int
    end: int
    attribute: bytes = b""


@dataclass
class _Packet:
    """What a packet holds: its properties, and the start tags of its descriptions."""

    found: dict[str, _Found] = field(default_factory=dict)
    descriptions: list[tuple[int, int]] = field(default_factory=list)


class _Reader:
    """The parser of one packet."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[tuple[str, int, dict[str, str], list[str], list[Any]]] = []
        self.packet = _Packet()
        parser = expat.ParserCreate(namespace_separator="\n")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text
        parser.EndElementHandler = self._end
        self._parser = parser
        parser.Parse(data, True)

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type in an XMP packet")

    def _text(self, characters: str) -> None:
        if self._open:
            self._open[-1][3].append(characters)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST or len(self.packet.found) > _MOST_PROPERTIES:
            raise ValueError("an XMP packet of too many elements")
        at = self._parser.CurrentByteIndex
        short = _name(name)
        known = {_name(key): value for key, value in attributes.items()}
        self._open.append((short, at, known, [], []))
        if short == "rdf:Description" and len(self._open) >= 2 and self._open[-2][0] == "rdf:RDF":
            tag = _TAG.match(self._data, at)
            end = tag.end() if tag else at
            raw = {_name(key): _raw_name(key) for key in attributes}
            self.packet.descriptions.append((at, end))
            for key, value in known.items():
                if not key.startswith(("rdf:", "xml:")) and ":" in key:
                    self.packet.found.setdefault(key, _Found(value, at, end, raw[key]))

    def _end(self, _: str) -> None:
        name, start, attributes, pieces, children = self._open.pop()
        value = _value(name, attributes, "".join(pieces), children)
        if not self._open:
            return
        self._open[-1][4].append((name, value))
        if self._open[-1][0] == "rdf:Description" and len(self._open) >= 2 and self._open[-2][0] == "rdf:RDF":
            closing = _TAG.match(self._data, self._parser.CurrentByteIndex)
            end = closing.end() if closing else start
            self.packet.found.setdefault(name, _Found(value, start, end))


def _name(name: str) -> str:
    """``prefix:local`` with the usual prefix of the namespace."""
    parts = name.split("\n")
    if len(parts) == 1:
        return name
    uri, local = parts[0], parts[1]
    if uri == _RDF:
        return f"rdf:{local}"
    usual = _PREFIXES.get(uri) or (parts[2] if len(parts) > 2 else uri.rstrip("/#").rpartition("/")[2])
    return f"{usual}:{local}"


def _raw_name(name: str) -> bytes:
    """The name as the packet spells it."""
    parts = name.split("\n")
    return (f"{parts[2]}:{parts[1]}" if len(parts) > 2 else parts[-1]).encode()


def _value(name: str, attributes: Mapping[str, str], text: str, children: list[tuple[str, Any]]) -> Any:
    """The value of an element: text, a list, or a dict of a structure."""
    inner = [(key, value) for key, value in children if value is not None]
    if name in ("rdf:Seq", "rdf:Bag"):
        return [value for key, value in inner if key == "rdf:li"]
    if name == "rdf:Alt":
        items = [value for key, value in inner if key == "rdf:li"]
        chosen = next((item["value"] for item in items if isinstance(item, dict) and item.get("default")), None)
        plain = [item["value"] if isinstance(item, dict) and "default" in item else item for item in items]
        return chosen if chosen is not None else plain[0] if plain else ""
    if (name == "rdf:li" and "xml:lang" in attributes) or "http://www.w3.org/XML/1998/namespace:lang" in attributes:
        return {"value": text, "default": "x-default" in attributes.values()}
    containers = [value for key, value in inner if key in ("rdf:Seq", "rdf:Bag", "rdf:Alt", "rdf:Description")]
    if containers:
        return containers[0]
    if inner and all(":" in key for key, _ in inner):
        return dict(inner)
    fields = {key: value for key, value in attributes.items() if not key.startswith(("rdf:", "xml")) and ":" in key}
    return fields or attributes.get("rdf:resource") or text.strip()


def _read(packet: bytes) -> _Packet | None:
    """What a packet holds; None where it is damaged, or in an encoding whose bytes cannot be counted."""
    body = packet.strip(b"\0 \t\r\n")
    if not body.startswith((b"<", b"\xef\xbb\xbf")) or b"\0" in body:
        return None
    try:
        return _Reader(packet.rstrip(b"\0")).packet
    except (expat.ExpatError, ValueError, LookupError):
        return None


def properties(packet: bytes) -> dict[str, Any]:
    """The properties of a packet by ``prefix:name``: text, lists, dicts of structures; none where it is damaged."""
    found = _read(packet)
    return {} if found is None else {name: one.value for name, one in found.found.items()}


def words(packet: bytes) -> dict[str, Any]:
    """The words that the packet says; what makes no sense is left out."""
    held = properties(packet)
    result = {}
    for word, (names, _) in _WORDS.items():
        value = next((held[name] for name in names if held.get(name)), None)
        try:
            read: Callable[[Any], Any] = _READERS.get(word, _as_text)
            told = None if value is None else read(value)
        except (TypeError, ValueError, ZeroDivisionError, KeyError):
            continue
        if told not in (None, ""):
            result[word] = told
    return result


def _as_text(value: Any) -> str | None:
    """Text; several are set apart by semicolons."""
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    """A number, or the first of several; ``28/10`` too."""
    text = value[0] if isinstance(value, list) and value else value
    number = float(fraction_of(text))
    return number if number > 0 else None


def _date(value: Any) -> str | None:
    """A date in the form of the words."""
    match = _DATE.match(value)
    return f"{match[1]}:{match[2]}:{match[3]} {match[4]}{match[5] or ':00'}" if match else None


def _timecode(value: Any) -> Any:
    """The time code of a structure."""
    return typed("timecode", value["xmpDM:timeValue"])


_READERS: dict[str, Callable[[Any], Any]] = {
    "capture_date": _date,
    "timecode": _timecode,
    **dict.fromkeys(("aperture", "exposure_time", "focal_length", "iso"), _number),
}


# ------------------------------------------------------------------ writing


def for_writing(
    entries: Mapping[str, Any],
    *,
    said: Mapping[str, Any] | None = None,
    native: Collection[str] = (),
    renewed: Collection[str] = (),
) -> bytes | None:
    """The packet to write for an image's metadata; None for none.

    A property is changed where its word differs from it; where the word is None it goes. A packet is made for
    words that nothing else in the file can say.

    Parameters
    ----------
    entries : mapping
        ``xmp`` (bytes) and the words of ``vfx.metadata``.
    said : mapping, optional
        What the image's EXIF block says: a word that is the same there was not changed by anyone.
    native : collection of str
        Words that the file has a place of its own for: their properties stay as they are.
    renewed : collection of str
        Those of them that were changed: a property of theirs follows.
    """
    packet = entries.get("xmp")
    given = isinstance(packet, bytes)
    known = words(packet) if isinstance(packet, bytes) else {}
    wanted: dict[str, Any] = {}
    for word in _WORDS:
        if word not in entries:
            continue
        value = typed(word, entries[word])
        told = said.get(word) if said and word not in renewed else None
        if value is None:
            stale = word in known
        elif word in native:
            stale = word in known and word in renewed and not same(known[word], value)
        else:
            stale = (word in known or word in _ONLY_HERE) and not any(
                same(one, value) for one in (known.get(word), told)
            )
        if stale:
            wanted[word] = value
    if not wanted:
        return packet if given else None
    base = packet if isinstance(packet, bytes) else _EMPTY
    return _changed(base, wanted) or (packet if given else None)


def without(packet: bytes, gone: Callable[[str], bool]) -> bytes:
    """The packet without the properties of the words and names that ``gone`` is true for (``xmp:dc:title``)."""
    found = _read(packet)
    if found is None:
        return packet
    names = {name for word, (held, _) in _WORDS.items() if gone(word) for name in held}
    names |= {name for name in found.found if gone(f"xmp:{name}")}
    return _with(packet, found, dict.fromkeys(names & found.found.keys()))


def _changed(packet: bytes, wanted: Mapping[str, Any]) -> bytes | None:
    """The packet with other words; None where there is no place in it."""
    found = _read(packet)
    if found is None or not found.descriptions:
        return None
    changes: dict[str, str | None] = {}
    for word, value in wanted.items():
        names, form = _WORDS[word]
        changes |= {name: None for name in names if name in found.found}
        if value is not None:
            changes[names[0]] = _element(names[0], form, _told(word, value))
    return _with(packet, found, changes)


def _told(word: str, value: Any) -> str:
    """A word as the text of its property."""
    if word == "capture_date":
        return re.sub(r"^(\d{4}):(\d\d):(\d\d) ", r"\1-\2-\3T", value)
    if isinstance(value, float):
        return str(round(value)) if word == "iso" else str(Fraction(value).limit_denominator(10_000))
    return str(value)


def _element(name: str, form: str, text: str) -> str:
    """A property as an element that declares its own prefixes."""
    prefix = name.partition(":")[0]
    content = escape(text)
    if form == "timecode":
        rate = "30DropTimecode" if ";" in text else "24Timecode"
        inner = f"<xmpDM:timeFormat>{rate}</xmpDM:timeFormat><xmpDM:timeValue>{content}</xmpDM:timeValue>"
        return (
            f'<{name} xmlns:xmpDM="{_NAMESPACES["xmpDM"]}" xmlns:rdf="{_RDF}" rdf:parseType="Resource">{inner}</{name}>'
        )
    if form == "text":
        return f'<{name} xmlns:{prefix}="{_NAMESPACES[prefix]}">{content}</{name}>'
    language = ' xml:lang="x-default"' if form == "Alt" else ""
    item = f"<rdf:{form}><rdf:li{language}>{content}</rdf:li></rdf:{form}>"
    return f'<{name} xmlns:{prefix}="{_NAMESPACES[prefix]}" xmlns:rdf="{_RDF}">{item}</{name}>'


def _with(packet: bytes, found: _Packet, changes: Mapping[str, str | None]) -> bytes:
    """The packet with properties replaced, taken away (None) or added."""
    patches: list[tuple[int, int, bytes]] = []
    added = []
    for name, element in changes.items():
        held = found.found.get(name)
        if held is not None and held.attribute:
            pattern = rb"\s+" + re.escape(held.attribute) + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')"
            place = re.compile(pattern).search(packet, held.start, held.end)
            if place:
                patches.append((*place.span(), b""))
        elif held is not None:
            patches.append((held.start, held.end, element.encode() if element else b""))
            continue
        if element:
            added.append(element)
    if added:
        end = found.descriptions[0][1]
        content = "".join(added).encode()
        if packet[end - 2 : end] == b"/>":
            patches.append((end - 2, end, b">" + content + b"</" + _tag_name(packet, found) + b">"))
        else:
            patches.append((end, end, content))
    return _patched(packet, patches)


def _tag_name(packet: bytes, found: _Packet) -> bytes:
    """The first description's name as the packet spells it."""
    start, end = found.descriptions[0]
    match = re.match(rb"<([^\s/>]+)", packet[start:end])
    return match[1] if match else b"rdf:Description"


def _patched(packet: bytes, patches: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The packet with ranges of bytes replaced."""
    result, at = [], 0
    for start, end, content in sorted(patches):
        result += [packet[at:start], content]
        at = end
    return b"".join([*result, packet[at:]])
