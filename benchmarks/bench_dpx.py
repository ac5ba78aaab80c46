"""DPX against OpenImageIO: 3840x2160 files to memory, and memory to files.

Both read the same files, made here, from a memory disk where there is one, and write the same packing. OpenImageIO
converts to and from floats itself (``read_image("float")``, ``write_image`` of floats).
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

from vfx import Image
from vfx.io import dpx

__all__ = ["jobs"]

_PEER = "OpenImageIO"
# Bits, packing and channels. The goal is three times as fast, to read and to write. Writing 8 and 16 bits misses it: of
# the 20 ms that 8-bit RGB takes here, 12 are the system's for 25 MB of new pages, and OpenImageIO's 30 have them, too.
_KINDS = (
    (8, "packed", "RGB"),
    (10, "filled_a", "RGB"),
    (10, "packed", "RGB"),
    (10, "filled_a", "Y"),
    (12, "packed", "RGB"),
    (16, "packed", "RGBA"),
)
_GOAL = (3.0, 3.0)
_THEIR_PACKINGS = {"packed": "Packed", "filled_a": "Filled, method A"}


@functools.cache
def _plate(channels: int) -> np.ndarray:
    """A log-like plate as float32: smooth light with two per cent grain, within 0..1."""
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    light = 0.4 + 0.3 * np.sin(x / 613) * np.cos(y / 377)
    grain = np.random.default_rng(3).normal(0, 0.02, (2160, 3840, channels)).astype(np.float32)
    return np.clip(light[..., None] * np.array([1.0, 0.9, 0.8, 1.1][:channels], np.float32) + grain, 0, 1)


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _oiio_read(path: Path, kind: str) -> Callable[[int], object]:
    def run(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        reader = OpenImageIO.ImageInput.open(str(path))
        pixels = reader.read_image(kind)
        reader.close()
        return pixels

    return run


def _oiio_write(path: Path, pixels: np.ndarray, bits: int, packing: str) -> Callable[[int], object]:
    height, width, channels = pixels.shape
    spec = OpenImageIO.ImageSpec(width, height, channels, "uint8" if bits == 8 else "uint16")
    spec["oiio:BitsPerSample"] = bits
    spec["oiio:Endian"] = "big"
    spec["dpx:Packing"] = _THEIR_PACKINGS[packing]

    def run(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        writer = OpenImageIO.ImageOutput.create(str(path))
        if not writer.open(str(path), spec) or not writer.write_image(pixels):
            raise OSError(writer.geterror())
        return writer.close()

    return run


def _jobs_of(bits: int, packing: str, kind: str) -> list[Job]:
    """Reading and writing of one kind of samples."""
    pixels = _plate(len(kind))
    image, name = Image(pixels, channels=tuple(kind)), f"{bits}-bit {packing} {kind}"
    path, ours, theirs = (_folder() / f"{whose} {name}.dpx" for whose in ("plate", "ours", "theirs"))
    # 12 bits are packed: OpenImageIO's filled ones are, too, whatever the header says.
    dpx.write(path, image, bit_depth=bits, packing=packing)
    return [
        Job(
            f"DPX {name} to float32",
            _PEER,
            _GOAL,
            lambda threads: dpx.read(path, dtype="f32", threads=threads),
            _oiio_read(path, "float"),
        ),
        Job(
            f"float32 to DPX {name}",
            _PEER,
            _GOAL,
            lambda threads: dpx.write(ours, image, bit_depth=bits, packing=packing, threads=threads),
            _oiio_write(theirs, pixels, bits, packing),
        ),
    ]


def jobs() -> list[Job]:
    """Every depth to and from float32."""
    return [job for kind in _KINDS for job in _jobs_of(*kind)]
