"""Argument checks with one voice: what was wrong, what was given, what is allowed.

Anything about pixels or files is checked where it is used; here are only the checks that
every room needs for plain arguments.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

__all__ = ["integer", "near", "number", "one_of", "path", "triple", "unknown_options"]


def near(given: object, allowed: Iterable[str]) -> str:
    """A hint such as ``" (did you mean 'lanczos3'?)"``, or nothing.

    Examples
    --------
    >>> near(".pgn", [".png", ".jpg"])
    " (did you mean '.png'?)"
    """
    import difflib

    near = difflib.get_close_matches(str(given), list(allowed), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def one_of(name: str, value: object, allowed: Iterable[str]) -> str:
    """``value`` when it is one of ``allowed``.

    Raises
    ------
    ValueError
        Naming the argument, the choices and the value given.

    Examples
    --------
    >>> one_of("filter", "box", ["box", "triangle"])
    'box'
    """
    choices = list(allowed)
    if isinstance(value, str) and value in choices:
        return value
    raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}{near(value, choices)}")


def number(
    name: str, value: object, *, low: float | None = None, high: float | None = None, finite: bool = True
) -> float:
    """``value`` as a float, checked against inclusive bounds.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is NaN, infinite (with ``finite``), or out of bounds.
    """
    plain = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not plain and not (hasattr(value, "__float__") and getattr(value, "ndim", None) == 0):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        result = float(value)  # type: ignore[arg-type]  # it has __float__
    except OverflowError:
        raise ValueError(f"{name} must be a finite number, got one that no float can hold") from None
    if math.isnan(result) or (finite and math.isinf(result)):
        raise ValueError(f"{name} must be a finite number, got {result}")
    if (low is not None and result < low) or (high is not None and result > high):
        raise ValueError(f"{name} must be {_bounds(low, high)}, got {result:g}")
    return result


def integer(name: str, value: object, *, low: int | None = None, high: int | None = None) -> int:
    """``value`` as an int, checked against inclusive bounds.

    Raises
    ------
    TypeError
        If it is not a whole number.
    ValueError
        If it is out of bounds.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    result = int(value.__index__())
    if (low is not None and result < low) or (high is not None and result > high):
        raise ValueError(f"{name} must be {_bounds(low, high)}, got {result}")
    return result


def _bounds(low: float | None, high: float | None) -> str:
    """The bounds in words."""
    least, most = (
        "" if bound is None else str(bound) if isinstance(bound, int) else f"{bound:g}" for bound in (low, high)
    )
    if low is None:
        return f"at most {most}"
    return f"at least {least}" if high is None else f"between {least} and {most}"


def triple(name: str, value: object, *, finite: bool = True) -> tuple[float, float, float]:
    """Three floats from three numbers (red, green, blue), or from one number for all three.

    Raises
    ------
    TypeError
        If it is neither a number nor three numbers in order.
    ValueError
        If a number is NaN or infinite (with ``finite``), or there are not three.

    Examples
    --------
    >>> triple("slope", 1.5)
    (1.5, 1.5, 1.5)
    """
    if isinstance(value, numbers.Real) or getattr(value, "ndim", None) == 0:
        one = number(name, value, finite=finite)
        return one, one, one
    if isinstance(value, (str, bytes, Set, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a number or three numbers, got {value!r}")
    items = list(value)
    if len(items) != 3:
        raise ValueError(f"{name} must be one number or three, got {len(items)}: {items!r}")
    red, green, blue = (number(f"{name}[{index}]", item, finite=finite) for index, item in enumerate(items))
    return red, green, blue


def unknown_options(where: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Nothing, when every name of ``given`` is allowed.

    Raises
    ------
    TypeError
        Naming the first unknown option and the options that exist.
    """
    names = sorted(allowed)
    for name in given:
        if name not in names:
            listed = ", ".join(names) if names else "none"
            raise TypeError(f"{where} has no option {name!r}{near(name, names)}; its options are: {listed}")


def path(value: str | os.PathLike[str]) -> Path:
    """``value`` as a :class:`pathlib.Path`.

    Raises
    ------
    TypeError
        If it is not a path.
    ValueError
        If it is empty or holds a NUL character.
    """
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"a path must be str or os.PathLike, got {type(value).__name__}")
    text = os.fspath(value)
    if not isinstance(text, str):
        raise TypeError(f"a path must be text, got {text!r}")
    if not text or "\0" in text:
        raise ValueError(f"a path must be non-empty text without NUL, got {text!r}")
    return Path(text)
