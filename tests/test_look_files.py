"""Looks through files of every format: what they hold exactly, what is baked, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.look import Look
from vfx.lut import WRITTEN_EXTENSIONS, HalfLut1D, Lut1D, Lut3D, LutChain, ProcessList, read_clf

# Files of integers, and how far a code of theirs is apart.
CODES = {".3dl": 1 / 4095, ".1dl": 1 / 65535}
CURVES_ONLY = (".spi1d", ".1dl")
MATRICES = (".spimtx", ".mtx")
EXACT = (".clf", ".ctf")


def picture() -> np.ndarray[Any, Any]:
    """Colours of [0, 1] and its ends, (7, 11, 3) float32."""
    colours = np.random.default_rng(3).random((7, 11, 3)).astype(np.float32)
    colours[0, :2] = [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    return colours


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN_EXTENSIONS if kind not in CURVES_ONLY + MATRICES])
def test_any_look_goes_through_a_file_that_holds_cubes(kind: str, tmp_path: Path) -> None:
    look = Look().cdl([1.05, 1.0, 0.95], 0.01, 1.02, saturation=0.9).clamp()
    look.write(tmp_path / f"look{kind}", size=33)
    back = Look.read(tmp_path / f"look{kind}")
    tolerance = 2e-6 if kind in EXACT else 6e-3 + CODES.get(kind, 0.0)
    np.testing.assert_allclose(back(picture()), look(picture()), atol=tolerance)


@pytest.mark.parametrize("kind", CURVES_ONLY)
def test_a_look_of_each_channel_by_itself_becomes_curves(kind: str, tmp_path: Path) -> None:
    look = Look().gamma([1.2, 1.0, 0.8]).gain(0.9)
    look.write(tmp_path / f"look{kind}")
    np.testing.assert_allclose(Look.read(tmp_path / f"look{kind}")(picture()), look(picture()), atol=5e-4)
    with pytest.raises(ValueError, match="holds curves only, and matrix"):
        Look().matrix(np.ones((3, 3))).write(tmp_path / f"mixed{kind}")
    assert not (tmp_path / f"mixed{kind}").exists()


@pytest.mark.parametrize("kind", MATRICES)
def test_a_linear_look_becomes_a_matrix(kind: str, tmp_path: Path) -> None:
    look = Look().exposure(1).saturation(0.8).offset([0.1, 0.0, -0.1])
    look.write(tmp_path / f"look{kind}")
    back = Look.read(tmp_path / f"look{kind}")
    scene = picture() * 20 - 3
    np.testing.assert_allclose(back(scene), look(scene), rtol=2e-6, atol=2e-6)
    Look().exposure(0).write(tmp_path / f"none{kind}")
    np.testing.assert_array_equal(Look.read(tmp_path / f"none{kind}")(scene), scene)
    with pytest.raises(ValueError, match=r"holds a look that is one matrix, got .*encode"):
        Look().encode("srgb").write(tmp_path / f"curve{kind}")


@pytest.mark.parametrize("kind", EXACT)
def test_scene_linear_looks_go_through_process_lists_exactly(kind: str, tmp_path: Path) -> None:
    cube = Lut3D.from_look(Look().saturation(0.7), 9)
    look = (
        Look()
        .exposure(0.5)
        .encode("logc3")
        .cdl(slope=[1.1, 1.0, 0.9], power=1.1, saturation=0.9)
        .contrast(1.1)
        .decode("logc3")
        .gamma(1.1)
        .encode("srgb")
        .clamp(0.0, 1.0)
        .lut(cube)
    )
    look.write(tmp_path / f"look{kind}", id="shot 10")
    scene = (0.18 * 2.0 ** np.random.default_rng(8).uniform(-12, 8, (5, 40, 3))).astype(np.float32)
    scene[0, 0] = [-0.02, 0.0, 300.0]
    np.testing.assert_allclose(Look.read(tmp_path / f"look{kind}")(scene), look(scene), rtol=2e-5, atol=2e-5)
    found = read_clf(tmp_path / f"look{kind}")
    assert isinstance(found, ProcessList) and found.id == "shot 10"
    with pytest.raises(ValueError, match="alpha|unpremult"):
        Look().offset(0.1, unpremult=True).write(tmp_path / f"alpha{kind}")


@pytest.mark.parametrize(
    "lut",
    [
        Lut1D.gamma(64, 2.0),
        Lut1D.from_curve(33, "srgb", domain=(-0.5, 4.0)),
        HalfLut1D.from_curve("pq"),
        Lut3D.from_look(Look().gamma(1.3), 5),
        LutChain(Lut1D.gamma(32, 0.5), Lut3D.from_look(Look().saturation(0.4), 5)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", EXACT)
def test_any_lut_goes_through_process_lists_exactly(lut: Any, kind: str, tmp_path: Path) -> None:
    look = Look().lut(lut)
    look.write(tmp_path / f"look{kind}")
    scene = picture() * 6 - 1
    np.testing.assert_allclose(Look.read(tmp_path / f"look{kind}")(scene), look(scene), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("kind", EXACT + MATRICES)
def test_a_look_that_changes_nothing_goes_through_a_file_that_holds_operations(kind: str, tmp_path: Path) -> None:
    for look in (Look(), Look().gain(1.0), Look().exposure(1).exposure(-1)):
        look.write(tmp_path / f"look{kind}")
        assert len(Look.read(tmp_path / f"look{kind}").optimized()) == 0


def test_a_process_list_in_a_look_is_taken_apart_when_optimized(tmp_path: Path) -> None:
    Look().exposure(1).write(tmp_path / "a.clf")
    look = Look().clf(read_clf(tmp_path / "a.clf")).exposure(-1)
    assert len(look.optimized()) == 0
    assert len(Look.read(tmp_path / "a.clf").inverse() + Look.read(tmp_path / "a.clf")) == 2


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    Look().exposure(1).write(tmp_path / "a.clf")
    before = (tmp_path / "a.clf").read_bytes()
    with pytest.raises(ValueError, match="bake the look instead"):
        Look().saturation(
            0.5,
        ).mix(0.5).write(tmp_path / "a.clf")
    assert (tmp_path / "a.clf").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.clf"]
