"""The kernels that measure: one answer on every CPU level, Ctrl-C, forked children, and shapes that do not fit."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import _ext
from vfx._ext import channels, counting, differences, extent, fingerprint, moments, repair

MEASURES = """
import sys
sys.path[:0] = [{tests!r}]
import hashlib
import numpy as np
from reference.awkward_pictures import FORMATS, as_format, strange
from vfx import _ext
from vfx.ops import compare, fix_nan, hash, histogram, nonzero_region, percentile, shuffle, stats
found = []
for fmt in FORMATS:
    for channels in (3, 4):
        a = as_format(strange(61, 307, channels), fmt)
        b = np.roll(a, 1, axis=1)
        names = shuffle(a, "R=0.5").channel_names[0]
        found += [stats(a, percentiles=[1, 50]), compare(a, b, fail_threshold=0.5, fail_relative=0.1), hash(a)]
        found += [histogram(a).counts.tolist(), nonzero_region(a), hash(fix_nan(a))]
        found.append(hash(shuffle(a, "new=" + names + "*0.3+1/3, other=max(" + names + ", 0.25)/" + names)))
print(_ext.LEVEL, hashlib.sha1(repr(found).encode()).hexdigest())
"""


def test_every_cpu_level_gives_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    tests = str(Path(__file__).resolve().parent.parent)
    levels = ("x86_64_v2", "x86_64_v3", "x86_64_v4")
    outcomes = [run_limited(MEASURES.format(tests=tests), env={"VFX_SIMD": level}, seconds=60) for level in levels]
    assert [outcome.stderr for outcome in outcomes] == [""] * 3
    assert len({outcome.stdout.split()[1] for outcome in outcomes}) == 1


ENDLESS = np.broadcast_to(np.zeros((1, 4000, 4), np.float32), (1_000_000, 4000, 4))


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "run",
    [
        lambda threads: moments.moments(ENDLESS, threads),
        lambda threads: differences.differences(ENDLESS, ENDLESS, (0, 0, 0, 0), (0, 0, 0, 0), threads),
        lambda threads: counting.count_keys(ENDLESS, (0, 1), threads),
        lambda threads: extent.extent(ENDLESS, threads),
        lambda threads: fingerprint.row_hashes(ENDLESS, threads),
    ],
    ids=["moments", "differences", "counting", "extent", "fingerprint"],
)
def test_ctrl_c_stops_a_measurement(run: Callable[[int], object], threads: int) -> None:
    before = signal.signal(signal.SIGALRM, alarmed)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            run(threads)
        assert time.perf_counter() - start < 2  # it would take some ten seconds
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_forked_child_measures_on_one_thread(run_limited: Callable[..., Any]) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    outcome = run_limited(
        """
        import os
        import numpy as np
        import vfx
        from vfx.ops import compare, fix_nan, hash, histogram, nonzero_region, shuffle, stats
        vfx.set_threads(2)
        a = np.ones((400, 400, 3), np.float32)
        def everything():
            return str((stats(a, percentiles=[50]), compare(a, a), hash(shuffle(fix_nan(a), "R=G*2")),
                        nonzero_region(a * 0), histogram(a).counts.sum()))
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")


def test_many_python_threads_measure_at_once() -> None:
    a = np.random.default_rng(1).random((300, 300, 4)).astype(np.float32)
    wanted = moments.moments(a, 1)
    seen: list[bool] = []
    workers = [
        threading.Thread(target=lambda: seen.append(np.array_equal(moments.moments(a, 2), wanted))) for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert seen == [True] * 6


@pytest.mark.parametrize(
    "call",
    [
        lambda bad: moments.moments(bad, 1),
        lambda bad: counting.count_keys(bad, (0, 1), 1),
        lambda bad: extent.extent(bad, 1),
        lambda bad: fingerprint.row_hashes(bad, 1),
        lambda bad: repair.repair(bad, bad, True, 0.0, 1),
        lambda bad: differences.differences(bad, bad, (0, 0, 0, 0), (0, 0, 0, 0), 1),
        lambda bad: channels.assemble([bad], bad, [], [], [], np.zeros(0, np.float32), 1),
    ],
)
@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((0, 2, 1), np.float32),
        np.zeros((2, 2, 1)),
        np.zeros((1, 1, 1025), np.uint8),
    ],
    ids=["two dimensions", "empty", "float64", "1025 channels"],
)
def test_what_is_no_picture_is_refused_at_the_door(call: Callable[[Any], object], bad: Any) -> None:
    with pytest.raises(ValueError):
        call(bad)


def test_arguments_that_point_outside_are_refused() -> None:
    a = np.zeros((2, 3, 2), np.float32)
    slots = np.full((2, 65536), -1, np.int16)
    edges = np.linspace(0.0, 1.0, 5)
    for channels_of in ((0, 3), (-1, 1), (1, 1), (2, 2)):
        with pytest.raises(ValueError, match="channels must be a range"):
            counting.count_keys(a, channels_of, 1)
    slots[1, 7] = 1
    for wrong in (slots, slots[:1]):
        with pytest.raises(ValueError, match="slots must be"):
            counting.count_rests(a, (0, 2), wrong, 1, 1)
    for wrong_edges in (edges[::-1].copy(), edges[:1], np.array([0.0, np.nan])):
        with pytest.raises(ValueError, match="edges must be"):
            counting.count_bins(a, (0, 2), wrong_edges, 1)
    with pytest.raises(ValueError, match="float32"):
        counting.count_bins(a.astype(np.float16), (0, 2), edges, 1)
    with pytest.raises(ValueError, match="offsets must be 0 or more"):
        differences.differences(a, a, (0, -1, 0, 0), (0, 0, 0, 0), 1)
    with pytest.raises(ValueError, match="as many channels"):
        differences.differences(a, a[..., :1], (0, 0, 0, 0), (0, 0, 0, 0), 1)
    frozen = a.copy()
    frozen.flags.writeable = False
    for target in (a[:1], a.astype(np.float16), np.asfortranarray(a), frozen):
        with pytest.raises(ValueError, match="target"):
            repair.repair(a, target, True, 0.0, 1)


def test_a_picture_of_1024_channels_is_measured() -> None:
    a = np.random.default_rng(4).random((3, 5, 1024)).astype(np.float32)
    found = moments.moments(a, 1)
    assert np.allclose(found[:, 0] + found[:, 1] / 15, a.reshape(15, -1).astype(float).mean(axis=0), rtol=1e-12)
    assert differences.differences(a, a * 0, (0, 0, 0, 0), (0.5, 0, 0.5, 0), 1)[4] == 15
