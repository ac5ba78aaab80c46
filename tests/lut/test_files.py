"""``vfx.lut.read`` and ``write``: content tells the format first, the extension second."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import EXTENSIONS, FORMATS, WRITTEN_EXTENSIONS, Lut1D, Lut3D, read, write
from vfx.lut.files import LutFormat

CUBE, CURVE = Lut3D.identity(2), Lut1D(np.linspace(0, 1, 256))
#: What each format that is written holds.
HELD = {"1dl": CURVE, "spi1d": CURVE, "lut": CURVE, "hdl": CURVE, "spimtx": np.eye(3), "mtx": np.eye(3)}


def test_formats_are_in_order_and_have_one_name_each() -> None:
    names = [kind.name for kind in FORMATS]
    assert names == sorted(set(names))
    assert set(WRITTEN_EXTENSIONS) <= set(EXTENSIONS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in EXTENSIONS)


@pytest.mark.parametrize("extension", WRITTEN_EXTENSIONS)
def test_every_extension_that_is_written_is_read_back(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"A{extension.upper()}"
    write(path, HELD.get(extension[1:], CUBE))
    found = read(str(path))
    if isinstance(found, Lut3D):
        assert found == CUBE


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind.writer and kind.sign], ids=lambda kind: kind.name)
def test_content_rules_over_the_extension(kind: LutFormat, tmp_path: Path) -> None:
    path, options = tmp_path / f"a{kind.extensions[0]}", {"flavour": "lustre"} if kind.name == "3dl" else {}
    write(path, HELD.get(kind.extensions[0][1:], CUBE), **options)
    expected = read(path)
    for liar in (".txt", "", ".vf", ".cube", ".lut"):
        assert read(path.rename(path.with_suffix(liar))) == expected, liar
        path.with_suffix(liar).rename(path)


def test_a_byte_order_mark_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.csp", CUBE)
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "a.csp").read_bytes())
    assert read(tmp_path / "b.txt") == CUBE


def test_lut_is_houdinis_or_discreets_by_content(tmp_path: Path) -> None:
    write(tmp_path / "houdini.lut", CURVE)
    write(tmp_path / "discreet.1dl", CURVE)
    (tmp_path / "discreet.1dl").rename(tmp_path / "discreet.lut")
    assert (tmp_path / "houdini.lut").read_bytes().startswith(b"Version")
    assert read(tmp_path / "houdini.lut").size == read(tmp_path / "discreet.lut").size == 256


def test_unknown_extensions_name_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'.txt' is not known; .1dl, .3dl, .* can be written"):
        write(tmp_path / "a.txt", CUBE)
    with pytest.raises(ValueError, match=r"'.vf' is not known; .* can be written"):
        write(tmp_path / "a.vf", CUBE)
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(FormatError, match=r"a.txt: the extension '.txt' is not known; .* can be read as LUTs"):
        read(tmp_path / "a.txt")


def test_options_reach_the_writer(tmp_path: Path) -> None:
    write(tmp_path / "a.3dl", CUBE, flavour="lustre")
    assert (tmp_path / "a.3dl").read_bytes().startswith(b"3DMESH")
    with pytest.raises(TypeError, match="flavor"):
        write(tmp_path / "a.3dl", CUBE, flavor="lustre")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_what_is_no_file_is_refused(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{extension}"
    with pytest.raises(FileNotFoundError, match="a\\" + extension):
        read(path)
    path.mkdir()
    with pytest.raises(OSError, match="a\\" + extension):
        read(path)
    path.rmdir()
    path.touch()
    with pytest.raises(FormatError, match="empty"):
        read(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(FormatError, match="not a regular file"):
        read(path)
