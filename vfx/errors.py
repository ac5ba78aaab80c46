"""Every exception that this package raises on purpose.

Each class also derives from the builtin that a caller would expect, so code that knows
nothing of ``vfx`` still catches the right thing::

    VfxError
    ├── FormatError (ValueError)           a file or text is damaged, or of an unsupported kind
    │   └── LimitError                     it asks for more pixels or bytes than allowed
    ├── ChannelError (ValueError)          the image lacks the channels that the work needs
    ├── ReadOnlyError (ValueError)         in-place work on memory that may not be changed
    ├── NotInvertibleError (ValueError)    an operation without an inverse
    ├── SequenceError (ValueError)         a frame pattern or a frame that does not exist
    ├── UnknownNameError (ValueError, KeyError)  a name that a table of records does not have
    ├── BackendError (RuntimeError)        the wanted compute backend is not available
    ├── FrameError (RuntimeError)          one frame of a batch failed
    └── MissingExtraError (ImportError)    an optional dependency is not installed

A missing file is the builtin ``FileNotFoundError``; other operating-system errors pass
through unchanged. Wrong arguments are ``TypeError`` and ``ValueError``.
"""

from __future__ import annotations

import os

__all__ = [
    "BackendError",
    "ChannelError",
    "FormatError",
    "FrameError",
    "LimitError",
    "MissingExtraError",
    "NotInvertibleError",
    "ReadOnlyError",
    "SequenceError",
    "UnknownNameError",
    "VfxError",
]


class VfxError(Exception):
    """Root of the exceptions of this package."""


class FormatError(VfxError, ValueError):
    """A file or text that is damaged, or of a kind that is not supported.

    Parameters
    ----------
    reason : str
        What is wrong, in one line.
    path : str or os.PathLike, optional
        The file, or a label such as ``"<bytes>"``.
    offset : int, optional
        Byte offset of the fault in the file.
    line : int, optional
        Line of the fault in a text file, from 1.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | os.PathLike[str] | None = None,
        offset: int | None = None,
        line: int | None = None,
    ) -> None:
        self.reason = " ".join(reason.split())
        self.path = None if path is None else os.fspath(path)
        self.offset = offset
        self.line = line
        super().__init__(self.reason)

    def __str__(self) -> str:
        """``path: line 3: reason (byte 40)``, with the parts that are known."""
        head = [part for part in (self.path, f"line {self.line}" if self.line else None) if part]
        tail = f" (byte {self.offset})" if self.offset is not None else ""
        return ": ".join([*head, self.reason]) + tail

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with all parts, so that a worker process can report the error."""
        return _rebuild_format_error, (type(self), self.reason, self.path, self.offset, self.line)


def _rebuild_format_error(
    kind: type[FormatError], reason: str, path: str | None, offset: int | None, line: int | None
) -> FormatError:
    """Unpickle a :class:`FormatError`."""
    return kind(reason, path=path, offset=offset, line=line)


class LimitError(FormatError):
    """A file that asks for more pixels or bytes than allowed."""


class ChannelError(VfxError, ValueError):
    """An image that lacks the channels that the work needs."""


class ReadOnlyError(VfxError, ValueError):
    """In-place work on an image whose memory may not be changed."""


class NotInvertibleError(VfxError, ValueError):
    """An operation that has no inverse."""


class SequenceError(VfxError, ValueError):
    """A frame pattern that cannot be read, or a frame that does not exist."""


class UnknownNameError(VfxError, KeyError, ValueError):
    """A name that a table of records, such as ``vfx.color.spaces``, does not have; the message lists those it has."""

    def __str__(self) -> str:
        """The message itself, where ``KeyError`` would quote it."""
        return str(self.args[0])


class BackendError(VfxError, RuntimeError):
    """A compute backend that is not available here."""


class FrameError(VfxError, RuntimeError):
    """One frame of a batch that failed.

    Parameters
    ----------
    reason : str
        What went wrong, in one line.
    path : str or os.PathLike, optional
        The file of the frame.
    frame : int, optional
        The frame number.
    """

    def __init__(self, reason: str, *, path: str | os.PathLike[str] | None = None, frame: int | None = None) -> None:
        self.reason = " ".join(reason.split())
        self.path = None if path is None else os.fspath(path)
        self.frame = frame
        super().__init__(self.reason)

    def __str__(self) -> str:
        """``frame 1001: path: reason``, with the parts that are known."""
        head = f"frame {self.frame}: " if self.frame is not None else ""
        named = f"{self.path}: " if self.path and self.path not in self.reason else ""
        return f"{head}{named}{self.reason}"


class MissingExtraError(VfxError, ImportError):
    """An optional dependency that is not installed.

    Parameters
    ----------
    what : str
        What was asked for, e.g. ``"OpenColorIO configs"``.
    extra : str
        The extra that brings it, e.g. ``"ocio"``.
    """

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f'{what}: not installed; pip install "vfx[{extra}]" brings it')
