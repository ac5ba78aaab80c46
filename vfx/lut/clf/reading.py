"""Reading the Common LUT Format v3 (Academy S-2014-006) and Autodesk's CTF.

Beyond what OpenColorIO does, elements that nobody knows are refused (S-2014-006, 5.4, lets a reader choose), as
are entities, arrays that are missing, and numbers that are not finite.
"""

from __future__ import annotations

import math
import os
import re
from typing import Any

from vfx._xml import Element
from vfx.errors import FormatError
from vfx.lut._text import short
from vfx.lut.clf._document import Document
from vfx.lut.clf._read_nodes import READERS, Node
from vfx.lut.clf.processlist import DEPTHS, ProcessList, ProcessNode
from vfx.pixelop import PixelOp

__all__ = ["read_clf", "read_ctf"]

#: The namespace of SMPTE ST 2136-1, whose files may state neither version nor id.
_SMPTE = "http://www.smpte-ra.org/ns/2136-1/"
_NEWEST_CLF, _NEWEST_CTF = (3, 99), (2, 99)
_LARGEST = 3.4028234663852886e38  # of float32
# What is known but not computed here.
_REFUSED = {
    "allocation", "function", "gradinghuecurve", "gradingprimary", "gradingrgbcurve", "gradingtone", "invlut1d",
    "invlut3d", "reference",
}  # fmt: skip
_ABOUT = ("Description", "Id", "Info", "InputDescriptor", "OutputDescriptor")


def read_clf(path: str | os.PathLike[str]) -> ProcessList:
    """The process list of a ``.clf`` file.

    Parameters
    ----------
    path : str or os.PathLike
        A Common LUT Format file, version 1 to 3, or SMPTE ST 2136-1.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, contradicts itself, or holds what CLF does not have.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vfx.lut import ProcessList, Range, write_clf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "legal.clf"
    ...     write_clf(path, ProcessList([Range(0.0, 1.0, 0.0625, 0.918)], id="legal"))
    ...     read_clf(path)
    <ProcessList Range id='legal'>
    """
    return _read(path, older="")


def read_ctf(path: str | os.PathLike[str]) -> ProcessList:
    """The process list of a ``.ctf`` file, Autodesk's Color Transform Format; CLF files are read too.

    Parameters
    ----------
    path : str or os.PathLike
        The file. One that states no version is taken to be of version 1.2, as OpenColorIO takes it.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, contradicts itself, or holds what is not supported: GradingTone and
        its like, References, and the fixed functions of ACES 2.0.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vfx.lut import ExposureContrast, ProcessList, write_ctf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "day.ctf"
    ...     write_ctf(path, ProcessList([ExposureContrast("linear", exposure=-2.0)], id="day"))
    ...     read_ctf(path)[0].op
    ExposureContrast(style='linear', exposure=-2.0)
    """
    return _read(path, older="1.2")


def _read(path: str | os.PathLike[str], older: str) -> ProcessList:
    """A process list; ``older`` is the version of files that state none."""
    document = Document(path)
    root = document.root
    if root.tag != "ProcessList":
        raise document.error(f"the root element must be ProcessList, got {short(root.tag)!r}", root)
    version, is_clf = _version(document, older)
    smpte = root.namespace.startswith(_SMPTE)
    about = _about(document)
    if not about["id"] and not smpte:
        raise document.error("ProcessList needs the attribute id", root)
    nodes = _nodes(document, version, is_clf)
    if not nodes:
        raise document.error("a process list needs at least one process node", root)
    try:
        return ProcessList(nodes, **about)
    except ValueError as error:
        raise document.error(str(error), root) from None


def _version(document: Document, older: str) -> tuple[tuple[int, ...], bool]:
    """The CTF version that the file follows, and whether it is CLF."""
    root = document.root
    clf, ctf = document.attribute(root, "compCLFversion"), document.attribute(root, "version")
    if clf is not None and ctf is not None:
        raise document.error("compCLFversion and version cannot both be given", root)
    text = clf if clf is not None else ctf
    is_clf = ctf is None
    if text is None:
        if root.namespace.startswith(_SMPTE):
            return (2, 0), True
        if not older:
            raise document.error("ProcessList needs the attribute compCLFversion", root)
        text, is_clf = older, False
    if is_clf and text.upper().startswith("ST2136-1"):
        return (2, 0), True
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,2}", text):
        raise document.error(f"a version is numbers with points between, such as 3.0, got {short(text)!r}", root)
    given = tuple(int(part) for part in text.split("."))
    newest = _NEWEST_CLF if is_clf else _NEWEST_CTF
    if given > newest:
        raise document.error(f"version {text} is newer than {newest[0]}, the newest that is known", root)
    if not is_clf:
        return given, False
    return ((2, 0) if given >= (3,) else (1, 7)), True


