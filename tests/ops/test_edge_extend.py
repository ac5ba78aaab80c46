"""Edge extension: solid colour stays, the rest gets what is solid nearby, by a reference in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.awkward_pictures import FORMATS, LAYOUTS, as_format, assert_close, laid_out, meaning, picture, strange
from reference.pull_push import extended

import vfx
from vfx import Image, ops
from vfx.errors import ChannelError

SIZES = [(1, 1), (1, 2), (2, 1), (1, 7), (7, 1), (3, 3), (4, 4), (5, 6), (13, 37), (66, 130)]


def premultiplied(height: int, width: int, *, low: float = 0.0) -> NDArray[np.float32]:
    """Colour that holes have been torn in, premultiplied; half of the pixels are solid."""
    src = picture(height, width, 4, low=low, high=1.0)
    alpha = np.clip(np.random.default_rng(3).uniform(-0.5, 2.0, (height, width)), 0, 1).astype(np.float32)
    src[..., 3] = alpha
    src[..., :3] *= alpha[..., np.newaxis]
    return src


@pytest.mark.parametrize("size", SIZES)
def test_the_result_is_the_pyramids(size: tuple[int, int]) -> None:
    src = premultiplied(*size, low=-0.25)
    result = ops.edge_extend(src, premultiplied=False).numpy()
    values = meaning(src)
    for channel in range(3):
        expected = extended(values[..., channel], values[..., 3], float(np.float32(0.95)))
        assert_close(result[..., channel], expected)
    assert np.array_equal(result[..., 3], src[..., 3])


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_and_layout_is_extended(fmt: str) -> None:
    for layout in LAYOUTS:
        src = laid_out(as_format(premultiplied(13, 37), fmt), layout)
        before = src.copy()
        result = ops.edge_extend(src, threshold=0.75, premultiplied=False).numpy()
        values = meaning(src)
        for channel in range(3):
            assert_close(result[..., channel], extended(values[..., channel], values[..., 3], 0.75))
        assert np.array_equal(src, before) and not np.shares_memory(result, src)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_matte_of_any_format_may_be_given(fmt: str) -> None:
    src = picture(13, 37, 3)
    matte = as_format(picture(13, 37, 2)[..., 1], fmt)
    result = ops.edge_extend(src, matte, threshold=0.5, premultiplied=False)
    assert result.channel_names == ("R", "G", "B", "A")
    for channel in range(3):
        expected = extended(meaning(src)[..., channel], meaning(matte), 0.5, divide=False)
        assert_close(result.numpy()[..., channel], expected)
    assert np.abs(result.numpy()[..., 3] - meaning(matte)).max() < 1e-6


def test_one_colour_is_carried_everywhere() -> None:
    src = np.zeros((40, 70, 4), np.float32)
    src[10:20, 10:30] = 1.0, 0.5, 0.25, 1.0
    src[20:22, 10:30] = 0.1, 0.4, 0.1, 0.5
    result = ops.edge_extend(src, premultiplied=False).numpy()
    assert np.abs(result[..., :3] - (1.0, 0.5, 0.25)).max() < 1e-6
    assert np.array_equal(result[..., 3], src[..., 3])


def test_what_is_near_counts_most() -> None:
    src = np.zeros((64, 64, 4), np.float32)
    src[:, :8] = 1.0, 0.0, 0.0, 1.0
    src[:, -8:] = 0.0, 1.0, 0.0, 1.0
    result = ops.edge_extend(src, premultiplied=False).numpy()
    assert (result[:, 10, 0] > 0.95).all() and (result[:, 53, 1] > 0.95).all()


def test_where_nothing_is_solid_there_is_no_colour() -> None:
    src = np.full((5, 6, 4), 0.5, np.float32)
    assert not ops.edge_extend(src, premultiplied=False).numpy()[..., :3].any()


def test_colour_that_is_not_finite_stays_alone() -> None:
    src = strange(23, 37)
    src[..., 3] = np.where(np.isfinite(src[..., 3]) & (np.abs(src[..., 3]) < 2), src[..., 3], 0)
    result = ops.edge_extend(src, premultiplied=False).numpy()
    solid = src[..., 3] >= np.float32(0.95)
    assert np.isfinite(result[~solid]).all()
    with np.errstate(all="ignore"):
        expected = src[..., :3] / src[..., 3:]
    assert np.array_equal(result[..., :3][solid], expected[solid], equal_nan=True)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("given", [False, True])
def test_the_foreground_is_multiplied_by_its_matte(fmt: str, given: bool) -> None:
    src = as_format(premultiplied(13, 37), fmt)
    matte = src[..., 3].copy() if given else None
    result = ops.edge_extend(Image(src, metadata={"shot": "a"}), matte, threshold=0.75)
    values = meaning(src)
    alpha = values[..., 3]
    for channel in range(3):
        expected = extended(values[..., channel], alpha, 0.75, divide=not given) * alpha
        assert_close(result.numpy()[..., channel], expected)
    assert result.metadata == {"shot": "a"} and np.array_equal(result.numpy()[..., 3], src[..., 3])
    if not given:
        assert np.array_equal(result.numpy()[alpha >= 0.75], src[alpha >= 0.75])
    plain = ops.edge_extend(Image(src, metadata={"shot": "a"}), matte, premultiplied=False)
    assert plain.metadata == {"shot": "a", "alpha": "unassociated"}


def test_other_channels_and_windows_stay() -> None:
    names = ["Z", "R", "A", "G", "B"]
    src = Image(np.abs(picture(5, 9, 5)), channels=names, data_window=(2, 3, 10, 7), display_window=(0, 0, 19, 9))
    result = ops.edge_extend(src, threshold=1.0)
    assert (result.channel_names, result.data_window, result.display_window) == (
        tuple(names),
        src.data_window,
        src.display_window,
    )
    assert np.array_equal(result.numpy()[..., [0, 2]], src.numpy()[..., [0, 2]])
    far = Image(np.ones((2, 2), np.float32), data_window=(2, 3, 3, 4))
    assert ops.edge_extend(src, far).channel("A").numpy().sum() == 4


def test_the_result_is_the_same_for_any_number_of_threads() -> None:
    src = premultiplied(300, 460)
    found = []
    try:
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            found.append(ops.edge_extend(src, premultiplied=False).numpy().tobytes())
    finally:
        vfx.set_threads(None)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), "1", 1e300])
def test_a_threshold_is_a_number_above_0(value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="threshold must be"):
        ops.edge_extend(picture(2, 2), threshold=value)


def test_a_missing_matte_is_named() -> None:
    rgb = picture(2, 2, 3)
    with pytest.raises(ChannelError, match="the image has no A but R, G, B"):
        ops.edge_extend(rgb)
    with pytest.raises(ChannelError, match="the matte has no A but R, G, B"):
        ops.edge_extend(rgb, rgb)
    with pytest.raises(ChannelError, match="needs channels of colour; the image has A"):
        ops.edge_extend(Image(rgb[..., 0], channels=("A",)))
