"""``.csp``: tables behind preluts, read as OpenColorIO reads them; what is damaged is refused with path and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import HalfLut1D, KnotLut1D, Lut1D, Lut3D, LutChain, read, read_csp, write_csp

NONE = "2\n0 1\n0 1\n"
CUBE = "2 2 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
CURVE = "3\n0 0 0\n.25 .5 .75\n1 1 2\n"


def text(kind: str = "3D", prelut: str = NONE * 3, table: str = CUBE, metadata: str = "") -> str:
    """A file of these parts."""
    return f"CSPLUTV100\n{kind}\n\n{metadata}\n{prelut}\n{table}"


Make = Callable[[str], Path]


@pytest.fixture
def csp(tmp_path: Path) -> Make:
    """A function that writes a ``.csp`` file."""

    def make(content: str) -> Path:
        path = tmp_path / "a.csp"
        path.write_bytes(content.encode())
        return path

    return make


def test_red_runs_fastest(csp: Make) -> None:
    rows = "".join(f"0.{r} 0.{g} 0.{b}\n" for b in (0, 5, 9) for g in (0, 5, 9) for r in (0, 5, 9))
    lut = read_csp(csp(text(table="3 3 3\n" + rows)))
    assert isinstance(lut, Lut3D)
    assert lut.table[1, 2, 0].tolist() == np.array([0.5, 0.9, 0.0], np.float32).tolist()


@pytest.mark.parametrize(
    "content",
    [
        text(),
        text(metadata="BEGIN METADATA\nEND METADATA\n"),
        text().replace("\n", "\r\n"),
        "\ufeff" + text(),
        text().replace("\n\n", "\n"),
        text().replace("\n", "\n\n"),
        text().replace(" ", "\t"),
        text().replace("1 1 1", "1e0 10.0E-1 +1.000"),
        text().rstrip(),
        text(prelut="0\n\n\n" * 3),
        text(prelut="0\n" * 3),
        text(prelut="3\n-1 .5 7\n-1 .5 7\n" * 3),
    ],
)
def test_spellings_of_the_same_cube(csp: Make, content: str) -> None:
    assert read_csp(csp(content)) == Lut3D.identity(2)


def test_metadata_may_hold_anything_and_gives_the_title(csp: Make) -> None:
    lut = read_csp(csp(text(metadata="begin metadata\n\nshow look # 3\n1D 2 2 2\nEND METADATA\n")))
    assert lut.title == "show look # 3"


def test_a_table_of_curves(csp: Make) -> None:
    assert read_csp(csp(text("1D", table=CURVE))) == Lut1D([[0, 0, 0], [0.25, 0.5, 0.75], [1, 1, 2]])


def test_a_prelut_of_two_points_up_to_one_is_the_domain(csp: Make) -> None:
    prelut = "2\n-1 3\n0 1\n" + NONE + "2\n0 16\n0 1\n"
    assert read_csp(csp(text(prelut=prelut))).domain == ((-1.0, 0.0, 0.0), (3.0, 1.0, 16.0))
    assert read_csp(csp(text("1D", prelut, CURVE))).domain == ((-1.0, 0.0, 0.0), (3.0, 1.0, 16.0))


def test_a_prelut_of_two_other_points_is_a_line(csp: Make) -> None:
    lut = read_csp(csp(text(prelut="2\n-1 3\n.25 .75\n" * 3)))
    assert lut == LutChain(Lut1D([[0.25] * 3, [0.75] * 3], (-1, 3)), Lut3D.identity(2))


def test_a_prelut_before_curves_is_a_chain(csp: Make) -> None:
    lut = read_csp(csp(text("1D", "2\n-1 3\n.25 .75\n" * 3, CURVE)))
    assert [type(one) for one in lut.luts] == [Lut1D, Lut1D]


def test_a_prelut_is_a_cubic_curve_through_its_points(csp: Make) -> None:
    # Slopes are those of the lines through the neighbours; the outer pieces are parabolas.
    x, y = [-1.0, 0.0, 0.5, 2.0], [0.0, 0.5, 0.6, 1.0]
    points = f"4\n{' '.join(map(str, x))}\n{' '.join(map(str, y))}\n"
    lut = read_csp(csp(text(prelut=points + NONE + points)))
    assert lut.shaper.domain == ((-1.0, 0.0, -1.0), (2.0, 1.0, 2.0))
    grey = np.repeat(np.array([*x, -0.5, 0.25, 1.25], np.float32)[:, None], 3, axis=1)
    slope = [(0.6 - 0.0) / 1.5, (1.0 - 0.5) / 2.0]
    middles = [
        0.25 + 1.0 * (0.5 - slope[0]) / 4,
        0.55 + 0.5 * (slope[0] - slope[1]) / 8,
        0.8 + 1.5 * (slope[1] - 0.4 / 1.5) / 4,
    ]
    np.testing.assert_allclose(lut.apply(grey)[:, 0], [*y, *middles], atol=2e-5)
    np.testing.assert_allclose(lut.apply(grey)[:, 1], np.clip(grey[:, 1], 0, 1), atol=2e-5)


def test_inputs_that_stand_still_are_a_step(csp: Make) -> None:
    lut = read_csp(csp(text(prelut="5\n0 0 .5 .5 1\n0 .1 .2 .8 1\n" * 3)))
    found = lut.apply(np.array([[-1, 0, 0.499], [0.501, 1, 2]], np.float32))
    np.testing.assert_allclose(found, [[0.1, 0.1, 0.2], [0.8, 1, 1]], atol=3e-3)


ERRORS = {
    "another format": ("LUT_3D_SIZE 2\n", "line 1: a .csp file starts with CSPLUTV100, got 'LUT_3D_SIZE 2'"),
    "another version": (text().replace("100", "200"), "line 1: a .csp file starts with CSPLUTV100"),
    "kind": (text("2D"), "line 2: the second line must be 1D or 3D, got '2D'"),
    "metadata open": (text(metadata="BEGIN METADATA\nx\n"), "line 4: BEGIN METADATA without END METADATA"),
    "points": (text(prelut="x\n"), "line 5: the count of points of red's prelut takes one whole number, got 'x'"),
    "one point": (text(prelut="1\n0\n0\n" * 3), "line 5: red's prelut has one point"),
    "many points": (text(prelut="5000000\n0 1\n0 1\n"), "must be between 0 and 65536, got 5000000"),
    "few inputs": (text(prelut=NONE + "3\n0 1\n0 1 2\n"), "the line of inputs of green's prelut takes 3 numbers"),
    "few outputs": (text(prelut=NONE * 2 + "2\n0 1\n0\n"), "the line of outputs of blue's prelut takes 2 numbers"),
    "falling": (text(prelut="2\n1 0\n0 1\n" * 3), "line 6: the inputs of red's prelut must rise"),
    "one input": (text(prelut="2\n1 1\n0 1\n" * 3), "line 6: the inputs of red's prelut must rise"),
    "nan": (text(prelut="2\n0 1\nnan 1\n" * 3), "line 7: the line of outputs of red's prelut takes finite numbers"),
    "beyond float32": (
        text(prelut="2\n0 1e39\n0 1\n" * 3),
        "line 6: the line of inputs of red's prelut goes beyond 1.7e+38",
    ),
    "size": (text(table="2 2\n0 0 0\n"), "the size of a cube takes 3 whole numbers, got '2 2'"),
    "uneven": (text(table="2 3 4\n0 0 0\n"), "only cubes with the same size along each axis"),
    "huge": (text(table="256 256 256\n0 0 0\n"), "truncated: the table needs 16777216 rows"),
    "too large": (text(table="257 257 257\n0 0 0\n"), "must be between 2 and 256, got 257"),
    "1D of one": (text("1D", table="1\n0 0 0\n"), "must be between 2 and 1048576, got 1"),
    "truncated": (text()[:-12], "line 16: truncated: the table needs 8 rows, the file has room for at most 6"),
    "more rows": (text() + "1 1 1\n", "line 24: the file should end behind 8 rows, got '1 1 1'"),
    "four columns": (text().replace("1 1 1", "1 1 1 1"), "line 23: a row has 3 numbers, got more"),
    "infinity": (text().replace("1 1 1", "1 inf 1"), "line 23: not a finite number"),
    "no table": (text(table=""), "the size of a cube takes 3 whole numbers, got ''"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_is_refused_with_path_and_line(name: str, csp: Make) -> None:
    content, reason = ERRORS[name]
    path = csp(content)
    with pytest.raises(FormatError) as caught:
        read_csp(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


RNG = np.random.default_rng(9)
EXACT = {
    "cube": Lut3D(RNG.normal(0.5, 2, (5, 5, 5, 3)), title="show look"),
    "domain": Lut3D(RNG.random((3, 3, 3, 3)), ((-0.1, 0, 0.25), (1.7, 1e3, 1))),
    "curve": Lut1D(RNG.random((300, 3))),
    "one curve": Lut1D(RNG.random(7), (-1, 2)),
    "line before cube": LutChain(Lut1D([[0, 0.1, 0.2], [1, 0.9, 0.7]], (-1, 3)), Lut3D.identity(4)),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_is_written_reads_back_the_same(name: str, tmp_path: Path) -> None:
    path, lut = tmp_path / "a.csp", EXACT[name]
    write_csp(path, lut)
    found, first = read(path), path.read_bytes()
    if isinstance(lut, Lut1D):  # the format holds three curves
        lut = Lut1D(np.broadcast_to(lut._rgb(), (lut.size, 3)), lut.domain)
    assert found == lut
    assert found.title == EXACT[name].title
    write_csp(path, found)
    assert path.read_bytes() == first


@pytest.mark.parametrize("shaper", [Lut1D.from_curve(1024, "acescct", domain=(0, 16)), KnotLut1D([0, 1, 4], [0, 1, 2])])
def test_a_long_shaper_keeps_its_points(shaper: Lut1D | KnotLut1D, tmp_path: Path) -> None:
    cube = Lut3D(Lut3D.identity(9, (0, 2)).table ** 2, (0, 2))
    write_csp(tmp_path / "a.csp", LutChain(shaper, cube))
    found = read(tmp_path / "a.csp")
    x, _ = shaper._points(0)
    points = np.repeat(x.astype(np.float32)[:, None], 3, axis=1)
    np.testing.assert_allclose(found.apply(points), LutChain(shaper, cube).apply(points), atol=2e-3)
    assert found.luts[0].size == 65536


def test_what_the_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    cube, curve = Lut3D.identity(2), Lut1D([0, 1])
    for lut in (LutChain(cube, curve), LutChain(curve, curve, cube), LutChain(HalfLut1D.identity(), cube), "look"):
        with pytest.raises(TypeError, match="a .csp file holds"):
            write_csp(tmp_path / "a.csp", lut)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at most 65536 points, got 65537"):
        write_csp(tmp_path / "a.csp", LutChain(Lut1D.identity(65537), cube))
    with pytest.raises(ValueError, match="title must be one line"):
        write_csp(tmp_path / "a.csp", Lut3D(cube.table, title="a\nb"))
    assert list(tmp_path.iterdir()) == []
