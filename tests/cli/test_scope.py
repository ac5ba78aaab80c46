"""``vfx scope``: which scope is drawn of what, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx import ops
from vfx.io.sequence import Sequence

Run = Callable[..., Any]
PLATE = "plates/sh010.1001.exr"


@pytest.fixture(autouse=True)
def _there(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shot)


def plate() -> vfx.Image:
    """The first frame."""
    return vfx.read(PLATE)


def seen(curve: str) -> vfx.Image:
    """The first frame encoded, as the command does it."""
    encoded = plate().astype("f32").encode(curve)
    encoded.colorspace = curve
    return encoded


def marks(curve: str) -> dict[str, float]:
    """The mark of middle grey."""
    return {"18 %": float(vfx.transfer.encode(0.18, curve))}


EXPECTED: dict[str, Callable[[], vfx.Image]] = {
    "waveform": lambda: ops.waveform(seen("srgb"), marks=marks("srgb")),
    "luma": lambda: ops.waveform(seen("srgb"), mode="luma", marks=marks("srgb")),
    "parade": lambda: ops.parade(seen("srgb"), marks=marks("srgb")),
    "histogram": lambda: ops.histogram_picture(seen("srgb"), marks=marks("srgb")),
    "vectorscope": lambda: ops.vectorscope(seen("srgb")),
    "stops": lambda: ops.false_colour(plate(), legend=True),
    "zones": lambda: ops.false_colour(seen("srgb"), "zones", legend=True),
}


def test_every_kind_is_tested() -> None:
    from vfx.cli.scope import KINDS

    assert sorted(KINDS) == sorted(EXPECTED)


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_kind_is_its_operation_on_the_encoded_picture(run: Run, kind: str) -> None:
    assert run("scope", PLATE, "--kind", kind, "-o", "out.png").code == 0
    assert np.array_equal(vfx.read("out.png").numpy(), EXPECTED[kind]().numpy())


def test_the_view_the_size_and_the_limits_are_options(run: Run) -> None:
    done = run("scope", PLATE, "--view", "logc3", "--size", "320x200", "--limits", 0, 0.5, "-o", "out.png")
    assert done.code == 0 and "1 frame" in done.out
    expected = ops.waveform(seen("logc3"), marks=marks("logc3"), size=(320, 200), limits=(0, 0.5))
    assert np.array_equal(vfx.read("out.png").numpy(), expected.numpy())
    assert run("scope", PLATE, "--view", "none", "--size", "320x200", "-o", "out.png").code == 0
    assert np.array_equal(vfx.read("out.png").numpy(), ops.waveform(plate(), size=(320, 200)).numpy())


def test_integers_are_seen_as_they_are(run: Run) -> None:
    vfx.write("codes.png", vfx.Image(np.full((9, 16, 3), 128, np.uint8)))
    assert run("scope", "codes.png", "-o", "out.png").code == 0
    assert np.array_equal(vfx.read("out.png").numpy(), ops.waveform(vfx.read("codes.png")).numpy())


def test_a_sequence_gets_a_scope_a_frame_and_goes_on_where_it_was(run: Run) -> None:
    arguments = ("scope", "plates/sh010.####.exr", "--kind", "parade", "--size", "200x120", "-o", "s/a.####.png")
    assert json.loads(run(*arguments, "--json").out)["done"] == [1001, 1002, 1003, 1004]
    assert Sequence("s/a.####.png").frames == (1001, 1002, 1003, 1004)
    assert "4 already done" in run(*arguments).out
    assert "already" not in run(*arguments, "--view", "none").out


def test_a_difference_is_taken_frame_by_frame(run: Run) -> None:
    done = run("scope", "plates/sh010.####.exr", "--against", PLATE, "--max", 0.01, "-o", "d.####.png")
    assert done.code == 0
    for frame in (1001, 1003):
        other = vfx.read(f"plates/sh010.{frame}.exr")
        expected = ops.difference_map(other, plate(), maximum=0.01, legend=True)
        assert np.array_equal(vfx.read(f"d.{frame}.png").numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--kind", "wave"), 2, "waveform"),
        (("--kind", "luma", "--against", PLATE), 2, "exclude each other"),
        (("--max", "1"), 2, "--max needs --against"),
        (("--size", "200"), 2, "WIDTHxHEIGHT"),
        (("--size", "10x10"), 2, "from 64x64 to 8192x8192"),
        (("--size", "9999999x64"), 2, "from 64x64 to 8192x8192"),
        (("--kind", "stops", "--limits", "0", "1"), 2, "--limits does not go with --kind stops"),
        (("--kind", "vectorscope", "--limits", "0", "1"), 2, "--limits does not go with --kind vectorscope"),
        (("--against", PLATE, "--size", "640x360"), 2, "--size does not go with --against"),
        (("--view", "srgbb"), 2, "did you mean 'srgb'"),
        (("--limits", "1", "0"), 1, "must ascend"),
        (("--channels", "R", "--kind", "parade"), 1, "needs R, G and B"),
    ],
)
def test_errors_are_one_line_that_helps(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    failed = run("scope", PLATE, *arguments, "-o", "out.png")
    assert failed.code == code and failed.err.startswith("vfx: error: ") and message in failed.err
    assert failed.err.count("\n") == 1 and not Path("out.png").exists()
