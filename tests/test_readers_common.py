"""What holds for every file format alike, through ``vfx.read``, ``vfx.probe`` and ``vfx.write``."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError
from vfx.io import FORMATS

#: Values that every format keeps exactly, and JPEG within its own loss.
LOSSY = {"jpeg": 6.0}


def picture(fmt: str, height: int = 37, width: int = 53) -> np.ndarray[Any, Any]:
    """A smooth RGB picture in a pixel format that the file format stores as it is."""
    y, x = np.mgrid[0:height, 0:width]
    codes = np.stack([x * 4, y * 6, (x + y) * 2], axis=2).astype(np.uint8)
    if fmt == "gif":
        return codes // 64 * 64  # few colours
    if fmt == "hdr":
        codes[:, :, 0] = 128 + x  # one exponent for all, so that 8 bits of each colour are kept
        return codes / np.float32(256)
    return (codes / np.float32(255)).astype(np.float16) if fmt == "exr" else codes


def options(fmt: str) -> dict[str, Any]:
    """What makes the format store 8-bit codes as they are."""
    if fmt in ("webp", "avif", "jxl"):
        return {"lossless": True}
    return {"bit_depth": 8} if fmt in ("dpx", "cineon") else {}


def assert_same(fmt: str, found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if fmt in LOSSY:
        assert np.abs(found.astype(float) - expected).mean() < LOSSY[fmt]
    else:
        np.testing.assert_array_equal(found, expected)


#: All but those that can only be read.
WRITTEN = sorted(name for name in FORMATS if hasattr(getattr(vfx.io, name), "write"))


@pytest.fixture(params=WRITTEN)
def fmt(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def whole(fmt: str, tmp_path: Path) -> Path:
    """A file of the format."""
    path = tmp_path / f"whole{FORMATS[fmt][0]}"
    vfx.write(path, vfx.Image(picture(fmt)), **options(fmt))
    return path


@pytest.mark.parametrize("name", WRITTEN)
def test_a_formats_own_writer_takes_arrays_as_vfx_write_does(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[name][0]}"
    getattr(vfx.io, name).write(path, picture(name), **options(name))
    assert_same(name, vfx.read(path).numpy(), picture(name))


def test_every_extension_writes_what_reads_back(fmt: str, tmp_path: Path) -> None:
    for extension in FORMATS[fmt]:
        path = tmp_path / f"a{extension}"
        vfx.write(path, vfx.Image(picture(fmt)), **options(fmt))
        assert_same(fmt, vfx.read(path).numpy(), picture(fmt))


def test_paths_bytes_and_streams_give_the_same(fmt: str, whole: Path) -> None:
    content = whole.read_bytes()
    expected = vfx.read(whole)
    sources = [str(whole), content, bytearray(content), np.frombuffer(content, np.uint8), io.BytesIO(content)]
    for source in sources:
        found = vfx.read(source)
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
        assert found.channel_names == expected.channel_names
    with whole.open("rb") as stream:
        np.testing.assert_array_equal(vfx.read(stream).numpy(), expected.numpy())
        assert not stream.closed


def test_content_rules_over_the_extension(fmt: str, whole: Path, tmp_path: Path) -> None:
    other = tmp_path / ("liar.png" if fmt != "png" else "liar.exr")
    other.write_bytes(whole.read_bytes())
    assert_same(fmt, vfx.read(other).numpy(), picture(fmt))


def test_probe_tells_what_read_gives(fmt: str, whole: Path) -> None:
    info, image = vfx.probe(whole), vfx.read(whole)
    assert info.format == fmt
    assert info.path == str(whole)
    assert info.size == whole.stat().st_size
    assert (info.width, info.height) == (image.width, image.height)
    assert sorted(info.channel_names) == sorted(image.channel_names)
    assert (info.data_window, info.display_window) == (image.data_window, image.display_window)


def test_channels_rows_and_dtype_are_honoured(fmt: str, whole: Path) -> None:
    expected = vfx.read(whole).pixels[5:11][:, :, [2, 0]]
    part = vfx.read(whole, channels=("B", "R"), rows=(5, 11))
    assert part.channel_names == ("B", "R")
    np.testing.assert_array_equal(part.pixels, expected)
    floats = vfx.read(whole, dtype="f32")
    assert floats.format == "f32"
    np.testing.assert_allclose(floats.pixels, vfx.read(whole).astype("f32").pixels, rtol=1e-6)


@pytest.mark.parametrize("layout", ["upside down", "mirrored", "fortran", "channel slice", "transposed", "read-only"])
def test_every_memory_layout_is_written_right(fmt: str, layout: str, tmp_path: Path) -> None:
    pixels = picture(fmt)
    view = {
        "upside down": pixels[::-1],
        "mirrored": pixels[:, ::-1],
        "fortran": np.asfortranarray(pixels),
        "channel slice": np.repeat(pixels, 2, axis=2)[::2, ::3, ::2],
        "transposed": pixels.transpose(1, 0, 2),
        "read-only": pixels[1:-1, 1:-1],
    }[layout]
    view.flags.writeable = layout != "read-only"
    path = tmp_path / f"a{FORMATS[fmt][0]}"
    vfx.write(path, vfx.Image(view), **options(fmt))
    assert_same(fmt, vfx.read(path).numpy(), np.ascontiguousarray(view))


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1)])
def test_the_smallest_pictures_survive(fmt: str, size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[fmt][0]}"
    vfx.write(path, vfx.Image(picture(fmt, *size)), **options(fmt))
    assert_same(fmt, vfx.read(path).numpy(), picture(fmt, *size))


def test_an_unknown_option_names_those_that_exist(fmt: str, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no option 'lancoz'"):
        vfx.write(tmp_path / f"a{FORMATS[fmt][0]}", vfx.Image(picture(fmt)), lancoz=1)
    with pytest.raises(TypeError, match="no option 'lancoz'"):
        vfx.read(whole, lancoz=1)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(fmt: str, whole: Path) -> None:
    before = whole.read_bytes()
    with pytest.raises((ValueError, TypeError)):
        vfx.write(whole, vfx.Image(picture(fmt)), quality=-1, compression="no such thing", bit_depth=-3)
    assert whole.read_bytes() == before
    assert [path.name for path in whole.parent.iterdir()] == [whole.name]


def test_writing_where_there_is_no_folder_says_so(fmt: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        vfx.write(tmp_path / "missing" / f"a{FORMATS[fmt][0]}", vfx.Image(picture(fmt)), **options(fmt))


def test_cut_off_files_are_refused_with_their_path(fmt: str, whole: Path, tmp_path: Path) -> None:
    content, expected = whole.read_bytes(), vfx.read(whole).numpy()
    path = tmp_path / f"cut{whole.suffix}"
    for cut in sorted({*range(1, 60, 3), *range(60, len(content), max(1, len(content) // 40)), len(content) - 1}):
        path.write_bytes(content[:cut])
        try:
            found = vfx.read(path)
        except FormatError as error:
            assert str(error).startswith(f"{path}: "), error  # noqa: PT017
            continue
        # Only what no pixel depends on may be missing without an error: an end marker, a comment.
        assert len(content) - cut < 600, cut  # the extension area and the footer of TGA have 521 bytes
        np.testing.assert_array_equal(found.numpy(), expected)


def test_changed_bytes_end_in_a_picture_or_a_format_error(
    fmt: str, whole: Path, tmp_path: Path, read_damaged: Callable[..., Any]
) -> None:
    content, rng, files = whole.read_bytes(), random.Random(f"damage {fmt}"), []
    for index in range(60):
        damaged = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 8))):
            place = rng.randrange(len(damaged)) if index % 3 == 0 else rng.randrange(min(400, len(damaged)))
            damaged[place] = rng.choice((0, 255, rng.randrange(256), damaged[place] ^ (1 << rng.randrange(8))))
        files.append(tmp_path / f"{index}{whole.suffix}")
        files[-1].write_bytes(damaged)
    refused = ("FormatError: ", "LimitError: ")
    wrong = {
        path.name: verdict
        for path, verdict in read_damaged(files).items()
        if not verdict.startswith(("picture ", *refused)) or (verdict.startswith(refused) and str(path) not in verdict)
    }
    assert wrong == {}


def test_changed_bytes_never_break_probe(fmt: str, whole: Path) -> None:
    content, rng = whole.read_bytes(), random.Random(f"probe {fmt}")
    for _ in range(60):
        damaged = bytearray(content)
        damaged[rng.randrange(min(400, len(damaged)))] = rng.randrange(256)
        try:
            info = vfx.probe(bytes(damaged))
        except FormatError:
            continue
        assert info.width > 0
        assert info.height > 0
