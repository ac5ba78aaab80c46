"""Colour-difference DPX files: stored samples, RGB by the stated matrices, and back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from tests.reference import colour_differences as reference
from tests.reference.dpx_reference import FILLED_A, FILLED_B, PACKED, codes_of, elements_of, file_of
from vfx import Image
from vfx.errors import ChannelError
from vfx.io import dpx

KINDS = {"CbYCrY": 2, "CbYACrYA": 3, "CbYCr": 3, "CbYCrA": 4}
DEPTHS = [(8, PACKED), (10, PACKED), (10, FILLED_A), (10, FILLED_B), (12, PACKED), (12, FILLED_A), (16, PACKED)]


def stored(bits: int, kind: str, height: int = 3, width: int = 10) -> np.ndarray:
    codes = np.random.default_rng(bits + len(kind)).integers(0, 2**bits, (height, width, KINDS[kind]), np.uint16)
    codes[0, 0], codes[-1, -1] = 0, 2**bits - 1
    return codes


def spread(codes: np.ndarray, kind: str) -> np.ndarray:
    """Y Cb Cr (A) of every pixel, both of a pair with the pair's colours."""
    if kind in ("CbYCr", "CbYCrA"):
        return codes[:, :, [1, 0, 2, 3][: codes.shape[2]]]
    colours = [np.repeat(codes[:, at::2, :1], 2, axis=1) for at in (0, 1)]
    return np.concatenate([codes[:, :, 1:2], *colours, codes[:, :, 2:]], axis=2)


def expected_rgb(codes: np.ndarray, kind: str, bits: int, how: tuple[str, str]) -> np.ndarray:
    matrix, code_range = how
    units = reference.units_of(spread(codes, kind).astype(np.float64), bits, code_range)
    if kind in ("CbYCrY", "CbYACrYA"):
        units[:, :, 1:3] = reference.widened(units[:, 0::2, 1:3])
    rgb = reference.rgb_of(units[:, :, :3], matrix)
    alpha = codes[:, :, -1:] / (2**bits - 1)
    return np.concatenate([rgb, alpha], axis=2) if "A" in kind else rgb


