"""Writing EXR: other tools read back what the image holds, whatever its strides, and attributes survive."""

from __future__ import annotations

import io
import os
import struct
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute, decode_value, encode_value
from vfx.io._exr_header import parse
from vfx.metadata import (
    Box2f,
    Box2i,
    Chromaticities,
    KeyCode,
    Opaque,
    Preview,
    TimeCode,
    V2d,
    V2f,
    V2i,
    V3d,
    V3f,
    V3i,
)

LOSSLESS = {"none", "rle", "zips", "zip", "piz", "htj2k256", "htj2k32", "zstd"}


@pytest.fixture(params=["core", "python"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to the pixels in turn."""
    monkeypatch.setenv("VFX_EXR_BACKEND", request.param)
    return str(request.param)


def plate(kind: str = "f16", height: int = 37, width: int = 53, count: int = 4) -> np.ndarray[Any, Any]:
    """A small picture with gradients and noise, in the format asked for."""
    y, x, c = np.mgrid[0:height, 0:width, 0:count]
    rng = np.random.default_rng(5)
    values = np.sin(x / 9 + c) + y / 11 + 0.01 * rng.standard_normal((height, width, count))
    if kind == "u32":
        return (values * 1e8).astype(np.int64).astype(np.uint32)
    return values.astype({"f16": np.float16, "f32": np.float32}[kind])


def by_wheel(path: Path, names: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """The pixels as the OpenEXR wheel reads them, in the order of ``names``."""
    channels = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    return np.stack([channels[name].pixels for name in names], -1)


@pytest.mark.parametrize("kind", ["f16", "f32", "u32"])
@pytest.mark.parametrize("compression", exr.COMPRESSIONS)
def test_the_wheel_reads_what_was_written(tmp_path: Path, compression: str, kind: str) -> None:
    pixels = plate(kind)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels), compression=compression)
    found = by_wheel(path, ("R", "G", "B", "A"))
    ours = exr.read(path).numpy()
    assert ours.tobytes() == found.tobytes()
    if compression in LOSSLESS or (kind == "u32" and compression != "lj2k"):
        assert found.tobytes() == pixels.tobytes()
    else:
        assert np.abs(found.astype(np.float64) - pixels).max() < 0.25  # B44 is the coarsest: 7 bits of each difference
    assert exr.probe(path).compression == compression


@pytest.mark.parametrize("compression", ["none", "zip", "piz", "dwab", "pxr24"])
@pytest.mark.parametrize("tile_size", [(16, 8), 64, (5, 100)])
def test_tiles(tmp_path: Path, compression: str, tile_size: Any, backend: str) -> None:
    pixels = plate("f16")
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels, data_window=(-3, 9, 49, 45)), compression=compression, tile_size=tile_size)
    assert by_wheel(path, ("R", "G", "B", "A")).tobytes() == exr.read(path).numpy().tobytes()
    if compression != "dwab":
        assert exr.read(path).numpy().tobytes() == pixels.tobytes()
    assert exr.probe(path).parts[0].tile_size == (tile_size if isinstance(tile_size, tuple) else (64, 64))


def layouts(pixels: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Views of arrays that are anything but contiguous."""
    big = np.zeros((pixels.shape[0] * 2, pixels.shape[1] * 3, pixels.shape[2] * 2), pixels.dtype)
    big[::2, ::3, ::2] = pixels
    planar = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    packed = np.zeros(pixels.shape[:2], np.dtype([("pad", "u1"), ("v", pixels.dtype, pixels.shape[2])]))
    packed["v"] = pixels
    return {
        "rows upside down": np.ascontiguousarray(pixels[::-1])[::-1],
        "columns reversed": np.ascontiguousarray(pixels[:, ::-1])[:, ::-1],
        "channels reversed": np.ascontiguousarray(pixels[..., ::-1])[..., ::-1],
        "crop": np.pad(pixels, ((3, 4), (5, 6), (0, 0)))[3:-4, 5:-6],
        "every second": big[::2, ::3, ::2],
        "transposed": np.ascontiguousarray(pixels.transpose(1, 0, 2)).transpose(1, 0, 2),
        "Fortran": np.asfortranarray(pixels),
        "planar": planar.transpose(1, 2, 0),
        "misaligned": packed["v"],
        "read-only": np.frombuffer(pixels.tobytes(), pixels.dtype).reshape(pixels.shape),
        "one row again and again": np.broadcast_to(pixels[:1], pixels.shape),
    }


@pytest.mark.parametrize("layout", list(layouts(plate())))
@pytest.mark.parametrize("kind", ["f16", "f32", "u32"])
def test_any_strides_are_written_right(tmp_path: Path, layout: str, kind: str, backend: str) -> None:
    view = layouts(plate(kind))[layout]
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(view), compression="zips")
    assert by_wheel(path, ("R", "G", "B", "A")).tobytes() == np.ascontiguousarray(view).tobytes()


def test_every_half_bit_pattern_survives(tmp_path: Path, backend: str) -> None:
    patterns = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(256, 256, 1)
    for compression in ("none", "zip", "piz", "rle", "htj2k32"):
        path = tmp_path / f"{compression}.exr"
        exr.write(path, vfx.Image(patterns), compression=compression)
        assert exr.read(path).numpy().tobytes() == patterns.tobytes(), compression


def test_stored_type_can_be_chosen(tmp_path: Path, backend: str) -> None:
    values = np.float32([[[1 / 3, 70000.0, 65519.0, -1e-8], [2.0**-24, 2.0**-25, 3 * 2.0**-25, np.nan]]])
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(values), dtype="f16")
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16)
    np.testing.assert_array_equal(exr.read(path).numpy(), expected)
    exr.write(path, vfx.Image(values), dtype={"R": "f16"})
    assert exr.probe(path).formats == ("f32", "f32", "f32", "f16")
    np.testing.assert_array_equal(exr.read(path).numpy()[..., 1:], values[..., 1:])
    exr.write(path, vfx.Image(plate("f16")), dtype="f32")
    np.testing.assert_array_equal(exr.read(path).numpy(), plate("f16").astype(np.float32))
    with pytest.raises(TypeError, match="only u32 data"):
        exr.write(path, vfx.Image(values), dtype="u32")
    with pytest.raises(TypeError, match="EXR stores f16, f32 or u32, not u8"):
        exr.write(path, vfx.Image(values), dtype="u8")
    with pytest.raises(ValueError, match="dtype names channels Q"):
        exr.write(path, vfx.Image(values), dtype={"Q": "f16"})


