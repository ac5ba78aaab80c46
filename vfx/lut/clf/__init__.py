"""Process lists: the Common LUT Format v3 and CTF, their operations, and how they are applied.

::

    ops.py fixed.py     Range, Log, Exponent, ExposureContrast, FixedFunction as pixel ops
    processlist.py      nodes, the list, the op ``clf``
    reading.py          files to lists (``_document.py`` XML and numbers, ``_read_nodes.py`` elements)
    writing.py          lists to files
"""

from vfx.lut.clf.fixed import FixedFunction
from vfx.lut.clf.ops import Exponent, ExposureContrast, Log, Range
from vfx.lut.clf.processlist import ProcessList, ProcessNode
from vfx.lut.clf.reading import read_clf, read_ctf
from vfx.lut.clf.writing import write_clf, write_ctf

__all__ = [
    "Exponent",
    "ExposureContrast",
    "FixedFunction",
    "Log",
    "ProcessList",
    "ProcessNode",
    "Range",
    "read_clf",
    "read_ctf",
    "write_clf",
    "write_ctf",
]
