r"""The tags of a TIFF structure, an EXIF block or a TIFF file: found, read, and changed in place.

::

    classic   "II*\0" or "MM\0*" | offset u32 of the first directory
              directory: count u16 | 12 bytes each: number u16, type u16, count u32, value or its offset | next u32
    BigTIFF   "II+\0" or "MM\0+" | 8 u16, 0 u16 | offset u64
              directory: count u64 | 20 bytes each: number u16, type u16, count u64, value or its offset | next u64

Directories: ``image`` (the first), ``exif`` (tag 34665 leads to it) and ``gps`` (tag 34853). Changing a tag moves
nothing else: what grows is put at the end, what was replaced is zeroed. So makers' notes, which hold offsets of
their own, stay readable, and the pixels of a TIFF file stay where they are.

Sources: Adobe TIFF 6.0 (1992), section 2; CIPA DC-008-2023 (Exif 3.0), 4.6; BigTIFF (libtiff, "The BigTIFF File
Format").
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, NamedTuple

__all__ = ["EMPTY", "Edit", "Entry", "FileBytes", "Place", "TagValue", "Tags", "directories"]

#: A block without a tag.
EMPTY = b"II*\0\x08\0\0\0\0\0\0\0\0\0"

#: Bytes of one value of each type (TIFF 6.0, section 2; 13 is an offset, 129 UTF-8 text of Exif 3.0).
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_TEXTS = (2, 129)

#: Tags whose value is the place of another directory.
_POINTERS = {"exif": 34665, "gps": 34853}

#: A value of more bytes than this is an array of the pixels' own, not a fact to show.
_MOST_SHOWN = 1 << 16

#: The count of a classic directory has 16 bits; more of them is damage in the other kind too.
_MOST_TAGS = 65535

Place = tuple[str, int]


class TagValue(NamedTuple):
    """What a tag holds: its TIFF type and its values (fractions or pairs of rationals; bytes of bytes and text)."""

    kind: int
    values: tuple[Any, ...] | bytes


class Entry(NamedTuple):
    """One tag of a directory: where its entry is, and where the bytes of its value are."""

    number: int
    kind: int
    amount: int
    at: int
    place: int
    size: int


class Edit(NamedTuple):
    """What a change writes: bytes over bytes that are there, and bytes behind the end."""

    patches: list[tuple[int, bytes]]
    tail: bytes

    def applied(self, block: bytes) -> bytes:
        """The block after the change."""
        changed = bytearray(block)
        for at, data in self.patches:
            changed[at : at + len(data)] = data
        return bytes(changed) + self.tail

    def write(self, stream: BinaryIO, size: int) -> None:
        """Nothing; a file of ``size`` bytes, open for writing, is then changed."""
        for at, data in [*self.patches, (size, self.tail)]:
            stream.seek(at)
            stream.write(data)


class FileBytes:
    """A file whose bytes are read when a slice of them is asked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, os.SEEK_END)

    def __len__(self) -> int:
        """Bytes in the file."""
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Some of its bytes."""
        start, stop, _ = part.indices(self._size)
        self._stream.seek(start)
        return self._stream.read(max(0, stop - start))


@dataclass(frozen=True)
class _Layout:
    """Sizes of a directory's parts: classic or BigTIFF."""

    order: str
    offset: str
    count: str
    entry: int

    @property
    def inline(self) -> int:
        """Bytes that fit into an entry."""
        return struct.calcsize(self.offset)


@dataclass
class _Directory:
    """A directory: where the offset that leads to it stands, where it is (-1: not yet), its entries, the next one."""

    link: int
    at: int
    entries: list[Entry]
    following: int


