"""ICC profiles: what littleCMS says of them, and profiles that are damaged."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms

import vfx
from vfx.io import _icc


@pytest.mark.each_shared_file(
    "jpeg/*.jpg", "photo/*.jpg", "photo/*/*.jpg", "png/[!x]*.png", "photo/*.png", "tiff/*.tif*"
)
def test_profiles_are_named_as_littlecms_names_them(shared_case: Path) -> None:
    try:
        profile = vfx.probe(shared_case).metadata.get("icc_profile")
    except ValueError:
        return  # broken on purpose
    if profile is None:
        return
    theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    found = _icc.facts(profile)
    assert found["description"] == (theirs.profile_description or "").strip()
    assert (found["class"], found["space"]) == (theirs.device_class.strip(), theirs.xcolor_space.strip())
    assert float(found["version"]) == pytest.approx(theirs.version, abs=0.05)


@pytest.mark.parametrize("kind", ["sRGB", "LAB", "XYZ"])
def test_made_profiles_are_named(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(kind))
    found = _icc.facts(profile.tobytes())
    assert found["description"] == profile.profile.profile_description
    assert found["space"] == profile.profile.xcolor_space.strip()


def test_damaged_profiles_say_less_and_never_raise() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    generator = np.random.default_rng(1)
    for length in range(0, len(profile), 5):
        _icc.facts(profile[:length])
    for _ in range(300):
        damaged = bytearray(profile)
        for at in generator.integers(0, len(profile), 4):
            damaged[at] = generator.integers(0, 256)
        _icc.facts(bytes(damaged))
    assert _icc.facts(b"nonsense") == {}
