"""Sample files against what colour reads; what only we read, against float64; our files read by other tools.

That every sample agrees with OpenColorIO, or is refused as it refuses it, is ``test_agreement_with_opencolorio``'s.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vfx.lut import Lut1D, Lut3D, LutChain, read, write

#: Files with both tables in one, which OpenColorIO cannot read.
ONLY_OURS = {"LogC_Video.cube", "Three_Dimensional_Table_With_Shaper.cube"}
KINDS = ("csp", "cube", "spi1d", "spi3d")
SAMPLES = [f"{folder}*.{kind}" for kind in KINDS for folder in ("lut/", "lut/colour/*/")]
#: Files that colour refuses, or reads with another domain or other preluts than the file and OpenColorIO have.
NOT_COLOURS = {"Exception_Raising.spi1d", "Explicit_Domain.csp", "cpf.spi1d", "iridas_1d.cube", "lut3d_arbitrary.csp",
               "resolve_1d3d.cube"}  # fmt: skip


def tolerance(lut: Lut1D | Lut3D | LutChain) -> float:
    """2e-6, and what two float32 roundings of the place between the entries make of the steepest segment."""
    if isinstance(lut, LutChain):
        low, high = lut.cube.domain
        return tolerance(lut.cube) + tolerance(lut.shaper) * rise(lut.cube) * (lut.cube.size - 1) / (high - low)
    return 2e-6 + 2 * 2**-23 * rise(lut) * (lut.size - 1)


def rise(lut: Lut1D | Lut3D) -> float:
    """The largest step between neighbouring entries."""
    return max(float(np.abs(np.diff(lut._rgb(), axis=axis)).max()) for axis in range(lut._rgb().ndim - 1))


@pytest.mark.parametrize("name", sorted(ONLY_OURS))
def test_shapers_that_only_we_read_agree_with_float64(
    name: str, shared_file: Callable[[str], Path], colours: np.ndarray, exact_1d: Callable, exact_3d: Callable
) -> None:
    lut = read(shared_file(f"lut/colour/resolve_cube/{name}"))
    assert isinstance(lut, LutChain)
    for interpolation in ("trilinear", "tetrahedral"):
        expected = exact_3d(lut.cube, exact_1d(lut.shaper, colours), interpolation)
        np.testing.assert_allclose(lut.apply(colours, interpolation), expected, atol=1e-5)


@pytest.mark.each_shared_file(*SAMPLES)
def test_samples_hold_what_colour_reads(shared_case: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        colour = pytest.importorskip("colour")
        if shared_case.name in NOT_COLOURS:
            return
        theirs = colour.read_LUT(str(shared_case))
    ours = read(shared_case)
    if isinstance(ours, LutChain):
        np.testing.assert_allclose(ours.shaper._rgb(), np.broadcast_to(columns(theirs[0]), (ours.shaper.size, 3)))
        np.testing.assert_allclose(ours.cube.table, theirs[1].table, rtol=1e-7, atol=1e-8)
    elif isinstance(ours, Lut1D):
        expected = np.broadcast_to(columns(theirs), (ours.size, 3))
        np.testing.assert_allclose(ours._rgb(), expected, rtol=1e-7, atol=1e-8)
    else:
        np.testing.assert_allclose(ours.table, theirs.table, rtol=1e-7, atol=1e-8)


def columns(lut: object) -> np.ndarray:
    """The table of colour's 1D LUT as (N, 1) or (N, 3)."""
    table = np.asarray(lut.table, np.float32)  # type: ignore[attr-defined]
    return table.reshape(len(table), -1)


