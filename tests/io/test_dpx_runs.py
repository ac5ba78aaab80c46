"""Run-length encoded DPX files, both ways. No other program at hand reads them: the reference decodes flag by flag."""

from __future__ import annotations

import io
import itertools
import struct

import numpy as np
import pytest

from tests.reference.dpx_reference import (
    FILLED_A,
    FILLED_B,
    PACKED,
    codes_of_line,
    file_of,
    line_of,
    pixels_of_runs,
)
from vfx import Image
from vfx.errors import FormatError
from vfx.io import dpx

DEPTHS = [(8, PACKED), (10, FILLED_A), (10, FILLED_B), (10, PACKED), (12, FILLED_A), (12, PACKED), (16, PACKED)]
NAMES = {PACKED: "packed", FILLED_A: "filled_a", FILLED_B: "filled_b"}


def patches(bits: int, components: int, height: int = 6, width: int = 41) -> np.ndarray:
    """Codes in stretches of 1 to 9 equal pixels, one line all equal, one without any equal neighbours."""
    rng = np.random.default_rng(bits + components)
    lines = []
    for _ in range(height):
        stretches = [np.repeat(rng.integers(0, 2**bits, (1, components)), rng.integers(1, 10), 0) for _ in range(width)]
        lines.append(np.concatenate(stretches)[:width])
    codes = np.array(lines, np.uint16)
    codes[1] = 2**bits - 1
    codes[2, :, 0] = np.arange(width)
    return codes


def codes_of_runs(data: bytes, bits: int, packing: int, components: int) -> np.ndarray:
    """The codes of a file of runs, sample by sample."""
    order = ">" if data[:4] == b"SDPX" else "<"
    width, height = struct.unpack_from(f"{order}II", data, 772)
    at = struct.unpack_from(f"{order}I", data, 808)[0]
    lines = []
    for _ in range(height):
        rest = data[at:]
        count = len(rest) * 8 // bits
        if packing != PACKED:
            count = len(rest) // 4 * 3 if bits == 10 else len(rest) // 2
        samples = codes_of_line(rest, count, bits, packing, components, order)
        pixels, taken = pixels_of_runs(samples, width, components)
        lines.append(pixels)
        length = len(line_of(np.zeros(taken, int), bits, packing, components, order))
        at += length + -length % 4
    assert at == len(data)
    return np.array(lines, np.uint16)


@pytest.mark.parametrize("order", "><")
@pytest.mark.parametrize(("bits", "packing"), DEPTHS)
@pytest.mark.parametrize("kind", ["Y", "RGB", "RGBA"])
def test_runs_are_read(kind: str, bits: int, packing: int, order: str) -> None:
    codes = patches(bits, len(kind))
    data = file_of(codes, bits=bits, packing=packing, order=order, kind=kind, encoding=1)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
    assert dpx.probe(data).compression == "rle"
    for rows in ((0, 1), (2, 5), (5, 6)):
        np.testing.assert_array_equal(dpx.read(data, codes=True, rows=rows).pixels, codes[slice(*rows)])


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize(("bits", "packing"), DEPTHS)
@pytest.mark.parametrize("kind", ["Y", "RGB", "RGBA"])
def test_written_runs_are_what_the_reference_decodes(kind: str, bits: int, packing: int, endian: str) -> None:
    codes = patches(bits, len(kind))
    target = io.BytesIO()
    options = {"bit_depth": bits, "packing": NAMES[packing], "endian": endian, "codes": True, "encoding": "rle"}
    dpx.write(target, Image(codes, channels=tuple(kind)), **options)
    data = target.getvalue()
    np.testing.assert_array_equal(codes_of_runs(data, bits, packing, len(kind)), codes)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)
    assert len(data) == struct.unpack_from({"big": ">I", "little": "<I"}[endian], data, 16)[0]


def test_runs_longer_than_a_flag_holds_are_split() -> None:
    for bits, width in ((8, 127), (8, 128), (8, 255), (8, 1000), (10, 512)):
        codes = np.zeros((2, width, 3), np.uint16)
        codes[1] = np.arange(width)[:, None] % 2**bits
        target = io.BytesIO()
        dpx.write(target, Image(codes), bit_depth=bits, codes=True, encoding="rle")
        np.testing.assert_array_equal(dpx.read(target.getvalue(), codes=True).pixels, codes)


def test_even_pictures_become_small_and_noise_hardly_larger() -> None:
    noise = np.random.default_rng(2).integers(0, 1024, (40, 400, 3), np.uint16)
    sizes = {}
    for (name, codes), encoding in itertools.product(
        (("noise", noise), ("even", np.zeros_like(noise))), ("none", "rle")
    ):
        target = io.BytesIO()
        dpx.write(target, Image(codes), codes=True, encoding=encoding)
        sizes[name, encoding] = len(target.getvalue()) - 2048
    assert sizes["even", "rle"] == 40 * 8  # a flag and a pixel are four codes, two words
    assert sizes["noise", "rle"] < 1.01 * sizes["noise", "none"]


def test_values_and_channels_come_as_from_plain_files() -> None:
    codes = patches(10, 4)
    runs, plain = (file_of(codes, bits=10, kind="ABGR", encoding=encoding) for encoding in (1, 0))
    for options in ({}, {"dtype": "u8"}, {"dtype": "u16"}, {"dtype": "f16"}, {"channels": ["B", "A"]}):
        np.testing.assert_array_equal(dpx.read(runs, **options).pixels, dpx.read(plain, **options).pixels)


def test_padding_between_lines_of_runs_is_skipped() -> None:
    codes = patches(8, 3)
    data = file_of(codes, bits=8, encoding=1, line_padding=8)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, codes)


def test_damaged_runs_are_errors() -> None:
    codes = patches(8, 3)
    data = file_of(codes, bits=8, encoding=1)
    for length in range(2056, len(data) - 4, 7):
        with pytest.raises(FormatError, match="end before the picture does|promises"):
            dpx.read(data[:length])
    broken = bytearray(data)
    broken[2048] = 2 * 100 + 1
    with pytest.raises(FormatError, match=r"reaches beyond its line .*byte 2048"):
        dpx.read(bytes(broken))
    broken[772:776] = (2**20).to_bytes(4, "big")
    with pytest.raises(FormatError, match="promises 1048576 x 6"):
        dpx.read(bytes(broken))


@pytest.mark.parametrize(
    "options",
    [{"bit_depth": 32}, {"bit_depth": 1}, {"line_padding": 4}, {"descriptor": "CbYCrY"}],
)
def test_what_cannot_be_encoded_is_said(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="encoding='rle' needs"):
        dpx.write(io.BytesIO(), Image(np.zeros((2, 4, 3), np.float32)), encoding="rle", **options)
