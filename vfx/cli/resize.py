"""``vfx resize``: another size, with the filters of production."""

from __future__ import annotations

from typing import Any

import click

from vfx import batch
from vfx.cli._options import FilterName, Size, batch_options, json_option, read_options, reading, write_options, writing
from vfx.cli._output import finish_batch, progress_bar

__all__ = ["command"]


def _request(
    size: tuple[int, int] | None, width: int | None, height: int | None, scale: float | None, mode: str
) -> tuple[str, dict[str, Any]]:
    """The operation and the numbers that were asked for.

    Raises
    ------
    click.UsageError
        If they contradict one another, or there are none.
    """
    context = click.get_current_context()
    given = [name for name, value in (("--size", size), ("--width or --height", width or height), ("--scale", scale))
             if value is not None]  # fmt: skip
    if len(given) != 1:
        wanted = f"got {' and '.join(given)}" if given else "got none"
        raise click.UsageError(
            f"give one of --size, --width/--height and --scale, {wanted}", click.get_current_context()
        )
    if size is not None:
        return {"distort": "resize"}.get(mode, mode), {"width": size[0], "height": size[1]}
    if mode != "distort":
        raise click.UsageError(f"--mode {mode} needs --size", context)
    numbers = {"width": width, "height": height, "scale": scale}
    return "resize", {name: value for name, value in numbers.items() if value is not None}


@click.command(
    epilog="\b\n"
    "vfx resize 'plates/sh010.####.exr' 'proxy/sh010.####.exr' --scale 0.5\n"
    "vfx resize plate.exr hd.exr --size 1920x1080 --mode fit --filter mitchell",
)
@click.argument("source")
@click.argument("target")
@click.option("--size", type=Size(), help="Exactly this size; see --mode.")
@click.option("--width", type=click.IntRange(1), help="This width; the height follows unless it is given too.")
@click.option("--height", type=click.IntRange(1), help="This height; the width follows unless it is given too.")
@click.option("--scale", type=float, help="Times the width and the height.")
@click.option(
    "--mode",
    type=click.Choice(["distort", "fit", "fill"]),
    default="distort",
    show_default=True,
    help="How --size is met: stretched, the whole picture with black bars, or cropped.",
)
@click.option("--pixel-aspect", type=float, help="Of the result, for fit and fill.  [default: as the source]")
@click.option(
    "--filter",
    "filter_name",
    type=FilterName(),
    help="How pixels are weighed: box, triangle, mitchell, catmull-rom, …  [default: lanczos3 down, mitchell up]",
)
@click.option(
    "--edge",
    type=click.Choice(["clamp", "black", "mirror", "wrap"]),
    default="clamp",
    show_default=True,
    help="What stands outside the picture.",
)
@batch_options
@read_options
@write_options
@json_option
def command(
    source: str,
    target: str,
    size: tuple[int, int] | None,
    width: int | None,
    height: int | None,
    scale: float | None,
    mode: str,
    pixel_aspect: float | None,
    filter_name: str | None,
    edge: str,
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
    """Resize SOURCE, a file or a frame sequence, and write TARGET.

    The picture is taken as it is stored: premultiplied and, unless it holds linear light, in its own encoding.
    """
    how, numbers = _request(size, width, height, scale, mode)
    choices: dict[str, Any] = {"filter": filter_name, "edge": edge}
    if pixel_aspect is not None:
        if how == "resize":
            raise click.UsageError("--pixel-aspect needs --mode fit or fill", click.get_current_context())
        choices["pixel_aspect"] = pixel_aspect
    with progress_bar("resize") as progress:
        report = batch.map(
            batch.Resizing(how, numbers | choices),
            source,
            target,
            key=f"resize {how} {numbers} {choices}",
            read_options=reading(part, layer, channels),
            write_options=writing(compression, bit_depth, settings),
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would resize" if dry_run else "resized")
