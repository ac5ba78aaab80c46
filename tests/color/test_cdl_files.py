"""CDL files: what other tools wrote, what they read of ours, ids, damage."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.color import CDL, read_cdl, read_cdls, write_cdl
from vfx.errors import FormatError

EXTENSIONS = ["cc", "ccc", "cdl"]
NAMESPACES = ["", ' xmlns="urn:ASC:CDL:v1.01"', ' xmlns="urn:ASC:CDL:v1.2"']
SHOTS = {
    "sh010": CDL([1.1, 1.0, 0.95], [0.01, 0.0, -0.01], [0.9, 1.0, 1.1], 0.9, description="first\nsecond"),
    "sh020 <&\"'> é": CDL(1.0 / 3.0, 1e-7, 1.5, 0.0, viewing_description="P3 & dim", sop_description="a"),
    "sh030": CDL(),
}


def same_numbers(ours: CDL, theirs: Any) -> None:
    """Equal to OpenColorIO's transform, which keeps doubles."""
    assert ours.slope == tuple(theirs.getSlope())
    assert ours.offset == tuple(theirs.getOffset())
    assert ours.power == tuple(theirs.getPower())
    assert ours.saturation == theirs.getSat()


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_reads_what_ocio_reads(kind: str, shared_file: Callable[[str], Path], ocio: Any) -> None:
    path = shared_file(f"lut/cdl_test1.{kind}")
    found = read_cdls(path)
    group = ocio.CDLTransform.CreateGroupFromFile(str(path))
    assert len(found) == len(list(group)) == (1 if kind == "cc" else 5)
    for ours, theirs in zip(found.values(), group, strict=True):
        same_numbers(ours, theirs)
        assert ours.id == theirs.getID()
        assert ours.sop_description.split("\n")[0] == theirs.getFirstSOPDescription()


def test_keeps_descriptions(shared_file: Callable[[str], Path]) -> None:
    cdl = read_cdl(shared_file("lut/cdl_test1.ccc"), "cc0001")
    assert cdl.description == "CC-level description 1a\nCC-level description 1b"
    assert cdl.input_description == "CC-level input description 1"
    assert cdl.viewing_description == "CC-level viewing description 1"
    assert cdl.sop_description == "Example look\nFor scenes 1 and 2"
    assert cdl.sat_description == "boosting sat"


def test_picks_by_id_or_position(shared_file: Callable[[str], Path]) -> None:
    path = shared_file("lut/cdl_test1.cdl")
    assert read_cdl(path, "cc0003") == read_cdl(path, 2)
    assert read_cdl(path, 3).slope == (1.2, 1.1, 1.0) and read_cdl(path, "3").id == ""
    assert list(read_cdls(path)) == ["cc0001", "cc0002", "cc0003", "3", "4"]
    with pytest.raises(ValueError, match=r"no colour correction with id 'cc9'; there are 'cc0001', 'cc0002'"):
        read_cdl(path, "cc9")
    with pytest.raises(ValueError, match=r"5 colour corrections; pick one with id=, from 'cc0001'"):
        read_cdl(path)
    with pytest.raises(ValueError, match="no colour correction at position 5; there are 5"):
        read_cdl(path, 5)
    assert read_cdl(shared_file("lut/cdl_test1.cc")).id == "foo"


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_written_files_read_back_the_same_here_and_in_ocio(kind: str, tmp_path: Path, ocio: Any) -> None:
    shots = {"sh010": SHOTS["sh010"]} if kind == "cc" else SHOTS
    path = tmp_path / f"show.{kind}"
    write_cdl(path, shots)
    found = read_cdls(path)
    assert found == {name: dataclasses.replace(cdl, id=name) for name, cdl in shots.items()}
    for name, cdl in found.items():
        theirs = ocio.CDLTransform.CreateFromFile(str(path), name)
        same_numbers(cdl, theirs)
        assert theirs.getID() == name


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_every_text_of_a_correction_comes_back(kind: str, tmp_path: Path, ocio: Any) -> None:
    texts = {field.name: f"{field.name} é\n<second> & line" for field in dataclasses.fields(CDL) if field.type == "str"}
    cdl = CDL(0.5, **{**texts, "id": "sh010"})
    assert len(texts) == 6
    write_cdl(tmp_path / f"a.{kind}", cdl)
    assert read_cdl(tmp_path / f"a.{kind}", "sh010") == cdl
    theirs = ocio.CDLTransform.CreateFromFile(str(tmp_path / f"a.{kind}"), "sh010")
    assert theirs.getFirstSOPDescription() == "sop_description é"


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_reads_what_ocio_writes(kind: str, tmp_path: Path, ocio: Any) -> None:
    peer = ocio.CDLTransform(slope=[1.1, 0.9, 1], offset=[0.1, 0, -0.1], power=[1, 1.2, 0.8], sat=1.3)
    peer.setID("sh010")
    path = tmp_path / f"peer.{kind}"
    config = ocio.Config.CreateRaw()
    formats = {"cc": "ColorCorrection", "ccc": "ColorCorrectionCollection", "cdl": "ColorDecisionList"}
    ocio.GroupTransform([peer]).write(formats[kind], str(path), config)
    same_numbers(read_cdl(path, "sh010"), peer)


