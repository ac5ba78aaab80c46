"""Lookup tables: 1D, 3D, and several in a row; their files; how they are applied.

::

    files  .cube .csp .3dl .hdl …  --read-->  Lut1D · Lut3D · LutChain  --lut()-->  pixel ops
                                   <-write--  HalfLut1D · KnotLut1D
           .clf .ctf .spimtx       <------->  ProcessList, operations of every kind

A LUT is an immutable value: it can be compared, hashed, pickled and shared between threads. Inputs outside
its domain take the nearest end and NaN takes the first entry, for every interpolation.
"""

from vfx.lut.chain import LutChain
from vfx.lut.clf import (
    Exponent,
    ExposureContrast,
    FixedFunction,
    Log,
    ProcessList,
    ProcessNode,
    Range,
    read_clf,
    read_ctf,
    write_clf,
    write_ctf,
)
from vfx.lut.compare import LutComparison
from vfx.lut.csp import read_csp, write_csp
from vfx.lut.cube import read_cube, write_cube
from vfx.lut.discreet import read_1dl, write_1dl
from vfx.lut.files import EXTENSIONS, FORMATS, WRITTEN_EXTENSIONS, LutFormat, read, write
from vfx.lut.half import HalfLut1D
from vfx.lut.hdl import read_hdl, write_hdl
from vfx.lut.itx import read_itx, write_itx
from vfx.lut.knots import KnotLut1D
from vfx.lut.look_file import read_look
from vfx.lut.lut1d import Lut1D
from vfx.lut.lut3d import Lut3D
from vfx.lut.pandora import read_m3d
from vfx.lut.spi import read_spi1d, read_spi3d, write_spi1d, write_spi3d
from vfx.lut.spimtx import read_spimtx, write_spimtx
from vfx.lut.threedl import read_3dl, write_3dl
from vfx.lut.truelight import read_cub, write_cub
from vfx.lut.vf import read_vf

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "WRITTEN_EXTENSIONS",
    "Exponent",
    "ExposureContrast",
    "FixedFunction",
    "HalfLut1D",
    "KnotLut1D",
    "Log",
    "Lut1D",
    "Lut3D",
    "LutChain",
    "LutComparison",
    "LutFormat",
    "ProcessList",
    "ProcessNode",
    "Range",
    "read",
    "read_1dl",
    "read_3dl",
    "read_clf",
    "read_csp",
    "read_ctf",
    "read_cub",
    "read_cube",
    "read_hdl",
    "read_itx",
    "read_look",
    "read_m3d",
    "read_spi1d",
    "read_spi3d",
    "read_spimtx",
    "read_vf",
    "write",
    "write_1dl",
    "write_3dl",
    "write_clf",
    "write_csp",
    "write_ctf",
    "write_cub",
    "write_cube",
    "write_hdl",
    "write_itx",
    "write_spi1d",
    "write_spi3d",
    "write_spimtx",
]
