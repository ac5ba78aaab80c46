"""``DeepImage``: what it holds, and what sorting, tidying, merging, holding out and flattening do to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reference.deep_pixels import Sample, merge_pair, split
from tests.reference.deep_pixels import flatten as flatten_slowly
from tests.reference.deep_pixels import tidy as tidy_slowly
from vfx import DeepImage, Image
from vfx.deep import alpha_of
from vfx.errors import ChannelError

f32 = np.float32


def clouds(seed: int = 1, *, shape: tuple[int, int] = (9, 11), volumes: bool = True, dtype: Any = f32) -> DeepImage:
    """Pixels of 0 to 6 samples at few depths, so that many coincide or overlap; some clear, some opaque."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 7, shape).astype(np.uint32)
    total = int(counts.sum())
    z = rng.integers(0, 8, total)
    alpha = rng.choice([0, 0.25, 0.5, 0.875, 1], total, p=[0.1, 0.3, 0.3, 0.25, 0.05])
    samples = {"R": alpha * rng.random(total), "A": alpha, "Z": z, "ZBack": z + volumes * rng.integers(0, 5, total)}
    return DeepImage(counts, {name: array.astype(dtype) for name, array in samples.items()})


def as_dicts(image: DeepImage, x: int, y: int) -> list[Sample]:
    """A pixel as the reference takes it."""
    pixel = {name: array.astype(float) for name, array in image.pixel(x, y).items()}
    return [{name: pixel[name][i] for name in ("Z", "ZBack", "A", "R")} for i in range(len(pixel["Z"]))]


def each_pixel(image: DeepImage) -> list[tuple[int, int]]:
    """Every x, y."""
    return [(x, y) for y in range(image.height) for x in range(image.width)]


def point(z: float, a: float, r: float = 0.0, back: float | None = None) -> DeepImage:
    """One pixel of one sample."""
    return DeepImage([[1]], {"Z": f32([z]), "ZBack": f32([z if back is None else back]), "A": f32([a]), "R": f32([r])})


# ------------------------------------------------------------------ what it holds


def test_samples_and_counts_are_the_very_memory() -> None:
    counts, z = np.array([[2, 1]], np.uint32), np.arange(6, dtype=f32)[::2]
    deep = DeepImage(counts, {"Z": z})
    assert np.shares_memory(deep.counts, counts)
    assert np.shares_memory(deep.samples["Z"], z)
    assert np.shares_memory(deep.pixel(1, 0)["Z"], z)
    assert np.shares_memory(deep.rename({"Z": "depth"}).samples["depth"], z)
    assert np.shares_memory(deep.select("Z").samples["Z"], z)


def test_offsets_are_where_pixels_begin() -> None:
    deep = DeepImage([[2, 0], [0, 3]], {"Z": np.arange(5, dtype=f32)})
    assert deep.offsets.tolist() == [0, 2, 2, 2, 5]
    assert deep.size == 5
    assert deep.pixel(1, 1)["Z"].tolist() == [2, 3, 4]


def test_windows_and_the_rest_follow_along() -> None:
    deep = DeepImage(
        np.ones((2, 3), int), {"Z": np.zeros(6, np.float16)}, metadata={"owner": "us"}, data_window=(-1, 4, 1, 5),
        display_window=(0, 0, 9, 9), pixel_aspect=2, colorspace="acescg",
    )  # fmt: skip
    for other in (deep.copy(), deep.sort(), deep.tidy(), deep.astype("f32"), deep.merge()):
        assert other.data_window == (-1, 4, 1, 5)
        assert other.display_window == (0, 0, 9, 9)
        assert (other.pixel_aspect, other.colorspace, other.metadata["owner"]) == (2, "acescg", "us")
    flat = deep.flatten()
    assert (flat.data_window, flat.display_window, flat.pixel_aspect) == ((-1, 4, 1, 5), (0, 0, 9, 9), 2)


