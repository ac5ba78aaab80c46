"""Colour corrections out of an edit: ASC_SOP and ASC_SAT in CMX 3600 decision lists and Avid logs.

::

    .edl   003  A012_C004 V     C        01:00:04:00 01:00:06:00 01:00:10:00 01:00:12:00
           * FROM CLIP NAME: sh020_comp_v003
           * ASC_SOP (1.1 1.0 0.9)(0.01 0.0 -0.01)(1.0 1.0 1.0)
           * ASC_SAT 0.9

    .ale   Column
           Name    Tape    ASC_SOP    ASC_SAT          or one column CDL with both
           Data
           sh020   A012    (1.1 …)    0.9

OpenTimelineIO's adapters read the events and the names. They take the grades apart with patterns that know
neither exponents nor numbers without a decimal point (``1.2e-05`` became 1.2 in a log, and an error in a list),
and drop the event numbers and lines. So the grades are lifted out first, under a mark that the adapters keep with
the clip, and read here. Time codes are not used.

Sources: ASC CDL 1.2, 6 (CMX EDL and ALE); CMX 3600 edit decision lists; Avid Log Exchange.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from vfx import checks
from vfx.color.cdl import CDL
from vfx.errors import FormatError, LimitError, MissingExtraError

__all__ = ["EXTENSIONS", "MATCHES", "read_edit"]

#: The extensions of edits.
EXTENSIONS = (".edl", ".ale")
#: What a correction may be matched by.
MATCHES = ("event", "reel", "clip")

# No edit is longer; the adapters' time grows with the square of the length, so they get it in pieces.
_MOST_BYTES = 1 << 25
_PIECE = 200
# How the adapters find a clip's grade again.
_MARK = "VFX_GRADE"
_RATES = (24, 25, 30, 48, 50, 60)
_TIMECODE = re.compile(r"\d{1,9}|\d\d[:;.,][0-5]\d[:;.,][0-5]\d[:;.,][0-5]\d", re.ASCII)
_NAME_LINE = re.compile(r"\*?\s*(?:FROM CLIP NAME|TO CLIP NAME|FROM CLIP|FROM FILE)\b", re.IGNORECASE)
_GRADE_LINE = re.compile(r"\*?\s*(ASC_SOP|ASC_SAT)\b\s*:?\s*(.*)", re.IGNORECASE)
_SOP = re.compile(
    r"\(([^()]*)\)\s*,?\s*\(([^()]*)\)\s*,?\s*\(([^()]*)\)\s*(?:,?\s*ASC_SAT\b\s*:?\s*(.*))?", re.IGNORECASE
)
_GRADE_START = re.compile(r"^ASC_S(?:OP|AT)\b\s*:?\s*", re.IGNORECASE)
# Line ends of str.splitlines, which the adapters use, that are none here.
_FALSE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_REELS = ("tape", "reel", "reel name", "reel_name", "tape name", "source tape")
_GRADES = {"asc_sop": "sop", "asc sop": "sop", "cdl": "sop", "asc_cdl": "sop", "asc_sat": "sat", "asc sat": "sat"}


@dataclass
class _Shot:
    """One graded event."""

    line: int
    event: str
    reel: str = ""
    clip: str = ""
    fields: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    replaces: bool = False  # whether later numbers replace earlier ones
    numbers: dict[str, Any] = field(default_factory=dict)
    graded: int = 0

    def cdl(self, path: str, key: str) -> CDL:
        """The colour correction, described by where it comes from."""
        parts = [f"{name} {getattr(self, name)}" for name in MATCHES if getattr(self, name)]
        try:
            return CDL(**self.numbers, id=key, description=", ".join(parts))
        except ValueError as error:
            raise FormatError(str(error), path=path, line=self.graded) from None


def read_edit(path: str | os.PathLike[str], *, by: str = "event") -> dict[str, CDL]:
    r"""Every colour correction of a CMX 3600 ``.edl`` or an Avid ``.ale``, by shot, in file order.

    Parameters
    ----------
    path : str or os.PathLike
        The file; its extension tells its kind.
    by : str
        What the corrections are matched to shots by: ``"event"``, the number as the list writes it (in a log the
        row, ``"1"`` for the first); ``"reel"``; or ``"clip"``, the clip's name.

    Returns
    -------
    dict of str to CDL
        The key is the correction's id too; its description says event, reel and clip. A shot that comes twice with
        the same numbers is listed once. Shots without a correction are left out.

    Raises
    ------
    FormatError
        If the file is damaged or holds no correction, if a corrected shot has no such name, or if one name has two
        different corrections; with path and line.
    MissingExtraError
        If OpenTimelineIO or its adapter is not installed.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> log = "Heading\n\nColumn\nName\tASC_SOP\n\nData\nsh010\t(1 1 1)(0 0 0)(1.2 1.2 1.2)\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "day1.ale"
    ...     _ = path.write_text(log)
    ...     read_edit(path, by="clip")["sh010"].power
    (1.2, 1.2, 1.2)
    """
    checks.one_of("by", by, MATCHES)
    source = checks.path(path)
    kind = source.suffix.lower()
    checks.one_of("the extension of an edit", kind, EXTENSIONS)
    if source.stat().st_size > _MOST_BYTES:
        raise LimitError(f"{source.stat().st_size} bytes are too many for an edit", path=source)
    lines = _lines(source.read_bytes(), str(source))
    shots = _edl(lines, str(source)) if kind == ".edl" else _ale(lines, str(source))
    if not shots:
        raise FormatError("there is no ASC_SOP or ASC_SAT in this file", path=source)
    return _keyed(shots, by, str(source))


def _lines(data: bytes, path: str) -> list[str]:
    """The file's lines, whatever they end in."""
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FormatError("not a text file", path=path, offset=data.index(b"\0"))
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # older systems'; it has every byte
    return re.split(r"\r\n|\r|\n", _FALSE_ENDS.sub(" ", text))


