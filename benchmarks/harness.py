"""Times this package against its peers: alternating, medians, the same thread count on both sides.

A room with a speed target has a file ``bench_<room>.py`` here with a function ``jobs() -> list[Job]``.
Set-up (arrays, files, processors) happens in ``jobs()``; a job's two callables each do one full run.
"""

from __future__ import annotations

import functools
import gc
import importlib.metadata
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Job", "Row", "machine", "markdown", "measure", "progress", "split_rows"]

THREADS = (1, 2)
ROUNDS = (5, 25)  # at least, at most
SECONDS = 2.5  # per job and thread count, once the fewest rounds are done
PAUSE = 0.005  # between runs: idle OpenMP and pool threads stop spinning before the other side starts


@dataclass(frozen=True)
class Job:
    """One comparison.

    Parameters
    ----------
    name : str
        What is done, as the table prints it.
    peer : str
        What it is compared with.
    target : tuple of float
        Peer time / our time to reach at one and at two threads.
    ours, theirs : callable
        One full run each, with the thread count as the argument.
    threads : tuple of int
        The thread counts that make sense, one or both of 1 and 2.
    """

    name: str
    peer: str
    target: tuple[float, float]
    ours: Callable[[int], object]
    theirs: Callable[[int], object]
    threads: tuple[int, ...] = THREADS


@dataclass(frozen=True)
class Row:
    """One job's medians in milliseconds at one thread count, and how they compare."""

    name: str
    peer: str
    threads: int
    ours_ms: float
    theirs_ms: float
    ratio: float
    target: float
    rounds: int

    @property
    def reached(self) -> bool:
        """Whether the ratio is at least the target."""
        return self.ratio >= self.target


def measure(job: Job, threads: int, *, rounds: tuple[int, int] = ROUNDS, seconds: float = SECONDS) -> Row:
    """Both sides of ``job``, run in turn so that a drift of the machine hits both."""
    import vfx

    vfx.set_threads(threads)
    try:
        job.ours(threads)
        job.theirs(threads)
        ours: list[float] = []
        theirs: list[float] = []
        gc.collect()
        end = time.perf_counter() + seconds
        while len(ours) < rounds[0] or (len(ours) < rounds[1] and time.perf_counter() < end):
            ours.append(_timed(job.ours, threads))
            theirs.append(_timed(job.theirs, threads))
    finally:
        vfx.set_threads(None)
    mine, peer = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    target = job.target[THREADS.index(threads)]
    return Row(job.name, job.peer, threads, mine, peer, peer / mine, target, len(ours))


def _timed(run: Callable[[int], object], threads: int) -> float:
    time.sleep(PAUSE)
    start = time.perf_counter()
    run(threads)
    return time.perf_counter() - start


@functools.cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers)


def split_rows(run: Callable[[np.ndarray[Any, Any]], object], n: int, array: np.ndarray[Any, Any]) -> None:
    """Call ``run`` on ``n`` bands of rows of ``array``, one Python thread each.

    This is how a peer that is single-threaded per call (OpenColorIO's CPU processor) gets its threads.
    """
    if n == 1:
        run(array)
        return
    list(_pool(n).map(run, np.array_split(array, n)))


def machine(packages: Iterable[str]) -> dict[str, str]:
    """What the numbers were taken on: CPU, cores, kernel level, and the versions of both sides."""
    import vfx

    found = {
        "cpu": _cpu_name(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "level": vfx.detect_simd().level,
        "system": platform.system(),
        "python": platform.python_version(),
        "vfx": vfx.__version__,
    }
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "absent"
    return found


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def markdown(rows: Sequence[Row | dict[str, Any]], about: dict[str, str]) -> str:
    """The results as a Markdown table with a line about the machine above it."""
    records = [row if isinstance(row, dict) else asdict(row) for row in rows]
    facts = ", ".join(f"{key} {value}" for key, value in about.items() if key not in ("cpu", "cores", "system"))
    lines = [
        f"{about['cpu']}, {about['cores']} cores, {about['system']}; {facts}. 3840×2160, medians;",
        "a ratio is peer time / our time: above 1 we are faster.",
        "",
        "| job | peer | ours, 1 thread | peer | ratio | ours, 2 threads | peer | ratio | goal |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    by_job: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
    for record in records:
        by_job.setdefault((record["name"], record["peer"]), {})[record["threads"]] = record
    for (name, peer), found in by_job.items():
        cells = [cell for threads in THREADS for cell in _cells(found.get(threads))]
        goals = [f"{found[threads]['target']:g}" for threads in THREADS if threads in found]
        goal = goals[0] if len(set(goals)) == 1 else " / ".join(goals)
        lines.append(f"| {name} | {peer} | {' | '.join(cells)} | {goal} |")
    return "\n".join(lines)


def _cells(record: dict[str, Any] | None) -> list[str]:
    if record is None:
        return ["–", "–", "–"]
    ratio = f"{record['ratio']:.2f}"
    return [
        f"{record['ours_ms']:.1f} ms",
        f"{record['theirs_ms']:.1f} ms",
        f"**{ratio}**" if record["ratio"] >= record["target"] else f"{ratio} ✗",
    ]


def progress(row: Row) -> str:
    """One line for the terminal."""
    mark = "ok  " if row.reached else "MISS"
    return (
        f"{mark} {row.name:<44.44} {row.threads} thr  ours {row.ours_ms:8.2f} ms  "
        f"{row.peer:<20.20} {row.theirs_ms:8.2f} ms  ratio {row.ratio:5.2f} (goal {row.target:g})"
    )


if __name__ == "__main__":
    sys.exit("run benchmarks/run.py")
