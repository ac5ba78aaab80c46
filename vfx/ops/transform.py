"""Pictures moved by matrices: transform, rotate, corner pin.

A matrix leads from the source to the result, in pixel coordinates of the windows, y down: pixel (x, y) covers
[x, x + 1) × [y, y + 1), its middle is at (x + ½, y + ½). OpenCV's matrices, which put pixel (0, 0) at the origin,
become such by ``T(½, ½) @ matrix @ T(-½, -½)``.

Every pixel of the result is a mean of source samples around the position it comes from, with weights of the filter
that are divided by their sum. Where the picture shrinks, the filter is widened along the direction that shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vfx import checks
from vfx.image import Image
from vfx.ops._pictures import as_image
from vfx.ops._warp import DEFAULT_FILTER, run_warp, window_around, window_corners
from vfx.pixelformat import Box, box

__all__ = ["affine_matrix", "corner_pin", "pin_matrix", "rotate", "transform"]

Floats = NDArray[np.float64]

#: A matrix times its inverse must be the identity to this; else float64 has no inverse of it.
_UNIT_ERROR = 1e-6
_MOST_MOMENTS = 4096


def affine_matrix(
    *,
    translate: Sequence[float] = (0.0, 0.0),
    rotate: float = 0.0,
    scale: float | Sequence[float] = 1.0,
    skew: float = 0.0,
    center: Sequence[float] = (0.0, 0.0),
) -> Floats:
    """A 3×3 matrix that scales, skews, rotates about a point, and then moves.

    ``T(translate) T(center) R(rotate) K(skew) S(scale) T(-center)`` for points as columns.

    Parameters
    ----------
    translate : (x, y), optional
        Pixels, y down.
    rotate : float, optional
        Degrees, counter-clockwise as seen.
    scale : float or (x, y), optional
        Factors; negative ones mirror.
    skew : float, optional
        Pixels that x grows by for each pixel up.
    center : (x, y), optional
        The point that scale, skew and rotation leave alone, in pixel coordinates.

    Raises
    ------
    TypeError, ValueError
        If something is not a finite number, or there are not two where there should be.

    Examples
    --------
    >>> affine_matrix(translate=(3, 0), scale=2).tolist()
    [[2.0, 0.0, 3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]
    """
    tx, ty = _pair("translate", translate)
    cx, cy = _pair("center", center)
    sx, sy = _pair("scale", (scale, scale) if np.ndim(scale) == 0 else scale)
    cos, sin = _direction(checks.number("rotate", rotate))
    k = checks.number("skew", skew)
    turn = np.array([[cos, sin], [-sin, cos]]) @ np.array([[1.0, -k], [0.0, 1.0]]) @ np.diag([sx, sy])
    out = np.eye(3)
    out[:2, :2] = turn
    out[:2, 2] = np.array([cx + tx, cy + ty]) - turn @ np.array([cx, cy])
    return out


def pin_matrix(to: ArrayLike, from_: ArrayLike) -> Floats:
    """The 3×3 matrix that leads four points to four others, with straight lines kept straight.

    Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, § 2.2.3.

    Parameters
    ----------
    to, from_ : array_like, (4, 2)
        Points (x, y) in the same order.

    Raises
    ------
    ValueError
        If they are not four points each, or three of them lie on a line.

    Examples
    --------
    >>> square = [(0, 0), (1, 0), (1, 1), (0, 1)]
    >>> pin_matrix([(0, 0), (4, 0), (4, 2), (0, 2)], square).round(9).tolist()
    [[4.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]
    """
    target, source = _four_points("to", to), _four_points("from_", from_)
    made = _from_square(target) @ np.linalg.inv(_from_square(source))
    made = _before_camera(made / np.abs(made).max(), source.mean(axis=0))
    return made / made[2, 2] if made[2, 2] > 1e-12 else made


def transform(
    img: Image | NDArray[Any],
    matrix: ArrayLike,
    *,
    filter: str = DEFAULT_FILTER,
    edge: str = "black",
    expand: bool = False,
    window: Sequence[int] | None = None,
) -> Image:
    """A new image moved by a matrix, or by several at once for motion blur.

    Parameters
    ----------
    img : Image or array
        Any format; every channel alike, colour premultiplied.
    matrix : array_like, (3, 3) or (N, 3, 3)
        From the source's pixel coordinates to the result's; pixel middles are at ½. Of N matrices, moments of the
        shutter, the result is the mean of what each gives.
    filter : str, optional
        See :mod:`vfx.ops.filters`; widened where the picture shrinks.
    edge : {"black", "clamp", "mirror", "wrap"}, optional
        What stands outside the data window.
    expand : bool, optional
        True: the data window becomes the smallest that holds the picture's moved corners. Otherwise it stays.
    window : (x0, y0, x1, y1), optional
        The result's data window, instead.

    Raises
    ------
    TypeError, ValueError
        If the matrix has no inverse, or an argument is not allowed.

    Notes
    -----
    Points behind the horizon of a perspective matrix are black with every edge. A pixel looks at no more than 256
    samples to each side: beyond that, a picture that shrinks by more (lanczos3: 60, catmull-rom: 90) is sampled there
    only.

    Examples
    --------
    >>> import numpy as np
    >>> plate = np.zeros((4, 4, 3), np.float32)
    >>> plate[1, 1] = 1.0
    >>> moved = transform(plate, affine_matrix(translate=(2, 1)))
    >>> moved.numpy()[2, 3].tolist()
    [1.0, 1.0, 1.0]
    """
    img = as_image(img)
    matrices = _matrices(matrix)
    if expand:
        if window is not None:
            raise ValueError("expand finds the window by itself; give one of expand and window")
        window = _moved_window(img.data_window, matrices, "matrix")
    return _move(img, matrices, window=window, filter=filter, edge=edge)


def rotate(
    img: Image | NDArray[Any],
    angle: float,
    *,
    center: Sequence[float] | None = None,
    expand: bool = False,
    filter: str = DEFAULT_FILTER,
    edge: str = "black",
) -> Image:
    """A new image rotated counter-clockwise.

    Parameters
    ----------
    img : Image or array
        Any format.
    angle : float
        Degrees; positive is counter-clockwise as seen. Multiples of 90 are exact.
    center : (x, y), optional
        The point that stays, in pixel coordinates; the display window's middle by default.
    expand : bool, optional
        True: both windows become the smallest that hold their rotated corners; the result of a quarter turn lies on
        whole pixels, half a pixel away where width and height are not both even or both odd. Otherwise the windows
        stay, and what leaves the data window is lost.
    filter : str, optional
        See :mod:`vfx.ops.filters`.
    edge : {"black", "clamp", "mirror", "wrap"}, optional
        What stands outside the data window.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> rotate(np.zeros((2, 4, 3), np.float32), 90, expand=True).shape
    (4, 2, 3)
    """
    img = as_image(img)
    angle = checks.number("angle", angle)
    middle = window_corners(img.display_window).mean(axis=0) if center is None else _pair("center", center)
    # A quarter turn about the middle puts pixels between pixels where one side is even and the other odd.
    odd = expand and center is None and angle % 180.0 == 90.0 and sum(img.display_window) % 2
    move = (0.5, 0.5) if odd else (0.0, 0.0)
    matrices = affine_matrix(rotate=angle, translate=move, center=(middle[0], middle[1]))[np.newaxis]
    if not expand:
        return _move(img, matrices, filter=filter, edge=edge)
    display = _moved_window(img.display_window, matrices, "angle")
    data = _moved_window(img.data_window, matrices, "angle")
    return _move(img, matrices, window=data, filter=filter, edge=edge, display_window=display)


def corner_pin(
    img: Image | NDArray[Any],
    to: ArrayLike,
    from_: ArrayLike | None = None,
    *,
    filter: str = DEFAULT_FILTER,
    edge: str = "black",
    expand: bool = False,
    window: Sequence[int] | None = None,
) -> Image:
    """A new image whose four corners are pinned to four points, in perspective.

    Parameters
    ----------
    img : Image or array
        Any format.
    to : array_like, (4, 2)
        Where the points of ``from_`` go, (x, y) in pixel coordinates, y down.
    from_ : array_like, (4, 2), optional
        The display window's corners by default: top left, top right, bottom right, bottom left.
    filter, edge, expand, window : optional
        As for :func:`transform`.

    Raises
    ------
    TypeError, ValueError
        If three points lie on a line, or an argument is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> screen = np.ones((40, 40, 1), np.float32)
    >>> pinned = corner_pin(screen, [(20, 10), (60, 0), (60, 40), (20, 30)], window=(0, 0, 79, 79))
    >>> float(pinned.numpy()[20, 40, 0].round(5)), float(pinned.numpy()[70, 0, 0])
    (1.0, 0.0)
    """
    img = as_image(img)
    matrix = pin_matrix(to, window_corners(img.display_window) if from_ is None else from_)
    return transform(img, matrix, filter=filter, edge=edge, expand=expand, window=window)


def _move(img: Image, matrices: Floats, *, window: Sequence[int] | None = None, **options: Any) -> Image:
    """The picture moved by checked matrices."""
    place = img.data_window if window is None else box("window", window)
    middle = window_corners(img.data_window).mean(axis=0)
    to_source = _shift(-np.array(img.data_window[:2], np.float64))
    from_result = _shift(np.array(place[:2], np.float64))
    inverse = [to_source @ np.linalg.inv(_before_camera(each, middle)) @ from_result for each in matrices]
    numbers = np.array([_plain(each) for each in inverse]).reshape(-1, 9)
    return run_warp(img, "matrix", np.ascontiguousarray(numbers), window=place, **options)


def _plain(matrix: Floats) -> Floats:
    """A matrix whose last row is exactly (0, 0, 1) where it is but for rounding."""
    if np.abs(matrix[2, :2]).max() <= 1e-15 * abs(matrix[2, 2]):
        matrix = matrix / matrix[2, 2]
        matrix[2] = (0.0, 0.0, 1.0)
    return matrix


def _shift(by: Floats) -> Floats:
    """A matrix that moves by whole pixels."""
    out = np.eye(3)
    out[:2, 2] = by
    return out


def _before_camera(matrix: Floats, point: Floats) -> Floats:
    """A matrix or its negative, which is the same map: the one that puts ``point`` before the camera."""
    return -matrix if matrix[2] @ (point[0], point[1], 1.0) < 0.0 else matrix


def _matrices(matrix: ArrayLike) -> Floats:
    """One matrix or several as (N, 3, 3), each with an inverse."""
    try:
        found = np.array(matrix, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"matrix must be 3×3 numbers, or several of such, got {matrix!r}") from None
    if found.shape == (3, 3):
        found = found[np.newaxis]
    if found.ndim != 3 or found.shape[1:] != (3, 3) or not 1 <= len(found) <= _MOST_MOMENTS:
        raise ValueError(f"matrix must be (3, 3), or (N, 3, 3) for up to {_MOST_MOMENTS} moments, got {found.shape}")
    for each in found:
        if not np.isfinite(each).all():
            raise ValueError(f"matrix must be of finite numbers, got {each.tolist()}")
        if not _has_inverse(each):
            raise ValueError(f"matrix has no inverse: {each.tolist()}")
    return found


def _has_inverse(matrix: Floats) -> bool:
    """Whether float64 holds the inverse: their product is the identity, from the one side or the other."""
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return any(np.allclose(one, np.eye(3), atol=_UNIT_ERROR) for one in (matrix @ inverse, inverse @ matrix))


def _moved_window(window: Sequence[int], matrices: Floats, what: str) -> Box:
    """The window around a window's corners after every matrix."""
    x0, y0, x1, y1 = window
    corners = window_corners((x0, y0, x1, y1))
    middle = corners.mean(axis=0)
    points = []
    for each in matrices:
        moved = np.column_stack([corners, np.ones(4)]) @ _before_camera(each, middle).T
        if moved[:, 2].min() <= 1e-9 * moved[:, 2].max():
            raise ValueError(f"{what} puts a corner on or behind the horizon, so no window holds the picture")
        points.append(moved[:, :2] / moved[:, 2:])
    return window_around(np.concatenate(points), what)


def _pair(name: str, value: Any) -> tuple[float, float]:
    """Two finite numbers."""
    if isinstance(value, (str, bytes)) or np.shape(value) != (2,):
        raise TypeError(f"{name} must be two numbers (x, y), got {value!r}")
    x, y = value
    return checks.number(f"{name}[0]", x), checks.number(f"{name}[1]", y)


def _direction(angle: float) -> tuple[float, float]:
    """Cosine and sine of degrees, exact at multiples of 90."""
    turns = angle % 360.0
    if turns % 90.0 == 0.0:
        return [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][int(turns // 90.0) % 4]
    return math.cos(math.radians(turns)), math.sin(math.radians(turns))


def _four_points(name: str, value: ArrayLike) -> Floats:
    """(4, 2) finite numbers of which no three lie on a line."""
    try:
        points = np.array(value, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be four points (x, y), got {value!r}") from None
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise ValueError(f"{name} must be four points (x, y) of finite numbers, got {points.tolist()}")
    size = np.ptp(points, axis=0).max()
    for left_out in range(4):
        a, b, c = np.delete(points, left_out, axis=0)
        if abs(np.linalg.det(np.array([b - a, c - a]))) <= 1e-9 * size * size:
            raise ValueError(f"{name} has three points on a line: {points.tolist()}")
    return points


def _from_square(points: Floats) -> Floats:
    """The matrix that leads the unit square's corners to four points (Heckbert 1989, eq. 2.14 and 2.15)."""
    p0, p1, p2, p3 = points
    across, along, rest = p1 - p2, p3 - p2, p0 - p1 + p2 - p3
    det = across[0] * along[1] - along[0] * across[1]
    g = (rest[0] * along[1] - along[0] * rest[1]) / det
    h = (across[0] * rest[1] - rest[0] * across[1]) / det
    out = np.ones((3, 3))
    out[:2, 0] = p1 - p0 + g * p1
    out[:2, 1] = p3 - p0 + h * p3
    out[:2, 2] = p0
    out[2, :2] = (g, h)
    return out
