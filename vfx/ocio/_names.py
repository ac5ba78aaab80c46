"""Finding what a config calls by a name, and saying what there is when it is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["near_view", "one_near", "space", "unknown"]

# So many names fit in a message that somebody still reads.
_MOST_LISTED = 40


def unknown(what: str, given: object, names: Iterable[str], where: str) -> ValueError:
    """The error for a name that is not there: what was given, the nearest name, and all names."""
    known = list(dict.fromkeys(names))
    lower = {name.casefold(): name for name in reversed(known)}
    near = difflib.get_close_matches(str(given).casefold(), lower, n=1, cutoff=0.6)
    hint = f" (did you mean {lower[near[0]]!r}?)" if near else ""
    listed = ", ".join(map(repr, known[:_MOST_LISTED])) or "none"
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return ValueError(f"{where} has no {what} {given!r}{hint}; it has {listed}{more}")


def one_near(what: str, given: str, names: Sequence[str], where: str) -> str:
    """The one of ``names`` that is meant: the name itself, in other case, or the only one that contains it.

    Raises
    ------
    ValueError
        If none is, or several are.
    """
    found = _near(given, names)
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{where}: {what} {given!r} may mean {', '.join(map(repr, found))}; write one of them")
    raise unknown(what, given, names, where)


def _near(given: str, names: Sequence[str]) -> list[str]:
    """The names that ``given`` may mean, by the best rule that finds any."""
    if given in names:
        return [given]
    wanted = given.casefold().strip()
    same = [name for name in names if name.casefold() == wanted]
    return same or [name for name in names if wanted and wanted in name.casefold()]


def near_view(given: str, views: dict[str, Sequence[str]], where: str) -> tuple[str, str]:
    """The display and the view that ``given`` means, the displays in order of preference.

    The first display that has a view of that very name; else in other case; else with the only view name
    of all displays that contains it.

    Raises
    ------
    ValueError
        If no view is meant, or several are.
    """
    every = list(dict.fromkeys(name for names in views.values() for name in names))
    for display, names in views.items():
        if given in names:
            return display, given
    if not _near(given, every) and _near(given, list(views)):
        meant = _near(given, list(views))[0]
        raise ValueError(
            f"{where} has no view {given!r}, but a display: display={meant!r}; its views: {list(views[meant])}"
        )
    view = one_near("view", given, every, where)
    return next(display for display, names in views.items() if view in names), view


def space(config: Any, name: object, *, what: str, where: str) -> str:
    """``name`` when the config has a colour space, role, alias or named transform so called.

    Raises
    ------
    TypeError
        If it is no text.
    ValueError
        If there is none; the message has the names.
    """
    if not isinstance(name, str):
        raise TypeError(f"{what} must be the name of a colour space, role or named transform, got {name!r}")
    if name and (config.getColorSpace(name) is not None or config.getNamedTransform(name) is not None):
        return name
    roles = [role for role, _ in config.getRoles()]
    names = [*config.getColorSpaceNames(), *roles, *config.getNamedTransformNames()]
    raise unknown(f"colour space, role or named transform ({what})", name, names, where)
