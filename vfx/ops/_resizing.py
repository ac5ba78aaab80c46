"""Where resized pictures come to lie: the geometry of ``resize``, ``fit`` and ``fill``, of whole pictures and bands."""

from __future__ import annotations

from collections.abc import Callable

from vfx import checks
from vfx.image import Image
from vfx.ops._placement import MOST_PIXELS, Line, Placement, Sampling, display_size, placed, size
from vfx.ops.filters import Filter

__all__ = ["PLACEMENTS", "fill_placement", "fit_placement", "resize_placement", "whole"]


def _proportional(given: int, own: int, other: int) -> int:
    """The side that goes with ``given`` where ``own`` goes with ``other``."""
    return max(1, int(given * other / own + 0.5))


def _scaled(side: int, scale: object) -> int:
    """``side`` times ``scale`` in whole pixels, at least one."""
    factor = checks.number("scale", scale)
    if not factor > 0.0:
        raise ValueError(f"scale must be above 0, got {factor:g}")
    if side * factor > MOST_PIXELS:
        raise ValueError(
            f"scale {factor:g} makes a side of {side * factor:g} pixels, at most {MOST_PIXELS} are allowed"
        )
    return max(1, int(side * factor + 0.5))


def whole(img: Image, placement: Placement) -> Image:
    """A new image: all of the result."""
    return placement.band(img.pixels, 0, first=0, last=placement.height)


def resize_placement(
    img: Image,
    width: int | None = None,
    height: int | None = None,
    *,
    scale: float | None = None,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Placement:
    """For :func:`vfx.ops.resize`, whose arguments these are."""
    sampling = Sampling.of(filter, edge)
    wide, high = display_size(img)
    if scale is not None and (width is not None or height is not None):
        raise TypeError("resize takes a size or a scale, got both")
    if scale is not None:
        width, height = _scaled(wide, scale), _scaled(high, scale)
    if width is None and height is None:
        raise TypeError("resize takes a width, a height, both, or a scale, got none of them")
    new_width = size("width", _proportional(size("height", height), high, wide) if width is None else width)
    new_height = size("height", _proportional(new_width, wide, high) if height is None else height)
    x0, y0 = img.display_window[:2]
    across, down = new_width / wide, new_height / high
    left, top = int(x0 * across // 1), int(y0 * down // 1)
    return placed(
        img,
        Line(across, left - x0 * across),
        Line(down, top - y0 * down),
        sampling=sampling,
        display=(left, top, left + new_width - 1, top + new_height - 1),
    )


def fit_placement(
    img: Image,
    width: int,
    height: int,
    *,
    pixel_aspect: float | None = None,
    pad: bool = True,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Placement:
    """For :func:`vfx.ops.fit`, whose arguments these are."""
    sampling = Sampling.of(filter, edge)
    width, height, aspect = size("width", width), size("height", height), _aspect(img, pixel_aspect)
    wide, high = display_size(img)
    squeeze = img.pixel_aspect / aspect
    factor = min(width / (wide * squeeze), height / high)
    inner_width = min(width, max(1, int(wide * squeeze * factor + 0.5)))
    inner_height = min(height, max(1, int(high * factor + 0.5)))
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    x0, y0 = img.display_window[:2]
    across, down = inner_width / wide, inner_height / high
    whole = (0, 0, width - 1, height - 1)
    return placed(
        img,
        Line(across, left - x0 * across),
        Line(down, top - y0 * down),
        sampling=sampling,
        display=whole,
        window=whole if pad else None,
        clip=(left, top, left + inner_width - 1, top + inner_height - 1) if pad else None,
        pixel_aspect=aspect,
    )


def fill_placement(
    img: Image,
    width: int,
    height: int,
    *,
    pixel_aspect: float | None = None,
    filter: str | Filter | None = None,
    edge: str = "clamp",
) -> Placement:
    """For :func:`vfx.ops.fill`, whose arguments these are."""
    sampling = Sampling.of(filter, edge)
    width, height, aspect = size("width", width), size("height", height), _aspect(img, pixel_aspect)
    wide, high = display_size(img)
    squeeze = img.pixel_aspect / aspect
    factor = max(width / (wide * squeeze), height / high)
    x0, y0 = img.display_window[:2]
    across, down = squeeze * factor, factor
    whole = (0, 0, width - 1, height - 1)
    return placed(
        img,
        Line(across, width / 2 - (x0 + wide / 2) * across),
        Line(down, height / 2 - (y0 + high / 2) * down),
        sampling=sampling,
        display=whole,
        window=whole,
        pixel_aspect=aspect,
    )


def _aspect(img: Image, given: float | None) -> float:
    """The result's pixel aspect, checked."""
    found = img.pixel_aspect if given is None else given
    return checks.number("pixel_aspect", found, low=1e-3, high=1e3)


#: The geometry of each operation, by its name.
PLACEMENTS: dict[str, Callable[..., Placement]] = {
    "fill": fill_placement,
    "fit": fit_placement,
    "resize": resize_placement,
}
