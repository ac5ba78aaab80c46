"""``.spimtx`` matrices: agreement with OpenColorIO, round trips, and that no word is passed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.look import Look
from vfx.lut import ProcessList, read, read_spimtx, write, write_spimtx

UNIT = "1 0 0 0\n0 1 0 0\n0 0 1 0\n"
RNG = np.random.default_rng(7)


@pytest.mark.each_shared_file("lut/*.spimtx", "lut/colour/*/*.spimtx")
def test_samples_agree_with_opencolorio(shared_case: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    same_as_ocio(shared_case)


@pytest.mark.parametrize(
    "text",
    ["1 0 0 6553.5\n0 1 0 -65535\n0 0 1 0\n", "1 2 3 4 5 6 7 8 9 10 11 12", "\n1e-3 .5 -.25 1e2\r\n" * 3, "1\n" * 12],
    ids=["offsets", "one line", "CRLF", "twelve lines"],
)
@pytest.mark.parametrize("extension", [".spimtx", ".mtx"])
def test_layouts_agree_with_opencolorio(
    text: str, extension: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / f"a{extension}"
    path.write_bytes(text.encode())
    same_as_ocio(path)


def test_the_offset_is_in_codes_of_16_bits(tmp_path: Path) -> None:
    (tmp_path / "a.spimtx").write_text("2 0 0 65535\n0 1 0 0\n0 0 1 0\n")
    found = read(tmp_path / "a.spimtx")
    assert found == ProcessList([Look().matrix([[2, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]).ops[0]])
    assert found.apply(np.array([0.25, 0.5, 1.0])).tolist() == [1.5, 0.5, 1.0]
    assert found.inverse().apply(np.array([1.5, 0.5, 1.0])).tolist() == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("shape", [(3, 3), (3, 4)])
def test_written_matrices_read_back_here_and_in_opencolorio(
    shape: tuple[int, int], tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    matrix = RNG.normal(0, 1, shape)
    path = tmp_path / "a.spimtx"
    write_spimtx(path, matrix)
    square, offset = same_as_ocio(path).ops[0].as_matrix()
    np.testing.assert_allclose(np.column_stack([square[:3, :3], offset[:3]])[:, : shape[1]], matrix, rtol=1e-15)


def test_linear_operations_are_written_as_matrices(tmp_path: Path) -> None:
    for look in (Look().gain([1, 2, 3]), Look().offset(0.5), Look().saturation(0.5), Look().matrix(np.eye(4))):
        write(tmp_path / "a.mtx", look.ops[0])  # type: ignore[arg-type]
        found = read(tmp_path / "a.mtx")
        for ours, given in zip(found.ops[0].as_matrix(), look.ops[0].as_matrix(), strict=True):  # type: ignore[attr-defined]
            np.testing.assert_allclose(ours, given, rtol=1e-15)


def test_process_lists_of_linear_operations_are_written_as_one_matrix(tmp_path: Path, colours: np.ndarray) -> None:
    steps = ProcessList(Look().gain([1, 2, 3]).offset(0.5).saturation(0.5).ops)
    write(tmp_path / "a.spimtx", steps)
    np.testing.assert_allclose(read(tmp_path / "a.spimtx").apply(colours), steps.apply(colours), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="holds a matrix, got"):
        write(tmp_path / "a.spimtx", ProcessList(Look().gain(2).cdl(power=2).ops))


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(4),
        np.eye(2),
        [[1, 0, 0], [0, 1]],
        "no",
        None,
        np.full((3, 3), np.nan),
        Look().matrix(np.ones((4, 4))).ops[0],
    ],
    ids=["4x4", "2x2", "ragged", "text", "nothing", "nan", "alpha"],
)
def test_other_shapes_are_refused(matrix: Any, tmp_path: Path) -> None:
    with pytest.raises((TypeError, ValueError), match=r"a .spimtx file holds"):
        write_spimtx(tmp_path / "a.spimtx", matrix)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (UNIT.replace("0 0 1 0", "0 0 1 x"), 3, "finite numbers, got '0 0 1 x'"),
        (UNIT.replace("0 0 1 0", "0 0 nan 0"), 3, "finite numbers, got '0 0 nan 0'"),
        (UNIT.replace("0 0 1 0", "0 0 1_0 0"), 3, "finite numbers"),
        (UNIT.replace("0 0 1 0", "0 0 0.5f 0"), 3, "finite numbers"),
        (UNIT.replace("0 0 1 0", "0 0 1"), 4, "the file ends after 11"),
        (UNIT + "0\n", 4, "this line is beyond them: '0'"),
        (UNIT + "# end\n", 4, "finite numbers, got '# end'"),
        ("# comment\n" + UNIT, 1, "finite numbers"),
        (UNIT.replace(" ", ","), 1, "finite numbers"),
        (UNIT + " " * 9000, None, "too many for the 12 numbers"),
    ],
)
def test_every_word_counts(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.spimtx"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason) as caught:
        read_spimtx(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
