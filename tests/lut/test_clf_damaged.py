"""CLF and CTF texts that contradict themselves or are damaged: refused with line and reason, nothing else."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from vfx.errors import FormatError
from vfx.lut import HalfLut1D, ProcessList, read, read_clf, read_ctf

DEPTHS = 'inBitDepth="32f" outBitDepth="32f"'
MATRIX = f'<Matrix {DEPTHS}>\n<Array dim="3 3">1 0 0\n0 1 0\n0 0 1.5</Array></Matrix>'
CLF = 'compCLFversion="3.0" id="x"'
CTF = 'version="2.0" id="x"'


def text(body: str, attributes: str = CLF) -> bytes:
    return f"<ProcessList {attributes}>\n{body}\n</ProcessList>".encode()


def load(data: bytes, folder: Path, name: str = "a.clf") -> ProcessList:
    (folder / name).write_bytes(data)
    return read_ctf(folder / name) if name.endswith("ctf") else read_clf(folder / name)


def node(tag: str, inner: str = "", attributes: str = "") -> str:
    return f"<{tag} {DEPTHS} {attributes}>{inner}</{tag}>"


SOP = "<SOPNode><Slope>1 1 1</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode>"
BAD: dict[str, tuple[str, str]] = {
    "an unknown element": (MATRIX + "<Foo/>", "unknown element 'Foo'"),
    "an unknown child": (node("Matrix", "<Foo/>"), "unknown element 'Foo' inside 'Matrix'"),
    "text between nodes": (MATRIX + "hello", "text where none belongs"),
    "no array": (node("Matrix"), "needs an Array"),
    "two arrays": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0 1</Array>' * 2), "more than one Array"),
    "too few numbers": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0</Array>'), "it has"),
    "too many numbers": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0 1 1</Array>'), "more than the 9"),
    "a word": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0 x</Array>'), "not a finite number: 'x'"),
    "not a number": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0 nan</Array>'), "not a finite number: 'nan'"),
    "a number beyond float32": (node("LUT1D", '<Array dim="2 1">0 1e99</Array>'), "not a finite number"),
    "a matrix beyond float32": (node("Matrix", '<Array dim="3 3">1 0 0 0 1 0 0 0 1e99</Array>'), "beyond the range"),
    "a huge array": (node("LUT3D", '<Array dim="200 200 200 3">0 0 0</Array>'), "room for at most"),
    "an impossible array": (node("LUT1D", '<Array dim="999999999 3">0 0 0</Array>'), "with N from 2"),
    "no dim": (node("Matrix", "<Array>1 0 0 0 1 0 0 0 1</Array>"), "needs the attribute dim"),
    "a dim of words": (node("Matrix", '<Array dim="3 x">1</Array>'), "whole numbers"),
    "a dim of nothing": (node("LUT3D", '<Array dim="">1</Array>'), "whole numbers"),
    "a negative dim": (node("LUT1D", '<Array dim="-3 1">1</Array>'), "whole numbers"),
    "a cube that is none": (node("LUT3D", '<Array dim="2 2 2 1">0 0 0 0 0 0 0 0</Array>'), "N N N 3"),
    "two columns": (node("LUT1D", '<Array dim="2 2">0 0 1 1</Array>'), "'N 1' or 'N 3'"),
    "cubic 1D": (node("LUT1D", '<Array dim="2 1">0 1</Array>', 'interpolation="cubic"'), "must be one of linear"),
    "another hue": (node("LUT1D", '<Array dim="2 1">0 1</Array>', 'hueAdjust="dw4"'), "dw3"),
    "a short half domain": (node("LUT1D", '<Array dim="2 1">0 1</Array>', 'halfDomain="true"'), "65536"),
    "raw halfs that are none": (node("LUT1D", '<Array dim="2 1">0 1.5</Array>', 'rawHalfs="true"'), "whole numbers"),
    "raw halfs that are infinite": (node("LUT1D", '<Array dim="2 1">0 31744</Array>', 'rawHalfs="true"'), "finite"),
    "an index map": (node("LUT1D", '<IndexMap dim="2">0@0 1@1</IndexMap><Array dim="2 1">0 1</Array>'), "IndexMap"),
    "a node without depth": ('<Matrix inBitDepth="32f"/>', "outBitDepth"),
    "an unknown depth": ('<Matrix inBitDepth="9i" outBitDepth="32f"/>', "must be one of 8i"),
    "a range of nothing": (node("Range"), "minimum or a maximum"),
    "a range of one side": (node("Range", "<minInValue>0</minInValue>"), "both given or both missing"),
    "a range upside down": (node("Range", "<minInValue>0</minInValue><maxInValue>1</maxInValue>"
                            "<minOutValue>1</minOutValue><maxOutValue>0</maxOutValue>"), "must not be above"),
    "a range of two values": (node("Range", "<minInValue>0 1</minInValue>"), "1 number"),
    "a range of another style": (node("Range", "<minInValue>0</minInValue><minOutValue>0</minOutValue>", 'style="x"'),
                                 "Clamp, noClamp"),
    "a log without style": (node("Log"), "needs the attribute style"),
    "a log of base 1": (node("Log", '<LogParams base="1"/>', 'style="linToLog"'), "not be 1"),
    "a log of two bases": (node("Log", '<LogParams channel="R" base="2"/><LogParams channel="G" base="3"/>',
                           'style="linToLog"'), "same for all"),
    "a flat log": (node("Log", '<LogParams logSideSlope="0"/>', 'style="linToLog"'), "must not be 0"),
    "a camera log without break": (node("Log", '<LogParams base="3" linSideSlope="2"/>', 'style="cameraLinToLog"'),
                                   "lin_side_break"),
    "half a break": (node("Log", '<LogParams channel="R" linSideBreak="1"/>', 'style="cameraLinToLog"'),
                     "all channels"),
    "a break where there is no log": (node("Log", '<LogParams linSideBreak="-1"/>', 'style="cameraLinToLog"'),
                                      "no value"),
    "plain log with parameters": (node("Log", '<LogParams base="10"/>', 'style="log10"'), "takes no LogParams"),
    "an unknown channel": (node("Log", '<LogParams channel="Z" base="10"/>', 'style="linToLog"'), "R, G or B"),
    "a channel twice": (node("Log", '<LogParams channel="R"/><LogParams channel="R"/>', 'style="linToLog"'), "once"),
    "an exponent of 0": (node("Exponent", '<ExponentParams exponent="0"/>', 'style="basicFwd"'), "0.01"),
    "an exponent too small": (node("Exponent", '<ExponentParams exponent=".9" offset="0"/>', 'style="monCurveFwd"'),
                              "between 1"),
    "an offset of basic": (node("Exponent", '<ExponentParams exponent="2" offset="0.1"/>', 'style="basicFwd"'),
                           "takes no offset"),
    "no offset": (node("Exponent", '<ExponentParams exponent="2"/>', 'style="monCurveFwd"'), "needs offset"),
    "no exponent": (node("Exponent", '<ExponentParams offset="0.1"/>', 'style="monCurveFwd"'), "needs exponent"),
    "exponent of alpha": (node("Exponent", '<ExponentParams channel="A" gamma="2"/>', 'style="basicFwd"'), "alpha"),
    "an unknown CDL": (node("ASC_CDL", SOP, 'style="x"'), "must be one of Fwd"),
    "a CDL of power 0": (node("ASC_CDL", SOP.replace("<Power>1", "<Power>0")), "power"),
    "a CDL of negative slope": (node("ASC_CDL", SOP.replace("<Slope>1", "<Slope>-1")), "slope"),
    "a CDL without reverse": (node("ASC_CDL", SOP.replace("<Slope>1", "<Slope>0"), 'style="Rev"'), "no inverse"),
    "a fixed function in CLF": (node("FixedFunction", "", 'style="RGB_TO_HSV"'), "CLF has no FixedFunction"),
    "a bypassed node": (MATRIX.replace("<Matrix", '<Matrix bypass="true"'), "bypassed"),
}  # fmt: skip
BAD_CTF: dict[str, tuple[str, str]] = {
    "an unknown style": (node("FixedFunction", "", 'style="Foo"'), "must be one of"),
    "ACES 2": (node("FixedFunction", "", 'style="ACESOutputTransform20Fwd" params="100"'), "not supported"),
    "missing numbers": (node("FixedFunction", "", 'style="Rec2100SurroundFwd"'), "takes 1 numbers"),
    "a gamma of 0": (node("FixedFunction", "", 'style="Rec2100SurroundFwd" params="0"'), "0.01"),
    "grading": (node("GradingPrimary", "", 'style="log"'), "GradingPrimary is not supported"),
    "a reference": (node("Reference", "", 'path="a.ctf"'), "Reference is not supported"),
    "no exposure": (node("ExposureContrast", '<ECParams contrast="1" pivot="1"/>', 'style="linear"'), "exposure"),
    "an unknown dynamic": (node("ExposureContrast", '<DynamicParameter param="x"/>', 'style="linear"'), "param"),
    "half a film log": (node("Log", '<LogParams gamma="0.6"/>', 'style="linToLog"'), "refwhite is missing"),
    "a matrix of CTF 1.2": (node("Matrix", f'<Array dim="4 4 3">{"1 " * 16}</Array>'), "dim"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_contradictions_are_refused_with_line_and_reason(case: str, tmp_path: Path) -> None:
    body, reason = BAD[case]
    with pytest.raises(FormatError) as caught:
        load(text("<Description/>\n" + body), tmp_path)
    assert reason in caught.value.reason
    assert 3 <= (caught.value.line or 0) <= 6


@pytest.mark.parametrize("case", BAD_CTF)
def test_contradictions_of_ctf_are_refused(case: str, tmp_path: Path) -> None:
    body, reason = BAD_CTF[case]
    with pytest.raises(FormatError) as caught:
        load(text(body, CTF), tmp_path, "a.ctf")
    assert reason in caught.value.reason
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('id="x"', "compCLFversion"),
        ('compCLFversion="3"', "id"),
        ('compCLFversion="3" version="2" id="x"', "cannot both"),
        ('compCLFversion="4" id="x"', "newer"),
        ('compCLFversion="three" id="x"', "numbers with points"),
        ('version="99" id="x"', "newer"),
    ],
)
def test_heads_are_refused(attributes: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=reason):
        load(text(MATRIX, attributes), tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"not xml",
        b"<Other/>",
        b"\x89PNG\r\n\x1a\n",
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + text(MATRIX),
        text(MATRIX)[:-4],
        text("<!-- \xff -->".replace("\xff", "")).replace(b"<!--", b"<!-- \xff"),
    ],
)
def test_what_is_no_process_list_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        load(data, tmp_path)


def test_the_line_of_a_number_counts_comments(tmp_path: Path) -> None:
    body = node("Matrix", '\n<Array dim="3 3">\n1 0 0\n<!-- two\nlines -->\n0 1 0\n0 0 oops\n</Array>')
    with pytest.raises(FormatError, match="oops") as caught:
        load(text(body), tmp_path)
    assert caught.value.line == 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_prefixes_are_read(encoding: str, tmp_path: Path) -> None:
    body = text(MATRIX.replace("<", "<c:").replace("<c:/", "</c:"), CLF + ' xmlns:c="urn:AMPAS:CLF:v3.0"').decode()
    body = body.replace("<ProcessList", "<c:ProcessList").replace("</ProcessList", "</c:ProcessList")
    (tmp_path / "a.clf").write_bytes(body.encode(encoding))
    assert read(tmp_path / "a.clf")[0].element == "Matrix"


def test_smpte_files_may_have_neither_version_nor_id(tmp_path: Path) -> None:
    found = load(text(MATRIX, 'xmlns="http://www.smpte-ra.org/ns/2136-1/2024"'), tmp_path)
    assert found.id == ""
    named = load(text("<Id>urn:uuid:1</Id>" + MATRIX, 'xmlns="http://www.smpte-ra.org/ns/2136-1/2024"'), tmp_path)
    assert named.id == "urn:uuid:1"


def test_index_maps_of_old_files_are_ranges(tmp_path: Path) -> None:
    body = ('<LUT1D inBitDepth="10i" outBitDepth="32f"><IndexMap dim="2">64@0 940@2</IndexMap>'
            '<Array dim="3 1">0 0.2 1</Array></LUT1D>')  # fmt: skip
    found = load(text(body, 'compCLFversion="2.0" id="x"'), tmp_path)
    assert [each.element for each in found] == ["Range", "LUT1D"]
    assert found.apply(np.full(3, 502 / 1023, np.float32))[0] == pytest.approx(0.2, abs=1e-6)


def test_half_domains_may_have_nan_at_the_codes_of_nan(tmp_path: Path) -> None:
    values = np.arange(65536, dtype=np.uint16).view(np.float16)
    body = node("LUT1D", f'<Array dim="65536 1">{" ".join(map(str, values))}</Array>', 'halfDomain="true"')
    found = load(text(body), tmp_path)
    assert isinstance(found[0].op.lut, HalfLut1D)  # type: ignore[attr-defined]
    wrong = body.replace(">0.0 ", ">nan ", 1)
    with pytest.raises(FormatError, match="nan"):
        load(text(wrong), tmp_path)


def seeds(shared: Path | None) -> list[bytes]:
    """Small valid files to mutate."""
    own = [
        text(MATRIX + node("Range", "<minInValue>0</minInValue><minOutValue>0</minOutValue>") + node("ASC_CDL", SOP)),
        text(node("LUT1D", '<Array dim="3 1">0 0.5 1</Array>')
             + node("LUT3D", f'<Array dim="2 2 2 3">{"0 1 0.5 " * 8}</Array>')),
        text(node("Log", '<LogParams base="10" linSideBreak="0.1"/>', 'style="cameraLinToLog"')
             + node("Exponent", '<ExponentParams exponent="2.2" offset="0.1"/>', 'style="monCurveFwd"')),
        text(node("FixedFunction", "", 'style="Rec2100SurroundFwd" params="0.8"')
             + node("ExposureContrast", '<ECParams exposure="1" contrast="1.2" pivot="0.2"/>', 'style="log"')
             + node("InverseLUT1D", '<Array dim="3 1">0 0.5 1</Array>'), CTF),
    ]  # fmt: skip
    if shared is not None:
        own += [path.read_bytes() for path in sorted((shared / "lut/clf").glob("*.clf")) if path.stat().st_size < 3000]
    return own


WORDS = [b"0", b"-1", b"1e38", b"1e-40", b"nan", b"inf", b"99999999999", b"3 3", b"", b"\"", b"<", b">", b"&", b"/>",
         b"]]>", b"<!--", b"R", b"Rev", b"8i", b"\x00", b"\xff", b"<Array dim=\"2 1\">", b"</Array>"]  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with a few bytes, words or pieces changed."""
    for _ in range(rng.randint(1, 3)):
        at, kind = rng.randrange(len(data) + 1), rng.randrange(5)
        if kind == 0:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + rng.choice(WORDS) + data[at + rng.randint(0, 6) :]
        elif kind == 2:
            data = data[:at] + data[at + rng.randint(1, 30) :]
        elif kind == 3:
            piece = data[at : at + rng.randint(1, 60)]
            data = data[:at] + piece + data[at:]
        else:
            digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
            if digits:
                i = rng.choice(digits)
                data = data[:i] + rng.choice(WORDS[:9]) + data[i + 1 :]
    return data


def test_mutated_lists_are_read_or_refused(tmp_path: Path) -> None:
    """Nothing but a FormatError or a list that can be applied; 4000 cases take some seconds."""
    from conftest import SHARED_DATA

    rng, start = random.Random(11), time.monotonic()
    files = seeds(SHARED_DATA if SHARED_DATA.is_dir() else None)
    colours = np.array([[-1.0, 0.5, 2.0], [0.0, 0.18, 1.0]], np.float32)
    read_well = refused = 0
    for _ in range(4000):
        data = mutated(rng.choice(files), rng)
        try:
            found = load(data, tmp_path, rng.choice(["a.clf", "a.ctf"]))
        except FormatError as error:
            refused += error.path is not None
            continue
        found.apply(colours)
        read_well += 1
    assert read_well > 200
    assert refused > 1000
    assert time.monotonic() - start < 120
