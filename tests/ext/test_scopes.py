"""The kernels of scopes and heat maps: one answer on every CPU level, Ctrl-C, and forked children."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import _ext
from vfx._ext import heat_maps, scopes

EVERYTHING = """
import sys
sys.path[:0] = [{tests!r}]
import hashlib
import numpy as np
from reference.awkward_pictures import FORMATS, as_format, strange
from vfx import _ext
from vfx._ext import heat_maps, scopes
LUMA, CHROMA = (0.2126, 0.7152, 0.0722), ((-0.1146, -0.3854, 0.5), (0.5, -0.4542, -0.0458))
found = hashlib.sha1()
for fmt in FORMATS:
    for channels in (3, 4, 7):
        a = as_format(strange(61, 307, channels), fmt)
        b = np.roll(a, 1, axis=1)
        found.update(scopes.count_levels(a, (0, 1, 2), None, (53, 200), (-0.05, 1.05), 2).tobytes())
        found.update(scopes.count_levels(a, (0, 1, 2), LUMA, (307, 99), (0, 4), 1).tobytes())
        found.update(scopes.count_chroma(a, (2, 1, 0), CHROMA, 201, 2).tobytes())
        found.update(str(heat_maps.largest_gap(a, b, 2)).encode())
        palette = np.arange(60, dtype=np.uint8).reshape(20, 3)
        for other in (None, b):
            out = np.empty((61, 307, 3), np.uint8)
            heat_maps.paint(a, other, out, (0, 1, 2), LUMA, [n / 9 for n in range(18)], palette, 2)
            found.update(out.tobytes())
print(_ext.LEVEL, found.hexdigest())
"""


def test_every_cpu_level_gives_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    tests = str(Path(__file__).resolve().parent.parent)
    levels = ("x86_64_v2", "x86_64_v3", "x86_64_v4")
    outcomes = [run_limited(EVERYTHING.format(tests=tests), env={"VFX_SIMD": level}, seconds=60) for level in levels]
    assert [outcome.stderr for outcome in outcomes] == [""] * 3
    assert len({outcome.stdout.split()[1] for outcome in outcomes}) == 1


ENDLESS = np.broadcast_to(np.zeros((1, 4000, 4), np.float32), (1_000_000, 4000, 4))
CANVAS = np.lib.stride_tricks.as_strided(np.zeros((1, 4000, 3), np.uint8), (1_000_000, 4000, 3), (0, 3, 1))
BLACK = np.zeros((3, 3), np.uint8)


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "run",
    [
        lambda threads: scopes.count_levels(ENDLESS, (0, 1, 2), None, (100, 100), (0.0, 1.0), threads),
        lambda threads: scopes.count_chroma(ENDLESS, (0, 1, 2), ((1, 0, 0), (0, 0, 1)), 100, threads),
        lambda threads: heat_maps.largest_gap(ENDLESS, ENDLESS, threads),
        lambda threads: heat_maps.paint(ENDLESS, None, CANVAS, (0,), None, [0.5], BLACK, threads),
    ],
    ids=["levels", "chroma", "gap", "paint"],
)
def test_ctrl_c_stops_a_scope(run: Callable[[int], object], threads: int) -> None:
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


def test_a_forked_child_draws_on_one_thread(run_limited: Callable[..., Any]) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    outcome = run_limited(
        """
        import os
        import numpy as np
        import vfx
        from vfx.ops import difference_map, vectorscope, waveform
        vfx.set_threads(2)
        a = np.full((400, 400, 3), 0.5, np.float32)
        def everything():
            return b"".join(one.numpy().tobytes() for one in (waveform(a), vectorscope(a), difference_map(a, a * 2)))
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")
