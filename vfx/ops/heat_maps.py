"""Pictures painted by value: false colour for exposure, and a heat map of two pictures' difference."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._ext import heat_maps as _kernel
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops._pictures import as_image, colour_indices, thread_count
from vfx.ops._scope_drawing import luma_weights
from vfx.pixelformat import Box

__all__ = ["difference_map", "false_colour"]

Picture = Image | NDArray[Any]
#: Everything below the bound that the band before it left, and this bound; its colour as display codes; its name.
Band = tuple[float, tuple[float, float, float], str]

_GREY = 0.18
#: Stops from middle grey up to which a colour goes, coldest first: deep shadow is violet, grey is grey, clipping is
#: red.
_STOPS: tuple[tuple[float, tuple[int, int, int], str], ...] = (
    (-6.5, (26, 10, 36), "< -6"),
    (-5.5, (70, 22, 110), "-6"),
    (-4.5, (62, 38, 168), "-5"),
    (-3.5, (38, 74, 206), "-4"),
    (-2.5, (26, 124, 204), "-3"),
    (-1.5, (22, 160, 164), "-2"),
    (-0.5, (48, 148, 92), "-1"),
    (0.5, (128, 128, 128), "0"),
    (1.5, (146, 176, 64), "+1"),
    (2.5, (214, 202, 52), "+2"),
    (3.5, (240, 164, 40), "+3"),
    (4.5, (238, 112, 38), "+4"),
    (5.5, (222, 62, 44), "+5"),
    (6.5, (244, 128, 152), "+6"),
    (inf, (255, 226, 232), "> +6"),
)
#: Shares of the signal up to which a colour goes (None: the grey of the luma), as in ARRI's ALEXA manuals: purple where
#: black clips, blue just above, green at 18 % grey, pink one stop over it, yellow below white clip, red where it clips.
_ZONES: tuple[tuple[float, tuple[int, int, int] | None, str], ...] = (
    (0.025, (124, 44, 176), "< 2.5"),
    (0.04, (30, 104, 232), "2.5-4"),
    (0.38, None, "4-38"),
    (0.42, (52, 176, 64), "38-42"),
    (0.52, None, "42-52"),
    (0.56, (240, 140, 172), "52-56"),
    (0.97, None, "56-97"),
    (0.99, (246, 216, 40), "97-99"),
    (inf, (228, 36, 32), "> 99 %"),
)
#: Black, blue, violet, red, orange, yellow, white: what a growing difference goes through, in equal steps.
_HEAT = ((0, 0, 0), (24, 22, 112), (112, 20, 146), (204, 38, 80), (244, 112, 24), (252, 204, 52), (255, 255, 242))
_NAN = (0, 232, 160)


def false_colour(
    img: Picture,
    scheme: str | Sequence[tuple[float, Sequence[float]]] = "stops",
    *,
    luma: str = "rec709",
    legend: bool = False,
) -> Image:
    """New: each pixel in the colour of its exposure.

    Parameters
    ----------
    img : Image or numpy.ndarray
        With channels R, G, B, of which the luma counts, or Y.
    scheme : str or sequence of (float, colour), optional
        ``"stops"``: a colour for each stop, from 6.5 below middle grey (0.18) to 6.5 above, for scene-linear pictures.
        ``"zones"``: greys, with the critical parts of the signal in colour, for display or log values from 0 to 1:
        black clip purple, just above blue, 0.38 to 0.42 green, 0.52 to 0.56 pink, from 0.97 yellow, from 0.99 red. Or
        bands of your own: the luma below which a band ends, ascending, and its colour as display codes from 0 to 1;
        the last band goes on.
    luma : str, optional
        Whose weights: ``"rec709"``, ``"rec601"`` or ``"rec2020"``.
    legend : bool, optional
        Whether a strip at the bottom explains the colours.

    Returns
    -------
    Image
        8-bit RGB, display codes, of the windows of ``img``. NaN is green-blue.

    Raises
    ------
    ChannelError
        If there is neither R, G, B nor Y.
    ValueError
        If the scheme is unknown or its bounds do not ascend.

    Examples
    --------
    >>> import numpy as np
    >>> grey = np.full((1, 1, 3), 0.18, np.float32)
    >>> false_colour(grey).numpy().tolist()
    [[[128, 128, 128]]]
    """
    img = as_image(img)
    channels = colour_indices(img)
    if not channels:
        raise ChannelError(f"false colour needs R, G, B, or Y; the image has {', '.join(img.channel_names)}")
    bounds, palette, key = _scheme(scheme)
    weights = luma_weights(luma)
    result = _painted(img, None, channels, weights if len(channels) == 3 else None, bounds, palette)
    return _with_legend(result, key) if legend else result


def difference_map(
    a: Picture,
    b: Picture,
    *,
    maximum: float | None = None,
    threshold: float = 0.0,
    legend: bool = False,
) -> Image:
    """New: a heat map of how far ``a`` and ``b`` are apart, over the union of their data windows.

    The value of a pixel is the largest absolute difference of its channels. Outside its data window a picture is 0;
    integer pixels count as [0, 1]; equal infinities, and NaN in both, are no difference.

    Parameters
    ----------
    a, b : Image or numpy.ndarray
        Of any formats, with the same channel names.
    maximum : float, optional
        The difference that is shown white; without it, the largest finite one.
    threshold : float, optional
        Differences up to this stay black.
    legend : bool, optional
        Whether a strip at the bottom explains the colours.

    Returns
    -------
    Image
        8-bit RGB, display codes: black for no difference, then blue, violet, red, orange, yellow, white. A pixel that
        is NaN in one of the two only is green-blue.

    Raises
    ------
    ChannelError
        If the channels differ.
    ValueError
        If the maximum is not above the threshold.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((1, 3), np.float32)
    >>> difference_map(a, np.float32([[0, 0.5, 1]])).numpy()[0].tolist()
    [[0, 0, 0], [204, 39, 79], [255, 255, 242]]
    """
    a, b = as_image(a, "a"), as_image(b, "b")
    if set(a.channel_names) != set(b.channel_names):
        raise ChannelError(f"the channels differ: {', '.join(a.channel_names)} and {', '.join(b.channel_names)}")
    if a.channel_names != b.channel_names:
        b = b.select(a.channel_names)
    one, two = a.data_window, b.data_window
    union = (min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3]))
    a, b = _over(a, union), _over(b, union)
    low = checks.number("threshold", threshold, low=0.0)
    if maximum is None:
        high = _kernel.largest_gap(a.pixels, b.pixels, thread_count(a))
        high = high if high > low else low + 1.0
    else:
        high = checks.number("maximum", maximum, low=0.0)
        if high <= low:
            raise ValueError(f"maximum must be above threshold, got {high:g} and {low:g}")
    bounds, palette = _heat(low, high)
    result = _painted(a, b, (0,), None, bounds, palette)
    if not legend:
        return result
    steps = [(0.0, (0, 0, 0), "0" if low == 0 else f"{low:g}")]
    steps += [(0.0, _HEAT[n], f"{low + (high - low) * n / 6:.3g}") for n in range(1, 7)]
    return _with_legend(result, [(colour, words) for _, colour, words in steps])


# ------------------------------------------------------------------ painting


def _painted(
    img: Image,
    other: Image | None,
    channels: tuple[int, ...],
    weights: tuple[float, float, float] | None,
    bounds: list[float],
    palette: NDArray[np.uint8],
) -> Image:
    """A new 8-bit picture in the palette's colours."""
    out = np.empty((img.height, img.width, 3), np.uint8)
    others = None if other is None else other.pixels
    _kernel.paint(img.pixels, others, out, channels, weights, bounds, palette, thread_count(img))
    return img.like(out, channels="RGB", colorspace="sRGB")


