"""Colour corrections in files: ``.cc`` (one), ``.ccc`` (a collection), ``.cdl`` (a decision list), edits.

::

    .cc   ColorCorrection(id)                .ccc  ColorCorrectionCollection
            Description, InputDescription,           ColorCorrection ...
            ViewingDescription               .cdl  ColorDecisionList
            SOPNode: Slope Offset Power              ColorDecision
            SatNode: Saturation                        MediaRef, ColorCorrection | ColorCorrectionRef(ref)

Files of ASC CDL 1.01, 1.2 and without a namespace are read alike; a missing node is neutral; unknown
elements are ignored. What a file holds is told by its root element, not by its name; only ``.edl`` and ``.ale``
are told by it, and read by :mod:`vfx.color.editorial`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from vfx import checks
from vfx._atomic import replace_bytes
from vfx._xml import Element, parse
from vfx.color.cdl import CDL
from vfx.color.editorial import EXTENSIONS, read_edit
from vfx.errors import FormatError

__all__ = ["read_cdl", "read_cdls", "write_cdl"]

# The namespace of ASC CDL 1.2, appendix (XML schema).
_NAMESPACE = "urn:ASC:CDL:v1.2"
_ROOTS = ("ColorCorrection", "ColorCorrectionCollection", "ColorDecisionList")
_EXTENSIONS = (".cc", ".ccc", ".cdl")
# What XML 1.0, 2.2, has no place for.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# How many ids an error message lists.
_LISTED = 20


def read_cdls(path: str | os.PathLike[str], *, by: str | None = None) -> dict[str, CDL]:
    """Every colour correction of a ``.cc``, ``.ccc``, ``.cdl``, ``.edl`` or ``.ale`` file, by id, in file order.

    Parameters
    ----------
    path : str or os.PathLike
        The file. ``.edl`` (CMX 3600) and ``.ale`` need the extra ``editorial``.
    by : str, optional
        For ``.edl`` and ``.ale`` only: what gives the ids, ``"event"`` (the default), ``"reel"`` or ``"clip"``. See
        :func:`vfx.color.editorial.read_edit`.

    Returns
    -------
    dict of str to CDL
        A correction without an id is found under its position in the file, ``"0"`` for the first.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is damaged, not a CDL file, holds impossible numbers, or uses an id twice; with path and line.
    MissingExtraError
        If an edit is to be read without OpenTimelineIO.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "shots.ccc"
    ...     write_cdl(file, [CDL(slope=1.1, id="sh010"), CDL(offset=0.1, id="sh020")])
    ...     list(read_cdls(file))
    ['sh010', 'sh020']
    """
    return _found(path, by)[0]


def _found(path: str | os.PathLike[str], by: str | None) -> tuple[dict[str, CDL], list[str]]:
    """The corrections of a file of any kind, and the ids that it only refers to."""
    source = checks.path(path)
    if source.suffix.lower() in EXTENSIONS:
        return read_edit(source, by="event" if by is None else by), []
    if by is not None:
        raise ValueError(f"{source}: by= matches the corrections of {' and '.join(EXTENSIONS)} files to shots")
    label, root = _load(source)
    return _corrections(label, root), _references(root)


def read_cdl(path: str | os.PathLike[str], id: str | int | None = None, *, by: str | None = None) -> CDL:
    """One colour correction of a ``.cc``, ``.ccc``, ``.cdl``, ``.edl`` or ``.ale`` file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    id : str or int, optional
        The correction's id, or its position in the file from 0. Not needed where there is only one.
    by : str, optional
        What gives the ids of an edit, as for :func:`read_cdls`.

    Returns
    -------
    CDL
        The correction.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is damaged or not a CDL file; with path and line.
    ValueError
        If there is no such id, or several corrections and no id was given; the message lists the ids.
    """
    found, references = _found(path, by)
    label = os.fspath(checks.path(path))
    listed = ", ".join(map(repr, list(found)[:_LISTED]))
    if len(found) > _LISTED:
        listed += f" and {len(found) - _LISTED} more"
    if id is None:
        if len(found) == 1:
            return next(iter(found.values()))
        raise ValueError(f"{label}: {len(found)} colour corrections; pick one with id=, from {listed}")
    if isinstance(id, str):
        if id in found:
            return found[id]
        if id in references:
            raise ValueError(f"{label}: {id!r} is a reference to a correction in another file; here are {listed}")
        raise ValueError(f"{label}: no colour correction with id {id!r}; there are {listed}")
    position = checks.integer("id", id)
    if not 0 <= position < len(found):
        raise ValueError(f"{label}: no colour correction at position {position}; there are {len(found)}: {listed}")
    return list(found.values())[position]


def write_cdl(path: str | os.PathLike[str], cdls: CDL | Iterable[CDL] | Mapping[str, CDL]) -> None:
    """Nothing; the file then holds the corrections, in the kind that its extension names.

    Parameters
    ----------
    path : str or os.PathLike
        Ends in ``.cc`` (exactly one correction), ``.ccc`` or ``.cdl``. It appears whole or not at all.
    cdls : CDL, iterable of CDL, or mapping of id to CDL
        The corrections; a mapping's keys become their ids.

    Raises
    ------
    TypeError
        If something else than a CDL is among them.
    ValueError
        If the extension is another, a ``.cc`` gets several corrections, there are none, or an id repeats.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cdl(pathlib.Path(folder) / "shot.cc", CDL(power=0.9))
    ...     read_cdl(pathlib.Path(folder) / "shot.cc")
    CDL(slope=1.0, offset=0.0, power=0.9, saturation=1.0)
    """
    target = checks.path(path)
    kind = target.suffix.lower()
    if kind not in _EXTENSIONS:
        raise ValueError(f"{target}: a CDL file ends in {', '.join(_EXTENSIONS)}, got {kind!r}")
    found = _listed(cdls)
    if not found or (kind == ".cc" and len(found) > 1):
        wanted = "exactly one colour correction" if kind == ".cc" else "at least one colour correction"
        raise ValueError(f"{target}: {kind} holds {wanted}, got {len(found)}")
    ids = [cdl.id for cdl in found if cdl.id]
    if repeated := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"{target}: ids must differ, these repeat: {', '.join(map(repr, repeated[:_LISTED]))}")
    namespace = f' xmlns="{_NAMESPACE}"'
    if kind == ".cc":
        lines = _correction_lines(found[0], namespace)
    elif kind == ".ccc":
        lines = [f"<ColorCorrectionCollection{namespace}>"]
        lines += [f"    {line}" for cdl in found for line in _correction_lines(cdl)]
        lines.append("</ColorCorrectionCollection>")
    else:
        lines = [f"<ColorDecisionList{namespace}>"]
        for cdl in found:
            inner = [f"        {line}" for line in _correction_lines(cdl)]
            lines += ["    <ColorDecision>", *inner, "    </ColorDecision>"]
        lines.append("</ColorDecisionList>")
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines, ""])
    if odd := _NOT_XML.search(text):
        raise ValueError(f"{target}: an id or description holds the control character {odd[0]!r}, which XML cannot")
    replace_bytes(target, text.encode("utf-8"))


def _listed(cdls: CDL | Iterable[CDL] | Mapping[str, CDL]) -> list[CDL]:
    """The corrections one after the other, named by their keys where they have keys."""
    if isinstance(cdls, CDL):
        return [cdls]
    if not isinstance(cdls, Iterable):
        raise TypeError(f"cdls must be a CDL, or several, got {type(cdls).__name__}")
    for cdl in (found := list(cdls.values() if isinstance(cdls, Mapping) else cdls)):
        if not isinstance(cdl, CDL):
            raise TypeError(f"cdls must be CDL objects, got {type(cdl).__name__}")
    if isinstance(cdls, Mapping):
        # A position is how read_cdls lists a correction without an id: it goes back without one.
        named = [(cdl, str(name) if cdl.id or name != str(at) else "") for at, (name, cdl) in enumerate(cdls.items())]
        return [replace(cdl, id=name) for cdl, name in named]
    return found


def _load(path: str | os.PathLike[str]) -> tuple[str, Element]:
    """The file's name for errors, and its root element."""
    source = checks.path(path)
    root = parse(source.read_bytes(), str(source))
    if root.tag not in _ROOTS:
        raise FormatError(f"not a CDL file: the root element is {root.tag}, not {' or '.join(_ROOTS)}", path=source)
    return str(source), root


