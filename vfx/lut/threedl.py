"""``.3dl`` files, Autodesk's: cubes of whole numbers, in the flavours of Flame and of Lustre.

::

    3DMESH                     Lustre's first lines: a cube of 2**4 + 1 entries
    Mesh 4 12                  along each axis, with codes of 12 bits
    0 64 128 … 1023            the shaper, on one line; in most files it changes nothing
    0 0 68                     rows of red, green, blue; blue runs fastest
    …
    LUT8                       Lustre's last lines
    gamma 1.0

Flame's and Kodak's files hold the shaper and the rows alone. ``#`` comments may stand anywhere.

- The size of the cube follows from the number of rows.
- The depth of the codes is what ``Mesh`` says. Elsewhere it is guessed, and so is the shaper's, as OpenColorIO
  guesses both in all files: from the largest code, 8, 10, 12 or 16 bits, twice the highest code being allowed
  for. A guess from a largest code below 128 is refused.
- A shaper that is a ramp, each code off by less than 2, changes nothing and is dropped. Any other is read as
  OpenColorIO reads it: a curve over [0, 1] before the cube.
- Another gamma than 1, and any other word, is refused: OpenColorIO passes over both.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.lut import lut3d
from vfx.lut._text import LutText, number_rows, short
from vfx.lut.chain import LutChain
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["read_3dl", "write_3dl"]

_DEPTHS = (8, 10, 12, 16)
#: The names that the flavour of a written file may have; the first is the default.
_FLAVOURS = ("flame", "lustre")
# A largest code below this tells no depth.
_LOWEST_TOP = 128
# Codes: whole numbers of at most 17 bits, which float32 holds exactly.
_LARGEST = 2.0 * 65535 + 1
# A ramp's codes are off by less than this.
_RAMP_TOLERANCE = 2.0
# A shaper that is no curve has 10 bits, as in OpenColorIO's files. One of three entries would look like a row.
_SHAPER_BITS = 10
_SHORTEST_SHAPER = 4
# OpenColorIO 2.6 cuts lines behind this many characters and takes the rest for rows (measured).
_LONGEST_LINE = 4095


def read_3dl(path: str | os.PathLike[str]) -> Lut3D | LutChain:
    """The LUT of a ``.3dl`` file: a Lut3D, or a LutChain when its shaper is a curve.

    Parameters
    ----------
    path : str or os.PathLike
        The file, of any flavour. See the module's text for what is accepted.

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
    ...     path = pathlib.Path(folder) / "a.3dl"
    ...     write_3dl(path, Lut3D.identity(2))
    ...     read_3dl(path)
    <Lut3D size=2>
    """
    with LutText(path) as text:
        header = _Header()
        while _read_word(text, header) or _read_shaper(text, header):
            text.skip_line()
        started = text.position
        codes = text.all_rows(lut3d.MAX_SIZE**3, 3)
        while _read_word(text, header):
            text.skip_line()
        text.end("LUT8 and gamma")
        _check_codes(text, codes, started)
        if header.shaper is None and len(codes) == 28:  # 3 entries of a shaper, and 27 of a cube
            header.shaper, codes = codes[0], codes[1:]
        size = _size(text, header, len(codes))
        table = codes / _top(text, header, codes)
        shaper = None if header.shaper is None else _curve(text, header.shaper)
    cube = Lut3D(table.reshape(size, size, size, 3))
    return cube if shaper is None else LutChain(shaper, cube)


@dataclass
class _Header:
    """What stands before and behind the rows."""

    mesh: int | None = None
    bits: int | None = None
    shaper: NDArray[np.float32] | None = None


def _read_word(text: LutText, header: _Header) -> bool:
    """Whether the next line is a word of Autodesk's, and known."""
    line = text.next_line()
    if line is None or (line[0] in "+-.0123456789" and not line.lower().startswith("3dmesh")):
        return False
    word, *rest = line.lower().partition("#")[0].split()
    if word == "mesh":
        if len(rest) != 2:
            raise text.error(f"Mesh takes the exponent of the size and a bit depth, got {short(' '.join(rest))!r}")
        header.mesh = text.size_of(rest[:1], "Mesh", 0, 7)
        header.bits = text.size_of(rest[1:], "Mesh's bit depth", 8, 16)
    elif word == "gamma":
        if text.numbers(rest, 1, "gamma") != (1.0,):
            raise text.error(f"only gamma 1.0 is supported, got {short(line)!r}")
    elif not re.fullmatch(r"3dmesh|lut\d{1,2}", word) or rest:
        raise text.error(f"expected three whole numbers, 3DMESH, Mesh, LUT8 or gamma, got {short(line)!r}")
    return True


