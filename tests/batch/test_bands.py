"""Pictures too large to hold: bands give the bytes that the whole picture gives, in a fraction of its memory."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx import batch
from vfx.batch import _bands
from vfx.image import Image


def plate(dtype: str = "float16", width: int = 211, height: int = 333) -> Image:
    pixels = np.random.default_rng(8).random((height, width, 4)) * 2 - 0.25
    if dtype.startswith("uint"):
        pixels = np.clip(pixels, 0, 1) * np.iinfo(dtype).max
    window = {"data_window": (-7, 20, width - 8, height + 19), "display_window": (0, 0, width - 1, height - 1)}
    image = Image(pixels.astype(dtype), **(window if dtype.startswith("float") else {}))
    image.metadata["shot"] = "sh010"
    return image


@pytest.fixture
def in_bands(monkeypatch):
    """Everything goes through in bands, small ones."""
    taken = []
    real = _bands.stream

    def counted(*arguments, **options):
        made = real(*arguments, **options)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(_bands, "STREAMED", 0)
    monkeypatch.setattr(_bands, "BAND_BYTES", 40_000)
    monkeypatch.setattr("vfx.batch._jobs.stream", counted)
    return taken


CASES = [
    ("convert", batch.RowByRow(lambda image: image), {}),
    ("gain", batch.RowByRow(lambda image: image.gain(2).saturation(0.5)), {}),
    ("half", batch.Resizing("resize", {"scale": 0.5}), {}),
    ("odd", batch.Resizing("resize", {"width": 97, "height": 61, "filter": "mitchell"}), {}),
    ("up", batch.Resizing("resize", {"scale": 1.7, "edge": "black"}), {}),
    ("wrap", batch.Resizing("resize", {"scale": 0.4, "edge": "wrap"}), {}),
    ("fit", batch.Resizing("fit", {"width": 160, "height": 90}), {}),
    ("fill", batch.Resizing("fill", {"width": 160, "height": 90}), {}),
    ("tiles", batch.RowByRow(lambda image: image), {"tile_size": 48, "compression": "piz"}),
    ("dtype", batch.RowByRow(lambda image: image), {"dtype": "f32", "compression": "zips"}),
]


@pytest.mark.parametrize("stored", [{}, {"tile_size": (32, 50)}, {"compression": "dwab"}])
@pytest.mark.parametrize(("name", "process", "options"), CASES, ids=[case[0] for case in CASES])
def test_bands_write_the_same_file_as_the_whole(
    tmp_path, in_bands, monkeypatch, name, process, options, stored
) -> None:
    vfx.write(tmp_path / "a.exr", plate(), **stored)
    batch.map(process, tmp_path / "a.exr", tmp_path / "bands.exr", write_options=options)
    assert in_bands == [True]
    monkeypatch.setattr(_bands, "STREAMED", 1 << 60)
    batch.map(process, tmp_path / "a.exr", tmp_path / "whole.exr", write_options=options)
    assert in_bands == [True, False]
    assert (tmp_path / "bands.exr").read_bytes() == (tmp_path / "whole.exr").read_bytes()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_dpx_and_other_formats_go_through_in_bands(tmp_path, in_bands, monkeypatch, dtype) -> None:
    vfx.write(tmp_path / "a.dpx", Image(plate(dtype).pixels), bit_depth=10)
    for target in ("b.exr", "b.png"):
        for process in (batch.RowByRow(lambda image: image), batch.Resizing("fit", {"width": 64, "height": 64})):
            monkeypatch.setattr(_bands, "STREAMED", 1 << 60)
            batch.map(process, tmp_path / "a.dpx", tmp_path / f"whole_{target}")
            whole = vfx.read(tmp_path / f"whole_{target}")
            monkeypatch.setattr(_bands, "STREAMED", 100_000)
            batch.map(process, tmp_path / "a.dpx", tmp_path / target)
            np.testing.assert_array_equal(vfx.read(tmp_path / target).pixels, whole.pixels)
    # Whole and in bands by turns; only a PNG file as large as its source is made whole both times.
    assert in_bands == [False, True, False, True, False, False, False, True]


def test_a_grade_goes_through_in_bands(tmp_path, in_bands, monkeypatch) -> None:
    vfx.write(tmp_path / "a.exr", plate())
    look = vfx.Look().exposure(1).cdl(slope=[1.1, 1, 0.9])
    batch.grade(tmp_path / "a.exr", tmp_path / "bands.exr", look)
    monkeypatch.setattr(_bands, "STREAMED", 1 << 60)
    batch.grade(tmp_path / "a.exr", tmp_path / "whole.exr", look)
    assert in_bands == [True, False]
    assert (tmp_path / "bands.exr").read_bytes() == (tmp_path / "whole.exr").read_bytes()


def test_options_of_reading_hold_in_bands(tmp_path, in_bands) -> None:
    image = plate()
    vfx.write(tmp_path / "a.exr", image)
    batch.map(
        batch.RowByRow(lambda one: one), tmp_path / "a.exr", tmp_path / "b.exr", read_options={"channels": ["A", "R"]}
    )
    assert in_bands == [True]
    np.testing.assert_array_equal(vfx.read(tmp_path / "b.exr", channels=["A", "R"]).pixels, image.pixels[:, :, [3, 0]])


def test_a_process_of_unknown_reach_gets_the_whole_picture(tmp_path, in_bands) -> None:
    vfx.write(tmp_path / "a.exr", plate())
    batch.map(lambda image: image.blur(sigma=3), tmp_path / "a.exr", tmp_path / "b.exr")
    assert in_bands == [False]


def test_a_damaged_band_leaves_no_file(tmp_path, in_bands) -> None:
    vfx.write(tmp_path / "a.exr", plate(), compression="zip")
    data = bytearray((tmp_path / "a.exr").read_bytes())
    data[-600:-300] = bytes(300)
    (tmp_path / "a.exr").write_bytes(data)
    with pytest.raises(vfx.errors.FrameError, match=r"a\.exr"):
        batch.map(batch.RowByRow(lambda image: image), tmp_path / "a.exr", tmp_path / "b.exr")
    assert [path.name for path in tmp_path.iterdir()] == ["a.exr"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads ru_maxrss in KiB")
def test_a_picture_of_512_mib_is_resized_in_a_fraction_of_its_memory(tmp_path: Path) -> None:
    row = np.tile(np.arange(8192, dtype=np.float32) % 512 / 512, (64, 1))[:, :, None].astype(np.float16)
    with vfx.io.exr.Writer(tmp_path / "a.exr", size=(8192, 8192), channels="RGBA", compression="zips") as writer:
        for _ in range(128):
            writer.write_rows(np.repeat(row, 4, axis=2))
    script = """
        import resource, sys
        from vfx.cli import main
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        code = main(["resize", sys.argv[1], sys.argv[2], "--scale", "0.125"])
        print(code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "a.exr"), str(tmp_path / "b.exr")],
        capture_output=True,
        text=True,
        check=True,
    )
    code, grown = done.stdout.split()[-2:]
    assert (code, int(grown) < 400) == ("0", True), done.stdout
    assert vfx.read(tmp_path / "b.exr").shape == (1024, 1024, 4)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("options", [{}, {"compression": "zstd", "tile_size": (64, 32)}, {"predictor": False}])
def test_tiff_files_are_written_in_bands(tmp_path, in_bands, dtype, options) -> None:
    tifffile = pytest.importorskip("tifffile")
    image = Image(plate(dtype).pixels, metadata={"owner": "me", "icc_profile": bytes(200)})
    vfx.write(tmp_path / "a.tif", image, tile_size=48)
    batch.map(batch.RowByRow(lambda one: one), tmp_path / "a.tif", tmp_path / "b.tif", write_options=options)
    assert in_bands == [True]
    back = vfx.read(tmp_path / "b.tif")
    np.testing.assert_array_equal(back.pixels, image.pixels)
    assert (back.metadata["owner"], back.metadata["icc_profile"]) == ("me", bytes(200))
    if options.get("compression") != "zstd":
        np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif"), image.pixels)
    assert vfx.probe(tmp_path / "b.tif").parts[0].tile_size is not None
