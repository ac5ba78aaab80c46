"""Discreet's (Autodesk's) 1D LUTs, ``.lut`` and ``.1dl``: tables of whole numbers.

::

    LUT: 3 1024 65536f     tables (1 for all channels, 3, or 4 with alpha), entries, depth of the values
    0                      every entry of the first table, one to a line, then the next table's
    1
    …

    depth of the values    its entries     read as
    256 1024 4096 65536    0..N−1          entry / (N − 1)
    65536f                 0..65535        the bits of a half float

Without a depth it is what the name says behind its first ``to`` (``log_10to8``: 8, 10, 12, 16, ``16f``, or
``32f``, values as they are), else what the number of entries says. 65536 entries are the values of the 65536 half
floats, not even steps: such a file is a :class:`vfx.lut.HalfLut1D`. A file that starts with a number is of the
oldest kind, one table of 256 entries of 8 bits. An alpha table is passed over.

Sources: Autodesk, Flame documentation, "LUT file formats"; OpenColorIO reads the same (its
FileFormatDiscreet1DL) and takes the whole number at the start of any line; here anything but whole numbers
from 0 to 65535 is an error.
"""

from __future__ import annotations

import os
import re

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.lut._text import LutText, number_rows, short
from vfx.lut.half import HalfLut1D
from vfx.lut.lut1d import Lut1D

__all__ = ["read_1dl", "write_1dl"]

# The number of codes of each depth, as headers and table lengths give it; "f" is a half float's bits.
_DEPTHS = {"256": "8", "1024": "10", "4096": "12", "65536": "16", "65536f": "16f"}
# The value of the highest code of each depth.
_WHITE = {"8": 255.0, "10": 1023.0, "12": 4095.0, "16": 65535.0, "32f": 1.0}
_HALF_ENTRIES = 65536
# From here on a half float is infinity (IEEE 754-2008, binary16, round to nearest).
_HALF_END = 65520.0
_NAMED = re.compile(r"8|10|12|16f?|32f")
# The start of a line that is no whole number; the kernel finds the other kinds.
_NOT_WHOLE = re.compile(rb"^[ \t\r\v\f]*(?:[-+.]|\d+[^\d\s#])", re.MULTILINE)
_ROW = re.compile(rb"^[ \t\r\v\f]*\d", re.MULTILINE)


def read_1dl(path: str | os.PathLike[str]) -> Lut1D | HalfLut1D:
    """The 1D LUT of a Discreet file: a Lut1D, or a HalfLut1D when it has 65536 entries.

    Parameters
    ----------
    path : str or os.PathLike
        The file; its name may give the depth of its values. See the module's text.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.1dl"
    ...     write_1dl(path, Lut1D.gamma(256, 2.2))
    ...     read_1dl(path)
    <Lut1D size=256>
    """
    with LutText(path) as text:
        tables, length, depth = _read_header(text)
        text.expect(tables * length, 1)
        start = text.position
        codes = text.table(tables * length, 1)
        behind = text.position
        # Of what is a number, only these characters make it another than a whole one; most files have none.
        odd = any(text.text.find(character, start, behind) >= 0 for character in (b".", b"-", b"+", b"e", b"E"))
        if odd and (bad := _NOT_WHOLE.search(text.text, start, behind)):
            line = text.text[bad.start() : bad.start() + 100].strip().split(b"\n")[0].decode("utf-8", "replace")
            raise text.error(f"the values are whole numbers, got {short(line)!r}", bad.end() - 1)
        if codes.max() > 65535:
            row = int((codes > 65535).argmax())
            raise text.error(f"the values are 0 to 65535, got {codes[row, 0]:g}", _place(text, start, row))
        if text.next_line() is not None:
            raise text.error(f"more rows than {tables} tables of {length}")
    if not depth:
        depth = _depth_of_name(text.path.stem) or _DEPTHS.get(str(length), "")
    if not depth:
        raise text.error(f"no depth: {length} entries say nothing about it, nor does LUT: or the file's name", 0)
    rows = codes.reshape(tables, length)[:3].T
    if depth == "16f":
        values = rows.astype(np.uint16).view(np.float16).astype(np.float32)
    else:
        values = (rows.astype(np.float64) / _WHITE[depth]).astype(np.float32)
    return _lut(text, values[:, 0] if tables == 1 else values)