RNG = np.random.default_rng(8)
CODES = np.arange(4096) / 4095
WRITTEN = {
    "codes.3dl": Lut3D(RNG.choice(CODES, (6, 6, 6, 3))),
    "shaper.3dl": LutChain(Lut1D(RNG.choice(CODES, 17)), Lut3D(RNG.choice(CODES, (5, 5, 5, 3)))),
    "cube.csp": Lut3D(RNG.normal(0, 2, (7, 7, 7, 3)), title="y"),
    "domain.csp": Lut3D(RNG.random((5, 5, 5, 3)), ((-1, 0, 0.25), (1, 2, 0.75))),
    "curves.csp": Lut1D(RNG.random((64, 3)), (-0.5, 1.5)),
    "line.csp": LutChain(Lut1D([[0, 0.1, 0.5], [0.9, 1, 0.7]], (-1, 3)), Lut3D(RNG.random((4, 4, 4, 3)))),
    "cube.itx": Lut3D(RNG.normal(0, 2, (7, 7, 7, 3))),
    "curve.cube": Lut1D(RNG.normal(0, 2, 64)),
    "curves.cube": Lut1D(RNG.normal(0, 2, (64, 3)), ((-1, 0, 0.1), (1, 2, 0.2)), title="x"),
    "big.cube": Lut1D(RNG.random((5000, 3)), (-0.25, 8)),
    "cube.cube": Lut3D(RNG.normal(0, 2, (7, 7, 7, 3)), title="y"),
    "domain.cube": Lut3D(RNG.random((5, 5, 5, 3)), ((-1, 0, 0.25), (1, 2, 0.75))),
    "tiny.cube": Lut3D(RNG.normal(0, 1e-7, (3, 3, 3, 3))),
    "chain.cube": LutChain(Lut1D(RNG.random((32, 3)) * 4, (-0.5, 3)), Lut3D(RNG.random((4, 4, 4, 3)), (0, 4))),
    "plain.cube": LutChain(Lut1D.gamma(64, 0.5), Lut3D(RNG.random((9, 9, 9, 3)))),
    "curve.spi1d": Lut1D(RNG.normal(0, 2, 64), (-0.5, 1.5)),
    "curves.spi1d": Lut1D(RNG.normal(0, 2, (64, 3))),
    "cube.spi3d": Lut3D(RNG.normal(0, 2, (8, 8, 8, 3))),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_written_files_are_read_by_opencolorio(
    name: str, tmp_path: Path, colours: np.ndarray, ocio_file: Callable
) -> None:
    lut = WRITTEN[name]
    write(tmp_path / name, lut)
    assert read(tmp_path / name) == lut
    for theirs, ours in (("linear", "trilinear"), ("tetrahedral", "tetrahedral")):
        expected = ocio_file(tmp_path / name, colours, theirs)
        result = lut.apply(colours, None if isinstance(lut, Lut1D) else ours)
        error = np.abs((result - expected) / np.maximum(1, np.abs(expected))).max()
        assert error <= tolerance(lut)


@pytest.mark.parametrize("name", ["cube.cube", "domain.cube", "big.cube", "curve.spi1d"])
def test_written_files_are_read_by_colour(name: str, tmp_path: Path) -> None:
    lut = WRITTEN[name]
    write(tmp_path / name, lut)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        colour = pytest.importorskip("colour")
        theirs = colour.read_LUT(str(tmp_path / name))
    assert isinstance(lut, (Lut1D, Lut3D))
    assert np.array_equal(np.asarray(theirs.table, np.float32), lut.table)
    np.testing.assert_allclose(
        np.broadcast_to(np.asarray(theirs.domain).reshape(2, -1), (2, 3)), [lut.domain_min, lut.domain_max]
    )


BAKED = [
    ("cinespace", "a.csp", ""),
    ("cinespace", "shaper.csp", "ACEScct"),
    ("flame", "flame.3dl", ""),
    ("houdini", "a.lut", ""),
    ("iridas_cube", "iridas.cube", ""),
    ("iridas_itx", "a.itx", ""),
    ("lustre", "lustre.3dl", ""),
    ("resolve_cube", "resolve.cube", ""),
    ("resolve_cube", "shaper.cube", "ACEScct"),
    ("spi1d", "a.spi1d", ""),
    ("spi3d", "a.spi3d", ""),
    ("truelight", "a.cub", ""),
]


def test_files_written_by_opencolorio_and_colour_are_read(
    tmp_path: Path, colours: np.ndarray, ocio_file: Callable
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        colour = pytest.importorskip("colour")
        table = RNG.random((6, 6, 6, 3))
        colour.write_LUT(colour.LUT3D(table, "six"), str(tmp_path / "a.cube"), decimals=9)
        colour.write_LUT(colour.LUT3D(table, "six"), str(tmp_path / "a.spi3d"), decimals=9)
    np.testing.assert_allclose(read(tmp_path / "a.cube").table, table, atol=1e-7)
    np.testing.assert_allclose(read(tmp_path / "a.spi3d").table, table, atol=1e-7)
    ocio = pytest.importorskip("PyOpenColorIO")
    baker = ocio.Baker()
    baker.setConfig(ocio.Config.CreateFromBuiltinConfig("cg-config-v1.0.0_aces-v1.3_ocio-v2.1"))
    baker.setCubeSize(17)
    for kind, name, shaper in BAKED:
        baker.setFormat(kind)
        baker.setTargetSpace("ACEScg" if kind == "spi1d" else "ACES2065-1")
        baker.setInputSpace("ACEScg" if shaper else "ACEScct")
        baker.setShaperSpace(shaper)
        baker.setShaperSize(1024)
        baker.bake(str(tmp_path / name))
        lut = read(tmp_path / name)
        expected = ocio_file(tmp_path / name, colours, "tetrahedral")
        error = np.abs((lut.apply(colours) - expected) / np.maximum(1, np.abs(expected))).max()
        assert error <= 1e-5, name
