"""Which channels of an EXR part an image takes, in which order, by which names, in which format.

An image is one array of one format, a part may mix types::

    all half → f16    all uint → u32    half and float → f32
    uint among half or float: the uint channels are data, and are taken only when named
    Y, RY, BY (luminance and chroma) → R, G, B, unless they are named or asked for as they are
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vfx.errors import ChannelError
from vfx.io._exr_header import Channel, PartHeader
from vfx.pixelformat import format_of

__all__ = ["Selection", "image_order", "select", "views_of"]

# Colour before alpha before all else; luminance and its chroma (Y, RY, BY) stand where R, G, B do.
_RANK = {"R": 0, "G": 1, "B": 2, "A": 3, "Y": 0, "RY": 1, "BY": 2}
_CHROMA, _COLOURS = ("Y", "RY", "BY"), ("R", "G", "B")
_KIND = {"u32": 0, "f16": 1, "f32": 2}


@dataclass(frozen=True)
class Selection:
    """Channels of the file in the image's order.

    Attributes
    ----------
    channels : tuple of Channel
        As in the file.
    names : tuple of str
        Their names in the image, without the layer or view that was asked for.
    kind : int
        Sample type to decode to: 0 uint, 1 half, 2 float.
    final : str
        The image's format, when it must be converted after decoding; else empty.
    picked : tuple of int
        Empty, or the channels are Y, RY, BY and others, to be turned into R, G, B and others, of which these are
        the image's.
    """

    channels: tuple[Channel, ...]
    names: tuple[str, ...]
    kind: int
    final: str
    picked: tuple[int, ...] = ()


def image_order(name: str) -> tuple[bool, str, int, str]:
    """Sort key: bare channels first, then layers by name; in each R, G, B, A, then by name."""
    layer, _, base = name.rpartition(".")
    return bool(layer), layer, _RANK.get(base, 4), base


def views_of(part: PartHeader) -> tuple[str, ...]:
    """The views of a part: its ``view`` attribute, or those of ``multiView``, the default view first."""
    from vfx.io._exr_attributes import decode_value

    for name in ("view", "multiView"):
        if name in part.attributes:
            value = decode_value(name, part.attributes[name])
            if isinstance(value, str):
                return (value,)
            if isinstance(value, list):
                return tuple(value)
    return ()


def _of_view(channels: Sequence[Channel], view: str, part: PartHeader) -> dict[str, Channel]:
    """Name without the view → channel, for the channels of a view.

    The view stands before the last part of the name (``left.R``, ``diffuse.left.R``); names without a
    point belong to the default view ("OpenEXR Multi-View", "Channel names").
    """
    views = views_of(part)
    if view not in views:
        raise ChannelError(f"{part.label}: no view {view!r}; the views are: {', '.join(views) or 'none'}")
    if "view" in part.attributes:
        return {channel.name: channel for channel in channels}
    found = {}
    for channel in channels:
        pieces = channel.name.split(".")
        if len(pieces) == 1 and view == views[0]:
            found[channel.name] = channel
        elif len(pieces) > 1 and pieces[-2] == view:
            found[".".join([*pieces[:-2], pieces[-1]])] = channel
    return found


def _of_layer(named: dict[str, Channel], layer: str, label: str) -> dict[str, Channel]:
    """Name without the layer → channel, for the channels of a layer."""
    found = {name.rpartition(".")[2]: channel for name, channel in named.items() if name.rpartition(".")[0] == layer}
    if not found:
        layers = sorted({name.rpartition(".")[0] for name in named if "." in name})
        raise ChannelError(f"{label}: no layer {layer!r}; the layers are: {', '.join(layers) or 'none'}")
    return found


def select(
    part: PartHeader,
    *,
    layer: str | None = None,
    view: str | None = None,
    channels: Sequence[str] | str | None = None,
    dtype: Any = None,
    raw: bool = False,
) -> Selection:
    """The channels to read from ``part``, and the format to read them in; with ``raw``, luminance and chroma as such.

    Raises
    ------
    ChannelError
        If a channel, layer or view is missing, or uint channels are asked for together with others.
    TypeError
        If ``dtype`` is no pixel format, or one that uint data cannot have.
    """
    named = {channel.name: channel for channel in part.channels}
    if view is not None:
        named = _of_view(part.channels, view, part)
    if layer is not None:
        named = _of_layer(named, layer, part.label)
    # The colours that luminance and chroma stand for: offered beside them, and taken instead of them.
    luminance = [named[name] for name in _CHROMA if name in named and named[name].kind]
    colours = _COLOURS if not raw and len(luminance) == 3 and not named.keys() & _COLOURS else ()
    names = _names(named, colours, channels, part.label)
    if not set(names) & set(colours):
        chosen = tuple(named[name] for name in names)
        kind, final = _format(chosen, dtype, part.label)
        return Selection(chosen, tuple(names), kind, final)
    others = [name for name in names if name not in colours]
    if set(others) & set(_CHROMA):
        raise ChannelError(
            f"{part.label}: one image takes luminance and chroma ({', '.join(_CHROMA)}) or the colours that they stand "
            f"for ({', '.join(_COLOURS)}), not both: {', '.join(names)}"
        )
    chosen = (*luminance, *(named[name] for name in others))
    kind, final = _format(chosen, dtype, part.label)
    picked = tuple([*colours, *others].index(name) for name in names)
    return Selection(chosen, tuple(names), 2, final or ("f16" if kind == 1 else ""), picked)


def _names(
    named: dict[str, Channel], colours: tuple[str, ...], channels: Sequence[str] | str | None, label: str
) -> list[str]:
    """The names of the image's channels, those asked for or all."""
    if channels is None:
        names = sorted(named, key=image_order)
        if any(named[name].kind for name in names):
            names = [name for name in names if named[name].kind]
        if colours:
            names = [*colours, *(name for name in names if name not in _CHROMA)]
        if not names:
            raise ChannelError(f"{label}: no channels in the chosen layer and view")
        return names
    names = [channels] if isinstance(channels, str) else list(channels)
    if not names or len(set(names)) != len(names):
        raise ChannelError(f"{label}: channels must name different channels, got {names!r}")
    for name in names:
        if name not in named and name not in colours:
            listed = ", ".join([*colours, *sorted(named, key=image_order)])
            raise ChannelError(f"{label}: no channel {name!r}; there are: {listed}")
    return names


def _format(chosen: Sequence[Channel], dtype: Any, label: str) -> tuple[int, str]:
    """Type to decode to, and the format to convert to afterwards, if any."""
    kinds = {channel.kind for channel in chosen}
    natural = kinds.pop() if len(kinds) == 1 else 2
    wanted = format_of(dtype) if dtype is not None else ""
    if 0 in kinds and wanted not in ("f16", "f32"):
        data = ", ".join(channel.name for channel in chosen if channel.kind == 0)
        raise ChannelError(
            f"{label}: uint channels ({data}) do not share an image with half and float ones; "
            'read them on their own, or all as dtype="f32"'
        )
    if wanted == "u32" and natural != 0:
        raise TypeError(f"{label}: only uint channels can be read as u32")
    if wanted in _KIND:
        return _KIND[wanted], ""
    if wanted and natural == 0:
        raise TypeError(f"{label}: uint data can be read as u32, f32 or f16, not as {wanted}")
    return natural, wanted
