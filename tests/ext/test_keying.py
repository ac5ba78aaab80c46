"""The kernels of keys, mattes and moves: one answer on wide CPU levels, Ctrl-C, forks, and shapes that do not fit."""

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
from vfx._ext import arrange, despill, edge_extend, keying, mattes

RGB = (0, 1, 2)
TURN = (0.988, -0.1031, 0.1151, 0.1151, 0.988, -0.1031, -0.1031, 0.1151, 0.988)

EVERYTHING = """
import sys
sys.path[:0] = [{tests!r}]
import hashlib
import numpy as np
from reference.awkward_pictures import FORMATS, as_format, strange
from vfx import _ext
from vfx._ext import arrange, despill, edge_extend, keying, mattes
turn = {turn!r}
found = hashlib.sha1()
for fmt in FORMATS:
    a = as_format(strange(61, 307), fmt)
    b, matte = np.empty_like(a), np.empty((61, 307, 1), a.dtype)
    for measure, (kind, count) in keying.MEASURES.items():
        other = np.roll(a, 1, axis=1) if measure in ("apart", "distance") else None
        numbers = (*turn, 2.5)[:count]
        keying.key(a, matte, (0, 1, 2), measure=measure, numbers=numbers, ramp=(0.1, 0.8, 1.5, 2.0), other=other)
        found.update(matte.tobytes())
    keying.key(a, b, (0, 1, 2), measure="max", ramp=(0.1, 0.8, 9.0, 9.0), alpha=3, screen=(0.1, 0.4, 0.2))
    found.update(b.tobytes())
    for matrix in (None, turn):
        despill.despill(a, b, (0, 1, 2), amount=0.7, keep=0.3, matrix=matrix)
        found.update(b.tobytes())
    for round in (True, False):
        mattes.shrink(a, b, (3,), 2.6, round=round)
        found.update(b.tobytes())
    edge_extend.extend(a, a[..., 3:], b, (0, 1, 2), threshold=0.5, divide=True, multiply=True)
    found.update(b.tobytes())
    turned = np.empty((307, 61, 4), a.dtype)
    arrange.move(np.rot90(a), turned, 1)
    found.update(turned.tobytes())
print(_ext.LEVEL, found.hexdigest())
"""


def test_the_wide_cpu_levels_give_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.LEVEL != "x86_64_v4":
        pytest.skip("this CPU has one wide level at most")
    code = EVERYTHING.format(tests=str(Path(__file__).resolve().parent.parent), turn=TURN)
    outcomes = [run_limited(code, env={"VFX_SIMD": level}, seconds=60) for level in ("x86_64_v3", "x86_64_v4")]
    assert [outcome.stderr for outcome in outcomes] == [""] * 2
    assert [outcome.stdout.split()[0] for outcome in outcomes] == ["x86_64_v3", "x86_64_v4"]
    assert len({outcome.stdout.split()[1] for outcome in outcomes}) == 1


