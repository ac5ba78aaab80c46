"""How many threads a kernel gets: the only place that decides.

The count for one call is the smallest of

* what the caller asked for (``threads=``), else what :func:`set_threads` set, else
  ``VFX_THREADS``, else ``OMP_NUM_THREADS``, else the CPUs this process may use
  (affinity, and the CPU quota of its control group);
* one for small pictures, where a second thread gains nothing (measured, 1 / 2 threads: a CDL on 8192
  pixels 15.5 / 16.0 µs, on 16 384 pixels 25 / 17 µs, a gain on 16 384 pixels 8.2 / 8.2 µs);
* one for work of a millisecond or two that only moves or counts bytes (:func:`for_bytes`);
* one inside a worker of our own pools (:func:`inside_pool`), so frames, not rows, run in parallel;
* one in a process forked from this one. GNU OpenMP's threads do not survive ``fork``, and a
  parallel loop in the child waits for them for ever (reproduced with libgomp 12).
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vfx._ext import cpu as _cpu
from vfx.checks import integer

__all__ = ["available", "for_bytes", "for_pixels", "get_threads", "inside_pool", "set_threads", "workers"]

#: Below this many pixels one thread is as fast as any number; each thread gets half of it at least.
SMALL_PICTURE = 16_384
#: Milliseconds of work that each thread gets at least, where only memory is busy. Measured in turn on two cores, minima
#: of RGBA u8 at 1 / 2 threads: 3840x2160 flopped 2.1 / 1.6 ms, summed up 2.2 / 1.6, swapped 1.9 / 1.9. While others use
#: the cores, all wait for the thread that has none: medians at 480x270 are 0.2 / 12.7 ms, swapped at 3840x2160 2.2
#: and 5.7.
LEAST_MILLISECONDS = 1.5
#: Upper bound on any thread count: guards against absurd arguments.
MOST_THREADS = 1024

_chosen: int | None = None
_forked = False
_local = threading.local()


def _after_fork_in_child() -> None:
    """Mark this process as a forked child, which must not use OpenMP."""
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _cgroup_cpus(root: Path = Path("/sys/fs/cgroup")) -> float:
    """CPUs that this process's control group may use; infinity where there is no limit."""
    try:
        quota, period = (root / "cpu.max").read_text().split()[:2]
        return math.inf if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota_us = int((root / "cpu" / "cpu.cfs_quota_us").read_text())
        period_us = int((root / "cpu" / "cpu.cfs_period_us").read_text())
        return quota_us / period_us if quota_us > 0 and period_us > 0 else math.inf
    except (OSError, ValueError):
        return math.inf


def available() -> int:
    """CPUs that this process may use: affinity and control-group quota, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        cpus = len(os.sched_getaffinity(0))
    else:
        cpus = os.cpu_count() or 1
    return max(1, min(cpus, math.ceil(_cgroup_cpus()) if _cgroup_cpus() < math.inf else cpus))


def _single() -> bool:
    """Whether kernels must run on one thread here and now."""
    return _forked or bool(getattr(_local, "pool_depth", None)) or not _cpu.has_openmp()


def _from_environment() -> int | None:
    """The count that ``VFX_THREADS`` or ``OMP_NUM_THREADS`` asks for, if either is a whole number."""
    for variable in ("VFX_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(variable, "").split(",")[0].strip()
        if text.isdigit() and int(text) > 0:
            return min(int(text), MOST_THREADS)
    return None


def set_threads(count: int | None) -> None:
    """Nothing; from now on kernels use at most ``count`` threads (None: the default again).

    Parameters
    ----------
    count : int or None
        At least 1.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number between 1 and 1024.
    """
    global _chosen
    _chosen = None if count is None else integer("threads", count, low=1, high=MOST_THREADS)


def get_threads() -> int:
    """The number of threads that a kernel on a large picture uses in this thread, now.

    Examples
    --------
    >>> get_threads() >= 1
    True
    """
    if _single():
        return 1
    return _chosen or _from_environment() or available()


def for_pixels(pixels: int, threads: int | None = None) -> int:
    """The number of threads for work on ``pixels`` pixels.

    Parameters
    ----------
    pixels : int
        Size of the picture.
    threads : int, optional
        The caller's own wish, which replaces the default but not the safety rules.

    Raises
    ------
    TypeError, ValueError
        If ``threads`` is not a whole number between 1 and 1024.
    """
    wanted = None if threads is None else integer("threads", threads, low=1, high=MOST_THREADS)
    if pixels < SMALL_PICTURE or _single():
        return 1
    return min(wanted or get_threads(), max(1, pixels // (SMALL_PICTURE // 2)))


def for_bytes(size: int, rate: float) -> int:
    """The number of threads for short work that is bound by memory.

    Parameters
    ----------
    size : int
        How many bytes it writes, or reads where it writes none.
    rate : float
        How many megabytes one thread does in a millisecond, measured.

    Examples
    --------
    >>> for_bytes(1_000_000, 16.0)
    1
    """
    return 1 if _single() else max(1, min(get_threads(), int(size / (rate * 1e6 * LEAST_MILLISECONDS))))


def workers(count: int | None = None) -> int:
    """The number of Python threads for a pool of independent jobs, OpenMP or not.

    Parameters
    ----------
    count : int, optional
        The caller's own wish.

    Raises
    ------
    TypeError, ValueError
        If ``count`` is not a whole number between 1 and 1024.
    """
    if count is not None:
        return integer("workers", count, low=1, high=MOST_THREADS)
    return _chosen or _from_environment() or available()


@contextmanager
def inside_pool() -> Iterator[None]:
    """A block in which this Python thread runs every kernel on one thread."""
    _local.pool_depth = getattr(_local, "pool_depth", 0) + 1
    try:
        yield
    finally:
        _local.pool_depth -= 1
