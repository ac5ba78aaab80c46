"""What a batch says while it runs and when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vfx.io.sequence import format_frames

__all__ = ["BatchReport", "FrameFailure", "Progress"]


@dataclass(frozen=True)
class FrameFailure:
    """A frame that could not be made.

    Parameters
    ----------
    frame : int or None
        Its number; None for a single file.
    path : str
        The file at fault: the source, or the output if writing failed.
    reason : str
        What went wrong, in one line.
    """

    frame: int | None
    path: str
    reason: str

    def __str__(self) -> str:
        """``frame 1001: plates/sh.1001.exr: reason``."""
        head = f"frame {self.frame}: " if self.frame is not None else ""
        return f"{head}{self.path}: {self.reason}" if self.path not in self.reason else f"{head}{self.reason}"


@dataclass(frozen=True)
class Progress:
    """One step of a running batch, as its ``progress`` function gets it.

    Parameters
    ----------
    frame : int or None
        The frame just finished; None for a single file.
    status : str
        ``"done"``, ``"skipped"`` (an earlier run made it) or ``"failed"``.
    finished, total : int
        Frames finished so far, and in all.
    made : int
        Frames really made so far (not skipped, not failed).
    seconds : float
        Since the start.
    """

    frame: int | None
    status: str
    finished: int
    total: int
    made: int
    seconds: float

    @property
    def fps(self) -> float:
        """Frames made per second so far."""
        return self.made / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds left at this speed; None before the first frame."""
        return (self.total - self.finished) / self.fps if self.made else None


@dataclass(frozen=True)
class BatchReport:
    """What a batch did.

    Parameters
    ----------
    source, target : str
        The patterns or files.
    done : tuple of int or None
        Frames made now, ascending; ``(None,)`` for a single file.
    skipped : tuple of int or None
        Frames that an earlier run made with the same look, options and source.
    failed : tuple of FrameFailure
        Frames that could not be made, with the reasons.
    missing : tuple of int
        Frames without a source; ``on_missing`` said what happened to them.
    planned : tuple of int or None
        In a dry run: the frames that would be made.
    seconds : float
        Wall time.
    pixels, bytes_read, bytes_written : int
        Sums over the frames made.
    workers : int
        Frames in work at the same time.
    warnings : tuple of str
        Such as an unreadable resume file.
    """

    source: str
    target: str
    done: tuple[int | None, ...] = ()
    skipped: tuple[int | None, ...] = ()
    failed: tuple[FrameFailure, ...] = ()
    missing: tuple[int, ...] = ()
    planned: tuple[int | None, ...] = ()
    seconds: float = 0.0
    pixels: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    workers: int = 1
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no frame failed."""
        return not self.failed

    @property
    def fps(self) -> float:
        """Frames made per second."""
        return len(self.done) / self.seconds if self.seconds > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values that ``json`` can write."""
        return {**asdict(self), "ok": self.ok, "fps": self.fps}

    def __str__(self) -> str:
        """One line: ``100 frames in 12.3 s (8.1 fps), 2 skipped, 1 failed``."""
        parts = [f"{_count(len(self.done))} in {self.seconds:.2f} s ({self.fps:.1f} fps)"]
        if self.planned:
            parts = [f"{_count(len(self.planned))} to make"]
        if self.skipped:
            parts.append(f"{len(self.skipped)} already done")
        if self.missing:
            parts.append(f"{len(self.missing)} missing ({format_frames(self.missing)})")
        if self.failed:
            parts.append(f"{len(self.failed)} failed")
        return ", ".join(parts)


def _count(frames: int) -> str:
    """``1 frame``, ``2 frames``."""
    return f"{frames} frame" + ("" if frames == 1 else "s")
