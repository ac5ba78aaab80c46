"""Grading: colour decision lists, their files, and the pixel ops behind the grading methods.

``CDL`` holds one ASC colour correction; ``read_cdl``, ``read_cdls`` and ``write_cdl`` move it in and
out of ``.cc``, ``.ccc`` and ``.cdl`` files. The operations themselves are methods of ``Image``,
``Look`` and ``Processor``; :mod:`vfx.color.grade`, :mod:`vfx.color.linear` and :mod:`vfx.color.cdl`
say what each one computes.
"""

from __future__ import annotations

from vfx.color.cdl import CDL
from vfx.color.cdl_files import read_cdl, read_cdls, write_cdl

__all__ = ["CDL", "read_cdl", "read_cdls", "write_cdl"]
