"""LUT files of other programs: reading a 65³ ``.3dl``, ``.csp``, ``.itx``, ``.m3d`` and ``.vf``."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import numpy as np
from harness import Job

GOAL = (3.0, 3.0)
_SIZE = 65
_PRELUT = "6\n-0.1 0 0.18 1 4 16\n0 0.1 0.4 0.6 0.8 1\n"


def jobs() -> list[Job]:
    """Reading one file each; the peer makes the processor that holds the table, from cold caches."""
    import PyOpenColorIO as OCIO  # noqa: N814

    import vfx.lut

    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-lutfiles-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _write_files(folder)
    config = OCIO.Config.CreateRaw()
    config.setProcessorCacheFlags(OCIO.PROCESSOR_CACHE_OFF)

    def job(name: str, what: str) -> Job:
        path = folder / name

        def ours(_threads: int) -> object:
            return vfx.lut.read(path)

        def theirs(_threads: int) -> object:
            OCIO.ClearAllCaches()
            return config.getProcessor(OCIO.FileTransform(str(path), interpolation=OCIO.INTERP_TETRAHEDRAL))

        return Job(f"read a 65³ {what}", "OpenColorIO", GOAL, ours, theirs, threads=(1,))

    return [
        job("flame.3dl", ".3dl, Flame"),
        job("lustre.3dl", ".3dl, Lustre"),
        job("plain.csp", ".csp"),
        job("prelut.csp", ".csp with preluts"),
        job("look.itx", ".itx"),
        job("look.m3d", ".m3d"),
        job("look.vf", ".vf"),
    ]


def _write_files(folder: Path) -> None:
    """A random cube in each format: six decimals, or codes of 12 bits, as the programs write them."""
    values = np.random.default_rng(0).random((_SIZE**3, 3))
    rows = "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in values.tolist())
    codes = [f"{r} {g} {b}\n" for r, g, b in (values * 4095).astype(int).tolist()]
    size = f"{_SIZE} {_SIZE} {_SIZE}\n"
    csp = "CSPLUTV100\n3D\n\nBEGIN METADATA\nEND METADATA\n\n{}\n" + size + rows
    pandora = f"channel 3d\nin {_SIZE**3}\nout 4096\nformat lut\nvalues red green blue\n"
    ramp = " ".join(str(round(i * 1023 / (_SIZE - 1))) for i in range(_SIZE)) + "\n"
    files = {
        "flame.3dl": ramp + "".join(codes),
        "lustre.3dl": "3DMESH\nMesh 6 12\n" + ramp + "".join(codes) + "\nLUT8\ngamma 1.0\n",
        "plain.csp": csp.format("2\n0 1\n0 1\n" * 3),
        "prelut.csp": csp.format(_PRELUT * 3),
        "look.itx": f"LUT_3D_SIZE {_SIZE}\n{rows}",
        "look.m3d": pandora + "".join(f"{i} {line}" for i, line in enumerate(codes)),
        "look.vf": f"#Inventor V2.1 ascii\ngrid_size {size}data\n{rows}",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
