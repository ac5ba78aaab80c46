"""``.cube`` files: Adobe's (Iridas) and Resolve's, 1D, 3D, or a shaper with a cube.

::

    TITLE "show look"              optional
    LUT_1D_SIZE 1024               2..1048576; both sizes: a shaper and a cube, in this order
    LUT_3D_SIZE 33                 2..256
    DOMAIN_MIN 0 0 0               Adobe: lowest input of red, green, blue
    DOMAIN_MAX 1 1 1
    LUT_1D_INPUT_RANGE 0 1         Resolve: lowest and highest input, of each table
    LUT_3D_INPUT_RANGE 0 1
    LUT_IN_VIDEO_RANGE             Resolve: the LUT expects 64..940 of 1023 as black and white
    LUT_OUT_VIDEO_RANGE            Resolve: the LUT gives that
    0.0 0.0 0.0                    rows of red, green, blue; a cube's red runs fastest

Sources: Adobe "Cube LUT Specification" 1.0 (2013); Blackmagic DaVinci Resolve, Developer/LUT/README.
Where programs disagree:

- Keywords in any case, ``#`` comments and blank lines anywhere, CRLF and a byte order mark are read.
- An unknown keyword, or one given twice, is an error: skipping what changes the picture is worse.
- An ``INPUT_RANGE`` for a table that is not there is ignored, as Resolve and OpenColorIO do.
- ``DOMAIN`` lines in a file with both tables are an error: nothing says which table they mean.
- ``VIDEO_RANGE`` is folded in while reading, exactly: the domain of the first table, or the values of the
  last, are converted so that the LUT takes and gives full range (0..1), as every image here is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.lut import lut1d, lut3d
from vfx.lut._base import Domain, Triple3, domain_bounds
from vfx.lut._text import LutText, header_number, number_rows
from vfx.lut.chain import LutChain
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["read_cube", "write_cube"]

# Video range of 10 bits: black at 64 and white at 940 of 1023 (ITU-R BT.2100-2, table 9).
_VIDEO_BLACK = 64 / 1023
_VIDEO_SCALE = (940 - 64) / 1023


@dataclass
class _Header:
    """What the keywords of a file said."""

    title: str = ""
    size_1d: int = 0
    size_3d: int = 0
    domain_min: tuple[float, ...] | None = None
    domain_max: tuple[float, ...] | None = None
    range_1d: tuple[float, ...] | None = None
    range_3d: tuple[float, ...] | None = None
    video_in: bool = False
    video_out: bool = False
    seen: set[str] = field(default_factory=set)


def read_cube(path: str | os.PathLike[str]) -> Lut1D | Lut3D | LutChain:
    """The LUT of a ``.cube`` file: a Lut1D, a Lut3D, or a LutChain when it holds a shaper and a cube.

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
    ...     path = pathlib.Path(folder) / "a.cube"
    ...     write_cube(path, Lut3D.identity(2))
    ...     read_cube(path)
    <Lut3D size=2>
    """
    with LutText(path) as text:
        header = _read_header(text)
        _check_header(text, header)
        text.expect(header.size_1d + header.size_3d**3, 3)
        shaper = cube = None
        n = header.size_3d
        domain_1d = _domain(text, header, header.range_1d) if header.size_1d else None
        domain_3d = _domain(text, header, header.range_3d) if n else None
        if domain_1d is not None:
            shaper = (text.table(header.size_1d, 3), domain_1d)
        if domain_3d is not None:
            cube = (text.table(n**3, 3).reshape(n, n, n, 3).transpose(2, 1, 0, 3), domain_3d)
        if text.next_line() is not None:
            raise text.error("more rows than the table's size, or a keyword behind the table")
    return _assemble(text, header, shaper, cube)


def _read_header(text: LutText) -> _Header:
    """The keywords up to the first row of numbers."""
    header = _Header()
    while (line := text.next_line()) is not None:
        word, *rest = line.split()
        keyword = word.upper()
        rest = list(takewhile(lambda part: not part.startswith("#"), rest))
        if line[0] in "+-.0123456789":
            if not (header.size_1d or header.size_3d):
                raise text.error("a row of numbers before LUT_1D_SIZE or LUT_3D_SIZE")
            return header
        if keyword not in _KEYWORDS:
            if keyword.lstrip("+-") in ("NAN", "INF", "INFINITY"):
                raise text.error(f"not a finite number: {word!r}")
            known = ", ".join(_KEYWORDS)
            raise text.error(f"unknown keyword {word[:40]!r}; known are {known}")
        if keyword in header.seen:
            raise text.error(f"{keyword} is given twice")
        header.seen.add(keyword)
        if keyword == "TITLE":
            header.title = line[len(word) :].strip().strip('"')
        else:
            _KEYWORDS[keyword](text, header, keyword, rest)
        text.skip_line()
    raise text.error("no table" if header.size_1d or header.size_3d else "neither LUT_1D_SIZE nor LUT_3D_SIZE")


def _title(text: LutText, header: _Header, keyword: str, words: list[str]) -> None:
    """Kept as it stands, by the caller."""


def _size(text: LutText, header: _Header, keyword: str, words: list[str]) -> None:
    """LUT_1D_SIZE and LUT_3D_SIZE."""
    if keyword == "LUT_1D_SIZE":
        header.size_1d = text.size_of(words, keyword, 2, lut1d.MAX_SIZE)
    else:
        header.size_3d = text.size_of(words, keyword, 2, lut3d.MAX_SIZE)


def _domain_line(text: LutText, header: _Header, keyword: str, words: list[str]) -> None:
    """DOMAIN_MIN and DOMAIN_MAX."""
    setattr(header, keyword.lower(), text.numbers(words, 3, keyword))


def _range_line(text: LutText, header: _Header, keyword: str, words: list[str]) -> None:
    """LUT_1D_INPUT_RANGE and LUT_3D_INPUT_RANGE."""
    setattr(header, "range_1d" if "1D" in keyword else "range_3d", text.numbers(words, 2, keyword))


def _video_line(text: LutText, header: _Header, keyword: str, words: list[str]) -> None:
    """LUT_IN_VIDEO_RANGE and LUT_OUT_VIDEO_RANGE."""
    if words:
        raise text.error(f"{keyword} stands alone on its line")
    setattr(header, "video_in" if keyword == "LUT_IN_VIDEO_RANGE" else "video_out", True)


_KEYWORDS: dict[str, Callable[[LutText, _Header, str, list[str]], None]] = {
    "TITLE": _title,
    "LUT_1D_SIZE": _size,
    "LUT_3D_SIZE": _size,
    "DOMAIN_MIN": _domain_line,
    "DOMAIN_MAX": _domain_line,
    "LUT_1D_INPUT_RANGE": _range_line,
    "LUT_3D_INPUT_RANGE": _range_line,
    "LUT_IN_VIDEO_RANGE": _video_line,
    "LUT_OUT_VIDEO_RANGE": _video_line,
}


def _check_header(text: LutText, header: _Header) -> None:
    """Refuse keywords that contradict each other."""
    adobe = header.domain_min is not None or header.domain_max is not None
    if adobe and header.size_1d and header.size_3d:
        raise text.error("DOMAIN_MIN and DOMAIN_MAX in a file with a 1D and a 3D table: use LUT_xD_INPUT_RANGE")
    ranged = header.range_1d if header.size_1d else header.range_3d
    if adobe and ranged is not None:
        low, high = _adobe_domain(header)
        if set(low) != {ranged[0]} or set(high) != {ranged[1]}:
            raise text.error("DOMAIN_MIN and DOMAIN_MAX contradict LUT_xD_INPUT_RANGE")


def _adobe_domain(header: _Header) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The domain by DOMAIN_MIN and DOMAIN_MAX, with their defaults."""
    return header.domain_min or (0.0, 0.0, 0.0), header.domain_max or (1.0, 1.0, 1.0)