def endless(rows: int, channels: int = 4) -> Any:
    """A picture of many rows that are one row in memory."""
    row = np.zeros((1, 4000, channels), np.float32)
    return np.lib.stride_tricks.as_strided(row, (rows, 4000, channels), (0, *row.strides[1:]), writeable=True)


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ["move", "key", "despill", "shrink round", "shrink square", "extend"])
def test_ctrl_c_stops_a_kernel(name: str, threads: int) -> None:
    rows = 100_000 if name.startswith(("shrink", "extend")) else 1_000_000
    a, b, matte = endless(rows), endless(rows), endless(rows, 1)
    runs: dict[str, Callable[[], object]] = {
        "move": lambda: arrange.move(a, b, threads),
        "key": lambda: keying.key(a, matte, RGB, measure="max", ramp=(0.0, 1.0, 2.0, 3.0), threads=threads),
        "despill": lambda: despill.despill(a, b, RGB, threads=threads),
        "shrink round": lambda: mattes.shrink(a, b, (3,), 4.5, threads=threads),
        "shrink square": lambda: mattes.shrink(a, b, RGB, 4.5, round=False, threads=threads),
        "extend": lambda: edge_extend.extend(
            a, matte, b, RGB, threshold=0.5, divide=True, multiply=True, threads=threads
        ),
    }
    before = signal.signal(signal.SIGALRM, alarmed)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            runs[name]()
        assert time.perf_counter() - start < 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_forked_child_works_on_one_thread(run_limited: Callable[..., Any]) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    outcome = run_limited(
        """
        import os
        import numpy as np
        import vfx
        from vfx.ops import despill, edge_extend, flop, key_luma, matte_erode
        vfx.set_threads(2)
        a = np.random.default_rng(1).random((300, 300, 4)).astype(np.float32)
        def everything():
            done = (key_luma(a), despill(a), flop(a), edge_extend(a, threshold=0.5), matte_erode(a, 1.5))
            return b"".join(each.numpy().tobytes() for each in done)
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")


@pytest.mark.parametrize(
    "bad",
    [np.zeros((2, 2), np.float32), np.zeros((0, 2, 4), np.float32), np.zeros((2, 2, 4)), np.zeros((1, 1, 1025), "u1")],
    ids=["two dimensions", "empty", "float64", "1025 channels"],
)
def test_what_is_no_picture_is_refused_at_the_door(bad: Any) -> None:
    good = np.zeros((2, 2, 4), np.float32)
    for call in (
        lambda: arrange.move(bad, good, 1),
        lambda: keying.key(bad, good[..., :1], RGB, measure="max", ramp=(0, 1, 2, 3)),
        lambda: despill.despill(bad, good, RGB),
        lambda: mattes.shrink(bad, good, (0,), 1.0),
        lambda: edge_extend.extend(good, bad, good.copy(), RGB, threshold=1.0, divide=True, multiply=True),
    ):
        with pytest.raises(ValueError, match="must be|may have"):
            call()


def test_arguments_that_point_outside_are_refused() -> None:
    a, b = np.zeros((2, 3, 4), np.float32), np.zeros((2, 3, 4), np.float32)
    matte, frozen = np.zeros((2, 3, 1), np.float32), np.zeros((2, 3, 4), np.float32)
    frozen.flags.writeable = False
    ramp = (0.0, 1.0, 2.0, 3.0)
    for call, message in [
        (lambda: arrange.move(a, b[:1], 1), "alike"),
        (lambda: arrange.move(a, a[::-1], 1), "overlap"),
        (lambda: arrange.move(a, frozen, 1), "read-only"),
        (lambda: arrange.move(a, b, 0), "threads must be"),
        (lambda: keying.key(a, matte, (0, 1, 4), measure="max", ramp=ramp), "channels must be three indexes below 4"),
        (lambda: keying.key(a, matte, (0, 1), measure="max", ramp=ramp), "channels must be three"),
        (lambda: keying.key(a, b, RGB, measure="max", ramp=ramp), "dst must have shape"),
        (lambda: keying.key(a, matte, RGB, measure="none", ramp=ramp), "measure must be one of"),
        (lambda: keying.key(a, matte, RGB, measure="screen", ramp=ramp), "screen takes 10 numbers"),
        (lambda: keying.key(a, matte, RGB, measure="max", ramp=ramp[::-1]), "a ramp must rise"),
        (lambda: keying.key(a, matte, RGB, measure="apart", ramp=ramp), "takes another picture"),
        (lambda: keying.key(a, matte, RGB, measure="max", ramp=ramp, other=b), "takes no other picture"),
        (lambda: keying.key(a, matte, RGB, measure="apart", ramp=ramp, other=b[:1]), "as large as src"),
        (lambda: keying.key(a, b, RGB, measure="max", ramp=ramp, alpha=2), "alpha must be a channel"),
        (lambda: keying.key(a, b, RGB, measure="max", ramp=ramp, alpha=4), "alpha must be a channel"),
        (lambda: keying.key(a, matte, RGB, measure="max", ramp=ramp, alpha=0), "dst must be like src"),
        (lambda: keying.key(a, a, RGB, measure="max", ramp=ramp, alpha=3), "overlap"),
        (lambda: despill.despill(a, b, (0, 1, 1)), "channels must be three indexes"),
        (lambda: despill.despill(a, b, (0, 1, 4)), "channels must be three indexes"),
        (lambda: despill.despill(a, b, RGB, matrix=(1.0,)), "nine numbers"),
        (lambda: despill.despill(a, b, RGB, bound="mean"), "bound must be one of"),
        (lambda: despill.despill(a, a, RGB), "overlap"),
        (lambda: mattes.shrink(a, b, (4,), 1.0), "channels must be below 4"),
        (lambda: mattes.shrink(a, b, (0,), 1001.0), "size must be 0 to 1000"),
        (lambda: mattes.shrink(a, b, (0,), float("nan")), "size must be 0 to 1000"),
        (lambda: mattes.shrink(a, b, (0,), 1.0, edge=4), "edge 0 to 3"),
        (lambda: edge_extend.extend(a, matte[:1], b, RGB, threshold=1, divide=True, multiply=True), "as large"),
        (lambda: edge_extend.extend(a, matte, b, (4,), threshold=1, divide=True, multiply=True), "channels must be"),
        (lambda: edge_extend.extend(a, matte, b, RGB, threshold=0, divide=True, multiply=True), "threshold must be"),
        (lambda: edge_extend.extend(a, matte, a, RGB, threshold=1, divide=True, multiply=True), "overlaps"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
