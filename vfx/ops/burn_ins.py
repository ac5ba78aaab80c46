"""Text and boxes drawn into pictures: slates, frame numbers, framing guides.

Letters and edges are anti-aliased: a pixel that is covered in part is a mixture, weighted by the part, of the
picture's light and the drawing's. In scene-linear pictures that is the ``over`` of compositing. Pictures in display or
log codes name their curve (``curve="srgb"``): they are decoded, mixed and encoded again, so that the edges of letters
have the light they should; without it the codes are mixed as they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._drawn_layers import box_layer, drawn, light_of, text_layer
from vfx.ops._lettering import ALIGNMENTS, Block, font_of
from vfx.ops._pictures import as_image

__all__ = ["burn_in", "rectangle", "text"]

Picture = Image | NDArray[Any]
Colour = float | Sequence[float]

#: Place in the display window → share of the free width and height to its left and above it.
_PLACES: dict[str, tuple[float, float]] = {
    "top left": (0.0, 0.0),
    "top": (0.5, 0.0),
    "top right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "center": (0.5, 0.5),
    "right": (1.0, 0.5),
    "bottom left": (0.0, 1.0),
    "bottom": (0.5, 1.0),
    "bottom right": (1.0, 1.0),
}


def text(
    img: Picture,
    content: str,
    at: str | Sequence[float] = "bottom left",
    *,
    size: float | None = None,
    color: Colour = 1.0,
    opacity: float = 1.0,
    font: str | os.PathLike[str] | None = None,
    align: str | None = None,
    outline: int = 0,
    plate: float = 0.0,
    shade: Colour = 0.0,
    margin: float | None = None,
    curve: str | None = None,
) -> Image:
    """New: text drawn over the picture; alpha becomes opaque where it is covered.

    Parameters
    ----------
    img : Image or numpy.ndarray
        R, G, B, or Y, are drawn on, and A; without any of them all channels are.
    content : str
        Line feeds start new lines.
    at : str or (x, y), optional
        A place in the display window: ``"top left"``, ``"top"``, ``"top right"``, ``"left"``, ``"center"``,
        ``"right"``, ``"bottom left"``, ``"bottom"`` or ``"bottom right"``. Or where the upper left corner of the text
        lies, in pixels of the windows, fractions allowed. What falls outside the data window is cut off.
    size : float, optional
        Of the font, in pixels, 4 to 4096; a thirtieth of the display window's height without it.
    color : float or three floats, optional
        In the values of the picture: 1 is diffuse white, or the brightest code.
    opacity : float, optional
        0 to 1.
    font : path, optional
        A TrueType or OpenType file; Pillow's own font without it.
    align : str, optional
        Of lines among each other: ``"left"``, ``"center"`` or ``"right"``; that of the place without it.
    outline : int, optional
        Pixels of ``shade`` around the letters, 0 to 64.
    plate : float, optional
        Opacity of a box of ``shade`` behind the text, 0 to 1.
    shade : float or three floats, optional
        The colour of outline and plate.
    margin : float, optional
        From the edge of the display window to the text, in pixels; four fifths of ``size`` without it.
    curve : str, optional
        The transfer function of the picture's values, such as ``"srgb"``: mixing happens in linear light.

    Returns
    -------
    Image
        Of the same format and windows; pixels that are not covered keep their bits.

    Raises
    ------
    ValueError
        If an argument is out of its range, ``font`` is not a font, or it lacks a letter.
    FileNotFoundError
        If there is no such font file.

    Examples
    --------
    >>> import numpy as np
    >>> slate = text(np.zeros((90, 160, 3), np.float32), "sh010 v003", "center", size=20)
    >>> bool(slate.numpy().max() == 1.0), slate.shape
    (True, (90, 160, 3))
    """
    img = as_image(img)
    if not isinstance(content, str):
        raise TypeError(f"content must be text, got {content!r}")
    x0, y0, x1, y1 = img.display_window
    size = (y1 - y0 + 1) / 30 if size is None else checks.number("size", size, low=4.0, high=4096.0)
    size = max(size, 4.0)
    place = _place(at)
    shares = place if isinstance(at, str) else (0.0, 0.0)
    across = shares[0] if align is None else ALIGNMENTS[checks.one_of("align", align, ALIGNMENTS)]
    block = Block(content, font_of(font, size), across, checks.integer("outline", outline, low=0, high=64))
    away = 0.8 * size if margin is None else checks.number("margin", margin)
    if isinstance(at, str):
        left = x0 + away + shares[0] * (x1 - x0 + 1 - 2 * away - block.width)
        top = y0 + away + shares[1] * (y1 - y0 + 1 - 2 * away - block.height)
    else:
        left, top = place
    layers = []
    plate = checks.number("plate", plate, low=0.0, high=1.0)
    if plate and content:
        pad = 0.3 * size
        area = (left - pad, top - 0.5 * pad, block.width + 2 * pad, block.height + pad)
        layers.append(box_layer(area, None, light_of("shade", shade, curve), plate))
    layers.append(text_layer(block, (left, top), light_of("color", color, curve), light_of("shade", shade, curve)))
    return drawn(img, layers, checks.number("opacity", opacity, low=0.0, high=1.0), curve)


def rectangle(
    img: Picture,
    area: Sequence[float],
    *,
    color: Colour = 1.0,
    opacity: float = 1.0,
    line: float | None = None,
    curve: str | None = None,
) -> Image:
    """New: a box drawn over the picture, filled or as a line; alpha becomes opaque where it is covered.

    Parameters
    ----------
    img : Image or numpy.ndarray
        R, G, B, or Y, are drawn on, and A; without any of them all channels are.
    area : (x, y, width, height)
        In pixels of the windows: pixel x reaches from x to x + 1. Fractions cover pixels in part.
    color : float or three floats, optional
        In the values of the picture.
    opacity : float, optional
        0 to 1.
    line : float, optional
        Width in pixels of a line just inside the area; without it the area is filled.
    curve : str, optional
        The transfer function of the picture's values, such as ``"srgb"``: mixing happens in linear light.

    Returns
    -------
    Image
        Of the same format and windows; pixels that are not covered keep their bits.

    Raises
    ------
    TypeError, ValueError
        If ``area`` is not four numbers with a size of at least 0, or an argument is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> rectangle(np.zeros((3, 4), np.float32), (0.5, 1, 2, 1)).numpy()[1].tolist()
    [0.5, 1.0, 0.5, 0.0]
    """
    img = as_image(img)
    if isinstance(area, (str, bytes)) or not isinstance(area, Sequence) or len(area) != 4:
        raise TypeError(f"area must be (x, y, width, height), got {area!r}")
    x, y = (checks.number(f"area[{index}]", area[index], low=-1e6, high=1e6) for index in (0, 1))
    width, height = (checks.number(f"area[{index}]", area[index], low=0.0, high=1e6) for index in (2, 3))
    thick = None if line is None else checks.number("line", line, low=0.0)
    layer = box_layer((x, y, width, height), thick, light_of("color", color, curve), 1.0, img.data_window)
    return drawn(img, [layer], checks.number("opacity", opacity, low=0.0, high=1.0), curve)


def burn_in(
    img: Picture,
    fields: Mapping[str, str],
    *,
    values: Mapping[str, Any] | None = None,
    **style: Any,
) -> Image:
    """New: several texts at once, with fields such as frame and time code filled in.

    Parameters
    ----------
    img : Image or numpy.ndarray
        As for :func:`text`.
    fields : mapping of str to str
        Place → text with fields in braces: ``{"top left": "{shot}", "bottom right": "{timecode}  {frame:04d}"}``. A
        field is a key of ``values`` or of the picture's metadata, or ``width``, ``height``, ``format``, ``channels``,
        ``colorspace``; what stands after a colon says how, as in Python's ``format``. Braces themselves are written
        twice.
    values : mapping, optional
        Fields of your own, before the metadata: ``{"frame": 1001}``.
    style : optional
        Arguments of :func:`text` for all of them: ``size``, ``color``, ``opacity``, ``font``, ``outline``, ``plate``,
        ``shade``, ``margin``, ``curve``.

    Raises
    ------
    ValueError
        If a place or a field is unknown; the message lists those there are.

    Examples
    --------
    >>> import numpy as np
    >>> import vfx
    >>> plate = vfx.Image(np.zeros((90, 160, 3), np.float32), metadata={"shot": "sh010"})
    >>> slate = burn_in(plate, {"top left": "{shot}", "bottom": "{frame:04d}"}, values={"frame": 12})
    >>> bool((slate.numpy() > 0).any())
    True
    """
    img = as_image(img)
    if not isinstance(fields, Mapping):
        raise TypeError(f"fields must be a mapping of places to texts, got {fields!r}")
    known = {
        "width": img.width,
        "height": img.height,
        "format": img.format,
        "channels": ", ".join(img.channel_names),
        "colorspace": img.colorspace or "",
        **img.metadata,
        **(values or {}),
    }
    for place, template in fields.items():
        checks.one_of("place", place, _PLACES)
        img = text(img, _filled(template, known), place, **style)
    return img if fields else img.copy()


# ------------------------------------------------------------------ arguments


def _place(at: str | Sequence[float]) -> tuple[float, float]:
    """Shares of the free room for a place that has a name, else the point itself."""
    if isinstance(at, str):
        return _PLACES[checks.one_of("at", at, _PLACES)]
    if not isinstance(at, Sequence) or len(at) != 2:
        raise TypeError(f"at must be the name of a place or (x, y), got {at!r}")
    x, y = (checks.number(f"at[{index}]", value, low=-1e6, high=1e6) for index, value in enumerate(at))
    return x, y


def _filled(template: object, known: Mapping[str, Any]) -> str:
    """A template with its fields filled in."""
    if not isinstance(template, str):
        raise TypeError(f"a burn-in is text with fields such as {{frame:04d}}, got {template!r}")

    def value(hit: re.Match[str]) -> str:
        if hit[0] in ("{{", "}}"):
            return hit[0][0]
        if hit[1] in known:
            return str(known[hit[1]])
        name, _, how = hit[1].rpartition(":") if ":" in hit[1] else (hit[1], "", "")
        checks.one_of("a field", name, known)
        try:
            return format(known[name], how)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the field {hit[0]} does not take the value {known[name]!r}: {error}") from None

    return re.sub(r"\{\{|\}\}|\{([^{}]+)\}", value, template)
