"""Pieces of EXR files: a few of many channels, a tenth of the rows, a small mip level.

Channels are compared with the OpenEXR wheel, which decodes all of a file; rows and levels with our own read of the
whole picture, because the wheel has neither. A chunk of a ZIP file holds all channels of its lines in one deflate
stream, so few channels of one part cost the inflating of all: little where pictures are flat, most of the time where
they have grain, as here. Layers in parts of their own, and uncompressed files, are free of it.
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
import OpenImageIO
from harness import Job

from vfx import Image
from vfx.io import exr

__all__ = ["jobs"]

_LAYERS, _WANTED = 16, 7


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process, on a memory disk where there is one."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _layer(number: int, width: int = 1920, height: int = 1080) -> np.ndarray:
    """RGBA halves: smooth light, edges, black outside a disc, and two per cent grain."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(number)
    light = 0.18 + 4 * np.exp(-((x - 0.6 * width) ** 2 + (y - 0.4 * height) ** 2) / 1e5)
    waves = 0.5 + 0.5 * np.sin(x / (30 + number) + y / (90 - number))
    layer = np.stack([light, light * waves, 0.4 * light + 0.2 * waves, waves], -1)
    layer *= (np.hypot(x - 0.5 * width, y - 0.5 * height) < 0.4 * width)[..., None]
    return (layer * (1 + 0.02 * rng.standard_normal(layer.shape, np.float32))).astype(np.float16)


def _use_wheel_threads(count: int) -> int:
    """OpenEXR's own pool set to ``count`` threads; 0 means in the calling thread."""
    number = 0 if count == 1 else count
    if getattr(_use_wheel_threads, "now", None) != number:
        OpenEXR.set_global_thread_count(number)
        _use_wheel_threads.now = number  # type: ignore[attr-defined]
    return number


def _wheel_reads(path: str) -> Callable[[int], object]:
    """The wheel's read: every channel of every part."""

    def theirs(threads: int) -> object:
        with OpenEXR.File(path, num_threads=_use_wheel_threads(threads)) as file:
            return [part.channels for part in file.parts]

    return theirs


def _one_part(compression: str) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """4 of the 64 channels of one part."""
    path = str(_folder() / f"{compression}.exr")
    names = [f"aov{layer:02d}.{channel}" for layer in range(_LAYERS) for channel in "RGBA"]
    pixels = np.concatenate([_layer(layer) for layer in range(_LAYERS)], -1)
    exr.write(path, Image(pixels, channels=names), compression=compression)
    wanted = names[4 * _WANTED : 4 * _WANTED + 4]

    def ours(threads: int) -> object:
        return exr.read(path, channels=wanted, threads=threads)

    assert np.array_equal(ours(1).numpy(), _layer(_WANTED))
    return ours, _wheel_reads(path)


def _many_parts() -> tuple[Callable[[int], object], Callable[[int], object]]:
    """One of 16 parts of 4 channels."""
    path = str(_folder() / "parts.exr")
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    parts = [OpenEXR.Part(dict(header), {"RGBA": _layer(layer)}, f"aov{layer:02d}") for layer in range(_LAYERS)]
    OpenEXR.File(parts).write(path)

    def ours(threads: int) -> object:
        return exr.read(path, part=f"aov{_WANTED:02d}", threads=threads)

    assert np.array_equal(ours(1).numpy(), _layer(_WANTED))
    return ours, _wheel_reads(path)


def _of_the_whole(path: str, **options: object) -> tuple[Callable[[int], object], Callable[[int], object]]:
    """Our read of a piece, and our read of the whole picture."""

    def ours(threads: int) -> object:
        return exr.read(path, threads=threads, **options)

    def whole(threads: int) -> object:
        return exr.read(path, threads=threads)

    return ours, whole


def _tiles_with_levels(path: str) -> None:
    """A mipmap of a 3840x2160 picture in tiles of 64 x 64."""
    pixels = _layer(0, 3840, 2160)
    picture = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(3840, 2160, 4, "half"))
    picture.set_pixels(OpenImageIO.ROI(0, 3840, 0, 2160, 0, 1, 0, 4), pixels)
    settings = OpenImageIO.ImageSpec()
    settings.set_format("half")
    settings.attribute("compression", "zip")
    assert OpenImageIO.ImageBufAlgo.make_texture(OpenImageIO.MakeTxTexture, picture, path, settings)
    assert exr.probe(path).parts[0].levels == 12 and exr.probe(path).compression == "zip"


def jobs() -> list[Job]:
    """Channels, rows, levels."""
    plate, levels = str(_folder() / "plate.exr"), str(_folder() / "levels.exr")
    exr.write(plate, Image(_layer(0, 3840, 2160)), compression="zip")
    _tiles_with_levels(levels)
    wheel = "OpenEXR wheel, all"
    return [
        Job("EXR 4 of 64 channels, none", wheel, (5.0, 5.0), *_one_part("none")),
        Job("EXR 4 of 64 channels, 16 parts of ZIP", wheel, (5.0, 5.0), *_many_parts()),
        Job("EXR 4 of 64 channels, one part of ZIP", wheel, (5.0, 5.0), *_one_part("zip")),
        Job("EXR a tenth of the rows, ZIP", "all rows", (6.0, 6.0), *_of_the_whole(plate, rows=(972, 1188))),
        Job("EXR mip level 3, ZIP tiles", "level 0", (20.0, 20.0), *_of_the_whole(levels, level=3)),
    ]
