"""Records found by name: primaries, white points and spaces are each one :class:`Catalogue`.

A name is looked up without regard to case, spaces and punctuation, and every record may have other names::

    primaries["ACES AP1"]   primaries["aces_ap1"]   primaries["ap1"]      the same record
    primaries()             list(primaries)   "ap1" in primaries          their names
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from vfx.errors import UnknownNameError

__all__ = ["Catalogue"]


class _Named(Protocol):
    """What a catalogue holds."""

    @property
    def name(self) -> str:
        """The name it is shown by."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""
        ...


R = TypeVar("R", bound=_Named)


def _plain(name: str) -> str:
    """``name`` in lower case, letters and digits only."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


class Catalogue(Mapping[str, R]):
    """A read-only mapping from names, leniently matched, to records.

    Parameters
    ----------
    what : str
        What a record is, for error messages, such as ``"white"``.
    records : iterable
        Each has a ``name`` and ``aliases``.

    Raises
    ------
    ValueError
        If two records share a name.
    """

    def __init__(self, what: str, records: Iterable[R]) -> None:
        self._what = what
        self._records = {record.name: record for record in records}
        self._found: dict[str, R] = {}
        for record in self._records.values():
            for name in (record.name, *record.aliases):
                if self._found.setdefault(_plain(name), record) is not record:
                    raise ValueError(f"two records of {what} are called {name!r}")

    def __call__(self) -> tuple[str, ...]:
        """The names, in the order of the table."""
        return tuple(self._records)

    def __getitem__(self, name: str) -> R:
        """The record of that name.

        Raises
        ------
        UnknownNameError
            If there is none; it is a ``KeyError`` and a ``ValueError``.
        """
        found = self._found.get(_plain(name)) if isinstance(name, str) else None
        if found is not None:
            return found
        known = f"{self._what} must be one of {', '.join(self._records)}"
        raise UnknownNameError(f"{self._what} {name!r} is not known{self._hint(name)}; {known}")

    def _hint(self, name: object) -> str:
        """The name that may have been meant, or nothing."""
        import difflib

        near = difflib.get_close_matches(_plain(str(name)), self._found, n=1, cutoff=0.6)
        return f" (did you mean {self._found[near[0]].name!r}?)" if near else ""

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the table."""
        return iter(self._records)

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._records)

    def __repr__(self) -> str:
        """What it holds, and how many."""
        return f"<{self._what}: {len(self)} names>"
