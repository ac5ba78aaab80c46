"""The door of every operation on pictures: what it takes, and what it makes room for."""

from __future__ import annotations

import numpy as np
import pytest

from vfx import Image
from vfx.ops import _pictures as pictures


def test_an_array_is_wrapped_without_a_copy() -> None:
    array = np.zeros((2, 3, 4), np.float32)
    assert np.shares_memory(pictures.as_image(array).numpy(), array)


@pytest.mark.parametrize("value", [None, "plate.exr", [[0.0]], 3])
def test_what_is_no_picture_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match="bg must be an Image or an array"):
        pictures.as_image(value, "bg")


def test_data_of_32_bits_takes_no_arithmetic() -> None:
    with pytest.raises(TypeError, match="takes no arithmetic"):
        pictures.as_image(np.zeros((2, 2), np.uint32))


def test_an_unknown_edge_lists_the_four() -> None:
    with pytest.raises(ValueError, match="edge must be one of clamp, black, mirror, wrap, got 'clam'.*did you mean"):
        pictures.edge_code("clam")


def test_a_new_image_keeps_what_its_size_and_count_allow() -> None:
    img = Image(np.zeros((4, 6, 4), np.float16), display_window=(-2, 0, 9, 9), metadata={"a": 1}, pixel_aspect=2.0)
    same = pictures.new_image(img)
    assert (same.shape, same.dtype, same.display_window) == ((4, 6, 4), np.float16, (-2, 0, 9, 9))
    smaller = pictures.new_image(img, size=(3, 2), count=1)
    assert (smaller.shape, smaller.data_window, smaller.channel_names) == ((2, 3, 1), (0, 0, 2, 1), ("Y",))
    assert (smaller.metadata, smaller.pixel_aspect) == ({"a": 1}, 2.0)


@pytest.mark.parametrize(("side", "size"), [(1 << 22, "65,536.0 GiB"), (1 << 31, "17,179,869,184.0 GiB")])
def test_a_picture_that_no_memory_holds_is_told_with_its_size(side: int, size: str) -> None:
    img = Image(np.zeros((1, 1), np.float32))
    with pytest.raises(MemoryError, match=f"no memory for a result of {side} x {side} pixels, 1 channels: {size}"):
        pictures.new_image(img, size=(side, side))


def test_colour_is_found_by_name() -> None:
    img = Image(np.zeros((1, 1, 5), np.float32), channels=("A", "B", "G", "R", "Z"))
    assert (pictures.colour_indices(img), pictures.alpha_index(img)) == ((3, 2, 1), 0)
    assert pictures.colour_indices(Image(np.zeros((1, 1, 1), np.float32))) == (0,)
    assert pictures.colour_indices(Image(np.zeros((1, 1, 5), np.float32))) == ()
