"""Keymix, dissolve, holdout."""

from __future__ import annotations

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, as_format, assert_close, meaning, picture

from vfx import Image, ops
from vfx.errors import ChannelError


@pytest.mark.parametrize("fmt", FORMATS)
def test_keymix_picks_by_the_mask(fmt: str) -> None:
    a, b = as_format(picture(13, 37), fmt), as_format(picture(14, 37)[:13], fmt)
    mask = as_format(np.clip(picture(13, 37, 1), 0, 1), fmt)
    weight = meaning(mask) * 0.5
    assert_close(ops.keymix(a, b, mask, mix=0.5).numpy(), meaning(a) * weight + meaning(b) * (1 - weight))


def test_keymix_works_over_the_union() -> None:
    a = Image(np.ones((1, 1, 1), np.float32), data_window=(2, 0, 2, 0))
    b = Image(np.full((1, 1, 1), 0.5, np.float32))
    mask = Image(np.ones((1, 4), np.float32) * np.float32(0.5))
    found = ops.keymix(a, b, mask)
    assert found.data_window == (0, 0, 2, 0) and found.numpy().ravel().tolist() == [0.25, 0.0, 0.5]


def test_keymix_needs_a_mask() -> None:
    a = picture(2, 2)
    with pytest.raises(TypeError, match="mask must be an Image or an array"):
        ops.keymix(a, a, None)  # type: ignore[arg-type]
    with pytest.raises(ChannelError, match="mask must have a channel A"):
        ops.keymix(a, a, a[..., :3])


@pytest.mark.parametrize("which", [0, 0.25, 1, 1.5, 2, 2.75, 3])
def test_dissolve_mixes_the_two_images_beside_a_place(which: float) -> None:
    images = [picture(5, 30 + extra)[:, :30] for extra in range(4)]
    first = min(int(which), 2)
    share = which - first
    expected = meaning(images[first]) * (1 - share) + meaning(images[first + 1]) * share
    assert_close(ops.dissolve(images, which).numpy(), expected)


@pytest.mark.parametrize("which", [0.0, 0.5, 1.0])
def test_a_dissolve_has_one_shape_from_end_to_end(which: float) -> None:
    a = Image(np.ones((2, 2, 1), np.uint8), channels=("Y",), metadata={"first": 1}, display_window=(0, 0, 5, 5))
    b = Image(np.ones((1, 1, 4), np.float32), data_window=(7, 0, 7, 0))
    found = ops.dissolve([a, b], which)
    assert (found.data_window, found.display_window, found.format) == ((0, 0, 7, 1), (0, 0, 5, 5), "f32")
    assert set(found.channel_names) == {"R", "G", "B", "A"} and found.metadata == {"first": 1}


def test_a_dissolve_of_one_image_is_a_copy() -> None:
    only = picture(3, 3)
    assert np.array_equal(ops.dissolve([only]).numpy(), only)


def test_a_dissolve_stays_between_its_ends() -> None:
    images = [picture(2, 2), picture(2, 2)]
    for which in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="which must be"):
            ops.dissolve(images, which)
    with pytest.raises(TypeError, match=r"images\[1\] must be an Image or an array"):
        ops.dissolve([images[0], "b"])  # type: ignore[list-item]


@pytest.mark.parametrize("fmt", FORMATS)
def test_holdout_multiplies_by_what_the_matte_leaves(fmt: str) -> None:
    img, matte = as_format(picture(13, 37), fmt), as_format(np.clip(picture(13, 37, 1), 0, 1), fmt)
    assert_close(ops.holdout(img, matte, mix=0.5).numpy(), meaning(img) * (1 - meaning(matte) * 0.5))


def test_holdout_keeps_the_picture_where_the_matte_does_not_reach() -> None:
    img = Image(np.ones((2, 3, 4), np.float32), data_window=(5, 5, 7, 6), metadata={"kept": True})
    matte = Image(np.ones((4, 4), np.float32), data_window=(7, 5, 10, 8))
    found = ops.holdout(img, matte)
    assert (found.data_window, found.metadata) == (img.data_window, {"kept": True})
    assert found.numpy()[..., 0].tolist() == [[1, 1, 0], [1, 1, 0]]


def test_a_full_hole_is_black_whatever_was_there() -> None:
    img = np.full((1, 1, 1), np.nan, np.float32)
    assert ops.holdout(img, np.ones((1, 1), np.float32)).numpy().tolist() == [[[0.0]]]