def _about(document: Document) -> dict[str, Any]:
    """The texts about the list."""
    root = document.root

    def text(tag: str) -> str:
        found = document.child(root, tag)
        if found is None:
            return ""
        document.only(found, text=True)
        return found.text.strip()

    descriptions = []
    for each in root.all("Description"):
        document.only(each, text=True)
        descriptions.append(each.text.strip())
    info = document.child(root, "Info")
    return {
        "id": document.attribute(root, "id") or text("Id"),
        "name": document.attribute(root, "name") or "",
        "inverse_of": document.attribute(root, "inverseOf") or "",
        "descriptions": tuple(descriptions),
        "input_descriptor": text("InputDescriptor"),
        "output_descriptor": text("OutputDescriptor"),
        "info": "" if info is None else _inside(info),
    }


def _inside(element: Element) -> str:
    """The content of an element as XML."""
    from xml.sax.saxutils import escape, quoteattr  # brings urllib: only for files with an Info element

    parts = [escape(element.text.strip())]
    for child in element.children:
        attributes = "".join(f" {key}={quoteattr(value)}" for key, value in child.attributes.items())
        parts.append(f"<{child.tag}{attributes}>{_inside(child)}</{child.tag}>")
    return "".join(parts)


def _nodes(document: Document, version: tuple[int, ...], is_clf: bool) -> list[ProcessNode]:
    """The process nodes in order."""
    root = document.root
    wanted = {tag.lower() for tag in _ABOUT}
    document.only(root, *(child.tag for child in root.children))
    nodes: list[ProcessNode] = []
    for element in root.children:
        tag = element.tag.lower()
        if tag in wanted:
            continue
        if tag in _REFUSED:
            raise document.error(f"{element.tag} is not supported here; vfx.ocio can apply such files", element)
        if tag not in READERS:
            raise document.error(f"unknown element {short(element.tag)!r} inside 'ProcessList'", element)
        if is_clf and not READERS[tag][1]:
            raise document.error(f"CLF has no {element.tag}; it belongs to CTF files, which state 'version'", element)
        if (document.attribute(element, "bypass") or "").lower() == "true":
            raise document.error(f"a {element.tag} that is to be bypassed is not supported", element)
        made = _node(document, element, version)
        if nodes and nodes[-1].out_depth != made[0].in_depth:
            raise document.error(
                f"inBitDepth of {element.tag} is {made[0].in_depth}, the node before it gives {nodes[-1].out_depth}",
                element,
            )
        nodes += made
    return nodes


def _depth(document: Document, element: Element, name: str) -> str:
    """A bit depth that must be there."""
    found: str = document.one_of(element, name, {depth: depth for depth in DEPTHS})
    return found


def _node(document: Document, element: Element, version: tuple[int, ...]) -> list[ProcessNode]:
    """One element as a node, and the range of its IndexMap before it."""
    depths = _depth(document, element, "inBitDepth"), _depth(document, element, "outBitDepth")
    try:
        found = READERS[element.tag.lower()][0](Node(document, element, *depths, version))
        _check_numbers(found.op)
    except FormatError:
        raise
    except (TypeError, ValueError, OverflowError) as error:  # a number that the op cannot have
        raise document.error(f"{element.tag}: {error}", element) from None
    descriptions = []
    for each in element.all("Description"):
        document.only(each, text=True)
        descriptions.append(each.text.strip())
    node = ProcessNode(
        found.op,
        id=document.attribute(element, "id") or "",
        name=document.attribute(element, "name") or "",
        descriptions=tuple(descriptions),
        in_depth=depths[0],
        out_depth=depths[1],
        raw_halfs=found.raw_halfs,
    )
    if found.before is None:
        return [node]
    return [_before(found.before, depths[0]), node]


def _check_numbers(op: PixelOp) -> None:
    """Raise when a number of an op without a table is beyond the engine's float32."""
    if hasattr(op, "lut"):
        return
    for kernel, params, _ in op.steps():
        for value in params:
            limit = math.isinf(value) and (kernel == "clamp" or kernel.startswith("log_"))  # there it means none
            if not (limit or abs(value) <= _LARGEST):
                raise ValueError(f"a number is beyond the range of float32: {value:g}")


def _before(op: PixelOp, depth: str) -> ProcessNode:
    """A node of one depth."""
    return ProcessNode(op, in_depth=depth, out_depth=depth)
