"""``vfx convert``: other format, compression or bit depth, same pixels."""

from __future__ import annotations

from pathlib import Path
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


def _copied(source: Path, target: Path) -> None:
    """The EXR file again, every chunk as it is stored."""
    from vfx.io import exr

    if source.suffix.lower() not in exr.EXTENSIONS or target.suffix.lower() not in exr.EXTENSIONS:
        raise ValueError(f"--keep copies EXR files to EXR files, not {source.suffix} to {target.suffix}")
    exr.rewrite(source, target)


@click.command(
    epilog="\b\n"
    "vfx convert --keep 'render.####.exr' 'delivery/render.####.exr'\n"
    "vfx convert 'scan.####.dpx' 'exr/scan.####.exr' --compression piz --dtype f16\n"
    "vfx convert still.tif still.png --bit-depth 16",
)
@click.argument("source")
@click.argument("target")
@click.option(
    "--keep", is_flag=True, help="Copy EXR files as they are stored: every part, level, attribute and deep sample."
)
@batch_options
@read_options
@write_options
@json_option
def command(
    source: str,
    target: str,
    keep: bool,
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
    reads, writes = reading(part, layer, channels), writing(compression, bit_depth, settings)
    if keep and (reads or writes or options.get("dtype")):
        raise click.UsageError(
            "--keep copies what is stored; it takes no options of pixels", click.get_current_context()
        )
    with progress_bar("convert") as progress:
        report = batch.map(
            batch.FileByFile(_copied) if keep else batch.RowByRow(_unchanged),
            source,
            target,
            key="keep" if keep else "convert",
            read_options=reads,
            write_options=writes,
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would convert" if dry_run else "converted")
