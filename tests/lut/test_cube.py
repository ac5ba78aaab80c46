"""``.cube``: everything the two dialects allow is read, everything else is refused with path and line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError, LimitError
from vfx.lut import Lut1D, Lut3D, LutChain, read_cube, write_cube

ROWS_8 = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)) + "\n"
CURVE = "LUT_1D_SIZE 2\n0 0 0\n1 .5 2\n"


@pytest.fixture
def cube(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """A function that writes text to a ``.cube`` file."""

    def make(content: str | bytes) -> Path:
        path = tmp_path / "a.cube"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


Make = Callable[[str | bytes], Path]


def test_red_runs_fastest(cube: Make) -> None:
    rows = "".join(f"0.{r} 0.{g} 0.{b}\n" for b in (0, 5, 9) for g in (0, 5, 9) for r in (0, 5, 9))
    lut = read_cube(cube("LUT_3D_SIZE 3\n" + rows))
    assert isinstance(lut, Lut3D)
    assert lut.table[1, 2, 0].tolist() == np.array([0.5, 0.9, 0.0], np.float32).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "LUT_3D_SIZE 2\n" + ROWS_8,
        "lut_3d_size 2\n" + ROWS_8,
        "\n\n  LUT_3D_SIZE\t2  \n\n" + ROWS_8 + "\n\n",
        "# one\nLUT_3D_SIZE 2\n#two\n" + ROWS_8.replace("\n", "\n# between\n") + "# end",
        ("LUT_3D_SIZE 2\n" + ROWS_8).replace("\n", "\r\n"),
        "\ufeffLUT_3D_SIZE 2\n" + ROWS_8,
        "LUT_3D_SIZE 2\n" + ROWS_8.replace("0 ", "0.0E5 ").replace("1", "1.000e+00"),
        "LUT_3D_SIZE 2\n" + ROWS_8.rstrip(),
        "LUT_3D_SIZE 2\n" + ROWS_8.replace("\n", " # a corner\n"),
        "DOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\nLUT_3D_INPUT_RANGE 0 1\nLUT_3D_SIZE 2\n" + ROWS_8,
        "LUT_3D_SIZE 2 # along each axis\nDOMAIN_MIN 0 0 0 #black\n" + ROWS_8,
        "LUT_1D_INPUT_RANGE 0 7\nLUT_3D_SIZE 2\n" + ROWS_8,
    ],
)
def test_spellings_of_the_same_cube(cube: Make, text: str) -> None:
    assert read_cube(cube(text)) == Lut3D.identity(2)


@pytest.mark.parametrize("title", ['TITLE "a show, shot 3"', "title  a show, shot 3", 'TITLE "a show, shot 3" '])
def test_the_title_is_kept_and_does_not_count_for_equality(cube: Make, title: str) -> None:
    lut = read_cube(cube(f"{title}\nLUT_3D_SIZE 2\n{ROWS_8}"))
    assert lut.title == "a show, shot 3"
    assert lut == Lut3D.identity(2)


def test_domain_of_each_channel_and_range_of_all(cube: Make) -> None:
    lut = read_cube(cube("DOMAIN_MIN -1 0 0.5\nDOMAIN_MAX 2 1e1 1\n" + CURVE))
    assert lut == Lut1D([[0, 0, 0], [1, 0.5, 2]], ((-1, 0, 0.5), (2, 10, 1)))
    lut = read_cube(cube("LUT_1D_INPUT_RANGE -0.5 16.5\n" + CURVE))
    assert lut == Lut1D([[0, 0, 0], [1, 0.5, 2]], (-0.5, 16.5))
    lut = read_cube(cube("LUT_3D_INPUT_RANGE 0 4\nLUT_3D_SIZE 2\n" + ROWS_8))
    assert lut == Lut3D(Lut3D.identity(2).table, (0, 4))


def test_one_end_of_the_domain_may_be_left_out(cube: Make) -> None:
    assert read_cube(cube("DOMAIN_MAX 2 2 2\n" + CURVE)).domain == (0.0, 2.0)


def test_a_shaper_stands_before_the_cube(cube: Make) -> None:
    head = "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 4\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE -1 1\n"
    lut = read_cube(cube(head + "-1 -1 -1\n1 1 1\n" + ROWS_8))
    assert lut == LutChain(Lut1D([-1, 1], (0, 4)), Lut3D(Lut3D.identity(2).table, (-1, 1)))


def test_video_range_tags_are_folded_into_domain_and_values(cube: Make) -> None:
    # Full-range 0 and 1 are the video codes 64 and 940 of 1023: what the LUT makes of those comes out.
    head = "LUT_IN_VIDEO_RANGE\nLUT_OUT_VIDEO_RANGE\nLUT_1D_SIZE 2\n"
    lut = read_cube(cube(head + "0 0 0\n1 1 1\n"))
    low, high = lut.domain
    assert low == pytest.approx(-64 / 876)
    assert high == pytest.approx((1023 - 64) / 876)
    assert lut.table[:, 0] == pytest.approx([-64 / 876, (1023 - 64) / 876])
    assert lut.is_identity
    only_in = read_cube(cube("LUT_IN_VIDEO_RANGE\nLUT_3D_SIZE 2\n" + ROWS_8))
    assert only_in == Lut3D(Lut3D.identity(2).table, (low, high))
    only_out = read_cube(cube("LUT_OUT_VIDEO_RANGE\nLUT_3D_SIZE 2\n" + ROWS_8))
    assert only_out.domain == (0.0, 1.0)
    assert only_out.table[1, 0, 1] == pytest.approx([959 / 876, -64 / 876, 959 / 876])


ERRORS = {
    "empty": ("", "empty"),
    "blank": (" \n\n", "empty"),
    "no size": ("TITLE \"x\"\n", "neither LUT_1D_SIZE nor LUT_3D_SIZE"),
    "rows first": ("0 0 0\nLUT_3D_SIZE 2\n" + ROWS_8, "line 1: a row of numbers before LUT_1D_SIZE"),
    "no rows": ("LUT_3D_SIZE 2\n", "no table"),
    "size 1": ("LUT_3D_SIZE 1\n0 0 0\n", "line 1: LUT_3D_SIZE must be between 2 and 256, got 1"),
    "size 257": ("LUT_3D_SIZE 257\n0 0 0\n", "must be between 2 and 256"),
    "size huge": ("LUT_3D_SIZE 99999999999999\n0 0 0\n", "line 1: LUT_3D_SIZE takes one whole number"),
    "size -2": ("LUT_1D_SIZE -2\n0 0 0\n", "takes one whole number"),
    "size 2.5": ("LUT_1D_SIZE 2.5\n0 0 0\n", "takes one whole number"),
    "two sizes": ("LUT_1D_SIZE 2 2\n0 0 0\n1 1 1\n", "takes one whole number"),
    "1d too big": ("LUT_1D_SIZE 2000000\n0 0 0\n", "between 2 and 1048576"),
    "2d": ("LUT_2D_SIZE 2\n0 0 0\n", "line 1: unknown keyword 'LUT_2D_SIZE'"),
    "unknown": ("LUT_3D_SIZE 2\nGAMMA 2.2\n" + ROWS_8, "line 2: unknown keyword 'GAMMA'"),
    "twice": ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n" + ROWS_8, "line 2: LUT_3D_SIZE is given twice"),
    "too few": ("LUT_3D_SIZE 2\n" + ROWS_8[:-6] + "       \n" * 9, "the table ends after 7 rows, it needs 8"),
    "truncated": ("LUT_3D_SIZE 33\n" + ROWS_8, "truncated: the table needs 35937 rows"),
    "too many": ("LUT_3D_SIZE 2\n" + ROWS_8 + "1 1 1\n", "line 10: more rows"),
    "keyword behind": ("LUT_3D_SIZE 2\n" + ROWS_8 + "DOMAIN_MIN 0 0 0\n", "line 10: more rows"),
    "keyword inside": ("LUT_1D_SIZE 2\n0 0 0\nTITLE \"x\"\n1 1 1\n", "line 3: row 2 of 2 should be 3 numbers"),
    "nan": ("LUT_1D_SIZE 2\n0 0 0\nnan 1 1\n", "line 3: not a finite number: 'nan'"),
    "nan inside": ("LUT_1D_SIZE 2\n0 0 0\n1 NaN 1\n", "line 3: not a finite number: 'NaN'"),
    "nan first": ("LUT_1D_SIZE 2\nnan 0 0\n1 1 1\n", "line 2: not a finite number: 'nan'"),
    "inf": ("LUT_1D_SIZE 2\n0 0 0\n1 -inf 1\n", "line 3: not a finite number: '-inf'"),
    "beyond": ("LUT_1D_SIZE 2\n0 0 0\n1 1e39 1\n", "line 3: not a finite number: '1e39'"),
    "comma": ("LUT_1D_SIZE 2\n0,0 0,0 0,0\n1 1 1\n", "line 2: not a finite number: '0,0'"),
    "two columns": ("LUT_1D_SIZE 2\n0 0\n1 1\n      ", "line 2: a row has 3 numbers, got fewer: '0 0'"),
    "four columns": ("LUT_1D_SIZE 2\n0 0 0 0\n1 1 1 1\n", "line 2: a row has 3 numbers, got more"),
    "domain two": ("DOMAIN_MIN 0 0\n" + CURVE, "line 1: DOMAIN_MIN takes 3 numbers, got '0 0'"),
    "domain word": ("DOMAIN_MIN 0 0 x\n" + CURVE, "DOMAIN_MIN takes finite numbers"),
    "domain nan": ("DOMAIN_MIN 0 0 nan\n" + CURVE, "DOMAIN_MIN takes finite numbers"),
    "domain backwards": ("DOMAIN_MIN 0 2 0\n" + CURVE, "domain must run from low to high, got 2 to 1"),
    "range three": ("LUT_1D_INPUT_RANGE 0 1 2\n" + CURVE, "LUT_1D_INPUT_RANGE takes 2 numbers"),
    "range empty": ("LUT_1D_INPUT_RANGE 1 1\n" + CURVE, "domain must run from low to high"),
    "range and domain": ("LUT_1D_INPUT_RANGE 0 1\nDOMAIN_MAX 2 2 2\n" + CURVE, "contradict"),
    "whose domain": ("DOMAIN_MAX 2 2 2\nLUT_3D_SIZE 2\n" + CURVE + ROWS_8, "with a 1D and a 3D table"),
    "video words": ("LUT_IN_VIDEO_RANGE 1\n" + CURVE, "stands alone"),
    "utf-16": ("LUT_1D_SIZE 2".encode("utf-16"), "UTF-16"),
    "binary": (bytes(range(256)) * 40, "not a text file"),
    "exr": (b"\x76\x2f\x31\x01\x02\x00\x00\x00" + b"channels\0", "not a text file"),
    "high bytes": (bytes(range(128, 256)) * 40, "unknown keyword"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_what_is_wrong_is_said_with_path_and_line(cube: Make, case: str) -> None:
    content, reason = ERRORS[case]
    path = cube(content)
    with pytest.raises(FormatError) as caught:
        read_cube(path)
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_a_gigabyte_behind_a_small_header_is_refused_at_once(tmp_path: Path, run_limited: Callable) -> None:
    path = tmp_path / "sparse.cube"
    with path.open("wb") as stream:
        stream.write(b"LUT_3D_SIZE 2\n" + b"0 0 0\n" * (1 << 18))
        stream.truncate(1 << 30)
    code = """
        import vfx.lut
        from vfx.errors import LimitError
        try:
            vfx.lut.read_cube(sys.argv[1])
        except LimitError as error:
            print(error)
    """
    outcome = run_limited(code, path, seconds=20, gib=0.5)
    assert "far too many" in outcome.stdout, outcome


def test_a_header_that_never_ends_is_refused(cube: Make) -> None:
    with pytest.raises(FormatError, match="no table within the first"):
        read_cube(cube("# x\n" * 400_000 + "LUT_3D_SIZE 2\n" + ROWS_8))
    with pytest.raises(FormatError, match="no table within the first"):
        read_cube(cube(b"LUT_3D_SIZE 2\nTITLE " + b"x" * (1 << 21)))


def test_operating_system_errors_pass_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_cube(tmp_path / "none.cube")
    with pytest.raises(IsADirectoryError):
        read_cube(tmp_path)
    os.mkfifo(tmp_path / "pipe.cube")
    for special in (tmp_path / "pipe.cube", "/dev/zero"):
        with pytest.raises(FormatError, match="not a regular file"):
            read_cube(special)
    with pytest.raises(TypeError, match="path"):
        read_cube(b"x")  # type: ignore[arg-type]


def test_limit_error_is_a_format_error() -> None:
    assert issubclass(LimitError, FormatError)


@pytest.mark.parametrize("cut", [1, 7, 100, 5000])
def test_a_truncated_file_says_so(cube: Make, tmp_path: Path, cut: int) -> None:
    write_cube(tmp_path / "whole.cube", Lut3D(np.random.default_rng(0).random((9, 9, 9, 3))))
    content = (tmp_path / "whole.cube").read_bytes()
    if cut == 1:  # only the line end is lost
        assert read_cube(cube(content[:-1])) == read_cube(tmp_path / "whole.cube")
        return
    with pytest.raises(FormatError, match=r"ends after|truncated|numbers, got fewer"):
        read_cube(cube(content[: -cut - 12]))


EXACT = [
    Lut1D(np.random.default_rng(1).normal(0, 3, 100)),
    Lut1D(np.random.default_rng(2).normal(0, 1e-6, (64, 3)), (-0.1, 1 / 3)),
    Lut1D(np.random.default_rng(2).normal(0, 1e6, (7, 3)), ((-1, 0, 0.1), (1, 2, 0.2)), title="per channel"),
    Lut3D(np.random.default_rng(3).normal(0, 1, (5, 5, 5, 3)), title="a look"),
    Lut3D(np.random.default_rng(4).normal(0, 1, (2, 2, 2, 3)), ((-1, 0, 0.1), (1, 2, 0.7))),
    LutChain(Lut1D(np.random.default_rng(5).random((9, 3)), (-0.3, 1.7)), Lut3D.identity(4)),
    LutChain(Lut1D([0.0, 1e-30, 1.0]), Lut3D(np.random.default_rng(6).random((3, 3, 3, 3)), (0.1, 0.2))),
]


@pytest.mark.parametrize("lut", EXACT, ids=repr)
def test_what_is_written_reads_back_the_same(tmp_path: Path, lut: Lut1D | Lut3D | LutChain) -> None:
    write_cube(tmp_path / "a.cube", lut)
    read = read_cube(tmp_path / "a.cube")
    assert read == lut
    if not isinstance(lut, LutChain):
        assert read.title == lut.title


def test_the_title_can_be_replaced_and_is_one_line(tmp_path: Path) -> None:
    write_cube(tmp_path / "a.cube", Lut3D.identity(2), title="mine")
    assert read_cube(tmp_path / "a.cube").title == "mine"
    for title in ('a "b"', "a\nb"):
        with pytest.raises(ValueError, match="title must be one line"):
            write_cube(tmp_path / "a.cube", Lut3D.identity(2), title=title)


def test_a_shaper_with_a_domain_per_channel_cannot_be_written(tmp_path: Path) -> None:
    chain = LutChain(Lut1D([0, 1], ((0, 0, 0), (1, 1, 2))), Lut3D.identity(2))
    with pytest.raises(ValueError, match="one range for all channels"):
        write_cube(tmp_path / "a.cube", chain)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="lut must be"):
        write_cube(tmp_path / "a.cube", np.zeros(3))  # type: ignore[arg-type]
