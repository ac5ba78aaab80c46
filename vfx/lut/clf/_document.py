"""A CLF or CTF file while it is read: its XML, its version, and numbers with the lines they stand on."""

from __future__ import annotations

import math
import os
import re
import stat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._ext import luttext as _luttext
from vfx._xml import Element, line_of_text, parse
from vfx.errors import FormatError, LimitError
from vfx.lut._text import short

__all__ = ["Document"]

#: Larger files are refused before they are read: a 3D LUT of 129 entries takes 130 MB.
MOST_BYTES = 1 << 30

_FULL, _END = 0, 1
_PARTS = re.compile(r"[\s,]+")


class Document:
    """One file's elements; errors that it makes carry path and line.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Raises
    ------
    FormatError
        If it is no regular file, or no well-formed XML without a document type.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = checks.path(path)
        status = self.path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe may wait for ever
            raise FormatError("not a regular file", path=self.path)
        if status.st_size > MOST_BYTES:
            raise LimitError(f"{status.st_size} bytes are more than any process list has", path=self.path)
        self.data = self.path.read_bytes()
        if not self.data.strip(b" \t\r\n\0"):
            raise FormatError("the file is empty", path=self.path)
        self.root = parse(self.data, str(self.path))

    def error(self, reason: str, where: Element | int) -> FormatError:
        """A :class:`FormatError` for the line of an element."""
        return FormatError(reason, path=self.path, line=where if isinstance(where, int) else where.line)

    def in_text(self, reason: str, element: Element, offset: int) -> FormatError:
        """A :class:`FormatError` for the line of a character of an element's text."""
        number = next(i for i, each in enumerate(self.root.walk()) if each is element)
        return self.error(reason, line_of_text(self.data, number, offset))

    def attribute(self, element: Element, name: str) -> str | None:
        """The stripped text of an attribute, whatever the case of its name; None where it is missing."""
        value = element.attributes.get(name)
        if value is None:
            lower = name.lower()
            value = next((text for key, text in element.attributes.items() if key.lower() == lower), None)
        return None if value is None else value.strip()

    def needed(self, element: Element, name: str) -> str:
        """The text of an attribute that must be there."""
        value = self.attribute(element, name)
        if value is None:
            raise self.error(f"{element.tag} needs the attribute {name}", element)
        return value

    def number(self, element: Element, name: str, text: str) -> float:
        """A text as a finite number."""
        try:
            value = math.nan if "_" in text else float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(f"{name} of {element.tag} must be a finite number, got {short(text)!r}", element)
        return value

    def numbers(self, element: Element, text: str, count: int | None = None) -> tuple[float, ...]:
        """A text of numbers; ``count`` of them where that is given."""
        words = [word for word in _PARTS.split(text) if word]
        if count is not None and len(words) != count:
            plural = "s" if count > 1 else ""
            raise self.error(f"{element.tag} takes {count} number{plural}, got {short(text)!r}", element)
        return tuple(self.number(element, "a value", word) for word in words)

    def one_of(self, element: Element, name: str, allowed: dict[str, Any]) -> Any:
        """What a table says about the value of an attribute, whatever its case."""
        text = self.needed(element, name)
        by_lower = {key.lower(): value for key, value in allowed.items()}
        if text.lower() not in by_lower:
            choices = ", ".join(allowed)
            raise self.error(f"{name} of {element.tag} must be one of {choices}, got {short(text)!r}", element)
        return by_lower[text.lower()]

    def only(self, element: Element, *allowed: str, text: bool = False) -> None:
        """Nothing; raises when there are children other than these, or text where none belongs."""
        known = {tag.lower() for tag in allowed}
        for child in element.children:
            if child.tag.lower() not in known:
                raise self.error(f"unknown element {short(child.tag)!r} inside {short(element.tag)!r}", child)
        if not text and element.text.strip():
            start = len(element.text) - len(element.text.lstrip())
            raise self.in_text(f"text where none belongs: {short(element.text)!r}", element, start)

    def child(self, element: Element, tag: str) -> Element | None:
        """The one child of this name, or None; two are refused."""
        found = element.all(tag)
        if len(found) > 1:
            raise self.error(f"{element.tag} has more than one {tag}", found[1])
        return found[0] if found else None

    def array(self, element: Element, count: int) -> NDArray[np.float64]:
        """The ``count`` numbers of an ``Array``, float64 to within a few units in the last place."""
        out: NDArray[np.float64] = np.empty(self._room(element, count), np.float64)
        self._fill(element, out)
        return out

    def singles(self, element: Element, count: int, white: float) -> NDArray[np.float32]:
        """The ``count`` numbers of an ``Array`` over ``white``, as the nearest float32."""
        self._room(element, count)
        if white == 1.0:
            out = np.empty(count, np.float32)
            self._fill(element, out)
            return out
        with np.errstate(over="ignore"):
            scaled = (self.array(element, count) / white).astype(np.float32)
        if not np.isfinite(scaled).all():
            raise self.error(f"{element.tag} has a number beyond the range of float32", element)
        return scaled

    def _room(self, element: Element, count: int) -> int:
        """``count``, when the text is long enough to hold so many numbers."""
        if len(element.text) < 2 * count - 1:
            most = (len(element.text) + 1) // 2
            raise self.error(
                f"Array should have {count} numbers as its dim says, it has room for at most {most}", element
            )
        return count

    def _fill(self, element: Element, out: NDArray[Any]) -> None:
        """Nothing; ``out`` then holds the numbers of the text, which are as many as there is room for."""
        text = element.text.encode("ascii", "replace")
        status, filled, at = _luttext.parse_numbers(text, out)
        if status == _FULL:
            return
        if status == _END:
            raise self.error(f"Array should have {len(out)} numbers as its dim says, it has {filled}", element)
        if filled == len(out):
            raise self.in_text(f"Array has more than the {len(out)} numbers that its dim says", element, at)
        word = _PARTS.split(element.text[at : at + 80])[0]
        raise self.in_text(f"not a finite number: {short(word)!r}", element, at)
