"""DPX against OpenImageIO: 3840x2160 RGB files to memory, and memory to files.

Both read the same files, made here, from a memory disk where there is one, and write the same packing. OpenImageIO
converts to and from floats itself (``read_image("float")``, ``write_image`` of floats). The rows of
16-bit memory are what OpenImageIO is built for: it keeps pixels as the file has them, filled up to 16 bits.
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
# Bits, and the goals for reading floats, writing floats: the first are the issue's, the others are kept from falling.
_DEPTHS = ((10, 4.0, 3.0), (8, 3.0, 1.5), (12, 3.0, 1.5), (16, 3.0, 1.5))


@functools.cache
def _plate() -> np.ndarray:
    """A log-like plate as float32: smooth light with two per cent grain, within 0..1."""
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    light = 0.4 + 0.3 * np.sin(x / 613) * np.cos(y / 377)
    grain = np.random.default_rng(3).normal(0, 0.02, (2160, 3840, 3)).astype(np.float32)
    return np.clip(light[..., None] * np.array([1.0, 0.9, 0.8], np.float32) + grain, 0, 1)


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _file(bits: int) -> Path:
    """The plate as a file that both sides read right."""
    path = _folder() / f"plate{bits}.dpx"
    dpx.write(path, Image(_plate()), bit_depth=bits)
    return path


def _oiio_read(path: Path, kind: str) -> Callable[[int], object]:
    def run(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        reader = OpenImageIO.ImageInput.open(str(path))
        pixels = reader.read_image(kind)
        reader.close()
        return pixels

    return run


def _oiio_write(path: Path, bits: int) -> Callable[[int], object]:
    pixels = _plate()
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "uint8" if bits == 8 else "uint16")
    spec["oiio:BitsPerSample"] = bits
    spec["oiio:Endian"] = "big"
    spec["dpx:Packing"] = "Packed" if bits == 12 else "Filled, method A"  # its 12-bit filled files are packed

    def run(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        writer = OpenImageIO.ImageOutput.create(str(path))
        if not writer.open(str(path), spec) or not writer.write_image(pixels):
            raise OSError(writer.geterror())
        return writer.close()

    return run


def _jobs_of(bits: int, read_goal: float, write_goal: float) -> list[Job]:
    """Reading and writing of one depth."""
    path, image = _file(bits), Image(_plate())
    packing = "packed" if bits == 12 else "filled_a"
    ours, theirs = _folder() / f"ours{bits}.dpx", _folder() / f"theirs{bits}.dpx"
    return [
        Job(
            f"DPX {bits}-bit to float32",
            _PEER,
            (read_goal, read_goal),
            lambda threads: dpx.read(path, dtype="f32", threads=threads),
            _oiio_read(path, "float"),
        ),
        Job(
            f"float32 to DPX {bits}-bit",
            _PEER,
            (write_goal, write_goal),
            lambda threads: dpx.write(ours, image, bit_depth=bits, packing=packing, threads=threads),
            _oiio_write(theirs, bits),
        ),
    ]


def jobs() -> list[Job]:
    """Every depth to and from float32, and 10 bits to the other memory formats."""
    found = [job for depth in _DEPTHS for job in _jobs_of(*depth)]
    for fmt, kind in (("u16", "uint16"), ("f16", "half")):
        found.append(
            Job(
                f"DPX 10-bit to {kind}",
                _PEER,
                (3.0, 3.0),
                lambda threads, fmt=fmt: dpx.read(_file(10), dtype=fmt, threads=threads),
                _oiio_read(_file(10), kind),
            )
        )
    return found
