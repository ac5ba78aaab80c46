"""The filters' kernels: every CPU level, Ctrl-C, forked children, and shapes and plans that do not fit."""

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
from vfx._ext import blur, box, box_codes, convolve, detail, gaussian
from vfx.ops._gaussian_plan import gaussian_plan
from vfx.ops._taps import NO_TAPS, taps_of

FILTERS = """
import sys
sys.path[:0] = [{tests!r}]
import hashlib
import numpy as np
from reference.awkward_pictures import as_format, picture, strange
from vfx import ops
found = hashlib.sha1()
kernel = np.random.default_rng(3).random((5, 7))
for fmt in ("f32", "u8"):
    for a in (picture(61, 307, 3), strange(90, 131, 4)):
        a = as_format(a, fmt)
        for sigma in (1.3, 6.0, 20.0):
            found.update(ops.blur(a, sigma=sigma).numpy().tobytes())
        for run in (ops.box_blur, ops.unsharp_mask, ops.sobel, ops.defocus, ops.glow):
            found.update(run(a).numpy().tobytes())
        for size in (3, 15, 6.5, 40):
            found.update(ops.box_blur(a, size).numpy().tobytes())
        found.update(ops.convolve(a, kernel).numpy().tobytes())
        found.update(ops.defocus(a, 20.0).numpy().tobytes())
print(found.hexdigest())
"""


def test_avx2_and_avx512_give_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    tests = str(Path(__file__).resolve().parent.parent)
    outcomes = [
        run_limited(FILTERS.format(tests=tests), env={"VFX_SIMD": level}, seconds=60)
        for level in ("x86_64_v3", "x86_64_v4")
    ]
    assert [outcome.stderr for outcome in outcomes] == [""] * 2
    assert len({outcome.stdout for outcome in outcomes}) == 1


LARGE = np.broadcast_to(np.zeros((1, 4000, 4), np.float16), (40_000, 4000, 4))
PLAN = gaussian_plan(8.0)
FIVES = np.array([5, 5], np.int32)
WIDE = np.full(401, 1.0 / 401.0, np.float32)


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "run",
    [
        lambda dst, threads: blur.separable(LARGE, dst, WIDE, 200, WIDE, 200, 0, threads),
        lambda dst, threads: box.box(LARGE, dst, 75, 0.5, 75, 0.5, FIVES, 0, threads),
        lambda dst, threads: box_codes.box_codes(LARGE.view(np.uint16), dst.view(np.uint16), 9, 99, 0, threads),
        lambda dst, threads: gaussian.decimated(LARGE, dst, PLAN, PLAN, 0, threads),
        lambda dst, threads: gaussian.decimated(LARGE[:30_000], dst[:30_000], *[gaussian_plan(50.0)] * 2, 0, threads),
        lambda dst, threads: convolve.correlate(LARGE, dst, *taps_of(np.eye(99)), *NO_TAPS, 0, threads),
        lambda dst, threads: detail.sharpen(LARGE, LARGE, dst, 1.0, 0.0, threads),
    ],
    ids=["separable", "box", "codes", "gaussian", "wide gaussian", "taps", "detail"],
)
def test_ctrl_c_stops_a_filter(run: Callable[[Any, int], object], threads: int) -> None:
    result = np.empty(LARGE.shape, np.float16)  # 1.2 GiB that are touched only as far as the filter comes
    before = signal.signal(signal.SIGALRM, alarmed)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            run(result, threads)
        assert time.perf_counter() - start < 2  # it would take seconds
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
        a = np.random.default_rng(0).random((300, 300, 3), dtype=np.float32)
        def everything():
            runs = [ops.blur(a, sigma=2), ops.blur(a, sigma=9), ops.sobel(a), ops.sharpen(a), ops.defocus(a, 40)]
            return b"".join(found.numpy().tobytes() for found in [*runs, ops.box_blur(a, 9)])
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")


ONE = np.ones(1, np.float32)
GOOD = np.zeros((3, 4, 2), np.float32)
CODES = np.zeros((3, 4, 2), np.uint8)
CHOSEN = np.ones(2, np.float32)


