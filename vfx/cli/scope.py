"""``vfx scope``: scopes, false colour and difference maps of pictures and sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

import vfx
from vfx import batch, ops
from vfx.cli._options import Size, batch_options, json_option, read_options_but_view, reading
from vfx.cli._output import finish_batch, progress_bar
from vfx.cli._views import curve_for, shown, view_option

__all__ = ["command"]

KINDS = ("waveform", "luma", "parade", "vectorscope", "histogram", "stops", "zones")


def _panel(image: vfx.Image, kind: str, view: str, options: dict[str, Any]) -> vfx.Image:
    """One scope; values are encoded for it, and 18 % grey is marked in the curve."""
    if kind == "stops":
        return ops.false_colour(image, legend=True)
    curve = curve_for(view, image.format)
    seen = shown(image, view)
    if kind == "zones":
        return ops.false_colour(seen, "zones", legend=True)
    if kind == "vectorscope":
        return ops.vectorscope(seen, **options)
    marks = {} if curve is None else {"18 %": float(vfx.transfer.encode(0.18, curve))}
    if kind == "histogram":
        return ops.histogram_picture(seen, marks=marks, **options)
    if kind == "parade":
        return ops.parade(seen, marks=marks, **options)
    return ops.waveform(seen, mode="luma" if kind == "luma" else "rgb", marks=marks, **options)


def _job(
    kind: str | None, against: str | None, view: str, maximum: float | None, options: dict[str, Any]
) -> Callable[..., vfx.Image]:
    """What is done to each frame."""
    if against is None:
        return lambda image: _panel(image, kind or KINDS[0], view, options)
    return lambda image, other: ops.difference_map(image, other, maximum=maximum, legend=True)


def _check_drawing(what: str, given: set[str]) -> None:
    """Raise a usage error for options that do nothing to what is drawn."""
    unused = {"--against": {"size", "limits"}, "--kind stops": {"size", "limits"}, "--kind zones": {"size", "limits"}}
    for name in sorted(given & unused.get(what, {"limits"} if what.endswith("vectorscope") else set())):
        raise click.UsageError(f"--{name} does not go with {what}", click.get_current_context())


@click.command(
    epilog="\b\n"
    "vfx scope plate.exr -o waveform.png\n"
    "vfx scope 'plates/sh010.####.exr' --kind parade --view logc3 -o 'scopes/sh010.####.png'\n"
    "vfx scope comp.exr --against reference.exr --max 0.1 -o difference.png",
)
@click.argument("source")
@click.option("-o", "--output", required=True, metavar="PATTERN", help="Where the pictures go; folders are made.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="stops: false colour by stops of scene-linear light; zones: the signal's critical parts.  [default: waveform]",
)
@click.option("--against", metavar="PATTERN", help="A heat map of the difference from this picture or sequence.")
@click.option("--max", "maximum", type=click.FloatRange(0, min_open=True), help="Difference that is white.")
@view_option
@click.option("--size", type=Size(64, 8192), help="Of the panel.  [default: 1024x576]")
@click.option("--limits", type=float, nargs=2, metavar="LOW HIGH", help="Values at the ends of the graticule.")
@batch_options
@read_options_but_view
@json_option
def command(
    source: str,
    output: str,
    kind: str | None,
    against: str | None,
    maximum: float | None,
    view: str,
    size: tuple[int, int] | None,
    limits: tuple[float, float] | None,
    part: str | None,
    layer: str | None,
    channels: str | None,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Draw a scope of SOURCE, a file or a frame sequence, as a picture for each frame.

    Scene-linear pictures are encoded for waveforms, histograms and vectorscopes (--view); false colour by stops and
    differences take values as they are.
    """
    if kind is not None and against is not None:
        raise click.UsageError("--kind and --against exclude each other", click.get_current_context())
    if maximum is not None and against is None:
        raise click.UsageError("--max needs --against", click.get_current_context())
    given = {"size": size, "limits": limits}
    drawing = {name: value for name, value in given.items() if value is not None}
    _check_drawing("--against" if against else f"--kind {kind or KINDS[0]}", set(drawing))
    with progress_bar("scope") as progress:
        report = batch.map(
            _job(kind, against, view, maximum, drawing),
            source,
            output,
            key=f"scope {kind} {against} {maximum} {view} {drawing}",
            beside=() if against is None else (against,),
            read_options=reading(part, layer, channels),
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would draw" if dry_run else "drew")
