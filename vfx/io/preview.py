"""Small display pictures of an image, for notebooks and the system's viewer. Never for delivery."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.image import Image
from vfx.metadata import Preview

__all__ = ["image_of", "png_bytes", "show"]


def image_of(preview: Preview) -> Image:
    """The small picture in a file's header as an image: RGBA, u8, display-encoded, over the very bytes.

    Parameters
    ----------
    preview : Preview
        As in ``image.metadata["exr:preview"]``.

    Raises
    ------
    TypeError
        If it is no preview.
    ValueError
        If its bytes do not fit its size, or it has no pixels.

    Examples
    --------
    >>> image_of(Preview(2, 1, bytes(range(8)))).pixels[0, 1].tolist()
    [4, 5, 6, 7]
    """
    if not isinstance(preview, Preview):
        raise TypeError(f"a preview must be vfx.metadata.Preview, got {type(preview).__name__}")
    if len(preview.rgba) != preview.width * preview.height * 4:
        raise ValueError(f"a preview of {preview.width} x {preview.height} pixels has not {len(preview.rgba)} bytes")
    return Image(np.frombuffer(preview.rgba, np.uint8).reshape(preview.height, preview.width, 4))


def _display_pixels(image: Image, longest: int) -> NDArray[np.uint8]:
    """(H, W, 1|3|4) uint8, sRGB-encoded from float images, at most ``longest`` on a side.

    The sRGB curve is IEC 61966-2-1. Integer images are taken as display-encoded already.
    """
    names = image.channel_names
    wanted: list[str] = [name for name in "RGB" if name in names]
    wanted = wanted if len(wanted) == 3 else [next((n for n in ("Y", *names) if n in names), names[0])]
    step = max(1, -(-max(image.width, image.height) // longest))
    small = image.pixels[::step, ::step, [names.index(name) for name in wanted]]
    if small.dtype == np.uint8:
        return np.ascontiguousarray(small)
    if small.dtype == np.uint16:
        return (small // 257).astype(np.uint8)
    if small.dtype == np.uint32:
        return (small * np.uint32(2654435761) >> 24).astype(np.uint8)
    value = np.clip(np.nan_to_num(small.astype(np.float32)), 0.0, 1.0)
    encoded = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return (encoded * 255.0 + 0.5).astype(np.uint8)


def _picture(image: Image, longest: int) -> Any:
    """A Pillow image of the display pixels."""
    from PIL import Image as Pillow

    pixels = _display_pixels(image, longest)
    return Pillow.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def png_bytes(image: Image, *, longest: int = 960) -> bytes:
    """A PNG of the image for a screen: float images sRGB-encoded, at most ``longest`` on a side.

    Parameters
    ----------
    image : Image
        Any format; R, G, B are shown, else Y, else the first channel.
    longest : int
        Larger pictures are thinned to this.
    """
    buffer = io.BytesIO()
    _picture(image, longest).save(buffer, format="png")
    return buffer.getvalue()


def show(image: Image) -> None:
    """Nothing; opens the image, display-encoded, in the system's picture viewer."""
    _picture(image, 4096).show()
