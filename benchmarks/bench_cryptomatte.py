"""One matte out of a UHD frame of 6 ranks, against reading the channels with the OpenEXR wheel and NumPy.

Both sides include opening, reading and decoding the file: 12 float channels, ZIP, on a memory disk where there is one.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np
import OpenEXR
from harness import Job

from vfx.io import exr
from vfx.io.cryptomatte import Cryptomatte, encode, id_of

__all__ = ["jobs"]

_OBJECTS = 60


@functools.cache
def _file(compression: str) -> Path:
    """A frame of soft-edged discs that overlap, 3840x2160."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    left = np.ones((2160, 3840), np.float32)
    mattes = {}
    for index in range(_OBJECTS):
        cx, cy, radius = rng.uniform(0, 3840), rng.uniform(0, 2160), rng.uniform(60, 500)
        mattes[f"object_{index:03d}"] = left * np.clip(radius - np.hypot(x - cx, y - cy), 0, 1)
        left -= mattes[f"object_{index:03d}"]
    path = folder / f"{compression}.exr"
    exr.write(path, encode(mattes), compression=compression)
    return path


def _job(compression: str) -> Job:
    """Ours and NumPy's way to one matte."""
    path = _file(compression)
    wanted = np.uint32(id_of("object_007"))

    def ours(threads: int) -> object:
        return Cryptomatte(path).layer().matte("object_007", threads=threads)

    def theirs(threads: int) -> object:
        count = 0 if threads == 1 else threads
        OpenEXR.set_global_thread_count(count)
        with OpenEXR.File(str(path), separate_channels=True, num_threads=count) as file:
            channels = file.channels()
            total = np.zeros((2160, 3840), np.float32)
            for level in range(3):
                for one, cover in ("RG", "BA"):
                    ids = channels[f"CryptoObject{level:02d}.{one}"].pixels.view(np.uint32)
                    total += np.where(ids == wanted, channels[f"CryptoObject{level:02d}.{cover}"].pixels, 0)
            return total

    assert np.array_equal(ours(1).pixels[..., 0], theirs(1))
    return Job(f"Cryptomatte, one of {_OBJECTS}, {compression}", "OpenEXR wheel + NumPy", (3.0, 3.0), ours, theirs)


def jobs() -> list[Job]:
    """ZIP of 16 lines, and of single lines."""
    return [_job("zip"), _job("zips")]
