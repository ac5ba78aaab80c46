"""Frames one after the other, read ahead by threads of their own while the caller works on the one before."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from vfx import threads
from vfx.errors import FrameError, SequenceError, VfxError
from vfx.image import Image
from vfx.pixelformat import format_of

__all__ = ["ON_ERROR", "ON_MISSING", "Frame", "Job", "Stream", "plan"]

ON_ERROR = ("raise", "skip", "keep")
ON_MISSING = ("error", "skip", "hold")


@dataclass(frozen=True)
class Frame:
    """One frame of a stream.

    Attributes
    ----------
    number : int
        The frame's number.
    path : pathlib.Path
        The file that it was read from: of another frame where a missing one is held.
    error : Exception or None
        Why it could not be read; only with ``on_error="keep"``.
    """

    number: int
    path: Path
    error: Exception | None = None
    _image: Image | None = field(default=None, repr=False, compare=False)

    @property
    def image(self) -> Image:
        """The picture.

        Raises
        ------
        FrameError
            If it could not be read.
        """
        if self._image is None:
            raise FrameError(_reason(self.error), path=str(self.path), frame=self.number) from self.error
        return self._image


@dataclass(frozen=True)
class Job:
    """A frame to read: its number and file, or why there is none."""

    number: int
    path: Path
    error: Exception | None = None


def _reason(error: BaseException | None) -> str:
    """An error in one line."""
    return str(error) or type(error).__name__


def plan(files: Iterable[tuple[int, Path, bool]], on_missing: str, reason: str) -> list[Job]:
    """What to read for each number, path, and whether there is such a file; a NUL in ``reason`` is the number."""
    jobs: list[Job] = []
    for number, path, there in files:
        if there:
            jobs.append(Job(number, path))
        elif on_missing == "hold" and jobs:
            jobs.append(Job(number, jobs[-1].path, jobs[-1].error))
        elif on_missing != "skip":
            jobs.append(Job(number, path, SequenceError(reason.replace("\0", str(number)))))
    return jobs


def _needs(path: Path, part: int | str, dtype: Any) -> int:
    """About how many bytes a file's pixels take; 0 where the header does not say."""
    from vfx.io import probe

    try:
        parts = probe(path).parts
        one = parts[part] if isinstance(part, int) else next(p for p in parts if p.name == part)
        formats = one.formats if dtype is None else (format_of(dtype),) * len(one.formats)
        return one.width * one.height * len(formats) * max(_SIZES.get(name, 4) for name in formats)
    except (OSError, VfxError, IndexError, StopIteration, TypeError, ValueError):
        return 0  # reading it will say what is wrong


_SIZES = {"u8": 1, "u16": 2, "f16": 2}


def _read(several: bool, path: Path, options: dict[str, Any]) -> Image:
    """One frame, in a thread of the pool; where several are read at a time, each takes one CPU."""
    from vfx import io

    with threads.inside_pool() if several else nullcontext():
        return io.read(path, **options)


class Stream(Iterator[Frame]):
    """Frames in their order, of which the next few are read ahead. Made by ``Sequence.stream``.

    At any time at most ``ahead`` frames are read or being read beyond the one that was given last, and together
    they take at most ``memory`` bytes, except that one is always let through. Threads start with the first frame and
    end with the last, with ``close()``, at the end of a ``with`` block, or when the stream is let go of.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from vfx.io.sequence import Sequence
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     outputs = Sequence(folder + "/a.####.exr", frames="1-3")
    ...     for number in outputs:
    ...         Image(np.full((4, 4, 3), number, np.float16)).write(outputs.path(number))
    ...     with Sequence(folder + "/a.####.exr").stream() as frames:
    ...         print([(frame.number, float(frame.image.numpy().max())) for frame in frames])
    [(1, 1.0), (2, 2.0), (3, 3.0)]
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        ahead: int,
        memory: int,
        workers: int,
        on_error: str,
        options: dict[str, Any],
    ) -> None:
        self._jobs = deque(jobs)
        self._ahead, self._memory = ahead, memory
        self._workers = min(workers, ahead)
        self._on_error, self._options = on_error, options
        self._pending: deque[tuple[Job, int, Future[Image]]] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._weight = 0
        self._ratio = 1.0
        self._closed = False

    def __iter__(self) -> Self:
        """Itself."""
        return self

    def __enter__(self) -> Self:
        """Itself; the block's end closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __del__(self) -> None:
        """Let go of without being closed."""
        if not getattr(self, "_closed", True):
            self.close()

    def __next__(self) -> Frame:
        """The next frame; the error of one that cannot be read, unless it is to be skipped or kept, or of an option."""
        while not self._closed:
            try:
                self._fill()
                if not self._pending:
                    break
                job, weight, future = self._pending[0]
                frame = self._finished(job, weight, future)
            except BaseException:
                self.close()
                raise
            self._pending.popleft()
            self._weight -= weight
            if isinstance(frame.error, TypeError):  # a wrong option, of every frame: nothing to skip
                self.close()
                raise frame.error
            if frame.error is None or self._on_error == "keep":
                self._fill_or_close()
                return frame
            if self._on_error == "raise":
                self.close()
                raise FrameError(_reason(frame.error), path=str(frame.path), frame=frame.number) from frame.error
        self.close()
        raise StopIteration

    def _fill_or_close(self) -> None:
        """Keep the threads busy while the caller works on the frame."""
        try:
            self._fill()
        except BaseException:
            self.close()
            raise

    def _fill(self) -> None:
        """Start reading as many frames as there is room for."""
        part, dtype = self._options.get("part", 0), self._options.get("dtype")
        while self._jobs and len(self._pending) < self._ahead and not self._closed:
            job = self._jobs[0]
            weight = 0 if job.error else math.ceil(_needs(job.path, part, dtype) * self._ratio)
            if self._pending and self._weight + weight > self._memory:
                return
            self._jobs.popleft()
            self._pending.append((job, weight, self._start(job)))
            self._weight += weight

    def _start(self, job: Job) -> Future[Image]:
        """The picture to come."""
        if job.error is not None:
            failed: Future[Image] = Future()
            failed.set_exception(job.error)
            return failed
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="vfx-stream")
        # The limits of the caller's block hold in the threads too. Nothing given to them holds the stream, so that
        # it ends when its user lets go of it.
        return self._pool.submit(copy_context().run, _read, self._workers > 1, job.path, self._options)

    def _finished(self, job: Job, weight: int, future: Future[Image]) -> Frame:
        """The frame, once it is there."""
        error = future.exception()
        if isinstance(error, Exception):
            return Frame(job.number, job.path, error)
        image = future.result()
        size = np.asarray(image.numpy()).nbytes
        if weight:
            # Options such as rows make pictures smaller than their headers say; never larger than once seen.
            self._ratio = max(self._ratio if self._ratio < 1 else 0.0, self._ratio * size / weight)
        return Frame(job.number, job.path, None, image)

    def close(self) -> None:
        """Nothing; no further frame is read, and the threads have ended. May be called again."""
        self._closed = True
        self._jobs.clear()
        for _, _, future in self._pending:
            future.cancel()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        self._pending.clear()
        self._weight = 0
