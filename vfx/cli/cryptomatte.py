"""``vfx cryptomatte``: the mattes in a picture file, listed or written as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import vfx
from vfx.cli._options import json_option, threads_option, write_options, writing
from vfx.cli._output import print_json
from vfx.io.cryptomatte import Cryptomatte, Layer
from vfx.io.sequence import Sequence as Frames
from vfx.io.sequence import has_frame_token

__all__ = ["command"]


def _pixel(text: str) -> tuple[int, int]:
    """``X,Y`` as two numbers."""
    x, comma, y = text.partition(",")
    try:
        return int(x), int(y if comma else "")
    except ValueError:
        raise click.UsageError(f"--pixel needs X,Y, got {text!r}", click.get_current_context()) from None


def _facts(layer: Layer, found: bool) -> dict[str, Any]:
    """What a layer has, for both kinds of output."""
    facts: dict[str, Any] = {
        "layer": layer.name,
        "ranks": layer.ranks,
        "names": [{"name": name, "id": f"{one:08x}"} for name, one in sorted(layer.manifest.items())],
    }
    if found and layer.ranks:
        facts["found"] = [
            {"name": one.name, "id": f"{one.id:08x}", "coverage": one.coverage, "pixels": one.pixels, "box": one.box}
            for one in layer.found()
        ]
    return facts


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    """A layer as text."""
    yield f"{facts['layer']}: {facts['ranks']} ranks, {len(facts['names'])} names"
    if "found" in facts:
        for one in facts["found"]:
            x0, y0, x1, y1 = one["box"]
            yield f"  {one['id']}  {one['coverage']:12.1f} px  ({x0}, {y0}) - ({x1}, {y1})  {one['name']}"
    else:
        for one in facts["names"]:
            yield f"  {one['id']}  {one['name']}"


def _sources(source: str, output: str | None) -> list[tuple[Path, Path | None]]:
    """Each file and where its mattes go: one, or the frames of a sequence."""
    if not has_frame_token(source):
        return [(Path(source), None if output is None else Path(output))]
    frames = Frames(source)
    if output is None:
        return [(frames.path(frames.first), None)]
    if not has_frame_token(output):
        raise click.UsageError("a sequence needs a frame token such as #### in -o", click.get_current_context())
    targets = Frames(output, frames=frames.frames)
    return [(frames.path(frame), targets.path(frame)) for frame in frames]


def _write(source: Path, target: Path, layer: str | None, asked: dict[str, Any], separate: bool, how: Any) -> None:
    """The mattes of one file into another."""
    chosen = Cryptomatte(source, manifest=asked["manifest"]).layer(layer)
    wanted = {"names": asked["names"], "pixels": asked["pixels"]}
    picture = chosen.mattes(**wanted) if separate else chosen.matte(**wanted)
    if asked["dtype"] is not None:
        picture = picture.astype(asked["dtype"])
    if target.suffix.lower() != ".exr" and not separate:
        picture = picture.rename({"A": "Y"})  # grey: other formats have no alpha alone
    target.parent.mkdir(parents=True, exist_ok=True)
    vfx.write(target, picture, **how)


@click.command(
    epilog="\b\n"
    "vfx cryptomatte beauty.exr --found\n"
    "vfx cryptomatte beauty.exr --matte 'car*' -o car.exr\n"
    "vfx cryptomatte 'beauty.####.exr' --matte car --matte tree_01 --separate -o 'mattes.####.exr'",
)
@click.argument("source")
@click.option("--layer", metavar="NAME", help="The Cryptomatte layer.  [default: all when listing, else the first]")
@click.option("--found", is_flag=True, help="List what the pixels have, with areas and boxes; reads all ranks.")
@click.option(
    "--matte", "names", multiple=True, metavar="NAME", help="A name, a wildcard, or an id as 0x…; repeatable."
)
@click.option("--pixel", "pixels", multiple=True, metavar="X,Y", help="What is seen at this pixel; repeatable.")
@click.option("--separate", is_flag=True, help="A channel for each matte, by its name, instead of their sum.")
@click.option("--manifest", type=click.Path(dir_okay=False), help="A manifest file instead of the picture's own.")
@click.option("-o", "--output", metavar="FILE", help="Where the matte goes; a pattern for a sequence.")
@write_options
@threads_option
@json_option
def command(
    source: str,
    layer: str | None,
    found: bool,
    names: Sequence[str],
    pixels: Sequence[str],
    separate: bool,
    manifest: str | None,
    output: str | None,
    compression: str | None,
    bit_depth: int | None,
    dtype: str | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> int:
    """List the Cryptomatte layers of SOURCE, an EXR file or a frame sequence, or write mattes of them."""
    wanted = bool(names or pixels)
    if wanted != (output is not None):
        raise click.UsageError("--matte or --pixel and -o go together", click.get_current_context())
    places = [_pixel(text) for text in pixels]
    asked = {"names": names, "pixels": places, "manifest": manifest, "dtype": dtype}
    how = writing(compression, bit_depth, settings)
    if output is not None:
        done = _sources(source, output)
        for path, target in done:
            assert target is not None  # every source has one when there is an output
            _write(path, target, layer, asked, separate, how)
        if as_json:
            print_json({"written": [str(target) for _, target in done]})
        else:
            click.echo(f"wrote {output}" + (f" ({len(done)} frames)" if len(done) > 1 else ""))
        return 0
    crypto = Cryptomatte(_sources(source, None)[0][0], manifest=manifest)
    layers = [crypto[layer]] if layer else list(crypto.values()) or [crypto.layer()]
    facts = [_facts(one, found) for one in layers]
    if as_json:
        print_json(facts)
    else:
        click.echo("\n\n".join("\n".join(_lines(one)) for one in facts))
    return 0
