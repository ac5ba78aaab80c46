"""Still pictures that our own kernels read and write, and rows of TIFF files: 3840x2160, one thread.

OpenCV reads and writes Radiance and BMP, OpenImageIO TGA; both get and give the same arrays. Files are on a memory disk
where there is one.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813
from harness import Job
from numpy.typing import NDArray

from vfx import Image
from vfx.io import bmp, hdr, tga, tiff

__all__ = ["jobs"]


@functools.cache
def _plate() -> NDArray[np.float32]:
    """Smooth light, edges and two per cent grain, RGB."""
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    light = 0.18 + 4 * np.exp(-((x - 2500) ** 2 + (y - 800) ** 2) / 4e5)
    bands = np.where((x // 64 + y // 64) % 2 > 0, 0.5, 1.0)
    rgb = np.stack([light, light * bands, 0.4 * light + 0.2 * bands], -1)
    rgb *= 1 + 0.02 * np.random.default_rng(7).standard_normal(rgb.shape, np.float32)
    return np.ascontiguousarray(rgb, np.float32)


@functools.cache
def _folder() -> Path:
    """A folder that goes away with the process."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="vfx-bench-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _by_oiio(path: str) -> Any:
    """OpenImageIO's pixels."""
    opened = oiio.ImageInput.open(path)
    return opened.read_image(opened.spec().format)


def _oiio_writes(path: str, pixels: NDArray[Any]) -> Callable[[int], object]:
    """OpenImageIO's writing of bytes, run-length coded."""
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "uint8")
    spec["compression"] = "rle"

    def write(_: int) -> object:
        out = oiio.ImageOutput.create(path)
        assert out.open(path, spec)
        assert out.write_image(pixels)
        return out.close()

    return write


def jobs() -> list[Job]:
    """Radiance, BMP and TGA both ways, then a tenth of the rows of a TIFF file against all."""
    light, once = _plate(), (1,)
    codes = (np.clip(light, 0, 1) * 255).astype(np.uint8)
    reversed_light, reversed_codes = (np.ascontiguousarray(each[:, :, ::-1]) for each in (light, codes))
    path = {name: str(_folder() / f"ours.{name}") for name in ("hdr", "bmp", "tga", "tif")}
    other = {name: str(_folder() / f"theirs.{name}") for name in path}
    hdr.write(path["hdr"], Image(light))
    bmp.write(path["bmp"], Image(codes))
    tga.write(path["tga"], Image(codes))
    tiff.write(path["tif"], Image(codes))

    def seen(name: str) -> Callable[[int], object]:
        return lambda _: cv2.imread(path[name], cv2.IMREAD_UNCHANGED)

    found = [
        Job("Radiance read", "OpenCV", (1.0, 1.0), lambda _: hdr.read(path["hdr"]), seen("hdr"), once),
        Job("Radiance write", "OpenCV", (1.0, 1.0), lambda _: hdr.write(path["hdr"], Image(light)),
            lambda _: cv2.imwrite(other["hdr"], reversed_light), once),
        Job("BMP read", "OpenCV", (1.0, 1.0), lambda _: bmp.read(path["bmp"]), seen("bmp"), once),
        Job("BMP write", "OpenCV", (1.0, 1.0), lambda _: bmp.write(path["bmp"], Image(codes)),
            lambda _: cv2.imwrite(other["bmp"], reversed_codes), once),
        Job("TGA read, run lengths", "OpenImageIO", (1.0, 1.0), lambda _: tga.read(path["tga"]),
            lambda _: _by_oiio(path["tga"]), once),
        Job("TGA write, run lengths", "OpenImageIO", (1.0, 1.0), lambda _: tga.write(path["tga"], Image(codes)),
            _oiio_writes(other["tga"], codes), once),
        Job("TIFF rows, a tenth", "all rows", (5.0, 5.0), lambda _: tiff.read(path["tif"], rows=(1000, 1216)),
            lambda _: tiff.read(path["tif"])),
    ]  # fmt: skip
    assert np.array_equal(tga.read(path["tga"]).numpy(), _by_oiio(path["tga"]))
    return found
