"""Resume: finished frames are left out, everything that changed is made again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx import batch
from vfx.batch._state import STATE_NAME, State, fingerprint
from vfx.io.sequence import Sequence

LOOK = vfx.Look().gain(2)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A folder with ``in/a.0001…0004.exr``."""
    (tmp_path / "in").mkdir()
    for frame in range(1, 5):
        vfx.write(tmp_path / "in" / f"a.{frame:04d}.exr", vfx.Image(np.full((8, 8, 3), frame, np.float32)))
    return tmp_path


def grade(shot: Path, look: vfx.Look = LOOK, **options: Any) -> batch.BatchReport:
    return batch.grade(shot / "in" / "a.####.exr", shot / "out" / "a.####.exr", look, **options)


def test_a_second_run_makes_nothing(shot: Path) -> None:
    assert grade(shot).done == (1, 2, 3, 4)
    second = grade(shot)
    assert second.done == () and second.skipped == (1, 2, 3, 4)
    assert grade(shot, resume=False).done == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"look": vfx.Look().gain(2.0001)},
        {"look": LOOK + LOOK},
        {"look": LOOK.lut(vfx.lut.Lut3D.identity(2))},
        {"write_options": {"compression": "piz"}},
        {"dtype": "f16"},
        {"read_options": {"dtype": "f16"}},
    ],
    ids=["value", "length", "lut", "write", "dtype", "read"],
)
def test_another_look_or_option_makes_all_again(shot: Path, change: dict[str, Any]) -> None:
    grade(shot)
    assert grade(shot, **change).done == (1, 2, 3, 4)
    assert grade(shot, **change).skipped == (1, 2, 3, 4)


def test_a_lut_with_other_content_is_another_look(shot: Path) -> None:
    table = np.array(vfx.lut.Lut3D.identity(9).table)
    grade(shot, vfx.Look().lut(vfx.lut.Lut3D(table)))
    table[4, 4, 4, 1] += 0.001
    assert grade(shot, vfx.Look().lut(vfx.lut.Lut3D(table))).done == (1, 2, 3, 4)


def truncate(path: Path) -> None:
    """Cut the file but keep its time, as a full disk or a broken copy may."""
    status = path.stat()
    os.truncate(path, status.st_size - 7)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def overwrite_head(path: Path) -> None:
    """Damage the header, keeping size and time."""
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"\0" * 64)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("damage", [truncate, overwrite_head, Path.unlink, touch], ids=lambda fn: fn.__name__)
def test_a_damaged_or_missing_output_is_made_again(shot: Path, damage: Any) -> None:
    grade(shot)
    damage(shot / "out" / "a.0002.exr")
    report = grade(shot)
    assert report.done == (2,) and report.skipped == (1, 3, 4)
    assert vfx.read(shot / "out" / "a.0002.exr").numpy()[0, 0, 0] == 4


def test_a_changed_source_is_made_again(shot: Path) -> None:
    grade(shot)
    vfx.write(shot / "in" / "a.0003.exr", vfx.Image(np.full((8, 8, 3), 7, np.float32)))
    assert grade(shot).done == (3,)
    assert vfx.read(shot / "out" / "a.0003.exr").numpy()[0, 0, 0] == 14


def test_a_frame_that_was_held_is_made_when_its_plate_arrives(shot: Path) -> None:
    (shot / "in" / "a.0003.exr").rename(shot / "late.exr")
    assert grade(shot, on_missing="hold").done == (1, 2, 3, 4)
    assert grade(shot, on_missing="hold").done == ()
    (shot / "late.exr").rename(shot / "in" / "a.0003.exr")
    assert grade(shot).done == (3,)


