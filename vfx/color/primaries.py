"""RGB primaries and their white: the gamuts of cameras, displays and working spaces.

``primaries["ACES AP1"]`` is a :class:`Primaries`; names are matched without regard to case, spaces and punctuation.
``primaries()`` lists them. Chromaticities are written as the cited document prints them, and the matrix to CIE XYZ is
always computed from them (SMPTE RP 177:1993) in float64; where the document prints a matrix as well, that one agrees
to its own digits and is not used::

    ACES2065-1  ten digits     sRGB, DJI  four     ARRI Wide Gamut 3, V-Gamut, REDWideGamutRGB  six
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vfx.color._catalogue import Catalogue
from vfx.color.whites import Chromaticity, White, chromaticity, white, whites

__all__ = ["Primaries", "XyzAxes", "primaries"]

Matrix3 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Primaries:
    """The chromaticities of red, green, blue and white that make R, G, B a colour.

    Parameters
    ----------
    red, green, blue : two floats
        CIE 1931 x and y; they do not lie on one line.
    white : str, White or two floats
        The white that R = G = B = 1 stands for.
    name : str, optional
        The name they are looked up by.
    standard : str, optional
        The document that prints them.
    aliases : tuple of str, optional
        Other names.

    Raises
    ------
    ValueError
        If the primaries span no triangle, or white needs a primary of no light.

    Examples
    --------
    >>> mine = Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), "D65")
    >>> mine == primaries["Rec.709"]
    True
    """

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: White
    name: str = field(default="", compare=False)
    standard: str = field(default="", compare=False)
    aliases: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check that they make a matrix with an inverse."""
        for each in ("red", "green", "blue"):
            object.__setattr__(self, each, chromaticity(each, getattr(self, each)))
        object.__setattr__(self, "white", white(self.white))
        # Twice the areas of the triangles of the corners and of white with two of them; in plain Python, because this
        # runs for every row of the table when the module is imported.
        corners = ((self.red, self.green, self.blue), (self.white.xy, self.green, self.blue),
                   (self.red, self.white.xy, self.blue), (self.red, self.green, self.white.xy))  # fmt: skip
        if any(abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) < 1e-6 for a, b, c in corners):
            given = f"red {self.red}, green {self.green}, blue {self.blue}, white {self.white.xy}"
            raise ValueError(f"primaries must span a triangle, with white off its sides' lines, got {given}")

    def _columns(self) -> Matrix3:
        """The primaries as columns of x, y, z."""
        xy = np.array([self.red, self.green, self.blue])
        return np.vstack([xy.T, 1.0 - xy.sum(axis=1)])

    def to_xyz(self) -> Matrix3:
        """The 3x3 matrix from linear R, G, B to CIE XYZ with Y = 1 for white (SMPTE RP 177:1993, 3.3)."""
        columns = self._columns()
        scale = np.linalg.solve(columns, self.white.to_xyz())
        return np.asarray(columns * scale, dtype=np.float64)

    def from_xyz(self) -> Matrix3:
        """The 3x3 matrix from CIE XYZ, relative to the white, to linear R, G, B."""
        return np.asarray(np.linalg.inv(self.to_xyz()), dtype=np.float64)


@dataclass(frozen=True)
class XyzAxes(Primaries):
    """CIE XYZ itself, read relative to a white: the three channels are X, Y and Z."""

    def to_xyz(self) -> Matrix3:
        """The unit matrix."""
        return np.eye(3)


def _p(name: str, standard: str, white_name: str, rgb: tuple[Any, Any, Any], *aliases: str) -> Primaries:
    """One row of the table."""
    return Primaries(*rgb, whites[white_name], name, standard, aliases)


def _xyz(white_name: str, *aliases: str) -> Primaries:
    """CIE XYZ relative to one white."""
    axes = ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
    return XyzAxes(*axes, whites[white_name], f"XYZ {white_name}", "CIE 015:2018", aliases)


_709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_SMPTE_C = ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_EBU = ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060))
_S_GAMUT = ((0.730, 0.280), (0.140, 0.855), (0.100, -0.050))
_NTSC = ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08))

# RED published these older spaces as matrices; GoPro and Sony (VENICE) as matrices to ACES2065-1. The primaries are
# those of colour-science 0.4, which solved them out of the matrices: fifteen digits that mean about six.
_RED = "RED, solved from the matrices of REDCINE-X PRO"
_GOPRO = "GoPro, Protune Native (2016), solved from its matrix to ACES2065-1"
_VENICE = "Sony, VENICE ACES input transform (2020), solved from its matrix to ACES2065-1"

