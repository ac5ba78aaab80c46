"""The gallery: a picture of every operator, and the page that shows them with the code that made them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from plots import _gallery as gallery
from vfx import ops

__all__ = ["draw", "page"]

#: Operators whose picture takes a row of its own.
WIDE = ("merge", "blend", "contact_sheet")
COLUMNS = 3


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``op_NAME.png`` for every operator, and ``operators.inc`` with the figures."""
    names = gallery.plates()
    for plate in ("plate", "a", "b", "ball", "screen", "noisy"):
        gallery.developed(names[plate]).write(folder / f"op_plate_{plate}.png", bit_depth=8)
    for _, codes in gallery.CHAPTERS.values():
        for name, code in codes.items():
            shown = gallery.developed(gallery.picture(code, names))
            shown.write(folder / f"op_{name}.png", bit_depth=8)
    (folder / "operators.inc").write_text(page(), encoding="utf-8")


def page() -> str:
    """The figures of all chapters as reStructuredText."""
    lines: list[str] = []
    for chapter, (introduction, codes) in gallery.CHAPTERS.items():
        lines += ["", chapter, "-" * len(chapter), "", introduction, ""]
        narrow = [name for name in codes if name not in WIDE]
        for start in range(0, len(narrow), COLUMNS):
            if start == 0:
                lines += [".. list-table::", "   :widths: " + " ".join(["33"] * COLUMNS), ""]
            row = narrow[start : start + COLUMNS]
            for column in range(COLUMNS):
                cell = _figure(row[column], codes[row[column]]) if column < len(row) else [""]
                head = ("   * - " if column == 0 else "     - ", "       ")
                lines += [(head[bool(number)] + line).rstrip() for number, line in enumerate(cell)]
        for name in codes:
            if name in WIDE:
                lines += ["", *_figure(name, codes[name])]
    lines += ["", "Numbers", "-------", "", "These give numbers and no picture.", ""]
    lines += [f"* ``{name}``: {gives}" for name, gives in gallery.NO_PICTURE.items()]
    return "\n".join(lines) + "\n"


def _figure(name: str, code: str) -> list[str]:
    """One figure: the picture, the code, and the first sentence of the operator's docstring."""
    said = (inspect.getdoc(getattr(ops, name)) or "").partition("\n")[0]
    said = re.sub(r":\w+:`~?\.?([\w.]+)`", r"``\1``", said)
    alt = re.sub(r"[^\w ,.()-]", "", said)
    return [
        f".. figure:: /_generated/plots/op_{name}.png",
        f"   :alt: {alt}",
        "",
        f"   **{name}**: ``{code}``",
        "",
        f"   {said}",
    ]
