"""Houdini's LUTs: what OpenColorIO reads, what it bakes, what it reads of ours, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import Lut1D, Lut3D, LutChain, read, read_hdl, write, write_hdl

RNG = np.random.default_rng(3)
CURVE = "\n".join(f"\t{value:.6f}" for value in RNG.normal(0.5, 0.5, 9))
CUBE = "\n".join(" ".join(f"{value:.6f}" for value in row) for row in RNG.normal(0.5, 0.5, (64, 3)))
BODIES = {
    "C": ("9", f"RGB {{\n{CURVE}\n}}\n"),
    "3D": ("4", f" {{\n{CUBE}\n }}\n"),
    "3D+1D": ("4 9", f"Pre {{\n{CURVE}\n}}\n3D {{\n{CUBE}\n}}\n"),
    "RGB": ("9", f"R {{\n{CURVE}\n}}\nB {{\n{CURVE}\n}}\nG {{\n{CURVE}\n}}\n"),
}


def houdini(kind: str = "C", start: str = "0 1", length: str = "", body: str = "", extra: str = "") -> str:
    """A file of one type."""
    lengths, usual = BODIES[kind]
    head = f"Version\t3\nFormat any\nType\t{kind}\nFrom\t{start}\nTo 0 1\nBlack 0\nWhite 1\n{extra}"
    return f"{head}Length\t{length or lengths}\nLUT:\n{body or usual}"


@pytest.mark.parametrize("kind", ["C", "3D", "3D+1D"])
@pytest.mark.parametrize("start", ["0 1", "-0.5 2.5", "1 0", "3 -1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_type_and_range_agrees_with_opencolorio(
    kind: str, start: str, ending: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / "a.lut"
    path.write_bytes(houdini(kind, start).replace("\n", ending).encode())
    assert isinstance(same_as_ocio(path), {"C": Lut1D, "3D": Lut3D, "3D+1D": LutChain}[kind])


def test_the_sample_agrees_with_opencolorio(
    shared_file: Callable[[str], Path], same_as_ocio: Callable[[Path], Any]
) -> None:
    assert same_as_ocio(shared_file("lut/houdini.lut")).size == 1024


@pytest.mark.parametrize(
    "text",
    [
        houdini().lower(),
        houdini(extra="# a comment\n\nUnknown word\n"),
        houdini().replace("To 0 1\nBlack 0\nWhite 1", "To 0 255\nBlack 0.1\nWhite 2"),
        houdini(body="RGB { 0 0.25 0.5\n 2 -1e-1 }", length="5"),
        houdini("3D", body=f"{{ {' '.join(CUBE.split()[:24])} }}", length="2"),
        houdini("3D+1D", body="".join(reversed(BODIES["3D+1D"][1].partition("}\n")[::2])) + "}\n"),
    ],
    ids=["lower case", "other lines", "to, black, white", "one line", "one line of a cube", "order of tables"],
)
def test_free_forms_agree_with_opencolorio(text: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    path = tmp_path / "a.lut"
    path.write_text(text)
    same_as_ocio(path)


def test_three_curves_are_read_as_opencolorio_bakes_them(tmp_path: Path, ocio: Any) -> None:
    path = tmp_path / "a.lut"
    config = ocio.Config.CreateRaw()
    gamma = ocio.ExponentTransform([1.5, 2.0, 2.5, 1.0])
    config.addColorSpace(ocio.ColorSpace(name="in"))
    config.addColorSpace(ocio.ColorSpace(name="out", fromReference=gamma))
    baker = ocio.Baker()
    baker.setConfig(config)
    baker.setFormat("houdini")
    baker.setInputSpace("in")
    baker.setTargetSpace("out")
    baker.setCubeSize(33)
    baker.bake(str(path))
    assert b"RGB" in path.read_bytes()
    expected = np.linspace(0, 1, 33)[:, None] ** [1.5, 2.0, 2.5]
    np.testing.assert_allclose(read(path).table, expected, atol=1e-6)
    with pytest.raises(ocio.Exception, match="could not be loaded"):
        config.getProcessor(ocio.FileTransform(str(path)))


WRITTEN = {
    "one curve": Lut1D(RNG.normal(0, 2, 33), (-0.5, 1.5)),
    "three curves": Lut1D(RNG.normal(0, 2, (33, 3))),
    "cube": Lut3D(RNG.normal(0, 2, (7, 7, 7, 3))),
    "both": LutChain(Lut1D(RNG.random(32), (-0.5, 3)), Lut3D(RNG.random((4, 4, 4, 3)))),
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("extension", [".lut", ".hdl"])
def test_written_luts_read_back_the_same_here_and_in_opencolorio(
    name: str, extension: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / f"a{extension}"
    write(path, WRITTEN[name])
    assert read(path) == WRITTEN[name]
    if name != "three curves":  # which OpenColorIO writes but cannot read
        same_as_ocio(path)


def test_a_cube_of_another_domain_is_written_behind_its_shaper(
    tmp_path: Path, colours: np.ndarray, same_as_ocio: Callable[[Path], Any]
) -> None:
    chain = LutChain(Lut1D(RNG.random(9) * 4 - 1), Lut3D(RNG.random((4, 4, 4, 3)), (-1, 3)))
    write_hdl(tmp_path / "a.lut", chain)
    np.testing.assert_allclose(same_as_ocio(tmp_path / "a.lut").apply(colours), chain.apply(colours), atol=1e-6)


@pytest.mark.parametrize(
    ("lut", "reason"),
    [
        (Lut3D.identity(2, (0, 2)), "has domain"),
        (Lut1D([0, 1], ((0, 0, 0), (1, 2, 1))), "one domain for all channels"),
        (LutChain(Lut1D([[0, 0, 0], [1, 2, 1]]), Lut3D.identity(2)), "one shaper curve"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(lut: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=reason):
        write_hdl(tmp_path / "a.lut", lut)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (houdini().replace("Type\tC", "Type\tA"), 3, r"Type must be C, RGB, 3D or 3D\+1D, got 'A'"),
        (houdini(start="0.5 0.5"), 4, "domain must run from low to high"),
        (houdini(start="0 x"), 4, "From takes finite numbers"),
        (houdini(start="0"), 4, "From takes 2 numbers"),
        (houdini().replace("Black 0", "Black no"), 6, "Black takes finite numbers"),
        (houdini(extra="Sampling log\n"), 8, "Sampling is not supported"),
        (houdini(extra="From 0 1\n"), 8, "From is given twice"),
        (houdini(length="12"), 20, "the table ends after 9 rows, it needs 12"),
        (houdini(length="3"), 14, "more than 3 rows of 1"),
        (houdini(length="1"), 8, "Length must be between 2 and"),
        (houdini("3D+1D", length="4"), 8, "Length takes the size of the cube and of the curve"),
        (houdini("3D", length="200"), 10, "truncated"),
        (houdini() + "rubbish\n", 21, "a table starts with its name"),
        (houdini() + "RGB {\n0\n}\n", 21, "the table RGB is there twice"),
        (houdini(body="RGB {\n0\n1\nnan\n}", length="3"), 13, "not a finite number: 'nan'"),
        (houdini(body="Pre {\n0\n1\n}", length="2"), 10, "a LUT of type C has no table 'Pre'"),
        (houdini(body="RGB {\n0\n1\n", length="2"), 10, "is not closed"),
        (houdini("3D+1D", body=f"Pre {{\n{CURVE}\n}}\n", length="2 9"), 21, "needs the table 3D"),
        ("Version 1\n", 2, "without a line LUT:"),
        ("Version 1\nLUT:\n", 2, "no Format, Type, From"),
    ],
)
def test_damage_is_told_by_line_and_reason(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.hdl"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason) as caught:
        read_hdl(path)
    assert caught.value.path == str(path)
    assert line is None or caught.value.line == line
