"""The words that all formats share, between a file's blocks and an image's metadata.

A reader collects what its own fields say, then calls :func:`add_words`: what only the ``exif`` and ``xmp`` blocks
say joins it. A writer asks ``_exif.for_writing`` for the EXIF block with the image's words in it. The types of
the words are in ``vfx.io._typed``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vfx.io import _exif

__all__ = ["add_words", "blocks_without"]


def add_words(entries: dict[str, Any]) -> None:
    """Nothing; ``entries`` then also has the words of its ``exif`` block, behind the format's own fields.

    Parameters
    ----------
    entries : dict
        The metadata of a file as its own fields say it.
    """
    block = entries.get("exif")
    if isinstance(block, bytes):
        for word, value in _exif.words(block).items():
            entries.setdefault(word, value)


def blocks_without(entries: Mapping[str, Any], patterns: Sequence[re.Pattern[str]]) -> dict[str, Any]:
    """A copy of ``entries`` whose blocks no longer say what a pattern matches; see ``vfx.metadata.erase``."""

    def gone(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in patterns)

    kept = dict(entries)
    if isinstance(kept.get("exif"), bytes):
        kept["exif"] = _exif.without(kept["exif"], gone)
    return kept
