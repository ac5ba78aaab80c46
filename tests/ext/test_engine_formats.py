"""Formats, layouts and channels: what the engine reads and writes, and what it refuses."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.engine_programs import Step, as_format, cube, picture, typical

from vfx._ext.engine import Program
from vfx._ext.kernels import KERNELS

FORMATS = ("u1", "u2", "f2", "f4")
RGBA = (0, 1, 2, 3)
GAIN: Step = ("gain", (0.5, 0.5, 0.5), None)
Array = NDArray[Any]


def to_floats(values: Array) -> NDArray[np.float32]:
    """What a stored value means: integers are fractions of their largest."""
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    return (values.astype(np.float64) / np.iinfo(values.dtype).max).astype(np.float32)


def halves_of(values: Array) -> Array:
    with np.errstate(over="ignore"):
        return values.astype(np.float16)


# ------------------------------------------------------------------ formats


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("source", "target"), list(itertools.product(FORMATS, FORMATS)))
def test_every_pair_of_formats_converts_every_channel(source: str, target: str, channels: int) -> None:
    src = as_format(picture(13, 37, channels), source)
    expected = as_format(to_floats(src), target)
    for names in ((-1, -1, -1, -1), (0, -1, -1, -1), (channels - 1, -1, -1, -1)):
        dst = np.full(src.shape, 9, target)
        Program([]).run(src, dst, names, 1)
        assert np.array_equal(dst, expected), names


@pytest.mark.parametrize(("source", "target"), list(itertools.product(FORMATS, FORMATS)))
def test_steps_run_between_every_pair_of_formats(source: str, target: str) -> None:
    src = as_format(picture(13, 37), source)
    dst = np.zeros(src.shape, target)
    Program([GAIN]).run(src, dst, RGBA, 1)
    halved = to_floats(src)
    halved[..., :3] *= np.float32(0.5)
    assert np.array_equal(dst, as_format(halved, target))


@pytest.mark.parametrize("shape", [(1, 65536, 1), (256, 64, 4), (128, 128, 4), (64, 1024, 1)])
def test_every_half_converts_exactly(shape: tuple[int, int, int]) -> None:
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(shape)
    floats = np.empty(shape, np.float32)
    Program([]).run(halves, floats, (-1, -1, -1, -1), 1)
    assert np.array_equal(floats, halves.astype(np.float32), equal_nan=True)
    assert np.array_equal(np.signbit(floats), np.signbit(halves))
    back = np.empty(shape, np.float16)
    Program([]).run(floats, back, (-1, -1, -1, -1), 1)
    assert np.array_equal(back.view(np.uint16)[~np.isnan(halves)], halves.view(np.uint16)[~np.isnan(halves)])
    assert np.isnan(back[np.isnan(halves)]).all()


def test_floats_round_to_the_nearest_even_half_and_overflow_to_infinity() -> None:
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)
    ties = ((halves[:-1].astype(np.float64) + halves[1:]) / 2).astype(np.float32)
    near = np.concatenate([ties, np.nextafter(ties, np.float32(0)), np.nextafter(ties, np.float32(1e9))])
    special = np.array([65504, 65519.996, 65520, 65536, 1e30, np.inf, 2**-24, 2**-25, 2**-26, 1e-40], np.float32)
    values = np.concatenate([near, special, -near, -special]).reshape(1, -1, 1)
    out = np.empty(values.shape, np.float16)
    Program([]).run(values, out, (-1, -1, -1, -1), 1)
    assert np.array_equal(out.view(np.uint16), halves_of(values).view(np.uint16))


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_integers_survive_the_way_through_float(kind: str) -> None:
    codes = np.arange(np.iinfo(kind).max + 1, dtype=kind).reshape(1, -1, 1)
    copy = codes.copy()
    Program([("gain", (1, 1, 1), None)]).run(copy, copy, (0, -1, -1, -1), 1)
    assert np.array_equal(copy, codes)


@pytest.mark.parametrize(("kind", "top"), [("u1", 255), ("u2", 65535)])
def test_integers_are_clamped_and_rounded_half_up(kind: str, top: int) -> None:
    values = np.array([np.nan, -1, -np.inf, np.inf, 2, 0.5, 1.4 / top, 1.6 / top, 1], np.float32).reshape(1, -1, 1)
    out = np.empty(values.shape, kind)
    Program([]).run(values, out, (-1, -1, -1, -1), 1)
    assert out.ravel().tolist() == [0, 0, 0, top, top, (top + 1) // 2, 1, 2, top]


# ------------------------------------------------------------------ layouts


def layouts(values: Array) -> dict[str, Array]:
    """The same (H, W, C) values in memory laid out in many ways."""
    height, width, channels = values.shape
    wide = np.zeros((height * 2, width * 3, channels + 2), values.dtype)
    wide[::2, ::3, 1 : channels + 1] = values
    turned = values[::-1, ::-1, ::-1].copy()
    raw = bytearray(values.nbytes + 1)
    unaligned = np.frombuffer(raw, values.dtype, values.size, offset=1).reshape(values.shape)
    unaligned[...] = values
    padded = np.zeros((height, width + 5, channels), values.dtype)
    padded[:, :width] = values
    return {
        "contiguous": values.copy(),
        "fortran": np.asfortranarray(values),
        "planar": values.transpose(2, 0, 1).copy().transpose(1, 2, 0),
        "transposed": values.transpose(1, 0, 2).copy().transpose(1, 0, 2),
        "every second and third": wide[::2, ::3, 1 : channels + 1],
        "backwards": turned[::-1, ::-1, ::-1],
        "rows backwards": values[::-1].copy()[::-1],
        "padded rows": padded[:, :width],
        "unaligned": unaligned,
    }


LAYOUTS = list(layouts(picture(2, 2)))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("channels", [1, 3, 4, 6])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_values(layout: str, channels: int, kind: str) -> None:
    values = as_format(picture(29, 53, channels), kind)
    names = {1: (0, -1, -1, -1), 3: (0, 1, 2, -1), 4: RGBA, 6: (4, 0, 2, 5)}[channels]
    for steps in ([GAIN], [typical()["cdl 0"] if channels > 1 else typical()["power 0"]]):
        program = Program(steps)
        expected = np.zeros_like(values)
        program.run(values, expected, names, 1)
        src, dst = layouts(values)[layout], layouts(np.zeros_like(values))[layout]
        program.run(src, dst, names, 1)
        assert np.array_equal(dst, expected)
        assert np.array_equal(src, values)
        program.run(src, src, names, 1)
        assert np.array_equal(src, expected)
        program.run(layouts(values)[layout], mixed := np.zeros_like(values), names, 1)
        assert np.array_equal(mixed, expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_between_the_pixels_is_untouched(layout: str) -> None:
    image = layouts(np.ones((9, 11, 4), np.float32))[layout]
    owner = image
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    outside = owner.astype(np.float64).sum() - image.astype(np.float64).sum()
    Program([GAIN]).run(image, image, RGBA, 1)
    assert owner.astype(np.float64).sum() - image.astype(np.float64).sum() == outside
    assert image[..., :3].max() == 0.5
    assert image[..., 3].min() == 1.0


@pytest.mark.parametrize("shape", [(1, 1, 4), (1, 1, 3), (1, 63, 4), (65, 1, 3), (1, 1, 1), (3, 341, 4), (1, 1025, 3)])
def test_odd_sizes(shape: tuple[int, int, int]) -> None:
    values = picture(*shape)
    out = np.zeros_like(values)
    names = (0, -1, -1, -1) if shape[2] == 1 else (0, 1, 2, 3 if shape[2] == 4 else -1)
    Program([GAIN, ("power", (1, 1, 1, 2), None), GAIN]).run(values, out, names, 2, 64)
    expected = values.copy()
    expected[..., : min(3, shape[2])] *= np.float32(0.25)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize("shape", [(0, 5, 4), (5, 0, 4), (0, 0, 3), (5, 5, 0)])
def test_empty_pictures_are_left_alone(shape: tuple[int, int, int]) -> None:
    values = np.empty(shape, np.float32)
    Program([GAIN]).run(values, values, (-1, -1, -1, -1), 2)


# ------------------------------------------------------------------ channels


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kernel", ["gain", "cdl 0", "lut3d 2"])
def test_alpha_and_other_channels_keep_every_bit(kernel: str, kind: str) -> None:
    size = np.dtype(kind).itemsize
    rng = np.random.default_rng(3)
    for channels, names in ((4, RGBA), (4, (3, 1, 0, 2)), (4, (0, 1, 2, -1)), (7, (1, 3, 5, 6))):
        raw = rng.integers(0, 256, (7, 300, channels * size), np.uint8)
        values = np.ascontiguousarray(raw).view(kind)  # signalling NaN among them
        before = values.copy()
        Program([typical()[kernel]]).run(values, values, names, 1)
        fresh = np.zeros_like(before)
        Program([typical()[kernel]]).run(before, fresh, names, 1)
        for c in set(range(channels)) - set(names[:3]):
            assert values[..., c].tobytes() == before[..., c].tobytes()
            assert fresh[..., c].tobytes() == before[..., c].tobytes()
        assert np.array_equal(fresh, values, equal_nan=kind[0] == "f")


def test_channels_are_found_by_index() -> None:
    values = picture(5, 9, 4)
    swapped = np.ascontiguousarray(values[..., [2, 1, 0, 3]])
    program = Program([typical()["matrix"]])
    program.run(values, values, (0, 1, 2, 3), 1)
    program.run(swapped, swapped, (2, 1, 0, 3), 1)
    assert np.array_equal(swapped[..., [2, 1, 0, 3]], values)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("channels", [3, 4])
def test_dense_pixels_may_hold_their_channels_in_any_order(channels: int, kind: str) -> None:
    values = as_format(picture(3, 611, channels), kind)
    program = Program([typical()["matrix"] if channels == 3 else typical()["matrix4"]])
    expected = values.copy()
    program.run(values, expected := np.zeros_like(values), (*range(channels), -1)[:4], 1)
    for order in itertools.permutations(range(channels)):
        names = (*(order.index(c) for c in range(channels)), -1)[:4]
        for step in (1, -1):
            # The same order of names over memory that runs forwards, and backwards.
            shuffled = np.ascontiguousarray(values[..., list(order)][..., ::step])[..., ::step]
            fresh = np.zeros_like(values)
            program.run(shuffled, fresh, names, 1)
            assert np.array_equal(fresh, expected[..., list(order)])
            program.run(shuffled, shuffled, names, 1)
            assert np.array_equal(shuffled, expected[..., list(order)])


def test_luminance_takes_the_red_parameters() -> None:
    values = picture(3, 70, 2)
    out = values.copy()
    Program([("affine", (2, 3, 4, 0.5, 0, 0), None)]).run(out, out, (0, -1, -1, 1), 1)
    assert np.array_equal(out[..., 0], values[..., 0] * np.float32(2) + np.float32(0.5))
    assert np.array_equal(out[..., 1], values[..., 1])


def test_missing_alpha_counts_as_one() -> None:
    values = picture(3, 70, 3)
    out = values.copy()
    Program([("unpremult", (), None), ("premult", (), None)]).run(out, out, (0, 1, 2, -1), 1)
    assert np.array_equal(out, values)


# ------------------------------------------------------------------ refusals


def good() -> NDArray[np.float32]:
    return picture(4, 6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"src": good()[:3]}, "one shape"),
        ({"dst": good()[..., 0]}, r"\(H, W, C\)"),
        ({"src": good().astype(np.float64)}, "float64"),
        ({"src": good().astype(">f4")}, ">f4"),
        ({"src": [[[1.0]]]}, "list"),
        ({"channels": (0, 1, 2, 4)}, "below 4"),
        ({"channels": (0, 1, 2, -2)}, "below 4"),
        ({"channels": (0, 1, 1, 3)}, "different"),
        ({"channels": (0, 1, 2)}, "four"),
        ({"channels": (0, -1, -1, 3)}, "mixes channels"),
        ({"threads": 0}, "threads"),
        ({"threads": 100_000}, "threads"),
        ({"tile": -1}, "tile"),
        ({"tile": 1 << 20}, "tile"),
    ],
)
def test_wrong_arguments_are_refused(change: dict[str, Any], reason: str) -> None:
    arguments = {"src": good(), "dst": np.zeros_like(good()), "channels": RGBA, "threads": 1, "tile": 0, **change}
    with pytest.raises(ValueError, match=reason):
        Program([typical()["matrix"]]).run(**arguments)


def test_a_read_only_destination_is_refused_and_a_read_only_source_is_not() -> None:
    frozen = good()
    frozen.flags.writeable = False
    Program([GAIN]).run(frozen, np.zeros_like(frozen), RGBA, 1)
    with pytest.raises(ValueError, match="read-only"):
        Program([GAIN]).run(frozen, frozen, RGBA, 1)


def test_overlapping_memory_is_refused() -> None:
    image = picture(9, 9)
    for src, dst in ((image[1:], image[:-1]), (image, image[::-1]), (image[:, :-1], image[:, 1:])):
        with pytest.raises(ValueError, match="overlap"):
            Program([GAIN]).run(src, dst, RGBA, 1)
    with pytest.raises(ValueError, match="overlap"):
        Program([GAIN]).run(image.view(np.float16)[..., :4], image.view(np.float16)[..., 2:6], RGBA, 1)
    left, right = image[:, :4], image[:, 5:]
    Program([GAIN]).run(left, right, RGBA, 1)
    assert np.array_equal(right[..., :3], left[..., :3] * np.float32(0.5))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (("glimmer", (), None), "kernel must be one of"),
        (("gain", (1.0,), None), "takes 3 parameters, got 1"),
        (("gain", (1.0, 1.0, 1.0), cube(3)), "takes no table"),
        (("power", (1, 1, 1, 3), None), "below 3"),
        (("cdl", (1,) * 10 + (0.5,), None), "below 2"),
        (("lut3d", (0, 0, 0, 1, 1, 1, 2), None), "needs a table"),
        (("lut3d", (0, 0, 0, 1, 1, 1, 2), cube(3)[:2]), r"\(N, N, N, 3\)"),
        (("lut3d", (0, 0, 0, 1, 1, 1, 2), cube(3)[:1, :1, :1]), r"\(N, N, N, 3\)"),
        (("lut3d", (0, 0, 0, 1, 0, 1, 2), cube(3)), "domain"),
        (("lut3d", (0, 0, 0, 1, np.nan, 1, 2), cube(3)), "domain"),
        (("lut1d", (0, 0, 0, 1, 1, 1, 1), np.zeros((1, 3))), r"\(N, 3\)"),
        (("lut1d", (0, 0, 0, 1, 1, 1, 1), np.zeros((9, 4))), r"\(N, 3\)"),
        (("lut1d", (0, 0, 0, 1, 1, 1, 1), np.zeros((9, 3), complex)), "real"),
    ],
)
def test_wrong_steps_are_refused(step: Step, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Program([step])


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_counts_its_parameters(kernel: str) -> None:
    with pytest.raises(ValueError, match=f"{kernel} takes {KERNELS[kernel].params} parameters"):
        Program([(kernel, (0.0,) * (KERNELS[kernel].params + 1), None)])
