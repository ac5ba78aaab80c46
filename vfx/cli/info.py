"""``vfx info``: what the headers of files say, and other words put into them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import vfx
from vfx.cli._options import json_option
from vfx.cli._output import megabytes, plain, print_json, print_rows
from vfx.io.sequence import Sequence, format_frames, has_frame_token

__all__ = ["command"]

#: From this many files on, each takes one line.
_MANY = 2


def _facts(name: str) -> dict[str, Any]:
    """Everything about a file, or about a sequence and its first frame."""
    if _is_sequence(name):
        sequence = Sequence(name)
        path = sequence.path(sequence.first, view=next(iter(sequence.views), None))
        frames = {
            "frames": format_frames(sequence.frames),
            "count": len(sequence),
            "missing": format_frames(sequence.missing) if sequence.missing else "",
            "views": sequence.views,
            "problems": [problem.message for problem in sequence.problems if problem.kind != "gap"],
        }
        return {"path": str(sequence.folder / sequence.name), "sequence": frames, **_header(path), "first": str(path)}
    return {"path": name, **_header(Path(name))}


def _is_sequence(name: str) -> bool:
    """Whether a name is a pattern of frames and not a file."""
    return has_frame_token(name) and not Path(name).exists()


def _header(path: Path) -> dict[str, Any]:
    """The header of one file."""
    info = vfx.probe(path)
    return {"format": info.format, "bytes": info.size, "parts": [_part(part) for part in info.parts]}


def _part(part: Any) -> dict[str, Any]:
    """One part, with the tags of its EXIF block by their names."""
    from vfx.io import header

    facts = dict(vars(part))
    facts["metadata"] = {**part.metadata, **header.block_tags(part.metadata)}
    return facts


# ------------------------------------------------------------------ for people


def _rows(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts of one file as names and values."""
    if "sequence" in facts:
        yield "frames", _frames(facts["sequence"])
        if facts["sequence"]["views"]:
            yield "views of it", " ".join(facts["sequence"]["views"])
        yield from (("problem", message) for message in facts["sequence"]["problems"])
    yield "format", f"{facts['format']}, {megabytes(facts['bytes'])}"
    for number, part in enumerate(facts["parts"]):
        if len(facts["parts"]) > 1:
            yield f"part {number}", part["name"] or "(unnamed)"
        yield from _part_rows(part)


def _frames(frames: dict[str, Any]) -> str:
    """``1001-1100 (100, none missing)``."""
    gaps = f", missing {frames['missing']}" if frames["missing"] else ", none missing"
    return f"{frames['frames']} ({frames['count']}{gaps})"


