"""``vfx sheet``: many pictures on one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import vfx
from vfx import ops
from vfx.cli._options import Size, json_option, read_options_but_view, reading, threads_option
from vfx.cli._output import print_json
from vfx.cli._views import shown, view_option
from vfx.errors import SequenceError
from vfx.io.sequence import Sequence, has_frame_token

__all__ = ["command"]


def _files(names: tuple[str, ...], frames: str | None, every: int) -> Iterator[tuple[Path, int | None]]:
    """The files with their frames: every so many of each sequence, and single files as they are."""
    for name in names:
        if not has_frame_token(name) or Path(name).exists():
            yield Path(name), None
            continue
        sequence = Sequence(name, frames=frames)
        if not sequence.frames:
            _ = sequence.first  # raises and says what is there
        for frame in sequence.frames[::every]:
            yield sequence.path(frame), frame


def _thumbnail(image: vfx.Image, tile: tuple[int, int], view: str) -> vfx.Image:
    """The picture as it is seen, small: scaled in its own light, encoded after it."""
    whole = image if image.data_window == image.display_window else image.to_display_window()
    small = ops.fit(whole, *tile, pixel_aspect=1.0, pad=False, filter="triangle")
    small = small.like(small.numpy(), channels=small.channel_names, display_window=small.data_window)
    return shown(small, view)


def _shown_small(path: Path, options: dict[str, Any], tile: tuple[int, int], view: str) -> vfx.Image:
    """The thumbnail of a file; what cannot be shown is told with its path."""
    image = vfx.read(path, **options)
    try:
        return _thumbnail(image, tile, view)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _tile_of(path: Path, width: int) -> tuple[int, int]:
    """A tile of the proportions that the picture in a file has."""
    part = vfx.probe(path).parts[0]
    x0, y0, x1, y1 = part.display_window
    shape = (x1 - x0 + 1) * (part.pixel_aspect or 1.0) / (y1 - y0 + 1)
    return width, max(16, round(width / shape))


@click.command(
    epilog="\b\n"
    "vfx sheet 'plates/sh010.####.exr' --every 10 -o sh010.png\n"
    "vfx sheet sh*/comp.exr --columns 4 --tile 640x360 --title 'dailies 12 May' -o dailies.jpg",
)
@click.argument("sources", nargs=-1, required=True)
@click.option("-o", "--output", required=True, metavar="FILE", help="The sheet.")
@click.option("--columns", type=click.IntRange(1), help="Pictures in a row.  [default: as many as rows]")
@click.option("--tile", type=Size(8, 8192), help="Size of each.  [default: 480 wide, as the first is]")
@click.option(
    "--labels", type=click.Choice(["name", "frame", "none"]), default="name", show_default=True, help="Below each."
)
@click.option("--title", metavar="TEXT", help="A heading.")
@click.option("--font", metavar="FILE", help="A TrueType or OpenType font for labels and title.")
@click.option("--frames", metavar="RANGE", help="Only these frames of sequences: 1001-1100, 1-10x2.")
@click.option("--every", type=click.IntRange(1), default=1, metavar="N", help="Only each N-th frame of sequences.")
@view_option
@threads_option
@read_options_but_view
@json_option
def command(
    sources: tuple[str, ...],
    output: str,
    columns: int | None,
    tile: tuple[int, int] | None,
    labels: str,
    title: str | None,
    font: str | None,
    frames: str | None,
    every: int,
    view: str,
    part: str | None,
    layer: str | None,
    channels: str | None,
    as_json: bool,
) -> int:
    """Lay SOURCES, files and frame sequences, out on one picture.

    Scene-linear pictures are scaled as they are and then encoded for the display (--view); the sheet has 8 bits, or,
    with --view none, the format of the pictures.
    """
    if has_frame_token(output):
        raise SequenceError(f"a sheet is one picture, so the output must be one file, got {output}")
    found = list(_files(sources, frames, every))
    if Path(output).resolve() in {path.resolve() for path, _ in found}:
        raise SequenceError(f"{output} is a source file; nothing was read")
    size = tile or _tile_of(found[0][0], 480)
    options = reading(part, layer, channels)
    small = [_shown_small(path, options, size, view) for path, _ in found]
    words = [str(frame) if labels == "frame" and frame is not None else path.stem for path, frame in found]
    ground = 0.02 if view == "none" and small[0].format in ("f16", "f32") else 0.09
    sheet = ops.contact_sheet(
        small,
        columns,
        tile=size,
        labels=None if labels == "none" else words,
        title=title,
        font=font,
        background=ground,
        color=0.78,
    )
    target = Path(output)
    target.parent.mkdir(parents=True, exist_ok=True)
    vfx.write(target, sheet if view == "none" else sheet.astype("u8"))
    if as_json:
        print_json({"path": str(target), "pictures": len(found), "width": sheet.width, "height": sheet.height})
    else:
        click.echo(f"{len(found)} picture{'s' if len(found) > 1 else ''} -> {target} ({sheet.width} x {sheet.height})")
    return 0
