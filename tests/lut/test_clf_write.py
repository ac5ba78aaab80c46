"""Written process lists: they read back as they were, and OpenColorIO reads the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.color.cdl import cdl
from vfx.color.grade import matrix
from vfx.lut import (
    Exponent,
    ExposureContrast,
    FixedFunction,
    HalfLut1D,
    Log,
    Lut1D,
    Lut3D,
    LutChain,
    ProcessList,
    ProcessNode,
    Range,
    read,
    read_clf,
    read_ctf,
    write,
    write_clf,
    write_ctf,
)
from vfx.lut.clf.fixed import FIXED_STYLES
from vfx.lut.clf.ops import EXPONENT_STYLES, EXPOSURE_STYLES, LOG_STYLES
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, InvertLut1D, InvertLut3D
from vfx.pixelop import PixelOp

RNG = np.random.default_rng(3)
HALFS = np.nan_to_num(
    np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32), posinf=65504, neginf=-65504
)
CURVE = Lut1D(np.sort(RNG.random((33, 3)), axis=0))
CUBE = Lut3D(RNG.random((7, 7, 7, 3)))
MATRIX = np.array([[0.9, 0.1, 0.03], [0.05, 0.8, 0.1], [0.0, 0.2, 0.7]])
CAMERA = {"base": 10.0, "log_side_slope": (0.25, 0.3, 0.28), "log_side_offset": (0.4, 0.38, 0.39),
          "lin_side_slope": (5.5, 5.0, 5.2), "lin_side_offset": (0.05, 0.06, 0.07)}  # fmt: skip

CLF_OPS: dict[str, PixelOp] = {
    "matrix": matrix(MATRIX),
    "matrix with offset": matrix(np.column_stack([MATRIX, [0.1, -0.2, 1 / 3]])),
    "range": Range(0.1, 0.9, -0.1, 1.3),
    "range without clamp": Range(0.1, 0.9, -0.1, 1.3, clamp=False),
    "range from below": Range(min_in=0.1, min_out=0.1),
    "range from above": Range(max_in=1 / 3, max_out=1 / 3),
    "cdl": cdl(1.1, [0.01, 0.02, 1 / 3], 1.2, 0.9, clamp=True),
    "cdl reverse": cdl(1.1, [0.01, 0.02, 0.1], 1.2, 0.9).inverse(),
    "1D": ApplyLut1D(CURVE),
    "1D, one column": ApplyLut1D(Lut1D(RNG.random(33))),
    "1D that keeps hue": ApplyLut1D(CURVE, hue_adjust=True),
    "half domain": ApplyLut1D(HalfLut1D(np.sqrt(np.abs(HALFS)))),
    "3D trilinear": ApplyLut3D(CUBE, "trilinear"),
    "3D tetrahedral": ApplyLut3D(CUBE, "tetrahedral"),
    **{style: Exponent(style, (2.2, 1.7, 1.0)) for style in EXPONENT_STYLES if "mon" not in style},
    **{style: Exponent(style, (2.2, 1.7, 3.0), (0.055, 0.1, 0.2)) for style in EXPONENT_STYLES if "mon" in style},
    **{style: Log(style) for style, (_, base) in LOG_STYLES.items() if base},
    "linToLog": Log("linToLog", **CAMERA),
    "logToLin": Log("logToLin", 2.0, (0.1, 0.1, 0.1)),
    "cameraLinToLog": Log("cameraLinToLog", **CAMERA, lin_side_break=(0.01, 0.02, 0.03)),
    "cameraLogToLin": Log("cameraLogToLin", **CAMERA, lin_side_break=(0.01,) * 3, linear_slope=(5.3, 5.4, 5.5)),
}  # fmt: skip
FREE: dict[str, tuple[float, ...]] = {
    "GamutComp13Fwd": (1.147, 1.264, 1.312, 0.815, 0.803, 0.88, 1.2),
    "Rec2100SurroundFwd": (0.8,),
    "Lin_TO_GammaLog": (0.0, 1 / 12, 0.5, 3**0.5, 0.0, 2.718281828, 0.17883277, 0.807825590164, 1.0, -0.07116723),
    "Lin_TO_DoubleLog": (10.0, 0.1, 0.5, -1.0, -1.0, -1.0, 0.2, 1.0, 1.0, 1.0, 0.5, 1.0, 0.0),
}  # fmt: skip


def fixed(style: str) -> FixedFunction:
    """A fixed function with numbers that suit it."""
    return FixedFunction(style) if style not in FREE else FixedFunction(style, FREE[style])


BACK = ("GamutComp13Rev", "Rec2100SurroundRev", "GammaLog_TO_Lin", "DoubleLog_TO_Lin")
FORWARD = [style for style in FIXED_STYLES if style not in BACK]
CTF_OPS: dict[str, PixelOp] = {
    "matrix of alpha": matrix(np.eye(4) + 0.01 * np.arange(16).reshape(4, 4)),
    "matrix of alpha with offset": matrix(np.eye(4, 5) + 0.01 * np.arange(20).reshape(4, 5)),
    "inverse 1D": InvertLut1D(CURVE),
    "inverse 3D": InvertLut3D(Lut3D.identity(5)),
    **{style: ExposureContrast(style, 0.5, 1.2, 1.1, 0.2) for style in EXPOSURE_STYLES},
    **{f"{style} back": ExposureContrast(style, 0.5, 1.2, reverse=True) for style in EXPOSURE_STYLES},
    **{style: fixed(style) for style in FORWARD},
    **{f"{style} back": fixed(style).inverse() for style in FREE},
}
ALL = CLF_OPS | CTF_OPS
#: OpenColorIO's own powers are off by that much; float64 says so.
ROUGH = {"PQ_TO_Lin": 7e-5, "Lin_TO_PQ": 3e-5, "linear": 3e-5, "video": 3e-5, "linear back": 3e-5, "video back": 3e-5}


def off_by(ours: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, absolute below 1 and relative above."""
    sane = (np.abs(expected) < 1e5).all(axis=1)
    return float((np.abs(ours - expected) / np.maximum(1, np.abs(expected)))[sane].max())


