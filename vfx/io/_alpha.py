"""Colours multiplied and divided by alpha in linear light, for formats that store them undivided and encoded.

A PNG file holds encoded colours that are not multiplied by alpha. Multiplying those codes darkens edges; what
compositing needs is ``encode(decode(v) * a)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vfx.image import Image
from vfx.pixelformat import format_of

__all__ = ["associated", "curve_of", "unassociated"]

#: Transfer characteristics of ITU-T H.273, table 3 → names of curves. What 1, 6, 14 and 15 share is the camera's curve.
_CICP = {1: "rec709", 4: "gamma22", 6: "rec709", 8: "linear", 13: "srgb", 14: "rec709", 15: "rec709", 16: "pq"}
_CICP |= {7: "smpte240m", 18: "hlg"}


def curve_of(entries: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and parameters of the curve that a file's metadata names; sRGB where they say nothing.

    cICP comes before sRGB, and that before gAMA (PNG third edition, 4.3); of an ICC profile sRGB is supposed.
    """
    cicp = entries.get("cicp")
    if cicp is not None and int(cicp[1]) in _CICP:
        return _CICP[int(cicp[1])], {}
    gamma = entries.get("png:gamma")
    told = "png:srgb_intent" in entries or "icc_profile" in entries
    if not told and isinstance(gamma, float) and 0.1 < gamma <= 1.0 and abs(gamma - 1 / 2.2) > 1e-3:
        return ("linear", {}) if gamma == 1.0 else ("gamma", {"gamma": 1 / gamma})
    return "srgb", {}


def _curve(option: str | bool, entries: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The curve that an option asks for: the file's own for True, else one by name."""
    return (option, {}) if isinstance(option, str) else curve_of(entries)


def associated(image: Image, option: str | bool, dtype: Any = None) -> Image:
    """New: colours multiplied by alpha in linear light, black where it is 0; the image itself without alpha.

    Parameters
    ----------
    image : Image
        Encoded colours that are not multiplied.
    option : bool or str
        False leaves the image as it is, True takes the curve its metadata name, a name takes that one.
    dtype : optional
        Pixel format of the result; the image's own unless given.
    """
    if not option or "A" not in image.channel_names:
        return image
    name, parameters = _curve(option, image.metadata)
    linear = image.astype("f32").decode(name, **parameters).premultiply()
    alpha = linear.channel_names.index("A")
    clear = linear.pixels[:, :, alpha] <= 0
    linear.pixels[clear] = np.float32(0)  # what is under no coverage is no light, where premultiply() keeps a glow
    encoded = linear.encode(name, **parameters)
    return encoded.astype(image.format if dtype is None else format_of(dtype))


def unassociated(image: Image, option: str | bool) -> Image:
    """New: colours divided by alpha in linear light, in f32; the image itself where they are not multiplied.

    Parameters
    ----------
    image : Image
        Encoded colours that are multiplied by alpha, unless its metadata say otherwise.
    option : bool or str
        As for :func:`associated`.
    """
    if not option or "A" not in image.channel_names or image.metadata.get("alpha") == "unassociated":
        return image
    name, parameters = _curve(option, image.metadata)
    return image.astype("f32").decode(name, **parameters).unpremultiply().encode(name, **parameters)
