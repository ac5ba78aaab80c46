"""Reading and writing LUT files of any kind: the format is found here, the work is done next door."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from vfx import checks
from vfx.errors import FormatError
from vfx.lut.chain import LutChain
from vfx.lut.cube import read_cube, write_cube
from vfx.lut.discreet import is_discreet, read_1dl, write_1dl
from vfx.lut.hdl import read_hdl, write_hdl
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.lut.spi import read_spi1d, read_spi3d, write_spi1d, write_spi3d
from vfx.lut.spimtx import read_spimtx, write_spimtx
from vfx.lut.truelight import read_cub, write_cub

__all__ = ["EXTENSIONS", "read", "write"]


def _read_lut(path: Any) -> Any:
    """A ``.lut`` file is Discreet's or Houdini's, by its first line."""
    return read_1dl(path) if is_discreet(path) else read_hdl(path)


_READERS: dict[str, Callable[[Any], Any]] = {
    ".1dl": read_1dl,
    ".cub": read_cub,
    ".cube": read_cube,
    ".hdl": read_hdl,
    ".lut": _read_lut,
    ".mtx": read_spimtx,
    ".spi1d": read_spi1d,
    ".spi3d": read_spi3d,
    ".spimtx": read_spimtx,
}
_WRITERS: dict[str, Callable[[Any, Any], None]] = {
    ".1dl": write_1dl,
    ".cub": write_cub,
    ".cube": write_cube,
    ".hdl": write_hdl,
    ".lut": write_hdl,
    ".mtx": write_spimtx,
    ".spi1d": write_spi1d,
    ".spi3d": write_spi3d,
    ".spimtx": write_spimtx,
}
#: The extensions that :func:`read` and :func:`write` know.
EXTENSIONS: tuple[str, ...] = tuple(_READERS)


def read(path: str | os.PathLike[str]) -> Lut1D | Lut3D | LutChain:
    """The LUT of a file: a Lut1D, a Lut3D, or a LutChain (shaper and cube).

    Parameters
    ----------
    path : str or os.PathLike
        A ``.cube``, ``.spi1d`` or ``.spi3d`` file, by its extension.

    Raises
    ------
    FormatError
        With path and line, if the file is damaged, or of another kind.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "show.cube"
    ...     write(path, Lut3D.identity(17))
    ...     read(path)
    <Lut3D size=17>
    """
    source = checks.path(path)
    reader = _READERS.get(source.suffix.lower())
    if reader is None:
        source.stat()  # a missing file says so
        raise FormatError(f"{_unknown(source.suffix)} can be read as LUTs", path=source)
    found: Lut1D | Lut3D | LutChain = reader(source)
    return found


def write(path: str | os.PathLike[str], lut: Lut1D | Lut3D | LutChain) -> None:
    """Nothing; ``path`` then holds the LUT, in the format of its extension.

    Parameters
    ----------
    path : str or os.PathLike
        Ends in ``.cube`` (any LUT), ``.spi1d`` (Lut1D) or ``.spi3d`` (Lut3D over [0, 1]). The file appears
        whole or not at all.
    lut : Lut1D, Lut3D or LutChain
        What to write.

    Raises
    ------
    TypeError, ValueError
        If the format cannot hold this LUT.
    """
    target = checks.path(path)
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        raise ValueError(f"{target}: {_unknown(target.suffix)} can be written")
    writer(target, lut)


def _unknown(suffix: str) -> str:
    """The start of a sentence about an extension."""
    return f"the extension {suffix!r} is not known; {', '.join(EXTENSIONS)}"