@pytest.mark.parametrize("namespace", NAMESPACES, ids=["none", "1.01", "1.2"])
def test_missing_nodes_are_neutral_in_every_version(namespace: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cc"
    for inside, expected in [
        ("", CDL(id="x")),
        ("<SOPNode><Slope>1 2 3</Slope></SOPNode>", CDL(slope=[1, 2, 3], id="x")),
        ("<SATNode><Saturation>0.5</Saturation></SATNode>", CDL(saturation=0.5, id="x")),
        ("<Unknown><Slope>9 9 9</Slope></Unknown>", CDL(id="x")),
    ]:
        path.write_text(f'<ColorCorrection id="x"{namespace}>{inside}</ColorCorrection>')
        assert read_cdl(path) == expected


def test_the_root_element_tells_the_kind_not_the_name(tmp_path: Path) -> None:
    write_cdl(tmp_path / "a.ccc", SHOTS)
    renamed = (tmp_path / "a.ccc").rename(tmp_path / "a.cc")
    assert len(read_cdls(renamed)) == 3


def test_a_reference_to_another_file_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.cdl"
    path.write_text(
        "<ColorDecisionList><ColorDecision><ColorCorrectionRef ref='far'/></ColorDecision>"
        "<ColorDecision><ColorCorrection id='near'/></ColorDecision></ColorDecisionList>"
    )
    assert read_cdl(path).id == "near"
    with pytest.raises(ValueError, match="'far' is a reference to a correction in another file"):
        read_cdl(path, "far")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("<ColorCorrection>\n<SOPNode>\n</ColorCorrection>", 3, "not well-formed XML: mismatched tag"),
        ("", 1, "not well-formed XML: no element found"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>\n<ColorCorrection id='&b;'/>", 1, "document type declarations"),
        ("<LookList/>", None, "not a CDL file: the root element is LookList"),
        ("<ColorDecisionList/>", None, "there is no ColorCorrection"),
        ("<ColorCorrection>\n<SOPNode><Slope>1 2</Slope></SOPNode></ColorCorrection>", 2, "Slope must hold 3 numbers"),
        ("<ColorCorrection>\n<SOPNode><Power>1 x 1</Power></SOPNode></ColorCorrection>", 2, "got '1 x 1'"),
        ("<ColorCorrection><SOPNode><Slope>1 -2 1</Slope></SOPNode></ColorCorrection>", 1, "slope must be at least 0"),
        ("<ColorCorrection><SOPNode><Offset>1 nan 1</Offset></SOPNode></ColorCorrection>", 1, "finite"),
        ("<ColorCorrection><SatNode/>\n<SatNode/></ColorCorrection>", 2, "2 SatNode elements"),
        (
            "<ColorDecisionList><ColorCorrection id='a'/>\n<ColorCorrection id='a'/></ColorDecisionList>",
            2,
            "two colour corrections have the id 'a'",
        ),
    ],
)
def test_damage_is_reported_with_path_and_line(text: str, line: int | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ccc"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        read_cdls(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(str(path))


def test_entity_bombs_are_refused_at_once(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path = tmp_path / "bomb.ccc"
    path.write_text(f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><ColorCorrection id="&l11;"/>')
    with pytest.raises(FormatError, match="document type"):
        read_cdls(path)
    path.write_text("<a>" * 100_000)
    with pytest.raises(FormatError, match="nest deeper"):
        read_cdls(path)


def test_every_flipped_or_missing_byte_gives_corrections_or_a_clear_error(
    shared_file: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = shared_file("lut/cdl_test1.ccc").read_bytes()
    random = np.random.default_rng(11)
    path = tmp_path / "damaged.ccc"
    errors = 0
    for turn in range(400):
        data = bytearray(whole)
        if turn % 2:
            del data[int(random.integers(len(data))) :]
        else:
            data[int(random.integers(len(data)))] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        try:
            read_cdls(path)
        except FormatError as error:
            errors += str(path) in str(error)
    assert errors > 150, "truncation must not pass unseen"


def test_writing_refuses_what_the_file_cannot_hold(tmp_path: Path) -> None:
    for name, cdls, message in [
        ("a.xml", CDL(), r"ends in .cc, .ccc, .cdl, got '.xml'"),
        ("a.cc", SHOTS, "exactly one colour correction, got 3"),
        ("a.ccc", [], "at least one colour correction, got 0"),
        ("a.ccc", [CDL(id="a"), CDL(id="a")], "ids must differ, these repeat: 'a'"),
        ("a.ccc", [CDL(id="a\x00b")], "control character"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_cdl(tmp_path / name, cdls)  # type: ignore[arg-type]
        assert not list(tmp_path.iterdir())
    for wrong, message in [
        ([{}], "CDL objects, got dict"),
        ({"a": "b"}, "CDL objects, got str"),
        (None, "a CDL, or several"),
    ]:
        with pytest.raises(TypeError, match=f"cdls must be {message}"):
            write_cdl(tmp_path / "a.ccc", wrong)  # type: ignore[arg-type]


def test_corrections_without_an_id_go_back_without_one(shared_file: Callable[[str], Path], tmp_path: Path) -> None:
    found = read_cdls(shared_file("lut/cdl_test1.ccc"))
    write_cdl(tmp_path / "a.ccc", found)
    assert read_cdls(tmp_path / "a.ccc") == found


def test_a_missing_file_is_the_builtin_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere.ccc"):
        read_cdl(tmp_path / "nowhere.ccc")
