"""The options that describe a look, for the commands that apply or bake one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

import vfx
from vfx.pixelop import Unpremultiplied

__all__ = ["look_from", "look_options", "take_look"]

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--convert", nargs=2, metavar="SPACE SPACE", help="First convert between colour spaces: 'ARRI LogC4' ACEScg."
    ),
    click.option("--from", "decode", metavar="CURVE", help="Then decode this transfer function (logc3, srgb, cineon)."),
    click.option("--exposure", type=float, metavar="STOPS", help="Stops of light: 1 doubles it."),
    click.option("--work", metavar="CURVE", help="Apply CDL, saturation, LUTs and looks in this curve, e.g. acescct."),
    click.option("--cdl", metavar="FILE", help="ASC CDL from a .cc, .ccc, .cdl, .edl or .ale file."),
    click.option("--id", "cdl_id", metavar="ID", help="Which correction of the collection."),
    click.option(
        "--by", type=click.Choice(["event", "reel", "clip"]), help="What --id is in an .edl or .ale.  [default: event]"
    ),
    click.option("--saturation", type=float, metavar="FACTOR", help="1 changes nothing, 0 is grey."),
    click.option("--lut", "luts", multiple=True, metavar="FILE", help="A 1D or 3D LUT; may be given again."),
    click.option(
        "--look", "looks", multiple=True, metavar="FILE", help="Any look file, e.g. .clf; may be given again."
    ),
    click.option("--to", "encode", metavar="CURVE", help="Encode with this transfer function last."),
    click.option(
        "--unpremult", is_flag=True, help="Grade colour divided by alpha, so that soft edges keep their colour."
    ),
)
_NAMES = (
    "convert", "decode", "exposure", "work", "cdl", "cdl_id", "by", "saturation", "luts", "looks", "encode",
    "unpremult",
)  # fmt: skip
# What changes nothing on its own.
_ONLY_HOW = ("work", "cdl_id", "by", "unpremult")


def look_options(function: F) -> F:
    """The command with the options of a look; :func:`take_look` makes it of what they bring."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def take_look(options: dict[str, Any]) -> vfx.Look:
    """The look that a command's options describe; they are taken out of ``options``.

    Raises
    ------
    click.UsageError
        If they describe nothing, or an id without a collection.
    FileNotFoundError, FormatError, ValueError
        As :func:`look_from`.
    """
    wanted = {name: options.pop(name) for name in _NAMES}
    context = click.get_current_context()
    if wanted["cdl_id"] is not None and wanted["cdl"] is None:
        raise click.UsageError("--id picks from a collection, so it needs --cdl", context)
    if not any(wanted[name] not in (None, ()) for name in _NAMES if name not in _ONLY_HOW):
        raise click.UsageError(
            "nothing to do: give --look, --cdl, --lut, --exposure, --saturation, --convert, --from or --to", context
        )
    return look_from(**wanted)


def look_from(
    *,
    convert: tuple[str, str] | None = None,
    decode: str | None = None,
    exposure: float | None = None,
    work: str | None = None,
    cdl: str | None = None,
    cdl_id: str | None = None,
    by: str | None = None,
    saturation: float | None = None,
    luts: tuple[str, ...] = (),
    looks: tuple[str, ...] = (),
    encode: str | None = None,
    unpremult: bool = False,
) -> vfx.Look:
    """The look that the options describe, in their fixed order.

    Convert, decode, exposure, into the working curve, CDL, saturation, LUTs and then looks in the order given,
    out of the working curve, encode. With ``unpremult`` all of it works on colour divided by alpha.

    Raises
    ------
    FileNotFoundError, FormatError, ValueError
        If a file cannot be read, the id is not in the collection, or a curve or colour space is unknown.
    """
    look = vfx.Look()
    if convert is not None:
        look = look.convert(*convert)
    if decode is not None:
        look = look.decode(decode)
    if exposure is not None:
        look = look.exposure(exposure)
    if work is not None:
        look = look.encode(work)
    if cdl is not None:
        look = look.cdl(vfx.color.read_cdl(cdl, cdl_id, by=by))
    if saturation is not None:
        look = look.saturation(saturation)
    for path in luts:
        look = look.lut(vfx.lut.read(path))
    for path in looks:
        look = look + vfx.Look.read(path)
    if work is not None:
        look = look.decode(work)
    if encode is not None:
        look = look.encode(encode)
    return vfx.Look((Unpremultiplied(look.ops),)) if unpremult else look
