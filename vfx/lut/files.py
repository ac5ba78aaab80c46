"""Reading and writing LUT files of any kind: the format is found here, the work is done next door.

A file is what its first lines say it is. Where they say nothing (a ``.spimtx`` is twelve bare numbers) its
extension tells; where one extension serves two formats (``.lut`` is Houdini's and Discreet's) the lines do.
One record of :data:`FORMATS` says what is known of a format, so a new one is a module and a record.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vfx import checks
from vfx.errors import FormatError
from vfx.lut._text import head_of
from vfx.lut.clf import read_clf, read_ctf, write_clf, write_ctf
from vfx.lut.csp import read_csp, write_csp
from vfx.lut.cube import read_cube, write_cube
from vfx.lut.discreet import read_1dl, write_1dl
from vfx.lut.hdl import read_hdl, write_hdl
from vfx.lut.itx import read_itx, write_itx
from vfx.lut.look_file import read_look
from vfx.lut.pandora import read_m3d
from vfx.lut.spi import read_spi1d, read_spi3d, write_spi1d, write_spi3d
from vfx.lut.spimtx import read_spimtx, write_spimtx
from vfx.lut.threedl import read_3dl, write_3dl
from vfx.lut.truelight import read_cub, write_cub
from vfx.lut.vf import read_vf

__all__ = ["EXTENSIONS", "FORMATS", "WRITTEN_EXTENSIONS", "LutFormat", "read", "write"]

# So much of a file is looked at to tell its format; all of them say it within their first lines.
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class LutFormat:
    """What is known of one kind of LUT file.

    Parameters
    ----------
    name : str
        The format's name.
    extensions : tuple of str
        Its extensions, with dot, in lower case.
    reader : callable
        ``reader(path)`` gives the LUT, or raises :class:`vfx.errors.FormatError`.
    writer : callable, optional
        ``writer(path, lut, **options)``; None where the format is only read.
    sign : str
        A regular expression that the first lines of such a file match (case does not count, ``^`` is the start of
        a line, a byte order mark is gone); empty where nothing tells.
    """

    name: str
    extensions: tuple[str, ...]
    reader: Callable[[Any], Any]
    writer: Callable[..., None] | None = None
    sign: str = ""

    def matches(self, head: bytes) -> bool:
        """Whether the first lines of a file say that it is of this format."""
        return bool(self.sign) and re.search(self.sign.encode(), head, re.IGNORECASE | re.MULTILINE) is not None


#: Every format, by name. A file that says nothing is of the first of those with its extension; what is written with
#: an extension is of the format that has it first.
FORMATS: tuple[LutFormat, ...] = (
    LutFormat("3dl", (".3dl",), read_3dl, write_3dl, r"^[ \t]*3dmesh\b"),
    LutFormat("clf", (".clf",), read_clf, write_clf, r"<(\w+:)?processlist\b"),
    LutFormat("csp", (".csp",), read_csp, write_csp, r"\A\s*csplutv"),
    LutFormat("ctf", (".ctf",), read_ctf, write_ctf, r"<(\w+:)?processlist\b"),
    LutFormat("cub", (".cub",), read_cub, write_cub, r"\A\s*#[ \t]*truelight\b"),
    LutFormat("cube", (".cube",), read_cube, write_cube, r"^[ \t]*lut_[13]d_size\b"),
    LutFormat("discreet", (".1dl", ".lut"), read_1dl, write_1dl, r"^[ \t]*lut:[ \t]*\d"),
    LutFormat("hdl", (".lut", ".hdl"), read_hdl, write_hdl, r"^[ \t]*(type[ \t]+(c|rgb|3d)|format[ \t]+any)\b"),
    LutFormat("itx", (".itx",), read_itx, write_itx, r"^[ \t]*lut_3d_size\b"),
    LutFormat("look", (".look",), read_look, None, r"\A\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<look\b"),
    LutFormat("pandora", (".m3d", ".mga"), read_m3d, None, r"^[ \t]*channel[ \t]+[13]d\b"),
    LutFormat("spi1d", (".spi1d",), read_spi1d, write_spi1d, r"^[ \t]*components[ \t]+[1-3]\b"),
    LutFormat("spi3d", (".spi3d",), read_spi3d, write_spi3d, r"\A\s*spilut\b"),
    LutFormat("spimtx", (".spimtx", ".mtx"), read_spimtx, write_spimtx),
    LutFormat("vf", (".vf",), read_vf, None, r"\A\s*#[ \t]*inventor\b"),
)
#: The extensions that :func:`read` knows.
EXTENSIONS: tuple[str, ...] = tuple(sorted({suffix for kind in FORMATS for suffix in kind.extensions}))
#: The extensions that :func:`write` knows.
WRITTEN_EXTENSIONS: tuple[str, ...] = tuple(
    sorted({suffix for kind in FORMATS if kind.writer for suffix in kind.extensions})
)


def read(path: str | os.PathLike[str]) -> Any:
    """The LUT of a file: a Lut1D, a Lut3D, a LutChain where there are several tables, or a ProcessList.

    Parameters
    ----------
    path : str or os.PathLike
        A file of one of :data:`FORMATS`, told by its first lines, else by its extension.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, or of another kind.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vfx.lut import Lut3D
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "show.cube"
    ...     write(path, Lut3D.identity(17))
    ...     read(path)
    <Lut3D size=17>
    """
    source = checks.path(path)
    suffix = source.suffix.lower()
    found = _format_of(suffix, head_of(source, _HEAD_BYTES))
    if found is None:
        raise FormatError(_unknown(suffix, EXTENSIONS, "read as LUTs"), path=source)
    return found.reader(source)


def _format_of(suffix: str, head: bytes) -> LutFormat | None:
    """The format of a file, by its first lines and its extension."""
    by_content = [kind for kind in FORMATS if kind.matches(head)]
    by_extension = [kind for kind in FORMATS if suffix in kind.extensions]
    both = [kind for kind in by_extension if kind in by_content]
    return next(iter(both + by_content + by_extension), None)


def write(path: str | os.PathLike[str], lut: Any, **options: Any) -> None:
    """Nothing; ``path`` then holds the LUT, in the format of its extension.

    Parameters
    ----------
    path : str or os.PathLike
        Ends in one of :data:`WRITTEN_EXTENSIONS`. The file appears whole or not at all.
    lut : Lut1D, Lut3D or LutChain
        What to write. A ``.cube`` holds any; the others say what they cannot hold.
    **options
        What the format's writer takes, e.g. ``flavour="lustre"`` for ``.3dl``.

    Raises
    ------
    TypeError, ValueError
        If the format cannot hold this LUT, or has no such option.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vfx.lut import Lut3D
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(pathlib.Path(folder) / "show.3dl", Lut3D.identity(17), flavour="lustre")
    """
    target = checks.path(path)
    suffix = target.suffix.lower()
    found = [kind for kind in FORMATS if suffix in kind.extensions and kind.writer]
    found.sort(key=lambda kind: kind.extensions.index(suffix))
    if not found or found[0].writer is None:
        raise ValueError(f"{target}: {_unknown(suffix, WRITTEN_EXTENSIONS, 'written')}")
    found[0].writer(target, lut, **options)


def _unknown(suffix: str, known: tuple[str, ...], verb: str) -> str:
    """What to say about an extension."""
    return f"the extension {suffix!r} is not known; {', '.join(known)} can be {verb}"
