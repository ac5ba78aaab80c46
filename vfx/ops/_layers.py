"""What pictures on one another have in common: channels, pixel format, canvas, mask; and the run over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx import threads as _threads
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops import _windows
from vfx.ops._pictures import as_image, new_image
from vfx.pixelformat import FORMATS, Box

__all__ = ["Weights", "as_images", "chosen_channels", "layered", "spelled", "wider"]

_COLOURS = ("R", "G", "B")
_NOTHING, _OPAQUE = -1, -2
#: The blend modes of ``vfx/_ext/blend_colours.pxd``.
_OF_COLOURS = ("color", "darker_color", "hue", "lighter_color", "luminosity", "saturation")


class Weights(NamedTuple):
    """How much of a result counts, where and in which channels.

    Attributes
    ----------
    mask : Image or numpy.ndarray, optional
        1 is all of the result, 0 the picture below.
    mix : float
        The same for the whole picture.
    channels : str or iterable of str, optional
        What the operation changes; None is all channels.
    """

    mask: Any = None
    mix: float = 1.0
    channels: Any = None


def spelled(name: str, value: object, allowed: Iterable[str]) -> str:
    """The one of ``allowed`` that is meant: hyphens and spaces may stand for underscores, capitals for small letters.

    Raises
    ------
    ValueError
        If there is none.
    """
    plain = value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value
    return checks.one_of(name, plain, allowed)


def as_images(pictures: object, name: str = "images", when: str = "") -> list[Image]:
    """A list of pictures as images; ``when`` they must be a list is said where they are none.

    Raises
    ------
    TypeError
        If it is no list of pictures.
    ValueError
        If it is empty.
    """
    if isinstance(pictures, (Image, np.ndarray)) or not isinstance(pictures, Iterable):
        raise TypeError(f"{name}{when} must be a list of images, got {type(pictures).__name__}")
    found = [as_image(picture, f"{name}[{index}]") for index, picture in enumerate(pictures)]
    if not found:
        raise ValueError(f"{name}{when} must be at least one image, got none")
    return found


def wider(images: Sequence[Image]) -> str:
    """The pixel format that holds what each of ``images`` holds: one of theirs, or f32 for u16 with f16."""
    formats = {image.format for image in images}
    if "f32" in formats or formats >= {"u16", "f16"}:
        return "f32"
    return next(name for name in ("f16", "u16", "u8") if name in formats)


def _speaks_for_colour(image: Image) -> bool:
    """Whether the picture's Y may stand for R, G and B."""
    return "Y" in image.channel_names and not set(_COLOURS) & set(image.channel_names)


def _names(images: Sequence[Image]) -> list[dict[str, int]]:
    """Each picture's channels by name; where another one has colour, Y stands for R, G and B."""
    coloured = any(set(_COLOURS) & set(image.channel_names) for image in images)
    found = []
    for image in images:
        names: dict[str, int] = {}
        for index, name in enumerate(image.channel_names):
            stands_for = _COLOURS if coloured and name == "Y" and _speaks_for_colour(image) else (name,)
            names |= dict.fromkeys(stands_for, index)
        found.append(names)
    return found


def chosen_channels(channels: object, names: Sequence[str]) -> frozenset[str]:
    """The names that ``channels`` means.

    Parameters
    ----------
    channels : str or iterable of str, optional
        None for all; a channel, a layer, letters such as ``"RGB"``, or several names, also as ``"R,diffuse.R"``.
    names : sequence of str
        What there is.

    Raises
    ------
    ChannelError
        If one of them is not there, or none is named.
    TypeError
        If it is neither text nor names.
    """
    if channels is None:
        return frozenset(names)
    if isinstance(channels, str):
        layer = [name for name in names if name.rpartition(".")[0] == channels]
        letters = [part.strip() for part in channels.split(",")] if "," in channels else list(channels)
        wanted = [channels] if channels in names else layer or letters
    elif isinstance(channels, Iterable):
        wanted = list(channels)
    else:
        raise TypeError(f"channels must be names such as 'RGB' or ['R', 'diffuse.R'], got {channels!r}")
    missing = [name for name in wanted if name not in names]
    if missing or not wanted:
        listed = ", ".join(names)
        lacking = f"no channel {missing[0]!r}" if missing else "channels names no channel"
        raise ChannelError(f"{lacking}; the images have {listed}")
    return frozenset(wanted)


