"""Files as the parts of one: every chunk is copied, other tools read what they read before."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import exr
from vfx.metadata import TimeCode


def image(count: int = 3, kind: Any = np.float16, width: int = 53, height: int = 37, **options: Any) -> vfx.Image:
    """A small picture of noise."""
    pixels = np.random.default_rng(count).random((height, width, count), np.float32).astype(kind)
    return vfx.Image(pixels, display_window=(0, 0, 52, 36), **options)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A plain file, one with levels, one of two parts."""
    found = {name: tmp_path / f"{name}.exr" for name in ("beauty", "texture", "passes")}
    exr.write(found["beauty"], image(4), compression="zip")
    exr.write(found["texture"], image(3, np.float32), compression="piz", levels="mip", tile_size=16)
    depth = image(1, np.float32, 20, 10, channels=["Z"])
    exr.write_parts(found["passes"], {"depth": depth, "normal": image(3)}, each=[{}, {"tile_size": 8}])
    return found


def by_oiio(path: Path, part: int, level: int = 0) -> np.ndarray[Any, Any]:
    """The pixels as OpenImageIO reads them."""
    return np.asarray(OpenImageIO.ImageBuf(str(path), part, level).get_pixels(OpenImageIO.FLOAT))


def test_every_part_is_what_its_file_was(tmp_path: Path, files: dict[str, Path]) -> None:
    path = tmp_path / "shot.exr"
    exr.combine(list(files.values()), path)
    assert [part.name for part in exr.probe(path).parts] == ["beauty", "texture", "depth", "normal"]
    places = [("beauty", 0, 1), ("texture", 0, 6), ("passes", 0, 1), ("passes", 1, 1)]
    for index, (name, part, levels) in enumerate(places):
        for level in range(levels):
            np.testing.assert_array_equal(by_oiio(path, index, level), by_oiio(files[name], part, level))
            ours = exr.read(path, part=index, level=level)
            assert ours.numpy().tobytes() == exr.read(files[name], part=part, level=level).numpy().tobytes()
    wheel = OpenEXR.File(str(path)).parts
    assert [part.name() for part in wheel] == ["beauty", "texture", "depth", "normal"]
    assert wheel[0].channels["RGBA"].pixels.tobytes() == image(4).numpy().tobytes()


def test_a_part_taken_out_again_is_the_file(tmp_path: Path, files: dict[str, Path]) -> None:
    path = tmp_path / "shot.exr"
    exr.combine({"a": files["beauty"], "b": files["texture"]}, path)
    for part, name in (("a", "beauty"), ("b", "texture")):
        exr.rewrite(path, tmp_path / "one.exr", parts=part)
        size = files[name].stat().st_size
        before, after = files[name].read_bytes(), (tmp_path / "one.exr").read_bytes()
        assert before[-size // 2 :] == after[-size // 2 :]


def test_deep_and_flat_parts_share_a_file(tmp_path: Path, shared_file: Any) -> None:
    deep = shared_file("exr/Trunks.exr")
    info = exr.probe(deep).parts[0]
    x0, y0, x1, y1 = info.display_window
    flat = vfx.Image(np.zeros((y1 - y0 + 1, x1 - x0 + 1, 3), np.float16), display_window=info.display_window)
    flat.pixel_aspect = info.pixel_aspect
    given = {key: info.metadata[key] for key in ("timecode", "chromaticities") if key in info.metadata}
    flat.metadata.update(given)
    stream = io.BytesIO()
    exr.write(stream, flat)
    path = tmp_path / "a.exr"
    exr.combine([stream.getvalue(), deep], path, names=["flat", "deep"])
    assert [part.type for part in exr.probe(path).parts] == ["scanlineimage", "deepscanline"]
    before, after = OpenImageIO.ImageBuf(str(deep)), OpenImageIO.ImageBuf(str(path), 1, 0)
    seen = 0
    for y in range(y0, y1, 40):
        for x in range(x0, x1, 10):
            count = before.deep_samples(x, y)
            assert after.deep_samples(x, y) == count
            for sample in range(count):
                assert after.deep_value(x, y, 0, 0, sample) == before.deep_value(x, y, 0, 0, sample)
                seen += 1
    assert seen > 100
    exr.rewrite(path, tmp_path / "b.exr", parts="deep")
    assert exr.probe(tmp_path / "b.exr").parts[0].type == "deepscanline"
    assert OpenImageIO.ImageBuf(str(tmp_path / "b.exr")).deep


def test_files_that_do_not_fit_say_why(tmp_path: Path, files: dict[str, Path]) -> None:
    other = tmp_path / "other.exr"
    exr.write(other, image(metadata={"timecode": TimeCode(1, 2, 3, 4)}))
    target = tmp_path / "shot.exr"
    target.write_bytes(b"old")
    for sources, options, match in (
        ([], {}, "at least one part"),
        ([files["beauty"], files["beauty"]], {}, "a name of its own, got 'beauty', 'beauty'; give names="),
        ([files["beauty"], files["passes"]], {"names": ["a", "b"]}, "one entry for each of the 3 parts"),
        ([files["beauty"], other], {}, "the same timeCode"),
    ):
        with pytest.raises(ValueError, match=match):
            exr.combine(sources, target, **options)  # type: ignore[arg-type]
    cut = files["texture"].read_bytes()[:-9]
    with pytest.raises(FormatError, match="truncated"):
        exr.combine({"a": files["beauty"], "b": cut}, target)
    assert target.read_bytes() == b"old"
    exr.combine([files["beauty"], files["passes"]], files["beauty"])  # a source may be the target
    assert len(exr.probe(files["beauty"]).parts) == 3
