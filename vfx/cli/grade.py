"""``vfx grade``: a CDL, LUTs and a few knobs on a shot."""

from __future__ import annotations

from typing import Any

import click

import vfx
from vfx import batch
from vfx.cli._options import batch_options, json_option, read_options, reading, write_options, writing
from vfx.cli._output import finish_batch, progress_bar
from vfx.pixelop import Unpremultiplied

__all__ = ["command", "look_from"]


def look_from(
    *,
    decode: str | None = None,
    exposure: float | None = None,
    work: str | None = None,
    cdl: str | None = None,
    cdl_id: str | None = None,
    saturation: float | None = None,
    luts: tuple[str, ...] = (),
    encode: str | None = None,
    unpremult: bool = False,
) -> vfx.Look:
    """The look that the options describe, in their fixed order.

    Decode, exposure, into the working curve, CDL, saturation, LUTs in the order given, out of the
    working curve, encode. With ``unpremult`` all of it works on colour divided by alpha.

    Raises
    ------
    FileNotFoundError, FormatError, ValueError
        If the CDL or a LUT cannot be read, the id is not in the collection, or a curve is unknown.
    """
    look = vfx.Look()
    if decode is not None:
        look = look.decode(decode)
    if exposure is not None:
        look = look.exposure(exposure)
    if work is not None:
        look = look.encode(work)
    if cdl is not None:
        look = look.cdl(vfx.color.read_cdl(cdl, id=cdl_id))
    if saturation is not None:
        look = look.saturation(saturation)
    for path in luts:
        look = look.lut(vfx.lut.read(path))
    if work is not None:
        look = look.decode(work)
    if encode is not None:
        look = look.encode(encode)
    return vfx.Look((Unpremultiplied(look.ops),)) if unpremult else look


@click.command(
    epilog="\b\n"
    "vfx grade 'plates/sh010.####.exr' --cdl show.ccc --id sh010 --lut show.cube -o 'graded/sh010.####.exr'\n"
    "vfx grade scan.%04d.dpx --from cineon --exposure 0.5 -o lin/scan.%04d.exr --dtype f16 --compression dwaa",
)
@click.argument("source")
@click.option("-o", "--output", required=True, metavar="PATTERN", help="Where the graded frames go; folders are made.")
@click.option("--from", "decode", metavar="CURVE", help="Decode this transfer function first (logc3, srgb, cineon).")
@click.option("--exposure", type=float, metavar="STOPS", help="Stops of light: 1 doubles it.")
@click.option("--work", metavar="CURVE", help="Apply CDL, saturation and LUTs in this curve, e.g. logc3, acescct.")
@click.option("--cdl", metavar="FILE", help="ASC CDL from a .cc, .ccc or .cdl file.")
@click.option("--id", "cdl_id", metavar="ID", help="Which correction of the collection.")
@click.option("--saturation", type=float, metavar="FACTOR", help="1 changes nothing, 0 is grey.")
@click.option("--lut", "luts", multiple=True, metavar="FILE", help="A 1D or 3D LUT; may be given again.")
@click.option("--to", "encode", metavar="CURVE", help="Encode with this transfer function last.")
@click.option("--unpremult", is_flag=True, help="Grade colour divided by alpha, so that soft edges keep their colour.")
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

    Whatever the order of the options, the order of the work is: --from, --exposure, into --work, --cdl,
    --saturation, --lut, out of --work, --to. Frames that are already done with the same grade are left out.
    """
    names = ("decode", "exposure", "work", "cdl", "cdl_id", "saturation", "luts", "encode", "unpremult")
    wanted = {name: options.pop(name) for name in names}
    context = click.get_current_context()
    if wanted["cdl_id"] is not None and wanted["cdl"] is None:
        raise click.UsageError("--id picks from a collection, so it needs --cdl", context)
    if not any(wanted[name] not in (None, ()) for name in names if name not in ("work", "cdl_id", "unpremult")):
        raise click.UsageError("nothing to do: give --cdl, --lut, --exposure, --saturation, --from or --to", context)
    look = look_from(**wanted)
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
