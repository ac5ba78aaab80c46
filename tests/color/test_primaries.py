"""Primaries, white points and adaptation: what their documents print, and colour-science's matrices."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest

from vfx.color import Primaries, White, adaptation_matrix, primaries, whites
from vfx.color._catalogue import Catalogue
from vfx.color.adaptation import METHODS
from vfx.color.primaries import XyzAxes
from vfx.color.whites import white
from vfx.errors import UnknownNameError, VfxError

# Ours → colour-science's name, for every set of primaries that it has.
PEERS = {
    "ACES AP0": "ACES2065-1",
    "ACES AP1": "ACEScg",
    "ARRI Wide Gamut 3": "ARRI Wide Gamut 3",
    "ARRI Wide Gamut 4": "ARRI Wide Gamut 4",
    "Adobe RGB": "Adobe RGB (1998)",
    "Adobe Wide Gamut RGB": "Adobe Wide Gamut RGB",
    "Blackmagic Wide Gamut": "Blackmagic Wide Gamut",
    "CIE RGB": "CIE RGB",
    "Cinema Gamut": "Cinema Gamut",
    "DJI D-Gamut": "DJI D-Gamut",
    "DRAGONcolor": "DRAGONcolor",
    "DRAGONcolor2": "DRAGONcolor2",
    "DaVinci Wide Gamut": "DaVinci Wide Gamut",
    "F-Gamut": "F-Gamut",
    "F-Gamut C": "F-Gamut C",
    "FilmLight E-Gamut": "FilmLight E-Gamut",
    "FilmLight E-Gamut 2": "FilmLight E-Gamut 2",
    "N-Gamut": "N-Gamut",
    "NTSC 1953": "NTSC (1953)",
    "P3-D65": "P3-D65",
    "P3-DCI": "DCI-P3",
    "ProPhoto RGB": "ProPhoto RGB",
    "Protune Native": "Protune Native",
    "REDWideGamutRGB": "REDWideGamutRGB",
    "REDcolor": "REDcolor",
    "REDcolor2": "REDcolor2",
    "REDcolor3": "REDcolor3",
    "REDcolor4": "REDcolor4",
    "Rec.2020": "ITU-R BT.2020",
    "Rec.601 525": "SMPTE C",
    "Rec.601 625": "ITU-R BT.470 - 625",
    "Rec.709": "ITU-R BT.709",
    "S-Gamut": "S-Gamut",
    "S-Gamut3": "S-Gamut3",
    "S-Gamut3.Cine": "S-Gamut3.Cine",
    "Sharp RGB": "Sharp RGB",
    "V-Gamut": "V-Gamut",
    "Venice S-Gamut3": "Venice S-Gamut3",
    "Venice S-Gamut3.Cine": "Venice S-Gamut3.Cine",
}
# What colour-science does not have: a white of its own (P3-D60), Apple's paper, and XYZ itself.
ALONE = {"P3-D60", "Apple Wide Gamut", "XYZ E", "XYZ D65", "XYZ D50", "XYZ ACES"}
CATS = {"bradford": "Bradford", "cat02": "CAT02", "cat16": "CAT16", "von_kries": "Von Kries"}


@pytest.fixture(scope="module")
def colour() -> Any:
    """The colour-science package."""
    return pytest.importorskip("colour")


def test_every_set_of_primaries_is_checked_against_its_peer() -> None:
    assert set(PEERS) | ALONE == set(primaries())


@pytest.mark.parametrize("name", PEERS)
def test_chromaticities_and_matrix_are_those_of_colour_science(name: str, colour: Any) -> None:
    ours, peer = primaries[name], colour.RGB_COLOURSPACES[PEERS[name]]
    np.testing.assert_allclose([ours.red, ours.green, ours.blue], peer.primaries, atol=1e-15)
    np.testing.assert_allclose(ours.white.xy, peer.whitepoint, atol=1e-15)
    derived = colour.models.normalised_primary_matrix(peer.primaries, peer.whitepoint)
    np.testing.assert_allclose(ours.to_xyz(), derived, atol=1e-12)
    # What the standards print as matrices is rounded; ProPhoto's to four digits, of another D50.
    np.testing.assert_allclose(ours.to_xyz(), peer.matrix_RGB_to_XYZ, atol=3e-4)
    np.testing.assert_allclose(ours.from_xyz() @ ours.to_xyz(), np.eye(3), atol=1e-14)


@pytest.mark.parametrize(
    ("name", "printed", "digits"),
    [
        # SMPTE ST 2065-1:2012; Academy S-2014-004; IEC 61966-2-1:1999; Adobe RGB (1998) 4.3.5.3; ARRI (2012).
        ("ACES AP0", [[0.9525523959, 0, 0.0000936786], [0.3439664498, 0.7281660966, -0.0721325464],
                      [0, 0, 1.0088251844]], 10),
        ("ACES AP1", [[0.6624541811, 0.1340042065, 0.1561876870], [0.2722287168, 0.6740817658, 0.0536895174],
                      [-0.0055746495, 0.0040607335, 1.0103391003]], 10),
        ("Rec.709", [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], 4),
        ("Adobe RGB", [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]], 5),
        ("ARRI Wide Gamut 3", [[0.638008, 0.214704, 0.097744], [0.291954, 0.823841, -0.115795],
                               [0.002798, -0.067034, 1.153294]], 6),
        ("S-Gamut3", [[0.7064827132, 0.1288010498, 0.1151721641], [0.2709796708, 0.7866064112, -0.0575860820],
                      [-0.0096778454, 0.0046000375, 1.0941355587]], 10),
    ],
)  # fmt: skip
def test_computed_matrices_round_to_the_printed_ones(name: str, printed: list[list[float]], digits: int) -> None:
    np.testing.assert_allclose(primaries[name].to_xyz(), printed, atol=0.6 * 10.0**-digits)


@pytest.mark.parametrize("name", ["A", "B", "C", "D50", "D55", "D65", "D75", "E"])
def test_white_points_are_the_cies(name: str, colour: Any) -> None:
    peer = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"][name]
    np.testing.assert_allclose(whites[name].xy, peer, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "peer"),
    [("F2", "FL2"), ("F7", "FL7"), ("F8", "FL8"), ("F11", "FL11"), ("F12", "FL12"), ("ACES", "ACES"), ("DCI", "DCI-P3"),
     ("Blackmagic", "Blackmagic Wide Gamut")],
)  # fmt: skip
def test_other_white_points_agree_with_colour_science(name: str, peer: str, colour: Any) -> None:
    table = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]
    np.testing.assert_allclose(whites[name].xy, table[peer], atol=1e-15)
    np.testing.assert_allclose(whites["D60"].xy, table["D60"], atol=5e-6)  # printed to five digits


def test_the_white_of_aces_is_not_d60() -> None:
    assert primaries["ACES AP1"].white == whites["ACES"] != whites["D60"]


@pytest.mark.parametrize("method", CATS)
@pytest.mark.parametrize(("src", "dst"), [("D65", "ACES"), ("D50", "D65"), ("A", "D65"), ("DCI", "D65"), ("F11", "E")])
def test_adaptation_is_that_of_colour_science(method: str, src: str, dst: str, colour: Any) -> None:
    theirs = colour.adaptation.matrix_chromatic_adaptation_VonKries(
        whites[src].to_xyz(), whites[dst].to_xyz(), CATS[method]
    )
    ours = adaptation_matrix(src, dst, method)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    np.testing.assert_allclose(ours @ whites[src].to_xyz(), whites[dst].to_xyz(), atol=1e-14)


def test_scaling_and_no_adaptation_are_what_they_say() -> None:
    ratio = whites["D65"].to_xyz() / whites["A"].to_xyz()
    np.testing.assert_allclose(adaptation_matrix("A", "D65", "xyz_scaling"), np.diag(ratio), atol=1e-15)
    np.testing.assert_array_equal(adaptation_matrix("A", "D65", "none"), np.eye(3))


@pytest.mark.parametrize("method", METHODS)
def test_adaptation_by_way_of_a_third_white_is_the_same(method: str) -> None:
    for a, b, c in itertools.permutations(("A", "D65", "ACES"), 3):
        by_way = adaptation_matrix(b, c, method) @ adaptation_matrix(a, b, method)
        np.testing.assert_allclose(by_way, adaptation_matrix(a, c, method), atol=1e-13)


@pytest.mark.parametrize("name", ["ACES AP1", "aces_ap1", "ACESAP1", "ap1", "AP1"])
def test_names_are_found_without_regard_to_case_spaces_and_punctuation(name: str) -> None:
    assert primaries[name] is primaries["ACES AP1"]
    assert name in primaries


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"primaries 'Rec.708' is not known \(did you mean 'Rec.709'"):
        _ = primaries["Rec.708"]
    with pytest.raises(KeyError) as caught:
        _ = whites["D66"]
    assert isinstance(caught.value, VfxError) and isinstance(caught.value, UnknownNameError)
    assert str(caught.value).startswith("white 'D66' is not known (did you mean 'D65'?); white must be one of A, B, C")
    assert 3 not in primaries and primaries.get("nothing") is None  # type: ignore[comparison-overlap]


def test_a_catalogue_refuses_two_records_of_one_name() -> None:
    with pytest.raises(ValueError, match="two records of white are called 'd-65'"):
        Catalogue("white", [White(0.3, 0.3, "D65"), White(0.4, 0.4, "X", "", ("d-65",))])


def test_tables_list_their_names_and_cite_their_documents() -> None:
    for table in (primaries, whites):
        assert list(table) == list(table()) and len(table) == len(set(table()))
        assert all(len(record.standard) > 8 for record in table.values())


def test_primaries_of_ones_own_equal_the_same_numbers() -> None:
    mine = Primaries((0.64, 0.33), [0.3, 0.6], np.array([0.15, 0.06]), (0.3127, 0.329))  # type: ignore[arg-type]
    assert mine == primaries["Rec.709"] and hash(mine) == hash(primaries["Rec.709"])
    assert pickle.loads(pickle.dumps(mine)) == mine
    assert mine != Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), "D50")  # type: ignore[arg-type]


def test_xyz_is_the_unit_matrix_under_each_white() -> None:
    for name in ("XYZ E", "XYZ D65", "XYZ D50", "XYZ ACES"):
        assert isinstance(primaries[name], XyzAxes)
        np.testing.assert_array_equal(primaries[name].to_xyz(), np.eye(3))


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        (((0.1, 0.1), (0.2, 0.2), (0.3, 0.3), "D65"), "must span a triangle"),
        (((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.47, 0.465)), "must span a triangle"),
        (((0.64, 0.33), (0.3, 0.6), (0.15,), "D65"), "blue must be two numbers"),
        (((0.64, 0.33), (0.3, float("nan")), (0.15, 0.06), "D65"), "green y must be a finite number"),
        (((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3, 0.0)), "white y must be at least"),
        (((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), "D66"), "white must be one of"),
    ],
)
def test_impossible_primaries_are_refused(corners: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Primaries(*corners)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="adaptation must be one of bradford, cat02, .*did you mean 'bradford'"):
        adaptation_matrix("D50", "D65", "bradfort")
    assert white((0.3, 0.3)).xy == (0.3, 0.3)
