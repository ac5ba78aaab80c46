"""Compositing on every instruction set, and in a forked child."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import _ext

TESTS = Path(__file__).resolve().parents[1]
EVERY_PATH = """
import sys
sys.path[:0] = sys.argv[2:]
import numpy as np
from reference.awkward_pictures import FORMATS, as_format, picture
from vfx import _ext, ops
from vfx.ops.blend import MODES
from vfx.ops.merge import ALPHA_MASKED, OPERATIONS

found = {"level": np.array(_ext.LEVEL)}
for fmt in FORMATS:
    a, b = as_format(picture(7, 603), fmt), as_format(picture(7, 604)[:, :603], fmt)
    runs = {f"merge {name}": ops.merge(a, b, name) for name in OPERATIONS}
    runs |= {f"masked {name}": ops.merge(a, b, name, mask=b, alpha_masking=True) for name in ALPHA_MASKED}
    runs |= {f"blend {name}": ops.blend(a, b, name) for name in MODES}
    runs |= {f"blend opaque {name}": ops.blend(a[..., :3], b[..., :3], name) for name in MODES}
    found |= {f"{fmt} {name}": image.numpy() for name, image in runs.items()}
np.savez(sys.argv[1], **found)
"""


@pytest.mark.skipif(_ext.BASELINE != "x86_64_v2", reason="one build only on this kind of CPU")
def test_wide_levels_give_the_same_bytes_and_the_baseline_nearly(tmp_path: Path) -> None:
    found = {}
    paths = [str(TESTS), str(TESTS.parent), *(path for path in sys.path if path)]
    for level in ("x86_64_v2", "x86_64_v3", "x86_64_v4"):
        target = tmp_path / f"{level}.npz"
        command = [sys.executable, "-c", EVERY_PATH, str(target), *paths]
        subprocess.run(command, check=True, timeout=60, env={**os.environ, "VFX_SIMD": level})
        with np.load(target) as outputs:
            found[str(outputs["level"])] = {name: outputs[name] for name in outputs if name != "level"}
    baseline = found.pop("x86_64_v2")
    for name, values in baseline.items():
        assert len({each[name].tobytes() for each in found.values()}) <= 1, name
        if not name.startswith("f32") or "er_color" in name:  # a last digit may choose the other colour
            continue
        for each in found.values():
            off = np.abs(each[name] - values) / np.maximum(1, np.abs(values))
            assert off.max() < 1e-6, name


def test_a_forked_child_composites_on_one_thread(run_limited: Callable[..., Any]) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    outcome = run_limited(
        """
        import os
        import numpy as np
        import vfx
        from vfx import ops
        vfx.set_threads(2)
        a = np.random.default_rng(0).random((300, 300, 4), dtype=np.float32)
        def everything():
            runs = [ops.over(a, a), ops.blend(a, a[::-1], "hue"), ops.keymix(a, a[::-1], a)]
            return b"".join(found.numpy().tobytes() for found in runs)
        wanted = everything()
        child = os.fork()
        if child == 0:
            os._exit(0 if everything() == wanted else 1)
        print(os.waitpid(child, 0)[1])
        """,
        seconds=20,
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("0", "")
