"""Small trees of elements from untrusted XML, with line numbers.

Document type declarations are refused, and with them every entity trick (external files, the
"billion laughs" bomb). Namespaces are taken off the names: the formats of this field differ only in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from vfx.errors import FormatError, LimitError

__all__ = ["Element", "line_of_text", "parse"]

# Deeper than any format of this field nests, and more than any file holds: these stop files made to exhaust
# memory or the stack.
_DEEPEST = 64
_MOST_ELEMENTS = 1 << 18


@dataclass
class Element:
    """One XML element.

    Attributes
    ----------
    tag : str
        Its name without namespace.
    line : int
        Where it starts, from 1.
    attributes : dict
        Attribute values by name.
    children : list of Element
        In file order.
    text : str
        The character data directly inside it.
    namespace : str
        The namespace of its name, or an empty string.
    """

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    namespace: str = ""

    def all(self, *tags: str) -> list[Element]:
        """The children of these names, whatever their case, in file order."""
        wanted = {tag.lower() for tag in tags}
        return [child for child in self.children if child.tag.lower() in wanted]

    def walk(self) -> list[Element]:
        """The element itself and everything inside it, in file order."""
        found, waiting = [], [self]
        while waiting:
            element = waiting.pop()
            found.append(element)
            waiting.extend(reversed(element.children))
        return found


def parse(data: bytes, path: str) -> Element:
    """The root element of an XML document.

    Parameters
    ----------
    data : bytes
        The document.
    path : str
        Its name, for errors.

    Returns
    -------
    Element
        The root.

    Raises
    ------
    FormatError
        If it is not well formed, declares a document type, or nests too deep; with the line.
    """
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    parser.buffer_size = 1 << 20  # tables are megabytes of text
    open_elements: list[tuple[Element, list[str]]] = []
    roots: list[Element] = []
    room = _MOST_ELEMENTS

    def refuse(*_: object) -> None:
        raise FormatError("document type declarations are not allowed here", path=path, line=parser.CurrentLineNumber)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal room
        room -= 1
        if room < 0:
            raise LimitError(f"more than {_MOST_ELEMENTS} elements", path=path, line=parser.CurrentLineNumber)
        if len(open_elements) >= _DEEPEST:
            raise FormatError(f"elements nest deeper than {_DEEPEST}", path=path, line=parser.CurrentLineNumber)
        plain = {key.rpartition("\n")[2]: value for key, value in attributes.items()}
        namespace, _, tag = name.rpartition("\n")
        element = Element(tag, parser.CurrentLineNumber, plain, namespace=namespace)
        (open_elements[-1][0].children if open_elements else roots).append(element)
        open_elements.append((element, []))

    def text(characters: str) -> None:
        open_elements[-1][1].append(characters)

    def end(_: str) -> None:
        element, pieces = open_elements.pop()
        element.text = "".join(pieces)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    _run(parser, data, path)
    return roots[0]


def _run(parser: Any, data: bytes, path: str) -> None:
    """Feed the document to expat; its errors become ours."""
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
        raise FormatError(reason, path=path, line=error.lineno) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not have
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"XML in an unknown encoding: {error}", path=path, line=1) from None


def line_of_text(data: bytes, number: int, offset: int) -> int:
    r"""The line on which a character of an element's text stands, comments and all.

    The document is read once more: the way through the text is only wanted for the message of an error.

    Parameters
    ----------
    data : bytes
        A document that :func:`parse` has read.
    number : int
        Which element, counted from 0 in file order.
    offset : int
        Index in its ``text``.

    Examples
    --------
    >>> line_of_text(b"<a>1 <!-- two\nlines -->2</a>", 0, 2)
    2
    """
    parser = expat.ParserCreate(namespace_separator="\n")
    open_numbers: list[int] = []
    count, left, found = 0, offset, 1

    def start(*_: object) -> None:
        nonlocal count
        open_numbers.append(count)
        count += 1

    def text(characters: str) -> None:
        nonlocal left, found
        if open_numbers[-1] == number and left >= 0:
            found = parser.CurrentLineNumber
            left -= len(characters)  # expat hands over at most one line at a time

    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = lambda _: open_numbers.pop()
    parser.Parse(data, True)
    return found
