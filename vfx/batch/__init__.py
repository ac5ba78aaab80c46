"""Whole shots: one operation on every frame of a sequence.

::

    plan            which file becomes which (missing frames, collisions)      _plan
      ↓
    workers         read → process → write, several frames at once             _workers
      ↓                 ↕ finished frames, remembered beside the outputs       _state
    BatchReport     what was done, skipped, missing, and what failed           _report

Workers are threads: reading, processing and writing release the GIL, so while one frame is
decoded another is graded and a third is compressed. A worker holds one frame, and the number of
workers is bounded by the CPUs and by the free memory.
"""

from __future__ import annotations

from vfx.batch._jobs import grade, map
from vfx.batch._report import BatchReport, FrameFailure, Progress

__all__ = ["BatchReport", "FrameFailure", "Progress", "grade", "map"]
