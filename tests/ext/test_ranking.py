"""The kernels of rank filters and of the bilateral one: CPU levels, Ctrl-C, forked children, what does not fit."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vfx import _ext
from vfx._ext import bilateral, median, morphology

Array = NDArray[Any]

FILTERS = """
import sys
sys.path[:0] = [{tests!r}]
import hashlib
import numpy as np
from reference.awkward_pictures import FORMATS, as_format, strange
from vfx import _ext, ops
exact, fused = hashlib.sha1(), hashlib.sha1()
for fmt in FORMATS:
    for channels in (3, 4):
        a = as_format(strange(61, 307, channels), fmt)
        for size in (3, 5, 9, (151, 3), (3, 257)):
            exact.update(ops.median(a, size).numpy().tobytes())
        for size in (3, (21, 9), (1, 401)):
            exact.update(ops.erode(a, size).numpy().tobytes() + ops.blackhat(a, size).numpy().tobytes())
        for distance in ("euclidean", "manhattan"):
            fused.update(ops.bilateral(a, 7, sigma_color=0.7, distance=distance).numpy().tobytes())
print(_ext.LEVEL, exact.hexdigest(), fused.hexdigest())
"""


def test_every_cpu_level_gives_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    tests = str(Path(__file__).resolve().parent.parent)
    levels = ("x86_64_v2", "x86_64_v3", "x86_64_v4")
    outcomes = [run_limited(FILTERS.format(tests=tests), env={"VFX_SIMD": level}, seconds=60) for level in levels]
    assert [outcome.stderr for outcome in outcomes] == [""] * 3
    lowest, *wide = [outcome.stdout.split() for outcome in outcomes]
    assert len({exact for _, exact, _ in (lowest, *wide)}) == 1
    assert len({fused for _, _, fused in wide}) == 1


def endless(dtype: str) -> tuple[Array, Array]:
    """A picture that no filter ends with soon, and one for the result, whose rows are all the same memory."""
    source = np.broadcast_to(np.zeros((1, 4000, 1), dtype), (1_000_000, 4000, 1))
    target = np.lib.stride_tricks.as_strided(np.zeros((1, 4000, 1), dtype), source.shape, source.strides)
    return source, target


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def smoothed(a: Array, b: Array, *, threads: int, channels: tuple[int, ...] = (0,), edge: int = 0) -> None:
    bilateral.bilateral(a, b, 5, channels, color=0.1, space=2.0, manhattan=False, edge=edge, threads=threads)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("run", "dtype"),
    [
        (lambda a, b, n: morphology.extremum(a, b, 31, 31, edge=0, largest=True, threads=n), "f4"),
        (lambda a, b, n: morphology.difference(a, a, b, threads=n), "f4"),
        (lambda a, b, n: median.median(a, b, 3, 3, edge=0, threads=n), "f4"),
        (lambda a, b, n: median.median(a, b, 31, 31, edge=0, threads=n), "f4"),
        (lambda a, b, n: median.median(a, b, 31, 31, edge=0, threads=n), "u1"),
        (lambda a, b, n: smoothed(a, b, threads=n), "f4"),
    ],
    ids=["extremum", "difference", "network", "ranks", "histograms", "bilateral"],
)
def test_ctrl_c_stops_a_filter(run: Callable[[Array, Array, int], None], dtype: str, threads: int) -> None:
    source, target = endless(dtype)
    before = signal.signal(signal.SIGALRM, alarmed)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            run(source, target, threads)
        assert time.perf_counter() - start < 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_forked_child_filters_on_one_thread(run_limited: Callable[..., Any]) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    outcome = run_limited(
        """
        import os
        import numpy as np
        import vfx
        from vfx import ops
        vfx.set_threads(2)
        a = np.random.default_rng(1).random((300, 300, 3)).astype(np.float32)
        def everything():
            return b"".join(op(a, 7).numpy().tobytes() for op in (ops.median, ops.gradient, ops.bilateral))
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")


DOORS: dict[str, Callable[..., None]] = {
    "extremum": lambda a, b, edge=0, threads=1: morphology.extremum(
        a, b, 3, 3, edge=edge, largest=False, threads=threads
    ),
    "median": lambda a, b, edge=0, threads=1: median.median(a, b, 3, 3, edge=edge, threads=threads),
    "bilateral": lambda a, b, edge=0, threads=1: smoothed(a, b, edge=edge, threads=threads),
}


@pytest.mark.parametrize("name", DOORS)
def test_arrays_that_do_not_fit_are_refused_at_the_door(name: str) -> None:
    run = DOORS[name]
    a = np.zeros((4, 5, 2), np.float32)
    frozen = a.copy()
    frozen.flags.writeable = False
    for target in (a, a[:, :, :1].copy(), np.zeros((5, 4, 2), np.float32), frozen, np.zeros((4, 5), np.float32)):
        with pytest.raises(ValueError):
            run(a, target)
    for source in (np.zeros((4, 5)), np.zeros((0, 5, 2), np.float32), np.zeros((1, 1, 1025), np.uint8), "a"):
        with pytest.raises(ValueError):
            run(source, a)
    for edge, threads in ((4, 1), (-1, 1), (0, 0), (0, 1025)):
        with pytest.raises(ValueError, match="edge must be|threads must be"):
            run(a, a.copy(), edge, threads)


def test_numbers_that_are_out_of_range_are_refused() -> None:
    a = np.zeros((4, 5, 2), np.float32)
    for width, height in ((2, 3), (3, 0), (65537, 3), (-1, 3)):
        with pytest.raises(ValueError, match="must be odd"):
            morphology.extremum(a, a.copy(), width, height, edge=0, largest=True, threads=1)
        with pytest.raises(ValueError, match="must be odd"):
            median.median(a, a.copy(), width, height, edge=0, threads=1)
    for channels in ((), (2,), (-1,), (0, 0)):
        with pytest.raises(ValueError, match="channels must be different"):
            smoothed(a, a.copy(), threads=1, channels=channels)
    with pytest.raises(ValueError, match="one shape"):
        morphology.difference(a, a[:2], a.copy(), threads=1)


def test_pictures_of_1024_channels_are_filtered() -> None:
    a = np.random.default_rng(4).random((3, 5, 1024)).astype(np.float32)
    found = np.empty_like(a)
    for size in (3, 5, 7):
        median.median(a, found, size, size, edge=0, threads=1)
        padded = np.pad(a, ((size // 2,) * 2, (size // 2,) * 2, (0, 0)), mode="edge")
        assert np.array_equal(
            found[1, 2], np.sort(padded[1 : 1 + size, 2 : 2 + size].reshape(-1, 1024), 0)[size**2 // 2]
        )
    morphology.extremum(a, found, 3, 3, edge=0, largest=True, threads=1)
    assert np.array_equal(found[1, 2], a[:, 1:4].max(axis=(0, 1)))
    smoothed(a, found, threads=1, channels=tuple(range(1024)))
    assert np.isfinite(found).all()
