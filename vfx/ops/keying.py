r"""Keyers: mattes out of brightness, out of the difference to a clean plate, and out of a screen's colour.

A keyer measures one number at each pixel, and a ramp makes the matte of it::

    matte  1         B_________C              0 up to A, straight up to 1 at B,
                    /           \             1 up to C, straight down to 0 at D
           0  _____A             D_____
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import checks
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops import _moves as moves
from vfx.ops import _pictures as pictures
from vfx.ops import _screens as screens

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["key_chroma", "key_difference", "key_luma", "screen_color"]

_OUTPUTS = ("matte", "alpha", "foreground")
#: Weights of red, green and blue in luminance: Rec. ITU-R BT.709-6, item 3.2.
_LUMINANCE = (0.2126, 0.7152, 0.0722)
#: Beyond this a ramp's ends are no longer finite in float32.
_LARGEST = 3e38
_OF = ("luminance", "average", "max", "min", "saturation", "red", "green", "blue")


def _ramp(ramp: object) -> tuple[float, float, float, float]:
    """A, B, C and D from two or four numbers."""
    if isinstance(ramp, (str, bytes)) or not isinstance(ramp, (Sequence, np.ndarray)):
        raise TypeError(f"ramp must be two numbers (A, B) or four (A, B, C, D), got {ramp!r}")
    if len(ramp) not in (2, 4):
        raise ValueError(f"ramp must be two numbers (A, B) or four (A, B, C, D), got {len(ramp)}")
    first, second = (checks.number("ramp", value, low=-_LARGEST, high=_LARGEST) for value in ramp[:2])
    ends = ramp[2:] if len(ramp) == 4 else (math.inf, math.inf)
    third, last = (min(checks.number("ramp", value, finite=False, low=-_LARGEST), _LARGEST) for value in ends)
    if not first <= second <= third <= last:
        raise ValueError(f"ramp must rise from A to D, got {tuple(float(value) for value in ramp)}")
    # The kernel compares in float32: a ramp that is narrower there is a step.
    third, last = (math.inf if value == _LARGEST else value for value in (third, last))
    return float(np.float32(first)), float(np.float32(second)), float(np.float32(third)), float(np.float32(last))


def _matte(
    img: Image, output: object, channels: Sequence[int], *, screen: Sequence[float] | None = None, **measure: Any
) -> Image:
    """The matte of a measure, as a picture of its own, as the picture's alpha, or with the screen taken out too."""
    from vfx._ext import keying as kernel

    threads = pictures.thread_count(img)
    output = checks.one_of("output", output, _OUTPUTS)
    if output == "matte":
        windows = {"data_window": img.data_window, "display_window": img.display_window}
        result = img.like(np.empty((img.height, img.width), img.dtype), channels=("A",), colorspace=None, **windows)
        kernel.key(img.pixels, result.pixels, channels, threads=threads, **measure)
        return result
    names = img.channel_names if img.has_alpha else (*img.channel_names, "A")
    result = pictures.new_image(img, count=len(names), channels=names)
    place = names.index("A")
    if output == "foreground":
        for channel in (each for each in range(img.channels) if each not in (*channels, place)):
            moves.move(img.pixels[:, :, channel : channel + 1], result.pixels[:, :, channel : channel + 1])
        kernel.key(img.pixels, result.pixels, channels, screen=screen, alpha=place, threads=threads, **measure)
        result.metadata.pop("alpha", None)
        return result
    for start, end in ((0, place), (place + 1, img.channels)):
        if start < end:
            moves.move(img.pixels[:, :, start:end], result.pixels[:, :, start:end])
    kernel.key(img.pixels, result.pixels[:, :, place : place + 1], channels, threads=threads, **measure)
    result.metadata["alpha"] = "unassociated"
    return result


