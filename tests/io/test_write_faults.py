"""Writing that fails, is killed or meets another writer leaves the old file or a whole new one, for every writer."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx.io.sequence import Sequence

ROOT = Path(__file__).resolve().parents[2]

# One ending of names per writer; `write(path, number)` writes the same bytes for the same number.
WRITERS = """
import atexit, io, os, shutil, sys, tempfile
from pathlib import Path
import numpy as np
import vfx
from vfx.deep import DeepImage
from vfx import lut
from vfx.color import CDL, write_cdl
from vfx.io import FORMATS

def picture(number, side=80):
    return vfx.Image(np.random.default_rng(number).integers(0, 256, (side, side, 3), np.uint8))

BASES = Path(tempfile.mkdtemp(prefix="vfx-bases-"))
BASES.chmod(0o755)
atexit.register(shutil.rmtree, BASES, ignore_errors=True)
for base in (".exr", ".dpx", ".png", ".jpg", ".tif"):
    vfx.write(BASES / f"a{base}", picture(9))

def write_rows(path, number):
    with vfx.io.exr.Writer(path, size=(80, 80), channels=3, compression="none") as writer:
        for row in range(0, 80, 10):
            writer.write_rows(picture(number).pixels[row : row + 10].astype(np.float16))

def write_deep(path, number):
    samples = np.random.default_rng(number).random(4000).astype(np.float32)
    vfx.io.exr.write_deep(path, DeepImage(np.full((40, 50), 2, np.uint32), {"A": samples, "Z": samples}))

def write(path, number):
    kind, ending = os.path.basename(path).partition(".")[2].rpartition(".")[0], os.path.splitext(path)[1]
    chance = np.random.default_rng(number)
    if kind == "rows":
        write_rows(path, number)
    elif kind == "deep":
        write_deep(path, number)
    elif kind == "parts":
        vfx.io.exr.write_parts(path, [picture(number), picture(number + 9)], names=["a", "b"], compression="none")
    elif kind == "edited":
        vfx.io.header.edit(BASES / f"a{ending}", path, changes={"copyright": f"somebody {number}"})
    elif ending in (".cube", ".spi3d", ".csp"):
        lut.write(path, lut.Lut3D(chance.random((9, 9, 9, 3)).astype(np.float32)))
    elif ending in (".clf", ".ctf"):
        cube = lut.Lut3D(chance.random((9, 9, 9, 3)).astype(np.float32))
        lut.write(path, lut.ProcessList(list(vfx.Look().lut(cube))))
    elif ending == ".ccc":
        write_cdl(path, [CDL(chance.random(3), id=f"sh{index:04d}") for index in range(200)])
    else:
        vfx.write(path, picture(number))

def writable(name):
    try:
        import importlib
        return hasattr(importlib.import_module(f"vfx.io.{name}"), "write")
    except ImportError:
        return False

