"""Batches of several pictures a frame, such as a foreground over a background."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx import Image, batch
from vfx.errors import FrameError, SequenceError


def write(path: Path, value: float) -> Path:
    path.parent.mkdir(exist_ok=True)
    vfx.write(path, Image(np.full((3, 5, 3), value, np.float32)))
    return path


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Frames 1 to 3 of ``fg`` (the frame) and of ``bg`` (ten times the frame), and a still of 100."""
    for frame in (1, 2, 3):
        write(tmp_path / "fg" / f"fg.{frame:04d}.exr", frame)
        write(tmp_path / "bg" / f"bg.{frame:04d}.exr", 10 * frame)
    write(tmp_path / "still.exr", 100)
    return tmp_path


def total(a: Image, *others: Image) -> Image:
    return a.like(sum((other.numpy() for other in others), a.numpy()))


def made(shot: Path, *beside: str, **options: object) -> list[float]:
    sources = [shot / name for name in beside]
    batch.map(total, shot / "fg" / "fg.####.exr", shot / "out" / "a.####.exr", beside=sources, **options)  # type: ignore[arg-type]
    return [float(vfx.read(path).numpy()[0, 0, 0]) for path in sorted((shot / "out").glob("*.exr"))]


def test_the_same_frame_of_a_sequence_and_a_still_come_along(shot: Path) -> None:
    assert made(shot, "bg/bg.####.exr", "still.exr") == [111, 122, 133]


def test_a_missing_frame_beside_stops_before_anything_is_made(shot: Path) -> None:
    (shot / "bg" / "bg.0002.exr").unlink()
    with pytest.raises(SequenceError, match=r"bg\.####\.exr in .*: missing frames 2"):
        made(shot, "bg/bg.####.exr")
    assert not (shot / "out").exists()
    assert made(shot, "bg/bg.####.exr", on_missing="skip") == [11, 33]


def test_a_file_that_is_not_there_is_named(shot: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.exr"):
        made(shot, "nowhere.exr")


def test_a_still_takes_no_sequence_beside_it(shot: Path) -> None:
    with pytest.raises(SequenceError, match="is a single file, so bg"):
        batch.map(total, shot / "still.exr", shot / "o.exr", beside=[shot / "bg" / "bg.####.exr"])


def test_a_picture_beside_is_never_overwritten(shot: Path) -> None:
    with pytest.raises(SequenceError, match="the output is a source file"):
        batch.map(total, shot / "fg" / "fg.####.exr", shot / "bg" / "bg.####.exr", beside=[shot / "bg" / "bg.####.exr"])


def test_a_changed_picture_beside_makes_its_frame_again(shot: Path) -> None:
    first = made(shot, "bg/bg.####.exr", key="sum")
    changed = write(shot / "bg" / "bg.0002.exr", 40)
    os.utime(changed, ns=(1, 1))
    source, target = shot / "fg" / "fg.####.exr", shot / "out" / "a.####.exr"
    report = batch.map(total, source, target, beside=[shot / "bg" / "bg.####.exr"], key="sum")
    assert first == [11, 22, 33] and report.done == (2,) and report.skipped == (1, 3)
    assert float(vfx.read(shot / "out" / "a.0002.exr").numpy()[0, 0, 0]) == 42


def test_a_damaged_picture_beside_is_named(shot: Path) -> None:
    damaged = shot / "bg" / "bg.0003.exr"
    damaged.write_bytes(damaged.read_bytes()[:200])
    with pytest.raises(FrameError, match=r"bg\.0003\.exr"):
        made(shot, "bg/bg.####.exr")
