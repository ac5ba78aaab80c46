"""Damaged, truncated and hostile EXR files end in an error with path and reason, or in a picture; never worse."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError, LimitError
from vfx.io import exr
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_header import parse, serialise

ALLOWED = ("FormatError", "LimitError", "ChannelError")


def small(compression: str = "zip", **options: Any) -> bytes:
    """A small file with noise, as bytes."""
    import io

    stream = io.BytesIO()
    pixels = np.random.default_rng(2).random((33, 21, 3)).astype(np.float16)
    exr.write(stream, vfx.Image(pixels), compression=compression, **options)
    return stream.getvalue()


def without_table(content: bytes, chunks: int) -> bytes:
    """The file as a writer leaves it that was stopped before it wrote its chunk table."""
    import io

    end = parse(io.BytesIO(content), len(content), "").end
    return content[:end] + bytes(8 * chunks) + content[end + 8 * chunks :]


@pytest.mark.parametrize(("tile_size", "chunks"), [(None, 3), ((8, 16), 9)], ids=["lines", "tiles"])
def test_a_chunk_table_never_written_is_made_from_whole_chunks(tile_size: Any, chunks: int, tmp_path: Path) -> None:
    whole = small(tile_size=tile_size)
    stopped = without_table(whole, chunks)
    assert stopped != whole
    (tmp_path / "a.exr").write_bytes(stopped)
    expected = exr.read(whole).numpy()
    np.testing.assert_array_equal(exr.read(stopped).numpy(), expected)
    np.testing.assert_array_equal(exr.read(tmp_path / "a.exr").numpy(), expected)


def test_a_stopped_file_gives_its_whole_rows_and_no_others() -> None:
    stopped = without_table(small(), 3)[:-40]
    np.testing.assert_array_equal(exr.read(stopped, rows=(0, 16)).numpy(), exr.read(small(), rows=(0, 16)).numpy())
    with pytest.raises(FormatError, match="<bytes>"):
        exr.read(stopped)


def test_outside_files_known_to_be_bad(shared_data: Path, read_damaged: Callable[..., dict[Path, str]]) -> None:
    files = sorted((shared_data / "exr_bad").iterdir())
    verdicts = read_damaged(files, seconds=5.0, gib=1.0)
    assert len(verdicts) == len(files) > 50
    for path, verdict in verdicts.items():
        kind = verdict.partition(":")[0]
        assert kind in ALLOWED or verdict.startswith("picture"), (path.name, verdict)
        assert path.name in verdict or verdict.startswith("picture"), verdict


MUTATE = """
import random
import resource
import numpy as np
from vfx.errors import VfxError
from vfx.io import exr
from vfx.image import Image
import io, signal, time
rng = random.Random(int(sys.argv[1]))
noise = np.random.default_rng(3)
files = []
for compression in exr.COMPRESSIONS:
    if compression.startswith(("htj2k", "lj2k")):
        continue  # their codec prints a line for every damaged byte
    for dtype in (np.float16, np.float32, np.uint32):
        for tile_size in (None, (7, 5)):
            channels = ("R", "G", "B") if dtype != np.uint32 else ("id",)
            pixels = (noise.random((23, 17, len(channels))) * 9).astype(dtype)
            stream = io.BytesIO()
            exr.write(stream, Image(pixels, channels=channels), compression=compression, tile_size=tile_size)
            files.append(stream.getvalue())
end = time.monotonic() + 3
count = pictures = 0
while time.monotonic() < end:
    data = bytearray(rng.choice(files))
    for _ in range(rng.choice([1, 1, 2, 8])):
        data[rng.randrange(rng.choice([0, 300, 350]), len(data))] = rng.choice([0, 255, 127, 128, rng.randrange(256)])
    if rng.random() < 0.2:
        del data[rng.randrange(8, len(data)):]
    signal.alarm(5)
    count += 1
    try:
        exr.read(bytes(data), dtype=rng.choice([None, "f32"]))
        pictures += 1
    except VfxError:
        pass
signal.alarm(0)
print(count, pictures)
"""


@pytest.mark.parametrize("backend", ["core", "python"])
def test_flipped_and_missing_bytes(run_limited: Callable[..., Any], backend: str) -> None:
    outcome = run_limited(MUTATE, "1", seconds=30, env={"VFX_EXR_BACKEND": backend})
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    count, pictures = map(int, outcome.stdout.split()[-2:])
    assert count > 200 and 0 < pictures < count


PIECES = """
import random
import signal
import time
from tests.reference.exr_files import chroma_file, chroma_planes, tiled_file
from vfx.errors import VfxError
from vfx.io import exr
rng = random.Random(int(sys.argv[1]))
files = [tiled_file(37, 22, mode=mode, up=up)[0] for mode in (1, 2) for up in (False, True)]
files += [chroma_file(chroma_planes(32, 24, sampling, 0.6), sampling) for sampling in (1, 2, 4, 8)]
end = time.monotonic() + 2
count = pictures = 0
while time.monotonic() < end:
    data = bytearray(rng.choice(files))
    for _ in range(rng.choice([1, 1, 2, 8])):
        data[rng.randrange(rng.choice([0, 300, 350]), len(data))] = rng.choice([0, 255, 127, 128, rng.randrange(256)])
    if rng.random() < 0.2:
        del data[rng.randrange(8, len(data)):]
    options = {"threads": rng.choice([1, 2]), "raw": rng.random() < 0.3, "level": rng.choice([0, 0, 1, 2, (0, 1)])}
    for axis in ("rows", "columns"):
        if rng.random() < 0.5:
            options[axis] = sorted(rng.sample(range(10), 2))
    options["missing"] = rng.choice(["error", "black"])
    if rng.random() < 0.3:
        options["channels"] = rng.choice(["G", "RY", ("Z", "R"), ("B", "A")])
    signal.alarm(5)
    count += 1
    try:
        exr.read(bytes(data), **options)
        pictures += 1
    except VfxError:
        pass
    except ValueError as error:
        assert "no level" in str(error) or "must satisfy" in str(error), error
