"""The two jobs: a look, or any function, on every frame."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import __version__, checks, io, pixelop
from vfx.batch._bands import FileByFile, Resizing, RowByRow, stream
from vfx.batch._plan import Files, Plan, Task, make_plan
from vfx.batch._report import BatchReport, FrameFailure, Progress
from vfx.batch._state import State, fingerprint, identity
from vfx.batch._workers import Stopped, results, worker_count
from vfx.errors import BackendError, FrameError, VfxError
from vfx.image import Image
from vfx.pixelop import PixelOp

if TYPE_CHECKING:
    from vfx.look import Look

__all__ = ["grade", "map"]

ON_ERROR = ("raise", "skip")
# From the narrowest to the widest.
_FORMATS = ("u8", "u16", "f16", "f32")


@dataclass(frozen=True)
class _Job:
    """Everything that one frame needs to know."""

    process: Callable[..., Image]
    recipe: str
    dtype: str | None = None
    read_options: Mapping[str, Any] = field(default_factory=dict)
    write_options: Mapping[str, Any] = field(default_factory=dict)
    resume: bool = True
    # Whether pictures are worked on as float32 where the output is of another kind, or of a wider format.
    widen: bool = False


@dataclass(frozen=True)
class _Made:
    """What became of one frame."""

    status: str
    pixels: int = 0
    bytes_read: int = 0
    bytes_written: int = 0


def grade(
    src: Files,
    dst: Files,
    look: Look | Iterable[PixelOp],
    *,
    workers: int | None = None,
    frames: str | int | Iterable[int] | None = None,
    on_missing: str = "error",
    on_error: str = "raise",
    resume: bool = True,
    progress: Callable[[Progress], object] | None = None,
    scheduler: object = None,
    dtype: str | None = None,
    read_options: Mapping[str, Any] | None = None,
    write_options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> BatchReport:
    """Report of a shot graded: ``look`` applied to every frame of ``src``, written to ``dst``.

    Metadata (timecode too) and windows go with the picture. Between files of the same extension the
    image keeps its format; otherwise 8 and 16-bit sources are graded and written as float32 unless
    ``dtype`` says otherwise. Output folders are created. Ctrl-C leaves whole files only.

    Parameters
    ----------
    src : str, os.PathLike or Sequence
        Pattern such as ``"plates/sh010.####.exr"``, or one file.
    dst : str, os.PathLike or Sequence
        Pattern, file, or folder (ending with a slash, or existing); never the source itself.
    look : Look or iterable of PixelOp
        What is applied, in one pass.
    workers : int, optional
        Frames in work at the same time; by default what CPUs and memory allow.
    frames : str or iterable of int, optional
        ``"1001-1100x2"`` or numbers; by default those on disk.
    on_missing : {"error", "skip", "hold", "black"}
        Frames without a source stop the batch before it starts; are left out; repeat the nearest
        earlier frame on disk (else the nearest later one), also one outside ``frames``; become a black,
        ungraded picture.
    on_error : {"raise", "skip"}
        A frame that fails stops the batch, or is reported while the others go on.
    resume : bool
        Leave out frames of a sequence that an earlier run finished with the same look, options and source.
    progress : callable, optional
        Gets a :class:`Progress` after each frame, in the calling thread.
    scheduler : None
        Only local workers exist in this version.
    dtype : {"u8", "u16", "f16", "f32"}, optional
        Format of the pictures written.
    read_options, write_options : mapping, optional
        Options for :func:`vfx.read` and :func:`vfx.write`, e.g. ``{"compression": "dwaa"}``.
    dry_run : bool
        Make nothing; the report's ``planned`` lists what would be made.

    Returns
    -------
    BatchReport

    Raises
    ------
    SequenceError
        If frames are missing, or an output is a source.
    FrameError
        If a frame fails and ``on_error`` is ``"raise"``; the cause is chained.

    Examples
    --------
    >>> import tempfile, numpy as np, vfx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for frame in (1, 2):
    ...         vfx.write(f"{folder}/a.{frame:04d}.exr", vfx.Image(np.ones((4, 4, 3), np.float32)))
    ...     report = grade(f"{folder}/a.####.exr", f"{folder}/out/a.####.exr", vfx.Look().exposure(1))
    >>> report.done
    (1, 2)
    """
    process, made_with = _look_process(look)
    _no_scheduler(scheduler)
    job = replace(_job(process, ("grade", made_with), dtype, read_options, write_options, resume), widen=True)
    plan = make_plan(src, dst, frames, on_missing)
    return _run(plan, job, workers=workers, on_error=on_error, progress=progress, dry_run=dry_run)


def map(
    fn: Callable[..., Image | None],
    src: Files,
    dst: Files,
    *,
    key: str | None = None,
    beside: Iterable[Files] = (),
    workers: int | None = None,
    frames: str | int | Iterable[int] | None = None,
    on_missing: str = "error",
    on_error: str = "raise",
    resume: bool = True,
    progress: Callable[[Progress], object] | None = None,
    scheduler: object = None,
    dtype: str | None = None,
    read_options: Mapping[str, Any] | None = None,
    write_options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> BatchReport:
    """Report of ``fn`` applied to every frame of ``src``, written to ``dst``.

    Parameters
    ----------
    fn : callable
        Gets an :class:`~vfx.Image` in the file's own pixel format; returns the image to write, or None when it
        changed that one. Several threads call it at the same time.
    src, dst
        As for :func:`grade`.
    key : str, optional
        What ``fn`` does, e.g. ``"denoise 0.3"``: frames finished under the same key are left out by
        ``resume``. Without it nothing is left out, because a function's content cannot be compared.
    beside : iterable of str, os.PathLike or Sequence, optional
        More pictures for ``fn``, which gets them after the first: the same frame of each pattern, and the same
        picture each time of a single file. They are read without ``read_options``.
    workers, frames, on_missing, on_error, resume, progress, scheduler, dtype, read_options, write_options, dry_run
        As for :func:`grade`.

    Raises
    ------
    SequenceError, FrameError
        As for :func:`grade`.

    Examples
    --------
    >>> import tempfile, numpy as np, vfx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     vfx.write(f"{folder}/a.exr", vfx.Image(np.ones((4, 4, 3), np.float32)))
    ...     report = map(lambda image: image.gain(2), f"{folder}/a.exr", f"{folder}/b.exr")
    >>> report.done
    (None,)
    """
    if not callable(fn):
        raise TypeError(f"fn must be a function that takes an Image, got {type(fn).__name__}")
    _no_scheduler(scheduler)

    def process(image: Image, *others: Image) -> Image:
        result = fn(image, *others)
        if result is not None and not isinstance(result, Image):
            raise TypeError(f"fn must return an Image or None, got {type(result).__name__}")
        return image if result is None else result

    job = _job(
        fn if isinstance(fn, (FileByFile, RowByRow, Resizing)) else process,
        ("map", key),
        dtype,
        read_options,
        write_options,
        resume and key is not None,
    )
    plan = make_plan(src, dst, frames, on_missing, beside=beside)
    return _run(plan, job, workers=workers, on_error=on_error, progress=progress, dry_run=dry_run)


def _no_scheduler(scheduler: object) -> None:
    """Raise when a scheduler is asked for."""
    if scheduler is not None:
        raise BackendError(
            f"scheduler={scheduler!r}: this version runs batches on local threads only; leave scheduler=None"
        )


def _look_process(look: Look | Iterable[PixelOp]) -> tuple[Callable[..., Image], list[object]]:
    """What applies the look in place, and the kernel steps that it comes to."""
    from vfx.look import Look

    if not isinstance(look, Iterable):
        raise TypeError(f"look must be a vfx.Look or a list of pixel operations, got {type(look).__name__}")
    ops = tuple(look)
    for op in ops:
        if not isinstance(op, PixelOp):
            raise TypeError(f"look must be a vfx.Look or a list of pixel operations, it holds {op!r}")

    def process(image: Image) -> Image:
        if isinstance(look, Look):
            look.apply(image)
        else:
            pixelop.run(ops, image, image)
        return image

    return RowByRow(process), [list(step) for op in ops for step in op.steps()]


def _job(
    process: Callable[..., Image],
    made_with: tuple[object, ...],
    dtype: str | None,
    read_options: Mapping[str, Any] | None,
    write_options: Mapping[str, Any] | None,
    resume: bool,
) -> _Job:
    """The job with its recipe: one digest of all that decides the pixels, but the source."""
    if dtype is not None:
        checks.one_of("dtype", dtype, _FORMATS)
    reading, writing = dict(read_options or {}), dict(write_options or {})
    recipe = fingerprint(__version__, made_with, dtype, reading, writing)
    return _Job(process, recipe, dtype, reading, writing, resume)


def _make(job: _Job, task: Task, state: State, stop: threading.Event) -> _Made:
    """One frame: read, process, write; or nothing when it is already there."""
    path = task.source
    try:
        source = _identity(task)
        if job.resume and state.finished(source, task.target, task.stand_in):
            return _Made("skipped")
        _go_on(stop)
        made = _by_file(job, task) if isinstance(job.process, FileByFile) else _streamed(job, task, stop)
        if made is not None:
            return _Made("done", made, int(sum(source[1::3])), state.record(source, task.target, task.stand_in))
        image = _read(job, task)
        _go_on(stop)
        if task.stand_in != "black":
            image = job.process(image, *(io.read(path) for path in task.beside))
        if job.dtype is not None and image.format != job.dtype:
            image = image.astype(job.dtype)
        _go_on(stop)
        path = task.target
        io.write(task.target, image, **job.write_options)
        written = state.record(source, task.target, task.stand_in)
    except Exception as error:
        raise FrameError(_reason(error), path=path, frame=task.frame) from error
    return _Made("done", image.width * image.height, int(sum(source[1::3])), written)


def _by_file(job: _Job, task: Task) -> int:
    """Pixels of a frame whose file was made out of another file."""
    assert isinstance(job.process, FileByFile)
    if task.stand_in == "black" or task.beside:
        raise FrameError("a copied file cannot be black, nor made of several")
    job.process.fn(task.source, task.target)
    info = io.probe(task.target)
    return sum(part.width * part.height for part in info.parts)


def _streamed(job: _Job, task: Task, stop: threading.Event) -> int | None:
    """Pixels of a frame that was too large to hold and is written now; None for all others."""
    if task.stand_in == "black" or task.beside:
        return None

    def prepare(image: Image) -> Image:
        return image.astype("f32") if job.widen and _too_narrow(image.format, job, task) else image

    def finish(image: Image) -> Image:
        return image.astype(job.dtype) if job.dtype is not None and image.format != job.dtype else image

    return stream(
        job.process,
        task.source,
        task.target,
        read_options=job.read_options,
        write_options=job.write_options,
        prepare=prepare,
        finish=finish,
        check=lambda: _go_on(stop),
    )


def _identity(task: Task) -> list[Any]:
    """What tells a frame's sources from changed ones."""
    return [value for path in (task.source, *task.beside) for value in identity(path)]


