"""Reads very many damaged files and counts what goes wrong: ``python -m tests.fuzz.campaign --count 10000``.

Every reader works in a process of its own with a limit on memory, on processor time per file, and with its stderr
watched. A process that crashes or hangs is replaced, and the next one goes on behind the file that did it. Input
``number`` of a reader depends on ``--seed`` and on its number alone; those with findings are kept in ``--keep``.

============  ===================================================================
crash         a signal ended the process
hang          one file took more than 5 s of processor time, or 120 s in all
error         an exception that is no FormatError, or one that does not name the file
noise         something was written to stderr, or a warning was raised
disagreement  ``read`` takes what ``probe`` refuses, gives another size, or reads bytes, path and stream differently
leak          memory grew by more than 48 MiB after the first quarter of the files
============  ===================================================================
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import mmap
import os
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.mutations import damaged
from tests.fuzz.openers import Finding
from tests.fuzz.readers import READERS, Reader, with_files

__all__ = ["Result", "damaged_input", "run"]

_CPU_SECONDS = 5.0
_WALL_SECONDS = 120.0
_MEMORY = 2**30
_LEAK = 48 * 2**20
_SAMPLES = 400
_KINDS = ("crash", "hang", "error", "noise", "disagreement", "leak")


@dataclass
class Result:
    """What became of one reader's files."""

    reader: str
    inputs: int = 0
    good: int = 0
    refused: int = 0
    seconds: float = 0.0
    grown_mib: float = 0.0
    findings: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    details: list[str] = field(default_factory=list)


def damaged_input(reader: Reader, seed: int, number: int) -> bytes:
    """Input ``number`` of a campaign."""
    rng = random.Random(f"{reader.name} {seed} {number}")
    content = damaged(
        rng.choice(reader.seeds), rng, others=reader.seeds, words=reader.words, fields=reader.fields, text=reader.text
    )
    return reader.mend(content) if reader.mend and number % 2 else content


class _Shared:
    """What a worker tells its keeper without a lock: its present input, counts, and memory now and then."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 4096 + 16 * _SAMPLES)

    def set(self, number: int, good: int, refused: int) -> None:
        self._memory[:24] = struct.pack("3q", number, good, refused)

    def get(self) -> tuple[int, ...]:
        return struct.unpack("3q", self._memory[:24])

    def sample(self, index: int, value: int) -> None:
        self._memory[4096 + 8 * index : 4104 + 8 * index] = struct.pack("q", value)

    def samples(self) -> list[int]:
        return [value for (value,) in struct.iter_unpack("q", self._memory[4096 : 4096 + 8 * _SAMPLES]) if value]


def _resident() -> int:
    """Bytes of memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
        return int(stream.read().split()[1]) * mmap.PAGESIZE


def _attempt(reader: Reader, content: bytes) -> tuple[bool, str, str]:
    """Whether a file was good, and the kind and the text of a finding, empty without one."""
    try:
        return reader.open(content), "", ""
    except Finding as finding:
        return False, "disagreement" if "probe" in str(finding) or "alike" in str(finding) else "error", str(finding)
    except Warning:
        return False, "noise", traceback.format_exc()
    except Exception:  # noqa: BLE001  it is what is looked for
        return False, "error", traceback.format_exc()