def _corrections(label: str, root: Element) -> dict[str, CDL]:
    """The corrections inside ``root`` by id, or by position where they have none."""
    elements = [element for element in root.walk() if element.tag == "ColorCorrection"]
    if not elements:
        raise FormatError("there is no ColorCorrection in this file", path=label)
    found: dict[str, CDL] = {}
    for position, element in enumerate(elements):
        cdl = _correction(label, element)
        key = cdl.id or str(position)
        if key in found:
            raise FormatError(f"two colour corrections have the id {key!r}", path=label, line=element.line)
        found[key] = cdl
    return found


def _references(root: Element) -> list[str]:
    """The ids that a decision list refers to."""
    return [element.attributes.get("ref", "") for element in root.walk() if element.tag == "ColorCorrectionRef"]


def _correction(label: str, element: Element) -> CDL:
    """The CDL of one ColorCorrection element."""
    sop, sat = _only(label, element, "SOPNode"), _only(label, element, "SatNode")
    slope, offset, power = (_numbers(label, sop, tag, 3) for tag in ("Slope", "Offset", "Power"))
    saturation = _numbers(label, sat, "Saturation", 1)
    try:
        return CDL(
            slope=(slope[0], slope[1], slope[2]) if slope else (1.0, 1.0, 1.0),
            offset=(offset[0], offset[1], offset[2]) if offset else (0.0, 0.0, 0.0),
            power=(power[0], power[1], power[2]) if power else (1.0, 1.0, 1.0),
            saturation=saturation[0] if saturation else 1.0,
            id=element.attributes.get("id", ""),
            description=_texts(element, "Description"),
            input_description=_texts(element, "InputDescription"),
            viewing_description=_texts(element, "ViewingDescription"),
            sop_description=_texts(sop, "Description"),
            sat_description=_texts(sat, "Description"),
        )
    except ValueError as error:
        raise FormatError(str(error), path=label, line=element.line) from None


