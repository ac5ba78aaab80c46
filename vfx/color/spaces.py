"""Named colour spaces: primaries and a transfer function under the names that pipelines use.

``spaces["ACEScg"]`` is a :class:`Space`; ``spaces()`` lists the names. They are matched without regard to case, spaces
and punctuation, and the names of OpenColorIO's ACES configs work as well: ``"acescg"``, ``"lin_rec709"``,
``"ARRI LogC3 (EI800)"``, ``"sRGB - Texture"``. Every set of primaries also has its linear space.

A space is made of

* primaries: what R, G and B are (:mod:`vfx.color.primaries`);
* a curve and its parameters: what a code value is (:mod:`vfx.transfer`);
* a scale: what linear light of 1.0 is in the units of the curve, 1 for all but DCDM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vfx import checks
from vfx.color._catalogue import Catalogue
from vfx.color.primaries import Primaries, primaries

__all__ = ["Space", "primaries_of", "space", "spaces"]


def _value(given: Any) -> float | str:
    """A curve's parameter: text stays, any number is a float."""
    return given if isinstance(given, str) else float(given)


@dataclass(frozen=True)
class Space:
    """A colour space.

    Parameters
    ----------
    name : str
        The name it is shown and looked up by.
    primaries : Primaries or str
        What R, G and B are.
    curve : str, optional
        One of ``vfx.transfer.curves()``.
    params : mapping or pairs of a name and a value, optional
        The curve's free parameters.
    scale : float, optional
        What linear light of 1.0 is in the units of the curve.
    standard : str, optional
        The document that defines it, where it is more than its parts.
    aliases : tuple of str, optional
        Other names.

    Examples
    --------
    >>> mine = Space("set monitor", "P3-D65", "gamma", {"gamma": 2.4})
    >>> mine.primaries.name
    'P3-D65'
    """

    name: str = field(compare=False)
    primaries: Primaries
    curve: str = "linear"
    params: tuple[tuple[str, float | str], ...] = ()
    scale: float = 1.0
    standard: str = field(default="", compare=False, repr=False)
    aliases: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        """Find primaries given by name, and sort the parameters."""
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"a space's name must be text, got {self.name!r}")
        if isinstance(self.primaries, str):
            object.__setattr__(self, "primaries", primaries[self.primaries])
        if not isinstance(self.primaries, Primaries):
            raise TypeError(f"a space's primaries must be Primaries or their name, got {self.primaries!r}")
        given: Any = self.params
        pairs = given.items() if isinstance(given, Mapping) else given
        object.__setattr__(self, "params", tuple(sorted((str(key), _value(value)) for key, value in pairs)))
        object.__setattr__(self, "scale", checks.number("scale", self.scale, low=1e-6, high=1e6))

    @property
    def is_linear(self) -> bool:
        """Whether its values are linear light."""
        return self.curve == "linear"


