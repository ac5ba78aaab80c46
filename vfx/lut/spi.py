"""``.spi1d`` and ``.spi3d`` files, Sony Pictures Imageworks' own.

::

    Version 1            any order            SPILUT 1.0
    From 0.0 1.0         input of the ends    3 3                  inputs, outputs
    Length 1024          rows                 33 33 33             entries along red, green, blue
    Components 1         1, 2 or 3 a row      0 0 0  .01 .02 .03   red, green, blue index and colour,
    {                                         0 0 1  .01 .02 .05   in any order
    0.0                                       …
    …
    }

A ``.spi1d`` of two components has blue 0, as OpenColorIO reads it; unknown words before ``{`` are passed
over, as it does. A ``.spi3d`` must give each entry exactly once and has no domain but [0, 1]. Text behind
the table is ignored in both.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.lut import lut1d, lut3d
from vfx.lut._base import domain_bounds
from vfx.lut._text import LutText, header_number, number_rows, short
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["read_spi1d", "read_spi3d", "write_spi1d", "write_spi3d"]


def read_spi1d(path: str | os.PathLike[str]) -> Lut1D:
    """The 1D LUT of a ``.spi1d`` file.

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
    ...     path = pathlib.Path(folder) / "a.spi1d"
    ...     write_spi1d(path, Lut1D.gamma(64, 2.2))
    ...     read_spi1d(path)
    <Lut1D size=64>
    """
    with LutText(path) as text:
        length, components, domain = _spi1d_header(text)
        text.expect(length, components)
        rows = text.table(length, components)
        line = text.next_line()
        if line is not None and not line.startswith("}"):
            raise text.error(f"the table should end with }} after {length} rows, got {short(line)!r}")
    if components == 2:
        rows = np.concatenate([rows, np.zeros((length, 1), np.float32)], axis=1)
    return Lut1D(rows[:, 0] if components == 1 else rows, domain)


def _spi1d_header(text: LutText) -> tuple[int, int, tuple[float, float]]:
    """Length, components and domain; the position is then at the first row."""
    version = length = components = 0
    domain = (0.0, 1.0)
    while (line := text.next_line()) is not None:
        word, *rest = line.split()
        keyword = word.lower()
        if keyword.startswith("{"):
            break
        if keyword == "version":
            version = text.size_of(rest, "Version", 1, 1)
        elif keyword == "from":
            low, high = text.numbers(rest, 2, "From")
            domain = low, high
            try:
                domain_bounds(domain)
            except ValueError as error:
                raise text.error(str(error)) from error
        elif keyword == "length":
            length = text.size_of(rest, "Length", 2, lut1d.MAX_SIZE)
        elif keyword == "components":
            components = text.size_of(rest, "Components", 1, 3)
        text.skip_line()
    else:
        raise FormatError("not a .spi1d file: no table in braces", path=text.path)
    for name, value in (("Version", version), ("Length", length), ("Components", components)):
        if not value:
            raise text.error(f"no {name} before the table")
    text.position = text.text.index(b"{", text.position) + 1
    return length, components, domain


def read_spi3d(path: str | os.PathLike[str]) -> Lut3D:
    """The 3D LUT of a ``.spi3d`` file.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, or an entry is missing or given twice.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.spi3d"
    ...     write_spi3d(path, Lut3D.identity(4))
    ...     read_spi3d(path)
    <Lut3D size=4>
    """
    with LutText(path) as text:
        n = _spi3d_header(text)
        text.expect(n**3, 6)
        rows = text.table(n**3, 6)
    given = rows[:, :3]
    place = _places(text, given, n)
    seen = np.zeros(n**3, bool)
    seen[place] = True
    if not seen.all():  # as many rows as entries: one is missing, so another is there twice
        red, rest = divmod(int(np.bincount(place, minlength=n**3).argmax()), n * n)
        raise FormatError(f"entry {red} {rest // n} {rest % n} is given more than once", path=text.path)
    table = np.empty((n**3, 3), np.float32)
    table[place] = rows[:, 3:]
    return Lut3D(table.reshape(n, n, n, 3))


def _places(text: LutText, given: NDArray[np.float32], n: int) -> NDArray[np.intp]:
    """The positions in the cube of the indexes (M, 3), blue fastest."""
    if given.min() < 0 or given.max() >= n or (given != np.floor(given)).any():
        wrong = ((given != np.floor(given)) | (given < 0) | (given >= n)).any(axis=1)
        entry = " ".join(f"{value:g}" for value in given[int(wrong.argmax())])
        raise FormatError(f"entry {entry} is not inside the cube of {n} entries along each axis", path=text.path)
    # Whole numbers up to 256**3 are exact in float32.
    return (given @ np.array([n * n, n, 1], np.float32)).astype(np.intp)


def _spi3d_header(text: LutText) -> int:
    """The size of the cube; the position is then at the first row."""
    line = text.next_line()
    if line is None or not line.lower().startswith("spilut"):
        raise text.error(f"a .spi3d file starts with SPILUT, got {short(line or '')!r}")
    text.skip_line()
    line = text.next_line()
    if line is None or line.split() != ["3", "3"]:
        raise text.error(f"only 3 inputs and 3 outputs are supported, line 3 3, got {short(line or '')!r}")
    text.skip_line()
    sizes = (text.next_line() or "").split()
    if len(sizes) != 3:
        raise text.error(f"the size takes 3 whole numbers, got {short(' '.join(sizes))!r}")
    n, *others = (text.size_of([size], "the size", 2, lut3d.MAX_SIZE) for size in sizes)
    if others != [n, n]:
        raise text.error(f"only cubes with the same size along each axis are supported, got {' '.join(sizes)}")
    text.skip_line()
    return n


def write_spi1d(path: str | os.PathLike[str], lut: Lut1D) -> None:
    """Nothing; ``path`` then holds the LUT, with float32 values that read back the same.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut1D
        Written with one component when it has one curve, else three. Its title is not kept.

    Raises
    ------
    ValueError
        If the domain differs between channels: the format has no words for it.
    """
    if not isinstance(lut, Lut1D):
        raise TypeError(f"a .spi1d file holds a Lut1D, got {type(lut).__name__}")
    low, high = lut.domain
    if isinstance(low, tuple):
        raise ValueError(f"a .spi1d file holds one domain for all channels, got {lut.domain}; .cube holds three")
    head = (
        f"Version 1\nFrom {header_number(low)} {header_number(high)}\n"
        f"Length {lut.size}\nComponents {lut.channels}\n{{\n"
    )
    rows = lut.table[:, None] if lut.channels == 1 else lut.table
    replace_bytes(checks.path(path), head.encode(), number_rows(rows), b"}\n")


def write_spi3d(path: str | os.PathLike[str], lut: Lut3D) -> None:
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
        raise TypeError(f"a .spi3d file holds a Lut3D, got {type(lut).__name__}")
    if lut.domain != (0.0, 1.0):
        raise ValueError(f"a .spi3d file holds a LUT of domain (0, 1), got {lut.domain}; .cube holds any")
    n = lut.size
    indexes = np.indices((n, n, n)).reshape(3, -1).T
    rows = np.concatenate([indexes.astype(np.float32), lut.table.reshape(-1, 3)], axis=1)
    replace_bytes(checks.path(path), f"SPILUT 1.0\n3 3\n{n} {n} {n}\n".encode(), number_rows(rows))
