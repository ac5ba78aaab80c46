"""``vfx comp``: layers, masks, sequences, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx import Image, ops

Run = Callable[..., Any]


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """``a b c`` of 6x4 RGBA with windows of their own, a matte ``m``, and three frames of ``s``."""
    rng = np.random.default_rng(3)
    for index, name in enumerate("abc"):
        window = (index, 0, index + 5, 3)
        image = Image(rng.random((4, 6, 4)).astype(np.float32), data_window=window, display_window=(0, 0, 7, 3))
        vfx.write(tmp_path / f"{name}.exr", image)
    vfx.write(tmp_path / "m.exr", Image(rng.random((4, 8)).astype(np.float32)))
    for frame in (1, 2, 3):
        vfx.write(tmp_path / f"s.{frame:04d}.exr", Image(np.full((4, 8, 4), frame / 4, np.float32)))
    return tmp_path


def read(folder: Path, *names: str) -> list[Image]:
    return [vfx.read(folder / f"{name}.exr") for name in names]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), lambda a, b, c, m: ops.over(a, ops.over(b, c))),
        (("--operation", "color-dodge", "--alpha-masking"),
         lambda a, b, c, m: ops.merge([a, b, c], operation="color_dodge", alpha_masking=True)),
        (("--mask", "m.exr", "--mix", "0.5", "--channels", "R,G"),
         lambda a, b, c, m: ops.merge([a, b, c], mask=m, mix=0.5, channels=["R", "G"])),
        (("--operation", "Color_Dodge"), lambda a, b, c, m: ops.merge([a, b, c], operation="color_dodge")),
        (("--blend", "soft-light", "--opacity", "0.4", "--mask", "m.exr"),
         lambda a, b, c, m: ops.blend(a, ops.blend(b, c, "soft_light", 0.4, mask=m), "soft_light", 0.4, mask=m)),
        (("--premultiply",), lambda a, b, c, m: ops.merge([a.premultiply(), b.premultiply(), c])),
    ],
)  # fmt: skip
def test_it_does_what_the_operation_does(
    layers: Path, run: Run, arguments: tuple[str, ...], expected: Callable[..., Image]
) -> None:
    arguments = tuple(str(layers / part) if part == "m.exr" else part for part in arguments)
    stack = [layers / f"{name}.exr" for name in "abc"]
    done = run("comp", *stack, "-o", layers / "out.exr", *arguments)
    assert done.code == 0 and done.out.startswith("composited"), done.err
    found, wanted = vfx.read(layers / "out.exr"), expected(*read(layers, "a", "b", "c", "m"))
    assert (found.data_window, found.display_window) == ((0, 0, 7, 3), (0, 0, 7, 3))
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=0, atol=2e-6)


@pytest.mark.parametrize("order", [("a.exr", "s.####.exr"), ("s.####.exr", "a.exr")])
def test_a_still_stays_under_or_over_every_frame(layers: Path, run: Run, order: tuple[str, str]) -> None:
    done = run("comp", *(layers / name for name in order), "-o", layers / "out" / "o.####.exr")
    assert done.code == 0 and "3 frames in" in done.out, done.err
    still = vfx.read(layers / "a.exr")
    for frame in (1, 2, 3):
        moving = vfx.read(layers / f"s.{frame:04d}.exr")
        wanted = ops.over(still, moving) if order[0] == "a.exr" else ops.over(moving, still)
        found = vfx.read(layers / "out" / f"o.{frame:04d}.exr")
        assert np.array_equal(found.to_display_window().numpy(), wanted.to_display_window().numpy())
    again = run("comp", *(layers / name for name in order), "-o", layers / "out" / "o.####.exr")
    assert "3 already done" in again.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.exr",), "at least two layers, the top first"),
        (("a.exr", "b.exr", "--operation", "over", "--blend", "screen"), "give --operation or --blend"),
        (("a.exr", "b.exr", "--blend", "screen", "--channels", "R"), "--channels goes with --operation"),
        (("a.exr", "b.exr", "--opacity", "0.5"), "--opacity goes with --blend"),
        (("a.exr", "b.exr", "--alpha-masking"), "--alpha-masking goes with --operation average, color-burn"),
        (("a.exr", "b.exr", "--operation", "ovr"), "'ovr' is not one of"),
        (("a.exr", "b.exr", "--blend", "colour-burn"), "did you mean 'color-burn'"),
    ],
)
def test_wrong_usage_is_told(layers: Path, run: Run, arguments: tuple[str, ...], message: str) -> None:
    places = [str(layers / part) if part.endswith(".exr") else part for part in arguments]
    done = run("comp", *places, "-o", layers / "out.exr")
    assert done.code == 2 and message in done.err and not (layers / "out.exr").exists()


def test_a_missing_layer_is_one_line(layers: Path, run: Run) -> None:
    done = run("comp", layers / "a.exr", layers / "nowhere.exr", "-o", layers / "out.exr")
    assert done.code == 1 and "nowhere.exr" in done.err and done.err.count("\n") == 1
