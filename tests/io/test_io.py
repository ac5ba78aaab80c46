"""The three doors: format by content, sources of every kind, whole files or none, clear errors."""

from __future__ import annotations

import errno
import io
import os
import pathlib
import threading

import numpy as np
import pytest

import vfx
from vfx._atomic import atomic, replace_bytes
from vfx.errors import ChannelError, FormatError


@pytest.fixture
def picture():
    rng = np.random.default_rng(3)
    return vfx.Image(rng.random((7, 9, 3), np.float32).astype(np.float16))


def test_format_is_told_by_content_before_extension(tmp_path, picture):
    path = tmp_path / "a.exr"
    picture.write(path)
    liar = tmp_path / "a.png"
    path.rename(liar)
    assert np.array_equal(vfx.read(liar).numpy(), picture.numpy())


def test_sources_may_be_paths_bytes_and_streams(tmp_path, picture):
    path = tmp_path / "a.exr"
    vfx.write(str(path), picture)
    content = path.read_bytes()
    stream = io.BytesIO(b"skip" + content)
    stream.seek(4)
    with path.open("rb") as opened:
        for source in (path, str(path), content, bytearray(content), memoryview(content), stream, opened):
            assert np.array_equal(vfx.read(source).numpy(), picture.numpy())
        assert not opened.closed


