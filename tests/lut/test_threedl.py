"""``.3dl``: whole numbers of a depth that is told or guessed; what is damaged is refused with path and line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import HalfLut1D, Lut1D, Lut3D, LutChain, read_3dl, write_3dl

RAMP = "0 341 682 1023\n"
FOOT = "\nLUT8\ngamma 1.0\n"


def rows(n: int = 3, top: int = 4095) -> str:
    """The identity of ``n`` entries along each axis, blue fastest."""
    codes = [round(i * top / (n - 1)) for i in range(n)]
    return "".join(f"{r} {g} {b}\n" for r, g, b in product(codes, repeat=3))


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes a ``.3dl`` file."""

    def write(content: str) -> Path:
        path = tmp_path / "a.3dl"
        path.write_bytes(content.encode())
        return path

    return write


Make = Callable[[str], Path]


@pytest.mark.parametrize(
    "content",
    [
        RAMP + rows(),
        rows(),
        "0 512 1023\n" + rows(),
        "3DMESH\nMesh 1 12\n" + RAMP + rows() + FOOT,
        "3dmesh\nmesh 1 12\n" + rows(),
        "# Flame\n\n" + RAMP + "# rows\n" + rows().replace("\n", " # row\n\n") + "# end",
        (RAMP + rows()).replace("\n", "\r\n").replace(" ", "\t"),
        "\ufeff" + RAMP + rows(),
        (RAMP + rows()).rstrip(),
        (" " + RAMP + rows()).replace("4095", "+4095.0"),
        "0 340 683 1022\n" + rows(),
        "0 85 170 255\n" + rows(),
    ],
)
def test_spellings_of_the_same_cube(make: Make, content: str) -> None:
    found = read_3dl(make(content))
    assert isinstance(found, Lut3D)
    np.testing.assert_allclose(found.table, Lut3D.identity(3).table, atol=0.5001 / 4095)


def test_blue_runs_fastest(make: Make) -> None:
    assert read_3dl(make("0 0 0\n0 0 1000\n0 2000 0\n" + "0 0 4095\n" * 5)).table[0, 1, 0, 1] == np.float32(2000 / 4095)


@pytest.mark.parametrize(
    ("top", "bits"), [(128, 8), (511, 8), (512, 10), (2047, 10), (2048, 12), (8191, 12), (8192, 16), (131071, 16)]
)
def test_the_depth_is_guessed_from_the_largest_code(top: int, bits: int, make: Make) -> None:
    assert read_3dl(make(rows(2, top))).table.max() == np.float32(top / (2**bits - 1))


def test_the_depth_that_mesh_tells_rules(make: Make) -> None:
    assert read_3dl(make("3DMESH\nMesh 0 12\n" + rows(2, 1000))).table.max() == np.float32(1000 / 4095)


def test_codes_below_zero_are_kept(make: Make) -> None:
    assert read_3dl(make(rows(2).replace("0 0 0", "-4 0 0"))).table.min() == np.float32(-4 / 4095)


def test_a_shaper_that_is_no_ramp_stands_before_the_cube(make: Make) -> None:
    found = read_3dl(make("0 500 682 1023\n" + rows(2)))
    assert found == LutChain(Lut1D(np.array([0, 500, 682, 1023]) / 1023), Lut3D.identity(2))
    assert isinstance(read_3dl(make("0 343 682 1023\n" + rows(2))), LutChain)
    assert isinstance(read_3dl(make("0 900\n" + rows(2))), LutChain)


