"""``.itx``, ``.look``, ``.m3d``/``.mga`` and ``.vf``: one cube each; what is damaged is refused with path and line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import Lut1D, Lut3D, ProcessList, read, read_itx, read_look, read_m3d, read_vf, write_itx

TABLE = np.random.default_rng(4).integers(0, 256, (2, 2, 2, 3)).astype(np.float64)
RED_FASTEST = "".join("{:g} {:g} {:g}\n".format(*TABLE[r, g, b]) for b, g, r in product((0, 1), repeat=3))
BLUE_FASTEST = "".join("{:g} {:g} {:g}\n".format(*TABLE[r, g, b]) for r, g, b in product((0, 1), repeat=3))
NUMBERED = "".join(f"{i} {line}\n" for i, line in enumerate(BLUE_FASTEST.splitlines()))
DIGITS = TABLE.transpose(2, 1, 0, 3).astype("<f4").tobytes().hex().upper()

ITX = "LUT_3D_SIZE 2\n" + RED_FASTEST
M3D = "channel 3d\nin 8\nout 256\nformat lut\nvalues red green blue\n" + NUMBERED
VF = "#Inventor V2.1 ascii\ngrid_size 2 2 2\ndata\n" + BLUE_FASTEST


def look(size: str = '"2"', data: str = f'"{DIGITS}"', before: str = "", inside: str = "") -> str:
    """A ``.look`` file of these parts."""
    lut = f"<LUT>{inside}\n<size>{size}</size>\n<data>{data}</data>\n</LUT>"
    return f'<?xml version="1.0" ?>\n<look>{before}\n<shaders><base/></shaders>\n{lut}\n</look>\n'


READERS = {".itx": read_itx, ".look": read_look, ".m3d": read_m3d, ".vf": read_vf}
SCALES = {".itx": 1, ".look": 1, ".m3d": 255, ".vf": 1}

SPELLINGS = [
    (".itx", ITX),
    (".itx", ITX.lower().replace("\n", "\r\n")),
    (".itx", 'TITLE "x"\n# c\n\n' + ITX.replace("\n", " # a\n").replace("2 # a", "2", 1)),
    (".itx", "\ufeff" + ITX.rstrip()),
    (".look", look()),
    (".look", look(size="2", data=DIGITS.lower())),
    (".look", look(size="' 2 '", data="\n  ".join(DIGITS[i : i + 40] for i in range(0, len(DIGITS), 40)))),
    (".look", look(before="<!-- c -->", inside="<title>x</title>").replace("\n", "\r\n")),
    (".m3d", M3D),
    (".m3d", M3D.upper().replace(" ", "\t")),
    (".m3d", "# c\n" + M3D.replace("\n", "\r\n\r\n").replace("format lut", "")),
    (".m3d", "values red green blue\nout 256\nin 8\nchannel 3d\n" + NUMBERED),
    (".vf", VF),
    (".vf", "\n" + VF.lower().replace("\n", "\r\n")),
    (".vf", VF.replace("data", "element_size 3\n# c\nworld_origin 0 0 0\ndata")),
    (".vf", "\ufeff" + VF.replace("V2.1", "V1.0").rstrip()),
    (".vf", VF.replace("data", "global_transform .5 0 0 0 0 .5 0 0 0 0 .5 0 0 0 0 1\ndata")),
]


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str, str], Path]:
    """A function that writes a file of an extension."""

    def write(extension: str, content: str) -> Path:
        path = tmp_path / f"a{extension}"
        path.write_bytes(content.encode())
        return path

    return write


Make = Callable[[str, str], Path]


@pytest.mark.parametrize(("extension", "content"), SPELLINGS)
def test_spellings_of_the_same_cube(extension: str, content: str, make: Make) -> None:
    path = make(extension, content)
    assert READERS[extension](path) == Lut3D(TABLE / SCALES[extension])
    assert read(path) == read(path.rename(path.with_suffix(".unknown"))) or extension == ".itx"


def test_both_of_pandoras_extensions_are_read(make: Make) -> None:
    assert read(make(".mga", M3D)) == read(make(".m3d", M3D))


def test_a_diagonal_transform_is_the_domain_of_a_vf_wherever_it_stands(make: Make) -> None:
    # The matrix stands divided by the size: x * 0.25 * 2 = 1 at the end of the domain.
    transform = "global_transform .25 0 0 0  0 .5 0 0  0 0 1 0  0 0 0 1\n"
    for content in (VF.replace("grid", transform + "grid"), VF.replace("data", transform + "data")):
        assert read_vf(make(".vf", content)) == Lut3D(TABLE, ((0, 0, 0), (2, 1, 0.5)))


@pytest.mark.parametrize("rows", [" .5 .1 0 0 0 .4 .1 0 .1 0 .5 0 ", " -.5 0 0 0 0 .5 0 0 0 0 .5 0 ", " 0 " * 12])
def test_another_transform_stands_before_the_cube_of_a_vf(
    rows: str, make: Make, colours: np.ndarray, ocio_file: Callable[..., np.ndarray]
) -> None:
    path = make(".vf", VF.replace("data", f"global_transform{rows}0 0 0 1\ndata"))
    found = read_vf(path)
    assert isinstance(found, ProcessList)
    expected = ocio_file(path, colours, "tetrahedral")
    assert np.abs((found.apply(colours) - expected) / np.maximum(1, np.abs(expected))).max() <= 2e-6


ERRORS = [
    (".itx", "0 0 0\n" + ITX, "line 1: no LUT_3D_SIZE before the table"),
    (".itx", "DOMAIN_MAX 2 2 2\n" + ITX, "line 1: unknown keyword 'DOMAIN_MAX'; known are LUT_3D_SIZE, TITLE"),
    (".itx", "LUT_3D_SIZE 2\n" + ITX, "line 2: LUT_3D_SIZE is given twice"),
    (".itx", ITX.replace("SIZE 2", "SIZE 2 2"), "line 1: LUT_3D_SIZE takes one whole number, got '2 2'"),
    (".itx", ITX + "1 1 1\n", "line 10: the file should end behind 8 rows, got '1 1 1'"),
    (".itx", "LUT_3D_SIZE 256\n0 0 0\n", "line 2: truncated: the table needs 16777216 rows"),
    (".itx", "LUT_3D_SIZE 2\n" + "0 nan 0\n" * 8, "line 2: not a finite number: 'nan'"),
    (".look", look().replace("look>", "clip>"), "line 2: a .look file is a <look> element, got <clip>"),
    (".look", look(before="<mask/>"), "line 2: a look with a mask is no LUT"),
    (".look", look().replace("LUT>", "lot>"), "line 2: a .look file holds one <LUT>, got 0"),
    (".look", look(inside="<size>2</size>"), "line 4: <LUT> takes one <size>, got 2"),
    (".look", look().replace("data>", "date>"), "line 4: <LUT> takes one <data>, got 0"),
    (".look", look(size="x"), "line 5: <size> takes one whole number between 2 and 256, got 'x'"),
    (".look", look(size="1"), "line 5: <size> takes one whole number between 2 and 256, got '1'"),
    (".look", look(size="200"), "line 6: <data> takes 192000000 hexadecimal digits for a cube of 200, got 192"),
    (".look", look(data=DIGITS[:-1]), "line 6: <data> takes 192 hexadecimal digits for a cube of 2, got 191"),
    (".look", look(data="zz" + DIGITS[2:]), "line 6: <data> holds something else than hexadecimal digits"),
    (".look", look(data="0000C07F" + DIGITS[8:]), "line 6: <data> holds NaN or infinity"),
    (".look", look()[:-12], "line 7: not well-formed XML"),
    (".look", look().replace("<look>", "<!DOCTYPE look><look>"), "document type declarations are not allowed"),
    (".m3d", M3D.replace("3d", "1d"), "line 1: only 'channel 3d' is supported, got '1d'"),
    (".m3d", M3D.replace("red green", "blue green"), "line 5: only 'values red green blue' is supported"),
    (".m3d", M3D.replace("in 8", "in 9"), "line 2: 'in' must be the number of entries of a cube"),
    (".m3d", M3D.replace("256", "1"), "line 3: out must be between 2 and 65536, got 1"),
    (".m3d", M3D.replace("out 256\n", ""), "no 'out' before the entries"),
    (".m3d", M3D.replace("values red green blue\n", ""), "no 'values' before the entries"),
    (".m3d", "in 8\n" + M3D, "line 3: 'in' is given twice"),
    (".m3d", "gamma 2\n" + M3D, "line 1: unknown keyword 'gamma'"),
    (".m3d", M3D.replace("\n5 ", "\n6 "), "line 11: expected entry 5 with three whole numbers, got 6 "),
    (".m3d", M3D.replace("\n5 ", "\n5 0.5 0 0\n#"), "line 11: expected entry 5 with three whole numbers, got 5 0.5"),
    (".m3d", M3D + "8 0 0 0\n", "line 14: the file should end behind 8 entries, got '8 0 0 0'"),
    (".m3d", M3D.replace("in 8", "in 16777216"), "line 6: truncated: the table needs 16777216 rows"),
    (".vf", VF[1:], "line 1: a .vf file starts with #Inventor V2.1 ascii, got 'Inventor V2.1 ascii'"),
    (".vf", VF.replace("ascii", "binary"), "line 1: only .vf files of text are supported"),
    (".vf", VF.replace("grid_size 2 2 2\n", ""), "line 2: no grid_size before the data"),
    (".vf", VF.replace("2 2 2", "2 2 3"), "line 2: only cubes with the same size along each axis"),
    (".vf", VF.replace("2 2 2", "2"), "line 2: grid_size takes 3 whole numbers, got '2'"),
    (".vf", VF.replace("2 2 2", "200 200 200"), "line 4: truncated: the table needs 8000000 rows"),
    (".vf", VF.replace("data", "grid_size 2 2 2\ndata"), "line 3: grid_size is given twice"),
    (".vf", VF.replace("data", "global_transform 1 0 0\ndata"), "line 3: global_transform takes 16 numbers"),
    (".vf", VF.replace("data", "global_transform" + " 1" * 16 + "\ndata"), "line 3: a global_transform with a fourth"),
    (".vf", VF.replace("data", "global_transform 1e-99" + " 0 0 0 0 1" * 3 + "\ndata"), "leads to no LUT"),
    (".vf", VF.replace("data", "global_transform 1e99" + " 0 0 0 0 1" * 3 + "\ndata"), "leads to no LUT"),
    (".vf", VF.replace("data", "date"), "no data"),
    (".vf", VF + "end\n", "line 12: the file should end behind 8 rows, got 'end'"),
]


@pytest.mark.parametrize(("extension", "content", "reason"), ERRORS)
def test_what_is_wrong_is_refused_with_path_and_line(extension: str, content: str, reason: str, make: Make) -> None:
    path = make(extension, content)
    with pytest.raises(FormatError) as caught:
        READERS[extension](path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


def test_a_written_itx_reads_back_the_same(tmp_path: Path) -> None:
    path, lut = tmp_path / "a.itx", Lut3D(np.random.default_rng(1).normal(0, 3, (7, 7, 7, 3)), title="lost")
    write_itx(path, lut)
    first = path.read_bytes()
    assert read_itx(path) == lut
    write_itx(path, read_itx(path))
    assert path.read_bytes() == first


def test_what_an_itx_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds a LUT of domain \(0, 1\), got \(0.0, 2.0\)"):
        write_itx(tmp_path / "a.itx", Lut3D.identity(2, (0, 2)))
    with pytest.raises(TypeError, match="an .itx file holds a Lut3D, got Lut1D"):
        write_itx(tmp_path / "a.itx", Lut1D([0, 1]))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