def test_float_to_half_rounds_as_ieee_says_on_every_build(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    bits = rng.integers(0, 2**32, 40_000, dtype=np.uint32)
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)
    ties = (halves[:-1] + halves[1:]) / 2  # exactly between two halves
    values = np.concatenate(
        [bits.view(np.float32), ties, np.nextafter(ties, 0), np.nextafter(ties, np.inf, dtype=np.float32)]
    )
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(values.reshape(1, -1, 1)), dtype="f16", compression="none")
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(exr.read(path).numpy().ravel(), values.astype(np.float16))


def test_integer_images_become_half_and_float(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    exr.write(path, vfx.Image(codes))
    assert exr.read(path).format == "f16"
    np.testing.assert_array_equal(exr.read(path, dtype="u8").numpy(), codes)
    wide = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    exr.write(path, vfx.Image(wide))
    assert exr.read(path).format == "f32"
    np.testing.assert_array_equal(exr.read(path, dtype="u16").numpy(), wide)


def test_all_thread_counts_and_targets_give_the_same_file(tmp_path: Path) -> None:
    image = vfx.Image(plate("f16", 700, 300))
    for compression in ("none", "zip", "dwaa"):
        files = []
        for threads in (1, 2, 5):
            exr.write(tmp_path / "a.exr", image, compression=compression, threads=threads)
            files.append((tmp_path / "a.exr").read_bytes())
        stream = io.BytesIO()
        exr.write(stream, image, compression=compression)
        assert files[0] == files[1] == files[2] == stream.getvalue()


@pytest.mark.parametrize("order", ["increasing", "decreasing"])
def test_line_order_is_the_order_in_the_file(tmp_path: Path, order: str, backend: str) -> None:
    pixels = plate("f16", 100)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels), line_order=order)
    data = path.read_bytes()
    table = np.frombuffer(data, "<u8", 7, parse(io.BytesIO(data), len(data), "").end)
    assert (np.diff(table.astype(np.int64)) > 0).all() == (order == "increasing")
    assert exr.read(path).numpy().tobytes() == by_wheel(path, ("R", "G", "B", "A")).tobytes() == pixels.tobytes()