def _part_rows(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts of one part."""
    aspect = f", pixel aspect {part['pixel_aspect']:g}" if part["pixel_aspect"] != 1 else ""
    yield "size", f"{part['width']} x {part['height']}{aspect}"
    yield "channels", _channels(part)
    if part["compression"]:
        yield "compression", part["compression"]
    if part["data_window"] != part["display_window"]:
        yield "data window", _box(part["data_window"])
        yield "display window", _box(part["display_window"])
    if part["tile_size"]:
        yield "tiles", f"{part['tile_size'][0]} x {part['tile_size'][1]}, {part['levels']} level(s)"
    if part["views"]:
        yield "views", " ".join(part["views"])
    shared = sorted(part["metadata"].items(), key=lambda entry: (":" in entry[0], entry[0]))
    for key, value in shared:
        yield key, _shown(value)


def _shown(value: Any) -> str:
    """A value on one line."""
    told = plain(value)
    if isinstance(told, dict):
        return ", ".join(f"{key} {_shown(item)}" for key, item in told.items())
    if isinstance(told, list):
        text = " ".join(_shown(item) for item in told)
        return f"({text})" if any(isinstance(item, list) for item in told) else text
    if isinstance(told, float):
        return f"{told:.7g}"
    text = " ".join(str(told).split())
    return text if len(text) <= 300 else text[:297] + "..."


def _channels(part: dict[str, Any]) -> str:
    """``R G B (f16)``; each with its format where they differ."""
    formats = dict.fromkeys(part["formats"])
    shown = next(iter(formats)) if len(formats) == 1 else ""
    named = [n if shown else f"{n}:{f}" for n, f in zip(part["channel_names"], part["formats"], strict=False)]
    return f"{' '.join(named or part['channel_names'])}{f' ({shown})' if shown else ''}"


def _box(box: tuple[int, int, int, int]) -> str:
    """``(0, 0) - (1919, 1079)``."""
    return f"({box[0]}, {box[1]}) - ({box[2]}, {box[3]})"


def _line(facts: dict[str, Any]) -> tuple[str, ...]:
    """One file of several."""
    part = facts["parts"][0]
    more = f" +{len(facts['parts']) - 1}" if len(facts["parts"]) > 1 else ""
    frames = f" {facts['sequence']['frames']}" if "sequence" in facts else ""
    kinds = "/".join(dict.fromkeys(part["formats"]))
    names = part["channel_names"]
    channels = "".join(names) if all(len(name) == 1 for name in names) else f"{len(names)} channels"
    return (
        f"{facts['path']}{frames}",
        facts["format"],
        f"{part['width']}x{part['height']}",
        f"{channels} {kinds}{more}",
        part["compression"],
        megabytes(facts["bytes"]),
    )


# ------------------------------------------------------------------ edit


def _edit(names: tuple[str, ...], output: str | None, edits: tuple[str, ...], erase: tuple[str, ...]) -> int:
    """Give every file another header."""
    if output is not None and len(names) != 1:
        raise click.UsageError("--output takes the result of one file or sequence")
    pairs = [_pair(text) for text in edits]
    for name in names:
        for path, target, offset in _targets(name, output):
            _edit_one(path, target, pairs, erase, offset)
    return 0


def _pair(text: str) -> tuple[str, str]:
    """Key and value of ``key=value``."""
    key, mark, value = text.partition("=")
    if not mark or not key.strip():
        raise click.UsageError(f"--edit takes KEY=VALUE, got {text!r}")
    return key.strip(), value


def _targets(name: str, output: str | None) -> Iterator[tuple[Path, Path, int]]:
    """Every file of a name, where its result goes, and how many frames it is behind the first."""
    if not _is_sequence(name):
        yield Path(name), Path(output or name), 0
        return
    sequence = Sequence(name)
    if output is not None and not has_frame_token(output):
        raise click.UsageError(f"--output of a sequence is a pattern of frames too, got {output!r}")
    results = Sequence(output) if output else sequence
    for frame in sequence.frames:
        yield sequence.path(frame), results.path(frame), frame - sequence.first


def _edit_one(path: Path, target: Path, pairs: list[tuple[str, str]], erase: tuple[str, ...], offset: int) -> None:
    """Give one file another header; a time code counts on over the frames of a sequence."""
    from vfx.io import header

    known = vfx.probe(path).metadata if pairs else {}
    changes = {key: header.from_text(key, text, known.get(key)) for key, text in pairs}
    code = changes.get("timecode")
    if code is not None and offset:
        rate = changes.get("frame_rate", known.get("frame_rate"))
        changes["timecode"] = code.advanced(offset, round(rate) if rate else 24)
    target.parent.mkdir(parents=True, exist_ok=True)
    header.edit(path, target, changes=changes, erase=erase)


@click.command(
    epilog="\b\nvfx info plate.exr 'scan.####.dpx'\n"
    "vfx info --edit timecode=01:00:00:00 --edit owner=us --erase 'dpx:.*' 'scan.####.dpx'"
)
@click.argument("files", nargs=-1, required=True)
@click.option("--full", is_flag=True, help="All facts, of several files too.")
@click.option(
    "--edit", "edits", multiple=True, metavar="KEY=VALUE", help="Put a value into the header; pixels stay untouched."
)
@click.option(
    "--erase", multiple=True, metavar="REGEX", help="Take entries whose whole name matches out of the header."
)
@click.option("-o", "--output", metavar="FILE", help="Where the edited file goes, instead of in place.")
@json_option
def command(
    files: tuple[str, ...],
    full: bool,
    edits: tuple[str, ...],
    erase: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> int:
    """Say what the headers of FILES, pictures or frame sequences, hold, or change them with --edit and --erase."""
    if edits or erase:
        return _edit(files, output, edits, erase)
    if output is not None:
        raise click.UsageError("--output is for --edit and --erase")
    facts, failed = _facts_of(files)
    if as_json:
        print_json(facts)
    elif len(facts) >= _MANY and not full:
        print_rows([_line(one) for one in facts], head=("file", "format", "size", "channels", "compression", "bytes"))
    else:
        for number, one in enumerate(facts):
            click.echo(f"{chr(10) if number else ''}{one['path']}")
            print_rows(list(_rows(one)), indent=2)
    return failed


def _facts_of(files: tuple[str, ...]) -> tuple[list[dict[str, Any]], int]:
    """The facts of all files, and the exit code: 1 when one of several cannot be read, which is told on stderr."""
    facts, failed = [], 0
    for name in files:
        try:
            facts.append(_facts(name))
        except (OSError, ValueError) as error:
            if len(files) == 1:
                raise
            failed = 1
            text = f"{name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
            click.echo(f"vfx: error: {' '.join(text.split())}", err=True)
    return facts, failed
