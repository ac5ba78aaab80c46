"""``.cub`` files: FilmLight's Truelight cubes, with or without curves before the cube.

::

    # Truelight Cube v2.0          the first line
    # iDims      3                 inputs and outputs
    # oDims      3
    # width      33 33 33          entries along red, green, blue
    # lutLength  1024              entries of the curves

    # InputLUT
    0.0 0.0 0.0                    rows of red, green, blue: places in the cube, 0..width − 1
    …
    # Cube
    0.0 0.0 0.0                    rows of red, green, blue; red runs fastest
    …
    # end                          nothing behind it is read

Sources: FilmLight, "Truelight Cube Format 2.0" (FL-TL-TN-0388). Curves without a cube hold values as they are, as
OpenColorIO reads them. Other ``#`` lines are comments. A line in a table that is no row is an error here;
OpenColorIO passes over it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.lut import lut1d, lut3d
from vfx.lut._text import LutText, number_rows, short
from vfx.lut.chain import LutChain
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["read_cub", "unit_shaper", "write_cub"]

_TAG = re.compile(rb"#[ \t]*(idims|odims|width|lutlength|inputlut|cube|end)(?=\s|$)([^\n]*)", re.IGNORECASE)


def read_cub(path: str | os.PathLike[str]) -> Lut1D | Lut3D | LutChain:
    """The LUT of a Truelight ``.cub`` file: a Lut3D, or a LutChain when curves come before it.

    Curves that change nothing are left out; curves without a cube are a Lut1D.

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
    ...     path = pathlib.Path(folder) / "a.cub"
    ...     write_cub(path, Lut3D.identity(5))
    ...     read_cub(path)
    <Lut3D size=5>
    """
    with LutText(path) as text:
        sizes = _read_sizes(text)
        length, width = sizes.get("lutlength", 0), sizes.get("width", 0)
        text.expect(length + width**3, 3)
        tables = _read_tables(text, length, width)
    if not tables:
        raise FormatError("neither an InputLUT nor a Cube", path=path)
    try:
        cube = Lut3D(tables["cube"].reshape(width, width, width, 3).transpose(2, 1, 0, 3)) if width else None
        if not length:
            assert cube is not None
            return cube
        rows = tables["inputlut"].astype(np.float64) / max(width - 1, 1)
        curves = Lut1D(rows[:, 0] if (rows == rows[:, :1]).all() else rows)
    except ValueError as error:
        raise FormatError(str(error), path=path) from error
    if cube is None:
        return curves
    return cube if curves.is_identity else LutChain(curves, cube)


def _read_sizes(text: LutText) -> dict[str, int]:
    """The sizes by their lower-case tags; the position is then at the first table's tag."""
    first = text.text[text.position :].lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    if not first.lower().startswith("# truelight cube"):
        raise text.error(f"a .cub file starts with # Truelight Cube, got {short(first)!r}")
    sizes: dict[str, int] = {}
    for tag in _tags(text):
        name, words = tag[1].lower().decode(), tag[2].decode("utf-8", "replace").split()
        text.position = tag.start()
        if name in ("inputlut", "cube", "end"):
            return sizes
        if name in sizes:
            raise text.error(f"{name} is given twice")
        if name == "width":
            if len(words) != 3:
                raise text.error(f"width takes 3 whole numbers, got {short(' '.join(words))!r}")
            found = [text.size_of([word], "width", 2, lut3d.MAX_SIZE) for word in words]
            if len(set(found)) != 1:
                raise text.error(f"only cubes with the same size along each axis are supported, got {' '.join(words)}")
            sizes[name] = found[0]
        elif name == "lutlength":
            sizes[name] = text.size_of(words, "lutLength", 2, lut1d.MAX_SIZE)
        else:
            sizes[name] = text.size_of(words, name, 1, 4)
            if sizes[name] != 3:
                raise text.error(f"only 3 inputs and 3 outputs are supported, got {name} {words[0]}")
    raise text.error("neither an InputLUT nor a Cube")


