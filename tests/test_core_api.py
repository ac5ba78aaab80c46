"""The calls of the core API document, as a user writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vfx as vfxpy
from vfx import Processor

PyOpenColorIO = pytest.importorskip("PyOpenColorIO")


@pytest.fixture
def img() -> vfxpy.Image:
    """Scene-linear colour, 24 wide and 16 high, with alpha."""
    values = np.random.default_rng(11).uniform(0.0, 1.5, (16, 24, 4)).astype(np.float32)
    return vfxpy.Image(values, colorspace="ACEScg")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder for the test, with the files that the document names."""
    vfxpy.lut.write(tmp_path / "grade.cube", vfxpy.Look().saturation(0.5).bake(9))
    vfxpy.Look().encode("acescct").cdl(power=1.1).decode("acescct").write(tmp_path / "aces_rrt.clf")
    config = PyOpenColorIO.Config.CreateFromFile("ocio://cg-config-latest")
    (tmp_path / "aces_1.2").mkdir()
    (tmp_path / "aces_1.2" / "config.ocio").write_text(config.serialize(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_luts_and_process_lists_are_read_and_applied(img: vfxpy.Image) -> None:
    from vfx.lut import Lut1D, Lut3D, read_clf, read_cube

    lut3d = read_cube("grade.cube")
    clf = read_clf("aces_rrt.clf")
    before, proc = img.copy(), Processor()
    assert proc.apply_lut(img, lut3d) is proc
    np.testing.assert_array_equal(img.numpy(), before.lut(lut3d).numpy())
    assert proc.apply_clf(img, clf) is proc
    np.testing.assert_array_equal(img.numpy(), before.lut(lut3d).clf(clf).numpy())
    assert Lut1D.gamma(1024, 2.2).size == 1024 and Lut3D.identity(33).is_identity


def test_transfer_functions_change_the_image_in_place(img: vfxpy.Image) -> None:
    from vfx import transfer

    array = img.numpy()
    before = array.copy()
    assert transfer.srgb_to_linear(img) is img
    assert transfer.linear_to_srgb(img) is img
    np.testing.assert_allclose(array, before, rtol=1e-5, atol=1e-6)
    assert transfer.apply_pq(img, direction="decode") is img
    assert transfer.apply_pq(img, direction="encode") is img
    assert transfer.apply_hlg(img, direction="encode") is img
    assert np.shares_memory(img.numpy(), array) and np.array_equal(array[..., 3], before[..., 3])


@pytest.mark.usefixtures("folder")
def test_an_opencolorio_config_transforms_and_displays(img: vfxpy.Image) -> None:
    from vfx import ocio

    config = ocio.Config("aces_1.2/config.ocio")
    array = img.numpy()
    before = array.copy()
    proc = config.processor("ACEScg", "sRGB - Display")
    proc.apply(img)
    reference = PyOpenColorIO.Config.CreateFromFile("ocio://cg-config-latest")
    expected = before.copy()
    reference.getProcessor("ACEScg", "sRGB - Display").getDefaultCPUProcessor().applyRGBA(expected)
    np.testing.assert_array_equal(array, expected)
    shown = img.copy()
    config.display_processor(view=config.views(config.displays[0])[0]).apply(shown)
    assert not np.array_equal(shown.numpy()[..., :3], img.numpy()[..., :3])


# ------------------------------------------------------------------ compositing, resizing, transforms


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[vfxpy.Image, vfxpy.Image]:
    """``character.exr`` and ``background.exr`` in the current folder, premultiplied, and as images."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    for name in ("character.exr", "background.exr", "4k_plate.exr"):
        pixels = rng.uniform(0.0, 2.0, (216, 384, 4)).astype(np.float32)
        pixels[..., 3] = np.clip(rng.uniform(-0.5, 1.5, (216, 384)), 0, 1)
        pixels[..., :3] *= pixels[..., 3:]
        vfxpy.write(name, vfxpy.Image(pixels))
    return vfxpy.read("character.exr"), vfxpy.read("background.exr")


def test_layers_are_composited(layers: tuple[vfxpy.Image, vfxpy.Image]) -> None:
    from vfx import ops

    fg, bg = layers
    upper, lower = (layer.numpy().astype(np.float64) for layer in layers)
    comp = ops.over(fg, bg)
    np.testing.assert_allclose(comp.numpy(), upper + lower * (1 - upper[..., 3:]), rtol=0, atol=2e-6)
    np.testing.assert_array_equal(ops.under(bg, fg).numpy(), comp.numpy())
    result = ops.blend(fg, bg, mode="screen", opacity=0.7)
    a = upper * 0.7
    expected = a + lower - a * lower  # screen of premultiplied colours is its own composite, alpha too
    np.testing.assert_allclose(result.numpy(), expected, rtol=2e-6, atol=2e-6)
    for mode in ("multiply", "screen"):
        assert ops.blend(fg, bg, mode=mode).shape == ops.blend(fg, bg, mode=mode, opacity=0.5).shape == fg.shape


@pytest.mark.usefixtures("layers")
def test_plates_are_resized() -> None:
    from vfx import ops

    img = vfxpy.read("4k_plate.exr")
    half = ops.resize(img, scale=0.5, filter="lanczos3")
    hd = ops.resize(img, 1920, 1080, filter="mitchell")
    assert half.shape == (108, 192, 4) and hd.shape == (1080, 1920, 4)
    for name in ("nearest", "bilinear", "bicubic", "mitchell", "lanczos3"):
        flat = ops.resize(np.full((20, 30, 3), 0.5, np.float32), 17, 23, filter=name)
        np.testing.assert_allclose(flat.numpy(), 0.5, rtol=5e-7)


@pytest.mark.usefixtures("layers")
def test_plates_are_turned_flipped_and_cropped() -> None:
    from vfx import ops

    img = vfxpy.read("4k_plate.exr")
    turned = ops.rotate(img, angle=45, expand=True)
    across = (img.width + img.height) / np.sqrt(2)
    assert abs(turned.width - across) <= 2 and abs(turned.height - across) <= 2
    np.testing.assert_array_equal(ops.flip(img, "horizontal").numpy(), img.numpy()[:, ::-1])
    np.testing.assert_array_equal(ops.flip(img, "vertical").numpy(), img.numpy()[::-1])
    cut = ops.crop(img, x=100, y=100, width=50, height=60)
    np.testing.assert_array_equal(cut.numpy(), img.numpy()[100:160, 100:150])
