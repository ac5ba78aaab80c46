"""LUTs: reading a 65³ ``.cube`` and ``.spi3d``, and looking up 1D tables, half domains, their inverses and chains.

The peer runs without approximations (``OPTIMIZATION_LOSSLESS``): with its default it replaces an exact inverse by
a table. Single 3D LUTs are timed with the engine.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from harness import Job, split_rows
from numpy.typing import NDArray

READ_GOAL = (3.0, 3.0)
GOAL = (1.5, 1.5)
PEER = "OpenColorIO 2.6, lossless"
MATRIX = np.array([[0.99, 0.006, 0.004], [0.005, 0.99, 0.005], [0.004, 0.006, 0.99]])


def jobs() -> list[Job]:
    """Reading one file each, and one lookup of a UHD picture each."""
    return reading() + looking_up()


def reading() -> list[Job]:
    """Reading; the peer makes the processor that holds the table, from cold caches."""
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

        return Job(f"read a 65³ {path.suffix}", "OpenColorIO 2.6", READ_GOAL, ours, theirs)

    return [job("look.cube"), job("look.spi3d")]


def tables() -> dict[str, NDArray[np.float64]]:
    """A curve of 65536 even entries, one of 65536 halves, and a cube of 33, all near neutral.

    The picture is looked up in place over and over, and must stay random.
    """
    even = np.linspace(0, 1, 65536)[:, None]
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    halves = np.nan_to_num(halves, nan=0.0, posinf=65504.0, neginf=-65504.0)
    axis = np.linspace(0, 1, 33)
    lattice = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    return {
        "curve": even + np.array([1e-4, 2e-4, 3e-4]) * np.sin(np.pi * even),
        "half": halves + 1e-4 * np.sin(np.pi * np.clip(halves, 0, 1)),
        "cube": lattice + 0.001 * np.sin(np.pi * lattice[..., ::-1]),
    }


def looking_up() -> list[Job]:
    """One lookup each of a picture of random colours, in place."""
    import vfx
    from vfx.lut import HalfLut1D, Lut1D, Lut3D
    from vfx.lut.pixelops import ApplyLut1D

    found = tables()
    curve, half, cube = Lut1D(found["curve"]), HalfLut1D(found["half"]), Lut3D(found["cube"])
    look, one, halves, three = (
        vfx.Look(),
        peer_1d(found["curve"]),
        peer_1d(found["half"], half=True),
        peer_3d(cube.table),
    )
    return [
        against("1D LUT linear 65536", look.lut(curve), [one]),
        against("1D LUT linear 65536, hue kept", vfx.Look([ApplyLut1D(curve, hue_adjust=True)]),
                [peer_1d(found["curve"], hue=True)]),
        against("half-domain 1D LUT", look.lut(half), [halves]),
        against("exact inverse of a 1D LUT 65536", look.lut(curve).inverse(), [peer_1d(found["curve"], inverse=True)]),
        against("exact inverse of a half-domain LUT", look.lut(half).inverse(),
                [peer_1d(found["half"], half=True, inverse=True)]),
        against("matrix + 1D 65536 + 3D 33 in one pass", look.matrix(MATRIX).lut(curve).lut(cube),
                [peer_matrix(), one, three]),
        against("exact inverse of a 3D LUT 33, 1/10 of the picture", look.lut(cube).inverse(),
                [peer_3d(cube.table, inverse=True)], rows=216),
    ]  # fmt: skip


def peer_1d(table: NDArray[Any], *, half: bool = False, inverse: bool = False, hue: bool = False) -> Any:
    """The same 1D LUT for the peer."""
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.Lut1DTransform(len(table), half)
    rows = np.broadcast_to(table.reshape(len(table), -1), (len(table), 3))
    transform.setData(np.ascontiguousarray(rows, np.float32).ravel())
    transform.setHueAdjust(ocio.HUE_DW3 if hue else ocio.HUE_NONE)
    transform.setDirection(ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD)
    return transform


def peer_3d(table: NDArray[Any], *, inverse: bool = False) -> Any:
    """The same cube for the peer."""
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.Lut3DTransform(len(table))
    transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    transform.setData(np.ascontiguousarray(table, np.float32).ravel())
    transform.setDirection(ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD)
    return transform


def peer_matrix() -> Any:
    """The same matrix for the peer."""
    import PyOpenColorIO as ocio  # noqa: N813

    square = np.eye(4)
    square[:3, :3] = MATRIX
    return ocio.MatrixTransform(square.ravel().tolist())


@functools.cache
def picture(rows: int) -> NDArray[np.float32]:
    """Rows of a UHD picture of random colours, one for all jobs."""
    return np.random.default_rng(0).random((rows, 3840, 4), dtype=np.float32)


def against(name: str, look: Any, transforms: list[Any], *, rows: int = 2160) -> Job:
    """A look against the same transforms, both in place on random colours of ``rows`` rows of UHD."""
    import PyOpenColorIO as ocio  # noqa: N813

    processor = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(transforms))
    exact = processor.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_LOSSLESS)

    def ours(threads: int) -> object:
        return look.apply(picture(rows), threads=threads)

    def theirs(threads: int) -> object:
        return split_rows(exact.applyRGBA, threads, picture(rows))

    return Job(name, PEER, GOAL, ours, theirs)
