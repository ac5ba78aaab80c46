"""Deep pictures against OpenImageIO: reading every sample, flattening, merging, writing.

960x540 pixels, 910 000 samples: a cloud of three to eight samples a pixel over thin dust, half colours, float depths.
OpenImageIO's threads are its ``threads`` and ``exr_threads``; both write to the same folder, on a memory disk where
there is one.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO
from harness import Job

from vfx import DeepImage
from vfx.io import exr

__all__ = ["jobs"]

_PEER = "OpenImageIO"


@functools.cache
def _cloud() -> DeepImage:
    """The samples, sorted."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:540, 0:960]
    counts = np.where(np.hypot(x - 480, y - 270) < 220, rng.integers(3, 9, x.shape), rng.random(x.shape) < 0.2)
    total = int(counts.sum())
    place = np.repeat(np.arange(counts.size), counts.reshape(-1))
    alpha = np.clip(0.2 + 0.05 * rng.standard_normal(total), 0, 1)
    samples = {
        name: (alpha * (0.3 + 0.2 * np.sin(place / period))).astype(np.float16)
        for name, period in (("R", 300), ("G", 340), ("B", 380))
    }
    samples["A"] = alpha.astype(np.float16)
    samples["Z"] = (10 + np.sin(place / 700) + rng.random(total)).astype(np.float32)
    return DeepImage(counts, samples).sort()


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _file(compression: str) -> str:
    """The cloud in a file."""
    path = _folder() / f"{compression}.exr"
    exr.write_deep(path, _cloud(), compression=compression)
    return str(path)


def _use(threads: int) -> None:
    """OpenImageIO's threads; -1 means in the calling thread to its EXR plugin."""
    OpenImageIO.attribute("threads", threads)
    OpenImageIO.attribute("exr_threads", threads if threads > 1 else -1)


def _read_pair(compression: str) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """Both ways from a file to its samples."""
    path = _file(compression)

    def ours(threads: int) -> object:
        return exr.read_deep(path, threads=threads)

    def theirs(threads: int) -> object:
        _use(threads)
        source = OpenImageIO.ImageInput.open(path)
        data = source.read_native_deep_image(0, 0)
        source.close()
        return data

    assert ours(1).size == _cloud().size
    return ours, theirs


def jobs() -> list[Job]:
    """Reads, then work on what was read, then a write."""
    found = [
        Job(f"EXR deep read, {label}", _PEER, (1.5, 1.5), *_read_pair(compression))
        for label, compression in (("ZIPS", "zips"), ("RLE", "rle"), ("none", "none"))
    ]
    cloud = _cloud()
    buffer = OpenImageIO.ImageBuf(_file("zips"))
    algorithms = OpenImageIO.ImageBufAlgo

    def flatten(threads: int) -> object:
        return algorithms.flatten(buffer, nthreads=threads)

    def merge(threads: int) -> object:
        return algorithms.deep_merge(buffer, buffer, occlusion_cull=False, nthreads=threads)

    def write(threads: int) -> object:
        _use(threads)
        return buffer.write(str(_folder() / "theirs.exr"))

    found.append(Job("deep flatten", _PEER, (1.0, 1.0), lambda n: cloud.flatten(threads=n), flatten))
    found.append(Job("deep merge, tidy", _PEER, (1.0, 1.0), lambda _: cloud.merge(cloud).tidy(), merge))
    target = _folder() / "ours.exr"
    found.append(
        Job("EXR deep write, ZIPS", _PEER, (1.0, 1.0), lambda n: exr.write_deep(target, cloud, threads=n), write)
    )
    return found
