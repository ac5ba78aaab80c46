"""JPEG files of other than 8 bits, and lossless ones: libjpeg-turbo through imagecodecs.

Sources: ITU-T T.81 (extended DCT with 12 bits, annex H for lossless processes).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError
from vfx.io._decoding import decoding
from vfx.io._jpeg_markers import Frame, Segment, plain_jpeg

__all__ = ["decode_wide", "encode_wide"]


def decode_wide(data: memoryview, found: list[Segment], facts: Frame, label: str) -> NDArray[Any]:
    """The pixels (H, W, 1|3) of a file in the image's format.

    Raises
    ------
    FormatError
        If it is damaged, cut off, or has four components.
    """
    if len(facts.sampling) not in (1, 3):
        reason = f"{len(facts.sampling)} components of {facts.precision} bits, {facts.process}, are not supported"
        raise FormatError(reason, path=label)
    scans = bytes(data[found[-1].offset :])
    if b"\xff\xd9" not in scans:  # the decoder would fill in what is missing
        raise FormatError("the picture is cut off: its end marker is missing", path=label, offset=len(data))
    with decoding(label, "JPEG pixels"):
        import imagecodecs

        pixels = imagecodecs.jpeg8_decode(plain_jpeg(data, found))
        if pixels.shape[:2] != (facts.height, facts.width):
            raise FormatError("two frame headers contradict each other", path=label)
    pixels = pixels.reshape(facts.height, facts.width, -1)
    top = 2**facts.precision - 1
    if pixels.size and int(pixels.max()) > top:
        raise FormatError(f"samples beyond {facts.precision} bits", path=label)
    if facts.precision in (8, 16):
        return np.require(pixels, requirements=["C", "W"])
    if facts.precision < 8:
        widened: NDArray[Any] = (pixels.astype(np.uint16) * np.uint16(510) + np.uint16(top)) // np.uint16(2 * top)
        return widened.astype(np.uint8)
    return pixels.astype(np.float32) / np.float32(top)


def encode_wide(colours: NDArray[Any], quality: int, subsampling: str, *, optimize: bool) -> bytearray:
    """A JPEG file of 12-bit codes, (H, W) or (H, W, 3) of u16, that begins with its JFIF segment."""
    import imagecodecs

    options: dict[str, Any] = {"colorspace": "grayscale"} if colours.ndim == 2 else {}
    if colours.ndim == 3:
        options["subsampling"] = subsampling.replace(":", "")
    coded = imagecodecs.jpeg8_encode(colours, level=quality, bitspersample=12, optimize=optimize, **options)
    return bytearray(coded)
