"""The words that all formats share, between a file's blocks and an image's metadata.

A reader collects what its own fields say, then calls :func:`add_words`: what only the ``exif`` and ``xmp`` blocks
say joins it. A writer asks ``_exif.for_writing`` for the EXIF block with the image's words in it. The types of
the words are in ``vfx.io._typed``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vfx.io import _exif, _exif_words

__all__ = ["add_words", "alike", "blocks_without"]


def alike(one: Any, other: Any) -> bool:
    """Whether two values of metadata say the same: numbers as float32, arrays and lists by their elements."""
    if hasattr(one, "shape") and hasattr(other, "shape"):
        return bool(one.shape == other.shape and (one == other).all())
    if isinstance(one, list) and hasattr(other, "tolist"):
        return alike(one, other.tolist())
    if hasattr(one, "tolist") and isinstance(other, list):
        return alike(one.tolist(), other)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return _exif_words.same(float(one), float(other)) or (one != one and other != other)
    return bool(one == other)


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
    """A copy of ``entries`` without those that a pattern matches, in its blocks too; see ``vfx.metadata.erase``."""

    def gone(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in patterns)

    kept = {key: value for key, value in entries.items() if not gone(key)}
    block = entries.get("exif")
    if isinstance(block, bytes) and "exif" in kept:
        kept["exif"] = _exif.without(block, gone)
    elif isinstance(block, bytes):  # what only the block said goes with it
        for word, value in _exif.words(block).items():
            if alike(kept.get(word), value):
                del kept[word]
    return kept
