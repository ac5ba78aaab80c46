"""``.spi1d`` and ``.spi3d``: read, refused with a reason, written exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import Lut1D, Lut3D, read_spi1d, read_spi3d, write_spi1d, write_spi3d

HEAD_1D = "Version 1\nFrom 0 2\nLength 3\nComponents {}\n{{\n"
HEAD_3D = "SPILUT 1.0\n3 3\n2 2 2\n"
ROWS_3D = [f"{r} {g} {b} {r} {g} {b}\n" for r in (0, 1) for g in (0, 1) for b in (0, 1)]


@pytest.mark.parametrize(
    ("components", "rows", "table"),
    [
        (1, "0\n.5\n1e0\n}\n", [0, 0.5, 1]),
        (1, "0\r\n.5\r\n1\r\n", [0, 0.5, 1]),
        (2, "0 1\n.5 2\n1 3\n}\n", [[0, 1, 0], [0.5, 2, 0], [1, 3, 0]]),
        (3, " 0 1 4\n# note\n\n.5 2 5\n1 3 6 \n}\nanything", [[0, 1, 4], [0.5, 2, 5], [1, 3, 6]]),
    ],
)
def test_spi1d_components(tmp_path: Path, components: int, rows: str, table: list) -> None:
    path = tmp_path / "a.spi1d"
    path.write_text(HEAD_1D.format(components) + rows)
    assert read_spi1d(path) == Lut1D(table, (0, 2))
    assert read_spi1d(path).channels == (1 if components == 1 else 3)


def test_spi1d_header_comes_in_any_order_and_from_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.spi1d"
    path.write_text("Components 1\nComment by hand\nLength 2\nVersion 1\n{\n0\n1\n}\n")
    assert read_spi1d(path) == Lut1D.identity(2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("Version 1\n", "no table in braces"),
        ("Version 2\nLength 2\nComponents 1\n{\n0\n1\n}\n", "line 1: Version must be between 1 and 1, got 2"),
        ("Length 2\nComponents 1\n{\n0\n1\n}\n", "no Version before the table"),
        ("Version 1\nComponents 1\n{\n0\n1\n}\n", "no Length"),
        ("Version 1\nLength 2\n{\n0\n1\n}\n", "no Components"),
        ("Version 1\nLength 2\nComponents 4\n{\n0\n1\n}\n", "between 1 and 3"),
        ("Version 1\nLength 1\nComponents 1\n{\n0\n}\n", "Length must be between"),
        ("Version 1\nFrom 0.0\nLength 2\nComponents 1\n{\n0\n1\n}\n", "line 2: From takes 2 numbers, got '0.0'"),
        ("Version 1\nFrom 1 0\nLength 2\nComponents 1\n{\n0\n1\n}\n", "line 2: domain must run from low to high"),
        (HEAD_1D.format(1) + "0\n1\n}\n ", "line 8: row 3 of 3 should be 1 numbers, got '}'"),
        (HEAD_1D.format(1) + "0\n1\n2\n3\n}\n", "line 9: the table should end with }"),
        (HEAD_1D.format(1) + "0 0\n1\n2\n}\n", "line 6: a row has 1 numbers, got more"),
        (HEAD_1D.format(1) + "0\n1\n", "the table ends after 2 rows, it needs 3"),
        (HEAD_1D.format(1) + "0\n", "truncated"),
    ],
)
def test_spi1d_errors_name_path_and_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "a.spi1d"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_spi1d(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_spi3d_entries_come_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "a.spi3d"
    path.write_text(HEAD_3D.replace("SPILUT", "spilut") + "".join(reversed(ROWS_3D)) + "anything\n")
    assert read_spi3d(path) == Lut3D.identity(2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("LUT_3D_SIZE 2\n", "starts with SPILUT"),
        ("SPILUT 1.0\n3 1\n2 2 2\n", "only 3 inputs and 3 outputs"),
        ("SPILUT 1.0\n3 3\n2 2\n", "the size takes 3 whole numbers"),
        ("SPILUT 1.0\n3 3\n2 2 3\n", "the same size along each axis"),
        ("SPILUT 1.0\n3 3\n1 1 1\n0 0 0 0 0 0\n", "between 2 and 256"),
        ("SPILUT 1.0\n3 3\n2 2 -2\n", "one whole number"),
        ("SPILUT 1.0\n3 3\n99 99 99\n0 0 0 0 0 0\n", "truncated: the table needs 970299 rows"),
        (HEAD_3D + "".join(ROWS_3D[:7]) + " " * 20, "the table ends after 7 rows"),
        (HEAD_3D + "".join([*ROWS_3D[:7], ROWS_3D[0]]), "entry 0 0 0 is given more than once"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 2 0 0 0\n"]), "entry 1 1 2 is not inside the cube"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 -1 0 0 0\n"]), "entry 1 1 -1 is not inside"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 0.5 0 0 0\n"]), "entry 1 1 0.5 is not inside"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 1e30 0 0 0\n"]), "not inside"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 1 0 0 \n"]), "line 11: a row has 6 numbers, got fewer"),
        (HEAD_3D + "".join([*ROWS_3D[:7], "1 1 1 0 0 nan\n"]), "line 11: not a finite number: 'nan'"),
    ],
)
def test_spi3d_errors_name_path_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "a.spi3d"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_spi3d(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "lut",
    [
        Lut1D(np.random.default_rng(1).normal(0, 3, 100), (-1 / 3, 7)),
        Lut1D(np.random.default_rng(2).normal(0, 1e-9, (64, 3))),
    ],
    ids=repr,
)
def test_spi1d_reads_back_the_same(tmp_path: Path, lut: Lut1D) -> None:
    write_spi1d(tmp_path / "a.spi1d", lut)
    assert read_spi1d(tmp_path / "a.spi1d") == lut
    assert read_spi1d(tmp_path / "a.spi1d").channels == lut.channels


def test_spi3d_reads_back_the_same(tmp_path: Path) -> None:
    lut = Lut3D(np.random.default_rng(3).normal(0, 3, (11, 11, 11, 3)))
    write_spi3d(tmp_path / "a.spi3d", lut)
    assert read_spi3d(tmp_path / "a.spi3d") == lut


def test_what_the_formats_cannot_hold_is_refused_before_a_file_appears(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"domain \(0, 1\)"):
        write_spi3d(tmp_path / "a.spi3d", Lut3D.identity(2, (0, 2)))
    with pytest.raises(ValueError, match="one domain for all channels"):
        write_spi1d(tmp_path / "a.spi1d", Lut1D([0, 1], ((0, 0, 0), (1, 1, 2))))
    with pytest.raises(TypeError, match="holds a Lut3D"):
        write_spi3d(tmp_path / "a.spi3d", Lut1D.identity(2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="holds a Lut1D"):
        write_spi1d(tmp_path / "a.spi1d", Lut3D.identity(2))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