# Linear spaces: primaries, the name where it is not "Linear <primaries>", other names.
_LINEAR: dict[str, tuple[str, tuple[str, ...]]] = {
    "ACES AP0": ("ACES2065-1", ("aces", "AP0", "lin_ap0", "lin_ap0_scene", "Linear AP0", "ACES - ACES2065-1")),
    "ACES AP1": ("ACEScg", ("AP1", "lin_ap1", "lin_ap1_scene", "Linear AP1", "ACES - ACEScg")),
    "Rec.709": (
        "Linear Rec.709 (sRGB)",
        ("lin_rec709", "lin_srgb", "lin_rec709_srgb", "lin_rec709_scene", "linear sRGB", "linear Rec.709",
         "scene-linear Rec.709-sRGB", "Utility - Linear - sRGB", "Utility - Linear - Rec.709"),
    ),
    "Rec.2020": ("Linear Rec.2020", ("lin_rec2020", "lin_rec2020_scene", "Utility - Linear - Rec.2020")),
    "P3-D65": ("Linear P3-D65", ("lin_p3d65", "lin_p3d65_scene", "linear Display P3", "Utility - Linear - P3-D65")),
    "P3-DCI": ("Linear P3-DCI", ("lin_p3dci", "linear DCI-P3", "Utility - Linear - P3-DCI")),
    "P3-D60": ("Linear P3-D60", ("lin_p3d60",)),
    "Adobe RGB": ("Linear Adobe RGB", ("lin_adobergb", "lin_adobergb_scene", "Linear AdobeRGB")),
    "ProPhoto RGB": ("Linear ProPhoto RGB", ("lin_prophoto", "Linear ROMM RGB")),
    "ARRI Wide Gamut 3": ("Linear ARRI Wide Gamut 3", ("lin_arri_wide_gamut_3", "lin_awg3", "lin_alexawide")),
    "ARRI Wide Gamut 4": ("Linear ARRI Wide Gamut 4", ("lin_arri_wide_gamut_4", "lin_awg4")),
    "Blackmagic Wide Gamut": ("Linear BMD WideGamut Gen5", ("lin_bmd_widegamut_gen5", "Linear Blackmagic Wide Gamut")),
    "Cinema Gamut": ("Linear Cinema Gamut", ("lin_cinemagamut_d55", "Linear CinemaGamut D55", "lin_cgamut")),
    "DaVinci Wide Gamut": ("Linear DaVinci WideGamut", ("lin_davinci_widegamut", "Linear DaVinci Wide Gamut")),
    "REDWideGamutRGB": ("Linear REDWideGamutRGB", ("lin_redwidegamutrgb", "lin_rwg", "linear RWG")),
    "S-Gamut3": ("Linear S-Gamut3", ("lin_sgamut3",)),
    "S-Gamut3.Cine": ("Linear S-Gamut3.Cine", ("lin_sgamut3cine",)),
    "V-Gamut": ("Linear V-Gamut", ("lin_vgamut",)),
    "Venice S-Gamut3": ("Linear Venice S-Gamut3", ("lin_venice_sgamut3",)),
    "Venice S-Gamut3.Cine": ("Linear Venice S-Gamut3.Cine", ("lin_venice_sgamut3cine",)),
    "XYZ E": ("CIE XYZ", ("XYZ", "XYZ E", "CIE XYZ-E")),
    "XYZ D65": (
        "CIE XYZ-D65",
        ("XYZ D65", "lin_ciexyzd65_scene", "CIE XYZ-D65 - Scene-referred", "CIE-XYZ D65 - Display-referred"),
    ),
    "XYZ D50": ("CIE XYZ-D50", ("XYZ D50",)),
    "XYZ ACES": ("CIE XYZ-D60", ("XYZ ACES", "XYZ D60")),
}  # fmt: skip


def _linear() -> Iterator[Space]:
    """The linear space of every set of primaries."""
    for name, found in primaries.items():
        shown, aliases = _LINEAR.get(name, (f"Linear {name}", ()))
        yield Space(shown, found, standard=found.standard, aliases=aliases)


def _s(name: str, of: str, curve: str, *aliases: str, standard: str = "", scale: float = 1.0, **params: float) -> Space:
    """One row of the table."""
    return Space(name, primaries[of], curve, tuple(params.items()), scale, standard, aliases)


