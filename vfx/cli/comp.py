"""``vfx comp``: layers on one another, stills or whole shots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from vfx import batch, ops
from vfx.cli._options import Choice, batch_options, json_option, write_options, writing
from vfx.cli._output import finish_batch, progress_bar
from vfx.image import Image
from vfx.io.sequence import has_frame_token
from vfx.ops.blend import MODES
from vfx.ops.merge import ALPHA_MASKED, OPERATIONS

__all__ = ["command"]


@dataclass(frozen=True)
class _Comp:
    """What becomes of one frame's pictures.

    Parameters
    ----------
    first : int
        The place, from the top, of the picture that comes first: the batch reads it before the others.
    layers : int
        How many there are; a mask comes after them.
    operation, mode : str
        One of them: an operation of ``ops.merge``, or a mode of ``ops.blend``.
    opacity, mix : float
        As there.
    premultiply, alpha_masking : bool
        Whether all layers but the lowest are premultiplied first; as in ``ops.merge``.
    channels : tuple of str
        What an operation changes; empty for all.
    """

    first: int
    layers: int
    operation: str
    mode: str
    opacity: float
    mix: float
    premultiply: bool
    alpha_masking: bool
    channels: tuple[str, ...]

    def __call__(self, *pictures: Image) -> Image:
        """The layers of one frame, composited."""
        others = list(pictures[1 : self.layers])
        stack = [*others[: self.first], pictures[0], *others[self.first :]]
        mask = pictures[self.layers] if len(pictures) > self.layers else None
        if self.premultiply:
            stack[:-1] = [layer.premultiply() if layer.has_alpha else layer for layer in stack[:-1]]
        if not self.mode:
            options: dict[str, Any] = {"mask": mask, "mix": self.mix, "alpha_masking": self.alpha_masking}
            return ops.merge(stack, operation=self.operation, channels=self.channels or None, **options)
        result = stack.pop()
        while stack:
            result = ops.blend(stack.pop(), result, self.mode, self.opacity, mask=mask, mix=self.mix)
        return result


def _check(layers: tuple[str, ...], operation: str | None, mode: str, given: dict[str, bool]) -> None:
    """Raise a usage error for too few layers, and for options that the other kind of work takes."""
    context = click.get_current_context()
    if len(layers) < 2:
        raise click.UsageError("a comp needs at least two layers, the top first", context)
    if mode and operation:
        raise click.UsageError("give --operation or --blend, not both", context)
    wrong = ("--channels", "--alpha-masking") if mode else ("--opacity",)
    for name in wrong:
        if given[name]:
            raise click.UsageError(f"{name} goes with {'--operation' if mode else '--blend'}", context)
    if given["--alpha-masking"] and (operation or "over") not in ALPHA_MASKED:
        listed = ", ".join(name.replace("_", "-") for name in ALPHA_MASKED)
        raise click.UsageError(f"--alpha-masking goes with --operation {listed}", context)


@click.command(
    epilog="\b\n"
    "vfx comp 'fg.####.exr' 'bg.####.exr' -o 'comp.####.exr'\n"
    "vfx comp smoke.exr fire.exr plate.exr --operation screen --mask garbage.exr -o comp.exr\n"
    "vfx comp grain.exr plate.exr --blend overlay --opacity 0.3 -o comp.exr",
)
@click.argument("layers", nargs=-1, required=True)
@click.option("-o", "--output", required=True, metavar="PATTERN", help="Where the comp goes; folders are made.")
@click.option(
    "--operation",
    type=Choice(OPERATIONS),
    help="How each layer merges with those below it, as in Nuke's Merge.  [default: over]",
)
@click.option("--blend", "mode", type=Choice(MODES), help="Blend mode.")
@click.option("--opacity", type=click.FloatRange(0, 1), help="Of each blended layer's alpha.  [default: 1]")
@click.option(
    "--mix", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Fades the result to the layer below."
)
@click.option("--mask", metavar="FILE", help="Picture or sequence whose A (or only channel) limits the result.")
@click.option("--alpha-masking", is_flag=True, help="Alpha by the rule of PDF and SVG.")
@click.option("--channels", metavar="NAMES", help="Only these channels: R,G,B.")
@click.option("--premultiply", is_flag=True, help="Premultiply all layers but the lowest first.")
@batch_options
@write_options
@json_option
def command(
    layers: tuple[str, ...],
    output: str,
    operation: str | None,
    mode: str | None,
    opacity: float | None,
    mix: float,
    mask: str | None,
    alpha_masking: bool,
    channels: str | None,
    premultiply: bool,
    compression: str | None,
    bit_depth: int | None,
    settings: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Composite LAYERS, the top first, into OUTPUT.

    Each is a file or a frame sequence; a still stays under or over every frame. Pictures lie where their data
    windows say; metadata and display window are those of the lowest layer.
    """
    given = {"--opacity": opacity is not None, "--channels": channels is not None, "--alpha-masking": alpha_masking}
    _check(layers, operation, mode or "", given)
    first = next((index for index, layer in enumerate(layers) if has_frame_token(layer)), 0)
    comp = _Comp(
        first=first,
        layers=len(layers),
        operation=operation or "over",
        mode=mode or "",
        opacity=1.0 if opacity is None else opacity,
        mix=mix,
        premultiply=premultiply,
        alpha_masking=alpha_masking,
        channels=tuple(name.strip() for name in channels.split(",")) if channels else (),
    )
    with progress_bar("comp") as progress:
        report = batch.map(
            comp,
            layers[first],
            output,
            key=repr(comp),
            beside=[*layers[:first], *layers[first + 1 :], *([mask] if mask else [])],
            write_options=writing(compression, bit_depth, settings),
            dry_run=dry_run,
            progress=progress,
            **options,
        )
    return finish_batch(report, as_json=as_json, verb="would composite" if dry_run else "composited")
