"""The gamuts and white points of ``vfx.color`` in chromaticity diagrams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.color import convert, primaries, whites
from vfx.color.white_balance import light_of

__all__ = ["draw"]

Points = NDArray[np.float64]
Projection = Callable[[Points], Points]

DISPLAYS = ("Rec.709", "P3-D65", "Adobe RGB", "Rec.2020", "ProPhoto RGB", "ACES AP1", "ACES AP0")
CAMERAS = (
    "ARRI Wide Gamut 3", "ARRI Wide Gamut 4", "S-Gamut3", "S-Gamut3.Cine", "REDWideGamutRGB", "Cinema Gamut", "V-Gamut",
    "DaVinci Wide Gamut", "Blackmagic Wide Gamut", "DJI D-Gamut", "Apple Wide Gamut", "FilmLight E-Gamut",
)  # fmt: skip
# Where each white's name stands, in points from its dot.
WHITES = {
    "A": (6, 2),
    "D50": (6, 1),
    "ACES": (-9, -10),
    "D65": (-22, -2),
    "D75": (-22, -6),
    "DCI": (-8, 7),
    "E": (6, -5),
}
# CIE 015:2018, the chromaticity coordinates of the CIE 1931 standard observer, every 5 nm from 390 to 700.
LOCUS = (
    (0.1738, 0.0049), (0.1736, 0.0049), (0.1733, 0.0048), (0.1730, 0.0048), (0.1726, 0.0048), (0.1721, 0.0048),
    (0.1714, 0.0051), (0.1703, 0.0058), (0.1689, 0.0069), (0.1669, 0.0086), (0.1644, 0.0109), (0.1611, 0.0138),
    (0.1566, 0.0177), (0.1510, 0.0227), (0.1440, 0.0297), (0.1355, 0.0399), (0.1241, 0.0578), (0.1096, 0.0868),
    (0.0913, 0.1327), (0.0687, 0.2007), (0.0454, 0.2950), (0.0235, 0.4127), (0.0082, 0.5384), (0.0039, 0.6548),
    (0.0139, 0.7502), (0.0389, 0.8120), (0.0743, 0.8338), (0.1142, 0.8262), (0.1547, 0.8059), (0.1929, 0.7816),
    (0.2296, 0.7543), (0.2658, 0.7243), (0.3016, 0.6923), (0.3374, 0.6588), (0.3731, 0.6245), (0.4087, 0.5896),
    (0.4441, 0.5547), (0.4788, 0.5202), (0.5125, 0.4866), (0.5448, 0.4544), (0.5752, 0.4242), (0.6029, 0.3965),
    (0.6270, 0.3725), (0.6482, 0.3514), (0.6658, 0.3340), (0.6801, 0.3197), (0.6915, 0.3083), (0.7006, 0.2993),
    (0.7079, 0.2920), (0.7140, 0.2859), (0.7190, 0.2809), (0.7230, 0.2769), (0.7260, 0.2740), (0.7283, 0.2717),
    (0.7300, 0.2700), (0.7311, 0.2689), (0.7320, 0.2680), (0.7327, 0.2673), (0.7334, 0.2666), (0.7340, 0.2660),
    (0.7344, 0.2656), (0.7346, 0.2654), (0.7347, 0.2653),
)  # fmt: skip
LABELLED = (460, 470, 480, 490, 500, 510, 520, 530, 540, 560, 580, 600, 620, 700)


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``gamuts_displays.svg``, ``gamuts_cameras.svg`` and ``gamuts_uv.svg``."""
    diagram(folder / "gamuts_displays.svg", DISPLAYS, as_is, ("x", "y"), (-0.05, 0.8, -0.1, 1.02))
    diagram(folder / "gamuts_cameras.svg", CAMERAS, as_is, ("x", "y"), (-0.05, 0.85, -0.15, 1.05))
    diagram(folder / "gamuts_uv.svg", DISPLAYS, to_uv, ("u′", "v′"), (-0.02, 0.65, -0.02, 0.62))


def as_is(xy: Points) -> Points:
    """CIE 1931 x and y."""
    return xy


def to_uv(xy: Points) -> Points:
    """CIE 1976 u′ and v′ (CIE 015:2018)."""
    x, y = xy[..., 0], xy[..., 1]
    k = -2.0 * x + 12.0 * y + 3.0
    return np.stack([4.0 * x / k, 9.0 * y / k], axis=-1)


def spectrum(wavelength: float) -> Points:
    """CIE 1931 x and y of a pure wavelength in nm, 390 to 700."""
    nanometres = np.linspace(390.0, 700.0, len(LOCUS))
    return np.array([np.interp(wavelength, nanometres, column) for column in np.array(LOCUS).T])


def tinted(axes: Any, edge: Points, project: Projection) -> None:
    """A pale hint of the colours, inside the spectral locus."""
    from matplotlib.patches import Polygon

    x, y = np.meshgrid(np.linspace(0.0, 0.75, 160), np.linspace(0.003, 0.85, 180))
    xyz = np.stack([x / y, np.ones_like(x), (1.0 - x - y) / y], axis=-1)
    rgb = np.clip(convert(xyz, "CIE XYZ-D65", "Linear Rec.709"), 0.0, None)
    rgb = convert(rgb / rgb.max(axis=-1, keepdims=True), "Linear Rec.709", "sRGB")
    corners = project(np.stack([x, y], axis=-1))
    shade = axes.pcolormesh(corners[..., 0], corners[..., 1], 1.0 - 0.4 * (1.0 - rgb), shading="gouraud", zorder=0)
    shade.set_rasterized(True)
    shade.set_clip_path(Polygon(edge, transform=axes.transData))


def diagram(path: Path, names: Sequence[str], project: Projection, labels: Sequence[str], box: Sequence[float]) -> None:
    """One diagram: the spectral locus, the light of the white balance, the gamuts and the whites."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 6.4))
    edge = project(np.array(LOCUS))
    tinted(axes, edge, project)
    axes.plot(*np.vstack([edge, edge[:1]]).T, color="#808080", linewidth=1.0)
    for nm in LABELLED:
        at, outwards = project(np.array([spectrum(nm - 2.0), spectrum(nm), spectrum(nm + 2.0)])), 11.0
        along = at[2] - at[0]
        normal = np.array([-along[1], along[0]]) / np.hypot(*along) * outwards
        axes.annotate(str(nm), at[1], normal, textcoords="offset points", color="#808080", fontsize=7, ha="center",
                      va="center")  # fmt: skip
    lights = np.array([light_of(1e6 / mired).xy for mired in np.linspace(1e6 / 25000, 1e6 / 1667, 200)])
    axes.plot(*project(lights).T, color="#404040", linewidth=0.8, linestyle=":", label="white balance")
    styles = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    for index, name in enumerate(names):
        gamut = primaries[name]
        corners = project(np.array([gamut.red, gamut.green, gamut.blue, gamut.red]))
        line = "-" if index < len(styles) else "--"
        axes.plot(*corners.T, color=styles[index % len(styles)], linestyle=line, linewidth=1.3, label=name)
    for name, offset in WHITES.items():
        at = project(np.array(whites[name].xy))
        axes.plot(*at, "o", color="black", markersize=2.5)
        axes.annotate(name, at, offset, textcoords="offset points", fontsize=7)
    axes.set(xlabel=labels[0], ylabel=labels[1], xlim=box[:2], ylim=box[2:], aspect="equal")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
