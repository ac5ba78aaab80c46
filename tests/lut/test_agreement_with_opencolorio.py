"""Every file of the shared samples reads and agrees with OpenColorIO, or is refused where OpenColorIO refuses it.

OpenColorIO is asked without loss, with both of its interpolations of cubes, on ramps from below 0 to above 1 and on
random colours. What is not so stands in ``EXCEPTIONS``, and in the guide's table, with its reason; one that is so
after all fails.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.color import read_cdls
from vfx.errors import FormatError
from vfx.lut import Lut3D, LutChain, read
from vfx.pixelop import PixelOp, run

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "luts.rst"
TOLERANCE = 1e-5
#: How a file ends that is no exception.
AGREES, BOTH_REFUSE = "agrees", "both refuse"
#: How the exceptions end.
WE_READ, WE_REFUSE, APART = "only we read it", "only OpenColorIO reads it", "the results are apart"
EXCEPTIONS = {
    "clf_illegal/unknown_elements.clf": WE_REFUSE,
    "colour/resolve_cube/LogC_Video.cube": WE_READ,
    "colour/resolve_cube/Three_Dimensional_Table_With_Shaper.cube": WE_READ,
    "cdl_various.ctf": APART,
    "exposure_contrast_video.ctf": APART,
    "fixed_function.ctf": APART,
}


def by_us(path: Path, values: np.ndarray, interpolation: str) -> np.ndarray | None:
    """The colours after a file; None where it is refused, with path, reason, and line where it is a matter of one."""
    try:
        if path.suffix in (".cc", ".ccc", ".cdl"):
            first = next(iter(read_cdls(path).values()))
            found: Any = vfx.Look().cdl(first).ops[0]
        else:
            found = read(path)
    except FormatError as error:
        if error.path != str(path) or not error.line or len(error.reason) < 10:
            pytest.fail(f"no path, line or reason: {error}")
        return None
    if isinstance(found, PixelOp):
        picture = vfx.Image(values.reshape(1, -1, 3))
        result = vfx.Image(np.empty_like(picture.numpy()))
        run((found,), picture, result)
        return result.numpy().reshape(-1, 3)
    return found.apply(values, interpolation) if isinstance(found, (Lut3D, LutChain)) else found.apply(values)


def by_opencolorio(path: Path, values: np.ndarray, interpolation: str, ocio: Any) -> np.ndarray | None:
    """The colours after a file; None where it is refused."""
    kind = ocio.INTERP_BEST if interpolation == "tetrahedral" else ocio.INTERP_LINEAR
    ocio.ClearAllCaches()
    try:
        processor = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(path), interpolation=kind))
    except ocio.Exception:
        return None
    result = np.array(values, np.float32, order="C")
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(result)
    return result


def ending(ours: np.ndarray | None, theirs: np.ndarray | None) -> str:
    """How the two ended."""
    if ours is None or theirs is None:
        return BOTH_REFUSE if ours is theirs else WE_REFUSE if ours is None else WE_READ
    finite = np.isfinite(theirs)
    same = np.array_equal(ours[~finite], theirs[~finite])
    # Absolute below 1, relative above.
    off = np.abs(ours - theirs)[finite] / np.maximum(1, np.abs(theirs[finite]))
    return AGREES if same and off.max() <= TOLERANCE else APART


@pytest.mark.each_shared_file("lut/**/*")
@pytest.mark.parametrize("interpolation", ["trilinear", "tetrahedral"])
def test_a_shared_file_ends_as_with_opencolorio(
    shared_case: Path, interpolation: str, shared_data: Path, colours: np.ndarray, ocio: Any
) -> None:
    found = ending(
        by_us(shared_case, colours, interpolation), by_opencolorio(shared_case, colours, interpolation, ocio)
    )
    name = shared_case.relative_to(shared_data / "lut").as_posix()
    assert found in ({EXCEPTIONS[name]} if name in EXCEPTIONS else {AGREES, BOTH_REFUSE})


def test_each_exception_is_a_shared_file(shared_data: Path) -> None:
    assert [name for name in EXCEPTIONS if not (shared_data / "lut" / name).is_file()] == []


def test_the_guide_explains_each_exception() -> None:
    row = r"^   \* - ``(\S+)``\n     - (.+)\n     - \S.{8}"
    assert dict(re.findall(row, GUIDE.read_text(encoding="utf-8"), re.MULTILINE)) == EXCEPTIONS


def test_the_guide_lists_each_format_with_its_extensions_and_whether_it_is_written() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for kind in vfx.lut.FORMATS:
        extensions = " ".join(f"``{suffix}``" for suffix in kind.extensions)
        assert f"     - {extensions}\n     - {'read, write' if kind.writer else 'read'}\n" in text, kind.name
