"""The kernels of Radiance, TGA and BMP files: one answer on every CPU level, Ctrl-C, and shapes that do not fit."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vfx import _ext
from vfx._ext import hdr, runs

CODED = """
import hashlib
import numpy as np
from vfx import _ext
from vfx._ext import hdr, runs
rng = np.random.default_rng(3)
colours = np.exp2(rng.uniform(-140, 127, (40, 70, 3))).astype(np.float32)
colours[3:9] = colours[3, 3]
colours[0, :5] = [[np.nan, 1, 2], [np.inf, 0, 0], [-1, -np.inf, 0], [0, 0, 0], [1e-45, 0, 0]]
codes = np.empty((2800, 4), np.uint8)
hdr.to_shared_exponent(colours.reshape(-1, 3), codes)
back = np.empty((2800, 3), np.float32)
hdr.from_shared_exponent(codes, back)
lines = codes.reshape(40, 70, 4)
coded = np.zeros(40 * hdr.most_rgbe_bytes(70), np.uint8)
used = hdr.encode_rgbe(lines, coded)
again = np.empty_like(lines)
assert hdr.decode_rgbe(coded[:used], 0, again) == used and (again == lines).all()
packed = np.zeros(40 * runs.most_tga_bytes(70, 4), np.uint8)
size = runs.encode_tga(lines, packed)
pixels = np.empty((2800, 4), np.uint8)
assert runs.decode_tga(packed[:size], 0, pixels) == size and (pixels == codes).all()
whole = [codes, back, coded[:used], packed[:size]]
print(_ext.LEVEL, hashlib.sha1(b"".join(each.tobytes() for each in whole)).hexdigest())
"""


def test_every_cpu_level_gives_the_same_bytes(run_limited: Callable[..., Any]) -> None:
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    levels = ("x86_64_v2", "x86_64_v3", "x86_64_v4")
    outcomes = [run_limited(CODED, env={"VFX_SIMD": level}, seconds=60) for level in levels]
    assert [outcome.stderr for outcome in outcomes] == [""] * 3
    assert len({outcome.stdout.split()[1] for outcome in outcomes}) == 1


def alarmed(signum: int, frame: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("name", ["decode_rgbe", "decode_tga", "decode_bmp"])
def test_long_work_ends_at_ctrl_c(name: str) -> None:
    size = 200_000_000
    data = np.zeros(size, np.uint8)
    work: dict[str, Callable[[], object]] = {
        "decode_rgbe": lambda: hdr.decode_rgbe(data, 0, np.empty((size // 400, 100, 4), np.uint8)),
        "decode_tga": lambda: runs.decode_tga(data, 0, np.empty((size // 2, 1), np.uint8)),
        "decode_bmp": lambda: runs.decode_bmp(data, 0, 8, np.empty((size, 1), np.uint8)),
    }
    before = signal.signal(signal.SIGALRM, alarmed)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(KeyboardInterrupt):
            work[name]()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_shapes_that_do_not_fit_are_refused() -> None:
    def codes(*shape: int) -> np.ndarray[Any, Any]:
        return np.zeros(shape, np.uint8)

    wrong: list[Callable[[], object]] = [
        lambda: hdr.decode_rgbe(codes(9), 0, codes(1, 8, 3)),
        lambda: hdr.decode_rgbe(codes(9), -1, codes(1, 8, 4)),
        lambda: hdr.encode_rgbe(codes(1, 7, 4), codes(99)),
        lambda: hdr.encode_rgbe(codes(1, 8, 4), codes(hdr.most_rgbe_bytes(8) - 1)),
        lambda: hdr.from_shared_exponent(codes(2, 3), np.zeros((2, 3), np.float32)),
        lambda: hdr.from_shared_exponent(codes(2, 4), np.zeros((3, 3), np.float32)),
        lambda: hdr.to_shared_exponent(np.zeros((2, 3), np.float32), codes(1, 4)),
        lambda: runs.decode_tga(codes(9), 0, codes(4, 5)),
        lambda: runs.decode_tga(codes(9), -1, codes(4, 4)),
        lambda: runs.encode_tga(codes(1, 9, 5), codes(99)),
        lambda: runs.encode_tga(codes(1, 9, 4), codes(runs.most_tga_bytes(9, 4) - 1)),
        lambda: runs.decode_bmp(codes(9), 0, 1, codes(4, 4)),
        lambda: runs.decode_bmp(codes(9), -1, 8, codes(4, 4)),
        lambda: runs.swap_red_and_blue(codes(2, 9), codes(3, 9), 3, 3),
        lambda: runs.swap_red_and_blue(codes(2, 9), codes(2, 9), 3, 4),
        lambda: runs.swap_red_and_blue(codes(2, 18)[:, ::2], codes(2, 9), 3, 3),
        lambda: runs.swap_red_and_blue(codes(2, 9), codes(2, 18)[:, ::2], 3, 3),
    ]
    for call in wrong:
        with pytest.raises(ValueError, match="must be|too small|large enough"):
            call()


@pytest.mark.parametrize("width", [8, 127, 128, 129, 255, 1000])
@pytest.mark.parametrize("kind", ["noise", "flat", "pairs", "threes", "fours", "late run"])
def test_no_line_is_longer_than_promised_and_all_come_back(width: int, kind: str) -> None:
    line = np.random.default_rng(width).integers(0, 256, (1, width, 4), np.uint8)
    repeat = {"pairs": 2, "threes": 3, "fours": 4, "flat": width}.get(kind, 1)
    line = np.ascontiguousarray(np.repeat(line, repeat, axis=1)[:, :width])
    if kind == "late run":
        line[:, -5:] = 9
    coded = np.zeros(hdr.most_rgbe_bytes(width), np.uint8)
    used = hdr.encode_rgbe(line, coded)
    found = np.empty_like(line)
    assert hdr.decode_rgbe(coded[:used], 0, found) == used
    np.testing.assert_array_equal(found, line)
    packed = np.zeros(runs.most_tga_bytes(width, 4), np.uint8)
    used = runs.encode_tga(line, packed)
    pixels = np.empty((width, 4), np.uint8)
    assert runs.decode_tga(packed[:used], 0, pixels) == used
    np.testing.assert_array_equal(pixels, line[0])


@pytest.mark.parametrize(("each", "kept"), [(3, 3), (4, 4), (4, 3)])
@pytest.mark.parametrize("width", [1, 2, 21, 64, 65])
def test_red_and_blue_change_places_wherever_the_lines_are(each: int, kept: int, width: int) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (5, width, each), np.uint8)
    padded = np.zeros((10, width * each + 7), np.uint8)
    padded[::2, : width * each] = pixels.reshape(5, -1)
    for flip in (1, -1):
        out = np.full((5, width * kept + 2), 77, np.uint8)
        runs.swap_red_and_blue(padded[::2, : width * each][::flip], out[:, : width * kept], each, kept)
        expected = pixels[::flip, :, [2, 1, 0, 3][:kept]]
        np.testing.assert_array_equal(out[:, : width * kept].reshape(5, width, kept), expected)
        assert (out[:, width * kept :] == 77).all()