def test_missing_files_and_folders_raise_builtins(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.exr"):
        vfx.read(tmp_path / "none.exr")
    with pytest.raises(IsADirectoryError, match="folder"):
        vfx.read(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        vfx.write(tmp_path / "no" / "a.exr", np.zeros((2, 2, 3), np.float32))
    with pytest.raises(TypeError, match="path, bytes or a binary stream"):
        vfx.read(3)


def test_empty_and_unknown_files_say_so(tmp_path):
    empty = tmp_path / "a.exr"
    empty.touch()
    with pytest.raises(FormatError, match=r"a\.exr: the file is empty"):
        vfx.read(empty)
    with pytest.raises(FormatError, match="not a picture of a known format"):
        vfx.read(b"hello world, no picture")


@pytest.mark.parametrize("extension", ["exr", "dpx", "png", "tif", "hdr", "webp"])
def test_a_channel_that_is_not_there_is_told_with_the_path(tmp_path, picture, extension):
    path = tmp_path / f"a.{extension}"
    picture.write(path)
    with pytest.raises(ChannelError) as caught:
        vfx.read(path, channels=["Q"])
    assert str(caught.value).startswith(f"{path}: no channel 'Q'; ") and str(caught.value).count(path.name) == 1


def test_deep_images_are_written_into_exr_files_only(tmp_path):
    deep = vfx.DeepImage([[1, 2]], {"A": np.ones(3, np.float32), "Z": np.ones(3, np.float32)})
    vfx.write(tmp_path / "a.exr", deep, compression="rle")
    deep.write(tmp_path / "b.exr", compression="rle")
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()
    stream = io.BytesIO()
    deep.write(stream, compression="rle")
    assert stream.getvalue() == (tmp_path / "a.exr").read_bytes()
    for write in (deep.write, lambda path: vfx.write(path, deep)):
        with pytest.raises(TypeError, match="png files hold no deep image; write what its flatten.. gives"):
            write(tmp_path / "a.png")
    with pytest.raises(TypeError, match="writing deep exr has no option 'levels'"):
        vfx.write(tmp_path / "a.exr", deep, levels="mip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.exr", "b.exr"]


def test_unknown_options_and_formats_raise_naming_what_exists(tmp_path, picture):
    with pytest.raises(TypeError, match="did you mean 'compression'"):
        vfx.write(tmp_path / "a.exr", picture, compresion="zip")
    with pytest.raises(ValueError, match="cannot tell the format"):
        vfx.write(tmp_path / "a.xyz", picture)
    with pytest.raises(ValueError, match="cannot tell the format from '.pgn' .did you mean '.png'"):
        vfx.write(tmp_path / "a.pgn", picture)
    with pytest.raises(ValueError, match="cannot tell the format without an extension; known: .exr"):
        vfx.write(tmp_path / "a", picture)
    with pytest.raises(ValueError, match="format must be one of"):
        vfx.write(tmp_path / "a.exr", picture, format="exrr")
    for options in ({"planar": "no"}, {"bigtiff": "maybe"}):
        with pytest.raises(TypeError, match="must be True or False, got '"):
            vfx.write(tmp_path / "a.tif", picture, **options)
    picture.write(tmp_path / "a.exr")
    with pytest.raises(TypeError, match="raw must be True or False, got 'off'"):
        vfx.read(tmp_path / "a.exr", raw="off")
    picture.write(tmp_path / "noext", format="exr")
    with pytest.raises(TypeError, match="no option 'chanels'"):
        vfx.read(tmp_path / "noext", chanels=["R"])
    assert not list(tmp_path.glob(".*"))


def test_colorspace_names_the_image_and_converts_nothing(tmp_path, picture):
    picture.write(tmp_path / "a.exr")
    image = vfx.read(tmp_path / "a.exr", colorspace="acescg")
    assert image.colorspace == "acescg"
    assert np.array_equal(image.numpy(), picture.numpy())


def test_a_failing_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic(target) as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_atomic_replaces_whole_and_keeps_mode_and_links(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link.bin"
    link.symlink_to(target)
    replace_bytes(link, b"ne", memoryview(b"w"))
    assert target.read_bytes() == b"new" and link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "link.bin"]


def test_atomic_errors_name_the_target(tmp_path):
    with pytest.raises(IsADirectoryError, match="directory"), atomic(tmp_path):
        pass
    with pytest.raises(FileNotFoundError) as caught, atomic(tmp_path / "no" / "x"):
        pass
    assert caught.value.filename == str(tmp_path / "no" / "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_read_to_its_end(tmp_path, picture):
    vfx.write(tmp_path / "a.exr", picture)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes((tmp_path / "a.exr").read_bytes()))
    writer.start()
    found = vfx.read(pipe)
    writer.join()
    assert np.array_equal(found.numpy(), picture.numpy())


def test_a_full_disk_is_reported_with_the_target(tmp_path):
    with pytest.raises(OSError, match="No space left") as caught, atomic(tmp_path / "a.cube"):
        raise OSError(errno.ENOSPC, "No space left on device")  # as write() does: it knows no file name
    assert caught.value.filename == str(tmp_path / "a.cube") and not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_a_device_is_never_replaced_by_a_file(tmp_path, picture):
    pipe = tmp_path / "pipe.exr"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="a device or a pipe") as caught:
        vfx.write(pipe, picture)
    assert caught.value.filename == str(pipe) and pipe.is_fifo()


def test_probe_reads_the_header_only(tmp_path, picture):
    picture.write(tmp_path / "a.exr")
    info = vfx.probe(pathlib.Path(tmp_path / "a.exr"))
    assert (info.width, info.height, info.format, info.channels) == (9, 7, "exr", 3)
    assert info.size == (tmp_path / "a.exr").stat().st_size


def test_several_images_go_where_a_format_holds_several(tmp_path) -> None:
    images = [vfx.Image(np.full((8, 8, 3), value, np.uint8)) for value in (10, 200)]
    for ending, count in (("gif", 2), ("tif", 2), ("dpx", 2)):
        vfx.write(tmp_path / f"a.{ending}", images)
        assert len(vfx.probe(tmp_path / f"a.{ending}").parts) == count
        assert vfx.read(tmp_path / f"a.{ending}", part=1).astype("u8").numpy()[0, 0, 0] == 200
    with pytest.raises(TypeError, match=r"a\.exr: exr files hold one image, got a list"):
        vfx.write(tmp_path / "a.exr", images)
