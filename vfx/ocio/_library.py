"""The door to PyOpenColorIO: its import, and its exceptions turned into ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vfx.errors import FormatError, MissingExtraError

__all__ = ["load", "reported"]

# A variable in a file name that OpenColorIO was left with: $SHOT, ${SHOT} or %SHOT%.
_VARIABLE = re.compile(r"\$\{?(\w+)\}?|%(\w+)%")
_LINE = re.compile(r"\bline (\d+)")


def load() -> Any:
    """The module ``PyOpenColorIO``.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import PyOpenColorIO
    except ImportError:
        raise MissingExtraError("OpenColorIO configs", "ocio") from None
    return PyOpenColorIO


@contextmanager
def reported(where: str) -> Iterator[None]:
    """A block in which what OpenColorIO raises becomes our error, with the config's name in front.

    Raises
    ------
    FileNotFoundError
        If a file that the config names cannot be found.
    FormatError
        For every other complaint of OpenColorIO.
    """
    library = load()
    try:
        yield
    except library.ExceptionMissingFile as error:
        reason = " ".join(str(error).split())
        raise FileNotFoundError(f"{where}: {reason}{_unset(reason)}") from None
    except (library.Exception, RuntimeError) as error:  # RuntimeError: what the binding does not know by name
        reason = str(error).removeprefix("Error: ")
        found = _LINE.search(reason)
        raise FormatError(reason, path=where, line=int(found[1]) if found else None) from None


def _unset(reason: str) -> str:
    """What to do when a file's name still holds variables."""
    names = dict.fromkeys(a or b for a, b in _VARIABLE.findall(reason))
    if not names:
        return ""
    listed = ", ".join(f'"{name}": …' for name in names)
    return f" Variables without a value: Config(…, context={{{listed}}}) gives them one."