def key_luma(
    img: Image | NDArray[Any],
    ramp: Sequence[float] = (0.0, 1.0),
    *,
    of: str = "luminance",
    invert: bool = False,
    output: str = "matte",
) -> Image:
    """A new image: the matte of what is bright, by a ramp over luminance.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture, with R, G and B, or Y.
    ramp : (A, B) or (A, B, C, D), optional
        0 up to A, 1 from B to C, 0 from D on, straight between; C and D may be infinite and are so when left out.
        A = B is a step: B itself is inside.
    of : str, optional
        What is measured: ``"luminance"`` (Rec.709 weights), ``"average"``, ``"max"``, ``"min"``, ``"saturation"``
        ((max - min) / max), ``"red"``, ``"green"`` or ``"blue"``.
    invert : bool, optional
        Whether to give 1 - matte.
    output : str, optional
        ``"matte"``: one channel, A. ``"alpha"``: the picture with the matte for its alpha, not multiplied by it.
        ``"foreground"``: the same, colour multiplied by it.

    Returns
    -------
    Image
        In the picture's format. NaN makes 0 (with ``invert`` 1).

    Raises
    ------
    ChannelError
        If there is neither R, G and B nor Y.
    TypeError, ValueError
        If a name is unknown, or the ramp falls.

    Examples
    --------
    >>> grey = np.array([[0.0, 0.25, 0.5, 4.0]], np.float32)
    >>> key_luma(grey, (0.0, 0.5)).numpy().tolist()
    [[0.0, 0.5, 1.0, 1.0]]
    >>> key_luma(grey, (0.0, 0.25, 0.5, 1.0)).numpy().tolist()
    [[0.0, 1.0, 1.0, 0.0]]
    """
    img = pictures.as_image(img)
    found = pictures.colour_indices(img)
    of = checks.one_of("of", of, _OF)
    if len(found) == 3:
        channels: tuple[int, ...] = found
    elif "Y" in img.channel_names:
        channels = (img.channel_names.index("Y"),) * 3
    else:
        raise ChannelError(f"key_luma needs channels R, G and B, or Y; the image has {', '.join(img.channel_names)}")
    alone = channels[0] == channels[1]
    measure, numbers = of, tuple[float, ...]()
    if alone and of != "saturation":
        measure = "red"
    elif of in ("luminance", "average"):
        measure, numbers = "weighted", _LUMINANCE if of == "luminance" else (1 / 3, 1 / 3, 1 / 3)
    return _matte(img, output, channels, measure=measure, numbers=numbers, ramp=_ramp(ramp), inverted=bool(invert))


def key_difference(
    img: Image | NDArray[Any],
    clean: Image | NDArray[Any],
    ramp: Sequence[float] = (0.02, 0.1),
    *,
    of: str = "max",
    invert: bool = False,
    output: str = "matte",
) -> Image:
    """A new image: the matte of what is not in the clean plate.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture, with R, G and B, or Y.
    clean : Image or numpy.ndarray
        The same view without what is to be keyed, in any format. It lies where its data window says, and is black
        beyond.
    ramp : (A, B) or (A, B, C, D), optional
        Over the difference: 0 up to A, which should be above the grain; 1 from B on.
    of : str, optional
        ``"max"``: the largest difference of a channel; ``"distance"``: the root of the sum of their squares.
    invert, output
        As in :func:`key_luma`.

    Raises
    ------
    ChannelError
        If either has neither R, G and B nor Y, or they have not the same.
    TypeError, ValueError
        If a name is unknown, or the ramp falls.

    Examples
    --------
    >>> plate, clean = np.array([[0.5, 0.2]], np.float32), np.array([[0.2, 0.2]], np.float32)
    >>> key_difference(plate, clean).numpy().tolist()
    [[1.0, 0.0]]
    """
    img, clean = pictures.as_image(img), pictures.as_image(clean, "clean")
    of = checks.one_of("of", of, ("max", "distance"))
    places = [pictures.colour_indices(each) for each in (img, clean)]
    if len(places[0]) != len(places[1]) or len(places[0]) not in (1, 3):
        raise ChannelError(
            "key_difference needs channels R, G and B, or Y, in both pictures; "
            f"the image has {', '.join(img.channel_names)}, clean has {', '.join(clean.channel_names)}"
        )
    if clean.data_window != img.data_window:
        from vfx.ops.arrange import crop

        clean = crop(clean, img.data_window[0], img.data_window[1], img.width, img.height)
    # The distance of one channel is its difference.
    measure = "apart" if of == "max" or len(places[0]) == 1 else "distance"
    first, second = (place * 3 if len(place) == 1 else place for place in places)
    return _matte(img, output, first, measure=measure, ramp=_ramp(ramp), inverted=bool(invert), other=clean.pixels,
                  other_channels=second)  # fmt: skip


