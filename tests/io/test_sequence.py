"""Patterns, ranges and gaps of frame sequences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.errors import SequenceError
from vfx.io.sequence import Sequence, format_frames, has_frame_token, parse_frames


def touch(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("pattern", "name", "padding"),
    [
        ("sh.####.exr", "sh.0007.exr", 4),
        ("sh.#.exr", "sh.7.exr", 1),
        ("sh.##.exr", "sh.07.exr", 2),
        ("sh.@@@@@.exr", "sh.00007.exr", 5),
        ("sh.%04d.exr", "sh.0007.exr", 4),
        ("sh.%d.exr", "sh.7.exr", 1),
        ("sh.$F4.exr", "sh.0007.exr", 4),
        ("sh.${F4}.exr", "sh.0007.exr", 4),
        ("sh.$F.exr", "sh.7.exr", 1),
        ("sh010-####.exr", "sh010-0007.exr", 4),
        ("v2####.tar.gz", "v20007.tar.gz", 4),
        ("####.exr", "0007.exr", 4),
        ("plate_####_v003.exr", "plate_0007_v003.exr", 4),
    ],
)
def test_each_token_gives_its_width(pattern: str, name: str, padding: int) -> None:
    sequence = Sequence(f"some folder/{pattern}")
    assert sequence.path(7) == Path("some folder") / name
    assert sequence.padding == padding


@pytest.mark.parametrize(
    ("pattern", "frames"),
    [
        ("sh.1001-1009x2####.exr", (1001, 1003, 1005, 1007, 1009)),
        ("sh.####.exr 1001-1003,1010", (1001, 1002, 1003, 1010)),
        ("sh.-3--1####.exr", (-3, -2, -1)),
        ("sh_1-3%04d.exr", (1, 2, 3)),
    ],
)
def test_frames_may_stand_in_the_pattern(pattern: str, frames: tuple[int, ...]) -> None:
    sequence = Sequence(pattern)
    assert sequence.frames == frames
    assert sequence.path(5).name in ("sh.0005.exr", "sh_0005.exr")


def test_digits_of_the_name_are_no_frame_range() -> None:
    assert Sequence("sh010-2####.exr").path(7).name == "sh010-20007.exr"


@pytest.mark.parametrize(
    ("text", "frames"),
    [("1-5", (1, 2, 3, 4, 5)), ("1-10x4", (1, 5, 9)), ("-2-1", (-2, -1, 0, 1)), ("7", (7,)), ("5-3", (5, 4, 3)),
     ("1, 2,2 ,9", (1, 2, 9)), ("-5--3", (-5, -4, -3))],
)  # fmt: skip
def test_ranges_are_read(text: str, frames: tuple[int, ...]) -> None:
    assert parse_frames(text) == frames


@pytest.mark.parametrize("text", ["", "a", "1-", "1-x", "1..5", "1.5", "1-10x0"])
def test_a_bad_range_says_what_is_allowed(text: str) -> None:
    with pytest.raises(SequenceError, match="1001-1100"):
        parse_frames(text)


def test_numbers_of_any_kind_are_frames() -> None:
    for numbers in (np.arange(1, 4), range(1, 4), [np.int64(1), 2, 3], iter((1, 2, 3))):
        assert parse_frames(numbers) == (1, 2, 3)
    assert parse_frames(np.int64(7)) == parse_frames(7) == (7,)  # type: ignore[arg-type]


def test_frames_of_the_wrong_type_are_refused() -> None:
    with pytest.raises(TypeError, match="frame must be a whole number"):
        Sequence("a.####.exr", frames=[1.5])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("sh010.exr", "no frame number"),
        ("sh.####.%04d.exr", "only once"),
        ("sh.####/sh.####.exr", "only once"),
        ("sh.####.exr 1-5 ", "no frame number|only once|twice"),
        ("sh.1-5####.exr 1-5", "twice"),
        ("sh.%099d.exr", "20 digits"),
    ],
)
def test_a_bad_pattern_is_named(pattern: str, reason: str) -> None:
    if pattern.endswith(" "):
        assert Sequence(pattern.strip()).frames == (1, 2, 3, 4, 5)
        return
    with pytest.raises(SequenceError, match=reason) as caught:
        Sequence(pattern)
    assert pattern.split(" ")[0] in str(caught.value)


def test_only_names_that_the_pattern_writes_belong(tmp_path: Path) -> None:
    touch(tmp_path, ["a.0001.exr", "a.0003.exr", "a.7.exr", "a.00008.exr", "a.12345.exr", "a.0002.exr.bak",
                     "b.0002.exr", ".a.0004.12ab.tmp.exr", "a.-002.exr", "a.-0009.exr", "a.x.exr",
                     "a.٠٠٠٥.exr"])  # fmt: skip
    (tmp_path / "a.0006.exr").mkdir()
    sequence = Sequence(tmp_path / "a.####.exr")
    assert sequence.frames == (-9, -2, 1, 3, 12345)
    assert (sequence.first, sequence.last, len(sequence), list(sequence)) == (-9, 12345, 5, [-9, -2, 1, 3, 12345])
    assert sequence.path(-9).name == "a.-0009.exr"
    assert sequence.path(-2).name == "a.-002.exr"
    assert Sequence(tmp_path / "a.#.exr").frames == (-2, 7, 12345)[1:]


def test_missing_looks_at_the_disk(tmp_path: Path) -> None:
    touch(tmp_path, ["a.1001.exr", "a.1002.exr", "a.1005.exr"])
    assert Sequence(tmp_path / "a.####.exr").missing == (1003, 1004)
    assert Sequence(tmp_path / "a.####.exr", frames="1000-1003").missing == (1000, 1003)
    assert Sequence(tmp_path / "a.####.exr", frames=[1001]).missing == ()


def test_given_frames_need_no_files() -> None:
    outputs = Sequence("nowhere/out.####.exr", frames=range(1, 4))
    assert outputs.frames == outputs.missing == (1, 2, 3)
    assert 2 in outputs and 4 not in outputs


def test_an_empty_sequence_says_what_the_folder_has(tmp_path: Path) -> None:
    touch(tmp_path, ["plate.0001.exr"])
    with pytest.raises(SequenceError, match=r"plat\.####\.exr in .*; the folder has plate\.####\.exr"):
        _ = Sequence(tmp_path / "plat.####.exr").first
    with pytest.raises(SequenceError, match="no such folder"):
        _ = Sequence(tmp_path / "none" / "plate.####.exr").last


def test_find_separates_names_and_paddings(tmp_path: Path) -> None:
    touch(tmp_path, ["a.0001.exr", "a.0002.exr", "a.3.exr", "b_1001.dpx", "b_1003.dpx", "notes.txt", ".h.0001.exr"])
    (tmp_path / "sub.0001").mkdir()
    found = Sequence.find(tmp_path)
    assert [(one.name, one.frames) for one in found] == [
        ("a.####.exr", (1, 2)), ("a.#.exr", (3,)), ("b_####.dpx", (1001, 1003))]  # fmt: skip
    assert [one.name for one in Sequence.find(tmp_path, extensions=[".dpx"])] == ["b_####.dpx"]
    with pytest.raises(FileNotFoundError):
        Sequence.find(tmp_path / "none")


def test_read_gives_the_picture_or_names_pattern_and_folder(tmp_path: Path) -> None:
    pixels = np.full((4, 6, 3), 0.25, np.float32)
    vfx.write(tmp_path / "a.0001.exr", vfx.Image(pixels))
    sequence = Sequence(tmp_path / "a.####.exr")
    assert np.array_equal(sequence.read(1).astype("f32").numpy(), pixels)
    with pytest.raises(SequenceError, match=r"a\.####\.exr in .*: no frame 2; on disk are 1"):
        sequence.read(2)


def test_equality_repr_and_text(tmp_path: Path) -> None:
    one, two = Sequence("x/a.####.exr", frames="1-3"), Sequence("x/a.%04d.exr", frames=[1, 2, 3])
    assert one == two and hash(one) == hash(two) and one != one.at("1-2")
    assert repr(one) == "Sequence('x/a.####.exr', frames='1-3')"
    assert format_frames([1, 3, 5, 9]) == "1-5x2,9"
    assert has_frame_token(one.folder / one.name) and not has_frame_token("a.1001.exr")


def test_a_folder_whose_name_is_too_long_has_no_frames(tmp_path: Path) -> None:
    sequence = Sequence(tmp_path / ("x" * 300) / "sh.####.exr")
    assert sequence.frames == ()
    with pytest.raises(SequenceError, match="no such folder"):
        sequence.read(1)