def _over(img: Image, window: Box) -> Image:
    """The picture over a window that holds its own, 0 outside it."""
    if img.data_window == window:
        return img
    x0, y0, x1, y1 = window
    out = np.zeros((y1 - y0 + 1, x1 - x0 + 1, img.channels), img.dtype)
    left, top = img.data_window[0] - x0, img.data_window[1] - y0
    out[top : top + img.height, left : left + img.width] = img.pixels
    return img.like(out, data_window=window, display_window=img.display_window)


# ------------------------------------------------------------------ palettes


def _table(bounds: Sequence[float], colours: Sequence[Sequence[float]]) -> tuple[list[float], NDArray[np.uint8]]:
    """Bounds as float32 values that ascend, and the palette with the colour of NaN at its end."""
    rounded = [float(np.float32(bound)) for bound in bounds]
    return rounded, np.array([*colours, _NAN], np.uint8)


def _heat(low: float, high: float) -> tuple[list[float], NDArray[np.uint8]]:
    """254 steps from ``low`` to ``high``; at or below ``low`` black, from ``high`` on white."""
    first = np.nextafter(np.float32(low), np.float32(np.inf))
    bounds = np.maximum(np.linspace(low, high, 255).astype(np.float32), first)
    bounds, steps = np.unique(bounds, return_index=True)
    at = (steps + 1) / 255 * (len(_HEAT) - 1)
    ramp = np.array(_HEAT, np.float64)
    colours = np.stack([np.interp(at, range(len(_HEAT)), ramp[:, c]) for c in range(3)], axis=1)
    return _table(bounds.tolist(), [(0, 0, 0), *np.floor(colours + 0.5).tolist()])


