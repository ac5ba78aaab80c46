"""Writing EXR files: ``vfx.io.exr.write``, and which of the two ways to the pixels is taken."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np

from vfx import threads as _threads
from vfx._atomic import atomic
from vfx.checks import one_of
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._exr_plan import WritePlan, plan_for, stored_image

__all__ = ["exr_backend", "write"]


def exr_backend() -> str:
    """``"core"`` when pixels go through OpenEXR's C functions, ``"python"`` when through its wheel's interface.

    Raises
    ------
    ValueError
        If ``VFX_EXR_BACKEND`` is neither of the two.

    Examples
    --------
    >>> exr_backend() in ("core", "python")
    True
    """
    from vfx.io import _exr_core

    wanted = os.environ.get("VFX_EXR_BACKEND", "core")
    if one_of("VFX_EXR_BACKEND", wanted, ("core", "python")) == "python":
        return "python"
    return "python" if _exr_core.available() else "core"


def _backend() -> ModuleType:
    """The module that writes pixels."""
    from vfx.io import _exr_core_write, _exr_python

    return _exr_core_write if exr_backend() == "core" else _exr_python


def write(
    path: str | os.PathLike[str] | BinaryIO,
    image: Image,
    *,
    compression: str = "zip",
    dtype: Any = None,
    dwa_level: float | None = None,
    zip_level: int | None = None,
    tile_size: int | Sequence[int] | None = None,
    line_order: str = "increasing",
    name: str | None = None,
    threads: int | None = None,
) -> None:
    """Nothing; the file then holds the image, whatever its strides. It appears whole or not at all.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    image : Image
        Half stays half, float float, u32 uint; 8-bit pixels become half (v/255), 16-bit float (v/65535).
    compression : str
        ``none rle zips zip piz pxr24 b44 b44a dwaa dwab htj2k256 htj2k32 lj2k zstd``, as far as the
        installed OpenEXR knows them.
    dtype : str, dtype or mapping, optional
        Store as ``"f16"`` or ``"f32"``; a mapping names the type of single channels: ``{"Z": "f32"}``.
    dwa_level : float, optional
        For dwaa and dwab; default the level that the image was read with, else 45.
    zip_level : int, optional
        0 to 9, for zip and zips; default the library's own.
    tile_size : int or (width, height), optional
        Tiles instead of scanlines.
    line_order : str
        ``"increasing"`` or ``"decreasing"``; ``"random"`` with tiles.
    name : str, optional
        Name of the part.
    threads : int, optional
        At most this many.

    Raises
    ------
    FormatError
        If the installed OpenEXR cannot write this.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option or a metadata value does not fit.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io.exr import probe
    >>> stream = io.BytesIO()
    >>> write(stream, Image(np.zeros((2, 2, 3), np.float16)), compression="piz")
    >>> probe(stream.getvalue()).compression
    'piz'
    """
    stored = stored_image(image if isinstance(image, Image) else Image(np.asarray(image)))
    plan = plan_for(
        stored, compression=compression, dtype=dtype, dwa_level=dwa_level, zip_level=zip_level,
        tile_size=tile_size, line_order=line_order, name=name,
    )  # fmt: skip
    workers = _threads.for_pixels(stored.width * stored.height, threads)
    try:
        _write_to(path, stored, plan, workers)
    except FormatError as error:
        raise FormatError(error.reason, path=str(path)) from error


def _write_to(path: str | os.PathLike[str] | BinaryIO, image: Image, plan: WritePlan, workers: int) -> None:
    """The whole file to a path, atomically, or to a stream by way of a temporary file."""
    backend = _backend()
    if isinstance(path, (str, os.PathLike)):
        with atomic(path) as temporary, temporary.open("w+b") as stream:
            backend.write_file(stream, image.pixels, plan, workers)
        return
    with tempfile.TemporaryFile() as scratch:
        backend.write_file(scratch, image.pixels, plan, workers)
        scratch.seek(0)
        shutil.copyfileobj(scratch, path)
