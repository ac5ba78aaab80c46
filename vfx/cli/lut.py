"""``vfx lut``: what a lookup table holds, other file formats, and putting one on a picture."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

import vfx
from vfx.cli._options import json_option, threads_option
from vfx.cli._output import print_json
from vfx.lut import Lut1D, Lut3D, LutChain

__all__ = ["command"]


@click.group()
def command() -> None:
    """Look into, convert and apply 1D and 3D LUTs."""


def _facts(lut: Lut1D | Lut3D | LutChain) -> list[dict[str, Any]]:
    """What each table of the LUT holds, in the order in which they work."""
    tables: list[Lut1D | Lut3D] = [lut.shaper, lut.cube] if isinstance(lut, LutChain) else [lut]
    return [
        {
            "type": "1D" if isinstance(one, Lut1D) else "3D",
            "size": one.size,
            "domain_min": list(one.domain_min),
            "domain_max": list(one.domain_max),
            "lowest": float(np.min(one.table)),
            "highest": float(np.max(one.table)),
            "title": one.title,
            "identity": bool(one.is_identity),
        }
        for one in tables
    ]


@command.command("info", epilog="\b\nvfx lut info show.cube")
@click.argument("path")
@json_option
def info(path: str, as_json: bool) -> int:
    """Say what the LUT file PATH holds."""
    facts = _facts(vfx.lut.read(path))
    if as_json:
        print_json({"path": path, "tables": facts})
        return 0
    click.echo(path)
    for one in facts:
        size = f"{one['size']} entries" if one["type"] == "1D" else f"{one['size']} x {one['size']} x {one['size']}"
        title = f" {one['title']!r}" if one["title"] else ""
        same = ", identity" if one["identity"] else ""
        low, high = ("(" + ", ".join(f"{value:g}" for value in one[key]) + ")" for key in ("domain_min", "domain_max"))
        click.echo(f"  {one['type']} LUT{title}, {size}{same}")
        click.echo(f"  domain  {low} to {high}")
        click.echo(f"  values  {one['lowest']:g} to {one['highest']:g}")
    return 0


@command.command("convert", epilog="\b\nvfx lut convert show.cube show.spi3d --size 33")
@click.argument("source")
@click.argument("target")
@click.option("--size", type=click.IntRange(2, 256), help="Resample to this many entries along an axis.")
def convert(source: str, target: str, size: int | None) -> int:
    """Write the LUT SOURCE as TARGET; the extension tells the format."""
    lut = vfx.lut.read(source)
    if size is not None:
        if isinstance(lut, LutChain):
            raise ValueError(f"{source}: --size needs one table, this is a shaper with a cube")
        lut = lut.resize(size)
    vfx.lut.write(target, lut)
    click.echo(f"{source} -> {target}")
    return 0


@command.command("apply", epilog="\b\nvfx lut apply show.cube still.exr graded.png")
@click.argument("path")
@click.argument("source")
@click.argument("target")
@click.option(
    "--interpolation",
    type=click.Choice(["nearest", "linear", "trilinear", "tetrahedral"]),
    help="How values between entries are found.  [default: linear in 1D, tetrahedral in 3D]",
)
@threads_option
def apply(path: str, source: str, target: str, interpolation: str | None) -> int:
    """Put the LUT PATH on the picture SOURCE and write TARGET. Sequences: vfx grade --lut."""
    look = vfx.Look().lut(vfx.lut.read(path), interpolation=interpolation)
    report = vfx.batch.grade(source, target, look)
    click.echo(f"{report.source} -> {report.target}")
    return 0
