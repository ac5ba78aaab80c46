"""``.itx`` files, Iridas': a cube, with nothing but its size before it.

::

    LUT_3D_SIZE 33             2..256
    0.0 0.0 0.0                rows of red, green, blue; red runs fastest

Iridas wrote ``.itx`` before it had ``.cube``, whose keywords for titles and domains came later. A title is
read; a domain or any other keyword is refused (OpenColorIO passes over it, and with it what it changes).
"""

from __future__ import annotations

import os

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.lut import lut3d
from vfx.lut._text import LutText, number_rows, short
from vfx.lut.lut3d import Lut3D

__all__ = ["read_itx", "write_itx"]


def read_itx(path: str | os.PathLike[str]) -> Lut3D:
    """The 3D LUT of an ``.itx`` file.

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
    ...     path = pathlib.Path(folder) / "a.itx"
    ...     write_itx(path, Lut3D.identity(4))
    ...     read_itx(path)
    <Lut3D size=4>
    """
    size, title = 0, ""
    with LutText(path) as text:
        while (line := text.next_line()) is not None and line[0] not in "+-.0123456789":
            word, *rest = line.split()
            if word.upper() == "TITLE":
                title = line[len(word) :].strip().strip('"')
            elif word.upper() != "LUT_3D_SIZE":
                raise text.error(f"unknown keyword {short(word)!r}; known are LUT_3D_SIZE, TITLE")
            elif size:
                raise text.error("LUT_3D_SIZE is given twice")
            else:
                size = text.size_of(rest, "LUT_3D_SIZE", 2, lut3d.MAX_SIZE)
            text.skip_line()
        if not size:
            raise text.error("no LUT_3D_SIZE before the table")
        text.expect(size**3, 3)
        rows = text.table(size**3, 3)
        text.end(f"{size**3} rows")
    return Lut3D(rows.reshape(size, size, size, 3).transpose(2, 1, 0, 3), title=title)


def write_itx(path: str | os.PathLike[str], lut: Lut3D) -> None:
    """Nothing; ``path`` then holds the LUT, with float32 values that read back the same.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut3D
        Its domain must be (0, 1). Its title is not kept.

    Raises
    ------
    ValueError
        If it has another domain: the format has no words for it.
    """
    if not isinstance(lut, Lut3D):
        raise TypeError(f"an .itx file holds a Lut3D, got {type(lut).__name__}")
    if lut.domain != (0.0, 1.0):
        raise ValueError(f"an .itx file holds a LUT of domain (0, 1), got {lut.domain}; .cube holds any")
    rows = lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
    replace_bytes(checks.path(path), f"LUT_3D_SIZE {lut.size}\n".encode(), number_rows(rows))