def _tags(text: LutText) -> Iterator[re.Match[bytes]]:
    """The tags from the position on: lines that start with # and a known word."""
    at = text.text.find(b"#", text.position)
    while at >= 0:
        tag = _TAG.match(text.text, at)
        if tag and not text.text[text.text.rfind(b"\n", 0, at) + 1 : at].strip(b" \t\xef\xbb\xbf"):
            yield tag
        end = text.text.find(b"\n", at)
        at = text.text.find(b"#", end) if end >= 0 else -1


def _read_tables(text: LutText, length: int, width: int) -> dict[str, NDArray[np.float32]]:
    """The rows of each table, by its lower-case tag."""
    rows = {"inputlut": length, "cube": width**3}
    named = {"inputlut": "lutLength", "cube": "width"}
    found: dict[str, NDArray[np.float32]] = {}
    tags = list(_tags(text))
    for tag, following in zip(tags, [*tags[1:], None], strict=True):
        name = tag[1].lower().decode()
        text.position = tag.start()
        if name == "end":
            break
        if name not in rows:
            raise text.error(f"{name} is given behind the start of a table")
        if name in found:
            raise text.error(f"a second {tag[1].decode()}")
        if not rows[name]:
            raise text.error(f"{tag[1].decode()} without {named[name]}")
        text.skip_line()
        end = following.start() if following else len(text.text)
        found[name] = text.table(rows[name], 3, end)
        if text.position < end:
            raise text.error(f"more rows than the {rows[name]} that {named[name]} gives")
    for name, count in rows.items():
        if count and name not in found:
            raise text.error(f"{named[name]} is given, but there is no {'InputLUT' if name == 'inputlut' else 'Cube'}")
    return found


def unit_shaper(lut: LutChain) -> NDArray[np.float32]:
    """The shaper's values (N, 3) for its cube moved to the domain (0, 1)."""
    rows = lut.shaper._rgb()
    if lut.cube.domain == (0.0, 1.0):
        return rows
    low, high = np.array(lut.cube.domain_min), np.array(lut.cube.domain_max)
    moved: NDArray[np.float32] = ((rows.astype(np.float64) - low) / (high - low)).astype(np.float32)
    return moved


def write_cub(path: str | os.PathLike[str], lut: Lut3D | LutChain) -> None:
    """Nothing; ``path`` then holds the LUT; a cube's float32 values read back the same.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it appears whole or not at all.
    lut : Lut3D or LutChain
        A cube alone is written behind curves of two entries that change nothing. A shaper's values are written as
        places in the cube. Titles are not kept.

    Raises
    ------
    ValueError
        If the domain of the shaper, or of a lone cube, is not (0, 1): the format has no words for it.
    """
    if isinstance(lut, LutChain):
        cube, shaper, domain = lut.cube, unit_shaper(lut), lut.shaper.domain
    elif isinstance(lut, Lut3D):
        cube, shaper, domain = lut, np.array([[0.0] * 3, [1.0] * 3], np.float32), lut.domain
    else:
        raise TypeError(f"a .cub file holds a Lut3D or a LutChain, got {type(lut).__name__}")
    if domain != (0.0, 1.0):
        raise ValueError(f"a .cub file holds LUTs of domain (0, 1), got {domain}; .cube holds any")
    n = cube.size
    head = f"# Truelight Cube v2.0\n# lutLength {len(shaper)}\n# iDims     3\n# oDims     3\n# width     {n} {n} {n}\n"
    places = shaper.astype(np.float64) * (n - 1)
    colours = cube.table.transpose(2, 1, 0, 3).reshape(-1, 3)
    replace_bytes(
        checks.path(path),
        f"{head}\n# InputLUT\n".encode(),
        number_rows(places),
        b"\n# Cube\n",
        number_rows(colours),
        b"# end\n",
    )