def test_map_resumes_only_under_a_key(shot: Path) -> None:
    def run(**options: Any) -> batch.BatchReport:
        return batch.map(lambda image: image.gain(3), shot / "in" / "a.####.exr", shot / "o" / "a.####.exr", **options)

    assert len(run().done) == len(run().done) == 4
    assert len(run(key="gain 3").done) == 4
    assert run(key="gain 3").skipped == (1, 2, 3, 4)
    assert len(run(key="gain 4").done) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": "else"}',
        b'{"format":"vfx-batch","version":1,"frames":3}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_a_corrupt_memory_is_ignored_with_a_warning(shot: Path, content: bytes) -> None:
    grade(shot)
    (shot / "out" / STATE_NAME).write_bytes(content)
    report = grade(shot)
    assert report.done == (1, 2, 3, 4)
    assert len(report.warnings) == 1 and STATE_NAME in report.warnings[0]
    assert grade(shot).skipped == (1, 2, 3, 4)


def test_strange_entries_count_as_unfinished(shot: Path) -> None:
    grade(shot)
    memory = json.loads((shot / "out" / STATE_NAME).read_text())
    memory["frames"]["a.0001.exr"] = "yes"
    memory["frames"]["a.0002.exr"]["output"] = None
    memory["frames"]["a.0003.exr"]["source"] = {}
    (shot / "out" / STATE_NAME).write_text(json.dumps(memory))
    assert grade(shot).done == (1, 2, 3)


def test_runs_into_one_folder_keep_each_others_entries(shot: Path) -> None:
    def run(name: str) -> None:
        batch.grade(shot / "in" / "a.####.exr", shot / "out" / f"{name}.####.exr", LOOK)

    both = [threading.Thread(target=run, args=(name,)) for name in ("left", "right")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    memory = json.loads((shot / "out" / STATE_NAME).read_text())
    assert len(memory["frames"]) == 8


def test_a_dry_run_writes_nothing_and_says_what_it_would_make(shot: Path) -> None:
    report = grade(shot, dry_run=True)
    assert report.planned == (1, 2, 3, 4) and report.done == () and not (shot / "out").exists()
    grade(shot, frames="1-2")
    report = grade(shot, dry_run=True)
    assert report.planned == (3, 4) and report.skipped == (1, 2)
    assert Sequence(shot / "out" / "a.####.exr").frames == (1, 2)


def test_fingerprints_tell_values_and_structure_apart() -> None:
    parts: list[tuple[object, ...]] = [
        (1,), (1.0,), ("1",), (True,), (b"1",), ((1,),), ([1, 2], [3]), ([1], [2, 3]), ({"a": 1},), ({"a": 2},),
        (None,), (np.float32([1, 2]),), (np.float64([1, 2]),), (np.float32([[1, 2]]),), (0.0,), (-0.0,),
    ]  # fmt: skip
    assert len({fingerprint(*part) for part in parts}) == len(parts)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    with pytest.raises(TypeError, match="object has no stable content"):
        fingerprint(object())


def test_saving_waits_unless_told_to_be_now(tmp_path: Path) -> None:
    (tmp_path / "x.exr").write_bytes(b"1")
    state = State(tmp_path, "recipe")
    state.record(["s", 1, 1], tmp_path / "x.exr", "")
    state.save()
    assert not state.path.exists()
    state.save(now=True)
    assert state.path.exists()


INTERRUPTED = """
    import sys, time, vfx
    from vfx import batch

    def slow(image):
        time.sleep(0.1)
        return image.gain(2)

    def show(step):
        print(step.frame, flush=True)

    batch.map(slow, sys.argv[1] + "/in/a.####.exr", sys.argv[1] + "/out/a.####.exr", key="slow", workers=2,
              frames="1-4", progress=show)
"""


def test_ctrl_c_stops_at_once_and_leaves_whole_files_and_a_memory(shot: Path) -> None:
    program = textwrap.dedent(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(shot)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = int(process.stdout.readline())
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert time.perf_counter() - start < 5
    assert process.returncode not in (0, None) and "KeyboardInterrupt" in errors
    outputs = sorted(path.name for path in (shot / "out").iterdir())
    assert STATE_NAME in outputs and not [name for name in outputs if "tmp" in name]
    assert f"a.{first:04d}.exr" in outputs
    for name in outputs[1:]:
        assert vfx.read(shot / "out" / name).width == 8
    again = batch.map(lambda image: image.gain(2), shot / "in" / "a.####.exr", shot / "out" / "a.####.exr", key="slow")
    assert first in again.skipped and len(again.skipped) + len(again.done) == 4
