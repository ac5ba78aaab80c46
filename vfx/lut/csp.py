"""``.csp`` files, cineSpace's: a 1D table or a cube behind a curve (the prelut) for each channel.

::

    CSPLUTV100
    3D                         or 1D
    BEGIN METADATA             optional, any text
    show look                  read as the title
    END METADATA
    3                          points of red's prelut; 0 is none
    0.0 0.18 16.0              inputs, rising
    0.0 0.5 1.0                what they become
    2                          green
    0.0 1.0
    0.0 1.0
    2                          blue
    0.0 1.0
    0.0 1.0
    33 33 33                   entries along red, green, blue; of a 1D table one number
    0.0 0.0 0.0                rows of red, green, blue; a cube's red runs fastest

Source: Rising Sun Research, cineSpace LUT format description 1.0. Blank lines may stand anywhere.

Between the points of a prelut the format leaves the curve open. OpenColorIO draws a cubic one, and so does
this reader: each point's slope is that of the line through its neighbours (a cardinal spline, Catmull and
Rom 1974, on uneven steps), the first and last pieces are parabolas. It is tabulated in 65536 entries between
the first and the last input, as OpenColorIO's is. Beyond them the end values hold. A prelut of two points is
exact: where it only says which inputs the table spans it becomes the table's domain. One that changes
nothing is dropped, and with it the limits that it sets.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.lut import lut1d, lut3d
from vfx.lut._base import Domain
from vfx.lut._text import LutText, header_number, number_rows, short
from vfx.lut.chain import LutChain
from vfx.lut.cubic import chord_slopes, segments
from vfx.lut.knots import KnotLut1D
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["read_csp", "write_csp"]

# Entries of a tabulated prelut: OpenColorIO's number.
_PRELUT_SIZE = 65536
#: The most points of a prelut.
_MOST_POINTS = 65536
# Half the range of float32: the distance of two inputs is still in it.
_LARGEST = 1.7e38
# Three preluts of so many points stand before the size of the table.
_HEAD_BYTES = 1 << 24


@dataclass(frozen=True)
class _Curve:
    """The prelut of one channel: points with rising inputs."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @property
    def is_identity(self) -> bool:
        """Whether each point is on the diagonal."""
        return np.array_equal(self.x, self.y)

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The cubic curve between the first and the last point."""
        with np.errstate(divide="ignore", invalid="ignore"):  # pieces without width have no slope, nor a use for one
            slopes = chord_slopes(self.x, self.y)
        # Of inputs that stand still the last is taken, and at the end of the curve there is no piece behind it.
        end = int(np.searchsorted(self.x, self.x[-1])) + 1
        values = segments(x, self.x[:end], self.y[:end], slope=slopes[:end])
        values[x >= self.x[-1]] = self.y[-1]
        return values


def read_csp(path: str | os.PathLike[str]) -> Lut1D | Lut3D | LutChain:
    """The LUT of a ``.csp`` file: a Lut1D, a Lut3D, or a LutChain when its preluts are curves.

    Parameters
    ----------
    path : str or os.PathLike
        The file. See the module's text for what is accepted.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged or unsupported.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.csp"
    ...     write_csp(path, Lut3D.identity(2, domain=(0, 4)))
    ...     read_csp(path)
    <Lut3D size=2 domain=(0.0, 4.0)>
    """
    with LutText(path, _HEAD_BYTES) as text:
        cubic, title = _read_head(text)
        curves = [_read_curve(text, channel) for channel in ("red", "green", "blue")]
        size = _read_size(text, cubic)
        rows = size**3 if cubic else size
        text.expect(rows, 3)
        table = text.table(rows, 3)
        text.end(f"{rows} rows")
    if cubic:
        table = table.reshape(size, size, size, 3).transpose(2, 1, 0, 3)
    return _assemble(table, curves, title)


def _read_head(text: LutText) -> tuple[bool, str]:
    """Whether the table is a cube, and the title."""
    line = text.next_line() or ""
    if line.upper() != "CSPLUTV100":
        raise text.error(f"a .csp file starts with CSPLUTV100, got {short(line)!r}")
    text.skip_line()
    kind = (text.next_line() or "").upper()
    if kind not in ("1D", "3D"):
        raise text.error(f"the second line must be 1D or 3D, got {short(kind)!r}")
    text.skip_line()
    title = ""
    if (text.next_line() or "").upper().split() == ["BEGIN", "METADATA"]:
        started = text.position
        text.skip_line()
        while (line := text.any_line() or "").upper().split() != ["END", "METADATA"]:
            if not line:
                raise text.error("BEGIN METADATA without END METADATA", started)
            title = title or line
            text.skip_line()
        text.skip_line()
    return kind == "3D", title


def _read_curve(text: LutText, channel: str) -> _Curve | None:
    """The prelut of a channel; None for one without points."""
    line = text.next_line() or ""
    count = text.size_of(line.split(), f"the count of points of {channel}'s prelut", 0, _MOST_POINTS)
    if count == 1:
        raise text.error(f"{channel}'s prelut has one point; it takes none, or two or more")
    text.skip_line()
    if count == 0:
        return None
    x = _read_points(text, count, f"the line of inputs of {channel}'s prelut")
    if (np.diff(x) < 0).any() or not np.float32(x[0]) < np.float32(x[-1]):
        raise text.error(f"the inputs of {channel}'s prelut must rise")
    text.skip_line()
    y = _read_points(text, count, f"the line of outputs of {channel}'s prelut")
    text.skip_line()
    return _Curve(x, y)


def _read_points(text: LutText, count: int, what: str) -> NDArray[np.float64]:
    """The numbers of one line of a prelut."""
    values = np.array(text.numbers((text.next_line() or "").split(), count, what))
    if np.abs(values).max() > _LARGEST:
        raise text.error(f"{what} goes beyond {_LARGEST:g}")
    return values


def _read_size(text: LutText, cubic: bool) -> int:
    """The entries along each axis; the position is then at the first row."""
    words = (text.next_line() or "").split()
    if not cubic:
        size = text.size_of(words, "the size of a 1D table", 2, lut1d.MAX_SIZE)
    else:
        if len(words) != 3:
            raise text.error(f"the size of a cube takes 3 whole numbers, got {short(' '.join(words))!r}")
        size, *others = (text.size_of([word], "the size of a cube", 2, lut3d.MAX_SIZE) for word in words)
        if others != [size, size]:
            given = " ".join(words)
            raise text.error(f"only cubes with the same size along each axis are supported, got {given}")
    text.skip_line()
    return size


def _assemble(table: NDArray[np.float32], given: list[_Curve | None], title: str) -> Lut1D | Lut3D | LutChain:
    """The LUT of a table and its preluts."""

    def behind(domain: Domain) -> Lut1D | Lut3D:
        return Lut1D(table, domain, title=title) if table.ndim == 2 else Lut3D(table, domain, title=title)

    curves = [curve or _Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])) for curve in given]
    if all(curve.is_identity for curve in curves):
        return behind((0.0, 1.0))
    domain = tuple(float(curve.x[0]) for curve in curves), tuple(float(curve.x[-1]) for curve in curves)
    if all(len(curve.x) == 2 for curve in curves):
        if all(curve.y.tolist() == [0.0, 1.0] for curve in curves):
            return behind(domain)
        prelut = np.stack([curve.y for curve in curves], axis=1)
    else:
        share = np.linspace(0.0, 1.0, _PRELUT_SIZE)
        columns = [curve.at(curve.x[0] * (1.0 - share) + curve.x[-1] * share) for curve in curves]
        prelut = np.stack(columns, axis=1)
    return LutChain(Lut1D(prelut, domain), behind((0.0, 1.0)), title=title)


def write_csp(path: str | os.PathLike[str], lut: Lut1D | Lut3D | LutChain) -> None:
    """Nothing; ``path`` then holds the LUT, with float32 values that read back the same.

    A domain is written as a prelut of two points. So is the first table of a LutChain with two entries; a
    longer one is written point by point, and between its points readers draw a cubic curve where the table
    has lines. The title goes into the metadata.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut1D, Lut3D or LutChain
        What to write; a LutChain of two tables, the first of them a Lut1D or KnotLut1D of at most 65536 entries.

    Raises
    ------
    TypeError, ValueError
        If it is another chain, or its shaper is too long.
    """
    shaper, table = _parts(lut)
    title = lut.title
    if len(title.splitlines()) > 1 or "\0" in title or title.upper().split() == ["END", "METADATA"]:
        raise ValueError(f"title must be one line that can stand in a file's metadata, got {title!r}")
    lows, highs = np.array(table.domain_min), np.array(table.domain_max)
    lines = ["CSPLUTV100", "3D" if isinstance(table, Lut3D) else "1D", "", "BEGIN METADATA"]
    lines += [title.strip()] * bool(title.strip()) + ["END METADATA", ""]
    for channel in range(3):
        if shaper is None:
            x, y = np.array([lows[channel], highs[channel]]), np.array([0.0, 1.0])
        else:
            x, y = shaper._points(channel)
            y = (y - lows[channel]) / (highs[channel] - lows[channel])
        lines += [str(len(x)), " ".join(map(header_number, x)), " ".join(map(header_number, y))]
    size = str(table.size)
    lines += ["", f"{size} {size} {size}" if isinstance(table, Lut3D) else size, ""]
    rows = table.table.transpose(2, 1, 0, 3).reshape(-1, 3) if isinstance(table, Lut3D) else table._rgb()
    replace_bytes(checks.path(path), "\n".join(lines).encode(), number_rows(rows))


def _parts(lut: object) -> tuple[Lut1D | KnotLut1D | None, Lut1D | Lut3D]:
    """The curve that becomes the preluts, if there is one, and the table behind it."""
    if isinstance(lut, (Lut1D, Lut3D)):
        return None, lut
    if not isinstance(lut, LutChain):
        raise TypeError(f"a .csp file holds a Lut1D, a Lut3D or a LutChain, got {type(lut).__name__}")
    shaper, *rest = lut.luts
    table = rest[0] if len(rest) == 1 else None
    if not isinstance(shaper, (Lut1D, KnotLut1D)) or not isinstance(table, (Lut1D, Lut3D)):
        raise TypeError(f"a .csp file holds one 1D LUT and a Lut1D or Lut3D behind it, got {lut!r}")
    if shaper.size > _MOST_POINTS:
        raise ValueError(f"a .csp file holds a shaper of at most {_MOST_POINTS} points, got {shaper.size}; resize it")
    return shaper, table
