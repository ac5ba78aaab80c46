"""The sequences in a list of file names.

The frame number of a name is the last number that stands by itself, between points, underscores, hyphens or
spaces: ``1001`` in ``sh010_v003.1001.exr`` and in ``plate_1001_v003.exr``; else the tile in ``skin.u1_v2.tif``; else
the last number before the extension. A hyphen is a sign where a point, an underscore or nothing stands before it.

Names that differ in nothing else are one sequence, when one number of digits writes them all: ``a.0998 … a.1000``
are ``####``, and ``a.7`` beside them is another sequence, ``#``. Without leading zeros the fewest digits count:
``998 … 1000`` are ``###``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vfx.io._sequence_names import Pattern, udim_of

__all__ = ["group"]

_ALONE = re.compile(r"((?:.*[._ \-])?)([0-9]{1,20})((?:[._ \-].*)?)", re.DOTALL)
_TILE = re.compile(r"(.*(?:^|[._ \-]))u([0-9]{1,2})_v([0-9]{1,4})((?:[._ \-].*)?)", re.DOTALL)
_LAST = re.compile(r"(.*?)([0-9]{1,20})([^0-9]*)", re.DOTALL)


def _parts(name: str) -> tuple[str, str, str] | None:
    """A name around its frame number, which may have a sign; None without a number."""
    stem, dot, extension = name.rpartition(".")
    if not stem or extension.isdecimal():
        stem, extension = name, ""
    else:
        extension = dot + extension
    match = _ALONE.fullmatch(stem)
    if match is None:
        if _TILE.fullmatch(stem):
            return None
        match = _LAST.fullmatch(stem)
        if match is None:
            return None
        return match[1], match[2], match[3] + extension
    head, digits, tail = match.groups()
    if head[-1:] == "-" and head[-2:-1] in ("", ".", "_", " "):
        return head[:-1], "-" + digits, tail + extension
    return head, digits, tail + extension


def group(names: Iterable[str], folder: Path) -> list[tuple[Pattern, dict[int, str]]]:
    """Pattern and files of every sequence among ``names``, sorted by name."""
    numbered: dict[tuple[str, str], list[tuple[str, str]]] = {}
    tiles: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for name in names:
        found = _parts(name)
        if found is not None:
            numbered.setdefault((found[0], found[2]), []).append((found[1], name))
            continue
        stem, dot, extension = name.rpartition(".")
        match = _TILE.fullmatch(stem)
        if match:
            place = (match[1], match[4] + dot + extension)
            tiles.setdefault(place, []).append((int(match[2]), int(match[3]), name))
    made = []
    for (before, behind), entries in numbered.items():
        for width, files in _by_width(entries).items():
            made.append((Pattern(folder, before, width, behind), files))
    for (before, behind), squares in tiles.items():
        first = 0 if any(0 in square[:2] for square in squares) else 1
        named = {(u - first, v - first): name for u, v, name in squares if u - first < 10}
        if named:
            files = {udim_of(u, v): name for (u, v), name in named.items()}
            made.append((Pattern(folder, before, 0, behind, f"u|_v|{first}"), files))
    return sorted(made, key=lambda one: one[0].name)


def _by_width(entries: list[tuple[str, str]]) -> dict[int, dict[int, str]]:
    """Number of digits → number → name."""
    lengths = {len(text) for text, _ in entries}
    if len(lengths) == 1 and not any(text[0] == "-" for text, _ in entries):
        return {lengths.pop(): {int(text): name for text, name in entries}}
    positive = {len(text) for text, _ in entries if text[0] == "0" and len(text) > 1}
    padded = set(positive)
    for text, _ in entries:
        if text[:2] == "-0" and len(text) > 2 and not positive & {len(text) - 1, len(text)}:
            padded.add(len(text) - 1)
    found: dict[int, dict[int, str]] = {}
    rest: list[tuple[int, str, str]] = []
    for text, name in entries:
        number = int(text)
        for width in sorted(padded, reverse=True):
            printf = f"{number:0{width}d}"
            if text == printf:
                found.setdefault(width, {})[number] = name
                break
            if number < 0 and text == f"-{-number:0{width}d}":
                found.setdefault(width, {}).setdefault(number, name)
                break
        else:
            rest.append((number, text, name))
    if rest:
        least = min(len(text.lstrip("-")) for _, text, _ in rest)
        found.setdefault(least, {}).update((number, name) for number, _, name in rest)
    return found