def _only(label: str, parent: Element | None, tag: str) -> Element | None:
    """The one child of that name, or None."""
    found = parent.all(tag) if parent else []
    if len(found) > 1:
        raise FormatError(f"{len(found)} {tag} elements where there can be one", path=label, line=found[1].line)
    return found[0] if found else None


def _numbers(label: str, parent: Element | None, tag: str, count: int) -> list[float]:
    """The numbers in the child of that name, or an empty list where it is missing."""
    element = _only(label, parent, tag)
    if element is None:
        return []
    words = element.text.split()
    try:
        numbers = [float(word) for word in words if "_" not in word]
    except ValueError:
        numbers = []
    if len(numbers) != count or len(words) != count:
        wanted = "one number" if count == 1 else f"{count} numbers"
        raise FormatError(f"{tag} must hold {wanted}, got {element.text.strip()!r}", path=label, line=element.line)
    return numbers


def _texts(parent: Element | None, tag: str) -> str:
    """The texts of the children of that name, one to a line."""
    return "\n".join(" ".join(child.text.split()) for child in parent.all(tag)) if parent else ""


def _correction_lines(cdl: CDL, attributes: str = "") -> list[str]:
    """The lines of one ColorCorrection element."""
    from xml.sax.saxutils import quoteattr  # brings urllib, http and ssl: only for who writes a file

    name = f" id={quoteattr(cdl.id)}" if cdl.id else ""
    lines = [f"<ColorCorrection{attributes}{name}>"]
    lines += _description_lines("Description", cdl.description)
    lines += _description_lines("InputDescription", cdl.input_description)
    lines += _description_lines("ViewingDescription", cdl.viewing_description)
    lines += ["    <SOPNode>", *(f"    {line}" for line in _description_lines("Description", cdl.sop_description))]
    for tag, numbers in (("Slope", cdl.slope), ("Offset", cdl.offset), ("Power", cdl.power)):
        lines.append(f"        <{tag}>{' '.join(map(_number, numbers))}</{tag}>")
    lines += ["    </SOPNode>", "    <SatNode>"]
    lines += [f"    {line}" for line in _description_lines("Description", cdl.sat_description)]
    lines += [f"        <Saturation>{_number(cdl.saturation)}</Saturation>", "    </SatNode>", "</ColorCorrection>"]
    return lines


def _description_lines(tag: str, text: str) -> list[str]:
    """One element to a line of ``text``."""
    from xml.sax.saxutils import escape

    return [f"    <{tag}>{escape(line)}</{tag}>" for line in text.split("\n") if line]


def _number(value: float) -> str:
    """The shortest decimal that reads back as ``value``."""
    return repr(value).removesuffix(".0")
