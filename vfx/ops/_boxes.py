"""The box around a pixel that rank filters look at."""

from __future__ import annotations

from vfx import checks

__all__ = ["Size", "box_size"]

#: One odd number, or (width, height).
Size = int | tuple[int, int]


def box_size(size: object, largest: int) -> tuple[int, int]:
    """(width, height) of a box from one odd number or two.

    Raises
    ------
    TypeError
        If it is neither a whole number nor two.
    ValueError
        If a number is even, or not between 1 and ``largest``.
    """
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"size must be one odd number or (width, height), got {size!r}")
    width, height = (checks.integer("size", each, low=1, high=largest) for each in pair)
    if not (width % 2 and height % 2):
        raise ValueError(f"size must be odd, so that a pixel is in the middle, got {size!r}")
    return width, height