def _domain(text: LutText, header: _Header, ranged: tuple[float, ...] | None) -> tuple[Triple3, Triple3]:
    """The domain of one table."""
    try:
        return domain_bounds(ranged if ranged is not None else _adobe_domain(header))
    except ValueError as error:
        raise text.error(str(error)) from error


def _assemble(
    text: LutText,
    header: _Header,
    shaper: tuple[NDArray[np.float32], Domain] | None,
    cube: tuple[NDArray[np.float32], Domain] | None,
) -> Lut1D | Lut3D | LutChain:
    """The LUT of the tables, with video range folded in."""
    if header.video_in:
        if shaper is not None:
            shaper = shaper[0], _full_domain(shaper[1])
        elif cube is not None:
            cube = cube[0], _full_domain(cube[1])
    if header.video_out:
        if cube is not None:
            cube = _full_values(cube[0]), cube[1]
        elif shaper is not None:
            shaper = _full_values(shaper[0]), shaper[1]
    try:
        first = Lut1D(*shaper, title=header.title) if shaper is not None else None
        second = Lut3D(*cube, title=header.title) if cube is not None else None
    except ValueError as error:
        raise FormatError(str(error), path=text.path) from error
    if first is not None and second is not None:
        return LutChain(first, second, title=header.title)
    result = first or second
    assert result is not None
    return result


