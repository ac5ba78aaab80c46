"""The command line: ``vfx grade``, ``vfx info`` and the others, one file each.

Every command prints its result on stdout (``--json``: for machines) and progress on stderr. The exit
code is 0 when all went well, 1 after an error (one line on stderr), 2 after wrong usage, 130 after
Ctrl-C and 143 after a termination signal; files written by then are whole.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["main"]


class _Terminated(BaseException):
    """Raised in the main thread by a termination signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of ``vfx`` with these arguments (default: those of the process).

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    vfx ...
    0
    """
    import click

    from vfx.cli._app import Interrupted, app

    try:
        with _terminable():
            result = app.main(args=arguments, prog_name="vfx", standalone_mode=False)
        sys.stdout.flush()
        return int(result or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        with suppress(OSError):
            print(error.format_message(), flush=True)
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see {context.command_path} --help)" if context else ""
        return _fail(f"{error.format_message()}{hint}", error.exit_code)
    except (Interrupted, click.Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)
    except _Terminated:
        return _fail("terminated", 143)
    except BrokenPipeError:  # the reader, such as `head`, has gone
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("VFX_TRACEBACK"):
            raise
        return _fail(f"error: {_line(error)}", 1)


def _fail(message: str, code: int) -> int:
    """Print one line and give the exit code back."""
    text = " ".join(message.split())
    if code == 2 and not text.startswith("error:"):
        text = f"error: {text}"
    with suppress(OSError):
        print(f"vfx: {text}", file=sys.stderr, flush=True)
    return code


def _line(error: Exception) -> str:
    """An exception in one line, with its class where it is not one that was raised on purpose."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, (ValueError, TypeError, RuntimeError, ImportError)) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error} (VFX_TRACEBACK=1 shows where)"


@contextmanager
def _terminable() -> Iterator[None]:
    """A block that a termination signal leaves by an exception, so that temporary files go away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(_signal: int, _frame: FrameType | None) -> None:
        raise _Terminated

    previous = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
