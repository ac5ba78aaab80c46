"""Channels: expressions against float64, exact copies, windows and formats, and texts that are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import (
    FORMATS,
    LAYOUTS,
    SIZES,
    as_format,
    assert_close,
    laid_out,
    meaning,
    picture,
    strange,
)

import vfx
from vfx import Image
from vfx.errors import ChannelError
from vfx.ops.channels import add_channels, copy_channels, drop_channels, shuffle

Array = np.ndarray[Any, Any]


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", SIZES)
def test_expressions_agree_with_float64_in_every_format_and_layout(
    fmt: str, layout: str, size: tuple[int, int]
) -> None:
    pixels = laid_out(as_format(picture(*size, 4), fmt), layout)
    r, g, b, a = np.moveaxis(meaning(pixels), 2, 0)
    found = shuffle(
        pixels, "R=B, B=0.25, Y=0.2126*R+0.7152*G+0.0722*B, Z=(R-G)/(abs(B)+2)*-A, W=clamp(G-0.1, 0.2, R+1)"
    )
    assert found.channel_names == ("R", "G", "B", "A", "Y", "Z", "W")
    luma, ratio = 0.2126 * r + 0.7152 * g + 0.0722 * b, (r - g) / (np.abs(b) + 2) * -a
    wanted = np.stack([b, g, b * 0 + 0.25, a, luma, ratio, np.minimum(np.maximum(g - 0.1, 0.2), r + 1)], axis=2)
    assert_close(found.numpy(), wanted)
    assert found.dtype == pixels.dtype and found.numpy().flags.c_contiguous


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1+2)*3", 9),
        ("8/2/2", 2),
        ("5-3-1", 1),
        ("-R", -2),
        ("--R", 2),
        ("2*-R", -4),
        (".5e1", 5),
        ("min(R, 3, 1)", 1),
        ("max(R, G, 1)", 4),
        ("abs(R-G)", 2),
        ("clamp(R)", 1),
        ("clamp(R, 2.5, 3)", 2.5),
        ("R/0", np.inf),
        ("1/0", np.inf),
        ("max(N, R)", 2),
        ("min(R, N)", 2),
        ("N + 1", np.nan),
        ("inf", np.inf),
        ('"left-eye.R" * 2', 16),
        ("left-eye.R", 8),
        ("diffuse.R + diffuse.R", 10),
        ("1/3*3", 1),
    ],
)
def test_an_expression_is_worked_out_by_the_rules_of_arithmetic(text: str, value: float) -> None:
    names = ("R", "G", "N", "left-eye.R", "diffuse.R")
    img = Image(np.array([[[2, 4, np.nan, 8, 5]]], np.float32), channels=names)
    found = shuffle(img, f"R={text}").numpy()[0, 0, 0]
    assert np.array_equal(found, np.float32(value), equal_nan=True)


def test_right_sides_are_read_from_the_picture_as_it_was() -> None:
    img = Image(picture(5, 6, 3))
    swapped = shuffle(img, "R=G, G=R, B=R+G, B=G").numpy()
    assert np.array_equal(swapped, img.numpy()[..., [1, 0, 1]])


def test_names_may_stand_between_quotes_on_both_sides() -> None:
    img = Image(picture(2, 2, 2), channels=("a, b", "c=d"))
    found = shuffle(img, '"c=d" = "a, b" * 2, "e (f)"=1')
    assert found.channel_names == ("a, b", "c=d", "e (f)")
    assert np.array_equal(found.numpy()[..., 1], img.numpy()[..., 0] * 2)


@pytest.mark.parametrize("fmt", FORMATS)
def test_channels_taken_over_keep_every_bit(fmt: str) -> None:
    pixels = as_format(strange(9, 1030, 5), fmt)
    names = tuple("RGBAZ")
    found = shuffle(Image(pixels, channels=names), "R=Z, Z=R").numpy()
    assert found.tobytes() == np.ascontiguousarray(pixels[..., [4, 1, 2, 3, 0]]).tobytes()


def test_data_of_32_bits_is_taken_over_and_filled_but_not_computed_with() -> None:
    ids = np.array([[[4_294_967_295, 0x7F800001]]], np.uint32)
    found = shuffle(Image(ids, channels=("id", "n")), "id=n, k=id, m=4000000001")
    assert found.numpy().tolist() == [[[0x7F800001, 0x7F800001, 4_294_967_295, 4_000_000_001]]]
    with pytest.raises(TypeError, match="takes no arithmetic"):
        shuffle(Image(ids), "Y=Y+1")
    for wrong in ("Y=0.5", "Y=-1", "Y=4294967296"):
        with pytest.raises(ValueError, match="whole numbers below"):
            shuffle(Image(ids), wrong)


def test_the_result_is_new_memory_and_keeps_what_the_picture_is() -> None:
    img = Image(
        picture(3, 4, 3), data_window=(5, 6, 8, 8), display_window=(0, 0, 9, 9), metadata={"a": 1}, colorspace="x"
    )
    for found in (shuffle(img, "R=R"), add_channels(img, "Z"), drop_channels(img, "B"), copy_channels(img, img)):
        assert not np.shares_memory(found.numpy(), img.numpy())
        assert (found.data_window, found.display_window) == (img.data_window, img.display_window)
        assert (found.metadata, found.colorspace) == ({"a": 1}, "x")
    assert np.array_equal(img.shuffle("G=0.5").numpy()[..., 1], np.full((3, 4), 0.5))


def test_a_picture_of_two_dimensions_keeps_them() -> None:
    assert shuffle(np.full((2, 3), 0.5, np.float32), "Y=Y*2").numpy().tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("", ValueError, "assignments like"),
        ("R", ValueError, "assignments like 'A=R, G=0', got 'R'"),
        ("R=", ValueError, "assignments like"),
        ("=R", ValueError, "assignments like"),
        ("R=G,", ValueError, "assignments like"),
        ("R=Q*2", ChannelError, "no channel 'Q'; the image has R, G, B, A"),
        ("R=Q", ChannelError, "no channel 'Q'"),
        ("R=(G", ValueError, r"'\)' is missing"),
        ("R=G)", ValueError, "not expected"),
        ("R=G+", ValueError, "ends too early"),
        ("R=G B", ValueError, "not expected"),
        ("R=*G", ValueError, "not expected"),
        ("R=G**2", ValueError, "not expected"),
        ("R=__import__('os')", ValueError, "does not understand"),
        ("R=sin(G)", ValueError, "no function 'sin'; there are abs, clamp, max, min"),
        ("R=min(G)", ValueError, "min takes 2 arguments, got 1"),
        ("R=clamp(G, 1)", ValueError, "clamp takes 1 or 3"),
        ("R=" + "(" * 200 + "G" + ")" * 200, ValueError, "nested deeper"),
        ("R=1e39", ValueError, "numbers up to"),
        ("R=2R", ValueError, "does not understand '2R'"),
    ],
)
def test_a_text_that_is_no_assignment_says_what_is_wrong(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        shuffle(picture(1, 1, 4), text)


def test_a_long_sum_and_deep_parentheses_are_worked_out() -> None:
    pixels = np.ones((1, 1, 3), np.float32)
    assert shuffle(pixels, "R=" + "+".join(["R"] * 5000)).numpy()[0, 0, 0] == 5000
    assert shuffle(pixels, "R=" + "(G+" * 30 + "0*R" + ")" * 30).numpy()[0, 0, 0] == 30
    with pytest.raises(TypeError, match="takes text"):
        shuffle(pixels, 3)  # type: ignore[arg-type]


def test_threads_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vfx.threads.LEAST_MILLISECONDS", 1e-3)
    pixels = strange(300, 301, 4)
    seen = set()
    for threads in (1, 2, 5):
        vfx.set_threads(threads)
        seen.add(shuffle(pixels, "R=G*0.3+B/A, Z=max(R, B)").numpy().tobytes())
        assert np.array_equal(shuffle(pixels, "R=B, B=R").numpy(), pixels[..., [2, 1, 0, 3]], equal_nan=True)
    assert len(seen) == 1


# ------------------------------------------------------------------ add, drop, copy


@pytest.mark.parametrize(
    ("fmt", "half", "top"), [("u8", 128, 255), ("u16", 32768, 65535), ("f16", 0.5, 1), ("f32", 0.5, 1)]
)
def test_new_channels_are_filled_with_what_their_number_means(fmt: str, half: float, top: float) -> None:
    pixels = as_format(picture(3, 1500, 3), fmt)
    found = add_channels(pixels, {"A": 1.0, "mask.a": 0.5})
    assert found.channel_names == ("R", "G", "B", "A", "mask.a")
    assert np.array_equal(found.numpy()[..., :3], pixels)
    assert (found.numpy()[..., 3] == top).all() and (found.numpy()[..., 4] == half).all()
    assert add_channels(pixels, ["A", "Z"]).numpy()[..., 3:].max() == 0


def test_a_channel_that_is_there_is_not_added_again() -> None:
    with pytest.raises(ChannelError, match="a channel 'G' already; the image has R, G, B"):
        add_channels(picture(1, 1, 3), ["A", "G"])


def test_dropped_channels_are_gone_by_name_or_by_layer() -> None:
    img = Image(picture(4, 5, 5), channels=("R", "diffuse.R", "diffuse.G", "A", "diffuse.x.R"))
    assert drop_channels(img, "diffuse.*").channel_names == ("R", "A", "diffuse.x.R")
    found = drop_channels(img, ["R", "diffuse.G"])
    assert np.array_equal(found.numpy(), img.numpy()[..., [1, 3, 4]])
    with pytest.raises(ChannelError, match=r"no channel 'specular\.\*'"):
        drop_channels(img, "specular.*")
    with pytest.raises(ChannelError, match="at least one"):
        drop_channels(img, img.channel_names)
    with pytest.raises(TypeError, match="channel names must be text"):
        drop_channels(img, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("fmt", FORMATS)
def test_channels_are_copied_by_name_and_converted(fmt: str) -> None:
    img, other = Image(as_format(picture(7, 9, 3), fmt)), Image(picture(7, 9, 4, low=0.0, high=1.0))
    found = copy_channels(img, other, {"A": "A", "G": "B"})
    wanted = meaning(img.numpy())[..., [0, 1, 2, 2]]
    wanted[..., 3], wanted[..., 1] = meaning(other.numpy())[..., 3], meaning(other.numpy())[..., 2]
    assert found.channel_names == ("R", "G", "B", "A")
    assert_close(found.numpy(), wanted)
    assert copy_channels(img, other).channel_names == ("R", "G", "B", "A")
    assert np.array_equal(copy_channels(img, other, ()).numpy(), img.numpy())


def test_channels_are_copied_to_where_the_windows_say() -> None:
    img = Image(np.zeros((4, 6, 3), np.float32), data_window=(10, 10, 15, 13))
    matte = Image(np.ones((3, 3), np.float32), data_window=(14, 9, 16, 11))
    found = copy_channels(img, matte, {"A": "Y"})
    alpha = np.zeros((4, 6))
    alpha[:2, 4:] = 1
    assert np.array_equal(found.numpy()[..., 3], alpha) and found.data_window == img.data_window
    away = copy_channels(img, Image(np.ones((2, 2), np.float32), data_window=(90, 90, 91, 91)), {"A": "Y"})
    assert away.numpy()[..., 3].max() == 0.0


def test_a_channel_that_the_source_lacks_is_named() -> None:
    with pytest.raises(ChannelError, match="no channel 'Z' in source; it has R, G, B"):
        copy_channels(picture(1, 1, 4), picture(1, 1, 3), "Z")


# ------------------------------------------------------------------ the kernel's door


@pytest.mark.parametrize(
    "plan",
    [
        {"inputs": [(1, 0)]},
        {"inputs": [(0, 4)]},
        {"inputs": [(0, -1)]},
        {"inputs": [(0, 0), (0, 0)]},
        {"outputs": [(-1, 1)]},
        {"outputs": [(-1, 0), (-1, 0)]},
        {"outputs": [(0, 2)]},
        {"outputs": [(0, 0)]},
        {"program": [(2, 0)]},
        {"program": [(0, 1)]},
        {"program": [(1, 1)]},
        {"program": [(10, 0)]},
        {"program": [(-1, 0)]},
        {"program": [(0, 0)] * 2, "outputs": [(0, 2)]},
        {"program": [(0, 0)] * 65 + [(2, 0)] * 64, "outputs": [(0, 129)]},
        {"sources": [np.zeros((2, 3, 4), np.float32)]},
        {"sources": [np.zeros((2, 2, 4), np.float16)]},
    ],
)
def test_a_plan_that_points_outside_itself_is_refused(plan: dict[str, Any]) -> None:
    from vfx._ext.channels import assemble

    whole: dict[str, Any] = {
        "sources": [np.zeros((2, 2, 4), np.float32)],
        "target": np.zeros((2, 2, 1), np.float32),
        "inputs": [(0, 0)],
        "outputs": [(0, 1)],
        "program": [(0, 0)],
        "constants": np.zeros(1, np.float32),
        "threads": 1,
    }
    assemble(**whole)
    with pytest.raises(ValueError):
        assemble(**(whole | plan))
