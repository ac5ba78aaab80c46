"""Writing the Common LUT Format v3 (Academy S-2014-006) and Autodesk's CTF.

Numbers have the fewest digits that read back as they were: float32 in tables, float64 elsewhere. A table
whose bit depth scales it is written in float64, so that dividing by the scale gives the same float32.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.lut._text import number_rows
from vfx.lut.clf.processlist import DEPTHS, ProcessList, ProcessNode
from vfx.lut.half import HalfLut1D

__all__ = ["write_clf", "write_ctf"]

_LARGEST = np.finfo(np.float32).max
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_CLF_ELEMENTS = ("ASC_CDL", "Exponent", "LUT1D", "LUT3D", "Log", "Matrix", "Range")
#: The CTF version that first has what a list holds; 2.0 has the rest.
_LATER_STYLES = {"GamutComp13": "2.1", "PQ": "2.4", "GammaLog": "2.4", "DoubleLog": "2.4"}
# What XML 1.0 has no place for.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_clf(path: str | os.PathLike[str], process_list: ProcessList) -> None:
    """Nothing; ``path`` then holds the list as a Common LUT Format file, version 3.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    process_list : ProcessList
        Matrices, LUTs, Range, Log, Exponent and ASC_CDL. A list without an id gets one made from its content.
        A LUT is a list of one node, or of its parts.

    Raises
    ------
    TypeError
        If it is no ProcessList and no LUT.
    ValueError
        If CLF has no place for a node: inverse LUTs, ExposureContrast, FixedFunction, a matrix that reads or changes
        alpha, a LUT with a domain of its own or with nearest or cubic interpolation.
    OSError
        If it cannot be written.
    """
    _write(path, process_list, is_clf=True)


def write_ctf(path: str | os.PathLike[str], process_list: ProcessList) -> None:
    """Nothing; ``path`` then holds the list as a CTF file, which every list fits in.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    process_list : ProcessList
        The list. One without an id gets one made from its content. A LUT is a list of one node, or of its parts.

    Raises
    ------
    TypeError
        If it is no ProcessList and no LUT.
    ValueError
        If a LUT has a domain of its own, or nearest or cubic interpolation.
    OSError
        If it cannot be written.
    """
    _write(path, process_list, is_clf=False)


def _write(path: str | os.PathLike[str], process_list: ProcessList, *, is_clf: bool) -> None:
    """Write one of the two."""
    target = checks.path(path)
    if not isinstance(process_list, ProcessList):
        process_list = _as_list(process_list)
    body: list[bytes] = []
    for node in process_list:
        if is_clf and node.element not in _CLF_ELEMENTS:
            raise ValueError(f"{target}: CLF has no {node.element}; write a .ctf, or bake the look into LUTs")
        try:
            body += _node(node, is_clf)
        except ValueError as error:
            raise ValueError(f"{target}: {error}") from None
    kind = "compCLFversion" if is_clf else "version"
    version = "3.0" if is_clf else _ctf_version(process_list)
    name = process_list.id or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, _digest(body))}"
    attributes = [(kind, version), ("id", name), ("name", process_list.name), ("inverseOf", process_list.inverse_of)]
    if is_clf:
        attributes.append(("xmlns", "urn:AMPAS:CLF:v3.0"))
    about = [_text("Description", text, 1) for text in process_list.descriptions]
    for tag, text in (("InputDescriptor", process_list.input_descriptor),
                      ("OutputDescriptor", process_list.output_descriptor)):  # fmt: skip
        about += [_text(tag, text, 1)] if text else []
    if process_list.info:
        about.append(f"    <Info>{process_list.info}</Info>\n".encode())
    replace_bytes(target, _HEAD, _start("ProcessList", attributes, 0), *about, *body, b"</ProcessList>\n")


def _as_list(lut: Any) -> ProcessList:
    """The process list that a LUT is."""
    from vfx.lut.pixelops import ApplyLutChain
    from vfx.lut.pixelops import lut as build

    op = build(lut)
    return ProcessList(op.ops if isinstance(op, ApplyLutChain) else [op], name=lut.title)


def _digest(parts: Iterable[bytes]) -> str:
    """A fingerprint of the nodes, so that the same list is written as the same bytes."""
    import hashlib

    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _ctf_version(process_list: ProcessList) -> str:
    """The oldest version that has all of its nodes, 2.0 at least."""
    styles = [getattr(node.op, "style", "") for node in process_list if node.element == "FixedFunction"]
    return max(["2.0", *(version for part, version in _LATER_STYLES.items() for style in styles if part in style)])


def _escaped(text: str) -> str:
    """The text as XML holds it."""
    if _UNWRITABLE.search(text):
        raise ValueError(f"XML has no place for control characters, got {text!r}")
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#13;")):
        text = text.replace(character, entity)
    return text


def _start(tag: str, attributes: Iterable[tuple[str, str]], depth: int, end: str = ">") -> bytes:
    """A start tag, or with ``end`` of ``/>`` a whole element; empty attributes are left out."""
    words = "".join(
        f' {name}="{_escaped(value).replace(chr(10), "&#10;").replace(chr(9), "&#9;")}"'
        for name, value in attributes
        if value
    )
    return f"{'    ' * depth}<{tag}{words}{end}\n".encode()


def _text(tag: str, text: str, depth: int) -> bytes:
    """An element of one text."""
    return f"{'    ' * depth}<{tag}>{_escaped(text)}</{tag}>\n".encode()


def _numbers(values: Iterable[float]) -> str:
    """Numbers with the fewest digits that read back as the same float64."""
    return " ".join(repr(float(value)) for value in values)


def _node(node: ProcessNode, is_clf: bool) -> list[bytes]:
    """The element of a node."""
    attributes, content = _WRITERS[node.element](node, is_clf)
    head = [("id", node.id), ("name", node.name), ("inBitDepth", node.in_depth), ("outBitDepth", node.out_depth)]
    about = [_text("Description", text, 2) for text in node.descriptions]
    if not about and not content:
        return [_start(node.element, [*head, *attributes], 1, " />")]
    return [_start(node.element, [*head, *attributes], 1), *about, *content, f"    </{node.element}>\n".encode()]


Written = tuple[list[tuple[str, str]], list[bytes]]


def _array(dim: str, rows: bytes) -> list[bytes]:
    """An ``Array`` of written rows."""
    return [f'        <Array dim="{dim}">\n'.encode(), rows, b"        </Array>\n"]


def _wide_rows(values: NDArray[np.float64]) -> bytes:
    """One line a row, in float64."""
    return "".join(f"{_numbers(row)}\n" for row in values.tolist()).encode()


def _table_rows(table: NDArray[np.float32], white: float) -> bytes:
    """The rows of a table in the scale of a bit depth."""
    return number_rows(table) if white == 1.0 else _wide_rows(table.astype(np.float64) * white)


def _matrix(node: ProcessNode, is_clf: bool) -> Written:
    """Matrix; 3x3 or 3x4, and 4x4 or 4x5 where alpha takes part."""
    op: Any = node.op
    square, offset = op.as_matrix()
    white_in, white_out = DEPTHS[node.in_depth], DEPTHS[node.out_depth]
    size = 3
    if (square[3] != [0, 0, 0, 1]).any() or (square[:3, 3] != 0).any() or offset[3] != 0:
        if is_clf:
            raise ValueError("a Matrix of CLF does not read or change alpha; write a .ctf")
        size = 4
    square, offset = square[:size, :size] * (white_out / white_in), offset[:size] * white_out
    oblong = bool(offset.any())
    values = np.column_stack([square, offset]) if oblong else square
    return [], _array(f"{size} {size + oblong}", _wide_rows(values))


def _range(node: ProcessNode, _: bool) -> Written:
    """Range."""
    op: Any = node.op
    white_in, white_out = DEPTHS[node.in_depth], DEPTHS[node.out_depth]
    ends = (("minInValue", op.min_in, white_in), ("maxInValue", op.max_in, white_in),
            ("minOutValue", op.min_out, white_out), ("maxOutValue", op.max_out, white_out))  # fmt: skip
    content = [_text(tag, repr(end * white), 2) for tag, end, white in ends if end is not None]
    return ([] if op.clamp else [("style", "noClamp")]), content


def _lut1d(node: ProcessNode, _: bool) -> Written:
    """LUT1D and InverseLUT1D."""
    op: Any = node.op
    lut = op.lut
    interpolation = getattr(op, "interpolation", "linear")
    half = isinstance(lut, HalfLut1D)
    if interpolation != "linear":
        raise ValueError(f"LUT1D is interpolated linearly, not {interpolation}; resize the LUT first")
    if not half and (not hasattr(lut, "table") or lut.domain != (0.0, 1.0)):
        raise ValueError(f"LUT1D holds even steps from 0 to 1 or a half domain, got {lut!r}; put a Range before it")
    table = np.asarray(lut.table)
    table = table.reshape(len(table), -1)
    white = DEPTHS[node.in_depth if node.element.startswith("Inverse") else node.out_depth]
    flags = [("halfDomain", "true" if half else ""), ("rawHalfs", "true" if node.raw_halfs else ""),
             ("hueAdjust", "dw3" if op.hue_adjust else "")]  # fmt: skip
    dim = f"{table.shape[0]} {table.shape[1]}"
    if not node.raw_halfs:
        return flags, _array(dim, _table_rows(table, white))
    with np.errstate(over="ignore"):
        halfs = (table * np.float32(white)).astype(np.float16)
    back = halfs.astype(np.float32) / np.float32(white)
    # A half domain reads an infinite entry as the largest float32.
    if not np.array_equal(np.clip(back, -_LARGEST, _LARGEST) if half else back, table):
        raise ValueError("rawHalfs needs a table of half floats; this one has finer numbers")
    rows = "".join(f"{' '.join(map(str, row))}\n" for row in halfs.view(np.uint16).tolist())
    return flags, _array(dim, rows.encode())


def _lut3d(node: ProcessNode, _: bool) -> Written:
    """LUT3D and InverseLUT3D; blue changes fastest."""
    op: Any = node.op
    interpolation = getattr(op, "interpolation", "")
    if interpolation == "nearest":
        raise ValueError("LUT3D is interpolated trilinear or tetrahedral, not nearest")
    if op.lut.domain != (0.0, 1.0):
        raise ValueError(f"LUT3D is over 0 to 1, got {op.lut!r}; put a Range before it")
    white = DEPTHS[node.in_depth if node.element.startswith("Inverse") else node.out_depth]
    rows = _table_rows(np.ascontiguousarray(op.lut.table.reshape(-1, 3)), white)
    return [("interpolation", interpolation)], _array(f"{op.lut.size} {op.lut.size} {op.lut.size} 3", rows)


def _cdl(node: ProcessNode, _: bool) -> Written:
    """ASC_CDL."""
    op: Any = node.op
    style = ("Rev" if op.reverse else "Fwd") + ("" if op.clamp else "NoClamp")
    content = [b"        <SOPNode>\n"]
    content += [_text(tag, _numbers(getattr(op, tag.lower())), 3) for tag in ("Slope", "Offset", "Power")]
    content += [b"        </SOPNode>\n", b"        <SatNode>\n", _text("Saturation", repr(op.saturation), 3)]
    return [("style", style)], [*content, b"        </SatNode>\n"]


def _params(tag: str, names: dict[str, tuple[float, ...] | float | None]) -> list[bytes]:
    """Parameter elements: one when the channels are alike, else one for each."""
    rows = []
    for c in range(3):
        values = ((name, value[c] if isinstance(value, tuple) else value) for name, value in names.items())
        rows.append([(name, repr(value)) for name, value in values if value is not None])
    if rows[0] == rows[1] == rows[2]:
        return [_start(tag, rows[0], 2, " />")] if rows[0] else []
    return [_start(tag, [("channel", letter), *row], 2, " />") for letter, row in zip("RGB", rows, strict=True)]


def _log(node: ProcessNode, _: bool) -> Written:
    """Log; the plain styles have no parameters."""
    op: Any = node.op
    names: dict[str, tuple[float, ...] | float | None] = {}
    if op.style in ("linToLog", "logToLin") or op.lin_side_break is not None:
        names = {
            "base": op.base, "logSideSlope": op.log_side_slope, "logSideOffset": op.log_side_offset,
            "linSideSlope": op.lin_side_slope, "linSideOffset": op.lin_side_offset,
            "linSideBreak": op.lin_side_break, "linearSlope": op.linear_slope,
        }  # fmt: skip
    return [("style", op.style)], _params("LogParams", names)


def _exponent(node: ProcessNode, _: bool) -> Written:
    """Exponent."""
    op: Any = node.op
    offset = op.offset if op.has_offset else None
    return [("style", op.style)], _params("ExponentParams", {"exponent": op.exponent, "offset": offset})


def _exposure_contrast(node: ProcessNode, _: bool) -> Written:
    """ExposureContrast."""
    op: Any = node.op
    params = [("exposure", op.exposure), ("contrast", op.contrast), ("gamma", op.gamma), ("pivot", op.pivot),
              ("logExposureStep", op.log_exposure_step), ("logMidGray", op.log_mid_gray)]  # fmt: skip
    content = [_start("ECParams", [(name, repr(value)) for name, value in params], 2, " />")]
    content += [_start("DynamicParameter", [("param", name.upper())], 2, " />") for name in op.dynamic]
    return [("style", op.style + ("Rev" if op.reverse else ""))], content


def _fixed_function(node: ProcessNode, _: bool) -> Written:
    """FixedFunction."""
    op: Any = node.op
    return [("style", op.style), ("params", _numbers(op.params))], []


_WRITERS: dict[str, Callable[[ProcessNode, bool], Written]] = {
    "ASC_CDL": _cdl,
    "Exponent": _exponent,
    "ExposureContrast": _exposure_contrast,
    "FixedFunction": _fixed_function,
    "InverseLUT1D": _lut1d,
    "InverseLUT3D": _lut3d,
    "LUT1D": _lut1d,
    "LUT3D": _lut3d,
    "Log": _log,
    "Matrix": _matrix,
    "Range": _range,
}
