"""EXR against the OpenEXR wheel: half pixels to float32 memory, and half pixels to files.

The peer's read is ``OpenEXR.File`` and ``astype``: what a script does that needs float32. Its threads are
those of OpenEXR's global pool. Both write to the same folder, on a memory disk where there is one.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenEXR
from harness import Job

from vfx import Image
from vfx.io import exr

__all__ = ["jobs"]

_READS = (("ZIP", "zip", 1.3), ("PIZ", "piz", 1.3), ("DWAA", "dwaa", 1.3), ("none", "none", 2.5))
_WRITES = (("ZIP", "zip"), ("DWAA", "dwaa"))
_WHEEL = {"none": OpenEXR.NO_COMPRESSION, "zip": OpenEXR.ZIP_COMPRESSION, "dwaa": OpenEXR.DWAA_COMPRESSION}


@functools.cache
def _plate() -> np.ndarray:
    """A 3840x2160 RGBA half plate: smooth light, edges, and two per cent grain."""
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    rng = np.random.default_rng(7)
    light = 0.18 + 0.5 * np.exp(-((x - 2500) ** 2 + (y - 800) ** 2) / 4e5) * 8
    bands = 0.5 + 0.5 * np.sin(x / 37 + y / 91)
    rgb = np.stack([light, light * bands, 0.4 * light + 0.2 * bands], -1)
    rgb *= 1 + 0.02 * rng.standard_normal(rgb.shape, np.float32)
    alpha = np.clip((np.hypot(x - 1900, y - 1000) - 900) / -40, 0, 1)[..., None]
    return np.concatenate([rgb, alpha], -1).astype(np.float16)


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _wheel_threads(count: int) -> int:
    """OpenEXR's own pool set to ``count`` threads; 0 means in the calling thread."""
    return 0 if count == 1 else count


def _use_wheel_threads(count: int) -> None:
    """Set the wheel's global pool when the count changes."""
    if getattr(_use_wheel_threads, "now", None) != count:
        OpenEXR.set_global_thread_count(_wheel_threads(count))
        _use_wheel_threads.now = count  # type: ignore[attr-defined]


def _read_pair(compression: str) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """Ours and the wheel's way from a half file to a float32 array."""
    path = str(_folder() / f"{compression}.exr")
    exr.write(path, Image(_plate()), compression=compression)

    def ours(threads: int) -> object:
        return exr.read(path, dtype="f32", threads=threads)

    def theirs(threads: int) -> object:
        _use_wheel_threads(threads)
        with OpenEXR.File(path, num_threads=_wheel_threads(threads)) as file:
            return file.channels()["RGBA"].pixels.astype(np.float32)

    assert np.array_equal(ours(1).numpy(), theirs(1), equal_nan=True)
    return ours, theirs


def _write_pair(compression: str) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """Ours and the wheel's way from a half array to a file."""
    plate = _plate()
    image = Image(plate)
    mine, other = str(_folder() / "ours.exr"), str(_folder() / "theirs.exr")
    header = {"compression": _WHEEL[compression], "type": OpenEXR.scanlineimage}

    def ours(threads: int) -> object:
        return exr.write(mine, image, compression=compression, threads=threads)

    def theirs(threads: int) -> object:
        _use_wheel_threads(threads)
        return OpenEXR.File(dict(header), {"RGBA": plate}).write(other)

    return ours, theirs


def jobs() -> list[Job]:
    """Reads to float32, then writes."""
    peer = "OpenEXR wheel"
    found = []
    for label, compression, target in _READS:
        ours, theirs = _read_pair(compression)
        found.append(Job(f"EXR half to float32, {label}", f"{peer} + astype", (target, target), ours, theirs))
    for label, compression in _WRITES:
        ours, theirs = _write_pair(compression)
        found.append(Job(f"EXR write half, {label}", peer, (1.0, 1.0), ours, theirs))
    return found
