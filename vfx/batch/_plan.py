"""Which file becomes which: pairs of source and output, before anything is read."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from vfx import checks
from vfx.errors import SequenceError
from vfx.io.sequence import Sequence, format_frames, has_frame_token, has_view_token

__all__ = ["ON_MISSING", "Files", "Plan", "Task", "make_plan"]

#: What may be done with frames that have no source.
ON_MISSING = ("error", "skip", "hold", "black")
#: A pattern, a file, or a sequence.
Files = str | os.PathLike[str] | Sequence


@dataclass(frozen=True)
class Task:
    """One frame to make.

    Parameters
    ----------
    frame : int or None
        Its number; None for a single file.
    source, target : Path
        The files.
    stand_in : str
        Empty, or ``"hold"``/``"black"`` when ``source`` is a neighbour of a missing frame.
    beside : tuple of Path
        The other pictures of this frame, which the work needs too.
    """

    frame: int | None
    source: Path
    target: Path
    stand_in: str = ""
    beside: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All frames to make, and those without a source."""

    source: str
    target: str
    tasks: tuple[Task, ...]
    missing: tuple[int, ...] = ()


def make_plan(
    src: Files, dst: Files, frames: str | int | Iterable[int] | None, on_missing: str, *, beside: Iterable[Files] = ()
) -> Plan:
    """The plan for ``src`` → ``dst``.

    Raises
    ------
    SequenceError
        If there are no frames, frames are missing and ``on_missing`` is ``"error"``, or two outputs,
        or a source and an output, are the same file; if a picture ``beside`` a frame is missing.
    FileNotFoundError
        If ``src`` or a file ``beside`` it is a single file that does not exist.
    IsADirectoryError
        If ``src`` is a folder.
    """
    checks.one_of("on_missing", on_missing, ON_MISSING)
    if not isinstance(src, Sequence) and not _is_pattern(src):
        plan = _single(checks.path(src), dst, frames)
    else:
        source = src if isinstance(src, Sequence) else Sequence(src)
        plan = _views(source, dst, frames, on_missing) if source.views else _frames(source, dst, frames, on_missing)
    for files in beside:
        plan = _with_beside(plan, files, on_missing)
    _refuse_collisions(plan)
    return plan


def _with_beside(plan: Plan, files: Files, on_missing: str) -> Plan:
    """The plan with one more picture beside each frame: of a sequence the same frame, of a single file always that."""
    if not isinstance(files, Sequence) and not _is_pattern(files):
        path = checks.path(files)
        if not path.exists():
            raise FileNotFoundError(2, "no such file", str(path))
        return replace(plan, tasks=tuple(replace(task, beside=(*task.beside, path)) for task in plan.tasks))
    sequence = files if isinstance(files, Sequence) else Sequence(files)
    if plan.tasks[0].frame is None:
        raise SequenceError(f"{plan.source} is a single file, so {sequence.name} must be one too")
    tasks = [replace(task, beside=(*task.beside, sequence.path(task.frame or 0))) for task in plan.tasks]
    there = [task for task in tasks if task.beside[-1].is_file()]
    lacking = [task.frame for task in tasks if task not in there and task.frame is not None]
    if lacking and (on_missing != "skip" or not there):
        raise SequenceError(f"{sequence.name} in {sequence.folder}: missing frames {format_frames(lacking)}")
    return replace(plan, tasks=tuple(there), missing=tuple(sorted({*plan.missing, *lacking})))


def _is_pattern(files: str | os.PathLike[str]) -> bool:
    """Whether the text names a sequence; a file that really has that name is a single file."""
    return has_frame_token(files) and not Path(files).is_file()


def _single(source: Path, dst: Files, frames: object) -> Plan:
    """One file to one file."""
    if frames is not None:
        raise SequenceError(
            f"{source}: a single file has no frames; frames={frames!r} needs a pattern such as a.####.exr"
        )
    if not source.exists():
        raise FileNotFoundError(2, "no such file", str(source))
    if source.is_dir():
        inside = ", ".join(sequence.name for sequence in Sequence.find(source)[:3]) or "no sequences"
        raise IsADirectoryError(21, f"is a folder, not a file or a pattern; it holds {inside}", str(source))
    if isinstance(dst, Sequence) or (_is_pattern(dst) and not _is_folder(dst)):
        raise SequenceError(f"{source} is a single file, so the output must be one too, got {dst}")
    target = checks.path(dst) / source.name if _is_folder(dst) else checks.path(dst)
    return Plan(str(source), str(target), (Task(None, source, target),))


