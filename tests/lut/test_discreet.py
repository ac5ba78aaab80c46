"""Discreet's 1D LUTs: depths by header, name and length, agreement with OpenColorIO, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import HalfLut1D, Lut1D, read, read_1dl, write, write_1dl

RNG = np.random.default_rng(4)
TOPS = {"": 255, "256": 255, "1024": 1023, "4096": 4095, "65536": 65535, "65536f": 0x3C00, "65536F": 0x3C00}


def discreet(tables: int = 3, length: int = 256, depth: str = "", *, head: str | None = None) -> str:
    """A file of random codes."""
    codes = RNG.integers(0, TOPS[depth] + 1, tables * length)
    return (f"LUT: {tables} {length} {depth}\n" if head is None else head) + "\n".join(map(str, codes)) + "\n"


@pytest.mark.parametrize("tables", [1, 3, 4])
@pytest.mark.parametrize("length", [256, 1024, 4096])
def test_the_length_gives_the_depth(
    tables: int, length: int, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / "a.lut"
    path.write_text(discreet(tables, length))
    assert same_as_ocio(path).channels == (1 if tables == 1 else 3)


@pytest.mark.parametrize("depth", ["256", "1024", "4096", "65536", "65536f", "65536F"])
@pytest.mark.parametrize("length", [17, 256])
def test_the_header_gives_the_depth(
    depth: str, length: int, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / "8to12.lut"  # the header counts for more than the name
    path.write_text(discreet(3, length, depth))
    same_as_ocio(path)


@pytest.mark.parametrize(
    ("name", "white"),
    [("a_8to10", 1023), ("8to12log", 4095), ("TO8", 255), ("12to16", 65535), ("to80", 255), ("8to32f", 1),
     ("logtolin_8to10", 255), ("8to9", 255), ("8to32", 255)],
)  # fmt: skip
def test_the_first_to_of_a_name_gives_the_depth(
    name: str, white: int, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    path = tmp_path / f"{name}.lut"
    path.write_text("LUT: 1 256\n" + "\n".join(map(str, range(256))))
    path.write_text(path.read_text() + "\n")
    assert same_as_ocio(path).table[-1] == np.float32(255 / white)


def test_half_floats_are_given_by_their_bits(tmp_path: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    values = np.array([-65504, -1, 0, 2**-24, 0.1, 1, 65504], np.float16)
    path = tmp_path / "to16f.1dl"
    path.write_text(f"LUT: 1 {len(values)}\n" + "".join(f"{code}\n" for code in values.view(np.uint16)))
    assert np.array_equal(same_as_ocio(path).table, values.astype(np.float32))


@pytest.mark.parametrize(
    "text",
    [
        discreet(1, head=""),
        discreet().replace("\n", "\r\n"),
        discreet().replace("\n", "\n\n \t\n", 50),
        "# a comment\n\n" + discreet() + "# another\n",
        "LUT: 1 256\n" + "".join(f"{code}\n" for code in range(255, -1, -1)),
    ],
    ids=["without a header", "CRLF", "blank lines", "comments", "descending"],
)
def test_other_forms_agree_with_opencolorio(text: str, tmp_path: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    path = tmp_path / "a.lut"
    path.write_bytes(text.encode())
    same_as_ocio(path)


@pytest.mark.parametrize("depth", ["1024", "65536", "65536f", ""])
@pytest.mark.parametrize("tables", [1, 3])
def test_65536_entries_are_the_half_floats(
    depth: str, tables: int, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    every = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    with np.errstate(invalid="ignore"):
        halves = np.stack([np.arctan(every * gain) / 2 + 0.8 for gain in (1, 2, 3)[:tables]])
    if depth == "65536f":
        codes = halves.astype(np.float16).view(np.uint16)
    else:
        codes = np.rint(np.nan_to_num(halves) * (1023 if depth == "1024" else 65535) / 1.6).astype(np.uint16)
    path = tmp_path / "half.lut"
    path.write_text(f"LUT: {tables} 65536 {depth}\n" + "".join(f"{code}\n" for code in codes.ravel()))
    found = same_as_ocio(path)
    assert isinstance(found, HalfLut1D) and found.channels == tables
    if depth:
        write_1dl(tmp_path / "again.1dl", found, depth={"1024": "10", "65536": "16", "65536f": "16f"}[depth])
        assert read(tmp_path / "again.1dl") == found


def test_a_half_domain_identity_is_written_and_read_as_one(tmp_path: Path, same_as_ocio: Callable[[Path], Any]) -> None:
    write(tmp_path / "a.1dl", HalfLut1D.from_curve("acescct"))
    write_1dl(tmp_path / "to16f.lut", HalfLut1D.identity(), depth="16f")
    assert same_as_ocio(tmp_path / "to16f.lut").is_identity


def test_the_sample_agrees_with_opencolorio(
    shared_file: Callable[[str], Path], same_as_ocio: Callable[[Path], Any]
) -> None:
    assert same_as_ocio(shared_file("lut/logtolin_8to8.lut")).size == 256


@pytest.mark.parametrize("depth", ["8", "10", "12", "16", "16f"])
@pytest.mark.parametrize("size", [256, 1024, 4096])
@pytest.mark.parametrize("columns", [1, 3])
def test_written_luts_are_rounded_to_their_depth_and_read_back(
    depth: str, size: int, columns: int, tmp_path: Path, same_as_ocio: Callable[[Path], Any]
) -> None:
    values = RNG.random((size, columns)).astype(np.float32)
    if depth == "16f":
        values = values * 8 - 4
    lut = Lut1D(values[:, 0] if columns == 1 else values)
    path = tmp_path / "a.1dl"
    write_1dl(path, lut, depth=depth)
    found = same_as_ocio(path)
    assert found.channels == columns
    step = 2.0**-11 * 4 if depth == "16f" else 0.5 / (2 ** int(depth) - 1)
    assert np.abs(found.table - lut.table).max() <= step * (1 + 1e-6)
    write_1dl(path, found, depth=depth)
    assert read(path) == found


@pytest.mark.parametrize(
    ("lut", "options", "reason"),
    [
        (Lut1D.identity(33), {}, "256, 1024 or 4096 entries, got 33"),
        (Lut1D.identity(256, (0, 2)), {}, "has domain"),
        (Lut1D([-0.1] * 256), {}, "between 0 and 1; depth='16f'"),
        (Lut1D([65520.0] * 256), {"depth": "16f"}, "half floats end at 65504"),
        (Lut1D.identity(256), {"depth": "14"}, "depth must be one of 8, 10, 12, 16, 16f"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(
    lut: Lut1D, options: dict[str, str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=reason):
        write_1dl(tmp_path / "a.1dl", lut, **options)
    with pytest.raises(TypeError, match="holds a Lut1D or a HalfLut1D"):
        write(tmp_path / "a.1dl", object())  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def rows(*words: str) -> str:
    """A table of zeros that ends in the given lines."""
    return "LUT: 1 256 256\n" + "0\n" * (256 - len(words)) + "".join(f"{word}\n" for word in words)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (rows("1.5"), 257, "whole numbers, got '1.5'"),
        (rows("-1"), 257, "whole numbers, got '-1'"),
        (rows("1e2"), 257, "whole numbers, got '1e2'"),
        (rows("12ab"), 257, "'12ab'"),
        (rows("1 2", "0"), 256, "more: '1 2'"),
        (rows("65536", "0"), 256, "0 to 65535, got 65536"),
        (rows("   0")[:-2], 257, "ends after 255 rows"),
        (rows() + "0\n", 258, "more rows than 1 tables of 256"),
        ("LUT: 2 256\n", 1, "the number of tables must be 1, 3 or 4"),
        ("LUT: 3 65537\n", 1, "the number of entries must be between 2 and 65536"),
        ("LUT: 3 256 512\n", 1, "the depth must be one of 256, 1024, 4096, 65536, 65536f, got '512'"),
        ("LUT: 3\n", 1, "starts with LUT: tables entries depth"),
        ("LUT: 1 3\n0\n1\n2\n", 1, "no depth: 3 entries say nothing"),
        ("LUT: 3 60000 256\n0\n", 2, "truncated"),
        ("LUT: 1 3 65536f\n0\n31744\n0\n", None, "finite"),
    ],
)
def test_damage_is_told_by_line_and_reason(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.1dl"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason) as caught:
        read_1dl(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
