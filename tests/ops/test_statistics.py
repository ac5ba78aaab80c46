"""Statistics and percentiles: against float64, against OpenImageIO, and where pictures are awkward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, meaning, picture, strange

import vfx
from vfx.ops.statistics import percentile, stats

QS = [0.0, 0.1, 33.3, 50.0, 99.0, 100.0]


def finite(pixels: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """The finite numbers of each channel, in float64."""
    values = meaning(pixels)
    return [channel[np.isfinite(channel)] for channel in values.reshape(-1, values.shape[2]).T]


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", SIZES)
def test_moments_agree_with_float64_in_every_format_and_layout(fmt: str, layout: str, size: tuple[int, int]) -> None:
    for channels in (1, 3, 4, 7):
        pixels = laid_out(as_format(picture(*size, channels), fmt), layout)
        found, wanted = stats(pixels), finite(pixels)
        assert found.min == tuple(v.min() for v in wanted) and found.max == tuple(v.max() for v in wanted)
        assert np.allclose(found.mean, [v.mean() for v in wanted], rtol=1e-12, atol=1e-14)
        assert np.allclose(found.stddev, [v.std() for v in wanted], rtol=1e-10, atol=1e-13)
        assert found.finite_count == (size[0] * size[1],) * channels and found.pixels == size[0] * size[1]


@pytest.mark.parametrize("channels", [1, 2, 5, 8, 65])
@pytest.mark.parametrize("fmt", ["f16", "f32"])
def test_numbers_that_are_not_finite_are_counted_and_left_out(channels: int, fmt: str) -> None:
    pixels = as_format(strange(7, 1030 if channels < 9 else 80, channels), fmt)
    found, wanted = stats(pixels, percentiles=QS), finite(pixels)
    columns = pixels.reshape(-1, channels).T
    assert found.nan_count == tuple(int(np.isnan(c).sum()) for c in columns)
    assert found.inf_count == tuple(int(np.isinf(c).sum()) for c in columns)
    assert np.allclose(found.mean, [v.mean() for v in wanted], rtol=1e-12)
    assert np.allclose(found.stddev, [v.std() for v in wanted], rtol=1e-10)
    assert np.allclose(
        [found.percentiles[q] for q in QS], np.array([np.percentile(v, QS) for v in wanted]).T, rtol=1e-14
    )


def test_the_spread_of_a_bright_even_picture_is_not_lost_in_its_mean() -> None:
    pixels = np.float32(60000) + picture(64, 64, 1, low=-0.01, high=0.01)
    assert stats(pixels).stddev[0] == pytest.approx(finite(pixels)[0].std(), rel=1e-9)


def test_a_channel_without_a_finite_number_has_no_statistics() -> None:
    pixels = np.full((3, 3, 2), np.nan, np.float32)
    pixels[..., 1] = 2.0
    found = stats(pixels, percentiles=[50])
    assert np.isnan(
        [found["Y"].min, found["Y"].max, found["Y"].mean, found["Y"].stddev, found["Y"].percentiles[50]]
    ).all()
    assert (found["A"].mean, found["A"].finite_count, found["A"].percentiles) == (2.0, 9, {50.0: 2.0})


def test_threads_and_layouts_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vfx.threads.LEAST_MILLISECONDS", 1e-3)
    pixels = strange(130, 401, 3)
    vfx.set_threads(1)
    wanted = stats(pixels, percentiles=QS)
    for layout in LAYOUTS:
        for threads in (1, 2, 5):
            vfx.set_threads(threads)
            assert repr(stats(laid_out(pixels, layout), percentiles=QS)) == repr(wanted)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", ["dense", "planar", "flipped"])
def test_percentiles_are_those_of_the_sorted_numbers(fmt: str, layout: str) -> None:
    for channels in (1, 4, 9):
        pixels = laid_out(as_format(picture(31, 57, channels), fmt), layout)
        wanted = np.array([np.percentile(v, QS) for v in finite(pixels)]).T
        assert np.allclose(percentile(pixels, QS), wanted, rtol=1e-14, atol=1e-16)
        assert np.array_equal(percentile(pixels, 50), percentile(pixels, [50])[0])


def test_percentiles_tell_neighbouring_floats_apart() -> None:
    values = np.float32(1) + np.arange(-50, 51, dtype=np.float32) * np.float32(2.0**-23)
    shuffled = np.random.default_rng(1).permutation(values).reshape(1, -1)
    assert percentile(shuffled, [0, 25, 50, 75, 100])[:, 0].tolist() == values[[0, 25, 50, 75, 100]].tolist()


def test_many_percentiles_of_many_channels_are_found_in_several_rounds() -> None:
    pixels = picture(20, 20, 17, low=-1e6, high=1e6)
    qs = np.linspace(0, 100, 9)
    assert np.allclose(
        percentile(pixels, qs), np.percentile(pixels.reshape(-1, 17).astype(float), qs, axis=0), rtol=1e-12
    )


@pytest.mark.parametrize(("q", "error"), [(101, ValueError), (-1, ValueError), (np.nan, ValueError), ("50", TypeError)])
def test_a_percentage_outside_0_to_100_is_refused(q: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="percentile"):
        percentile(picture(2, 2, 1), [q])


def test_a_channel_is_had_by_name_and_a_wrong_one_lists_them() -> None:
    found = stats(picture(3, 3, 4))
    assert found["G"].mean == found.mean[1]
    with pytest.raises(vfx.errors.ChannelError, match="no channel 'Z'; the image has R, G, B, A"):
        _ = found["Z"]
    assert str(found).splitlines()[1].startswith("G: min ")


@pytest.mark.parametrize("fmt", FORMATS)
def test_statistics_agree_with_openimageio(fmt: str) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    pixels = as_format(strange(33, 47, 4), fmt)
    theirs, ours = oiio.ImageBufAlgo.computePixelStats(oiio.ImageBuf(pixels)), stats(pixels)
    assert list(ours.nan_count) == theirs.nancount and list(ours.inf_count) == theirs.infcount
    assert list(ours.finite_count) == theirs.finitecount
    for mine, other in (
        (ours.min, theirs.min),
        (ours.max, theirs.max),
        (ours.mean, theirs.avg),
        (ours.stddev, theirs.stddev),
    ):
        assert np.allclose(mine, other, rtol=3e-6, atol=1e-6)


def test_what_is_no_picture_is_refused() -> None:
    for wrong in (np.zeros((2, 2), np.uint32), [[1.0]], None):
        with pytest.raises(TypeError):
            stats(wrong)  # type: ignore[arg-type]
