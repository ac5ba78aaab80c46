"""Reads damaged files under LeakSanitizer and says what was never freed: part of ``make asan``.

Only memory that nothing points to counts, so this asks while the interpreter lives. What Python itself loses (an
object of its own now and then) is no business of ours: a leak is ours when a kernel or the EXR library is on its stack.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
import tempfile
from collections.abc import Sequence

from tests.fuzz.campaign import damaged_input
from tests.fuzz.readers import READERS

__all__ = ["main"]

_ON_PURPOSE = "_ctypes"
_OURS = re.compile(r"/vfx/_ext/|/OpenEXR\.[^/]*so|_ctypes")
_BEGIN = re.compile(r"^(?:Direct|Indirect) leak of", re.MULTILINE)


def _leaks() -> list[str]:
    """The stacks of memory that is lost, those of our own code."""
    check = getattr(ctypes.CDLL(None), "__lsan_do_recoverable_leak_check", None)
    if check is None:
        raise SystemExit("not run: LeakSanitizer is not in this process; make asan runs this")
    gc.collect()
    with tempfile.TemporaryFile() as stream:
        stderr = os.dup(2)
        os.dup2(stream.fileno(), 2)
        check()
        os.dup2(stderr, 2)
        os.close(stderr)
        stream.seek(0)
        report = stream.read().decode(errors="replace")
    if "fatal error" in report:
        raise SystemExit(report)
    stacks = _BEGIN.split(report)[1:]
    return [stack for stack in stacks if _OURS.search(stack)]


def main(arguments: Sequence[str]) -> int:
    """0 where nothing is lost, else 1; the arguments are the number of files per reader, and readers."""
    count, *names = arguments
    for _ in range(9):
        ctypes.CDLL(None).malloc(4321)
    if not any(_ON_PURPOSE in stack for stack in _leaks()):
        raise SystemExit("not run: LeakSanitizer overlooks memory that was lost on purpose")
    for name in names or READERS:
        for number in range(int(count)):
            READERS[name].open(damaged_input(READERS[name], 77, number))
    found = [stack for stack in _leaks() if _ON_PURPOSE not in stack]
    print("\n".join(found) or f"no leak in {count} files of each of {len(names or READERS)} readers")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
