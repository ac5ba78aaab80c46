"""What EXR files are written for beside pixels at full size: codecs, levels, and metadata alone.

The OpenEXR wheel writes the same codec; its way to other metadata is to read the file and write it again. For levels
the peer is OpenImageIO's ``make_texture``, told to filter with a box and to write nothing that ours does not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import OpenEXR
import OpenImageIO
from bench_exr import _folder, _plate, _use_wheel_threads
from harness import Job

from vfx import Image
from vfx.io import exr

__all__ = ["jobs"]

_WHEEL = {"piz": OpenEXR.PIZ_COMPRESSION, "none": OpenEXR.NO_COMPRESSION}


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


def _edit_pair() -> tuple[Callable[[int], object], Callable[[int], object]]:
    """Another owner in a ZIP file."""
    path, mine, other = (str(_folder() / name) for name in ("plate.exr", "edited.exr", "saved.exr"))
    exr.write(path, Image(_plate()), compression="zip")

    def ours(threads: int) -> object:  # noqa: ARG001
        return exr.rewrite(path, mine, edit={"owner": "studio"})

    def theirs(threads: int) -> object:
        _use_wheel_threads(threads)
        with OpenEXR.File(path) as file:
            file.header()["owner"] = "studio"
            return file.write(other)

    return ours, theirs


def _levels_pair() -> tuple[Callable[[int], object], Callable[[int], object]]:
    """A mip map of an HD picture in half, ZIP."""
    plate = np.ascontiguousarray(_plate()[:1080, :1920])
    mine, other = str(_folder() / "levels.exr"), str(_folder() / "texture.exr")
    image = Image(plate)
    spec = OpenImageIO.ImageSpec(1920, 1080, 4, OpenImageIO.HALF)
    texture = OpenImageIO.ImageSpec(1920, 1080, 4, OpenImageIO.HALF)
    for name, value in (("maketx:filtername", "box"), ("compression", "zip"), ("maketx:highlightcomp", 0)):
        texture.attribute(name, value)

    def ours(threads: int) -> object:
        return exr.write(mine, image, levels="mip", threads=threads)

    def theirs(threads: int) -> object:
        OpenImageIO.attribute("threads", threads)
        OpenImageIO.attribute("exr_threads", -1 if threads == 1 else threads)
        buffer = OpenImageIO.ImageBuf(spec)
        buffer.set_pixels(OpenImageIO.ROI(0, 1920, 0, 1080), plate)
        return OpenImageIO.ImageBufAlgo.make_texture(OpenImageIO.MakeTxTexture, buffer, other, texture)

    return ours, theirs


def jobs() -> list[Job]:
    """Codecs, levels, metadata."""
    wheel = "OpenEXR wheel"
    found = []
    for label, compression in (("PIZ", "piz"), ("none", "none")):
        ours, theirs = _write_pair(compression)
        found.append(Job(f"EXR write half, {label}", wheel, (1.0, 1.0), ours, theirs))
    ours, theirs = _levels_pair()
    found.append(Job("EXR mip map, HD half, ZIP", "OpenImageIO make_texture", (1.0, 1.0), ours, theirs))
    ours, theirs = _edit_pair()
    found.append(Job("EXR other metadata, ZIP", f"{wheel}, read and written", (5.0, 5.0), ours, theirs))
    return found
