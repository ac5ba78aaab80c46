"""``vfx grade``: the order of the work, its options, and its errors."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.cli import main
from vfx.cli._look_options import look_from
from vfx.io.sequence import Sequence

Run = Callable[..., Any]


def test_the_issues_command_grades_a_shot(shot: Path, run: Run) -> None:
    done = run("grade", shot / "plates" / "sh010.####.exr", "--cdl", shot / "show.ccc", "--id", "sh010",
               "--lut", shot / "show.cube", "-o", shot / "graded" / "sh010.####.exr")  # fmt: skip
    assert done.code == 0 and "4 frames in" in done.out and "fps" in done.out and done.err == ""
    plate = vfx.read(shot / "plates" / "sh010.1002.exr")
    graded = vfx.read(shot / "graded" / "sh010.1002.exr")
    look = vfx.Look().cdl(vfx.color.read_cdl(shot / "show.ccc", id="sh010")).lut(vfx.lut.read(shot / "show.cube"))
    assert np.array_equal(graded.numpy(), look(plate).numpy())
    assert graded.format == "f16" and str(graded.metadata["timecode"]) == "01:00:00:01"
    again = run("grade", shot / "plates" / "sh010.####.exr", "--cdl", shot / "show.ccc", "--id", "sh010",
                "--lut", shot / "show.cube", "-o", shot / "graded" / "sh010.####.exr")  # fmt: skip
    assert "4 already done" in again.out


def test_the_order_of_the_work_is_fixed(shot: Path) -> None:
    cdl, cube = vfx.color.read_cdl(shot / "show.ccc", id="sh020"), vfx.lut.read(shot / "show.cube")
    look = look_from(
        decode="srgb", exposure=1.0, work="logc3", cdl=str(shot / "show.ccc"), cdl_id="sh020",
        saturation=0.5, luts=(str(shot / "show.cube"),), encode="rec709",
    )  # fmt: skip
    expected = vfx.Look().decode("srgb").exposure(1.0).encode("logc3").cdl(cdl).saturation(0.5).lut(cube)
    assert look == expected.decode("logc3").encode("rec709")


def test_soft_edges_keep_their_colour_when_graded_unpremultiplied(tmp_path: Path, run: Run) -> None:
    pixels = np.array([[[0.09, 0.09, 0.09, 0.5], [0.18, 0.18, 0.18, 1.0], [0.1, 0.1, 0.1, 0.0]]], np.float32)
    vfx.write(tmp_path / "a.exr", vfx.Image(pixels))
    assert run("grade", tmp_path / "a.exr", "--to", "srgb", "--unpremult", "-o", tmp_path / "b.exr").code == 0
    soft, solid, glow = vfx.read(tmp_path / "b.exr").numpy()[0]
    np.testing.assert_allclose(soft[:3] / 0.5, solid[:3], rtol=1e-6)
    np.testing.assert_allclose(glow, [*vfx.transfer.encode(pixels[0, 2, :3], "srgb"), 0.0], rtol=1e-6)


def test_options_reach_the_writer(shot: Path, run: Run) -> None:
    done = run("grade", shot / "plates" / "sh010.####.exr", "--exposure", 1, "-o", shot / "out" / "a.####.exr",
               "--frames", "1001-1003x2", "--compression", "dwaa", "--set", "dwa_level=30", "--dtype", "f32",
               "--workers", 2, "--threads", 1, "--json")  # fmt: skip
    report = json.loads(done.out)
    assert done.code == 0 and report["done"] == [1001, 1003] and report["ok"] is True and report["pixels"] == 384
    info = vfx.probe(shot / "out" / "a.1003.exr")
    assert info.compression == "dwaa" and set(info.formats) == {"f32"}
    assert Sequence(shot / "out" / "a.####.exr").frames == (1001, 1003)


def test_a_dry_run_writes_nothing(shot: Path, run: Run) -> None:
    before = sorted(shot.rglob("*"))
    done = run(
        "grade", shot / "plates" / "sh010.####.exr", "--exposure", 1, "-o", shot / "x" / "a.####.exr", "--dry-run"
    )
    assert done.code == 0 and "would grade" in done.out and "4 frames to make" in done.out
    assert sorted(shot.rglob("*")) == before


def test_missing_frames_follow_the_option(shot: Path, run: Run) -> None:
    (shot / "plates" / "sh010.1002.exr").unlink()
    arguments = ("grade", shot / "plates" / "sh010.####.exr", "--exposure", 1, "-o", shot / "x" / "a.####.exr")
    failed = run(*arguments)
    assert failed.code == 1 and "missing frames 1002" in failed.err and not (shot / "x").exists()
    held = run(*arguments, "--on-missing", "hold")
    assert held.code == 0 and "1 missing (1002)" in held.out
    assert Sequence(shot / "x" / "a.####.exr").frames == (1001, 1002, 1003, 1004)


def test_a_damaged_frame_is_one_line_and_exit_code_1(shot: Path, run: Run) -> None:
    bad = shot / "plates" / "sh010.1003.exr"
    bad.write_bytes(bad.read_bytes()[:300])
    arguments = ("grade", shot / "plates" / "sh010.####.exr", "--exposure", 1, "-o", shot / "x" / "a.####.exr")
    failed = run(*arguments)
    assert failed.code == 1 and failed.err.count("\n") == 1
    assert failed.err.startswith("vfx: error: frame 1003: ") and str(bad) in failed.err
    skipped = run(*arguments, "--on-error", "skip", "--json")
    report = json.loads(skipped.out)
    assert skipped.code == 1 and report["failed"][0]["frame"] == 1003 and skipped.err.count("\n") == 1
    assert report["done"] + report["skipped"] and not (shot / "x" / "a.1003.exr").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--cdl", "show.ccc", "--id", "sh011"], 1, "sh010"),
        (["--cdl", "none.ccc", "--id", "sh010"], 1, "none.ccc"),
        (["--lut", "none.cube"], 1, "none.cube"),
        (["--from", "srgbb"], 1, "srgb"),
        (["--exposure", "1", "--frames", "10-x"], 1, "1001-1100"),
        (["--exposure", "1", "--compression", "zipp"], 1, "zip"),
        (["--exposure", "1", "--set", "dwa_levl=3"], 1, "dwa_level"),
        (["--exposure", "one"], 2, "'one' is not a valid float"),
        (["--exposre", "1"], 2, "--exposure"),
        (["--id", "sh010"], 2, "--cdl"),
        ([], 2, "nothing to do"),
        (["--exposure", "1", "--set", "level"], 2, "OPTION=VALUE"),
        (["--exposure", "1", "--on-missing", "hald"], 2, "hold"),
    ],
)  # fmt: skip
def test_errors_are_one_line_that_helps(
    shot: Path, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(shot)
    failed = run("grade", "plates/sh010.####.exr", *arguments, "-o", "out/sh010.####.exr")
    assert failed.code == code and failed.out == ""
    assert failed.err.startswith("vfx: error: ") and failed.err.count("\n") == 1 and message in failed.err
    assert not list(shot.glob("out/*.exr"))


def test_a_collection_without_an_id_lists_the_ids(shot: Path, run: Run) -> None:
    failed = run("grade", shot / "plates" / "sh010.####.exr", "--cdl", shot / "show.ccc", "-o", shot / "o.####.exr")
    assert failed.code == 1 and "sh010" in failed.err.split("show.ccc")[1] and "sh020" in failed.err


def test_the_source_is_never_overwritten(shot: Path, run: Run) -> None:
    failed = run("grade", shot / "plates" / "sh010.####.exr", "--exposure", 1, "-o", shot / "plates" / "sh010.%04d.exr")
    assert failed.code == 1 and "is a source file" in failed.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_stops_with_its_code_and_whole_files(
    shot: Path, program: Any, sent: int, code: int, word: str
) -> None:
    big = np.random.default_rng(1).random((700, 1200, 3), np.float32)
    vfx.write(shot / "plates" / "big.0001.exr", vfx.Image(big))
    for frame in range(2, 120):
        shutil.copy(shot / "plates" / "big.0001.exr", shot / "plates" / f"big.{frame:04d}.exr")
    process = program("grade", shot / "plates" / "big.####.exr", "--exposure", 1, "-o", shot / "out" / "b.####.exr")
    deadline = time.monotonic() + 20
    while not list(shot.glob("out/b.*.exr")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sent)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code, err
    assert err == f"vfx: {word}\n" and out == ""
    made = Sequence(shot / "out" / "b.####.exr")
    assert 0 < len(made) < 119
    assert not [path.name for path in (shot / "out").iterdir() if "tmp" in path.name]
    assert made.read(made.last).width == 1200
    assert (shot / "out" / ".vfx-batch.json").exists()


def test_a_layer_of_a_multichannel_plate_is_graded_as_colour(tmp_path: Path) -> None:
    names = ["Z", "beauty.R", "beauty.G", "beauty.B"]
    pixels = np.full((4, 6, 4), 0.25, np.float16)
    vfx.write(tmp_path / "a.0001.exr", vfx.Image(pixels, channels=names))
    source, target = str(tmp_path / "a.####.exr"), str(tmp_path / "o.####.exr")
    assert main(["grade", source, "--exposure", "1", "-o", target]) == 1
    assert main(["grade", source, "--layer", "beauty", "--exposure", "1", "-o", target]) == 0
    graded = vfx.read(tmp_path / "o.0001.exr")
    assert graded.channel_names == ("R", "G", "B") and np.all(graded.numpy() == 0.5)
    assert main(["convert", source, "--channels", "Z", str(tmp_path / "z.####.exr")]) == 0
    assert vfx.read(tmp_path / "z.0001.exr").channel_names == ("Z",)
    assert main(["convert", source, "--part", "nope", str(tmp_path / "p.####.exr")]) == 1


def test_looks_work_between_from_and_to(shot: Path, run: Run) -> None:
    vfx.Look().cdl(slope=1.2, power=1.1).write(shot / "warm.cc")
    plate, out = shot / "plates" / "sh010.1001.exr", shot / "out.exr"
    done = run("grade", plate, "--look", shot / "warm.cc", "--look", shot / "show.cube", "--from", "acescct",
               "--to", "srgb", "--dtype", "f32", "-o", out)  # fmt: skip
    assert done.code == 0
    expected = vfx.Look().decode("acescct").cdl(slope=1.2, power=1.1).lut(vfx.lut.read(shot / "show.cube"))
    np.testing.assert_array_equal(vfx.read(out).numpy(), expected.encode("srgb")(vfx.read(plate).astype("f32")).numpy())


def test_a_process_list_is_a_lut_too(shot: Path, run: Run) -> None:
    vfx.Look().exposure(1).write(shot / "up.clf")
    plate, out = shot / "plates" / "sh010.1001.exr", shot / "out.exr"
    assert run("grade", plate, "--lut", shot / "up.clf", "--dtype", "f32", "-o", out).code == 0
    expected = vfx.Look().exposure(1)(vfx.read(plate).astype("f32")).numpy()
    np.testing.assert_array_equal(vfx.read(out).numpy(), expected)


def test_colour_spaces_are_converted_first(shot: Path, run: Run) -> None:
    plate, out = shot / "plates" / "sh010.1001.exr", shot / "out.exr"
    done = run("grade", plate, "--convert", "ARRI LogC4", "ACEScg", "--exposure", 1, "--dtype", "f32", "-o", out)
    assert done.code == 0
    expected = vfx.Look().convert("ARRI LogC4", "ACEScg").exposure(1)(vfx.read(plate).astype("f32"))
    np.testing.assert_array_equal(vfx.read(out).numpy(), expected.numpy())
    wrong = run("grade", plate, "--convert", "ARRI LogC5", "ACEScg", "-o", out)
    assert wrong.code == 1 and "ARRI LogC4" in wrong.err


def test_a_cdl_comes_out_of_an_edit_by_event_reel_or_clip(shot: Path, run: Run) -> None:
    (shot / "cut.edl").write_text(
        "TITLE: cut\nFCM: NON-DROP FRAME\n"
        "001  A001 V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: sh010\n"
        "* ASC_SOP (1.1 1.0 0.9)(0.0 0.0 0.0)(1.0 1.0 1.0)\n* ASC_SAT 0.8\n",
        encoding="utf-8",
    )
    plate, out = shot / "plates" / "sh010.1001.exr", shot / "out.exr"
    expected = vfx.Look().cdl([1.1, 1.0, 0.9], saturation=0.8)(vfx.read(plate)).numpy()
    for by, name in (("event", "001"), ("reel", "A001"), ("clip", "sh010")):
        done = run("grade", plate, "--cdl", shot / "cut.edl", "--by", by, "--id", name, "--no-resume", "-o", out)
        assert (done.code, done.err) == (0, "")
        np.testing.assert_array_equal(vfx.read(out).numpy(), expected)
    assert run("grade", plate, "--cdl", shot / "cut.edl", "--by", "clip", "--id", "sh020", "-o", out).code == 1
