"""Channels taken from others, worked out, added and dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx import threads as _threads
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops._data import as_image_or_data, moved
from vfx.ops._expressions import Instruction, assignments
from vfx.ops._pictures import new_image, thread_count

__all__ = ["add_channels", "copy_channels", "drop_channels", "shuffle"]

#: Operation of an expression → instruction of the kernel (``vfx/_ext/channels.pyx``).
_CODES = {"+": 2, "-": 3, "*": 4, "/": 5, "min": 6, "max": 7, "negative": 8, "abs": 9}
_LOAD, _NUMBER = 0, 1
#: Megabytes a millisecond that one thread puts in other places: red and blue of 3840x2160 RGBA u8 in 1.9 ms.
_RATE = 16.0

Program = tuple[Instruction, ...]


def shuffle(img: Image | NDArray[Any], expression: str) -> Image:
    """A new image with channels taken from others, filled with numbers, or worked out from both.

    Right sides are read from the picture as it was, so ``"R=G, G=R"`` swaps. A new name on the left is added after the
    others. A channel or a number alone is taken over exactly; anything else is computed in float32, where integers mean
    [0, 1] and are rounded and clamped in the end. Names with other characters than letters, digits, ``_``, ``.`` and
    ``:`` go between double quotes.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture; unsigned 32-bit data may be taken over and filled, not computed with.
    expression : str
        Assignments such as ``"A=R*0.5, R=diffuse.R, G=0, Y=0.2126*R+0.7152*G+0.0722*B"``, with ``+ - * /``,
        parentheses, ``abs(x)``, ``min(x, y)``, ``max(x, y)`` and ``clamp(x)`` or ``clamp(x, low, high)``.

    Raises
    ------
    ChannelError
        If a channel on the right is missing.
    ValueError
        If the text is not a list of assignments, or a number does not fit the format.

    Examples
    --------
    >>> import numpy as np
    >>> swapped = shuffle(np.array([[[1.0, 2.0, 4.0]]], np.float32), "R=B, B=R, Y=(R + G + B) / 3 - 0.5*G")
    >>> swapped.channel_names, swapped.numpy()[0, 0].tolist()
    (('R', 'G', 'B', 'Y'), [4.0, 2.0, 1.0, 1.3333332538604736])
    """
    img = as_image_or_data(img)
    if not isinstance(expression, str):
        raise TypeError(f"shuffle takes text like 'A=R, G=0', got {expression!r}")
    made: dict[str, Program] = {name: (("channel", name),) for name in img.channel_names}
    made.update(assignments(expression, img.channel_names))
    return _assembled(img, made)


def add_channels(img: Image | NDArray[Any], names: str | Iterable[str] | Mapping[str, float]) -> Image:
    """A new image with more channels after its own, filled with 0 or with a number each.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture.
    names : str, iterable of str, or mapping of str to float
        The new channels; a mapping says what each is filled with, integers meaning [0, 1].

    Raises
    ------
    ChannelError
        If a channel is there already.

    Examples
    --------
    >>> import numpy as np
    >>> add_channels(np.zeros((2, 2, 3), np.uint8), {"A": 1.0}).numpy()[0, 0].tolist()
    [0, 0, 0, 255]
    """
    img = as_image_or_data(img)
    fills = dict(names) if isinstance(names, Mapping) else dict.fromkeys(_names(names), 0.0)
    for name in fills:
        if name in img.channel_names:
            raise ChannelError(f"there is a channel {name!r} already; the image has {', '.join(img.channel_names)}")
    made: dict[str, Program] = {name: (("channel", name),) for name in img.channel_names}
    made |= {name: (("number", checks.number(f"{name!r}", fill)),) for name, fill in fills.items()}
    return _assembled(img, made)


def drop_channels(img: Image | NDArray[Any], names: str | Iterable[str]) -> Image:
    """A new image without these channels.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture.
    names : str or iterable of str
        The channels to leave out; ``"diffuse.*"`` is all of a layer.

    Raises
    ------
    ChannelError
        If one is missing, or none is left.

    Examples
    --------
    >>> import numpy as np
    >>> drop_channels(np.zeros((2, 2, 4), np.uint8), "A").channel_names
    ('R', 'G', 'B')
    """
    img = as_image_or_data(img)
    dropped: set[str] = set()
    for name in _names(names):
        found = {
            each for each in img.channel_names if each == name or (name[-2:] == ".*" and _layer(each) == name[:-2])
        }
        if not found:
            raise ChannelError(f"no channel {name!r}; the image has {', '.join(img.channel_names)}")
        dropped |= found
    kept = [name for name in img.channel_names if name not in dropped]
    if not kept:
        raise ChannelError(f"at least one channel must be left; the image has {', '.join(img.channel_names)}")
    return _assembled(img, {name: (("channel", name),) for name in kept})


def copy_channels(
    img: Image | NDArray[Any],
    source: Image | NDArray[Any],
    names: str | Iterable[str] | Mapping[str, str] | None = None,
) -> Image:
    """A new image with channels taken over from another picture.

    They lie where ``source``'s data window says, are 0 outside it, and are converted to the picture's format. Channels
    that the picture has are replaced, others are added after its own.

    Parameters
    ----------
    img : Image or numpy.ndarray
        The picture that is added to.
    source : Image or numpy.ndarray
        The picture that channels are taken from.
    names : str, iterable of str, or mapping of str to str, optional
        Channels of ``source``; a mapping goes from the new name to the name in ``source``. Default: all.

    Raises
    ------
    ChannelError
        If ``source`` lacks one.

    Examples
    --------
    >>> import numpy as np
    >>> rgb, matte = np.zeros((2, 2, 3), np.float32), np.ones((2, 2), np.float32)
    >>> copy_channels(rgb, matte, {"A": "Y"}).numpy()[0, 0].tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    img, source = as_image_or_data(img), as_image_or_data(source, "source")
    wanted = source.channel_names if names is None else names
    chosen = dict(wanted) if isinstance(wanted, Mapping) else {name: name for name in _names(wanted)}
    for name in chosen.values():
        if name not in source.channel_names:
            raise ChannelError(f"no channel {name!r} in source; it has {', '.join(source.channel_names)}")
    made: dict[str, Program] = {name: (("channel", name),) for name in img.channel_names}
    made |= {new: (("taken", old),) for new, old in chosen.items()}
    if not chosen:
        return _assembled(img, made)
    taken = source.select(dict.fromkeys(chosen.values())).astype(img.format)
    return _assembled(img, made, _placed(taken, img))


