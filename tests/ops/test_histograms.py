"""Histograms: the bins of NumPy, exactly, in every format."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, meaning, picture, strange

import vfx
from vfx.ops.histograms import histogram


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", SIZES)
def test_counts_are_those_of_numpy_in_every_format_and_layout(fmt: str, layout: str, size: tuple[int, int]) -> None:
    for channels, bins, low, high in ((1, 256, 0.0, 1.0), (4, 7, -0.1, 3.3), (9, 1, 0.25, 0.75)):
        pixels = laid_out(as_format(picture(*size, channels), fmt), layout)
        found = histogram(pixels, bins=bins, low=low, high=high)
        for counts, below, above, values in zip(
            found.counts, found.below, found.above, meaning(pixels).reshape(-1, channels).T, strict=True
        ):
            assert np.array_equal(counts, np.histogram(values, bins, (low, high))[0])
            assert (below, above) == ((values < low).sum(), (values > high).sum())


@pytest.mark.parametrize("bins", [1, 3, 10, 49, 255, 256, 1000])
def test_numbers_on_an_edge_belong_to_the_upper_bin_and_the_last_edge_to_the_last(bins: int) -> None:
    edges = np.linspace(0.0, 1.0, bins + 1).astype(np.float32)
    beside = np.concatenate([edges, np.nextafter(edges, np.float32(-1)), np.nextafter(edges, np.float32(2))])
    found = histogram(beside.reshape(1, -1), bins=bins)
    assert np.array_equal(found.counts[0], np.histogram(beside.astype(np.float64), bins, (0, 1))[0])
    assert found.counts.sum() + found.below.sum() + found.above.sum() == beside.size


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_code_has_a_bin_of_its_own(dtype: type) -> None:
    top = int(np.iinfo(dtype).max)
    codes = np.arange(top + 1).astype(dtype).reshape(1, -1)
    assert (histogram(codes, bins=top + 1, low=-0.5 / top, high=1 + 0.5 / top).counts == 1).all()


@pytest.mark.parametrize("fmt", ["f16", "f32"])
def test_nan_and_infinities_are_counted_apart(fmt: str) -> None:
    pixels = as_format(strange(40, 300, 2), fmt)
    found = histogram(pixels)
    for c, values in enumerate(meaning(pixels).reshape(-1, 2).T):
        assert found.nan[c] == np.isnan(values).sum() and found.above[c] == (values > 1).sum()
        assert found.below[c] == (values < 0).sum()
    total = found.counts.sum(axis=1) + found.below + found.above + found.nan
    assert total.tolist() == [12000, 12000]


def test_threads_change_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vfx.threads.LEAST_MILLISECONDS", 1e-3)
    pixels = picture(200, 300, 3)
    vfx.set_threads(1)
    formats = [pixels, pixels.astype(np.float16), (pixels * 60).astype(np.uint8)]
    wanted = [histogram(each, high=2.0).counts for each in formats]
    vfx.set_threads(4)
    for each, counts in zip(formats, wanted, strict=True):
        assert np.array_equal(histogram(each, high=2.0).counts, counts)


def test_a_channel_is_had_by_name() -> None:
    found = histogram(picture(5, 5, 3))
    assert np.array_equal(found["G"], found.counts[1])
    with pytest.raises(vfx.errors.ChannelError, match="no channel 'A'; the image has R, G, B"):
        _ = found["A"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bins": 0}, "bins must be between 1 and 65536"),
        ({"bins": 65537}, "bins must be"),
        ({"low": 1.0}, "low must be below high"),
        ({"low": 2.0}, "low must be below high"),
        ({"low": 1.0, "high": 1.0 + 1e-14}, "far enough for 256 bins"),
        ({"low": np.nan}, "low must be"),
        ({"high": np.inf}, "high must be"),
        ({"high": 1e300}, "high must be"),
    ],
)
def test_a_range_without_room_for_its_bins_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        histogram(picture(2, 2), **options)


def test_the_widest_range_of_floats_has_bins() -> None:
    largest = float(np.finfo(np.float32).max)
    pixels = np.array([[-largest, -1.0, 0.0, 1.0, largest]], np.float32)
    assert histogram(pixels, bins=2, low=-largest, high=largest).counts.tolist() == [[2, 3]]


def test_counts_agree_with_openimageio_inside_the_range() -> None:
    oiio = pytest.importorskip("OpenImageIO")
    pixels = picture(33, 47, 1, low=0.001, high=0.999)
    theirs = oiio.ImageBufAlgo.histogram(oiio.ImageBuf(pixels), 0, 16, 0.0, 1.0)
    assert histogram(pixels, bins=16)["Y"].tolist() == list(theirs)