_ACES = (
    _s("ACEScc", "ACES AP1", "acescc", "acescc_ap1", "ACES - ACEScc", standard="Academy S-2014-003"),
    _s("ACEScct", "ACES AP1", "acescct", "acescct_ap1", "ACES - ACEScct", standard="Academy S-2016-001"),
    _s("ACESproxy", "ACES AP1", "acesproxy", "ACESproxy10i", "ACES - ACESproxy", standard="Academy S-2013-001"),
    _s("ADX10", "ACES AP0", "adx10", "ACES - ADX10", "Input - ADX - ADX10", standard="Academy S-2008-002"),
    _s("ADX16", "ACES AP0", "adx16", "ACES - ADX16", "Input - ADX - ADX16", standard="Academy S-2008-002"),
)
_DISPLAYS = (
    _s("sRGB", "Rec.709", "srgb", "sRGB - Texture", "sRGB - Display", "sRGB Encoded Rec.709 (sRGB)",
       "srgb_rec709_scene", "srgb_tx", "srgb_texture", "srgb_display", "Utility - sRGB - Texture",
       standard="IEC 61966-2-1:1999"),
    _s("sRGB Encoded AP1", "ACES AP1", "srgb", "sRGB Encoded AP1 - Texture", "srgb_ap1_scene", "srgb_ap1"),
    _s("Display P3", "P3-D65", "srgb", "srgb_p3d65_scene", "srgb_p3d65", "sRGB Encoded P3-D65", "Display P3 - Display",
       "sRGB Encoded P3-D65 - Texture",
       standard="Apple, Display P3 (2015)"),
    _s("Rec.709", "Rec.709", "rec709", "BT.709", "ITU-R BT.709", "Camera Rec.709", standard="ITU-R BT.709-6"),
    _s("Rec.1886", "Rec.709", "bt1886", "BT.1886", "Rec.1886 Rec.709", "Rec.1886 Rec.709 - Display",
       standard="ITU-R BT.1886"),
    _s("Rec.1886 Rec.2020", "Rec.2020", "bt1886", "Rec.1886 Rec.2020 - Display", standard="ITU-R BT.1886, BT.2020-2"),
    _s("Rec.2020", "Rec.2020", "rec709", "BT.2020", "ITU-R BT.2020", standard="ITU-R BT.2020-2 (10 bits)"),
    _s("Rec.2100-PQ", "Rec.2020", "pq", "BT.2100 PQ", "Rec.2100-PQ - Display", "Rec.2020 PQ", "ST2084 Rec.2020",
       standard="ITU-R BT.2100-2; 1.0 is 100 cd/m²"),
    _s("Rec.2100-HLG", "Rec.2020", "hlg", "BT.2100 HLG", "Rec.2020 HLG", standard="ITU-R BT.2100-2, scene light"),
    _s("Rec.601 525", "Rec.601 525", "rec709", "SMPTE-C", "SMPTE 170M", "NTSC", standard="ITU-R BT.601-7"),
    _s("Rec.601 625", "Rec.601 625", "rec709", "PAL", "EBU", standard="ITU-R BT.601-7"),
    _s("SMPTE 240M", "Rec.601 525", "smpte240m", standard="SMPTE 240M:1999"),
    _s("Gamma 2.2 Rec.709", "Rec.709", "gamma22", "g22_rec709", "g22_rec709_scene", "Gamma 2.2 Rec.709 - Texture",
       "Gamma 2.2 Rec.709 - Display", "Gamma 2.2 Encoded Rec.709"),
    _s("Gamma 2.4 Rec.709", "Rec.709", "gamma24", "g24_rec709", "Gamma 2.4 Rec.709 - Texture"),
    _s("Gamma 1.8 Rec.709", "Rec.709", "gamma", "g18_rec709", "g18_rec709_scene", "Gamma 1.8 Rec.709 - Texture",
       "Gamma 1.8 Encoded Rec.709", gamma=1.8),
    _s("Gamma 2.2 AP1", "ACES AP1", "gamma22", "g22_ap1", "g22_ap1_scene", "Gamma 2.2 Encoded AP1",
       "Gamma 2.2 AP1 - Texture"),
    _s("P3-DCI", "P3-DCI", "gamma26", "DCI-P3", "P3-DCI - Display", standard="SMPTE RP 431-2:2011"),
    _s("P3-D65", "P3-D65", "gamma26", "P3-D65 - Display", "Gamma 2.6 P3-D65"),
    _s("P3-D60", "P3-D60", "gamma26", "P3-D60 - Display", "Gamma 2.6 P3-D60"),
    _s("ST2084 P3-D65", "P3-D65", "pq", "ST2084-P3-D65 - Display", "P3-D65 PQ", standard="SMPTE ST 2084:2014"),
    # RP 431-2: white of 48 cd/m² in a code range that ends at 52.37.
    _s("DCDM", "XYZ D65", "dcdm", "DCDM X'Y'Z'", "DCDM D65", standard="SMPTE ST 428-1:2006", scale=48.0),
    # The exponent is printed as 2.19921875, which is 2 + 51/256.
    _s("Adobe RGB", "Adobe RGB", "gamma", "Adobe RGB (1998)", standard="Adobe RGB (1998), 2005", gamma=563 / 256),
    _s("Gamma 2.2 AdobeRGB", "Adobe RGB", "gamma22", "g22_adobergb", "g22_adobergb_scene",
       "Gamma 2.2 Encoded AdobeRGB"),
    _s("ProPhoto RGB", "ProPhoto RGB", "romm", "ProPhoto", "ROMM RGB", standard="ANSI/I3A IT10.7666:2003"),
)  # fmt: skip
_CAMERAS = (
    _s("Apple Log", "Rec.2020", "applelog", "Apple Log Rec.2020", "apple_log"),
    _s("Apple Log 2", "Apple Wide Gamut", "applelog", "Apple Log Apple Wide Gamut", "applelog_applewg"),
    _s("ARRI LogC4", "ARRI Wide Gamut 4", "logc4", "arri_logc4", "LogC4", "Input - ARRI - LogC4", "LogC4 AWG4"),
    _s("BMDFilm WideGamut Gen5", "Blackmagic Wide Gamut", "bmdfilm5", "Blackmagic Film Gen5", "bmdfilm_widegamut_gen5"),
    _s("CanonLog CinemaGamut", "Cinema Gamut", "clog", "Canon Log", "C-Log Cinema Gamut", "CanonLog CinemaGamut D55"),
    _s("CanonLog2 CinemaGamut", "Cinema Gamut", "clog2", "Canon Log 2", "C-Log2 Cinema Gamut",
       "CanonLog2 CinemaGamut D55", "canonlog2_cgamut"),
    _s("CanonLog3 CinemaGamut", "Cinema Gamut", "clog3", "Canon Log 3", "C-Log3 Cinema Gamut",
       "CanonLog3 CinemaGamut D55", "canonlog3_cgamut"),
    _s("DaVinci Intermediate WideGamut", "DaVinci Wide Gamut", "davinci_intermediate", "DaVinci Intermediate",
       "davinci_intermediate_widegamut", "DaVinci Wide Gamut Intermediate"),
    _s("DJI D-Log", "DJI D-Gamut", "dlog", "D-Log D-Gamut", "D-Log", "DJI D-Log D-Gamut"),
    _s("F-Log F-Gamut", "F-Gamut", "flog", "F-Log", "Fujifilm F-Log"),
    _s("F-Log2 F-Gamut", "F-Gamut", "flog2", "F-Log2", "Fujifilm F-Log2"),
    _s("F-Log2 C F-Gamut C", "F-Gamut C", "flog2", "F-Log2 C", "Fujifilm F-Log2 C"),
    _s("L-Log Rec.2020", "Rec.2020", "llog", "L-Log", "Leica L-Log", standard="Leica, L-Log Reference Manual (2022)"),
    _s("Log3G10 REDWideGamutRGB", "REDWideGamutRGB", "log3g10", "RED Log3G10", "Log3G10", "log3g10_rwg",
       "RED Log3G10 REDWideGamutRGB", "RED Log3G10 RWG", "RED IPP2"),
    _s("Log3G12 REDWideGamutRGB", "REDWideGamutRGB", "log3g12", "RED Log3G12", "Log3G12"),
    _s("Mi-Log Rec.2020", "Rec.2020", "milog", "Mi-Log", "Xiaomi Mi-Log", standard="Xiaomi, Mi-Log Profile (2024)"),
    _s("N-Log N-Gamut", "N-Gamut", "nlog", "N-Log", "Nikon N-Log"),
    _s("Protune Native", "Protune Native", "protune", "GoPro Protune", "GoPro Protune Native"),
    *(
        _s(f"REDLogFilm {gamut}", gamut, "redlogfilm", *aliases)
        for gamut, aliases in (
            ("DRAGONcolor", ()), ("DRAGONcolor2", ()), ("REDcolor", ()), ("REDcolor2", ()), ("REDcolor3", ()),
            ("REDcolor4", ()), ("REDWideGamutRGB", ("RED LogFilm RWG", "REDLogFilm RWG")),
        )
    ),
    _s("S-Log S-Gamut", "S-Gamut", "slog", "S-Log", "S-Log1"),
    _s("S-Log2 S-Gamut", "S-Gamut", "slog2", "S-Log2"),
    _s("S-Log3 S-Gamut3", "S-Gamut3", "slog3", "S-Log3", "slog3_sgamut3", "Sony S-Log3 S-Gamut3"),
    _s("S-Log3 S-Gamut3.Cine", "S-Gamut3.Cine", "slog3", "slog3_sgamut3cine", "Sony S-Log3 S-Gamut3.Cine"),
    _s("S-Log3 Venice S-Gamut3", "Venice S-Gamut3", "slog3", "slog3_venice_sgamut3", "S-Log3 S-Gamut3 Venice"),
    _s("S-Log3 Venice S-Gamut3.Cine", "Venice S-Gamut3.Cine", "slog3", "slog3_venice_sgamut3cine",
       "S-Log3 S-Gamut3.Cine Venice"),
    _s("T-Log E-Gamut", "FilmLight E-Gamut", "tlog", "FilmLight T-Log", "T-Log", "FilmLight T-Log E-Gamut"),
    _s("T-Log E-Gamut 2", "FilmLight E-Gamut 2", "tlog", "FilmLight T-Log E-Gamut 2"),
    _s("V-Log V-Gamut", "V-Gamut", "vlog", "V-Log", "Panasonic V-Log", "vlog_vgamut"),
)  # fmt: skip
# ARRI, ALEXA Log C Curve, Usage in VFX (2012): one curve for each exposure index.
_EXPOSURE_INDEXES = (160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600)


