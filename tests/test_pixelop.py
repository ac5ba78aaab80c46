"""Running chains: what is kept between calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vfx import pixelop
from vfx.color.grade import gain
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut3D
from vfx.lut.pixelops import ApplyLut3D
from vfx.pixelop import program


def test_a_chain_is_compiled_once_and_few_are_kept() -> None:
    first = program((gain(2.5),))
    assert program((gain(2.5),)) is first
    for k in range(100):
        program((gain(k + 3.0),))
    assert len(pixelop._kept) <= pixelop._MOST_KEPT
    assert program((gain(2.5),)) is not first


def test_a_large_lut_is_let_go() -> None:
    image = Image(np.full((4, 4, 3), 0.5, np.float32))
    Look().lut(Lut3D.identity(65)).apply(image)
    assert not any(isinstance(op, ApplyLut3D) and op.lut.size == 65 for ops in pixelop._kept for op in ops)
    Look().lut(Lut3D.identity(17)).apply(image)
    assert any(isinstance(op, ApplyLut3D) and op.lut.size == 17 for ops in pixelop._kept for op in ops)
    np.testing.assert_allclose(image.numpy(), 0.5, atol=1e-6)


def test_threads_may_compile_at_once() -> None:
    def work(seed: int) -> None:
        for k in range(400):
            program((gain(seed * 1000.0 + k),))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, seed) for seed in range(4)]:
            done.result()
    program((gain(0.125),))
    assert len(pixelop._kept) <= pixelop._MOST_KEPT