def _keyed(shots: list[_Shot], by: str, path: str) -> dict[str, CDL]:
    """The corrections by what they are matched by."""
    found: dict[str, tuple[_Shot, CDL]] = {}
    for shot in shots:
        key = getattr(shot, by)
        if not key:
            others = " or ".join(f"by={name!r}" for name in MATCHES if name != by and getattr(shot, name))
            reason = f"event {shot.event} has a colour correction but no {by} name; match {others}"
            raise FormatError(reason, path=path, line=shot.line)
        cdl = shot.cdl(path, key)
        if key not in found:
            found[key] = (shot, cdl)
            continue
        first, known = found[key]
        if replace(cdl, description=known.description) != known:
            reason = (
                f"{by} {key!r} has different colour corrections in event {first.event} (line {first.graded}) "
                f"and event {shot.event}"
            )
            hint = "" if by == "event" else "; by='event' tells them apart"
            raise FormatError(reason + hint, path=path, line=shot.graded)
    return {key: cdl for key, (_, cdl) in found.items()}


def _grade(shot: _Shot, kind: str, text: str, line: int, path: str) -> None:
    """Nothing; the numbers of an ASC_SOP or ASC_SAT are noted with their shot."""
    if kind == "sop":
        matched = _SOP.fullmatch(text)
        if matched is None:
            raise FormatError(f"ASC_SOP takes three times three numbers in (), got {text[:60]!r}", path=path, line=line)
        triples = [_floats(part, 3, "ASC_SOP", line, path) for part in matched.groups()[:3]]
        _note(shot, dict(zip(("slope", "offset", "power"), triples, strict=True)), "ASC_SOP", line, path)
        text = matched[4]
    if text is not None:
        _note(shot, {"saturation": _floats(text, 1, "ASC_SAT", line, path)[0]}, "ASC_SAT", line, path)


def _note(shot: _Shot, numbers: dict[str, Any], what: str, line: int, path: str) -> None:
    """Nothing; the shot has these numbers, which it must not have twice."""
    if not shot.replaces and any(name in shot.numbers for name in numbers):
        raise FormatError(f"event {shot.event} has two {what}", path=path, line=line)
    shot.numbers.update(numbers)
    shot.graded = shot.graded or line


def _floats(text: str, count: int, what: str, line: int, path: str) -> list[float]:
    """The numbers of a text, parted by blanks or commas."""
    words = text.replace(",", " ").split()
    try:
        numbers = [float(word) for word in words if "_" not in word]
    except ValueError:
        numbers = []
    if len(numbers) != count or len(words) != count:
        wanted = "one number" if count == 1 else f"{count} numbers in each ()"
        raise FormatError(f"{what} takes {wanted}, got {text.strip()[:60]!r}", path=path, line=line)
    return numbers


def _edl(lines: list[str], path: str) -> list[_Shot]:
    """The graded events of a CMX 3600 list."""
    shots: list[_Shot] = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        grade = _GRADE_LINE.fullmatch(line)
        if line[:1].isdigit() and line[:1].isascii():
            fields = _event_fields(line, number, path)
            if shots and shots[-1].event == fields[0] and not shots[-1].graded:  # the second line of a transition
                shots[-1].replaces = True
                shots[-1].fields = fields
            else:
                shots.append(_Shot(number, fields[0], fields=fields))
        elif grade and not shots:
            raise FormatError(f"{grade[1]} before the first event", path=path, line=number)
        elif grade:
            _grade(shots[-1], grade[1][-3:].lower(), grade[2], number, path)
        elif shots and _NAME_LINE.match(line):
            shots[-1].names.append(line)
    shots = [shot for shot in shots if shot.graded]
    for start in range(0, len(shots), _PIECE):
        _name_events(shots[start : start + _PIECE], path)
    return shots


