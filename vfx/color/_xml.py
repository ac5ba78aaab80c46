"""Small trees of elements from untrusted XML, with line numbers.

Document type declarations are refused, and with them every entity trick (external files, the
"billion laughs" bomb). Namespaces are dropped: the correction formats differ only in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from vfx.errors import FormatError

__all__ = ["Element", "parse"]

# Deeper than any format of this field nests; stops files made to exhaust memory or the stack.
_DEEPEST = 64


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
    """

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

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
    open_elements: list[Element] = []
    roots: list[Element] = []

    def refuse(*_: object) -> None:
        raise FormatError("document type declarations are not allowed here", path=path, line=parser.CurrentLineNumber)

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) >= _DEEPEST:
            raise FormatError(f"elements nest deeper than {_DEEPEST}", path=path, line=parser.CurrentLineNumber)
        plain = {key.rpartition("\n")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition("\n")[2], parser.CurrentLineNumber, plain)
        (open_elements[-1].children if open_elements else roots).append(element)
        open_elements.append(element)

    def text(characters: str) -> None:
        open_elements[-1].text += characters

    def end(_: str) -> None:
        open_elements.pop()

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
        raise FormatError(reason, path=path, line=error.lineno) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not have
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"XML in an unknown encoding: {error}", path=path, line=1) from None
    return roots[0]
