"""The elements of a DPX file to be written: which samples they hold."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx.errors import ChannelError
from vfx.image import Image
from vfx.io import _dpx_chroma
from vfx.io._dpx_fields import DESCRIPTORS, DIFFERENCES, PACKINGS
from vfx.io._dpx_kinds import CODES8, CODES16, KINDS, UNIT_FLOAT
from vfx.io._dpx_layout import form, line_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Element", "Storage", "elements_of"]

_RGBA = ("R", "G", "B", "A")
_YCC = ("Y", "Cb", "Cr", "A")


@dataclass(frozen=True)
class Storage:
    """How the samples of a file are stored; the attributes are options of ``vfx.io.dpx.write``."""

    bits: int
    packing: str
    order: str
    encoding: str
    descriptor: str | None
    planar: bool
    matrix: str
    code_range: str
    datum_order: str | None
    orientation: int
    line_padding: int
    end_padding: int
    codes: bool
    threads: int | None

    def form_of(self, samples: int) -> tuple[int, ...]:
        """The kernel's description of the samples of an element."""
        swap = (self.order == ">") != (sys.byteorder == "big")
        return form(self.bits, PACKINGS[self.packing], samples, swap=swap, order=self.datum_order)

    def stride_of(self, samples: int, width: int) -> tuple[int, int]:
        """Bytes from line to line of an element, and those of them that are not samples."""
        length = line_bytes(self.form_of(samples), width * samples)
        stride = (length + 3) // 4 * 4 + self.line_padding
        return stride, stride - length


@dataclass(frozen=True)
class Element:
    """One element.

    Attributes
    ----------
    descriptor : int
        Its kind of samples.
    pixels : array, (lines, width, channels), any strides
        As stored: turned and mirrored.
    picks : tuple of int
        For each sample of a pixel the channel of ``pixels``.
    kind : int
        The kernel's kind of pixels.
    reference : (low, high) or None
        Codes of black and white; None for floats.
    metadata : mapping
        Of its image.
    """

    descriptor: int
    pixels: NDArray[Any]
    picks: tuple[int, ...]
    kind: int
    reference: tuple[int, int] | None
    metadata: Mapping[str, Any]


def elements_of(image: Image, how: Storage) -> list[Element]:
    """The elements that hold an image.

    Raises
    ------
    ChannelError
        If DPX has no such channels.
    TypeError, ValueError
        If an option does not fit the image.
    """
    names = image.channel_names
    differences = set(names) in ({"Y", "Cb", "Cr"}, set(_YCC))
    wanted = how.descriptor
    if wanted is None and differences:
        said = image.metadata.get("dpx:descriptor")
        wanted = (
            said if said in DIFFERENCES and ("A" in said) == ("A" in names) else "CbYCrA" if "A" in names else "CbYCr"
        )
    if wanted in DIFFERENCES:
        return [_of_differences(image, wanted, how)]
    pixels, kind = _samples(image, how)
    pixels = _turned(pixels, how.orientation)
    reference = None if how.bits >= 32 else (0, 2**how.bits - 1)
    if how.planar:
        order = [
            name for family in (_RGBA, ("Y", "A")) for name in family if set(names) <= set(family) and name in names
        ]
        if wanted is not None or not order:
            raise ChannelError(f"planar=True writes any of R, G, B, A, or Y and A, not {wanted or ', '.join(names)}")
        return [
            Element(DESCRIPTORS[name], pixels, (names.index(name),), kind, reference, image.metadata) for name in order
        ]
    descriptor, picks = _channels_to_write(names, wanted)
    return [Element(descriptor, pixels, picks, kind, reference, image.metadata)]


def _channels_to_write(names: tuple[str, ...], wanted: str | None) -> tuple[int, tuple[int, ...]]:
    """The descriptor of an image's channels, and the channel of each sample in the file."""
    if wanted is not None:
        letters = tuple(wanted) if wanted in ("RGB", "RGBA", "ABGR") else (wanted,)
        if set(letters) != set(names) or len(letters) != len(names):
            raise ChannelError(f"descriptor={wanted!r} needs the channels {', '.join(letters)}, not {', '.join(names)}")
        return DESCRIPTORS[wanted], tuple(names.index(name) for name in letters)
    found = tuple(name for name in _RGBA if name in names) if len(names) > 1 else names
    key = "".join(found)
    if len(found) == len(names) and key in DESCRIPTORS:
        return DESCRIPTORS[key], tuple(names.index(name) for name in found)
    if 2 <= len(names) <= 8 and set(names) == {f"C{index}" for index in range(len(names))}:
        return 148 + len(names), tuple(names.index(f"C{index}") for index in range(len(names)))
    raise ChannelError(
        f"DPX holds R G B, R G B A, Y Cb Cr (A) or a single channel (Y, R, G, B, A, Z), not {', '.join(names)}: "
        "choose with img.select(['R', 'G', 'B']), or rename with img.rename({...})"
    )


