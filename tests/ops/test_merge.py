"""Nuke's merge operations: their formulas, their edge rules, and what mask, mix, channels and alpha masking do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import merge_formulas as reference
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, assert_close, laid_out, meaning, picture

import vfx
from vfx import Image, ops
from vfx.errors import ChannelError
from vfx.ops import composite, mixing
from vfx.ops.blend import MODES
from vfx.ops.merge import ALPHA_MASKED, OPERATIONS

Array = NDArray[Any]


def pair(fmt: str = "f32", height: int = 13, width: int = 37) -> tuple[Array, Array]:
    """Two different RGBA pictures."""
    return as_format(picture(height, width), fmt), as_format(picture(height, width + 1)[:, :-1], fmt)


def numbers(operation: str, a: float, b: float) -> float:
    """The operation on two pictures of one channel without alpha."""
    return float(ops.merge(np.float32([[a]]), np.float32([[b]]), operation).numpy()[0, 0])


def near_white(operation: str, fmt: str) -> float:
    """1 - B and 1 - a of 16-bit numbers are off by half a float32 step, which a small divisor makes larger."""
    return 6e-5 if fmt == "u16" and operation in ("color_burn", "color_dodge", "disjoint_over") else 2e-6


def test_there_are_thirty_operations_and_the_reference_has_them_all() -> None:
    assert len(OPERATIONS) == 30
    assert set(reference.MERGES) == set(OPERATIONS)
    assert set(reference.MASKED) == set(ALPHA_MASKED)


def test_the_guide_has_every_operation_and_mode() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "compositing.rst").read_text(encoding="utf-8")
    assert [name for name in (*OPERATIONS, *MODES) if f"\n``{name}`` " not in guide] == []
    names = (*composite.__all__, *mixing.__all__)
    assert [name for name in names if f"``{name}" not in guide] == []


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_its_formula(operation: str, fmt: str) -> None:
    a, b = pair(fmt)
    expected = reference.merge(operation, meaning(a), meaning(b))
    assert_close(ops.merge(a, b, operation).numpy(), expected, near_white(operation, fmt))


@pytest.mark.parametrize("operation", ALPHA_MASKED)
def test_alpha_masking_works_on_unpremultiplied_colours(operation: str) -> None:
    a, b = pair()
    result = ops.merge(a, b, operation, alpha_masking=True).numpy()
    assert_close(result, reference.masked_merge(operation, meaning(a), meaning(b)))


@pytest.mark.parametrize("operation", ALPHA_MASKED)
def test_under_alpha_masking_a_picture_stays_where_the_other_has_no_alpha(operation: str) -> None:
    one, none = np.float32([[[0.5, 0.25, 0.75, 0.5]]]), np.zeros((1, 1, 4), np.float32)
    assert np.array_equal(ops.merge(one, none, operation, alpha_masking=True).numpy(), one)
    assert np.array_equal(ops.merge(none, one, operation, alpha_masking=True).numpy(), one)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("operation", ["over", "screen", "disjoint_over"])
def test_every_size_works(operation: str, size: tuple[int, int]) -> None:
    a, b = pair("f32", *size)
    assert_close(ops.merge(a, b, operation).numpy(), reference.merge(operation, meaning(a), meaning(b)))


@pytest.mark.parametrize("fmt", ["u8", "f16", "f32"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_memory_gives_the_same_bytes(layout: str, fmt: str) -> None:
    a, b = pair(fmt)
    expected = ops.merge(a, b, "atop").numpy()
    assert np.array_equal(ops.merge(laid_out(a, layout), b, "atop").numpy(), expected)
    assert np.array_equal(ops.merge(a, laid_out(b, layout), "atop").numpy(), expected)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 300])
def test_any_number_of_channels_merges(count: int) -> None:
    a, b = picture(3, 50, count), picture(4, 50, count)[:3]
    assert_close(
        ops.merge(a, b, "exclusion").numpy().reshape(a.shape), reference.merge("exclusion", *map(meaning, (a, b)))
    )


@pytest.mark.parametrize(
    ("operation", "a", "b", "expected"),
    [
        ("multiply", -0.5, -0.5, -0.5),  # A if A < 0 and B < 0
        ("multiply", -0.5, 0.5, -0.25),
        ("divide", -0.5, -0.5, 0.0),  # 0 where B <= 0
        ("divide", 0.5, 0.0, 0.0),
        ("divide", 0.5, -0.5, 0.0),
        ("divide", -0.5, 0.25, -2.0),
        ("screen", 0.5, 0.5, 0.75),
        ("screen", 2.0, 0.5, 1.5),
        ("screen", 2.0, 3.0, 3.0),  # the larger one where both are above 1
        ("screen", -0.5, 0.25, -0.125),
        ("soft-light", 0.5, 0.5, 0.6875),  # B(2A + B(1 - AB))
        ("soft-light", 2.0, 2.0, 8.0),  # 2AB where AB >= 1
        ("hard-light", 0.25, 0.5, 0.25),  # multiply if A < .5
        ("hard-light", 0.75, 0.5, 0.75),  # screen if A > .5
        ("overlay", 0.5, 0.25, 0.25),
        ("overlay", 0.5, 0.75, 0.75),
        ("geometric", 0.0, 0.0, 0.0),
        ("geometric", 1.0, 3.0, 1.5),
        ("hypot", 3.0, 4.0, 5.0),
        ("hypot", 3e30, 4e30, 5e30),  # no overflow on the way
        ("color-dodge", 0.5, 0.25, 0.5),
        ("color-dodge", 1.0, 0.25, 1.0),
        ("color-dodge", 1.0, 0.0, 1.0),  # A where A >= 1
        ("color-dodge", 2.0, 0.5, 2.0),
        ("color-dodge", 0.5, 3.0, 1.0),
        ("color-burn", 0.5, 0.75, 0.5),
        ("color-burn", 0.0, 0.75, 0.0),
        ("color-burn", 0.0, 1.0, 0.0),  # A where A <= 0
        ("color-burn", -0.5, 0.5, -0.5),
        ("color-burn", 0.5, 3.0, 5.0),
    ],
)
def test_edge_rules(operation: str, a: float, b: float, expected: float) -> None:
    assert numbers(operation, a, b) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("operation", "a", "b", "expected"),
    [
        ("conjoint-over", (0.5, 0.5), (0.25, 0.25), 0.5),  # A if a > b
        ("conjoint-over", (0.25, 0.25), (0.5, 0.5), 0.5),  # A + B(1 - a/b)
        ("conjoint-over", (0.5, 0.0), (0.25, 0.0), 0.75),  # light without alpha is added
        ("disjoint-over", (0.25, 0.25), (0.5, 0.5), 0.75),  # A + B if a + b < 1
        ("disjoint-over", (0.75, 0.75), (0.5, 0.5), 1.0),  # A + B(1 - a)/b
        ("disjoint-over", (0.5, 1.0), (0.25, 0.0), 0.5),
        ("matte", (1.0, 0.25), (0.5, 1.0), 0.625),
    ],
)
def test_edge_rules_of_alpha(operation: str, a: tuple[float, float], b: tuple[float, float], expected: float) -> None:
    found = ops.merge(np.float32([[a]]), np.float32([[b]]), operation).numpy()
    assert found[0, 0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nan_stays_in_its_pixel(operation: str) -> None:
    a, b = pair()
    clean = ops.merge(a, b, operation).numpy()
    a[5, 7], b[5, 8] = np.nan, np.nan
    found = ops.merge(a, b, operation).numpy()
    touched = np.zeros((13, 37), bool)
    touched[5, 7:9] = True
    assert np.array_equal(found[~touched], clean[~touched])
    assert np.isnan(found[5, 7]).all() or operation in ("divide", "geometric")


@pytest.mark.parametrize("operation", ["average", "difference", "hypot", "max", "min", "over", "plus", "screen"])
@pytest.mark.parametrize("swap", [False, True])
def test_nan_on_either_side_shows(operation: str, swap: bool) -> None:
    a, b = np.full((1, 1, 1), np.nan, np.float32), np.full((1, 1, 1), 0.5, np.float32)
    assert np.isnan(ops.merge(*((b, a) if swap else (a, b)), operation).numpy()).all()


# -- a stack ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["over", "under", "plus", "minus", "matte", "screen"])
def test_a_stack_is_merged_from_the_bottom_up(operation: str) -> None:
    layers = [picture(13, 37 + extra)[:, :37] for extra in range(4)]
    step = meaning(layers[3])
    for layer in (layers[2], layers[1], layers[0]):
        step = reference.merge(operation, meaning(layer), step)
    assert_close(ops.merge(layers, operation=operation).numpy(), step, 4e-6)


def test_a_stack_of_integers_is_rounded_once() -> None:
    layers = [as_format(picture(13, 37 + extra)[:, :37], "u8") for extra in range(5)]
    step = meaning(layers[4])
    for layer in layers[3::-1]:
        step = reference.merge("over", meaning(layer), step)
    assert_close(ops.merge(layers).numpy(), step)


def test_a_stack_of_one_is_a_copy() -> None:
    only = Image(picture(3, 4), display_window=(-1, -1, 9, 9))
    result = ops.merge([only])
    assert np.array_equal(result.numpy(), only.numpy()) and not np.shares_memory(result.numpy(), only.numpy())
    assert result.display_window == (-1, -1, 9, 9)


# -- mask, mix, channels ---------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
def test_mask_and_mix_lead_from_b_to_the_result(fmt: str) -> None:
    a, b = pair(fmt)
    mask = as_format(np.clip(picture(13, 37, 1), 0, 1), fmt)
    merged = reference.merge("screen", meaning(a), meaning(b))
    weight = meaning(mask) * 0.75
    expected = merged * weight + meaning(b) * (1 - weight)
    assert_close(ops.merge(a, b, "screen", mask=mask, mix=0.75).numpy(), expected)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_where_the_mask_is_0_or_1_the_result_is_exact_whatever_the_other_side_is(channels: int) -> None:
    mask = np.arange(11) % 2 == 1
    a = np.where(mask[None, :, None], np.float32(0.3), np.float32("nan")).repeat(channels, axis=2)
    b = np.where(mask[None, :, None], np.float32("nan"), np.float32(0.7)).repeat(channels, axis=2)
    found = ops.merge(a, b, "copy", mask=mask[None].astype(np.float32)).numpy()
    assert (found[:, mask] == np.float32(0.3)).all() and (found[:, ~mask] == np.float32(0.7)).all()


def test_a_mask_is_its_alpha_or_its_only_channel() -> None:
    a, b = pair()
    alone = ops.merge(a, b, mask=b[..., 3])
    assert np.array_equal(ops.merge(a, b, mask=b).numpy(), alone.numpy())
    with pytest.raises(
        ChannelError, match=r"mask must have a channel A, or only one, it has R, G, B; .*channel\('R'\)"
    ):
        ops.merge(a, b, mask=b[..., :3])


def test_outside_its_window_a_mask_is_0() -> None:
    a, b = np.ones((4, 4, 1), np.float32), np.zeros((4, 4, 1), np.float32)
    mask = Image(np.ones((2, 2), np.float32), data_window=(1, 2, 2, 3))
    found = ops.merge(a, b, "copy", mask=mask).numpy()[..., 0]
    assert found.sum() == 4 and (found[2:4, 1:3] == 1).all()


def test_an_array_of_the_size_of_b_is_a_mask_that_lies_on_b() -> None:
    b = Image(np.zeros((2, 2), np.float32), data_window=(10, 10, 11, 11))
    a = Image(np.ones((2, 2), np.float32), data_window=(10, 10, 11, 11))
    assert ops.merge(a, b, "copy", mask=np.ones((2, 2), np.float32)).numpy().tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("channels", "changed"),
    [(None, "RGBA"), ("RG", "RG"), ("A", "A"), (["B"], "B"), (("R", "A"), "RA"), ("RGBA", "RGBA")],
)
def test_only_the_named_channels_change(channels: Any, changed: str) -> None:
    a, b = pair()
    found = ops.merge(a, b, "plus", channels=channels).numpy()
    for index, name in enumerate("RGBA"):
        expected = a[..., index] + b[..., index] if name in changed else b[..., index]
        assert np.array_equal(found[..., index], expected), name


def test_a_layer_names_its_channels() -> None:
    names = ("R", "diffuse.R", "diffuse.G")
    a, b = (Image(np.full((1, 1, 3), value, np.float32), channels=names) for value in (1, 2))
    assert ops.merge(a, b, "plus", channels="diffuse").numpy().tolist() == [[[2, 3, 3]]]
    assert ops.merge(a, b, "plus", channels="R, diffuse.G").numpy().tolist() == [[[3, 2, 3]]]


def test_wrong_arguments_are_named() -> None:
    a, b = pair()
    with pytest.raises(ValueError, match=r"operation must be one of atop, .*, got 'ovr' \(did you mean 'over'"):
        ops.merge(a, b, "ovr")
    with pytest.raises(ValueError, match="alpha_masking is for operations without alpha of their own, not over"):
        ops.merge(a, b, "over", alpha_masking=True)
    with pytest.raises(ChannelError, match="no channel 'Z'; the images have R, G, B, A"):
        ops.merge(a, b, channels=["Z"])
    with pytest.raises(ChannelError, match="no channel 'Z'; the images have R, G, B, A"):
        ops.merge(a, b, channels="R,Z")
    with pytest.raises(ChannelError, match="names no channel"):
        ops.merge(a, b, channels=[])
    with pytest.raises(TypeError, match="channels must be names"):
        ops.merge(a, b, channels=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a, without b, must be a list of images, got ndarray"):
        ops.merge(a)
    with pytest.raises(ValueError, match="must be at least one image"):
        ops.merge([])
    with pytest.raises(ValueError, match="mix must be a finite number"):
        ops.merge(a, b, mix=float("nan"))
    with pytest.raises(TypeError, match="takes no arithmetic"):
        ops.merge(a, np.zeros((1, 1), np.uint32))
    with pytest.raises(TypeError, match=r"^a\[1\] holds unsigned 32-bit data"):
        ops.merge([a, np.zeros((1, 1), np.uint32)])


def test_a_hyphen_or_capitals_are_no_other_name() -> None:
    a, b = pair()
    assert np.array_equal(ops.merge(a, b, "Color-Dodge").numpy(), ops.merge(a, b, "color_dodge").numpy())


def test_one_and_many_threads_give_the_same_bytes() -> None:
    a, b = pair("f32", 300, 200)
    results = []
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        results.append(ops.merge([a, b, a], operation="xor", mask=b, mix=0.5).numpy().tobytes())
    vfx.set_threads(None)
    assert results[0] == results[1] == results[2]
