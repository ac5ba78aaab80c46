"""Scopes as pictures: waveform, parade, vectorscope and histogram, on dark panels with graticules.

A scope measures the values that the picture holds: encode a scene-linear picture first to see it as a display or a log
grade does (``image.encode("srgb").waveform()``). The panel itself is 8-bit RGB in display codes, ready for a PNG.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from math import cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._ext import scopes as _kernel
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.ops._pictures import as_image, colour_indices, thread_count
from vfx.ops._scope_drawing import SIGNALS, Panel, glow, luma_weights, nice_steps, scope_size

__all__ = ["histogram_picture", "parade", "vectorscope", "waveform"]

Picture = Image | NDArray[Any]

#: Direction, from the Cb axis towards Cr, in which a vectorscope marks the hue of skin: the I axis of NTSC, 33° from Cr
#: (ITU-R BT.1700, part A), drawn on component scopes at the same angle.
_SKIN = radians(123.0)
#: Codes beyond each end that a histogram shows, of 255 within.
_BEYOND = 13
_SCALES = {"linear": 1.0, "sqrt": 0.5, "cbrt": 1.0 / 3.0}


def waveform(
    img: Picture,
    *,
    mode: str = "rgb",
    size: tuple[int, int] = (1024, 576),
    limits: tuple[float, float] = (0.0, 1.0),
    marks: Mapping[str, float] | None = None,
    luma: str = "rec709",
    gain: float = 1.0,
    graticule: bool = True,
) -> Image:
    """New: the waveform; left to right as in the picture, upwards the values of each column.

    Parameters
    ----------
    img : Image or numpy.ndarray
        With channels R, G, B, or Y.
    mode : str, optional
        ``"rgb"``: the three channels over one another, in their colours; ``"luma"``: their weighted sum.
    size : (width, height), optional
        Of the panel, in pixels.
    limits : (low, high), optional
        The values of the lowest and the highest line. Five per cent more are shown at both ends, and what lies further
        out is drawn on the rim, so that clipping is seen.
    marks : mapping of str to float, optional
        Dashed lines at values of your own, with their labels: ``{"18 %": 0.391}``.
    luma : str, optional
        Whose weights: ``"rec709"``, ``"rec601"`` or ``"rec2020"``.
    gain : float, optional
        Brightness of the trace.
    graticule : bool, optional
        Without it, the trace alone fills the panel.

    Returns
    -------
    Image
        8-bit RGB, display codes. NaN is not drawn.

    Raises
    ------
    ChannelError
        If there is neither R, G, B nor Y.
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.linspace(0, 1, 640, dtype=np.float32)[None, :, None].repeat(360, 0).repeat(3, 2)
    >>> waveform(ramp, size=(640, 360))
    <Image 640x360 RGB u8 colorspace='sRGB'>
    """
    img = as_image(img)
    checks.one_of("mode", mode, ("rgb", "luma"))
    low, high = _limits(limits)
    names = _signal_names(img, "waveform")
    sums = luma_weights(luma)
    weights = sums if mode == "luma" and len(names) == 3 else None
    title = "WAVEFORM  " + ("LUMA" if weights else "".join(names))
    panel = Panel(scope_size(size), title, _note(img), graticule=bool(graticule))
    traces = _traces(img, weights, (panel.width, panel.height), (low, high), _gain(gain))
    for name, trace in zip("Y" if weights else names, traces, strict=True):
        panel.shine(trace, SIGNALS[name])
    panel.levels(low, high, _marks(marks))
    return panel.picture()


def parade(
    img: Picture,
    *,
    size: tuple[int, int] = (1024, 576),
    limits: tuple[float, float] = (0.0, 1.0),
    marks: Mapping[str, float] | None = None,
    gain: float = 1.0,
    graticule: bool = True,
) -> Image:
    """New: the RGB parade; the waveforms of red, green and blue side by side.

    Parameters
    ----------
    img : Image or numpy.ndarray
        With channels R, G, B.
    size, limits, marks, gain, graticule
        As for :func:`waveform`.

    Returns
    -------
    Image
        8-bit RGB, display codes. NaN is not drawn.

    Raises
    ------
    ChannelError
        If R, G or B is missing.
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> parade(np.zeros((90, 160, 3), np.float32), size=(480, 270)).shape
    (270, 480, 3)
    """
    img = as_image(img)
    low, high = _limits(limits)
    _needs_colour(img, "a parade")
    panel = Panel(scope_size(size), "PARADE  RGB", _note(img), graticule=bool(graticule))
    space = max(2, panel.letters // 2)
    each = max(1, (panel.width - 2 * space) // 3)
    for index, trace in enumerate(_traces(img, None, (each, panel.height), (low, high), _gain(gain))):
        panel.shine(trace, SIGNALS["RGB"[index]], index * (each + space))
    panel.levels(low, high, _marks(marks))
    for index in (1, 2):
        x = index * (each + space) - (space + 1) / 2
        panel.line((x, 0, x, panel.height - 1), strength="strong")
    return panel.picture()


def vectorscope(
    img: Picture,
    *,
    size: tuple[int, int] = (640, 640),
    luma: str = "rec709",
    zoom: float = 1.0,
    gain: float = 1.0,
    graticule: bool = True,
) -> Image:
    """New: the vectorscope; each pixel at its colour differences, Cb to the right and Cr upwards.

    With the luma Y = Kr·R + Kg·G + Kb·B, Cb = (B − Y) / (2 − 2·Kb) and Cr = (R − Y) / (2 − 2·Kr) of the values in the
    picture (ITU-R BT.709-6, item 3.3). Greys lie in the middle. The six boxes are the colours of 75 % bars, the ticks
    beyond them those of 100 % bars; the circle has the radius 0.5, the dashed line is the hue of skin.

    Parameters
    ----------
    img : Image or numpy.ndarray
        With channels R, G, B; display-encoded values, as video has them, to be read with this graticule.
    size : (width, height), optional
        Of the panel, in pixels.
    luma : str, optional
        Whose weights: ``"rec709"``, ``"rec601"`` or ``"rec2020"``.
    zoom : float, optional
        Magnification, 1 to 16, for pale colours.
    gain, graticule
        As for :func:`waveform`.

    Returns
    -------
    Image
        8-bit RGB, display codes. Pixels without chroma (NaN, all infinite) are not drawn; what lies outside is drawn
        on the rim.

    Raises
    ------
    ChannelError
        If R, G or B is missing.
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> vectorscope(np.full((90, 160, 3), 0.5, np.float32), size=(320, 320)).shape
    (320, 320, 3)
    """
    img = as_image(img)
    channels = _needs_colour(img, "a vectorscope")
    matrix = _chroma_matrix(luma_weights(luma)) * checks.number("zoom", zoom, low=1.0, high=16.0)
    note = _note(img) + (f"   {zoom:g} x" if zoom != 1 else "")
    panel = Panel(scope_size(size), "VECTORSCOPE", note, graticule=bool(graticule), square=True)
    # The circle of radius 0.5 leaves a twelfth of the plot free on each side.
    counts = _kernel.count_chroma(
        img.pixels, channels, (matrix / 1.2).tolist(), min(panel.width, 4096), thread_count(img)
    )
    counts = _stretched(counts, panel.width, panel.height)
    density = counts.astype(np.float32) * np.float32(counts.size / 256.0 / (img.width * img.height))
    panel.light[...] = glow(_softened(density) * 0.5, _gain(gain)) * _hues(panel.width)
    _vector_marks(panel, matrix)
    return panel.picture()


def histogram_picture(
    img: Picture,
    *,
    size: tuple[int, int] = (1024, 576),
    limits: tuple[float, float] = (0.0, 1.0),
    scale: str = "sqrt",
    marks: Mapping[str, float] | None = None,
    graticule: bool = True,
) -> Image:
    """New: the histogram as a picture; values to the right, how many pixels have them upwards.

    Parameters
    ----------
    img : Image or numpy.ndarray
        With channels R, G, B, or Y. They are drawn over one another in their colours: grey is where all three are.
    size : (width, height), optional
        Of the panel, in pixels.
    limits : (low, high), optional
        The values at the left and the right line; 255 bins lie between them, so that each code of an 8-bit picture has
        its own. What lies beyond stands at the rim, and its share is written above.
    scale : str, optional
        Of the heights: ``"linear"``, ``"sqrt"`` or ``"cbrt"``, which show rare values better.
    marks : mapping of str to float, optional
        Dashed lines at values of your own, with their labels.
    graticule : bool, optional
        Without it, the curves alone fill the panel.

    Returns
    -------
    Image
        8-bit RGB, display codes. NaN is not counted.

    Raises
    ------
    ChannelError
        If there is neither R, G, B nor Y.
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> histogram_picture(np.zeros((90, 160), np.uint8), size=(480, 270)).shape
    (270, 480, 3)
    """
    img = as_image(img)
    low, high = _limits(limits)
    power = _SCALES[checks.one_of("scale", scale, _SCALES)]
    names = _signal_names(img, "histogram")
    beyond = _BEYOND / 255.0 * (high - low)
    counted = _kernel.count_levels(
        img.pixels,
        colour_indices(img),
        None,
        (min(img.width, 64), 256 + 2 * _BEYOND),
        (low - beyond, high + beyond),
        thread_count(img),
    )
    shares = counted.sum(axis=1) / (16.0 * img.width * img.height)
    panel = Panel(
        scope_size(size), "HISTOGRAM  " + "".join(names), _outside(shares), graticule=bool(graticule), below=1.9
    )
    tallest = float(shares[:, 1:-1].max()) or 1.0
    for name, share in zip(names, shares, strict=True):
        panel.shine(_filled(np.minimum(share / tallest, 1.0) ** power, panel.width, panel.height), SIGNALS[name])
    _value_marks(panel, (low, high), _marks(marks))
    return panel.picture()


# ------------------------------------------------------------------ arguments


def _limits(limits: object) -> tuple[float, float]:
    """(low, high), checked."""
    if isinstance(limits, (str, bytes)) or not isinstance(limits, (tuple, list)) or len(limits) != 2:
        raise TypeError(f"limits must be (low, high), got {limits!r}")
    low, high = (checks.number(f"limits[{index}]", value) for index, value in enumerate(limits))
    if not low < high or not np.isfinite(np.float32(high) - np.float32(low)):
        raise ValueError(f"limits must ascend, got ({low:g}, {high:g})")
    return low, high


def _gain(gain: object) -> float:
    """The brightness of a trace, checked."""
    return checks.number("gain", gain, low=0.0, high=1000.0)


def _marks(marks: Mapping[str, float] | None) -> dict[str, float]:
    """Lines of the caller's own, checked."""
    if marks is not None and not isinstance(marks, Mapping):
        raise TypeError(f"marks must be a mapping of labels to values, got {marks!r}")
    return {str(words): checks.number(f"marks[{words!r}]", value) for words, value in (marks or {}).items()}


