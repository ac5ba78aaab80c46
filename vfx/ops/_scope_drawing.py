"""How scopes look: the panel with its title, the light of a trace, the lines and labels of a graticule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.image import Image

__all__ = ["LUMA", "SIGNALS", "Panel", "glow", "luma_weights", "nice_steps", "scope_size"]

#: Luma weights of red, green and blue by the name of their recommendation: ITU-R BT.601-7 (2.5.1), BT.709-6 (item 3.2),
#: BT.2020-2 (table 4).
LUMA: dict[str, tuple[float, float, float]] = {
    "rec601": (0.299, 0.587, 0.114),
    "rec709": (0.2126, 0.7152, 0.0722),
    "rec2020": (0.2627, 0.6780, 0.0593),
}
#: The colours, as display codes, in which R, G, B and luma are drawn.
SIGNALS: dict[str, tuple[float, float, float]] = {
    "R": (1.0, 0.23, 0.18),
    "G": (0.20, 0.90, 0.30),
    "B": (0.28, 0.46, 1.0),
    "Y": (0.86, 0.88, 0.84),
}

_GROUND = (17, 18, 20)
_PLOT = (9, 10, 11)
_LINE = (176, 168, 150)
_WORDS = (190, 186, 176)
_FAINT, _STRONG, _MARK = 46, 110, 170  # opacities of lines, of 255

Light = NDArray[np.float32]


def luma_weights(name: object) -> tuple[float, float, float]:
    """The luma weights that ``name`` stands for.

    Raises
    ------
    ValueError
        If there are no such ones.
    """
    return LUMA[checks.one_of("luma", name, LUMA)]


def scope_size(size: object) -> tuple[int, int]:
    """``size`` as (width, height), checked.

    Raises
    ------
    TypeError, ValueError
        If it is not two whole numbers from 64 to 8192.
    """
    if isinstance(size, (str, bytes)) or not isinstance(size, Sequence) or len(size) != 2:
        raise TypeError(f"size must be (width, height), got {size!r}")
    return (
        checks.integer("size[0]", size[0], low=64, high=8192),
        checks.integer("size[1]", size[1], low=64, high=8192),
    )


def glow(density: NDArray[Any], gain: float) -> Light:
    """How bright a trace shines where it is ``density`` times as dense as if it were spread evenly: 0 to 1."""
    root = np.power(density.astype(np.float32, order="C"), np.float32(0.6))
    return np.asarray(1 - np.exp(np.float32(-0.36 * gain) * root), np.float32)


def nice_steps(low: float, high: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most`` steps of 1, 2, 2.5 or 5 times a power of ten."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(float(s * power) for s in (1.0, 2.0, 2.5, 5.0, 10.0) if s * power >= raw * (1 - 1e-9))
    first = int(np.ceil(low / step - 1e-9))
    return [number * step for number in range(first, int(np.floor(high / step + 1e-9)) + 1)]


class Panel:
    """A dark picture with a plot in it.

    Parameters
    ----------
    size : (width, height)
    title, note : str
        At the top left and right.
    graticule : bool
        Without it there are no gutters, lines and words: the plot is the whole picture.
    square : bool
        Whether the plot is as wide as it is high.
    below : float
        Room below the plot, in letters.
    """

    def __init__(
        self,
        size: tuple[int, int],
        title: str,
        note: str,
        *,
        graticule: bool,
        square: bool = False,
        below: float = 1.2,
    ) -> None:
        self.size, self.graticule = size, graticule
        self._words = (title, note)
        width, height = size
        self.letters = max(9, round(min(height / 34, width / 44)))
        left = top = right = bottom = 0
        if graticule:
            left, top, right, bottom = (round(self.letters * share) for share in (3.6, 2.2, 1.2, below))
            left = round(self.letters * 1.2) if square else left
        self.width, self.height = width - left - right, height - top - bottom
        self.left, self.top = left, top
        if square:
            side = min(self.width, self.height)
            self.left += (self.width - side) // 2
            self.top += (self.height - side) // 2
            self.width = self.height = side
        self.light: Light = np.zeros((3, self.height, self.width), np.float32)
        self._marks: list[tuple[str, Any, dict[str, Any]]] = []

    def shine(self, light: NDArray[Any], colour: Sequence[float], left: int = 0) -> None:
        """Nothing; adds the light of one trace, (h, w) from 0 to 1, in a colour, from a column on."""
        for plane, share in zip(self.light, colour, strict=True):
            plane[:, left : left + light.shape[1]] += light * np.float32(share)

    def line(self, ends: Sequence[float], *, strength: str = "faint", dashed: bool = False) -> None:
        """Nothing; a line x0, y0, x1, y1, or more points, in plot pixels."""
        self._marks.append(("line", list(ends), {"strength": strength, "dashed": dashed}))

    def circle(self, x: float, y: float, radius: float) -> None:
        """Nothing; a faint circle, in plot pixels."""
        self._marks.append(("circle", (x - radius, y - radius, x + radius, y + radius), {}))

    def label(self, words: str, at: tuple[float, float], anchor: str, *, strong: bool = False) -> None:
        """Nothing; words at a place in plot pixels; ``anchor`` as Pillow's: which point of the words lies there."""
        self._marks.append(("label", at, {"words": words, "anchor": anchor, "strong": strong}))

    def levels(self, low: float, high: float, marks: Mapping[str, float]) -> None:
        """Nothing; horizontal lines at round values from ``low`` to ``high``, and at the marks."""
        span = self.margin_rows()
        for value in nice_steps(low, high, max(2, min(10, self.height // (2 * self.letters)))):
            y = span[0] + (high - value) / (high - low) * (span[1] - span[0])
            strong = abs(value - low) < 1e-9 or abs(value - high) < 1e-9
            self.line((0, y, self.width - 1, y), strength="strong" if strong else "faint")
            self.label(f"{value:g}", (-0.55 * self.letters, y), "rm")
        for words, value in marks.items():
            y = span[0] + (high - value) / (high - low) * (span[1] - span[0])
            if 0 <= y < self.height:
                self.line((0, y, self.width - 1, y), strength="mark", dashed=True)
                self.label(words, (self.width - 0.5 * self.letters, y - 0.2 * self.letters), "rs", strong=True)

    def margin_rows(self) -> tuple[float, float]:
        """The rows of the highest and the lowest value: 5 % of the range is left above and below."""
        return (self.height - 1) * 0.05 / 1.1, (self.height - 1) * 1.05 / 1.1

    def picture(self) -> Image:
        """The finished picture: 8-bit RGB in display codes."""
        from PIL import Image as Pillow

        width, height = self.size
        canvas = np.empty((height, width, 3), np.float32)
        canvas[...] = np.array(_GROUND if self.graticule else _PLOT, np.float32)
        plot = canvas[self.top : self.top + self.height, self.left : self.left + self.width]
        ground = np.array(_PLOT, np.float32)
        plot[...] = ground + (255 - ground) * np.minimum(self.light, 1.0).transpose(1, 2, 0)
        pixels = np.floor(canvas + 0.5).astype(np.uint8)
        if self.graticule:
            overlay = Pillow.new("RGBA", self.size)
            self._draw(overlay)
            both = Pillow.alpha_composite(Pillow.fromarray(pixels).convert("RGBA"), overlay)
            pixels = np.array(both.convert("RGB"))
        return Image(pixels, colorspace="sRGB")

    def _draw(self, overlay: Any) -> None:
        """Lines, then words, on a transparent Pillow image."""
        from PIL import ImageDraw, ImageFont

        pen, font = ImageDraw.Draw(overlay), ImageFont.load_default(self.letters)
        strengths = {"faint": _FAINT, "strong": _STRONG, "mark": _MARK}
        for kind, place, options in self._marks:
            shifted = [value + (self.left, self.top)[index % 2] for index, value in enumerate(place)]
            if kind == "circle":
                pen.ellipse(shifted, outline=(*_LINE, _STRONG))
            elif kind == "line":
                ink = (*_LINE, strengths[options["strength"]])
                for piece in _dashes(shifted) if options["dashed"] else [shifted]:
                    pen.line([round(value) for value in piece], fill=ink, width=1)
        for kind, place, options in self._marks:
            if kind == "label":
                at = (place[0] + self.left, place[1] + self.top)
                ink = (*_WORDS, 255) if options["strong"] else (*_WORDS, 200)
                if options["strong"]:  # a dark rim, to be read on the trace
                    rim = (*_PLOT, 150)
                    pen.text(at, options["words"], rim, font, options["anchor"], stroke_width=2, stroke_fill=rim)
                pen.text(at, options["words"], ink, font, options["anchor"])
        self._head(pen, font)

    def _head(self, pen: Any, font: Any) -> None:
        """The title and, where there is room for it, the note."""
        title, note = self._words
        y, edge = self.letters * 1.15, self.letters * 1.2
        pen.text((edge, y), title, fill=(*_WORDS, 255), font=font, anchor="lm")
        if font.getlength(title) + font.getlength(note) + 4 * edge < self.size[0]:
            pen.text((self.size[0] - edge, y), note, fill=(*_WORDS, 200), font=font, anchor="rm")


def _dashes(ends: Sequence[float]) -> list[list[float]]:
    """A straight line x0, y0, x1, y1 as dashes of 6 pixels."""
    start, end = np.array(ends[:2], np.float64), np.array(ends[2:4], np.float64)
    length = float(np.hypot(*(end - start)))
    way = (end - start) / max(length, 1e-9)
    return [[*(start + way * at), *(start + way * min(at + 5, length))] for at in np.arange(0.0, length, 10.0)]
