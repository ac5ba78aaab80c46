"""Named spaces: their names, their parts, and that every one can be used."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.color import Primaries, Space, convert, primaries, spaces, whites
from vfx.color.spaces import primaries_of, space
from vfx.transfer import curve


@pytest.mark.parametrize("name", spaces())
def test_every_space_has_its_curve_and_comes_back(name: str) -> None:
    each = spaces[name]
    assert curve(each.curve, **dict(each.params)).name == each.curve
    # Light that is positive in the space itself: some curves end at black.
    light = np.array([[0.18, 0.18, 0.18], [0.5, 0.4, 0.3], [0.2, 0.5, 0.6]])
    xyz = convert(light, Space("linear", each.primaries), "CIE XYZ-D65")
    back = convert(convert(xyz, "CIE XYZ-D65", name), name, "CIE XYZ-D65")
    # ACESproxy rounds to its 10-bit codes, a fiftieth of a stop each, as its standard has it.
    np.testing.assert_allclose(back, xyz, rtol=0.02 if name == "ACESproxy" else 1e-5)


def test_every_set_of_primaries_has_its_linear_space() -> None:
    linear = [each.primaries for each in spaces.values() if each.is_linear]
    assert linear == list(primaries.values())


@pytest.mark.parametrize("table", [primaries, whites, spaces], ids=repr)
def test_the_guide_lists_every_record(table: Any) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "spaces.rst").read_text(encoding="utf-8")
    rows = {line.split("  ")[0] for line in guide.splitlines()}
    assert [name for name, each in table.items() if name not in rows and not getattr(each, "is_linear", False)] == []


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("acescg", "ACEScg"),
        ("AP1", "ACEScg"),
        ("aces", "ACES2065-1"),
        ("ACES - ACES2065-1", "ACES2065-1"),
        ("lin_srgb", "Linear Rec.709 (sRGB)"),
        ("lin_rec709", "Linear Rec.709 (sRGB)"),
        ("linear srgb", "Linear Rec.709 (sRGB)"),
        ("srgb", "sRGB"),
        ("sRGB - Texture", "sRGB"),
        ("rec709", "Rec.709"),
        ("Rec.1886 Rec.709 - Display", "Rec.1886"),
        ("display_p3", "Display P3"),
        ("ARRI LogC3 (EI800)", "ARRI LogC3 (EI800)"),
        ("arri_logc3_ei800", "ARRI LogC3 (EI800)"),
        ("logc3", "ARRI LogC3 (EI800)"),
        ("ARRI LogC3 (EI160)", "ARRI LogC3 (EI160)"),
        ("logc4", "ARRI LogC4"),
        ("S-Log3 S-Gamut3.Cine", "S-Log3 S-Gamut3.Cine"),
        ("Log3G10 REDWideGamutRGB", "Log3G10 REDWideGamutRGB"),
        ("CanonLog3 CinemaGamut D55", "CanonLog3 CinemaGamut"),
        ("V-Log V-Gamut", "V-Log V-Gamut"),
        ("DaVinci Intermediate WideGamut", "DaVinci Intermediate WideGamut"),
        ("REDWideGamutRGB", "Linear REDWideGamutRGB"),
        ("adobe rgb", "Adobe RGB"),
        ("prophoto", "ProPhoto RGB"),
    ],
)
def test_names_that_people_type_are_found(alias: str, name: str) -> None:
    assert space(alias).name == name


# The spaces of OpenColorIO's ACES configs that are not here, and why.
NOT_OURS = {
    "Raw": "no colour space",
    "Unspecified": "no colour space",
    "Rec.2100-HLG - Display": "display light with its OOTF: transfer.hlg_ootf, or vfx.ocio",
}


@pytest.mark.parametrize("config", ["cg-config-v2.1.0_aces-v1.3_ocio-v2.3", "studio-config-v2.1.0_aces-v1.3_ocio-v2.3"])
def test_the_names_of_the_aces_configs_are_found(config: str, ocio: Any) -> None:
    names = ocio.Config.CreateFromBuiltinConfig(config).getColorSpaceNames()
    missing = [name for name in names if name not in spaces and name not in NOT_OURS]
    assert missing == []


def test_a_space_is_made_of_primaries_a_curve_and_a_scale() -> None:
    adobe = spaces["Adobe RGB"]
    assert (adobe.primaries.name, adobe.curve, adobe.params) == ("Adobe RGB", "gamma", (("gamma", 2.19921875),))
    assert spaces["ARRI LogC3 (EI400)"].params == (("ei", 400.0),)
    assert spaces["DCDM"].scale == 48.0
    assert spaces["ACEScg"].is_linear and not spaces["ACEScct"].is_linear


def test_a_space_of_ones_own_works_like_a_named_one() -> None:
    mine = Space("set monitor", "P3-D65", "gamma", {"gamma": 2.6})  # type: ignore[arg-type]
    assert mine == Space("another name", primaries["P3-D65"], "gamma", (("gamma", 2.6),))
    assert space(mine) is mine and hash(mine) == hash(pickle.loads(pickle.dumps(mine)))
    wide = Primaries((0.7, 0.3), (0.2, 0.8), (0.1, 0.0), "D65")  # type: ignore[arg-type]
    assert space(wide).is_linear and space(wide).primaries is wide
    assert primaries_of(wide) is wide and primaries_of(mine).name == "P3-D65" and primaries_of("AP0").name == "ACES AP0"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: space("acecg"),
            ValueError,
            r"space 'acecg' is not known \(did you mean 'ACEScg'\?\); space must be one of ACES2065-1, ",
        ),
        (lambda: space(3), TypeError, "a space must be a name, a Space or Primaries, got 3"),
        (lambda: primaries_of("nothing"), ValueError, "space must be one of"),
        (lambda: Space("", "P3-D65"), ValueError, "a space's name must be text"),
        (lambda: Space("mine", 5), TypeError, "primaries must be Primaries or their name"),
        (lambda: Space("mine", "P3-D66"), ValueError, "primaries must be one of"),
        (lambda: Space("mine", "P3-D65", scale=0), ValueError, "scale must be between"),
    ],
)
def test_wrong_spaces_are_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
