"""The hash: XXH64 as published, the definition that the docstring gives, and what it covers."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, strange

import vfx
from vfx import Image
from vfx._ext.fingerprint import SEEDS, xxh64
from vfx.ops.fingerprint import hash

WORD = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def turned(x: int, bits: int) -> int:
    return (x << bits | x >> (64 - bits)) & WORD


def worked(total: int, lane: int) -> int:
    return turned((total + lane * P2) & WORD, 31) * P1 & WORD


def reference(data: bytes, seed: int) -> int:
    """XXH64 by the steps of the specification."""
    at, total = 0, (seed + P5) & WORD
    if len(data) >= 32:
        totals = [(seed + P1 + P2) & WORD, (seed + P2) & WORD, seed, (seed - P1) & WORD]
        while at + 32 <= len(data):
            lanes = struct.unpack_from("<4Q", data, at)
            totals = [worked(t, lane) for t, lane in zip(totals, lanes, strict=True)]
            at += 32
        total = sum(turned(t, bits) for t, bits in zip(totals, (1, 7, 12, 18), strict=True)) & WORD
        for each in totals:
            total = ((total ^ worked(0, each)) * P1 + P4) & WORD
    total = (total + len(data)) & WORD
    while at + 8 <= len(data):
        total = (turned(total ^ worked(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4) & WORD
        at += 8
    if at + 4 <= len(data):
        total = (turned(total ^ struct.unpack_from("<I", data, at)[0] * P1 & WORD, 23) * P2 + P3) & WORD
        at += 4
    for byte in data[at:]:
        total = turned(total ^ byte * P5 & WORD, 11) * P1 & WORD
    total = (total ^ total >> 33) * P2 & WORD
    total = (total ^ total >> 29) * P3 & WORD
    return total ^ total >> 32


@pytest.mark.parametrize(
    ("data", "known"),
    [(b"", 0xEF46DB3751D8E999), (b"a", 0xD24EC4F1A98C6E5B), (b"abc", 0x44BC2CF5AD770999)],
)
def test_xxh64_has_its_published_values(data: bytes, known: int) -> None:
    assert xxh64(data)[0] == known == reference(data, 0)


def test_xxh64_follows_the_specification_for_every_length() -> None:
    data = np.random.default_rng(2).bytes(200)
    for size in range(len(data)):
        assert xxh64(data[:size]) == tuple(reference(data[:size], seed) for seed in SEEDS)


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_hash_is_what_its_documentation_says(fmt: str) -> None:
    pixels = as_format(strange(7, 11, 3), fmt)
    rows = b"".join(struct.pack("<2Q", *(reference(row.tobytes(), seed) for seed in (0, 1))) for row in pixels)
    text = f"vfx 1\0{11}x{7}\0{fmt}\0R\0G\0B\0".encode() + rows
    assert hash(pixels) == "".join(f"{reference(text, seed):016x}" for seed in (0, 1))


@pytest.mark.parametrize("fmt", FORMATS)
def test_layouts_and_threads_do_not_change_it(fmt: str) -> None:
    for size in [*SIZES, (150, 211)]:
        pixels = as_format(strange(*size, 5), fmt)
        wanted = hash(pixels.copy())
        for layout in LAYOUTS:
            for threads in (1, 3):
                vfx.set_threads(threads)
                assert hash(laid_out(pixels, layout)) == wanted


def test_it_stays_what_it_is() -> None:
    assert hash(np.zeros((4, 4, 3), np.uint8)) == "32f0b55ba6cb852143bdd88aacf10edd"


def test_it_covers_size_format_names_and_every_bit_and_nothing_else() -> None:
    pixels = np.zeros((4, 6, 3), np.float32)
    other = pixels.copy()
    other[3, 5, 2] = -0.0
    wanted = hash(pixels)
    unlike = [
        other,
        pixels.reshape(6, 4, 3),
        pixels.astype(np.float16),
        pixels.view(np.uint32),
        Image(pixels, channels=("B", "G", "R")),
        Image(pixels, channels=("R", "G.B", "x")),
    ]
    assert len({wanted, *(hash(each) for each in unlike)}) == 7
    assert hash(Image(pixels, metadata={"a": 1}, data_window=(1, 1, 6, 4), colorspace="ACEScg")) == wanted
    with pytest.raises(TypeError):
        hash("plate.exr")  # type: ignore[arg-type]