def _names(given: Any) -> tuple[str, ...]:
    """Channel names, one or several."""
    found = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    if any(not isinstance(name, str) or not name for name in found):
        raise TypeError(f"channel names must be text, one or several, got {given!r}")
    return found


def _layer(name: str) -> str:
    """The layer of a channel: ``diffuse`` of ``diffuse.R``."""
    return name.rpartition(".")[0]


def _placed(source: Image, img: Image) -> Image:
    """The pixels of ``source`` over the data window of ``img``, 0 where it has none."""
    if source.data_window == img.data_window:
        return source
    return source.like(
        source.pixels, data_window=source.data_window, display_window=img.data_window
    ).to_display_window()


def _stored(value: float, dtype: np.dtype[Any]) -> np.float32:
    """A number as the kernel takes it: for data of 32 bits its bits."""
    if dtype == np.uint32:
        if not 0 <= value < 1 << 32 or value != int(value):
            raise ValueError(f"unsigned 32-bit data takes whole numbers below 2**32, got {value:g}")
        return np.uint32(int(value)).view(np.float32)
    if np.isfinite(value) and abs(value) > float(np.finfo(np.float32).max):
        raise ValueError(f"a channel takes numbers up to {np.finfo(np.float32).max:.3g}, got {value:g}")
    return np.float32(value)


def _assembled(img: Image, made: Mapping[str, Program], taken: Image | None = None) -> Image:
    """A new image like ``img`` with these channels; ``("taken", name)`` is a channel of ``taken``."""
    from vfx._ext.channels import assemble

    result = new_image(img, count=len(made), channels=tuple(made))
    inputs: dict[tuple[int, int], int] = {}
    constants: list[np.float32] = []
    program: list[tuple[int, int]] = []
    outputs: list[tuple[int, int]] = []

    def step(kind: str, value: str | float) -> tuple[int, int]:
        if kind == "number":
            constants.append(_stored(float(value), img.dtype))
            return _NUMBER, len(constants) - 1
        if kind in ("channel", "taken"):
            owner = taken if kind == "taken" and taken is not None else img
            at = (int(owner is not img), owner.channel_names.index(str(value)))
            return _LOAD, inputs.setdefault(at, len(inputs))
        return _CODES[kind], 0

    for each in made.values():
        steps = [step(*instruction) for instruction in each]
        if len(steps) == 1 and steps[0][0] == _LOAD:
            outputs.append((-1, steps[0][1]))
            continue
        if img.format == "u32" and len(steps) > 1:
            raise TypeError("this image holds unsigned 32-bit data, which takes no arithmetic; astype('f32') first")
        outputs.append((len(program), len(steps)))
        program += steps
    sources = [moved(each.pixels) for each in (img, taken) if each is not None]
    numbers = np.array(constants, np.float32)
    threads = thread_count(img) if program else _threads.for_bytes(result.pixels.nbytes, _RATE)
    assemble(sources, moved(result.pixels), list(inputs), outputs, program, numbers, threads)
    return result
