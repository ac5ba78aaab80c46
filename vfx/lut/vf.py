"""``.vf`` files, Nuke's vector field: a cube, and a matrix before it. They are only read.

::

    #Inventor V2.1 ascii
    grid_size 33 33 33
    global_transform 1 0 0 0  0 1 0 0  0 0 1 0  0 0 0 1     optional, row by row
    element_size 3
    data
    0.0 0.0 0.0                rows of red, green, blue; blue runs fastest

The matrix takes colours to places in the cube and stands divided by the cube's size: for a cube over [0, 1] of
33 entries it holds 1/33 on its diagonal. The size may come behind it. Keywords that this reader does not know
describe the field (``element_size``, ``world_origin`` …) and are passed over, as OpenColorIO does.

A diagonal matrix is the cube's domain. Another one stands before the cube as an op of its own. A matrix with a
fourth column or row is refused: OpenColorIO multiplies alpha by it, others add it, and nothing published says
which.
"""

from __future__ import annotations

import os
import re

import numpy as np
from numpy.typing import NDArray

from vfx import _late
from vfx.lut import lut3d
from vfx.lut._text import LutText, short
from vfx.lut.clf import ProcessList
from vfx.lut.lut3d import Lut3D
from vfx.lut.pixelops import ApplyLut3D

__all__ = ["read_vf"]


def read_vf(path: str | os.PathLike[str]) -> Lut3D | ProcessList:
    """The LUT of a ``.vf`` file: a Lut3D, or a ProcessList when a matrix that is no domain stands before it.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged or unsupported.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import itertools, pathlib, tempfile
    >>> rows = [f"{r} {g} {b}" for r, g, b in itertools.product((0, 1), repeat=3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.vf"
    ...     _ = path.write_text(chr(10).join(["#Inventor V2.1 ascii", "grid_size 2 2 2", "data", *rows]))
    ...     read_vf(path)
    <Lut3D size=2>
    """
    with LutText(path) as text:
        size, matrix = _read_header(text)
        text.expect(size**3, 3)
        table = text.table(size**3, 3).reshape(size, size, size, 3)
        text.end(f"{size**3} rows")
    return _assemble(text, table, matrix)


def _read_header(text: LutText) -> tuple[int, NDArray[np.float64] | None]:
    """The entries along each axis and the matrix; the position is then at the first row."""
    line = text.any_line() or ""
    if not re.match(r"#\s*inventor\b", line, re.IGNORECASE):
        raise text.error(f"a .vf file starts with #Inventor V2.1 ascii, got {short(line)!r}")
    if "binary" in line.lower():
        raise text.error("only .vf files of text are supported, this one says that it is binary")
    size, matrix, seen = 0, None, set[str]()
    while (line := text.next_line() or "") and line.lower() != "data":
        keyword, *words = line.split()
        keyword = keyword.lower()
        if keyword in seen:
            raise text.error(f"{keyword} is given twice")
        seen.add(keyword)
        if keyword == "grid_size":
            size = _grid_size(text, words)
        elif keyword == "global_transform":
            matrix = np.array(text.numbers(words, 16, "global_transform")).reshape(4, 4)
            if matrix[3].tolist() != [0, 0, 0, 1] or matrix[:3, 3].any():
                raise text.error("a global_transform with a fourth row or column is not supported")
        text.skip_line()
    if not line or not size:
        raise text.error("no data" if size else "no grid_size before the data")
    text.skip_line()
    if matrix is None:
        return size, None
    return size, matrix[:3, :3] * size


def _grid_size(text: LutText, words: list[str]) -> int:
    """The entries along each axis."""
    if len(words) != 3:
        raise text.error(f"grid_size takes 3 whole numbers, got {short(' '.join(words))!r}")
    size, *others = (text.size_of([word], "grid_size", 2, lut3d.MAX_SIZE) for word in words)
    if others != [size, size]:
        raise text.error(f"only cubes with the same size along each axis are supported, got {' '.join(words)}")
    return size


def _assemble(text: LutText, table: NDArray[np.float32], matrix: NDArray[np.float64] | None) -> Lut3D | ProcessList:
    """The cube behind its matrix."""
    if matrix is None or np.array_equal(matrix, np.eye(3)):
        return Lut3D(table)
    scales = np.diag(matrix)
    try:
        if np.array_equal(matrix, np.diag(scales)) and (scales > 0).all():
            with np.errstate(divide="ignore", over="ignore"):
                return Lut3D(table, ((0.0, 0.0, 0.0), tuple((1.0 / scales).tolist())))
        return ProcessList([_late.builder("matrix")(matrix), ApplyLut3D(Lut3D(table))])
    except ValueError as error:
        raise text.error(f"global_transform leads to no LUT: {error}") from None