def _is_folder(dst: str | os.PathLike[str]) -> bool:
    """Whether the output is a folder: it exists as one, or ends with a slash."""
    return os.fspath(dst).endswith(("/", os.sep)) or Path(dst).is_dir()


def _views(source: Sequence, dst: Files, frames: str | int | Iterable[int] | None, on_missing: str) -> Plan:
    """Every view of a sequence to the same view of another, in one folder: what was done is remembered there."""
    if isinstance(dst, Sequence):
        target = dst
    else:
        name = checks.path(dst) / source.name if _is_folder(dst) else checks.path(dst)
        target = Sequence(name, views=source.views) if has_view_token(name.name) else Sequence(name)
    if target.views != source.views or len({target.view(view).folder for view in target.views}) != 1:
        raise SequenceError(
            f"{source.name} has the views {', '.join(source.views)}: the name of the output needs %V, got {dst}"
        )
    plans = [_frames(source.view(view), target.view(view), frames, on_missing) for view in source.views]
    tasks = sorted((task for plan in plans for task in plan.tasks), key=lambda task: task.frame or 0)
    missing = sorted({frame for plan in plans for frame in plan.missing})
    return Plan(str(source.folder / source.name), str(target.folder / target.name), tuple(tasks), tuple(missing))


def _frames(source: Sequence, dst: Files, frames: str | int | Iterable[int] | None, on_missing: str) -> Plan:
    """A sequence to a sequence."""
    if frames is not None:
        source = source.at(frames)
    where = f"{source.name} in {source.folder}"
    if isinstance(dst, Sequence):
        target = dst
    elif _is_folder(dst):
        target = Sequence(checks.path(dst) / source.name)
    elif _is_pattern(dst):
        target = Sequence(dst)
    else:
        raise SequenceError(f"the output of {source.name} needs a frame number such as ####, got {dst}")
    missing = source.missing
    on_disk = [frame for frame in source.frames if source.exists(frame)]
    # A part of the shot, such as one machine's share, holds the same pictures as the whole shot would.
    filled = missing if on_missing in ("hold", "black") else ()
    neighbours = Sequence(source.folder / source.name).frames if filled else ()
    within_shot = neighbours and all(neighbours[0] < frame < neighbours[-1] for frame in filled)
    if not on_disk and not within_shot:
        wanted = source.path(source.first)  # without any frame this raises, and says what there is instead
        raise SequenceError(f"{where}: none of the frames {format_frames(source.frames)} exists, such as {wanted.name}")
    if missing and on_missing == "error":
        raise SequenceError(f"{where}: missing frames {format_frames(missing)}; on_missing= may be skip, hold or black")
    tasks = [Task(frame, source.path(frame), target.path(frame)) for frame in on_disk]
    for frame in filled:
        nearest = neighbours[max(0, bisect_right(neighbours, frame) - 1)]
        tasks.append(Task(frame, source.path(nearest), target.path(frame), on_missing))
    tasks.sort(key=lambda task: task.frame or 0)
    shown = str(target.folder / target.name)
    return Plan(str(source.folder / source.name), shown, tuple(tasks), tuple(sorted(missing)))


def _refuse_collisions(plan: Plan) -> None:
    """Raise when an output would overwrite a source, whatever the two are called."""
    sources = {_identity(path) for task in plan.tasks for path in (task.source, *task.beside)}
    for task in plan.tasks:
        if task.target.exists() and _identity(task.target) in sources:
            raise SequenceError(f"{task.target}: the output is a source file; write to another folder or name")


def _identity(path: Path) -> tuple[int, int]:
    """Device and inode: the same for links to one file."""
    status = path.stat()
    return status.st_dev, status.st_ino