def _logc3() -> Iterator[Space]:
    """ARRI LogC3 at every exposure index; 800 is the one meant when none is named."""
    for ei in _EXPOSURE_INDEXES:
        aliases = [f"LogC3 (EI{ei})", f"V3 LogC (EI{ei}) - Wide Gamut", f"ALEXA LogC (EI{ei})"]
        aliases += ["ARRI LogC3", "LogC3", "LogC3 AWG3", "ARRI LogC", "ALEXA LogC"] if ei == 800 else []
        yield _s(f"ARRI LogC3 (EI{ei})", "ARRI Wide Gamut 3", "logc3", *aliases, ei=ei)


#: Every named space; ``spaces["ACEScg"]``, ``spaces()``.
spaces: Catalogue[Space] = Catalogue("space", (*_linear(), *_ACES, *_DISPLAYS, *_logc3(), *_CAMERAS))


def space(value: str | Space | Primaries) -> Space:
    """The space of a name, the record itself, or the linear space of a set of primaries.

    Parameters
    ----------
    value : str, Space or Primaries
        See :data:`spaces`; the name of primaries means their linear space where no space has that name.

    Returns
    -------
    Space
        The record.

    Raises
    ------
    ValueError
        If there is no space of that name.
    TypeError
        If it is something else.

    Examples
    --------
    >>> space("sRGB - Texture").curve, space("lin_srgb").name, space("AP0").name
    ('srgb', 'Linear Rec.709 (sRGB)', 'ACES2065-1')
    """
    if isinstance(value, Space):
        return value
    if isinstance(value, Primaries):
        return Space(f"Linear {value.name or 'primaries'}", value)
    if not isinstance(value, str):
        raise TypeError(f"a space must be a name, a Space or Primaries, got {value!r}")
    if value not in spaces and value in primaries:
        of = primaries[value]
        return next(each for each in spaces.values() if each.is_linear and each.primaries is of)
    return spaces[value]


def primaries_of(value: str | Space | Primaries) -> Primaries:
    """The primaries of a name (theirs or a space's), of a space, or the record itself.

    Raises
    ------
    ValueError
        If there is neither a space nor a set of primaries of that name.

    Examples
    --------
    >>> primaries_of("ACEScct").name
    'ACES AP1'
    """
    if isinstance(value, Primaries):
        return value
    if isinstance(value, str) and value in primaries:
        return primaries[value]
    return space(value).primaries
