"""``.look`` files, Iridas' (SpeedGrade's): XML that holds the whole look as a cube. They are only read.

::

    <?xml version="1.0" ?>
    <look>
      <shaders> … </shaders>           the grade's own layers; not needed, the cube holds what they do
      <LUT>
        <size>"8"</size>               entries along each axis, in quotation marks or without
        <data>"0000803F…"</data>       float32, little endian, as hexadecimal digits; white space may stand between
      </LUT>
    </look>

Rows of red, green, blue; red runs fastest. A look with a mask acts on a part of the picture, which no LUT does:
it is refused.
"""

from __future__ import annotations

import os

import numpy as np

from vfx import _xml
from vfx.errors import FormatError, LimitError
from vfx.lut import lut3d
from vfx.lut._text import LutText, short
from vfx.lut.lut3d import Lut3D

__all__ = ["read_look"]

# A cube of the largest size takes 24 digits a colour; white space and the grade's layers may double that.
_MOST_BYTES = 48 * lut3d.MAX_SIZE**3
_QUOTES = " \t\r\n\"'"


def read_look(path: str | os.PathLike[str]) -> Lut3D:
    """The 3D LUT of a ``.look`` file.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, or holds no LUT.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> rows = Lut3D.identity(2).table.transpose(2, 1, 0, 3)
    >>> digits = rows.astype("<f4").tobytes().hex()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.look"
    ...     _ = path.write_text(f"<look><LUT><size>2</size><data>{digits}</data></LUT></look>")
    ...     read_look(path)
    <Lut3D size=2>
    """
    with LutText(path) as text:
        if text.size > _MOST_BYTES:
            raise LimitError(f"{text.size} bytes are far too many for a cube", path=text.path)
        root = _xml.parse(text.whole(), os.fspath(text.path))
    if root.tag != "look":
        raise _error(text, root, f"a .look file is a <look> element, got <{short(root.tag)}>")
    for child in root.children:
        if child.tag == "mask":
            raise _error(text, child, "a look with a mask is no LUT")
    tables = [child for child in root.children if child.tag == "LUT"]
    if len(tables) != 1:
        raise _error(text, root, f"a .look file holds one <LUT>, got {len(tables)}")
    return _cube(text, tables[0])


def _cube(text: LutText, element: _xml.Element) -> Lut3D:
    """The cube of a LUT element."""
    size, data = _only(text, element, "size"), _only(text, element, "data")
    given = size.text.strip(_QUOTES)
    if not (given.isascii() and given.isdigit() and len(given) < 10 and 2 <= int(given) <= lut3d.MAX_SIZE):
        limits = f"between 2 and {lut3d.MAX_SIZE}"
        raise _error(text, size, f"<size> takes one whole number {limits}, got {short(given)!r}")
    n = int(given)
    digits = "".join(data.text.strip(_QUOTES).split())
    if len(digits) != 24 * n**3:
        raise _error(text, data, f"<data> takes {24 * n**3} hexadecimal digits for a cube of {n}, got {len(digits)}")
    try:
        values = np.frombuffer(bytes.fromhex(digits), "<f4")
    except ValueError:
        raise _error(text, data, "<data> holds something else than hexadecimal digits") from None
    if not np.isfinite(values).all():
        raise _error(text, data, "<data> holds NaN or infinity")
    return Lut3D(values.reshape(n, n, n, 3).transpose(2, 1, 0, 3))


def _only(text: LutText, element: _xml.Element, tag: str) -> _xml.Element:
    """The one child of this name."""
    found = [child for child in element.children if child.tag == tag]
    if len(found) != 1:
        raise _error(text, element, f"<LUT> takes one <{tag}>, got {len(found)}")
    return found[0]


def _error(text: LutText, element: _xml.Element, reason: str) -> FormatError:
    """A :class:`FormatError` at the line of an element."""
    return FormatError(reason, path=text.path, line=element.line)
