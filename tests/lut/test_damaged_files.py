"""Flipped, cut and spliced LUT files end in a LUT or a :class:`FormatError`, quickly."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import EXTENSIONS, Lut1D, Lut3D, LutChain, ProcessList, read, write

KINDS = ("3dl", "csp", "cube", "itx", "lut", "m3d", "spi1d", "spi3d", "spimtx", "vf")
SAMPLES = [f"{folder}*.{kind}" for kind in KINDS for folder in ("lut/", "lut/colour/*/")]
SPLICES = [b"\n", b" ", b"#", b"\0", b"-", b"9" * 30, b"e9999", b"nan", b"LUT_3D_SIZE 200\n", b"{", b"\xff\xfe", b"."]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One damage out of four kinds."""
    at = chance.randrange(len(content) + 1)
    kind = chance.randrange(4)
    if kind == 0:
        return content[:at]
    if kind == 1:
        flipped = bytearray(content)
        for _ in range(chance.randrange(1, 4)):
            flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if kind == 2:
        return content[:at] + chance.choice(SPLICES) + content[at:]
    return content[:at] + content[chance.randrange(len(content)) :]


def refusals(path: Path, times: int) -> int:
    """How often the file at ``path`` was refused once damaged; what is neither refusal nor LUT fails."""
    chance = random.Random(path.name)
    content = path.read_bytes()
    refused = 0
    for _ in range(times):
        path.write_bytes(damaged(content, chance))
        start = time.perf_counter()
        ending = read_or_reason(path)
        assert time.perf_counter() - start < 2
        if isinstance(ending, str):
            refused += 1
            assert ending.startswith(str(path))
        else:
            assert all(np.isfinite(table).all() for table in ending)
    return refused


def read_or_reason(path: Path) -> str | list[np.ndarray]:
    """The tables of a LUT file, or why it was refused."""
    try:
        lut = read(path)
    except FormatError as error:
        return str(error)
    if isinstance(lut, ProcessList):
        return list(lut.ops[0].as_matrix())  # type: ignore[attr-defined]
    return [one.table for one in getattr(lut, "luts", (lut,))]


@pytest.mark.each_shared_file(*SAMPLES)
def test_damage_never_ends_in_anything_but_a_lut_or_a_format_error(shared_case: Path, tmp_path: Path) -> None:
    path = tmp_path / f"damaged{shared_case.suffix}"
    path.write_bytes(shared_case.read_bytes())
    assert refusals(path, 250) > 20


RNG = np.random.default_rng(9)
MADE = {
    "shaper.3dl": LutChain(Lut1D(np.linspace(0, 1, 9) ** 2), Lut3D(RNG.random((3, 3, 3, 3)))),
    "cube.csp": LutChain(Lut1D(np.linspace(0, 1, 9) ** 2), Lut3D(RNG.random((3, 3, 3, 3)))),
    "curves.csp": LutChain(Lut1D(np.linspace(0, 1, 5) ** 2), Lut1D(RNG.random((9, 3)))),
    "cube.itx": Lut3D(RNG.random((3, 3, 3, 3))),
    "curve.1dl": Lut1D(RNG.random((256, 3))),
    "curve.lut": Lut1D(RNG.random((16, 3)), (-1, 2)),
    "cube.lut": Lut3D(RNG.random((3, 3, 3, 3))),
    "both.hdl": LutChain(Lut1D(RNG.random(16)), Lut3D(RNG.random((3, 3, 3, 3)))),
    "cube.cub": Lut3D(RNG.random((3, 3, 3, 3))),
    "both.cub": LutChain(Lut1D(RNG.random((16, 3))), Lut3D(RNG.random((3, 3, 3, 3)))),
    "matrix.spimtx": RNG.random((3, 4)),
}


LOOK = '<?xml version="1.0" ?>\n<look>\n<LUT>\n<size>"3"</size>\n<data>"{}"</data>\n</LUT>\n</look>\n'


@pytest.mark.parametrize("name", [*MADE, "a.look", "lustre.3dl"])
def test_damage_to_made_files_never_ends_in_anything_but_a_lut_or_a_format_error(name: str, tmp_path: Path) -> None:
    path, cube = tmp_path / name, Lut3D(RNG.random((3, 3, 3, 3)))
    if name == "a.look":
        path.write_text(LOOK.format(cube.table.astype("<f4").tobytes().hex()))
    elif name == "lustre.3dl":
        write(path, cube, flavour="lustre")
    else:
        write(path, MADE[name])
    assert refusals(path, 500) > 100


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_random_bytes_are_refused(extension: str, tmp_path: Path) -> None:
    chance = random.Random(extension)
    path = tmp_path / f"junk{extension}"
    for length in (1, 2, 3, 10, 1000, 100_000):
        path.write_bytes(chance.randbytes(length))
        with pytest.raises(FormatError):
            read(path)


@pytest.mark.parametrize(
    ("name", "lut"),
    [
        ("a.cube", Lut3D(np.random.default_rng(0).random((3, 3, 3, 3)))),
        ("a.cube", LutChain(Lut1D([0, 0.3, 1]), Lut3D.identity(2))),
        ("a.csp", Lut3D(np.random.default_rng(0).random((3, 3, 3, 3)))),
        ("a.itx", Lut3D(np.random.default_rng(0).random((3, 3, 3, 3)))),
        ("a.spi1d", Lut1D([0, 0.25, 1])),
        ("a.spi3d", Lut3D.identity(2)),
    ],
)
def test_every_truncation_is_refused_or_loses_nothing(name: str, lut: object, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path, lut)  # type: ignore[arg-type]
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            read_lut = read(path)
        except FormatError:
            continue
        # Only what stands behind the last digit may go unnoticed, or digits of the last number.
        assert len(content) - length < 14
        assert isinstance(read_lut, type(lut))
