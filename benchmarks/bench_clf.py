"""Process lists: a matrix, a 1D LUT of 65536 entries and a 33³ cube, applied and read."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import numpy as np
from bench_engine import picture, table
from harness import Job, split_rows

GOAL = (1.5, 1.5)


def _write_list(path: Path, cube: int) -> None:
    """An almost neutral list, so that a picture that it is applied to again and again stays a plate."""
    from vfx.color.grade import matrix
    from vfx.lut import Lut1D, Lut3D, ProcessList, write_clf
    from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D

    square = np.eye(3) + 1e-3 * np.array([[-3, 2, 1], [1, -2, 1], [2, 1, -3]])
    curve = np.linspace(0, 1, 65536)[:, None] ** np.array([1.001, 0.999, 1.002])
    parts = [matrix(square), ApplyLut1D(Lut1D(curve)), ApplyLut3D(Lut3D(table(cube)), "tetrahedral")]
    write_clf(path, ProcessList(parts, id="bench"))


def jobs() -> list[Job]:
    """Applying the list to UHD float32, and reading it, against OpenColorIO with its default optimisation."""
    import PyOpenColorIO as OCIO  # noqa: N814

    from vfx import Image, Processor
    from vfx.lut import read_clf

    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-clf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    paths = {size: folder / f"list{size}.clf" for size in (33, 65)}
    for size, path in paths.items():
        _write_list(path, size)
    config = OCIO.Config.CreateRaw()
    config.setProcessorCacheFlags(OCIO.PROCESSOR_CACHE_OFF)
    processor = config.getProcessor(OCIO.FileTransform(str(paths[33]))).getDefaultCPUProcessor()
    mine, yours = Image(picture()), picture()
    steps, ours = read_clf(paths[33]), Processor()

    def apply(_threads: int) -> object:
        return ours.clf(mine, steps)

    def apply_peer(threads: int) -> object:
        return split_rows(processor.applyRGBA, threads, yours)

    def read(_threads: int) -> object:
        return read_clf(paths[65])

    def read_peer(_threads: int) -> object:
        OCIO.ClearAllCaches()
        return config.getProcessor(OCIO.FileTransform(str(paths[65])))

    return [
        Job("CLF: matrix, 1D of 65536, 33³", "OpenColorIO", GOAL, apply, apply_peer),
        Job("read a CLF: 1D of 65536, 65³", "OpenColorIO", GOAL, read, read_peer, threads=(1,)),
    ]
