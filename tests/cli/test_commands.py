"""The other commands, and what they all have in common."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.cli import main
from vfx.cli._app import COMMANDS

Run = Callable[..., Any]

# ------------------------------------------------------------------ common


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    shown = run(command, "--help")
    assert shown.code == 0 and shown.out.startswith(f"Usage: vfx {command}") and shown.err == ""


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"vfx {vfx.__version__}\n"
    shown = run("--help")
    assert shown.code == 0 and all(command in shown.out for command in COMMANDS)


def test_an_unknown_command_suggests_the_near_one(run: Run) -> None:
    failed = run("grde")
    assert (
        failed.code == 2
        and failed.err == "vfx: error: no such command 'grde'; did you mean 'grade'? (see vfx --help)\n"
    )
    assert "there are comp, convert, " in run("xyzzy").err


def test_an_error_nobody_foresaw_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("vfx.cli.doctor._facts", broken)
    failed = run("doctor")
    assert failed.code == 1 and failed.err == "vfx: error: ZeroDivisionError: a b (VFX_TRACEBACK=1 shows where)\n"
    monkeypatch.setenv("VFX_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["doctor"])


def test_a_closed_pipe_is_no_error(shot: Path, program: Any) -> None:
    process = program("info", *[shot / "plates" / "sh010.1001.exr"] * 400)
    process.stdout.close()
    assert process.wait(timeout=30) in (0, 1)
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_the_command_line_is_loaded_only_when_used() -> None:
    code = "import sys, vfx.cli; print([m for m in ('click', 'rich', 'numpy') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=vfx.__path__[0] + "/.."
    )
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------ info


def test_info_says_what_the_header_holds(shot: Path, run: Run) -> None:
    shown = run("info", shot / "plates" / "sh010.1002.exr")
    assert shown.code == 0
    for word in ("16 x 12", "exr", "B G R", "f16", "compression", "01:00:00:01"):
        assert word in shown.out


def test_info_of_a_sequence_lists_its_gaps(shot: Path, run: Run) -> None:
    (shot / "plates" / "sh010.1003.exr").unlink()
    shown = run("info", shot / "plates" / "sh010.####.exr")
    assert "1001-1002,1004 (3, missing 1003)" in shown.out
    facts = json.loads(run("info", shot / "plates" / "sh010.%04d.exr", "--json").out)[0]
    assert facts["sequence"] == {
        "frames": "1001-1002,1004", "count": 3, "missing": "1003", "views": [], "problems": []}  # fmt: skip
    assert facts["parts"][0]["metadata"]["timecode"] == "01:00:00:00"


def test_info_of_nothing_is_an_error(shot: Path, run: Run) -> None:
    failed = run("info", shot / "none.exr")
    assert failed.code == 1 and "none.exr" in failed.err and failed.err.count("\n") == 1
    failed = run("info", shot / "plates" / "none.####.exr")
    assert failed.code == 1 and "sh010.####.exr" in failed.err
    assert run("info").code == 2


@pytest.mark.each_shared_file("exr/*.exr", "dpx/*.dpx", "png/*.png", "tiff/*.tif")
def test_info_reads_the_headers_of_other_tools(shared_case: Path, run: Run) -> None:
    shown = run("info", shared_case, "--json")
    if shown.code == 1:  # bombs and kinds that are refused: one line with the path
        assert shown.err.count("\n") == 1 and str(shared_case) in shown.err
    else:
        assert json.loads(shown.out)[0]["parts"]


# ------------------------------------------------------------------ convert


def test_convert_changes_files_and_keeps_pixels(shot: Path, run: Run) -> None:
    done = run("convert", shot / "plates" / "sh010.####.exr", shot / "dpx" / "sh010.####.dpx", "--bit-depth", 16)
    assert done.code == 0 and "converted" in done.out
    plate, result = (
        vfx.read(shot / path).astype("f32").numpy() for path in ("plates/sh010.1001.exr", "dpx/sh010.1001.dpx")
    )
    assert np.abs(np.clip(plate, 0, 1) - result).max() <= 0.5 / 65535 + 1e-7
    done = run(
        "convert", shot / "plates" / "sh010.1001.exr", shot / "a.png", "--bit-depth", 8, "--compression", 9, "--json"
    )
    assert done.code == 0 and json.loads(done.out)["done"] == [None]
    assert vfx.read(shot / "a.png").format == "u8"


def test_convert_keeps_the_pixel_format_where_the_other_file_has_it(tmp_path: Path, run: Run) -> None:
    vfx.write(tmp_path / "a.tif", vfx.Image(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)))
    assert run("convert", tmp_path / "a.tif", tmp_path / "a.png").code == 0
    found = vfx.read(tmp_path / "a.png").numpy()
    assert found.dtype == np.uint8 and np.array_equal(found, vfx.read(tmp_path / "a.tif").numpy())


def test_convert_to_an_unknown_format_is_an_error(shot: Path, run: Run) -> None:
    failed = run("convert", shot / "plates" / "sh010.1001.exr", shot / "a.xyz")
    assert failed.code == 1 and "a.xyz" in failed.err and failed.err.count("\n") == 1


# ------------------------------------------------------------------ diff


def test_diff_passes_below_its_threshold(shot: Path, run: Run) -> None:
    a, b = shot / "plates" / "sh010.1001.exr", shot / "plates" / "sh010.1002.exr"
    assert run("diff", a, a).code == 0
    differ = run("diff", a, b)
    assert differ.code == 1 and "FAIL" in differ.out and differ.err == ""
    assert run("diff", a, b, "--threshold", 0.01).code == 0
    facts = json.loads(run("diff", a, b, "--json").out)
    pair = facts["pairs"][0]
    assert facts["passed"] is False and 150 < pair["failing"] <= pair["pixels"] == 192 and 0 < pair["max"] < 0.001


def test_diff_compares_sequences_frame_by_frame(shot: Path, run: Run) -> None:
    pattern = shot / "plates" / "sh010.####.exr"
    assert len(json.loads(run("diff", pattern, pattern, "--json").out)["pairs"]) == 4
    (shot / "plates" / "other.1001.exr").write_bytes((shot / "plates" / "sh010.1001.exr").read_bytes())
    failed = run("diff", pattern, shot / "plates" / "other.####.exr")
    assert failed.code == 1 and "1002-1004" in failed.err
    assert run("diff", pattern, shot / "plates" / "other.####.exr", "--frames", 1001).code == 0
    nowhere = run("diff", pattern, shot / "plates" / "other.####.exr", "--frames", 7)
    assert nowhere.code == 1 and "neither" in nowhere.err and "has the frames 7" in nowhere.err
    still = run("diff", pattern, shot / "plates" / "other.1001.exr")
    assert still.code == 1 and "other.1001.exr is a single file" in still.err


def test_diff_lets_pass_what_is_relatively_small(tmp_path: Path, run: Run) -> None:
    vfx.write(tmp_path / "a.exr", vfx.Image(np.full((4, 4, 3), 100.0, np.float32)))
    vfx.write(tmp_path / "b.exr", vfx.Image(np.full((4, 4, 3), 101.0, np.float32)))
    assert run("diff", tmp_path / "a.exr", tmp_path / "b.exr", "--relative", 0.005).code == 1
    assert run("diff", tmp_path / "a.exr", tmp_path / "b.exr", "--relative", 0.02).code == 0


def test_diff_takes_data_windows_that_differ_and_refuses_unlike_pictures(tmp_path: Path, run: Run) -> None:
    frame = (0, 0, 7, 3)
    pixels = np.zeros((4, 8, 3), np.float32)
    pixels[1, 2] = 0.5
    part = vfx.Image(pixels[1:2, 2:3], data_window=(2, 1, 2, 1), display_window=frame)
    vfx.write(tmp_path / "part.exr", part)
    vfx.write(tmp_path / "whole.exr", vfx.Image(pixels))
    vfx.write(tmp_path / "small.exr", vfx.Image(pixels[:3]))
    vfx.write(tmp_path / "alpha.exr", vfx.Image(pixels).shuffle("A=1"))
    assert run("diff", tmp_path / "part.exr", tmp_path / "whole.exr").code == 0
    size = run("diff", tmp_path / "whole.exr", tmp_path / "small.exr")
    assert size.code == 1 and "sizes differ: 8 x 4 and 8 x 3" in size.err
    names = run("diff", tmp_path / "whole.exr", tmp_path / "alpha.exr")
    assert names.code == 1 and "channels differ: R, G, B and" in names.err


# ------------------------------------------------------------------ lut


def test_lut_info_convert_and_apply(shot: Path, run: Run) -> None:
    shown = run("lut", "info", shot / "show.cube")
    assert shown.code == 0 and "5 x 5 x 5" in shown.out and "(0, 0, 0) to (1, 1, 1)" in shown.out
    assert json.loads(run("lut", "info", shot / "show.cube", "--json").out)["tables"][0]["identity"] is False
    assert run("lut", "convert", shot / "show.cube", shot / "show.spi3d").code == 0
    assert np.allclose(vfx.lut.read(shot / "show.spi3d").table, vfx.lut.read(shot / "show.cube").table, atol=1e-6)
    assert run("lut", "convert", shot / "show.cube", shot / "big.cube", "--size", 9).code == 0
    assert vfx.lut.read(shot / "big.cube").size == 9
    done = run("lut", "apply", shot / "show.cube", shot / "plates" / "sh010.1001.exr", shot / "a.exr")
    expected = vfx.Look().lut(vfx.lut.read(shot / "show.cube"))(vfx.read(shot / "plates" / "sh010.1001.exr"))
    assert done.code == 0 and np.array_equal(vfx.read(shot / "a.exr").numpy(), expected.numpy())


def test_lut_info_and_apply_take_collections_of_cdls(shot: Path, run: Run) -> None:
    grades = {"warm": vfx.color.CDL(slope=2), "cold": vfx.color.CDL(slope=0.5)}
    vfx.color.write_cdl(shot / "two.ccc", [replace(cdl, id=name) for name, cdl in grades.items()])
    shown = run("lut", "info", shot / "two.ccc")
    assert shown.code == 0 and "CDL 'warm': cdl(" in shown.out and "'cold'" in shown.out
    plate = shot / "plates" / "sh010.1001.exr"
    assert "pick one with id" in run("lut", "apply", shot / "two.ccc", plate, shot / "c.exr").err
    assert run("lut", "apply", shot / "two.ccc", plate, shot / "c.exr", "--id", "cold").code == 0
    colours = vfx.read(plate).numpy()[..., :3]
    np.testing.assert_allclose(vfx.read(shot / "c.exr").numpy()[..., :3], colours / 2, rtol=1e-3)


def test_lut_bake_says_how_far_it_is_off(shot: Path, run: Run) -> None:
    done = run("lut", "bake", shot / "scene.cube", "--exposure", 1, "--to", "srgb", "--shaper", "auto", "--size", 17)
    assert done.code == 0 and "off by" in done.out and "over -0.00691688 to 222.861" in done.out
    look = vfx.Look().exposure(1).encode("srgb")
    error = look.bake_error(vfx.lut.read(shot / "scene.cube"))
    fact = json.loads(
        run("lut", "bake", shot / "scene.cube", "--exposure", 1, "--to", "srgb", "--shaper", "auto", "--size", 17,
            "--domain", 0, 16, "--json").out
    )  # fmt: skip
    assert fact["domain"] == [0, 16] and 0 < fact["max_error"] < error.max_error
    assert run("lut", "bake", shot / "none.cube").code == 2 and not (shot / "none.cube").exists()
    failed = run("lut", "bake", shot / "none.cube", "--to", "srgb", "--tolerance", 0)
    assert failed.code == 1 and "tolerance" in failed.err and not (shot / "none.cube").exists()


def test_lut_compare_tells_files_apart(shot: Path, run: Run) -> None:
    run("lut", "convert", shot / "show.cube", shot / "show.spi3d")
    same = run("lut", "compare", shot / "show.cube", shot / "show.spi3d")
    assert same.code == 0 and "off by" in same.out
    vfx.lut.write(shot / "other.cube", vfx.Look().exposure(1).bake(5))
    other = run("lut", "compare", shot / "show.cube", shot / "other.cube", "--json")
    assert other.code == 1 and json.loads(other.out)["same"] is False
    assert run("lut", "compare", shot / "show.cube", shot / "other.cube", "--threshold", 10).code == 0
    assert run("lut", "compare", shot / "show.cube", shot / "missing.cube").code == 1


def test_lut_convert_says_what_a_cube_loses(shot: Path, run: Run) -> None:
    vfx.Look().cdl(power=1.7, saturation=1.2).write(shot / "a.cc")
    done = run("lut", "convert", shot / "a.cc", shot / "a.cube")
    assert done.code == 0 and "off by" in done.out and vfx.lut.read(shot / "a.cube").size == 33
    exact = run("lut", "convert", shot / "a.cc", shot / "a.cdl")
    assert exact.code == 0 and "off by" not in exact.out


def test_lut_apply_can_be_turned_round(shot: Path, run: Run) -> None:
    vfx.Look().cdl(slope=2).write(shot / "a.cc")
    plate = shot / "plates" / "sh010.1001.exr"
    assert run("lut", "apply", shot / "a.cc", plate, shot / "b.exr", "--inverse").code == 0
    np.testing.assert_allclose(
        vfx.read(shot / "b.exr").numpy()[..., :3], vfx.read(plate).numpy()[..., :3] / 2, rtol=1e-3
    )


def test_lut_errors_name_the_file(shot: Path, run: Run) -> None:
    (shot / "bad.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n")
    failed = run("lut", "info", shot / "bad.cube")
    assert failed.code == 1 and "bad.cube" in failed.err and failed.err.count("\n") == 1
    assert run("lut", "convert", shot / "show.cube", shot / "show.xyz").code == 1
    assert run("lut").code == 2


# ------------------------------------------------------------------ doctor


def test_doctor_reports_this_installation(run: Run) -> None:
    shown = run("doctor")
    assert shown.code == 0
    for word in (
        vfx.__version__,
        vfx.detect_simd().level,
        "threads",
        "backend     cpu",
        'pip install "vfx[',
        "all is well",
    ):
        assert word in shown.out
    facts = json.loads(run("doctor", "--json").out)
    assert facts["healthy"] is True and facts["threads"]["used"] == vfx.get_threads()
    assert facts["extras"]["ocio"]["installed"] is True


def test_doctor_knows_every_extra_of_the_package() -> None:
    import tomllib

    from vfx.cli.doctor import EXTRAS

    project = tomllib.loads((Path(vfx.__path__[0]).parent / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    assert set(EXTRAS) == set(optional) - {"all", "test", "docs", "bench"}
    for extra, modules in EXTRAS.items():
        named = {requirement.split(">")[0].split("[")[0].strip().lower() for requirement in optional[extra]}
        assert set(modules) <= named, extra


# ------------------------------------------------------------------ demo


def test_the_demo_leaves_a_graded_shot(tmp_path: Path, run: Run) -> None:
    done = run("demo", "-o", tmp_path / "d", "--frames", 2, "--size", "96x54")
    assert done.code == 0 and "fps" in done.out and "contact_sheet.png" in done.out and done.err == ""
    folder = tmp_path / "d"
    plate = vfx.read(folder / "plates" / "sh010.1002.exr")
    assert plate.format == "f16" and str(plate.metadata["timecode"]) == "01:00:00:01"
    assert plate.numpy().astype(np.float32).max() > 8 and np.isfinite(plate.numpy().astype(np.float32)).all()
    scan = vfx.probe(folder / "scan" / "sh010.1002.dpx")
    assert scan.formats[0] == "u10" and str(scan.metadata["timecode"]) == "01:00:00:01"
    ball = vfx.read(folder / "elements" / "sh010_ball.1002.exr").numpy().astype(np.float32)
    assert ball[..., 3].min() == 0 and ball[..., 3].max() == 1 and ((ball[..., 3] > 0.1) & (ball[..., 3] < 0.9)).any()
    graded = {name: vfx.read(folder / "graded" / name / "sh010.1002.exr") for name in ("exr", "dpx")}
    assert all(str(image.metadata["timecode"]) == "01:00:00:01" for image in graded.values())
    before, after = (vfx.read(folder / "stills" / f"{name}.1002.png").numpy() for name in ("before", "after"))
    assert before.shape == after.shape == (54, 96, 3) and before.dtype == np.uint8
    assert 40 < before.mean() < 200 and np.abs(before.astype(int) - after).mean() > 4
    from_scan = vfx.read(folder / "stills" / "after_dpx.1002.png").numpy()
    assert np.abs(from_scan.astype(int) - after).mean() < 4
    assert vfx.read(folder / "contact_sheet.png").width > 96


def test_the_demo_gives_the_same_bytes_every_time(tmp_path: Path, run: Run) -> None:
    for name in ("a", "b"):
        assert run("demo", "-o", tmp_path / name, "--frames", 1, "--size", "64x36", "--json").code == 0
    for file in ("plates/sh010.1001.exr", "scan/sh010.1001.dpx", "graded/exr/sh010.1001.exr", "contact_sheet.png"):
        left, right = (vfx.read(tmp_path / name / file).numpy() for name in ("a", "b"))
        assert np.array_equal(left, right), file


@pytest.mark.parametrize("size", ["960", "axb", "8x8", "960x540x3", "9999999x2"])
def test_the_demo_refuses_bad_sizes(run: Run, size: str) -> None:
    failed = run("demo", "--size", size)
    assert failed.code == 2 and "WIDTHxHEIGHT" in failed.err


@pytest.mark.parametrize("group", [[], ["lut"]])
def test_a_bare_group_prints_its_help_as_pages_of_text(group, capsys):
    assert main(group) == 2
    out, err = capsys.readouterr()
    assert "Commands:\n" in out and err == ""