def _read_shaper(text: LutText, header: _Header) -> bool:
    """Whether the next line is the shaper: numbers, but not three."""
    words = (text.next_line() or "").partition("#")[0].split()
    if len(words) in (0, 3):
        return False
    if header.shaper is not None:
        raise text.error(f"expected three whole numbers, got {len(words)} behind the shaper")
    values = np.array(text.numbers(words, len(words), "a shaper"))
    if len(values) < 2 or (values != np.floor(values)).any() or np.abs(values).max() > _LARGEST:
        raise text.error(f"a shaper is two or more whole numbers up to {_LARGEST:g}, got {short(' '.join(words))!r}")
    header.shaper = values.astype(np.float32)
    return True


def _check_codes(text: LutText, codes: NDArray[np.float32], started: int) -> None:
    """Refuse what is no code, with its line."""
    wrong = ((codes != np.floor(codes)) | (np.abs(codes) > _LARGEST)).any(axis=1)
    if wrong.any():
        row = int(wrong.argmax())
        given = " ".join(f"{value:g}" for value in codes[row])
        raise text.error(f"expected whole numbers up to {_LARGEST:g}, got {given}", text.row_position(started, row, 3))


def _size(text: LutText, header: _Header, count: int) -> int:
    """The entries along each axis of a cube of so many rows."""
    size: int = round(count ** (1 / 3))
    if size**3 != count or size < 2:
        raise text.error(f"{count} rows are no cube; 2, 3, 4 … entries along each axis are 8, 27, 64 … rows")
    # OpenColorIO rounds down when it writes a size that is not a power of two and one.
    if header.mesh is not None and (size - 1).bit_length() - 1 != header.mesh:
        announced = (1 << header.mesh) + 1
        raise text.error(f"Mesh {header.mesh} announces {announced} entries along each axis, the rows are {size}**3")
    return size


def _top(text: LutText, header: _Header, codes: NDArray[np.float32]) -> float:
    """The code that is 1.0."""
    if header.bits is None:
        return _likely_top(text, codes)
    top = float((1 << header.bits) - 1)
    if codes.max() > 2.0 * top + 1.0:
        raise text.error(f"Mesh says {header.bits} bits, whose highest code is {top:g}; the rows reach {codes.max():g}")
    return top


def _likely_top(text: LutText, codes: NDArray[np.float32]) -> float:
    """The highest code of the depth that codes probably have."""
    largest = float(codes.max())
    if largest < _LOWEST_TOP:
        raise text.error(f"the largest code is {largest:g}: too low to tell how many bits the codes have")
    bits = next((bits for bits in _DEPTHS if largest < 2 << bits), _DEPTHS[-1])
    return float((1 << bits) - 1)


def _curve(text: LutText, codes: NDArray[np.float32]) -> Lut1D | None:
    """The shaper, or None for one that changes nothing."""
    top = _likely_top(text, codes)
    if (np.abs(codes - np.linspace(0.0, top, len(codes))) < _RAMP_TOLERANCE).all():
        return None
    return Lut1D(codes / top)


