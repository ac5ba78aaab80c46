"""``vfx lut``: what a lookup table holds, other file formats, baking, comparing, and putting one on a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

import vfx
from vfx.cli._look_options import look_options, take_look
from vfx.cli._options import json_option, threads_option
from vfx.cli._output import print_json
from vfx.lut import Lut1D, Lut3D, LutChain

__all__ = ["command"]

_CDL_SOURCES = (".ale", ".cc", ".ccc", ".cdl", ".edl")


@click.group()
def command() -> None:
    """Look into, convert, bake, compare and apply LUTs and process lists."""


def _facts(lut: Any) -> list[dict[str, Any]]:
    """What each part of the LUT or process list does, in the order in which they work."""
    if isinstance(lut, LutChain):
        return [fact for one in lut.luts for fact in _facts(one)]
    if not hasattr(lut, "table"):
        parts = getattr(lut, "nodes", None)
        return [{"type": type(lut).__name__, "does": repr(lut)}] if parts is None else _node_facts(parts)
    kind = {Lut1D: "1D", Lut3D: "3D"}.get(type(lut), "1D, half-float domain")
    fact: dict[str, Any] = {"type": kind, "size": lut.size}
    if isinstance(lut, (Lut1D, Lut3D)):
        fact |= {"domain_min": list(lut.domain_min), "domain_max": list(lut.domain_max)}
    table = lut.table[np.isfinite(lut.table)]
    return [
        fact
        | {
            "lowest": float(table.min(initial=np.inf)),
            "highest": float(table.max(initial=-np.inf)),
            "title": lut.title,
            "identity": bool(lut.is_identity),
        }
    ]


def _node_facts(nodes: Any) -> list[dict[str, Any]]:
    """The same for the nodes of a process list."""
    return [
        {"type": node.element, "title": node.name, "does": repr(getattr(node.op, "lut", node.op))} for node in nodes
    ]


def _cdl_facts(path: str) -> list[dict[str, Any]]:
    """Each correction of a CDL file with its id."""
    return [
        {"type": "CDL", "title": name, "does": repr(vfx.Look().cdl(cdl).ops[0])}
        for name, cdl in vfx.color.read_cdls(path).items()
    ]


def _describe(fact: dict[str, Any]) -> list[str]:
    """A part as lines of text."""
    if "does" in fact:
        title = f" {fact['title']!r}" if fact.get("title") else ""
        return [f"  {fact['type']}{title}: {fact['does']}"]
    size = f"{fact['size']} x {fact['size']} x {fact['size']}" if fact["type"] == "3D" else f"{fact['size']} entries"
    title = f" {fact['title']!r}" if fact["title"] else ""
    lines = [f"  {fact['type']} LUT{title}, {size}{', identity' if fact['identity'] else ''}"]
    if "domain_min" in fact:
        ends = ("(" + ", ".join(f"{value:g}" for value in fact[key]) + ")" for key in ("domain_min", "domain_max"))
        lines.append(f"  domain  {' to '.join(ends)}")
    return [*lines, f"  values  {fact['lowest']:g} to {fact['highest']:g}"]


@command.command("info", epilog="\b\nvfx lut info show.cube")
@click.argument("path")
@json_option
def info(path: str, as_json: bool) -> int:
    """Say what the LUT, process list or CDL in the file PATH holds."""
    facts = _cdl_facts(path) if Path(path).suffix.lower() in _CDL_SOURCES else _facts(vfx.lut.read(path))
    if as_json:
        print_json({"path": path, "tables": facts})
        return 0
    click.echo(path)
    for fact in facts:
        click.echo("\n".join(_describe(fact)))
    return 0


@command.command("convert", epilog="\b\nvfx lut convert show.cube show.spi3d --size 33")
@click.argument("source")
@click.argument("target")
@click.option("--size", type=click.IntRange(2, 256), help="Resample to this many entries along an axis.")
@click.option("--id", "wanted", metavar="ID", help="Which correction of a CDL collection.")
def convert(source: str, target: str, size: int | None, wanted: str | None) -> int:
    """Write the LUT, process list or CDL SOURCE as TARGET; the extension tells the format.

    A target that cannot hold what the source does gets it as a cube over [0, 1], and how far that is off is said.
    """
    look = vfx.Look.read(source, id=wanted)
    if size is not None:
        look = _resized(source, look, size)
    look.write(target, size=size or 33)
    click.echo(f"{source} -> {target}{_loss(look, target)}")
    return 0


def _resized(source: str, look: vfx.Look, size: int) -> vfx.Look:
    """A look of one table, with another number of entries; other looks are baked in that size anyway."""
    only = getattr(look.ops[0], "lut", None) if len(look) == 1 else None
    if isinstance(only, LutChain):
        raise ValueError(f"{source}: --size needs one table, this is a shaper with a cube")
    return vfx.Look().lut(only.resize(size)) if isinstance(only, (Lut1D, Lut3D)) else look


def _loss(look: vfx.Look, target: str) -> str:
    """What to say when a target only comes near its source."""
    error = look.bake_error(vfx.Look.read(target), domain=(0.0, 1.0))
    return f" ({error})" if error.max_error > 1e-6 else ""


@command.command(
    "bake",
    epilog="\b\n"
    "vfx lut bake show.cube --from acescct --look grade.clf --to srgb\n"
    "vfx lut bake grade.cube --exposure 0.5 --cdl sh010.cc --to srgb --shaper auto --size 65",
)
@click.argument("target")
@look_options
@click.option("--size", type=click.IntRange(2, 256), default=33, show_default=True, help="Entries along an axis.")
@click.option("--shaper", metavar="CURVE", help="auto, or a transfer function; scene-linear light needs one.")
@click.option("--domain", type=float, nargs=2, metavar="LOW HIGH", help="The inputs that the LUT is for.")
@click.option("--tolerance", type=float, metavar="ERROR", help="Take a larger cube until it is not off by more.")
@json_option
def bake(
    target: str,
    size: int,
    shaper: str | None,
    domain: tuple[float, float] | None,
    tolerance: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Write the look that the options describe as the LUT file TARGET, and say how far it is off."""
    look = take_look(options)
    lut = look.bake(size, shaper, domain=domain, tolerance=tolerance)
    vfx.lut.write(target, lut)
    error = look.bake_error(lut)
    if as_json:
        fact = {"max_error": error.max_error, "mean_error": error.mean_error, "at": error.at, "domain": error.domain}
        print_json({"path": target, "tables": _facts(lut), **fact})
    else:
        click.echo(f"{target}: {lut!r}, {error}")
    return 0


