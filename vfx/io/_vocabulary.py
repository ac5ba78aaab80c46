"""The words that all formats share, between a file's blocks and an image's metadata.

A reader collects what its own fields say, then calls :func:`add_words`: what only the ``exif`` and ``xmp`` blocks
say joins it. A writer asks ``_exif.for_writing`` and :func:`xmp_for_writing` for the blocks with the image's words
in them. The types of the words are in ``vfx.io._typed``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from vfx.io import _exif, _exif_words, _xmp

__all__ = ["add_words", "alike", "blocks_without", "xmp_for_writing"]


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
    """Nothing; ``entries`` then also has the words of its blocks: the format's own come first, then EXIF, then XMP.

    Parameters
    ----------
    entries : dict
        The metadata of a file as its own fields say it.
    """
    for word, value in {**_xmp_words(entries), **_exif_words_of(entries)}.items():
        entries.setdefault(word, value)


def _exif_words_of(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The words of the ``exif`` block."""
    block = entries.get("exif")
    return _exif.words(block) if isinstance(block, bytes) else {}


def _xmp_words(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The words of the ``xmp`` packet."""
    packet = entries.get("xmp")
    return _xmp.words(packet) if isinstance(packet, bytes) else {}


def xmp_for_writing(
    entries: Mapping[str, Any], *, native: Collection[str] = (), renewed: Collection[str] = ()
) -> bytes | None:
    """The XMP packet to write for an image's metadata; None for none. See :func:`vfx.io._xmp.for_writing`."""
    return _xmp.for_writing(entries, said=_exif_words_of(entries), native=native, renewed=renewed)


def blocks_without(entries: Mapping[str, Any], patterns: Sequence[re.Pattern[str]]) -> dict[str, Any]:
    """A copy of ``entries`` without those that a pattern matches, in its blocks too; see ``vfx.metadata.erase``."""

    def gone(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in patterns)

    kept = {key: value for key, value in entries.items() if not gone(key)}
    blocks: dict[str, tuple[Callable[..., bytes], dict[str, Any]]] = {
        "exif": (_exif.without, _exif_words_of(entries)),
        "xmp": (_xmp.without, _xmp_words(entries)),
    }
    for block, (cleaned, said) in blocks.items():
        if isinstance(kept.get(block), bytes):
            kept[block] = cleaned(kept[block], gone)
        elif isinstance(entries.get(block), bytes):  # what only the block said goes with it
            kept = {word: value for word, value in kept.items() if word not in said or not alike(value, said[word])}
    return kept