def _mask(mask: object, below: Image) -> tuple[NDArray[Any], Box]:
    """A mask's one channel as (H, W, 1), and its window."""
    found = as_image(mask, "mask")
    window = found.data_window
    if isinstance(mask, np.ndarray) and mask.shape[:2] == below.pixels.shape[:2]:
        window = below.data_window
    names = found.channel_names
    if len(names) == 1:
        return found.pixels, window
    name = next((name for name in ("A", "Y") if name in names), None)
    if name is None:
        raise ChannelError(f"mask must have a channel A, or only one, it has {', '.join(names)}; use mask.channel('R')")
    index = names.index(name)
    return found.pixels[:, :, index : index + 1], window


def _maps(tables: Sequence[dict[str, int]], work: Sequence[str]) -> NDArray[np.int32]:
    """For each picture which of its channels each one of ``work`` is."""
    rows = [[table.get(name, _OPAQUE if name == "A" else _NOTHING) for name in work] for table in tables]
    return np.array(rows, np.int32)


def _work(names: list[str], kind: str, formula: str) -> list[str]:
    """The channels to work with: those of the result, and an alpha where the formula reads one."""
    from vfx._ext.composite import ALPHA_FORMULAS

    needs = kind == "blend" or formula in ALPHA_FORMULAS
    return [*names, "A"] if needs and "A" not in names else names


def layered(
    images: Sequence[Image],
    formula: tuple[str, str],
    weights: Weights,
    *,
    opacity: float = 1.0,
    like: Image | None = None,
    over: Sequence[Image] | None = None,
) -> Image:
    """A new image of ``images`` on one another, over the union of their data windows.

    Parameters
    ----------
    images : sequence of Image
        The top first.
    formula : (str, str)
        ``"merge"`` or ``"blend"``, and a name that ``vfx._ext.composite`` knows.
    weights : Weights
        How much of the result counts.
    opacity : float, optional
        What all but the bottom are multiplied by first.
    like : Image, optional
        Whose metadata, display window and format of array the result has; the bottom unless given.
    over : sequence of Image, optional
        Whose windows, channels and pixel formats the result holds; ``images`` unless given.
    """
    from vfx._ext.composite import composite

    below = images[-1]
    holds = list(images if over is None else over)
    mix = checks.number("mix", weights.mix, low=0.0, high=1.0)
    tables = _names([*images, *holds])
    every = list(dict.fromkeys(name for table in (tables[len(images) - 1], *tables[len(images) :]) for name in table))
    chosen = chosen_channels(weights.channels, every)
    names = [name for name in every if name in tables[len(images) - 1] or name in chosen]
    work = _work(names, *formula)
    if formula[1] in _OF_COLOURS and not set(_COLOURS) <= set(work):
        raise ChannelError(
            f"{formula[1]} looks at colours: it needs channels R, G and B, the images have {', '.join(every)}"
        )
    window = _windows.union([image.data_window for image in holds])
    mask, mask_window = (None, window) if weights.mask is None else _mask(weights.mask, below)
    result = _canvas(like or below, names, window, wider(holds))
    composite(
        [image.pixels for image in images],
        [_windows.origin(image.data_window, window) for image in images],
        _maps(tables[: len(images)], work),
        result.pixels,
        formula,
        alpha=_place("A", work),
        rgb=(_place("R", work), _place("G", work), _place("B", work)),
        on=np.array([name in chosen for name in work], np.float32),
        mask=mask,
        mask_origin=_windows.origin(mask_window, window),
        mix=mix,
        opacity=opacity,
        threads=_threads.for_pixels(result.width * result.height),
    )
    return result


def _place(name: str, names: Sequence[str]) -> int:
    """The position of a name, or -1."""
    return names.index(name) if name in names else -1


def _canvas(like: Image, names: Sequence[str], window: Box, fmt: str) -> Image:
    """New memory for the result."""
    return new_image(
        like,
        size=_windows.size(window),
        count=len(names),
        dtype=FORMATS[fmt],
        channels=names,
        data_window=window,
        display_window=like.display_window,
    )
