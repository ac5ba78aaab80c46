"""The DPX kernel's doors refuse what their pointers cannot rely on, and every build gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vfx._ext import dpx as kernel

WORDS = (2, 10, 0, 22, 12, 2, 1, 0)
RGB = (0, 1, 2)
FLOAT = 5


def decode(source: Any, **changes: Any) -> int:
    """A call that is right but for ``changes``."""
    arguments: dict[str, Any] = {
        "offset": 0,
        "stride": 16,
        "channels": 3,
        "form": WORDS,
        "pixels": np.zeros((3, 4, 3), np.float32),
        "picks": RGB,
        "kind": FLOAT,
        "table": None,
        "threads": 1,
    }
    return kernel.decode(source, **(arguments | changes))


def test_the_call_that_the_others_spoil_is_right() -> None:
    assert decode(bytes(48)) == 0
    assert kernel.encode(bytearray(48), 0, 16, WORDS, np.zeros((3, 4, 3), np.float32), RGB, FLOAT, None, 1) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": 1},
        {"offset": -1},
        {"stride": 15},
        {"stride": 17},
        {"stride": 2**62},
        {"channels": 0},
        {"channels": 9},
        {"form": (2, 12, 0, 22, 12, 2, 1, 0)},
        {"form": (2, 10, 0, 23, 12, 2, 1, 0)},
        {"form": (5, 10, 0, 22, 12, 2, 1, 0)},
        {"form": (1, 12, 5, 0, 0, 0, 0, 0)},
        {"form": (1, 16, 0, 0, 0, 0, 0, 1)},
        {"form": (4, 32, 0, 0, 0, 0, 0, 0)},
        {"pixels": np.zeros((3, 4), np.float32)},
        {"pixels": np.zeros((3, 4, 2), np.float32)},
        {"pixels": np.zeros((3, 4, 3), np.uint8)},
        {"pixels": np.zeros((3, 4, 6), np.float32)[:, :, ::2]},
        {"pixels": np.zeros((3, 8, 3), np.float32)[:, ::2]},
        {"picks": ()},
        {"picks": (0, 1, 3)},
        {"picks": (0, 1, -1)},
        {"kind": 6},
        {"kind": 0, "pixels": np.zeros((3, 4, 3), np.uint8)},
        {"kind": 4, "pixels": np.zeros((3, 4, 3), np.float16)},
        {"kind": 4, "pixels": np.zeros((3, 4, 3), np.float16), "table": np.zeros(1023, np.uint16)},
    ],
)
def test_a_call_that_would_leave_its_memory_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        decode(bytes(48), **changes)


def test_memory_that_is_too_short_read_only_or_closed_is_refused() -> None:
    pixels = np.zeros((3, 4, 3), np.float32)
    with pytest.raises(ValueError, match="do not fit in 47"):
        decode(bytes(47))
    pixels.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        decode(bytes(48), pixels=pixels)
    with pytest.raises(BufferError):
        kernel.encode(bytes(48), 0, 16, WORDS, pixels, RGB, FLOAT, None, 1)
    with pytest.raises(ValueError, match="descriptor"):
        decode(-1)
    assert decode(10**6) == 9  # EBADF


def test_nothing_to_do_is_done() -> None:
    for shape in ((0, 4, 3), (3, 0, 3)):
        assert decode(bytes(48), pixels=np.zeros(shape, np.float32), stride=16) == 0


EVERY_BYTE = """
import hashlib
import numpy as np
from vfx import Image
from vfx._ext import LEVEL
from vfx.io import dpx
assert LEVEL == sys.argv[1], LEVEL
rng = np.random.default_rng(5)
seen = hashlib.sha256()
for depth in ("8 packed", "10 filled_a", "10 filled_b", "10 packed", "12 filled_a", "12 packed", "16 packed"):
    bits, packing = int(depth.split()[0]), depth.split()[1]
    for components in (1, 3, 4):
        codes = rng.integers(0, 2**bits, (9, 253, components), np.uint16)
        for endian in ("big", "little"):
            dpx.write(sys.argv[2], Image(codes), bit_depth=bits, packing=packing, endian=endian, codes=True)
            for dtype in ("u8", "u16", "f16", "f32"):
                image = dpx.read(sys.argv[2], dtype=dtype)
                seen.update(image.pixels.tobytes())
                dpx.write(sys.argv[2], image, bit_depth=bits, packing=packing, endian=endian)
                seen.update(open(sys.argv[2], "rb").read())
noise = rng.normal(0.5, 0.4, (30, 401, 3)).astype(np.float32)
for bits in (8, 10, 12, 16):
    dpx.write(sys.argv[2], Image(noise), bit_depth=bits)
    seen.update(open(sys.argv[2], "rb").read())
for descriptor in ("CbYCr", "CbYCrY"):
    dpx.write(sys.argv[2], Image(noise[:, :400]), bit_depth=10, descriptor=descriptor)
    seen.update(open(sys.argv[2], "rb").read())
    seen.update(dpx.read(sys.argv[2]).pixels.tobytes())
for packing in ("filled_a", "packed"):
    dpx.write(sys.argv[2], Image(np.round(noise * 4) / 4), packing=packing, encoding="rle")
    seen.update(open(sys.argv[2], "rb").read())
    seen.update(dpx.read(sys.argv[2]).pixels.tobytes())
print(seen.hexdigest())
"""


def test_every_instruction_set_gives_the_same_bytes(run_limited: Callable[..., Any], tmp_path: Any) -> None:
    import vfx
    from vfx._ext import LEVELS

    reached = LEVELS[1 : LEVELS.index(vfx.detect_simd().level) + 1]
    hashes = {}
    for level in reached:
        outcome = run_limited(EVERY_BYTE, level, tmp_path / "a.dpx", env={"VFX_SIMD": level}, seconds=30)
        assert outcome.returncode == 0, outcome.stderr
        hashes[level] = outcome.stdout.strip()
    assert len(set(hashes.values())) == 1, hashes
