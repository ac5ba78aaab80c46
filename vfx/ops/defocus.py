"""The blur of lenses and of movement: discs, irises, lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.checks import integer, number
from vfx.ops._pictures import as_image, edge_code
from vfx.ops.convolve import apply_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["defocus", "directional_blur"]

#: The largest radius and half length in pixels: kernels stay below 8191 on a side.
MOST_RADIUS = 2000.0
#: Each row of pixels is cut into so many lines, on which a shape's ends are exact.
LINES = 64

#: Heights → where a shape begins and ends there; the end lies before the beginning where it is not.
Span = Callable[["NDArray[np.float64]"], "tuple[NDArray[np.float64], NDArray[np.float64]]"]


def defocus(
    img: Image | NDArray[Any],
    radius: float = 8.0,
    *,
    blades: int = 0,
    rotation: float = 0.0,
    aspect: float = 1.0,
    edge: str = "clamp",
) -> Image:
    """New: ``img`` through a lens out of focus: every point becomes an evenly lit picture of the iris.

    Best in linear light, where highlights keep their strength and bloom into discs.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    radius : float, optional
        From the iris's centre to its rim, or to its corners, in pixels: 0 to 2000; an iris within one pixel
        changes nothing.
    blades : int, optional
        0: a disc; 3 to 64: a regular polygon of so many sides.
    rotation : float, optional
        Of the polygon, in degrees counter-clockwise; at 0 a corner points up.
    aspect : float, optional
        Width of the iris's picture over its height, 1/8 to 8; ``radius`` is its height's. An anamorphic lens of
        squeeze 2 gives 0.5.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.zeros((3, 3), np.float32)
    >>> dot[1, 1] = 1.0
    >>> defocus(dot, 1.0).numpy().astype(float).round(2).tolist()
    [[0.03, 0.15, 0.03], [0.15, 0.32, 0.15], [0.03, 0.15, 0.03]]
    """
    img = as_image(img)
    code = edge_code(edge)
    reach = number("radius", radius, low=0.0, high=MOST_RADIUS)
    sides = integer("blades", blades, low=0, high=64)
    if sides in (1, 2):
        raise ValueError(f"blades must be 0 for a disc, or 3 to 64, got {sides}")
    turn = math.radians(number("rotation", rotation))
    stretch = number("aspect", aspect, low=0.125, high=8.0)
    if reach * max(1.0, stretch) < 0.5:  # within one pixel
        return img.copy()
    span = _polygon(_corners(sides, reach, turn)) if sides else _disc(reach)
    iris = _coverage(span, reach * stretch, reach, stretch)
    return apply_kernel(img, iris[::-1, ::-1], edge=code)  # what weighs the pixel below is what it sends up


def directional_blur(
    img: Image | NDArray[Any], angle: float = 0.0, length: float = 20.0, *, edge: str = "clamp"
) -> Image:
    """New: ``img`` smeared evenly along a line one pixel wide, centred on each pixel.

    Parameters
    ----------
    img : Image or numpy.ndarray, (H, W) or (H, W, C)
        The picture.
    angle : float, optional
        Of the line, in degrees counter-clockwise; 0 is horizontal.
    length : float, optional
        Of the line in pixels: 0 to 4000; 1 or less changes nothing.
    edge : {"clamp", "black", "mirror", "wrap"}, optional
        What lies outside the data window.

    Returns
    -------
    Image
        Of the same format and windows.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or the edge is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> directional_blur(np.array([[0.0, 3.0, 0.0, 0.0]], np.float32), 0.0, 3.0).numpy().tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    img = as_image(img)
    code = edge_code(edge)
    turn = math.radians(number("angle", angle) % 180.0)
    reach = number("length", length, low=0.0, high=2.0 * MOST_RADIUS)
    if reach <= 1.0:
        return img.copy()
    along = np.array([math.cos(turn), -math.sin(turn)]) * (reach / 2.0)  # y points down
    aside = np.array([math.sin(turn), math.cos(turn)]) / 2.0
    corners = np.array([along + aside, along - aside, -along - aside, -along + aside])
    far = np.abs(corners).max(axis=0)
    return apply_kernel(img, _coverage(_polygon(corners), float(far[0]), float(far[1])), edge=code)


def _disc(radius: float) -> Span:
    """A disc around the origin."""

    def span(y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        half = np.sqrt(np.maximum(radius * radius - y * y, 0.0))
        return -half, np.where(np.abs(y) <= radius, half, -radius)

    return span


def _corners(sides: int, radius: float, turn: float) -> NDArray[np.float64]:
    """A regular polygon's corners (x, y), y down, the first one straight up before it is turned."""
    angles = turn + np.pi / 2.0 + 2.0 * np.pi * np.arange(sides) / sides
    return np.stack([radius * np.cos(angles), -radius * np.sin(angles)], axis=1)


def _polygon(corners: NDArray[np.float64]) -> Span:
    """A convex polygon, corners (x, y) in order."""

    def span(y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        low, high = np.full_like(y, np.inf), np.full_like(y, -np.inf)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            crossed = (y >= min(y0, y1)) & (y <= max(y0, y1))
            x = x0 + (y - y0) * ((x1 - x0) / (y1 - y0))
            low, high = np.where(crossed, np.minimum(low, x), low), np.where(crossed, np.maximum(high, x), high)
        return low, high

    return span


def _coverage(span: Span, reach_x: float, reach_y: float, stretch: float = 1.0) -> NDArray[np.float64]:
    """The share of each pixel that a shape around the middle one's centre covers, divided by their sum."""
    rows, columns = math.ceil(reach_y - 0.5), math.ceil(reach_x - 0.5)
    lines = (np.arange(LINES) + 0.5) / LINES - 0.5
    low, high = span((np.arange(-rows, rows + 1)[:, None] + lines).ravel())
    edges = np.arange(-columns, columns + 2) - 0.5
    covered = np.zeros((2 * rows + 1, 2 * columns + 1))
    for line in range(LINES):  # one line of every row at a time: few megabytes for any size
        begin, end = (ends[line::LINES, None] * stretch for ends in (low, high))
        covered += np.maximum(np.minimum(end, edges[1:]) - np.maximum(begin, edges[:-1]), 0.0)
    covered[covered < 1e-9 * covered.max()] = 0.0
    return np.asarray(covered / covered.sum())