signal.alarm(0)
print(count, pictures)
"""


def test_pieces_and_levels_of_damaged_files(run_limited: Callable[..., Any]) -> None:
    outcome = run_limited(PIECES, "1", seconds=30)
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    count, pictures = map(int, outcome.stdout.split()[-2:])
    assert count > 200 and 0 < pictures < count


@pytest.mark.parametrize("compression", ["none", "zip", "piz", "dwaa", "b44", "pxr24", "rle"])
def test_every_truncation_is_an_error(tmp_path: Path, compression: str) -> None:
    whole = small(compression)
    path = tmp_path / "cut.exr"
    for end in [*range(1, 400, 13), *range(400, len(whole), max(1, len(whole) // 40)), len(whole) - 1]:
        path.write_bytes(whole[:end])
        with pytest.raises(FormatError, match=r"cut\.exr: "):
            exr.read(path)


def header(**changes: Attribute) -> bytes:
    """A header of one half channel, with changes."""
    attributes = {
        "channels": Attribute("chlist", b"Y\0" + struct.pack("<iB3x2i", 1, 0, 1, 1) + b"\0"),
        "compression": Attribute("compression", b"\3"),
        "dataWindow": Attribute("box2i", struct.pack("<4i", 0, 0, 3, 3)),
        "displayWindow": Attribute("box2i", struct.pack("<4i", 0, 0, 3, 3)),
        "lineOrder": Attribute("lineOrder", b"\0"),
        "pixelAspectRatio": Attribute("float", struct.pack("<f", 1)),
    } | changes
    return serialise(attributes, tiled="tiles" in attributes)


def box(*corners: int) -> Attribute:
    """A window."""
    return Attribute("box2i", struct.pack("<4i", *corners))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"dataWindow": box(0, 0, 2**31 - 1, 2**31 - 1)}, "impossible dataWindow"),
        ({"dataWindow": box(-(2**31), 0, 2**31 - 1, 0)}, "impossible dataWindow"),
        ({"dataWindow": box(5, 5, 4, 4)}, "impossible dataWindow"),
        ({"dataWindow": box(0, 0, 100_000_000, 200_000_000)}, "truncated"),
        ({"dataWindow": box(0, 0, 400_000_000, 3)}, "cannot come from"),
        ({"dataWindow": Attribute("box2f", b"\0" * 16)}, "must be a box2i"),
        ({"compression": Attribute("compression", b"\x63")}, "compression number 99 is not known"),
        ({"tiles": Attribute("tiledesc", struct.pack("<2IB", 0, 5, 0))}, "impossible tile size"),
        ({"type": Attribute("string", b"deepscanline")}, "deep data"),
        ({"type": Attribute("string", b"hologram")}, "unknown part type 'hologram'"),
        ({"channels": Attribute("chlist", b"\0")}, "not one channel"),
    ],
)
def test_impossible_headers_say_what_is_wrong(tmp_path: Path, changes: dict[str, Attribute], match: str) -> None:
    path = tmp_path / "bad.exr"
    head = header() if "channels" in changes else header(**changes)
    if "channels" in changes:
        good = Attribute("chlist", b"Y\0" + struct.pack("<iB3x2i", 1, 0, 1, 1) + b"\0").data
        head = head.replace(struct.pack("<i", len(good)) + good, struct.pack("<i", 1) + b"\0")
    path.write_bytes(head + b"\0" * 4000)
    with pytest.raises(FormatError, match=match) as caught:
        exr.read(path)
    assert str(path) in str(caught.value)


def test_subsampling_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.exr"
    for sampling, match in (((8, 8), "subsampling factor"), ((0, 1), "sampling 0 x 1"), ((2**31 - 1, 1), "factor")):
        channels = b"Y\0" + struct.pack("<iB3x2i", 1, 0, *sampling) + b"\0"
        plain = b"Y\0" + struct.pack("<iB3x2i", 1, 0, 1, 1) + b"\0"
        path.write_bytes(header().replace(plain, channels) + b"\0" * 4000)
        with pytest.raises(FormatError, match=match):
            exr.read(path)


def test_a_small_file_cannot_ask_for_all_memory() -> None:
    data = header(dataWindow=box(0, 0, 4_000_000, 15)) + b"\0" * 100
    with pytest.raises(LimitError, match="cannot come from"):
        exr.read(data)


def test_no_exr_file_says_so(tmp_path: Path) -> None:
    for content, match in (
        (b"\x89PNG....", "not an EXR file"),
        (b"v/", "not an EXR file"),
        (b"v/1\1\7\0\0\0", "EXR version 7"),
    ):
        with pytest.raises(FormatError, match=match):
            exr.read(content)
    with pytest.raises(FormatError, match="empty"):
        exr.read(b"")
    with pytest.raises(FileNotFoundError):
        exr.read(tmp_path / "missing.exr")
    with pytest.raises(IsADirectoryError):
        exr.read(tmp_path)


INTERRUPTED = """
import signal, sys, threading, time, os
import numpy as np
import vfx
from vfx.io import exr
image = vfx.Image(np.random.default_rng(0).random((4320, 4096, 4)).astype(np.float16))
threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
start = time.monotonic()
try:
    exr.write(sys.argv[1], image, compression="dwaa", threads=2)
    print("not interrupted")
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - start < 1.5)
"""


def test_ctrl_c_ends_a_long_write_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "a.exr")]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert result.stdout.split() == ["interrupted", "True"], result.stdout + result.stderr
    assert list(tmp_path.iterdir()) == []


def test_missing_functions_mean_the_python_backend(monkeypatch: pytest.MonkeyPatch, shared_file: Any) -> None:
    from vfx._ext import exr as kernel
    from vfx.io import _exr_core

    def missing(path: bytes) -> tuple[int, int, int]:
        raise ImportError("no function exr_start_read")

    expected = exr.read(shared_file("exr/t03.exr")).numpy()
    for broken in (missing, lambda path: (3, 1, 5), lambda path: (4, 0, 0)):
        with monkeypatch.context() as patch:
            patch.setattr(kernel, "load", broken)
            _exr_core.available.cache_clear()
            assert exr.exr_backend() == "python"
            assert exr.read(shared_file("exr/t03.exr")).numpy().tobytes() == expected.tobytes()
        _exr_core.available.cache_clear()
    assert exr.exr_backend() == "core"
    monkeypatch.setenv("VFX_EXR_BACKEND", "gpu")
    with pytest.raises(ValueError, match="VFX_EXR_BACKEND must be one of core, python"):
        exr.exr_backend()


def test_kernel_door_refuses_what_does_not_fit(shared_file: Any) -> None:
    from vfx._ext import exr as kernel

    assert exr.exr_backend() == "core"
    data = shared_file("exr/t03.exr").read_bytes()
    window = (0, 0, 399, 299)
    columns, kinds = np.array([2, 1, 0], np.int32), np.array([1, 1, 1], np.int32)

    def call(**changes: Any) -> None:
        given = {
            "part": 0, "level": (0, 0), "window": window, "box": (0, 0, 400, 300), "reach": 1, "column_of": columns,
            "kind_of": kinds, "target": 1, "out": np.empty((300, 400, 6), np.uint8), "threads": 1,
        } | changes  # fmt: skip
        kernel.Reader(b"t03", data, -1, len(data)).read(**given)

    call()
    call(threads=2)
    for wrong in (
        {"out": np.empty((299, 400, 6), np.uint8)},
        {"out": np.empty((300, 401, 6), np.uint8)},
        {"out": np.empty((300, 400, 5), np.uint8)},
        {"out": np.empty((300, 400, 0), np.uint8)},
        {"box": (0, 0, 400, 301)},
        {"box": (0, -1, 400, 300)},
        {"box": (0, 0, 401, 300)},
        {"box": (-1, 0, 400, 300)},
        {"box": (0, 0, 400, 0)},
        {"box": (9, 0, 9, 300), "out": np.empty((300, 0, 6), np.uint8)},
        {"column_of": np.array([2, 1, 3], np.int32)},
        {"column_of": np.array([2, 1, -2], np.int32)},
        {"column_of": np.array([2, 1, 1], np.int32)},
        {"kind_of": np.array([1, 1], np.int32)},
        {"target": 3},
        {"target": 0, "out": np.empty((300, 400, 12), np.uint8)},
    ):
        with pytest.raises(ValueError):
            call(**wrong)
    for wrong in (
        {"window": (0, 0, 399, 298)},
        {"part": 1},
        {"level": (1, 0)},
        {"level": (-1, 0)},
        {"kind_of": np.array([1, 2, 1], np.int32)},
        {"column_of": np.array([0, 1, 2, -1], np.int32), "kind_of": np.array([1, 1, 1, 1], np.int32)},
    ):
        with pytest.raises(kernel.CoreError):
            call(**wrong)
    with pytest.raises(kernel.CoreError):
        kernel.Reader(b"/nowhere/a.exr", None, -1, 100)
    with pytest.raises(kernel.CoreError):
        kernel.Reader(b"t03", data, -1, len(data) + 1)