_ACES = (
    _p("ACES AP0", "SMPTE ST 2065-1:2012", "ACES", ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.0770)), "AP0"),
    _p("ACES AP1", "Academy S-2014-004 (ACEScg)", "ACES", ((0.713, 0.293), (0.165, 0.830), (0.128, 0.044)), "AP1"),
)
_DISPLAYS = (
    _p("Rec.709", "ITU-R BT.709-6, 1.3", "D65", _709, "BT.709", "ITU-R BT.709", "sRGB"),
    _p("Rec.2020", "ITU-R BT.2020-2, Table 3", "D65", _2020, "BT.2020", "ITU-R BT.2020", "BT.2100", "Rec.2100"),
    _p("P3-D65", "SMPTE EG 432-1:2010 (primaries), D65", "D65", _P3, "Display P3"),
    _p("P3-DCI", "SMPTE RP 431-2:2011", "DCI", _P3, "DCI-P3"),
    _p("P3-D60", "SMPTE EG 432-1:2010 (primaries), ACES white", "ACES", _P3, "P3-ACES"),
    _p("Rec.601 525", "ITU-R BT.601-7 (525 lines)", "D65", _SMPTE_C, "SMPTE-C", "SMPTE 170M", "SMPTE 240M"),
    _p("Rec.601 625", "ITU-R BT.601-7 (625 lines)", "D65", _EBU, "EBU", "EBU Tech. 3213-E", "PAL"),
    _p("NTSC 1953", "ITU-R BT.470-6 (FCC, 1953)", "C", _NTSC, "BT.470 525", "FCC"),
    _p("Adobe RGB", "Adobe RGB (1998) Color Image Encoding, 2005-05", "D65",
       ((0.6400, 0.3300), (0.2100, 0.7100), (0.1500, 0.0600)), "Adobe RGB (1998)"),
    _p("Adobe Wide Gamut RGB", "Adobe Wide Gamut RGB, ICC profile", "D50",
       ((0.7347, 0.2653), (0.1152, 0.8264), (0.1566, 0.0177)), "Wide Gamut RGB"),
    _p("ProPhoto RGB", "ANSI/I3A IT10.7666:2003 (ROMM RGB)", "D50",
       ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), "ROMM RGB", "ProPhoto", "ROMM", "RIMM RGB"),
    _p("CIE RGB", "CIE 1931, primaries at 700, 546.1 and 435.8 nm", "E",
       ((0.734742840005998, 0.265257159994002), (0.273779033824958, 0.717477700256116),
        (0.166555629580280, 0.008910726182545))),
    _p("Sharp RGB", "Süsstrunk, Holm, Finlayson, Chromatic Adaptation Performance of Different RGB Sensors (2001)", "E",
       ((0.6898, 0.3206), (0.0736, 0.9003), (0.1166, 0.0374)), "Sharp"),
)  # fmt: skip
_CAMERAS = (
    _p("Apple Wide Gamut", "Apple, Apple Log 2 Profile White Paper (2025)", "D65",
       ((0.725, 0.301), (0.221, 0.814), (0.068, -0.076)), "AppleWG"),
    _p("ARRI Wide Gamut 3", "ARRI, ALEXA Wide Gamut RGB (2012)", "D65",
       ((0.6840, 0.3130), (0.2210, 0.8480), (0.0861, -0.1020)), "AWG3", "ALEXA Wide Gamut", "AWG"),
    _p("ARRI Wide Gamut 4", "ARRI LogC4 Logarithmic Color Space, Specification (2022)", "D65",
       ((0.7347, 0.2653), (0.1424, 0.8576), (0.0991, -0.0308)), "AWG4"),
    _p("Blackmagic Wide Gamut", "Blackmagic Design, Generation 5 Color Science (2021)", "Blackmagic",
       ((0.7177215, 0.3171181), (0.2280410, 0.8615690), (0.1005841, -0.0820452)), "BWG", "Blackmagic Wide Gamut Gen 5"),
    _p("Cinema Gamut", "Canon, EOS C500 Mark II and C300 Mark III, Log and Gamut White Paper (2018)", "D65",
       ((0.74, 0.27), (0.17, 1.14), (0.08, -0.10)), "Canon Cinema Gamut", "C-Gamut", "Canon C-Gamut"),
    _p("DaVinci Wide Gamut", "Blackmagic Design, DaVinci Resolve 17 Wide Gamut Intermediate (2021)", "D65",
       ((0.8000, 0.3130), (0.1682, 0.9877), (0.0790, -0.1155)), "DWG", "DaVinci WG"),
    _p("DJI D-Gamut", "DJI, White Paper on D-Log and D-Gamut (2017)", "D65",
       ((0.71, 0.31), (0.21, 0.88), (0.09, -0.08)), "D-Gamut"),
    _p("DRAGONcolor", _RED, "D65",
       ((0.758655892599321, 0.330355348611293), (0.294923619810175, 0.708053242065117),
        (0.085961601167585, -0.045879436983969)), "DRAGONcolor1"),
    _p("DRAGONcolor2", _RED, "D65",
       ((0.758656214177604, 0.330355835762678), (0.294923887732982, 0.708053363192126),
        (0.144168726866337, 0.050357384587121))),
    _p("F-Gamut", "Fujifilm, F-Log Data Sheet 1.0 (2016; the primaries of BT.2020)", "D65", _2020, "Fujifilm F-Gamut"),
    _p("F-Gamut C", "Fujifilm, F-Log2 C Data Sheet 1.0 (2024)", "D65",
       ((0.7347, 0.2653), (0.0263, 0.9737), (0.1173, -0.0224)), "Fujifilm F-Gamut C"),
    _p("FilmLight E-Gamut", "FilmLight, T-Log and E-Gamut (Baselight, 2018)", "D65",
       ((0.8000, 0.3177), (0.1800, 0.9000), (0.0650, -0.0805)), "E-Gamut"),
    _p("FilmLight E-Gamut 2", "FilmLight, E-Gamut 2 (Baselight 6)", "D65",
       ((0.8300, 0.3100), (0.1500, 0.9500), (0.0650, -0.0805)), "E-Gamut 2"),
    _p("N-Gamut", "Nikon, N-Log Specification Document 1.0.0 (2018; the primaries of BT.2020)", "D65", _2020),
    _p("Protune Native", _GOPRO, "D65",
       ((0.698480461493841, 0.193026445370121), (0.329555378387345, 1.024596624134644),
        (0.108442631407675, -0.034678569754016)), "GoPro Protune Native"),
    _p("REDcolor", _RED, "D65",
       ((0.701058563171395, 0.330180975940326), (0.298811317306316, 0.625169245953133),
        (0.135038675201355, 0.035261776551191)), "REDcolor1"),
    _p("REDcolor2", _RED, "D65",
       ((0.897407221929776, 0.330776225980398), (0.296022094516625, 0.684635550900945),
        (0.099799512883393, -0.023000513177992))),
    _p("REDcolor3", _RED, "D65",
       ((0.702598658589917, 0.330185588938484), (0.295782235737268, 0.689748258397534),
        (0.111090529079787, -0.004332320984771))),
    _p("REDcolor4", _RED, "D65",
       ((0.702598154635438, 0.330185096210515), (0.295782328047083, 0.689748253964859),
        (0.144459236489795, 0.050837720977386))),
    _p("REDWideGamutRGB", "RED, White Paper on REDWideGamutRGB and Log3G10 (915-0187, 2017)", "D65",
       ((0.780308, 0.304253), (0.121595, 1.493994), (0.095612, -0.084589)), "RED Wide Gamut RGB",
       "RED Wide Gamut", "RWG"),
    _p("S-Gamut", "Sony, S-Gamut / S-Log2 (2011); the primaries of S-Gamut3", "D65", _S_GAMUT, "Sony S-Gamut"),
    _p("S-Gamut3", "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3 (2014)", "D65",
       _S_GAMUT, "Sony S-Gamut3"),
    _p("S-Gamut3.Cine", "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3 (2014)", "D65",
       ((0.766, 0.275), (0.225, 0.800), (0.089, -0.087)), "Sony S-Gamut3.Cine"),
    _p("V-Gamut", "Panasonic, VARICAM V-Log/V-Gamut (2014)", "D65",
       ((0.730, 0.280), (0.165, 0.840), (0.100, -0.030)), "Panasonic V-Gamut"),
    _p("Venice S-Gamut3", _VENICE, "D65",
       ((0.740464264304292, 0.279364374750660), (0.089241145423286, 0.893809528608105),
        (0.110488236673827, -0.052579333080476)), "Sony S-Gamut3 Venice"),
    _p("Venice S-Gamut3.Cine", _VENICE, "D65",
       ((0.775901871567345, 0.274502392854799), (0.188682902773355, 0.828684937020288),
        (0.101337382499301, -0.089187517306263)), "Sony S-Gamut3.Cine Venice"),
)  # fmt: skip
_CIE = (_xyz("E", "XYZ", "CIE XYZ"), _xyz("D65", "CIE XYZ-D65"), _xyz("D50", "PCS"), _xyz("ACES", "XYZ D60"))

#: Every set of primaries; ``primaries["ACES AP1"]``, ``primaries()``.
primaries: Catalogue[Primaries] = Catalogue("primaries", (*_ACES, *_DISPLAYS, *_CAMERAS, *_CIE))
