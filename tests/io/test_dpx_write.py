"""Writing DPX: codes, rounding, memory layouts, options, and files that appear whole or not at all."""

from __future__ import annotations

import itertools
import os
import struct
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from tests.reference.dpx_reference import codes_of
from vfx import Image
from vfx.errors import ChannelError
from vfx.io import dpx
from vfx.metadata import KeyCode

PACKINGS = {8: ("filled_a",), 10: ("filled_a", "filled_b", "packed"), 12: ("filled_a", "filled_b", "packed")}
PACKINGS[16] = ("filled_a",)
CASES = [
    (bits, packing, endian, kind)
    for bits, endian, kind in itertools.product(PACKINGS, ("big", "little"), ("Y", "RGB", "RGBA"))
    for packing in PACKINGS[bits]
]


def some_codes(bits: int, components: int, height: int = 5, width: int = 37) -> np.ndarray:
    """Random codes with both ends of the range among them."""
    codes = np.random.default_rng(bits + components).integers(0, 2**bits, (height, width, components), np.uint16)
    codes[0, 0], codes[-1, -1] = 0, 2**bits - 1
    return codes


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.dpx"


@pytest.mark.parametrize(("bits", "packing", "endian", "kind"), CASES)
def test_every_layout_is_written_as_the_reference_reads_it(
    bits: int, packing: str, endian: str, kind: str, target: Path
) -> None:
    for width in (1, 2, 3, 8, 37):
        codes = some_codes(bits, len(kind), 3, width)
        image = Image(codes, channels=tuple(kind))
        dpx.write(target, image, bit_depth=bits, packing=packing, endian=endian, codes=True)
        data = target.read_bytes()
        np.testing.assert_array_equal(codes_of(data), codes)
        np.testing.assert_array_equal(dpx.read(target, codes=True).pixels, codes)
        order = {"big": ">", "little": "<"}[endian]
        assert data[:4] == {"big": b"SDPX", "little": b"XPDS"}[endian]
        assert struct.unpack_from(f"{order}I", data, 4) == (2048,)
        assert struct.unpack_from(f"{order}I", data, 16) == (len(data),)
        assert (len(data) - 2048) % 4 == 0


@pytest.mark.parametrize(("bits", "width"), [(8, 1), (8, 3), (16, 1), (12, 3), (8, 4)])
def test_lines_end_in_zeros_on_a_word(bits: int, width: int, target: Path) -> None:
    dpx.write(target, Image(np.ones((50, width), np.float32)), bit_depth=bits)
    lines = np.frombuffer(target.read_bytes(), np.uint8, offset=2048).reshape(50, -1)
    used = width * (1 if bits == 8 else 2)
    assert lines.shape[1] == (used + 3) // 4 * 4
    assert not lines[:, used:].any()


@pytest.mark.parametrize(("bits", "packing"), [(b, p) for b, ps in PACKINGS.items() for p in ps])
def test_what_is_read_as_float_or_u16_is_written_back_exactly(bits: int, packing: str, target: Path) -> None:
    codes = np.arange(2**bits, dtype=np.uint16).reshape(-1, 4, 1)
    dpx.write(target, Image(codes), bit_depth=bits, packing=packing, codes=True)
    for dtype in ("f32", "u16", "f16", "u8"):
        if (dtype, bits) in (("f16", 12), ("f16", 16)) or (dtype == "u8" and bits > 8):
            continue  # fewer steps than codes
        image = dpx.read(target, dtype=dtype)
        dpx.write(target.with_name("again.dpx"), image, bit_depth=bits, packing=packing)
        np.testing.assert_array_equal(dpx.read(target.with_name("again.dpx"), codes=True).pixels, codes)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_floats_are_clamped_and_rounded_and_nan_is_zero(bits: int, target: Path) -> None:
    full = 2**bits - 1
    values = [np.nan, -np.inf, -1e-9, -0.0, 0.0, 0.49 / full, 0.51 / full, 0.5, 1.0, 1.0 + 1e-6, 6e4, np.inf]
    expected = [0, 0, 0, 0, 0, 0, 1, full // 2 + 1, full, full, full, full]
    for dtype in (np.float32, np.float16):
        pixels = np.array(values).astype(dtype)[None, :, None]
        dpx.write(target, Image(pixels), bit_depth=bits)
        got = codes_of(target.read_bytes()).ravel().tolist()
        # A half has too few steps to tell 0.49 from 0.51 of a small code.
        keep = range(len(values)) if dtype is np.float32 or bits < 10 else (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)
        assert [got[k] for k in keep] == [expected[k] for k in keep]


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_integers_scale_to_the_nearest_code(bits: int, target: Path) -> None:
    full = 2**bits - 1
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535)):
        values = np.arange(top + 1, dtype=dtype).reshape(-1, 16, 1)
        dpx.write(target, Image(values), bit_depth=bits)
        expected = (2 * values.astype(np.int64) * full + top) // (2 * top)
        np.testing.assert_array_equal(codes_of(target.read_bytes()), expected)