@pytest.mark.parametrize("order", "><")
@pytest.mark.parametrize(("bits", "packing"), DEPTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_stored_samples_are_read_raw(kind: str, bits: int, packing: int, order: str) -> None:
    codes = stored(bits, kind)
    data = file_of(codes, bits=bits, packing=packing, order=order, kind=kind)
    image = dpx.read(data, codes=True)
    assert image.channel_names == ("Y", "Cb", "Cr", "A")[: image.channels]
    assert image.metadata["dpx:descriptor"] == kind
    np.testing.assert_array_equal(image.pixels, spread(codes, kind))
    floats = dpx.read(data, raw=True, dtype="f32").pixels
    np.testing.assert_array_equal(floats, (spread(codes, kind) / (2**bits - 1)).astype(np.float32))
    assert dpx.probe(data).channel_names == dpx.read(data).channel_names


@pytest.mark.parametrize("code_range", ["legal", "full"])
@pytest.mark.parametrize("matrix", ["rec601", "rec709", "rec2020"])
@pytest.mark.parametrize("kind", KINDS)
def test_rgb_is_what_the_standards_say(kind: str, matrix: str, code_range: str) -> None:
    for bits, packing in ((8, PACKED), (10, FILLED_A), (16, PACKED)):
        codes = stored(bits, kind)
        data = file_of(codes, bits=bits, packing=packing, kind=kind)
        image = dpx.read(data, matrix=matrix, code_range=code_range)
        assert (image.format, image.channel_names) == ("f32", tuple("RGBA" if "A" in kind else "RGB"))
        # Float32 sums of numbers up to 3.
        np.testing.assert_allclose(image.pixels, expected_rgb(codes, kind, bits, (matrix, code_range)), atol=2e-6)


def test_the_header_chooses_matrix_and_range() -> None:
    codes = stored(10, "CbYCr")
    data = bytearray(file_of(codes, bits=10, kind="CbYCr"))
    for colorimetric, matrix in (
        (7, "rec601"),
        (8, "rec601"),
        (9, "rec601"),
        (10, "rec601"),
        (6, "rec709"),
        (5, "rec709"),
    ):
        data[802] = colorimetric
        np.testing.assert_array_equal(dpx.read(data).pixels, dpx.read(data, matrix=matrix).pixels)
    data[784:788], data[792:796] = (0).to_bytes(4, "big"), (1023).to_bytes(4, "big")
    np.testing.assert_array_equal(dpx.read(data).pixels, dpx.read(data, code_range="full").pixels)
    data[784:788], data[792:796] = (64).to_bytes(4, "big"), (940).to_bytes(4, "big")
    np.testing.assert_array_equal(dpx.read(data).pixels, dpx.read(data, code_range="legal").pixels)


def test_video_black_and_white_are_zero_and_one() -> None:
    codes = np.array([[[128, 16], [128, 235]]], np.uint16)
    image = dpx.read(file_of(codes, bits=8, kind="CbYCrY"))
    np.testing.assert_allclose(image.pixels, [[[0, 0, 0], [1, 1, 1]]], atol=1e-6)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_a_lone_last_pixel_has_the_red_of_the_pair_before(width: int) -> None:
    codes = stored(8, "CbYCrY", 2, width)
    image = dpx.read(file_of(codes, bits=8, kind="CbYCrY"), codes=True)
    assert image.pixels[:, -1, 2].tolist() == (codes[:, -2, 0].tolist() if width > 1 else [128, 128])
    whole = dpx.read(file_of(codes, bits=8, kind="CbYCrY")).pixels
    assert np.isfinite(whole).all()


def test_luma_and_colours_in_two_elements_are_one_picture() -> None:
    codes = stored(10, "CbYCrY")
    whole = dpx.read(file_of(codes, bits=10, kind="CbYCrY"))
    data = elements_of(file_of(codes[:, :, 1:2], bits=10, kind="Y"), file_of(codes[:, :, 0:1], bits=10, kind="CbCr"))
    assert len(dpx.probe(data).parts) == 1
    np.testing.assert_array_equal(dpx.read(data).pixels, whole.pixels)
    np.testing.assert_array_equal(dpx.read(data, codes=True).pixels, spread(codes, "CbYCrY"))


def test_rows_and_channels_are_those_of_the_whole_picture() -> None:
    data = file_of(stored(10, "CbYACrYA", 8, 12), bits=10, kind="CbYACrYA")
    whole = dpx.read(data)
    part = dpx.read(data, rows=(2, 5), channels=["A", "G"])
    np.testing.assert_array_equal(part.pixels, whole.pixels[2:5, :, [3, 1]])
    np.testing.assert_array_equal(
        dpx.read(data, raw=True, channels=["Cr"]).pixels, dpx.read(data, raw=True).pixels[:, :, 2:3]
    )
    with pytest.raises(ChannelError, match="no channel 'Cb'; the file has R, G, B, A"):
        dpx.read(data, channels=["Cb"])


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize(
    ("bits", "packing"), [(8, "packed"), (10, "filled_a"), (10, "packed"), (12, "packed"), (16, "packed")]
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_read_raw_is_written_back_sample_by_sample(
    kind: str, bits: int, packing: str, endian: str, tmp_path: Path
) -> None:
    codes = stored(bits, kind)
    packings = {"packed": PACKED, "filled_a": FILLED_A}
    image = dpx.read(file_of(codes, bits=bits, packing=packings[packing], kind=kind), codes=True)
    dpx.write(tmp_path / "a.dpx", image, packing=packing, endian=endian, codes=True)
    np.testing.assert_array_equal(codes_of((tmp_path / "a.dpx").read_bytes()), codes)
    unscaled = dpx.read(tmp_path / "a.dpx", raw=True, dtype="u16")
    dpx.write(tmp_path / "b.dpx", unscaled, packing=packing, endian=endian)
    np.testing.assert_array_equal(codes_of((tmp_path / "b.dpx").read_bytes()), codes)


@pytest.mark.parametrize("code_range", ["legal", "full"])
@pytest.mark.parametrize("matrix", ["rec601", "rec709", "rec2020"])
@pytest.mark.parametrize("kind", KINDS)
def test_rgb_is_written_by_the_standards(kind: str, matrix: str, code_range: str) -> None:
    names = "RGBA" if "A" in kind else "RGB"
    pixels = np.random.default_rng(7).random((4, 8, len(names))).astype(np.float32)
    target = io.BytesIO()
    dpx.write(target, Image(pixels), descriptor=kind, matrix=matrix, code_range=code_range)
    units = reference.units_of_rgb(pixels[:, :, :3].astype(np.float64), matrix)
    if kind in ("CbYCrY", "CbYACrYA"):
        units[:, :, 1:3] = np.repeat(reference.narrowed(units[:, :, 1:3]), 2, axis=1)
    expected = reference.codes_of(units, 10, code_range)
    image = dpx.read(target.getvalue(), codes=True)
    # A sum in float32 may fall on the other side of a half.
    assert np.abs(image.pixels[:, :, :3].astype(int) - expected).max() <= 1
    assert (image.pixels[:, :, :3] != expected).mean() < 0.01
    assert image.metadata["dpx:high_data"] == (940 if code_range == "legal" else 1023)
    if "A" in kind:
        np.testing.assert_array_equal(image.pixels[:, :, 3], np.floor(pixels[:, :, 3].astype(np.float64) * 1023 + 0.5))


def test_rgb_of_any_format_order_and_strides_is_written_alike() -> None:
    codes = np.random.default_rng(8).integers(0, 256, (4, 8, 3), np.uint8)
    expected = io.BytesIO()
    dpx.write(expected, Image((codes / np.float32(255)).astype(np.float32)), descriptor="CbYCrY")
    for image in (
        Image(codes),
        Image(codes[:, :, ::-1], channels="BGR"),
        Image(codes.astype(np.uint16) * 257),
        Image(np.asfortranarray(codes)),
        Image(np.repeat(codes, 2, axis=1)[:, ::2]),
    ):
        target = io.BytesIO()
        dpx.write(target, image, descriptor="CbYCrY")
        assert target.getvalue() == expected.getvalue()


def test_even_colours_survive_the_way_there_and_back() -> None:
    flat = np.tile(np.array([0.2, 0.6, 0.4], np.float32), (3, 8, 1))
    for kind in ("CbYCrY", "CbYCr"):
        target = io.BytesIO()
        dpx.write(target, Image(flat), descriptor=kind, bit_depth=16, colorimetric="bt601_625")
        # Half a code of 16 bits, in each of Y, Cb and Cr.
        np.testing.assert_allclose(dpx.read(target.getvalue()).pixels, flat, atol=4e-5)


@pytest.mark.parametrize("orientation", range(8))
def test_pairs_follow_the_stored_lines(orientation: int) -> None:
    pixels = np.random.default_rng(1).random((6, 8, 3)).astype(np.float32)
    pixels[:] = pixels[:1, :1]
    target = io.BytesIO()
    dpx.write(target, Image(pixels), descriptor="CbYCrY", orientation=orientation, bit_depth=16)
    np.testing.assert_allclose(dpx.read(target.getvalue()).pixels, pixels, atol=4e-5)


@pytest.mark.parametrize(
    ("names", "options", "kind", "message"),
    [
        ("RGB", {"descriptor": "CbYCrA"}, ChannelError, "needs R, G, B or Y, Cb, Cr and A, not R, G, B"),
        ("RGBA", {"descriptor": "CbYCr"}, ChannelError, "needs R, G, B or Y, Cb, Cr, not R, G, B, A"),
        ("RGB", {"descriptor": "CbYCrY"}, ValueError, "needs an even width, got 5"),
        ("RGB", {"descriptor": "CbYCr", "codes": True}, ValueError, "needs an image of Y, Cb and Cr"),
        ("RGB", {"descriptor": "CbYCr", "planar": True}, ValueError, "not written as planar"),
        ("RGB", {"descriptor": "CbYCr", "bit_depth": 1}, ValueError, "nor of 1 bit"),
    ],
)
def test_what_cannot_be_written_is_said(
    names: str, options: dict[str, object], kind: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message):
        dpx.write(tmp_path / "a.dpx", Image(np.zeros((2, 5, len(names)), np.uint16)), **options)
    assert not (tmp_path / "a.dpx").exists()
