"""What a file may ask for, and how that is changed."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.errors import LimitError
from vfx.io import limits
from vfx.io._limits import DEFAULTS

FORMATS = ("exr", "dpx", "cin", "png", "jpg", "tif", "webp", "avif", "jxl", "jp2", "gif", "hdr", "bmp", "tga")


@pytest.fixture(autouse=True)
def put_back():
    yield
    limits.reset()


@pytest.fixture
def plates(tmp_path: Path) -> dict[str, Path]:
    paths = {ending: tmp_path / f"a.{ending}" for ending in FORMATS}
    for path in paths.values():
        vfx.write(path, np.zeros((12, 20, 3), np.uint8))
    return paths


@pytest.mark.parametrize("ending", FORMATS)
def test_a_picture_of_too_many_pixels_is_refused_with_path_size_and_limit(plates, ending) -> None:
    with limits(pixels=239), pytest.raises(LimitError, match=r"20 x 12 pixels are more than the 239 allowed") as caught:
        vfx.read(plates[ending])
    assert str(plates[ending]) in str(caught.value)
    with limits(pixels=240):
        assert vfx.read(plates[ending]).width == 20


@pytest.mark.parametrize("ending", FORMATS)
def test_pixels_of_too_many_bytes_are_refused(plates, ending) -> None:
    with limits(memory=719), pytest.raises(LimitError, match=r"more than the 719 allowed \(vfx.io.limits.memory\)"):
        vfx.read(plates[ending])


def test_a_long_exr_attribute_is_refused(tmp_path: Path) -> None:
    image = vfx.Image(np.zeros((1, 1, 3), np.float16), metadata={"shot": "x" * 5000})
    vfx.write(tmp_path / "a.exr", image)
    with limits(attribute_bytes=4999), pytest.raises(LimitError, match="attribute shot has 5000 bytes"):
        vfx.probe(tmp_path / "a.exr")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_a_stream_without_end_is_refused_at_the_limit() -> None:
    with limits(memory=10**7), open("/dev/zero", "rb", buffering=0) as stream, pytest.raises(LimitError) as caught:  # noqa: PTH123
        vfx.read(stream)
    assert "/dev/zero: the stream has more than the 10000000 bytes allowed (vfx.io.limits.memory)" in str(caught.value)


def test_a_stream_that_only_reads_is_read_to_its_end(plates) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self.rest = content

        def read(self, size: int = -1) -> bytes:
            given, self.rest = self.rest[: min(size, 100)], self.rest[min(size, 100) :]
            return given

        def seek(self, offset: int, whence: int = 0) -> int:
            raise OSError("not seekable")

    assert vfx.read(Pipe(plates["png"].read_bytes())).width == 20


def test_a_block_ends_and_leaves_other_threads_alone() -> None:
    seen = []
    with limits(pixels=5), limits(memory=7):
        assert (limits.pixels, limits.memory) == (5, 7)
        worker = threading.Thread(target=lambda: seen.append(limits.pixels))
        worker.start()
        worker.join()
    assert seen == [DEFAULTS["pixels"]]
    assert repr(limits) == "Limits(pixels=536870912, attribute_bytes=268435456, memory=68719476736)"


def test_setting_a_limit_lasts_until_reset() -> None:
    limits.pixels = 99
    assert limits.pixels == 99
    limits.reset()
    assert limits.pixels == DEFAULTS["pixels"]


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"pixel": 3}, TypeError, "no option 'pixel'.*pixels"),
        ({"pixels": 0}, ValueError, "pixels must be"),
        ({"memory": "1 GiB"}, TypeError, "memory must be a whole number"),
    ],
)
def test_a_wrong_limit_is_named(changes, kind, message) -> None:
    with pytest.raises(kind, match=message):
        limits(**changes)
