"""A picture turned as its orientation says that it is to be seen, for readers that are asked to."""

from __future__ import annotations

import numpy as np

from vfx.image import Image
from vfx.io._exif import upright

__all__ = ["turned"]


def turned(image: Image) -> Image:
    """The image as its ``orientation`` says that it is to be seen, which then reads 1; itself where it is upright.

    Densities that a file told apart for width and height are left out where those change places.
    """
    wanted = image.metadata.get("orientation", 1)
    if wanted == 1:
        return image
    entries = {**image.metadata, "orientation": 1}
    pixels = np.ascontiguousarray(upright(image.pixels, wanted))
    aspect = image.pixel_aspect
    if wanted >= 5:
        aspect = 1 / aspect
        entries = {key: value for key, value in entries.items() if not key.endswith(":density")}
    return Image(pixels, channels=image.channel_names, metadata=entries, pixel_aspect=aspect)