@pytest.mark.parametrize(
    ("counts", "samples", "error", "words"),
    [
        ([[2]], {"Z": np.zeros(3, f32)}, ValueError, "counts are 2 samples"),
        ([[2]], {"Z": np.zeros((2, 1), f32)}, ValueError, "shape"),
        ([[2]], {"Z": np.zeros(2)}, TypeError, "float64"),
        ([[2]], {}, ValueError, "at least one channel"),
        ([2], {"Z": np.zeros(2, f32)}, ValueError, "height, width"),
        ([[-1]], {"Z": np.zeros(2, f32)}, ValueError, "between 0"),
        ([[1.5]], {"Z": np.zeros(2, f32)}, TypeError, "whole numbers"),
        (np.zeros((0, 4), int), {"Z": np.zeros(0, f32)}, ValueError, "height, width"),
        ([[1]], {"": np.zeros(1, f32)}, ValueError, "non-empty"),
    ],
)
def test_what_does_not_fit_is_refused(counts: Any, samples: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        DeepImage(counts, samples)


def test_missing_channels_are_named() -> None:
    deep = DeepImage([[1]], {"A": np.ones(1, f32)})
    calls: list[Callable[[], object]] = [
        deep.sort, deep.tidy, deep.cull, lambda: deep.select(["Q"]), lambda: deep.merge(deep),
        lambda: deep.holdout(deep), lambda: deep.rename({"Q": "Z"}), lambda: deep.flatten(channels="Q"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ChannelError, match="has A"):
            call()


def test_alpha_is_looked_for_in_the_layer_then_around_it() -> None:
    names = ["A", "AR", "AG", "R", "Z", "L1.A", "L1.AR", "L1.R", "L1.G", "L1.L2.G"]  # the document's table
    found = {name: alpha_of(name, names) for name in names}
    assert found["R"] == "AR"
    assert (found["L1.R"], found["L1.G"], found["L1.L2.G"]) == ("L1.AR", "L1.A", "L1.A")
    assert (alpha_of("B", names), alpha_of("L3.X", names), alpha_of("X", ["Z"])) == ("A", "A", None)


# ------------------------------------------------------------------ sorted and tidy


def test_state_is_told_in_the_words_of_the_document() -> None:
    def lies(*samples: tuple[float, float]) -> str:
        fronts, backs = zip(*samples, strict=True)
        return DeepImage([[len(samples)]], {"Z": f32(fronts), "ZBack": f32(backs)}).state

    assert lies((1, 1), (2, 3), (3, 4)) == "tidy"
    assert lies((2, 2), (2, 4)) == "tidy"  # a point where a volume begins
    assert lies((2, 3), (1, 1)) == "non-overlapping"
    assert lies((1, 3), (2, 4)) == "sorted"
    assert lies((1, 1), (1, 1)) == "sorted"
    assert lies((2, 4), (1, 3)) == "messy"
    assert DeepImage([[2]], {"A": f32([1, 1])}).state == "tidy"


@pytest.mark.parametrize("n", [1, 2, 23, 24, 25, 100, 5000])
def test_sorting_orders_by_front_then_back_and_keeps_equals_in_order(n: int) -> None:
    rng = np.random.default_rng(n)
    z, back = rng.integers(0, 9, n).astype(f32), rng.integers(0, 12, n).astype(f32)
    deep = DeepImage([[0, n, 0]], {"Z": z, "ZBack": back, "id": np.arange(n, dtype=np.uint32)})
    order = np.lexsort((np.arange(n), np.maximum(z, back), z))
    assert np.array_equal(deep.sort().samples["id"], order)


def test_nan_depths_lie_behind_all_others() -> None:
    deep = DeepImage([[3]], {"Z": f32([np.nan, 5, np.inf]), "A": f32([1, 1, 1])})
    assert deep.sort().samples["Z"][0] == 5
    assert deep.tidy().size == 2


@pytest.mark.parametrize("seed", range(3))
def test_tidying_is_what_the_document_says(seed: int) -> None:
    deep = clouds(seed)
    deep.samples["A"][deep.samples["A"] == 1] = 0.75  # three opaque ones in a place: the document's mean is of pairs
    tidied = deep.tidy()
    assert tidied.state == "tidy"
    for x, y in each_pixel(deep):
        expected = tidy_slowly(as_dicts(deep, x, y))
        found = as_dicts(tidied, x, y)
        assert len(found) == len(expected)
        for one, two in zip(found, expected, strict=True):
            # Float32 samples hold what is computed in float64.
            assert one == pytest.approx(two, rel=1e-6, abs=1e-7)


def test_thin_fog_is_split_and_merged_without_loss() -> None:
    thin = {"Z": f32([0, 1]), "ZBack": f32([2, 3]), "A": f32([1e-20, 1e-20]), "R": f32([2e-20, 4e-20])}
    tidied = DeepImage([[2]], thin).tidy()
    assert tidied.samples["A"] == pytest.approx([5e-21, 1e-20, 5e-21])
    assert tidied.samples["R"] == pytest.approx([1e-20, 3e-20, 2e-20])


def test_opaque_samples_in_one_place_are_averaged_and_hide_the_rest() -> None:
    samples = {"Z": f32([1, 1, 1, 1]), "A": f32([1, 1, 1, 0.5]), "R": f32([3, 6, 9, 100])}
    tidied = DeepImage([[4]], samples).tidy()
    assert (tidied.samples["A"].tolist(), tidied.samples["R"].tolist()) == ([1], [6])


def test_merged_samples_keep_the_number_of_the_more_opaque_one() -> None:
    samples = {"Z": f32([1, 1]), "A": f32([0.2, 0.6]), "id": np.array([7, 4_000_000_001], np.uint32)}
    assert DeepImage([[2]], samples).tidy().samples["id"].tolist() == [4_000_000_001]


def test_many_volumes_in_one_pixel_are_tidied() -> None:
    n = 300
    rng = np.random.default_rng(0)
    z = rng.random(n).astype(f32)
    deep = DeepImage([[n]], {"Z": z, "ZBack": z + 1, "A": np.full(n, 0.01, f32)})
    tidied = deep.tidy()
    assert tidied.state == "tidy"
    assert tidied.flatten(channels="A").numpy()[0, 0, 0] == pytest.approx(1 - 0.99**n, rel=1e-5)


def test_the_same_samples_for_any_number_of_threads() -> None:
    deep = clouds(shape=(200, 170))
    one = {name: array.tobytes() for name, array in deep.tidy().samples.items()}
    import vfx

    try:
        vfx.set_threads(1)
        assert {name: array.tobytes() for name, array in deep.tidy().samples.items()} == one
    finally:
        vfx.set_threads(None)


# ------------------------------------------------------------------ flattening


@pytest.mark.parametrize("seed", range(3))
def test_flattening_is_what_the_document_says(seed: int) -> None:
    deep = clouds(seed)
    deep.samples["A"][deep.samples["A"] == 1] = 0.75
    flat = deep.tidy().flatten(channels=["R", "A"]).numpy()
    for x, y in each_pixel(deep):
        assert flat[y, x] == pytest.approx(flatten_slowly(tidy_slowly(as_dicts(deep, x, y))), rel=1e-6, abs=1e-7)


def test_flattening_tidies_what_is_not() -> None:
    messy = DeepImage([[2]], {"Z": f32([5, 1]), "A": f32([1, 0.5]), "R": f32([1, 0])})
    assert messy.flatten(channels="R").numpy()[0, 0, 0] == 0.5
    fog = DeepImage([[2]], {"Z": f32([0, 1]), "ZBack": f32([2, 1]), "A": f32([0.75, 1]), "R": f32([0, 1])})
    assert fog.flatten(channels="R").numpy()[0, 0, 0] == pytest.approx(0.5)  # the point is in the middle of the fog


def test_points_of_one_depth_lie_upon_each_other_in_their_order() -> None:
    deep = DeepImage([[2]], {"Z": f32([1, 1]), "A": f32([1, 1]), "R": f32([1, 3])})
    assert deep.flatten(channels="R").numpy()[0, 0, 0] == 1
    assert deep.tidy().flatten(channels="R").numpy()[0, 0, 0] == 2


def test_each_colour_is_weighed_by_its_own_alpha() -> None:
    samples = {"R": [1, 1], "G": [1, 1], "AR": [0.5, 1], "A": [0.25, 1], "x.G": [1, 1], "x.A": [1, 1], "Z": [1, 2]}
    deep = DeepImage([[2]], {name: f32(values) for name, values in samples.items()})
    flat = dict(zip(deep.channel_names, deep.flatten().numpy()[0, 0], strict=True))
    assert (flat["R"], flat["G"], flat["x.G"], flat["AR"]) == (1.5, 1.75, 1, 1)


def test_without_alpha_the_nearest_sample_wins() -> None:
    deep = DeepImage([[2]], {"Z": f32([4, 2]), "R": f32([1, 3])})
    assert deep.flatten().numpy()[0, 0].tolist() == [2, 3]
    unplaced = DeepImage([[2]], {"R": f32([1, 3])})
    assert unplaced.flatten().numpy()[0, 0].tolist() == [1]


@pytest.mark.parametrize(("depth", "expected"), [("blend", (3, 3.5)), ("front", (2, 2)), ("opaque", (4, 5))])
def test_depth_is_flattened_as_asked_for(depth: str, expected: tuple[float, float]) -> None:
    samples = {"Z": [1, 2, 4, 9], "ZBack": [1, 2, 5, 9], "A": [0, 0.5, 1, 1]}
    deep = DeepImage([[4, 0]], {name: f32(values) for name, values in samples.items()})
    flat = deep.flatten(channels=["Z", "ZBack"], depth=depth).numpy()
    assert flat[0, 0].tolist() == list(expected)
    assert flat[0, 1].tolist() == [f32(1e30), f32(1e30)]


def test_depth_takes_three_words() -> None:
    with pytest.raises(ValueError, match="blend, front, opaque"):
        point(1, 1).flatten(depth="nearest")


def test_half_samples_make_a_half_picture() -> None:
    flat = clouds(dtype=np.float16).flatten()
    assert flat.format == "f16"
    assert clouds().flatten().format == "f32"


def test_uint_channels_give_the_number_of_the_nearest_sample_that_is_not_clear() -> None:
    samples = {"Z": f32([3, 1, 2]), "A": f32([1, 0, 1]), "id": np.array([30, 10, 20], np.uint32)}
    deep = DeepImage([[3, 0]], samples)
    assert deep.flatten(channels="id").numpy().tolist() == [[[20], [0]]]
    with pytest.raises(ChannelError, match=r"uint channels \(id\)"):
        deep.flatten(channels=["id", "A"])


# ------------------------------------------------------------------ several images


def test_merging_unites_windows_and_samples() -> None:
    one = DeepImage([[1, 1]], {"Z": f32([1, 2]), "A": f32([1, 1])}, data_window=(0, 0, 1, 0))
    two = DeepImage([[2], [1]], {"A": np.float16([0.5, 0.25, 1]), "Z": f32([3, 0, 7])}, data_window=(1, 0, 1, 1))
    merged = one.merge(two)
    assert merged.data_window == (0, 0, 1, 1)
    assert merged.counts.tolist() == [[1, 3], [0, 1]]
    assert merged.samples["Z"].tolist() == [1, 0, 2, 3, 7]
    assert merged.formats == {"Z": "f32", "A": "f32"}


def test_merging_gives_points_a_back_where_others_have_one() -> None:
    plain = DeepImage([[1]], {"Z": f32([2]), "A": f32([1]), "R": f32([1])})
    merged = plain.merge(point(1, 0.5, 0.5, back=3))
    assert merged.samples["ZBack"].tolist() == [3, 2]
    with pytest.raises(ChannelError, match="different channels"):
        plain.merge(plain.select(["Z", "A"]))


@pytest.mark.parametrize("volumes", [False, True])
def test_what_is_held_out_of_two_images_is_the_merged_one(volumes: bool) -> None:
    one, two = clouds(1, volumes=volumes), clouds(2, volumes=volumes)
    for image in (one, two):
        alpha = image.samples["A"]
        alpha[alpha == 1] = 0.9375  # how many opaque ones lie in one place is not kept
    one.samples["A"][::7] = 1
    names = ["R", "A"]
    both = one.holdout(two).flatten(channels=names).numpy() + two.holdout(one).flatten(channels=names).numpy()
    assert both == pytest.approx(one.merge(two).tidy().flatten(channels=names).numpy(), abs=1e-6)


def test_holding_out_takes_another_window_and_drops_what_is_hidden() -> None:
    image = DeepImage([[2, 1]], {"Z": f32([1, 5, 5]), "A": f32([0.5, 0.5, 0.5])})
    wall = DeepImage([[1]], {"Z": f32([3]), "A": f32([1])}, data_window=(0, 0, 0, 0))
    held = image.holdout(wall)
    assert held.counts.tolist() == [[1, 1]]
    assert held.samples["Z"].tolist() == [1, 5]
    assert held.samples["A"].tolist() == [0.5, 0.5]


def test_culling_drops_what_lies_behind_the_first_opaque_sample() -> None:
    image = DeepImage([[4]], {"Z": f32([5, 1, 3, 3]), "A": f32([1, 0.5, 1, 0.5])})
    assert image.cull().samples["Z"].tolist() == [1, 3, 3]
    assert image.cull(DeepImage([[1]], {"Z": f32([2.5]), "A": f32([1])})).samples["Z"].tolist() == [1]
    fog = image.like(image.counts, {**image.samples, "ZBack": f32([5, 3, 3, 4])})
    assert fog.cull().samples["ZBack"].tolist() == [3, 3]  # the last one begins where the wall is
    assert image.cull(DeepImage([[1]], {"Z": f32([3]), "A": f32([0.5])})).size == 4


def test_one_image_becomes_deep_and_flat_again() -> None:
    pixels = np.random.default_rng(5).random((6, 5, 5)).astype(f32)
    pixels[2, :, 3] = 0
    image = Image(pixels, channels=["R", "G", "B", "A", "Z"], data_window=(3, 3, 7, 8))
    deep = DeepImage.from_image(image)
    assert deep.counts.sum() == 25
    flat = deep.flatten()
    there = pixels[:, :, 3] > 0
    assert np.array_equal(flat.numpy()[there], pixels[there])
    assert flat.data_window == (3, 3, 7, 8)
    with pytest.raises(ChannelError, match="depths"):
        DeepImage.from_image(image.select(["R", "A"]))


# ------------------------------------------------------------------ OpenImageIO, where it does the same


@pytest.mark.parametrize("cull", [False, True])
def test_merging_agrees_with_openimageio(cull: bool, tmp_path: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    one, two = clouds(1).tidy(), clouds(2).tidy()
    for name, image in (("one", one), ("two", two)):
        image.write(tmp_path / f"{name}.exr")
    buffers = [oiio.ImageBuf(str(tmp_path / f"{name}.exr")) for name in ("one", "two")]
    theirs = oiio.ImageBufAlgo.deep_merge(*buffers, occlusion_cull=cull)
    ours = one.merge(two).tidy()
    if cull:
        ours = ours.cull()
    names = theirs.spec().channelnames
    for x, y in each_pixel(ours):
        samples = range(theirs.deep_samples(x, y))
        expected = [[theirs.deep_value(x, y, 0, c, i) for i in samples] for c in range(len(names))]
        found = [ours.pixel(x, y)[name] for name in names]
        assert np.asarray(found) == pytest.approx(np.asarray(expected), abs=1e-6), (x, y)


def test_splitting_and_merging_agree_with_openimageio() -> None:
    oiio = pytest.importorskip("OpenImageIO")

    data = oiio.DeepData()
    names = ("R", "A", "Z", "ZBack")
    data.init(1, 4, [oiio.FLOAT] * 4, list(names))
    given = [(0.3, 0.5, 1.0, 3.0), (0.2, 0.75, 2.0, 5.0), (0.1, 0.25, 4.0, 4.0)]
    data.set_samples(0, 3)
    for index, sample in enumerate(given):
        for channel, value in enumerate(sample):
            data.set_deep_value(0, channel, index, value)
    for edge in (1.0, 2.0, 3.0, 4.0, 5.0):
        data.split(0, edge)
    data.sort(0)
    data.merge_overlaps(0)
    expected = {name: [data.deep_value(0, c, s) for s in range(data.samples(0))] for c, name in enumerate(names)}
    deep = DeepImage([[3]], {name: f32([sample[c] for sample in given]) for c, name in enumerate(names)})
    found = deep.tidy()
    assert found.samples["Z"].tolist() == expected["Z"]
    for name in names:
        assert found.samples[name] == pytest.approx(expected[name], rel=1e-5)


def test_the_reference_composites_parts_to_the_whole() -> None:
    fog = {"Z": 1.0, "ZBack": 4.0, "A": 0.6, "R": 0.3}
    front, back = split(fog, 2.5)
    assert flatten_slowly([front, back]) == pytest.approx((0.3, 0.6))
    assert merge_pair(front, {**front, "A": 0.0, "R": 0.0}) == pytest.approx(front)


HASH = """
import hashlib
import numpy as np
from tests.test_deep import clouds
found = hashlib.sha256()
for dtype in (np.float16, np.float32):
    one, two = clouds(1, dtype=dtype), clouds(2, dtype=dtype)
    for image in (one.tidy(), one.merge(two).tidy(), one.holdout(two)):
        for samples in image.samples.values():
            found.update(samples.tobytes())
        found.update(image.flatten().numpy().tobytes())
print(found.hexdigest())
"""


def test_all_instruction_sets_give_the_same_bytes(run_limited: Any) -> None:
    outcomes = [run_limited(HASH, seconds=30, env={"VFX_SIMD": level}) for level in ("baseline", "x86_64_v3", "")]
    assert [outcome.returncode for outcome in outcomes] == [0, 0, 0], outcomes
    assert len({outcome.stdout for outcome in outcomes}) == 1
