"""OpenEXR's ID manifests: what the ids in some channels of a file stand for.

The attribute ``idManifest``, of type ``idmanifest``, names for groups of channels the components of an id (a name, a
material …) and their texts for every id. Layout (OpenEXR 3.5, ``ImfIDManifest.h`` and "Storing IDs in OpenEXR"),
little-endian, as zlib data behind its size (u64; u32 in some files, told by the zlib header behind it)::

    version 0                                                             u32
    strings: count u32, length of each, bytes of each                     sorted; all but the first begin with how many
                                                                          bytes they share with the one before: a byte,
                                                                          or two (big-endian) after one above 255 bytes
    order: count u32, (first, last) u32 each                              index → string; what came before is left out
    groups u32, and for each:
        channels, components                                              as strings, without sharing
        lifetime u8, hash scheme, encoding scheme                         a text behind its length u32
        storage u8, ids u32                                               0: u64  1: u32  else: seven bits a byte
        of each id its difference from the one before, and an index into the order for each component

Lengths and indices have seven bits a byte, the lowest first; the top bit says that more follow.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vfx.checks import integer, one_of
from vfx.io._limits import limits

__all__ = ["LIFETIMES", "IDGroup", "IDManifest", "decode", "encode"]

#: How long an id means the same: in one frame, in one shot, always (``IDManifest::IdLifetime``).
LIFETIMES = ("frame", "shot", "stable")
_MASK = 2**64 - 1


@dataclass(frozen=True)
class IDGroup:
    """The ids of some channels.

    Parameters
    ----------
    channels : iterable of str
        The channels that hold the ids.
    components : iterable of str
        What the texts of an id are, e.g. ``("name", "material")``.
    table : mapping of int to str or iterable of str
        Id, 0 to 2**64 - 1 → a text for each component; a single text where there is one.
    lifetime : str
        ``"frame"``, ``"shot"`` or ``"stable"``.
    hash_scheme : str
        ``"unknown"``, ``"none"``, ``"custom"``, ``"MurmurHash3_32"``, ``"MurmurHash3_64"`` or another.
    encoding_scheme : str
        ``"id"`` (32 bits in one channel) or ``"id2"`` (64 bits in two).

    Raises
    ------
    TypeError, ValueError
        If an id has not a text for each component, or is no number of 64 bits.

    Examples
    --------
    >>> IDGroup(["id"], ["name"], {7: "car"}).table
    {7: ('car',)}
    """

    channels: tuple[str, ...]
    components: tuple[str, ...]
    table: dict[int, tuple[str, ...]]
    lifetime: str = "stable"
    hash_scheme: str = "unknown"
    encoding_scheme: str = "id"

    def __init__(
        self,
        channels: Iterable[str],
        components: Iterable[str],
        table: Mapping[int, str | Iterable[str]],
        *,
        lifetime: str = "stable",
        hash_scheme: str = "unknown",
        encoding_scheme: str = "id",
    ) -> None:
        named = tuple(components)
        texts: dict[int, tuple[str, ...]] = {}
        for identity, given in sorted(table.items()):
            number = integer("an id", identity, low=0, high=_MASK)
            texts[number] = (given,) if isinstance(given, str) else tuple(given)
            if len(texts[number]) != len(named):
                raise ValueError(f"id {number} needs {len(named)} texts, for {', '.join(named)}; got {texts[number]!r}")
        values = {
            "channels": tuple(sorted(set(channels))),
            "components": named,
            "table": texts,
            "lifetime": one_of("lifetime", lifetime, LIFETIMES),
            "hash_scheme": hash_scheme,
            "encoding_scheme": encoding_scheme,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        """Hash of what it is about."""
        return hash((self.channels, self.components, len(self.table)))


@dataclass(frozen=True)
class IDManifest:
    """What the ids in a file stand for, group by group. As metadata: ``image.metadata["exr:idManifest"]``.

    Parameters
    ----------
    groups : iterable of IDGroup
        For different channels.

    Examples
    --------
    >>> manifest = IDManifest([IDGroup(["id"], ["name"], {7: "car"})])
    >>> decode(encode(manifest)) == manifest
    True
    """

    groups: tuple[IDGroup, ...] = ()
    #: The bytes it was read from, which it is written as: another zlib would pack it otherwise.
    _stored: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __init__(self, groups: Iterable[IDGroup] = ()) -> None:
        object.__setattr__(self, "groups", tuple(groups))
        object.__setattr__(self, "_stored", b"")

    def texts(self, channel: str, identity: int) -> tuple[str, ...] | None:
        """The texts of an id in a channel; None when the manifest does not know it.

        Examples
        --------
        >>> IDManifest([IDGroup(["id"], ["name"], {7: "car"})]).texts("id", 7)
        ('car',)
        """
        found = (group.table.get(identity) for group in self.groups if channel in group.channels)
        return next((texts for texts in found if texts is not None), None)


class _Reader:
    """Bytes that are taken one after the other, never past the end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        end = self._at + count
        if count < 0 or end > len(self._data):
            raise ValueError("the ID manifest ends too early")
        found = self._data[self._at : end]
        self._at = end
        return found

    def number(self, layout: str) -> int:
        """The next number of a fixed size."""
        (found,) = struct.unpack(layout, self.take(struct.calcsize(layout)))
        return int(found)

    def varying(self) -> int:
        """The next number of seven bits a byte, of at most 64 bits."""
        found = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            found |= (byte & 127) << shift
            if byte < 128:
                return found & _MASK
        raise ValueError("a number of the ID manifest does not end")

    def count(self) -> int:
        """How many of something follow: each takes at least a byte."""
        found = self.number("<I")
        if found > len(self._data) - self._at:
            raise ValueError("the ID manifest counts more than it has")
        return found

    def strings(self) -> list[bytes]:
        """A list of texts."""
        return [self.take(length) for length in [self.varying() for _ in range(self.count())]]

    def text(self) -> str:
        """A text behind its length."""
        return _text(self.take(self.number("<I")))