def _signal_names(img: Image, what: str) -> list[str]:
    """The colour channels' names, in the order of ``colour_indices``."""
    found = [img.channel_names[index] for index in colour_indices(img)]
    if not found:
        raise ChannelError(f"a {what} needs R, G, B, or Y; the image has {', '.join(img.channel_names)}")
    return found


def _needs_colour(img: Image, what: str) -> tuple[int, ...]:
    """The positions of R, G, B."""
    channels = colour_indices(img)
    if len(channels) != 3:
        raise ChannelError(f"{what} needs R, G and B; the image has {', '.join(img.channel_names)}")
    return channels


def _note(img: Image) -> str:
    """What is measured, in a few words."""
    return f"{img.width} x {img.height}" + (f"  {img.colorspace}" if img.colorspace else "")


# ------------------------------------------------------------------ traces


def _traces(
    img: Image,
    weights: tuple[float, float, float] | None,
    size: tuple[int, int],
    limits: tuple[float, float],
    gain: float,
) -> list[NDArray[np.float32]]:
    """The light of each signal's waveform, (height, width), high values at the top."""
    (width, height), (low, high) = size, limits
    beyond = 0.05 * (high - low)
    columns = min(width, img.width)
    counts = _kernel.count_levels(
        img.pixels, colour_indices(img), weights, (columns, height), (low - beyond, high + beyond), thread_count(img)
    )
    per_column = np.bincount(np.arange(img.width) * columns // img.width, minlength=columns) * img.height
    density = counts.astype(np.float32) * np.asarray(height / 16.0 / per_column, np.float32)[:, None]
    spread = np.arange(width) * columns // width
    return [glow(one[spread].T[::-1], gain) for one in density]


def _stretched(counts: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """Counts of a smaller grid over a larger plot."""
    if counts.shape == (height, width):
        return counts
    rows, columns = (np.arange(n) * counts.shape[axis] // n for axis, n in enumerate((height, width)))
    return counts[np.ix_(rows, columns)]


def _softened(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each cell and a little of it around it, as a beam has a width."""
    for _ in range(2):
        wide = np.pad(density, ((1, 1), (0, 0)))
        density = np.asarray(0.5 * density + 0.25 * (wide[2:] + wide[:-2]), np.float32).T
    return density


def _filled(heights: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    """The light under a curve of heights from 0 to 1, its upper edge brighter and anti-aliased."""
    at = np.linspace(0, len(heights) - 1, width)
    top = np.interp(at, np.arange(len(heights)), heights) * (height - 2)
    rows = np.arange(height)[::-1, None]
    inside = np.clip(top[None, :] - rows + 0.5, 0.0, 1.0)
    edge = np.clip(top[None, :] - rows + 1.0, 0.0, 1.0) * np.clip(rows + 2.5 - np.maximum(top, 0.5)[None, :], 0.0, 1.0)
    return np.asarray(np.maximum(0.42 * inside, 0.9 * edge * (top > 0.02)), np.float32)


def _outside(shares: NDArray[np.float64]) -> str:
    """How much lies beyond the limits, of the channel that has most there."""
    below, above = shares[:, :_BEYOND].sum(axis=1).max(), shares[:, -_BEYOND:].sum(axis=1).max()
    return f"below {below * 100:.2f} %   above {above * 100:.2f} %"


# ------------------------------------------------------------------ graticules


def _value_marks(panel: Panel, limits: tuple[float, float], marks: Mapping[str, float]) -> None:
    """The lines of a histogram: upright, at round values, with their labels below."""
    (low, high), codes = limits, 255 + 2 * _BEYOND
    left, right = (code / codes * (panel.width - 1) for code in (_BEYOND, _BEYOND + 255))
    for value in nice_steps(low, high, 10):
        x = left + (value - low) / (high - low) * (right - left)
        ends = abs(value - low) < 1e-9 or abs(value - high) < 1e-9
        panel.line((x, 0, x, panel.height - 1), strength="strong" if ends else "faint")
        panel.label(f"{value:g}", (x, panel.height + 0.75 * panel.letters), "mm")
    panel.line((0, panel.height - 1, panel.width - 1, panel.height - 1), strength="strong")
    for words, value in marks.items():
        x = left + (value - low) / (high - low) * (right - left)
        if 0 <= x < panel.width:
            panel.line((x, 0, x, panel.height - 1), strength="mark", dashed=True)
            panel.label(words, (x + 0.4 * panel.letters, 0.9 * panel.letters), "lm", strong=True)


def _chroma_matrix(weights: tuple[float, float, float]) -> NDArray[np.float64]:
    """Red, green and blue to Cb and Cr, each from -0.5 to 0.5 for colours within [0, 1]."""
    luma = np.array(weights)
    across = (np.array([0.0, 0.0, 1.0]) - luma) / (2 - 2 * luma[2])
    up = (np.array([1.0, 0.0, 0.0]) - luma) / (2 - 2 * luma[0])
    return np.stack([across, up])


@functools.lru_cache(maxsize=4)
def _hues(side: int) -> NDArray[np.float32]:
    """The colour (3, side, side) in which each cell of a vectorscope shines: its own hue, pale enough to be seen."""
    axis = np.linspace(-0.6, 0.6, side)
    cb, cr = np.broadcast_to(axis, (side, side)), np.broadcast_to(-axis[:, None], (side, side))
    kr, kg, kb = luma_weights("rec709")
    red, blue = cr * (2 - 2 * kr), cb * (2 - 2 * kb)
    rgb = np.stack([red, -(kr * red + kb * blue) / kg, blue], axis=-1)
    reach = np.abs(rgb).max(axis=-1, keepdims=True)
    pale = 0.62 + 0.55 * rgb / np.maximum(reach, 0.12)
    return np.ascontiguousarray(np.clip(pale, 0.06, 1.0).transpose(2, 0, 1), np.float32)


def _vector_marks(panel: Panel, matrix: NDArray[np.float64]) -> None:
    """Circle, axes, the targets of colour bars and the line of skin."""
    middle, unit = (panel.width - 1) / 2, (panel.width - 1) / 1.2
    panel.circle(middle, middle, 0.5 * unit)
    for dx, dy in ((1, 0), (0, 1)):
        panel.line((middle - dx * middle, middle - dy * middle, middle + dx * middle, middle + dy * middle))
    dash = 0.5 * unit
    panel.line((middle, middle, middle + dash * cos(_SKIN), middle - dash * sin(_SKIN)), strength="mark", dashed=True)
    half = 0.019 * unit
    for name, rgb in (("R", (1, 0, 0)), ("Mg", (1, 0, 1)), ("B", (0, 0, 1)),
                      ("Cy", (0, 1, 1)), ("G", (0, 1, 0)), ("Yl", (1, 1, 0))):  # fmt: skip
        cb, cr = (float(value) for value in matrix @ np.array(rgb, np.float64))
        x, y = middle + 0.75 * cb * unit, middle - 0.75 * cr * unit
        if max(abs(cb), abs(cr)) * 0.75 > 0.56:
            continue  # zoomed out of the plot
        box = (x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half, x - half, y - half)
        panel.line(box, strength="mark")
        panel.label(name, (x + (half + 4) * (1 if cb >= 0 else -1), y), "lm" if cb >= 0 else "rm", strong=True)
        if max(abs(cb), abs(cr)) <= 0.58:
            fx, fy, tick = middle + cb * unit, middle - cr * unit, 0.4 * half
            panel.line((fx - tick, fy, fx + tick, fy), strength="mark")
            panel.line((fx, fy - tick, fx, fy + tick), strength="mark")
