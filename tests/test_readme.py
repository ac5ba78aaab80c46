"""The README's examples run as printed, and its words about the package are true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vfx

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the examples name; the current folder for the test."""
    pixels = np.linspace(0.0, 2.0, 9 * 16 * 4, dtype=np.float32).reshape(9, 16, 4)
    (tmp_path / "plates").mkdir()
    (tmp_path / "graded").mkdir()
    for name in ("plate.exr", "character.exr", "background.exr", "plates/sh010.1001.exr", "plates/sh010.1002.exr"):
        vfx.write(tmp_path / name, vfx.Image(pixels))
    for name in ("show_lut.cube", "grade.cube"):
        (tmp_path / name).write_text(CUBE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
@pytest.mark.usefixtures("shot")
def test_example_runs_as_printed(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLES[number]],
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_example_writes_a_graded_frame(shot: Path) -> None:
    exec(EXAMPLES[0], {})
    graded = vfx.read(shot / "graded.exr")
    assert graded.width == 16
    assert not np.array_equal(graded.numpy(), vfx.read(shot / "plate.exr").numpy())


def test_the_folder_example_writes_every_frame(shot: Path) -> None:
    exec(EXAMPLES[2], {})
    assert sorted(path.name for path in (shot / "graded").iterdir()) == ["sh010.1001.exr", "sh010.1002.exr"]


def test_readme_opens_with_the_two_commands() -> None:
    block = README.partition("```console")[2].partition("```")[0]
    assert re.findall(r"^\$ (\S+ \S+)", block, re.MULTILINE) == ["make demo", "make test"]


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^\$ vfx (\w+)", README, re.MULTILINE))))
def test_command_the_readme_shows_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    from vfx.cli import main

    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: vfx")


def test_files_the_readme_links_exist() -> None:
    linked = [name for name in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in name]
    assert [name for name in linked if not (ROOT / name).exists()] == []