def test_windows_aspect_names_and_long_names(tmp_path: Path, backend: str) -> None:
    names = ("a very long layer name that goes on and on.R", "Z", "ключ.G")
    image = vfx.Image(
        plate("f32", 20, 30, 3),
        channels=names,
        data_window=(-7, -9, 22, 10),
        display_window=(-50, 3, 5, 1000),
        pixel_aspect=2.0,
    )
    path = tmp_path / "a.exr"
    exr.write(path, image, name="beauty")
    found = exr.read(path, channels=names)
    assert found.numpy().tobytes() == image.numpy().tobytes()
    assert (found.data_window, found.display_window, found.pixel_aspect) == (
        image.data_window, image.display_window, 2.0,
    )  # fmt: skip
    assert exr.probe(path).parts[0].name == "beauty"
    assert set(OpenEXR.File(str(path), separate_channels=True).parts[0].channels) == set(names)


VALUES: dict[str, Any] = {
    "timecode": TimeCode(1, 2, 3, 4, drop_frame=True, user_bits=0xDEADBEEF),
    "keycode": KeyCode(1, 2, 3, 4, 5, 6, 70),
    "frame_rate": Fraction(24000, 1001),
    "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
    "owner": "studio",
    "comments": "two\nlines, ümlaut",
    "capture_date": "2026:01:02 03:04:05",
    "exr:anInt": -7,
    "exr:aFloat": 0.25,
    "exr:aDouble": np.float64(0.1),
    "exr:strings": ["a", "", "ccc"],
    "exr:noStrings": [],
    "exr:floats": np.float32([1, 2, 3.5]),
    "exr:aV2i": V2i(1, -2),
    "exr:aV2f": V2f(0.5, 2.0),
    "exr:aV2d": V2d(0.1, 0.2),
    "exr:aV3i": V3i(1, 2, 3),
    "exr:aV3f": V3f(1.0, 2.0, 3.0),
    "exr:aV3d": V3d(0.1, 0.2, 0.3),
    "exr:aBox": Box2i(V2i(1, 2), V2i(3, 4)),
    "exr:aBoxF": Box2f(V2f(1.0, 2.0), V2f(3.0, 4.5)),
    "exr:m33f": np.arange(9, dtype=np.float32).reshape(3, 3),
    "exr:m44d": np.arange(16, dtype=np.float64).reshape(4, 4) / 3,
    "exr:worldToCamera": np.eye(4, dtype=np.float32),
    "exr:preview": Preview(2, 1, bytes(range(8))),
    "exr:envmap": "cube",
    "exr:aRational": Fraction(-3, 7),
    "exr:studio blob": Opaque("studioType", b"\0\1\2\xff"),
    "exr:screenWindowWidth": 2.5,
}


