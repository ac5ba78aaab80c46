"""Colour corrections in EDLs and ALEs: what other tools write, how shots are matched, and what is refused."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from vfx.color import CDL, read_cdl, read_cdls
from vfx.color.editorial import read_edit
from vfx.errors import FormatError, LimitError, MissingExtraError

EDL = """TITLE: reel 2
FCM: NON-DROP FRAME

001  A012_C004 V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME:  sh010_comp_v001
* ASC_SOP (1.1 1.0 0.9)(0.01 0.0 -0.01)(1.0 1.1 1.2)
* ASC_SAT 0.9
* LOC: 01:00:01:00 RED     a note

002  AX       V     C        00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00
* FROM CLIP NAME:  slate.mov

003  A012_C004 V     C        01:00:04:00 01:00:04:00 01:00:03:00 01:00:03:00
003  B007_C001 V     D    024 01:00:00:00 01:00:02:00 01:00:03:00 01:00:05:00
* FROM CLIP NAME:  sh010_comp_v001
* TO CLIP NAME:  sh020_comp_v003
* ASC_SOP (1.05 1.05 1.05) (-1.2e-05 0 .5) (1 1 1)

004  B007_C001 V     C        01:00:00:00 01:00:02:00 01:00:05:00 01:00:07:00
* FROM CLIP NAME:  sh030
*ASC_SAT: 1.25
"""
COLUMNS = "Name\tTape\tStart\tASC_SOP\tASC_SAT"
ROWS = (
    "sh010\tA012\t01:00:00:00\t(1.1 1.0 0.9)(0.01 0.0 -0.01)(1.0 1.1 1.2)\t0.9",
    "slate\tA012\t01:00:00:00\t\t",
    "sh020\tB007\trubbish\t(1 1 1)(1.2e-05 0 0)(1 1 1)\t",
)


def log(*rows: str, columns: str = COLUMNS, heading: str = "FIELD_DELIM\tTABS\nFPS\t24") -> str:
    """An Avid log."""
    return "\n".join(["Heading", heading, "", "Column", columns, "", "Data", *rows, ""])


@pytest.fixture
def edl(tmp_path: Path) -> Path:
    path = tmp_path / "cut.edl"
    path.write_text(EDL)
    return path


@pytest.mark.parametrize(
    ("by", "keys"),
    [("event", ["001", "003", "004"]), ("clip", ["sh010_comp_v001", "sh020_comp_v003", "sh030"])],
)
def test_an_edl_is_matched_by_event_or_clip(by: str, keys: list[str], edl: Path) -> None:
    found = read_cdls(edl, by=by)
    assert list(found) == keys
    first, second, third = found.values()
    assert first == CDL(
        [1.1, 1.0, 0.9],
        [0.01, 0.0, -0.01],
        [1.0, 1.1, 1.2],
        0.9,
        id=keys[0],
        description="event 001, reel A012_C004, clip sh010_comp_v001",
    )
    assert second.offset == (-1.2e-05, 0.0, 0.5) and second.saturation == 1.0
    assert second.description == "event 003, reel B007_C001, clip sh020_comp_v003"
    assert third == CDL(saturation=1.25, id=keys[2], description="event 004, reel B007_C001, clip sh030")


def test_a_reel_with_two_corrections_is_reported(edl: Path) -> None:
    reason = r"reel 'B007_C001' has different colour corrections in event 003 \(line 17\) and event 004; by='event'"
    with pytest.raises(FormatError, match=reason) as caught:
        read_cdls(edl, by="reel")
    assert (caught.value.path, caught.value.line) == (str(edl), 21)
    edl.write_text(EDL.replace("*ASC_SAT: 1.25", "* ASC_SOP (1.05 1.05 1.05)(-0.000012, 0, 0.5),(1 1 1) ASC_SAT 1"))
    assert list(read_cdls(edl, by="reel")) == ["A012_C004", "B007_C001"]


def test_one_correction_is_picked_by_name_or_position(edl: Path) -> None:
    assert read_cdl(edl, "sh030", by="clip").saturation == 1.25
    assert read_cdl(edl, "003") == read_cdl(edl, 1)
    with pytest.raises(ValueError, match="no colour correction with id 'sh030'; there are '001', '003', '004'"):
        read_cdl(edl, "sh030")
    with pytest.raises(ValueError, match="3 colour corrections; pick one with id="):
        read_cdl(edl)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_line_ends_and_encodings_do_not_matter(ending: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_bytes(EDL.replace("sh030", "plan_é").replace("\n", ending).encode(encoding))
    assert list(read_cdls(path, by="clip"))[2] == "plan_é"


@pytest.mark.parametrize("frame", ["00:59", "00;02", "00.29", "01:59"])
def test_time_codes_of_every_rate_are_passed_over(frame: str, edl: Path) -> None:
    edl.write_text(EDL.replace("01:00:02:00 01:00:00:00", f"01:00:{frame} 01:00:00:00"))
    assert len(read_cdls(edl)) == 3


def test_wipes_keys_split_edits_and_effects_are_passed_over(edl: Path) -> None:
    edl.write_text(
        EDL.replace("V     D    024", "V     W001 024")
        .replace("B007_C001 V     C   ", "B007_C001 B   K B 012 ")
        .replace("* LOC:", "M2   A012_C004     rubbish\n* GPS: 1\nM2\n* LOC:")
        .replace("002  AX", "SPLIT:    AUDIO DELAY=  00:00:00:05\n002  AX")
    )
    assert [cdl.saturation for cdl in read_cdls(edl).values()] == [0.9, 1.0, 1.25]


def test_what_opentimelineio_writes_is_read(tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio")
    track = otio.schema.Track(name="V", kind="Video")
    shots = {
        "sh010": ([1.1, 1.0, 0.9], [0.01, 0.0, -0.01], [1.0, 1.1, 1.2], 0.9),
        "sh020": ([1.0] * 3, [0.0] * 3, [2.0] * 3, 1.5),
    }
    for name, (slope, offset, power, saturation) in shots.items():
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24))
        clip = otio.schema.Clip(name, otio.schema.MissingReference(available_range=span), span)
        clip.metadata["cdl"] = {"asc_sop": {"slope": slope, "offset": offset, "power": power}, "asc_sat": saturation}
        clip.metadata["cmx_3600"] = {"reel": "A001"}
        track.append(clip)
    path = tmp_path / "cut.edl"
    path.write_text(otio.adapters.write_to_string(otio.schema.Timeline("cut", [track]), "cmx_3600", rate=24))
    found = read_cdls(path, by="clip")
    assert {
        name: (list(cdl.slope), list(cdl.offset), list(cdl.power), cdl.saturation) for name, cdl in found.items()
    } == shots
    timeline = otio.adapters.read_from_string(path.read_text(), "cmx_3600")
    for clip in timeline.find_clips():
        assert list(clip.metadata["cdl"]["asc_sop"]["slope"]) == list(found[clip.name].slope)


def test_clips_without_a_name_line_are_matched_by_their_file_or_refused(edl: Path) -> None:
    edl.write_text(EDL.replace("* FROM CLIP NAME:  sh030", "* FROM FILE: /plates/sh030.mov"))
    assert list(read_cdls(edl, by="clip"))[2] == "sh030"
    edl.write_text(EDL.replace("* FROM CLIP NAME:  sh030\n", ""))
    with pytest.raises(FormatError, match="event 004 has a colour correction but no clip name; match by='event' or"):
        read_cdls(edl, by="clip")
    assert len(read_cdls(edl)) == 3


@pytest.mark.parametrize(
    ("by", "keys"), [("event", ["1", "3"]), ("reel", ["A012", "B007"]), ("clip", ["sh010", "sh020"])]
)
def test_an_ale_is_matched_by_row_reel_or_clip(by: str, keys: list[str], tmp_path: Path) -> None:
    path = tmp_path / "day.ale"
    path.write_text(log(*ROWS))
    found = read_cdls(path, by=by)
    assert list(found) == keys
    first, second = found.values()
    assert first == CDL(
        [1.1, 1.0, 0.9],
        [0.01, 0.0, -0.01],
        [1.0, 1.1, 1.2],
        0.9,
        id=keys[0],
        description="event 1, reel A012, clip sh010",
    )
    assert second.offset == (1.2e-05, 0.0, 0.0)


def test_an_ale_with_both_in_one_column_is_read(tmp_path: Path) -> None:
    path = tmp_path / "day.ale"
    both = "ASC_SOP(1 2 3)(0 0 0)(1 1 1)ASC_SAT 0.5"
    path.write_text(
        log(f"a\t{both}\t\t", f"b\t{both}\tASC_SOP (9 9 9)(0 0 0)(1 1 1)\t2", columns="Name\tCDL\tASC_SOP\tASC_SAT")
    )
    found = read_cdls(path, by="clip")
    assert (found["a"].slope, found["a"].saturation) == ((1, 2, 3), 0.5)
    assert (found["b"].slope, found["b"].saturation) == ((9, 9, 9), 2)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "reason"),
    [
        ("(1.0 1.1 1.2)", "(1.0 1.1)", 6, r"takes 3 numbers in each \(\), got '1.0 1.1'"),
        ("(1.0 1.1 1.2)", "(1.0 1.1 1.2", 6, r"takes three times three numbers in \(\)"),
        ("(1.0 1.1 1.2)", "(1.0 1.1 1_2)", 6, "takes 3 numbers"),
        ("(1.0 1.1 1.2)", "(1.0 1.1 nan)", 6, "power.* must be a finite number, got nan"),
        ("(1.0 1.1 1.2)", "(1.0 1.1 0)", 6, "power must be above 0"),
        ("(1.1 1.0 0.9)", "(1.1 1.0 -1)", 6, "slope must be at least 0"),
        ("* ASC_SAT 0.9", "* ASC_SAT much", 7, "ASC_SAT takes one number, got 'much'"),
        ("* ASC_SAT 0.9", "* ASC_SAT 0.9\n* ASC_SAT 0.9", 8, "event 001 has two ASC_SAT"),
        ("TITLE: reel 2", "* ASC_SAT 1", 1, "ASC_SAT before the first event"),
        ("01:00:02:00\n", "01:00:02\n", 4, "four time codes, got"),
        ("01:00:02:00\n", "01:00:02:60\n", 4, "four time codes, got"),
    ],
)
def test_damage_to_an_edl_is_told_by_line(wrong: str, right: str, line: int | None, reason: str, edl: Path) -> None:
    edl.write_text(EDL.replace(wrong, right, 1))
    with pytest.raises(FormatError, match=reason) as caught:
        read_cdls(edl)
    assert (caught.value.path, caught.value.line) == (str(edl), line)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (log(ROWS[0].replace("0.9)", "x)")), 9, "takes 3 numbers"),
        (log(ROWS[0] + "\tmore"), 9, "a row of 6 cells, there are 5 columns"),
        (log(*ROWS).replace("Column\n", ""), 8, "rows before the Column section"),
        ("Column\nName\n", 3, "there is no Data section"),
        ("rubbish\n", 1, "an ALE starts with Heading"),
        (log(ROWS[1]), None, "no ASC_SOP or ASC_SAT in this file"),
        ("", 1, "there is no Column section"),
    ],
)
def test_damage_to_an_ale_is_told_by_line(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "day.ale"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason) as caught:
        read_cdls(path)
    assert caught.value.path == str(path)
    assert line is None or caught.value.line == line


def test_arguments_are_checked(edl: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="by must be one of event, reel, clip, got 'shot'"):
        read_cdls(edl, by="shot")
    with pytest.raises(ValueError, match="by= matches the corrections of .edl and .ale files"):
        read_cdls(tmp_path / "a.ccc", by="clip")
    with pytest.raises(ValueError, match="extension of an edit must be one of .edl, .ale"):
        read_edit(tmp_path / "a.ccc")
    with pytest.raises(FileNotFoundError):
        read_cdls(tmp_path / "no.edl")
    (tmp_path / "a.edl").write_bytes(b"\0")
    with pytest.raises(FormatError, match="not a text file"):
        read_cdls(tmp_path / "a.edl")
    with (tmp_path / "big.edl").open("wb") as big:
        big.truncate(1 << 26)
    with pytest.raises(LimitError, match="too many for an edit"):
        read_cdls(tmp_path / "big.edl")


@pytest.mark.parametrize("name", ["cut.edl", "day.ale"])
def test_a_missing_extra_names_its_install(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_text(EDL if name == "cut.edl" else log(*ROWS))
    monkeypatch.setitem(sys.modules, "opentimelineio", None)  # type: ignore[arg-type]
    with pytest.raises(MissingExtraError, match=r'pip install "vfx\[editorial\]"'):
        read_cdls(tmp_path / name)


@pytest.mark.parametrize("name", ["cut.edl", "day.ale"])
def test_damage_ends_in_corrections_or_a_format_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = (EDL if name == "cut.edl" else log(*ROWS)).encode()
    chance: Any = random.Random(name)
    endings = set()
    for _ in range(400):
        bad = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(bad))
            bad[at : at + chance.randrange(3)] = chance.choice(
                [b"", b"\n", b"(", b"9", b"\t", b" ", b"\x0c", b"\xff", b"ASC_SOP", b"-", b"Data\n", b"001 "]
            )
        path.write_bytes(bytes(bad[: chance.randrange(len(bad))] if chance.random() < 0.2 else bad))
        start = time.perf_counter()
        try:
            read_cdls(path, by=chance.choice(["event", "reel", "clip"]))
            endings.add("read")
        except FormatError as error:
            endings.add("refused" if error.path == str(path) else "refused without a path")
        assert time.perf_counter() - start < 2
    assert endings == {"read", "refused"}
