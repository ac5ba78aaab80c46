"""LUT files: reading a 65³ ``.cube`` and a 65³ ``.spi3d``. Applying LUTs is timed with the engine."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import numpy as np
from harness import Job

GOAL = (3.0, 3.0)


def jobs() -> list[Job]:
    """Reading one file each; the peer makes the processor that holds the table, from cold caches."""
    import PyOpenColorIO as OCIO  # noqa: N814

    import vfx.lut

    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-lut-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    look = vfx.lut.Lut3D(np.random.default_rng(0).random((65, 65, 65, 3)))
    vfx.lut.write(folder / "look.spi3d", look)
    rows = look.table.transpose(2, 1, 0, 3).reshape(-1, 3).tolist()
    # Six decimals, as grading applications write them.
    text = "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in rows)
    (folder / "look.cube").write_text(f"LUT_3D_SIZE 65\n{text}")
    config = OCIO.Config.CreateRaw()
    config.setProcessorCacheFlags(OCIO.PROCESSOR_CACHE_OFF)

    def job(name: str) -> Job:
        path = folder / name

        def ours(_threads: int) -> object:
            return vfx.lut.read(path)

        def theirs(_threads: int) -> object:
            OCIO.ClearAllCaches()
            return config.getProcessor(OCIO.FileTransform(str(path), interpolation=OCIO.INTERP_TETRAHEDRAL))

        return Job(f"read a 65³ {path.suffix}", "OpenColorIO", GOAL, ours, theirs, threads=(1,))

    return [job("look.cube"), job("look.spi3d")]
