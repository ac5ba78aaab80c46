"""How commands show pictures to people: the curve that values are seen in."""

from __future__ import annotations

import click

import vfx

__all__ = ["curve_for", "shown", "view_option"]


def _known_view(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The view, when there is one of this name."""
    try:
        curve_for(value, "f32")
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None
    return value


view_option = click.option(
    "--view",
    metavar="CURVE",
    default="auto",
    callback=_known_view,
    show_default=True,
    help="Transfer function to see the values in: srgb, logc3, …; none: as they are; auto: srgb for float pictures, "
    "none for integers.",
)


def curve_for(view: str, fmt: str) -> str | None:
    """The curve in which pictures of a format are seen; None: as they are.

    Raises
    ------
    ValueError
        If there is no such curve; the message suggests a near one.
    """
    if view == "auto":
        return "srgb" if fmt in ("f16", "f32") else None
    if view == "none":
        return None
    vfx.transfer.encode(0.18, view)  # raises for an unknown name
    return view


def shown(image: vfx.Image, view: str) -> vfx.Image:
    """The picture in the curve it is seen in, float32 where there is one."""
    curve = curve_for(view, image.format)
    if curve is None:
        return image
    encoded = image.astype("f32").encode(curve)
    encoded.colorspace = curve
    return encoded