def write_3dl(
    path: str | os.PathLike[str], lut: Lut3D | LutChain, *, flavour: str = "flame", bit_depth: int = 12
) -> None:
    """Nothing; ``path`` then holds the LUT, rounded to whole numbers.

    Values are clamped to [0, 1] and rounded to the nearest code, so they read back within half a code: 1.2e-4
    with 12 bits, 7.6e-6 with 16. A shaper is written with the same depth; where there is none, a ramp of 10 bits
    stands in its place.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut3D or LutChain
        A cube over [0, 1], or a single curve of at least 4 entries over [0, 1] before one. The title is not kept.
    flavour : str
        ``"flame"`` (the default; Kodak's files are the same) or ``"lustre"``, whose cubes have 2**n + 1 entries.
    bit_depth : int
        8, 10, 12 (what these programs write) or 16.

    Raises
    ------
    ValueError
        If the format has no words for the LUT; if its shaper is too long for OpenColorIO; or if its largest value
        is so low that readers, which guess the depth from it, would guess a lower one.
    """
    checks.one_of("flavour", flavour, _FLAVOURS)
    if bit_depth not in _DEPTHS:
        raise ValueError(f"bit_depth must be one of {_DEPTHS}, got {bit_depth!r}")
    shaper, cube = _parts(lut)
    if shaper is None:
        count = max(cube.size, _SHORTEST_SHAPER)
        ramp = np.floor(np.linspace(0.0, (1 << _SHAPER_BITS) - 1, count) + 0.5)
    else:
        ramp = _codes("shaper", shaper.table, bit_depth)
    lines = [" ".join(f"{code:.0f}" for code in ramp)]
    if len(lines[0]) > _LONGEST_LINE:
        raise ValueError(
            f"the shaper's {ramp.size} codes fill {len(lines[0])} characters, and OpenColorIO misreads lines of more"
            f" than {_LONGEST_LINE}; resize it, to 512 entries say"
        )
    foot = b""
    if flavour == "lustre":
        mesh = (cube.size - 1).bit_length() - 1
        if cube.size != (1 << mesh) + 1:
            raise ValueError(f"a Lustre cube has 2**n + 1 entries along each axis (17, 33, 65 …), got {cube.size}")
        lines = ["3DMESH", f"Mesh {mesh} {bit_depth}", *lines]
        foot = b"\nLUT8\ngamma 1.0\n"
    rows = number_rows(_codes("cube", cube.table.reshape(-1, 3), bit_depth))
    replace_bytes(checks.path(path), ("\n".join(lines) + "\n").encode(), rows, foot)


def _parts(lut: object) -> tuple[Lut1D | None, Lut3D]:
    """The shaper, if there is one, and the cube."""
    luts = lut.luts if isinstance(lut, LutChain) else (lut,)
    shaper, cube = luts[0] if len(luts) == 2 else None, luts[-1]
    if len(luts) > 2 or not isinstance(shaper, (Lut1D, type(None))) or not isinstance(cube, Lut3D):
        raise TypeError(f"a .3dl file holds a Lut3D, or a LutChain of a Lut1D and a Lut3D, got {lut!r}")
    for one in (shaper or cube, cube):
        if one.domain != (0.0, 1.0):
            raise ValueError(f"a .3dl file holds LUTs of domain (0, 1), got {one.domain}; .csp and .cube hold any")
    if shaper is not None and (shaper.channels == 3 or shaper.size < _SHORTEST_SHAPER):
        raise ValueError(f"a .3dl file holds a shaper of one curve with 4 entries or more, got {shaper!r}")
    return shaper, cube


def _codes(what: str, values: NDArray[np.float32], bits: int) -> NDArray[np.float64]:
    """The values as whole numbers."""
    codes: NDArray[np.float64] = np.floor(np.clip(values.astype(np.float64), 0.0, 1.0) * ((1 << bits) - 1) + 0.5)
    lower = [depth for depth in _DEPTHS if depth < bits]
    lowest = 2 << lower[-1] if lower else _LOWEST_TOP
    if codes.max() < lowest:
        raise ValueError(
            f"the largest code of the {what} would be {codes.max():g}, which readers take for a lower depth than"
            f" {bits} bits; choose another bit_depth"
        )
    return codes