def _full_domain(domain: Domain) -> Domain:
    """The domain of a table of video-range input, for full-range input."""
    low, high = domain
    return tuple((v - _VIDEO_BLACK) / _VIDEO_SCALE for v in low), tuple((v - _VIDEO_BLACK) / _VIDEO_SCALE for v in high)


def _full_values(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Video-range values as full-range ones."""
    full: NDArray[np.float32] = ((rows.astype(np.float64) - _VIDEO_BLACK) / _VIDEO_SCALE).astype(np.float32)
    return full


def write_cube(path: str | os.PathLike[str], lut: Lut1D | Lut3D | LutChain, *, title: str | None = None) -> None:
    """Nothing; ``path`` then holds the LUT, with float32 values that read back the same.

    A domain is written as Adobe's ``DOMAIN_MIN``/``DOMAIN_MAX``, that of a shaper and a cube as Resolve's
    ``LUT_1D_INPUT_RANGE`` and ``LUT_3D_INPUT_RANGE``; the default (0, 1) is left out. The title is left out
    of files with a shaper: OpenColorIO refuses it there.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut1D, Lut3D or LutChain
        What to write. A single curve is written three times.
    title : str, optional
        In place of the LUT's own.

    Raises
    ------
    ValueError
        If a shaper or its cube has a domain that differs between channels: the format has no words for it.
    """
    if not isinstance(lut, (Lut1D, Lut3D, LutChain)):
        raise TypeError(f"lut must be a Lut1D, Lut3D or LutChain, got {type(lut).__name__}")
    name = lut.title if title is None else title
    if not isinstance(name, str) or '"' in name or len(name.splitlines()) > 1:
        raise ValueError(f"title must be one line without quotes, got {name!r}")
    target = checks.path(path)
    if isinstance(lut, LutChain):
        parts = [*_range_lines(lut.shaper, "1D"), *_range_lines(lut.cube, "3D")]
        rows = [number_rows(lut.shaper._rgb()), number_rows(_red_fastest(lut.cube))]
    else:
        parts = [f'TITLE "{name}"'] if name else []
        parts.append(f"LUT_{'1D' if isinstance(lut, Lut1D) else '3D'}_SIZE {lut.size}")
        if lut.domain != (0.0, 1.0):
            parts.append("DOMAIN_MIN " + " ".join(map(header_number, lut.domain_min)))
            parts.append("DOMAIN_MAX " + " ".join(map(header_number, lut.domain_max)))
        rows = [number_rows(lut._rgb() if isinstance(lut, Lut1D) else _red_fastest(lut))]
    replace_bytes(target, ("\n".join(parts) + "\n").encode(), *rows)


def _range_lines(lut: Lut1D | Lut3D, kind: str) -> list[str]:
    """Size and input range of one of two tables."""
    low, high = lut.domain
    if isinstance(low, tuple):
        raise ValueError(f"a .cube file with a shaper holds one range for all channels, got domain {lut.domain}")
    lines = [f"LUT_{kind}_SIZE {lut.size}"]
    if (low, high) != (0.0, 1.0):
        lines.append(f"LUT_{kind}_INPUT_RANGE {header_number(low)} {header_number(high)}")
    return lines


def _red_fastest(lut: Lut3D) -> NDArray[np.float32]:
    """The colours in the order of the file."""
    return lut.table.transpose(2, 1, 0, 3).reshape(-1, 3)
