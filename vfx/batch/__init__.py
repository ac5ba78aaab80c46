"""Whole shots: one operation on every frame of a sequence.

::

    plan            which file becomes which (missing frames, collisions)      _plan
      ↓
    workers         read → process → write, several frames at once             _workers
      ↓                 ↕ finished frames, remembered beside the outputs       _state
    BatchReport     what was done, skipped, missing, and what failed           _report

Workers are threads: reading, processing and writing release the GIL, so while one frame is
decoded another is graded and a third is compressed. A worker holds one frame, and the number of
workers is bounded by the CPUs and by the free memory. A frame too large to hold goes through in
bands of rows, where its file and the process allow (:class:`RowByRow`, :class:`Resizing`).
"""

from __future__ import annotations

from vfx.batch._bands import FileByFile, Resizing, RowByRow
from vfx.batch._jobs import grade, map
from vfx.batch._report import BatchReport, FrameFailure, Progress

__all__ = ["BatchReport", "FileByFile", "FrameFailure", "Progress", "Resizing", "RowByRow", "grade", "map"]
