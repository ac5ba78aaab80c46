"""``vfx convert``: other format, compression or bit depth, same pixels."""

from __future__ import annotations

from typing import Any

import click

from vfx import batch
from vfx.cli._options import batch_options, json_option, read_options, reading, write_options, writing
from vfx.cli._output import finish_batch, progress_bar
from vfx.image import Image

__all__ = ["command"]


def _unchanged(image: Image) -> Image:
    """The image as it is."""
    return image


@click.command(
    epilog="\b\n"
    "vfx convert 'scan.####.dpx' 'exr/scan.####.exr' --compression piz --dtype f16\n"
    "vfx convert still.tif still.png --bit-depth 16",
)
@click.argument("source")
@click.argument("target")
@batch_options
@read_options
@write_options
@json_option
def command(
    source: str,
    target: str,
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
    """Convert SOURCE, a file or a frame sequence, to TARGET; the extension tells the format.

    No transfer function is applied: log stays log and linear stays linear (see vfx grade --from --to).
    """
    with progress_bar("convert") as progress:
        report = batch.map(
            _unchanged,
            source,
            target,
            key="convert",
            read_options=reading(part, layer, channels),
            write_options=writing(compression, bit_depth, settings),
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would convert" if dry_run else "converted")
