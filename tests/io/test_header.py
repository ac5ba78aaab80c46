"""Headers changed without touching pixels: what changes, what stays byte for byte, what is refused."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

import vfx
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io import dpx, header, tiff
from vfx.io._exif_tags import Tags
from vfx.io._png_chunks import chunks
from vfx.metadata import Box2i, KeyCode, Opaque, TimeCode, V2f, V2i, V3f

EXTENSIONS = ["exr", "dpx", "png", "jpg", "tif"]
Shared = Callable[[str], Path]


def written(folder: Path, extension: str, **metadata: Any) -> Path:
    """A file with noise in it."""
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (9, 13, 3)).astype(np.uint8)
    image = Image(pixels, metadata={"software": "a program", "copyright": "ours", **metadata})
    path = folder / f"a.{extension}"
    options = {"bit_depth": 10} if extension == "dpx" else {}
    vfx.write(path, image.astype("f16") if extension == "exr" else image, **options)
    return path


def pixels(path: Path) -> np.ndarray[Any, Any]:
    return vfx.read(path).numpy()


# ------------------------------------------------------------------ every format


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_header_says_something_else_and_pixels_stay(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    before = pixels(path)
    header.edit(path, changes={"software": "another", "timecode": "01:02:03:04", "frame_rate": 24})
    found = vfx.probe(path).metadata
    assert (found["software"], found["copyright"]) == ("another", "ours")
    assert (found["timecode"], found["frame_rate"]) == (TimeCode(1, 2, 3, 4), Fraction(24))
    np.testing.assert_array_equal(pixels(path), before)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_entries_are_taken_away(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    header.edit(path, changes={"software": None}, erase="copy.*")
    assert not {"software", "copyright"} & set(vfx.probe(path).metadata)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_everything_can_be_taken_away(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension, timecode=TimeCode(1, 0, 0, 0), title="a title", iso=400.0, orientation=6)
    before = pixels(path)
    header.edit(path, erase=".*")
    assert [key for key in vfx.probe(path).metadata if ":" not in key] == []
    np.testing.assert_array_equal(pixels(path), before)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_another_target_leaves_the_source_alone(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    before = path.read_bytes()
    header.edit(path, tmp_path / "b.x", changes={"software": "another"})
    assert path.read_bytes() == before
    assert vfx.probe(tmp_path / "b.x").metadata["software"] == "another"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_nothing_to_change_changes_no_byte(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension, timecode=TimeCode(1, 0, 0, 0))
    before = path.read_bytes()
    header.edit(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_pixel_aspect_is_a_part_of_the_header(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    header.edit(path, changes={"pixel_aspect": 2.0})
    assert vfx.probe(path).pixel_aspect == 2.0
    assert vfx.read(path).pixel_aspect == 2.0


@pytest.mark.parametrize(
    ("extension", "changes", "reason"),
    [
        ("png", {"keycode": "02 34 567890 1234+56"}, "a png file has no place for 'keycode'"),
        ("jpg", {"dpx:slate": "12"}, "a jpeg file has no place for 'dpx:slate'"),
        ("dpx", {"owner": "me"}, "a dpx file has no place for 'owner'"),
        ("dpx", {"dpx:no_such_field": 1}, "a dpx file has no place for 'dpx:no_such_field'"),
        ("dpx", {"copyright": "x" * 300}, "copyright holds 200 bytes of text"),
        ("dpx", {"dpx:user_data": bytes(10**6)}, "do not fit before the pixels"),
        ("tif", {"tiff:bit_depth": 7}, "a tiff file cannot say 'tiff:bit_depth' = 7, only 8"),
        ("exr", {"exr:compression": "zip"}, "compression"),
        ("jpg", {"comments": "x" * 70000}, "does not fit into a JPEG file"),
        ("exr", {"timecode": "morning"}, "must look like 01:02:03:04"),
        ("png", {"software": 5}, "metadata 'software' must be str"),
        ("exr", {"owenr": "me"}, "there is no 'owenr'; did you mean 'owner'"),
        ("png", {"display_window": (0, 0, 7, 7)}, "a png file cannot say 'display_window'"),
    ],
)
def test_what_cannot_be_said_leaves_the_file_as_it_was(
    extension: str, changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path = written(tmp_path, extension)
    before = path.read_bytes()
    with pytest.raises((ValueError, TypeError), match=reason):
        header.edit(path, changes=changes)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


def test_formats_without_an_editor_are_named(tmp_path: Path) -> None:
    vfx.write(tmp_path / "a.bmp", np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError, match="headers of dpx, exr, jpeg, png, tiff files can be changed, not of bmp"):
        header.edit(tmp_path / "a.bmp", changes={"owner": "x"})


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_damaged_files_are_refused_and_stay(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    path.write_bytes(path.read_bytes()[:20])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=path.name):
        header.edit(path, changes={"software": "another"})
    assert path.read_bytes() == before


@pytest.mark.parametrize("extension", ["jpg", "png", "tif"])
def test_camera_words_reach_other_programs(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    header.edit(path, changes={"camera_model": "a model", "exposure_time": 0.02, "latitude": 12.5, "orientation": 8})
    with Pillow.open(path) as opened:
        exif = opened.getexif()
        assert (exif[272], exif.get_ifd(0x8769)[33434], exif.get_ifd(0x8825)[1]) == ("a model", Fraction(1, 50), "N")
        assert exif[274] == 8


@pytest.mark.parametrize("extension", ["jpg", "png", "tif"])
def test_an_erased_block_takes_its_words_with_it(extension: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension, exposure_time=0.02, latitude=12.5, icc_profile=bytes(16) + b"RGB " + bytes(120))
    header.edit(path, erase="exif")
    found = vfx.probe(path).metadata
    assert not {"exif", "exposure_time", "latitude"} & set(found)
    assert "icc_profile" in found
    with Pillow.open(path) as opened:
        assert opened.getexif().get_ifd(0x8769) == {}


# ------------------------------------------------------------------ what is copied


@pytest.mark.each_shared_file("png/[!x]*.png", "photo/*.png")
def test_all_other_chunks_of_a_png_stay(shared_case: Path, tmp_path: Path) -> None:
    header.edit(shared_case, tmp_path / "a.png", changes={"title": "a title"})
    old, new = shared_case.read_bytes(), (tmp_path / "a.png").read_bytes()
    added = [(c.kind, bytes(c.data)) for c in chunks(memoryview(new), "") if c.data[:6] == b"Title\0"]
    assert added == [(b"tEXt", b"Title\0a title")]
    theirs = [(c.kind, bytes(c.data)) for c in chunks(memoryview(old), "") if c.data[:6] != b"Title\0"]
    assert [(c.kind, bytes(c.data)) for c in chunks(memoryview(new), "") if c.data[:6] != b"Title\0"] == theirs


@pytest.mark.each_shared_file("jpeg/*.jpg", "photo/*.jpg", "photo/*/*.jpg")
def test_the_scans_of_a_jpeg_stay(shared_case: Path, tmp_path: Path) -> None:
    try:
        header.edit(shared_case, tmp_path / "a.jpg", changes={"comments": "a remark"})
    except ValueError:
        with pytest.raises(ValueError):
            vfx.probe(shared_case)
        return
    old, new = shared_case.read_bytes(), (tmp_path / "a.jpg").read_bytes()
    scan = old[old.index(b"\xff\xda") :] if b"Exif" not in old else old[-1000:]
    assert new.endswith(scan)
    assert vfx.probe(tmp_path / "a.jpg").metadata["comments"] == "a remark"
    assert vfx.probe(tmp_path / "a.jpg").metadata.get("exif") == vfx.probe(shared_case).metadata.get("exif")


@pytest.mark.each_shared_file("dpx/*.dpx")
def test_only_the_field_of_a_dpx_changes(shared_case: Path, tmp_path: Path) -> None:
    try:
        header.edit(shared_case, tmp_path / "a.dpx", changes={"dpx:project": "a project", "timecode": None})
    except ValueError:
        with pytest.raises(ValueError):
            vfx.probe(shared_case)
        return
    old, new = (np.frombuffer(path.read_bytes(), np.uint8) for path in (shared_case, tmp_path / "a.dpx"))
    assert len(old) == len(new)
    places = np.flatnonzero(old != new)
    assert all(260 <= place < 460 or 1920 <= place < 1928 for place in places)
    assert vfx.probe(tmp_path / "a.dpx").metadata["dpx:project"] == "a project"


@pytest.mark.each_shared_file("exr/*.exr", "exr/deep/*.exr")
def test_only_the_attribute_of_an_exr_changes(shared_case: Path, tmp_path: Path) -> None:
    header.edit(shared_case, tmp_path / "a.exr", changes={"owner": "me", "exr:weights": (1.0, 2.0, 3.0)})
    before, after = vfx.probe(shared_case), vfx.probe(tmp_path / "a.exr")
    for old, new in zip(before.parts, after.parts, strict=True):
        assert new.metadata["owner"] == "me" and new.metadata["exr:weights"] == V3f(1.0, 2.0, 3.0)
        assert set(new.metadata) == set(old.metadata) | {"owner", "exr:weights"}
        assert (new.data_window, new.channel_names, new.compression) == (
            old.data_window,
            old.channel_names,
            old.compression,
        )


@pytest.mark.each_shared_file("tiff/*.tif", "tiff/*.tiff")
def test_strips_of_a_tiff_stay(shared_case: Path, tmp_path: Path) -> None:
    try:
        before = tiff.read(shared_case)
    except ValueError:
        return  # broken on purpose, or of a kind that is refused
    header.edit(shared_case, tmp_path / "a.tif", changes={"owner": "me", "iso": 400})
    after = tiff.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert (after.metadata["owner"], after.metadata["iso"]) == ("me", 400.0)
    kept = set(before.metadata) - {"owner", "iso", "exif"}
    assert all(vfx.io._vocabulary.alike(after.metadata[key], before.metadata[key]) for key in kept)


def test_windows_and_own_attributes_of_an_exr_change(tmp_path: Path) -> None:
    path = written(tmp_path, "exr")
    header.edit(path, changes={"display_window": (0, 0, 99, 49), "shot": "sh010"})
    info = vfx.probe(path)
    assert info.display_window == (0, 0, 99, 49) and info.data_window == (0, 0, 12, 8)
    assert info.metadata["exr:shot"] == "sh010"


# ------------------------------------------------------------------ DPX


def test_all_elements_of_a_planar_dpx_picture_change(tmp_path: Path) -> None:
    eyes = [vfx.Image(np.full((2, 4, 3), value, np.float32)) for value in (0.25, 0.75)]
    dpx.write(tmp_path / "a.dpx", eyes, planar=True, bit_depth=8)
    header.edit(tmp_path / "a.dpx", changes={"dpx:transfer": "linear", "dpx:description": "right"}, part=1)
    content = (tmp_path / "a.dpx").read_bytes()
    assert [content[780 + 72 * index + 21] for index in range(6)] == [255] * 3 + [2] * 3
    assert [part.name for part in vfx.probe(tmp_path / "a.dpx").parts] == ["", "right"]
    assert vfx.read(tmp_path / "a.dpx", part="right").numpy().min() == 191


def test_a_dpx_without_an_industry_header_gets_one(tmp_path: Path) -> None:
    path = written(tmp_path, "dpx")
    content = bytearray(path.read_bytes())
    short = content[:1664] + content[2048:]
    for at, value in ((4, 1664), (16, len(short)), (28, 0xFFFFFFFF), (780 + 28, 1664)):
        struct.pack_into(">I", short, at, value)
    path.write_bytes(short)
    before = pixels(path)
    header.edit(path, changes={"keycode": "02 34 567890 1234+56", "timecode": "10:00:00:00", "dpx:slate": "12A"})
    found = vfx.probe(path).metadata
    assert found["keycode"] == KeyCode(2, 34, 567890, 1234, 56)
    assert (found["timecode"], found["dpx:slate"]) == (TimeCode(10, 0, 0, 0), "12A")
    np.testing.assert_array_equal(pixels(path), before)
    assert path.stat().st_size == len(short) + 384
    header.edit(path, tmp_path / "b.dpx", changes={"dpx:project": "a project"})
    assert (tmp_path / "b.dpx").stat().st_size == path.stat().st_size


def test_transfer_and_user_data_of_a_dpx_change(tmp_path: Path) -> None:
    path = written(tmp_path, "dpx", **{"dpx:user_id": "a house", "dpx:user_data": b"1234"})
    header.edit(path, changes={"dpx:transfer": "printing_density", "dpx:user_data": b"567", "dpx:gamma": 1.5})
    found = dpx.read(path).metadata
    assert (found["dpx:transfer"], found["dpx:gamma"], found["dpx:user_id"]) == ("printing_density", 1.5, "a house")
    assert found["dpx:user_data"] == b"567"
    with pytest.raises(ValueError, match=r"a\.dpx: transfer must be one of"):
        header.edit(path, changes={"dpx:transfer": "printed_density"})


# ------------------------------------------------------------------ TIFF


def test_a_page_of_a_tiff_is_chosen(tmp_path: Path, shared_file: Shared) -> None:
    import tifffile

    with tifffile.TiffWriter(tmp_path / "a.tif", bigtiff=True) as file:
        for value in (10, 20, 30):
            file.write(np.full((4, 4), value, np.uint8), metadata=None)
    header.edit(tmp_path / "a.tif", changes={"owner": "a person with a long name"}, part=1)
    parts = vfx.probe(tmp_path / "a.tif").parts
    assert [part.metadata.get("owner") for part in parts] == [None, "a person with a long name", None]
    with tifffile.TiffFile(tmp_path / "a.tif") as opened:
        assert [page.asarray()[0, 0] for page in opened.pages] == [10, 20, 30]


def test_a_tag_that_lies_over_the_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    vfx.write(path, Image(np.full((8, 8, 3), 65, np.uint8), metadata={"owner": "a long name"}), compression="none")
    content = bytearray(path.read_bytes())
    tags = Tags(bytes(content))
    owner, strips = tags.entry("image", 315), tags.value("image", 273)
    assert owner is not None
    struct.pack_into("<I", content, owner.at + 8, strips)  # its text begins where the pixels do
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.tif: its tags lie over other parts of the file"):
        header.edit(path, changes={"owner": None})
    assert path.read_bytes() == content


def test_channel_names_stay_beside_changed_comments(tmp_path: Path) -> None:
    names = ("R", "G", "B", "depth.Z")
    vfx.write(tmp_path / "a.tif", Image(np.zeros((2, 2, 4), np.float32), channels=names))
    header.edit(tmp_path / "a.tif", changes={"comments": "a remark"})
    info = vfx.probe(tmp_path / "a.tif")
    assert info.channel_names == names and info.metadata["comments"] == "a remark"


# ------------------------------------------------------------------ values as text


@pytest.mark.parametrize(
    ("key", "text", "like", "value"),
    [
        ("timecode", "01:02:03;04", None, TimeCode(1, 2, 3, 4, drop_frame=True)),
        ("frame_rate", "23.976", None, Fraction(24000, 1001)),
        ("exposure_time", "1/50", None, 0.02),
        ("iso", "800", None, 800.0),
        ("orientation", "6", None, 6),
        ("owner", "12", None, "12"),
        ("owner", '"quoted"', None, "quoted"),
        ("cicp", "9,16,0,1", None, (9, 16, 0, True)),
        ("content_light", "1000 400", None, (1000.0, 400.0)),
        ("pixel_aspect", "2", None, 2.0),
        ("display_window", "0 0 99 49", None, (0, 0, 99, 49)),
        ("exr:xDensity", "72", None, 72.0),
        ("exr:adoptedNeutral", "0.3 0.3", None, V2f(0.3, 0.3)),
        ("dpx:slate", "12", None, "12"),
        ("dpx:gamma", "2", None, 2.0),
        ("dpx:border", "1 2 3 4", None, (1, 2, 3, 4)),
        ("dpx:transfer", "linear", None, "linear"),
        ("png:Scene", "7", None, "7"),
        ("tiff:density", "300 300 2", None, (300.0, 300.0, 2.0)),
        ("exr:n", "5", None, 5),
        ("exr:n", "5", 1.5, 5.0),
        ("exr:n", "5", "text", "5"),
        ("exr:n", '"5"', None, "5"),
        ("exr:n", "1/2", None, "1/2"),
        ("exr:n", "1/2", Fraction(3), Fraction(1, 2)),
        ("exr:n", "1, 2", None, (1, 2)),
        ("exr:n", "1 2.5 3", V3f(0.0, 0.0, 0.0), V3f(1.0, 2.5, 3.0)),
        ("exr:n", "1 2 3 4", Box2i(V2i(0, 0), V2i(1, 1)), Box2i(V2i(1, 2), V2i(3, 4))),
        ("exr:n", "a, b", ["x"], ["a", "b"]),
        ("exr:n", "nan", None, "nan"),
        ("exr:n", "some words", None, "some words"),
        ("shot", "", None, ""),
    ],
)
def test_typed_text_becomes_the_value_that_was_meant(key: str, text: str, like: Any, value: Any) -> None:
    found = header.from_text(key, text, like)
    assert (found == value and type(found) is type(value)) or (isinstance(found, tuple) and found == value)


def test_matrices_and_files_are_values_too(tmp_path: Path) -> None:
    matrix = header.from_text("exr:m", "1 0 0 0 1 0 0 0 1")
    assert matrix.shape == (3, 3) and matrix.dtype == np.float32
    (tmp_path / "x").write_bytes(b"bytes")
    assert header.from_text("icc_profile", f"@{tmp_path / 'x'}") == b"bytes"
    assert header.from_text("exr:b", f"@{tmp_path / 'x'}", Opaque("mine", b"")) == Opaque("mine", b"bytes")


@pytest.mark.parametrize(
    ("extension", "key", "text"),
    [
        ("dpx", "dpx:slate", "12"),
        ("dpx", "dpx:frame_position", "12"),
        ("dpx", "dpx:gamma", "2"),
        ("exr", "exr:xDensity", "72"),
        ("exr", "exr:multiView", "left, right"),
        ("png", "png:Scene", "7"),
        ("png", "png:density", "3000 3000 1"),
        ("jpg", "jpeg:density", "300 300 1"),
        ("tif", "tiff:density", "300 300 2"),
        ("tif", "tiff:DocumentName", "5"),
    ],
)
def test_typed_native_entries_reach_the_file(extension: str, key: str, text: str, tmp_path: Path) -> None:
    path = written(tmp_path, extension)
    value = header.from_text(key, text)
    header.edit(path, changes={key: value})
    assert vfx.probe(path).metadata[key] == value


@pytest.mark.parametrize(
    ("key", "text", "like", "reason"),
    [
        ("timecode", "morning", None, "must look like 01:02:03:04"),
        ("iso", "fast", None, "a number is needed, got 'fast'"),
        ("orientation", "9", None, "must be between 1 and 8"),
        ("chromaticities", "1 2 3", None, "8 numbers are needed, got 3"),
        ("cicp", "1 2 3 x", None, "4 whole numbers are needed"),
        ("exif", "bytes", None, "named as @file"),
        ("exr:n", "five", 5, "1 whole number is needed"),
        ("exr:n", "1 2", V3f(0.0, 0.0, 0.0), "3 numbers are needed, got 2"),
    ],
)
def test_text_that_means_nothing_is_refused_by_name(key: str, text: str, like: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=f"metadata '{key}': .*{reason}"):
        header.from_text(key, text, like)
    with pytest.raises(ValueError, match=r"^metadata 'orientation': must be between 1 and 8, got 9$"):
        header.from_text("orientation", "9")


def test_permissions_and_links_survive(tmp_path: Path) -> None:
    path = written(tmp_path, "dpx")
    path.chmod(0o640)
    shutil.move(path, tmp_path / "real.dpx")
    path.symlink_to("real.dpx")
    header.edit(path, changes={"software": "another"})
    assert path.is_symlink() and (tmp_path / "real.dpx").stat().st_mode & 0o777 == 0o640


def test_an_edit_that_would_move_a_link_inside_the_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    vfx.write(path, vfx.Image(np.zeros((9, 13, 3), np.uint8)), compression="none")
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        tag = file.pages[0].tags["StripOffsets"]
    data[tag.valueoffset : tag.valueoffset + 2] = b"\x04\x00"  # the pixels begin at the link to the directory
    path.write_bytes(data)
    before = vfx.read(path).pixels
    with pytest.raises(FormatError, match="lie over other parts"):
        header.edit(path, changes={"owner": "a name long enough to need a new place"})
    assert path.read_bytes() == data
    np.testing.assert_array_equal(vfx.read(path).pixels, before)