def screen_color(img: Image | NDArray[Any], screen: str = "green") -> tuple[float, float, float]:
    """Red, green and blue of the screen in a picture: the median over the pixels that show it plainly.

    Plain are the pixels whose excess of the screen's channel over the larger of the others is more than half of the
    excess that only one pixel in a hundred exceeds. At most some 65 000 pixels of a regular grid are looked at.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture, with R, G and B.
    screen : str, optional
        ``"green"``, ``"blue"`` or ``"red"``.

    Raises
    ------
    ChannelError
        If R, G or B is missing.
    ValueError
        If there is no such screen, or the picture shows none.

    Examples
    --------
    >>> plate = np.full((4, 4, 3), (0.125, 0.5, 0.25), np.float32)
    >>> screen_color(plate)
    (0.125, 0.5, 0.25)
    """
    img = pictures.as_image(img)
    places = screens.rgb(img, "screen_color")
    first, own, last = screens.SCREENS[checks.one_of("screen", screen, screens.SCREENS)]
    step = max(1, math.ceil(math.sqrt(img.width * img.height / 65536)))
    part = img.pixels[
        step // 2 if img.height > step // 2 else 0 :: step, step // 2 if img.width > step // 2 else 0 :: step
    ]
    sample = Image(np.ascontiguousarray(part[:, :, list(places)])).astype("f32").pixels.reshape(-1, 3)
    sample = sample[np.isfinite(sample).all(axis=1)].astype(np.float64)
    excess = sample[:, own] - np.maximum(sample[:, first], sample[:, last])
    plain = excess > 0.5 * max(float(np.percentile(excess, 99)), 0.0) if excess.size else excess > 0
    if not plain.any():
        raise ValueError(f"the picture shows no {screen} screen: nothing in it is more {screen} than anything else")
    red, green, blue = np.median(sample[plain], axis=0).tolist()
    return red, green, blue


def key_chroma(
    img: Image | NDArray[Any],
    screen: str | Sequence[float] = "green",
    ramp: Sequence[float] = (0.1, 0.8),
    *,
    method: str = "max",
    invert: bool = False,
    output: str = "matte",
) -> Image:
    """A new image: the matte of what stands before a screen.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W, C)
        The picture, with R, G and B, best in scene-linear light: a soft edge is then half screen, half foreground.
    screen : str or (r, g, b), optional
        ``"green"``, ``"blue"`` or ``"red"``: the screen's colour is looked for in the picture, see
        :func:`screen_color`. Give the three numbers for the same key in every frame of a shot.
    ramp : (A, B) or (A, B, C, D), optional
        Over the measure, which is 0 on the screen's colour and 1 on grey: up to A is screen, from B on is solid.
    method : str, optional
        ``"max"``: colour difference, ``1 - (G - max(R, B)) / (the same of the screen)`` for a green screen, along
        axes turned so that the screen's hue is green's. ``"average"``: with (R + B) / 2 for the maximum, for
        foregrounds that are greenish themselves. ``"chromaticity"``: the distance of R, G and B over their sum from
        those of the screen, which takes shadows on the screen for screen.
    invert : bool, optional
        Whether to give 1 - matte.
    output : str, optional
        ``"matte"`` and ``"alpha"`` as in :func:`key_luma`. ``"foreground"``: the picture minus (1 - matte) times the
        screen's colour, with the matte for its alpha: premultiplied, ready for :func:`vfx.ops.despill` and over.

    Returns
    -------
    Image
        In the picture's format. NaN makes 0; light without end is foreground to ``"chromaticity"``.

    Raises
    ------
    ChannelError
        If R, G or B is missing.
    TypeError, ValueError
        If a name is unknown, the ramp falls, or the picture shows no such screen.

    Examples
    --------
    >>> plate = np.array([[[0.1, 0.5, 0.1], [0.3, 0.5, 0.3], [0.4, 0.3, 0.2]]], np.float32)
    >>> key_chroma(plate, (0.1, 0.5, 0.1), (0.0, 1.0)).numpy().round(3).tolist()
    [[0.0, 0.5, 1.0]]
    """
    img = pictures.as_image(img)
    places = screens.rgb(img, "key_chroma")
    method = checks.one_of("method", method, ("max", "average", "chromaticity"))
    ramp = _ramp(ramp)
    red, green, blue = screen_color(img, screen) if isinstance(screen, str) else screens.colours(screen)
    if method == "chromaticity":
        light = red + green + blue
        if light <= 0.0:
            raise ValueError(f"the screen's colour must have light, got {(red, green, blue)}")
        where = (red / light, green / light, blue / light)
        scale = 1.0 / math.dist(where, (1 / 3, 1 / 3, 1 / 3))
        numbers: tuple[float, ...] = (*where, scale, scale * math.sqrt(2.0))
        measure = "chromaticity"
    else:
        matrix = screens.turn((red, green, blue))
        own = matrix[3] * red + matrix[4] * green + matrix[5] * blue
        other = 0.5 * (red + green + blue - own)
        measure, numbers = "screen" if method == "max" else "screen_average", (*matrix, 1.0 / (own - other))
    return _matte(img, output, places, measure=measure, numbers=numbers, ramp=ramp, inverted=bool(invert),
                  screen=(red, green, blue))  # fmt: skip
