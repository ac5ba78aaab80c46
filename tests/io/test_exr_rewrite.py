"""Saving an EXR file again: metadata changes, every chunk is copied byte for byte, other tools agree."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

import vfx
from vfx.errors import ChannelError, FormatError, VfxError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute, decode_value
from vfx.io._exr_chunks import find_chunks
from vfx.io._exr_header import parse, serialise_parts
from vfx.metadata import V2f


def plate(kind: Any = np.float16, height: int = 37, width: int = 53, count: int = 4) -> np.ndarray[Any, Any]:
    """A small picture with gradients and noise."""
    y, x, c = np.mgrid[0:height, 0:width, 0:count]
    rng = np.random.default_rng(5)
    return (np.sin(x / 9 + c) + y / 11 + 0.01 * rng.standard_normal((height, width, count))).astype(kind)


def chunks_of(path: Path) -> list[bytes]:
    """The chunks of a file in the order of its tables, with their leaders."""
    data = path.read_bytes()
    header = parse(io.BytesIO(data), len(data), str(path))
    found = sorted(find_chunks(io.BytesIO(data), len(data), header), key=lambda chunk: (chunk.part, chunk.place))
    return [data[chunk.offset : chunk.offset + chunk.size] for chunk in found]


def by_oiio(path: Path, part: int = 0, level: int = 0) -> np.ndarray[Any, Any]:
    """The pixels as OpenImageIO reads them."""
    buffer = OpenImageIO.ImageBuf(str(path), part, level)
    pixels = np.asarray(buffer.get_pixels(OpenImageIO.FLOAT))
    assert not buffer.has_error, buffer.geterror()
    return pixels


def multipart(path: Path) -> Path:
    """A file of three parts by the OpenEXR wheel: half scanlines, float tiles, uint data."""
    window = (np.array([0, 0], np.int32), np.array([52, 36], np.int32))
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 16
    common = {"compression": OpenEXR.ZIP_COMPRESSION, "dataWindow": window, "displayWindow": window}
    parts = [
        OpenEXR.Part({**common, "type": OpenEXR.scanlineimage, "owner": "me"}, {"RGBA": plate()}, name="beauty"),
        OpenEXR.Part(
            {**common, "type": OpenEXR.tiledimage, "tiles": tiles},
            {"Z": np.ascontiguousarray(plate(np.float32)[..., 0])},
            name="depth",
        ),
        OpenEXR.Part(
            {**common, "type": OpenEXR.scanlineimage},
            {"id": np.arange(37 * 53, dtype=np.uint32).reshape(37, 53)},
            name="ids",
        ),
    ]
    OpenEXR.File(parts).write(str(path))
    return path


def mip_map(path: Path) -> Path:
    """A tiled file with every level of a mip map, by OpenImageIO."""
    spec = OpenImageIO.ImageSpec(53, 37, 3, OpenImageIO.HALF)
    spec.tile_width = spec.tile_height = 16
    spec.attribute("textureformat", "Plain Texture")  # makes OpenImageIO write levels
    out = OpenImageIO.ImageOutput.create(str(path))
    size = (53, 37)
    assert out.open(str(path), spec), out.geterror()
    while True:
        assert out.write_image(plate(np.float16, size[1], size[0], 3)), out.geterror()
        if size == (1, 1):
            break
        size = (max(1, size[0] // 2), max(1, size[1] // 2))
        spec.width, spec.height = spec.full_width, spec.full_height = size
        assert out.open(str(path), spec, "AppendMIPLevel"), out.geterror()
    out.close()
    return path


@pytest.mark.each_shared_file("exr/**/*.exr")
def test_a_file_saved_again_unchanged_is_the_same_file(shared_case: Path) -> None:
    found = io.BytesIO()
    exr.rewrite(shared_case, found)
    assert found.getvalue() == shared_case.read_bytes()


@pytest.mark.each_shared_file("exr/**/*.exr")
def test_an_edit_changes_metadata_and_nothing_else(shared_case: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.rewrite(shared_case, path, edit={"owner": "a much longer owner than before", "exr:shot": "sh010"})
    assert chunks_of(path) == chunks_of(shared_case)
    with shared_case.open("rb") as a, path.open("rb") as b:
        before = parse(a, shared_case.stat().st_size, "").parts[0].attributes
        after = parse(b, path.stat().st_size, "").parts[0].attributes
    assert {**before, **{name: after[name] for name in ("owner", "shot")}} == after
    assert exr.probe(path).metadata["owner"] == "a much longer owner than before"
    same = exr.probe(shared_case).parts[0]
    if not same.type.startswith("deep") and "RY" not in same.channel_names:  # OpenImageIO refuses subsampling
        np.testing.assert_array_equal(by_oiio(path), by_oiio(shared_case))


def test_every_part_comes_along(tmp_path: Path) -> None:
    source = multipart(tmp_path / "a.exr")
    exr.rewrite(source, tmp_path / "b.exr", edit={"frame_rate": Fraction(24), "owner": None})
    assert chunks_of(tmp_path / "b.exr") == chunks_of(source)
    before, after = OpenEXR.File(str(source)).parts, OpenEXR.File(str(tmp_path / "b.exr")).parts
    assert [part.name() for part in after] == ["beauty", "depth", "ids"]
    for a, b in zip(before, after, strict=True):
        assert b.header["framesPerSecond"] == 24
        for name, channel in a.channels.items():
            assert channel.pixels.tobytes() == b.channels[name].pixels.tobytes()
    assert "owner" in before[0].header and "owner" not in after[0].header


def test_one_part_may_be_edited_alone(tmp_path: Path) -> None:
    source = multipart(tmp_path / "a.exr")
    exr.rewrite(source, tmp_path / "b.exr", edit={"comments": "deep water", "name": "z"}, part="depth")
    infos = exr.probe(tmp_path / "b.exr").parts
    assert [info.name for info in infos] == ["beauty", "z", "ids"]
    assert ["comments" in info.metadata for info in infos] == [False, True, False]


@pytest.mark.parametrize("parts", [["ids", "beauty"], [2, 1], "depth", 0, ["beauty"], [0, 1, 2]])
def test_parts_are_taken_out_and_put_in_order(tmp_path: Path, parts: Any) -> None:
    source = multipart(tmp_path / "a.exr")
    exr.rewrite(source, tmp_path / "b.exr", parts=parts)
    names = ["beauty", "depth", "ids"]
    wanted = [
        names[part] if isinstance(part, int) else part for part in (parts if isinstance(parts, list) else [parts])
    ]
    before = {part.name(): part for part in OpenEXR.File(str(source)).parts}
    after = OpenEXR.File(str(tmp_path / "b.exr")).parts
    assert [part.name() for part in after] == wanted
    for index, part in enumerate(after):
        for name, channel in part.channels.items():
            assert channel.pixels.tobytes() == before[part.name()].channels[name].pixels.tobytes()
        np.testing.assert_array_equal(by_oiio(tmp_path / "b.exr", index), by_oiio(source, names.index(part.name())))
    flags = int.from_bytes((tmp_path / "b.exr").read_bytes()[4:8], "little")
    assert bool(flags & 0x1000) == (len(wanted) > 1)
    assert bool(flags & 0x200) == (wanted == ["depth"])


def test_levels_come_along(tmp_path: Path) -> None:
    source = mip_map(tmp_path / "a.exr")
    exr.rewrite(source, tmp_path / "b.exr", edit={"owner": "x"})
    assert chunks_of(tmp_path / "b.exr") == chunks_of(source)
    for level in range(6):
        np.testing.assert_array_equal(by_oiio(tmp_path / "b.exr", 0, level), by_oiio(source, 0, level))


def test_the_windows_and_the_aspect_that_do_not_touch_pixels_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate()))
    exr.rewrite(path, path, edit={"display_window": (-1, 2, 99, 50), "pixel_aspect": 2, "name": "main"})
    info = exr.probe(path).parts[0]
    assert (info.display_window, info.pixel_aspect, info.name) == ((-1, 2, 99, 50), 2.0, "main")
    assert exr.read(path).numpy().tobytes() == plate().tobytes()


def test_a_number_keeps_its_type(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    kept = {"exr:exposure": 0.5, "exr:take": 3, "exr:precise": np.float64(0.1), "exr:centre": V2f(1.0, 2.0)}
    exr.write(path, vfx.Image(plate(), metadata=kept))
    exr.rewrite(path, path, edit={"exr:exposure": 2, "exr:take": 4.0, "exr:precise": 1, "exr:new": 7})
    with path.open("rb") as stream:
        found = parse(stream, path.stat().st_size, "").parts[0].attributes
    types = {name: found[name].type for name in ("exposure", "take", "precise", "new", "centre")}
    assert types == {"exposure": "float", "take": "int", "precise": "double", "new": "int", "centre": "v2f"}
    assert [decode_value(name, found[name]) for name in ("exposure", "take", "precise", "new")] == [2.0, 4, 1.0, 7]
    exr.rewrite(path, path, edit={"exr:take": 4.5})
    assert exr.probe(path).metadata["exr:take"] == 4.5


def test_long_names_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate()))
    name = "a name that is longer than thirty-one bytes"
    exr.rewrite(path, path, edit={f"exr:{name}": 1})
    assert int.from_bytes(path.read_bytes()[4:8], "little") & 0x400
    assert OpenEXR.File(str(path)).header()[name] == 1
    exr.rewrite(path, path, edit={f"exr:{name}": None})
    assert not int.from_bytes(path.read_bytes()[4:8], "little") & 0x400


def test_a_table_of_zeros_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate(height=100)), compression="zip", line_order="decreasing")
    whole = path.read_bytes()
    at = parse(io.BytesIO(whole), len(whole), "").end
    stopped = whole[:at] + bytes(8 * 7) + whole[at + 8 * 7 :]
    found = io.BytesIO()
    exr.rewrite(stopped, found)
    assert found.getvalue() == whole


@pytest.mark.parametrize("kind", ["cut", "no chunks", "no table", "overlap", "another's chunk"])
def test_a_file_that_lacks_a_chunk_is_refused_and_the_target_kept(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "a.exr", tmp_path / "b.exr"
    exr.write(path, vfx.Image(plate(height=100)), compression="zip")
    target.write_bytes(b"old")
    data = bytearray(path.read_bytes())
    table = parse(io.BytesIO(data), len(data), "").end
    if kind == "cut":
        del data[-5:]
    elif kind == "no chunks":
        del data[table + 56 :]
    elif kind == "no table":
        del data[table + 20 :]
    elif kind == "overlap":  # the first chunk swallows the second
        first = int.from_bytes(data[table : table + 8], "little")
        data[first + 4 : first + 8] = (len(data) - first - 8).to_bytes(4, "little")
    else:
        data[table : table + 8] = data[table + 8 : table + 16]
        first = int.from_bytes(data[table : table + 8], "little")
        data[first - 20 : first] = bytes(20)
        data[table + 56 : table + 60] = b"\xff" * 4
    path.write_bytes(data)
    with pytest.raises(FormatError, match="truncated|overlap") as caught:
        exr.rewrite(path, target)
    assert str(path) in str(caught.value)
    assert target.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 2


def test_impossible_edits_say_what_is_wrong(tmp_path: Path) -> None:
    path = multipart(tmp_path / "a.exr")
    before = path.read_bytes()
    for edit, kind, match in (
        ({"exr:compression": "zip"}, ValueError, "the image and the options of write decide it"),
        ({"exr:nothing": None}, ValueError, "no 'exr:nothing' to erase"),
        ({"pixel_aspect": None}, ValueError, "pixel_aspect cannot be erased"),
        ({"exr:screenWindowWidth": None}, ValueError, "cannot be erased"),
        ({"timecode": "soon"}, ValueError, "must look like 01:02:03:04"),
        ({"owner": 5}, TypeError, "'owner' must be str"),
        ({"display_window": (3, 3, 1, 1)}, ValueError, "display_window must be"),
        ({"name": "same"}, ValueError, "two parts named 'same'"),
    ):
        with pytest.raises(kind, match=match):
            exr.rewrite(path, path, edit=edit)
    for parts, error, match in (
        ([], ValueError, "one part or several"),
        ([0, 0], ValueError, "different"),
        ([9], ChannelError, "no part 9"),
        ("nope", ChannelError, "'beauty', 'depth', 'ids'"),
    ):
        with pytest.raises(error, match=match):
            exr.rewrite(path, path, parts=parts)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="all parts of a file have the same timeCode"):
        exr.rewrite(path, path, edit={"timecode": "01:02:03:04"}, part=1)
    with pytest.raises(ChannelError, match="no part 'x'"):
        exr.rewrite(path, path, part="x")
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


@pytest.mark.each_shared_file("exr_bad/*")
def test_damaged_files_are_copied_whole_or_refused(shared_case: Path) -> None:
    found = io.BytesIO()
    try:
        exr.rewrite(shared_case, found, edit={"owner": "x"})
    except VfxError:
        assert not found.getvalue()
    else:
        assert len(found.getvalue()) > 300


def test_an_impossible_number_of_chunks_is_refused_before_anything_is_allocated() -> None:
    stream = io.BytesIO()
    exr.write(stream, vfx.Image(plate()), tile_size=16)
    header = parse(stream, len(stream.getvalue()), "")
    attributes = dict(header.parts[0].attributes)
    attributes["tiles"] = Attribute("tiledesc", bytes([1, 0, 0, 0, 1, 0, 0, 0, 2]))
    attributes["dataWindow"] = Attribute("box2i", np.array([0, 0, 2**28, 2**28], "<i4").tobytes())
    data = serialise_parts([attributes], 0x200) + bytes(1000)
    with pytest.raises(FormatError, match="truncated"):
        exr.rewrite(data, io.BytesIO())


def test_streams_and_bytes_are_sources_and_targets(tmp_path: Path) -> None:
    path = multipart(tmp_path / "a.exr")
    found = []
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        target = io.BytesIO()
        exr.rewrite(source, target, edit={"owner": "x"})
        found.append(target.getvalue())
    exr.rewrite(path, tmp_path / "b.exr", edit={"owner": "x"})
    assert found[0] == found[1] == found[2] == (tmp_path / "b.exr").read_bytes()
