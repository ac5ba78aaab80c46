"""Several EXR files as the parts of one: chunks are copied as they are, headers are put one behind the other."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from vfx.io._exr_attributes import Attribute, encode_value
from vfx.io._exr_chunks import DEEP, MULTIPART, Chunk, find_chunks
from vfx.io._exr_header import PartHeader, parse, serialise_parts
from vfx.io._exr_places import chunk_total
from vfx.io._exr_plan import SHARED
from vfx.io._exr_rewrite import copy_bytes
from vfx.io._exr_write import file_for
from vfx.io._source import Source, open_source

__all__ = ["combine"]


class _Piece(NamedTuple):
    """A chunk of a source, and the part that it will belong to."""

    source: Source
    chunk: Chunk
    part: int
    leader: int  # bytes of a part number in front of it


def _told(part: PartHeader, name: str) -> dict[str, Attribute]:
    """The attributes of a part with those that every part of several must have."""
    kind = part.type if part.deep or "type" in part.attributes else ("tiledimage" if part.tiles else "scanlineimage")
    told = {
        "name": encode_value("name", name),
        "type": encode_value("type", kind),
        "chunkCount": encode_value("chunkCount", chunk_total(part)),
    }
    return {**part.attributes, **told}


def _names(parts: Sequence[PartHeader], names: Sequence[str] | None) -> list[str]:
    """What the parts will be called: as told, as they are, or after their file."""
    if names is not None and (isinstance(names, str) or len(names) != len(parts)):
        raise ValueError(f"names must have one entry for each of the {len(parts)} parts, got {names!r}")
    found = [part.name or Path(part.label).stem for part in parts] if names is None else list(names)
    if not all(found) or len(set(found)) != len(found):
        raise ValueError(f"every part needs a name of its own, got {', '.join(map(repr, found))}; give names=")
    return found


def combine(
    sources: Sequence[Any] | Mapping[str, Any],
    target: str | os.PathLike[str] | BinaryIO,
    *,
    names: Sequence[str] | None = None,
) -> None:
    """Nothing; ``target`` then holds the parts of all sources, their pixels copied byte for byte.

    Nothing is decompressed: passes that a renderer wrote one by one become a file of parts, whatever their windows,
    codecs, tiles and levels, deep ones too. The target appears whole or not at all.

    Parameters
    ----------
    sources : sequence of path, bytes-like or binary stream, or mapping
        The files, of one part or several each; a mapping of files of one part gives the parts' names.
    target : path or writable binary stream
        Where to write.
    names : sequence of str, optional
        The parts' names. Default: those that they have, else their files'.

    Raises
    ------
    FormatError
        If a file is damaged, or some chunk of it is missing.
    ValueError
        If two parts have one name, or differ in display window, pixel aspect, time code or chromaticities, which all
        parts of a file share.
    OSError
        If the file cannot be written; an old file is then untouched.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx import Image
    >>> from vfx.io import exr
    >>> exr.write("beauty.exr", Image(np.zeros((4, 4, 3), np.float16)))
    >>> exr.write("depth.exr", Image(np.ones((4, 4, 1), np.float32), channels=["Z"]), compression="piz")
    >>> combine(["beauty.exr", "depth.exr"], "shot.exr")
    >>> [(part.name, part.compression) for part in exr.probe("shot.exr").parts]
    [('beauty', 'zip'), ('depth', 'piz')]
    """
    given = list(sources.values() if isinstance(sources, Mapping) else sources)
    with contextlib.ExitStack() as stack:
        pieces: list[_Piece] = []
        parts: list[PartHeader] = []
        for source in given:
            opened = stack.enter_context(open_source(source))
            header = parse(opened.stream(), opened.size, opened.label)
            leader = 4 if header.flags & MULTIPART else 0
            pieces += [
                _Piece(opened, chunk, len(parts) + chunk.part, leader)
                for chunk in find_chunks(opened.stream(), opened.size, header)
            ]
            parts += header.parts
        if not parts:
            raise ValueError("a file has at least one part")
        told = _names(parts, list(sources) if names is None and isinstance(sources, Mapping) else names)
        for name in SHARED:
            if len({part.attributes.get(name) for part in parts}) > 1:
                raise ValueError(f"all parts of a file have the same {name}")
        blocks = [_told(part, name) for part, name in zip(parts, told, strict=True)]
        flags = MULTIPART | (DEEP if any(part.deep for part in parts) else 0)
        with file_for(target) as stream:
            _write(stream, serialise_parts(blocks, flags), pieces, [chunk_total(part) for part in parts])


def _write(stream: BinaryIO, header: bytes, pieces: Sequence[_Piece], counts: Sequence[int]) -> None:
    """Header, tables, chunks."""
    tables = [np.zeros(count, "<u8") for count in counts]
    position = len(header) + 8 * sum(counts)
    for piece in pieces:
        tables[piece.part][piece.chunk.place] = position
        position += piece.chunk.size - piece.leader + 4
    stream.write(header)
    stream.writelines(table.tobytes() for table in tables)
    for piece in pieces:
        stream.write(struct.pack("<i", piece.part))
        copy_bytes(piece.source.stream(), stream, piece.chunk.offset + piece.leader, piece.chunk.size - piece.leader)
