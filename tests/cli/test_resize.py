"""``vfx resize``: sizes, filters, sequences, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx import ops

Run = Callable[..., Any]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A picture of 40x30."""
    pixels = np.random.default_rng(1).random((30, 40, 4)).astype(np.float32)
    vfx.write(tmp_path / "plate.exr", vfx.Image(pixels))
    return tmp_path / "plate.exr"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--scale", "0.5"), lambda img: ops.resize(img, scale=0.5)),
        (("--width", "80"), lambda img: ops.resize(img, 80)),
        (("--height", "15", "--width", "9"), lambda img: ops.resize(img, 9, 15)),
        (("--size", "20x20", "--filter", "keys"), lambda img: ops.resize(img, 20, 20, filter="catmull-rom")),
        (("--size", "20x20", "--mode", "fit", "--pixel-aspect", "2"), lambda img: ops.fit(img, 20, 20, pixel_aspect=2)),
        (("--size", "20x20", "--mode", "fill", "--edge", "black"), lambda img: ops.fill(img, 20, 20, edge="black")),
    ],
)
def test_it_does_what_the_operation_does(
    plate: Path, run: Run, arguments: tuple[str, ...], expected: Callable[[vfx.Image], vfx.Image]
) -> None:
    done = run("resize", plate, plate.parent / "out.exr", *arguments)
    assert done.code == 0 and done.out.startswith("resized"), done.err
    found, wanted = vfx.read(plate.parent / "out.exr"), expected(vfx.read(plate))
    assert np.array_equal(found.numpy(), wanted.numpy()) and found.pixel_aspect == wanted.pixel_aspect


def test_a_sequence_goes_on_where_it_was(shot: Path, run: Run) -> None:
    arguments = ("resize", shot / "plates" / "sh010.####.exr", shot / "half" / "sh010.####.exr", "--scale", "0.5")
    assert "4 frames in" in run(*arguments).out
    assert "4 already done" in run(*arguments).out
    assert "4 frames in" in run(*arguments, "--filter", "box").out
    assert len(list((shot / "half").glob("*.exr"))) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give one of --size, --width/--height and --scale, got none"),
        (("--scale", "2", "--width", "5"), "got --width or --height and --scale"),
        (("--scale", "2", "--mode", "fit"), "--mode fit needs --size"),
        (("--size", "20x20", "--pixel-aspect", "2"), "--pixel-aspect needs --mode fit or fill"),
        (("--size", "20"), "a size is WIDTHxHEIGHT"),
        (("--size", "0x20"), "a size is WIDTHxHEIGHT"),
        (("--scale", "2", "--filter", "lancsoz3"), "did you mean 'lanczos3'"),
    ],
)
def test_wrong_usage_is_told(plate: Path, run: Run, arguments: tuple[str, ...], message: str) -> None:
    done = run("resize", plate, plate.parent / "out.exr", *arguments)
    assert done.code == 2 and message in done.err and not (plate.parent / "out.exr").exists()


def test_a_scale_that_cannot_be_is_one_line(plate: Path, run: Run) -> None:
    done = run("resize", plate, plate.parent / "out.exr", "--scale", "-1")
    assert done.code == 1 and "scale must be above 0" in done.err and done.err.count("\n") == 1
