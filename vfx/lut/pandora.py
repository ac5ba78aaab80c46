"""``.m3d`` and ``.mga`` files, Pandora's: a cube of whole numbers. They are only read.

::

    channel 3d                 the only kind that is supported
    in 4913                    entries: 17 * 17 * 17
    out 4096                   codes: 4095 is 1.0
    format lut
    values red green blue      the order of the columns behind the entry's number
    0  0 0 0                   the number of the entry, and its codes; blue runs fastest
    1  0 0 68

Keywords stand in any case and order, before the entries. The entries are taken in the order in which they
stand, as OpenColorIO takes them; a file whose numbers do not count up from 0 contradicts itself and is
refused, and so is another order of columns.
"""

from __future__ import annotations

import os

import numpy as np

from vfx.errors import FormatError
from vfx.lut import lut3d
from vfx.lut._text import LutText, short
from vfx.lut.lut3d import Lut3D

__all__ = ["read_m3d"]

# Codes of 8 to 16 bits: what these grading systems held.
_CODES = (2, 1 << 16)
_EXPECTED = {"channel": ["3d"], "format": ["lut"], "values": ["red", "green", "blue"]}


def read_m3d(path: str | os.PathLike[str]) -> Lut3D:
    """The 3D LUT of a ``.m3d`` or ``.mga`` file.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged or of another kind.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import itertools, pathlib, tempfile
    >>> rows = [f"{i} {r} {g} {b}" for i, (r, g, b) in enumerate(itertools.product((0, 255), repeat=3))]
    >>> head = ["channel 3d", "in 8", "out 256", "format lut", "values red green blue"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.m3d"
    ...     _ = path.write_text(chr(10).join(head + rows))
    ...     read_m3d(path) == Lut3D.identity(2)
    True
    """
    with LutText(path) as text:
        count, codes = _read_header(text)
        size = round(count ** (1 / 3))
        text.expect(count, 4)
        started = text.position
        rows = text.table(count, 4)
        text.end(f"{count} entries")
        wrong = (rows != np.floor(rows)).any(axis=1) | (rows[:, 0] != np.arange(count, dtype=np.float32))
        if wrong.any():
            row = int(wrong.argmax())
            given = " ".join(f"{value:g}" for value in rows[row])
            reason = f"expected entry {row} with three whole numbers, got {given}"
            raise text.error(reason, text.row_position(started, row, 4))
    values = rows[:, 1:].astype(np.float64) / (codes - 1)
    return Lut3D(values.reshape(size, size, size, 3))


def _read_header(text: LutText) -> tuple[int, int]:
    """The number of entries and of codes; the position is then at the first entry."""
    found: dict[str, int] = {}
    while (line := text.next_line()) is not None and line[0] not in "+-.0123456789":
        keyword, *words = line.lower().split()
        if keyword in found:
            raise text.error(f"{keyword!r} is given twice")
        if keyword == "in":
            found[keyword] = text.size_of(words, "in", 8, lut3d.MAX_SIZE**3)
            if round(found[keyword] ** (1 / 3)) ** 3 != found[keyword]:
                raise text.error(f"'in' must be the number of entries of a cube (8, 27, 64 …), got {found[keyword]}")
        elif keyword == "out":
            found[keyword] = text.size_of(words, "out", *_CODES)
        elif keyword not in _EXPECTED:
            raise text.error(f"unknown keyword {short(keyword)!r}; known are {', '.join(('in', 'out', *_EXPECTED))}")
        elif words != _EXPECTED[keyword]:
            only = " ".join(_EXPECTED[keyword])
            raise text.error(f"only '{keyword} {only}' is supported, got {short(' '.join(words))!r}")
        else:
            found[keyword] = 0
        text.skip_line()
    for keyword in ("channel", "in", "out", "values"):
        if keyword not in found:
            raise FormatError(f"not a Pandora LUT: no {keyword!r} before the entries", path=text.path)
    return found["in"], found["out"]