def _work(reader: Reader, seed: int, numbers: range, shared: _Shared, report: Any) -> None:
    """Read the files; what is found goes into ``report``, one line of JSON each."""
    if "VFX_SANITIZE" not in os.environ:  # the sanitizer's own memory is beyond any limit
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()  # a crash is reported by the keeper
    warnings.simplefilter("error")
    stderr = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the process
    os.dup2(stderr.fileno(), 2)
    every = max(1, len(numbers) // _SAMPLES)
    _, good, refused = shared.get()
    for number in numbers:
        shared.set(number, good, refused)
        content = damaged_input(reader, seed, number)
        signal.setitimer(signal.ITIMER_PROF, _CPU_SECONDS)
        fine, kind, text = _attempt(reader, content)
        signal.setitimer(signal.ITIMER_PROF, 0)
        good, refused = good + fine, refused + (not fine and not kind)
        if os.fstat(stderr.fileno()).st_size:
            stderr.seek(0)
            kind, text = kind or "noise", text + stderr.read().decode(errors="replace")
            stderr.seek(0)
            stderr.truncate()
        if kind:
            report.write(json.dumps([number, kind, text]) + "\n")
            report.flush()
        if number % every == 0:
            shared.sample((number - numbers.start) // every % _SAMPLES, _resident())
    shared.set(numbers.stop, good, refused)


def _watch(child: int, shared: _Shared) -> int:
    """The wait status of a worker; one that stands still is killed."""
    last, since = -1, time.monotonic()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        number = shared.get()[0]
        if number != last:
            last, since = number, time.monotonic()
        elif time.monotonic() - since > _WALL_SECONDS:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return int(signal.SIGALRM)
        time.sleep(0.01)


def _numbers_left(reader: Reader, seed: int, count: int, result: Result, shared: _Shared, report: Any) -> Iterator[int]:
    """Run workers until every number was tried; yields those that ended one."""
    start = 0
    while start < count:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                _work(reader, seed, range(start, count), shared, report)
                os._exit(0)
            except BaseException:  # noqa: BLE001  the child must not return
                report.write(json.dumps([shared.get()[0], "error", traceback.format_exc()]) + "\n")
                report.flush()
                os._exit(3)
        status = _watch(child, shared)
        number, result.good, result.refused = shared.get()
        if status:
            died = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            kind = "hang" if status == signal.SIGALRM or died in (signal.SIGPROF, signal.SIGALRM) else "crash"
            result.findings[kind] += 1
            result.details.append(f"{number} {kind}: status {status}")
            yield number
        start = number + 1 if status else count


def run(reader: Reader, *, count: int, seed: int = 1, keep: Path | None = None) -> Result:
    """What became of ``count`` damaged files of a reader; those with findings are written into ``keep``."""
    result, shared, began = Result(reader.name, count), _Shared(), time.monotonic()
    for content in reader.seeds:
        if not reader.open(content):
            raise ValueError(f"a seed of {reader.name} is refused")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as report:
        kept = list(_numbers_left(reader, seed, count, result, shared, report))
        report.seek(0)
        for number, kind, text in map(json.loads, report):
            result.findings[kind] += 1
            result.details.append(f"{number} {kind}: {text.strip()}")
            kept.append(number)
    samples = shared.samples()
    quarter = len(samples) // 4
    if quarter >= 2 and "VFX_SANITIZE" not in os.environ:
        grown = sorted(samples[-quarter:])[quarter // 2] - sorted(samples[quarter : 2 * quarter])[quarter // 2]
        result.grown_mib = round(grown / 2**20, 1)
        result.findings["leak"] += grown > _LEAK
    result.seconds = round(time.monotonic() - began, 1)
    if keep is not None:
        for number in kept[:50]:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{reader.name.strip('.')}-{seed}-{number}").write_bytes(damaged_input(reader, seed, number))
    return result


_HEAD = f"{'reader':13}{'inputs':>10}{'read':>10}{'refused':>10}{'MiB grown':>11}{'s':>8}  findings"


def _row(result: Result) -> str:
    """One reader's line of the table."""
    found = ", ".join(f"{kind} {result.findings[kind]}" for kind in _KINDS if result.findings[kind]) or "none"
    counts = f"{result.inputs:10}{result.good:10}{result.refused:10}{result.grown_mib:11}{result.seconds:8}"
    return f"{result.reader:13}{counts}  {found}"


def _sums(results: Sequence[Result]) -> str:
    """The last line of the table."""
    inputs, good, refused = (sum(getattr(result, name) for result in results) for name in ("inputs", "good", "refused"))
    total = sum(sum(result.findings.values()) for result in results)
    return f"{'all':13}{inputs:10}{good:10}{refused:10}{'':19}  {total}"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 without a finding, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"some of {' '.join(READERS)}; default all")
    parser.add_argument("--count", type=int, default=1000, help="files per reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=Path, help="folder of good files of others to begin with too")
    parser.add_argument("--keep", type=Path, help="folder for the files with findings")
    parser.add_argument("--json", type=Path, help="file for everything that was found")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.readers) - set(READERS))
    if unknown:
        parser.error(f"no reader {', '.join(unknown)}; there are {' '.join(READERS)}")
    results = []
    print(_HEAD)
    for name in options.readers or READERS:
        reader = with_files(READERS[name], options.files) if options.files else READERS[name]
        results.append(run(reader, count=options.count, seed=options.seed, keep=options.keep))
        for detail in results[-1].details[:5]:
            print(f"{name}: {detail}")
        print(_row(results[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1), encoding="utf-8")
    print(_sums(results))
    return int(any(any(result.findings.values()) for result in results))


if __name__ == "__main__":
    sys.exit(main())
