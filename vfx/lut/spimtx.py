"""``.spimtx`` files, Sony Pictures Imageworks' matrices, also found as ``.mtx``.

::

    0.75 0.13 0.11 0        red   = 0.75 r + 0.13 g + 0.11 b + 0 / 65535
    0.02 1.00 -0.02 0
    -0.01 0.00 1.00 655.35  blue  = … + 655.35 / 65535

Twelve numbers parted by blanks or line ends, and nothing else; the fourth of each row is an offset in
codes of 16 bits. Read as OpenColorIO reads them (its FileFormatSpiMtx), with the numbers in double precision.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import _late, checks
from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.lut._text import LutText, header_number, short
from vfx.lut.clf import ProcessList
from vfx.pixelop import PixelOp

__all__ = ["read_spimtx", "write_spimtx"]

# Twelve numbers need no more, and OpenColorIO reads no more.
_MOST_BYTES = 8191
# The offset of 1.0 in the file.
_WHITE = 65535.0


def read_spimtx(path: str | os.PathLike[str]) -> ProcessList:
    """The matrix of a ``.spimtx`` file, as a process list of one operation.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    ProcessList
        Of one :class:`vfx.color.linear.Matrix`; ``ops[0].as_matrix()`` gives the numbers.

    Raises
    ------
    FormatError
        With path and line, if it holds anything but twelve finite numbers.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.spimtx"
    ...     write_spimtx(path, [[2, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0]])
    ...     read_spimtx(path).ops[0]
    matrix([[2.0, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    """
    with LutText(path) as text:
        if text.size > _MOST_BYTES:
            raise FormatError(f"{text.size} bytes are too many for the 12 numbers of a matrix", path=text.path)
        values: list[float] = []
        for line in text.text[text.position :].split(b"\n"):
            words = line.decode("utf-8", "replace").split()
            if words:
                values += text.numbers(words, len(words), "a matrix of 12")
            if len(values) > 12:
                raise text.error(f"a matrix is 12 numbers, this line is beyond them: {short(' '.join(words))!r}")
            text.position += len(line) + 1
    if len(values) != 12:
        raise text.error(f"a matrix is 12 numbers, the file ends after {len(values)}", len(text.text))
    rows = np.array(values).reshape(3, 4)
    rows[:, 3] /= _WHITE
    return ProcessList([_late.builder("matrix")(rows)])


def write_spimtx(path: str | os.PathLike[str], matrix: ArrayLike | PixelOp | ProcessList) -> None:
    """Nothing; ``path`` then holds the matrix, which reads back the same to the last digits of a double.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    matrix : array_like, (3, 3) or (3, 4), PixelOp or ProcessList
        The fourth column is an offset, 1.0 for white. Operations are linear ones: what ``Look.matrix``, ``gain``,
        ``offset``, ``saturation`` … record.

    Raises
    ------
    TypeError, ValueError
        If it is no such matrix, is not finite, or reads or changes alpha.
    """
    rows = _rows(matrix)
    if not np.isfinite(rows).all():
        raise ValueError("a .spimtx file holds finite numbers only")
    rows[:, 3] *= _WHITE
    lines = (" ".join(map(header_number, row)) for row in rows.tolist())
    replace_bytes(checks.path(path), ("\n".join(lines) + "\n").encode())


def _rows(matrix: Any) -> NDArray[np.float64]:
    """Three rows of four numbers, newly made."""
    if isinstance(matrix, (PixelOp, ProcessList)):
        square, offset = np.eye(4), np.zeros(4)
        for op in matrix.ops if isinstance(matrix, ProcessList) else (matrix,):
            if not hasattr(op, "as_matrix"):
                raise ValueError(f"a .spimtx file holds a matrix, got {op!r}")
            after, constant = op.as_matrix()
            square, offset = after @ square, after @ offset + constant
        if square[3].tolist() != [0.0, 0.0, 0.0, 1.0] or square[:3, 3].any() or offset[3]:
            raise ValueError(
                f"a .spimtx file holds a matrix on red, green and blue, this one takes in alpha: {matrix!r}"
            )
        return np.column_stack([square[:3, :3], offset[:3]])
    try:
        given = np.array(matrix, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"a .spimtx file holds a matrix of numbers, got {matrix!r}") from None
    if given.shape not in ((3, 3), (3, 4)):
        raise ValueError(f"a .spimtx file holds a matrix of shape (3, 3) or (3, 4), got {given.shape}")
    return given if given.shape == (3, 4) else np.column_stack([given, np.zeros(3)])
