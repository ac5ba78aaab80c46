"""Colour: spaces and what they are made of, grading, colour decision lists and their files.

``primaries``, ``whites`` and ``spaces`` are tables of named records; ``convert`` and ``matrix`` go from one space
to another. ``CDL`` holds one ASC colour correction; ``read_cdl``, ``read_cdls`` and ``write_cdl`` move it in and
out of ``.cc``, ``.ccc`` and ``.cdl`` files, and out of edits (``.edl``, ``.ale``). The operations themselves are
methods of ``Image``, ``Look`` and ``Processor``; :mod:`vfx.color.grade`, :mod:`vfx.color.linear` and the modules
named after an operation say what each one computes.
"""

from __future__ import annotations

from vfx.color.adaptation import adaptation_matrix
from vfx.color.cdl import CDL
from vfx.color.cdl_files import read_cdl, read_cdls, write_cdl
from vfx.color.convert import convert, matrix
from vfx.color.primaries import Primaries, primaries
from vfx.color.spaces import Space, spaces
from vfx.color.whites import White, whites

__all__ = [
    "CDL",
    "Primaries",
    "Space",
    "White",
    "adaptation_matrix",
    "convert",
    "matrix",
    "primaries",
    "read_cdl",
    "read_cdls",
    "spaces",
    "whites",
    "write_cdl",
]