ENDINGS = [endings[0] for name, endings in FORMATS.items() if writable(name)]
ENDINGS += [".rows.exr", ".deep.exr", ".parts.exr", *(f".edited{path.suffix}" for path in sorted(BASES.iterdir()))]
ENDINGS += [".cube", ".spi3d", ".csp", ".clf", ".ctf", ".ccc"]
"""


def python(code: str, *arguments: object, within: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*within, sys.executable, "-c", WRITERS + textwrap.dedent(code), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=ROOT, check=False)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="vfx-faults-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def table() -> dict[str, Callable[..., None]]:
    names: dict[str, Callable[..., None]] = {}
    exec(WRITERS, names)  # the very text that the other processes run
    return names


# ------------------------------------------------------------------ no space, no permission

FAILING = """
    import errno, resource
    folder, fault = sys.argv[1], sys.argv[2]
    old = b"the old file"
    for ending in ENDINGS:
        write(os.path.join(folder, "warm" + ending), 0)  # all that is loaded on first use
        os.unlink(os.path.join(folder, "warm" + ending))
    for ending in ENDINGS:
        with open(os.path.join(folder, "a" + ending), "wb") as stream:
            stream.write(old)
    if fault == "no space":
        with open(os.path.join(folder, "filler"), "wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(bytes(4096))
            except OSError:
                stream.truncate(os.fstat(stream.fileno()).st_size - 4096)  # some of a file fits
    elif fault == "too large":
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
    else:
        os.chmod(folder, 0o555)
        if os.getuid() == 0:
            os.setuid(65534)
    for ending in ENDINGS:
        path = os.path.join(folder, "a" + ending)
        try:
            write(path, 1)
            print(ending, "no error")
        except OSError as error:
            named = path in str(error) or error.filename == path
            print(ending, errno.errorcode[error.errno], "" if named else f"does not name {path}: {error}")
        except BaseException as error:
            print(ending, repr(error))


    left = sorted(os.listdir(folder))
    print([name for name in left if name[1:] not in ENDINGS and name != "filler"])
    print([name for name in left if name[1:] in ENDINGS and Path(folder, name).read_bytes() != old])
"""


def check_failures(done: subprocess.CompletedProcess[str], reason: str) -> None:
    """Every writer raised ``reason`` with the path, every old file is there, and no other."""
    endings: list[str] = table()["ENDINGS"]  # type: ignore[assignment]
    assert done.stderr == ""
    assert done.stdout.splitlines() == [*(f"{ending} {reason} " for ending in endings), "[]", "[]"]


@pytest.mark.parametrize(("fault", "reason"), [("too large", "EFBIG"), ("forbidden", "EACCES")])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(fault: str, reason: str, open_folder: Path) -> None:
    check_failures(python(FAILING, open_folder, fault), reason)


@pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0,
    reason="no permission to mount a small disk",
)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=400k none {tmp_path} && exec"
    within = ("unshare", "-m", "sh", "-c", f'{mount} "$@"', "-")
    check_failures(python(FAILING, tmp_path, "no space", within=within), "ENOSPC")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_stream_that_is_full_is_an_error() -> None:
    picture = vfx.Image(np.zeros((40, 40, 3), np.float16))
    with pytest.raises(OSError, match="No space left"), open("/dev/full", "wb") as stream:  # noqa: PTH123
        vfx.io.exr.write(stream, picture, compression="none")


# ------------------------------------------------------------------ killed

LOOP = """
    import itertools
    print("ready", flush=True)
    for number in itertools.count():
        for ending in ENDINGS:
            write(os.path.join(sys.argv[1], "a" + ending), number % 2)
"""


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, ...]]:
    """What each writer writes for the numbers 0 to 2."""
    folder, names = tmp_path_factory.mktemp("whole"), table()
    wholes = {}
    for ending in names["ENDINGS"]:  # type: ignore[attr-defined]
        found = []
        for number in range(3):
            names["write"](str(folder / f"a{ending}"), number)
            found.append((folder / f"a{ending}").read_bytes())
        wholes[ending] = tuple(found)
        names["write"](str(folder / f"a{ending}"), 0)
        assert (folder / f"a{ending}").read_bytes() == found[0], f"{ending} is not written the same way twice"
    return wholes


def test_a_killed_write_leaves_a_whole_file(wholes: dict[str, tuple[bytes, ...]], tmp_path: Path) -> None:
    chance = random.Random(5)
    left = 0
    code = WRITERS + textwrap.dedent(LOOP)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=environment, cwd=ROOT
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1 + chance.random() * 0.3)
        process.kill()
        process.wait()
        process.stdout.close()
        for path in tmp_path.iterdir():
            if path.name.startswith("."):
                assert ".tmp" in path.name
                left += 1
            else:
                assert path.read_bytes() in wholes[path.name[1:]], path.name
    assert len([path for path in tmp_path.iterdir() if not path.name.startswith(".")]) > 3
    assert left <= 10  # at most one a kill, seen again by those that follow


def test_what_a_killed_write_left_is_no_frame(tmp_path: Path) -> None:
    for number in (1, 2):
        vfx.write(tmp_path / f"sh.{number:04d}.exr", np.zeros((2, 2, 3), np.float16))
        shutil.copy(tmp_path / f"sh.{number:04d}.exr", tmp_path / f".sh.{number:04d}.0123456789ab.tmp.exr")
    assert [(str(found), list(found.frames)) for found in Sequence.find(tmp_path)] == [
        (str(Sequence(tmp_path / "sh.####.exr")), [1, 2])
    ]


# ------------------------------------------------------------------ several writers


def keep_writing(folder: Path, number: int, rounds: int) -> None:
    names = table()
    for _ in range(rounds):
        for ending in names["ENDINGS"]:  # type: ignore[attr-defined]
            names["write"](str(folder / f"a{ending}"), number)


def test_writers_of_one_path_leave_one_whole_file(wholes: dict[str, tuple[bytes, ...]], tmp_path: Path) -> None:
    start = multiprocessing.get_context("spawn")
    writers = [start.Process(target=keep_writing, args=(tmp_path, number, 3)) for number in range(3)]
    for writer in writers:
        writer.start()
    seen = 0
    while any(writer.is_alive() for writer in writers):
        for ending, whole in wholes.items():
            with contextlib.suppress(FileNotFoundError):
                assert (tmp_path / f"a{ending}").read_bytes() in whole
                seen += 1
        time.sleep(0.005)
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 3
    assert seen > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"a{ending}" for ending in wholes)
    for ending, whole in wholes.items():
        assert (tmp_path / f"a{ending}").read_bytes() in whole
