"""Levels of mipmaps and ripmaps, and pieces of them: as OpenImageIO has them, or a file made here byte for byte."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_header import serialise

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


def sides(size: int, up: bool) -> list[int]:
    """The sizes of a side in every level, halved as OpenEXR does it."""
    found = [size]
    while found[-1] > 1:
        found.append((found[-1] + 1) // 2 if up else found[-1] // 2)
    return found


def tiled_file(width: int, height: int, *, mode: int, up: bool) -> tuple[bytes, dict[tuple[int, int], Any]]:
    """An uncompressed file with levels (mode 1 mipmap, 2 ripmap), and its levels' pixels; corner (-3, 5)."""
    half, single = struct.pack("<iB3x2i", 1, 0, 1, 1), struct.pack("<iB3x2i", 2, 0, 1, 1)
    tile = (8, 5)
    window = struct.pack("<4i", -3, 5, width - 4, height + 4)
    head = serialise(
        {
            "channels": Attribute("chlist", b"G\0" + half + b"R\0" + half + b"Z\0" + single + b"\0"),
            "compression": Attribute("compression", b"\0"),
            "dataWindow": Attribute("box2i", window),
            "displayWindow": Attribute("box2i", struct.pack("<4i", -13, 1, width + 6, height + 20)),
            "lineOrder": Attribute("lineOrder", b"\0"),
            "pixelAspectRatio": Attribute("float", struct.pack("<f", 1)),
            "screenWindowCenter": Attribute("v2f", struct.pack("<2f", 0, 0)),
            "screenWindowWidth": Attribute("float", struct.pack("<f", 1)),
            "tiles": Attribute("tiledesc", struct.pack("<2IB", *tile, mode | up << 4)),
        },
        tiled=True,
    )
    across, down = sides(width, up), sides(height, up)
    if mode == 1:
        most = max(len(across), len(down))
        named = [(n, n) for n in range(most)]
        across, down = across + [1] * most, down + [1] * most
    else:
        named = [(x, y) for y in range(len(down)) for x in range(len(across))]
    rng = np.random.default_rng(width)
    levels = {(x, y): rng.random((down[y], across[x], 3)).astype(np.float16) for x, y in named}
    chunks = []
    for (x, y), pixels in levels.items():
        for ty, tx in itertools.product(range(-(-down[y] // tile[1])), range(-(-across[x] // tile[0]))):
            box = pixels[ty * tile[1] : (ty + 1) * tile[1], tx * tile[0] : (tx + 1) * tile[0]]
            lines = b"".join(
                line[:, 1].tobytes() + line[:, 0].tobytes() + line[:, 2].astype("<f4").tobytes() for line in box
            )
            chunks.append(struct.pack("<5i", tx, ty, x, y, len(lines)) + lines)
    start = len(head) + 8 * len(chunks)
    offsets = list(itertools.accumulate(map(len, chunks), initial=start))[:-1]
    return head + np.array(offsets, "<u8").tobytes() + b"".join(chunks), levels


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
