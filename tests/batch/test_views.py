"""Batches over sequences with views and over tiles of textures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx import batch
from vfx.errors import SequenceError


@pytest.fixture
def stereo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two views of two frames, whose values tell them apart."""
    for number, view in enumerate(("left", "right")):
        for frame in (1, 2):
            vfx.write(tmp_path / f"s.{view}.{frame:04d}.exr", np.full((2, 2, 3), 10 * number + frame, np.float16))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_view_goes_to_its_own_file(stereo: Path) -> None:
    report = batch.grade("s.%V.####.exr", "out/s.%V.####.exr", vfx.Look().gain(2))
    assert not report.failed and len(report.done) == 4
    for view, frame, value in (("left", 1, 2), ("left", 2, 4), ("right", 1, 22), ("right", 2, 24)):
        assert float(vfx.read(f"out/s.{view}.{frame:04d}.exr").numpy().max()) == value
    again = batch.grade("s.%V.####.exr", "out/s.%V.####.exr", vfx.Look().gain(2))
    assert len(again.skipped) == 4
    assert len(batch.grade("s.%V.####.exr", "folder/", vfx.Look().gain(2), frames="2").done) == 2
    assert sorted(path.name for path in (stereo / "folder").glob("*.exr")) == ["s.left.0002.exr", "s.right.0002.exr"]


def test_views_need_a_place_of_their_own(stereo: Path) -> None:
    with pytest.raises(SequenceError, match="the name of the output needs %V, got out/s.####.exr"):
        batch.grade("s.%V.####.exr", "out/s.####.exr", vfx.Look().gain(2))
    (stereo / "s.right.0002.exr").unlink()
    with pytest.raises(SequenceError, match="missing frames 2"):
        batch.grade("s.%V.####.exr", "out/s.%V.####.exr", vfx.Look().gain(2), frames="1-2")


def test_tiles_are_frames(tmp_path: Path) -> None:
    for number in (1001, 1002, 1011):
        vfx.write(tmp_path / f"t.{number}.exr", np.full((2, 2, 3), number % 100, np.float16))
    report = batch.grade(tmp_path / "t.<UDIM>.exr", tmp_path / "out" / "t.<UVTILE>.exr", vfx.Look().gain(2))
    assert len(report.done) == 3 and not report.missing
    assert float(vfx.read(tmp_path / "out" / "t.u1_v2.exr").numpy().max()) == 22
