"""Blend modes of W3C, PDF and Photoshop.

The formulas are in ``vfx/_ext/blend_formulas.pxd`` and ``blend_colours.pxd``, and in ``docs/guides/compositing.rst``.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._layers import Weights, layered, spelled
from vfx.ops._pictures import as_image

__all__ = ["MODES", "blend"]

#: Other names → modes.
_OTHER_NAMES = {"add": "linear_dodge", "colour": "color", "colour_burn": "color_burn", "colour_dodge": "color_dodge",
                "darker_colour": "darker_color", "lighter_colour": "lighter_color"}  # fmt: skip
#: The blend modes: those of W3C's *Compositing and Blending Level 1*, and Photoshop's other ones.
MODES: tuple[str, ...] = (
    "color", "color_burn", "color_dodge", "darken", "darker_color", "difference", "divide", "exclusion", "hard_light",
    "hard_mix", "hue", "lighten", "lighter_color", "linear_burn", "linear_dodge", "linear_light", "luminosity",
    "multiply", "normal", "overlay", "pin_light", "saturation", "screen", "soft_light", "subtract", "vivid_light",
)  # fmt: skip


def blend(
    a: Image | NDArray[Any],
    b: Image | NDArray[Any],
    mode: str = "normal",
    opacity: float = 1.0,
    *,
    mask: Image | NDArray[Any] | None = None,
    mix: float = 1.0,
) -> Image:
    """A new image of ``a`` blended with the backdrop ``b``.

    Parameters
    ----------
    a, b : Image or array
        The picture on top and the backdrop, premultiplied.
    mode : str
        One of ``MODES``; hyphens and spaces will do for underscores.
    opacity : float
        What ``a`` and its alpha are multiplied by first, 0 to 1.
    mask : Image or array, optional
        1 is the result, 0 is ``b``: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.

    Returns
    -------
    Image
        Over the union of the data windows, with the display window, metadata and colour space of ``b``.

    Raises
    ------
    ChannelError
        If a mode of whole colours (hue …) finds no R, G and B.
    TypeError
        If a picture is none.
    ValueError
        If the mode is unknown or the opacity out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx import ops
    >>> ink = np.float32([[[0.5, 0.25, 0.0, 1.0]]])
    >>> paper = np.float32([[[0.5, 1.0, 0.5, 1.0]]])
    >>> ops.blend(ink, paper, "multiply").numpy().tolist()
    [[[0.25, 0.25, 0.0, 1.0]]]
    """
    given = mode.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(mode, str) else mode
    name = spelled("mode", _OTHER_NAMES.get(given, given), MODES)
    strength = checks.number("opacity", opacity, low=0.0, high=1.0)
    images = [as_image(a, "a"), as_image(b, "b")]
    formula = ("merge", "over") if name == "normal" else ("blend", name)  # the same, and quicker
    return layered(images, formula, Weights(mask, mix), opacity=strength)
