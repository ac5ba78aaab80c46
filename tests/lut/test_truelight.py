"""Truelight cubes: agreement with OpenColorIO, what it bakes and reads of ours, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import Lut1D, Lut3D, LutChain, read, read_cub, write, write_cub

RNG = np.random.default_rng(6)


def lines(values: np.ndarray) -> str:
    """Rows of three numbers."""
    return "".join(" ".join(f"{value:.6f}" for value in row) + "\n" for row in values)


def truelight(width: int = 5, length: int = 9, extra: str = "") -> str:
    """A file with curves (where it has a length) and a cube (where it has a width)."""
    head = "# Truelight Cube v2.0\n# iDims     3\n# oDims     3\n" + extra
    body = ""
    if length:
        head += f"# lutLength {length}\n"
        body += "# InputLUT\n" + lines(RNG.random((length, 3)) * max(width - 1, 1)) + "\n"
    if width:
        head += f"# width     {width} {width} {width}\n"
        body += "# Cube\n" + lines(RNG.normal(0.5, 0.5, (width**3, 3)))
    return f"{head}\n{body}# end\n"


@pytest.mark.parametrize("width", [0, 2, 5, 17])
@pytest.mark.parametrize("length", [0, 2, 33])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_curves_and_cubes_agree_with_opencolorio(
    width: int, length: int, ending: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / "a.cub"
    path.write_bytes(truelight(width, length).replace("\n", ending).encode())
    if not width and not length:
        with pytest.raises(FormatError, match="neither an InputLUT nor a Cube"):
            read(path)
        return
    found = same_as_ocio(path)
    assert isinstance(found, LutChain if width and length else Lut3D if width else Lut1D)


@pytest.mark.parametrize(
    "text",
    [
        truelight().lower().replace("# inputlut", "#\tINPUTLUT"),
        truelight(extra="# any other line\n#\n"),
        truelight() + "rubbish\n# cube\n",
        truelight().replace("# Cube\n", "# Cube\n# a comment\n\n"),
        truelight().replace("# end\n", ""),
    ],
    ids=["case", "other lines", "behind the end", "comment in a table", "no end"],
)
def test_other_forms_agree_with_opencolorio(text: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    path = tmp_path / "a.cub"
    path.write_text(text)
    same_as_ocio(path)


def test_what_opencolorio_bakes_is_read(tmp_path: Path, ocio: Any, same_as_ocio: Callable[[Path], Any]) -> None:
    config = ocio.Config.CreateRaw()
    mixed = ocio.MatrixTransform([0.7, 0.2, 0.1, 0, 0.1, 0.8, 0.1, 0, 0, 0.1, 0.9, 0, 0, 0, 0, 1])
    config.addColorSpace(ocio.ColorSpace(name="in"))
    config.addColorSpace(ocio.ColorSpace(name="out", fromReference=mixed))
    baker = ocio.Baker()
    baker.setConfig(config)
    baker.setFormat("truelight")
    baker.setInputSpace("in")
    baker.setTargetSpace("out")
    baker.setCubeSize(9)
    baker.bake(str(tmp_path / "a.cub"))
    same_as_ocio(tmp_path / "a.cub")


WRITTEN = {
    "cube": Lut3D(RNG.normal(0, 2, (7, 7, 7, 3))),
    "larger": Lut3D(RNG.normal(0, 2, (50, 50, 50, 3))),
    "chain": LutChain(Lut1D(RNG.random((32, 3))), Lut3D(RNG.random((5, 5, 5, 3)))),
    "one curve": LutChain(Lut1D(RNG.random(32)), Lut3D(RNG.random((9, 9, 9, 3)))),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_written_luts_read_back_the_same_here_and_in_opencolorio(
    name: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / "a.cub"
    write(path, WRITTEN[name])
    assert same_as_ocio(path) == WRITTEN[name]


def test_a_cube_of_another_domain_is_written_behind_its_shaper(
    tmp_path: Path, colours: np.ndarray, same_as_ocio: Callable[[Path], Any]
) -> None:
    chain = LutChain(Lut1D(RNG.random((9, 3)) * 4 - 1), Lut3D(RNG.random((4, 4, 4, 3)), ((-1, -1, 0), (3, 2, 3))))
    write_cub(tmp_path / "a.cub", chain)
    np.testing.assert_allclose(same_as_ocio(tmp_path / "a.cub").apply(colours), chain.apply(colours), atol=1e-6)


@pytest.mark.parametrize("lut", [Lut3D.identity(2, (0, 2)), LutChain(Lut1D([0, 1], (0, 2)), Lut3D.identity(2))])
def test_domains_are_refused(lut: Lut3D | LutChain, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds LUTs of domain \(0, 1\), got \(0.0, 2.0\)"):
        write_cub(tmp_path / "a.cub", lut)
    with pytest.raises(TypeError, match="holds a Lut3D or a LutChain"):
        write_cub(tmp_path / "a.cub", Lut1D([0, 1]))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (truelight()[1:], 1, "starts with # Truelight Cube"),
        (truelight(extra="# iDims 3\n"), 4, "idims is given twice"),
        (truelight().replace("iDims     3", "iDims     1"), 2, "only 3 inputs and 3 outputs"),
        (truelight().replace("5 5 5", "5 5 4"), 5, "same size along each axis"),
        (truelight().replace("5 5 5", "5"), 5, "width takes 3 whole numbers"),
        (truelight().replace("5 5 5", "500 500 500"), 5, "width must be between 2 and 256"),
        (truelight().replace("5 5 5", "200 200 200"), 7, "truncated"),
        (truelight().replace("lutLength 9", "lutLength 8"), 16, "more rows than the 8 that lutLength gives"),
        (truelight().replace("lutLength 9", "lutLength 10"), 18, "the table ends after 9 rows, it needs 10"),
        (truelight().replace("# lutLength 9\n", ""), 6, "InputLUT without lutLength"),
        (truelight().replace("# Cube\n", "# Cube\nrubbish\n"), 19, "should be 3 numbers, got 'rubbish'"),
        (truelight().replace("# Cube\n", "# Cube\n0 0 nan\n"), 19, "not a finite number: 'nan'"),
        (truelight().replace("# Cube\n", "# Cube\n0 0 0\n"), 144, "more rows than the 125 that width gives"),
        (truelight().replace("# Cube\n", "# InputLUT\n"), 18, "a second InputLUT"),
        (truelight().replace("# Cube\n", "# width 5 5 5\n# Cube\n"), 18, "behind the start of a table"),
        (truelight(width=0).replace("# lut", "# width 2 2 2\n# lut"), None, "truncated|there is no Cube"),
    ],
)
def test_damage_is_told_by_line_and_reason(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cub"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason) as caught:
        read_cub(path)
    assert caught.value.path == str(path)
    assert line is None or caught.value.line == line
