"""Camera curves against OpenColorIO's transforms of whole colour spaces: on greys their matrices do nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vfx.transfer import decode

# The style, and how far a decoded grey is from it: OCIO works LogC3's constants out where ARRI prints six digits,
# and has tables at half floats under acescc and the Canon and Apple curves.
SPACES = {
    "acescc": ("ACEScc", 6e-6),
    "acescct": ("ACEScct", 2e-6),
    "applelog": ("APPLE_LOG", 3e-6),
    "clog2": ("CANON_CLOG2-CGAMUT", 3e-6),
    "clog3": ("CANON_CLOG3-CGAMUT", 3e-6),
    "log3g10": ("RED_LOG3G10-RWG", 2e-6),
    "logc3": ("ARRI_ALEXA-LOGC-EI800-AWG", 1e-5),
    "logc4": ("ARRI_LOGC4", 3e-6),
    "redlogfilm": ("RED_REDLOGFILM-RWG", 2e-6),
    "slog3": ("SONY_SLOG3-SGAMUT3", 2e-6),
    "vlog": ("PANASONIC_VLOG-VGAMUT", 2e-6),
}


def greys() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.repeat(np.linspace(0.0, 1.0, 4001, dtype=np.float32)[:, None], 3, axis=1)


def distance(ours: Any, theirs: Any) -> float:
    return float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))


@pytest.mark.parametrize("name", SPACES)
def test_greys_decode_as_in_ocios_space(name: str, ocio: Any, by_ocio: Any) -> None:
    style, tolerance = SPACES[name]
    codes = greys()
    expected = by_ocio(ocio.BuiltinTransform(f"{style}_to_ACES2065-1"), codes).astype(np.float64)
    assert distance(decode(codes, name), expected) <= tolerance


def test_acesproxy_decodes_as_in_ocio_which_clamps_to_its_codes(ocio: Any, by_ocio: Any) -> None:
    codes = greys()
    expected = by_ocio(ocio.BuiltinTransform("ACESproxy10i_to_ACES2065-1"), codes).astype(np.float64)
    legal = np.clip(codes.astype(np.float64), 64.0 / 1023.0, 940.0 / 1023.0)
    assert distance(decode(legal, "acesproxy"), expected) <= 2e-6
