"""``vfx cryptomatte``: listing layers and writing mattes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.io.cryptomatte import encode, id_of

Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two frames: a car of 3 pixels and a tree of 2."""
    car, tree = np.zeros((4, 6), np.float32), np.zeros((4, 6), np.float32)
    car[1, 1:4], tree[2, 2:6] = 1, 0.5
    for frame in (1, 2):
        encode({"car": car, "tree": tree}).write(tmp_path / f"a.{frame:04d}.exr")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_layers_and_names_are_listed(run: Run, folder: Path) -> None:
    listed = run("cryptomatte", "a.0001.exr")
    assert listed.code == 0
    assert listed.out.splitlines() == [
        "CryptoObject: 6 ranks, 2 names", f"  {id_of('car'):08x}  car", f"  {id_of('tree'):08x}  tree"]  # fmt: skip
    found = run("cryptomatte", "a.####.exr", "--found").out.splitlines()
    assert found[1].split() == [f"{id_of('car'):08x}", "3.0", "px", "(1,", "1)", "-", "(3,", "1)", "car"]
    facts = json.loads(run("cryptomatte", "a.0001.exr", "--found", "--json").out)
    assert facts[0]["found"][1] == {"name": "tree", "id": f"{id_of('tree'):08x}", "coverage": 2.0, "pixels": 4,
                                    "box": [2, 2, 5, 2]}  # fmt: skip


def test_mattes_are_written_of_a_file_and_of_frames(run: Run, folder: Path) -> None:
    assert run("cryptomatte", "a.0001.exr", "--matte", "t*", "--pixel", "1,1", "-o", "out/m.exr").code == 0
    both = vfx.read("out/m.exr")
    assert both.channel_names == ("A",) and float(both.numpy().sum()) == 5.0
    ran = run("cryptomatte", "a.####.exr", "--matte", "*", "--separate", "--dtype", "f16", "-o", "out/m.####.exr")
    assert (ran.code, ran.out) == (0, "wrote out/m.####.exr (2 frames)\n")
    apart = vfx.read("out/m.0002.exr")
    assert (apart.channel_names, apart.format) == (("car", "tree"), "f16")
    assert run("cryptomatte", "a.0001.exr", "--matte", "tree", "-o", "tree.png", "--bit-depth", "8").code == 0
    assert vfx.read("tree.png").numpy().max() == 128


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [(["--matte", "car"], 2, "go together"), (["-o", "x.exr"], 2, "go together"),
     (["--pixel", "1", "-o", "x.exr"], 2, "X,Y"), (["--matte", "cra", "-o", "x.exr"], 1, "did you mean 'car'"),
     (["--layer", "Asset"], 1, "the layers are: CryptoObject")],
)  # fmt: skip
def test_what_is_wrong_is_said(run: Run, folder: Path, arguments: list[str], code: int, reason: str) -> None:
    ran = run("cryptomatte", "a.0001.exr", *arguments)
    assert ran.code == code and reason in ran.err
    assert not (folder / "x.exr").exists()


def test_a_sequence_needs_a_pattern_to_write_to(run: Run, folder: Path) -> None:
    ran = run("cryptomatte", "a.####.exr", "--matte", "car", "-o", "x.exr")
    assert ran.code == 2 and "frame token" in ran.err


def test_a_file_without_layers_is_an_error(run: Run, folder: Path) -> None:
    vfx.write("plain.exr", np.zeros((2, 2, 3), np.float16))
    ran = run("cryptomatte", "plain.exr")
    assert ran.code == 1 and "plain.exr: there is no Cryptomatte in it" in ran.err
