"""The small picture in an EXR header, made from the image itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from vfx import _late
from vfx.checks import integer
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.io._exr_plan import Picture
from vfx.metadata import Preview

__all__ = ["make_preview", "with_preview"]

#: Width of the previews in OpenEXR's own sample images ("Technical Introduction to OpenEXR", "Preview Images").
_WIDTH = 100


def make_preview(image: Image, width: int = _WIDTH) -> Preview:
    """A preview of the image: its R, G, B, A, or its Y, as 8-bit RGBA of square pixels.

    Colours are taken for scene-linear light: they are clipped to [0, 1] and encoded with the sRGB curve
    (IEC 61966-2-1), what a viewer of headers shows as it is. Alpha is linear; without one it is 255.

    Parameters
    ----------
    image : Image
        With R, G, B or Y.
    width : int
        Pixels; never more than the image has.

    Raises
    ------
    ChannelError
        If there is neither R, G, B nor Y.
    """
    names = image.channel_names
    colours = ["R", "G", "B"] if {"R", "G", "B"} <= set(names) else ["Y"] * 3
    if not set(colours) <= set(names):
        raise ChannelError(f"a preview shows R, G, B or Y; the image has {', '.join(names)}")
    wide = min(integer("preview", width, low=1, high=1024), image.width)
    high = max(1, min(image.height, round(wide * image.height / (image.width * image.pixel_aspect))))
    wanted = [*dict.fromkeys(colours), *(["A"] if "A" in names else [])]
    picture = Image(image.select(wanted).astype("f32").pixels, channels=wanted)  # its own windows left out
    small = _late.picture_operation("resize")(picture, width=wide, height=high, filter="box")
    planes = {name: small.pixels[:, :, place] for place, name in enumerate(wanted)}
    light = np.nan_to_num(np.stack([planes[name] for name in colours], -1), nan=0.0, posinf=1.0, neginf=0.0)
    encoded = _late.function("curve_encode")(np.clip(light, 0.0, 1.0), "srgb")
    alpha = np.nan_to_num(planes["A"], nan=0.0) if "A" in names else np.ones((high, wide), np.float32)
    rgba = np.concatenate([encoded, alpha[..., np.newaxis]], -1)
    return Preview(wide, high, (np.clip(rgba, 0.0, 1.0) * 255 + 0.5).astype(np.uint8).tobytes())


def with_preview(picture: Picture, image: Image, preview: Any) -> Picture:
    """The picture with the preview that the option ``preview`` asks for.

    Raises
    ------
    TypeError
        If it is no preview, image, width or True.
    """
    if isinstance(preview, Preview):
        made = preview
    elif isinstance(preview, Image):
        made = make_preview(preview, preview.width)
    elif preview is True or (isinstance(preview, int) and not isinstance(preview, bool)):
        made = make_preview(image, _WIDTH if preview is True else preview)
    else:
        raise TypeError(f"preview must be True, a width, an Image or a Preview, got {preview!r}")
    return replace(picture, metadata={**picture.metadata, "exr:preview": made})
