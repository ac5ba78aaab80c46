"""encode and decode on images, arrays and numbers: what is changed, what comes back, with which type."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.errors import ReadOnlyError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D
from vfx.processor import Processor
from vfx.transfer import (
    apply_hlg,
    apply_pq,
    curve,
    decode,
    encode,
    linear_to_srgb,
    srgb_to_linear,
)
from vfx.transfer import pixelops as transfer_ops


def test_an_image_is_changed_in_place_and_returned() -> None:
    pixels = np.full((4, 5, 4), 0.5, np.float32)
    image = Image(pixels)
    assert srgb_to_linear(image) is image
    np.testing.assert_allclose(pixels[..., :3], 0.21404114, atol=1e-7)
    assert (pixels[..., 3] == 0.5).all(), "alpha is left alone"
    assert linear_to_srgb(image) is image
    np.testing.assert_allclose(pixels, 0.5, atol=1e-6)


def test_apply_pq_and_hlg_take_a_direction() -> None:
    image = Image(np.full((2, 2, 3), 1.0, np.float32))
    assert apply_pq(image, direction="encode", nits=100) is image
    np.testing.assert_allclose(image.numpy(), 0.5080784, atol=1e-6)
    apply_pq(image)
    np.testing.assert_allclose(image.numpy(), 1.0, rtol=4e-5)
    assert apply_hlg(image, direction="encode") is image
    apply_hlg(image, direction="decode")
    np.testing.assert_allclose(image.numpy(), 1.0, atol=1e-5)
    with pytest.raises(ValueError, match="direction must be one of decode, encode, got 'forward'"):
        apply_pq(image, direction="forward")


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (2, 3, 4), (0, 3)])
def test_an_array_is_left_alone_and_a_new_one_of_its_type_comes_back(
    dtype: type[np.generic], shape: tuple[int, ...]
) -> None:
    x = np.full(shape, 1).astype(dtype)
    result = encode(x, "srgb")
    assert result.dtype == dtype and result.shape == shape
    assert not np.shares_memory(result, x)
    assert (x == 1).all()


def test_integers_mean_zero_to_one_as_in_an_image() -> None:
    codes = np.arange(256, dtype=np.uint8)
    expected = np.floor(decode(codes / 255.0, "srgb") * 255.0 + 0.5)
    assert (decode(codes, "srgb") == expected).all()
    with pytest.raises(TypeError, match=r"uint8, uint16, float16, float32, float64, got int32"):
        encode(np.arange(4, dtype=np.int32), "srgb")


def test_numbers_and_lists_are_float64() -> None:
    assert encode(1, "srgb") == pytest.approx(1.0, abs=1e-15)
    assert isinstance(encode(0.18, "srgb"), float)
    assert isinstance(encode(np.float32(0.18), "srgb"), np.float32)
    assert isinstance(encode(np.float64(0.18), "srgb"), np.float64)
    result = encode([0, 1], "srgb")  # type: ignore[type-var]
    assert result.dtype == np.float64


def test_strided_arrays_give_the_same_numbers_as_contiguous_ones() -> None:
    x = np.random.default_rng(1).random((9, 11, 4), np.float32)
    whole = encode(x, "acescct")
    assert (encode(x[::-1, ::2], "acescct") == whole[::-1, ::2]).all()
    assert (encode(np.asfortranarray(x), "acescct") == whole).all()


def test_an_array_and_an_image_get_the_same_numbers() -> None:
    x = np.random.default_rng(2).random((64, 64, 3), np.float32)
    assert encode(x, "logc4").tobytes() == encode(Image(x.copy()), "logc4").numpy().tobytes()


def test_a_read_only_array_is_fine_and_a_read_only_image_is_refused() -> None:
    x = np.full((2, 2, 3), 0.5, np.float32)
    x.setflags(write=False)
    assert encode(x, "srgb").shape == x.shape
    with pytest.raises(ReadOnlyError):
        encode(Image(x), "srgb")


def test_ops_know_their_inverse_and_cancel_only_without_loss() -> None:
    srgb, back = transfer_ops.encode("srgb"), transfer_ops.decode("srgb")
    assert srgb.inverse() == back and back.inverse() == srgb
    joined = srgb.combine(back)
    assert joined is not None and joined.is_identity
    assert transfer_ops.encode("acescc").combine(transfer_ops.decode("acescc")) is None
    assert srgb.combine(transfer_ops.decode("rec709")) is None
    assert transfer_ops.encode("linear").is_identity and not srgb.is_identity
    assert transfer_ops.encode(curve("pq", nits=203)) == transfer_ops.encode("pq", nits=203)
    assert repr(transfer_ops.encode("pq", nits=203)) == "encode('pq', nits=203.0)"


def test_parameters_of_a_curve_flow_through_images_looks_processors_and_luts() -> None:
    x = np.linspace(0.001, 0.02, 300, dtype=np.float32).reshape(10, 10, 3)
    expected = encode(x, "logc3", ei=400, encoding="sensor")
    assert not np.array_equal(expected, encode(x, "logc3", ei=400))
    image = Image(x.copy())
    assert np.array_equal(image.encode("logc3", ei=400, encoding="sensor").numpy(), expected)
    look = Look().encode("logc3", ei=400, encoding="sensor")
    assert np.array_equal(look(image).numpy(), expected)
    assert repr(look) == "Look().encode('logc3', ei=400.0, encoding='sensor')"
    Processor().encode(image, "logc3", ei=400, encoding="sensor")
    assert np.array_equal(image.numpy(), expected)
    table = Lut1D.from_curve(33, "bt1886", direction="decode", white=100, black=0.1).table
    np.testing.assert_allclose(table, decode(np.linspace(0, 1, 33), "bt1886", white=100, black=0.1), rtol=1e-6)
