"""Houdini's LUTs, ``.lut`` and ``.hdl``: one curve, three curves, a cube, or a curve and a cube.

::

    Version   3            1: curves, 2: a cube, 3: both; each keyword once, in any order and case
    Format    any
    Type      3D+1D        C: one curve · RGB: three curves · 3D · 3D+1D: a curve, then a cube
    From      0 1          inputs of the curve's ends
    To        0 1
    Black     0            obsolete
    White     1
    Length    33 1024      entries along each axis of the cube, entries of the curve
    LUT:
    Pre {                  C: RGB { }, RGB: R { } G { } B { }, 3D: { } or 3D { }
    0.0                    numbers parted by blanks or line ends
    …
    }
    3D {
    0.0 0.0 0.0            red runs fastest
    …
    }

Sources: Side Effects, Houdini Development Kit, "LUT files" (hdk_io_lut). What the text leaves open is read as
OpenColorIO reads it: ``From`` of a lone cube, ``To``, ``Black``, ``White`` and ``Format`` change nothing, and
other keywords are passed over, except ``Sampling``, which would change the picture and is refused.
OpenColorIO bakes ``Type RGB`` and cannot read it; here it is read and written.
"""

from __future__ import annotations

import os
import re

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx._ext import luttext
from vfx.errors import FormatError
from vfx.lut import lut1d, lut3d
from vfx.lut._base import domain_bounds
from vfx.lut._text import LutText, header_number, number_rows, short
from vfx.lut.chain import LutChain
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.lut.truelight import unit_shaper

__all__ = ["read_hdl", "write_hdl"]

# The sections that each type has.
_SECTIONS = {"c": ("rgb",), "rgb": ("r", "g", "b"), "3d": ("3d",), "3d+1d": ("pre", "3d")}
_KEYWORDS = ("version", "format", "type", "from", "to", "black", "white", "length")
_OPENING = re.compile(rb"([^\s{}]*)\s*\{")
_WORD = re.compile(rb"\S")