def _event_fields(line: str, number: int, path: str) -> list[str]:
    """Event, reel, channels, and the four time codes, with colons, of an event's line."""
    fields = line.split()
    times = fields[-4:]
    if len(fields) < 8 or not all(_TIMECODE.fullmatch(time) for time in times):
        reason = f"an event has a number, a reel, channels, an edit and four time codes, got {line[:60]!r}"
        raise FormatError(reason, path=path, line=number)
    return [*fields[:3], *(re.sub("[;.,]", ":", time) for time in times)]


def _name_events(shots: list[_Shot], path: str) -> None:
    """Nothing; the shots then have the reels and clip names that OpenTimelineIO finds."""
    text = ["TITLE: grades"]
    for place, shot in enumerate(shots):
        _, reel, _, *times = shot.fields
        # Counted anew: the adapter takes two events of the same number for a transition.
        text += [f"{place} {reel} V C {' '.join(times)}", *shot.names, f"* {_MARK} {place}"]
        shot.reel = reel
    highest = max((int(time[9:]) for shot in shots for time in shot.fields[3:] if ":" in time), default=0)
    rate = next(rate for rate in _RATES if rate > highest)
    for clip in _clips("\n".join(text), "cmx_3600", path, rate=rate, ignore_timecode_mismatch=True):
        for comment in clip.metadata.get("cmx_3600", {}).get("comments", []):
            if comment.startswith(_MARK):
                shot = shots[int(comment.split()[1])]
                shot.clip = clip.name if shot.names else ""


def _ale(lines: list[str], path: str) -> list[_Shot]:
    """The graded rows of an Avid log."""
    columns, rows = _table(lines, path)
    names = [name.strip().lower() for name in columns]
    reel = next((names.index(name) for name in _REELS if name in names), len(names))
    # ASC_SOP and ASC_SAT count for more than a column with both, as they do for the adapter.
    order = sorted(
        (place for place, name in enumerate(names) if name in _GRADES), key=lambda at: "cdl" not in names[at]
    )
    shots = []
    for position, (number, cells) in enumerate(rows, start=1):
        shot = _Shot(number, str(position), fields=cells, replaces=True)
        for place in order:
            if place < len(cells) and (cell := cells[place].strip()):
                _grade(shot, _GRADES[names[place]], _GRADE_START.sub("", cell), number, path)
        if shot.graded:
            shot.reel = cells[reel].strip() if reel < len(cells) else ""
            shots.append(shot)
    for start in range(0, len(shots), _PIECE):
        _name_rows(shots[start : start + _PIECE], columns, path)
    return shots


def _table(lines: list[str], path: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the rows with their lines."""
    section, columns = "", [""]
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() in ("Heading", "Column", "Data"):
            section = line.strip()
        elif not line.strip():
            continue
        elif not section:
            raise FormatError(f"an ALE starts with Heading, got {line.strip()[:40]!r}", path=path, line=number)
        elif section == "Column":
            columns, section = line.rstrip().split("\t"), "columns"
        elif section == "columns":
            raise FormatError("a second line of columns", path=path, line=number)
        elif section == "Data" and columns == [""]:
            raise FormatError("rows before the Column section", path=path, line=number)
        elif section == "Data":
            cells = line.split("\t")
            if "".join(cells[len(columns) :]).strip():
                reason = f"a row of {len(cells)} cells, there are {len(columns)} columns"
                raise FormatError(reason, path=path, line=number)
            rows.append((number, cells[: len(columns)]))
    if columns == [""] or section != "Data":
        missing = "Column" if columns == [""] else "Data"
        raise FormatError(f"not an ALE: there is no {missing} section", path=path, line=len(lines))
    return columns, rows


def _name_rows(shots: list[_Shot], columns: list[str], path: str) -> None:
    """Nothing; the shots then have the clip names that OpenTimelineIO finds."""
    # The adapter must not try the columns of grades and times.
    column = next((place for place, name in enumerate(columns) if name.strip().lower() == "name"), len(columns))
    text = ["Heading", "", "Column", f"{_MARK}\tName", "", "Data"]
    for place, shot in enumerate(shots):
        name = shot.fields[column].strip() if column < len(shot.fields) else ""
        text.append(f"{place}\t{name}")
    for clip in _clips("\n".join(text), "ale", path):
        shots[int(clip.metadata["ALE"][_MARK])].clip = clip.name


def _clips(text: str, adapter: str, path: str, **options: Any) -> Iterator[Any]:
    """The clips that OpenTimelineIO finds in a text."""
    try:
        import opentimelineio as otio
    except ImportError:
        raise MissingExtraError("colour corrections from EDL and ALE", "editorial") from None
    try:
        reader = otio.adapters.from_name(adapter)
    except otio.exceptions.NotSupportedError:
        raise MissingExtraError(f"OpenTimelineIO's adapter {adapter}", "editorial") from None
    try:
        return iter(reader.read_from_string(text, **options).find_clips())
    except (otio.exceptions.OTIOError, ValueError, ArithmeticError) as error:
        raise FormatError(f"OpenTimelineIO refuses this edit: {error}", path=path) from error