@pytest.fixture(scope="module")
def positive() -> np.ndarray:
    """Colours for formulas that only make sense for light: none is near black."""
    rng = np.random.default_rng(8)
    ramp = np.repeat(np.linspace(0.02, 2.0, 200)[:, None], 3, axis=1)
    return np.concatenate([rng.uniform(0.02, 1.0, (2000, 3)), ramp]).astype(np.float32)


def suited(op: PixelOp, given: np.ndarray) -> np.ndarray:
    """The colours that a formula is made for: PQ has no light beyond a code of 1."""
    return np.minimum(given, 1.0) if getattr(op, "style", "") == "PQ_TO_Lin" else given


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("depths", [("32f", "32f"), ("10i", "16f"), ("16i", "8i")])
def test_lists_read_back_as_they_were(name: str, depths: tuple[str, str], tmp_path: Path) -> None:
    if ALL[name] in CLF_OPS.values():
        save, load = write_clf, read_clf
    else:
        save, load = write_ctf, read_ctf
    node = ProcessNode(ALL[name], id="a", name="b", descriptions=("c", "d"), in_depth=depths[0], out_depth=depths[1])
    before = ProcessList([node], id="one")
    save(tmp_path / "a.clf", before)
    after = load(tmp_path / "a.clf")
    if "matrix" in name or name.startswith("range"):  # scaled in float64: 1e-15 may be lost
        assert off_by(after.apply(CUBE.table.reshape(-1, 3)), before.apply(CUBE.table.reshape(-1, 3))) <= 2e-7
        assert (after[0].id, after[0].name, after[0].descriptions) == ("a", "b", ("c", "d"))
        assert (after[0].in_depth, after[0].out_depth) == depths
        return
    assert after == before


@pytest.mark.parametrize("name", ALL)
def test_opencolorio_reads_what_we_write(
    name: str, tmp_path: Path, colours: np.ndarray, positive: np.ndarray, ocio: Any, by_ocio: Callable[..., np.ndarray]
) -> None:
    path = tmp_path / ("a.clf" if name in CLF_OPS else "a.ctf")
    steps = ProcessList([ALL[name]])
    write(path, steps)
    given = positive if name in CTF_OPS else colours
    given = suited(ALL[name], given)
    rgba = np.concatenate([given, np.full((len(given), 1), 0.5, np.float32)], axis=1)
    assert off_by(steps.apply(rgba), by_ocio(ocio.FileTransform(str(path)), rgba)) <= ROUGH.get(name, 1e-5)


@pytest.mark.parametrize("name", [name for name in ALL if "clamp" not in name])
def test_inverse_lists_are_opencolorios(
    name: str, tmp_path: Path, positive: np.ndarray, ocio: Any, by_ocio: Callable[..., np.ndarray]
) -> None:
    if name in ("1D, one column", "half domain", "3D trilinear", "3D tetrahedral", "log back", "1D that keeps hue"):
        return  # not monotone, or tabulated; the LUT tests invert them
    steps = ProcessList([ALL[name]]).inverse()
    path = tmp_path / "a.ctf"
    write_ctf(path, steps)
    assert read_ctf(path).ops == steps.ops or "matrix" in name
    given = suited(steps.ops[0], positive)
    rgba = np.concatenate([given, np.full((len(given), 1), 0.5, np.float32)], axis=1)
    rough = max(ROUGH.get(name, 1e-5), ROUGH.get(str(getattr(steps.ops[0], "style", "")), 0.0))
    assert off_by(steps.apply(rgba), by_ocio(ocio.FileTransform(str(path)), rgba)) <= rough