class Tags:
    """The tags of a block or a file; damaged ones are not among them.

    Parameters
    ----------
    data : bytes-like
        The block, or the file from its first byte on (a memory map will do).
    page : int
        Which directory of the chain is ``image``.
    directory : int, optional
        Where ``image`` is, if that is known already: such tags can only be read.

    Raises
    ------
    ValueError
        If it has no such structure.
    """

    def __init__(self, data: Any, *, page: int = 0, directory: int | None = None) -> None:
        self._data = data
        self._layout = _layout(bytes(data[:4]))
        self.order = self._layout.order
        self._directories: dict[str, _Directory] = {}
        if directory is None:
            self._directories["image"] = self._directory(self._link(page))
        else:
            self._directories["image"] = self._directory_at(-1, directory)
        for name, number in _POINTERS.items():
            pointer = self.entry("image", number)
            if pointer is not None and pointer.amount == 1 and pointer.size == self._layout.inline:
                try:
                    self._directories[name] = self._directory(pointer.place)
                except ValueError:
                    continue

    def _number(self, code: str, at: int) -> int:
        """A whole number of the structure."""
        return _number(self._data, self.order + code, at)

    def _end(self, at: int, count: int) -> int:
        """Where the offset of the next directory stands."""
        return at + struct.calcsize("=" + self._layout.count) + count * self._layout.entry

    def _link(self, page: int) -> int:
        """Where the offset of a directory of the chain stands."""
        link = 4 if self._layout.inline == 4 else 8
        seen = set()
        for _ in range(page):
            directory = self._directory(link)
            if directory.at in seen:
                raise ValueError("the chain of directories leads back into itself")
            seen.add(directory.at)
            link = self._end(directory.at, len(directory.entries))
        return link

    def _directory(self, link: int) -> _Directory:
        """The directory that the offset at ``link`` leads to."""
        return self._directory_at(link, self._number(self._layout.offset, link))

    def _directory_at(self, link: int, at: int) -> _Directory:
        """The directory at a place."""
        count = self._number(self._layout.count, at) if at else 0
        end = self._end(at, count)
        if not at or end > len(self._data) or count > _MOST_TAGS:
            raise ValueError("a directory is cut off")
        following = self._number(self._layout.offset, end) if end + self._layout.inline <= len(self._data) else 0
        first = at + struct.calcsize("=" + self._layout.count)
        entries = [self._entry(first + index * self._layout.entry) for index in range(count)]
        return _Directory(link, at, entries, following)

    def _entry(self, at: int) -> Entry:
        """One entry; of an unknown type, or with its value outside the data, it has size -1."""
        number, kind = self._number("H", at), self._number("H", at + 2)
        count = self._number(self._layout.offset, at + 4)
        inside = at + 4 + self._layout.inline
        size = _SIZES.get(kind, 0) * count
        place = inside if size <= self._layout.inline else self._number(self._layout.offset, inside)
        if kind not in _SIZES or place + size > len(self._data):
            return Entry(number, kind, count, at, inside, -1)
        return Entry(number, kind, count, at, place, size)

    def entry(self, directory: str, number: int) -> Entry | None:
        """A sound tag, or None."""
        held = self._directories.get(directory)
        found = (entry for entry in (held.entries if held else ()) if entry.number == number and entry.size >= 0)
        return next(found, None)

    def places(self) -> Iterator[Place]:
        """Directory and number of every sound tag, but those that only lead to other directories."""
        for name, directory in self._directories.items():
            for entry in directory.entries:
                if entry.size >= 0 and not (name == "image" and entry.number in _POINTERS.values()):
                    yield name, entry.number

    def spans(self) -> Iterator[tuple[int, int]]:
        """The bytes of the directories themselves."""
        for directory in self._directories.values():
            yield directory.at, self._end(directory.at, len(directory.entries)) + self._layout.inline

    def links(self) -> Iterator[tuple[int, int]]:
        """The bytes of the offset that leads to ``image``."""
        link = self._directories["image"].link
        yield link, link + self._layout.inline

    def value(self, directory: str, number: int) -> Any:
        """The value: text, bytes, a number, a fraction, or a tuple of numbers; None where there is none.

        A fraction with 0 below is ``float("inf")`` or NaN.
        """
        entry = self.entry(directory, number)
        if entry is None or entry.size > _MOST_SHOWN or (entry.size == 0 and entry.kind not in _TEXTS):
            return None
        raw = bytes(self._data[entry.place : entry.place + entry.size])
        if entry.kind in _TEXTS:
            return _text(raw)
        if entry.kind == 7 or (entry.kind == 1 and entry.amount > 4):
            return raw
        if entry.kind in (5, 10):
            pairs = struct.unpack(f"{self.order}{2 * entry.amount}{'I' if entry.kind == 5 else 'i'}", raw)
            values: tuple[Any, ...] = tuple(_ratio(*pairs[at : at + 2]) for at in range(0, len(pairs), 2))
        else:
            values = struct.unpack(f"{self.order}{entry.amount}{_NUMBERS[entry.kind]}", raw)
        return values[0] if len(values) == 1 else values

    def stored(self, directory: str, number: int) -> TagValue | None:
        """The value as it is stored, for another structure to hold; None where there is none."""
        entry = self.entry(directory, number)
        if entry is None:
            return None
        raw = bytes(self._data[entry.place : entry.place + entry.size])
        if entry.kind in (5, 10):
            numbers = struct.unpack(f"{self.order}{2 * entry.amount}{'I' if entry.kind == 5 else 'i'}", raw)
            return TagValue(entry.kind, tuple(zip(numbers[::2], numbers[1::2], strict=True)))
        if _SIZES[entry.kind] == 1:
            return TagValue(entry.kind, raw)
        return TagValue(entry.kind, struct.unpack(f"{self.order}{entry.amount}{_NUMBERS[entry.kind]}", raw))

    def edited(self, changes: Mapping[Place, TagValue | None]) -> Edit:
        """What to write so that the tags have other values; None takes one away.

        Raises
        ------
        ValueError
            If a value does not fit its type, or the data would outgrow its offsets.
        """
        return _Change(self._data, self._layout, self._directories).made(changes)


