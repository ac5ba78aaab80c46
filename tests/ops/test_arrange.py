"""Mirroring, turning, cropping, padding and shifting: where each pixel and both windows come to lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.awkward_pictures import FORMATS, LAYOUTS, SIZES, as_format, laid_out, picture, strange

import vfx
from vfx import Image, ops

Array = NDArray[Any]
Op = Callable[[Any], Image]

#: Operation → what it does to an array.
MOVES: dict[str, tuple[Op, Callable[[Array], Array]]] = {
    "flip": (ops.flip, lambda a: a[::-1]),
    "flop": (ops.flop, lambda a: a[:, ::-1]),
    "transpose": (ops.transpose, lambda a: a.transpose(1, 0, 2)),
    "rotate90": (ops.rotate90, np.rot90),
    "rotate180": (lambda i: ops.rotate90(i, 2), lambda a: np.rot90(a, 2)),
    "rotate270": (lambda i: ops.rotate90(i, -1), lambda a: np.rot90(a, -1)),
    "no turn": (lambda i: ops.rotate90(i, 4), lambda a: a),
    "circular_shift": (lambda i: ops.circular_shift(i, 2, -9), lambda a: np.roll(a, (-9, 2), (0, 1))),
    "crop": (lambda i: ops.crop(i, 0, 0, 1, 1), lambda a: a[:1, :1]),
    "crop wide": (lambda i: ops.crop(i, -2, -1, 50, 20),
                  lambda a: np.pad(a, ((1, 40), (2, 60), (0, 0)))[:20, :50]),
    "pad": (lambda i: ops.pad(i, (1, 2, 3, 4)), lambda a: np.pad(a, ((2, 4), (1, 3), (0, 0)))),
    "pad clamp": (lambda i: ops.pad(i, (5, 2), edge="clamp"),
                  lambda a: np.pad(a, ((2, 2), (5, 5), (0, 0)), mode="edge")),
    "pad mirror": (lambda i: ops.pad(i, 9, edge="mirror"),
                   lambda a: np.pad(a, ((9, 9), (9, 9), (0, 0)), mode="symmetric")),
    "pad wrap": (lambda i: ops.pad(i, 9, edge="wrap"), lambda a: np.pad(a, ((9, 9), (9, 9), (0, 0)), mode="wrap")),
    "tile": (lambda i: ops.tile(i, 3, 2), lambda a: np.tile(a, (2, 3, 1))),
}  # fmt: skip


def same_bits(result: Array, expected: Array) -> None:
    """Equal to the last bit, NaN payloads too, in memory of its own that is contiguous."""
    assert (result.shape, result.dtype, result.flags.c_contiguous) == (expected.shape, expected.dtype, True)
    assert result.tobytes() == np.ascontiguousarray(expected).tobytes()


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_pixel_arrives_unchanged_from_any_layout(name: str, fmt: str) -> None:
    op, expected = MOVES[name]
    for size in SIZES[:-1]:
        for layout in LAYOUTS:
            src = laid_out(as_format(picture(*size), fmt), layout)
            before = src.copy()
            result = op(src).numpy()
            same_bits(result, expected(src))
            assert np.array_equal(src, before) and not np.shares_memory(result, src)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("channels", [1, 2, 3, 5, 8])
def test_any_number_of_channels_moves_and_nan_stays_what_it_was(name: str, channels: int) -> None:
    op, expected = MOVES[name]
    for fmt in ("u8", "f32"):
        src = strange(13, 37, channels) if fmt == "f32" else as_format(picture(13, 37, channels), fmt)
        same_bits(op(src).numpy(), expected(src))


@pytest.mark.parametrize("name", ["flip", "flop", "transpose", "rotate90", "rotate270"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_large_pictures_are_the_same_for_any_number_of_threads(
    name: str, fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vfx.threads.LEAST_MILLISECONDS", 1e-3)
    op, expected = MOVES[name]
    src = as_format(picture(211, 307), fmt)
    try:
        for threads in (1, 2, 3):
            vfx.set_threads(threads)
            same_bits(op(src).numpy(), expected(src))
    finally:
        vfx.set_threads(None)


def numbered(window: tuple[int, int, int, int], display: tuple[int, int, int, int]) -> Image:
    """A picture whose every pixel has another value."""
    width, height = window[2] - window[0] + 1, window[3] - window[1] + 1
    values = np.arange(1, width * height + 1, dtype=np.float32).reshape(height, width)
    return Image(values, data_window=window, display_window=display, pixel_aspect=2.0, metadata={"shot": "a"})


PLACED = numbered((3, -2, 7, 1), (0, 0, 9, 5))


@pytest.mark.parametrize(
    ("op", "data", "display", "aspect"),
    [
        (ops.flip, (3, 4, 7, 7), (0, 0, 9, 5), 2.0),
        (ops.flop, (2, -2, 6, 1), (0, 0, 9, 5), 2.0),
        (ops.transpose, (-2, 3, 1, 7), (0, 0, 5, 9), 0.5),
        (ops.rotate90, (-2, 2, 1, 6), (0, 0, 5, 9), 0.5),
        (lambda i: ops.rotate90(i, 2), (2, 4, 6, 7), (0, 0, 9, 5), 2.0),
        (lambda i: ops.rotate90(i, -1), (4, 3, 7, 7), (0, 0, 5, 9), 0.5),
        (lambda i: ops.crop(i, 4, -1, 2, 2), (4, -1, 5, 0), (0, 0, 9, 5), 2.0),
        (lambda i: ops.crop(i, 4, -1, 2, 2, reformat=True), (0, 0, 1, 1), (0, 0, 1, 1), 2.0),
        (lambda i: ops.pad(i, (1, 2, 3, 4)), (2, -4, 10, 5), (0, 0, 9, 5), 2.0),
        (lambda i: ops.pad(i, 1, reformat=True), (0, 0, 6, 5), (0, 0, 6, 5), 2.0),
        (lambda i: ops.circular_shift(i, 1, 1), (3, -2, 7, 1), (0, 0, 9, 5), 2.0),
        (lambda i: ops.tile(i, 2, 1), (3, -2, 12, 1), (3, -2, 12, 1), 2.0),
    ],
)
def test_windows_and_aspect_follow_the_pixels(op: Op, data: object, display: object, aspect: float) -> None:
    result = op(PLACED)
    assert (result.data_window, result.display_window, result.pixel_aspect) == (data, display, aspect)
    assert (result.metadata, result.channel_names, result.ndim) == ({"shot": "a"}, ("Y",), 2)


def framed(img: Image) -> Array:
    """What a viewer shows."""
    return img.to_display_window().numpy()


@pytest.mark.parametrize("name", ["flip", "flop", "transpose", "rotate90", "rotate180", "rotate270"])
def test_what_a_viewer_shows_is_mirrored_or_turned_as_a_whole(name: str) -> None:
    for display in [(0, 0, 9, 5), (2, -1, 11, 4), (5, 0, 6, 0)]:
        img = numbered((3, -2, 7, 1), display)
        op, expected = MOVES[name]
        assert np.array_equal(framed(op(img)), expected(framed(img)))


def test_four_quarter_turns_are_the_picture_itself() -> None:
    img = PLACED
    for _ in range(4):
        img = ops.rotate90(img)
    assert np.array_equal(img.numpy(), PLACED.numpy())
    assert (img.data_window, img.display_window) == (PLACED.data_window, PLACED.display_window)


def test_flips_crops_and_turns_agree_with_openimageio() -> None:
    oiio = pytest.importorskip("OpenImageIO")
    algo = oiio.ImageBufAlgo
    spec = oiio.ImageSpec(5, 4, 1, "float")
    spec.x, spec.y, spec.full_width, spec.full_height = 3, -2, 10, 6
    buf = oiio.ImageBuf(spec)
    buf.set_pixels(spec.roi, PLACED.pixels)
    box = oiio.ROI(4, 6, -1, 1)
    for theirs, ours in [
        (algo.flip(buf), ops.flip(PLACED)),
        (algo.flop(buf), ops.flop(PLACED)),
        (algo.transpose(buf), ops.transpose(PLACED)),
        (algo.rotate90(buf), ops.rotate90(PLACED, -1)),
        (algo.rotate180(buf), ops.rotate90(PLACED, 2)),
        (algo.rotate270(buf), ops.rotate90(PLACED)),
        (algo.crop(buf, roi=box), ops.crop(PLACED, 4, -1, 2, 2)),
        (algo.cut(buf, roi=box), ops.crop(PLACED, 4, -1, 2, 2, reformat=True)),
    ]:
        about = theirs.spec()
        window = (about.x, about.y, about.x + about.width - 1, about.y + about.height - 1)
        full = (about.full_x, about.full_y, about.full_x + about.full_width - 1, about.full_y + about.full_height - 1)
        assert (ours.data_window, ours.display_window) == (window, full)
        assert np.array_equal(ours.pixels, theirs.get_pixels(oiio.FLOAT, about.roi))


def test_a_crop_is_black_where_there_is_no_picture() -> None:
    far = ops.crop(PLACED, 100, 100, 2, 3)
    assert (far.shape, far.data_window, far.numpy().any()) == ((3, 2), (100, 100, 101, 102), False)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_margin_has_the_colour_asked_for(fmt: str) -> None:
    src = as_format(picture(2, 2), fmt)
    result = ops.pad(src, 1, value=(1.0, 0.5, 0.0, 1.0)).numpy()
    assert np.array_equal(result[0, 0], as_format(np.array([1.0, 0.5, 0.0, 1.0]), fmt))
    assert np.array_equal(result[1:3, 1:3], src)
    assert np.array_equal(ops.pad(src, 1, value=1.0).numpy()[-1, -1], as_format(np.ones(4), fmt))


def test_offset_is_another_name_of_circular_shift() -> None:
    assert ops.offset is ops.circular_shift


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda i: ops.flip(i, "horizontl"), "direction must be one of horizontal, vertical.*did you mean"),
        (lambda i: ops.rotate90(i, 0.5), "times must be a whole number"),
        (lambda i: ops.crop(i, 0.5, 0, 1, 1), "x must be a whole number"),
        (lambda i: ops.crop(i, 0, 0, 0, 1), "width must be .* got 0"),
        (lambda i: ops.crop(i, 0, 2**31, 1, 1), "y must be"),
        (lambda i: ops.pad(i, -1), "size must be .* got -1"),
        (lambda i: ops.pad(i, (1, 2, 3)), r"size must be 1 number, 2 \(x, y\) or 4"),
        (lambda i: ops.pad(i, "1"), "size must be a whole number"),
        (lambda i: ops.pad(i, 1, edge="blak"), "edge must be one of.*did you mean 'black'"),
        (lambda i: ops.pad(i, 1, value=(1, 2)), "value must be one number or 1, one per channel, got 2"),
        (lambda i: ops.pad(i, 1, value="red"), "value must be a number or one number per channel"),
        (lambda i: ops.circular_shift(i, 0.5), "x must be a whole number"),
    ],
)
def test_a_wrong_argument_is_named(call: Op, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(np.zeros((2, 2), np.float32))


@pytest.mark.parametrize("name", ["flop", "transpose", "rotate90", "rotate270"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 8, 12, 16])
def test_pixels_of_any_number_of_bytes_are_mirrored_and_turned(name: str, size: int) -> None:
    op, expected = MOVES[name]
    codes = np.random.default_rng(size).integers(0, 256, (640, 53, size), np.uint8)
    for height, width in [(3, 53), (16, 17), (53, 15), (640, 7), (639, 33)]:
        for first in (0, 3):
            src = codes[:height, first:width]
            same_bits(op(src).numpy(), expected(src))


# ------------------------------------------------------------------ object ids


def test_ids_of_32_bits_are_moved_bit_for_bit() -> None:
    ids = np.random.default_rng(4).integers(0, 2**32, (5, 7), np.uint32)
    assert np.array_equal(ops.flip(ids).numpy(), ids[::-1])
    assert np.array_equal(ops.flop(ids).numpy(), ids[:, ::-1])
    assert np.array_equal(ops.transpose(ids).numpy(), ids.T)
    assert np.array_equal(ops.rotate90(ids).numpy(), np.rot90(ids))
    assert np.array_equal(ops.circular_shift(ids, 2, 1).numpy(), np.roll(ids, (1, 2), (0, 1)))
    assert np.array_equal(ops.crop(ids, 1, 2, 4, 3).numpy(), ids[2:5, 1:5])
    assert np.array_equal(ops.pad(ids, 2, value=2**32 - 1).numpy(), np.pad(ids, 2, constant_values=2**32 - 1))
    assert np.array_equal(ops.tile(ids, 2, 1).numpy(), np.tile(ids, (1, 2)))
    assert np.array_equal(ops.mosaic([ids, ids], 2).numpy(), np.tile(ids, (1, 2)))
    assert np.array_equal(ops.paste(ids, ids[:2, :2], (0, 0)).numpy(), ids)


def test_ids_and_colours_do_not_mix() -> None:
    ids, colours = np.ones((2, 2), np.uint32), np.ones((2, 2), np.float32)
    with pytest.raises(TypeError, match="32-bit data does not go together"):
        ops.paste(ids, colours)
    with pytest.raises(TypeError, match="value must be a whole number"):
        ops.pad(ids, 1, value=0.5)