def _lut(text: LutText, values: NDArray[np.float32]) -> Lut1D | HalfLut1D:
    """The LUT of the values, (N,) or (N, 3)."""
    if len(values) == _HALF_ENTRIES:
        return HalfLut1D(values)
    try:
        return Lut1D(values)
    except ValueError as error:
        raise FormatError(str(error), path=text.path) from error


def _read_header(text: LutText) -> tuple[int, int, str]:
    """Tables, entries and depth (empty when it is not given); the position is then at the first entry."""
    line = text.next_line() or ""
    if line[:1].isdigit():
        return 1, 256, ""
    words = line.split()
    if not words or words[0].lower() != "lut:" or len(words) not in (3, 4):
        raise text.error(f"a Discreet LUT starts with LUT: tables entries depth, got {short(line)!r}")
    tables = text.size_of(words[1:2], "the number of tables", 1, 4)
    if tables == 2:
        raise text.error("the number of tables must be 1, 3 or 4, got 2")
    length = text.size_of(words[2:3], "the number of entries", 2, _HALF_ENTRIES)
    depth = _DEPTHS.get(words[3].lower(), "") if len(words) == 4 else ""
    if len(words) == 4 and not depth:
        raise text.error(f"the depth must be one of {', '.join(_DEPTHS)}, got {short(words[3])!r}")
    text.skip_line()
    return tables, length, depth


def _depth_of_name(stem: str) -> str:
    """The depth behind the first ``to`` of a file's name, or nothing."""
    _, found, tail = stem.lower().partition("to")
    named = _NAMED.match(tail) if found else None
    return named[0] if named else ""


def _place(text: LutText, start: int, row: int) -> int:
    """Where in the text a row of the table is."""
    for count, match in enumerate(_ROW.finditer(text.text, start)):
        if count == row:
            return match.end()
    return start


def write_1dl(path: str | os.PathLike[str], lut: Lut1D | HalfLut1D, *, depth: str | None = None) -> None:
    """Nothing; ``path`` then holds the LUT, with its values rounded to the depth.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut1D or HalfLut1D
        256, 1024 or 4096 entries over (0, 1), what Flame knows, or a half-domain LUT. Its title is not kept.
    depth : str, optional
        ``"8"``, ``"10"``, ``"12"``, ``"16"`` (the default): values from 0 to 1. ``"16f"`` (the default of a
        half-domain LUT): half floats, any values to 65504.

    Raises
    ------
    ValueError
        If the format cannot hold its size, its domain or its values.
    """
    if not isinstance(lut, (Lut1D, HalfLut1D)):
        raise TypeError(f"a Discreet LUT file holds a Lut1D or a HalfLut1D, got {type(lut).__name__}")
    if depth is None:
        depth = "16" if isinstance(lut, Lut1D) else "16f"
    checks.one_of("depth", depth, _DEPTHS.values())
    size, values = lut.size, lut.table.reshape(lut.size, -1)
    if isinstance(lut, Lut1D) and size not in (256, 1024, 4096):
        raise ValueError(f"a Discreet LUT has 256, 1024 or 4096 entries, got {size}; resize() it first")
    if isinstance(lut, Lut1D) and lut.domain != (0.0, 1.0):
        raise ValueError(f"a Discreet LUT has domain (0, 1), got {lut.domain}; .cube holds any")
    if depth == "16f":
        largest = float(np.abs(values).max())
        if isinstance(lut, Lut1D) and largest >= _HALF_END:
            raise ValueError(f"half floats end at 65504, got {largest:g}")
        with np.errstate(over="ignore"):  # infinity is an entry of a half-domain LUT
            codes = values.astype(np.float16).view(np.uint16)
    else:
        if not (values.min() >= 0 and values.max() <= 1):
            raise ValueError("the values of a LUT of whole numbers lie between 0 and 1; depth='16f' holds others")
        codes = np.rint(values.astype(np.float64) * _WHITE[depth]).astype(np.uint16)
    named = next(name for name, bits in _DEPTHS.items() if bits == depth)
    head = f"LUT: {codes.shape[1]} {len(codes)} {named}\n\n"
    replace_bytes(checks.path(path), head.encode(), number_rows(codes.T.reshape(-1, 1).astype(np.float32)))
