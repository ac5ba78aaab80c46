"""Small LUTs, looks and colour decisions of every format: written by us, or spelled out where we only read."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from vfx import Look, lut
from vfx.color import CDL, write_cdl

__all__ = ["seeds"]

_ROWS = list(itertools.product((0, 1), repeat=3))
_LINES = "\n".join(f"{r} {g} {b}" for r, g, b in _ROWS)
_HALVES = np.array([[b, g, r] for r, g, b in _ROWS], "<f4").tobytes().hex()

# What this package reads and does not write.
_TEXTS: dict[str, list[str]] = {
    ".vf": [
        f"#Inventor V2.1 ascii\ngrid_size 2 2 2\nelement_size 3\ndata\n{_LINES}\n",
        "#Inventor V2.1 ascii\ngrid_size 2 2 2\n"
        f"global_transform .5 .1 0 0 0 .5 0 0 0 0 .5 0 0 0 0 1\ndata\n{_LINES}\n",
    ],
    ".m3d": [
        "channel 3d\nin 8\nout 256\nformat lut\nvalues red green blue\n"
        + "\n".join(f"{i} {255 * r} {255 * g} {255 * b}" for i, (r, g, b) in enumerate(_ROWS))
    ],
    ".look": [
        f'<?xml version="1.0" ?>\n<look><shaders/><LUT><size>"2"</size><data>"{_HALVES}"</data></LUT></look>\n'
    ],
    ".edl": [
        "TITLE: reel one\n\n001  A012_C004 V     C        01:00:04:00 01:00:06:00 01:00:10:00 01:00:12:00\n"
        "* FROM CLIP NAME: sh010\n* ASC_SOP (1.1 1.0 0.9)(0.01 0.0 -0.01)(1.0 1.0 1.0)\n* ASC_SAT 0.9\n"
        "002  B007 V     C        01:00:04:00 01:00:06:00 01:00:12:00 01:00:14:00\n* FROM CLIP NAME: sh020\n"
    ],
    ".ale": [
        "Heading\nFIELD_DELIM\tTABS\nFPS\t24\n\nColumn\nName\tTape\tStart\tEnd\tASC_SOP\tASC_SAT\n\nData\n"
        "sh010\tA012\t01:00:00:00\t01:00:01:00\t(1.1 1 1)(0 0 0.01)(1.2 1 1)\t0.9\n"
    ],
}  # fmt: skip


def _lists() -> list[Any]:
    """Process lists of every node that is written."""
    graded = Look().cdl(slope=[1.1, 1, 0.9], offset=0.01, power=[1, 1.2, 1], saturation=0.9).matrix(np.eye(3) * 0.5)
    tabled = lut.ProcessList([*Look().lut(lut.Lut1D.gamma(5, 2.2)), *Look().lut(lut.Lut3D.identity(2))])
    nodes = [
        lut.Range(min_in=0, max_in=1, min_out=0.1, max_out=0.9),
        lut.Exponent("basicFwd", 2.2),
        lut.Log("linToLog", base=2),
    ]
    return [lut.ProcessList(list(graded)), tabled, lut.ProcessList(nodes)]


def _values(extension: str) -> list[Any]:
    """What to write with an extension."""
    rng = np.random.default_rng(3)
    curve, cube = lut.Lut1D.gamma(7, 2.2), lut.Lut3D(rng.random((3, 3, 3, 3)).astype(np.float32))
    if extension in (".clf", ".ctf"):
        return _lists()
    if extension == ".spimtx":
        return [np.eye(3, 4) * 0.5]
    if extension in (".cc", ".ccc", ".cdl"):
        first = CDL([1.1, 1, 0.9], [0, 0.01, 0], [1, 1, 1.2], 0.9, id="sh010", description="warmer")
        return [first] if extension == ".cc" else [[first, CDL(id="sh020")]]
    return [curve, cube, lut.LutChain(curve, cube), lut.Lut1D.gamma(256, 2.2), lut.Lut1D(rng.random((4, 3)))]


def seeds(extension: str) -> list[bytes]:
    """Good files of an extension, with dot.

    Raises
    ------
    ValueError
        If nothing at all could be made.
    """
    files = [text.encode() for text in _TEXTS.get(extension, [])]
    write: Any = write_cdl if extension in (".cc", ".ccc", ".cdl") else lut.write
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{extension}"
        for value in [] if files else _values(extension):
            try:
                write(path, value)
            except (TypeError, ValueError):
                continue  # the format has no such LUTs
            files.append(path.read_bytes())
    if not files:
        raise ValueError(f"no seed of {extension}")
    return files
