"""``vfx sheet``: which pictures lie on it, how they are seen, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx

Run = Callable[..., Any]
PLATES = "plates/sh010.####.exr"


@pytest.fixture(autouse=True)
def _there(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shot)


def flat(name: str, value: float, fmt: str = "f16") -> None:
    """A file of one value, 32 x 18."""
    vfx.write(name, vfx.Image(np.full((18, 32, 3), value, np.float32)).astype(fmt))


def test_a_sequence_and_files_lie_on_one_sheet(run: Run) -> None:
    flat("grey.exr", 0.18)
    done = run("sheet", PLATES, "grey.exr", "--tile", "32x24", "--columns", 5, "--json", "-o", "new/sheet.png")
    assert done.code == 0
    said = json.loads(done.out)
    assert (said["pictures"], said["path"]) == (5, "new/sheet.png")
    sheet = vfx.read("new/sheet.png")
    assert (sheet.width, sheet.height, sheet.format) == (said["width"], said["height"], "u8")


def test_scene_light_is_scaled_and_then_encoded(run: Run) -> None:
    pixels = np.zeros((18, 32, 3), np.float32)
    pixels[:, ::2] = 1.0  # scaled to half its width, each pixel is half light
    vfx.write("lines.exr", vfx.Image(pixels))
    assert run("sheet", "lines.exr", "--tile", "16x9", "--labels", "none", "-o", "sheet.png").code == 0
    middle = vfx.read("sheet.png").numpy()[6, 10].astype(int)
    assert np.abs(middle - 255 * float(vfx.transfer.encode(0.5, "srgb"))).max() <= 3


def test_integers_are_shown_as_they_are_and_none_leaves_light_alone(run: Run) -> None:
    flat("codes.png", 0.5, "u8")
    flat("light.exr", 4.0)
    assert run("sheet", "codes.png", "--tile", "32x18", "--labels", "none", "-o", "a.png").code == 0
    assert (vfx.read("a.png").numpy()[10, 10] == 128).all()
    assert run("sheet", "light.exr", "--view", "none", "--tile", "32x18", "--labels", "none", "-o", "a.exr").code == 0
    sheet = vfx.read("a.exr")
    assert sheet.format == "f16" and (sheet.numpy()[10, 10] == 4.0).all()


def test_frames_are_picked(run: Run) -> None:
    sizes = {}
    for arguments in (("--frames", "1002-1003"), ("--every", "3"), ()):
        done = run("sheet", PLATES, *arguments, "--tile", "32x24", "--json", "-o", "a.png")
        sizes[arguments] = json.loads(done.out)["pictures"]
    assert list(sizes.values()) == [2, 2, 4]


def test_labels_are_names_frames_or_nothing(run: Run) -> None:
    heights, pictures = {}, {}
    for labels in ("name", "frame", "none"):
        done = run("sheet", PLATES, "--labels", labels, "--tile", "80x60", "--json", "-o", f"{labels}.png")
        heights[labels] = json.loads(done.out)["height"]
        pictures[labels] = vfx.read(f"{labels}.png").numpy()
    assert heights["name"] == heights["frame"] > heights["none"]
    assert not np.array_equal(pictures["name"], pictures["frame"])


def test_bars_around_a_picture_are_the_sheets_ground(run: Run) -> None:
    flat("wide.exr", 1.0)
    assert run("sheet", "wide.exr", "--tile", "32x32", "--labels", "none", "-o", "a.png").code == 0
    sheet = vfx.read("a.png").numpy()
    assert (sheet[18, 10] == 255).all() and (sheet[4, 10] == sheet[0, 0]).all() and 10 < sheet[0, 0, 0] < 40


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none.exr",), 1, "none.exr"),
        (("none.####.exr",), 1, "none"),
        ((PLATES, "--tile", "4"), 2, "WIDTHxHEIGHT"),
        ((PLATES, "--view", "srgbb"), 2, "did you mean 'srgb'"),
        ((PLATES, "--tile", "100000x100000"), 2, "from 8x8 to 8192x8192"),
        ((PLATES, "-o", "out.####.png"), 1, "the output must be one file, got out.####.png"),
        ((PLATES, "--columns", "0"), 2, "--columns"),
        ((PLATES, "--title", "Köln"), 1, "the font has no 'ö'"),
        ((PLATES, "--font", "none.ttf"), 1, "no font file 'none.ttf'"),
        (("plates/sh010.1001.exr", "-o", "plates/sh010.1001.exr"), 1, "is a source file"),
        (("-o", "a.png"), 2, "SOURCES"),
    ],
)
def test_errors_are_one_line_that_helps(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    failed = run("sheet", *(arguments if "-o" in arguments else (*arguments, "-o", "out.png")))
    assert failed.code == code and failed.err.startswith("vfx: error: ") and message in failed.err
    assert failed.err.count("\n") == 1 and not Path("out.png").exists()


def test_what_cannot_be_shown_is_told_with_its_file(run: Run) -> None:
    flat("grey.exr", 0.18)
    vfx.write("ids.exr", vfx.Image(np.ones((4, 4), np.uint32), channels=["id"]))
    failed = run("sheet", "grey.exr", "ids.exr", "-o", "out.png")
    assert failed.code == 1 and failed.err.startswith("vfx: error: ids.exr: img holds unsigned 32-bit data")
