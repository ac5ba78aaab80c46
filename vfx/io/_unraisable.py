"""Errors that a compiled library can only report as ignored ("Exception ignored in …"), made real.

imagecodecs's HTJ2K decoder copies pixels in a function that cannot raise: for a damaged code stream Python prints the
error and the picture comes back with memory nobody wrote. ``sys.unraisablehook`` is the one place where such an error
can be seen.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ignored_errors_raised"]

_lock = threading.Lock()
_waiting: dict[int, list[BaseException]] = {}
_outer: list[Any] = []


def _take(unraisable: Any) -> None:
    """Keep the error for the thread that waits for it; pass on all others."""
    mine = _waiting.get(threading.get_ident())
    if mine is not None and unraisable.exc_value is not None:
        mine.append(unraisable.exc_value)
    else:
        (_outer[0] if _outer else sys.__unraisablehook__)(unraisable)


@contextmanager
def ignored_errors_raised() -> Iterator[None]:
    """Inside, in this thread, an error that would be ignored is raised at the end of the block.

    Blocks do not nest within a thread. Errors of other threads take their usual way.
    """
    thread = threading.get_ident()
    caught: list[BaseException] = []
    with _lock:
        if not _waiting:
            _outer[:] = [sys.unraisablehook]
            sys.unraisablehook = _take
        _waiting[thread] = caught
    try:
        yield
    finally:
        with _lock:
            del _waiting[thread]
            if not _waiting and sys.unraisablehook is _take:
                sys.unraisablehook = _outer[0]
    if caught:
        raise caught[0]
