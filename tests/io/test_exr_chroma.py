"""Luminance/chroma files become RGB by OpenEXR's rules, and every piece has the pixels of the whole."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from tests.reference.exr_files import chroma_file, chroma_planes
from tests.reference.luminance_chroma import rgb_of
from vfx.errors import ChannelError, FormatError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_chroma import luminance_weights
from vfx.io._exr_header import PartHeader

REC709 = (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (4, 40), (60, 2), (94, 70)])
def test_colours_are_those_of_the_reference(width: int, height: int) -> None:
    stored = chroma_planes(width, height)
    data = chroma_file(stored)
    image = exr.read(data)
    assert (image.format, image.channel_names) == ("f32", ("R", "G", "B", "A"))
    expected = rgb_of(stored["Y"], stored["RY"], stored["BY"], luminance_weights(PartHeader({}, "")))
    np.testing.assert_allclose(image.numpy()[..., :3], expected, rtol=2e-5, atol=2e-5)
    np.testing.assert_array_equal(image.numpy()[..., 3], stored["A"])


def test_strong_chroma_meets_the_saturation_limit() -> None:
    stored = chroma_planes(40, 30, strong=0.8)
    image = exr.read(chroma_file(stored), channels=("R", "G", "B"))
    weights = luminance_weights(PartHeader({}, ""))
    expected = rgb_of(stored["Y"], stored["RY"], stored["BY"], weights)
    limited = np.isclose(expected @ weights, stored["Y"]) & (expected.min(-1) > 0)
    np.testing.assert_allclose(image.numpy()[limited], expected[limited], rtol=1e-4, atol=1e-4)
    assert limited.mean() > 0.3


def test_pieces_and_thread_counts_give_the_pixels_of_the_whole() -> None:
    data = chroma_file(chroma_planes(114, 86, strong=0.6))
    whole = exr.read(data, threads=1).numpy()
    with exr.ExrFile(data) as file:
        assert file.read(threads=4).numpy().tobytes() == whole.tobytes()
        for x0, y0, x1, y1 in ((0, 0, 1, 1), (113, 85, 114, 86), (17, 33, 18, 34), (31, 16, 70, 61), (1, 40, 114, 41)):
            for threads in (1, 3):
                cut = file.read(rows=(y0, y1), columns=(x0, x1), threads=threads).numpy()
                np.testing.assert_array_equal(cut, whole[y0:y1, x0:x1])


def test_grey_stays_grey_to_the_last_bit() -> None:
    stored = chroma_planes(30, 20, strong=0.0)
    image = exr.read(chroma_file(stored), channels=("R", "G", "B"))
    for channel in range(3):
        np.testing.assert_array_equal(image.numpy()[..., channel], stored["Y"])


def test_the_twin_in_rgb_is_near_and_nearer_than_repeated_chroma(shared_file: Any) -> None:
    colours = exr.read(shared_file("exr/Rec709.exr"), dtype="f32").numpy()
    image = exr.read(shared_file("exr/Rec709_YC.exr"))
    assert (image.format, image.channel_names) == ("f16", ("R", "G", "B"))
    raw = exr.read(shared_file("exr/Rec709_YC.exr"), dtype="f32", raw=True).numpy()
    luminance, ry, by = np.moveaxis(raw, -1, 0)
    red, blue = (ry + 1) * luminance, (by + 1) * luminance
    repeated = np.stack([red, (luminance - REC709[0] * red - REC709[2] * blue) / REC709[1], blue], -1)

    def error(found: np.ndarray[Any, Any]) -> float:
        return float(np.mean((np.clip(found, 0, 1) - np.clip(colours, 0, 1)) ** 2))

    assert error(image.numpy().astype(np.float32)) < 1.6e-4  # 38 dB
    assert error(repeated) > 2 * error(image.numpy().astype(np.float32))


def test_the_primaries_of_the_file_weigh_the_luminance() -> None:
    np.testing.assert_allclose(luminance_weights(PartHeader({}, "")), REC709, atol=1e-4)
    p3 = struct.pack("<8f", 0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329)
    part = PartHeader({"chromaticities": Attribute("chromaticities", p3)}, "")
    np.testing.assert_allclose(luminance_weights(part), (0.22897, 0.69174, 0.07929), atol=1e-5)


@pytest.mark.parametrize("corners", [(0.0,) * 8, (float("nan"),) * 8, (0.3,) * 8])
def test_primaries_that_span_nothing_are_refused_by_name(corners: tuple[float, ...]) -> None:
    stored = Attribute("chromaticities", struct.pack("<8f", *corners))
    data = chroma_file(chroma_planes(8, 8), chromaticities=stored)
    with pytest.raises(FormatError, match="raw=True gives them as stored"):
        exr.read(data)
    assert exr.read(data, raw=True).channel_names == ("Y", "RY", "BY", "A")


def test_what_is_named_decides() -> None:
    stored = chroma_planes(16, 12)
    data = chroma_file(stored)
    whole = exr.read(data).numpy()
    for channels in (("G",), ("A", "R"), ("B", "G", "R")):
        found = exr.read(data, channels=channels)
        assert found.channel_names == channels
        for place, name in enumerate(channels):
            np.testing.assert_array_equal(found.numpy()[..., place], whole[..., "RGBA".index(name)])
    np.testing.assert_array_equal(exr.read(data, channels="Y").numpy()[..., 0], stored["Y"])
    repeated = stored["RY"].repeat(2, 0).repeat(2, 1)
    np.testing.assert_array_equal(exr.read(data, channels="RY").numpy()[..., 0], repeated)
    assert exr.read(data, raw=True).channel_names == ("Y", "RY", "BY", "A")
    with pytest.raises(ChannelError, match="no channel 'R'; there are: Y, RY, BY, A"):
        exr.read(data, channels="R", raw=True)
    with pytest.raises(ChannelError, match="or the colours that they stand for"):
        exr.read(data, channels=("Y", "R"))
    with pytest.raises(ChannelError, match="no channel 'Q'; there are: R, G, B, "):
        exr.read(data, channels="Q")


def test_a_layer_of_luminance_and_chroma_is_a_layer_of_colours() -> None:
    stored = chroma_planes(16, 12)
    data = chroma_file({f"sky.{name}": plane for name, plane in stored.items()})
    assert exr.read(data).channel_names == ("sky.Y", "sky.RY", "sky.BY", "sky.A")
    plain = exr.read(chroma_file(stored))
    layer = exr.read(data, layer="sky")
    assert layer.channel_names == ("R", "G", "B", "A")
    np.testing.assert_array_equal(layer.numpy(), plain.numpy())


def test_luminance_alone_stays_luminance(shared_file: Any) -> None:
    image = exr.read(shared_file("exr/Garden.exr"))
    assert image.channel_names == ("Y",)


@pytest.mark.parametrize("sampling", [1, 4, 8, 16])
def test_other_samplings_are_repeated(sampling: int) -> None:
    stored = chroma_planes(64, 48, sampling)
    data = chroma_file(stored, sampling)
    raw = exr.read(data, raw=True).numpy()
    for place, name in ((1, "RY"), (2, "BY")):
        repeated = stored[name].repeat(sampling, 0).repeat(sampling, 1)
        np.testing.assert_array_equal(raw[..., place], repeated)
        for rows, columns in (((31, 32), (0, 64)), ((0, 48), (17, 18)), ((15, 47), (33, 63))):
            cut = exr.read(data, raw=True, rows=rows, columns=columns).numpy()
            np.testing.assert_array_equal(cut[..., place], repeated[slice(*rows), slice(*columns)])
    weights = luminance_weights(PartHeader({}, ""))
    red, blue = ((raw[..., place] + 1) * raw[..., 0] for place in (1, 2))
    green = (raw[..., 0] - red * weights[0] - blue * weights[2]) / weights[1]
    np.testing.assert_allclose(exr.read(data).numpy()[..., :3], np.stack([red, green, blue], -1), rtol=1e-5, atol=1e-5)


def test_python_backend_gives_the_same_colours(shared_file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = shared_file("exr/Rec709_YC.exr")
    expected = exr.read(data, rows=(31, 90)).numpy().tobytes()
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    assert exr.read(data, rows=(31, 90)).numpy().tobytes() == expected


def test_the_kernel_refuses_what_does_not_fit() -> None:
    from vfx._ext import exr_chroma as kernel

    stored = np.ones((8, 6, 3), np.float32)

    def call(**changes: Any) -> None:
        given = {
            "stored": stored, "out": np.empty((8, 6, 3), np.float32), "weights": REC709, "box": (0, 0, 6, 8),
            "halved": True, "threads": 2,
        } | changes  # fmt: skip
        kernel.colours(**given)

    call()
    for wrong in (
        {"out": np.empty((8, 5, 3), np.float32)},
        {"out": np.empty((7, 6, 3), np.float32)},
        {"out": np.empty((8, 6, 4), np.float32)},
        {"box": (0, 0, 7, 8)},
        {"box": (0, -1, 6, 7)},
        {"box": (0, 4, 6, 4), "out": np.empty((0, 6, 3), np.float32)},
        {"stored": np.ones((8, 6, 2), np.float32), "out": np.empty((8, 6, 2), np.float32)},
    ):
        with pytest.raises(ValueError):
            call(**wrong)
