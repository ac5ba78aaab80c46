"""What is on disk of a pattern: its files, and what comes close to being one."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vfx.io._sequence_frames import format_frames
from vfx.io._sequence_names import Pattern, with_view

__all__ = ["Problem", "join_views", "problems_of", "scan", "view_problems"]


@dataclass(frozen=True)
class Problem:
    """Something about a sequence that a person should know.

    Attributes
    ----------
    kind : str
        ``"gap"``: frames without a file. ``"duplicate"``: two files with one number, of which one is used.
        ``"padding"``: files numbered with other digits than the pattern's, which are left out. ``"view"``: frames
        that a view lacks.
    message : str
        It, in one line, with names.
    frames : tuple of int
        The frames it is about.
    """

    kind: str
    message: str
    frames: tuple[int, ...]


#: A folder that is not there, be it because no name is that long.
_NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


def scan(pattern: Pattern) -> tuple[dict[int, str], list[tuple[int, str]]]:
    """Frame → file name of what the pattern writes, and the numbers and names of what comes close."""
    found: dict[int, str] = {}
    others: list[tuple[int, str]] = []
    try:
        with os.scandir(pattern.folder) as entries:
            fitting = [e for e in entries if e.name.startswith(pattern.before) and e.name.endswith(pattern.behind)]
            names = sorted(entry.name for entry in fitting if entry.is_file())
    except OSError as error:
        if error.errno in _NO_FOLDER:
            return found, others
        raise
    for name in names:
        taken = pattern.number_in(name)
        if taken is None:
            continue
        number, exact = taken
        if not exact:
            others.append((number, name))
        elif number not in found:
            found[number] = name
        else:  # -007 and -0007: the first is what printf writes
            first = pattern.file_name(number)
            others.append((number, found[number] if name == first else name))
            found[number] = first
    return found, others


def problems_of(pattern: Pattern, missing: tuple[int, ...]) -> Iterator[Problem]:
    """What a person should know of a pattern's files."""
    if missing:
        yield Problem("gap", f"no files for {format_frames(missing)}", missing)
    used, others = scan(pattern)
    for kind in ("duplicate", "padding"):
        files = [(number, name) for number, name in others if (number in used) == (kind == "duplicate")]
        if not files:
            continue
        names = ", ".join(name for _, name in files[:4]) + (" …" if len(files) > 4 else "")
        if kind == "duplicate":
            kept = ", ".join(dict.fromkeys(used[number] for number, _ in files[:4]))
            reason = f"{names}: the same frames as {kept}, which are used"
        else:
            reason = f"{names}: not as {pattern.name} writes it, left out"
        yield Problem(kind, reason, tuple(sorted({number for number, _ in files})))


def view_problems(
    members: Sequence[tuple[str, tuple[Problem, ...], Mapping[int, str]]], frames: Sequence[int], *, gaps: bool
) -> Iterator[Problem]:
    """The problems of each view, and the frames that it lacks; ``members`` are its name, problems and files."""
    for view, problems, _ in members:
        for one in problems:
            if gaps or one.kind != "gap":
                yield Problem(one.kind, f"view {view}: {one.message}", one.frames)
    for view, _, files in members:
        lacking = tuple(frame for frame in frames if frame not in files)
        if lacking:
            yield Problem("view", f"view {view} lacks {format_frames(lacking)}", lacking)


def join_views(names: Sequence[str], views: tuple[str, ...]) -> Iterator[tuple[str, list[int], tuple[str, ...]]]:
    """Names that differ in a view only: the name with ``%V``, their places, the views; none of a name alone."""
    word = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, views))})(?![A-Za-z0-9])")
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(word.sub("%V", name, count=1), []).append(place)
    for name, members in groups.items():
        held = {names[place] for place in members}
        present = tuple(view for view in views if with_view(name, view) in held)
        yield name, members, present if len(members) > 1 and len(present) == len(members) else ()