def _of_differences(image: Image, wanted: str, how: Storage) -> Element:
    """The element of colour differences that holds an RGB or Y Cb Cr image."""
    names, halved = image.channel_names, wanted in ("CbYCrY", "CbYACrYA")
    alpha = ("A",) if "A" in wanted else ()
    if how.planar or how.bits == 1:
        raise ValueError(f"descriptor={wanted!r} is not written as planar, nor of 1 bit")
    if how.encoding == "rle" and halved:
        raise ValueError("encoding='rle' needs colours at full width: CbYCr or CbYCrA, not 4:2:2")
    side, count = ("height", image.height) if how.orientation >= 4 else ("width", image.width)
    if halved and count % 2:
        raise ValueError(
            f"descriptor={wanted!r} (4:2:2, orientation {how.orientation}) needs an even {side}, got {count}"
        )
    if set(names) == {*_YCC[:3], *alpha}:
        pixels, kind = _samples(image, how)
        pixels = _turned(pixels[:, :, [names.index(name) for name in (*_YCC[:3], *alpha)]], how.orientation)
        pixels, picks = (_dpx_chroma.to_pairs(pixels), None) if halved else (pixels, (1, 0, 2, 3)[: pixels.shape[2]])
    elif set(names) == {*_RGBA[:3], *alpha}:
        if how.codes:
            raise ValueError("codes=True needs an image of Y, Cb and Cr, not RGB")
        order = [names.index(name) for name in (*_RGBA[:3], *alpha)]
        rgb = image.pixels if image.format == "f32" else image.astype("f32").pixels
        rgb = rgb if order == sorted(order) else rgb[:, :, order]
        rgb = np.ascontiguousarray(_turned(rgb, how.orientation))
        count = _threads.for_pixels(rgb.shape[0] * rgb.shape[1], how.threads)
        pixels = _dpx_chroma.from_rgb(rgb, (how.matrix, how.code_range, how.bits), halved=halved, threads=count)
        kind, picks = UNIT_FLOAT, None
    else:
        raise ChannelError(
            f"descriptor={wanted!r} needs R, G, B or Y, Cb, Cr{' and A' if alpha else ''}, not {', '.join(names)}"
        )
    reference = None
    if how.bits < 32:
        unit = 2 ** (how.bits - 8)
        reference = (16 * unit, 235 * unit) if how.code_range == "legal" else (0, 2**how.bits - 1)
    picks = tuple(range(pixels.shape[2])) if picks is None else picks
    return Element(DESCRIPTORS[wanted], pixels, picks, kind, reference, image.metadata)


def _samples(image: Image, how: Storage) -> tuple[NDArray[Any], int]:
    """The pixels to give to the kernel, and their kind."""
    fmt, bits = image.format, how.bits
    if fmt == "u32":
        raise TypeError("DPX cannot hold 32-bit whole numbers; write them as EXR")
    if how.codes:
        if fmt not in ("u8", "u16") or bits >= 32:
            raise TypeError(f"codes=True needs u8 or u16 pixels and 1 to 16 bits, got {fmt} and {bits} bits")
        if fmt == "u8" and bits > 8:
            return image.pixels.astype(np.uint16), CODES16
        return image.pixels, (CODES8 if fmt == "u8" else CODES16)
    if bits >= 32:
        return (image.pixels if fmt == "f32" else image.astype("f32").pixels), UNIT_FLOAT
    if (fmt, bits) in (("u8", 8), ("u16", 16)):
        return image.pixels, (CODES8 if fmt == "u8" else CODES16)
    return image.pixels, KINDS[fmt]


def _turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """An upright picture as a file of ``orientation`` stores it: a view (ST 268-1, table 2)."""
    flips = (orientation in (2, 3), orientation in (1, 3))
    if orientation >= 4:
        flips = (orientation in (6, 7), orientation in (5, 7))
    pixels = pixels[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
    return pixels.transpose(1, 0, 2) if orientation >= 4 else pixels
