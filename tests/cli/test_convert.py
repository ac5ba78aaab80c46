"""``vfx convert``: copies that keep everything, and pictures of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx import Image
from vfx.batch import _bands
from vfx.io import exr


def two_parts(path: Path) -> None:
    beauty = Image(np.random.default_rng(1).random((9, 13, 4)).astype(np.float16), metadata={"exr:shot": "sh010"})
    depth = Image(np.ones((5, 7), np.float32), channels=["Z"], display_window=(0, 0, 12, 8), data_window=(2, 1, 8, 5))
    exr.write_parts(path, {"beauty": beauty, "depth": depth}, compression="piz")


def test_keep_copies_every_part_and_attribute_of_a_sequence(run, tmp_path: Path) -> None:
    for frame in (1, 2):
        two_parts(tmp_path / f"a.{frame:04d}.exr")
    ran = run("convert", "--keep", tmp_path / "a.####.exr", tmp_path / "out" / "b.####.exr")
    assert ran.code == 0, ran.err
    for frame in (1, 2):
        copy = tmp_path / "out" / f"b.{frame:04d}.exr"
        assert copy.read_bytes() == (tmp_path / f"a.{frame:04d}.exr").read_bytes()
    again = run("convert", "--keep", tmp_path / "a.####.exr", tmp_path / "out" / "b.####.exr")
    assert "2 skipped" in again.out or "already" in again.out


def test_without_keep_several_parts_are_told_of(run, tmp_path: Path) -> None:
    two_parts(tmp_path / "a.exr")
    ran = run("convert", tmp_path / "a.exr", tmp_path / "b.exr")
    assert ran.code == 0
    assert "2 parts" in ran.err + ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a.exr", "b.png"], 1, "--keep copies EXR files to EXR files, not .exr to .png"),
        (["a.exr", "b.exr", "--compression", "zip"], 2, "--keep copies what is stored; it takes no options of pixels"),
        (["missing.exr", "b.exr"], 1, "missing.exr"),
    ],
)
def test_what_keep_cannot_do_is_said(run, tmp_path: Path, monkeypatch, arguments, code, message) -> None:
    monkeypatch.chdir(tmp_path)
    two_parts(tmp_path / "a.exr")
    ran = run("convert", "--keep", *arguments)
    assert ran.code == code
    assert message in " ".join(ran.err.split())
    assert not (tmp_path / arguments[1]).exists()


def test_large_pictures_go_through_the_commands_in_bands(run, tmp_path: Path, monkeypatch) -> None:
    image = Image(np.random.default_rng(2).random((200, 100, 3)).astype(np.float16))
    vfx.write(tmp_path / "a.exr", image)
    run("resize", tmp_path / "a.exr", tmp_path / "whole.exr", "--scale", "0.5")
    monkeypatch.setattr(_bands, "STREAMED", 0)
    monkeypatch.setattr(_bands, "BAND_BYTES", 20_000)
    assert run("convert", tmp_path / "a.exr", tmp_path / "b.exr", "--compression", "piz").code == 0
    np.testing.assert_array_equal(vfx.read(tmp_path / "b.exr").pixels, image.pixels)
    assert run("resize", tmp_path / "a.exr", tmp_path / "bands.exr", "--scale", "0.5").code == 0
    assert (tmp_path / "bands.exr").read_bytes() == (tmp_path / "whole.exr").read_bytes()


def test_views_levels_and_other_options_of_reading_are_taken(run, tmp_path: Path) -> None:
    image = Image(np.random.default_rng(3).random((64, 96, 3)).astype(np.float16))
    exr.write_parts(tmp_path / "s.exr", {"l": image, "r": image.flop()}, views=["left", "right"])
    assert run("convert", tmp_path / "s.exr", tmp_path / "r.exr", "--view", "right").code == 0
    np.testing.assert_array_equal(vfx.read(tmp_path / "r.exr").pixels, image.flop().pixels)
    vfx.write(tmp_path / "m.exr", image, tile_size=32, levels="mip")
    assert run("convert", tmp_path / "m.exr", tmp_path / "small.exr", "--level", "2").code == 0
    assert vfx.read(tmp_path / "small.exr").shape == (16, 24, 3)
    vfx.write(tmp_path / "t.dpx", image, descriptor="CbYCr", bit_depth=10)
    assert run("convert", tmp_path / "t.dpx", tmp_path / "t.exr", "--read", "raw=yes").code == 0
    assert set(vfx.read(tmp_path / "t.exr").channel_names) == {"Y", "Cb", "Cr"}
    assert run("convert", tmp_path / "t.dpx", tmp_path / "t.exr", "--read", "raw").code == 2
    ran = run("convert", tmp_path / "t.dpx", tmp_path / "u.exr", "--read", "row=yes")
    assert (ran.code, "did you mean 'rows'" in ran.err) == (1, True)