def read_hdl(path: str | os.PathLike[str]) -> Lut1D | Lut3D | LutChain:
    """The LUT of a Houdini file: a Lut1D, a Lut3D, or a LutChain when a curve comes before the cube.

    Parameters
    ----------
    path : str or os.PathLike
        The file. See the module's text for what is accepted.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged or of an unsupported type.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.lut"
    ...     write_hdl(path, LutChain(Lut1D.gamma(64, 0.5), Lut3D.identity(5)))
    ...     read_hdl(path)
    <LutChain shaper=64 cube=5>
    """
    with LutText(path) as text:
        kind, domain, lengths = _read_header(text)
        cube, curve = (lengths[0], lengths[-1] if kind == "3d+1d" else 0) if "3d" in kind else (0, lengths[0])
        text.expect(cube**3 + curve // 3, 3)
        sections = _read_sections(text, kind, cube, curve)
    low, high = domain
    if low > high:  # a curve that runs from the high end to the low one
        low, high = high, low
        sections = {name: rows if name == "3d" else rows[::-1] for name, rows in sections.items()}
    try:
        if kind == "c":
            return Lut1D(sections["rgb"][:, 0], (low, high))
        if kind == "rgb":
            return Lut1D(np.concatenate([sections[name] for name in "rgb"], axis=1), (low, high))
        table = Lut3D(sections["3d"].reshape(cube, cube, cube, 3).transpose(2, 1, 0, 3))
        return table if kind == "3d" else LutChain(Lut1D(sections["pre"][:, 0], (low, high)), table)
    except ValueError as error:
        raise FormatError(str(error), path=path) from error


def _read_header(text: LutText) -> tuple[str, tuple[float, float], list[int]]:
    """Type, input range and lengths; the position is then behind ``LUT:``."""
    lines: dict[str, tuple[int, list[str]]] = {}
    while (line := text.next_line()) is not None:
        keyword, *words = line.split()
        keyword = keyword.lower()
        if keyword == "lut:":
            break
        if keyword == "sampling":
            raise text.error("Sampling is not supported")
        if keyword in lines:
            raise text.error(f"{keyword.capitalize()} is given twice")
        if keyword in _KEYWORDS:
            lines[keyword] = (text.position, words)
        text.skip_line()
    else:
        raise text.error("not a Houdini LUT: the file ends without a line LUT:", len(text.text))
    if missing := [keyword.capitalize() for keyword in _KEYWORDS if keyword not in lines]:
        raise text.error(f"no {', '.join(missing)} before the table")
    found = _header_values(text, lines)
    text.skip_line()
    return found


def _header_values(
    text: LutText, lines: dict[str, tuple[int, list[str]]]
) -> tuple[str, tuple[float, float], list[int]]:
    """Type, input range and lengths, checked; the position is left where it was."""
    behind = text.position
    for keyword, count in (("to", 2), ("black", 1), ("white", 1)):
        text.position, words = lines[keyword]
        text.numbers(words, count, keyword.capitalize())
    text.position, words = lines["from"]
    low, high = text.numbers(words, 2, "From")
    try:
        domain_bounds((min(low, high), max(low, high)))
    except ValueError as error:
        raise text.error(str(error)) from error
    for keyword in ("version", "format", "type"):
        text.position, words = lines[keyword]
        if len(words) != 1:
            raise text.error(f"{keyword.capitalize()} takes one word, got {short(' '.join(words))!r}")
    kind = words[0].lower()
    if kind not in _SECTIONS:
        raise text.error(f"Type must be C, RGB, 3D or 3D+1D, got {short(words[0])!r}")
    text.position, words = lines["length"]
    allowed = (2,) if kind == "3d+1d" else (1, 2)
    if len(words) not in allowed:
        wanted = "cube and of the curve" if kind == "3d+1d" else "table"
        raise text.error(f"Length takes the size of the {wanted}, got {short(' '.join(words))!r}")
    lengths = [text.size_of(words[:1], "Length", 2, lut3d.MAX_SIZE if "3d" in kind else lut1d.MAX_SIZE)]
    lengths += [text.size_of([word], "Length", 2, lut1d.MAX_SIZE) for word in words[1:]]
    text.position = behind
    return kind, (low, high), lengths


def _read_sections(text: LutText, kind: str, cube: int, curve: int) -> dict[str, NDArray[np.float32]]:
    """The tables by their lower-case names, (rows, 3) for the cube, (rows, 1) for curves."""
    wanted = _SECTIONS[kind]
    found: dict[str, NDArray[np.float32]] = {}
    while start := _WORD.search(text.text, text.position):
        text.position = start.start()
        opening = _OPENING.match(text.text, text.position)
        if opening is None:
            rest = text.text[text.position : text.position + 100].split()[0].decode("utf-8", "replace")
            raise text.error(f"a table starts with its name and {{, got {short(rest)!r}")
        text.position = opening.end()
        shown = opening[1].decode("utf-8", "replace") or "3D"
        name = shown.lower()
        if name not in wanted:
            raise text.error(f"a LUT of type {kind.upper()} has no table {short(shown)!r}")
        if name in found:
            raise text.error(f"the table {shown} is there twice")
        end = text.text.find(b"}", text.position)
        if end < 0:
            raise text.error(f"the table {shown} is not closed by }}")
        found[name] = _numbers(text, end, *((cube**3, 3) if name == "3d" else (curve, 1)))
        text.position = end + 1
    if missing := [name.upper() for name in wanted if name not in found]:
        raise text.error(f"a LUT of type {kind.upper()} needs the table {missing[0]}", len(text.text))
    return found


def _numbers(text: LutText, end: int, rows: int, columns: int) -> NDArray[np.float32]:
    """The numbers up to ``end``, by lines where the file has lines of ``columns`` numbers, else one by one."""
    start = text.position
    try:
        table = text.table(rows, columns, end)
        if not text.text[text.position : end].strip():
            return table
        raise text.error(f"more than {rows} rows of {columns}")
    except FormatError:
        body = memoryview(text.text)[start:end]
        values = np.empty((rows, columns), np.float32)
        if b"," in text.text[start:end] or luttext.parse_numbers(body, values.ravel())[0] != 0:
            raise
        return values


def write_hdl(path: str | os.PathLike[str], lut: Lut1D | Lut3D | LutChain) -> None:
    """Nothing; ``path`` then holds the LUT, with float32 values that read back the same.

    Parameters
    ----------
    path : str or os.PathLike
        The file, ``.lut`` or ``.hdl``; it appears whole or not at all.
    lut : Lut1D, Lut3D or LutChain
        Three curves are written as ``Type RGB``, which OpenColorIO writes too but cannot read. A chain whose cube
        has a domain other than (0, 1) is written with its shaper scaled to that domain. Titles are not kept.

    Raises
    ------
    ValueError
        If a curve's domain, or a shaper, differs between channels, or a lone cube has a domain other than
        (0, 1): the format has no words for it.
    """
    sections: list[tuple[str, NDArray[np.float32]]]
    domain, size = (0.0, 1.0), str(lut.size) if isinstance(lut, (Lut1D, Lut3D)) else ""
    if isinstance(lut, LutChain):
        version, kind, size = 3, "3D+1D", f"{lut.cube.size} {lut.shaper.size}"
        shaper, domain = unit_shaper(lut), _one_domain(lut.shaper)
        if (shaper != shaper[:, :1]).any():
            raise ValueError("a Houdini LUT holds one shaper curve for all channels; .cube and .cub hold three")
        sections = [("Pre {", shaper[:, :1]), ("3D {", _red_fastest(lut.cube))]
    elif isinstance(lut, Lut3D):
        version, kind = 2, "3D"
        if lut.domain != domain:
            raise ValueError(f"a Houdini 3D LUT has domain (0, 1), got {lut.domain}; .cube holds any")
        sections = [("{", _red_fastest(lut))]
    elif isinstance(lut, Lut1D):
        version, kind, domain = 1, "C" if lut.channels == 1 else "RGB", _one_domain(lut)
        rows = lut._rgb()
        names = {"C": ("RGB",), "RGB": ("R", "G", "B")}[kind]
        sections = [(f"{name} {{", rows[:, place : place + 1]) for place, name in enumerate(names)]
    else:
        raise TypeError(f"lut must be a Lut1D, Lut3D or LutChain, got {type(lut).__name__}")
    head = f"Version\t\t{version}\nFormat\t\tany\nType\t\t{kind}\nFrom\t\t{' '.join(map(header_number, domain))}\n"
    head += f"To\t\t0 1\nBlack\t\t0\nWhite\t\t1\nLength\t\t{size}\nLUT:\n"
    parts = [part for name, rows in sections for part in (f"{name}\n".encode(), number_rows(rows), b"}\n")]
    replace_bytes(checks.path(path), head.encode(), *parts)


def _one_domain(lut: Lut1D) -> tuple[float, float]:
    """The domain, when it is the same for all channels."""
    low, high = lut.domain
    if isinstance(low, tuple):
        raise ValueError(f"a Houdini LUT holds one domain for all channels, got {lut.domain}; .cube holds three")
    return low, high


def _red_fastest(lut: Lut3D) -> NDArray[np.float32]:
    """The colours in the order of the file."""
    return lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
