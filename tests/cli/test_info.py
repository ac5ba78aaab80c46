"""``vfx info``: tables for people, JSON for programs, and headers changed in place."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.cli import _output
from vfx.metadata import TimeCode

Run = Callable[..., Any]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``terminal(80)``: stdout is a terminal of 80 columns."""

    def pretend(columns: int) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))

    return pretend


def bare(text: str) -> list[str]:
    """The lines without the terminal's escape codes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


def test_names_and_values_stand_under_each_other(shot: Path, run: Run) -> None:
    lines = run("info", shot / "plates" / "sh010.1001.exr").out.splitlines()
    assert lines[0].endswith("sh010.1001.exr")
    starts = {re.match(r"  \S+(?: \S+)?  +", line).end() for line in lines[1:]}  # type: ignore[union-attr]
    assert len(starts) == 1
    assert any(re.fullmatch(r"  timecode +01:00:00:00", line) for line in lines)


def test_several_files_take_a_line_each(shot: Path, run: Run) -> None:
    vfx.write(shot / "a.png", np.zeros((4, 5, 3), np.uint8))
    lines = run("info", shot / "plates" / "sh010.####.exr", shot / "a.png").out.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["file", "format", "size", "channels", "compression", "bytes"]
    assert re.search(r"sh010\.####\.exr 1001-1004 +exr +16x12 +BGR f16 +zip", lines[1])
    assert re.search(r"a\.png +png +5x4 +RGB u8 +deflate +\d+ B", lines[2])
    full = run("info", "--full", shot / "plates" / "sh010.####.exr", shot / "a.png").out
    assert "(4, none missing)" in full and "\n\n" in full and "display" not in full


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(
    columns: int, shot: Path, run: Run, terminal: Callable[[int], None]
) -> None:
    path = shot / "plates" / "sh010.1001.exr"
    vfx.io.header.edit(path, changes={"comments": "many words " * 30})
    terminal(columns)
    for arguments in ([path], [path, path]):
        lines = bare(run("info", *arguments).out)[len(arguments) == 1 :]  # the path itself is never cut
        assert max(map(len, lines)) <= columns


def test_rows_that_go_to_a_file_are_never_folded(capsys: pytest.CaptureFixture[str]) -> None:
    _output.print_rows([("a", "x" * 300), ("long name", "y")], indent=2)
    assert capsys.readouterr().out == f"  a          {'x' * 300}\n  long name  y\n"


def test_exif_tags_without_a_word_are_told_by_name(run: Run, shared_file: Callable[[str], Path]) -> None:
    facts = json.loads(run("info", "--json", shared_file("photo/tahoe-gps.jpg")).out)[0]
    found = facts["parts"][0]["metadata"]
    assert (found["camera_model"], found["exif:GPSMapDatum"]) == ("T-Mobile G1", "WGS-84")
    assert "exif:Model" not in found  # it is camera_model


# ------------------------------------------------------------------ edit


def test_edit_puts_values_of_the_right_type_into_the_header(shot: Path, run: Run) -> None:
    path = shot / "plates" / "sh010.1001.exr"
    before = vfx.read(path).numpy()
    done = run("info", path, "--edit", "frame_rate=23.976", "--edit", "owner=a = b", "--edit", "exr:take=3")
    assert (done.code, done.out, done.err) == (0, "", "")
    image = vfx.read(path)
    assert image.metadata["frame_rate"] == Fraction(24000, 1001)
    assert (image.metadata["owner"], image.metadata["exr:take"]) == ("a = b", 3)
    np.testing.assert_array_equal(image.numpy(), before)
    assert run("info", path, "--edit", "exr:take=4.0").code == 1  # it is a whole number there
    assert run("info", path, "--erase", "exr:ta.*").code == 0
    assert "exr:take" not in vfx.probe(path).metadata


def test_edit_of_a_sequence_counts_the_timecode_on(shot: Path, run: Run) -> None:
    (shot / "plates" / "sh010.1003.exr").unlink()
    (shot / "out").mkdir()
    source, target = shot / "plates" / "sh010.####.exr", shot / "out" / "b.####.exr"
    assert run("info", source, "--edit", "timecode=10:00:00:23", "--edit", "frame_rate=24", "-o", target).code == 0
    codes = [vfx.probe(shot / "out" / f"b.{frame}.exr").metadata["timecode"] for frame in (1001, 1002, 1004)]
    assert codes == [TimeCode(10, 0, 0, 23), TimeCode(10, 0, 1, 0), TimeCode(10, 0, 1, 2)]
    assert vfx.probe(shot / "plates" / "sh010.1001.exr").metadata["timecode"] == TimeCode(1, 0, 0, 0)


def test_edit_writes_elsewhere_with_output(shot: Path, run: Run) -> None:
    path = shot / "plates" / "sh010.1001.exr"
    before = path.read_bytes()
    assert run("info", path, "--edit", "owner=us", "-o", shot / "b.exr").code == 0
    assert path.read_bytes() == before
    assert vfx.probe(shot / "b.exr").metadata["owner"] == "us"
    assert run("info", path, "--edit", "owner=us", "-o", shot / "new" / "folder" / "b.exr").code == 0  # as convert does
    assert (shot / "new" / "folder" / "b.exr").read_bytes() == (shot / "b.exr").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--edit", "owner"], 2, "--edit takes KEY=VALUE, got 'owner'"),
        (["--edit", "timecode=soon"], 1, "must look like 01:02:03:04"),
        (["--edit", "keycode=1"], 1, "must look like '02 34"),
        (["--edit", "exr:channels=1"], 1, "channels"),
        (["--erase", "("], 1, "is not a regular expression"),
        (["-o", "x.exr"], 2, "--output is for --edit and --erase"),
        (["--edit", "owner=x", "-o", "x.exr", "another.exr"], 2, "one file or sequence"),
    ],
)
def test_edits_that_make_no_sense_are_one_line(
    arguments: list[str], code: int, reason: str, shot: Path, run: Run
) -> None:
    path = shot / "plates" / "sh010.1001.exr"
    before = path.read_bytes()
    failed = run("info", path, *arguments)
    assert failed.code == code and reason in failed.err and failed.err.count("\n") == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize("options", [(), ("--json",), ("--full",)])
def test_one_bad_file_of_several_does_not_hide_the_others(run, tmp_path, options) -> None:
    for name in ("a.exr", "b.exr"):
        vfx.write(tmp_path / name, vfx.Image(np.zeros((4, 6, 3), np.float16)))
    (tmp_path / "bad.exr").write_bytes(b"nothing")
    ran = run("info", tmp_path / "a.exr", tmp_path / "gone.exr", tmp_path / "bad.exr", tmp_path / "b.exr", *options)
    assert ran.code == 1
    assert "a.exr" in ran.out and "b.exr" in ran.out
    assert len(ran.err.splitlines()) == 2
    assert f"vfx: error: {tmp_path / 'gone.exr'}: no such file" in ran.err
