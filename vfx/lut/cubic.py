"""Cubic interpolation that neither overshoots nor rings: slopes at points, and the curve through them.

The slope at a point is that of the parabola through it and its neighbours (on even points Catmull and Rom's,
1974: half the rise from one neighbour to the other), limited so that the curve is monotone where the points are:
0 where they turn, and at most three times the flatter of the two lines beside it (Fritsch and Carlson, "Monotone
Piecewise Cubic Interpolation", SIAM J. Numer. Anal. 17(2), 1980, section 3, the square of de Boor and Swartz).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["chord_slopes", "limited_slopes", "segments"]

Values = NDArray[np.float64]


def limited_slopes(x: Values, y: Values) -> Values:
    """The slope of the curve at each point.

    Parameters
    ----------
    x, y : numpy.ndarray, (K,)
        Two or more points, x rising.

    Examples
    --------
    >>> limited_slopes(np.arange(4.0), np.array([0.0, 1.0, 2.0, 2.0])).tolist()
    [1.0, 1.0, 0.0, 0.0]
    """
    width = np.diff(x)
    line = np.diff(y) / width
    slope = np.empty_like(y)
    if len(y) == 2:
        slope[:] = line[0]
        return slope
    left, right = width[:-1], width[1:]
    slope[1:-1] = (line[:-1] * right + line[1:] * left) / (left + right)
    # The ends take the parabola of the first, and of the last, three points.
    slope[0] = line[0] + (line[0] - slope[1])
    slope[-1] = line[-1] + (line[-1] - slope[-2])
    below, above = np.append(line[0], line), np.append(line, line[-1])
    bound = 3.0 * np.minimum(np.abs(below), np.abs(above))
    limited: Values = np.where(below * above > 0, np.clip(slope, -bound, bound), 0.0)
    return np.where(limited * below > 0, limited, 0.0)


def chord_slopes(x: Values, y: Values) -> Values:
    """The slope at each point of the line between its neighbours; the first and the last segment are parabolas.

    So cineSpace's preluts are read: Catmull and Rom's spline on uneven points. It may overshoot.

    Examples
    --------
    >>> chord_slopes(np.array([0.0, 1.0, 4.0]), np.array([0.0, 1.0, 2.0])).round(3).tolist()
    [1.5, 0.5, 0.167]
    """
    line = np.diff(y) / np.diff(x)
    if len(y) == 2:
        return np.repeat(line, 2)
    inside = (y[2:] - y[:-2]) / (x[2:] - x[:-2])
    return np.concatenate([[2 * line[0] - inside[0]], inside, [2 * line[-1] - inside[-1]]])


def segments(at: Values, x: Values, y: Values, *, slope: Values) -> Values:
    """The curve through the points, with these slopes there, at any inputs; beyond the ends it keeps the end's value.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0])
    >>> segments(np.array([-1.0, 0.5, 9.0]), x, x, slope=limited_slopes(x, x)).tolist()
    [0.0, 0.5, 2.0]
    """
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    width = x[k + 1] - x[k]
    t = np.clip((at - x[k]) / width, 0.0, 1.0)
    rise, first, second = y[k + 1] - y[k], slope[k] * width, slope[k + 1] * width
    value: Values = y[k] + t * (first + t * (3 * rise - 2 * first - second + t * (first + second - 2 * rise)))
    return value