def _number(data: Any, code: str, at: int) -> int:
    """A whole number at a place of the data."""
    size = struct.calcsize(code)
    if at < 0 or at + size > len(data):
        raise ValueError("a directory is cut off")
    return int(struct.unpack(code, data[at : at + size])[0])


def directories(data: Any) -> Iterator[int]:
    """Where the directories of the chain are, as far as it goes and does not come back.

    Parameters
    ----------
    data : bytes-like
        A block or a file.
    """
    layout = _layout(bytes(data[:4]))
    link = 4 if layout.inline == 4 else 8
    seen: set[int] = set()
    try:
        while (at := _number(data, layout.order + layout.offset, link)) and at not in seen:
            seen.add(at)
            yield at
            count = _number(data, layout.order + layout.count, at)
            link = at + struct.calcsize("=" + layout.count) + count * layout.entry
    except ValueError:
        return


def _layout(magic: bytes) -> _Layout:
    """The layout that the first four bytes tell."""
    order = {b"II": "<", b"MM": ">"}.get(magic[:2])
    version = struct.unpack(order + "H", magic[2:])[0] if order and len(magic) == 4 else 0
    if order is None or version not in (42, 43):
        raise ValueError("no TIFF structure")
    return _Layout(order, "I", "H", 12) if version == 42 else _Layout(order, "Q", "Q", 20)