@pytest.mark.parametrize(
    "call",
    [
        lambda src, dst: blur.separable(src, dst, ONE, 0, ONE, 0, 0, 1),
        lambda src, dst: box.box(src, dst, 5, 0.0, 3, 0.0, FIVES[:1], 0, 1),
        lambda src, dst: gaussian.decimated(src, dst, PLAN, PLAN, 0, 1),
        lambda src, dst: convolve.correlate(src, dst, *taps_of(np.eye(3)), *NO_TAPS, 0, 1),
        lambda src, dst: detail.sharpen(src, src, dst, 1.0, 0.0, 1),
        lambda src, dst: detail.sharpen(dst, src, dst, 1.0, 0.0, 1),
        lambda src, dst: detail.highlights(src, dst, 1.0, CHOSEN, 1),
        lambda src, dst: detail.add_light(src, src, dst, 1.0, CHOSEN, 1),
    ],
)
def test_pictures_that_do_not_fit_are_refused(call: Callable[[Any, Any], object]) -> None:
    frozen = GOOD.copy()
    frozen.flags.writeable = False
    call(GOOD, GOOD.copy())
    for src, dst in (
        (GOOD, GOOD[:2].copy()),
        (GOOD[:, :3], GOOD.copy()),
        (GOOD.astype(np.float64), GOOD.copy()),
        (GOOD[..., 0], GOOD[..., 0].copy()),
        (GOOD, frozen),
    ):
        with pytest.raises(ValueError):  # each says something else
            call(src, dst)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda dst: blur.separable(GOOD, dst, ONE, 1, ONE, 0, 0, 1), "along must have"),
        (lambda dst: blur.separable(GOOD, dst, ONE, 0, ONE, -1, 0, 1), "across must have"),
        (lambda dst: blur.separable(GOOD, dst, ONE, 0, ONE[:0], 0, 0, 1), "across must have"),
        (lambda dst: blur.separable(GOOD, dst, ONE, 0, ONE, 0, 4, 1), "edge 0 to 3"),
        (lambda dst: blur.separable(GOOD, dst, ONE, 0, ONE, 0, 0, 0), "threads must be 1 to 1024"),
        (lambda dst: box.box(GOOD, dst, 4, 0.0, 3, 0.0, FIVES[:0], 0, 1), "width must be an odd number"),
        (lambda dst: box.box(GOOD, dst, 3, 0.0, 1 << 20, 0.0, FIVES[:0], 0, 1), "height must be an odd number"),
        (lambda dst: box.box(GOOD, dst, 3, 0.0, 3, 1.0, FIVES[:0], 0, 1), "a share of 0 to 1"),
        (lambda dst: box.box(GOOD, dst, 23, 0.0, 3, 0.0, FIVES, 0, 1), "their product 23 at most"),
        (lambda dst: box.box(GOOD, dst, 5, 0.0, 3, 0.0, FIVES - 4, 0, 1), "radices must be 2 to 16"),
        (lambda dst: box.box(GOOD, dst, 1001, 0.0, 3, 0.0, FIVES[:0], 0, 1), "more than 510 terms"),
        (lambda dst: box.box(GOOD, dst, 3, 0.0, 3, 0.0, FIVES[:0], 4, 1), "edge 0 to 3"),
        (lambda dst: box_codes.box_codes(GOOD, dst, 3, 3, 0, 1), "dense rows of uint8 or uint16"),
        (lambda dst: box_codes.box_codes(CODES, GOOD, 3, 3, 0, 1), "must be alike"),
        (lambda dst: box_codes.box_codes(CODES, CODES[:2], 3, 3, 0, 1), "must be alike"),
        (lambda dst: box_codes.box_codes(CODES[..., ::-1], CODES.copy(), 3, 3, 0, 1), "dense rows"),
        (lambda dst: box_codes.box_codes(CODES, CODES.copy(), 3, 4, 0, 1), "must be odd"),
        (lambda dst: box_codes.box_codes(CODES, CODES.copy(), 4105, 4105, 0, 1), "below 2\\*\\*32"),
        (lambda dst: gaussian.decimated(GOOD, dst, PLAN._replace(step=7), PLAN, 0, 1), "the plan of x"),
        (lambda dst: gaussian.decimated(GOOD, dst, PLAN, PLAN._replace(down=ONE[:0]), 0, 1), "the plan of y"),
        (lambda dst: gaussian.decimated(GOOD, dst, PLAN, PLAN._replace(up_first=PLAN.up_first + 9), 0, 1),
         "the plan of y"),
        (lambda dst: convolve.correlate(GOOD, dst, *NO_TAPS, *NO_TAPS, 0, 1), "needs taps"),
        (lambda dst: convolve.correlate(GOOD, dst, np.array([[0, 1 << 21, 0]], np.int32), ONE, *NO_TAPS, 0, 1),
         "pixels away at most"),
        (lambda dst: convolve.correlate(GOOD, dst, np.array([[0, 0, 13]], np.int32), ONE, *NO_TAPS, 0, 1), "levels"),
        (lambda dst: convolve.correlate(GOOD, dst, np.array([[0, 0, -1]], np.int32), ONE, *NO_TAPS, 0, 1), "levels"),
        (lambda dst: convolve.correlate(GOOD, dst, np.zeros((2, 3), np.int32), ONE, *NO_TAPS, 0, 1), "places must be"),
        (lambda dst: detail.highlights(GOOD, dst, 1.0, ONE, 1), "chosen must say 0 or 1 for 2 channels"),
    ],
)  # fmt: skip
def test_arguments_that_pointers_rely_on_are_checked(call: Callable[[Any], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(GOOD.copy())
