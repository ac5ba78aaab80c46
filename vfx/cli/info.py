"""``vfx info``: what the headers of files say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import vfx
from vfx.cli._options import json_option
from vfx.cli._output import megabytes, plain, print_json
from vfx.io.sequence import Sequence, format_frames, has_frame_token

__all__ = ["command"]


def _facts(name: str) -> dict[str, Any]:
    """Everything about a file, or about a sequence and its first frame."""
    if has_frame_token(name) and not Path(name).exists():
        sequence = Sequence(name)
        path = sequence.path(sequence.first)
        frames = {
            "frames": format_frames(sequence.frames),
            "count": len(sequence),
            "missing": format_frames(sequence.missing) if sequence.missing else "",
        }
        return {"path": str(sequence.folder / sequence.name), "sequence": frames, **_header(path), "first": str(path)}
    return {"path": name, **_header(Path(name))}


def _header(path: Path) -> dict[str, Any]:
    """The header of one file."""
    info = vfx.probe(path)
    return {"format": info.format, "bytes": info.size, "parts": [vars(part) for part in info.parts]}


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    """The facts for people."""
    yield facts["path"]
    if "sequence" in facts:
        frames = facts["sequence"]
        gaps = f", missing {frames['missing']}" if frames["missing"] else ", none missing"
        yield f"  frames       {frames['frames']} ({frames['count']}{gaps})"
    yield f"  format       {facts['format']}, {megabytes(facts['bytes'])}"
    for number, part in enumerate(facts["parts"]):
        if len(facts["parts"]) > 1:
            yield f"  part {number}       {part['name'] or '(unnamed)'}"
        yield from _part_lines(part)


def _part_lines(part: dict[str, Any]) -> Iterator[str]:
    """One part for people."""
    aspect = f", pixel aspect {part['pixel_aspect']:g}" if part["pixel_aspect"] != 1 else ""
    yield f"  size         {part['width']} x {part['height']}{aspect}"
    formats = dict.fromkeys(part["formats"])
    shown = next(iter(formats)) if len(formats) == 1 else ""
    named = [n if shown else f"{n}:{f}" for n, f in zip(part["channel_names"], part["formats"], strict=False)]
    yield f"  channels     {' '.join(named or part['channel_names'])}{f' ({shown})' if shown else ''}"
    if part["compression"]:
        yield f"  compression  {part['compression']}"
    if part["data_window"] != part["display_window"]:
        yield f"  data window  {_box(part['data_window'])}"
        yield f"  display      {_box(part['display_window'])}"
    if part["tile_size"]:
        yield f"  tiles        {part['tile_size'][0]} x {part['tile_size'][1]}, {part['levels']} level(s)"
    if part["views"]:
        yield f"  views        {' '.join(part['views'])}"
    for key, value in sorted(part["metadata"].items()):
        text = str(plain(value))
        yield f"  {key:<28} {text if len(text) <= 100 else text[:97] + '...'}"


def _box(box: tuple[int, int, int, int]) -> str:
    """``(0, 0) - (1919, 1079)``."""
    return f"({box[0]}, {box[1]}) - ({box[2]}, {box[3]})"


@click.command(epilog="\b\nvfx info plate.exr 'scan.####.dpx'")
@click.argument("files", nargs=-1, required=True)
@json_option
def command(files: tuple[str, ...], as_json: bool) -> int:
    """Say what the headers of FILES, pictures or frame sequences, hold."""
    facts = [_facts(name) for name in files]
    if as_json:
        print_json(facts)
    else:
        click.echo("\n\n".join("\n".join(_lines(one)) for one in facts))
    return 0
