"""The process nodes of a file: each element becomes a pixel op with normalised numbers.

Numbers in a file are scaled by its bit depths: a matrix goes from the input's scale to the output's,
the entries of a LUT and the ends of a range have the scale of their side. Log, Exponent, ASC_CDL,
ExposureContrast and FixedFunction always work on normalised values (S-2014-006, 4.1 and 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfx import _late
from vfx._xml import Element
from vfx.lut.clf._document import Document
from vfx.lut.clf.fixed import FixedFunction, style_named
from vfx.lut.clf.ops import EXPONENT_STYLES, EXPOSURE_STYLES, LOG_STYLES, Exponent, ExposureContrast, Log, Range
from vfx.lut.clf.processlist import DEPTHS
from vfx.lut.half import HalfLut1D
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, InvertLut1D, InvertLut3D
from vfx.pixelop import PixelOp

__all__ = ["READERS", "Found", "Node", "legacy_log"]

_CHANNELS = ("R", "G", "B")
_HALF_SIZE = 65536
#: The largest tables that are made; the text must be as long as they claim.
_MOST_1D, _MOST_3D = 1 << 24, 256


class Node(NamedTuple):
    """An element to be read: where it is, its bit depths, and the CTF version that it follows."""

    document: Document
    element: Element
    in_depth: str
    out_depth: str
    version: tuple[int, ...]

    @property
    def white_in(self) -> float:
        """The number that stands for 1.0 on the input side."""
        return DEPTHS[self.in_depth]

    @property
    def white_out(self) -> float:
        """The number that stands for 1.0 on the output side."""
        return DEPTHS[self.out_depth]


class Found(NamedTuple):
    """What an element means: an op, how its table is written, and a range in front of it."""

    op: PixelOp
    raw_halfs: bool = False
    before: PixelOp | None = None


def _array(node: Node) -> tuple[Element, tuple[int, ...]]:
    """The ``Array`` of a node and its dimensions."""
    document, element = node.document, node.element
    array = document.child(element, "Array")
    if array is None:
        raise document.error(f"{element.tag} needs an Array", element)
    document.only(array, text=True)
    words = document.needed(array, "dim").replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise document.error(f"dim of Array must be whole numbers, got {' '.join(words)[:60]!r}", array)
    return array, tuple(int(word) for word in words)


def _refuse_dim(node: Node, array: Element, dim: tuple[int, ...], allowed: str) -> Exception:
    """The error for dimensions that this kind of array cannot have."""
    given = " ".join(map(str, dim))
    return node.document.error(f"dim of a {node.element.tag}'s Array must be {allowed}, got {given[:60]!r}", array)


def _matrix(node: Node) -> Found:
    """Matrix: 3x3, 3x4, 4x4 and 4x5; the last column of the oblong ones is added."""
    node.document.only(node.element, "Description", "Array")
    array, dim = _array(node)
    rows, columns = (dim[0], dim[1]) if len(dim) >= 2 else (0, 0)
    old = dim == (4, 4, 3) and node.version < (1, 3)  # CTF 1.2: colour rows and a column of offsets
    if (rows, columns) not in ((3, 3), (3, 4), (4, 4), (4, 5)) or (dim[2:] not in ((), (rows,)) and not old):
        raise _refuse_dim(node, array, dim, "'3 3', '3 4', '4 4' or '4 5'")
    values = node.document.array(array, rows * columns).reshape(rows, columns)
    if old:
        values = values[:3]
    square = values[:, : len(values)] * (node.white_in / node.white_out)
    offset = values[:, len(values) :].sum(axis=1) / node.white_out
    if len(values) == 3:
        return Found(_late.builder("matrix")(np.column_stack([square, offset])))
    return Found(_late.builder("matrix")(np.column_stack([square, offset]) if offset.any() else square))


def _range(node: Node) -> Found:
    """Range, with the ends that are there."""
    document, element = node.document, node.element
    ends = {"minInValue": node.white_in, "maxInValue": node.white_in,
            "minOutValue": node.white_out, "maxOutValue": node.white_out}  # fmt: skip
    document.only(element, "Description", *ends)
    found: dict[str, float] = {}
    for tag, white in ends.items():
        child = document.child(element, tag)
        if child is not None:
            found[f"{tag[:3]}_{tag[3:-5].lower()}"] = document.numbers(child, child.text, 1)[0] / white
    clamp = True
    if document.attribute(element, "style") is not None:
        clamp = document.one_of(element, "style", {"Clamp": True, "noClamp": False})
    return Found(Range(**found, clamp=clamp))


def _flag(node: Node, name: str, value: str) -> bool:
    """Whether a flag is set, which has one legal value."""
    given = node.document.attribute(node.element, name)
    if given is not None and given.lower() != value:
        raise node.document.error(
            f"{name} of {node.element.tag} can only be {value!r}, got {given[:60]!r}", node.element
        )
    return given is not None


def _index_map(node: Node) -> PixelOp | None:
    """The range that an IndexMap of two entries is (CLF before version 3)."""
    document, element = node.document, node.element
    found = document.child(element, "IndexMap")
    if found is None:
        return None
    if node.version >= (2, 0):
        raise document.error("IndexMap does not exist in CLF 3 and CTF 2; use a Range before the LUT", found)
    words = found.text.replace("@", " ").split()
    if len(words) != 4:
        raise document.error("an IndexMap must have two entries, 'value@index value@index'", found)
    first, _, second, _ = document.numbers(found, " ".join(words), 4)
    return Range(first / node.white_in, second / node.white_in, 0.0, 1.0)


def _lut1d(node: Node, *, inverse: bool = False) -> Found:
    """LUT1D and InverseLUT1D."""
    document, element = node.document, node.element
    document.only(element, "Description", "Array", "IndexMap")
    if document.attribute(element, "interpolation") is not None:
        document.one_of(element, "interpolation", {"linear": 1})
    half, raw = _flag(node, "halfDomain", "true"), _flag(node, "rawHalfs", "true")
    keeps_hue = _flag(node, "hueAdjust", "dw3")
    array, dim = _array(node)
    if len(dim) != 2 or dim[1] not in (1, 3) or not 2 <= dim[0] <= _MOST_1D:
        raise _refuse_dim(node, array, dim, f"'N 1' or 'N 3' with N from 2 to {_MOST_1D}")
    if half and dim[0] != _HALF_SIZE:
        raise _refuse_dim(node, array, dim, f"'{_HALF_SIZE} 1' or '{_HALF_SIZE} 3' with halfDomain")
    white = node.white_in if inverse else node.white_out
    if half:
        _blank_out(array, dim[1])
    table = (_raw_halfs(node, array, dim[0] * dim[1]) / np.float32(white) if raw
             else document.singles(array, dim[0] * dim[1], white))  # fmt: skip
    table = table.reshape(dim) if dim[1] == 3 else table
    lut = HalfLut1D(table) if half else Lut1D(table)
    op = InvertLut1D(lut, hue_adjust=keeps_hue) if inverse else ApplyLut1D(lut, hue_adjust=keeps_hue)
    return Found(op, raw, _index_map(node))


def _blank_out(array: Element, columns: int) -> None:
    """Nothing; ``nan`` and ``inf`` are then 0 where the input is NaN or infinity itself, which nothing looks up."""
    if "n" not in array.text.lower():
        return
    pieces, at = [], 0
    for count, match in enumerate(re.finditer(r"[^\s,]+", array.text)):
        code = count // columns & 0x7FFF
        if code >= 0x7C00 and match[0].lower().lstrip("+-") in ("nan", "inf", "infinity"):
            pieces += [array.text[at : match.start()], "0".ljust(len(match[0]))]
            at = match.end()
    array.text = "".join([*pieces, array.text[at:]])


def _raw_halfs(node: Node, array: Element, count: int) -> NDArray[np.float32]:
    """The half floats whose bits the array lists; those of NaN and infinity are 0 in a half domain's own places."""
    codes = node.document.array(array, count)
    if (codes != np.round(codes)).any() or (codes < 0).any() or (codes > 65535).any():
        raise node.document.error("rawHalfs needs whole numbers from 0 to 65535", array)
    values = codes.astype(np.uint16).view(np.float16).astype(np.float32)
    if count >= _HALF_SIZE and _flag(node, "halfDomain", "true"):
        beyond = (np.arange(count) // (count // _HALF_SIZE) & 0x7FFF) >= 0x7C00
        values[beyond & ~np.isfinite(values)] = 0.0
    return values


def _lut3d(node: Node, *, inverse: bool = False) -> Found:
    """LUT3D and InverseLUT3D; blue changes fastest."""
    document, element = node.document, node.element
    document.only(element, "Description", "Array", "IndexMap")
    kind = "trilinear"
    if document.attribute(element, "interpolation") is not None:
        kind = document.one_of(element, "interpolation", {"trilinear": "trilinear", "tetrahedral": "tetrahedral"})
    array, dim = _array(node)
    size = dim[0]
    if dim != (size, size, size, 3) or not 2 <= size <= _MOST_3D:
        raise _refuse_dim(node, array, dim, f"'N N N 3' with N from 2 to {_MOST_3D}")
    table = document.singles(array, size**3 * 3, node.white_in if inverse else node.white_out)
    lut = Lut3D(table.reshape(size, size, size, 3))
    return Found(InvertLut3D(lut) if inverse else ApplyLut3D(lut, kind), before=_index_map(node))


_CDL_STYLES = {
    "Fwd": (True, False), "Rev": (True, True), "FwdNoClamp": (False, False), "RevNoClamp": (False, True),
    "v1.2_Fwd": (True, False), "v1.2_Rev": (True, True), "noClampFwd": (False, False), "noClampRev": (False, True),
}  # fmt: skip


def _cdl(node: Node) -> Found:
    """ASC_CDL; clamping forward is the default."""
    document, element = node.document, node.element
    document.only(element, "Description", "SOPNode", "SatNode")
    clamp, reverse = True, False
    if document.attribute(element, "style") is not None:
        clamp, reverse = document.one_of(element, "style", _CDL_STYLES)
    numbers: dict[str, Any] = {"slope": 1.0, "offset": 0.0, "power": 1.0, "saturation": 1.0}
    sop, sat = document.child(element, "SOPNode"), document.child(element, "SatNode")
    for parent, tags, count in ((sop, ("Slope", "Offset", "Power"), 3), (sat, ("Saturation",), 1)):
        if parent is None:
            continue
        document.only(parent, "Description", *tags)
        for tag in tags:
            child = document.child(parent, tag)
            if child is None:
                raise document.error(f"{parent.tag} needs {', '.join(tags)}; {tag} is missing", parent)
            document.only(child, text=True)
            values = document.numbers(child, child.text, count)
            numbers[tag.lower()] = values if count == 3 else values[0]
    op = _late.builder("cdl")(**numbers, clamp=clamp)
    return Found(op.inverse() if reverse else op)


def _per_channel(node: Node, tag: str) -> list[dict[str, float]]:
    """The numbers of three channels from parameter elements, each for one channel or for all."""
    document = node.document
    rows: list[dict[str, float]] = [{}, {}, {}]
    seen: set[str] = set()
    for child in node.element.all(tag):
        document.only(child)
        channel = (document.attribute(child, "channel") or "").upper()
        if channel not in ("", "A", *_CHANNELS) or channel in seen:
            raise document.error(f"channel of {tag} must be R, G or B, each once, got {channel[:60]!r}", child)
        seen.add(channel)
        values = {
            key.lower(): document.number(child, key, text)
            for key, text in child.attributes.items()
            if key.lower() != "channel"
        }
        if channel == "A":
            if any(value != neutral for value, neutral in ((values.get("gamma", 1), 1), (values.get("offset", 0), 0))):
                raise document.error("parameters for alpha are not supported: only colour changes", child)
            continue
        for row, letter in zip(rows, _CHANNELS, strict=True):
            if channel in ("", letter):
                row.update(values)
    return rows


def _exponent(node: Node) -> Found:
    """Exponent of CLF, Gamma of CTF."""
    document, element = node.document, node.element
    tag = "GammaParams" if element.tag.lower() == "gamma" else "ExponentParams"
    document.only(element, "Description", tag)
    style = document.one_of(element, "style", {style: style for style in EXPONENT_STYLES})
    curved = style.startswith("monCurve")
    exponents, offsets = [], []
    for row in _per_channel(node, tag):
        exponent = row.get("exponent", row.get("gamma"))
        if row and exponent is None:
            raise document.error(f"{tag} needs {'gamma' if tag == 'GammaParams' else 'exponent'}", element)
        if row and curved and "offset" not in row:
            raise document.error(f"{tag} of {style} needs offset", element)
        exponents.append(1.0 if exponent is None else exponent)
        offsets.append(row.get("offset", 0.0))
    return Found(Exponent(style, tuple(exponents), tuple(offsets)))  # type: ignore[arg-type]  # three of each


_LOG_NAMES = {
    "log_side_slope": ("logsideslope", 1.0),
    "log_side_offset": ("logsideoffset", 0.0),
    "lin_side_slope": ("linsideslope", 1.0),
    "lin_side_offset": ("linsideoffset", 0.0),
    "lin_side_break": ("linsidebreak", None),
    "linear_slope": ("linearslope", None),
}
_LEGACY = ("gamma", "refwhite", "refblack", "highlight", "shadow")


def legacy_log(gamma: float, white: float, black: float, highlight: float, shadow: float) -> tuple[float, ...]:
    """Log slope, log offset, lin slope and lin offset of the film parameters of CTF before version 2.

    ``white`` and ``black`` are 10-bit codes; 0.002 is the density of one of them (SMPTE RP 180, Cineon).
    """
    if gamma <= 0.01:
        raise ValueError(f"gamma must be above 0.01, got {gamma:g}")
    if white <= black:
        raise ValueError(f"refWhite must be above refBlack, got {white:g} and {black:g}")
    if highlight <= shadow:
        raise ValueError(f"highlight must be above shadow, got {highlight:g} and {shadow:g}")
    density = 0.002 * 1023.0
    gain = (highlight - shadow) / (1.0 - 10.0 ** min((black - white) / 1023.0 * density / gamma, -0.0001))
    offset = gain - (highlight - shadow)
    return gamma / density, white / 1023.0, 1.0 / gain, (offset - shadow) / gain


def _log(node: Node) -> Found:
    """Log, with CLF's parameters or the older ones of CTF."""
    document, element = node.document, node.element
    document.only(element, "Description", "LogParams")
    style = document.one_of(element, "style", {style: style for style in LOG_STYLES})
    rows = _per_channel(node, "LogParams")
    if any(key in row for row in rows for key in _LEGACY):
        return Found(_film_log(node, style, rows))
    if LOG_STYLES[style][1] is not None and any(rows):
        raise document.error(f"{style} takes no LogParams", element)
    bases = {row["base"] for row in rows if "base" in row}
    if len(bases) > 1:
        raise document.error("base must be the same for all channels", element)
    params: dict[str, Any] = {}
    for field, (key, default) in _LOG_NAMES.items():
        if default is not None:
            params[field] = tuple(row.get(key, default) for row in rows)
        elif any(key in row for row in rows):
            if not all(key in row for row in rows):
                raise document.error(f"{key} must be given for all channels or for none", element)
            params[field] = tuple(row[key] for row in rows)
    return Found(Log(style, next(iter(bases), LOG_STYLES[style][1] or 2.0), **params))


def _film_log(node: Node, style: str, rows: list[dict[str, float]]) -> Log:
    """A linToLog or logToLin of film parameters."""
    if style not in ("linToLog", "logToLin"):
        raise node.document.error(f"gamma, refWhite … belong to linToLog and logToLin, not to {style}", node.element)
    columns = []
    for row in rows:
        missing = [key for key in _LEGACY if key not in row]
        if missing:
            raise node.document.error(f"LogParams needs {', '.join(_LEGACY)}; {missing[0]} is missing", node.element)
        columns.append(legacy_log(*(row[key] for key in _LEGACY)))
    return Log(style, 10.0, *zip(*columns, strict=True))


_EXPOSURE_STYLES = {f"{style}{tail}": (style, bool(tail)) for style in EXPOSURE_STYLES for tail in ("", "Rev", "Fwd")}
_EXPOSURE_STYLES |= {f"{style}Fwd": (style, False) for style in EXPOSURE_STYLES}
_EXPOSURE_NAMES = {
    "exposure": "exposure", "contrast": "contrast", "gamma": "gamma", "pivot": "pivot",
    "logExposureStep": "log_exposure_step", "logMidGray": "log_mid_gray",
}  # fmt: skip


def _exposure_contrast(node: Node) -> Found:
    """ExposureContrast of CTF."""
    document, element = node.document, node.element
    document.only(element, "Description", "ECParams", "DynamicParameter")
    style, reverse = document.one_of(element, "style", _EXPOSURE_STYLES)
    child = document.child(element, "ECParams")
    values: dict[str, float] = {}
    if child is not None:
        document.only(child)
        for needed in ("exposure", "contrast", "pivot"):
            document.needed(child, needed)
        for name, field in _EXPOSURE_NAMES.items():
            text = document.attribute(child, name)
            if text is not None:
                values[field] = document.number(child, name, text)
    dynamic = tuple(
        document.one_of(each, "param", {name: name for name in ("exposure", "contrast", "gamma")})
        for each in element.all("DynamicParameter")
    )
    return Found(ExposureContrast(style, **values, reverse=reverse, dynamic=dynamic))


def _fixed_function(node: Node) -> Found:
    """FixedFunction of CTF, and its older name ACES."""
    document, element = node.document, node.element
    document.only(element, "Description", "ACESParams")
    params = document.numbers(element, document.attribute(element, "params") or "")
    child = document.child(element, "ACESParams")
    if child is not None:
        params = (document.number(child, "gamma", document.needed(child, "gamma")),)
    return Found(FixedFunction(style_named(document.needed(element, "style")), params))


#: Element, in lower case -> its reader, and whether CLF has it.
READERS: dict[str, tuple[Callable[[Node], Found], bool]] = {
    "aces": (_fixed_function, False),
    "asc_cdl": (_cdl, True),
    "exponent": (_exponent, True),
    "exposurecontrast": (_exposure_contrast, False),
    "fixedfunction": (_fixed_function, False),
    "gamma": (_exponent, False),
    "inverselut1d": (lambda node: _lut1d(node, inverse=True), False),
    "inverselut3d": (lambda node: _lut3d(node, inverse=True), False),
    "log": (_log, True),
    "lut1d": (_lut1d, True),
    "lut3d": (_lut3d, True),
    "matrix": (_matrix, True),
    "range": (_range, True),
}
