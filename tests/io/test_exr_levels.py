"""Levels of mipmaps and ripmaps, and pieces of them: as OpenImageIO has them, or a file made here byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vfx
from tests.reference.exr_files import tiled_file
from vfx.errors import FormatError
from vfx.io import exr

TILED = ("exr/ColorCodedLevels.exr", "exr/MirrorPattern.exr", "exr/WavyLinesLatLong.exr", "exr/Garden.exr")


@pytest.mark.each_shared_file(*TILED)
def test_every_level_is_that_of_openimageio(shared_case: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    opened = oiio.ImageInput.open(str(shared_case))
    levels = exr.probe(shared_case).parts[0].levels
    for level in range(levels):
        assert opened.seek_subimage(0, level)
        spec = opened.spec()
        image = exr.read(shared_case, level=level)
        pixels = opened.read_image(0, level, 0, spec.nchannels, "half")
        order = [spec.channelnames.index(name) for name in image.channel_names]
        assert image.numpy().tobytes() == np.ascontiguousarray(pixels[:, :, order]).tobytes(), level
        x0, y0 = spec.x, spec.y
        assert image.data_window == (x0, y0, x0 + spec.width - 1, y0 + spec.height - 1)
        assert image.display_window == image.data_window
    assert not opened.seek_subimage(0, levels)
    with pytest.raises(ValueError, match=f"no level {levels}; the part has {levels}"):
        exr.read(shared_case, level=levels)


@pytest.mark.parametrize("up", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("mode", [1, 2], ids=["mip", "rip"])
@pytest.mark.parametrize(("width", "height"), [(37, 22), (1, 9), (16, 16), (5, 64)])
def test_levels_of_every_mode_and_rounding(width: int, height: int, mode: int, up: bool) -> None:
    data, levels = tiled_file(width, height, mode=mode, up=up)
    for (x, y), pixels in levels.items():
        image = exr.read(data, level=(x, y))
        np.testing.assert_array_equal(image.numpy(), pixels[:, :, :3].astype(np.float32))
        rows, columns = pixels.shape[:2]
        assert image.data_window == (-3, 5, -3 + columns - 1, 5 + rows - 1)
        assert image.pixel_aspect == 2.0 ** (x - y)
        cut = exr.read(data, level=(x, y), rows=(rows // 2, rows), columns=(columns // 3, columns), channels=("Z", "G"))
        np.testing.assert_array_equal(cut.numpy(), image.numpy()[rows // 2 :, columns // 3 :, [2, 1]])
        assert cut.data_window == (-3 + columns // 3, 5 + rows // 2, -3 + columns - 1, 5 + rows - 1)
    most = max(x for x, _ in levels), max(y for _, y in levels)
    for n in range(max(most) + 1):  # one number means the same sizes in both
        named = (n, n) if mode == 1 else (min(n, most[0]), min(n, most[1]))
        np.testing.assert_array_equal(exr.read(data, level=n).numpy(), exr.read(data, level=named).numpy())
    for wrong in (max(most) + 1, -1, (most[0] + 1, 0), (0, -1)):
        with pytest.raises(ValueError, match=r"no level .*counted from 0|levels \(0, 0\) to"):
            exr.read(data, level=wrong)


def test_vfx_read_takes_levels_columns_and_what_is_missing(tmp_path: Path) -> None:
    data, levels = tiled_file(37, 22, mode=2, up=False)
    path = tmp_path / "levels.exr"
    path.write_bytes(data[:-8])
    for source in (path, data[:-8]):
        found = vfx.read(source, level=(2, 1), columns=(3, 9), rows=(0, 5), channels="R", missing="black", raw=True)
        np.testing.assert_array_equal(found.numpy()[..., 0], levels[2, 1][:5, 3:9, 0].astype(np.float16))
        assert found.pixel_aspect == 2.0 and found.data_window == (0, 5, 5, 9)
        with vfx.io.open(source) as file:
            again = file.read(level=(2, 1), columns=(3, 9), rows=(0, 5), channels="R")
            np.testing.assert_array_equal(again.numpy(), found.numpy())


def test_a_level_shows_the_same_frame() -> None:
    data, _ = tiled_file(40, 24, mode=1, up=False)
    assert exr.read(data).display_window == (-13, 1, 46, 44)
    assert exr.read(data, level=1).display_window == (-8, 3, 21, 24)
    assert exr.read(data, level=2).display_window == (-6, 4, 8, 14)


def test_a_mipmap_has_no_levels_of_two_different_numbers() -> None:
    data, _ = tiled_file(40, 24, mode=1, up=False)
    for wrong, error in (
        ((1, 0), ValueError),
        ((1,), ValueError),
        ("1", TypeError),
        (1.5, TypeError),
        (True, TypeError),
    ):
        with pytest.raises(error, match="level"):
            exr.read(data, level=wrong)


def test_levels_need_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    data, levels = tiled_file(40, 24, mode=1, up=False)
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    np.testing.assert_array_equal(exr.read(data).numpy(), levels[0, 0].astype(np.float32))
    with pytest.raises(FormatError, match=r"level \(1, 1\) can only be read through OpenEXR's C core"):
        exr.read(data, level=1)


def test_a_level_that_is_cut_off_is_an_error_and_the_others_are_read() -> None:
    data, levels = tiled_file(37, 22, mode=1, up=False)
    cut = data[:-60]
    np.testing.assert_array_equal(exr.read(cut, level=1).numpy(), levels[1, 1].astype(np.float32))
    with pytest.raises(FormatError, match="<bytes>: .*rows 0 to 0"):
        exr.read(cut, level=5)
