"""CLF and CTF files of others: read and applied, or refused, as OpenColorIO does.

OpenColorIO is asked without loss on ramps from below 0 to above 1 and on random colours. Exceptions:

==================================  ==================================================================
``cdl_various.ctf``                 OpenColorIO's lossless optimisation takes a CDL and its reverse
                                    away although both clamp; compared without optimisation
``exposure_contrast_video.ctf``     OpenColorIO's power is off by up to 1.6e-5 there, relative; ours
                                    is within 1e-6 of float64 (next test)
``fixed_function.ctf``              a power of a luminance, then HSV whose saturation above 1 divides by
                                    2 - saturation: rounding grows without bound where the luminance
                                    nearly cancels and where saturation nears 2; compared elsewhere
==================================  ==================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference import engine_steps

from vfx.errors import FormatError
from vfx.lut import ProcessList, read, read_clf, read_ctf

SAMPLES = ("lut/clf/*.clf", "lut/*.ctf")
TOLERANCE = {"exposure_contrast_video.ctf": 2e-5}
NOT_OPTIMIZED = {"cdl_various.ctf"}


def off_by(ours: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, absolute below 1 and relative above; infinities must be the same."""
    finite = np.isfinite(expected)
    assert np.array_equal(ours[~finite], expected[~finite])
    return float((np.abs(ours - expected)[finite] / np.maximum(1, np.abs(expected[finite]))).max())


def well_conditioned(name: str, colours: np.ndarray) -> np.ndarray:
    """The colours for which a sample does not multiply rounding errors by thousands."""
    if name != "fixed_function.ctf":
        return colours
    luminance = np.abs(colours @ np.array([0.2627, 0.678, 0.0593]))
    saturation = colours[:, 1] * np.maximum(luminance, 1e-4) ** -0.2
    return colours[(luminance > 0.01) & (saturation <= 1.0)]


@pytest.mark.each_shared_file(*SAMPLES)
def test_samples_agree_with_opencolorio(
    shared_case: Path, colours: np.ndarray, ocio: Any, by_ocio: Callable[..., np.ndarray]
) -> None:
    process_list = read(shared_case)
    assert isinstance(process_list, ProcessList)
    colours = well_conditioned(shared_case.name, colours)
    assert len(colours) > 1000
    optimized = shared_case.name not in NOT_OPTIMIZED
    expected = by_ocio(ocio.FileTransform(str(shared_case)), colours, optimized=optimized)
    assert off_by(process_list.apply(colours), expected) <= TOLERANCE.get(shared_case.name, 1e-5)


@pytest.mark.each_shared_file(*SAMPLES)
def test_samples_agree_with_float64(shared_case: Path, colours: np.ndarray) -> None:
    process_list = read(shared_case)
    assert isinstance(process_list, ProcessList)
    rgba = np.concatenate([colours, np.ones((len(colours), 1), np.float32)], axis=1)
    steps = [step for op in process_list.ops for step in op.steps()]
    if any(step.kernel == "hsv_to_rgb" or step.kernel.startswith("lut1d_knots") for step in steps):
        return  # what a saturation of 2 and a flat spot become is decided by float32's rounding
    expected = engine_steps.apply(steps, rgba)[:, :3]
    sane = (np.abs(expected) < 1e6).all(axis=1)  # beyond, an exponent has lost its digits
    assert off_by(process_list.apply(colours)[sane], expected[sane]) <= 3e-6


@pytest.mark.each_shared_file("lut/clf_illegal/*.clf")
def test_illegal_samples_are_refused_with_line_and_reason(shared_case: Path, ocio: Any) -> None:
    with pytest.raises(FormatError) as caught:
        read_clf(shared_case)
    assert caught.value.line
    assert caught.value.path == str(shared_case)
    assert len(caught.value.reason) > 10
    if shared_case.name != "unknown_elements.clf":  # OpenColorIO warns and goes on; S-2014-006 allows both
        with pytest.raises(ocio.Exception):
            ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(shared_case)))


LINES = {
    "array_bad_dimension.clf": (5, "dim"),
    "cdl_bad_sat.clf": (11, "1 number"),
    "cdl_missing_offset.clf": (5, "Offset is missing"),
    "log_bad_style.clf": (4, "invalidStyle"),
    "lut1d_half_domain_set_false.clf": (6, "halfDomain"),
    "range_bad_noclamp.clf": (4, "does not clamp"),
    "transform_bad_outdepth.clf": (4, "16d"),
    "transform_bitdepth_mismatch.clf": (10, "inBitDepth"),
    "transform_empty.clf": (2, "at least one"),
    "unknown_elements.clf": (34, "'B'"),
}


@pytest.mark.parametrize("name", LINES)
def test_the_line_and_the_reason_are_the_right_ones(name: str, shared_file: Callable[[str], Path]) -> None:
    line, words = LINES[name]
    with pytest.raises(FormatError, match=words) as caught:
        read_clf(shared_file(f"lut/clf_illegal/{name}"))
    assert caught.value.line == line


def test_what_files_say_about_themselves_is_kept(shared_file: Callable[[str], Path]) -> None:
    found = read_clf(shared_file("lut/clf/inverseOf_id_test.clf"))
    assert (found.id, found.name, found.inverse_of) == ("9843", "1d-lut example", "inverseOfIdTest")
    assert (found.input_descriptor, found.output_descriptor) == ("RGB", "RGB")
    assert found[0].descriptions[0] == "Function is 1023 * x^0.45"
    assert (found[0].in_depth, found[0].out_depth) == ("10i", "10i")
    utf8 = read_clf(shared_file("lut/clf/matrix_example_utf8.clf"))
    assert utf8[0].descriptions == ("標準萬國碼",)
    hard = read_clf(shared_file("lut/clf/difficult_syntax.clf"))
    assert hard[0].name == '"quote"'
    assert hard.descriptions[1] == "yet 'another' \"valid\" desc"
    assert "difficult" in hard.info


def test_flags_of_exposure_and_contrast_are_kept(shared_file: Callable[[str], Path]) -> None:
    found = read_ctf(shared_file("lut/exposure_contrast_video.ctf"))
    assert found[0].op.dynamic == ("exposure", "contrast")  # type: ignore[attr-defined]
    assert found[1].op.reverse  # type: ignore[attr-defined]