ERRORS = {
    "truncated": (RAMP + rows()[:-15], "26 rows are no cube"),
    "one row more": (RAMP + rows(2) + "1 1 1\n", "9 rows are no cube"),
    "shaper alone": (RAMP, "0 rows are no cube"),
    "fraction": (
        RAMP + rows(2).replace("0 4095 0", "0 0.5 0"),
        "line 4: expected whole numbers up to 131071, got 0 0.5",
    ),
    "beyond 17 bits": (rows(2, 131072), "expected whole numbers up to 131071"),
    "nan": (RAMP + rows(2).replace("0 4095 0", "0 nan 0"), "line 4: not a finite number: 'nan'"),
    "word": (RAMP + rows(2) + "hello\n", "line 10: expected three whole numbers, 3DMESH, Mesh, LUT8 or gamma"),
    "two shapers": (RAMP + RAMP + rows(2), "line 2: expected three whole numbers, got 4 behind the shaper"),
    "late shaper": (rows(2) + RAMP, "line 9: a row has 3 numbers, got more"),
    "two numbers": (RAMP + rows(2) + "1 1\n", "line 10: a row has 3 numbers, got fewer"),
    "fraction in the shaper": ("0 .5 1 2\n" + rows(2), "line 1: a shaper is two or more whole numbers"),
    "gamma": (RAMP + rows(2) + "LUT8\ngamma 2.2\n", "line 11: only gamma 1.0 is supported"),
    "mesh": ("3DMESH\nMesh 4\n" + rows(2), "line 2: Mesh takes the exponent of the size and a bit depth"),
    "mesh depth": ("3DMESH\nMesh 4 99\n" + rows(2), "line 2: Mesh's bit depth must be between 8 and 16, got 99"),
    "mesh size": ("3DMESH\nMesh 4 12\n" + rows(2), "Mesh 4 announces 17 entries along each axis, the rows are 2**3"),
    "mesh top": ("3DMESH\nMesh 0 10\n" + rows(2), "Mesh says 10 bits, whose highest code is 1023; the rows reach 4095"),
    "dark": (rows(2, 127), "the largest code is 127: too low to tell"),
    "dark shaper": ("0 1 2 3\n" + rows(2), "the largest code is 3: too low to tell"),
    "xml": ("<a>\n" + rows(2), "line 1: expected three whole numbers"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_is_refused_with_path_and_line(name: str, make: Make) -> None:
    content, reason = ERRORS[name]
    path = make(content)
    with pytest.raises(FormatError) as caught:
        read_3dl(path)
    assert str(caught.value).startswith(f"{path}: line ")
    assert reason in str(caught.value)


RNG = np.random.default_rng(3)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("flavour", ["flame", "lustre"])
def test_written_codes_read_back_within_half_a_code(flavour: str, bits: int, tmp_path: Path) -> None:
    path, lut = tmp_path / "a.3dl", Lut3D(RNG.random((5, 5, 5, 3)))
    write_3dl(path, lut, flavour=flavour, bit_depth=bits)
    first, found = path.read_bytes(), read_3dl(path)
    assert first.startswith(b"3DMESH\nMesh 2 %d\n0 256 512 767 1023\n" % bits) is (flavour == "lustre")
    assert np.abs(found.table - lut.table).max() <= 0.50001 / (2**bits - 1)
    write_3dl(path, found, flavour=flavour, bit_depth=bits)
    assert path.read_bytes() == first


def test_written_values_are_clamped(tmp_path: Path) -> None:
    table = Lut3D.identity(2).table * 3 - 1
    write_3dl(tmp_path / "a.3dl", Lut3D(table))
    assert read_3dl(tmp_path / "a.3dl") == Lut3D(np.clip(table, 0, 1))


def test_a_shaper_is_written_and_read_back(tmp_path: Path) -> None:
    chain = LutChain(Lut1D.gamma(64, 0.5), Lut3D.identity(4))
    write_3dl(tmp_path / "a.3dl", chain, bit_depth=16)
    found = read_3dl(tmp_path / "a.3dl")
    assert np.abs(found.shaper.table - chain.shaper.table).max() <= 0.50001 / 65535
    np.testing.assert_allclose(found.cube.table, chain.cube.table, atol=0.50001 / 65535)


def test_what_the_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    cube, curve = Lut3D.identity(4), Lut1D.gamma(8, 2)
    path = tmp_path / "a.3dl"
    for lut in (curve, LutChain(cube, curve), LutChain(curve, curve, cube), LutChain(HalfLut1D.identity(), cube)):
        with pytest.raises(TypeError, match="a .3dl file holds a Lut3D, or a LutChain"):
            write_3dl(path, lut)  # type: ignore[arg-type]
    for lut in (Lut3D.identity(4, (0, 2)), LutChain(Lut1D(curve.table, (0, 2)), cube)):
        with pytest.raises(ValueError, match=r"holds LUTs of domain \(0, 1\), got \(0.0, 2.0\)"):
            write_3dl(path, lut)
    for shaper in (Lut1D([0, 0.5, 1]), Lut1D(RNG.random((9, 3)))):
        with pytest.raises(ValueError, match="a shaper of one curve with 4 entries or more"):
            write_3dl(path, LutChain(shaper, cube))
    with pytest.raises(ValueError, match="the shaper's 1024 codes fill .* characters, and OpenColorIO misreads"):
        write_3dl(path, LutChain(Lut1D.gamma(1024, 2), cube))
    with pytest.raises(ValueError, match=r"2\*\*n \+ 1 entries along each axis \(17, 33, 65 …\), got 4"):
        write_3dl(path, cube, flavour="lustre")
    with pytest.raises(ValueError, match="flavour must be one of"):
        write_3dl(path, cube, flavour="smoke")
    with pytest.raises(ValueError, match=r"bit_depth must be one of \(8, 10, 12, 16\), got 14"):
        write_3dl(path, cube, bit_depth=14)
    with pytest.raises(ValueError, match="readers take for a lower depth than 12 bits"):
        write_3dl(path, Lut3D(cube.table / 2.1))
    assert list(tmp_path.iterdir()) == []
