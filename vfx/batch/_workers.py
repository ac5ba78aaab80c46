"""A few threads that each take the next frame until none is left, and a loop that hears of them."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from vfx import threads as _threads

__all__ = ["Stopped", "results", "worker_count"]

T = TypeVar("T")
R = TypeVar("R")

#: Copies of a float32 RGBA frame that one worker may hold: read, converted, and encoder buffers.
_COPIES = 3


class Stopped(BaseException):
    """Raised inside a worker when the batch is over before its frame is."""


def worker_count(wanted: int | None, tasks: int, frame_bytes: int) -> int:
    """How many frames are in work at the same time.

    The smallest of the CPUs allowed, the tasks, and what half of the free memory holds; a
    ``wanted`` count replaces the CPUs and the memory.
    """
    if wanted is not None:
        return min(_threads.workers(wanted), max(1, tasks))
    fitting = int(_free_memory() / 2 // max(1, frame_bytes * _COPIES))
    return max(1, min(_threads.workers(), tasks, fitting))


def _free_memory() -> float:
    """Bytes that this process may still take: free memory and its control group's limit."""
    free = float("inf")
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024.0
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            used = int(Path("/sys/fs/cgroup/memory.current").read_text())
            free = min(free, max(0.0, float(int(limit) - used)))
    except (OSError, ValueError, IndexError):
        pass
    if free == float("inf") and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2
    return free


def results(
    tasks: Iterable[T], work: Callable[[T, threading.Event], R], workers: int, *, stop_at_error: bool = False
) -> Generator[tuple[T, R | Exception], None, None]:
    """Each task with its result or its exception, in the order in which they finish.

    When the loop over this generator ends early (an error, Ctrl-C), ``work`` is told through its
    event, and the generator returns when the frames in work have stopped. With ``stop_at_error`` no
    frame is begun after one failed.
    """
    waiting = iter(list(tasks))
    taking, stop = threading.Lock(), threading.Event()
    finished: queue.SimpleQueue[tuple[T, R | Exception] | None] = queue.SimpleQueue()

    def loop() -> None:
        try:
            with _threads.inside_pool() if workers > 1 else nullcontext():
                while not stop.is_set():
                    with taking:
                        task = next(waiting, None)
                    if task is None:
                        return
                    try:
                        finished.put((task, work(task, stop)))
                    except Exception as error:  # noqa: BLE001 - handed to the loop that waits, with its task
                        finished.put((task, error))
                        if stop_at_error:
                            stop.set()
        except Stopped:
            return
        finally:
            finished.put(None)

    pool = [threading.Thread(target=loop, name=f"vfx-batch-{index}") for index in range(workers)]
    running = 0
    try:
        for thread in pool:
            thread.start()
            running += 1
        while running:
            item = finished.get()
            if item is None:
                running -= 1
            else:
                yield item
    finally:
        stop.set()
        for thread in pool:
            if thread.ident is not None:
                thread.join()
