"""``vfx diff``: whether two pictures, or two sequences, are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import vfx
from vfx.cli._compare import Difference, difference
from vfx.cli._options import json_option
from vfx.cli._output import print_json
from vfx.errors import SequenceError
from vfx.io.sequence import Sequence, format_frames, has_frame_token

__all__ = ["command"]


def _pairs(a: str, b: str, frames: str | None) -> Iterator[tuple[int | None, Path, Path]]:
    """Frame and the two files, for each pair to compare."""
    if not (has_frame_token(a) or has_frame_token(b)):
        if frames is not None:
            raise SequenceError("--frames needs two patterns such as a.####.exr")
        yield None, Path(a), Path(b)
        return
    left, right = Sequence(a, frames=frames), Sequence(b, frames=frames)
    if not left.frames:
        _ = left.first
    only = sorted(set(left.frames) ^ set(right.frames)) or sorted({*left.missing, *right.missing})
    if only:
        raise SequenceError(f"{left.name} and {right.name} do not have the same frames: {format_frames(only)}")
    for frame in left.frames:
        yield frame, left.path(frame), right.path(frame)


def _row(path: Path, frame: int | None, result: Difference) -> dict[str, Any]:
    """One comparison as plain values."""
    return {"frame": frame, "path": str(path), **asdict(result)}


@click.command(epilog="\b\nvfx diff graded.exr reference.exr --threshold 1e-4")
@click.argument("a")
@click.argument("b")
@click.option(
    "--threshold", type=click.FloatRange(0), default=0.0, show_default=True, help="Largest difference allowed."
)
@click.option("--frames", metavar="RANGE", help="Only these frames of two sequences.")
@json_option
def command(a: str, b: str, threshold: float, frames: str | None, as_json: bool) -> int:
    """Compare A and B, pictures or frame sequences; the exit code is 1 when they differ.

    Integers count as 0 to 1. Sizes and channel names must agree.
    """
    rows = []
    for frame, left, right in _pairs(a, b, frames):
        result = difference(vfx.read(left), vfx.read(right), threshold)
        rows.append(_row(right, frame, result))
        if not as_json:
            head = f"frame {frame}: " if frame is not None else ""
            where = f" at {result.worst} in {result.channel}" if result.worst else ""
            click.echo(
                f"{head}mean {result.mean:.6g}  rms {result.rms:.6g}  max {result.largest:.6g}{where}  "
                f"psnr {result.psnr:.2f} dB  failing {result.failing} of {result.pixels} pixels"
            )
    passed = not any(row["failing"] for row in rows)
    if as_json:
        print_json({"passed": passed, "threshold": threshold, "pairs": rows})
    else:
        click.echo("PASS" if passed else f"FAIL: more than {threshold:g} apart")
    return 0 if passed else 1