def _read(job: _Job, task: Task) -> Image:
    """The source's picture in the format that it is worked on, black where it stands in as black."""
    image = io.read(task.source, **job.read_options)
    if job.widen and _too_narrow(image.format, job, task):
        image = image.astype("f32")
    if task.stand_in == "black":
        return image.like(np.zeros_like(image.numpy()))
    return image if image.pixels.flags.writeable else image.copy()


def _too_narrow(fmt: str, job: _Job, task: Task) -> bool:
    """Whether working in this format would round or clamp what the output could hold."""
    if job.dtype is not None and _FORMATS.index(job.dtype) > _FORMATS.index(fmt):
        return True
    return fmt in ("u8", "u16") and task.source.suffix.lower() != task.target.suffix.lower()


def _go_on(stop: threading.Event) -> None:
    """Leave the frame when the batch is over."""
    if stop.is_set():
        raise Stopped


def _reason(error: Exception) -> str:
    """The error in one line; its class too where the message alone says little."""
    if isinstance(error, OSError) and error.strerror:
        named = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{named}"
    text = " ".join(str(error).split())
    known = isinstance(error, (VfxError, ValueError)) and text
    return text if known else f"{type(error).__name__}: {text}".rstrip(": ")


class _Tally:
    """The report while it grows."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.report = BatchReport(plan.source, plan.target, missing=plan.missing, workers=workers)
        self._total = len(plan.tasks)
        self._start = time.perf_counter()
        self._done: list[int | None] = []
        self._skipped: list[int | None] = []
        self._failed: list[FrameFailure] = []
        self._sums = np.zeros(3, np.int64)

    def add(self, task: Task, result: _Made | Exception) -> Progress:
        """Count one finished frame."""
        if isinstance(result, _Made):
            (self._done if result.status == "done" else self._skipped).append(task.frame)
            self._sums += (result.pixels, result.bytes_read, result.bytes_written)
            status = result.status
        else:
            path = getattr(result, "path", None) or str(task.source)
            self._failed.append(FrameFailure(task.frame, path, getattr(result, "reason", str(result))))
            status = "failed"
        finished = len(self._done) + len(self._skipped) + len(self._failed)
        seconds = time.perf_counter() - self._start
        return Progress(task.frame, status, finished, self._total, len(self._done), seconds)

    def close(self, warnings: Iterable[str]) -> BatchReport:
        """The finished report."""
        pixels, bytes_read, bytes_written = (int(one) for one in self._sums)
        return replace(
            self.report,
            done=tuple(sorted(self._done, key=_order)),
            skipped=tuple(sorted(self._skipped, key=_order)),
            failed=tuple(sorted(self._failed, key=lambda failure: _order(failure.frame))),
            seconds=time.perf_counter() - self._start,
            pixels=pixels,
            bytes_read=bytes_read,
            bytes_written=bytes_written,
            warnings=tuple(warnings),
        )


def _order(frame: int | None) -> int:
    """Sort key of a frame number."""
    return -1 if frame is None else frame


def _run(
    plan: Plan,
    job: _Job,
    *,
    workers: int | None,
    on_error: str,
    progress: Callable[[Progress], object] | None,
    dry_run: bool,
) -> BatchReport:
    """Work through the plan."""
    checks.one_of("on_error", on_error, ON_ERROR)
    folder = plan.tasks[0].target.parent
    state = State(folder, job.recipe, kept=plan.tasks[0].frame is not None)
    if dry_run:
        return _planned(plan, job, state)
    folder.mkdir(parents=True, exist_ok=True)
    count = worker_count(workers, len(plan.tasks), _first_look(plan.tasks[0].source, job, state))
    tally = _Tally(plan, count)

    def work(task: Task, stop: threading.Event) -> _Made:
        return _make(job, task, state, stop)

    try:
        with closing(results(plan.tasks, work, count, stop_at_error=on_error == "raise")) as finished:
            for task, result in finished:
                step = tally.add(task, result)
                if isinstance(result, Exception) and on_error == "raise":
                    raise result
                _save(state)
                if progress is not None:
                    progress(step)
    finally:
        _save(state, now=True)
    return tally.close(state.warnings)


def _planned(plan: Plan, job: _Job, state: State) -> BatchReport:
    """The report of a dry run."""
    todo: list[int | None] = []
    finished: list[int | None] = []
    for task in plan.tasks:
        known = job.resume and state.finished(_identity(task), task.target, task.stand_in)
        (finished if known else todo).append(task.frame)
    return BatchReport(
        plan.source,
        plan.target,
        skipped=tuple(finished),
        missing=plan.missing,
        planned=tuple(todo),
        warnings=tuple(state.warnings),
    )


def _save(state: State, *, now: bool = False) -> None:
    """Save the memory; when that fails the frames are still good, so it is only a warning."""
    try:
        state.save(now=now)
    except OSError as error:
        warning = f"{state.path}: cannot be written, resume will not work: {error.strerror or error}"
        if warning not in state.warnings:
            state.warnings.append(warning)


def _first_look(source: Path, job: _Job, state: State) -> int:
    """Size of a frame as float32, from its header (0 where it cannot be read); warns of what will be lost."""
    with suppress(OSError, ValueError):
        info = io.probe(source)
        if len(info.parts) > 1 and "part" not in job.read_options:
            state.warnings.append(f"{source}: has {len(info.parts)} parts, the outputs hold only the first")
        return info.width * info.height * info.channels * 4
    return 0