def _scheme(scheme: object) -> tuple[list[float], NDArray[np.uint8], list[tuple[Sequence[int], str]]]:
    """Bounds, palette and legend of a scheme."""
    if isinstance(scheme, str):
        checks.one_of("scheme", scheme, ("stops", "zones"))
        if scheme == "stops":
            bounds = [_GREY * 2.0**stop for stop, _, _ in _STOPS[:-1]]
            return *_table(bounds, [colour for _, colour, _ in _STOPS]), [(c, words) for _, c, words in _STOPS]
        return *_zones(), [(c or (72, 72, 72), words) for _, c, words in _ZONES]
    if not isinstance(scheme, Sequence) or not 1 <= len(scheme) <= 255:
        raise TypeError(f"scheme must be 'stops', 'zones' or up to 255 bands (bound, colour), got {scheme!r}")
    bounds, colours = [], []
    for index, band in enumerate(scheme):
        bounds.append(checks.number(f"scheme[{index}][0]", band[0], finite=False))
        colours.append([round(255 * min(max(v, 0.0), 1.0)) for v in checks.triple(f"scheme[{index}][1]", band[1])])
    inner = [float(np.float32(bound)) for bound in bounds[:-1]]
    if any(not one < two for one, two in zip(inner, [*inner[1:], inf], strict=True)):
        raise ValueError(f"the bounds of a scheme must ascend, got {bounds}")
    return *_table(inner, colours), [(c, f"< {b:g}") for b, c in zip(bounds, colours, strict=True)]


def _zones() -> tuple[list[float], NDArray[np.uint8]]:
    """The zones, with the greys between them in steps of a 200th."""
    bounds: list[float] = []
    colours: list[Sequence[int]] = []
    start = 0.0
    for end, colour, _ in _ZONES:
        if colour is None:
            count = round((end - start) * 200)
            for step in range(count):
                bounds.append(start + (end - start) * (step + 1) / count)
                colours.append((round(255 * (start + (end - start) * (step + 0.5) / count)),) * 3)
        else:
            bounds.append(end)
            colours.append(colour)
        start = end
    return _table(bounds[:-1], colours)


def _with_legend(img: Image, key: Sequence[tuple[Sequence[int], str]]) -> Image:
    """``img``, whose memory nobody else has, with a strip of colours and words at its bottom."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    longest = max(len(words) for _, words in key)
    letters = max(9, round(min(img.height / 22, 1.5 * img.width / len(key) / max(longest, 3))))
    strip = min(round(1.9 * letters), img.height)
    drawn = Pillow.new("RGB", (img.width, strip))
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(letters)
    for index, (colour, words) in enumerate(key):
        left, right = (round(img.width * at / len(key)) for at in (index, index + 1))
        pen.rectangle((left, 0, right, strip), fill=tuple(int(value) for value in colour))
        dark = 0.3 * colour[0] + 0.6 * colour[1] + 0.1 * colour[2] > 120
        pen.text(
            ((left + right) / 2, strip / 2), words, fill=(0, 0, 0) if dark else (255, 255, 255), font=font, anchor="mm"
        )
    img.pixels[-strip:] = np.asarray(drawn)
    return img
