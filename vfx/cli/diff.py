"""``vfx diff``: whether two pictures, or two sequences, are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import vfx
from vfx.cli._options import json_option
from vfx.cli._output import print_json
from vfx.errors import ChannelError, SequenceError
from vfx.image import Image
from vfx.io.sequence import Sequence, format_frames, has_frame_token
from vfx.ops import Comparison, compare

__all__ = ["command"]


def _pairs(a: str, b: str, frames: str | None) -> Iterator[tuple[int | None, Path, Path]]:
    """Frame and the two files, for each pair to compare."""
    if not (has_frame_token(a) or has_frame_token(b)):
        if frames is not None:
            raise SequenceError("--frames needs two patterns such as a.####.exr")
        yield None, Path(a), Path(b)
        return
    if not (has_frame_token(a) and has_frame_token(b)):
        still = b if has_frame_token(a) else a
        raise SequenceError(f"a sequence is compared with a sequence, and {still} is a single file")
    left, right = Sequence(a, frames=frames), Sequence(b, frames=frames)
    if not left.frames:
        _ = left.first
    neither = sorted({*left.missing} & {*right.missing})
    if neither:
        raise SequenceError(f"neither {left.name} nor {right.name} has the frames {format_frames(neither)}")
    only = sorted(set(left.frames) ^ set(right.frames)) or sorted({*left.missing, *right.missing})
    if only:
        raise SequenceError(f"{left.name} and {right.name} do not have the same frames: {format_frames(only)}")
    for frame in left.frames:
        yield frame, left.path(frame), right.path(frame)


def _compared(left: Path, right: Path, limits: dict[str, float]) -> Comparison:
    """How two files of one size and the same channels differ."""
    a, b = vfx.read(left), vfx.read(right)
    sizes = [f"{width} x {height}" for width, height in map(_size, (a, b))]
    if sizes[0] != sizes[1]:
        raise ChannelError(f"the sizes differ: {sizes[0]} and {sizes[1]}")
    if set(a.channel_names) != set(b.channel_names):
        raise ChannelError(f"the channels differ: {', '.join(a.channel_names)} and {', '.join(b.channel_names)}")
    return compare(a, b, **limits)


def _size(img: Image) -> tuple[int, int]:
    """Width and height of what a viewer shows."""
    x0, y0, x1, y1 = img.display_window
    return x1 - x0 + 1, y1 - y0 + 1


def _row(path: Path, frame: int | None, result: Comparison) -> dict[str, Any]:
    """One comparison as plain values."""
    return {"frame": frame, "path": str(path), **asdict(result)}


@click.command(epilog="\b\nvfx diff graded.exr reference.exr --threshold 1e-4")
@click.argument("a")
@click.argument("b")
@click.option(
    "--threshold", type=click.FloatRange(0), default=0.0, show_default=True, help="Largest difference allowed."
)
@click.option(
    "--relative",
    type=click.FloatRange(0),
    default=0.0,
    help="Also let pass what differs by less than this part of the two numbers' mean.",
)
@click.option("--frames", metavar="RANGE", help="Only these frames of two sequences.")
@json_option
def command(a: str, b: str, threshold: float, relative: float, frames: str | None, as_json: bool) -> int:
    """Compare A and B, pictures or frame sequences; the exit code is 1 when they differ.

    Integers count as 0 to 1. Display windows and channel names must agree; data windows may
    differ, and where a picture has no data it counts as 0.
    """
    rows = []
    for frame, left, right in _pairs(a, b, frames):
        result = _compared(left, right, {"fail_threshold": threshold, "fail_relative": relative})
        rows.append(_row(right, frame, result))
        if not as_json:
            head = f"frame {frame}: " if frame is not None else ""
            click.echo(f"{head}{result}")
    passed = not any(row["failing"] for row in rows)
    if as_json:
        print_json({"passed": passed, "threshold": threshold, "relative": relative, "pairs": rows})
    else:
        click.echo("PASS" if passed else f"FAIL: more than {threshold:g} apart")
    return 0 if passed else 1
