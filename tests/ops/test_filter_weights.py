"""The tables of resampling: sums, symmetry, ends, and how large they get."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.ops import resize, rotate
from vfx.ops._filter_weights import Axis, table
from vfx.ops.filters import FILTERS, Filter, find

AXES = [Axis(40, 13, 13 / 40), Axis(40, 97, 97 / 40), Axis(40, 40, 1.0), Axis(1, 5, 5.0), Axis(9, 1, 1 / 9)]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("edge", ["clamp", "mirror", "wrap"])
def test_weights_add_up_to_one(axis: Axis, filter: str, edge: str) -> None:
    first, count, weights = table(axis, find(filter), edge)
    assert np.abs(weights.sum(axis=1, dtype=np.float64) - 1.0).max() < 7e-8
    assert (count > 0).all()
    if edge != "wrap":
        assert first.min() >= 0
        assert (first + count).max() <= axis.size


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("filter", [name for name in FILTERS if name != "nearest"])
def test_both_ends_are_treated_alike(axis: Axis, filter: str) -> None:
    first, count, weights = table(axis, find(filter), "clamp")
    for pixel in range(axis.pixels):
        other = axis.pixels - 1 - pixel
        assert count[pixel] == count[other]
        assert first[pixel] == axis.size - first[other] - count[other]
        forward, backward = weights[pixel, : count[pixel]], weights[other, : count[other]][::-1]
        np.testing.assert_allclose(forward, backward, atol=2e-7)


def test_weights_of_zero_are_left_out_at_both_ends() -> None:
    first, count, weights = table(Axis(8, 8, 1.0), find("lanczos3"), "clamp")
    assert (first.tolist(), count.tolist()) == (list(range(8)), [1] * 8)
    assert weights[:, 0].tolist() == [1.0] * 8


def test_pixels_beside_a_black_edge_take_nothing() -> None:
    first, count, weights = table(Axis(4, 20, 1.0, 8.0), find("triangle"), "black")
    assert count.tolist() == [0] * 8 + [1] * 4 + [0] * 8
    assert first[8:12].tolist() == [0, 1, 2, 3]
    assert not weights[count == 0].any()


def test_a_shape_that_sees_no_sample_gives_0() -> None:
    ring = Filter("ring", 1.0, lambda x: (x > 0.9) * 1.0)  # at 2 pixels a sample it lies between the samples
    row = np.ones((1, 4), np.float32)
    assert resize(row, 4, 1, filter=ring).numpy().tolist() == [[1.0] * 4]
    assert resize(row, 8, 1, filter=ring).numpy().tolist() == [[0.0] * 8]
    assert not np.isnan(rotate(row, 10.0, filter=Filter("nothing", 1.0, np.zeros_like)).numpy()).any()


def test_tables_cannot_be_written_to() -> None:
    for array in table(AXES[0], find("keys"), "clamp"):
        assert not array.flags.writeable


def test_more_weights_than_memory_are_refused() -> None:
    with pytest.raises(ValueError, match=r"100 samples to 99999999 pixels would take \d+ filter weights, at most"):
        table(Axis(100, 99_999_999, 999_999.99), find("keys"), "clamp")
