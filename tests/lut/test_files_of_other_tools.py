"""Every sample file, read and applied, against OpenColorIO and colour; and our files read by them.

OpenColorIO is asked without optimisation, linear and tetrahedral, on ramps from below the domain to above
it. Where the two do not agree by design:

=================================================  ======================================================
``colour/resolve_cube/LogC_Video.cube``              refused by OpenColorIO: its Resolve reader knows no
``…/Three_Dimensional_Table_With_Shaper.cube``       TITLE, its Iridas reader no file with both tables.
                                                     We read both; checked against float64 and colour.
``colour/sony_spi1d/Exception_Raising.spi1d``        refused by both: ``From`` has one number
=================================================  ======================================================

Beyond the samples we accept comments among the rows, ``VIDEO_RANGE`` tags and sizes to 256 (OpenColorIO:
129), and refuse NaN or infinity in a table, entries given twice and domains that run backwards.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import Lut1D, Lut3D, LutChain, read, write

#: Files that OpenColorIO cannot read and we can.
ONLY_OURS = {"LogC_Video.cube", "Three_Dimensional_Table_With_Shaper.cube"}
#: Files that nobody reads.
NOBODYS = {"Exception_Raising.spi1d"}
SAMPLES = ("lut/*.cube", "lut/*.spi1d", "lut/*.spi3d", "lut/colour/*/*.cube", "lut/colour/*/*.spi1d",
           "lut/colour/*/*.spi3d")  # fmt: skip


@pytest.mark.each_shared_file(*SAMPLES)
@pytest.mark.parametrize("interpolation", ["linear", "tetrahedral"])
def test_samples_agree_with_opencolorio(
    shared_case: Path, interpolation: str, colours: np.ndarray, ocio_file: Callable
) -> None:
    if shared_case.name in ONLY_OURS | NOBODYS:
        ocio = pytest.importorskip("PyOpenColorIO")
        with pytest.raises(ocio.Exception, match="could not be loaded"):
            ocio_file(shared_case, colours, interpolation)
        if shared_case.name in NOBODYS:
            with pytest.raises(FormatError):
                read(shared_case)
        return
    expected = ocio_file(shared_case, colours, interpolation)
    lut = read(shared_case)
    ours = {"linear": "trilinear"}.get(interpolation, interpolation)
    result = lut.apply(colours, None if isinstance(lut, Lut1D) else ours)
    # Absolute below 1, relative above.
    assert np.abs((result - expected) / np.maximum(1, np.abs(expected))).max() <= 2e-6


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
        if shared_case.name in ("Exception_Raising.spi1d", "iridas_1d.cube", "resolve_1d3d.cube", "cpf.spi1d"):
            # Refused by colour, or read with another domain than the file and OpenColorIO have.
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
WRITTEN = {
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


def test_files_written_by_opencolorio_and_colour_are_read(tmp_path: Path) -> None:
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
    baker.setInputSpace("ACEScct")
    for kind, expected in (("iridas_cube", Lut3D), ("spi1d", Lut1D), ("resolve_cube", LutChain)):
        path = tmp_path / ("baked.spi1d" if kind == "spi1d" else f"{kind}.cube")
        baker.setFormat(kind)
        baker.setTargetSpace("ACEScg" if expected is Lut1D else "ACES2065-1")
        baker.setShaperSpace("ACEScct" if expected is LutChain else "")
        baker.setCubeSize(16)
        baker.bake(str(path))
        assert isinstance(read(path), expected)
