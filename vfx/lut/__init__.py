"""Lookup tables: 1D, 3D, and a shaper with a cube; their files; how they are applied.

::

    files  .cube .spi1d .spi3d  --read-->  Lut1D · Lut3D · LutChain  --lut()-->  pixel ops
                                <-write--  HalfLut1D · KnotLut1D
                                           .apply(image or array)

A LUT is an immutable value: it can be compared, hashed, pickled and shared between threads. Inputs outside
its domain take the nearest end and NaN takes the first entry, for every interpolation.
"""

from vfx.lut.chain import LutChain
from vfx.lut.compare import LutComparison
from vfx.lut.cube import read_cube, write_cube
from vfx.lut.files import EXTENSIONS, read, write
from vfx.lut.half import HalfLut1D
from vfx.lut.knots import KnotLut1D
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.lut.spi import read_spi1d, read_spi3d, write_spi1d, write_spi3d

__all__ = [
    "EXTENSIONS",
    "HalfLut1D",
    "KnotLut1D",
    "Lut1D",
    "Lut3D",
    "LutChain",
    "LutComparison",
    "read",
    "read_cube",
    "read_spi1d",
    "read_spi3d",
    "write",
    "write_cube",
    "write_spi1d",
    "write_spi3d",
]