def test_floats_are_stored_as_they_are(target: Path) -> None:
    pixels = np.array([[[np.inf, -2.5, 0.0], [1e-30, -0.0, 65504.0]]], np.float32)
    for endian in ("big", "little"):
        dpx.write(target, Image(pixels), bit_depth=32, endian=endian)
        assert dpx.read(target).pixels.tobytes() == pixels.tobytes()
    dpx.write(target, Image(pixels.astype(np.float16)), bit_depth=32)
    np.testing.assert_array_equal(dpx.read(target).pixels, pixels.astype(np.float16).astype(np.float32))


def layouts(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """The same picture in many memory layouts."""
    height, width, count = pixels.shape
    wide = np.zeros((height, width, count + 1), pixels.dtype)
    wide[:, :, :count] = pixels
    gaps = np.zeros((height, 2 * width, count), pixels.dtype)
    gaps[:, ::2] = pixels
    return {
        "contiguous": pixels,
        "fortran": np.asfortranarray(pixels),
        "flipped rows": pixels[::-1].copy()[::-1],
        "flipped columns": pixels[:, ::-1].copy()[:, ::-1],
        "flipped channels": pixels[:, :, ::-1].copy()[:, :, ::-1],
        "channels of a wider picture": wide[:, :, :count],
        "every second column": gaps[:, ::2],
        "transposed": pixels.transpose(1, 0, 2).copy().transpose(1, 0, 2),
        "planar": np.moveaxis(np.moveaxis(pixels, 2, 0).copy(), 0, 2),
    }


@pytest.mark.parametrize("dtype", ["u8", "u16", "f16", "f32"])
@pytest.mark.parametrize("kind", ["Y", "RGB", "RGBA"])
def test_any_memory_layout_gives_the_same_file(dtype: str, kind: str, target: Path) -> None:
    codes = some_codes(16, len(kind), 6, 9)
    pixels = Image(codes, channels=tuple(kind)).astype(dtype).pixels
    for bits in (8, 10, 16, 32):
        written = {}
        for name, array in layouts(pixels).items():
            array.flags.writeable = False
            dpx.write(target, Image(array, channels=tuple(kind)), bit_depth=bits)
            written[name] = target.read_bytes()
        assert {name for name, data in written.items() if data != written["contiguous"]} == set()


def test_channels_are_written_by_name_whatever_their_order(target: Path) -> None:
    codes = some_codes(10, 4)
    dpx.write(target, Image(codes, channels="ABGR"), codes=True)
    np.testing.assert_array_equal(codes_of(target.read_bytes()), codes[:, :, ::-1])
    dpx.write(target, Image(codes[:, :, :3], channels="BRG"), codes=True)
    np.testing.assert_array_equal(codes_of(target.read_bytes()), codes[:, :, [1, 2, 0]])
    for name in "RGBAYZ":
        dpx.write(target, Image(codes[:, :, 0], channels=name), codes=True)
        assert dpx.read(target).channel_names == (name,)


@pytest.mark.parametrize("names", ["YA", ("diffuse.R", "diffuse.G", "diffuse.B"), "RGBZ", "RG", "U", "RGBAZ"])
def test_other_channels_are_refused_with_a_hint(names: str, target: Path) -> None:
    pixels = np.zeros((2, 3, len(names)), np.float32)
    with pytest.raises(ChannelError, match=r"img\.select"):
        dpx.write(target, Image(pixels, channels=names))
    assert not target.exists()


def test_threads_do_not_change_a_byte(target: Path) -> None:
    image = Image(np.random.default_rng(1).random((400, 301, 3), np.float32))
    written = set()
    for threads in (1, 2, 5):
        dpx.write(target, image, threads=threads)
        written.add(target.read_bytes())
    assert len(written) == 1


def test_wrong_options_list_the_allowed_ones(target: Path) -> None:
    image = Image(np.zeros((2, 3, 3), np.float32))
    for option, value, message in (
        ("bit_depth", 9, "bit_depth must be one of 1, 8, 10, 12, 16, 32, 64, got 9"),
        ("descriptor", "BGR", "descriptor must be one of RGB, RGBA, ABGR, .*, got 'BGR'"),
        ("encoding", "zip", "encoding must be one of none, rle, got 'zip'"),
        ("matrix", "rec2100", "matrix must be one of rec601, rec709, rec2020, got 'rec2100'"),
        ("code_range", "tv", "code_range must be one of legal, full, got 'tv'"),
        ("datum_order", "left", "datum_order must be one of low, high, got 'left'"),
        ("orientation", 8, "orientation must be between 0 and 7, got 8"),
        ("line_padding", 6, "line_padding must be a multiple of 4, got 6"),
        ("end_padding", -4, "end_padding must be between 0 and"),
        ("version", "V3.0", "version must be one of V2.0, V1.0, got 'V3.0'"),
        ("packing", "tight", "packing must be one of packed, filled_a, filled_b, got 'tight'"),
        ("endian", "middle", "endian must be one of big, little, got 'middle'"),
        ("transfer", "log", "transfer must be one of user_defined, printing_density, .*, got 'log'"),
        ("colorimetric", "linear", "colorimetric must be one of user_defined, printing_density"),
        ("timecode", "1:2", "01:02:03:04"),
        ("keycode", "12", "keycode must look like"),
        ("frame_rate", "fast", "24000/1001"),
        ("frame_rate", 0, "frame_rate"),
        ("creator", "x" * 101, "creator holds 100 bytes"),
    ):
        with pytest.raises(ValueError, match=message):
            dpx.write(target, image, **{option: value})
    for option, value in (("timecode", 7), ("keycode", 7), ("bit_depth", "10"), ("codes", True)):
        with pytest.raises(TypeError):
            dpx.write(target, image, **{option: value})
    with pytest.raises(TypeError, match="no option 'bits'.*bit_depth"):
        vfx.write(target, image, bits=10)
    assert not target.exists()


def test_a_code_too_large_for_its_bits_raises(target: Path) -> None:
    target.write_bytes(b"old")
    codes = np.full((50, 60, 3), 1023, np.uint16)
    codes[49, 59, 2] = 1024
    with pytest.raises(ValueError, match="larger than 1023"):
        dpx.write(target, Image(codes), codes=True)
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["out.dpx"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_leaves_the_old_file(threads: int, target: Path, run_limited: Callable[..., Any]) -> None:
    target.write_bytes(b"old")
    outcome = run_limited(
        """
        import numpy as np, vfx
        from vfx.io import dpx
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            dpx.write(sys.argv[1], vfx.Image(np.zeros((400, 400, 3), np.float32)), threads=int(sys.argv[2]))
        except OSError as error:
            print(error)
        """,
        target,
        str(threads),
    )
    assert "File too large" in outcome.stdout and str(target) in outcome.stdout, outcome.stderr
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["out.dpx"]


def test_an_unwritable_folder_is_an_os_error_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        dpx.write(tmp_path / "absent" / "a.dpx", Image(np.zeros((2, 2, 3), np.float32)))


def test_the_written_bytes_do_not_depend_on_the_hour(target: Path) -> None:
    image = Image(np.zeros((2, 2, 3), np.float32))
    dpx.write(target, image)
    first = target.read_bytes()
    dpx.write(target, image)
    assert target.read_bytes() == first
    assert first[136:160] == bytes(24)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_float_pixels_round_to_the_nearest_code_exactly(tmp_path: Path, bits: int) -> None:
    top = 2**bits - 1
    rng = np.random.default_rng(bits)
    halves = (rng.integers(0, top, (100, 256, 3)) + 0.5) / top
    pixels = np.concatenate([halves, rng.random((300, 256, 3))]).astype(np.float32)
    dpx.write(tmp_path / "a.dpx", Image(pixels), bit_depth=bits)
    codes = dpx.read(tmp_path / "a.dpx", codes=True).numpy()
    assert np.array_equal(codes, np.floor(pixels.astype(np.float64) * top + 0.5))


def test_a_file_keeps_its_depth_unless_another_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "a.dpx"
    for bits in (8, 10, 12, 16, 32):
        dpx.write(target, Image(np.full((2, 3, 3), 0.3, np.float32)), bit_depth=bits)
        dpx.write(target, dpx.read(target, dtype="f32").gain(0.5))
        assert dpx.probe(target).metadata["dpx:bit_depth"] == bits
    dpx.write(target, dpx.read(target), bit_depth=12)
    assert dpx.probe(target).metadata["dpx:bit_depth"] == 12
    dpx.write(target, Image(np.zeros((2, 3, 3), np.float32)))
    assert dpx.probe(target).metadata["dpx:bit_depth"] == 10


def test_what_other_formats_carry_and_dpx_cannot_hold_does_not_stop_the_picture(tmp_path: Path) -> None:
    carried = {
        "copyright": "é" * 150,
        "keycode": KeyCode(-1, 123, 9_999_999, 0, 500),
        "frame_rate": Fraction(0),
        "capture_date": "é" * 30,
    }
    pixels = np.zeros((2, 2, 3), np.float32)
    dpx.write(tmp_path / "a.dpx", Image(pixels, metadata=carried))
    found = dpx.read(tmp_path / "a.dpx").metadata
    assert found["copyright"] == "é" * 100
    assert not {"keycode", "frame_rate", "capture_date"} & set(found)
    wrong: tuple[dict[str, Any], ...] = (
        {"copyright": "x" * 201}, {"keycode": KeyCode(1, 123, 0, 0, 0)}, {"frame_rate": Fraction(0)},
    )  # fmt: skip
    for option in wrong:
        with pytest.raises(ValueError, match="holds|frame_rate"):
            dpx.write(tmp_path / "b.dpx", Image(pixels), **option)


@pytest.mark.parametrize(("orientation", "side"), [(0, "width, got 13"), (4, "height, got 3")])
def test_the_odd_side_of_halved_colours_is_named(tmp_path, orientation: int, side: str) -> None:
    image = Image(np.zeros((3, 13, 3), np.float32))
    with pytest.raises(ValueError, match=f"orientation {orientation}\\) needs an even {side}"):
        dpx.write(tmp_path / "a.dpx", image, descriptor="CbYCrY", orientation=orientation)


@pytest.mark.parametrize("window", [(-5, -3, 30, 20), (-5, 2, 12, 10), (3, -1, 30, 9)])
def test_overscan_that_begins_before_the_frame_is_cut_to_the_frame(tmp_path: Path, window) -> None:
    width, height = window[2] - window[0] + 1, window[3] - window[1] + 1
    pixels = np.random.default_rng(4).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = Image(pixels, data_window=window, display_window=(0, 0, 23, 15))
    dpx.write(tmp_path / "a.dpx", image, bit_depth=8)
    np.testing.assert_array_equal(dpx.read(tmp_path / "a.dpx").pixels, image.to_display_window().pixels)
