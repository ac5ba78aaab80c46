"""The command line, run in this process or as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.cli import main
from vfx.color import CDL
from vfx.metadata import TimeCode

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """``run("info", "a.exr")`` in this process."""

    def call(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def program() -> Callable[..., subprocess.Popen[str]]:
    """``program("demo", …)`` as a process of its own."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "vfx.cli", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONPATH=str(ROOT)),
        )

    return start


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A folder with ``plates/sh010.1001…1004.exr``, ``show.ccc`` and ``show.cube``."""
    (tmp_path / "plates").mkdir()
    pixels = np.linspace(0, 1, 12 * 16 * 3, dtype=np.float32).reshape(12, 16, 3)
    for frame in range(1001, 1005):
        picture = vfx.Image(pixels + frame / 4096, metadata={"timecode": TimeCode(1, 0, 0, frame - 1001)})
        vfx.write(tmp_path / "plates" / f"sh010.{frame}.exr", picture.astype("f16"))
    cdls = {"sh010": CDL(slope=(1.1, 1.0, 0.9), saturation=0.8), "sh020": CDL(offset=(0.1, 0.1, 0.1))}
    vfx.color.write_cdl(tmp_path / "show.ccc", cdls)
    table = np.array(vfx.lut.Lut3D.identity(5).table) ** 1.5
    vfx.lut.write_cube(tmp_path / "show.cube", vfx.lut.Lut3D(table))
    return tmp_path
