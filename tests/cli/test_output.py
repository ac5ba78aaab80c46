"""What is printed for people and for machines."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction

import numpy as np
import pytest

from vfx.batch import BatchReport, FrameFailure, Progress
from vfx.cli import _output
from vfx.metadata import TimeCode, V2f


def test_every_metadata_value_has_a_json_form() -> None:
    values = {
        "timecode": TimeCode(1, 2, 3, 4),
        "rate": Fraction(24000, 1001),
        "icc": b"abc",
        "centre": V2f(0.5, 1.0),
        "matrix": np.eye(2, dtype=np.float32),
        "double": np.float64(0.25),
        "nan": math.nan,
        "list": ["a", 1, None, True],
        "failure": FrameFailure(3, "a.exr", "gone"),
    }
    plain = json.loads(json.dumps(_output.plain(values), allow_nan=False))
    assert plain == {
        "timecode": "01:02:03:04",
        "rate": "24000/1001",
        "icc": "<3 bytes>",
        "centre": [0.5, 1.0],
        "matrix": [[1.0, 0.0], [0.0, 1.0]],
        "double": 0.25,
        "nan": "nan",
        "list": ["a", 1, None, True],
        "failure": "frame 3: a.exr: gone",
    }


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with _output.progress_bar("grade") as show:
        show(Progress(1, "done", 1, 3, 1, 0.5))
        monkeypatch.setattr(_output, "_LOG_EVERY", 0.0)
        show(Progress(2, "done", 2, 3, 2, 1.0))
    captured = capsys.readouterr()
    assert captured.err == "vfx: grade: 2 of 3 frames, 2.0 fps, 0:00 left\n" and captured.out == ""


def test_a_terminal_gets_a_bar_with_speed_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with _output.progress_bar("grade") as show:
        show(Progress(1, "done", 25, 100, 25, 50.0))
    captured = capsys.readouterr()
    assert "25/100" in captured.err and "0.5 fps" in captured.err and "2:30 left" in captured.err and captured.out == ""


def test_failures_are_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    failures = tuple(FrameFailure(frame, f"a.{frame}.exr", "gone") for frame in (3, 4, 5))
    assert _output.finish_batch(BatchReport("a", "b", failed=failures), as_json=False, verb="graded") == 1
    assert capsys.readouterr().err == "vfx: error: frame 3: a.3.exr: gone (and 2 more)\n"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (12_300_000, "12.3 MB"), (5e12, "5.0 TB")]
)
def test_sizes_are_readable(count: float, text: str) -> None:
    assert _output.megabytes(count) == text


def test_private_fields_of_metadata_are_not_shown() -> None:
    from vfx.io.idmanifest import IDGroup, IDManifest

    manifest = IDManifest([IDGroup(["id"], ["name"], {7: ("car",)}, lifetime="shot")])
    assert [name for name in _output.plain(manifest) if name.startswith("_")] == []
