"""What a file's header says of its Cryptomatte layers: names, ranks, manifests.

Layout (Cryptomatte specification 1.2, Psyop)::

    cryptomatte/<key>/name         "CryptoObject"            the layer
    cryptomatte/<key>/hash         "MurmurHash3_32"
    cryptomatte/<key>/conversion   "uint32_to_float32"
    cryptomatte/<key>/manifest     {"car": "c3a18d3c", …}    or manif_file: a path beside the picture

    CryptoObject.R …               a preview, no data
    CryptoObject00.R .G .B .A      id and coverage of ranks 0 and 1
    CryptoObject01.R .G .B .A      of ranks 2 and 3, and so on

``<key>`` is any text; the specification makes it the first seven hexadecimal digits of the name's hash. Channels are
also called r, g, b, a or red, green, blue, alpha; in files of many parts the part's name may stand for the layer's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vfx.errors import FormatError
from vfx.io._limits import limits

__all__ = ["CONVERSION", "HASH", "Group", "LayerHeader", "Rank", "find_layers", "parse_manifest", "sidecar"]

HASH, CONVERSION = "MurmurHash3_32", "uint32_to_float32"
_ENTRY = re.compile(r"cryptomatte/(?P<key>.+)/(?P<field>name|hash|conversion|manifest|manif_file)")
_PLACES = {"r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2, "a": 3, "alpha": 3}
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,8})")


@dataclass(frozen=True)
class Group:
    """Attributes and channels that belong together: a part of a file, or an image.

    Attributes
    ----------
    index : int
        Of the part.
    name : str
        Of the part.
    texts : mapping of str to str
        The attributes that are text.
    channels : mapping of str to str
        Channel names without the view → as they are in the file.
    identities : mapping of str to mapping
        Channel as it is in the file → name → id, of OpenEXR's own manifest.
    """

    index: int
    name: str
    texts: Mapping[str, str]
    channels: Mapping[str, str]
    identities: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rank:
    """Where the ids and the coverages of one rank are: a part, and two of its channels."""

    part: int
    identity: str
    coverage: str


@dataclass(frozen=True)
class LayerHeader:
    """One layer, as the headers of all parts describe it.

    Attributes
    ----------
    name, hash, conversion : str
        As stored.
    ranks : tuple of Rank
        In falling order of coverage.
    manifests : tuple of (bool, str)
        What each part gives: the manifest's text, or with True the path of its file.
    identities : mapping of str to int
        Name → id of what OpenEXR's own manifest says of the layer's channels.
    """

    name: str
    hash: str
    conversion: str
    ranks: tuple[Rank, ...]
    manifests: tuple[tuple[bool, str], ...]
    identities: Mapping[str, int]


def find_layers(groups: Iterable[Group], label: str) -> dict[str, LayerHeader]:
    """The layers of a file by name, in the order of its header.

    Raises
    ------
    FormatError
        If a layer has no name, or a rank only one of its two channels.
    """
    held = list(groups)
    found: dict[str, LayerHeader] = {}
    for group in held:
        for key, fields in _entries(group.texts).items():
            name = fields.get("name", "")
            if not name:
                raise FormatError(f"the Cryptomatte layer of key {key!r} has no name", path=label)
            known = found.get(name)
            manifests = known.manifests if known else ()
            for is_file, entry in ((False, "manifest"), (True, "manif_file")):
                if fields.get(entry) and (is_file, fields[entry]) not in manifests:
                    manifests += ((is_file, fields[entry]),)
            ranks = known.ranks if known else _ranks(held, name, label)
            said = _identities(held, ranks)
            found[name] = LayerHeader(
                name, fields.get("hash", ""), fields.get("conversion", ""), ranks, manifests, said
            )
    return found


def _identities(groups: Iterable[Group], ranks: Iterable[Rank]) -> dict[str, int]:
    """Name → id of the channels that hold ids, by OpenEXR's own manifest."""
    channels = {(rank.part, rank.identity) for rank in ranks}
    found: dict[str, int] = {}
    for group in groups:
        for channel, names in group.identities.items():
            if (group.index, channel) in channels:
                found.update(names)
    return found


def _entries(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Key → field → text, of the attributes that are Cryptomatte's."""
    found: dict[str, dict[str, str]] = {}
    for attribute, text in texts.items():
        match = _ENTRY.fullmatch(attribute)
        if match:
            found.setdefault(match["key"], {})[match["field"]] = text
    return found


def _ranks(groups: Iterable[Group], name: str, label: str) -> tuple[Rank, ...]:
    """The ranks of a layer. The first part that has a channel gives it: later ones are other views."""
    pattern = re.compile(rf"{re.escape(name)}(\d+)\.([A-Za-z]+)")
    places: dict[tuple[int, int], tuple[int, str]] = {}
    for group in groups:
        for shown, stored in group.channels.items():
            match = pattern.fullmatch(shown) or pattern.fullmatch(f"{group.name}.{shown}")
            place = _PLACES.get(match[2].lower()) if match else None
            if match and place is not None:
                places.setdefault((int(match[1]), place), (group.index, stored))
    ranks = []
    for level in sorted({level for level, _ in places}):
        for first, second in ((0, 1), (2, 3)):
            pair = [places.get((level, place)) for place in (first, second)]
            identity, coverage = pair
            if identity is None and coverage is None:
                continue
            if identity is None or coverage is None or identity[0] != coverage[0]:
                missing = "RGBA"[first if identity is None else second]
                raise FormatError(f"Cryptomatte {name}: rank {name}{level:02d} lacks its channel {missing}", path=label)
            ranks.append(Rank(identity[0], identity[1], coverage[1]))
    return tuple(ranks)


def parse_manifest(text: str, where: str) -> dict[str, int]:
    """Name → id, of the JSON text of a manifest.

    Raises
    ------
    FormatError
        If it is no JSON object of hexadecimal numbers of 32 bits.
    """
    try:
        entries = json.loads(text)
    except RecursionError:
        raise FormatError("the manifest is nested too deeply", path=where) from None
    except ValueError as error:
        raise FormatError(f"the manifest is no JSON: {error}", path=where) from None
    if not isinstance(entries, dict):
        raise FormatError(f"a manifest is a JSON object of names and ids, not {type(entries).__name__}", path=where)
    found = {}
    for name, value in entries.items():
        match = _HEX.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise FormatError(f"the manifest's id of {name!r} is not 8 hexadecimal digits: {value!r}", path=where)
        found[name] = int(match[1], 16)
    return found


def sidecar(path: Path | None, relative: str, label: str) -> str:
    """The text of a manifest in a file of its own, given relative to the picture.

    Raises
    ------
    FormatError
        If there is no telling where it is, or it is absolute, missing or no text.
    """
    if path is None:
        raise FormatError(
            f"the manifest is in the file {relative!r} beside the picture, whose folder is not known; give manifest=",
            path=label,
        )
    if Path(relative).is_absolute() or "\\" in relative or "\0" in relative:
        raise FormatError(f"manif_file must be relative to the picture, with slashes, got {relative!r}", path=label)
    place = path.parent / relative
    if not place.is_file():
        raise FormatError(f"there is no manifest file {place}", path=label)
    limits.check_attribute("the manifest", place.stat().st_size, str(place))
    try:
        return place.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"the manifest is no UTF-8 text: {error.reason}", path=str(place)) from None
