"""Saving an EXR file again without touching its pixels: chunks are copied as they are, headers are written anew."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from vfx._atomic import atomic
from vfx.checks import integer, number
from vfx.errors import ChannelError
from vfx.io._exr_attributes import Attribute, encode_value
from vfx.io._exr_chunks import DEEP, MULTIPART, Chunk, find_chunks
from vfx.io._exr_header import FileHeader, PartHeader, parse, serialise_parts, window_attribute
from vfx.io._exr_metadata import attributes_of, metadata_of
from vfx.io._exr_places import chunk_total
from vfx.io._exr_plan import SHARED
from vfx.io._source import Source, open_source

__all__ = ["copy_bytes", "rewrite"]

_BLOCK = 1 << 22
_TILED = 0x200
#: Entries of ``edit`` that are properties of an image, not metadata.
_PROPERTIES = ("display_window", "name", "pixel_aspect")
#: Attributes that every part must have ("OpenEXR File Layout", "Header Attributes (All Files)").
_REQUIRED = ("screenWindowCenter", "screenWindowWidth")


def _find_part(header: FileHeader, part: int | str, label: str) -> int:
    """Index of the part that is asked for by index or name."""
    parts = header.parts
    if isinstance(part, str):
        names = [candidate.name for candidate in parts]
        if part not in names:
            raise ChannelError(f"{label}: no part {part!r}; the parts are: {', '.join(map(repr, names))}")
        return names.index(part)
    index = integer("part", part)
    if not 0 <= index < len(parts):
        raise ChannelError(f"{label}: no part {index}; the file has {len(parts)}, counted from 0")
    return index


def _property(name: str, value: Any) -> tuple[str, Attribute]:
    """The attribute behind a property of an image that does not touch its pixels."""
    if name == "name":
        return "name", encode_value("name", str(value))
    if name == "pixel_aspect":
        aspect = number("pixel_aspect", value, low=0.0)
        return "pixelAspectRatio", Attribute("float", struct.pack("<f", aspect))
    corners = [integer("display_window", corner) for corner in value]
    if len(corners) != 4 or corners[2] < corners[0] or corners[3] < corners[1]:
        raise ValueError(f"display_window must be (x0, y0, x1, y1), got {value!r}")
    x0, y0, x1, y1 = corners
    return "displayWindow", window_attribute("display_window", (x0, y0, x1, y1))


def _as_before(name: str, stored: Attribute, before: Attribute | None) -> Attribute:
    """A new number in the type that the attribute has had: 24 stays a float where 24.0 was one."""
    codes = {"int": "<i", "float": "<f", "double": "<d"}
    if before is None or before.type == stored.type or {before.type, stored.type} - set(codes):
        return stored
    (value,) = struct.unpack(codes[stored.type], stored.data)
    if before.type == "int" and value != int(value):
        return stored
    return encode_value(name, {"int": int, "float": float, "double": np.float64}[before.type](value))


class _Edit:
    """The changes that ``edit`` asks for, to be made in one part after the other."""

    def __init__(self, edit: Mapping[str, Any], label: str) -> None:
        self.label = label
        self.erased = dict.fromkeys((key for key, value in edit.items() if value is None), False)
        for key in self.erased:
            if key in _PROPERTIES or key.removeprefix("exr:") in _REQUIRED:
                raise ValueError(f"{key} cannot be erased: every file has it")
        own = {key: value for key, value in edit.items() if key in _PROPERTIES and value is not None}
        self.changes = attributes_of({key: value for key, value in edit.items() if key not in own})
        self.changes.update(_property(key, value) for key, value in own.items())

    def make(self, attributes: dict[str, Attribute]) -> dict[str, Attribute]:
        """The attributes with the changes; those that stay keep their place."""
        kept = {}
        for name, stored in attributes.items():
            keys = {f"exr:{name}", *metadata_of({name: stored})} & self.erased.keys()
            self.erased.update(dict.fromkeys(keys, True))
            if not keys:
                kept[name] = stored
        for name, stored in self.changes.items():
            kept[name] = _as_before(name, stored, kept.get(name))
        return kept

    def check(self) -> None:
        """Raise where a part was to lose what none has."""
        missing = [key for key, found in self.erased.items() if not found]
        if missing:
            raise ValueError(f"{self.label}: there is no {', '.join(map(repr, missing))} to erase")


def _chosen_parts(header: FileHeader, parts: Sequence[int | str] | int | str | None, label: str) -> list[int]:
    """The parts to keep, in the order asked for."""
    if parts is None:
        return list(range(len(header.parts)))
    wanted = [parts] if isinstance(parts, (int, str)) else list(parts)
    found = [_find_part(header, part, label) for part in wanted]
    if not found or len(set(found)) != len(found):
        raise ValueError(f"parts must name one part or several different ones, got {parts!r}")
    return found


def _check_names(headers: Sequence[Mapping[str, Attribute]]) -> None:
    """Raise when parts of one file would have the same name."""
    names = [
        attributes["name"].data.decode("utf-8", "surrogateescape") for attributes in headers if "name" in attributes
    ]
    for name in names:
        if len(headers) > 1 and names.count(name) > 1:
            raise ValueError(f"there would be two parts named {name!r}")


def _check_shared(before: Sequence[Mapping[str, Attribute]], after: Sequence[Mapping[str, Attribute]]) -> None:
    """Raise when an edit of one part parts it from the others in what all parts of a file have alike."""
    for name in SHARED:
        was, now = ({attributes.get(name) for attributes in parts} for parts in (before, after))
        if len(was) == 1 < len(now):
            raise ValueError(f"all parts of a file have the same {name}: edit all of them")


def _flags(header: FileHeader, kept: Sequence[PartHeader]) -> int:
    """The version flags for the parts that are kept: those of the file while none is left out."""
    if len(kept) == len(header.parts):
        return header.flags
    deep = DEEP if any(part.deep for part in kept) else 0
    if len(kept) > 1:
        return MULTIPART | deep
    return deep or (_TILED if kept[0].tiles is not None else 0)


def copy_bytes(source: BinaryIO, target: BinaryIO, offset: int, count: int) -> None:
    """Some bytes of the source to the end of the target."""
    source.seek(offset)
    while count:
        block = source.read(min(count, _BLOCK))
        if not block:
            raise OSError(5, "the source became shorter while it was copied")
        target.write(block)
        count -= len(block)


class _Copy:
    """The new file: its header, its tables, and which bytes of the old one follow."""

    def __init__(self, source: Source, edit: _Edit, parts: Any, part: int | str | None) -> None:
        header = parse(source.stream(), source.size, source.label)
        kept = _chosen_parts(header, parts, source.label)
        edited = None if part is None else _find_part(header, part, source.label)
        headers = [
            edit.make(header.parts[index].attributes) if edited in (None, index) else header.parts[index].attributes
            for index in kept
        ]
        edit.check()
        _check_names(headers)
        if edited is not None and len(kept) > 1:
            _check_shared([header.parts[index].attributes for index in kept], headers)
        for index in kept:
            _ = header.parts[index].channels  # a damaged list is refused here, where the file has its name
        flags = _flags(header, [header.parts[index] for index in kept])
        self.source = source
        self.header = serialise_parts(headers, flags)
        self.numbers = {old: new for new, old in enumerate(kept)}
        self.moves = (flags ^ header.flags) & MULTIPART > 0
        self.numbered = bool(header.flags & MULTIPART)
        chunks = find_chunks(source.stream(), source.size, header)
        self.chunks = [chunk for chunk in chunks if chunk.part in self.numbers]
        self.tables = [np.zeros(chunk_total(header.parts[index]), "<u8") for index in kept]

    def write(self, target: BinaryIO) -> None:
        """Nothing; ``target`` then holds the file."""
        position = len(self.header) + sum(table.nbytes for table in self.tables)
        spans: list[tuple[bytes, int, int]] = []
        for chunk in self.chunks:
            self.tables[self.numbers[chunk.part]][chunk.place] = position
            prefix, offset, size = self._piece(chunk)
            if not prefix and spans and sum(spans[-1][1:]) == offset:
                before = spans.pop()
                spans.append((before[0], before[1], before[2] + size))
            else:
                spans.append((prefix, offset, size))
            position += len(prefix) + size
        target.write(self.header)
        target.writelines(table.tobytes() for table in self.tables)
        stream = self.source.stream()
        for prefix, offset, size in spans:
            target.write(prefix)
            copy_bytes(stream, target, offset, size)

    def _piece(self, chunk: Chunk) -> tuple[bytes, int, int]:
        """New bytes in front of a chunk, and which of its own follow."""
        if self.moves:  # of several parts one is left, whose chunks have no number
            return b"", chunk.offset + 4, chunk.size - 4
        if self.numbered and self.numbers[chunk.part] != chunk.part:
            return struct.pack("<i", self.numbers[chunk.part]), chunk.offset + 4, chunk.size - 4
        return b"", chunk.offset, chunk.size


def rewrite(
    source: Any,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    edit: Mapping[str, Any] | None = None,
    part: int | str | None = None,
    parts: Sequence[int | str] | int | str | None = None,
) -> None:
    """Nothing; ``target`` then holds the same file with other metadata, its pixels copied byte for byte.

    Every attribute, part, view, level and deep sample comes along: nothing is decompressed. The chunk tables are
    made anew. The target, which may be the source, appears whole or not at all.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    target : path or writable binary stream
        Where to write.
    edit : mapping, optional
        Metadata to set, by the names that ``image.metadata`` has: ``{"owner": "studio", "exr:shot": "sh010"}``; None
        erases. ``display_window``, ``pixel_aspect`` and ``name`` (of the part) can be set too. A number keeps the
        type that the attribute has had.
    part : int or str, optional
        Edit this part alone. Default: every part that is kept.
    parts : sequence of int or str, optional
        Keep only these parts, in this order; one that is left alone becomes a plain file.

    Raises
    ------
    FormatError
        If the file is damaged, or some chunk of it is missing.
    ChannelError
        If there is no such part.
    TypeError, ValueError
        If an entry of ``edit`` does not fit its type, describes the storage, or is to be erased and not there.
    OSError
        If the file cannot be written; an old file is then untouched.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx import Image
    >>> from vfx.io import exr
    >>> first, second = io.BytesIO(), io.BytesIO()
    >>> exr.write(first, Image(np.zeros((2, 2, 3), np.float16), metadata={"owner": "me"}))
    >>> rewrite(first.getvalue(), second, edit={"owner": None, "timecode": "01:00:00:00"})
    >>> info = exr.probe(second.getvalue())
    >>> str(info.metadata["timecode"]), "owner" in info.metadata
    ('01:00:00:00', False)
    """
    with open_source(source) as opened:
        changes = _Edit(edit or {}, opened.label)
        copy = _Copy(opened, changes, parts, part)
        if isinstance(target, (str, os.PathLike)):
            with atomic(target) as temporary, temporary.open("wb") as stream:
                copy.write(stream)
            return
        with tempfile.TemporaryFile() as scratch:
            copy.write(scratch)
            scratch.seek(0)
            shutil.copyfileobj(scratch, target)
