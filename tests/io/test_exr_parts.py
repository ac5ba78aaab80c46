"""Files of several parts and views, parts of several formats, subsampled channels, previews: as other tools read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.io import exr
from vfx.io._exr_plan import Picture
from vfx.metadata import Preview, TimeCode

KINDS = {"f16": np.float16, "f32": np.float32, "u32": np.uint32}


def image(kind: str = "f16", count: int = 4, height: int = 37, width: int = 53, **options: Any) -> vfx.Image:
    """A small picture of noise."""
    values = np.random.default_rng(count).random((height, width, count), np.float32)
    return vfx.Image((values * 1e9).astype(np.uint32) if kind == "u32" else values.astype(KINDS[kind]), **options)


def by_wheel(path: Path, part: int = 0) -> dict[str, Any]:
    """Channel name → its samples as the OpenEXR wheel reads them."""
    return {name: channel.pixels for name, channel in _wheel(path).parts[part].channels.items()}


def _wheel(path: Path) -> Any:
    return OpenEXR.File(str(path), separate_channels=True)


@pytest.mark.parametrize("compression", ["none", "zip", "piz", "dwaa", "htj2k32"])
def test_every_part_is_read_by_other_tools(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a.exr"
    window = (-5, 3, 47, 39)
    parts = {
        "beauty": image(),
        "depth": image("f32", 1, channels=["Z"], data_window=window, display_window=(0, 0, 52, 36)),
        "ids": image("u32", 1, 20, 10, channels=["id"], display_window=(0, 0, 52, 36)),
    }
    exr.write_parts(path, parts, compression=compression, each=[{}, {"tile_size": 16}, {"compression": "zips"}])
    infos = exr.probe(path).parts
    assert [info.name for info in infos] == list(parts)
    assert [info.type for info in infos] == ["scanlineimage", "tiledimage", "scanlineimage"]
    assert [info.compression for info in infos] == [compression, compression, "zips"]
    for index, (name, given) in enumerate(parts.items()):
        found = by_wheel(path, index)
        ours = exr.read(path, part=name)
        assert ours.data_window == given.data_window
        for place, channel in enumerate(given.channel_names):
            assert ours.pixels[..., place].tobytes() == np.ascontiguousarray(found[channel]).tobytes()
            if compression != "dwaa":
                assert found[channel].tobytes() == np.ascontiguousarray(given.pixels[..., place]).tobytes()
        buffer = OpenImageIO.ImageBuf(str(path), index, 0)
        assert (buffer.spec().x, buffer.spec().y) == given.data_window[:2]
        if given.format != "u32":
            np.testing.assert_array_equal(np.asarray(buffer.get_pixels(OpenImageIO.FLOAT)), ours.pixels.astype("f4"))


def test_parts_of_levels(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write_parts(path, [image("f32", 3), image("f16", 3)], levels="mip", tile_size=16)
    for part in range(2):
        for level in range(6):
            expected = exr.read(path, part=part, level=level)
            buffer = OpenImageIO.ImageBuf(str(path), part, level)
            np.testing.assert_array_equal(np.asarray(buffer.get_pixels(OpenImageIO.FLOAT)), expected.astype("f32"))


def test_views_are_parts_that_name_them(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    left, right = image(), image(count=3)
    exr.write_parts(path, [left, right], views=["left", "right"])
    assert [part.header["view"] for part in _wheel(path).parts] == ["left", "right"]
    assert [part.name() for part in _wheel(path).parts] == ["left", "right"]
    assert exr.read(path, view="right").numpy().tobytes() == right.numpy().tobytes()
    exr.write_parts(path, {"a": left, "b": right}, views=["left", None])
    assert [info.views for info in exr.probe(path).parts] == [("left",), ()]
    assert [info.name for info in exr.probe(path).parts] == ["a", "b"]


def test_views_in_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    left, right = image(), image(count=3)
    exr.write_views(path, {"left": left, "right": right}, compression="piz")
    assert exr.probe(path).parts[0].views == ("left", "right")
    assert set(by_wheel(path)) == {"R", "G", "B", "A", "right.R", "right.G", "right.B"}
    assert exr.read(path, view="left").numpy().tobytes() == left.numpy().tobytes()
    assert exr.read(path, view="right").numpy().tobytes() == right.numpy().tobytes()
    assert OpenEXR.File(str(path)).header()["multiView"] == ["left", "right"]
    layered = image(count=2, channels=["diffuse.R", "Z"])
    exr.write_views(path, {"right": layered, "left": layered})
    assert set(by_wheel(path)) == {"diffuse.right.R", "Z", "diffuse.left.R", "left.Z"}
    for view in ("left", "right"):
        assert exr.read(path, view=view, channels=["diffuse.R", "Z"]).numpy().tobytes() == layered.numpy().tobytes()
    with pytest.raises(ValueError, match="two views or more"):
        exr.write_views(path, {"left": left})
    with pytest.raises(ValueError, match="a view's name"):
        exr.write_views(path, {"left.eye": left, "right": right})


def test_parts_that_do_not_fit_say_why(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    one = image()
    for images, options, kind, match in (
        ([], {}, ValueError, "at least one part"),
        ([one, one], {"names": ["a", "a"]}, ValueError, "a name of its own, got 'a', 'a'"),
        ([one, one], {"names": ["a", ""]}, ValueError, "a name of its own"),
        ([one, one], {"names": ["a"]}, ValueError, "names must have one entry for each of the 2 parts"),
        ([one, one], {"views": "lr"}, ValueError, "views must have one entry"),
        (
            [one, image(display_window=(0, 0, 9, 9))],
            {},
            ValueError,
            "displayWindow: 'part1' and 'part0' differ",
        ),
        ([one, image(pixel_aspect=2.0)], {}, ValueError, "the same pixelAspectRatio"),
        ([one, image(metadata={"timecode": TimeCode(1, 2, 3, 4)})], {}, ValueError, "timeCode: 'part0' has none"),
        ([one, one], {"tile": 3}, TypeError, "no option 'tile'.*did you mean"),
        ([one, one], {"each": [{}, {"quality": 3}]}, TypeError, "no option 'quality'"),
        ([one, one], {"compression": "zipp"}, ValueError, "compression must be one of"),
    ):
        with pytest.raises(kind, match=match):
            exr.write_parts(path, images, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_one_part_is_a_plain_file(tmp_path: Path) -> None:
    found, expected = io.BytesIO(), io.BytesIO()
    exr.write_parts(found, {"only": image()})
    exr.write(expected, image(), name="only")
    assert found.getvalue() == expected.getvalue()


def test_all_thread_counts_give_the_same_parts() -> None:
    found = []
    for threads in (1, 2, 5):
        stream = io.BytesIO()
        exr.write_parts(stream, {"a": image(height=300), "b": image("f32", 2, height=300)}, threads=threads)
        found.append(stream.getvalue())
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("compression", exr.COMPRESSIONS)
def test_formats_mix_in_a_part(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a.exr"
    colour, depth = image(), image("f32", 1, channels=["Z"])
    numbers = image("u32", 2, channels=["id", "a id"])
    exr.write(path, colour, also=[depth, numbers], compression=compression)
    found = by_wheel(path)
    assert {name: plane.dtype.name for name, plane in found.items()} == {
        **dict.fromkeys("RGBA", "float16"), "Z": "float32", "id": "uint32", "a id": "uint32",
    }  # fmt: skip
    assert (
        exr.read(path, channels=["id", "a id"]).numpy().tobytes()
        == np.ascontiguousarray(np.stack([found["id"], found["a id"]], -1)).tobytes()
    )
    if compression != "lj2k":
        assert found["id"].tobytes() == np.ascontiguousarray(numbers.pixels[..., 0]).tobytes()
    if compression in ("none", "rle", "zip", "zips", "piz", "htj2k32", "htj2k256", "zstd"):
        assert found["Z"].tobytes() == depth.pixels.tobytes()
        for place, name in enumerate("RGBA"):
            assert found[name].tobytes() == np.ascontiguousarray(colour.pixels[..., place]).tobytes()


def test_types_of_a_mixed_part_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    numbers = image("u32", 1, channels=["id"])
    exr.write(path, image("f32"), also=numbers, dtype="f16")
    assert {name: plane.dtype.name for name, plane in by_wheel(path).items()} == {
        **dict.fromkeys("RGBA", "float16"), "id": "uint32",
    }  # fmt: skip
    exr.write(path, image("f32"), also=numbers, dtype={"id": "f32", "A": "f16"})
    assert by_wheel(path)["id"].dtype == np.float32 and by_wheel(path)["A"].dtype == np.float16
    with pytest.raises(ValueError, match="share a data window"):
        exr.write(path, image(), also=image(count=1, width=9, channels=["Z"]))
    with pytest.raises(ValueError, match="two channels of one part have the same name"):
        exr.write(path, image(), also=image())


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"])
@pytest.mark.parametrize("window", [(0, 0, 47, 35), (-6, -48, 41, -13)])
def test_subsampled_channels(tmp_path: Path, compression: str, window: tuple[int, int, int, int]) -> None:
    path = tmp_path / "a.exr"
    given = image("f16", 4, 36, 48, channels=["Y", "RY", "BY", "mask"], data_window=window)
    steps = {"RY": 2, "BY": (2, 2), "mask": (3, 3)}
    exr.write(path, given, sampling=steps, compression=compression)
    channels = _wheel(path).parts[0].channels
    assert {name: (c.xSampling, c.ySampling) for name, c in channels.items()} == {
        "Y": (1, 1), "RY": (2, 2), "BY": (2, 2), "mask": (3, 3),
    }  # fmt: skip
    for place, (across, down) in enumerate(((1, 1), (2, 2), (2, 2), (3, 3))):
        name = given.channel_names[place]
        expected = given.pixels[::down, ::across, place]
        assert channels[name].pixels.shape == expected.shape
        if compression in ("none", "rle", "zips", "zip", "piz", "pxr24"):
            assert channels[name].pixels.tobytes() == np.ascontiguousarray(expected).tobytes(), name
        else:
            np.testing.assert_allclose(channels[name].pixels, expected, atol=0.15)


def test_samplings_that_do_not_fit_say_why(tmp_path: Path) -> None:
    given = image(height=36, width=48)
    for options, match in (
        ({"sampling": {"R": 5}}, "sampling 5 x 5 does not divide the data window"),
        ({"sampling": {"Q": 2}}, "sampling names channel Q"),
        ({"sampling": {"R": 0}}, "sampling must be"),
        ({"sampling": {"R": (2, 2, 2)}}, "a number or \\(across, down\\)"),
        ({"sampling": {"R": 3}, "compression": "htj2k32"}, "htj2k32 takes samplings of 1, 2, 4 …, got 3 x 3"),
        ({"sampling": {"R": 2}, "tile_size": 8}, "in scanlines, not in tiles"),
    ):
        with pytest.raises(ValueError, match=match):
            exr.write(tmp_path / "a.exr", given, **options)
    odd = vfx.Image(given.pixels, data_window=(1, 0, 48, 35))
    with pytest.raises(ValueError, match="does not divide"):
        exr.write(tmp_path / "a.exr", odd, sampling={"R": 2})


def test_a_preview_shows_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    pixels = np.zeros((200, 400, 4), np.float32)
    pixels[:, :200, 0], pixels[:, :200, 3] = 1.0, 1.0
    pixels[100:, 200:] = (0.18, 0.18, 0.18, 0.5)
    pixels[0, 399] = (np.nan, np.inf, -1, 2)
    exr.write(path, vfx.Image(pixels, data_window=(-9, 5, 390, 204)), preview=True)
    shown = OpenEXR.File(str(path)).header()["preview"]
    assert shown.pixels.shape[:2] == (50, 100)
    preview = exr.probe(path).metadata["exr:preview"]
    rgba = np.frombuffer(preview.rgba, np.uint8).reshape(50, 100, 4)
    assert rgba[10, 10].tolist() == [255, 0, 0, 255]
    assert rgba[40, 80].tolist() == [118, 118, 118, 128]  # IEC 61966-2-1: 0.18 is 0.4614
    assert exr.read(path).numpy().tobytes() == pixels.tobytes()


def test_previews_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    given = Preview(2, 1, bytes(range(8)))
    for preview, size in ((given, (2, 1)), (16, (16, 11)), (1000, (53, 37)), (image("f16", 1, 10, 20), (20, 10))):
        exr.write(path, image(), preview=preview)
        found = exr.probe(path).metadata["exr:preview"]
        assert (found.width, found.height) == size
    exr.write(path, image(pixel_aspect=2.0), preview=True)
    assert exr.probe(path).metadata["exr:preview"].height == 18  # of square pixels
    exr.write(path, image(count=1), preview=True)  # of Y
    exr.write(path, image(), preview=False)
    assert "exr:preview" not in exr.probe(path).metadata
    for preview in ("yes", 0.5):
        with pytest.raises(TypeError, match="preview must be True, a width"):
            exr.write(path, image(), preview=preview)
    with pytest.raises(ChannelError, match="a preview shows R, G, B or Y"):
        exr.write(path, image(count=1, channels=["Z"]), preview=True)


def random_layout(rng: np.random.Generator) -> tuple[list[vfx.Image], dict[str, Any]]:
    """Images that make one part, and options to write them with."""
    width, height = (int(side) for side in rng.integers(1, 60, 2))
    x0, y0 = (int(corner) for corner in rng.integers(-70, 70, 2))
    lossless = ["none", "rle", "zips", "zip", "piz", "htj2k32", "zstd"]
    options: dict[str, Any] = {"compression": str(rng.choice(lossless)), "threads": int(rng.integers(1, 4))}
    if rng.random() < 0.5:
        options["tile_size"] = tuple(int(side) for side in rng.integers(1, 40, 2))
        options["levels"] = rng.choice([None, "mip", "rip"])
        options["rounding"] = str(rng.choice(["up", "down"]))
    elif options["compression"] != "htj2k32":
        across, down = (int(step) for step in rng.integers(1, 4, 2))
        width, height = -(-width // across) * across, -(-height // down) * down
        x0, y0 = x0 // across * across, y0 // down * down
        options["sampling"] = {"i0c0": (across, down)}
    options["line_order"] = str(rng.choice(["increasing", "decreasing"]))
    window = (x0, y0, x0 + width - 1, y0 + height - 1)
    images = []
    for number in range(int(rng.integers(1, 4))):
        kind, count = str(rng.choice(["f16", "f32", "u32"])), int(rng.integers(1, 4))
        pixels = rng.integers(0, 2**32, (height, width, count), np.uint32)
        typed = {"f16": (pixels >> 16).astype(np.uint16).view(np.float16), "f32": pixels.view(np.float32)}
        view = typed.get(kind, pixels)[:, ::-1] if rng.random() < 0.5 else typed.get(kind, pixels)
        images.append(vfx.Image(view, channels=[f"i{number}c{c}" for c in range(count)], data_window=window))
    return images, options


@pytest.mark.parametrize("block", range(4))
def test_random_layouts_are_what_the_wheel_reads(tmp_path: Path, block: int) -> None:
    path = tmp_path / "a.exr"
    for seed in range(40 * block, 40 * block + 40):
        images, options = random_layout(np.random.default_rng(seed))
        exr.write(path, images[0], also=images[1:], **options)
        found = by_wheel(path)
        for given in images:
            for place, name in enumerate(given.channel_names):
                across, down = options.get("sampling", {}).get(name, (1, 1))
                expected = np.ascontiguousarray(given.pixels[::down, ::across, place])
                assert found[name].tobytes() == expected.tobytes(), (seed, name)
        again = io.BytesIO()
        exr.rewrite(path, again)
        assert again.getvalue() == path.read_bytes(), seed


def test_the_python_way_says_what_it_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    path = tmp_path / "a.exr"
    with pytest.raises(FormatError, match="only OpenEXR's C functions can write them"):
        exr.write_parts(path, [image(), image()])
    with pytest.raises(FormatError, match="only OpenEXR's C functions can write them"):
        exr.write(path, image(height=36), sampling={"R": (1, 2)})
    exr.write(path, image(), also=image("u32", 1, channels=["id"]), preview=True)
    assert by_wheel(path)["id"].tobytes() == image("u32", 1).pixels.tobytes()


def test_a_picture_is_made_of_the_channels_of_all_images() -> None:
    from vfx.io._exr_plan import picture_of

    found = picture_of([image(), image("f32", 1, channels=["Z"])])
    assert found == Picture(("R", "G", "B", "A", "Z"), ("f16",) * 4 + ("f32",), (0, 0, 52, 36), (0, 0, 52, 36), 1.0, {})