@command.command("compare", epilog="\b\nvfx lut compare show.cube show.clf --threshold 1e-4")
@click.argument("first")
@click.argument("second")
@click.option("--domain", type=float, nargs=2, default=(0.0, 1.0), metavar="LOW HIGH", help="Inputs.  [default: 0 1]")
@click.option(
    "--threshold", type=click.FloatRange(min=0.0), default=1e-5, show_default=True, help="Exit code 1 when off by more."
)
@json_option
def compare(first: str, second: str, domain: tuple[float, float], threshold: float, as_json: bool) -> int:
    """Say how far apart what two LUT, process list or CDL files do is; exit code 1 when it is more than a threshold.

    Differences are absolute up to 1 and relative above, over colours and greys of the domain.
    """
    error = vfx.Look.read(first).bake_error(vfx.Look.read(second), domain=domain)
    same = error.max_error <= threshold
    if as_json:
        fact = {"max_error": error.max_error, "mean_error": error.mean_error, "at": error.at, "domain": error.domain}
        print_json({"first": first, "second": second, "same": same, **fact})
    else:
        click.echo(f"{first} and {second}: {error}")
    return 0 if same else 1


@command.command("apply", epilog="\b\nvfx lut apply show.cube still.exr graded.png")
@click.argument("path")
@click.argument("source")
@click.argument("target")
@click.option(
    "--interpolation",
    type=click.Choice(["nearest", "linear", "cubic", "trilinear", "tetrahedral"]),
    help="How values between entries are found.  [default: linear in 1D, tetrahedral in 3D]",
)
@click.option("--inverse", is_flag=True, help="Undo the LUT instead.")
@click.option("--id", "wanted", metavar="ID", help="Which correction of a CDL collection.")
@threads_option
def apply(path: str, source: str, target: str, interpolation: str | None, inverse: bool, wanted: str | None) -> int:
    """Put the LUT, process list or CDL PATH on the picture SOURCE and write TARGET. Sequences: vfx grade --look."""
    look = (
        vfx.Look.read(path, id=wanted) if interpolation is None else vfx.Look().lut(vfx.lut.read(path), interpolation)
    )
    report = vfx.batch.grade(source, target, look.inverse() if inverse else look)
    click.echo(f"{report.source} -> {report.target}")
    return 0
