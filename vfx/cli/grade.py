"""``vfx grade``: a CDL, LUTs, looks and a few knobs on a shot."""

from __future__ import annotations

from typing import Any

import click

from vfx import batch
from vfx.cli._look_options import look_options, take_look
from vfx.cli._options import batch_options, json_option, read_options, reading, write_options, writing
from vfx.cli._output import finish_batch, progress_bar

__all__ = ["command"]


@click.command(
    epilog="\b\n"
    "vfx grade 'plates/sh010.####.exr' --cdl show.ccc --id sh010 --lut show.cube -o 'graded/sh010.####.exr'\n"
    "vfx grade scan.%04d.dpx --from cineon --exposure 0.5 -o lin/scan.%04d.exr --dtype f16 --compression dwaa\n"
    "vfx grade plate.exr --look show.clf --from acescct --to srgb -o still.png",
)
@click.argument("source")
@click.option("-o", "--output", required=True, metavar="PATTERN", help="Where the graded frames go; folders are made.")
@look_options
@batch_options
@read_options
@write_options
@json_option
def command(
    source: str,
    output: str,
    part: str | None,
    layer: str | None,
    channels: str | None,
    compression: str | None,
    bit_depth: int | None,
    settings: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Grade SOURCE, a file or a frame sequence, and write OUTPUT.

    Whatever the order of the options, the order of the work is: --convert, --from, --exposure, into --work, --cdl,
    --saturation, --lut, --look, out of --work, --to. Frames that are already done with the same grade are left out.
    """
    look = take_look(options)
    with progress_bar("grade") as progress:
        report = batch.grade(
            source,
            output,
            look,
            read_options=reading(part, layer, channels),
            write_options=writing(compression, bit_depth, settings),
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would grade" if dry_run else "graded")
