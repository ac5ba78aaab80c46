"""Words as coverage: a font of Pillow's, lines of text, and how much of each pixel their letters cover."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vfx import checks

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["ALIGNMENTS", "Block", "Typeface", "font_of", "shortened"]

ALIGNMENTS: dict[str, float] = {"left": 0.0, "center": 0.5, "right": 1.0}
Coverage = NDArray[np.float32]

#: How many times as large letters are drawn, and the size in pixels from which they are drawn as they are.
_SCALE, _LARGE = 4, 256
#: Samples of one line, below what Pillow warns of, and of a whole text.
_MOST_OF_A_LINE, _MOST = 80_000_000, 1 << 29


@dataclass(frozen=True)
class Typeface:
    """A font of some size.

    Letters are drawn several times as large and averaged: their widths and places keep their fractions of a pixel,
    which FreeType rounds away.

    Parameters
    ----------
    font : FreeTypeFont
        ``scale`` times as large.
    size : float
        Of the letters in pixels.
    scale : int
    """

    font: FreeTypeFont
    size: float
    scale: int

    @property
    def height(self) -> float:
        """From the top of the tallest letters to the bottom of the deepest."""
        return sum(self.font.getmetrics()) / self.scale

    def length(self, line: str) -> float:
        """Width of a line in pixels."""
        return self.font.getlength(line) / self.scale

    def lacking(self, text: str) -> str:
        """The characters beyond ASCII that the font draws as it draws what no font has: as an empty box."""
        box = self._drawn("\uffff")
        beyond = dict.fromkeys(character for character in text if not character.isascii() and not character.isspace())
        return "".join(character for character in beyond if self._drawn(character) == box)

    def _drawn(self, character: str) -> tuple[tuple[int, int], bytes]:
        """The letter's size and pixels."""
        mask = self.font.getmask(character)
        return mask.size, bytes(mask)


def font_of(font: str | os.PathLike[str] | None, size: float) -> Typeface:
    """A font of letters ``size`` pixels high: Pillow's own, or that of a TrueType or OpenType file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a font.
    """
    from PIL import ImageFont

    scale = _SCALE if size <= _LARGE else 1
    if font is None:
        own = ImageFont.load_default(size * scale)
        if not isinstance(own, ImageFont.FreeTypeFont):
            raise ValueError("this Pillow has no font of its own; give font= a .ttf or .otf file")
        return Typeface(own, size, scale)
    path = checks.path(font)
    if not path.is_file():
        raise FileNotFoundError(f"there is no font file {os.fspath(path)!r}")
    try:
        return Typeface(ImageFont.truetype(os.fspath(path), size * scale), size, scale)
    except OSError as error:
        raise ValueError(f"{os.fspath(path)!r} is not a TrueType or OpenType font ({error})") from None


@dataclass(frozen=True)
class Block:
    """Lines of text in one font.

    Parameters
    ----------
    text : str
        Lines end at line feeds.
    font : Typeface
    align : float
        0: left, 0.5: centred, 1: right.
    outline : int
        Pixels around the letters.
    """

    text: str
    font: Typeface
    align: float = 0.0
    outline: int = 0

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.replace("\t", "    ").split("\n")

    @property
    def line_height(self) -> float:
        """From line to line: the font's height, and a tenth of it."""
        return 1.1 * self.font.height

    @property
    def width(self) -> float:
        """Of the widest line, without the outline."""
        return max(self.font.length(line) for line in self.lines)

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last."""
        return self.font.height + (len(self.lines) - 1) * self.line_height

    def coverage(self, left: float, top: float) -> tuple[int, int, Coverage, Coverage]:
        """How much of each pixel letters cover when the block's corner is at (left, top).

        Returns
        -------
        x, y : int
            The pixel that the first element stands for.
        letters, around : numpy.ndarray, (h, w), float32
            From 0 to 1; ``around`` is that of the letters with their outline.

        Raises
        ------
        ValueError
            If the font lacks a letter, or the letters would cover more pixels than any picture shows of them.
        """
        from PIL import Image as Pillow
        from PIL import ImageDraw

        pad, scale = self.outline + ceil(0.4 * self.font.size) + 1, self.font.scale
        x, y = floor(left) - pad, floor(top) - pad
        width, height = ceil(left + self.width) + pad - x, ceil(top + self.height) + pad - y
        if lacking := self.font.lacking(self.text):
            raise ValueError(f"the font has no {lacking!r}; give font= a .ttf or .otf file that has it")
        if self.width * self.font.height * scale**2 > _MOST_OF_A_LINE or width * height * scale**2 > _MOST:
            raise ValueError(f"text of {width} x {height} pixels is too large; give fewer letters or a smaller size")
        found = []
        for stroke in dict.fromkeys((0, self.outline)):
            canvas = Pillow.new("L", (width * scale, height * scale))
            pen = ImageDraw.Draw(canvas)
            for number, line in enumerate(self.lines):
                across = left - x + self.align * (self.width - self.font.length(line))
                at = (round(across * scale), round((top - y + number * self.line_height) * scale))
                pen.text(at, line, 255, self.font.font, "la", stroke_width=stroke * scale)
            found.append(np.asarray(canvas.reduce(scale), np.float32) / np.float32(255))
        return x, y, found[0], found[-1]


def shortened(text: str, font: Typeface, width: float) -> str:
    """``text``, its middle left out where it is wider than ``width`` pixels: names differ at their ends."""
    if font.length(text) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        short = text[: ceil(kept / 2)] + "…" + text[len(text) - kept // 2 :]
        if font.length(short) <= width:
            return short
    return ""