def _text(data: bytes) -> str:
    """Text; bytes that are no UTF-8 survive as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    """The bytes of :func:`_text`."""
    return text.encode("utf-8", "surrogateescape")


def _expanded(shared: list[bytes]) -> list[str]:
    """The strings, each with what it shares with the one before."""
    found: list[bytes] = shared[:1]
    total = sum(map(len, shared))
    for stored in shared[1:]:
        size = 2 if len(found[-1]) > 255 else 1
        common = int.from_bytes(stored[:size], "big")
        if len(stored) < size or common > len(found[-1]):
            raise ValueError("a string of the ID manifest shares more than there is")
        total += common
        if total > limits.attribute_bytes:
            raise ValueError("the strings of the ID manifest are larger than vfx.io.limits.attribute_bytes")
        found.append(found[-1][:common] + stored[size:])
    return [_text(one) for one in found]


def _order(reader: _Reader, count: int) -> list[int]:
    """Index → string: runs of strings, of which those that came before are left out."""
    found: dict[int, None] = {}
    covered = 0
    for _ in range(reader.count()):
        first, last = reader.number("<i"), reader.number("<i")
        if not 0 <= first <= last < count:
            raise ValueError("the ID manifest names strings that it has not")
        covered += last - first + 1
        if covered > 64 * count + 1024:
            raise ValueError("the runs of the ID manifest overlap beyond reason")
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)


def _group(reader: _Reader, texts: list[str]) -> IDGroup:
    """One group; ``texts`` are in the order of their indices."""
    channels = [_text(one) for one in reader.strings()]
    components = [_text(one) for one in reader.strings()]
    lifetime = reader.number("<B")
    if lifetime >= len(LIFETIMES):
        raise ValueError(f"the ID manifest has a lifetime {lifetime}")
    hash_scheme, encoding_scheme = reader.text(), reader.text()
    storage = reader.number("<B")
    table: dict[int, tuple[str, ...]] = {}
    identity = 0
    for _ in range(reader.count()):
        step = reader.number("<Q") if storage == 0 else reader.number("<I") if storage == 1 else reader.varying()
        identity = (identity + step) & _MASK
        indices = [reader.varying() for _ in components]
        if identity in table or any(index >= len(texts) for index in indices):
            raise ValueError(f"id {identity} of the ID manifest is there twice, or its texts are not")
        table[identity] = tuple(texts[index] for index in indices)
    names = {"lifetime": LIFETIMES[lifetime], "hash_scheme": hash_scheme, "encoding_scheme": encoding_scheme}
    return IDGroup(channels, components, table, **names)


def decode(data: bytes) -> IDManifest:
    """The manifest in the bytes of an ``idmanifest`` attribute.

    Raises
    ------
    ValueError
        If they are damaged, or larger unpacked than ``vfx.io.limits.attribute_bytes``.
    """
    if len(data) < 8:
        raise ValueError("the ID manifest ends too early")
    start = 4 if any(data[4:8]) else 8
    size = int.from_bytes(data[:start], "little")
    if size > limits.attribute_bytes:
        raise ValueError(f"an ID manifest of {size} bytes is more than vfx.io.limits.attribute_bytes")
    try:
        plain = zlib.decompressobj().decompress(data[start:], max(size, 1))
    except zlib.error as error:
        raise ValueError(f"the ID manifest is no zlib data: {error}") from error
    if len(plain) != size:
        raise ValueError(f"the ID manifest has {len(plain)} bytes, not {size}")
    reader = _Reader(plain)
    if reader.number("<I") != 0:
        raise ValueError("an ID manifest of an unknown version")
    strings = _expanded(reader.strings())
    texts = [strings[index] for index in _order(reader, len(strings))]
    manifest = IDManifest(_group(reader, texts) for _ in range(reader.count()))
    object.__setattr__(manifest, "_stored", bytes(data))
    return manifest


def _varying(number: int) -> bytes:
    """A number as seven bits a byte."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _list(strings: Iterable[bytes]) -> bytes:
    """A list of texts."""
    held = list(strings)
    return b"".join([struct.pack("<I", len(held)), *(_varying(len(one)) for one in held), *held])


