"""Builds the readers' kernels with AddressSanitizer and runs the reader tests and a campaign on them: ``make asan``.

The build is a copy of the tree in ``build/asan``, so the ordinary kernels stay as they are. Kernels that no reader
uses are the ordinary ones there. Python allocates with ``malloc``, so that the sanitizer knows where its objects end.

=========  ==================================================================
tests      ``tests/io`` and ``tests/lut``, but for what measures time
campaign   damaged files for every reader, see :mod:`tests.fuzz.campaign`
leaks      what the kernels never free, see :mod:`tests.fuzz.leaks`
=========  ==================================================================
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "asan"
_COPIED = ("vfx", "tests", "docs", "setup.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "NOTICE")
# Rooms whose kernels see bytes of files; and what every process loads.
_ROOMS = ("io", "lut", "_deep_compositing.py")
_ALWAYS = ("buffer", "cpu")
_IMPORT = re.compile(r"from vfx\._ext import ([\w, ]+)|vfx\._ext\.(\w+)")
_OPTIONS = "halt_on_error=1:abort_on_error=1:allocator_may_return_null=1:detect_stack_use_after_return=0"


def _kernels() -> list[str]:
    """The kernels that readers use."""
    named = set(_ALWAYS)
    for room in _ROOMS:
        place = ROOT / "vfx" / room
        for path in place.rglob("*.py") if place.is_dir() else [place]:
            for several, one in _IMPORT.findall(path.read_text(encoding="utf-8")):
                named |= {name.split(" as ")[0].strip() for name in several.split(",")} | {one}
    return sorted(path.stem for path in (ROOT / "vfx" / "_ext").glob("*.pyx") if path.stem in named)


def _copy() -> None:
    """Bring the copy of the tree up to date; what is compiled there stays."""
    COPY.mkdir(parents=True, exist_ok=True)
    own = [f"{stem}.*.so" for stem in (*_kernels(), "_cyutility")]
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "x86_64_v*", "_build", *own)
            shutil.copytree(source, COPY / name, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy2(source, COPY / name)
    for wide in (COPY / "vfx" / "_ext").glob("x86_64_v*"):
        shutil.rmtree(wide)  # of an older build
    for gone in [path for path in (COPY / "tests").rglob("test_*.py") if not (ROOT / path.relative_to(COPY)).exists()]:
        gone.unlink()


def _run(name: str, *command: str, **environment: str) -> bool:
    """Whether a command ended well."""
    print(f"== {name}", flush=True)
    done = subprocess.run(command, cwd=COPY, env={**os.environ, **environment}, check=False)
    return done.returncode == 0


def _library(name: str) -> str:
    """The path of one of the compiler's own libraries."""
    command = [*os.environ.get("CC", "cc").split(), f"-print-file-name={name}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _sanitizing() -> Mapping[str, str]:
    """The environment in which the kernels run; the C++ library is there for those who throw its exceptions."""
    return {
        "ASAN_OPTIONS": f"{_OPTIONS}:detect_leaks=0",
        "LD_PRELOAD": f"{_library('libasan.so')}:{_library('libstdc++.so')}",
        "PYTHONMALLOC": "malloc",
        "VFX_SANITIZE": "address",
        "VFX_SHARED_DATA": os.environ.get("VFX_SHARED_DATA") or str(ROOT.parent / "shared" / "data"),
        "VFX_SIMD": "baseline",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the sanitizer has nothing to say and the tests pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", default=["tests/io", "tests/lut"], help="what pytest runs")
    parser.add_argument("--count", type=int, default=1000, help="damaged files per reader")
    parser.add_argument("--leaks", type=int, default=40, help="files per reader that are looked at for leaks")
    options = parser.parse_args(arguments)
    _copy()
    building = {"VFX_SANITIZE": "address", "VFX_BUILD_LEVELS": "baseline", "VFX_MODULES": ",".join(_kernels())}
    python = sys.executable
    if not _run(f"build {building['VFX_MODULES']}", python, "setup.py", "-q", "build_ext", "--inplace", **building):
        return 1
    inside = _sanitizing()
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=900"]
    pytest += ["--deselect=tests/io/test_fuzzing.py", *options.tests]
    fine = _run("tests", *pytest, **inside)
    fine = _run("campaign", python, "-m", "tests.fuzz.campaign", "--count", str(options.count), **inside) and fine
    looking = {**inside, "ASAN_OPTIONS": f"{_OPTIONS}:detect_leaks=1:leak_check_at_exit=0:fast_unwind_on_malloc=0"}
    fine = _run("leaks", python, "-m", "tests.fuzz.leaks", str(options.leaks), **looking) and fine
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