def same(a: Any, b: Any) -> bool:
    """Whether two metadata values are equal and of one type."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, Chromaticities):
        return type(a) is type(b) and np.allclose(np.array(a), np.array(b), rtol=1e-7)
    return type(a) is type(b) and a == b


def test_every_type_of_attribute_survives(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate(), metadata=VALUES))
    found = exr.read(path).metadata
    assert set(found) == set(VALUES) | {"exr:screenWindowCenter"}
    for key, value in VALUES.items():
        assert same(value, found[key]), key
    exr.write(tmp_path / "b.exr", exr.read(path))
    assert (tmp_path / "b.exr").read_bytes() == path.read_bytes()


def test_the_wheel_reads_the_typed_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate(), metadata={k: v for k, v in VALUES.items() if "blob" not in k}))
    header = OpenEXR.File(str(path)).header()
    assert header["owner"] == "studio" and header["anInt"] == -7
    assert (header["timeCode"].hours, header["timeCode"].frame, header["timeCode"].dropFrame) == (1, 4, True)
    assert header["keyCode"].perfsPerCount == 70
    assert header["framesPerSecond"] == Fraction(24000, 1001)
    assert header["chromaticities"][:2] == pytest.approx((0.64, 0.33))
    np.testing.assert_array_equal(header["m33f"], VALUES["exr:m33f"])


@pytest.mark.each_shared_file("exr/*.exr")
def test_attributes_of_real_files_come_back_byte_for_byte(shared_case: Path, tmp_path: Path) -> None:
    if exr.probe(shared_case).parts[0].type.startswith("deep"):
        return
    path = tmp_path / "a.exr"
    image = exr.read(shared_case, rows=(0, 2))
    exr.write(path, image)
    with shared_case.open("rb") as a, path.open("rb") as b:
        before = parse(a, shared_case.stat().st_size, "").parts[0].attributes
        after = parse(b, path.stat().st_size, "").parts[0].attributes
    ours = {
        "channels",
        "compression",
        "dataWindow",
        "lineOrder",
        "tiles",
        "type",
        "name",
        "chunkCount",
        "dwaCompressionLevel",
    }
    for name in set(before) - ours:
        assert after[name] == before[name], name


def test_values_without_a_faithful_form_stay_opaque() -> None:
    for name, stored in {
        "timeCode": Attribute("timecode", struct.pack("<2I", 0xFFFFFFFF, 0)),  # no binary-coded digits
        "strings": Attribute("stringvector", b"\5\0\0\0ab"),
        "short": Attribute("m44f", b"\0" * 63),
        "zero": Attribute("rational", struct.pack("<iI", 1, 0)),
        "envmap": Attribute("envmap", b"\7"),
        "preview": Attribute("preview", struct.pack("<2I", 2**31, 2**31)),
        "mine": Attribute("myType", b""),
    }.items():
        value = decode_value(name, stored)
        assert value == Opaque(stored.type, stored.data)
        assert encode_value(name, value) == stored


def test_text_that_is_no_utf8_survives() -> None:
    stored = Attribute("string", b"caf\xe9")
    assert encode_value("owner", decode_value("owner", stored)) == stored


def test_impossible_metadata_says_what_is_wrong(tmp_path: Path) -> None:
    for key, value, kind, match in (
        ("exr:channels", "x", ValueError, "the image and the options of write decide it"),
        ("exr:big", 2**31, ValueError, "big"),
        ("exr:thing", object(), TypeError, "no EXR attribute type for object"),
        ("exr:huge", 1e300, ValueError, "attribute huge: .* too large"),
        ("exr:mixed", ["a", 1], TypeError, "attribute mixed: a list must be all strings or all numbers"),
        ("exr:four", (1, 2, 3, 4), TypeError, "attribute four: a tuple must be two or three numbers"),
        ("timecode", 86400, TypeError, "timecode must be a TimeCode or text"),
        ("timecode", "soon", ValueError, "must look like 01:02:03:04"),
        ("frame_rate", float("nan"), ValueError, "frame_rate"),
        ("chromaticities", (0.64, 0.33), TypeError, "Chromaticities or four xy pairs"),
        ("owner", 5, TypeError, "'owner' must be str"),
        ("exr:envmap", "ball", ValueError, "one of latlong, cube"),
        ("exr:x" + "y" * 255, 1, ValueError, "1 to 255 bytes"),
    ):
        with pytest.raises(kind, match=match):
            exr.write(tmp_path / "a.exr", vfx.Image(plate(), metadata={key: value}))
    assert not list(tmp_path.iterdir())
    exr.write(
        tmp_path / "a.exr", vfx.Image(plate(), metadata={"dpx:slate": "12", "icc_profile": b"x", "frame_rate": 24})
    )
    assert exr.read(tmp_path / "a.exr").metadata["frame_rate"] == Fraction(24)


def test_dwa_level_is_kept_from_file_to_file(tmp_path: Path, backend: str) -> None:
    image = vfx.Image(plate("f16", 64, 64))
    exr.write(tmp_path / "a.exr", image, compression="dwaa", dwa_level=200)
    exr.write(tmp_path / "b.exr", exr.read(tmp_path / "a.exr"), compression="dwab")
    exr.write(tmp_path / "c.exr", exr.read(tmp_path / "a.exr"), compression="zip")
    assert exr.probe(tmp_path / "b.exr").metadata["exr:dwaCompressionLevel"] == 200
    assert "exr:dwaCompressionLevel" not in exr.probe(tmp_path / "c.exr").metadata
    exr.write(tmp_path / "d.exr", image, compression="dwaa")
    assert exr.probe(tmp_path / "d.exr").metadata["exr:dwaCompressionLevel"] == 45
    errors = [np.abs(exr.read(tmp_path / f"{n}.exr").numpy().astype(float) - image.numpy()).max() for n in "ad"]
    assert errors[0] > errors[1]


def test_zip_level_trades_time_for_size(tmp_path: Path) -> None:
    image = vfx.Image(plate("f16", 256, 256))
    sizes = []
    for level in (1, 9):
        exr.write(tmp_path / "a.exr", image, zip_level=level)
        sizes.append((tmp_path / "a.exr").stat().st_size)
        assert exr.read(tmp_path / "a.exr").numpy().tobytes() == image.numpy().tobytes()
    assert sizes[1] < sizes[0]


def test_wrong_options_name_what_is_allowed(tmp_path: Path) -> None:
    image = vfx.Image(plate())
    for options, match in (
        ({"compression": "zipp"}, "compression must be one of none, rle, zips, zip, .* got 'zipp'"),
        ({"line_order": "up"}, "line_order must be one of"),
        ({"line_order": "random"}, "needs tile_size"),
        ({"tile_size": (4, 5, 6)}, "tile_size"),
        ({"tile_size": 0}, "tile_size must be"),
        ({"zip_level": 10}, "zip_level must be"),
        ({"compression": "dwaa", "dwa_level": -1}, "dwa_level must be"),
    ):
        with pytest.raises(ValueError, match=match):
            exr.write(tmp_path / "a.exr", image, **options)
    with pytest.raises(TypeError, match="no option 'quality'"):
        vfx.write(tmp_path / "a.exr", image, quality=3)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(plate()))
    before = path.read_bytes()
    from vfx._ext import exr_write as kernel
    from vfx._ext.exr import CoreError

    def broken(*arguments: object) -> int:
        raise CoreError(33, "the codec gave up")

    monkeypatch.setattr(kernel, "Encoder", broken)
    with pytest.raises(FormatError, match="the codec gave up"):
        exr.write(path, vfx.Image(plate("f32")))
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.exr"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("compression", ["zip", "none"])
def test_a_full_disk_is_an_os_error(compression: str) -> None:
    from vfx.io._exr_core_write import ChunkFile
    from vfx.io._exr_plan import PartOptions, picture_of, plan_for, planes_of

    image = vfx.Image(plate("f32", 300, 300))
    plan = plan_for(picture_of([image]), PartOptions(compression=compression))

    class Full(io.BytesIO):
        """Takes the header; the disk is full when the chunks come."""

        def fileno(self) -> int:
            return disk.fileno()

    with Path("/dev/full").open("r+b", buffering=0) as disk, pytest.raises(OSError, match="No space"):
        file = ChunkFile(Full(), [plan])
        file.write(file.levels[0][0], planes_of([image.pixels], plan), threads=2)


def test_two_python_threads_write_at_once(tmp_path: Path) -> None:
    images = [vfx.Image(plate("f16", 200 + k, 300)) for k in range(2)]
    workers = [threading.Thread(target=exr.write, args=(tmp_path / f"{k}.exr", images[k])) for k in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for k in range(2):
        assert exr.read(tmp_path / f"{k}.exr").numpy().tobytes() == images[k].numpy().tobytes()


def test_plain_python_values_become_the_type_that_they_mean(tmp_path: Path) -> None:
    primaries = ((0.75, 0.25), (0.25, 0.5), (0.125, 0.0625), (0.3125, 0.375))
    given = {
        "timecode": "01:02:03:04",
        "keycode": "02 34 567890 1234+56",
        "frame_rate": 23.976,
        "chromaticities": primaries,
        "owner": None,
        "exr:flag": np.bool_(True),
        "exr:weights": [1, 0.5],
        "exr:one": np.array(3, np.int16),
        "exr:nothing": None,
    }
    exr.write(tmp_path / "a.exr", vfx.Image(plate(), metadata=given))
    found = exr.read(tmp_path / "a.exr").metadata
    assert found["timecode"] == TimeCode(1, 2, 3, 4)
    assert found["keycode"] == KeyCode(2, 34, 567890, 1234, 56)
    assert found["frame_rate"] == Fraction(24000, 1001)
    assert found["chromaticities"] == Chromaticities(*primaries)
    assert found["exr:flag"] == 1
    assert found["exr:weights"].tolist() == [1.0, 0.5]
    assert found["exr:one"] == 3
    assert not {"owner", "exr:nothing"} & set(found)


def test_a_users_own_metadata_becomes_an_attribute_of_that_name(tmp_path: Path) -> None:
    image = vfx.Image(np.zeros((2, 2, 3), np.float16), metadata={"shot": "sh010", "take": 3, "alpha": "unassociated"})
    image.write(tmp_path / "a.exr")
    again = vfx.read(tmp_path / "a.exr")
    assert again.metadata["exr:shot"] == "sh010" and again.metadata["exr:take"] == 3
    assert not any("alpha" in name for name in again.metadata)
    for metadata in ({"compression": "zip"}, {5: 6}):
        with pytest.raises((TypeError, ValueError), match="metadata"):
            vfx.Image(np.zeros((2, 2, 3), np.float16), metadata=metadata).write(tmp_path / "b.exr")


@pytest.mark.parametrize("corner", [2**30 - 1, 1 - 2**30, 2**31])
def test_a_window_that_no_reader_takes_is_refused_before_anything_is_written(tmp_path: Path, corner: int) -> None:
    point = (corner, 0, corner, 0)
    moved = vfx.Image(np.ones((1, 1, 1), np.float16), data_window=point, display_window=(0, 0, 1, 1))
    shown = vfx.Image(np.ones((1, 1, 1), np.float16), display_window=point)
    for name, image in (("data_window", moved), ("display_window", shown)):
        with pytest.raises(ValueError, match=f"{name} .* out of an EXR file's range"):
            exr.write(tmp_path / "a.exr", image)
    deep = vfx.deep.DeepImage([[1]], {"Z": np.float32([1])}, display_window=point)
    with pytest.raises(ValueError, match="display_window"):
        exr.write_deep(tmp_path / "a.exr", deep)
    exr.write(tmp_path / "b.exr", vfx.Image(np.ones((1, 1, 1), np.float16)))
    with pytest.raises(ValueError, match="display_window"):
        exr.rewrite(tmp_path / "b.exr", tmp_path / "a.exr", edit={"display_window": point})
    assert not (tmp_path / "a.exr").exists()


@pytest.mark.parametrize("corner", [2**30 - 2, 2 - 2**30])
def test_the_farthest_windows_are_written_and_read(corner: int) -> None:
    window, stream = (corner, corner, corner, corner), io.BytesIO()
    exr.write(stream, vfx.Image(np.ones((1, 1, 1), np.float16), data_window=window))
    assert exr.read(stream.getvalue()).data_window == window