def _shared(strings: list[bytes]) -> list[bytes]:
    """Sorted strings, each without what it shares with the one before."""
    found = strings[:1]
    for before, one in itertools.pairwise(strings):
        most = min(len(before), len(one), 65535)
        common = next((at for at in range(most) if before[at] != one[at]), most)
        if len(before) <= 255:
            found.append(bytes([common]) + one[common:])
        else:
            found.append(common.to_bytes(2, "big") + one[common:])
    return found


def encode(manifest: IDManifest) -> bytes:
    """The bytes of an ``idmanifest`` attribute: those that it was read from, if it was.

    Raises
    ------
    TypeError
        If it is no manifest.
    """
    if not isinstance(manifest, IDManifest):
        raise TypeError(f"an ID manifest must be an IDManifest, got {type(manifest).__name__}")
    if manifest._stored:
        return manifest._stored
    texts = sorted({_bytes(one) for group in manifest.groups for entry in group.table.values() for one in entry})
    index_of = {one: index for index, one in enumerate(texts)}
    parts: list[Any] = [struct.pack("<I", 0), _list(_shared(texts))]
    parts.append(struct.pack("<3i", 1, 0, len(texts) - 1) if texts else struct.pack("<i", 0))
    parts.append(struct.pack("<I", len(manifest.groups)))
    for group in manifest.groups:
        parts += [_list(map(_bytes, group.channels)), _list(map(_bytes, group.components))]
        parts.append(struct.pack("<B", LIFETIMES.index(group.lifetime)))
        for scheme in map(_bytes, (group.hash_scheme, group.encoding_scheme)):
            parts.append(struct.pack("<I", len(scheme)) + scheme)
        parts.append(struct.pack("<BI", 2, len(group.table)))
        before = 0
        for identity in sorted(group.table):
            parts.append(_varying(identity - before))
            parts += [_varying(index_of[_bytes(one)]) for one in group.table[identity]]
            before = identity
    plain = b"".join(parts)
    return struct.pack("<Q", len(plain)) + zlib.compress(plain)