def _text(raw: bytes) -> str:
    """Text up to its first 0, or the text behind it where that is blank (TIFF 6.0, Copyright)."""
    pieces = [piece for piece in raw.split(b"\0") if piece.strip()] or [b""]
    try:
        return pieces[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        return pieces[0].decode("latin-1").strip()


def _terms(value: Any) -> tuple[int, int]:
    """Above and below of a fraction, or of a pair that may have 0 below."""
    return value if isinstance(value, tuple) else Fraction(value).as_integer_ratio()


def _ratio(above: int, below: int) -> Fraction | float:
    """A rational number of the file."""
    if below:
        return Fraction(above, below)
    return float("inf") if above else float("nan")


class _Change:
    """One change of a structure, as patches and a tail."""

    def __init__(self, data: Any, layout: _Layout, directories: Mapping[str, _Directory]) -> None:
        self._data = data
        self._layout = layout
        self._directories = dict(directories)
        self._patches: list[tuple[int, bytes]] = []
        self._tail = bytearray(b"\0" * (len(data) % 2))

    def made(self, changes: Mapping[Place, TagValue | None]) -> Edit:
        """The patches and the tail."""
        moved: dict[int, bytes] = {}
        for name, pointer in _POINTERS.items():
            wanted = {number: value for (directory, number), value in changes.items() if directory == name}
            held = self._directories.get(name, _Directory(-1, -1, [], 0))
            if wanted and (held.at >= 0 or any(value is not None for value in wanted.values())):
                place = self._change(held, wanted)
                if place != held.at:
                    moved[pointer] = self._pack(place)
        wanted = {number: value for (directory, number), value in changes.items() if directory == "image"}
        image = self._directories["image"]
        if wanted or moved:
            place = self._change(image, wanted, moved=moved)
            if place != image.at:
                self._patches.append((image.link, self._pack(place)))
        if len(self._data) + len(self._tail) >= 2 ** (8 * self._layout.inline):
            raise ValueError("the data would outgrow its 32-bit offsets")
        return Edit(self._patches, bytes(self._tail))

    def _pack(self, offset: int) -> bytes:
        """An offset as the structure stores it."""
        return struct.pack(self._layout.order + self._layout.offset, offset)

    def _change(
        self,
        directory: _Directory,
        wanted: Mapping[int, TagValue | None],
        *,
        moved: Mapping[int, bytes] | None = None,
    ) -> int:
        """Where the directory is after the change; ``moved`` are the offsets of other directories."""
        values = {number: self._encoded(value) for number, value in wanted.items() if value is not None}
        entries: dict[int, bytes] = {}
        for entry in directory.entries:
            if entry.number in wanted:
                known = values.get(entry.number)
                if known and known[0] == entry.kind and len(known[2]) == entry.size > self._layout.inline:
                    self._patches.append((entry.place, known[2]))  # it fits where the old one was
                    del values[entry.number]
                else:
                    self._wipe(entry)
                    continue
            entries.setdefault(entry.number, bytes(self._data[entry.at : entry.at + self._layout.entry]))
        for number, (kind, count, raw) in values.items():
            entries[number] = self._new_entry(number, kind, count, raw)
        for number, raw in (moved or {}).items():
            entries[number] = self._new_entry(number, 4 if self._layout.inline == 4 else 16, 1, raw)
        return self._placed(directory, [entries[number] for number in sorted(entries)])

    def _encoded(self, value: TagValue) -> tuple[int, int, bytes]:
        """Type, count and bytes of a value."""
        if isinstance(value.values, bytes):
            return value.kind, len(value.values), value.values
        order = self._layout.order
        try:
            if value.kind in (5, 10):
                pairs = [number for item in value.values for number in _terms(item)]
                code = "I" if value.kind == 5 else "i"
                return value.kind, len(value.values), struct.pack(f"{order}{len(pairs)}{code}", *pairs)
            code = _NUMBERS[value.kind]
            return value.kind, len(value.values), struct.pack(f"{order}{len(value.values)}{code}", *value.values)
        except struct.error as error:
            raise ValueError(f"{value.values} does not fit its tag: {error}") from None

    def _new_entry(self, number: int, kind: int, count: int, raw: bytes) -> bytes:
        """The bytes of an entry; a longer value goes behind the end."""
        head = struct.pack(f"{self._layout.order}HH{self._layout.offset}", number, kind, count)
        if len(raw) <= self._layout.inline:
            return head + raw.ljust(self._layout.inline, b"\0")
        return head + self._pack(self._append(raw))

    def _append(self, raw: bytes) -> int:
        """The place of bytes put behind the end, at an even one."""
        place = len(self._data) + len(self._tail)
        self._tail += raw + b"\0" * (len(raw) % 2)
        return place

    def _wipe(self, entry: Entry) -> None:
        """Zero a value that is no longer used, unless another tag shares it."""
        outside = entry.size > self._layout.inline
        others = (other for held in self._directories.values() for other in held.entries if other is not entry)
        if outside and not any(
            other.place < entry.place + entry.size and entry.place < other.place + other.size for other in others
        ):
            self._patches.append((entry.place, bytes(entry.size)))

    def _placed(self, directory: _Directory, entries: list[bytes]) -> int:
        """Where a directory with these entries is: in place when it has not grown, else behind the end."""
        order, layout = self._layout.order, self._layout
        following = self._pack(directory.following)
        content = struct.pack(order + layout.count, len(entries)) + b"".join(entries) + following
        room = struct.calcsize("=" + layout.count) + len(directory.entries) * layout.entry + layout.inline
        if directory.at >= 0:
            room = min(room, len(self._data) - directory.at)
        if directory.at >= 0 and len(entries) <= len(directory.entries):
            self._patches.append((directory.at, content.ljust(room, b"\0")[:room]))
            return directory.at
        place = self._append(content)
        if directory.at >= 0:
            self._patches.append((directory.at, bytes(room)))
        return place