def test_raw_halfs_and_half_domains_keep_every_bit(tmp_path: Path) -> None:
    lut = HalfLut1D(HALFS)
    before = ProcessList([ProcessNode(ApplyLut1D(lut), in_depth="16f", out_depth="16f", raw_halfs=True)], id="raw")
    write_clf(tmp_path / "a.clf", before)
    text = (tmp_path / "a.clf").read_text()
    assert 'halfDomain="true"' in text and 'rawHalfs="true"' in text and "\n15360\n" in text
    assert read_clf(tmp_path / "a.clf") == before
    fine = ProcessList([ProcessNode(ApplyLut1D(Lut1D([0.0, 0.1])), raw_halfs=True)])
    with pytest.raises(ValueError, match="half floats"):
        write_clf(tmp_path / "b.clf", fine)
    assert not (tmp_path / "b.clf").exists()


def test_raw_halfs_of_infinity_that_were_read_are_written_again(tmp_path: Path) -> None:
    with np.errstate(over="ignore"):
        halfs = (HALFS * 1.5).astype(np.float16)
    assert np.isinf(halfs[:0x7C00]).any()
    rows = "\n".join(map(str, halfs.view(np.uint16).tolist()))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ProcessList version="2" id="a">\n'
        '<LUT1D inBitDepth="16f" outBitDepth="10i" halfDomain="true" rawHalfs="true">\n'
        f'<Array dim="65536 1">\n{rows}\n</Array>\n</LUT1D>\n</ProcessList>\n'
    )
    (tmp_path / "a.ctf").write_text(text)
    before = read_ctf(tmp_path / "a.ctf")
    write_ctf(tmp_path / "b.ctf", before)
    assert read_ctf(tmp_path / "b.ctf") == before


def test_texts_of_any_kind_come_back(tmp_path: Path) -> None:
    before = ProcessList(
        [ProcessNode(Range(0.0, 1.0, 0.0, 1.0), name='<"&\'>\n\tx', descriptions=("标 & <b>", ""))],
        id="urn:uuid:1", name="näme", inverse_of="other", descriptions=["one", "two"], input_descriptor="in & out",
        output_descriptor="out", info="<Tool version=\"1\">x</Tool>",
    )  # fmt: skip
    write_clf(tmp_path / "a.clf", before)
    assert read_clf(tmp_path / "a.clf") == before


def test_control_characters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="control characters"):
        write_clf(tmp_path / "a.clf", ProcessList([Range(0.0, 1.0, 0.0, 1.0)], name="a\0b"))
    assert list(tmp_path.iterdir()) == []


def test_the_same_list_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    steps = ProcessList([Range(0.0, 1.0, 0.0, 1.0)])
    for name in ("a.clf", "b.clf"):
        write_clf(tmp_path / name, steps)
    assert (tmp_path / "a.clf").read_bytes() == (tmp_path / "b.clf").read_bytes()
    assert read_clf(tmp_path / "a.clf").id.startswith("urn:uuid:")


def test_luts_are_lists_of_their_parts(tmp_path: Path) -> None:
    write(tmp_path / "a.clf", LutChain(CURVE, CUBE))
    assert [node.element for node in read(tmp_path / "a.clf")] == ["LUT1D", "LUT3D"]
    write(tmp_path / "b.ctf", CUBE)
    assert read(tmp_path / "b.ctf").ops == (ApplyLut3D(CUBE),)


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        (InvertLut1D(CURVE), "CLF has no InverseLUT1D"),
        (ExposureContrast("linear"), "CLF has no ExposureContrast"),
        (FixedFunction("RGB_TO_HSV"), "CLF has no FixedFunction"),
        (matrix(np.eye(4) + 0.1), "alpha"),
        (ApplyLut1D(Lut1D([0.0, 1.0], domain=(0.0, 2.0))), "Range before it"),
        (ApplyLut1D(CURVE, "cubic"), "linearly"),
        (ApplyLut3D(CUBE, "nearest"), "nearest"),
        (ApplyLut3D(Lut3D.identity(3, (0.0, 2.0))), "Range before it"),
    ],
)
def test_what_clf_cannot_hold_is_refused(op: PixelOp, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=reason):
        write_clf(tmp_path / "a.clf", ProcessList([op]))
    assert not (tmp_path / "a.clf").exists()


def test_only_lists_and_luts_are_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="lut must be"):
        write_clf(tmp_path / "a.clf", "nonsense")  # type: ignore[arg-type]
