"""The examples in docstrings and in the guides run and say the truth."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.operations import Operations

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "vfx").rglob("*.py"))
    if path.name != "__main__.py"
]
GUIDES = sorted((ROOT / "docs").rglob("*.rst"))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF
CCC = """<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.01"><ColorCorrection id="sh010"><SOPNode>
<Slope>1.1 1 0.9</Slope><Offset>0.01 0 0</Offset><Power>1 1 1.1</Power></SOPNode>
<SatNode><Saturation>0.9</Saturation></SatNode></ColorCorrection></ColorCorrectionCollection>"""
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the guides name; the current folder for the test."""
    pixels = np.linspace(0.1, 2.0, 540 * 4 * 7, dtype=np.float32).reshape(540, 4, 7)
    names = ["R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B"]
    image = vfx.Image(pixels, channels=names)
    (tmp_path / "plates").mkdir()
    for name in ("plate.exr", "plates/sh010.1001.exr", "plates/sh010.1002.exr"):
        vfx.write(tmp_path / name, image)
    (tmp_path / "show.ccc").write_text(CCC, encoding="utf-8")
    (tmp_path / "show.cube").write_text(CUBE, encoding="utf-8")
    vfx.Look().exposure(0.5).encode("acescct").write(tmp_path / "show.clf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_say_the_truth(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for example in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)


def blocks(page: Path) -> list[str]:
    """The Python examples of one page of the documentation."""
    found = re.findall(
        r"^\.\. code-block:: python\n\n((?:(?:   .*)?\n)+)", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [textwrap.dedent(block) for block in found]


@pytest.mark.parametrize("page", [page for page in GUIDES if blocks(page)], ids=lambda page: page.stem)
@pytest.mark.usefixtures("shot")
def test_examples_of_a_guide_run_in_order(page: Path) -> None:
    names = {"vfx": vfx, "np": np, "image": vfx.read("plate.exr"), "look": vfx.Look().exposure(1)}
    for block in blocks(page):
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize(
    "name",
    ["avif", "bmp", "dpx", "exr", "gif", "hdr", "jp2", "jpeg", "jxl", "png", "tga", "tiff", "webp"],
)
def test_the_guide_names_every_option_of_write(name: str) -> None:
    guide = (ROOT / "docs" / "guides" / "files.rst").read_text(encoding="utf-8")
    parameters = inspect.signature(importlib.import_module(f"vfx.io.{name}").write).parameters.values()
    options = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    assert [option for option in options if f"``{option}``" not in guide] == []


def test_the_guide_names_every_operation() -> None:
    guide = (ROOT / "docs" / "guides" / "grading.rst").read_text(encoding="utf-8")
    operations = [name for name in vars(Operations) if not name.startswith("_")]
    assert [name for name in operations if f"``{name}(" not in guide] == []


def test_the_guide_names_every_command() -> None:
    from vfx.cli._app import app

    guide = (ROOT / "docs" / "guides" / "commands.rst").read_text(encoding="utf-8")
    assert [name for name in app.list_commands(None) if f"\n``{name}``" not in guide] == []  # type: ignore[arg-type]
