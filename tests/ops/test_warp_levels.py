"""Warps on every instruction set, in a forked child, and interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from vfx import _ext, threads
from vfx.ops import affine_matrix, rotate, transform

EVERY_PATH = """
import sys
sys.path[:0] = sys.argv[2:]
import numpy as np
from vfx import _ext
from vfx.ops import affine_matrix, corner_pin, filters, lens_distort, rotate, st_map, transform

source = np.random.default_rng(0).random((70, 90, 4), dtype=np.float32)
x, y = np.meshgrid((np.arange(90) + 0.5) / 90, (np.arange(70) + 0.5) / 70)
map = np.stack([x * 1.3 - 0.1, y * 1.2 - 0.1 + 0.05 * np.sin(9 * x)], axis=-1).astype(np.float32)
middle = (45, 35)
found = {"level": np.array(_ext.LEVEL)}
for name in filters.FILTERS:
    found[name] = np.stack([image.numpy() for image in (
        rotate(source, 17, filter=name),
        transform(source, affine_matrix(rotate=20, scale=(0.3, 0.5), center=middle), filter=name),
        transform(source, affine_matrix(scale=(0.4, 0.7), center=middle), filter=name),
        transform(source, affine_matrix(rotate=33, scale=(0.06, 0.03), center=middle), filter=name),
        corner_pin(source, [(3, 2), (80, 9), (70, 60), (5, 50)], filter=name),
        st_map(source, map, filter=name),
        lens_distort(source, k1=-0.2, k2=0.05, p1=0.01, filter=name),
    )])
np.savez(sys.argv[1], **found)
"""


@pytest.mark.skipif(_ext.BASELINE != "x86_64_v2", reason="one build only on this kind of CPU")
def test_levels_agree(tmp_path: Path) -> None:
    found = {}
    for level in ("x86_64_v2", "x86_64_v3", "x86_64_v4"):
        target = tmp_path / f"{level}.npz"
        subprocess.run(
            [sys.executable, "-c", EVERY_PATH, str(target), *(p for p in (str(Path.cwd()), *sys.path) if p)],
            check=True,
            timeout=60,
            env={**os.environ, "VFX_SIMD": level},
        )
        with np.load(target) as outputs:
            found[str(outputs["level"])] = {name: outputs[name] for name in outputs if name != "level"}
    wide = [each for level, each in found.items() if level != "x86_64_v2"]
    for name, values in found["x86_64_v2"].items():
        assert all(np.array_equal(each[name], wide[0][name]) for each in wide), name
        assert all(np.abs(each[name] - values).max() < 1e-6 for each in wide), name


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_warps() -> None:
    source = np.random.default_rng(0).random((300, 300, 4), dtype=np.float32)
    expected = rotate(source, 17).numpy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "_forked", True)
        assert np.array_equal(rotate(source, 17).numpy(), expected)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_ctrl_c_stops_a_long_warp() -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        started = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            transform(np.ones((900, 900, 4), np.float32), affine_matrix(scale=0.05), edge="wrap")
        assert time.perf_counter() - started < 20
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
