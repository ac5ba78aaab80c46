"""Chromatic adaptation: what a colour seen under one white looks like under another.

All methods are von Kries's idea in different cone spaces: XYZ goes through a 3x3 matrix, each channel is scaled by
the ratio of the two whites, and goes back::

    XYZ2 = M⁻¹ · diag(M W2 / M W1) · M · XYZ1

===============  ==================================================================
``bradford``     Lam 1985; ICC.1:2022, Annex E; OpenColorIO's and most ACES matrices
``cat02``        CIE 159:2004 (CIECAM02); the matrices of ARRI, Sony, RED into ACES
``cat16``        Li et al. 2017 (CAM16); CIE 248:2022
``von_kries``    Hunt-Pointer-Estevez cones, normalised to D65
``xyz_scaling``  the ratio of the whites' XYZ; what ICC calls the wrong von Kries
``none``         nothing: XYZ stays, so white does not stay white
===============  ==================================================================
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.color.whites import Chromaticity, White, white

__all__ = ["METHODS", "adaptation_matrix"]

Matrix3 = npt.NDArray[np.float64]

#: Method → its cone matrix, row by row, as printed.
METHODS: dict[str, tuple[tuple[float, float, float], ...]] = {
    # Lam, Metamerism and Colour Constancy (1985); ICC.1:2022, Annex E.
    "bradford": ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)),
    # CIE 159:2004 (CIECAM02).
    "cat02": ((0.7328, 0.4296, -0.1624), (-0.7036, 1.6975, 0.0061), (0.0030, 0.0136, 0.9834)),
    # Li et al., Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS, Color Res. Appl. 42 (2017).
    "cat16": ((0.401288, 0.650173, -0.051461), (-0.250268, 1.204414, 0.045854), (-0.002079, 0.048952, 0.953127)),
    # Hunt, The Reproduction of Colour, 6th edition (2004): Hunt-Pointer-Estevez, normalised to D65.
    "von_kries": ((0.40024, 0.70760, -0.08081), (-0.22630, 1.16532, 0.04570), (0.0, 0.0, 0.91822)),
    "xyz_scaling": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "none": (),
}


def adaptation_matrix(
    src: str | White | Chromaticity, dst: str | White | Chromaticity, adaptation: str = "bradford"
) -> Matrix3:
    """The 3x3 matrix that takes CIE XYZ under the white ``src`` to XYZ under ``dst``, float64.

    Parameters
    ----------
    src, dst : str, White or two floats
        White points; see ``vfx.color.whites``.
    adaptation : {"bradford", "cat02", "cat16", "von_kries", "xyz_scaling", "none"}, optional
        The method.

    Returns
    -------
    numpy.ndarray, (3, 3) float64
        The unit matrix where the whites are equal, or the method is ``"none"``.

    Raises
    ------
    ValueError
        If there is no such white or method.

    Examples
    --------
    >>> adaptation_matrix("D50", "D65").round(4).tolist()[0]
    [0.9555, -0.0231, 0.0633]
    """
    first, second = white(src), white(dst)
    cones = METHODS[checks.one_of("adaptation", adaptation, METHODS)]
    if not cones or first == second:
        return np.eye(3)
    matrix = np.array(cones)
    ratio = (matrix @ second.to_xyz()) / (matrix @ first.to_xyz())
    return np.asarray(np.linalg.solve(matrix, ratio[:, np.newaxis] * matrix), dtype=np.float64)
